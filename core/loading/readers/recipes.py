"""A recipe from outside: what the child reads of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import RecipeError
from core.recipe import Recipe

MOST_MB = 100  # size of a recipe


def read(path: Path, name: str) -> dict[str, Any]:
    """The recipe's decisions as plain JSON, and what data they are about. Raises `RecipeError`."""
    if path.stat().st_size > MOST_MB * 1_000_000:
        raise RecipeError(f"{name!r} is larger than {MOST_MB} MB; a recipe is not.")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RecipeError(f"{name!r} is no recipe: it is not text. Give the other's recipe.json.") from error
    try:
        recipe = Recipe.from_json(text)
    except RecipeError as error:
        raise RecipeError(f"{name!r} cannot be followed. {error}") from error
    return {
        "fingerprint": recipe.fingerprint,
        "rows": recipe.rows,
        "source": recipe.source.name,
        "decisions": [decision.to_json() for decision in recipe.decisions],
    }
