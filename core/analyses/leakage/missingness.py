"""What is said of gaps that give the target away."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.analyses.leakage.findings import Leak, have, measure_of
from core.analyses.leakage.pure_levels import PURE_SHARE, Pure
from core.analyses.leakage.sample import Judge, OneClass, noise
from core.analyses.leakage.strength import Strength
from core.finding import Finding
from core.phrases import left_out, name, quoted
from core.phrases import score as written


class _Reason(NamedTuple):
    """Why gaps give the target away.

    title: the sentence.
    measure, value, limit, noise, n: as those of the finding.
    score: of the finding.
    target: the class that it is about; -1: all.
    """

    title: str
    measure: str
    value: float
    limit: float
    noise: float | None
    n: int
    score: float
    target: int = -1


def missingness(
    judge: Judge, column: str, strength: Strength, rows: int, one: OneClass | None, pure: Pure | None
) -> Leak:
    """Whether a value is missing predicts the target: all of it, ``one`` class of several, or, where neither
    is given as the reason, without exception on one side (``pure``).

    strength: of being missing for the whole target. rows: rows that were judged.
    """
    reason = _why_gaps_leak(judge, column, strength, rows, one, pure)
    return Leak(
        Finding(
            code="missingness",
            title=reason.title,
            severity="critical" if judge.surely(strength, judge.rule.critical) else "warning",
            score=float(np.clip(reason.score, 0.0, 1.0)),
            why="Values that are recorded, or not, because of the outcome leak it, however the gaps are "
            "filled.",
            suggestion="Find out why the values are missing. If the outcome decides it, leave the column "
            "out: imputing the gaps only hides it.",
            columns=(column,),
            value=reason.value,
            measure=reason.measure,
            limit=reason.limit,
            noise=reason.noise,
            n=reason.n,
            action="omit",
            conditional=True,
            fix=left_out(column),
        ),
        reason.target,
    )


def _why_gaps_leak(
    judge: Judge, column: str, strength: Strength, rows: int, one: OneClass | None, pure: Pure | None
) -> _Reason:
    gaps = f"Whether {name(column)} is missing predicts"
    score = max(one.strength.score if one else strength.score, pure.recall if pure else 0.0)
    if judge.surely(strength, judge.rule.warn):
        return _Reason(
            f"{gaps} the target: {measure_of(judge)} {written(strength.score)}.",
            measure_of(judge),
            strength.score,
            judge.rule.warn,
            noise(strength, judge.rule.gate),
            rows,
            max(strength.score, pure.recall if pure else 0.0),
        )
    if one is not None:
        return _Reason(
            title=f"{gaps} the class {quoted(judge.target.words[one.target])}: AUC "
            f"{written(one.strength.score)} against all other classes.",
            measure="AUC of one class",
            value=one.strength.score,
            limit=judge.rule.critical,
            noise=noise(one.strength, judge.rule.gate_of(one.classes)),
            n=rows,
            score=score,
            target=one.target,
        )
    if pure is None:
        raise ValueError("A finding needs a reason.")
    state = "has a value" if pure.level else "is missing"
    return _Reason(
        title=f"All {pure.rows:,} rows where {name(column)} {state} {have(judge, pure.target)}",
        measure="share of rows",
        value=pure.covers,
        limit=PURE_SHARE,
        noise=None,
        n=pure.rows,
        score=score,
        target=pure.target,
    )
