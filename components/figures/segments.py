"""Segments where the mix of train and serve differs: how many times more of serve, and how many rows of
each.
"""

from __future__ import annotations

import math
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from components.figures.theme import ABOVE, GREY, RULE, SERVE, TRAIN, framed, noise_line
from components.text import safe
from core.analyses.segments.findings import none_in_words

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.segments.findings import Segment
    from core.analyses.segments.result import SegmentsResult
    from core.numerics.rules import ShareRatio

LONGEST = 46  # characters of each of two lines of a rule beside the axis; the hover tells all of it
FARTHEST = 100.0  # times; beyond, an interval ends in the frame
HOW_RATIOS = """Each line is a segment of the data, named by its rule. **The dot is the ratio of its share of
serve to its share of train**, with the 95% interval; right of 1 serve holds more of it (orange), left of 1
less (blue). The thick grey line is the noise floor. Filled dots are moderate or severe. Ratios come from rows
that were not used to find the segments."""


def alt_ratios(result: SegmentsResult) -> str:
    """What the figure shows, in words."""
    numbers = result.summary
    worst = f"; the most outstanding: {numbers['worst']}" if numbers["worst"] else ""
    return (
        f"Dots with intervals for {numbers['regions']} segments, {numbers['differ']} of which differ{worst}."
    )


def segment_ratios(result: SegmentsResult) -> go.Figure:
    """The ratio of each segment with its interval, on a log axis, and the reach of chance. Needs at least one
    segment.
    """
    import plotly.graph_objects as go

    shown, places = result.segments, list(range(len(result.segments)))
    values = np.array([_kept(one.ratio.value) for one in shown])
    ends = [
        np.array([_kept(end) for end in column])
        for column in zip(*((one.ratio.low, one.ratio.high) for one in shown), strict=True)
    ]
    figure = go.Figure()
    figure.add_trace(noise_line([(1.0 / _kept(one.ratio.chance), _kept(one.ratio.chance)) for one in shown]))
    figure.add_scatter(
        x=values,
        y=places,
        mode="markers",
        name="serve over train",
        marker={
            "size": 11,
            "color": [SERVE if one.grew else TRAIN for one in shown],
            "symbol": ["circle" if one.status in ("moderate", "severe") else "circle-open" for one in shown],
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "color": GREY,
            "array": ends[1] - values,
            "arrayminus": values - ends[0],
        },
        customdata=[[safe(one.rule, 200), _times(one.ratio), one.status] for one in shown],
        hovertemplate="%{customdata[0]}<br>%{customdata[1]} (%{customdata[2]})<extra></extra>",
    )
    figure.add_vline(x=1.0, line=RULE)
    _lines(figure, shown, "share of serve over share of train")
    ticks = _ticks(np.concatenate([*ends, values]))
    figure.update_xaxes(type="log", tickvals=ticks, ticktext=[brief(tick) for tick in ticks])
    return figure


def _lines(figure: go.Figure, shown: tuple[Segment, ...], x: str) -> None:
    names = ["<br>".join(safe(line, LONGEST + 1) for line in in_two_lines(one.rule)) for one in shown]
    framed(
        figure,
        90 + 38 * len(shown),
        x=x,
        showlegend=True,
        legend=ABOVE,
    )
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(shown))),
        ticktext=names,
        autorange="reversed",
        showgrid=False,
    )


def in_two_lines(rule: str) -> list[str]:
    """A rule in at most two lines; what does not fit goes from its middle, as rules begin alike.

    >>> in_two_lines("age > 61 and device = mobile")
    ['age > 61 and device = mobile']
    >>> rule = "distance over 1,001.5 and age over 6 and carrier is one of AA, B6, DL and late over 17.5 min"
    >>> in_two_lines(rule)
    ['distance over 1,001.5 and age over 6 and…', '…r is one of AA, B6, DL and late over 17.5 min']
    """
    lines = wrap(rule, LONGEST) or [rule]
    return lines if len(lines) < 3 else [f"{lines[0][: LONGEST - 1]}…", f"…{rule[1 - LONGEST :]}"]


def _times(ratio: ShareRatio) -> str:
    """A ratio in words.

    >>> from core.numerics.rules import ShareRatio
    >>> _times(ShareRatio(15.48, 8.0, 30.0, 2.0, 0.0)), _times(ShareRatio(math.inf, 4.1, math.inf, 2.0, 0.0))
    ('15.5 times the share of train', 'none of the train rows held out')
    """
    return none_in_words(ratio) or f"{ratio.value:.3g} times the share of train"


def _kept(ratio: float) -> float:
    """The ratio, no farther from 1 than the frame."""
    return float(np.clip(ratio, 1.0 / FARTHEST, FARTHEST))


def brief(ratio: float) -> str:
    """A ratio in two digits.

    >>> brief(1.234), brief(float("inf")), brief(1234.0)
    ('1.2', '∞', '1,234')
    """
    if math.isinf(ratio):
        return "∞"
    return f"{ratio:.2g}" if ratio < 100 else f"{ratio:,.0f}"


def _ticks(values: Any) -> list[float]:
    """Few round ratios around the values, 1 among them."""
    span = max(2.0, float(np.exp(np.abs(np.log(values)).max())))
    steps = [10.0, 100.0]
    if span < 60:
        steps = [2.0, 4.0] if span < 8 else [3.0, 10.0, 30.0]
    return [1.0 / step for step in reversed(steps)] + [1.0, *steps]
