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
    framed(made, 320, y=result.scores[0].title)
    made.update_xaxes(range=[-0.3, 1.3])
    return made
