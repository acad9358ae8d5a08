"""The checks behind the analysis `leakage`."""
