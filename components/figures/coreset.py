"""A coreset: how its error falls with its size, how importance is spread, and what it holds of each class."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from components.figures.theme import ABOVE, BLUE, SERVE, SHARES, TRAIN, framed, tinted
from components.text import safe
from core.phrases import in_two_digits, number, percent

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.coreset.analysis import CoresetResult

SHOWN = 12  # classes drawn
LEAST = 1e-6  # an expected error below which it is only told that it is smaller
FOOT = LEAST / 2  # where such ones are drawn
HOW_ERROR = """Each point is a coreset of so many rows, all drawn with the same seed. The height is **the loss
over all rows that a fit on it is expected to lose**, as a share of the loss; the band holds it in 95 of 100
draws. Orange is a uniform sample of the same size. Where the two lie close together, drawing by importance
saves nothing. For logistic regression the line falls steeply at the size from which weights are calibrated to
the slope of all rows, six rows for each number of the model."""
HOW_IMPORTANCE = """Importance is how much a row matters to the loss, 1 being the mean of all rows. The
outline is all rows, the bars are the rows of the coreset: it leans to the right, where rows matter more, and
the weights make up for it. A long tail to the right is a few rows that decide a lot: look at them first.
Images, and rows with vectors, are weighed by these: *Method: embeddings* in the guide says what they see."""
HOW_CLASSES = """For each class its share of all rows, of the rows of the coreset, and of all importance. A
rare class whose rows are hard to tell apart gets many more rows than its share; its weights are then
small."""


def alt_error(result: CoresetResult) -> str:
    """What the curve shows, in words."""
    last = result.curve[-1][1] if result.curve else None
    sizes = [] if last is None else [in_two_digits(one.value) for one in (last.error, last.uniform)]
    told = f": {sizes[0]} at the full size, uniform {sizes[1]}" if sizes else ""
    return f"Expected relative error of the loss by size of the coreset, beside a uniform sample{told}."


def error_curve(result: CoresetResult) -> go.Figure:
    """Expected error by size, with its band, and that of a uniform sample. Needs at least one size."""
    import plotly.graph_objects as go

    sizes = [size for size, _ in result.curve]
    own = [one.error for _, one in result.curve]
    told = {
        "coreset": [one.value for one in own],
        "uniform sample": [one.uniform.value for _, one in result.curve],
    }
    middles = [_at_foot(value) for values in told.values() for value in values if value > 0]
    floor = min(middles, default=1e-6) / 3  # a band may begin at nothing, which a log axis cannot show
    top = max([*(one.high for one in own), *told["uniform sample"], floor * 3])
    figure = go.Figure()
    figure.add_scatter(
        x=[*sizes, *reversed(sizes)],
        y=[*(max(one.high, floor) for one in own), *(max(one.low, floor) for one in reversed(own))],
        mode="lines",
        fill="toself",
        fillcolor=tinted(BLUE, 0.18),
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )
    looks = {"coreset": (TRAIN, "circle"), "uniform sample": (SERVE, "diamond")}
    for name, (colour, symbol) in looks.items():
        values = told[name]
        figure.add_scatter(
            x=sizes,
            y=[_at_foot(value) for value in values],
            name=name,
            mode="lines+markers",
            line={"color": colour},
            marker={"size": 9, "symbol": symbol},
            customdata=[in_two_digits(value) for value in values],
            hovertemplate="%{x:,} rows: %{customdata}<extra>" + name + "</extra>",
        )
    framed(figure, 300, x="rows", y="expected error", showlegend=True, legend=ABOVE)
    figure.update_xaxes(type="log", tickvals=sizes, ticktext=[f"{size:,}" for size in sizes])
    figure.update_yaxes(**_axis_of_errors(floor, top, FOOT in middles))
    return figure


def _axis_of_errors(floor: float, top: float, footed: bool) -> dict[str, Any]:
    """A log axis of shares. footed: whether some error is drawn at its foot, which is marked then in place of
    what lies below `LEAST`.
    """
    axis = _log_of_shares(floor, top)
    if footed:
        marks = [
            (at, text) for at, text in zip(axis["tickvals"], axis["ticktext"], strict=True) if at >= LEAST
        ]
        axis["tickvals"], axis["ticktext"] = zip((FOOT, in_two_digits(FOOT)), *marks, strict=True)
    return axis


def _at_foot(value: float) -> float:
    """Where an expected error is drawn: at the foot of the axis where it is too small to be told."""
    return FOOT if 0 < value < LEAST else value


def alt_importance(result: CoresetResult) -> str:
    """What the histogram shows, in words."""
    most = float(result.coreset.sample.score.max(initial=0.0))
    return (
        f"Histogram of sampling importance of all rows and of the coreset; the largest drawn is {most:.3g}."
    )


def importance_spread(result: CoresetResult) -> go.Figure:
    """Shares of rows by importance, on a log axis: all rows as an outline, the coreset as bars."""
    import plotly.graph_objects as go

    drawn = np.log10(result.coreset.sample.score)
    every = result.importance
    known = drawn if every is None else np.log10(every[every > 0])
    edges = np.linspace(min(known.min(), drawn.min()), max(known.max(), drawn.max()) + 1e-9, 41)
    middles = 10.0 ** ((edges[:-1] + edges[1:]) / 2)
    shares: list[NDArray[np.float64]] = []
    figure = go.Figure()
    for name, values in (("coreset", drawn), ("all rows", known)):
        share = np.histogram(values, edges)[0] / max(1, values.size)
        shares.append(share)
        told = [percent(one) for one in share.tolist()]
        if name == "coreset":
            figure.add_bar(
                x=middles,
                y=share,
                width=middles * (10.0 ** (edges[1] - edges[0]) - 1.0) * 0.95,
                name=name,
                marker={"color": TRAIN},
                customdata=told,
                hovertemplate="%{customdata} of the coreset near %{x:,.2~r}<extra></extra>",
            )
        elif every is not None:
            figure.add_scatter(
                x=middles,
                y=share,
                name=name,
                mode="lines",
                line={"shape": "hvh", "color": SERVE},
                customdata=told,
                hovertemplate="%{customdata} of all rows near %{x:,.2~r}<extra></extra>",
            )
    framed(figure, 300, x="importance", y="share of rows", showlegend=True, legend=ABOVE)
    ticks = _marks(10.0 ** edges[0], 10.0 ** edges[-1])
    figure.update_xaxes(type="log", tickvals=ticks, ticktext=[number(tick) for tick in ticks])
    figure.update_yaxes(**_log_of_shares(*_ends(shares)))
    return figure


def _ends(shares: Sequence[NDArray[np.float64]]) -> tuple[float, float]:
    """The least share that is not nothing, a little lower, and the largest."""
    drawn = np.concatenate(shares)
    drawn = drawn[drawn > 0]
    return float(drawn.min(initial=1.0)) * 0.7, float(drawn.max(initial=1e-9))


def _marks(low: float, high: float) -> list[float]:
    """The marks of a log axis: 1, 2 and 5 of each power of ten, or the powers where they are many; the ends
    where none of these lies between them.

    >>> _marks(0.3, 7.0), _marks(0.5, 50_000.0), _marks(1.123, 1.9)
    ([0.5, 1.0, 2.0, 5.0], [1.0, 10.0, 100.0, 1000.0, 10000.0], [1.1, 1.9])
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    steps = (1, 2, 5) if last - first <= 3 else (1,)
    marks = [step * 10.0**power for power in range(first, last + 1) for step in steps]
    held = [mark for mark in marks if low <= mark <= high * 1.05]
    return held if len(held) > 1 else [float(f"{end:.2g}") for end in (low, high)]


