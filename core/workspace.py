"""The workspace on disk: data sets come in, are found again, make room for others, and are forgotten when
asked.

    <home>/data/<fingerprint>-<source>/   one folder per data set: canonical files, rows kept aside, vectors,
                                          ``used.json``
    <home>/incoming/                      uploads as they came, removed after a day
    <home>/exports/                       exported files until they are downloaded, removed after a day
    <home>/leases/                        who uses what of these (`core.leases`)
    <home>/decisions.sqlite               what people decided (`core.store`); outlives a data set that made
                                          room

Data sets, uploads and exports count towards one quota. Where room is needed, exports go first, as they can be
made again, then uploads, then the data sets that were not used for longest; nothing that anybody uses goes,
and nothing at all where it would not make room enough. Nothing here trusts a name from outside: files are
named by what they hold.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from core import leases
from core.dataset import ROLES, Dataset, Split, Vectors
from core.errors import InputError, LoadError, StoreError
from core.leases import User
from core.limits import UPLOAD_MB, WORKSPACE_DAYS, WORKSPACE_MB
from core.phrases import count
from core.places import home
from core.progress import SILENT, Progress

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from core.loading import Options

MB = 1_000_000
DAY = 86_400.0
USED = "used.json"
COUNTED = ("exports", "incoming", "data")  # in the order in which they make room
LOG = logging.getLogger("winnow.workspace")
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


@dataclass(frozen=True)
class Others:
    """Who else would miss a data set: how many other sessions (of this server, or other programs on this
    machine) have it open, and which other users decided about it.
    """

    sessions: int
    users: tuple[str, ...]

    def __bool__(self) -> bool:
        return self.sessions > 0 or len(self.users) > 0


@dataclass(frozen=True)
class _Notes:
    """What `remember` wrote about a data set, as far as it can be read."""

    file: str = "data.parquet"
    name: str = ""
    used: float = 0.0
    kinds: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    split: Split | None = None
    vectors: Vectors | None = None


@dataclass(frozen=True)
class _Removable:
    """Something that may make room. ``name``: of the data set, where it is one."""

    path: Path
    bytes: int
    name: str = ""


def load(
    source: str | Path | pd.DataFrame | pa.Table,
    *,
    serve: str | Path | pd.DataFrame | pa.Table | None = None,
    name: str | None = None,
    files: Sequence[str] = (),
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

    serve: a second source, taken as the serve part. files: what the sources are called, where their paths do
    not say it. options: how to read (all found out by default). kinds: column -> kind. target, time, group,
    id, weight: roles. Raises `LoadError` when it cannot be read, `StoreError` when there is no room.
    """
    from core.loading import load as read

    with _held(source, serve) as reader:
        make_room(_size(source) + _size(serve))
        roles = {"target": target, "time": time, "group": group, "id": id, "weight": weight}
        dataset = read(
            source,
            into=home() / "data",
            settling=lambda folder: hold(folder, reader),
            serve=serve,
            name=name,
            files=files,
            options=options,
            kinds=kinds,
            roles=roles,
            split=split,
            progress=progress,
        )
        remember(dataset)
    return dataset


@contextlib.contextmanager
def _held(*sources: Any) -> Iterator[User]:
    """Hold what lies in the workspace of these until the end; gives the user who does."""
    reader = User()
    for source in sources:
        if isinstance(source, (str, Path)):
            hold(Path(source), reader)
    try:
        yield reader
    finally:
        leases.let_go(reader)


def hold(path: Path, owner: object) -> None:
    """Keep a file or folder of the workspace, there already or not, from making room for as long as ``owner``
    is alive. Of what lies elsewhere nothing is ever removed.

    Waits while another process makes room: what is there afterwards stays.
    """
    thing = _thing(path)
    if thing:
        try:
            with leases.turn(home()):
                leases.hold(home(), thing, owner)
        except OSError as error:
            LOG.warning("The workspace cannot note that %s is in use: %s", path, error)


def _thing(path: Path) -> str:
    """The name under which the use of a path is noted; "" outside of the workspace."""
    place = path.absolute()
    if not place.is_relative_to(home()):
        return ""
    parts = place.relative_to(home()).parts
    return f"{parts[0]}-{parts[1]}" if len(parts) > 1 and parts[0] in COUNTED else ""


def _in_use(path: Path) -> bool:
    return leases.holders(home(), _thing(path)) > 0


