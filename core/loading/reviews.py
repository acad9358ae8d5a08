"""The decisions of another reviewer, from the recipe that was exported; read in the child, like all that
comes from outside.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.dataset import Dataset
from core.errors import RecipeError
from core.loading import _checked, _folder
from core.progress import SILENT, Progress
from core.recipe import Recipe
from core.review import Decision

MOST_MB = 100  # size of a recipe


def decisions_of(
    dataset: Dataset, path: Path, name: str = "", progress: Progress = SILENT
) -> tuple[Decision, ...]:
    """The decisions in a ``recipe.json`` about the same data. name: what the file is called, where its path
    does not say it. Raises `RecipeError` for another file, or a recipe of other data, and `LoadError`.
    """
    from core.loading.sandbox import run_child

    called = name or path.name
    task: dict[str, Any] = {
        "sources": [{"path": str(_checked(path, called)), "name": called}],
        "review": True,
    }
    with _folder(dataset.path.parent.parent) as folder:
        answer = run_child(task | {"folder": str(folder)}, folder, progress)
    if (answer["fingerprint"], answer["rows"]) != (dataset.fingerprint, dataset.rows):
        raise RecipeError(
            f"{called!r} holds decisions about other data: {answer['source']!r}, {answer['rows']:,} rows. "
            f"Give the recipe that was exported from {dataset.name!r}."
        )
    return tuple(Decision.from_json(one) for one in answer["decisions"])


def read(path: Path, name: str) -> dict[str, Any]:
    """What the child does: the recipe as plain JSON, once it was read as one. Raises `RecipeError`."""
    if path.stat().st_size > MOST_MB * 1_000_000:
        raise RecipeError(f"{name!r} is larger than {MOST_MB} MB; a recipe is not.")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RecipeError(f"{name!r} is no recipe: it is not text. Give the other's recipe.json.") from error
    recipe = Recipe.from_json(text)
    return {
        "fingerprint": recipe.fingerprint,
        "rows": recipe.rows,
        "source": recipe.source.name,
        "decisions": [decision.to_json() for decision in recipe.decisions],
    }
