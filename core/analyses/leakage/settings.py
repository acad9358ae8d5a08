"""What the search for leaks takes: the target, the columns, and from which score on a column is listed."""

from __future__ import annotations

from dataclasses import dataclass

from core.settings import Settings, column, columns, knob

DRAWN = ("numeric", "category", "boolean", "datetime", "text", "identifier")


@dataclass(frozen=True)
class LeakageSettings(Settings):
    """What to look at, and from which score on a column is listed."""

    target: str = column(
        "Target",
        "The column to predict; the target role by default.",
        ["category", "boolean", "numeric"],
        role="target",
    )
    columns: tuple[str, ...] = columns(
        "Columns", "Columns to judge; all but target, id and weight by default.", DRAWN
    )
    warn: float = knob(
        0.90,
        "Warn from",
        "Single-feature AUC (or R² of ranks, for a target of numbers) from which a column is listed.",
        0.6,
        1.0,
    )
    critical: float = knob(
        0.98,
        "Critical from",
        "The same from which a column is called critical; also the AUC from which one class of several "
        "counts by itself.",
        0.6,
        1.0,
    )
    seed: int = knob(0, "Seed", "Seed of the sample, the folds and the permutations.", 0, 2**31 - 1)
