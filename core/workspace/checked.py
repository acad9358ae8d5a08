"""Which analyses ran on a data set in an earlier process: results are kept in memory alone, so that a restart
forgets them, and the pages can say so.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from core.dataset import Dataset
from core.errors import StoreError
from core.places import home
from core.workspace.stored import write_whole

FILE = "checked.json"
_VERSIONS = 20  # of a data set, those looked at last, of which it is kept
_BEFORE: dict[tuple[Path, str], frozenset[str]] = {}  # as it was when this process first asked


def ran_before(dataset: Dataset) -> frozenset[str]:
    """The names of the analyses that ran on these data, as they are in this version, before this process
    began; none where that is not known, as for data outside of the workspace.
    """
    key = dataset.path.parent, dataset.version
    if key not in _BEFORE:
        _BEFORE[key] = frozenset(_noted(dataset).get(dataset.version, ()))
    return _BEFORE[key]


def note_run(dataset: Dataset, names: Collection[str]) -> None:
    """Keep that these analyses ran on the data. Raises `StoreError` where that cannot be written."""
    ran_before(dataset)
    noted = _noted(dataset)
    known = noted.pop(dataset.version, [])
    if {*names} <= {*known} or not _ours(dataset):
        return
    noted[dataset.version] = sorted({*names, *known})
    kept = dict([*noted.items()][-_VERSIONS:])
    try:
        write_whole(dataset.path.parent / FILE, json.dumps(kept).encode())
    except OSError as error:
        raise StoreError(f"The workspace {home()} cannot be written ({error.strerror}).") from error


def _ours(dataset: Dataset) -> bool:
    return home() / "data" in dataset.path.parents


def _noted(dataset: Dataset) -> dict[str, list[str]]:
    """Version -> names, as far as the file is what `note_run` writes."""
    try:
        plain = json.loads((dataset.path.parent / FILE).read_bytes()) if _ours(dataset) else {}
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(plain, dict):
        return {}
    return {
        version: [name for name in names if isinstance(name, str)]
        for version, names in plain.items()
        if isinstance(names, list)
    }
