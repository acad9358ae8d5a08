"""The profile of a data set: its columns, what was found, and its table."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.analyses.profile.facts import ColumnProfile
from core.analysis import Found
from core.errors import ColumnError
from core.finding import SEVERITIES, Finding, Severity, at_or_above
from core.numerics.describe import SHARES

if TYPE_CHECKING:
    import pandas as pd

_QUANTILES = ("min", "q1", "q5", "q25", "median", "q75", "q95", "q99", "max")


@dataclass(frozen=True, eq=False, kw_only=True)
class Profile(Found):
    """What the columns hold.

    columns: one profile per column, in source order.
    each: the findings of single columns; ``found`` holds the same, those alike drawn together.
    n: number of rows.
    parts: number of rows per part, in the order of `ColumnProfile.missing_by_part`.
    bytes: size of the data in memory.
    duplicates: number of rows that repeat an earlier one.
    """

    columns: tuple[ColumnProfile, ...]
    each: tuple[Finding, ...]
    n: int
    parts: tuple[tuple[str, int], ...]
    bytes: int
    duplicates: int

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Rows, columns, memory, duplicates, missing cells, and how many findings need attention. Cells of a
        part that does not have their column are none.
        """
        cells = sum(column.rows for column in self.columns)
        missing = sum(column.missing for column in self.columns)
        return {
            "rows": self.n,
            "columns": len(self.columns),
            **({f"{name}_rows": n for name, n in self.parts} if len(self.parts) > 1 else {}),
            "memory_bytes": self.bytes,
            "duplicate_rows": self.duplicates,
            "missing_cells": missing,
            "missing_share": missing / cells if cells else 0.0,
            "need_attention": len(at_or_above(self.found, "warning")),
            "critical": len(at_or_above(self.found, "critical")),
        }

    @property
    def unchecked(self) -> str:
        """That there is too little to look at."""
        return "There is one row only, so hardly anything can be checked." if self.n == 1 else ""

    @property
    def nbytes(self) -> int:
        """Rough size in memory, in bytes: a few KB per column, and 16 bytes per run of rows in a finding."""
        return (
            4096
            + 8192 * len(self.columns)
            + 16 * sum(len(finding.rows) for finding in self.each + self.found)
        )

    def column(self, name: str) -> ColumnProfile:
        """The profile of one column. Raises `ColumnError` with the nearest name."""
        for column in self.columns:
            if column.name == name:
                return column
        raise ColumnError.missing(name, [column.name for column in self.columns])

    def columns_at(self, finding: Finding, row: int) -> tuple[str, ...]:
        """The columns of a finding in which this row is among its rows: of one about many columns alike, not
        all.
        """
        alike = [one for one in self.each if one.code == finding.code and row in one.rows]
        columns = {column for one in alike for column in one.columns}
        return tuple(column for column in finding.columns if column in columns) or finding.columns

    @functools.cached_property
    def strangeness(self) -> dict[str, float]:
        """How much each column calls for a look by the findings of the profile (`strange_by`)."""
        return self.strange_by(self.each)

    def strange_by(self, findings: Iterable[Finding]) -> dict[str, float]:
        """How much each column calls for a look, 0 to 1: the worst of these findings about it decides, then
        how far it departs from an even column. One without any stands behind all that have one.

        A third per step of severity (note, warning, critical), within it a fifth for being found at all,
        three by the finding's score and one by `departure`.
        """
        worst: dict[str, float] = {}
        for finding in findings:
            by = step_of(finding.severity, finding.score)
            for name in finding.columns:
                worst[name] = max(worst.get(name, 0.0), by)
        return {
            column.name: worst.get(column.name, 0.0) + 0.2 * departure(column) / len(SEVERITIES)
            for column in self.columns
        }

    def frame(self) -> pd.DataFrame:
        """One line per column. Quantiles and moments of times stand as NaN; their range is in ``first`` and
        ``last``.
        """
        import pandas as pd

        lines = pd.DataFrame([_line(column) for column in self.columns])
        return lines.assign(strangeness=list(self.strangeness.values()))


def step_of(severity: Severity, score: float) -> float:
    """What a finding adds to how much its columns call for a look.

    >>> round(step_of("info", 0.0), 3), round(step_of("critical", 1.0), 3)
    (0.067, 0.933)
    """
    return (SEVERITIES.index(severity) + 0.2 + 0.6 * score) / len(SEVERITIES)


def departure(column: ColumnProfile) -> float:
    """How far a column is from full, even and symmetric, 0 to 1: the largest of missing share, lead of the
    commonest value, skew.

    The lead is its share beyond that of an even column of as many values; the skew is |g1| / (|g1| + 5).
    """
    missing = column.missing / column.rows if column.rows else 0.0
    lead = column.top[0][1] / column.present - 1 / column.distinct if column.top else 0.0
    skewness = abs(column.skewness) if math.isfinite(column.skewness) else 0.0
    return max(missing, lead, skewness / (skewness + 5))


def _line(column: ColumnProfile) -> dict[str, Any]:
    is_time = column.kind == "datetime"
    numbers = (
        [float("nan")] * len(SHARES) if is_time or not column.quantiles.size else column.quantiles.tolist()
    )
    top, count = column.top[0] if column.top else ("", 0)
    return {
        "column": column.name,
        "kind": column.kind,
        "missing": column.missing,
        "missing_share": column.missing / column.rows if column.rows else 0.0,
        "distinct": column.distinct,
        "top": top,
        "top_count": count,
        "mean": float("nan") if is_time else column.mean,
        "std": float("nan") if is_time else column.std,
        "skewness": column.skewness,
        "kurtosis": column.kurtosis,
        **dict(zip(_QUANTILES, numbers, strict=True)),
        "zeros": column.zeros,
        "negatives": column.negatives,
        "infinite": column.infinite,
        "first": column.smallest[0][1] if is_time and column.smallest else "",
        "last": column.largest[0][1] if is_time and column.largest else "",
        "shortest": column.lengths[0] if column.lengths else float("nan"),
        "longest": column.lengths[2] if column.lengths else float("nan"),
        "bytes": column.bytes,
    }
