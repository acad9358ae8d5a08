"""Train beside serve, all columns together: how far they differ, where serve has no support, what train
is worth for it.
"""

from core.analyses.overlap.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
