"""Files that are packed: gzip, bzip2, xz, zstd, and ZIP archives that hold one file. They are unpacked into
the folder of the reading process, within bounds.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, cast

from core.errors import LoadError
from core.limits import SOURCE_MB
from core.loading.magic import locked, members, packing_of
from core.progress import Progress

RATIO = 400  # times its own size to which a file may unpack: tables seldom reach 50
SMALL = 100_000_000  # bytes up to which any ratio is let through
TELLING = 100  # times what was read of it, from which on a file that unpacks to so much is looked at longer
FEW = 262_144  # bytes read of a file that tell nothing yet, as they are read ahead
LOOK_SECONDS = 3.0  # of the processor, for which a preview unpacks such a file, keeping nothing
_BLOCK = 1 << 20


def unpacked(
    path: Path, name: str, folder: Path, progress: Progress, whole: Callable[[Path], bool]
) -> tuple[Path, str, bool]:
    """The file itself; or what was packed in it, as a file in ``folder``, how it was packed, and whether that
    is all of it. ``whole``: asked with the first megabyte whether the rest is needed. Raises `LoadError`
    where it is damaged, locked, or unpacks to too much, which is seen too where the rest is not needed.
    """
    packing = packing_of(path, name)
    if not packing:
        return path, "", True
    target, complete = folder / "unpacked", False
    size = max(1, path.stat().st_size)
    try:
        with (
            path.open("rb") as raw,
            _opened(raw, size, name, packing) as stream,
            target.open("wb") as file,
        ):
            done, asked = 0, False
            while block := stream.read(_BLOCK):
                done += file.write(block)
                check_unpacked(done, size, name)
                progress.at(min(0.99, done / (4 * size)), "Unpacking")
                if not asked and done >= _BLOCK:
                    file.flush()
                    asked = True
                    if not whole(target):
                        _look_on(stream, raw, done, size, name, progress.check)
                        break
            complete = not block
    except (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, gzip.BadGzipFile, ValueError) as error:
        raise _damaged(name, packing, error) from error
    except OSError as error:
        if error.errno is not None:  # the disk, not the file
            raise
        raise _damaged(name, packing, error) from error
    return target, packing, complete


def _damaged(name: str, packing: str, error: Exception) -> LoadError:
    return LoadError(
        f"{name} is packed with {packing}, but damaged or incomplete ({str(error)[:120]}). "
        "Write or download it again."
    )


def check_unpacked(done: int, size: int, name: str) -> None:
    """Raise `LoadError` when a file unpacks to more than a table would, or than the limit."""
    if done > SOURCE_MB.value * 1_000_000:
        raise LoadError(
            f"{name} unpacks to more than {SOURCE_MB.value:,} MB, the limit. Use a smaller file, or raise "
            f"{SOURCE_MB.env}."
        )
    if done > SMALL and done > RATIO * size:
        raise _bomb(size, name)


def _bomb(size: int, name: str) -> LoadError:
    return LoadError(
        f"{name} unpacks to more than {RATIO} times its size ({size / 1e6:,.1f} MB), as files do that "
        "are made to fill a disk. If it is sound, unpack it yourself and choose the result."
    )


def _look_on(
    stream: IO[bytes], raw: IO[bytes], done: int, size: int, name: str, check: Callable[[], None]
) -> None:
    """Unpack on for a moment, keeping nothing, while the file unpacks to far more than tables do: a preview
    is to say so, not only the reading after it. Raises `LoadError`.
    """
    until = time.process_time() + LOOK_SECONDS
    while (taken := raw.tell()) <= FEW or done > TELLING * taken:
        check()
        block = stream.read(_BLOCK)
        done += len(block)
        check_unpacked(done, size, name)
        if not block:
            return
        if time.process_time() > until:
            if done > SMALL and done > RATIO * raw.tell():  # and nothing says that the rest is another
                raise _bomb(size, name)
            return


def _opened(raw: IO[bytes], size: int, name: str, packing: str) -> IO[bytes]:
    """The unpacked bytes."""
    if packing == "gzip":
        return cast("IO[bytes]", gzip.open(raw))
    if packing == "bzip2":
        return cast("IO[bytes]", bz2.open(raw))
    if packing == "xz":
        return cast("IO[bytes]", lzma.open(raw))
    if packing == "zstd":
        import pyarrow as pa

        stream: Any = pa.input_stream(raw, compression="zstd")
        return cast("IO[bytes]", stream)
    return _only_file(zipfile.ZipFile(raw), size, name)


def _only_file(archive: zipfile.ZipFile, size: int, name: str) -> IO[bytes]:
    """The one file of an archive, besides what operating systems add. What it says of its size is checked
    now, and again as it is unpacked.
    """
    files = members(archive)
    if files[0].flag_bits & 1:
        raise locked(name)
    check_unpacked(files[0].file_size, size, name)
    try:
        return archive.open(files[0])
    except NotImplementedError as error:
        raise LoadError(
            f"{name} is a ZIP archive packed in a way that cannot be read ({error}). Unpack it and choose "
            "the result."
        ) from error
