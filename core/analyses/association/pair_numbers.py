"""The measures of one pair of columns, as a line of the table of `association`."""

from __future__ import annotations

from typing import NamedTuple

from core.analyses.association.ready import ready
from core.analyses.association.relate import relate
from core.dataset import Dataset
from core.prepare.sampling import sampled
from core.progress import SILENT

_COMPARED_ROWS = 200_000


class PairNumbers(NamedTuple):
    """As a line of the table of `association`, with ``p`` of this pair alone; nan where a measure does not
    apply.
    """

    value: float
    noise: float
    n: int
    p: float
    pearson: float
    u_right_given_left: float
    u_left_given_right: float
    eta: float


def pair_numbers(dataset: Dataset, left: str, right: str) -> PairNumbers | None:
    """The measures of `association` for one pair, over at most 200,000 rows chosen by content; None where one
    side does not vary.
    """
    rows = sampled(dataset, (left, right), _COMPARED_ROWS, 0)
    columns = ready(dataset, (left, right), rows, 100)
    pairs, _ = relate(columns.numbers, columns.groups, 1, SILENT)
    if not pairs.left.size:
        return None
    one = (pairs.pearson, pairs.right_given_left, pairs.left_given_right, pairs.eta)
    return PairNumbers(
        float(pairs.value[0]),
        float(pairs.noise[0]),
        int(pairs.n[0]),
        float(pairs.q[0]),
        *(float(values[0]) for values in one),
    )
