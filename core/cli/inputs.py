"""What the flags of a command amount to: the data, the recipe followed, the findings accepted."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.output import say
from core.dataset import Dataset
from core.dataset.roles import ROLES
from core.dataset.split import PartSplit
from core.errors import SettingError, nearest
from core.finding import Finding
from core.phrases import count, parted, parted_pairs, quoted
from core.progress import Progress
from core.recipe import Recipe
from core.review import Review

if TYPE_CHECKING:
    from core.loading.images.embedding import EmbeddingSettings


def pairs(given: Iterable[str], flag: str) -> dict[str, str]:
    """What was given as NAME=VALUE after ``flag``: name -> value. Raises `SettingError`."""
    parts = [item.partition("=") for item in given]
    for name, equals, _ in parts:
        if not equals or not name:
            raise SettingError(f"{flag} takes NAME=VALUE; got {name!r}.")
    return {name: value for name, _, value in parts}


def load_given(given: argparse.Namespace, progress: Progress, recipe: Recipe | None = None) -> Dataset:
    """The data set, read as the flags say, with its split, vectors and probabilities. Raises `CoreError`.
    recipe: one that is followed: what no flag says is as in it.
    """
    from core.loading.put_back import as_put_back, lines_aside
    from core.workspace import load

    if sum(map(bool, (given.vectors, given.vectors_column, given.embed))) > 1:
        raise SettingError("Give one of --vectors, --vectors-column and --embed.")
    if given.embed_set and not given.embed:
        raise SettingError("--embed-set needs --embed, the model that it speaks of.")
    if given.embed:
        _embedding(given)  # a wrong setting is refused before a long load
    if given.serve_vectors and not given.vectors:
        raise SettingError("--serve-vectors needs --vectors, the vectors of the train part.")
    _check_probabilities(given, recipe)
    roles = {role: getattr(given, role) for role in ROLES}
    options = _options(pairs(given.option, "--option"))
    if given.put_back:
        options = dataclasses.replace(options, put_back=as_put_back(lines_aside(given.put_back)))
    options, kinds = _read_as_in(recipe, given.data, options, pairs(given.kind, "--kind"))
    dataset = load(given.data, serve=given.serve, progress=progress, options=options, kinds=kinds, **roles)
    if recipe is not None:
        dataset = _with_roles_of(recipe, dataset)
    if given.split:
        dataset = dataset.with_split(_split(dataset, given.split))
    elif dataset.split is None and not given.no_split:
        dataset = _split_as_in(recipe, dataset) or split_by_folders(dataset, recipe)
    return _with_probabilities(_with_vectors(dataset, given, progress), given, progress)


def _read_as_in(
    recipe: Recipe | None, path: str, options: Any, kinds: dict[str, str]
) -> tuple[Any, dict[str, str]]:
    """The options and kinds given, with those of a recipe of this very file where none are given."""
    from core.loading import options_of
    from core.loading.sniff import sha256_of

    same = recipe is not None and Path(path).is_file() and sha256_of(Path(path)) == recipe.source.sha256
    if recipe is None or not same:
        return options, kinds
    before = options_of(recipe.source) or type(options)()
    names = [field.name for field in dataclasses.fields(options)]
    given = {
        name: getattr(options, name)
        for name in names
        if getattr(options, name) != getattr(type(options)(), name)
    }
    return dataclasses.replace(before, **given), {**recipe.kinds, **kinds}


def _with_roles_of(recipe: Recipe, dataset: Dataset) -> Dataset:
    """The data with the roles of a recipe that no flag gives; of a column that is not here a line says so."""
    given = dataset.roles.named()
    wanted = {
        role: column
        for role, column in recipe.roles.named().items()
        if role not in given and column not in given.values()
    }
    for role, column in wanted.items():
        if column not in dataset.names:
            say(f"The recipe's {role} {quoted(column)} is no column of these data.\n")
    return dataset.with_roles(**{role: name for role, name in wanted.items() if name in dataset.names})


def _split_as_in(recipe: Recipe | None, dataset: Dataset) -> Dataset | None:
    """The data split as in a recipe of them; None without one."""
    split = recipe.split if recipe is not None and recipe.fits(dataset) else None
    return None if split is None or split.how == "file" else dataset.with_split(split)


def _check_probabilities(given: argparse.Namespace, recipe: Recipe | None) -> None:
    """Raise `SettingError` unless it is said what the probabilities are worth, and of what they are."""
    if (given.out_of_sample or given.in_sample) and not given.probabilities:
        raise SettingError(
            "--out-of-sample and --in-sample need --probabilities, the file that they speak of."
        )
    if given.probabilities and not (given.out_of_sample or given.in_sample):
        raise SettingError(
            "Say with --probabilities whether their model had seen the rows that it judges: --out-of-sample "
            "(it had not, as in cross-validation) or --in-sample (it had, or nobody knows)."
        )
    target = given.target or (recipe and recipe.roles.target)
    if given.probabilities and not target:
        raise SettingError("--probabilities needs --target, the column whose classes they are of.")


def _with_probabilities(dataset: Dataset, given: argparse.Namespace, progress: Progress) -> Dataset:
    from core.probabilities import attach

    if not given.probabilities:
        return dataset
    return attach(dataset, given.probabilities, out_of_sample=given.out_of_sample, progress=progress)


def _with_vectors(dataset: Dataset, given: argparse.Namespace, progress: Progress) -> Dataset:
    from core.vectors import attach, from_column, from_model

    if given.embed:
        return from_model(dataset, given.embed, _embedding(given), progress=progress)
    if given.vectors_column:
        return from_column(dataset, given.vectors_column, progress)
    return (
        attach(dataset, given.vectors, given.serve_vectors, progress=progress) if given.vectors else dataset
    )


def _embedding(given: argparse.Namespace) -> EmbeddingSettings:
    """What the model of ``--embed`` is given. Raises `SettingError`."""
    from core.loading.images.embedding import EmbeddingSettings

    return EmbeddingSettings.of(pairs(given.embed_set, "--embed-set"))


def _options(given: dict[str, str]) -> Any:
    """How to read, from text: lines are numbers, and a delimiter may be written as a word or as \\t."""
    from core.loading import Options

    words = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " ", "none": ""}
    known = {field.name for field in dataclasses.fields(Options)}
    plain: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            raise SettingError.unknown(name, sorted(known))
        plain[name] = words.get(value, value)
        if name.endswith("_line"):
            if not value.removeprefix("-").isdecimal():
                raise SettingError(
                    f"{name} is the number of a line, 0 for the first (-1: none); got {value!r}."
                )
            plain[name] = int(value)
        elif name in ("missing", "leave_out"):
            plain[name] = parted(value)
        elif name == "rename":
            plain[name] = _renamed(value)
        elif name in ("skipinitialspace", "comma_columns"):
            plain[name] = value.lower() in ("yes", "true", "1", "on")
    return Options(**plain)


def _renamed(text: str) -> dict[str, str]:
    """Names of columns, each with the one to use. Raises `SettingError`."""
    each = parted_pairs(text)
    for old, new in each:
        if not old or not new:
            raise SettingError(f"rename takes NAME=VALUE; got {old!r}.")
    return dict(each)


def _split(dataset: Dataset, text: str) -> PartSplit:
    [(column, value)] = pairs([text], "--split").items()
    return PartSplit("time" if dataset[column].kind == "datetime" else "value", column=column, value=value)


def split_by_folders(dataset: Dataset, recipe: Recipe | None = None) -> Dataset:
    """The data with the split that folders of images say, as the load page has it; with that of a recipe of
    these data, in which it may have been refused.
    """
    from core.cli.terminal import one_line
    from core.loading.looking import suggested_split

    split = suggested_split(dataset.source)
    if split is None:
        return dataset
    if recipe is not None and recipe.fits(dataset):
        return dataset if recipe.split is None else dataset.with_split(recipe.split)
    parted = dataset.with_split(split)
    serve = count(int(parted.part_mask("serve").sum()), "image")
    say(
        f"Split by folders: {one_line(split.column)}={one_line(split.value)} is serve, {serve} of "
        f"{count(dataset.rows)}. --no-split takes them as one table.\n"
    )
    return parted


def recipe_followed(given: argparse.Namespace) -> tuple[Recipe | None, Review]:
    """The recipe given, and what it decides; a recipe that cannot be read is refused before a long load."""
    from core.export import read_recipe

    recipe = read_recipe(given.recipe) if given.recipe else None
    return recipe, Review() if recipe is None else recipe.review


def as_decided_in(dataset: Dataset, followed: tuple[Recipe | None, Review]) -> tuple[Dataset, list[str]]:
    """The data as the recipe decides, where it is of these data, and what to say of it."""
    from core.decided import as_decided

    recipe, review = followed
    changing = [decision for decision in review.decisions if decision.kind.changes]
    if recipe is None or not changing:
        return dataset, []
    if not recipe.fits(dataset):
        return dataset, [
            f"The recipe is of other data: {count(len(changing), 'decision')} on rows, cells and columns "
            f"{'was' if len(changing) == 1 else 'were'} not followed; the findings it accepts stand."
        ]
    decided = as_decided(dataset, review)
    left, columns = count(decided.rows, "row"), count(len(decided.columns), "column")
    return decided, [
        f"As decided in the recipe: {left} of {count(dataset.rows)} and {columns} of "
        f"{count(len(dataset.columns))} are left."
    ]


def accepted_keys(
    given: argparse.Namespace,
    followed: tuple[Recipe | None, Review],
    found: tuple[Finding, ...],
    dataset: Dataset,
) -> frozenset[str]:
    """Keys of the findings that are to stand. The recipe may name some that are not there this time;
    ``--accept`` may not.
    """
    keys = {finding.key for finding in found}
    for key in given.accept:
        if key not in keys:
            raise SettingError(f"There is no finding {key!r} to accept. {nearest(key, sorted(keys))}")
    from core.acceptance import accepted
    from core.report import in_source
    from core.steps import settle

    recipe, review = followed
    loaded = dataset.base or dataset
    if recipe is None or not recipe.fits(loaded):
        return frozenset((*given.accept, *review.accepted))
    settled, there = settle(review.decisions, loaded), in_source(dataset, found)
    return frozenset((*given.accept, *accepted(review, settled, loaded.names, there)))
