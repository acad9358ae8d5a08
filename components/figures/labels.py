"""Labels: those given against those suggested, what each class is taken for, and doubt class by class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from components.figures.theme import ABOVE, FIRST, GREY, INK, LEVELS, SHARES, framed, tinted
from components.figures.theme import ORANGE as TINT
from components.text import safe
from core.phrases import percent

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.labels.result import LabelResult

SHOWN = 25  # classes drawn: those with the most doubtful labels
WRITTEN = 12  # classes up to which the numbers stand in the squares
ALT = "Doubtful labels: given class down, suggested class across; darker where there are more rows."
HOW = """Each square counts **doubtful labels**: rows down are what the label says, columns what the models
hold likelier. Labels that the models agree with are left out, or they would hide all others. Click a square
for its rows.

One dark square off the diagonal and a pale one across from it: one class is written for the other, in one
direction. Two dark ones: the classes overlap, or are mixed up both ways."""
ALT_NOISE = "Noise matrix: of the rows that are likely of a class, the share with each label."
HOW_NOISE = """Of the rows that are **likely of a class** (down), the share that **carries each label**
(across), estimated by confident learning (Northcutt, Jiang and Chuang 2021). The diagonal, left blank, is the
share labelled rightly. Where classes overlap, some of this is overlap and no mistake."""
ALT_CLASSES = "Doubtful labels by class: likely and possibly wrong ones as a share of the class."
HOW_CLASSES = """The share of each class's labels that is doubtful: **likely** wrong, and **possibly** wrong.
A class far above the others may be defined badly, be rare, or be mixed up with one other: the figure of given
against suggested labels says which."""


def alt(result: LabelResult) -> str:
    """What the figure shows, in words."""
    return ALT


def most_doubtful(result: LabelResult) -> NDArray[np.int64]:
    """The classes drawn, in the order of the classes: those that most doubtful labels are given as or
    suggested to be.
    """
    assert result.evidence is not None
    counts = crossed(result)
    both = counts.sum(axis=0) + counts.sum(axis=1)
    return np.sort(np.argsort(-both, kind="stable")[:SHOWN]).astype(np.int64)


def crossed(result: LabelResult) -> NDArray[np.int64]:
    """Doubtful labels by given and by suggested class, k x k."""
    assert result.evidence is not None
    classes = len(result.evidence.classes)
    doubtful = result.tier > 0
    cell = result.evidence.given[doubtful].astype(np.int64) * classes + result.suggested[doubtful]
    return np.bincount(cell, minlength=classes * classes).reshape(classes, classes)


def figure(result: LabelResult) -> go.Figure:
    """Given against suggested; the custom data of a square are both classes' places."""
    places = most_doubtful(result)
    counts = crossed(result)[np.ix_(places, places)]
    told = _Told("given", "suggested", "labels", "{:,.0f}".format)
    return _squares(result, places, counts.astype(float), told)


def noise(result: LabelResult) -> go.Figure:
    """The noise matrix, likely true class down, label across."""
    places = most_doubtful(result)
    shares = result.noise_rates[np.ix_(places, places)]
    shares[np.arange(places.size), np.arange(places.size)] = np.nan
    return _squares(result, places, shares, _Told("likely of", "label", "share", percent))


@dataclass(frozen=True)
class _Told:
    """What the sides of a square are called, and how its number is written."""

    down: str
    across: str
    unit: str
    form: Callable[[float], str]


def _squares(
    result: LabelResult, places: NDArray[np.int64], values: NDArray[np.float64], told: _Told
) -> go.Figure:
    """A heat map with a mark on each square that is not empty, to hover over and to click."""
    import plotly.graph_objects as go

    assert result.evidence is not None
    names = [safe(result.evidence.classes[place], 24) for place in places]
    coloured = go.Heatmap(
        z=np.where(np.nan_to_num(values) > 0, values, np.nan),
        x=names,
        y=names,
        colorscale=[[0.0, tinted(TINT, 0.12)], [1.0, tinted(TINT, 0.55)]],
        zmin=0.0,  # a square of half as many is half as dark
        zmax=max(float(np.nan_to_num(values).max(initial=0.0)), 1e-9),
        hoverinfo="skip",
        xgap=1,
        ygap=1,
        showscale=False,
    )
    drawn = go.Figure([coloured, _marks(names, places, values, told)])
    framed(drawn, max(240, min(720, 110 + 30 * places.size)), x=told.across, y=told.down)
    axis: dict[str, Any] = {"type": "category", "showgrid": False, "categoryarray": names}
    drawn.update_xaxes(**axis, tickangle=-45 if places.size > 4 else 0)
    drawn.update_yaxes(**axis, autorange="reversed")
    return drawn


def _marks(
    names: list[str], places: NDArray[np.int64], values: NDArray[np.float64], told: _Told
) -> go.Scatter:
    """One on each square that is not empty."""
    import plotly.graph_objects as go

    filled = [(i, j) for i, j in np.argwhere(np.nan_to_num(values) > 0).tolist()]
    numbers = [told.form(float(values[i, j])) for i, j in filled]
    return go.Scatter(
        x=[names[j] for _, j in filled],
        y=[names[i] for i, _ in filled],
        customdata=[[int(places[i]), int(places[j])] for i, j in filled],
        text=numbers if places.size <= WRITTEN else [""] * len(filled),
        textfont={"color": INK},
        mode="markers+text",
        marker={"symbol": "square-open", "size": 22, "opacity": 0, "color": GREY},
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 0}},
        hovertext=[
            f"{told.down} {names[i]}<br>{told.across} {names[j]}<br>{number} {told.unit}"
            for (i, j), number in zip(filled, numbers, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def by_class(result: LabelResult) -> go.Figure:
    """Bars of the share of doubtful labels of each class, the largest first."""
    import plotly.graph_objects as go

    table = result.frame()
    share = (table["likely"] + table["possible"]) / table["rows"].clip(lower=1)
    table = table.assign(share=share).sort_values(["share", "class"], ascending=[False, True]).head(SHOWN)
    names = [safe(text, 24) for text in table["class"]]
    drawn = go.Figure(
        [
            go.Bar(
                y=names,
                x=table[tier] / table["rows"].clip(lower=1),
                name=word,
                orientation="h",
                marker={"color": LEVELS[place]},
                customdata=np.stack([table[tier], table["rows"]], axis=1),
                hovertemplate="%{y}: %{customdata[0]:,} of %{customdata[1]:,} labels "
                + word
                + "<extra></extra>",
            )
            for tier, word, place in (
                ("likely", "likely wrong", FIRST + 1),
                ("possible", "possibly wrong", FIRST),
            )
        ]
    )
    framed(
        drawn, 110 + 26 * len(names), x="share of the class", barmode="stack", showlegend=True, legend=ABOVE
    )
    drawn.update_xaxes(tickformat=SHARES)
    drawn.update_yaxes(type="category", autorange="reversed")
    return drawn
