"""One column at a time: what it holds (`measure`) and what is wrong with it (`alerts`)."""

from core.analyses.profile.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
