"""What a pipeline looks like on pictures that are drawn smaller, as the preview and the judgement have them.

Numbers in pixels, as those of a blur, are of the picture that the export takes. On a picture drawn at a share
of its size they are that share; else a blur of nine pixels in a photograph would be one of a hundred.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.augmentation.pipeline import GROUPS, Step, built, variant
from core.dataset import Dataset
from core.dataset.pictures import PREFIX
from core.loading.images.decode import drafted

Pixels = NDArray[np.uint8]
_LEAST_MOTION = 3.0  # pixels of a motion blur of imgaug
_HALF = 0.5  # share of the size at which single pixels no longer show
_UNSEEN: dict[str, Callable[[float, float], tuple[float, float]]] = {  # what is left of them then, in levels
    "dropout": lambda low, high: (1 - high, 1 - low),
    "jpeg": lambda low, high: (1.0, 1.0),
}
_STEP = 1.05  # shares are taken in steps of 5%, so that a pipeline is built once for pictures of like sizes


def reduced(steps: Sequence[Step], share: float) -> list[dict[str, Any]]:
    """The steps for pictures drawn at this share of the size that the export takes, one for one, so that all
    else is drawn as in the export. steps: as `pipeline.checked` gives them.

    Blurs and waves are so much smaller; noise and compression show so much less, as neighbouring pixels are
    averaged. Below half of the size compression does not show, and single pixels blackened darken the
    picture.

    >>> reduced([{"op": "blur", "p": 1.0, "amount": (0.0, 2.0)}, {"op": "flip_lr", "p": 1.0}], 0.5)
    [{'op': 'blur', 'p': 1.0, 'amount': (0.0, 1.0)}, {'op': 'flip_lr', 'p': 1.0}]
    """
    return [
        {**step, "steps": reduced(step["steps"], share)} if step["op"] in GROUPS else _leaf(dict(step), share)
        for step in steps
    ]


def _leaf(step: dict[str, Any], share: float) -> dict[str, Any]:
    op, less = step["op"], min(1.0, share)
    if op == "blur":
        return {**step, "amount": _times(step["amount"], share)}
    if op == "motion_blur":
        return _motion(step, share)
    if op == "elastic":
        return _waves(step, share)
    if op in _UNSEEN and share < _HALF:
        return {"op": "brightness", "p": step["p"], "amount": _UNSEEN[op](*step["amount"])}
    return {**step, "amount": _times(step["amount"], less)} if op in ("noise", "jpeg") else step


def _times(ends: tuple[float, float], by: float) -> tuple[float, float]:
    return (ends[0] * by, ends[1] * by)


def _motion(step: dict[str, Any], share: float) -> dict[str, Any]:
    """A motion blur over fewer pixels; over fewer than imgaug can, a Gaussian of equal variance."""
    low, high = _times(step["amount"], share)
    if high >= _LEAST_MOTION:
        return {**step, "amount": (max(low, _LEAST_MOTION), high)}
    sigmas = [share * math.sqrt((length**2 - 1) / 24) for length in step["amount"]]
    return {"op": "blur", "p": step["p"], "amount": (sigmas[0], sigmas[1])}


def _waves(step: dict[str, Any], share: float) -> dict[str, Any]:
    """Waves so much shorter and lower: imgaug smooths noise and multiplies it by the strength."""
    smooth = step["smooth"]
    middle = (smooth[0] + smooth[1]) / 2
    by = share * _left(middle) / _left(middle * share)
    return {**step, "amount": _times(step["amount"], by), "smooth": _times(smooth, share)}


def _left(sigma: float) -> float:
    """What a Gaussian leaves of the standard deviation of noise in two dimensions.

    >>> round(_left(4.0), 4), _left(0.0)
    (0.0705, 1.0)
    """
    if sigma <= 0:
        return 1.0
    reach = np.arange(-math.ceil(4 * sigma), math.ceil(4 * sigma) + 1)
    weights = np.exp(-(reach**2) / (2 * sigma**2))
    return float((weights**2).sum() / weights.sum() ** 2)


class ReducedVariants:
    """Variants of pictures that are drawn smaller or larger than the export takes them, by the sizes of the
    files.
    """

    def __init__(self, dataset: Dataset, steps: Sequence[Step], seed: int) -> None:
        self._steps, self._seed = steps, seed
        self._sizes = _exported_sizes(dataset)
        self._whole = built(steps)
        self._built: dict[int, Any] = {0: self._whole}
        self._sized = reduced(steps, _HALF) != list(steps)

    def __call__(self, picture: Pixels, row: int, number: int = 0) -> Pixels:
        """The variant of a picture of a row of the source."""
        return variant(self.pipeline(picture, row), picture, self._seed, row, number)

    def pipeline(self, picture: Pixels, row: int) -> Any:
        """The augmenter for the picture of a row."""
        place = round(math.log(self.share(picture, row), _STEP)) if self._sized else 0
        if place not in self._built:
            self._built[place] = built(reduced(self._steps, _STEP**place))
        return self._built[place]

    def share(self, picture: Pixels, row: int) -> float:
        """Of the size that the export takes, by areas; 1 where that is not known."""
        wide, tall = self._sizes[row] if row < len(self._sizes) else (math.nan, math.nan)
        area = wide * tall
        return math.sqrt(picture.shape[0] * picture.shape[1] / area) if area > 0 else 1.0


def _exported_sizes(dataset: Dataset) -> NDArray[np.float64]:
    """Width and height at which the export takes the picture of each row of the source; NaN where there is
    none.
    """
    base = dataset.base or dataset
    named = [PREFIX + name for name in ("width", "height", "format")]
    if not set(named) <= set(base.names):
        return np.full((base.rows, 2), np.nan)
    columns = [base.table([name]).column(0).to_pylist() for name in named]
    sizes = [
        drafted(int(wide), int(tall), str(form)) if wide and tall else (math.nan, math.nan)
        for wide, tall, form in zip(*columns, strict=True)
    ]
    return np.array(sizes, np.float64).reshape(-1, 2)
