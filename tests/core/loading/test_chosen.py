"""What a person says of reading: words for missing, marks, the order of dates, columns and their names."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from core.cli import main
from core.errors import LoadError, SettingError
from core.export import apply_recipe, export
from core.loading import Options, load, options_of, preview, retype
from core.review import Review
from tests.core.loading.reading import read

TEXT = (
    b"id;when;sum;note\n1;03/04/2024;1 234,5;?\n2;05/06/2024;-99;x\n3;nix;2 000 000;nix\n4;07/08/2024;7;y\n"
)
SAID = Options(missing=("-99", "nix", "?"), thousands=" ", decimal=",", date_order="day first")


def test_words_marks_and_dates_are_read_as_said() -> None:
    dataset = read(TEXT, options=SAID)
    assert [(c.name, c.stored) for c in dataset.columns] == [
        ("id", "int64"), ("when", "timestamp[us]"), ("sum", "double"), ("note", "string"),
    ]  # fmt: skip
    frame = dataset.frame()
    assert frame["when"].tolist()[:2] == [pd.Timestamp("2024-04-03"), pd.Timestamp("2024-06-05")]
    assert frame["when"].isna().tolist() == frame["when"].isna().tolist() == [False, False, True, False]
    assert frame["sum"].fillna(0).tolist() == [1234.5, 0, 2_000_000, 7]
    assert frame["note"].isna().tolist() == [True, False, True, False]
    assert dict(dataset["sum"].null_tokens) == {"-99": 1} and "mbiguous" not in dataset["when"].note
    assert dataset.raw("sum").to_pylist() == ["1 234,5", "-99", "2 000 000", "7"]
    assert read(TEXT, options=Options(date_order="month first")).frame()["sum"].dtype == "str"
    other = read(TEXT.replace(b"nix", b""), options=Options(date_order="month first"))
    assert other.frame()["when"][0] == pd.Timestamp("2024-03-04")


def test_a_word_stays_missing_when_the_kind_is_changed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"code\n1\n2\n-99\nabc\n")
    dataset = load(tmp_path / "a.csv", into=tmp_path / "w", options=Options(missing=("-99",)))
    assert dataset.frame()["code"].isna().tolist() == [False, False, True, False]
    assert retype(dataset, {"code": "numeric"}).frame()["code"].isna().tolist() == [False, False, True, True]


@pytest.mark.parametrize(
    ("thousands", "cells", "values"),
    [
        (".", "1.234 2.000.000 7", [1234, 2_000_000, 7]),
        (",", "1,234 2,000,000 7.5", [1234, 2_000_000, 7.5]),
        ("'", "1'234 2'000'000.25 7", [1234, 2_000_000.25, 7]),
        ("", "1,234 2,000,000 7", None),
    ],
)
def test_the_mark_between_thousands(thousands: str, cells: str, values: list[float] | None) -> None:
    text = "n;m\n" + "".join(f"{cell};x\n" for cell in cells.split())
    read_as = read(text.encode(), options=Options(thousands=thousands)).frame()["n"].tolist()
    assert read_as == (cells.split() if values is None else values)


def test_words_for_missing_in_json_and_none_in_typed_cells(tmp_path: Path) -> None:
    rows = [{"a": -99, "b": "none yet"}, {"a": 1, "b": "x"}]
    dataset = read(json.dumps(rows).encode(), options=Options(missing=("-99", "none yet")))
    assert dataset.frame().isna().to_numpy().tolist() == [[True, True], [False, False]]
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(LoadError, match="the cells of a.parquet have types of their own"):
        read(tmp_path / "a.parquet", options=Options(missing=("1",)))


def test_columns_are_left_out_and_renamed_in_every_part(tmp_path: Path) -> None:
    said = Options(leave_out=("when",), rename=(("sum", "total"),))
    dataset = read(TEXT, b"id;sum\n7;8\n", options=said)
    assert dataset.names == ("id", "total", "note") and dataset.frame()["id"].tolist() == [1, 2, 3, 4, 7]
    pd.DataFrame({"a": [1], "b": [2], "c": [3]}).to_parquet(tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet", options=Options(leave_out=("b",), rename={"c": "a2"})).names == (
        "a",
        "a2",
    )
    for options, why in (
        (
            Options(leave_out=("whenn",)),
            "has no column 'whenn' to leave out or rename; there are 'id', 'when'",
        ),
        (Options(leave_out=("id", "when", "sum", "note")), "All columns of .* are left out"),
        (Options(rename={"sum": "id"}), "Two columns of .* would be called 'id'"),
    ):
        with pytest.raises(LoadError, match=why):
            read(TEXT, options=options)
    with pytest.raises(SettingError, match="both the decimal mark and"):
        Options(thousands=",", decimal=",")
    with pytest.raises(SettingError, match="day first"):
        Options(date_order="dmy")


def test_what_was_said_is_in_the_recipe_and_the_export(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT)
    said = Options(missing=("-99",), leave_out=("when",), rename={"sum": "total"}, thousands=" ")
    dataset = load(path, into=tmp_path / "w", options=said)
    read_as = options_of(dataset.source)
    assert read_as is not None and (read_as.missing, read_as.rename) == (("-99",), (("sum", "total"),))
    export(dataset, Review(), tmp_path / "out")
    text = (tmp_path / "out" / "cleaned.csv").read_bytes()
    assert text.splitlines()[:3] == [b"id;total;note", b"1;1 234,5;?", b"2;-99;x"]
    apply_recipe(tmp_path / "out" / "recipe.json", path, tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == text
    assert (
        "There is no recipe.py, as the file is read with options"
        in (tmp_path / "out" / "manifest.json").read_text()
    )
    assert [c.name for c in preview(path, said).columns] == ["id", "total", "note"]


def test_a_line_is_put_back_with_the_fields_of_columns_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n" + "1,2,3\n" * 20 + "4,5,6,7\n")
    seen = preview(path, Options(leave_out=("b",)))
    assert seen.read_names == ("a", "b", "c") and [c.name for c in seen.columns] == ["a", "c"]
    back = Options(leave_out=("b",), put_back=((22, "4,5,6"),))
    assert load(path, into=tmp_path / "w", options=back).frame().to_numpy().tolist()[-1] == [4, 6]


@pytest.mark.parametrize(
    "said", ['"price, EUR"=price,b=c', '"price, EUR=price", b=c', 'b=c,"price, EUR"="price"']
)
def test_a_name_with_a_comma_is_renamed_on_the_command_line(
    said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "raw.csv").write_text('"price, EUR",b\n' + "".join(f"{at}.5,{at}\n" for at in range(30)))
    assert main(["profile", str(tmp_path / "raw.csv"), "--option", f"rename={said}", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["table"]
    assert [row[rows["columns"].index("column")] for row in rows["rows"]] == ["price", "c"]


def test_a_new_name_without_its_column_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "raw.csv").write_text("a,b\n1,2\n")
    assert main(["profile", str(tmp_path / "raw.csv"), "--option", "rename=a=c,b"]) == 2
    assert "rename takes NAME=VALUE; got 'b'." in capsys.readouterr().err
