"""Proof: the fold by fold scores of one model as loaded and as decided, joined in pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from components.figures.theme import GREY, LEVELS, SERVE, TRAIN, framed

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.proof.analysis import ProofResult

HOW = (
    "Each line is one fold: left what the model scores as loaded, right as decided, on the same rows. Lines "
    "that mostly rise (fall, for a loss) are a change; lines that cross are noise. The sentence above says "
    "what the 95% interval of the mean difference makes of them."
)


def alt(result: ProofResult) -> str:
    """What the figure shows, in words."""
    if not result.scores:
        return "Nothing to compare."
    told, gap = result.summary, result.differences[0]
    if gap == (0.0, 0.0, 0.0):
        return f"Lines per fold, all level: {result.scores[0].title} {told['before']} on both."
    return (
        f"Lines per fold: {result.scores[0].title} {told['before']} as loaded, {told['after']} as decided; "
        f"mean difference {gap.value:.4f}, 95% interval {gap.low:.4f} to {gap.high:.4f}: {result.verdict}."
    )


def figure(result: ProofResult) -> go.Figure:
    """One line per fold from as loaded to as decided, and the mean."""
    import plotly.graph_objects as go

    made = go.Figure()
    if not result.scores:
        return made
    sides = ["As loaded", "As decided"]
    for before, after in zip(result.before[0], result.after[0], strict=True):
        made.add_scatter(
            x=sides,
            y=[before, after],
            mode="lines+markers",
            line={"color": GREY, "width": 1},
            marker={"size": 5},
            showlegend=False,
            hovertemplate="%{x}: %{y:.4f}<extra>one fold</extra>",
        )
    colour = {"better": LEVELS[2], "worse": SERVE}.get(result.verdict, TRAIN)
    made.add_scatter(
        x=sides,
        y=[float(np.nanmean(result.before[0])), float(np.nanmean(result.after[0]))],
        mode="lines+markers",
        line={"color": colour, "width": 3},
        marker={"size": 11, "symbol": "diamond"},
        name="mean",
        hovertemplate="%{x}: %{y:.4f}<extra>mean</extra>",
    )
    made.update_traces(cliponaxis=False)  # a mark at the end of the axis is whole
    framed(made, 320, y=result.scores[0].title)
    made.update_xaxes(range=[-0.3, 1.3])
    made.update_yaxes(range=_span(result))
    return made


def _span(result: ProofResult) -> list[float]:
    """The ends of the axis: no further than the score can go. Equal scores would have an axis of their own
    making, of which half lies beyond what there is.
    """
    both = np.concatenate([result.before[0], result.after[0]])
    both = both[np.isfinite(both)]
    if not both.size:
        return [0.0, 1.0]
    low, high = float(both.min()), float(both.max())
    beyond = max(0.06 * (high - low), 0.02 * max(abs(high), abs(low)), 1e-6)
    if result.scores[0].higher:  # AUROC, accuracy
        return [max(0.0, low - beyond), min(1.0, high + beyond)]
    return [max(0.0, low - beyond), high + beyond]
