"""Rows that were resampled before the split are found; clean rows are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.finding import Finding
from core.run import run
from tests.make import dataset


def rows(seed: int, resampled: bool, n: int = 400) -> pd.DataFrame:
    """Two classes in four columns, 15% of the second; SMOTE evens them out, before rows are shuffled."""
    draw = np.random.default_rng(seed)
    x, y = draw.normal(size=(n, 4)), (draw.random(n) < 0.15).astype(int)
    x[y == 1] += 0.7
    if resampled:
        from imblearn.over_sampling import SMOTE

        x, y = SMOTE(random_state=seed).fit_resample(x, y)
    order = draw.permutation(len(y))
    return pd.DataFrame(x[order], columns=list("abcd")).assign(y=np.array(["no", "yes"])[y[order]])


def found(frame: pd.DataFrame, split: bool = True) -> Finding | None:
    cut = len(frame) * 4 // 5
    data = (
        dataset(frame.iloc[:cut], serve=frame.iloc[cut:], target="y") if split else dataset(frame, target="y")
    )
    codes = {finding.code: finding for finding in run("leakage", data).findings}
    return codes.get("resampled_before_split")


def test_resampled_rows_are_found_and_clean_ones_never() -> None:
    hits = [found(rows(seed, True)) for seed in range(3)]
    assert all(one is not None and one.severity == "critical" and len(one.rows) > 20 for one in hits)
    assert [seed for seed in range(3) if found(rows(seed, False)) is not None] == []


def test_the_rows_named_are_of_serve_and_mixed_with_train() -> None:
    frame = rows(7, True)
    one = found(frame)
    cut = len(frame) * 4 // 5
    assert one is not None and one.rows.ids.min() >= cut
    assert (frame["y"].to_numpy()[one.rows.ids] == "yes").all()


def test_without_parts_it_is_said_of_folds() -> None:
    one = found(rows(1, True), split=False)
    assert one is not None and one.severity == "warning" and "folds" in one.title


@pytest.mark.parametrize("kind", ["whole", "rounded", "line"])
def test_rows_that_are_in_line_by_themselves_are_no_resampling(kind: str) -> None:
    frame = rows(3, False)
    if kind == "whole":
        frame[list("abcd")] = (frame[list("abcd")] * 3).round()
    if kind == "rounded":
        frame[list("abcd")] = frame[list("abcd")].round(3)
    if kind == "line":  # all columns are one: every row lies between others, in either class
        frame[list("bcd")] = frame[["a", "a", "a"]].to_numpy() * [1.0, -2.0, 0.5]
    assert found(frame) is None
