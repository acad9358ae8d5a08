"""Where values are missing, what they are missing with, whether other columns predict it, and what imputing
them would do.

Patterns and shares are exact, on all rows. Whether other columns predict what is missing, and what imputing
does, is judged on train rows chosen by their content (docs/methods/missingness.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.analyses.missingness import maths
from core.analyses.missingness.findings import findings
from core.analyses.missingness.gaps import (
    NO_SAMPLE,
    WIDEST,
    ColumnGaps,
    GapSample,
    drawn_in_bins,
    gaps_of,
    masks_at,
    predicted_by_others,
    sample_of,
    scan,
    without_empty,
)
from core.analyses.missingness.imputation import STRATEGIES
from core.analyses.missingness.imputation_effects import imputed
from core.analyses.missingness.maths import Pattern
from core.analyses.missingness.notes import drawn_of, judged_by, lacked, not_imputed, without_value
from core.analyses.missingness.result import MissingnessResult
from core.analysis import Analysis
from core.dataset import Dataset
from core.dataset.split import PARTS
from core.finding import Finding, ranked
from core.prepare.empty_column import all_missing
from core.prepare.lacked import parts_lacking
from core.prepare.structural import explained
from core.progress import Progress
from core.settings import Settings, choice, columns, knob

TOP_PATTERNS = 20
ALL = ("numeric", "category", "boolean", "datetime", "text", "identifier", "image")


@dataclass(frozen=True)
class MissingnessSettings(Settings):
    """Which columns to look at, and how they are imputed."""

    columns: tuple[str, ...] = columns("Columns", "Columns to look at; all by default.", ALL)
    strategy: str = choice(
        "median", "Impute with", "What the exported imputer uses; the preview compares all.", STRATEGIES
    )
    fill: float = knob(
        0.0, "Constant", "The number that the strategy 'constant' puts into numeric columns.", -1e9, 1e9
    )
    seed: int = knob(0, "Seed", "Seed of the sample, the folds and the models.", 0, 2**31 - 1)


def missingness(dataset: Dataset, settings: MissingnessSettings, progress: Progress) -> MissingnessResult:
    """Count, draw, compare, predict gaps from other columns, and try to impute. An infinite number is not
    missing here.

    Raises `ColumnError` for an unknown column.
    """
    progress.at(0.0, "Counting gaps")
    looked_at = tuple(settings.columns or dataset.names)
    gaps, empty = without_empty(dataset, gaps_of(dataset, looked_at))
    gappy = [gap.name for gap in gaps]
    lacking = parts_lacking(dataset, gappy)
    rows_of = np.array([int(dataset.part_mask(part).sum()) for part in PARTS])
    having = np.array([[lacking.get(name) != part for name in gappy] for part in PARTS], bool)
    having = having.reshape(len(PARTS), len(gappy))
    marks, order, per_row, both = scan(dataset, gappy, having, progress.part(0.0, 0.15))
    width = min(len(gappy), WIDEST)
    drawn = drawn_in_bins(dataset, gappy[:width], order, progress.part(0.15, 0.3))
    pattern, sizes, patterns = maths.top_patterns(marks, TOP_PATTERNS)
    own = _own(gaps, {name: int(rows_of[PARTS.index(part)]) for name, part in lacking.items()})
    own, sample = _explained(dataset, own, settings.seed, progress.part(0.3, 0.8))
    judged = {gap.name: gap for gap in own}
    gaps = tuple(judged.get(gap.name, gap) for gap in gaps)
    phi = maths.nullity_phi(both, rows_of, having[:, :width])
    effects, filled, code, measured = imputed(
        dataset, own, gappy, sample.rows, settings.strategy, settings.fill, progress.part(0.8, 1.0)
    )
    return MissingnessResult(
        settings=settings,
        rows_in_all=dataset.rows,
        columns_in_all=len(looked_at),
        gaps=gaps,
        empty=empty,
        lacked=tuple(gap.name for gap in gaps if gap.name not in judged),
        measured=tuple(gap.name for gap in own if gap.name in dataset.measured),
        shown=tuple(gappy[:width]),
        matrix=drawn[0],
        sorted_matrix=drawn[1],
        phi=phi,
        patterns=_patterns(dataset, gappy, having, pattern, sizes),
        pattern_count=patterns,
        effects=effects,
        fitted=filled,
        code=code,
        per_row=per_row,
        pattern=pattern,
        found=ranked([*findings(dataset, gaps, phi), *_empty(dataset, empty)]),
        notes=(
            *without_value(empty),
            *lacked(lacking, gappy),
            *judged_by(dataset, own, sample, measured),
            *not_imputed(dataset, own),
            *drawn_of(width, len(gaps)),
        ),
    )


def _own(gaps: tuple[ColumnGaps, ...], empty: Mapping[str, int]) -> tuple[ColumnGaps, ...]:
    """The columns with gaps in the parts that have them, most such gaps first. empty: cells of each column in
    a part that lacks it.
    """
    there = {gap.name: gap.missing - empty.get(gap.name, 0) for gap in gaps}
    some = (gap for gap in gaps if there[gap.name])
    return tuple(sorted(some, key=lambda gap: (-there[gap.name], gap.name)))


def _explained(
    dataset: Dataset, gaps: tuple[ColumnGaps, ...], seed: int, progress: Progress
) -> tuple[tuple[ColumnGaps, ...], GapSample]:
    """The columns with what their gaps follow from or are predicted by, and the rows used to judge that."""
    of = [gap.name for gap in gaps]
    sample = sample_of(dataset, of, seed, progress.part(0.0, 0.2)) if gaps else NO_SAMPLE
    rules = explained(dataset, of, progress.part(0.2, 0.4))
    predicted = predicted_by_others(dataset, gaps, sample, seed, progress.part(0.4, 1.0))
    return tuple(replace(gap, by=rules.get(gap.name)) for gap in predicted), sample


def _patterns(
    dataset: Dataset,
    gappy: list[str],
    having: NDArray[np.bool_],
    pattern: NDArray[np.int8],
    sizes: NDArray[np.int64],
) -> tuple[Pattern, ...]:
    """The columns that each pattern lacks, as its first row does, of those that its part has."""
    first = np.array([int((pattern == place).argmax()) for place in range(sizes.size)], dtype=np.int64)
    lacking = masks_at(dataset, gappy, first) & having[dataset.part_mask("serve")[first].astype(int)]
    return tuple(
        Pattern(tuple(np.flatnonzero(one).tolist()), size)
        for one, size in zip(lacking, sizes.tolist(), strict=True)
    )


def _empty(dataset: Dataset, empty: Sequence[str]) -> list[Finding]:
    """What is said of columns without a value; of the target the profile says what follows from it."""
    return [all_missing(dataset[one], dataset.rows) for one in empty if one != dataset.roles.target]


ANALYSIS = Analysis(
    "Missing values",
    "What is missing, why, and what would imputing do?",
    "explore/profile",
    missingness,
    apart=True,
    tab="Missing",
    icon="grid_off",
    place=40,
)
