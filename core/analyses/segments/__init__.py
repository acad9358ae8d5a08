"""Regions in which the mix of train and serve differs."""

from core.analyses.segments.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
