"""Fill missing values: with one that is given, learned from train, taken from the row before in time, or
worked out from other columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.dataset.column import held
from core.errors import SettingError
from core.numerics.texts import empty_words
from core.phrases import count, name, names, quoted
from core.settings import Settings, choice, knob, text
from core.steps import nearest
from core.steps.floats import exact_floats
from core.steps.kind import Effect, Kind, Learned, State, free_name
from core.steps.overlay import plain, typed

if TYPE_CHECKING:
    import pyarrow as pa

NEAREST, ITERATIVE = "nearest rows", "iterative"
WAYS = ("median", "mean", "most frequent", "constant", "previous in time", NEAREST, ITERATIVE)
OF_NUMBERS = ("median", "mean", NEAREST, ITERATIVE)


@dataclass(frozen=True)
class Fill(Settings):
    """how: with what. value: the constant. indicator: whether a new column says which cells were missing."""

    how: str = choice(
        "median",
        "Fill with",
        "Median, mean and most frequent are those of train. Nearest rows: the mean of the 5 most similar of "
        "at most 2,000 rows of train (k-NN). Iterative: regressions on up to 10 other columns, 3 rounds.",
        WAYS,
    )
    value: str = text("", "Value", "For 'constant': the value that missing cells get.")
    indicator: bool = knob(
        False, "Mark what was missing", "A new column marks which cells were missing, for models to use."
    )


def learn(state: State, column: str, settings: Fill) -> Learned:
    """What missing cells get: the ``value``, learned from the rows of train that are left; the columns of
    time and group; or donors and regressions (`core.steps.nearest`). ``marker``: the name of the new column.

    Ties of the most frequent value go to the one that comes first in order; it is no word for missing. Raises
    `SettingError` for a column without values there, for numbers asked of a column that has none, and for a
    constant that is none of the column's type.
    """
    marker = {"marker": free_name(state, f"{column}_missing")} if settings.indicator else {}
    return {**_learned(state, column, settings), **marker}


def _learned(state: State, column: str, settings: Fill) -> Learned:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = state.values(column).type
    if settings.how in OF_NUMBERS and str(kind) == "string":
        state.known(column)  # a column without values is held as text, whatever was to be in it
    _check(kind, column, settings)
    if settings.how == "constant":
        return {"value": _constant(state, column, settings.value, kind)}
    if settings.how == "previous in time":
        return _along(state)
    if settings.how == NEAREST:
        return nearest.learn_nearest(state, column)
    if settings.how == ITERATIVE:
        return nearest.learn_iterative(state, column)
    if settings.how == "most frequent":
        known = _meant(state.known(column), column)
        counted = pc.value_counts(
            pc.add(known, 0.0) if pa.types.is_floating(known.type) else known
        )  # -0 is 0
        counts = counted.field("counts").to_numpy()
        most = counted.field("values").filter(pa.array(counts == counts.max()))
        return {"value": plain(most[pc.array_sort_indices(most)[0].as_py()].as_py())}
    numbers = state.known_numbers(column)
    with np.errstate(over="ignore"):
        value = float(np.median(numbers) if settings.how == "median" else numbers.mean())
    if not np.isfinite(value):
        raise SettingError(f"The numbers of {name(column)} are too large for a mean; clip the column first.")
    return {"value": value}


def _meant(known: Any, column: str) -> Any:
    """The values without words that stand for missing: a gap is never filled with one."""
    import pyarrow as pa

    if not pa.types.is_string(known.type):
        return known
    meant = known.filter(pa.array(~empty_words(known)))
    if not len(meant):
        raise SettingError(f"{name(column)} has no value but words for missing; fill it with a constant.")
    return meant


def _check(kind: pa.DataType, column: str, settings: Fill) -> None:
    if settings.how in OF_NUMBERS and str(kind) not in nearest.NUMBERS:
        raise SettingError(
            f"{name(column)} holds {held(kind)}, which has no {_noun(settings.how)}; fill it with the most "
            "frequent value or a constant."
        )


def _noun(how: str) -> str:
    return {NEAREST: "distance between rows", ITERATIVE: "regression"}.get(how, how)


def _constant(state: State, column: str, given: str, kind: pa.DataType) -> Any:
    value = typed(state.data, state.data[column], given, kind) if given else None
    if value is None:
        raise SettingError(
            f"{quoted(given)} is none of the values that {name(column)} can have ({held(kind)}); give one."
        )
    return plain(value)


def _along(state: State) -> Learned:
    roles = state.data.roles
    if roles.time is None:
        raise SettingError("There is no time column to fill along; choose one as the role 'time'.")
    state.tells_time(roles.time)
    return {"time": roles.time, **({"group": roles.group} if roles.group else {})}


def fill(state: State, column: str, settings: Fill, learned: Learned) -> Effect:
    """The column without gaps in the rows in scope. Raises `SettingError` where what was learned is none
    of the column's type.
    """
    import pyarrow.compute as pc

    values = state.values(column).combine_chunks()
    _check(values.type, column, settings)
    kinds: dict[str, Any] = {}
    columns: dict[str, Any] = {}
    if settings.how == "previous in time":
        filled = values.take(_previous(state, values, learned))
    elif settings.how in (NEAREST, ITERATIVE):
        filled = _from_others(state, values, settings, learned)
    else:
        filled = _filled(values, learned["value"], column)
    columns[column] = filled
    if settings.indicator:
        if learned["marker"] in state.data.names:
            raise SettingError(f"There is a column {name(learned['marker'])} already; rename it first.")
        columns[learned["marker"]], kinds[learned["marker"]] = pc.is_null(values), "boolean"
    return Effect(columns, kinds, note=_note(state, filled, settings, learned))


def _note(state: State, filled: pa.Array, settings: Fill, learned: Learned) -> str:
    if settings.how == NEAREST:
        donors = count(len(learned["donors"]), "row")
        return f"The mean of the 5 most similar of {donors} of train, by {names(learned['columns'][1:])}."
    if settings.how == ITERATIVE:
        return (
            f"By regressions on {names(learned['columns'][1:])}, fitted on at most {nearest.FITTED:,} rows "
            f"of train in {nearest.ROUNDS} rounds."
        )
    left = int((np.asarray(filled.is_null()) & state.kept & state.scope).sum())
    return f"{count(left, 'cell')} before the first known value stay missing." if left else ""


def _filled(values: pa.Array, value: Any, column: str) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = values.type
    if pa.types.is_integer(kind) and isinstance(value, float) and not value.is_integer():
        values, kind = exact_floats(values, column), pa.float64()
    bare = int(value) if pa.types.is_integer(kind) and isinstance(value, float) else value
    try:
        new = pc.cast(pa.scalar(bare), kind) if pa.types.is_timestamp(kind) else pa.scalar(bare, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise SettingError(
            f"{quoted(str(value))} is none of the values that {name(column)} can have ({held(kind)})."
        ) from error
    return pc.fill_null(values, new)


def _previous(state: State, values: pa.Array, learned: Learned) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    state.tells_time(learned["time"])
    valid = np.asarray(pc.is_valid(values))
    codes = np.zeros(len(values), np.int64)
    if "group" in learned:
        coded = state.values(learned["group"]).combine_chunks().dictionary_encode()
        codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    rows = previous_rows(state.numbers(learned["time"]), codes, valid & state.kept, state.train)
    rows[valid] = np.flatnonzero(valid)
    return pa.array(rows)


def previous_rows(moments: Any, groups: Any, known: Any, train: Any) -> Any:
    """Per row the row whose value it gets: the last one in time that is known, within its group, for rows of
    train among those of train; itself where there is none, or no time. Rows at the same time follow the order
    of the source; rows of an unknown group (below 0) are alone.

    >>> every, first = np.ones(3, bool), np.array([False, True, False])
    >>> previous_rows(np.array([3.0, 1.0, 2.0]), np.zeros(3, int), first, every).tolist()
    [1, 1, 1]
    """
    places = np.arange(moments.size)
    groups = np.where(groups < 0, -1 - places, groups)
    order = np.lexsort((places, moments, groups))
    first = np.searchsorted(groups[order], groups[order], side="left")
    rows = places.copy()
    for takers, givers in ((~train, known), (train, known & train)):
        last = np.maximum.accumulate(np.where(givers[order], places, -1))
        taken = places.copy()
        taken[order] = order[np.where(last >= first, last, places)]
        rows = np.where(takers & ~np.isnan(moments), taken, rows)
    return rows


def _from_others(state: State, values: pa.Array, settings: Fill, learned: Learned) -> pa.Array:
    """The gaps worked out from other columns, as float64."""
    import pyarrow as pa

    gaps = np.asarray(values.is_null())
    matrix = np.column_stack([state.numbers(one)[gaps] for one in learned["columns"]])
    matrix[~np.isfinite(matrix)] = np.nan
    whole = state.numbers(learned["columns"][0]).copy()
    if gaps.any() and settings.how == NEAREST:
        whole[gaps] = nearest.fill_nearest(matrix, learned, state.progress.part(0.3, 1.0))
    elif gaps.any():
        mean, scale = np.array(learned["mean"]), np.array(learned["scale"])
        scaled = nearest.chained((matrix - mean) / scale, learned["start"], learned["steps"])
        whole[gaps] = scaled[:, 0] * scale[0] + mean[0]
    return pa.array(whole, pa.float64())


def reads(state: State, column: str, settings: Fill) -> tuple[str, ...]:
    """The columns of time and group, or those of numbers that gaps are worked out from."""
    roles = state.data.roles
    if settings.how == "previous in time":
        return tuple(one for one in (roles.time, roles.group) if one)
    return nearest.candidates(state, column) if settings.how in (NEAREST, ITERATIVE) else ()


def filled(values: Any, value: Any) -> Any:
    """A column of pandas with its gaps filled."""
    import pandas as pd

    if str(values.dtype).startswith("datetime"):
        return values.fillna(pd.Timestamp(value))
    if str(values.dtype) in ("Int64", "UInt64") and isinstance(value, float):
        values, value = (values, int(value)) if value.is_integer() else (values.astype("float64"), value)
    return values.fillna(value)


def moments_of(values: Any) -> Any:
    """Times of a column of pandas as numbers, NaN where missing."""
    if str(values.dtype).startswith("datetime"):
        return values.astype("int64").where(values.notna()).to_numpy("float64")
    return values.astype("float64").to_numpy()


def code(column: str, settings: Fill, learned: Learned) -> list[str]:
    """The same in pandas."""
    mark = f"frame[{learned['marker']!r}] = frame[{column!r}].isna()" if settings.indicator else ""
    lines = [mark] if mark else []
    if settings.how == "previous in time":
        groups = f"pd.factorize(frame[{learned['group']!r}])[0]" if "group" in learned else None
        return [
            *lines,
            f"groups = {groups or 'np.zeros(len(frame), int)'}",
            f"moments, values = moments_of(frame[{learned['time']!r}]), frame[{column!r}]",
            'known = values.notna().to_numpy() & ~about["out"].to_numpy(bool)',
            'earlier = previous_rows(moments, groups, known, about["train"].to_numpy(bool))',
            f"frame[{column!r}] = values.where(values.notna(), values.take(earlier).reset_index(drop=True))",
        ]
    if settings.how not in (NEAREST, ITERATIVE):
        return [*lines, f"frame[{column!r}] = filled(frame[{column!r}], {learned['value']!r})"]
    columns = learned["columns"]
    lines += [
        f'numbers = frame[{columns!r}].astype("float64").replace([np.inf, -np.inf], np.nan)',
        f"gaps = frame[{column!r}].isna().to_numpy()",
        f'whole = frame[{column!r}].astype("float64").to_numpy().copy()',
    ]
    if settings.how == NEAREST:
        given = ", ".join(repr(learned[key]) for key in ("columns", "donors", "mean", "scale"))
        return [
            *lines,
            "if gaps.any():",
            f"    whole[gaps] = nearest_filler({given}).transform(numbers[gaps]).iloc[:, 0]",
            f"frame[{column!r}] = whole",
        ]
    return [
        *lines,
        f"mean, scale = np.array({learned['mean']!r}), np.array({learned['scale']!r})",
        f"start, steps = {learned['start']!r}, {learned['steps']!r}",
        "scaled = chained((numbers[gaps].to_numpy() - mean) / scale, start, steps)",
        "whole[gaps] = scaled[:, 0] * scale[0] + mean[0]",
        f"frame[{column!r}] = whole",
    ]


def estimator(column: str, settings: Fill, learned: Learned) -> Any:
    """The imputer of scikit-learn with what was learned: of the column, or of all in ``columns``, the first
    of which is filled. None for the row before in time and for regressions, which skops does not trust.
    """
    import pandas as pd
    from sklearn.impute import KNNImputer

    if settings.indicator or settings.how in ("previous in time", ITERATIVE):
        return None
    if settings.how == NEAREST:
        return nearest.nearest_filler(*(learned[key] for key in ("columns", "donors", "mean", "scale")))
    if isinstance(learned["value"], str | bool):
        return None
    return KNNImputer(n_neighbors=1).fit(pd.DataFrame({column: [float(learned["value"])]}))


USED = {"value": ("how", ("constant",))}
KIND = Kind(
    settings=Fill,
    used=USED,
    apply=fill,
    learn=learn,
    code=code,
    scoped=True,
    estimator=estimator,
    reads=reads,
    helpers=(filled, moments_of, previous_rows, nearest.nearest_filler, nearest.chained),
    slow=lambda data, column, settings: settings.get("how") in (NEAREST, ITERATIVE),
)
