"""Rows and columns that repeat others."""

from core.analyses.duplicates.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
