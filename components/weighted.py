"""What is to be known where rows have weights by decision, on pages that count every row once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from components import as_decided
from components.state import keep, session
from core.dataset import Dataset
from core.phrases import count, percent, quoted, verb
from core.prepare.classes import classes_of
from core.prepare.features import floats

Floats = NDArray[np.float64]


def told(dataset: Dataset) -> str:
    """That some rows have weights by decision, and that none is counted here; "" where none has, or the data
    are shown as loaded.
    """
    rows = 0 if session().as_loaded else len(as_decided.settled(dataset).weighted)
    if not rows:
        return ""
    have = verb(rows, "has a weight", "have weights")
    return f"{count(rows, 'row')} {have} by decision; here each counts once"


def class_weights(dataset: Dataset, target: str) -> Floats | None:
    """The sum of the weights of the train rows of each class of the target, in the order of `classes_of`;
    None where no row has a weight by decision, or the target has no classes. A row without one has that of
    the column with this role, else 1.
    """
    if not told(dataset):
        return None

    def work() -> Floats | None:
        classes, role = classes_of(dataset, target), dataset.roles.weight
        if classes is None:
            return None
        given = as_decided.settled(dataset).weight
        own = np.ones(dataset.rows)
        if role is not None and role in dataset.names:
            own = np.nan_to_num(floats(dataset.table([role]).column(0)))
        weight = np.where(np.isnan(given), own, given)
        rows = (classes.codes >= 0) & dataset.part_mask("train")
        return np.bincount(classes.codes[rows], weight[rows], len(classes.names))

    return keep(("class weights", dataset.version, session().turn, target), work, newest=True)


def shares_in_words(names: tuple[str, ...], sums: Floats, parts: bool) -> str:
    """The largest and the smallest class by weight. parts: whether there are two.

    >>> shares_in_words(("no", "yes"), np.array([3.0, 1.0]), parts=True)
    "By weight 75% of train are 'no' and 25% are 'yes'"
    """
    order = np.argsort(-sums, kind="stable")
    ends = [int(order[0]), int(order[-1])]
    told = [f"{percent(float(sums[one] / sums.sum()))}{{}} are {quoted(names[one])}" for one in ends]
    return f"By weight {told[0].format(' of train' if parts else ' of all')} and {told[1].format('')}"
