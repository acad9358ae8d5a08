"""Bad input: one clear sentence, or the rows that can be had with a note about the rest. Nothing is lost
silently.
"""

from __future__ import annotations

import csv
import json
import pickle
import struct
import threading
import time
import zlib
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.dataset import Dataset
from core.errors import LoadError
from core.loading import Options, load, sandbox, suggest_roles
from tests.core.loading.reading import read

NAUGHTY = [
    "# Heading",
    "**bold** _it_ `code`",
    "[link](javascript:alert(1))",
    "![x](http://127.0.0.1/x.png)",
    "<script>alert('x')</script>",
    '<img src=x onerror="alert(1)">',
    "<b>&amp;</b>",
    "&lt;i&gt;",
    "$$E=mc^2$$",
    ":material/delete: :red[hi]",
    "=1+1",
    "=cmd|'/C calc'!A0",
    "+1-1",
    "-1+1",
    "@SUM(1)",
    "%n%s%x",
    "'; DROP TABLE data; --",
    '" OR ""="',
    "../../etc/passwd",
    "C:\\temp\\new",
    "\\N",
    "undefined",
    "😀👩‍👩‍👧‍👦🏳️‍🌈",
    "مرحبا",
    "שלום\u202eabc",
    "\u200b\ufeffzero width",
    "Z̮̞̠͙͔a̘̫l̻g̩o",
    "田中さん",
    "ß ſ ı İ K",
    "bell\x07 esc\x1b[31m del\x7f",
    "unit\x1fsep",
    "two\nlines",
    "cr\rhere",
    "tab\there",
    "x" * 5000,
]


def error(content: bytes, path: Path, name: str = "data.csv") -> str:
    (path / name).write_bytes(content)
    with pytest.raises(LoadError) as caught:
        load(path / name, into=path / "workspace")
    assert not list((path / "workspace").glob("*")) if (path / "workspace").exists() else True
    assert "\n" not in str(caught.value)
    return str(caught.value)


def codes(dataset: Dataset) -> list[str]:
    return [finding.code for finding in dataset.loading]


def aside(dataset: Dataset) -> list[dict[str, str]]:
    with (dataset.path.parent / "aside.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf"])
def test_an_empty_file_has_no_rows(tmp_path, content):
    (tmp_path / "data.csv").write_bytes(content)
    dataset = load(tmp_path / "data.csv", into=tmp_path / "workspace")
    assert (dataset.names, dataset.rows, codes(dataset)) == (("column_1",), 0, ["no_rows"])


def test_nothing_but_nul_bytes_is_refused(tmp_path):
    assert "nothing but NUL bytes" in error(b"\0" * 100, tmp_path)


def test_a_header_only_has_no_rows(tmp_path):
    (tmp_path / "data.csv").write_bytes(b"a,b,c\n")
    dataset = load(tmp_path / "data.csv", into=tmp_path / "workspace")
    assert (dataset.names, dataset.rows) == (("a", "b", "c"), 0)
    assert dataset.frame().shape == (0, 3)


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(LoadError, match="There is no file"):
        load(tmp_path / "gone.csv", into=tmp_path / "workspace")
    (tmp_path / "empty").mkdir()
    with pytest.raises(LoadError, match="holds no files"):
        load(tmp_path / "empty", into=tmp_path / "workspace")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"8BPS" + b"\0" * 80, "a Photoshop image"),
        (b"<!DOCTYPE html><html><body><table><tr><td>1</td></tr></table></body></html>", "an HTML page"),
        (b"<?xml version='1.0'?><rows/>", "an XML document"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"Obj\x01" + b"\0" * 80, "an Avro file"),
        (bytes(range(1, 32)) * 100, "binary data"),
    ],
)
def test_what_is_no_table_is_named(tmp_path, content, what):
    message = error(content, tmp_path)
    assert f"looks like {what}" in message
    assert "CSV" in message


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_is_never_opened(tmp_path, protocol):
    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "exploded"), "w"))

    assert "pickle" in error(pickle.dumps(Bomb(), protocol), tmp_path)
    assert not (tmp_path / "exploded").exists()


