"""Missing values drawn: where they are, which patterns they make, and what imputing them does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from components.figures.theme import ABOVE, SHARES, THOUSANDS, framed, hovered, noise_line, tick_format
from components.text import cut, safe
from core.phrases import percent, score

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.missingness.imputation_effects import ImputationEffect
    from core.analyses.missingness.result import MissingnessResult

Ids = NDArray[np.int64]
PATTERNS = 12
LEAST = 0.1  # share missing that has the full colour where no bin of rows lacks more
HOW_MATRIX = """Columns run across, rows run down, in bins: the stronger the colour, the more of the bin is
missing, the strongest for the most that any bin lacks. In source order, a coloured block shows a time or a
batch in which something was not recorded; sorted, equal gaps lie together."""
HOW_PATTERNS = """Each line is one combination of missing columns, with the rows that lack exactly those. A
frequent one of several columns usually has one cause. Click one to see its rows."""
HOW_MODEL = """How well all other columns predict where this one is missing. AUC 0.5 is not at all; the thick
line is the noise floor. **Far right of it, the values are not missing completely at random (MCAR)**: the rows
that lack the value differ from the others, and imputing one value biases what is learned. Left of 0.5 the
model learned what does not hold in the rows that it is judged on, as happens where few rows have the value,
or lack it: it predicts nothing."""
HOW_EFFECT = """The values before (known ones only) and after imputing. A spike that was not there is what a
model will learn."""


def alt_matrix(result: MissingnessResult) -> str:
    """What the matrix shows, in words."""
    return (
        f"Heat map of missing values: {len(result.shown)} columns by {result.matrix.shape[0]} bins of rows."
    )


def gap_matrix(
    result: MissingnessResult, ordered: bool = False, ids: Callable[[Ids], Ids] = lambda rows: rows
) -> go.Figure:
    """Share missing per bin of rows and column; rows in source order, or sorted so that equal gaps lie
    together, where they have no numbers. ids: from rows of the data looked at to their positions in the
    source, by which they are called.
    """
    import plotly.graph_objects as go

    shares = result.sorted_matrix if ordered else result.matrix
    names = [safe(name) for name in result.shown]
    edges = result.bin_edges
    first, last = ids(edges[:-1]), ids(edges[1:] - 1)
    cells = np.empty((*shares.shape, 4), dtype=object)
    cells[..., 0], cells[..., 1], cells[..., 2] = names, first[:, None], last[:, None]
    cells[..., 3] = [[percent(share) for share in line] for line in shares.tolist()]
    several = shares.shape[0] < result.rows_in_all
    where = "rows %{customdata[1]:,} to %{customdata[2]:,}: " if several else "row %{customdata[1]}: "
    where = "" if ordered else where
    heat = go.Heatmap(
        z=shares,
        x=list(range(len(names))),
        y=edges if ordered else [*first, *(last[-1:] + 1)],
        customdata=cells,
        zmin=0.0,
        zmax=max(LEAST, float(shares.max(initial=0.0))),
        colorbar={"title": "missing", "tickformat": SHARES, "thickness": 12},
        hovertemplate=f"%{{customdata[0]}}<br>{where}%{{customdata[3]}} missing<extra></extra>",
    )
    figure = framed(go.Figure(heat), 420, y="rows, sorted by their gaps" if ordered else "row")
    figure.update_yaxes(
        autorange="reversed", showgrid=False, showticklabels=not ordered, tickformat=THOUSANDS
    )
    shown = len(names) <= 40
    figure.update_xaxes(
        tickmode="array",
        tickvals=list(range(len(names))) if shown else [],
        ticktext=names if shown else [],
        showgrid=False,
    )
    return figure


def pattern_bars(result: MissingnessResult) -> go.Figure:
    """The most frequent combinations of missing columns; custom data: the place of each."""
    import plotly.graph_objects as go

    top = result.patterns[:PATTERNS]
    always = set.intersection(*(set(pattern.columns) for pattern in top)) if len(top) > 1 else set()
    names = [
        _pattern(result, [place for place in pattern.columns if place not in always], len(always))
        for pattern in top
    ]
    places, words = list(range(len(top))), pattern_words(result)
    bars = go.Bar(
        x=[pattern.rows for pattern in top],
        y=places,
        orientation="h",
        customdata=places,
        hovertext=[safe(words[place][0], 120) for place in places],
        hovertemplate="%{hovertext}: %{x:,} rows<extra></extra>",
    )
    figure = framed(go.Figure(bars), max(160, 70 + 28 * len(top)), x="rows", bargap=0.35)
    figure.update_yaxes(
        tickmode="array", tickvals=places, ticktext=names, autorange="reversed", showgrid=False
    )
    return figure


def pattern_words(result: MissingnessResult) -> dict[int, tuple[str, int]]:
    """The patterns in words and their numbers of rows, by their place; at -1 the rows of any rarer
    pattern.
    """
    words = {}
    for place, pattern in enumerate(result.patterns):
        names = [cut(result.gaps[column].name, 30) for column in reversed(pattern.columns)]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        words[place] = (f"missing {', '.join(names[:3])}{more}" if names else "nothing missing", pattern.rows)
    rest = result.rows_in_all - sum(pattern.rows for pattern in result.patterns)
    return words | ({-1: ("any rarer pattern", rest)} if rest else {})


def _pattern(result: MissingnessResult, columns: list[int], always: int) -> str:
    """The columns that are missing in this pattern and not in all of them, those with fewest gaps first: by
    them patterns differ.
    """
    if not columns:
        return "only what is always missing" if always else "nothing missing"
    names = [cut(result.gaps[place].name, 18) for place in columns[:-3:-1]]
    return safe(", ".join(names) + (f" and {len(columns) - 2} more" if len(columns) > 2 else ""), 60)


def model_dots(result: MissingnessResult) -> go.Figure:
    """AUC of predicting each column's gaps from the other columns, with its interval and noise floor."""
    import plotly.graph_objects as go

    judged = [(gap.name, gap.model) for gap in result.gaps if gap.model is not None]
    rules = {
        gap.name: f"<br>missing where {safe(gap.by.where, 120)}" for gap in result.gaps if gap.by is not None
    }
    judged.sort(key=lambda pair: -pair[1].auc)
    places = list(range(len(judged)))
    names = [safe(name) for name, _ in judged]
    figure = go.Figure()
    figure.add_scatter(
        x=[model.auc for _, model in judged],
        y=places,
        mode="markers",
        marker={"size": 10},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [model.high - model.auc for _, model in judged],
            "arrayminus": [model.auc - model.low for _, model in judged],
        },
        customdata=[
            [name, rules.get(column, ""), score(model.auc)]
            for (column, model), name in zip(judged, names, strict=True)
        ],
        hovertemplate="%{customdata[0]}: AUC %{customdata[2]}%{customdata[1]}<extra></extra>",
    )
    # last, so that the dots have the theme's first colour
    figure.add_trace(noise_line([(0.5, model.noise) for _, model in judged]).update(showlegend=False))
    framed(figure, max(180, 80 + 24 * len(judged)), x="AUC of predicting what is missing")
    figure.update_xaxes(range=[min([0.45, *(model.low for _, model in judged)]) - 0.01, 1.01])
    figure.update_yaxes(
        tickmode="array", tickvals=places, ticktext=names, autorange="reversed", showgrid=False
    )
    return figure


