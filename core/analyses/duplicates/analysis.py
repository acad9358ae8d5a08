"""Rows that repeat others, columns that repeat others, and equal rows whose labels disagree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analyses.duplicates.equal_columns import EqualColumns, columns_of_equal_content
from core.analyses.duplicates.equality import apart_from_others, equality, hashed, within_parts
from core.analyses.duplicates.findings import (
    WARN_SHARE,
    conflict_findings,
    equal_columns_finding,
    loose_findings,
    row_findings,
)
from core.analysis import Analysis, Result
from core.dataset import Dataset
from core.finding import Finding, ranked
from core.numerics.grouping import Conflicts, Ids, Mask, Repeats, pairs_one_apart
from core.numerics.rowhash import Hashes, hash_column
from core.phrases import count, name
from core.prepare.equal_rows import but_names, describing, naming, shown_by
from core.prepare.levels import encoded
from core.progress import Progress
from core.settings import Settings, column, knob

if TYPE_CHECKING:
    import pandas as pd

_LABELS = 20  # a number with more values than this is a measurement, and equal things may measure differently


@dataclass(frozen=True)
class DuplicateSettings(Settings):
    """What counts as equal."""

    ignore_identifiers: bool = knob(
        True,
        "Ignore identifiers",
        "Besides rows that are equal in every column, find rows equal in all but the identifiers: a "
        "running number hides every repeat.",
    )
    target: str = column(
        "Target",
        "Equal rows that differ here have conflicting labels.",
        ("category", "boolean", "numeric", "text", "datetime"),
        "target",
    )
    seed: int = knob(
        0, "Seed", "Of the permutations that estimate how many rows are equal by chance.", 0, 2**31 - 1
    )


_WITHIN = "Rows are compared within their part: a serving row that equals a training row is not a repeat."


@dataclass(frozen=True, eq=False, kw_only=True)
class DuplicateResult(Result):
    """What repeats what.

    exact: rows equal in all columns.
    loose: rows equal in all but ``identifiers``; None where there are none or they count.
    identifiers: the columns that ``loose`` leaves aside.
    equal_columns: columns with the same content.
    conflicts: equal features with different labels; None where they were not looked for.
    target: the column whose labels may conflict, or "".
    unsought: why conflicts were not looked for, or "".
    serve: mask of the serve part.
    images: whether rows are of pictures, and equal ones show the same to the pixel.
    """

    exact: Repeats
    loose: Repeats | None
    identifiers: tuple[str, ...]
    equal_columns: tuple[EqualColumns, ...]
    conflicts: Conflicts | None
    target: str
    unsought: str
    serve: Mask
    images: bool = False

    @property
    def shown(self) -> Repeats:
        """The wider notion of equal: the groups of `rows` and `frame`."""
        return self.loose or self.exact

    def groups(self, code: str) -> NDArray[np.int32] | None:
        """The group of equal rows of each row (-1: none) that a finding with this code rests on; None where
        it rests on none.
        """
        rests_on = {
            "duplicate_rows": self.exact,
            "duplicate_but_identifier": self.loose,
            "conflicting_labels": self.conflicts,
        }.get(code)
        return None if rests_on is None else rests_on.group

    def partners(self, code: str, row: int) -> Ids:
        """The other rows of the group of ``row``, ascending; see `groups`."""
        group = self.groups(code)
        if group is None or group[row] < 0:
            return np.zeros(0, np.int64)
        rows: Ids = np.flatnonzero(group == group[row])
        return np.asarray(rows[rows != row], dtype=np.int64)

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Rows, excess rows (all less the different ones) with their number by chance, groups, duplicate
        columns, conflicts.
        """
        facts: dict[str, float | int | str] = {
            "rows": self.serve.size,
            "excess_rows": int(self.exact.excess.sum()),
            "excess_by_chance": round(self.exact.chance, 3),
            "groups": self.exact.sizes.size,
            "largest_group": int(self.exact.sizes.max(initial=0)),
            "duplicate_columns": sum(len(equal.copies) for equal in self.equal_columns),
        }
        if self.loose is not None:
            facts["excess_rows_but_identifiers"] = int(self.loose.excess.sum())
        if self.conflicts is not None:
            facts["conflicting_rows"] = int(self.conflicts.rows.sum())
            facts["unavoidable_errors"] = self.conflicts.unavoidable
        return facts

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """``duplicate_rows``, ``duplicate_but_identifier``, ``duplicate_columns``, ``conflicting_labels``."""
        loose = (
            []
            if self.loose is None
            else loose_findings(self.loose, self.exact, self.identifiers, self.target or None)
        )
        labels = (
            []
            if self.conflicts is None
            else conflict_findings(self.conflicts, self.target, self.images, bool(self.serve.any()))
        )
        columns = [equal_columns_finding(equal, self.target, self.serve.size) for equal in self.equal_columns]
        return ranked([*row_findings(self.exact), *loose, *columns, *labels])

    def frame(self) -> pd.DataFrame:
        """One line per group of equal rows, the largest first; ``identical``: in every column, identifiers
        included.
        """
        import pandas as pd

        shown = self.shown
        heads = np.flatnonzero((shown.group >= 0) & ~shown.excess)
        heads = heads[np.argsort(shown.group[heads], kind="stable")]
        versions = np.bincount(shown.group[(shown.group >= 0) & ~self.exact.excess], minlength=heads.size)
        part = np.where(self.serve[heads], "serve", "train")
        plain = {
            "size": shown.sizes,
            "excess": shown.sizes - 1,
            "identical": versions == 1,
            "first_row": heads,
            "part": part,
        }
        return pd.DataFrame({"group": np.arange(heads.size), **plain})

    def rows(self) -> pd.DataFrame:
        """Per row: its group (missing where no other row is equal), the group's size, whether it repeats an
        earlier row, whether another row is identical in every column, whether its label conflicts with that
        of an equal row."""
        import pandas as pd

        shown = self.shown
        alone = shown.group < 0
        return pd.DataFrame(
            {
                "row": np.arange(alone.size),
                "group": pd.arrays.IntegerArray(shown.group.astype(np.int64), alone),
                "size": np.where(alone, 1, np.append(shown.sizes, 1)[shown.group]),
                "excess": shown.excess,
                "identical": self.exact.group >= 0,
                "conflict": np.zeros(alone.size, bool) if self.conflicts is None else self.conflicts.rows,
            }
        )


