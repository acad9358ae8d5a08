"""Rows that repeat others, columns that repeat others, and equal rows whose labels disagree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis import Analysis, Result
from core.dataset import Dataset
from core.finding import Finding, Severity, ranked
from core.numerics.grouping import Conflicts, Ids, Mask, Repeats, chance_equal_columns, poisson_limit
from core.numerics.rowhash import Hashes, hash_column, mix
from core.progress import Progress
from core.rowset import RowSet
from core.settings import Settings, column, knob

if TYPE_CHECKING:
    import pandas as pd

_LABELS = 20  # a number with more values than this is a measurement, and equal things may measure differently
_WARN_SHARE = 0.01
# of rows that repeat but for an identifier: beyond it the columns describe kinds of things
_KINDS_SHARE = 0.5


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
    seed: int = knob(0, "Seed", "Of the shuffles that tell how many rows are equal by chance.", 0, 2**31 - 1)


_WITHIN = "Rows are compared within their part: a serving row that equals a training row is not a repeat."


@dataclass(frozen=True)
class Twins:
    """Columns with the same values in the same rows. ``chance``: how likely that is for columns with these
    value counts.
    """

    columns: tuple[str, ...]
    chance: float


@dataclass(frozen=True, eq=False)
class DuplicateResult(Result):
    """``exact``: equal in all columns. ``loose``: equal in all but ``identifiers``; None where there are none
    or they count.

    ``conflicts`` is None where conflicting labels were not looked for; ``unsought`` says why. ``serve``: mask
    of the serve part.
    """

    exact: Repeats
    loose: Repeats | None
    identifiers: tuple[str, ...]
    twins: tuple[Twins, ...]
    conflicts: Conflicts | None
    target: str
    unsought: str
    serve: Mask

    @property
    def shown(self) -> Repeats:
        """The wider notion of equal: the groups of `rows` and `frame`."""
        return self.loose or self.exact

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Rows, excess rows (all less the different ones) with their number by chance, groups, duplicate
        columns, conflicts.
        """
        said: dict[str, float | int | str] = {
            "rows": self.serve.size,
            "excess_rows": int(self.exact.excess.sum()),
            "excess_by_chance": round(self.exact.chance, 3),
            "groups": self.exact.sizes.size,
            "largest_group": int(self.exact.sizes.max(initial=0)),
            "duplicate_columns": sum(len(twins.columns) - 1 for twins in self.twins),
        }
        if self.loose is not None:
            said["excess_rows_but_identifiers"] = int(self.loose.excess.sum())
        if self.conflicts is not None:
            said["conflicting_rows"] = int(self.conflicts.rows.sum())
            said["unavoidable_errors"] = self.conflicts.unavoidable
        return said

    @property
    def findings(self) -> tuple[Finding, ...]:
        """``duplicate_rows``, ``duplicate_but_identifier``, ``duplicate_columns``, ``conflicting_labels``."""
        loose = [] if self.loose is None else _loose_findings(self.loose, self.exact, self.identifiers)
        labels = [] if self.conflicts is None else _conflict_findings(self.conflicts, self.target)
        columns = [_twin_finding(twins, self.target) for twins in self.twins]
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
        name for name in dataset.names if dataset[name].kind == "identifier" or name == dataset.roles.id
    )
    free = tuple(name for name in dataset.names if name not in identifiers)
    features = tuple(name for name in free if name not in (settings.target, dataset.roles.weight))
    unsought = _why_not(dataset, settings.target, features)
    looser = free if settings.ignore_identifiers and identifiers and free else ()
    wanted = [dataset.names, looser, () if unsought else features]
    keys, twins = _hash(dataset, wanted, progress.part(0.0, 0.6))
    found = []
    for i, columns in enumerate(wanted):
        progress.at(0.6 + 0.1 * i, "Comparing values")
        hashes = (hash_column(dataset.table([name]).column(0)) for name in columns)
        found.append(
            Repeats.of(keys[i], _judge(dataset, columns), hashes, settings.seed) if columns else None
        )
    exact, loose, alike = found
    progress.at(0.9, "Comparing columns")
    labels = None if alike is None else Conflicts.of(alike, _label_numbers(dataset, settings.target))
    same = _twins(dataset, twins)
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
        twins=same,
        conflicts=labels,
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
            f"Conflicting labels were not looked for: {target!r} is a measurement with more than {_LABELS} "
            "values, not a label."
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
    for name in progress.each(dataset.names, "Hashing columns"):
        values = hash_column(dataset.table([name]).column(0))
        content.setdefault(int(mix(values ^ place).sum()), []).append(name)
        keys = [
            mix(key ^ values) if name in columns else key for key, columns in zip(keys, wanted, strict=True)
        ]
    return keys, content


def _judge(dataset: Dataset, columns: Sequence[str]) -> Callable[[Ids, Ids], Mask]:
    """The test of equality on values; missing equals missing."""
    import pyarrow.compute as pc

    serve = dataset.part_mask("serve")

    def same(rows: Ids, others: Ids) -> Mask:
        equal = serve[rows] == serve[others]
        for name in columns:
            values = dataset.table([name]).column(0)
            a, b = values.take(rows), values.take(others)
            both = pc.if_else(
                pc.or_(a.is_null(), b.is_null()), pc.and_(a.is_null(), b.is_null()), pc.equal(a, b)
            )
            equal &= np.asarray(both.to_numpy(), dtype=bool)
        return np.asarray(equal, dtype=bool)

    return same


