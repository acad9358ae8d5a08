"""A recipe followed: strictly, on the very data that it was made for (`apply_recipe`), or its rules on other
data of the same shape (`apply_as_rules`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.dataset import Dataset
from core.decision_words import in_words
from core.errors import LoadError, RecipeError
from core.export.as_rules import RecipeReplay, refuse_other, replayed, set_up
from core.export.folder import write_clean
from core.export.style import FORMATS
from core.progress import SILENT, Progress
from core.recipe import Recipe
from core.steps import settle

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def apply_recipe(
    recipe: Recipe | Path | str,
    data: str | Path | pd.DataFrame | pa.Table,
    out: Path | str,
    *,
    serve: str | Path | pd.DataFrame | pa.Table | None = None,
    format: str | None = None,
    excel_safe: bool = False,
    progress: Progress = SILENT,
) -> tuple[Path, ...]:
    """Load ``data`` as the recipe says and write the cleaned data to ``out``: the same bytes as the download.

    format: by default the source's own, unless the ending of ``out`` names another.

    Raises `RecipeError` when the recipe is not one, or was made for other data.
    """
    from core.loading import load, options_of
    from core.loading.convert import WITHOUT_FORMAT

    recipe = recipe if isinstance(recipe, Recipe) else read_recipe(Path(recipe))
    if recipe.source.serve is not None and serve is None:
        raise RecipeError(
            f"The recipe was made with a second file, {recipe.source.serve.name!r}; give it too (--serve)."
        )
    with tempfile.TemporaryDirectory(prefix="winnow-apply-") as folder:
        options, reading = options_of(recipe.source), progress.part(0.0, 0.6)
        try:
            dataset = load(
                data, into=Path(folder), serve=serve, options=options, kinds=recipe.kinds, progress=reading
            )
        except LoadError as error:  # the format is the recipe's, and not what was asked for
            made_for = f"The recipe was made for {recipe.source.name!r} ({recipe.source.format})."
            raise RecipeError(f"{made_for} {str(error).removesuffix(WITHOUT_FORMAT)}") from error
        recipe.check(dataset)
        if recipe.split is not None and recipe.split.how != "file":
            dataset = dataset.with_split(recipe.split)
        dataset = dataset.with_roles(**recipe.roles.named())
        followed(recipe, dataset)
        review, out = recipe.review, Path(out)
        ending = out.suffix.lower().lstrip(".").replace("ndjson", "jsonl")
        chosen = format or (ending if ending in FORMATS and ending != recipe.source.format else "input")
        return write_clean(
            dataset, review, out, format=chosen, excel_safe=excel_safe, progress=progress.part(0.6, 1.0)
        )


def followed(recipe: Recipe, dataset: Dataset) -> None:
    """Raise `RecipeError` for a decision that cannot be followed, though it could where the recipe was
    made.
    """
    passed = settle(recipe.decisions, dataset).passed
    for place in sorted(set(passed) - set(recipe.passed)):
        words = in_words((recipe.decisions[place],))
        raise RecipeError(f"A step of the recipe cannot be followed: {words}. {passed[place]}")


def apply_as_rules(
    recipe: Recipe | Path | str,
    data: str | Path | pd.DataFrame | pa.Table,
    out: Path | str | None,
    *,
    serve: str | Path | pd.DataFrame | pa.Table | None = None,
    renamed: Mapping[str, str] | None = None,
    kinds: Mapping[str, str] | None = None,
    refit: bool = False,
    format: str | None = None,
    excel_safe: bool = False,
    progress: Progress = SILENT,
) -> RecipeReplay:
    """Follow the rules of a recipe on other data of the same shape, and write the cleaned data to ``out``;
    None only says what would become of each step.

    renamed: column of the recipe -> its name in ``data``. kinds: column of ``data`` -> kind. refit: learn
    anew from these data.

    Raises `RecipeError` when the recipe is not one, or the data have no row or no column of it;
    `SettingError` and `ColumnError` for columns that are not there.
    """
    from core.loading import load

    recipe, here = recipe if isinstance(recipe, Recipe) else read_recipe(Path(recipe)), dict(renamed or {})
    with tempfile.TemporaryDirectory(prefix="winnow-apply-") as folder:
        dataset = load(data, into=Path(folder), serve=serve, progress=progress.part(0.0, 0.6))
        refuse_other(recipe, dataset, here)
        dataset, told = set_up(recipe, dataset, here, kinds)
        replay = replayed(recipe, dataset, here, refit)
        replay = replace(replay, findings=(*replay.findings, *told))
        if out is not None:
            target = Path(out)
            ending = target.suffix.lower().lstrip(".").replace("ndjson", "jsonl")
            own = dataset.source.format
            chosen = format or (ending if ending in FORMATS and ending != own else "input")
            write_clean(dataset, replay.review, target, format=chosen, excel_safe=excel_safe,
                        progress=progress.part(0.6, 1.0))  # fmt: skip
        return replay


def read_recipe(path: Path) -> Recipe:
    """The recipe in a file. Raises `RecipeError` when it is not there, or is not one."""
    try:
        return Recipe.from_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RecipeError(f"There is no recipe {str(path)!r}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path.name} cannot be read as a recipe ({error}).") from error
