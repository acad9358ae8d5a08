"""Vectors in place of the columns: where to drop them, which column holds them, and the way back."""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import open_data
from components.state import session, value
from components.text import cut, plain
from components.widgets import embedding, uploads
from components.widgets.uploads import Upload
from core.dataset import Dataset
from core.dataset.row_vectors import Vectors
from core.phrases import count
from core.progress import Progress

PARTS = {"train": "Vectors of all rows, or of train", "serve": "Vectors of serve, if in a second file"}
TYPES = ["npy", "npz"]
HOW = (
    "One row of numbers per row of the data, in their order; .npz with arrays named train and serve. "
    "A separate process reads it."
)


def picker(dataset: Dataset) -> None:
    """What rows are compared by, and how to change it: upload a ``.npy`` or ``.npz`` file (two, where there
    are two parts), take a column of lists, have a model embed the pictures, or go back to the columns. Draws
    no heading; asks for the open data set anew, which stays on the page."""
    vectors = dataset.vectors
    if vectors is not None:
        st.markdown(_sentence(vectors))
        st.button(
            "Compare by columns again",
            icon=":material/undo:",
            key="vectors-off",
            on_click=_off,
            args=(dataset,),
        )
    if dataset.pictures is not None:
        if vectors is None or vectors.model or not vectors.of_pictures:
            st.button(
                "Compare by pictures",
                icon=":material/image:",
                key="vectors-pictures",
                help="By their edges, layout and colour, without a model.",
                on_click=_by_pictures,
                args=(dataset,),
            )
        embedding.picker(dataset)
    if vectors is not None:
        return
    st.caption("Embeddings from a model of yours can take the place of the columns when rows are compared.")
    _files(dataset)
    names = tuple(
        column.name for column in dataset.columns if column.stored == "string" and column.kind == "text"
    )
    if names:
        _column(dataset, names)


def _sentence(vectors: Vectors) -> str:
    numbers = f"{count(vectors.width, 'number')} each"
    if vectors.model:
        return f"Rows are compared by what {plain(vectors.name, 80)} makes of their pictures, {numbers}."
    if vectors.of_pictures:
        return f"Rows are compared by their pictures: edges, layout and colour, {numbers}."
    return f"Rows are compared by the vectors {plain(vectors.name, 80)}, {numbers}."


def _by_pictures(dataset: Dataset) -> None:
    open_data.ask_change(dataset, partial(_of_pictures, dataset), "Rows are compared by their pictures.")


def _of_pictures(dataset: Dataset, progress: Progress) -> Dataset:
    """Runs in a worker thread: nothing of Streamlit here."""
    from core.vectors import from_pictures

    return from_pictures(dataset, progress)


def _files(dataset: Dataset) -> None:
    uploads.trouble()
    kept = _kept(dataset)
    for part in ("train", "serve") if dataset.split is not None else ("train",):
        if part in kept:
            st.markdown(
                f":material/check: {PARTS[part] if dataset.split else 'Vectors'}: "
                f"**{plain(kept[part].name, 80)}**"
            )
            continue
        key = f"vectors-{part}-{dataset.version}-{session().drafts}"
        label = PARTS[part] if dataset.split is not None else "Vectors: .npy or .npz"
        st.file_uploader(label, TYPES, key=key, help=HOW, on_change=_taken, args=(key, part, dataset))
    if "train" in kept:
        st.button(
            "Compare by these vectors",
            type="primary",
            icon=":material/play_arrow:",
            key="vectors-on",
            on_click=_on,
            args=(dataset,),
        )


def _column(dataset: Dataset, names: tuple[str, ...]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = f"vectors-column-{dataset.version}"
        st.selectbox(
            "Or a column of lists",
            names,
            None,
            key=key,
            format_func=lambda name: cut(name, 60),
            placeholder="None",
            width=260,
        )
        chosen = value(key)
        st.button(
            "Use it", key="vectors-from", disabled=chosen is None, on_click=_from, args=(dataset, chosen)
        )


def _kept(dataset: Dataset) -> dict[str, Upload]:
    """Uploads waiting to be attached to this data set, by part."""
    waiting: dict[str, Upload] = session().chosen.setdefault(f"vectors-{dataset.fingerprint}", {})
    return waiting


def _taken(key: str, part: str, dataset: Dataset) -> None:
    kept = uploads.keep(value(key))
    if kept is not None:
        _kept(dataset)[part] = kept


def _on(dataset: Dataset) -> None:
    kept = _kept(dataset)
    given = [kept[part] for part in ("train", "serve") if part in kept]
    kept.clear()
    open_data.ask_change(dataset, partial(_attach, dataset, given), f"Rows are compared by {given[0].name}.")


def _attach(dataset: Dataset, given: list[Upload], progress: Progress) -> Dataset:
    """Runs in a worker thread: nothing of Streamlit here."""
    from core.vectors import attach

    paths = [upload.path for upload in given]
    return attach(dataset, *paths, names=tuple(upload.name for upload in given), progress=progress)


def _from(dataset: Dataset, name: str) -> None:
    open_data.ask_change(
        dataset, partial(_from_column, dataset, name), f"Rows are compared by the lists in {name}."
    )


def _from_column(dataset: Dataset, name: str, progress: Progress) -> Dataset:
    """Runs in a worker thread: nothing of Streamlit here."""
    from core.vectors import from_column

    return from_column(dataset, name, progress)


def _off(dataset: Dataset) -> None:
    from core.vectors import detach

    open_data.change_now(partial(detach, dataset))
