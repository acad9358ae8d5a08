"""Where values are missing, what they are missing with, whether other columns predict it, and what imputing
them would do.

Patterns and shares are exact, on all rows. Whether other columns predict what is missing, and what imputing
does, is judged on train rows chosen by their content (docs/methods/missingness.md).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

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
    bin_edges,
    drawn_in_bins,
    gaps_of,
    masks_at,
    predicted_by_others,
    sample_of,
    scan,
)
from core.analyses.missingness.imputation import STRATEGIES, ImputationEffect, skops_bytes
from core.analyses.missingness.imputation_effects import SHOWN_COLUMNS, imputed
from core.analyses.missingness.maths import Floats, GapModel, Pattern
from core.analysis import Analysis, Found
from core.dataset import Dataset
from core.phrases import count
from core.prepare.structural import explained
from core.progress import Progress
from core.rowset import RowSet
from core.settings import Settings, choice, columns, knob

if TYPE_CHECKING:
    import pandas as pd

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


@dataclass(frozen=True, eq=False)
class MissingnessResult(Found):
    """Where values are missing.

    rows_in_all, columns_in_all: rows of the data, columns looked at.
    gaps: columns with missing values, most first.
    shown: those drawn.
    matrix: their missing share per bin of rows, in source order.
    sorted_matrix: the same with rows of the same gaps together.
    phi: how far they are missing together.
    patterns: the most frequent ones, as places in ``gaps``.
    pattern_count: how many there are.
    effects: what each strategy does to each column.
    fitted: the scikit-learn transformer that imputes, or None.
    code: the same as a script.
    per_row: missing values of each row.
    pattern: which of ``patterns`` each row has, -1 for a rarer one.
    """

    rows_in_all: int
    columns_in_all: int
    gaps: tuple[ColumnGaps, ...]
    shown: tuple[str, ...]
    matrix: NDArray[np.float32]
    sorted_matrix: NDArray[np.float32]
    phi: Floats
    patterns: tuple[Pattern, ...]
    pattern_count: int
    effects: tuple[ImputationEffect, ...]
    fitted: Any
    code: str
    per_row: NDArray[np.int32]
    pattern: NDArray[np.int8]

    @property
    def bin_edges(self) -> NDArray[np.int64]:
        """The first row of each bin of ``matrix``, and at the end the number of rows."""
        return bin_edges(self.rows_in_all, self.matrix.shape[0])

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Counts of gaps, complete rows, patterns, and columns that are not MCAR or structurally missing."""
        cells = self.rows_in_all * self.columns_in_all
        return {
            "columns_with_gaps": len(self.gaps),
            "missing_cells": sum(gap.missing for gap in self.gaps),
            "missing_share": sum(gap.missing for gap in self.gaps) / cells if cells else 0.0,
            "complete_rows": int((self.per_row == 0).sum()),
            "patterns": self.pattern_count,
            "not_mcar": sum(f.code == "not_mcar" for f in self.found),
            "structural": sum(f.code == "structural_missing" for f in self.found),
        }

    @property
    def unchecked(self) -> str:
        """That no gap could be judged, where there are any."""
        if not self.gaps or any(gap.model is not None for gap in self.gaps):
            return ""
        return "Whether other columns predict the gaps was not checked."

    def frame(self) -> pd.DataFrame:
        """One line per column with gaps, most first; ``auc`` and its interval against ``noise95`` where it
        was judged.
        """
        import pandas as pd

        names = [
            "column",
            "missing",
            "share",
            "share_train",
            "share_serve",
            "auc",
            "low",
            "high",
            "noise95",
            "q",
            "decided_by",
        ]
        nan = float("nan")
        empty = GapModel(nan, nan, nan, nan, nan)
        lines = []
        for gap in self.gaps:
            model = gap.model or empty
            by = gap.by[0] if gap.by else ""
            lines.append(
                (
                    gap.name,
                    gap.missing,
                    gap.share,
                    gap.train,
                    gap.serve,
                    model.auc,
                    model.low,
                    model.high,
                    model.noise,
                    gap.q,
                    by,
                )
            )
        return pd.DataFrame(lines, columns=names)

    @functools.cached_property
    def filler(self) -> bytes:
        """The imputer as a skops file; nothing where nothing can be imputed. Made when it is asked for."""
        return b"" if self.fitted is None else skops_bytes(self.fitted)

    def preview(self) -> pd.DataFrame:
        """One line per column and strategy: mean, deviation and quantiles before and after filling, and how
        far the values moved.
        """
        import pandas as pd

        sides = ("before", "after")
        spots = [f"q{share:02d}" for share in (5, 25, 50, 75, 95)]
        lines = [
            {"column": e.column, "strategy": e.strategy, "moved": e.moved}
            | {f"mean_{side}": e.mean[i] for i, side in enumerate(sides)}
            | {f"sd_{side}": e.sd[i] for i, side in enumerate(sides)}
            | {
                f"{spot}_{side}": e.quantiles[i][j]
                for j, spot in enumerate(spots)
                for i, side in enumerate(sides)
            }
            for e in self.effects
        ]
        return pd.DataFrame(lines)

    def rows(self) -> pd.DataFrame:
        """``row,missing,score,pattern``: missing values per row, their share of the columns looked at, and
        the place of the row's pattern among the most frequent ones (0: the most frequent; -1: a rarer
        one)."""
        import pandas as pd

        share = self.per_row / max(1, self.columns_in_all)
        return pd.DataFrame(
            {
                "row": np.arange(self.rows_in_all),
                "missing": self.per_row,
                "score": share,
                "pattern": self.pattern,
            }
        )

    def rows_of_pattern(self, place: int) -> RowSet:
        """The rows that lack exactly the columns of ``patterns[place]``, or with -1 those of any rarer
        pattern. Raises `IndexError` where there is no such pattern."""
        if not -1 <= place < len(self.patterns):
            raise IndexError(f"There are {len(self.patterns)} patterns; got {place}.")
        return RowSet.from_mask(self.pattern == place)


