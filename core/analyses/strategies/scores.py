"""How good predicted probabilities are, on rows that the model has not seen.

Two classes are judged by the probability of the second, the rarer one. Of more classes each measure is that
of one class against the rest, averaged over classes (macro), but for log loss, Brier score, accuracy,
balanced accuracy and Matthews' coefficient, which are defined for several.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.numerics.association import Floats
from core.numerics.auc import area_under_curve

Codes = NDArray[Any]
_TINY = 1e-12


class Score(NamedTuple):
    """What is known of one measure: its name on screen, whether more is better, and what it needs.

    decides: whether it rests on the classes chosen (at a threshold), not on the probabilities.
    """

    title: str
    higher: bool = True
    decides: bool = False


SCORES = {
    "log_loss": Score("Log loss", higher=False),
    "auroc": Score("AUROC"),
    "average_precision": Score("Average precision"),
    "accuracy": Score("Accuracy", decides=True),
    "brier": Score("Brier score", higher=False),
    "brier_skill": Score("Brier skill"),
    "recall_at_precision": Score("Recall at the precision wanted"),
    "mcc": Score("MCC", decides=True),
    "balanced_accuracy": Score("Balanced accuracy", decides=True),
    "f_beta": Score("F-beta", decides=True),
    "g_mean": Score("G-mean", decides=True),
    "net_benefit": Score("Net benefit", decides=True),
    "mean_cost": Score("Mean cost", higher=False, decides=True),
}


class Wanted(NamedTuple):
    """What a person wants of the predictions.

    beta: weight of recall against precision in F-beta.
    precision: the precision at which recall is read.
    odds: cost of a false alarm over the cost of a missed event, the odds of the threshold in net benefit.
    costs: k x k, of predicting the column where the row is given; empty where every mistake costs 1.
    """

    beta: float = 1.0
    precision: float = 0.5
    odds: float = 1.0
    costs: tuple[tuple[float, ...], ...] = ()


def scores(truth: Codes, p: Floats, chosen: Codes, base: Floats, wanted: Wanted) -> dict[str, float]:
    """All measures of `SCORES` on held-out rows.

    truth: class codes, n. p: probabilities, n x k. chosen: the class predicted, n. base: shares of the
    classes in the training rows, k: what a model that knows nothing else predicts. nan where a measure has no
    value, such as an AUROC without an event.
    """
    k = p.shape[1]
    one_hot = truth[:, None] == np.arange(k)
    brier = float(((p - one_hot) ** 2).sum(axis=1).mean()) / 2.0
    trivial = float(((base - one_hot) ** 2).sum(axis=1).mean()) / 2.0
    asked = [1] if k == 2 else [c for c in range(k) if one_hot[:, c].any()]
    by_class = [ranking(one_hot[:, c], p[:, c], wanted.precision) for c in asked]
    auroc, precision, recall = np.mean(by_class, axis=0) if by_class else (np.nan,) * 3
    return {
        "log_loss": float(-np.log(np.clip(p[np.arange(truth.size), truth], _TINY, 1.0)).mean()),
        "brier": brier,
        "brier_skill": 1.0 - brier / trivial if trivial > 0 else float("nan"),
        "auroc": float(auroc),
        "average_precision": float(precision),
        "recall_at_precision": float(recall),
        **decided(confusion(truth, chosen, k), wanted),
    }


def confusion(truth: Codes, chosen: Codes, classes: int) -> NDArray[np.int64]:
    """Counts, given class by predicted class."""
    both = truth.astype(np.int64) * classes + chosen.astype(np.int64)
    return np.bincount(both, minlength=classes**2).reshape(classes, classes)


def decided(table: NDArray[np.int64], wanted: Wanted) -> dict[str, float]:
    """The measures that rest on a confusion matrix alone.

    >>> [round(value, 3) for value in decided(np.array([[90, 5], [2, 3]]), Wanted()).values()]
    [0.93, 0.44, 0.774, 0.462, 0.754, -0.02, 0.07]
    """
    n, k = int(table.sum()), len(table)
    given, predicted, right = table.sum(axis=1), table.sum(axis=0), np.diag(table)
    present = given > 0
    recall = right[present] / given[present]
    asked = [1] if k == 2 else np.flatnonzero(present).tolist()
    square = wanted.beta**2
    f = [
        (1 + square) * right[c] / whole if (whole := square * given[c] + predicted[c]) else float("nan")
        for c in asked
    ]
    benefit = [(right[c] - (predicted[c] - right[c]) * wanted.odds) / n if n else float("nan") for c in asked]
    return {
        "accuracy": float(right.sum() / n) if n else float("nan"),
        "mcc": _matthews(n, given, predicted, right),
        "balanced_accuracy": float(recall.mean()) if recall.size else float("nan"),
        "f_beta": float(np.mean(f)) if f else float("nan"),
        "g_mean": float(np.exp(np.log(recall).mean())) if recall.size and recall.all() else 0.0,
        "net_benefit": float(np.mean(benefit)) if benefit else float("nan"),
        "mean_cost": float((table * (np.array(wanted.costs or 1.0 - np.eye(k)))).sum() / n) if n else np.nan,
    }


def uninformed(counts: NDArray[np.int64], wanted: Wanted) -> dict[str, float]:
    """What is scored by one who knows how many rows each class has (``counts``, k) and nothing else: the
    shares as probabilities, and the best of the decisions that call every row the same.

    >>> {name: round(value, 3) for name, value in uninformed(np.array([90, 10]), Wanted()).items()
    ...  if name in ("log_loss", "average_precision", "accuracy", "f_beta")}
    {'log_loss': 0.325, 'average_precision': 0.1, 'accuracy': 0.9, 'f_beta': 0.182}
    """
    k, shares = counts.size, counts / counts.sum()
    asked = shares[1:2] if k == 2 else shares
    calls = [decided(np.outer(counts, np.arange(k) == call).astype(np.int64), wanted) for call in range(k)]
    best = {name: (max if SCORES[name].higher else min)(call[name] for call in calls) for name in calls[0]}
    return {
        "log_loss": float(-(shares * np.log(np.clip(shares, _TINY, 1.0))).sum()),
        "brier": float(1.0 - (shares**2).sum()) / 2.0,
        "brier_skill": 0.0,
        "auroc": 0.5,
        "average_precision": float(asked.mean()),
        "recall_at_precision": float((asked >= wanted.precision).mean()),
        **best,
    }


def _matthews(n: int, given: Codes, predicted: Codes, right: Codes) -> float:
    """Matthews' correlation coefficient for k classes (Gorodkin 2004); 0 where a margin has one class."""
    given, predicted = given.astype(np.float64), predicted.astype(np.float64)
    above = float(right.sum()) * n - float(given @ predicted)
    below = np.sqrt(n**2 - predicted @ predicted) * np.sqrt(n**2 - given @ given)
    return float(above / below) if below > 0 else 0.0


