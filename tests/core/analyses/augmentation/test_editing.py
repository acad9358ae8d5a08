"""Steps are added, moved, changed and removed, within groups too; what is left is a pipeline."""

from __future__ import annotations

from typing import Any

from core.analyses.augmentation.editing import added, changed, moved, removed, surprise
from core.analyses.augmentation.pipeline import built, checked

STEPS: list[dict[str, Any]] = [
    {"op": "blur"},
    {"op": "some_of", "n": 2, "steps": [{"op": "noise"}, {"op": "rotate"}]},
]


def test_steps_move_within_their_list_and_no_further() -> None:
    assert [one["op"] for one in moved(STEPS, (0,), 1)] == ["some_of", "blur"]
    assert moved(STEPS, (0,), -1) == STEPS
    inside = moved(STEPS, (1, 1), -1)[1]["steps"]
    assert [one["op"] for one in inside] == ["rotate", "noise"]
    assert [one["op"] for one in STEPS[1]["steps"]] == ["noise", "rotate"], "the given list stays"


def test_a_group_draws_no_more_than_it_has() -> None:
    assert removed(STEPS, (1, 0))[1] == {"op": "some_of", "n": 1, "steps": [{"op": "rotate"}]}
    off = changed(STEPS, (1, 0), "on", False)
    assert off[1]["n"] == 1 and checked(off)[1]["steps"] == [
        {"op": "rotate", "p": 1.0, "amount": (-15.0, 15.0)}
    ]


def test_a_group_without_steps_does_nothing_and_is_none() -> None:
    for group in ("some_of", "one_of", "in_order"):
        empty = added(STEPS, (), group)
        assert checked(empty) == checked(STEPS)
        filled = checked(added(empty, (2,), "blur"))
        assert filled[2]["op"] == group and filled[2]["steps"] == [
            {"op": "blur", "p": 1.0, "amount": (0.0, 1.5)}
        ]
        built(filled)


def test_every_surprise_is_a_pipeline() -> None:
    drawn = [surprise(seed) for seed in range(40)]
    assert all(3 <= len(checked(steps)) <= 5 for steps in drawn)
    assert len({str(steps) for steps in drawn}) == 40
