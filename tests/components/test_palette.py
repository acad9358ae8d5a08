"""The colours that keep in both themes are seen on either background."""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from components.figures import theme
from core.progress import SILENT
from tests.make import dataset

THEMES = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text())["theme"]
COLOURS = sorted({theme.TRAIN, theme.SERVE, theme.GREY, *theme.LEVELS, *theme.SCALE})


def _luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(colour: str, name: str) -> float:
    one, other = sorted((_luminance(colour), _luminance(THEMES[name]["backgroundColor"])))
    return (other + 0.05) / (one + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("colour", COLOURS)
def test_marks_have_a_contrast_of_at_least_three_to_one(colour: str, name: str) -> None:
    assert _contrast(colour, name) >= 3.0


def test_more_is_lighter_so_that_it_is_told_in_grey_too() -> None:
    assert (np.diff([_luminance(colour) for colour in theme.SCALE]) >= 0.03).all()


def _on_the_map(strength: float) -> tuple[list[float], float]:
    """Red, green and blue of a pair on the map of associations, and how opaque it is, as Plotly mixes."""
    (trace,) = [trace for trace in _map_of_pairs().data if trace.type == "heatmap"]
    mixed = _mixed(trace.colorscale, (strength - trace.zmin) / (trace.zmax - trace.zmin))
    return mixed[:3], mixed[3]


def _mixed(scale: Any, at: float) -> list[float]:
    """The colour at a place of a scale (0 to 1)."""
    stops = [(place, [float(part) for part in re.findall(r"[\d.]+", rgba)]) for place, rgba in scale]
    above = next(i for i, (place, _) in enumerate(stops) if place >= at)
    (low, one), (high, other) = stops[max(0, above - 1)], stops[above]
    share = (at - low) / (high - low) if high > low else 1.0
    return [a + share * (b - a) for a, b in zip(one, other, strict=True)]


def _key_of(figure: Any) -> Any:
    """What carries the colours beside the map."""
    [key] = [trace.marker for trace in figure.data if trace.type == "scatter" and trace.marker.showscale]
    return key


@functools.cache
def _map_of_pairs() -> Any:
    from components.figures.association import association
    from core.analyses.association.analysis import association as worked_out
    from core.analyses.association.settings import AssociationSettings

    draw = np.random.default_rng(0)
    x = draw.normal(size=3_000)
    frame = pd.DataFrame(
        {"x": x, "weak": 0.06 * x + draw.normal(size=3_000), "none": draw.normal(size=3_000)}
    )
    return association(worked_out(dataset(frame), AssociationSettings(), SILENT))


@pytest.mark.parametrize("name", ["light", "dark"])
def test_a_weak_pair_above_the_noise_floor_is_seen_on_the_map(name: str) -> None:
    (trace,) = [trace for trace in _map_of_pairs().data if trace.type == "heatmap"]
    drawn = np.asarray(trace.z, dtype=float)
    known = drawn[~np.isnan(drawn) & (drawn != 0)]
    assert known.size == 2 and 0.0 < abs(known[0]) < 0.12, "one weak pair, on either side of the diagonal"
    assert (drawn == 0).sum() == 4, "two pairs below their noise floor"
    strengths = [*(sign * size for sign in (-1, 1) for size in np.linspace(0.005, 1.0, 200)), *known.tolist()]
    for strength in strengths:
        parts, opaque = _on_the_map(strength)
        colour = "#" + "".join(f"{round(part):02X}" for part in parts)
        assert opaque == 1.0 and _contrast(colour, name) >= 3.0, (strength, colour)
    assert _on_the_map(0.0)[1] < 0.2, "what is below the noise floor is left empty"


def test_the_stronger_a_pair_the_darker_its_square_whatever_the_sign() -> None:
    """Strength is told by lightness, monotone, as it is read in grey and by who sees no hues."""
    light = {
        sign: [
            _luminance("#" + "".join(f"{round(part):02X}" for part in _on_the_map(sign * size)[0]))
            for size in np.linspace(0.005, 1.0, 50)
        ]
        for sign in (-1, 1)
    }
    for falling in light.values():
        assert (np.diff(falling) < 0).all()
        steps = np.log(np.array(falling) + 0.05)
        assert steps[0] - steps[-1] >= np.log(1.9), "from the weakest to the strongest"
        assert np.abs(np.diff(steps)).max() < 0.05, "without a jump"
    one, other = (np.array(light[sign]) + 0.05 for sign in (-1, 1))
    assert np.abs(np.log(one / other)).max() < 0.05, "as dark at the same strength"


def test_a_tiny_strength_is_not_written_as_that_of_an_empty_square() -> None:
    from components.figures.association import association
    from core.analyses.association.analysis import association as worked_out
    from core.analyses.association.settings import AssociationSettings

    draw = np.random.default_rng(0)
    frame = pd.DataFrame({"x": draw.normal(size=100), "up": draw.normal(size=100)})
    result = worked_out(dataset(frame), AssociationSettings(), SILENT)
    for value, wanted in ((0.0031, "&lt;0.01"), (-0.0031, "&gt;-0.01"), (0.3, "0.30")):
        tiny = replace(result.pairs, value=np.array([value]), noise=np.array([0.0004]))
        drawn = association(replace(result, pairs=tiny))
        [written] = [trace for trace in drawn.data[1:] if trace.mode == "text"]
        assert set(written.text) == {wanted}
        assert "noise floor &lt;0.001" in drawn.data[-1].hovertext[0]


def test_strengths_are_written_in_their_squares_and_can_be_read() -> None:
    """Black on pale squares, white on dark ones, 4.5 to 1 wherever on the scale; nothing in an empty square;
    the key says what an empty one is.
    """
    from components.figures.association import WRITTEN, association
    from core.analyses.association.analysis import association as worked_out
    from core.analyses.association.settings import AssociationSettings

    figure = _map_of_pairs()
    [written] = [trace for trace in figure.data[1:] if trace.mode == "text"]
    assert len(written.text) == 2 and set(written.text) <= {"0.05", "0.06", "0.07"}
    positive = _key_of(figure)
    assert positive.colorbar.ticktext == ("noise", "0.5", "1"), "no orange where nothing is negative"
    draw = np.random.default_rng(1)
    wide = pd.DataFrame({f"c{i}": draw.normal(size=300) for i in range(WRITTEN + 1)})
    result = worked_out(dataset(wide.iloc[:, :WRITTEN]), AssociationSettings(), SILENT)
    size = result.pairs.value.size
    every = replace(result.pairs, value=np.linspace(-1.0, 1.0, size), noise=np.zeros(size))
    drawn = association(replace(result, pairs=every))
    [both] = [trace for trace in drawn.data[1:] if trace.mode == "text"]
    assert len(both.text) == 2 * size
    assert _key_of(drawn).colorbar.ticktext == ("-1", "-0.5", "noise", "0.5", "1")
    for key in (positive, _key_of(drawn)):
        for at, word in zip(key.colorbar.tickvals, key.colorbar.ticktext, strict=True):
            colour = _mixed(key.colorscale, (at - key.cmin) / (key.cmax - key.cmin))
            parts, opaque = _on_the_map(0.0 if word == "noise" else float(word))
            assert colour == pytest.approx([*parts, opaque]), word
    for across, down, ink in zip(both.x, both.y, both.textfont.color, strict=True):
        strength = float(drawn.data[0].z[down][across])
        square = "#" + "".join(f"{round(part):02X}" for part in _on_the_map(strength)[0])
        one, other = sorted((_luminance(square), _luminance(ink)))
        assert (other + 0.05) / (one + 0.05) >= 4.5, (strength, ink)
    many = association(worked_out(dataset(wide), AssociationSettings(), SILENT))
    assert not [trace for trace in many.data[1:] if trace.mode == "text"], "no room for them"
