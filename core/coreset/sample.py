"""The rows of a coreset and their weights, drawn from a sketch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.coreset.sketch import Sketch
from core.errors import SettingError
from core.frozen import lock_fields
from core.numerics.priority import allocated, chances, draw, effective_size
from core.phrases import count, quoted
from core.prepare.pilot.pilot import GRID, Pilot
from core.prepare.sizes_of_classes import ALL

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Share = Literal["importance", "fair", "proportional"]
_ALONE = 3.0  # units expected of a stratum, below which its weights are brought to a total with others
LEAST = 50  # units of each class, where there is room
AUTO = 0  # a size that is chosen by the number of rows: `SampleSize.sized`
_TENTH, _MOST, _FEW, _PER_CLASS = 10, 2_000, 200, 10


@dataclass(frozen=True)
class SampleSize:
    """How many rows, and from where.

    size: of the coreset; 0 for what `sized` gives. share: what classes (of k-means: clusters) get: in
    proportion to their importance (the sum of scores), to the root of their rows ("fair") or to their rows.
    each: class -> rows, or "all". certain: share of ``size`` that goes to the most important rows, with
    certainty.
    """

    size: int = AUTO
    share: Share = "importance"
    each: Mapping[str, str] = field(default_factory=dict)
    certain: float = 0.0

    def sized(self, rows: int, classes: int) -> SampleSize:
        """With a size in rows, where none is given: a tenth of ``rows``, those that can be
        drawn, at most 2,000, and at least 200 (of fewer than 400 rows half) and 10 of each of
        ``classes``, where there are so many. The limits are measured in docs/methods/coreset.md.

        >>> [SampleSize().sized(rows, 2).size for rows in (30, 300, 600, 8_000, 581_012)]
        [20, 150, 200, 800, 2000]
        >>> SampleSize().sized(5_000, 300).size, SampleSize(7).sized(5_000, 2).size
        (3000, 7)
        """
        if self.size != AUTO:
            return self
        size = min(max(rows // _TENTH, min(_FEW, rows // 2)), _MOST)
        return replace(self, size=min(max(size, _PER_CLASS * classes), max(rows, 2)))

    def fixed(self, pilot: Pilot) -> dict[int, int | None]:
        """``each`` by the places of strata, None for all of it. Raises `SettingError`."""
        names, made = pilot.stratum_names(), dict[int, int | None]()
        for stratum, wanted in self.each.items():
            if stratum not in names:
                raise SettingError.unknown(stratum, names)
            if wanted != ALL and not str(wanted).isdecimal():
                raise SettingError(
                    f"The size of class {quoted(stratum)} is {quoted(str(wanted))}; give a whole number, or "
                    f"{ALL}."
                )
            made[names.index(stratum)] = None if wanted == ALL else int(wanted)
        return made


@dataclass(frozen=True, eq=False)
class DrawnRows:
    """The rows drawn, ascending by ``row``.

    place: int64, of each in the sketch. row: its number. stratum: the group that it was drawn from. cell:
    equal for rows whose weights were brought to one total. scored: whether to that of their scores, too.
    weight: how much of all the data it stands for. chance: with which it was drawn. score: its sampling
    importance, 1 is the mean of all rows. totals: which of those of `core.coreset.calibration.known_of` the
    weights were brought to; none of them where they were not.
    """

    place: NDArray[np.int64]
    row: NDArray[np.int64]
    stratum: NDArray[np.int64]
    cell: NDArray[np.int64]
    scored: NDArray[np.bool_]
    weight: Floats
    chance: Floats
    score: Floats
    totals: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))

    def __post_init__(self) -> None:
        lock_fields(self)

    @property
    def calibrated(self) -> bool:
        """Whether the weights were brought to the slope of all rows."""
        return bool(self.totals.any())

    @property
    def effective(self) -> float:
        """Kish's effective sample size of the weights."""
        return effective_size(self.weight)


