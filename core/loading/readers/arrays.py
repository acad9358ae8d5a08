"""Tables in files of arrays, ``.npy`` and ``.npz``: an array of two dimensions, or of records, with those of
one dimension and the same length beside it. No pickle is ever opened.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import LoadError
from core.loading.decoding import visible
from core.loading.options import Options
from core.loading.packed import check_unpacked
from core.loading.readers import ROWS, Staged, check_width
from core.loading.readers.several import Offered, chosen_of, others_of, unread_tables
from core.loading.readers.typed import TypedTable, check_size, damaged, staged
from core.loading.readers.vectors import BROKEN_ZIP, Array, arrays_of
from core.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa

WHAT = "a file of arrays"
_KINDS = "biufMSU"  # of numpy: booleans, numbers, times, bytes, text
_BLOCK = 1 << 20
ALONE = "array"  # the name of the only one in a file


@dataclass(frozen=True)
class _Column:
    """A column of a table: its array, and its place or the name of its field there, if it has one."""

    name: str
    array: Array
    part: int | str | None

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of its cells."""
        return self.array.dtype[self.part] if isinstance(self.part, str) else self.array.dtype


def read(
    path: Path, name: str, options: Options, folder: Path, progress: Progress, look: bool = False
) -> Staged:
    """Open a table in a file of arrays: the one named, else the one with most cells. Raises `LoadError` where
    there is none, or an array holds Python objects.
    """
    import pyarrow as pa

    arrays = arrays_of(path, name)
    groups = _groups(arrays, name)
    offered = [
        Offered(title, False, float(len(columns) * columns[0].array.shape[0]))
        for title, columns in groups.items()
    ]
    chosen = chosen_of(offered, options.table, name)
    columns, others = groups[chosen.name], others_of(offered, chosen)
    check_width(len(columns), name)
    rows = columns[0].array.shape[0]
    schema = pa.schema([(column.name, _arrow(np.zeros(1, column.dtype)).type) for column in columns])
    check_size(rows, schema, name)
    used = {column.array.member: column.array for column in columns}
    maps = {
        member: _mapped(one, folder / f"array-{number}", name, progress)
        for number, (member, one) in enumerate(used.items())
    }

    def batches(places: list[int]) -> Iterator[pa.RecordBatch]:
        for start in range(0, rows, ROWS):
            progress.check()
            cells = [_arrow(_cells(maps[columns[p].array.member], columns[p], start)) for p in places]
            yield pa.record_batch(cells, names=[str(place) for place in places])

    format = options.format or "npy"
    own = {"table": chosen.name, "others": others} if format == "npz" else {}
    findings = unread_tables(chosen.name, others)
    return staged(
        TypedTable(
            name=name,
            format=format,
            what=WHAT,
            schema=schema,
            rows=rows,
            read=batches,
            own=own,
            findings=findings,
        ),
        look,
    )


def _groups(arrays: dict[str, Array], file: str) -> dict[str, list[_Column]]:
    """The tables that the arrays make up, by name: each array of two dimensions, with those of one dimension
    and the same length beside it where no other has that length; and what is left of these, by length.
    """
    usable = {key: one for key, one in arrays.items() if one.shape and one.shape[0]}
    if not usable:
        raise LoadError(f"{file} has no array with rows. Choose a file with a table.")
    for key, one in usable.items():
        _check(one, key, file)
    wide = {key: one for key, one in usable.items() if len(one.shape) == 2 or one.dtype.names}
    flat = {key: one for key, one in usable.items() if key not in wide}
    groups: dict[str, list[_Column]] = {}
    for key, one in wide.items():
        alone = sum(other.shape[0] == one.shape[0] for other in wide.values()) == 1
        beside = [other for other in flat if alone and flat[other].shape[0] == one.shape[0]]
        columns = _columns(key, one) + [_Column(other, flat.pop(other), None) for other in beside]
        groups[", ".join([key, *beside]) or ALONE] = columns
    for length in dict.fromkeys(one.shape[0] for one in flat.values()):
        same = [key for key, one in flat.items() if one.shape[0] == length]
        groups[", ".join(same) or ALONE] = [_Column(key or "value", flat[key], None) for key in same]
    return groups


