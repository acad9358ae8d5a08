"""Delimited text: the two ways of reading agree with each other and with pandas; guesses about shape."""

from __future__ import annotations

import csv
import io
import warnings

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dataset import Dataset
from core.errors import LoadError, SettingError
from core.loading import Options
from core.loading.readers import delimited, fast
from core.loading.readers.records import Rows
from core.progress import SILENT
from tests.core.loading.reading import new_folder, read
from tests.examples import examples

LETTERS = st.sampled_from([*'ab1",\n\r\t;| ', "é", '""', ',"', '",', "\r\n"])


def cells(content: bytes, careful: bool) -> tuple[list[list[str | None]], dict] | str:
    folder = new_folder()
    (folder / "x.csv").write_bytes(content)
    given = Options(
        format="csv",
        delimiter=",",
        quotechar='"',
        escapechar="",
        skipinitialspace=False,
        encoding="utf-8",
        header_line=0,
    )
    try:
        staged = delimited.read(folder / "x.csv", "x.csv", given, folder, SILENT, careful=careful)
    except LoadError as error:
        return str(error)
    rows = [
        list(row.values())
        for batch in staged.batches(list(range(len(staged.names))))
        for row in batch.to_pylist()
    ]
    return rows, staged.options


@settings(max_examples=examples(50), deadline=None)
@given(st.lists(LETTERS, max_size=60).map("".join))
def test_the_fast_way_agrees_with_the_careful_way(body):
    content = ("h1,h2\n" + body).encode()
    assert cells(content, careful=False) == cells(content, careful=True)


SOUND = [f"{n},{word}\n" for n, word in enumerate(["", "été", '"a,b"', "x y"] * 3)] + ["\n"]
ODD = [
    "1\n",
    '"\n',
    'a"b,2\n',
    "h1,h2\n",
    "1,2,3\n",
    "h3,h4\n",
    "\nnotes\n",
    '"1\n2",3\n',
    "1,2\r",
    "4",
    "\ufeff1,2\n",
    "\ufeffh1,h2\n",
]


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(st.sampled_from(SOUND * 8 + ODD), max_size=80).map("".join),
    st.integers(16, 200),
    st.sampled_from([1, 5, 99]),
)
def test_what_stops_the_fast_way_is_passed_carefully_and_it_goes_on(body, block, idle):
    """Blocks of a few rows: the ways take turns within the text."""
    content = ("h1,h2\n" + "".join(SOUND * 2) + body).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast, "BLOCK", block)
        patch.setattr(delimited, "IDLE", idle)
        by_turns = cells(content, careful=False)
    assert by_turns == cells(content, careful=True)


def test_of_a_text_with_one_bad_line_the_rest_is_read_the_fast_way(monkeypatch):
    """A line of one field among 60,000, and the last one cut off."""
    rows = [f"{n},{n % 7},word {n % 11}" for n in range(60_000)]
    rows[30_000] = "cut"
    text = "\n".join(["id,k,w", *rows, "60000,3"]).encode()
    monkeypatch.setattr(fast, "BLOCK", 1 << 15)
    read, carefully = 0, Rows.records

    def counted(self, *given):
        nonlocal read
        for record in carefully(self, *given):
            read += 1
            yield record

    monkeypatch.setattr(Rows, "records", counted)
    by_turns = cells(text, careful=False)
    assert 0 < read < 20_000
    assert by_turns == cells(text, careful=True)
    assert len(by_turns[0]) == 60_001
    assert by_turns[0][30_000] == ["cut", None, None] and by_turns[0][-1] == ["60000", "3", None]
    assert by_turns[1]["short_lines"] == 2


@settings(max_examples=examples(25), deadline=None)
@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8),
            min_size=3,
            max_size=3,
        ),
        min_size=1,
        max_size=8,
    )
)
def test_what_a_writer_writes_is_read_back(rows):
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([["x", "y", "z"], *rows])
    for careful in (False, True):
        assert cells(text.getvalue().encode(), careful)[0] == rows


