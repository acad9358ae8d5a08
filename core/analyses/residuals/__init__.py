"""See `core.analyses.residuals.analysis`."""

from core.analyses.residuals.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
