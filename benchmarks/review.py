"""Review: a simulated reviewer works through the queue of four sets with 10% of the labels moved to another
class at random. Who looks at a row sees whether its label is wrong, and mends it.

Measured: the share of those labels that is mended after 1.5 looks for each, and how many looks it takes to
mend 80% of them, with the queue re-ranked by what was confirmed and dismissed so far and as it was at first.
In the queue are the doubtful labels and the outliers, which are no wrong labels for the most part. The most
that could be mended: what the same models find in as many looks where they learned from labels without
errors, a row judged by models that did not see it. It is asked for where it is less than 80%.

python -m benchmarks.review DATA [SEEDS [SETS]]   one line of JSON per setting as it is done, then the table
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.labels import Codes, Floats, Noise, labelled, sets, spoiled
from benchmarks.table import Row, show
from core.analyses.labels.analysis import LabelSettings, labels
from core.analyses.outliers.analysis import OutlierSettings, outliers
from core.prepare.verdicts import Verdicts
from core.prepare.worklist import WorkItem, ordered
from core.progress import SILENT

SETS = ("digits", "mnist_5k", "mlbench_DNA", "ada")
SEEDS = 5
SHARE, LOOKS, STEP = 0.8, 1.5, 5
AFAR = ", with honest outliers"
HONEST, COLUMNS = 60, 5  # rows whose label is right that are moved far out, and in how many columns
KNOWN = 0.95  # of what could be known, where that is less than ``SHARE``


@dataclass(frozen=True)
class Worked:
    """mended: share after 1.5 looks for each error planted. most: what models of the true labels find in as
    many. looks, looks_before: to mend 80%, with the queue re-ranked and as it was at first; -1 where the
    queue ended before.
    """

    name: str
    seed: int
    rows: int
    planted: int
    mended: float
    most: float
    looks: int
    looks_before: int


def lines_of(frame: pd.DataFrame, given: Codes) -> list[WorkItem]:
    """The findings of the queue with their rows, the most doubtful first."""
    with tempfile.TemporaryDirectory() as folder:
        data = labelled(frame, given, Path(folder))
        doubts = labels(data, LabelSettings(target="given"), SILENT)
        odd = outliers(data, OutlierSettings(), SILENT)
    assert doubts.evidence is not None
    in_order = doubts.evidence.rows[doubts.order]
    lines = [WorkItem(one, in_order[one.rows.mask(given.size)[in_order]]) for one in doubts.findings]
    rows = np.argsort(-odd.score, kind="stable")
    lines += [
        WorkItem(one, rows[one.rows.mask(given.size)[rows]]) for one in odd.findings if one.code == "outliers"
    ]
    return [line for line in lines if line.rows.size]


def looked(lines: list[WorkItem], wrong: NDArray[np.bool_], rerank: bool) -> NDArray[np.bool_]:
    """Look by look, whether the label was wrong; re-ranked after each five looks."""
    seen = np.zeros(wrong.size, bool)
    found: list[NDArray[np.bool_]] = []
    while True:
        rows = np.flatnonzero(seen)
        known = Verdicts(rows, wrong[rows]) if rerank else Verdicts(rows[:0], wrong[:0])
        order = ordered(lines, known)
        here = order[~seen[order]][:STEP]
        if not here.size:
            return np.concatenate(found)
        seen[here] = True
        found.append(wrong[here])


def knowing(frame: pd.DataFrame, y: Codes) -> Floats:
    """The probabilities of the classes, rows x classes by code, by models that learned from the true labels
    of the other rows.
    """
    with tempfile.TemporaryDirectory() as folder:
        evidence = labels(labelled(frame, y, Path(folder)), LabelSettings(target="given"), SILENT).evidence
    assert evidence is not None and evidence.rows.size == y.size
    codes = [int(one.removeprefix("class ")) for one in evidence.classes]
    return np.asarray(evidence.probabilities[:, np.argsort(codes)], dtype=np.float64)


def setting(name: str, frame: pd.DataFrame, y: Codes, seed: int, known: Floats) -> Worked:
    """One reviewer; ``known``: what could be known. With some honest outliers where the name says so."""
    given = spoiled(y, Noise("uniform", 0.10), seed, np.zeros((0, 0)))
    wrong = given != y
    lines = lines_of(with_honest(frame, wrong, seed) if name.endswith(AFAR) else frame, given)
    planted = int(wrong.sum())
    with_, without = (np.cumsum(looked(lines, wrong, rerank)) for rerank in (True, False))
    need = int(np.ceil(SHARE * planted))
    took = [int(np.searchsorted(run, need)) + 1 if run[-1] >= need else -1 for run in (with_, without)]
    most = round(LOOKS * planted)
    mended = with_[min(with_.size, most) - 1] / planted
    best = wrong[np.argsort(known[np.arange(y.size), given], kind="stable")[:most]].sum() / planted
    return Worked(name, seed, y.size, planted, round(float(mended), 4), round(float(best), 4), *took)


def with_honest(frame: pd.DataFrame, wrong: NDArray[np.bool_], seed: int) -> pd.DataFrame:
    """The frame with some numbers of rows whose label is right moved 15 to 40 standard deviations out."""
    draw, moved = np.random.default_rng(seed), frame.copy()
    rows = draw.choice(np.flatnonzero(~wrong), HONEST, replace=False)
    for column in frame.select_dtypes("number").columns[:COLUMNS]:
        values = frame[column].to_numpy(np.float64).copy()
        values[rows] = values.mean() + values.std() * draw.uniform(15, 40, HONEST)
        moved[column] = values
    return moved


def every(folder: Path, seeds: int, chosen: tuple[str, ...]) -> Iterator[Worked]:
    """All settings."""
    loaded = sets(folder)
    for name in chosen:
        frame, y = loaded[name]()
        known = knowing(frame, y)
        for seed in range(seeds):
            yield setting(name, frame, y, seed, known)
    for seed in range(seeds):
        yield setting(f"{name}{AFAR}", frame, y, seed, known)


def summed(worked: list[Worked]) -> list[Row]:
    """The rows of the common table."""
    table = pd.DataFrame([asdict(one) for one in worked])
    rows = []
    plain = table[~table["name"].str.endswith(AFAR)]
    for name, share, most in plain.groupby("name", sort=False)[["mended", "most"]].mean().itertuples():
        asked = SHARE if most >= SHARE else KNOWN * most
        limit = f"ours >= {SHARE:g}" if asked == SHARE else f"ours >= {KNOWN:g} x most"
        rows.append(
            Row(f"review: mended of {name}", share, asked, share / asked, limit, bool(share >= asked))
        )
    both = table[(table["looks"] > 0) & (table["looks_before"] > 0)]
    worst = float((both["looks"] - both["looks_before"]).max())
    ours, before = float(both["looks"].mean()), float(both["looks_before"].mean())
    rows.append(Row("review: looks to mend 80%", ours, before, before / ours, "ours < peer", ours < before))
    for name, each in both.groupby("name", sort=False):
        now, then = float(each["looks"].mean()), float(each["looks_before"].mean())
        rows.append(
            Row(f"review: looks to mend 80% of {name}", now, then, then / now, "<= peer", now <= then)
        )
    rows.append(Row("review: looks that feedback cost", worst, 0.0, worst, "<= 0", worst <= 0))
    return rows


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """The rows of the common table."""
    if folder is None:
        return []
    return summed(list(every(folder, 1 if quick else SEEDS, SETS[-1:] if quick else SETS)))


def main() -> None:
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else SEEDS
    chosen = tuple(sys.argv[3].split(",")) if len(sys.argv) > 3 else SETS
    worked = []
    for one in every(Path(sys.argv[1]), seeds, chosen):
        worked.append(one)
        sys.stdout.write(json.dumps(asdict(one)) + "\n")
        sys.stdout.flush()
    show(summed(worked))


if __name__ == "__main__":
    main()
