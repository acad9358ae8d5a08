"""Target encoding: levels become the mean target of train; rows of train get what the other folds say."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import SettingError
from core.numerics.rowhash import hash_column, mix, row_keys
from core.numerics.target_encoding import encodings, out_of_fold
from core.phrases import count, name
from core.prepare.hashes import row_hashes
from core.steps.behind import families
from core.steps.floats import as_numbers
from core.steps.kind import Effect, Learned, State, free_name

if TYPE_CHECKING:
    import pyarrow as pa

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
FOLDS = 5
CLASSES = 20  # most of a target that is no number


def learn(state: State, column: str, levels: list[Any], places: Ints) -> Learned:
    """Per new column what each level, missing and an unknown level become, in this order; ``of`` names the
    rows that it was learned from. Raises `SettingError` without a target, or with too little of it.
    """
    target = state.data.roles.target
    if target is None:
        raise SettingError("Target encoding needs a target; choose one as the role 'target'.")
    if target == column:
        raise SettingError(f"{name(column)} is the target and cannot be encoded by itself.")
    fit = _with_target(state, target)
    rows = np.unique(families(state)[fit]).size
    if rows < FOLDS:
        raise SettingError(
            f"Target encoding needs at least {FOLDS} rows of train with a target; there are {rows:,}"
            f"{', those that repeat them not counted' if rows < fit.sum() else ''}."
        )
    targets = _targets(state, column, target, fit)
    codes = np.where(places[fit] >= 0, places[fit], len(levels))
    columns = {}
    for new, numbers in targets.items():
        values, mean = encodings(codes, numbers[fit], len(levels) + 1)
        if not (codes == len(levels)).any():
            values[-1] = mean
        columns[new] = [*values.tolist(), mean]
        if not np.isfinite(columns[new]).all():
            raise SettingError(f"The target {name(target)} is too large for its means; clip it first.")
    return {"levels": levels, "columns": columns, "of": _digest(state, column, fit)}


def _with_target(state: State, target: str) -> NDArray[np.bool_]:
    """The rows of train with a target."""
    import pyarrow.compute as pc

    values = state.values(target)
    if _counts(state, target):
        known = np.asarray(np.isfinite(as_numbers(values)), dtype=bool)
    else:
        known = np.asarray(pc.is_valid(values).to_numpy(), dtype=bool)
    known[~state.fit] = False
    return known


def _counts(state: State, target: str) -> bool:
    """Whether the target is a number, of which there is one mean."""
    return state.data[target].kind == "numeric" or str(state.values(target).type) == "bool"


def _targets(state: State, column: str, target: str, fit: NDArray[np.bool_]) -> dict[str, Floats]:
    """The target as numbers, by the new column that its means go into. fit: the rows to learn from."""
    values = state.values(target)
    return {column: as_numbers(values)} if _counts(state, target) else _classes(state, column, values, fit)


def _classes(state: State, column: str, values: pa.ChunkedArray, fit: NDArray[np.bool_]) -> dict[str, Floats]:
    """One column for two classes (the later in order counts 1), otherwise one per class."""
    import pyarrow as pa
    import pyarrow.compute as pc

    classes = sorted(pc.unique(values.filter(pa.array(fit))).to_pylist())
    if len(classes) > CLASSES:
        raise SettingError(
            f"The target has {count(len(classes), 'class', 'classes')}, and target encoding makes a column "
            f"for each: at most {CLASSES}. Encode by frequency."
        )
    hits = [np.asarray(pc.fill_null(pc.equal(values, one), False).to_numpy(), float) for one in classes]
    if len(classes) <= 2:
        return {column: hits[-1]} if hits else {column: np.zeros(len(values))}
    return {free_name(state, f"{column}_{one}"): hit for one, hit in zip(classes, hits, strict=True)}


def _digest(state: State, column: str, fit: NDArray[np.bool_]) -> str:
    """Sixteen hex digits that name what the rows hold, whatever their order, and how many they are."""
    hashes = np.zeros(int(fit.sum()), np.uint64)
    for one in (column, str(state.data.roles.target)):
        hashes = mix(hashes ^ hash_column(state.values(one))[fit])
    with np.errstate(over="ignore"):
        total = mix(np.array([hashes.sum(dtype=np.uint64) ^ np.uint64(hashes.size)]))
    return f"{int(total[0]):016x}"


def apply(state: State, column: str, seed: int, learned: Learned, places: Ints, note: str) -> Effect:
    """The columns of means. The rows that they were learned from get what the other folds say, all others
    what all of them say.
    """
    import pyarrow as pa

    from_data = {new: np.array(values)[places] for new, values in learned["columns"].items()}
    target, own = state.data.roles.target, None
    fit = np.zeros(places.size, bool) if target is None else _with_target(state, target)
    if target is not None and fit.any() and learned["of"] == _digest(state, column, fit):
        targets = _targets(state, column, target, fit)
        levels = len(learned["levels"])
        codes = np.where(places[fit] >= 0, places[fit], levels)
        folds = _folds(state, fit, seed)
        tables, of_row = {}, folds
        for new, numbers in zip(learned["columns"], targets.values(), strict=True):
            tables[new], of_row = out_of_fold(
                codes, numbers[fit], folds, levels + 1, state.progress.part(0.5, 1.0)
            )
            from_data[new][fit] = np.array(tables[new])[of_row, codes]
        said = f"{count(int(fit.sum()), 'row')} of train got what the other folds say."
        note = f"{said} {note}".strip()

        def own() -> list[str]:
            return _own_code(tables, of_row, fit)

    columns = {new: pa.array(values, pa.float64()) for new, values in from_data.items()}
    for new in columns:
        if new in state.data.names and new != column:
            raise SettingError(f"There is a column {name(new)} already; rename it first.")
    removed = () if column in columns else (column,)
    return Effect(columns, dict.fromkeys(columns, "numeric"), removed=removed, note=note, own_code=own)


def _folds(state: State, fit: NDArray[np.bool_], seed: int) -> Ints:
    """A fold per row to learn from, of equal sizes, by the content of rows, so that no order matters; by
    group, where there is one, as rows of a group are alike. A row that a step added is in the fold of those
    that it comes from: it would tell their target.
    """
    group = state.data.roles.group
    if group is not None:
        hashes = mix(hash_column(state.values(group))[fit] ^ np.uint64(seed))
        groups, places = np.unique(hashes, return_inverse=True)
        if groups.size >= FOLDS:
            return np.asarray(places % FOLDS, dtype=np.int64)
    names = sorted(one for one in state.data.names if one not in state.marks)
    keys = row_keys(row_hashes(state.data, names, state.progress.part(0.0, 0.5)), seed)
    rows, family = np.unique(families(state)[fit], return_inverse=True)
    folds = np.empty(rows.size, np.int64)
    folds[np.argsort(keys[rows], kind="stable")] = np.arange(rows.size) % FOLDS
    return folds[family]


def packed(numbers: NDArray[np.int8]) -> str:
    """Small numbers as text."""
    return base64.b85encode(zlib.compress(numbers.tobytes(), 9)).decode()


def unpacked(text: str) -> Any:
    """Small numbers that were packed into a text."""
    return np.frombuffer(zlib.decompress(base64.b85decode(text)), np.int8)


def _own_code(tables: dict[str, list[Floats]], of_row: Ints, fit: NDArray[np.bool_]) -> list[str]:
    folds = np.full(fit.size, -1, np.int8)
    folds[fit] = of_row
    lines = [f"folds = unpacked({packed(folds)!r})[place]", "own = folds >= 0"]
    for new, table in tables.items():
        values = [[*one.tolist(), 0.0] for one in table]  # the last is for levels that train has not
        lines.append(f"frame.loc[own, {new!r}] = np.array({values!r})[folds[own], places[own]]")
    return lines


__all__ = ["FOLDS", "Floats", "Ints", "apply", "learn", "packed", "unpacked"]
