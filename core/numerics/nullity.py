"""Which columns are missing in the same rows."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_ROWS = 50
_BLOCK_ROWS = 8_192
_GAPS = 10  # missing (and known) values below which two columns coincide by chance too easily


class CoMissing(NamedTuple):
    """A set of columns, as places, linked by a nullity correlation of ``phi`` or more."""

    columns: tuple[int, ...]
    phi: float


def nullity(
    masks: Sequence[NDArray[np.bool_]], known: Sequence[NDArray[np.bool_]] | None = None
) -> NDArray[np.float64]:
    """Phi coefficients of p masks of missing values, p x p; nan where a mask does not vary. known: per mask
    the rows that have its column (all where None); a pair is compared in the rows that have both.

    >>> nullity([np.array([True, False, True]), np.array([False, True, False])]).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    if known is not None and not all(one.all() for one in known):
        return _nullity_within(masks, known)
    rows = masks[0].size if masks else 0
    share = np.array([mask.mean() for mask in masks])
    both = np.zeros((len(masks), len(masks)))
    for first in range(0, rows, _BLOCK_ROWS):  # single precision counts exactly up to 16 million
        block = np.stack([mask[first : first + _BLOCK_ROWS] for mask in masks]).astype(np.float32)
        both += block @ block.T
    both /= max(1, rows)
    spread = np.sqrt(share * (1 - share))
    with np.errstate(divide="ignore", invalid="ignore"):
        phi: NDArray[np.float64] = (both - np.outer(share, share)) / np.outer(spread, spread)
    return phi.clip(-1, 1)


def _nullity_within(
    masks: Sequence[NDArray[np.bool_]], known: Sequence[NDArray[np.bool_]]
) -> NDArray[np.float64]:
    """The same where columns differ in which rows have them. Columns are few patterns of rows: each pair of
    patterns is looked at in the rows of both.
    """
    kinds: dict[bytes, list[int]] = {}
    for j, rows in enumerate(known):
        kinds.setdefault(np.packbits(rows).tobytes(), []).append(j)
    phi = np.full((len(masks), len(masks)), np.nan)
    groups = list(kinds.values())
    for at, some in enumerate(groups):
        for others in groups[at:]:
            both = known[some[0]] & known[others[0]]
            of = sorted({*some, *others})
            if both.any():
                part = nullity([masks[j][both] for j in of])
                place = {j: i for i, j in enumerate(of)}
                for one, other in itertools.product(some, others):
                    phi[one, other] = phi[other, one] = part[place[one], place[other]]
    return phi


def missing_together(
    masks: Sequence[NDArray[np.bool_]],
    least: float = 0.8,
    known: Sequence[NDArray[np.bool_]] | None = None,
) -> list[CoMissing]:
    """Columns that are missing together: connected by phi of at least ``least``, strongest first. known: per
    mask the rows that have its column (all where None); elsewhere it has no gaps. Two columns that cannot be
    compared (phi is nan, as where no row has both) are never in one set; a column can be in several.

    Only columns with at least ten missing and ten known values among at least fifty rows are looked at: ten
    gaps fall on ten others by chance once in 10**10 draws.
    """
    having = [np.ones_like(mask) for mask in masks] if known is None else list(known)
    counts = [(int((mask & rows).sum()), int(rows.sum())) for mask, rows in zip(masks, having, strict=True)]
    usable = [j for j, (gaps, rows) in enumerate(counts) if rows >= _ROWS and _GAPS <= gaps <= rows - _GAPS]
    phi = nullity([masks[j] for j in usable], [having[j] for j in usable])
    linked = phi >= least
    groups = [part for group in _connected(linked) for part in _comparable(group, phi, linked)]
    together = []
    for group in groups:
        inner = np.where(linked[np.ix_(group, group)], phi[np.ix_(group, group)], np.inf)
        together.append(CoMissing(tuple(usable[j] for j in group), float(inner.min())))
    return sorted(together, key=lambda one: (-one.phi, one.columns))


def _connected(linked: NDArray[np.bool_]) -> list[list[int]]:
    """The sets of at least two places that links connect, each ascending."""
    from scipy.sparse.csgraph import connected_components

    if not len(linked):
        return []
    count, label = connected_components(linked, directed=False)
    groups = [np.flatnonzero(label == one).tolist() for one in range(count)]
    return [group for group in groups if len(group) > 1]


def _comparable(group: list[int], phi: NDArray[np.float64], linked: NDArray[np.bool_]) -> list[list[int]]:
    """A connected set as the sets within it whose pairs all have a phi; each link is in one of them."""
    inner = np.ix_(group, group)
    finite, links = np.isfinite(phi[inner]), linked[inner]
    if finite.all():
        return [group]
    open_links, parts = links.copy(), []
    np.fill_diagonal(open_links, False)
    while open_links.any():
        part = list(np.unravel_index(int(open_links.argmax()), links.shape))
        while (near := links[part].any(axis=0) & finite[part].all(axis=0) & ~_at(part, len(group))).any():
            part.append(near.argmax())
        open_links[np.ix_(part, part)] = False
        parts.append(sorted(group[place] for place in part))
    return parts


def _at(places: list[np.intp], size: int) -> NDArray[np.bool_]:
    """True at these places of so many."""
    mask = np.zeros(size, bool)
    mask[places] = True
    return mask
