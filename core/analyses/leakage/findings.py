"""What is said of columns that give the target away, and of those that only seem to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from core.analyses.leakage.pure_levels import PURE_SHARE, Pure
from core.analyses.leakage.sample import ClassTarget, Judge, OneClass, noise
from core.analyses.leakage.strength import Strength
from core.finding import Finding
from core.phrases import count, left_out, name, names, percent, quoted, score, verb

EASY_SHARE = 0.25  # of columns strong on their own, above which the task is called easy
COMMON = 0.9  # share of a class above which a value that holds it alone says little
DROP_IT = (
    "Find out when this column gets its value. If that is at or after the moment the target is known, "
    "leave it out."
)


class Leak(NamedTuple):
    """A finding about one column, and the class (or half of a number target) that it is about; -1: all."""

    finding: Finding
    target: int = -1

    @property
    def code(self) -> str:
        """The finding's code."""
        return self.finding.code

    @property
    def column(self) -> str:
        """The column that it is about."""
        return self.finding.columns[0]


def together(leaks: Sequence[Leak]) -> list[Leak]:
    """Leaks of columns that predict the target on their own as one, that of the strongest."""
    if not leaks:
        return []
    first, *others = sorted(leaks, key=lambda leak: -leak.finding.score)
    columns, title = [leak.column for leak in others], first.finding.title
    if columns:
        title = f"{title.removesuffix('.')}; so {verb(len(columns), 'does', 'do')} {names(columns)}."
    whole = replace(first.finding, title=title, columns=(first.column, *columns), gathers=True)
    return [first._replace(finding=whole)]


def of_measure(leak: Leak) -> Leak:
    """The same of a column that is measured of images, which no model of images reads: there is none to leave
    out.
    """
    advice = (
        "Look at the images in the order of this column: where they come from, or how they were taken, may "
        "give the target away. No model of images reads the column, so there is none to leave out."
    )
    return leak._replace(
        finding=replace(
            leak.finding,
            why="A model of images may learn how they were taken in place of what they show.",
            suggestion=advice,
            action="",
            conditional=False,
            fix="",
        )
    )


def measure_of(judge: Judge) -> str:
    """What the score of one column is."""
    return "AUC" if isinstance(judge.target, ClassTarget) else "R² of ranks"


def single_feature(judge: Judge, column: str, strength: Strength, rows: int) -> Leak:
    """One column predicts the target nearly as well as can be."""
    critical = judge.surely(strength, judge.rule.critical)
    measure = f"single-feature {measure_of(judge)}"
    return Leak(
        Finding(
            code="single_feature",
            title=f"{name(column)} predicts the target on its own: {measure} {score(strength.score)} on the "
            f"{count(rows, 'row')} where it is known.",
            severity="critical" if critical else "warning",
            score=float(np.clip(strength.score, 0.0, 1.0)),
            why="A model needs many honest columns to get this far; a column that does it on its own was "
            f"often written down after the outcome.{_unsure(strength, judge.rule.critical, critical)}",
            suggestion=DROP_IT,
            columns=(column,),
            value=strength.score,
            measure=measure,
            limit=judge.rule.critical if critical else judge.rule.warn,
            noise=noise(strength, judge.rule.gate),
            n=rows,
            action="omit",
            conditional=True,
            fix=left_out(column),
        )
    )


def _unsure(strength: Strength, limit: float, critical: bool) -> str:
    """Why a score beyond the limit is not called critical; "" where it is, or does not lie there."""
    if critical or strength.score < limit:
        return ""
    of = (
        f"{count(round(strength.trials), 'row')} of the rarer class"
        if np.isfinite(strength.trials)
        else "so few rows"
    )
    return f" It is not called critical, as of {of} the score is not surely above {limit:g}."


def single_class(judge: Judge, column: str, one: OneClass, rows: int, mean: Strength | None) -> Leak:
    """One column separates one class from all others nearly as well as can be. mean: over all classes."""
    whole = f" (mean over the classes: {score(mean.score)})" if mean is not None else ""
    limit = (1.0 + judge.rule.critical) / 2.0
    critical = judge.surely_one(one.strength, limit, one.classes)
    return Leak(
        Finding(
            code="single_class",
            title=f"{name(column)} predicts the class {quoted(judge.target.words[one.target])} on its own: "
            f"AUC {score(one.strength.score)} against all other classes{whole}, on the {count(rows, 'row')} "
            "where it is known.",
            severity="critical" if critical else "warning",
            score=float(np.clip(one.strength.score, 0.0, 1.0)),
            why="A column that separates one class from all others on its own was often written down "
            "because of that outcome; the mean over the classes hides it."
            f"{_unsure(one.strength, limit, critical)}",
            suggestion=DROP_IT,
            columns=(column,),
            value=one.strength.score,
            measure="single-feature AUC of one class",
            limit=limit if critical else judge.rule.critical,
            noise=noise(one.strength, judge.rule.gate_of(one.classes)),
            n=rows,
            action="omit",
            conditional=True,
            fix=left_out(column),
        ),
        one.target,
    )


