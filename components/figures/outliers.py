"""The map of all rows, with the outlying ones marked; and how the scores are spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from components.figures.points import SELECTABLE, bare, density, dots, shown
from components.figures.theme import framed

if TYPE_CHECKING:
    import plotly.graph_objects as go

ALT = (
    "Map of all rows: rows that are alike lie close together; flagged rows are marked with diamonds, others "
    "beyond the limit with open ones."
)
HOW = """Each point is a row. The map is the projection of all columns onto their first two principal
components, so **rows that lie together are alike, but a row may be an outlier in a column that the projection
does not show**: trust the score, not the distance on the map. Far from the middle the axes are logarithmic,
so that a few extreme rows do not press the others into one spot.

Drag with the lasso or the box to choose rows; everything inside counts, drawn or not. Hold Shift to add,
double-click to clear. Open diamonds are beyond the limit, too, but chance makes as many of them: they are a
finding of their own and not flagged. Without a mouse: choose the flagged rows, the top ones or
those by score, or search, beside the map."""


def squeezed(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Coordinates for the eye: linear in the middle half, logarithmic far out (inverse hyperbolic sine of
    robust units); nan where there is none.
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return np.zeros(values.size, np.float32)
    low, middle, high = np.percentile(finite, [25, 50, 75])
    spread = (high - low) or float(finite.std()) or 1.0
    return np.asarray(np.arcsinh((values - middle) / spread), dtype=np.float32)


def beyond_called(flagged: NDArray[np.bool_]) -> str:
    """What the rows beyond the limit that are not flagged are called: flagged ones lie beyond it, too."""
    return "More beyond the limit" if flagged.any() else "Beyond the limit"


def kinds(
    beyond: NDArray[np.bool_], flagged: NDArray[np.bool_]
) -> tuple[tuple[str, NDArray[np.bool_], dict[str, Any]], ...]:
    """The kinds of rows, each with its name, which they are, and how they are marked; without the last where
    there are none of it.

    beyond: rows whose evidence is beyond the limit; flagged: those among them that the finding is of.
    """
    other = beyond & ~flagged
    odd = {"size": 9, "opacity": 0.9}
    every = (
        ("Typical", ~beyond, {"size": 5, "opacity": 0.45}),
        ("Flagged", flagged, {**odd, "symbol": "diamond", "line": {"width": 0.5}}),
        (beyond_called(flagged), other, {**odd, "symbol": "diamond-open", "line": {"width": 1.5}}),
    )
    return every if other.any() else every[:2]


def outlier_map(
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    score: NDArray[np.float32],
    beyond: NDArray[np.bool_],
    flagged: NDArray[np.bool_],
    limit: int,
) -> go.Figure:
    """Points by row (row number in ``customdata``), their places squeezed; above ``limit`` rows a density
    image under a sample of them. For ``beyond`` and ``flagged`` see `kinds`.
    """
    import plotly.graph_objects as go

    x, y, figure = squeezed(x), squeezed(y), go.Figure()
    placed, rows_shown = np.isfinite(x), shown(beyond, score, limit)
    rows_shown = rows_shown[placed[rows_shown]]
    for name, mask, marker in kinds(beyond, flagged):
        rows = rows_shown[mask[rows_shown]]
        figure.add_trace(
            dots(rows_shown.size)(
                x=x[rows],
                y=y[rows],
                customdata=rows.astype(np.int32),
                mode="markers",
                marker=marker,
                name=f"{name} ({int((placed & mask).sum() if name == 'Typical' else mask.sum()):,})",
                hovertemplate="row %{customdata}<extra></extra>",
            )
        )
    # last, so that the others have the first colours; it is drawn below them
    if rows_shown.size < placed.sum():
        figure.add_trace(density(x[placed], y[placed]))
    return bare(framed(figure, 460, **SELECTABLE))


def score_spread(
    score: NDArray[np.float32], beyond: NDArray[np.bool_], flagged: NDArray[np.bool_]
) -> go.Figure:
    """How many rows have which score, each of the `kinds` in bars of its own, as on the logarithmic scale of
    rows stacked ones could not be read.
    """
    import plotly.graph_objects as go

    edges = np.linspace(0, 1, 51)
    figure = go.Figure()
    for name, mask, _ in kinds(beyond, flagged):
        counts, _ = np.histogram(score[mask], bins=edges)
        figure.add_trace(
            go.Bar(
                x=(edges[:-1] + edges[1:]) / 2,
                y=counts,
                name=name,
                hovertemplate=f"{name}: %{{y:,}} rows at %{{x:.2f}}<extra></extra>",
            )
        )
    framed(figure, 190, x="score", y="rows", barmode="overlay", bargap=0.05)
    figure.update_traces(opacity=0.75)
    figure.update_yaxes(type="log", dtick=1, tickformat=",")
    return figure
