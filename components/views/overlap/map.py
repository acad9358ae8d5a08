"""The map on the overlap page: its layers, the outline drawn on it, and how far to trust it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import address, results
from components.figures import density_ratio, points
from components.figures import projection as drawn
from components.figures.overlap_map import (
    COLUMN,
    FLAT,
    MIXING,
    PARTS,
    RATIO,
    SERVE,
    SUPPORT,
    Layer,
    overlap_map,
)
from components.figures.selection import chosen
from components.settings_form import settings_form
from components.state import keep, session
from components.text import cut, tag
from components.views.overlap import map_quality
from components.widgets import peek
from components.widgets.chart import explain, figure_of, selectable
from core.dataset import Dataset
from core.rowset import RowSet

if TYPE_CHECKING:
    from core.analyses.overlap.result import OverlapResult
    from core.analyses.projection.analysis import ProjectionResult

WORDS = {
    PARTS: "Train and serve",
    RATIO: "Serve rows per train row",
    MIXING: "Mixing in the original space (1: no difference)",
    FLAT: "Mixing on the map (1: no difference)",
    SUPPORT: "Support in train (p-value)",
    SERVE: "Probability of serve",
}
HOW = {RATIO: density_ratio.HOW, MIXING: drawn.HOW_MIXING, FLAT: drawn.HOW_FLAT}


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
        widget = address.key(f"layer-{dataset.version}-{len(layers)}")
        words = {layer: " ".join(filter(None, layer)) for layer in layers}
        first = _first(words)
        layer = st.selectbox(
            "Colour by",
            layers,
            layers.index(first) if first in layers else 0,
            key=widget,
            format_func=partial(_word, dataset),
            width=300,
            **address.noting("layer", widget, words, layers[0]),
        )
        settings_form("projection", dataset)
    layer = layer or layers[0]
    drawn_by = (*mark, layer, results.mark(dataset, "overlap"), overlap is None)
    make = partial(points.numbered, overlap_map, dataset, dataset, result, overlap, layer)
    figure = figure_of(drawn_by, make)
    cleared = session().chosen.get("overlap-lasso", 0)
    key = f"overlap-map-{dataset.version}-{tag(repr(drawn_by))}-{cleared}"
    two = bool(result.serve.any())
    outline = _held(mark, key, selectable(figure, key, drawn.alt(two)))
    peek.on_hover(dataset, key)
    map_quality.caption(result, figure)
    seen = peek.HOW if dataset.pictures is not None else ""
    explain("\n\n".join(filter(None, [HOW.get(layer[0], ""), drawn.how(two), seen])))
    map_quality.doubts(dataset, result, mark)
    return _inside(result, mark, outline)


def _first(words: Mapping[Layer, str]) -> Layer | None:
    """The layer that the address names; layers of the numbers over all columns come when these are there."""
    given = address.text("layer")
    return (
        None if given in (SUPPORT, SERVE) and given not in words.values() else address.meant("layer", words)
    )


def clear() -> None:
    """Take the outline away; a new key is the only way to clear the figure."""
    session().chosen["overlap-lasso"] = session().chosen.get("overlap-lasso", 0) + 1
    session().chosen.pop("overlap-outline", None)


def _held(mark: Any, key: str, event: dict[str, Any]) -> dict[str, Any]:
    """The outline in force. It outlives a change of colours, which makes another figure, but not a change of
    the map.
    """
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
    """What points may be coloured by. Of data in one part: by the target, by nothing, or by another
    column.
    """
    target = dataset.roles.target
    names = sorted(dataset.names, key=lambda name: name != target)
    kinds = ("numeric", "category", "boolean", "datetime")
    by_column = [(COLUMN, name) for name in names if dataset[name].kind in kinds]
    if "serve" not in dataset.parts:
        return sorted([(PARTS, ""), *by_column], key=lambda layer: layer != (COLUMN, target))
    kinds_of_layer = [PARTS, RATIO, MIXING, FLAT]
    if overlap is not None and overlap.case is not None:
        kinds_of_layer += [SUPPORT, SERVE]
    return [*((kind, "") for kind in kinds_of_layer), *by_column]


def _word(dataset: Dataset, layer: Layer) -> str:
    kind, name = layer
    if kind != COLUMN:
        return WORDS[kind] if "serve" in dataset.parts else "Nothing"
    return f"Target: {cut(name, 60)}" if name == dataset.roles.target else f"Column: {cut(name, 60)}"
