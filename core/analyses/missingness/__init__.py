"""What is missing, why, and what filling it in would do."""

from core.analyses.missingness.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
