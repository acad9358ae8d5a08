"""The cleaned file written as the raw one was: delimiters, quotes, JSON's shape, column types. The other half
of every ``recipe.py``, beside `core.export.replay`.

Text is written by `put_text`, not by Python's csv module: csv (and so ``DataFrame.to_csv``) leaves a lone CR
unquoted, which makes a cell with one into two rows.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from core.export.replay import ABSENT, Block, text_of
from core.loading.json_numbers import json_text


def put_text(blocks: Iterable[Block], how: dict[str, Any], path: Path) -> int:
    """Write delimited text; gives the number of cells that were made safe for spreadsheets."""
    touched = 0
    with open(path, "w", encoding=how["encoding"], errors=how["encoding_errors"], newline="") as file:  # noqa: PTH123
        # None stands for the name that R leaves out above the row labels
        head = [[[name] for name in how["header"] if name is not None]] if how["header"] is not None else []
        for columns in itertools.chain(head, blocks):
            if how["excel_safe"]:
                touched += sum(make_safe(column) for column in columns)
            columns = [quoted(column, how, len(columns) == 1) for column in columns]
            lines = map(how["delimiter"].join, zip(*columns, strict=True))
            file.writelines(line + how["newline"] for line in lines)
    return touched


def quoted(column: list[str], how: dict[str, Any], alone: bool) -> list[str]:
    """The cells, in quotes where they need them to be read back as they are."""
    quote, escape = how["quotechar"], how["escapechar"]
    marks = {how["delimiter"], "\r", "\n", *filter(None, (quote, escape))}
    text = "\0".join(column)
    if not alone and not how["skipinitialspace"] and not any(mark in text for mark in marks):
        return column
    lost = alone or (how["skipinitialspace"] and how["delimiter"] == " ")  # where it is empty
    edges = (r"|\A[ \t]" if how["skipinitialspace"] else "") + (r"|\A\s*\Z" if lost else "")
    wanted = re.compile("[" + re.escape("".join(sorted(marks))) + "]" + edges)

    def one(cell: str) -> str:
        if not wanted.search(cell):
            return cell
        if not quote:
            raise ValueError(f"{cell[:40]!r} cannot be written without quotes, and the file has none.")
        if escape:
            cell = cell.replace(escape, escape + escape)
        return f"{quote}{cell.replace(quote, quote + quote)}{quote}"

    return [one(cell) for cell in column]


FORMULA = re.compile(r"[\t\r]|\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20]")
NUMBER = re.compile(r"\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s*\Z")


def make_safe(column: list[str]) -> int:
    """Put a ' before texts that a spreadsheet would run as a formula; numbers stay. Gives how many."""
    risky = [place for place, cell in enumerate(column) if FORMULA.match(cell) and not NUMBER.match(cell)]
    for place in risky:
        column[place] = "'" + column[place]
    return len(risky)


def put_json(blocks: Iterable[Block], how: dict[str, Any], path: Path) -> int:
    """Write the rows as the source holds them: objects or arrays, one per line, in an array, by key, or as
    one object of columns; within the objects that were around them.
    """
    end = how.get("newline", "\n")
    first, between, last = json_marks(how, end)
    before = first
    with open(path, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123
        if how["orient"] == "columns":
            opened, closed = json_around(how)
            file.write("".join(opened) + json_columns(blocks, how) + closed + end)
            return 0
        for text in json_rows(blocks, how):
            file.write(before + text)
            before = between
        file.write(last if before == between else first + last.removeprefix(end))
    return 0


def json_shown(value: Any, how: dict[str, Any]) -> str:
    """A value as JSON, with or without blanks between its parts."""
    comma, colon = (",", ":") if how.get("compact") else (", ", ": ")
    return json_text(value, text_of, comma, colon)


def json_marks(how: dict[str, Any], end: str) -> tuple[str, str, str]:
    """What stands before the first row, between two, and behind the last."""
    if how["format"] == "jsonl":
        return "", end, end
    comma, colon = (",", ":") if how.get("compact") else (", ", ": ")
    opened, closed = json_around(how)
    if how.get("columns"):
        names = json_text("columns") + colon + json_shown(how["header"], how) + comma
        opened[-1] = "{" + names + opened[-1][1:]
    left, right = "{}" if how["orient"] == "index" else "[]"
    return f"{''.join(opened)}{left}{end}", f",{end}", f"{end}{right}{closed}{end}"


def json_around(how: dict[str, Any]) -> tuple[list[str], str]:
    """What stands before the rows for each step on the way to them, a key or the place in an array, and what
    closes all of it.
    """
    within, colon = how.get("within", ()), ":" if how.get("compact") else ": "
    opened = ["[" if isinstance(step, int) else "{" + json_text(step) + colon for step in within]
    return opened, "".join("]" if isinstance(step, int) else "}" for step in reversed(within))


def json_columns(blocks: Iterable[Block], how: dict[str, Any]) -> str:
    """All rows as one object of columns."""
    columns = [list(itertools.chain(*parts)) for parts in zip(*blocks, strict=True)]
    cells = zip(how["header"], columns or [[]] * len(how["header"]), strict=True)
    return json_shown({name: [None if c is ABSENT else c for c in column] for name, column in cells}, how)


def json_rows(blocks: Iterable[Block], how: dict[str, Any]) -> Iterator[str]:
    """The rows, each as an array or an object, the latter perhaps with its key; the names first, where they
    are a row.
    """
    orient, header, colon = how["orient"], how["header"], ":" if how.get("compact") else ": "
    if how.get("headed"):
        yield json_shown(header, how)
    rows = (row for block in blocks for row in zip(*block, strict=True))
    for number, row in enumerate(rows):
        if orient == "values":
            yield json_shown([None if cell is ABSENT else cell for cell in row], how)
            continue
        held = {name: cell for name, cell in zip(header, row, strict=True) if cell is not ABSENT}
        label = json_text(text_of(held.pop(how.get("key"), number))) + colon if orient == "index" else ""
        yield label + json_shown(held, how)


def put_parquet(blocks: Iterable[Block], how: dict[str, Any], path: Path) -> int:
    """Write Parquet with the column types of the plan."""
    import pandas as pd

    columns: Block = [[] for _ in how["header"]]
    for block in blocks:
        for column, more in zip(columns, block, strict=True):
            column.extend(more)
    frame = {
        name: pd.Series(column, dtype=f"{kind}[pyarrow]")
        for name, column, kind in zip(how["header"], columns, how["types"], strict=True)
    }
    put_frame(pd.DataFrame(frame), path)
    return 0


def put_frame(frame: Any, path: Path) -> None:
    """Write a frame as Parquet with plain column types, without the note to pandas about its own dtypes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None), path)
