"""Augmentation of images: a pipeline of operations, what it makes of them, and whether labels survive it."""

from core.analyses.augmentation.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
