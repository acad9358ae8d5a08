"""The map of both parts: points in several colourings, and small maps at other scales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from components.figures.points import HOVER, LEGEND, SEED, SELECTABLE, bare, density, dots, shown
from components.figures.theme import GREY, LEVELS, SCALE, SERVE, TRAIN, framed, tick_format
from components.text import safe
from core.phrases import moment

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.projection.analysis import ProjectionResult

Floats = NDArray[np.floating]
HOW = """**Who lies beside whom means something; how large an island is and how far it lies from the next does
not.** The line under the map says how much of the neighbourhood in the original space it keeps. Trust the
numbers, not the islands.

Drag with the lasso or the box to choose rows; everything inside counts, drawn or not. Hold Shift to add,
double-click to clear. Without a mouse: choose rows by the switch beside the map."""
HOW_PARTS = """Each point is a row of train or serve; the layout never saw which. Where serve points stand
alone there is no training data like them. Hollow points are the unsupported serve rows: they lie farther from
train, in the original space, than 99% of train rows do."""
HOW_ONE = """Each point is a row; rows that are alike lie together. Hollow points are farther from all others
than 99% of the rows are from each other."""
HOW_MIXING = """Colour is the share of a row's neighbours, in the original space, that are of the other part,
over the share expected if train and serve were drawn alike: 1 is no difference, 0 is apart. Worked out for
the landmarks; any other row has the mean of those nearest to it."""
HOW_FLAT = """Colour is the same share among a point's 15 neighbours on the map: 1 is no difference. Hold it
beside the mixing in the original space: where they differ, the map shows something that is not there, or
hides what is."""
HEIGHT, TWIN = 560, 340
PARTS = (TRAIN, SERVE)


class Cloud(NamedTuple):
    """The rows on a map. ``x``, ``y``: places, nan for a row that has none. ``hollow``: rows drawn hollow;
    ``far``: what these are called.
    """

    x: Floats
    y: Floats
    hollow: NDArray[np.bool_]
    far: str = "Farthest from all others"


@dataclass(frozen=True, eq=False)
class Colouring:
    """How points are coloured. ``values``: one per row; codes into ``words`` (-1: none) where there are
    words, else numbers (NaN: none). ``first``: of times, what the numbers count from, both in microseconds;
    the first since 1970.
    """

    title: str
    values: NDArray[Any]
    words: tuple[str, ...] = ()
    colours: tuple[str, ...] = LEVELS
    first: int | None = None


def how(two: bool) -> str:
    """How to read the map of two parts, or of one."""
    return f"{HOW_PARTS if two else HOW_ONE} {HOW}"


def alt(two: bool) -> str:
    """What the map shows, in words."""
    marks = (
        "train and serve rows in two colours, unsupported serve rows hollow"
        if two
        else "rows farthest from all others are hollow"
    )
    return f"Map of all rows: rows that are alike lie close together; {marks}."


def parts(serve: NDArray[np.bool_]) -> Colouring:
    """Train and serve; no words where there is one part."""
    if not serve.any():
        return Colouring("", np.zeros(serve.size, np.int8), ("All rows",))
    return Colouring("Part", serve.astype(np.int8), ("Train", "Serve"), PARTS)


def points(cloud: Cloud, how: Colouring, limit: int, height: int = HEIGHT) -> go.Figure:
    """All rows, or above ``limit`` every hollow one and a sample of the others over a density image. Drawn in
    random order, so that no colour lies on top of the others; row numbers are in ``customdata``.
    """
    import plotly.graph_objects as go

    hollow, placed = cloud.hollow, np.isfinite(cloud.x)
    rows = shown(hollow, np.zeros(hollow.size), limit)
    rows = np.random.default_rng(SEED).permutation(rows[placed[rows]])
    figure = go.Figure()
    if rows.size < placed.sum():
        figure.add_trace(density(cloud.x[placed], cloud.y[placed]))
    size, draw = float(np.clip(260 / np.sqrt(max(1, rows.size)), 3.5, 8)), dots(rows.size)
    for empty in (False, True):
        figure.add_trace(draw(_of_rows(cloud, rows[hollow[rows] == empty], how, size, empty)))
    figure.add_traces([draw(line) for line in _legend(cloud, how)])
    framed(
        figure,
        height,
        **{**SELECTABLE, "legend": {**LEGEND, "title": {"text": safe(how.title, 40)}}},
        **HOVER,
    )
    if not how.words:
        figure.update_layout(coloraxis=_axis(how))
    return bare(figure)


def _legend(cloud: Cloud, how: Colouring) -> list[dict[str, Any]]:
    """A legend of our own, with counts over all rows: the points of all colours are one trace."""
    keys, values = [], how.values[np.isfinite(cloud.x)]
    for at, word in enumerate(how.words):
        marker = {"color": how.colours[at % len(how.colours)], "size": 9}
        keys.append(_key(f"{safe(word, 30)} ({int((values == at).sum()):,})", marker))
    others = int((values < 0).sum()) if how.words else 0
    if others:
        keys.append(_key(f"Others or missing ({others:,})", {"color": GREY, "size": 9}))
    if cloud.hollow.any():
        marker = {"color": GREY, "size": 9, "symbol": "circle-open", "line": {"width": 1.5}}
        keys.append(_key(f"{cloud.far} ({int(cloud.hollow.sum()):,})", marker))
    return keys


def _key(name: str, marker: dict[str, Any]) -> dict[str, Any]:
    """A line of the legend: a trace without points."""
    key = {"x": [None], "y": [None], "mode": "markers", "hoverinfo": "skip"}
    return {**key, "marker": marker, "name": name, "showlegend": True}


def _of_rows(
    cloud: Cloud, rows: NDArray[np.int64], how: Colouring, size: float, hollow: bool
) -> dict[str, Any]:
    """The trace of these rows' points."""
    marker: dict[str, Any] = {
        "size": size + 3 * hollow,
        "opacity": 0.95 if hollow else float(np.clip(60 / np.sqrt(max(1, rows.size)), 0.35, 0.85)),
    }
    marker |= {"symbol": "circle-open", "line": {"width": 1.5}} if hollow else {}
    values = how.values[rows]
    if how.words:
        scale = [how.colours[at % len(how.colours)] for at in range(len(how.words))]
        marker |= {
            "color": values.astype(np.float32),
            "colorscale": _steps([*scale, GREY]),
            "cmin": -0.5,
            "cmax": len(scale) + 0.5,
        }
        marker["color"] = np.where(values < 0, len(scale), values).astype(np.float32)
    else:
        marker |= {"color": values.astype(np.float32), "coloraxis": "coloraxis"}
    return {
        "x": np.asarray(cloud.x[rows], np.float32),
        "y": np.asarray(cloud.y[rows], np.float32),
        "customdata": rows.astype(np.int32),
        "mode": "markers",
        "marker": marker,
        "name": cloud.far if hollow else "Rows",
        "showlegend": False,
        "hovertemplate": "row %{customdata}<extra></extra>",
    }


