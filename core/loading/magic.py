"""What the first bytes of a file say: a table in a format of its own, something packed, or no table."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any

from core.errors import LoadError
from core.loading.options import IMAGES

_JUNK = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
HEAD = 65_536
NO_TABLE = (
    (b"\x89PNG", "a PNG image"),
    (b"PNG\r\n\x1a\n", "a damaged PNG image"),
    (b"8BPS", "a Photoshop image"),
    (b"MM\0*", "a TIFF image"),
    (b"II*\0", "a TIFF image"),
    (b"icns", "an icon"),
    (b"P7 332\n", "a Netpbm image"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 image"),
    (b"\0\0\0\x0cjP", "a JPEG 2000 image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89HDF", "an HDF5 file"),
    (b"FEA1", "a Feather file of version 1"),
    (b"HEADER RECORD*******LIBV8", "a SAS transport file of version 8"),
    (b"**SPSS PORT FILE**", "a portable SPSS file"),
    (b"<arff", "an ARFF file in XML"),
    (b"Obj\x01", "an Avro file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"RIFF", "a sound or video file"),
)
_IMAGES = (
    (b"\x89PNG", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"GIF8", ".gif"),
    (b"II*\0", ".tif"),
    (b"MM\0*", ".tif"),
)  # first bytes of images that are read, and how their names end
_BITMAPS = tuple(size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124))  # of their headers
_PACKED = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
_NOT_ALONE = (
    *(".zip", ".tar", ".tgz", ".tbz2", ".txz", ".7z", ".rar"),
    ".jpg",
    ".jpeg",
    ".png",
    ".bmp",
    ".gif",
    ".tif",
    ".tiff",
    ".webp",
    ".npy",
)
_TABLES = (
    (b"PAR1", "parquet"),
    (b"ARROW1", "feather"),
    (b"SQLite format 3\0", "sqlite"),
    (b"\x93NUMPY", "npy"),
    (b"<stata_dta>", "dta"),
    (b"$FL2", "sav"),
    (b"$FL3", "sav"),
    (bytes(12) + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00\x09\xc7\x31\x8c", "sas7bdat"),
    (b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!", "xpt"),
)
_STREAM = b"\xff\xff\xff\xff"  # of Arrow; then the length of its schema
_OLD_STATA = re.compile(rb"[\x69\x6c\x6e\x6f\x71-\x73][\x01\x02]\x01\0")  # version, order of bytes
_OLE, _ZIP = b"\xd0\xcf\x11\xe0", (b"PK\x03\x04", b"PK\x05\x06")
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_IN_ZIP = (
    ("xl/workbook.xml", "xlsx"),
    ("xl/workbook.bin", "xlsb"),
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a PowerPoint presentation"),
)


def packing_of(path: Path, name: str) -> str:
    """How a file is packed: gzip, bzip2, xz, zstd or zip; "" where it is not. A workbook is no archive, and
    what holds several files, or a picture, is one of images.
    """
    if path.is_dir():
        return ""
    with path.open("rb") as file:
        head = file.read(8)
    for magic, packing in _PACKED:
        if head.startswith(magic):
            return "" if _tar_within(path, packing) else packing
    if not head.startswith(_ZIP) or not zipfile.is_zipfile(path) or zip_content(path, name):
        return ""
    with zipfile.ZipFile(path) as archive:
        files = members(archive)
        picture = len(files) == 1 and files[0].filename.lower().endswith(_NOT_ALONE)
    return "zip" if len(files) == 1 and not picture else ""


def members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files of an archive, besides what operating systems add."""
    return [
        one
        for one in archive.infolist()
        if not one.is_dir() and not one.filename.startswith(_JUNK) and not one.filename.endswith(_JUNK)
    ]


def _tar_within(path: Path, packing: str) -> bool:
    """Whether a tar archive is packed in the file."""
    openers: dict[str, Any] = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}
    if packing not in openers:
        return False
    try:
        with openers[packing](path) as stream:
            return bool(stream.read(512)[257:262] == b"ustar")
    except (OSError, EOFError, zlib.error, lzma.LZMAError):
        return False  # what is damaged is told when it is unpacked


