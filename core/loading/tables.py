"""The tables in a delimited text, and which of them is read.

Everything is judged from the records at the beginning of the file; where a later table begins is asked again,
with `Expected.another`, for every record that the sample did not reach.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from core.loading.headers import column_kinds, is_names, kind_of
from core.loading.layout import Expected, Layout, trimmed, usual_width
from core.loading.one_table import OneTable, Quoted
from core.loading.options import NO_HEADER, Options

Record = tuple[int, list[str]]  # the number of physical lines read up to its end, and its fields
_LATER = 2.0  # a later table is taken if it has this many times the cells of the first


def find_layout(
    records: list[Record], given: Options, quoted: Quoted = lambda _: False, whole: bool = True
) -> Layout:
    """Find the table in the records at the beginning of a file, blank ones included, keeping to what is given
    of header_line, first_data_line and end_line. ``whole``: these are all its records.
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
    blocks, unsure = _blocks(records, places, low is None, whole)
    chosen = 0 if low is not None else _largest(records, blocks)
    block = blocks[chosen] if blocks else []
    end = given.end_line
    if end is None and chosen + 1 < len(blocks):
        end = starts[blocks[chosen + 1][0]]
    table = OneTable(
        [records[i][1] for i in block], [starts[i] for i in block], [records[i][0] for i in block]
    )
    found = table.layout(given, lambda at: quoted(block[at]), end)
    begin = found.first_data_line if found.header is None else found.header_line
    above = _like_data([records[i][1] for i in places if starts[i] < begin])
    others = [starts[other[0]] for at, other in enumerate(blocks) if at > chosen or (above and at < chosen)]
    at = None if unsure is None else starts[unsure]
    return replace(found, rows_above=above, others=tuple(others), unsure=at)


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
    runs = [len(row) if len(trimmed(row)) > 1 else 0 for row in above]
    for i in range(len(above) - 1):
        rows = above[i : i + 3]
        if runs[i] < 2 or len(set(runs[i : i + len(rows)])) > 1:
            continue
        data = [any(kind_of(cell) in ("number", "date") for cell in row) for row in rows]
        if len(rows) == 3 and all(data[1:]):
            return True
    return False


def _blocks(
    records: list[Record], places: list[int], titled: bool, whole: bool
) -> tuple[list[list[int]], int | None]:
    """The records cut where another table begins: indices of the filled records of each; and the index of
    the first where one may begin, as only what follows these records can tell (None without one).

    titled: the first may be lines of text. whole: no records follow these.
    """
    blocks: list[list[int]] = [[]]
    unsure: int | None = None
    for at, place in enumerate(places):
        now = blocks[-1]
        record = records[place][1]
        if now and is_names(record):
            following = partial(_next, records, places, at + 1)
            after_blank = place > 0 and not any(cell.strip() for cell in records[place - 1][1])
            rows = [records[i][1] for i in now]
            expected = _expected_of(rows)
            titles = (
                titled and all(len(row) == 1 for row in rows) and 1 < len(record) == usual_width(following(2))
            )
            another = "yes" if titles else expected.another(record, following, after_blank, len(now) - 1)
            if another == "yes" or (another == "so far" and whole):
                blocks.append([])
            elif unsure is None and not whole and (another == "so far" or at + 2 >= len(places)):
                unsure = place
        blocks[-1].append(place)
    return blocks, unsure


def _next(records: list[Record], places: list[int], at: int, many: int) -> list[list[str]]:
    """At most so many filled records from the one at this place on."""
    return [records[i][1] for i in places[at : at + many]]


def _expected_of(rows: list[list[str]]) -> Expected:
    """What the rows seen so far are like; the first may be their header."""
    width = usual_width(rows)
    body = [row for row in rows[1:] if len(row) == width]
    kinds = column_kinds(body, width)
    header = trimmed(rows[0]) if is_names(rows[0]) else None
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
