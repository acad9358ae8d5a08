"""Drop the rows that repeat others, in all columns or in some: one row of each group of equal ones stays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.dataset.column import KINDS, held
from core.errors import SettingError
from core.phrases import count, name
from core.prepare.equal_rows import first_of_equal
from core.prepare.lacked import parts_lacking
from core.settings import Settings, choice, column, knob
from core.settings import columns as some_columns
from core.steps.kind import Effect, Kind, Learned, State

WAYS = ("first", "last", "highest", "lowest")
BEST = ("highest", "lowest")


@dataclass(frozen=True)
class DropRepeats(Settings):
    """columns: those in which rows must be equal; () for all. aside: columns that are not compared. keep:
    which row of a group stays. by: the column of which the highest or lowest stays. across: whether rows that
    repeat one of the other part are dropped too; ``part``: of which part then stays.
    """

    columns: tuple[str, ...] = some_columns(
        "Equal in", "Rows that are equal in these columns; all by default.", KINDS
    )
    aside: tuple[str, ...] = some_columns(
        "But not", "Columns that are not compared, such as a running number; none by default.", KINDS, "None"
    )
    keep: str = choice("first", "Keep", "Which row of each group of equal ones stays.", WAYS)
    by: str = column(
        "Highest or lowest of",
        "For 'highest' and 'lowest': by this column.",
        ("numeric", "datetime", "boolean"),
    )
    across: bool = knob(
        False,
        "Across train and serve",
        "Also drop rows of one part that repeat one of the other. By default the column that parts them, and "
        "columns that only one of them has, are left aside there: no two rows are equal in these.",
    )
    part: str = choice(
        "train",
        "Of both, those stay of",
        "Across train and serve: the part whose rows never go for those of the other.",
        ("train", "serve"),
    )

    def compared(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Of these columns those in which rows must be equal."""
        return tuple(one for one in self.columns or names if one not in self.aside)


def drop_repeats(state: State, column: str, settings: DropRepeats, learned: Learned) -> Effect:
    """The rows dropped that repeat another one that is left. Missing equals missing. Where several rows have
    the highest or lowest value, the one stays that comes first in the order of their other columns by name;
    a missing value is the worst. Rows that a step added are not looked at, as `duplicates` does not: they may
    repeat others on purpose.

    Raises `SettingError` where no column is compared, or none is given to tell the best.
    """
    compared = tuple(learned.get("columns") or settings.compared(_own_names(state)))
    if not compared:
        raise SettingError("Choose at least one column in which rows must be equal.")
    for one in (*compared, *settings.columns, *settings.aside, *filter(None, [settings.by])):
        state.data[one]
    looked_at = state.kept & ~state.data.added.mask(state.kept.size)
    first = first_of_equal(state.data, compared, looked_at)
    repeated = np.bincount(first, minlength=first.size)[first] > 1
    order = _order(state, settings, repeated)
    serve = ~state.data.part_mask("train")
    # the rows of each group of equals, the one that stays first
    rows = np.flatnonzero(looked_at & repeated)
    rows = rows[np.lexsort((order[rows], serve[rows], first[rows]))]
    same = (first[rows][1:] == first[rows][:-1]) & (serve[rows][1:] == serve[rows][:-1])
    dropped = np.zeros(state.kept.size, bool)
    dropped[rows[1:][same]] = True
    if settings.across:
        apart = learned.get("apart", [] if "columns" in learned else _apart(state, settings))
        both = tuple(one for one in compared if one not in apart)
        dropped |= _of_the_other(state, both, looked_at & ~dropped, serve == (settings.part == "serve"))
    left = int(state.kept.sum() - dropped.sum())
    return Effect(dropped=dropped, note=f"{count(left, 'row')} stay." if dropped.any() else "")


