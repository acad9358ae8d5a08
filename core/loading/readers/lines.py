"""The physical lines of a delimited text, with a way back and a look ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

from core.progress import SILENT, Progress

CHECKED = 4_096  # lines passed over between two looks whether to stop
AHEAD = 4_000_000  # characters looked ahead
LINE = 64_000_000  # characters; a longer line is not kept in memory


class LinePlace(NamedTuple):
    """Where a physical line of a file begins: its 0-based number, and the byte."""

    line: int
    byte: int

    def below(self, path: Path, lines: int, filled: bool = False, progress: Progress = SILENT) -> LinePlace:
        """The place so many lines further down; ``filled``: empty ones are not counted. Of files of which
        no letter but the ends of lines holds their bytes, such as UTF-8.
        """
        line, byte = self
        with path.open(encoding="latin-1", newline="") as stream:  # one letter for each byte
            stream.seek(byte)
            while lines > 0 and (text := stream.readline(LINE)):
                if line % CHECKED == 0:
                    progress.check()
                ended = text[-1] in "\r\n"
                byte += len(text)
                line += ended
                lines -= ended and not (filled and text in ("\n", "\r", "\r\n"))
        return LinePlace(line, byte)

    def lines_in(self, path: Path, size: int) -> int:
        """How many lines end within so many bytes from here on."""
        with path.open("rb") as file:
            file.seek(self.byte)
            text = file.read(size)
        return max(text.count(b"\n"), text.count(b"\r"))


class Lines:
    """The physical lines of a stream, with a way back: what one record took can be given back."""

    def __init__(self, stream: TextIO, skip: int, number: int = 1) -> None:
        """number: the 1-based line at which the stream stands. skip: lines to pass over."""
        self._stream = stream
        self._back: deque[str] = deque()
        self.number = number
        self.taken: list[str] = []
        self.ended = self.cut = False
        for _ in range(skip):
            self.taken = [next(self, "")]
            self.start()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else self._stream.readline(LINE)
        if not line:
            self.ended = True
            raise StopIteration
        if len(line) >= LINE and line[-1] not in "\r\n":
            self.cut = True
            while (rest := self._stream.readline(LINE)) and rest[-1] not in "\r\n":
                continue
        self.taken.append(line)
        return line

    def start(self) -> None:
        """A new record begins."""
        self.number += len(self.taken)
        self.taken = []
        self.ended = self.cut = False

    def ahead(self, many: int) -> list[str]:
        """The next filled lines, which are still to come: as many as wanted, of long ones only two."""
        wanted: list[str] = []
        length = 0
        for line in self._back:
            if len(wanted) == many:
                break
            if line.strip():
                wanted.append(line)
                length += len(line)
        while len(wanted) < (many if length < AHEAD else 2) and (line := self._stream.readline(LINE)):
            self._back.append(line)
            if line.strip():
                wanted.append(line)
                length += len(line)
        return wanted

    def keep_first(self) -> None:
        """Give back all lines of this record but the first."""
        self._back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]
