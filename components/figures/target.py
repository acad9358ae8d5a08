"""The target over the bins of one column, and which columns the quick model needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from components.figures.theme import framed
from components.text import safe

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.target import TargetResult

ALT = "Dots with intervals: the target over the bins or levels of one column."
HOW = """Each dot is the rate of a class, or the mean of the target, among the rows of one bin; the line is its 95 % interval. **Where the
intervals of two bins overlap widely, the difference may be chance.** Numbers are cut so that each bin holds about equally many
rows."""
IMPORTANCE_ALT = "Dots with intervals: the skill that the quick model loses on rows it has not seen when a column is shuffled."
IMPORTANCE_HOW = """How much worse the quick model gets, on rows it has not seen, when the values of one column are shuffled.
**An interval that reaches 0 means that the model does as well without.** Of two columns that say the same, both may look unimportant."""
_SYMBOLS = ("circle", "diamond", "square", "triangle-up", "x", "cross")  # never colour alone


def over_bins(result: TargetResult, column: str, only: str = "") -> go.Figure:
    """Rates or means of the target over one column, with intervals; one trace per class shown. only: the one class wanted, if any."""
    import plotly.graph_objects as go

    table = result.bins(column)
    if only and (table["class"] == only).any():
        table = table[table["class"] == only]
    labels = list(dict.fromkeys(table["bin"]))
    traces = []
    for place, (name, part) in enumerate(table.groupby("class", sort=False)):
        shift = 0.12 * (place - (table["class"].nunique() - 1) / 2)
        traces.append(
            go.Scatter(
                x=np.arange(len(part)) + shift,
                y=part["value"],
                error_y={
                    "type": "data",
                    "symmetric": False,
                    "array": part["high"] - part["value"],
                    "arrayminus": part["value"] - part["low"],
                },
                mode="markers",
                marker={"size": 8, "symbol": _SYMBOLS[place % len(_SYMBOLS)]},
                name=safe(name, 24),
                customdata=[f"{safe(label, 40)}<br>{rows:,} rows" for label, rows in zip(part["bin"], part["rows"], strict=True)],
                hovertemplate="%{customdata}<br>%{y:.4g}<extra></extra>",
            )
        )
    alone = next(iter(table["class"]), "") if table["class"].nunique() == 1 else ""
    said = f"mean of {safe(result.target, 24)}" if not result.classes else f"share of {safe(alone, 24)}" if alone else "share"
    figure = framed(go.Figure(traces), 320, x=safe(column, 40), y=said, showlegend=len(traces) > 1)
    figure.update_xaxes(
        tickmode="array", tickvals=list(range(len(labels))), ticktext=[safe(_brief(label), 18) for label in labels], showgrid=False
    )
    return figure


def _brief(label: str) -> str:
    """The label of a bin as short as a tick needs it.

    >>> _brief("over 1.5 to 2.5"), _brief("up to 1.5"), _brief("over there")
    ('1.5 – 2.5', 'up to 1.5', 'over there')
    """
    low, between, high = label.removeprefix("over ").partition(" to ")
    return f"{low} – {high}" if between and label.startswith("over ") else label


def importance(result: TargetResult, most: int = 20) -> go.Figure:
    """The most important columns, best first, with intervals; empty where no model was fitted."""
    import plotly.graph_objects as go

    table = result.frame().dropna(subset=["importance"]).sort_values("importance", ascending=False).head(most)
    where = list(range(len(table)))
    dots = go.Scatter(
        x=table["importance"],
        y=where,
        error_x={
            "type": "data",
            "symmetric": False,
            "array": table["importance_high"] - table["importance"],
            "arrayminus": table["importance"] - table["importance_low"],
        },
        mode="markers",
        marker={"size": 8},
        hovertemplate="skill lost %{x:.3f}<extra></extra>",
    )
    figure = framed(go.Figure(dots), max(160, 70 + 24 * len(table)), x="skill lost without the column")
    figure.add_vline(x=0, line={"dash": "dot", "width": 1})
    names = [safe(name, 28) for name in table["column"]]
    figure.update_yaxes(tickmode="array", tickvals=where, ticktext=names, autorange="reversed", showgrid=False)
    return figure
