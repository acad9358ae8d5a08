"""A file whose name says another format than its content, which is read: said, and never refused."""

from __future__ import annotations

from core.finding import Finding
from core.phrases import quoted

_PACKED = ("gz", "gzip", "bz2", "xz", "zst")
_FORMATS = {
    **dict.fromkeys(("csv", "tsv"), "delimited text"),
    **dict.fromkeys(("json", "jsonl", "ndjson"), "JSON"),
    "parquet": "Parquet",
    "xlsx": "an Excel workbook (.xlsx)",
    "xlsb": "an Excel workbook (.xlsb)",
    "xls": "an Excel workbook (.xls)",
    "ods": "an OpenDocument sheet (.ods)",
    **dict.fromkeys(("feather", "arrow", "arrows"), "Arrow"),
    "orc": "ORC",
    "npy": "an array of numpy (.npy)",
    "npz": "arrays of numpy (.npz)",
    "arff": "ARFF",
    **dict.fromkeys(("sqlite", "sqlite3"), "a SQLite database"),
    **dict.fromkeys(("duckdb", "ddb"), "a DuckDB database"),
    "dta": "a data file of Stata (.dta)",
    "sas7bdat": "a data file of SAS (.sas7bdat)",
    "xpt": "a transport file of SAS (.xpt)",
    **dict.fromkeys(("sav", "zsav"), "a data file of SPSS (.sav)"),
}


def other_format(name: str, actual: str) -> list[Finding]:
    """That the ending of a file's name is that of another format than the one it was read as; nothing where
    it is the same one, or no ending of a known format.

    >>> [one.title for one in other_format("sales.xlsx", "csv")]
    ["'sales.xlsx' is not an Excel workbook (.xlsx), as its name says: it was read as delimited text."]
    >>> other_format("sales.csv.gz", "tsv"), other_format("sales.txt", "csv"), other_format("a.db", "sqlite")
    ([], [], [])
    """
    endings = name.rpartition("/")[2].lower().split(".")[1:]
    while endings and endings[-1] in _PACKED:
        endings.pop()
    said, read = _FORMATS.get(endings[-1]) if endings else None, _FORMATS.get(actual)
    if said is None or read is None or said == read:
        return []
    return [
        Finding(
            code="other_format",
            title=f"{quoted(name)} is not {said}, as its name says: it was read as {read}.",
            severity="info",
            score=0.1,
            why="What a file is, is judged by its content. A name that says another format mostly comes from "
            "an export or a renaming, and other programs may refuse the file or read it otherwise.",
            suggestion=f"If it should be {said}, export it again from where it comes; else give it the "
            "ending of what it is.",
        )
    ]
