"""Rows compared by vectors: few alarms where there is nothing, and those that lie apart are found."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.analyses.outliers.analysis import OutlierSettings
from core.dataset import Dataset
from core.errors import TooSmallError
from core.run import run
from core.vectors import attach
from tests.make import dataset

ROWS, WIDE = 400, 40


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))


def with_vectors(path: Path, vectors: np.ndarray) -> Dataset:
    np.save(path / "v.npy", vectors.astype(np.float32))
    return attach(dataset(pd.DataFrame({"n": np.arange(len(vectors)) % 7})), path / "v.npy")


def drawn(seed: int) -> np.ndarray:
    """Three clouds."""
    draw = np.random.default_rng(seed)
    return draw.normal(size=(3, WIDE))[draw.integers(0, 3, ROWS)] + 0.7 * draw.normal(size=(ROWS, WIDE))


def test_clean_vectors_raise_few_alarms(tmp_path: Path) -> None:
    flagged = [run("outliers", with_vectors(tmp_path, drawn(seed))).summary["flagged"] for seed in range(3)]
    assert sum(map(int, flagged)) <= 0.004 * ROWS * 3 + 3


def test_vectors_that_lie_apart_are_found(tmp_path: Path) -> None:
    vectors = drawn(9)
    vectors[[7, 200]] = 4 * np.random.default_rng(1).normal(size=(2, WIDE))
    found = run("outliers", with_vectors(tmp_path, vectors))
    assert sorted(found.frame()["row"])[:2] == [7, 200] and found.summary["flagged"] <= 4
    assert found.frame()["why"][0] == "its vector lies far from those of other rows"


def test_chosen_columns_are_looked_at_instead(tmp_path: Path) -> None:
    settings = OutlierSettings(columns=("n",))
    assert run("outliers", with_vectors(tmp_path, drawn(0)), settings).names == ("n",)


def test_vectors_that_do_not_vary_are_told(tmp_path: Path) -> None:
    with pytest.raises(TooSmallError, match="None of the columns"):
        run("outliers", with_vectors(tmp_path, np.ones((60, 3))))
