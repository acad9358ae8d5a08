"""A coreset from rows, in two passes: one for the pilot, one to score and draw. Both are a leaf for each part
and a merge, run through `core.workers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from core.coreset.calibration import least_rows
from core.coreset.coreset import Coreset, Leaf
from core.coreset.decided_rows import touched
from core.coreset.ledger import Ledger
from core.coreset.parts import RowPart, can_be_drawn, checked, features_of, parts_of, types_of
from core.coreset.sample import SampleSize, room_for
from core.coreset.sketch import Sketch
from core.dataset import Dataset
from core.errors import InputError, SettingError, TargetError, TooSmallError
from core.phrases import name
from core.prepare.directions import are_directions
from core.prepare.pilot import KINDS, FirstLook, Kind, Pilot, PilotRoles, pilot_keys, pilot_of, target_texts
from core.prepare.pilot.encoder import plain_numbers
from core.progress import SILENT, Progress
from core.rowset import RowSet
from core.workers import LocalThreads, Workers

LEDGER_ROWS = 20_000_000  # the first of all rows, up to which the score of each is kept, for edits
FEW_CLASSES = 20  # distinct whole numbers up to which a target of numbers is taken as classes
_WHOLE = ("int64", "uint64")
_HEAD = 10_000  # rows


@dataclass(frozen=True)
class BuildPlan:
    """What is to be built.

    kind: of the loss: "logistic", "linear", "k-means", "pca", "trees", or "auto" for what fits the target.
    wanted: how many rows, from where. columns: that scores come from, all features by default. seed: of all
    draws. clusters: of k-means, or directions of PCA. by_id: whether rows are known by the id role, where
    there is one; else by their content.
    """

    kind: str = "auto"
    wanted: SampleSize = field(default_factory=SampleSize)
    columns: tuple[str, ...] = ()
    seed: int = 0
    clusters: int = 10
    by_id: bool = True


def build(
    source: Dataset | Sequence[Dataset],
    plan: BuildPlan | None = None,
    progress: Progress = SILENT,
    workers: Workers | None = None,
) -> Coreset:
    """A coreset of the train rows of a data set, or of several that are parts of one.

    workers: who reads the parts, each whole by one of them. Raises `TooSmallError` where nothing can be
    drawn or learned, `SettingError` where the plan does not fit, `InputError` where parts do not.
    """
    plan, workers = plan or BuildPlan(), workers or LocalThreads()
    datasets = (source,) if isinstance(source, Dataset) else tuple(source)
    if not datasets:
        raise SettingError("There is no part to build a coreset of.")
    pilot = _pilot(datasets, plan, progress.part(0.0, 0.4), workers)
    return built_with(pilot, datasets, plan.wanted, progress.part(0.4, 1.0), workers)


def built_with(
    pilot: Pilot,
    source: Dataset | Sequence[Dataset],
    wanted: SampleSize,
    progress: Progress = SILENT,
    workers: Workers | None = None,
) -> Coreset:
    """The coreset of these rows with a pilot that was learned before: their scores, and so merges and
    comparisons, are on its scale. Raises as `build` does.
    """
    datasets = (source,) if isinstance(source, Dataset) else tuple(source)
    parts = parts_of(datasets, pilot.read)
    roles, by_picture = pilot.roles, are_directions(pilot.read)
    rows = sum(can_be_drawn(dataset, roles.target, roles.weight, by_picture) for dataset in datasets)
    wanted = wanted.sized(rows, len(pilot.stratum_names()))
    work = partial(leaf_of, pilot=pilot, wanted=wanted, progress=_checked(progress, workers))
    leaves = list(progress_of((workers or LocalThreads()).map(work, parts), len(parts), progress, "Drawing"))
    coreset = Coreset(pilot, wanted, tuple(leaves))
    if not coreset.rows:
        raise TooSmallError("No row can be drawn: each lacks the target, or has no weight.")
    return coreset


def leaf_of(part: RowPart, pilot: Pilot, wanted: SampleSize, progress: Progress = SILENT) -> Leaf:
    """The leaf of one part: its rows scored, in batches. Their scores are kept where all of them are among
    the first `LEDGER_ROWS` of all parts, so that memory does not grow with the parts beyond.
    """
    dataset = part.opened
    rows = dataset.numbered
    room, sure = room_for(pilot, wanted, rows), int(wanted.size * wanted.certain)
    sketch, ledgers, slopes = None, [], []
    for table, number in part.tables(pilot.read):
        progress.check()
        if sketch is None:
            sketch = Sketch.none(pilot, table.schema, room, sure)
        marked = pilot.marked(table, slope=least_rows(pilot) is not None)
        if marked.slope is not None:
            slopes.append(marked.slope)
        sketch = sketch.with_rows(table, marked, number)
        if part.first + rows <= LEDGER_ROWS:
            ledgers.append(Ledger.of(marked, number))
    if sketch is None:
        schema = part.contents(pilot.read, np.zeros(0, np.int64)).schema
        sketch = Sketch.none(pilot, schema, room, sure)
    ledger = Ledger.joined(ledgers) if ledgers else None
    leaf = Leaf(dataset.name, dataset.fingerprint, part.first, rows, sketch, ledger)
    slope = tuple(map(sum, zip(*slopes, strict=True))) if slopes else None
    if dataset.changes is None:
        return replace(leaf, scored=slope, slope=slope)
    return replace(leaf, slope=slope, touched=RowSet(touched(dataset, pilot) + part.first))


def progress_of(results: Any, total: int, progress: Progress, note: str) -> Any:
    """The results as they come, each of them told."""
    progress.at(0.0, note)
    for done, one in enumerate(results):
        progress.at((done + 1) / total, note)
        yield one


def _checked(progress: Progress, workers: Workers | None) -> Progress:
    """A progress that leaves on threads can be stopped by; workers elsewhere hear of it between parts."""
    return progress if workers is None or isinstance(workers, LocalThreads) else SILENT


def with_part(coreset: Coreset, dataset: Dataset, progress: Progress = SILENT) -> Coreset:
    """With the rows of another data set behind those there are: the file of a new day. Only its rows are
    read. Raises `InputError` where it is in already, or has other columns.
    """
    if any(leaf.fingerprint == dataset.fingerprint for leaf in coreset.leaves):
        raise InputError(f"The coreset holds {dataset.name!r} already: its rows would count twice.")
    types = types_of(coreset.sketch.content.schema)
    part = RowPart(dataset, coreset.past, checked(dataset, types))
    leaf = leaf_of(part, coreset.pilot, coreset.wanted, progress)
    return coreset.with_leaf(leaf)


def look_at(
    part: RowPart,
    columns: Sequence[str],
    roles: PilotRoles,
    classes: bool,
    seed: int,
    progress: Progress = SILENT,
) -> FirstLook:
    """The first look at one part."""
    import pyarrow as pa

    known_by = list(dict.fromkeys([*columns, *filter(None, (roles.target, roles.weight))]))
    read = list(dict.fromkeys([*known_by, *filter(None, (roles.id,))]))
    look = None
    for table, _ in part.tables(read):
        progress.check()
        if look is None:
            look = FirstLook.none(table.schema, classes)
        labels = (
            target_texts(table.column(roles.target))
            if roles.target
            else pa.array([""]).take(pa.array(np.zeros(table.num_rows, np.int64)))
        )
        look = look.with_rows(table, labels, pilot_keys(table, roles.id, known_by, seed))
    return look or FirstLook.none(part.contents(read, np.zeros(0, np.int64)).schema, classes)


def _pilot(datasets: Sequence[Dataset], plan: BuildPlan, progress: Progress, workers: Workers) -> Pilot:
    lead = datasets[0]
    kind, roles = _kind(lead, plan), _roles(lead, plan)
    columns = features_of(lead, roles.target, plan.columns, alone=len(datasets) == 1)
    if not columns:
        raise TooSmallError(f"{lead.name!r} has no column to work out importance from beside the target.")
    classes = bool(roles.target) and kind in ("", "logistic", "trees") and _may_be_classes(lead, roles, kind)
    used = [column.name for column in columns]
    parts = parts_of(datasets, list(dict.fromkeys([*used, *filter(None, roles)])))
    work = partial(
        look_at,
        columns=used,
        roles=roles,
        classes=classes,
        seed=plan.seed,
        progress=_checked(progress, workers),
    )
    looks = progress_of(workers.map(work, parts), len(parts), progress, "Looking at the rows")
    look = workers.tree(FirstLook.merged, looks)
    chosen, look = _decided(kind, look, lead, roles)
    return pilot_of(look, columns, chosen, roles, plan.seed, plan.clusters)


def _kind(dataset: Dataset, plan: BuildPlan) -> str:
    """The kind of loss, "" where the target's values decide. Raises `SettingError`."""
    if plan.kind == "auto":
        return "k-means" if dataset.roles.target is None else ""
    if plan.kind not in KINDS:
        raise SettingError.unknown(plan.kind, ("auto", *KINDS))
    if plan.kind in ("logistic", "linear", "trees") and dataset.roles.target is None:
        raise SettingError(f"The loss {plan.kind!r} needs a target: choose the column to predict.")
    return plan.kind


