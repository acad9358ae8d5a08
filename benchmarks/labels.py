"""Labels: how well planted label errors are found, against cleanlab's default path; false alarms on original
labels; and how often the interval of expected true errors covers the number planted.

The peer is what cleanlab 2.9 does by default: probabilities of a logistic regression by five stratified
folds, one minus that of the given label (self-confidence). Columns are scaled and levels written one-hot for
it, which its users have to do themselves.

python -m benchmarks.labels DATA [SEEDS [SETS]]   DATA holds ``tables`` and ``images``; one line of JSON per
setting as it is done, then the table
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.table import Row, show
from core.analyses.labels.analysis import LabelSettings, labels
from core.analyses.labels.result import LabelResult
from core.dataset import Dataset
from core.loading import load
from core.progress import SILENT

SEEDS = 5
COVTYPE_ROWS = 10_000
HARD = 0.2  # share of rows nearest to the border, of which instance-dependent noise takes half
Codes = NDArray[np.int64]
Floats = NDArray[np.float64]


class Noise(NamedTuple):
    """``kind``: uniform (to any other class), pair (to the next one) or instance (rows near the border, to
    the runner-up). ``rate``: share of the rows.
    """

    kind: str
    rate: float

    @property
    def word(self) -> str:
        """Such as ``pair 20%``."""
        return f"{self.kind} {self.rate:.0%}"


NOISES = (
    Noise("uniform", 0.05),
    Noise("uniform", 0.20),
    Noise("pair", 0.20),
    Noise("pair", 0.35),
    Noise("instance", 0.10),
)


def _bundled(name: str) -> tuple[pd.DataFrame, Codes]:
    from sklearn import datasets

    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    return pd.DataFrame(x, columns=[f"c{i}" for i in range(x.shape[1])]), y


def _images(folder: Path) -> tuple[pd.DataFrame, Codes]:
    held = np.load(folder / "images" / "mnist_5k.npz")
    x = held[next(name for name in held.files if held[name].ndim > 1)]
    y = held[next(name for name in held.files if held[name].ndim == 1)]
    flat = x.reshape(len(x), -1)
    return pd.DataFrame(flat, columns=[f"p{i}" for i in range(flat.shape[1])]), y


def _table(folder: Path, name: str, target: str) -> tuple[pd.DataFrame, Codes]:
    frame = pd.read_parquet(folder / "tables" / f"{name}.parquet")
    frame = frame.dropna(subset=[target])
    if len(frame) > 20_000:
        frame = frame.sample(COVTYPE_ROWS, random_state=0)
    frame = frame.reset_index(drop=True)
    return frame.drop(columns=target), np.unique(frame[target].to_numpy(), return_inverse=True)[1]


def sets(folder: Path) -> dict[str, Callable[[], tuple[pd.DataFrame, Codes]]]:
    """Name -> the columns and the labels as codes."""
    tables = {
        "mlbench_DNA": "Class",
        "covtype": "Cover_Type",
        "ada": "label",
        "sylva": "label",
        "r_modeldata_mlc_churn": "churn",
        "noaa_weather": "rain",
    }
    return {
        **{name: lambda name=name: _bundled(name) for name in ("digits", "wine", "breast_cancer")},
        "mnist_5k": lambda: _images(folder),
        **{name: lambda n=name, t=t: _table(folder, n, t) for name, t in tables.items()},
    }


def matrix_of(frame: pd.DataFrame) -> Floats:
    """Scaled numbers and one-hot levels, what the peer is given."""
    from sklearn.preprocessing import StandardScaler

    numbers = frame.select_dtypes("number")
    levels = frame.drop(columns=numbers.columns)
    parts = [numbers.fillna(numbers.median()).astype(float)]
    parts += [pd.get_dummies(levels.astype(str)).astype(float)] if levels.shape[1] else []
    return np.asarray(StandardScaler().fit_transform(pd.concat(parts, axis=1)))


def predicted(x: Floats, y: Codes, seed: int = 0) -> Floats:
    """Out-of-fold probabilities of cleanlab's default path."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold

    made = np.zeros((len(y), int(y.max()) + 1))
    for fit, held in StratifiedKFold(5, shuffle=True, random_state=seed).split(x, y):
        model = LogisticRegression().fit(x[fit], y[fit])
        made[np.ix_(held, model.classes_)] = model.predict_proba(x[held])
    return made


def spoiled(y: Codes, noise: Noise, seed: int, likely: Floats) -> Codes:
    """The labels with noise; ``likely``: the probabilities that a model gives to the true classes, by which
    rows near the border are known.
    """
    draw, classes = np.random.default_rng(seed), int(y.max()) + 1
    made, amount = y.copy(), round(noise.rate * y.size)
    if noise.kind == "instance":
        others = likely.copy()
        others[np.arange(y.size), y] = -1.0
        margin = likely[np.arange(y.size), y] - others.max(axis=1)
        near = np.argsort(margin)[: round(HARD * y.size)]
        rows = draw.choice(near, amount, replace=False)
        made[rows] = others[rows].argmax(axis=1)
        return made
    rows = draw.choice(y.size, amount, replace=False)
    step = draw.integers(1, classes, amount) if noise.kind == "uniform" else 1
    made[rows] = (y[rows] + step) % classes
    return made


