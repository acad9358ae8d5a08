"""Layouts in which a table names the images, and its other columns describe them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.loading.images.archive import Member
from core.loading.images.layouts.arranged import Arranged, SourceFiles, content, parted
from core.loading.images.names import ending
from core.loading.images.tables import TABLES, Places, naming_column, table_of
from core.phrases import name

if TYPE_CHECKING:
    import pyarrow as pa


def metadata(files: SourceFiles) -> Arranged | None:
    """Hugging Face: ``metadata.csv``, ``.jsonl`` or ``.parquet`` in the folders of images, for all below."""
    tables = [
        member
        for member in files.ending(".csv", ".jsonl", ".parquet")
        if member.name.rsplit("/", 1)[-1].rsplit(".", 1)[0] == "metadata"
    ]
    return _of_tables(files, tables, "metadata")


def manifest(files: SourceFiles) -> Arranged | None:
    """A table of which nine cells in ten of a column name files."""
    return _of_tables(files, files.ending(*TABLES), "manifest")


def _of_tables(files: SourceFiles, members: Sequence[Member], layout: str) -> Arranged | None:
    import pyarrow as pa

    read: list[tuple[Member, pa.Table, str]] = []
    for member in members:
        table = table_of(content(member), ending(member.name))
        below = member.name.rpartition("/")[0]
        column = None if table is None else naming_column(table, Places(files.names, below))
        if table is not None and column is not None and table.num_rows:
            read.append((member, table, column))
    if not read:
        return None
    if layout == "manifest":
        read = [max(read, key=lambda one: one[1].num_rows)]
    rows: list[Member | None] = []
    names: list[str] = []
    missing: list[str] = []
    for member, table, column in read:
        places = Places(files.names, member.name.rpartition("/")[0])
        for cell in table[column].to_pylist():
            place = places.of(cell)
            rows.append(None if place is None else files.images[place])
            names.append(str(cell) if place is None else files.images[place].name)
            missing += [] if place is not None else [str(cell)]
    used = {member.name for member in rows if member is not None}
    tables = [table.drop_columns([column]) for _, table, column in read]
    joined = pa.concat_tables(tables, promote_options="permissive")
    columns = dict(
        zip(joined.column_names, (column.combine_chunks() for column in joined.columns), strict=True)
    )
    spare = [one for one in files.names if one not in used]
    table_name = name(read[0][0].name)
    sentence = f"Images named in {table_name}, column {name(read[0][2])}; its other columns are theirs"
    return parted(Arranged(layout, sentence, rows, names, columns, missing=missing, spare=spare))
