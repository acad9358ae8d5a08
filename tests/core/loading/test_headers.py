"""First rows that look like data: when they are names, and when they are not."""

from __future__ import annotations

import numpy as np
import pytest

from core.loading.dialect import detect
from core.loading.options import Options

DRAW = np.random.default_rng(7)


def lines(head: list[str] | None, body: list[list[str]], mark: str = ",") -> str:
    return "".join(mark.join(row) + "\n" for row in ([head] if head else []) + body)


def counts(
    rows: int, columns: int, high: int = 900, labels: str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
) -> list[list[str]]:
    """Rows with a label and counts."""
    drawn = DRAW.integers(0, high, (rows, columns))
    return [[f"{labels[i % 26]}land", *map(str, row)] for i, row in enumerate(drawn)]


def floats(rows: int, columns: int, scale: float = 1.0, digits: int = 3) -> list[list[str]]:
    return [[f"{v:.{digits}f}" for v in row] for row in DRAW.normal(5, 1, (rows, columns)) * scale]


YEARS = [str(y) for y in range(2015, 2025)]
MONTHS = [str(m) for m in range(1, 13)]
ISO = [f"2020-01-{d:02}" for d in range(1, 11)]
US = [f"1/{d}/20" for d in range(22, 31)]
WAVES = [f"{400 + 4 * i:.1f}" for i in range(20)]
DOSES = ["0", "0.1", "1", "10", "100"]

