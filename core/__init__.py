"""Winnow's engine: it knows no screen.

    from core import load, run
    data = load("titanic.csv", target="survived")
    result = run("outliers", data)
    result.summary, result.frame(), result.rows(), result.findings

Data come in through `load`; `run` is the one gate to every analysis (``python -m core list`` names them); a
`Review` collects what a person decides; a `Recipe` makes the same data set again. All names load on first
use, so importing this is cheap.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

from core.processor import DISABLED, do_without

# a quarter less time on a profile than with Arrow's own choice
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
# threads of models sleep while they wait for each other: beside other work (a second analysis, another
# session) they would burn as much again in turning round. Read when OpenMP loads, which is later.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# linear algebra on the thread that asks for it: rows are shared out among threads of ours, beside which those
# of the library would spin. Read when numpy loads: who loads it before has `one_blas_thread` alone.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# two thirds of the time on a profile. Read when numpy loads; where it has, by the processes that start later.
if (without := do_without()) is not None:
    os.environ[DISABLED] = without

from core.run import run  # at once: the module of the same name would otherwise take its place
from core.version import VERSION

if TYPE_CHECKING:
    from core.dataset import Dataset
    from core.decided import as_decided
    from core.decision import Decision
    from core.errors import CoreError
    from core.export import apply_recipe
    from core.filters import Filter
    from core.finding import Finding
    from core.recipe import Recipe
    from core.review import Review
    from core.rowset import RowSet
    from core.workspace import load

_HOME = {
    "CoreError": "core.errors",
    "Dataset": "core.dataset",
    "Decision": "core.decision",
    "Filter": "core.filters",
    "Finding": "core.finding",
    "Recipe": "core.recipe",
    "Review": "core.review",
    "RowSet": "core.rowset",
    "apply_recipe": "core.export",
    "as_decided": "core.decided",
    "load": "core.workspace",
}

__all__ = [
    "CoreError",
    "Dataset",
    "Decision",
    "Filter",
    "Finding",
    "Recipe",
    "Review",
    "RowSet",
    "apply_recipe",
    "as_decided",
    "load",
    "run",
]
__version__ = VERSION


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'core' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)
