"""One number has one form: shares, scores and amounts, in sentences, figures and tables."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.figures import missingness, projection, shift, theme
from components.figures.projection import Cloud, Colouring
from components.text import share
from components.widgets import headings
from components.widgets.findings import _texts
from core.analyses.shift.bars import Bars
from core.phrases import number, percent, percent_number, points, score, share_of, whole_percent
from core.run import run
from tests.examples import examples
from tests.make import dataset

FIGURES = Path(theme.__file__).parent


def _by_hand(part: int, whole: int) -> str:
    """Rounded by whole numbers alone."""
    exact = Fraction(part, whole)
    if 0 < exact < Fraction(1, 1000):
        return "under 0.1%"
    if Fraction(999, 1000) < exact < 1:
        return "over 99.9%"
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}%".replace(".0%", "%")


@settings(max_examples=examples(300), deadline=None)
@given(st.integers(1, 10**9).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_count_of_a_count_is_rounded_as_by_hand(counts: tuple[int, int]) -> None:
    assert share_of(*counts) == share(*counts) == percent(counts[0] / counts[1]) == _by_hand(*counts)


def test_a_five_goes_up_and_nothing_is_all_or_none_that_is_not() -> None:
    """0.25% was 0.2% in sentences and 0.3% in figures."""
    for whole in (400, 800, 1_000, 2_000, 4_000, 8_000):
        for part in range(whole + 1):
            assert share_of(part, whole) == _by_hand(part, whole), (part, whole)
            assert (share_of(part, whole) == "0%") == (part == 0)
            assert (share_of(part, whole) == "100%") == (part == whole)
            assert (whole_percent(part / whole) == "0%") == (part == 0)
            assert (whole_percent(part / whole) == "100%") == (part == whole)
            assert (percent_number(part / whole) in (0.0, 100.0)) == (part in (0, whole))
    assert percent(0.0025) == percent(1 - 0.9975) == "0.3%" and points(0.0225) == "+2.3"


def test_no_figure_rounds_shares_by_a_rule_of_its_own() -> None:
    """What Plotly rounds, 0.04% as 0%, stands in words beside the mark instead; only marks of an axis are
    written by it, in as many digits as they have.
    """
    own = re.compile(
        r":[,.~\d]*%|:[.~\d]*p\}|tickformat=\"[^\"]*%|\"tickformat\": \"[^\"]*%|=\"d\"|ticktext=\[f\"\{\w+:g"
    )
    for path in FIGURES.glob("*.py"):
        assert path.name in ("theme.py", "reliability.py") or not own.findall(path.read_text()), path.name
    assert theme.SHARES == "~%"


def test_hovers_say_a_small_share_as_sentences_do() -> None:
    counts = np.array([1, 399, 99_600])
    drawn = shift.pair(_moved(Bars(counts, counts, np.arange(4.0))))
    assert list(drawn.data[0].customdata) == ["under 0.1%", "0.4%", "99.6%"] == list(drawn.data[1].customdata)
    assert drawn.layout.yaxis.tickformat == theme.SHARES


def _moved(bars: Bars) -> object:
    from types import SimpleNamespace

    return SimpleNamespace(name="a", kind="numeric", bars=bars, note="")


def test_axes_of_numbers_have_thousands_marks_whether_or_not_they_have_a_format() -> None:
    """A map said 10000 where the text beside it said 10,000."""
    plain = theme.framed(theme_figure(), 200, x="a").layout
    assert plain.xaxis.separatethousands and plain.yaxis.separatethousands and not plain.xaxis.tickformat
    place, no = np.arange(5, dtype=np.float32), np.zeros(5, bool)
    for values, form in ((np.linspace(0, 20_000, 5), ","), (np.linspace(1990, 2021, 5), ".12~g")):
        drawn = projection.points(Cloud(place, place, no), Colouring("a", values), 100)
        assert drawn.layout.coloraxis.colorbar.tickformat == form
    gaps = pd.DataFrame({"a": np.where(np.arange(12_000) % 5, 1.0, np.nan), "b": np.arange(12_000.0)})
    drawn = missingness.gap_matrix(run("missingness", dataset(gaps)))
    assert drawn.layout.yaxis.tickformat == "," and "customdata[1]:,}" in drawn.data[0].hovertemplate
    assert set(drawn.data[0].customdata[..., 3].ravel()) <= {"0%"} | {
        percent(one) for one in np.unique(drawn.data[0].z)
    }


def theme_figure() -> object:
    import plotly.graph_objects as go

    return go.Figure()


def test_numbers_of_tables_are_written_as_in_sentences() -> None:
    table = pd.DataFrame(
        {
            "row": [15_110, 20_000],
            "drawn": [15_110, 20],
            "share": [0.0025, 0.00001],
            "value": [15_110.4, 0.99998],
            "low": [1_990.0, 2_021.0],
            "p": [1e-9, np.nan],
        }
    )
    cells = headings.written(table)._translate(False, False)["body"]
    shown = [[cell["display_value"] for cell in line if cell["type"] == "td"] for line in cells]
    assert shown == [
        ["15110", "15,110", "0.3%", "15,110", "1990", "1e-09"],
        ["20000", "20", "under 0.1%", "0.99998", "2021", "–"],
    ]
    assert "format" not in str(headings.config(table))
    long = pd.DataFrame({"value": np.zeros(headings.MOST_CELLS + 1)})
    assert headings.written(long) is long


@pytest.mark.parametrize("value", [0.99998, 0.9999, 0.83217, 0.5, 1.0])
def test_a_score_is_one_only_where_it_is(value: float) -> None:
    text = score(value)
    assert (text == "1.000") == (value == 1.0) and (number(value) == "1") == (value == 1.0)
    assert _texts({"AUC": value, "Limit": 0.95}, "AUC of a model")[0] == text
