"""Threads of libraries: those of OpenMP sleep while they wait, and linear algebra starts none, wherever the
engine is the first to need them.
"""

import os
import re
import subprocess
import sys

import pytest

OURS = ("OMP_WAIT_POLICY", "OPENBLAS_NUM_THREADS")
BLAS = (
    "from threadpoolctl import threadpool_info; import scipy.linalg;"
    "blas = lambda: sorted({one['num_threads'] for one in threadpool_info() if one['user_api'] == 'blas'});"
)


def _run(code: str, **given: str) -> subprocess.CompletedProcess[str]:
    """A fresh process, in whose environment nothing is said of threads but what is given."""
    env = {name: value for name, value in os.environ.items() if name not in OURS} | given
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)


def _threads(code: str, **given: str) -> tuple[set[str], list[str]]:
    """What the OpenMP libraries of a fresh process say of themselves as they load, and what it prints."""
    done = _run(code, OMP_DISPLAY_ENV="true", **given)
    return set(re.findall(r"OMP_WAIT_POLICY *= *'(\w+)'", done.stderr)), done.stdout.split()


@pytest.mark.parametrize(
    "code",
    [
        "import core, openTSNE",
        "from core.process import Resident; import core; r = Resident(); r.call(__import__('core.analyses."
        "projection.layout', fromlist=['x']).warm_tsne); r.end()",
    ],
    ids=["t-SNE", "worker process"],
)
def test_threads_of_models_sleep_while_they_wait(code):
    assert _threads(code)[0] == {"PASSIVE"}


@pytest.mark.parametrize("first", ["core", "components.server"])
def test_threads_sleep_while_they_wait_and_linear_algebra_starts_none_unless_told_to(first):
    code = f"import {first}; {BLAS} print(*blas()); import sklearn.ensemble"
    assert _threads(code) == ({"PASSIVE"}, ["1"])
    told = {"OMP_WAIT_POLICY": "ACTIVE", "OPENBLAS_NUM_THREADS": "2"}
    assert _threads(code, **told) == ({"ACTIVE"}, [str(min(2, os.cpu_count() or 1))])


@pytest.mark.parametrize("first", ["core.__main__", "app"])
def test_linear_algebra_starts_no_threads_unless_it_is_told_to(first):
    code = f"import {first}; {BLAS} print(*blas())"
    assert _run(code).stdout.split() == ["1"]
    assert _run(code, OPENBLAS_NUM_THREADS="2").stdout.split() == [str(min(2, os.cpu_count() or 1))]


def test_a_leaf_has_one_thread_for_linear_algebra_where_numpy_was_there_first():
    code = (
        f"{BLAS} from threadpoolctl import threadpool_limits; threadpool_limits(2, user_api='blas');"
        "from core.workers import LocalThreads; print(blas());"
        "print(list(LocalThreads(2).map(lambda part: blas(), [0, 1])));"
        "fail = LocalThreads(2).map(lambda part: 1 // part, [1, 0])\n"
        "try: list(fail)\n"
        "except ZeroDivisionError: print(blas())"
    )
    assert _run(code).stdout.splitlines() == ["[2]", "[[1], [1]]", "[2]"]
