"""Export: faithful cell for cell, and the same bytes from the button, the command line and the
script.
"""

from __future__ import annotations

import csv
import datetime
import decimal
import hashlib
import io
import json
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.errors import RecipeError, SettingError
from core.export import Exported, apply_recipe, export, writing
from core.export.writing import make_safe
from core.filters import Filter
from core.loading import load
from core.review import Review
from core.rowset import RowSet
from tests import warm
from tests.examples import examples
from tests.make import dataset


def drop(*rows: int) -> Decision:
    return Decision("drop", RowSet(rows), why="odd")


def label(column: str, value: str, *rows: int) -> Decision:
    return Decision("relabel", RowSet(rows), value, column=column)


def weigh(value: float, *rows: int) -> Decision:
    return Decision("weight", RowSet(rows), value)


def omit(column: str) -> Decision:
    return Decision("omit", RowSet(), column=column)


def blank(column: str, *rows: int) -> Decision:
    return Decision("blank", RowSet(rows), column=column)


def script(folder: Path, raw: Path, out: Path, name: str = "recipe.py") -> subprocess.CompletedProcess[str]:
    """The script alone, without Winnow."""
    return warm.run(folder / name, raw, out, cwd=folder)


def same_bytes(
    tmp_path: Path,
    raw: Path,
    *said: Decision,
    format: str = "input",
    excel_safe: bool = False,
    recipe: bool = True,
    read: str = "",
) -> tuple[Dataset, Exported]:
    """Export, then make the cleaned file again with the script and with the recipe: the same bytes. read:
    what reading made of the file that is said beside.
    """
    data = load(raw, into=tmp_path / "data")
    made = export(data, Review().say(*said), tmp_path / "out", format=format, excel_safe=excel_safe)
    assert [note.partition(" differs from the file: ")[2] for note in made.notes] == [read] * bool(read)
    ran = script(made.folder, raw, tmp_path / "again")
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "again").read_bytes() == made.cleaned.read_bytes()
    if recipe:
        (applied,) = apply_recipe(
            made.folder / "recipe.json", raw, tmp_path / "applied", format=format, excel_safe=excel_safe
        )
        assert applied.read_bytes() == made.cleaned.read_bytes()
    return data, made


def cells(content: bytes, encoding: str = "utf-8", **how: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(encoding), newline=""), **how))


PLAIN = (
    b"id,name,price,when\n1,Ann,1.50,2021-03-01\n2,Bob,2,2021-03-02\n3,Cy,,2021-03-03\n"
    b"4,Di,4.25,2021-03-04\n5,Ed,5,2021-03-05\n"
)

