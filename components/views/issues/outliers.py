"""The outliers on the issues page: the map, ways to choose rows without a mouse, the rows with score and
reason.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import address, panel, results
from components.figures import outliers as drawn
from components.figures.points import numbered
from components.figures.selection import chosen
from components.state import keep, session
from components.widgets import actions, layout, placed, rows
from components.widgets.chart import chart, explain, figure_of, selectable
from core.analyses.outliers.within import reasons_of
from core.dataset import Dataset
from core.finding import Finding
from core.limits import DRAWN_POINTS
from core.phrases import count
from core.rowset import RowSet

if TYPE_CHECKING:
    from core.analyses.outliers.result import OutlierResult

Ids = NDArray[np.int64]
FLAGGED, TOP, ABOVE = "Flagged", "Top", "By score"


def evidence(dataset: Dataset, result: OutlierResult, finding: Finding) -> None:
    """Map, choice, rows, action bar."""
    mark = results.mark(dataset, "outliers")
    left, right = layout.thirds(2, 1, "outliers")
    with left:
        outline = _map(dataset, result, mark)
    with right:
        ids, what = _within(dataset, result, mark, outline, finding)
        st.markdown("**How the scores are spread**")
        make = partial(drawn.score_spread, result.score, *_kinds(result))
        chart(
            ("spread", mark),
            make,
            f"spread-{dataset.version}",
            "Histogram of outlier scores, typical rows, flagged ones and others beyond the limit apart.",
        )
    panel.notes(result)
    st.markdown("**The rows, highest outlier score first**")
    extra = {"Score": scores(dataset, result)[ids], "Why": Why(dataset, result, ids)}
    picked = rows.listing(dataset, ids, "outliers", extra, what=what)
    actions.bar(dataset, picked, "outliers", finding, finding.action)


class Why:
    """Reasons as an array that is worked out for the page shown only."""

    def __init__(self, dataset: Dataset, result: OutlierResult, ids: Ids) -> None:
        self.dataset, self.result, self.ids = dataset, result, ids

    def __getitem__(self, here: Ids) -> list[str]:
        return [reason(self.dataset, self.result, int(row)) for row in self.ids[here]]

    def order(self) -> NDArray[Any]:
        """By the column that makes the row oddest, which a reason begins with; None where there is none."""
        names = np.array([*self.result.names, None], object)
        return names[self.dataset.with_copies(self.result.top[:, 0], -1)[self.ids]]


def scores(dataset: Dataset, result: OutlierResult) -> NDArray[np.float64]:
    """The score of every row; NaN for one that a step made of others."""
    mark = results.mark(dataset, "outliers")
    return keep(("scores", mark), lambda: dataset.with_copies(result.score, np.nan))


def beyond_limit(dataset: Dataset, result: OutlierResult) -> NDArray[np.bool_]:
    """Mask of all rows: those whose evidence is beyond the limit, be the finding of them or not."""
    return dataset.with_copies(result.beyond, False)


def _kinds(result: OutlierResult) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Masks of the rows that the result has: those beyond the limit, and those of them that are flagged."""
    return result.beyond, result.flagged


def odd_columns(result: OutlierResult, row: int) -> list[str]:
    """The columns that make a row odd, oddest first; none for a row that a step made of others."""
    top = result.top[row].tolist() if row < len(result.top) else []
    return [result.names[at] for at in top if at >= 0]


def reason(dataset: Dataset, result: OutlierResult, row: int) -> str:
    """Why a row is odd, in words; "" for one that is not judged or that a step made of others. Those that the
    result has no words for are put in words as they are listed.
    """
    if row >= len(result.top) or not result.judged[row]:
        return ""
    at = int(np.searchsorted(result.worded, row))
    if at < result.worded.size and result.worded[at] == row:
        return result.why[at]
    words = keep(
        ("reasons", results.mark(dataset, "outliers")), lambda: reasons_of(dataset.independent, result)
    )
    return "; ".join(words.parts(row, result.top[row].tolist()))


def _map(dataset: Dataset, result: OutlierResult, mark: tuple[Any, ...]) -> dict[str, Any]:
    given = (result.x, result.y, result.score, *_kinds(result), DRAWN_POINTS.value)
    figure = figure_of(("map", mark), partial(numbered, drawn.outlier_map, dataset, *given))
    outline = selectable(figure, f"map-{dataset.version}-{session().chosen.get('lasso', 0)}", drawn.ALT)
    shown = sum(trace.customdata.size for trace in figure.data if trace.customdata is not None)
    if shown < (judged := int(result.judged.sum())):
        st.caption(
            f"{count(shown)} of {count(judged)} rows are drawn, all beyond the limit among them; a "
            "selection counts all rows inside it."
        )
    explain(drawn.HOW)
    return outline


