"""What is in the data set, column by column, and what needs attention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis import Analysis, Result
from core.dataset import Dataset
from core.errors import ColumnError
from core.finding import Finding, at_or_above, ranked
from core.numerics.describe import SHARES
from core.profiling.alerts import Limits, alerts, gathered
from core.profiling.measure import ColumnProfile, measure
from core.progress import Progress
from core.rowkeys import row_hashes
from core.settings import Settings, knob
from core.workers import LocalThreads

if TYPE_CHECKING:
    import pandas as pd

COLUMNS_AT_ONCE_MB = 1_000
_QUANTILES = ("min", "q1", "q5", "q25", "median", "q75", "q95", "q99", "max")


@dataclass(frozen=True)
class ProfileSettings(Settings):
    """Limits of the alerts, and how finely histograms are drawn."""

    bins: int = knob(50, "Bins", "Most bins of a histogram; fewer where the data are few.", 5, 50)
    missing: float = knob(0.05, "Missing", "Share of missing values above which a column gets a warning.", 0, 0.5)
    dominant: float = knob(0.95, "Dominant value", "Share of one value from which a column counts as nearly constant.", 0.5, 1)
    distinct: float = knob(0.95, "Distinct values", "Share of distinct values from which a column counts as an identifier.", 0.5, 1)


@dataclass(frozen=True, eq=False)
class Profile(Result):
    """What the columns hold. ``each``: the findings of single columns; ``found``: the same, those alike drawn together.

    ``parts``: number of rows per part, in the order of `ColumnProfile.missing_by_part`. ``bytes``: size of the data in memory.
    ``duplicates``: number of rows that repeat an earlier one.
    """

    columns: tuple[ColumnProfile, ...]
    each: tuple[Finding, ...]
    found: tuple[Finding, ...]
    n: int
    parts: tuple[tuple[str, int], ...]
    bytes: int
    duplicates: int

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Rows, columns, memory, duplicates, missing cells, and how many findings need attention."""
        cells = self.n * len(self.columns)
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
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the columns, worst first."""
        return self.found

    @property
    def nbytes(self) -> int:
        """Rough size in memory, in bytes: a few KB per column, and 16 bytes per run of rows in a finding."""
        return 4096 + 8192 * len(self.columns) + 16 * sum(len(finding.rows) for finding in self.each + self.found)

    def column(self, name: str) -> ColumnProfile:
        """The profile of one column. Raises `ColumnError` with the nearest name."""
        for column in self.columns:
            if column.name == name:
                return column
        raise ColumnError.missing(name, [column.name for column in self.columns])

    def of_column(self, name: str) -> tuple[Finding, ...]:
        """The findings about one column, worst first."""
        return tuple(finding for finding in self.each if name in finding.columns)

    def frame(self) -> pd.DataFrame:
        """One line per column. Quantiles and moments of times stand as NaN; their range is in ``first`` and ``last``."""
        import pandas as pd

        return pd.DataFrame([_line(column) for column in self.columns])


def profile(dataset: Dataset, settings: ProfileSettings, progress: Progress) -> Profile:
    """The profile of every column, read and let go one at a time (a few at once, as many as fit in a gigabyte)."""
    masks = [(part, dataset.part_mask(part)) for part in ("train", "serve")[: 2 if dataset.split else 1]]  # type: ignore[arg-type]
    roles = {column: role for role, column in dataset.roles.named().items()}
    limits = Limits(settings.missing, settings.dominant, settings.distinct)

    def leaf(name: str) -> tuple[ColumnProfile, list[Finding]]:
        progress.check()
        facts = measure(dataset[name], dataset.table([name]).column(0), masks, roles.get(name, ""), settings.bins)
        return facts.profile, alerts(facts, limits)

    made = []
    work = progress.part(0.0, 0.7)
    for done in LocalThreads(_columns_at_once(dataset)).map(leaf, dataset.names):
        made.append(done)
        work.at(len(made) / len(dataset.names), f"Column {len(made)} of {len(dataset.names)}")
    duplicates = _duplicates(dataset, [column for column, _ in made], progress.part(0.7, 1.0))
    progress.at(1.0, "Done")
    each = ranked([finding for _, findings in made for finding in findings])
    return Profile(
        columns=tuple(column for column, _ in made),
        each=each,
        found=gathered(each),
        n=dataset.rows,
        parts=tuple((part, int(mask.sum())) for part, mask in masks),
        bytes=sum(column.bytes for column, _ in made),
        duplicates=duplicates,
    )


def _duplicates(dataset: Dataset, columns: list[ColumnProfile], progress: Progress) -> int:
    """Rows that repeat an earlier one, counted by content hash; none where one column alone tells all rows apart."""
    if any(column.distinct == dataset.rows for column in columns):
        return 0
    hashes = np.sort(row_hashes(dataset, progress=progress))
    return int((hashes[1:] == hashes[:-1]).sum())


def _columns_at_once(dataset: Dataset) -> int:
    """How many columns may be worked on together: the work needs about eight times a column's size."""
    each = 8 * dataset.bytes / len(dataset.names)
    return int(np.clip(COLUMNS_AT_ONCE_MB * 1e6 // max(each, 1.0), 1, LocalThreads().threads))


def _line(column: ColumnProfile) -> dict[str, Any]:
    is_time = column.kind == "datetime"
    numbers = [float("nan")] * len(SHARES) if is_time or not column.quantiles.size else column.quantiles.tolist()
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


ANALYSIS = Analysis("Profile", "What is in it, and what needs attention?", "explore/profile", profile)
