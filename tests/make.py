"""Data sets for tests, made without the loader: a pandas frame becomes a canonical file in a temporary
folder.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.dataset import Dataset
from core.dataset.column import Column
from core.dataset.footer import META
from core.dataset.source import Source
from core.dataset.split import PartSplit

_NUMBER = count()
_FOLDER: list[Path] = []


def dataset(
    frame: pd.DataFrame | pa.Table,
    *,
    serve: pd.DataFrame | None = None,
    split: PartSplit | None = None,
    kinds: Mapping[str, str] | None = None,
    name: str = "made",
    **roles: str,
) -> Dataset:
    """A data set of ``frame`` (and ``serve`` rows after it). Kinds are told simply from the types, or given;
    roles by keyword.

    >>> made = dataset(pd.DataFrame({"age": [1.5, None], "sex": ["f", "m"], "y": [0, 1]}), target="y")
    >>> made.rows, made.roles.target, [c.kind for c in made.columns]
    (2, 'y', ['numeric', 'category', 'numeric'])
    """
    if serve is not None:
        split = PartSplit("file", at=len(frame))
        frame = pd.concat([frame, serve], ignore_index=True)
    table = frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame, preserve_index=False)
    arrays = [_canonical(column) for column in table.columns]
    table = pa.table(arrays, names=table.column_names)
    columns = tuple(
        _column(name, array, (kinds or {}).get(name))
        for name, array in zip(table.column_names, arrays, strict=True)
    )
    path = _folder() / f"{next(_NUMBER)}.parquet"
    source = Source(f"{name}.csv", "csv")
    made = Dataset(path, name, table.num_rows, columns, _fingerprint(table), source, split=split)
    pq.write_table(
        table.replace_schema_metadata({META: made.meta()}), path, compression="zstd", row_group_size=131_072
    )
    return Dataset.open(path).with_roles(**roles)


def _folder() -> Path:
    if not _FOLDER:
        _FOLDER.append(Path(tempfile.mkdtemp(prefix="winnow-tests-")))
        atexit.register(shutil.rmtree, _FOLDER[0], ignore_errors=True)
    return _FOLDER[0]


def _canonical(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column in one of the canonical types: int64, uint64, double, bool, string or timestamp[us]; NaN is
    missing.
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):
        column = column.cast(pa.float64())
        return pc.if_else(pc.is_nan(column), pa.scalar(None, pa.float64()), column)
    if pa.types.is_uint64(column.type):
        return column
    wanted = {
        pa.types.is_integer: pa.int64(),
        pa.types.is_boolean: pa.bool_(),
        pa.types.is_temporal: pa.timestamp("us"),
    }
    return column.cast(next((kind for test, kind in wanted.items() if test(column.type)), pa.string()))


def _column(name: str, array: pa.ChunkedArray, kind: str | None) -> Column:
    stored = str(array.type)
    simple = {
        "int64": "numeric",
        "uint64": "numeric",
        "double": "numeric",
        "bool": "boolean",
        "timestamp[us]": "datetime",
    }
    return Column(name, kind or simple.get(stored) or _text_kind(array), stored, source=stored)  # type: ignore[arg-type]


def _text_kind(array: pa.ChunkedArray) -> str:
    words = array.drop_null()
    if len(words) and pc.mean(pc.count_substring(words, " ")).as_py() > 4:
        return "text"
    distinct = words.unique()
    return "identifier" if len(words) > 20 and len(distinct) == len(words) else "category"


def _fingerprint(table: pa.Table) -> str:
    digest = hashlib.sha256(repr([(f.name, str(f.type)) for f in table.schema]).encode())
    for column in table.columns:
        digest.update(column.is_null().to_numpy().tobytes())
        kind = column.type
        if pa.types.is_integer(kind) or pa.types.is_floating(kind):
            digest.update(column.fill_null(0).to_numpy().tobytes())
        else:
            digest.update(pd.util.hash_array(column.to_pandas().astype(str).to_numpy(object)).tobytes())
    return digest.hexdigest()


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """What this process does takes at most so many seconds of its work, however busy the machine is."""
    begun = time.process_time()
    yield
    assert time.process_time() - begun < seconds
