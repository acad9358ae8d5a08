"""How many rows are flagged, and how many wait in review and why, in words: the sidebar and every page say it
with these sentences.
"""

from __future__ import annotations

from functools import partial

from components import as_decided, guard
from components.judged import not_looked, since_then
from components.state import session
from components.waiting import ReviewRows, flagged, in_review, in_review_before
from core.dataset import Dataset
from core.errors import CoreError
from core.phrases import count, listed, verb
from core.rowset import RowSet


def of_labels(dataset: Dataset) -> str:
    """That Labels looked before the last decisions (`since_then`); or how many rows joined the queue and left
    it at its last look, and how many wait now; "" where there is nothing to say.
    """
    loaded = dataset.base or dataset
    told = since_then(loaded)
    if told or (then := in_review_before(loaded)) is None:
        return told
    now = in_review(loaded).open
    joined, left = len(now - then.open), len(then.open - now)
    moved = [f"{count(joined, 'row')} joined the queue"] if joined else []
    moved += [f"{count(left, 'row')} left it"] if left else []
    if not moved:
        return ""
    return (
        f"Labels looked again at the data as decided: since its look before, {' and '.join(moved)}, so that "
        f"{count(len(now))} {verb(len(now), 'waits', 'wait')} now."
    )


def for_label_alone(dataset: Dataset) -> str:
    """How many rows wait in review that nothing flags, in these data or as loaded: their label is doubted;
    "" where none does.
    """
    alone = in_review(dataset).alone
    more = len(alone - _flagged_in_source(dataset))
    return _wait(more, "", f"for {verb(more, 'its', 'their')} label alone") if more else ""


def at_review_door(dataset: Dataset) -> str:
    """How many rows wait in review and why, and of which data they are, where decisions changed them; how
    many decisions resolved; how many rows that are flagged in these data it does not list, or for another
    reason; and what of that is not known yet.
    """
    there, changed = in_review(dataset), dataset.base is not None
    told = [f"{_why(there, ' of the data as loaded' if changed else '')}." if there.open else ""]
    if changed and not there.open:
        none = there.complete and not not_looked(dataset.base or dataset)
        told = [f"{'No row waits in review, which' if none else 'Review'} lists the data as loaded."]
    if changed and (both := len(there.alone & _flagged_in_source(dataset))):
        told += [
            f"{count(both)} of those for their label alone {verb(both, 'is', 'are')} flagged in the data as "
            "decided."
        ]
    told += [resolved(there)]
    if changed and (more := _only_here(dataset, there)):
        told += [
            f"{count(more, 'row')} flagged only in the data as decided {verb(more, 'is', 'are')} not listed."
        ]
    if there.open or changed:
        told += [not_known(there), not_resolved(there)]
    return " ".join(filter(None, (*told, of_labels(dataset) if there.alone else "")))


def resolved(there: ReviewRows) -> str:
    """How many rows no check flags any more since decisions, so that they do not wait, as a sentence; ""
    for none. Their cells may be as they were: what a check holds them against moved, too.
    """
    some = len(there.resolved)
    return (
        f"{count(some, 'row')} no longer flagged since your decisions {verb(some, 'is', 'are')} left out."
        if some
        else ""
    )


def not_resolved(there: ReviewRows) -> str:
    """That rows wait of which it is not known whether the last steps resolved them; "" where it is."""
    if not there.behind or not there.flagged:
        return ""
    return (
        "The checks of rows have not all run on the data as decided since a step: rows no "
        "longer flagged wait until they have, as on Issues."
    )


def not_known(there: ReviewRows) -> str:
    """Which checks of rows say nothing of the data as loaded; "" where all did their work."""
    told = []
    if there.still:
        told.append("Not all checks of rows have run on the data as loaded: more may follow.")
    if there.not_made:
        would = verb(len(there.not_made), "it", "they")
        who = f"{listed(there.not_made, len(there.not_made))} could not be made on the data as loaded"
        told.append(f"{who}: rows that {would} would flag are not known.")
    return " ".join(told)


