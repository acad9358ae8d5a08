"""Where in a delimited text the table is: the lines above it, its header, its first row, how many fields a
row has, and where another table begins.

Everything is judged from the records at the beginning of the file; where a later table begins is asked again,
with `Expected.another`, for every record that the sample did not reach.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from core.loading.headers import CellKind, column_kinds, going_on, header_odds, is_names, is_units, kind_of
from core.loading.options import NO_HEADER, Options

Record = tuple[int, list[str]]  # the number of physical lines read up to its end, and its fields
Quoted = Callable[[int], bool]  # whether the numbers of the record with this index alone are in quotes

_NAME = re.compile(r"\s*[^\s,;|\"'][^,;|\"\t\r\n]{0,79}")
_ROWS_BEFORE = 5  # rows of a table before another of the same width is seen without a blank line between
_LATER = 2.0  # a later table is taken if it has this many times the cells of the first


@dataclass(frozen=True)
class Expected:
    """What the rows of the table are like, so far as another table or the header again can be told from them.

    width: fields of a row. header: as in the file, without the empty names at its end (None without one).
    kinds: of the cells of each column.
    """

    width: int
    header: tuple[str, ...] | None
    kinds: tuple[CellKind, ...]

    @property
    def typed(self) -> list[int]:
        """The columns of numbers or dates."""
        return [place for place, kind in enumerate(self.kinds) if kind in ("number", "date")]

    def again(self, record: list[str]) -> bool:
        """Whether a record is the header once more."""
        return self.header is not None and len(self.header) > 1 and _trimmed(record) == self.header

    def another(self, record: list[str], following: list[list[str]], after_blank: bool, before: int) -> bool:
        """Whether a record is the header of another table: names where this one has numbers or dates, or of
        another width; and what follows are rows under it, with numbers or dates, or below a blank line with
        nothing but text.

        following: the next two records. after_blank: a blank line stands above. before: how many rows the
        table has already.
        """
        trimmed = _trimmed(record)
        if before < 2 or len(trimmed) < 2 or not all(map(_NAME.fullmatch, trimmed)):
            return False
        if not is_names(record) or self.again(record) or len(trimmed) == self.width < len(record):
            return False
        if len(following) < 2 or following[0] == following[1]:
            return False
        if len(record) == self.width and not self._unlike(trimmed, after_blank, before):
            return False
        under = all(
            len(_trimmed(row)) <= len(record) <= len(row)
            and not any(a == b for a, b in zip(record, row, strict=False) if a.strip())
            for row in following
        )
        valued = all(any(kind_of(cell) in ("number", "date") for cell in row) for row in following)
        return under and (valued or after_blank and self._in_words(len(record), following))

    def _in_words(self, width: int, rows: list[list[str]]) -> bool:
        """Whether rows of text alone are not of this table: they are full, and of another width or with text
        where this one has numbers or dates.
        """
        kinds = [[kind_of(cell) for cell in row[:width]] for row in rows]
        if any(kind != "text" for row in kinds for kind in row) or any(len(row) != width for row in rows):
            return False
        return width != self.width or bool(self.typed)

    def _unlike(self, names: tuple[str, ...], after_blank: bool, before: int) -> bool:
        """Whether names in as many columns are enough to be the header of another table."""
        if after_blank:
            return len(self.typed) > 0
        wordy = sum(map(len, names)) >= 2 * len(names)
        return len(self.typed) > 1 and before >= _ROWS_BEFORE and wordy


def _trimmed(record: list[str]) -> tuple[str, ...]:
    """A record without the empty fields at its end."""
    end = len(record)
    while end and not record[end - 1].strip():
        end -= 1
    return tuple(record[:end])


@dataclass(frozen=True)
class Layout:
    """Where the table is.

    header: the names in the place of the columns, as in the file; None without one.
    row_labels: the header has no field above the first column, as R writes it.
    header_line, first_data_line: 0-based physical lines; NO_HEADER without a header.
    header_rows: records of the header, whose cells are put together in the names.
    end_line: the physical line before which the table ends; None where it goes on to the end of the file.
    width: columns. surplus: fields after the last column that are empty in every row.
    sure: how sure the header is, 0 to 1.
    rows_above: whether what stands above the table looks like data.
    others: the 0-based lines where other tables begin.
    expected: what the rows are like.
    """

    header: tuple[str, ...] | None
    row_labels: bool
    header_line: int
    first_data_line: int
    header_rows: int
    end_line: int | None
    width: int
    surplus: int
    sure: float
    rows_above: bool
    others: tuple[int, ...]
    expected: Expected


def usual_width(rows: list[list[str]]) -> int:
    """The number of fields most rows have; of two as frequent the larger."""
    counts = Counter(len(row) for row in rows if row)
    return max(counts.items(), key=lambda item: (item[1] * item[0] ** 0.5, item[0]))[0] if counts else 1


def find_layout(records: list[Record], given: Options, quoted: Quoted = lambda _: False) -> Layout:
    """Find the table in the records at the beginning of a file, blank ones included, keeping to what is given
    of header_line, first_data_line and end_line.
    """
    starts = [records[i - 1][0] if i else 0 for i in range(len(records))]
    low = given.header_line if given.header_line not in (None, NO_HEADER) else None
    if low is None and given.header_line == NO_HEADER:
        low = given.first_data_line
    places = [
        i
        for i, (_, record) in enumerate(records)
        if any(cell.strip() for cell in record)
        and (low is None or starts[i] >= low)
        and (given.end_line is None or starts[i] < given.end_line)
    ]
    if low is None:
        places = _without_comments(records, places)
    blocks = _blocks(records, places, low is None)
    chosen = 0 if low is not None else _largest(records, blocks)
    block = blocks[chosen] if blocks else []
    end = given.end_line
    if end is None and chosen + 1 < len(blocks):
        end = starts[blocks[chosen + 1][0]]
    table = _Table([records[i][1] for i in block], [starts[i] for i in block], [records[i][0] for i in block])
    found = table.layout(given, lambda at: quoted(block[at]), end)
    begin = found.first_data_line if found.header is None else found.header_line
    above = _like_data([records[i][1] for i in places if starts[i] < begin])
    others = [starts[other[0]] for at, other in enumerate(blocks) if at > chosen or (above and at < chosen)]
    return replace(found, rows_above=above, others=tuple(others))


def _without_comments(records: list[Record], places: list[int]) -> list[int]:
    """The filled records without those at the top that begin with #; the last of them stays if it names the
    columns of what follows.
    """
    first = next((at for at, i in enumerate(places) if not records[i][1][0].startswith("#")), len(places))
    rest = places[first:]
    if not first or not rest:
        return places
    width = usual_width([records[i][1] for i in rest])
    names = records[places[first - 1]][1]
    stays = len(names) == width and is_names(names) and not is_names(records[rest[0]][1])
    return places[first - stays :]


def _like_data(above: list[list[str]]) -> bool:
    """Whether the records above a table hold data: three in a row with as many fields, at least two, of which
    the last has a number or date; or two under names.
    """
    runs = [len(row) if len(_trimmed(row)) > 1 else 0 for row in above]
    for i in range(len(above) - 1):
        rows = above[i : i + 3]
        if runs[i] < 2 or len(set(runs[i : i + len(rows)])) > 1:
            continue
        data = [any(kind_of(cell) in ("number", "date") for cell in row) for row in rows]
        if len(rows) == 3 and all(data[1:]):
            return True
    return False


def _blocks(records: list[Record], places: list[int], titled: bool) -> list[list[int]]:
    """The records cut where another table begins: indices of the filled records of each. ``titled``: the
    first may be lines of text.
    """
    blocks: list[list[int]] = [[]]
    for at, place in enumerate(places):
        now = blocks[-1]
        record = records[place][1]
        if now and is_names(record):
            following = [records[i][1] for i in places[at + 1 : at + 3]]
            after_blank = place > 0 and not any(cell.strip() for cell in records[place - 1][1])
            rows = [records[i][1] for i in now]
            titles = (
                titled and all(len(row) == 1 for row in rows) and 1 < len(record) == usual_width(following)
            )
            if titles or _expected_of(rows).another(record, following, after_blank, len(now) - 1):
                blocks.append([])
        blocks[-1].append(place)
    return blocks


def _expected_of(rows: list[list[str]]) -> Expected:
    """What the rows seen so far are like; the first may be their header."""
    width = usual_width(rows)
    body = [row for row in rows[1:] if len(row) == width]
    kinds = column_kinds(body, width)
    header = _trimmed(rows[0]) if is_names(rows[0]) else None
    return Expected(width, header, tuple(kinds))


def _largest(records: list[Record], blocks: list[list[int]]) -> int:
    """The first table, unless a later one has at least twice the cells."""
    sizes = []
    for block in blocks:
        rows = [records[i][1] for i in block]
        width = usual_width(rows)
        alike = sum(len(row) == width for row in rows)
        sizes.append(width * (alike - 1) if width > 1 else 0.02 * alike)
    best = 0
    for at, size in enumerate(sizes):
        if size > _LATER * sizes[best]:
            best = at
    return best


@dataclass(frozen=True)
class _Table:
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
        header = None if header_at is None else _joined(rows[header_at : header_at + depth])
        names, width, surplus, labels = _fitted(header, body)
        alike = [row for row in body if len(row) in (width, width + surplus)]
        if header_at is not None:
            alike = [row for row in alike if row != rows[header_at]] or alike
        kinds = column_kinds(alike, width)
        return Layout(
            names,
            labels,
            NO_HEADER if header_at is None else self.starts[header_at],
            self._first_line(given, header_at, depth, first),
            0 if header_at is None else depth,
            end,
            width,
            surplus,
            sure,
            False,
            (),
            Expected(width, None if header_at is None else _trimmed(rows[header_at]), tuple(kinds)),
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
        data = next((i for i, row in enumerate(rows) if _is_row(row, usual, kinds)), None)
        place, odds = self._named(usual, kinds, data, quoted)
        if place is None:
            place = data if data is not None else self._first_full(usual)
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
        place = names[-1]
        while place - 1 in names or (place - 1 in above and self._goes_on(place - 1, kinds)):
            place -= 1
        return place, 5.0

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
        return is_names(below) and len(typed) > 1 and filled and fresh and is_names(self.rows[place])

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
        and not with one cell only, as a title has.
        """
        for i, row in enumerate(self.rows):
            if len(row) >= usual and (usual < 3 or len([c for c in row if c.strip()]) > 1 or i > 20):
                above = self.rows[i - 1] if i else []
                short = usual > 2 and len(above) == usual - 1 and all(kind_of(c) == "text" for c in above)
                return i - 1 if short else i
        return 0

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


