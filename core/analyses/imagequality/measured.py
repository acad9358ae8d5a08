"""What loading measured of images, and the properties that are made of it: one number per row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.analyses.imagequality.checks import MEASURED
from core.dataset import Dataset
from core.dataset.pictures import PREFIX
from core.prepare.images_judged import CONTENT, TECHNICAL, measure
from core.progress import SILENT, Progress

Floats = NDArray[np.float64]
WORDS = ("format", "mode")  # of the properties
CALLED = {"aspect": "width by height", "bytes_per_pixel": "file size per pixel"}  # of no column alone


def measured(dataset: Dataset, progress: Progress = SILENT) -> dict[str, Floats]:
    """What loading measured of each row's image, NaN where it did not."""
    there = dataset.pictures is not None
    return {
        name: measure(dataset, name) if there else np.full(dataset.rows, np.nan)
        for name in progress.each(MEASURED, "Reading measures")
    }


def by_name(dataset: Dataset, values: dict[str, Floats]) -> dict[str, Floats]:
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
    every = values | made
    return {name: every[name] for name in (*TECHNICAL, *CONTENT)}


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
