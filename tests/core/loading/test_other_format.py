"""A file is read as what it holds, and a name that says otherwise is told with both."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest

from core.workspace import load

TABLE = pd.DataFrame({"a": range(30), "b": [f"word {i}" for i in range(30)]})


def _titles(path: Path) -> list[str]:
    data = load(path)
    assert data.rows == 30 and data.names == ("a", "b")
    return [one.title for one in data.loading if one.code == "other_format"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sales.xlsx", "an Excel workbook (.xlsx)"),
        ("sales.xls", "an Excel workbook (.xls)"),
        ("sales.parquet", "Parquet"),
        ("sales.json", "JSON"),
        ("SALES.XLSX", "an Excel workbook (.xlsx)"),
    ],
)
def test_text_by_the_name_of_another_format_is_read_and_told(name: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(TABLE.to_csv(index=False, sep="\t"))
    assert _titles(path) == [f"'{name}' is not {said}, as its name says: it was read as delimited text."]


def test_a_workbook_and_a_parquet_file_that_are_called_csv_are_told(tmp_path: Path) -> None:
    TABLE.to_excel(tmp_path / "book.xlsx", index=False, engine="xlsxwriter")
    (tmp_path / "book.xlsx").rename(tmp_path / "book.csv")
    TABLE.to_parquet(tmp_path / "columns.csv")
    assert _titles(tmp_path / "book.csv")[0].endswith("it was read as an Excel workbook (.xlsx).")
    assert _titles(tmp_path / "columns.csv")[0].endswith("it was read as Parquet.")


def test_the_file_of_serve_is_told_too(tmp_path: Path) -> None:
    path = tmp_path / "next.xlsx"
    path.write_text(TABLE.to_csv(index=False))
    data = load(TABLE, serve=path)
    assert [one.title for one in data.loading if one.code == "other_format"] == [
        "'next.xlsx' is not an Excel workbook (.xlsx), as its name says: it was read as delimited text."
    ]


@pytest.mark.parametrize(
    "name", ["a.csv", "a.tsv", "a.txt", "a", "a.data", "xlsx", "2024.xlsx.csv", "a.csv.gz"]
)
def test_a_name_that_says_the_same_or_nothing_is_not_told(name: str, tmp_path: Path) -> None:
    path, text = tmp_path / name, TABLE.to_csv(index=False).encode()
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    assert not _titles(path)
    lines = tmp_path / "rows.json"
    lines.write_text(TABLE.to_json(orient="records", lines=True))
    TABLE.to_feather(tmp_path / "a.arrow")
    assert not _titles(lines) and not _titles(tmp_path / "a.arrow")
