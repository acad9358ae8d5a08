"""Strategies against doing nothing, and learning curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from components.figures.theme import ABOVE, GREY, INK, LEVELS, RULE, SERVE, THOUSANDS, framed
from components.text import safe
from core.analyses.strategies.findings import reference
from core.analyses.strategies.models import MODELS
from core.analyses.strategies.scores import SCORES
from core.analyses.strategies.strategy import THRESHOLD, TITLES
from core.phrases import within

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.strategies.trial import LearningCurve
    from core.analyses.strategies.verdict import Line

HOW_DIFFERENCES = """Each dot is the mean difference to doing nothing over the same held-out folds, with its
95% interval; by a score of decisions the difference to moving the threshold alone. **An interval that
crosses 0 is a tie, drawn grey.** The shape is the model, the colour the result. Intervals allow for training
rows that folds share and hold for all strategies together. A triangle at an end of the axis is a difference
too large to draw beside the others; its value stands above it. Probabilities are made right first (closed
form or Platt scaling), so that a strategy is not blamed for having moved them."""
HOW_LEARNING = """The score of the class against the rest, on held-out rows, when only so many of its rows are
in training and all others stay, by the better model without rebalancing or the one chosen. The interval of
the last doubling is conservative. The dotted end is an extrapolation, not a measurement: the gain of one more
doubling, by the ratio of the last two."""
_FAR = 3.0  # times as far from 0 as the one before it: from there on, lines are cut at the end of the axis
_MOST_CUT = 0.25  # of the lines
_SPAN = 0.05  # of a score that an axis shows at least
_COLOUR = {"better": LEVELS[2], "worse": SERVE, "tie": GREY, "unknown": GREY}
_SYMBOL = {"linear": "circle", "boosting": "diamond"}
_BEYOND = {-1: "triangle-left", 1: "triangle-right"}


class _Ends(NamedTuple):
    """Where the axis ends; infinite where nothing is cut."""

    low: float = -np.inf
    high: float = np.inf


def alt_differences(lines: Sequence[Line], score: str) -> str:
    """What the figure shows, in words."""
    told = {say: sum(line.says == say for line in lines) for say in ("better", "worse", "tie")}
    return (
        f"Dots with intervals: {SCORES[score].title} of {len(lines)} strategies against {reference(score)}; "
        f"{told['better']} better, {told['worse']} worse, {told['tie']} ties."
    )


def shown(lines: Sequence[Line], score: str) -> list[Line]:
    """The strategies that the figure shows: not doing nothing, which all are held against, nor, by a score of
    probabilities, the threshold, which moves none.
    """
    hidden = ("none",) if SCORES[score].decides else ("none", THRESHOLD)
    return [line for line in lines if line.strategy not in hidden and np.isfinite(line.against.value)]


def differences(lines: Sequence[Line], score: str) -> go.Figure:
    """The difference of each strategy to doing nothing with its interval, one symbol per model."""
    import plotly.graph_objects as go

    there = shown(lines, score)
    names = list(dict.fromkeys(line.strategy for line in there))
    models = [one for one in MODELS if any(line.model == one for line in there)]
    figure, ends = go.Figure(), _ends(there)
    for place, model in enumerate(models):
        offset = 0.0 if len(models) == 1 else 0.3 * place - 0.15
        figure.add_trace(_dots([line for line in there if line.model == model], names, offset, ends))
    for trace in _legend(models, there):
        figure.add_trace(trace)
    figure.add_vline(x=0.0, line=RULE)
    better = "right is better" if SCORES[score].higher else "left is better"
    framed(
        figure,
        110 + 40 * len(names),
        x=f"difference in {within(SCORES[score].title)} ({better})",
        showlegend=True,
        legend=ABOVE,
    )
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=[TITLES[one] for one in names],
        autorange="reversed",
        showgrid=False,
    )
    figure.update_xaxes(tickformat=THOUSANDS)  # of costs
    if np.isfinite(ends.low):
        margin = 0.03 * (ends.high - ends.low)
        figure.update_xaxes(range=[ends.low - margin, ends.high + margin])
    return figure


def _ends(lines: Sequence[Line]) -> _Ends:
    """The ends of the axis where a few lines reach so far that they would squeeze all others to a point."""
    spans = sorted(
        ((one.against.low, one.against.high, one.against.value) for one in lines),
        key=lambda span: np.nanmax(np.abs(span)),
    )
    far = [float(np.nanmax(np.abs(span))) for span in spans]
    for kept in range(max(2, int(np.ceil((1.0 - _MOST_CUT) * len(far)))), len(far)):
        if far[kept] > _FAR * far[kept - 1] > 0.0:
            reach = np.array(spans[:kept])
            low, high = min(0.0, float(np.nanmin(reach))), max(0.0, float(np.nanmax(reach)))
            room = 0.15 * (high - low)
            return _Ends(low - room, high + room)
    return _Ends()


def _legend(models: Sequence[str], lines: Sequence[Line]) -> list[go.Scatter]:
    """What the symbols mean, in no colour of a result, and what the colours mean, in no symbol of a model."""
    import plotly.graph_objects as go

    said = {line.says if line.says in ("better", "worse") else "tie" for line in lines}
    marks = [(MODELS[one].title, f"{_SYMBOL[one]}-open", INK) for one in models]
    marks += [(say, "square", _COLOUR[say]) for say in ("better", "worse", "tie") if say in said]
    return [
        go.Scatter(
            x=[None],
            y=[None],
            mode="markers",
            name=name,
            marker={"symbol": symbol, "color": colour, "size": 10},
            hoverinfo="skip",
        )
        for name, symbol, colour in marks
    ]


def _dots(lines: Sequence[Line], names: Sequence[str], offset: float, ends: _Ends) -> go.Scatter:
    """The differences of one model, each on the line of its strategy; those beyond an end as a triangle there
    with the value.
    """
    import plotly.graph_objects as go

    exact = np.array([line.against.value for line in lines])
    values = np.clip(exact, *ends)
    beyond = np.sign(exact - values).astype(np.int64).tolist()
    return go.Scatter(
        x=values,
        y=[names.index(line.strategy) + offset for line in lines],
        mode="markers+text",
        name=MODELS[lines[0].model].title,
        showlegend=False,
        text=[_signed(one) if far else "" for one, far in zip(exact.tolist(), beyond, strict=True)],
        textposition=["top right" if far < 0 else "top left" for far in beyond],
        textfont={"color": INK},
        marker={
            "size": 11,
            "symbol": [_BEYOND.get(far, _SYMBOL[lines[0].model]) for far in beyond],
            "color": [_COLOUR[line.says] for line in lines],
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "color": GREY,
            "array": np.clip([line.against.high for line in lines], values, None) - values,
            "arrayminus": values - np.clip([line.against.low for line in lines], None, values),
        },
        customdata=[[TITLES[line.strategy], line.mean, line.words, line.against.value] for line in lines],
        hovertemplate="%{customdata[0]}: %{customdata[3]:+,.3~r}, that is %{customdata[1]:,.4~r} "
        "(%{customdata[2]})"
        "<extra>%{fullData.name}</extra>",
    )


def _signed(value: float) -> str:
    """A difference beside its mark.

    >>> _signed(0.01234), _signed(-15110.4)
    ('+0.0123', '-15,110')
    """
    return f"{value:+,.0f}" if abs(value) >= 1e3 else f"{value:+.3g}"


def alt_learning(curves: Sequence[LearningCurve], classes: Sequence[str]) -> str:
    """What the figure shows, in words."""
    told = [f"{safe(classes[one.place], 30)} {one.means[0]:.3f} to {one.means[-1]:.3f}" for one in curves]
    return f"Learning curves of {_score(curves)} by rows of the class: {', '.join(told)}."


def _score(curves: Sequence[LearningCurve]) -> str:
    return SCORES[curves[0].score].title if curves else "a score"


def learning(curves: Sequence[LearningCurve], classes: Sequence[str]) -> go.Figure:
    """A score of each class by its rows in training, and one more doubling as a dotted line."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for one, colour in zip(curves, LEVELS, strict=False):
        name = safe(classes[one.place], 30)
        figure.add_scatter(
            x=one.rows,
            y=one.means,
            mode="lines+markers",
            name=name,
            line={"color": colour},
            hovertemplate="%{x:,} rows: %{y:.3f}<extra>%{fullData.name}</extra>",
        )
        figure.add_scatter(
            x=[one.rows[-1], 2 * one.rows[-1]],
            y=[one.means[-1], one.means[-1] + one.next],
            mode="lines+markers",
            line={"color": colour, "dash": "dot"},
            marker={"symbol": "circle-open", "size": 9},
            name=f"{name}, extrapolated",
            hovertemplate="%{x:,} rows: %{y:.3f}, extrapolated<extra></extra>",
        )
    framed(
        figure,
        320,
        x="rows of the class in training",
        y=_score(curves),
        showlegend=True,
        legend=ABOVE,
    )
    means = [mean for one in curves for mean in (*one.means, one.means[-1] + one.next)]
    if means and max(means) - min(means) < _SPAN:  # a few thousandths are not to look like a slope
        middle = min((max(means) + min(means)) / 2.0, 1.0 - _SPAN / 2.0)
        figure.update_yaxes(range=[middle - _SPAN / 2.0, middle + _SPAN / 2.0])
    sizes = _apart(sorted({rows for one in curves for rows in (*one.rows, 2 * one.rows[-1])}))
    figure.update_xaxes(
        type="log", tickmode="array", tickvals=sizes, ticktext=[f"{rows:,}" for rows in sizes]
    )
    return figure


def _apart(sizes: Sequence[int]) -> list[int]:
    """Of ascending sizes those that can be read beside each other on a logarithmic axis."""
    kept: list[int] = []
    for rows in sizes:
        if not kept or rows >= 1.4 * kept[-1]:
            kept.append(rows)
    return kept
