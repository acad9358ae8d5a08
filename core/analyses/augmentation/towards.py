"""A pipeline that brings train images nearer to serve's: of the operations for light, colour, sharpness and
compression those by which the two parts differ, each by what it takes.

By what loading measured of each image (`core/dataset/pictures.py`). Levels are solved for both ends and the
mean of an image together, a blur adds to that of the edges in squares (a Gaussian of a Gaussian), and a
compression is the quality that serve's files have.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.augmentation.operations import OPERATIONS
from core.dataset import Dataset
from core.loading.images.measures import SIDE
from core.prepare.images_judged import judged_by_part, measure

Steps = list[dict[str, Any]]
Floats = NDArray[np.float64]
SERVE = "serve"  # the preset that is made of the data
LEVEL = 0.01  # of the test that a measure differs between train and serve, all measures together
APART = 0.2  # Kolmogorov-Smirnov distance from which it matters
LEAST = {"brightness": 0.02, "contrast": 0.02, "gamma": 0.05, "saturation": 0.1}  # of a logarithm
SOFTER = 0.3  # pixels of blur at which an image looks softer
CODED = 5  # steps of JPEG quality
COLOURED = 8.0  # levels between red, green and blue below which an image is grey
_ENDS = ("darkest", "brightness", "brightest")  # brightness is the mean
_READ = ("brightness", "darkest", "brightest", "edge_width", "colour", "jpeg_quality", "width", "height")
_PLAIN = 100.0  # JPEG quality that an image of another format counts as


def towards_serve(dataset: Dataset) -> Steps:
    """Operations that make train images like those of serve in what was measured of them, in order; each
    range goes from half of the way to all of it. None where nothing that an operation can change differs, or
    a part has too few images.
    """
    if not judged_by_part(dataset):
        return []
    serve = dataset.part_mask("serve")
    every = {name: measure(dataset, name) for name in _READ}
    plain = np.isfinite(every["width"]) & np.isnan(every["jpeg_quality"])
    every["jpeg_quality"] = np.where(plain, _PLAIN, every["jpeg_quality"])
    return steps_between(*({name: one[part] for name, one in every.items()} for part in (~serve, serve)))


def steps_between(train: Mapping[str, Floats], serve: Mapping[str, Floats]) -> Steps:
    """The same from the measures of both parts: name -> one number per image, NaN where there is none."""
    differ = {name for name in _READ if _differs(train[name], serve[name])}
    here, there = ({name: _middle(part[name]) for name in _READ} for part in (train, serve))
    blur = _blur(here, there) if "edge_width" in differ else []
    ratio, steps = _levels(here, there, bool(blur)) if differ & {*_ENDS} else (1.0, [])
    if "colour" in differ and min(here["colour"], there["colour"]) >= COLOURED and not blur:
        steps += _times("saturation", there["colour"] / here["colour"] / ratio)
    steps += blur
    if "jpeg_quality" in differ and here["jpeg_quality"] - there["jpeg_quality"] >= CODED:
        steps += _jpeg(serve["jpeg_quality"])
    return steps


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


def _levels(here: Mapping[str, float], there: Mapping[str, float], blurred: bool) -> tuple[float, Steps]:
    """An exponent g that brings the mean to where it lies between the ends in serve, the mean of powers taken
    for the power of the mean; then contrast about the middle and a factor, that bring both ends to serve's:
    R = factor x contrast is the ratio of their spans, and brightest' = factor/2 + R (brightest^g - 1/2).
    Where serve is blurred, which takes both ends towards the mean and leaves the mean as it is, a factor for
    the mean alone. Gives R, by which colour becomes stronger too, and the steps; none where an end or the
    mean is not known.
    """
    known = [part[name] for part in (here, there) for name in _ENDS]
    if not np.isfinite(known).all():
        return 1.0, []
    if blurred:
        factor = there["brightness"] / here["brightness"] if here["brightness"] > 0 else 1.0
        return factor, _times("brightness", factor) if factor > 0 else []
    power = _exponent(here, there)
    low, high = here["darkest"] ** power, here["brightest"] ** power
    ratio = (there["brightest"] - there["darkest"]) / (high - low) if high > low else 1.0
    factor = 2 * (there["brightest"] - ratio * (high - 0.5))
    if min(ratio, factor) <= 0:
        return 1.0, []
    steps = [("gamma", power), ("contrast", ratio / factor), ("brightness", factor)]
    return ratio, [step for op, by in steps for step in _times(op, by)]


def _exponent(here: Mapping[str, float], there: Mapping[str, float]) -> float:
    """The power of train's levels at which the mean lies between the ends as in serve; 1 where none does."""
    from scipy.optimize import brentq

    (dark, mean, bright), ends = ([part[name] for name in _ENDS] for part in (here, there))
    if not (0 <= dark < mean < bright and ends[0] < ends[1] < ends[2]):
        return 1.0
    wanted = (ends[1] - ends[0]) / (ends[2] - ends[0])

    def off(power: float) -> float:
        low = dark**power
        return float((mean**power - low) / (bright**power - low) - wanted)

    number = OPERATIONS["gamma"].numbers["amount"]
    return float(brentq(off, number.low, number.high)) if off(number.low) > 0 > off(number.high) else 1.0


def _blur(here: Mapping[str, float], there: Mapping[str, float]) -> Steps:
    """In pixels of train's files, as edges are measured at `SIDE` pixels of the longer side at most."""
    added = there["edge_width"] ** 2 - here["edge_width"] ** 2
    if added <= 0 or there["edge_width"] - here["edge_width"] < SOFTER:
        return []
    sigma = math.sqrt(added) * max(1.0, max(here["width"], here["height"]) / SIDE)
    return [_step("blur", (sigma / 2, sigma))]


def _jpeg(quality: Floats) -> Steps:
    """The qualities of the middle half of serve's."""
    ends = np.nanquantile(quality, [0.75, 0.25], method="inverted_cdf")
    return [_step("jpeg", tuple(100.0 - float(end) for end in ends))]


def _times(op: str, factor: float) -> Steps:
    """A step by a factor, from half of the way (its root) on; none where it is too small to matter."""
    if abs(math.log(factor)) < LEAST[op]:
        return []
    low, high = sorted((math.sqrt(factor), factor))
    return [_step(op, (low, high))]


def _step(op: str, ends: tuple[float, ...]) -> dict[str, Any]:
    number = OPERATIONS[op].numbers["amount"]
    low, high = (min(max(end, number.low), number.high) for end in ends)
    return {"op": op, "p": 1.0, "amount": [round(low, 2), round(high, 2)]}
