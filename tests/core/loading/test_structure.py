"""Where the table is in a file: nothing that looks like data is lost without a word."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from core.dataset import Dataset
from core.export import write_clean
from core.limits import FIELD_KB
from core.loading import Options, load, preview
from core.loading.readers import delimited
from core.review import Review
from tests.core.loading.reading import read


def codes(dataset: Dataset) -> dict[str, str]:
    return {finding.code: finding.severity for finding in dataset.loading}


def kept(dataset: Dataset) -> list[str]:
    with (dataset.path.parent / "0" / "aside.csv").open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("surplus", [1, 2, 3])
@pytest.mark.parametrize("above", ["", "# made on Monday\n# by hand\n", "A title\n\n"])
@pytest.mark.parametrize("header", ["A,B,C", "A,B,C,"])
def test_delimiters_at_the_end_are_no_columns(mark: str, surplus: int, above: str, header: str) -> None:
    rows = [f"{i},{i * 7 % 5},{i}.5" + "," * surplus for i in range(1, 9)]
    dataset = read((above + "\n".join([header, *rows]).replace(",", mark) + "\n").encode())
    assert dataset.names == ("A", "B", "C")
    assert dataset.frame()["A"].tolist() == list(range(1, 9))


def test_a_field_filled_far_down_makes_columns_of_all() -> None:
    dataset = read(b"A,B\n" + b"1,2,\n" * 5000 + b"3,4,x\n")
    assert dataset.names == ("A", "B", "column_3")
    assert dataset.rows == 5001
    assert dataset.frame()["column_3"].iloc[-1] == "x"


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize(("filled", "rows"), [(1, 6), (1, 100), (2, 300), (133, 400), (1, 300), (2, 400)])
def test_a_last_field_that_is_rarely_filled_shifts_no_name(filled: int, rows: int, mark: str) -> None:
    empty = "".join(f"{i},4,7,\n" for i in range(rows - filled))
    text = "A,B,C\n" + empty + "".join(f"{rows + i},6,9,x\n" for i in range(filled))
    dataset = read(text.replace(",", mark).encode())
    assert (dataset.names, dataset.rows) == (("A", "B", "C", "column_4"), rows)
    assert dataset.table(["column_4"]).column(0).null_count == rows - filled


@pytest.mark.parametrize("first", ["red", "{}.5", ""])
def test_a_first_column_that_is_no_label_shifts_no_name(first: str) -> None:
    """Not all different, measured, or missing."""
    rows = "".join(f"{first.format(i)},{i % 5},{i % 3},{i}\n" for i in range(9))
    assert read(f"A,B,C\n{rows}".encode()).names == ("A", "B", "C", "column_4")


@pytest.mark.parametrize("label", ["{}", "row {}", "2024-01-{:02}"])
@pytest.mark.parametrize("gap", [None, 20])
def test_labels_of_rows_have_a_column_without_a_name(label: str, gap: int | None) -> None:
    rows = "".join(f"{label.format(i)},{i % 5},{i % 3},{'' if i == gap else i}\n" for i in range(1, 29))
    dataset = read(f"A,B,C\n{rows}".encode())
    assert dataset.names == ("column_1", "A", "B", "C") and dataset.source.options["row_labels"]


def test_a_named_column_that_is_empty_stays() -> None:
    assert read(b"A,B,Comments\n1,2,\n3,4,\n").names == ("A", "B", "Comments")


def test_a_delimiter_too_many_among_the_names() -> None:
    assert read(b"A,,B,C\n1,2,3\n4,5,6\n7,8,9\n").names == ("A", "B", "C")


@pytest.mark.parametrize("short", [1, 5, 20, 50, 100])
def test_rows_that_grow_by_a_field_are_all_there(short: int) -> None:
    dataset = read(b"id,name,score\n" + b"1,Bob,3\n" * short + b"2,Al,4,9\n" * 500)
    assert dataset.names == ("id", "name", "score", "column_4")
    assert dataset.rows + dataset.source.aside == short + 500
    assert codes(dataset)["short_rows"] == "warning"
    assert dataset.source.options["header_line"] == 0


FIRST = "id,name,score\n" + "".join(f"{i},n{i},{i}.5\n" for i in range(12))
SECONDS = {
    "wider": "city,lat,lon,height\n" + "".join(f"c{i},{i}.1,{i}.2,{i}\n" for i in range(9)),
    "narrower": "code,price\n" + "".join(f"k{i},{i}.5\n" for i in range(9)),
    "as wide, after a blank line": "\nday,rain,sun\n" + "".join(f"{i},{i}.5,{9 - i}\n" for i in range(9)),
    "of text, after a blank line": "\nname,city,land\n" + "".join(f"n{i},Rome,Italy\n" for i in range(9)),
    "of text, wider": "\nname,city,land,sea\n" + "".join(f"n{i},Rome,Italy,x\n" for i in range(9)),
    "of text, narrower": "\nname,city\n" + "".join(f"n{i},Rome\n" for i in range(9)),
    "as wide": "day,rain,sun\n" + "".join(f"{i},{i}.5,{9 - i}\n" for i in range(9)),
}


@pytest.mark.parametrize("name", SECONDS)
@pytest.mark.parametrize("rows", [12, 700])
def test_a_second_table_is_kept_aside_counted_and_offered(name: str, rows: int, tmp_path: Path) -> None:
    first = "id,name,score\n" + "".join(f"{i},n{i},{i}.5\n" for i in range(rows))
    (tmp_path / "two.csv").write_text(first + SECONDS[name], encoding="utf-8")
    dataset = load(tmp_path / "two.csv", into=tmp_path / "home")
    assert (dataset.names, dataset.rows) == (("id", "name", "score"), rows)
    assert codes(dataset)["another_table"] == "warning"
    assert dataset.source.aside == 9, "its names are no row"
    assert "9 rows" in dataset.loading[0].title
    (line,) = dataset.source.options["tables"]
    again = load(tmp_path / "two.csv", into=tmp_path / "home", options=Options(header_line=line))
    assert (again.names, again.rows) == (tuple(SECONDS[name].strip().split("\n")[0].split(",")), 9)
    assert preview(tmp_path / "two.csv").tables == (line,)


ONE_ROW = {
    "wider": "city,lat,lon,height\nOslo,59.9,10.7,23\n",
    "narrower": "code,price\nk1,1.5\n",
    "narrower, after a blank line": "\nmean,n\n3.5,12\n",
    "as wide": "day,rain,sun\n3,3.5,6\n",
    "as wide, after a blank line": "\nday,rain,sun\n3,3.5,6\n",
    "like a row, after a blank line": "\nkey,label,value\n3,n3,3.5\n",
    "of text, after a blank line": "\nname,city,land\nBob,Rome,Italy\n",
    "of text, wider, after a blank line": "\nname,city,land,sea\nBob,Rome,Italy,x\n",
    "below a title": "Summary\nmean,max,n\n3.5,9,12\n",
}


@pytest.mark.parametrize("name", ONE_ROW)
@pytest.mark.parametrize("rows", [12, 298, 299, 700])
def test_a_second_table_of_one_row_is_kept_aside_counted_and_offered(name: str, rows: int) -> None:
    first = "id,name,score\n" + "".join(f"{i},n{i},{i}.5\n" for i in range(rows))
    text = (first + ONE_ROW[name]).encode()
    dataset = read(text)
    assert (dataset.names, dataset.rows) == (("id", "name", "score"), rows)
    (told,) = dataset.loading
    assert (told.code, told.severity, told.value, dataset.source.aside) == ("another_table", "warning", 1, 1)
    assert "1 row under" in told.title
    (line,) = dataset.source.options["tables"]
    again = read(text, options=Options(header_line=line))
    *_, names, row = ONE_ROW[name].strip().split("\n")
    assert again.names == tuple(names.split(","))
    assert again.frame().astype(str).to_numpy().tolist() == [row.split(",")]


@pytest.mark.parametrize("rows", [12, 700])
def test_tables_of_one_row_one_below_another(rows: int) -> None:
    first = "id,name,score\n" + "".join(f"{i},n{i},{i}.5\n" for i in range(rows))
    third = "city,lat,lon,height\n" + "".join(f"c{i},{i}.1,{i}.2,{i}\n" for i in range(5))
    dataset = read(f"{first}\nmean,n\n3.5,12\n\nRange\nlo,hi\n1,9\n\n{third}".encode())
    assert (dataset.names, dataset.rows, dataset.source.aside) == (("id", "name", "score"), rows, 7)
    assert [(told.code, told.value) for told in dataset.loading] == [
        ("another_table", value) for value in (1, 1, 5)
    ]


@pytest.mark.parametrize("names", ["day,rain,sun,moon", "day,rain,sun"])
def test_a_table_of_one_row_above_the_large_one(names: str) -> None:
    above = f"{names}\n{','.join('3' * len(names.split(',')))}"
    large = "city,lat,lon,height\n" + "".join(f"c{i},{i}.1,{i}.2,{i}\n" for i in range(90))
    dataset = read(f"{above}\n\n{large}".encode())
    assert (dataset.names, dataset.rows) == (("city", "lat", "lon", "height"), 90)
    assert codes(dataset) == {"another_table": "warning"}
    assert kept(dataset) == above.split("\n")


@pytest.mark.parametrize(
    "end", ["Nobody,not yet\np,3\n", "nobody,none known,fine\np,3,fine\n", "Nobody,not yet\nq,4,fine\n"]
)
def test_a_row_of_words_above_the_last_row_is_no_other_table(end: str) -> None:
    rows = "".join(f"p{i},{i},fine\n" for i in range(30))
    dataset = read(f"name,score,comment\n{rows}{end}".encode())
    assert (dataset.rows, dataset.source.aside) == (32, 0)


@pytest.mark.parametrize("before", [50, 200, 280, 294, 295, 296, 297, 298, 299, 300, 900])
@pytest.mark.parametrize("words", ["A1,Bob,Rome\nA2,Ann,Oslo\nA3,Cid,Bern\n", "x,a,b\ny,c,d\nz,e,f\n"])
def test_rows_of_text_below_a_blank_line_stay_where_rows_like_the_first_follow(
    before: int, words: str
) -> None:
    first = "id,name,city\n" + "".join(f"{i},n{i},Rome\n" for i in range(before))
    more = "".join(f"{i},m{i},Oslo\n" for i in range(500))
    dataset = read((first + "\n" + words + more).encode())
    assert (dataset.names, dataset.rows) == (("id", "name", "city"), before + 503)
    assert dataset.source.aside == 0


@pytest.mark.parametrize("before", [20, 290, 295, 299, 700])
def test_short_rows_of_text_stay_where_full_ones_follow(before: int) -> None:
    rows = "".join(f"c{i},n{i},Rome\n" for i in range(before))
    more = "".join(f"d{i},m{i},Oslo\n" for i in range(40))
    dataset = read(f"code,name,city\n{rows}\nKx,nx\nKy,ny\nKz,nz\n{more}".encode())
    assert (dataset.names, dataset.rows) == (("code", "name", "city"), before + 43)
    assert dataset.source.aside == 0


@pytest.mark.parametrize("name", SECONDS)
@pytest.mark.parametrize("rows", [287, 290, 298, 299, 300, 301])
def test_a_second_table_is_found_at_the_end_of_the_sample(name: str, rows: int) -> None:
    first = "id,name,score\n" + "".join(f"{i},n{i},{i}.5\n" for i in range(rows))
    dataset = read((first + SECONDS[name]).encode())
    assert (dataset.names, dataset.rows) == (("id", "name", "score"), rows)
    assert dataset.source.aside == 9


TITLES = {
    "a line": ("\nThe weather in May\n", "The weather in May"),
    "between blank lines": ("\nThe weather in May\n\n", "The weather in May"),
    "without a blank line": ("The weather in May\n", "The weather in May"),
    "with delimiters": ("The weather in May,,\n", "The weather in May"),
    "a comment": ("\n# weather, May\n", "# weather, May"),
    "with a delimiter in it": ("\nWeather, May 2020\n", "Weather, May 2020"),
    "two lines": ("\nThe weather\nmeasured by hand\n", "The weather, measured by hand"),
    "a rule": ("-----\n", "-----"),
}


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize(
    ("name", "rows"),
    [*((name, 12) for name in SECONDS), ("wider", 299), ("as wide", 299), ("of text, wider", 700)],
)
def test_the_title_of_another_table_is_no_row_of_either(title: str, name: str, rows: int) -> None:
    lines, shown = TITLES[title]
    if title == "with a delimiter in it" and name == "of text, narrower":
        return  # two words above two words: no reader can tell which are the names
    first = "id,name,score\n" + "".join(f"{i},n{i},{i}.5\n" for i in range(rows))
    text = first + lines + SECONDS[name].lstrip("\n")
    dataset = read(text.encode())
    assert (dataset.names, dataset.rows) == (("id", "name", "score"), rows)
    (told,) = dataset.loading
    assert told.code == "another_table" and f", '{shown}': 9 rows under" in told.title
    assert (dataset.source.aside, told.value) == (9, 9.0)
    assert kept(dataset) == text.removeprefix(first).strip("\n").replace("\n\n", "\n").split("\n")
    (line,) = dataset.source.options["tables"]
    again = read(text.encode(), options=Options(header_line=line))
    assert (again.names, again.rows) == (tuple(SECONDS[name].strip().split("\n")[0].split(",")), 9)


@pytest.mark.parametrize("title", [title for title in TITLES if title != "with a delimiter in it"])
def test_the_title_of_the_larger_table_below_is_no_row(title: str) -> None:
    small = "code,price\n" + "".join(f"k{i},{i}.5\n" for i in range(5))
    large = "city,lat,lon,height\n" + "".join(f"c{i},{i}.1,{i}.2,{i}\n" for i in range(90))
    dataset = read((small + TITLES[title][0] + large).encode())
    assert (dataset.names, dataset.rows) == (("city", "lat", "lon", "height"), 90)
    assert codes(dataset) == {"another_table": "warning", "lines_before": "info"}
    assert dataset.source.aside == 5 and kept(dataset) == small.split("\n")[:-1]


@pytest.mark.parametrize("first", [30, 700])
def test_tables_one_below_another_are_counted_each_by_itself(first: int) -> None:
    text = "".join(
        f"Table {name}\n{name}1,{name}2,{name}3\n" + "".join(f"{i},w{i},{i}.5\n" for i in range(rows)) + "\n"
        for name, rows in (("A", first), ("B", 20), ("C", 10))
    )
    dataset = read(text.encode())
    assert (dataset.names, dataset.rows) == (("A1", "A2", "A3"), first)
    assert sorted((told.code, told.value) for told in dataset.loading) == [
        ("another_table", 10.0),
        ("another_table", 20.0),
        ("lines_before", 1.0),
    ]
    assert dataset.source.aside == 30
    for line, names, rows in zip(dataset.source.options["tables"], ("B", "C"), (20, 10), strict=True):
        again = read(text.encode(), options=Options(header_line=line, end_line=None))
        assert (again.names[0], again.rows) == (f"{names}1", rows)


@pytest.mark.parametrize("before", [20, 290, 700])
@pytest.mark.parametrize(("within", "fields"), [(3, 2), (3, 3), (3, 4), (150, 3), (150, 4), (2_000, 2)])
def test_rows_that_do_not_fit_are_no_other_table_where_rows_that_fit_follow(
    before: int, within: int, fields: int
) -> None:
    """However many of them: what comes further down decides. Those with a field too many go aside, or make a
    column where they are many.
    """
    row = ",".join(["unknown person", "nowhere at all", "absent", "note"][:fields])
    words = row + "\n" + "".join(f"{row} {chr(97 + i % 26)}\n" for i in range(within - 1))
    first = "id,name,score\n" + "".join(f"{i},n{i},{i}.5\n" for i in range(before))
    more = "".join(f"{i},m{i},{i}.5\n" for i in range(400))
    dataset = read((first + "\n" + words + more).encode())
    assert dataset.names[:3] == ("id", "name", "score")
    assert dataset.rows + dataset.source.aside == before + within + 400
    assert dataset.source.aside in (0, within if fields == 4 else 0)
    assert "another_table" not in codes(dataset)


def test_twenty_rows_above_two_thousand_wider_ones_are_another_table() -> None:
    first = "id,name,score\n" + "".join(f"{i},n{i},{i}.5\n" for i in range(20))
    dataset = read((first + "unknown person,nowhere at all,absent,note\n" * 2_000).encode())
    assert (dataset.rows, dataset.source.aside) == (2_000, 20)
    assert "20 rows under 'id', 'name', 'score'" in dataset.loading[0].title


@pytest.mark.parametrize("before", [20, 299, 700])
@pytest.mark.parametrize("field", [2, 3])
def test_rows_with_gaps_are_no_other_table(before: int, field: int) -> None:
    """Names alone, with a value further right in the rows below; one such value may stand in a field that has
    no name.
    """
    rows = "".join(f"A{i},thing {chr(97 + i % 26)},{i if i % 9 == 0 else ''},\n" for i in range(before))
    value = ",".join(["", "", "", ""][:field] + ["090268321"]) + "," * (3 - field)
    more = f"Bx,thing one,,\n{value}\n{value}\nBy,thing two,,\n"
    dataset = read(f"code,name,chapter,\n{rows}{more * 20}".encode())
    assert dataset.names == ("code", "name", "chapter", "column_4")[: field + 1]
    assert (dataset.rows, dataset.source.aside) == (before + 80, 0)
    assert "another_table" not in codes(dataset)


@pytest.mark.parametrize("before", [20, 299, 700])
def test_a_short_row_of_words_is_no_other_table(before: int) -> None:
    rows = "".join(f"p{i},{i},fine\n" for i in range(before))
    more = "".join(f"r{i},{i},fine\n" for i in range(500))
    dataset = read(f"name,score,comment\n{rows}Nobody,not yet\np,3\nq,4\n{more}".encode())
    assert (dataset.names, dataset.rows) == (("name", "score", "comment"), before + 503)
    assert dataset.source.aside == 0


@pytest.mark.parametrize("place", ["above", "below"])
@pytest.mark.parametrize("limit", [1_024, 100])
def test_a_long_field_in_another_table(place: str, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FIELD_KB.env, str(limit))
    csv.field_size_limit(131_072)  # as in a new process
    small = "x,y\n1,2\n5,6\n3," + "z" * 200_000 + "\n7,8\n"
    large = "city,lat,lon,height\n" + "".join(f"c{i},{i}.1,{i}.2,{i}\n" for i in range(90))
    parts = [small, large] if place == "above" else [large, small]
    dataset = read("\n".join(parts).encode())
    assert (dataset.names, dataset.rows) == (("city", "lat", "lon", "height"), 90)
    assert dataset.source.aside == 4


@pytest.mark.parametrize(
    "text",
    [
        "id,name\n" + "1,Bob\n2,Al\n" * 9 + "\nA1,Bob\nA2,Ann\nA3,Cid\n",
        "a,b\nx,y\np,q\n\nname,city\nBob,Rome\nAl,Oslo\n",  # as the rows above: nothing tells them apart
        "id,x\n1,2\n2,3\n\nTotal,5\nMean,2.5\n",
        "id,x\n1,2\n2,3\n\nNote,made by hand\n",
        "id,x\n1,2\n\n2,3\n\n3,4\n",
        "id,x\n1,2\n2,3\n\nnone,NA\nsome,NA\nall,NA\n",
    ],
)
def test_lines_below_a_blank_one_are_no_other_table(text: str) -> None:
    assert "another_table" not in codes(read(text.encode()))


def test_a_small_table_above_a_large_one() -> None:
    small = "code,price\n" + "".join(f"k{i},{i}.5\n" for i in range(5))
    large = "city,lat,lon,height\n" + "".join(f"c{i},{i}.1,{i}.2,{i}\n" for i in range(90))
    dataset = read((small + "\n" + large).encode())
    assert (dataset.names, dataset.rows) == (("city", "lat", "lon", "height"), 90)
    assert codes(dataset) == {"another_table": "warning"}
    assert dataset.source.aside == 5
    assert kept(dataset) == small.split("\n")[:-1]


@pytest.mark.parametrize("place", [3, 400])
def test_the_header_again_is_no_row(place: int) -> None:
    rows = [f"{i},{i}.5" for i in range(500)]
    dataset = read("\n".join(["id,x", *rows[:place], "id,x", *rows[place:]]).encode())
    assert dataset.frame()["id"].tolist() == list(range(500))
    assert codes(dataset) == {"repeated_header": "warning"}
    assert dataset.source.options["aside_lines"] == [place + 2]


@pytest.mark.parametrize("title", ["PREAMBLE,,,,", "PREAMBLE,,,,\n,,,,", '"Sales, 2020",,,,', "Sales;2020"])
def test_a_title_is_no_header(title: str) -> None:
    dataset = read(f"{title}\na,b,c,d,e\n1,2,3,4,5\n6,7,8,9,1\n".encode())
    assert dataset.names == ("a", "b", "c", "d", "e")
    assert codes(dataset) == {"lines_before": "info"}


PREAMBLES = [
    "Report,,\nDate,2020-01-01,\n,,\n",
    "Report,,\nDate,2020-01-01,\n",
    "Report,,\nDate,2020-01-01,\nBy,Al,\n",
    "Station,Oslo,\n",
    "Station,Oslo,\nDate,2020-01-01,\n",
    "Sales report,,\n",
    "Year,2020,\n,,\n",
]


@pytest.mark.parametrize("above", PREAMBLES)
@pytest.mark.parametrize("rows", [2, 3, 4, 5, 12, 13, 40])
@pytest.mark.parametrize("mark", [",", ";"])
def test_lines_above_a_table_of_a_few_rows(above: str, rows: int, mark: str) -> None:
    table = "id,name,score\n" + "".join(f"{i},n{i},{i}.5\n" for i in range(1, rows + 1))
    dataset = read((above + table).replace(",", mark).encode())
    assert (dataset.names, dataset.rows) == (("id", "name", "score"), rows)
    assert codes(dataset) == {"lines_before": "info"} and not dataset.source.aside


@pytest.mark.parametrize(
    "above",
    [
        "Station: X\nDate: 2024\n",
        "Station: X;\nDate: 2024;\n",
        "Station:;X\nDate:;2024\n",
        "Station: X\nOperator: Smith; J.\n",
        "Operator: Smith; J.\nDate: 2024\nTime: 12:00\n",
        "Station: X\n\n",
    ],
)
@pytest.mark.parametrize("row", ["Ann;3", "Ann;Lyon"])
@pytest.mark.parametrize("rows", [1, 2, 5])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_lines_of_a_name_a_colon_and_a_value_stand_above_one_row_too(
    above: str, row: str, rows: int, mark: str
) -> None:
    text = (above + "name;more\n" + f"{row}\n" * rows).replace(";", mark)
    dataset = read(text.encode())
    assert (dataset.names, dataset.rows) == (("name", "more"), rows)
    assert codes(dataset)["lines_before"] == "info" and not dataset.source.aside


@pytest.mark.parametrize("above", ["Station,X\n", "Station,X,\n", "Station,X\n\n", *PREAMBLES])
@pytest.mark.parametrize("mark", [",", ";"])
def test_lines_above_one_row_of_values_are_left_out(above: str, mark: str) -> None:
    dataset = read(f"{above}date,temp,rain\n2020-01-02,3,4\n".replace(",", mark).encode())
    assert (dataset.names, dataset.rows) == (("date", "temp", "rain"), 1)
    assert dataset.frame()[["temp", "rain"]].to_numpy().tolist() == [[3, 4]]
    assert codes(dataset) == {"lines_before": "info"} and not dataset.source.aside


@pytest.mark.parametrize("text", ["Station,X\nKew,2\n", "Station,X\nKew,Oslo\n"])
def test_two_lines_are_names_and_one_row(text: str) -> None:
    dataset = read(text.encode())
    assert (dataset.names, dataset.rows) == (("Station", "X"), 1)
    assert not dataset.loading and not dataset.source.aside


def test_names_with_a_colon_are_names() -> None:
    dataset = read(b"Name: first,Name: last\nAnn,Smith\nBob,Jones\n")
    assert (dataset.names, dataset.rows) == (("Name: first", "Name: last"), 2)


def test_lines_that_may_be_rows_are_no_preamble() -> None:
    assert read(b"name,city,\nBo,Rom,none\nAl,Ulm,x\nEd,Bonn,y\n").rows == 3, "all are words"
    assert read(b"a,b,\n1,2,\nx,y,z\n3,4,5\n").rows + 1 == 4, "one row below"
    kept_rows = read(b"a,1,\nb,2,\nc,3,\nid,name,score\n1,n1,1.5\n2,n2,2.5\n")
    assert kept_rows.source.aside + kept_rows.rows >= 5, "three rows of values are data, here or aside"


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("time,temp\ntime,temp", ("time", "temp")),
        ("time,temp\ns,C", ("time s", "temp C")),
        ("time,temp\n(s),(°C)", ("time (s)", "temp (°C)")),
        ("time,temp\nfloat,int", ("time float", "temp int")),
        (",Sales,,Costs,\nname,Q1,Q2,Q1,Q2", ("name", "Sales Q1", "Sales Q2", "Costs Q1", "Costs Q2")),
    ],
)
def test_a_second_header_line_is_no_row(header: str, names: tuple[str, ...]) -> None:
    width = len(names)
    rows = "".join(
        ",".join(["x" if width > 2 else "0.5", *map(str, range(i, i + width - 1))]) + "\n" for i in range(5)
    )
    dataset = read(f"{header}\n{rows}".encode())
    assert (dataset.names, dataset.rows) == (names, 5)
    assert codes(dataset)["header_rows"] == "info"
    again = read(f"{header}\n{rows}".encode(), options=Options.from_plain(dataset.source.options))
    assert again.fingerprint == dataset.fingerprint


def test_a_word_in_the_first_row_is_no_second_header_line() -> None:
    dataset = read(b"name,score\nBob,absent\nAl,3\nEd,4\nJo,5\n")
    assert (dataset.names, dataset.rows) == (("name", "score"), 4)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('1,"Alpha" and "Beta"', '"Alpha" and "Beta"'),
        ('1,"a"b', '"a"b'),
        ('1,""quoted" twice"', '""quoted" twice"'),
        ('1,5" pipe', '5" pipe'),
        ('1,"say ""hi"""', 'say "hi"'),
    ],
)
@pytest.mark.parametrize("careful", [False, True])
def test_stray_quotes_stay(line: str, field: str, careful: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if careful:
        monkeypatch.setattr(delimited, "pour_fast", lambda path, dialect, stage, progress, start: start)
    dataset = read(f"n,t\n{line}\n2,x\n3,y\n".encode())
    assert dataset.frame()["t"].tolist() == [field, "x", "y"]


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("columns", [2, 3])
def test_paths_that_end_in_a_backslash(quote: str, columns: int) -> None:
    def row(name: str) -> str:
        return ",".join(f"{quote}C:\\{name}{i}\\{quote}" for i in range(columns))

    dataset = read(("p,q,r"[: 2 * columns - 1] + "\n" + row("a") + "\n" + row("b") + "\n").encode())
    assert dataset.rows == 2
    assert dataset.frame().iloc[1].tolist() == [f"C:\\b{i}\\" for i in range(columns)]


def test_blanks_between_fields_and_single_quotes() -> None:
    assert read(b"a b c\n1 2 3\n4 5 6\n").names == ("a", "b", "c")
    assert read(b'who "full name" n\nx "Bob B" 2\ny "Al A" 3\n').frame()["full name"].tolist() == [
        "Bob B",
        "Al A",
    ]
    rows = "".join(f"{i},'Bob''s, and {i}','it is {i}'\n" for i in range(6))
    assert read(f"n,a,b\n{rows}".encode()).frame()["a"].iloc[2] == "Bob's, and 2"


ALIGNED = {
    "to the left": "{:<8} {:<5} {}\n",
    "to the right": "{:>8}  {:>5} {:>9}\n",
    "with blanks at the end": "{:<8} {:<5} {:<4}\n",
    "one digit each": "{}       {}     {}\n",
}


@pytest.mark.parametrize("form", ALIGNED)
def test_columns_aligned_with_blanks(form: str) -> None:
    rows = [(i, i * 7 % 10, i * 3 % 10) for i in range(10)]
    text = ALIGNED[form].format("x", "y", "z") + "".join(ALIGNED[form].format(*row) for row in rows)
    dataset = read(text.encode())
    assert dataset.names == ("x", "y", "z")
    assert dataset.frame().to_numpy().tolist() == [list(row) for row in rows]
    assert not dataset.loading and dataset.source.aside == 0


def test_a_missing_value_leaves_as_it_came_where_columns_are_aligned(tmp_path: Path) -> None:
    raw, out = tmp_path / "aligned.txt", tmp_path / "out.txt"
    raw.write_text("x      y    z\n" + '1      ""   3\n10     20   30\n' * 5, encoding="utf-8")
    dataset = load(raw, into=tmp_path / "home")
    assert dataset.table(["y"]).column(0).null_count == 5
    write_clean(dataset, Review(), out)
    again = read(out)
    assert again.names == ("x", "y", "z") and again.frame().equals(dataset.frame())


def test_empty_fields_between_blanks_are_fields() -> None:
    dataset = read(b"x y z w\n" + b"1  3 4\n1 2  4\n" * 9)
    assert dataset.names == ("x", "y", "z", "w") and dataset.rows == 18
    assert dataset.table(["y"]).column(0).null_count == 9


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_header_alone_has_its_names(mark: str) -> None:
    dataset = read(f"name{mark}age{mark}city\n".encode())
    assert (dataset.names, dataset.rows, codes(dataset)) == (
        ("name", "age", "city"),
        0,
        {"no_rows": "warning"},
    )


def test_a_title_as_wide_as_a_table_of_words_is_no_header() -> None:
    """Where the row below it, and no other, has the words of names; else the first row names the columns."""
    rows = "Anna,Ulm,red\nBen,Bonn,blue\nCleo,Kiel,green\nDora,Jena,black\n"
    titled = read(f"Members,of the club,May\nname,city,colour of label\n{rows}".encode())
    assert titled.names == ("name", "city", "colour of label") and titled.rows == 4
    assert "lines_before" in [finding.code for finding in titled.loading]
    for head in ("name,city,colour", "Members,of the club,May", "name,city,colour\nname of all,city,label"):
        assert read(f"{head}\n{rows}".encode()).names == tuple(head.split("\n")[0].split(","))
    fields = read(b"Feld,Typ,Pflicht\nname,text,yes\nage,number,no\ncity,text,no\n")
    assert fields.names == ("Feld", "Typ", "Pflicht"), "a list of columns is data"


def test_two_small_tables_of_other_widths_are_no_single_column() -> None:
    text = (
        b"Sales report 2024\nid,name,score\n1,Ann,3.5\n2,Bo,4,extra\n3,Cid,4.5\n\nid,city\n1,Oslo\n2,Rome\n"
    )
    found = read(text)
    assert found.names == ("id", "name", "score") and found.rows == 2 and found.source.aside == 3
    assert {"lines_before", "another_table", "rows_aside"} <= {finding.code for finding in found.loading}
    letter = (
        b"Dear Ann,\nthanks for the map, it came today.\nBo\n\nThe weather is fine\nhere, and we swim,\nall\n"
    )
    assert len(read(letter).names) == 1
