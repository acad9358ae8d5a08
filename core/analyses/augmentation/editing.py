"""A pipeline changed step by step, as cards on a page. Each function gives a new list and leaves the one
given as it is.

A place is a path of positions: (2,) the third step, (2, 0) the first within that one, which is a group.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.analyses.augmentation.operations import OPERATIONS
from core.analyses.augmentation.pipeline import GROUPS

Steps = list[dict[str, Any]]
Place = tuple[int, ...]
_SURPRISES = ("fog", "rain", "snow")  # never drawn: they suit few sets


def added(steps: Sequence[Any], group: Place, op: str) -> Steps:
    """With an operation or group at the end, or at the end of the group at ``group``; an empty group does
    nothing until it is filled.

    >>> added([{"op": "blur"}], (), "one_of")
    [{'op': 'blur'}, {'op': 'one_of', 'p': 1.0, 'steps': []}]
    """
    made = _copy(steps)
    new: dict[str, Any] = {"op": op, "p": 1.0}
    if op in GROUPS:
        new |= {"steps": []} | ({"n": 1} if op == "some_of" else {})
    _list_at(made, group).append(new)
    return made


def removed(steps: Sequence[Any], place: Place) -> Steps:
    """Without the step there."""
    made = _copy(steps)
    del _list_at(made, place[:-1])[place[-1]]
    return _fitting(made)


def moved(steps: Sequence[Any], place: Place, by: int) -> Steps:
    """With the step there so many places further down within its list, as far as the list goes.

    >>> moved([{"op": "blur"}, {"op": "noise"}], (1,), -1)
    [{'op': 'noise'}, {'op': 'blur'}]
    """
    made = _copy(steps)
    among = _list_at(made, place[:-1])
    step = among.pop(place[-1])
    among.insert(min(max(0, place[-1] + by), len(among)), step)
    return made


def changed(steps: Sequence[Any], place: Place, field: str, to: Any) -> Steps:
    """With one field of the step there set: ``on``, ``p``, ``n`` or a range."""
    made = _copy(steps)
    _list_at(made, place[:-1])[place[-1]][field] = to
    return _fitting(made)


def surprise(seed: int) -> Steps:
    """Three to five operations, drawn; the same for the same seed.

    >>> surprise(1) == surprise(1), surprise(1) == surprise(2)
    (True, False)
    """
    draw = np.random.default_rng(seed)
    offered = [op for op in OPERATIONS if op not in _SURPRISES]
    drawn = draw.choice(len(offered), int(draw.integers(3, 6)), replace=False)
    return [
        {"op": offered[at], "p": float(draw.choice([0.3, 0.5, 0.7, 1.0]))} for at in sorted(drawn.tolist())
    ]


def _copy(steps: Sequence[Any]) -> Steps:
    return copy.deepcopy(list(steps))


def _list_at(steps: Steps, group: Place) -> Steps:
    for at in group:
        steps = steps[at]["steps"]
    return steps


def _fitting(steps: Steps) -> Steps:
    """No group draws more steps than are switched on in it."""
    for step in steps:
        if step.get("op") in GROUPS:
            inside = _fitting(step["steps"])
            if step["op"] == "some_of":
                step["n"] = min(step.get("n", 1), max(1, sum(one.get("on", True) for one in inside)))
    return steps
