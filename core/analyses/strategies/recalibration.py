"""What makes wrong probabilities right: closed forms that undo what a strategy did, and curves that are
fitted on held-out rows.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from core.analyses.strategies.calibration import Truth, logit, newton
from core.numerics.association import Floats

ISOTONIC_EVENTS = 1000  # events, and as many non-events, below which isotonic regression overfits
PLATT_EVENTS = 10
_TINY = 1e-12


def prior_corrected(p: Floats, trained: Floats, natural: Floats) -> Floats:
    """Probabilities (n x k) of a model trained on class shares ``trained`` (by count or weight, k), for data
    whose shares are ``natural`` (k): each is multiplied by natural / trained and the row made to sum to 1
    (Saerens, Latinne and Decaestecker 2002; Elkan 2001). Exact where the model is well specified.

    >>> p = prior_corrected(np.array([[0.5, 0.5]]), np.array([0.5, 0.5]), np.array([0.99, 0.01]))
    >>> p.round(4).tolist()
    [[0.99, 0.01]]
    """
    moved = p * (natural / np.where(trained > 0, trained, 1.0))
    total = moved.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(moved, total, out=np.array(p, copy=True), where=total > 0), dtype=np.float64)


def focal_corrected(p: Floats, gamma: float) -> Floats:
    """Probabilities (n x k) of a model fitted with focal weights (1 - p)^gamma: each is divided by that and
    the row made to sum to 1. Of two classes this multiplies the logit by gamma + 1.

    The model fits the shares pi of the classes weighted by (1 - p)^gamma, so p is proportional to
    pi (1 - p)^gamma (compare Charoenphakdee et al. 2021 for the focal loss itself).

    >>> focal_corrected(np.array([[0.5, 0.5], [0.25, 0.75]]), 1.0).round(6).tolist()
    [[0.5, 0.5], [0.1, 0.9]]
    """
    log = np.log(np.clip(p, _TINY, 1.0)) - gamma * np.log(np.clip(1.0 - p, _TINY, 1.0))
    odds = np.exp(log - log.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), dtype=np.float64)


class Platt(NamedTuple):
    """A logistic curve over the logit: ``a + b * logit(p)``."""

    a: float
    b: float

    def __call__(self, p: Floats) -> Floats:
        """The probabilities made right."""
        from scipy.special import expit

        return np.asarray(expit(self.a + self.b * logit(p)), dtype=np.float64)


def platt(truth: Truth, p: Floats) -> Platt | None:
    """Fit Platt's (1999) scaling over the logit on held-out rows, with his smoothed targets; None where there
    are fewer than 10 events or non-events, or the predictions do not vary.
    """
    truth = np.asarray(truth, dtype=bool)
    events = int(truth.sum())
    at = logit(p)
    if min(events, truth.size - events) < PLATT_EVENTS or at.min() == at.max():
        return None
    high, low = (events + 1.0) / (events + 2.0), 1.0 / (truth.size - events + 2.0)
    centre, spread = float(at.mean()), float(at.std())
    design = np.column_stack([np.ones(at.size), (at - centre) / spread])
    a, b = newton(design, np.where(truth, high, low), np.zeros(at.size))
    return Platt(float(a - b * centre / spread), float(b / spread))


def isotonic(truth: Truth, p: Floats) -> Any | None:
    """Isotonic regression of the truth on ``p`` (Zadrozny and Elkan 2002), as a function of probabilities;
    None where there are fewer than `ISOTONIC_EVENTS` events or non-events: it would overfit (Niculescu-Mizil
    and Caruana 2005 give 1,000).
    """
    from sklearn.isotonic import IsotonicRegression

    truth = np.asarray(truth, dtype=np.float64)
    if min(truth.sum(), truth.size - truth.sum()) < ISOTONIC_EVENTS:
        return None
    return IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(p, truth).predict
