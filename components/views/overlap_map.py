"""The map on the overlap page: its layers, the outline drawn on it, and how far to trust it."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import panel
from components.figures import points
from components.figures import projection as drawn
from components.figures.selection import chosen
from components.state import keep, session
from components.text import count, cut, plain, share, tag
from components.widgets.chart import chart, explain, figure_of, selectable
from core.dataset import Dataset
from core.limits import DRAWN_POINTS
from core.overlapping.nearby import local_mixing
from core.rowset import RowSet

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.overlap import OverlapResult
    from core.analyses.projection import ProjectionResult

Layer = tuple[str, str]  # kind, column
PARTS, RATIO, MIXING, SUPPORT, SERVE, COLUMN = "parts", "ratio", "mixing", "support", "serve", "column"
WORDS = {
    PARTS: "Train and serve",
    RATIO: "Serve rows per train row",
    MIXING: "Mixing around each row (1: by chance)",
    SUPPORT: "Support in train (p)",
    SERVE: "Probability of serve",
}
NAMES = {"umap": "UMAP", "tsne": "t-SNE", "pca": "PCA"}
LEVELS = len(drawn.WORDS)


def view(dataset: Dataset, result: ProjectionResult | None, overlap: OverlapResult | None) -> RowSet | None:
    """The map with its layer switch; gives the rows outlined on it, None where nothing is drawn."""
    st.subheader("Where the rows lie")
    if result is None:
        st.caption("The map is not there yet.")
        return None
    if not result.x.size:
        st.caption("There is no map: no column that can be compared varies.")
        return None
    mark = ("overlap-map", dataset.version, result.settings)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        layers = _layers(dataset, overlap)
        layer = st.selectbox(
            "Colour by", layers, key=f"layer-{dataset.version}-{len(layers)}", format_func=partial(_word, dataset), width=300
        )
        panel.settings_form("projection", dataset)
    layer = layer or layers[0]
    figure = figure_of((*mark, layer, overlap is None), partial(_figure, dataset, result, overlap, layer))
    key = f"overlap-map-{dataset.version}-{tag(repr((mark, layer, overlap is None)))}-{session().chosen.get('overlap-lasso', 0)}"
    outline = _held(mark, key, selectable(figure, key, drawn.ALT))
    _caption(dataset, result, figure)
    explain(drawn.HOW_RATIO + "\n\n" + drawn.HOW if layer[0] == RATIO else drawn.HOW)
    _small_maps(dataset, result, mark)
    return _inside(result, mark, outline)


def clear() -> None:
    """Take the outline away; a new key is the only way to clear the figure."""
    session().chosen["overlap-lasso"] = session().chosen.get("overlap-lasso", 0) + 1
    session().chosen.pop("overlap-outline", None)


def _held(mark: Any, key: str, event: dict[str, Any]) -> dict[str, Any]:
    """The outline in force. It outlives a change of colours, which makes another figure, but not a change of the map."""
    now = session().chosen
    drawn_now = {name: event.get(name) for name in ("box", "lasso")}
    of, on, kept = now.get("overlap-outline", (None, "", {}))
    if any(drawn_now.values()):
        of, on, kept = mark, key, drawn_now
    elif of != mark or on == key:  # another map, or wiped off the figure that it was drawn on
        kept = {}
    else:
        on = ""
    now["overlap-outline"] = (mark, on, kept)
    return dict(kept)


def _inside(result: ProjectionResult, mark: Any, outline: dict[str, Any]) -> RowSet | None:
    if not any(outline.values()):
        return None

    def work() -> RowSet:
        held = chosen(outline, result.x, result.y)
        return RowSet() if held is None else RowSet.from_mask(held)

    return keep(("overlap-inside", mark, json.dumps(outline)), work)


def _layers(dataset: Dataset, overlap: OverlapResult | None) -> list[Layer]:
    known = (PARTS, RATIO, MIXING, SUPPORT, SERVE) if overlap is not None and overlap.case is not None else (PARTS, RATIO, MIXING)
    target = dataset.roles.target
    names = sorted(dataset.names, key=lambda name: name != target)
    kinds = ("numeric", "category", "boolean", "datetime")
    return [*((kind, "") for kind in known), *((COLUMN, name) for name in names if dataset[name].kind in kinds)]


def _word(dataset: Dataset, layer: Layer) -> str:
    kind, name = layer
    if kind != COLUMN:
        return WORDS[kind]
    return f"Target: {cut(name, 60)}" if name == dataset.roles.target else f"Column: {cut(name, 60)}"


def _figure(dataset: Dataset, result: ProjectionResult, overlap: OverlapResult | None, layer: Layer) -> go.Figure:
    limit = DRAWN_POINTS.value
    if layer[0] == RATIO:
        return drawn.ratio(result.x, result.y, result.serve, limit)
    return drawn.points(result.x, result.y, _colouring(dataset, result, overlap, layer), result.hollow, limit)


def _colouring(dataset: Dataset, result: ProjectionResult, overlap: OverlapResult | None, layer: Layer) -> drawn.Colouring:
    kind, name = layer
    if kind == COLUMN:
        return _by_column(dataset, name)
    if kind == MIXING:
        return drawn.Colouring("Mixing", _mixing(result))
    if overlap is not None and kind in (SUPPORT, SERVE):
        values = overlap.support_p if kind == SUPPORT else overlap.serve_probability
        return drawn.Colouring("Support (p)" if kind == SUPPORT else "P(serve)", values)
    return drawn.parts(result.serve)


def _mixing(result: ProjectionResult) -> NDArray[np.float32]:
    """For the rows that are drawn; nan for the others."""
    rows = points.shown(result.hollow, np.zeros(result.hollow.size), DRAWN_POINTS.value)
    values = np.full(result.x.size, np.nan, np.float32)
    values[rows] = local_mixing(np.stack([result.x[rows], result.y[rows]], axis=1), result.serve[rows])
    return values


def _by_column(dataset: Dataset, name: str) -> drawn.Colouring:
    from core.features import level_codes, numbers

    values = dataset.table([name]).column(0)
    if dataset[name].kind in ("numeric", "datetime"):
        found = numbers(dataset[name], values)
        if np.unique(found[:10_000]).size > LEVELS or np.unique(found).size > LEVELS:
            return drawn.Colouring(cut(name, 40), found.astype(np.float32))
    codes, words = level_codes(values)
    if len(words) > LEVELS:
        codes, words = np.where(codes < LEVELS, codes, -1), words[:LEVELS]
    return drawn.Colouring(cut(name, 40), codes, tuple(words))


def _caption(dataset: Dataset, result: ProjectionResult, figure: go.Figure) -> None:
    """How far to trust the map, and what is drawn of it."""
    st.markdown(f":small[{_quality(result)}]")
    shown = sum(trace.customdata.size for trace in figure.data if trace.customdata is not None)
    if shown < dataset.rows:
        told = f"{count(shown)} of {count(dataset.rows)} rows are drawn as points; a selection counts all rows inside it."
        st.caption(told)
    for note in result.notes:
        if not note.startswith("Sizes"):  # what "How to read this" says already
            st.caption(f":material/info: {plain(note, 400)}")


def _quality(result: ProjectionResult) -> str:
    """The line under the map.

    Neighbours kept beside those that the plain projection and chance keep, then what the map does to the parts.
    """
    name = NAMES[result.settings.method]
    kept, plainly = result.measured("neighbours kept"), result.measured("neighbours kept by PCA")
    if kept is None:
        return name
    chance = f"chance {share(kept.baseline, 1)}"
    beside = f"PCA {share(plainly.value, 1)}, {chance}" if plainly is not None and result.settings.method != "pca" else chance
    told = f"{name} keeps {share(kept.value, 1)} of neighbours ({beside})."
    lies = [finding.code for finding in result.findings]
    if "map_hides_separation" in lies:
        return f"{told} It hides some separation: trust the numbers, not the islands."
    if "map_invents_separation" in lies:
        return f"{told} It shows more separation than there is: trust the numbers, not the islands."
    more = result.measured("neighbours kept by another seed")
    return told + (f" Another seed keeps {share(more.value, 1)} of them." if more is not None else "")


def _small_maps(dataset: Dataset, result: ProjectionResult, mark: Any) -> None:
    """The same rows at other scales, and the noise twin, where they were asked for."""
    if len(result.scales):
        st.markdown("**At other scales**")
        chart((*mark, "sweep"), partial(drawn.sweep, result), f"sweep-{dataset.version}", "The map at three scales.")
    if result.twin.size:
        st.markdown("**Noise twin**: each column shuffled by itself, so that its islands mean nothing")
        flags = np.zeros(len(result.twin), bool)
        colouring = drawn.Colouring("Rows", np.zeros(len(result.twin), np.int8), ("Shuffled",), (drawn.GREY,))
        make = partial(drawn.points, result.twin[:, 0], result.twin[:, 1], colouring, flags, DRAWN_POINTS.value // 5)
        chart((*mark, "twin"), make, f"twin-{dataset.version}", "Map of the same columns, each shuffled by itself.")
