"""Rows as pictures: a page of thumbnails of which several can be selected, by mouse or by keys.

One component of our own with the pictures as data URIs: sixty of them are there in under half a second (media
files by address or one element each take twice as long; docs/decisions/0023). It is mounted twice, with the
pictures and with what is selected: the message that holds the pictures stays the same at a click, and
Streamlit then sends its hash only.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import address
from components.state import keep, session, value
from components.streamlit_internals import register_component
from components.text import cut
from components.widgets import original, pager, rows_place
from components.widgets.picked import Picked, select_all, select_these
from core.dataset import Dataset
from core.phrases import count
from core.rowset import RowSet

FOLDER = Path(__file__).parents[1] / "static"
TILES = 60
LINE = 80  # letters under a picture; the whole line stands in a note over it
Ids = NDArray[np.int64]


def listing(
    dataset: Dataset,
    ids: Ids,
    key: str,
    line: Callable[[Ids], Sequence[str]],
    of: str = "",
    most: int = TILES,
    beside: str = "",
    parted: bool = True,
) -> Picked:
    """Show rows in the order of ``ids`` as pictures, at most so many a page; gives those selected, on
    whichever page, or all where "all" is switched on.

    line: what stands under each of the rows given. of: what they are all images of, beside the switch that
    selects all. beside: where several of these are one list, its key; what is selected is selected in it.
    parted: whether a line says that its row is of serve, where the data have two parts.
    """
    if not ids.size:
        st.caption("No rows here.")
        return Picked()
    told = f"{count(ids.size, 'image')}{of}"
    marks, whole = beside or key, RowSet(dataset.source_ids(ids))
    if beside:
        select_these(dataset, key, marks, told, whole)
    every = not beside and select_all(dataset, key, told, ids.size)
    pages = -(-ids.size // most)
    page = f"gallery-page-{dataset.fingerprint}-{key}"
    at = pager.shown(page, pages)
    here = ids[(at - 1) * most : at * most]
    whole = whole if every else RowSet()
    lines = with_part(dataset, here, line(here)) if parted else line(here)
    tiles(dataset, here, key, whole, lines, marks, of)
    if pages > 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            pager.held(pages, at, page)
    st.caption(
        f"{count((at - 1) * most + 1)}–{count(min(ids.size, at * most))} of {count(ids.size, 'image')}. "
        "Click pictures, or move with the arrow keys and select with the space bar; a double click or Enter "
        "opens the original."
    )
    if every:
        return Picked(RowSet(ids), among=ids.size)
    held = dataset.own_rows(rows_place.selected(dataset, marks, whole))
    return Picked(held & RowSet(ids), among=ids.size)


def tiles(
    dataset: Dataset, here: Ids, key: str, whole: RowSet, lines: Sequence[str], marks: str = "", of: str = ""
) -> None:
    """One page of pictures, with a line under each. whole: positions in the source of all rows of the list,
    where all are selected. marks: the list that holds what is selected, where that is another one. of: what
    they are pictures of.
    """
    marks = marks or key
    sources = dataset.source_ids(here)
    chosen = np.intersect1d(sources, rows_place.selected(dataset, marks, whole).ids).tolist()
    items = keep(("tiles", dataset.fingerprint, sources.tobytes()), lambda: pictures(dataset, sources))
    told = [
        item | {"line": caption(line, LINE), "whole": caption(line, 1_000)}
        for item, line in zip(items, lines, strict=True)
    ]
    version = hashlib.blake2b(sources.tobytes() + repr(lines).encode(), digest_size=8).hexdigest()
    name = register_component("gallery", FOLDER)
    drawn = f"{session().turn}-{rows_place.cleared(marks)}{'-all' if len(whole) else ''}"
    mounted = address.key(f"gallery-{dataset.version}-{key}-{version}-{drawn}")
    mount = st.components.v2.component(name, js="gallery.js", css="gallery.css")
    with st.container(gap=None):
        mount(
            key=address.key(f"gallery-pictures-{key}"),
            data={"version": version, "items": told},
            height="content",
        )
        mount(
            key=mounted,
            data={"version": version, "label": f"{len(told)} pictures{of}", "selected": chosen},
            default={"selected": chosen},
            height="content",
            on_selected_change=lambda: _selected(dataset, marks, mounted, sources, whole),
            on_opened_change=lambda: _opened(key, mounted, sources),
        )
    called = {item["id"]: item["title"] for item in items}
    original.answer(dataset, key, lambda row: str(called.get(row, f"Row {row}")))


def caption(line: str, most: int) -> str:
    """What stands under a picture, on one line of text; where it wraps, no line of it begins with a dot.

    >>> caption("shirt · doubt 0.98", 80)
    'shirt\\xa0· doubt 0.98'
    """
    return cut(line, most).replace(" · ", "\N{NO-BREAK SPACE}· ")


def with_part(dataset: Dataset, here: Ids, lines: Sequence[str]) -> list[str]:
    """The lines, with "serve" before those of the rows of that part, where the data have two."""
    if dataset.split is None:
        return list(lines)
    serve = dataset.part_mask("serve")[here].tolist()
    return [" · ".join(filter(None, ["serve" * one, line])) for one, line in zip(serve, lines, strict=True)]


def _selected(dataset: Dataset, key: str, mounted: str, sources: Ids, whole: RowSet) -> None:
    """Hold what was selected on this page beside what was on others, no longer all where a picture was
    clicked while all were. What a browser sends can be anything.
    """
    state = value(mounted)
    given = state.get("selected") if state is not None else None
    chosen = [one for one in given if isinstance(one, int)] if isinstance(given, list) else []
    page = RowSet(sources)
    held = rows_place.selected(dataset, key, whole)
    hold = rows_place.clear if len(whole) else rows_place.pick
    hold(key, (held - page) | (RowSet(np.intersect1d(sources, chosen)) & page))


def _opened(key: str, mounted: str, sources: Ids) -> None:
    """Have a picture of this page shown as it came."""
    state = value(mounted)
    row = state.get("opened") if state is not None else None
    if isinstance(row, int) and row in sources:
        original.ask(row, key)


def pictures(dataset: Dataset, sources: Ids) -> list[dict[str, Any]]:
    """One tile per row, given by its position in the source: id, thumbnail as a data URI ("" where there is
    none), name; boxes, keypoints and the lines between them as shares of the picture.
    """
    shown = dataset.pictures
    if shown is None:
        return []
    known = [row for row in sources.tolist() if row < shown.rows]
    thumbs = {row: shown.thumb(row) for row in known}
    names = _names(dataset, sources)
    marked = _marks(dataset, sources)
    return [
        {
            "id": row,
            "src": _uri(thumbs.get(row, b"")),
            "title": cut(name, 200),
            **marked.get(row, {"boxes": [], "points": [], "lines": []}),
        }
        for row, name in zip(sources.tolist(), names, strict=True)
    ]


def _uri(thumb: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(thumb).decode() if thumb else ""


def _names(dataset: Dataset, sources: Ids) -> list[str]:
    """What the pictures are called."""
    base = dataset.base or dataset
    named = base.of_kind("image")
    known = sources < base.rows
    if not named or not known.all():
        return [f"Row {row}" for row in sources.tolist()]
    cells = base.table([named[0]]).column(0).take(sources).to_pylist()
    rows = zip(sources.tolist(), cells, strict=True)
    return [f"Row {row}" if cell is None else f"Row {row}: {cell}" for row, cell in rows]


def _marks(dataset: Dataset, sources: Ids) -> dict[int, dict[str, list[list[float]]]]:
    """What is marked in the rows, as shares of their pictures: boxes, cut at the border, keypoints that are
    there, and lines between those that are joined.
    """
    base = dataset.base or dataset
    shown = dataset.pictures
    if shown is None or not {"image_width", "image_height"} <= set(base.names):
        return {}
    every = shown.boxes()
    mine = every[every["row"].isin(sources.tolist())]
    if not len(mine):
        return {}
    size = base.frame(["image_width", "image_height"], rows=RowSet(mine["row"].to_numpy()))
    skeletons, found = shown.skeletons(), dict[int, dict[str, list[list[float]]]]()
    for box in mine.itertuples():
        wide, tall = float(size.loc[box.row, "image_width"]), float(size.loc[box.row, "image_height"])
        left, top = max(0.0, box.x / wide), max(0.0, box.y / tall)
        right, bottom = min(1.0, (box.x + box.width) / wide), min(1.0, (box.y + box.height) / tall)
        marks = found.setdefault(int(box.row), {"boxes": [], "points": [], "lines": []})
        marks["boxes"].append([left, top, max(0.0, right - left), max(0.0, bottom - top)])
        points = placed(box.keypoints, wide, tall)
        marks["points"] += [list(one) for one in points if one is not None]
        for pair in skeletons[str(box[2])].lines if str(box[2]) in skeletons else ():
            ends = [points[at] if at < len(points) else None for at in pair]
            marks["lines"] += [[*one, *other] for one, other in [ends] if one and other]
    return found


def placed(keypoints: Sequence[float], wide: float, tall: float) -> list[tuple[float, float] | None]:
    """Where keypoints lie as shares of a picture of that size; None for those not there, or out of it.

    >>> placed([5, 10, 2, 0, 0, 0, 50, 5, 2], 20, 20)
    [(0.25, 0.5), None, None]
    """
    points = zip(keypoints[::3], keypoints[1::3], keypoints[2::3], strict=True)
    return [
        (float(x / wide), float(y / tall)) if seen and 0 <= x <= wide and 0 <= y <= tall else None
        for x, y, seen in points
    ]
