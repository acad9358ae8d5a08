"""The note of a cleaned text file in which numbers that steps wrote have another decimal mark than others."""

from __future__ import annotations

from core.dataset import Dataset
from core.export.side import PartWriter
from core.loading.decimal_mark import has_commas
from core.phrases import names, verb

_SOME = 200  # texts that are looked at


def two_marks(side: PartWriter) -> list[str]:
    """The note, where new numbers have the decimal point of the file's own while a column that came has
    commas: those are as they were.
    """
    layout, plan = side.layout, side.plan
    if plan["write"]["kind"] != "text" or side.kind != "text" or side.source.options.get("decimal") == ",":
        return []
    contents = layout.contents if layout else ()
    new = [
        one.column.name
        for one in contents
        if one.values is not None and one.column.stored == "double" and one.column.name not in layout.commas  # type: ignore[union-attr]
    ]
    came = [one.source for one in contents if one.values is None and one.source] or list(plan["names"])
    commas = [name for name in came if name in side.dataset.names and _in_commas(side.dataset, name)]
    if not commas or not (new or plan["weight"]):
        return []
    what = f"The numbers of {names(new)}" if new else "Weights"
    return [
        f"{what} are written with a decimal point, as the file was read; {names(commas)} "
        f"{verb(len(commas), 'has', 'have')} decimal commas, as it came."
    ]


def _in_commas(dataset: Dataset, name: str) -> bool:
    column = dataset[name]
    if "comma" in column.layouts:
        return True
    if column.stored != "string":
        return False
    return has_commas(dataset.table([name]).column(0).drop_null().slice(0, _SOME).to_pylist())
