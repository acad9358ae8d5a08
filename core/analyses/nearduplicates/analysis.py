"""Images that are copies of each other, whatever was done to them in between, as far as a short description
shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analyses.nearduplicates.copies import groups, pairs
from core.analyses.nearduplicates.findings import Copies, findings
from core.analysis import Analysis, Result
from core.dataset import Dataset
from core.finding import Finding
from core.numerics.image_descriptor import descriptors
from core.numerics.rowhash import hash_column, mix
from core.phrases import count
from core.prepare.levels import encoded
from core.progress import Progress
from core.settings import Settings, column, knob

if TYPE_CHECKING:
    import pandas as pd

NONE = "The data have no images; other rows are compared by Duplicates."
PIXELS, WIDE, TALL, BYTES = "image_pixels", "image_width", "image_height", "image_bytes"


@dataclass(frozen=True)
class NearDuplicateSettings(Settings):
    """How near copies are."""

    sure: float = knob(
        0.1,
        "Copies up to",
        "Distance of two descriptions, 0 to 1.4; at 0.1 at most 13 in 1,000 pairs are none.",
        0.0,
        0.5,
    )
    possible: float = knob(
        0.2,
        "Possible copies up to",
        "Beyond the first limit only pairs that stand out from their set.",
        0.0,
        0.5,
    )
    target: str = column(
        "Label",
        "Copies that differ here have conflicting labels.",
        ("category", "boolean", "numeric", "text"),
        "target",
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class NearDuplicateResult(Result):
    """Which images are copies; arrays hold one value per row of the data, in source order.

    group: the first row of the row's group, -1 for none. distance: to the nearest of its group, NaN for
    none. sure: whether that is below the sure limit. excess: in a group, and not the one to keep. across:
    of serve, with a copy in train. conflict: with a copy of another label. target: the label, or "".
    compared: images compared.
    """

    group: NDArray[np.int64]
    distance: NDArray[np.float64]
    sure: NDArray[np.bool_]
    excess: NDArray[np.bool_]
    across: NDArray[np.bool_]
    conflict: NDArray[np.bool_]
    target: str
    compared: int

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Images compared, groups, images besides one of each group, those across parts and in conflict."""
        return {
            "rows": self.group.size,
            "images": self.compared,
            "groups": int(np.unique(self.group[self.group >= 0]).size),
            "excess_images": int(self.excess.sum()),
            "across_parts": int(self.across.sum()),
            "conflicting": int(self.conflict.sum()),
        }

    @property
    def findings(self) -> tuple[Finding, ...]:
        """See `core.analyses.nearduplicates.findings`."""
        return findings(Copies(self.excess, self.sure, self.across, self.conflict, self.target))

    def partners(self, row: int) -> NDArray[np.int64]:
        """The other rows of the group of ``row``, ascending."""
        if self.group[row] < 0:
            return np.zeros(0, np.int64)
        rows = np.flatnonzero(self.group == self.group[row])
        return np.asarray(rows[rows != row], np.int64)

    def frame(self) -> pd.DataFrame:
        """One line per group, the largest first: first row, images, nearest distance, whether it crosses the
        parts, whether labels disagree.
        """
        import pandas as pd

        inside = np.flatnonzero(self.group >= 0)
        table = pd.DataFrame(
            {
                "first_row": self.group[inside],
                "distance": self.distance[inside],
                "across_parts": self.across[inside],
                "conflict": self.conflict[inside],
            }
        )
        by_group = table.groupby("first_row").agg(
            images=("distance", "size"),
            distance=("distance", "min"),
            across_parts=("across_parts", "any"),
            conflict=("conflict", "any"),
        )
        order = ["images", "first_row"]
        return by_group.reset_index().sort_values(order, ascending=[False, True], ignore_index=True)

    def rows(self) -> pd.DataFrame:
        """Per row: its group (missing where it has no copy), the distance to the nearest copy, whether that
        is sure, whether it is one too many, and whether labels disagree.
        """
        import pandas as pd

        alone = self.group < 0
        return pd.DataFrame(
            {
                "row": np.arange(self.group.size),
                "group": pd.arrays.IntegerArray(self.group.copy(), alone),
                "distance": self.distance,
                "sure": self.sure,
                "excess": self.excess,
                "conflict": self.conflict,
            }
        )


