"""The rows of a coreset and their weights, drawn from a sketch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
Share = Literal["importance", "fair", "proportional"]
LEAST = 50  # units of each class, where there is room


@dataclass(frozen=True)
class SampleSize:
    """How many rows, and from where.

    size: of the coreset. share: what strata get: in proportion to their importance (the sum of scores), to
    the root of their rows ("fair") or to their rows. each: stratum -> rows, or "all". certain: share of
    ``size`` that goes to the most important rows, with certainty. uniform: whether importance is not looked
    at, for comparison.
    """

    size: int = 2_000
    share: Share = "importance"
    each: Mapping[str, str] = field(default_factory=dict)
    certain: float = 0.0

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

    place: int64, of each in the sketch. row: its number. stratum. weight: how much of all the data it stands
    for. chance: with which it was drawn. score: its sampling importance, 1 is the mean of all rows.
    """

    place: NDArray[np.int64]
    row: NDArray[np.int64]
    stratum: NDArray[np.int64]
    weight: Floats
    chance: Floats
    score: Floats

    def __post_init__(self) -> None:
        lock_fields(self)

    @property
    def effective(self) -> float:
        """Kish's effective sample size of the weights."""
        return effective_size(self.weight)


def least_room(pilot: Pilot, wanted: SampleSize, rows: int) -> int:
    """How many units of each stratum have to be known: one more than can be drawn. rows: there are."""
    fixed = wanted.fixed(pilot)
    if any(most is None for most in fixed.values()):
        return rows + 1
    most = max([wanted.size, *(most for most in fixed.values() if most is not None)])
    return most + int(most * wanted.certain) + 1


def room_for(pilot: Pilot, wanted: SampleSize, rows: int) -> int:
    """How many units of each stratum a sketch keeps: those, and a reserve for rows that are removed."""
    least = least_room(pilot, wanted, rows)
    return least if least > rows else least + least // 8 + 64


def sampled(sketch: Sketch, pilot: Pilot, wanted: SampleSize) -> DrawnRows:
    """Draw the rows, stratum by stratum, and weigh them: one over the chance of each, and then all of a
    stratum alike, so that they come to its total (Deville and Särndal 1992, post-stratification).

    Raises `SettingError` where the size does not fit the strata.
    """
    there = np.bincount(sketch.stratum, minlength=pilot.strata)
    filled = [at for at in range(pilot.strata) if there[at]]
    if wanted.size < len(filled):
        raise SettingError(
            f"A coreset of {count(wanted.size, 'row')} cannot hold a row of each of {len(filled):,} classes. "
            f"Ask for {len(filled):,} rows or more."
        )
    starts = np.searchsorted(sketch.stratum, np.arange(pilot.strata))
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
        weight = sketch.heft[chosen] / chance
        if weight.size:
            weight = weight * (sketch.weight[at] / weight[np.argsort(sketch.key[chosen])].sum())
        parts.append((chosen, chance, weight * pilot.unit))
    chosen, chance, weight = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.argsort(sketch.row[chosen], kind="stable")
    chosen = chosen[order]
    share = sketch.score[chosen] / _mean_score(sketch) / (sketch.heft[chosen] / sketch.times[chosen])
    rows, strata = sketch.row[chosen], sketch.stratum[chosen]
    return DrawnRows(chosen, rows, strata, weight[order], chance[order], share)


def _mean_score(sketch: Sketch) -> float:
    return sum(sketch.mass) * GRID / max(1, sum(sketch.weight))


def _given(sketch: Sketch, pilot: Pilot, wanted: SampleSize, there: NDArray[np.int64]) -> list[int]:
    """How many units each stratum gets."""
    fixed = {at: int(there[at]) if most is None else most for at, most in wanted.fixed(pilot).items()}
    roomy = [0 if at in fixed else int(there[at]) for at in range(pilot.strata)]
    shares = {
        "importance": [float(mass) for mass in sketch.mass],
        "fair": [float(rows) ** 0.5 for rows in sketch.rows],
        "proportional": [float(rows) for rows in sketch.rows],
    }[wanted.share]
    left = max(wanted.size - sum(min(most, int(there[at])) for at, most in fixed.items()), 0)
    free = [at for at in range(pilot.strata) if at not in fixed and there[at]]
    rest = allocated(left, [shares[at] for at in free], [roomy[at] for at in free], LEAST) if free else []
    given = [min(fixed.get(at, 0), int(there[at])) for at in range(pilot.strata)]
    for at, one in zip(free, rest, strict=True):
        given[at] = one
    return given


def _certain(sketch: Sketch, wanted: SampleSize, given: list[int]) -> NDArray[np.bool_]:
    """The units that are taken with certainty: of each stratum the most important ones."""
    taken = np.zeros(sketch.score.size, bool)
    for at, most in enumerate(given):
        units = np.flatnonzero(sketch.stratum == at)
        sure = int(most * wanted.certain)
        if sure:
            order = np.lexsort((sketch.key[units], -sketch.score[units]))
            taken[units[order[:sure]]] = True
    return taken
