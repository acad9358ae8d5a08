"""Which images give variants: one definition for the plan, the preview and the judgement."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.dataset.pictures import PREFIX
from core.loading.images.decode import DEEP, DEEP_COLOUR, FLOAT_COLOUR
from core.phrases import count, verb

_MODE = PREFIX + "mode"


def readable(dataset: Dataset) -> NDArray[np.bool_]:
    """Per row, whether it has a picture that can be read."""
    if dataset.pictures is None:
        return np.zeros(dataset.rows, np.bool_)
    return dataset.pictures.readable_at(dataset.source_ids(np.arange(dataset.rows, dtype=np.int64)))


def deep(dataset: Dataset) -> NDArray[np.bool_]:
    """Per row, whether its picture can be read and has more than eight bits a channel, of which no variants
    are made.
    """
    base, there = dataset.base or dataset, readable(dataset)
    if _MODE not in base.names or not there.any():
        return np.zeros(dataset.rows, np.bool_)
    modes = np.isin(
        np.asarray(base.table([_MODE]).column(0).to_pylist(), object).astype(str),
        (*DEEP, DEEP_COLOUR, FLOAT_COLOUR),
    )
    own = dataset.source_ids(np.arange(dataset.rows, dtype=np.int64))
    there[there] = modes[own[there]]
    return there


def giving(dataset: Dataset) -> NDArray[np.bool_]:
    """Per row, whether variants can be made of its picture."""
    return readable(dataset) & ~deep(dataset)


def deep_in_words(images: int) -> str:
    """That so many images give no variants; "" where there are none.

    >>> deep_in_words(2), deep_in_words(0)
    ('2 images of more than eight bits a channel give no variants.', '')
    """
    if not images:
        return ""
    give = verb(images, "gives", "give")
    return f"{count(images, 'image')} of more than eight bits a channel {give} no variants."
