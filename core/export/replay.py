"""A raw file read and edited as decided, with the standard library (and pandas for Parquet): with
`core.export.writing` the body of every ``recipe.py``.

The export calls these functions too, on the canonical file, so that a script and Winnow cannot differ.

A *block* is a list of columns, each a list of cells. A *plan* is what `core.export.plan` says about one raw
file.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from core.loading.json_numbers import Number, array_begins, json_text, utf8_text
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
            content = [json.loads(line, parse_float=Number, parse_constant=Number) for line in bare]
        else:
            content = json_value_of(file.read().lstrip("\ufeff"))
    for step in how.get("within", ()):
        content = content[step]
    return content


def json_value_of(text: str) -> Any:
    """The value of a JSON text; of several arrays, one below another, all items. Lines below them that are no
    array of rows are passed over.
    """
    decoder, text = json.JSONDecoder(parse_float=Number, parse_constant=Number), text.strip()
    if not text.startswith("["):
        return decoder.decode(text)
    items, at = [], 0
    while at < len(text):
        if text[at] == "[" and (not at or array_begins(text, at)):
            array, at = decoder.raw_decode(text, at)
            items += array
        elif text[at].isspace():
            at += 1
        else:
            at = len(text) if (end := text.find("\n", at)) < 0 else end
    return items


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
    rows = [content] if isinstance(content, dict) else content
    return [row for one in rows for row in (one if isinstance(one, list) else [one])]


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


def with_labels(plan: Plan) -> Plan:
    """The plan of a script that writes JSON: its new labels stand there as JSON."""
    labels = [
        [place, json.loads(text, parse_float=Number, parse_constant=Number), ranges]
        for place, text, ranges in plan["relabel"]
    ]
    return {**plan, "relabel": labels}


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
        return utf8_text(cell) or None
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
        yield [[utf8_text(text_of(cell)) for cell in column] for column in columns]


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
