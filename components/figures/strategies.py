"""Strategies against doing nothing, reliability curves, learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from components.figures.theme import GREY, LEVELS, RULE, SERVE, TRAIN, framed
from components.text import safe
from core.analyses.strategies.findings import reference
from core.analyses.strategies.models import MODELS
from core.analyses.strategies.result import RECALIBRATED
from core.analyses.strategies.scores import SCORES
from core.analyses.strategies.strategy import THRESHOLD, TITLES

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.strategies.calibration import Calibration
    from core.analyses.strategies.trial import LearningCurve
    from core.analyses.strategies.verdict import Line

HOW_DIFFERENCES = """Each dot is the mean difference to doing nothing over the same held-out folds, with its
95% interval; by a score of decisions the difference to moving the threshold alone. **An interval that
crosses 0 is a tie, drawn grey.** Intervals allow for training rows that folds share and hold for all
strategies together. Probabilities are made right first (closed form or Platt scaling), so that a strategy is
not blamed for having moved them."""
HOW_RELIABILITY = """Each point holds about equally many held-out rows: what was predicted against what
happened, with a 95% interval. **On the diagonal, probabilities are right; below it, too many events were
predicted.** Both axes are logarithmic where events are rare."""
HOW_LEARNING = """The score of the class against the rest, on held-out rows, when only so many of its rows are
in training and all others stay, by the better model without rebalancing or the one chosen. The interval of
the last doubling is conservative. The dotted end is an extrapolation, not a measurement: the gain of one more
doubling, by the ratio of the last two."""
_RARE = 0.05
_COLOUR = {"better": LEVELS[2], "worse": SERVE, "tie": GREY, "unknown": GREY}
_SYMBOL = {"linear": "circle", "boosting": "diamond"}


def alt_differences(lines: Sequence[Line], score: str) -> str:
    """What the figure shows, in words."""
    told = {say: sum(line.says == say for line in lines) for say in ("better", "worse", "tie")}
    return (
        f"Dots with intervals: {SCORES[score].title} of {len(lines)} strategies against {reference(score)}; "
        f"{told['better']} better, {told['worse']} worse, {told['tie']} ties."
    )


def differences(lines: Sequence[Line], score: str) -> go.Figure:
    """The difference of each strategy to doing nothing with its interval, one symbol per model."""
    import plotly.graph_objects as go

    hidden = ("none",) if SCORES[score].decides else ("none", THRESHOLD)  # it moves no probability
    shown = [line for line in lines if line.strategy not in hidden and np.isfinite(line.against.value)]
    names = list(dict.fromkeys(line.strategy for line in shown))
    models = [one for one in MODELS if any(line.model == one for line in shown)]
    figure = go.Figure()
    for place, model in enumerate(models):
        offset = 0.0 if len(models) == 1 else 0.3 * place - 0.15
        figure.add_trace(_dots([line for line in shown if line.model == model], names, offset))
    figure.add_vline(x=0.0, line=RULE)
    better = "right is better" if SCORES[score].higher else "left is better"
    framed(
        figure,
        110 + 40 * len(names),
        x=f"difference in {SCORES[score].title.lower()} ({better})",
        showlegend=True,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
    )
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=[TITLES[one] for one in names],
        autorange="reversed",
        showgrid=False,
    )
    return figure


def _dots(lines: Sequence[Line], names: Sequence[str], offset: float) -> go.Scatter:
    """The differences of one model, each on the line of its strategy."""
    import plotly.graph_objects as go

    values = np.array([line.against.value for line in lines])
    return go.Scatter(
        x=values,
        y=[names.index(line.strategy) + offset for line in lines],
        mode="markers",
        name=MODELS[lines[0].model].title,
        marker={
            "size": 11,
            "symbol": _SYMBOL[lines[0].model],
            "color": [_COLOUR[line.says] for line in lines],
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "color": GREY,
            "array": np.array([line.against.high for line in lines]) - values,
            "arrayminus": values - np.array([line.against.low for line in lines]),
        },
        customdata=[[TITLES[line.strategy], line.mean, line.says] for line in lines],
        hovertemplate="%{customdata[0]}: %{x:+.4f}, that is %{customdata[1]:.4f} (%{customdata[2]})"
        "<extra>%{fullData.name}</extra>",
    )


def alt_reliability(made: Mapping[str, Calibration]) -> str:
    """What the figure shows, in words."""
    told = [f"{RECALIBRATED[kind]}, O/E {one.ratio:.2f}" for kind, one in made.items()]
    return f"Reliability curves: {'; '.join(told)}."


def reliability(made: Mapping[str, Calibration]) -> go.Figure:
    """Observed against predicted shares, before and after each correction."""
    import plotly.graph_objects as go

    figure = go.Figure()
    ends = [at for one in made.values() for b in one.bins for at in (b.predicted, b.observed) if at > 0]
    low = max(1e-6, min(ends, default=0.001) / 2)
    rare = any(one.events < _RARE * sum(b.n for b in one.bins) for one in made.values())
    start = low if rare else 0.0
    figure.add_scatter(
        x=[start, 1.0], y=[start, 1.0], mode="lines", line=RULE, name="right", hoverinfo="skip"
    )
    for (kind, one), colour in zip(made.items(), (SERVE, TRAIN, LEVELS[2], LEVELS[5]), strict=False):
        points = [b for b in one.bins if b.observed > 0 or not rare]
        seen = np.array([b.observed for b in points])
        figure.add_scatter(
            x=[max(b.predicted, low) if rare else b.predicted for b in points],
            y=seen,
            mode="lines+markers",
            name=RECALIBRATED[kind],
            line={"color": colour, "width": 1.5},
            marker={"size": 8},
            error_y={
                "type": "data",
                "symmetric": False,
                "thickness": 1,
                "array": np.array([b.high for b in points]) - seen,
                "arrayminus": seen - np.array([b.low for b in points]),
            },
            customdata=[b.n for b in points],
            hovertemplate="predicted %{x:.4g}, happened %{y:.4g} (%{customdata:,} rows)"
            "<extra>%{fullData.name}</extra>",
        )
    framed(
        figure,
        380,
        x="predicted share",
        y="observed share",
        showlegend=True,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
    )
    if rare:
        figure.update_xaxes(type="log")
        figure.update_yaxes(type="log")
    return figure


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
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
    )
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
