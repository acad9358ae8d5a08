"""From a raw file to the cleaned one, with the standard library (and pandas for Parquet): the body of every
``recipe.py``.

The export calls these functions too, on the canonical file, so that a script and Winnow cannot differ. Text
is read with Python's csv module and written by `put_text`, not by it: csv (and so ``DataFrame.to_csv``)
leaves a lone CR unquoted, which makes a cell with one into two rows.

A *block* is a list of columns, each a list of cells. A *plan* is what `core.export.plan` says about one raw
file.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import itertools
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from core.loading.json_numbers import Number, json_text
from core.loading.quotes import sound

BLOCK = 50_000
ABSENT = type("Absent", (), {"__repr__": lambda self: "ABSENT"})()  # a key that a JSON object does not have

Block = list[list[Any]]
Plan = dict[str, Any]


def text_blocks(path: Path, plan: Plan) -> Iterator[Block]:
    """The rows of a delimited text file, as Winnow kept them: without preamble, blank lines and rows set
    aside.
    """
    how, width, last, fresh = plan["raw"], len(plan["names"]), "", True
    fields, end = width + how.get("surplus", 0), how.get("end_line")
    settings = {
        "delimiter": how["delimiter"],
        "quotechar": how["quotechar"] or None,
        "escapechar": how["escapechar"] or None,
        "skipinitialspace": how["skipinitialspace"],
        "quoting": csv.QUOTE_MINIMAL if how["quotechar"] else csv.QUOTE_NONE,
    }
    aside, blanks = set(how["aside_lines"]), " \r\n" if how["delimiter"] == "\t" else " \t\r\n"
    csv.field_size_limit(2**31 - 1)
    with open(path, encoding=how["encoding"], errors=how["encoding_errors"], newline="") as file:  # noqa: PTH123

        def lines() -> Iterator[str]:
            nonlocal last, fresh
            for number, last in enumerate(file):
                if end is not None and number >= end:
                    return
                if number >= how["first_data_line"] and number + 1 not in aside:
                    first, fresh = fresh, False
                    yield sound(last, fields, settings) if first else last

        reader = csv.reader(lines(), **settings)
        rows: list[list[str]] = []
        before = 0
        for row in reader:
            blank = reader.line_num - before == 1 and not last.strip(blanks)
            before, fresh = reader.line_num, True
            if not blank:
                rows.append((row + [""] * (width - len(row)))[:width])
            if len(rows) == BLOCK:
                yield [list(column) for column in zip(*rows, strict=True)]
                rows = []
        if rows:
            yield [list(column) for column in zip(*rows, strict=True)]


def json_blocks(path: Path, plan: Plan) -> Iterator[Block]:
    """The rows of a JSON file. Numbers keep their digits."""
    how = plan["raw"]
    rows = json_objects(json_content(path, how), how)
    for start in range(0, len(rows), BLOCK):
        yield [[row.get(name, ABSENT) for row in rows[start : start + BLOCK]] for name in how["header"]]


def json_content(path: Path, how: dict[str, Any]) -> Any:
    """What the file holds: one value per line, or the value within the objects around it."""
    aside = set(how.get("aside_lines", ()))
    content: Any
    with open(path, encoding=how["encoding"]) as file:  # noqa: PTH123
        if how["format"] == "jsonl":
            lines = (line for number, line in enumerate(file, 1) if number not in aside)
            bare = (line.lstrip("\ufeff").strip() for line in lines if line.strip("\ufeff \t\r\n\0"))
            content = [json.loads(line, parse_float=Number) for line in bare]
        else:
            content = json.loads(file.read().lstrip("\ufeff"), parse_float=Number)
    for step in how.get("within", ()):
        content = content[step]
    return content


def json_objects(content: Any, how: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows as objects, however the file has them: as objects or arrays, by key, or as an object of
    columns.
    """
    orient, key = how.get("orient", "records"), how.get("key", "")
    if orient == "values":
        rows = content[bool(how.get("headed")) :]
        return [dict(zip(how["header"], row, strict=False)) for row in rows]
    if orient == "index":
        return [({key: label} if key else {}) | row for label, row in content.items()]
    if orient == "columns":
        return json_transposed(content, key)
    return [content] if isinstance(content, dict) else content