HEADERS: dict[str, tuple[list[str], list[list[str]]]] = {
    "issue: country and years": (["country", "2019", "2020", "2021"], counts(8, 3)),
    "years, no corner": (["", *YEARS], counts(8, 10)),
    "years, odd corner": (["Land", *YEARS], counts(8, 10)),
    "years alone": (YEARS, floats(9, 10)),
    "years alone over counts": (YEARS, [row[1:] for row in counts(9, 10)]),
    "years over large counts": (["region", *YEARS], counts(8, 10, 900_000)),
    "years falling": (["region", *YEARS[::-1]], counts(8, 10)),
    "every fifth year": (["region", "1990", "1995", "2000", "2005"], counts(8, 4)),
    "two years": (["region", "2019", "2020"], counts(8, 2)),
    "one year": (["country", "2019"], counts(8, 1)),
    "two rows below years": (["country", "2019", "2020", "2021"], counts(2, 3)),
    "one row below years": (["country", "2019", "2020", "2021"], counts(1, 3)),
    "quoted years": (["country", '"2019"', '"2020"', '"2021"'], counts(8, 3)),
    "all quoted, years alone": ([f'"{y}"' for y in YEARS], [row[1:] for row in counts(9, 10)]),
    "code and two years of World Bank": (["Country Code", "1960", "1961", "1962"], counts(9, 3, 90_000)),
    "months under year": (
        ["year", *MONTHS],
        [[str(1990 + i), *row[1:]] for i, row in enumerate(counts(9, 12))],
    ),
    "months": (["station", *MONTHS], counts(9, 12)),
    "months over degrees": (["station", *MONTHS], [["Oslo", *r] for r in floats(9, 12, 3, 1)]),
    "months alone": (MONTHS, floats(9, 12, 3, 1)),
    "hours": (["day", *map(str, range(24))], [["Mon", *r] for r in floats(9, 24, 3, 1)]),
    "hours of the clock": (["day", "00:00", "06:00", "12:00", "18:00"], counts(9, 4)),
    "doses": (["cell line", *DOSES], [["HeLa", *r] for r in floats(9, 5, 0.1)]),
    "doses, no corner": (["", *DOSES], [["HeLa", *r] for r in floats(9, 5, 0.1)]),
    "wavelengths": (["sample", *WAVES], [[f"s{i}", *r] for i, r in enumerate(floats(9, 20, 0.1))]),
    "wavelengths alone": (WAVES, floats(9, 20, 0.1)),
    "wavelengths, whole": ([w[:3] for w in WAVES], floats(9, 20, 0.1)),
    "wavenumbers falling": (["id", *WAVES[::-1]], [[f"s{i}", *r] for i, r in enumerate(floats(9, 20, 0.1))]),
    "ISO dates": (["name", *ISO], counts(9, 10)),
    "ISO dates, no corner": (["", *ISO], counts(9, 10)),
    "ISO dates alone": (ISO, [row[1:] for row in counts(9, 10)]),
    "US dates": (
        ["Province/State", "Country/Region", "Lat", "Long", *US],
        [["", "Norway", "60.4", "8.4", *r[1:]] for r in counts(9, 9)],
    ),
    "US dates, no corner": (["", *US], counts(9, 9)),
    "US dates alone": (US, [row[1:] for row in counts(9, 9)]),
    "German dates": (["Ort", "01.02.2020", "02.02.2020"], counts(9, 2)),
    "quarters": (["region", "2020Q1", "2020Q2"], counts(9, 2)),
    "year ranges": (["region", "2019/20", "2020/21"], counts(9, 2)),
    "year-months": (["region", "2020-01", "2020-02"], counts(9, 2)),
    "numbers of a frame": (["0", "1", "2", "3"], floats(9, 4)),
    "numbers of a frame with index": (
        ["", "0", "1", "2"],
        [[str(i), *r] for i, r in enumerate(floats(9, 3))],
    ),
    "numbers from one": (["name", "1", "2", "3", "4"], [["x", *r] for r in floats(9, 4)]),
    "percentiles": (["group", "5", "25", "50", "75", "95"], [["a", *r] for r in floats(9, 5, 0.01, 4)]),
    "percent signs": (["group", "5%", "25%", "50%"], [["a", *r] for r in floats(9, 3)]),
    "age bands": (["sex", "0-4", "5-9", "10-14"], counts(9, 3)),
    "income brackets": (["state", "<30k", "30-50k", ">50k"], counts(9, 3)),
    "ordinary": (["name", "age", "city"], [["Bob", "31", "Rome"], ["Al", "25", "Oslo"], ["Ed", "9", "Bari"]]),
    "ordinary, one row": (["name", "age"], [["Bob", "31"]]),
    "one number among names": (["id", "name", "2020"], [[f"{i}", "Bob", f"{i * 7 % 5}.5"] for i in range(9)]),
    "all text": (["name", "city"], [["Bob", "Rome"], ["Al", "Oslo"], ["Ed", "Rome"]]),
    "text with codes": (["patient", "gene"], [[f"P{i:03}", f"BRCA{i}"] for i in range(9)]),
    "one column of numbers": (["weight"], [[str(i * 3 % 7)] for i in range(9)]),
    "one column of words": (["species"], [["setosa"], ["virginica"], ["setosa"]]),
    "dates below": (["date", "price"], [[f"2020-01-{i:02}", f"{i}.5"] for i in range(1, 9)]),
    "empty cells below": (["a", "b", "c"], [["1", "", "2"], ["", "", "3"], ["4", "5", ""]]),
    "missing words below": (["a", "b"], [["NA", "1"], ["2", "NA"], ["3", "4"]]),
    "plate columns": (["row", *MONTHS], [["ABCDEFGH"[i], *r] for i, r in enumerate(floats(8, 12, 0.3))]),
    "channels": (
        ["time", "101", "102", "103"],
        [[str(i / 10), *r] for i, r in enumerate(floats(9, 3, 20, 1))],
    ),
    "transposed": (
        ["variable", "1", "2", "3"],
        [["height", "1.8", "1.7", "1.9"], ["weight", "80", "75", "91"]],
    ),
    "transposed patients": (
        ["gene", "1001", "1002", "1003"],
        [[f"G{i}", *r] for i, r in enumerate(floats(9, 3))],
    ),
    "depths": (["site", "0", "10", "20", "50", "100"], [["S", *r] for r in floats(9, 5, 2, 2)]),
    "frequencies": (["subject", "0.5", "1.0", "2.0", "4.0"], [["s", *r] for r in floats(9, 4, 12, 1)]),
    "temperatures": (["alloy", "-40", "20", "100"], [["X5", *r] for r in floats(9, 3, 40, 0)]),
    "prices in words": (
        ["ticker", "open", "2020"],
        [["AAPL", "1.5", "3"], ["IBM", "2.5", "4"], ["GE", "3", "1"]],
    ),
}

IRIS = [
    ["5.1", "3.5", "1.4", "0.2"],
    ["4.9", "3.0", "1.4", "0.2"],
    ["4.7", "3.2", "1.3", "0.2"],
    ["4.6", "3.1", "1.5", "0.2"],
    ["5.0", "3.6", "1.4", "0.2"],
    ["5.4", "3.9", "1.7", "0.4"],
]


def grid(start: float, step: float, rows: int, columns: int) -> list[list[str]]:
    return [[f"{start + step * (i * columns + j):g}" for j in range(columns)] for i in range(rows)]


