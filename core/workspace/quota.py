"""What the workspace may hold, and what goes where there is no room.

Data sets, uploads and exports count towards one quota. Where room is needed, exports go first, as they can be
made again, then uploads, then the data sets that were not used for longest; nothing that anybody uses goes,
and nothing at all where it would not make room enough.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import StoreError
from core.limits import WORKSPACE_DAYS, WORKSPACE_MB
from core.phrases import count
from core.places import home
from core.workspace import leases
from core.workspace.stored import BESIDE, entry, files_noted, folders, last_used, recent, tree_bytes

if TYPE_CHECKING:
    from core.dataset import Dataset

MB = 1_000_000
DAY = 86_400.0
COUNTED = ("exports", "incoming", "data")  # in the order in which they make room
LOG = logging.getLogger("winnow.workspace")


@dataclass(frozen=True)
class _Removable:
    """Something that may make room. ``name``: of the data set, where it is one."""

    path: Path
    bytes: int
    name: str = ""


def hold(path: Path, owner: object) -> None:
    """Keep a file or folder of the workspace, there already or not, from making room for as long as ``owner``
    is alive. Of what lies elsewhere nothing is ever removed.

    Waits while another process makes room: what is there afterwards stays. Raises `StoreError` where it
    waits for too long.
    """
    thing = _thing(path)
    if thing:
        try:
            with leases.turn(home()):
                leases.hold(home(), thing, owner)
        except OSError as error:
            LOG.warning("The workspace cannot note that %s is in use: %s", path, error)


@contextlib.contextmanager
def held(*sources: Any) -> Iterator[leases.User]:
    """Hold what lies in the workspace of these until the end; gives the user who does."""
    reader = leases.User()
    for source in sources:
        if isinstance(source, (str, Path)):
            hold(Path(source), reader)
    try:
        yield reader
    finally:
        leases.let_go(reader)


def _thing(path: Path) -> str:
    """The name under which the use of a path is noted; "" outside of the workspace."""
    place = path.absolute()
    if not place.is_relative_to(home()):
        return ""
    parts = place.relative_to(home()).parts
    return f"{parts[0]}-{parts[1]}" if len(parts) > 1 and parts[0] in COUNTED else ""


def users_of(path: Path, besides: object = None, there: bool = False) -> int:
    """How many users hold a file or folder of the workspace, on this machine, not counting ``besides``; with
    ``there`` not those either of whom is known that they have gone.
    """
    return leases.holders(home(), _thing(path), besides, there)


def in_use(path: Path) -> bool:
    """Whether anybody holds a file or folder of the workspace."""
    return users_of(path) > 0


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
            lacking = max(used_bytes() + room - WORKSPACE_MB.value * MB, room - _free_bytes())
            candidates = _removable(keep) if lacking > 0 else []
            if room and sum(item.bytes for item in candidates) < lacking:
                return tuple(removed)
            for item in candidates:
                if lacking <= 0:
                    break
                if remove(item.path):
                    lacking -= item.bytes
                    removed += [item.name] if item.name else []
    except OSError as error:
        raise StoreError(
            f"The workspace {home()} cannot be written ({error.strerror}). "
            "Mend its rights, or set WINNOW_HOME."
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
        if now - _modified(path) > DAY and not in_use(path):
            remove(path)
    for folder in folders():
        _remove_left(folder)
        if now - last_used(folder) <= WORKSPACE_DAYS.value * DAY or _kept(folder, keep):
            continue
        known = entry(folder)
        if known is not None and remove(folder):
            removed.append(known.name)
    return removed


def leave(file: Path, dataset: Dataset) -> None:
    """Remove a file beside the canonical file, of vectors or probabilities, that the data set has no more.
    Where others work on the data set it may be theirs: it stays, and `sweep` removes it once nobody does.
    """
    try:
        with leases.turn(home()):
            if not users_of(file, besides=dataset.shared):
                remove(file)
    except OSError as error:
        LOG.warning("%s cannot be removed: %s", file, error)


def _remove_left(folder: Path) -> None:
    """Remove vectors and probabilities that a data set has no more, where that is known for sure."""
    named = files_noted(folder)
    if named is None:
        return
    for kind in BESIDE:
        for path in folder.glob(f"{kind}-*.npy"):
            if path.name not in named and time.time() - _modified(path) > DAY and not in_use(path):
                remove(path)


def _removable(keep: Collection[Path]) -> list[_Removable]:
    """What may make room, in the order in which it does."""
    files = []
    for part in ("exports", "incoming"):
        paths = sorted((home() / part).glob("*"), key=_modified)
        files += [_Removable(path, tree_bytes(path)) for path in paths if not _kept(path, keep)]
    sets = [known for known in reversed(recent()) if not _kept(known.path.parent, keep)]
    return files + [_Removable(known.path.parent, known.bytes, known.name) for known in sets]


def _modified(path: Path) -> float:
    """When it was written last, in seconds since 1970; now where another process has removed it meanwhile."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()


def _kept(path: Path, keep: Collection[Path]) -> bool:
    return any(path in (kept, kept.parent) for kept in keep) or in_use(path)


def make_room(size: int) -> None:
    """Sweep so that ``size`` bytes fit. Raises `StoreError` when they cannot."""
    sweep(room=size)
    used, quota = used_bytes(), WORKSPACE_MB.value * MB
    if size > quota:
        raise StoreError(
            f"{size / MB:,.0f} MB are asked for; the whole workspace may hold {quota / MB:,.0f} MB. "
            f"Raise {WORKSPACE_MB.env}."
        )
    free = _free_bytes()
    if size > free:
        raise StoreError(
            f"The disk of {home()} has {free / MB:,.0f} MB left; {size / MB:,.0f} MB are needed. "
            "Free some space."
        )
    if used + size > quota:
        raise StoreError(
            f"The workspace is full: {size / MB:,.0f} MB are asked for, and {_taken()}, of {quota / MB:,.0f} "
            f"MB in all. Close or forget a data set, or raise {WORKSPACE_MB.env}."
        )


def _taken() -> str:
    """What takes the room, as part of a sentence."""
    held = [path for part in COUNTED for path in (home() / part).glob("*") if in_use(path)]
    words = {"data": "data set", "incoming": "upload", "exports": "export"}
    kinds = {word: sum(path.parent.name == part for path in held) for part, word in words.items()}
    parts = [count(number, word) for word, number in kinds.items() if number]
    if not parts:
        return f"{used_bytes() / MB:,.0f} MB cannot be removed"
    return f"{sum(map(tree_bytes, held)) / MB:,.0f} MB are in use ({', '.join(parts)})"


def _free_bytes() -> int:
    """Bytes free on the disk of the workspace."""
    place = next(folder for folder in (home(), *home().parents) if folder.is_dir())
    return shutil.disk_usage(place).free


def used_bytes() -> int:
    """Bytes that data sets, uploads and exports take on the disk."""
    return sum(tree_bytes(home() / part) for part in COUNTED)


def remove(path: Path) -> bool:
    """Remove a file or folder; whether it is gone."""
    try:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    except OSError as error:
        LOG.warning("%s cannot be removed: %s", path, error)
    return not path.exists()
