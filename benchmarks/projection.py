"""How long a map takes, cold and warm, and what it keeps, beside umap-learn's and scikit-learn's own on the
same rows.

Cold is a fresh process with the compiled code on disk, as after the first start on a machine; a first map is
made before, unmeasured.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import psutil

from benchmarks.memory import peak
from benchmarks.table import Row, show

if TYPE_CHECKING:
    from core.analyses.projection.analysis import ProjectionResult
    from core.dataset import Dataset

ROOT = Path(__file__).parents[1]
WIDTH, GROUPS = 20, 8


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """The rows of the table; ``quick`` leaves out a million rows and takes a tenth of the others."""
    share = 10 if quick else 1
    small, medium, large = 10_000 // share, 100_000 // share, 1_000_000 // share
    _side("ours", small)  # compiles once for this machine
    ours, peer = _side("ours", small), _side("umap", small)
    tsne, theirs = _side("tsne", small), _side("sklearn", small)
    middle, most = _side("ours", medium), _side("ours", large)
    return [
        Row(
            f"map of {small:,}, cold process, s, against umap-learn",
            ours["cold"],
            peer["cold"],
            peer["cold"] / ours["cold"],
            "ours <= 15",
            ours["cold"] <= 15,
        ),
        Row(
            f"map of {small:,}, warm, s, against umap-learn",
            ours["warm"],
            peer["warm"],
            peer["warm"] / ours["warm"],
            "ours <= 5",
            ours["warm"] <= 5,
        ),
        Row(
            f"neighbours kept of {small:,}, against umap-learn",
            ours["kept"],
            peer["kept"],
            ours["kept"] / peer["kept"],
            "ratio >= 0.9",
            ours["kept"] >= 0.9 * peer["kept"],
        ),
        Row(
            f"neighbours kept of {small:,} on a fifth as landmarks",
            ours["landmarks"],
            peer["kept"],
            ours["landmarks"] / peer["kept"],
            "no limit",
            True,
        ),
        Row(
            f"map of {medium:,}, s",
            middle["warm"],
            30,
            middle["warm"] / 30,
            "ratio <= 1",
            middle["warm"] <= 30,
        ),
        Row(f"map of {large:,}, s", most["warm"], 120, most["warm"] / 120, "ratio <= 1", most["warm"] <= 120),
        Row(
            f"map of {large:,}, peak MB",
            most["peak"],
            4_000,
            most["peak"] / 4_000,
            "ratio <= 1",
            most["peak"] <= 4_000,
        ),
        Row(
            f"t-SNE of {small:,}, s, against scikit-learn",
            tsne["warm"],
            theirs["warm"],
            theirs["warm"] / tsne["warm"],
            "ratio >= 3",
            theirs["warm"] >= 3 * tsne["warm"],
        ),
        Row(
            "its Kullback-Leibler divergence, against scikit-learn's",
            tsne["kl"],
            theirs["kl"],
            theirs["kl"] / tsne["kl"],
            "ratio >= 1",
            tsne["kl"] <= theirs["kl"],
        ),
    ]


def _side(side: str, rows: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.projection", side, str(rows)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{side} failed:\n{done.stderr}")
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def space(rows: int) -> np.ndarray:
    """Groups of unequal size and width, some of them drawn out, in 20 columns."""
    draw = np.random.default_rng(0)
    centres, widths = draw.normal(0, 3, (GROUPS, WIDTH)), draw.uniform(0.5, 1.5, GROUPS)
    group = draw.choice(GROUPS, rows, p=draw.dirichlet(np.full(GROUPS, 3.0)))
    along = draw.normal(size=(rows, 1)) * draw.normal(0, 1.0, (GROUPS, WIDTH))[group]
    return (centres[group] + along + widths[group, None] * draw.normal(size=(rows, WIDTH))).astype(np.float32)


@contextlib.contextmanager
def _data(rows: int) -> Iterator[Dataset]:
    from core.workspace import load

    with tempfile.TemporaryDirectory() as place:
        os.environ["WINNOW_HOME"] = place
        path = Path(place) / "rows.parquet"
        pd.DataFrame(space(rows), columns=[f"c{i}" for i in range(WIDTH)]).to_parquet(path)
        yield load(path)


def _encoded(data: Dataset) -> np.ndarray:
    """What all sides lay out: the rows as the analysis encodes them."""
    from core.analyses.projection.principal import principal
    from core.prepare.encoding import encoded

    return principal(encoded(data).matrix, np.arange(data.rows), 50)


def _ours(rows: int, method: str) -> dict[str, float]:
    """Through the analysis, from the canonical file on disk; the first call starts the worker, the second
    finds it warm.
    """
    from core.analyses.projection.analysis import projection
    from core.analyses.projection.settings import ProjectionSettings
    from core.analyses.projection.worker import WORKER
    from core.progress import SILENT

    def kept(made: ProjectionResult) -> float:
        found = made.measured("neighbours_kept")
        return found.value if found else float("nan")

    with _data(rows) as data:
        times = []
        for seed in (0, 1):
            begun = time.perf_counter()
            made = projection(data, ProjectionSettings(method=method, seed=seed), SILENT)
            times.append(time.perf_counter() - begun)
        told = {"cold": times[0], "warm": times[1], "kept": kept(made)}
        children = sum(child.memory_info().rss for child in psutil.Process().children(recursive=True))
        told["peak"] = peak() + children / 1e6
        if method == "tsne":
            told["kl"] = divergence(_encoded(data), np.stack([made.x, made.y], axis=1))
        elif rows <= 10_000:
            told["landmarks"] = kept(
                projection(data, ProjectionSettings(landmarks=max(500, rows // 5)), SILENT)
            )
        WORKER.end()
    return told


def divergence(points: np.ndarray, flat: np.ndarray, perplexity: float = 30.0) -> float:
    """Kullback-Leibler divergence of a map from the t-SNE affinities of the space, normalised over all
    pairs.
    """
    from openTSNE.affinity import PerplexityBasedNN

    near = PerplexityBasedNN(points, perplexity=perplexity, method="exact", n_jobs=2).P.tocoo()
    total = 0.0
    for first in range(0, len(flat), 1_000):
        total += float(
            (1.0 / (1.0 + ((flat[first : first + 1_000, None] - flat[None]) ** 2).sum(axis=2))).sum()
        )
    close = 1.0 / (1.0 + ((flat[near.row] - flat[near.col]) ** 2).sum(axis=1)) / (total - len(flat))
    return float((near.data * np.log(near.data / close)).sum())


def _umap(rows: int) -> dict[str, float]:
    from core.analyses.projection.faithful import nearest, recall

    with _data(rows) as data:
        points = _encoded(data)
    begun = time.perf_counter()
    import umap

    times = []
    for seed in (0, 1):
        flat = umap.UMAP(random_state=seed, n_jobs=1).fit_transform(points)
        times.append(time.perf_counter() - begun)
        begun = time.perf_counter()
    judged = np.random.default_rng(1).permutation(rows)[:5_000]
    return {
        "cold": times[0],
        "warm": times[1],
        "kept": recall(nearest(points[judged], 15), nearest(flat[judged], 15)),
    }


def _sklearn(rows: int) -> dict[str, float]:
    from sklearn.manifold import TSNE

    with _data(rows) as data:
        points = _encoded(data)
    begun = time.perf_counter()
    flat = TSNE(random_state=0, n_jobs=2).fit_transform(points)
    return {"warm": time.perf_counter() - begun, "kl": divergence(points, flat)}


if __name__ == "__main__":
    if len(sys.argv) == 3:
        side, rows = sys.argv[1], int(sys.argv[2])
        work = {
            "ours": lambda: _ours(rows, "umap"),
            "tsne": lambda: _ours(rows, "tsne"),
            "umap": lambda: _umap(rows),
            "sklearn": lambda: _sklearn(rows),
        }
        sys.stdout.write(json.dumps(work[side]()) + "\n")
    else:
        show(measure(None, "--quick" in sys.argv))
