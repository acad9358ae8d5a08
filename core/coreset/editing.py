"""Edits of a coreset: rows gone, changed or come again. What comes out equals, bit for bit, a new build with
the same pilot; only the rows that are edited are scored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.coreset.building import built_with
from core.coreset.coreset import Coreset, Leaf
from core.coreset.decided_rows import changed_cells, either, rows_there
from core.coreset.ledger import LEFT_OUT, REMOVED, Ledger, removed
from core.coreset.parts import RowPart, checked, types_of
from core.coreset.sample import least_room, room_for
from core.coreset.sketch import Sketch, of_marks
from core.dataset import Dataset
from core.errors import InputError, TooSmallError
from core.prepare.pilot import Pilot
from core.progress import SILENT, Progress
from core.rowset import RowSet

if TYPE_CHECKING:
    import pyarrow as pa

Ints = NDArray[np.int64]
Fetch = Callable[[Ints], "pa.Table"]


@dataclass(frozen=True, eq=False)
class CoresetEdit:
    """What becomes of rows, by their numbers, ascending: ``removed``; ``changed`` (or come again) to
    ``contents``.

    ``fetch``: contents of any row as it is now, asked for where the reserve of a sketch is used up.
    ``touched``: all rows whose contents then differ from those of the data; None where those of ``changed``
    are added to those that did before.
    """

    removed: Ints
    changed: Ints
    contents: pa.Table | None
    fetch: Fetch | None = None
    touched: Ints | None = None


def without(coreset: Coreset, rows: Ints, fetch: Fetch | None = None) -> Coreset:
    """The coreset without these rows. Raises `InputError` where one is none of its rows."""
    return edited(coreset, CoresetEdit(np.unique(rows), np.zeros(0, np.int64), None, fetch))


def edited(coreset: Coreset, edit: CoresetEdit) -> Coreset:
    """The coreset after an edit. Raises `InputError` where a row is none of its rows, or where its ledger was
    not kept.
    """
    for rows in (edit.removed, edit.changed):
        if rows.size and (int(rows.max()) >= coreset.past or int(rows.min()) < coreset.leaves[0].first):
            raise InputError(f"The coreset knows no row {int(rows.max()):,}. Is it of other data?")
    leaves = tuple(_leaf(leaf, coreset, edit) for leaf in coreset.leaves)
    return replace(coreset, leaves=leaves, to_slope=False)


def _leaf(leaf: Leaf, coreset: Coreset, edit: CoresetEdit) -> Leaf:
    gone, changed = (_within(leaf, rows) for rows in (edit.removed, edit.changed))
    if not gone.size and not changed.size:
        return leaf
    if leaf.ledger is None:
        raise InputError(
            f"Rows of {leaf.name!r} lie beyond the first 20,000,000, up to which the score of each is kept "
            "for single edits: build the coreset of the edited data anew."
        )
    pilot, before, marked = coreset.pilot, leaf.ledger, None
    taken, renewed = before.places(gone), before.places(changed)
    sketch = removed(leaf.sketch, before, either(taken, renewed))
    if changed.size:
        assert edit.contents is not None
        table = edit.contents
        if changed.size < edit.changed.size:
            table = table.take(np.searchsorted(edit.changed, changed))
        marked = pilot.marked(table)
        sketch = sketch.with_rows(table, marked, changed)
    ledger = before.edited(taken, renewed, marked)
    if sketch.room < least_room(pilot, coreset.wanted, leaf.numbers):
        sketch = _refilled(leaf, ledger, coreset, edit.fetch)
    touched, since = _touched(leaf, edit, gone, changed), leaf.since
    if leaf.scored is not None:
        since = RowSet(either(since.ids, either(gone, changed)))
    return replace(leaf, sketch=sketch, ledger=ledger, touched=RowSet(touched), since=since, slope=None)


def _touched(leaf: Leaf, edit: CoresetEdit, gone: Ints, changed: Ints) -> Ints:
    if edit.touched is not None:
        return _within(leaf, edit.touched)
    touched = either(leaf.touched.ids, changed)
    return touched[_among(touched, gone) < 0] if gone.size else touched


def _within(leaf: Leaf, rows: Ints) -> Ints:
    return rows[(rows >= leaf.first) & (rows < leaf.first + leaf.numbers)]


def _refilled(leaf: Leaf, ledger: Ledger, coreset: Coreset, fetch: Fetch | None) -> Sketch:
    """The sketch made anew from the ledger, without scoring any row."""
    if fetch is None:
        raise InputError("So many rows go that others take their place: give the data, to read these from.")
    room = room_for(coreset.pilot, coreset.wanted, leaf.numbers)
    sure = int(coreset.wanted.size * coreset.wanted.certain)
    empty = Sketch.none(coreset.pilot, leaf.sketch.content.schema, room, sure)
    left_out = int((ledger.stratum == LEFT_OUT).sum())
    return of_marks(empty, ledger.marks(np.arange(ledger.number.size)), ledger.number, left_out, fetch)


def only(coreset: Coreset, dataset: Dataset, rows: RowSet) -> Coreset:
    """The coreset of these rows alone, by their positions in the source: of a window in time, or of what a
    filter takes. It equals a build of them with the same pilot; no row is scored.

    Raises `InputError` where the data are other data, or its ledger was not kept; `TooSmallError` where none
    of these rows is one of the coreset's.
    """
    at = _place(coreset, dataset)
    leaf = coreset.leaves[at]
    if leaf.ledger is None:
        raise InputError(
            f"Rows of {leaf.name!r} lie beyond the first 20,000,000, of which single ones can be chosen: "
            "build a coreset of those wanted."
        )
    part = RowPart(dataset, leaf.first, types_of(leaf.sketch.content.schema))
    own = leaf.ledger.number - leaf.first
    alive = leaf.ledger.stratum != REMOVED
    wanted = np.zeros(leaf.numbers, bool)
    wanted[rows.ids[rows.ids < leaf.numbers]] = True
    gone = leaf.ledger.number[alive & ~wanted[own]]
    chosen = without(coreset, gone, lambda numbers: part.contents(coreset.pilot.read, numbers))
    if not chosen.rows:
        raise TooSmallError("None of the rows chosen can be drawn: widen the window or the filter.")
    return chosen


def _place(coreset: Coreset, dataset: Dataset) -> int:
    """Which of its leaves is of this data set. Raises `InputError`."""
    for at, leaf in enumerate(coreset.leaves):
        if leaf.fingerprint == dataset.fingerprint:
            return at
    raise InputError(
        f"The coreset was not built of {dataset.name!r}. Add it as a part, or build a coreset of it."
    )


def updated(coreset: Coreset, dataset: Dataset, progress: Progress = SILENT) -> Coreset:
    """The coreset brought to the data as decided: rows dropped are gone, those relabelled or changed in a
    column that it reads are scored anew, those that a step added stand behind the source's, and what was
    undone comes back.

    Raises `InputError` where the data are other data, or lack a column.
    """
    at = _place(coreset, dataset)
    leaf = coreset.leaves[at]
    part = RowPart(dataset, leaf.first, checked(dataset, types_of(leaf.sketch.content.schema)))
    progress.at(0.0, "Comparing rows")
    if leaf.ledger is None or _everything(dataset, coreset.pilot) or dataset.numbered > leaf.numbers:
        return _with_leaf(coreset, at, _anew(coreset, leaf, dataset, progress))
    ledger, there = leaf.ledger, rows_there(dataset, leaf.numbers, coreset.pilot)
    own = ledger.number - leaf.first if leaf.first else ledger.number
    here = there[own[0] : own[-1] + 1] if ledger.unbroken else there[own]
    if np.count_nonzero(here) < np.count_nonzero(there):
        return _with_leaf(coreset, at, _anew(coreset, leaf, dataset, progress))  # rows that it does not know
    cells = changed_cells(dataset, coreset.pilot)
    cells = cells[there[cells]] + leaf.first
    before = leaf.touched.ids
    places = ledger.places(either(cells, before[there[before - leaf.first]]))
    if ledger.complete and here.all():  # no row left or came: only cells differ
        gone, again = ledger.number[:0], places
    else:
        alive = ledger.stratum != REMOVED
        come = here & ~alive
        come[places] = True
        gone, again = ledger.number[alive & ~here], np.flatnonzero(come)
    changed = ledger.number[again]
    edit = CoresetEdit(
        gone,
        changed,
        part.contents(coreset.pilot.read, changed),
        lambda numbers: part.contents(coreset.pilot.read, numbers),
        cells,
    )
    return edited(coreset, edit)


def _anew(coreset: Coreset, leaf: Leaf, dataset: Dataset, progress: Progress) -> Leaf:
    """The leaf of the data as decided, all rows scored again by the same pilot."""
    fresh = built_with(coreset.pilot, dataset, coreset.wanted, progress).leaves[0].moved(leaf.first)
    return replace(fresh, numbers=max(fresh.numbers, leaf.numbers))


def _with_leaf(coreset: Coreset, at: int, leaf: Leaf) -> Coreset:
    later = leaf.first + leaf.numbers
    if at + 1 < len(coreset.leaves) and coreset.leaves[at + 1].first < later:
        raise InputError(
            f"Rows were added to {leaf.name!r}, whose numbers other parts have. Build the coreset anew."
        )
    leaves = (*coreset.leaves[:at], leaf, *coreset.leaves[at + 1 :])
    return replace(coreset, leaves=leaves, to_slope=False)


def _everything(dataset: Dataset, pilot: Pilot) -> bool:
    """Whether a rule rewrote a column that the pilot reads."""
    changes = dataset.changes
    return changes is not None and bool({*pilot.read} & {*changes.written, *changes.sources})


def _among(rows: Ints, numbers: Ints) -> Ints:
    """Where each of the rows stands among the numbers, -1 where it does not; both ascend."""
    if not numbers.size:
        return np.full(rows.size, -1)
    place = np.minimum(np.searchsorted(numbers, rows), numbers.size - 1)
    return np.where(numbers[place] == rows, place, -1)
