"""How well each column predicts the target on its own, against its noise floor and the limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from components.figures.theme import ABOVE, RULE, framed, noise_line
from components.text import safe
from core.analyses.leakage.sample import FEWEST
from core.phrases import count, name, score

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.leakage.result import LeakageResult

Places = NDArray[np.int64]
SHOWN = 30
LIMITS = ("dot", "a question"), ("dash", "nearly the target")  # how each line looks, and what it means
HOW = """Each dot is one column, used on its own to predict the target. The thick grey line is the noise
floor: what a column that has nothing to do with the target can reach. **A dot right of the dotted line
deserves a question, right of the dashed one it is nearly the target itself.** An open diamond stands where a
column separates one class from all others that well, though not the rest. What matters is when the column
gets its value, which only you can know."""


def alt(result: LeakageResult) -> str:
    """What the figure shows, in words."""
    summary = result.summary
    if not summary["strongest_column"]:
        return f"Dot chart: no column could be judged by how well it predicts {name(result.target)}."
    return (
        f"Dot chart of {count(int(summary['columns_judged']), 'column')} by how well each predicts "
        f"{name(result.target)} on its own; the strongest is {name(str(summary['strongest_column']))} with "
        f"{score(float(summary['strongest_score']))}."
    )


def without(result: LeakageResult) -> str:
    """What stands in its place where no column could be judged: what it takes."""
    if not result.target:
        return "Choose a target to see how well each column predicts it."
    if result.lacks:
        return result.lacks
    if result.judged < FEWEST:
        return f"Columns are drawn from {count(FEWEST, 'train row')} with a known {name(result.target)} on."
    if not result.names:
        return f"There is no column beside {name(result.target)} that could predict it."
    return f"No column varies in rows with a known {name(result.target)}, so that none could predict it."


def figure(result: LeakageResult) -> go.Figure:
    """The strongest columns, best on top. AUC from 0.5 for classes, R² of ranks from 0 for numbers; beside it
    the AUC of one class where that is what a column is flagged for.
    """
    import plotly.graph_objects as go

    about = [f for f in result.found if len(f.columns) == 1 or f.code == "single_feature"]
    flagged = {column for f in about if f.severity != "info" for column in f.columns}
    of_one_class = {f.columns[0] for f in result.found if f.code == "single_class"}
    apart = np.array([column in of_one_class for column in result.names], dtype=bool)
    known = np.flatnonzero(np.isfinite(result.scores))
    best = np.where(apart, result.class_scores, result.scores)
    order = known[np.argsort(-best[known], kind="stable")][:SHOWN]
    nothing = 0.5 if result.kind == "class" else 0.0
    doubted = np.array([result.names[i] in flagged for i in order], dtype=bool)
    names = [safe(result.names[i]) for i in order]
    figure = go.Figure([*_dots(result, order, doubted, nothing), *_one_class(result, order, apart)])
    # last, so that the dots have the theme's first two colours
    floors = np.nan_to_num(result.noise[order], nan=nothing).tolist()
    figure.add_trace(noise_line([(nothing, floor) for floor in floors], "noise floor (95%)"))
    for limit, (dash, words) in zip(result.limits, LIMITS, strict=True):
        look = {**RULE, "dash": dash}
        figure.add_vline(x=limit, line=look)
        figure.add_scatter(x=[None], y=[None], mode="lines", line=look, name=f"{words} from {limit:g}")
    framed(
        figure,
        max(220, 90 + 24 * order.size),
        x="Single-feature AUC" if result.kind == "class" else "Single-feature R² of ranks",
        showlegend=True,
        legend=ABOVE,
    )
    figure.update_xaxes(range=[nothing - 0.01, 1.01])
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(order.size)),
        ticktext=names,
        autorange="reversed",
        showgrid=False,
    )
    return figure


def _dots(result: LeakageResult, order: Places, doubted: NDArray[np.bool_], least: float) -> list[go.Scatter]:
    """One dot per column, flagged ones by themselves; scores below ``least`` stand there."""
    import plotly.graph_objects as go

    names = [safe(result.names[i]) for i in order]
    groups = ("not flagged", ~doubted, "circle"), ("flagged", doubted, "diamond")
    return [
        go.Scatter(
            x=np.maximum(result.scores[order][which], least),
            y=np.flatnonzero(which),
            mode="markers",
            name=label,
            marker={"size": 10, "symbol": symbol},
            customdata=[
                f"{names[place]}: {score(max(float(result.scores[order[place]]), least))}"
                for place in np.flatnonzero(which).tolist()
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
        for label, which, symbol in groups
    ]


def _one_class(result: LeakageResult, order: Places, apart: NDArray[np.bool_]) -> list[go.Scatter]:
    """The AUC of one class, of the columns that are flagged for it."""
    import plotly.graph_objects as go

    one = np.flatnonzero(apart[order])
    if not one.size:
        return []
    words = [
        f"{safe(result.names[place])}, class {safe(result.class_names[place])}: "
        f"{score(float(result.class_scores[place]))}"
        for place in order[one].tolist()
    ]
    return [
        go.Scatter(
            x=result.class_scores[order][one],
            y=one,
            mode="markers",
            name="one class against the rest",
            marker={"size": 11, "symbol": "diamond-open", "line": {"width": 2}},
            customdata=words,
            hovertemplate="%{customdata}<extra></extra>",
        )
    ]
