"""Class imbalance: corrected probabilities, false claims, coverage of intervals, resampling before the split,
and the same by hand with imbalanced-learn and scikit-learn.

    python -m benchmarks.balance [DATA] [--quick]

The truth is logistic, so that the closed form is exact where it should be.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit, ndtri
from sklearn.linear_model import LogisticRegression

from benchmarks.table import Row, show
from core.analyses.imbalance.measures import auroc_half_width
from core.analyses.strategies.calibration import ratio_interval, reliability
from core.analyses.strategies.folds import Folds, held_out
from core.analyses.strategies.problem import posed
from core.analyses.strategies.scores import Wanted
from core.analyses.strategies.settings import StrategiesSettings
from core.analyses.strategies.threshold import tuned, tuned_interval
from core.analyses.strategies.trial import Problem
from core.numerics.auc import area_under_curve
from core.numerics.binning import wilson
from core.numerics.paired import difference
from core.prepare.classes import classes_of
from core.progress import SILENT, Progress
from core.run import run
from tests.core.analyses.leakage.test_interpolated import found, rows
from tests.make import dataset

SLOPES = np.r_[1.0, -1.0, 0.7, 0.5, -0.5]
QUICK = {"models": "linear", "repeats": 1, "curves": False}


def logistic(n: int, prevalence: float, columns: int = 5, seed: int = 0) -> pd.DataFrame:
    draw = np.random.default_rng([seed, n])
    x = draw.normal(size=(n, columns))
    score = x[:, :5] @ SLOPES
    level = brentq(lambda at: float(expit(score + at).mean()) - prevalence, -20, 5)
    y = draw.random(n) < expit(score + level)
    return pd.DataFrame(x, columns=[f"x{j}" for j in range(columns)]).assign(y=np.where(y, "yes", "no"))


def corrected(quick: bool) -> list[Row]:
    """O/E of weights, over- and undersampling before (ours) and after (peer) the closed form. At 0.1% the
    truth has 500 events: with 80 in training, weighted fits are too uncertain in the tails to be right.
    """
    made = []
    for prevalence in (0.001, 0.01, 0.1):
        n = int((200 if quick else 500) / prevalence) if prevalence == 0.001 else 20_000
        data = dataset(logistic(n, prevalence), target="y")
        result = run(
            "strategies", data, {**QUICK, "sample": 2_000_000, "strategies": "weights,oversample,undersample"}
        )
        for line in result.frame().to_dict("records"):
            if line["strategy"] in ("weights", "oversample", "undersample"):
                right = 0.9 <= line["ratio_corrected"] <= 1.1 and line["ratio"] < 0.5
                name = f"O/E at {prevalence:.1%}, {line['strategy']}: before, after"
                ratio = line["ratio_corrected"] / line["ratio"]
                made.append(
                    Row(name, line["ratio"], line["ratio_corrected"], ratio, "after .9 to 1.1", right)
                )
    return made


def false_claims(quick: bool) -> list[Row]:
    """Oversampling under two seeds is the same in expectation: how often one is called better."""
    seeds, claims = 20 if quick else 100, 0
    for seed in range(seeds):
        problem = _problem(logistic(600, 0.1, seed=seed))
        folds = Folds(problem, 0)
        scores = [[_log_loss(problem, folds, at, own) for at in folds.every] for own in (1, 2)]
        gap = difference(np.array(scores[0]), np.array(scores[1]), folds.tested)
        claims += gap.verdict(False) in ("better", "worse")
    most = 0.05 * seeds + 2 * np.sqrt(0.05 * 0.95 * seeds) if quick else 0.05 * seeds
    return [Row(f"false claims, {seeds} seeds", claims, most, claims / most, "at most 5%", claims <= most)]


def _problem(frame: pd.DataFrame) -> Problem:
    data = dataset(frame, target="y")
    classes = classes_of(data, "y")
    assert classes is not None
    return posed(data, "y", classes, StrategiesSettings(repeats=2), SILENT).problem


def _log_loss(problem: Problem, folds: Folds, at: tuple[int, int], seed: int) -> float:
    fold = folds.fold(at)
    (held,) = held_out(fold, "oversample", ("linear",), seed)
    assert not isinstance(held, str)
    truth = problem.target[fold.held]
    return float(-np.log(held.undone[np.arange(truth.size), truth]).mean())


def coverage(quick: bool) -> list[Row]:
    """Shares of draws in which a 95% interval covers the truth; at least 100 events in each."""
    draws = 100 if quick else 400
    shares = {**_of_probabilities(draws), **_of_auroc(draws), **_of_doubling(draws)}
    return [
        Row(f"coverage, {name}, {draws} draws", share, 0.95, share / 0.95, "at least 92%", share >= 0.92)
        for name, share in shares.items()
    ]


def _of_probabilities(draws: int) -> dict[str, float]:
    """O/E, points of the reliability curve and the tuned threshold of right predictions (about 165 events of
    1,000 rows), and the share of the class. The truth of the threshold is the best one of 400,000 rows.
    """
    draw, wanted = np.random.default_rng(0), Wanted()
    p = np.sort(expit(draw.normal(-2.0, 1.0, 1_000)))
    many = expit(draw.normal(-2.0, 1.0, 400_000))
    best = tuned(draw.random(many.size) < many, many, "f_beta", 0.5, wanted).threshold
    bins, hits = np.arange(p.size) * 10 // p.size, np.zeros((draws, 4))
    for at in range(draws):
        truth = draw.random(p.size) < p
        low, _, high = ratio_interval(int(truth.sum()), float(p.sum()), p.size)
        curve = reliability(truth, p, bins)
        new = expit(draw.normal(-2.0, 1.0, 1_000))
        under, over = tuned_interval(draw.random(new.size) < new, new, "f_beta", 0.5, wanted, at)
        ends = wilson(np.array([float(truth.sum())]), np.array([float(p.size)]))
        hits[at] = (
            low <= 1.0 <= high,
            np.mean([one.low <= one.predicted <= one.high for one in curve]),
            under <= best <= over,
            ends[0][0] <= p.mean() <= ends[1][0],
        )
    names = ("O/E", "reliability points", "tuned threshold", "share of the class")
    return dict(zip(names, hits.mean(axis=0).tolist(), strict=True))


def _of_auroc(draws: int) -> dict[str, float]:
    """The half width that so many rows of each class allow an AUROC of 0.8: 100 events of 1,000 rows whose
    scores are normal.
    """
    draw, apart = np.random.default_rng(1), float(np.sqrt(2.0) * ndtri(0.8))
    event, hits = np.arange(1_000) < 100, 0
    for _ in range(draws):
        area = float(area_under_curve(draw.normal(size=1_000) + apart * event, event))
        hits += abs(area - 0.8) <= auroc_half_width(100, 900)
    return {"AUROC from the counts": hits / draws}


def _of_doubling(draws: int) -> dict[str, float]:
    """The difference of AUROC between half and all events in training, paired over five folds (100 events of
    1,000 rows on average): the truth is the mean over the draws.
    """
    gaps = []
    for seed in range(draws):
        frame = logistic(1_000, 0.1, seed=seed)
        x, event = frame.drop(columns="y").to_numpy(), frame["y"].eq("yes").to_numpy()
        fold = np.argsort(np.argsort(event, kind="stable"), kind="stable") % 5
        areas = []
        for held in (fold == k for k in range(5)):
            rows = np.flatnonzero(~held)
            half = np.sort(np.r_[rows[~event[rows]], rows[event[rows]][::2]])
            models = (LogisticRegression().fit(x[some], event[some]) for some in (half, rows))
            scores = [model.decision_function(x[held]) for model in models]
            areas.append([area_under_curve(one, event[held]) for one in scores])
        gaps.append(difference(np.array(areas)[:, 1], np.array(areas)[:, 0], 0.25))
    truth = float(np.mean([one.value for one in gaps]))
    return {"paired differences": float(np.mean([one.low <= truth <= one.high for one in gaps]))}


def resampled(quick: bool) -> list[Row]:
    """SMOTE before the split: seeds in which it is found, and clean seeds in which it is claimed."""
    hits = sum(found(rows(seed, True)) is not None for seed in range(10))
    claims = sum(found(rows(seed, False)) is not None for seed in range(20))
    return [
        Row("resampled before the split, found of 10", hits, 9, hits / 9, "at least 9", hits >= 9),
        Row("the same, claimed of 20 clean", claims, 0, float("nan"), "none", claims == 0),
    ]


def speed(quick: bool) -> list[Row]:
    """Seconds to the first result and to the last but SMOTE + ENN."""
    n = 10_000 if quick else 100_000
    data = dataset(logistic(n, 0.01, columns=30), target="y")
    begun, first = time.perf_counter(), [0.0]

    def view(part: object) -> None:
        first[0] = first[0] or time.perf_counter() - begun

    run("strategies", data, {"smote_enn": "no"}, Progress(viewer=view))
    whole = time.perf_counter() - begun
    return [
        Row(f"seconds to the first result, {n:,} x 30", first[0], 5, first[0] / 5, "under 5", first[0] < 5),
        Row("seconds to all but SMOTE + ENN", whole, 90, whole / 90, "under 90", whole < 90),
    ]


def by_hand(quick: bool) -> list[Row]:
    """The same folds, the same models, with imbalanced-learn's own pipeline: equal AUROC, and the seconds of
    the processor, on data small enough to stay in this process; by hand without calibration, thresholds and
    other scores, and with the threads that libraries take by themselves.
    """
    from imblearn.over_sampling import SMOTE, RandomOverSampler
    from imblearn.pipeline import make_pipeline
    from imblearn.under_sampling import RandomUnderSampler
    from sklearn.metrics import roc_auc_score
    from sklearn.preprocessing import StandardScaler

    data = dataset(logistic(5_000 if quick else 10_000, 0.05, columns=10), target="y")
    samplers = {"oversample": RandomOverSampler, "undersample": RandomUnderSampler, "smote": SMOTE}
    run("strategies", dataset(logistic(300, 0.2), target="y"), {**QUICK, "strategies": "smote"})  # imports
    begun = time.process_time()
    result = run("strategies", data, {**QUICK, "strategies": ",".join(samplers)})
    ours = time.process_time() - begun
    classes = classes_of(data, "y")
    assert classes is not None
    problem = posed(data, "y", classes, StrategiesSettings(repeats=1), SILENT).problem
    x, y = np.column_stack([problem.values[name] for name in problem.columns.names]), problem.target
    begun, worst = time.process_time(), 0.0
    for name, sampler in {"none": None, **samplers}.items():
        areas = []
        for fold in range(5):
            held = problem.folds[0] == fold
            steps = [] if sampler is None else [StandardScaler(), sampler(random_state=0)]
            model = make_pipeline(*steps, StandardScaler(), LogisticRegression(max_iter=300))
            p = model.fit(x[~held], y[~held]).predict_proba(x[held])[:, 1]
            areas.append(roc_auc_score(y[held], p))
        own = result.trial("linear", name).plain["auroc"]
        worst = max(worst, float(np.abs(own - areas).max()))
    theirs = time.process_time() - begun
    return [
        Row("largest difference of AUROC to the same by hand", worst, 0, float("nan"), "1e-6", worst < 1e-6),
        Row(
            "CPU seconds, and by hand", ours, theirs, ours / theirs, "at most 1.2 times", ours <= 1.2 * theirs
        ),
    ]


def measure(folder: Path | None = None, quick: bool = False) -> list[Row]:
    parts = (corrected, coverage, resampled, by_hand, false_claims, speed)
    return [row for part in parts for row in part(quick)]


if __name__ == "__main__":
    made = measure(None, "--quick" in sys.argv)
    show(made)
    sys.exit(0 if all(row.ok for row in made) else 1)
