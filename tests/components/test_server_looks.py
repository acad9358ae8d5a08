"""Which look of Labels counts: that after the most decisions, of those that all stand; how many are kept."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from components import server_looks
from components.judged import LabelLook
from components.server_looks import ServerLooks
from core.decision import Decision
from core.rowset import RowSet
from core.run import ResultMemo
from core.settings import Settings

KEY = ("fingerprint", "version")
ONE, TWO, THREE = (Decision("drop", RowSet([row])) for row in (1, 2, 3))


def look(*past: Decision, nbytes: int = 10) -> LabelLook:
    found: Any = SimpleNamespace(result=SimpleNamespace(nbytes=nbytes))
    return LabelLook(past, found)


def test_a_look_counts_while_all_its_decisions_stand_and_were_taken_first() -> None:
    known = ServerLooks()
    looks = [look(), look(ONE), look(ONE, TWO)]
    for one in reversed(looks):
        known.put(KEY, one)
    assert known.after(KEY, [ONE, TWO, THREE], LabelLook) == looks
    assert known.after(KEY, [ONE, THREE], LabelLook) == looks[:2]
    assert known.after(KEY, [TWO, ONE], LabelLook) == looks[:1]
    assert known.after(("fingerprint", "another"), [ONE], LabelLook) == []
    again = look(ONE)
    known.put(KEY, again)
    assert known.after(KEY, [ONE], LabelLook)[-1] is again, "in the place of the one before"
    known.forget("another")
    assert len(known.after(KEY, [ONE, TWO], LabelLook)) == 3
    turn = known.turn
    known.forget("fingerprint")
    assert known.after(KEY, [ONE, TWO], LabelLook) == [] and known.turn > turn


def test_looks_and_other_results_together_keep_to_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """They came on top: a quarter more than the limit."""
    monkeypatch.setenv("WINNOW_RESULTS_MB", "8")
    memo, looks = ResultMemo(), ServerLooks()
    for turn in range(12):
        result: Any = SimpleNamespace(nbytes=1_000_000)
        memo.put((str(turn), "", "", Settings()), result)
        looks.put(KEY, look(Decision("drop", RowSet([turn])), nbytes=1_000_000))
    assert len(memo._kept) == 6 and len(looks._kept) == 2


def test_looks_not_asked_for_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_looks, "RESULTS_MB", SimpleNamespace(value=4))  # a quarter is a million bytes
    known = ServerLooks()
    known.put(KEY, look(nbytes=400_000))
    known.put(KEY, look(TWO, nbytes=400_000))
    known.after(KEY, [], LabelLook)
    known.put(KEY, look(ONE, nbytes=400_000))
    assert [one.past for one in known.after(KEY, [ONE], LabelLook)] == [(), (ONE,)]
    assert [one.past for one in known.after(KEY, [TWO], LabelLook)] == [()]
    known.put(KEY, look(THREE, nbytes=2_000_000))
    assert [one.past for one in known.after(KEY, [THREE], LabelLook)] == [(THREE,)], (
        "the newest stays, however large"
    )