def json_transposed(columns: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The rows of an object of columns, each a list of cells, or an object of them by the row's label."""
    if not all(isinstance(cells, dict) for cells in columns.values()):
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    labels = dict.fromkeys(label for cells in columns.values() for label in cells)
    return [
        ({key: label} if key else {})
        | {name: cells[label] for name, cells in columns.items() if label in cells}
        for label in labels
    ]


def typed_frame(path: Path, plan: Plan) -> Any:
    """A Parquet file as a frame with the file's own column types; not-a-number counts as missing."""
    import pandas as pd

    frame = pd.read_parquet(path, dtype_backend="pyarrow")
    if not isinstance(frame.index, pd.RangeIndex):
        frame = pd.concat([frame.reset_index(drop=True), frame.index.to_frame(index=False)], axis=1)
    frame.columns = pd.Index(plan["names"])
    for name in frame:
        kind = str(frame[name].dtype)
        if name in plan["categories"]:  # the labels themselves; codes come back when the file is written
            frame[name] = frame[name].astype(object)
        elif kind.startswith(("float", "double", "halffloat")):
            frame[name] = frame[name].where(frame[name] == frame[name])
    return frame.reset_index(drop=True)


def frame_blocks(frame: Any) -> Iterator[Block]:
    """The cells of a frame as Python values, None where missing."""
    for start in range(0, len(frame), BLOCK):
        part = frame.iloc[start : start + BLOCK]
        lists = [part[name].to_numpy(dtype=object, na_value=None).tolist() for name in part]
        yield [
            [None if isinstance(cell, float) and cell != cell else cell for cell in column]
            for column in lists
        ]


def within(ranges: list[list[int]], start: int, stop: int) -> Iterator[slice]:
    """The parts of half-open, ascending ``ranges`` that lie in the rows from ``start`` to ``stop``, counted
    from ``start``.
    """
    if ranges and ranges[0][0] < stop and ranges[-1][1] > start:
        for first, past in ranges:
            if first < stop and past > start:
                yield slice(max(first, start) - start, min(past, stop) - start)


def edited(blocks: Iterable[Block], plan: Plan, dropped: bool = False) -> Iterator[Block]:
    """The blocks relabelled, weighted, and without the rows to drop; or, as they were, only those rows.
    Without the columns left out.
    """
    start, omit = 0, set(plan["omit"])
    for columns in blocks:
        stop = start + len(columns[0])
        wanted = bytearray([not dropped]) * (stop - start)
        for part in within(plan["drop"], start, stop):
            wanted[part] = bytes([dropped]) * (part.stop - part.start)
        if not dropped:
            write_decisions(columns, plan, start, stop)
        yield [
            list(itertools.compress(column, wanted))
            for place, column in enumerate(columns)
            if place not in omit
        ]
        start = stop
    if start != plan["rows"]:
        raise ValueError(f"{start} rows were read where {plan['rows']} are expected.")


def write_decisions(columns: Block, plan: Plan, start: int, stop: int) -> None:
    """Write new labels and weights into the cells of the rows from ``start`` to ``stop``."""
    changes = list(plan["relabel"])
    if plan["weight"]:
        place = plan["weight"]["column"]
        if place == len(columns):
            columns.append([plan["weight"]["default"]] * (stop - start))
        changes += [[place, value, ranges] for value, ranges in plan["weight"]["given"]]
    for place, value, ranges in changes:
        for part in within(ranges, start, stop):
            columns[place][part] = [value] * (part.stop - part.start)


def text_of(value: Any) -> str:
    """A value as text: floats by ``repr``, True and False, dates as ISO with a blank, lists and objects as
    JSON; missing is empty.
    """
    if isinstance(value, str):
        return value
    if value is None or value is ABSENT:
        return ""
    if isinstance(value, (list, dict)):
        return json_text(value, text_of)
    return value.hex() if isinstance(value, bytes) else str(value)


def value_of(cell: Any, how: dict[str, Any]) -> Any:
    """The value of a text cell as ``how`` says; raises ValueError where it does not fit."""
    kind = how["as"]
    if kind == "same":
        if isinstance(cell, Number):
            return float(cell)
        return None if cell is ABSENT else cell
    if not isinstance(cell, str):
        cell = text_of(cell)
    if kind == "text":
        return cell or None
    bare = cell.strip()
    if not bare or cell in how["null"] or bare in how["null"]:
        return None
    if kind == "bool":
        return {"true": True, "false": False}[bare.lower()]
    if kind == "int64":
        return int(bare)
    if kind == "double":
        return float(bare.replace(how["drop"], "").replace(how["point"], "."))
    if how["format"] == "iso":
        return datetime.datetime.fromisoformat(bare)
    return datetime.datetime.strptime(bare, how["format"])  # noqa: DTZ007


def converted(blocks: Iterable[Block], cells: list[dict[str, Any]]) -> Iterator[Block]:
    """The blocks with every cell as its value."""
    for columns in blocks:
        yield [[value_of(cell, how) for cell in column] for column, how in zip(columns, cells, strict=True)]


def texts(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks with every cell as text."""
    for columns in blocks:
        yield [[text_of(cell) for cell in column] for column in columns]


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
    edges = (r"|\A[ \t]" if how["skipinitialspace"] else "") + (r"|\A\s*\Z" if alone else "")
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
            file.write(json_columns(blocks, how) + end)
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
    within = how.get("within", ())
    opened = ["{" + json_text(key) + colon for key in within]
    if how.get("columns"):
        names = json_text("columns") + colon + json_shown(how["header"], how) + comma
        opened[-1] = "{" + names + opened[-1][1:]
    left, right = "{}" if how["orient"] == "index" else "[]"
    return f"{''.join(opened)}{left}{end}", f",{end}", f"{end}{right}{'}' * len(within)}{end}"


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


def edited_frame(frame: Any, plan: Plan, dropped: bool = False) -> Any:
    """A frame relabelled, weighted, and without the rows to drop; or, as it was, only those rows. Without the
    columns left out.
    """
    import pandas as pd

    if len(frame) != plan["rows"]:
        raise ValueError(f"{len(frame)} rows were read where {plan['rows']} are expected.")
    chosen = marked(plan["drop"], len(frame)) if dropped else ~marked(plan["drop"], len(frame))
    for place, value, ranges in [] if dropped else plan["relabel"]:
        name = plan["names"][place]
        label = (
            pd.NA
            if value is None
            else pd.Series([value], dtype="string[pyarrow]").astype(frame[name].dtype)[0]
        )
        frame[name] = frame[name].mask(marked(ranges, len(frame)), label)
    if plan["weight"] and not dropped:
        name = [*plan["names"], plan["write"]["header"][-1]][plan["weight"]["column"]]
        cells = frame[name].tolist() if name in frame else [plan["weight"]["default"]] * len(frame)
        for value, ranges in plan["weight"]["given"]:
            for first, past in ranges:
                cells[first:past] = [value] * (past - first)
        frame[name] = pd.Series(cells, dtype="double[pyarrow]")
    frame = frame.take(chosen.nonzero()[0]).drop(columns=[plan["names"][place] for place in plan["omit"]])
    for name in [name for name in plan["categories"] if name in frame]:
        frame[name] = frame[name].astype(object).astype("category")
    return frame


def marked(ranges: list[list[int]], rows: int) -> Any:
    """A boolean array that is true in the ranges."""
    import numpy as np

    mask = np.zeros(rows, bool)
    for first, past in ranges:
        mask[first:past] = True
    return mask


def sha256(path: Path) -> str:
    """The SHA-256 of a file."""
    with open(path, "rb") as file:  # noqa: PTH123
        return str(hashlib.file_digest(file, "sha256").hexdigest())
