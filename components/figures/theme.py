"""What all figures share. Colours come from the page's theme, so that one figure serves light and dark and
never changes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.phrases import may_be_years_or_times, number

if TYPE_CHECKING:
    import plotly.graph_objects as go

FIRST = 0  # place of the first of the theme's categorical colours
FONT = 13
THOUSANDS = ","  # of d3: in up to twelve digits, with separators
SHARES = "~%"  # of d3: marks of an axis of shares, in as many digits as they have; hovers say them in words
INK = "#000037"  # nearly black; Streamlit puts the page's strongest text colour in its place, light on dark
# The one palette: Okabe and Ito's colours and others between them, each at least 3 to 1 against the light and
# the dark background, for marks that must keep their colour in both themes. All other marks take the theme's
# own list of colours.
TRAIN, SERVE = "#2A83BC", "#D55E00"
LEVELS = (TRAIN, SERVE, "#009E73", "#C06C9B", "#8A6D00", "#7A74C0", "#2E7D8C", "#C2366F")
# from little to much, by hue and lightness: in grey, too
SCALE = ("#1C62C4", "#855DBD", "#C0589A", "#D76654", "#CE800B")
GREY = "#808080"
BLUE, ORANGE, NEUTRAL = (
    "0,114,178",
    "213,94,0",
    "128,128,128",
)  # as in rgb(): of scales that run to either side of nothing
# from pale to dark, as light as each other at each place, all 3 to 1 or more against either background
ORANGES, BLUES = ("196,134,100", "179,95,40", "168,72,0"), ("115,153,179", "60,123,169", "0,105,169")
ON_PALE, ON_DARK = "#000000", "#FFFFFF"  # text on them up to the middle one, and from it on: 4.5 to 1
GREEN = "0,158,115"  # as in rgb(): what is new in a table
# a line to hold things against; seen in light and dark
RULE: dict[str, Any] = {"dash": "dot", "width": 1, "color": GREY}
# a legend above the figure; without the anchor, Plotly hangs it from its upper edge, over the first marks
ABOVE: dict[str, Any] = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}
CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["toImage", "autoScale2d"],
    "doubleClickDelay": 400,
}


def tinted(colour: str, opacity: float = 1.0) -> str:
    """A colour of the palette, more or less opaque.

    >>> tinted(BLUE), tinted(ORANGE, 0.5)
    ('rgba(0,114,178,1.0)', 'rgba(213,94,0,0.5)')
    """
    return f"rgba({colour},{opacity})"


def tick_format(low: float, high: float) -> str:
    """Plotly's format of the numbers on an axis from ``low`` to ``high``: thousands with a comma, but for
    what may be years or times of day. Left to itself Plotly writes 20k, and 2,000 below it.

    >>> tick_format(0, 20_000), tick_format(1990, 2021), tick_format(1989.5, 2020.7)
    (',', '.12~g', '.12~g')
    """
    return ".12~g" if _plain(low, high) else THOUSANDS


def hovered(low: float, high: float) -> str:
    """The same of numbers within a hover: in six digits, or all of the whole ones.

    >>> hovered(0, 20_000), hovered(0, 2.5e6), hovered(1990, 2021)
    (',.6~g', ',.0f', '.6~g')
    """
    if _plain(low, high):
        return ".6~g"
    return ",.0f" if max(abs(low), abs(high)) >= 1e6 else ",.6~g"


def written(value: float, low: float, high: float) -> str:
    """A number of such an axis in words.

    >>> written(15110.25, 0, 20_000), written(1234567.5, 0, 2e6), written(2013, 1990, 2021)
    ('15,110.2', '1,234,568', '2013')
    """
    if _plain(low, high):
        return f"{value:.6g}"
    return number(value) if abs(value) >= 1e5 else f"{value:,.6g}"


def _plain(low: float, high: float) -> bool:
    """Whether numbers stand without separators; of bins the outer edges may lie between two whole numbers."""
    known = math.isfinite(low) and math.isfinite(high)
    return known and may_be_years_or_times(math.floor(low), math.ceil(high))


def noise_line(spans: Sequence[tuple[float, float]], name: str = "noise floor") -> go.Scatter:
    """A thick grey line on each line of a chart, from one end of the noise to the other, under what is
    measured.
    """
    import plotly.graph_objects as go

    return go.Scatter(
        x=[x for low, high in spans for x in (low, high, None)],
        y=[y for at in range(len(spans)) for y in (at, at, None)],
        mode="lines",
        line={"width": 7, "color": GREY},
        name=name,
        hoverinfo="skip",
        zorder=-1,
    )


def framed(figure: go.Figure, height: int, x: str = "", y: str = "", **layout: Any) -> go.Figure:
    """The figure with our margins, axis titles, and nothing that is not needed."""
    ink = {"color": INK}  # Streamlit's own grey of axes is under 4.5 to 1 on white
    _put(
        figure,
        {
            "height": height,
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "font": {"size": FONT},
            "hoverlabel": {"align": "left"},
            "showlegend": layout.pop("showlegend", False),
            **layout,
        },
    )
    _put(figure, {"legend": {"font": ink, "title": {"font": ink}}})
    plain: dict[str, Any] = {"automargin": True, "zeroline": False, "ticks": "", "tickfont": ink}
    # of numbers without a format of their own: 10,000, not 10k, and 8,874 as it stands in sentences
    plain |= {"separatethousands": True, "exponentformat": "power", "minexponent": 9}
    for axes, name in ((figure.select_xaxes(), x), (figure.select_yaxes(), y)):
        title = {"text": name, "font": ink} if name else None
        own = plain | {"title": title} | ({"tickformat": THOUSANDS} if name.endswith("rows") else {})
        _put(figure, {axis.plotly_name: own for axis in list(axes)})
    return figure


def _put(figure: go.Figure, layout: dict[str, Any]) -> None:
    """What ``update_layout`` does, at an eighth of its time: it looks up every name several times over."""
    for name, value in layout.items():
        if name not in figure.layout:  # a further axis
            figure.update_layout({name: value})
            continue
        there = figure.layout[name]
        if isinstance(value, dict) and there is not None:
            figure.layout[name] = _merged(there.to_plotly_json(), value)
        elif there:  # lists of shapes or notes are merged one by one
            figure.update_layout({name: value})
        else:
            figure.layout[name] = value


def _merged(there: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Both, where new goes first, at every depth.

    >>> _merged({"title": {"text": "a", "standoff": 3}, "ticks": "x"}, {"title": {"text": "b"}})
    {'title': {'text': 'b', 'standoff': 3}, 'ticks': 'x'}
    """
    deeper = {
        name: _merged(there[name], value)
        for name, value in new.items()
        if isinstance(value, dict) and isinstance(there.get(name), dict)
    }
    return {**there, **new, **deeper}


def is_empty(figure: go.Figure) -> bool:
    """Whether a figure has axes and nothing within them: no point, no bar with a length, no square with a
    number. Pictures, and what is drawn without axes, count as something.
    """
    return not figure.layout.images and not any(map(_holds_any, figure.data))


def _holds_any(trace: Any) -> bool:
    import numpy as np

    if trace.type == "heatmap":
        return trace.z is not None and bool(np.isfinite(np.asarray(trace.z, float)).any())
    if trace.type == "bar":
        lengths = trace.x if trace.orientation == "h" else trace.y
        return lengths is not None and any(one == one and one for one in lengths)
    if trace.type in ("scatter", "scattergl"):
        x, y = (range(len(b or ())) if a is None else a for a, b in ((trace.x, trace.y), (trace.y, trace.x)))
        return any(a is not None and b is not None and a == a and b == b for a, b in zip(x, y, strict=False))
    return True
