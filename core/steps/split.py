"""Part the rows of train into train, validation and test, in a new column. Rows that are equal, and rows of
one group, stay in one part; what is learned after it is learned from its train.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.dataset.column import KINDS
from core.errors import SettingError
from core.phrases import count, name, verb
from core.settings import Settings, choice, knob, text
from core.settings import column as one_column
from core.steps.content_keys import content_keys, hashed_texts, hashed_values
from core.steps.draws import alike, by_group, kept_together, parted, parted_in_time, parted_units, portions
from core.steps.kind import Effect, Kind, Learned, State
from core.steps.sample import column_of, table

WAYS = ("random", "by level", "by group", "in time")
_ROLES = {"by level": "target", "by group": "group", "in time": "time"}
PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Split(Settings):
    """how: what the parts have alike or keep whole. validation, test: their shares. by: the column of levels,
    groups or times; "" for that of the role target, group or time. to: the new column. seed: of the draw.
    """

    how: str = choice(
        "random",
        "Split",
        "At random, alike in every level, whole groups, or test after train.",
        WAYS,
    )
    validation: float = knob(0.15, "Validation", "Share of the rows of train.", 0.0, 0.9)
    test: float = knob(0.15, "Test", "Share of the rows of train.", 0.0, 0.9)
    by: str = one_column("By", "Column of levels, groups or times; by default that of the role.", KINDS)
    to: str = text("part", "New column", "Holds train, validation and test; rows of serve are 'serve'.")
    seed: int = knob(0, "Seed", "Of the draw.", 0, 2**31 - 1)


def learn(state: State, column: str, settings: Split) -> Learned:
    """``columns``: those in which rows are compared, identifiers and the target not among them; ``by``: the
    column of levels, groups or times. Raises `SettingError` where that is not given.
    """
    by = column_of(state, settings.how, settings.by, _ROLES)
    barred = {state.data.roles.id, state.data.roles.target, state.data.roles.weight}
    compared = [one for one in state.names if one not in barred and state.data[one].kind != "identifier"]
    return {"columns": sorted(compared) or sorted(state.names), "by": by}


def split(state: State, column: str, settings: Split, learned: Learned) -> Effect:
    """The new column. The note says how many rows are in each part, and what they share.

    Raises `SettingError` for a name that is taken, shares that leave nothing to train on, and a part that
    would be empty.
    """
    import pyarrow as pa

    _check(state, settings)
    rows = np.flatnonzero(state.fit)
    group = state.data.roles.group if settings.how != "by group" else None
    frame = table(state, rows, learned, *filter(None, [group]))
    shares = (settings.validation, settings.test)
    part = parted(frame, settings.how, shares, learned["by"], list(learned["columns"]), settings.seed)
    sizes = dict(zip(PARTS, np.bincount(part, minlength=3).tolist(), strict=True))
    wanted = {"train": 1.0, "validation": settings.validation, "test": settings.test}
    empty = [one for one in PARTS if wanted[one] and not sizes[one]]
    if empty:
        raise SettingError(
            f"Nothing would be in {empty[0]}: {count(rows.size, 'row')} of train cannot be parted so. Choose "
            "other shares or another way."
        )
    whole = np.where(state.data.part_mask("train"), 0, 3).astype(np.int8)
    whole[rows] = part
    told = _sizes_in_words(sizes, wanted, rows.size)
    return Effect(
        {settings.to: pa.DictionaryArray.from_arrays(pa.array(whole), [*PARTS, "serve"])},
        {settings.to: "category"},
        train=whole == 0,
        note=f"Rows: {told}. {_leaks(frame, part, settings, learned, group)}",
    )


def _check(state: State, settings: Split) -> None:
    """Raise `SettingError` where the column cannot be made, or the rows not be parted."""
    if not settings.to.strip() or settings.to in state.data.names:
        raise SettingError(f"Give the new column a name that no other has; {name(settings.to)} is none.")
    if settings.validation + settings.test > 0.95:
        raise SettingError("Validation and test take over 95% of the rows; leave more to train on.")
    if not settings.validation and not settings.test:
        raise SettingError("Give validation or test a share of the rows.")
    if (state.data.part_mask("train") & ~state.train).any():
        raise SettingError(
            "An earlier split keeps rows out of train, which this one would take back into it. Change that "
            "step, or switch it off."
        )
    if state.marks:
        raise SettingError(
            "An earlier step adds rows to train, which must not get into validation and test. Split first: "
            "move this step before it."
        )


def _sizes_in_words(sizes: Mapping[str, int], wanted: Mapping[str, float], rows: int) -> str:
    """How many rows are in each part, and where that is off the share asked for."""
    told = ", ".join(f"{sizes[one]:,} {one}" for one in PARTS if wanted[one])
    missed = [one for one in PARTS[1:] if abs(sizes[one] - wanted[one] * rows) > max(1, 0.02 * rows)]
    if missed:
        told += f" ({' and '.join(missed)} off the shares asked for, as rows that stay together are many)"
    return told


def _leaks(frame: Any, part: Any, settings: Split, learned: Learned, group: str | None) -> str:
    """What the parts have in common that they should not."""
    import pandas as pd

    told: list[str] = []
    if settings.how == "in time":  # else equal rows are in one part
        order, starts = alike(content_keys(frame, list(learned["columns"]), settings.seed))
        of_train = np.add.reduceat((part == 0)[order].astype(np.int64), starts)
        both = int((np.diff(starts, append=part.size) - of_train)[of_train > 0].sum())
        if both:
            equal = verb(both, "equals", "equal")
            told.append(f"{count(both, 'row')} outside train {equal} one of train in all features")
    if group is not None:
        parts = pd.Series(part).groupby(frame[group]).nunique()
        several = int((parts > 1).sum())
        if several:
            torn = f"{count(several, 'group')} of {name(group)} {verb(several, 'is', 'are')}"
            told.append(f"{torn} in more than one part")
    if not told:
        return "No row outside train equals one of train."
    return f"Leak: {'; '.join(told)}."


def code(column: str, settings: Split, learned: Learned) -> list[str]:
    """The same in pandas."""
    shares = (settings.validation, settings.test)
    given = f"{settings.how!r}, {shares!r}, {learned['by']!r}, {list(learned['columns'])!r}, {settings.seed}"
    codes = [0, *(code for code, share in enumerate(shares, 1) if share)]
    return [
        'serve = about["serve"].to_numpy(bool)',
        'parts = ~serve & ~about["out"].to_numpy(bool)',
        f"split = parted(frame[parts].reset_index(drop=True), {given}) if parts.any() else []",
        f"if np.isin({codes!r}, split).all():  # a part that would be empty: no split",
        '    whole = np.where(serve, "serve", "train").astype(object)',
        f"    whole[parts] = np.array({list(PARTS)!r})[split]",
        f'    frame[{settings.to!r}] = pd.Series(whole, frame.index, dtype="str")',
        '    about["train"] &= whole == "train"',
    ]


HELPERS: tuple[Callable[..., Any], ...] = (
    hashed_texts,
    hashed_values,
    content_keys,
    alike,
    kept_together,
    by_group,
    portions,
    parted_in_time,
    parted_units,
    parted,
)
USED = {"by": ("how", ("by level", "by group", "in time"))}
KIND = Kind(
    settings=Split,
    used=USED,
    apply=split,
    learn=learn,
    code=code,
    reads=lambda state, column, settings: (),
    helpers=HELPERS,
)
