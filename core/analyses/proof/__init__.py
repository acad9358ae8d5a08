"""See `core.analyses.proof.analysis`."""

from core.analyses.proof.analysis import ANALYSIS

__all__ = ["ANALYSIS"]
