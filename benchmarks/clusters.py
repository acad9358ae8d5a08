"""Spellings in clusters: seconds, against comparing all pairs, and slips found that were planted.

    python -m benchmarks.clusters [--quick]

The peer compares all pairs with rapidfuzz's Levenshtein distance where that is installed, else with difflib's
ratio (0.8 or more is near), on 300 of the texts; its seconds for all of them are what those pairs took, times
as many more pairs.
"""

from __future__ import annotations

import importlib.util
import random
import sys
import time
from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path

from benchmarks.table import Row, show
from core.prepare.clusters import METHODS, clusters

SYLLABLES = [first + second for first in "bcdfghklmnprstvw" for second in "aeiou"]
KINDS = (
    "international holdings group industries services systems technologies limited company partners".split()
)
SECONDS, CODED_SECONDS = 10.0, 2.0
COMPARED = 300


def firms(n: int, seed: int = 1) -> list[str]:
    """Distinct names of firms, one in nine of them another one without a letter. Half of all pairs of one
    length end alike, which is the hard case.
    """
    draw = random.Random(seed)
    words = ["".join(draw.choices(SYLLABLES, k=draw.randint(2, 4))) for _ in range(3_000)]
    names: set[str] = set()
    while len(names) < n:
        kind = [draw.choice(KINDS)] if draw.random() < 0.7 else []
        name = " ".join(
            [*draw.choices(words, k=draw.randint(1, 2)), *kind, draw.choice(["ltd", "inc", "inc"])]
        )
        names.add(name)
        if draw.random() < 0.12 and len(names) < n:
            at = draw.randrange(len(name))
            names.add(name[:at] + name[at + 1 :])
    return sorted(names)


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """The rows of the common table."""
    n = 10_000 if quick else 100_000
    texts = firms(n)
    peer = _brute_force(texts)
    rows = []
    for method in METHODS:
        seconds = _seconds(texts, method)
        against = peer if method == "edit" else float("nan")
        rows.append(
            Row(f"{n:,} names into clusters by {method}, CPU s (peer: all pairs)", seconds, against,
                against / seconds, f"<= {SECONDS:g} s", seconds <= SECONDS)
        )  # fmt: skip
    codes = [f"item {at:06d}" for at in range(n // 5)]
    seconds = _seconds(codes, "edit")
    rows.append(
        Row(f"{len(codes):,} numbered codes, by edit, CPU s", seconds, float("nan"), seconds / CODED_SECONDS,
            f"<= {CODED_SECONDS:g} s", seconds <= CODED_SECONDS)
    )  # fmt: skip
    right, wrong = _planted(2_000)
    return [
        *rows,
        Row(
            "planted slips led to their name (wrong ones: peer)",
            right,
            wrong,
            right,
            ">= 0.95",
            right >= 0.95,
        ),
    ]


def _seconds(texts: list[str], method: str) -> float:
    begun = time.process_time()
    clusters(dict.fromkeys(texts, 1), method)
    return time.process_time() - begun


def _brute_force(texts: list[str]) -> float:
    """Seconds that comparing all pairs would take."""
    some = random.Random(2).sample(texts, COMPARED)
    near = _near()
    begun = time.process_time()
    for at, one in enumerate(some):
        for other in some[:at]:
            near(one, other)
    pairs = COMPARED * (COMPARED - 1) / 2
    return (time.process_time() - begun) / pairs * len(texts) * (len(texts) - 1) / 2


def _near() -> Callable[[str, str], bool]:
    if importlib.util.find_spec("rapidfuzz"):
        distance = importlib.import_module("rapidfuzz.distance").Levenshtein.distance
        return lambda one, other: distance(one, other, score_cutoff=2) <= 2
    return lambda one, other: SequenceMatcher(None, one, other, autojunk=False).ratio() >= 0.8


def _planted(n: int) -> tuple[float, float]:
    """Share of slips, one letter exchanged in each of n names that are 30 times as frequent, that are led to
    their name, and to another one.
    """
    draw = random.Random(3)
    names = [name for name in firms(20 * n, 4) if len(name) >= 12][::9][:n]
    slips = {}
    for name in names:
        at = draw.choice([place for place, letter in enumerate(name) if letter != " "])
        slips[name[:at] + draw.choice("qxyz") + name[at + 1 :]] = name
    counts = dict.fromkeys(names, 30) | {slip: 1 for slip in slips if slip not in names}
    led = clusters(counts, "edit").mapping(unsure=True)
    right = sum(led.get(slip) == name for slip, name in slips.items())
    wrong = sum(led.get(slip, name) != name for slip, name in slips.items())
    return right / len(slips), wrong / len(slips)


if __name__ == "__main__":
    show(measure(None, "--quick" in sys.argv))
