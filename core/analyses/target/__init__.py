"""What the target looks like and which columns are related to it."""

from core.analyses.target.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
