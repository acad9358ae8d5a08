"""What an answer about missing values rests on: which columns and rows were looked at, and which were not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from core.analyses.missingness import maths
from core.analyses.missingness.gaps import MODEL_ROWS, ColumnGaps, GapSample
from core.analyses.missingness.imputation_effects import SHOWN_COLUMNS, fillable
from core.dataset import Dataset
from core.dataset.split import PARTS, Part
from core.phrases import count, name, names


def without_value(empty: Sequence[str]) -> tuple[str, ...]:
    """Which columns are not looked at, having no value."""
    if not empty:
        return ()
    has = "has no value: it is" if len(empty) == 1 else "have no value: they are"
    return (f"{names(empty, 6)} {has} neither counted among the gaps nor imputed.",)


def lacked(lacking: Mapping[str, Part], gappy: Sequence[str]) -> tuple[str, ...]:
    """Which columns with empty cells a part does not have."""
    notes = []
    for part in PARTS:
        some = [name for name in gappy if lacking.get(name) == part]
        if some:
            which = "its" if len(some) == 1 else "their"
            notes.append(
                f"{part.capitalize()} does not have {names(some, 6)}: {which} cells there are drawn as "
                "missing, and are none of the gaps that are counted, explained or imputed."
            )
    return tuple(notes)


def judged_by(
    dataset: Dataset, gaps: tuple[ColumnGaps, ...], sample: GapSample, measured: int
) -> tuple[str, ...]:
    """On which rows and columns models of gaps, and imputing, are judged. gaps: in the parts that have the
    column. measured: rows on which the effect of imputing is measured.
    """
    notes = []
    if sample.rows.size < sample.trains and gaps:
        notes.append(
            f"Gaps are predicted, and imputers fitted, on {sample.rows.size:,} of {sample.trains:,} train "
            "rows, chosen by content."
        )
    if 0 < measured < sample.rows.size:
        models = (
            f"; each model of what is missing takes at most {MODEL_ROWS // 2:,} rows that have the value, "
            "and as many that lack it"
        )
        notes.append(
            f"The effect of imputing is measured on {measured:,} rows"
            f"{models if sample.rows.size > MODEL_ROWS else ''}."
        )
    if len(dataset.features) > maths.WIDE and any(gap.model is not None for gap in gaps):
        notes.append(
            f"Each model of what is missing takes {maths.TAKEN} of {len(dataset.features):,} features: those "
            "most associated with it in its own training rows."
        )
    others = [gap for gap in gaps if gap.name not in dataset.measured]
    unjudged = [gap for gap in others if gap.model is None]
    if unjudged:
        which = f"{len(unjudged):,} of {_columns(len(others), len(gaps))} with gaps"
        which = name(unjudged[0].name) if len(unjudged) == 1 else which
        notes.append(f"Not checked whether other columns predict the gaps of {which}: {_why(unjudged)}.")
    return tuple(notes)


def _why(unjudged: Sequence[ColumnGaps]) -> str:
    """Why gaps have no model; of several reasons how many columns each is that of.

    >>> few, many = (ColumnGaps("x", 4, 0.04, 0.04, 0.04, unjudged=why) for why in ("few rows", "many gaps"))
    >>> _why([few, few]), _why([few, many, few])
    ('few rows', 'few rows (2 columns); many gaps (1 column)')
    """
    reasons = Counter(gap.unjudged for gap in unjudged)
    if len(reasons) == 1:
        return unjudged[0].unjudged
    return "; ".join(f"{why} ({count(columns, 'column')})" for why, columns in reasons.items())


def _columns(judged: int, gappy: int) -> str:
    """Columns of which some could not be judged. gappy: with those of which the cause is known."""
    return count(judged, "column" if judged == gappy else "other column")


def not_imputed(dataset: Dataset, gaps: tuple[ColumnGaps, ...]) -> tuple[str, ...]:
    """For which columns imputing is not tried, and why. gaps: in the parts that have the column."""
    notes = []
    if len(fillable(dataset, gaps)) > SHOWN_COLUMNS:
        notes.append(
            f"Imputing is tried for the {SHOWN_COLUMNS} columns with most gaps; the exported imputer fills "
            "all that can be filled."
        )
    of_images = [gap.name for gap in gaps if gap.name in dataset.measured]
    notes += _of_images(dataset, of_images)
    roles = {column: role for role, column in dataset.roles.named().items()}
    notes += [
        f"{name(gap.name)} is the {roles[gap.name]}: nothing is made up there."
        for gap in gaps
        if gap.name in roles
    ]
    others = [gap for gap in gaps if gap.name not in of_images and gap.name not in roles]
    if any(dataset[gap.name].kind not in ("numeric", "category", "boolean") for gap in others):
        notes.append("Dates, texts, identifiers and images are not imputed.")
    return tuple(notes)


def _of_images(dataset: Dataset, measured: Sequence[str]) -> tuple[str, ...]:
    """Why what is measured of images is not imputed. measured: those of these columns that have gaps."""
    if not measured or dataset.pictures is None:
        return ()
    own = dataset.source_ids(np.arange(dataset.rows))
    own = own[own < dataset.pictures.rows]
    lost = int((~dataset.pictures.readable_at(own)).sum())
    return (
        f"Neither predicted nor imputed, as measured of images: {names(measured)}. Values are missing "
        + (f"where the image could not be read ({count(lost, 'image')}), or " if lost else "")
        + "where a measure does not apply, as the quality of a JPEG does not to a PNG.",
    )


def drawn_of(width: int, gappy: int) -> tuple[str, ...]:
    """That not all columns with gaps are drawn, where they are not."""
    return (f"The {width} columns with most gaps are drawn, of {gappy:,}.",) if width < gappy else ()
