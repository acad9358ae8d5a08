"""Whether the values of one column decide which values of another are missing: a rule, its exceptions, and
what chance would do.

Everything is worked out from counts: of each level, ascending where there is an order, how many rows are
missing and how many present.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
How = Literal["levels", "one", "up to", "from"]

LEAST = 20  # missing rows, and present rows, below which nothing is said
SLACK = 0.005  # share of the missing, or of the present rows that may be exceptions
PURE = 0.05  # share of the rows at the levels of one side that may be exceptions
MOST_LEVELS = 30  # of which each may stand on either side; of more, one value or a border decides


class Decided(NamedTuple):
    """A rule. ``how``: "levels" (any of them), "one" (a single value), "up to" or "from" (a border).
    ``absent``: per level, whether the rule says missing. ``exceptions``: rows that it gets wrong, of ``n``.
    ``log_chance``: see `log_chance`; ``by_chance``: the share of rows that such a rule gets right with so
    many gaps at random, 19 times in 20 at most."""

    how: How
    absent: Mask
    exceptions: int
    n: int
    log_chance: float
    by_chance: float


def decided(absent: Ints, here: Ints, ordered: bool) -> Decided | None:
    """The best rule by which levels decide what is missing; None where there is none that is good enough.

    absent, here: missing and present rows per level. ordered: the levels ascend, so that a border may decide.

    >>> rule = decided(np.array([0, 40, 0]), np.array([50, 0, 30]), False)
    >>> rule.how, rule.absent.tolist(), rule.exceptions
    ('levels', [False, True, False], 0)
    >>> decided(np.array([10, 30, 0]), np.array([40, 10, 30]), False) is None
    True
    """
    missing, present = int(absent.sum()), int(here.sum())
    if min(missing, present) < LEAST:
        return None
    fits = [(how, mask) for how, mask in _rules(absent, here, ordered) if _fits(absent, here, mask)]
    if not fits:
        return None
    wrong, _, how, mask = min(
        (int(absent[~mask].sum() + here[mask].sum()), place, how, mask)
        for place, (how, mask) in enumerate(fits)
    )
    rules = _log_rules(absent.size, how)
    chance = log_chance(missing + present, missing, wrong, rules)
    return Decided(how, mask, wrong, missing + present, chance, _by_chance(missing + present, missing, rules))


def fewest_exceptions(absent: Ints, here: Ints, ordered: bool) -> Ints:
    """The exceptions, among these rows, of the rule of `decided` that has fewest of them; of many columns
    with gaps at once.

    absent, here: columns with gaps x levels.

    >>> fewest_exceptions(np.array([[0, 9, 1], [5, 5, 5]]), np.array([[9, 0, 9], [5, 5, 5]]), False).tolist()
    [1, 15]
    """
    missing, present = absent.sum(axis=1), here.sum(axis=1)
    # a rule may speak of values that are not among these rows
    fewest = np.minimum(missing, present)
    # a rule that says missing at some levels is wrong at all that are missing less those
    gain = absent - here
    if ordered and absent.shape[1]:
        lead = np.cumsum(gain, axis=1)
        ends = (gain.max(axis=1), lead.max(axis=1), lead[:, -1] - lead.min(axis=1))
        fewest = np.minimum(fewest, missing - np.max(ends, axis=0))
    if absent.shape[1] <= MOST_LEVELS:
        fewest = np.minimum(fewest, np.minimum(absent, here).sum(axis=1))
    return np.asarray(fewest, dtype=np.int64)


def allowed(missing: int, present: int) -> float:
    """The most exceptions that a rule may have."""
    return min(SLACK * missing, PURE * present) + min(SLACK * present, PURE * missing / (1.0 - PURE))


def most_in_part(n: int, share: float) -> float:
    """The most exceptions of a rule among ``n`` rows drawn at random, of a table in which their share is at
    most ``share``, but for one time in a billion (Bernstein's inequality, which holds for draws without
    replacement too: Hoeffding 1963, section 6).

    >>> from scipy.stats import binom
    >>> most = most_in_part(1_000, 0.01)
    >>> round(most, 1), bool(binom.sf(most, 1_000, 0.01) < 1e-9)
    (38.4, True)
    """
    expected, log = n * share, math.log(1e9)
    return expected + log / 3.0 + math.sqrt(log * log / 9.0 + 2.0 * expected * log)


def log_chance(n: int, missing: int, wrong: int, log_rules: float) -> float:
    """Upper bound of the logarithm of the chance that any rule tells ``missing`` of ``n`` rows, drawn at
    random, with at most ``wrong`` exceptions: rules times the sets of rows that differ from a rule's in so
    many places, over all sets of that size.

    >>> round(math.exp(log_chance(4, 2, 0, 0.0)), 4)  # one rule: one set of the six
    0.1667
    """
    if 2 * wrong >= n:
        return 0.0
    return min(0.0, log_rules + math.log(wrong + 1.0) + _log_choose(n, wrong) - _log_choose(n, missing))


def _by_chance(n: int, missing: int, log_rules: float) -> float:
    # so many exceptions has the rule that all is missing, or that nothing is
    low, high = 0, min(missing, n - missing)
    while low < high:
        middle = (low + high) // 2
        low, high = (
            (middle + 1, high)
            if log_chance(n, missing, middle, log_rules) <= math.log(0.05)
            else (low, middle)
        )
    return 1.0 - low / n


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1.0) - math.lgamma(k + 1.0) - math.lgamma(n - k + 1.0)


def _log_rules(levels: int, how: How) -> float:
    return levels * math.log(2.0) if how == "levels" else math.log(3.0 * levels)


def _rules(absent: Ints, here: Ints, ordered: bool) -> list[tuple[How, Mask]]:
    """The best rule of each sort, the easiest to say first."""
    if absent.size < 2:
        return []
    rules: list[tuple[How, Mask]] = []
    if ordered:
        places = np.arange(absent.size)
        rules.append(("one", places == int((absent - here).argmax())))
        lead = np.cumsum(absent - here)
        rules.append(("up to", places <= int(lead.argmax())))
        rules.append(("from", places > int(lead.argmin())))
    if absent.size <= MOST_LEVELS:
        rules.append(("levels", absent > here))
    return rules


def _fits(absent: Ints, here: Ints, mask: Mask) -> bool:
    """Whether so few rows are exceptions, of all rows on each side and of the levels on each side."""
    lost, kept = int(absent[~mask].sum()), int(here[mask].sum())
    right, there = int(absent[mask].sum()), int(here[~mask].sum())
    few = lost <= SLACK * (lost + right) and kept <= SLACK * (kept + there)
    return few and kept <= PURE * (kept + right) and lost <= PURE * (lost + there)
