"""What is said of a defect that is a habit of the set, where train and serve do not share it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.imagequality.checks import CHECKS, Checked, ImageLimits
from core.analyses.imagequality.findings import OF_SERVE
from core.dataset import Dataset
from core.finding import Finding
from core.numerics.two_sample import level_noise, table_p
from core.phrases import percent
from core.prepare.image_measures import measured
from core.prepare.images_judged import LEAST
from core.rowset import RowSet

_SURE = 0.001 / len(CHECKS)  # p-value of one share in both parts
PARTS = ("train", "serve")
_CALLED = {
    "dark": "dark",
    "washed_out": "washed out",
    "low_contrast": "of low contrast",
    "blurred": "blurred",
    "framed": "in a plain frame",
    "compressed": "strongly compressed",
}
_OF_TRAIN = (
    "A model learns from more of them than it will meet: look at them, then weight train to look like serve, "
    "on Overlap, or load train images as serve's are."
)


class HabitImages(NamedTuple):
    """Per image its score, above 0.5, and what is said of it."""

    score: NDArray[np.float64]
    why: list[str]


def habits_apart(
    checked: Checked, rows: NDArray[np.int64], serve: NDArray[np.bool_], usual: float
) -> list[Finding]:
    """One finding per habit of which train and serve differ by the share of images that make one (``usual``)
    or more, surely. ``rows``: of the data, per image; ``serve``: per image.
    """
    found = []
    for place, check in enumerate(CHECKS):
        known, has = np.isfinite(checked.ratios[place]), checked.has[place]
        parts = [known & ~serve, known & serve]
        if check.name not in checked.habits or min(part.sum() for part in parts) < LEAST:
            continue
        counts = [np.array([(part & ~has).sum(), (part & has).sum()]) for part in parts]
        shares = [float(one[1] / one.sum()) for one in counts]
        if abs(shares[1] - shares[0]) >= usual and table_p(counts[0], counts[1], 0) < _SURE:
            more = parts[int(shares[1] > shares[0])]
            found.append(_finding(check.name, counts, RowSet(rows[more & has]), usual))
    return found


def _finding(check: str, counts: list[NDArray[np.int64]], rows: RowSet, usual: float) -> Finding:
    """counts: of train and of serve, images without and with the defect. rows: those with it, of the part
    that has more.
    """
    (share, many), (other, few) = sorted(
        (
            (one[1] / one.sum(), f"of {part} ({one[1]:,} of {one.sum():,})")
            for one, part in zip(counts, PARTS, strict=True)
        ),
        reverse=True,
    )
    of_serve = "serve" in many
    return Finding(
        code="image_habits_differ",
        title=f"{percent(share)} of the images {many} are {_CALLED[check]}, and {percent(other)} {few}",
        severity="warning",
        score=float(share - other),
        why="So many are no slip: it is how the part was made, and what a model learns of the one may not "
        "hold in the other.",
        suggestion=OF_SERVE[check] if of_serve else _OF_TRAIN,
        rows=rows,
        about=check,
        value=float(share - other),
        limit=usual,
        noise=level_noise(counts[0], counts[1], 0)[1],
        measure="difference of the shares of train and serve",
        n=int(sum(one.sum() for one in counts)),
    )


def shown(dataset: Dataset, limits: ImageLimits, check: str, rows: NDArray[np.int64]) -> HabitImages:
    """Of these rows how far each image has a habit, as of a defect that is none, and that in words."""
    values = {name: column[rows] for name, column in measured(dataset).items()}
    [one] = [one for one in CHECKS if one.name == check]
    ratios = one.ratio(values, limits)
    images = ({name: float(column[at]) for name, column in values.items()} for at in range(rows.size))
    return HabitImages(ratios / (1 + ratios), [one.why(image) for image in images])
