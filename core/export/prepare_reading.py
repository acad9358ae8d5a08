"""How ``prepare.py`` reads each column: the type that it has in the data, and the first way of reading its
text that gives the same values.
"""

from __future__ import annotations

from typing import Any

from core.dataset import Dataset
from core.dataset.column import Column
from core.dataset.source import Source
from core.export import prepare_parts as parts
from core.export.source_cells import text_cells

PROBED = 5_000  # cells by which it is found how a column is read
DATES = [f"%{a}{sep}%{b}{sep}%Y" for sep in "/-." for a, b in ("dm", "md")]
FORMATS = (
    "ISO8601",
    *(day + clock for day in (*DATES, "%Y/%m/%d", "%d %b %Y", "%d %B %Y", "%B %d, %Y")
      for clock in ("", " %H:%M", " %H:%M:%S")),
)  # fmt: skip


def read_as(
    dataset: Dataset, column: Column, source: Source | None = None, first: int = 0
) -> tuple[str, dict[str, Any]]:
    """The type of a column, and how its text is read in a source whose rows stand from ``first`` on; by
    default that of train.
    """
    import pandas as pd

    options = (source or dataset.source).options
    text = column.stored == "string"  # in which a word such as NA may be an answer, if nobody says otherwise
    marks = options.get("missing" if text else "null_tokens", ())
    null = sorted({*(mark for mark, _ in column.null_tokens), *marks})
    how: dict[str, Any] = {"null": null}
    if text:
        if column.source not in ("", "text") and not _all_missing(dataset, column):
            how["empty"] = True  # an empty text is a value there
        return column.stored, how
    stored, ways = column.stored, list[dict[str, Any]]()
    if stored.startswith("timestamp"):
        ways = [how | {"format": form} for form in FORMATS]
    elif stored != "bool":
        point = "," if options.get("decimal") == "," else "."
        ways = [how | {"point": p, "drop": d} for p, d in ((point, " "), (".", ","), (",", "."))]
    if column.source not in ("", "text") and ways:
        return stored, ways[0]
    texts, values = _probe(dataset, column, first)
    for way in ways:
        got = _tried(pd.Series(texts, dtype="str"), stored, way)
        if got is not None and got == values:
            return stored, way
    return stored, (ways[0] | {"unread": stored.startswith("timestamp")} if ways else how)


def _all_missing(dataset: Dataset, column: Column) -> bool:
    """Whether a column has no value at all: then empty texts are none, too."""
    return bool(dataset.table([column.name]).column(0).null_count == dataset.rows)


def _probe(dataset: Dataset, column: Column, first: int) -> tuple[list[str], list[Any]]:
    """Some cells as they stand in the source, and their values."""
    if first:
        rows = dataset.table([column.name]).slice(first, PROBED).combine_chunks().to_batches()
        batch = rows[0] if rows else None
    else:
        batch = next(iter(dataset.batches([column.name], PROBED)), None)
    if batch is None:
        return [], []
    values = batch.column(0)
    texts = dataset.raw(column.name).slice(first, len(batch)).to_pylist() if column.raw else None
    if texts is None:
        texts = text_cells(batch, column)
    return ["" if text is None else text for text in texts], values.to_pylist()


def _tried(texts: Any, stored: str, way: dict[str, Any]) -> list[Any] | None:
    import pyarrow as pa

    try:
        got: list[Any] = pa.Array.from_pandas(parts.read(texts, stored, way)).to_pylist()
    except (ValueError, TypeError, pa.ArrowInvalid):
        return None
    return got
