"""What is taken away from a coreset: its rows with their weights as a file, or as decisions."""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import as_decided, decisions
from components.state import session
from components.views.coreset.weights import by_decision, weights
from core.dataset import Dataset
from core.phrases import count, verb
from core.prepare.weight_decisions import weight_decisions
from core.review import Decision
from core.rowset import RowSet

if TYPE_CHECKING:
    from core.analyses.coreset.analysis import CoresetResult

WHY = "coreset"
DIGITS = "two significant digits"  # of `core.prepare.weight_decisions`, which keep the recipe short


def view(dataset: Dataset, result: CoresetResult) -> None:
    """Files with a weight column; and one step that keeps these rows alone."""
    size, weight = result.row.size, weights(dataset, result)
    with st.container(border=True):
        st.markdown("**Take the coreset with you**")
        st.caption(
            "Fit any model with these rows and their weights (sample_weight). Without the weights rare rows "
            f"count too much. {in_the_files(by_decision(dataset), size)}"
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            for ending, mime in (("csv", "text/csv"), ("parquet", "application/octet-stream")):
                st.download_button(
                    f"Download as {'CSV' if ending == 'csv' else 'Parquet'}",
                    data=partial(_file, dataset, result, weight, ending),
                    file_name=f"coreset.{ending}",
                    mime=mime,
                    icon=":material/download:",
                    key=f"coreset-{ending}",
                    on_click="ignore",
                )
            st.button(
                f"Keep only these {count(size, 'row')}, weighted",
                key="coreset-keep",
                icon=":material/balance:",
                help=f"All other rows are dropped, and each of these gets its weight, in {DIGITS}. One undo "
                "takes all back.",
                on_click=_keep,
                args=(dataset, result),
                disabled=size == dataset.rows,
            )


def in_the_files(given: int, size: int) -> str:
    """In how many digits weights are written. given: rows that have one by a decision; size: of the coreset.

    >>> in_the_files(0, 300)
    'The files have the weights in full; a step that keeps these rows, in two significant digits.'
    >>> in_the_files(300, 300)
    'The files have the weights as your decisions gave them; those of a coreset have two significant digits.'
    """
    if not given:
        return f"The files have the weights in full; a step that keeps these rows, in {DIGITS}."
    which = (
        "weights as your decisions gave them"
        if given >= size
        else ("weights in full, those that your decisions gave counted")
    )
    return f"The files have the {which}; those of a coreset have {DIGITS}."


class KeptCoreset(NamedTuple):
    """The coreset that decisions in force kept, the last where one was drawn from another.

    rows, of: how many rows it has, and of how many. left: how many of its rows are there still. weighted:
    whether all of these have the weights that came with it.
    """

    rows: int
    of: int
    left: int
    weighted: bool

    @property
    def in_words(self) -> str:
        """What its rows stand for."""
        which = f"the coreset that you kept, {count(self.rows)} of {count(self.of, 'row')}"
        if self.left < self.rows:
            are = verb(self.left, "is", "are")
            return (
                f"Of {which}, {count(self.left)} {are} left: without the others they no longer stand for all "
                "of them. Undo brings the others back."
            )
        if not self.weighted:
            return (
                f"These are {which}, but not with the weights that came with it: as they are, they do not "
                "stand for all of them."
            )
        stand = "with their weights they stand for all of them"
        return f"These are {which}: {stand}, and undo brings the others back."


def kept() -> KeptCoreset | None:
    """The coreset that was kept; None where there is none, or the data are shown as loaded."""
    if session().as_loaded:
        return None
    settled = as_decided.settled()
    dropped, given = np.zeros(settled.status.size, bool), np.full(settled.status.size, np.nan)
    for one in session().review.decisions:
        if one.why == WHY and isinstance(one.rows, RowSet):
            if one.action == "drop":
                dropped[one.rows.ids] = True
            elif one.action == "weight":
                given[one.rows.ids] = one.value
    weighed = np.isfinite(given)
    rows = weighed & ~dropped
    if not dropped.any() or not rows.any():
        return None
    left = rows & settled.kept
    weighted = bool(np.array_equal(settled.weight[left], given[left]))
    every = weighed | (dropped & _labelled(dropped.size))
    return KeptCoreset(int(rows.sum()), int(every.sum()), int(left.sum()), weighted)


def _labelled(size: int) -> NDArray[np.bool_]:
    """Which of so many rows of the source have a target, where there is one: no coreset stands for others."""
    loaded, known = as_decided.open_dataset(), np.ones(size, bool)
    target = loaded.roles.target
    if target is not None:
        known[: loaded.rows] = ~loaded.table([target]).column(0).is_null().to_numpy()
    return known


def _file(dataset: Dataset, result: CoresetResult, weight: NDArray[np.float64], ending: str) -> bytes:
    """The rows as they stand in the data shown, with ``row`` first and ``weight`` and ``importance`` last. It
    runs when it is asked for: nothing of the session here.
    """
    frame = dataset.frame(rows=RowSet(result.row))
    frame.insert(0, _free("row", dataset.names), dataset.source_ids(result.row))
    frame[_free("weight", dataset.names)] = weight
    frame[_free("importance", dataset.names)] = result.coreset.sample.score
    if ending == "csv":
        return frame.to_csv(index=False).encode("utf-8", "surrogatepass")
    out = io.BytesIO()
    frame.to_parquet(out, index=False)
    return out.getvalue()


def _free(word: str, taken: tuple[str, ...]) -> str:
    return word if word not in taken else _free(f"{word}_", taken)


def _keep(dataset: Dataset, result: CoresetResult) -> None:
    """One step: the other rows are dropped, these are weighted."""
    if as_decided.in_view() is not dataset:
        return
    weight = np.full(dataset.rows, np.nan)
    weight[result.row] = weights(dataset, result)
    train = dataset.part_mask("train")
    others = RowSet.from_mask(np.isnan(weight) & train)
    dropped = Decision("drop", dataset.source_rows(others), why=WHY)
    decisions.say(
        f"Kept {count(result.row.size, 'row')} with their weights, in {DIGITS}; dropped "
        f"{count(len(others), 'other')}.",
        dropped,
        *weight_decisions(dataset, weight, WHY),
    )