def remember(dataset: Dataset) -> None:
    """Note that the data set is used now, and with which kinds, roles, split and vectors, so that
    `open_recent` gives it back so. Raises `LoadError` when it is gone, `StoreError` when nothing can be
    written.
    """
    try:
        _note(dataset)
    except OSError as error:
        if not dataset.path.exists():
            raise LoadError(
                f"The workspace's copy of {dataset.name!r} is gone. Load the data again."
            ) from error
        raise StoreError(
            f"The workspace {home()} cannot be written ({error.strerror}). Free some space, mend its rights, "
            "or set WINNOW_HOME."
        ) from error


def _note(dataset: Dataset) -> None:
    """What `remember` does. Raises `OSError`."""
    hold(dataset.path, dataset._held)
    noted = {
        "file": dataset.path.name,
        "name": dataset.name,
        "kinds": dict(dataset.overrides),
        "roles": dataset.roles.named(),
    }
    more: dict[str, Any] = {"split": asdict(dataset.split) if dataset.split else None}
    if dataset.vectors is not None:
        more["vectors"] = {**asdict(dataset.vectors), "path": dataset.vectors.path.name}
    _write(dataset.path.parent / USED, json.dumps(noted | more | {"used": time.time()}).encode())


def recent() -> tuple[StoredSet, ...]:
    """The data sets in the workspace, last used first."""
    entries = [_entry(folder) for folder in _folders()]
    return tuple(sorted((entry for entry in entries if entry is not None), key=lambda entry: -entry.used))


def open_recent(path: Path) -> Dataset:
    """The data set of an entry, as it was last used, as far as that is known. Raises `LoadError` when it is
    gone.

    A workspace that cannot be written does not keep it from being opened.
    """
    with _held(path):
        dataset = _as_noted(Dataset.open(path), _noted(path.parent))
        try:
            _note(dataset)
        except OSError as error:
            LOG.warning("That %s was opened cannot be noted: %s", path, error)
    return dataset


def _as_noted(dataset: Dataset, noted: _Notes) -> Dataset:
    """With kinds, roles, split and vectors as noted; notes that do not fit the data are left out."""
    changes: tuple[Callable[[Dataset], Dataset], ...] = (
        lambda data: data.with_kinds({n: k for n, k in noted.kinds.items() if data[n].kind != k}),
        lambda data: data.with_roles(**noted.roles),
        lambda data: data.with_split(noted.split or data.split),
    )
    for change in changes:
        try:
            dataset = change(dataset)
        except InputError as error:
            LOG.warning("What was noted about %s does not fit: %s", dataset.path, error)
    if noted.vectors is not None:
        vectors = replace(noted.vectors, path=dataset.path.parent / noted.vectors.path.name)
        dataset = replace(dataset, vectors=vectors if vectors.path.exists() else None)
    return dataset


def others(dataset: Dataset, user: str) -> Others:
    """Who besides this session and ``user`` would miss the data set. Raises `StoreError`."""
    from core.store import Store

    sessions = leases.holders(home(), _thing(dataset.path), besides=dataset._held)
    return Others(sessions, tuple(name for name in Store(home()).users(dataset.fingerprint) if name != user))


def forget(dataset: Dataset) -> None:
    """Remove the data set, the uploads it came from, its exports, all decisions about it and all results.
    There is no way back.

    Raises `StoreError` when the decisions cannot be removed, and all stays; or when a file cannot, and all
    the rest is gone.
    """
    from core.prepare import features
    from core.run import MEMO
    from core.store import Store

    Store(home()).forget(dataset.fingerprint)  # first: where it fails, nothing else is gone either
    for version in {dataset.version, *MEMO.forget(dataset.fingerprint)}:
        features.forget(version)
    mark = dataset.fingerprint[:16]
    paths = [folder for folder in _folders() if folder.name.startswith(mark) or folder == dataset.path.parent]
    paths += (home() / "exports").glob(f"{mark}*")
    for source in filter(None, (dataset.source, dataset.source.serve)):
        paths += (home() / "incoming").glob(f"{source.sha256}*") if source.sha256 else ()
    left = [path for path in paths if not _removed(path)]
    if left:
        raise StoreError(
            f"Not all of {dataset.name!r} could be removed: {', '.join(map(str, left))} is still there, "
            "though "
            "its decisions are gone. Mend the rights of the workspace, or remove it by hand."
        )


def _removed(path: Path) -> bool:
    """Remove a file or folder; whether it is gone."""
    try:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    except OSError as error:
        LOG.warning("%s cannot be removed: %s", path, error)
    return not path.exists()