def _only_here(dataset: Dataset, there: ReviewRows) -> int:
    """How many undecided rows are flagged in the data as decided, and do not wait in the review."""
    here = flagged(dataset)
    if here is None:
        return 0
    return len(dataset.source_rows(here - as_decided.settled(dataset).decided) - there.open)


def _flagged_in_source(dataset: Dataset) -> RowSet:
    """The rows flagged in these data, as positions in the source, as far as that is known."""
    here = flagged(dataset)
    return RowSet() if here is None else dataset.source_rows(here)


def _why(there: ReviewRows, which: str = "") -> str:
    """How many rows wait in review; told apart why, where there are several reasons."""
    own = verb(len(there.alone), "its", "their")
    reasons = {"flagged": there.flagged, f"for {own} label alone": there.alone, "sent there": there.sent}
    given = {word: len(rows) for word, rows in reasons.items() if rows}
    so_far = "" if there.complete else " so far"
    if len(given) > 1:
        parts = ", ".join(f"{count(number)} {word}" for word, number in given.items())
        return f"{_wait(len(there.open), which)}{so_far}: {parts}"
    return _wait(len(there.open), which, f"for {own} label alone" if there.alone else "") + so_far


def _wait(rows: int, which: str = "", why: str = "") -> str:
    words = f"{count(rows, 'row')}{which} {verb(rows, 'waits', 'wait')} in review"
    return f"{words} {why}" if why else words


def in_review_in_words(dataset: Dataset) -> str:
    """How many rows wait in review, and how many left it as decisions resolved them; "" where none does, or
    none is known.
    """
    there = guard.attempt(lambda: in_review(dataset))
    if isinstance(there, CoreError) or not there.open:
        return ""
    some = len(there.resolved)
    left = f", {count(some)} left it: no longer flagged" if some else ""
    return _wait(len(there.open)) + ("" if there.complete else " so far") + left


def flagged_in_words() -> str:
    """How many rows are flagged in the data that the pages show, how many of these are decided, and how many
    the review does not list, as they are flagged in the data as decided alone; until these data were looked
    at, in those as loaded, and that is said; "" where neither were.
    """
    loaded, shown = session().dataset, guard.attempt(as_decided.in_view)
    for dataset in (shown, loaded):
        rows = flagged(dataset) if isinstance(dataset, Dataset) else None
        if rows is not None and isinstance(dataset, Dataset):
            words = f"{count(len(rows), 'row')} flagged{'' if dataset is shown else ' as loaded'}"
            settled = guard.attempt(partial(as_decided.settled, dataset))
            done = 0 if isinstance(settled, CoreError) else len(rows & settled.decided)
            return words + among_in_words(done, len(rows)) + _not_listed(dataset, len(rows))
    return ""


def _not_listed(dataset: Dataset, rows: int) -> str:
    """How many of the flagged rows of data as decided the review does not list, behind their number."""
    more = _not_in_review(dataset)
    if not more:
        return ""
    return f", {f'{count(more)} of them ' if more < rows else ''}only as decided"


def _not_in_review(dataset: Dataset) -> int:
    """How many undecided rows are flagged in these data as decided alone; 0 where it is not known of all of
    those as loaded whether they are.
    """
    there = guard.attempt(lambda: in_review(dataset)) if dataset.base is not None else None
    return _only_here(dataset, there) if isinstance(there, ReviewRows) and there.complete else 0


def only_as_decided(dataset: Dataset) -> str:
    """How many undecided rows are flagged in these data as decided alone, so that the review does not list
    them, in a sentence; "" for none.
    """
    more = _not_in_review(dataset)
    which = f"{count(more, 'row')} flagged only in the data as decided {verb(more, 'is', 'are')} not listed"
    return f"{which}: see Issues." if more else ""


def among_in_words(done: int, rows: int) -> str:
    """How many of so many rows are decided, behind their number; "" where none is: anything can be decided
    about, flagged or not.

    >>> among_in_words(0, 4), among_in_words(1, 4), among_in_words(4, 4), among_in_words(1, 1)
    ('', ', 1 of them decided', ', all decided', ', which is decided')
    """
    if not done:
        return ""
    if done < rows:
        return f", {count(done)} of them decided"
    return ", which is decided" if rows == 1 else ", all decided"
