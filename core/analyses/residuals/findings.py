"""What is said of numbers that do not fit their row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.finding import Finding
from core.numerics.grouping import poisson_limit
from core.phrases import count, name, number, percent
from core.rowset import RowSet

# the largest share of rows flagged on clean data with the default limit, docs/methods/residuals.md
FALSE_ALARMS = 0.004
_CERTAIN = 2.0  # times the limit


def findings(
    target: str,
    judged: NDArray[np.int64],
    flagged: NDArray[np.bool_],
    evidence: NDArray[np.float64],
    limit: float,
) -> tuple[Finding, ...]:
    """One ``wrong_numbers`` finding, if any row is flagged."""
    odd, rows = int(flagged.sum()), judged.size
    if not odd:
        return ()
    most = poisson_limit(FALSE_ALARMS * rows)
    sure = odd > most or float(evidence.max()) >= _CERTAIN * limit
    return (
        Finding(
            code="wrong_numbers",
            title=f"{count(odd)} of {count(rows, 'number')} in {name(target)} "
            f"{'does' if odd == 1 else 'do'} not fit the rest of the row ({percent(odd / rows)}; expected by "
            f"chance: at most {number(round(FALSE_ALARMS * rows, 1))})",
            severity="warning" if sure else "info",
            score=float(np.clip(0.5 + 5.0 * odd / rows, 0.5, 0.95)) if sure else 0.2,
            why="Models that did not see these rows expect a number far from the one given: a slip, another "
            "unit, or something that the columns do not know.",
            suggestion="Look at the farthest first: correct the number or drop the row if it is wrong, keep "
            "it if it is rare but right.",
            rows=RowSet(judged[flagged]),
            columns=(target,),
            value=float(odd),
            measure="numbers far from expected",
            limit=float(most),
            noise=FALSE_ALARMS * rows,
            noise_is="expected by chance",
            n=rows,
            action="defer",
        ),
    )
