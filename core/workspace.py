"""The workspace on disk: data sets come in, are found again, make room for others, and are forgotten when
asked.

    <home>/data/<fingerprint>-<source>/   one folder per data set: canonical files, rows kept aside, vectors,
    ``used.json`` <home>/incoming/                      uploads as they came, removed after a day
    <home>/decisions.sqlite               what people decided (`core.store`); outlives a data set that made
    room

Nothing here trusts a name from outside: files are named by what they hold.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import time
import weakref
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.dataset import Dataset, Split, Vectors
from core.errors import LoadError, StoreError
from core.limits import UPLOAD_MB, WORKSPACE_DAYS, WORKSPACE_MB
from core.places import home
from core.progress import SILENT, Progress

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from core.loading import Options

MB = 1_000_000
DAY = 86_400.0
USED = "used.json"
# A data set is in use while any version of it is alive in this process: all versions share what they hold in
# memory.
_IN_USE: weakref.WeakValueDictionary[Path, Any] = weakref.WeakValueDictionary()


@dataclass(frozen=True)
class Entry:
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


def load(
    source: str | Path | pd.DataFrame | pa.Table,
    *,
    serve: str | Path | pd.DataFrame | pa.Table | None = None,
    name: str | None = None,
    options: Options | None = None,
    kinds: Mapping[str, str] | None = None,
    target: str | None = None,
    time: str | None = None,
    group: str | None = None,
    id: str | None = None,
    weight: str | None = None,
    split: Split | None = None,
    progress: Progress = SILENT,
) -> Dataset:
    """Bring a file, a pandas frame or an Arrow table into the workspace.

    serve: a second source, taken as the serve part. options: how to read (all found out by default). kinds:
    column -> kind. target, time, group, id, weight: roles. Raises `LoadError` when it cannot be read,
    `StoreError` when there is no room.
    """
    from core.loading import load as read

    make_room(_size(source) + _size(serve))
    roles = {"target": target, "time": time, "group": group, "id": id, "weight": weight}
    place = home() / "data"
    dataset = read(
        source,
        into=place,
        serve=serve,
        name=name,
        options=options,
        kinds=kinds,
        roles=roles,
        split=split,
        progress=progress,
    )
    remember(dataset)
    return dataset


def remember(dataset: Dataset) -> None:
    """Note that the data set is used now, and with which kinds, roles, split and vectors, so that
    `open_recent` gives it back so.
    """
    folder = dataset.path.parent
    noted = {
        "file": dataset.path.name,
        "name": dataset.name,
        "kinds": dict(dataset.overrides),
        "roles": dataset.roles.named(),
    }
    more: dict[str, Any] = {"split": asdict(dataset.split) if dataset.split else None}
    if dataset.vectors is not None:
        more["vectors"] = {**asdict(dataset.vectors), "path": dataset.vectors.path.name}
    try:
        _write(folder / USED, json.dumps(noted | more | {"used": time.time()}).encode())
    except OSError as error:
        raise StoreError(
            f"The workspace {home()} cannot be written ({error}). Free some space, or set WINNOW_HOME."
        ) from error
    _IN_USE[folder] = dataset._held


def recent() -> tuple[Entry, ...]:
    """The data sets in the workspace, last used first."""
    entries = [_entry(folder) for folder in _folders()]
    return tuple(sorted((entry for entry in entries if entry is not None), key=lambda entry: -entry.used))


def open_recent(path: Path) -> Dataset:
    """The data set of an entry, as it was last used. Raises `LoadError` when it is gone."""
    noted = _noted(path.parent)
    dataset = Dataset.open(path)
    kinds = {n: kind for n, kind in noted.get("kinds", {}).items() if dataset[n].kind != kind}
    split = Split(**noted["split"]) if noted.get("split") else None
    dataset = (
        dataset.with_kinds(kinds).with_roles(**noted.get("roles", {})).with_split(split or dataset.split)
    )
    if noted.get("vectors"):
        vectors = Vectors(**{**noted["vectors"], "path": path.parent / noted["vectors"]["path"]})
        dataset = replace(dataset, vectors=vectors if vectors.path.exists() else None)
    remember(dataset)
    return dataset


def forget(dataset: Dataset) -> None:
    """Remove the data set, the upload it came from, all decisions about it and all results. There is no way
    back.
    """
    from core.prepare import features
    from core.run import MEMO
    from core.store import Store

    for folder in _folders():
        if folder.name.startswith(dataset.fingerprint[:16]) or folder == dataset.path.parent:
            shutil.rmtree(folder)
    for source in filter(None, (dataset.source, dataset.source.serve)):
        for upload in (home() / "incoming").glob(f"{source.sha256}*") if source.sha256 else ():
            upload.unlink(missing_ok=True)
    Store(home()).forget(dataset.fingerprint)
    for version in {dataset.version, *MEMO.forget(dataset.fingerprint)}:
        features.forget(version)


def sweep(keep: Collection[Path] = (), room: int = 0) -> tuple[str, ...]:
    """Remove old uploads, data sets unused for ``WINNOW_WORKSPACE_DAYS``, and the longest unused ones while
    over the quota.

    keep: paths of data sets that must stay, besides those in use in this process. room: bytes to be free
    below the quota. Gives the names of the data sets removed; decisions about them stay.
    """
    now, gone = time.time(), []
    for upload in (home() / "incoming").glob("*"):
        if now - upload.stat().st_mtime > DAY:
            upload.unlink(missing_ok=True)
    # left by a reader that was killed together with its server
    for unfinished in (home() / "data").glob(".*"):
        if now - unfinished.stat().st_mtime > DAY:
            shutil.rmtree(unfinished, ignore_errors=True)
    kept = {path.parent for path in keep} | set(_IN_USE)
    for entry in sorted(recent(), key=lambda entry: entry.used):
        old = now - entry.used > WORKSPACE_DAYS.value * DAY
        if entry.path.parent not in kept and (old or used_bytes() + room > WORKSPACE_MB.value * MB):
            shutil.rmtree(entry.path.parent)
            gone.append(entry.name)
    return tuple(gone)


def make_room(size: int) -> None:
    """Sweep so that ``size`` bytes fit. Raises `StoreError` when they cannot."""
    sweep(room=size)
    used, quota = used_bytes(), WORKSPACE_MB.value * MB
    if used + size > quota:
        raise StoreError(
            f"The workspace is full: {size / MB:,.0f} MB asked for, {used / MB:,.0f} of "
            f"{quota / MB:,.0f} MB taken by data sets in use. "
            f"Forget one, or raise {WORKSPACE_MB.env}."
        )
    place = next(folder for folder in (home(), *home().parents) if folder.is_dir())
    free = shutil.disk_usage(place).free
    if size > free:
        raise StoreError(
            f"The disk of {home()} has {free / MB:,.0f} MB left; {size / MB:,.0f} MB are needed. Free some "
            "space."
        )


def used_bytes() -> int:
    """Bytes that data sets and uploads take on the disk."""
    return sum(_tree_bytes(home() / part) for part in ("data", "incoming"))


def keep_upload(name: str, chunks: Iterable[bytes], size: int = 0) -> Path:
    """Write an upload to the disk as it streams in and give its path, which is named by its content.

    size: what the sender says it has; checked before and while writing. Raises `LoadError` when over
    ``WINNOW_UPLOAD_MB``.
    """
    limit = UPLOAD_MB.value * MB
    _check_upload(name, size, limit)
    make_room(size)
    ending = re.fullmatch(r".*(\.[a-z0-9]{1,8})", name.lower(), re.DOTALL)
    try:
        folder = home() / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix="part-", delete=False) as file:
            part = Path(file.name)
            try:
                digest = hashlib.sha256()
                for chunk in chunks:
                    digest.update(chunk)
                    file.write(chunk)
                    _check_upload(name, file.tell(), limit)
                file.flush()
                path = folder / f"{digest.hexdigest()}{ending[1] if ending else ''}"
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"The upload cannot be kept in {home()} ({error}). Free some space, or set WINNOW_HOME."
        ) from error
    return path


def _check_upload(name: str, size: int, limit: int) -> None:
    if size > limit:
        shown = name[-80:]
        raise LoadError(
            f"{shown!r} is larger than {limit / MB:,.0f} MB. Load it from a path instead, or raise "
            f"{UPLOAD_MB.env}."
        )


def _folders() -> list[Path]:
    place = home() / "data"
    return (
        [folder for folder in place.iterdir() if folder.is_dir() and folder.name[0] != "."]
        if place.is_dir()
        else []
    )


def _entry(folder: Path) -> Entry | None:
    """The entry of a folder; None while it is being written, or when its file is no data set of this
    version.
    """
    noted = _noted(folder)
    path = folder / str(noted.get("file", "data.parquet"))
    try:
        dataset = Dataset.open(path)
    except LoadError:
        return None
    used = float(noted.get("used", path.stat().st_mtime))
    name = str(noted.get("name", dataset.name))
    return Entry(
        name, dataset.rows, len(dataset.columns), _tree_bytes(folder), used, path, dataset.fingerprint
    )


def _noted(folder: Path) -> dict[str, Any]:
    """What `remember` wrote; empty where it never did."""
    try:
        plain = json.loads((folder / USED).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return plain if isinstance(plain, dict) else {}


def _write(path: Path, content: bytes) -> None:
    """Write a small file so that it is there whole or not at all."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".part-", delete=False) as file:
        file.write(content)
    Path(file.name).replace(path)


def _size(source: Any) -> int:
    """Bytes of a source on the disk; 0 for one in memory, or one that is not there (the reader says so)."""
    if isinstance(source, (str, Path)):
        path = Path(source)
        return path.stat().st_size if path.is_file() else 0
    return 0


def _tree_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
