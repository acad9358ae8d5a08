"""From a finding to what one click does about it: the words on the button, and the decisions it makes."""

from __future__ import annotations

import numpy as np

from core.dataset import Dataset
from core.errors import SettingError
from core.finding import Finding
from core.review import Decision, Settled
from core.rowset import RowSet

ON_ROWS = ("drop", "relabel", "weight", "defer")
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
    >>> label(Finding("disguised_missing", "", "info", 0.5, "", "", rows=RowSet(range(37)), columns=("x",), action="blank"))
    'Make 37 cells missing'
    """
    rows, names = len(finding.rows), finding.columns
    where = repr(names[0]) if len(names) == 1 else f"{len(names):,} columns"
    spellings = finding.value if finding.action == "merge" and finding.value else 0
    said = {
        "omit": f"Leave out {where}",
        "merge": (f"Write {_count(int(spellings), 'spelling')} like the commonest")
        if spellings
        else f"Spell {where} alike",
        "retype": f"Read {where} as {READ_AS.get(finding.to, finding.to)}",
    }
    if finding.action in said:
        return said[finding.action] if names else ""
    if (
        not rows
        or (finding.action == "blank" and not names)
        or (finding.action in ("relabel", "weight") and not finding.to)
    ):
        return ""
    acts = {
        "blank": f"Make {_count(rows * len(names), 'cell')} missing",
        "drop": f"Drop {_count(rows, 'row')}",
        "relabel": f"Relabel {_count(rows, 'row')} as {finding.to!r}",
        "weight": f"Give {_count(rows, 'row')} the weight {finding.to}",
        "defer": f"Send {_count(rows, 'row')} to review",
    }
    return acts.get(finding.action, "")


def decisions(dataset: Dataset, finding: Finding) -> tuple[Decision, ...]:
    """What one click says, as one batch; () where the finding asks for none, or, as ``retype`` does, for
    another reading of the data.

    Raises `SettingError` for a weight that is no number, `ColumnError` for a column that is not in the data.
    """
    if not label(finding) or finding.action == "" or finding.action == "retype":
        return ()
    names, said = finding.columns, {"why": finding.title, "finding": finding.key}
    for name in names:
        dataset[name]
    if finding.action == "omit":
        return tuple(Decision("omit", RowSet(), column=name, **said) for name in names)
    if finding.action == "blank":
        return tuple(Decision("blank", finding.rows, column=name, **said) for name in names)
    if finding.action == "merge":
        return tuple(
            Decision("relabel", rows, word, column=name, **said)
            for name in names
            for word, rows in merged(dataset, name, finding.rows)
        )
    column = next(iter(names), "") if finding.action == "relabel" else ""
    value = (
        _weight(finding)
        if finding.action == "weight"
        else finding.to
        if finding.action == "relabel"
        else None
    )
    return (Decision(finding.action, finding.rows, value, column=column, **said),)


def merged(dataset: Dataset, name: str, rows: RowSet) -> list[tuple[str, RowSet]]:
    """For each word of a column that is written in several ways: how it is to be written, and which of these
    rows do otherwise.
    """
    import pyarrow.compute as pc

    from core.prepare.spelling import merged_levels

    if dataset[name].stored != "string":
        return []
    encoded = dataset.table([name]).column(0).combine_chunks().dictionary_encode()
    words, codes = encoded.dictionary, np.asarray(pc.fill_null(encoded.indices, -1), dtype=np.int64)
    instead = merged_levels(words, np.bincount(codes[codes >= 0], minlength=len(words)))
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
    """Whether what the click would do is so already, however it was said.

    >>> from dataclasses import replace
    >>> found = Finding("constant", "", "info", 0.5, "", "", columns=("x",), action="omit")
    >>> now = Settled(np.zeros(3, np.int8), np.full(3, np.nan), omitted=("x",))
    >>> done(found, now), done(replace(found, columns=("x", "y")), now), done(replace(found, action="drop", rows=RowSet([1])), now)
    (True, False, False)
    """
    names, rows = finding.columns, finding.rows
    if finding.action == "omit":
        return bool(names) and set(names) <= set(settled.omitted)
    if not len(rows):
        return False
    if finding.action in ("blank", "merge", "relabel"):
        return bool(names) and all(not len(rows - settled.changed(name)) for name in names)
    at = {"drop": settled.dropped, "weight": settled.weighted, "defer": settled.deferred}.get(finding.action)
    return at is not None and not len(rows - at)


def _weight(finding: Finding) -> float:
    try:
        return float(finding.to)
    except ValueError as error:
        raise SettingError(
            f"The finding {finding.key!r} suggests the weight {finding.to!r}, which is no number."
        ) from error


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
