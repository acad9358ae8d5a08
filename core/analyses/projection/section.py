"""The map in the report: its method and what it keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.analyses.projection.analysis import ProjectionResult
    from core.dataset import Dataset


def section(
    result: ProjectionResult, dataset: Dataset, findings: Sequence[Mapping[str, Any]], private: bool
) -> dict[str, Any]:
    """The summary."""
    return {"summary": result.summary}
