"""What was decided about the labels of a former target is not about those of now, whatever columns are called
since.
"""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from components import former_targets
from core.dataset import Dataset
from core.decision import Decision
from core.review import Review
from core.rowset import RowSet
from core.steps import settle
from core.workspace import load


def data(target: str) -> Dataset:
    frame = pd.DataFrame({"y": list("ababab"), "z": list("ccddcc"), "x": range(6)})
    return load(frame, target=target, name="two targets")


def rename(old: str, new: str) -> Decision:
    return Decision("rename", RowSet(), column=old, settings={"to": new})


def keep(row: int, column: str) -> Decision:
    return Decision("keep", RowSet([row]), finding=f"wrong_labels:{column}")


def relabel(row: int, column: str) -> Decision:
    return Decision("relabel", RowSet([row]), "b", column=column, finding=f"wrong_labels:{column}")


TO, ON = rename("y", "y1"), rename("y1", "y2")
SAID = Review().say(TO).say(keep(1, "y1"))


@pytest.mark.parametrize(
    ("target", "review", "decided"),
    [
        ("y", SAID, {1}),
        ("y", SAID.switch(0, on=False), {1}),
        ("y", SAID.say(ON), {1}),
        ("y", SAID.edit(0, rename("y", "y3")), {1}),
        ("y", Review().say(keep(1, "y")).say(TO), {1}),
        ("z", SAID, set()),
        ("z", SAID.switch(0, on=False), set()),
        ("z", SAID.say(ON), set()),
        ("z", Review().say(relabel(2, "y")).say(TO).say(keep(1, "y1")), set()),
        ("y", Review().say(relabel(2, "y")).say(TO).say(keep(1, "y1")), {1, 2}),
        ("z", Review().say(TO).say(relabel(2, "y1")).say(ON), set()),
        ("y", Review().say(TO).say(rename("z", "y")).say(keep(1, "y")), set()),
        ("z", Review().say(TO).say(rename("z", "y")).say(keep(1, "y")), {1}),
    ],
)
def test_columns_are_known_again_by_that_of_the_source(
    target: str, review: Review, decided: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A renamed target was a former target of itself once that was undone, and another one was none."""
    loaded = data(target)
    settled = settle(review.decisions, loaded)
    assert not settled.passed.keys() - {0}
    monkeypatch.setattr(former_targets, "session", lambda: SimpleNamespace(review=review))
    monkeypatch.setattr(former_targets.as_decided, "settled", lambda: settled)
    assert {*former_targets.decided_labels(loaded).ids.tolist()} == decided
    about = former_targets.about_target(review.decisions, loaded)
    of_labels = [now for one, now in zip(review.decisions, about, strict=True) if one.finding]
    assert of_labels == [bool(decided)] * len(of_labels)
