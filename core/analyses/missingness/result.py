"""Where values are missing, and its tables."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.missingness.gaps import ColumnGaps, bin_edges
from core.analyses.missingness.imputation_effects import ImputationEffect
from core.analyses.missingness.maths import Floats, GapModel, Pattern
from core.analysis import Found
from core.phrases import count, names, verb
from core.prepare.skops_file import skops_bytes
from core.rowset import RowSet

if TYPE_CHECKING:
    import pandas as pd

EXPLAINED = ("not_mcar", "structural_missing")  # findings that say by what gaps are predicted


@dataclass(frozen=True, eq=False)
class MissingnessResult(Found):
    """Where values are missing.

    rows_in_all, columns_in_all: rows of the data, columns looked at.
    gaps: columns with missing values, most first; those in a part that does not have the column among them.
    empty: columns without any value, which are none of them.
    lacked: of ``gaps`` those that are missing only where a part does not have the column.
    measured: of the others those that loading measured of images: they are missing where an image cannot be
    read, or a measure does not apply.
    shown: those drawn.
    matrix: their missing share per bin of rows, in source order.
    sorted_matrix: the same with rows of the same gaps together.
    phi: how far they are missing together.
    patterns: the most frequent ones, as places in ``gaps``, without columns that the part of their rows does
        not have.
    pattern_count: how many there are.
    effects: what each strategy does to each column.
    fitted: the scikit-learn transformer that imputes, or None.
    code: the same as a script.
    per_row: missing values of each row, without those in columns that its part does not have.
    pattern: which of ``patterns`` each row has, -1 for a rarer one.
    """

    rows_in_all: int
    columns_in_all: int
    gaps: tuple[ColumnGaps, ...]
    empty: tuple[str, ...]
    lacked: tuple[str, ...]
    measured: tuple[str, ...]
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
    def calm(self) -> str:
        """That there are gaps all the same, where there are."""
        if not self.gaps:
            return f"No {'other ' if self.empty else ''}column has an empty cell"
        columns = len(self.gaps) - len(self.lacked)
        gaps = f"{count(columns, 'column')} {verb(columns, 'has', 'have')} gaps"
        gaps = "; ".join([gaps, *self._causes(columns)])
        lacked = f"{names(self.lacked, 3)} {verb(len(self.lacked), 'is', 'are')} not in both parts"
        return "; ".join([gaps] * bool(columns) + [lacked] * bool(self.lacked))

    def _causes(self, columns: int) -> list[str]:
        """Of how many of these columns with gaps a cause is known, and of how many none, in words."""
        predicted = {one.columns[0] for one in self.found if one.code in EXPLAINED}
        causes, measured, known = [], len(self.measured), len(predicted)
        unjudged = len([gap for gap in self._unjudged if gap.name not in predicted])
        one = columns == 1
        if measured:
            some = "all are" if measured == columns else f"{count(measured)} {verb(measured, 'is', 'are')}"
            which = "it is" * one or some
            causes.append(f"{which} measured of images, and missing where that cannot be done")
        if known:
            which = "it is" * one or f"{count(known)} of them {verb(known, 'is', 'are')}"
            causes.append(f"other columns predict where {which} missing")
        if rest := columns - measured - known - unjudged:
            which = "the others" if causes else "them"
            causes.append(f"no cause of {f'{count(rest)} of them' if unjudged else which} stands out")
        if unjudged:
            which = "them" if unjudged == columns else f"the gaps of {count(unjudged)} of them"
            causes.append(f"it was not checked whether other columns predict {which}")
        return causes

    @property
    def _unjudged(self) -> tuple[ColumnGaps, ...]:
        """The gaps of which a cause is looked for, and of which it was not checked whether other columns
        predict them: not those of a column that a part does not have, nor of what is measured of images.
        """
        aside = {*self.lacked, *self.measured}
        return tuple(gap for gap in self.gaps if gap.model is None and gap.name not in aside)

    @property
    def bin_edges(self) -> NDArray[np.int64]:
        """The first row of each bin of ``matrix``, and at the end the number of rows."""
        return bin_edges(self.rows_in_all, self.matrix.shape[0])

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Counts of gaps, complete rows, patterns, and columns that are not MCAR or structurally missing; but
        for `empty_columns`, of columns that have a value. Cells of a part that does not have their column
        are no gaps.
        """
        missing = int(self.per_row.sum())
        lacked = sum(gap.missing for gap in self.gaps) - missing
        cells = self.rows_in_all * (self.columns_in_all - len(self.empty)) - lacked
        return {
            "columns_with_gaps": len(self.gaps) - len(self.lacked),
            "empty_columns": len(self.empty),
            "missing_cells": missing,
            "missing_share": missing / cells if cells else 0.0,
            "complete_rows": int((self.per_row == 0).sum()),
            "patterns": self.pattern_count,
            "not_mcar": sum(f.code == "not_mcar" for f in self.found),
            "structural": sum(f.code == "structural_missing" for f in self.found),
        }

    @property
    def unchecked(self) -> str:
        """Of how many columns with gaps it could not be judged whether other columns predict them, if any."""
        if not self._unjudged:
            return ""
        if len(self._unjudged) < len(self.gaps) - len(self.lacked) - len(self.measured):
            return f"{self.calm}."
        return "Whether other columns predict the gaps was not checked."

    def frame(self) -> pd.DataFrame:
        """One line per column with gaps, most first, cells of a part that does not have it among its missing
        ones; ``auc`` and its interval against ``noise95`` where it was judged.
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
        """The imputer as a skops file, which ``skops.io.load(path, trusted=["numpy.dtype"])`` reads; nothing
        where nothing can be imputed. Made when it is asked for.
        """
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
        """``row,missing,score,pattern``: missing values per row (none in columns that its part does not
        have), their share of the columns looked at, and the place of the row's pattern among the most
        frequent ones (0: the most frequent; -1: a rarer one)."""
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
