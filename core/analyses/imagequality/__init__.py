"""Image quality: images that are dark, blurred, blank, framed, compressed too hard or of an odd size."""

from core.analyses.imagequality.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
