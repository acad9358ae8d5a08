"""The tables in a delimited text, and which of them is read.

Everything is judged from the records at the beginning of the file, and from what stands further down where
only that can tell; where a later table begins is asked again for every record that the sample did not reach.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from core.loading.expected import MAX_TITLES, Expected, Further
from core.loading.headers import has_values, is_names, kind_of
from core.loading.layout import Layout, TablePlace
from core.loading.one_table import OneTable, Quoted
from core.loading.options import NO_HEADER, Options
from core.loading.record import trimmed, usual_width

Record = tuple[int, list[str]]  # the number of physical lines read up to its end, and its fields
_KEY = re.compile(r"\s*[^\W\d][^:]{0,40}:(\s|$)")  # of a line above a table that gives a name its value
_FEW = 12  # rows below which lines above a table are told from it by themselves
_AGAIN = 8  # rows after which it is looked anew what the rows are like
_LATER = 2.0  # a later table is taken if it has this many times the cells of the first


def find_layout(
    records: list[Record], given: Options, further: Further, quoted: Quoted = lambda _: False
) -> Layout:
    """Find the table in the records at the beginning of a file, blank ones included, keeping to what is given
    of header_line, first_data_line and end_line. ``further``: the whole file.
    """
    starts = [records[i - 1][0] if i else 0 for i in range(len(records))]
    low = given.first_data_line if given.header_line == NO_HEADER else given.header_line
    places = [
        i
        for i, (_, record) in enumerate(records)
        if any(cell.strip() for cell in record)
        and (low is None or starts[i] >= low)
        and (given.end_line is None or starts[i] < given.end_line)
    ]
    if low is None:
        places = _without_preamble(records, _without_comments(records, places))
    blocks = _Cutter(records, places, further).cut(low is None)
    chosen = 0 if low is not None else _largest(records, blocks)
    rows = blocks[chosen].rows
    end = given.end_line
    if end is None and chosen + 1 < len(blocks):
        end = starts[blocks[chosen + 1].first]
    layout = _table(records, starts, rows).layout(given, lambda at: quoted(rows[at]), end)
    begin = layout.first_data_line if layout.header is None else layout.header_line
    own = [i for i in rows if starts[i] < begin]
    above, others = 0, blocks[chosen + 1 :]
    if _like_data([records[i][1] for i in places if starts[i] < begin]):
        more = [_Block([], own)] if own and (not chosen or _like_data([records[i][1] for i in own])) else []
        above = begin if more else starts[blocks[chosen].first]
        others = [*blocks[:chosen], *more, *others]
    elsewhere = [_place(_table(records, starts, block.rows), starts[block.first]) for block in others]
    return replace(layout, above=above, others=tuple(elsewhere))


class _Block(NamedTuple):
    """The filled records of a table, as indices: lines of its title, where another table stands above it; all
    the rest.
    """

    title: list[int]
    rows: list[int]

    @property
    def first(self) -> int:
        """The first record."""
        return (self.title or self.rows)[0]


def _table(records: list[Record], starts: list[int], rows: list[int]) -> OneTable:
    return OneTable([records[i][1] for i in rows], [starts[i] for i in rows], [records[i][0] for i in rows])


def _place(table: OneTable, start: int) -> TablePlace:
    """Where another table stands that begins in this line."""
    layout = table.layout(Options(), lambda _: False, None)
    if layout.header is None:
        return TablePlace(start, None, table.starts[0])
    return TablePlace(start, layout.header_line, layout.first_data_line)


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


def _without_preamble(records: list[Record], places: list[int]) -> list[int]:
    """The filled records of a small table without the lines above it, each a title or a name and its value
    (``Station,Oslo,``), where nothing is open: names fill the whole width below them, and all that follows
    are rows filled further than those lines, with a column of numbers or dates. One row alone has two of
    them, below lines that begin with words: else it may be a row of theirs. Where each line is a name with a
    colon (``Station: Oslo``), one row of anything will do.

    >>> rows = [["Station", "Oslo", ""], ["id", "x", "y"], ["a", "1", "2"]]
    >>> _without_preamble(list(enumerate(rows)), [0, 1, 2])
    [1, 2]
    """
    rows = [records[i][1] for i in places]
    if keys := _keys_above(rows):
        return places[keys:]
    at = next((i for i, row in enumerate(rows) if len(trimmed(row)) > 2), 0)
    names, below = (rows[at], rows[at + 1 :]) if at else ([], [])
    if not 1 <= len(below) <= _FEW or not is_names(names) or len(trimmed(names)) < len(names):
        return places
    if any(len(row) != len(names) or len(trimmed(row)) < 3 for row in below) or _like_data(rows[:at]):
        return places
    kinds = [{kind_of(cell) for cell in column} for column in zip(*below, strict=True)]
    values = sum(kind in ({"number"}, {"date"}) for kind in kinds)
    if len(below) == 1 and (values < 2 or any(has_values(row[:1]) for row in rows[:at])):
        return places
    return places[at:] if values else places


def _keys_above(rows: list[list[str]]) -> int:
    """How many lines of a name, a colon and a value stand above the names of a small table; 0 where they may
    be its own.

    >>> _keys_above([["Station: X", ""], ["Operator: Smith", " J."], ["id", "score"], ["1", "2.5"]])
    2
    >>> _keys_above([["Name: first", "Name: last"], ["Ann", "Smith"], ["Bob", "Jones"]])
    0
    >>> _keys_above([["Station:", "X"], ["Date:", "2024"], ["Time:", "12:00"]])
    0
    """
    at = next((i for i, row in enumerate(rows) if not _KEY.match(row[0])), len(rows))
    names, below = (rows[at], rows[at + 1 :]) if 0 < at < len(rows) else ([], [])
    if not 1 <= len(below) <= _FEW or len(names) < 2 or len(trimmed(names)) < len(names):
        return 0
    if (
        at == 1
        and len(trimmed(rows[0])) > 1
        or any(_KEY.match(cell) for row in rows[:at] for cell in row[1:])
    ):
        return 0
    return at if is_names(names) and all(len(row) == len(names) for row in below) else 0


def _like_data(above: list[list[str]]) -> bool:
    """Whether the records above a table hold data: three in a row with as many fields, at least two, of which
    the last two have a number or date; or the last two of all with at least three, names and one such row.
    """
    runs = [len(row) if len(trimmed(row)) > 1 else 0 for row in above]
    for i in range(len(above) - 2):
        if runs[i] > 1 and len(set(runs[i : i + 3])) == 1 and all(map(has_values, above[i + 1 : i + 3])):
            return True
    full = [len(trimmed(row)) for row in above[-2:]]
    return len(full) == 2 and full[0] == full[1] > 2 and is_names(above[-2]) and has_values(above[-1])


class _Cutter:
    """Cuts the records of a file where another table begins.

    records, places: all of them, and which are filled. further: the whole file.
    """

    def __init__(self, records: list[Record], places: list[int], further: Further) -> None:
        self._records, self._places, self._further = records, places, further
        self._tables = [_Block([], [])]
        self._known: dict[int, Expected] = {}  # what the first so many rows of the last table are like

    def cut(self, titled: bool) -> list[_Block]:
        """The filled records of each table. ``titled``: the first may be lines of text."""
        for at, place in enumerate(self._places):
            if self._tables[-1].rows and is_names(self._records[place][1]):
                if titled and self._below_lines(at):
                    self._begin(0)
                elif (titles := self._titles_above(at)) is not None:
                    self._begin(titles)
            self._tables[-1].rows.append(place)
        return self._tables

    def _begin(self, titles: int) -> None:
        """Begin another table; the last ``titles`` records are its title."""
        rows = self._tables[-1].rows
        self._tables.append(_Block(rows[len(rows) - titles :], []))
        del rows[len(rows) - titles :]
        self._known = {}

    def _below_lines(self, at: int) -> bool:
        """Whether all records so far are lines of text, and a row of names stands below them."""
        record = self._records[self._places[at]][1]
        lines = all(len(self._records[i][1]) == 1 for i in self._tables[-1].rows)
        return lines and 1 < len(record) == usual_width(self._following(at, 2))

    def _titles_above(self, at: int) -> int | None:
        """How many of the records before this one are the title of another table that begins here; None where
        none begins.
        """
        place, rows, expected = self._places[at], self._tables[-1].rows, self._expected()
        for titles in range(min(MAX_TITLES, len(rows) - 1), -1, -1):
            above = rows[len(rows) - titles :]
            after_blank = bool(above) and self._apart(above[0])
            if not all(expected.title(self._records[i][1], after_blank or self._apart(i)) for i in above):
                continue
            another = expected.another(
                self._records[place][1],
                partial(self._following, at),
                len(rows) - 1 - titles,
                after_blank or self._apart(place),
                titles > 0,
            )
            words = another == "unless rows come back"
            if another == "yes" or (
                another != "no" and not self._further.comes_back(expected, self._records[place][0], words)
            ):
                return titles
        return None

    def _expected(self) -> Expected:
        """What the rows of the last table are like, looked at anew after a few more."""
        rows = self._tables[-1].rows
        seen = len(rows) - (len(rows) % _AGAIN if len(rows) > 2 * _AGAIN else 0)
        if seen not in self._known:
            self._known[seen] = Expected.of([self._records[i][1] for i in rows[:seen]])
        return self._known[seen]

    def _following(self, at: int, many: int) -> list[list[str]]:
        """The next filled records after one of these places, at most so many."""
        next_ones = [self._records[i][1] for i in self._places[at + 1 : at + 1 + many]]
        if len(next_ones) == many:
            return next_ones
        return self._further.first(self._records[self._places[at]][0], many)

    def _apart(self, place: int) -> bool:
        """Whether a blank line stands above a record."""
        return place > 0 and not any(cell.strip() for cell in self._records[place - 1][1])


def _largest(records: list[Record], blocks: list[_Block]) -> int:
    """The first table, unless a later one has at least twice the cells."""
    sizes = []
    for block in blocks:
        rows = [records[i][1] for i in block.rows]
        width = usual_width(rows)
        alike = sum(len(row) == width for row in rows)
        sizes.append(width * (alike - 1) if width > 1 else 0.02 * alike)
    best = 0
    for at, size in enumerate(sizes):
        if size > _LATER * sizes[best]:
            best = at
    return best
