"""Export: the cleaned data and all it takes to make them again (`core.export.folder`), and the way back: a
recipe followed on the same data or on next month's (`core.export.applying`).
"""

from __future__ import annotations

from core.export.applying import apply_as_rules, apply_recipe, followed, read_recipe
from core.export.as_rules import RecipeReplay, replayed, set_up
from core.export.folder import Exported, export, recipe_of, write_clean
from core.export.style import FORMATS

__all__ = [
    "FORMATS",
    "Exported",
    "RecipeReplay",
    "apply_as_rules",
    "apply_recipe",
    "export",
    "followed",
    "read_recipe",
    "recipe_of",
    "replayed",
    "set_up",
    "write_clean",
]
