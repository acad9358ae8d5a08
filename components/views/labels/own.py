"""Class probabilities of the user's own model in place of the models here: where to drop the file, what must
be said of it, and the way back.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import open_data
from components.state import session, value
from components.text import cut, plain
from components.widgets import uploads
from components.widgets.uploads import Upload
from core.dataset import Dataset
from core.dataset.row_probabilities import Probabilities
from core.phrases import count
from core.progress import Progress

TYPES = ["csv", "tsv", "txt", "parquet", "npy", "npz"]
HOW = (
    "One row per row of the data, in their order, or with a column 'row' (the number in the source, from 0) "
    "or the id column. One column per class, called as its class; numbered columns stand in the order of the "
    "classes. A separate process reads it."
)
UNSEEN = "No, it had not seen them (cross-validation, or trained on other data)"
SEEN = "Yes, or I cannot tell"


def picker(dataset: Dataset) -> None:
    """Upload a file of probabilities, say whether its model had seen the rows, judge by it; or go back to
    the models here. Asks for the open data set anew, which stays on the page.
    """
    dataset = dataset.base or dataset
    with st.popover("Your probabilities", icon=":material/percent:", type="tertiary"):
        if dataset.probabilities is not None:
            _attached(dataset, dataset.probabilities)
        else:
            _offered(dataset)


def _attached(dataset: Dataset, own: Probabilities) -> None:
    saw = "had not seen" if own.out_of_sample else "had seen"
    st.markdown(
        f"Labels of **{plain(own.target, 60)}** are judged by **{plain(own.name, 80)}**, "
        f"{count(len(own.classes), 'class', 'classes')}; its model {saw} the rows, as you said."
    )
    st.button(
        "Judge by the models here again",
        icon=":material/undo:",
        key="probabilities-off",
        on_click=_off,
        args=(dataset,),
    )


def _offered(dataset: Dataset) -> None:
    st.caption(
        "Probabilities of a model of yours (pred_probs) can take the place of the models here. Columns of "
        "the table are chosen under Settings."
    )
    uploads.trouble()
    kept = session().chosen.get(_place(dataset))
    if not isinstance(kept, Upload):
        key = f"probabilities-{dataset.version}-{session().drafts}"
        st.file_uploader(
            "Probabilities: CSV, Parquet or .npy",
            TYPES,
            key=key,
            help=HOW,
            on_change=_taken,
            args=(key, dataset),
        )
        return
    st.markdown(f":material/check: **{plain(kept.name, 80)}**")
    key = f"probabilities-seen-{dataset.version}"
    said = st.radio("Had the model seen the rows that it judges?", (UNSEEN, SEEN), None, key=key)
    if said == SEEN:
        st.caption("Such a model repeats the labels that it learned: wrong ones go unseen.")
    with st.container(horizontal=True):
        st.button(
            "Judge by these",
            type="primary",
            icon=":material/play_arrow:",
            key="probabilities-on",
            disabled=said is None,
            on_click=_on,
            args=(dataset, kept, said == UNSEEN),
        )
        st.button("Another file", key="probabilities-other", on_click=_other, args=(dataset,))


def _place(dataset: Dataset) -> str:
    """Where the upload waits."""
    return f"probabilities-{dataset.fingerprint}"


def _taken(key: str, dataset: Dataset) -> None:
    kept = uploads.keep(value(key))
    if kept is not None:
        session().chosen[_place(dataset)] = kept


def _other(dataset: Dataset) -> None:
    session().chosen.pop(_place(dataset), None)


def _on(dataset: Dataset, kept: Upload, out_of_sample: bool) -> None:
    _other(dataset)
    target = session().settings.get("labels", {}).get("target") or dataset.roles.target
    open_data.ask_change(
        dataset,
        partial(_attach, dataset, kept, out_of_sample, target),
        f"Labels are judged by {cut(kept.name, 60)}.",
    )


def _attach(
    dataset: Dataset, kept: Upload, out_of_sample: bool, target: str | None, progress: Progress
) -> Dataset:
    """Runs in a worker thread: nothing of Streamlit here."""
    from core.probabilities import attach

    return attach(
        dataset, kept.path, out_of_sample=out_of_sample, target=target, file=kept.name, progress=progress
    )


def _off(dataset: Dataset) -> None:
    from core.probabilities import detach

    open_data.change_now(partial(detach, dataset))
