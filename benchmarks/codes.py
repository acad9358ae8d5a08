"""Missing-value codes and isolated values: false alarms on clean columns, and what is planted, beside FAHES.

    python -m benchmarks.codes [--quick | --large]

``--large`` measures codes on columns of 100,000 rows and isolated values on columns of 1,000,000.

FAHES (Qahtan, Elmagarmid, Fernandez, Ouzzani and Tang 2018, "FAHES: a robust disguised missing values
detector", KDD) is written again here, its detectors for numbers: the outlier detector by kernel density
(Epanechnikov, four bandwidths) and the detector of codes missing at random (the rows of a code are an
unbiased sample of all rows). Its patterns of text are left out, as the columns are numbers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.table import Row, show
from core.numerics.describe import runs
from core.numerics.isolated import isolated
from core.numerics.number_codes import codes
from tests.core.analyses.profile.test_number_codes import CLEAN, CODES, GROUPS, grouped, mixed, pima

Numbers = np.ndarray
HEAVY: dict[str, Callable[[np.random.Generator, int], Numbers]] = {
    "t3": lambda draw, n: draw.standard_t(3, n),
    "lognormal(1)": lambda draw, n: draw.lognormal(0, 1, n),
    "lognormal(2)": lambda draw, n: draw.lognormal(0, 2, n),
    "Pareto(2)": lambda draw, n: draw.pareto(2, n) + 1,
    "Pareto(1)": lambda draw, n: draw.pareto(1, n) + 1,
    "zero-inflated lognormal(0.5)": lambda draw, n: np.where(
        draw.random(n) < 0.5, 0, draw.lognormal(4, 0.5, n)
    ),
    "zero-inflated Poisson(30)": lambda draw, n: np.where(draw.random(n) < 0.5, 0, draw.poisson(30, n)),
}
MOST = 0.01
_DISTINCT, _SURE = 10, 1 - 1e-16


def two(far: float, share: float) -> Callable[[np.random.Generator, int], Numbers]:
    """A normal population, and a second one ``far`` standard deviations away."""
    return lambda draw, n: draw.normal(0, 1, n) + far * (draw.random(n) < share)


MIXTURES = {
    f"normal, {share:.0%} of it {far} sd away": two(far, share)
    for far in (5, 8, 10, 15, 20)
    for share in (0.03, 0.05)
}


def ours(values: Numbers) -> set[float]:
    """The codes that the profile names."""
    distinct, counts = runs(np.sort(values))
    return {float(distinct[code.place]) for code in codes(distinct, counts)}


def fahes(values: Numbers, others: Numbers) -> set[float]:
    """The codes that FAHES names. others: the other columns, binned (rows x columns)."""
    return _by_density(values) | _at_random(values, others)


def _by_density(values: Numbers) -> set[float]:
    """The repeated value in the emptiest place, if there is nothing around it at all."""
    distinct, counts = runs(np.sort(values))
    if distinct.size <= _DISTINCT:
        return set()
    width = 2.345 * float(values.std(ddof=1)) * values.size**-0.2

    def density(at: Numbers, h: float) -> Numbers:
        far = (at[:, None] - distinct) / h
        kernel = np.where((np.abs(far) <= 1) & (far != 0), 0.75 * (1 - far**2), 0.0)
        return (kernel * counts).sum(1) / h / values.size

    most = float(density(np.linspace(distinct[0], distinct[-1], 100), width).max())
    repeated = distinct[counts > 1]
    if not repeated.size or most == 0:
        return set()
    least = np.min([density(repeated, width * (1 - 0.2 * step)) for step in range(4)], axis=0)
    score = np.maximum(most - least, 0) / most
    return {float(repeated[score.argmax()])} if score.max() > _SURE else set()


def _at_random(values: Numbers, others: Numbers) -> set[float]:
    """The value whose rows look most like an unbiased sample of the table."""
    distinct, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    n = values.size
    if distinct.size < 3 or distinct.size / n <= 0.01:
        return set()
    _, joint = np.unique(others, axis=0, return_inverse=True)
    whole = np.bincount(joint) / n
    alone = np.prod([_share(column, np.ones(n, bool)) for column in others.T], axis=0)
    best: tuple[float, float] = (0.0, 0.0)
    for at in np.flatnonzero((counts > 5) & (counts / n > 0.01)):
        rows = place == at
        here = np.bincount(joint[rows], minlength=whole.size) / counts[at]
        apart = np.prod([_share(column, rows) for column in others.T], axis=0)
        held = np.flatnonzero(rows)
        all_over, within = whole[joint[held]] / alone[held], here[joint[held]] / apart[held]
        score = n / counts[at] * float((whole[joint[held]] / (1 + np.abs(all_over - within))).sum())
        best = max(best, (score, float(distinct[at])))
    return {best[1]} if best[0] else set()


def _share(column: Numbers, rows: Numbers) -> Numbers:
    """Per row, how large a share of ``rows`` has its value."""
    _, place = np.unique(column, return_inverse=True)
    return (np.bincount(place[rows], minlength=place.max() + 1) / rows.sum())[place]


def _others(n: int, seed: int) -> Numbers:
    draw = np.random.default_rng([n, seed, 3])
    return np.column_stack([draw.integers(0, 4, n), draw.integers(0, 3, n)])


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """The rows of the common table; with real data also the zeros of Pima."""
    columns, sizes = (40, (300,)) if quick else (400, (50, 300, 3_000))
    worst = {"ours": 0.0, "fahes": 0.0, "apart": 0.0}
    for kind, make in CLEAN.items():
        for n in sizes:
            made = [make(np.random.default_rng([n, seed]), n) for seed in range(columns)]
            alarms = sum(bool(ours(values)) for values in made) / columns
            peer = sum(bool(fahes(values, _others(n, seed))) for seed, values in enumerate(made[:40])) / 40
            gaps_are_true = n < 200 or "lognormal" in kind or "rounded to" in kind
            apart = 0.0 if gaps_are_true else sum(any(_ends(values)) for values in made) / columns
            sys.stdout.write(f"{kind}, n {n}: ours {alarms:.4f}, FAHES {peer:.3f}, isolated {apart:.4f}\n")
            worst = {
                "ours": max(worst["ours"], alarms),
                "fahes": max(worst["fahes"], peer),
                "apart": max(worst["apart"], apart),
            }
    found, peer_found, wrong = _power(10 if quick else 20)
    groups = _groups(10 if quick else 20)
    rows = [
        Row("clean columns with a missing-value code, worst kind (peer: FAHES)", worst["ours"],
        worst["fahes"],
            worst["ours"] / MOST, f"<= {MOST}", worst["ours"] <= MOST),
        Row("clean columns with isolated values, worst kind", worst["apart"], float("nan"),
            worst["apart"] / MOST, f"<= {MOST}", worst["apart"] <= MOST),
        Row("groups of gross errors that are a warning", groups, float("nan"),
            groups, ">= 0.95", groups >= 0.95),
        Row("planted codes named and nothing else (peer: FAHES)", found, peer_found,
            found / max(peer_found, 1e-9), ">= 0.95", found >= 0.95),
        Row("planted columns where another value is named (peer: FAHES)", wrong[0], wrong[1],
            wrong[0], "no limit", True),
    ]  # fmt: skip
    return rows + ([] if folder is None else _pima(folder))


def _groups(seeds: int) -> float:
    """Share of the columns with a group of gross errors in which it alone is a warning."""
    named = [
        [gap.values for gap in isolated(*runs(np.sort(values)), float(np.median(values))) if gap and gap.loud]
        == [errors]
        for n, errors in GROUPS
        for values in (grouped(seed, n, errors) for seed in range(seeds))
    ]
    return float(np.mean(named))


def _ends(values: Numbers) -> list[bool]:
    return [end is not None for end in isolated(*runs(np.sort(values)), float(np.median(values)))]


def _power(seeds: int) -> tuple[float, float, tuple[float, float]]:
    """Share of planted columns in which the code alone is named, ours and the peer's; and those in which
    another value is.
    """
    seen = []
    planted = [
        (mixed(seed, make(np.random.default_rng([n, seed]), n), code, n // 10), code, seed)
        for make, code in CODES.values()
        for n in (200, 2_000)
        for seed in range(seeds)
    ]
    planted += [
        (mixed(seed, clean, 0, times), 0.0, seed) for clean, times in pima().values() for seed in range(seeds)
    ]
    for values, code, seed in planted:
        named = ours(values), fahes(values, _others(values.size, seed))
        seen.append([*(one == {code} for one in named), *(bool(one - {code}) for one in named)])
    shares = np.mean(seen, axis=0)
    return float(shares[0]), float(shares[1]), (float(shares[2]), float(shares[3]))


def _pima(folder: Path) -> list[Row]:
    table = np.load(folder / "adbench" / "29_Pima.npz")["X"]
    binned = np.column_stack([np.digitize(c, np.quantile(c, [0.25, 0.5, 0.75])) for c in table.T])
    right = [set(), {0.0}, {0.0}, {0.0}, {0.0}, {0.0}, set(), set()]
    named = [
        (ours(column), fahes(column, np.delete(binned, at, 1)[:, :2])) for at, column in enumerate(table.T)
    ]
    both = [sum(one[which] == want for one, want in zip(named, right, strict=True)) for which in (0, 1)]
    return [Row("columns of Pima judged rightly, of 8 (peer: FAHES)", both[0], both[1],
    both[0] / max(1, both[1]),
                "8", both[0] == 8)]  # fmt: skip


def heavy(columns: int) -> None:
    """Print how often columns with heavy tails, or amounts that stop short of 0, are named."""
    for kind, make in (HEAVY | MIXTURES).items():
        for n in (200, 1_000, 10_000):
            made = [make(np.random.default_rng([n, seed, 1]), n) for seed in range(columns)]
            ends = [isolated(*runs(np.sort(values)), float(np.median(values))) for values in made]
            note = np.mean([any(gap is not None for gap in pair) for pair in ends])
            warning = np.mean([any(gap is not None and gap.loud for gap in pair) for pair in ends])
            code = np.mean([bool(ours(values)) for values in made])
            sys.stdout.write(
                f"{kind}, n {n}: isolated {note:.3f} ({warning:.4f} as a warning), code {code:.3f}\n"
            )


def large(columns: int) -> None:
    """Print the same for large columns, clean and heavy-tailed: codes in 100,000 rows, isolated values in
    1,000,000.
    """
    for kind, make in (CLEAN | HEAVY).items():
        code = np.mean(
            [bool(ours(make(np.random.default_rng([1, seed]), 100_000))) for seed in range(columns)]
        )
        note = warning = 0
        for seed in range(columns):
            values = make(np.random.default_rng([2, seed]), 1_000_000)
            ends = isolated(*runs(np.sort(values)), float(np.median(values)))
            note += any(gap is not None for gap in ends)
            warning += any(gap is not None and gap.loud for gap in ends)
        sys.stdout.write(
            f"{kind}: code {code:.4f} (n 100,000), isolated {note / columns:.4f}, as a warning "
            f"{warning / columns:.4f} (n 1,000,000)\n"
        )
        sys.stdout.flush()


def main() -> None:
    if "--large" in sys.argv:
        large(100)
        return
    quick = "--quick" in sys.argv
    show(measure(None, quick))
    heavy(40 if quick else 400)


if __name__ == "__main__":
    main()
