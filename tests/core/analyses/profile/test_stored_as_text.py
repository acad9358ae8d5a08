"""What is said of numbers and dates stored as text is what the button does, and what the code does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dataset import Dataset
from core.decided import as_decided
from core.finding import Finding
from core.loading import Options, load, retype
from core.prepare.fixes import decisions
from core.review import Review
from core.run import run
from core.steps import settle
from tests.core.loading.reading import new_folder, read
from tests.examples import examples

N = 300
DRAW = np.random.default_rng(5)
CODES = ("number_as_text", "date_as_text", "mixed_type", "several_currencies", "percent_and_plain")


def findings(dataset: Dataset) -> list[Finding]:
    return [f for f in run("profile", dataset).findings if f.code in CODES]


def only(dataset: Dataset) -> Finding:
    (finding,) = findings(dataset)
    return finding


def table(cells: list[str | None]) -> Dataset:
    return load(pa.table({"x": cells, "row": list(range(len(cells)))}), into=new_folder())


def kept(dataset: Dataset, finding: Finding) -> None:
    """The cells without a value after the click are those that the finding counts, and pandas agrees."""
    before = dataset.table(["x"]).column(0).to_pylist()
    review = Review().say(*decisions(dataset, finding))
    [effect] = settle(review.decisions, dataset).effects.values()
    after = as_decided(dataset, review).table(["x"]).column(0)
    again = retype(dataset, {"x": finding.settings["kind"]}).table(["x"]).column(0)
    assert after.type == again.type and after.equals(again), "loading it with that kind reads the same"
    unread = [row for row, value in enumerate(after.to_pylist()) if value is None and before[row] is not None]
    blank = [row for row in unread if before[row].strip() in ("", "NA", "-")]
    assert sorted(set(unread) - set(blank)) == finding.rows.ids.tolist()
    assert finding.n == len(before) - before.count(None) - len(blank)
    assert not len(finding.rows) or f"{len(finding.rows):,} cell" in effect.note, "none is lost silently"
    assert finding.value == pytest.approx((finding.n - len(finding.rows)) / finding.n)
    assert finding.fix, "there is a line of code"
    names = {"data": dataset.frame(["x"]), "pd": pd}
    exec(finding.fix, names)
    code = names["data"]["x"].reset_index(drop=True)
    button = pd.Series(after.to_pandas()).astype(code.dtype)
    pd.testing.assert_series_equal(code, button, check_names=False, check_index=False, check_freq=False)


def with_some(cells: list[str], *others: str) -> list[str | None]:
    return [*cells[: len(cells) - len(others)], *others]


AMOUNTS = DRAW.normal(0, 5e4, N).round(2)
DAYS = [pd.Timestamp("2018-01-01") + pd.Timedelta(days=int(d)) for d in DRAW.integers(0, 900, N)]
PROMISES = {
    "points between thousands": [f"{v:,}".replace(",", ".") for v in DRAW.integers(10**6, 10**8, N).tolist()],
    "euros": [f"{v:.2f} €".replace(".", ",") for v in AMOUNTS],
    "percent": [f"{v:.1f}%".replace(".", ",") for v in DRAW.random(N) * 100],
    "no-break spaces": [f"{v:,.2f}".replace(",", "\u00a0").replace(".", ",") for v in AMOUNTS],
    "apostrophes": [f"{v:,.2f}".replace(",", "’") for v in AMOUNTS],
    "true minus": [f"{v:.2f}".replace("-", "\u2212") + " $" for v in AMOUNTS],
    "in brackets": [f"({-v:,.2f})" if v < 0 else f"{v:,.2f}" for v in AMOUNTS],
    "minus behind": [f"{-v:,.2f}-" if v < 0 else f"{v:,.2f}" for v in AMOUNTS],
    "with a few words": with_some([f"${v:,.2f}" for v in AMOUNTS], "none yet", "n.b.", "call us"),
    "with a range": with_some([f"{v:.1f} kr" for v in AMOUNTS], "5 - 7", "1.2.3"),
    "and words for missing": with_some([f"€{v:,.2f}" for v in AMOUNTS], "NA", "-", "NA"),
    "long fractions": with_some([repr(v) for v in DRAW.normal(size=N).tolist()], "x"),
}
DATES = {
    "two layouts": [f"{d:%d/%m/%Y}" if i % 2 else f"{d:%Y-%m-%d}" for i, d in enumerate(DAYS)],
    "month first": [f"{d:%m/%d/%Y}" for d in DAYS],
    "with a word": with_some([f"{d:%d.%m.%Y}" for d in DAYS], "soon"),
    "names of months": [f"{d:%d %b %Y}" for d in DAYS],
    "times of day": [f"{d:%d/%m/%Y %H:%M}" if i % 3 else f"{d:%d/%m/%Y}" for i, d in enumerate(DAYS)],
    "zones": [f"{d:%Y-%m-%dT%H:%M:%S}+02:00" for d in DAYS],
    "eight digits": with_some([f"{d:%Y%m%d}" for d in DAYS], "1956-04-09"),
    "both orders": with_some([f"{d:%d/%m/%Y}" for d in DAYS], "12/31/2019", "11/30/2019"),
}


@pytest.mark.parametrize("case", PROMISES)
def test_a_promise_of_numbers_is_kept(case: str) -> None:
    dataset = table(PROMISES[case])
    finding = only(dataset)
    assert (finding.code, finding.settings) == ("number_as_text", {"kind": "numeric"})
    kept(dataset, finding)


@pytest.mark.parametrize("case", DATES)
def test_a_promise_of_dates_is_kept(case: str) -> None:
    dataset = table(DATES[case])
    finding = only(dataset)
    assert (finding.code, finding.settings) == ("date_as_text", {"kind": "datetime"})
    kept(dataset, finding)


def test_codes_that_become_missing_are_named() -> None:
    finding = only(table(with_some([f"{d:%Y%m%d}" for d in DAYS], "unknown", "n/a", "unknown")))
    assert finding.title == f"'x' holds dates stored as text: all of {N - 3:,} values read as dates"
    assert "Missing-value codes, such as 'unknown' (2), 'n/a' (1), become missing." in finding.suggestion
    assert "become missing" not in only(table([f"{d:%Y%m%d}" for d in DAYS])).suggestion


MIXED = {
    "marks of their own": ([f"${v:,.2f}" for v in range(200)], [f"€ {v},99" for v in range(100)]),
    "one way of writing": ([f"${v}.25" for v in range(200)], [f"€{v}.25" for v in range(100)]),
    "words and signs": ([f"{v} USD" for v in range(200)], [f"EUR {v}" for v in range(60)] + ["7 €"] * 40),
}


@pytest.mark.parametrize("case", MIXED)
def test_amounts_in_two_currencies_stay_text_and_are_named(case: str) -> None:
    dollars, euros = MIXED[case]
    dataset = table([*dollars, *euros, None])
    finding = only(dataset)
    assert (finding.code, finding.severity, finding.action, finding.fix) == (
        "several_currencies", "warning", "", ""
    )  # fmt: skip
    assert finding.title == "'x' holds amounts in several currencies: 200 in '$', 100 in '€'"
    assert finding.rows.ids.tolist() == list(range(200, 300)) and finding.value == pytest.approx(1 / 3)
    assert dataset["x"].stored == "string" and dataset["x"].note == ""
    asked = retype(dataset, {"x": "numeric"})["x"]
    assert "Several currencies: 200 in '$', 100 in '€'." in asked.note, "a person may insist"


def test_one_currency_however_it_is_written_is_one() -> None:
    cells = (
        [f"{v}.50 EUR" for v in range(100)]
        + [f"€ {v}.25" for v in range(100)]
        + [f"{v}.75" for v in range(9)]
    )
    finding = only(table([*cells]))
    assert finding.code == "number_as_text" and finding.value == 1.0
    finding = only(table([f"{v}.5%" for v in range(100)] + [f"€ {v}.25" for v in range(100)]))
    assert finding.code == "percent_and_plain", "per cent is no currency"


def test_percentages_beside_plain_numbers_are_no_numbers_throughout() -> None:
    shares = [f"{v}.2" for v in range(1, 151)]
    dataset = table([*(f"{one}%" for one in shares), *shares, "0", "", "unknown"])
    finding = only(dataset)
    assert (finding.code, finding.severity, finding.action, finding.fix) == (
        "percent_and_plain", "warning", "", ""
    )  # fmt: skip
    assert finding.title == "'x' mixes percentages and plain numbers: 150 without, 150 with '%'"
    assert finding.rows.ids.tolist() == list(range(150)) and finding.value == 0.5
    assert dataset["x"].note == "", "the page does not promise numbers either"
    asked = retype(dataset, {"x": "numeric"})
    assert "Percentages and plain numbers: 150 without, 150 with '%'." in asked["x"].note
    assert asked.table(["x"]).column(0).drop_null().to_pylist() == [*map(float, shares), 0.0]
    finding = only(table([*(f"{one}%" for one in shares), "0.5"]))
    assert finding.title == "'x' mixes percentages and plain numbers: 150 with '%', 1 without"
    assert finding.rows.ids.tolist() == [150]


def test_zeros_hide_no_percentages_beside_plain_numbers() -> None:
    """They are the same both ways, and not counted: of 120 beside them all was said to be numbers."""
    few = [*(f"{v}%" for v in range(1, 41)), *(f"{v}.5" for v in range(1, 41))]
    assert only(table([*few, *["0"] * 120])).code == "percent_and_plain"


def test_percentages_with_a_plain_nothing_are_numbers() -> None:
    assert only(table([*(f"{v}.2%" for v in range(150)), "0", "0"])).code == "number_as_text"


def test_a_few_percentages_among_words_are_spoken_of_as_numbers_among_words() -> None:
    words = [*(f"word {v % 40}" for v in range(200)), *(f"{v}%" for v in range(1, 30)), "40", "50", "60"]
    assert only(table(words)).code == "mixed_type"


def test_one_amount_in_another_currency_is_named() -> None:
    finding = only(table([*(f"${v}.25" for v in range(299)), "€5.00"]))
    assert finding.code == "several_currencies" and finding.rows.ids.tolist() == [299]


def test_one_cell_that_does_not_read_is_spoken_of_as_one() -> None:
    finding = only(table(with_some([f"${v:,.2f}" for v in AMOUNTS], "call us")))
    assert "the 1 that does not read so, such as 'call us'" in finding.suggestion


def test_a_promise_about_a_part_is_kept() -> None:
    cells = [f"{v:,.2f} €" if i % 3 else "on demand" for i, v in enumerate(AMOUNTS)]
    dataset = table(cells)
    finding = only(dataset)
    assert (finding.code, finding.action) == ("mixed_type", "read_as")
    kept(dataset, finding)


def test_plain_numbers_among_amounts_with_a_unit_are_read_without_it() -> None:
    """84.2 beside "84.2 kg" and "80000 g": the only click made all amounts with a unit missing."""
    cells = [f"{v:.1f}" if i % 6 else f"{v:.1f} kg" for i, v in enumerate(AMOUNTS)]
    dataset = table(cells)
    finding = only(dataset)
    assert (finding.code, finding.settings) == ("mixed_type", {"kind": "numeric", "unit": "kg"})
    assert f"; {len(cells[::6])} more with a unit: 'kg'" in finding.title
    read = as_decided(dataset, Review().say(*decisions(dataset, finding))).frame(["x"])["x"]
    assert read.tolist() == [float(one.removesuffix(" kg")) for one in cells]
    cells[3:60:6] = [f"{1000 * v:.0f} g" for v in AMOUNTS[3:60:6]]
    finding = only(table(cells))
    assert (
        finding.rows.ids.tolist() == list(range(3, 60, 6)) and "10 cells are no numbers" in finding.suggestion
    )


def test_numbers_among_words_are_blanked_by_the_code_as_by_the_button() -> None:
    cells = [f"€ {v:,.2f}" if i % 4 == 0 else ("red", "green")[i % 2] for i, v in enumerate(AMOUNTS)]
    dataset = table(cells)
    finding = only(dataset)
    assert (finding.code, finding.action) == ("mixed_type", "blank")
    names = {"data": dataset.frame(["x"]), "pd": pd}
    exec(finding.fix, names)
    assert np.flatnonzero(names["data"]["x"].isna()).tolist() == finding.rows.ids.tolist()


def test_the_comma_of_the_file_decides_where_nothing_else_does() -> None:
    cells = "".join(f"{v},{w:03d};x\n" for v, w in DRAW.integers(1, 999, (N, 2)).tolist())
    dataset = read(f"x;y\n{cells}none;y\n".encode(), options=Options(decimal=","))
    assert dataset["x"].stored == "double", "a column of nothing else is read at once"
    dataset = read(f"x;y\n{cells}no idea;y\n".encode(), options=Options(decimal=","))
    finding = only(dataset)
    assert "commas read as decimal marks" in finding.suggestion
    kept(dataset, finding)
    assert retype(dataset, {"x": "numeric"}).table(["x"]).column(0)[0].as_py() < 1_000


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("x", with_some([str(v) for v in DRAW.integers(123_456_789, 899_999_999, N)], "unknown id")),
        ("ssn", [f"{v:03d}-{w:02d}-1234" for v, w in DRAW.integers(1, 99, (N, 2))]),
        ("x", with_some([f"{v:09d}" for v in DRAW.integers(1, 10**9, N)], "refused")),
        ("x", with_some([str(v) for v in DRAW.integers(1, 300, N)], "12a", "7b", "14-16", "99 c")),
        ("street_number", with_some([str(v) for v in DRAW.integers(1, 300, N)], "corner")),
        ("ZIP", with_some([str(v) for v in DRAW.integers(10_000, 99_999, N)], "abroad")),
        ("PID", with_some([str(v) for v in DRAW.integers(1, 10**6, N)], "new")),
        ("x", with_some([str(10**18 + v) for v in DRAW.integers(1, 10**6, N)], "12.5")),
    ],
)
def test_identifiers_and_codes_are_no_numbers(name: str, cells: list[str]) -> None:
    dataset = load(pa.table({name: cells, "y": ["a"] * len(cells)}), into=new_folder())
    assert dataset[name].stored == "string"
    assert findings(dataset) == []


NOISE = st.text(st.sampled_from("0123456789.,'’ \u00a0-\u2212()%€$eEaz/:"), max_size=9)
STYLES = st.sampled_from(sorted(PROMISES) + sorted(DATES))


@settings(max_examples=examples(25), deadline=None)
@given(STYLES, st.lists(NOISE.map(str.strip).filter(lambda text: text not in ("", "NA", "-")), max_size=5))
def test_promises_are_kept_whatever_stands_beside(case: str, odd: list[str]) -> None:
    from core.numerics.texts import DOUBTFUL_WORDS, EMPTY_WORDS

    odd = [text for text in odd if text.lower() not in EMPTY_WORDS + DOUBTFUL_WORDS]
    cells = [*(PROMISES | DATES)[case][:200], *odd]
    dataset = table(cells)
    for finding in findings(dataset):
        if finding.action == "read_as" and finding.fix:
            kept(dataset, finding)
