"""Where the rows are in a source of JSON, and what else stands there."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from core.errors import LoadError
from core.finding import Finding
from core.limits import ASIDE_ROWS
from core.loading.decoding import error_handler, visible
from core.loading.json_numbers import DECODER
from core.loading.one_table import OneTable
from core.loading.options import Options
from core.loading.put_back import SHOWN, PutBack
from core.loading.readers import LOOK_ROWS, no_rows, rows_aside, rows_put_back
from core.loading.readers.json_array import in_line, items, short
from core.loading.readers.json_places import Place, Step, beside, by_columns, empty_lists, is_by_key, places
from core.loading.readers.several import Offered, chosen_of
from core.phrases import count, quoted
from core.phrases import name as name_of

Record = dict[str, Any]


@dataclass
class RowSource:
    """A file of JSON whose rows can be read more than once. After a reading: ``orient``, how they are held;
    ``within``, the keys on the way to them; ``beside``, how much else stands there; ``aside``, lines that are
    no rows, each with number, reason and text; ``back``, line and place of what was put back
    (``put_back``, of JSON Lines: as `core.loading.options.Options` has it).

    Of several tables, ``table`` says which is read, ``taken`` which was, and ``others`` which were not.
    ``names``: of columns, where they are known without rows. ``header``: 0 where the first array holds the
    names, -1 where it does not, None where that is found out (``sure``: how sure, 0 to 1).
    ``lists``: lines hold arrays of rows.

    Orients: "records" (objects), "values" (arrays, under the names in ``columns`` if those stand beside them,
    with ``headed`` if the first array holds them), "columns" (an object of lists) and "index" (an object of
    objects, whose keys become the column ``key``).
    """

    path: Path
    encoding: str
    name: str
    by_line: bool
    look: bool
    orient: str = "records"
    within: list[Step] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    headed: bool = False
    key: str = ""
    beside: int = 0
    lists: bool = False
    names: list[str] = field(default_factory=list)
    table: str | None = None
    header: int | None = None
    sure: float | None = None
    taken: str = ""
    others: list[Place] = field(default_factory=list)
    put_back: tuple[tuple[int, str], ...] = ()
    aside: list[tuple[int, str, str]] = field(default_factory=list)
    back: list[tuple[int, int]] = field(default_factory=list)

    def records(self) -> Iterator[Record]:
        """The rows, each as an object."""
        self.aside, self.back = [], []
        try:
            with self._open() as stream:
                if self.by_line:
                    yield from self._as_objects(self._lines(stream))
                elif self._is_object():
                    yield from self._whole(stream)
                else:
                    yield from self._array(stream)
        except RecursionError as error:
            raise LoadError(f"{self.name} is nested too deeply. Give an array of flat objects.") from error

    def _open(self) -> TextIO:
        return self.path.open(encoding=self.encoding, errors=error_handler(self.encoding))

    def _is_object(self) -> bool:
        with self._open() as stream:
            return stream.read(1000).lstrip("\ufeff \t\r\n").startswith("{")

    def _lines(self, stream: TextIO) -> Iterator[tuple[str, Any]]:
        sort, back, row = self._sort_of_lines(), PutBack(self.put_back), 0
        for number, line in enumerate(stream, 1):
            if not line.strip("\ufeff \t\r\n\0"):
                continue
            values, problem = _decoded(line, sort)
            if problem and (text := back.take(number)) is not None:
                values, problem = _decoded(text, sort)
                self.back += [(number, row + n) for n in range(len(values))]
            if not problem:
                yield from ((f"Line {number:,} of {self.name}", value) for value in values)
                row += len(values)
                self.lists |= sort is dict and line.lstrip("\ufeff ").startswith("[")
            elif not (self.look and not line.endswith("\n")):
                self._put_aside(number, problem, line)
        if not self.look:
            back.check(self.name)

    def _sort_of_lines(self) -> type:
        """Whether most of the first lines are objects, or arrays of them, or else arrays of cells."""
        sorts: list[type] = []
        with self._open() as stream:
            for line in itertools.islice(stream, 20):
                try:
                    value = DECODER.decode(line.lstrip("\ufeff").strip())
                    sorts.append(dict if _holds_rows(value) else type(value))
                except ValueError:
                    continue
        return list if sorts.count(list) > sorts.count(dict) else dict

    def _put_aside(self, number: int, reason: str, line: str) -> None:
        self.aside.append((number, reason, line.rstrip("\r\n")[:SHOWN]))
        if len(self.aside) > ASIDE_ROWS.value:
            raise LoadError(
                f"More than {ASIDE_ROWS.value:,} lines of {self.name} are no rows (the first: line "
                f"{self.aside[0][0]:,}, {self.aside[0][1]}). Mend them, or raise {ASIDE_ROWS.env}."
            )

    def _as_objects(self, rows: Iterator[tuple[str, Any]]) -> Iterator[Record]:
        """Objects as they are; arrays as objects, under the names in the first of them or in ``columns``."""
        first = next(rows, None)
        if first is None:
            return
        if isinstance(first[1], list):
            self.orient = "values"
            yield from self._named(itertools.chain([first], rows))
            return
        for where, value in itertools.chain([first], rows):
            yield _record(value, where)

    def _named(self, rows: Iterator[tuple[str, Any]]) -> Iterator[Record]:
        beginning = list(itertools.islice(rows, LOOK_ROWS))
        arrays = [value for _, value in beginning if isinstance(value, list)]
        names = self.columns
        if not names:
            self.headed, self.sure = _header(arrays) if self.header is None else (self.header == 0, 1.0)
            names = list(arrays[0]) if self.headed else []
        self.names = names
        start = 1 if self.headed else 0
        for where, value in itertools.chain(beginning[start:], rows):
            if not isinstance(value, list):
                raise LoadError(f"{where} is {_word(value)}, not an array as the rows before it.")
            if len(value) > len(names) and (self.headed or self.columns):
                raise LoadError(f"{where} has {len(value):,} values under {len(names):,} names. Mend it.")
            yield {names[i] if names else f"column_{i + 1}": cell for i, cell in enumerate(value)}

    def _whole(self, stream: TextIO) -> Iterator[Record]:
        """The rows in an object: columns, rows by key, or somewhere within; else the object as one row."""
        try:
            whole = DECODER.decode(stream.read().lstrip("\ufeff").strip())
        except ValueError as error:
            raise LoadError(
                f"{self.name} is not valid JSON ({short(error)}). Mend it, or write it again."
            ) from error
        held = list(whole.values())
        lists = [value for value in held if isinstance(value, list)]
        tables = [value for value in lists if value and all(isinstance(row, (dict, list)) for row in value)]
        if is_by_key(whole):
            yield from self._by_key(whole)
        elif (
            len(lists) == len(whole) > len(tables) and not _is_split(whole) and (any(lists) or len(lists) > 1)
        ):
            yield from self._by_column(whole)
        elif found := places(whole):
            yield from self._within(whole, found)
        elif not any(lists) and (empty := next(empty_lists(whole), "")):
            raise LoadError(
                f"{self.name} holds no rows: its list {quoted(visible(empty))} is empty, and nothing "
                "names columns. Choose a file with rows of data."
            )
        elif lists:
            yield from self._by_column(whole)
        elif len(whole) > 1 and not any(map(bool, held)) and all(isinstance(value, dict) for value in held):
            self.orient, self.names = "columns", list(whole)  # as pandas writes a frame without rows
        elif len(whole) == 1 and isinstance(held[0], dict) and held[0]:
            yield from self._by_key(whole)
        else:
            yield whole

    def _array(self, stream: TextIO) -> Iterator[Record]:
        """The rows in an array; of one object with nothing but objects and lists in it, the rows within."""
        back, late = PutBack(self.put_back), list[tuple[int, Any]]()

        def below(number: int, line: str) -> None:
            text = back.take(number)
            rows, problem = ([], "below the end of the array") if text is None else _decoded(text, dict)
            late.extend((number, row) for row in rows)
            if problem:
                self._put_aside(number, problem, line)

        rows = items(stream, self.name, self.look, below)
        first = list(itertools.islice(rows, 2))
        alone = first[0][1] if len(first) == 1 else None
        wraps = isinstance(alone, dict) and all(isinstance(value, (dict, list)) for value in alone.values())
        found = places(alone, (0,)) if wraps else []
        inside = self._within([alone], found) if found else self._as_objects(itertools.chain(first, rows))
        row = -1
        for row, record in enumerate(inside):  # noqa: B007
            yield record
        for at, (number, value) in enumerate(late, row + 1):
            self.back.append((number, at + self.headed))
            yield value
        if not self.look:
            back.check(self.name)

    def _within(self, whole: Any, found: list[Place]) -> Iterator[Record]:
        """The rows of the first of several tables, or of the one that was asked for."""
        names = [Offered(place.name, False, place.rows) for place in found]
        chosen = names[0] if self.table is None else chosen_of(names, self.table, self.name)
        taken = found.pop(names.index(chosen))
        self.others, self.within, self.taken = found, list(taken.within), taken.name
        self.beside = beside(whole, taken, found)
        self.names = self.columns = list(taken.names)
        self.orient = "records" if taken.held or not taken.names else "values"
        if taken.sort == "rows":
            yield from self._as_objects(
                (f"Item {n:,} of {self.name}", row) for n, row in enumerate(taken.held, 1)
            )
        elif taken.sort == "columns":
            yield from self._by_column(taken.held)
        else:
            yield from self._by_key(taken.held)

    def _by_column(self, whole: Record) -> Iterator[Record]:
        self.orient = "columns"
        lengths = {key: len(v) if isinstance(v, list) else -1 for key, v in whole.items()}
        self.names = list(whole)
        if len(set(lengths.values())) > 1:
            few = ", ".join(
                f"{key!r}: {n if n >= 0 else 'not a list'}" for key, n in list(lengths.items())[:4]
            )
            raise LoadError(
                f"The columns of {self.name} differ in length ({few}). "
                "Give lists of the same length, or an array of objects."
            )
        for values in zip(*whole.values(), strict=True):
            yield dict(zip(whole, values, strict=True))

    def _by_key(self, whole: Record) -> Iterator[Record]:
        """An object of objects: columns with a value per row label, or rows by key. Labels that only count
        the rows are no column.
        """
        inner = list(dict.fromkeys(key for cells in whole.values() for key in cells))
        by_column = by_columns(whole, inner)
        labels, names = (inner, list(whole)) if by_column else (list(whole), inner)
        counted = labels == [str(i) for i in range(len(labels))]
        self.orient = "columns" if by_column else "index"
        self.key = "" if counted else next(n for n in _free_names() if n not in names)
        for label in labels:
            row = {name: cells[label] for name, cells in whole.items() if label in cells}
            yield ({self.key: label} if self.key else {}) | (row if by_column else whole[label])

    @property
    def rows_back(self) -> list[tuple[int, int]]:
        """Line and row of what was put back."""
        return [(line, row - self.headed) for line, row in self.back]

    def style(self) -> dict[str, Any]:
        """How the source is written, for an export in its own format."""
        with self.path.open(
            encoding=self.encoding, errors=error_handler(self.encoding), newline=""
        ) as stream:
            text = stream.read(65_536)
        style: dict[str, Any] = {"newline": "\r\n" if "\r\n" in text else "\n"}
        style["compact"] = bool(re.search(r'":\S', text)) and '": ' not in text
        if not self.by_line or self.orient != "records":
            style |= {"orient": self.orient, "within": self.within, "headed": self.headed, "key": self.key}
        style |= {"lists": True} if self.lists else {}
        style |= {"table": self.taken, "others": [place.name for place in self.others]} if self.others else {}
        return style | ({"columns": self.columns} if self.columns else {})

    def findings(self, rows: int) -> list[Finding]:
        """What a person should know of the reading."""
        findings = [place.finding(rows) for place in self.others]
        findings += [] if rows else [no_rows()]
        if self.aside:
            first = f"line {self.aside[0][0]:,}, {self.aside[0][1]}"
            lines = count(len(self.aside), "line")
            findings.append(
                rows_aside(
                    len(self.aside),
                    rows,
                    f"{lines} could not be read and {'is' if len(self.aside) == 1 else 'are'} kept aside "
                    f"(first: {first}).",
                    "A line that is no JSON object is no row; it may have been cut off.",
                )
            )
        told = rows_put_back(self.rows_back, rows)
        findings += [told] if told else []
        if self.beside:
            findings.append(
                Finding(
                    "rows_within",
                    f"The rows were taken from {name_of(self.taken)}; "
                    f"{count(self.beside, 'other entry', 'other entries')} beside them "
                    f"{'is' if self.beside == 1 else 'are'} left out.",
                    "info",
                    0.1,
                    "JSON often wraps its rows in an answer with a status, a count or a page number.",
                    "If the data are elsewhere in the file, write them as an array of objects.",
                    value=float(self.beside),
                    left_out=True,
                )
            )
        return findings


def _free_names() -> Iterator[str]:
    """Names for the column of keys, the usual one first."""
    return itertools.chain(("index", "key"), (f"index_{n}" for n in itertools.count(2)))


def _is_split(whole: Record) -> bool:
    """Whether this is the orient "split" of pandas: names, perhaps row labels, and rows as arrays."""
    return {"columns", "data"} <= set(whole) <= {"columns", "index", "data"} and all(
        isinstance(row, list) and len(row) == len(whole["columns"]) for row in whole["data"]
    )


def _header(arrays: list[list[Any]]) -> tuple[bool, float]:
    """Whether the first of arrays names the columns: different texts, over something that is no text, or such
    as a delimited text would have for names; and how sure that is.
    """
    first, *others = arrays
    if not first or not all(type(cell) is str for cell in first) or len(set(first)) < len(first):
        return False, 1.0
    if any(type(cell) is not str for row in others for cell in row):
        return True, 1.0
    places = list(range(len(arrays)))
    table = OneTable(arrays, places, [place + 1 for place in places])
    layout = table.layout(Options(), lambda _: False, None)
    return layout.header_line == 0 and layout.header_rows == 1, round(layout.sure, 2)


def _decoded(line: str, sort: type) -> tuple[list[Any], str]:
    """The rows in a line of JSON Lines, and what is wrong with it; "" for nothing."""
    try:
        value = DECODER.decode(line.lstrip("\ufeff").strip())
    except ValueError as error:
        return [], f"not JSON ({in_line(error)})"
    if sort is dict and _holds_rows(value):
        return value, ""
    if type(value) is sort:
        return [value], ""
    return [], f"{_word(value)}, not {'an array' if sort is list else 'an object'}"


def _holds_rows(value: Any) -> bool:
    """Whether this is an array of objects, each of which is a row."""
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


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
