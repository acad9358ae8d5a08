"""Which columns are associated, pair by pair."""

from core.analyses.association.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
