"""Outliers in the report: counts only, as the table is made of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.analyses.outliers.result import OutlierResult
    from core.dataset import Dataset


def section(
    result: OutlierResult, dataset: Dataset, findings: Sequence[Mapping[str, Any]], private: bool
) -> dict[str, Any]:
    """The summary."""
    return {"summary": result.summary}