def _roles(dataset: Dataset, plan: BuildPlan) -> PilotRoles:
    target = "" if plan.kind in ("k-means", "pca") else dataset.roles.target or ""
    return PilotRoles(target, (dataset.roles.id or "") if plan.by_id else "", dataset.roles.weight or "")


def _may_be_classes(dataset: Dataset, roles: PilotRoles, kind: str) -> bool:
    column = dataset[roles.target]
    return (
        kind == "logistic"
        or column.kind in ("category", "boolean", "text")
        or column.stored in _WHOLE
        or (column.kind == "numeric" and _begins_whole(dataset, roles.target))
    )


def _begins_whole(dataset: Dataset, target: str) -> bool:
    """Whether the first rows hold few whole numbers: classes stored as floats, as with a gap among them."""
    batch = next(dataset.batches([target], _HEAD), None)
    values = plain_numbers(batch.column(0)) if batch is not None else np.zeros(0)
    distinct = np.unique(values[~np.isnan(values)])
    return bool(0 < distinct.size <= FEW_CLASSES and (distinct == np.round(distinct)).all())


def _decided(kind: str, look: FirstLook, dataset: Dataset, roles: PilotRoles) -> tuple[Kind, FirstLook]:
    """The kind of loss, by what the target holds; and the look with or without classes."""
    numeric = bool(roles.target) and dataset[roles.target].kind in ("numeric", "datetime")
    many = look.counts is not None and numeric and not _few_whole(look.counts)
    if kind != "logistic" and many:
        look = look.as_numbers()
    if kind == "" and look.counts is None and not numeric:
        raise TargetError(
            f"The target {name(roles.target)} has too many distinct values to be classes. Choose another."
        )
    chosen = kind or ("linear" if look.counts is None else "logistic")
    return chosen, look  # type: ignore[return-value]


def _few_whole(classes: Iterable[str]) -> bool:
    """Whether these texts of numbers are few, and all whole."""
    names = list(classes)
    return len(names) <= FEW_CLASSES and all(one.removeprefix("-").isdecimal() for one in names)
