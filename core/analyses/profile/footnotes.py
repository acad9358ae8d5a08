"""The alert on rows that are no rows of the table but text below it, such as its source."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.facts import Masks
from core.dataset import Dataset
from core.filters.tree import Value
from core.filters.writing import typed_column, typed_value
from core.finding import Finding
from core.phrases import column_of, count, name, quoted, verb
from core.rowset import RowSet

_MOST = 10  # rows below a table
_LEAST = 5  # rows of a table above them
_LONGER = 2  # times the longest text above, from which a text below no total is a footnote
Bools = NDArray[np.bool_]


def footnotes(dataset: Dataset, masks: Masks, totals: Sequence[Finding]) -> list[Finding]:
    """The last rows, which hold text in the first column alone, or nothing, as no other row does, where it is
    sure that they are below the table: right below a row that is likely a total, or their texts, of several
    words, are twice as long as any above. One finding, or none.

    masks: each part's name and its rows. totals: the finding on rows of totals, if there is one.
    """
    first = dataset.names[0]
    if dataset[first].stored != "string" or len(dataset.names) < 2:
        return []
    total = totals[0].rows if totals else RowSet()
    rows = [row for _, mask in masks for row in _below(dataset, np.flatnonzero(mask), total)]
    return [_finding(dataset, first, RowSet(rows))] if rows else []


def _below(dataset: Dataset, own: NDArray[np.intp], total: RowSet) -> list[int]:
    """The rows below the table of a part. own: the rows of the part."""
    end = RowSet(own[-_MOST - 1 :])
    if own.size < _LEAST or not _alone(dataset, end)[-1]:
        return []
    alone = _alone(dataset, RowSet(own))
    tail = int(np.logical_and.accumulate(alone[::-1]).sum())
    others = own[~alone]
    if tail != alone.sum() or tail > _MOST or others.size < _LEAST:
        return []
    texts = dataset.frame([dataset.names[0]]).iloc[:, 0]
    below, above = texts.iloc[own[-tail:]].dropna(), texts.iloc[own[:-tail]].dropna()
    longest = max(map(len, above), default=0)
    long = all(len(text) >= _LONGER * longest and len(text.split()) > 1 for text in below)
    sure = int(others[-1]) in total or long
    return own[-tail:].tolist() if sure and len(below) else []


def _alone(dataset: Dataset, rows: RowSet) -> Bools:
    """Which of the rows have no value but in the first column."""
    alone = np.ones(len(rows), bool)
    for column in dataset.names[1:]:
        if not alone.any():
            break
        alone &= dataset.frame([column], rows=rows)[column].isna().to_numpy()
    return alone


def _finding(dataset: Dataset, first: str, rows: RowSet) -> Finding:
    texts = dataset.frame([first], rows=rows)[first]
    said = list(dict.fromkeys(texts.dropna()))
    head = "The last row is likely a footnote"
    if len(rows) > 1:
        head = f"The last {count(len(rows), 'row')} are likely footnotes"
    listed = ", ".join(typed_value(Value("text", text)) for text in said)
    return Finding(
        code="footnotes",
        title=f"{head}: {name(first)} says {quoted(said[-1])}, and no other column has a value",
        severity="warning",
        score=0.6,
        why="Text below a table is no row of it: it is a level of its own, and a gap in every other column.",
        suggestion=f"Look at {verb(len(rows), 'the row; drop it', 'the rows; drop them')} unless "
        f"{verb(len(rows), 'it is a thing of its own', 'they are things of their own')}.",
        rows=rows,
        columns=(first,),
        value=float(len(rows)),
        measure="rows below the table",
        limit=0.0,
        n=dataset.rows,
        action="drop",
        where="" if texts.isna().any() else f"{typed_column(first)} is one of ({listed})",
        fix=f"data = data[~{column_of(first)}.isin({said!r})]",
    )
