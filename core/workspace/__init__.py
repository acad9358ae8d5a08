"""The workspace on disk: data sets come in, are found again, make room for others, and are forgotten when
asked.

    <home>/data/<fingerprint>-<source>/   one folder per data set: canonical files, rows kept aside, vectors,
                                          ``used.json``
    <home>/incoming/                      uploads as they came, removed after a day
    <home>/exports/                       exported files until they are downloaded, removed after a day
    <home>/leases/                        who uses what of these (`leases`)
    <home>/decisions.sqlite               what people decided (`store`); outlives a data set that made
                                          room

How much it may hold is said in `quota`. Nothing here trusts a name from outside: files are named by what
they hold.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import re
import secrets
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.errors import InputError, LoadError, StoreError
from core.limits import UPLOAD_MB
from core.places import home
from core.progress import SILENT, Progress
from core.workspace import leases
from core.workspace.leases import User
from core.workspace.quota import MB, hold, in_use, make_room, remove, sweep, used_bytes, users_of
from core.workspace.stored import USED, Notes, StoredSet, folders, notes_of, recent, tree_bytes, write_whole

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from core.loading import Options

LOG = logging.getLogger("winnow.workspace")


__all__ = [
    "Others",
    "StoredSet",
    "User",
    "export_folder",
    "forget",
    "hold",
    "keep_upload",
    "load",
    "make_room",
    "open_recent",
    "others",
    "recent",
    "remember",
    "sweep",
    "upload_of",
    "used_bytes",
]


@dataclass(frozen=True)
class Others:
    """Who else would miss a data set: how many other sessions (of this server, or other programs on this
    machine) have it open, and which other users decided about it.
    """

    sessions: int
    users: tuple[str, ...]

    def __bool__(self) -> bool:
        return self.sessions > 0 or len(self.users) > 0


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
    split: PartSplit | None = None,
    progress: Progress = SILENT,
) -> Dataset:
    """Bring a file, a pandas frame or an Arrow table into the workspace.

    serve: a second source, taken as the serve part. files: what the sources are called, where their paths do
    not say it. options: how to read (all found out by default). kinds: column -> kind. target, time, group,
    id, weight: roles. Raises `LoadError` when it cannot be read, `StoreError` when there is no room.
    """
    from core.loading import load as read
    from core.loading.attaching import from_pictures
    from core.loading.options import IMAGES

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
            progress=progress.part(0.0, 0.9),
        )
        if dataset.source.format == IMAGES:
            dataset = replace(dataset, vectors=from_pictures(dataset, progress.part(0.9, 1.0)))
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
            f"The workspace {home()} cannot be written ({error.strerror}). "
            "Free some space, mend its rights, or set WINNOW_HOME."
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
    if dataset.probabilities is not None:
        more["probabilities"] = {**asdict(dataset.probabilities), "path": dataset.probabilities.path.name}
    write_whole(dataset.path.parent / USED, json.dumps(noted | more | {"used": time.time()}).encode())


def open_recent(path: Path) -> Dataset:
    """The data set of an entry, as it was last used, as far as that is known. Raises `LoadError` when it is
    gone.

    A workspace that cannot be written does not keep it from being opened.
    """
    with _held(path):
        dataset = as_last_used(path)
        try:
            _note(dataset)
        except OSError as error:
            LOG.warning("That %s was opened cannot be noted: %s", path, error)
    return dataset


def as_last_used(path: Path) -> Dataset:
    """What `open_recent` gives, for a look that is no use of it. Raises `LoadError` when it is gone."""
    return _as_noted(Dataset.open(path), notes_of(path.parent))


def _as_noted(dataset: Dataset, notes: Notes) -> Dataset:
    """With kinds, roles, split, vectors and probabilities as noted; notes that do not fit are left out."""
    changes: tuple[Callable[[Dataset], Dataset], ...] = (
        lambda data: data.with_kinds({n: k for n, k in notes.kinds.items() if data[n].kind != k}),
        lambda data: data.with_roles(**notes.roles),
        lambda data: data.with_split(notes.split or data.split),
    )
    for change in changes:
        try:
            dataset = change(dataset)
        except InputError as error:
            LOG.warning("What was noted about %s does not fit: %s", dataset.path, error)
    if notes.vectors is not None:
        vectors = replace(notes.vectors, path=dataset.path.parent / notes.vectors.path.name)
        dataset = replace(dataset, vectors=vectors if vectors.path.exists() else None)
    if notes.probabilities is not None:
        brought = replace(notes.probabilities, path=dataset.path.parent / notes.probabilities.path.name)
        dataset = replace(dataset, probabilities=brought if brought.path.exists() else None)
    return dataset


def shown_while(dataset: Dataset, there: Callable[[], bool]) -> None:
    """Say how to learn whether who opened the data set is there still, as `others` asks. ``there`` must not
    keep the data set alive.
    """
    leases.works_for(dataset._held, there)


def others(dataset: Dataset, user: str) -> Others:
    """Who besides this session and ``user`` would miss the data set. Raises `StoreError`."""
    from core.workspace.store import Store

    sessions = users_of(dataset.path, besides=dataset._held, there=True)
    return Others(sessions, tuple(name for name in Store(home()).users(dataset.fingerprint) if name != user))


def forget(dataset: Dataset) -> None:
    """Remove the data set, the uploads it came from, its exports, all decisions about it and all results.
    There is no way back.

    Raises `StoreError` when the decisions cannot be removed, and all stays; or when a file cannot, and all
    the rest is gone.
    """
    from core.prepare import memo
    from core.run import MEMO
    from core.workspace.store import Store

    Store(home()).forget(dataset.fingerprint)  # first: where it fails, nothing else is gone either
    MEMO.forget(dataset.fingerprint)
    memo.clear()
    mark = dataset.fingerprint[:16]
    paths = [folder for folder in folders() if folder.name.startswith(mark) or folder == dataset.path.parent]
    paths += (home() / "exports").glob(f"{mark}*")
    for source in filter(None, (dataset.source, dataset.source.serve)):
        paths += (home() / "incoming").glob(f"{source.sha256}*") if source.sha256 else ()
    leases.let_go(dataset._held)
    left = [path for path in paths if not remove(path)]
    if left:
        raise StoreError(
            f"Not all of {dataset.name!r} could be removed: {', '.join(map(str, left))} is still there, "
            "though its decisions are gone. Mend the rights of the workspace, or remove it by hand."
        )


def export_folder(dataset: Dataset, user: object) -> Path:
    """A new folder for exported files of these data, held by ``user``. Earlier ones that nobody holds are
    removed. Raises `StoreError`.
    """
    place, mark = home() / "exports", dataset.fingerprint[:16]
    try:
        place.mkdir(parents=True, exist_ok=True)
        with leases.turn(home()):
            for earlier in place.glob(f"{mark}-*"):
                if not in_use(earlier):
                    remove(earlier)
        make_room(_size(dataset.path))
        folder = place / f"{mark}-{secrets.token_hex(6)}"
        hold(folder, user)
        folder.mkdir(mode=0o700)
        return folder
    except OSError as error:
        raise StoreError(
            f"Files cannot be written to {place} ({error.strerror}). "
            "Free some space, mend its rights, or set WINNOW_HOME."
        ) from error


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


def upload_of(sha256: str) -> Path | None:
    """The upload with these bytes, if it is still there: uploads stay for a day."""
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        return None
    return next((path for path in (home() / "incoming").glob(f"{sha256}*") if path.is_file()), None)


def _check_upload(name: str, size: int, limit: int) -> None:
    if size > limit:
        shown = name[-80:]
        raise LoadError(
            f"{shown!r} is larger than {limit / MB:,.0f} MB. "
            f"Load it from a path instead, or raise {UPLOAD_MB.env}."
        )


def _size(source: Any) -> int:
    """Bytes of a source on the disk; 0 for one in memory, or one that is not there (the reader says so)."""
    if isinstance(source, (str, Path)):
        path = Path(source)
        return tree_bytes(path) if path.exists() else 0
    return 0
