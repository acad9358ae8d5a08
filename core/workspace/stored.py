"""The data sets in the workspace, and what was noted about each when it was last used."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from core.dataset import Dataset
from core.dataset.roles import ROLES
from core.dataset.row_probabilities import Probabilities
from core.dataset.row_vectors import Vectors
from core.dataset.split import PartSplit
from core.errors import InputError, LoadError
from core.places import home

USED = "used.json"
BESIDE = ("vectors", "probabilities")  # files that stand beside a canonical file, by how they begin
R = TypeVar("R")


@dataclass(frozen=True)
class StoredSet:
    """A data set in the workspace. ``bytes``: on disk. ``used``: last use, seconds since 1970. ``path``: for
    `open_recent`.
    """

    name: str
    rows: int
    columns: int
    bytes: int
    used: float
    path: Path
    fingerprint: str
    sha256: str = ""


@dataclass(frozen=True)
class Notes:
    """What `remember` wrote about a data set, as far as it can be read."""

    file: str = "data.parquet"
    name: str = ""
    used: float = 0.0
    kinds: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    split: PartSplit | None = None
    vectors: Vectors | None = None
    probabilities: Probabilities | None = None


def recent() -> tuple[StoredSet, ...]:
    """The data sets in the workspace, last used first."""
    known = [one for folder in folders() if (one := entry(folder)) is not None]
    return tuple(sorted(known, key=lambda one: -one.used))


def folders() -> list[Path]:
    """The folders of data sets; those that are being written begin with a dot and are none yet."""
    place = home() / "data"
    return (
        [folder for folder in place.iterdir() if folder.is_dir() and folder.name[0] != "."]
        if place.is_dir()
        else []
    )


def last_used(folder: Path) -> float:
    """When the data set of a folder was last used, in seconds since 1970; without opening it."""
    notes = notes_of(folder)
    try:
        return notes.used or (folder / notes.file).stat().st_mtime
    except FileNotFoundError:  # being written, or removed just now by another process
        return time.time()


def entry(folder: Path) -> StoredSet | None:
    """The entry of a folder; None while it is being written, or when its file is no data set of this
    version.
    """
    notes = notes_of(folder)
    path = folder / notes.file
    try:
        dataset = Dataset.open(path)
        used = last_used(folder)
    except (LoadError, FileNotFoundError):  # removed just now by another process
        return None
    name = notes.name or dataset.name
    return StoredSet(
        name=name,
        rows=dataset.rows,
        columns=len(dataset.columns),
        bytes=tree_bytes(folder),
        used=used,
        path=path,
        fingerprint=dataset.fingerprint,
        sha256=dataset.source.sha256,
    )


def notes_of(folder: Path) -> Notes:
    """What `remember` wrote, as far as it is what it would write: the file may be damaged."""
    try:
        plain = json.loads((folder / USED).read_bytes())
    except (OSError, ValueError, RecursionError):
        return Notes()
    if not isinstance(plain, dict):
        return Notes()
    file, name, used = plain.get("file"), plain.get("name"), plain.get("used")
    own = isinstance(file, str) and Path(file).name == file and file not in ("", ".", "..")
    return Notes(
        file=str(file) if own else "data.parquet",
        name=name if isinstance(name, str) else "",
        used=float(used) if isinstance(used, (int, float)) and 0 < used < 1e12 else 0.0,
        kinds=_texts(plain.get("kinds")),
        roles={role: column for role, column in _texts(plain.get("roles")).items() if role in ROLES},
        split=_built(PartSplit, plain.get("split"), {}),
        vectors=_built(Vectors, plain.get("vectors"), {"path": Path}),
        probabilities=_built(Probabilities, plain.get("probabilities"), {"path": Path, "classes": tuple}),
    )


def files_noted(folder: Path) -> frozenset[str] | None:
    """The names of the files of vectors and probabilities that `remember` wrote of, whatever else it wrote
    (another version may say more of them than this one understands); None where that cannot be known.
    """
    try:
        plain = json.loads((folder / USED).read_bytes())
        noted = [plain[kind] for kind in BESIDE if plain.get(kind) is not None]
        return frozenset(str(one["path"]) for one in noted)
    except (OSError, ValueError, RecursionError, AttributeError, KeyError, TypeError):
        return None


def _texts(plain: Any) -> dict[str, str]:
    """The entries of a JSON object whose values are texts."""
    entries = plain.items() if isinstance(plain, dict) else ()
    return {name: value for name, value in entries if isinstance(value, str)}


def _built(record: type[R], plain: Any, convert: Mapping[str, Any]) -> R | None:
    """The record with these fields; None when they are not its own."""
    names = {known.name for known in fields(record)}  # type: ignore[arg-type]
    if not isinstance(plain, dict) or not plain.keys() <= names:
        return None
    try:
        return record(**{name: convert.get(name, lambda as_is: as_is)(v) for name, v in plain.items()})
    except (TypeError, ValueError, InputError):
        return None


def write_whole(path: Path, content: bytes) -> None:
    """Write a small file so that it is there whole or not at all."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".part-", delete=False) as file:
        file.write(content)
    Path(file.name).replace(path)


def tree_bytes(path: Path) -> int:
    """Bytes of a file, or of all files below a folder. What another process removes meanwhile counts
    nothing.
    """
    # os.walk passes over a folder that goes while it looks; Path.rglob does not
    below = (Path(folder, name) for folder, _, names in os.walk(path) for name in names)
    total = 0
    for file in (path, *below):
        with contextlib.suppress(FileNotFoundError):
            total += file.stat().st_size if file.is_file() else 0
    return total