def ranking(event: NDArray[np.bool_], p: Floats, precision: float) -> tuple[float, float, float]:
    """AUROC, average precision, and the largest recall whose precision is at least ``precision``."""
    events = int(event.sum())
    if not 0 < events < event.size:
        return float("nan"), float("nan"), float("nan")
    curve = Curve.of(event, p)
    gained = np.diff(curve.hits, prepend=0) / events
    enough = curve.precision >= precision
    return (
        float(area_under_curve(p, event)),
        float((gained * curve.precision).sum()),
        float(curve.hits[enough].max(initial=0) / events),
    )


class Curve(NamedTuple):
    """What every threshold gives: at ``at`` and above (descending), ``hits`` events and ``alarms`` other rows
    are called events, of ``events`` and ``others``.
    """

    at: Floats
    hits: NDArray[np.int64]
    alarms: NDArray[np.int64]
    events: int
    others: int

    @classmethod
    def of(cls, event: NDArray[np.bool_], p: Floats) -> Curve:
        """From the truth and the probability of each row; equal probabilities are one threshold."""
        order = np.argsort(-p, kind="stable")
        last = np.flatnonzero(np.diff(p[order], append=-np.inf))
        hits = np.cumsum(event[order].astype(np.int64))[last]
        return cls(p[order][last], hits, last + 1 - hits, int(event.sum()), int(event.size - event.sum()))

    @property
    def precision(self) -> Floats:
        """Of each threshold, the share of events among the rows called events."""
        return np.asarray(self.hits / (self.hits + self.alarms), dtype=np.float64)

    def table(self, threshold: float) -> NDArray[np.int64]:
        """The confusion matrix where rows of at least ``threshold`` are called events; O(log n)."""
        at = int(np.searchsorted(-self.at, -threshold, side="right")) - 1
        hits, alarms = (int(self.hits[at]), int(self.alarms[at])) if at >= 0 else (0, 0)
        return np.array([[self.others - alarms, alarms], [self.events - hits, hits]], dtype=np.int64)
