"""The labels that are judged, and those that are not, with what is said of them."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.errors import TargetError
from core.phrases import count, listed, name
from core.prepare.constant_target import OTHERS, target_lacks
from core.prepare.image_measures import blank
from core.prepare.levels import level_codes

FEWEST = 5  # rows of a class below which its rows are not judged: some fold would have none to learn from


class Unseen(NamedTuple):
    """Which rows show nothing to judge their label by, each of one kind: images that cannot be read, blank
    ones, and rows whose vector is zero.
    """

    unread: NDArray[np.bool_]
    blank: NDArray[np.bool_]
    zero: NDArray[np.bool_]

    @classmethod
    def among(cls, dataset: Dataset, rows: NDArray[np.int64], zero: NDArray[np.bool_] | None = None) -> Self:
        """Those among ``rows``. zero: of which of them the vector is zero, where they are compared by it."""
        unread, shown = dataset.without_picture()[rows], ~blank(dataset)[rows]
        none = np.zeros(rows.size, np.bool_) if zero is None else zero
        return cls(unread, ~shown & ~unread, none & shown & ~unread)


class Labels:
    """The labels of the rows of a graph: class codes from 0 (-1: missing, too rare, or of a row that is
    ``unseen``), and names.
    """

    def __init__(
        self,
        dataset: Dataset,
        target: str,
        rows: NDArray[np.int64],
        fewest: int,
        unseen: Unseen | None = None,
    ) -> None:
        values = dataset.table([target]).column(0)
        codes, texts = level_codes(values.take(rows))
        codes = codes.astype(np.int32)
        codes[np.asarray(values.take(rows).is_null())] = -1
        self.missing = int((codes < 0).sum())
        self.unread, self.blank, self.zero = (
            (int((kind & (codes >= 0)).sum()) for kind in unseen) if unseen else (0, 0, 0)
        )
        if unseen:
            codes[np.any(unseen, axis=0)] = -1
        counts = np.bincount(codes[codes >= 0], minlength=len(texts))
        kept = np.flatnonzero(counts >= fewest)
        place = np.full(len(texts) + 1, -1, np.int32)
        place[kept] = np.arange(kept.size, dtype=np.int32)
        self.codes = place[codes]
        self.classes = tuple(texts[level] for level in kept)
        self.rare = tuple(texts[level] for level in np.flatnonzero((counts > 0) & (counts < fewest)))


def left_out(labels: Labels, target: str) -> list[str]:
    """Which labels are not judged, and why, in sentences; some may be empty."""
    few = count(len(labels.rare), "class", "classes")
    rare = f"Not judged: {few} of {name(target)} with fewer than {FEWEST} rows."
    gaps = f"Not judged: {count(labels.missing, 'row')} without a label."
    unseen = [
        f"{count(labels.unread, 'image')} that cannot be read" if labels.unread else "",
        count(labels.blank, "blank image") if labels.blank else "",
        f"{count(labels.zero, 'row')} whose vector is zero" if labels.zero else "",
    ]
    some = listed([one for one in unseen if one])
    return [
        rare if labels.rare else "",
        gaps if labels.missing else "",
        f"Not judged: {some}." if some else "",
    ]


def too_few(dataset: Dataset, target: str) -> TargetError:
    """The error that fewer than two classes can be judged."""
    return TargetError(
        target_lacks(dataset, target)
        or f"{name(target)} of {dataset.name!r} has fewer than two classes of {FEWEST} train rows or more: "
        f"there is nothing to compare labels with. {OTHERS}"
    )
