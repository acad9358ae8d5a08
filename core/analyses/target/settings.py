"""What is to be explained, and how closely to look."""

from __future__ import annotations

from dataclasses import dataclass

from core.prepare.levels import COMPARED
from core.settings import Settings, column, columns, knob


@dataclass(frozen=True)
class TargetSettings(Settings):
    """What is to be explained, and how closely to look."""

    target: str = column(
        "Target", "The column to predict.", ("numeric", "category", "boolean"), role="target"
    )
    columns: tuple[str, ...] = columns(
        "Columns", "The columns to relate to it; none chosen means all that can be.", COMPARED
    )
    bins: int = knob(10, "Bins", "Equal-mass bins that a column of numbers is cut into.", 2, 30)
    model: bool = knob(
        True,
        "Quick model",
        "Fit a model to see how well the target can be predicted and which columns matter.",
    )
    suggest: bool = knob(True, "Suggestions", "Try transformations and interactions.")
    sample: int = knob(
        50_000,
        "Rows used",
        "Above this many rows, a sample of this size chosen by content is used.",
        200,
        2_000_000,
    )
    seed: int = knob(0, "Seed", "Seed of the sample, the folds and the permutations.", 0, 2**31 - 1)
