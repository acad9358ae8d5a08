"""How unequal the classes are, and what so many rows of each allow."""

from core.analyses.imbalance.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
