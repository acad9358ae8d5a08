"""Images that a table names: Hugging Face's metadata, and any manifest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.dataset.keypoints import KEYPOINTS, skeletons_in
from core.loading.images.archive import Member
from core.loading.images.layouts.arranged import PART, PARTS, Arranged, SourceFiles, parted, place_of
from core.loading.images.names import ending
from core.loading.images.tables import TABLES, Table, joined, json_of, naming_column, one_image_each, table_of
from core.phrases import name, names

_NO_COLUMN = "no column of it names these images, each by a name that no other one has"


@dataclass(frozen=True)
class _Naming:
    """A table, its file, and the column that names images."""

    member: Member
    table: Table
    column: str

    @property
    def part(self) -> str | None:
        """The part that the name of the file says."""
        words = re.split(r"[_.\- ]+", self.member.name.rsplit("/", 1)[-1])
        return next((word for word in words if word.lower() in PARTS), None)

    def places(self, files: SourceFiles) -> set[int]:
        cells = self.table.cells[self.column].to_pylist()
        return {at for cell in cells if (at := files.places.of(cell, self.member.name)) is not None}


def metadata(files: SourceFiles) -> Arranged | None:
    """Hugging Face: ``metadata.csv``, ``.jsonl`` or ``.parquet`` in the folders of images, for all below;
    what an export of ours says of keypoints stands in `KEYPOINTS` beside it.
    """
    read = _naming(
        files,
        [
            member
            for member in files.ending(".csv", ".jsonl", ".parquet")
            if member.name.rsplit("/", 1)[-1].rsplit(".", 1)[0] == "metadata"
        ],
    )
    if not read:
        return None
    order = _of_tables(files, read, "metadata")
    beside = [member for member in files.others if member.name.rsplit("/", 1)[-1] == KEYPOINTS]
    for member, said in files.each(beside, lambda one: skeletons_in(json_of(files.read(one))) or None):
        order.skeletons[member.name] = said
        order.used.add(member.name)
    return order


def manifest(files: SourceFiles) -> Arranged | None:
    """A table of which nine cells in ten of a column name files. Of several the one with most rows, and those
    of other parts, where the names of their files say so (``train.csv``, ``test.csv``).
    """
    read = _naming(files, files.ending(*TABLES))
    if not read:
        return None
    first = max(read, key=lambda one: one.table.cells.num_rows)
    taken, named = [first], first.places(files)
    for one in read:
        other = (
            one is not first and first.part is not None and one.part not in {None, *(t.part for t in taken)}
        )
        if other and one.column == first.column and not named & (own := one.places(files)):
            taken.append(one)
            named |= own
        elif one is not first:
            files.why[one.member.name] = (
                f"{name(first.member.name)} was taken, which has as many rows or more"
            )
    return _of_tables(files, [one for one in read if one in taken], "manifest")


def _naming(files: SourceFiles, members: Sequence[Member]) -> list[_Naming]:
    def reading(member: Member) -> _Naming | None:
        content = files.read(member)
        if not content:
            return None
        table = table_of(content, ending(member.name), member.name, files.folder, files.places)
        if table is None or not table.cells.num_rows:
            return None
        column = naming_column(table.cells, files.places, member.name)
        if column is None:
            files.why.setdefault(member.name, _NO_COLUMN)
            return None
        return _Naming(member, table, column)

    return [one for _, one in files.each(members, reading)]


def _of_tables(files: SourceFiles, read: Sequence[_Naming], layout: str) -> Arranged:
    import pyarrow as pa

    order = Arranged(layout, "", [], [], used={one.member.name for one in read})
    tables, parts = [], []
    for one in read:
        table = one_image_each(one.table.cells, one.column)
        for cell in table[one.column].to_pylist():
            place = place_of(order, files, cell, one.member.name)
            order.members.append(None if place is None else files.images[place])
            order.names.append(str(cell) if place is None else files.names[place])
        tables.append(table.drop_columns([one.column]))
        parts += [one.part] * table.num_rows
        order.lost += one.table.lost
        order.findings += one.table.findings
    whole = joined(tables)
    order.columns = {called: whole[called].combine_chunks() for called in whole.column_names}
    taken = {member.name for member in order.members if member is not None}
    order.spare = [one for one in files.names if one not in taken]
    of = names([one.member.name for one in read])
    order.sentence = f"Images named in {of}, column {name(read[0].column)}; its other columns are theirs"
    order = parted(order)
    own = any(column.lower() == PART for column in order.columns)
    if layout == "manifest" and len(read) > 1 and not own:
        order.columns[PART] = pa.array(parts, pa.string())
        order.sentence += "; the table says the part"
    return order
