"""A model of the user's for the pictures of an image set: where to drop its file, and what it is given."""

from __future__ import annotations

import importlib.util
from functools import partial
from typing import Any

import streamlit as st

from components import address, open_data
from components.settings_form import knob_widget
from components.state import session, value
from components.text import plain
from components.widgets import uploads
from components.widgets.uploads import Upload
from core.dataset import Dataset
from core.progress import Progress

HOW = (
    "A network that gives one vector for one picture. It is checked, and run in a separate process within "
    "limits of time and memory; weights in other files and operators that are not ONNX's own are refused."
)


def picker(dataset: Dataset) -> None:
    """Drop an ONNX file, say what it is given, and compare pictures by its vectors."""
    from core.loading.images.embedding import INSTALL, EmbeddingSettings

    if importlib.util.find_spec("onnxruntime") is None:
        st.caption(
            "An embedding by a model of yours (.onnx) needs the package onnxruntime, which is not installed: "
            f"`{INSTALL}`."
        )
        return
    kept = session().chosen.get(_place(dataset))
    if not isinstance(kept, Upload):
        key = f"embed-{dataset.version}-{session().drafts}"
        st.file_uploader(
            "Embed by a model: .onnx", ["onnx"], key=key, help=HOW, on_change=_taken, args=(key, dataset)
        )
        return
    st.markdown(f":material/check: Model: **{plain(kept.name, 80)}**")
    usual = EmbeddingSettings()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name, knob in EmbeddingSettings.knobs().items():
            with st.container(width=200):
                knob_widget(_key(name), knob, getattr(usual, name), dataset)
        st.button(
            "Compare by this model",
            type="primary",
            icon=":material/play_arrow:",
            key="embed-on",
            on_click=_on,
            args=(dataset, kept),
        )


def _place(dataset: Dataset) -> str:
    """Where the upload waits."""
    return f"embed-{dataset.fingerprint}"


def _key(name: str) -> str:
    return address.key(f"embed-set-{name}")


def _taken(key: str, dataset: Dataset) -> None:
    kept = uploads.keep(value(key))
    if kept is not None:
        session().chosen[_place(dataset)] = kept


def _on(dataset: Dataset, kept: Upload) -> None:
    from core.loading.images.embedding import EmbeddingSettings

    given = {name: value(_key(name)) for name in EmbeddingSettings.knobs()}
    session().chosen.pop(_place(dataset), None)
    open_data.ask_change(
        dataset,
        partial(_embed, dataset, kept, {name: one for name, one in given.items() if one is not None}),
        f"Pictures are compared by {kept.name}.",
    )


def _embed(dataset: Dataset, kept: Upload, given: dict[str, Any], progress: Progress) -> Dataset:
    """Runs in a worker thread: nothing of Streamlit here."""
    from core.loading.images.embedding import EmbeddingSettings
    from core.vectors import from_model

    return from_model(dataset, kept.path, EmbeddingSettings.of(given), name=kept.name, progress=progress)
