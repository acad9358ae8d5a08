"""How a source is read and how the result is written, as plain JSON for a plan (`core.export.plan`): in the
source's own style, or in the usual one of another format.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from core.dataset.column import Column
from core.dataset.source import Source
from core.errors import SettingError
from core.export.source_cells import kind_of
from core.loading.options import SHEETS

FORMATS = ("input", "csv", "tsv", "json", "jsonl", "parquet", "xlsx")
USUAL: dict[str, Any] = {  # of delimited text that is not written in the style of its source
    "delimiter": ",",
    "quotechar": '"',
    "escapechar": "",
    "encoding": "utf-8",
    "encoding_errors": "strict",
    "newline": "\n",
    "skipinitialspace": False,
    "excel_safe": False,
}
JSON_STYLE = ("orient", "newline", "compact", "within", "headed", "key", "columns")
TEXT_STYLE = ("delimiter", "quotechar", "escapechar", "encoding", "newline", "skipinitialspace")
OWN_ONLY = ("names", "width", "short_lines", "mended_rows", "tables", "row_labels", "confidence", "header")


class ExportStyle(NamedTuple):
    """How the result is wanted. format: one of `FORMATS`."""

    format: str
    excel_safe: bool


def read_plan(source: Source) -> dict[str, Any]:
    """What a script needs to know to read the source."""
    kept = {key: value for key, value in source.options.items() if key not in OWN_ONLY and key != "format"}
    return kept | ({"header": list(source.options.get("header") or ())} if kind_of(source) == "json" else {})


def ending_of(source: Source, format: str) -> str:
    """The ending of the files: that of the format, or for "input" of the source's own."""
    if format != "input":
        return format
    if source.format in SHEETS:
        return "xlsx"
    return source.format if source.format in FORMATS else "parquet"


def written_as(source: Source, names: list[str], form: ExportStyle) -> dict[str, Any]:
    """How the rows are to be written: `core.export.replay`'s ``how``."""
    ending = ending_of(source, form.format)
    kind = {"csv": "text", "tsv": "text", "json": "json", "jsonl": "json"}.get(ending, "typed")
    if kind == "text":
        return _write_text(source, names, form, "\t" if ending == "tsv" else ",")
    if form.excel_safe:
        raise SettingError(
            f"Excel-safe is for csv and tsv; {ending} holds no formulas. Choose csv, or leave it off."
        )
    own = source.options if form.format == "input" and (kind == "json" or source.format in SHEETS) else {}
    how = {"kind": kind, "format": ending, "header": list(own.get("header") or names), "orient": "records"}
    if source.format in SHEETS:
        how["header"] = [*how["header"], *names[len(how["header"]) :]]
        how["sheet"] = source.options["table"]
    return how | {key: own[key] for key in JSON_STYLE if kind == "json" and key in own}


def _write_text(source: Source, names: list[str], form: ExportStyle, delimiter: str) -> dict[str, Any]:
    """The same for delimited text: in the source's own style, or in the usual one."""
    options = source.options
    how: dict[str, Any] = {
        "kind": "text",
        "format": "csv",
        **USUAL,
        "delimiter": delimiter,
        "excel_safe": form.excel_safe,
        "header": list(names),
    }
    if form.format != "input":
        return how
    how |= {key: options[key] for key in TEXT_STYLE if key in options}
    escaped = options.get("encoding_errors") == "surrogateescape"
    how["encoding_errors"] = "surrogateescape" if escaped else "strict"
    given = options.get("header", names)
    how["header"] = None if given is None else [*given, *[""] * (len(names) - len(given))]
    if how["header"] and options.get("row_labels"):
        how["header"][0] = None
    return how


def wanted_as(column: Column, kind: str) -> str:
    """What a text or JSON cell becomes: in JSON dates stay as they were written."""
    if column.stored == "string":
        return "text"
    if column.stored.startswith("timestamp"):
        return "timestamp" if kind == "typed" else "text"
    return column.stored


def reading_ways(column: Column, wanted: str, source: Source) -> Iterator[dict[str, Any]]:
    """Ways of reading a cell that a script can follow, simplest first."""
    null = [text for text, _ in column.null_tokens]
    if kind_of(source) == "json" and wanted != "timestamp":
        yield {"as": "same"}
    if wanted == "text":
        yield {"as": "text"}
    elif wanted == "double":
        for point, drop in ((".", ""), (",", "."), (".", ",")):
            yield {"as": "double", "null": null, "point": point, "drop": drop}
    elif wanted == "timestamp":
        dates = [f"%{a}{sep}%{b}{sep}%Y" for sep in "/-." for a, b in ("dm", "md")] + [
            "%Y/%m/%d",
            "%d %b %Y",
            "%d %B %Y",
            "%B %d, %Y",
        ]
        for form in ["iso", *(date + clock for date in dates for clock in ("", " %H:%M", " %H:%M:%S"))]:
            yield {"as": "timestamp", "null": null, "format": form}
    else:
        yield {"as": wanted, "null": null}
