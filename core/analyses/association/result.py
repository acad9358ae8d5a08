"""How strongly columns are associated: the table of pairs, and which of them findings are raised of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analyses.association.determined import Dependency
from core.analyses.association.findings import (
    MIN_ROWS,
    StrongPair,
    breaks_dependency,
    co_missing,
    collinear,
    collinear_by_rows,
    strong_association,
    vif_limit,
)
from core.analyses.association.settings import AssociationSettings
from core.analyses.association.strongest import CATEGORY, MIXED, NUMERIC, StrongestPairs
from core.analysis import Result
from core.finding import Finding, ranked
from core.numerics.association import Floats
from core.one_cause import distinct
from core.phrases import names, number
from core.rowset import RowSet

if TYPE_CHECKING:
    import pandas as pd

PAIR_KINDS = ("numeric-numeric", "numeric-category", "category-category")
SHOWN = 50  # findings of one code


@dataclass(frozen=True, eq=False)
class AssociationResult(Result):
    """How strongly columns are associated.

    names: the columns looked at.
    target: the target, if there is one.
    rows_of_all, used: rows of the data, and those looked at.
    pairs: the strongest pairs of ``names``.
    numeric: the columns of numbers among them.
    vif: the variance inflation factor of each.
    vif_noise: what the largest VIF of independent columns stays under.
    vif_without: of each without ``few_rows``: the few rows, if there are any, that alone bring the VIF of
        some to the limit.
    condition: condition number of their correlations.
    xi, information: value and noise floor (2 x pairs) of these measures; 2 x 0 where they were not asked for.
    together: columns missing together: names, least phi, the rows that lack all of them.
    determined: columns that determine another one but for some rows, the strongest first.
    ticks: columns of one value and gaps, compared by whether the value is there.
    gaps: how many values of each of ``names`` are missing, in all rows of the parts that have it.
    measured: those of ``names`` that are measured of images.
    told_apart: the target, and what parts the rows, where Issues compares their classes by what is measured:
        each with the columns that it compares them by.
    left_out: those of ``names`` that vary too little to be compared, of which a note says so.
    """

    settings: AssociationSettings
    names: tuple[str, ...]
    target: str | None
    rows_of_all: int
    used: int
    pairs: StrongestPairs
    numeric: tuple[str, ...]
    vif: Floats
    vif_noise: float
    vif_without: Floats
    few_rows: RowSet
    condition: float
    xi: Floats
    information: Floats
    together: tuple[tuple[tuple[str, ...], float, RowSet], ...]
    determined: tuple[Dependency, ...]
    ticks: tuple[str, ...]
    gaps: tuple[int, ...]
    measured: tuple[str, ...]
    told_apart: Mapping[str, tuple[str, ...]]
    left_out: tuple[str, ...]

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Columns and pairs compared, the strongest value, how many are strong, the largest VIF."""
        strongest = float(np.abs(self.pairs.value[0])) if self.pairs.value.size else 0.0
        worst = float(np.nanmax(self.vif)) if np.isfinite(self.vif).any() else 1.0
        return {
            "columns": len(self.names),
            "pairs": self.pairs.tested,
            "rows_used": self.used,
            "strongest": round(strongest, 4),
            "strong_pairs": int(self.strong.sum()),
            "largest_vif": round(worst, 2),
            "condition_number": round(self.condition, 1),
        }

    @property
    def strong(self) -> NDArray[np.bool_]:
        """Which pairs of the table are strong: large, on enough complete rows, and beyond chance."""
        size = np.fmax(np.abs(self.pairs.value), self.pairs.eta)
        strong: NDArray[np.bool_] = (
            (size >= self.settings.strong) & (self.pairs.n >= MIN_ROWS) & (self.pairs.q < self.settings.q)
        )
        return strong

    @property
    def calm(self) -> str:
        """The strongest pair, where it is beyond chance, and how strong is called strong; that it is one of
        measures of images, where it is.
        """
        pairs = self.pairs
        if not pairs.value.size or not pairs.q[0] < self.settings.q:
            return super().calm
        first = [self.names[ends[0]] for ends in (pairs.left, pairs.right)]
        of_images, strength = set(first) <= set(self.measured), number(float(pairs.value[0]))
        if not self.strong.any():
            which = ", both measured of images" if of_images else ""
            return (
                f"No association reaches {number(self.settings.strong)}; the strongest is that of "
                f"{names(first)}{which}, {strength}"
            )
        if not of_images:
            return super().calm
        return (
            f"Nothing stands out but what is measured of images: {names(first)} are associated most "
            f"strongly, {strength}"
        )

    def frame(self) -> pd.DataFrame:
        """One line per pair, strongest first: ``left, right, kind, value, noise95, n, q``, then what applies
        to its kind.
        """
        import pandas as pd

        pairs, names = self.pairs, np.array([*self.names, ""], dtype=object)
        table = {
            "left": names[pairs.left],
            "right": names[pairs.right],
            "kind": np.array(PAIR_KINDS, dtype=object)[pairs.kind],
            "value": pairs.value,
            "noise95": pairs.noise,
            "n": pairs.n.astype(np.int64),
            "q": pairs.q,
            "pearson": pairs.pearson,
            "u_right_given_left": pairs.right_given_left,
            "u_left_given_right": pairs.left_given_right,
            "eta": pairs.eta,
        }
        if self.settings.xi:
            table |= {"xi": self.xi[0], "xi_noise95": self.xi[1]}
        if self.settings.mutual_information:
            table |= {"mutual_information": self.information[0], "information_noise95": self.information[1]}
        return pd.DataFrame(table)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Strong pairs, multicollinear columns that are none, columns missing together, rows that break a
        dependency; worst first.
        """
        strong: dict[tuple[str, ...], Finding] = {}
        with_target, suspects = self._with_target()
        for place in np.flatnonzero(self.strong)[: 20 * SHOWN]:
            pair = self._pair(int(place), with_target, suspects)
            if self._of_images(pair):
                continue
            finding = strong_association(pair)
            # of several columns that a copy repeats, the one it is nearest to
            strong.setdefault(finding.columns, finding)
        together = [co_missing(*one, self.rows_of_all) for one in self.together]
        told = list(strong.values())[:SHOWN]
        out = [column for finding in told for column in finding.on]
        inflated = collinear(self.numeric, self._vif_of_more(), self.vif_noise, self.used, out)
        inflated += collinear_by_rows(
            self.numeric, self.vif, self.vif_without, self.vif_noise, self.used, self.few_rows
        )
        broken = [breaks_dependency(one) for one in self.determined[:SHOWN]]
        return ranked(distinct([*told, *inflated, *together, *broken]))

    def _vif_of_more(self) -> Floats:
        """The VIF of each column where more than a few rows bring it about; 1 for others."""
        below = self.vif_without < vif_limit(self.vif_noise)
        return np.where(below & (self.vif >= vif_limit(self.vif_noise)), 1.0, self.vif)

    def _of_images(self, pair: StrongPair) -> bool:
        """Whether the pair is none to tell of: two measures of the same images, one that gives the label or
        the part away, where Issues says that (``told_apart``), or where a measure applies.
        """
        ours = {pair.left, pair.right} & set(self.measured)
        others = {pair.left, pair.right} - ours
        told = all(ours <= set(self.told_apart.get(other, ())) for other in others)
        return bool(ours) and (told or bool(ours & set(self.ticks)))

    def _with_target(self) -> tuple[dict[str, float], frozenset[str]]:
        """How strongly columns are associated with the target, of those whose pair with it is in the table,
        by measures that can be compared: of the ranks of a target of numbers, Spearman's correlation and the
        correlation ratio; else Cramér's V. And which of them are strongly associated, by any measure.
        """
        if self.target not in self.names:
            return {}, frozenset()
        of, pairs = self.names.index(self.target), self.pairs
        places = np.flatnonzero((pairs.left == of) | (pairs.right == of))
        others = [self.names[at] for at in (pairs.left + pairs.right - of)[places].tolist()]
        kinds, values = pairs.kind[places], np.abs(pairs.value[places])
        by_rank = (kinds == NUMERIC).any()
        sizes = np.where((kinds == MIXED) & by_rank, pairs.eta[places], values).tolist()
        strong = zip(others, self.strong[places].tolist(), strict=True)
        return dict(zip(others, sizes, strict=True)), frozenset(one for one, is_so in strong if is_so)

    def _pair(self, place: int, with_target: Mapping[str, float], suspects: Collection[str]) -> StrongPair:
        """The pair at this place of the table, with the larger of its two measures. with_target: how strongly
        columns are associated with the target. suspects: those that are so strongly.
        """
        pairs, left, right = self.pairs, int(self.pairs.left[place]), int(self.pairs.right[place])
        measure = "Spearman's correlation" if pairs.kind[place] == NUMERIC else "Cramér's V"
        value, size = float(pairs.value[place]), float(np.fmax(abs(pairs.value[place]), pairs.eta[place]))
        if size > abs(value):
            measure, value = "the correlation ratio (eta) of the ranks", size
        sides = self.names[left], self.names[right]
        predicts = float(pairs.right_given_left[place]), float(pairs.left_given_right[place])
        # a pair that is not in the table is no stronger than the least one in it, but its correlation ratio,
        # which the table is not sorted by, may be anything
        least = float(np.abs(pairs.value[-1])) if pairs.kind[place] != MIXED else 1.0
        return StrongPair(
            left=sides[0],
            right=sides[1],
            ticks=self.ticks,
            measure=measure,
            value=value,
            size=size,
            noise=float(pairs.noise[place]),
            limit=self.settings.strong,
            n=int(pairs.n[place]),
            target=self.target,
            suspects=tuple(one for one in sides if one in suspects),
            with_target=(with_target.get(sides[0], least), with_target.get(sides[1], least)),
            gaps=(self.gaps[left], self.gaps[right]),
            predicts=predicts if pairs.kind[place] == CATEGORY else (0.0, 0.0),
            measured=next((side for side in sides if side in self.measured), ""),
        )