def test_a_truncated_parquet(tmp_path):
    pd.DataFrame({"a": range(1000)}).to_parquet(tmp_path / "whole.parquet")
    message = error((tmp_path / "whole.parquet").read_bytes()[:-100], tmp_path, "half.parquet")
    assert message.startswith("half.parquet is a Parquet file, but a damaged or incomplete one")


def test_a_parquet_with_a_damaged_page(tmp_path):
    pd.DataFrame({"a": range(1000), "b": list("xyzw") * 250}).to_parquet(tmp_path / "whole.parquet")
    content = bytearray((tmp_path / "whole.parquet").read_bytes())
    content[20:60] = b"\xff" * 40
    assert "damaged" in error(bytes(content), tmp_path, "broken.parquet")


def test_20_000_columns(tmp_path):
    row = ",".join(map(str, range(20_000))).encode()
    message = error(b"\n".join([row, row, row]), tmp_path)
    assert message.startswith("data.csv has 20,000 columns; the limit is 5,000.")
    assert "WINNOW_COLUMNS" in message


def test_a_file_over_the_size_limit(tmp_path, monkeypatch):
    monkeypatch.setenv("WINNOW_SOURCE_MB", "1")
    message = error(b"a,b\n" + b"1,2\n" * 300_000, tmp_path)
    assert "is 1 MB; the limit is 1 MB" in message
    assert "WINNOW_SOURCE_MB" in message


def test_a_100_mb_field_goes_aside(tmp_path):
    with (tmp_path / "data.csv").open("wb") as file:
        file.write(b"a,b\n1,x\n2,")
        for _ in range(100):
            file.write(b"y" * 1_000_000)
        file.write(b"\n3,z\n")
    dataset = load(tmp_path / "data.csv", into=tmp_path / "workspace")
    assert dataset.frame()["a"].tolist() == [1, 3]
    assert [(row["line"], "longer than" in row["reason"]) for row in aside(dataset)] == [("3", True)]
    assert len(aside(dataset)[0]["text"]) < 40_000


def test_a_child_out_of_memory_is_told_with_the_limit(tmp_path, monkeypatch):
    monkeypatch.setenv("WINNOW_READ_MEMORY_MB", "20")
    message = error(b"a,b\n" + b"1,2\n" * 1_000_000, tmp_path)
    assert message == (
        "Reading data.csv needs more than 20 MB of memory and was stopped. Use a smaller file, or "
        "raise WINNOW_READ_MEMORY_MB."
    )


def test_a_child_out_of_time_is_told_with_the_limit(tmp_path, monkeypatch):
    monkeypatch.setenv("WINNOW_READ_SECONDS", "1")
    monkeypatch.setattr("core.limits.SLOWEST", 10**12)  # else a file of this size is given 15 seconds more
    row = b"a,b" + b",c" * 500 + b"\n"
    message = error(row * 30_000, tmp_path)
    assert "took longer than 1 seconds" in message
    assert "WINNOW_READ_SECONDS" in message


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"a\n1\n2\n", b"a\nred\nblue\n"])
def test_one_row_or_one_column(content):
    dataset = read(content)
    assert dataset.rows == content.count(b"\n") - 1
    assert dataset.names == tuple(content.split(b"\n")[0].decode().split(","))


def test_all_missing():
    dataset = read(b"a,b\n,NA\n,NA\n,\n")
    assert [(c.kind, c.confidence) for c in dataset.columns] == [("category", 0.0)] * 2
    assert dataset.frame().isna().all().all()
    assert dataset["b"].null_tokens == (("NA", 2),)


def test_repeated_and_empty_names():
    dataset = read(b"a,,a, ,a.1\n1,2,3,4,5\n6,7,8,9,10\n")
    assert dataset.names == ("a", "column_2", "a.2", "column_4", "a.1")
    assert codes(dataset) == ["unusable_names"]
    assert dataset.loading[0].columns == ("column_2", "a.2", "column_4")
    assert dataset.source.options["header"] == ["a", "", "a", " ", "a.1"]


