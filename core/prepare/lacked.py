"""Columns that one part does not have: a file of train or of serve without them. Their cells are empty there,
and no gaps to what asks here (profile, association, missingness, leakage).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.dataset.split import Part
from core.phrases import verb
from core.prepare.separating import why_apart

_LACKS: dict[str, Part] = {"missing_in_serve": "serve", "new_in_serve": "train"}

Mask = NDArray[np.bool_]


def parts_lacking(dataset: Dataset, names: Collection[str]) -> dict[str, Part]:
    """Of ``names`` those that one part lacks, by what loading found, and which part that is; by the names
    that steps gave them. Not those that hold a value there all the same, as where a step filled them.
    """
    loaded = {one.columns[0]: _LACKS[one.code] for one in dataset.loading if one.code in _LACKS}
    return {name: part for name, part in loaded.items() if name in names and _empty(dataset, name, part)}


def _empty(dataset: Dataset, name: str, part: Part) -> bool:
    missing = dataset.table([name]).column(0).is_null().to_numpy()
    return bool(missing[dataset.part_mask(part)].all())


def of_both(dataset: Dataset, names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of ``names`` those that both parts have, and those that one lacks: that it lacks them is no difference
    of its rows. Where only such are asked for, these stand first, and none is left out.
    """
    lacking = parts_lacking(dataset, names)
    both = tuple(name for name in names if name not in lacking)
    return (both, tuple(name for name in names if name in lacking)) if both else (tuple(names), ())


def reasons(dataset: Dataset, left_out: Sequence[str]) -> list[tuple[tuple[str, ...], str]]:
    """Of columns that were left out as they separate the parts, or as only one has them, those of each reason
    and the reason, as part of a sentence.
    """
    lacking = parts_lacking(dataset, left_out)
    why = {name: "lacked" if name in lacking else why_apart(dataset, name) for name in left_out}
    words = (
        ("", "it separates train from serve on its own", "they separate train from serve on their own"),
        ("time", "the data are split by this time", "the data are split by these times"),
        ("name", "it names the part", "they name the part"),
        ("lacked", "only one of train and serve has it", "only one of train and serve has them"),
    )
    some = {reason: tuple(name for name in left_out if why[name] == reason) for reason, _, _ in words}
    return [(some[of], verb(len(some[of]), one, many)) for of, one, many in words if some[of]]


def rows_with(dataset: Dataset, names: Collection[str]) -> dict[str, Mask]:
    """Of those of ``names`` that one part lacks, which rows are of the other part."""
    return {name: ~dataset.part_mask(part) for name, part in parts_lacking(dataset, names).items()}
