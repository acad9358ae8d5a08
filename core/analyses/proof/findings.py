"""What is said of the comparison."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from core.finding import Finding, ranked
from core.numerics.paired import Difference
from core.phrases import count, name, number


class ProofContext(NamedTuple):
    """What findings say. target: what the model predicts. title: of the score that decides. before, after:
    its means. gap, verdict: their difference, and what it is. rows_tested: that both are scored on.
    decided_serve: how many rows of serve were dropped or relabelled.
    """

    target: str
    title: str
    before: float
    after: float
    gap: Difference
    verdict: str
    rows_tested: int
    decided_serve: int


def findings(result: ProofContext) -> tuple[Finding, ...]:
    """One about the model, one about decisions on the test part, if there were any."""
    return ranked([*filter(None, [_of_the_model(result), _of_the_test_part(result)])])


def in_words(result: ProofContext) -> str:
    """Such as ``accuracy .81 as loaded, .84 as decided: .03 more (95% interval .01 to .05)``."""
    gap, (before, after) = result.gap, (number(round(one, 4)) for one in (result.before, result.after))
    if gap == (0.0, 0.0, 0.0):
        return f"{result.title} {before} on both, the same in every fold"
    low, high = sorted(abs(end) for end in gap[1:]) if gap.low * gap.high > 0 else gap[1:]
    told = f"{result.title} {before} as loaded, {after} as decided"
    if result.verdict == "no measurable change":
        return f"{told} (difference {_short(gap.value)}, 95% interval {_short(low)} to {_short(high)})"
    more = "more" if gap.value > 0 else "less"
    return f"{told}: {_short(abs(gap.value))} {more} (95% interval {_short(low)} to {_short(high)})"


def _short(value: float) -> str:
    return number(float(f"{value:.2g}"))


def _of_the_model(result: ProofContext) -> Finding | None:
    if not np.isfinite(result.gap.value):
        return None
    told, about = in_words(result), _gap_of(result)
    if result.verdict == "better":
        return Finding(
            "decisions_help",
            f"The decisions make a model of {name(result.target)} better: {told}",
            "info",
            0.1,
            "The same model, on the same folds, is better at predicting rows that are left with their label "
            "as loaded and no cell edited by hand.",
            "Export, and keep the recipe: it does the same to the next file.",
            **about,
        )
    if result.verdict == "worse":
        return Finding(
            "decisions_harm",
            f"The decisions make a model of {name(result.target)} worse: {told}",
            "warning",
            0.7,
            "Rows or cells that the model needs are gone, or labels were changed that were right.",
            "Switch steps off one at a time under History, the largest first, and prove again.",
            **about,
        )
    return Finding(
        "decisions_change_nothing",
        f"The decisions make no measurable change to a model of {name(result.target)}: {told}",
        "info",
        0.1,
        "What was decided concerns too few rows to show, the model does not mind such errors, or the rows "
        "that it is scored on are too few.",
        "Decide by what is right in the data, not by this number; more rows to test on, or more repeats, "
        "show smaller differences.",
        **about,
    )


def _gap_of(result: ProofContext) -> dict[str, Any]:
    """What findings about the model have in common."""
    gap = result.gap
    return {
        "columns": (result.target,),
        "value": gap.value,
        "measure": f"difference in {result.title}",
        "noise": (gap.high - gap.low) / 2.0,
        "noise_is": "noise floor",
        "n": result.rows_tested,
    }


def _of_the_test_part(result: ProofContext) -> Finding | None:
    rows = result.decided_serve
    if not rows:
        return None
    return Finding(
        "test_part_decided",
        f"{count(rows, 'row')} of serve {'was' if rows == 1 else 'were'} dropped or relabelled: a score on "
        "what is left is not that of new data",
        "warning",
        0.6,
        "Where a model helped to choose which test rows to clean, the test part agrees with models more than "
        "new data will. Such rows are left out of the comparison here.",
        "Clean the train part alone; have test labels checked by people who do not see a model's guess.",
        columns=(result.target,),
        value=float(rows),
        measure="rows of serve decided",
        limit=0.0,
        n=result.rows_tested,
    )
