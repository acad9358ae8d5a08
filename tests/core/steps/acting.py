"""Rules followed on a table in a few words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.review import Review
from core.rowset import RowSet
from core.settled import Settled
from core.steps import settle
from tests.make import dataset


def rule(action: str, column: str = "", rows: Any = None, learned: Any = None, **settings: Any) -> Decision:
    """One rule, on all rows by default."""
    held = RowSet() if rows is None else rows
    return Decision(action, held, column=column, settings=settings, learned=learned or {})


def after(data: Dataset | pd.DataFrame, *decisions: Decision) -> tuple[Dataset, Settled]:
    """The data as decided, and where the decisions leave them. None of them may be passed over."""
    source = dataset(data) if isinstance(data, pd.DataFrame) else data
    review = Review().say(*decisions)
    settled = settle(review.decisions, source)
    assert not settled.passed, settled.passed
    return as_decided(source, review), settled


def values(data: Dataset, column: str) -> list[Any]:
    """A column's values, None where missing."""
    listed: list[Any] = data.table([column])[column].to_pylist()
    return listed


def refused(data: Dataset | pd.DataFrame, decision: Decision) -> str:
    """Why a rule cannot hold; nothing may have changed."""
    source = dataset(data) if isinstance(data, pd.DataFrame) else data
    settled = settle([decision], source)
    assert list(settled.passed) == [0] and not settled.contents and not settled.effects
    assert not len(settled.dropped) and as_decided(source, Review().say(decision)) is source
    said = settled.passed[0]
    assert said.endswith((".", "?")) and "\n" not in said
    return said
