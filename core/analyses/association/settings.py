"""What the association takes: which columns, what counts as strong, and which measures beside."""

from __future__ import annotations

from dataclasses import dataclass

from core.prepare.levels import COMPARED
from core.settings import Settings, columns, knob


@dataclass(frozen=True)
class AssociationSettings(Settings):
    """What to compare and what counts as strong."""

    columns: tuple[str, ...] = columns(
        "Columns", "The columns to compare; none chosen means all that can be.", COMPARED
    )
    strong: float = knob(
        0.9, "Strong from", "Size of the association from which a pair is called strong.", 0.1, 1.0
    )
    q: float = knob(
        0.01,
        "False discovery rate",
        "Share of false pairs accepted among those called strong (Benjamini and Hochberg).",
        1e-6,
        0.2,
    )
    pairs: int = knob(5_000, "Pairs kept", "How many of the strongest pairs the table shows.", 10, 100_000)
    levels: int = knob(
        100,
        "Levels",
        "The most frequent levels of a category that are kept apart; the rest counts as one level.",
        2,
        1_000,
    )
    xi: bool = knob(False, "Xi correlation", "Also Chatterjee's xi, which sees curves that rise and fall.")
    mutual_information: bool = knob(
        False, "Mutual information", "Also the mutual information of the bins or levels, in nats."
    )
    sample: int = knob(
        100_000,
        "Rows used",
        "Above this many rows, a sample of this size chosen by content is used.",
        1_000,
        20_000_000,
    )
    seed: int = knob(0, "Seed", "Seed of the sample.", 0, 2**31 - 1)
