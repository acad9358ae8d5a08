"""One column of train beside the same column of serve."""

from core.analyses.shift.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
