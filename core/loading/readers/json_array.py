"""The items of a JSON array, one at a time, however long the array is."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any, TextIO

from core.errors import LoadError
from core.loading.json_numbers import DECODER, array_begins


def items(
    stream: TextIO, name: str, look: bool, below: Callable[[int, str], None]
) -> Iterator[tuple[str, Any]]:
    """The items of an array, one at a time, however long the array is; those of further arrays below it, too.
    ``below``: is given each other line below the end, by its 1-based number.
    """
    buffer, ended, block, count = _Buffer(stream), False, 1 << 20, 0
    buffer.expect("[", name)
    while not ended:
        if buffer.peek() == "]":
            ended = not buffer.another(below, look)
            continue
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
        else:
            ended = not buffer.another(below, look)


class _Buffer:
    """A window on a text stream."""

    def __init__(self, stream: io.TextIOBase | TextIO) -> None:
        self._stream = stream
        self._line = 1  # of the beginning of the text
        self.text, self.at, self.done = "", 0, False

    def more(self, size: int) -> None:
        """Read on, forgetting what is behind."""
        block = self._stream.read(size)
        self.done = not block
        self._line += self.text.count("\n", 0, self.at)
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

    def another(self, below: Callable[[int, str], None], look: bool) -> bool:
        """Step over the end of the array, and whether another one begins below it: it is stepped into. Lines
        between the two are given to ``below``; ``look``: the text may end within an array.
        """
        self.at += 1
        while mark := self.peek():
            if mark == "[" and self._begins(look):
                self.at += 1
                return True
            while (end := self.text.find("\n", self.at)) < 0 and not self.done:
                self.more(1 << 20)
            end = len(self.text) if end < 0 else end
            below(self._line + self.text.count("\n", 0, self.at), self.text[self.at : end])
            self.at = end
        return False

    def _begins(self, look: bool) -> bool:
        """Whether an array of rows begins at this "[": a line such as "[INFO] done" is none."""
        size = 1 << 20
        while (there := array_begins(self.text, self.at)) is None and not self.done:
            self.more(size)
            size *= 2
        return look if there is None else there


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
