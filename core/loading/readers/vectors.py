"""Vectors from ``.npy`` and ``.npz`` files: the header is checked before any number is read, and no pickle is
ever opened.

Reference of both formats: numpy.lib.format (a short header with type, shape and order; then the numbers) and
a ZIP archive of such files.
"""

from __future__ import annotations

import hashlib
import math
import os
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import LoadError, StoreError
from core.limits import SOURCE_MB, VECTOR_WIDTH
from core.progress import Progress

_FORMAT: Any = np.lib.format  # numpy gives it no types
BLOCK = 16_000_000  # bytes read at once
NAMES = ("train", "serve")
HOW = "Save them with numpy.save as float32, one row per row of the data."
_BROKEN = (ValueError, TypeError, OverflowError, EOFError, OSError, zlib.error)
# a header is at most 10,000 letters of Python
_BROKEN_HEADER = (SyntaxError, RecursionError, MemoryError, tokenize.TokenError, *_BROKEN)
BROKEN_ZIP = (zipfile.BadZipFile, NotImplementedError, RuntimeError, KeyError, *_BROKEN)


@dataclass(frozen=True)
class Array:
    """An array in a file, of which no number has been read. ``member``: its name in the archive, "" for a
    file of its own. ``offset``: bytes before the numbers. ``there``: bytes after that, as the file system or
    the archive says."""

    path: Path
    name: str
    member: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran: bool
    offset: int
    there: int

    @property
    def bytes(self) -> int:
        """Bytes of its numbers."""
        return math.prod(self.shape) * self.dtype.itemsize


def convert(
    sources: Sequence[tuple[Path, str]], parts: list[NDArray[np.int64]], path: Path, progress: Progress
) -> tuple[int, str]:
    """Write the vectors of one or two files (path and name each) as float32 to ``path``; width and digest, as
    `finished`.

    parts: row ids of the data set's parts, train first. Raises `LoadError` for anything but finite numbers
    that fit the rows.
    """
    files = [arrays_of(*source) for source in sources]
    placed = _by_part(files, parts) if len(sources) > 1 else _of_one(files[0], sources[0][1], parts)
    for array, rows in placed:
        _check(array, rows.size)
    widths = [array.shape[1] for array, _ in placed]
    if len(set(widths)) > 1:
        raise LoadError(
            f"The vectors of train have {widths[0]:,} numbers, those of serve {widths[1]:,}. "
            "Make both with the same model."
        )
    total = sum(rows.size for rows in parts)
    room(path, total, widths[0])
    for at, (array, rows) in enumerate(placed):
        _copy(
            array,
            rows,
            path,
            (total, widths[0]),
            progress.part(0.8 * at / len(placed), 0.8 * (at + 1) / len(placed)),
        )
    return finished(path, total, widths[0], progress.part(0.8, 1.0))


def room(path: Path, rows: int, width: int) -> None:
    """Make the file that the vectors are written into, with its room on the disk. Raises `StoreError` when
    there is none.
    """
    size = 4 * rows * width
    try:
        with path.open("wb") as file:
            _FORMAT.write_array_header_1_0(
                file, {"descr": "<f4", "fortran_order": False, "shape": (rows, width)}
            )
            begins = file.tell()
            file.truncate(begins + size)
            # a map over a file without its room on the disk kills the process that writes to it
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), begins, size)
    except OSError as error:
        raise StoreError(
            f"There is no room for {size / 1e6:,.0f} MB of vectors ({error.strerror}). Free some space."
        ) from error


