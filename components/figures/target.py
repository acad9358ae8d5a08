"""The target over the bins of one column, and which columns the quick model needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from components.figures.theme import RULE, SHARES, framed, tick_format
from components.text import safe
from core.phrases import number, percent

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.target.analysis import TargetResult

ALT = "Dots with intervals: the target over the bins or levels of one column, and a line for the whole table."
HOW = """Each dot is the share of the class, or the mean of the target, among the rows of one bin; the bar
through it is its 95% interval. The dotted line is the whole table. **Where the intervals of two bins overlap
widely, the difference may be noise.** Numbers are cut so that each bin holds about equally many rows. The
scale fits what is drawn, so that rare classes can be seen: read it before you compare two columns."""
IMPORTANCE_ALT = (
    "Dots with intervals: the skill that the quick model loses on rows it has not seen when a column is "
    "permuted."
)
IMPORTANCE_HOW = """How much worse the quick model gets, on rows it has not seen, when the values of one
column are permuted. **An interval that reaches 0 means that the model does as well without.** Of two columns
with the same information, both may look unimportant. More than the whole skill can be lost: a model that is
sure of its predictions, and wrong, is worse than one that knows no column."""
_FLAT = 60  # letters of all ticks together that stand side by side


def over_bins(result: TargetResult, column: str, level: str = "") -> go.Figure:
    """Shares of one class, or means of the target, over one column, with intervals and the whole table's as a
    line.

    level: the class; the one that the column predicts best where there is none of that name.
    """
    import plotly.graph_objects as go

    level = level if level in result.shown_classes else result.best_class(column)
    whole = float(result.overall[result.shown_classes.index(level) if level else 0])
    table = result.bins(column)
    table = table[table["class"] == level]
    value, low, high = (table[name].to_numpy() for name in ("value", "low", "high"))
    spread = {"type": "data", "symmetric": False, "array": high - value, "arrayminus": value - low}
    dots = go.Scatter(
        x=np.arange(len(table)),
        y=value,
        error_y=spread,
        mode="markers",
        marker={"size": 8},
        hovertext=[
            _hover(*line, whole, bool(level))
            for line in zip(table["bin"], table["rows"], value, low, high, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    axis = f"share of {safe(level, 24)}" if level else f"mean of {safe(result.target, 24)}"
    figure = framed(go.Figure(dots), 320, x=safe(column, 40), y=axis)
    figure.add_hline(y=whole, line=RULE, annotation_text="whole<br>table", annotation_font_size=11)
    figure.layout.annotations[-1].update(x=1, xanchor="left", yanchor="middle", align="left")
    figure.update_layout(margin_r=48)  # beside the line, not over the last interval
    ticks = [safe(_brief(label), 26) for label in table["bin"]]
    slanted = {} if sum(map(len, ticks)) <= _FLAT else {"tickangle": -40}
    figure.update_xaxes(
        tickmode="array", tickvals=list(range(len(ticks))), ticktext=ticks, showgrid=False, **slanted
    )
    ends = float(np.nanmin([value, low])), float(np.nanmax([value, high]))
    figure.update_yaxes(tickformat=SHARES if level else tick_format(*ends))
    return figure


def _hover(label: str, rows: int, value: float, low: float, high: float, whole: float, share: bool) -> str:
    """What stands in the box of one dot.

    >>> _hover("Oslo", 1200, 0.012, 0.008, 0.019, 0.004, True)
    'Oslo<br>1,200 rows<br>1.2%, interval 0.8% to 1.9%<br>3 times the whole table'
    >>> _hover("Oslo", 40, 15110.4, 12000.0, 18000.0, 9000.0, False)
    'Oslo<br>40 rows<br>15,110, interval 12,000 to 18,000'
    """
    middle, least, most = (percent(end) if share else number(end) for end in (value, low, high))
    interval = f", interval {least} to {most}" if low == low else ""
    times = f"<br>{value / whole:.2g} times the whole table" if share and whole else ""
    return f"{safe(label, 40)}<br>{rows:,} rows<br>{middle}{interval}{times}"


_MIDNIGHT = re.compile(r"(?<=\d{4}-\d\d-\d\d) 00:00:00")  # of a day alone, as elsewhere


def _brief(label: str) -> str:
    """The label of a bin as short as a tick needs it.

    >>> _brief("over 1.5 to 2.5"), _brief("up to 1.5"), _brief("over -25 to -18"), _brief("over there")
    ('1.5 to 2.5', 'up to 1.5', '-25 to -18', 'over there')
    >>> _brief("over 2023-02-12 00:00:00 to 2023-03-01 12:30:00")
    '2023-02-12 to 2023-03-01 12:30:00'
    """
    label = _MIDNIGHT.sub("", label)
    return label.removeprefix("over ") if " to " in label else label


def importance(result: TargetResult, most: int = 14) -> go.Figure:
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
    figure = framed(go.Figure(dots), max(160, 70 + 24 * len(table)), x="skill lost when permuted")
    figure.update_xaxes(nticks=4)
    figure.add_vline(x=0, line=RULE)
    names = [safe(name, 28) for name in table["column"]]
    figure.update_yaxes(
        tickmode="array", tickvals=where, ticktext=names, autorange="reversed", showgrid=False
    )
    return figure