def _twins(dataset: Dataset, content: dict[int, list[str]]) -> tuple[Twins, ...]:
    """Columns of equal content hash, checked value by value; columns that hold one value only are not worth a
    word.
    """
    import pyarrow.compute as pc

    found = []
    for names in content.values():
        first = dataset.table(names[:1]).column(0)
        same = (
            [name for name in names if dataset.table([name]).column(0).equals(first)]
            if len(names) > 1
            else names
        )
        if len(same) > 1:
            counts = pc.value_counts(first).field("counts").to_numpy().astype(np.int64)
            if counts.size > 1:
                found.append(Twins(tuple(same), chance_equal_columns(counts)))
    return tuple(found)


def _label_numbers(dataset: Dataset, target: str) -> Ids:
    values = dataset.table([target]).column(0).combine_chunks().dictionary_encode()
    return np.asarray(values.indices.fill_null(-1), dtype=np.int64)


def _row_findings(exact: Repeats) -> list[Finding]:
    why = (
        "A repeated row counts twice in every estimate, and with copies on both sides of a split a test "
        "score is too good."
    )
    cure = (
        "Drop the repeats (the first row of each group stays); if the same thing was truly observed "
        "several times, keep them."
    )
    return _repeat_finding(
        "duplicate_rows", "{} rows repeat an earlier row in every column", exact, exact.excess, why, cure
    )


def _loose_findings(loose: Repeats, exact: Repeats, identifiers: tuple[str, ...]) -> list[Finding]:
    why = (
        "Only the identifiers tell these rows apart. If they are the same thing recorded twice, they count "
        "twice in every estimate."
    )
    cure = (
        "Look at a few. Drop the repeats if the identifiers mean nothing; keep them if different things "
        "may look alike."
    )
    title = "{} rows repeat an earlier row in everything but identifiers"
    return _repeat_finding(
        "duplicate_but_identifier", title, loose, loose.excess & ~exact.excess, why, cure, identifiers
    )


def _repeat_finding(
    code: str, title: str, repeats: Repeats, rows: Mask, why: str, cure: str, columns: tuple[str, ...] = ()
) -> list[Finding]:
    count, limit = int(rows.sum()), poisson_limit(repeats.chance)
    if not count:
        return []
    share = count / rows.size
    kinds = bool(columns) and share > _KINDS_SHARE
    telling = count > limit and not kinds
    severity: Severity = "warning" if telling and share >= _WARN_SHARE else "info"
    if count <= limit:
        cure = "Nothing to do: with columns of so few values as many rows agree by chance."
    elif kinds:
        cure = (
            "Most rows repeat: the columns tell of kinds, not of single things. Nothing to do, unless each "
            "row should be the only one."
        )
    return [
        Finding(
            code,
            f"{title.format(f'{count:,}')} ({share:.2%} of {rows.size:,})",
            severity,
            score=share**0.5 if telling else 0.0,
            why=why,
            suggestion=cure,
            rows=RowSet.from_mask(rows),
            columns=columns,
            value=count,
            limit=limit,
            noise=repeats.chance,
            action="drop" if telling else "",
        )
    ]


def _twin_finding(twins: Twins, target: str) -> Finding:
    leak = target in twins.columns
    sure = twins.chance < 0.001
    others = [name for name in twins.columns if name != target]
    title = (
        (f"{', '.join(others)} {'equals' if len(others) == 1 else 'equal'} the target {target}")
        if leak
        else f"{', '.join(others)} are equal"
    )
    return Finding(
        "duplicate_columns",
        f"{title} in every row",
        "info" if not sure else "critical" if leak else "warning",
        score=0.0 if not sure else 1.0 if leak else 0.3,
        why="A column that equals the target gives the answer away."
        if leak
        else "The same information twice: weights and importances split.",
        suggestion="Leave the copy out of the features."
        if sure
        else ("Nothing to do: with so few rows columns agree by chance."),
        columns=twins.columns,
        value=len(twins.columns),
        limit=1.0,
        noise=twins.chance,
    )


def _conflict_findings(conflicts: Conflicts, target: str) -> list[Finding]:
    count, limit = int(conflicts.rows.sum()), 2 * poisson_limit(conflicts.chance / 2)
    if not count:
        return []
    share = count / conflicts.rows.size
    sure = count > limit
    return [
        Finding(
            "conflicting_labels",
            f"{count:,} rows in {conflicts.groups:,} groups have equal features and different {target} "
            f"({share:.2%})",
            "info" if not sure else "critical" if share >= 0.05 else "warning",
            score=share**0.5 if sure else 0.0,
            why="No model that sees these features can be right about more than all but "
            f"{conflicts.unavoidable:,} of them.",
            suggestion="Relabel or drop the wrong ones, or add the feature that tells them apart."
            if sure
            else (
                "The features hold so few values that rows agree by chance: add features that tell rows "
                "apart."
            ),
            rows=RowSet.from_mask(conflicts.rows),
            columns=(target,),
            value=count,
            limit=limit,
            noise=conflicts.chance,
            action="relabel" if sure else "",
        )
    ]


ANALYSIS = Analysis("Duplicates", "Which rows and columns repeat others?", "clean/issues", duplicates)
