"""One column drawn: a histogram of numbers and times, bars of the commonest values otherwise; tinted by the
target where there is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from components.figures.theme import SHARES, framed, tick_format, written
from components.text import cut, marked, safe
from core.phrases import ends_among, number, percent

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.profile.facts import ColumnProfile
    from core.analyses.profile.target_by_bar import Tint

HOW_CLICK = "Click a bar to see its rows.\n\n"
FEW_BARS = 8  # of single whole numbers: each is named on the axis
TICK = 28  # characters of a name beside a bar
HOW_HISTOGRAM = """Each bar counts the values between two edges; hover to read them.
Missing values are not in it: their share is in the numbers beside it. Look for a lone bar far from the others
(such as a missing-value code 999), a spike at one value, or a gap."""
HOW_VALUES = """Each bar counts one value, commonest first; what did not fit is together in the last one.
A blank that nobody would see is drawn as ␣. Look for two spellings of one thing, and for missing-value
codes."""
HOW_TINT = """

**The colour is the target**: grey bars are like the whole table, orange ones lie above, blue ones below. Bars
of few rows are drawn towards grey, as if twenty ordinary rows stood in each. Hatched bars have no row in
which the target is known."""
# Okabe and Ito's blue and orange around grey
_BLUE, _GREY, _ORANGE = np.array([[0, 114, 178], [154, 163, 173], [213, 94, 0]])
LEAST = 0.5  # of the target's spread: smaller differences never take the full colour


class Shade(NamedTuple):
    """The target over the bars of one column. ``rate``: one per bar, nan where no row is known; ``label``:
    what it is, in words; ``level``: the class, "" for a number."""

    rate: NDArray[np.float64]
    rows: NDArray[np.float64]
    overall: float
    spread: float
    label: str
    level: str


def shade(tint: Tint | None, name: str, at: int) -> Shade | None:
    """What colours the bars of one column; None where there is nothing to colour by. at: place of the
    class.
    """
    if tint is None or name not in tint.rows:
        return None
    rate, rows = tint.over(name, at)
    label = f"share of {marked(tint.classes[at], 24)}" if tint.classes else f"mean of {cut(tint.target, 24)}"
    return Shade(
        rate,
        rows,
        float(tint.overall[at]),
        float(tint.spread[at]),
        label,
        tint.classes[at] if tint.classes else "",
    )


def all_differ(profile: ColumnProfile) -> bool:
    """Whether it would be drawn as bars of one row each: then there is nothing to see in them."""
    return profile.histogram is None and profile.distinct == profile.present > len(profile.top)


def alt(profile: ColumnProfile) -> str:
    """What the figure shows, in words."""
    kind = "Histogram" if profile.histogram is not None else "Commonest values"
    return (
        f"{kind} of column {cut(profile.name, 60)}: {profile.present:,} values, {profile.missing:,} missing."
    )


def column_figure(profile: ColumnProfile, target: Shade | None = None) -> go.Figure:
    """The figure of one column; custom data: the number of the bar."""
    drawn = profile.histogram is not None and profile.histogram.counts.size
    return _histogram(profile, target) if drawn else _values(profile, target)


def _histogram(profile: ColumnProfile, target: Shade | None) -> go.Figure:
    import plotly.graph_objects as go

    assert profile.histogram is not None
    edges, counts = profile.histogram.edges, profile.histogram.counts
    middle, width = (edges[:-1] + edges[1:]) / 2, np.diff(edges)
    if profile.kind == "datetime":
        middle, width = (middle * 1e3).astype("datetime64[ms]"), width * 1e3
    bars = go.Bar(
        x=middle,
        y=counts,
        width=width,
        customdata=np.arange(counts.size),
        hovertext=_hover(bar_names(profile), target),
    )
    bars.update(
        hovertemplate="%{y:,} rows<br>%{hovertext}<extra></extra>",
        marker={"line": {"width": 0}, **_colour(target, counts.size)},
    )
    figure = framed(go.Figure(bars), 260, x=safe(profile.name), y="rows", bargap=0.02)
    if profile.kind != "datetime":
        figure.update_xaxes(tickformat=tick_format(*_ends(profile)))
    if counts.size <= FEW_BARS and (_single_values(profile) or profile.distinct == 1):
        names = [_edge(profile, value) for value in middle.tolist()] if profile.kind != "datetime" else None
        figure.update_xaxes(tickmode="array", tickvals=middle, ticktext=names)  # there are none in between
    return figure


def _single_values(profile: ColumnProfile) -> bool:
    """Whether each bar holds one whole number."""
    assert profile.histogram is not None
    return profile.stored == "int64" and bool((np.diff(profile.histogram.edges) == 1).all())


def _ends(profile: ColumnProfile) -> tuple[float, float]:
    """The ends of the column by which years are told from amounts, as its numbers say them."""
    return ends_among(*(profile.quantile(at) for at in (0.0, 0.05, 0.95, 1.0)))


def bar_names(profile: ColumnProfile) -> list[str]:
    """What each bar of the figure holds, in words."""
    if profile.histogram is None:
        return [marked(text, 60) or "(empty)" for text, _ in profile.top]
    edges = profile.histogram.edges.tolist()
    if profile.kind == "datetime":
        return [f"{moment(low)} to {moment(high)}" for low, high in zip(edges[:-1], edges[1:], strict=True)]
    if _single_values(profile):
        return [_edge(profile, (low + high) / 2) for low, high in zip(edges[:-1], edges[1:], strict=True)]
    return [
        f"{_edge(profile, low)} to {_edge(profile, high)}"
        for low, high in zip(edges[:-1], edges[1:], strict=True)
    ]


def _edge(profile: ColumnProfile, value: float) -> str:
    return written(value, *_ends(profile))


def moment(seconds: float, brief: bool = False) -> str:
    """Seconds since 1970 as a date, and the time of day where there is one and it is not too much.

    >>> moment(86400), moment(90000), moment(90000, brief=True)
    ('1970-01-02', '1970-01-02 01:00:00', '1970-01-02')
    """
    return (
        str(np.datetime64(int(seconds), "s"))
        .replace("T", " ")
        .removesuffix(" 00:00:00")[: 10 if brief else None]
    )


def _ticks(names: list[str]) -> list[str]:
    """Names cut to fit beside bars; those that would be cut to the same keep their ends.

    >>> _ticks(["b", "A long name of a company, Ltd", "A long name of a company, Ltd␣"])
    ['b', 'A long name of…company, Ltd', 'A long name of…ompany, Ltd␣']
    """
    cuts = [safe(name, TICK) for name in names]
    return [
        tick if cuts.count(tick) == 1 else safe(f"{name[: TICK // 2]}…{name[-(TICK // 2 - 2) :]}", TICK)
        for name, tick in zip(names, cuts, strict=True)
    ]


def _values(profile: ColumnProfile, target: Shade | None) -> go.Figure:
    import plotly.graph_objects as go

    from core.analyses.profile.target_by_bar import OTHER

    names, hover = _ticks(bar_names(profile)), _hover(bar_names(profile), target)
    counts, marks = [count for _, count in profile.top], list(range(len(names)))
    rest = profile.present - sum(counts)
    if rest > 0:
        others = f"{profile.distinct - len(counts):,} others"
        names, hover, counts, marks = [*names, others], [*hover, others], [*counts, rest], [*marks, OTHER]
    places = list(range(len(names)))
    bars = go.Bar(
        x=counts,
        y=places,
        orientation="h",
        customdata=marks,
        hovertext=hover,
        marker=_colour(target, len(names)),
    )
    bars.hovertemplate = "%{hovertext}: %{x:,} rows<extra></extra>"
    figure = framed(go.Figure(bars), max(160, 60 + 26 * len(names)), x="rows", bargap=0.3)
    figure.update_yaxes(
        tickmode="array", tickvals=places, ticktext=names, autorange="reversed", showgrid=False
    )
    if max(counts, default=0) < 6:
        figure.update_xaxes(dtick=1)  # there are no half rows
    return figure


def _hover(names: list[str], target: Shade | None) -> list[str]:
    """Hover texts."""
    if target is None:
        return [safe(name) for name in names]
    unknown = "no row in which it is known"
    known = zip(target.rate, target.rows, strict=True)
    say = percent if target.level else number
    shares = [f"{say(rate)} over {rows:,.0f} rows" if rows else unknown for rate, rows in known]
    return [
        (f"{safe(name)}<br>{safe(target.label)}: {share}") for name, share in zip(names, shares, strict=True)
    ]


def _colour(target: Shade | None, bars: int) -> dict[str, Any]:
    """Colours of the bars, their scale centred on the whole table; nothing without a target."""
    if target is None:
        return {}
    rate = np.full(bars, target.overall)
    rate[: target.rate.size] = np.where(np.isnan(target.rate), target.overall, target.rate)
    reach = max(float(np.abs(rate - target.overall).max(initial=0.0)), LEAST * target.spread) or 1.0
    low, high = target.overall - reach, target.overall + reach
    if target.level:  # no share lies outside of 0 to 1
        low, high = max(low, 0.0), min(high, 1.0)
    bar = {"title": {"text": safe(target.label, 28), "side": "right"}, "thickness": 10, "nticks": 5}
    bar |= {"tickformat": SHARES if target.level else tick_format(low, high)}
    ends = {
        "cmin": low,
        "cmax": high,
        "colorscale": _scale((target.overall - low) / reach, (high - target.overall) / reach),
    }
    unknown = np.append(np.isnan(target.rate), np.ones(bars, dtype=bool))[:bars]
    hatched = (
        {"pattern": {"shape": np.where(unknown, "/", "").tolist(), "fillmode": "overlay"}}
        if unknown.any()
        else {}
    )
    return {"color": rate, "showscale": True, "colorbar": bar, **ends, **hatched}


def _scale(below: float, above: float) -> list[list[Any]]:
    """Blue over grey to orange; below, above: how far the scale goes on either side, 1 is to the full
    colour.
    """
    ends = (_GREY + below * (_BLUE - _GREY), _GREY, _GREY + above * (_ORANGE - _GREY))
    places = (0.0, below / (below + above) if below + above else 0.5, 1.0)
    return [
        [place, "rgb({},{},{})".format(*np.rint(colour).astype(int))]
        for place, colour in zip(places, ends, strict=True)
    ]
