"""How likely each class is for each labelled row: by probabilities that a person brought, where there are
some, else by models that are learned here.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.dataset import Dataset
from core.prepare.evidence.learned import learned
from core.prepare.evidence.of_brought import of_columns, of_file
from core.prepare.evidence.result import ClassEvidence
from core.prepare.memo import VersionMemo
from core.progress import SILENT, Progress

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
            return of_columns(dataset, target, probabilities, in_sample, progress)
        if dataset.probabilities is not None and dataset.probabilities.target == target:
            return of_file(dataset, dataset.probabilities, progress)
        return learned(dataset, target, columns, seed, progress)

    return _KEPT.once(dataset.version, key, make)
