"""Filters: which rows a decision is about, as conditions joined by and, or and not.

    Filter.parse("age < 0 or (city is missing and not part is serve)").rows(dataset)

The grammar stands in `core.filters.reading`, what missing values do in `core.filters.evaluation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.dataset import Dataset
from core.errors import FilterError
from core.filters.evaluation import Flagged, Scores, columns_of, matching
from core.filters.former import from_where
from core.filters.reading import STORED, parse
from core.filters.tree import FlaggedBy, Node, ScoreAbove, tests, the_others
from core.filters.writing import in_words, written
from core.rowset import RowSet

__all__ = ["Filter", "FilterError"]


@dataclass(frozen=True)
class Filter:
    """Conditions joined by and, or and not. ``str(filter)`` is its text, which `parse` reads as the same.

    >>> some = Filter.parse("age<0 or 'home town' = Oslo")
    >>> str(some), some.words
    ('age < 0 or \\'home town\\' is "Oslo"', "'age' is below 0 or 'home town' is 'Oslo'")
    """

    tree: Node

    @classmethod
    def parse(cls, text: str) -> Filter:
        """The filter that a person typed; at most 4,096 characters. Raises `FilterError`, which says at which
        character.
        """
        return cls(parse(text))

    def __str__(self) -> str:
        return written(self.tree)

    @property
    def words(self) -> str:
        """The filter in words, for a page."""
        return in_words(self.tree)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return columns_of(self.tree)

    @property
    def by_data_alone(self) -> bool:
        """Whether the data settle it, without findings or scores: then it can be a rule in a recipe."""
        return not any(isinstance(test, FlaggedBy | ScoreAbove) for test in tests(self.tree))

    def rows(self, dataset: Dataset, flagged: Flagged | None = None, scores: Scores | None = None) -> RowSet:
        """The rows of ``dataset`` for which it holds; missing values match ``is missing`` alone.

        flagged: finding key -> rows, for ``flagged by``. scores: analysis -> a score per row, for ``score``;
            where they are of the independent rows alone, a copy has none.
        Raises `FilterError` where it does not fit the data.
        """
        return matching(self.tree, dataset, flagged, scores)

    @property
    def others(self) -> Filter:
        """The filter that takes the rows that this one does not, those for which it is unknown among them.

        >>> str(Filter.parse("age >= 0 and city is Oslo").others)
        'not age >= 0 or age is missing or city is not "Oslo" or city is missing'
        """
        return Filter(the_others(self.tree))

    def to_json(self) -> str:
        """Its text. Text and not the tree: a person reads it in the recipe and can type it again, and there
        is one reader to trust with what comes from outside.
        """
        return str(self)

    @classmethod
    def from_json(cls, plain: Any) -> Filter:
        """The filter that `to_json` wrote, or a condition of a recipe of format 1, ``{column, op, value}``.

        Raises `FilterError`, KeyError, TypeError or `SettingError` where it is none.
        """
        if isinstance(plain, dict):
            return cls(from_where(plain))
        if not isinstance(plain, str):
            raise TypeError(f"a filter is text, not {type(plain).__name__}")
        return cls(parse(plain, STORED))