@settings(max_examples=examples(30), deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["1,2", "a,b,c", "x", "", '"q,r",s', '"two\nlines",t', "é,ü", '"",""', "1,2,3,4", " , "]
        ),
        min_size=1,
        max_size=12,
    )
)
def test_pandas_reads_the_same_rows_from_what_the_options_say(lines):
    content = "preamble\n\nh1,h2\n" + "\n".join(lines) + "\n"
    folder = new_folder()
    (folder / "x.csv").write_bytes(content.encode())
    given = Options(format="csv", delimiter=",", quotechar='"', encoding="utf-8", header_line=2)
    try:
        staged = delimited.read(folder / "x.csv", "x.csv", given, folder, SILENT)
    except LoadError:
        return
    told = staged.options
    physical = io.StringIO(content, newline="").readlines()
    kept = [
        line
        for n, line in enumerate(physical, 1)
        if told["first_data_line"] < n <= (told["end_line"] or n) and n not in set(told["aside_lines"])
    ]
    names = told["names"] + [f"beyond {i}" for i in range(told["width"] - len(told["names"]))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.ParserWarning)
        frame = pd.read_csv(
            io.StringIO("".join(kept)),
            sep=",",
            header=None,
            names=names,
            dtype=str,
            keep_default_na=False,
            na_filter=False,
            index_col=False,
        )
    mine = [
        [cell or "" for cell in row.values()]
        for batch in staged.batches(list(range(len(told["names"]))))
        for row in batch.to_pylist()
    ]
    assert frame[told["names"]].to_numpy().tolist() == mine


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter, newline):
    rows = [
        ["name", "size", "when"],
        ["red fox", "1.5", "2024-01-02"],
        ["owl", "2.5", "2024-02-03"],
        ["", "3", "2024-03-04"],
    ]
    dataset = read(newline.join(delimiter.join(row) for row in rows).encode())
    assert dataset.names == ("name", "size", "when")
    assert dataset.source.options["delimiter"] == delimiter
    assert dataset.source.options["newline"] == newline
    assert [c.kind for c in dataset.columns[1:]] == ["numeric", "datetime"]


def test_a_blank_after_every_delimiter():
    dataset = read(b'name, note, n\nfox, "red, quick", 1\nowl, "grey", 2\n')
    assert dataset.names == ("name", "note", "n")
    assert dataset.frame()["note"].tolist() == ["red, quick", "grey"]


def test_single_quotes_and_backslashes():
    assert read(b"name,n\n'fox, red',1\n'owl',2\n").frame()["name"].tolist() == ["fox, red", "owl"]
    assert read(b'name,n\n"a \\"fox\\", red",1\n"owl",2\n').frame()["name"].tolist() == [
        'a "fox", red',
        "owl",
    ]


def test_every_line_before_the_table_is_named_up_to_five():
    lines = b"".join(b"note %d;;\n" % n for n in range(7))
    [left] = read(lines + b"id;x;y\n1;2;3\n3;4;5\n").loading
    told = ", ".join(f"'note {n}'" for n in range(5)) + " and 2 more"
    assert left.title == f"7 lines before the table were left out: {told}." and left.value == 7


def test_lines_before_the_header():
    dataset = read(b"Export of 2024\nby somebody\n\nid;x\n1;2\n3;4\n")
    assert dataset.names == ("id", "x")
    assert [f.title for f in dataset.loading] == [
        "2 lines before the table were left out: 'Export of 2024' and 'by somebody'."
    ]
    assert dataset.source.options["header_line"] == 3
    assert dataset.source.options["first_data_line"] == 4


def test_a_header_without_a_name_above_the_row_labels():
    dataset = read(b"mpg cyl gear\nMazda 21.0 6 4\nDatsun 22.8 4 4\nHornet 21.4 6 3\n")
    assert dataset.names == ("column_1", "mpg", "cyl", "gear")
    assert dataset.rows == 3


def test_no_header():
    dataset = read(b"1,2.5,red\n2,3.5,blue\n3,4.5,red\n4,5.5,blue\n")
    assert dataset.names == ("column_1", "column_2", "column_3")
    assert dataset.rows == 4
    assert dataset.source.options["header_line"] is None
    assert dataset.source.options["header"] is None


def test_a_header_of_numbers_counting_up_is_one():
    assert read(pd.DataFrame([[5.5, 6.5], [7.5, 8.5]]).to_csv(index=False).encode()).names == ("0", "1")


