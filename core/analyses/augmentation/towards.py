"""A pipeline that brings train images nearer to serve's: of the operations for light, colour, sharpness and
compression those by which the two parts differ, each by what it takes.

By what loading measured of each image (`core/dataset/pictures.py`). How much it takes is found by trying: an
operation is applied to some typical train images, and they are measured anew, until their median is serve's.
A compression is the quality that serve's files have.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.augmentation.operations import OPERATIONS
from core.analyses.augmentation.pipeline import built, checked, variant
from core.dataset import Dataset
from core.loading.images.measures import SIDE, measures, shrunk
from core.loading.originals import originals
from core.prepare.image_measures import pixel_keys
from core.prepare.images_judged import judged_by_part, measure

Steps = list[dict[str, Any]]
Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]
Medians = Mapping[str, float]
SERVE = "serve"  # the preset that is made of the data
LEVEL = 0.01  # of the test that a measure differs between train and serve, all measures together
APART = 0.2  # Kolmogorov-Smirnov distance from which it matters
LEAST = {"brightness": 0.02, "contrast": 0.02, "gamma": 0.05, "saturation": 0.1}  # of a logarithm
SOFTER = 0.3  # pixels of blur at which an image looks softer
CODED = 5  # steps of JPEG quality
COLOURED = 8.0  # levels between red, green and blue below which an image is grey
TYPICAL = 16  # train images that operations are tried on
AROUND = 0.25  # of the way, that a range begins short of serve and ends beyond it
_HALVINGS = 10  # of the range of an operation
_ENDS = ("darkest", "brightness", "brightest")  # brightness is the mean
_READ = ("brightness", "darkest", "brightest", "edge_width", "colour", "jpeg_quality", "width", "height")
_TRIED = (*_ENDS, "edge_width", "colour")
_PLAIN = 100.0  # JPEG quality that an image of another format counts as


def towards_serve(dataset: Dataset) -> Steps:
    """Operations that make train images like those of serve in what was measured of them, in order; each
    range lies around what it takes, within what the operation allows. None where nothing that an operation
    can change differs, or a part has too few images. Remembered by the version of the data. Raises
    `LoadError` where the files of the images are gone.
    """
    if not judged_by_part(dataset):
        return []
    return deepcopy(dataset.shared.latest("towards serve", dataset.version, lambda: _steps_of(dataset)))


def _steps_of(dataset: Dataset) -> Steps:
    serve = dataset.part_mask("serve")
    every = {name: measure(dataset, name) for name in _READ}
    plain = np.isfinite(every["width"]) & np.isnan(every["jpeg_quality"])
    every["jpeg_quality"] = np.where(plain, _PLAIN, every["jpeg_quality"])
    train, other = ({name: one[part] for name, one in every.items()} for part in (~serve, serve))
    return steps_between(train, other, lambda: _typical(dataset, np.flatnonzero(~serve), train))


def steps_between(
    train: Mapping[str, Floats], serve: Mapping[str, Floats], typical: Callable[[], Sequence[Pixels]]
) -> Steps:
    """The same from the measures of both parts: name -> one number per image, NaN where there is none.

    typical: opens some images of train, at `SIDE` pixels at most. Saturation comes before what is done to
    levels, as it changes these.
    """
    differ = {name for name in _READ if _differs(train[name], serve[name])}
    here, there = ({name: _middle(part[name]) for name in _READ} for part in (train, serve))
    blurred = "edge_width" in differ and there["edge_width"] - here["edge_width"] >= SOFTER
    coloured = "colour" in differ and min(here["colour"], there["colour"]) >= COLOURED and not blurred
    known = bool(np.isfinite([part[name] for part in (here, there) for name in _ENDS]).all())
    light = known and bool(differ & {*_ENDS})
    tried = OperationTrial(typical() if blurred or coloured or light else [])
    if coloured:
        tried.colour(there, known)
    if known and (light or tried.steps):
        (tried.brightness if blurred else tried.levels)(there)
    if blurred:
        tried.blur(there["edge_width"], max(1.0, max(here["width"], here["height"]) / SIDE))
    compressed = "jpeg_quality" in differ and here["jpeg_quality"] - there["jpeg_quality"] >= CODED
    return [*tried.steps, *(_jpeg(serve["jpeg_quality"]) if compressed else [])]


def _typical(dataset: Dataset, rows: NDArray[np.int64], train: Mapping[str, Floats]) -> list[Pixels]:
    """The images of these rows whose measures have the ranks nearest to the medians: theirs move as the
    medians do. ``train``: their measures.
    """
    from scipy.stats import rankdata

    assert dataset.pictures is not None
    far = np.zeros(rows.size)
    for name in _TRIED:
        ranks = rankdata(train[name], nan_policy="omit") / max(1, np.isfinite(train[name]).sum())
        far = np.maximum(far, np.where(np.isfinite(ranks), np.abs(ranks - 0.5), 0.5))
    own = dataset.source_ids(rows[np.lexsort((pixel_keys(dataset)[rows], far))[:TYPICAL]])
    opened = originals(dataset.pictures, own.tolist())
    return [shrunk(one.pixels, SIDE) for one in opened if one.pixels is not None]


class OperationTrial:
    """Steps, and what they make of some pictures when each takes the middle of its range."""

    def __init__(self, pictures: Sequence[Pixels]) -> None:
        self._pictures = list(pictures)
        self.steps: Steps = []

    def colour(self, there: Medians, levels: bool) -> None:
        """The colours of serve, once its span of levels is brought about, where ``levels`` are known."""

        def reached(now: Medians) -> float:
            return now["colour"] * (_span(there) / max(_span(now), 1e-6) if levels else 1.0)

        now = reached(self._medians(self._pictures))
        if now > 0 and abs(math.log(there["colour"] / now)) >= LEAST["saturation"]:
            self._times("saturation", self._amount("saturation", reached, there["colour"]))

    def levels(self, there: Medians) -> None:
        """An exponent brings the mean to where it lies between the ends in serve; then contrast about the
        middle and a factor bring both ends to serve's: R = factor x contrast is the ratio of their spans, and
        brightest' = factor/2 + R (brightest - 1/2).
        """

        def place(one: Medians) -> float:
            return (one["darkest"] - one["brightness"]) / max(_span(one), 1e-6)

        if _span(there) > 0 and _span(self._medians(self._pictures)) > 0:
            self._times("gamma", self._amount("gamma", place, place(there)))
        now = self._medians(self._pictures)
        ratio = _span(there) / _span(now) if _span(now) > 0 else 1.0
        factor = 2 * (there["brightest"] - ratio * (now["brightest"] - 0.5))
        if min(ratio, factor) > 0:
            self._times("contrast", ratio / factor)
            self._times("brightness", factor)

    def brightness(self, there: Medians) -> None:
        """A factor for the mean alone: a blur takes both ends towards the mean, and leaves it as it is."""
        factor = self._amount("brightness", lambda now: now["brightness"], there["brightness"])
        self._times("brightness", factor)

    def blur(self, width: float, scale: float) -> None:
        """Edges as wide as serve's. scale: pixels of the files for one of the pictures."""
        sigma = scale * self._amount("blur", lambda now: now["edge_width"], width, scale)
        if math.isfinite(sigma):
            self.steps.append(_step("blur", ((1 - AROUND) * sigma, (1 + AROUND) * sigma)))

    def _amount(
        self, op: str, reached: Callable[[Medians], float], wanted: float, scale: float = 1.0
    ) -> float:
        """How much of the operation it takes for ``reached``, which rises with it, to be as ``wanted``; nan
        where that is not known of these pictures.
        """
        if not math.isfinite(reached(self._medians(self._pictures))):
            return math.nan
        number = OPERATIONS[op].numbers["amount"]
        low, high = number.low / scale, number.high / scale
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            short = reached(self._medians(self._changed(op, middle))) < wanted
            low, high = (middle, high) if short else (low, middle)
        return (low + high) / 2

    def _times(self, op: str, factor: float) -> None:
        """A step by a factor; none where it is too small to matter, or not known."""
        if not math.isfinite(factor) or abs(math.log(factor)) < LEAST[op]:
            return
        low, high = sorted((factor ** (1 - AROUND), factor ** (1 + AROUND)))
        self.steps.append(_step(op, (low, high)))
        number = OPERATIONS[op].numbers["amount"]
        self._pictures = self._changed(op, min(max(factor, number.low), number.high))

    def _changed(self, op: str, amount: float) -> list[Pixels]:
        pipeline = built(checked([{"op": op, "amount": amount}]))
        return [variant(pipeline, one, 0, 0, 0) for one in self._pictures]

    def _medians(self, pictures: Sequence[Pixels]) -> Medians:
        each = [measures(one) for one in pictures]
        return {name: _middle(np.array([one[name] for one in each])) for name in _TRIED}


def _span(one: Medians) -> float:
    return one["brightest"] - one["darkest"]


def _middle(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else math.nan


def _differs(one: Floats, other: Floats) -> bool:
    """Whether a measure differs between the parts, beyond chance (Bonferroni) and enough to matter."""
    from scipy.stats import ks_2samp

    one, other = (values[np.isfinite(values)] for values in (one, other))
    if min(one.size, other.size) < 2:
        return False
    test = ks_2samp(one, other)
    return bool(test.statistic >= APART and test.pvalue < LEVEL / len(_READ))


def _jpeg(quality: Floats) -> Steps:
    """The qualities of the middle half of serve's."""
    ends = np.nanquantile(quality, [0.75, 0.25], method="inverted_cdf")
    return [_step("jpeg", tuple(100.0 - float(end) for end in ends))]


def _step(op: str, ends: tuple[float, ...]) -> dict[str, Any]:
    number = OPERATIONS[op].numbers["amount"]
    low, high = (min(max(end, number.low), number.high) for end in ends)
    return {"op": op, "p": 1.0, "amount": [round(low, 2), round(high, 2)]}
