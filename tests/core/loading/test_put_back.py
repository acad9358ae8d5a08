"""Lines kept aside at loading: listed, mended, put back, and exported again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.cli import main
from core.decision import Decision
from core.errors import LoadError, SettingError
from core.export import apply_recipe, export
from core.export.archive import archive
from core.loading import Options, load
from core.loading.put_back import AsideLine, as_put_back, lines_aside, put_back_words
from core.review import Review
from core.rowset import RowSet

TEXT = (
    'id,name,price\n1,Bob,2.5\n2,Al,Jr,3.5\n3,Ed,4.5\nid,name,price\n4,"Eve,5.5\n5,Flo,6.5\n'
    "\nPrices in May\ncode,unit\nk1,kg\nk2,kg\n"
)


def written(folder: Path, text: str = TEXT, name: str = "shop.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def aside(dataset) -> tuple[AsideLine, ...]:
    path = dataset.path.parent / "aside.csv"
    return lines_aside(path) if path.exists() else ()


def column(dataset, name: str) -> list[object]:
    return dataset.table([name]).column(0).to_pylist()


def test_each_line_is_listed_with_its_number_its_text_and_why(tmp_path: Path) -> None:
    data = load(written(tmp_path), into=tmp_path / "w")
    assert column(data, "id") == [1, 3, 5]
    assert [(line.line, line.text) for line in aside(data)] == [
        (3, "2,Al,Jr,3.5"),
        (5, "id,name,price"),
        (6, '4,"Eve,5.5'),
        (9, "Prices in May"),
        (10, "code,unit"),
        (11, "k1,kg"),
        (12, "k2,kg"),
    ]
    assert "4 fields where 3 are expected" in aside(data)[0].reason


def test_mended_lines_stand_where_they_stand_in_the_file(tmp_path: Path) -> None:
    back = ((6, "4,Eve,5.5"), (3, '2,"Al, Jr",3.5'))
    data = load(written(tmp_path), into=tmp_path / "w", options=Options(put_back=back))
    assert column(data, "id") == [1, 2, 3, 4, 5] and column(data, "name")[1] == "Al, Jr"
    assert column(data, "price") == [2.5, 3.5, 4.5, 5.5, 6.5], "typed as the others"
    (told,) = [finding for finding in data.loading if finding.code == "rows_put_back"]
    assert list(told.rows) == [1, 3]
    assert [line.line for line in aside(data)] == [5, 9, 10, 11, 12], "nothing is lost"
    once = load(written(tmp_path), into=tmp_path / "w")
    assert once.fingerprint != data.fingerprint and once.path.parent != data.path.parent
    again = load(written(tmp_path), into=tmp_path / "w", options=Options.from_plain(data.source.options))
    assert again.fingerprint == data.fingerprint


def test_all_can_be_put_back_as_they_are(tmp_path: Path) -> None:
    """Surplus fields are joined to the last column, missing ones are empty; other tables come last."""
    data = load(written(tmp_path), into=tmp_path / "w")
    options = Options(put_back=as_put_back(aside(data)))
    whole = load(written(tmp_path), into=tmp_path / "w", options=options)
    assert column(whole, "id") == ["1", "2", "3", "id", "4", "5", "Prices in May", "code", "k1", "k2"]
    assert column(whole, "price")[:5] == ["2.5", "Jr,3.5", "4.5", "price", None]
    assert column(whole, "name")[4] == "Eve,5.5\n".rstrip("\n") and column(whole, "price")[-1] is None
    assert aside(whole) == () and whole.source.aside == 0
    (told,) = [finding for finding in whole.loading if finding.code == "rows_put_back"]
    assert "surplus fields of 1 are joined to 'price', which got 'Jr,3.5'." in told.title
    assert told.severity == "warning" and told.columns == ("price",)
    once = load(written(tmp_path), into=tmp_path / "w", options=Options(put_back=((6, "4,Eve,5.5"),)))
    (told,) = [finding for finding in once.loading if finding.code == "rows_put_back"]
    assert told.severity == "info" and "joined" not in told.title


def test_one_line_may_become_several_rows_and_lines_above_come_first(tmp_path: Path) -> None:
    text = "9,X,1.5\n8,Y,2.5\n\n" + TEXT.split("\n\n")[0]
    data = load(written(tmp_path, text), into=tmp_path / "w", options=Options(header_line=3))
    above = [line for line in aside(data) if line.line < 3]
    back = (*as_put_back(above), (6, "2,Al,3.5\n22,Jr,3.6"))
    mended = load(written(tmp_path, text), into=tmp_path / "w", options=Options(header_line=3, put_back=back))
    assert column(mended, "id") == [*(int(line.text[0]) for line in above), 1, 2, 22, 3, 5]


def test_a_damaged_line_of_json_is_mended_or_stays(tmp_path: Path) -> None:
    path = written(tmp_path, '{"a": 1}\n{"a": 2\n{"a": 3}\n[4]\n', "rows.jsonl")
    data = load(path, into=tmp_path / "w")
    assert [line.line for line in aside(data)] == [2, 4] and column(data, "a") == [1, 3]
    back = ((2, '{"a": 2}'), (4, "[4"))
    mended = load(path, into=tmp_path / "w", options=Options(put_back=back))
    assert column(mended, "a") == [1, 2, 3] and [line.line for line in aside(mended)] == [4]
    assert [list(f.rows) for f in mended.loading if f.code == "rows_put_back"] == [[1]]
    told = put_back_words([line for line, _ in back], aside(mended))
    assert told.startswith("1 of 2 lines put back; line 4 stays aside: ")
    assert len(mended.source.options["rows_back"]) == 1
    as_they_are = load(path, into=tmp_path / "w", options=Options(put_back=as_put_back(aside(data))))
    told = put_back_words([2, 4], aside(as_they_are))
    assert told.startswith("0 of 2 lines put back; lines 2, 4 stay aside: ") and as_they_are.rows == 2
    assert put_back_words([2], aside(mended)) == "1 line put back."


def test_the_recipe_reads_the_file_so_again_and_the_script_says_that_it_cannot(tmp_path: Path) -> None:
    raw = written(tmp_path)
    data = load(raw, into=tmp_path / "w", options=Options(put_back=((3, "2,Al Jr,3.5"),)))
    made = export(data, Review().say(Decision("drop", RowSet([0]))), tmp_path / "made")
    assert made.cleaned.read_text() == "id,name,price\n2,Al Jr,3.5\n3,Ed,4.5\n5,Flo,6.5\n"
    (again,) = apply_recipe(tmp_path / "made" / "recipe.json", raw, tmp_path / "again.csv")
    assert again.read_bytes() == made.cleaned.read_bytes()
    assert not (tmp_path / "made" / "recipe.py").exists() and any("put back" in note for note in made.notes)
    archive(made.files, tmp_path / "made.zip")


def test_what_cannot_be_put_back_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="Line 2 of shop.csv cannot be put back: as the file is read now"):
        load(written(tmp_path), into=tmp_path / "w", options=Options(put_back=((2, "1,Bob,2.5"),)))
    with pytest.raises(SettingError, match="pairs of a line's number and its text"):
        Options(put_back=("x",))  # type: ignore[arg-type]
    with pytest.raises(SettingError, match="no list of lines kept aside"):
        lines_aside(written(tmp_path))
    assert as_put_back([AsideLine(1, "", " "), AsideLine(2, "", "a", whole=False)]) == ()


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    text = "a,b\n1,2\n=cmd()|' /C calc'!A1,**x**,<script>\x00\n3,4\n"
    data = load(written(tmp_path, text), into=tmp_path / "w")
    (line,) = aside(data)
    assert line.text == "=cmd()|' /C calc'!A1,**x**,<script>\\x00"
    back = load(written(tmp_path, text), into=tmp_path / "w", options=Options(put_back=as_put_back([line])))
    assert column(back, "b") == ["2", "**x**,<script>\\x00", "4"]


def test_the_command_line_lists_them_and_puts_them_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    raw, listed = str(written(tmp_path)), tmp_path / "aside.csv"
    assert main(["preview", raw, "--aside", str(listed), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["aside"]
    assert told[0] == {"line": 3, "reason": "4 fields where 3 are expected", "text": "2,Al,Jr,3.5"}
    rows = listed.read_text().splitlines()
    mended = tmp_path / "mended.csv"
    mended.write_text("\n".join([rows[0], rows[1].replace("Al,Jr", "Al Jr")]) + "\n")
    assert main(["preview", raw, "--put-back", str(mended), "--json"]) == 0
    read = json.loads(capsys.readouterr().out)
    assert read["rows"] == 4 and read["head"][1] == [2, "Al Jr", 3.5]
    assert main(["preview", raw, "--put-back", raw]) == 2
    assert "no list of lines kept aside" in capsys.readouterr().err
