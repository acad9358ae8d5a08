"""Which files a source is made of: all tables of a folder, or those that a pattern names."""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import LoadError
from core.limits import FILES, SOURCE_MB
from core.loading.options import Options

_TABLES = ("csv", "tsv", "txt", "jsonl", "ndjson", "parquet", "feather", "orc")
_PACKED = ("gz", "bz2", "xz", "zst")


@dataclass(frozen=True)
class FilePart:
    """One of the files: where it lies, and what it is called, by its path below what they have in common."""

    path: Path
    name: str


def is_many(path: Path) -> bool:
    """Whether a path is a folder of tables, or a pattern for files. One with pictures is of images."""
    if path.is_dir():
        found = _below(path)
        return bool(found) and all(_is_table(one) for one in found)
    return not path.exists() and glob.has_magic(str(path))


def files_of(path: Path) -> list[FilePart]:
    """The files of a folder or pattern, in the order of their names. Raises `LoadError` where there are none,
    or too many.
    """
    if path.is_dir():
        found, top = _below(path), path
    else:
        found = [Path(one) for one in glob.glob(str(path), recursive=True)]  # noqa: PTH207  (an absolute pattern)
        found = [one for one in found if one.is_file()]
        fixed = [part for part in path.parts[:-1] if not glob.has_magic(part)]
        top = (
            Path(*path.parts[: len(fixed)]) if fixed == list(path.parts[: len(fixed)]) else Path(path.anchor)
        )
    if not found:
        raise LoadError(f"No file matches {str(path)!r}. Check the pattern.")
    size = sum(one.stat().st_size for one in found)
    if len(found) > FILES.value:
        raise LoadError(
            f"{str(path)!r} names {len(found):,} files; the limit is {FILES.value:,}. Name fewer, or raise "
            f"{FILES.env}."
        )
    if size > SOURCE_MB.value * 1_000_000:
        raise LoadError(
            f"The {len(found):,} files of {str(path)!r} are {size / 1e6:,.0f} MB; the limit is "
            f"{SOURCE_MB.value:,} MB. Name fewer, or raise {SOURCE_MB.env}."
        )
    parts = [FilePart(one, one.relative_to(top).as_posix()) for one in found]
    return sorted(parts, key=lambda part: part.name)


def bytes_of(path: Path) -> int:
    """The size of a source: of a file, or of all files of a folder or pattern."""
    if path.is_file():
        return path.stat().st_size
    found = _below(path) if path.is_dir() else [part.path for part in files_of(path)]
    return sum(one.stat().st_size for one in found)


def _below(folder: Path) -> list[Path]:
    """The plain files below a folder; hidden ones, and those that begin with _ as _SUCCESS does, are none."""
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "_"))]
        paths = [Path(place, name) for name in files if not name.startswith((".", "_"))]
        found += [one for one in paths if one.is_file() and not one.is_symlink() and one.suffix != ".crc"]
    return found


def _is_table(path: Path) -> bool:
    endings = [ending.lstrip(".").lower() for ending in path.suffixes]
    while endings and endings[-1] in _PACKED:
        endings.pop()
    return bool(endings) and endings[-1] in _TABLES


def digest_of(parts: Sequence[FilePart], digests: Sequence[str]) -> str:
    """The SHA-256 of the names of the files and of theirs."""
    lines = [f"{part.name}\0{digest}\n" for part, digest in zip(parts, digests, strict=True)]
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def check_options(options: Options, name: str) -> None:
    """Raise `LoadError` for what holds for one file only."""
    if options.put_back:
        raise LoadError(
            f"Lines of {name} cannot be put back, as it is several files. Mend them in their file."
        )
