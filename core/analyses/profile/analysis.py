"""What is in the data set, column by column, and what needs attention."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analyses.profile.alerts import AlertLimits, alerts, gathered
from core.analyses.profile.causes import excused, of_target
from core.analyses.profile.columns_by_year import columns_by_year
from core.analyses.profile.facts import ColumnFacts, ColumnProfile, Masks
from core.analyses.profile.filled import SHAPES, of_no_total, of_the_others, unfilled, without_rows
from core.analyses.profile.footnotes import footnotes
from core.analyses.profile.measure import measure
from core.analyses.profile.readable import readable
from core.analyses.profile.renamed_columns import Marks, marks, renamed_columns, wide
from core.analyses.profile.result import Profile
from core.analyses.profile.total_hints import FEW, Hints, hints
from core.analyses.profile.total_rows import explained, total_rows
from core.analysis import Analysis
from core.dataset import Dataset
from core.finding import Finding, ranked
from core.phrases import count
from core.prepare.equal_rows import equal_to_none
from core.prepare.filling import along
from core.prepare.hashes import row_hashes
from core.prepare.lacked import parts_lacking
from core.progress import Progress
from core.rowset import RowSet
from core.settings import Settings, knob
from core.workers import LocalThreads

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS_AT_ONCE_MB = 1_000


@dataclass(frozen=True)
class ProfileSettings(Settings):
    """Limits of the alerts, and how finely histograms are drawn."""

    bins: int = knob(50, "Bins", "Most bins of a histogram; fewer where the data are few.", 5, 50)
    missing: float = knob(
        0.05, "Missing", "Share of missing values above which a column gets a warning.", 0, 0.5
    )
    dominant: float = knob(
        0.95, "Dominant value", "Share of one value from which a column counts as near-constant.", 0.5, 1
    )
    distinct: float = knob(
        0.95,
        "Distinct values",
        "Share of distinct values from which a column counts as an identifier.",
        0.5,
        1,
    )
    skew: float = knob(
        2.0, "Skewness", "Skewness, to either side, above which a column counts as skewed.", 0.5, 20
    )
    zeros: float = knob(0.5, "Zeros", "Share of zeros from which a column counts as zero-inflated.", 0.1, 1)
    levels: int = knob(
        50,
        "Levels",
        "Levels above which a category has high cardinality, if they have few rows each.",
        2,
        10_000,
    )


@dataclass(frozen=True)
class _Leaf:
    """What is kept of one column: the profile, its findings, what tells whether it repeats another, and what
    it says about rows of totals.
    """

    column: ColumnProfile
    findings: list[Finding]
    marks: Marks | None
    hints: Hints | None


def profile(dataset: Dataset, settings: ProfileSettings, progress: Progress) -> Profile:
    """The profile of every column, read and let go one at a time (a few at once, as many as fit in a
    gigabyte).
    """
    masks = [(part, dataset.part_mask(part)) for part in ("train", "serve")[: 2 if dataset.split else 1]]  # type: ignore[arg-type]
    leaves = _leaves(dataset, settings, masks, progress.part(0.0, 0.7))
    own = dataset.independent  # what alerts look at
    unique = own is dataset and any(one.column.distinct == dataset.rows for one in leaves)
    repeats = RowSet() if unique else _repeats(own, progress.part(0.7, 0.9))
    renamed = renamed_columns(
        [(one.column.name, one.marks) for one in leaves], lambda name: own.table([name]).column(0)
    )
    totals = total_rows(own, [one.hints for one in leaves if one.hints], _within(own, masks))
    told, totals = _shapes(own, settings, masks, [f for one in leaves for f in one.findings], totals)
    single = explained(told, [*totals, *footnotes(own, _within(own, masks), totals)])
    findings = of_target(own, [*renamed, *single])
    each = ranked(excused(own, findings, progress.part(0.9, 1.0)))
    return Profile(
        settings=settings,
        columns=tuple(one.column for one in leaves),
        each=each,
        found=ranked([*gathered(each), *wide(own), *columns_by_year(own)]),
        n=dataset.rows,
        parts=tuple((part, int(mask.sum())) for part, mask in masks),
        bytes=sum(one.column.bytes for one in leaves),
        duplicates=len(repeats),
        notes=_notes(dataset),
    )


def _notes(dataset: Dataset) -> tuple[str, ...]:
    """Which rows are counted but not looked at for alerts, and which columns."""
    notes = []
    if dataset.copies:
        told = count(len(dataset.copies), "row")
        notes.append(
            f"Columns are described with the {told} that a step made of others; alerts are of the rest."
        )
    if dataset.measured:
        told = count(len(dataset.measured), "column")
        notes.append(
            f"{told} measured of pictures (image_…) described without alerts: Issues judges pictures by them."
        )
    return tuple(notes)


def _within(dataset: Dataset, masks: Masks) -> Masks:
    """The masks without what they go on beyond the rows."""
    return tuple((part, mask[: dataset.rows]) for part, mask in masks)


def _shapes(
    dataset: Dataset, settings: ProfileSettings, masks: Masks, findings: list[Finding], totals: list[Finding]
) -> tuple[list[Finding], list[Finding]]:
    """The findings with those of shapes as they are without the cells of rows that are likely totals, and
    that of the totals, which explains those that are gone.
    """
    asked = {one.columns[0] for one in findings if one.code in SHAPES} if totals else set()
    if not asked:
        return findings, totals
    [total] = totals
    describe, limits = _describing(dataset, settings), _limits(dataset, settings)
    own = _within(dataset, masks)
    shapes: list[Finding] = []
    for name in sorted(asked):
        values, filled = unfilled(dataset, name)
        cells = int(np.asarray(values.is_valid())[total.rows.ids].sum())
        facts = describe(dataset, name, own, without_rows(values, total.rows))
        found = [one for one in alerts(facts, limits, None) if one.code in SHAPES]
        shapes += [of_no_total(of_the_others(one, filled), cells) for one in found]
    still = {one.key for one in shapes}
    gone = [one for one in findings if one.code in SHAPES and one.key not in still]
    return [*(one for one in findings if one.code not in SHAPES), *shapes], [total.explaining(gone)]


def _decimal(dataset: Dataset) -> str:
    return str(dataset.source.options.get("decimal") or ".")


def _describing(dataset: Dataset, settings: ProfileSettings) -> Callable[..., ColumnFacts]:
    """What measures a column of these data, or of those of their rows that are no copies, of which it may be
    given other ``values``.
    """
    roles = {column: role for role, column in dataset.roles.named().items()}
    decimal, lacking = _decimal(dataset), parts_lacking(dataset, dataset.names)

    def described(
        data: Dataset, name: str, masks: Masks, values: pa.ChunkedArray | None = None
    ) -> ColumnFacts:
        values = data.table([name]).column(0) if values is None else values
        role, lacked = roles.get(name, ""), lacking.get(name, "")
        return measure(data[name], values, masks, role, settings.bins, decimal, lacked)

    return described


def _leaves(dataset: Dataset, settings: ProfileSettings, masks: Masks, progress: Progress) -> list[_Leaf]:
    """Each column's profile and findings, in the order of the source."""
    roles = {column: role for role, column in dataset.roles.named().items()}
    limits, described = _limits(dataset, settings), _describing(dataset, settings)

    own = dataset.independent
    own_masks = tuple((part, mask[: own.rows]) for part, mask in masks)
    ours = set(dataset.measured)
    # numbers in one part and words in the other are not mixed within either
    differ = {one.columns[0] for one in dataset.loading if one.code == "type_differs"}

    def leaf(name: str) -> _Leaf:
        progress.check()
        facts = described(dataset, name, masks)
        if name in ours:
            return _Leaf(facts.profile, [], None, None)
        alarming = facts if own is dataset else described(own, name, own_masks)
        numbers = readable(alarming, "numeric", least=FEW)
        left, filled = unfilled(own, name)
        shape = described(own, name, own_masks, left) if filled else None
        each = [
            of_the_others(one, filled) if one.code in SHAPES else one
            for one in alerts(alarming, limits, numbers, shape)
        ]
        single = [one for one in each if one.code != "mixed_type" or name not in differ]
        return _Leaf(facts.profile, single, marks(alarming), hints(alarming, own_masks, single, numbers))

    def known(name: str) -> _Leaf:
        """Of a column that decisions left alone, what is known already."""
        if dataset.changes is not None and dataset.changes.kept is not None:
            return leaf(name)
        key = (dataset.column_key(name), roles.get(name, ""), settings, limits, dataset.split)
        return dataset.shared.latest(("profile", name), key, lambda: leaf(name))

    leaves: list[_Leaf] = []
    # or the last one keeps a thread waiting
    slow_first = sorted(dataset.names, key=lambda name: dataset[name].stored != "string")
    for done in LocalThreads(_columns_at_once(dataset)).map(known, slow_first):
        leaves.append(done)
        progress.at(len(leaves) / len(dataset.names), f"Column {len(leaves)} of {len(dataset.names)}")
    place = {name: at for at, name in enumerate(dataset.names)}
    return sorted(leaves, key=lambda one: place[one.column.name])


