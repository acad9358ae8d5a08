"""The data as decided against ``prepare.py`` and the pipeline."""

from __future__ import annotations

import sys
import types
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.export.prepare_script import prepare_script
from core.review import Review
from core.steps import settle


def script(dataset: Dataset, decisions: Sequence[Decision]) -> Any:
    """``prepare.py`` of these decisions, as a module that was never written to disk."""
    module = types.ModuleType("prepare")
    text = prepare_script(dataset, decisions, settle(decisions, dataset))
    sys.modules["prepare"] = module  # classes in it look up their module
    exec(compile(text, "prepare.py", "exec"), module.__dict__)
    return module


def decided(dataset: Dataset, decisions: Sequence[Decision]) -> pd.DataFrame:
    """The data as decided, by places in the source."""
    data = as_decided(dataset, Review().say(*decisions))
    frame = data.frame()
    frame.index = pd.Index(data.source_ids(frame.index.to_numpy()))
    return frame


def assert_equal(got: pd.DataFrame, want: pd.DataFrame, near: float = 1e-12) -> None:
    """The same columns, rows, types and cells; floats within ``near`` of their size."""
    assert list(got.columns) == list(want.columns)
    assert list(got.index) == list(want.index)
    for name in want.columns:
        a, b = got[name], want[name]
        assert a.isna().tolist() == b.isna().tolist(), name
        known = b.notna().to_numpy()
        assert not known.any() or kind_of(a) == kind_of(b), (name, a.dtype, b.dtype)
        if b.dtype.kind == "f":
            x, y = a[known].to_numpy(float), b[known].to_numpy(float)
            assert np.allclose(x, y, rtol=near, atol=near), (name, np.abs(x - y).max())
        else:
            assert a[known].tolist() == b[known].tolist(), name


def kind_of(values: pd.Series[Any]) -> str:
    """Whether a column holds whole numbers, others, yes and no, dates or texts."""
    asked = pd.api.types
    if asked.is_bool_dtype(values.dtype) or set(map(type, values.dropna())) == {bool}:
        return "boolean"
    if asked.is_integer_dtype(values.dtype):
        return "whole"
    if asked.is_float_dtype(values.dtype):
        return "number"
    return "date" if asked.is_datetime64_any_dtype(values.dtype) else "text"
