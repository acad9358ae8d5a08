"""The findings that decisions mended, or that another one explains now."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.state import session
from components.text import plain, shortened
from components.widgets import answered
from core import decision_words
from core.finding import Finding
from core.finding_words import number_in_words
from core.phrases import count, verb
from core.resolved import Resolved

ELSEWHERE = "Findings that other pages list are not among these: Prepare and the report count all of them."


def in_words(mended: Sequence[Resolved], eased: int = 0, here: bool = True) -> str:
    """How many findings that needed attention decisions mended, and how many notes, which are counted apart
    while they are open, too; "" for none. eased: how many that needed attention are only notes now. here:
    whether those that other pages listed are not counted.

    >>> gone, note = (Resolved(Finding("a", "", level, 0.5, "", ""), ()) for level in ("warning", "info"))
    >>> in_words([gone])
    '1 finding of those listed here is resolved'
    >>> in_words([gone, gone, note])
    '2 findings and 1 note of those listed here are resolved'
    >>> in_words([gone, note, note], here=False), in_words([note, note], here=False)
    ('1 finding and 2 notes resolved', '2 notes resolved')
    >>> in_words([note]), in_words([])
    ('1 note of those listed here is resolved', '')
    >>> in_words([gone, note], 1, here=False), in_words([], 2)
    ('1 finding and 1 note resolved; 1 is only a note now', '2 are only notes now')
    """
    left = f"{count(eased)} {verb(eased, 'is only a note', 'are only notes')} now" if eased else ""
    return "; ".join(filter(None, (_in_words(mended, here), left)))


def _in_words(mended: Sequence[Resolved], here: bool) -> str:
    done = [one for one in mended if one.mended]
    if not done:
        return ""
    are = f" {verb(len(done), 'is', 'are')}" if here else ""
    return f"{_listed(done, here)}{are} resolved"


def _listed(done: Sequence[Resolved], here: bool) -> str:
    """How many findings, and how many notes, decisions mended. here: as of `in_words`."""
    return f"{number_in_words([one.finding.severity for one in done])}{' of those listed here' * here}"


def view(mended: Sequence[Resolved], here: bool = True) -> None:
    """The findings that decisions mended: what each said, and by which decision; then, with their number,
    those that another finding explains now, or in which they go on, and those that the checks no longer make
    though most of their rows are as they were. here: as of `in_words`.
    """
    if not mended:
        return
    _answered(mended)
    done = [one for one in mended if one.mended]
    stand = [one for one in mended if one.stand]
    explained = [one for one in mended if not one.mended and not one.stand]
    parts = [f"Resolved: {_listed(done, here)}"] if done else []
    parts += [f"{'now' if done else 'Now'} part of another: {count(len(explained))}"] if explained else []
    parts += [f"{'n' if parts else 'N'}o longer found, rows unchanged: {count(len(stand))}"] if stand else []
    with st.expander("; ".join(parts), icon=":material/task_alt:"):
        if here and done:
            st.caption(ELSEWHERE)
        for one in (*done, *explained, *stand):
            icon = ":green[:material/check_circle:]" if one.mended else ":gray[:material/arrow_right_alt:]"
            st.markdown(f"{icon} :gray[{plain(one.finding.title, 200)}]")
            note = "Note. " if one.mended and one.finding.severity == "info" else ""
            st.caption(plain(f"{note}{_became(one)}", 400))


def _answered(mended: Sequence[Resolved]) -> None:
    """The answer to the last click, and Undo, where the finding that was clicked beside is now resolved."""
    now = session()
    notice, last = now.notice, now.review.acts[-1] if now.review.acts else ()
    if notice is None or notice.back is None or notice.label != "Undo" or notice.answered or not notice.here:
        return
    if not isinstance(last, tuple):
        return
    if not any(decision in one.decisions for one in mended for decision in last):
        return
    notice.answered = True
    answered.line(notice, "resolved")


def _became(one: Resolved) -> str:
    """How many rows there were, and what was decided; or which finding explains it now.

    >>> from core.finding import Finding
    >>> from core.decision import Decision
    >>> from core.rowset import RowSet
    >>> found = Finding("codes", "", "info", 0.5, "", "", rows=RowSet(range(37)), columns=("x",))
    >>> _became(Resolved(found, (Decision("blank", found.rows, column="x"),)))
    "Was 37 rows; no longer found. Made 37 cells missing: 'x'."
    >>> total = Finding("total_rows", "The last row is likely a total", "info", 0.5, "", "")
    >>> _became(Resolved(found, (), total))
    'Now part of: The last row is likely a total.'
    >>> _became(Resolved(found, (Decision("drop", RowSet([3])),), total, 36))
    'Was 37 rows. Dropped 1 row. 36 of them are told of in: The last row is likely a total.'
    >>> _became(Resolved(found, (Decision("drop", RowSet([3])),), stand=36))
    'Was 37 rows. Dropped 1 row. 36 of them are as they were: the check does not count them any more.'
    """
    if one.within is not None and one.left:
        return _went_on(one, one.within)
    if one.stand:
        return _stands(one)
    part = "" if one.within is None else f"ow part of: {shortened(one.within.title.rstrip('.'), 140)}."
    if not one.mended:
        return f"N{part}"
    rows, gone = len(one.finding.rows), "" if part or not one.decisions else "; no longer found"
    was = f"Was {count(rows, 'row')}{gone}. " if rows else ""
    if not one.decisions:
        return (
            f"{was}No longer found when checked again; no decision was about columns or rows that it names."
        )
    words = list(dict.fromkeys(decision_words.in_words((decision,)) for decision in one.decisions))
    more = f", and {count(len(words) - 3)} more" if len(words) > 3 else ""
    rest = f" What is left is n{part}" if part else ""
    return f"{was}{'; '.join(words[:3])}{more}.{rest}"


def _went_on(one: Resolved, within: Finding) -> str:
    """How many rows there were, what was decided, and in which finding the rest is told of now."""
    rest = f"{count(one.left)} of them {verb(one.left, 'is', 'are')} told of in: "
    return f"{_was(one)} {rest}{shortened(within.title.rstrip('.'), 140)}."


def _stands(one: Resolved) -> str:
    """How many rows there were, what was decided, and how many of them it left as they were."""
    some = one.stand
    rest = f"{verb(some, 'is as it was', 'are as they were')}: the check does not count"
    return f"{_was(one)} {count(some)} of them {rest} {verb(some, 'it', 'them')} any more."


def _was(one: Resolved) -> str:
    """How many rows there were, and what was decided."""
    words = list(dict.fromkeys(decision_words.in_words((decision,)) for decision in one.decisions))
    more = f", and {count(len(words) - 3)} more" if len(words) > 3 else ""
    what = f". {'; '.join(words[:3])}{more}" if words else ""
    return f"Was {count(len(one.finding.rows), 'row')}{what}."
