"""Clauses that the verdict and the findings share."""

from __future__ import annotations

from math import ceil

from core.analyses.overlap.case import Answer, Case
from core.analyses.overlap.relations import RelationChange
from core.numerics.support import Unsupported
from core.phrases import count, percent, verb

STRENGTH: dict[Answer, str] = {
    "nearly": "slightly",
    "mostly": "moderately",
    "partly": "clearly",
    "no": "strongly",
}


def in_both(one: RelationChange) -> str:
    """The rank correlation of two columns in either part."""
    return f"{one.train:+.2f} in train, {one.serve:+.2f} in serve"


def train_covers(case: Case) -> str:
    """How much of serve train covers, and how much it would if serve were drawn like train."""
    coverage = case.coverage
    return f"train covers {percent(coverage.value)} of serve ({percent(coverage.mean)} expected)"


def untold(support: Unsupported, level: float) -> str:
    """Why no serve row can be called unsupported, wherever it lies; "" where some can.

    >>> import numpy as np
    >>> from core.numerics.support import unsupported
    >>> untold(unsupported(np.full(30, 0.5), 40, 0.01), 0.01)
    'Which serve rows are unsupported cannot be said: 40 train rows judge them, and it takes 99.'
    >>> untold(unsupported(np.full(30, 0.5), 99, 0.01), 0.01)
    ''
    """
    if support.can_be_told:
        return ""
    judges, least = support.calibration, ceil(1.0 / level - 1e-6) - 1
    return (
        f"Which serve rows are unsupported cannot be said: {count(judges, 'train row')} "
        f"{verb(judges, 'judges', 'judge')} them, and it takes {count(least)}."
    )


def there_by_chance(support: Unsupported) -> str:
    """How many of the unsupported rows are drawn like the training rows.

    >>> there_by_chance(Unsupported(254, 8000, 2000, 0.01, 0.004, 0.02, 0.0))
    'of these 254, about 78 are there by chance'
    >>> there_by_chance(Unsupported(3, 40, 99, 0.01, 0.004, 0.02, 0.0))
    'of these 3, hardly any is there by chance'
    """
    number = support.chance_rows
    some = f"about {count(number)} {verb(number, 'is', 'are')}" if number else "hardly any is"
    return f"of these {count(support.beyond)}, {some} there by chance"


def expected_share(case: Case) -> str:
    """The share of serve rows that are expected to be unsupported."""
    return f"{percent(round(case.support.expected, 4))} expected by chance"


def effective_size(case: Case) -> str:
    """What train is worth once it is reweighted for serve."""
    return f"the effective sample size is {case.effective_in_words} of {case.train:,}"
