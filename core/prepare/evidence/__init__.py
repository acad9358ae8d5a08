"""What several analyses know of each row, worked out once per data set and settings: the graph of nearest
neighbours, and the probability of each class from models that did not see the row.
"""

from core.prepare.evidence.classes import class_evidence
from core.prepare.evidence.graph import Graph, graph
from core.prepare.evidence.result import ClassEvidence

__all__ = ["ClassEvidence", "Graph", "class_evidence", "graph"]