def zip_content(path: Path, name: str) -> str:
    """What a ZIP file is by what lies in it: a format of tables, or in words what else; "" for an archive of
    whatever files. Raises `LoadError` where it is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            kind = (
                archive.open("mimetype").read(100).decode("ascii", "replace") if "mimetype" in names else ""
            )
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        raise LoadError(
            f"{name} is a ZIP archive or a workbook, but a damaged or incomplete one ({error}). "
            "Write or download it again."
        ) from error
    if kind.startswith(_OPEN_DOCUMENT):
        return "ods" if kind.startswith(_OPEN_DOCUMENT + "spreadsheet") else "an OpenDocument text or drawing"
    for member, what in _IN_ZIP:
        if member in names:
            return what
    return "npz" if names and all(one.endswith(".npy") for one in names) else ""


def binary_format(path: Path, name: str, head: bytes) -> str:
    """The format of a table that is no text, by its first bytes; "" where they are of none. Raises
    `LoadError` for what is known to be no table, or is locked.
    """
    for magic, format in _TABLES:
        if head.startswith(magic):
            return format
    if head[8:12] == b"DUCK":
        return "duckdb"
    if _OLD_STATA.match(head):
        return "dta"
    if head.startswith(b"ORC") and re.search(rb"[\x00-\x08]", head[:64]):
        return "orc"
    if head.startswith(_STREAM) and 0 < int.from_bytes(head[4:8], "little") < 1 << 30:
        return "feather"
    if head[8:20] == b"ENCRYPTEDSAV":
        raise locked(name)
    if head.startswith(_ZIP):
        what = (zipfile.is_zipfile(path) and zip_content(path, name)) or IMAGES
        if " " in what:
            raise refused(name, what)
        return what
    if head.startswith(_OLE):
        return _in_ole(path, name)
    if head[257:262] == b"ustar":
        return IMAGES
    for magic, what in _PACKED:
        if head.startswith(magic) and _tar_within(path, what):
            return IMAGES
        if head.startswith(magic):
            raise refused(name, f"a {what} archive")
    if image_ending(head):
        return IMAGES
    for magic, what in NO_TABLE:
        if head.startswith(magic):
            raise refused(name, what)
    return ""


def image_ending(head: bytes) -> str:
    """How the name of a file ends that begins like an image of a kind that is read; "" where it is none.

    >>> image_ending(b"\\xff\\xd8\\xff\\xe0"), image_ending(b"RIFF\\0\\0\\0\\0WEBP"), image_ending(b"BM,age")
    ('.jpg', '.webp', '')
    """
    for magic, ending in _IMAGES:
        if head.startswith(magic):
            return ending
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return ".webp"
    bitmap = head.startswith(b"BM") and head[6:10] == bytes(4) and head[14:18] in _BITMAPS
    return ".bmp" if bitmap else ""


def _in_ole(path: Path, name: str) -> str:
    """An old workbook, or what else an OLE file holds: its folder names its parts in UTF-16."""
    content = path.read_bytes() if path.stat().st_size < 50_000_000 else path.open("rb").read(HEAD)
    parts = {word: word.encode("utf-16-le") in content for word in ("EncryptedPackage", "Workbook", "Book")}
    if parts["EncryptedPackage"]:
        raise locked(name)
    if parts["Workbook"] or parts["Book"]:
        return "xls"
    raise refused(name, "an old Word document or the like")


def locked(name: str) -> LoadError:
    """The error for what is protected by a password."""
    return LoadError(
        f"{name} is protected by a password, so it cannot be read. Open it in its own program, save it "
        "without the password, and choose that file."
    )


def refused(name: str, what: str) -> LoadError:
    """The error for what is no table."""
    return LoadError(
        f"{name} looks like {what}, not like a table. Winnow reads CSV and other delimited text, JSON, "
        "Parquet, Arrow, ORC, Excel, ARFF, Stata, SAS, SPSS, SQLite, DuckDB, arrays of numpy, and images, "
        "one alone or many in a ZIP, a tar or a folder. Save the data in one of these."
    )
