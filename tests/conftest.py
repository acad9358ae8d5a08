"""What all tests share: nothing is judged by how long it took, as a test machine may be busy."""

from __future__ import annotations

import atexit
import gc
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import core  # noqa: F401  before numpy, as wherever Winnow runs: it chooses how numpy calculates
from core.prepare import memo
from core.run import MEMO
from tests import ahead
from tests.examples import examples

# Before numpy is imported: side by side, each test process (and what it starts) calculates on its share of
# the cores. On more, threads wait for each other longer than they work.
_PROCESSES = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
if _PROCESSES > 1:
    for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(_name, str(max(1, (os.cpu_count() or 1) // _PROCESSES)))

# No test reads or writes the workspace of whoever runs the tests, nor that of another test process.
os.environ["WINNOW_HOME"] = tempfile.mkdtemp(prefix="winnow-tests-")
atexit.register(shutil.rmtree, os.environ["WINNOW_HOME"], ignore_errors=True)

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
JOURNEY = 900  # seconds: what waits for one thing too long fails by itself, however busy the machine is
BETWEEN = 8  # files after each journey: they take about as long as one

settings.register_profile(  # the same examples on every machine; others where more of them are asked for
    "winnow", deadline=None, max_examples=examples(40), derandomize=examples(0) == 0
)
settings.load_profile("winnow")


@pytest.fixture(autouse=True, scope="module")
def nothing_remembered() -> Iterator[None]:
    """What one file worked out no other asks for: kept, it would only be looked through, by the collector."""
    yield
    MEMO.clear()
    memo.clear()


def pytest_xdist_auto_num_workers() -> int:
    """Two test processes for each core: with three for two, the cores were idle for three tenths of the time,
    as a journey waits for its browser, and a test of a page or of a script for another process.
    """
    return 2 * (os.cpu_count() or 1)


def pytest_configure(config: pytest.Config) -> None:
    ahead.begin(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The journeys come early, as they take longest, with other files between them: a journey waits for its
    browser as long as it works, and whoever runs beside it is to be somebody who calculates.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.timeout(JOURNEY))
    journeys = [path for path in files if "journeys" in path.parts]
    others = iter([path for path in files if "journeys" not in path.parts])
    order = [path for journey in journeys for path in (journey, *itertools.islice(others, BETWEEN))]
    items[:] = [item for path in (*order, *others) for item in files[path]]


def pytest_sessionstart() -> None:
    ahead.turn(WORKER)
    gc.disable()  # what collecting the tests makes stays, and would be looked through again and again


def pytest_collection_finish() -> None:
    """What is there now stays: the collector, which Streamlit calls after every run of a page, need not look
    at it.
    """
    ahead.collected(WORKER)
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)  # tests leave little behind: looked through less often
