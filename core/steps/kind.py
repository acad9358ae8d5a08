"""What a kind of rule is: its settings, what it learns, what it makes of the data, and how the same is
said in code without Winnow.

A rule rewrites the values of a column, adds or moves columns, or drops rows. What it learns, it learns from
the rows of train that are left (`State.fit`), and applies to all rows. One file here is one kind; its name is
the action's (`core.actions`), and its last line is ``KIND = Kind(...)``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.actions import ACTIONS
from core.dataset import Dataset
from core.dataset import column as column_module
from core.dataset.column import Column, held
from core.digests import digest
from core.errors import ColumnError, SettingError
from core.phrases import name as quoted_name
from core.progress import SILENT, Progress
from core.settings import Settings
from core.settled import Content
from core.steps.floats import as_numbers

if TYPE_CHECKING:
    import pyarrow as pa

Learned = Mapping[str, Any]
NOTHING: Learned = {}


@dataclass(frozen=True, eq=False)
class State:
    """Where the steps before a rule left the data.

    data: the values as they are now, of every row of the source.
    kept: per row whether it is left.
    train: per row whether it is of train.
    scope: per row whether the rule may change its cells.
    held: whether it is held to some rows.
    omitted: columns of ``data`` that are left out.
    marks: the columns that mark rows that were added; () where none were.
    parted: the columns that say in which part of train a row is, as earlier steps parted it.
    progress: tells how far long work is, and raises `Cancelled` where it is to stop.
    """

    data: Dataset
    kept: NDArray[np.bool_]
    train: NDArray[np.bool_]
    scope: NDArray[np.bool_]
    held: bool = False
    omitted: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    parted: tuple[str, ...] = ()
    progress: Progress = SILENT

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that are not left out."""
        return tuple(name for name in self.data.names if name not in self.omitted)

    @cached_property
    def fit(self) -> NDArray[np.bool_]:
        """The rows that a rule learns from: those of train that are left."""
        return self.kept & self.train

    def values(self, column: str) -> pa.ChunkedArray:
        """A column, one value per row of the source."""
        return self.data.table([column]).column(0)

    def known(self, column: str) -> pa.Array:
        """The values of a column that a rule learns from, without those that are missing. Raises
        `SettingError` where there are none.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        found = pc.drop_null(self.values(column).filter(pa.array(self.fit)).combine_chunks())
        if not len(found):
            raise SettingError(
                f"Column {quoted_name(column)} has no value in the rows of train that are left, so that "
                "nothing can be learned from it. Choose another column, or leave it out."
            )
        return found

    def known_numbers(self, column: str) -> NDArray[np.float64]:
        """The numbers of a column that a rule learns from, in ascending order, so that no sum depends on the
        order of the rows. Raises `SettingError` where there are none, or where some are infinite.
        """
        found = np.sort(as_numbers(self.known(column)))
        if not np.isfinite(found[[0, -1]]).all():
            raise SettingError(
                f"{quoted_name(column)} has infinite values in train, from which nothing can be learned; "
                "make them missing first."
            )
        return found

    def tells_time(self, column: str) -> None:
        """Raises `SettingError` for a column that holds neither dates nor numbers."""
        there = self.data[column]
        if not (there.fits("numeric") or there.fits("datetime")):
            raise SettingError(
                f"{quoted_name(column)} holds {held(there.stored)}, which is no time; choose dates or "
                "numbers."
            )

    def numbers(self, column: str) -> NDArray[np.float64]:
        """A column of numbers, dates (microseconds) or yes and no as float64, NaN where missing."""
        return as_numbers(self.values(column))


@dataclass(frozen=True, eq=False)
class NewRows:
    """Rows that a rule adds.

    cells: by name, columns of the data as they are now, of their types; a column that is not among them is
        missing in these rows.
    parents: per row the numbers of the rows that it comes from.
    origin: the word that marks them.
    marks: names for the columns of origin and parents, where there are none yet.
    first: the number of the first, counted from 0 behind the last row of the source; None: the next one.
    like: per row the number of the row that it repeats; None where they repeat none.
    texts: by name of a column, cells as they were written by hand, null where they were not.
    code: the same in pandas, given the number of the first: lines that set them behind ``frame`` and
        ``about``; they may use ``place`` and ``chosen``.
    """

    cells: Mapping[str, pa.ChunkedArray | pa.Array]
    parents: Sequence[Sequence[int]]
    origin: str = ""
    marks: tuple[str, ...] = ()
    first: int | None = None
    like: NDArray[np.int64] | None = None
    texts: Mapping[str, pa.Array] = field(default_factory=dict)
    code: Callable[[int], list[str]] = lambda first: []

    def __len__(self) -> int:
        return len(self.parents)


@dataclass(frozen=True)
class Effect:
    """What a rule makes of the data.

    columns: new content by name, one value per row of the source, of any Arrow type that a column can be cast
        from; a name that is not there yet is a new column, set behind the rule's own.
    kinds: kind of a column where it is another than before, whether its content changes or not; a new column
        needs one.
    notes: how a column was read, where it was read anew ("Read as day/month/year."). layouts: by which
        layouts (`Column.layouts`), likewise.
    removed: columns that are taken out.
    names: old name -> new name.
    order: all names in their new order.
    dropped: per row of the source whether it is dropped.
    train: per row of the source whether later rules learn from it, where the rule parts the rows.
    new: rows that are added.
    note: what a person should know, in one sentence.
    own_code: gives lines of code, behind those of the kind, that only hold for the rows of this source: they
        use ``place``, the place of each row in it.
    """

    columns: Mapping[str, pa.ChunkedArray | pa.Array] = field(default_factory=dict)
    kinds: Mapping[str, column_module.Kind] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    layouts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    order: tuple[str, ...] | None = None
    dropped: NDArray[np.bool_] | None = None
    train: NDArray[np.bool_] | None = None
    new: NewRows | None = None
    note: str = ""
    own_code: Callable[[], list[str]] | None = None

    def drawn(self, kept: NDArray[np.bool_]) -> str:
        """A name for the rows that it took; "" where it neither drops, parts nor repeats rows. kept: the rows
        that it found.
        """
        if self.new is not None:
            return digest(b"" if self.new.like is None else self.new.like.tobytes())
        if self.train is None and self.dropped is None:
            return ""
        taken = kept if self.train is None else kept & self.train
        taken = taken if self.dropped is None else taken & ~self.dropped
        return digest(np.packbits(taken).tobytes().rstrip(b"\0"))

    def anew(self, before: Sequence[Content]) -> dict[str, Any]:
        """What is another about columns that were there: fields of `core.settled.Effected`."""
        kinds = {content.column.name: content.column.kind for content in before}
        return {
            "names": {old: new for old, new in self.names.items() if old != new},
            "moved": self.order is not None and list(self.order) != list(kinds),
            "kinds": {name: kind for name, kind in self.kinds.items() if kinds.get(name, kind) != kind},
        }


Apply = Callable[[State, str, Any, Learned], Effect]
Learn = Callable[[State, str, Any], Learned]


@dataclass(frozen=True)
class Kind:
    """One kind of rule.

    settings: its settings class.
    apply: ``(state, column, settings, learned) -> effect``; raises `SettingError` where it cannot hold,
        before anything is changed. column: "" for a rule on the whole table.
    code: the same in pandas, as lines of a function that has ``frame``: the rows that are left, numbered from
        0, with columns of float64, Int64, boolean, datetime64[us] and str. What was learned stands in it.
        Lines that drop rows leave the others their numbers. They may use ``np``, ``pd``, ``pa``, ``pc``,
        ``about["serve"]``, and ``chosen``, the rows that the rule may change; they leave ``rows``, ``about``,
        ``chosen``, ``old_names`` and ``old_frame`` as they are. Rows in ``about["out"]`` were dropped and
        are kept again by a later step: their cells are changed as others are, but no other row gets
        anything from them, and they are neither dropped nor counted.
    learn: what it learns, as plain JSON; None where it learns nothing.
    columns: kinds of columns that it works on; empty where every kind will do.
    text: whether it works on texts alone: numbers may be a category, too.
    scoped: whether it can be held to some rows.
    estimator: the fitted scikit-learn transformer of one column (or of several, see ``reads``) that does the
        same; None where there is none.
    reads: the columns that it reads beside its own.
    used: setting -> another one and those of its values under which it counts; what is not named always
        counts. A form asks for no other; () for one that no form asks for.
    helpers: functions (and lines of code) that the code needs; their source goes into the script, so they
        need nothing of Winnow.
    slow: ``(data, column, settings)``: whether it takes more than two seconds on two million rows; what it
        does to a row then hangs on that row and on what was learned, so that a sample shows it.
    """

    settings: type[Settings]
    apply: Apply
    code: Callable[[str, Any, Learned], list[str]]
    learn: Learn | None = None
    columns: tuple[str, ...] = ()
    text: bool = False
    scoped: bool = False
    estimator: Callable[[str, Any, Learned], Any] | None = None
    reads: Callable[[State, str, Any], tuple[str, ...]] = lambda state, column, settings: ()
    used: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    helpers: tuple[Callable[..., Any] | str, ...] = ()
    slow: Callable[[Dataset, str, Mapping[str, Any]], bool] = lambda data, column, settings: False

    @property
    def word(self) -> str:
        """The name of its file, which is the action's."""
        return self.apply.__module__.rpartition(".")[2]

    def asks(self, setting: str, others: Mapping[str, Any]) -> bool:
        """Whether a form asks for a setting beside the others."""
        by, values = self.used.get(setting, ("", ()))
        return setting not in self.used or others.get(by) in values

    def never_asks(self, setting: str) -> bool:
        """Whether no form asks for a setting: it is set by other means, and stays."""
        return setting in self.used and not self.used[setting][1]

    def takes(self, column: Column) -> bool:
        """Whether it works on such a column."""
        return (not self.columns or column.kind in self.columns) and (
            not self.text or column.stored == "string"
        )

    def checked(self, state: State, column: str, given: Mapping[str, Any]) -> Settings:
        """The settings, once it is clear that the rule can hold here. Raises `ColumnError` or
        `SettingError`.
        """
        settings = self.settings.of(given)
        if not state.kept.any() and (self.learn is not None or not column):
            raise SettingError("No row is left that this could work on.")
        if column:
            there: Column = state.data[column]
            if self.columns and there.kind not in self.columns:
                raise ColumnError.wrong_kind(column, there.kind, self.columns)
            if not self.takes(there):
                raise ColumnError(
                    f"Column {quoted_name(column)} holds {held(there.stored)}, and this works on text. Read "
                    "it as text first."
                )
        if state.held and not self.scoped:
            raise SettingError(
                f"{ACTIONS[self.word].label!r} cannot be held to some rows; apply it to all of them."
            )
        return settings


def free_name(state: State, wanted: str) -> str:
    """The name, with a number behind it where a column has it already."""
    taken, free, number = set(state.data.names), wanted, 2
    while free in taken:
        free, number = f"{wanted}_{number}", number + 1
    return free
