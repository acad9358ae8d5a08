"""Steps that were made on one data set of the workspace, offered for another of the same shape: next month's
file. They are followed as `core.export.replayed` follows a recipe.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.dataset import Dataset
from core.decision import Batch, Decision, is_step
from core.errors import LoadError
from core.export import RecipeReplay, recipe_of, replayed, set_up
from core.export.row_identity import decided_rows
from core.export.shapes import ShapeDifference, difference, shape_of
from core.finding import Finding
from core.phrases import count, name
from core.progress import SILENT, Progress
from core.recipe import Recipe
from core.review import Review
from core.rowset import RowSet
from core.steps import settle
from core.workspace import as_last_used
from core.workspace.kept_logs import KeptLog, key_of, logs
from core.workspace.store import Store
from core.workspace.stored import recent

LIKE = 0.7  # likeness of two shapes from which steps are offered: of ten columns, seven
OFFERED = 5


@dataclass(frozen=True, eq=False)
class SameShape:
    """A data set of the workspace with steps: its name, its canonical file, the log of the steps, and how the
    shape of the new data differs from its own.
    """

    name: str
    path: Path
    fingerprint: str
    log: KeptLog
    differs: ShapeDifference


def same_shapes(
    shape: Mapping[str, str], store: Store, user: str, besides: str = ""
) -> tuple[SameShape, ...]:
    """The data sets about which ``user`` decided something and that have this shape or nearly so, the most
    alike first, then the last used. No data are read, but for their footers.

    shape: column -> kind. besides: sha256 of a file, from which they must not come. Raises `StoreError`.
    """
    decided = {known.fingerprint.partition("~")[0] for known in store.known(user) if known.batches > 0}
    found = []
    for entry in recent() if decided else ():
        if entry.fingerprint not in decided or (besides and entry.sha256 == besides):
            continue
        try:
            differs = difference(shape_of(as_last_used(entry.path)), shape)
        except (LoadError, FileNotFoundError):  # removed just now by another process
            continue
        if differs.likeness >= LIKE:
            for log in logs(store, entry.fingerprint, user):
                if log.batches:
                    found.append(SameShape(entry.name, entry.path, entry.fingerprint, log, differs))
    return tuple(sorted(found, key=lambda one: -one.differs.likeness)[:OFFERED])


@dataclass(frozen=True, eq=False)
class Steps:
    """Steps to be taken over. origin: the data set that they were made on. sizes: decisions per batch, in the
    order in which they are followed. off: how many steps are switched off there, and stay behind. renamed:
    column of these -> its name in the new data. refit: learn anew from the new data. same_file: the new data
    are of the same file, with lines put back.
    """

    origin: str
    recipe: Recipe
    sizes: tuple[int, ...]
    off: int = 0
    renamed: Mapping[str, str] = field(default_factory=dict)
    refit: bool = False
    same_file: bool = False


def steps_of(
    like: SameShape, store: Store, user: str, renamed: Mapping[str, str] | None = None, refit: bool = False
) -> Steps:
    """The steps in force there, with what they learned, and what the rows decided one by one are known by:
    the columns that the new data have too. Raises `LoadError`, `StoreError`.
    """
    data = as_last_used(like.path)
    data = like.log.laid_over(data)
    review = store.review(key_of(like.fingerprint, like.log.label), user)
    given = dict(like.differs.likely if renamed is None else renamed)
    steps = steps_on(data, review, shared={*like.differs.same, *given})
    return replace(steps, renamed=given, refit=refit)


def steps_on(data: Dataset, review: Review, shared: Collection[str] | None = None) -> Steps:
    """The steps in force on some data, to be taken over to others. shared: the columns that both have."""
    recipe = recipe_of(data, review, settle(review.decisions, data), shared=shared)
    sizes = tuple(len(list(group)) for _, group in itertools.groupby(review.steps))
    return Steps(data.name, recipe, sizes, review.steps_off)


@dataclass(frozen=True, eq=False)
class TakenOver:
    """Steps on other data.

    dataset: the data with the kinds, roles and split of before.
    batches: the steps as they are here, to be said one after the other.
    whole, partly, cannot, without_rows, off: how many of the steps apply; do so in part, as one of their
        decisions is not followed, or not for all of its rows; cannot be followed; have none of their rows
        here; or are switched off there.
    others: how many other decisions, which change no data, hold here too.
    rows, lost: how many rows were decided one by one, and how many of these are not carried over.
    lines: per decision what became of it.
    findings: what differs, and what was not followed or carried over.
    """

    dataset: Dataset
    batches: tuple[Batch, ...]
    whole: int
    partly: int
    cannot: int
    without_rows: int
    off: int
    others: int
    rows: int
    lost: int
    lines: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def words(self) -> str:
        """What carries over, in a sentence or two."""
        apply = self.whole + self.partly
        steps = apply + self.cannot + self.without_rows
        said = (
            [f"{apply:,} of {count(steps, 'step')} {'applies' if apply == 1 else 'apply'}"] if steps else []
        )
        if self.partly:
            said = [f"{said[0]} in part"] if not self.whole else [*said, f"{self.partly:,} of them in part"]
        said += [f"{self.cannot:,} cannot"] if self.cannot else []
        said += [f"{self.without_rows:,} about rows that are not here"] if self.without_rows else []
        said += (
            [f"{count(self.off, 'step') if not steps else count(self.off)} switched off there"]
            if self.off
            else []
        )
        told = count(self.others, "other decision" if said else "decision")
        held = [f"{told} {'applies' if self.others == 1 else 'apply'}"] if self.others or not said else []
        said += held
        rows = ""
        if self.rows:
            rows = f" Of {count(self.rows, 'row')} decided one by one, {self.rows - self.lost:,} found again"
            rows += f" and {self.lost:,} not carried over." if self.lost else "."
        return ", ".join(said) + "." + rows


def taken_over(steps: Steps, dataset: Dataset, progress: Progress = SILENT) -> TakenOver:
    """Follow the steps on other data. Raises `SettingError` and `ColumnError` for a renaming that does not
    fit.
    """
    recipe = steps.recipe
    dataset, told = set_up(recipe, dataset, steps.renamed)
    progress.at(0.5, "Following the steps")
    places = _places(recipe, dataset) if steps.same_file else None
    replay = replayed(recipe, dataset, steps.renamed, steps.refit, places)
    first = len(replay.review.decisions) - sum(decision is not None for decision in replay.carried)
    fates = iter(_fates(recipe, replay, first))
    asked = iter(recipe.decisions)
    became = Counter(
        (is_step(tuple(itertools.islice(asked, size))), _of_step(list(itertools.islice(fates, size))))
        for size in steps.sizes
    )
    carried = iter(replay.carried)
    here = [tuple(filter(None, itertools.islice(carried, size))) for size in steps.sizes]
    origin = "" if steps.same_file else f"carried over from {name(steps.origin)}"
    batches = [*((decision,) for decision in replay.review.decisions[:first]), *filter(None, here)]
    return TakenOver(
        dataset,
        tuple(tuple(_from(decision, origin) for decision in batch) for batch in batches),
        whole=became[True, "whole"],
        partly=became[True, "partly"],
        cannot=became[True, "cannot"],
        without_rows=became[True, "gone"],
        off=steps.off,
        others=became[False, "whole"] + became[False, "partly"],
        rows=len(decided_rows(recipe.decisions)),
        lost=len(replay.lost),
        lines=replay.lines,
        findings=(*replay.findings, *told),
    )


def _fates(recipe: Recipe, replay: RecipeReplay, first: int) -> list[str]:
    """What became of each decision of the recipe. first: the place here of the first that is carried over."""
    fates, place = [], first
    for was, now in zip(recipe.decisions, replay.carried, strict=True):
        if now is None:
            fates.append("gone")
            continue
        fewer = (
            isinstance(was.rows, RowSet) and isinstance(now.rows, RowSet) and len(now.rows) < len(was.rows)
        )
        reach = "partly" if fewer else "whole"
        fates.append("cannot" if place in replay.settled.passed else reach)
        place += 1
    return fates


def _of_step(fates: Sequence[str]) -> str:
    """What became of a step, given what became of each of its decisions."""
    kinds = set(fates)
    if len(kinds) == 1:
        return fates[0]
    return "partly" if kinds & {"whole", "partly"} else "cannot"


def _places(recipe: Recipe, dataset: Dataset) -> dict[int, int] | None:
    """Where the rows of the recipe are, now that more lines of the same file are put back; None where that is
    not certain.
    """
    known = {line for line, _ in recipe.source.options.get("rows_back", ())}
    added = {row for line, row in dataset.source.options.get("rows_back", ()) if line not in known}
    if dataset.rows - len(added) != recipe.rows:
        return None
    places = dict(enumerate(row for row in range(dataset.rows) if row not in added))
    behind = [row for row in decided_rows(recipe.decisions) if row >= recipe.rows]  # those that steps add
    return places | {row: row - recipe.rows + dataset.rows for row in behind}


def _from(decision: Decision, origin: str) -> Decision:
    """The decision, to be signed anew, saying where it comes from; as it is where that is "" for here."""
    if not origin:
        return decision
    why = f"{decision.why} ({origin})" if decision.why else origin
    return replace(decision, why=why, who="", when="")
