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


def none_of_train(dataset: Dataset) -> str:
    """How many train images give no variants, and why; "" where all do."""
    train = ~dataset.part_mask("serve")
    return none_in_words(int((train & ~readable(dataset)).sum()), int((train & deep(dataset)).sum()))


def none_in_words(unread: int, deep: int) -> str:
    """That so many images give no variants, as they cannot be read or have more than eight bits a channel; ""
    where there are none.

    >>> none_in_words(0, 2), none_in_words(0, 0)
    ('2 images of more than eight bits a channel give no variants.', '')
    >>> none_in_words(1, 2)
    '1 image that cannot be read and 2 images of more than eight bits a channel give no variants.'
    """
    parts = [
        f"{count(unread, 'image')} that cannot be read" if unread else "",
        f"{count(deep, 'image')} of more than eight bits a channel" if deep else "",
    ]
    said = " and ".join(filter(None, parts))
    return f"{said} {verb(unread + deep, 'gives', 'give')} no variants." if said else ""
