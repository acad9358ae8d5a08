"""One file per family of formats. A reader turns a source into `Staged`: cells in columns, to be typed
afterwards.

To add a format: write ``read(path, name, options, folder, progress, look) -> Staged`` in a new file, name it
here and in ``options.FORMATS``, and let ``sniff.format_of`` recognise it by content.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.dataset.column import Kind
from core.errors import LoadError
from core.finding import Finding
from core.limits import COLUMNS
from core.loading.decoding import visible
from core.loading.options import SHEETS, STATISTICAL
from core.phrases import count, name, quoted
from core.rowset import RowSet

if TYPE_CHECKING:
    import pyarrow as pa

    from core.loading.cells import Cells

ROWS = 131_072  # rows of a batch, and of a row group of the canonical file
LOOK_ROWS = 1_000  # rows of a Parquet file that a preview reads
BATCH_BYTES = 64_000_000
READERS = {
    **dict.fromkeys(("csv", "tsv"), "delimited"),
    **dict.fromkeys(("json", "jsonl"), "json"),
    "parquet": "parquet",
    "images": "images",
    **dict.fromkeys(SHEETS, "sheets"),
    "feather": "arrow",
    **{format: format for format in ("orc", "arff", "sqlite", "duckdb")},
    **dict.fromkeys(("npy", "npz"), "arrays"),
    **dict.fromkeys(STATISTICAL, "statistical"),
}


@dataclass
class Staged:
    """A source that has been read but not typed.

    ``cells`` knows how the cells of this format become values. ``batches(columns)`` yields Arrow batches of
    the columns at these positions, in source order, and can be called again. ``aside`` counts the rows kept
    aside; their file lies in the folder. ``kinds``: of columns that are known to be of one.
    ``empty``: columns that say nothing here, and are left out where they say nothing in any source.
    """

    names: list[str]
    rows: int
    format: str
    cells: Cells
    batches: Callable[[list[int]], Iterator[pa.RecordBatch]]
    types: list[str]
    options: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    aside: int = 0
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    empty: frozenset[str] = frozenset()

    def column(self, position: int) -> Iterator[pa.Array]:
        """The chunks of one column."""
        for batch in self.batches([position]):
            yield batch.column(0)


def reader_of(format: str) -> Any:
    """The module that reads a format."""
    return importlib.import_module(f"core.loading.readers.{READERS[format]}")


def check_width(columns: int, name: str) -> None:
    """Raise `LoadError` when there are more columns than the limit."""
    if columns > COLUMNS.value:
        raise LoadError(
            f"{name} has {columns:,} columns; the limit is {COLUMNS.value:,}. "
            f"Keep fewer columns, or raise {COLUMNS.env} if you have the memory."
        )


def unique_names(header: list[str]) -> list[str]:
    """The names made non-empty and unique: "column_3" where there is none, "age.1" for the second "age".

    >>> unique_names(["age", "", "age", "age.1"])
    ['age', 'column_2', 'age.2', 'age.1']
    """
    taken = {name for name in header if name.strip()}
    names: list[str] = []
    seen: set[str] = set()
    for place, given in enumerate(header, 1):
        name = visible(given) if given.strip() else f"column_{place}"
        base, turn = name, 0
        while name in seen or (name in taken and name != given):
            turn += 1
            name = f"{base}.{turn}"
        seen.add(name)
        names.append(name)
    return names


def rows_aside(aside: int, rows: int, title: str, why: str) -> Finding:
    """The finding that says that ``aside`` rows or lines, besides the ``rows`` read, could not be read."""
    share = aside / (rows + aside)
    suggestion = "Look at them on the load page; there they can be mended and put back."
    return Finding(
        "rows_aside", title, "warning", min(1.0, share), why, suggestion, value=share, left_out=True
    )


def another_table(title: str, suggestion: str, many: int, rows: int) -> Finding:
    """The finding that says that the file holds another table of ``many`` rows, besides the ``rows`` read."""
    why = "One data set holds one table; rows of another one would get its columns."
    share = min(1.0, many / max(1, rows + many))
    return Finding(
        "another_table", title, "warning", share, why, suggestion, value=float(many), left_out=True
    )


def no_rows() -> Finding:
    """The finding that says that a table has names and no rows."""
    return Finding(
        "no_rows",
        "The table has no rows: choose a file with rows of data.",
        "warning",
        1.0,
        "There is nothing to look at; what a column holds cannot be known.",
        "Choose a file with rows of data.",
    )


def rows_put_back(
    back: list[tuple[int, int]], rows: int, joined: Sequence[str] = (), last: str = ""
) -> Finding | None:
    """The finding that says which of the ``rows`` were kept aside and are put back; None for none. back: line
    and row of each. joined: what the ``last`` column got where surplus fields were joined to it.
    """
    if not back:
        return None
    ids = RowSet([row for _, row in back])
    title = f"{count(len(back), 'row')} {'was' if len(back) == 1 else 'were'} kept aside and put back by hand"
    what = "Look at these rows."
    if joined:
        title += (
            f"; surplus fields of {len(joined):,} are joined to {name(last)}, which got {quoted(joined[0])}"
        )
        what = f"Look at the values of {name(last)}, or put the lines back without their surplus fields."
    why = "As the file has them, these lines could not be read as rows; what they hold now was decided."
    return Finding(
        "rows_put_back",
        f"{title}.",
        "warning" if joined else "info",
        0.1,
        why,
        what,
        ids,
        columns=(last,) if joined else (),
        value=len(back) / rows,
    )


def renamed(header: list[str], names: list[str]) -> list[Finding]:
    """The finding that says which columns had to be named otherwise than in the source.

    >>> renamed(["a", "", "a"], ["a", "b", "a_2"])[0].title
    "2 columns had an empty or a repeated name (empty, column 2; 'a', column 3); now called 'b', 'a_2'."
    """
    changed = [name for name, old in zip(names, header, strict=True) if name != old]
    if not changed:
        return []
    few = ", ".join(repr(name) for name in changed[:5]) + (", …" if len(changed) > 5 else "")
    places = [at for at, (name, old) in enumerate(zip(names, header, strict=True), 1) if name != old]
    which = [
        f"{repr(visible(header[at - 1])) if header[at - 1].strip() else 'empty'}, column {at}"
        for at in places[:3]
    ]
    where = "; ".join(which) + ("; …" if len(places) > 3 else "")
    return [
        Finding(
            "unusable_names",
            f"{count(len(changed), 'column')} had an empty or a repeated name ({where}); now called {few}.",
            "warning",
            min(1.0, len(changed) / len(names)),
            "Empty or repeated names make it unclear which column is meant.",
            "Give every column its own name in the source. "
            "The export in the input's format writes the original names.",
            columns=tuple(changed),
            value=float(len(changed)),
        )
    ]
