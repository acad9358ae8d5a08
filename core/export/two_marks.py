"""The note of a cleaned text file in which numbers that steps wrote have another decimal mark than others."""

from __future__ import annotations

from core.export.side import PartWriter
from core.loading.decimal_mark import has_commas
from core.phrases import names, verb
from core.settled import Content

_SOME = 200  # texts that are looked at


def two_marks(side: PartWriter) -> list[str]:
    """The note, where new numbers have the decimal point of the file's own while a column that came has
    commas: those are as they were. Columns are called as in the file written; those left out are not in it.
    """
    plan, own = side.plan, side.layout.commas if side.layout else frozenset()
    if plan["write"]["kind"] != "text" or side.kind != "text" or side.source.options.get("decimal") == ",":
        return []
    contents = side.layout.contents if side.layout else [Content(one, one.name, None) for one in side.columns]
    there = [one for place, one in enumerate(contents) if place not in plan["omit"]]
    commas = [one.column.name for one in there if _in_commas(side, one, own)]
    new = [
        one.column.name
        for one in there
        if one.values is not None and one.column.stored == "double" and one.column.name not in own
    ]
    if not commas or not (new or plan["weight"]):
        return []
    what = f"The numbers of {names(new)}" if new else "Weights"
    if new and plan["weight"]:
        what = f"{what}, and the weights,"
    return [
        f"{what} are written with a decimal point, as the file was read; {names(commas)} "
        f"{verb(len(commas), 'has', 'have')} decimal commas, as it came."
    ]


def _in_commas(side: PartWriter, one: Content, own: frozenset[str]) -> bool:
    """Whether a column is written with decimal commas. own: those whose new numbers are, too."""
    if one.column.stored == "double":
        if one.values is None:
            return "comma" in side.dataset[one.source].layouts
        return one.column.name in own
    if one.column.stored != "string":
        return False
    values = side.dataset.table([one.source]).column(0) if one.values is None else one.values
    cells = values.drop_null().slice(0, _SOME).to_pylist()
    return has_commas(cells, sure=side.source.options.get("delimiter") != ";")
