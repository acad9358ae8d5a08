"""The data as decided against ``prepare.py`` and the pipeline."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.dataset import Dataset
from core.decided import as_decided
from core.export.prepare_script import prepare_script
from core.review import Decision, Review
from core.steps import settle


def script(dataset: Dataset, decisions: Sequence[Decision], folder: Path) -> Any:
    """``prepare.py`` of these decisions, imported."""
    path = folder / "prepare.py"
    path.write_text(prepare_script(dataset, decisions, settle(decisions, dataset)), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("prepare", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    kept, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    spec.loader.exec_module(module)
    sys.dont_write_bytecode = kept
    return module


def decided(dataset: Dataset, decisions: Sequence[Decision]) -> pd.DataFrame:
    """The data as decided, by places in the source."""
    data = as_decided(dataset, Review().say(*decisions))
    frame = data.frame()
    frame.index = pd.Index(data.source_ids(frame.index.to_numpy()))
    return frame


def assert_equal(got: pd.DataFrame, want: pd.DataFrame, near: float = 1e-12) -> None:
    """The same columns, rows and cells; floats within ``near`` of their size."""
    assert list(got.columns) == list(want.columns)
    assert list(got.index) == list(want.index)
    for name in want.columns:
        a, b = got[name], want[name]
        assert a.isna().tolist() == b.isna().tolist(), name
        known = b.notna().to_numpy()
        if b.dtype.kind == "f":
            x, y = a[known].to_numpy(float), b[known].to_numpy(float)
            assert np.allclose(x, y, rtol=near, atol=near), (name, np.abs(x - y).max())
        else:
            assert a[known].tolist() == b[known].tolist(), name
