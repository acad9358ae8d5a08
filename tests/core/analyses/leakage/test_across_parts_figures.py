"""The figures of leakage and missingness draw what the results hold, and read no name as markup."""

from __future__ import annotations

import numpy as np
import pandas as pd

from components.figures.leakage import alt
from components.figures.leakage import figure as scores_figure
from components.figures.missingness import alt_effect, filling_bars, gap_matrix, model_dots, pattern_bars
from core.analyses.leakage.analysis import leakage
from core.analyses.leakage.settings import LeakageSettings
from core.analyses.missingness.analysis import MissingnessSettings, missingness
from core.progress import SILENT
from tests.make import dataset

NAME = "<b>leak</b>"


def data() -> pd.DataFrame:
    draw = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"a": draw.normal(size=400), "c": draw.choice(["x", "y"], 400), "y": draw.choice(["0", "1"], 400)}
    )
    frame[NAME] = (frame["y"] == "1") * 5.0 + draw.normal(size=400)
    frame.loc[draw.random(400) < 0.3, ["a"]] = np.nan
    frame.loc[draw.random(400) < 0.2, ["c", NAME]] = None
    return frame


def test_columns_stand_best_first_with_flagged_ones_apart() -> None:
    result = leakage(dataset(data(), target="y"), LeakageSettings(), SILENT)
    figure = scores_figure(result)
    assert (
        list(figure.layout.yaxis.ticktext)[0] == "&lt;b&gt;leak&lt;/b&gt;"
        and len(figure.layout.yaxis.ticktext) == 3
    )
    flagged = next(trace for trace in figure.data if trace.name == "flagged")
    assert list(flagged.y) == [0] and flagged.x[0] == result.scores.max()
    assert NAME in alt(result)


def test_a_leak_of_one_class_stands_where_that_class_is() -> None:
    draw = np.random.default_rng(1)
    y = draw.integers(0, 3, 3_000)
    frame = pd.DataFrame({"x": draw.normal(size=3_000), NAME: (y == 1) * 9.0 + draw.normal(size=3_000)})
    frame["y"] = np.array(["a", "<i>b</i>", "c"])[y]
    result = leakage(dataset(frame, target="y"), LeakageSettings(), SILENT)
    figure = scores_figure(result)
    flagged, one = (
        next(t for t in figure.data if t.name == n) for n in ("flagged", "one class against the rest")
    )
    assert list(flagged.y) == list(one.y) == [0] and flagged.x[0] < 0.9 < 0.98 < one.x[0]
    told = f"&lt;b&gt;leak&lt;/b&gt;, class &lt;i&gt;b&lt;/i&gt;: {one.x[0]:.3f}"
    assert list(one.customdata) == [told]


def test_noise_floors_are_seen_and_lie_under_the_dots() -> None:
    """Opaque, as everywhere: a quarter of grey has no contrast on either page."""
    gaps = missingness(dataset(data()), MissingnessSettings(), SILENT)
    draw = np.random.default_rng(1)
    frame = pd.DataFrame({"x": draw.normal(size=400), "y": draw.integers(0, 2, 400)})
    leaks = leakage(dataset(frame, target="y"), LeakageSettings(), SILENT)
    for figure in (model_dots(gaps), scores_figure(leaks)):
        [floors] = [trace for trace in figure.data if str(trace.name).startswith("noise floor")]
        assert (floors.opacity, floors.zorder) == (None, -1)
        assert floors.x[1] > floors.x[0] and not str(figure.data[0].name).startswith("noise floor")


def test_gaps_are_drawn_as_they_are() -> None:
    result = missingness(dataset(data()), MissingnessSettings(), SILENT)
    assert np.array_equal(gap_matrix(result).data[0].z, result.matrix)
    assert np.array_equal(gap_matrix(result, ordered=True).data[0].z, result.sorted_matrix)
    assert sum(pattern_bars(result).data[0].x) == 400
    assert NAME not in str(gap_matrix(result).to_dict()) + str(pattern_bars(result).to_dict()) + str(
        model_dots(result).to_dict()
    )
    assert len(model_dots(result).data[0].x) == sum(gap.model is not None for gap in result.gaps)
    for effect in result.effects:
        bars = filling_bars(effect).data
        assert sum(bars[1].y) == 400 and sum(bars[0].y) == 400 - sum(
            g.missing for g in result.gaps if g.name == effect.column
        )
        assert effect.strategy in alt_effect(effect)
