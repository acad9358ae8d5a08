"""All pairs of columns of one table: how strongly they go together, against the noise line, with q-values over all pairs.

Numbers with numbers: Spearman. Levels with levels: bias-corrected Cramer's V. Numbers with levels: Cramer's V of the equal-mass bins
of the ranks, so that a threshold or any other monotone relation is found however skewed the numbers are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.frozen import lock_fields
from core.numerics.association import (
    Chance,
    Codes,
    Floats,
    Links,
    bins_for,
    contingency,
    correlation_ratio,
    cramers_v,
    links,
    q_values,
    rank_bins,
    table_chance,
)
from core.numerics.correlation import Mask, correlation_chance, correlations, rank, unit
from core.progress import Progress

Index = NDArray[np.int64]
NUMERIC, MIXED, CATEGORY = 0, 1, 2
Groups = dict[int, tuple[Codes, int]]  # place of a column -> its codes (0: missing) and the number of its levels
_DOUBLE_ROWS = 100_000  # rows up to which correlations are worked out in double precision
_AT_ONCE = 2_000_000  # codes counted in one call
_CELLS = 4_000_000  # cells of tables held at once


class Numbers:
    """Columns of numbers made ready, at most ``most`` of them over ``rows`` rows; `add` them one by one.

    ``places``: of the columns, as they were added (p). ``ranks``, ``values``: p x rows, centred, of unit length, 0 where not known; in
    float32 above 100,000 rows. ``bins``: equal-mass codes, 0 where not known. ``scores``: mean rank of each bin.
    """

    def __init__(self, most: int, rows: int) -> None:
        kind = np.float64 if rows <= _DOUBLE_ROWS else np.float32
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
        return {place: (codes, scores.size) for place, codes, scores in zip(self.places, self.bins, self.scores, strict=True)}

    def add(self, place: int, values: Floats) -> bool:
        """Take in a column (NaN: missing); False, and nothing done, where fewer than three distinct values are known."""
        ranked = rank(values)
        if ranked.distinct < 3:
            return False
        at, ranks = len(self.places), ranked.ranks
        whole = ranked.known == values.size
        np.greater(ranks, 0, out=self._known[at])
        bins = rank_bins(ranks, ranked.known)
        levels = bins_for(ranked.known)
        held = np.bincount(bins, minlength=levels + 1)[1:]
        second, kurtosis = ranked.spread
        self.scores.append(np.bincount(bins, weights=ranks, minlength=levels + 1)[1:] / np.maximum(held, 1))
        self._values[at] = unit(values, None if whole else self._known[at])
        ranks -= (ranked.known + 1) / 2
        ranks /= np.sqrt(second)
        self._ranks[at] = ranks
        if not whole:
            self._ranks[at][~self._known[at]] = 0.0
        self.places.append(place)
        self.bins.append(bins)
        self.kurtosis.append(kurtosis)
        self.floor.append(float(np.exp(ranked.log_arrangements)))
        return True


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of columns, strongest first. ``left`` < ``right``: places of the columns in the table. ``kind``: NUMERIC, MIXED, CATEGORY.

    ``value``: Spearman's coefficient (signed) or Cramer's V. ``noise``: what |value| stays under with 95 % probability when the columns
    have nothing to do with each other. ``q``: Benjamini-Hochberg over all ``tested`` pairs. ``pearson``: numbers only.
    ``right_given_left``, ``left_given_right``: Theil's U of levels (numbers: of their bins). ``eta``: of the binned ranks between the
    levels, mixed only. nan where a measure does not apply.
    """

    left: Index
    right: Index
    kind: NDArray[np.int8]
    value: Floats
    noise: Floats
    n: Floats
    q: Floats
    pearson: Floats
    right_given_left: Floats
    left_given_right: Floats
    eta: Floats
    tested: int

    def __post_init__(self) -> None:
        lock_fields(self)

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return 81 * self.left.size


class _Found(NamedTuple):
    """Pairs of one sort before they are put together; ``strength`` is what ``chance`` speaks of."""

    left: Index
    right: Index
    kind: NDArray[np.int8]
    value: Floats
    strength: Floats
    n: Floats
    chance: Chance
    extra: Floats  # 4 x pairs: pearson, right_given_left, left_given_right, eta
    levels: Floats  # 2 x pairs: rows and columns of the table


def relate(numbers: Numbers, groups: Groups, most: int, progress: Progress) -> tuple[Pairs, Floats]:
    """The ``most`` strongest pairs of the columns (keys of ``groups`` are places in the table), and the products of the numbers' values.

    Pairs with fewer than four complete rows, or one side constant over them, are left out.
    """
    found, cross = _numeric(numbers)
    progress.at(0.3, "Comparing columns")
    found += _tables(numbers, groups, progress.part(0.3, 0.95))
    found = [one for one in found if one.left.size]
    if not found:
        none, place = np.zeros(0), np.zeros(0, np.int64)
        return Pairs(place, place, place.astype(np.int8), none, none, none, none, none, none, none, none, 0), cross
    return _strongest(found, most), cross


