"""From a finding to what one click does about it: the words on the button, its icon, and the decisions it
makes; and which rows findings ask to decide about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import numpy as np

from core.actions import ACTIONS
from core.dataset import Dataset
from core.errors import SettingError
from core.finding import Finding
from core.phrases import count, name, quoted
from core.review import Decision
from core.rowset import RowSet
from core.settled import Settled

MERGE, RETYPE = "merge", "retype"  # clicks that are no action of their own: many relabels, another reading
ICONS = {MERGE: "join", RETYPE: "swap_horiz"}
READ_AS = {
    "numeric": "numbers",
    "datetime": "dates",
    "category": "categories",
    "boolean": "yes and no",
    "text": "text",
    "identifier": "identifiers",
    "image": "images",
}


def label(finding: Finding) -> str:
    """What one click does about the finding, in a few words; "" where there is nothing to do at one click.

    >>> label(Finding("constant", "", "info", 0.5, "", "", columns=("x",), action="omit"))
    "Leave out 'x'"
    >>> found = Finding("codes", "", "info", 0.5, "", "", rows=RowSet(range(37)), columns=("x",))
    >>> from dataclasses import replace
    >>> label(replace(found, action="blank")), label(replace(found, action="defer"))
    ('Make 37 cells missing', 'Send 37 rows to review')
    """
    columns = finding.columns
    where = name(columns[0]) if len(columns) == 1 else count(len(columns), "column")
    if finding.action in (MERGE, RETYPE):
        return _other_words(finding, where) if columns else ""
    action = ACTIONS.get(finding.action)
    if action is None or (action.needs and not finding.to):
        return ""
    if action.on == "columns":
        return action.button(where) if columns else ""
    if not len(finding.rows):
        return ""
    rows = count(len(finding.rows), "row")
    if action.needs == "label":
        return f"{action.button(rows)} as {quoted(finding.to)}"
    if action.needs == "weight":
        return f"Give {rows} the weight {finding.to}"
    if action.on == "cells":
        cells = count(len(finding.rows) * len(columns), "cell")
        return action.button(cells) if columns else ""
    return action.button(rows)


def _other_words(finding: Finding, where: str) -> str:
    if finding.action == RETYPE:
        return f"Read {where} as {READ_AS.get(finding.to, finding.to)}"
    spellings = int(finding.value or 0)
    if spellings:
        return f"Write {count(spellings, 'spelling')} like the most common one"
    return f"Spell {where} alike"


def icon(finding: Finding) -> str:
    """The Material symbol of the button."""
    return ICONS.get(finding.action) or ACTIONS[finding.action].icon


def decisions(dataset: Dataset, finding: Finding) -> tuple[Decision, ...]:
    """What one click decides, as one batch; () where the finding asks for none, or, as ``retype`` does, for
    another reading of the data. The rows of the finding are counted in ``dataset``, those of the decisions in
    its source.

    Raises `SettingError` for a weight that is no number, `ColumnError` for a column that is not in the data.
    """
    if not label(finding) or finding.action == RETYPE:
        return ()
    cause: dict[str, Any] = {"why": finding.title, "finding": finding.key}
    whole = dataset.source_rows(finding.rows)
    for column in finding.columns:
        dataset[column]
    if finding.action == MERGE:
        return tuple(
            Decision("relabel", dataset.source_rows(rows), word, column=column, **cause)
            for column in finding.columns
            for word, rows in merged(dataset, column, finding.rows, finding.code == "similar_levels")
        )
    action = ACTIONS[finding.action]
    if action.needs == "label":
        return (Decision(action.word, whole, finding.to, column=finding.columns[0], **cause),)
    if action.needs == "weight":
        return (Decision(action.word, whole, _weight(finding), **cause),)
    if action.on == "rows":
        return (Decision(action.word, whole, **cause),)
    rows = whole if action.on == "cells" else RowSet()
    return tuple(Decision(action.word, rows, column=column, **cause) for column in finding.columns)


def merged(dataset: Dataset, column: str, rows: RowSet, similar: bool = False) -> list[tuple[str, RowSet]]:
    """For each word of a column that is written in several ways: how it is to be written, and which of these
    rows do otherwise.

    similar: take names that are likely one for one, too.
    """
    from core.prepare.levels import encoded
    from core.prepare.similar_names import similar_levels
    from core.prepare.spelling import merged_levels

    if dataset[column].stored != "string":
        return []
    codes, words = encoded(dataset.table([column]).column(0))
    counts = np.bincount(codes[codes >= 0], minlength=len(words))
    instead = similar_levels(words, counts) if similar else merged_levels(words, counts)
    spellings = sorted(set(instead.values()))
    place = {word: at for at, word in enumerate(spellings)}
    wanted = np.array(
        [*(place.get(instead.get(word, ""), -1) for word in words.to_pylist()), -1], dtype=np.int64
    )[codes]
    ids = np.flatnonzero((wanted >= 0) & rows.mask(dataset.rows))
    ids = ids[np.argsort(wanted[ids], kind="stable")]
    edges = np.searchsorted(wanted[ids], np.arange(len(spellings) + 1))
    pieces = [RowSet(ids[edges[at] : edges[at + 1]]) for at in range(len(spellings))]
    return [(word, piece) for word, piece in zip(spellings, pieces, strict=True) if len(piece)]


def done(finding: Finding, settled: Settled) -> bool:
    """Whether what the click would do is so already, however it was decided.

    >>> from dataclasses import replace
    >>> found = Finding("constant", "", "info", 0.5, "", "", columns=("x",), action="omit")
    >>> now = Settled(np.zeros(3, np.int8), np.full(3, np.nan), omitted=("x",))
    >>> done(found, now), done(replace(found, columns=("x", "y")), now)
    (True, False)
    >>> done(replace(found, action="drop", rows=RowSet([1])), now)
    False
    """
    columns, rows = finding.columns, finding.rows
    action = ACTIONS.get("relabel" if finding.action == MERGE else finding.action)
    if action is None:
        return False
    if action.on == "columns":
        return bool(columns) and set(columns) <= set(settled.omitted)
    if not len(rows):
        return False
    if action.on == "cells":
        return bool(columns) and all(not len(rows - settled.changed(column)) for column in columns)
    return not len(rows - settled.by(action))


def asks_for_rows(finding: Finding) -> bool:
    """Whether the finding asks to decide about its rows, one by one: whether they wait in the review."""
    action = ACTIONS.get(finding.action)
    return action is not None and (action.on == "rows" or action.needs == "label")


def flagged(findings: Iterable[Finding], accepted: Collection[str]) -> RowSet:
    """The rows that wait for a decision or have had one: those that findings ask to decide about and that no
    acceptance took off the list. The one definition behind every count of flagged rows.

    accepted: keys of the findings that stand.
    """
    rows = RowSet()
    for finding in findings:
        if asks_for_rows(finding) and finding.key not in accepted and len(finding.rows):
            rows = rows | finding.rows
    return rows


def _weight(finding: Finding) -> float:
    try:
        return float(finding.to)
    except ValueError as error:
        raise SettingError(
            f"The finding {quoted(finding.key)} suggests the weight {quoted(finding.to)}, which is no number."
        ) from error