HEADERLESS: dict[str, list[list[str]]] = {
    "iris": [[*row, "Iris-setosa"] for row in IRIS],
    "iris, numbers": IRIS,
    "iris, two rows": IRIS[:2],
    "iris, three rows": IRIS[:3],
    "one row of numbers": [["1", "2", "3"]],
    "one row with a word": [["1", "2.5", "red"]],
    "mixed": [["1", "2.5", "red"], ["2", "3.5", "blue"], ["3", "4.5", "red"], ["4", "5.5", "blue"]],
    "wine": [["1", "14.23", "1.71"], ["1", "13.2", "1.78"], ["2", "12.37", ".94"], ["3", "12.86", "1.35"]],
    "adult": [
        ["39", "State-gov", "77516", "<=50K"],
        ["50", "Private", "83311", "<=50K"],
        ["38", "Private", "215646", ">50K"],
        ["53", "Private", "234721", "<=50K"],
    ],
    "breast cancer": [["842302", "M", "17.99"], ["842517", "M", "20.57"], ["84300903", "B", "19.69"]],
    "ratings": [
        ["196", "242", "3", "881250949"],
        ["186", "302", "3", "891717742"],
        ["22", "377", "1", "878887116"],
    ],
    "missing in the first row": [["?", "2", "3"], ["1", "5", "6"], ["4", "?", "9"], ["2", "2", "8"]],
    "missing words in the first row": [["NA", "NA", "3"], ["1", "5", "6"], ["4", "7", "9"], ["2", "2", "8"]],
    "digits of an image": [
        ["5", "0", "0", "12", "0"],
        ["0", "3", "0", "0", "0"],
        ["4", "0", "200", "0", "0"],
    ],
    "dates first": [[f"2020-01-{i:02}", f"{i * 3 % 7}.5"] for i in range(1, 9)],
    "dates first, one number": [[f"{i}/1/2020", f"{i * 3 % 7}"] for i in range(1, 9)],
    "times": [[f"{8 + i}:00", f"{i * 3 % 7}.1"] for i in range(9)],
    "stamps": [[f"2020-01-01 00:0{i}:00", f"{i}.5", "ok"] for i in range(8)],
    "years first": [[str(1990 + i), f"{i * 37 % 11}.2"] for i in range(9)],
    "years first, one value": [[str(1990 + i), str(i * 37 % 11)] for i in range(9)],
    "spans of years": [[str(1990 + i), str(1995 + i), str(2000 + i)] for i in range(9)],
    "index first": [[str(i), f"{i * 37 % 11}.2", "x"] for i in range(9)],
    "index and sequence": [[str(i), str(i + 1), str(i + 2)] for i in range(9)],
    "grid of whole numbers": grid(1, 1, 5, 4),
    "grid of tenths": grid(0.5, 0.1, 6, 5),
    "steps from zero": [[str(i), str(i + 1)] for i in range(9)],
    "steps from zero, three rows": [["0", "1"], ["1", "2"], ["2", "3"]],
    "squares from zero": [[str(i), str((i + 1) ** 2)] for i in range(9)],
    "doubling from zero": [[str(i), str(2**i)] for i in range(9)],
    "three steps from zero": [[str(i), str(2 * i + 1), str(3 * i + 2)] for i in range(9)],
    "step, square and cube": [[str(i), str(i * i + 1), str(i**3 + 2)] for i in range(12)],
    "step and two constants": [[str(i), "1", "2"] for i in range(9)],
    "rising rows": [[f"{v:.2f}" for v in sorted(row)] for row in DRAW.normal(5, 1, (9, 6))],
    "falling rows": [[f"{v:.2f}" for v in sorted(row)[::-1]] for row in DRAW.normal(5, 1, (9, 6))],
    "quantiles": [
        [f"{v:.1f}" for v in np.quantile(DRAW.normal(50, 9, 40), [0, 0.25, 0.5, 0.75, 1])] for _ in range(8)
    ],
    "coordinates": [["51.5", "-0.1"], ["48.8", "2.3"], ["52.5", "13.4"], ["41.9", "12.5"]],
    "prices": [["$1.50", "$2.00"], ["$3.10", "$0.99"], ["$2.75", "$1.10"]],
    "percent": [["12%", "30%"], ["15%", "22%"], ["9%", "41%"]],
    "decimal commas": [["1,5", "2,5"], ["3,1", "0,9"], ["2,7", "1,1"]],
    "codes": [["AB12", "7"], ["CD34", "8"], ["EF56", "2"], ["GH78", "5"]],
    "long numbers": [[f"4915{i}7788", f"{i * 31 % 17}"] for i in range(9)],
    "zeros and ones": [["0", "1"], ["1", "0"], ["1", "1"], ["0", "0"]],
    "negative": [["-1", "5"], ["3", "-2"], ["-4", "1"]],
    "exponents": [["1e-5", "2e3"], ["3e-5", "1e3"], ["2e-5", "4e3"]],
    "one column": [["5"], ["3"], ["9"], ["1"]],
    "one column rising": [["1"], ["2"], ["3"], ["4"]],
    "one column of dates": [["2020-01-01"], ["2020-01-03"], ["2020-01-09"]],
    "one column of years": [["2019"], ["2020"], ["2021"]],
    "constant": [["1", "2", "3"]] * 6,
    "first row largest": [["99", "98"], ["1", "2"], ["50", "40"], ["73", "60"], ["22", "31"], ["95", "90"]],
    "trend": [[str(100 + 10 * i), str(1000 + 5 * i), str(7 + i)] for i in range(9)],
    "falling trend": [[str(900 - 10 * i), f"{80 - i}.5", str(60 - 2 * i)] for i in range(9)],
    "growth": [[f"{2**i}", f"{3**i}", f"{5**i}"] for i in range(9)],
    "labels then numbers": [["B", "1.5", "2"], ["A", "2.5", "1"], ["A", "0.5", "3"], ["B", "1.0", "2"]],
    "text below text in it": [["red", "1"], ["blue", "2"], ["red", "3"], ["red", "4"]],
    "car evaluation": [
        ["vhigh", "vhigh", "2", "2", "small"],
        ["vhigh", "low", "2", "4", "big"],
        ["low", "med", "4", "4", "small"],
        ["med", "low", "2", "2", "big"],
    ],
    "abalone": [["M", "0.455", "0.365", "15"], ["M", "0.35", "0.265", "7"], ["F", "0.53", "0.42", "9"]],
    "squares from zero, three rows": [["0", "1"], ["1", "4"], ["2", "9"]],
    "index from zero, values": [[str(i), str(i * 37 % 11 + (1 if i == 0 else 2))] for i in range(9)],
    "matches": [["Arsenal", "2", "1"], ["Leeds", "0", "0"], ["Everton", "3", "1"], ["Arsenal", "1", "1"]],
}
for turn in range(12):
    HEADERLESS[f"normal {turn}"] = floats(3 + turn, 2 + turn % 6, 10.0 ** (turn % 4))
    HEADERLESS[f"counts {turn}"] = [row[1:] for row in counts(4 + turn, 3 + turn % 5, 10 ** (1 + turn % 4))]

