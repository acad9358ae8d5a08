"""Which images give variants: one definition for the plan, the preview and the judgement."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.dataset.pictures import PREFIX
from core.loading.images.decode import DEEP, DEEP_COLOUR, FLOAT_COLOUR
from core.phrases import count, listed, verb
from core.prepare import image_measures

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


def blank(dataset: Dataset) -> NDArray[np.bool_]:
    """Per row, whether variants could be made of its picture, and it shows nothing."""
    return readable(dataset) & ~deep(dataset) & image_measures.blank(dataset)


def giving(dataset: Dataset) -> NDArray[np.bool_]:
    """Per row, whether variants are made of its picture: not of what is blank, as a variant of nothing shows
    nothing, and its label tells nothing.
    """
    return readable(dataset) & ~deep(dataset) & ~blank(dataset)


def none_of_train(dataset: Dataset) -> str:
    """How many train images give no variants, and why; "" where all do."""
    train = ~dataset.part_mask("serve")
    kinds = (~readable(dataset), deep(dataset), blank(dataset))
    return none_in_words(*(int((train & kind).sum()) for kind in kinds))


def none_in_words(unread: int, deep: int, blank: int) -> str:
    """That so many images give no variants, as they cannot be read, have more than eight bits a channel or
    are blank; "" where there are none.

    >>> none_in_words(0, 2, 0), none_in_words(0, 0, 0)
    ('2 images of more than eight bits a channel give no variants.', '')
    >>> none_in_words(1, 0, 2)
    '1 image that cannot be read and 2 blank images give no variants.'
    """
    parts = [
        f"{count(unread, 'image')} that cannot be read" if unread else "",
        f"{count(deep, 'image')} of more than eight bits a channel" if deep else "",
        count(blank, "blank image") if blank else "",
    ]
    said = listed([part for part in parts if part], len(parts))
    return f"{said} {verb(unread + deep + blank, 'gives', 'give')} no variants." if said else ""
