"""JSON (an array of objects, or an object of columns) and JSON Lines."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any, TextIO

from core.errors import LoadError
from core.loading.cells import JsonCells
from core.loading.options import Options
from core.loading.readers import Staged, check_width, renamed, unique_names
from core.loading.readers.staging import Stage
from core.loading.sniff import error_handler, survey, visible
from core.progress import Progress

BATCH_CELLS = 500_000
_SURROGATE = re.compile("[\ud800-\udfff]")
Record = dict[str, Any]


def read(
    path: Path, name: str, options: Options, folder: Path, progress: Progress, look: bool = False
) -> Staged:
    """Read a JSON source. ``look``: it is the beginning of a longer one, so an end in the middle is no
    error.
    """
    seen = survey(path, options.encoding, progress.check)
    if not seen.valid:
        raise LoadError(f"{name} is not valid {seen.encoding}. Save it as UTF-8, or say its encoding.")
    names: dict[str, int] = {}
    for record in _all(path, seen.encoding, name, options, look):
        for key in record:
            names.setdefault(key, len(names))
    if not names:
        raise LoadError(
            f"{name} holds no rows. Give an array of objects, an object of columns, or one object per line."
        )
    check_width(len(names), name)
    stage = Stage(folder / "staged.parquet", len(names))
    _pour(_all(path, seen.encoding, name, options, look), list(names), stage, progress)
    header = [visible(name) for name in names]
    kept = unique_names(header)
    plain: dict[str, Any] = {"format": options.format, "encoding": seen.encoding}
    plain |= {"header": header, "names": kept}
    plain |= {"confidence": {"encoding": seen.confidence}, "doubt": seen.doubt and seen.doubt.to_plain()}
    if options.format == "json":
        plain["orient"] = "columns" if _columns(path, seen.encoding) else "records"
    return Staged(
        kept,
        stage.rows,
        options.format or "json",
        JsonCells(),
        stage.batches,
        ["json"] * len(kept),
        plain,
        renamed(header, kept),
    )


def _pour(records: Iterator[Record], names: list[str], stage: Stage, progress: Progress) -> None:
    import pyarrow as pa

    size = max(1, BATCH_CELLS // len(names))
    batch: list[Record] = []

    def pour() -> None:
        progress.check()
        stage.add([pa.array([_text(record, name) for record in batch], pa.string()) for name in names])
        batch.clear()

    for record in records:
        batch.append(record)
        if len(batch) >= size:
            pour()
    if batch:
        pour()
    stage.close()


def _text(record: Record, name: str) -> str | None:
    """The JSON text of one cell; None where the record has no such key."""
    if name not in record:
        return None
    value = record[name]
    text = encode_basestring(value) if type(value) is str else json.dumps(value, ensure_ascii=False)
    return json.dumps(value) if not text.isascii() and _SURROGATE.search(text) else text


def _columns(path: Path, encoding: str) -> bool:
    with path.open(encoding=encoding) as stream:
        return stream.read(1000).lstrip("\ufeff \t\r\n").startswith("{")


def _all(path: Path, encoding: str, name: str, options: Options, look: bool) -> Iterator[Record]:
    with path.open(encoding=encoding, errors=error_handler(encoding)) as stream:
        try:
            if options.format == "jsonl":
                yield from _lines(stream, name, look)
            elif _columns(path, encoding):
                yield from _transposed(stream, name)
            else:
                yield from _array(stream, name, look)
        except RecursionError as error:
            raise LoadError(f"{name} is nested too deeply. Give an array of flat objects.") from error


def _lines(stream: TextIO, name: str, look: bool) -> Iterator[Record]:
    for number, line in enumerate(stream, 1):
        if not line.strip("\ufeff \t\r\n"):
            continue
        try:
            record = json.loads(line.lstrip("\ufeff"))
        except ValueError as error:
            if look and not line.endswith("\n"):
                return
            raise LoadError(
                f"Line {number:,} of {name} is not JSON ({_short(error)}). Mend or remove that line."
            ) from error
        yield _record(record, f"Line {number:,} of {name}")


def _record(record: Any, where: str) -> Record:
    if not isinstance(record, dict):
        raise LoadError(
            f'{where} is {_word(record)}, not an object. Every row must be an object like {{"age": 31}}.'
        )
    return record


def _word(value: Any) -> str:
    words = {
        list: "an array",
        str: "a string",
        bool: "a boolean",
        int: "a number",
        float: "a number",
        type(None): "null",
    }
    return words.get(type(value), "something else")


def _short(error: ValueError) -> str:
    return str(error)[:120]


def _transposed(stream: TextIO, name: str) -> Iterator[Record]:
    """An object of columns, ``{"age": [31, 40]}`` or ``{"age": {"0": 31}}`` as pandas writes it; or one
    single row.
    """
    try:
        whole = json.load(stream)
    except ValueError as error:
        raise LoadError(f"{name} is not valid JSON ({_short(error)}). Mend it, or write it again.") from error
    columns = {key: list(v.values()) if isinstance(v, dict) else v for key, v in whole.items()}
    if not any(isinstance(v, list) for v in columns.values()):
        yield whole
        return
    lengths = {key: len(v) if isinstance(v, list) else -1 for key, v in columns.items()}
    if len(set(lengths.values())) > 1:
        few = ", ".join(f"{key!r}: {n if n >= 0 else 'not a list'}" for key, n in list(lengths.items())[:4])
        raise LoadError(
            f"The columns of {name} differ in length ({few}). Give lists of the same length, or an array of "
            "objects."
        )
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def _array(stream: TextIO, name: str, look: bool) -> Iterator[Record]:
    """The objects of an array, one at a time, however long the array is."""
    decoder = json.JSONDecoder()
    buffer, ended, block, count = _Buffer(stream), False, 1 << 20, 0
    buffer.expect("[", name)
    while not ended:
        if buffer.peek() == "]":
            return
        try:
            value, end = decoder.raw_decode(buffer.text, buffer.at)
            whole = end < len(buffer.text) or buffer.done
        except ValueError as error:
            whole = False
            if buffer.done:
                if look:
                    return
                raise LoadError(
                    f"{name} is not valid JSON after row {count:,} ({_short(error)}). Mend it, or write it "
                    "again."
                ) from error
        if not whole:
            buffer.more(block)
            block *= 2
            continue
        buffer.at, block, count = end, 1 << 20, count + 1
        yield _record(value, f"Item {count:,} of {name}")
        mark = buffer.peek()
        if mark == ",":
            buffer.at += 1
        elif mark != "]":
            if look and mark == "":
                return
            raise LoadError(
                f"{name} is not valid JSON after row {count:,}: expected ',' or ']'. Mend it, or write it "
                "again."
            )
        ended = mark == "]"


class _Buffer:
    """A window on a text stream."""

    def __init__(self, stream: io.TextIOBase | TextIO) -> None:
        self._stream = stream
        self.text, self.at, self.done = "", 0, False

    def more(self, size: int) -> None:
        """Read on, forgetting what is behind."""
        block = self._stream.read(size)
        self.done = not block
        self.text, self.at = self.text[self.at :] + block, 0

    def peek(self) -> str:
        """The next character that is no blank; "" at the end."""
        while True:
            while self.at < len(self.text) and self.text[self.at] in " \t\r\n\ufeff":
                self.at += 1
            if self.at < len(self.text) or self.done:
                return self.text[self.at : self.at + 1]
            self.more(1 << 20)

    def expect(self, mark: str, name: str) -> None:
        """Step over the character that must come next."""
        if self.peek() != mark:
            raise LoadError(f"{name} is not an array of objects. Give one, or an object of columns.")
        self.at += 1
