"""Which code page a text was written in: the right reading, a doubt where two are as good, nothing broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.encodings import cases, right
from core.loading import Options, preview
from core.loading.encodings import guess
from tests.core.loading.reading import read

CELLS = [
    ("cp1252", ["£64.48", "£3.20"]),
    ("cp1252", ["21.9 °C", "-4.0 °C"]),
    ("cp1252", ["13,31 €", "4,20 €"]),
    ("iso8859-15", ["13,31 €", "4,20 €"]),
    ("cp1252", ["±0.5", "3.2 ± 0.1"]),
    ("cp1252", ["§ 12", "§ 130"]),
    ("cp1252", ["1½", "2½"]),
    ("cp1252", ["Nº 4", "3º"]),
    ("cp1252", ["Müller", "Jäger"]),
    ("cp1252", ["driver’s seat", "men’s shoes"]),
    ("cp1251", ["Омск", "Томск"]),
    ("koi8-r", ["Омск", "Москва"]),
    ("cp866", ["Омск", "Москва"]),
    ("cp1251", ["Київ", "Львів"]),
    ("cp1250", ["Łódź", "Gdańsk", "Częstochowa"]),
    ("iso8859-2", ["Łódź", "Gdańsk", "Śledź"]),
    ("cp1254", ["Diyarbakır", "Şanlıurfa", "Eskişehir"]),
    ("cp1252", ["Seyðisfjörður", "Þingvellir"]),
    ("cp1257", ["Šiauliai", "Klaipėda", "Panevėžys"]),
    ("cp1253", ["Θεσσαλονίκη", "Πάτρα"]),
    ("cp1255", ["ירושלים", "חיפה"]),
    ("cp1256", ["القاهرة", "دمشق"]),
    ("cp932", ["札幌市", "りんご"]),
    ("euc_jp", ["札幌市", "りんご"]),
    ("gb18030", ["武汉", "牛奶面包", "苹果汁"]),
    ("big5", ["臺中", "蘋果汁"]),
    ("euc_kr", ["대전역", "제주도"]),
    ("mac_roman", ["Café", "Müller"]),
    ("cp437", ["Köln", "Nürnberg"]),
]


@pytest.mark.parametrize(("encoding", "cells"), CELLS)
def test_the_most_plausible_reading_wins(encoding: str, cells: list[str]) -> None:
    found = guess([cell.encode(encoding) for cell in cells])
    assert [cell.encode(encoding).decode(found.encoding) for cell in cells] == cells


def test_the_benchmark_every_third_file(tmp_path: Path) -> None:
    made = list(cases())[::3]
    outcomes = [right(case, tmp_path) for case in made]
    assert sum(good for good, _ in outcomes) / len(made) >= 0.95
    assert sum(not good and sure >= 0.8 for good, sure in outcomes) / len(made) <= 0.02


def test_the_order_of_rows_does_not_matter() -> None:
    cells = [cell.encode("cp1250") for cell in ("Łódź", "Gdańsk", "Kraków", "Poznań")]
    assert guess(cells).encoding == guess(cells[::-1]).encoding == "cp1250"
    assert guess(cells).confidence == guess(cells[::-1]).confidence


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("word", ["Омск", "上海", "Lódz"])
def test_utf_16_without_its_mark_in_any_script(encoding: str, word: str) -> None:
    rows = "".join(f"{word} {i};{i}\n" for i in range(30))
    assert read(f"town;n\n{rows}".encode(encoding)).frame()["town"].tolist()[0] == f"{word} 0"


def test_a_mark_far_from_the_beginning_is_seen() -> None:
    rows = b"".join(b"%d,plain\n" % i for i in range(200_000)) + "200000,Café Müller\n".encode("cp1252")
    dataset = read(b"id,name\n" + rows)
    assert dataset.source.options["encoding"] == "cp1252"
    assert dataset.frame()["name"].tolist()[-1] == "Café Müller"


def test_a_mark_far_along_a_wide_row_is_seen() -> None:
    row = ",".join(["1"] * 900)
    dataset = read(f"{','.join(f'c{i}' for i in range(900))},s\n{row},Größe\n{row},Straße\n".encode("cp1252"))
    assert dataset.frame()["s"].tolist() == ["Größe", "Straße"]


def test_a_doubt_shows_the_same_cells_in_both_readings(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_bytes("id,name\n1,Pączki\n2,plain\n".encode("cp1250"))
    look = preview(path)
    assert look.confidence["encoding"] < 0.8 and look.doubt is not None
    assert set(look.doubt.encodings) >= {"cp1250", "iso8859-2"}
    assert set(look.doubt.cells[0]) >= {"Pączki", "Pšczki"}
    assert look.doubt.encodings[0] == look.options.encoding
    chosen = preview(path, Options(encoding="cp1250"))
    assert chosen.doubt is None and chosen.confidence["encoding"] == 1.0


def test_a_doubt_is_asked_once_and_leaves_no_trace_in_the_data() -> None:
    dataset = read("id,name\n1,Pączki\n2,plain\n".encode("cp1250"))
    assert "doubt" not in dataset.source.options


def test_what_was_chosen_is_sure(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(b"a b;c\nd e;f\ng h;i\n")
    look = preview(path, Options(delimiter=" ", header_line=0))
    assert look.confidence["delimiter"] == look.confidence["header_line"] == 1.0


def test_json_in_a_code_page() -> None:
    dataset = read('[{"town": "Омск"}, {"town": "Томск"}]'.encode("cp1251"))
    assert dataset.frame()["town"].tolist() == ["Омск", "Томск"]


@pytest.mark.parametrize("encoding", [None, "utf-8", "cp932", "ascii"])
def test_nothing_broken_is_shown(tmp_path: Path, encoding: str | None) -> None:
    """Whatever the encoding given, no cell, name or sentence of a preview holds half a character."""
    path = tmp_path / "stray.csv"
    path.write_bytes(b"t\xfctle\n\nn\xe4me,wert\n" + b"Gr\xf6\xdfe,1\nplain,2\n" * 3)
    look = preview(path, Options(encoding=encoding))
    texts = [cell for row in look.rows for cell in row] + [column.name for column in look.columns]
    texts += [sentence for f in look.findings for sentence in (f.title, f.why, f.suggestion)]
    for text in texts:
        assert "\ufffd" not in text and "\\udc" not in text
        text.encode("utf-8")


def test_a_lost_letter_that_the_source_itself_holds_is_data() -> None:
    dataset = read("id,name\n1,M\ufffdller\n2,plain\n".encode())
    assert dataset.rows == 2 and dataset.frame()["name"].tolist() == ["M\ufffdller", "plain"]
