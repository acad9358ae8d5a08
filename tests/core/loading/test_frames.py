"""What is in memory already: every value comes through as it is, whatever pandas keeps it in."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from pyarrow import orc

import core
from core.dataset import Dataset
from core.errors import Cancelled, LoadError
from core.loading import load, preview
from core.loading.readers import int96 as int96_times
from core.progress import Progress
from tests.core.loading.reading import new_folder


def loaded(source: object, **given: object) -> Dataset:
    return load(source, into=new_folder(), **given)  # type: ignore[arg-type]


def values(source: object) -> list[object]:
    return loaded(source).table().column(0).to_pylist()


IDS = [uuid.UUID(int=5), None, uuid.UUID(int=2**127)]
KEPT = {
    "pd.NA among objects": (pd.Series([1, pd.NA, "a"], dtype=object), ["1", None, "a"]),
    "NaT among objects": (pd.Series([pd.NaT, "x", 1], dtype=object), [None, "x", "1"]),
    "arrays among objects": (pd.Series([np.array([1, 2]), None, "s"], dtype=object), ["[1 2]", None, "s"]),
    "float16 with an infinity": (pd.Series([1, 2.5, np.inf], dtype="float16"), [1.0, 2.5, np.inf]),
    "months": (pd.Series(pd.period_range("2020-01", periods=2, freq="M")), ["2020-01", "2020-02"]),
    "quarters": (pd.Series(pd.period_range("2020", periods=2, freq="Q")), ["2020Q1", "2020Q2"]),
    "a missing period": (pd.Series([pd.Period("2020-01", "M"), pd.NaT]), ["2020-01", None]),
    "sparse floats": (pd.Series(pd.arrays.SparseArray([0, 0, 1.5])), [0.0, 0.0, 1.5]),
    "sparse whole numbers": (pd.Series(pd.arrays.SparseArray([1, 0])), [1, 0]),
    "sparse booleans": (pd.Series(pd.arrays.SparseArray([True, False])), [True, False]),
    "UUIDs": (pd.Series(IDS), [None if one is None else str(one) for one in IDS]),
    "intervals": (pd.Series(pd.interval_range(0, 2)), ["(0, 1]", "(1, 2]"]),
    "bins": (pd.cut(pd.Series([0.5, 1.5]), [0, 1, 2]), ["(0, 1]", "(1, 2]"]),
    "dicts with other keys": (pd.Series([{"a": 1}, {"b": 2}, None]), ['{"a": 1}', '{"b": 2}', None]),
    "complex numbers": (pd.Series([1 + 2j]), ["(1+2j)"]),
    "whole numbers that are huge": (pd.Series([2**70, 1], dtype=object), [str(2**70), "1"]),
    "whole and other numbers": (pd.Series([2**60 + 1, 2.5], dtype=object), [str(2**60 + 1), "2.5"]),
    "nullable whole numbers": (pd.Series([2**60 + 1, None], dtype="Int64"), [2**60 + 1, None]),
    "categories of numbers": (pd.Series([3, 1, 3], dtype="category"), [3, 1, 3]),
}


@pytest.mark.parametrize("case", KEPT)
def test_a_series_keeps_its_values(case: str) -> None:
    series, kept = KEPT[case]
    assert values(series) == kept
    assert values(pd.DataFrame({"x": series})) == kept


def test_a_frame_beside_a_file_goes_through_the_child_unharmed(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "p": pd.period_range("2020-01", periods=2, freq="M"),
            "u": IDS[:2],
            "h": np.array([1, np.inf], dtype="float16"),
        }
    )
    (tmp_path / "serve.csv").write_text(f"p,u,h\n2020-03,{IDS[0]},2.5\n")
    both = loaded(frame, serve=tmp_path / "serve.csv").table()
    assert both.to_pydict() == {
        "p": ["2020-01", "2020-02", "2020-03"],
        "u": [str(IDS[0]), None, str(IDS[0])],
        "h": [1.0, np.inf, 2.5],
    }


EMPTY = pa.table(
    {
        "n": pa.array([], pa.int64()),
        "text": pa.array([], pa.string()),
        "when": pa.array([], pa.timestamp("us")),
        "level": pa.array([], pa.dictionary(pa.int32(), pa.string())),
        "list": pa.array([], pa.list_(pa.int64())),
    }
)


@pytest.mark.parametrize("form", ["parquet", "feather", "stream", "orc", "arrow", "frame", "dict"])
def test_names_without_rows_are_a_table(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"none.{form}"
    source: object = path
    if form == "parquet":
        pq.write_table(EMPTY, path)
    elif form == "feather":
        feather.write_feather(EMPTY, path)
    elif form == "stream":
        with pa.ipc.new_stream(path, EMPTY.schema):
            pass
    elif form == "orc":
        orc.write_table(EMPTY.set_column(3, "level", EMPTY["text"]), path)
    else:
        frame = EMPTY.to_pandas()
        source = {"arrow": EMPTY, "frame": frame, "dict": {name: [] for name in EMPTY.column_names}}[form]
    dataset = load(source, into=tmp_path / "w")
    assert (list(dataset.names), dataset.rows) == (EMPTY.column_names, 0)
    assert [(found.code, found.severity) for found in dataset.loading] == [("no_rows", "warning")]
    if isinstance(source, Path):
        assert preview(path).count == 0


def test_a_part_without_rows(tmp_path: Path) -> None:
    pq.write_table(pa.table({"n": [1, 2], "text": ["a", "b"]}), tmp_path / "train.parquet")
    pq.write_table(EMPTY.select(["n", "text"]), tmp_path / "serve.parquet")
    both = load(tmp_path / "train.parquet", serve=tmp_path / "serve.parquet", into=tmp_path / "w")
    assert both.rows == 2 and both.table().to_pydict() == {"n": [1, 2], "text": ["a", "b"]}
    assert "no_rows" in [found.code for found in both.loading]


def test_what_can_be_loaded_from_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))
    for source in (
        pd.Series([1, 2], name="a"),
        {"a": [1, 2]},
        pd.DataFrame({"a": [1, 2]}),
        pa.table({"a": [1, 2]}),
        pa.record_batch({"a": [1, 2]}),
        pa.RecordBatchReader.from_batches(pa.schema([("a", pa.int64())]), [pa.record_batch({"a": [1, 2]})]),
    ):
        assert core.load(source).table().to_pydict() == {"a": [1, 2]}
    assert loaded(pd.Series([1, 2])).names == ("value",)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"a": [1], "b": [1, 2]}, "lists of the same length"),
        ({"a": 1}, "lists of the same length"),
        ({}, "no columns"),
        ([1, 2], "An object of type list cannot be loaded. Give a path, a pandas frame"),
        (None, "An object of type NoneType cannot be loaded"),
        (7, "An object of type int cannot be loaded"),
    ],
)
def test_what_cannot_be_loaded_is_told(source: object, message: str) -> None:
    with pytest.raises(LoadError, match=message):
        loaded(source)


def columns(frame: pd.DataFrame) -> dict[str, list[object]]:
    return loaded(frame).table().to_pydict()  # type: ignore[no-any-return]


def test_an_index_that_says_something_becomes_a_column() -> None:
    frame = pd.DataFrame({"v": [1, 2]})
    named = frame.set_axis(pd.RangeIndex(2, name="row number"))
    assert columns(frame.set_axis(["a", "b"])) == {"index": ["a", "b"], "v": [1, 2]}
    assert columns(frame.set_axis(pd.Index([7, 5], name="id"))) == {"id": [7, 5], "v": [1, 2]}
    assert columns(frame.set_axis(pd.Index([7, 5]))) == {"index": [7, 5], "v": [1, 2]}
    assert columns(named) == {"row number": [0, 1], "v": [1, 2]}
    days = pd.DatetimeIndex(["2020-01-01", "2020-01-02"])
    assert columns(frame.set_axis(days))["index"] == days.to_pydatetime().tolist()
    levels = pd.MultiIndex.from_tuples([("x", 1), ("y", 2)], names=["k", None])
    assert columns(frame.set_axis(levels)) == {"k": ["x", "y"], "level_1": [1, 2], "v": [1, 2]}
    assert columns(pd.DataFrame({"index": [3]}, index=["a"])) == {"level_0": ["a"], "index": [3]}
    assert columns(pd.DataFrame({"id": [3]}, index=pd.Index(["a"], name="id"))) == {"id": ["a"], "id.1": [3]}


def test_an_index_that_only_counts_rows_is_none() -> None:
    frame = pd.DataFrame({"v": [1, 2, 3]})
    for other in (frame, frame[1:], pd.concat([frame, frame])):
        assert list(columns(other)) == ["v"]
    parts = loaded(frame[:2], serve=frame[2:])
    assert parts.names == ("v",) and parts.loading == ()


def test_times_of_any_year_are_kept(tmp_path: Path) -> None:
    late, early = dt.datetime(9999, 12, 31, 23, 59, 59), dt.datetime(1, 1, 1)
    table = pa.table({"t": pa.array([late, early, None], pa.timestamp("us"))})
    assert values(table) == [late, early, None]
    for i, settings in enumerate(
        ({"use_deprecated_int96_timestamps": True}, {"coerce_timestamps": "ms"}, {})
    ):
        pq.write_table(table, tmp_path / f"{i}.parquet", **settings)
        assert values(tmp_path / f"{i}.parquet") == [late, early, None], settings
    beyond = loaded(pa.table({"t": pa.array([253_402_300_800, 10**14, None, 0], pa.timestamp("s"))}))
    assert beyond.table().column(0).to_pylist() == [
        "10000-01-01",
        "3170843-11-07 09:46:40",
        None,
        "1970-01-01",
    ]
    assert beyond["t"].note == "Times outside the years 1 to 9999, kept as text."
    days = loaded(pa.table({"t": pa.array([10**8, 2], pa.date32())}))
    assert days.table().column(0).to_pylist() == ["275760-09-13", "1970-01-03"]


def int96(path: Path, header: tuple[str, ...] = (), **columns: list[np.datetime64 | None]) -> Path:
    """A Parquet file with INT96 times of any year, to the nanosecond: Arrow writes those of any year from
    seconds, and the nanoseconds of a day are put in afterwards.
    """
    days = {
        name: pa.array([None if t is None else t.astype("M8[D]").astype("M8[s]") for t in times])
        for name, times in columns.items()
    }
    table = pa.table({name: array.cast(pa.timestamp("us")) for name, array in days.items()})
    table = table.rename_columns(list(header or columns))
    plain = {"use_dictionary": False, "compression": "NONE", "write_statistics": False}
    pq.write_table(table, path, use_deprecated_int96_timestamps=True, **plain)
    content = bytearray(path.read_bytes())
    for times in columns.values():
        for time in (time for time in times if time is not None):
            day = int(time.astype("M8[D]").astype(int)) + 2_440_588
            whole = bytes(8) + day.to_bytes(4, "little")
            at = content.index(whole)  # the values come before the footer, which may repeat some
            content[at : at + 8] = int((time - time.astype("M8[D]")).astype("m8[ns]").astype(int)).to_bytes(
                8, "little"
            )
    path.write_bytes(content)
    return path


def test_parts_of_a_microsecond_in_int96_times_are_kept(tmp_path: Path) -> None:
    times = [
        *("2020-01-01T10:00:00.123456789", "1690-02-03T00:00:00.000000001", None),
        *("1969-12-31T23:59:59.999999999", "2262-04-11T23:47:16.854775807"),
    ]
    given = [None if time is None else np.datetime64(time, "ns") for time in times]
    data = loaded(int96(tmp_path / "t.parquet", t=given))
    assert data["t"].kind == "datetime" and data["t"].raw and data.loading == ()
    assert data.raw("t").to_pylist() == [None if time is None else time.replace("T", " ") for time in times]
    assert data.table(["t"]).column(0).to_pylist()[0] == dt.datetime(2020, 1, 1, 10, 0, 0, 123456)


def test_parts_of_a_microsecond_that_int96_times_lose_are_told(tmp_path: Path) -> None:
    fine = [np.datetime64("2020-01-01T10:00:00.123456789", "ns"), None]
    whole = [np.datetime64("2020-01-02T10:00:00.123456", "ns"), np.datetime64("2020-01-03", "ns")]
    late = [np.datetime64("9999-12-31", "us"), np.datetime64("0001-01-01", "us")]
    path = int96(tmp_path / "t.parquet", fine=fine, whole=whole, late=late)
    for found in (loaded(path).loading, preview(path).findings):
        [cut] = [finding for finding in found if finding.code == "times_cut"]
        assert (cut.columns, cut.value, cut.severity) == (("fine",), 1.0, "warning")
        assert cut.title == "1 time in 'fine' had parts of a microsecond, which were left out."
    kept = loaded(path).table()
    assert kept["fine"].to_pylist() == [dt.datetime(2020, 1, 1, 10, 0, 0, 123456), None]
    assert kept["late"].to_pylist() == [dt.datetime(9999, 12, 31), dt.datetime(1, 1, 1)]
    assert loaded(int96(tmp_path / "o.parquet", whole=whole, late=late)).loading == ()


TWO = '["1970-01-01 00:00:00.000000001", "1970-01-01 00:00:00.000002"]'
NESTED = [
    (pa.list_(pa.timestamp("ns")), [[1, 2_000], None], TWO),
    (pa.large_list(pa.timestamp("ns", "Asia/Tokyo")), [[1], None], '["1970-01-01 09:00:00.000000001+09:00"]'),
    (pa.struct({"t": pa.timestamp("ns")}), [{"t": -1}, None], '{"t": "1969-12-31 23:59:59.999999999"}'),
    (
        pa.map_(pa.string(), pa.timestamp("ns")),
        [[("a", 1_001)], None],
        '[["a", "1970-01-01 00:00:00.000001001"]]',
    ),
]


@pytest.mark.parametrize(("kind", "cells", "text"), NESTED)
@pytest.mark.parametrize("old", [False, True])
def test_nested_times_to_the_nanosecond(
    kind: pa.DataType, cells: list[object], text: str, old: bool, tmp_path: Path
) -> None:
    table = pa.table({"n": pa.array(cells, kind)})
    assert values(table) == [text, None]
    pq.write_table(table, tmp_path / "t.parquet", use_deprecated_int96_timestamps=old)
    if old:  # INT96 has no zone
        text = text.replace(" 09:00:00.000000001+09:00", " 00:00:00.000000001")
    data = loaded(tmp_path / "t.parquet")
    assert data.table().column(0).to_pylist() == [text, None] and data.loading == ()


@pytest.mark.parametrize(
    ("kind", "cells", "text"),
    [
        (pa.duration("ns"), [1, 1_000], "0:00:00.000000001"),
        (pa.duration("s"), [2**62, 1], "4611686018427387904 s"),
        (pa.duration("ms"), [-(2**62), 1], "-4611686018427387904 ms"),
        (pa.binary_view(), [b"\xff", b"ok"], "\\xff"),
        (pa.list_(pa.duration("ns")), [[-1], [1]], '["-1 day, 23:59:59.999999999"]'),
        (pa.list_(pa.time64("ns")), [[3_600_000_000_005], [1]], '["01:00:00.000000005"]'),
        (pa.list_(pa.timestamp("ns"), 1), [[1], None], '["1970-01-01 00:00:00.000000001"]'),
        (pa.list_(pa.timestamp("us")), [[86_400_000_000], None], '["1970-01-02 00:00:00"]'),
        (pa.list_(pa.timestamp("s")), [[2**40], None], '["36812-02-20 00:36:16"]'),
        (pa.list_(pa.date32()), [[2**23], None], '["24937-03-25"]'),
    ],
)
def test_times_that_python_cannot_hold_are_kept_as_text(
    kind: pa.DataType, cells: list[object], text: str
) -> None:
    assert values(pa.table({"n": pa.array(cells, kind)}).slice(0, 1)) == [text]
    assert values(pa.table({"n": pa.array([cells[1], *cells], kind)}).slice(1))[0] == text


def test_columns_of_times_that_are_cut_are_told_by_the_names_they_get(tmp_path: Path) -> None:
    fine, late = np.datetime64("2020-01-01T10:00:00.123456789", "ns"), np.datetime64("9999-12-31", "us")
    for header, told in ((("t", "l", "t"), ("t", "t.1")), (("", "l", ""), ("column_1", "column_3"))):
        path = int96(tmp_path / "t.parquet", header, a=[fine, None], b=[late, None], c=[fine, fine])
        [cut] = [one for one in loaded(path).loading if one.code == "times_cut"]
        assert (cut.columns, cut.value) == (told, 3.0)


def test_looking_through_int96_times_can_be_stopped_and_says_where_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(int96_times, "ROWS", 2)
    times = pa.table({"t": pa.array(range(8), pa.timestamp("us"))})
    pq.write_table(times, tmp_path / "t.parquet", use_deprecated_int96_timestamps=True)
    seen: list[float] = []
    unit = int96_times.unit_of(
        tmp_path / "t.parquet", 8, ["t"], Progress(lambda share, _: seen.append(share))
    )
    assert (unit, seen) == (("us", []), [0.25, 0.5, 0.75, 1.0])
    stopped = Progress(stop=lambda: len(seen) == 5, listener=lambda share, _: seen.append(share))
    with pytest.raises(Cancelled):
        int96_times.unit_of(tmp_path / "t.parquet", 8, ["t"], stopped)
    assert len(seen) == 5


def test_periods_that_pandas_wrote_to_a_file(tmp_path: Path) -> None:
    for freq in ("M", "Q", "Y", "D", "h", "min"):
        periods = pd.period_range("1969-11-03 01:00", periods=3, freq=freq)
        pd.DataFrame({"p": periods}).to_parquet(tmp_path / "periods.parquet")
        assert values(tmp_path / "periods.parquet") == periods.astype(str).tolist(), freq


def test_encoded_arrow_columns() -> None:
    whole = pa.array([1, 1, 2])
    for encoded in (whole.dictionary_encode(), pa.compute.run_end_encode(whole)):
        assert values(pa.table({"x": encoded})) == [1, 1, 2]
    flags = pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1, 0, None], pa.int8()))
    assert values(pa.table({"x": flags})) == [True, False, None]