def _steps(colours: list[str]) -> list[list[Any]]:
    """A colour scale in steps: one colour per whole number."""
    edges = np.linspace(0, 1, len(colours) + 1)
    return [[float(edge), colour] for at, colour in enumerate(colours) for edge in (edges[at], edges[at + 1])]


def _axis(how: Colouring) -> dict[str, Any]:
    known = how.values[np.isfinite(how.values)]
    low, high = np.percentile(known, [1, 99]) if known.size else (0.0, 1.0)
    bar: dict[str, Any] = {"title": {"text": safe(how.title, 30), "side": "right"}, "thickness": 12}
    bar |= {"len": 0.7, "tickformat": tick_format(float(low), float(high))}
    if how.first is not None:
        ticks = np.linspace(float(low), float(high), 5)
        bar |= {"tickvals": ticks.tolist(), "ticktext": [_day(tick + how.first) for tick in ticks]}
    return {
        "colorscale": list(SCALE),
        "cmin": float(low),
        "cmax": float(max(high, low + 1e-9)),
        "colorbar": bar,
    }


def _day(microseconds: float) -> str:
    return moment(microseconds).partition(" ")[0]


def twin(result: ProjectionResult, limit: int) -> go.Figure:
    """The noise twin, only to be looked at."""
    rows = len(result.twin)
    how = Colouring("", np.zeros(rows, np.int8), ("Shuffled",), (GREY,))
    cloud = Cloud(result.twin[:, 0], result.twin[:, 1], np.zeros(rows, bool))
    figure = points(cloud, how, limit, height=TWIN)
    figure.update_layout(dragmode=False)
    return figure


def sweep(result: ProjectionResult) -> go.Figure:
    """The small maps side by side, coloured by part."""
    from plotly.subplots import make_subplots

    what = "perplexity" if result.settings.method == "tsne" else "neighbours"
    figure = make_subplots(
        1,
        len(result.scales),
        subplot_titles=[f"{what} {scale:g}" for scale in result.scales],
        horizontal_spacing=0.02,
    )
    serve = result.serve[result.swept]
    for at, places in enumerate(result.sweep):
        for mask, colour, name in ((~serve, PARTS[0], "Train"), (serve, PARTS[1], "Serve")):
            marker = {"size": 3, "color": colour, "opacity": 0.6}
            look = {
                "name": name,
                "showlegend": at == 0 and bool(serve.any()),
                "hoverinfo": "skip",
                "mode": "markers",
                "marker": marker,
            }
            figure.add_scatter(x=places[mask, 0], y=places[mask, 1], row=1, col=at + 1, **look)
    framed(
        figure,
        280,
        showlegend=True,
        legend={**LEGEND, "y": -0.05, "yref": "paper", "yanchor": "top", "itemsizing": "constant"},
    )
    figure.update_layout(margin={"t": 28})
    return bare(figure)
