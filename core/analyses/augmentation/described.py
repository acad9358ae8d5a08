"""Images and a variant of each as points: their gradients, on the principal components of train's."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.augmentation.nearness import Variant
from core.numerics.hog import hog
from core.progress import Progress

Pixels = NDArray[np.uint8]
Points = NDArray[np.float32]
_WIDTH = 64  # principal components of the gradients


class DescribedImages(NamedTuple):
    """A point per image; levels: of each variant the mean difference of its pixels from its image's."""

    train: Points
    variants: Points
    held: Points
    serve: Points
    levels: Points


def described(
    train: Pixels, held: Pixels, serve: Pixels, rows: NDArray[np.int64], varied: Variant, progress: Progress
) -> DescribedImages:
    """Make a variant of each train image, and describe all.

    train, held, serve: n x 64 x 64 x 3. rows: those of train, in the source.
    """
    variants = np.empty(train.shape, np.uint8)
    making = progress.part(0.0, 0.9)
    for place, row in enumerate(making.each(rows.tolist(), "Making variants")):
        variants[place] = varied(train[place], row)
    progress.at(0.9, "Describing pictures")
    points = _embedded([hog(one) for one in (train, variants, held, serve)])
    return DescribedImages(points[0], points[1], points[2], points[3], _levels_apart(train, variants))


def _levels_apart(images: Pixels, variants: Pixels) -> Points:
    apart = [
        np.abs(np.subtract(*pair, dtype=np.float32)).mean() for pair in zip(images, variants, strict=True)
    ]
    return np.array(apart, np.float32)


def _embedded(parts: list[Points]) -> list[Points]:
    """The descriptions on the principal components of the first part, which is train."""
    mean = parts[0].mean(axis=0)
    _, _, axes = np.linalg.svd(parts[0][:2_000] - mean, full_matrices=False)
    return [((part - mean) @ axes[:_WIDTH].T).astype(np.float32) for part in parts]
