"""What was chosen of a source before its columns are typed: how cells are read, and which columns under which
names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.errors import LoadError
from core.loading.cells import JsonCells, TextCells, Ways
from core.loading.options import CHOSEN, Options
from core.loading.readers import Staged
from core.phrases import names as named
from core.phrases import quoted

if TYPE_CHECKING:
    import pyarrow as pa


def chosen(staged: Staged, options: Options, name: str, strict: bool = True) -> Staged:
    """The source as the options want it. strict: raise `LoadError` where it lacks a column that they name
    (a second source may lack some).
    """
    staged.options |= {key: value for key in CHOSEN if (value := getattr(options, key)) not in (None, ())}
    return _columns(_cells(staged, options, name), options, name, strict)


def _cells(staged: Staged, options: Options, name: str) -> Staged:
    """The cells read as the options say. Raises `LoadError` for cells that are typed in the file."""
    ways = Ways(options.missing, options.thousands, options.date_order)
    if ways == Ways():
        return staged
    cells: Any = staged.cells
    if isinstance(cells, TextCells) or (isinstance(cells, JsonCells) and ways.thousands is None):
        return replace(staged, cells=replace(cells, ways=ways))
    what = (
        "A mark between thousands is" if isinstance(cells, JsonCells) else "Missing words and date order are"
    )
    raise LoadError(
        f"{what} for text; the cells of {name} have types of their own ({staged.format}). Leave that option "
        "out, or change the values by a step on Prepare."
    )


def _columns(staged: Staged, options: Options, name: str, strict: bool) -> Staged:
    """The columns that are not left out, under the names that are wanted."""
    if not options.leave_out and not options.rename:
        return staged
    rename = dict(options.rename)
    unknown = [one for one in (*options.leave_out, *rename) if one not in staged.names]
    if unknown and strict:
        raise LoadError(
            f"{name} has no column {quoted(unknown[0])} to leave out or rename; there are "
            f"{named(staged.names, 10)}."
        )
    places = [place for place, one in enumerate(staged.names) if one not in options.leave_out]
    if not places:
        raise LoadError(f"All columns of {name} are left out. Keep at least one.")
    names = [rename.get(staged.names[place], staged.names[place]) for place in places]
    twice = [one for one in names if names.count(one) > 1 or not one.strip()]
    if twice:
        raise LoadError(f"Two columns of {name} would be called {quoted(twice[0])}. Choose another name.")
    header = staged.options.get("header")
    if header is not None:
        given = [*header, *[""] * (len(staged.names) - len(header))]
        header = [rename.get(staged.names[place], given[place]) for place in places]
    labels = bool(staged.options.get("row_labels")) and 0 in places and staged.names[0] not in rename
    staged.options |= {"names": names, "header": header, "kept_columns": places, "read_names": staged.names}
    staged.options |= {"row_labels": labels} if "row_labels" in staged.options else {}
    return _picked(staged, places, names)


def _picked(staged: Staged, places: list[int], names: list[str]) -> Staged:
    """The columns at these places, under these names."""
    import pyarrow as pa

    def batches(wanted: list[int]) -> Iterator[pa.RecordBatch]:
        for batch in staged.batches([places[at] for at in wanted]):
            yield pa.record_batch(batch.columns, names=[str(at) for at in wanted])

    new = {staged.names[place]: name for place, name in zip(places, names, strict=True)}
    findings = [
        replace(one, columns=tuple(new[column] for column in one.columns))
        for one in staged.findings
        if not one.columns or set(one.columns) <= set(new)
    ]
    return replace(
        staged,
        names=names,
        types=[staged.types[place] for place in places],
        batches=batches,
        kinds={new[column]: kind for column, kind in staged.kinds.items() if column in new},
        findings=findings,
        empty=frozenset(new[column] for column in staged.empty if column in new),
    )
