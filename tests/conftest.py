"""What all tests share: nothing is judged by how long it took, as a test machine may be busy."""

from __future__ import annotations

import gc

import pytest
from hypothesis import settings

settings.register_profile("winnow", deadline=None)
settings.load_profile("winnow")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The journeys come first: they take longest, and whoever runs beside them has enough left to do."""
    items.sort(key=lambda item: "journeys" not in item.path.parts)


def pytest_collection_finish() -> None:
    """What is there now stays: the collector, which Streamlit calls after every run of a page, need not look
    at it.
    """
    gc.collect()
    gc.freeze()