def labelled(frame: pd.DataFrame, y: Codes, into: Path) -> Dataset:
    """The set with the labels as words in ``given``."""
    table = frame.assign(given=[f"class {code}" for code in y])
    return load(table, into=into, name="benchmark").with_roles(target="given")


@dataclass(frozen=True)
class Found:
    """One setting: mean average precision of both, seconds of both, the number planted, the interval of
    expected errors, the rows of the tier ``likely`` and how many of them were planted.
    """

    name: str
    noise: str
    seed: int
    ours: float
    peer: float
    seconds: float
    peer_seconds: float
    rows: int
    planted: int
    expected: float
    low: float
    high: float
    likely: int
    hits: int

    @property
    def covered(self) -> bool:
        """Whether the interval holds the number planted."""
        return self.low <= self.planted <= self.high


def judged(frame: pd.DataFrame, y: Codes, seed: int = 0) -> LabelResult:
    """Our result."""
    with tempfile.TemporaryDirectory() as folder:
        data = labelled(frame, y, Path(folder))
        return labels(data, LabelSettings(target="given", seed=seed), SILENT)


def setting(name: str, frame: pd.DataFrame, y: Codes, likely: Floats, noise: Noise, seed: int) -> Found:
    """Both on labels with noise; with ``rate`` 0 on the original ones."""
    from sklearn.metrics import average_precision_score

    given = spoiled(y, noise, seed, likely) if noise.rate else y
    wrong = given != y
    start = time.perf_counter()
    result = judged(frame, given, seed)
    mine = time.perf_counter() - start
    start = time.perf_counter()
    peer = 1.0 - predicted(matrix_of(frame), given, seed)[np.arange(y.size), given]
    theirs = time.perf_counter() - start
    table, whole = result.rows(), result.expected()
    ours, other = (
        float(average_precision_score(wrong, score)) if wrong.any() else 0.0
        for score in (table["score"], peer)
    )
    flagged = table["flagged"].to_numpy()
    planted, hits = int(wrong.sum()), int(wrong[flagged].sum())
    found = (ours, other, mine, theirs, y.size, planted, *whole, int(flagged.sum()), hits)
    return Found(name, noise.word, seed, *found)


def every(folder: Path, seeds: int, chosen: tuple[str, ...] = ()) -> Iterator[Found]:
    """All settings, one seed after the other; the original labels of every set first."""
    loaded = {name: make() for name, make in sets(folder).items() if not chosen or name in chosen}
    likely = {name: predicted(matrix_of(frame), y) for name, (frame, y) in loaded.items()}
    for name, (frame, y) in loaded.items():
        yield setting(name, frame, y, likely[name], Noise("original", 0.0), 0)
    for seed in range(seeds):
        for name, (frame, y) in loaded.items():
            for noise in NOISES:
                yield setting(name, frame, y, likely[name], noise, seed)


ORIGINAL = ("digits", "wine", "breast_cancer", "mnist_5k")


def summed(found: list[Found]) -> list[Row]:
    """The rows of the common table."""
    made = [one for one in found if one.planted]
    clean = [one for one in found if not one.planted and one.name in ORIGINAL]
    by_setting = (
        pd.DataFrame([asdict(one) for one in made]).groupby(["name", "noise"])[["ours", "peer"]].mean()
    )
    ours, peer = by_setting.mean()
    above = float((by_setting["ours"] >= by_setting["peer"]).mean())
    covered = float(np.mean([one.covered for one in made]))
    flagged = sum(one.likely for one in clean) / max(1, sum(one.rows for one in clean))
    gain = ours >= peer + 0.04
    return [
        Row("labels: mean average precision", ours, peer, ours / peer, "ours >= peer + .04", gain),
        Row("labels: settings not below the peer", above, 1.0, above, "ours >= .8", above >= 0.8),
        Row(
            "labels: likely on original labels", flagged, 0.005, flagged / 0.005, "<= .005", flagged <= 0.005
        ),
        Row("labels: interval covers", covered, 0.9, covered / 0.9, "ours >= .85", covered >= 0.85),
    ]


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """The rows of the common table."""
    if folder is None:
        return []
    small = ("digits", "wine", "breast_cancer")
    return summed(list(every(folder, 1 if quick else SEEDS, small if quick else ())))


def main() -> None:
    folder = Path(sys.argv[1])
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else SEEDS
    chosen = tuple(sys.argv[3].split(",")) if len(sys.argv) > 3 else ()
    found = []
    for one in every(folder, seeds, chosen):
        found.append(one)
        sys.stdout.write(json.dumps(asdict(one)) + "\n")
        sys.stdout.flush()
    show(summed(found))


if __name__ == "__main__":
    main()