def least_room(pilot: Pilot, wanted: SampleSize, rows: int) -> int:
    """How many units of each group have to be known: one more than can be drawn. rows: there are."""
    fixed = wanted.fixed(pilot)
    if any(most is None for most in fixed.values()):
        return rows + 1
    most = max([wanted.size, *(most for most in fixed.values() if most is not None)])
    return most + int(most * wanted.certain) + 1


def room_for(pilot: Pilot, wanted: SampleSize, rows: int) -> int:
    """How many units of each group a sketch keeps: those, and a reserve for rows that are removed."""
    least = least_room(pilot, wanted, rows)
    return least if least > rows else least + least // 8 + 64


def sampled(sketch: Sketch, pilot: Pilot, wanted: SampleSize) -> DrawnRows:
    """Draw the rows, group by group, and weigh them: one over the chance of each, and then all of a stratum
    alike, so that they come to its total (Deville and Särndal 1992, post-stratification).

    Raises `SettingError` where the size does not fit the groups.
    """
    groups = int(pilot.groups[-1]) + 1
    there = np.bincount(sketch.group, minlength=groups)
    filled = [at for at in range(groups) if there[at]]
    if wanted.size < len(filled):
        raise SettingError(
            f"A coreset of {count(wanted.size, 'row')} cannot hold a row of each of {len(filled):,} classes. "
            f"Ask for {len(filled):,} rows or more."
        )
    starts = np.searchsorted(sketch.group, np.arange(groups))
    given = _given(sketch, pilot, wanted, there)
    certain = _certain(sketch, wanted, given)
    parts = []
    for at in filled:
        units = np.arange(starts[at], starts[at] + there[at])
        sure = units[certain[units]]
        free = units[~certain[units]]
        drawn = draw(sketch.score[free], sketch.key[free], max(given[at] - sure.size, 0))
        chosen = np.concatenate([sure, free[drawn.chosen]])
        chance = np.concatenate([np.ones(sure.size), chances(sketch.score[free[drawn.chosen]], drawn.tau)])
        weight, cell, scored = _brought(sketch, chosen, chance, pilot.groups == at)
        parts.append((chosen, chance, weight * pilot.unit, cell, scored))
    chosen, chance, weight, cell, scored = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.argsort(sketch.row[chosen], kind="stable")
    chosen = chosen[order]
    share = sketch.score[chosen] / _mean_score(sketch) / (sketch.heft[chosen] / sketch.times[chosen])
    rows, strata = sketch.row[chosen], sketch.group[chosen]
    return DrawnRows(
        place=chosen,
        row=rows,
        stratum=strata,
        cell=cell[order],
        scored=scored[order],
        weight=weight[order],
        chance=chance[order],
        score=share,
    )


def _brought(
    sketch: Sketch, chosen: Ints, chance: Floats, mine: NDArray[np.bool_]
) -> tuple[Floats, Ints, NDArray[np.bool_]]:
    """The weights of some units of a group, the cell of each, and whether they were brought to the total of
    scores: units of one cell were brought to its totals together. A group of one stratum is a cell. mine: the
    strata of the group.
    """
    weight, cell = sketch.heft[chosen] / chance, sketch.stratum[chosen]
    order = np.argsort(sketch.key[chosen])
    if np.count_nonzero(mine) > 1:
        return _by_cells(sketch, chosen, chance, order, mine)
    if weight.size:
        weight = weight * (sketch.weight[cell[0]] / weight[order].sum())
    return weight, cell, np.zeros(cell.size, np.bool_)