# Names and rows alike: the answer may be wrong, but then it must not be sure, so that the page asks.
DOUBTFUL = {
    *("one year", "one row below years", "first row largest", "temperatures"),
    *("squares from zero, three rows", "index from zero, values"),
}


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("name", HEADERS)
def test_names_that_look_like_data_are_names(name: str, mark: str) -> None:
    head, body = HEADERS[name]
    found = detect(lines(head, body, mark), Options())
    if found.header is None and name in DOUBTFUL:
        assert found.confidence["header_line"] < 0.8
        return
    assert found.header == tuple(cell.strip('"') for cell in head)


@pytest.mark.parametrize("name", HEADERLESS)
def test_rows_are_no_names(name: str) -> None:
    mark = ";" if name == "decimal commas" else ","
    found = detect(lines(None, HEADERLESS[name], mark), Options())
    if found.header is not None and name in DOUBTFUL:
        assert found.confidence["header_line"] < 0.8
        return
    assert found.header is None


def test_nearly_all_are_right_and_most_of_them_sure() -> None:
    assert len(HEADERS) >= 60 and len(HEADERLESS) >= 60
    right = sure = 0
    for head, body in HEADERS.values():
        found = detect(lines(head, body), Options())
        right += found.header is not None
        sure += found.header is not None and found.confidence["header_line"] >= 0.8
    for name, body in HEADERLESS.items():
        found = detect(lines(None, body, ";" if name == "decimal commas" else ","), Options())
        right += found.header is None
        sure += found.header is None and found.confidence["header_line"] >= 0.8
    total = len(HEADERS) + len(HEADERLESS)
    assert right >= 0.97 * total
    assert sure >= 0.7 * total
