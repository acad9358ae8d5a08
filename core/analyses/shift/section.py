"""Shift in the report: the columns that shifted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.analyses.shift.judged import effect_of

if TYPE_CHECKING:
    from core.analyses.shift.analysis import ShiftResult
    from core.dataset import Dataset

MOVED = 25


def section(
    result: ShiftResult, dataset: Dataset, findings: Sequence[Mapping[str, Any]], private: bool
) -> dict[str, Any]:
    """The first lines of the table, worst first."""
    return {"moved": _moved(result)}


def _moved(result: ShiftResult) -> list[dict[str, Any]]:
    """The first lines of the table, worst first."""
    lines = [(line, effect_of(line, result.settings.moderate)) for line in result.lines[:MOVED]]
    return [
        {
            "column": line.shift.name,
            "metric": line.metric,
            "effect": effect.value,
            "effect_noise": effect.noise,
            "value": line.value,
            "noise": line.noise,
            "q": line.q,
            "psi": line.shift.psi if line.metric not in ("missing", "schema") else None,
            "status": line.words,
            "by": line.because,
            "n": sum(line.shift.n),
        }
        for line, effect in lines
    ]
