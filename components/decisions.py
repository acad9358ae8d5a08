"""What the person decides goes to the store at once; if the store cannot be written, the page says so and the
session goes on in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from components.as_decided import NOTHING, accepted, open_dataset, settled, to_follow, work
from components.guard import attempt
from components.person import who
from components.server import store
from components.state import Notice, Session, session
from core import steps
from core.acceptance import identity
from core.actions import ACTIONS
from core.dataset import Dataset
from core.decision import Batch, Decision, signed
from core.decision_log import LogEntry, entry_of
from core.decision_words import in_words
from core.errors import CoreError, StoreError
from core.filters import Filter
from core.finding import Finding
from core.phrases import count, verb
from core.review import Review
from core.rowset import RowSet
from core.settled import Settled
from core.steps import trial
from core.workspace.kept_logs import key_of
from core.workspace.store import Store


def resume(dataset: Dataset) -> None:
    """Take up what this user has decided about these data before, in the session's log."""
    key = key_of(dataset.fingerprint, session().log)
    _through(lambda kept: kept.review(key, who()), lambda: Review())


def decide(
    dataset: Dataset,
    action: str,
    rows: RowSet | Filter,
    *,
    finding: str = "",
    why: str = "",
    value: str | float | None = None,
    column: str = "",
    place: str = "",
    checked: bool = False,
) -> None:
    """Take one decision about some rows of ``dataset``, and offer to undo it. ``place``: see `say`. checked:
    refuse it where it would change nothing.
    """
    named = dataset.source_rows(rows) if isinstance(rows, RowSet) else rows
    decision = Decision(action, named, value, why.strip(), finding, column)
    if checked and trial(work(), (decision,)).idle:
        session().notice = Notice(f"Not done. {NOTHING}", place=place, refused=True)
        return
    before = attempt(settled)
    say(f"{in_words((decision,), named=True)}.", decision, place=place)
    now, notice = attempt(settled), session().notice
    many = action == "drop" and not (isinstance(named, RowSet) and len(named) == 1)
    if many and not isinstance(before, CoreError) and not isinstance(now, CoreError):
        told = "; ".join([notice.text.removesuffix("."), *_dropped_in_words(before, now)])
        session().notice = replace(notice, text=f"{told}.")


def _dropped_in_words(before: Settled, now: Settled) -> list[str]:
    """Of a step that dropped many rows, how many of them a person had said to keep, and how many are dropped
    in all, where that is more.
    """
    kept = len(before.by(ACTIONS["keep"]) - now.by(ACTIONS["keep"]))
    told = [f"{count(kept, 'row')} that you had kept {verb(kept, 'is', 'are')} among them"] if kept else []
    if before.dropped:
        told.append(f"{count(len(now.dropped), 'row')} dropped in all")
    return told


def say(text: str, *decisions: Decision, place: str = "") -> None:
    """Take several decisions as one step, and offer to undo it. Their rows are positions in the source. Rows
    that were kept by hand stay, where a rule would drop them as repeats.

    text: what the notice says. place: key of the bar or button that was clicked, for the answer there.
    """
    if any(one.kind.rule for one in decisions):
        whole = attempt(lambda: steps.spared(work(), decisions))
        decisions = decisions if isinstance(whole, CoreError) else whole
        if number := len(steps.unspared(decisions)[1]):
            stays = f"{count(number, 'row')} that you had kept {verb(number, 'stays', 'stay')}"
            text = f"{text.removesuffix('.')}; {stays}."
    when = datetime.now(UTC).isoformat(timespec="seconds")
    batch = [signed(decision, who(), when) for decision in decisions]
    fingerprint = _log(session())
    _through(lambda kept: kept.say(fingerprint, who(), *batch), lambda: session().review.say(*batch))
    if same := _already(batch):
        text = f"{text.removesuffix('.')}; {same}."
    session().notice = Notice(text, back=_undo_it() if batch else None, place=place)


def _already(batch: Sequence[Decision]) -> str:
    """How many of the rows of the step taken last were so before it; "" for none, or where that is not known
    yet.
    """
    if all(one.kind.rule or one.kind.on in ("columns", "findings") for one in batch) or to_follow():
        return ""
    now, last = attempt(settled), len(session().review.decisions)
    return "" if isinstance(now, CoreError) else steps.already(batch, range(last - len(batch), last), now)


def say_each(*batches: Batch) -> None:
    """Take several steps at once, all of them or none."""
    when = datetime.now(UTC).isoformat(timespec="seconds")
    mine = [tuple(signed(d, d.who or who(), d.when or when) for d in batch) for batch in batches]
    fingerprint = _log(session())

    def instead() -> Review:
        review = session().review
        for batch in mine:
            review = review.say(*batch)
        return review

    _through(lambda kept: kept.say_each(fingerprint, who(), mine), instead)


def accept(dataset: Dataset, finding: Finding, why: str = "") -> None:
    """Let a finding of ``dataset`` stand: it stays listed and no longer alarms. The history keeps what it
    says now.
    """
    settings = {"title": finding.title, **identity(finding, dataset)}
    said = Decision("accept", RowSet(), why=why.strip(), finding=finding.key, settings=settings)
    say("Accepted: it stays listed and no longer counts.", said)


def reopen(finding: str, title: str) -> None:
    """Take an acceptance back, under each key that the finding had since. finding: its key. title: what it
    says now, which the history keeps.
    """
    every, settings = accepted(), {"title": title}
    keys = [key for key, one in every.items() if key != finding and one is every.get(finding)]
    batch = [Decision("reopen", RowSet(), finding=key, settings=settings) for key in (finding, *keys)]
    say(f"{in_words(batch[:1])}.", *batch)


