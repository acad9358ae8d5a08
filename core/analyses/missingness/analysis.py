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
    FEWEST,
    MODEL_ROWS,
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
from core.analyses.missingness.imputation_effects import SHOWN_COLUMNS, fillable, imputed
from core.analyses.missingness.maths import Pattern
from core.analyses.missingness.result import MissingnessResult
from core.analysis import Analysis
from core.dataset import Dataset
from core.dataset.split import Part
from core.finding import Finding, ranked
from core.phrases import count, names
from core.prepare.empty_column import all_missing
from core.prepare.lacked import parts_lacking
from core.prepare.structural import explained
from core.progress import Progress
from core.settings import Settings, choice, columns, knob

TOP_PATTERNS = 20
ALL = ("numeric", "category", "boolean", "datetime", "text", "identifier", "image")

_PARTS: tuple[Part, Part] = ("train", "serve")


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
    rows_of = np.array([int(dataset.part_mask(part).sum()) for part in _PARTS])
    own = _own(gaps, {name: int(rows_of[_PARTS.index(part)]) for name, part in lacking.items()})
    marks, order, per_row, both = scan(dataset, gappy, progress.part(0.0, 0.15))
    width = min(len(gappy), WIDEST)
    drawn = drawn_in_bins(dataset, gappy[:width], order, progress.part(0.15, 0.3))
    pattern, sizes, patterns = maths.top_patterns(marks, TOP_PATTERNS)
    names_of_own = [gap.name for gap in own]
    sample = sample_of(dataset, names_of_own, settings.seed, progress.part(0.3, 0.4)) if own else NO_SAMPLE
    rules = explained(dataset, names_of_own, progress.part(0.4, 0.5))
    own = predicted_by_others(dataset, own, sample, settings.seed, progress.part(0.5, 0.8))
    own = tuple(replace(gap, by=rules.get(gap.name)) for gap in own)
    judged = {gap.name: gap for gap in own}
    gaps = tuple(judged.get(gap.name, gap) for gap in gaps)
    having = np.array([[lacking.get(name) != part for name in gappy[:width]] for part in _PARTS], bool)
    phi = maths.nullity_phi(both, rows_of, having.reshape(2, width))
    effects, filled, code, measured = imputed(
        dataset, own, gappy, sample.rows, settings.strategy, settings.fill, progress.part(0.8, 1.0)
    )
    return MissingnessResult(
        settings=settings,
        rows_in_all=dataset.rows,
        columns_in_all=len(looked_at),
        gaps=gaps,
        empty=empty,
        shown=tuple(gappy[:width]),
        matrix=drawn[0],
        sorted_matrix=drawn[1],
        phi=phi,
        patterns=_patterns(dataset, gappy, pattern, sizes),
        pattern_count=patterns,
        effects=effects,
        fitted=filled,
        code=code,
        per_row=per_row,
        pattern=pattern,
        found=ranked([*findings(dataset, gaps, phi), *_empty(dataset, empty)]),
        notes=(
            *_nothing_in(empty),
            *_lacked(lacking, gappy),
            *_notes(dataset, own, sample, measured),
            *_drawn(width, len(gaps)),
        ),
    )


def _own(gaps: tuple[ColumnGaps, ...], empty: Mapping[str, int]) -> tuple[ColumnGaps, ...]:
    """The columns with gaps in the parts that have them, most such gaps first. empty: cells of each column in
    a part that lacks it.
    """
    there = {gap.name: gap.missing - empty.get(gap.name, 0) for gap in gaps}
    some = (gap for gap in gaps if there[gap.name])
    return tuple(sorted(some, key=lambda gap: (-there[gap.name], gap.name)))


def _drawn(width: int, gappy: int) -> tuple[str, ...]:
    return (f"The {width} columns with most gaps are drawn, of {gappy:,}.",) if width < gappy else ()


