"""All pairs of columns of one table: how strongly they are associated, against the noise floor, with q-values
over all pairs.

Numbers with numbers: Spearman. Levels with levels: bias-corrected Cramer's V. Numbers with levels: Cramer's V
of the equal-mass bins of the ranks, so that a threshold or any other monotone relation is found however
skewed the numbers are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.association.strongest import CATEGORY, MIXED, NUMERIC, Extremes, Strongest, StrongestPairs
from core.numerics.association import (
    Codes,
    Floats,
    Links,
    bins_for,
    contingency,
    correlation_ratio,
    cramers_v,
    links,
    rank_bins,
    table_chance,
)
from core.numerics.correlation import Mask, correlation_chance, correlations, rank, unit
from core.progress import Progress
from core.workers import one_blas_thread

# place of a column -> its codes (0: missing) and the number of its levels
Groups = dict[int, tuple[Codes, int]]
_DOUBLE_CELLS = 4_000_000  # numbers up to which columns are held in double precision
_PAIRS = 100_000  # pairs of numbers judged at once
_CELLS = 400_000  # cells of tables held at once: few enough to stay in the cache


class NumberColumn(NamedTuple):
    """One column of numbers made ready, as `Numbers` holds it. ``kurtosis`` of its ranks; ``floor``: the
    chance of their one order.
    """

    ranks: Floats
    values: Floats
    known: Mask
    bins: Codes
    scores: Floats
    kurtosis: float
    floor: float


def number_column(values: Floats) -> NumberColumn | None:
    """A column (NaN: missing) ranked, scaled and binned; None where fewer than three distinct values are
    known.
    """
    ranked = rank(values)
    if ranked.distinct < 3:
        return None
    ranks = ranked.ranks
    known = ranks > 0
    whole = ranked.known == values.size
    bins = rank_bins(ranks, ranked.known)
    levels = bins_for(ranked.known)
    held = np.bincount(bins, minlength=levels + 1)[1:]
    scores = np.bincount(bins, weights=ranks, minlength=levels + 1)[1:] / np.maximum(held, 1)
    ranks -= (ranked.known + 1) / 2
    if not whole:
        ranks[~known] = 0.0
    scaled = unit(values, None if whole else known)
    return NumberColumn(
        ranks, scaled, known, bins, scores, ranked.spread[1], float(np.exp(ranked.log_arrangements))
    )


class Numbers:
    """Columns of numbers made ready, at most ``most`` of them over ``rows`` rows; `add` them one by one.

    ``places``: of the columns, as they were added (p). ``ranks``, ``values``: p x rows, centred, the values
    of unit length, 0 where not known; in float32, which holds ranks exactly up to eight million rows, where
    there are more than four million cells. ``bins``: equal-mass codes, 0 where not known. ``scores``: mean
    rank of each bin.
    """

    def __init__(self, most: int, rows: int) -> None:
        kind = np.float64 if most * rows <= _DOUBLE_CELLS else np.float32
        self.places: list[int] = []
        self._ranks, self._values = np.empty((most, rows), kind), np.empty((most, rows), kind)
        self._known = np.empty((most, rows), bool)
        self.bins: list[Codes] = []
        self.scores: list[Floats] = []
        self.kurtosis: list[float] = []
        self.floor: list[float] = []

    @property
    def ranks(self) -> NDArray[np.floating]:
        """The ranks of the columns, p x rows."""
        return self._ranks[: len(self.places)]

    @property
    def values(self) -> NDArray[np.floating]:
        """The values of the columns, p x rows."""
        return self._values[: len(self.places)]

    @property
    def known(self) -> Mask:
        """Where a value is known, p x rows."""
        return self._known[: len(self.places)]

    @property
    def codes(self) -> Groups:
        """The binned columns as levels."""
        return {
            place: (codes, scores.size)
            for place, codes, scores in zip(self.places, self.bins, self.scores, strict=True)
        }

    def add(self, place: int, column: NumberColumn) -> None:
        """Take in a column."""
        at = len(self.places)
        self._ranks[at], self._values[at], self._known[at] = column.ranks, column.values, column.known
        self.places.append(place)
        self.bins.append(column.bins)
        self.scores.append(column.scores)
        self.kurtosis.append(column.kurtosis)
        self.floor.append(column.floor)


def relate(numbers: Numbers, groups: Groups, most: int, progress: Progress) -> tuple[StrongestPairs, Floats]:
    """The ``most`` strongest pairs of the columns (keys of ``groups`` are places in the table), and the
    products of the numbers' values.

    Pairs with fewer than four complete rows, or one side constant over them, are left out.
    """
    strongest = Strongest(most)
    cross = _numeric(numbers, strongest)
    progress.at(0.3, "Comparing columns")
    _tables(numbers, groups, strongest, progress.part(0.3, 0.95))
    return strongest.pairs(), cross


def _numeric(numbers: Numbers, strongest: Strongest) -> Floats:
    # on a busy machine the threads of the product wait for each other longer than they work
    with one_blas_thread():
        spearman = correlations(numbers.ranks, numbers.known)
        pearson = correlations(numbers.values, numbers.known)
    upper = np.triu_indices(len(numbers.places), 1)
    usable = np.flatnonzero(np.isfinite(spearman.r[upper]) & (spearman.n[upper] >= 4))
    kurtosis, floor = np.array(numbers.kurtosis), np.array(numbers.floor)
    places = np.array(numbers.places, dtype=np.int64)
    for first in range(0, usable.size, _PAIRS):
        i, j = (side[usable[first : first + _PAIRS]] for side in upper)
        value, n = spearman.r[i, j], spearman.n[i, j]
        chance = correlation_chance(n, kurtosis[i], kurtosis[j], np.maximum(floor[i], floor[j]))
        extra = np.full((4, value.size), np.nan)
        extra[0] = pearson.r[i, j]
        kind = np.full(value.size, NUMERIC, np.int8)
        strongest.add(
            Extremes(
                left=places[i],
                right=places[j],
                kind=kind,
                value=value,
                strength=value**2,
                n=n,
                chance=chance,
                extra=extra,
                levels=np.zeros((2, value.size)),
            )
        )
    return pearson.cross


def _tables(numbers: Numbers, groups: Groups, strongest: Strongest, progress: Progress) -> None:
    """Each column of levels against every column of numbers and every later column of levels."""
    bins, scores = numbers.codes, dict(zip(numbers.places, numbers.scores, strict=True))
    places = list(groups)
    for done, place in enumerate(progress.each(places, "Comparing columns")):
        later = {other: groups[other] for other in places[done + 1 :]}
        for others, mixed in ((later, False), (bins, True)):
            for batch in _batches(others, groups[place][1]):
                strongest.add(
                    _batch(
                        place,
                        groups[place],
                        {other: others[other] for other in batch},
                        scores if mixed else {},
                    )
                )


def _batches(others: Groups, levels: int) -> list[list[int]]:
    """The other columns in batches of like numbers of levels, each small enough to be counted at once."""
    batches: list[list[int]] = []
    for place in sorted(others, key=lambda place: others[place][1]):
        room = max(1, _CELLS // ((levels + 1) * (others[place][1] + 1)))
        if not batches or len(batches[-1]) >= room:
            batches.append([])
        batches[-1].append(place)
    return batches


def _batch(place: int, left: tuple[Codes, int], others: Groups, scores: dict[int, Floats]) -> Extremes:
    tables = contingency(
        left[0],
        [codes for codes, _ in others.values()],
        (left[1], max(levels for _, levels in others.values())),
    )
    linked = links(tables)
    keep = np.isfinite(linked.phi2)
    other = np.array(list(others), dtype=np.int64)[keep]
    eta = np.full(len(tables), np.nan)
    if scores:
        levels = np.zeros((len(tables), tables.shape[2]))
        for j, one in enumerate(others):
            levels[j, : scores[one].size] = scores[one]
        eta = correlation_ratio(tables, levels)
    linked = Links(*(values[keep] for values in linked))
    after = other > place
    value = cramers_v(linked.phi2, linked.n, linked.rows, linked.columns)
    forth, back = (
        np.where(after, linked.right_given_left, linked.left_given_right),
        np.where(after, linked.left_given_right, linked.right_given_left),
    )
    extra = np.stack([np.full(value.size, np.nan), forth, back, eta[keep]])
    kind = np.full(value.size, MIXED if scores else CATEGORY, np.int8)
    least, most = np.minimum(other, place), np.maximum(other, place)
    return Extremes(
        left=least,
        right=most,
        kind=kind,
        value=value,
        strength=linked.phi2,
        n=linked.n,
        chance=table_chance(linked),
        extra=extra,
        levels=np.stack([linked.rows, linked.columns]),
    )
