"""The rows that columns are judged on, and the target that they are judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.leakage.strength import (
    Floats,
    Ints,
    OneAgainstRest,
    Strength,
    level_areas,
    level_shares,
    mean_of_levels,
    mean_of_order,
    rank_areas,
    rank_share,
    z_gate,
)
from core.dataset import Dataset
from core.errors import ColumnError
from core.numerics.auc import mid_ranks
from core.numerics.folds import folds_of
from core.numerics.parting import parting
from core.numerics.rowhash import keyed, row_keys
from core.phrases import limit_among
from core.prepare.classes import FEW
from core.prepare.features import numbers
from core.prepare.levels import level_codes

if TYPE_CHECKING:
    import pyarrow as pa

SAMPLE = 50_000
FEWEST = 20  # rows with a known target below which nothing is said of columns


@dataclass(frozen=True, eq=False)
class ClassTarget:
    """A target of classes: the class of each row as a number, and their names."""

    codes: Ints
    words: tuple[str, ...]

    @property
    def classes(self) -> Ints:
        """The class of each row."""
        return self.codes

    def at(self, rows: Ints) -> ClassTarget:
        """The same of some rows."""
        return ClassTarget(self.codes[rows], self.words)


@dataclass(frozen=True, eq=False)
class NumberTarget:
    """A target of numbers: the rank of each row, and whether it lies in the lower or the upper half (0 or 1;
    the names say where the halves meet).
    """

    ranks: Floats
    halves: Ints
    words: tuple[str, ...]

    @property
    def classes(self) -> Ints:
        """The half of each row."""
        return self.halves

    def at(self, rows: Ints) -> NumberTarget:
        """The same of some rows."""
        return NumberTarget(self.ranks[rows], self.halves[rows], self.words)


Target = ClassTarget | NumberTarget


class TargetScore(NamedTuple):
    """How well a column predicts the target: over all classes, and the AUC of each (None for a target of
    numbers). binned: by the bins of its numbers.
    """

    strength: Strength
    areas: OneAgainstRest | None
    binned: bool = False


class OneClass(NamedTuple):
    """The class that a column separates best from all others, by how much, and of how many classes."""

    target: int
    strength: Strength
    classes: int


def order_score(values: Floats, target: Target) -> TargetScore | None:
    """How well the order of ``values`` predicts the target; None where there are too few rows or classes."""
    if isinstance(target, NumberTarget):
        share = rank_share(values, target.ranks)
        return None if share is None else TargetScore(share, None)
    areas = rank_areas(values, target.codes)
    return None if areas is None else TargetScore(mean_of_order(areas), areas)


def level_score(
    codes: Ints, target: Target, folds: Ints, draw: np.random.Generator, judge_from: float
) -> TargetScore | None:
    """How well levels predict the target, each row judged by what its level holds in the other folds."""
    if isinstance(target, NumberTarget):
        share = level_shares(codes, target.ranks, folds, draw, judge_from)
        return None if share is None else TargetScore(share, None)
    areas = level_areas(codes, target.codes, folds)
    if areas is None or areas.cells is None:
        return None
    return TargetScore(mean_of_levels(areas, areas.cells, target.codes, draw, judge_from), areas)


@dataclass(frozen=True)
class JudgeRule:
    """From which score a column is listed and called critical, how many columns are tried, and the seed of
    everything drawn.
    """

    warn: float
    critical: float
    tried: int
    seed: int

    @property
    def gate(self) -> float:
        """Standard deviations above chance that a score must lie."""
        return self.gate_of(1)

    def gate_of(self, classes: int) -> float:
        """The same of the best of so many classes: each is a test like a column."""
        return z_gate(self.tried * classes)


@dataclass(frozen=True, eq=False)
class Judge:
    """The labelled train rows that columns are judged on, in the order of their content, and the limits.

    rows: their positions in the data.
    target: of each of them.
    folds: see `folds_of`.
    weights: rows of the data that each stands for.
    rule: the limits.
    labelled: rows with a known target.
    """

    rows: Ints
    target: Target
    folds: Ints
    weights: Floats
    rule: JudgeRule
    labelled: int

    @property
    def halfway(self) -> float:
        """The score from which the bins of a number count."""
        return (self.rule.warn + self.rule.critical) / 2.0

    def draw(self) -> np.random.Generator:
        """The same random numbers for every column, so that none depends on which others are judged."""
        return np.random.default_rng(self.rule.seed)

    def surely(self, strength: Strength, limit: float) -> bool:
        """Whether the score lies above chance and, with its interval, above the limit."""
        return strength.z >= self.rule.gate and strength.lower() >= limit

    def surely_one(self, strength: Strength, limit: float, classes: int) -> bool:
        """The same of the score of one class, the best of so many: corrected for classes and columns."""
        return strength.z >= self.rule.gate_of(classes) and strength.lower(classes) >= limit


def judge_of(dataset: Dataset, target: str, hashes: NDArray[np.uint64], rule: JudgeRule) -> Judge | None:
    """All labelled train rows, or a sample in which no rare class loses rows before a frequent one does; None
    for fewer than 20.

    hashes: one per row of the data. Raises `ColumnError` for a target that is neither classes nor numbers.
    """
    if dataset[target].kind not in ("category", "boolean", "numeric"):
        raise ColumnError.wrong_kind(target, dataset[target].kind, ["category", "boolean", "numeric"])
    values = dataset.table([target]).column(0)
    rows = np.flatnonzero(dataset.part_mask("train") & valid(values))
    if dataset[target].kind == "numeric":
        rows = rows[np.isfinite(numbers(dataset[target], values.take(rows)))]
    if rows.size < FEWEST:
        return None
    order = np.argsort(row_keys(hashes[rows], rule.seed), kind="stable")
    rows = rows[order]
    keys = keyed(hashes[rows], rule.seed)  # equal rows are drawn one by one, and share a fold
    known = target_of(dataset, target, values.take(rows))
    groups = known.codes if isinstance(known, ClassTarget) else np.zeros(rows.size, np.int64)
    keep = _taken(groups, SAMPLE)
    stands_for = np.bincount(groups) / np.maximum(
        np.bincount(groups[keep], minlength=int(groups.max()) + 1), 1
    )
    return Judge(
        rows=rows[keep],
        target=known.at(keep),
        folds=folds_of(keys[keep]),
        weights=stands_for[groups[keep]],
        rule=rule,
        labelled=rows.size,
    )


def valid(values: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Which values are not missing."""
    return np.asarray(values.is_valid().to_numpy(), dtype=bool)