def _patterns(
    dataset: Dataset, gappy: list[str], pattern: NDArray[np.int8], sizes: NDArray[np.int64]
) -> tuple[Pattern, ...]:
    """The columns that each pattern lacks, as its first row does."""
    first = [int((pattern == place).argmax()) for place in range(sizes.size)]
    lacking = masks_at(dataset, gappy, np.array(first, dtype=np.int64))
    return tuple(
        Pattern(tuple(np.flatnonzero(one).tolist()), size)
        for one, size in zip(lacking, sizes.tolist(), strict=True)
    )


def _empty(dataset: Dataset, empty: Sequence[str]) -> list[Finding]:
    """What is said of columns without a value; of the target the profile says what follows from it."""
    return [all_missing(dataset[one], dataset.rows) for one in empty if one != dataset.roles.target]


def _nothing_in(empty: Sequence[str]) -> tuple[str, ...]:
    """Which columns are not looked at, having no value."""
    if not empty:
        return ()
    has = "has no value: it is" if len(empty) == 1 else "have no value: they are"
    return (f"{names(empty, 6)} {has} neither counted among the gaps nor imputed.",)


def _lacked(lacking: Mapping[str, Part], gappy: Sequence[str]) -> tuple[str, ...]:
    """Which columns with empty cells a part does not have."""
    notes = []
    for part in _PARTS:
        some = [name for name in gappy if lacking.get(name) == part]
        if some:
            cells = "its empty cells there are" if len(some) == 1 else "their empty cells there are"
            notes.append(f"{part.capitalize()} does not have {names(some, 6)}: {cells} counted, and no gaps.")
    return tuple(notes)


def _notes(
    dataset: Dataset, gaps: tuple[ColumnGaps, ...], sample: GapSample, measured: int
) -> tuple[str, ...]:
    """gaps: in the parts that have the column. measured: rows on which the effect of imputing is measured."""
    notes = []
    if sample.rows.size < sample.trains and gaps:
        notes.append(
            f"Gaps are predicted, and imputers fitted, on {sample.rows.size:,} of {sample.trains:,} train "
            "rows, chosen by content."
        )
    if 0 < measured < sample.rows.size:
        models = f"; models of what is missing are fitted on {MODEL_ROWS:,}"
        notes.append(
            f"The effect of imputing is measured on {measured:,} rows"
            f"{models if sample.rows.size > MODEL_ROWS else ''}."
        )
    if len(dataset.features) > maths.WIDE and any(gap.model is not None for gap in gaps):
        notes.append(
            f"Each model of what is missing takes {maths.TAKEN} of {len(dataset.features):,} features: those "
            "most associated with it in its own training rows."
        )
    unjudged = sum(gap.model is None for gap in gaps)
    if unjudged:
        notes.append(
            f"Not checked whether other columns predict the gaps of {unjudged:,} of "
            f"{count(len(gaps), 'column')} with gaps: fewer than {FEWEST} rows with or without the value, "
            "or too many different gaps."
        )
    if len(fillable(dataset, gaps)) > SHOWN_COLUMNS:
        notes.append(
            f"Imputing is tried for the {SHOWN_COLUMNS} columns with most gaps; the exported imputer fills "
            "all that can be filled."
        )
    measured_of = [gap.name for gap in gaps if gap.name in dataset.measured]
    if measured_of and dataset.pictures is not None:
        own = dataset.source_ids(np.arange(dataset.rows))
        own = own[own < dataset.pictures.rows]
        lost = int((~dataset.pictures.readable_at(own)).sum())
        notes.append(
            f"Not imputed, as measured of images: {names(measured_of)}. Values are missing where "
            + (f"the image could not be read ({count(lost, 'image')}), or " if lost else "")
            + "a measure does not apply, as the quality of a JPEG does not to a PNG."
        )
    others = [gap for gap in gaps if gap.name not in measured_of]
    if any(dataset[gap.name].kind not in ("numeric", "category", "boolean") for gap in others):
        notes.append("Dates, texts, identifiers and images are not imputed.")
    return tuple(notes)


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
