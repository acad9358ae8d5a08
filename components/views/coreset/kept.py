"""The coreset that a decision in force kept: whether it is the one shown, and what keeps another."""

from __future__ import annotations

from functools import reduce
from operator import or_
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
from core.decision import Batch, Decision
from core.phrases import count, verb
from core.prepare.weight_decisions import DIGITS, weight_decisions
from core.review import Edit, Review
from core.rowset import RowSet

if TYPE_CHECKING:
    from core.analyses.coreset.analysis import CoresetResult


class KeptCoreset(NamedTuple):
    """The coreset that a decision in force kept.

    rows, of: how many rows it has, and of how many. left: how many of its rows are there still. weighted:
    whether all of these have the weights that came with it. shown: whether it is the one that the page shows.
    last: whether keeping it was the last act, which undo takes back. back: rows that it dropped and that are
    there again. added: others that a step added. new: others that were not there when it was kept. serve:
    whether there are rows of serve, for which it does not stand.
    """

    rows: int
    of: int
    left: int
    weighted: bool
    shown: bool
    last: bool
    back: int = 0
    added: int = 0
    new: int = 0
    serve: bool = False

    @property
    def stands(self) -> bool:
        """Whether all of its rows are there with their weights, and no others but those that a step added."""
        return self.left == self.rows and self.weighted and not self.back and not self.new

    @property
    def whole(self) -> bool:
        """Whether its rows are there with their weights, and no others."""
        return self.stands and not self.added

    @property
    def in_words(self) -> str:
        """What became of it, and how it is taken back or replaced.

        >>> print(KeptCoreset(200, 3_000, 200, True, shown=True, last=True).in_words)
        This coreset is kept and in force: the data as decided are its 200 rows, with their weights. Undo takes it back.
        >>> print(KeptCoreset(200, 3_000, 200, True, shown=True, last=True, serve=True).in_words)
        This coreset is kept and in force: of train the data as decided have its 200 rows alone, with their weights. Undo takes it back.
        >>> print(KeptCoreset(200, 3_000, 199, True, shown=False, last=False).in_words)
        Of the coreset that you kept, 200 of 3,000 rows, 199 are left: without the others they no longer stand for all of them. Keeping the one shown here takes its place.
        >>> print(KeptCoreset(200, 3_000, 200, True, shown=True, last=False, back=9).in_words)
        In force is the coreset that you kept, 200 of 3,000 rows, but not alone: the data as decided have 9 other rows that it dropped and that were kept since. Together they do not stand for all of them. Keeping it again mends that.
        """  # noqa: E501
        told = self._state()
        if not self.shown:
            return f"{told} Keeping the one shown here takes its place."
        if not self.stands:
            return f"{told} Keeping it again mends that."
        back = "Undo takes it back." if self.last else "Prepare lists its step, to be switched off."
        return f"{told} {back}"

    def _state(self) -> str:
        """What is there of it, and beside it."""
        train = " of train" if self.serve else ""
        which = f"the coreset that you kept, {count(self.rows)} of {count(self.of, 'row')}{train}"
        others = self._others()
        have = f"the data as decided have {others} Together they do not stand for all of them."
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
        elif others:
            return f"In force is {which}, but not alone: {have}"
        elif self.shown:
            alone = (
                f"of train the data as decided have its {count(self.rows, 'row')} alone"
                if self.serve
                else f"the data as decided are its {count(self.rows, 'row')}"
            )
            return f"This coreset is kept and in force: {alone}, with their weights."
        else:
            return f"In force is {which}, drawn with other settings or before other decisions."
        return f"{told} Nor are they alone: {have}" if others else told

    def _others(self) -> str:
        """The rows beside its own, of train where there is serve; "" for none."""
        train = " of train" if self.serve else ""
        kinds = (
            (self.back, "that it dropped and that {} kept since"),
            (self.new, "that {} not in the data when it was kept"),
            (self.added, "that a step added"),
        )
        told = [
            f"{count(rows, 'other row')}{train} {words.format(verb(rows, 'was', 'were'))}"
            for rows, words in kinds
            if rows
        ]
        return f"{', and '.join(told)}." if told else ""


