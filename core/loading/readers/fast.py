"""The fast way through delimited text, with Arrow; it gives way to the careful one at the first doubt."""

from __future__ import annotations

import contextlib
import io
from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.limits import FIELD_KB
from core.loading.decoding import Survey
from core.loading.dialect import Dialect
from core.loading.expected import Expected
from core.loading.headers import is_names
from core.loading.readers.lines import LinePlace
from core.loading.readers.staging import Stage
from core.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa

_WORD = r"^\s*[\pL_]|\pL\pL"  # what a number or a date has not
BLOCK = 4 << 20  # bytes read at once
_LOOKED = 1_000  # rows looked at one by one
_SENTINEL = "\x1e\x1eend of the data\x1e\x1e"


class _Tail(io.RawIOBase):
    """The bytes of a file from a given place, followed by one row that shows whether a quote was still open
    at the end.
    """

    def __init__(self, path: Path, start: int, tail: bytes, delimiter: str, quote: str) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._file.seek(start)
        self._tail, self._start = tail, start
        self.read_bytes = start
        self.ended = False  # whether all of it was read, and sound
        self._quotes = _Quotes(delimiter, quote)

    @property
    def stray(self) -> bool:
        """Whether a quote was met that may be neither the first nor the last of its field."""
        return self._quotes.stray

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        first = self._file.tell() == self._start
        block = self._file.read(size)
        self.read_bytes += len(block)
        if len(block) == 0:
            block, self._tail = self._tail, b""
        elif first and block.startswith(BOM_UTF8):
            block = BOM_UTF8 + block  # Arrow drops one at the beginning, and here it is within the file
        self._quotes.see(block)
        return block

    def close(self) -> None:
        self._file.close()
        super().close()


class _Quotes:
    """Watches the bytes of a file for quotes that neither enclose a field nor are doubled within one: there,
    Arrow reads otherwise than `core.loading.quotes`.

    Every quote is counted: after an odd number of them a field in quotes is open.
    """

    def __init__(self, delimiter: str, quote: str) -> None:
        self.stray = False
        self._quote = quote.encode()
        self._edges = list(b"\r\n" + delimiter.encode())
        self._left = b"\n"
        self._open = 0

    def see(self, block: bytes) -> None:
        """Look at the next bytes; the last ones, which may go on in the next block, wait for it."""
        if self.stray or not self._quote:
            return
        text = self._left + block
        end = len(text.rstrip(self._quote)) - 1
        if end < 1:
            self._left = text
            return
        self._left = text[end:]
        if self._quote in text[1:end]:
            self._look(text[: end + 1])

    def _look(self, text: bytes) -> None:
        import numpy as np

        letters = np.frombuffer(text, np.uint8)
        places = np.flatnonzero(letters[:-1] == self._quote[0])
        first = np.flatnonzero(np.diff(places, prepend=-2) != 1)
        lengths = np.diff(first, append=len(places))
        starts = places[first]
        edge = np.zeros(256, bool)
        edge[self._edges] = True
        before, after = edge[letters[starts - 1]], edge[letters[starts + lengths]]
        inside = (self._open + np.cumsum(lengths) - lengths) % 2 == 1
        odd = lengths % 2 == 1
        ends = np.where(inside, odd, ~odd)
        self.stray = bool(((~inside & ~before) | (ends & ~after)).any())
        self._open = int(self._open + lengths.sum()) % 2


