"""False alarms on tables with nothing wrong in them, and whether what is planted is found;
fg-data-profiling's default alerts beside both.

    python -m benchmarks.alerts [--quick | --long]

A noise table has 20 columns of kinds that nobody would call wrong, drawn independently; the first is the
target. A column is alarmed when a finding above "info" names it (a finding that names none counts as one
column more). Anything listed counts as found.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from benchmarks.peers import alerts_of
from benchmarks.table import Row, show
from core.dataset import Dataset
from core.finding import Finding, at_or_above
from core.run import run
from tests.make import dataset

SIZES = (20, 100, 300, 1000, 3000)
ASKED = ("profile", "duplicates", "association", "leakage", "missingness", "target")
SLOW = ("missingness", "target")
MOST = 0.01
Draw = np.random.Generator
WORDS = np.array(
    [
        "river",
        "stone",
        "green",
        "market",
        "window",
        "letter",
        "evening",
        "garden",
        "paper",
        "bridge",
        "winter",
        "copper",
    ]
)


def noise(rows: int, seed: int) -> pd.DataFrame:
    """20 columns as innocent as columns are: measurements, amounts, counts, flags, levels, times and
    notes.
    """
    draw = np.random.default_rng([rows, seed])
    common = 1.0 / np.arange(1, 13)
    start = pd.Timestamp("2022-01-01")
    return pd.DataFrame(
        {
            "answer": draw.random(rows) < 0.4 if seed % 2 else draw.normal(size=rows),
            "normal": draw.normal(size=rows),
            "rounded": draw.normal(170, 10, rows).round(1),
            "far off": draw.normal(1e6, 3, rows),
            "uniform": draw.random(rows),
            "waiting": draw.exponential(3.0, rows),
            "gamma": draw.gamma(4.0, 2.0, rows),
            "tails": draw.standard_t(6, rows),
            "digit": draw.integers(0, 10, rows),
            "number": draw.integers(0, 1000, rows),
            "count": draw.poisson(3.0, rows),
            "few": draw.poisson(1.2, rows),
            "yes": draw.random(rows) < 0.3,
            "coin": draw.random(rows) < 0.5,
            "sex": draw.choice(["f", "m"], rows),
            "place": draw.choice(["Oslo", "Rome", "Lima", "Pune", "Cork"], rows),
            "product": draw.choice([f"p{i}" for i in range(12)], rows, p=common / common.sum()),
            "shop": draw.choice([f"shop {i}" for i in range(30)], rows),
            "when": start + pd.to_timedelta(draw.integers(0, 63_000_000, rows), unit="s"),
            "note": [" ".join(words) for words in draw.choice(WORDS, (rows, 7))],
        }
    )


def gappy(rows: int, seed: int) -> pd.DataFrame:
    """The same with a tenth of the values of every second column lost at random."""
    frame, draw = noise(rows, seed), np.random.default_rng([rows, seed, 1])
    for name in frame.columns[1::2]:
        frame[name] = frame[name].astype(object).where(draw.random(rows) >= 0.1)
        frame[name] = frame[name].infer_objects()
    return frame


def alarmed(data: Dataset, analysis: str) -> list[Finding]:
    """The findings of one analysis above "info"."""
    return list(at_or_above(run(analysis, data).findings, "warning"))


def false_alarms(seeds: int, slow: int) -> tuple[dict[str, dict[int, float]], Counter[tuple[str, str, str]]]:
    """Per analysis and size the share of columns alarmed; and how often each alert was raised on which
    column.

    seeds: tables of each size; ``slow``: how many of them the analyses that fit models see.
    """
    shares: dict[str, dict[int, float]] = {name: {} for name in ASKED}
    seen: Counter[tuple[str, str, str]] = Counter()
    for rows in SIZES:
        wrong: Counter[str] = Counter()
        for seed in range(seeds):
            plain, holes = (dataset(make(rows, seed), target="answer") for make in (noise, gappy))
            for name in ASKED if seed < slow else ASKED[: -len(SLOW)]:
                found = alarmed(holes if name == "missingness" else plain, name)
                wrong[name] += len({column for f in found for column in f.columns}) + sum(
                    not f.columns for f in found
                )
                seen.update((name, f.code, column) for f in found for column in f.columns or ("",))
        for name in ASKED:
            shares[name][rows] = wrong[name] / (20 * (slow if name in SLOW else seeds))
    return shares, seen


class Plant(NamedTuple):
    """One trouble. ``make``: (draw, rows) -> the column ``planted``. ``codes``: what ours calls it. ``peer``:
    the alerts of the peer.
    """

    make: Callable[[Draw, int], Any]
    codes: tuple[str, ...]
    peer: tuple[str, ...]
    sizes: tuple[int, ...] = (300, 3000)


def _spoiled(draw: Draw, clean: Any, share: float, by: Any) -> pd.Series:
    """``clean`` with at least three values replaced by draws from ``by``."""
    made = pd.Series(clean)
    places = draw.choice(len(made), max(3, int(share * len(made))), replace=False)
    made.iloc[places] = draw.choice(by, len(places))
    return made


def _one_infinity(draw: Draw, n: int) -> Any:
    values = draw.normal(size=n)
    values[draw.integers(n)] = np.inf
    return values


def _heaped(draw: Draw, n: int) -> Any:
    values = draw.normal(80, 20, n).round()
    return np.where(draw.random(n) < 0.35, 5 * (values / 5).round(), values).astype(int)


def _skewed(draw: Draw, n: int) -> Any:
    """The most even lognormal sample there is: skewness 6.0 at 300 rows, whatever the draw."""
    from scipy.stats import norm

    return np.exp(1.43 * norm.ppf(draw.permutation(np.arange(1, n + 1)) / (n + 1)))


def _times(draw: Draw, n: int) -> pd.Series:
    return pd.Series(pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 126_000_000, n), unit="s"))


def _hole(draw: Draw, n: int) -> Any:
    """One reading a day, and a year in which there was none."""
    days = np.arange(n) + np.where(np.arange(n) > n // 2, 365, 0)
    return pd.Timestamp("2010-01-01") + pd.to_timedelta(days, unit="D")


PLANTS: dict[str, Plant] = {
    "one infinite number": Plant(_one_infinity, ("infinite",), ("INFINITE",), (300, 1_000_000)),
    "skewness of 6": Plant(_skewed, ("skew",), ("SKEWED",)),
    "tails of a Student t with 2 degrees": Plant(
        lambda draw, n: draw.standard_t(2, n), ("heavy_tails", "outlying"), ()
    ),
    "6 zeros in 10": Plant(
        lambda draw, n: np.where(draw.random(n) < 0.6, 0, draw.gamma(2, 10, n)),
        ("zero_inflated",),
        ("ZEROS",),
    ),
    "heaping on fives": Plant(_heaped, ("heaping",), ()),
    "unique name": Plant(
        lambda draw, n: [f"u{i:07d}" for i in draw.permutation(n)], ("identifier_like",), ("UNIQUE",)
    ),
    "running number": Plant(lambda draw, n: np.arange(n) + 1000, ("identifier_like",), ("UNIQUE",)),
    "numbers and words": Plant(
        lambda draw, n: _spoiled(
            draw, draw.integers(0, 500, n).astype(str), 0.05, ["see file", "twice", "broken"]
        ),
        ("mixed_type",),
        (),
    ),
    "amounts as text": Plant(
        lambda draw, n: [f"${v:,.2f}" for v in draw.gamma(2, 900, n)], ("number_as_text",), ()
    ),
    "amounts in dollars and euros": Plant(
        lambda draw, n: [
            f"€ {v:.2f}" if euro else f"${v:.2f}"
            for v, euro in zip(draw.gamma(2, 900, n), draw.random(n) < 0.1, strict=True)
        ],
        ("several_currencies",),
        (),
    ),
    "dates as text": Plant(
        lambda draw, n: _times(draw, n).dt.strftime("%d %b %Y"), ("date_as_text",), ("TYPE_DATE",)
    ),
    "unknown said in words": Plant(
        lambda draw, n: _spoiled(draw, draw.choice(list("abcd"), n), 0.05, ["?", "unknown", "-"]),
        ("disguised_missing",),
        (),
    ),
    "-999 for unknown": Plant(
        lambda draw, n: _spoiled(draw, draw.normal(50, 9, n), 0.03, [-999.0]), ("disguised_missing",), ()
    ),
    "1900-01-01 for unknown": Plant(
        lambda draw, n: _spoiled(draw, _times(draw, n), 0.03, pd.DatetimeIndex(["1900-01-01"]).to_numpy()),
        ("disguised_missing",),
        (),
    ),
    "one word written in several ways": Plant(
        lambda draw, n: _spoiled(
            draw, draw.choice(["Oslo", "Rome", "Lima"], n), 0.05, ["oslo", "Rome ", "LIMA"]
        ),
        ("variants",),
        ("DIRTY_CATEGORY",),
    ),
    "dates to come": Plant(
        lambda draw, n: _spoiled(draw, _times(draw, n), 0.01, pd.DatetimeIndex(["2199-01-01"]).to_numpy()),
        ("future_dates",),
        (),
    ),
    "a year without readings": Plant(_hole, ("gaps",), ("GAPS",)),
    "constant": Plant(lambda draw, n: ["same"] * n, ("constant",), ("CONSTANT",)),
    "one in a hundred differs": Plant(
        lambda draw, n: _spoiled(draw, ["no"] * n, 0.01, ["yes"]), ("quasi_constant",), ("IMBALANCE",)
    ),
    "a fifth missing": Plant(
        lambda draw, n: np.where(draw.random(n) < 0.2, np.nan, draw.normal(size=n)),
        ("missing",),
        ("MISSING",),
    ),
    "nothing there": Plant(
        lambda draw, n: np.full(n, np.nan), ("all_missing",), ("MISSING", "UNSUPPORTED", "EMPTY")
    ),
    "levels of a few rows each": Plant(
        lambda draw, n: [f"street {v}" for v in draw.integers(0, n // 4, n)],
        ("high_cardinality", "rare_levels"),
        ("HIGH_CARDINALITY",),
    ),
}


def _table(make: Callable[[Draw, int], Any], rows: int, seed: int) -> pd.DataFrame:
    frame = noise(rows, seed)[["normal", "rounded", "count", "place", "product"]]
    return frame.assign(planted=pd.Series(make(np.random.default_rng([rows, seed, 2]), rows)).to_numpy())


def _twice(rows: int, seed: int) -> pd.DataFrame:
    frame = noise(rows, seed)[["normal", "rounded", "count", "place", "product"]]
    return frame.assign(planted=frame["normal"])


def _renamed(rows: int, seed: int) -> pd.DataFrame:
    frame = noise(rows, seed)[["normal", "rounded", "count", "place", "product"]]
    return frame.assign(planted=frame["product"].map({f"p{i}": f"{100 + 7 * i}-X" for i in range(12)}))


def _copies(rows: int, seed: int) -> pd.DataFrame:
    """51 equal rows, which is an excess of 50."""
    frame = noise(rows, seed)[["normal", "rounded", "count", "place", "product"]]
    return pd.concat([frame, frame.iloc[[0] * 50]], ignore_index=True)


class Case(NamedTuple):
    """One table with one trouble in it."""

    trouble: str
    frame: pd.DataFrame
    ours: Callable[[list[Finding]], bool]
    peer: Callable[[list[list[Any]]], bool]


def cases(seeds: int) -> Iterator[Case]:
    """Every trouble in tables of every size, ``seeds`` of each."""
    for name, plant in PLANTS.items():
        for rows in plant.sizes:
            for seed in range(1 if rows > 10_000 else seeds):
                yield Case(
                    name,
                    _table(plant.make, rows, seed),
                    partial(_listed, plant.codes),
                    partial(_raised, plant.peer),
                )
    same = partial(_listed, ("duplicate_columns", "renamed_columns"))
    for seed in range(seeds):
        for rows in (300, 3000):
            yield Case("a column twice", _twice(rows, seed), same, partial(_raised, ("HIGH_CORRELATION",)))
            yield Case(
                "a column in other words", _renamed(rows, seed), same, partial(_raised, ("HIGH_CORRELATION",))
            )
            yield Case(
                "51 equal rows, 50 too many",
                _copies(rows, seed),
                _fifty,
                lambda told: any(v[0] == "DUPLICATES" and v[2] == 50 for v in told),
            )


def _listed(codes: tuple[str, ...], found: list[Finding]) -> bool:
    return any(f.code in codes and "planted" in f.columns for f in found)


def _raised(types: tuple[str, ...], told: list[list[Any]]) -> bool:
    return any(kind in types and column == "planted" for kind, column, _ in told)


def _fifty(found: list[Finding]) -> bool:
    return any(f.code == "duplicate_rows" and "50" in f.title for f in found)


def power(seeds: int) -> pd.DataFrame:
    """Per table: the trouble, its rows, whether ours lists it, and whether the peer does (None: not
    asked).
    """
    made = [(case, case.ours(_findings(dataset(case.frame)))) for case in cases(seeds)]
    asked = [case for case, _ in made if len(case.frame) <= 3050][:: max(1, seeds)]
    told = dict(zip(map(id, asked), _peer([case.frame for case in asked]) or [], strict=False))
    rows = [
        (case.trouble, len(case.frame), ours, case.peer(told[id(case)]) if id(case) in told else None)
        for case, ours in made
    ]
    return pd.DataFrame(rows, columns=["trouble", "rows", "ours", "peer"])


def _findings(data: Dataset) -> list[Finding]:
    return [found for name in ("profile", "duplicates") for found in run(name, data).findings]


def _peer(frames: list[pd.DataFrame]) -> list[list[list[Any]]] | None:
    with tempfile.TemporaryDirectory() as place:
        paths = [Path(place) / f"{number}.csv" for number in range(len(frames))]
        for frame, path in zip(frames, paths, strict=True):
            kinds = {
                name: f"when {name}"
                for name in frame
                if frame[name].dtype.kind == "M" and not name.startswith("when")
            }
            frame.rename(columns=kinds).to_csv(path, index=False)
        told = alerts_of(paths)
    return told and [
        [[kind, str(column).removeprefix("when "), n] for kind, column, n in one] for one in told
    ]


def peer_alarms(rows: int, seeds: int) -> float:
    """Share of the columns of noise tables that carry any of the peer's default alerts; nan where it is not
    installed.
    """
    told = _peer([noise(rows, seed) for seed in range(seeds)])
    return (
        float("nan")
        if told is None
        else float(np.mean([len({column for _, column, _ in one}) / 20 for one in told]))
    )


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """The rows of the common table."""
    return judged(quick)[0]


def judged(quick: bool, slow: int = 20) -> tuple[list[Row], Counter[tuple[str, str, str]], pd.DataFrame]:
    """The rows of the common table, the false alerts, and the plants one by one."""
    shares, seen = false_alarms(*((5, 1) if quick else (100, slow)))
    peer_share = max(peer_alarms(rows, 1 if quick else 3) for rows in SIZES)
    made = []
    for name in ASKED:
        share, other = max(shares[name].values()), peer_share if name == "profile" else float("nan")
        label = (f"columns of noise alarmed, {name}, worst of {len(SIZES)} sizes") + (
            " (peer: fg)" if name == "profile" else ""
        )
        made.append(Row(label, share, other, share / MOST, f"<= {MOST}", share <= MOST))
    plants = power(1 if quick else 5)
    ours, peer = float(plants["ours"].mean()), float(plants["peer"].dropna().astype(float).mean())
    made.append(
        Row(
            f"share of {len(plants)} planted troubles listed (peer: fg)",
            ours,
            peer,
            ours / peer,
            ">= 0.95",
            ours >= 0.95,
        )
    )
    return made, seen, plants


def main() -> None:
    rows, seen, plants = judged("--quick" in sys.argv, slow=100 if "--long" in sys.argv else 20)
    show(rows)
    for (name, code, column), times in seen.most_common():
        sys.stdout.write(f"false: {name} {code} on {column!r}, {times} times\n")
    sys.stdout.write(
        plants.groupby(["trouble", "rows"], sort=False)[["ours", "peer"]].agg(["sum", "count"]).to_string()
        + "\n"
    )


if __name__ == "__main__":
    main()
