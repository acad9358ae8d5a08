"""Confident learning: how many labels of each class are likely of another (Northcutt, Jiang and Chuang 2021,
"Confident learning: estimating uncertainty in dataset labels", JAIR 70).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
_NEAR = 1e-6


def confident_joint(given: Codes, probabilities: NDArray[np.float32]) -> Floats:
    """Rows by given and by true class, k x k (given first), scaled so that each given class keeps its count.

    A row counts for the class that is likeliest among those that it reaches: a class is reached where its
    probability is at least the mean that the rows labelled with it have; one that no row is labelled with is
    never reached.

    >>> likely = np.float32([[0.9, 0.1], [0.8, 0.2], [0.05, 0.95], [0.1, 0.9], [0.2, 0.8]])
    >>> confident_joint(np.int32([0, 0, 0, 1, 1]), likely).tolist()
    [[2.0, 1.0], [0.0, 2.0]]
    """
    rows, classes = probabilities.shape
    own = probabilities[np.arange(rows), given].astype(np.float64)
    counts = np.bincount(given, minlength=classes)
    limits = np.bincount(given, own, minlength=classes) / np.maximum(counts, 1)
    limits[counts == 0] = 2.0  # a class that no row is labelled with says nothing of where it begins
    reached = probabilities >= (limits - _NEAR).astype(np.float32)
    true = np.where(reached, probabilities, -1.0).argmax(axis=1)
    some = reached.any(axis=1)
    joint = np.zeros((classes, classes))
    np.add.at(joint, (given[some], true[some]), 1.0)
    empty = joint.sum(axis=1) == 0
    joint[empty, empty.nonzero()[0]] = 1.0
    return np.asarray(joint * (counts / joint.sum(axis=1))[:, None])


def noise_matrix(joint: Floats) -> Floats:
    """Of the rows of each true class the share with each label, k x k: true class first; a class that no row
    is thought to be of keeps its label.

    >>> noise_matrix(np.array([[2.0, 1.0], [0.0, 2.0]])).round(2).tolist()
    [[1.0, 0.0], [0.33, 0.67]]
    """
    totals = joint.sum(axis=0)
    shares = np.divide(joint, totals, out=np.eye(len(joint)), where=totals > 0)
    return np.asarray(shares.T)
