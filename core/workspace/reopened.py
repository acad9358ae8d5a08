"""With which kinds, roles, split and vectors a data set was last used; it is opened so again."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from core.dataset import Dataset
from core.errors import InputError, LoadError, StoreError
from core.places import home
from core.workspace.quota import held, hold
from core.workspace.stored import USED, Notes, notes_of, write_whole

LOG = logging.getLogger("winnow.workspace")


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
    with held(path):
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
