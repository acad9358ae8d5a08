"""How far two samples differ, in one of four words."""

from __future__ import annotations

from typing import Literal

Degree = Literal["none", "negligible", "moderate", "severe"]
DEGREES: tuple[Degree, ...] = ("none", "negligible", "moderate", "severe")
MATTERS: tuple[Degree, ...] = ("moderate", "severe")


def degree(value: float, bands: tuple[float, float]) -> Degree:
    """The word for an effect that is beyond the noise. ``bands``: moderate from the first, severe from the
    second.

    >>> degree(0.05, (0.1, 0.2)), degree(0.1, (0.1, 0.2)), degree(0.7, (0.1, 0.2))
    ('negligible', 'moderate', 'severe')
    """
    if value >= bands[1]:
        return "severe"
    return "moderate" if value >= bands[0] else "negligible"