def missingness(dataset: Dataset, settings: MissingnessSettings, progress: Progress) -> MissingnessResult:
    """Count, draw, compare, predict gaps from other columns, and try to impute. An infinite number is not
    missing here.

    Raises `ColumnError` for an unknown column.
    """
    progress.at(0.0, "Counting gaps")
    names = tuple(settings.columns or dataset.names)
    gaps = gaps_of(dataset, names)
    gappy = [gap.name for gap in gaps]
    marks, order, per_row, both = scan(dataset, gappy, progress.part(0.0, 0.15))
    width = min(len(gappy), WIDEST)
    drawn = drawn_in_bins(dataset, gappy[:width], order, progress.part(0.15, 0.3))
    pattern, sizes, patterns = maths.top_patterns(marks, TOP_PATTERNS)
    sample = sample_of(dataset, gappy, settings.seed, progress.part(0.3, 0.4)) if gaps else NO_SAMPLE
    rules = explained(dataset, gappy, progress.part(0.4, 0.5))
    gaps = predicted_by_others(dataset, gaps, sample, settings.seed, progress.part(0.5, 0.8))
    gaps = tuple(replace(gap, by=rules.get(gap.name)) for gap in gaps)
    phi = maths.nullity_phi(both, max(1, dataset.rows))
    effects, filled, code, measured = imputed(
        dataset, gaps, sample.rows, settings.strategy, settings.fill, progress.part(0.8, 1.0)
    )
    return MissingnessResult(
        settings=settings,
        rows_in_all=dataset.rows,
        columns_in_all=len(names),
        gaps=gaps,
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
        found=findings(dataset, gaps, phi),
        notes=_notes(dataset, gaps, sample, (width, measured)),
    )


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


def _notes(
    dataset: Dataset, gaps: tuple[ColumnGaps, ...], sample: GapSample, shown: tuple[int, int]
) -> tuple[str, ...]:
    """shown: columns that are drawn, and rows on which the effect of imputing is measured."""
    width, measured = shown
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
    if len(gaps) > SHOWN_COLUMNS:
        notes.append(
            f"Imputing is tried for the {SHOWN_COLUMNS} columns with most gaps; the exported imputer fills "
            "all that can be filled."
        )
    if width < len(gaps):
        notes.append(f"The {width} columns with most gaps are drawn, of {len(gaps):,}.")
    if any(dataset[gap.name].kind not in ("numeric", "category", "boolean") for gap in gaps):
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
