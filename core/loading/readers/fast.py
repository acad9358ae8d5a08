"""The fast way through delimited text, with Arrow; it gives way to the careful one at the first doubt."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.limits import FIELD_KB
from core.loading.dialect import Dialect
from core.loading.readers.staging import Stage
from core.loading.sniff import Survey
from core.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa

_SENTINEL = "\x1e\x1eend of the data\x1e\x1e"


class _Tail(io.RawIOBase):
    """The bytes of a file from a given place, followed by one row that shows whether a quote was still open
    at the end.
    """

    def __init__(self, path: Path, start: int, tail: bytes) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._file.seek(start)
        self._tail = tail
        self.read_bytes = start

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        block = self._file.read(size)
        self.read_bytes += len(block)
        if len(block) == 0:
            block, self._tail = self._tail, b""
        return block

    def close(self) -> None:
        self._file.close()
        super().close()


def pour_fast(path: Path, dialect: Dialect, seen: Survey, stage: Stage, progress: Progress) -> bool:
    """Pour the file into ``stage`` with Arrow; False at the first thing that Arrow and the careful way might
    see otherwise.
    """
    options = dialect.options
    plain = (
        seen.valid and not seen.nul and seen.encoding in ("utf-8", "utf-8-sig", "ascii") and dialect.width > 1
    )
    if (
        not plain
        or options.escapechar
        or options.skipinitialspace
        or options.quotechar not in ('"', "")
        or options.delimiter == " "
    ):
        return False
    import pyarrow as pa

    start = _byte_of_line(path, seen.encoding, options.first_data_line or 0)
    tail = "\n" + (options.delimiter or ",").join([_SENTINEL] * dialect.width) + "\n"
    source = _Tail(path, start, tail.encode())
    size = max(1, path.stat().st_size)
    last: Any = None
    try:
        for batch in _arrow(source, dialect):
            if last is not None and last.num_rows:
                stage.add(last.columns)
            if _doubtful(batch):
                return False
            last = batch
            progress.at(min(1.0, source.read_bytes / size), "Reading")
    except pa.ArrowInvalid:
        return False
    finally:
        source.close()
    if last is None or last.column(0)[-1].as_py() != _SENTINEL:
        return False
    stage.add(last.slice(0, last.num_rows - 1).columns)
    return True


def _byte_of_line(path: Path, encoding: str, line: int) -> int:
    """Where in the file a physical line begins, in bytes."""
    with path.open("rb") as file, io.TextIOWrapper(file, encoding, newline="") as stream:
        text = "".join(stream.readline() for _ in range(line))
    return len(text.encode("utf-8")) + (3 if encoding == "utf-8-sig" else 0)


def _arrow(source: _Tail, dialect: Dialect) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    import pyarrow.csv as pcsv

    names = [str(i) for i in range(dialect.width)]
    reader = pcsv.open_csv(
        pa.PythonFile(source, mode="r"),
        read_options=pcsv.ReadOptions(column_names=names, block_size=4 << 20),
        parse_options=pcsv.ParseOptions(
            delimiter=dialect.options.delimiter,
            quote_char=dialect.options.quotechar or False,
            newlines_in_values=bool(dialect.options.quotechar),
        ),
        convert_options=pcsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )
    with reader:
        yield from (batch for batch in reader if batch.num_rows)


def _doubtful(batch: pa.RecordBatch) -> bool:
    """Whether a field is over the limit or spans lines, as it does after a quote that was never closed."""
    import pyarrow.compute as pc

    for column in batch.columns:
        letters = column.buffers()[2]
        held = b"" if letters is None else letters.to_pybytes()
        if (
            b"\n" in held
            or b"\r" in held
            or (pc.max(pc.binary_length(column)).as_py() or 0) > FIELD_KB.value * 1000
        ):
            return True
    return False
