"""Rows that are copies of each other with slips, and images that were written again or turned."""

from core.analyses.nearduplicates.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
