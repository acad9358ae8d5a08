"""What a file is, judged by its content and never by its name."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

from core.errors import LoadError
from core.loading.decoding import marked
from core.loading.magic import NO_TABLE, binary_format, refused
from core.loading.options import IMAGES

_ROW = 16_000_000  # characters of a line of JSON
_LARGE = 50_000_000  # bytes from which on a file is probed for NUL bytes
_PLACES = 200  # how many places are probed
_LINES = 20  # lines of JSON that are looked at
_PICKLE = rb"\x80[\x02-\x05]|c[\w.]+\n[\w.]+\n[pq(]|\([dl]?p0\n|\([dl]p\d+\n|[\]}]q\x00"
_ARFF = r"(?:[ \t]*%[^\n]*\n|[ \t\r]*\n)*[ \t]*@relation\s"  # after comments


def format_of(path: Path, name: str) -> str:
    """``csv`` (any delimited text), ``json``, ``jsonl``, ``parquet``, ``xlsx`` and so on (`options.FORMATS`).
    Raises `LoadError` that says what else it looks like.
    """
    if path.is_dir():
        return IMAGES
    with path.open("rb") as file:
        head = file.read(65_536)
        file.seek(max(0, path.stat().st_size - 4))
        tail = file.read(4)
    if not head.replace(b"\0", b"").strip(b" \t\r\n\xef\xbb\xbf\xff\xfe"):
        if head and not head.strip(b"\0"):
            raise LoadError(f"{name} holds nothing but NUL bytes. Choose a file with a table in it.")
        return "csv"  # nothing: a table without columns and rows
    if known := binary_format(path, name, head):
        return known
    if tail == b"PAR1":
        raise LoadError(
            f"{name} is a Parquet file, but a damaged one: its beginning is missing. "
            "Write or download it again."
        )
    if re.match(_PICKLE, head):
        raise LoadError(
            f"{name} looks like a Python pickle, which can run code when opened, so Winnow does not read it. "
            "Save the table as CSV or Parquet."
        )
    return _text_format(path, name, head)


def looks_like(content: bytes) -> str:
    """What the first bytes of a file look like, with its article; "" where they look like nothing known.

    >>> looks_like(b"%PDF-1.7"), looks_like(b"<svg xmlns="), looks_like(b"a,b")
    ('a PDF document', 'an SVG drawing', '')
    """
    head = content[:1000]
    for magic, what in NO_TABLE:
        if head.startswith(magic):
            return what
    if head[4:8] == b"ftyp":
        return "a HEIC or AVIF image" if head[8:12] in (b"heic", b"heix", b"mif1", b"avif") else "a video"
    lower = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in lower:
        return "an SVG drawing"
    return "an HTML page" if lower.startswith((b"<!doctype html", b"<html")) else ""


def check_bytes(path: Path, name: str) -> None:
    """Raise `LoadError` for a large file that is nothing but NUL bytes in most places: one that was never
    written, or not to its end. Looks at a few places, so that it takes no longer for a larger one.
    """
    size = path.stat().st_size
    if size < _LARGE or path.is_dir():
        return
    with path.open("rb") as file:
        empty = 0
        for place in range(_PLACES):
            file.seek(size * place // _PLACES)
            empty += not file.read(4096).strip(b"\0")
    if empty > _PLACES // 2:
        raise LoadError(
            f"{name} has {size / 1e6:,.0f} MB, but most of it is NUL bytes, as in a file that was not "
            "written or downloaded to its end. Write or download it again."
        )


def _text_format(path: Path, name: str, head: bytes) -> str:
    text = head.decode(marked(head) or "latin-1", "replace").lstrip("\ufeff \t\r\n").rstrip("\0")
    lower = text[:1000].lower()
    if re.match(r"<!doctype html|<html|<head|<body|<table|<div", lower):
        raise refused(name, "an HTML page")
    if lower.startswith("<?xml"):
        raise refused(name, "an XML document")
    if _binary(text):
        raise refused(name, "binary data")
    if re.match(_ARFF, text, re.IGNORECASE):
        return "arff"
    if (rows := _json_format(path, text, marked(head) or "utf-8")) is not None:
        return rows
    return "csv"


def _binary(text: str) -> bool:
    """Whether a text has more control characters than a stray one here and there, or padding at its end."""
    text = text.rstrip("\0")
    control = sum(c < " " and c not in "\t\r\n\f\x1a\x1b\x1c\x1d\x1e\x1f" for c in text)
    return control >= 3 and control > 0.02 * len(text)


def _json_format(path: Path, text: str, encoding: str) -> str | None:
    """``json`` or ``jsonl`` if the text is one of these, None if not.

    An array is JSON if its first values are; of lines beginning with an object, most must be one each (a bad
    line or two is kept aside later).
    """
    lines = [line for line in text.splitlines()[:_LINES] if line.strip()]
    objects = sum(_is_object(line) for line in lines)
    if objects >= 2 and objects >= 0.5 * len(lines):
        return "jsonl"
    if text.startswith("["):
        if len(lines) > 1 and all(_is_array(line) for line in lines[:-1]):
            return "jsonl"
        return "json" if _begins_an_array(text) else None
    if re.match(r"\{\s*[\"}]", text):
        return "jsonl" if _is_row(path, encoding) else "json"
    return None


def _is_object(line: str) -> bool:
    try:
        return line.lstrip().startswith("{") and isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _is_array(line: str) -> bool:
    try:
        return line.startswith("[") and isinstance(json.loads(line), list)
    except (ValueError, RecursionError):
        return False


def _begins_an_array(text: str) -> bool:
    """Whether the text begins with an array of JSON: to its end, or as far as it can be seen.

    >>> _begins_an_array('["a", "b"]'), _begins_an_array('[{"a": 1}, {"a"'), _begins_an_array("[id],[name]")
    (True, True, False)
    """
    if re.match(r"\[\s*[{\[\]]", text):
        return True
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except json.JSONDecodeError as error:
        return error.pos > 0.9 * len(text) > 1_000
    except (ValueError, RecursionError):
        return True
    return not text[end:].strip(" \t\r\n\0")


def _is_row(path: Path, encoding: str) -> bool:
    """Whether the first line is a whole object, and a row rather than a set of columns."""
    with path.open(encoding=encoding, errors="replace") as stream:
        line, more = stream.readline(_ROW), stream.read(1000).strip()
    try:
        value = json.loads(line.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and (
        bool(more) or not any(isinstance(v, (list, dict)) for v in value.values())
    )


def bytes_of(path: Path) -> int:
    """Bytes of a file, or of all plain files in a folder."""
    return sum(file.stat().st_size for file in _plain_files(path))


def _plain_files(path: Path) -> list[Path]:
    """The file, or all plain files below a folder by path; links are not followed."""
    if not path.is_dir():
        return [path]
    below = (Path(folder, name) for folder, _, names in os.walk(path) for name in names)
    return sorted(file for file in below if file.is_file() and not file.is_symlink())


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in constant memory; of a folder, that of the paths and SHA-256 of its
    files.
    """
    if path.is_dir():
        lines = [f"{file.relative_to(path).as_posix()}\0{sha256_of(file)}\n" for file in _plain_files(path)]
        return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