def _by_cells(
    sketch: Sketch, chosen: Ints, chance: Floats, order: Ints, mine: NDArray[np.bool_]
) -> tuple[Floats, Ints, NDArray[np.bool_]]:
    """The weights brought to the rows and to the sum of scores of each stratum (calibration: Deville and
    Särndal 1992), the cell of each unit: its stratum, where those of which few are to be expected are one;
    and whether it was brought to the sum of scores. Units that were certain to be drawn stand for themselves
    alone. order: of the units, by their keys.
    """
    stratum, heft, times = (of[chosen] for of in (sketch.stratum, sketch.heft, sketch.times))
    weight, score = heft / chance, sketch.score[chosen] * times / heft
    sure = chance >= 1.0
    if sure.all():
        sure[:] = False
    rows, mass = (np.array(of, np.float64) for of in (sketch.weight, sketch.mass))
    for total, values in ((rows, heft), (mass, score * heft / GRID)):
        total -= np.bincount(stratum[sure], values[sure], minlength=mine.size)
    free = ~sure
    expected = np.count_nonzero(free) * mass / max(float(mass[mine].sum()), 1.0)
    there = np.bincount(stratum[free], minlength=mine.size) > 0
    few = mine & ((expected < _ALONE) | ~there)
    cell = np.where(few, few.argmax(), np.arange(mine.size))[stratum]
    order, scored = order[free[order]], np.zeros(cell.size, np.bool_)
    for at in np.unique(cell[order]).tolist():
        strata = few if few[at] else np.arange(mine.size) == at
        inside = order[cell[order] == at]
        totals = float(rows[strata].sum()), float(mass[strata].sum()) * GRID
        weight[inside], scored[inside] = _calibrated(weight[inside], score[inside], *totals)
    if order.size and few.any() and not there[few].any():
        weight[order] *= rows[mine].sum() / weight[order].sum()
        scored[:] = False
    return weight, cell.astype(np.int64), scored


def _calibrated(weight: Floats, score: Floats, rows: float, mass: float) -> tuple[Floats, bool]:
    """The weights brought to a total and, where none has to become a tenth of itself for it, to the total of
    scores; and whether to that.

    >>> _calibrated(np.array([1.0, 1.0]), np.array([1.0, 3.0]), 4.0, 9.0)
    (array([1.5, 2.5]), True)
    """
    weight = weight * (rows / weight.sum())
    away = score - (weight * score).sum() / rows
    spread = float((weight * away**2).sum())
    if not spread > 1e-9 * float((weight * score**2).sum()):
        return weight, False
    factor = 1.0 + (mass - float((weight * score).sum())) / spread * away
    return (weight * factor, True) if factor.min() > 0.1 else (weight, False)


def _mean_score(sketch: Sketch) -> float:
    return sum(sketch.mass) * GRID / max(1, sum(sketch.weight))


def _given(sketch: Sketch, pilot: Pilot, wanted: SampleSize, there: NDArray[np.int64]) -> list[int]:
    """How many units each group gets."""
    groups = there.size

    def by_group(values: tuple[int, ...]) -> list[int]:
        sums = [0] * groups
        for at, value in zip(pilot.groups.tolist(), values, strict=True):
            sums[at] += value
        return sums

    fixed = {at: int(there[at]) if most is None else most for at, most in wanted.fixed(pilot).items()}
    roomy = [0 if at in fixed else int(there[at]) for at in range(groups)]
    shares = {
        "importance": [float(mass) for mass in by_group(sketch.mass)],
        "fair": [float(rows) ** 0.5 for rows in by_group(sketch.rows)],
        "proportional": [float(rows) for rows in by_group(sketch.rows)],
    }[wanted.share]
    left = max(wanted.size - sum(min(most, int(there[at])) for at, most in fixed.items()), 0)
    free = [at for at in range(groups) if at not in fixed and there[at]]
    rest = allocated(left, [shares[at] for at in free], [roomy[at] for at in free], LEAST) if free else []
    given = [min(fixed.get(at, 0), int(there[at])) for at in range(groups)]
    for at, one in zip(free, rest, strict=True):
        given[at] = one
    return given


def _certain(sketch: Sketch, wanted: SampleSize, given: list[int]) -> NDArray[np.bool_]:
    """The units that are taken with certainty: of each group the most important ones."""
    taken, group = np.zeros(sketch.score.size, bool), sketch.group
    for at, most in enumerate(given):
        units = np.flatnonzero(group == at)
        sure = int(most * wanted.certain)
        if sure:
            order = np.lexsort((sketch.key[units], -sketch.score[units]))
            taken[units[order[:sure]]] = True
    return taken
