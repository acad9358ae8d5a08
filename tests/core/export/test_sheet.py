"""Export as a workbook: the same values, order and names; nothing in it runs."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from core.errors import SettingError
from core.export import apply_recipe, export, sheet
from core.loading import load
from core.review import Review

FRAME = pd.DataFrame(
    {
        "whole": [1, 2**60, 3],
        "part": [0.1, None, 1e-7],
        "flag": [True, False, True],
        "text": ["=1+1", "007", 'a\n"b"'],
        "when": pd.to_datetime(["2024-01-01", "1850-02-03", "2024-01-01 03:04:05.000001"], format="ISO8601"),
    }
)


def test_every_value_comes_back_and_no_text_is_a_formula(tmp_path: Path) -> None:
    dataset = load(FRAME, into=tmp_path / "w")
    exported = export(dataset, Review(), tmp_path / "out", format="xlsx")
    back = load(exported.cleaned, into=tmp_path / "w")
    assert back.table().drop_columns(["when"]).equals(dataset.table().drop_columns(["when"]))
    assert back.frame()["when"].tolist() == FRAME["when"].tolist()
    with zipfile.ZipFile(exported.cleaned) as archive:
        assert "<f>" not in archive.read("xl/worksheets/sheet1.xml").decode()


def test_a_workbook_without_steps_is_exported_with_the_same_cells_and_bytes(tmp_path: Path) -> None:
    FRAME.drop(columns="when").to_excel(
        tmp_path / "a.xlsx", sheet_name="Mine", index=False, engine="xlsxwriter"
    )
    dataset = load(tmp_path / "a.xlsx", into=tmp_path / "w")
    exported = export(dataset, Review(), tmp_path / "out")
    assert exported.cleaned.name == "cleaned.xlsx"
    assert load(exported.cleaned, into=tmp_path / "w").fingerprint == dataset.fingerprint
    (again,) = apply_recipe(tmp_path / "out" / "recipe.json", tmp_path / "a.xlsx", tmp_path / "again.xlsx")
    assert again.read_bytes() == exported.cleaned.read_bytes()
    assert any("The workbook holds the table of sheet 'Mine'" in note for note in exported.notes)


def test_what_a_sheet_cannot_hold_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = load(pd.DataFrame({"a": ["x" * 40_000, "y"]}), into=tmp_path / "w")
    with pytest.raises(SettingError, match="holds 32,767 characters; row 1 has 40,000 in column 'a'"):
        export(long, Review(), tmp_path / "out", format="xlsx")
    monkeypatch.setattr(sheet, "ROWS", 3)
    with pytest.raises(SettingError, match="holds 2 rows below the names .* these are 3 rows"):
        export(load(FRAME, into=tmp_path / "w"), Review(), tmp_path / "out", format="xlsx")
    assert not list((tmp_path / "out").glob("*.xlsx"))


def test_days_are_days() -> None:
    assert sheet._style(dt.datetime(2024, 1, 1)) == "day" and sheet._style(dt.date(1800, 1, 1)) == ""
