"""Outliers: quality on labelled sets against scikit-learn's detectors alone, false alarms and recall, and
speed.

python -m benchmarks.outliers DATA   prints the table set by set; DATA holds ``adbench/*.npz`` with X and y
(1: anomaly)

python -m benchmarks.outliers single [TIMES]   prints in how many clean tables a single value is named, and
in how many it is found where one was planted; TIMES as many tables (1: minutes, 5: what the docs say)

python -m benchmarks.outliers        prints the share of rows of clean data beyond the limit, the share of
planted rows beyond it, and the share of them that is flagged
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.table import Row
from core.analyses.outliers.analysis import OutlierSettings, outliers
from core.analyses.outliers.cells import odd_cells
from core.analyses.outliers.result import OutlierResult
from core.loading import load
from core.prepare.features import features
from core.progress import SILENT

LOW, HIGH = 60, 9000
WANTED = 0.755


def ours(frame: pd.DataFrame, seed: int = 0) -> OutlierResult:
    with tempfile.TemporaryDirectory() as folder:
        return outliers(load(frame, into=Path(folder), name="benchmark"), OutlierSettings(seed=seed), SILENT)


def quality(folder: Path, most: int = HIGH) -> dict[str, dict[str, float]]:
    """AUROC per set of at most ``most`` rows, and detector."""
    from sklearn.ensemble import IsolationForest
    from sklearn.metrics import roc_auc_score
    from sklearn.neighbors import LocalOutlierFactor
    from sklearn.preprocessing import StandardScaler

    found = {}
    for path in sorted((folder / "adbench").glob("*.npz")):
        data = np.load(path)
        x, y = data["X"].astype(float), data["y"]
        if not LOW <= len(x) <= most:
            continue
        scaled = StandardScaler().fit_transform(x)
        scores = {
            "ours": ours(pd.DataFrame(x, columns=[f"c{i}" for i in range(x.shape[1])])).score,
            "isolation forest": -IsolationForest(random_state=0).fit(x).score_samples(x),
            "LOF": -LocalOutlierFactor().fit(scaled).negative_outlier_factor_,
        }
        found[path.stem] = {name: float(roc_auc_score(y, score)) for name, score in scores.items()}
    return found


def _table(columns: Any) -> pd.DataFrame:
    values = np.asarray(columns)
    return pd.DataFrame(values, columns=[f"c{i}" for i in range(values.shape[1])])


def _factors(rng: np.random.Generator, n: int) -> pd.DataFrame:
    return _table(rng.normal(size=(n, 2)) @ rng.normal(size=(2, 20)) + 0.3 * rng.normal(size=(n, 20)))


def _clusters(rng: np.random.Generator, n: int) -> pd.DataFrame:
    centres = 4 * rng.normal(size=(3, 5))
    return _table(centres[rng.choice(3, n, p=[0.6, 0.3, 0.1])] + rng.normal(size=(n, 5)))


def _mixed(rng: np.random.Generator, n: int) -> pd.DataFrame:
    table = _table(rng.normal(size=(n, 4))).assign(
        town=rng.choice(list("abcdefgh"), n), member=rng.random(n) < 0.1
    )
    table["size"] = rng.choice(list("smlx"), n, p=[0.5, 0.3, 0.15, 0.05])
    table.loc[rng.random(n) < 0.05, "c0"] = np.nan
    return table


def _categories(rng: np.random.Generator, n: int) -> pd.DataFrame:
    return pd.DataFrame(
        {name: rng.choice(list("abcde"), n, p=[0.5, 0.25, 0.15, 0.07, 0.03]) for name in "uvwxy"}
    )


CLEAN: dict[str, Callable[[np.random.Generator, int], pd.DataFrame]] = {
    **{
        f"normal, {d} columns": lambda rng, n, d=d: _table(rng.normal(size=(n, d))) for d in (1, 2, 5, 20, 50)
    },
    **{f"uniform, {d} columns": lambda rng, n, d=d: _table(rng.random((n, d))) for d in (2, 5, 20)},
    "two factors, 20 columns": _factors,
    "three clusters, 5 columns": _clusters,
    "mixed types, 7 columns": _mixed,
    "categories, 5 columns": _categories,
    "counts (Poisson 1), 4 columns": lambda rng, n: _table(rng.poisson(1.0, (n, 4))),
    "exponential, 5 columns": lambda rng, n: _table(rng.exponential(size=(n, 5))),
    "lognormal, 5 columns": lambda rng, n: _table(rng.lognormal(size=(n, 5))),
    "Student t, 5 degrees, 5 columns": lambda rng, n: _table(rng.standard_t(5, (n, 5))),
    "Student t, 3 degrees, 5 columns": lambda rng, n: _table(rng.standard_t(3, (n, 5))),
}
ROUNDS = {100: 60, 1000: 16, 10_000: 3}


def false_alarms(rounds: dict[int, int]) -> pd.DataFrame:
    """Per cent of the rows of clean data beyond the limit, by family and number of rows: what the noise floor
    of the findings is.
    """
    found = {
        name: {
            n: 100
            * float(np.mean([ours(draw(np.random.default_rng(s), n), s).beyond.mean() for s in range(k)]))
            for n, k in rounds.items()
        }
        for name, draw in CLEAN.items()
    }
    return pd.DataFrame(found).T


def recall(
    rows: int, width: int, moved: int, shift: float, share: float, rounds: int = 5
) -> tuple[float, float]:
    """Share beyond the limit, and share flagged, of rows that are moved by ``shift`` standard deviations in
    ``moved`` of ``width`` normal columns.
    """
    shares = []
    for seed in range(rounds):
        rng = np.random.default_rng(seed)
        values = rng.normal(size=(rows, width))
        planted = max(1, int(rows * share))
        for row in range(planted):
            values[row, rng.choice(width, moved, replace=False)] += shift * rng.choice([-1, 1], moved)
        found = ours(_table(values), seed)
        shares.append((found.beyond[:planted].mean(), found.flagged[:planted].mean()))
    beyond, flagged = np.mean(shares, axis=0).tolist()
    return beyond, flagged


Draw = Callable[[np.random.Generator, tuple[int, int]], Any]
COLUMNS: dict[str, Draw] = {
    "normal": lambda rng, size: rng.normal(size=size),
    "normal, whole numbers": lambda rng, size: rng.normal(20, 5, size).round(),
    "uniform": lambda rng, size: rng.random(size),
    "normal, a tenth moved by 6": lambda rng, size: rng.normal(size=size) + 6.0 * (rng.random(size) < 0.1),
    "counts (Poisson 3)": lambda rng, size: rng.poisson(3, size).astype(float),
    "exponential": lambda rng, size: rng.exponential(size=size),
    "gamma, shape 2": lambda rng, size: rng.gamma(2, size=size),
    "lognormal": lambda rng, size: rng.lognormal(size=size),
    "Student t, 5 degrees": lambda rng, size: rng.standard_t(5, size),
    "Student t, 3 degrees": lambda rng, size: rng.standard_t(3, size),
    "Pareto, exponent 2": lambda rng, size: rng.pareto(2, size),
}
SINGLE = {(200, 5): 200, (200, 50): 40, (20_000, 5): 40, (20_000, 50): 8}  # tables of each size
_FRESH = 800_000  # the limits were chosen with others in sight


def single_values(times: int = 1) -> pd.DataFrame:
    """Per size of table the tables (of how many) in which a single value is named: clean ones by family, and
    normal ones in which one cell was moved by 8 standard deviations: that cell, and any other.
    """
    lines: dict[str, dict[str, str]] = {}
    for (rows, width), few in SINGLE.items():
        tables, head = times * few, f"{rows:,} x {width}"
        for place, (family, draw) in enumerate(COLUMNS.items()):
            made = (draw(np.random.default_rng([place, _FRESH + s]), (rows, width)) for s in range(tables))
            named = sum(odd_cells(list(table.T), width).rows.size > 0 for table in made)
            lines.setdefault(family, {})[head] = f"{named} of {tables}"
        hits, others = np.sum([_planted(rows, width, _FRESH + seed) for seed in range(tables)], axis=0)
        lines.setdefault("planted: found", {})[head] = f"{hits} of {tables}"
        lines.setdefault("planted: another named", {})[head] = f"{others} of {tables}"
    return pd.DataFrame(lines).T


def single_cells(sizes: dict[tuple[int, int], int]) -> list[Row]:
    """Shares of tables in which a single value is named: a planted one, by size; one in a clean table, normal
    over all sizes, with heavy tails at the most rows and at the fewest with few columns.
    """
    lines = []
    for (rows, width), tables in sizes.items():
        found = sum(_planted(rows, width, _FRESH + seed)[0] for seed in range(tables)) / tables
        name = f"outliers: {rows:,} x {width}, a cell moved by 8 sd is named"
        lines.append(Row(name, found, 0.95, found / 0.95, ">= .95", found >= 0.95))
    small, large = ({size: sizes[size] for size in sizes if size[0] == rows} for rows in (200, 20_000))
    few = {size: tables for size, tables in small.items() if size[1] == 5}
    cases = [("normal", sizes, 0.01)]
    for family in ("Student t, 5 degrees", "lognormal"):
        cases += [(family, few, 0.1), *([(family, large, 0.01)] if large else [])]
    for family, of, most in cases:
        named = _named(family, of)
        told = " and ".join(f"{rows:,} x {width}" for rows, width in of)
        name = f"outliers: clean tables with a value named, {family}, {told}"
        lines.append(Row(name, named, most, most / max(named, 1e-3), f"<= {most:g}", named <= most))
    return lines


def _named(family: str, sizes: dict[tuple[int, int], int]) -> float:
    """Share of clean tables of a family in which a value is named."""
    place, draw, named = list(COLUMNS).index(family), COLUMNS[family], 0
    for (rows, width), tables in sizes.items():
        made = (draw(np.random.default_rng([place, _FRESH + seed]), (rows, width)) for seed in range(tables))
        named += sum(odd_cells(list(table.T), width).rows.size > 0 for table in made)
    return named / sum(sizes.values())


def _planted(rows: int, width: int, seed: int) -> tuple[bool, bool]:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, width))
    row, at = rng.integers(rows), rng.integers(width)
    values[row, at] += 8.0 * rng.choice([-1, 1])
    cells = odd_cells(list(values.T), width)
    return bool(((cells.rows == row) & (cells.columns == at)).any()), bool((cells.rows != row).any())


def _million(rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    table = _table(rng.normal(size=(rows, 10)))
    for i in range(4):
        table[f"i{i}"] = rng.integers(0, 1000, rows)
    table["s0"], table["s1"] = (
        rng.choice(list("abcd"), rows),
        rng.choice([f"town {i}" for i in range(40)], rows),
    )
    table["id"], table["b"] = [f"id{i:08d}" for i in range(rows)], rng.random(rows) < 0.3
    return table.assign(
        t=pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 10**8, rows), unit="s")
    )


def speed(rows: int) -> tuple[float, float]:
    """Seconds for ``rows`` x 19 mixed columns, ours and scikit-learn's isolation forest alone on the same
    matrix.
    """
    from sklearn.ensemble import IsolationForest

    with tempfile.TemporaryDirectory() as folder:
        data = load(_million(rows), into=Path(folder), name="benchmark")
        start = time.perf_counter()
        outliers(data, OutlierSettings(), SILENT)
        mine = time.perf_counter() - start
        matrix = features(data).matrix
    start = time.perf_counter()
    IsolationForest(random_state=0, n_jobs=-1).fit(matrix).score_samples(matrix)
    return mine, time.perf_counter() - start


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """The rows of the common table."""
    rows = []
    if folder is not None:
        means = pd.DataFrame(quality(folder, 500 if quick else HIGH)).T.mean()
        wanted = 0.0 if quick else WANTED  # which is about all the sets
        for peer in ("isolation forest", "LOF"):
            ok = means["ours"] >= max(wanted, means[peer])
            rows.append(
                Row(
                    f"outliers: mean AUROC, {peer}",
                    means["ours"],
                    means[peer],
                    means["ours"] / means[peer],
                    f"ours >= {wanted}, peer",
                    ok,
                )
            )
    sizes = {size: 2 * tables for size, tables in SINGLE.items() if not quick or size[0] < 1_000}
    rows += single_cells(sizes)
    mine, peer = speed(100_000 if quick else 1_000_000)
    rows.append(
        Row("outliers: seconds, isolation forest alone", mine, peer, peer / mine, "ours <= 75", mine <= 75)
    )
    return rows


def main() -> None:
    pd.set_option("display.width", 200)
    if sys.argv[1:2] == ["single"]:
        table = single_values(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
        sys.stdout.write(table.to_string() + "\n")
        return
    if len(sys.argv) > 1:
        table = pd.DataFrame(quality(Path(sys.argv[1]))).T
        table.loc["mean"] = table.mean()
        sys.stdout.write(table.round(3).to_string() + "\n")
        return
    sys.stdout.write("Of clean data beyond the limit, %\n" + false_alarms(ROUNDS).round(3).to_string() + "\n")
    sys.stdout.write(
        "Planted rows (rows, columns, moved columns, by how much, share planted) beyond the limit; flagged\n"
    )
    for case in [
        (n, d, m, s, p)
        for n in (300, 2000)
        for d, m, s in ((5, 3, 6), (20, 3, 6), (50, 3, 6), (50, 5, 6), (5, 1, 6), (5, 1, 10))
        for p in (0.01, 0.05)
    ]:
        beyond, flagged = recall(*case)
        sys.stdout.write(f"{case}: {beyond:.2f}; {flagged:.2f}\n")


if __name__ == "__main__":
    main()
