"""Importance and doubt: which rows matter, and which mislead."""

from core.analyses.importance.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
