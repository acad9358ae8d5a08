"""Importance against doubt: four stories in one figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from components.figures.points import HOVER, SELECTABLE, dots, shown
from components.figures.theme import GREY, LEVELS, RULE, framed
from core.analyses.importance.analysis import QUADRANTS
from core.phrases import number

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.importance.analysis import ImportanceResult

ALT = "Importance across, doubt up: four quadrants, of ordinary or rare rows, consistent or contradicted."
HOW = """Each point is a row. **Across: importance**, how far it lies from where most rows are, whatever its
label; 1 is the mean. **Up: doubt**, the probability that its label is wrong, by models that did not see it.

- Rare and contradicted (top right): look at these first.
- Ordinary but contradicted (top left): mostly wrong labels in a crowd; relabel.
- Rare but consistent (bottom right): keep, and collect more like these.
- Ordinary and consistent (bottom left): redundant; a few stand for the rest.

Drag with the lasso or the box to choose rows; everything inside counts, drawn or not. Without a mouse: choose
a quadrant beside the figure, or move the thresholds."""
COLOURS = (GREY, LEVELS[2], LEVELS[0], LEVELS[1])  # in the order of `QUADRANTS`
SYMBOLS = ("circle", "square", "triangle-up", "diamond")


def places(
    importance: NDArray[np.float64], doubt: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where each row is drawn: the logarithm of its importance, and its doubt."""
    return np.log10(np.maximum(importance, 1e-3)).astype(np.float32), doubt.astype(np.float32)


def importance_map(result: ImportanceResult, lines: tuple[float, float], limit: int) -> go.Figure:
    """Points by row (row number in ``customdata``), every one that is contradicted among them, and the lines
    between the quadrants.
    """
    import plotly.graph_objects as go

    quadrant = result.by_lines(*lines)
    x, y = places(result.importance, result.doubt)
    figure = go.Figure()
    drawn = shown(quadrant >= 2, result.doubt, limit)
    for at, name in enumerate(QUADRANTS):
        rows = drawn[quadrant[drawn] == at]
        figure.add_trace(
            dots(drawn.size)(
                x=x[rows],
                y=y[rows],
                customdata=result.row[rows].astype(np.int32),
                mode="markers",
                name=f"{name} ({int((quadrant == at).sum()):,})",
                marker={"size": 6 if at else 4, "color": COLOURS[at], "symbol": SYMBOLS[at], "opacity": 0.65},
                hovertemplate="row %{customdata}<extra></extra>",
            )
        )
    figure.add_vline(x=float(np.log10(lines[0])), line=RULE)
    figure.add_hline(y=lines[1], line=RULE)
    framed(figure, 460, x="importance", y="doubt", **SELECTABLE, **HOVER)
    low, high = (int(np.floor(x.min())), int(np.ceil(x.max()))) if x.size else (0, 1)
    ticks = [10.0**power * step for power in range(low, high + 1) for step in (1, 2, 5)]
    figure.update_xaxes(
        tickvals=[float(np.log10(one)) for one in ticks], ticktext=[number(one) for one in ticks]
    )
    figure.update_yaxes(range=[-0.03, 1.03])
    return figure
