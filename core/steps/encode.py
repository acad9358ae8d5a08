"""Encode levels as numbers: one-hot, ordinal, by frequency, or by the mean target out of fold.

Levels are learned from train. Missing is a level of its own where train has it; a level that train has not
counts among the rare ones (one-hot), is -1 (ordinal), 0 (frequency) or the mean of the target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.dataset.column import held
from core.errors import SettingError
from core.numerics.conditions import known
from core.phrases import count, digits, name, parted, percent, quoted
from core.settings import Settings, choice, knob, text
from core.steps import target_means
from core.steps.kind import Effect, Kind, Learned, State, free_name
from core.steps.overlay import typed
from core.steps.target_means import Ints

if TYPE_CHECKING:
    import pyarrow as pa

WAYS = ("one-hot", "ordinal", "frequency", "target")
COLUMNS = 50  # most that one-hot makes
LEVELS = 100_000  # most that are learned
LONGEST = 60  # letters of a level in a name
UNKNOWN, MISSING = -1, -2  # places of cells that are no level


@dataclass(frozen=True)
class Encode(Settings):
    """how: see the module. rare: levels below this share of train are taken together (one-hot). order: the
    levels from the lowest to the highest, with commas between (ordinal); in alphabetical order by default.
    seed: of the folds (target).
    """

    how: str = choice(
        "one-hot",
        "Encode",
        "One-hot: a column of yes and no per level. Ordinal: its place. Frequency: its share of train. "
        "Target: the mean target of train, for rows of train learned from other rows.",
        WAYS,
    )
    rare: float = knob(
        0.01, "Rare below", "For one-hot: levels below this share of train become one.", 0.0, 0.5
    )
    order: str = text(
        "",
        "Order",
        "For ordinal: all levels from the lowest to the highest, with commas between; a level with a comma "
        "of its own stands in double quotes.",
    )
    seed: int = knob(0, "Seed", "For target: seed of the five folds.", 0, 2**31 - 1)


def learn(state: State, column: str, settings: Encode) -> Learned:
    """The levels of train and what each becomes. Raises `SettingError` where there are too many, or none."""
    levels, counts, missing = _counted(state, column)
    if settings.how == "one-hot":
        return _one_hot(state, column, settings, levels, counts, missing)
    if len(levels) > LEVELS:
        raise SettingError(
            f"{name(column)} has {count(len(levels), 'level')} in train, and at most {LEVELS:,} are encoded; "
            "merge spellings, or leave it out."
        )
    if settings.how == "ordinal":
        return {"levels": _ordered(state, levels, parted(settings.order), column)}
    if settings.how == "frequency":
        total = int(counts.sum()) + missing
        return {"levels": levels, "columns": {column: [*(counts / total).tolist(), missing / total, 0.0]}}
    return target_means.learn(state, column, levels, _places(state, column, levels))


def _counted(state: State, column: str) -> tuple[list[Any], NDArray[np.int64], int]:
    """The levels of train in order, how often each is there, and how often none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = known(state.values(column).filter(pa.array(state.fit)))
    counted = pc.value_counts(pc.drop_null(state.known(column)))
    pairs = zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True)
    table: dict[Any, int] = {}
    for raw, amount in pairs:
        level = raw + 0.0 if isinstance(raw, float) else raw  # -0 is 0
        table[level] = table.get(level, 0) + amount
    levels = sorted(table)
    return levels, np.array([table[level] for level in levels]), values.null_count


def _one_hot(
    state: State,
    column: str,
    settings: Encode,
    levels: list[Any],
    counts: NDArray[np.int64],
    missing: int,
) -> Learned:
    """The levels that get a column, the most frequent ones; the column of the rest, and that of missing."""
    enough = counts >= settings.rare * (int(counts.sum()) + missing)
    if not enough.any():
        raise SettingError(
            f"None of the {count(len(levels), 'level')} of {name(column)} makes {percent(settings.rare)} of "
            "train, so that one-hot would distinguish none; encode it by frequency or target."
        )
    room = COLUMNS - bool(missing)
    if int(enough.sum()) + (not enough.all()) > room:
        most = np.lexsort((np.arange(len(levels)), -counts))[: room - 1]
        enough &= np.isin(np.arange(len(levels)), most)
    shown = [level for level, one in zip(levels, enough.tolist(), strict=True) if one]
    taken: dict[str, None] = {}
    for level in shown:
        taken[_free(state, taken, f"{column}_{_text(level)[:LONGEST]}")] = None
    learned: dict[str, Any] = {"levels": shown, "names": list(taken)}
    if missing:
        learned["missing"] = _free(state, taken, f"{column}_missing")
        taken[learned["missing"]] = None
    if not enough.all():
        learned["other"] = _free(state, taken, f"{column}_other")
    return learned


