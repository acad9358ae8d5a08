"""What stands decided about rows, in words, and their order by these words: about rows and cells of rows, not
by rules on a column as a whole, which would stand beside nearly every row.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from components import as_decided
from components.state import session
from components.text import cut
from core.actions import ACTIONS, statuses
from core.dataset import Dataset
from core.settled import Effected, Settled

Ids = NDArray[np.int64]


def order(dataset: Dataset, ids: Ids) -> NDArray[Any]:
    """The same words for any number of rows, each put together once for all rows that share it; None where
    nothing is decided.
    """
    now, alike = as_decided.settled(dataset), np.zeros(ids.size, np.int64)
    sources = dataset.source_ids(ids)
    weights = np.unique(np.nan_to_num(now.weight[ids], nan=-1.0), return_inverse=True)[1]
    marks = [now.status[ids], weights, *(codes[ids] for codes in now.labels.values())]
    marks += [np.isin(sources, one.rows.ids) for one in _on_some_rows(now)]
    for mark in marks:
        codes = mark.astype(np.int64) + 1  # of cells, -1 stands for none
        alike = np.unique(alike * (codes.max(initial=0) + 1) + codes, return_inverse=True)[1]
    first, place = np.unique(alike, return_index=True, return_inverse=True)[1:]
    told = np.array([word or None for word in words(dataset, ids[first])], object)
    return told[place]


def words(dataset: Dataset, ids: Ids) -> list[str]:
    """What stands decided about each of these rows."""
    now = as_decided.settled(dataset)
    states = [ACTIONS[word].heading.lower() if word in ACTIONS else "" for word in statuses()]
    by_rule = _by_rule(now, dataset.source_ids(ids))
    lines = []
    for row, rules in zip(ids.tolist(), by_rule, strict=True):
        parts = [states[now.status[row]], *rules]
        parts += [
            f"{column} → {_to(now.values[codes[row]])}"
            for column, codes in now.labels.items()
            if codes[row] >= 0
        ]
        if not np.isnan(now.weight[row]):
            parts.append(f"weight {now.weight[row]:g}")
        lines.append(", ".join(cut(part, 60) for part in parts if part))
    return lines


def _on_some_rows(now: Settled) -> list[Effected]:
    """What rules did that were taken for some rows, and not for a column as a whole."""
    decisions = session().review.decisions
    scoped = (one for place, one in now.effects.items() if decisions[place].of_some_rows)
    return [one for one in scoped if one.column and len(one.rows)]


def _by_rule(now: Settled, places: Ids) -> list[list[str]]:
    """Per row, by its position in the source, the rules for some rows that changed its cells: column and what
    each did.
    """
    told: list[list[str]] = [[] for _ in places]
    for effect in _on_some_rows(now):
        rows = effect.rows.ids
        at = np.minimum(np.searchsorted(rows, places), rows.size - 1)
        for line in np.flatnonzero(rows[at] == places).tolist():
            told[line].append(f"{effect.column}: {ACTIONS[effect.action].label.lower()}")
    return told


def _to(label: str | None) -> str:
    return "missing" if label is None else label
