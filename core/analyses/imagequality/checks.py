"""What is held to be wrong with an image: a rule each on what was measured of it when it was loaded.

Limits, with the rates of false alarms and what they find, are in docs/methods/imagequality.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.phrases import number, percent
from core.prepare.image_measures import BLANK

Floats = NDArray[np.float64]
Values = Mapping[str, Floats]
SPREADS = 3.0  # interquartile ranges beyond the quartiles from which a size is odd (Tukey's outer fences)
GREY = 8.0  # levels between the largest and the smallest of red, green and blue below which an image is grey
MINORITY = 0.2  # share of the set below which grey images among coloured ones are odd, and the reverse
FRAME = 0.03  # share of the area
SMALLEST = 8.0  # pixels of the shorter side below which an image shows nothing, whatever the others are
_SAME = 0.9  # share of the set of one exact size from which any other size is odd


@dataclass(frozen=True)
class ImageLimits:
    """What measures are held against, as set by a person; see `ImageQualitySettings`."""

    dark: float
    washed_out: float
    low_contrast: float
    edge_width: float
    reblur: float
    jpeg_quality: int
    blocks: float


@dataclass(frozen=True)
class Check:
    """One kind of defect. ``ratio``: per image how many times the limit it is, above 1 where it has the
    defect; NaN where that cannot be said. ``why``: of one image, in words. ``habit``: whether a set may be
    made so, and nobody is helped by an alarm on every image.
    """

    name: str
    ratio: Callable[[Values, ImageLimits], Floats]
    why: Callable[[Mapping[str, float]], str]
    habit: bool = True


def _dark(values: Values, limits: ImageLimits) -> Floats:
    return np.asarray(limits.dark / np.maximum(values["brightest"], 1e-3))


def _washed_out(values: Values, limits: ImageLimits) -> Floats:
    return np.asarray((1 - limits.washed_out) / np.maximum(1 - values["darkest"], 1e-3))


def _blank(values: Values, limits: ImageLimits) -> Floats:
    return np.asarray(BLANK / np.maximum(values["contrast"], 1e-3))


def _low_contrast(values: Values, limits: ImageLimits) -> Floats:
    ratio = limits.low_contrast / np.maximum(values["contrast"], 1e-3)
    return np.where(values["contrast"] < BLANK, 0.0, ratio)


def _blurred(values: Values, limits: ImageLimits) -> Floats:
    parts = np.stack([values["edge_width"] / limits.edge_width, values["reblur"] / limits.reblur])
    known = np.isfinite(parts)
    largest = np.where(known, parts, -np.inf).max(axis=0)
    told = known.any(axis=0) & (values["contrast"] >= BLANK)
    return np.where(told, largest, np.nan)


def _framed(values: Values, limits: ImageLimits) -> Floats:
    return np.asarray(values["frame"] / FRAME)


def _compressed(values: Values, limits: ImageLimits) -> Floats:
    """By its tables where an image is a JPEG, by its blocks where it was one."""
    by_tables = limits.jpeg_quality / values["jpeg_quality"]
    return np.where(np.isnan(values["jpeg_quality"]), values["blocks"] / limits.blocks, by_tables)


def _grey(values: Values, limits: ImageLimits) -> Floats:
    """Grey images where four in five have colours, or the reverse."""
    colour = np.where(values["contrast"] < BLANK, np.nan, values["colour"])
    grey, known = colour < GREY, np.isfinite(colour)
    few = grey if (grey & known).sum() <= (known & ~grey).sum() else ~grey
    share = (few & known).sum() / max(1, known.sum())
    return np.where(known, np.where(few & (share < MINORITY), 1.5, 0.0), np.nan)


def _odd_size(values: Values, limits: ImageLimits) -> Floats:
    """Area or shape far from the others', or any other size where nine in ten have the same one; and what is
    tiny, whatever the others are.
    """
    width, height = values["width"], values["height"]
    known = np.isfinite(width) & np.isfinite(height)
    if not known.any():
        return np.full(width.size, np.nan)
    pairs = width[known] * 1e6 + height[known]
    sizes, which, counts = np.unique(pairs, return_inverse=True, return_counts=True)
    if counts.max() >= _SAME * pairs.size:
        ratios = np.where(which == counts.argmax(), 0.0, 1.5)
    else:
        logs = (np.log(width[known] * height[known]), np.log(width[known] / height[known]))
        ratios = np.max([_beyond(one) for one in logs], axis=0)
    result = np.full(width.size, np.nan)
    tiny = SMALLEST / np.minimum(width, height)[known]
    result[known] = np.where(tiny > 1, np.maximum(tiny, ratios), ratios)
    return result


def _beyond(values: Floats) -> Floats:
    """How many times Tukey's outer fence a value lies from the nearer quartile; at least a tenth is
    allowed.
    """
    low, high = np.quantile(values, [0.25, 0.75])
    room = SPREADS * max(float(high - low), 0.1)
    return np.asarray(np.maximum(low - values, values - high).clip(0) / room)


def _size_in_words(image: Mapping[str, float]) -> str:
    what = "tiny" if min(image["width"], image["height"]) < SMALLEST else "odd size"
    return f"{what}: {image['width']:,.0f} x {image['height']:,.0f} pixels"


def _blur_in_words(image: Mapping[str, float]) -> str:
    if np.isfinite(image["edge_width"]):
        return f"blurred: the sharpest edges are {number(round(image['edge_width'], 2))} pixels wide"
    return f"blurred: {percent(image['reblur'])} of the differences survive another blur"


def _compression_in_words(image: Mapping[str, float]) -> str:
    if np.isfinite(image["jpeg_quality"]):
        return f"strong compression: JPEG quality {image['jpeg_quality']:.0f}"
    return "strong compression: traces of JPEG blocks"


CHECKS = (
    Check("blank", _blank, lambda i: f"blank: contrast {percent(i['contrast'])} of the range", habit=False),
    Check("dark", _dark, lambda i: f"dark: the brightest pixels are at {percent(i['brightest'])} of white"),
    Check(
        "washed_out",
        _washed_out,
        lambda i: f"washed out: the darkest pixels are at {percent(i['darkest'])} of white",
    ),
    Check(
        "low_contrast",
        _low_contrast,
        lambda i: f"low contrast: grey levels span {percent(i['contrast'])} of the range",
    ),
    Check("blurred", _blurred, _blur_in_words),
    Check("framed", _framed, lambda i: f"plain frame: {percent(i['frame'])} of the area"),
    Check("compressed", _compressed, _compression_in_words),
    Check(
        "grey",
        _grey,
        lambda i: "grey among colour images" if i["colour"] < GREY else "colour among grey images",
        habit=False,
    ),
    Check("odd_size", _odd_size, _size_in_words, habit=False),
)


@dataclass(frozen=True, eq=False)
class Checked:
    """What the checks came to: ``ratios`` checks x images, NaN where one cannot be said; ``has``: those
    with the defect; ``habits``: the checks that so many images fail that the set is made so; ``tiny``: per
    image, whether its shorter side is below `SMALLEST`.
    """

    ratios: Floats
    has: NDArray[np.bool_]
    habits: tuple[str, ...]
    tiny: NDArray[np.bool_]

    @property
    def flagged(self) -> NDArray[np.bool_]:
        """Per check and image, whether it has the defect and that is no habit of the set."""
        usual = np.array([check.name in self.habits for check in CHECKS])
        flagged: NDArray[np.bool_] = self.has & ~usual[:, None]
        return flagged

    @property
    def score(self) -> Floats:
        """Per image, 0 to 1: ratio / (1 + ratio) of the worst check, above 0.5 where it is flagged."""
        allowed = np.where(self.flagged, self.ratios, np.minimum(self.ratios, 1.0))
        worst = np.nan_to_num(allowed, nan=0.0).clip(0).max(axis=0, initial=0.0)
        return np.asarray(worst / (1 + worst))


def checked(values: Values, limits: ImageLimits, usual: float) -> Checked:
    """Hold every image against every limit. ``values``: `MEASURED` of `core.prepare.image_measures` -> one
    number per image, NaN where there is none. ``usual``: share of the images from which a defect is a habit
    of the set.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = np.stack([check.ratio(values, limits) for check in CHECKS])
        has = ratios > 1
    share = has.sum(axis=1) / np.maximum(1, np.isfinite(ratios).sum(axis=1))
    many = [c.name for c, s in zip(CHECKS, share, strict=True) if c.habit and s >= usual]
    habits = tuple(many) if values["width"].size >= 20 else ()
    return Checked(ratios, has, habits, np.minimum(values["width"], values["height"]) < SMALLEST)
