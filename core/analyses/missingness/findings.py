"""What is said of gaps that are not missing completely at random."""

from __future__ import annotations

import numpy as np

from core.analyses.missingness.gaps import ColumnGaps
from core.analyses.missingness.maths import GapModel
from core.finding import Finding
from core.phrases import column_of, left_out, name
from core.rowset import RowSet

LEAST_AUC = 0.6
NEARLY_EMPTY = 0.95  # share of missing values from which a column is offered to be left out


def not_mcar(gap: ColumnGaps, model: GapModel, rows: RowSet, partner: str) -> Finding:
    """Other columns predict which values are missing. partner: the column that this one is mostly missing
    together with, or ""."""
    together = f" It is mostly missing together with {name(partner)}." if partner else ""
    empty = gap.share >= NEARLY_EMPTY
    marked = f"data[{gap.name + ' is missing'!r}] = {column_of(gap.name)}.isna()"
    return Finding(
        code="not_mcar",
        title=f"{name(gap.name)} is not missing completely at random (MCAR): other columns predict where it "
        f"is missing, AUC {model.auc:.2f} ({model.low:.2f} to {model.high:.2f}), noise floor "
        f"{model.noise:.2f}.{together}",
        severity="warning",
        score=float(np.clip(2.0 * model.auc - 1.0, 0.0, 1.0)),
        why="The rows that have the value differ from those that lack it, so dropping rows or imputing one "
        "value biases what is learned.",
        suggestion="Impute from other columns rather than with one value, and keep a column that says what "
        "was missing.",
        rows=rows,
        columns=(gap.name,),
        value=model.auc,
        measure="AUC of being missing, by other columns",
        limit=LEAST_AUC,
        noise=model.noise,
        n=model.n,
        action="omit" if empty else "",
        fix=left_out(gap.name) if empty else marked,
    )
