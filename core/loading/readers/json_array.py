"""The items of a JSON array, one at a time, however long the array is."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any, TextIO

from core.errors import LoadError
from core.loading.json_numbers import DECODER


def items(stream: TextIO, name: str, look: bool) -> Iterator[tuple[str, Any]]:
    """The items of an array, one at a time, however long the array is."""
    buffer, ended, block, count = _Buffer(stream), False, 1 << 20, 0
    buffer.expect("[", name)
    while not ended:
        if buffer.peek() == "]":
            return
        try:
            value, end = DECODER.raw_decode(buffer.text, buffer.at)
            whole = end < len(buffer.text) or buffer.done
        except ValueError as error:
            whole = False
            if buffer.done:
                if look:
                    return
                raise LoadError(
                    f"{name} is not valid JSON after row {count} ({short(error)}). "
                    "Mend it, or write it again."
                ) from error
        if not whole:
            buffer.more(block)
            block *= 2
            continue
        buffer.at, block, count = end, 1 << 20, count + 1
        yield f"Item {count:,} of {name}", value
        mark = buffer.peek()
        if mark == ",":
            buffer.at += 1
        elif mark != "]":
            if look and mark == "":
                return
            raise LoadError(
                f"{name} is not valid JSON after row {count}: expected ',' or ']'. "
                "Mend it, or write it again."
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


def short(error: ValueError) -> str:
    """The beginning of what a decoder says."""
    return str(error)[:120]


def in_line(error: ValueError) -> str:
    """What a decoder says of one line, which the caller names: the place within it alone.

    >>> try:
    ...     json.loads('{"a": "b')
    ... except ValueError as error:
    ...     in_line(error)
    'Unterminated string starting at column 7'
    """
    if not isinstance(error, json.JSONDecodeError):
        return short(error)
    return f"{error.msg.removesuffix(' at')} at column {error.colno:,}"
