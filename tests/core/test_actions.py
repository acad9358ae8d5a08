"""One table of actions: a new entry is parsed, counted, exported and put in words, with nothing else
changed.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from core.actions import ACTIONS, Action, keyed
from core.decision import Decision
from core.decision_words import in_words
from core.errors import RecipeError
from core.export import export
from core.finding import Finding
from core.prepare import fixes
from core.review import Review
from core.rowset import RowSet
from core.steps import settle
from tests.make import dataset

HOLD = Action(
    word="hold",
    label="Hold back",
    done="Held {} back",
    icon="pause",
    on="rows",
    does="The row waits for another delivery.",
    counted="held",
    heading="Held back",
    key="H",
    exported=False,
)


def test_words_keys_and_counts_are_told_apart() -> None:
    keys = [action.key for action in ACTIONS.values() if action.key]
    counted = [action.counted for action in ACTIONS.values() if action.counted]
    assert len(set(keys)) == len(keys) and len(set(counted)) == len(counted)
    assert not set(keys) & {*"0123456789", "S", "U"}, "digits, skip and undo have keys of their own"
    for word, action in ACTIONS.items():
        assert action.word == word and "{}" in action.done and action.does.endswith(".")
        assert bool(action.counted) == bool(action.heading) and action.ends in ("", *ACTIONS)


def test_an_action_added_to_the_table_works_everywhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plain = {"action": "hold", "ranges": [[1, 3]]}
    with pytest.raises(RecipeError, match="hold"):
        Decision.from_json(plain)
    monkeypatch.setitem(ACTIONS, "hold", HOLD)
    assert keyed()["H"] is HOLD
    decision = Decision.from_json(plain)
    assert Decision.from_json(json.loads(json.dumps(decision.to_json()))) == decision
    assert in_words((decision,)) == "Held 2 rows back"
    data = dataset(pd.DataFrame({"n": range(5)}))
    settled = settle(Review().say(decision, Decision("keep", RowSet([0]))).decisions, data)
    assert settled.counts()["held"] == 2 and settled.counts()["after"] == 3
    assert list(settled.decided) == [0, 1, 2] and list(settled.by(HOLD)) == [1, 2]
    made = export(data, Review().say(decision), tmp_path, format="csv")
    assert pd.read_csv(made.cleaned)["n"].tolist() == [0, 3, 4] and made.counts["held"] == 2
    finding = Finding("odd", "", "info", 0.5, "", "", RowSet([1, 2]), action="hold")  # type: ignore[arg-type]
    assert fixes.label(finding) == "Hold 2 rows back" and fixes.asks_for_rows(finding)
    assert fixes.decisions(data, finding)[0].action == "hold" and fixes.done(finding, settled)


@pytest.mark.parametrize(
    ("batch", "words"),
    [
        ([Decision("keep", RowSet([1]))], "Kept 1 row"),
        ([Decision("defer", RowSet([1, 2]))], "Sent 2 rows to review"),
        ([Decision("weight", RowSet([1]), 0.5)], "Weighted 1 row: 0.5"),
        ([Decision("omit", RowSet(), column=name) for name in "ab"], "Left out 'a' and 'b'"),
        ([Decision("include", RowSet(), column="a")], "Took in 'a' again"),
        (
            [
                Decision("relabel", RowSet([at]), word, column="town")
                for at, word in enumerate(("Rome", "Oslo"))
            ],
            "Relabelled 2 rows: 'town' → 'Rome' and 1 more",
        ),
    ],
)
def test_a_step_of_the_history_in_words(batch: list[Decision], words: str) -> None:
    assert in_words(tuple(batch)) == words


@pytest.mark.parametrize("rows", [{"ranges": [[0, 10**12]]}, {"ranges": [[0, 10**30]]}])
def test_a_decision_about_rows_beyond_the_data_is_refused_at_once(rows: dict[str, object]) -> None:
    data = dataset(pd.DataFrame({"n": range(5)}))
    with pytest.raises(RecipeError):
        settle(Review().say(Decision.from_json({"action": "drop", **rows})).decisions, data)
