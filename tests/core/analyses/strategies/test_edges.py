"""Rows and numbers at the edge: what is left out is said, and what did not converge claims nothing."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.analyses.strategies.decisions import strategy_decisions
from core.analyses.strategies.encoders import Columns, prepared
from core.analyses.strategies.folds import UNSETTLED, Folds, filled_by_medians, held_out
from core.analyses.strategies.problem import Posed, posed
from core.analyses.strategies.problem_notes import gaps
from core.analyses.strategies.result import StrategiesResult
from core.analyses.strategies.settings import StrategiesSettings
from core.analyses.strategies.trial import Problem
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.errors import SettingError, TooSmallError
from core.prepare.classes import classes_of
from core.progress import SILENT
from core.review import Review
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


def test_medians_found_at_once_are_those_that_scikit_learn_finds() -> None:
    draw = np.random.default_rng(0)
    values = np.column_stack([draw.normal(size=(101, 3)), draw.integers(0, 3, (101, 2)), np.ones((101, 2))])
    values[draw.random(values.shape) < 0.1] = np.nan
    values[:, 6], values[:, 0] = np.nan, draw.normal(size=101)  # one without a value, one without a gap
    frame = pd.DataFrame(values, columns=list("abcdefg"))
    columns, new = Columns(tuple(frame)), frame.assign(a=frame["b"])
    slow, quick = (prepared(columns, 0, filled).fit(frame) for filled in (None, filled_by_medians(frame)))
    for some in (frame, new):
        np.testing.assert_array_equal(slow.transform(some), quick.transform(some))


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


def test_columns_that_whole_folds_miss_are_named() -> None:
    frame, folds = drawn(400).assign(g=[f"g{row // 4}" for row in range(400)]), np.arange(400) // 4 % 5
    frame["some"] = np.where(folds == 0, np.nan, 1.0)
    frame["one"] = np.where(frame["g"] == "g10", "known", None)
    frame["void"] = np.nan
    columns = Columns(("a", "some", "void"), ("one",), ())
    values = {name: frame[name].to_numpy(dtype=object if name == "one" else float) for name in columns.names}
    said = gaps(columns, values, np.stack([folds, folds[::-1]]).astype(np.int8))
    assert said == [
        "'void' has no value in the rows used, and predicts nothing.",
        "All values of 'one' lie in one fold: the models that are tested there do not know them.",
        "'some' has no value in a whole held-out fold: what is scored there is scored without.",
    ]
    frame["some"] = np.where(frame["g"] == "g10", 1.0, np.nan)
    data = dataset(frame.drop(columns=["one", "void"]), target="y", group="g")
    result = run(
        "strategies", data, {"models": "linear", "repeats": 1, "curves": False, "strategies": "none"}
    )
    assert any(note.startswith("All values of 'some' lie in one fold") for note in result.notes)


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


def said(frame: pd.DataFrame, strategy: str, **settings: Any) -> tuple[Dataset, tuple[Decision, ...]]:
    """What a strategy comes to, compared on a sample where one is asked for."""
    data, given = dataset(frame, target="y"), asked(frame, **settings)
    result = StrategiesResult(
        StrategiesSettings(**settings), target="y", ids=given.rows, truth=given.problem.target
    )
    return data, strategy_decisions(data, result, strategy)


def taken(frame: pd.DataFrame, strategy: str, **settings: Any) -> pd.DataFrame:
    data, decisions = said(frame, strategy, **settings)
    return as_decided(data, Review().say(*decisions)).frame()


def test_synthetic_rows_miss_what_rows_of_their_class_miss_and_hold_no_median() -> None:
    draw = np.random.default_rng(0)
    frame = drawn(1000)
    frame["b"] = np.where(frame["y"] == "yes", draw.uniform(5, 6, 1000), draw.uniform(0, 1, 1000))
    frame.loc[draw.random(1000) < 0.4, "b"] = np.nan
    made = taken(frame, "smote")
    new = made[made["origin"] == "smote"]
    share = frame.loc[frame["y"] == "yes", "b"].isna().mean()
    assert len(new) == 800 and new["b"].isna().mean() == pytest.approx(share, abs=0.1)
    assert new["b"].dropna().between(5, 6).all()  # the median, by which SMOTE's gaps are filled, is below 1


def test_decisions_of_a_sampled_comparison_balance_all_rows() -> None:
    frame = drawn(1000)
    weights = {one.value: len(one.rows) for one in said(frame, "weights", sample=300)[1]}
    assert weights == {0.56: 900, 5.0: 100}
    for strategy, rows in (("undersample", 100), ("smote", 900)):
        made = taken(frame, strategy, sample=300)
        assert made["y"].value_counts().to_dict() == {"yes": rows, "no": rows}


def test_focal_weights_of_a_sample_and_too_many_synthetic_rows_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.analyses.strategies.decisions.GIVEN", 799)
    with pytest.raises(SettingError, match="800 synthetic rows would be added; a step takes 799"):
        taken(drawn(1000), "smote")
    data = dataset(drawn(1000), target="y")
    settings = {"models": "linear", "repeats": 1, "curves": False, "strategies": "focal", "sample": 300}
    with pytest.raises(SettingError, match="300 of 1,000 train rows were drawn"):
        strategy_decisions(data, run("strategies", data, settings), "focal")


def test_the_threshold_is_a_strategy_that_can_be_asked_for() -> None:
    settings = {"models": "linear", "repeats": 1, "curves": False}
    result = run(
        "strategies",
        dataset(drawn(), target="y"),
        {**settings, "strategies": "threshold", "chosen": "threshold"},
    )
    assert [one.strategy for one in result.trials] == ["none", "threshold"]
    assert result.picked.strategy == "threshold"


def test_the_unit_of_a_column_does_not_decide_which_rows_are_neighbours() -> None:
    """Two groups of a class lie apart in one column, and another column is noise in a unit that is large."""
    draw, frame = np.random.default_rng(0), drawn(1000)
    frame["a"] = np.where(np.arange(1000) % 20 == 0, 0.0, 1.0) + draw.normal(0, 0.01, 1000)
    frame["b"] = draw.normal(0, 1e6, 1000)
    made = taken(frame, "smote")
    new = made[made["origin"] == "smote"]
    assert len(new) == 800 and (new["a"].between(-0.1, 0.1) | new["a"].between(0.9, 1.1)).all()
    whole = taken(frame.assign(a=np.where(frame["a"] > 0.5, 3.0, 0.1)), "smote")
    assert set(whole.loc[whole["origin"] == "smote", "a"]) == {0.1, 3.0}  # nothing lies between equal ones
