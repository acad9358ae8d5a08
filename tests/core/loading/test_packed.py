"""Files that are packed come through as what is in them; bombs and damaged ones are refused in a sentence."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import LoadError
from core.loading import load, packed, preview
from tests.core.loading.reading import new_folder, read

TEXT = b"name,age\nAda,36\nAlan,41\nGrace,85\n"


def zipped(**files: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", ".") if name.islower() else f"__MACOSX/{name}", content)
    return sink.getvalue()


PACKERS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda content: pa.compress(content, "zstd", asbytes=True),
    "zip": lambda content: zipped(X=b"", people_csv=content),
}


@pytest.mark.parametrize("packing", PACKERS)
def test_what_is_packed_is_read_as_if_it_were_not(packing: str) -> None:
    plain, dataset = read(TEXT), read(PACKERS[packing](TEXT))
    assert dataset.fingerprint == plain.fingerprint
    assert (dataset.source.options["packed"], dataset.source.format) == (packing, "csv")


def test_any_format_may_be_packed() -> None:
    sink = io.BytesIO()
    pq.write_table(pa.table({"a": [1, 2]}), sink)
    assert read(gzip.compress(sink.getvalue())).source.format == "parquet"
    lines = "\n".join(json.dumps({"a": n}) for n in range(3)).encode()
    assert read(zipped(rows_json=lines)).frame()["a"].tolist() == [0, 1, 2]


def test_a_first_look_unpacks_no_more_than_it_shows(tmp_path: Path) -> None:
    path = tmp_path / "long.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"".join(b"%d,%d\n" % (n, n % 7) for n in range(400_000)), 1))
    seen = preview(path)
    assert (seen.whole, [c.name for c in seen.columns], len(seen.rows)) == (False, ["a", "b"], 20)
    path.write_bytes(gzip.compress(TEXT))
    assert preview(path).whole


def test_bombs_damaged_and_locked_files_and_archives_of_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def why(content: bytes) -> str:
        path = tmp_path / "data.gz"
        path.write_bytes(content)
        with pytest.raises(LoadError) as caught:
            load(path, into=tmp_path / "w")
        return str(caught.value)

    assert "packed with gzip, but damaged or incomplete" in why(gzip.compress(TEXT)[:-12])
    assert "packed with xz, but damaged" in why(lzma.compress(TEXT)[:30] + b"xxxx")
    assert "packed with bzip2, but damaged" in why(b"BZh91AY&SY" + TEXT)
    locked = bytearray(zipped(a_csv=TEXT))
    for place in (6, locked.index(b"PK\x01\x02") + 8):
        locked[place] |= 1
    assert "protected by a password" in why(bytes(locked))
    assert "looks like a gzip archive" in why(gzip.compress(gzip.compress(TEXT)))
    bomb = gzip.compress(bytes(2_000_000))
    monkeypatch.setattr(packed, "SMALL", 1_000_000)
    (tmp_path / "bomb.csv.gz").write_bytes(bomb)
    with pytest.raises(LoadError, match="unpacks to more than 400 times its size .0.0 MB."):
        read(tmp_path / "bomb.csv.gz")
    monkeypatch.setenv("WINNOW_SOURCE_MB", "1")
    assert "unpacks to more than 1 MB, the limit" in why(bomb)


@pytest.mark.parametrize("packing", ["gzip", "xz"])
def test_a_first_look_sees_a_bomb(packing: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv"
    path.write_bytes(PACKERS[packing](b"a,b\n" + b"1,2\n" * 26_000_000))
    with pytest.raises(LoadError, match="unpacks to more than 400 times its size"):
        preview(path)


def test_the_source_is_the_packed_file() -> None:
    path = new_folder() / "data.csv.gz"
    path.write_bytes(gzip.compress(TEXT))
    assert read(path).source.bytes == path.stat().st_size