def of(dataset: Dataset, result: CoresetResult) -> KeptCoreset | None:
    """The coreset that was kept, beside the one shown; None where none is in force."""
    review = session().review
    step = keeping_step(review)
    if step is None:
        return None
    settled, batch, train = as_decided.settled(), review.batches[step], as_decided.work().train
    dropped, given = _of_batch(batch, settled.status.size)
    rows = np.isfinite(given) & ~dropped
    left, others = rows & settled.kept, settled.kept & train & ~rows
    from_source = np.arange(rows.size) < settled.source_rows
    last = review.acts[-1]
    return KeptCoreset(
        rows=int(rows.sum()),
        of=int((rows | (dropped & _labelled(dropped.size))).sum()),
        left=int(left.sum()),
        weighted=bool(np.array_equal(settled.weight[left], given[left])),
        shown=_same(batch, kept_by(dataset, result), settled.status.size),
        last=last == batch or (isinstance(last, Edit) and last.step == step),
        back=int((others & dropped).sum()),
        added=int((others & ~dropped & ~from_source).sum()),
        new=int((others & ~dropped & from_source).sum()),
        serve=bool((settled.kept & ~train).any()),
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
    size, every = result.row.size, int(dataset.part_mask("train").sum())
    there = held is not None and held.shown and held.stands
    instead = " This takes the place of the coreset that you kept." if held is not None and not there else ""
    train = "" if every == dataset.rows else " of train"
    if not there and (lost := lost_in_words(_others(dataset, result), session().review)):
        st.caption(f":orange[:material/warning:] {plain(lost, 300)}")
    st.button(
        "Kept" if there else f"Keep only these {count(size, 'row')}, weighted",
        key="coreset-keep",
        icon=":material/check:" if there else ":material/balance:",
        help="This coreset is kept and in force. Change a setting to draw another one."
        if there
        else f"All other rows{train} are dropped, and each of these gets its weight, in {DIGITS}.{instead} "
        "One undo takes all back.",
        on_click=_keep,
        args=(dataset, result),
        disabled=there or size == every,
    )


def lost_in_words(others: RowSet, review: Review) -> str:
    """How many of the rows that a coreset drops, by their places in the source, a person kept or relabelled;
    "" for none.

    >>> keep, relabel = Decision("keep", RowSet([1, 9])), Decision("relabel", RowSet([4]), "a", column="y")
    >>> review = Review().say(keep, relabel)
    >>> lost_in_words(RowSet([1, 2, 4]), review), lost_in_words(RowSet([2]), review)
    ('It drops 2 rows that you kept or relabelled.', '')
    """
    lost = len(review.by_hand & others)
    return f"It drops {count(lost, 'row')} that you kept or relabelled." if lost else ""


def _others(dataset: Dataset, result: CoresetResult) -> RowSet:
    """The rows of train, by their places in the source, that are none of the coreset's."""
    mine = np.zeros(dataset.rows, bool)
    mine[result.row] = True
    return dataset.source_rows(RowSet.from_mask(~mine & dataset.part_mask("train")))


def kept_by(dataset: Dataset, result: CoresetResult) -> Batch:
    """The decisions that keep a coreset: the other rows are dropped, its own are weighted."""
    weight = np.full(dataset.rows, np.nan)
    weight[result.row] = weights(dataset, result)
    dropped = Decision("drop", _others(dataset, result), why=WHY)
    return dropped, *weight_decisions(dataset, weight, WHY, coreset=True)


def _keep(dataset: Dataset, result: CoresetResult) -> None:
    """One step, in the place of the one that kept another coreset of these data, where there is one."""
    here, review = data_shown(), session().review
    if here is None or here.version != dataset.version:
        return
    batch, step, others = kept_by(dataset, result), keeping_step(review), _others(dataset, result)
    ids = others.ids[others.ids < as_decided.open_dataset().rows]
    aimless = int((~_labelled(as_decided.open_dataset().rows)[ids]).sum())
    of_these = f", {count(aimless)} of them without a target" if aimless else ""
    told = (
        f"Kept {count(result.row.size, 'row')} with their weights, in {DIGITS}; dropped "
        f"{count(len(others), 'other')}{of_these}. {lost_in_words(others, review)}"
    ).rstrip()
    if step is None:
        decisions.say(told, *batch)
        return
    standing = [entry for entry in decisions.history() if not entry.undone]
    last = _to_be_last(review, step, batch)
    decisions.edit(standing[step].event, told, standing[step].batch, *batch, last=last)


def _to_be_last(review: Review, step: int, batch: Batch) -> bool:
    """Whether a step that keeps a coreset anew is to be followed last of all, so that none overrules it. It
    stays in its place where a step behind it adds rows, which would be others then, and none there decides
    about its rows.

    >>> mine = Decision("drop", RowSet([1])), Decision("weight", RowSet([2]), 2.0)
    >>> more, kept = Decision("add_rows", RowSet()), Review().say(*mine)
    >>> _to_be_last(kept.say(more), 0, mine), _to_be_last(kept.say(Decision("drop", RowSet([3]))), 0, mine)
    (False, True)
    >>> _to_be_last(kept.say(Decision("weight", RowSet([2]), 3.0)).say(more), 0, mine)
    True
    """
    places = review.order[review.order.index(step) + 1 :]
    behind = [one for place in places if place not in review.off for one in review.batches[place]]
    if not any(one.action == "add_rows" for one in behind):
        return True
    own = reduce(or_, (one.rows for one in batch if isinstance(one.rows, RowSet)))
    return any(
        one.kind.on == "rows" and not (isinstance(one.rows, RowSet) and not len(one.rows & own))
        for one in behind
    )
