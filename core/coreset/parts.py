"""The rows that a coreset is built of, part by part: a data set, or the files of a folder, each of which is
read alone. Vectors that belong to the rows are read as the columns of `core.prepare.directions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.dataset.column import Column
from core.errors import InputError, SettingError
from core.phrases import name, quoted
from core.prepare.directions import Directions, are_directions, directions
from core.prepare.pilot.encoder import plain_numbers

if TYPE_CHECKING:
    import pyarrow as pa

_HELD = 200_000_000  # bytes up to which a data set is read into memory, where other work finds it
_AT_ONCE = 65_536
_NUMBER = "double"
NUMBERS = ("int64", "uint64", _NUMBER)


@dataclass(frozen=True, eq=False)
class RowPart:
    """Some rows. ``dataset``: where they are, or the path of a canonical file. ``first``: the number of their
    first one. ``types``: column -> the type that it has in all parts.
    """

    dataset: Dataset | Path
    first: int = 0
    types: tuple[tuple[str, str], ...] = ()

    @property
    def opened(self) -> Dataset:
        """The data set; a path is opened anew, so that nothing of the part is kept once it is done."""
        return self.dataset if isinstance(self.dataset, Dataset) else Dataset.open(self.dataset)

    def tables(self, columns: Sequence[str]) -> Iterator[tuple[pa.Table, NDArray[np.int64]]]:
        """The rows that take part in batches, and their numbers, ascending."""
        import pyarrow as pa

        dataset, start = self.opened, 0
        out = left_aside(dataset, columns)
        held = isinstance(self.dataset, Dataset) and dataset.bytes <= _HELD
        for table in tables_of(dataset, columns, held):
            place = np.arange(start, start + table.num_rows)
            start += table.num_rows
            if out is not None:
                mine = ~out[place]
                table, place = table.filter(pa.array(mine)), place[mine]
            yield self._typed(table), dataset.source_ids(place) + self.first

    def contents(self, columns: Sequence[str], numbers: NDArray[np.int64]) -> pa.Table:
        """The contents of single rows, by their numbers. Only these are made as decided."""
        import pyarrow as pa

        dataset, place = self.opened, numbers - self.first
        changes, base = dataset.changes, dataset.base
        columns, along = _apart(dataset, columns)
        if changes is None or base is None:
            table = dataset.table(columns).take(place)
            return self._typed(_beside(table, along, lambda: dataset.vector_rows()[place]))
        sources = {column: changes.source(column) for column in columns}
        read = list(dict.fromkeys(filter(None, sources.values())))
        table, few = base.table(read), changes.at(place)
        if changes.added is not None:
            whole = {column: changes.added.behind(table.column(column), column) for column in read}
            table = pa.table(whole)
        taken = table.take(place)
        made = {
            column: few.column(column, taken.column(source) if source else None)
            for column, source in sources.items()
        }
        return self._typed(_beside(pa.table(made), along, lambda: dataset.numbered_vectors(place)))

    def _typed(self, table: pa.Table) -> pa.Table:
        types = dict(self.types)
        for at, column in enumerate(table.column_names):
            wanted = types.get(column, "")
            if wanted and str(table.schema.field(at).type) != wanted:
                table = table.set_column(at, column, table.column(at).cast(wanted))
        return table


def left_aside(dataset: Dataset, columns: Sequence[str]) -> NDArray[np.bool_] | None:
    """Rows that take no part: those of serve and, where rows are read by the vectors of their pictures, those
    without one that can be read; None where all do.
    """
    pictures = are_directions(columns)
    if not pictures and "serve" not in dataset.parts:
        return None
    out = dataset.part_mask("serve") if "serve" in dataset.parts else np.zeros(dataset.rows, bool)
    out = out | dataset.without_picture() if pictures else out
    return out if out.any() else None


def can_be_drawn(dataset: Dataset, target: str, weight: str, by_picture: bool) -> int:
    """How many rows a coreset can take: those of train with a target and a weight above 0, where there are
    such roles ("": none), and of rows read by their pictures those with one that can be read. A share of the
    rows is one of these.
    """
    there = ~dataset.part_mask("serve")
    if by_picture:
        there = there & ~dataset.without_picture()
    roles, start = list(dict.fromkeys(filter(None, (target, weight)))), 0
    for batch in dataset.batches(roles) if roles else ():
        here = there[start : start + batch.num_rows]
        start += batch.num_rows
        if target:
            here &= ~np.asarray(batch.column(target).is_null(nan_is_null=True))
        if weight:
            here &= np.nan_to_num(plain_numbers(batch.column(weight))) > 0
    return int(there.sum())


def tables_of(dataset: Dataset, columns: Sequence[str], hold: bool = False) -> Iterator[pa.Table]:
    """All rows of a data set in batches: columns of the table, and of its vectors. Raises `InputError` for
    those of vectors that it does not have.
    """
    import pyarrow as pa

    own, along = _apart(dataset, columns)
    start = 0
    for batch in dataset.batches(own, _AT_ONCE, hold=hold):
        yield _beside(pa.Table.from_batches([batch]), along, partial(_some_vectors, dataset, start, batch))
        start += batch.num_rows


def _some_vectors(dataset: Dataset, start: int, batch: pa.RecordBatch) -> NDArray[np.float32]:
    """Those of the rows of a batch."""
    return dataset.vector_rows()[start : start + batch.num_rows]


class _Along(NamedTuple):
    """Columns of vectors, and all columns in the order asked for."""

    directions: Directions
    columns: tuple[str, ...]


def _apart(dataset: Dataset, columns: Sequence[str]) -> tuple[list[str], _Along | None]:
    """The columns of the table, one at least, and those of its vectors beside them."""
    own = [column for column in columns if column in dataset.names]
    rest = [column for column in columns if column not in dataset.names]
    if not are_directions(rest):
        return list(columns), None
    along = directions(dataset)
    if along is None or not set(rest) <= set(along.names):
        raise _other_vectors(dataset)
    return own or [dataset.names[0]], _Along(along, tuple(columns))


def _beside(table: pa.Table, along: _Along | None, vectors: Callable[[], NDArray[np.float32]]) -> pa.Table:
    """The table with the columns of vectors where they were asked for."""
    import pyarrow as pa

    if along is None:
        return table
    made = dict(zip(along.directions.names, along.directions.of(vectors()), strict=True))
    every = [pa.array(made[one]) if one in made else table.column(one) for one in along.columns]
    return pa.table(every, names=list(along.columns))


def _other_vectors(dataset: Dataset) -> InputError:
    return InputError(
        f"The coreset compares rows by vectors (embeddings) that {quoted(dataset.name)} does not have. "
        "Attach the same vectors again, or build the coreset by columns (setting 'columns')."
    )


def has_columns(dataset: Dataset, columns: Sequence[str]) -> bool:
    """Whether the data set has all of these columns, those of its vectors among them."""
    along = directions(dataset) if are_directions(columns) else None
    return set(columns) <= {*dataset.names, *(along.names if along is not None else ())}


def parts_of(datasets: Sequence[Dataset], columns: Sequence[str]) -> tuple[RowPart, ...]:
    """Files of the same columns as parts, numbered on in their order. Of several each is known by its path
    alone, so that it can be opened in any process and nothing of it is kept. Raises `InputError` where one
    has not these columns, of these kinds.
    """
    lead = datasets[0]
    for dataset in datasets:
        if are_directions(columns) and not has_columns(dataset, [*filter(_of_vectors, columns)]):
            raise _other_vectors(dataset)
    types = tuple(
        (column, _NUMBER if _of_vectors(column) else _common(datasets, lead[column])) for column in columns
    )
    firsts = np.concatenate([[0], np.cumsum([dataset.numbered for dataset in datasets])])
    if len(datasets) == 1:
        return (RowPart(lead, 0, types),)
    return tuple(
        RowPart(
            dataset.path if dataset.base is None and dataset.split is None else dataset, int(first), types
        )
        for dataset, first in zip(datasets, firsts[:-1], strict=True)
    )


def _common(datasets: Sequence[Dataset], lead: Column) -> str:
    """The type of a column in all parts."""
    stored = set()
    for dataset in datasets:
        if lead.name not in dataset.names:
            raise InputError(
                f"{dataset.name!r} has no column {name(lead.name)}, which {datasets[0].name!r} has. Parts "
                "need the same columns: leave the file out, or add the column."
            )
        other = dataset[lead.name]
        if other.stored != lead.stored and not {other.stored, lead.stored} <= set(NUMBERS):
            raise InputError(
                f"Column {name(lead.name)} holds {other.stored} in {dataset.name!r} and {lead.stored} in "
                f"{datasets[0].name!r}. Give it one kind with --kind {lead.name}=category, or mend the file."
            )
        stored.add(other.stored)
    return lead.stored if len(stored) == 1 else "double"


def _of_vectors(column: str) -> bool:
    return are_directions([column])


def types_of(schema: pa.Schema) -> tuple[tuple[str, str], ...]:
    """Column -> type, of a schema."""
    return tuple((field.name, str(field.type)) for field in schema)


def checked(dataset: Dataset, types: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The types, where the data set has these columns and they fit. Raises `InputError` otherwise."""
    for column, wanted in types:
        if _of_vectors(column) and column not in dataset.names:
            if not has_columns(dataset, [column]):
                raise _other_vectors(dataset)
            continue
        if column not in dataset.names:
            raise InputError(
                f"{dataset.name!r} has no column {name(column)}, which the coreset was built with. Build it "
                "anew, or take the column in again."
            )
        stored = dataset[column].stored
        if stored != wanted and not {stored, wanted} <= set(NUMBERS):
            raise InputError(
                f"Column {name(column)} holds {stored} in {dataset.name!r} and {wanted} in the coreset. Mend "
                "the file, or build the coreset anew."
            )
    return types


def features_of(
    dataset: Dataset, target: str, columns: Sequence[str] = (), alone: bool = True
) -> tuple[Column, ...]:
    """The columns that scores are worked out from: those chosen; or else, of a data set that is all there is
    (``alone``), those of its vectors; or else all that a model may use. Raises `SettingError` where the
    target is among those chosen.
    """
    if target and target in columns:
        raise SettingError(f"{name(target)} is the target; leave it out of the columns.")
    along = directions(dataset) if alone and not columns else None
    if along is not None:
        return tuple(Column(one, "numeric", _NUMBER, "vectors") for one in along.names)
    barred = {target, dataset.parting}
    return tuple(dataset[one] for one in columns or dataset.unmarked.features if one not in barred)
