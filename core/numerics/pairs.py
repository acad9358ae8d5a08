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
    rank_bins,
    table_chance,
)
from core.numerics.correlation import (
    Mask,
    centred,
    correlation_chance,
    correlations,
    excess_kurtosis,
    log_arrangements,
    mid_ranks,
)
from core.progress import Progress

Index = NDArray[np.int64]
NUMERIC, MIXED, CATEGORY = 0, 1, 2
Groups = dict[int, tuple[Codes, int]]  # place of a column -> its codes (0: missing) and the number of its levels
_AT_ONCE = 2_000_000  # codes counted in one call
_CELLS = 4_000_000  # cells of tables held at once


class Ranked(NamedTuple):
    """One column of numbers, ready. ``ranks``, ``values``: centred, unit length, 0 where not known. ``bins``: equal-mass codes,
    1 to ``levels``. ``scores``: mean rank per bin. ``kurtosis``: of the ranks. ``floor``: least possible p-value."""

    ranks: Floats
    values: Floats
    known: Mask
    bins: Codes
    scores: Floats
    kurtosis: float
    floor: float


def ranked(values: Floats) -> Ranked | None:
    """A column of numbers (NaN: missing) made ready; None where fewer than three distinct values are known: that is two levels."""
    ranks, counts = mid_ranks(values)
    if counts.size < 3:
        return None
    known = ranks > 0
    count = int(known.sum())
    bins = rank_bins(ranks, known, bins_for(count))
    held = np.bincount(bins, minlength=bins_for(count) + 1)[1:]
    scores = np.bincount(bins, weights=ranks, minlength=held.size + 1)[1:] / np.maximum(held, 1)
    unit = centred(ranks, known)
    floor = float(np.exp(log_arrangements(counts)))
    return Ranked(unit, centred(values, known), known, bins, scores, excess_kurtosis(unit, count), floor)


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


def relate(numbers: dict[int, Ranked], groups: Groups, most: int, progress: Progress) -> Pairs:
    """The ``most`` strongest pairs of the columns; the keys of ``numbers`` and ``groups`` are places in the table.

    Pairs with fewer than four complete rows, or one side constant over them, are left out.
    """
    found = []
    if len(numbers) > 1:
        found.append(_numeric(numbers))
    progress.at(0.3, "Comparing columns")
    if groups:
        found += _tables(numbers, groups, progress.part(0.3, 0.95))
    found = [one for one in found if one.left.size]
    if not found:
        none, place = np.zeros(0), np.zeros(0, np.int64)
        return Pairs(place, place, place.astype(np.int8), none, none, none, none, none, none, none, none, 0)
    return _strongest(found, most)


def _numeric(numbers: dict[int, Ranked]) -> _Found:
    places = np.array(list(numbers), dtype=np.int64)
    columns = list(numbers.values())
    known = np.stack([c.known for c in columns])
    spearman = correlations(np.stack([c.ranks for c in columns]), known)
    pearson = correlations(np.stack([c.values for c in columns]), known).r
    upper = np.triu_indices(len(columns), 1)
    keep = np.isfinite(spearman.r[upper]) & (spearman.n[upper] >= 4)
    i, j = upper[0][keep], upper[1][keep]
    value, n = spearman.r[i, j], spearman.n[i, j]
    kurtosis, floor = np.array([c.kurtosis for c in columns]), np.array([c.floor for c in columns])
    chance = correlation_chance(n, kurtosis[i], kurtosis[j], np.maximum(floor[i], floor[j]))
    extra = np.full((4, value.size), np.nan)
    extra[0] = pearson[i, j]
    kind = np.full(value.size, NUMERIC, np.int8)
    return _Found(places[i], places[j], kind, value, value**2, n, chance, extra, np.zeros((2, value.size)))


def _tables(numbers: dict[int, Ranked], groups: Groups, progress: Progress) -> list[_Found]:
    """Each column of levels against every column of numbers and every later column of levels."""
    found = []
    bins = {place: (c.bins, c.scores.size) for place, c in numbers.items()}
    places = list(groups)
    for done, place in enumerate(progress.each(places, "Comparing columns")):
        later = {other: groups[other] for other in places[done + 1 :]}
        for others, mixed in ((later, False), (bins, True)):
            for batch in _batches(others, groups[place]):
                found.append(_batch(place, groups[place], {other: others[other] for other in batch}, numbers if mixed else {}))
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


def _batch(place: int, left: tuple[Codes, int], others: Groups, numbers: dict[int, Ranked]) -> _Found:
    stacked = np.stack([codes for codes, _ in others.values()])
    tables = contingency(left[0], stacked, (left[1], max(levels for _, levels in others.values())))
    said = links(tables)
    keep = np.isfinite(said.phi2)
    other = np.array(list(others), dtype=np.int64)[keep]
    scores = np.zeros((len(tables), tables.shape[2]))
    for j, number in enumerate(numbers[one] for one in others if numbers):
        scores[j, : number.scores.size] = number.scores
    eta = correlation_ratio(tables, scores)
    said = Links(*(values[keep] for values in said))
    after = other > place
    value = cramers_v(said.phi2, said.n, said.rows, said.columns)
    forth, back = (
        np.where(after, said.right_given_left, said.left_given_right),
        np.where(after, said.left_given_right, said.right_given_left),
    )
    extra = np.stack([np.full(value.size, np.nan), forth, back, eta[keep]])
    kind = np.full(value.size, MIXED if numbers else CATEGORY, np.int8)
    least, most = np.minimum(other, place), np.maximum(other, place)
    return _Found(least, most, kind, value, said.phi2, said.n, table_chance(said), extra, np.stack([said.rows, said.columns]))


def _strongest(found: list[_Found], most: int) -> Pairs:
    """All pairs together: q-values over all of them, the noise line for the strongest only (it is dear)."""
    from scipy.stats import false_discovery_control

    def together(name: str) -> NDArray[np.generic]:
        return np.concatenate([getattr(one, name) for one in found], axis=-1)

    value, left, right = together("value"), together("left"), together("right")
    q = false_discovery_control(np.concatenate([one.chance.p(one.strength) for one in found]), method="bh")
    order = np.lexsort((right, left, -np.round(np.abs(value), 12)))[:most]
    chance = Chance(*(np.concatenate([getattr(one.chance, name) for one in found])[order] for name in ("a", "b", "top", "floor", "sparse")))
    kind, n, (rows, columns) = together("kind")[order], together("n")[order], together("levels")[:, order]
    line = chance.line()
    v = cramers_v(line, n, rows, columns)
    pearson, forth, back, eta = together("extra")[:, order]
    noise = np.where(kind == NUMERIC, np.sqrt(line), v)
    return Pairs(left[order], right[order], kind, value[order], noise, n, q[order], pearson, forth, back, eta, tested=value.size)
