"""The operations that are offered: what each is called, what it is of imgaug's, and the ranges of its
numbers.

Left out on purpose: MultiplyAndAddToBrightness and BlendAlphaFrequencyNoise, which do not give the same
pixels for the same seed in another process; RelativeRegularGridVoronoi, Cartoon and MeanShiftBlur, which
take 0.2 to 2.4 s an image (measured with imgaug 0.4.2; docs/decisions/0024).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MOST = 10  # variants of one image, unless more are asked for


@dataclass(frozen=True)
class Parameter:
    """One number of an operation that is drawn anew for each variant, from a range. low, high: what is
    accepted. usual: the range by default. whole: whole numbers only.
    """

    label: str
    low: float
    high: float
    usual: tuple[float, float]
    whole: bool = False


@dataclass(frozen=True)
class Operation:
    """label, help: in words. augmenter: the class of imgaug. drawn: its argument -> the name of the number
    that it gets. fixed: its other arguments. moves: whether it moves things, and boxes with them. strict:
    whether imgaug refuses a range of one number, which must be given as that number.
    """

    label: str
    help: str
    augmenter: str
    numbers: Mapping[str, Parameter] = field(default_factory=dict)
    drawn: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    moves: bool = False
    strict: bool = False

    def arguments(self, given: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
        """The arguments for imgaug, from the ranges given; the usual ones for the others."""
        ranges = {name: given.get(name, number.usual) for name, number in self.numbers.items()}
        drawn: dict[str, Any] = {
            argument: tuple(int(end) if self.numbers[name].whole else float(end) for end in ranges[name])
            for argument, name in self.drawn.items()
        }
        if self.strict:
            drawn = {name: ends[0] if ends[0] == ends[1] else ends for name, ends in drawn.items()}
        return {**self.fixed, **drawn}


def _one(
    label: str, low: float, high: float, usual: tuple[float, float], whole: bool = False
) -> dict[str, Parameter]:
    return {"amount": Parameter(label, low, high, usual, whole)}


_EDGE = {"mode": "edge"}
OPERATIONS: dict[str, Operation] = {
    "flip_lr": Operation(
        "Flip left-right",
        "Mirror across the vertical; keypoints called left and right change places.",
        "Fliplr",
        fixed={"p": 1.0},
        moves=True,
    ),
    "flip_ud": Operation(
        "Flip up-down",
        "Mirror across the horizontal; keypoints called left and right change places.",
        "Flipud",
        fixed={"p": 1.0},
        moves=True,
    ),
    "quarter_turn": Operation(
        "Quarter turns",
        "Turn clockwise by so many quarters.",
        "Rot90",
        _one("Quarters", 0, 3, (1, 3), whole=True),
        {"k": "amount"},
        moves=True,
    ),
    "rotate": Operation(
        "Rotate",
        "Turn by an angle.",
        "Affine",
        _one("Degrees", -180, 180, (-15, 15)),
        {"rotate": "amount"},
        _EDGE,
        True,
    ),
    "scale": Operation(
        "Scale",
        "Enlarge or shrink.",
        "Affine",
        _one("Times", 0.2, 3, (0.8, 1.2)),
        {"scale": "amount"},
        _EDGE,
        True,
    ),
    "translate": Operation(
        "Translate",
        "Move sideways and up or down.",
        "Affine",
        {
            "across": Parameter("Across, share of width", -0.5, 0.5, (-0.1, 0.1)),
            "down": Parameter("Down, share of height", -0.5, 0.5, (-0.1, 0.1)),
        },
        {"translate_percent.x": "across", "translate_percent.y": "down"},
        _EDGE,
        True,
    ),
    "shear": Operation(
        "Shear",
        "Slant sideways.",
        "ShearX",
        _one("Degrees", -45, 45, (-10, 10)),
        {"shear": "amount"},
        _EDGE,
        True,
    ),
    "crop": Operation(
        "Crop",
        "Cut a margin off each side and enlarge the rest.",
        "Crop",
        _one("Share of each side", 0, 0.4, (0, 0.1)),
        {"percent": "amount"},
        moves=True,
    ),
    "perspective": Operation(
        "Perspective",
        "See it from another side.",
        "PerspectiveTransform",
        _one("Strength", 0, 0.2, (0.01, 0.08)),
        {"scale": "amount"},
        {"mode": "replicate"},
        True,
    ),
    "elastic": Operation(
        "Elastic",
        "Move pixels in small waves; boxes become up to 15% too small.",
        "ElasticTransformation",
        {
            "amount": Parameter("Strength, pixels", 0, 100, (0, 20)),
            "smooth": Parameter("Smoothness", 1, 20, (4, 4)),
        },
        {"alpha": "amount", "sigma": "smooth"},
        {"mode": "nearest"},
        True,
    ),
    "brightness": Operation(
        "Brightness", "Multiply all levels.", "Multiply", _one("Times", 0.1, 3, (0.8, 1.2)), {"mul": "amount"}
    ),
    "contrast": Operation(
        "Contrast",
        "Stretch levels about the middle.",
        "LinearContrast",
        _one("Times", 0.1, 3, (0.8, 1.2)),
        {"alpha": "amount"},
    ),
    "gamma": Operation(
        "Gamma",
        "Darken or brighten the middle.",
        "GammaContrast",
        _one("Exponent", 0.2, 4, (0.7, 1.5)),
        {"gamma": "amount"},
    ),
    "hue": Operation(
        "Hue",
        "Turn the colour wheel.",
        "AddToHue",
        _one("Steps of 255", -255, 255, (-10, 10), whole=True),
        {"value": "amount"},
    ),
    "saturation": Operation(
        "Saturation",
        "More or less colour.",
        "MultiplySaturation",
        _one("Times", 0, 3, (0.6, 1.4)),
        {"mul": "amount"},
    ),
    "blur": Operation(
        "Blur", "Out of focus.", "GaussianBlur", _one("Sigma, pixels", 0, 10, (0, 1.5)), {"sigma": "amount"}
    ),
    "motion_blur": Operation(
        "Motion blur",
        "Moved while taken.",
        "MotionBlur",
        _one("Pixels", 3, 31, (3, 9), whole=True),
        {"k": "amount"},
    ),
    "noise": Operation(
        "Noise",
        "Grain of a sensor.",
        "AdditiveGaussianNoise",
        _one("Standard deviation, levels", 0, 80, (0, 12)),
        {"scale": "amount"},
    ),
    "dropout": Operation(
        "Dropout",
        "Blacken single pixels.",
        "Dropout",
        _one("Share", 0, 0.5, (0, 0.05)),
        {"p": "amount"},
        strict=True,
    ),
    "cutout": Operation(
        "Cutout",
        "Grey squares over parts; boxes beneath stay, keypoints beneath are hidden then.",
        "Cutout",
        {
            "holes": Parameter("Squares", 1, 8, (1, 3), whole=True),
            "size": Parameter("Side, share", 0.02, 0.6, (0.1, 0.2)),
        },
        {"nb_iterations": "holes", "size": "size"},
    ),
    "fog": Operation("Fog", "Haze over all.", "Fog"),
    "rain": Operation("Rain", "Streaks of rain.", "Rain"),
    "snow": Operation("Snow", "Falling flakes.", "Snowflakes"),
    "jpeg": Operation(
        "JPEG",
        "Compress.",
        "JpegCompression",
        _one("Compression", 0, 99, (10, 60), whole=True),
        {"compression": "amount"},
    ),
}
PRESETS: dict[str, list[dict[str, Any]]] = {
    "general": [
        {"op": "flip_lr", "p": 0.5},
        {"op": "scale"},
        {"op": "rotate"},
        {"op": "cutout", "p": 0.5},
        {"op": "brightness"},
        {"op": "contrast"},
    ],
    "medical": [
        {"op": "rotate", "p": 0.2},
        {"op": "scale", "p": 0.2, "amount": [0.7, 1.4]},
        {"op": "noise", "p": 0.1},
        {"op": "blur", "p": 0.2, "amount": [0.5, 1.0]},
        {"op": "brightness", "p": 0.15, "amount": [0.75, 1.25]},
        {"op": "contrast", "p": 0.15, "amount": [0.75, 1.25]},
        {"op": "gamma", "p": 0.3},
    ],
    "satellite": [
        {"op": "flip_lr", "p": 0.5},
        {"op": "quarter_turn", "amount": [0, 3]},
        {"op": "scale"},
        {"op": "brightness"},
        {"op": "fog", "p": 0.1},
    ],
    "documents": [
        {"op": "perspective", "p": 0.4},
        {"op": "crop", "p": 0.4, "amount": [0, 0.03]},
        {"op": "rotate", "amount": [-3, 3]},
        {"op": "blur", "p": 0.4},
        {"op": "noise", "p": 0.4},
        {"op": "jpeg", "p": 0.4},
    ],
    "products": [
        {"op": "flip_lr", "p": 0.5},
        {"op": "brightness", "amount": [0.9, 1.1]},
        {"op": "saturation", "amount": [0.9, 1.1]},
        {"op": "blur", "p": 0.2, "amount": [0, 0.8]},
        {"op": "jpeg", "p": 0.3, "amount": [10, 40]},
    ],
}  # sources in docs/methods/augmentation.md