def finished(path: Path, rows: int, width: int, progress: Progress) -> tuple[int, str]:
    """Width and SHA-256 of the float32 numbers written. Raises `LoadError` naming the first row that holds
    one that is not finite.
    """
    digest = hashlib.sha256(f"{rows} {width} ".encode())
    step = max(1, BLOCK // (4 * width))
    with path.open("rb") as file:
        file.seek(path.stat().st_size - 4 * rows * width)
        for start in progress.each(range(0, rows, step), "Checking vectors"):
            block = file.read(4 * width * min(step, rows - start))
            digest.update(block)
            good = np.isfinite(np.frombuffer(block, "<f4").reshape(-1, width)).all(axis=1)
            if not good.all():
                raise LoadError(
                    f"The vector of row {start + int(good.argmin())} holds a number that is missing, "
                    "infinite or too large for float32. "
                    "Mend it, or leave that row out of both files."
                )
    return width, digest.hexdigest()


def arrays_of(path: Path, name: str) -> dict[str, Array]:
    """The arrays of a file by name; "" for the only one of a ``.npy``."""
    with path.open("rb") as file:
        mark = file.read(6)
    if mark == b"\x93NUMPY":
        with path.open("rb") as file:
            return {"": _header(file, path, name, path.stat().st_size)}
    if mark[:4] == b"PK\x03\x04":
        return _members(path, name)
    if mark[:1] == b"\x80":
        raise LoadError(
            f"{name} looks like a Python pickle, which is never opened, as it can run code. {HOW}"
        )
    raise LoadError(f"{name} is not a .npy or .npz file. {HOW}")


def _members(path: Path, name: str) -> dict[str, Array]:
    headers = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for info in [info for info in archive.infolist() if info.filename.endswith(".npy")][:100]:
                with archive.open(info) as file:
                    headers[info.filename.removesuffix(".npy")] = _header(
                        file, path, name, info.file_size, info.filename
                    )
    except BROKEN_ZIP as error:
        raise _damaged(name, error) from error
    if not headers:
        raise LoadError(
            f"{name} is an archive without arrays. Save them with numpy.savez(path, train=..., serve=...)."
        )
    return headers


def _header(file: IO[bytes], path: Path, name: str, size: int, member: str = "") -> Array:
    try:
        version = _FORMAT.read_magic(file)
        read = _FORMAT.read_array_header_1_0 if version == (1, 0) else _FORMAT.read_array_header_2_0
        shape, fortran, dtype = read(file)
    except _BROKEN_HEADER as error:
        raise _damaged(name, error) from error
    return Array(
        path=path,
        name=name,
        member=member,
        dtype=dtype,
        shape=shape,
        fortran=fortran,
        offset=file.tell(),
        there=size - file.tell(),
    )


def _damaged(name: str, error: object) -> LoadError:
    reason = (str(error).splitlines() or [""])[0][:200] or type(error).__name__
    return LoadError(
        f"{name} is a damaged or incomplete file of vectors ({reason}). Write or download it again."
    )


def _of_one(
    arrays: dict[str, Array], name: str, parts: list[NDArray[np.int64]]
) -> list[tuple[Array, NDArray[np.int64]]]:
    """The arrays of the only file and the rows that they are for: one for all rows, or train and serve."""
    if len(arrays) == 1:
        return [(next(iter(arrays.values())), np.sort(np.concatenate(parts)))]
    if not set(NAMES) <= set(arrays):
        names = ", ".join(sorted(arrays)[:8]) + (", …" if len(arrays) > 8 else "")
        raise LoadError(
            f"{name} holds {len(arrays)} arrays ({names}). "
            "Leave one of them, or name two of them train and serve."
        )
    if len(parts) == 1:
        raise LoadError(
            f"{name} holds arrays for train and serve, but the data have no serve part. "
            "Split them first, or give one array."
        )
    return [(arrays[part], rows) for part, rows in zip(NAMES, parts, strict=True)]


def _by_part(
    files: list[dict[str, Array]], parts: list[NDArray[np.int64]]
) -> list[tuple[Array, NDArray[np.int64]]]:
    firsts = [next(iter(arrays.values())) for arrays in files]
    for first, arrays in zip(firsts, files, strict=True):
        if len(arrays) > 1:
            raise LoadError(
                f"{first.name} holds {len(arrays)} arrays where one file per part was given. "
                "Leave one array in each."
            )
    return list(zip(firsts, parts, strict=True))


def _check(array: Array, rows: int) -> None:
    """Raise `LoadError` unless the array is one of numbers, of two dimensions, and fits the rows and the
    limits.
    """
    name, shape = array.name, array.shape
    if array.dtype.hasobject:
        raise LoadError(
            f"{name} holds Python objects (a pickle), which are never opened, as they can run code. {HOW}"
        )
    if array.dtype.kind not in "iuf":
        raise LoadError(f"{name} holds {str(array.dtype)[:60]}, not real numbers. {HOW}")
    if len(shape) != 2:
        raise LoadError(
            f"{name} has the shape {str(shape)[:60]}; vectors have two dimensions, rows and numbers. {HOW}"
        )
    if shape[0] != rows:
        raise LoadError(
            f"{name} has {shape[0]:,} vectors for {rows:,} rows. "
            "Give one vector per row, in the order of the rows."
        )
    if not 2 <= shape[1] <= VECTOR_WIDTH.value:
        raise LoadError(
            f"{name} has vectors of {shape[1]:,} numbers; 2 to {VECTOR_WIDTH.value:,} are taken. Reduce "
            f"them, or raise {VECTOR_WIDTH.env}."
        )
    if max(array.bytes, 4 * math.prod(shape)) > SOURCE_MB.value * 1_000_000:
        raise LoadError(
            f"{name} holds {array.bytes / 1e6:,.0f} MB; the limit is {SOURCE_MB.value:,} MB. "
            f"Raise {SOURCE_MB.env}."
        )
    if array.there != array.bytes:
        raise _damaged(name, f"{array.there:,} bytes where its header tells of {array.bytes:,}")


def _copy(
    array: Array, rows: NDArray[np.int64], path: Path, shape: tuple[int, int], progress: Progress
) -> None:
    """Copy the numbers block by block. Both files are mapped anew for each block, so that what was read does
    not count as memory.
    """
    begins = path.stat().st_size - 4 * math.prod(shape)
    blocks = _streamed(array) if array.member else _mapped(array)
    for lines, columns, values in blocks:
        target = np.memmap(path, "<f4", "r+", begins, shape)
        with np.errstate(over="ignore", invalid="ignore"):  # found again by `finished`, which names the row
            target[rows[lines], columns] = values
        del target
        progress.at(lines.stop * columns.stop / math.prod(array.shape), "Reading vectors")


def _mapped(array: Array) -> Iterator[tuple[slice, slice, NDArray[Any]]]:
    rows, width = array.shape
    step = max(1, BLOCK // (width * array.dtype.itemsize))
    for start in range(0, rows, step):
        numbers = np.memmap(
            array.path, array.dtype, "r", array.offset, array.shape, "F" if array.fortran else "C"
        )
        stop = min(rows, start + step)
        yield slice(start, stop), slice(0, width), numbers[start:stop]


def _streamed(array: Array) -> Iterator[tuple[slice, slice, NDArray[Any]]]:
    """Blocks of whole rows, or of whole columns if that is the order. Never reads more than the header
    says.
    """
    outer, inner = array.shape[::-1] if array.fortran else array.shape
    step = max(1, BLOCK // (inner * array.dtype.itemsize))
    try:
        with zipfile.ZipFile(array.path) as archive, archive.open(array.member) as file:
            _exactly(file, array.offset)
            for start in range(0, outer, step):
                stop = min(outer, start + step)
                values = np.frombuffer(
                    _exactly(file, (stop - start) * inner * array.dtype.itemsize), array.dtype
                ).reshape(-1, inner)
                along, across = slice(start, stop), slice(0, inner)
                yield (across, along, values.T) if array.fortran else (along, across, values)
            file.read(1)  # at the end of a member its checksum is compared
    except BROKEN_ZIP as error:
        raise _damaged(array.name, error) from error


def _exactly(file: IO[bytes], size: int) -> bytes:
    read = file.read(size)
    if len(read) < size:
        raise EOFError("it ends before its last number")
    return read