def _free(state: State, taken: dict[str, None], wanted: str) -> str:
    free, number = free_name(state, wanted), 2
    while free in taken:
        free, number = free_name(state, f"{wanted}_{number}"), number + 1
    return free


def _text(level: Any) -> str:
    return digits(level) if isinstance(level, float) else str(level)


def _ordered(state: State, levels: list[Any], order: Sequence[str], column: str) -> list[Any]:
    """The levels in the order that was typed, those that train has not among them."""
    if not order:
        return levels
    by_text = {_text(level): level for level in levels}
    lost = [text for text in by_text if text not in order]
    if lost or len(set(order)) < len(order):
        raise SettingError(
            f"The order must name every level of {name(column)} in train once"
            + (f"; {name(lost[0])} is not among it." if lost else ".")
        )
    there, kind = state.data[column], state.values(column).type
    further = {text: typed(state.data, there, text, kind) for text in order if text not in by_text}
    unread = [text for text, level in further.items() if level is None]
    if unread:
        raise SettingError(
            f"{quoted(unread[0])} is none of the values that {name(column)} can have ({held(kind)})."
        )
    return [by_text.get(text, further.get(text)) for text in order]


def _places(state: State, column: str, levels: Sequence[Any]) -> Ints:
    """Per row the place of its level; -1 for none of them, -2 for missing."""
    import pyarrow.compute as pc

    coded = known(state.values(column)).combine_chunks().dictionary_encode()
    place = {level: at for at, level in enumerate(levels)}
    of_code = np.array([place.get(level, UNKNOWN) for level in coded.dictionary.to_pylist()] + [MISSING])
    codes = pc.fill_null(coded.indices, len(of_code) - 1).to_numpy(zero_copy_only=False)
    places: Ints = of_code.astype(np.int64)[codes]
    return places


def encode(state: State, column: str, settings: Encode, learned: Learned) -> Effect:
    """The column encoded; one-hot takes it out. Raises `SettingError` for a new name that is taken, and for
    the column that parts train from serve.
    """
    if column == state.data.parting:
        raise SettingError(f"{name(column)} parts train from serve and stays as it is.")
    places = _places(state, column, learned["levels"])
    unseen = int(((places == UNKNOWN) & state.kept).sum())
    rare = "that is rare or not in train" if settings.how == "one-hot" else "that is not in train"
    note = f"{count(unseen, 'cell')} with a level {rare}." if unseen else ""
    if settings.how == "one-hot":
        columns = _indicators(places, learned)
        for new in columns:
            if new in state.data.names and new != column:
                raise SettingError(f"There is a column {name(new)} already; rename it first.")
        return Effect(columns, dict.fromkeys(columns, "boolean"), removed=(column,), note=note)
    if settings.how == "ordinal":
        return Effect({column: _ordinal(places)}, {column: "numeric"}, note=note)
    if settings.how == "target":
        return target_means.apply(state, column, settings.seed, learned, places, note)
    values = np.array(learned["columns"][column])[places]
    return Effect({column: _floats(values)}, {column: "numeric"}, note=note)


def _indicators(places: Ints, learned: Learned) -> dict[str, pa.Array]:
    import pyarrow as pa

    columns = {new: pa.array(places == at) for at, new in enumerate(learned["names"])}
    rest = places == UNKNOWN
    if "missing" in learned:
        columns[learned["missing"]] = pa.array(places == MISSING)
    else:
        rest |= places == MISSING
    if "other" in learned:
        columns[learned["other"]] = pa.array(rest)
    return columns


def _ordinal(places: Ints) -> pa.Array:
    import pyarrow as pa

    return pa.array(places, pa.int64(), mask=places == MISSING)


