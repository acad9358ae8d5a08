"""Importance and doubt: one does not see labels, the other finds wrong ones; samples follow quotas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.analyses.importance.analysis import QUADRANTS
from core.errors import SettingError
from core.run import run
from tests.make import dataset

DRAW = np.random.default_rng(0)
ROWS = 900
X = DRAW.normal(size=(ROWS, 3))
X[:20] *= 5.0  # far out
TRUE = (X[:, 0] + 0.5 * X[:, 1] > 0).astype(int)
CLEAR = np.flatnonzero(np.abs(X[:, 0] + 0.5 * X[:, 1]) > 0.5)  # not too near the border to tell
WRONG = DRAW.choice(CLEAR, 60, replace=False)
GIVEN = TRUE.copy()
GIVEN[WRONG] = 1 - GIVEN[WRONG]
TABLE = pd.DataFrame(X, columns=["a", "b", "c"]).assign(y=np.array(["no", "yes"])[GIVEN])


def ranked(score: np.ndarray, hit: np.ndarray) -> float:
    """Area under the ROC curve."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(hit, score))


def test_doubt_finds_wrong_labels_and_importance_does_not_look_at_them() -> None:
    result = run("importance", dataset(TABLE, target="y"))
    rows = result.rows()
    assert list(rows.columns) == ["row", "importance", "doubt", "quadrant"] and len(rows) == ROWS
    wrong = np.isin(rows["row"], WRONG)
    assert ranked(rows["doubt"].to_numpy(), wrong) > 0.95
    assert abs(ranked(rows["importance"].to_numpy()[CLEAR], wrong[CLEAR]) - 0.5) < 0.1
    assert rows["importance"].mean() == pytest.approx(1.0)
    assert set(np.argsort(-rows["importance"])[:10]) <= set(range(20))
    clean = run("importance", dataset(TABLE.assign(y=np.array(["no", "yes"])[TRUE]), target="y")).rows()
    assert np.corrcoef(clean["importance"], rows["importance"])[0, 1] > 0.95
    counts = rows["quadrant"].value_counts()
    assert counts[QUADRANTS[2]] > 40 and counts[QUADRANTS[1]] >= 10
    assert result.frame()[list(QUADRANTS)].to_numpy().sum() == ROWS


def test_cleaning_samples_are_the_most_doubted_rows_by_quota() -> None:
    data = dataset(TABLE, target="y")
    result = run("importance", data, {"size": 60})
    assert np.isin(result.samples, WRONG).mean() > 0.75
    some = run("importance", data, {"each": "yes=15"}).samples
    assert some.size == 15 and (TABLE["y"].to_numpy()[some] == "yes").all()
    every = run("importance", data, {"each": "yes=all;no=3"}).samples
    assert every.size == (TABLE["y"] == "yes").sum() + 3
    with pytest.raises(SettingError, match="CLASS=ROWS"):
        run("importance", data, {"each": "yes"}).samples  # noqa: B018


def test_a_target_of_numbers_is_skipped() -> None:
    assert run("importance", dataset(TABLE, target="c")).status.state == "skipped"
    assert run("importance", dataset(TABLE)).status.state == "skipped"
    assert run("importance", dataset(TABLE)).rows() is None


def test_doubts_of_labels_that_nothing_predicts_mean_nothing_as_on_labels() -> None:
    tossed = np.random.default_rng(3).integers(0, 2, ROWS)
    data = dataset(TABLE.assign(y=np.array(["no", "yes"])[tossed]), target="y")
    result, labels = run("importance", data), run("labels", data)
    assert "do not predict 'y'" in result.unchecked and result.unchecked == labels.unchecked
    assert not run("importance", dataset(TABLE, target="y")).unchecked
    assert result.summary["ordinary_contradicted"] == 0 == result.summary["rare_contradicted"]
    assert not result.rows()["quadrant"].str.contains("contradicted").any()
