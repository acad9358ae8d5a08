"""The steps that change the data, in the order in which they are followed, each with what it did."""

from __future__ import annotations

from dataclasses import dataclass

from components import decisions
from components.state import session
from core.dataset import Dataset
from core.phrases import count
from core.review import Batch, in_words
from core.settled import Settled
from core.workspace.store import LogEntry


@dataclass(frozen=True)
class Line:
    """One step of the list.

    step: its place among `Review.batches`.
    number: its place in the list, from 1.
    entry: as the history has it.
    words, did: what it is, and what it changed, in words.
    passed: why it could not be followed, whole or in part, in one sentence each.
    """

    step: int
    number: int
    entry: LogEntry
    words: str
    did: str
    passed: tuple[str, ...]

    @property
    def batch(self) -> Batch:
        """Its decisions."""
        return self.entry.batch


def listed() -> tuple[list[Line], int]:
    """The steps that change the data, and how many others there are. Raises `StoreError`."""
    entries = [entry for entry in decisions.history() if not entry.undone]
    review, settled = session().review, decisions.settled()
    places: dict[int, list[int]] = {}
    for place, step in enumerate(review.steps):
        places.setdefault(step, []).append(place)
    lines: list[Line] = []
    for step in review.order:
        entry = entries[step]
        if changes(entry.batch):
            at = places.get(step, [])
            why = tuple(dict.fromkeys(settled.passed[place] for place in at if place in settled.passed))
            did = "switched off" if entry.off else _did(entry.batch, at, settled)
            lines.append(Line(step, len(lines) + 1, entry, in_words(entry.batch), did, why))
    return lines, len(review.batches) - len(lines)


def changes(batch: Batch) -> bool:
    """Whether a step may change the data, and not only say something about them."""
    return any(decision.kind.changes or decision.kind.on == "columns" for decision in batch)


def _did(batch: Batch, places: list[int], settled: Settled) -> str:
    """What a step changed, in words: cells, rows, columns."""
    cells = rows = new = added = removed = 0
    for place, decision in zip(places, batch, strict=True):
        effect, touched = settled.effects.get(place), settled.touched.get(place, ())
        if effect is not None:
            cells += effect.cells
            rows += 0 if effect.cells else len(effect.rows)
            new += len(effect.new)
            added += len(effect.added)
            removed += len(effect.removed)
        elif decision.kind.on == "cells":
            cells += len(touched)
        elif decision.kind.on == "columns" and place not in settled.passed:
            added, removed = added + bool(decision.kind.ends), removed + (not decision.kind.ends)
        else:
            rows += len(touched)
    parts = [
        count(cells, "cell") if cells else "",
        count(rows, "row") if rows else "",
        f"{count(new, 'row')} more" if new else "",
        f"{count(added, 'column')} more" if added else "",
        f"{count(removed, 'column')} less" if removed else "",
    ]
    names_alone = any(decision.action in ("rename", "move") for decision in batch)
    return " · ".join(filter(None, parts)) or ("no cell changed" if names_alone else "nothing changed")


def verdict(dataset: Dataset, decided: Dataset, lines: list[Line]) -> str:
    """How many steps there are and what they changed together, in one sentence."""
    if not lines:
        return "No steps yet: the data are as they were loaded."
    settled = decisions.settled()
    sources = {content.source for content in settled.contents if content.source} or set(dataset.names)
    added = sum(not content.source for content in settled.contents)
    renamed = sum(content.source not in ("", content.column.name) for content in settled.contents)
    removed = len(dataset.names) - len(sources) + len(settled.omitted)
    cells = _cells(settled)
    parts = [
        f"{count(len(settled.dropped), 'row')} dropped" if len(settled.dropped) else "",
        f"{count(len(settled.new), 'row')} added" if len(settled.new) else "",
        f"{count(cells, 'cell')} changed" if cells else "",
        f"{count(added, 'column')} added" if added else "",
        f"{count(removed, 'column')} left out" if removed else "",
        f"{count(renamed, 'column')} renamed" if renamed else "",
    ]
    off = sum(line.entry.off for line in lines)
    lost = sum(bool(line.passed) for line in lines)
    more = [
        f"{count(off)} switched off" if off else "",
        f"{count(lost)} could not be followed" if lost else "",
    ]
    told = ", ".join(filter(None, parts)) or "no row, cell or column is another"
    return "; ".join([f"{count(len(lines), 'step')}: {told}", *filter(None, more)]) + "."


def _cells(settled: Settled) -> int:
    """The cells that steps changed, each counted with every step that changed it."""
    edited = session().review.decisions
    by_hand = sum(len(rows) for place, rows in settled.touched.items() if edited[place].kind.on == "cells")
    return by_hand + sum(effect.cells for effect in settled.effects.values())
