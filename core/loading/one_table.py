"""The header of one table in a delimited text, its first row, and how many fields a row has."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from core.loading.expected import Expected
from core.loading.header_values import going_on
from core.loading.headers import (
    CellKind,
    column_kinds,
    has_values,
    header_odds,
    is_names,
    is_units,
    kind_of,
    usual_names,
)
from core.loading.layout import Layout
from core.loading.options import NO_HEADER, Options
from core.loading.record import trimmed, usual_width

_FILLED = 0.95  # share of rows that fill the last field, from which on the first one may hold row labels
_GAPS = 0.1  # share of rows without a number or a date from which words above such rows may be rows too
NEAR = 12  # rows by which a title as wide as the table is judged
_DECIMAL = re.compile(r"[+-]?\d*[.,]\d+([eE][+-]?\d+)?")  # no row is called so
Quoted = Callable[[int], bool]  # whether the numbers of the record with this index alone are in quotes


@dataclass(frozen=True)
class OneTable:
    """The filled records of one table, with the physical lines on which each begins and before which it
    ends.
    """

    rows: list[list[str]]
    starts: list[int]
    ends: list[int]

    def layout(self, given: Options, quoted: Quoted, end: int | None) -> Layout:
        """The layout of this table."""
        rows = self.rows
        usual = usual_width(rows)
        header_at, depth, sure = self._header(usual, given, quoted)
        first = 0 if header_at is None else header_at + depth
        if header_at is None and given.first_data_line is None:
            first = next((i for i, row in enumerate(rows) if len(row) == usual), 0)
        body = rows[first:]
        if given.first_data_line is not None:
            body = [
                row for row, start in zip(rows, self.starts, strict=True) if start >= given.first_data_line
            ]
        header = None if header_at is None else joined_names(rows[header_at : header_at + depth])
        names, width, surplus, labels = _fitted(header, body)
        alike = [row for row in body if len(row) in (width, width + surplus)]
        if header_at is not None:
            alike = [row for row in alike if row != rows[header_at]] or alike
        kinds = column_kinds(alike, width)
        return Layout(
            header=names,
            row_labels=labels,
            header_line=NO_HEADER if header_at is None else self.starts[header_at],
            first_data_line=self._first_line(given, header_at, depth, first),
            header_rows=0 if header_at is None else depth,
            end_line=end,
            width=width,
            surplus=surplus,
            sure=sure,
            above=0,
            others=(),
            expected=Expected(
                width,
                width + surplus,
                None if header_at is None else trimmed(rows[header_at]),
                tuple(kinds),
            ),
        )

    def _first_line(self, given: Options, header_at: int | None, depth: int, first: int) -> int:
        if given.first_data_line is not None:
            return given.first_data_line
        if header_at is not None:
            return self.ends[header_at + depth - 1]
        return self.starts[first] if first < len(self.starts) else 0

    def _header(self, usual: int, given: Options, quoted: Quoted) -> tuple[int | None, int, float]:
        """Index of the first record of the header (None without one), how many records it has, and how sure
        that is.
        """
        rows = self.rows
        if given.header_line == NO_HEADER:
            return None, 1, 1.0
        if not rows:
            return None, 1, 0.0
        if given.header_line is not None:
            return 0, self._depth(0, usual, given), 1.0
        kinds = self._kinds(usual)
        data = next(
            (
                i
                for i, row in enumerate(rows)
                if _is_row(row, usual, kinds) and not self._numbers_above_names(i, usual, kinds)
            ),
            None,
        )
        place, odds = self._named(usual, kinds, data, quoted)
        if place is None:
            place = data if data is not None else self._first_full(usual)
            place += data is None and self._titles(place)
            odds = self._odds(place, usual, quoted)
        if given.first_data_line is not None and self.starts[place] >= given.first_data_line:
            return None, 1, 0.9
        probability = 1 / (1 + math.exp(-odds))
        if odds <= 0:
            return None, 1, 1 - probability
        if place and self._groups(place - 1):
            place -= 1
        depth = self._depth(place, usual, given)
        if depth > 1 and not all(row == rows[place] for row in rows[place : place + depth]):
            probability = min(probability, 0.75)
        return place, depth, probability

    def _numbers_above_names(self, place: int, usual: int, kinds: list[CellKind]) -> bool:
        """Whether a record of numbers, such as years above groups of columns, has cells left empty where
        names stand right below it, above every column of numbers or dates: then it is no row.
        """
        typed = [i for i, kind in enumerate(kinds) if kind in ("number", "date")]
        upper, below = (self.rows[at] if at < len(self.rows) else [] for at in (place, place + 1))
        if not len(upper) == len(below) == usual or all(upper[i].strip() for i in typed):
            return False
        return has_values(upper) and is_names(below) and all(below[i].strip() for i in typed)

    def _kinds(self, usual: int) -> list[CellKind]:
        """The kinds of the columns, from records far enough down to be rows. A header that stands again
        does not count.
        """
        rows = self.rows
        start = max(1, len(rows) // (2 if len(rows) < 12 else 4))
        body = [row for row in rows[start:] if len(row) == usual]
        kinds = column_kinds(body, usual)
        names = next((row for row in rows[:start] if is_names(row)), None)
        if names in body:
            once = column_kinds([row for row in body if row != names], usual)
            return once if any(kind in ("number", "date") for kind in once) else kinds
        return kinds

    def _named(
        self, usual: int, kinds: list[CellKind], data: int | None, quoted: Quoted
    ) -> tuple[int | None, float]:
        """The record of names above the first row of data, where columns of numbers or dates show which that
        is; and the log-odds that it is the header.
        """
        above = [i for i in range(data or 0) if _could_name(self.rows[i], usual)]
        if not above:
            return None, 0.0
        names = [i for i in above if is_names(self.rows[i])]
        if not names:
            odds, place = max((self._odds(i, usual, quoted), i) for i in above)
            return (place, odds) if odds > 0 else (None, 0.0)
        below = [is_names(row) for row in self.rows[data or 0 :] if len(row) == usual]
        place = names[-1] if sum(below) <= _GAPS * len(below) else names[0]
        while self._above_belongs(place - 1, names, above, kinds):
            place -= 1
        return place, 5.0

    def _above_belongs(self, place: int, names: list[int], above: list[int], kinds: list[CellKind]) -> bool:
        """Whether a record belongs to the header with the names below it: names too, and no title, which has
        fewer cells; or what the record below goes on with.
        """
        if place in names and len(trimmed(self.rows[place])) >= len(trimmed(self.rows[place + 1])):
            return True
        return place in above and self._goes_on(place, kinds)

    def _goes_on(self, place: int, kinds: list[CellKind]) -> bool:
        """Whether the record after this one belongs to the same header: the same again, units, or names below
        names that are not all different.
        """
        upper, lower = self.rows[place], self.rows[place + 1]
        return upper == lower or is_units(lower, kinds)

    def _depth(self, place: int, usual: int, given: Options) -> int:
        """How many records the header has that begins with this one."""
        kinds = self._kinds(usual)
        last = place
        while last + 2 < len(self.rows) and (
            given.first_data_line is None or self.starts[last + 1] < given.first_data_line
        ):
            below = self.rows[last + 1]
            if _is_row(below, usual, kinds) or not (
                below == self.rows[last] or self._second(place, below, usual, kinds) or self._groups(last)
            ):
                break
            last += 1
        return last - place + 1

    def _second(self, place: int, below: list[str], usual: int, kinds: list[CellKind]) -> bool:
        """Whether the record below the first of a header goes on with it: units, or names above at least two
        columns of numbers or dates.
        """
        typed = [i for i, kind in enumerate(kinds) if kind in ("number", "date")]
        if len(below) != usual or len(self.rows[place]) != usual or not typed:
            return False
        if is_units(below, kinds):
            return all(kind_of(below[i]) in ("text", "") for i in typed)
        rest = self.rows[place + 2 :]
        fresh = all(cell not in {row[i] for row in rest if i < len(row)} for i, cell in enumerate(below))
        filled = all(below[i].strip() for i in typed)
        named = is_names(self.rows[place]) or self._numbers_above_names(place, usual, kinds)
        return is_names(below) and len(typed) > 1 and filled and fresh and named

    def _groups(self, place: int) -> bool:
        """Whether a record names groups of columns, with blanks beside the first of each, and the next one
        names the columns, which have the same names in several groups.
        """
        upper, lower = self.rows[place], self.rows[place + 1]
        filled = [cell for cell in upper if cell.strip()]
        names = [cell.strip() for cell in lower if cell.strip()]
        return (
            1 < len(filled) < len(upper) == len(lower)
            and all(kind_of(cell) in ("text", "number") for cell in filled)
            and all(kind_of(cell) == "text" for cell in names)
            and len(set(names)) < len(names)
        )

    def _first_full(self, usual: int) -> int:
        """The first record that may be a row or a header: of full width (or one short, as R writes a header),
        and not with one cell only, as a title has; or the first of all, if it names the columns of rows that
        come back below wider ones.
        """
        if self._comes_back(usual):
            return 0
        for i, row in enumerate(self.rows):
            if len(row) >= usual and (usual < 3 or len([c for c in row if c.strip()]) > 1 or i > 20):
                above = self.rows[i - 1] if i else []
                short = usual > 2 and len(above) == usual - 1 and all(kind_of(c) == "text" for c in above)
                return i - 1 if short else i
        return 0

    def _titles(self, place: int) -> bool:
        """Whether this record of a table of words is a title as wide as the table: the next one, and no other
        near it, is of words that are usual in the names of columns.
        """
        near = self.rows[place : place + NEAR]
        if len(near) < 3 or not len(near[0]) == len(near[1]) > 1 or not is_names(near[1]):
            return False
        return usual_names(near[1]) > 0.5 and not any(map(usual_names, [near[0], *near[2:]]))

    def _comes_back(self, usual: int) -> bool:
        """Whether the first record names the columns of narrower rows that stand above those of the usual
        width, and again below them.
        """
        width = len(self.rows[0])
        if not 1 < width < usual or not is_names(self.rows[0]) or any(len(r) != width for r in self.rows[:4]):
            return False
        wide = next(i for i, row in enumerate(self.rows) if len(row) == usual)
        return sum(len(row) == width for row in self.rows[wide:]) >= 3

    def _odds(self, place: int, usual: int, quoted: Quoted) -> float:
        """The log-odds that this record is the header and not a row."""
        head = self.rows[place]
        body = [row for row in self.rows[place + 1 :] if len(row) == usual]
        if any(kind in ("number", "date") for kind in self._kinds(usual)):
            body = [row for row in body if row != head or not is_names(head)]
        if _counted(head) and not _counts_too(head, body):
            return 2.2 - 4.4 * going_on(head, body)  # as a frame without names is written, or row 0
        if len(head) == usual - 1 and is_names(head):
            return 3.0
        return header_odds(head[:usual], [row[: len(head)] for row in body], quoted(place))


def _counted(head: list[str]) -> bool:
    """Whether a record is 0, 1, 2 and so on, perhaps after an empty cell."""
    numbers = [str(i) for i in range(len(head))]
    return len(head) > 1 and [cell.strip() for cell in head] in (numbers, ["", *numbers[:-1]])


def _counts_too(head: list[str], body: list[list[str]]) -> bool:
    """Whether rows count up as the head does, or have its values, where there are only two."""
    if len(head) < 3:
        return any(row[i : i + 1] == head[i : i + 1] for row in body for i in range(len(head)))
    steps = [[cell.strip() for cell in row] for row in body]
    up = sum(
        row[0].isdigit() and row == [str(int(row[0]) + i) for i in range(len(row))] for row in steps if row
    )
    return up > 0.1 * len(body)


def _is_row(row: list[str], usual: int, kinds: list[CellKind]) -> bool:
    """Whether a record has the usual width, and at least half of its filled cells in the columns of numbers
    or dates are such.
    """
    typed = [i for i, kind in enumerate(kinds) if kind in ("number", "date")]
    if len(row) != usual or not typed:
        return False
    filled = [(kind_of(row[i]), kinds[i]) for i in typed if kind_of(row[i])]
    return bool(filled) and sum(mine == kind for mine, kind in filled) >= 0.5 * len(filled)


def _could_name(row: list[str], usual: int) -> bool:
    """Whether a record has cells in at least half of as many columns, as a title has not."""
    filled = [cell for cell in row if kind_of(cell)]
    return len(filled) >= max(1, 0.5 * usual) and (usual < 3 or len(filled) > 1)


def joined_names(levels: list[list[str]]) -> list[str]:
    """The names of a header of several records: their cells from top to bottom, each once.

    >>> joined_names([["time", "speed"], ["s", "m/s"]]), joined_names([["a", "b"], ["a", "b"]])
    (['time s', 'speed m/s'], ['a', 'b'])
    >>> joined_names([["", "sales", ""], ["name", "Q1", "Q2"]])
    ['name', 'sales Q1', 'sales Q2']
    """
    if len(levels) == 1:
        return levels[0]
    width = max(map(len, levels))
    padded = [[*(cell.strip() for cell in level), *[""] * (width - len(level))] for level in levels]
    for level in padded[:-1]:  # the name of a group stands above its first column only
        for place in range(1, width):
            level[place] = level[place] or level[place - 1]
    return [" ".join(dict.fromkeys(filter(None, parts))) for parts in zip(*padded, strict=True)]


def _has_labels(rows: list[list[str]]) -> bool:
    """Whether rows with a field more than there are names begin with a label, as R writes them: whole numbers
    or texts, all different and none missing, over a last field that is nearly always filled.

    >>> _has_labels([["a", "1"], ["b", "2"]]), _has_labels([["1", "", ""], ["3", "", "x"]])
    (True, False)
    """
    labels = [row[0].strip() for row in rows]
    filled = sum(bool(row[-1].strip()) for row in rows)
    return (
        filled >= _FILLED * len(rows)
        and all(labels)
        and len(set(labels)) == len(labels)
        and not any(_DECIMAL.fullmatch(label) for label in labels)
    )


def _fitted(header: list[str] | None, body: list[list[str]]) -> tuple[tuple[str, ...] | None, int, int, bool]:
    """The names in the place of the columns, the number of columns, of surplus fields, and whether the name
    of the row labels is left out.
    """
    usual = usual_width(body) if body else 0
    if header is None:
        return None, usual or 1, 0, False
    names = list(trimmed(header))
    full = [row for row in body if len(row) == usual]
    used = max((len(trimmed(row)) for row in full), default=0)
    if usual >= len(names) and used <= len(names):  # delimiters at the end of every row
        return tuple(names), len(names), max(usual, len(header)) - len(names), False
    short = sum(len(row) <= len(names) for row in body) > 0.02 * len(body) or (
        bool(body) and len(body[0]) <= len(names)
    )
    labelled = used == len(names) + 1 == usual and len(header) == len(names) and usual > 2 and not short
    if labelled and all(kind_of(name) == "text" for name in names) and _has_labels(full):
        return ("", *names), usual, 0, True
    if usual == used and len(header) > usual:
        kept = [name for name in header if name.strip()]
        if len(kept) == usual and not any(len(row) > usual and len(trimmed(row)) > usual for row in body):
            return tuple(kept), usual, 0, False  # a delimiter too many among the names
    width = max(len(names), used)
    return (*names, *[""] * (width - len(names))), width, max(0, usual - width), False
