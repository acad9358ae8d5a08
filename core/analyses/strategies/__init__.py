"""What can be done about unequal classes, and what each cure does to the probabilities."""

from core.analyses.strategies.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