def export_folder(dataset: Dataset, user: object) -> Path:
    """A new folder for exported files of these data, held by ``user``. Earlier ones that nobody holds are
    removed. Raises `StoreError`.
    """
    place, mark = home() / "exports", dataset.fingerprint[:16]
    try:
        place.mkdir(parents=True, exist_ok=True)
        with leases.turn(home()):
            for earlier in place.glob(f"{mark}-*"):
                if not _in_use(earlier):
                    _removed(earlier)
        make_room(_size(dataset.path))
        folder = place / f"{mark}-{secrets.token_hex(6)}"
        hold(folder, user)
        folder.mkdir(mode=0o700)
        return folder
    except OSError as error:
        raise StoreError(
            f"Files cannot be written to {place} ({error.strerror}). Free some space, mend its rights, "
            "or set "
            "WINNOW_HOME."
        ) from error


def sweep(keep: Collection[Path] = (), room: int = 0) -> tuple[str, ...]:
    """Remove uploads and exports of yesterday and data sets unused for ``WINNOW_WORKSPACE_DAYS``; and, while
    over the quota, what the head of this module says.

    keep: paths that must stay, besides those in use. room: bytes to be free, below the quota and on the disk;
    if they cannot be, nothing is removed for it. Gives the names of the data sets removed; decisions about
    them stay. Raises `StoreError` when the workspace cannot be written.
    """
    if not home().is_dir():
        return ()
    try:
        with leases.turn(home()):
            removed = _remove_old(keep)
            candidates = _removable(keep)
            lacking = max(used_bytes() + room - WORKSPACE_MB.value * MB, room - _free_bytes())
            if room and sum(item.bytes for item in candidates) < lacking:
                return tuple(removed)
            for item in candidates:
                if lacking <= 0:
                    break
                if _removed(item.path):
                    lacking -= item.bytes
                    removed += [item.name] if item.name else []
    except OSError as error:
        raise StoreError(
            f"The workspace {home()} cannot be written ({error.strerror}). Mend its rights, or set "
            "WINNOW_HOME."
        ) from error
    return tuple(removed)


def _remove_old(keep: Collection[Path]) -> list[str]:
    """Remove what nobody used for too long; names of the data sets among it."""
    now, removed = time.time(), []
    # a folder that begins with a dot was left by a reader that was killed together with its server
    places = [
        *(home() / "incoming").glob("*"),
        *(home() / "exports").glob("*"),
        *(home() / "data").glob(".*"),
    ]
    for path in places:
        if now - _modified(path) > DAY and not _in_use(path):
            _removed(path)
    for entry in recent():
        unused = now - entry.used > WORKSPACE_DAYS.value * DAY
        if unused and not _kept(entry.path.parent, keep) and _removed(entry.path.parent):
            removed.append(entry.name)
    return removed


def _removable(keep: Collection[Path]) -> list[_Removable]:
    """What may make room, in the order in which it does."""
    made = []
    for part in ("exports", "incoming"):
        paths = sorted((home() / part).glob("*"), key=_modified)
        made += [_Removable(path, _tree_bytes(path)) for path in paths if not _kept(path, keep)]
    sets = [entry for entry in reversed(recent()) if not _kept(entry.path.parent, keep)]
    return made + [_Removable(entry.path.parent, entry.bytes, entry.name) for entry in sets]


