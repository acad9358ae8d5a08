"""Residuals: how many spoiled numbers stand among the farthest, against the residuals of a least-squares fit;
and the share of clean numbers beyond the limit.

python -m benchmarks.residuals   prints the table; a twentieth of the numbers is moved by three standard
deviations of all, up or down
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.table import Row, show
from core.analyses.residuals.analysis import ResidualResult, ResidualSettings, residuals
from core.loading import load
from core.progress import SILENT

Floats = NDArray[np.float64]
ROWS, SHARE, SEEDS = 2_000, 0.05, 3
VIEWED = 15_480  # rows of which 1,000 are viewed


def judged(x: Floats, y: Floats, seed: int = 0) -> ResidualResult:
    """Our result."""
    frame = pd.DataFrame(x, columns=[f"c{i}" for i in range(x.shape[1])]).assign(y=y)
    with tempfile.TemporaryDirectory() as folder:
        data = load(frame, into=Path(folder), name="benchmark")
        return residuals(data, ResidualSettings(target="y", seed=seed), SILENT)


def sets() -> dict[str, tuple[Floats, Floats]]:
    """Name -> columns and numbers."""
    from sklearn import datasets

    return {
        "diabetes": datasets.load_diabetes(return_X_y=True),
        "friedman1": datasets.make_friedman1(ROWS, noise=1.0, random_state=0),
        "linear": datasets.make_regression(ROWS, 20, n_informative=10, noise=150.0, random_state=0),
    }


def found(x: Floats, y: Floats, seeds: int) -> tuple[float, float]:
    """Share of the spoiled numbers among twice their number of the farthest, ours and of least squares."""
    from sklearn.linear_model import LinearRegression

    shares = []
    for seed in range(seeds):
        draw = np.random.default_rng(seed)
        amount = round(SHARE * y.size)
        wrong = draw.choice(y.size, amount, replace=False)
        spoiled = y.astype(float).copy()
        spoiled[wrong] += draw.choice([-1, 1], amount) * 3.0 * y.std()
        plain = np.abs(spoiled - LinearRegression().fit(x, spoiled).predict(x))
        both = (judged(x, spoiled, seed).evidence, plain)
        shares.append([np.isin(np.argsort(-one)[: 2 * amount], wrong).sum() / amount for one in both])
    ours, peer = np.mean(shares, axis=0)
    return float(ours), float(peer)


def viewed(name: str, seeds: int, moved: bool) -> tuple[float, float]:
    """Of 500 spoiled numbers of 15,480, how many stand among the 1,000 farthest: ours, and by the residual of
    the true function, which nobody knows. moved: by three standard deviations of all, up or down; or replaced
    by any value of the range, near the true one now and then.
    """
    from sklearn import datasets

    numbers = []
    for seed in range(seeds):
        draw = np.random.default_rng(seed)
        if name == "friedman1":
            x, truth = datasets.make_friedman1(VIEWED, random_state=seed)
            noise = 1.0
        else:
            x, truth = datasets.make_regression(VIEWED, 20, n_informative=10, random_state=seed)
            noise = float(truth.std()) * (0.4 / 0.6) ** 0.5  # R squared .6
        y = truth + noise * draw.normal(size=VIEWED)
        wrong = draw.choice(VIEWED, 500, replace=False)
        spoiled = y.copy()
        spoiled[wrong] += draw.choice([-1, 1], 500) * 3.0 * y.std()
        if not moved:
            spoiled[wrong] = draw.uniform(y.min(), y.max(), 500)
        both = (judged(x, spoiled, seed).evidence, np.abs(spoiled - truth))
        numbers.append([np.isin(np.argsort(-one, kind="stable")[:1_000], wrong).sum() for one in both])
    ours, best = np.median(numbers, axis=0)
    return float(ours), float(best)


def clean(seeds: int) -> float:
    """The largest share of clean numbers beyond the limit, by the kind of their errors."""
    shares = []
    for errors in ("normal", "t5", "t3", "lognormal"):
        beyond = 0
        for seed in range(seeds):
            draw = np.random.default_rng(seed)
            x = draw.normal(size=(1_000, 5))
            noise = {
                "normal": draw.normal(size=1_000),
                "t5": draw.standard_t(5, 1_000),
                "t3": draw.standard_t(3, 1_000),
                "lognormal": draw.lognormal(size=1_000),
            }[errors]
            beyond += int(judged(x, 2 * x[:, 0] + x[:, 1] ** 2 + noise, seed).beyond.sum())
        shares.append(beyond / (1_000 * seeds))
    return max(shares)


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """The rows of the common table."""
    seeds = 1 if quick else SEEDS
    rows = []
    for name, (x, y) in sets().items():
        ours, peer = found(x, y, seeds)
        ok = ours >= peer - 0.02
        rows.append(Row(f"residuals: {name}, share found", ours, peer, ours / peer, "ours >= peer - .02", ok))
    for name in ("friedman1", "make_regression"):
        ours, best = viewed(name, 1 if quick else 10, moved=True)
        rows.append(Row(f"residuals: {name}, of 500 moved", ours, best, ours / best, ">= 450", ours >= 450))
        ours, best = viewed(name, seeds, moved=False)
        ratio = ours / best
        rows.append(
            Row(f"residuals: {name}, of 500 replaced", ours, best, ratio, "ratio >= .9", ratio >= 0.9)
        )
    alarms = clean(seeds)
    rows.append(
        Row(
            "residuals: clean numbers beyond the limit",
            alarms,
            0.004,
            alarms / 0.004,
            "<= .004",
            alarms <= 0.004,
        )
    )
    return rows


if __name__ == "__main__":
    show(measure(None, quick=False))
