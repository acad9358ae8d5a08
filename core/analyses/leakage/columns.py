"""What one column gives away: by its order or its levels, by single values, by its gaps, or by being constant
where the target is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.leakage import findings
from core.analyses.leakage.by_level import bins
from core.analyses.leakage.findings import Leak
from core.analyses.leakage.missingness import missingness
from core.analyses.leakage.pure_levels import Pure, pure_levels
from core.analyses.leakage.sample import (
    FEWEST,
    ClassTarget,
    Judge,
    OneClass,
    Target,
    TargetScore,
    level_score,
    order_score,
    valid,
)
from core.analyses.leakage.strength import Floats, Ints, Strength, class_strength, tail, z_gate
from core.dataset import Dataset
from core.phrases import moment
from core.prepare.classes import FEW
from core.prepare.features import first_time, numbers
from core.prepare.lacked import rows_with
from core.prepare.levels import level_codes

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN_VALUES = 100_000  # distinct numbers above which none can fill a twentieth of the sample


class ColumnStrength(NamedTuple):
    """What one column predicts.

    strength: of the target as a whole; None for too few rows.
    classes: the AUC of each class against the rest, the best of order and levels; none for two classes.
    leaks: what is found about the column.
    """

    strength: Strength | None
    classes: dict[int, float]
    leaks: list[Leak]


def judged(judge: Judge, dataset: Dataset, name: str, values: pa.ChunkedArray) -> ColumnStrength:
    """How well one column predicts the target where the column is known, and what is found about it.

    Of one value and gaps, all that it can predict by is whether it is there. values: of the rows of
    ``judge``, in their order.
    """
    import pyarrow.compute as pc

    there = valid(values)
    presence, leaks = _gaps(judge, name, there)
    if presence is not None and pc.count_distinct(values, mode="only_valid").as_py() == 1:
        return ColumnStrength(presence.strength, _best_areas([presence]), leaks)
    known = np.flatnonzero(there)
    values, floats = values.take(known), None
    if dataset[name].kind in ("numeric", "datetime", "text"):
        floats = numbers(dataset[name], values)
        finite = np.isfinite(floats)
        known, values, floats = known[finite], values.filter(finite), floats[finite]
    if known.size < FEWEST:
        return ColumnStrength(None, {}, leaks)
    target, folds = judge.target.at(known), judge.folds[known]
    ordered = floats is not None and dataset[name].kind != "text"
    codes, texts, levels = _levels(dataset[name].kind, values, floats if ordered else None)
    scores = _scores(judge, floats, codes if levels else None, target, folds)
    strength, areas = _strongest(judge, scores), _best_areas(scores)
    if strength is not None and judge.surely(strength, judge.rule.warn):
        return ColumnStrength(
            strength, areas, [*leaks, findings.single_feature(judge, name, strength, known.size)]
        )
    one = _one_class(judge, scores, target)
    if one is not None:
        return ColumnStrength(
            strength, areas, [*leaks, findings.single_class(judge, name, one, known.size, strength)]
        )
    pure = _pure_levels(judge, codes, known, ordered)
    return ColumnStrength(
        strength,
        areas,
        leaks
        + [findings.pure_value(judge, name, texts[one.level] if texts else "", one) for one in pure[:1]],
    )


def _levels(kind: str, values: pa.ChunkedArray, floats: Floats | None) -> tuple[Ints, Sequence[str], bool]:
    """The code of each value, what each code stands for, and whether there are few enough to judge by levels:
    numbers and times (``floats``) may be too many.
    """
    if floats is None:
        codes, words = level_codes(values)
        return codes.astype(np.int64), words, True
    distinct, codes = np.unique(floats, return_inverse=True)
    few = distinct.size <= FEW and distinct.size * FEWEST <= floats.size
    return codes.astype(np.int64), _texts(kind, distinct, first_time(values)), few


def _texts(kind: str, distinct: Floats, first: int) -> list[str]:
    """The distinct values as text, where there are few: times counted from ``first`` as times."""
    if distinct.size > SHOWN_VALUES:
        return []
    return [moment(value + first) if kind == "datetime" else f"{value:g}" for value in distinct.tolist()]


def _scores(
    judge: Judge, floats: Floats | None, codes: Ints | None, target: Target, folds: Ints
) -> list[TargetScore]:
    """By order, by levels and, for numbers of many values, by equal-mass bins."""
    tried: list[TargetScore | None] = []
    if floats is not None:
        tried.append(order_score(floats, target))
        if codes is None:
            binned = level_score(bins(floats), target, folds, judge.draw(), judge.halfway)
            tried.append(binned and binned._replace(binned=True))
    if codes is not None:
        tried.append(level_score(codes, target, folds, judge.draw(), judge.rule.warn))
    return [score for score in tried if score is not None]


def _strongest(judge: Judge, scores: Sequence[TargetScore]) -> Strength | None:
    """The best of order, levels and bins. Bins count only from half-way to the critical limit: an honest
    column that is merely useful, such as the height of a place for what grows there, reaches the lower one
    that way.
    """
    counted = [
        score.strength for score in scores if not score.binned or score.strength.lower() >= judge.halfway
    ]
    return max(counted, key=lambda strength: strength.score, default=None)


def _one_class(judge: Judge, scores: Sequence[TargetScore], target: Target) -> OneClass | None:
    """The class that the column separates from all others as surely as a critical column does the target;
    None where there is none, or only two classes.

    An honest column often knows one class of several well (the height of a place knows what grows at the tree
    line: AUC 0.982), so the limit is the critical one, and classes are multiple tests like columns.
    """
    if not isinstance(target, ClassTarget):
        return None
    sure: list[OneClass] = []
    for areas in (score.areas for score in scores if score.areas is not None):
        if areas.classes.size < 2:
            continue
        for place in np.flatnonzero(areas.areas >= judge.rule.critical).tolist():
            strength = class_strength(areas, place, target.codes, judge.draw())
            if judge.surely_one(strength, judge.rule.critical, areas.classes.size):
                sure.append(OneClass(int(areas.classes[place]), strength, areas.classes.size))
    return max(sure, key=lambda one: (one.strength.score, -one.target), default=None)


def _best_areas(scores: Sequence[TargetScore]) -> dict[int, float]:
    """The best AUC of each class against the rest; nothing for two classes and for numbers."""
    best: dict[int, float] = {}
    for areas in (score.areas for score in scores if score.areas is not None):
        if areas.classes.size > 1:
            for one, area in zip(areas.classes.tolist(), areas.areas.tolist(), strict=True):
                best[one] = max(area, best.get(one, 0.0))
    return best


def _pure_levels(judge: Judge, codes: Ints, known: Ints | slice, ordered: bool = False) -> list[Pure]:
    """Levels that settle the target beyond chance, most of a class first."""
    levels = pure_levels(
        codes, judge.target.classes[known], judge.weights[known], float(judge.weights.sum()), ordered
    )
    sure = [level for level in levels if level.chance < tail(judge.rule.gate)]
    return sorted(sure, key=lambda level: (-level.recall, level.level))


def _gaps(judge: Judge, name: str, there: NDArray[np.bool_]) -> tuple[TargetScore | None, list[Leak]]:
    """How well missing or present predicts the target (None where it is always one of them), and the finding
    if it does: as a whole, one class of several, or without exception on one side.
    """
    if there.all() or not there.any():
        return None, []
    codes = there.astype(np.int64)
    if isinstance(judge.target, ClassTarget):
        score = order_score(codes.astype(np.float64), judge.target)
    else:
        score = level_score(codes, judge.target, judge.folds, judge.draw(), judge.rule.warn)
    if score is None:
        return None, []
    pure = next(iter(_pure_levels(judge, codes, slice(None))), None)
    one = _one_class(judge, [score], judge.target)
    if not (judge.surely(score.strength, judge.rule.warn) or one or pure):
        return score, []
    return score, [missingness(judge, name, score.strength, there.size, one, pure)]


def constant_on_labelled(
    dataset: Dataset, name: str, values: pa.ChunkedArray, labelled: NDArray[np.bool_]
) -> list[Leak]:
    """A column that varies, but not on the rows whose target is known. labelled: those rows. Rows of a part
    that lacks the column are not looked at: loading says that it does.
    """
    having = rows_with(dataset, [name]).get(name)
    if having is not None:
        values, labelled = values.filter(having), labelled[having]
    count = int(labelled.sum())
    if count in (0, labelled.size):
        return []
    import pyarrow.compute as pc

    seen = pc.unique(values.filter(labelled))
    if len(seen) > 1 or len(pc.unique(values)) < 2:
        return []
    same = values.is_null() if not seen[0].is_valid else pc.fill_null(pc.equal(values, seen[0]), False)
    share = float(np.mean(same.to_numpy()))
    if share**count > tail(z_gate(len(dataset.columns))):
        return []
    return [findings.dead_on_labelled(name, str(seen[0]) if seen[0].is_valid else None, share, count)]