def test_decimal_comma():
    dataset = read(b"preis;menge\n1,50;3\n1.234,00;4\n-0,5;5\n")
    assert dataset.source.options["decimal"] == ","
    assert dataset.frame()["preis"].tolist() == [1.5, 1234.0, -0.5]
    assert dataset.raw("preis").to_pylist() == ["1,50", "1.234,00", "-0,5"]


def test_text_in_one_column_stays_one_column():
    dataset = read(b"comment\nhello there, you\nfine\nwell, well, well\nno\nyes\n")
    assert dataset.names == ("comment",)
    assert dataset.rows == 5


def test_reading_with_the_resolved_options_gives_the_same():
    content = "Bericht\nname;preis\n'x;y';1,5\n\"z\";2,5\n".encode("cp1252")
    first = read(content)
    again = read(content, options=Options.from_plain(first.source.options))
    assert again.fingerprint == first.fingerprint
    assert {**again.source.options, "confidence": 0} == {**first.source.options, "confidence": 0}


def test_options_overrule_the_guess():
    content = b"a;b,c\n1;2,3\n4;5,6\n"
    assert read(content, options=Options(delimiter=";")).names == ("a", "b,c")
    assert read(content, options=Options(delimiter=",", header_line=-1)).rows == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"delimiter": ";;"},
        {"delimiter": ""},
        {"decimal": "x"},
        {"encoding": "klingon"},
        {"encoding": "zip"},
        {"header_line": -2},
        {"format": "doc"},
    ],
)
def test_wrong_options_are_refused(wrong):
    with pytest.raises(SettingError):
        Options(**wrong)


def test_the_careful_way_goes_on_over_many_batches(monkeypatch):
    monkeypatch.setattr(delimited, "BATCH_ROWS", 7)
    rows = "".join(f'{i},"a\n{i}"\n' for i in range(50))
    frame = read(f"n,s\n{rows}".encode()).frame()
    assert frame["n"].tolist() == list(range(50))
    assert frame["s"].iloc[49] == "a\n49"


def mixed(*rows: str) -> Dataset:
    return read(("a;b;c\n" + "".join(f"{row}\n" for row in rows)).encode())


SURE = [
    ("1.081,67 €", None),
    ("€ 3,71", None),
    ("63,9 kg", None),
    ("-7,5%", None),
    ("0,25", 0.25),
    ("296,64", 296.64),
]


@pytest.mark.parametrize(("third", "value"), SURE)
def test_commas_are_decimal_where_points_are_too_if_a_column_shows_it(
    third: str, value: float | None
) -> None:
    """1,681 metres beside 296,64 are no 1681, though another column has points."""
    data = mixed(*(f"{100 + i}.5;1,{600 + i};{third}" for i in range(60)))
    frame = data.frame()
    assert data.source.options["decimal"] == "."
    assert frame["a"].iloc[0] == 100.5
    assert frame["b"].iloc[3] == 1.603 and "decimal comma" in data["b"].note
    assert value is None or frame["c"].iloc[0] == value


@pytest.mark.parametrize(
    "third", ["12", "1,234.5", "$1,200,300", "red, green", "2,5", "3,71", "(12,5)", "0,1"]
)
def test_commas_stay_between_thousands_where_no_column_shows_otherwise(third: str) -> None:
    data = mixed(*(f"{100 + i}.5;1,{600 + i};{third}" for i in range(60)))
    assert data.frame()["b"].iloc[3] == 1603


@pytest.mark.parametrize("third", ["2,5", "296,64"])
def test_a_column_with_as_large_numbers_without_commas_has_them_between_thousands(third: str) -> None:
    """950 beside 1,200: whatever another column shows."""
    data = mixed(*(f"{100 + i}.5;{'950' if i % 2 else '1,200'};{third}" for i in range(60)))
    assert data.frame()["b"].iloc[:2].tolist() == [1200, 950]


def test_whether_commas_are_decimal_in_some_columns_can_be_given() -> None:
    raw = ("a;b;c\n" + "".join(f"{100 + i}.5;1,{600 + i};296,64\n" for i in range(60))).encode()
    assert read(raw).frame()["b"].iloc[3] == 1.603
    assert read(raw, options=Options(comma_columns=False)).frame()["b"].iloc[3] == 1603
