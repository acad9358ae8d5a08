"""Images that are copies of each other: written again, made smaller, flipped or turned."""

from core.analyses.nearduplicates.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
