"""What can be set of the comparison."""

from __future__ import annotations

from dataclasses import dataclass

from core.settings import Settings, columns, knob

COMPARED = ("numeric", "category", "boolean", "text", "datetime")


@dataclass(frozen=True)
class OverlapSettings(Settings):
    """What to compare, on how many rows, and when a serve row counts as unsupported."""

    columns: tuple[str, ...] = columns(
        "Columns",
        "Columns to compare; none chosen means all that a model may use, without dates.",
        COMPARED,
    )
    sample: int = knob(
        10_000,
        "Sample size",
        "Rows of train and of serve that the tests use; support and weights are worked out for every row.",
        100,
        50_000,
    )
    level: float = knob(
        0.01,
        "Support level",
        "A serve row is unsupported if at most this share of train rows lies as far from the others.",
        0.001,
        0.1,
    )
    neighbours: int = knob(
        10, "Neighbours", "Support is judged by the distance to this nearest neighbour in train.", 1, 100
    )
    give_away: float = knob(
        0.95,
        "Single-feature AUC limit",
        "From this AUC on, a column that separates train from serve on its own is reported.",
        0.7,
        1.0,
    )
    leave_out: bool = knob(
        True,
        "Leave such columns out",
        "Whether all other numbers leave out the columns that separate train from serve on their own.",
    )
    seed: int = knob(0, "Seed", "Seed of samples, models and permutations.", 0, 2**31 - 1)
