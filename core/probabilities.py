"""Class probabilities of a model of yours (pred_probs), from a file: by them labels are judged in place of
the models worked out here.

    data = attach(load("train.csv", target="species"), "probabilities.csv", out_of_sample=True)
    run("labels", data)

They are kept beside the data set, found again with it by `core.workspace.open_recent`, and removed with it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.dataset.row_probabilities import Probabilities
from core.errors import LoadError, SettingError, StoreError
from core.loading.beside import table_of
from core.phrases import count, name
from core.prepare.evidence.brought import by_name, check_order, checked, in_order, places, places_given
from core.prepare.features import floats
from core.prepare.levels import encoded
from core.progress import SILENT, Progress
from core.workspace import remember
from core.workspace.quota import leave, make_room

if TYPE_CHECKING:
    import pyarrow as pa

ROW = "row"  # the column that says which row of the data a row of the file is about
_INDEXES = ("__index_level_0__",)  # what pandas calls an index without a name, in Parquet
_NUMBERS = ("int64", "uint64", "double", "bool")
Ids = NDArray[np.int64]


@dataclass(frozen=True)
class _RowsNamed:
    """Which row of the data each row of the file is about, what says so, and what to call one."""

    ids: Ids
    by: str
    called: Callable[[int], str]


def attach(
    dataset: Dataset,
    path: str | Path,
    *,
    out_of_sample: bool,
    target: str | None = None,
    file: str = "",
    progress: Progress = SILENT,
) -> Dataset:
    """The data set with the class probabilities of a file: CSV, Parquet, ``.npy`` or another table.

    One row per row of the data (or of its train part), in their order; or with a column ``row`` (the position
    in the source from 0), or the data's id column, that says which row each is about. One column per class,
    called as its class (``p_a`` and ``p_b`` will do for a and b); columns that are only numbered stand in the
    order of the classes (numbers by value, then words by letter, as scikit-learn and cleanlab have them).

    out_of_sample: whether the model had not seen the row that it judges, as in cross-validation. target: the
    column whose classes they are of, that of the role by default. file: what the file is called, where its
    path does not say it. Raises `SettingError` without a target, and where columns and classes do not meet;
    `LoadError` for a file that cannot be read, other rows, or numbers that are no probabilities; `StoreError`
    when there is no room.
    """
    base, path = dataset.base or dataset, Path(path)
    called = file or path.name
    of = target or base.roles.target
    if of is None:
        raise SettingError(
            f"The probabilities in {called} are of the classes of a target, and none is chosen. "
            "Choose the column to predict first."
        )
    classes = in_order(_levels(base, of))
    make_room(3 * (path.stat().st_size if path.is_file() else 0))
    with table_of(base, path, called, progress.part(0.0, 0.7)) as table:
        rows = _rows(base, table, called, classes)
        columns = [one for one in table.names if one != rows.by]
        found = [columns[at] for at in places(columns, classes, called, of)]
        progress.at(0.7, "Checking probabilities")
        given = np.stack([_numbers(table, one, called, rows) for one in found], axis=1)
        held = checked(given, lambda at: f"The probabilities of {rows.called(at)}", LoadError)
        if by_name(columns, classes) is None:
            check_order(held, places_given(base, of, classes, rows.ids), classes, f"The columns of {called}")
        numbers = np.full((base.rows, len(classes)), np.nan, np.float32)
        numbers[rows.ids] = held
    progress.at(0.9, "Keeping probabilities")
    kept = _kept(base, numbers, called, of, tuple(classes), out_of_sample)
    return _changed(dataset, kept)


def detach(dataset: Dataset) -> Dataset:
    """The data set as it was before probabilities were attached; their file goes, once no session works by
    it.
    """
    return _changed(dataset, None)


def _changed(dataset: Dataset, brought: Probabilities | None) -> Dataset:
    """The data set with these probabilities, or none; those it had are left."""
    remember(replace(dataset.base or dataset, probabilities=brought))
    before = dataset.probabilities
    if before is not None and (brought is None or brought.path != before.path):
        leave(before.path, dataset)
    return replace(dataset, probabilities=brought)


def _levels(dataset: Dataset, target: str) -> list[str]:
    """The classes of the target, in any part."""
    _, levels = encoded(dataset.table([target]).column(0))
    return [str(level) for level in levels.to_pylist() if level is not None]


def _rows(dataset: Dataset, table: Dataset, file: str, classes: list[str]) -> _RowsNamed:
    """Which rows of the data the rows of the file are about. Raises `LoadError`."""
    by = _says_which(dataset, table, classes)
    if not by:
        return _in_order(dataset, table.rows, file)
    if by == dataset.roles.id:
        ids = _by_id(dataset, table, by, file)
        return _RowsNamed(ids, by, lambda at: f"row {int(ids[at])} (row {at} of {file})")
    numbers = (
        floats(table.table([by]).column(0)) if table[by].stored in _NUMBERS else np.full(table.rows, np.nan)
    )
    wrong = ~((numbers >= 0) & (numbers < dataset.rows) & (numbers == np.floor(numbers)))
    if wrong.any():
        at = int(wrong.argmax())
        raise LoadError(
            f"{name(by)} of {file} holds no row of the data in its row {at}: rows have the numbers 0 to "
            f"{dataset.rows - 1:,}. Number them as they stand in the source, or leave the column out."
        )
    ids = numbers.astype(np.int64)
    if by != ROW and np.array_equal(np.sort(ids), np.arange(1, ids.size + 1)):
        raise LoadError(
            f"The first column of {file} counts its rows from 1, as R does; rows have numbers from 0. Leave "
            f"it out where the rows stand in order, or call it {ROW!r} and count from 0."
        )
    _once(ids, lambda one: f"row {one}", file)
    return _RowsNamed(ids, by, lambda at: f"row {int(ids[at])} in {file}")


def _says_which(dataset: Dataset, table: Dataset, classes: list[str]) -> str:
    """The column of the file that says which row each is about; "" where none does, and they stand in
    order.
    """
    if ROW in table.names and ROW not in classes:
        return ROW
    if dataset.roles.id in table.names and dataset.roles.id not in classes:
        return str(dataset.roles.id)
    header = table.source.options.get("header")
    without = [name for name, head in zip(table.names, header or (), strict=False) if head == ""][:1]
    written = [one for one in (*without, *_INDEXES) if one in table.names and one not in classes]
    return next((one for one in written if table[one].stored == "int64"), "")


def _in_order(dataset: Dataset, rows: int, file: str) -> _RowsNamed:
    train = np.flatnonzero(dataset.part_mask("train")).astype(np.int64)
    if rows == dataset.rows:
        train = np.arange(dataset.rows, dtype=np.int64)
    if rows != train.size:
        parted = f" ({count(train.size)} of them in train)" if train.size < dataset.rows else ""
        raise LoadError(
            f"{file} has {count(rows, 'row')} of probabilities for {count(dataset.rows, 'row')} of "
            f"data{parted}. Give one per row, in the order of the source, or a column {ROW!r} with the "
            "number of each, from 0."
        )
    return _RowsNamed(train, "", lambda at: f"row {at} in {file}")


def _by_id(dataset: Dataset, table: Dataset, by: str, file: str) -> Ids:
    """Rows of the data by their id. Raises `LoadError` for an id that is not there, or not one row's."""
    import pyarrow.compute as pc

    own, given = (_texts(one.table([by]).column(0)) for one in (dataset, table))
    ids = np.asarray(pc.fill_null(pc.index_in(given, value_set=own, skip_nulls=True), -1), np.int64)
    if (ids < 0).any():
        at = int((ids < 0).argmax())
        raise LoadError(
            f"{name(by)} of {file} holds {given[at].as_py()!r} in its row {at}, which is no id of the data. "
            "Leave the row out, or name it as the data do."
        )
    known = pc.value_counts(pc.filter(own, pc.is_in(own, value_set=given)))
    twice = [one["values"].as_py() for one in known if one["counts"].as_py() > 1]
    if twice:
        raise LoadError(
            f"{twice[0]!r} in {name(by)} is the id of several rows of the data, so that {file} cannot say "
            f"which is meant. Give a column {ROW!r} with the number of each row, from 0."
        )
    _once(ids, lambda one: f"the id {own[one].as_py()!r}", file)
    return ids


