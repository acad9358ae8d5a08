"""How large the groups of equal rows are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from components.figures.theme import THOUSANDS, framed

if TYPE_CHECKING:
    import plotly.graph_objects as go

ALT = "Bar chart: number of groups of equal rows by the size of the group."
HOW = """A group is a set of rows that are equal. A group of three has two **excess** rows: dropping those
leaves one of each. Many groups of two point to a double export; one huge group points to a default record."""
SHOWN = 12


def group_sizes(sizes: NDArray[Any]) -> go.Figure:
    """sizes: rows per group. One bar per size, the largest together."""
    import plotly.graph_objects as go

    distinct, counts = np.unique(sizes, return_counts=True)
    names = [str(size) for size in distinct[:SHOWN]]
    heights = counts[:SHOWN].tolist()
    if distinct.size > SHOWN:
        names.append(f"{distinct[SHOWN]}+")
        heights.append(int(counts[SHOWN:].sum()))
    figure = go.Figure(go.Bar(x=names, y=heights, hovertemplate="%{y:,} groups of %{x} rows<extra></extra>"))
    framed(figure, 240, x="rows in the group", y="groups", bargap=0.35)
    figure.update_yaxes(tickformat=THOUSANDS)
    figure.update_xaxes(type="category")
    return figure
