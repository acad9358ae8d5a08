"""How likely each class is for each labelled row, by models that did not see the row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.numerics.folds import spread
from core.numerics.rowhash import keyed
from core.prepare.evidence.graph import Graph, graph
from core.prepare.evidence.labelled import FEWEST, Labels, Unseen, left_out, too_few
from core.prepare.evidence.members import FIT_ROWS, Classification, members
from core.prepare.evidence.pooling import calibrated, loss, pooled, weights
from core.prepare.evidence.result import ClassEvidence, Floats
from core.prepare.hashes import row_hashes
from core.progress import Progress

CELLS = 50_000_000  # rows times classes that are judged


def learned(
    dataset: Dataset, target: str, columns: Sequence[str], seed: int, progress: Progress
) -> ClassEvidence:
    """Of models that are learned here. Raises `TooSmallError` and `TargetError` as `class_evidence` does."""
    near = graph(dataset, target, columns, seed, progress.part(0.0, 0.2))
    labels = Labels(dataset, target, near.rows, FEWEST, _unseen(dataset, near))
    if len(labels.classes) < 2:
        raise too_few(dataset, target)
    known = np.flatnonzero(labels.codes >= 0)
    cut = CELLS // len(labels.classes)
    sampled = known.size > cut
    known = known[:cut]
    problem = _problem(dataset, near, labels, known, seed)
    parts: dict[str, Floats] = {}
    vectors = dataset.vectors is not None and near.names == (dataset.vectors_name,)
    chosen = members(known.size, problem.matrix.shape[1], len(labels.classes), vectors)
    for place, (word, member) in enumerate(chosen.items()):
        here = progress.part(0.2 + 0.75 * place / len(chosen), 0.2 + 0.75 * (place + 1) / len(chosen))
        parts[word] = calibrated(member(problem, here), problem.codes)
    progress.at(0.95, "Weighing the models")
    losses = [loss(part, problem.codes) for part in parts.values()]
    share = weights(losses, problem.codes)
    whole = calibrated(pooled(list(parts.values()), share), problem.codes)
    order = np.argsort(near.rows[known])
    return ClassEvidence(
        target=target,
        rows=near.rows[known][order],
        classes=labels.classes,
        given=problem.codes[order],
        probabilities=whole[order],
        members=tuple(parts),
        votes=np.stack([part.argmax(axis=1).astype(np.int32)[order] for part in parts.values()]),
        weights=share,
        losses=np.array(losses),
        rare=labels.rare,
        notes=tuple(filter(None, [*_approximated(near, known.size, sampled), *left_out(labels, target)])),
        alone=_alone(whole, problem.codes, problem.units),
    )


def _unseen(dataset: Dataset, near: Graph) -> Unseen | None:
    """Rows of the graph of which vectors say nothing; None where rows are not compared by vectors."""
    if dataset.vectors is None or near.names != (dataset.vectors_name,):
        return None
    zero = np.asarray(~dataset.vector_rows()[near.rows].any(axis=1))
    return Unseen.among(dataset, near.rows, zero)


def _problem(
    dataset: Dataset, near: Graph, labels: Labels, known: NDArray[np.int64], seed: int
) -> Classification:
    """The rows with a label alone."""
    group = dataset.roles.group
    held = row_hashes(dataset, [group])[near.rows[known]] if group else near.groups[known]
    codes = labels.codes[known]
    if known.size == near.rows.size:
        matrix, index = near.matrix, near.index
    else:
        place = np.full(near.rows.size, -1, np.int32)
        place[known] = np.arange(known.size, dtype=np.int32)
        matrix, index = near.matrix.at(known), place[near.index[known]]
    folds = spread(keyed(held, seed + 1), codes)
    return Classification(
        matrix=matrix,
        codes=codes,
        classes=len(labels.classes),
        fold=folds,
        groups=near.groups[known],
        units=held,
        near=index,
        seed=seed,
    )


def _alone(whole: Floats, codes: NDArray[np.int32], units: NDArray[np.uint64]) -> float:
    """One over the design effect of the units (Kish 1965), at most 1: how much less their sums of labels that
    the models do not agree with, beside what the probabilities lead to expect, vary if each row is by itself.

    >>> sure, codes = np.tile([0.75, 0.25], (240, 1)), np.tile([1, 0, 0, 0], 60)
    >>> units = np.arange(240)
    >>> _alone(sure, codes, units), _alone(*(np.repeat(some, 4, axis=0) for some in (sure, codes, units)))
    (1.0, 0.25)
    """
    beyond = (whole.argmax(axis=1) != codes) - (1.0 - whole.max(axis=1).astype(np.float64))
    alone = float(beyond @ beyond)
    together = float((np.bincount(np.unique(units, return_inverse=True)[1], beyond) ** 2).sum())
    return min(1.0, alone / together) if together else 1.0


def _approximated(near: Graph, rows: int, sampled: bool) -> list[str]:
    learned = f"The models are learned from a random sample of {FIT_ROWS:,} of {rows:,} rows."
    only = f"A random sample of {rows:,} rows is judged: there are too many classes for all of them."
    return [near.note, learned if rows > FIT_ROWS else "", only if sampled else ""]
