"""What many columns give away alike: one note in place of as many leaks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.analyses.leakage import findings
from core.analyses.leakage.findings import COMMON, EASY_SHARE, Leak
from core.analyses.leakage.sample import Judge
from core.analyses.leakage.strength import Floats

EASY_KEPT = 0.995  # score that still counts as a leak in an easy task


def weighed(
    judge: Judge, leaks: list[Leak], names: Sequence[str], scores: Floats, classes: Sequence[dict[int, float]]
) -> list[Leak]:
    """The findings, except that what many columns share is one note: a leak is a column that knows what the
    others do not.

    scores, classes: per column its score, and its AUC of each class (see `ColumnStrength`).
    """
    leaks = _unless_easy(judge, leaks, names, scores)
    return _unless_common(judge, _unless_easy_classes(judge, leaks, names, classes))


def _is_easy(strong: int, judged: int) -> bool:
    """Whether so many columns are strong on their own that this is the task's nature."""
    return strong >= 3 and strong > EASY_SHARE * judged


def _unless_easy(judge: Judge, leaks: list[Leak], names: Sequence[str], scores: Floats) -> list[Leak]:
    """Where many columns are strong on their own, the task is easy: only one that is nearly perfect is still
    called a leak.
    """
    known = np.nan_to_num(scores)
    strong = np.flatnonzero(known >= judge.rule.warn)
    count = int(np.isfinite(scores).sum())
    if not _is_easy(strong.size, count):
        return leaks
    least = max(EASY_KEPT, judge.rule.critical)
    top = {leak.column for leak in leaks if leak.code == "single_feature" and leak.finding.score >= least}
    kept = top if len(top) <= max(1, strong.size // 4) else set()
    useful = {names[i] for i in np.flatnonzero(known >= judge.rule.warn - 0.1)}
    rest = [
        leak
        for leak in leaks
        if leak.code not in ("single_feature", "pure_value")
        or leak.column in kept
        or leak.column not in useful
    ]
    return [*rest, findings.easy_target([names[i] for i in strong], count, judge.rows.size)]


def _unless_easy_classes(
    judge: Judge, leaks: list[Leak], names: Sequence[str], classes: Sequence[dict[int, float]]
) -> list[Leak]:
    """The same of one class: where many columns separate it from the others, it lies far apart."""
    for one in sorted({leak.target for leak in leaks if leak.code == "single_class"}):
        strong = [
            name for name, best in zip(names, classes, strict=True) if best.get(one, 0.0) >= judge.rule.warn
        ]
        count = sum(one in best for best in classes)
        if not _is_easy(len(strong), count):
            continue
        top = [
            leak
            for leak in leaks
            if leak.code == "single_class" and leak.target == one and leak.finding.score >= EASY_KEPT
        ]
        kept = {leak.column for leak in top} if len(top) <= max(1, len(strong) // 4) else set()
        leaks = [
            leak for leak in leaks if leak.code != "single_class" or leak.target != one or leak.column in kept
        ]
        leaks.append(findings.easy_class(judge, one, strong, count))
    return leaks


def _unless_common(judge: Judge, leaks: list[Leak]) -> list[Leak]:
    """Values that all have one class are no surprise where nearly every row has it: each must hold a tenth of
    that class, and where several columns have such a value they make a note.
    """
    share = np.bincount(judge.target.classes, weights=judge.weights) / judge.weights.sum()
    common = int(share.argmax())
    if share[common] <= COMMON:
        return leaks
    alike = [leak for leak in leaks if leak.code == "pure_value" and leak.target == common]
    rest = [leak for leak in leaks if leak not in alike]
    alike = [leak for leak in alike if leak.finding.score >= 1.0 - COMMON]
    if len(alike) < 3:
        return rest + alike
    return [*rest, findings.common_class(judge, common, float(share[common]), alike)]
