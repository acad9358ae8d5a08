"""What is said of numbers that do not fit their row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.finding import Finding
from core.numerics.grouping import expected_rows, poisson_limit
from core.phrases import by_chance, count, name, number, percent, verb
from core.rowset import RowSet

# the largest share of rows of clean data beyond the default limit, docs/methods/residuals.md
FALSE_ALARMS = 0.004
_CERTAIN = 2.0  # times the limit
_KIN = "numbers far from expected"
_WHY = (
    "Models that did not see these rows expect a number far from the one given: a slip, another unit, or "
    "something that the columns do not know."
)


def findings(
    target: str,
    judged: NDArray[np.int64],
    beyond: NDArray[np.bool_],
    evidence: NDArray[np.float64],
    limit: float,
) -> tuple[Finding, ...]:
    """``wrong_numbers``: where the rows ``beyond`` the limit are more than chance makes, all of them; else
    those with twice the limit, which it does not explain. ``wrong_numbers_possible``: the others, a note that
    flags none.
    """
    rows = judged.size
    most = poisson_limit(FALSE_ALARMS * rows)
    many = int(beyond.sum()) > most
    named = beyond if many else beyond & (evidence >= _CERTAIN * limit)
    times = "" if many else _times(evidence[named] / limit)
    both = (
        _certain(target, RowSet(judged[named]), rows, most, times),
        _possible(target, RowSet(judged[beyond & ~named]), rows, most),
    )
    return tuple(finding for finding in both if finding is not None)


def _certain(target: str, named: RowSet, rows: int, most: int, times: str) -> Finding | None:
    """The rows that chance does not explain; None where there are none. most: how many rows beyond the
    limit it makes; times: how far out they lie, where they are no more than that.
    """
    odd = len(named)
    if not odd:
        return None
    why = times or f"expected by chance: at most {by_chance(expected_rows(FALSE_ALARMS, rows))}"
    return Finding(
        code="wrong_numbers",
        title=f"{_title(target, odd, rows)} {verb(odd, 'does', 'do')} not fit the rest of the row "
        f"({percent(odd / rows)}; {why})",
        severity="warning",
        score=float(np.clip(0.5 + 5.0 * odd / rows, 0.5, 0.95)),
        why=_WHY,
        suggestion="Look at the farthest first: correct the number or drop the row if it is wrong, keep it "
        "if it is rare but right.",
        rows=named,
        columns=(target,),
        value=float(odd),
        measure="numbers twice as far out as the limit" if times else "numbers far from expected",
        limit=0.0 if times else float(most),
        noise=None if times else expected_rows(FALSE_ALARMS, rows),
        noise_is="expected by chance",
        n=rows,
        action="defer",
        kin=(_KIN,),
    )


def _possible(target: str, possible: RowSet, rows: int, most: int) -> Finding | None:
    """The rows beyond the limit where chance makes as many; None where there are none."""
    odd = len(possible)
    if not odd:
        return None
    return Finding(
        code="wrong_numbers_possible",
        title=f"{_title(target, odd, rows)} may not fit the rest of the row ({percent(odd / rows)}; "
        f"chance makes up to {count(most)})",
        severity="info",
        score=0.2,
        why=_WHY,
        suggestion="Data with nothing wrong may have as many rows like these. Look at the farthest first; "
        "correct the impossible.",
        rows=possible,
        columns=(target,),
        value=float(odd),
        measure="numbers far from expected",
        limit=float(most),
        noise=expected_rows(FALSE_ALARMS, rows),
        noise_is="expected by chance",
        n=rows,
        kin=("numbers perhaps far from expected", _KIN),
    )


def _title(target: str, odd: int, rows: int) -> str:
    return f"{count(odd)} of {count(rows, 'number')} in {name(target)}"


def _times(times: NDArray[np.float64]) -> str:
    """Between which multiples of the limit they lie."""
    ends = [times.min(), times.max()] if times.size else []
    return f"{' to '.join(dict.fromkeys(number(round(float(end), 1)) for end in ends))} times the limit"
