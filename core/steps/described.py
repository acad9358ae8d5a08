"""What steps did, in words: for the list of steps, and for a report."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from core.decision import Decision
from core.decision_words import amount, in_words
from core.phrases import count, verb
from core.review import Review
from core.rowset import RowSet
from core.settled import Effected, Settled

DONE = {"drop": "dropped", "weight": "weighted"}  # of decisions on rows
DRAWS = ("sample", "split", "add_rows")


def steps_json(
    decisions: Sequence[Decision], settled: Settled, batches: Sequence[int] = ()
) -> list[dict[str, Any]]:
    """Per decision, in order: the number of its step, its words, its reason, the finding behind it, who took
    it and when, the rows and cells that it changed, what it did, and why it was passed over ("" where it was
    followed). What gives rows weights at one click, as a coreset does, is one, whatever the weights. What is
    said of a finding, such as an acceptance, has no number, and did nothing. A row that a step changes and
    keeps is one. For numbers and batches see `numbers_of`.
    """
    numbers = numbers_of(decisions, batches)

    def alike(place: int) -> tuple[Any, ...]:
        one = decisions[place]
        of_step = numbers.get(place) is not None and numbers[place] == numbers.get(place - 1)
        if one.action == "keep" and of_step and one.rows == decisions[place - 1].rows:
            return alike(place - 1)
        apart = place if one.kind.needs != "weight" or not isinstance(one.rows, RowSet) else None
        given = (one.why, one.finding, one.who, one.when)
        return numbers.get(place), apart, given, settled.passed.get(place, "")

    lines = [[*places] for _, places in groupby(range(len(decisions)), alike)]
    return [_line(places, decisions, settled) | {"number": numbers.get(places[0])} for places in lines]


def _line(places: Sequence[int], decisions: Sequence[Decision], settled: Settled) -> dict[str, Any]:
    """What decisions of one kind, which stand in these places, say and did."""
    first, passed = decisions[places[0]], settled.passed.get(places[0], "")
    own = [place for place in places if decisions[place].action == first.action]
    did = [effected(place, decisions[place], settled) for place in own]
    return {
        "number": None,
        "step": in_words(tuple(decisions[place] for place in places), named=True),
        "action": first.action,
        "column": first.column,
        "why": first.why,
        "finding": first.finding,
        "who": first.who,
        "when": first.when,
        "rows": sum(len(one.rows) for one in did),
        "cells": sum(one.cells for one in did),
        "did": "" if passed or first.kind.on == "findings" else described(*did),
        "note": " ".join(dict.fromkeys(one.note for one in did if one.note)),
        "passed_over": passed,
    }


def numbers_of(decisions: Sequence[Decision], batches: Sequence[int] = ()) -> dict[int, int | None]:
    """Per decision about rows, cells, columns or values: place -> the number of its step, from 1; None for
    one that changes no data, such as a row that is kept. What one click decided, be it about several columns,
    is one step; what is about findings alone, such as an acceptance, is not among them.

    batches: for each decision the place of its batch (`core.review.Review.steps`); () where it is not known.

    >>> rows = RowSet([1])
    >>> numbers_of([Decision("drop", rows), Decision("keep", rows), Decision("blank", rows, column="x")])
    {0: 1, 1: None, 2: 2}
    """
    numbers: dict[int, int | None] = {
        place: None for place, one in enumerate(decisions) if one.kind.on != "findings"
    }
    for number, taken in enumerate(_clicks(decisions, batches, True), 1):
        numbers |= {place: number for place in taken if place in numbers}
    return numbers


def amount_of(decisions: Sequence[Decision], batches: Sequence[int] = ()) -> str:
    """How many steps and how many other decisions, which change no data, in words: the count of the pages.
    batches: as `numbers_of` takes them.

    >>> row = RowSet([1])
    >>> accept = Decision("accept", RowSet(), finding="constant:x")
    >>> decisions = [Decision("drop", row), Decision("keep", row), accept]
    >>> amount_of(decisions), amount_of(decisions, (0, 0, 1))
    ('1 step and 2 other decisions', '1 step and 1 other decision')
    """
    return amount(*(len(_clicks(decisions, batches, step)) for step in (True, False)))


def _clicks(decisions: Sequence[Decision], batches: Sequence[int], step: bool) -> list[list[int]]:
    """The places of what was decided at one click each: of those that are steps, or of all others."""
    some = enumerate(decisions)
    clicks = groupby(some, lambda item: batches[item[0]] if batches else _click(*item))
    taken = [[*click] for _, click in clicks]
    return [
        [place for place, _ in click] for click in taken if any(one.kind.step for _, one in click) is step
    ]


def _click(place: int, decision: Decision) -> tuple[Any, ...]:
    """What the decisions of one click have in common; of a decision without a time, its place."""
    if not decision.when:
        return (place,)
    return decision.action, decision.finding, decision.who, decision.when


def effected(place: int, decision: Decision, settled: Settled) -> Effected:
    """What a decision did, be it a rule or not: cells that hold another value than before it, rows that stand
    otherwise. place: its place among the decisions that were followed.
    """
    if place in settled.effects:
        return settled.effects[place]
    rows = settled.altered.get(place, RowSet())
    alike = settled.touched.get(place, RowSet()) - rows
    if decision.kind.on == "cells":
        return Effected(len(rows), rows, alike=alike)
    if decision.kind.on == "columns" and place not in settled.passed and place not in settled.idle:
        column = (decision.column,)
        return Effected(added=column) if decision.kind.ends else Effected(removed=column)
    return Effected(rows=rows, action=decision.action, alike=alike)


def already(batch: Sequence[Decision], places: Sequence[int], settled: Settled) -> str:
    """How many of the rows that a step names were so before it, in a few words; "" for none. places: of its
    decisions among those that were followed.

    >>> now = Settled(None, None, touched={0: RowSet([1, 2])}, altered={0: RowSet([2])})
    >>> already([Decision("relabel", RowSet([1, 2]), "x", column="a")], [0], now)
    '1 of them held that value already'
    >>> already([Decision("drop", RowSet([1, 2]))], [0], now), already([], [], now)
    ('1 of them was so already', '')
    """
    alike = [
        (one, len(effected(place, one, settled).alike)) for place, one in zip(places, batch, strict=True)
    ]
    number = sum(rows for _, rows in alike)
    if not number:
        return ""
    if all(one.kind.needs == "label" for one, rows in alike if rows):
        return f"{count(number)} of them held that value already"
    return f"{count(number)} of them {verb(number, 'was', 'were')} so already"


def redrawn(past: Review, before: Settled, review: Review, after: Settled) -> tuple[str, ...]:
    """The steps, in words, that draw rows and are as they were, but take others now, as an earlier step is
    another. before, after: where the two reviews leave the same data.
    """
    was, now = _draws(past, before), _draws(review, after)
    return tuple(in_words((one,)) for one, drawn in now.items() if was.get(one, drawn) != drawn)


def _draws(review: Review, settled: Settled) -> dict[Decision, str]:
    """The decisions that draw rows, and a name for those that each took."""
    effects = ((decision, settled.effects.get(place)) for place, decision in enumerate(review.decisions))
    return {one: did.drawn for one, did in effects if did is not None and one.action in DRAWS}


def described(*did: Effected) -> str:
    """What decisions did together, in a few words.

    >>> described(Effected(cells=3)), described(Effected(rows=RowSet([1, 2]))), described(Effected())
    ('3 cells', '2 rows', 'nothing changed')
    >>> described(Effected(1, RowSet([4]), alike=RowSet([5]))), described(Effected(alike=RowSet([5, 6])))
    ('1 cell, 1 was so already', 'nothing changed, 2 were so already')
    >>> described(Effected(cells=3, kinds={"n": "category"}), Effected(cells=2, names={"n": "m"}))
    '5 cells, renamed, now category'
    >>> weight = Effected(rows=RowSet([3]), action="weight")
    >>> described(Effected(rows=RowSet([1, 2]), action="drop"), weight, weight), described(weight)
    ('2 rows dropped, 2 rows weighted', '1 row')
    """
    cells = sum(one.cells for one in did)
    new = sum(len(one.new) for one in did)
    added, removed = sum(len(one.added) for one in did), sum(len(one.removed) for one in did)
    parts = [
        count(cells, "cell") if cells else "",
        *_rows_in_words([one for one in did if one.rows and not one.cells]),
        f"{count(new, 'row')} added" if new else "",
        f"{count(added, 'column')} more" if added else "",
        f"{count(removed, 'column')} less" if removed else "",
        "renamed" if any(one.names for one in did) else "",
        "moved" if any(one.moved for one in did) else "",
        *dict.fromkeys(f"now {kind}" for one in did for kind in one.kinds.values()),
    ]
    changed = ", ".join(filter(None, parts)) or "nothing changed"
    alike = sum(len(one.alike) for one in did)
    return f"{changed}, {count(alike)} {verb(alike, 'was', 'were')} so already" if alike else changed


def _rows_in_words(did: Sequence[Effected]) -> list[str]:
    """How many rows stand otherwise; where decisions of several kinds did that, each with its word."""
    amounts: dict[str, int] = {}
    for one in did:
        word = DONE.get(one.action, "")
        amounts[word] = amounts.get(word, 0) + len(one.rows)
    alone = len(amounts) < 2
    return [count(rows, "row") + (f" {word}" if word and not alone else "") for word, rows in amounts.items()]
