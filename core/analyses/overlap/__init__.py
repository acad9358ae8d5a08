"""Train beside serve, all columns together: how far they differ, where serve has no support, and importance
weights.
"""

from core.analyses.overlap.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