def target_of(dataset: Dataset, target: str, values: pa.ChunkedArray) -> Target:
    """The values of the target as classes or as numbers. Nothing missing."""
    if dataset[target].kind == "numeric":
        known = numbers(dataset[target], values)
        distinct = np.unique(known)
        if distinct.size > 2 and (distinct.size > FEW or bool((distinct % 1).any())):
            middle = float(np.median(known))
            ends = float(distinct[0]), float(distinct[-1])
            limit = limit_among(middle, *parting(distinct, middle, above=True), *ends)
            words = (f"at most {limit}", f"above {limit}")
            return NumberTarget(mid_ranks(known), np.asarray(known > middle, dtype=np.int64), words)
    codes, words_found = level_codes(values)
    return ClassTarget(codes, tuple(words_found))


def _taken(groups: Ints, most: int) -> Ints:
    """Positions of at most about ``most`` rows: each group keeps its first rows up to one and the same
    cap.
    """
    if groups.size <= most:
        return np.arange(groups.size)
    counts = np.sort(np.bincount(groups))
    left, cap = most, 0
    for place, count in enumerate(counts):
        cap = max(1, left // (counts.size - place))
        if count > cap:
            break
        left -= int(count)
    order = np.argsort(groups, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(groups))[:-1]])
    place_in_group = np.arange(groups.size) - starts[groups[order]]
    return np.sort(order[place_in_group < cap])


def noise(strength: Strength, gate: float) -> float:
    """The noise floor of the score at the gate; NaN where chance was not measured."""
    return float(min(1.0, strength.null + gate * strength.sd)) if strength.sd > 0.0 else float("nan")
