"""How ``prepare.py`` reads and writes JSON: objects and lists stay what they are, and cells that no step
changed stand as in the file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.changes import differing
from core.export import json_form, writing
from core.export.json_form import json_cell
from core.export.prepare_parts import cells_as_text, read, within
from core.export.replay import ABSENT
from core.export.writing import put_json
from core.loading import as_json
from core.loading.as_json import json_value
from core.loading.json_numbers import Number
from core.loading.text import as_text

if TYPE_CHECKING:
    import pandas as pd

FRAME = '''LAYOUT = {layout}  # how the rows stand in a JSON file


def decided_table(path, plan):
    """The rows of the file that was decided on, as Winnow kept them."""
    return json_frame(path, plan["raw"], plan["names"])


def json_frame(path, how, names):
    """The rows of a JSON file; objects and lists in its cells stay what they are."""
    rows = json_objects(json_content(path, how), how)
    return pd.DataFrame(rows, dtype=object).rename(columns=dict(zip(how["header"], names)))


def json_or_otherwise(path, lines):
    """The rows of a JSON file that holds them as the one decided on does, as an array or lines of objects, or
    else as pandas expects them.
    """
    how, names = LAYOUT
    plain = {"within": [], "orient": "records", "format": "jsonl" if lines else "json"}
    for one in (how, how | plain):
        with contextlib.suppress(ValueError, LookupError, TypeError, AttributeError):
            return json_frame(path, one, names)
    with warnings.catch_warnings(action="ignore"):  # later pandas needs no convert_dates
        return pd.read_json(path, lines=lines, dtype=False, convert_dates=False)


'''


def cells_as_json(
    frame: pd.DataFrame, about: pd.DataFrame, given: pd.DataFrame, ways: Mapping[str, Any], how: Any
) -> list[list[Any]]:
    """The cells of a cleaned table as JSON values: those that no step changed as they stand in the file."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    source = about["source"].fillna(-1).astype("int64").to_numpy()
    place = about["place"].to_numpy()
    rows = pa.array(source, mask=source < 0)
    columns = []
    for name in frame:
        values = pa.chunked_array([pa.Array.from_pandas(frame[name])])
        times = pa.types.is_timestamp(values.type)
        plain = pc.if_else(values.is_valid(), as_text(values), None) if times else values
        cells = plain.to_pylist()
        own, form = how["sources"].get(name, "" if name in ways else name), how["forms"].get(name)
        there = as_they_stand(given[own], times or pa.types.is_string(values.type)) if own in given else []
        for row, at in enumerate(source) if form else ():
            cells[row] = json_cell(cells[row], there[at] if there and at >= 0 else None, form)
        if own in given and how["kind"] != "typed":
            stays = source >= 0
            if own in ways:
                known = pa.Array.from_pandas(read(cells_as_text(given[[own]])[own], *ways[own]))
                stays &= ~differing(pa.chunked_array([known.take(rows)]), values)
            if times and not (stays.all() if (place < 0).all() else name not in how["anew"]):
                stays &= False
            for row in np.flatnonzero(stays).tolist() if there else ():
                cells[row] = there[source[row]]
        for column, written, ranges in how["cells"]:
            for row in np.flatnonzero(within(place, ranges)).tolist() if column == name else ():
                cells[row] = json.loads(written, parse_float=Number, parse_constant=Number)
        columns.append(cells)
    return columns


def as_they_stand(column: Any, as_text: bool) -> list[Any]:
    """The cells of a column of the file, to be written again; none where its values are. as_text: whether
    text is written as it is.
    """
    if column.dtype == object:  # of JSON: where pandas has its own NaN, there is no such key
        return [ABSENT if type(cell) is float and cell != cell else cell for cell in column]
    if as_text and str(column.dtype) == "str":
        return [cell if isinstance(cell, str) and cell else None for cell in column]
    return []


def put_as_json(
    frame: pd.DataFrame,
    about: pd.DataFrame,
    given: pd.DataFrame,
    ways: Mapping[str, Any],
    how: Any,
    path: str,
) -> None:
    """Write a cleaned table as JSON: as the export does, where that wrote JSON."""
    ending = path.rpartition(".")[2].lower()
    style = how["json"] if ending == how["ending"] and how["json"] else {"orient": "records"}
    style = {"format": "json" if ending == "json" else "jsonl"} | style
    style["header"] = [how["names"].get(name, name) for name in frame]
    put_json([cells_as_json(frame, about, given, ways, how)], style, Path(path))


HELPERS: tuple[Callable[..., Any] | str, ...] = (
    f"SORTS = {as_json.SORTS!r}",
    json_value,
    json_form.json_cell,
    writing.json_shown,
    writing.json_around,
    writing.json_marks,
    writing.json_columns,
    writing.json_rows,
    put_json,
    as_they_stand,
    cells_as_json,
    put_as_json,
)
