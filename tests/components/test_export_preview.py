"""The first lines of an exported file are shown in its own encoding."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from components.views.export.files import TEXTS, _head
from core.dataset.source import Source
from core.decision import Decision
from core.export import export
from core.export.style import FORMATS
from core.review import Review
from core.rowset import RowSet
from tests.core.steps.acting import rule
from tests.make import dataset

TEXT = "Straße;Größe\r\n" + "Gäßchen 1;1,681 €\r\n" * 150  # longer than what is read for the first lines


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "cp1250"])
def test_first_lines_are_read_as_they_were_written(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "cleaned.csv"
    path.write_bytes(TEXT.encode(encoding))
    source = Source("a.csv", "csv", options={"encoding": encoding})
    assert _head(path, source).splitlines() == TEXT.splitlines()[:8]
    beside = Source("b.csv", "csv", options={"encoding": "utf-8"}, serve=source)
    assert _head(path, beside).splitlines() == TEXT.splitlines()[:8]


def test_bytes_of_no_encoding_are_shown_as_such(tmp_path: Path) -> None:
    path = tmp_path / "cleaned.csv"
    path.write_bytes(b"M\xfcller\n")
    assert _head(path, Source("a.csv", "csv", options={"encoding": "utf-8"})) == r"M\xfcller"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "iso2022_jp"])
def test_what_utf_8_would_read_as_control_characters_is_read_as_the_source(
    tmp_path: Path, encoding: str
) -> None:
    """And the recipe beside it, which is in UTF-8, as such."""
    text, source = "имя;город\nИван;Ростов" if "16" in encoding else "日本;東京", tmp_path / "a.csv"
    source.write_bytes(text.encode(encoding))
    (tmp_path / "recipe.json").write_text('{"a": "Müller"}', encoding="utf-8")
    given = Source("a.csv", "csv", options={"encoding": encoding})
    assert _head(source, given) == text
    assert _head(tmp_path / "recipe.json", given) == '{"a": "Müller"}'
    assert _head(tmp_path / "recipe.json", Source("a.csv", "csv", options={"encoding": "no such"}))


@pytest.mark.parametrize("form", FORMATS)
def test_lines_are_shown_of_each_file_that_has_lines_and_of_no_other(form: str, tmp_path: Path) -> None:
    """Those of a workbook, a Parquet file and a pipeline have none: their bytes tell nobody anything."""
    review = Review().say(Decision("drop", RowSet([0])), rule("fill", "a", how="mean"))
    made = export(
        dataset(pd.DataFrame({"a": [1.0, 2.0, None], "b": ["x", "y", "z"]})), review, tmp_path, format=form
    )
    assert any(path.suffix == f".{form}" for path in made.files) or form == "input"
    for path in made.files:
        assert (path.suffix in TEXTS) == (b"\0" not in path.read_bytes()), path.name
