"""Damaged, changing and oversized files are refused, soon and by their own name."""

from __future__ import annotations

import os
import struct
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.decision import Decision
from core.errors import LoadError
from core.export import export
from core.loading import load, preview
from core.loading.convert import convert, read_file
from core.loading.options import Options
from core.progress import SILENT
from core.review import Review
from core.rowset import RowSet
from core.workspace import keep_upload


def test_a_footer_that_claims_fewer_rows_than_its_groups(tmp_path: Path) -> None:
    path = tmp_path / "short.parquet"
    pq.write_table(pa.table({"a": range(3_000)}), path, row_group_size=1_000)
    content = path.read_bytes()
    size = struct.unpack("<I", content[-8:-4])[0]
    footer = content[-8 - size : -8]
    three, two = b"\x16\xf0\x2e", b"\x16\xa0\x1f"  # 3,000 and 2,000 as thrift writes them
    assert footer.count(three) >= 1
    path.write_bytes(content[: -8 - size] + footer.replace(three, two, 1) + content[-8:])
    with pytest.raises(LoadError, match="footer counts 2,000 rows, its groups 3,000"):
        load(path, into=tmp_path / "w")


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_file_that_changes_while_it_is_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"data.{kind}"
    contents = {"csv": b"a,b\n1,2\n3,4\n", "jsonl": b'{"a": 1}\n{"a": 2}\n'}
    if kind == "parquet":
        pq.write_table(pa.table({"a": [1, 2]}), path)
    else:
        path.write_bytes(contents[kind])
    part = read_file(path, path.name, Options(), tmp_path / "0", SILENT)
    before = path.stat()
    path.write_bytes(path.read_bytes()[::-1] if kind != "parquet" else path.read_bytes())

    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(LoadError, match="changed while it was read"):
        convert([part], "data", tmp_path / "data.parquet", SILENT)


def test_a_billion_rows_in_a_small_parquet(tmp_path: Path) -> None:
    path = tmp_path / "bomb.parquet"
    table = pa.table({"a": pa.nulls(100_000_000, pa.int8())})
    with pq.ParquetWriter(path, table.schema, compression="zstd") as writer:
        for _ in range(10):
            writer.write_table(table, row_group_size=table.num_rows)
    assert path.stat().st_size < 5_000_000
    for read in (lambda: load(path, into=tmp_path / "w"), lambda: preview(path)):
        begun = time.monotonic()
        with pytest.raises(LoadError, match="1,000,000,000 rows; the limit is 500,000,000"):
            read()
        assert time.monotonic() - begun < 10


def test_a_wide_table_is_refused_by_what_it_would_become(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "wide.parquet"
    pq.write_table(pa.table({f"c{i}": np.zeros(1_000_000) for i in range(4)}), path)
    monkeypatch.setenv("WINNOW_SOURCE_MB", "20")
    with pytest.raises(LoadError, match="would become 32 MB .1,000,000 rows of 4 columns."):
        load(path, into=tmp_path / "w")


def test_a_sparse_file_is_refused_soon(tmp_path: Path) -> None:
    path = tmp_path / "sparse.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n1,2\n")
        file.truncate(15_000_000_000)
    for read in (lambda: load(path, into=tmp_path / "w"), lambda: preview(path)):
        begun = time.monotonic()
        with pytest.raises(LoadError, match="most of it is NUL bytes"):
            read()
        assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0[", "a damaged PNG image"),
        (b"8BPS\0\1\0\0\0\x19\x11U\0\3", "a Photoshop image"),
        (b"\xff\x4f\xff\x51\0)\0\0\0\0\0@", "a JPEG 2000 image"),
        (b"\x0eB\0\0\x12\xaf\1\0\x80\0=\0\x08\0\3\0(\0\0\0" + b"a,b\n" * 40, "binary data"),
        (b"P\1\x10\xa7\xa7\xa7\1\x80\x13\x15" + b"\0\1\2" * 5, "binary data"),
    ],
)
def test_broken_images_and_the_like_are_no_table(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(LoadError, match=f"looks like {what}"):
        load(tmp_path / "x.csv", into=tmp_path / "w")


def test_a_parquet_file_without_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "tail.parquet"
    pq.write_table(pa.table({"a": range(3_000)}), path)
    path.write_bytes(b"xxxx" + path.read_bytes()[4:])
    with pytest.raises(LoadError, match="tail.parquet is a Parquet file, but a damaged one"):
        load(path, into=tmp_path / "w")


def test_an_upload_is_called_by_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))
    broken = keep_upload("holiday.csv", [b"\x89PNG\r\n\x1a\n" + bytes(50)])
    with pytest.raises(LoadError, match="^holiday.csv should be an image"):
        preview(broken, name="holiday.csv")
    with pytest.raises(LoadError, match="^holiday.csv should be an image"):
        load(broken, into=tmp_path / "w", files=("holiday.csv",))
    good = keep_upload("people.csv", [b"a,b\n1,2\n"])
    dataset = load(good, into=tmp_path / "w", files=("people.csv",))
    assert dataset.name == dataset.source.name == "people.csv"
    made = export(dataset, Review().say(Decision("drop", RowSet([0]))), tmp_path / "out")
    for name in ("recipe.json", "manifest.json", "recipe.py", "README.txt"):
        text = (made.folder / name).read_text(encoding="utf-8")
        assert "people.csv" in text and good.name not in text, name
    pair = load(good, serve=good, into=tmp_path / "w", files=("people.csv", "later.csv"))
    assert pair.source.serve is not None and pair.source.serve.name == "later.csv"
