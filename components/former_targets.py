"""Decisions about the labels of a column that was the target before, which say nothing of those of now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from components import as_decided
from components.judged import DOUBTS
from components.state import session
from core.actions import ACTIONS
from core.dataset import Dataset
from core.decision import Decision
from core.review import Edit, Review
from core.rowset import RowSet


def about_target(decisions: Sequence[Decision], loaded: Dataset) -> list[bool]:
    """Of each decision whether it may be about the labels of the target of now: not where it follows from
    doubt about labels of another column, or writes into such a column.

    decisions: of those in force. loaded: the data as loaded.
    """
    source = _sources(loaded)
    former = _former_targets(loaded, source)
    return [
        not (
            source(one, _doubted(one)) in former
            or (one.kind.on == "cells" and source(one, one.column) in former)
        )
        for one in decisions
    ]


def decided_labels(dataset: Dataset) -> RowSet:
    """The rows, as positions in the source, about whose label anything was decided, be it by deciding about
    the row. What was decided about the labels of a former target is not among it, but for rows dropped.
    """
    loaded, settled = dataset.base or dataset, as_decided.settled()
    source = _sources(loaded)
    former = _former_targets(loaded, source)
    kept = settled.by(ACTIONS["keep"]) - (_kept_for(former, source) if former else RowSet())
    rows = kept | settled.dropped | settled.weighted_by_hand
    of_now = {one.column.name: one.source for one in settled.contents}
    for column in settled.labels:
        rows = rows | (settled.changed(column) if of_now.get(column, column) not in former else RowSet())
    return rows


Source = Callable[[Decision, str], str]


def _kept_for(former: Collection[str], source: Source) -> RowSet:
    """The rows whose status was decided last for their label in one of these columns of the source."""
    touched, rows = as_decided.settled().touched, RowSet()
    for place, decision in enumerate(session().review.decisions):
        if decision.kind.status:
            here = touched.get(place, RowSet())
            rows = rows | here if source(decision, _doubted(decision)) in former else rows - here
    return rows


def _former_targets(loaded: Dataset, source: Source) -> set[str]:
    """The columns of the source other than the target whose labels were doubted when decisions were taken."""
    doubted = {source(one, _doubted(one)) for one in session().review.decisions}
    return doubted - {"", loaded.roles.target or ""}


def _sources(loaded: Dataset) -> Source:
    """What gives the column of the source that a decision in force calls by a name; "" for none. What it was
    called in the data that the decision was taken about counts, else its name as loaded, else one that a step
    gave it that is switched off or was changed since.
    """
    review, effects = session().review, as_decided.settled().effects
    names, then = {name: name for name in loaded.names}, dict[int, dict[str, str]]()
    for place, decision in enumerate(review.decisions):
        then[id(decision)] = names
        if place in effects and (new := effects[place].names):
            names = {new.get(name, name): column for name, column in names.items()}
    given = _names_given(review)

    def source(decision: Decision, name: str) -> str:
        here, former = then.get(id(decision), names), dict(given)
        while name not in here and name not in loaded.names and name in former:
            name = former.pop(name)
        return here.get(name, name if name in loaded.names else "")

    return source


def _names_given(review: Review) -> dict[str, str]:
    """Name that a step was ever to give a column -> what that was called."""
    acts = (*review.acts, *reversed(review.undone))
    batches = [act.batch if isinstance(act, Edit) else act for act in acts if isinstance(act, tuple | Edit)]
    renamed = [one for batch in batches for one in batch if one.action == "rename"]
    return {str(one.settings.get("to", "")): one.column for one in renamed}


def _doubted(decision: Decision) -> str:
    """The column whose labels the finding behind a decision doubts; "" for any other."""
    code, _, column = decision.finding.partition(":")
    return column if code in DOUBTS else ""
