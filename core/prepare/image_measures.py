"""What loading measured of images, and the properties that are made of it: one number per row."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.dataset.pictures import PREFIX
from core.numerics.rowhash import hash_column, mix
from core.prepare.images_judged import CONTENT, TECHNICAL, measure
from core.progress import SILENT, Progress

Floats = NDArray[np.float64]
MEASURED = (
    *("width", "height", "jpeg_quality", "brightness", "darkest", "brightest"),
    *("contrast", "edge_width", "reblur", "colour", "frame", "blocks"),
)
PIXELS = PREFIX + "pixels"
BLANK = 0.03  # contrast below which an image is blank
WORDS = ("format", "mode")  # of the properties
CALLED = {
    "aspect": "'image_width' by 'image_height'",
    "bytes_per_pixel": "'image_bytes' per pixel",
}  # of no column alone: by those that they are made of, as Profile and links call them


def measured(dataset: Dataset, progress: Progress = SILENT) -> dict[str, Floats]:
    """What loading measured of each row's image, NaN where it did not."""
    there = dataset.pictures is not None
    return {
        name: measure(dataset, name) if there else np.full(dataset.rows, np.nan)
        for name in progress.each(MEASURED, "Reading measures")
    }


def blank(dataset: Dataset) -> NDArray[np.bool_]:
    """Per row, whether its picture shows nothing: it is of one brightness all over."""
    return np.asarray(measure(dataset, "contrast") < BLANK)


def by_name(dataset: Dataset, values: Mapping[str, Floats]) -> dict[str, Floats]:
    """The properties, numbers or codes of words, by name. values: as measured."""
    width, height = values["width"], values["height"]
    size = measure(dataset, "bytes")
    with np.errstate(invalid="ignore", divide="ignore"):
        made = {
            "aspect": width / height,
            "bytes_per_pixel": size / (width * height),
            "bytes": size,
            "orientation": measure(dataset, "orientation"),
            "frames": measure(dataset, "frames"),
        }
    made |= {name: _codes(dataset, PREFIX + name) for name in WORDS}
    every = {**values, **made}
    return {name: every[name] for name in (*TECHNICAL, *CONTENT)}


def properties(dataset: Dataset, values: Mapping[str, Floats]) -> dict[str, Floats]:
    """The properties that are held against label and part. values: as measured."""
    every, size = by_name(dataset, values), values["width"] * values["height"]
    if np.unique(size[np.isfinite(size)]).size < 2:
        del every["bytes"]  # of images of one size it is what 'image_bytes' per pixel is
    return every


def part_codes(dataset: Dataset, values: Mapping[str, Floats]) -> NDArray[np.int64]:
    """The part of each row, 0 train and 1 serve, -1 without an image that can be read."""
    serve = dataset.part_mask("serve").astype(np.int64)
    return np.where(np.isfinite(values["width"]), serve, -1)


def pixel_keys(dataset: Dataset) -> NDArray[np.uint64]:
    """The keys of the pixels, per row: equal for equal pictures; 0 where the data do not have them."""
    if PIXELS not in dataset.names:
        return np.zeros(dataset.rows, np.uint64)
    return mix(hash_column(dataset.table([PIXELS]).column(0)))


def label_codes(dataset: Dataset, target: str) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The class of each row, -1 where the label is missing, and what the classes are called."""
    from core.prepare.levels import level_codes

    labels = dataset.table([target]).column(0)
    codes, levels = level_codes(labels)
    missing = np.asarray(labels.is_null().to_numpy())
    return np.where(missing, -1, codes), tuple(levels)


def levels(dataset: Dataset, name: str) -> tuple[str, ...]:
    """The words of a column in the order of the alphabet."""
    if name not in dataset.names:
        return ()
    return tuple(sorted(set(dataset.table([name]).column(0).drop_null().to_pylist())))


def _codes(dataset: Dataset, name: str) -> Floats:
    """The words of a column as their places among its levels; NaN where there are none."""
    places = {word: place for place, word in enumerate(levels(dataset, name))}
    if not places:
        return np.full(dataset.rows, np.nan)
    cells = dataset.table([name]).column(0).to_pylist()
    return np.array([places.get(cell, np.nan) for cell in cells], np.float64)
