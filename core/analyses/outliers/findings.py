"""What is said of rows that stand far from the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.finding import Finding
from core.numerics.grouping import poisson_limit
from core.phrases import count, number, percent
from core.rowset import RowSet

# the largest share of rows flagged on clean data with the default limit, docs/methods/outliers.md
FALSE_ALARMS = 0.004
_CERTAIN = 2.0  # times the limit: no row of clean data came near


def findings(
    evidence: NDArray[Any],
    flagged: NDArray[np.bool_],
    single: NDArray[np.int64],
    score: NDArray[np.float64],
    limit: float,
) -> tuple[Finding, ...]:
    """One ``outliers`` finding, if any row is flagged. Per row its evidence, whether that is beyond the
    ``limit``, and its score; ``single``: flagged rows with a value that its column does not explain, which
    chance makes in 1 of 100 tables.
    """
    odd, rows = int(flagged.sum()), evidence.size
    if not odd:
        return ()
    by_all = np.delete(evidence, single)
    most, farthest = poisson_limit(FALSE_ALARMS * rows), float(by_all.max(initial=0.0))
    whole = odd - single.size
    far = farthest >= _CERTAIN * limit
    sure = odd > most or far or single.size > 0
    by_value = f"{count(single.size) if whole else ''} by a single value".strip()
    if odd > most:
        chance = f"expected by chance: at most {number(round(FALSE_ALARMS * rows, 1))}"
    elif whole:
        times = number(round(farthest / limit, 1))
        chance = "no more than expected by chance"
        chance += f", but the farthest by {times} times the limit" if far else ""
    else:
        chance = ""
    chance = "; ".join(filter(None, [chance, by_value if single.size else ""]))
    return (
        Finding(
            code="outliers",
            title=f"{count(odd)} of {count(rows, 'row')} {'stands' if odd == 1 else 'stand'} far from "
            f"the rest ({percent(odd / rows)}; {chance})",
            severity="warning" if sure else "info",
            score=float(score.max()) if sure else 0.0,
            why="Outliers are often errors of entry or measurement, and a few of them can move a mean, "
            "a fit or a scale.",
            suggestion="Look at the highest scores first; drop or correct the impossible, keep the "
            "merely rare.",
            rows=RowSet.from_mask(flagged),
            value=float(odd),
            measure="outlying rows",
            limit=float(most),
            noise=FALSE_ALARMS * rows,
            noise_is="expected by chance",
            n=rows,
            action="drop",
        ),
    )
