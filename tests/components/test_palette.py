"""The colours that keep in both themes are seen on either background."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from components.figures import theme

THEMES = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text())["theme"]
COLOURS = sorted({theme.TRAIN, theme.SERVE, theme.GREY, *theme.LEVELS, *theme.SCALE})


def _luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("colour", COLOURS)
def test_marks_have_a_contrast_of_at_least_three_to_one(colour: str, name: str) -> None:
    one, other = sorted((_luminance(colour), _luminance(THEMES[name]["backgroundColor"])))
    assert (other + 0.05) / (one + 0.05) >= 3.0
