"""How far to trust the map: the line under it, every measure with its meaning, and the maps that doubt it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from components.figures import projection as drawn
from components.glossary import hint
from components.text import plain
from components.widgets.chart import chart
from core.analyses.projection.quality import MEANINGS
from core.dataset import Dataset
from core.limits import DRAWN_POINTS
from core.phrases import count, left_out_unread, percent

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.projection.analysis import ProjectionResult

NAMES = {"umap": "UMAP", "tsne": "t-SNE", "pca": "PCA"}


def caption(result: ProjectionResult, figure: go.Figure) -> None:
    """How far to trust the map, and what is drawn of it."""
    st.markdown(f":small[{_quality(result)}]", help=hint("Neighbours kept"))
    shown = sum(trace.customdata.size for trace in figure.data if trace.customdata is not None)
    notes = list(result.scope)  # how to read a map stands under "How to read this"
    if result.placed < result.x.size:
        notes.insert(0, left_out_unread(result.x.size - result.placed))
    if shown < result.placed:
        notes.insert(
            0,
            f"{count(shown)} of {count(result.placed)} rows are drawn as points; a selection counts all rows "
            "inside it.",
        )
    if notes:
        st.caption(plain(" ".join(notes), 900))


def _quality(result: ProjectionResult) -> str:
    """The line under the map.

    Neighbours kept beside those that the plain projection and chance keep, then what the map does to the
    parts.
    """
    method = NAMES[result.settings.method]
    kept, by_pca = result.measured("neighbours_kept"), result.measured("neighbours_kept_by_pca")
    if kept is None:
        return method
    beside = f"chance {percent(kept.baseline)}"
    if by_pca is not None and result.settings.method != "pca":
        beside = f"PCA {percent(by_pca.value)}, {beside}"
    line = f"{method} keeps {percent(kept.value)} of neighbours ({beside})."
    if by_pca is not None and by_pca.value > kept.value and result.settings.method != "pca":
        line += " PCA keeps more of them: choose it under Settings."
    codes = [finding.code for finding in result.findings]
    if "map_hides_separation" in codes:
        return f"{line} It hides some separation: trust the numbers, not the islands."
    if "map_invents_separation" in codes:
        return f"{line} It shows more separation than there is: trust the numbers, not the islands."
    again = result.measured("neighbours_kept_by_another_seed")
    return f"{line} Two seeds agree on {percent(again.value)} of them." if again is not None else line


def doubts(dataset: Dataset, result: ProjectionResult, mark: Any) -> None:
    """Every measure, folded; the same rows at other scales, and the noise twin, where they were asked for."""
    if result.quality:
        with st.expander("How far to trust this map", icon=":material/balance:"):
            st.markdown(_table(result))
            if not (len(result.scales) or result.twin.size) and result.settings.method != "pca":
                st.caption("The settings of the map add other scales, another seed, and a noise twin.")
    if len(result.scales):
        st.markdown("**At other scales**")
        rows = count(len(result.swept), "row")
        alt = "The map at three scales, coloured by part."
        chart((*mark, "sweep"), partial(drawn.sweep, result), f"sweep-{dataset.version}", alt)
        st.caption(f"{rows} each. What is there at one scale only is doubtful.")
    if result.twin.size:
        _twin(dataset, result, mark)


def _table(result: ProjectionResult) -> str:
    """As Markdown, all of it our own words, so that the meanings wrap."""
    lines = ["| Measure | Map | Beside | |", "|---|--:|---|---|"]
    for one in result.quality:
        meaning = MEANINGS[one.measure]
        lines.append(
            f"| {meaning.label} | {one.value:.3f} | {one.baseline:.3f} {one.beside} | {meaning.text} |"
        )
    return "\n".join(lines)


def _twin(dataset: Dataset, result: ProjectionResult, mark: Any) -> None:
    """The map of the shuffled columns, and what it says about this one."""
    kept, twin = result.measured("neighbours_kept"), result.measured("neighbours_kept_by_noise_twin")
    st.markdown("**Noise twin**: each column permuted by itself, so that its islands mean nothing")
    make = partial(drawn.twin, result, DRAWN_POINTS.value // 5)
    chart(
        (*mark, "twin"), make, f"twin-{dataset.version}", "Map of the same columns, each permuted by itself."
    )
    if kept is not None and twin is not None:
        st.caption(
            f"The twin keeps {percent(twin.value)} of its neighbours, the map {percent(kept.value)}. "
            "Islands of the map that look no clearer than these are artefacts of the method."
        )
