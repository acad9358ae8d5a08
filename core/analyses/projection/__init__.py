"""Rows laid out in the plane: landmarks, their layout in a process of its own, and the place of all
others among them.
"""

from core.analyses.projection.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