def _columns(key: str, array: Array) -> list[_Column]:
    if array.dtype.names:
        return [_Column(visible(field), array, field) for field in array.dtype.names]
    width = array.shape[1]
    check_width(width, array.name)
    return [
        _Column(f"{key}_{place}" if key else f"column_{place + 1}", array, place) for place in range(width)
    ]


def _check(array: Array, key: str, file: str) -> None:
    """Raise `LoadError` unless the array holds plain values, of at most two dimensions."""
    which = f"The array {key!r} of {file}" if key else file
    dtypes = [array.dtype[field] for field in array.dtype.names] if array.dtype.names else [array.dtype]
    if array.dtype.hasobject:
        raise LoadError(
            f"{which} holds Python objects (a pickle), which are never opened, as they can run code. "
            "Save it with plain numbers or text, or the table as CSV or Parquet."
        )
    if any(dtype.kind not in _KINDS or dtype.shape for dtype in dtypes):
        raise LoadError(
            f"{which} holds {str(array.dtype)[:60]}, which is no table of numbers, times or texts. "
            "Save the table as CSV or Parquet."
        )
    if len(array.shape) > 2 or (array.dtype.names and len(array.shape) > 1):
        raise LoadError(
            f"{which} has the shape {str(array.shape)[:60]}; a table has two dimensions, rows and columns. "
            "Reshape it, or attach it as vectors of a data set."
        )
    if array.there != array.bytes:
        raise damaged(file, WHAT, f"{array.there:,} bytes where its header tells of {array.bytes:,}")


def _mapped(array: Array, target: Path, name: str, progress: Progress) -> Any:
    """The array over its file; one that is packed is unpacked first, within bounds."""
    path = array.path
    if array.member:
        path, size, done = target, max(1, array.path.stat().st_size), 0
        try:
            with (
                zipfile.ZipFile(array.path) as archive,
                archive.open(array.member) as packed,
                path.open("wb") as out,
            ):
                while block := packed.read(_BLOCK):
                    done += out.write(block)
                    check_unpacked(done, size, name)
                    progress.check()
        except BROKEN_ZIP as error:
            raise damaged(name, WHAT, error) from error
    if path.stat().st_size < array.offset + array.bytes:
        raise damaged(name, WHAT, "it ends before its last number")
    return np.memmap(path, array.dtype, "r", array.offset, array.shape, "F" if array.fortran else "C")


def _cells(array: Any, column: _Column, start: int) -> Any:
    rows = array[start : start + ROWS]
    if column.part is None:
        return rows
    return rows[column.part] if isinstance(column.part, str) else rows[:, column.part]


def _arrow(cells: Any) -> pa.Array:
    """Numpy values as Arrow: NaN and NaT are missing; bytes are text in UTF-8."""
    import pyarrow as pa

    kind = cells.dtype.kind
    if kind == "S":
        return pa.array([cell.decode("utf-8", "backslashreplace") for cell in cells.tolist()], pa.string())
    if kind == "U":
        return pa.array([visible(cell) for cell in cells.tolist()], pa.string())
    plain = np.ascontiguousarray(cells, cells.dtype.newbyteorder("="))
    if kind == "M":
        unit = np.datetime_data(plain.dtype)[0]
        fine = "ns" if unit in ("ns", "ps", "fs", "as") else "us"
        return pa.array(plain.astype(f"M8[{fine}]"), pa.timestamp(fine))
    if kind == "f" and plain.dtype.itemsize > 8:
        plain = plain.astype(np.float64)
    return pa.array(plain, from_pandas=kind == "f")
