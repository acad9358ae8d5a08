"""How far a map can be trusted: what it keeps of the space, beside chance and the plain projection."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.projection import faithful
from core.analyses.projection.landmarks import chosen
from core.progress import Progress

NEAR = 15  # neighbours by which a map is judged
JUDGED, COMPARED = 5_000, 1_000  # rows for neighbours, and for measures of all pairs
MEANINGS = {
    "neighbours kept": "Of the 15 rows nearest in all columns, how many are among the 15 nearest on the map.",
    "neighbours kept by PCA": "The same of the plain projection: what a map "
    "must beat to be worth its islands.",
    "trustworthiness": "1 where nobody is a neighbour on the map who is a stranger in all columns.",
    "continuity": "1 where no neighbour in all columns has become a stranger on the map.",
    "distances kept": "Rank correlation of all distances: low means that "
    "how far apart islands lie says nothing.",
    "mixing in the space": "Neighbours of the other part in all columns: 1 "
    "is mixed as by chance, 0 is apart.",
    "mixing on the map": "The same on the map. Lower than in the space: it "
    "invents separation. Higher: it hides some.",
    "neighbours kept by another seed": "How much of a neighbourhood is there "
    "again when only the seed changes.",
    "neighbours kept by the noise twin": "What the method keeps where nothing holds columns "
    "together: no structure looks like this.",
}

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


class Quality(NamedTuple):
    """One number about the map. ``baseline``: what chance or the plain projection (PCA) gives, as ``what``
    says.
    """

    measure: str
    value: float
    baseline: float
    what: str


class Beside(NamedTuple):
    """What a map is held against: the sample of ``rows`` (``few`` of them for measures of all pairs), their
    nearest ``k`` rows in the space and on the plain projection, and how faithful that one is."""

    rows: NDArray[np.int64]
    few: NDArray[np.int64]
    k: int
    near: faithful.Index
    on_plain: faithful.Index
    plain: tuple[faithful.Trust, float]


def beside(space: Floats, plain: Floats, second: Mask) -> Beside | None:
    """All that can be said before there is a map; None of one row. ``plain``: the plain projection (n x 2),
    see `judged`.
    """
    rows, few = chosen(second, JUDGED), chosen(second, COMPARED)
    k = min(NEAR, rows.size - 1)
    if k < 1:
        return None
    near, on_plain = (faithful.nearest(points[rows], k) for points in (space, plain))
    return Beside(rows, few, k, near, on_plain, _faithful(space[few], plain[few]))


def judged(
    space: Floats, flat: Floats, held: Beside | None, second: Mask, seed: int, progress: Progress
) -> tuple[tuple[Quality, ...], float]:
    """How faithful the map ``flat`` (n x 2) is to ``space`` (n x p, rows in random order), beside the plain
    projection.

    From a sample of both parts that includes rows that were only placed. Also the standard deviation of
    mixing on the map by lot.
    """
    if held is None:
        return (), 0.0
    rows, k = held.rows, held.k
    progress.at(0.0, "Judging the map")
    with ThreadPoolExecutor(1) as aside:
        faith = aside.submit(_faithful, space[held.few], flat[held.few])
        on_map = faithful.nearest(flat[rows], k, progress)
    (kept, far), (bare, far_bare) = faith.result(), held.plain
    told = [
        Quality("neighbours kept", faithful.recall(held.near, on_map), k / (rows.size - 1), "by chance"),
        Quality(
            "neighbours kept by PCA",
            faithful.recall(held.near, held.on_plain),
            k / (rows.size - 1),
            "by chance",
        ),
        Quality("trustworthiness", kept.trustworthiness, bare.trustworthiness, "of PCA"),
        Quality("continuity", kept.continuity, bare.continuity, "of PCA"),
        Quality("distances kept", far, far_bare, "of PCA"),
    ]
    noise = 0.0
    if second[rows].any() and not second[rows].all():
        mixed = faithful.mixing(held.near, second[rows])
        noise = faithful.mixing_noise(on_map, second[rows], seed)
        told += [
            Quality("mixing in the space", mixed, 1.0, "of parts that do not differ"),
            Quality("mixing on the map", faithful.mixing(on_map, second[rows]), mixed, "in the space"),
        ]
    return tuple(one for one in told if np.isfinite(one.value)), noise


def _faithful(space: Floats, flat: Floats) -> tuple[faithful.Trust, float]:
    """Trustworthiness and continuity, and the correlation of all distances, of a few rows."""
    return faithful.trust(space, flat, min(NEAR, (len(space) - 1) // 2)), faithful.distance_correlation(
        space, flat
    )
