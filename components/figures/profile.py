"""One column drawn: a histogram of numbers and times, bars of the commonest values otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from components.figures.theme import framed
from components.text import cut, safe

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.profiling.measure import ColumnProfile

HOW_HISTOGRAM = """Each bar counts the values between two edges; hover to read them. Missing values are not in it: their share is in the
numbers beside it. Look for a lone bar far from the others (such as a 999 that stands for "missing"), a spike at one value, or a gap."""
HOW_VALUES = """Each bar counts one value, commonest first; what did not fit is together in the last one. Look for two spellings of one
thing, and for words that mean "missing"."""


def alt(profile: ColumnProfile) -> str:
    """What the figure shows, in words."""
    kind = "Histogram" if profile.histogram is not None else "Commonest values"
    return f"{kind} of column {cut(profile.name, 60)}: {profile.present:,} values, {profile.missing:,} missing."


def column_figure(profile: ColumnProfile) -> go.Figure:
    """The figure of one column."""
    return _histogram(profile) if profile.histogram is not None and profile.histogram.counts.size else _values(profile)


def _histogram(profile: ColumnProfile) -> go.Figure:
    import plotly.graph_objects as go

    assert profile.histogram is not None
    edges, counts = profile.histogram.edges, profile.histogram.counts
    time = profile.kind == "datetime"
    middle, width = (edges[:-1] + edges[1:]) / 2, np.diff(edges)
    if time:
        names = [f"{moment(low)} to {moment(high)}" for low, high in zip(edges[:-1], edges[1:], strict=True)]
        bars = go.Bar(x=(middle * 1e3).astype("datetime64[ms]"), y=counts, width=width * 1e3)
    else:
        names = [f"{low:,.6g} to {high:,.6g}" for low, high in zip(edges[:-1], edges[1:], strict=True)]
        bars = go.Bar(x=middle, y=counts, width=width)
    bars.update(customdata=names, hovertemplate="%{y:,} rows<br>%{customdata}<extra></extra>", marker={"line": {"width": 0}})
    return framed(go.Figure(bars), 260, x=safe(profile.name), y="rows", bargap=0.02)


def moment(seconds: float, brief: bool = False) -> str:
    """Seconds since 1970 as a date, and the time of day where there is one and it is not too much.

    >>> moment(86400), moment(90000), moment(90000, brief=True)
    ('1970-01-02', '1970-01-02 01:00:00', '1970-01-02')
    """
    return str(np.datetime64(int(seconds), "s")).replace("T", " ").removesuffix(" 00:00:00")[: 10 if brief else None]


def _values(profile: ColumnProfile) -> go.Figure:
    import plotly.graph_objects as go

    names = [_name(text) for text, _ in profile.top]
    counts = [count for _, count in profile.top]
    rest = profile.present - sum(counts)
    if rest > 0:
        names.append(f"{profile.distinct - len(counts):,} others")
        counts.append(rest)
    places = list(range(len(names)))
    bars = go.Bar(x=counts, y=places, orientation="h", customdata=names, hovertemplate="%{customdata}: %{x:,} rows<extra></extra>")
    figure = framed(go.Figure(bars), max(160, 60 + 26 * len(names)), x="rows", bargap=0.3)
    figure.update_yaxes(tickmode="array", tickvals=places, ticktext=names, autorange="reversed", showgrid=False)
    return figure


def _name(text: str) -> str:
    return safe(text, 28) or "(empty)"
