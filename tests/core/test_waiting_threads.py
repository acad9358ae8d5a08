"""Threads of OpenMP sleep while they wait, wherever the engine is the first to need them."""

import os
import re
import subprocess
import sys

import pytest


def _policies(code: str, **given: str) -> set[str]:
    """What the OpenMP libraries of a fresh process say of themselves as they load."""
    env = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    env |= {"OMP_DISPLAY_ENV": "true", **given}
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stderr
    return set(re.findall(r"OMP_WAIT_POLICY *= *'(\w+)'", said))


@pytest.mark.parametrize(
    "code",
    [
        "import core, sklearn.ensemble",
        "import components.server, sklearn.ensemble",
        "import core, openTSNE",
        "from core.process import Resident; import core; r = Resident(); r.call(__import__('core.analyses."
        "projection.layout', fromlist=['x']).warm_tsne); r.end()",
    ],
    ids=["engine", "server", "t-SNE", "worker process"],
)
def test_threads_of_models_sleep_while_they_wait(code):
    assert _policies(code) == {"PASSIVE"}


def test_who_starts_the_program_may_choose_how_threads_wait():
    assert _policies("import core, sklearn.ensemble", OMP_WAIT_POLICY="ACTIVE") == {"ACTIVE"}