def _log_of_shares(low: float, high: float) -> dict[str, Any]:
    """A log axis of shares in per cent."""
    marks = _marks(low, high)
    return {
        "type": "log",
        "range": [math.log10(low), math.log10(high) + 0.12],
        "tickvals": marks,
        "ticktext": [_share(mark) for mark in marks],
    }


def _share(mark: float) -> str:
    """A mark of the axis in per cent, in digits however small it is.

    >>> _share(0.02), _share(1e-9), _share(1.0)
    ('2%', '0.0000001%', '100%')
    """
    return np.format_float_positional(float(f"{mark * 100:.6g}"), trim="-") + "%"


def alt_classes(result: CoresetResult) -> str:
    """What the bars show, in words."""
    return f"Bars of {min(len(result.frame()), SHOWN)} classes: share of rows, of the coreset, of importance."


def class_makeup(result: CoresetResult) -> go.Figure:
    """Share of rows, of the coreset and of importance, per class, the largest classes first."""
    import plotly.graph_objects as go

    table = result.frame().sort_values("rows", ascending=False).head(SHOWN)
    names = [safe(name, 30) for name in table["stratum"]]
    figure = go.Figure()
    for column, called in (
        ("share", "all rows"),
        ("drawn_share", "coreset"),
        ("importance_share", "importance"),
    ):
        figure.add_bar(
            y=list(range(len(names))),
            x=table[column],
            orientation="h",
            name=called,
            customdata=[f"{one}: {percent(share)}" for one, share in zip(names, table[column], strict=True)],
            hovertemplate="%{customdata} of " + called + "<extra></extra>",
        )
    framed(figure, 120 + 46 * len(names), x="share", barmode="group", showlegend=True, legend=ABOVE)
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(names))), ticktext=names, autorange="reversed"
    )
    figure.update_xaxes(tickformat=SHARES)
    return figure
