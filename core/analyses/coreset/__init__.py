"""Coreset: how few rows stand for all of them."""

from core.analyses.coreset.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
