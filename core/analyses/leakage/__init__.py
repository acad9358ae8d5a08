"""What could give the target away: columns, and rows that stand on both sides."""

from core.analyses.leakage.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
