"""What is said of gaps: those that another column decides, and those that other columns predict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.missingness.gaps import ColumnGaps
from core.analyses.missingness.maths import Floats, GapModel
from core.dataset import Dataset
from core.finding import Finding
from core.phrases import column_of, left_out, name, score
from core.prepare.filling import filling_in
from core.prepare.lacked import rows_with
from core.prepare.structural_finding import structural
from core.prepare.unlabelled import of_target
from core.rowset import RowSet

LEAST_AUC = 0.6
TOGETHER = 0.8  # nullity correlation from which two columns are said to be missing together
NEARLY_EMPTY = 0.95  # share of missing values from which a column is offered to be left out


def findings(dataset: Dataset, gaps: tuple[ColumnGaps, ...], phi: Floats) -> list[Finding]:
    """Structural gaps, and columns that are not missing completely at random; nothing of what is measured of
    images, which is missing where an image cannot be read, or a measure does not apply to it.
    """
    found: list[Finding] = []
    within = rows_with(dataset, [gap.name for gap in gaps])
    for place, gap in enumerate(gaps):
        if gap.name in dataset.measured:
            continue
        known = gap.model is not None or gap.by is not None
        having = within.get(gap.name)
        rows = _missing(dataset, gap.name, having) if known else RowSet()
        if gap.by is not None:
            of = dataset.rows if having is None else int(having.sum())
            found.append(structural(dataset[gap.name], of, gap.by, rows))
        elif gap.model and gap.model.low > gap.model.noise and gap.model.auc >= LEAST_AUC and gap.q < 0.05:
            found.append(
                not_mcar(gap, gap.model, rows, _partner(gaps, phi, place), filling_in(dataset, gap.name))
            )
    return [of_target(dataset, one) for one in found]


def _missing(dataset: Dataset, column: str, having: NDArray[np.bool_] | None) -> RowSet:
    """The rows without a value in the column, of those that have it (all where None)."""
    mask = dataset.table([column]).column(0).is_null().to_numpy()
    return RowSet.from_mask(mask if having is None else mask & having)


def _partner(gaps: tuple[ColumnGaps, ...], phi: Floats, place: int) -> str:
    """The column that it is mostly missing together with, or ""."""
    if place >= len(phi):
        return ""
    others = np.where(np.arange(len(phi)) == place, -1.0, np.nan_to_num(phi[place]))
    best = int(others.argmax())
    return gaps[best].name if others[best] >= TOGETHER else ""


def _advice(fill: Mapping[str, Any]) -> str:
    """What to do, and what of it the click does."""
    does = " The click is the short way: it adds that column, and fills in one value." if fill else ""
    return (
        "Impute from other columns rather than with one value, and keep a column that says what was "
        f"missing.{does}"
    )


def not_mcar(
    gap: ColumnGaps,
    model: GapModel,
    rows: RowSet,
    partner: str,
    fill: Mapping[str, Any],
) -> Finding:
    """Other columns predict which values are missing. partner: the column that this one is mostly missing
    together with, or "". fill: the rule that fills it (`filling_in`).
    """
    together = f" It is mostly missing together with {name(partner)}." if partner else ""
    empty = gap.share >= NEARLY_EMPTY
    marked = f"data[{gap.name + ' is missing'!r}] = {column_of(gap.name)}.isna()"
    return Finding(
        code="not_mcar",
        title=f"{name(gap.name)} is not missing completely at random (MCAR): other columns predict where it "
        f"is missing, AUC {score(model.auc)} ({score(model.low)} to {score(model.high)}), noise floor "
        f"{score(model.noise)}.{together}",
        severity="warning",
        score=float(np.clip(2.0 * model.auc - 1.0, 0.0, 1.0)),
        why="The rows that have the value differ from those that lack it, so dropping rows or imputing one "
        "value biases what is learned.",
        suggestion=_advice({} if empty else fill),
        rows=rows,
        columns=(gap.name,),
        gaps=True,
        value=model.auc,
        measure="AUC of being missing, by other columns",
        limit=LEAST_AUC,
        noise=model.noise,
        n=model.n,
        fix=left_out(gap.name) if empty else marked,
        **({"action": "omit"} if empty else {**fill, "conditional": bool(fill)}),
    )
