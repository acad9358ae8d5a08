"""Rows and images that are copies of each other, whatever was done to them in between."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analyses.nearduplicates.copied import Copied, kept, several
from core.analyses.nearduplicates.findings import CopyMarks, findings
from core.analyses.nearduplicates.orientation import WORDS
from core.analyses.nearduplicates.pictures import copied_pictures
from core.analyses.nearduplicates.records import copied_records
from core.analysis import Analysis, Result, Status
from core.dataset import Dataset
from core.finding import Finding
from core.prepare.levels import encoded
from core.progress import Progress
from core.settings import Settings, column, knob

if TYPE_CHECKING:
    import pandas as pd

_LABELS = 20  # a number with more values than this is a measurement, and copies may measure differently


@dataclass(frozen=True)
class NearDuplicateSettings(Settings):
    """How near copies are."""

    false_alarms: float = knob(
        0.01,
        "Rows: false findings",
        "Of rows of a table: the share of false ones among those found (false discovery rate); where nothing "
        "is a copy, the chance of any. Lower is stricter.",
        1e-6,
        0.5,
    )
    sure: float = knob(
        0.1,
        "Images: copies up to",
        "Distance of two descriptions, 0 to 1.4; at 0.1 at most 13 in 1,000 pairs are none.",
        0.0,
        0.5,
    )
    possible: float = knob(
        0.2,
        "Images: possible copies up to",
        "Beyond the first limit only pairs that stand out from their set.",
        0.0,
        0.5,
    )
    parts: bool = knob(True, "Images: parts of others", "Look for images that were cut out of others, too.")
    target: str = column(
        "Label",
        "Copies that differ here have conflicting labels. Rows are not compared by it.",
        ("category", "boolean", "numeric", "text"),
        "target",
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class NearDuplicateResult(Result):
    """Which rows are copies; arrays hold one value per row of the data, in source order.

    group: the first row of the row's group, -1 for none. distance: to the nearest of its group, NaN for
    none: of images that of their descriptions, of rows the share of their evidence that is lost. sure_group:
    the first row of those of its group that it is surely a copy of, itself where of none. excess: in a group,
    and not the one to keep. repeated: surely a copy of another one, which is better kept. crop: a part cut
    out of another image of the group, or a copy of one. across: surely a copy of one of the other part,
    or one a part of the other. serve: of that part. conflict: with a sure copy of another label. torn: in a
    group in which any two labels differ. target: the label, or "". compared: rows or images compared. images:
    whether they are images. regular: columns in which copies differ as a rule. turned: of an image that is
    not to keep the way in which it is turned beside the one that is.
    """

    group: NDArray[np.int64]
    distance: NDArray[np.float64]
    sure_group: NDArray[np.int64]
    excess: NDArray[np.bool_]
    repeated: NDArray[np.bool_]
    crop: NDArray[np.bool_]
    across: NDArray[np.bool_]
    serve: NDArray[np.bool_]
    conflict: NDArray[np.bool_]
    torn: NDArray[np.bool_]
    target: str
    compared: int
    images: bool
    regular: tuple[str, ...]
    turned: NDArray[np.int8]

    @property
    def sure(self) -> NDArray[np.bool_]:
        """Whether a row is surely a copy of another one, or has one."""
        return several(self.sure_group)

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Rows, those compared, groups and the largest one, rows besides one of each group, those across
        parts and in conflict.
        """
        sizes = np.unique(self.group[self.group >= 0], return_counts=True)[1]
        return {
            "rows": self.group.size,
            "compared": self.compared,
            "groups": sizes.size,
            "largest_group": int(sizes.max(initial=0)),
            "excess_rows": int(self.excess.sum()),
            "across_parts": int((self.across & self.serve).sum()),
            "conflicting": int(self.conflict.sum()),
        }

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """See `core.analyses.nearduplicates.findings`."""
        return findings(
            CopyMarks(
                excess=self.excess,
                repeated=self.repeated,
                crop=self.crop,
                across=self.across,
                serve=self.serve,
                conflict=self.conflict,
                torn=self.torn,
                group=self.group,
                target=self.target,
                images=self.images,
                regular=self.regular,
                turned=self.turned,
            )
        )

    def partners(self, row: int) -> NDArray[np.int64]:
        """The other rows of the group of ``row``, ascending."""
        if self.group[row] < 0:
            return np.zeros(0, np.int64)
        rows = np.flatnonzero(self.group == self.group[row])
        return np.asarray(rows[rows != row], np.int64)

    def kept_for(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """For each of ``rows`` the one to keep instead: of its sure copies where it repeats one of these, of
        its whole group else; itself where it is to keep.
        """
        return kept(self.group, self.excess, self.sure_group, self.repeated)[rows]

    def turns(self, rows: NDArray[np.int64]) -> list[str]:
        """How each of ``rows`` is turned beside the one to keep, such as "mirrored"; "" where it is not."""
        return [WORDS[way] for way in self.turned[rows].tolist()]

    def frame(self) -> pd.DataFrame:
        """One line per group, those with a conflict first, then those across the parts, then the largest:
        first row, the row to keep, rows, nearest distance.
        """
        import pandas as pd

        inside = np.flatnonzero(self.group >= 0)
        table = pd.DataFrame(
            {
                "first_row": self.group[inside],
                "keep": np.where(self.excess[inside], -1, inside),
                "distance": self.distance[inside],
                "across_parts": self.across[inside],
                "conflict": self.conflict[inside],
            }
        )
        by_group = table.groupby("first_row").agg(
            keep=("keep", "max"),
            size=("distance", "size"),
            distance=("distance", "min"),
            across_parts=("across_parts", "any"),
            conflict=("conflict", "any"),
        )
        order = ["conflict", "across_parts", "size", "first_row"]
        ascending = [False, False, False, True]
        return by_group.reset_index().sort_values(order, ascending=ascending, ignore_index=True)

    def rows(self) -> pd.DataFrame:
        """Per row: its group (missing where it has no copy), the distance to the nearest copy, whether to
        keep it, whether that is sure (what is to be dropped is a copy of one that is kept), and whether
        labels disagree; of images how it is turned beside the one to keep, "" where it is not.
        """
        import pandas as pd

        alone, rows = self.group < 0, np.arange(self.group.size)
        turned = {"turned": self.turns(rows)} if self.images else {}
        return pd.DataFrame(
            {
                "row": rows,
                "group": pd.arrays.IntegerArray(self.group.copy(), alone),
                "distance": self.distance,
                "keep": ~self.excess,
                "sure": self.sure & (self.repeated | ~self.excess),
                "conflict": self.conflict,
                **turned,
            }
        )


def nearduplicates(
    dataset: Dataset, settings: NearDuplicateSettings, progress: Progress
) -> NearDuplicateResult:
    """Images by a description that flips and turns leave as it is; rows of a table by the evidence in what
    they have in common, held against how near other rows are. See docs/methods/nearduplicates.md.
    """
    images = dataset.pictures is not None
    progress.at(0.0, "Reading pictures" if images else "Reading columns")
    found = (
        copied_pictures(dataset, (settings.sure, settings.possible), settings.parts, progress.part(0.2, 1.0))
        if images
        else copied_records(dataset, settings.target, settings.false_alarms, progress)
    )
    progress.at(1.0, "Done")
    labels = _labels(dataset, settings.target)
    return NearDuplicateResult(
        settings=settings,
        notes=found.notes,
        status=Status("skipped", found.skipped) if found.skipped else Status(),
        group=found.group,
        distance=found.distance,
        sure_group=found.sure_group,
        excess=found.excess,
        repeated=found.repeated,
        crop=found.crop,
        across=_across(dataset, found),
        serve=dataset.part_mask("serve"),
        conflict=_of_several_labels(found.sure_group, labels) & (labels >= 0),
        torn=_of_several_labels(found.group, labels),
        target=settings.target,
        compared=found.compared,
        images=images,
        regular=found.regular,
        turned=np.zeros(dataset.rows, np.int8) if found.turned is None else found.turned,
    )


def _across(dataset: Dataset, found: Copied) -> NDArray[np.bool_]:
    """Rows of either part that show what one of the other shows: a copy, a part of it, or its whole; or
    another part of the same.
    """
    serve = dataset.part_mask("serve")
    both = np.intersect1d(found.related[serve], found.related[~serve])
    return np.asarray((found.group >= 0) & np.isin(found.related, both))


def _labels(dataset: Dataset, target: str) -> NDArray[np.int64]:
    """The label of each row as a number, -1 where there is none, or where they are measurements."""
    none = np.full(dataset.rows, -1, np.int64)
    if not target:
        return none
    codes, labels = encoded(dataset.table([target]).column(0))
    return none if dataset[target].kind == "numeric" and len(labels) > _LABELS else codes.astype(np.int64)


def _of_several_labels(group: NDArray[np.int64], labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The rows of the groups in which labels differ; -1 is no group, and no label.

    >>> _of_several_labels(np.array([0, 0, 0, 3, 3, -1]), np.array([1, 2, -1, 1, 1, 2])).tolist()
    [True, True, True, False, False, False]
    """
    inside = (labels >= 0) & several(group)
    labelled = np.unique(np.stack([group[inside], labels[inside]], axis=1), axis=0)
    one_of, counts = np.unique(labelled[:, 0], return_counts=True)
    return np.asarray(several(group) & np.isin(group, one_of[counts > 1]))


ANALYSIS = Analysis(
    "Near duplicates",
    "Which rows or images are copies of each other, written otherwise?",
    "clean/issues",
    nearduplicates,
    icon="content_copy",
    apart=True,
)
