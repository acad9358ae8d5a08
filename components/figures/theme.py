"""What all figures share. Colours come from the page's theme, so that one figure serves light and dark and
never changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go

FIRST, SECOND, THIRD, FOURTH = range(4)  # places in the theme's list of categorical colours
# Train and serve in every figure and small chart: at least 3 to 1 on either background (Okabe and Ito's)
TRAIN, SERVE = "#2A83BC", "#D55E00"
FONT = 13
INK = "#000037"  # nearly black; Streamlit puts the page's strongest text colour in its place, light on dark
# a line to hold things against; seen in light and dark
RULE: dict[str, Any] = {"dash": "dot", "width": 1, "color": "rgb(128,128,128)"}
CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["toImage", "autoScale2d"],
    "doubleClickDelay": 400,
}


def framed(figure: go.Figure, height: int, x: str = "", y: str = "", **layout: Any) -> go.Figure:
    """The figure with our margins, axis titles, and nothing that is not needed."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        font={"size": FONT},
        hoverlabel={"align": "left"},
        showlegend=layout.pop("showlegend", False),
        **layout,
    )
    figure.update_xaxes(title=x or None, automargin=True, zeroline=False, ticks="")
    figure.update_yaxes(title=y or None, automargin=True, zeroline=False, ticks="")
    return figure