def _texts(values: pa.ChunkedArray) -> pa.Array:
    """Ids as text, so that a file that has them as numbers says the same."""
    import pyarrow as pa

    return pa.array([None if one is None else str(one) for one in values.to_pylist()], pa.string())


def _once(ids: Ids, called: Callable[[int], str], file: str) -> None:
    """Raise `LoadError` where two rows of the file are about one row of the data."""
    order = np.argsort(ids, kind="stable")
    again = np.flatnonzero(ids[order][1:] == ids[order][:-1])
    if again.size:
        first, second = (int(order[at]) for at in (again[0], again[0] + 1))
        raise LoadError(
            f"{file} speaks of {called(int(ids[first]))} twice, in its rows {first} and {second}. "
            "Leave one of them."
        )


def _numbers(table: Dataset, column: str, file: str, rows: _RowsNamed) -> NDArray[np.float64]:
    """The numbers of a column. Raises `LoadError` naming the first row that holds none."""
    if table[column].stored in _NUMBERS:
        return floats(table.table([column]).column(0))
    texts = table.table([column]).column(0).to_pylist()
    at = next((place for place, text in enumerate(texts) if not _is_number(text)), 0)
    raise LoadError(
        f"{name(column)} of {file} holds {str(texts[at])[:40]!r} for {rows.called(at)}, not a probability. "
        "Write it as a number from 0 to 1."
    )


def _is_number(text: object) -> bool:
    try:
        return math.isfinite(float(str(text)))
    except ValueError:
        return False


def _kept(
    dataset: Dataset,
    numbers: NDArray[np.float32],
    file: str,
    target: str,
    classes: tuple[str, ...],
    out_of_sample: bool,
) -> Probabilities:
    """The numbers in their place beside the canonical file, named by what they are."""
    digest = hashlib.sha256(json.dumps([target, classes, out_of_sample]).encode())
    digest.update(np.ascontiguousarray(numbers, "<f4").tobytes())
    path = dataset.path.parent / f"probabilities-{digest.hexdigest()[:16]}.npy"
    part = path.with_suffix(".part")
    try:
        with part.open("wb") as written:
            np.save(written, numbers, allow_pickle=False)
        part.replace(path)
    except FileNotFoundError as error:
        raise LoadError(
            f"The data set {dataset.name!r} is gone from the workspace. Load it again."
        ) from error
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StoreError(
            f"There is no room for {numbers.nbytes / 1e6:,.0f} MB of probabilities ({error.strerror}). "
            "Free some space."
        ) from error
    return Probabilities(file, target, classes, out_of_sample, digest.hexdigest(), path)
