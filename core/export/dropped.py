"""What the file of dropped rows says besides the rows: where each stood in the source, and why it was
dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.finding import key_in_words
from core.review import Decision, in_words
from core.rowset import RowSet
from core.settled import Settled

if TYPE_CHECKING:
    import pandas as pd

Block = list[list[Any]]
ROW, REASON = "source_row", "reason"
NO_REASON = "by hand, no reason given"


@dataclass(frozen=True, eq=False)
class Reasons:
    """Why rows were dropped.

    codes: int32, per row of the data set a place in ``texts``; -1 where nothing was said of the row.
    """

    codes: NDArray[np.int32]
    texts: tuple[str, ...]

    @classmethod
    def nothing(cls) -> Reasons:
        """No reasons, of no rows."""
        return cls(np.zeros(0, np.int32), ())

    def columns(self, numbers: NDArray[np.int64], text: bool) -> Block:
        """Positions in the source (0-based; behind it those of added rows) and reasons of these rows.

        text: the positions as text.
        """
        rows: list[Any] = numbers.tolist()
        reasons = [self.texts[code] if code >= 0 else "" for code in self.codes[numbers]]
        return [list(map(str, rows)) if text else rows, reasons]


def reasons(decisions: Sequence[Decision], settled: Settled) -> Reasons:
    """Per row the decision that set its status last: its reason, else the finding behind it, else the rule
    that took the row; that none was given where a person dropped it by hand.
    """
    codes = np.full(settled.status.size, -1, np.int32)
    texts: dict[str, int] = {}
    for place, decision in enumerate(decisions):
        if decision.kind.status:
            rows = settled.touched.get(place)
        else:
            effect = settled.effects.get(place) if decision.kind.on == "table" else None
            rows = effect.rows & settled.dropped if effect is not None else None
        if rows is not None and len(rows):
            codes[rows.ids] = texts.setdefault(decision.why or _cause(decision), len(texts))
    return Reasons(codes, tuple(texts))


def _cause(decision: Decision) -> str:
    if decision.finding:
        return key_in_words(decision.finding)
    by_hand = decision.kind.on == "rows" and isinstance(decision.rows, RowSet)
    return NO_REASON if by_hand else in_words((decision,))


def free(names: Sequence[str | None]) -> list[str]:
    """The names of the two columns, with a number behind where a column has them already."""
    taken, chosen = set(names), []
    for wanted in (ROW, REASON):
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted}_{number}", number + 1
        chosen.append(name)
    return chosen


def with_reasons(
    blocks: Iterator[Block], why: Reasons, numbers: NDArray[np.int64], text: bool
) -> Iterator[Block]:
    """The blocks with both columns behind the others. numbers: of their rows in the data set."""
    at = 0
    for block in blocks:
        here = numbers[at : at + len(block[0])]
        yield [*block, *why.columns(here, text)]
        at += here.size


def framed(frame: pd.DataFrame, why: Reasons, numbers: NDArray[np.int64]) -> pd.DataFrame:
    """The same for a frame."""
    rows, texts = why.columns(numbers, text=False)
    row, reason = free(list(frame.columns))
    return frame.assign(**{row: rows, reason: texts})
