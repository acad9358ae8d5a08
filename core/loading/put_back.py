"""Lines that were kept aside at loading: listed, and put back as rows, as they are or mended by a person.

What is put back is a setting of the reader (`core.loading.options.Options.put_back`), so that a recipe reads
the same file in the same way again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import LoadError, SettingError, StoreError
from core.phrases import count

FEW = 5  # lines named in a sentence
SHOWN = 32_768  # characters of a line kept aside; a longer one cannot be mended here


@dataclass(frozen=True)
class AsideLine:
    """What was kept aside. line: number of its first line in the file, from 1. text: as it stands there, what
    is no letter written as ``\\xfc``. whole: the text is all of it.
    """

    line: int
    reason: str
    text: str
    whole: bool = True


def lines_aside(path: Path, most: int | None = None) -> tuple[AsideLine, ...]:
    """What a file of lines kept aside holds (``aside.csv``, with the columns line, reason and text), as the
    loader wrote it or as a person mended it. Raises `SettingError` where it is none.
    """
    csv.field_size_limit(4 * SHOWN)
    found: list[AsideLine] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                if most is not None and len(found) == most:
                    break
                text = row["text"] or ""
                found.append(AsideLine(int(row["line"]), row["reason"] or "", text, len(text) <= SHOWN))
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, ValueError, TypeError) as error:
        raise SettingError(
            f"{path.name} is no list of lines kept aside: it needs the columns line, reason and text "
            f"({str(error)[:80]})."
        ) from error
    return tuple(found)


def write_lines(lines: Sequence[AsideLine], path: Path) -> None:
    """Write lines kept aside as `lines_aside` reads them. Raises `StoreError`."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["line", "reason", "text"])
            writer.writerows((line.line, line.reason, line.text) for line in lines)
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror}). Choose another file.") from error


def as_put_back(lines: Sequence[AsideLine]) -> tuple[tuple[int, str], ...]:
    """The setting that puts these lines back; those without text stay aside."""
    return tuple((line.line, line.text) for line in lines if line.text.strip() and line.whole)


def put_back_words(asked: Sequence[int], aside: Sequence[AsideLine]) -> str:
    """What became of the lines that were to be put back, in a sentence. aside: what is kept aside now.

    >>> put_back_words([2, 4], [AsideLine(4, "no JSON object", "[4]"), AsideLine(9, "", "")])
    '1 of 2 lines put back; line 4 stays aside: no JSON object.'
    """
    wanted = set(asked)
    stay = sorted({line.line: line.reason for line in aside if line.line in wanted}.items())
    if not stay:
        return f"{count(len(wanted), 'line')} put back."
    lines, reason = [f"{line:,}" for line, _ in stay[:FEW]], stay[0][1].rstrip(".")
    more = f" and {len(stay) - FEW:,} more" if len(stay) > FEW else ""
    which = f"line {lines[0]} stays" if len(stay) == 1 else f"lines {', '.join(lines)}{more} stay"
    why = f"{reason}." if len({why for _, why in stay}) == 1 else f"line {lines[0]}, {reason}."
    return f"{len(wanted) - len(stay):,} of {count(len(wanted), 'line')} put back; {which} aside: {why}"


def rows_of(text: str, width: int, settings: Mapping[str, Any]) -> list[list[str]]:
    """The rows of a text that is put back, each with at most ``width`` fields: surplus ones that are filled
    are joined to the last column, with the delimiter between them.

    settings: of Python's csv reader.

    >>> plain = {"delimiter": ",", "strict": False}
    >>> rows_of("1,2,3,4", 3, plain), rows_of("1", 3, plain), rows_of("1,2,3,,", 3, plain)
    ([['1', '2', '3,4']], [['1']], [['1', '2', '3']])
    """
    rows = []
    for record in _records(text, settings):
        if any(record[width:]):
            record = [*record[: width - 1], settings["delimiter"].join(record[width - 1 :])]
        rows.append(record[:width])
    return rows


def joined(text: str, width: int, settings: Mapping[str, Any]) -> list[str]:
    """What the last of ``width`` columns gets where `rows_of` joins surplus fields to it, row by row.

    >>> joined("1,2,b,c\\n1,2,b", 3, {"delimiter": ","})
    ['b,c']
    """
    wide = [record for record in _records(text, settings) if any(record[width:])]
    return [settings["delimiter"].join(record[width - 1 :]) for record in wide]


def without_surplus(text: str, width: int, settings: Mapping[str, Any]) -> str:
    """The text with the first ``width`` fields of each row, as the same settings read it.

    >>> without_surplus('1,"2,5",b,c', 3, {"delimiter": ","})
    '1,"2,5",b'
    """
    into = io.StringIO()
    writer = csv.writer(into, **{**settings, "strict": True, "lineterminator": "\n"})
    writer.writerows(record[:width] for record in _records(text, settings))
    return into.getvalue().removesuffix("\n")


def _records(text: str, settings: Mapping[str, Any]) -> list[list[str]]:
    return [record for record in csv.reader(io.StringIO(text, newline=""), **settings) if record]


class PutBack:
    """The lines to put back while a file is read. Each is asked for once, when the reader comes upon it."""

    def __init__(self, lines: Sequence[tuple[int, str]]) -> None:
        self._texts = dict(lines)

    def __bool__(self) -> bool:
        return bool(self._texts)

    def take(self, line: int) -> str | None:
        """The text to read in the place of this line, which would be kept aside; None where it stays."""
        return self._texts.pop(line, None)

    def check(self, name: str) -> None:
        """Raise `LoadError` where a line was not kept aside, so that there is nothing to put back."""
        left = sorted(self._texts)
        if left:
            lines = f"Line {left[0]:,}" if len(left) == 1 else f"{len(left):,} lines (the first: {left[0]:,})"
            raise LoadError(
                f"{lines} of {name} cannot be put back: as the file is read now, nothing is kept aside there."
            )
