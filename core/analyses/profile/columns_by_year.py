"""The note on a wide table: one column for each year, where a long one has a row for each."""

from __future__ import annotations

import re

from core.dataset import Dataset
from core.finding import Finding
from core.phrases import count, names

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_LEAST = 3  # columns


def columns_by_year(dataset: Dataset) -> list[Finding]:
    """A finding for each set of three or more columns of numbers whose names differ by a year alone, such as
    'sales 2019', at even distances, of which at most half are left out.
    """
    sets: dict[tuple[str, str], dict[int, str]] = {}
    for column in dataset.columns:
        years = _YEAR.findall(column.name)
        before, _, behind = column.name.partition(years[0] if len(years) == 1 else "\0")
        if len(years) == 1 and column.kind == "numeric" and not re.search(r"\d", before + behind):
            sets.setdefault((before, behind), {})[int(years[0])] = column.name
    return [_finding(dataset, stem, one) for stem, one in sets.items() if _even(sorted(one))]


def _even(years: list[int]) -> bool:
    """Whether they are enough, and years rather than numbers of things.

    >>> _even([2019, 2020, 2021]), _even([1990, 2000, 2010, 2020]), _even([2019, 2021, 2022])
    (True, True, True)
    >>> _even([2019, 2020]), _even([1901, 1902, 1977])
    (False, False)
    """
    if len(years) < _LEAST:
        return False
    steps = [later - earlier for earlier, later in zip(years, years[1:], strict=False)]
    least = min(steps)
    return all(step % least == 0 for step in steps) and sum(steps) // least <= 2 * (len(years) - 1)


def _finding(dataset: Dataset, stem: tuple[str, str], by_year: dict[int, str]) -> Finding:
    columns = tuple(by_year[year] for year in sorted(by_year))
    others = [one for one in dataset.names if one not in columns]
    value = "".join(stem).strip(" _-./:()[]") or "value"
    return Finding(
        code="columns_by_year",
        title=f"{count(len(columns), 'column')} hold one year each, {min(by_year)} to {max(by_year)}: "
        f"{names(columns, 4)}",
        severity="info",
        score=0.2,
        why="The table is wide: a row holds several observations, and a model takes each year for a feature "
        "of its own, which the next year's table does not have.",
        suggestion="If an observation is one year of a row, make a row for each year (melt) before loading.",
        columns=columns,
        value=float(len(columns)),
        measure="columns that differ by a year",
        limit=float(_LEAST),
        n=dataset.rows,
        fix=f"data = data.melt({others!r}, {list(columns)!r}, 'year of {value}', {value!r})",
    )
