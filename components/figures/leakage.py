"""How well each column predicts the target on its own, against its noise floor and the limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from components.figures.theme import GREY, RULE, framed
from components.text import safe
from core.phrases import count, name

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.leakage.analysis import LeakageResult

SHOWN = 30
HOW = """Each dot is one column, used on its own to predict the target. The thin line is the noise floor: what
a column that has nothing to do with the target can reach. **A dot right of the first dashed line deserves a
question, right of the second it is nearly the target itself.** An open diamond stands where a column
separates one class from all others that well, though not the rest. What matters is when the column gets its
value, which only you can know."""


def alt(result: LeakageResult) -> str:
    """What the figure shows, in words."""
    summary = result.summary
    if not summary["strongest_column"]:
        return f"Dot chart: no column could be judged by how well it predicts {name(result.target)}."
    return (
        f"Dot chart of {count(int(summary['columns_judged']), 'column')} by how well each predicts "
        f"{name(result.target)} on its own; the strongest is {name(str(summary['strongest_column']))} with "
        f"{summary['strongest_score']:.3f}."
    )


def figure(result: LeakageResult) -> go.Figure:
    """The strongest columns, best on top. AUC from 0.5 for classes, R² of ranks from 0 for numbers; beside it
    the AUC of one class where that is what a column is flagged for.
    """
    import plotly.graph_objects as go

    flagged = {f.columns[0] for f in result.found if len(f.columns) == 1 and f.severity != "info"}
    of_one_class = {f.columns[0] for f in result.found if f.code == "single_class"}
    apart = np.array([column in of_one_class for column in result.names], dtype=bool)
    known = np.flatnonzero(np.isfinite(result.scores))
    best = np.where(apart, result.class_scores, result.scores)
    order = known[np.argsort(-best[known], kind="stable")][:SHOWN]
    nothing = 0.5 if result.kind == "class" else 0.0
    places = list(range(order.size))
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
    one = np.flatnonzero(apart[order])
    if one.size:
        figure.add_scatter(
            x=result.class_scores[order][one],
            y=one,
            mode="markers",
            name="one class against the rest",
            marker={"size": 11, "symbol": "diamond-open", "line": {"width": 2}},
            customdata=[[names[place], safe(result.class_names[order[place]])] for place in one.tolist()],
            hovertemplate="%{customdata[0]}, class %{customdata[1]}: %{x:.3f}<extra></extra>",
        )
    # last, so that the dots have the theme's first two colours
    grey = {"width": 6, "color": GREY}
    figure.add_scatter(
        x=lines_x, y=lines_y, mode="lines", line=grey, opacity=0.25, hoverinfo="skip", showlegend=False
    )
    for limit in result.limits:
        figure.add_vline(x=limit, line=RULE)
    measure = "Single-feature AUC" if result.kind == "class" else "Single-feature R² of ranks"
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