TEXTS = {
    "clean": PLAIN,
    "crlf": PLAIN.replace(b"\n", b"\r\n"),
    "no end of line at the end": PLAIN.rstrip(b"\n"),
    "bom": b"\xef\xbb\xbf" + PLAIN,
    "utf-16": PLAIN.decode().encode("utf-16"),
    "tabs": PLAIN.replace(b",", b"\t"),
    "semicolons, cp1252, decimal comma": (
        "Stück;Größe;Wert\r\n" + "".join(f"Schräubchen für Türen {i};{i},50;Süß\r\n" for i in range(8))
    ).encode("cp1252"),
    "quotes and newlines": b'a,b\n"say ""hi""",1\n"two\nlines",2\n"two\r\nlines",3\n"a,b",4\nplain,5\n',
    "a carriage return": b'a,b\n"one\rcell",1\nx,2\ny,3\nz,4\n',
    "backslash escapes": b'a,b\n"say \\"hi\\"",1\n"back\\\\slash",2\nx,3\ny,4\n"p\\"q",5\n',
    "codes with leading zeros": b"zip,n\n007,1\n012,2\n099,3\n100,4\n",
    "marks of missing values": b"a,b,c\n1,NA,x\nNA,2.5,NA\n,n/a,\n4,-,y\n5,6,z\n",
    "dates": b"d,e,f\n03/04/2021,2021-01-02T03:04:05,1 Jan 2020\n05/06/2021,2021-01-02T03:04:06,2 Jan "
    b"2020\n07/08/2021,,\n",
    "numbers as they were written": b"a,b,c,d\n1.50,+1,1e5,TRUE\n2.0,2,1E-7,true\n3,03.0,inf,False\n",
    "thousands": b'a,b\n"1,234",1\n"12,000",2\n"1,234,567.5",3\n',
    "double and empty names": b"a,a,,b\n1,2,3,4\n5,6,7,8\n9,1,2,3\n",
    "no header": b"1.5,2,x\n2.5,3,y\n3.5,4,z\n4.5,5,z\n",
    "preamble": b"Report of today\n\nid,price,name\n1,2.5,x\n2,3.5,y\n3,4.5,z\n",
    "ragged": b"a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n13,14,15\n16,17,18,,\n",
    "blank lines": b"a,b\n1,2\n\n3,4\n  \n5,6\n7,8\n",
    "open quote": b'a,b\n1,x\n2,"y\n3,z\n4,w\n5,v\n6,u\n',
    "one column": b"name\nx\ny\n z \nw\n",
    "blank after the delimiter": b'a, b, c\n1, "x, y", 3\n2, z, 4\n5, w, 6\n',
    "whitespace in cells": b"a,b\n x ,1\n\ty,2\nz ,3\n",
    "hostile": "a,b\n<b>hi</b>,=1+1\n[x](http://y),@SUM(A1)\n\u202eabc,\U0001f600\n`$x$`,-2+3\n".encode(),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_source_comes_back_by_button_script_and_recipe(name: str, tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(TEXTS[name])
    short = "short rows get the cells that they lack." if name == "ragged" else ""
    data, made = same_bytes(tmp_path, raw, drop(1), read=short)
    options = data.source.options
    how = {
        "delimiter": options["delimiter"],
        "quotechar": options["quotechar"] or None,
        "escapechar": options["escapechar"] or None,
    }
    how["skipinitialspace"] = options["skipinitialspace"]
    aside = set(options["aside_lines"])
    source = TEXTS[name].decode(options["encoding"])
    kept = "".join(
        line for number, line in enumerate(io.StringIO(source, newline=""), 1) if number not in aside
    )
    wanted = [row for row in cells(kept.encode(), **how) if any(cell.strip() for cell in row)]  # type: ignore[arg-type]
    start = 1 if options["header"] is not None else 0
    start += 1 if name == "preamble" else 0
    width = len(data.names)
    body = [(row + [""] * width)[:width] for row in wanted[start:]]
    del body[1]
    written = cells(made.cleaned.read_bytes(), options["encoding"], **how)  # type: ignore[arg-type]
    assert written[1 if options["header"] is not None else 0 :] == body
    if options["header"] is not None:
        assert written[0] == wanted[start - 1]
    assert made.cleaned.read_bytes().startswith(b"\xef\xbb\xbf") == (name == "bom")


@pytest.mark.parametrize("format", ["csv", "json", "jsonl", "parquet"])
@pytest.mark.parametrize(
    "name", ["semicolons, cp1252, decimal comma", "dates", "numbers as they were written"]
)
def test_a_text_source_in_another_format(name: str, format: str, tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(TEXTS[name])
    data, made = same_bytes(tmp_path, raw, drop(1), weigh(0.5, 0), format=format, recipe=False)
    readers = {
        "csv": pd.read_csv,
        "parquet": pd.read_parquet,
        "json": pd.read_json,
        "jsonl": lambda p: pd.read_json(p, lines=True),
    }
    table = readers[format](made.cleaned)
    weights = table["sample_weight"].astype(str).str.replace(",", ".").astype(float).tolist()
    assert tuple(table.columns) == (*data.names, "sample_weight") and weights == [0.5] + [1.0] * (
        data.rows - 2
    )


def test_text_becomes_typed_parquet(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(
        TEXTS["marks of missing values"]
        .replace(b"c\n", b"c,d\n", 1)
        .replace(b"\n", b",2021-01-02\n")
        .replace(b"d,2021-01-02", b"d")
    )
    _, made = same_bytes(tmp_path, raw, drop(0), label("a", "9", 1), format="parquet")
    table = pq.read_table(made.cleaned)
    assert [str(f.type) for f in table.schema][:2] == ["int64", "double"] and pa.types.is_timestamp(
        table.schema.field("d").type
    )
    assert table.column("a").to_pylist() == [9, None, 4, 5] and table.column("c").to_pylist() == [
        "NA",
        None,
        "y",
        "z",
    ]


def test_labels_weights_and_drops_land_where_they_were_said(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(PLAIN)
    said = [
        drop(0, 3),
        Decision("keep", RowSet([3])),
        label("name", 'new, "x"', 1),
        weigh(0.5, 1),
        weigh(2, 4),
        Decision("defer", RowSet([2])),
    ]
    _, made = same_bytes(tmp_path, raw, *said)
    assert made.cleaned.read_text() == (
        "id,name,price,when,sample_weight\n"
        '2,"new, ""x""",2,2021-03-02,0.5\n'
        "3,Cy,,2021-03-03,1.0\n"
        "4,Di,4.25,2021-03-04,1.0\n"
        "5,Ed,5,2021-03-05,2.0\n"
    )
    assert (made.folder / "dropped.csv").read_text() == (
        "id,name,price,when,source_row,reason\n1,Ann,1.50,2021-03-01,0,odd\n"
    )
    assert made.counts["before"] == 5 and made.counts["after"] == 4


def test_a_filter_becomes_its_rows(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(PLAIN)
    rule = Filter.parse("price is missing and not name contains x")
    _, made = same_bytes(tmp_path, raw, Decision("drop", rule))
    assert (made.folder / "dropped.csv").read_text().splitlines()[1:] == [
        "3,Cy,,2021-03-03,2,Dropped rows where 'price' is missing and 'name' does not contain 'x'"
    ]


def test_weights_go_into_the_column_of_that_role(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(b"x,w\na,0.5\nb,1\nc,2\n")
    data = load(raw, into=tmp_path / "data", roles={"weight": "w"})
    made = export(data, Review().say(weigh(0.25, 1)), tmp_path / "out")
    assert made.cleaned.read_text() == "x,w\na,0.5\nb,0.25\nc,2\n"
    assert script(made.folder, raw, tmp_path / "again").returncode == 0


def test_a_taken_name_is_not_written_over(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(b"x,sample_weight\na,heavy\nb,light\n")
    _, made = same_bytes(tmp_path, raw, weigh(0.25, 1))
    assert made.cleaned.read_text() == "x,sample_weight,sample_weight_2\na,heavy,1.0\nb,light,0.25\n"


def test_decimal_commas_hold_for_weights_too(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(TEXTS["semicolons, cp1252, decimal comma"])
    _, made = same_bytes(tmp_path, raw, weigh(0.25, 1))
    assert [row[-1] for row in cells(made.cleaned.read_bytes(), "cp1252", delimiter=";")][:3] == [
        "sample_weight",
        "1,0",
        "0,25",
    ]


ODD = {  # text -> place of the column left out, and of the one in which a cell is made missing
    "semicolons, cp1252, decimal comma": (1, 2),
    "backslash escapes": (1, 0),
    "blank after the delimiter": (1, 2),
    "marks of missing values": (1, 0),
    "double and empty names": (1, 3),
    "clean": (1, 2),
}


@pytest.mark.parametrize("name", ODD)
def test_columns_left_out_and_cells_made_missing_in_text(name: str, tmp_path: Path) -> None:
    out, at = ODD[name]
    raw = tmp_path / "raw.csv"
    raw.write_bytes(TEXTS[name])
    data, plain = same_bytes(tmp_path, raw, drop(1))
    read = data.source.options
    how = {
        "delimiter": read["delimiter"],
        "escapechar": read["escapechar"] or None,
        "skipinitialspace": read["skipinitialspace"],
    }
    encoding, gone, emptied = read["encoding"], data.names[out], data.names[at]
    wanted = cells(plain.cleaned.read_bytes(), encoding, **how)  # type: ignore[arg-type]
    wanted[2][at] = ""
    left = [[cell for place, cell in enumerate(row) if place != out] for row in wanted]
    _, made = same_bytes(
        tmp_path, raw, drop(1), label(gone, "never seen", 0), blank(emptied, 1, 2), omit(gone)
    )
    assert cells(made.cleaned.read_bytes(), encoding, **how) == left  # type: ignore[arg-type]
    dropped = cells(
        (made.folder / made.cleaned.name.replace("cleaned", "dropped")).read_bytes(), encoding, **how
    )  # type: ignore[arg-type]
    assert [len(row) for row in dropped] == [len(data.names) + 1] * 2, (
        "the dropped rows lack the column too, and say where they stood and why they were dropped"
    )
    assert [row[-2:] for row in dropped] == [["source_row", "reason"], ["1", "odd"]]
    held = int(data.frame([emptied])[emptied].iloc[[2]].notna().sum())  # row 1 is dropped
    assert made.counts["blanked"] == held and made.counts["omitted"] == 1


@pytest.mark.parametrize("format", ["input", "csv", "jsonl"])
def test_columns_left_out_and_cells_made_missing_in_parquet(format: str, tmp_path: Path) -> None:
    raw = tmp_path / "raw.parquet"
    table = parquet(raw)
    said = [blank(name, 3) for name in ("i8", "u64", "f32", "money", "ok", "day", "at", "cat", "nothing")]
    _, made = same_bytes(tmp_path, raw, drop(1), *said, omit("s"), weigh(2, 0), format=format)
    kept = [name for name in table.column_names if name != "s"]
    if format == "input":
        back = pq.read_table(made.cleaned)
        assert back.column_names == [*kept, "sample_weight"] and back.column("sample_weight").to_pylist() == [
            2.0,
            1.0,
            1.0,
        ]
        for name in kept:
            wanted = [*table.column(name).take([0, 2]).to_pylist(), None]
            assert back.column(name).to_pylist() == wanted, name
            assert (
                pa.types.is_dictionary(back.schema.field(name).type)
                if name == "cat"
                else back.schema.field(name).type == table.schema.field(name).type
            )
        return
    last = made.cleaned.read_text().splitlines()[-1]
    assert (
        last == ",,,,,,,,,1.0"
        if format == "csv"
        else json.loads(last) == {**dict.fromkeys(kept), "sample_weight": 1.0}
    )


@pytest.mark.parametrize("shape", ["array", "lines", "columns"])
def test_columns_left_out_and_cells_made_missing_in_json(shape: str, tmp_path: Path) -> None:
    raw = json_source(tmp_path, shape)
    _, made = same_bytes(tmp_path, raw, drop(1), blank("id", 2), omit("ok"), omit("d"))
    text = made.cleaned.read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.split("\n")[:-1]] if shape == "lines" else json.loads(text)
    if shape == "columns":
        assert rows == {"id": [1, None, 4], "x": [1.5, None, 1e-7]}
    else:
        kept = [
            {k: v for k, v in row.items() if k not in ("ok", "d")}
            for row in (JSON_ROWS[0], JSON_ROWS[2], JSON_ROWS[3])
        ]
        kept[1]["id"] = None
        assert rows == kept


def test_cells_made_missing_are_null_where_text_becomes_typed(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(PLAIN)
    _, made = same_bytes(
        tmp_path, raw, drop(1), blank("price", 0), blank("when", 2), omit("name"), format="parquet"
    )
    table = pq.read_table(made.cleaned)
    assert table.column_names == ["id", "price", "when"] and str(table.schema.field("price").type) == "double"
    assert (
        table.column("price").to_pylist() == [None, None, 4.25, 5.0] and table.column("when").null_count == 1
    )


def test_the_last_word_on_a_cell_and_on_a_column_wins(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(PLAIN)
    back = Decision("include", RowSet(), column="id")
    _, made = same_bytes(
        tmp_path, raw, blank("name", 0, 1), label("name", "Zoe", 1), omit("id"), back, omit("when")
    )
    assert made.cleaned.read_text().splitlines()[:3] == ["id,name,price", "1,,1.50", "2,Zoe,2"]


def test_weights_get_a_column_of_their_own_when_that_of_the_role_is_left_out(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(b"x,w\na,0.5\nb,1\nc,2\n")
    data = load(raw, into=tmp_path / "data", roles={"weight": "w"})
    made = export(data, Review().say(weigh(0.25, 1), omit("w")), tmp_path / "out")
    assert made.cleaned.read_text() == "x,sample_weight\na,1.0\nb,0.25\nc,1.0\n"
    assert script(made.folder, raw, tmp_path / "again").returncode == 0


def test_not_every_column_can_be_left_out(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(PLAIN)
    data = load(raw, into=tmp_path / "data")
    with pytest.raises(SettingError, match="nothing remains"):
        export(data, Review().say(*map(omit, data.names)), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    _, made = same_bytes(tmp_path, raw, *map(omit, data.names[1:]), blank("id", 1))
    assert made.cleaned.read_text() == 'id\n1\n""\n3\n4\n5\n', (
        "an empty cell alone on its line is no blank line"
    )


def test_a_column_left_out_is_left_out_of_the_second_file_too(tmp_path: Path) -> None:
    train, serve = tmp_path / "train.csv", tmp_path / "serve.csv"
    train.write_bytes(PLAIN)
    serve.write_bytes(b"name;id;price;when\nZoe;9;1;2021-03-01\nYan;10;2,5;2021-03-02\n")
    data = load(train, into=tmp_path / "data", serve=serve)
    made = export(data, Review().say(omit("name"), blank("price", 6)), tmp_path / "out")
    assert (
        made.folder / "cleaned-serve.csv"
    ).read_bytes() == b"id;price;when\n9;1;2021-03-01\n10;;2021-03-02\n"
    assert made.cleaned.read_text().splitlines()[0] == "id,price,when"
    paths = apply_recipe(made.folder / "recipe.json", train, tmp_path / "applied.csv", serve=serve)
    assert [p.read_bytes() for p in paths] == [
        (made.folder / n).read_bytes() for n in ("cleaned.csv", "cleaned-serve.csv")
    ]


def parquet(path: Path) -> pa.Table:
    table = pa.table(
        {
            "i8": pa.array([1, None, 3, 4], pa.int8()),
            "u64": pa.array([1, 2, 3, 4], pa.uint64()),
            "f32": pa.array([0.1, float("nan"), None, 2.5], pa.float32()),
            "money": pa.array(
                [decimal.Decimal("1.10"), None, decimal.Decimal("3.30"), decimal.Decimal("0.01")],
                pa.decimal128(7, 2),
            ),
            "ok": [True, None, False, True],
            "day": pa.array(
                [datetime.date(2024, 1, 1), None, datetime.date(2024, 1, 3), datetime.date(2024, 1, 4)]
            ),
            "at": pa.array([0, 1_000, None, 3_000], pa.timestamp("ms", tz="Europe/Rome")),
            "s": pa.array(["a", None, "", "=1+1"], pa.large_string()),
            "cat": pa.array(["u", "v", "u", None]).dictionary_encode(),
            "nothing": pa.nulls(4, pa.float64()),
        }
    )
    pq.write_table(table, path, row_group_size=2)
    return table


def test_a_typed_source_comes_back_with_its_own_types(tmp_path: Path) -> None:
    raw = tmp_path / "raw.parquet"
    table = parquet(raw)
    _, made = same_bytes(tmp_path, raw, drop(1), label("i8", "7", 2), label("cat", "new", 0), weigh(3, 3))
    back = pq.read_table(made.cleaned)
    for name in table.column_names:
        kind = table.schema.field(name).type
        assert (
            pa.types.is_dictionary(back.schema.field(name).type)
            if name == "cat"
            else back.schema.field(name).type == kind
        ), name
    wanted = table.take([0, 2, 3])
    assert back.column("i8").to_pylist() == [1, 7, 4] and back.column("cat").to_pylist() == ["new", "u", None]
    assert back.column("sample_weight").to_pylist() == [1.0, 1.0, 3.0]
    for name in ("u64", "f32", "money", "ok", "day", "at", "s", "nothing"):
        assert back.column(name).to_pylist() == wanted.column(name).to_pylist(), name


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_a_typed_source_as_text(format: str, tmp_path: Path) -> None:
    raw = tmp_path / "raw.parquet"
    parquet(raw)
    _, made = same_bytes(tmp_path, raw, drop(1), label("s", "new", 2), weigh(0.5, 3), format=format)
    first = made.cleaned.read_text().splitlines()[1 if format == "csv" else 0]
    if format == "csv":
        assert first == "1,1,0.10000000149011612,1.10,True,2024-01-01,1970-01-01 01:00:00+01:00,a,u,,1.0"
    else:
        assert (
            json.loads(first)["i8"] == 1
            and json.loads(first)["nothing"] is None
            and json.loads(first)["money"] == "1.10"
        )


def test_an_index_that_pandas_wrote_is_kept(tmp_path: Path) -> None:
    raw = tmp_path / "raw.parquet"
    pd.DataFrame({"x": [1.5, 2.5, 3.5]}, index=pd.Index(["a", "b", "c"], name="key")).to_parquet(raw)
    data, made = same_bytes(tmp_path, raw, drop(1))
    assert pq.read_table(made.cleaned).to_pydict() == {
        name: [values[0], values[2]] for name, values in data.table().to_pydict().items()
    }


JSON_ROWS = [
    {"id": 1, "x": 1.5, "tags": ["a", "b"], "who": {"name": "Ann"}, "ok": True, "d": "2021-01-02", "m": 1},
    {"id": 2, "x": 2, "tags": [], "ok": None, "d": "2021-01-03", "m": "one"},
    {"id": 3, "x": None, "tags": None, "who": {}, "ok": False, "d": None, "m": 2.5, "late": "ü\u2028"},
    {"id": 4, "x": 1e-7, "who": None, "ok": True, "d": "2021-01-05", "m": None},
]


def json_source(folder: Path, shape: str) -> Path:
    """The rows as a file of JSON: an array, lines, or an object of columns."""
    columns = {key: [row.get(key) for row in JSON_ROWS] for key in ("id", "x", "ok", "d")}
    text = {
        "array": json.dumps(JSON_ROWS),
        "lines": "\n".join(map(json.dumps, JSON_ROWS)),
        "columns": json.dumps(columns),
    }[shape]
    raw = folder / "raw.json"
    raw.write_text(text, encoding="utf-8")
    return raw


@pytest.mark.parametrize("format", ["input", "jsonl", "csv", "parquet"])
@pytest.mark.parametrize("shape", ["array", "lines", "columns"])
def test_a_json_source(shape: str, format: str, tmp_path: Path) -> None:
    raw = json_source(tmp_path, shape)
    if format == "parquet" and shape != "columns":
        data = load(raw, into=tmp_path / "data")
        made = export(data, Review().say(drop(1)), tmp_path / "out", format=format)
        assert pq.read_table(made.cleaned).column("id").to_pylist() == [1, 3, 4]
        return
    _, made = same_bytes(tmp_path, raw, drop(1), label("id", "30", 2), weigh(0.5, 0), format=format)
    if format == "parquet":
        assert pq.read_table(made.cleaned).column("id").to_pylist() == [1, 30, 4]
        return
    text = made.cleaned.read_text(encoding="utf-8")
    if format == "jsonl" or (format == "input" and shape == "lines"):
        wanted = [{**row, "sample_weight": 1.0} for i, row in enumerate(JSON_ROWS) if i != 1]
        wanted[0]["sample_weight"], wanted[1]["id"] = 0.5, 30
        kept = (
            wanted
            if shape != "columns"
            else [
                {k: v for k, v in row.items() if k in ("id", "x", "ok", "d", "sample_weight")}
                for row in wanted
            ]
        )
        assert [json.loads(line) for line in text.split("\n")[:-1]] == kept
    elif format == "input":
        back = json.loads(text)
        assert (back["id"] if shape == "columns" else [row["id"] for row in back]) == [1, 30, 4]
    else:
        assert [row["id"] for row in csv.DictReader(io.StringIO(text))] == ["1", "30", "4"]


def test_two_files_only_the_one_spoken_of_is_written(tmp_path: Path) -> None:
    train, serve = tmp_path / "train.csv", tmp_path / "serve.csv"
    train.write_bytes(PLAIN)
    serve.write_bytes(b"name;id;extra;price\nZoe;9;x;1\nYan;010;y;2,5\n")
    data = load(train, into=tmp_path / "data", serve=serve)
    made = export(data, Review().say(drop(0)), tmp_path / "out")
    assert sorted(path.name for path in made.files) == [
        "README.txt",
        "cleaned.csv",
        "dropped.csv",
        "manifest.json",
        "recipe.json",
        "recipe.py",
    ]
    assert made.cleaned.read_bytes() == PLAIN.replace(b"1,Ann,1.50,2021-03-01\n", b"")
    both = export(data, Review().say(drop(0, 5), label("name", "Max", 6)), tmp_path / "both")
    assert (both.folder / "cleaned-serve.csv").read_bytes() == b"name;id;extra;price\nMax;010;y;2,5\n"
    assert (both.folder / "dropped-serve.csv").read_bytes() == (
        b"name;id;extra;price;source_row;reason\nZoe;9;x;1;5;odd\n"
    )
    for raw, name, out in (
        (train, "recipe.py", "cleaned.csv"),
        (serve, "recipe-serve.py", "cleaned-serve.csv"),
    ):
        assert script(both.folder, raw, tmp_path / "again", name).returncode == 0
        assert (tmp_path / "again").read_bytes() == (both.folder / out).read_bytes()
    paths = apply_recipe(both.folder / "recipe.json", train, tmp_path / "applied.csv", serve=serve)
    assert [p.read_bytes() for p in paths] == [
        (both.folder / n).read_bytes() for n in ("cleaned.csv", "cleaned-serve.csv")
    ]
    with pytest.raises(RecipeError, match="second file"):
        apply_recipe(both.folder / "recipe.json", train, tmp_path / "applied.csv")


def test_the_script_and_the_recipe_refuse_another_file(tmp_path: Path) -> None:
    raw, other = tmp_path / "raw.csv", tmp_path / "other.csv"
    raw.write_bytes(PLAIN)
    other.write_bytes(PLAIN.replace(b"Bob", b"Bub"))
    _, made = same_bytes(tmp_path, raw, drop(1))
    ran = script(made.folder, other, tmp_path / "none.csv")
    assert ran.returncode == 1 and "not the file" in ran.stderr and not (tmp_path / "none.csv").exists()
    with pytest.raises(RecipeError, match="other data"):
        apply_recipe(made.folder / "recipe.json", other, tmp_path / "none.csv")
    with pytest.raises(RecipeError, match="no recipe"):
        apply_recipe(tmp_path / "nowhere.json", raw, tmp_path / "none.csv")
    assert not (tmp_path / "none.csv").exists()


def test_the_ending_of_the_output_may_name_another_format(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(TEXTS["semicolons, cp1252, decimal comma"])
    _, made = same_bytes(tmp_path, raw, drop(1))
    (same,) = apply_recipe(made.folder / "recipe.json", raw, tmp_path / "a.csv")
    (lines,) = apply_recipe(made.folder / "recipe.json", raw, tmp_path / "a.jsonl")
    assert same.read_bytes() == made.cleaned.read_bytes() and len(lines.read_text().splitlines()) == 7


def test_excel_safe_touches_formulas_and_no_number(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(
        ('=cmd,n,t\n=1+1,-2,ok\n  @SUM(A1),+3.5,-2+3\n"\tx",-1e5,|x\n%y,"-1,5",a=b\n＝1,-.5,-\n').encode()
    )
    _, made = same_bytes(tmp_path, raw, excel_safe=True)
    assert cells(made.cleaned.read_bytes()) == [
        ["'=cmd", "n", "t"],
        ["'=1+1", "-2", "ok"],
        ["'  @SUM(A1)", "+3.5", "'-2+3"],
        ["'\tx", "-1e5", "'|x"],
        ["'%y", "-1,5", "a=b"],
        ["'＝1", "-.5", "'-"],
    ]
    assert made.touched == 9 and json.loads((made.folder / "manifest.json").read_text())["excel_safe"] == {
        "on": True,
        "cells": 9,
    }
    with pytest.raises(SettingError, match="Excel-safe"):
        export(load(raw, into=tmp_path / "data"), Review(), tmp_path / "p", format="parquet", excel_safe=True)


@given(st.lists(st.text(max_size=6)))
def test_what_is_safe_begins_with_no_formula(texts: list[str]) -> None:
    column = list(texts)
    touched = make_safe(column)
    assert touched == sum(a != b for a, b in zip(texts, column, strict=True))
    assert all(a in (b, "'" + b) for a, b in zip(column, texts, strict=True))
    assert not any(
        cell.lstrip()[:1] in "=+-@|%" and cell.strip() and not writing.NUMBER.match(cell)
        for cell in column
        if cell.lstrip()
    )


@settings(max_examples=examples(25), deadline=None)
@given(
    st.lists(
        st.lists(st.text(st.sampled_from("ab ,;\"\\\n\r\t'|x"), max_size=5), min_size=2, max_size=2),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from([(",", '"', ""), (";", "'", ""), ("\t", '"', ""), (",", '"', "\\")]),
    st.booleans(),
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], marks: tuple[str, str, str], space: bool
) -> None:
    delimiter, quote, escape = marks
    path = tmp_path_factory.mktemp("text") / "t.csv"
    how = {
        "delimiter": delimiter,
        "quotechar": quote,
        "escapechar": escape,
        "encoding": "utf-8",
        "encoding_errors": "strict",
    }
    how |= {
        "newline": "\n",
        "skipinitialspace": space and delimiter != "\t",
        "excel_safe": False,
        "header": ["p", "q"],
    }
    writing.put_text([[list(column) for column in zip(*rows, strict=True)]], how, path)
    with path.open(newline="") as file:
        read = list(
            csv.reader(
                file,
                delimiter=delimiter,
                quotechar=quote,
                escapechar=escape or None,
                skipinitialspace=bool(how["skipinitialspace"]),
            )
        )
    assert read == [["p", "q"], *rows]


def test_a_label_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(TEXTS["semicolons, cp1252, decimal comma"])
    data = load(raw, into=tmp_path / "data")
    with pytest.raises(SettingError, match="UTF-8"):
        export(data, Review().say(label(data.names[2], "→", 1)), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == [], "nothing half written"
    table = tmp_path / "raw.parquet"
    parquet(table)
    with pytest.raises(SettingError, match="label"):
        export(load(table, into=tmp_path / "data"), Review().say(label("i8", "many", 1)), tmp_path / "out")


@pytest.mark.parametrize(("word", "value"), [("Yes", True), ("nein", False), ("0", False)])
def test_a_label_of_a_boolean_is_any_word_that_the_column_reads(
    tmp_path: Path, word: str, value: bool
) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_text("id,sold\n1,ja\n2,no\n3,yes\n")
    data = load(raw, into=tmp_path / "data", kinds={"sold": "boolean"})
    assert data.table(["sold"]).column(0).to_pylist() == [True, False, True]
    review = Review().say(label("sold", word, 1))
    assert as_decided(data, review).table(["sold"]).column(0).to_pylist()[1] is value
    for format in ("parquet", "jsonl"):
        made = export(data, review, tmp_path / format, format=format)
        again = load(made.cleaned, into=tmp_path / f"{format}-data")
        assert again.table(["sold"]).column(0).to_pylist() == [True, value, True]
    kept = export(data, review, tmp_path / "out").cleaned.read_text()
    assert kept == f"id,sold\n1,ja\n2,{word}\n3,yes\n", "text keeps what was said"


def test_the_manifest_is_true(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(PLAIN)
    data = load(raw, into=tmp_path / "data")
    made = export(data, Review().say(drop(1)), tmp_path / "out", calls={"outliers": {"seed": 7}})
    told = json.loads((made.folder / "manifest.json").read_text())
    assert (
        told["fingerprint"] == data.fingerprint
        and told["sources"][0]["sha256"] == hashlib.sha256(PLAIN).hexdigest()
    )
    assert (
        told["counts"]["before"] == 5
        and told["counts"]["after"] == 4
        and told["calls"] == {"outliers": {"seed": 7}}
    )
    assert set(told["versions"]) == {"winnow", "python", "pandas", "numpy", "pyarrow"}
    assert {
        name: hashlib.sha256((made.folder / name).read_bytes()).hexdigest() for name in told["files"]
    } == {name: entry["sha256"] for name, entry in told["files"].items()}
    assert (
        {path.name for path in made.folder.iterdir()}
        == {*told["files"], "manifest.json"}
        == {path.name for path in made.files}
    )


def test_a_frame_in_memory_comes_back_as_parquet_with_its_types(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": np.array([1, 2, 3], np.int16), "c": pd.Categorical(["x", "y", "x"])})
    made = export(load(frame, into=tmp_path / "data", name="frame"), Review().say(drop(1)), tmp_path / "out")
    back = pd.read_parquet(made.cleaned)
    assert (
        str(back["a"].dtype) == "int16"
        and back["a"].tolist() == [1, 3]
        and isinstance(back["c"].dtype, pd.CategoricalDtype)
    )
    assert "came from memory" in made.notes[0] and not (made.folder / "recipe.py").exists()


def test_nested_parquet_becomes_text_and_says_so(tmp_path: Path) -> None:
    raw = tmp_path / "raw.parquet"
    pq.write_table(pa.table({"a": [1, 2], "l": [[1], [2, 3]]}), raw)
    made = export(load(raw, into=tmp_path / "data"), Review().say(drop(0)), tmp_path / "out")
    assert pq.read_table(made.cleaned).to_pydict() == {"a": [2], "l": ["[2, 3]"]} and "'l'" in made.notes[0]


def test_all_rows_dropped_leaves_a_header(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(PLAIN)
    _, made = same_bytes(tmp_path, raw, drop(*range(5)))
    assert made.cleaned.read_bytes() == PLAIN.splitlines(keepends=True)[0]
    assert (made.folder / "dropped.csv").read_text().splitlines() == [
        f"{line},{end}"
        for line, end in zip(
            PLAIN.decode().splitlines(),
            ["source_row,reason", *(f"{row},odd" for row in range(5))],
            strict=True,
        )
    ]


def test_killing_the_export_leaves_whole_files_or_none(tmp_path: Path) -> None:
    data = dataset(pd.DataFrame({"n": range(20_000), "s": ["x, y"] * 20_000}))
    wanted = export(data, Review().say(drop(3)), tmp_path / "wanted")
    code = """
        import sys
        from pathlib import Path
        from core.dataset import Dataset
        from core.export import export
        from core.decision import Decision
        from core.review import Review
        from core.rowset import RowSet
        data = Dataset.open(Path(sys.argv[1]))
        for turn in range(10_000):
            said = Review().say(Decision("drop", RowSet([3]), why="odd"))
            export(data, said, Path(sys.argv[2]) / str(turn))
            print(turn, flush=True)
    """
    root = {"PYTHONPATH": str(Path(__file__).parents[3])}
    writer = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(data.path), str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        text=True,
        env=root,
    )
    assert writer.stdout is not None
    for _ in range(3):
        writer.stdout.readline()
    time.sleep(0.02)
    writer.kill()
    writer.communicate(timeout=60)
    same = {
        name: (wanted.folder / name).read_bytes() for name in ("cleaned.csv", "dropped.csv", "recipe.json")
    }
    folders = list((tmp_path / "out").iterdir())
    found = [path for folder in folders for path in folder.iterdir() if path.is_file()]
    assert (
        len(folders) >= 3
        and len(found) >= 12
        and all(path.read_bytes() == same[path.name] for path in found if path.name in same)
    )


@pytest.mark.parametrize("zone", [None, "Europe/Rome"])
def test_nanoseconds_come_back(zone: str | None, tmp_path: Path) -> None:
    times = pd.to_datetime(["2024-01-01T00:00:00.123456789", None, "1969-12-31T23:59:59.5"]).astype(
        "datetime64[ns]"
    )
    pd.DataFrame(
        {"t": times.tz_localize("UTC").tz_convert(zone) if zone else times, "x": [1, 2, 3]}
    ).to_parquet(tmp_path / "raw.parquet")
    _, made = same_bytes(tmp_path, tmp_path / "raw.parquet")
    assert pq.read_table(made.cleaned)["t"].equals(pq.read_table(tmp_path / "raw.parquet")["t"])
