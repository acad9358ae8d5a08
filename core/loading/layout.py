"""Where in a delimited text the table is, and where others are: the nouns.

`core.loading.tables` finds the tables of a file, `core.loading.one_table` the header and the rows of one.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.loading.expected import Expected


@dataclass(frozen=True)
class TablePlace:
    """Where another table stands: the 0-based lines where it begins (with its title), of its names (None
    without), and of its first row.
    """

    start: int
    names: int | None
    rows: int

    def moved(self, by: int) -> TablePlace:
        """The place counted from another line."""
        return TablePlace(self.start + by, None if self.names is None else self.names + by, self.rows + by)


@dataclass(frozen=True)
class Layout:
    """Where the table is.

    header: the names in the place of the columns, as in the file; None without one.
    row_labels: the header has no field above the first column, as R writes it.
    header_line, first_data_line: 0-based physical lines; NO_HEADER without a header.
    header_rows: records of the header, whose cells are put together in the names.
    end_line: the physical line before which the table ends; None where it goes on to the end of the file.
    width: columns. surplus: fields after the last column that are empty in every row.
    sure: how sure the header is, 0 to 1.
    above: the 0-based line before which what stands above the table looks like data; 0 where none does.
    others: other tables in the file, as far as they are known.
    expected: what the rows are like.
    """

    header: tuple[str, ...] | None
    row_labels: bool
    header_line: int
    first_data_line: int
    header_rows: int
    end_line: int | None
    width: int
    surplus: int
    sure: float
    above: int
    others: tuple[TablePlace, ...]
    expected: Expected
