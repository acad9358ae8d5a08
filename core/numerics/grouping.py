"""Rows that are equal, and how many would be by chance."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.frozen import lock_fields
from core.numerics.rowhash import Hashes, mix

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
_SHUFFLED_ROWS = 200_000  # rows shuffled in all: small tables are shuffled several times
NEGLIGIBLE = 1e-3
_SELDOM = 0.05  # pairs of equal rows up to which as many rows repeat another
ALL = (slice(None),)  # every row is compared with every other
_FEW_VALUES = 0.01  # share of pairs of rows that agree in a column of few values


def others_of(group: NDArray[np.int64] | NDArray[np.int32], rows: Mask) -> Mask:
    """The other rows of the groups of ``rows``. group: per row, negative where it is of none.

    >>> others_of(np.array([0, -1, 0, 3, 3]), np.array([False, True, True, False, False])).tolist()
    [True, False, False, False, False]
    """
    return np.asarray(np.isin(group, np.unique(group[rows & (group >= 0)])) & (group >= 0) & ~rows, bool)


@dataclass(frozen=True, eq=False)
class Repeats:
    """Which rows are equal.

    ``first``: int64 per row, the first row equal to it. ``group``: int32 per row, -1 where no other is equal;
    group 0 is the largest. ``sizes``: rows per group. ``chance``: how many rows would repeat another by
    chance. ``one_apart``: pairs of rows that differ in one column of few values and in no other; 0 where they
    were not counted.
    """

    first: Ids
    group: NDArray[np.int32]
    sizes: Ids
    chance: float = 0.0
    one_apart: int = 0

    def __post_init__(self) -> None:
        lock_fields(self)

    @property
    def pairs(self) -> int:
        """Pairs of equal rows."""
        return int((self.sizes * (self.sizes - 1) // 2).sum())

    @property
    def coarse(self) -> bool:
        """Whether as many pairs of rows differ in one column alone as in none: then rows lie so close that
        equal ones need not be one thing recorded twice. Copies of a thing have no such neighbours.
        """
        return self.one_apart >= self.pairs > 0

    @classmethod
    def of(
        cls,
        keys: Hashes,
        same: Callable[[Ids, Ids], Mask],
        columns: Iterable[Hashes],
        seed: int,
        within: Sequence[Mask | slice] = ALL,
    ) -> Repeats:
        """From a key per row, a judge of equality (see `first_equal`), the columns' hashes and the rows that
        are compared with each other, for the chance (`chance_excess`).
        """
        first = first_equal(keys, same)
        group, sizes = number_groups(first)
        return cls(first, group, sizes, chance_excess(columns, seed, within))

    @property
    def excess(self) -> Mask:
        """The rows that repeat an earlier one: all rows less the different ones."""
        return np.asarray(self.first != np.arange(self.first.size), dtype=bool)

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return self.first.nbytes + self.group.nbytes + self.sizes.nbytes


@dataclass(frozen=True, eq=False)
class Conflicts:
    """Equal rows whose labels differ.

    rows: mask, all rows of such groups that have a label.
    groups: how many such groups.
    unavoidable: rows on which every model that cannot tell equal rows apart must err: all but the most
        frequent label.
    chance: how many such rows there would be by chance.
    coarse: whether equal rows need not be one thing, see `Repeats.coarse`.
    group: int32 per row, its group of equal rows, -1 where no other is equal.
    """

    rows: Mask
    groups: int
    unavoidable: int
    chance: float = 0.0
    group: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    coarse: bool = False

    def __post_init__(self) -> None:
        lock_fields(self)

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return self.rows.nbytes + self.group.nbytes

    @classmethod
    def of(cls, repeats: Repeats, labels: Ids) -> Conflicts:
        """From the groups and a label number per row, -1 where there is none.

        >>> five = Repeats(np.zeros(5, int), np.zeros(5, np.int32), np.array([5]))
        >>> found = Conflicts.of(five, np.array([0, 0, 1, 1, -1]))
        >>> found.rows.tolist(), found.groups, found.unavoidable
        ([True, True, True, True, False], 1, 2)
        """
        asked = (repeats.group >= 0) & (labels >= 0)
        span = int(labels.max(initial=0)) + 1
        pairs, counts = np.unique(
            repeats.group[asked].astype(np.int64) * span + labels[asked], return_counts=True
        )
        groups = pairs // span
        kinds = np.bincount(groups, minlength=repeats.sizes.size)
        most = np.zeros(repeats.sizes.size, np.int64)
        np.maximum.at(most, groups, counts)
        torn = kinds > 1
        rows = asked.copy()
        rows[asked] = torn[repeats.group[asked]]
        # a group repeats by chance, too: then it is no wonder that its labels differ
        unavoidable = int(rows.sum() - most[torn].sum())
        return cls(rows, int(torn.sum()), unavoidable, 2.0 * repeats.chance, repeats.group, repeats.coarse)


def pairs_one_apart(columns: Callable[[], Iterable[Hashes]], start: Hashes) -> int:
    """How many pairs of rows differ in one column of few values and in no other. Of few values is a column in
    which one pair of rows in a hundred agrees, or more: who differs in a measurement alone is no neighbour.

    columns: gives the hashes of each column's values, anew at each call. start: a hash per row of what must
    be equal besides. As in all of this module, two different rows count as equal with a chance of 2**-64.

    >>> table = np.array([[1, 1], [1, 2], [1, 2], [3, 4]], np.uint64)
    >>> pairs_one_apart(lambda: table.T, np.zeros(4, np.uint64))  # the first with each of the next two
    2
    """

    def parts() -> Iterator[Hashes]:
        return (mix(mix(column) + np.uint64(place)) for place, column in enumerate(columns()))

    whole = start.copy()
    for part in parts():
        whole += part
    equal = _pairs(whole)
    few = _FEW_VALUES * whole.size * (whole.size - 1) / 2
    return sum(_pairs(whole - part) - equal for part in parts() if _pairs(part) >= few)


def _pairs(keys: Hashes) -> int:
    """Pairs of equal keys."""
    counts = np.unique(keys, return_counts=True)[1]
    return int((counts * (counts - 1) // 2).sum())


def first_equal(keys: Hashes, same: Callable[[Ids, Ids], Mask]) -> Ids:
    """For each row the first row equal to it (itself if there is none before it), int64.

    Rows with equal keys are candidates; ``same(rows, others)`` looks at the values and decides, so that a
    collision of keys does no harm.

    >>> first_equal(np.array([5, 5, 5, 7], np.uint64), lambda a, b: a % 2 == b % 2)  # rows 0 and 1 collide
    array([0, 1, 0, 3])
    """
    first = np.arange(keys.size, dtype=np.int64)
    left = first
    while left.size:
        heads = left[_first_of_each(keys[left])]
        repeats = heads != left
        rows, heads = left[repeats], heads[repeats]
        equal = same(rows, heads) if rows.size else np.zeros(0, bool)
        first[rows[equal]] = heads[equal]
        left = rows[~equal]
    return first


def _first_of_each(keys: Hashes) -> Ids:
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    first = np.empty(keys.size, np.int64)
    first[order] = np.repeat(order[starts], np.diff(np.append(starts, keys.size)))
    return first


def number_groups(first: Ids) -> tuple[NDArray[np.int32], Ids]:
    """Numbers for the groups of two rows or more, largest first (ties: the earlier first row): per row the
    group or -1; sizes.

    >>> number_groups(np.array([0, 1, 1, 0, 4, 1]))
    (array([ 1,  0,  0,  1, -1,  0], dtype=int32), array([3, 2]))
    """
    counts = np.bincount(first, minlength=first.size)
    heads = np.flatnonzero(counts > 1)
    heads = heads[np.argsort(-counts[heads], kind="stable")]
    number = np.full(first.size, -1, np.int32)
    number[heads] = np.arange(heads.size, dtype=np.int32)
    return number[first], counts[heads]


def chance_excess(columns: Iterable[Hashes], seed: int, within: Sequence[Mask | slice] = ALL) -> float:
    """How many rows would repeat an earlier one if the columns (one hash per value) had nothing to do with
    each other. within: the rows that are compared with each other alone, such as those of each part.

    By the birthday count n (n - 1) / 2 * prod_c sum_v p_cv**2 (expected pairs of equal rows) where that is
    below 0.001 over all parts (no further column is asked for), else by shuffling
    each column on its own and counting: where few columns hold few values, rows must repeat. Where so
    few would that shuffling hardly meets one (0.05), by the pairs that are equal after it on average:
    n (n - 1) / 2 * prod_c of the share of pairs of a column that are equal.

    >>> chance_excess([np.arange(8, dtype=np.uint64) % 2], seed=0)  # eight rows, two values: six must repeat
    6.0
    >>> half = np.arange(8) < 4
    >>> chance_excess([np.arange(8, dtype=np.uint64) % 2], 0, [half, ~half])  # two of four, twice
    4.0
    """
    expected, share, pairs = np.zeros(len(within)), np.ones(len(within)), np.ones(len(within))
    ranked: dict[int, list[Hashes]] = {at: [] for at in range(len(within))}
    for column in columns:
        for at, held in list(ranked.items()):
            own = np.sort(column[within[at]])  # so that the order of the rows cannot matter
            counts = np.unique(own, return_counts=True)[1].astype(np.float64)
            share[at] *= float(((counts / max(1, own.size)) ** 2).sum())
            pairs[at] *= float((counts * (counts - 1)).sum()) / max(1, own.size * (own.size - 1))
            expected[at] = own.size * (own.size - 1) / 2 * share[at]
            held.append(own)
            if expected[at] < NEGLIGIBLE / len(within):  # their sum is held against a limit
                del ranked[at]
        if not ranked:
            break
    for at, held in ranked.items():
        if held:
            seldom = held[0].size * (held[0].size - 1) / 2 * float(pairs[at])
            often = seldom >= _SELDOM  # else shuffling would hardly meet one
            expected[at] = _by_shuffling(held, np.random.default_rng(seed)) if often else seldom
    return float(expected.sum())


def _by_shuffling(columns: Sequence[Hashes], rng: np.random.Generator) -> float:
    rounds = int(np.clip(_SHUFFLED_ROWS // columns[0].size, 1, 100))
    return float(np.mean([_shuffled_excess(columns, rng) for _ in range(rounds)]))


def _shuffled_excess(columns: Sequence[Hashes], rng: np.random.Generator) -> int:
    hashes = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        hashes = mix(hashes ^ rng.permutation(column))
    return hashes.size - np.unique(hashes).size


def chance_equal_columns(counts: NDArray[np.int64]) -> float:
    """The chance that a column with these value counts equals one with the same counts, were its values in
    random order.

    One over the multinomial coefficient n! / (c_1! … c_m!).

    >>> round(chance_equal_columns(np.array([1, 3])), 6)  # one value among four can stand in four places
    0.25
    """
    from scipy.special import gammaln

    return float(np.exp(gammaln(counts + 1.0).sum() - gammaln(counts.sum() + 1.0)))


def expected_rows(rate: float, rows: int) -> float:
    """How many of so many rows a share of them is on average, to be said: whole ones, rounded up, from 10.

    >>> expected_rows(0.004, 9_930), expected_rows(0.004, 3_005), expected_rows(0.004, 200)
    (40.0, 13.0, 0.8)
    """
    most = rate * rows
    return float(math.ceil(most)) if most >= 10 else most


@functools.lru_cache(4_096)
def poisson_limit(expected: float) -> int:
    """What a count stays within in 999 of 1,000 cases when it is ``expected`` on average by chance (Poisson).

    >>> poisson_limit(1e-4), poisson_limit(0.05), poisson_limit(100)
    (0, 2, 132)
    """
    from scipy.stats import poisson

    return int(poisson.ppf(0.999, expected)) if expected > 0 else 0
