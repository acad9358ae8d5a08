"""How likely each class is for each labelled row, by probabilities that a person brought: in columns of the
data, or in a file beside them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.dataset.row_probabilities import Probabilities
from core.errors import SettingError
from core.phrases import count, name, names
from core.prepare.evidence.brought import brought, spelling
from core.prepare.evidence.labelled import Labels, Unseen, left_out, too_few
from core.prepare.evidence.pooling import loss
from core.prepare.evidence.result import ClassEvidence
from core.progress import Progress

OWN = "your probabilities"


def of_columns(
    dataset: Dataset, target: str, columns: Sequence[str], in_sample: bool, progress: Progress
) -> ClassEvidence:
    """Of probabilities that a person brought."""
    progress.at(0.5, "Reading probabilities")
    train = np.flatnonzero(dataset.part_mask("train")).astype(np.int64)
    labels = Labels(dataset, target, train, 1, Unseen.among(dataset, train))
    if len(labels.classes) < 2:
        raise too_few(dataset, target)
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
        notes=(note, *filter(None, left_out(labels, target))),
        brought=f"The probabilities in {names(columns)}",
        in_sample=in_sample,
    )


def of_file(dataset: Dataset, own: Probabilities, progress: Progress) -> ClassEvidence:
    """Of probabilities that a person brought in a file. Classes are those of the file; rows that it does not
    have, and labels that it does not know, are not judged.
    """
    progress.at(0.5, "Reading probabilities")
    train = np.flatnonzero(dataset.part_mask("train")).astype(np.int64)
    labels = Labels(dataset, own.target, train, 1, Unseen.among(dataset, train))
    if len(labels.classes) < 2:
        raise too_few(dataset, own.target)
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
        notes=tuple(filter(None, _notes_of_file(own, labels, new, given, there))),
        brought=f"The probabilities in {own.name}",
        in_sample=not own.out_of_sample,
    )


def _notes_of_file(
    own: Probabilities,
    labels: Labels,
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
        *left_out(labels, own.target),
    ]
