"""What is compared, and from where a shift matters."""

from __future__ import annotations

from dataclasses import dataclass

from core.settings import Settings, columns, knob

COMPARED = ("numeric", "category", "boolean", "text", "datetime", "identifier", "image")


@dataclass(frozen=True)
class ShiftSettings(Settings):
    """What is compared, and from where a shift is moderate or severe."""

    columns: tuple[str, ...] = columns("Columns", "The columns to compare; none chosen means all.", COMPARED)
    level: float = knob(
        0.05,
        "False discovery rate",
        "Expected share of unchanged columns among those reported as shifted (Benjamini-Hochberg).",
        1e-6,
        0.2,
    )
    moderate: float = knob(
        0.1, "Moderate from", "Population stability index (PSI) from which a shift is moderate.", 0.01, 1.0
    )
    severe: float = knob(
        0.2, "Severe from", "Population stability index (PSI) from which a shift is severe.", 0.01, 5.0
    )
    seed: int = knob(
        0, "Seed", "Seed of the permutations behind noise floors and tests of small counts.", 0, 2**31 - 1
    )
