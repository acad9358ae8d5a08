"""Class imbalance: corrected probabilities, false claims, coverage of intervals, resampling before the split,
and the same by hand with imbalanced-learn and scikit-learn.

    python -m benchmarks.balance [DATA] [--quick]

The truth is logistic, so that the closed form is exact where it should be.
"""

from __future__ import annotations

import contextlib
import itertools
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit, ndtri
from sklearn.linear_model import LogisticRegression

from benchmarks.table import Row, show
from core.analyses.imbalance.measures import auroc_half_width, ratio_span
from core.analyses.strategies.calibration import ratio_interval, reliability
from core.analyses.strategies.fitted import fitted
from core.analyses.strategies.folds import Folds, held_out
from core.analyses.strategies.models import MODELS
from core.analyses.strategies.problem import posed
from core.analyses.strategies.scores import Wanted
from core.analyses.strategies.settings import StrategiesSettings
from core.analyses.strategies.threshold import Aim, tuned, tuned_interval
from core.analyses.strategies.trial import LearningCurve, Problem
from core.dataset import Dataset
from core.errors import Cancelled
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


def held_out_is_fresh(quick: bool) -> list[Row]:
    """AUROC on held-out folds (ours), where rows are resampled inside training folds alone, and on 100,000
    fresh rows (peer), by either model: means over draws of 20,000 rows with 2,000 events.
    """
    ways, draws = ("weights", "oversample", "undersample", "smote"), 1 if quick else 3
    fresh = logistic(100_000, 0.1, seed=99)
    event = fresh["y"].eq("yes").to_numpy()
    areas: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for seed in range(draws):
        data = dataset(logistic(20_000, 0.1, seed=seed), target="y")
        result = run("strategies", data, {**QUICK, "models": "both", "strategies": ",".join(ways)})
        problem = _problem(data)
        frame = pd.DataFrame(problem.values, columns=list(problem.columns.names))
        for model, way in itertools.product(MODELS, ways):
            pipeline = fitted(frame, problem.target, problem.columns, 2, way, model, 0)
            p = pipeline.predict_proba(fresh.drop(columns="y"))[:, 1]
            own = float(result.trial(model, way).plain["auroc"].mean())
            areas.setdefault((model, way), []).append((own, float(area_under_curve(p, event))))
    made = []
    for (model, way), pairs in areas.items():
        ours, peer = np.mean(pairs, axis=0).tolist()
        name = f"AUROC, {way}, {model}: held-out, fresh rows"
        made.append(Row(name, ours, peer, ours / peer, "within .01", abs(ours - peer) <= 0.01))
    return made


def false_claims(quick: bool) -> list[Row]:
    """Oversampling under two seeds is the same in expectation: how often one is called better."""
    seeds, claims = 20 if quick else 100, 0
    for seed in range(seeds):
        problem = _problem(dataset(logistic(600, 0.1, seed=seed), target="y"), repeats=2)
        folds = Folds(problem, 0)
        scores = [[_log_loss(problem, folds, at, own) for at in folds.every] for own in (1, 2)]
        gap = difference(np.array(scores[0]), np.array(scores[1]), folds.tested)
        claims += gap.verdict(False) in ("better", "worse")
    most = 0.05 * seeds + 2 * np.sqrt(0.05 * 0.95 * seeds) if quick else 0.05 * seeds
    return [Row(f"false claims, {seeds} seeds", claims, most, claims / most, "at most 5%", claims <= most)]


def _problem(data: Dataset, repeats: int = 1) -> Problem:
    classes = classes_of(data, "y")
    assert classes is not None
    return posed(data, "y", classes, StrategiesSettings(repeats=repeats), SILENT).problem


def _log_loss(problem: Problem, folds: Folds, at: tuple[int, int], seed: int) -> float:
    fold = folds.fold(at)
    (held,) = held_out(fold, "oversample", ("linear",), seed)
    assert not isinstance(held, str)
    truth = problem.target[fold.held]
    return float(-np.log(held.undone[np.arange(truth.size), truth]).mean())


def coverage(quick: bool) -> list[Row]:
    """Shares of draws in which a 95% interval covers the truth; at least 100 events in each."""
    draws = 100 if quick else 400
    shares = {
        **_of_probabilities(draws),
        **_of_thresholds(draws),
        **_of_counts(draws),
        **_of_folds(draws),
        **_of_doubling(draws),
    }
    return [
        Row(f"coverage, {name}, {draws} draws", share, 0.95, share / 0.95, "at least 92%", share >= 0.92)
        for name, share in shares.items()
    ]


def _of_probabilities(draws: int) -> dict[str, float]:
    """O/E and points of the reliability curve of right predictions (about 165 events of 1,000 rows), and the
    share of the class.
    """
    draw = np.random.default_rng(0)
    p = np.sort(expit(draw.normal(-2.0, 1.0, 1_000)))
    bins, hits = np.arange(p.size) * 10 // p.size, np.zeros((draws, 3))
    for at in range(draws):
        truth = draw.random(p.size) < p
        low, _, high = ratio_interval(int(truth.sum()), float(p.sum()), p.size)
        curve = reliability(truth, p, bins)
        ends = wilson(np.array([float(truth.sum())]), np.array([float(p.size)]))
        hits[at] = (
            low <= 1.0 <= high,
            np.mean([one.low <= one.predicted <= one.high for one in curve]),
            ends[0][0] <= p.mean() <= ends[1][0],
        )
    names = ("O/E", "reliability points", "share of the class")
    return dict(zip(names, hits.mean(axis=0).tolist(), strict=True))


