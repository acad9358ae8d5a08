"""A step as a person types it: the action, its column, its settings, and the rows that it is held to.

fill age how=median indicator=yes
tidy 'home town' case=title where country is Norway
drop_repeats columns=name,born keep=last
set town to=Bonn row=7
drop row=3,12-15
omit 'cost other'
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.actions import ACTIONS, on
from core.decision import Decision
from core.errors import SettingError
from core.filters import Filter
from core.phrases import quoted
from core.rowset import RowSet
from core.steps.catalogue import kind_of
from core.steps.kind import Kind

LONGEST = 4096
DIGITS = 12  # of a row's number
WORDS = re.compile(  # what is escaped, what is in quotes (as `shlex` reads them), and the word "where"
    r"""\\.|'[^']*'|"(?:\\.|[^"\\])*"|(?<!\S)where(?=[\s('"]|$)""", re.DOTALL
)


SHORT = {"set": "relabel"}  # another word for an action
_ROWS = re.compile(r"[0-9]{1,15}(-[0-9]{1,15})?(,[0-9]{1,15}(-[0-9]{1,15})?)*")


@dataclass(frozen=True)
class TypedStep:
    """What a person typed: a step, of which the rows may be those of a filter that asks for findings or
    scores, which a step cannot keep.
    """

    action: str
    column: str = ""
    value: str | float | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    rows: RowSet | Filter = field(default_factory=RowSet)
    why: str = ""

    def decision(self, rows: RowSet | Filter | None = None) -> Decision:
        """The step, about these rows; None: about those typed. Raises `SettingError` where that cannot be."""
        held = self.rows if rows is None else rows
        return Decision(self.action, held, self.value, self.why, column=self.column, settings=self.settings)


def typed_step(text: str, why: str = "") -> Decision:
    """The step that a person typed: a rule, or a decision on rows, cells or columns. Raises `SettingError` or
    `FilterError`, in one sentence.

    >>> typed_step("fill age how=median where age is missing").settings
    {'how': 'median'}
    >>> step = typed_step("set 'home town' to=Bonn row=7")
    >>> step.action, step.column, step.value, step.rows
    ('relabel', 'home town', 'Bonn', RowSet(1 rows: 7))
    """
    return read_step(text, why).decision()


def read_step(text: str, why: str = "") -> TypedStep:
    """The same, where its rows may be those of any filter."""
    step = _read(text, why)
    step.decision(RowSet())  # raises what does not hang on its rows
    return step


def _read(text: str, why: str) -> TypedStep:
    if len(text) > LONGEST:
        raise SettingError(f"A step has at most {LONGEST:,} letters.")
    head, where = _parted(text)
    try:
        words = shlex.split(head)
    except ValueError as error:
        raise SettingError(f"The step {quoted(text)} cannot be read: {error}.") from error
    if not words:
        raise SettingError("The step is empty; write one such as: fill age how=median.")
    word, *rest = words
    word = SHORT.get(word, word)
    if word in on("columns"):
        if len(rest) != 1 or where:
            raise SettingError(f"Write {word} COLUMN, with nothing behind it.")
        return TypedStep(word, rest[0], why=why)
    if word in on("rows", "cells"):
        return _on_rows(word, rest, where, why)
    if word not in on("values", "table"):
        raise SettingError.unknown(
            word, [*SHORT, *(known for known in ACTIONS if known not in on("findings"))]
        )
    kind = kind_of(word)
    column = ""
    if ACTIONS[word].on == "values":
        first, equals, _ = rest[0].partition("=") if rest else ("", "", "")
        if not rest or (equals and first in kind.settings.knobs()):
            raise SettingError(f"{word} needs a column: {word} COLUMN NAME=VALUE ...")
        column = rest.pop(0)
    settings = _settings(word, kind, rest)
    rows = Filter.parse(where) if where else RowSet()
    return TypedStep(word, column, settings=settings, rows=rows, why=why)


def _settings(word: str, kind: Kind, parts: Sequence[str]) -> dict[str, Any]:
    """The settings of a rule from NAME=VALUE, as plain JSON: those that are given."""
    given = {}
    for part in parts:
        name, equals, value = part.partition("=")
        if not equals:
            raise SettingError(f"{quoted(part)} is no setting of {word}; write NAME=VALUE.")
        if name in given:
            raise SettingError(f"{name} is given twice.")
        given[name] = value
    knobs = kind.settings.knobs()
    lists = {name for name, knob in knobs.items() if knob.listed}
    for name in (
        name for name, knob in knobs.items() if name in given and (knob.listed or (knob.typed and knob.many))
    ):
        _check_quotes(name, given[name])
    given = {name: _from_file(value) if name in lists else value for name, value in given.items()}
    whole = kind.settings.of(given).to_json()
    return {name: whole[name] for name in given}