def _joined(levels: list[list[str]]) -> list[str]:
    """The names of a header of several records: their cells from top to bottom, each once.

    >>> _joined([["time", "speed"], ["s", "m/s"]]), _joined([["a", "b"], ["a", "b"]])
    (['time s', 'speed m/s'], ['a', 'b'])
    >>> _joined([["", "sales", ""], ["name", "Q1", "Q2"]])
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


def _fitted(header: list[str] | None, body: list[list[str]]) -> tuple[tuple[str, ...] | None, int, int, bool]:
    """The names in the place of the columns, the number of columns, of surplus fields, and whether the name
    of the row labels is left out.
    """
    usual = usual_width(body) if body else 0
    if header is None:
        return None, usual or 1, 0, False
    names = list(_trimmed(header))
    full = [row for row in body if len(row) == usual]
    used = max((len(_trimmed(row)) for row in full), default=0)
    if usual >= len(names) and used <= len(names):  # delimiters at the end of every row
        return tuple(names), len(names), max(usual, len(header)) - len(names), False
    short = sum(len(row) <= len(names) for row in body) > 0.02 * len(body) or (
        bool(body) and len(body[0]) <= len(names)
    )
    labelled = used == len(names) + 1 == usual and len(header) == len(names) and usual > 2 and not short
    if labelled and all(kind_of(name) == "text" for name in names):
        return ("", *names), usual, 0, True
    if usual == used and len(header) > usual:
        kept = [name for name in header if name.strip()]
        if len(kept) == usual and not any(len(row) > usual and len(_trimmed(row)) > usual for row in body):
            return tuple(kept), usual, 0, False  # a delimiter too many among the names
    width = max(len(names), used)
    return (*names, *[""] * (width - len(names))), width, max(0, usual - width), False