def pour_fast(
    path: Path, dialect: Dialect, stage: Stage, progress: Progress, start: LinePlace
) -> LinePlace | None:
    """Pour the file from a place on into ``stage`` with Arrow, up to the first thing that Arrow and the
    careful way might see otherwise. Gives the place from which the careful way has to go on, a block above
    that thing; None at the end of the file.
    """
    options, layout = dialect.options, dialect.layout
    mark = options.delimiter or ","
    tail = "\n" + mark.join([_SENTINEL] * dialect.width + [""] * layout.surplus) + "\n"
    source = _Tail(path, start.byte, tail.encode(), mark, options.quotechar or "")
    size = max(1, path.stat().st_size)
    before = stage.rows
    last: Any = None
    with contextlib.closing(source):
        for batch in _sound(source, dialect):
            if last is not None:
                stage.add(last.columns[: dialect.width])
            last = batch
            progress.at(min(1.0, source.read_bytes / size), "Reading")
        if source.ended and last is not None and last.column(0)[-1].as_py() == _SENTINEL:
            stage.add(last.slice(0, last.num_rows - 1).columns[: dialect.width])
            return None
    return start.below(path, stage.rows - before, filled=True, progress=progress)


def _sound(source: _Tail, dialect: Dialect) -> Iterator[pa.RecordBatch]:
    """The batches up to the first that Arrow and the careful way might see otherwise; ``source.ended`` tells
    whether there was none.
    """
    import pyarrow as pa

    with contextlib.suppress(pa.ArrowInvalid):
        for batch in _arrow(source, dialect):
            if source.stray or _doubtful(batch) or _filled(batch, dialect.width):
                return
            if _header_like(batch, dialect.expected):
                return
            yield batch
        source.ended = not source.stray


def begin(path: Path, dialect: Dialect, seen: Survey) -> LinePlace | None:
    """Where the rows begin; None for a text of no kind that Arrow reads as the careful way does."""
    if not _plain(dialect, seen):
        return None
    top = LinePlace(0, len(BOM_UTF8) if seen.encoding == "utf-8-sig" else 0)
    return top.below(path, dialect.options.first_data_line or 0)


def _plain(dialect: Dialect, seen: Survey) -> bool:
    """Whether a text is of a kind that Arrow reads as the careful way does: one table of several columns,
    sound UTF-8, no escapes, no other quotes than usual.
    """
    options, layout = dialect.options, dialect.layout
    return (
        seen.valid
        and not seen.nul
        and seen.encoding in ("utf-8", "utf-8-sig", "ascii")
        and dialect.width > 1
        and not options.escapechar
        and not options.skipinitialspace
        and options.quotechar in ('"', "")
        and options.delimiter != " "
        and layout.end_line is None
        and not layout.above
        and not options.put_back
    )


def _arrow(source: _Tail, dialect: Dialect) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    import pyarrow.csv as pcsv

    names = [str(i) for i in range(dialect.width + dialect.layout.surplus)]
    reader = pcsv.open_csv(
        pa.PythonFile(source, mode="r"),
        read_options=pcsv.ReadOptions(column_names=names, block_size=BLOCK),
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


def _filled(batch: pa.RecordBatch, width: int) -> bool:
    """Whether a field is filled that was thought to be empty in every row."""
    import pyarrow.compute as pc

    return any(pc.max(pc.binary_length(column)).as_py() for column in batch.columns[width:])


def _header_like(batch: pa.RecordBatch, expected: Expected) -> bool:
    """Whether a row may be the header again, or that of another table. All the others are told apart by a few
    columns.
    """
    import pyarrow.compute as pc

    columns = batch.columns
    if expected.header is not None and len(expected.header) > 1:
        mark = None
        for name, column in zip(expected.header, columns, strict=False):
            same = pc.equal(column, name)
            mark = same if mark is None else pc.and_(mark, same)
            if not pc.any(mark).as_py():
                break
        else:
            return True
    if not expected.typed:
        return False
    rows: Any = None
    for place in expected.typed:
        column = columns[place] if rows is None else columns[place].take(rows)
        worded = pc.indices_nonzero(pc.match_substring_regex(column, _WORD))
        rows = worded if rows is None else rows.take(worded)
        if not len(rows):
            return False
    return len(rows) > _LOOKED or any(
        is_names([column[i].as_py() for column in columns]) for i in rows.to_pylist()
    )


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