def _on_rows(word: str, rest: list[str], where: str, why: str) -> TypedStep:
    """A decision on rows, or on their cells in a column."""
    action = ACTIONS[word]
    column = rest.pop(0) if action.on == "cells" and rest and "=" not in rest[0] else ""
    usual = f"{word}{' COLUMN' if action.on == 'cells' else ''}{' to=VALUE' if action.needs else ''}"
    given = dict(part.partition("=")[::2] for part in rest)
    column = given.pop("column", column)
    known = {"row", *(["to"] if action.needs else [])}
    if (
        not set(given) <= known
        or (action.on == "cells" and not column)
        or (action.needs and "to" not in given)
    ):
        raise SettingError(f"Write {usual} row=NUMBER, or {usual} where FILTER.")
    if ("row" in given) is bool(where):
        raise SettingError(
            f"Give either the rows of {word}, as row=7 or row=3,12-15, or a filter: where age < 0."
        )
    value: str | float | None = given.get("to")
    if action.needs == "weight":
        value = _number(str(value))
    rows = Filter.parse(where) if where else _numbered(given["row"])
    return TypedStep(word, column, value, rows=rows, why=why)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise SettingError(f"{quoted(text)} is no number; write to=0.5.") from error


def _numbered(text: str) -> RowSet:
    """The rows with these numbers, as 3,12-15."""
    if not _ROWS.fullmatch(text):
        raise SettingError(f"{quoted(text)} names no rows; write their numbers, from 0: row=3,12-15.")
    rows = RowSet()
    for part in text.split(","):
        first, _, last = part.partition("-")
        if max(len(first), len(last)) > DIGITS:
            raise SettingError(f"{quoted(part)} is no row that data can have; give smaller numbers.")
        if int(last or first) < int(first):
            raise SettingError(f"{quoted(part)} ends before it begins; write the smaller number first.")
        rows = rows | RowSet.from_json([[int(first), int(last or first) + 1]])
    return rows


def _from_file(value: str) -> Any:
    """A list as it is typed or, behind an @, that of a file: .json, .jsonl, or .csv with a header. Raises
    `SettingError` for a file that cannot be read.
    """
    import csv
    import io
    import json
    from pathlib import Path

    if not value.startswith("@"):
        return value
    path = Path(value[1:])
    try:
        text = path.read_bytes().decode("utf-8-sig")
        if path.suffix.lower() == ".csv":
            rows = csv.DictReader(io.StringIO(text, newline=""))
            _each_once(rows.fieldnames or ())
            return list(rows)
        if path.suffix.lower() == ".jsonl":
            lines = io.StringIO(text, newline=None)  # ends at LF, CR LF or CR, never at U+2028 or U+0085
            return [json.loads(line, object_pairs_hook=_record) for line in lines if line.strip()]
        return json.loads(text, object_pairs_hook=_record)
    except (OSError, UnicodeDecodeError, ValueError, csv.Error) as error:
        raise SettingError(f"The rows in {str(path)!r} cannot be read: {error}.") from error


def _check_quotes(name: str, value: str) -> None:
    """Raise `SettingError` for a list or an object that is no JSON, as its quotes were taken off it."""
    import json

    try:
        if value.startswith(("[", "{")):
            json.loads(value)
    except ValueError as error:
        raise SettingError(
            f"{name} is no JSON: {quoted(value)}. Set it in single quotes, so that its own quotes stay."
        ) from error


def _record(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON. Raises `ValueError` for a name that it has twice."""
    _each_once([name for name, _ in pairs])
    return dict(pairs)


def _each_once(columns: Sequence[str]) -> None:
    """Raise `ValueError` for a column that is there twice: one of its values would be lost."""
    for column in columns:
        if columns.count(column) > 1:
            raise ValueError(f"it has the column {quoted(column)} twice; give each column a name of its own")


def _parted(text: str) -> tuple[str, str]:
    """What stands before and behind the word ``where``, outside of quotes.

    >>> _parted("fill some-where how=mean where (age > 3)")
    ('fill some-where how=mean ', '(age > 3)')
    """
    for place in WORDS.finditer(text):
        if place[0] == "where":
            return text[: place.start()], text[place.end() :].strip()
    return text, ""
