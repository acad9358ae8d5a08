"""Threads that import scikit-learn for the first time side by side find its modules half done."""

import subprocess
import sys

import pytest

_READY = """
import sys
def ready():
    module = sys.modules.get("sklearn.ensemble")
    return module is not None and not module.__spec__._initializing
assert not ready()
"""


@pytest.mark.parametrize(
    "code",
    [
        "from core.workers import at_once\nprint(all(at_once(ready, ready, ready)))",
        "from core.workers import import_ahead, imports_done\nimport_ahead(); imports_done(); print(ready())",
        "from core.workers import import_ahead, openmp_threads\nimport_ahead()\n"
        "with openmp_threads(1):\n    print(ready())",
        "from core.jobs import Jobs\njobs = Jobs()\njob = jobs.start('a', 'b', lambda _: ready())\n"
        "job.wait(60); print(job.result)",
    ],
    ids=["at once", "ahead", "threads of loops", "job"],
)
def test_what_models_need_is_imported_before_threads_that_import_it_begin(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _READY + code], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.strip() == "True", done.stderr