def test_ragged_rows():
    dataset = read(b"a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12,,\n\n13,14,15\n")
    assert dataset.frame().fillna(-1).to_numpy().tolist() == [
        [1, 2, 3],
        [4, 5, -1],
        [10, 11, 12],
        [13, 14, 15],
    ]
    assert codes(dataset) == ["rows_aside", "short_rows"]
    assert dataset.loading[1].rows.ids.tolist() == [1]
    assert dataset.source.aside == 1
    assert dataset.source.options["aside_lines"] == [4]


def test_what_goes_aside_is_kept_beside_the_data(tmp_path):
    (tmp_path / "data.csv").write_bytes(b"a,b\n1,2\n3,4,5\n6,7\n")
    dataset = load(tmp_path / "data.csv", into=tmp_path / "workspace")
    assert aside(dataset) == [{"line": "3", "reason": "3 fields where 2 are expected", "text": "3,4,5"}]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_encodings(encoding):
    dataset = read("näme,wert\nÄrger,1\nGröße,2\nfaçade,3\n".encode(encoding))
    assert dataset.names == ("näme", "wert")
    assert dataset.frame()["näme"].tolist() == ["Ärger", "Größe", "façade"]


def test_a_cyrillic_encoding():
    text = "имя;город\nИван;Москва\nМария;Санкт-Петербург\nПётр;Новосибирск\nОльга;Екатеринбург\n"
    assert read(text.encode("cp1251")).frame()["имя"].tolist() == ["Иван", "Мария", "Пётр", "Ольга"]


def test_mixed_encodings_keep_the_broken_line_aside():
    good = "".join(f"{i},Größe\n" for i in range(20)).encode()
    dataset = read(b"i,s\n" + good + b"20,Gr\xf6\xdfe\n" + "21,Größe\n".encode())
    assert dataset.frame()["i"].tolist() == [*range(20), 21]
    assert dataset.source.options["aside_lines"] == [22]


def test_nul_bytes_keep_their_line_aside():
    dataset = read(b"a,b\n1,x\n2,y\0z\n3,w\n" + b"\0" * 100)
    assert dataset.frame()["a"].tolist() == [1, 3]
    assert dataset.source.options["aside_lines"] == [3, 5]


def test_an_unterminated_quote_swallows_one_line_only():
    dataset = read(b'a,b\n1,x\n2,"y\n3,z\n4,w\n')
    assert dataset.frame()["a"].tolist() == [1, 3, 4]
    assert "never closed" in dataset.loading[0].title


def test_an_unterminated_quote_before_other_quotes():
    dataset = read(b'a,b\n1,"x"\n2,"y\n3,z\n4,"w"\n5,"v"\n')
    assert dataset.frame()["a"].tolist() == [1, 3, 4, 5]


