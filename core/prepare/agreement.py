"""Two reviewers of the same rows: how far they agree, where they do not, and what one has that the other has
not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.actions import statuses
from core.dataset import Dataset
from core.decision import Decision
from core.phrases import count, quoted
from core.rowset import RowSet
from core.settled import Settled

_Z = 1.959964


@dataclass(frozen=True)
class Agreement:
    """both: rows that both decided. agreed: of these the same way. kappa: Cohen's (1960); None where there
    are no such rows, or both say one and the same of all. low, high: its 95% interval. conflicts: row -> what
    each said, in words. only_mine, only_theirs: rows that one alone decided.
    """

    both: int
    agreed: int
    kappa: float | None
    low: float
    high: float
    conflicts: Mapping[int, tuple[str, str]]
    only_mine: RowSet
    only_theirs: RowSet

    def __str__(self) -> str:
        """In one sentence."""
        if not self.both:
            return "No row was decided by both."
        told = f"Both decided {count(self.both, 'row')} and agree on {count(self.agreed)}"
        if self.kappa is None:
            return f"{told}; Cohen's kappa is not defined, as both say one and the same of all of them."
        return f"{told}: Cohen's kappa {self.kappa:.2f} (95% interval {self.low:.2f} to {self.high:.2f})."


def decided_in_words(settled: Settled) -> dict[int, str]:
    """Row -> what was decided about it, in words: dropped, given another label, or kept.

    What else was written into a row, or its weight, counts as kept with it.
    """
    words: dict[int, str] = {}
    for row in settled.decided.ids.tolist():
        status = statuses()[int(settled.status[row])]
        written = [
            f"{column} = {'missing' if (value := settled.values[codes[row]]) is None else quoted(value)}"
            for column, codes in sorted(settled.labels.items())
            if codes[row] >= 0
        ]
        words[row] = "drop" if status == "drop" else ", ".join(written) or "keep"
    return words


def agreement(mine: Settled, theirs: Settled) -> Agreement:
    """How far two reviews of the same data agree on the rows that both decided."""
    one, other = decided_in_words(mine), decided_in_words(theirs)
    both = sorted(set(one) & set(other))
    pairs = [(one[row], other[row]) for row in both]
    kappa, low, high = cohen(pairs)
    return Agreement(
        both=len(both),
        agreed=sum(a == b for a, b in pairs),
        kappa=kappa,
        low=low,
        high=high,
        conflicts={row: pair for row, pair in zip(both, pairs, strict=True) if pair[0] != pair[1]},
        only_mine=RowSet(sorted(set(one) - set(other))),
        only_theirs=RowSet(sorted(set(other) - set(one))),
    )


def shared(mine: Sequence[Decision], theirs: Sequence[Decision]) -> tuple[int, int]:
    """How many of the other's decisions on rows and cells are mine, of the same person at the same time,
    and how many there are.

    >>> keep, drop = Decision("keep", RowSet([1]), who="ann", when="9:00"), Decision("drop", RowSet([2]))
    >>> shared([keep, drop], [keep, replace(drop, who="bob", when="9:05")])
    (1, 2)
    """

    def taken(decisions: Sequence[Decision]) -> list[Decision]:
        return [one for one in decisions if one.kind.on in ("rows", "cells")]

    own, every = {one for one in taken(mine) if one.when}, taken(theirs)
    return sum(one in own for one in every), len(every)


def cohen(pairs: Sequence[tuple[str, str]]) -> tuple[float | None, float, float]:
    """Cohen's kappa of two raters and its 95% interval, by the large-sample error of the observed agreement
    (Cohen 1960, Educational and Psychological Measurement 20).

    >>> seen = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    >>> [round(value, 3) for value in cohen(seen)]
    [0.4, 0.146, 0.654]
    >>> cohen([]), cohen([("a", "a")] * 3)
    ((None, -1.0, 1.0), (None, -1.0, 1.0))
    """
    if not pairs:
        return None, -1.0, 1.0
    words = sorted({word for pair in pairs for word in pair})
    place = {word: at for at, word in enumerate(words)}
    table = np.zeros((len(words), len(words)))
    for one, other in pairs:
        table[place[one], place[other]] += 1
    table /= len(pairs)
    same, chance = float(np.trace(table)), float(table.sum(axis=0) @ table.sum(axis=1))
    if chance >= 1.0 - 1e-12:
        return None, -1.0, 1.0
    kappa = (same - chance) / (1.0 - chance)
    half = _Z * float(np.sqrt(same * (1.0 - same) / len(pairs))) / (1.0 - chance)
    return kappa, max(-1.0, kappa - half), min(1.0, kappa + half)


def taken_over(theirs: Sequence[Decision], dataset: Dataset, rows: RowSet) -> list[Decision]:
    """The decisions of another review on rows and cells, held to ``rows`` (those that it alone decided), with
    who took them and when. Rules, and decisions about columns and findings, are left out.
    """
    held = []
    for decision in theirs:
        if decision.kind.on not in ("rows", "cells"):
            continue
        named = decision.rows if isinstance(decision.rows, RowSet) else decision.rows.rows(dataset)
        if len(mine := named & rows):
            held.append(replace(decision, rows=mine))
    return held
