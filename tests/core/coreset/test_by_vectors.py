"""Coresets and importance by vectors: these decide, whatever the order and the decisions, and are never taken
for other vectors.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import core
from core.cli import main
from core.coreset import (
    BuildPlan,
    Coreset,
    SampleSize,
    build,
    built_with,
    open_saved,
    save,
    updated,
    with_part,
)
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.errors import InputError
from core.prepare.directions import directions
from core.review import Review
from core.rowset import RowSet
from core.run import run
from core.vectors import attach, detach, from_pictures
from core.workspace import load
from tests.images import encoded, picture, zipped

ROWS, WIDTH, FAR = 1_500, 80, 15
DRAW = np.random.default_rng(0)
CLASS = DRAW.integers(0, 2, ROWS)
VECTORS = (DRAW.normal(size=(ROWS, WIDTH)) * np.linspace(2.0, 0.2, WIDTH)).astype(np.float32)
VECTORS[:, 0] += 1.5 * CLASS
VECTORS[range(FAR), range(1, FAR + 1)] += 60.0  # each alone far out, and nothing in the table says so
TABLE = pd.DataFrame(
    {"a": DRAW.normal(size=ROWS), "b": DRAW.normal(size=ROWS), "y": np.array(["n", "p"])[CLASS]}
)
PLAN = BuildPlan(wanted=SampleSize(size=200))
FIRST = np.arange(ROWS) < FAR


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))


def with_vectors(folder: Path, vectors: np.ndarray = VECTORS, table: pd.DataFrame = TABLE) -> Dataset:
    np.save(folder / "v.npy", vectors)
    return attach(load(table, target="y"), folder / "v.npy")


def drawn(coreset: Coreset) -> dict[int, float]:
    return dict(zip(coreset.sample.row.tolist(), coreset.sample.weight.tolist(), strict=True))


def test_rows_far_out_by_their_vectors_matter(tmp_path: Path) -> None:
    data = with_vectors(tmp_path)
    by, mattering = {}, {}
    for name, settings in (("vectors", {}), ("columns", {"columns": "a,b"})):
        result = run("importance", data, settings)
        by[name] = result.rows()["importance"].to_numpy()
        assert any("vectors of the rows" in note for note in result.notes) == (name == "vectors")
        weights = run("coreset", data, {"size": 200, **settings})
        assert any("vectors of the rows" in note for note in weights.notes) == (name == "vectors")
        mattering[name] = weights.importance[FIRST].mean() / weights.importance[~FIRST].mean()
    assert mattering["vectors"] > 2.0 and mattering["columns"] < 1.5
    assert by["vectors"][FIRST].min() > 2.0 > np.quantile(by["vectors"][~FIRST], 0.99)
    assert by["columns"][FIRST].mean() < 1.6
    bare = run("importance", detach(data)).rows()["importance"].to_numpy()
    np.testing.assert_array_equal(bare, by["columns"])  # nothing of the vectors is left behind


def test_importance_is_the_length_in_the_main_directions(tmp_path: Path) -> None:
    data = with_vectors(tmp_path)
    along = directions(data)
    assert along is not None and len(along.names) == 50
    centred = (VECTORS - VECTORS.mean(axis=0)).astype(np.float64)
    _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    assert along.share == pytest.approx((sizes[:50] ** 2).sum() / (sizes**2).sum(), abs=1e-3)
    placed = along.of(VECTORS)
    inside = np.abs(np.corrcoef(placed[:10], (centred @ axes[:10].T).T)[:10, 10:])
    assert (inside.max(axis=1) > 0.99).all()
    # what lies in them is as far apart as it was, in one unit for all
    apart = np.linalg.norm(placed[:, :50, None] - placed[:, None, :50], axis=0)
    true = centred[:50] @ axes[:50].T
    true = np.linalg.norm(true[:, None] - true[None], axis=2)
    off = apart[true > 0] / true[true > 0]
    assert off.std() / off.mean() < 0.01
    assert np.array_equal(along.of(VECTORS[7:9]), placed[:, 7:9])  # whatever the batch


def test_neither_order_nor_scale_of_the_rows_decides(tmp_path: Path) -> None:
    order = DRAW.permutation(ROWS)
    one = drawn(build(with_vectors(tmp_path), PLAN))
    other = build(with_vectors(tmp_path, VECTORS[order], TABLE.iloc[order].reset_index(drop=True)), PLAN)
    assert one == {int(order[row]): weight for row, weight in drawn(other).items()}


def test_edits_equal_a_new_build_with_the_same_pilot(tmp_path: Path) -> None:
    data = with_vectors(tmp_path)
    whole = build(data, PLAN)
    review = Review().say(Decision("drop", RowSet(range(5, 400))))
    review = review.say(Decision("relabel", RowSet(range(900, 960)), "p", column="y"))
    decided = as_decided(data, review)
    after, fresh = updated(whole, decided), built_with(whole.pilot, decided, PLAN.wanted)
    numbers = decided.source_ids(np.arange(decided.rows))
    assert drawn(after) == drawn(fresh) and drawn(after) != drawn(whole)
    assert set(drawn(after)) <= set(numbers.tolist())
    np.testing.assert_allclose(after.matrix(), fresh.matrix())
    np.testing.assert_allclose(
        decided.numbered_vectors(after.sample.row), VECTORS[after.sample.row], rtol=0, atol=0
    )
    assert drawn(updated(after, data)) == drawn(whole)  # undone
    first = run("coreset", data, {"size": 200})
    assert run("coreset", decided, {"size": 200}).coreset.pilot.version == first.coreset.pilot.version


def test_copies_that_a_step_added_have_their_vectors(tmp_path: Path) -> None:
    files = {f"{'ab'[i % 3 > 0]}/{i}.png": encoded(picture(i)) for i in range(60)}
    data = core.load(zipped(tmp_path / "p.zip", files), target="label")
    decided = as_decided(
        data, Review().say(Decision("add_rows", RowSet(), settings={"how": "balance", "by": "label"}))
    )
    assert decided.rows == 80
    first = build(data, BuildPlan(wanted=SampleSize(size=30)))
    after = updated(first, decided)
    assert after.rows == 80 and after.sketch.times.max() > 1  # a copy is the same to the last number
    assert drawn(after) == drawn(built_with(first.pilot, decided, first.wanted))
    assert run("importance", decided).summary["rows"] == 60  # the copies are no observations


def test_a_saved_coreset_knows_its_vectors(tmp_path: Path) -> None:
    data = with_vectors(tmp_path)
    whole = build(data, PLAN)
    save(whole, tmp_path / "c")
    again = open_saved(tmp_path / "c")
    gone = as_decided(data, Review().say(Decision("drop", RowSet(range(300)))))
    assert drawn(again) == drawn(whole) and drawn(updated(again, gone)) == drawn(updated(whole, gone))
    for other in (detach(data), with_vectors(tmp_path, VECTORS[:, ::-1].copy())):
        with pytest.raises(InputError, match="vectors .* does not have"):
            updated(again, other)
        with pytest.raises(InputError, match="vectors .* does not have"):
            built_with(whole.pilot, other, PLAN.wanted)
    more = with_vectors(tmp_path, VECTORS + np.float32(1), TABLE.assign(a=TABLE["a"] + 1))
    with pytest.raises(InputError, match="build the coreset by columns"):
        with_part(whole, more)


def test_files_that_are_parts_of_one_are_compared_by_columns(tmp_path: Path) -> None:
    data = with_vectors(tmp_path)
    more = with_vectors(tmp_path, VECTORS + np.float32(1), TABLE.assign(a=TABLE["a"] + 1))
    assert set(build([data, more], PLAN).pilot.encoder.names) == {"a", "b"}


def test_other_vectors_give_another_result(tmp_path: Path) -> None:
    data = with_vectors(tmp_path)
    review = Review().say(Decision("drop", RowSet(range(700, 710))))
    first = run("coreset", as_decided(data, review), {"size": 200})
    np.save(tmp_path / "w.npy", np.roll(VECTORS, 20, axis=0))
    other = attach(data, tmp_path / "w.npy")
    second = run("coreset", as_decided(other, review), {"size": 200})
    assert second.coreset.pilot.version != first.coreset.pilot.version
    moved = np.roll(FIRST, 20)[: ROWS - 10]
    ratio = [
        one.importance[FIRST[: ROWS - 10]].mean() / one.importance[moved].mean() for one in (first, second)
    ]
    assert ratio[0] > 1.5 and ratio[1] < 1 / 1.5  # the rows that matter are others


def test_the_commands_take_vectors_and_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    TABLE.to_csv(tmp_path / "t.csv", index=False)
    np.save(tmp_path / "v.npy", VECTORS)
    given = [str(tmp_path / "t.csv"), "--target", "y", "--vectors", str(tmp_path / "v.npy"), "--json"]
    rows = tmp_path / "rows.csv"
    assert main(["importance", *given, "--rows", str(rows)]) == 0
    told = pd.read_csv(rows)
    assert told["importance"][told["row"] < FAR].min() > 2.0
    assert main(["coreset", *given, "--set", "size=200", "--rows", str(rows)]) == 0
    assert pd.read_csv(rows)["row"].lt(FAR).sum() >= 6  # 2 of as many at random
    capsys.readouterr()
    files = {f"{'ab'[i % 2]}/{i}.png": encoded(picture(i)) for i in range(60)}
    archive = [str(zipped(tmp_path / "p.zip", files)), "--target", "label", "--set", "size=20"]
    assert main(["build-coreset", *archive, "--out", str(tmp_path / "c"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 60
    assert all("direction" in name for name in open_saved(tmp_path / "c").pilot.encoder.names)
    data = core.load(tmp_path / "p.zip", target="label")
    by_columns = run("coreset", detach(data), {"size": 20})
    by_pictures = run("coreset", from_pictures(detach(data)), {"size": 20})
    assert any("vectors of the pictures" in note for note in by_pictures.notes) and not any(
        "vectors" in note for note in by_columns.notes
    )
    assert by_pictures.rows()["weight"].sum() == pytest.approx(60)


def broken_and_whole(folder: Path) -> Dataset:
    """60 pictures of two classes and, at 5 and 40, two files that cannot be read."""
    files = {f"{'ab'[i % 2]}/{i:02d}.png": encoded(picture(i, things=2 + 9 * (i % 2))) for i in range(60)}
    for name in ("a/04a.png", "b/09a.png"):
        files[name] = b"not a picture"
    data = from_pictures(load(zipped(folder / "set.zip", files), target="label"))
    assert data.without_picture().sum() == 2
    return data


def test_images_that_cannot_be_read_are_neither_drawn_nor_judged(tmp_path: Path) -> None:
    data = broken_and_whole(tmp_path)
    lost = np.flatnonzero(data.without_picture())
    result = run("coreset", data, {"size": 60})
    assert result.row.size == 60 and not np.isin(lost, result.row).any()
    assert "2 images that cannot be read take no part." in result.notes
    assert float(result.coreset.sample.weight.sum()) == pytest.approx(60)
    judged = run("labels", data)
    assert not np.isin(lost, judged.evidence.rows).any() and judged.evidence.rows.size == 60
    assert "Not judged: 2 images that cannot be read." in judged.notes
    matter = run("importance", data).rows()
    assert not np.isin(lost, matter["row"]).any() and matter["importance"].mean() == pytest.approx(1)


def test_decisions_beside_images_that_cannot_be_read_equal_a_new_build(tmp_path: Path) -> None:
    data = broken_and_whole(tmp_path)
    lost = np.flatnonzero(data.without_picture())
    before = build(data, BuildPlan(wanted=SampleSize(size=30)))
    review = Review().say(Decision("drop", RowSet([1, int(lost[0])])))
    decided = as_decided(data, review.say(Decision("relabel", RowSet([3]), value="a", column="label")))
    edited = updated(before, decided)
    assert drawn(edited) == drawn(built_with(before.pilot, decided, before.wanted))
    assert not np.isin(lost, list(drawn(edited))).any() and 1 not in drawn(edited)
    assert drawn(updated(edited, data)) == drawn(before)
