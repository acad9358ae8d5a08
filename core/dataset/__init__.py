"""A data set: one canonical Parquet file that never changes, and what is known about its columns.

Row identity is the position in the source: train rows first, serve rows (if there are any) after them. It is
the position in the canonical file too, so it needs no column, and no sorting or filtering can lose it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.changes import Changes
from core.dataset.canonical_file import CanonicalFile
from core.dataset.changed_columns import ChangedColumns
from core.dataset.column import Column
from core.dataset.footer import Footer
from core.dataset.frames import frame_of
from core.dataset.held import Cache
from core.dataset.pictures import FACTS, MEASURES, PREFIX, Pictures
from core.dataset.roles import ROLES, Roles
from core.dataset.row_probabilities import Probabilities
from core.dataset.row_vectors import Vectors, same_pictures
from core.dataset.source import Source
from core.dataset.split import Part, PartSplit, said_with
from core.dataset.sql import relation, relation_of
from core.errors import ColumnError, LoadError, SettingError
from core.finding import Finding
from core.limits import HELD_MB
from core.phrases import count, verb
from core.phrases import name as quoted_name
from core.rowset import RowSet

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Dataset:
    """An immutable table on disk, with a kind per column, roles, and a part per row.

    ``fingerprint`` depends on the content alone, not on the file format, kinds or roles. ``version`` also
    depends on kinds, roles and split: use it in cache keys. ``loading`` holds what was found while reading
    (differences between the parts …). ``overrides``: kinds that a person changed, column -> kind.
    ``vectors``: what rows are compared by, if not by their columns. ``probabilities``: of a model of the
    user's, by which labels are judged. ``changes``: what decisions made of
    ``base``, the data as loaded (`core.decided`); rows are then counted among those that are left.
    """

    path: Path
    name: str
    rows: int
    columns: tuple[Column, ...]
    fingerprint: str
    source: Source
    roles: Roles = field(default_factory=Roles)
    split: PartSplit | None = None
    loading: tuple[Finding, ...] = ()
    overrides: Mapping[str, str] = field(default_factory=dict)
    vectors: Vectors | None = None
    probabilities: Probabilities | None = None
    base: Dataset | None = None
    changes: Changes | None = None
    _held: Cache = field(default_factory=Cache, repr=False)

    @classmethod
    def open(cls, path: Path) -> Dataset:
        """Open a canonical file. Reads its footer only. Raises `LoadError` when the file is gone or was not
        written by Winnow.
        """
        return cls(path=path, **vars(Footer.read(path)))

    def meta(self) -> bytes:
        """What `open` reads from the footer of the canonical file."""
        return Footer(**{f.name: getattr(self, f.name) for f in fields(Footer)}).to_bytes()

    @cached_property
    def version(self) -> str:
        """Sixteen hex digits of fingerprint, kinds, roles, split and, where there are any, vectors,
        probabilities and changes together.
        """
        facts: list[Any] = [
            self.fingerprint,
            [(c.name, c.kind, c.stored) for c in self.columns],
            asdict(self.roles),
            self.split and asdict(self.split),
        ]
        if self.vectors is not None:
            facts.append(self.vectors.sha256)
        if self.probabilities is not None:
            facts.append(["probabilities", self.probabilities.sha256])
        if self.changes is not None:
            facts.append(self.changes.key)
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The column names, in the order of the source."""
        return tuple(column.name for column in self.columns)

    def __getitem__(self, name: str) -> Column:
        """The column called ``name``. Raises `ColumnError` with the nearest name."""
        for column in self.columns:
            if column.name == name:
                return column
        raise ColumnError.missing(name, self.names)

    def of_kind(self, *kinds: str) -> tuple[str, ...]:
        """Names of the columns of these kinds."""
        return tuple(column.name for column in self.columns if column.kind in kinds)

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns that a model may use: all but target, id, weight and identifiers."""
        barred = {self.roles.target, self.roles.id, self.roles.weight}
        return tuple(
            c.name for c in self.columns if c.name not in barred and c.kind not in ("identifier", "image")
        )

    @property
    def measured(self) -> tuple[str, ...]:
        """Names of the columns that loading measured of pictures."""
        known = {PREFIX + name for name in (*FACTS, *MEASURES)} & set(self.names)
        return tuple(name for name in self.names if name in known and self.pictures is not None)

    @property
    def unmarked(self) -> Dataset:
        """The same without the columns that mark added rows: what an analysis looks at."""
        if self.changes is None or self.changes.added is None:
            return self
        marks = self.changes.added.marks
        return replace(self, columns=tuple(column for column in self.columns if column.name not in marks))

    def with_roles(self, **roles: str | None) -> Dataset:
        """The same data with these roles changed (None clears one). Raises `ColumnError` or
        `SettingError`.
        """
        for role, column in roles.items():
            if role not in ROLES:
                raise SettingError.unknown(role, ROLES)
            if column is not None:
                self[column]
        changed = replace(self.roles, **roles)
        return replace(self, roles=changed, loading=said_with(changed.named(), self.loading))

    def with_kinds(self, kinds: Mapping[str, str]) -> Dataset:
        """The same data with other kinds for columns whose stored type allows it; `core.loading.retype` does
        the rest.
        """
        retyped = {name: self[name].taken_as(kind) for name, kind in kinds.items()}
        columns = tuple(retyped.get(column.name, column) for column in self.columns)
        return replace(self, columns=columns, overrides={**self.overrides, **kinds})

    def with_split(self, split: PartSplit | None) -> Dataset:
        """The same data, parted otherwise. Raises `ColumnError` or `SettingError` when the split is not
        possible.
        """
        changed = replace(self, split=split)
        if split is not None and split.how != "file":
            changed._check_split(split)
        return changed

    def _check_split(self, split: PartSplit) -> None:
        column = self[split.column]
        if split.how == "time" and column.kind != "datetime":
            raise ColumnError.wrong_kind(column.name, column.kind, ["datetime"])
        serve = int(self.part_mask("serve").sum())
        if serve in (0, self.rows):
            side = "train" if serve else "serve"
            raise SettingError(
                f"Splitting {quoted_name(split.column)} at {split.value!r} leaves no {side} rows; "
                "choose another value."
            )

    @property
    def parting(self) -> str:
        """Name of the column whose values part the rows into train and serve; "" where none does."""
        return self.split.column if self.split is not None else ""

    @property
    def parts(self) -> dict[str, int]:
        """Number of rows per part: ``{"train": n}`` or ``{"train": n, "serve": m}``."""
        if self.split is None:
            return {"train": self.rows}
        serve = int(self.part_mask("serve").sum())
        return {"train": self.rows - serve, "serve": serve}

    def part_mask(self, part: Part) -> NDArray[np.bool_]:
        """Boolean array of length ``rows``: true for the rows of ``part``."""
        serve: NDArray[np.bool_] = self._held.once(("serve", self.split), self._serve_mask)
        return serve if part == "serve" else ~serve

    def _serve_mask(self) -> NDArray[np.bool_]:
        if self.split is None:
            return np.zeros(self.rows, bool)
        if self.base is not None and self.changes is not None:
            serve = replace(self.base, split=self.split).part_mask("serve")
            return self.changes.left(serve, added=False)  # rows that were added are of train
        if self.split.how == "file":
            return np.arange(self.rows) >= self.split.at
        return self.split.serve_mask(self.table([self.split.column]).column(0))

    @property
    def bytes(self) -> int:
        """Size of the uncompressed canonical data, in bytes; of the data as loaded where decisions changed
        them.
        """
        if self.base is not None:
            return self.base.bytes
        return self._file.bytes

    @property
    def fits_memory(self) -> bool:
        """Whether the set is small enough to be held in memory (``WINNOW_HELD_MB``)."""
        return self.bytes <= HELD_MB.value * 1_000_000

    def table(self, columns: Sequence[str] | None = None) -> pa.Table:
        """The columns (all by default) as an Arrow table of ``rows`` rows, in source order."""
        import pyarrow as pa

        names = list(self.names if columns is None else columns)
        for name in names:
            self[name]
        return pa.table(self._cells.columns(names, hold=self.fits_memory), names=names)

    def frame(
        self, columns: Sequence[str] | None = None, rows: RowSet | None = None, part: Part | None = None
    ) -> pd.DataFrame:
        """The columns as a pandas frame whose index is the row id, in source order; only ``rows`` and
        ``part`` if given.

        Values stay as they are: whole numbers some of which are missing are of type Int64.
        """
        import pandas as pd

        table = self.table(columns)
        ids = np.arange(self.rows) if rows is None else rows.ids
        if part is not None:
            ids = ids[self.part_mask(part)[ids]]
        if ids.size < self.rows:
            table = table.take(ids)
        return frame_of(table, pd.Index(ids, name="row"))

    def batches(
        self, columns: Sequence[str] | None = None, size: int = 131_072, hold: bool = True
    ) -> Iterator[pa.RecordBatch]:
        """The columns as Arrow record batches of at most ``size`` rows, in source order, in constant
        memory. hold: whether data small enough for that are held in memory afterwards.
        """
        names = list(self.names if columns is None else columns)
        if hold and self.fits_memory:
            yield from self.table(names).to_batches(max_chunksize=size)
        else:
            yield from self._cells.batches(names, size)

    def sql(self, query: str) -> duckdb.DuckDBPyRelation:
        """A DuckDB relation over the data, which ``query`` calls ``data`` (its column ``row`` is the row id).

        The connection can read this one file and nothing else. SQL does not tell 'A' from 'a': columns whose
        names differ in nothing else are called by name and place there (``A_1``, ``a_2``), and a query that
        uses their own names raises `ColumnError`.
        """
        if self.changes is not None:
            return relation_of(self.table(), query)
        return relation(self.path, self.names, self._file.width, query)

    def raw(self, name: str) -> pa.ChunkedArray:
        """The source text of a column: kept where ``Column.raw`` says so. Not held in memory."""
        if not self[name].raw:
            raise ColumnError(f"Column {quoted_name(name)} keeps no source text: its values give it back.")
        return self._cells.raw(name)

    def readable(self) -> AbstractContextManager[None]:
        """Raise `LoadError` where the canonical file turns out to be gone or damaged: somebody else did that,
        and another load mends it.
        """
        return self._file.readable()

    @property
    def _cells(self) -> CanonicalFile | ChangedColumns:
        """What the columns are read from: the file, through the changes where there are some."""
        if self.base is None or self.changes is None:
            return self._file
        base = self.base
        return ChangedColumns(base._cells, self.changes, self._held, self.fits_memory, base.names[:1])

    @property
    def _file(self) -> CanonicalFile:
        return CanonicalFile(self.path, self.name, self._held)

    def column_key(self, name: str) -> str:
        """What a value worked out from one column alone may be kept under: equal wherever the column is
        equal, in whatever else the data sets differ.
        """
        changed = self.changes.column_key(name) if self.changes is not None else ""
        return f"{self.fingerprint}|{name}|{self[name]}|{changed}"

    @property
    def shared(self) -> Cache:
        """What is kept in memory for the data as loaded and as decided alike."""
        return self._held if self.base is None else self.base.shared

    def source_ids(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Positions in the source of rows of this data set, in the same order."""
        kept = self.changes.kept if self.changes is not None else None
        return ids if kept is None else kept[ids]

    def source_rows(self, rows: RowSet) -> RowSet:
        """Rows of this data set as positions in the source: the same, unless decisions removed some."""
        return rows if self.changes is None else self.changes.to_source(rows)

    def own_rows(self, rows: RowSet) -> RowSet:
        """Positions in the source as rows of this data set; those that decisions removed are left out."""
        return rows if self.changes is None else self.changes.from_source(rows)

    @property
    def numbered(self) -> int:
        """The number that no row has yet: those of the source, and behind them those that steps added, have
        smaller ones.
        """
        return self.rows if self.changes is None else self.changes.rows

    @property
    def added(self) -> RowSet:
        """The rows that steps added, which the source has not."""
        if self.base is None or self.changes is None or self.changes.added is None:
            return RowSet()
        return self.own_rows(self.changes.added.rows(self.base.rows))

    @property
    def copies(self) -> RowSet:
        """The rows from the first one on that a step made of others: repeated, or given with parents."""
        if not self.added or self.changes is None or self.changes.added is None:
            return RowSet()
        come_from = np.asarray(self.changes.column(self.changes.added.marks[1], None).is_valid())
        return RowSet(range(int(np.argmax(come_from)), self.rows)) if come_from.any() else RowSet()

    @property
    def independent(self) -> Dataset:
        """The same without `copies`, for what tests or compares: a row and its copy are one observation. Its
        rows are the first ones of this data set, in their order.
        """
        return self._held.once(("independent", self.version), self._without) if self.copies else self

    def _without(self) -> Dataset:
        assert self.changes is not None
        rows = self.rows - len(self.copies)
        changes = replace(self.changes, kept=self.source_ids(np.arange(rows)))
        return replace(self, rows=rows, changes=changes, _held=type(self._held)())

    def with_copies(self, values: NDArray[Any], copy: Any) -> NDArray[Any]:
        """One value per row, from values of `independent` rows: ``copy`` for each row that a step made of
        others. As they are where they are of all rows already.
        """
        return np.pad(values, (0, self.rows - len(values)), constant_values=copy)

    def only(self, mask: NDArray[np.bool_]) -> Dataset:
        """The same with the rows of a mask alone, in their order."""
        kept = self.source_ids(np.flatnonzero(mask))
        changes = Changes(self.rows, kept) if self.changes is None else replace(self.changes, kept=kept)
        base = self.base or self
        return replace(self, rows=kept.size, base=base, changes=changes, _held=type(self._held)())

    @property
    def vectors_name(self) -> str:
        """What the vectors are called among the columns that rows are compared by; "" where there are
        none.
        """
        name = "vectors" if self.vectors is not None else ""
        while name in self.names:
            name += "_"
        return name

    def vector_rows(self) -> NDArray[np.float32]:
        """The vectors as a memory map, rows x width, float32, in source order. Raises `LoadError` when there
        are none or they are gone.
        """
        if self.vectors is None:
            raise LoadError(
                f"The data set {self.name!r} has no vectors. "
                "Attach a file of them, or take them from a column."
            )
        if self.changes is not None and self.base is not None:
            base, kept = self.base, self.changes.kept
            if kept is None and not self.added:
                return base.vector_rows()
            return self._held.once(
                ("vectors", self.vectors.sha256),
                lambda: self._with_added(base)[kept if kept is not None else slice(None)],
            )
        return self._held.once(("vectors", self.vectors.sha256), self.vectors.mapped)

    def numbered_vectors(self, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors of rows by their numbers: positions in the source, and behind them of added rows.
        Raises `LoadError` as `vector_rows` does.
        """
        if self.base is None:
            return self.vector_rows()[numbers]
        return (self._with_added(self.base) if self.added else self.base.vector_rows())[numbers]

    def _with_added(self, base: Dataset) -> NDArray[np.float32]:
        """Vectors of all rows of the source and, behind them, of those that were added: of their pictures."""
        assert self.vectors is not None and self.changes is not None
        vectors, added = base.vector_rows(), self.changes.added
        if added is None or not self.added:
            return vectors
        shown = base.of_kind("image") if self.vectors.of_pictures else ()
        rows = same_pictures(base.table(shown[:1]), added) if shown else None
        if rows is None:
            raise LoadError(
                f"{count(len(self.added), 'added row')} of {self.name!r} "
                f"{verb(len(self.added), 'has', 'have')} no vectors. Compare rows by "
                "their columns, or switch off the step that adds rows."
            )
        return np.concatenate([vectors, vectors[rows]])

    def without_picture(self) -> NDArray[np.bool_]:
        """Per row, whether it is compared by its picture and has none that could be read: what its vector
        says of it is that alone. An added row has the picture of another one.
        """
        if self.pictures is None or self.vectors is None or not self.vectors.of_pictures:
            return np.zeros(self.rows, bool)
        own = self.source_ids(np.arange(self.rows, dtype=np.int64))
        return (own < self.pictures.rows) & ~self.pictures.readable_at(own)

    @property
    def pictures(self) -> Pictures | None:
        """The pictures of the data as loaded, by position in the source; None where it has none. Raises
        `LoadError` where they are none because the data are gone.
        """
        pictures = Pictures(self.path.parent, self.name, self.shared)
        if pictures.there:
            return pictures
        self._file.check()
        return None

    def probability_rows(self) -> NDArray[np.float32]:
        """The probabilities that were brought, float32, rows x classes, in source order; NaN for a row that
        has none, such as one that a step added. Raises `LoadError` when there are none or they are gone.
        """
        if self.probabilities is None:
            raise LoadError(
                f"The data set {self.name!r} has no probabilities of yours. Attach a file of them."
            )
        if self.changes is None:
            return self.probabilities.mapped()
        return self.probabilities.at(self.source_ids(np.arange(self.rows)))
