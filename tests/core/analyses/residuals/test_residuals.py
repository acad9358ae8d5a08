"""Residuals: numbers that were spoiled are found, clean ones are left alone, whatever their tails."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_friedman1

from core.analyses.residuals.analysis import ResidualResult, ResidualSettings, residuals, studentised
from core.analyses.residuals.findings import findings
from core.analyses.residuals.models import stacked
from core.errors import TooSmallError
from core.outcomes import attempt
from core.prepare import fixes
from core.progress import SILENT
from core.rowset import RowSet
from tests.make import dataset


def houses(rows: int = 400, seed: int = 0, noise: str = "normal") -> pd.DataFrame:
    """A price that follows size, age and town, with a spread that grows with the size."""
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame({"size": draw.gamma(4, 30, rows), "age": draw.integers(0, 80, rows)})
    frame["town"] = draw.choice(["Ghent", "Lyon"], rows)
    error = draw.normal(size=rows) if noise == "normal" else draw.standard_t(4, rows)
    base = 2.0 * frame["size"] - frame["age"] + 60 * (frame["town"] == "Lyon")
    return frame.assign(price=base + 0.1 * frame["size"] * error)


def judged(frame: pd.DataFrame, **settings: object) -> ResidualResult:
    chosen = ResidualSettings.of({"target": "price", **settings})
    return residuals(dataset(frame, target="price"), chosen, SILENT)


def test_spoiled_numbers_are_flagged_and_come_first() -> None:
    frame = houses()
    draw = np.random.default_rng(1)
    wrong = draw.choice(400, 12, replace=False)
    frame.loc[wrong, "price"] += draw.choice([-1, 1], 12) * 300.0
    result = judged(frame)
    table = result.rows()
    assert table.columns.tolist() == ["row", "given", "score", "beyond_limit", "flagged", "expected"]
    assert table["flagged"][wrong].mean() >= 0.9 and table["flagged"].sum() <= 14
    assert set(result.frame()["row"][:8]) <= set(wrong.tolist())
    [finding] = result.findings
    assert finding.code == "wrong_numbers" and finding.severity == "warning" and finding.action == "defer"


@pytest.mark.parametrize("noise", ["normal", "heavy"])
def test_clean_numbers_are_left_alone(noise: str) -> None:
    beyond = [int(judged(houses(seed=seed, noise=noise)).beyond.sum()) for seed in range(3)]
    assert sum(beyond) <= 0.004 * 1_200 + 3


@pytest.mark.parametrize(
    ("far", "certain", "possible"),
    [
        ([7.0] * 6, 0, 6),
        ([7.0] * 24, 0, 24),  # as many as chance makes of 3,000
        ([7.0] * 25, 25, 0),
        ([14.0, 7.0, 7.0, 31.0], 2, 2),
        ([14.0], 1, 0),
    ],
)
def test_numbers_that_chance_explains_are_no_warning(far: list[float], certain: int, possible: int) -> None:
    """Six of 3,005, of which three were ordinary, were a warning with a limit of 24 and 12 by chance."""
    evidence = np.r_[far, np.ones(3_000 - len(far))]
    told = {f.code: f for f in findings("y", np.arange(3_000), evidence > 6.5, evidence, 6.5)}
    assert set(told) == {
        *(["wrong_numbers"] if certain else []),
        *(["wrong_numbers_possible"] if possible else []),
    }
    for code, rows, level in (
        ("wrong_numbers", certain, "warning"),
        ("wrong_numbers_possible", possible, "info"),
    ):
        if one := told.get(code):
            assert (len(one.rows), one.value, one.severity) == (rows, rows, level)
            assert one.limit is not None
            assert (one.value > one.limit) is (level == "warning"), (
                "a warning is beyond its limit, a note not"
            )
    if certain == 2:
        assert told["wrong_numbers_possible"].title.startswith(
            "2 of 3,000 numbers in 'y' may not fit the rest"
        )
        assert told["wrong_numbers"].rows == RowSet([0, 3])
        assert "2.2 to 4.8 times the limit" in told["wrong_numbers"].title
        assert fixes.label(fixes.looked_at_first(told["wrong_numbers_possible"])) == "Send 2 rows to review"


def test_flagged_is_one_number_in_finding_summary_table_and_rows() -> None:
    """Four of 3,000 were flagged in the summary and in the rows, where the finding was of one."""
    frame = houses(3_000)
    frame.loc[5, "price"] += 3_000.0
    frame.loc[[50, 500, 900], "price"] += 150.0
    result = judged(frame)
    told = {one.code: one.rows for one in result.findings}
    certain, possible = told["wrong_numbers"], told["wrong_numbers_possible"]
    assert certain == RowSet([5]) and {50, 500} <= set(possible.ids.tolist())
    rows, table = result.rows(), result.frame()
    assert RowSet(rows.loc[rows["flagged"], "row"]) == RowSet(table.loc[table["flagged"], "row"]) == certain
    every = certain | possible
    assert RowSet(rows.loc[rows["beyond_limit"], "row"]) == RowSet(table["row"]) == every
    assert (result.summary["flagged"], result.summary["beyond_limit"]) == (1, len(every))


def test_where_nothing_predicts_the_numbers_none_is_flagged() -> None:
    draw = np.random.default_rng(0)
    frame = pd.DataFrame({"a": draw.normal(size=200), "price": draw.normal(size=200)})
    frame.loc[3, "price"] = 50.0
    result = judged(frame)
    assert not result.beyond.any() and "do not predict 'price'" in result.unchecked


def test_models_share_the_say_by_what_they_add_to_each_other() -> None:
    """Friedman's first function: curves and a product, of which a plane and the nearest rows know less than
    trees do. The models together explain more than equal or single ones.
    """
    x, y = make_friedman1(2_000, noise=1.0, random_state=0)
    frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(10)]).assign(price=y)
    result = judged(frame)
    assert result.weights["boosting"] > 0.5 and sum(result.weights.values()) == pytest.approx(1.0)
    assert result.explained > 0.92
    assert min(result.weights.values()) >= 0.0
    draw = np.random.default_rng(0)
    truth = draw.normal(size=500)
    made = np.stack([truth + 0.1 * draw.normal(size=500), -truth, draw.normal(size=500)], axis=1)
    assert stacked(made, truth)[0] > 0.95 and stacked(made, truth)[1] == 0.0
    shy = np.stack([0.5 * truth, truth + 0.3 * draw.normal(size=500), 0.8 * truth + 0.2], axis=1)
    missed = ((shy - truth[:, None]) ** 2).mean(axis=0)
    together = stacked(shy, truth)
    assert ((shy @ together - truth) ** 2).mean() <= missed.min(), "not worse than the best alone"
    assert together.sum() == pytest.approx(1.0) and together.min() >= 0.0
    assert stacked(shy, np.ones(500)).tolist() == pytest.approx([1 / 3] * 3)


def test_residuals_are_held_against_those_of_the_nearest_rows() -> None:
    size = np.repeat([1.0, 10.0], 50)
    residual = size * np.tile([-1.0, 1.0], 50)
    residual[0] = 8.0  # far among the small ones, not among the large ones
    near = np.stack([(np.arange(50) + step) % 50 for step in range(1, 31)], axis=1)
    near = np.concatenate([near, near + 50]).astype(np.int32)
    far = np.abs(studentised(residual, near))
    assert far.argmax() == 0 and far[50:].max() < far[0]


def test_gaps_in_the_numbers_are_not_judged_and_few_numbers_refused() -> None:
    frame = houses(120)
    frame.loc[:9, "price"] = np.nan
    result = judged(frame)
    assert result.judged.tolist() == list(range(10, 120)) and result.rows()["expected"][:10].isna().all()
    with pytest.raises(TooSmallError, match="known in 30 train rows"):
        judged(houses(30))


def test_a_target_of_classes_is_left_to_labels() -> None:
    frame = houses(80).assign(price=np.arange(80) % 3)
    outcome = attempt("residuals", dataset(frame, target="price"))
    assert outcome.status.state == "ok" and "Labels" in outcome.result.notes[0]
    assert not outcome.findings and outcome.result.summary["judged"] == 0