def nearduplicates(
    dataset: Dataset, settings: NearDuplicateSettings, progress: Progress
) -> NearDuplicateResult:
    """Copies of images by a description of 147 numbers that flips and quarter turns leave as it is; see
    docs/methods/nearduplicates.md. Without images there is nothing to compare.
    """
    pictures = dataset.pictures
    progress.at(0.0, "Reading pictures")
    own = dataset.source_ids(np.arange(dataset.rows, dtype=np.int64))
    if pictures is None:
        return _result(dataset, settings, np.zeros(0, np.int64), np.zeros((0, 1), np.float32), progress, NONE)
    there = np.zeros(dataset.rows, bool)
    known = own < pictures.rows
    there[known] = pictures.readable[own[known]]
    rows = np.flatnonzero(there)
    described = descriptors(pictures.small()[own[rows]])
    plain = np.asarray(~described.any(axis=1), bool)
    keys = mix(hash_column(dataset.table([PIXELS]).column(0)))[rows] if PIXELS in dataset.names else rows
    order = np.lexsort((rows, keys))
    order = order[~plain[order]]
    note = f"{count(int(plain.sum()), 'plain image')} not compared." if plain.any() else ""
    return _result(dataset, settings, rows[order], described[order], progress.part(0.2, 1.0), note)


def _result(
    dataset: Dataset,
    settings: NearDuplicateSettings,
    rows: NDArray[np.int64],
    described: NDArray[np.float32],
    progress: Progress,
    note: str,
) -> NearDuplicateResult:
    """Pairs and groups among ``rows``, whose descriptions are ``described``."""
    near = pairs(described, settings.sure, max(settings.sure, settings.possible), progress)
    local = groups(near, described, settings.sure, settings.possible)
    group = np.full(dataset.rows, -1, np.int64)
    distance = np.full(dataset.rows, np.nan)
    for name in np.unique(local[local >= 0]):
        inside = np.flatnonzero(local == name)
        group[rows[inside]] = rows[inside].min()
    for one, other, far in zip(near.first, near.second, near.distance, strict=True):
        if local[one] >= 0 and local[one] == local[other]:
            for at in (rows[one], rows[other]):
                distance[at] = np.fmin(distance[at], far)
    progress.at(1.0, "Done")
    serve = dataset.part_mask("serve")
    return NearDuplicateResult(
        settings=settings,
        notes=(note,) if note else (),
        group=group,
        distance=distance,
        sure=distance <= settings.sure,
        excess=_excess(dataset, group),
        across=_across(group, serve),
        conflict=_conflict(dataset, group, settings.target),
        target=settings.target,
        compared=rows.size,
    )


def _excess(dataset: Dataset, group: NDArray[np.int64]) -> NDArray[np.bool_]:
    """All of a group but the largest picture, of several the one of most bytes, of these the first."""
    inside = np.flatnonzero(group >= 0)
    excess = np.zeros(group.size, bool)
    if not inside.size:
        return excess
    area, size = _numbers(dataset, WIDE) * _numbers(dataset, TALL), _numbers(dataset, BYTES)
    order = inside[np.lexsort((inside, -size[inside], -area[inside], group[inside]))]
    excess[order] = np.concatenate([[False], group[order][1:] == group[order][:-1]])
    return excess


def _numbers(dataset: Dataset, name: str) -> NDArray[np.float64]:
    if name not in dataset.names or dataset[name].stored not in ("int64", "double"):
        return np.zeros(dataset.rows)
    return np.asarray(dataset.table([name]).column(0).to_pandas().to_numpy(np.float64, na_value=0.0))


def _across(group: NDArray[np.int64], serve: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows of serve whose group has rows of train."""
    train = np.unique(group[(group >= 0) & ~serve])
    return np.asarray(serve & np.isin(group, train))


def _conflict(dataset: Dataset, group: NDArray[np.int64], target: str) -> NDArray[np.bool_]:
    """Rows in a group with more than one label."""
    conflict = np.zeros(group.size, bool)
    if not target:
        return conflict
    codes = encoded(dataset.table([target]).column(0))[0]
    inside = (group >= 0) & (codes >= 0)
    labelled = np.unique(np.stack([group[inside], codes[inside]], axis=1), axis=0)
    several, counts = np.unique(labelled[:, 0], return_counts=True)
    return np.asarray(inside & np.isin(group, several[counts > 1]))


ANALYSIS = Analysis(
    "Near-duplicate images",
    "Which images are copies of each other, written again, made smaller, flipped or turned?",
    "clean/issues",
    nearduplicates,
    tab="Near duplicates",
    icon="content_copy",
)
