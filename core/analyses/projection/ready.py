"""All that a map needs before anything is laid out: its rows, their neighbours, the plain projection. The
same for the plain map that a page shows first and for the map that follows: worked out once for both.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.analyses.projection.landmarks import hollow, landmarks, mixing
from core.analyses.projection.places import MapRows, Near, asked, near_rows, plane
from core.analyses.projection.principal import DIRECTIONS, principal
from core.analyses.projection.quality import NEAR, Neighbourhood, beside
from core.analyses.projection.settings import ProjectionSettings
from core.dataset import Dataset
from core.numerics.rowhash import row_keys
from core.prepare.encoding import Encoded, compared_by, encoded
from core.prepare.hashes import row_hashes
from core.prepare.memo import VersionMemo
from core.prepare.regions import separating_columns
from core.progress import Progress

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


class _Held(NamedTuple):
    """The rows that one choice of columns, landmarks and seed gives; those columns that were left out; the
    plain projection, n x 2.
    """

    rows: MapRows
    separating: tuple[str, ...]
    plain: Floats

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        rows, marks = self.rows, self.rows.landmarks
        return sum(one.nbytes for one in (rows.order, rows.space, rows.second, *marks, self.plain))


class _None(NamedTuple):
    """Held where no column that can be compared varies."""

    nbytes: int = 0


class _Around(NamedTuple):
    """What lies around the rows: see `ReadyRows`."""

    near: Near
    hollow: Mask
    mixing: Floats

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return sum(one.nbytes for one in (*self.near, self.hollow, self.mixing))


class ReadyRows(NamedTuple):
    """Rows that can be laid out.

    rows: in the order of the map.
    separating: columns left out, as each separates train from serve on its own, or only one of them has it.
    plain: n x 2, the plain projection.
    near: of each landmark, as many as the method asks for, 15 at least.
    hollow: which rows are far from all landmarks.
    mixing: how the parts mix around each row.
    """

    rows: MapRows
    separating: tuple[str, ...]
    plain: Floats
    near: Near
    hollow: Mask
    mixing: Floats


_ROWS: VersionMemo[_Held | _None] = VersionMemo()
_AROUND: VersionMemo[_Around] = VersionMemo()
_BESIDE: VersionMemo[Neighbourhood] = VersionMemo()


def ready_rows(dataset: Dataset, settings: ProjectionSettings, progress: Progress) -> ReadyRows | None:
    """The rows as these settings ask for them, remembered by ``dataset.version``; None where no column that
    can be compared varies.
    """
    key = _key(settings)
    held = _ROWS.once(dataset.version, key, lambda: _held(dataset, settings, progress.part(0.0, 0.85)))
    if isinstance(held, _None):
        return None

    def work() -> _Around:
        rows = held.rows
        own = rows.space[rows.landmarks.rows]
        near = near_rows(own, settings, progress.part(0.85, 1.0), least=NEAR)
        alone = near.distance[:, 0] if near.distance.size else np.zeros(len(own), np.float32)
        return _Around(
            _locked(near),
            *_locked(
                (
                    hollow(rows.landmarks, alone, rows.second),
                    mixing(rows.landmarks, near.nearest[:, :NEAR], rows.second),
                )
            ),
        )

    around = _AROUND.once(dataset.version, (key, max(NEAR, asked(settings))), work)
    return ReadyRows(*held, *around)


def neighbourhood(dataset: Dataset, settings: ProjectionSettings, ready: ReadyRows) -> Neighbourhood | None:
    """What a map of these rows is held against, remembered too; None for one row."""
    rows = ready.rows
    if len(rows.space) < 2:
        return None

    def work() -> Neighbourhood:
        held = beside(rows.space, ready.plain, rows.second)
        assert held is not None
        return held

    return _BESIDE.once(dataset.version, _key(settings), work)


def _key(settings: ProjectionSettings) -> Hashable:
    """The settings that bear on the rows: none of those says how they are laid out."""
    return settings.columns, settings.leave_out, settings.landmarks, settings.seed


def _held(dataset: Dataset, settings: ProjectionSettings, progress: Progress) -> _Held | _None:
    columns, separating = _compared(dataset, settings, progress.part(0.0, 0.1))
    vectors = encoded(dataset, columns, "all", progress.part(0.1, 0.2))
    if not vectors.names:
        return _None()
    rows = _map_rows(dataset, vectors, settings, progress.part(0.2, 1.0))
    _locked((rows.order, rows.space, rows.second))
    _locked(rows.landmarks)
    return _Held(rows, separating, _locked((plane(rows.space),))[0])


Arrays = TypeVar("Arrays", bound=tuple[NDArray[Any], ...])


def _locked(arrays: Arrays) -> Arrays:
    """The same, which nobody can write into: several maps rest on them."""
    for one in arrays:
        one.flags.writeable = False
    return arrays


def _compared(
    dataset: Dataset, settings: ProjectionSettings, progress: Progress
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns to compare rows by, and those left out as each separates the parts on its own: a map on
    which they were would show two halves and nothing else.
    """
    columns = compared_by(dataset, settings.columns)
    if settings.columns or not settings.leave_out or dataset.vectors is not None:
        return columns, ()
    separating = separating_columns(dataset, columns, settings.seed, progress)
    left = tuple(name for name in columns if name not in separating)
    return (left, separating) if left else (columns, ())


def _map_rows(
    dataset: Dataset, vectors: Encoded, settings: ProjectionSettings, progress: Progress
) -> MapRows:
    hashes = row_hashes(dataset, vectors.names)
    order = np.argsort(row_keys(hashes, settings.seed), kind="stable")
    space = principal(vectors.matrix, order, DIRECTIONS, progress.part(0.0, 0.2))
    second = dataset.part_mask("serve")[order]
    return MapRows(
        vectors.names,
        vectors.left_out,
        order,
        space,
        second,
        landmarks(space, second, settings.landmarks, progress.part(0.2, 1.0)),
    )