def _of_the_other(
    state: State, columns: tuple[str, ...], among: NDArray[np.bool_], stay: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """The rows ``among`` these that equal one of the part whose rows ``stay``, and are of the other."""
    if not columns:
        return np.zeros(among.size, bool)
    first = first_of_equal(state.data, columns, among)
    return np.asarray(among & ~stay & np.isin(first, first[among & stay]))


def _apart(state: State, settings: DropRepeats) -> list[str]:
    """Of the columns compared by default those in which no row of one part equals one of the other: what
    parts them, and what only one of them has.
    """
    if settings.columns or not settings.across:
        return []
    compared = settings.compared(_own_names(state))
    lacking = parts_lacking(state.data, compared)
    return [one for one in compared if one == state.data.parting or one in lacking]


def _order(state: State, settings: DropRepeats, repeated: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Per row its rank among all, that which is kept of a group first."""
    place = np.arange(state.kept.size)
    if settings.keep == "first":
        return place
    if settings.keep == "last":
        return place[::-1].copy()
    if not settings.by:
        raise SettingError(f"Give the column of which the {settings.keep} value is kept.")
    if not state.data[settings.by].fits("numeric") and not state.data[settings.by].fits("datetime"):
        raise SettingError(
            f"{name(settings.by)} holds {held(state.data[settings.by].stored)}, which has no "
            f"{settings.keep}; choose a column of numbers or dates."
        )
    rows = np.flatnonzero(repeated)
    others = sorted(one for one in state.data.names if one != settings.by)
    keys = [(settings.by, "descending" if settings.keep == "highest" else "ascending")]
    keys += [(one, "ascending") for one in others]
    table = state.data.table([settings.by, *others]).take(rows)
    table = table.append_column("\x1fplace", [rows])
    ranked = table.sort_by([*keys, ("\x1fplace", "ascending")])["\x1fplace"].to_numpy()
    rank = place.copy()
    rank[ranked] = np.arange(rows.size)
    return rank


def reads(state: State, column: str, settings: DropRepeats) -> tuple[str, ...]:
    """The columns that it reads; none named where it reads all."""
    return () if settings.keep in BEST or not settings.columns else (*settings.compared(()), *state.marks)


def learn(state: State, column: str, settings: DropRepeats) -> Learned:
    """``columns``: those that are compared here, for the code; ``apart``: those of them that are not across
    the parts; ``added``: that which marks added rows.
    """
    apart = _apart(state, settings)
    return {
        "columns": list(settings.compared(_own_names(state))),
        **({"apart": apart} if apart else {}),
        "added": list(state.marks[:1]),
    }


def _own_names(state: State) -> tuple[str, ...]:
    """The columns that are left, without those that mark added rows."""
    return tuple(one for one in state.names if one not in state.marks)


def code(column: str, settings: DropRepeats, learned: Learned) -> list[str]:
    """The same in pandas."""
    serve = "\x1fserve"
    lines = [
        "out = about['out'].to_numpy(bool)",
        *_passed_over(learned),
        f"ordered = frame.assign(**{{{serve!r}: about['serve'].to_numpy(bool)}})[~out]",
    ]
    if settings.keep == "last":
        lines.append("ordered = ordered[::-1]")
    elif settings.keep in BEST:
        others = f"[name for name in frame if name not in ({settings.by!r}, {serve!r})]"
        lines += [
            f"others = sorted({others})",
            f"ascending = [{settings.keep == 'lowest'}] + [True] * len(others)",
            f"ordered = ordered.sort_values([{settings.by!r}, *others], ascending=ascending, kind='stable')",
        ]
    apart = learned.get("apart", [])
    compared = [*learned["columns"], *([] if settings.across and not apart else [serve])]
    if settings.across and apart:
        both = [one for one in learned["columns"] if one not in apart]
        of_the_other = [
            f"stays = ordered[{serve!r}] == {settings.part == 'serve'}",
            f"alike = ordered.groupby({both!r}, dropna=False, observed=True).ngroup()",
            "ordered = ordered[stays | ~alike.isin(alike[stays])]",
        ]
        return [
            *lines,
            f"ordered = ordered.drop_duplicates({compared!r})",
            *(of_the_other if both else []),
            "frame = frame[frame.index.isin(ordered.index) | out]",
        ]
    return [
        *lines,
        f"ordered = ordered.sort_values({serve!r}, ascending={settings.part == 'train'}, kind='stable')",
        f"frame = frame[frame.index.isin(ordered.drop_duplicates({compared!r}).index) | out]",
    ]


def _passed_over(learned: Learned) -> list[str]:
    """Rows that were added are not looked at, as if they were out."""
    none = "pd.Series(None, index=frame.index, dtype=object)"
    return [f"out = out | frame.get({one!r}, {none}).notna().to_numpy()" for one in learned.get("added", ())]


USED = {"by": ("keep", ("highest", "lowest"))}
KIND = Kind(settings=DropRepeats, used=USED, apply=drop_repeats, code=code, learn=learn, reads=reads)
