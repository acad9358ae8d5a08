"""Probabilities of several models made one: each calibrated, then weighted by what it predicts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Codes = NDArray[np.int32]
_LEAST = 1e-4  # no model is surer than that, whatever it says
_POWER = 4
_SAMPLE = 20_000  # rows that temperatures are learned from


def calibrated(made: Floats, codes: Codes) -> Floats:
    """The probabilities raised to a common power (temperature scaling; Guo and others 2017) that minimises
    the log loss of the given labels, rows x classes.

    >>> shy = np.float32([[0.6, 0.4]] * 9 + [[0.4, 0.6]])
    >>> calibrated(shy, np.zeros(10, np.int32))[0].astype(float).round(2).tolist()  # nine of ten are right
    [0.9, 0.1]
    """
    from scipy.optimize import minimize_scalar

    some = np.log(np.maximum(made[:_SAMPLE], _LEAST)).astype(np.float64)
    given = np.arange(len(some)), codes[:_SAMPLE]

    def missed(log_power: float) -> float:
        scaled = some * np.exp(log_power)
        top = scaled.max(axis=1)
        return float((top + np.log(np.exp(scaled - top[:, None]).sum(axis=1)) - scaled[given]).mean())

    power = np.exp(minimize_scalar(missed, bounds=(-2.0, 2.0), method="bounded").x)
    scaled = np.maximum(made, np.float32(_LEAST)) ** np.float32(power)
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True), dtype=np.float32)


def loss(made: Floats, codes: Codes) -> float:
    """Mean log loss of the given labels."""
    own = made[np.arange(codes.size), codes].astype(np.float64)
    return float(-np.log(np.maximum(own, _LEAST)).mean())


def weights(losses: Sequence[float], codes: Codes) -> NDArray[np.float64]:
    """The weights of models (sum 1) by what they predict of rows that they did not see: the loss that each
    saves over the shares of the classes alone, to the fourth power, so that a bad one cannot drag the others
    down. Equal where none saves any.

    >>> codes = np.array([0, 1] * 50)
    >>> weights([0.2, 0.2, 0.6, 0.9], codes).round(2).tolist()
    [0.5, 0.5, 0.0, 0.0]
    """
    shares = np.bincount(codes) / codes.size
    prior = -float((shares[shares > 0] * np.log(shares[shares > 0])).sum())
    saved = np.maximum(prior - np.asarray(losses), 0.0) ** _POWER
    total = float(saved.sum())
    return saved / total if total > 0 else np.full(saved.size, 1.0 / saved.size)


def pooled(parts: Sequence[Floats], shares: NDArray[np.float64]) -> Floats:
    """One probability per row and class: the weighted geometric mean (logarithmic opinion pool; Genest and
    Zidek 1986), of sum 1.
    """
    logs = np.zeros(parts[0].shape, np.float32)
    for part, share in zip(parts, shares, strict=True):
        if share > 0:
            logs += np.float32(share) * np.log(np.maximum(part, np.float32(_LEAST)))
    made = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(made / made.sum(axis=1, keepdims=True), dtype=np.float32)
