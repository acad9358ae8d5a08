"""Probabilities of the classes of one column, by a model of the user's, kept beside the canonical file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.dataset.kept_numbers import mapped


@dataclass(frozen=True)
class Probabilities:
    """How likely each class is for each row, as a model of the user's has it; by it the labels are judged in
    place of models worked out here.

    ``name``: the file they came from. ``target``: the column whose classes they are of. ``classes``: k
    levels of it, one per number. ``out_of_sample``: whether, as the user said, the model had not seen the
    row it judges. ``sha256``: of all this and the numbers, as they are kept. ``path``: the ``.npy`` file
    beside the canonical file: float32, rows x k, NaN for a row that the file did not have.
    """

    name: str
    target: str
    classes: tuple[str, ...]
    out_of_sample: bool
    sha256: str
    path: Path

    @property
    def facts(self) -> dict[str, str | bool]:
        """What a recipe and a report say of them."""
        return {
            "name": self.name,
            "sha256": self.sha256,
            "target": self.target,
            "out_of_sample": self.out_of_sample,
        }

    def mapped(self) -> NDArray[np.float32]:
        """The numbers as a memory map, rows x k. Raises `LoadError` when they are gone."""
        return mapped(self.path, f"probabilities {self.name!r}")

    def at(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """The numbers of rows by their positions in the source; NaN behind its last row: of rows that steps
        added.
        """
        known = self.mapped()
        return np.where((ids < len(known))[:, None], known[np.minimum(ids, len(known) - 1)], np.nan)
