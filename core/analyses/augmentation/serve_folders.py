"""The folders of the source by which train and serve are told apart: variants are made of train alone."""

from __future__ import annotations

from pathlib import PurePosixPath

import numpy as np

from core.dataset import Dataset


def serve_folders(dataset: Dataset) -> tuple[str, ...]:
    """The names of folders in which every image of serve lies and none of train, the uppermost alone; none
    where the parts are not those of folders.
    """
    base = dataset.base or dataset
    named = base.of_kind("image")
    if base.split is None or not named:
        return ()
    paths = base.table([named[0]]).column(0)
    serve = base.part_mask("serve")
    within: list[str] | None = None
    for path in paths.take(np.flatnonzero(serve)).to_pylist():
        own = _folders(path)
        within = own if within is None else [one for one in within if one in own]
        if not within:
            return ()
    others = set().union(*map(_folders, paths.take(np.flatnonzero(~serve)).to_pylist()))
    return tuple(one for one in within or () if one not in others)[:1]


def _folders(path: str | None) -> list[str]:
    """The folders of a path, uppermost first.

    >>> _folders("serve/night/1.png")
    ['serve', 'night']
    """
    return list(PurePosixPath(path or "").parts[:-1])
