"""What is said of copies: that they are there, that they lie on both sides of the split, that labels
disagree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.finding import Finding, ranked
from core.phrases import count, name, percent
from core.rowset import RowSet

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Copies:
    """What is said something of, per row: whether it is a copy to drop, whether surely, whether it is of
    serve with a copy in train, whether a copy has another label; and the column of labels.
    """

    excess: Mask
    sure: Mask
    across: Mask
    conflict: Mask
    target: str


def findings(result: Copies) -> tuple[Finding, ...]:
    """``image_copies``, ``image_copies_possible``, ``image_copies_across_parts``,
    ``image_copies_conflict``.
    """
    rows = max(1, result.excess.size)
    found = []
    for certain in (True, False):
        excess = result.excess & (result.sure == certain)
        if excess.any():
            found.append(_copies(excess, rows) if certain else _possible(excess, rows))
    if result.across.any():
        found.append(
            Finding(
                code="image_copies_across_parts",
                title=f"{count(int(result.across.sum()), 'serve image')} "
                f"{'has' if result.across.sum() == 1 else 'have'} a copy in train",
                severity="critical",
                score=min(1.0, 0.6 + float(result.across.sum()) / rows),
                why="A model has seen them: what is measured on serve is too good.",
                suggestion="Keep copies on one side of the split.",
                rows=RowSet.from_mask(result.across),
                value=float(result.across.sum()),
                measure="serve images with a copy in train",
                n=rows,
                action="drop",
            )
        )
    if result.conflict.any():
        found.append(
            Finding(
                code="image_copies_conflict",
                title=f"{count(int(result.conflict.sum()), 'image')} have a copy with another "
                f"{name(result.target)}",
                severity="warning",
                score=min(1.0, 0.5 + float(result.conflict.sum()) / rows),
                why="One picture cannot be two things: at least one of the labels is wrong.",
                suggestion="Look at each group, and relabel or drop.",
                rows=RowSet.from_mask(result.conflict),
                beside=(result.target,),
                value=float(result.conflict.sum()),
                measure="images",
                n=rows,
            )
        )
    return ranked(found)


def _copies(excess: np.ndarray, rows: int) -> Finding:
    share = float(excess.sum()) / rows
    return Finding(
        code="image_copies",
        title=f"{_copy('is', 'are', excess)} of others ({percent(share)})",
        severity="warning" if share >= 0.01 else "info",
        score=min(1.0, 0.3 + share),
        why="Copies count several times, and on both sides of a random split they make a model look better.",
        suggestion="Keep the largest and least compressed of each group.",
        rows=RowSet.from_mask(excess),
        value=float(excess.sum()),
        measure="images besides one of each group",
        n=rows,
        action="drop",
    )


def _copy(one: str, many: str, excess: np.ndarray) -> str:
    """So many images are copies."""
    amount = int(excess.sum())
    return f"{count(amount, 'image')} {f'{one} a copy' if amount == 1 else f'{many} copies'}"


def _possible(excess: np.ndarray, rows: int) -> Finding:
    return Finding(
        code="image_copies_possible",
        title=f"{_copy('may be', 'may be', excess)} of others",
        severity="info",
        score=0.2,
        why="They are much nearer to another image than images of this set are to each other.",
        suggestion="Look at them side by side.",
        rows=RowSet.from_mask(excess),
        value=float(excess.sum()),
        measure="images besides one of each group",
        n=rows,
        action="drop",
    )