def include(column: str) -> None:
    """Take a column in again that was left out."""
    decision = Decision("include", RowSet(), column=column)
    say(f"{in_words((decision,))}.", decision)


def undo(seen: Review | None = None) -> None:
    """Take back the last act of ``seen``; None: the last one that this tab knows of."""
    now = session()
    fingerprint, past, told = _log(now), seen or now.review, _redrawn()
    if _through(
        lambda kept: kept.undo(fingerprint, who(), past),
        lambda: now.review.undo() if now.review.acts == past.acts else now.review,
    ):
        session().notice = Notice(f"Undone. Redo brings it back.{told()}", redo, "Redo", _where())


def _undo_it() -> Callable[[], None]:
    """What takes back the act that is the last one now, and no other."""
    return partial(undo, session().review)


def _where() -> str:
    """Where on this page stands what was done last."""
    notice = session().notice
    return notice.place if notice is not None and notice.here else ""


def redo() -> None:
    """Take the last undone batch again."""
    fingerprint, past, told = _log(session()), session().review, _redrawn()
    if _through(lambda kept: kept.redo(fingerprint, who(), past), lambda: past.redo()):
        session().notice = Notice(f"Done again.{told()}", _undo_it(), place=_where())


def switch(event: int, on: bool) -> None:
    """Switch the step of the history entry ``event`` off, or on again."""
    _alter(
        lambda kept, whose: kept.switch(*whose, event, on),
        lambda past: past.switch(event - 1, on),
    )


def edit(event: int, text: str, shown: Batch, *batch: Decision, last: bool = False) -> None:
    """Put other decisions in the place of the step of the history entry ``event``. text: of the notice.
    shown: the step as the person saw it. last: follow them last of all.
    """
    when = datetime.now(UTC).isoformat(timespec="seconds")
    batch = tuple(signed(decision, who(), when) for decision in batch)
    _alter(
        lambda kept, whose: kept.edit(*whose, event, *batch, shown=shown, last=last),
        lambda past: past.edit(event - 1, *batch, last=last),
        text,
    )


def move(event: int, before: int | None) -> None:
    """Follow the step of the history entry ``event`` right before that of another one, or last (None)."""
    _alter(
        lambda kept, whose: kept.move(*whose, event, before),
        lambda past: past.move(event - 1, None if before is None else before - 1),
    )


def _alter(
    write: Callable[[Store, tuple[str, str]], Review], instead: Callable[[Review], Review], text: str = ""
) -> None:
    """Change a step that stands, and offer to undo it."""
    now = session()
    whose, past, told = (_log(now), who()), now.review, _redrawn()
    in_memory = bool(now.store_trouble)  # else the entry is one of the store, and no place in this review
    done = _through(
        lambda kept: write(kept, whose),
        lambda: instead(past) if in_memory else past,
    )
    if done and now.review.acts and now.review != past:
        done_so = text or f"{now.review.in_words(now.review.acts[-1])}."
        now.notice = Notice(f"{done_so}{told()}", back=_undo_it())


def _redrawn() -> Callable[[], str]:
    """What to say, once an act is done, of steps that draw rows and take others then than now."""
    now = session()
    past = now.review
    if not any(one.action in steps.DRAWS for one in past.decisions) or to_follow() is not None:
        return str
    before = settled()

    def other_rows() -> str:
        words = steps.redrawn(past, before, now.review, settled())
        return f" Other rows than before are taken by: {'; '.join(words)}." if words else ""

    return other_rows


def undo_to(event: int) -> None:
    """Take back every batch after the history entry ``event``; 0 takes back all."""
    now = session()
    fingerprint, past, told = _log(now), now.review, _redrawn()
    in_memory = bool(now.store_trouble) or not event
    if _through(
        lambda kept: kept.undo_to(fingerprint, who(), event, past),
        lambda: past.undo_to(event - 1) if in_memory else past,
    ):
        now.notice = Notice(f"Undone. Redo brings it back, step by step.{told()}", redo, "Redo")


def history() -> tuple[LogEntry, ...]:
    """Every batch ever taken, oldest first. Raises `StoreError`; in memory, only what this session knows.

    Where another tab went on, what it did is taken up, and the page is drawn anew.
    """
    now = session()
    if now.store_trouble:
        off = now.review.off
        said = enumerate(now.review.batches, 1)
        return tuple(entry_of(at, batch, undone=False, off=at - 1 in off) for at, batch in said)
    with now.lock:
        log = store().log(_log(now), who())
        fresh = log.review()
        if went_on := fresh != now.review:
            now.review, now.turn = fresh, now.turn + 1
    if went_on:
        st.rerun()
    return log.entries()


def _log(now: Session) -> str:
    """What the decisions of now are kept under."""
    return key_of(open_dataset().fingerprint, now.log)


def _through(write: Callable[[Store], Review], instead: Callable[[], Review]) -> bool:
    """Take the review that the store gives; from its first failure on, the one in memory. False where the
    store refuses what is asked for, as it has changed in another tab: the review is then as the store has it.
    """
    now = session()
    with now.lock:
        answer = StoreError() if now.store_trouble else attempt(lambda: write(store()))
        if isinstance(answer, CoreError) and not isinstance(answer, StoreError):
            now.notice, now.turn = Notice(str(answer), refused=True), now.turn + 1
            fresh = attempt(lambda: store().review(_log(now), who()))
            now.review = now.review if isinstance(fresh, CoreError) else fresh
            return False
        if isinstance(answer, CoreError):
            now.store_trouble = now.store_trouble or str(answer)
            answer = instead()
        now.review = answer
        now.turn += 1
    return True
