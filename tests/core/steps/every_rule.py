"""Decisions on a table to draw from: of every kind of rule in the catalogue with each of its choices, so that
a new kind is among them by itself; and on rows, cells and columns.
"""

from __future__ import annotations

from typing import Any

from core.actions import ACTIONS
from core.dataset import Dataset
from core.decision import Decision
from core.filters import Filter
from core.rowset import RowSet
from core.settings import Knob
from core.steps import kinds
from core.steps.kind import Kind


def every_rule(data: Dataset) -> tuple[Decision, ...]:
    """Of every kind, on every column that it takes, with each of its choices and switches."""
    made = []
    for word, kind in kinds().items():
        whole = ACTIONS[word].on == "table"
        for column in [""] if whole else [name for name in data.names if kind.takes(data[name])]:
            made += [Decision(word, RowSet(), column=column, settings=given) for given in _given(kind, data)]
    return tuple(made)


def _given(kind: Kind, data: Dataset) -> list[dict[str, Any]]:
    """Settings of a kind: its defaults, and each other choice of each setting by itself."""
    needed = {name: value for name, knob in kind.settings.knobs().items() for value in _words(name, knob)}
    given = [needed]
    for name, knob in kind.settings.knobs().items():
        default = kind.settings.__dataclass_fields__[name].default
        others: list[Any] = [choice for choice in knob.choices if choice != default]
        if isinstance(default, bool):
            others = [not default]
        if knob.kinds:
            fitting = [one for one in data.names if data[one].kind in knob.kinds]
            others = [[one] if knob.many else one for one in fitting[:3]]
        given += [{**needed, name: other} for other in others]
    return given


def _words(name: str, knob: Knob) -> list[Any]:
    """What a setting gets that a person types."""
    if not knob.typed:
        return []
    return [{"34": "35", "Oslo": None}] if knob.many else ["1" if name in ("low", "value", "find") else "z1"]


def single(rows: int) -> tuple[Decision, ...]:
    """Decisions on rows, cells and columns, by place and by filter; rows are dropped and taken back."""
    half = Filter.parse("age >= 34")
    return (
        Decision("drop", RowSet([1, 3])),
        Decision("drop", RowSet(range(0, rows, 2))),
        Decision("drop", half),
        Decision("keep", RowSet([0, 1, 2, rows - 1])),
        Decision("keep", RowSet(range(rows))),
        Decision("defer", RowSet([3])),
        Decision("weight", RowSet([3]), 2.0),
        Decision("omit", RowSet(), column="note"),
        Decision("relabel", RowSet([2]), "Bodø", column="town"),
        Decision("relabel", half, "41", column="age"),
        Decision("blank", RowSet([0, 4]), column="age"),
        Decision("blank", Filter.parse("duplicate of town"), column="town"),
    )
