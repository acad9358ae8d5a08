"""How likely each class is for each labelled row, by models that did not see the row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.dataset.row_probabilities import Probabilities
from core.errors import SettingError, TargetError
from core.frozen import lock_fields
from core.numerics.folds import spread
from core.numerics.rowhash import keyed
from core.phrases import count, name, names
from core.prepare.constant_target import OTHERS, target_lacks
from core.prepare.evidence.brought import brought, spelling
from core.prepare.evidence.graph import Graph, graph
from core.prepare.evidence.members import FIT_ROWS, Classification, members
from core.prepare.evidence.pooling import calibrated, loss, pooled, weights
from core.prepare.hashes import row_hashes
from core.prepare.levels import level_codes
from core.prepare.memo import VersionMemo
from core.progress import SILENT, Progress

FEWEST = 5  # rows of a class below which its rows are not judged: some fold would have none to learn from
CELLS = 50_000_000  # rows times classes that are judged
OWN = "your probabilities"
_PREDICTS = 2.0  # standard errors
Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ClassEvidence:
    """What models that did not see a row say of its class.

    target: the column of the labels. rows: ids of the rows judged, ascending (n). classes: their names (k).
    given: int32, n: place of each row's label in ``classes``. probabilities: float32, n x k. members: names
    of the models (m). votes: int32, m x n: the class that each finds most likely. weights: float64, m, of
    sum 1. losses: float64, m: the mean log loss of each, calibrated, on rows it did not see. rare: classes
    with too few rows to judge. notes: what was approximated or left out, in sentences. brought: what
    the probabilities that a person brought are called, to begin a sentence; "" where models were learned.
    in_sample: whether, as that person said, the model had seen the rows that it judges.
    """

    target: str
    rows: NDArray[np.int64]
    classes: tuple[str, ...]
    given: NDArray[np.int32]
    probabilities: Floats
    members: tuple[str, ...]
    votes: NDArray[np.int32]
    weights: NDArray[np.float64]
    losses: NDArray[np.float64]
    rare: tuple[str, ...]
    notes: tuple[str, ...]
    brought: str = ""
    in_sample: bool = False

    def __post_init__(self) -> None:
        lock_fields(self)

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return self.probabilities.nbytes + self.votes.nbytes + 12 * self.rows.size

    @property
    def doubts_mean_nothing(self) -> str:
        """That, and why, where the models do not predict the labels: no better, by two standard errors of the
        mean log loss, than the shares of the classes do; "" where they do.
        """
        own = self.probabilities[np.arange(self.given.size), self.given].astype(np.float64)
        shares = np.bincount(self.given, minlength=len(self.classes)) / self.given.size
        saved = np.log(np.maximum(own, 1e-4)) - np.log(shares[self.given])
        if saved.mean() * np.sqrt(self.given.size) > _PREDICTS * saved.std():
            return ""
        if self.brought:
            return (
                f"No label is called doubtful. {self.brought} do not predict {name(self.target)} better than "
                "the shares of its classes do: see whether rows and classes stand in the order of the data."
            )
        return (
            f"No label is called doubtful: the other columns do not predict {name(self.target)} better than "
            "the shares of its classes do."
        )


class _Labels:
    """The labels of the rows of a graph: class codes from 0 (-1: missing, too rare, or of a row of which
    nothing is known, ``blank``), and names.
    """

    def __init__(
        self,
        dataset: Dataset,
        target: str,
        rows: NDArray[np.int64],
        fewest: int,
        blank: NDArray[np.bool_] | None = None,
    ) -> None:
        values = dataset.table([target]).column(0)
        codes, texts = level_codes(values.take(rows))
        codes = codes.astype(np.int32)
        codes[np.asarray(values.take(rows).is_null())] = -1
        self.missing = int((codes < 0).sum())
        self.blank = 0 if blank is None else int((blank & (codes >= 0)).sum())
        if blank is not None:
            codes[blank] = -1
        counts = np.bincount(codes[codes >= 0], minlength=len(texts))
        kept = np.flatnonzero(counts >= fewest)
        place = np.full(len(texts) + 1, -1, np.int32)
        place[kept] = np.arange(kept.size, dtype=np.int32)
        self.codes = place[codes]
        self.classes = tuple(texts[level] for level in kept)
        self.rare = tuple(texts[level] for level in np.flatnonzero((counts > 0) & (counts < fewest)))


_KEPT: VersionMemo[ClassEvidence] = VersionMemo()


def class_evidence(
    dataset: Dataset,
    target: str,
    columns: Sequence[str] = (),
    seed: int = 0,
    probabilities: Sequence[str] = (),
    in_sample: bool = False,
    progress: Progress = SILENT,
) -> ClassEvidence:
    """The evidence for the labels in ``target``, by ``columns`` (all that rows are compared by, if none); or
    by columns of ``probabilities`` that a person brought, where they are given, of a model that had seen the
    rows it judges or not (``in_sample``); or by those of a file that
    are attached to the data (`core.probabilities`), where they are of this target. Remembered by
    ``dataset.version``.

    Train rows alone are judged. Raises `TooSmallError` where there are fewer than two classes of five rows,
    or no column varies, and `SettingError` where probabilities that were brought cannot be used.
    """
    key = (target, tuple(columns), seed, tuple(probabilities), in_sample and bool(probabilities))

    def make() -> ClassEvidence:
        if probabilities:
            return _brought(dataset, target, probabilities, in_sample, progress)
        if dataset.probabilities is not None and dataset.probabilities.target == target:
            return _from_file(dataset, dataset.probabilities, progress)
        return _evidence(dataset, target, columns, seed, progress)

    return _KEPT.once(dataset.version, key, make)


def _brought(
    dataset: Dataset, target: str, columns: Sequence[str], in_sample: bool, progress: Progress
) -> ClassEvidence:
    """Of probabilities that a person brought."""
    progress.at(0.5, "Reading probabilities")
    train = np.flatnonzero(dataset.part_mask("train")).astype(np.int64)
    labels = _Labels(dataset, target, train, 1)
    if len(labels.classes) < 2:
        raise _too_few(dataset, target)
    known = np.flatnonzero(labels.codes >= 0)
    made = brought(dataset, columns, labels.classes, train[known], target)
    note = (
        f"Judged by {names(columns)}, said to be of a model that had seen the rows it judges."
        if in_sample
        else f"Judged by {names(columns)}, taken to come from models that did not see the row they judge."
    )
    return ClassEvidence(
        target=target,
        rows=train[known],
        classes=labels.classes,
        given=labels.codes[known],
        probabilities=made,
        members=(OWN,),
        votes=made.argmax(axis=1).astype(np.int32)[None],
        weights=np.ones(1),
        losses=np.array([loss(made, labels.codes[known])]),
        rare=labels.rare,
        notes=(note, *filter(None, _left_out(dataset, labels, target))),
        brought=f"The probabilities in {names(columns)}",
        in_sample=in_sample,
    )


def _from_file(dataset: Dataset, own: Probabilities, progress: Progress) -> ClassEvidence:
    """Of probabilities that a person brought in a file. Classes are those of the file; rows that it does not
    have, and labels that it does not know, are not judged.
    """
    progress.at(0.5, "Reading probabilities")
    train = np.flatnonzero(dataset.part_mask("train")).astype(np.int64)
    labels = _Labels(dataset, own.target, train, 1)
    if len(labels.classes) < 2:
        raise _too_few(dataset, own.target)
    known = {spelling(one): at for at, one in enumerate(own.classes)}
    place = np.array([*(known.get(spelling(one), -1) for one in labels.classes), -1], np.int32)
    given, numbers = place[labels.codes], dataset.probability_rows()[train]
    there = ~np.isnan(numbers[:, 0])
    judged = np.flatnonzero((given >= 0) & there)
    new = tuple(one for one, at in zip(labels.classes, place, strict=False) if at < 0)
    if not judged.size:
        raise SettingError(
            f"No label of {name(own.target)} can be judged by {own.name}: it has probabilities of "
            f"{names(own.classes, 5)} for {count(int(there.sum()), 'row')} of train. Bring those "
            "of the classes that these rows have, or let models be learned here."
        )
    made = np.ascontiguousarray(numbers[judged])
    classes = list(own.classes)
    for one, at in zip(labels.classes, place, strict=False):
        if at >= 0:
            classes[at] = one  # as the data spell it
    return ClassEvidence(
        target=own.target,
        rows=train[judged],
        classes=tuple(classes),
        given=given[judged],
        probabilities=made,
        members=(OWN,),
        votes=made.argmax(axis=1).astype(np.int32)[None],
        weights=np.ones(1),
        losses=np.array([loss(made, given[judged])]),
        rare=(),
        notes=tuple(filter(None, _of_file(dataset, own, labels, new, given, there))),
        brought=f"The probabilities in {own.name}",
        in_sample=not own.out_of_sample,
    )


def _of_file(
    dataset: Dataset,
    own: Probabilities,
    labels: _Labels,
    new: tuple[str, ...],
    given: NDArray[np.int32],
    there: NDArray[np.bool_],
) -> list[str]:
    """What the labels were judged by, and which were not."""
    saw = "had not seen" if own.out_of_sample else "had seen"
    unknown = int(((labels.codes >= 0) & (given < 0)).sum())
    without = int(((given >= 0) & ~there).sum())
    return [
        f"Judged by the probabilities in {own.name}, said to be of a model that {saw} the rows it judges.",
        f"Not judged: {count(without, 'row')} for which {own.name} has no probabilities." if without else "",
        f"Not judged: {count(unknown, 'row')} labelled {names(new, 5)}, of which {own.name} has no "
        "probabilities."
        if unknown
        else "",
        *_left_out(dataset, labels, own.target),
    ]


def _evidence(
    dataset: Dataset, target: str, columns: Sequence[str], seed: int, progress: Progress
) -> ClassEvidence:
    near = graph(dataset, target, columns, seed, progress.part(0.0, 0.2))
    labels = _Labels(dataset, target, near.rows, FEWEST, _blank(dataset, near))
    if len(labels.classes) < 2:
        raise _too_few(dataset, target)
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
        notes=tuple(
            filter(None, [*_approximated(near, known.size, sampled), *_left_out(dataset, labels, target)])
        ),
    )


def _blank(dataset: Dataset, near: Graph) -> NDArray[np.bool_] | None:
    """Rows of the graph of which their vector says nothing, being zeros or that of an image that cannot be
    read; None where rows are not compared by vectors.
    """
    if dataset.vectors is None or near.names != (dataset.vectors_name,):
        return None
    return np.asarray(~dataset.vector_rows()[near.rows].any(axis=1) | dataset.without_picture()[near.rows])


def _problem(
    dataset: Dataset, near: Graph, labels: _Labels, known: NDArray[np.int64], seed: int
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


def _too_few(dataset: Dataset, target: str) -> TargetError:
    return TargetError(
        target_lacks(dataset, target)
        or f"{name(target)} of {dataset.name!r} has fewer than two classes of {FEWEST} train rows or more: "
        f"there is nothing to compare labels with. {OTHERS}"
    )


def _approximated(near: Graph, rows: int, sampled: bool) -> list[str]:
    learned = f"The models are learned from a random sample of {FIT_ROWS:,} of {rows:,} rows."
    only = f"A random sample of {rows:,} rows is judged: there are too many classes for all of them."
    return [near.note, learned if rows > FIT_ROWS else "", only if sampled else ""]


def _left_out(dataset: Dataset, labels: _Labels, target: str) -> list[str]:
    few = count(len(labels.rare), "class", "classes")
    rare = f"Not judged: {few} of {name(target)} with fewer than {FEWEST} rows."
    gaps = f"Not judged: {count(labels.missing, 'row')} without a label."
    blank = f"Not judged: {count(labels.blank, 'row')} whose vector is zero."
    if dataset.vectors is not None and dataset.vectors.of_pictures:
        blank = f"Not judged: {count(labels.blank, 'image')} that cannot be read, or are plain."
    return [rare if labels.rare else "", gaps if labels.missing else "", blank if labels.blank else ""]
