"""The steps that change the data, in the order in which they are followed, each with what it did."""

from __future__ import annotations

import re
from dataclasses import dataclass

from components import as_decided, decisions
from components.state import session
from core.decision import Batch
from core.decision_words import amount, in_words
from core.phrases import count
from core.settled import Settled
from core.steps import StepTrial, described, effected
from core.workspace.store import LogEntry


@dataclass(frozen=True)
class StepLine:
    """One step of the list.

    step: its place among `Review.batches`.
    number: its number, from 1, as exports have it; None where it is switched off.
    entry: as the history has it.
    words, did: what it is, and what it changed, in words.
    passed: why it could not be followed, whole or in part, in one sentence each.
    """

    step: int
    number: int | None
    entry: LogEntry
    words: str
    did: str
    passed: tuple[str, ...]

    @property
    def batch(self) -> Batch:
        """Its decisions."""
        return self.entry.batch

    @property
    def more(self) -> str:
        """What it changed, where its words do not say so: "" for 2 rows of "Dropped 2 rows".

        >>> from dataclasses import replace
        >>> from types import SimpleNamespace as Entry
        >>> line = StepLine(0, 1, Entry(), "Dropped 1,002 rows (1 to 9)", "1,002 rows", ())
        >>> line.more, replace(line, did="2 rows").more, replace(line, words="Left out 'a'", did="1 row").more
        ('', '2 rows', '1 row')
        >>> replace(line, words="Kept row 12", did="1 row").more
        ''
        """
        number, _, noun = self.did.partition(" ")
        one = rf"|\b{noun} \d" if number == "1" else ""
        said = noun.isalpha() and re.search(rf"(?<![\d,]){number} {noun}\b{one}", self.words)
        return "" if said else self.did

    @property
    def from_finding(self) -> bool:
        """Whether it is what a finding asked for; its reason is then that finding, as it was found."""
        return any(decision.finding for decision in self.batch)


def listed() -> tuple[list[StepLine], int]:
    """The steps that change the data, and how many others there are. Raises `StoreError`."""
    entries = [entry for entry in decisions.history() if not entry.undone]
    review, settled = session().review, as_decided.settled()
    places: dict[int, list[int]] = {}
    for place, step in enumerate(review.steps):
        places.setdefault(step, []).append(place)
    lines: list[StepLine] = []
    number = 0
    for step in review.changing:
        entry, at = entries[step], places.get(step, [])
        number += not entry.off
        why = tuple(dict.fromkeys(settled.passed[place] for place in at if place in settled.passed))
        did = "switched off" if entry.off else _did(entry.batch, at, settled)
        lines.append(
            StepLine(step, None if entry.off else number, entry, in_words(entry.batch, named=True), did, why)
        )
    return lines, len(review.batches) - len(lines)


def _did(batch: Batch, places: list[int], settled: Settled) -> str:
    """What a step changed, in words: cells, rows, columns."""
    done = zip(places, batch, strict=True)
    return described(*(effected(place, decision, settled) for place, decision in done))


def verdict(whole: StepTrial, lines: list[StepLine]) -> str:
    """How many steps there are and what they changed together, in one sentence."""
    if not lines:
        return "No steps yet: the data are as they were loaded."
    dropped, new, cells = int(whole.dropped.sum()), int(whole.new.sum()), whole.changed_cells
    weighted = int(whole.weighted.sum())
    added, removed, renamed = len(whole.added), len(whole.removed), len(whole.renamed)
    parts = [
        f"{count(dropped, 'row')} dropped" if dropped else "",
        f"{count(new, 'row')} added" if new else "",
        f"{count(cells, 'cell')} changed" if cells else "",
        f"{count(weighted, 'row')} weighted" if weighted else "",
        f"{count(added, 'column')} added" if added else "",
        f"{count(removed, 'column')} left out" if removed else "",
        f"{count(renamed, 'column')} renamed" if renamed else "",
    ]
    off = sum(line.entry.off for line in lines)
    lost = sum(bool(line.passed) for line in lines)
    told = ", ".join(filter(None, parts)) or "no row, cell or column is another"
    more = f"; {count(lost)} could not be followed" if lost else ""
    return f"{amount(len(lines) - off, 0, off)}: {told}{more}."
