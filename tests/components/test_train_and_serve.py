"""Train and serve have one colour each, whatever is drawn of them: read from the figures."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from components.figures import density_ratio, overlap, overlap_relation, projection, segments, shift, theme
from components.figures.projection import Cloud
from components.figures.theme import SERVE, TRAIN
from core.analyses.overlap.points import PairPoints
from core.run import run
from core.workspace import load

NAMED = {"train": TRAIN, "serve": SERVE}


@pytest.fixture(scope="module")
def drawn() -> list[Any]:
    """Every figure of both parts, of two that differ."""
    rng = np.random.default_rng(5)
    train, serve = (pd.DataFrame(rng.normal(at, 1, (300, 3)), columns=list("abc")) for at in (0, 1))
    train["town"], serve["town"] = rng.choice(["x", "y"], 300), rng.choice(["y", "z"], 300)
    data = load(train, serve=serve, name="both")
    compared, shifted = run("overlap", data), run("shift", data)
    place = rng.normal(size=600).astype(np.float32)
    second = np.arange(600) >= 300
    cloud = Cloud(place, place[::-1].copy(), np.zeros(600, bool))
    pairs = PairPoints(
        "a", "b", train[["a", "b"]].to_numpy(), serve[["a", "b"]].to_numpy(), (300, 300), (False, False)
    )
    mix = run("segments", data)
    return [
        *(shift.pair(one) for one in shifted.columns if one.bars is not None),
        overlap.overlap_dots(compared),
        overlap.support_bars(compared),
        overlap.weight_bars(compared),
        overlap_relation.relation_points(pairs),
        projection.points(cloud, projection.parts(second), 1_000),
        density_ratio.ratio(place, place[::-1].copy(), second, 1_000),
        *([segments.segment_ratios(mix)] if mix.segments else []),
    ]


def _colours(trace: Any) -> set[str]:
    found = {trace.line.color} if hasattr(trace, "line") and trace.line.color else set()
    given = trace.marker.color if hasattr(trace, "marker") else None
    return found | ({given} if isinstance(given, str) else set())


def test_train_and_serve_have_one_colour_each_in_every_figure(drawn: list[Any]) -> None:
    seen: dict[str, int] = dict.fromkeys(NAMED, 0)
    for figure in drawn:
        for trace in figure.data:
            word = re.match(r"(train|serve)\b(?! (over|against))", (trace.name or "").lower())
            if word:
                assert _colours(trace) == {NAMED[word[1]]}, trace.name
                seen[word[1]] += 1
    assert min(seen.values()) >= 6, "they are seen in all of them"


def test_no_figure_has_a_colour_of_its_own_for_train_or_serve() -> None:
    """A file that names a part takes its colour from the palette."""
    for path in Path(theme.__file__).parent.glob("*.py"):
        text = path.read_text()
        for word, name in (("train", "TRAIN"), ("serve", "SERVE")):
            if re.search(rf'name="{word}"|"name": "{word}"', text):
                assert re.search(rf"\b{name}\b", text), f"{path.name}: {word}"


@pytest.mark.parametrize("ground", ["#ffffff", "#0e1117"])
def test_the_colours_of_the_parts_are_seen_and_told_apart(ground: str) -> None:
    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        each = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
        return 0.2126 * each[0] + 0.7152 * each[1] + 0.0722 * each[2]

    for colour in (TRAIN, SERVE):
        high, low = sorted((light(colour), light(ground)), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 3.0
