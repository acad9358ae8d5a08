"""What makes wrong probabilities right: closed forms that undo what a strategy did, and curves that are
fitted on held-out rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.strategies.scores import Codes
from core.numerics.association import Floats
from core.numerics.weighting import calibration

ISOTONIC_EVENTS = 1000  # events, and as many non-events, below which isotonic regression overfits
PLATT_EVENTS = 10
UNCORRECTED = (
    f"there is no correction for it: Platt scaling takes {PLATT_EVENTS} rows of each class or more in the "
    "folds that it is fitted to, and predictions that vary."
)
CORRECTIONS = {"none": "no correction", "prior": "the closed form", "platt": "Platt scaling"}
RECALIBRATED = {"p": "as the model says", "p_prior": "prior correction", "p_platt": "Platt scaling",
                "p_isotonic": "isotonic regression"}  # fmt: skip
_TINY = 1e-12
_CELLS = 2_000_000  # probabilities that a scaling of several classes is fitted on


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
    return _softmax(_log(p) - gamma * _log(1.0 - p))


def pooled(each: Sequence[Floats]) -> Floats:
    """Probabilities (n x k) of several models as one: their mean log-probabilities, made to sum to 1 (the
    logarithmic opinion pool: Genest and Zidek 1986). Of two classes that is the mean of their log-odds, and
    unlike a mean of probabilities it commutes with the closed form.

    >>> pooled([np.array([[0.5, 0.5]]), np.array([[0.1, 0.9]])]).round(6).tolist()
    [[0.25, 0.75]]
    """
    return each[0] if len(each) == 1 else _softmax(np.mean([_log(p) for p in each], axis=0))


class Scaling(NamedTuple):
    """Log-probabilities times ``scale`` plus ``shift`` (one per class), made to sum to 1. Of two classes this
    is a logistic curve over the logit.

    >>> Scaling((0.0, 1.0), 2.0)(np.array([[0.5, 0.5]])).round(3).tolist()
    [[0.269, 0.731]]
    """

    shift: tuple[float, ...]
    scale: float

    def __call__(self, p: Floats) -> Floats:
        """The probabilities (n x k) made right."""
        return _softmax(self.scale * _log(p) + np.array(self.shift))


def likeliest(scaling: Scaling | None) -> float:
    """The scaled probability of the second of two classes from which the model itself finds it the likelier.

    >>> likeliest(None), round(likeliest(Scaling((0.0, 1.0), 2.0)), 3)
    (0.5, 0.731)
    """
    return 0.5 if scaling is None else float(scaling(np.array([[0.5, 0.5]]))[0, 1])


def platt(truth: Codes, p: Floats) -> Scaling | None:
    """Fit a scaling of probabilities (n x k) on held-out rows of known class: of two classes Platt's (1999)
    over the logit, with his smoothed targets; of more one slope and a shift per class (Alexandari, Kundaje
    and Shrikumar 2020). None where a class has fewer than `PLATT_EVENTS` rows, or predictions do not vary.
    """
    counts = np.bincount(truth, minlength=p.shape[1])
    log = _log(p)
    if counts.min() < PLATT_EVENTS or (log == log[0]).all():
        return None
    if p.shape[1] == 2:
        slope, offset = calibration(log[:, 1] - log[:, 0], truth == 1)
        return Scaling((0.0, offset), slope)
    return _of_several(truth, log)


def _of_several(truth: Codes, log: Floats) -> Scaling:
    """By maximum likelihood; of many cells a part of the rows is enough for so few parameters."""
    from scipy.optimize import minimize

    step = max(1, log.size // _CELLS)
    truth, log = truth[::step], log[::step]
    given = truth[:, None] == np.arange(log.shape[1])

    def loss(at: Floats) -> tuple[float, Floats]:
        p = _softmax(at[0] * log + np.append(0.0, at[1:]))
        off = p - given
        slope = np.append((off * log).sum(), off.sum(axis=0)[1:])
        return float(-np.log(np.clip(p[given], _TINY, 1.0)).mean()), slope / truth.size

    start = np.append(1.0, np.zeros(log.shape[1] - 1))
    bounds = [(0.0, None)] + [(None, None)] * (start.size - 1)
    best = minimize(loss, start, method="L-BFGS-B", jac=True, bounds=bounds).x
    return Scaling((0.0, *best[1:].tolist()), float(best[0]))


def surely_off(truth: Codes, p: Floats, scaled: Floats) -> bool:
    """Whether a scaling fitted on these very rows fits better than ``p`` beyond chance: the likelihood ratio
    test of its k parameters at 5% (Wilks 1938).
    """
    from scipy.special import chdtri

    rows = np.arange(truth.size)
    gain = np.log(np.clip(scaled[rows, truth], _TINY, 1.0)) - np.log(np.clip(p[rows, truth], _TINY, 1.0))
    return bool(2.0 * gain.sum() > chdtri(p.shape[1], 0.05))


def _log(p: Floats) -> Floats:
    return np.asarray(np.log(np.clip(p, _TINY, 1.0)), dtype=np.float64)


def _softmax(log: Floats) -> Floats:
    odds = np.exp(log - log.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), dtype=np.float64)


def isotonic(truth: NDArray[Any], p: Floats) -> Any | None:
    """Isotonic regression of the truth on ``p`` (Zadrozny and Elkan 2002), as a function of probabilities;
    None where there are fewer than `ISOTONIC_EVENTS` events or non-events: it would overfit (Niculescu-Mizil
    and Caruana 2005 give 1,000).
    """
    from sklearn.isotonic import IsotonicRegression

    truth = np.asarray(truth, dtype=np.float64)
    if min(truth.sum(), truth.size - truth.sum()) < ISOTONIC_EVENTS:
        return None
    return IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(p, truth).predict
