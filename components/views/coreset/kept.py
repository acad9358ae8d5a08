"""The coreset that a decision in force kept: whether it is the one shown, and what keeps another."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import as_decided, decisions
from components.state import session
from components.text import plain
from components.views.coreset.drawn_from import WHY, data_shown, keeping_step
from components.views.coreset.weights import weights
from core.dataset import Dataset
from core.phrases import count, verb
from core.prepare.weight_decisions import weight_decisions
from core.review import Batch, Decision, Edit
from core.rowset import RowSet

if TYPE_CHECKING:
    from core.analyses.coreset.analysis import CoresetResult

DIGITS = "two significant digits"  # of `core.prepare.weight_decisions`, which keep the recipe short


class KeptCoreset(NamedTuple):
    """The coreset that a decision in force kept.

    rows, of: how many rows it has, and of how many. left: how many of its rows are there still. weighted:
    whether all of these have the weights that came with it. shown: whether it is the one that the page shows.
    last: whether keeping it was the last act, which undo takes back.
    """

    rows: int
    of: int
    left: int
    weighted: bool
    shown: bool
    last: bool

    @property
    def whole(self) -> bool:
        """Whether all of its rows are there with their weights."""
        return self.left == self.rows and self.weighted

    @property
    def in_words(self) -> str:
        """What became of it, and how it is taken back or replaced.

        >>> print(KeptCoreset(200, 3_000, 200, True, shown=True, last=True).in_words)
        This coreset is kept and in force: the data as decided are its 200 rows, with their weights. Undo takes it back.
        >>> print(KeptCoreset(200, 3_000, 199, True, shown=False, last=False).in_words)
        Of the coreset that you kept, 200 of 3,000 rows, 199 are left: without the others they no longer stand for all of them. Keeping the one shown here takes its place.
        """  # noqa: E501
        which = f"the coreset that you kept, {count(self.rows)} of {count(self.of, 'row')}"
        if self.left < self.rows:
            are = verb(self.left, "is", "are")
            told = (
                f"Of {which}, {count(self.left)} {are} left: without the others they no longer stand for all "
                "of them."
            )
        elif not self.weighted:
            told = (
                f"In force is {which}, but not with the weights that came with it: as they are, its rows do "
                "not stand for all of them."
            )
        elif self.shown:
            told = (
                "This coreset is kept and in force: the data as decided are its "
                f"{count(self.rows, 'row')}, with their weights."
            )
        else:
            told = f"In force is {which}, drawn with other settings or before other decisions."
        if not self.shown:
            return f"{told} Keeping the one shown here takes its place."
        back = "Undo takes it back." if self.last else "Prepare lists its step, to be switched off."
        return f"{told} {back}"


def of(dataset: Dataset, result: CoresetResult) -> KeptCoreset | None:
    """The coreset that was kept, beside the one shown; None where none is in force."""
    review = session().review
    step = keeping_step(review)
    if step is None:
        return None
    settled, batch = as_decided.settled(), review.batches[step]
    dropped, given = _of_batch(batch, settled.status.size)
    rows = np.isfinite(given) & ~dropped
    left = rows & settled.kept
    last = review.acts[-1]
    return KeptCoreset(
        rows=int(rows.sum()),
        of=int((rows | (dropped & _labelled(dropped.size))).sum()),
        left=int(left.sum()),
        weighted=bool(np.array_equal(settled.weight[left], given[left])),
        shown=_same(batch, kept_by(dataset, result), settled.status.size),
        last=last == batch or (isinstance(last, Edit) and last.step == step),
    )


def _same(batch: Batch, other: Batch, rows: int) -> bool:
    """Whether the batch in force weighs the same rows alike, and drops all others of the data shown."""
    (dropped, given), (out, weight) = _of_batch(batch, rows), _of_batch(other, rows)
    return bool(np.array_equal(given, weight, equal_nan=True)) and not (out & ~dropped).any()


def _of_batch(batch: Batch, rows: int) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Of each row whether a batch drops it, and the weight that it gives it; NaN for none."""
    dropped, given = np.zeros(rows, bool), np.full(rows, np.nan)
    for one in batch:
        if isinstance(one.rows, RowSet):
            ids = one.rows.ids[one.rows.ids < rows]
            if one.action == "drop":
                dropped[ids] = True
            elif one.action == "weight":
                given[ids] = one.value
    return dropped, given


def _labelled(size: int) -> NDArray[np.bool_]:
    """Which of so many rows of the source have a target, where there is one: no coreset stands for others."""
    loaded, known = as_decided.open_dataset(), np.ones(size, bool)
    target = loaded.roles.target
    if target is not None:
        known[: loaded.rows] = ~loaded.table([target]).column(0).is_null().to_numpy()
    return known


def note(held: KeptCoreset | None) -> None:
    """That a coreset is kept and in force, and whether it is the one shown."""
    if held is None:
        return
    if held.shown and held.whole:
        st.success(plain(held.in_words, 400), icon=":material/check_circle:")
    else:
        st.info(plain(held.in_words, 400), icon=":material/balance:")


def button(dataset: Dataset, result: CoresetResult, held: KeptCoreset | None) -> None:
    """The button that keeps these rows alone; off while they are kept, until a setting or a decision makes
    others of them.
    """
    size = result.row.size
    there = held is not None and held.shown
    instead = " This takes the place of the coreset that you kept." if held is not None and not there else ""
    st.button(
        "Kept" if there else f"Keep only these {count(size, 'row')}, weighted",
        key="coreset-keep",
        icon=":material/check:" if there else ":material/balance:",
        help="This coreset is kept and in force. Change a setting to draw another one."
        if there
        else f"All other rows are dropped, and each of these gets its weight, in {DIGITS}.{instead} One undo "
        "takes all back.",
        on_click=_keep,
        args=(dataset, result),
        disabled=there or size == dataset.rows,
    )


def kept_by(dataset: Dataset, result: CoresetResult) -> Batch:
    """The decisions that keep a coreset: the other rows are dropped, its own are weighted."""
    weight = np.full(dataset.rows, np.nan)
    weight[result.row] = weights(dataset, result)
    others = RowSet.from_mask(np.isnan(weight) & dataset.part_mask("train"))
    dropped = Decision("drop", dataset.source_rows(others), why=WHY)
    return dropped, *weight_decisions(dataset, weight, WHY)


def _keep(dataset: Dataset, result: CoresetResult) -> None:
    """One step, in the place of the one that kept another coreset of these data, where there is one."""
    here = data_shown()
    if here is None or here.version != dataset.version:
        return
    batch, step = kept_by(dataset, result), keeping_step(session().review)
    told = (
        f"Kept {count(result.row.size, 'row')} with their weights, in {DIGITS}; dropped "
        f"{count(len(batch[0].rows), 'other')}."  # type: ignore[arg-type]  # rows by their places
    )
    if step is None:
        decisions.say(told, *batch)
        return
    standing = [entry for entry in decisions.history() if not entry.undone]
    decisions.edit(standing[step].event, told, standing[step].batch, *batch)