def _modified(path: Path) -> float:
    """When it was written last, in seconds since 1970; now where another process has removed it meanwhile."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()


def _kept(path: Path, keep: Collection[Path]) -> bool:
    return any(path in (kept, kept.parent) for kept in keep) or _in_use(path)


def make_room(size: int) -> None:
    """Sweep so that ``size`` bytes fit. Raises `StoreError` when they cannot."""
    sweep(room=size)
    used, quota = used_bytes(), WORKSPACE_MB.value * MB
    if size > quota:
        raise StoreError(
            f"{size / MB:,.0f} MB are asked for; the whole workspace may hold {quota / MB:,.0f} MB. Raise "
            f"{WORKSPACE_MB.env}."
        )
    free = _free_bytes()
    if size > free:
        raise StoreError(
            f"The disk of {home()} has {free / MB:,.0f} MB left; {size / MB:,.0f} MB are needed. Free some "
            "space."
        )
    if used + size > quota:
        raise StoreError(
            f"The workspace is full: {size / MB:,.0f} MB are asked for, and {_taken()}, of {quota / MB:,.0f} "
            f"MB in all. Close or forget a data set, or raise {WORKSPACE_MB.env}."
        )


def _taken() -> str:
    """What takes the room, as part of a sentence."""
    held = [path for part in COUNTED for path in (home() / part).glob("*") if _in_use(path)]
    words = {"data": "data set", "incoming": "upload", "exports": "export"}
    kinds = {word: sum(path.parent.name == part for path in held) for part, word in words.items()}
    parts = [count(number, word) for word, number in kinds.items() if number]
    if not parts:
        return f"{used_bytes() / MB:,.0f} MB cannot be removed"
    return f"{sum(map(_tree_bytes, held)) / MB:,.0f} MB are in use ({', '.join(parts)})"


def _free_bytes() -> int:
    """Bytes free on the disk of the workspace."""
    place = next(folder for folder in (home(), *home().parents) if folder.is_dir())
    return shutil.disk_usage(place).free


def used_bytes() -> int:
    """Bytes that data sets, uploads and exports take on the disk."""
    return sum(_tree_bytes(home() / part) for part in COUNTED)


def keep_upload(name: str, chunks: Iterable[bytes], size: int = 0, user: object = None) -> Path:
    """Write an upload to the disk as it streams in and give its path, which is named by its content.

    size: what the sender says it has; checked before and while writing. user: whose upload it is, and who
    holds it. Raises `LoadError` when over ``WINNOW_UPLOAD_MB``.
    """
    limit = UPLOAD_MB.value * MB
    _check_upload(name, size, limit)
    make_room(2 * size)  # the upload and the table that is read from it
    ending = re.fullmatch(r".*(\.[a-z0-9]{1,8})", name.lower(), re.DOTALL)
    try:
        folder = home() / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix="part-", delete=False) as file:
            part = Path(file.name)
            writer = User()
            hold(part, writer)
            try:
                digest = hashlib.sha256()
                for chunk in chunks:
                    digest.update(chunk)
                    file.write(chunk)
                    _check_upload(name, file.tell(), limit)
                file.flush()
                path = folder / f"{digest.hexdigest()}{ending[1] if ending else ''}"
                hold(path, writer if user is None else user)
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


def _entry(folder: Path) -> StoredSet | None:
    """The entry of a folder; None while it is being written, or when its file is no data set of this
    version.
    """
    noted = _noted(folder)
    path = folder / noted.file
    try:
        dataset = Dataset.open(path)
        used = noted.used or path.stat().st_mtime
    except (LoadError, FileNotFoundError):  # removed just now by another process
        return None
    name = noted.name or dataset.name
    return StoredSet(
        name, dataset.rows, len(dataset.columns), _tree_bytes(folder), used, path, dataset.fingerprint
    )


def _noted(folder: Path) -> _Notes:
    """What `remember` wrote, as far as it is what it would write: the file may be damaged."""
    try:
        plain = json.loads((folder / USED).read_bytes())
    except (OSError, ValueError, RecursionError):
        return _Notes()
    if not isinstance(plain, dict):
        return _Notes()
    file, name, used = plain.get("file"), plain.get("name"), plain.get("used")
    own = isinstance(file, str) and Path(file).name == file and file not in ("", ".", "..")
    return _Notes(
        file=str(file) if own else "data.parquet",
        name=name if isinstance(name, str) else "",
        used=float(used) if isinstance(used, (int, float)) and 0 < used < 1e12 else 0.0,
        kinds=_texts(plain.get("kinds")),
        roles={role: column for role, column in _texts(plain.get("roles")).items() if role in ROLES},
        split=_built(Split, plain.get("split"), {}),
        vectors=_built(Vectors, plain.get("vectors"), {"path": Path}),
    )


def _texts(plain: Any) -> dict[str, str]:
    """The entries of a JSON object whose values are texts."""
    found = plain.items() if isinstance(plain, dict) else ()
    return {name: value for name, value in found if isinstance(value, str)}


def _built(record: type[R], plain: Any, convert: Mapping[str, Any]) -> R | None:
    """The record with these fields; None when they are not its own."""
    names = {known.name for known in fields(record)}  # type: ignore[arg-type]
    if not isinstance(plain, dict) or not plain.keys() <= names:
        return None
    try:
        return record(**{name: convert.get(name, lambda as_is: as_is)(v) for name, v in plain.items()})
    except (TypeError, ValueError, InputError):
        return None


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


def _tree_bytes(path: Path) -> int:
    """Bytes of a file, or of all files below a folder. What another process removes meanwhile counts
    nothing.
    """
    total = 0
    for file in (path, *path.rglob("*")):
        with contextlib.suppress(FileNotFoundError):
            total += file.stat().st_size if file.is_file() else 0
    return total