def _limits(dataset: Dataset, settings: ProfileSettings) -> AlertLimits:
    """The limits of the alerts; the data were loaded when their file in the workspace was written."""
    with dataset.readable():
        loaded = int(dataset.path.stat().st_mtime) * 1_000_000
    return AlertLimits(
        missing=settings.missing,
        dominant=settings.dominant,
        distinct=settings.distinct,
        skew=settings.skew,
        zeros=settings.zeros,
        levels=settings.levels,
        loaded=loaded,
        along=along(dataset),
    )


def _repeats(dataset: Dataset, progress: Progress) -> RowSet:
    """Rows that repeat an earlier one of their part, by content hash, as `duplicates` counts them."""
    hashes = row_hashes(dataset, progress=progress) ^ dataset.part_mask("serve")
    alone = equal_to_none(dataset).mask(dataset.rows)
    ascending = np.sort(hashes[~alone])
    twice = ascending[1:][ascending[1:] == ascending[:-1]]
    if not twice.size:
        return RowSet()
    candidates = np.flatnonzero(
        ~alone & np.isin(hashes, twice)
    )  # ascending: of equal rows the first comes first
    _, first = np.unique(hashes[candidates], return_index=True)
    return RowSet(np.delete(candidates, first))


def _columns_at_once(dataset: Dataset) -> int:
    """How many columns may be worked on together: the work needs about eight times a column's size."""
    each = 8 * dataset.bytes / len(dataset.names)
    return int(np.clip(COLUMNS_AT_ONCE_MB * 1e6 // max(each, 1.0), 1, LocalThreads().threads))


ANALYSIS = Analysis(
    "Profile",
    "What is in it, and what needs attention?",
    "explore/profile",
    profile,
    tab="Columns",
    icon="view_column",
    place=10,
    copies=True,
)
