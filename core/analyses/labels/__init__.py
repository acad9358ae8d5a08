"""See `core.analyses.labels.analysis`."""

from core.analyses.labels.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
