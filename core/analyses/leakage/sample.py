"""The rows that columns are judged on, and the answer that they are judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.leakage.maths import Floats, Ints, Strength, z_gate
from core.dataset import Dataset
from core.errors import ColumnError
from core.numerics.auc import mid_ranks
from core.numerics.folds import folds_of
from core.numerics.rowhash import keyed, row_keys
from core.prepare.features import numbers
from core.prepare.levels import level_codes

if TYPE_CHECKING:
    import pyarrow as pa

SAMPLE = 50_000
FEWEST = 20  # rows with a known target below which nothing is said of columns
CLASS_VALUES = 20  # whole-number targets with at most so many values are taken as classes


@dataclass(frozen=True, eq=False)
class Judge:
    """The labelled train rows that columns are judged on, in the order of their content, and the limits.

    answer: class numbers, or ranks of a number target. halves: the classes again, or which half of a number
    target a row lies in. words: what those are called. folds: see `folds_of`. weights: rows of the data that
    each stands for. warn, critical: scores from which a single column is doubted. gate: standard deviations
    above chance that it must lie. labelled: rows with a known target.
    """

    rows: Ints
    answer: Any
    halves: Ints
    words: tuple[str, ...]
    folds: Ints
    weights: Floats
    warn: float
    critical: float
    gate: float
    seed: int
    labelled: int

    @property
    def is_class(self) -> bool:
        """Whether the target is classes."""
        return bool(self.answer.dtype.kind == "i")

    def chance(self) -> np.random.Generator:
        """The same random numbers for every column, so that none depends on which others are judged."""
        return np.random.default_rng(self.seed)

    def surely(self, strength: Strength, limit: float) -> bool:
        """Whether the score lies above chance and, with its interval, above the limit."""
        return strength.z >= self.gate and strength.surely >= limit


@dataclass(frozen=True)
class Rule:
    """From which score a column is listed and called critical, how many are tried, and the seed of everything
    drawn.
    """

    warn: float
    critical: float
    tried: int
    seed: int


def judge_of(dataset: Dataset, target: str, hashes: NDArray[np.uint64], rule: Rule) -> Judge | None:
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
    answer, halves, words = answer_of(dataset, target, values.take(rows))
    groups = answer if answer.dtype.kind == "i" else np.zeros(rows.size, np.int64)
    keep = _taken(groups, SAMPLE)
    stands_for = np.bincount(groups) / np.maximum(
        np.bincount(groups[keep], minlength=int(groups.max()) + 1), 1
    )
    return Judge(
        rows=rows[keep],
        answer=answer[keep],
        halves=halves[keep],
        words=words,
        folds=folds_of(keys[keep]),
        weights=stands_for[groups[keep]],
        warn=rule.warn,
        critical=rule.critical,
        gate=z_gate(rule.tried),
        seed=rule.seed,
        labelled=rows.size,
    )


def valid(values: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Which values are not missing."""
    return np.asarray(values.is_valid().to_numpy(), dtype=bool)


def answer_of(dataset: Dataset, target: str, values: pa.ChunkedArray) -> tuple[Any, Ints, tuple[str, ...]]:
    """Class numbers, the same again and the names of the classes; or ranks, halves and what the halves are
    called. Nothing missing.
    """
    if dataset[target].kind == "numeric":
        known = numbers(dataset[target], values)
        distinct = np.unique(known)
        if distinct.size > 2 and (distinct.size > CLASS_VALUES or bool((distinct % 1).any())):
            ranks = mid_ranks(known)
            words = (f"at most {np.median(known):g}", f"above {np.median(known):g}")
            return ranks, np.asarray(known > np.median(known), dtype=np.int64), words
    codes, words_found = level_codes(values)
    return codes, codes, tuple(words_found)


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
    """How large the score gets by chance alone, at the gate."""
    return float(min(1.0, strength.null + gate * strength.sd)) if strength.sd > 0.0 else float("nan")
