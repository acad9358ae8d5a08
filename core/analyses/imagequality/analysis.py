"""Images that something is wrong with, and properties of images that give the label or the part away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analyses.imagequality.checks import CHECKS, Checked, ImageLimits, checked
from core.analyses.imagequality.findings import defects
from core.analyses.imagequality.habit_findings import habits_apart
from core.analyses.imagequality.property_findings import properties_of_label, properties_of_part
from core.analysis import Analysis, Found
from core.dataset import Dataset
from core.finding import Finding, ranked
from core.phrases import count, listed, percent
from core.prepare.image_measures import label_codes, measured, part_codes, pixel_keys, properties
from core.prepare.image_properties import Predicted, predicted, telling
from core.prepare.images_judged import COLUMNS
from core.progress import Progress
from core.settings import Settings, column, knob

if TYPE_CHECKING:
    import pandas as pd

NONE = "The data have no images."


@dataclass(frozen=True)
class ImageQualitySettings(Settings):
    """What images are held against."""

    dark: float = knob(0.35, "Dark below", "Brightest pixels (99.9th percentile), as a share of white.", 0, 1)
    washed_out: float = knob(
        0.7, "Washed out above", "Darkest pixels (0.1th percentile), as a share of white.", 0, 1
    )
    low_contrast: float = knob(0.2, "Low contrast below", "Share of the range that grey levels span.", 0, 1)
    edge_width: float = knob(
        1.0, "Blurred above: width of edges", "Pixels, of the sharpest edges, at 256 pixels a side.", 0.2, 20
    )
    reblur: float = knob(
        0.45,
        "Blurred above: re-blur",
        "Share of the differences between pixels that survive another blur.",
        0.1,
        1,
    )
    jpeg_quality: int = knob(25, "JPEG quality below", "Of a JPEG's own tables, 1 to 100.", 1, 100)
    blocks: float = knob(0.25, "Blocks above", "Traces of JPEG blocks in images of other formats.", 0.05, 5)
    usual: float = knob(
        0.1,
        "Habit from",
        "Share of the images from which a defect is how the set is made, and raises no alarm.",
        0.01,
        1,
    )
    target: str = column(
        "Label",
        "Properties of the files that predict it are named.",
        ("category", "boolean", "numeric", "text"),
        "target",
    )

    @property
    def limits(self) -> ImageLimits:
        """What images are held against."""
        return ImageLimits(**{name: getattr(self, name) for name in ImageLimits.__dataclass_fields__})


@dataclass(frozen=True, eq=False, kw_only=True)
class ImageQualityResult(Found):
    """What is wrong with which image; arrays hold one value per row of the data, in source order.

    score: 0 to 1, above 0.5 where a row is flagged; 0 for rows without an image that can be read.
    flagged: mask. why: one text per flagged row. found: ``image_blank``, ``image_dark`` and so on, one
    per kind; ``image_habits_differ`` for a habit that train and serve do not share; ``image_shortcut``,
    ``image_content``, ``image_source`` and ``image_light`` for properties that predict label or part.
    counts: check -> images with the defect. habits: checks that so many images fail that the set is made
    so. label, part: how well each property alone predicts the label, and train or serve, best first.
    images: how many could be read.
    """

    score: NDArray[np.float64]
    flagged: NDArray[np.bool_]
    why: tuple[str, ...]
    counts: dict[str, int]
    habits: tuple[str, ...]
    label: tuple[Predicted, ...]
    part: tuple[Predicted, ...]
    images: int

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Rows, images that could be read, how many are flagged, and how many have each defect."""
        defects = {f"images_{name}": amount for name, amount in self.counts.items()}
        return {
            "rows": self.score.size,
            "images": self.images,
            "flagged": int(self.flagged.sum()),
            **defects,
        }

    def frame(self) -> pd.DataFrame:
        """One line per flagged row, the worst first: row, score, why."""
        import pandas as pd

        flagged = np.flatnonzero(self.flagged)
        table = pd.DataFrame(
            {"row": flagged, "score": self.score[flagged], "why": pd.Series(self.why, dtype="str")}
        )
        return table.sort_values(["score", "row"], ascending=[False, True], ignore_index=True)

    def rows(self) -> pd.DataFrame:
        """Per row: score, whether it is flagged, and why."""
        import pandas as pd

        why = np.full(self.score.size, "", object)
        why[self.flagged] = self.why
        return pd.DataFrame(
            {
                "row": np.arange(self.score.size),
                "score": self.score,
                "flagged": self.flagged,
                "why": pd.Series(why, dtype="str"),
            }
        )


