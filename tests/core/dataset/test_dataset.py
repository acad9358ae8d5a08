"""A data set: rows keep their identity through every way of looking at them."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dataset import Dataset
from core.dataset.footer import META
from core.dataset.split import PartSplit
from core.errors import ColumnError, LoadError, SettingError
from core.rowset import RowSet
from tests.make import dataset

ROWS = 30


def frame(rows: int = ROWS) -> pd.DataFrame:
    draw = np.random.default_rng(3)
    when = pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.permutation(rows), unit="D")
    return pd.DataFrame(
        {
            "n": np.arange(rows),
            "x": draw.normal(size=rows),
            "part": draw.choice(["old", "new"], rows),
            "when": when,
        }
    )


DATA = dataset(frame())


@given(
    st.sets(st.integers(0, ROWS - 1)),
    st.sampled_from(["train", "serve", None]),
    st.integers(1, ROWS - 1),
    st.booleans(),
)
def test_rows_keep_their_identity_through_filter_sort_and_part(
    wanted: set[int], part: str | None, at: int, backwards: bool
) -> None:
    data = DATA.with_split(PartSplit("file", at=at))
    shown = data.frame(["x", "n"], rows=RowSet(wanted), part=part)  # type: ignore[arg-type]
    shown = shown.sort_values("x", ascending=backwards)
    inside = {"train": range(at), "serve": range(at, ROWS), None: range(ROWS)}[part]
    assert set(shown.index) == wanted & set(inside) and shown.index.name == "row"
    assert (shown.index == shown["n"]).all(), "column n holds the position in the source"


@pytest.mark.parametrize("held", ["1024", "1"])
def test_frame_table_batches_and_sql_tell_the_same(held: str, monkeypatch: pytest.MonkeyPatch) -> None:
    big = dataset(pd.DataFrame({"n": np.arange(300_000), "x": np.random.default_rng(0).normal(size=300_000)}))
    monkeypatch.setenv("WINNOW_HELD_MB", held)
    assert big.fits_memory == (held == "1024")
    whole = big.frame()
    assert big.table().to_pandas().equals(whole.reset_index(drop=True))
    batches = list(big.batches(["n"], size=50_000))
    assert max(batch.num_rows for batch in batches) <= 50_000
    assert np.concatenate([batch.column(0).to_numpy() for batch in batches]).tolist() == whole["n"].tolist()
    assert big.sql("SELECT count(*), max(abs(n - row)), sum(n) FROM data").fetchall() == [
        (300_000, 0, int(whole["n"].sum()))
    ]


def test_the_version_follows_kinds_roles_and_split_and_the_fingerprint_does_not() -> None:
    made = [
        DATA,
        DATA.with_roles(target="n"),
        DATA.with_roles(id="n"),
        DATA.with_kinds({"n": "category"}),
        DATA.with_split(PartSplit("file", at=3)),
        DATA.with_split(PartSplit("file", at=4)),
    ]
    assert len({data.version for data in made}) == len(made) and {data.fingerprint for data in made} == {
        DATA.fingerprint
    }
    assert DATA.with_roles(target="n").with_roles(target=None).version == DATA.version


def test_a_split_by_value_or_time_parts_the_rows() -> None:
    rows = DATA.frame()
    by_value = DATA.with_split(PartSplit("value", column="part", value="new"))
    by_time = DATA.with_split(PartSplit("time", column="when", value="2024-01-20"))
    assert set(by_value.frame(part="serve").index) == set(rows.index[rows["part"] == "new"])
    assert set(by_time.frame(part="serve").index) == set(rows.index[rows["when"] >= "2024-01-20"])
    assert (
        sum(by_time.parts.values()) == ROWS
        and not (by_time.part_mask("train") & by_time.part_mask("serve")).any()
    )


def test_splits_roles_and_kinds_that_cannot_be_are_refused() -> None:
    with pytest.raises(SettingError, match="leaves no serve rows"):
        DATA.with_split(PartSplit("value", column="part", value="never"))
    with pytest.raises(ColumnError, match="kind"):
        DATA.with_split(PartSplit("time", column="x", value="2024-01-01"))
    with pytest.raises(SettingError, match="not a date"):
        DATA.with_split(PartSplit("time", column="when", value="soon"))
    with pytest.raises(ColumnError, match="'part'"):
        DATA.with_roles(target="prat")
    with pytest.raises(SettingError, match="target"):
        DATA.with_roles(taget="n")
    with pytest.raises(ColumnError, match="cannot be datetime"):
        DATA.with_kinds({"part": "datetime"})


def test_opening_reads_back_what_was_known(tmp_path) -> None:
    again = Dataset.open(DATA.path)
    assert (
        again.columns == DATA.columns
        and again.fingerprint == DATA.fingerprint
        and again.source == DATA.source
    )
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "foreign.parquet")
    with pytest.raises(LoadError, match="not written by Winnow"):
        Dataset.open(tmp_path / "foreign.parquet")
    with pytest.raises(LoadError, match="gone"):
        Dataset.open(tmp_path / "gone.parquet")


def test_a_doubt_about_a_column_is_kept_and_files_from_before_that_field_open(tmp_path) -> None:
    doubt = replace(DATA.columns[0], ambiguous="Read as month/day/year, but day/month/year fits as well.")
    meta = replace(DATA, columns=(doubt, *DATA.columns[1:])).meta()
    older = json.loads(DATA.meta())
    for column in older["columns"]:
        del column["ambiguous"]
    table = pq.read_table(DATA.path)
    for name, footer in (("new", meta), ("old", json.dumps(older).encode())):
        pq.write_table(table.replace_schema_metadata({META: footer}), tmp_path / name)
    assert Dataset.open(tmp_path / "new").columns[0] == doubt
    assert Dataset.open(tmp_path / "old").columns == DATA.columns


def test_features_leave_out_target_id_weight_and_identifiers() -> None:
    data = dataset(
        pd.DataFrame({"a": [1, 2], "b": [1, 2], "w": [1, 1], "y": [0, 1], "c": ["p", "q"]}),
        kinds={"b": "identifier"},
    )
    assert data.with_roles(target="y", weight="w").features == ("a", "c")


def test_a_frame_keeps_whole_numbers_beside_missing_ones() -> None:
    whole = [2**60 + 1, None, -(2**62) - 1]
    data = dataset(pa.table({"a": ["x", "y", "z"], "n": pa.array(whole, pa.int64()), "b": [1.5, 2.5, 3.5]}))
    shown = data.frame()
    assert list(shown) == ["a", "n", "b"] and list(shown.index) == [0, 1, 2]
    assert [None if pd.isna(value) else int(value) for value in shown["n"]] == whole
    assert [int(value) for value in data.frame(["n"], rows=RowSet([0, 2]))["n"]] == [whole[0], whole[2]]
    assert data.frame([]).shape == (3, 0) and data.frame(["n", "a"]).shape == (3, 2)


def test_sql_tells_names_apart_that_differ_in_case_alone() -> None:
    data = dataset(pd.DataFrame({"A": [1], "b": ["x"], "a": [2]}))
    assert data.sql('SELECT "A_1", a_3, b, row FROM data').fetchall() == [(1, 2, "x", 0)]
    assert data.sql("SELECT * FROM data").columns == ["A_1", "b", "a_3", "row"]
    for name in ("A", "a"):
        with pytest.raises(ColumnError, match="SQL takes 'A' and 'a' for one name: say 'A_1' and 'a_3'"):
            data.sql(f'SELECT "{name}" FROM data')
    plain = dataset(pd.DataFrame({"Row": [7], 'q"x': [1.5], "file_row_number": [3]}))
    assert plain.sql("SELECT * FROM data").fetchall() == [(7, 1.5, 3)]