def _places(result: OutlierResult, mark: tuple[Any, ...]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return keep(("places", mark), lambda: (drawn.squeezed(result.x), drawn.squeezed(result.y)))


def order(dataset: Dataset, result: OutlierResult) -> Ids:
    """All rows but those that could not be judged, oddest first; equal scores in the order of the source,
    copies last.
    """

    def work() -> Ids:
        oddest = np.argsort(-scores(dataset, result), kind="stable")
        return oddest[dataset.with_copies(result.judged, True)[oddest]]

    return keep(("order", results.mark(dataset, "outliers")), work)


def _within(
    dataset: Dataset,
    result: OutlierResult,
    mark: tuple[Any, ...],
    outline: dict[str, Any],
    finding: Finding,
) -> tuple[Ids, str]:
    """The rows to list, oddest first, and a word on which they are. What is inside a selection on the map can
    be decided about beside it.
    """
    oddest = order(dataset, result)
    inside = _outlined(result, mark, outline)
    if inside is not None:
        with st.container(border=True):
            st.markdown(f"**{count(len(inside), 'row')}** in your selection on the map")
            st.button("Clear the selection", icon=":material/clear:", key="clear-lasso", on_click=_clear)
        actions.bar(dataset, inside, "lasso", finding, finding.action)
        listed = oddest[inside.mask(dataset.rows)[oddest]] if len(inside) else oddest[:0]
        return listed, "inside the selection on the map"
    return _by_way(dataset, result, oddest, finding), ""


def _by_way(dataset: Dataset, result: OutlierResult, oddest: Ids, finding: Finding) -> Ids:
    """The rows chosen by one of the ways without a mouse, oddest first: those of the finding at first."""
    flagged, others = dataset.with_copies(result.flagged, False), drawn.beyond_called(result.flagged)
    beyond = beyond_limit(dataset, result) & ~flagged
    if finding.code == "isolated_values":  # of one column of several whose values are the outliers
        flagged = finding.rows.mask(dataset.rows)
    some = {FLAGGED: flagged.any(), others: beyond.any()}
    every = {FLAGGED: "flagged", others: "beyond", TOP: "top", ABOVE: "score"}  # as the address has them
    ways = {word: at for word, at in every.items() if some.get(word, True)}
    usual = others if finding.code == "outliers_possible" else FLAGGED
    way = placed.switch("Which rows", "rows", ways, usual, f"way-{dataset.version}-{finding.key}")
    if way == TOP:
        key, usual = address.key(f"top-{dataset.version}"), min(100, oddest.size)
        first = int(address.number("top", 1, oddest.size, usual))
        noting = address.noting("top", key, default=usual)
        ids = oddest[: int(st.number_input("How many", 1, oddest.size, first, key=key, **noting))]
    elif way == ABOVE:
        key, first = address.key(f"least-{dataset.version}"), address.number("least", 0.0, 1.0, 0.5)
        noting = address.noting("least", key, default=0.5)
        least = st.slider("Score at least", 0.0, 1.0, first, 0.005, key=key, format="%.3f", **noting)
        ids = oddest[: int(np.searchsorted(-scores(dataset, result)[oddest], -least, side="right"))]
    else:
        ids = oddest[(beyond if way == others else flagged)[oddest]]
    return rows.search(dataset, ids, placed.search(f"search-outliers-{dataset.version}", width="stretch"))


def _outlined(result: OutlierResult, mark: tuple[Any, ...], outline: dict[str, Any]) -> RowSet | None:
    shape = {name: outline.get(name) for name in ("box", "lasso")}
    if not any(shape.values()):
        return None
    x, y = _places(result, mark)

    def work() -> RowSet:
        held = chosen(shape, x, y)
        return RowSet() if held is None else RowSet.from_mask(held)

    return keep(("outlined", mark, json.dumps(shape)), work)


def _clear() -> None:
    """A new key for the map: the only way to take its outline away."""
    session().chosen["lasso"] = session().chosen.get("lasso", 0) + 1
