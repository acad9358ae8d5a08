"""Reliability curves: what was predicted against what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from components.figures.theme import ABOVE, LEVELS, RULE, SERVE, SHARES, TRAIN, framed
from core.analyses.strategies.recalibration import RECALIBRATED
from core.numerics.association import Floats
from core.phrases import in_two_digits

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.strategies.calibration import Bin, Calibration

HOW = """Each point holds about equally many held-out rows: what was predicted against what happened, with a
95% interval. **On the diagonal, probabilities are right; below it, too many events were predicted.** Both
axes are logarithmic where events are rare; an open triangle then lies off the axis: no event happened among
its rows, or the prediction is smaller than the axis shows, and its interval says what is still possible."""
_RARE = 0.05
_APART = 1.08  # of the next kind of probabilities, where all lie at the end of the axis
_COLOURS = (SERVE, TRAIN, LEVELS[2], LEVELS[5])


class _Axis(NamedTuple):
    """Both axes reach from ``low`` to ``high``."""

    low: float
    high: float
    logarithmic: bool


def alt(made: Mapping[str, Calibration]) -> str:
    """What the figure shows, in words."""
    told = [f"{RECALIBRATED[kind]}, O/E {one.ratio:.2f}" for kind, one in made.items()]
    return f"Reliability curves: {'; '.join(told)}."


def figure(made: Mapping[str, Calibration]) -> go.Figure:
    """Observed against predicted shares, before and after each correction."""
    import plotly.graph_objects as go

    drawn, axis = go.Figure(), _axis(made)
    ends = [axis.low, axis.high]
    drawn.add_scatter(x=ends, y=ends, mode="lines", line=RULE, name="right", hoverinfo="skip")
    for place, ((kind, one), colour) in enumerate(zip(made.items(), _COLOURS, strict=False)):
        on = [b for b in one.bins if not axis.logarithmic or min(b.predicted, b.observed) >= axis.low]
        off = [b for b in one.bins if b not in on]
        drawn.add_trace(_points(on, axis, RECALIBRATED[kind], colour))
        if off:
            beside = _points(off, axis, RECALIBRATED[kind], colour, on_axis=False)
            x = np.array(beside.x)
            drawn.add_trace(beside.update(x=np.where(x > axis.low, x, axis.low * _APART**place)))
    framed(
        drawn,
        380,
        x="predicted share",
        y="observed share",
        showlegend=True,
        legend=ABOVE,
    )
    _scaled(drawn, axis)
    return drawn


def _points(bins: Sequence[Bin], axis: _Axis, name: str, colour: str, on_axis: bool = True) -> go.Scatter:
    """Bins as dots on a line; those off the axis as triangles at its end."""
    import plotly.graph_objects as go

    y = _raised([b.observed for b in bins], axis)
    beyond = ["triangle-down-open" if b.observed < axis.low else "triangle-left-open" for b in bins]
    return go.Scatter(
        x=_raised([b.predicted for b in bins], axis),
        y=y,
        mode="lines+markers" if on_axis else "markers",
        name=name,
        legendgroup=name,
        showlegend=on_axis,
        line={"color": colour, "width": 1.5},
        marker={"size": 8 if on_axis else 11, "symbol": "circle" if on_axis else beyond, "color": colour},
        error_y={
            "type": "data",
            "symmetric": False,
            "thickness": 1,
            "array": _raised([b.high for b in bins], axis) - y,
            "arrayminus": y - _raised([b.low for b in bins], axis),
        },
        customdata=[[in_two_digits(b.predicted), in_two_digits(b.observed), b.n] for b in bins],
        hovertemplate="predicted %{customdata[0]}, happened %{customdata[1]} "
        "(%{customdata[2]:,} rows)<extra>%{fullData.name}</extra>",
    )


def _axis(made: Mapping[str, Calibration]) -> _Axis:
    """A logarithmic axis begins at half of the least that a bin can be known to hold: the least share above 0
    that happened, or what none among its rows leaves possible.
    """
    bins = [b for one in made.values() for b in one.bins]
    most = max((max(b.high, b.predicted) for b in bins), default=1.0)
    if not any(one.events < _RARE * sum(b.n for b in one.bins) for one in made.values()):
        return _Axis(0.0, min(1.0, 1.05 * most), False)
    least = min((b.observed or b.high for b in bins), default=0.001)
    return _Axis(least / 2.0, min(1.0, 1.3 * most), True)


def _raised(values: Sequence[float], axis: _Axis) -> Floats:
    return np.maximum(np.array(values, dtype=np.float64), axis.low)


def _scaled(drawn: go.Figure, axis: _Axis) -> None:
    """Both axes alike, in per cent."""
    if not axis.logarithmic:
        drawn.update_xaxes(range=[0.0, axis.high], tickformat=SHARES)
        drawn.update_yaxes(range=[0.0, axis.high], tickformat=SHARES)
        return
    ticks = _ticks(axis.low, axis.high)
    ends = [float(np.log10(axis.low)) - 0.04, float(np.log10(axis.high)) + 0.02]
    how = {
        "type": "log",
        "range": ends,
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [f"{100.0 * tick:.6g}%" for tick in ticks],
    }
    drawn.update_xaxes(**how)
    drawn.update_yaxes(**how)


def _ticks(low: float, high: float) -> list[float]:
    """Round shares on a logarithmic axis: 1, 2 and 5 times a power of ten, or powers alone where it is long.

    >>> _ticks(0.004, 0.3), _ticks(0.00002, 0.3)
    ([0.005, 0.01, 0.02, 0.05, 0.1, 0.2], [0.0001, 0.001, 0.01, 0.1])
    """
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    steps = (1, 2, 5) if np.log10(high / low) < 3 else (1,)
    every = [float(f"{step}e{decade}") for decade in decades for step in steps]
    return [tick for tick in every if low <= tick <= high]
