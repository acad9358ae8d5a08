"""The workspace on disk: data sets come in, are found again, make room for others, and are forgotten when
asked.

    <home>/data/<fingerprint>-<source>/   one folder per data set: canonical files, rows kept aside, vectors,
                                          ``used.json`` (`reopened`)
    <home>/incoming/                      uploads as they came (`uploads`), removed after a day
    <home>/exports/                       exported files until they are downloaded, removed after a day
    <home>/leases/                        who uses what of these (`leases`)
    <home>/decisions.sqlite               what people decided (`store`); outlives a data set that made
                                          room

How much it may hold is said in `quota`. Nothing here trusts a name from outside: files are named by what
they hold.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.errors import StoreError
from core.places import home
from core.progress import SILENT, Progress
from core.workspace import leases
from core.workspace.leases import User
from core.workspace.quota import held, hold, in_use, make_room, remove, sweep, used_bytes, users_of
from core.workspace.reopened import as_last_used, open_recent, remember
from core.workspace.stored import StoredSet, folders, recent, tree_bytes
from core.workspace.uploads import keep_upload, upload_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from core.loading import Options


__all__ = [
    "Others",
    "StoredSet",
    "User",
    "as_last_used",
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

    with held(source, serve) as reader:
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


def _size(source: Any) -> int:
    """Bytes of a source on the disk; 0 for one in memory, or one that is not there (the reader says so)."""
    if isinstance(source, (str, Path)):
        path = Path(source)
        return tree_bytes(path) if path.exists() else 0
    return 0