def alt_effect(effect: ImputationEffect) -> str:
    """What the picture of one filling shows, in words."""
    return (
        f"Column {cut(effect.column, 60)} before and after imputing with {effect.strategy}: the distribution "
        f"moves by {percent(effect.moved)}."
    )


def filling_bars(effect: ImputationEffect) -> go.Figure:
    """One column before and after imputing: bars before, a line of steps after, so that neither hides the
    other.
    """
    levels = bool(effect.edges) and isinstance(effect.edges[0], str)
    return framed(
        _level_bars(effect) if levels else _number_bars(effect),
        260,
        x=safe(effect.column),
        y="rows",
        showlegend=True,
        legend=ABOVE,
        bargap=0.3 if levels else 0.02,
    )


def _level_bars(effect: ImputationEffect) -> go.Figure:
    import plotly.graph_objects as go

    names = [safe(str(level)) for level in effect.edges]
    places = list(range(len(names)))
    sides = (("before", effect.before), ("after", effect.after))
    figure = go.Figure(
        [
            go.Bar(x=places, y=list(counts), name=side, hovertemplate="%{y:,} rows<extra></extra>")
            for side, counts in sides
        ]
    )
    return figure.update_xaxes(tickmode="array", tickvals=places, ticktext=names)


def _number_bars(effect: ImputationEffect) -> go.Figure:
    import plotly.graph_objects as go

    edges = np.asarray(effect.edges, dtype=np.float64)
    middle, width = (edges[:-1] + edges[1:]) / 2, np.diff(edges)
    figure = go.Figure(
        go.Bar(x=middle, y=list(effect.before), width=width, name="before", marker={"line": {"width": 0}})
    )
    figure.add_scatter(
        x=middle, y=list(effect.after), mode="lines", line={"shape": "hvh", "width": 2}, name="after"
    )
    ends = float(edges[0]), float(edges[-1])
    figure.update_xaxes(tickformat=tick_format(*ends))
    return figure.update_traces(hovertemplate=f"%{{y:,}} rows near %{{x:{hovered(*ends)}}}<extra></extra>")
