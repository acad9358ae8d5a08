"""Rows that are unlike all others."""

from core.analyses.outliers.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
