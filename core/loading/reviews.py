"""The decisions of another reviewer, from the recipe that was exported; read in the child, like all that
comes from outside.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.dataset import Dataset
from core.decision import Decision
from core.errors import RecipeError
from core.loading import _checked, _folder
from core.progress import SILENT, Progress


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
