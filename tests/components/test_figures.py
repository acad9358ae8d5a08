"""Figures: what is drawn, what a selection holds, and that words from the data stay words."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plotly.subplots import make_subplots

import components.figures.profile
import components.figures.selection
import components.text
import components.widgets.findings
from components.figures import duplicates, outliers, projection, theme
from components.figures.importance import importance_map
from components.figures.profile import column_figure
from components.figures.projection import Cloud
from components.figures.selection import chosen, inside
from components.figures.theme import ABOVE, FONT, INK, framed
from core.analyses.profile.analysis import ProfileSettings, profile
from core.dataset.split import PartSplit
from core.progress import SILENT
from core.run import run
from tests.components.conftest import hostile
from tests.examples import examples
from tests.make import dataset


def test_the_examples_in_the_docs_hold() -> None:
    for module in (
        components.text,
        components.figures.profile,
        components.figures.selection,
        components.widgets.findings,
    ):
        result = doctest.testmod(module)
        assert result.attempted and not result.failed


def test_a_frame_adds_to_what_a_figure_says_of_itself_on_all_its_axes() -> None:
    """Ours goes first; what it does not speak of stays, notes and shapes too."""
    figure = make_subplots(rows=2, cols=1)
    figure.add_bar(x=[1, 2], y=[3, 4], row=2, col=1)
    figure.add_hline(y=2, annotation_text="whole", row=2, col=1)
    figure.update_layout(
        legend={"orientation": "h", "font": {"size": 9}},
        font={"family": "serif", "size": 40},
        xaxis2={"title": {"text": "old", "standoff": 7}, "zeroline": True, "type": "log"},
        yaxis={"title": {"text": "gone"}},
    )
    template = figure.layout.template.to_plotly_json()
    layout = framed(figure, 200, x="new", bargap=0.3, legend={"yanchor": "top"}).layout
    assert layout.template.to_plotly_json() == template
    assert (layout.height, layout.bargap, layout.showlegend) == (200, 0.3, False)
    assert (layout.font.family, layout.font.size) == ("serif", FONT)
    assert (layout.legend.orientation, layout.legend.yanchor) == ("h", "top")
    assert (layout.legend.font.size, layout.legend.font.color) == (9, INK)
    lower = layout.xaxis2
    assert (lower.title.text, lower.title.standoff, lower.title.font.color) == ("new", 7, INK)
    assert (lower.type, lower.zeroline, lower.anchor, layout.xaxis.title.text) == ("log", False, "y2", "new")
    assert layout.yaxis.title.text is None and layout.yaxis2.title.text is None
    assert all(axis.automargin and axis.ticks == "" for axis in (layout.yaxis, layout.yaxis2, layout.xaxis))
    assert [note.text for note in layout.annotations] == ["whole"] and len(layout.shapes) == 1


def test_counts_have_thousands_marks_and_years_have_none() -> None:
    drawn = framed(go.Figure(), 200, x="year", y="train rows")
    assert drawn.layout.yaxis.tickformat == "," and not drawn.layout.xaxis.tickformat
    across = framed(go.Figure(), 200, x="rows", y="year").layout
    assert across.xaxis.tickformat == "," and not across.yaxis.tickformat


def test_legends_stand_above_their_figure_and_cover_no_mark() -> None:
    """Plotly hangs a legend that is placed above 2/3 from its upper edge, unless told otherwise: over the
    first row. There is one place for legends, and figures take it.
    """
    assert ABOVE["y"] >= 1.0 and ABOVE["yanchor"] == "bottom"
    assert framed(go.Figure(), 200, legend=ABOVE).layout.legend.yanchor == "bottom"
    taken = re.compile(r"""(?:\blegend=|"legend": )(?!ABOVE\b|\{?\*?\*?LEGEND\b)""")
    for path in Path(theme.__file__).parent.glob("*.py"):
        assert path.name == "theme.py" or not taken.findall(path.read_text()), path.name


def test_legends_of_figures_with_a_toolbar_stand_below_and_leave_it_a_strip() -> None:
    """The toolbar covered the end of the legend, at every width of the page."""
    data = dataset(
        pd.DataFrame({"a": np.arange(90.0) % 7, "b": np.arange(90.0) % 11, "y": ["n", "s", "n"] * 30}),
        target="y",
    )
    importance = run("importance", data)
    place, no = np.arange(3, dtype=np.float32), np.zeros(3, bool)
    drawn = [
        importance_map(importance, (2.0, 0.5), 100),
        projection.points(Cloud(place, place, no), projection.parts(np.array([False, True, True])), 100),
        outliers.outlier_map(place, place, place, no, no, 100),
    ]
    for figure in drawn:
        legend = figure.layout.legend
        assert figure.layout.dragmode == "lasso" and figure.layout.margin.t >= 30
        assert (legend.yref, legend.y, legend.yanchor) == ("container", 0, "bottom")


corner = st.tuples(st.integers(-50, 50), st.integers(-50, 50))


@settings(max_examples=examples(25), deadline=None)
@given(st.lists(corner, min_size=3, max_size=8), st.integers(0, 2**31))
def test_a_lasso_holds_what_counting_crossings_says(corners: list[tuple[int, int]], seed: int) -> None:
    xs, ys = (np.array(side, float) for side in zip(*corners, strict=True))
    x, y = np.random.default_rng(seed).uniform(-60, 60, (2, 200))
    slow = [_crossings(xs, ys, px, py) % 2 == 1 for px, py in zip(x, y, strict=True)]
    assert inside(xs, ys, x, y).tolist() == slow


def _crossings(xs: np.ndarray, ys: np.ndarray, px: float, py: float) -> int:
    count = 0
    for i in range(len(xs)):
        x1, y1, x2, y2 = xs[i - 1], ys[i - 1], xs[i], ys[i]
        if (y1 > py) != (y2 > py) and px < x1 + (py - y1) / (y2 - y1) * (x2 - x1):
            count += 1
    return count


@pytest.mark.parametrize(
    ("values", "ticks"),
    [([2013] * 300, ["2013"]), ([0.25] * 300, ["0.25"]), (list(range(3, 12)) * 40, None)],
)
def test_an_axis_names_no_value_between_the_few_there_are(
    values: list[float], ticks: list[str] | None
) -> None:
    """A constant year stands at 2013, not between 2012.6 and 2013.4."""
    data = dataset(pd.DataFrame({"x": values, "y": np.arange(len(values))}))
    result = profile(data, ProfileSettings(), SILENT)
    axis = column_figure(next(one for one in result.columns if one.name == "x")).layout.xaxis
    assert (list(axis.ticktext) if axis.ticktext else None) == ticks
    assert ticks is None or len(axis.tickvals) == len(ticks)


def test_boxes_and_lassos_add_up_and_nothing_drawn_is_none() -> None:
    x = y = np.arange(10.0)
    box = {"x": [2.5, 0.5], "y": [0.5, 2.5]}
    lasso = {"x": [6.5, 9.5, 9.5, 6.5], "y": [6.5, 6.5, 9.5, 9.5]}
    held = chosen({"box": [box], "lasso": [lasso]}, x, y)
    assert held is not None and np.flatnonzero(held).tolist() == [1, 2, 7, 8, 9]
    assert chosen({"box": [], "lasso": []}, x, y) is None


def test_few_points_are_shapes_and_many_are_drawn_by_webgl() -> None:
    """All of one figure alike: a shape lies above what WebGL draws, whatever the order."""
    rng = np.random.default_rng(0)
    for n, kind in ((1_000, "scatter"), (1_001, "scattergl")):
        x, y = rng.normal(size=(2, n)).astype(np.float32)
        flagged = np.arange(n) < 5
        cloud = Cloud(x, y, flagged)
        drawn = (
            outliers.outlier_map(x, y, rng.random(n), flagged, flagged, 5_000),
            projection.points(cloud, projection.parts(~flagged), 5_000),
        )
        for figure in drawn:
            assert {trace.type for trace in figure.data} == {kind}
            rows = [row for one in figure.data if one.customdata is not None for row in one.customdata]
            assert sorted(rows) == list(range(n))


def test_a_large_map_draws_every_row_beyond_the_limit_and_few_others() -> None:
    rng = np.random.default_rng(0)
    n, limit = 30_000, 5_000
    x, y = rng.normal(size=(2, n)).astype(np.float32)
    score, beyond = rng.random(n), np.zeros(n, bool)
    beyond[rng.choice(n, 300, False)] = True
    figure = outliers.outlier_map(x, y, score, beyond, beyond, limit)
    kinds = [trace.type for trace in figure.data]
    assert kinds == ["scattergl", "scattergl", "heatmap"], "the image takes none of their colours"
    few = outliers.outlier_map(x, y, score, beyond, beyond, n)
    assert [one.name for one in few.data] == [one.name for one in figure.data[:2]]
    typical, odd = figure.data[0].customdata, figure.data[1].customdata
    assert sorted(odd.tolist()) == np.flatnonzero(beyond).tolist() and typical.size + odd.size <= limit
    assert figure.data[0].x.dtype == np.float32 and odd.dtype.kind == "i"
    assert figure.to_json() == outliers.outlier_map(x, y, score, beyond, beyond, limit).to_json()


def test_rows_beyond_the_limit_that_no_finding_is_of_are_drawn_apart_from_flagged_ones() -> None:
    x, score = np.arange(60, dtype=np.float32), np.linspace(0, 0.99, 60, dtype=np.float32)
    beyond, flagged = score > 0.9, score > 0.98
    assert (beyond.sum(), flagged.sum()) == (6, 1)
    figure = outliers.outlier_map(x, x, score, beyond, flagged, 1_000)
    assert [one.name for one in figure.data] == ["Typical (54)", "Flagged (1)", "More beyond the limit (5)"]
    assert [one.customdata.tolist() for one in figure.data[1:]] == [[59], [54, 55, 56, 57, 58]]
    assert len({one.marker.symbol for one in figure.data}) == 3, "never by colour alone"
    bars = outliers.score_spread(score, beyond, flagged).data
    assert [(one.name, int(sum(one.y))) for one in bars] == [
        ("Typical", 54),
        ("Flagged", 1),
        ("More beyond the limit", 5),
    ]
    none = np.zeros(60, bool)
    assert outliers.score_spread(score, beyond, none).data[-1].name == "Beyond the limit"


def test_squeezed_keeps_the_order_and_bears_anything() -> None:
    values = np.array([-1e9, -1.0, 0.0, 1.0, 1e9, np.nan], np.float32)
    squeezed = outliers.squeezed(values)
    assert (np.diff(squeezed[:5]) > 0).all() and abs(squeezed[:5]).max() < 30
    assert np.isnan(squeezed[5]), "a row without a place has none, and lies in no outline"
    assert outliers.squeezed(np.zeros(4, np.float32)).tolist() == [0, 0, 0, 0]


def test_names_and_values_in_figures_are_not_markup() -> None:
    from core.analyses.profile.analysis import ProfileSettings, profile

    result = profile(hostile(), ProfileSettings(), SILENT)
    for column in result.columns:
        if column.present:
            text = column_figure(column).to_json()
            assert (
                "<script" not in text
                and "<b>" not in text
                and "\\u003cscript" not in text
                and "\\u003cb\\u003e" not in text
            )


@pytest.mark.parametrize("name", ["Bell", "Bell Helicopter Textron of Canada"])
def test_bars_of_one_name_with_and_without_trailing_blanks_are_told_apart(name: str) -> None:
    texts = [name] * 30 + [f"{name} "] * 20 + [f"{name}\u00a0 "] * 10
    result = profile(dataset(pd.DataFrame({"x": texts, "y": range(60)})), ProfileSettings(), SILENT)
    figure = column_figure(next(one for one in result.columns if one.name == "x"))
    ends = [str(tick)[-3:] for tick in figure.layout.yaxis.ticktext]
    assert ends == [name[-3:], f"{name[-2:]}␣", f"{name[-1:]}␣␣"], "what stands beside the bars"
    assert [str(text).count("␣") for text in figure.data[0].hovertext] == [0, 1, 2]
    assert list(figure.data[0].x) == [30, 20, 10]


def test_group_sizes_count_groups() -> None:
    figure = duplicates.group_sizes(np.array([2, 2, 5]))
    assert dict(zip(figure.data[0].x, figure.data[0].y, strict=True)) == {"2": 2, "5": 1}


def test_years_carry_no_thousands_mark_and_amounts_do() -> None:
    """In the bars, on the axis and among the quantiles of a column, on the page as in Markdown."""
    from components.figures.profile import bar_names, column_figure
    from components.views.profile.column import quantile_text
    from core.outcomes import attempt
    from core.report import audit_json
    from core.reporting.markdown import markdown
    from core.reporting.whole import whole

    rng = np.random.default_rng(0)
    data = dataset(
        pd.DataFrame({"year": rng.integers(1950, 2021, 500), "amount": rng.integers(0, 3_000, 500)})
    )
    outcome = attempt("profile", data)
    year, amount = outcome.result.columns
    assert "," not in "".join(bar_names(year)) + quantile_text(year, 0.5)
    assert "," in "".join(bar_names(amount)) and "," in quantile_text(amount, 1.0)
    assert column_figure(year).layout.xaxis.tickformat == ".12~g"
    assert column_figure(amount).layout.xaxis.tickformat == ","
    lines = markdown(whole(audit_json(data, [outcome], 1.0), data, [outcome]), "Audit").splitlines()
    of = {name: next(line for line in lines if line.startswith(f"| {name} |")) for name in ("year", "amount")}
    assert "," not in of["year"] and "," in of["amount"]


def test_numbers_above_ten_thousand_have_one_format_wherever_they_stand() -> None:
    """Axes and what hovers had formats of their own."""
    from components.figures import pair, shift, target
    from core.analyses.association.pair import pair_view

    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "group": np.repeat(["a", "b"], 400),
            "price": rng.normal(60_000, 9_000, 800).round(2),
            "far": rng.normal(40_000, 5_000, 800).round(2),
            "year": rng.integers(1950, 2021, 800),
        }
    )
    data = dataset(frame, split=PartSplit("file", at=400), target="price")
    over = target.over_bins(run("target", data), "far")
    assert over.layout.yaxis.tickformat == ","
    assert re.search(r"<br>\d\d,\d{3}, interval \d\d,\d{3} to \d\d,\d{3}", over.data[0].hovertext[0])
    both = pair.pair_figure(pair_view(data, "far", "price"))
    assert (both.layout.xaxis.tickformat, both.layout.yaxis.hoverformat) == (",", ",.6~g")
    assert pair.pair_figure(pair_view(data, "group", "price")).layout.xaxis.tickformat == ","
    timed = pair.pair_figure(pair_view(data, "year", "price")).layout
    assert (timed.xaxis.tickformat, timed.yaxis.tickformat) == (".12~g", ",")
    shifted = {one.name: shift.pair(one) for one in run("shift", data).columns if one.bars is not None}
    assert shifted["far"].layout.xaxis.tickformat == "," and "x:,.6~g" in shifted["far"].data[0].hovertemplate
    assert shifted["year"].layout.xaxis.tickformat == ".12~g"


@pytest.mark.parametrize(
    ("before", "after", "low", "high"),
    [([1.0, 1.0], [1.0, 1.0], 0.9, 1.0), ([0.7, 0.8], [0.9, 0.99], 0.6, 1.0)],
)
def test_the_axis_of_proof_ends_where_the_score_does(
    before: list[float], after: list[float], low: float, high: float
) -> None:
    """Of an AUROC of 1 on both sides it ran from 0 to 2."""
    from types import SimpleNamespace

    from components.figures import proof
    from core.analyses.proof.scores import AUROC, ERROR

    def ends(score: object) -> tuple[float, float]:
        result = SimpleNamespace(
            scores=[score], before=np.array([before]), after=np.array([after]), verdict="better"
        )
        drawn = proof.figure(result)  # type: ignore[arg-type]
        return tuple(drawn.layout.yaxis.range)

    bottom, top = ends(AUROC)
    assert low <= bottom < min(before) and max(after) <= top == high
    assert ends(ERROR)[1] > max(after), "an error has no end above"
