"""Add rows behind the last one of the source: rows of train repeated (random oversampling), or rows that are
given. Two columns mark them for ever: ``origin``, a word, and ``parents``, the rows that each comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.added import MOST
from core.dataset.column import KINDS
from core.errors import SettingError
from core.phrases import count, name, quoted
from core.settings import Settings, choice, knob, listed, text
from core.settings import column as one_column
from core.steps.behind import free_marks
from core.steps.content_keys import content_keys, hashed_texts, hashed_values
from core.steps.draws import in_draw, oversampled
from core.steps.given_rows import given_rows
from core.steps.kind import Effect, Kind, Learned, NewRows, State
from core.steps.sample import column_of, keyed_by, table

WAYS = ("balance", "repeat", "given")
WORDS = {"balance": "oversampled", "repeat": "oversampled", "given": "added"}
LEVELS = 1_000  # classes that can be balanced
_ROLES = {"balance": "target"}


@dataclass(frozen=True)
class AddRows(Settings):
    """how: "balance" repeats rows of the rarer classes, "repeat" any rows, "given" adds those in ``records``.
    by: the column of classes; "" for the target.
    share: of the rows of the commonest class that each other one gets (balance), or of the rows that are
        drawn from (repeat).
    amount: rows that are added (repeat), or 0 for a ``share``.
    records: objects from column to value; a column that is not named is missing there.
    parents: per such row the numbers of the rows that it comes from; empty for none.
    origin: the word that marks them; "" for the usual one.
    first: the number of the first one, counted from 0 behind the source's last row; -1 for the next.
    seed: of the draw.
    """

    how: str = choice(
        "balance",
        "Add",
        "balance: rows of rarer classes are repeated (oversampling). repeat: any rows are. given: rows that "
        "you type.",
        WAYS,
    )
    by: str = one_column("Classes", "Balance: the column of classes; by default the target.", KINDS, "target")
    share: float = knob(
        1.0,
        "Share of rows",
        "Balance: what each class gets of the rows of the commonest; 1 makes all alike. Repeat: how many of "
        "the rows are added.",
        0.0,
        100.0,
    )
    amount: int = knob(0, "Number of rows", "Repeat: how many are added; 0 takes the share instead.", 0, MOST)
    records: tuple[Mapping[str, Any], ...] = listed(
        "Rows to add", "One line is one row; a cell left empty is missing.", "rows"
    )
    parents: tuple[Any, ...] = listed("Parents", "Per row given the numbers of the rows it comes from.")
    origin: str = text(
        "",
        "Marked as",
        "The word that marks the rows in the column 'origin'; by default 'oversampled' or 'added'.",
    )
    first: int = knob(-1, "First number", "Behind the source's last row; -1 for the next one.", -1, MOST)
    seed: int = knob(
        0,
        "Seed",
        "Of the draw. With the role id, rows are drawn by it, whatever else is changed.",
        0,
        2**31 - 1,
    )


def learn(state: State, column: str, settings: AddRows) -> Learned:
    """``marks``: the columns that mark added rows; where rows are repeated, ``columns``: those whose values
    fix which, and ``by``: that of classes. Raises `SettingError` where there is no column of classes.
    """
    marks = list(state.marks or free_marks(state.data.names))
    if settings.how == "given":
        return {"marks": marks}
    by = column_of(state, settings.how, settings.by, _ROLES)
    return {"marks": marks, "columns": keyed_by(state), "by": by}


def add_rows(state: State, column: str, settings: AddRows, learned: Learned) -> Effect:
    """The new rows. Rows are repeated as they are now, each as often as any other, give or take one, in an
    order that their content fixes; none, with the marks all the same, where all classes have their share
    already. Raises `SettingError` where no row is asked for, or too many.
    """
    asked = settings.amount or settings.share if settings.how != "given" else settings.records
    if not asked:
        raise SettingError(
            "Give at least one row."
            if settings.how == "given"
            else "Give a number or a share of rows to add."
        )
    new = (
        given_rows(state, settings.records, settings.parents)
        if settings.how == "given"
        else _drawn(state, settings, learned)
    )
    new = replace(
        new,
        marks=tuple(learned["marks"]),
        origin=settings.origin.strip() or WORDS[settings.how],
        first=None if settings.first < 0 else settings.first,
    )
    note = f"{count(len(new), 'row')} added to train, marked {quoted(new.origin)}."
    if not len(new):
        note = "No row is to be added: " + (
            "the classes have that share already."
            if settings.how == "balance"
            else "the share makes less than one row."
        )
    return Effect(new=replace(new, code=_own_code(state, settings, learned, new)), note=note)


def _drawn(state: State, settings: AddRows, learned: Learned) -> NewRows:
    """Rows of train that are left, repeated."""
    among = np.flatnonzero(state.fit & state.scope)
    if not among.size:
        raise SettingError("There are no rows of train to repeat.")
    frame = table(state, among, learned)
    if learned["by"] and frame[learned["by"]].nunique() > LEVELS:
        raise SettingError(
            f"{name(learned['by'])} has over {LEVELS:,} values; at most so many classes can be balanced."
        )
    wanted = _wanted(settings, among.size)
    if wanted > MOST or (settings.how == "balance" and settings.share * among.size > MOST):
        raise SettingError(f"At most {count(MOST, 'row')} can be added to one data set; add fewer.")
    rows = among[oversampled(frame, *_arguments(settings, learned, wanted))]
    values = state.data.table(list(state.data.names)).take(rows)
    cells = {one: values[one] for one in values.column_names if one not in state.marks}
    return NewRows(cells, [(row,) for row in rows.tolist()], like=rows)


def _wanted(settings: AddRows, rows: int) -> int:
    return settings.amount or round(settings.share * rows) if settings.how == "repeat" else 0


def _arguments(settings: AddRows, learned: Learned, wanted: int) -> tuple[Any, ...]:
    return wanted, settings.share, learned["by"], list(learned["columns"]), settings.seed


def with_new(
    frame: Any, about: Any, new: Any, first: int, marks: list[str], words: tuple[str, Any], like: Any
) -> Any:
    """New rows behind the others, numbered from ``first`` on. words: their origin, and parents of each. like:
    the rows of ``about`` that they repeat; None for none.
    """
    import numpy as np
    import pandas as pd

    new = new.assign(**{marks[0]: words[0], marks[1]: words[1]})
    new = new.reindex(columns=frame.columns).astype(frame.dtypes)
    numbers = np.arange(first, first + len(new))
    known = {
        "label": numbers,
        "weight": np.nan,
        "place": numbers,
        "serve": False,
        "train": True,
        "out": False,
    }
    of_new = pd.DataFrame(known, index=range(len(new))).reindex(columns=about.columns)
    for one in [] if like is None else [one for one in about if one == "weight" or one not in known]:
        of_new[one] = like[one].to_numpy()
    frame = pd.concat([frame, new], ignore_index=True)
    about = pd.concat([about, of_new], ignore_index=True)
    order = np.argsort(about["place"].to_numpy(), kind="stable")
    return frame.take(order).reset_index(drop=True), about.take(order).reset_index(drop=True)


def code(column: str, settings: AddRows, learned: Learned) -> list[str]:
    """New data are served, not trained on: no row is added to them, only the columns that mark such rows."""
    return [
        f"for name in {learned['marks']!r}:",
        "    if name not in frame:",
        '        frame[name] = pd.Series(None, index=frame.index, dtype="str")',
    ]


def _own_code(state: State, settings: AddRows, learned: Learned, new: NewRows) -> Callable[[int], list[str]]:
    """The same in pandas, for the rows that were decided on, with the number of the first new one."""
    words = f"{learned['marks']!r}, ({new.origin!r}, parents)"
    if settings.how == "given":
        parents = [" ".join(map(str, some)) or None for some in new.parents]
        cells = ", ".join(
            f"{one!r}: [{', '.join(map(_literal, values.to_pylist()))}]" for one, values in new.cells.items()
        )
        return lambda first: [
            f"new = pd.DataFrame({{{cells}}}, index=range({len(new)}), dtype=object)",
            f"parents = {parents!r}",
            f"frame, about = with_new(frame, about, new, {first}, {words}, None)",
        ]
    wanted = _wanted(settings, int((state.fit & state.scope).sum()))
    given = ", ".join(map(repr, _arguments(settings, learned, wanted)))
    return lambda first: [
        *_among(state),
        f"picked = np.flatnonzero(some)[oversampled(frame[some].reset_index(drop=True), {given})]",
        "parents = [str(number) for number in place[picked]]",
        f"frame, about = with_new(frame, about, frame.iloc[picked], {first}, {words}, about.iloc[picked])",
    ]


def _among(state: State) -> list[str]:
    """Which rows are drawn from, as ``some``."""
    lines = ['some = about["train"].to_numpy(bool) & ~about["out"].to_numpy(bool)']
    return [*lines, "some = some & chosen"] if state.held else lines


def _literal(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return f"pd.Timestamp({value.isoformat(' ')!r})"
    return repr(value)


HELPERS: tuple[Callable[..., Any], ...] = (
    hashed_texts,
    hashed_values,
    content_keys,
    in_draw,
    oversampled,
    with_new,
)
USED = {
    "by": ("how", ("balance",)),
    "share": ("how", ("balance", "repeat")),
    "amount": ("how", ("repeat",)),
    "records": ("how", ("given",)),
    "parents": ("how", ()),
    "first": ("how", ()),
    "seed": ("how", ("balance", "repeat")),
}
KIND = Kind(settings=AddRows, used=USED, apply=add_rows, learn=learn, code=code, scoped=True, helpers=HELPERS)
