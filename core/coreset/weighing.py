"""Which weights the rows drawn have: as they were drawn, or brought to the slope of all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.coreset.calibration import has_room
from core.coreset.coreset import Coreset
from core.coreset.quality import CoresetQuality, quality
from core.coreset.slopes import with_slope
from core.dataset import Dataset
from core.progress import SILENT, Progress


def calibrated(
    coreset: Coreset, source: Dataset | Sequence[Dataset] = (), progress: Progress = SILENT
) -> Coreset:
    """The same rows, with weights brought to the slope of all rows, under which a logistic regression on them
    is nearly that on all rows. The coreset as it was drawn where its loss is another, where it has fewer than
    six rows for each number of that slope, or where a fit on these weights is expected to lose more.

    source: the data as decided that it was brought to; need not be given where nothing was edited. Raises
    `InputError` where it is needed.
    """
    return weighed(coreset, source, progress)[0]


def weighed(
    coreset: Coreset, source: Dataset | Sequence[Dataset] = (), progress: Progress = SILENT
) -> tuple[Coreset, CoresetQuality | None]:
    """The same with the error to expect."""
    plain = replace(coreset, to_slope=False)
    if not has_room(plain.sample, plain.pilot):
        return plain, quality(plain, progress=progress.part(0.5, 1.0))
    plain = with_slope(plain, source, progress.part(0.0, 0.5))
    near = replace(plain, to_slope=True)
    error, other = (quality(one, progress=progress.part(0.5, 1.0)) for one in (near, plain))
    better = error is not None and other is not None and error.error.value < other.error.value
    return (near, error) if better else (plain, other)