def _of_thresholds(draws: int) -> dict[str, float]:
    """The tuned threshold by each aim (about 165 events of 1,000 rows); the truth is the best one of
    2,000,000 rows.
    """
    aims: dict[Aim, Wanted] = {
        "f_beta": Wanted(),
        "mcc": Wanted(),
        "cost": Wanted(odds=0.2),
        "precision": Wanted(),
        "recall": Wanted(),
    }
    made = {}
    for aim, wanted in aims.items():
        draw, hits = np.random.default_rng(0), 0
        many = expit(draw.normal(-2.0, 1.0, 2_000_000))
        best = tuned(draw.random(many.size) < many, many, aim, 0.5, wanted).threshold
        for at in range(draws):
            p = expit(draw.normal(-2.0, 1.0, 1_000))
            low, high = tuned_interval(draw.random(p.size) < p, p, aim, 0.5, wanted, at)
            hits += low <= best <= high
        made[f"threshold tuned for {aim}"] = hits / draws
    return made


def _of_counts(draws: int) -> dict[str, float]:
    """What counts alone allow: the half width of an AUROC of 0.8 (100 events of 1,000 rows, normal scores),
    and the O/E of a Poisson number of events, 100 on average.
    """
    draw, apart = np.random.default_rng(1), float(np.sqrt(2.0) * ndtri(0.8))
    event, hits = np.arange(1_000) < 100, np.zeros(2)
    for _ in range(draws):
        area = float(area_under_curve(draw.normal(size=1_000) + apart * event, event))
        events = int(draw.poisson(100))
        low, high = (end * events / 100 for end in ratio_span(events))
        hits += abs(area - 0.8) <= auroc_half_width(100, 900), low <= 1.0 <= high
    return dict(zip(("AUROC from the counts", "O/E from the counts"), (hits / draws).tolist(), strict=True))


def _of_folds(draws: int) -> dict[str, float]:
    """The mean AUROC over five folds, as the verdict gives it (100 events of 1,000 rows on average): the
    truth is the mean over the draws.
    """
    areas = []
    for seed in range(draws):
        frame = logistic(1_000, 0.1, seed=seed)
        x, event = frame.drop(columns="y").to_numpy(), frame["y"].eq("yes").to_numpy()
        fold = np.argsort(np.argsort(event, kind="stable"), kind="stable") % 5
        scores = [
            LogisticRegression().fit(x[fold != k], event[fold != k]).decision_function(x[fold == k])
            for k in range(5)
        ]
        area = [area_under_curve(one, event[fold == k]) for k, one in enumerate(scores)]
        areas.append(difference(np.array(area), np.zeros(5), 0.25))
    truth = float(np.mean([one.value for one in areas]))
    return {"mean AUROC": float(np.mean([one.low <= truth <= one.high for one in areas]))}


def _of_doubling(draws: int) -> dict[str, float]:
    """What learning curves say of the last doubling (100 events of 1,000 rows on average), paired over five
    folds as all differences are: the truth is the mean over the draws.
    """
    settings = {**QUICK, "curves": True, "strategies": "weights"}
    gaps: dict[str, list[LearningCurve]] = {"auroc": [], "average_precision": []}
    for seed in range(draws):
        result = run("strategies", dataset(logistic(1_000, 0.1, seed=seed), target="y"), settings)
        for one in result.curves:
            gaps[one.score].append(one)
    made = {}
    for score, given in gaps.items():
        truth = float(np.mean([one.gain for one in given]))
        made[f"learning curves, {score}"] = float(np.mean([one.low <= truth <= one.high for one in given]))
    return made


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


def stopped(quick: bool) -> list[Row]:
    """Seconds from Stop to the end, at several moments of the work."""
    n = 10_000 if quick else 100_000
    data, most = dataset(logistic(n, 0.01, columns=30), target="y"), 0.0
    for after in (0.2, 2.0, 8.0, 25.0):
        begun = time.monotonic()
        with contextlib.suppress(Cancelled):
            run("strategies", data, {"seed": 1}, Progress(stop=_Later(begun + after)))
            continue  # it was done before
        most = max(most, time.monotonic() - begun - after)
    return [Row(f"seconds to stop, {n:,} x 30", most, 2, most / 2, "under 2", most < 2)]


class _Later(NamedTuple):
    """True from a moment on."""

    moment: float

    def __call__(self) -> bool:
        return time.monotonic() >= self.moment


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
    parts = (corrected, held_out_is_fresh, coverage, resampled, by_hand, false_claims, speed, stopped)
    return [row for part in parts for row in part(quick)]


if __name__ == "__main__":
    made = measure(None, "--quick" in sys.argv)
    show(made)
    sys.exit(0 if all(row.ok for row in made) else 1)
