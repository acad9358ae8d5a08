"""Two columns of numbers whose relation changed: rows of train and of serve as points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from components.figures.theme import ABOVE, SERVE, TRAIN, framed, hovered, tick_format
from components.text import cut, safe

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.overlap.points import PairPoints
    from core.analyses.overlap.relations import RelationChange

HEIGHT = 300
HOW_RELATION = """Each point is a row: a circle of train, a cross of serve; of many rows some are drawn at
random. **The two clouds lean in different ways where the relation changed.**"""


def alt_relation(one: RelationChange, points: PairPoints) -> str:
    """What the figure shows, in words."""
    return (
        f"Scatter of {cut(points.right, 40)} over {cut(points.left, 40)}, {len(points.train):,} rows of "
        f"train and {len(points.serve):,} of serve: rank correlation {one.train:+.2f} in train, "
        f"{one.serve:+.2f} in serve."
    )


def relation_points(points: PairPoints) -> go.Figure:
    """Both parts in one figure, serve above train."""
    import plotly.graph_objects as go

    looks: tuple[tuple[str, Any, str, str], ...] = (
        ("train", points.train, TRAIN, "circle"),
        ("serve", points.serve, SERVE, "x-thin"),
    )
    figure = go.Figure()
    for name, values, colour, symbol in looks:
        across, up = ((values[:, at] / 1000.0 if points.times[at] else values[:, at]) for at in (0, 1))
        figure.add_scatter(
            x=across,
            y=up,
            mode="markers",
            name=name,
            opacity=0.7,
            marker={"color": colour, "size": 6, "symbol": symbol, "line": {"color": colour, "width": 1.5}},
            hovertemplate="%{x}, %{y}<extra>%{fullData.name}</extra>",
        )
    figure.data[0].marker.line.width = 0
    framed(
        figure,
        HEIGHT,
        x=safe(points.left, 40),
        y=safe(points.right, 40),
        showlegend=True,
        legend=ABOVE,
    )
    for at, update in enumerate((figure.update_xaxes, figure.update_yaxes)):
        if points.times[at]:
            update(type="date")
            continue
        values = np.concatenate([points.train[:, at], points.serve[:, at]])
        ends = float(np.nanmin(values)), float(np.nanmax(values))
        update(type="linear", tickformat=tick_format(*ends), hoverformat=hovered(*ends))
    return figure
