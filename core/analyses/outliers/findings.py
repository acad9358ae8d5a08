"""What is said of rows that stand far from the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.finding import Finding
from core.numerics.grouping import poisson_limit
from core.phrases import by_chance, count, names, number, percent, verb
from core.rowset import RowSet

# the largest share of rows flagged on clean data with the default limit, docs/methods/outliers.md
FALSE_ALARMS = 0.004
_CERTAIN = 2.0  # times the limit: no row of clean data came near


class Judgement(NamedTuple):
    """Per row its evidence, whether that is beyond the ``limit``, and its score; ``single``: flagged rows
    with a value that its column does not explain; ``single_in``: the columns of these values.
    """

    evidence: NDArray[Any]
    flagged: NDArray[np.bool_]
    score: NDArray[np.float64]
    limit: float
    single: NDArray[np.int64]
    single_in: tuple[str, ...]

    @property
    def judged(self) -> int:
        """How many rows have evidence."""
        return int(np.isfinite(self.evidence).sum())


def findings(of: Judgement) -> tuple[Finding, ...]:
    """One ``outliers`` finding, if any row is flagged: sure where they are more than chance makes, where one
    has evidence far beyond the limit, or a value that its column does not explain (chance makes one in 1 of
    100 tables). Rows as many as chance makes are to be looked at, not dropped.
    """
    odd, rows = int(of.flagged.sum()), of.judged
    if not odd:
        return ()
    most = poisson_limit(FALSE_ALARMS * rows)
    apart = np.delete(of.evidence, of.single) / of.limit
    certain = np.sort(apart[apart >= _CERTAIN])
    by_chance = 0 if odd > most else odd - of.single.size - certain.size
    sure = by_chance < odd
    finding = Finding(
        code="outliers",
        title=f"{count(odd)} of {count(rows, 'row')} {verb(odd, 'stands', 'stand')} far from the rest "
        f"({percent(odd / rows)}; {_because(of, odd, most, certain)})",
        severity="warning" if sure else "info",
        score=float(np.nanmax(of.score)) if sure else 0.0,
        why="Outliers are often errors of entry or measurement, and a few of them can move a mean, "
        "a fit or a scale.",
        suggestion="Look at the highest scores first; drop or correct the impossible, keep the "
        "merely rare." + (" Data with nothing wrong have as many rows like these." if not sure else ""),
        rows=RowSet.from_mask(of.flagged),
        beside=of.single_in,
        value=float(odd),
        measure="outlying rows",
        limit=float(most),
        noise=FALSE_ALARMS * rows,
        noise_is="expected by chance",
        n=rows,
        action="drop",
    )
    return (replace(finding, action="defer") if by_chance else finding,)


def _because(of: Judgement, odd: int, most: int, certain: NDArray[Any]) -> str:
    """What flags the rows: single values, and in which columns; and whether chance makes as many as the
    others; what is sure comes first. most: rows that it makes. certain: times the limit, ascending, of rows
    without a single value that are far beyond it.
    """
    single, within = of.single.size, of.single_in
    by_value = f"by a single value{' each,' if len(within) > 1 else ''} of {names(within)}"
    if odd > most:
        chance = f"expected by chance: at most {by_chance(FALSE_ALARMS * of.judged)}"
        return f"{chance}; {count(single)} {by_value}" if single else chance
    far, ends = certain.size, certain[[0, -1]].tolist() if certain.size else []
    times = f"{' to '.join(dict.fromkeys(number(round(end, 1)) for end in ends))} times the limit"
    sure = [f"{count(single)} {by_value}"] if single else []
    sure += [f"{count(far)} by {times}"] if far else []
    others = odd - single - far
    if not others:
        return by_value if odd == single else ", ".join(sure)
    rest = f"the other{f' {count(others)}' if others > 1 else ''} " if sure else ""
    return ", ".join([*sure, f"{rest}no more than expected by chance"])