def _floats(values: NDArray[np.float64]) -> pa.Array:
    import pyarrow as pa

    return pa.array(values, pa.float64())


def reads(state: State, column: str, settings: Encode) -> tuple[str, ...]:
    """For the target encoding every column, as folds are drawn by the content of rows."""
    return state.data.names if settings.how == "target" else ()


def level_places(values: Any, levels: list[Any]) -> Any:
    """Per value of a column of pandas the place of its level; -1 for none of them, -2 for missing."""
    place = {level: at for at, level in enumerate(levels)}
    there = values.notna().to_numpy()
    places = np.full(len(values), -2)
    places[there] = [place.get(value, -1) for value in values[there].tolist()]
    return places


def code(column: str, settings: Encode, learned: Learned) -> list[str]:
    """The same in pandas, for rows that are not of train."""
    lines = [f"places = level_places(frame[{column!r}], {learned['levels']!r})"]
    if settings.how == "ordinal":
        return [
            *lines,
            f'frame[{column!r}] = pd.Series(places).astype("Int64").mask(places == -2)',
        ]
    if settings.how != "one-hot":
        return (
            lines
            + [f"frame[{new!r}] = np.array({values!r})[places]" for new, values in learned["columns"].items()]
            + ([] if column in learned["columns"] else [f"frame = frame.drop(columns={column!r})"])
        )
    lines += [f"frame[{new!r}] = places == {at}" for at, new in enumerate(learned["names"])]
    if "missing" in learned:
        lines.append(f"frame[{learned['missing']!r}] = places == -2")
    if "other" in learned:
        rest = "places == -1" if "missing" in learned else "places < 0"
        lines.append(f"frame[{learned['other']!r}] = {rest}")
    return [*lines, f"frame = frame.drop(columns={column!r})"]


def estimator(column: str, settings: Encode, learned: Learned) -> Any:
    """The encoder of scikit-learn with what was learned; its ``transform`` treats rows as new ones."""
    import pandas as pd
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

    levels = list(learned["levels"])

    numbers = isinstance(levels[0], int | float) and not isinstance(levels[0], bool)
    kind = "float64" if numbers else "object"

    def some(cells: list[Any]) -> pd.DataFrame:
        return pd.DataFrame({column: pd.Series(cells, dtype=kind)})

    if settings.how == "ordinal":
        if numbers and levels != sorted(levels) or len({type(level) is str for level in levels}) > 1:
            return None  # scikit-learn takes numbers in ascending order alone
        ordinal = OrdinalEncoder(
            categories=[np.array([*levels, np.nan], dtype=kind)],
            handle_unknown="use_encoded_value",
            unknown_value=-1,
        )
        return ordinal.fit(some([*levels, np.nan]))
    if settings.how == "one-hot":
        often = [*levels, *([np.nan] if "missing" in learned else [])]
        seldom = [_beside(levels)] if "other" in learned else []
        one_hot = OneHotEncoder(
            handle_unknown="infrequent_if_exist", min_frequency=2, sparse_output=False, dtype=np.float64
        )
        return one_hot.fit(some([*often, *often, *seldom]))
    if len(learned["columns"]) > 1:
        return None
    [values] = learned["columns"].values()
    target = TargetEncoder(target_type="continuous", cv=2)
    cells = [*levels, np.nan]
    target.fit(some(cells), np.arange(len(cells), dtype=np.float64))
    target.encodings_, target.target_mean_ = [np.array(values[:-1])], values[-1]
    return target


def _beside(levels: list[Any]) -> Any:
    """A value of their type that is none of the levels, and stands for those that are rare."""
    if isinstance(levels[0], str):
        other = "other"
        while other in levels:
            other += "_"
        return other
    return max(levels) + 1


USED = {"rare": ("how", ("one-hot",)), "order": ("how", ("ordinal",)), "seed": ("how", ("target",))}
KIND = Kind(
    settings=Encode,
    used=USED,
    apply=encode,
    code=code,
    learn=learn,
    columns=("category", "text", "identifier", "boolean", "numeric"),
    estimator=estimator,
    reads=reads,
    helpers=(level_places, target_means.unpacked),
    slow=lambda data, column, settings: settings.get("how") == "target",
)
