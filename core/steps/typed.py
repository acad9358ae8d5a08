"""A rule as a person types it: the action, its column, its settings, and the rows that it is held to.

fill age how=median indicator=yes
tidy 'home town' case=title where country is Norway
drop_repeats columns=name,born keep=last
"""

from __future__ import annotations

import re
import shlex

from core.actions import ACTIONS
from core.errors import SettingError
from core.filters import Filter
from core.phrases import quoted
from core.review import Decision
from core.rowset import RowSet
from core.steps.catalogue import kind_of

LONGEST = 4096


def typed_step(text: str, why: str = "") -> Decision:
    """The rule that a person typed. Raises `SettingError` or `FilterError`, in one sentence.

    >>> typed_step("fill age how=median where age is missing").settings
    {'how': 'median'}
    """
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
    kind = kind_of(word)
    column = ""
    if ACTIONS[word].on == "values":
        first, equals, _ = rest[0].partition("=") if rest else ("", "", "")
        if not rest or (equals and first in kind.settings.knobs()):
            raise SettingError(f"{word} needs a column: {word} COLUMN NAME=VALUE ...")
        column = rest.pop(0)
    given = {}
    for part in rest:
        name, equals, value = part.partition("=")
        if not equals:
            raise SettingError(f"{quoted(part)} is no setting of {word}; write NAME=VALUE.")
        if name in given:
            raise SettingError(f"{name} is given twice.")
        given[name] = value
    whole = kind.settings.of(given).to_json()
    settings = {name: whole[name] for name in given}
    rows = Filter.parse(where) if where else RowSet()
    return Decision(word, rows, column=column, why=why, settings=settings)


def _parted(text: str) -> tuple[str, str]:
    """What stands before and behind the word ``where``, outside of quotes."""
    quote = ""
    for place in re.finditer(r"['\"]|\bwhere\b", text):
        if place[0] == quote:
            quote = ""
        elif place[0] != "where" and not quote:
            quote = place[0]
        elif place[0] == "where" and not quote:
            return text[: place.start()], text[place.end() :].strip()
    return text, ""
