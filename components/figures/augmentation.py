"""What variants do to the real images of each class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.figures.theme import GREY, LEVELS, RULE, SERVE, framed
from components.text import safe
from core.phrases import count, percent

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from core.analyses.augmentation.result import AugmentationResult

HOW = """Real images that were held out are given the class of their nearest train images, once without and
once with the variants among those. Each dot is by how much the share recognised changes, with a 95% interval
that holds for all classes together. **Left of the line variants cost a class its images: they stand where it
is.** An interval that crosses the line is grey: nothing is sure, which with few images of a class says
little."""
_SHOWN = 20  # classes


def alt(result: AugmentationResult) -> str:
    """What the figure shows, in words."""
    lines = _lines(result)
    worse, better = int((lines["high"] < 0).sum()), int((lines["low"] > 0).sum())
    return (
        f"Dots with intervals: change of the share of real images recognised in {_classes(result, lines)}; "
        f"{worse} surely worse, {better} surely better."
    )


def figure(result: AugmentationResult) -> go.Figure:
    """The change of recognition of each class with its interval, the class that loses most on top."""
    import plotly.graph_objects as go

    lines = _lines(result)
    drawn = go.Figure(_dots(lines))
    drawn.add_vline(x=0.0, line=RULE)
    framed(drawn, 70 + 30 * len(lines), x="change of real images recognised, in points")
    drawn.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(lines))),
        ticktext=[safe(one, 24) for one in lines["class"]],
        autorange="reversed",
        showgrid=False,
    )
    return drawn


def _dots(lines: pd.DataFrame) -> go.Scatter:
    """A dot with its interval per class."""
    import plotly.graph_objects as go

    points = 100 * lines[["change", "low", "high"]]
    told = lines[["class", "images", "before", "after"]].itertuples(index=False)
    ends = zip(lines.low, lines.high, strict=True)
    return go.Scatter(
        x=points["change"],
        y=list(range(len(lines))),
        mode="markers",
        marker={"size": 10, "color": [_colour(low, high) for low, high in ends]},
        error_x={
            "type": "data",
            "symmetric": False,
            "color": GREY,
            "array": (points["high"] - points["change"]).clip(lower=0),
            "arrayminus": (points["change"] - points["low"]).clip(lower=0),
        },
        customdata=[
            [safe(one), images, percent(before), percent(after)] for one, images, before, after in told
        ],
        hovertemplate="%{customdata[0]}: %{customdata[2]} of %{customdata[1]:,} real images without, "
        "%{customdata[3]} with the variants<extra></extra>",
    )


def _lines(result: AugmentationResult) -> pd.DataFrame:
    """Classes of which images were held out, those that lose most first."""
    every = result.frame()
    return every[every["images"] > 0].sort_values(["change", "class"]).head(_SHOWN)


def _classes(result: AugmentationResult, lines: pd.DataFrame) -> str:
    every = len(result.classes)
    whole = count(every, "class", "classes")
    return whole if len(lines) == every else f"{len(lines)} of {whole}, those that lose most"


def _colour(low: float, high: float) -> str:
    if high < 0:
        return SERVE
    return LEVELS[2] if low > 0 else GREY
