"""Decisions about the labels of a column that was the target before, which say nothing of those of now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from components import as_decided
from components.judged import DOUBTS
from components.state import session
from core.actions import ACTIONS
from core.dataset import Dataset
from core.review import Decision
from core.rowset import RowSet


def about_target(decisions: Sequence[Decision], loaded: Dataset) -> list[bool]:
    """Of each decision whether it may be about the labels of the target of now: not where it follows from
    doubt about labels of another column, or writes into such a column.

    loaded: the data as loaded.
    """
    former = _former_targets(decisions, loaded)
    return [not (_doubted(one) in former or (one.kind.on == "cells" and one.column in former))
            for one in decisions]  # fmt: skip


def decided_labels(dataset: Dataset) -> RowSet:
    """The rows, as positions in the source, about whose label anything was decided, be it by deciding about
    the row. What was decided about the labels of a former target is not among it, but for rows dropped.
    """
    settled, decisions = as_decided.settled(), session().review.decisions
    former = _former_targets(decisions, dataset.base or dataset)
    kept = settled.by(ACTIONS["keep"]) - (_kept_for(former, decisions) if former else RowSet())
    rows = kept | settled.dropped | settled.weighted
    for column in settled.labels:
        rows = rows | (settled.changed(column) if column not in former else RowSet())
    return rows


def _kept_for(former: Iterable[str], decisions: Sequence[Decision]) -> RowSet:
    """The rows whose status was decided last for their label in one of these columns."""
    touched, rows = as_decided.settled().touched, RowSet()
    for place, decision in enumerate(decisions):
        if decision.kind.status:
            here = touched.get(place, RowSet())
            rows = rows | here if _doubted(decision) in former else rows - here
    return rows


def _former_targets(decisions: Sequence[Decision], loaded: Dataset) -> set[str]:
    """The columns other than the target whose labels were doubted when decisions were taken, by their names
    then.
    """
    target = loaded.roles.target or ""
    return {*map(_doubted, decisions)} - {"", target, as_decided.settled().called(target) or target}


def _doubted(decision: Decision) -> str:
    """The column whose labels the finding behind a decision doubts; "" for any other."""
    code, _, column = decision.finding.partition(":")
    return column if code in DOUBTS else ""