def _numeric(numbers: Numbers) -> tuple[list[_Found], Floats]:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # on a busy machine the threads of the product wait for each other longer than they work
        spearman = correlations(numbers.ranks, numbers.known)
        pearson = correlations(numbers.values, numbers.known)
    upper = np.triu_indices(len(numbers.places), 1)
    keep = np.isfinite(spearman.r[upper]) & (spearman.n[upper] >= 4)
    i, j = upper[0][keep], upper[1][keep]
    value, n = spearman.r[i, j], spearman.n[i, j]
    kurtosis, floor = np.array(numbers.kurtosis), np.array(numbers.floor)
    chance = correlation_chance(n, kurtosis[i], kurtosis[j], np.maximum(floor[i], floor[j]))
    extra = np.full((4, value.size), np.nan)
    extra[0] = pearson.r[i, j]
    places = np.array(numbers.places, dtype=np.int64)
    kind = np.full(value.size, NUMERIC, np.int8)
    return [_Found(places[i], places[j], kind, value, value**2, n, chance, extra, np.zeros((2, value.size)))], pearson.cross


def _tables(numbers: Numbers, groups: Groups, progress: Progress) -> list[_Found]:
    """Each column of levels against every column of numbers and every later column of levels."""
    found = []
    bins, scores = numbers.codes, dict(zip(numbers.places, numbers.scores, strict=True))
    places = list(groups)
    for done, place in enumerate(progress.each(places, "Comparing columns")):
        later = {other: groups[other] for other in places[done + 1 :]}
        for others, mixed in ((later, False), (bins, True)):
            for batch in _batches(others, groups[place]):
                found.append(_batch(place, groups[place], {other: others[other] for other in batch}, scores if mixed else {}))
    return found


def _batches(others: Groups, left: tuple[Codes, int]) -> list[list[int]]:
    """The other columns in batches of like numbers of levels, each small enough to be counted at once."""
    order = sorted(others, key=lambda place: others[place][1])
    batches: list[list[int]] = []
    for place in order:
        width = (left[1] + 1) * (others[place][1] + 1)
        room = max(1, min(_AT_ONCE // max(1, left[0].size), _CELLS // width))
        if not batches or len(batches[-1]) >= room:
            batches.append([])
        batches[-1].append(place)
    return batches


def _batch(place: int, left: tuple[Codes, int], others: Groups, scores: dict[int, Floats]) -> _Found:
    stacked = np.stack([codes for codes, _ in others.values()])
    tables = contingency(left[0], stacked, (left[1], max(levels for _, levels in others.values())))
    said = links(tables)
    keep = np.isfinite(said.phi2)
    other = np.array(list(others), dtype=np.int64)[keep]
    levels = np.zeros((len(tables), tables.shape[2]))
    for j, score in enumerate(scores[one] for one in others if scores):
        levels[j, : score.size] = score
    eta = correlation_ratio(tables, levels)
    said = Links(*(values[keep] for values in said))
    after = other > place
    value = cramers_v(said.phi2, said.n, said.rows, said.columns)
    forth, back = (
        np.where(after, said.right_given_left, said.left_given_right),
        np.where(after, said.left_given_right, said.right_given_left),
    )
    extra = np.stack([np.full(value.size, np.nan), forth, back, eta[keep]])
    kind = np.full(value.size, MIXED if scores else CATEGORY, np.int8)
    least, most = np.minimum(other, place), np.maximum(other, place)
    return _Found(least, most, kind, value, said.phi2, said.n, table_chance(said), extra, np.stack([said.rows, said.columns]))


def _strongest(found: list[_Found], most: int) -> Pairs:
    """All pairs together: q-values over all of them, the noise line for the strongest only (it is dear)."""

    def together(name: str) -> NDArray[np.generic]:
        return np.concatenate([getattr(one, name) for one in found], axis=-1)

    value, left, right = together("value"), together("left"), together("right")
    q = q_values(np.concatenate([one.chance.p(one.strength) for one in found]))
    order = np.lexsort((right, left, -np.round(np.abs(value), 12)))[:most]
    chance = Chance(*(np.concatenate([getattr(one.chance, name) for one in found])[order] for name in ("a", "b", "top", "floor", "sparse")))
    kind, n, (rows, columns) = together("kind")[order], together("n")[order], together("levels")[:, order]
    line = chance.line()
    v = cramers_v(line, n, rows, columns)
    pearson, forth, back, eta = together("extra")[:, order]
    noise = np.where(kind == NUMERIC, np.sqrt(line), v)
    return Pairs(left[order], right[order], kind, value[order], noise, n, q[order], pearson, forth, back, eta, tested=value.size)
