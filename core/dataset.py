"""A data set: one canonical Parquet file that never changes, and what is known about its columns.

Row identity is the position in the source: train rows first, serve rows (if there are any) after them. It is
the position in the canonical file too, so it needs no column, and no sorting or filtering can lose it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core.changes import Changes
from core.errors import ColumnError, LoadError, SettingError
from core.finding import Finding
from core.held import Held
from core.limits import HELD_MB
from core.phrases import name as quoted_name
from core.rowset import RowSet
from core.sql import relation, relation_of

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

Kind = Literal["numeric", "category", "boolean", "datetime", "text", "image", "identifier"]
KINDS: tuple[str, ...] = get_args(Kind)
Role = Literal["target", "id", "time", "group", "weight"]
ROLES: tuple[str, ...] = get_args(Role)
Part = Literal["train", "serve"]
META = b"winnow"
RAW = "\x1fraw:"  # prefix of a column that keeps the source text where the typed value cannot give it back


@dataclass(frozen=True)
class Column:
    """One column. ``stored``: Arrow type in the canonical file. ``source``: its type in the source ("text"
    for CSV).

    ``raw``: the source text is kept beside it, as writing the typed value would not give the same text back.
    ``confidence``: how sure the kind is, 0 to 1. ``null_tokens``: texts such as "NA" that were read as
    missing, with counts. ``note``: what the reader decided, in words ("Read as day/month/year.").
    ``ambiguous``: the other way in which its values could be read, in one sentence; "" where there is none.
    """

    name: str
    kind: Kind
    stored: str
    source: str = ""
    raw: bool = False
    confidence: float = 1.0
    null_tokens: tuple[tuple[str, int], ...] = ()
    note: str = ""
    ambiguous: str = ""


@dataclass(frozen=True)
class Roles:
    """Which column plays which part; None where there is none."""

    target: str | None = None
    id: str | None = None
    time: str | None = None
    group: str | None = None
    weight: str | None = None

    def named(self) -> dict[str, str]:
        """The roles that are filled: role -> column."""
        return {role: column for role, column in asdict(self).items() if column is not None}


@dataclass(frozen=True)
class Split:
    """Which rows are the serve part: from row ``at`` on, or where ``column`` equals ``value``, or is at or
    after it in time.

    ``how``: "file" (a second file was given; ``at`` is its first row), "value" or "time".
    """

    how: Literal["file", "value", "time"]
    at: int = 0
    column: str = ""
    value: str = ""


@dataclass(frozen=True)
class Source:
    """Where the data came from and how they were read; enough to read them the same way again.

    ``options`` are the reader's settings as plain JSON (delimiter, encoding, header line …). ``sha256`` is of
    the source's bytes. ``aside``: number of rows kept aside, which could not be parsed or are of another
    table in the file (``aside.csv`` beside the canonical file holds them, and the names above them).
    """

    name: str
    format: str
    sha256: str = ""
    bytes: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    aside: int = 0
    serve: Source | None = None

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Source:
        """The source that ``dataclasses.asdict`` wrote."""
        serve = plain.get("serve")
        return cls(**{**plain, "serve": cls.from_plain(serve) if serve else None})


@dataclass(frozen=True)
class Vectors:
    """One vector per row, made elsewhere by some model, by which rows are compared instead of by their
    columns.

    ``name``: the file or column they came from. ``width``: numbers per vector. ``sha256``: of the numbers as
    they are kept, float32. ``path``: the ``.npy`` file beside the canonical file.
    """

    name: str
    width: int
    sha256: str
    path: Path


@dataclass(frozen=True, eq=False)
class Dataset:
    """An immutable table on disk, with a kind per column, roles, and a part per row.

    ``fingerprint`` depends on the content alone, not on the file format, kinds or roles. ``version`` also
    depends on kinds, roles and split: use it in cache keys. ``loading`` holds what was found while reading
    (differences between the parts …). ``overrides``: kinds that a person changed, column -> kind.
    ``vectors``: what rows are compared by, if not by their columns. ``changes``: what decisions made of
    ``base``, the data as loaded (`core.decided`); rows are then counted among those that are left.
    """

    path: Path
    name: str
    rows: int
    columns: tuple[Column, ...]
    fingerprint: str
    source: Source
    roles: Roles = field(default_factory=Roles)
    split: Split | None = None
    loading: tuple[Finding, ...] = ()
    overrides: Mapping[str, str] = field(default_factory=dict)
    vectors: Vectors | None = None
    base: Dataset | None = None
    changes: Changes | None = None
    _held: Held = field(default_factory=Held, repr=False)

    @classmethod
    def open(cls, path: Path) -> Dataset:
        """Open a canonical file. Reads its footer only. Raises `LoadError` when the file is gone or was not
        written by Winnow.
        """
        import pyarrow.parquet as pq

        try:
            schema = pq.read_schema(path)
        except (OSError, ValueError) as error:
            what = f"is damaged ({str(error)[:80]})" if path.exists() else "is gone"
            raise LoadError(f"The workspace's copy {path.name} {what}. Load the data again.") from error
        if META not in (schema.metadata or {}):
            raise LoadError(f"{path.name} was not written by Winnow. Load it as a source instead.")
        try:
            return cls._from_meta(path, json.loads(schema.metadata[META]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise LoadError(
                f"{path.name} was written by another version of Winnow ({error}). Load the data again."
            ) from error

    @classmethod
    def _from_meta(cls, path: Path, meta: dict[str, Any]) -> Dataset:
        return cls(
            path=path,
            name=meta["name"],
            rows=meta["rows"],
            columns=tuple(
                Column(**{**c, "null_tokens": tuple(map(tuple, c["null_tokens"]))}) for c in meta["columns"]
            ),
            fingerprint=meta["fingerprint"],
            source=Source.from_plain(meta["source"]),
            split=Split(**meta["split"]) if meta.get("split") else None,
            loading=tuple(_finding(f) for f in meta["loading"]),
            overrides=meta.get("overrides", {}),
        )

    def meta(self) -> bytes:
        """What `open` reads from the footer of the canonical file."""
        loading = [{**f.to_json(), "ranges": f.rows.to_json()} for f in self.loading]
        plain = {
            "name": self.name,
            "rows": self.rows,
            "columns": [asdict(c) for c in self.columns],
            "fingerprint": self.fingerprint,
        }
        extra = {
            "source": asdict(self.source),
            "split": asdict(self.split) if self.split else None,
            "loading": loading,
            "overrides": dict(self.overrides),
        }
        return json.dumps(plain | extra).encode()

    @property
    def version(self) -> str:
        """Sixteen hex digits of fingerprint, kinds, roles, split and, where there are any, vectors and
        changes together.
        """
        facts: list[Any] = [
            self.fingerprint,
            [(c.name, c.kind, c.stored) for c in self.columns],
            asdict(self.roles),
            self.split and asdict(self.split),
        ]
        if self.vectors is not None:
            facts.append(self.vectors.sha256)
        if self.changes is not None:
            facts.append(self.changes.key)
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in the order of the source."""
        return tuple(column.name for column in self.columns)

    @property
    def fits_memory(self) -> bool:
        """Whether the set is small enough to be held in memory (``WINNOW_HELD_MB``)."""
        return self.bytes <= HELD_MB.value * 1_000_000

    @property
    def bytes(self) -> int:
        """Size of the uncompressed canonical data, in bytes; of the data as loaded where decisions changed
        them.
        """
        if self.base is not None:
            return self.base.bytes
        size: int = self._held.once("bytes", lambda: sum(g.total_byte_size for g in _groups(self._file())))
        return size

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
    def parting(self) -> str:
        """Name of the column whose values part the rows into train and serve; "" where none does."""
        return self.split.column if self.split is not None else ""

    def with_roles(self, **roles: str | None) -> Dataset:
        """The same data with these roles changed (None clears one). Raises `ColumnError` or
        `SettingError`.
        """
        for role, column in roles.items():
            if role not in ROLES:
                raise SettingError.unknown(role, ROLES)
            if column is not None:
                self[column]
        return replace(self, roles=replace(self.roles, **roles))

    def with_kinds(self, kinds: Mapping[str, str]) -> Dataset:
        """The same data with other kinds for columns whose stored type allows it; `core.loading.retype` does
        the rest.
        """
        for name, kind in kinds.items():
            if kind not in KINDS:
                raise SettingError.unknown(kind, KINDS)
            if not fits(self[name].stored, kind):
                raise ColumnError(
                    f"Column {quoted_name(name)} holds {self[name].stored} and cannot be {kind} as it "
                    "stands; load it "
                    "with that kind."
                )
        changed = tuple(
            replace(c, kind=kinds[c.name], confidence=1.0)  # type: ignore[arg-type]
            if c.name in kinds
            else c
            for c in self.columns
        )
        return replace(self, columns=changed, overrides={**self.overrides, **kinds})

    def with_split(self, split: Split | None) -> Dataset:
        """The same data, parted otherwise. Raises `ColumnError` or `SettingError` when the split is not
        possible.
        """
        changed = replace(self, split=split)
        if split is not None and split.how != "file":
            changed._check_split(split)
        return changed

    def _check_split(self, split: Split) -> None:
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
            return serve if self.changes.kept is None else serve[self.changes.kept]
        if self.split.how == "file":
            return np.arange(self.rows) >= self.split.at
        import pyarrow.compute as pc

        column = self.table([self.split.column]).column(0)
        if self.split.how == "value":
            hit = pc.equal(pc.cast(column, "string"), self.split.value)
        else:
            import pandas as pd

            try:
                since = pd.Timestamp(self.split.value).tz_localize(None)
            except (ValueError, TypeError) as error:
                raise SettingError(
                    f"{self.split.value!r} is not a date; write it like 2024-03-01."
                ) from error
            hit = pc.greater_equal(column, since.to_pydatetime())
        return np.asarray(pc.fill_null(hit, False).to_numpy(), dtype=bool)

    def table(self, columns: Sequence[str] | None = None) -> pa.Table:
        """The columns (all by default) as an Arrow table of ``rows`` rows, in source order."""
        import pyarrow as pa

        names = list(self.names if columns is None else columns)
        for name in names:
            self[name]
        return pa.table(self._read(names), names=names)

    def source_rows(self, rows: RowSet) -> RowSet:
        """Rows of this data set as positions in the source: the same, unless decisions removed some."""
        return rows if self.changes is None else self.changes.to_source(rows)

    def own_rows(self, rows: RowSet) -> RowSet:
        """Positions in the source as rows of this data set; those that decisions removed are left out."""
        return rows if self.changes is None else self.changes.from_source(rows)

    def source_ids(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Positions in the source of rows of this data set, in the same order."""
        kept = self.changes.kept if self.changes is not None else None
        return ids if kept is None else kept[ids]

    def column_key(self, name: str) -> str:
        """What a value worked out from one column alone may be kept under: equal wherever the column is
        equal, in whatever else the data sets differ.
        """
        changed = self.changes.column_key(name) if self.changes is not None else ""
        return f"{self.fingerprint}|{name}|{self[name]}|{changed}"

    @property
    def shared(self) -> Held:
        """What is kept in memory for the data as loaded and as decided alike."""
        return self._held if self.base is None else self.base.shared

    def _changed(self, names: list[str]) -> list[pa.ChunkedArray]:
        """The columns as decided; one that nothing changed is that of the base, not a copy."""
        assert self.base is not None and self.changes is not None
        changes, base = self.changes, self.base
        wanted = [name for name in dict.fromkeys(names) if ("column", name) not in self._held]
        loaded = zip(wanted, base._read(wanted), strict=True)
        columns = {name: changes.column(name, values) for name, values in loaded}
        if self.fits_memory:
            for name, column in columns.items():
                self._held[("column", name)] = column
        return [columns[name] if name in columns else self._held[("column", name)] for name in names]

    def _read(self, names: list[str]) -> list[pa.ChunkedArray]:
        if self.changes is not None:
            return self._changed(names)
        if not self.fits_memory:
            with self.readable():
                table = self._file().read(columns=list(dict.fromkeys(names)))
            return [table.column(name) for name in names]
        absent = [name for name in dict.fromkeys(names) if ("column", name) not in self._held]
        if absent:
            with self.readable():
                table = self._file().read(columns=absent)
            for name in absent:
                self._held[("column", name)] = table.column(name)
        return [self._held[("column", name)] for name in names]

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
        if self.changes is not None and self.changes.kept is not None and self.base is not None:
            base, kept = self.base, self.changes.kept
            return self._held.once(("vectors", self.vectors.sha256), lambda: base.vector_rows()[kept])
        return self._held.once(("vectors", self.vectors.sha256), self._mapped)

    def _mapped(self) -> NDArray[np.float32]:
        assert self.vectors is not None
        try:
            vectors: NDArray[np.float32] = np.load(self.vectors.path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise LoadError(
                f"The vectors {self.vectors.name!r} are gone from the workspace. Attach them again."
            ) from error
        return vectors

    def raw(self, name: str) -> pa.ChunkedArray:
        """The source text of a column: kept where ``Column.raw`` says so. Not held in memory."""
        if not self[name].raw:
            raise ColumnError(f"Column {quoted_name(name)} keeps no source text: its values give it back.")
        with self.readable():
            texts = self._file().read(columns=[RAW + name]).column(0)
        return texts if self.changes is None else self.changes.column("", texts)

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
        return _frame(table, pd.Index(ids, name="row"))

    def batches(self, columns: Sequence[str] | None = None, size: int = 131_072) -> Iterator[pa.RecordBatch]:
        """The columns as Arrow record batches of at most ``size`` rows, in source order, in constant
        memory.
        """
        names = list(self.names if columns is None else columns)
        if self.fits_memory:
            yield from self.table(names).to_batches(max_chunksize=size)
        elif self.base is not None and self.changes is not None:
            yield from self._changed_batches(self.base, self.changes, names, size)
        else:
            with self.readable():
                yield from self._file().iter_batches(batch_size=size, columns=names)

    @staticmethod
    def _changed_batches(
        base: Dataset, changes: Changes, names: list[str], size: int
    ) -> Iterator[pa.RecordBatch]:
        """The batches as decided: those of the base, changed one by one."""
        import pyarrow as pa

        start = 0
        for batch in base.batches(names, size):
            columns = [changes.column(name, batch.column(name), start) for name in names]
            start += len(batch)
            yield from pa.table(columns, names=names).to_batches()

    def sql(self, query: str) -> duckdb.DuckDBPyRelation:
        """A DuckDB relation over the data, which ``query`` calls ``data`` (its column ``row`` is the row id).

        The connection can read this one file and nothing else. SQL does not tell 'A' from 'a': columns whose
        names differ in nothing else are called by name and place there (``A_1``, ``a_2``), and a query that
        uses their own names raises `ColumnError`.
        """
        if self.changes is not None:
            return relation_of(self.table(), query)
        return relation(self.path, self.names, len(self._file().schema_arrow), query)

    def _file(self) -> pq.ParquetFile:
        """The canonical file, opened once per thread (a reader may not be shared): its footer is long where
        there are many columns.

        Nothing of it is kept but the footer: neither buffers nor mapped pages, which would count as ours
        while it is open.
        """
        import pyarrow.parquet as pq

        with self.readable():
            return self._held.mine("file", lambda: pq.ParquetFile(self.path, pre_buffer=False))

    @contextlib.contextmanager
    def readable(self) -> Iterator[None]:
        """Raise `LoadError` where the canonical file turns out to be gone or damaged: somebody else did that,
        and another load mends it.
        """
        import pyarrow as pa

        try:
            yield
        except (OSError, pa.ArrowException) as error:
            what = f"is damaged ({str(error)[:80]})" if self.path.exists() else "is gone"
            raise LoadError(
                f"The workspace's copy of {self.name!r} {what}, so that nothing more can be read from it. "
                "Load the data again."
            ) from error


def _frame(table: pa.Table, index: pd.Index[int]) -> pd.DataFrame:
    """The table in pandas; whole numbers some of which are missing as Int64, as floats would round them."""
    import pandas as pd

    gaps = {
        place: column
        for place, column in enumerate(table.columns)
        if str(column.type) == "int64" and column.null_count
    }
    plain = [place for place in range(table.num_columns) if place not in gaps]
    kept = table.select(plain).to_pandas(strings_to_categorical=False) if plain else None
    frame = pd.DataFrame(index=index) if kept is None else kept.set_axis(index)
    for place, column in gaps.items():
        whole = column.to_pandas(types_mapper={column.type: pd.Int64Dtype()}.get)
        frame.insert(place, table.column_names[place], whole.set_axis(index))
    return frame


def fits(stored: str, kind: str) -> bool:
    """Whether a column stored as this Arrow type can be taken as ``kind`` without another look at its
    text.
    """
    numbers = stored in ("int64", "double", "uint64")
    allowed = {
        "numeric": numbers or stored == "bool",
        "boolean": stored == "bool",
        "datetime": stored.startswith("timestamp"),
        "image": stored == "string",
    }
    return allowed.get(kind, True)


def _groups(file: pq.ParquetFile) -> list[Any]:
    return [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]


def _finding(plain: dict[str, Any]) -> Finding:
    kept = {k: v for k, v in plain.items() if k not in ("rows", "row_count", "ranges")}
    listed = {name: tuple(kept.get(name, ())) for name in ("columns", "beside")}
    return Finding(**{**kept, **listed, "rows": RowSet.from_json(plain["ranges"])})
