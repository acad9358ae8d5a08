"""Whether variants stand nearer to serve than their images do, in light, sharpness, colour and the other
measures of pixels.

Each is measured as loading measures it, of the variants at full size. How well it predicts train or serve is
what image quality says of it; how well it predicts variants or serve is worked out in the same way. That
alone saturates: what has come half of the way may be separated as surely as before. So the distance that is
left is given, too, as a share of train's (Wasserstein: of one measure, the mean difference of quantiles).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.dataset.pictures import MEASURES
from core.loading.images.measures import measures
from core.loading.originals import originals
from core.phrases import count, listed, name, names, percent, verb
from core.prepare.image_measures import CALLED, measured, part_codes, pixel_keys, properties
from core.prepare.image_properties import Predicted, predicted, surely
from core.prepare.images_judged import COLUMNS, LEAST, judged_by_part
from core.progress import Progress

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]
Variant = Callable[[NDArray[np.uint8], int], NDArray[np.uint8]]
MOST = 300  # images of train of which a variant is measured, and images of serve in a distance
DRAWS = 1_000  # bootstrap samples of a distance
PLACES = 101  # quantiles of a distance
CHANCE = 0.5  # balanced accuracy of two parts
MATTERS = 0.1  # of the way: variants that come less near, or go less far, do not
NOT_MEASURED = "Distance to serve was not measured: "
FEW_MEASURED = (
    f"{NOT_MEASURED}train and serve need at least {LEAST} images each of which loading measured the pixels."
)
NEARER, FARTHER, UNKNOWN = "nearer", "farther", "cannot be said"
NOT_NEARER, NOT_FARTHER = "not surely nearer", "not surely farther"


class WayLeft(NamedTuple):
    """The distance from variants to serve, as a share of that from train to serve, with its interval, which
    holds for all measures together; near: what 95% of such samples of serve itself stay under. NaN where
    train is not separated from serve, or too few images have the measure.
    """

    left: float
    low: float
    high: float
    near: float


NO_WAY = WayLeft(math.nan, math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class MeasureNearness:
    """One measure. train, variants, serve: medians. before, after: balanced accuracy with which it predicts
    train or serve, and variants or serve. floor: what the latter stays under in 95% of cases by chance.
    apart: whether each is surely more than chance.
    """

    measure: str
    train: float
    variants: float
    serve: float
    before: float
    after: float
    floor: float
    apart: tuple[bool, bool]
    way: WayLeft

    @property
    def moved(self) -> str:
        """Nearer, farther or neither surely: beyond chance, and by a tenth of the way or more."""
        if not self.apart[0]:
            return FARTHER
        if math.isnan(self.way.left):
            return UNKNOWN
        if self.way.high < 1 and self.way.left <= 1 - MATTERS:
            return NEARER
        if self.way.low > 1 and self.way.left >= 1 + MATTERS:
            return FARTHER
        return NOT_FARTHER if self.way.left > 1 else NOT_NEARER

    @property
    def verdict(self) -> str:
        """The same in words, with whether variants are still separated from serve."""
        if not self.apart[0]:
            return "farther, only variants are separated"
        return f"{self.moved}, {'still separated' if self.apart[1] else 'not separated'}"


@dataclass(frozen=True)
class ServeNearness:
    """The measures that separate train, or the variants, from serve, those that separate train best first.
    variants: how many were measured. of_files: what else separates train from serve, which no pipeline
    changes.
    """

    measures: tuple[MeasureNearness, ...]
    variants: int
    of_files: tuple[str, ...]

    def moved(self, where: str) -> list[MeasureNearness]:
        """Those in which variants went so."""
        return [one for one in self.measures if one.moved == where]

    @property
    def separating(self) -> list[MeasureNearness]:
        """Those that separate variants from serve."""
        return [one for one in self.measures if one.apart[1]]

    @property
    def short(self) -> str:
        """The same in half a sentence; "" where nothing separates train or variants from serve."""
        if not self.measures:
            return ""
        before, after = sum(one.apart[0] for one in self.measures), len(self.separating)
        if not before:
            return (
                f"in {count(after, 'measure')} of the pixels variants differ from serve, and train does not"
            )
        nearer, farther = len(self.moved(NEARER)), len(self.moved(FARTHER))
        ways = f"they are nearer to serve in {count(nearer) if nearer else 'none'}"
        ways += f", and farther in {count(farther)}" if farther else ""
        return (
            f"train differs from serve in {count(before, 'measure')} of the pixels, variants in "
            f"{count(after) if after else 'none'}: {ways}"
        )

    @property
    def verdict(self) -> str:
        """What became of the measures, in a few sentences."""
        before = [one for one in self.measures if one.apart[0]]
        said = [self._way(before)]
        if farther := self.moved(FARTHER):
            said.append(f"They stand farther from serve in {_named(farther)}.")
        if unknown := self.moved(UNKNOWN):
            said.append(f"Of {_named(unknown)} it cannot be said: too few images have it.")
        if some := self.separating:
            still = verb(len(some), "separates", "separate")
            said.append(f"{_named(some)} {still} variants from serve.")
        if self.of_files:
            files = [CALLED.get(one) or name(COLUMNS[one]) for one in self.of_files]
            what = verb(len(files), "that is of the files", "these are of the files")
            also = verb(len(files), "separates", "separate")
            said.append(f"{_capital(listed(files, 4))} {also} train from serve, too; {what}, not of pixels.")
        return " ".join(said)

    def _way(self, before: list[MeasureNearness]) -> str:
        if not before:
            return (
                "No measure of the pixels separates train from serve: there is nothing for variants to come "
                "nearer to."
            )
        nearer = self.moved(NEARER)
        every = len(self.measures)
        parts = "train" if len(before) == every else "train or variants"
        which = f"{count(every, 'measure')} that {verb(every, 'separates', 'separate')} {parts} from serve"
        if not nearer:
            return f"Variants stand surely nearer to serve in none of {which}."
        ways = [f"{name(COLUMNS[one.measure])} ({percent(one.way.left)} of the way left)" for one in nearer]
        return f"Variants stand nearer to serve in {len(nearer)} of {which}: {listed(ways)}."


def _capital(sentence: str) -> str:
    return f"{sentence[:1].upper()}{sentence[1:]}"


def _named(some: list[MeasureNearness]) -> str:
    return names([COLUMNS[one.measure] for one in some], 4)


def serve_nearness(dataset: Dataset, made: Variant, progress: Progress) -> tuple[ServeNearness | None, str]:
    """Measure a variant of up to `MOST` train images, and compare; None where there are no two parts, or not
    enough images, and then why, in a sentence; "" where there are no two parts.

    made: the variant of a picture, and of its row in the source.
    """
    if not judged_by_part(dataset):
        return None, FEW_MEASURED if dataset.split is not None else ""
    values = measured(dataset)
    codes, keys = part_codes(dataset, values), pixel_keys(dataset)
    every = properties(dataset, values)
    before = predicted(every, codes, keys, progress.part(0.0, 0.2))
    order = np.argsort(keys, kind="stable")
    rows = order[codes[order] == 0][:MOST]
    rows, now = _of_variants(dataset, rows, made, progress.part(0.2, 0.9))
    if rows.size < LEAST:
        few = f"of {count(rows.size, 'image')} of train a variant could be made at full size"
        return None, f"{NOT_MEASURED}{few}; at least {LEAST} are needed."
    serve = order[codes[order] == 1]
    both = {
        one: np.concatenate([now[one], every[one][serve]]) for one in MEASURES if one in every
    }  # of variants and serve
    classes = np.repeat([0, 1], [rows.size, serve.size])
    after = predicted(both, classes, np.concatenate([keys[rows], keys[serve]]), progress.part(0.9, 1.0))
    return _compared(before, after, every, now, rows, serve), ""


def _of_variants(
    dataset: Dataset, rows: Ids, made: Variant, progress: Progress
) -> tuple[Ids, dict[str, Floats]]:
    """The rows whose picture could be taken, and the measures of a variant of each."""
    pictures, own = dataset.pictures, dataset.source_ids(rows)
    assert pictures is not None
    there, found = [], []
    for place, picture in enumerate(originals(pictures, own.tolist(), progress.part(0.0, 0.0))):
        progress.at(place / rows.size, "Measuring variants")
        if picture.pixels is not None:
            there.append(place)
            found.append(measures(made(picture.pixels, picture.row)))
    return rows[there], {one: np.array([each[one] for each in found], np.float64) for one in MEASURES}


def _compared(
    before: list[Predicted],
    after: list[Predicted],
    every: Mapping[str, Floats],
    now: Mapping[str, Floats],
    rows: Ids,
    serve: Ids,
) -> ServeNearness:
    """The measures that separate train or variants from serve."""
    separating = [one for one in before if surely(one, len(before))]
    known, late = ({one.name: one for one in some} for some in (before, after))
    apart = [one.name for one in separating if one.name in MEASURES]
    new = [one.name for one in after if surely(one, len(before)) and one.name not in apart]
    lines = []
    for each in (*apart, *new):
        train, those = every[each][rows], every[each][serve]
        one, other = known.get(each), late.get(each)
        lines.append(
            MeasureNearness(
                measure=each,
                train=_middle(train),
                variants=_middle(now[each]),
                serve=_middle(those),
                before=one.accuracy if one is not None else CHANCE,
                after=other.accuracy if other is not None else CHANCE,
                floor=other.noise if other is not None else math.nan,
                apart=(each in apart, other is not None and surely(other, len(before))),
                way=_way_left(train, now[each], those[:MOST], len(apart)) if each in apart else NO_WAY,
            )
        )
    files = tuple(one.name for one in separating if one.name not in MEASURES)
    return ServeNearness(tuple(lines), rows.size, files)


def _middle(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else math.nan


def _way_left(train: Floats, variants: Floats, serve: Floats, among: int) -> WayLeft:
    """The distance from variants to serve as a share of that from train to serve, its interval (bootstrap of
    pairs of image and variant, and of serve; Bonferroni), and what 95% of samples of serve come to; NaN where
    fewer than `LEAST` images have the measure on a side.
    """
    paired = np.isfinite(train) & np.isfinite(variants)
    train, variants, serve = train[paired], variants[paired], serve[np.isfinite(serve)]
    if min(train.size, serve.size) < LEAST:
        return NO_WAY
    draw = np.random.default_rng(0)
    mine = draw.integers(0, train.size, (DRAWS, train.size))
    theirs = draw.integers(0, serve.size, (DRAWS, serve.size))
    goal, whole = _quantiles(serve[theirs]), float(_apart(_quantiles(train), _quantiles(serve)))
    if whole == 0:
        return NO_WAY
    starts = np.maximum(_apart(_quantiles(train[mine]), goal), 1e-3 * whole)
    shares = _apart(_quantiles(variants[mine]), goal) / starts
    low, high = np.quantile(shares, [0.025 / among, 1 - 0.025 / among])
    again = draw.integers(0, serve.size, (DRAWS, train.size))
    near = np.quantile(_apart(_quantiles(serve[again]), goal) / whole, 0.95)
    left = _apart(_quantiles(variants), _quantiles(serve)) / whole
    return WayLeft(float(left), float(low), float(high), float(near))


def _quantiles(samples: Floats) -> Floats:
    """`PLACES` quantiles of each sample, in its last axis.

    >>> _quantiles(np.array([3.0, 1.0]))[[0, -1]]
    array([1., 3.])
    """
    size = samples.shape[-1]
    at = ((np.arange(PLACES) + 0.5) / PLACES * size).astype(np.int64)
    return np.asarray(np.sort(samples, axis=-1)[..., at])


def _apart(one: Floats, other: Floats) -> Floats:
    """The Wasserstein distance of samples, by their quantiles."""
    return np.asarray(np.abs(one - other).mean(axis=-1))
