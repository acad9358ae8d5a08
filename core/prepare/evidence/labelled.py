"""The labels that are judged, and those that are not, with what is said of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.errors import TargetError
from core.phrases import count, name
from core.prepare.constant_target import OTHERS, target_lacks
from core.prepare.levels import level_codes

FEWEST = 5  # rows of a class below which its rows are not judged: some fold would have none to learn from


class Labels:
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
        self.unread = 0
        if blank is not None:
            self.unread = int((blank & (codes >= 0) & dataset.without_picture()[rows]).sum())
            codes[blank] = -1
        counts = np.bincount(codes[codes >= 0], minlength=len(texts))
        kept = np.flatnonzero(counts >= fewest)
        place = np.full(len(texts) + 1, -1, np.int32)
        place[kept] = np.arange(kept.size, dtype=np.int32)
        self.codes = place[codes]
        self.classes = tuple(texts[level] for level in kept)
        self.rare = tuple(texts[level] for level in np.flatnonzero((counts > 0) & (counts < fewest)))


def left_out(dataset: Dataset, labels: Labels, target: str) -> list[str]:
    """Which labels are not judged, and why, in sentences; some may be empty."""
    few = count(len(labels.rare), "class", "classes")
    rare = f"Not judged: {few} of {name(target)} with fewer than {FEWEST} rows."
    gaps = f"Not judged: {count(labels.missing, 'row')} without a label."
    zero, unread = labels.blank - labels.unread, labels.unread
    of_pictures = dataset.vectors is not None and dataset.vectors.of_pictures
    plain = f"{count(zero, 'plain grey image')}, whose vector is zero" if of_pictures else ""
    some = [plain or f"{count(zero, 'row')} whose vector is zero"] if zero else []
    some = [*([f"{count(unread, 'image')} that cannot be read"] if unread else []), *some]
    blank = f"Not judged: {' and '.join(some)}."
    return [rare if labels.rare else "", gaps if labels.missing else "", blank if labels.blank else ""]


def too_few(dataset: Dataset, target: str) -> TargetError:
    """The error that fewer than two classes can be judged."""
    return TargetError(
        target_lacks(dataset, target)
        or f"{name(target)} of {dataset.name!r} has fewer than two classes of {FEWEST} train rows or more: "
        f"there is nothing to compare labels with. {OTHERS}"
    )
