"""What can be set of the segments."""

from __future__ import annotations

from dataclasses import dataclass

from core.prepare.regions import ASKED
from core.settings import Settings, column, columns, knob


@dataclass(frozen=True)
class SegmentsSettings(Settings):
    """What the rules may name, and how fine the segments may be."""

    columns: tuple[str, ...] = columns(
        "Columns", "Columns that a rule may name; none chosen means all that a model may use.", ASKED
    )
    smallest: float = knob(
        0.02, "Smallest segment", "Least mean of the shares of train and of serve in a segment.", 0.005, 0.3
    )
    most: int = knob(12, "Most segments", "The data are split into no more segments than this.", 2, 40)
    level: float = knob(
        0.05,
        "False discovery rate",
        "Expected share of segments without a difference among those reported (Benjamini-Hochberg).",
        1e-6,
        0.2,
    )
    leave_out: bool = knob(
        True,
        "Leave separating columns out",
        "Whether rules may not name columns that separate train from serve on their own.",
    )
    loss: str = column(
        "Loss",
        "A column with a model's loss or error per row; without one, that of a quick model.",
        ("numeric", "boolean"),
    )
    seed: int = knob(
        0, "Seed", "Seed of the half of the rows that the segments are learned on.", 0, 2**31 - 1
    )
