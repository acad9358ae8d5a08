"""What the comparison speaks for: nothing where there is nothing to say, and scores of what is taken away."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn import metrics

from components.figures.strategies import _apart
from components.views.balance.learning import sentence
from core.analyses.strategies.findings import Ratio, advice, clause, spoiled
from core.analyses.strategies.learning import curve
from core.analyses.strategies.model_files import model_files
from core.analyses.strategies.scores import SCORES, Wanted, scores, uninformed
from core.analyses.strategies.trial import Trial
from core.analyses.strategies.verdict import _area, choice, compared
from core.errors import SettingError
from core.numerics.paired import difference
from core.run import run
from tests.make import dataset

QUICK = {"models": "linear", "repeats": 1, "curves": False, "strategies": "none"}
KNOWN = uninformed(np.array([900, 100]), Wanted())
SPREAD = np.array([0.0, 0.002, -0.002, 0.001, -0.001])


def trial(strategy: str, model: str = "linear", **means: float) -> Trial:
    """Five folds about these means; every other score is 0.7."""
    made = {name: means.get(name, 0.7) + SPREAD * (1.0 + 0.1 * len(strategy)) for name in SCORES}
    return Trial(model, strategy, made, made)


def picked(*trials: Trial, score: str = "log_loss", by: str = "f_beta") -> Any:
    return choice(trials, score, by, 0.25, KNOWN)


def noise(seed: int) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(draw.normal(size=(600, 3)), columns=list("abc"))
    return frame.assign(y=np.where(draw.random(600) < 0.1, "yes", "no"))


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_recommended_on_noise(seed: int) -> None:
    result = run("strategies", dataset(noise(seed), target="y"), QUICK)
    assert result.choice.strategy == "none" and "move the threshold" not in result.verdict
    assert result.choice.columns == "tell" or "do not predict it better" in result.verdict
    assert "threshold_low" not in result.summary and not result.findings


def test_columns_that_tell_nothing_and_columns_that_tell_all() -> None:
    none, moved = trial("none", auroc=0.5, f_beta=0.0), trial("threshold", auroc=0.5, f_beta=0.5)
    weights = trial("weights", log_loss=0.1)
    assert picked(none, moved, weights)[1:5] == ("none", False, "", "nothing")
    sure = trial("none", auroc=0.999, average_precision=0.99, f_beta=0.0)
    assert picked(sure, moved, weights)[1:5] == ("none", False, "", "all")
    rare = trial("none", auroc=0.999, average_precision=0.68, f_beta=0.0)
    assert picked(rare, moved, weights).strategy == "weights"
    assert picked(trial("none", auroc=0.5), trial("none", "boosting", auroc=0.8)).columns == "tell"
    told = advice(picked(sure, moved), sure, 0.5)
    assert told.startswith("These columns predict it almost perfectly (held-out AUROC 0.9990")
    assert "Leakage" in told
    assert "do not predict it better" in advice(picked(none, moved), none, 0.5)


def test_what_columns_tell_is_measured_before_a_scaling_that_is_all_but_constant() -> None:
    flat = np.full(5, 0.5)
    none = trial("none", auroc=0.7)
    none = none._replace(corrected={**none.corrected, "auroc": flat})
    best = picked(none)
    assert best.columns == "tell" and best.area.value == pytest.approx(0.7)


def test_a_threshold_must_beat_calling_every_row_alike() -> None:
    alike = KNOWN["f_beta"]
    assert alike == pytest.approx(2 * 0.1 / 1.1)
    none = trial("none", f_beta=0.0)
    assert picked(none, trial("threshold", f_beta=alike + 0.001)).strategy == "none"
    assert picked(none, trial("threshold", f_beta=alike + 0.05)).strategy == "threshold"
    dear = trial("none", net_benefit=-0.2)  # where calling none may be right, it is enough to be as good
    assert picked(dear, trial("threshold", net_benefit=0.0), by="net_benefit").strategy == "threshold"
    assert picked(dear, trial("threshold", net_benefit=-0.1), by="net_benefit").strategy == "none"


def test_a_gain_that_is_sure_but_tiny_is_no_reason() -> None:
    none, moved = trial("none", log_loss=0.2), trial("threshold", log_loss=0.2)
    small, large = (trial("focal", log_loss=0.2 - gain * KNOWN["log_loss"]) for gain in (0.009, 0.02))
    best = picked(none, moved, small)
    assert (best.strategy, best.hardly) == ("none", "focal")
    assert advice(best, none, 0.5) == "Leave the classes alone. Focal weights help surely, but hardly."
    best = picked(none, moved, large)
    assert best.strategy == "focal"
    assert advice(best, large, 0.21).startswith("Focal weights help; correct the probabilities")
    assert clause("smote", "predict") == "SMOTE predicts"


def test_by_a_score_of_decisions_the_reference_is_the_tuned_threshold() -> None:
    trials = trial("none", mcc=0.1), trial("threshold", mcc=0.4), trial("weights", mcc=0.4)
    by = {line.strategy: line for line in compared(trials, "mcc", 0.25)}
    assert by["threshold"].says == "better" and by["threshold"].against.value == pytest.approx(0.3)
    assert by["weights"].says == "tie" and by["weights"].against.value == pytest.approx(0.0)


def test_a_model_that_ranks_no_row_is_no_tie() -> None:
    """With an AUROC of 0.5 and an accuracy of 0.05 it was called a tie."""
    trials = trial("none", auroc=0.8), trial("weights", auroc=0.79), trial("smote", auroc=0.5)
    by = {line.strategy: line for line in compared(trials, "f_beta", 0.25)}
    assert by["smote"].says == "tie" and by["smote"].words == "no better than chance"
    assert by["smote"].area == pytest.approx(0.5)
    assert by["weights"].words == "tie" and by["none"].words == "reference"
    worse = trial("smote", auroc=0.5, f_beta=-0.9)
    [_, line] = compared((trials[0], worse), "f_beta", 0.25)
    assert line.words == "worse", "which says enough"


def test_what_is_known_without_columns_is_what_scores_give_it() -> None:
    truth, wanted = np.repeat([0, 1, 2], [60, 30, 10]), Wanted(costs=((0, 1, 1), (1, 0, 1), (30, 30, 0)))
    counts = np.bincount(truth)
    p = np.tile(counts / 100, (100, 1))
    each = [scores(truth, p, np.full(100, call), counts / 100, wanted) for call in range(3)]
    best = {
        name: (max if SCORES[name].higher else min)(one[name] for one in each)
        for name in each[0]
        if name not in ("average_precision", "recall_at_precision")
    }
    known = uninformed(counts, wanted)
    assert {name: known[name] for name in best} == pytest.approx(best)
    assert known["mean_cost"] == pytest.approx(0.9)  # always the dear class


def test_costs_reach_the_verdict() -> None:
    draw, n = np.random.default_rng(4), 900
    y = draw.choice(3, n, p=[0.8, 0.15, 0.05])
    frame = pd.DataFrame({"a": y + draw.normal(0, 0.8, n)}).assign(y=np.array(["low", "mid", "top"])[y])
    result = run("strategies", dataset(frame, target="y"), {**QUICK, "costs": "0 1 1; 1 0 1; 30 30 0"})
    none, moved = (result.trial("linear", one).corrected["mean_cost"].mean() for one in ("none", "threshold"))
    assert moved < 0.8 * none and "decide by the costs" in result.verdict
    two = dataset(frame.assign(y=np.where(y > 0, "yes", "no")), target="y")
    dear = run("strategies", two, {**QUICK, "aim": "cost", "costs": "0 1; 50 0"})
    odds = run("strategies", two, {**QUICK, "aim": "cost", "odds": 0.02})
    assert dear.threshold(dear.picked) == odds.threshold(odds.picked) < 0.1
    assert dear.summary["mean_cost"] == pytest.approx(50 * odds.summary["mean_cost"], rel=1e-4)
    with pytest.raises(SettingError, match="costs nothing"):
        run("strategies", two, {**QUICK, "costs": "0 1; 0 0"})


def test_the_card_scores_the_decisions_of_the_model() -> None:
    draw = np.random.default_rng(1)
    x = draw.normal(size=(700, 2))
    y = draw.random(700) < expit(-2.6 + x[:, 0] - x[:, 1])
    data = dataset(pd.DataFrame(x, columns=list("ab")).assign(y=np.where(y, "yes", "no")), target="y")
    result = run("strategies", data, {**QUICK, "chosen": "none"})
    files = model_files(data, result)
    about, card = json.loads(files["model.json"]), files["model.md"].decode()
    assert about["decides"] == "likeliest" and about["threshold"] == result.summary["threshold"]
    p, truth = result.picked.p_corrected, result.truth
    folds = [result.fold == fold for fold in range(5)]
    f = [metrics.f1_score(truth[one], p[one] >= about["threshold"]) for one in folds]
    assert f"| F-beta | {np.mean(f):.4f} |" in card and "by the likeliest class" in card
    assert result.summary["f_beta"] == pytest.approx(np.mean(f), abs=1e-6)


def test_doing_nothing_is_never_said_to_spoil_probabilities_and_noise_neither() -> None:
    none = Ratio("linear", "none", 0.002, 0.005, 2.5, 2.5, "none")
    unsure = Ratio("linear", "smote", 0.002, 0.005, 2.5, 1.0, "platt", sure=False)
    assert spoiled("y", "yes", [none, unsure], 100) is None
    found = spoiled("y", "yes", [none, Ratio("linear", "weights", 0.3, 0.1, 0.33, 1.0, "prior")], 100)
    assert found is not None and found.title.startswith("Class weights predict class")


def test_a_learning_curve_says_unclear_and_its_model() -> None:
    areas = np.array([[0.99, gain + 0.996] for gain in (-0.008, 0.012, 0.004, -0.004, 0.0)])
    one = curve(0, "auroc", (40, 80), np.clip(areas, 0, 1), 0.25, 3, "boosting")
    assert one.says == "unclear" and "(gradient boosting)" in sentence(one, "yes")
    flat = curve(0, "auroc", (40, 80), np.full((5, 2), 0.9), 0.25)
    assert "changed its AUROC by under 0.001" in sentence(flat, "yes")
    small = flat._replace(gain=-0.0003, low=-0.002, high=0.00004)
    assert "by -0.0003 (-0.002 to +0.00004)" in sentence(small, "yes")
    assert _apart([5, 6, 10, 20, 21, 40]) == [5, 10, 20, 40]


def test_the_interval_of_an_auroc_ends_where_it_does() -> None:
    """0.82, 0.25 to 1.39 stood there."""
    folds = np.array([0.3, 1.0, 1.0, 1.0, 0.8])
    assert (bare := difference(folds, np.zeros(5), 0.25)).high > 1.0
    area = _area(folds, 0.25, 1)
    assert (area.value, area.low, area.high) == (bare.value, bare.low, 1.0)
