"""How much each column tells of the target alone, against chance and against the limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from components.figures.theme import RULE, framed
from components.text import safe

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.leakage.analysis import LeakageResult

SHOWN = 30
HOW = """Each dot is one column asked alone for the target. The thin line reaches from nothing to what a
column that knows nothing can reach by luck. **A dot right of the first dashed line is worth a question, right
of the second it is nearly the answer itself.** What matters is when the column gets its value, which only you
can know."""


def alt(result: LeakageResult) -> str:
    """What the figure shows, in words."""
    told = result.summary
    return (
        f"Dot chart of {told['columns_judged']} columns by how well each alone tells {result.target!r}; "
        f"the strongest is {told['strongest_column']!r} with {told['strongest_score']:.3f}."
    )


def column_scores(result: LeakageResult) -> go.Figure:
    """The strongest columns, best on top. AUC from 0.5 for classes, share of variance from 0 for numbers."""
    import plotly.graph_objects as go

    known = np.flatnonzero(np.isfinite(result.scores))
    order = known[np.argsort(-result.scores[known], kind="stable")][:SHOWN]
    nothing = 0.5 if result.kind == "class" else 0.0
    places = list(range(order.size))
    flagged = {f.columns[0] for f in result.found if len(f.columns) == 1 and f.severity != "info"}
    doubted = np.array([result.names[i] in flagged for i in order], dtype=bool)
    noise = np.nan_to_num(result.noise[order], nan=nothing)
    lines_x = [x for edge in noise.tolist() for x in (nothing, edge, None)]
    lines_y = [y for place in places for y in (place, place, None)]
    figure = go.Figure()
    names = [safe(result.names[i]) for i in order]
    for label, which, symbol in (("not flagged", ~doubted, "circle"), ("flagged", doubted, "diamond")):
        chosen = np.flatnonzero(which)
        figure.add_scatter(
            x=np.maximum(result.scores[order][chosen], nothing),
            y=chosen,
            mode="markers",
            name=label,
            marker={"size": 10, "symbol": symbol},
            customdata=[names[place] for place in chosen.tolist()],
            hovertemplate="%{customdata}: %{x:.3f}<extra></extra>",
        )
    # last, so that the dots have the theme's first two colours
    luck = {"width": 6, "color": "rgb(128,128,128)"}
    figure.add_scatter(
        x=lines_x, y=lines_y, mode="lines", line=luck, opacity=0.25, hoverinfo="skip", showlegend=False
    )
    for limit in result.limits:
        figure.add_vline(x=limit, line=RULE)
    measure = "AUC alone" if result.kind == "class" else "share of variance explained alone"
    framed(
        figure,
        max(220, 90 + 24 * order.size),
        x=measure,
        showlegend=bool(doubted.any()),
        legend={"orientation": "h", "y": 1.06},
    )
    figure.update_xaxes(range=[nothing - 0.01, 1.01])
    figure.update_yaxes(
        tickmode="array", tickvals=places, ticktext=names, autorange="reversed", showgrid=False
    )
    return figure