def duplicates(dataset: Dataset, settings: DuplicateSettings, progress: Progress) -> DuplicateResult:
    """Exact repeats of rows and columns, by 64-bit content hashes that are then checked value by value.

    Rows are compared within their part. Reads one column at a time.
    """
    identifiers, free, shown = naming(dataset), but_names(dataset), shown_by(dataset)
    features = describing(dataset, settings.target)
    unsought = _why_not(dataset, settings.target, features)
    looser = free if settings.ignore_identifiers and identifiers and free else ()
    wanted = [dataset.names, looser, () if unsought else features]
    keys, by_content = hashed(dataset, wanted, progress.part(0.0, 0.6))
    exact, loose, alike = _repeats(dataset, wanted, keys, settings.seed, progress.part(0.6, 0.9))
    progress.at(0.9, "Comparing columns")
    loose, alike = (
        some if shown else _with_neighbours(dataset, compared, some)
        for compared, some in ((looser, loose), (features, alike))
    )
    conflicts = None if alike is None else Conflicts.of(alike, _label_numbers(dataset, settings.target))
    equal_columns = columns_of_equal_content(dataset.independent, by_content, settings.target)
    progress.at(1.0, "Done")
    if exact is None:  # no columns: nothing to compare
        exact = Repeats.of(np.arange(dataset.rows, dtype=np.uint64), lambda a, b: a == b, [], settings.seed)
    serve = dataset.part_mask("serve")
    return DuplicateResult(
        settings=settings,
        notes=tuple(filter(None, [_WITHIN if serve.any() else "", _added(dataset), unsought])),
        exact=exact,
        loose=loose,
        identifiers=identifiers,
        equal_columns=equal_columns,
        conflicts=conflicts,
        target=settings.target,
        unsought=unsought,
        serve=serve,
        images=bool(shown),
    )


def _repeats(
    dataset: Dataset, wanted: Sequence[Sequence[str]], keys: Sequence[Hashes], seed: int, progress: Progress
) -> list[Repeats | None]:
    """Rows that are equal in each of these sets of columns, by ``keys``; None for a set without columns."""
    repeats: list[Repeats | None] = []
    within = within_parts(dataset)
    for i, compared in enumerate(wanted):
        progress.at(i / len(wanted), "Comparing values")
        if compared:
            hashes = (hash_column(dataset.table([column]).column(0)) for column in compared)
            repeats.append(Repeats.of(keys[i], equality(dataset, compared), hashes, seed, within))
        else:
            repeats.append(None)
    return repeats


def _with_neighbours(dataset: Dataset, compared: Sequence[str], repeats: Repeats | None) -> Repeats | None:
    """The repeats, with the pairs of rows that differ in one column alone where there are enough of them to
    be a warning.
    """
    if repeats is None or repeats.excess.sum() <= WARN_SHARE / 2 * repeats.first.size:
        return repeats

    def columns() -> Iterator[Hashes]:
        return (hash_column(dataset.table([one]).column(0)) for one in compared)

    return replace(repeats, one_apart=pairs_one_apart(columns, apart_from_others(dataset)))


def _added(dataset: Dataset) -> str:
    """That rows that a step added are compared with none: they may repeat others on purpose."""
    return (
        f"{count(len(dataset.added), 'added row')} not compared: a step added them." if dataset.added else ""
    )


def _why_not(dataset: Dataset, target: str, features: Sequence[str]) -> str:
    """Why conflicting labels cannot be looked for; empty where they can."""
    if not target:
        return "Conflicting labels were not looked for: choose a target column."
    if not features:
        return (
            "Conflicting labels were not looked for: there is no column besides the target and identifiers."
        )
    if (
        dataset[target].kind in ("numeric", "datetime")
        and len(dataset.table([target]).column(0).unique()) > _LABELS
    ):
        return (
            f"Conflicting labels were not looked for: {name(target)} is a measurement with more than "
            f"{_LABELS} values, not a label."
        )
    return ""


def _label_numbers(dataset: Dataset, target: str) -> Ids:
    return encoded(dataset.table([target]).column(0))[0]


ANALYSIS = Analysis(
    "Duplicates", "Which rows and columns repeat others?", "clean/issues", duplicates, copies=True
)
