"""Probabilities of the classes that a person brought as columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.errors import SettingError
from core.phrases import count, name, names
from core.prepare.features import floats

_OFF = 0.01  # how far from 1 the probabilities of a row may add up


def brought(
    dataset: Dataset, columns: Sequence[str], classes: Sequence[str], rows: NDArray[np.int64], target: str
) -> NDArray[np.float32]:
    """The probabilities of these rows, n x k, in the order of ``classes``.

    A column is of the class that it is called; where not all are called so, the columns stand for the
    classes in the order of their names (numbers by value). Raises `SettingError` where there are too few or
    too many, or a row does not sum to one.
    """
    if len(columns) != len(classes):
        raise SettingError(
            f"{count(len(columns), 'column')} of probabilities for {count(len(classes), 'class', 'classes')} "
            f"of {name(target)}: give one column per class ({names(sorted(classes, key=_order)[:10])})."
        )
    by_name = set(columns) == set(classes)
    ordered = list(columns) if by_name else sorted(classes, key=_order)
    place = [ordered.index(one) for one in classes]
    made = np.stack([floats(dataset.table([columns[at]]).column(0).take(rows)) for at in place], axis=1)
    wrong = ~((made >= 0.0) & (made <= 1.0)).all(axis=1)
    if wrong.any():
        raise SettingError(
            f"The probabilities of row {int(rows[wrong.argmax()])} do not all lie between 0 and 1: "
            f"{made[wrong.argmax()].round(4).tolist()}."
        )
    sums = made.sum(axis=1)
    off = np.abs(sums - 1.0) > _OFF
    if off.any():
        raise SettingError(
            f"The probabilities of row {int(rows[off.argmax()])} add up to {sums[off.argmax()]:.4g}, "
            "not to 1."
        )
    return np.asarray(made / sums[:, None], dtype=np.float32)


def _order(text: str) -> tuple[int, float, str]:
    """Numbers by value, before words."""
    try:
        return 0, float(text), text
    except ValueError:
        return 1, 0.0, text
