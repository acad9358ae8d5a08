"""A recipe on other data of the same shape: rules apply, decisions on single rows are carried over where the
row is known again, and all that is not is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.decision import OF_REGION, Decision
from core.decision_words import in_words
from core.errors import InputError, RecipeError, SettingError, nearest
from core.export.not_carried import lacking, left_out_already, not_carried, other_shape, passed_over
from core.export.row_identity import Carried, Identity, carried, decided_rows
from core.filters import Filter
from core.finding import Finding
from core.phrases import count, name
from core.recipe import Recipe
from core.review import Review
from core.rowset import RowSet
from core.settled import Settled
from core.steps import Work, counts, described, effected, numbers_of, whole


@dataclass(frozen=True, eq=False)
class RecipeReplay:
    """A recipe on other data.

    review: the decisions as they are for these data, a column with another name here renamed first.
    carried: per decision of the recipe what it is here; None where all of its rows are gone.
    work: what they made of these data.
    lines: per decision of the recipe what became of it, in one sentence, in order.
    numbers: per decision of the recipe the number of its step (`core.steps.numbers_of`); None for one that
        changes no data.
    findings: what differs between the shapes, and what was not carried over or not followed.
    lost: the rows of the recipe decided one by one that are not here.
    """

    review: Review
    carried: tuple[Decision | None, ...]
    work: Work
    lines: tuple[str, ...]
    numbers: tuple[int | None, ...]
    findings: tuple[Finding, ...]
    lost: RowSet

    @property
    def settled(self) -> Settled:
        """Where that leaves every row."""
        return self.work.settled()

    @property
    def counts(self) -> dict[str, int]:
        """How many rows and cells are what they are by it (`core.steps.counts`)."""
        return counts(whole(self.work))


def replayed(
    recipe: Recipe,
    dataset: Dataset,
    renamed: Mapping[str, str] | None = None,
    refit: bool = False,
    places: Mapping[int, int] | None = None,
) -> RecipeReplay:
    """Follow the rules of a recipe on other data.

    renamed: column of the recipe -> its name in ``dataset``; it gets the recipe's name by a first step.
    refit: learn anew from these data; by default what was learned before is used.
    places: row of the recipe -> row here, where that is known; rows that steps add keep their numbers then,
        counted behind the last row of the data.

    Raises `SettingError` for a renamed column that the recipe or the data do not have.
    """
    given = dict(renamed or {})
    _check(recipe, dataset, given)
    first = tuple(
        Decision("rename", RowSet(), column=here, why="as the recipe calls it", settings={"to": there})
        for there, here in given.items()
    )
    known = Identity.from_json(recipe.known_by) if recipe.known_by else Identity()
    if places is None:
        where = carried(known, dataset, given)
    else:
        known, where = Identity(), Carried(places, RowSet(), RowSet(), RowSet())
    decisions: list[Decision | None] = [
        _carry(decision, where, refit, keep_first=places is not None) for decision in recipe.decisions
    ]
    followed = (*first, *(decision for decision in decisions if decision is not None))
    work = Work.after(followed, dataset)
    settled = work.settled()
    lines, place = [], len(first)
    for was, now in zip(recipe.decisions, decisions, strict=True):
        lines.append(_line(was, now, settled, place))
        place += now is not None
    spared = left_out_already(recipe, dataset, given)
    told = (
        *(one for one in other_shape(recipe, dataset, given) if not {*one.columns} & spared),
        *not_carried(recipe, known, where, lacking(known, dataset, given)),
        *passed_over(settled, followed, spared),
    )
    lost = decided_rows(recipe.decisions) - RowSet([*where.rows])
    steps = numbers_of(recipe.decisions, recipe.clicks)
    numbers = tuple(steps.get(place) for place in range(len(lines)))
    return RecipeReplay(Review().say(*followed), tuple(decisions), work, tuple(lines), numbers, told, lost)


def refuse_other(recipe: Recipe, dataset: Dataset, renamed: Mapping[str, str]) -> None:
    """Raise `RecipeError` for data that have no row, or no column of the recipe."""
    if not dataset.rows:
        raise RecipeError(f"{dataset.name} holds no rows, so that there is nothing to clean.")
    if recipe.columns and not {renamed.get(column, column) for column in recipe.columns} & {*dataset.names}:
        raise RecipeError(
            f"{dataset.name} has none of the {count(len(recipe.columns), 'column')} of the recipe, such as "
            f"{name(next(iter(recipe.columns)))}. It is other data, or its header was not found."
        )


def set_up(
    recipe: Recipe,
    dataset: Dataset,
    renamed: Mapping[str, str] | None = None,
    kinds: Mapping[str, str] | None = None,
) -> tuple[Dataset, tuple[Finding, ...]]:
    """Other data with the kinds, the roles and the split of a recipe, as far as they have them, and what is
    to be said of it. renamed, kinds: as `core.export.apply_as_rules` has them.
    """
    here = dict(renamed or {})
    wanted = {here.get(column, column): kind for column, kind in recipe.kinds.items()} | dict(kinds or {})
    dataset = _retyped(dataset, wanted)
    dataset = dataset.with_kinds(_as_before(dataset, recipe, here))
    roles = {role: here.get(column, column) for role, column in recipe.roles.named().items()}
    dataset = dataset.with_roles(**{r: column for r, column in roles.items() if column in dataset.names})
    if recipe.split is None or recipe.split.how == "file" or dataset.split is not None:
        return dataset, ()
    return _parted(dataset, replace(recipe.split, column=here.get(recipe.split.column, recipe.split.column)))


def _parted(dataset: Dataset, split: PartSplit) -> tuple[Dataset, tuple[Finding, ...]]:
    """The data in train and serve, where they can be parted so: next month may be all of one part."""
    try:
        return dataset.with_split(split), ()
    except InputError as error:
        told = Finding("not_parted", "The data are all train here", "info", 0.1, str(error), "Nothing to do.")
        return dataset, (told,)


def _as_before(dataset: Dataset, recipe: Recipe, renamed: Mapping[str, str]) -> dict[str, str]:
    """The kinds that columns had in the recipe, where they can be taken so without another look at the text:
    what is an identifier in one file may look like a category in the next.
    """
    there = {renamed.get(column, column): kind for column, kind in recipe.columns.items()}
    return {
        column.name: there[column.name]
        for column in dataset.columns
        if there.get(column.name, column.kind) != column.kind and column.fits(there[column.name])
    }


def _retyped(dataset: Dataset, kinds: Mapping[str, str]) -> Dataset:
    """The data with these kinds, where they have such columns."""
    from core.loading import retype

    wanted = {name: kind for name, kind in kinds.items() if name in dataset.names}
    return retype(dataset, wanted) if wanted else dataset


def _check(recipe: Recipe, dataset: Dataset, renamed: Mapping[str, str]) -> None:
    for there, here in renamed.items():
        if recipe.columns and there not in recipe.columns:
            raise SettingError(
                f"The recipe has no column {name(there)}. {nearest(there, list(recipe.columns))}"
            )
        dataset[here]


def _carry(decision: Decision, where: Carried, refit: bool, keep_first: bool) -> Decision | None:
    """The decision for the new data; None where all of its rows are gone. keep_first: added rows keep their
    numbers behind the last row of the data.
    """
    if refit and decision.learned:
        decision = replace(decision, learned={})
    if decision.kind.on == "findings":
        known = {key: value for key, value in decision.settings.items() if key not in OF_REGION}
        decision = replace(decision, settings=known)
    if decision.action == "add_rows":
        decision = replace(decision, settings=_numbered_anew(decision.settings, where, keep_first))
    if not isinstance(decision.rows, RowSet) or not len(decision.rows):
        return decision
    rows = [here for row, here in where.rows.items() if row in decision.rows]
    return replace(decision, rows=RowSet(rows)) if rows else None


def _numbered_anew(settings: Mapping[str, Any], where: Carried, keep_first: bool) -> dict[str, Any]:
    """The settings of a step that adds rows: they come behind the last row of these data, and name those
    parents that are there.
    """
    own = {key: value for key, value in settings.items() if keep_first or key != "first"}
    if own.get("parents"):
        own["parents"] = [[where.rows[row] for row in some if row in where.rows] for some in own["parents"]]
    return own


def _line(was: Decision, now: Decision | None, settled: Settled, place: int) -> str:
    words = in_words((was,))
    if now is None:
        return f"{words}: not carried over"
    if place in settled.passed:
        return f"{words}: passed over. {settled.passed[place]}"
    if place in settled.effects:
        effect = settled.effects[place]
        return f"{words}: {described(effect)}{effect.note and f'. {effect.note}'}"
    if isinstance(was.rows, RowSet) and isinstance(now.rows, RowSet) and len(now.rows) < len(was.rows):
        return f"{words}: carried over for {count(len(now.rows))} of {count(len(was.rows), 'row')}"
    if isinstance(was.rows, Filter):
        return f"{words}: {described(effected(place, now, settled))}"
    return f"{words}: followed"
