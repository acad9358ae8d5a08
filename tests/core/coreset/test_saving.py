"""A saved coreset comes back whole; one that is damaged, hostile or of other data is refused."""

from __future__ import annotations

import json
from functools import reduce
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.coreset import BuildPlan, Coreset, SampleSize, build, open_saved, save, updated, with_part, without
from core.decided import as_decided
from core.decision import Decision
from core.errors import CoreError, LoadError, StoreError
from core.review import Review
from core.rowset import RowSet
from tests.core.coreset.rows import frame
from tests.make import dataset

TABLE = frame(2_000)


@pytest.fixture(scope="module")
def whole() -> Coreset:
    one, two = TABLE[:1_500].reset_index(drop=True), TABLE[1_500:].reset_index(drop=True)
    return build([dataset(one, target="y"), dataset(two, target="y")], BuildPlan(wanted=SampleSize(size=150)))


@pytest.fixture
def saved(whole: Coreset, tmp_path: Path) -> Path:
    save(whole, tmp_path / "some.coreset")
    return tmp_path / "some.coreset"


def drawn(coreset: Coreset) -> dict[int, float]:
    return dict(zip(coreset.sample.row.tolist(), coreset.sample.weight.tolist(), strict=True))


def test_it_comes_back_whole_and_can_be_edited(whole: Coreset, saved: Path) -> None:
    again = open_saved(saved)
    assert drawn(again) == drawn(whole) and again.table().equals(whole.table())
    gone = np.arange(0, 2_000, 50)
    assert drawn(without(again, gone)) == drawn(without(whole, gone))
    assert sorted(path.name for path in saved.iterdir()) == [
        "coreset.json",
        "ledger.parquet",
        "units.parquet",
    ]
    save(without(again, gone), saved)  # over itself
    assert drawn(open_saved(saved)) == drawn(without(whole, gone))


def test_edits_survive_the_disk(tmp_path: Path) -> None:
    data = dataset(TABLE, target="y")
    decided = as_decided(data, Review().say(Decision("relabel", RowSet(range(0, 500, 7)), "yes", column="y")))
    save(updated(build(data, BuildPlan(wanted=SampleSize(size=150))), decided), tmp_path / "c")
    fresh = build(data, BuildPlan(wanted=SampleSize(size=150)))
    assert drawn(updated(open_saved(tmp_path / "c"), data)) == drawn(fresh)


def changed(saved: Path, **facts: object) -> None:
    plain = json.loads((saved / "coreset.json").read_text())
    (saved / "coreset.json").write_text(json.dumps(plain | facts))


def redigested(saved: Path) -> None:
    """As a hostile hand would: the digests fit again."""
    from core.coreset.saving import _digest, _digest_of

    digests = {name: _digest(saved / name) for name in ("units.parquet", "ledger.parquet")}
    facts = json.loads((saved / "coreset.json").read_text())
    changed(saved, digests=digests | {"coreset.json": _digest_of(facts)})


def test_what_is_damaged_is_refused(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="holds no saved coreset"):
        open_saved(tmp_path / "nowhere")
    units = (saved / "units.parquet").read_bytes()
    (saved / "units.parquet").write_bytes(units[:-20])
    with pytest.raises(LoadError, match="units.parquet is not what was saved"):
        open_saved(saved)
    redigested(saved)
    with pytest.raises(LoadError, match="damaged or no Parquet file"):
        open_saved(saved)
    (saved / "units.parquet").write_bytes(units)
    redigested(saved)
    open_saved(saved)
    changed(saved, format=99)
    with pytest.raises(LoadError, match="format '99'"):
        open_saved(saved)
    changed(saved, format=1, wanted={"size": 120})
    with pytest.raises(LoadError, match=r"coreset\.json is not what was saved"):
        open_saved(saved)
    (saved / "coreset.json").write_text("[" * 100_000)
    with pytest.raises(LoadError, match="no JSON"):
        open_saved(saved)


HOSTILE = {
    "pilot": ("pilot", "arrays", {"weights": [[1, 3], ["a", "b", "c"]]}),
    "leaves": ("leaves", "many"),
    "wanted": ("wanted", {"surprise": 1}),
    "size": ("wanted", "size", "all of them"),
    "share": ("wanted", "share", "mine"),
    "certain": ("wanted", "certain", float("nan")),
    "room": ("leaves", 0, "room", -1),
    "column": ("pilot", "encoder", 0, "name", "gone"),
}


@pytest.mark.parametrize("how", ["nested", "negative", "strata", "rows", *HOSTILE])
def test_what_does_not_fit_together_is_refused(how: str, saved: Path) -> None:
    table = pq.read_table(saved / "units.parquet")
    facts = json.loads((saved / "coreset.json").read_text())
    if how == "nested":
        table = table.append_column("x", pa.array([[1]] * len(table)))
    elif how == "negative":
        at = table.column_names.index("score")
        table = table.set_column(at, "score", pa.array(-np.ones(len(table))))
    elif how == "strata":
        at = table.column_names.index("stratum")
        table = table.set_column(at, "stratum", pa.array(np.full(len(table), 7)))
    elif how == "rows":
        table = table.slice(3)
    else:
        *above, last, value = HOSTILE[how]
        reduce(lambda within, name: within[name], above, facts)[last] = value
    pq.write_table(table, saved / "units.parquet")
    (saved / "coreset.json").write_text(json.dumps(facts))
    redigested(saved)
    with pytest.raises(CoreError):
        open_saved(saved)


def test_other_data_are_refused_and_a_folder_of_others_is_left_alone(saved: Path, tmp_path: Path) -> None:
    again = open_saved(saved)
    with pytest.raises(CoreError, match="not built of"):
        updated(again, dataset(TABLE.head(100), target="y"))
    with pytest.raises(CoreError, match="no column"):
        with_part(again, dataset(TABLE.drop(columns="a"), target="y"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep me")
    with pytest.raises(StoreError, match="holds no coreset"):
        save(again, tmp_path / "mine")
    assert (tmp_path / "mine" / "letter.txt").exists()
