"""The strongest of many pairs of columns, with what has to be known of the others: their p-values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.frozen import lock_fields
from core.numerics.association import Chance, Floats, cramers_v
from core.numerics.multiple_tests import q_values

Index = NDArray[np.int64]
NUMERIC, MIXED, CATEGORY = 0, 1, 2


@dataclass(frozen=True, eq=False)
class StrongestPairs:
    """Pairs of columns, strongest first. ``left`` < ``right``: places of the columns in the table. ``kind``:
    NUMERIC, MIXED, CATEGORY.

    ``value``: Spearman's coefficient (signed) or Cramer's V. ``noise``: what |value| stays under with 95%
    probability when the columns have nothing to do with each other. ``q``: Benjamini-Hochberg over all
    ``tested`` pairs. ``pearson``: numbers only. ``right_given_left``, ``left_given_right``: Theil's U of
    levels (numbers: of their bins). ``eta``: of the binned ranks between the levels, mixed only. nan where a
    measure does not apply.
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


class Extremes(NamedTuple):
    """Pairs of columns; the last axis of every field runs over them. ``strength`` is what ``chance`` speaks
    of.
    """

    left: Index
    right: Index
    kind: NDArray[np.int8]
    value: Floats
    strength: Floats
    n: Floats
    chance: Chance
    extra: Floats  # 4 x pairs: pearson, right_given_left, left_given_right, eta
    levels: Floats  # 2 x pairs: rows and columns of the table

    def take(self, pairs: Index) -> Extremes:
        """Some of the pairs."""
        held: list[Any] = [one.take(pairs) if isinstance(one, Chance) else one[..., pairs] for one in self]
        return Extremes(*held)

    @staticmethod
    def joined(parts: list[Extremes]) -> Extremes:
        """The pairs of all parts."""
        fields: list[Any] = list(zip(*parts, strict=True))
        held: list[Any] = [
            Chance.joined(one) if isinstance(one[0], Chance) else np.concatenate(one, axis=-1)
            for one in fields
        ]
        return Extremes(*held)


class Strongest:
    """Takes in pairs, remembers the p-value of each, and all else of the ``most`` strongest only: two million
    pairs take 16 MB.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._p: list[Floats] = []
        self._kept: list[tuple[Extremes, Index]] = []
        self._tested, self._held, self._least = 0, 0, 0.0

    def add(self, pairs: Extremes) -> None:
        """Take in pairs. Those no stronger than chance is on average get p = 1: their exact p could change no
        q-value that counts.
        """
        p = np.ones(pairs.value.size)
        beyond = np.flatnonzero(pairs.strength > pairs.chance.mean)
        p[beyond] = pairs.chance.take(beyond).p(pairs.strength[beyond])
        self._p.append(p)
        self._keep(pairs, np.arange(self._tested, self._tested + p.size))
        self._tested += p.size

    def _keep(self, pairs: Extremes, places: Index) -> None:
        strong = np.flatnonzero(_size(pairs) >= self._least)
        self._kept.append((pairs.take(strong), places[strong]))
        self._held += strong.size
        if self._held > 4 * self._most:
            self._kept = [self._sorted()]
            self._held = self._kept[0][1].size
            self._least = float(_size(self._kept[0][0]).min())

    def _sorted(self) -> tuple[Extremes, Index]:
        pairs, places = (
            Extremes.joined([one for one, _ in self._kept]),
            np.concatenate([places for _, places in self._kept]),
        )
        order = np.lexsort((pairs.right, pairs.left, -_size(pairs)))[: self._most]
        return pairs.take(order), places[order]

    def pairs(self) -> StrongestPairs:
        """The strongest pairs: q-values over all that were tested, the noise floor for these only (it is
        dear).
        """
        if not self._tested:
            none, place = np.zeros(0), np.zeros(0, np.int64)
            return StrongestPairs(
                left=place,
                right=place,
                kind=place.astype(np.int8),
                value=none,
                noise=none,
                n=none,
                q=none,
                pearson=none,
                right_given_left=none,
                left_given_right=none,
                eta=none,
                tested=0,
            )
        strongest, places = self._sorted()
        q = q_values(np.concatenate(self._p))[places]
        line = strongest.chance.line()
        noise = np.where(
            strongest.kind == NUMERIC, np.sqrt(line), cramers_v(line, strongest.n, *strongest.levels)
        )
        pearson, forth, back, eta = strongest.extra
        return StrongestPairs(
            left=strongest.left,
            right=strongest.right,
            kind=strongest.kind,
            value=strongest.value,
            noise=noise,
            n=strongest.n,
            q=q,
            pearson=pearson,
            right_given_left=forth,
            left_given_right=back,
            eta=eta,
            tested=self._tested,
        )


def _size(pairs: Extremes) -> Floats:
    """What pairs are sorted by: the rounded size of the value, so that the last bits of a sum decide
    nothing.
    """
    return np.asarray(np.round(np.abs(pairs.value), 12))
