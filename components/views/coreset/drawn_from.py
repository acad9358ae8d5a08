"""The data that the page shows a coreset of: as the other pages show them, but without the coreset that was
kept, so that none is drawn from another.
"""

from __future__ import annotations

from components import as_decided, badge, job_panel
from components.state import keep, session
from core.dataset import Dataset
from core.decision import Batch
from core.review import Review
from core.settled import Settled

WHY = "coreset"  # the reason that a person reads


def data_shown() -> Dataset | None:
    """None where no data are open, or while the decisions are followed anew, with a panel on the page."""
    now, step = session(), keeping_step(session().review)
    if now.dataset is None or now.as_loaded or step is None:
        return as_decided.in_view()
    others = _others(now.review, step)
    if (work := as_decided.to_follow(others)) is not None:
        key = (now.dataset.version, now.turn, "without the coreset")
        if job_panel.outcome(badge.FOLLOWING, key, work) is None:
            return None
    return as_decided.decided_by(others)


def settled(dataset: Dataset) -> Settled:
    """Where the rows of these data stand by the decisions that they follow."""
    review = session().review
    step = keeping_step(review)
    if step is None:
        return as_decided.settled(dataset)

    def work() -> Settled:
        every = as_decided.settled_by(_others(review, step))
        if dataset.changes is None:
            return every.of_source
        return every if dataset.changes.kept is None else every.among(dataset.changes.kept)

    return keep(("settled without the coreset", dataset.version, session().turn), work, newest=True)


def keeping_step(review: Review) -> int | None:
    """The place among the batches of the one in force that kept a coreset, the last where there are several:
    an earlier one is a step like any other to it. None where there is none.

    >>> from core.decision import Decision
    >>> from core.rowset import RowSet
    >>> mark = {"worked_out": True, "coreset": True}
    >>> kept = Decision("drop", RowSet([1])), Decision("weight", RowSet([2]), 2.0, settings=mark)
    >>> review = Review().say(Decision("drop", RowSet([3]), why=WHY)).say(*kept)
    >>> keeping_step(review), keeping_step(review.switch(1, on=False))
    (1, None)
    """
    places = [step for step in review.order if step not in review.off and _keeps(review.batches[step])]
    return places[-1] if places else None


def _keeps(batch: Batch) -> bool:
    """Whether a step keeps a coreset: it drops rows and weighs others, by weights that came with one. Where
    no weight says what it is, the log may be one from before they did: there the reason alone says so.
    """
    if {one.action for one in batch} != {"drop", "weight"}:
        return False
    weights = [one for one in batch if one.action == "weight"]
    if any(one.of_coreset for one in weights):
        return all(one.of_coreset for one in weights)
    return all(one.why == WHY for one in batch)


def _others(review: Review, step: int) -> Batch:
    """The decisions in force without that step: all others; those before it alone where one behind it adds
    rows, which would be others without it.
    """
    at = review.order.index(step)
    before, behind = (
        [one for place in places if place not in review.off for one in review.batches[place]]
        for places in (review.order[:at], review.order[at + 1 :])
    )
    return tuple(before if any(one.action == "add_rows" for one in behind) else [*before, *behind])
