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


class Meaning(NamedTuple):
    """What a measure is called, and what it means."""

    label: str
    text: str


MEANINGS = {
    "neighbours_kept": Meaning(
        "Neighbours kept",
        "Share of the 15 nearest rows in the original space that are among the 15 nearest on the map.",
    ),
    "neighbours_kept_by_pca": Meaning(
        "Neighbours kept by PCA", "The same for the plain projection, which a map must beat."
    ),
    "trustworthiness": Meaning(
        "Trustworthiness", "1 where all neighbours on the map are neighbours in the original space."
    ),
    "continuity": Meaning(
        "Continuity", "1 where all neighbours in the original space are neighbours on the map."
    ),
    "distances_kept": Meaning(
        "Distances kept",
        "Rank correlation of all distances: where it is low, distances between islands mean nothing.",
    ),
    "mixing_in_space": Meaning(
        "Mixing in the original space",
        "Share of neighbours of the other part, over the expected: 1 is no difference, 0 is apart.",
    ),
    "mixing_on_map": Meaning(
        "Mixing on the map",
        "The same on the map. Lower than in the original space: it shows separation that is not there. "
        "Higher: it hides some.",
    ),
    "neighbours_kept_by_another_seed": Meaning(
        "Neighbours kept by another seed", "Overlap (Jaccard) of the neighbours when only the seed changes."
    ),
    "neighbours_kept_by_noise_twin": Meaning(
        "Neighbours kept by the noise twin",
        "What the method keeps where columns are independent: the look of no structure.",
    ),
}

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


class MapMeasure(NamedTuple):
    """One number about the map, one of `MEANINGS`. ``baseline``: what it is held against, as ``beside``
    says.
    """

    measure: str
    value: float
    baseline: float
    beside: str


class Neighbourhood(NamedTuple):
    """What a map is held against: the sample of ``rows`` (``few`` of them for measures of all pairs), their
    nearest ``k`` rows in the space and on the plain projection, and how faithful that one is."""

    rows: NDArray[np.int64]
    few: NDArray[np.int64]
    k: int
    near: faithful.Index
    on_plain: faithful.Index
    plain: tuple[faithful.Trust, float]

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return sum(array.nbytes for array in (self.rows, self.few, self.near, self.on_plain))


def beside(space: Floats, plain: Floats, second: Mask) -> Neighbourhood | None:
    """All that can be worked out before there is a map; None for one row. ``plain``: the plain projection
    (n x 2), see `judged`.
    """
    rows, few = chosen(second, JUDGED), chosen(second, COMPARED)
    k = min(NEAR, rows.size - 1)
    if k < 1:
        return None
    near, on_plain = (faithful.nearest(points[rows], k) for points in (space, plain))
    return Neighbourhood(rows, few, k, near, on_plain, _faithful(space[few], plain[few]))


def judged(
    space: Floats, flat: Floats, held: Neighbourhood | None, second: Mask, seed: int, progress: Progress
) -> tuple[tuple[MapMeasure, ...], float]:
    """How faithful the map ``flat`` (n x 2) is to ``space`` (n x p, rows in random order), beside the plain
    projection.

    From a sample of both parts that includes rows that were only placed. Also the standard deviation of
    mixing on the map under permutation.
    """
    if held is None:
        return (), 0.0
    rows, k = held.rows, held.k
    progress.at(0.0, "Judging the map")
    with ThreadPoolExecutor(1) as aside:
        faith = aside.submit(_faithful, space[held.few], flat[held.few])
        on_map = faithful.nearest(flat[rows], k, progress)
    (kept, far), (plain, far_plain) = faith.result(), held.plain
    expected = k / (rows.size - 1)
    on_plain = faithful.recall(held.near, held.on_plain)
    measures = [
        MapMeasure("neighbours_kept", faithful.recall(held.near, on_map), expected, "expected by chance"),
        MapMeasure("neighbours_kept_by_pca", on_plain, expected, "expected by chance"),
        MapMeasure("trustworthiness", kept.trustworthiness, plain.trustworthiness, "of PCA"),
        MapMeasure("continuity", kept.continuity, plain.continuity, "of PCA"),
        MapMeasure("distances_kept", far, far_plain, "of PCA"),
    ]
    noise = 0.0
    if second[rows].any() and not second[rows].all():
        in_space = faithful.mixing(held.near, second[rows])
        flat_mixing = faithful.mixing(on_map, second[rows])
        noise = faithful.mixing_noise(on_map, second[rows], seed)
        measures += [
            MapMeasure("mixing_in_space", in_space, 1.0, "without a difference"),
            MapMeasure("mixing_on_map", flat_mixing, in_space, "in the original space"),
        ]
    return tuple(one for one in measures if np.isfinite(one.value)), noise


def _faithful(space: Floats, flat: Floats) -> tuple[faithful.Trust, float]:
    """Trustworthiness and continuity, and the correlation of all distances, of a few rows."""
    return faithful.trust(space, flat, min(NEAR, (len(space) - 1) // 2)), faithful.distance_correlation(
        space, flat
    )
