"""What decisions did, and how many there are, in words: in the history, in reports and in exports."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.decision import Batch, Decision
from core.filters import Filter
from core.finding_words import key_in_words
from core.phrases import count, digits, listed, names, quoted, verb
from core.rowset import RowSet
from core.rule_words import rule_in_words

NAMED = 3  # rows whose numbers stand in a sentence


def amount(steps: int, others: int, off: int = 0) -> str:
    """So many steps, and so many other batches, which change no data, in words; "" for none of either. off:
    how many steps are switched off beside them.

    >>> amount(2, 0), amount(2, 1), amount(0, 3), amount(0, 0)
    ('2 steps', '2 steps and 1 other decision', '3 decisions', '')
    >>> amount(4, 0, 1), amount(0, 2, 1)
    ('4 steps, 1 switched off', '0 steps, 1 switched off, and 2 other decisions')
    """
    if off:
        told = f"{count(steps, 'step')}, {count(off)} switched off"
        return f"{told}, and {count(others, 'other decision')}" if others else told
    if not others:
        return count(steps, "step") if steps else ""
    if not steps:
        return count(others, "decision")
    return f"{count(steps, 'step')} and {count(others, 'other decision')}"


def in_words(batch: Batch, named: bool = False) -> str:
    """What a batch did, in a few words, the first decision of a kind standing for the others of it. named:
    with the numbers of the rows, the first of them where they are many; not of several kinds at once.

    >>> in_words((Decision("drop", RowSet([1, 2])),)), in_words((Decision("omit", RowSet(), column="x"),))
    ('Dropped 2 rows', "Left out 'x'")
    >>> in_words((Decision("relabel", RowSet([4]), "Oslo", column="town"),))
    "Set 'town' of row 4 to 'Oslo'"
    >>> in_words((Decision("blank", Filter.parse("age < 0"), column="age"),))
    "Made cells missing: 'age' where 'age' is below 0"
    >>> in_words((Decision("accept", RowSet(), finding="missing:age"),))
    "Accepted missing: 'age'"
    >>> in_words((Decision("fill", RowSet(), column="age", settings={"how": "median"}),))
    "Filled the missing values of 'age' with the median"
    >>> weights = (Decision("weight", RowSet([90 + weight]), weight) for weight in (2, 9))
    >>> in_words((Decision("drop", RowSet(range(90))), *weights))
    'Dropped 90 rows; weighted 2 rows: 2 to 9'
    >>> keep, blank = Decision("keep", RowSet([322])), Decision("blank", RowSet([4]), column="age")
    >>> in_words((keep,), named=True), in_words((blank,), named=True)
    ('Kept row 322', "Made 1 cell (row 4) missing: 'age'")
    >>> few, many = (Decision("drop", RowSet(range(1000, end))) for end in (1002, 3000))
    >>> in_words((few,), named=True), in_words((many,), named=True)
    ('Dropped 2 rows (1000 and 1001)', 'Dropped 2,000 rows (1000, 1001, 1002 and 1,997 more)')
    >>> again = [Decision("drop", RowSet(rows)) for rows in ([], [7], [7, 2])]
    >>> in_words(tuple(again), named=True), in_words((blank, blank), named=True)
    ('Dropped 2 rows (2 and 7)', "Made 2 cells (row 4) missing: 'age'")
    """
    kinds = {one.action: [other for other in batch if other.action == one.action] for one in batch}
    first, *others = (_of_a_kind(alike, named and len(kinds) == 1) for alike in kinds.values())
    return "; ".join([first, *(words[:1].lower() + words[1:] for words in others)])


def _of_a_kind(alike: Sequence[Decision], named: bool) -> str:
    """The same of decisions of one kind."""
    first = alike[0]
    kind = first.kind
    more = f" and {len(alike) - 1:,} more" if len(alike) > 1 else ""
    columns = names(list(dict.fromkeys(decision.column for decision in alike if decision.column)))
    if kind.on == "columns":
        return kind.done.format(columns)
    if kind.rule:
        return rule_in_words(kind.word, kind.done, columns or "the table", first.settings) + _condition(first)
    if kind.on == "findings":
        return kind.done.format(key_in_words(first.finding) + more)
    detail = ""
    if kind.needs == "label" and len(alike) == 1 and isinstance(first.rows, RowSet) and len(first.rows) == 1:
        return f"Set {columns} of row {first.rows.stop - 1} to {_value(first.value)}"
    if kind.on == "cells":
        detail = f": {columns}" + (f" → {_value(first.value)}{more}" if kind.needs else "")
    elif kind.needs:
        values = sorted({float(decision.value or 0) for decision in alike})
        detail = f": {digits(values[0])}" + (f" to {digits(values[-1])}" if len(values) > 1 else "")
    return kind.done.format(_amount(alike, named)) + detail + _condition(first)


def _amount(alike: Sequence[Decision], named: bool) -> str:
    """How many rows or cells the decisions name, and which; only the noun where a condition names them."""
    noun = "cell" if alike[0].kind.on == "cells" and not alike[0].kind.needs else "row"
    sets = [decision.rows for decision in alike if isinstance(decision.rows, RowSet)]
    if len(sets) < len(alike):
        return noun + "s"
    every = sets[0] if len(sets) == 1 else RowSet(np.concatenate([rows.ids for rows in sets]))
    number = sum(map(len, sets)) if noun == "cell" else len(every)
    if not named or not every:
        return count(number, noun)
    first = [str(row) for row in every.first(NAMED)]
    if noun == "row" and number == 1:
        return f"row {first[0]}"
    more = len(every) - NAMED
    which = f"{', '.join(first)} and {more:,} more" if more > 0 else listed(first, len(first))
    return f"{count(number, noun)} ({verb(len(every), 'row ', 'rows ') if noun == 'cell' else ''}{which})"


def _condition(decision: Decision) -> str:
    if decision.kind.rule and isinstance(decision.rows, RowSet) and len(decision.rows):
        return f" in {count(len(decision.rows), 'row')}"
    return f" where {decision.rows.words}" if isinstance(decision.rows, Filter) else ""


def _value(value: str | float | None) -> str:
    if isinstance(value, str):
        return quoted(value)
    return digits(value) if isinstance(value, float) else str(value)