def mischief(rows: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame({name: rows for name in NAUGHTY[:31]})
    frame.insert(0, "n", range(len(rows)))
    return frame


def test_names_and_values_full_of_mischief_in_json():
    frame = mischief(NAUGHTY)
    dataset = read(frame.to_json(orient="records", force_ascii=False).encode())
    assert dataset.names == tuple(frame.columns)
    assert dataset.frame().to_numpy().tolist() == frame.to_numpy().tolist()
    assert Dataset.open(dataset.path).meta() == dataset.meta()


def test_names_and_values_full_of_mischief_in_csv(tmp_path):
    frame = mischief([text for text in NAUGHTY if "\r" not in text])  # pandas writes a bare CR without quotes
    frame.to_csv(tmp_path / "=1+1 <b>**x**.csv", index=False)
    dataset = load(tmp_path / "=1+1 <b>**x**.csv", into=tmp_path / "workspace")
    assert dataset.name == "=1+1 <b>**x**.csv"
    assert dataset.names == tuple(frame.columns)
    assert dataset.frame().to_numpy().tolist() == frame.to_numpy().tolist()


def test_numbers_beyond_range():
    dataset = read(b"i,f,u\n99999999999999999999,1e999,1\n1,-1e999,2.5\n2,1e-999,3\n")
    assert (dataset["i"].stored, dataset["i"].note) == (
        "string",
        "Whole numbers beyond 64 bits, kept as text.",
    )
    assert dataset.frame()["f"].tolist() == [float("inf"), float("-inf"), 0.0]
    assert dataset["f"].note == "2 numbers beyond the range of floats became infinite."
    assert dataset.raw("f").to_pylist() == ["1e999", "-1e999", "1e-999"]


def test_dates_in_three_formats_stay_text():
    dataset = read(b"d,x\n2024-03-01,1\n03/04/2024,2\n5 Mar 2024,3\n")
    assert dataset["d"].stored == "string"


def test_a_target_of_one_class():
    dataset = read(b"x,target\n1,yes\n2,yes\n3,yes\n")
    assert suggest_roles(dataset).target == "target"
    assert dataset.with_roles(target="target").roles.target == "target"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[]", "holds no rows"),
        (b'[{"a": 1}, 2]', "Item 2 of data.csv is a number, not an object"),
        (b'[{"a": 1}, {"a": }]', "not valid JSON after row 1"),
        (b'{"a": [1, 2], "b": [1]}', "differ in length"),
        (b'[{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]", "nested too deeply"),
        (b'[{"a": ' + b"9" * 5000 + b"}]", "not valid JSON"),
    ],
)
def test_broken_json(tmp_path, content, message):
    assert message in error(content, tmp_path)


def test_strange_json_values():
    rows = [
        {"a": 1, "b": "\ud800", "c": {"x": [1]}},
        {"a": 2.5, "b": "ok"},
        {"a": None, "c": True},
        {"a": float("inf")},
    ]
    dataset = read(json.dumps(rows).encode())
    assert dataset.frame()["a"].fillna(-1).tolist() == [1, 2.5, -1, float("inf")]
    assert dataset.frame()["b"].fillna("").tolist() == ["\\ud800", "ok", "", ""]
    assert dataset.raw("b").to_pylist() == ['"\\ud800"', '"ok"', None, None]
    assert dataset.raw("c").to_pylist() == ['{"x": [1]}', None, "true", None]


def test_the_wrong_options_are_told(tmp_path):
    (tmp_path / "data.csv").write_bytes(b"a,b\n1,2\n")
    with pytest.raises(LoadError, match="was to be read as parquet, but its content is csv"):
        load(tmp_path / "data.csv", into=tmp_path / "workspace", options=Options(format="parquet"))


def test_stray_bytes_in_a_header_and_in_a_footer(tmp_path: Path) -> None:
    path = tmp_path / "stray.csv"
    path.write_bytes(b"a\x8d\x81b,c\n" + b"1,2\n" * 40)
    dataset = load(path, into=tmp_path / "data")
    assert dataset.names[1] == "c" and dataset.rows == 40
    dataset.names[0].encode("utf-8")
    pq.write_table(pa.table({"name": [1, 2, 3]}), tmp_path / "footer.parquet")
    broken = (tmp_path / "footer.parquet").read_bytes().replace(b"name", b"\xe8\xfa\xe8\xfa")
    (tmp_path / "footer.parquet").write_bytes(broken)
    with pytest.raises(LoadError, match="damaged"):
        load(tmp_path / "footer.parquet", into=tmp_path / "data")


def test_the_childs_line_is_closed_by_who_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine the thread that listens comes back to its line after the child has ended."""

    class Late(sandbox.queue.SimpleQueue):  # type: ignore[type-arg]
        def put(self, line: str | None) -> None:  # type: ignore[override]
            super().put(line)
            time.sleep(0.5)

    faults: list[str] = []
    monkeypatch.setattr(sandbox.queue, "SimpleQueue", Late)
    monkeypatch.setattr(threading, "excepthook", lambda told: faults.append(repr(told.exc_value)))
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert load(tmp_path / "a.csv", into=tmp_path / "home").rows == 1
    time.sleep(1.5)
    assert faults == []
