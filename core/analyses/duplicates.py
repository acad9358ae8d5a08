"""Rows that repeat others, columns that repeat others, and equal rows whose labels disagree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analysis import Analysis, Result
from core.dataset import Dataset
from core.finding import Finding, Severity, ranked
from core.numerics.grouping import Conflicts, Ids, Mask, Repeats, chance_equal_columns, poisson_limit
from core.numerics.rowhash import Hashes, hash_column, mix
from core.phrases import count, left_out, name, names, number, percent
from core.prepare.levels import encoded
from core.progress import Progress
from core.rowset import RowSet
from core.settings import Settings, column, knob

if TYPE_CHECKING:
    import pandas as pd

_LABELS = 20  # a number with more values than this is a measurement, and equal things may measure differently
_WARN_SHARE = 0.01
_GRAVE_SHARE = 0.05  # of rows with conflicting labels
# of rows that repeat but for an identifier: beyond it the columns describe kinds of things
_KINDS_SHARE = 0.5
_ACCIDENT = 0.001  # how likely any two of the columns may agree by chance (Bonferroni over all pairs)


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


@dataclass(frozen=True)
class EqualColumns:
    """Columns with the same values in the same rows.

    kept: the one to keep, which is the target where it is among them, then any other column with a role.
    copies: the others.
    chance: how likely it is that two columns with these value counts agree, over all pairs of columns
        (Bonferroni; at most 1).
    """

    kept: str
    copies: tuple[str, ...]
    chance: float


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
    """

    exact: Repeats
    loose: Repeats | None
    identifiers: tuple[str, ...]
    equal_columns: tuple[EqualColumns, ...]
    conflicts: Conflicts | None
    target: str
    unsought: str
    serve: Mask

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

    @property
    def findings(self) -> tuple[Finding, ...]:
        """``duplicate_rows``, ``duplicate_but_identifier``, ``duplicate_columns``, ``conflicting_labels``."""
        loose = [] if self.loose is None else _loose_findings(self.loose, self.exact, self.identifiers)
        labels = [] if self.conflicts is None else _conflict_findings(self.conflicts, self.target)
        columns = [_equal_columns(equal, self.target, self.serve.size) for equal in self.equal_columns]
        return ranked([*_row_findings(self.exact), *loose, *columns, *labels])

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
    identifiers = tuple(
        column
        for column in dataset.names
        if dataset[column].kind == "identifier" or column == dataset.roles.id
    )
    free = tuple(column for column in dataset.names if column not in identifiers)
    features = tuple(column for column in free if column not in (settings.target, dataset.roles.weight))
    unsought = _why_not(dataset, settings.target, features)
    looser = free if settings.ignore_identifiers and identifiers and free else ()
    wanted = [dataset.names, looser, () if unsought else features]
    keys, by_content = _hash(dataset, wanted, progress.part(0.0, 0.6))
    repeats = []
    for i, compared in enumerate(wanted):
        progress.at(0.6 + 0.1 * i, "Comparing values")
        hashes = (hash_column(dataset.table([column]).column(0)) for column in compared)
        repeats.append(
            Repeats.of(keys[i], _judge(dataset, compared), hashes, settings.seed) if compared else None
        )
    exact, loose, alike = repeats
    progress.at(0.9, "Comparing columns")
    conflicts = None if alike is None else Conflicts.of(alike, _label_numbers(dataset, settings.target))
    equal_columns = _columns_of_equal_content(dataset, by_content, settings.target)
    progress.at(1.0, "Done")
    if exact is None:  # no columns: nothing to compare
        exact = Repeats.of(np.arange(dataset.rows, dtype=np.uint64), lambda a, b: a == b, [], settings.seed)
    serve = dataset.part_mask("serve")
    return DuplicateResult(
        settings=settings,
        notes=tuple(filter(None, [_WITHIN if serve.any() else "", unsought])),
        exact=exact,
        loose=loose,
        identifiers=identifiers,
        equal_columns=equal_columns,
        conflicts=conflicts,
        target=settings.target,
        unsought=unsought,
        serve=serve,
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


def _hash(
    dataset: Dataset, wanted: Sequence[Sequence[str]], progress: Progress
) -> tuple[list[Hashes], dict[int, list[str]]]:
    """Row keys for each set of columns (part included), and the columns by the hash of their whole
    content.
    """
    start = mix(dataset.part_mask("serve").astype(np.uint64))
    keys = [start.copy() for _ in wanted]
    place = mix(np.arange(dataset.rows, dtype=np.uint64))
    content: dict[int, list[str]] = {}
    for one in progress.each(dataset.names, "Hashing columns"):
        values = hash_column(dataset.table([one]).column(0))
        content.setdefault(int(mix(values ^ place).sum()), []).append(one)
        keys = [
            mix(key ^ values) if one in compared else key for key, compared in zip(keys, wanted, strict=True)
        ]
    return keys, content


def _judge(dataset: Dataset, columns: Sequence[str]) -> Callable[[Ids, Ids], Mask]:
    """The test of equality on values; missing equals missing."""
    import pyarrow.compute as pc

    serve = dataset.part_mask("serve")

    def same(rows: Ids, others: Ids) -> Mask:
        equal = serve[rows] == serve[others]
        for one in columns:
            values = dataset.table([one]).column(0)
            a, b = values.take(rows), values.take(others)
            both = pc.if_else(
                pc.or_(a.is_null(), b.is_null()), pc.and_(a.is_null(), b.is_null()), pc.equal(a, b)
            )
            equal &= np.asarray(both.to_numpy(), dtype=bool)
        return np.asarray(equal, dtype=bool)

    return same


def _columns_of_equal_content(
    dataset: Dataset, by_content: dict[int, list[str]], target: str
) -> tuple[EqualColumns, ...]:
    """Columns of equal content hash, checked value by value; a column that holds one value only is
    ``constant`` and no repeat.
    """
    import pyarrow.compute as pc

    roles = dataset.roles
    pairs = len(dataset.names) * (len(dataset.names) - 1) / 2
    groups = []
    for candidates in by_content.values():
        if len(candidates) < 2:
            continue
        first = dataset.table(candidates[:1]).column(0)
        equal = [column for column in candidates if dataset.table([column]).column(0).equals(first)]
        counts = pc.value_counts(first).field("counts").to_numpy().astype(np.int64)
        if len(equal) > 1 and counts.size > 1:
            wanted = (target, roles.target, roles.id, roles.time, roles.group, roles.weight, *equal)
            kept = next(column for column in wanted if column in equal)
            copies = tuple(column for column in equal if column != kept)
            groups.append(EqualColumns(kept, copies, min(1.0, pairs * chance_equal_columns(counts))))
    return tuple(groups)


def _label_numbers(dataset: Dataset, target: str) -> Ids:
    return encoded(dataset.table([target]).column(0))[0]


def _row_findings(exact: Repeats) -> list[Finding]:
    fields = _repeat_fields(
        "repeat an earlier row in every column",
        exact,
        exact.excess,
        why="A repeated row counts twice in every estimate, and copies on both sides of a split make the "
        "test score too good.",
        suggestion="Drop the repeats (the first row of each group stays). If the same thing was truly "
        "observed several times, keep them.",
        fix="data = data.drop_duplicates()",
    )
    return [Finding(code="duplicate_rows", **fields)] if fields else []


def _loose_findings(loose: Repeats, exact: Repeats, identifiers: tuple[str, ...]) -> list[Finding]:
    fields = _repeat_fields(
        "repeat an earlier row in everything but identifiers",
        loose,
        loose.excess & ~exact.excess,
        why="Only the identifiers of these rows differ. If they are the same thing recorded twice, they "
        "count twice in every estimate.",
        suggestion="Look at a few. Drop the repeats if the identifiers mean nothing; keep them if different "
        "things may look alike.",
        fix=f"data = data[~data.drop(columns={list(identifiers)!r}).duplicated()]",
        kinds_show=bool(identifiers),
    )
    return [Finding(code="duplicate_but_identifier", columns=identifiers, **fields)] if fields else []


def _repeat_fields(
    what: str,
    repeats: Repeats,
    rows: Mask,
    *,
    why: str,
    suggestion: str,
    fix: str,
    kinds_show: bool = False,
) -> dict[str, Any]:
    """What a finding of repeats says, all but its code and columns; empty where nothing repeats.

    kinds_show: whether very many repeats mean that the columns describe kinds of things.
    """
    excess, limit = int(rows.sum()), poisson_limit(repeats.chance)
    if not excess:
        return {}
    share = excess / rows.size
    kinds = kinds_show and share > _KINDS_SHARE
    telling = excess > limit and not kinds
    if excess <= limit:
        suggestion = "Nothing to do: with columns of so few values as many rows agree by chance."
    elif kinds:
        suggestion = (
            "Most rows repeat: the columns describe kinds of things, not single things. Nothing to do, "
            "unless each row should be unique."
        )
    verb = what.replace("repeat", "repeats", 1) if excess == 1 else what
    return {
        "title": f"{count(excess)} of {count(rows.size, 'row')} {verb} ({percent(share)}; expected by "
        f"chance: {number(round(repeats.chance, 1))})",
        "severity": "warning" if telling and share >= _WARN_SHARE else "info",
        "score": share**0.5 if telling else 0.0,
        "why": why,
        "suggestion": suggestion,
        "rows": RowSet.from_mask(rows),
        "value": float(excess),
        "measure": "rows that repeat another",
        "limit": float(limit),
        "noise": repeats.chance,
        "noise_is": "expected by chance",
        "n": rows.size,
        "action": "drop" if telling else "",
        "fix": fix if telling else "",
    }


def _equal_columns(equal: EqualColumns, target: str, rows: int) -> Finding:
    sure = equal.chance < _ACCIDENT
    leak = equal.kept == target
    severity: Severity = "warning" if sure else "info"
    score, why = 0.5, "The same information twice: weights and importances split between the copies."
    if leak:
        score, why = 1.0, "A column that equals the target gives the answer away."
        severity = "critical" if sure else "info"
    copies = "the copy" if len(equal.copies) == 1 else "the copies"
    return Finding(
        code="duplicate_columns",
        title=f"{names(equal.copies)} {'equals' if len(equal.copies) == 1 else 'equal'} "
        f"{'the target ' if leak else ''}{name(equal.kept)} in every row",
        severity=severity,
        score=score if sure else 0.0,
        why=why,
        suggestion=f"Leave out {copies} and keep {name(equal.kept)}."
        if sure
        else "Nothing to do: with values as rare as these, columns agree by chance.",
        columns=equal.copies,
        value=float(len(equal.copies) + 1),
        measure="columns with the same values",
        n=rows,
        action="omit" if sure else "",
        fix=left_out(*equal.copies) if sure else "",
    )


def _conflict_findings(conflicts: Conflicts, target: str) -> list[Finding]:
    torn, limit = int(conflicts.rows.sum()), 2 * poisson_limit(conflicts.chance / 2)
    if not torn:
        return []
    share = torn / conflicts.rows.size
    sure = torn > limit
    severity: Severity = "warning" if sure else "info"
    if sure and share >= _GRAVE_SHARE:
        severity = "critical"
    return [
        Finding(
            code="conflicting_labels",
            title=f"{count(torn, 'row')} in {count(conflicts.groups, 'group')} have equal features "
            f"and different labels in {name(target)} ({percent(share)})",
            severity=severity,
            score=share**0.5 if sure else 0.0,
            why=f"Any model that sees these features errs on at least {conflicts.unavoidable:,} of them.",
            suggestion="Relabel or drop the wrong ones, or add a feature that separates them."
            if sure
            else "The features hold so few values that rows agree by chance: add features that separate the "
            "rows.",
            rows=RowSet.from_mask(conflicts.rows),
            columns=(target,),
            value=float(torn),
            measure="rows with conflicting labels",
            limit=float(limit),
            noise=conflicts.chance,
            noise_is="expected by chance",
            n=conflicts.rows.size,
            action="relabel" if sure else "",
        )
    ]


ANALYSIS = Analysis("Duplicates", "Which rows and columns repeat others?", "clean/issues", duplicates)
