"""Identical content has the same fingerprint, whatever file it comes in and however that file is cut up."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from core.loading import load
from core.loading.fingerprint import Fingerprint
from tests.core.loading.reading import new_folder, read
from tests.examples import examples

WORDS = st.text(st.sampled_from("abcé ,;\"'\n"), min_size=1, max_size=6).map(lambda s: "w" + s + "w")
COLUMNS = {
    "whole": st.integers(-(2**53), 2**53),
    "real": st.integers(-(10**9), 10**9).map(lambda i: i / 64 + 0.015625),
    "flag": st.booleans(),
    "word": WORDS,
    "when": st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1)).map(
        lambda t: t.replace(microsecond=t.microsecond // 1000 * 1000)
    ),
}
TYPES = {"whole": "Int64", "real": "float64", "flag": "boolean", "word": "str", "when": "datetime64[us]"}


@st.composite
def frames(draw):
    rows = draw(st.integers(1, 12))
    made = {}
    for name, values in COLUMNS.items():
        cells = [
            draw(values),
            *draw(st.lists(st.one_of(st.none(), values), min_size=rows - 1, max_size=rows - 1)),
        ]
        made[name] = pd.Series(cells, dtype="object").astype(TYPES[name])
    return pd.DataFrame(made)


@settings(max_examples=examples(8), deadline=None)
@given(frames())
def test_every_format_gives_the_same_fingerprint(frame):
    folder = new_folder()
    frame.to_parquet(folder / "x.parquet", index=False)
    json = {"orient": "records", "date_format": "iso", "date_unit": "ms", "double_precision": 15}
    found = {
        "csv": read(frame.to_csv(index=False).encode()),
        "tsv": read(frame.to_csv(index=False, sep="\t").encode()),
        "json": read(frame.to_json(**json).encode()),
        "jsonl": read(frame.to_json(lines=True, **json).encode()),
        "parquet": read(folder / "x.parquet"),
        "pandas": load(frame, into=folder),
        "arrow": load(pa.Table.from_pandas(frame, preserve_index=False), into=folder),
    }
    assert len({dataset.fingerprint for dataset in found.values()}) == 1
    assert {dataset.source.format for dataset in found.values()} == set(found)
    for name, stored in zip(COLUMNS, ["int64", "double", "bool", "string", "timestamp[us]"], strict=True):
        assert found["csv"][name].stored == stored
        assert (
            found["csv"].table([name]).column(0).to_pylist()
            == pa.array(frame[name], from_pandas=True).to_pylist()
        )


@given(
    st.lists(st.one_of(st.none(), st.text(max_size=3)), max_size=20), st.lists(st.integers(0, 20), max_size=4)
)
def test_batches_may_be_cut_anywhere(cells, cuts):
    table = pa.table(
        {"s": pa.array(cells, pa.string()), "n": pa.array([len(c or "") for c in cells], pa.int64())}
    )
    whole, pieces = (
        Fingerprint([("s", "string"), ("n", "int64")]),
        Fingerprint([("s", "string"), ("n", "int64")]),
    )
    whole.add(table)
    edges = [0, *sorted(min(cut, len(cells)) for cut in cuts), len(cells)]
    for a, b in zip(edges, edges[1:], strict=False):
        pieces.add(table.slice(a, b - a))
    assert whole.digest() == pieces.digest()


def test_every_difference_counts():
    def digest(*cells, name="a", stored="string", split=None):
        mark = Fingerprint([(name, stored)])
        mark.add(pa.table({"a": pa.array(cells, pa.string())}))
        return mark.digest(split)

    base = digest("ab", "c")
    others = [
        digest("a", "bc"),
        digest("c", "ab"),
        digest("ab", None, "c"),
        digest("ab", "", "c"),
        digest("ab", "c", name="b"),
    ]
    others += [digest("ab", "c", stored="int64"), digest("ab", "c", split=1)]
    assert len({base, *others}) == len(others) + 1


def test_types_of_parquet_become_canonical():
    import decimal

    table = pa.table(
        {
            "u8": pa.array([1, None], pa.uint8()),
            "u64": pa.array([1, 2**64 - 1], pa.uint64()),
            "f32": pa.array([0.5, float("nan")], pa.float32()),
            "dec": pa.array([decimal.Decimal("1.10"), None]),
            "day": pa.array([dt.date(2024, 1, 2), None]),
            "ns": pa.array([1_700_000_000_123_456_789, None], pa.timestamp("ns")),
            "zone": pa.array([0, None], pa.timestamp("s", tz="Europe/Berlin")),
            "cat": pa.array(["x", "y"]).dictionary_encode(),
            "list": pa.array([[1, 2], None]),
            "bytes": pa.array([b"ab\xff", None]),
            "span": pa.array([5, None], pa.duration("s")),
            "none": pa.nulls(2),
        }
    )
    folder = new_folder()
    pq.write_table(table, folder / "x.parquet")
    dataset = load(folder / "x.parquet", into=folder / "w")
    assert [c.stored for c in dataset.columns] == [
        *("int64", "string", "double", "double", "timestamp[us]", "timestamp[us]", "timestamp[us]"),
        *("string", "string", "string", "string", "string"),
    ]
    assert dataset.table().to_pylist()[0] == {
        "u8": 1,
        "u64": "1",
        "f32": 0.5,
        "dec": 1.1,
        "day": dt.datetime(2024, 1, 2),
        "ns": dt.datetime(2023, 11, 14, 22, 13, 20, 123456),
        "zone": dt.datetime(1970, 1, 1),
        "cat": "x",
        "list": "[1, 2]",
        "bytes": "ab\\xff",
        "span": "0:00:05",
        "none": None,
    }
    assert dataset.table().to_pylist()[1] == dict.fromkeys(table.column_names, None) | {
        "u64": str(2**64 - 1),
        "cat": "y",
    }
    assert dataset.raw("dec").to_pylist() == ["1.10", None]
    assert dataset["zone"].note == "Times in Europe/Berlin were converted to UTC."


def test_small_row_groups_become_large_ones():
    folder = new_folder()
    pd.DataFrame({"a": np.arange(1000)}).to_parquet(folder / "x.parquet", row_group_size=10)
    dataset = load(folder / "x.parquet", into=folder / "w")
    assert pq.ParquetFile(dataset.path).metadata.num_row_groups == 1


def test_names_with_dots_and_repeated_names_in_parquet():
    folder = new_folder()
    table = pa.table([[1], [2], [{"b": 3}]], names=["a.b", "c", "a"])
    pq.write_table(table, folder / "x.parquet")
    assert load(folder / "x.parquet", into=folder / "w").table().to_pylist() == [
        {"a.b": 1, "c": 2, "a": '{"b": 3}'}
    ]


def test_mixed_objects_of_pandas_become_text():
    folder = new_folder()
    dataset = load(pd.DataFrame({"m": [1, "x", None, 2.5], 7: [1, 2, 3, 4]}), into=folder)
    assert dataset.frame()["m"].fillna("-").tolist() == ["1", "x", "-", "2.5"]
    assert dataset.names == ("m", "7")
