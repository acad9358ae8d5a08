"""All pairs of columns as a map of squares; pairs below the noise floor are left empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from components.figures.theme import (
    BLUES,
    FONT,
    GREY,
    INK,
    NEUTRAL,
    ON_DARK,
    ON_PALE,
    ORANGES,
    framed,
    tinted,
)
from components.text import safe

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.association.result import AssociationResult

Floats = NDArray[np.float64]
Marks = list[tuple[int, int, int, str]]  # across, down, place of the pair in the table, text

ALT = (
    "Square map of all pairs of columns, coloured by how strongly they are associated; pairs below the noise "
    "floor are empty."
)
HOW = """Each square is a pair of columns; click one to see the pair. Blue: positively associated; orange:
negatively; the darker, the stronger; pairs with a category are always blue. Up to 12 columns the strengths
stand in their squares. **Empty squares lie below the noise floor (95%)**, noise on the scale. Numbers
are compared by rank (Spearman), so that skewed columns and curves that only rise count fully; a curve that
rises and falls needs the xi correlation, in the settings."""
LIMIT = 60
WRITTEN = 12  # columns up to which the strengths stand in their squares
# Strength is told by lightness, so that it is read in grey, too. Every square above its noise floor is opaque
# and 3 to 1 or more against the light and the dark page, so that weak ones are seen
_MIDDLE = 0.6  # the strength of the middle shade
_BAND = 0.08  # from the middle of the key's band of empty squares to its end, where strengths begin
_ZERO = 1e-6  # of the scale: pairs below the noise floor stand at exactly 0, and no other pair does
_SCALE = [
    *zip((0.0, 0.5 - _MIDDLE / 2, 0.5 - _ZERO), map(tinted, reversed(ORANGES)), strict=True),
    [0.5 - _ZERO, tinted(NEUTRAL, 0.08)],
    [0.5 + _ZERO, tinted(NEUTRAL, 0.08)],
    *zip((0.5 + _ZERO, 0.5 + _MIDDLE / 2, 1.0), map(tinted, BLUES), strict=True),
]


def shown(result: AssociationResult) -> list[int]:
    """Places of the columns drawn: all, or those of the strongest pairs, at most 60, in the order of the
    data.
    """
    places: dict[int, None] = {}
    for left, right in zip(result.pairs.left.tolist(), result.pairs.right.tolist(), strict=True):
        if len(places | {left: None, right: None}) > LIMIT:
            break
        places |= {left: None, right: None}
    return sorted(places)


def association(result: AssociationResult) -> go.Figure:
    """The map of squares; hover shows both columns, value, noise floor, rows and q. No figure text is read as
    HTML.

    Heat maps cannot be clicked, so an unseen mark stands on each square; its custom data is the pair's place
    in the table.
    """
    import plotly.graph_objects as go

    places = shown(result)
    names = [safe(result.names[place], 24) for place in places]
    values, marks = _pairs_between(result, places, names)
    where = list(range(len(places)))
    squares = go.Heatmap(
        z=values,
        x=where,
        y=where,
        zmin=-1,
        zmax=1,
        colorscale=_SCALE,
        hoverinfo="skip",
        xgap=1,
        ygap=1,
        showscale=False,
    )
    figure = framed(
        go.Figure([squares, *_strengths(values), _key(bool((values < 0).any())), _marks(marks)]),
        max(260, min(900, 120 + 22 * len(places))),
        hoverdistance=-1,
    )
    many = len(places) > 25  # slanted names would lie on each other
    axis: dict[str, Any] = {
        "type": "category",
        "labelalias": dict(zip(map(str, where), names, strict=True)),
        "showgrid": False,
    }
    # an axis of categories leaves out the names for which there is no room
    axis |= {"tickfont": {"size": 10}} if many else {}
    figure.update_xaxes(**axis, tickangle=-90 if many else -45, range=[-0.5, len(places) - 0.5])
    figure.update_yaxes(**axis, range=[len(places) - 0.5, -0.5])
    return figure


def _key(negative: bool) -> go.Scatter:
    """The colours beside the map, of a trace without any mark: blue, a band that is empty as squares in the
    noise are, and orange below it where there are ``negative`` pairs.
    """
    import plotly.graph_objects as go

    shades, empty, rest = (0.0, _MIDDLE, 1.0), tinted(NEUTRAL, 0.08), 1 - _BAND
    above = [*zip((_BAND + rest * at for at in shades), map(tinted, BLUES), strict=True)]
    below = [*zip((-_BAND - rest * at for at in shades), map(tinted, ORANGES), strict=True)]
    lowest = -1.0 if negative else -_BAND
    stops = [*(reversed(below) if negative else ()), (-_BAND, empty), (_BAND, empty), *above]
    half = _BAND + rest / 2
    words = {-1.0: "-1", -half: "-0.5", 0.0: "noise", half: "0.5", 1.0: "1"}
    ink = {"size": FONT, "color": INK}
    return go.Scatter(
        x=[None],
        y=[None],
        mode="markers",
        hoverinfo="skip",
        marker={
            "color": [0.0],
            "cmin": lowest,
            "cmax": 1.0,
            "colorscale": [[(at - lowest) / (1 - lowest), colour] for at, colour in stops],
            "showscale": True,
            "colorbar": {
                "title": {"text": "strength", "font": ink},
                "thickness": 12,
                "outlinewidth": 1,
                "outlinecolor": GREY,
                "tickfont": ink,
                "tickvals": [at for at in words if at >= lowest],
                "ticktext": [word for at, word in words.items() if at >= lowest],
            },
        },
    )


def _pairs_between(result: AssociationResult, places: list[int], names: list[str]) -> tuple[Floats, Marks]:
    """The strength of each pair of the columns at these places (0 at the noise floor or below; nan where it
    was not kept), and the marks on their squares.
    """
    at = {place: j for j, place in enumerate(places)}
    values = np.full((len(places), len(places)), np.nan)
    marks: Marks = []
    pairs = result.pairs
    for place, (left, right) in enumerate(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)):
        if left in at and right in at:
            i, j = at[left], at[right]
            value, noise = float(pairs.value[place]), float(pairs.noise[place])
            values[i, j] = values[j, i] = value if abs(value) > noise else 0.0
            text = (
                f"{_written(value, 3)}, noise floor {_written(noise, 3)}<br>{int(pairs.n[place]):,} rows, q "
                f"{pairs.q[place]:.2g}"
            )
            marks += [
                (one, other, place, f"{names[i]}<br>{names[j]}<br>{text}") for one, other in ((i, j), (j, i))
            ]
    return values, marks


def _strengths(values: Floats) -> list[go.Scatter]:
    """The strengths as numbers in their squares, where there is room; none in those that are empty."""
    import plotly.graph_objects as go

    if len(values) > WRITTEN:
        return []
    down, across = np.nonzero(np.isfinite(values) & (values != 0.0))
    strengths = values[down, across]
    return [
        go.Scatter(
            x=across,
            y=down,
            mode="text",
            text=[_written(one, 2) for one in strengths.tolist()],
            textfont={
                "size": 9,
                "color": np.where(np.abs(strengths) < _MIDDLE, ON_PALE, ON_DARK).tolist(),
            },
            hoverinfo="skip",
        )
    ]


def _written(strength: float, digits: int) -> str:
    """With so many decimals, and never as 0.00: that would be what an empty square is. As HTML.

    >>> _written(-0.314, 2), _written(0.0049, 2), _written(-0.001, 2), _written(0.0049, 3)
    ('-0.31', '&lt;0.01', '&gt;-0.01', '0.005')
    """
    least = 10.0**-digits
    if abs(strength) >= least / 2 or not strength:
        return f"{strength:.{digits}f}"
    return safe(f"<{least:.{digits}f}" if strength > 0 else f">-{least:.{digits}f}")


def _marks(marks: Marks) -> go.Scatter:
    """What is clicked and hovered over: a frame on each square that is seen only when chosen."""
    import plotly.graph_objects as go

    across, down, place, hover = zip(*marks, strict=True) if marks else ((), (), (), ())
    unseen = {"marker": {"opacity": 0}}
    return go.Scatter(
        x=across,
        y=down,
        customdata=place,
        hovertext=hover,
        hovertemplate="%{hovertext}<extra></extra>",
        mode="markers",
        marker={
            "symbol": "square-open",
            "size": 15,
            "color": GREY,
            "line": {"width": 3},
            "opacity": 0,
        },
        selected={"marker": {"opacity": 1}},
        unselected=unseen,
    )
