"""JSON (an array of objects, or an object of columns) and JSON Lines."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.errors import LoadError
from core.finding import Finding
from core.loading.cells import JsonCells
from core.loading.decoding import survey, visible
from core.loading.json_numbers import json_text
from core.loading.options import Options
from core.loading.put_back import SHOWN
from core.loading.readers import Staged, check_width, renamed, unique_names
from core.loading.readers.json_rows import Record, RowSource
from core.loading.readers.staging import Stage
from core.phrases import names as names_of
from core.progress import Progress

BATCH_CELLS = 500_000
_UNFOLD = """import json
import pandas as pd
for column in {columns!r}:
    cells = [json.loads(c) if isinstance(c, str) and c[:1] in ("{{", "[") else c for c in data[column]]
    if any(isinstance(c, dict) for c in cells):
        parts = pd.json_normalize([c if isinstance(c, dict) else {{}} for c in cells])
        data = data.drop(columns=column).join(parts.set_axis(data.index).add_prefix(column + "."))"""


def read(
    path: Path, name: str, options: Options, folder: Path, progress: Progress, look: bool = False
) -> Staged:
    """Read a JSON source. ``look``: it is the beginning of a longer one, so an end in the middle is no
    error.
    """
    seen = survey(path, options.encoding, progress.check)
    if not seen.valid:
        raise LoadError(f"{name} is not valid {seen.encoding}. Save it as UTF-8, or say its encoding.")
    source = RowSource(path, seen.encoding, name, options.format == "jsonl", look)
    source.put_back, source.table, source.header = options.put_back, options.table, options.header_line
    names = _names(source)
    check_width(len(names), name)
    aside = list(source.aside)
    stage = Stage(folder / "staged.parquet", len(names))
    nested = _pour(source.records(), names, stage, progress)
    header = [visible(name) for name in names]
    kept = unique_names(header)
    folded = [column for column, name in zip(kept, names, strict=True) if name in nested]
    plain: dict[str, Any] = {"format": options.format, "encoding": seen.encoding}
    plain |= {"header": header, "names": kept}
    plain |= {"put_back": options.put_back, "rows_back": source.rows_back} if options.put_back else {}
    confidence = {"encoding": seen.confidence}
    if source.sure is not None:
        plain["header_line"], confidence["header_line"] = (0 if source.headed else None), source.sure
    plain |= {"confidence": confidence, "doubt": seen.doubt and seen.doubt.to_plain()}
    if aside:
        _keep(aside, folder / "aside.csv")
    return Staged(
        names=kept,
        rows=stage.rows,
        format=options.format or "json",
        cells=JsonCells(),
        batches=stage.batches,
        types=["json"] * len(kept),
        options=plain | source.style() | {"aside_lines": [line for line, _, _ in aside]},
        findings=renamed(header, kept) + source.findings(stage.rows) + _nested(folded),
        aside=len(aside),
    )


def _names(source: RowSource) -> list[str]:
    """The keys of all rows, in the order in which they are met. Raises `LoadError` where there is none."""
    keys = dict.fromkeys(key for record in source.records() for key in record)
    names = dict.fromkeys([*source.names, *keys])
    if not names and source.aside:
        raise LoadError(
            f"None of the {len(source.aside):,} lines of {source.name} could be read; the first: line "
            f"{source.aside[0][0]:,}, {source.aside[0][1]}. Mend them."
        )
    if not names:
        raise LoadError(
            f"{source.name} holds no rows. "
            "Give an array of objects, an object of columns, or one object per line."
        )
    return list(names)


def _keep(aside: list[tuple[int, str, str]], path: Path) -> None:
    """Write the lines kept aside, with number and reason, as the reader of delimited text does."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "reason", "text"])
        writer.writerows([line, reason, visible(text)[:SHOWN]] for line, reason, text in aside)


def _nested(columns: list[str]) -> list[Finding]:
    """The finding that says which columns hold objects or arrays."""
    if not columns:
        return []
    hold = "holds" if len(columns) == 1 else "hold"
    title = f"{names_of(columns)} {hold} objects or lists in a cell, kept as JSON text."
    why = "What is within such a cell is not looked at: two orders of one list are two values, a null no gap."
    suggestion = (
        "To work with the parts of objects, give each a column with these lines, and load the result."
    )
    fix = _UNFOLD.format(columns=columns)
    return [Finding("nested_json", title, "info", 0.1, why, suggestion, columns=tuple(columns), fix=fix)]


def _pour(records: Iterator[Record], names: list[str], stage: Stage, progress: Progress) -> set[str]:
    """Stage the cells. Gives the names of the columns in which some are objects or arrays."""
    import pyarrow as pa

    size = max(1, BATCH_CELLS // len(names))
    batch: list[Record] = []
    nested: set[str] = set()

    def pour() -> None:
        progress.check()
        flat = [name for name in names if name not in nested]
        nested.update(n for n in flat if any(isinstance(record.get(n), (dict, list)) for record in batch))
        stage.add([pa.array([_text(record, name) for record in batch], pa.string()) for name in names])
        batch.clear()

    for record in records:
        batch.append(record)
        if len(batch) >= size:
            pour()
    if batch:
        pour()
    stage.close()
    return nested


def _text(record: Record, name: str) -> str | None:
    """The JSON text of one cell; None where the record has no such key."""
    return json_text(record[name]) if name in record else None