def pure_value(judge: Judge, column: str, text: str, level: Pure) -> Leak:
    """A value whose rows all have one class."""
    return Leak(
        Finding(
            code="pure_value",
            title=f"All {level.rows:,} rows with {name(column)} = {quoted(text)} {have(judge, level.target)}",
            severity="warning",
            score=level.recall,
            why="A value that settles the target without exception is typical of a code that was filled in "
            "from the outcome.",
            suggestion=DROP_IT,
            columns=(column,),
            value=level.covers,
            measure="share of rows with this value",
            limit=PURE_SHARE,
            n=level.rows,
            action="omit",
            conditional=True,
            fix=left_out(column),
        ),
        level.target,
    )


def dead_on_labelled(column: str, value: str | None, share: float, labelled: int) -> Leak:
    """A column that is constant (``value``; None: missing) where the target is known, and varies elsewhere.
    share: of all rows with that value.
    """
    word = "missing" if value is None else quoted(value)
    return Leak(
        Finding(
            code="dead_on_labelled",
            title=f"{name(column)} is {word} on all {count(labelled, 'row')} with a known target, but "
            "varies on the others.",
            severity="warning",
            score=1.0 - share,
            why="A model learns nothing from this column, and meets values it has never seen in production.",
            suggestion="Find out why labelled rows lack it (another period, another source), and leave it "
            "out until they have it.",
            columns=(column,),
            value=share,
            measure="share of all rows with that value",
            n=labelled,
            action="omit",
            conditional=True,
            fix=left_out(column),
        )
    )


def easy_target(strong: Sequence[str], judged: int, rows: int) -> Leak:
    """Many columns predict the target on their own. judged: columns in all."""
    return Leak(
        Finding(
            code="easy_target",
            title=f"{len(strong)} of {count(judged, 'column')} predict the target well on their own: the "
            "task looks easy, not leaky.",
            why="A leak is one column that knows more than all others; here many do, as where classes lie "
            "far apart.",
            measure="share of columns that predict the target",
            **_easy(strong, judged, rows),
        )
    )


def easy_class(judge: Judge, one: int, strong: Sequence[str], judged: int) -> Leak:
    """Many columns separate one class from the others. judged: columns in all."""
    return Leak(
        Finding(
            code="easy_class",
            title=f"{len(strong)} of {count(judged, 'column')} separate the class "
            f"{quoted(judge.target.words[one])} from all others on their own: the class looks easy, not "
            "leaked.",
            why="A leak is one column that knows more than all others; here many do, as where a class lies "
            "far from the others.",
            measure="share of columns that separate the class",
            **_easy(strong, judged, judge.rows.size),
        ),
        one,
    )


def _easy(strong: Sequence[str], judged: int, rows: int) -> dict[str, Any]:
    """What findings of many strong columns have in common."""
    share = len(strong) / judged
    return {
        "severity": "info",
        "score": share,
        "suggestion": "Make sure that these columns are known at prediction time; then there is nothing "
        "to do.",
        "columns": tuple(strong),
        "value": share,
        "limit": EASY_SHARE,
        "n": rows,
        "gathers": True,
    }


def common_class(judge: Judge, one: int, share: float, alike: Sequence[Leak]) -> Leak:
    """Values that only occur with a class of nearly all rows. alike: the findings that this note replaces."""
    return Leak(
        Finding(
            code="common_class",
            title=f"{count(len(alike), 'column')} {verb(len(alike), 'has', 'have')} a value that only "
            f"occurs with {quoted(judge.target.words[one])}, the class of {percent(share)} of rows.",
            severity="info",
            score=max(leak.finding.score for leak in alike),
            why="Where one class is nearly everything, many honest values occur with it alone.",
            suggestion="Nothing to do, unless one of these values is filled in after the outcome.",
            columns=tuple(leak.column for leak in alike),
            value=share,
            measure="share of rows in that class",
            limit=COMMON,
            n=judge.rows.size,
            gathers=True,
        ),
        one,
    )


def have(judge: Judge, target: int) -> str:
    """That rows have one target, as the end of a sentence."""
    return f"have the target {quoted(judge.target.words[target])}."
