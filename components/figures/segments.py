"""Regions where the mix of train and serve differs: how many times more of serve, and how many rows of
each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from components.figures.theme import GREY, RULE, framed
from components.text import safe

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.segments.analysis import Segment, SegmentsResult

LONGEST = 46  # characters of a rule beside the axis; the hover tells all of it
FARTHEST = 100.0  # times; beyond, an interval ends in the frame
HOW_RATIOS = """Each line is a region of the data, told by its rule. **The dot says how many times larger its
share of serve is than its share of train**, with the 95 % interval; right of 1 there is more in serve, left
of it less. The thick grey line is what chance makes of it. Ratios come from rows that had no say in where the
regions lie."""
HOW_SHARES = """The same regions, and the share of train and of serve that lies in each. **Two bars of one
length: the same mix.** A region with a long serve bar and a short train bar is where more labels help
most."""


def alt_ratios(result: SegmentsResult) -> str:
    """What the figure shows, in words."""
    told = result.summary
    return (
        f"Dots with intervals for {told['regions']} regions, {told['differ']} of which differ; the most "
        f"outstanding: {told['worst']}."
    )


def segment_ratios(result: SegmentsResult) -> go.Figure:
    """The ratio of each region with its interval, on a log axis, and the reach of chance. Needs at least one
    region.
    """
    import plotly.graph_objects as go

    shown, places = result.segments, list(range(len(result.segments)))
    values = np.array([_kept(one.ratio.value) for one in shown])
    ends = [
        np.array([_kept(end) for end in column])
        for column in zip(*((one.ratio.low, one.ratio.high) for one in shown), strict=True)
    ]
    figure = go.Figure()
    chance: dict[str, Any] = {
        "mode": "lines",
        "line": {"width": 8, "color": GREY},
        "opacity": 0.35,
        "hoverinfo": "skip",
    }
    reach = [x for one in shown for x in (1.0 / _kept(one.ratio.chance), _kept(one.ratio.chance), None)]
    figure.add_scatter(
        x=reach, y=[y for place in places for y in (place, place, None)], name="chance", **chance
    )
    figure.add_scatter(
        x=values,
        y=places,
        mode="markers",
        name="serve over train",
        marker={
            "size": 11,
            "symbol": ["circle" if one.status in ("moderate", "severe") else "circle-open" for one in shown],
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": ends[1] - values,
            "arrayminus": values - ends[0],
        },
        customdata=[[safe(one.rule, 200), one.ratio.value, one.status] for one in shown],
        hovertemplate="%{customdata[0]}<br>%{customdata[1]:.3g} times the share of train "
        "(%{customdata[2]})<extra></extra>",
    )
    figure.add_vline(x=1.0, line=RULE)
    _lines(figure, shown, "share of serve over share of train")
    figure.update_xaxes(type="log", tickvals=_ticks(np.concatenate([*ends, values])))
    return figure


def alt_shares(result: SegmentsResult) -> str:
    """What the bars show, in words."""
    return "; ".join(
        (f"{one.rule}: {one.shares[0]:.1%} of train, {one.shares[1]:.1%} of serve") for one in result.segments
    )


def segment_shares(result: SegmentsResult) -> go.Figure:
    """Per region its share of train beside its share of serve, with counts in the hover."""
    import plotly.graph_objects as go

    shown, figure = result.segments, go.Figure()
    for which, name in enumerate(("train", "serve")):
        figure.add_bar(
            x=[one.shares[which] for one in shown],
            y=list(range(len(shown))),
            orientation="h",
            name=name,
            customdata=[[safe(one.rule, 200), (one.train, one.serve)[which]] for one in shown],
            hovertemplate="%{customdata[0]}<br>"
            + name
            + (": %{customdata[1]:,} rows, %{x:.1%}<extra></extra>"),
        )
    _lines(figure, shown, "share of the part")
    figure.update_layout(barmode="group", bargap=0.25)
    figure.update_xaxes(tickformat=".0%", rangemode="tozero")
    return figure


def _lines(figure: go.Figure, shown: tuple[Segment, ...], x: str) -> None:
    names = [safe(one.rule, LONGEST) for one in shown]
    framed(
        figure,
        90 + 38 * len(shown),
        x=x,
        showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(shown))),
        ticktext=names,
        autorange="reversed",
        showgrid=False,
    )


def _kept(ratio: float) -> float:
    """The ratio, no farther from 1 than the frame."""
    return float(np.clip(ratio, 1.0 / FARTHEST, FARTHEST))


def _ticks(values: Any) -> list[float]:
    """Few round ratios around the values, 1 among them."""
    span = max(2.0, float(np.exp(np.abs(np.log(values)).max())))
    steps = [2.0, 4.0] if span < 8 else [3.0, 10.0, 30.0] if span < 60 else [10.0, 100.0]
    return [1.0 / step for step in reversed(steps)] + [1.0, *steps]
