"""Keep some of the rows: drawn at random, in every level alike, whole groups of them, or the latest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.dataset.column import KINDS
from core.errors import SettingError
from core.phrases import count
from core.settings import Settings, choice, knob
from core.settings import column as one_column
from core.steps.content_keys import content_keys, hashed_texts, hashed_values
from core.steps.draws import drawn, in_draw
from core.steps.kind import Effect, Kind, Learned, State

WAYS = ("random", "by level", "whole groups", "latest")
PARTS = ("all rows", "train", "serve")
_ROLES = {"by level": "target", "whole groups": "group", "latest": "time"}


@dataclass(frozen=True)
class Sample(Settings):
    """how: which rows are kept. amount: how many, or 0 for a ``share`` of them. by: the column of levels,
    groups or times; "" for that of the role target, group or time. part: the rows that are drawn from;
    others stay. seed: of the draw.
    """

    how: str = choice("random", "Keep", "At random, alike in every level, whole groups, the latest.", WAYS)
    amount: int = knob(0, "Rows", "How many are kept; 0 for a share of them.", 0, 10**12)
    share: float = knob(0.1, "Share", "Of the rows, where no number of rows is given.", 0.0, 1.0)
    by: str = one_column("By", "Column of levels, groups or times; by default that of the role.", KINDS)
    part: str = choice("all rows", "Of", "Rows of the other part stay.", PARTS)
    seed: int = knob(
        0,
        "Seed",
        "Of the draw. With the role id, rows are drawn by it, whatever else is changed.",
        0,
        2**31 - 1,
    )


def learn(state: State, column: str, settings: Sample) -> Learned:
    """``columns``: those whose values fix which rows are drawn; ``by``: the column of levels, groups or
    times. Raises `SettingError` where that is not given.
    """
    return {"columns": keyed_by(state), "by": column_of(state, settings.how, settings.by, _ROLES)}


def keyed_by(state: State) -> list[str]:
    """The columns that fix which rows are drawn: the identifier where each row has its own, or all."""
    import pyarrow.compute as pc

    id = state.data.roles.id
    if id is not None and id in state.names:
        values = state.values(id)
        if values.null_count == 0 and pc.count_distinct(values).as_py() == len(values):
            return [id]
    return sorted(state.names)


def column_of(state: State, how: str, given: str, roles: dict[str, str]) -> str:
    """The column by which rows are drawn or parted; "" where none is needed."""
    if how not in roles:
        return ""
    by = given or getattr(state.data.roles, roles[how]) or ""
    if not by:
        raise SettingError(f"Give the column for {how!r}, or choose one as the role {roles[how]!r}.")
    if roles[how] == "time":
        state.tells_time(by)
    return by


def sample(state: State, column: str, settings: Sample, learned: Learned) -> Effect:
    """All rows dropped that are not drawn. Raises `SettingError` where there is nothing to draw from."""
    among = state.kept.copy()
    if settings.part != "all rows":
        among &= state.train if settings.part == "train" else state.data.part_mask("serve")
    rows = np.flatnonzero(among)
    if not rows.size:
        raise SettingError(f"There are no rows of {settings.part!r} to draw from.")
    amount = _amount(settings, rows.size)
    chosen: NDArray[np.bool_] = drawn(table(state, rows, learned), *_arguments(settings, learned, amount))
    dropped = np.zeros(state.kept.size, bool)
    dropped[rows[~chosen]] = True
    return Effect(dropped=dropped, note=f"{count(int(chosen.sum()), 'row')} of {rows.size:,} stay.")


def table(state: State, rows: NDArray[np.int64], learned: Learned, *more: str) -> Any:
    """These rows with the columns that a draw reads, numbered from 0, as ``prepare.py`` has them."""
    from core.rowset import RowSet

    names = [one for one in dict.fromkeys([*learned["columns"], learned.get("by", ""), *more]) if one]
    chosen = None if rows.size == state.data.rows else RowSet(rows)
    frame = state.data.frame(names, chosen).reset_index(drop=True)
    kinds = {"bool": "boolean", "int64": "Int64", "uint64": "UInt64", "string": "str"}
    return frame.astype(
        {one: kinds[state.data[one].stored] for one in names if state.data[one].stored in kinds}
    )


def _amount(settings: Sample, rows: int) -> int:
    return min(rows, settings.amount or max(1, round(settings.share * rows)))


def _arguments(settings: Sample, learned: Learned, amount: int) -> tuple[Any, ...]:
    return settings.how, amount, learned["by"], list(learned["columns"]), settings.seed


def code(column: str, settings: Sample, learned: Learned) -> list[str]:
    """The same in pandas."""
    among = {
        "all rows": '~about["out"].to_numpy(bool)',
        "train": '(about["train"] & ~about["out"]).to_numpy(bool)',
        "serve": '(about["serve"] & ~about["out"]).to_numpy(bool)',
    }
    amount = str(settings.amount) if settings.amount else f"max(1, round({settings.share!r} * len(some)))"
    _, _, by, columns, seed = _arguments(settings, learned, 0)
    return [
        f"of_part = {among[settings.part]}",
        "some = frame[of_part].reset_index(drop=True)",
        f"amount = min(len(some), {amount})",
        "stay = ~of_part",
        f"stay[of_part] = drawn(some, {settings.how!r}, amount, {by!r}, {columns!r}, {seed})",
        "frame = frame[stay]",
    ]


HELPERS: tuple[Callable[..., Any], ...] = (hashed_texts, hashed_values, content_keys, in_draw, drawn)
USED = {"by": ("how", ("by level", "whole groups", "latest"))}
KIND = Kind(
    settings=Sample,
    used=USED,
    apply=sample,
    learn=learn,
    code=code,
    reads=lambda state, column, settings: (),
    helpers=HELPERS,
)
