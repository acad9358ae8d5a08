"""Rows and numbers at the edge: what is left out is said, and what did not converge claims nothing."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.analyses.strategies.folds import UNSETTLED, Folds, held_out
from core.analyses.strategies.problem import Posed, posed
from core.analyses.strategies.settings import StrategiesSettings
from core.analyses.strategies.trial import Problem
from core.errors import TooSmallError
from core.prepare.classes import classes_of
from core.progress import SILENT
from core.run import run
from tests.make import dataset


def drawn(n: int = 400, seed: int = 0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(draw.normal(size=(n, 2)), columns=["a", "b"])
    return frame.assign(y=np.where(np.arange(n) % 10 == 0, "yes", "no"))


def asked(frame: pd.DataFrame, **settings: Any) -> Posed:
    data = dataset(frame, target="y")
    classes = classes_of(data, "y")
    assert classes is not None
    return posed(data, "y", classes, StrategiesSettings(**settings), SILENT)


def test_a_class_that_the_sample_holds_too_few_rows_of_is_said_to_be_so_among_those_drawn() -> None:
    frame = drawn(2000)
    frame.loc[frame.index % 100 == 5, "y"] = "small"  # 20 different rows
    given = asked(frame, sample=200)
    said = " ".join(given.notes)
    assert given.classes == ("no", "yes") and "From 200 of 2,000 train rows" in said
    assert "'small' is left out: fewer than 5 different rows among the 200 drawn of 2,000" in said
    assert asked(frame).classes == ("no", "yes", "small")
    frame["y"] = frame["y"].replace("yes", "no")
    with pytest.raises(TooSmallError, match="among the 200 drawn of 2,000"):
        asked(frame, sample=200)


def test_rows_without_a_target_and_numbers_too_far_are_noted() -> None:
    frame = drawn()
    assert asked(frame).notes == ()
    frame.loc[::4, "y"] = None
    frame.loc[[1, 2], "a"] = [1e300, -1e300]
    frame.loc[3, "b"] = np.inf
    frame["t"] = pd.Timestamp("2020-01-01")
    given = asked(frame)
    said = " ".join(given.notes)
    assert "'y' is not known in 100 train rows" in said
    assert "count as missing in 'a' and 'b'" in said
    assert [int(np.isnan(given.problem.values[one]).sum()) for one in "ab"] == [2, 1]
    assert set(given.problem.values["t"]) == {18262.0}  # days since 1970


def test_what_did_not_converge_is_left_out_and_nothing_is_better_than_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from sklearn.linear_model import LogisticRegression

    whole, fits = LogisticRegression.fit, []

    def fit(self: Any, x: Any, y: Any, sample_weight: Any = None) -> Any:
        self.max_iter = 1 if len(fits) % 5 == 3 else 1000
        fits.append(sample_weight is not None)
        return whole(self, x, y, sample_weight)

    frame = drawn()
    folds = Folds(asked(frame).problem, 0)
    monkeypatch.setattr(LogisticRegression, "fit", fit)
    settings = {"models": "linear", "repeats": 1, "curves": False, "strategies": "weights"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        said = [held_out(folds.fold(at), "none", ("linear", "linear"), 0) for at in folds.every[:2]]
        assert [isinstance(one, str) for both in said for one in both] == [False, False, False, True]
        assert said[1][1] == UNSETTLED
        fits.clear()
        result = run("strategies", dataset(frame, target="y"), settings)
    assert [(one.strategy, one.left_out) for one in result.trials] == [
        ("none", UNSETTLED),
        ("threshold", UNSETTLED),
        ("weights", UNSETTLED),
    ]
    assert result.choice is None and result.findings == ()


def test_numbers_of_any_size_are_fitted_without_a_word() -> None:
    frame = drawn()
    frame["a"] *= 1e99
    problem: Problem = asked(frame).problem
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (said,) = held_out(Folds(problem, 0).fold((0, 0)), "none", ("linear",), 0)
    assert not isinstance(said, str) and np.isfinite(said.p).all()