def imagequality(dataset: Dataset, settings: ImageQualitySettings, progress: Progress) -> ImageQualityResult:
    """Hold what was measured of each image against limits, and ask whether a property of the files predicts
    the label or the part; see docs/methods/imagequality.md. Without images there is nothing to say.
    """
    values = measured(dataset, progress.part(0.0, 0.2))
    known = np.isfinite(values["width"])
    rows = np.flatnonzero(known)
    at_hand = {name: column[rows] for name, column in values.items()}
    progress.at(0.2, "Holding images against limits")
    done = checked(at_hand, settings.limits, settings.usual)
    score = np.zeros(dataset.rows)
    score[rows] = done.score
    any_flag = done.flagged.any(axis=0)
    flagged = np.zeros(dataset.rows, bool)
    flagged[rows] = any_flag
    label, part = _properties(dataset, values, settings.target, progress.part(0.3, 1.0))
    serve = dataset.part_mask("serve")[rows]
    found = [
        *defects(done, rows, done.score, serve),
        *habits_apart(done, rows, serve, settings.usual),
        *_telling(label, part, settings.target),
    ]
    progress.at(1.0, "Done")
    return ImageQualityResult(
        settings=settings,
        notes=_notes(dataset, done, rows.size, settings.usual),
        score=score,
        flagged=flagged,
        why=_why(done, at_hand, np.flatnonzero(any_flag)),
        found=ranked(found),
        counts={c.name: int(n) for c, n in zip(CHECKS, done.has.sum(axis=1), strict=True)}
        if rows.size
        else {},
        habits=done.habits,
        label=tuple(label),
        part=tuple(part),
        images=rows.size,
    )


def _why(done: Checked, values: dict[str, NDArray[np.float64]], images: NDArray[np.int64]) -> tuple[str, ...]:
    """What is wrong with each of the images, the worst first."""
    said = []
    for image in images.tolist():
        facts = {name: float(column[image]) for name, column in values.items()}
        own = np.flatnonzero(done.flagged[:, image])
        order = own[np.argsort(-done.ratios[own, image], kind="stable")]
        said.append("; ".join(CHECKS[place].why(facts) for place in order.tolist()))
    return tuple(said)


def _properties(
    dataset: Dataset, values: dict[str, NDArray[np.float64]], target: str, progress: Progress
) -> tuple[list[Predicted], list[Predicted]]:
    """How well each property alone predicts the label, and train or serve."""
    if dataset.pictures is None:
        return [], []
    label: list[Predicted] = []
    if target:
        codes = np.where(np.isfinite(values["width"]), label_codes(dataset, target)[0], -1)
        label = predicted(properties(dataset, values), codes, pixel_keys(dataset), progress.part(0.0, 0.5))
    part: list[Predicted] = []
    if dataset.split is not None:
        part = predicted(
            properties(dataset, values),
            part_codes(dataset, values),
            pixel_keys(dataset),
            progress.part(0.5, 1.0),
        )
    return label, part


def _telling(label: list[Predicted], part: list[Predicted], target: str) -> list[Finding]:
    """The findings of properties that predict label or part."""
    both = [[*telling(found, True), *telling(found, False)] for found in (label, part)]
    return [*properties_of_label(both[0], target, COLUMNS), *properties_of_part(both[1], COLUMNS)]


def _usual(habits: list[str], usual: float) -> str:
    """Which defects so many images have that none is flagged for them.

    >>> print(_usual(["dark", "washed out"], 0.1))
    Dark and washed out images are usual in this set, each 10% of all or more: none is flagged for that.
    """
    each = "each " if len(habits) > 1 else ""
    told = listed(habits, len(habits))
    return (
        f"{told[:1].upper()}{told[1:]} images are usual in this set, {each}{percent(usual)} of all or more: "
        "none is flagged for that."
    )


def _notes(dataset: Dataset, done: Checked, images: int, usual: float) -> tuple[str, ...]:
    if not images:
        return (NONE,)
    without = dataset.rows - images
    habits = [name.replace("_", " ") for name in done.habits]
    return tuple(
        filter(
            None,
            [
                f"{count(without, 'row')} without an image that can be read." if without else "",
                _usual(habits, usual) if habits else "",
            ],
        )
    )


ANALYSIS = Analysis(
    "Image quality",
    "Which images are blurred, dark, blank or odd, and do properties of the files give the label away?",
    "clean/issues",
    imagequality,
    tab="Image quality",
    icon="image",
    alarms="images",
)
