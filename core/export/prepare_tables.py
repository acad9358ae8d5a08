"""How ``prepare.py`` finds the columns of a table that has a header: by what that calls them, wherever they
stand. Written so that the script can hold it as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core.loading.one_table import joined_names


def text_table(path: Any, read: dict[str, Any], marks: Sequence[str], wanted: set[str]) -> Any:
    """A delimited text file as text, each column called as in the data decided on. marks: delimiters, of
    which the first is taken that gives the columns wanted. Raises ValueError where there is no table.
    """
    import pandas as pd

    how: dict[str, Any] = {"dtype": "str", "keep_default_na": False, "header": None} | read
    layout = {key: how.pop(key, None) for key in ("names", "head", "lines", "labels")}
    tried = [(mark, *text_header(path, how | {"sep": mark}, layout)) for mark in marks]
    mark, cells, taken = next((one for one in tried if wanted <= set(called(one[1], layout))), tried[0])
    how["sep"] = mark
    width, longer = text_width(path, how, taken, len(cells))
    frame = pd.read_csv(path, names=range(width), index_col=False, on_bad_lines="warn", **how).iloc[taken:]
    frame = with_names(frame.reset_index(drop=True), cells, layout, longer)
    frame.attrs["sep"] = mark
    return frame


def text_line(path: Any, how: dict[str, Any], at: int) -> list[str]:
    """The cells of one line of a text file, counted from the first that is read; none behind the last."""
    import pandas as pd

    try:
        row = pd.read_csv(path, nrows=1, **how | {"skiprows": how.get("skiprows", 0) + at})
    except pd.errors.EmptyDataError:
        return []
    return [str(cell) for cell in row.iloc[0]]


def text_width(path: Any, how: dict[str, Any], taken: int, least: int) -> tuple[int, int]:
    """How many fields the widest line has that holds nothing behind the columns, or how many of those there
    are (``least``); and how many lines are longer than that. taken: lines of the header.
    """
    import csv
    from itertools import islice

    from pandas.io.common import get_handle

    csv.field_size_limit(2**31 - 1)
    dialect: dict[str, Any] = {"quotechar": '"', "quoting": 0, "escapechar": None, "skipinitialspace": False}
    dialect |= {key: value for key, value in how.items() if key in dialect} | {"delimiter": how["sep"]}
    encoding, errors = how.get("encoding", "utf-8"), how.get("encoding_errors", "strict")
    width, beyond = least, dict[int, int]()
    with get_handle(path, "r", encoding=encoding, errors=errors, compression="infer") as file:
        lines = islice(file.handle, how.get("skiprows", 0), None)
        for row in islice(filter(None, csv.reader(lines, **dialect)), taken, None):
            if len(row) > width:
                if any(row[least:]):
                    beyond[len(row)] = beyond.get(len(row), 0) + 1
                else:
                    width = len(row)
    return width, sum(lines for fields, lines in beyond.items() if fields > width)


def text_header(path: Any, how: dict[str, Any], layout: dict[str, Any]) -> tuple[list[str], int]:
    """The names in the header of a text file, one a column, and how many lines it takes."""
    if layout["names"] and not layout["head"]:
        return text_line(path, how, 0), 0
    cells = text_line(path, how, 0)
    more = [text_line(path, how, at) for at in range(1, layout["lines"] or 1)]
    if layout["labels"] and len(text_line(path, how, 1)) == len(cells) + 1:
        cells = ["", *cells]  # the column of the labels has no name
    return header_of([cells, *more], layout)


def header_of(lines: list[list[str]], layout: dict[str, Any]) -> tuple[list[str], int]:
    """The names in a header of so many lines, or in the first of them, as the data decided on have them; and
    how many lines that takes.
    """
    joined, head = joined_names(lines), {*(layout["head"] or ())}
    return (joined, len(lines)) if len(head & {*joined}) > len(head & {*lines[0]}) else (lines[0], 1)


def called(cells: list[str], layout: dict[str, Any]) -> list[str]:
    """What the columns of a file are called here, by the cells of its header: the first of a name is the
    first there. "" for one that is left out. A file without a header has them by their places.

    >>> called(["b", " a", "b", "", "c"], {"head": ["a", "b", "b"], "names": ["a", "b", "b.1"]})
    ['b', 'a', 'b.1', 'column_4', 'c']
    >>> called(["b", "a"], {"head": None, "names": None})
    ['b', 'a']
    >>> called(["1", "2"], {"head": None, "names": ["x", None]})
    ['x', '']
    """
    head, names = layout["head"], layout["names"]
    if names and not head:
        return [name or "" for name in names] if len(names) <= len(cells) else []
    known: dict[str, list[str]] = {}
    for cell, name in zip(head or (), names or (), strict=True):
        known.setdefault(cell.strip(), []).append(name or "")
    given: list[str] = []
    for place, cell in enumerate(cells, 1):
        ours = known.get(cell.strip())
        name = cell if cell.strip() else f"column_{place}"
        name = ours.pop(0) if ours else name
        base, turn = name, 0
        while name and name in (*given, *(one for rest in known.values() for one in rest)):
            turn += 1
            name = f"{base}.{turn}"
        given.append(name)
    return given


def holding(cells: Any) -> Any:
    """Which cells hold something."""
    return cells.notna() & (cells != "")


def with_names(frame: Any, cells: list[str], layout: dict[str, Any], longer: int = 0) -> Any:
    """A table with the names of its columns. Fields behind the last column are none where they are empty, as
    of a delimiter that ends a line; lines that have something there are left out, with a warning that counts
    those, too, which were left out before (``longer``). Raises ValueError where a file without a header has
    another number of columns.
    """
    import warnings

    names, known = called(cells, layout), layout["names"] or ()
    last = len(names)
    if known and not layout["head"]:
        if not last or holding(frame.iloc[:1, last:]).any(axis=None):
            many = f"{len(known)} columns, known by their places, and here are {len(cells)}"
            raise ValueError(f"The data decided on have {many}.")
    else:
        while last and names[last - 1] == f"column_{last}" and names[last - 1] not in known:
            if cells[last - 1].strip() or holding(frame.iloc[:, last - 1]).any():
                break
            last -= 1
    odd = holding(frame.iloc[:, last:]).any(axis=1)
    if lines := int(odd.sum()) + longer:
        have, are = ("line has", "is") if lines == 1 else ("lines have", "are")
        some = f"{lines} {have} more fields than there are columns, and {are} left out."
        warnings.warn(some, stacklevel=2)
        frame = frame[~odd].reset_index(drop=True)
    frame = frame.iloc[:, :last].set_axis(names[:last], axis=1)
    return frame.drop(columns="") if "" in names[:last] else frame


def sheet_table(path: Any, read: dict[str, Any]) -> Any:
    """The table in a sheet of a workbook, each column called as in the data decided on."""
    import pandas as pd

    how: dict[str, Any] = {
        "engine": "calamine",
        "dtype": object,
        "keep_default_na": False,
        "na_values": [""],
        "header": None,
    }
    how |= read
    layout = {key: how.pop(key, None) for key in ("names", "head", "lines", "labels")}
    frame = pd.read_excel(path, **how)
    lines = max(1, layout["lines"] or 1)
    rows = frame.head(lines).astype("str").where(frame.head(lines).notna(), "").to_numpy().tolist()
    if layout["names"] and not layout["head"] or not rows:
        cells, taken = rows[0] if rows else [], 0
    else:
        cells, taken = header_of(rows, layout)
    frame = frame.iloc[taken:].reset_index(drop=True)
    return with_names(frame, cells, layout).infer_objects()


HELPERS: tuple[Callable[..., Any] | str, ...] = (
    joined_names,
    text_table,
    text_line,
    text_width,
    text_header,
    header_of,
    called,
    holding,
    with_names,
    sheet_table,
)
