"""Rows of totals and averages: what the profile names, and what it leaves in peace."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.analyses.profile.analysis import ProfileSettings, profile
from core.analyses.profile.result import Profile
from core.analyses.profile.sums import dominant_sum, matches, proofs
from core.filters import Filter
from core.finding import Finding
from core.progress import SILENT
from core.run import run
from tests.make import dataset

DRAW = np.random.default_rng(7)
N = 60


def sales(rows: int = N) -> pd.DataFrame:
    draw = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "id": np.arange(1, rows + 1, dtype=float),
            "item": draw.choice(["lamp", "chair", "table"], rows),
            "year": draw.integers(2000, 2009, rows).astype(float),
            "amount": draw.integers(1, 90, rows).astype(float),
            "price": draw.gamma(2, 300, rows).round(2),
        }
    )


def below(frame: pd.DataFrame, *rows: dict[str, object]) -> pd.DataFrame:
    return pd.concat([frame, pd.DataFrame(list(rows), columns=frame.columns)], ignore_index=True)


def made(frame: pd.DataFrame) -> Profile:
    return profile(dataset(frame), ProfileSettings(), SILENT)


def total(frame: pd.DataFrame) -> Finding | None:
    return next((one for one in made(frame).found if one.code == "total_rows"), None)


def euros(value: float) -> str:
    return f"{value:,.2f} €".translate(str.maketrans(",.", ".,"))


def kilos(value: float) -> str:
    return f"{value:g} kg"


def thousands(unit: str) -> Callable[[float], str]:
    """As in 1.200 kg, which could be 1.2, too."""
    return lambda value: f"{value:,.0f} {unit}".replace(",", ".")


PLAIN = sales()
WEIGHTS = PLAIN.assign(amount=PLAIN["amount"].map(kilos), price=PLAIN["price"].map(euros))
LONG = sales().assign(price=lambda frame: (10 * frame["price"]).round())
TEXT = PLAIN.assign(price=PLAIN["price"].map(euros))
MIXED = PLAIN.assign(
    amount=np.where(np.arange(N) % 5 == 2, "approx 20", PLAIN["amount"].map(lambda value: f"{value:g}"))
)
BALANCES = PLAIN["amount"] - np.where(np.arange(N) % 4, 0, 60)
SUMS = {"amount": PLAIN["amount"].sum(), "price": round(PLAIN["price"].sum(), 2)}
MEANS = {"amount": round(PLAIN["amount"].mean(), 2), "price": round(PLAIN["price"].mean(), 2)}
NUMBERS = ("year", "id", "amount", "price")
YEARS = pd.DataFrame(
    {
        "country": [f"land {at}" for at in range(30)],
        **{str(y): DRAW.integers(9, 99, 30) for y in (2019, 2020)},
    }
)
B = DRAW.gamma(2, 30, N).round(2)
EUROS = pd.DataFrame({"a": [*map(euros, [50.0] * 40 + [200.0] * 20)], "b": [*map(euros, B)]})
MIXED_SUM = pd.to_numeric(MIXED["amount"], errors="coerce").sum()
TOLD = {
    "a word and its sum": (below(PLAIN, {"item": "Summe", "price": SUMS["price"]}), [N]),
    "a sum without a word": (below(PLAIN, {"price": SUMS["price"]}), [N]),
    "a word without a sum": (below(PLAIN, {"item": "Grand total", "price": 5.0}), [N]),
    "a word beside nothing": (below(PLAIN, {"item": "Total"}), [N]),
    "amounts as text": (below(TEXT, {"item": "Summe:", "price": euros(SUMS["price"])}), [N]),
    "amounts as text, a word without a sum": (below(TEXT, {"item": "Total", "price": euros(5)}), [N]),
    "numbers among words": (below(MIXED, {"item": "Total", "amount": "5849"}), [N]),
    "numbers among words, without a word": (below(MIXED, {"amount": f"{MIXED_SUM:g}"}), [N]),
    "two words among numbers": (
        below(
            PLAIN.assign(amount=["nk", "nl", *PLAIN["amount"].iloc[2:].astype(str)]),
            {"item": "Total", "amount": "9"},
        ),
        [N],
    ),
    "amounts in two currencies": (
        below(TEXT.assign(price=["$5", "£7", *TEXT["price"].iloc[2:]]), {"item": "Total", "price": euros(5)}),
        [N],
    ),
    "amounts with a unit": (below(WEIGHTS, {"item": "Total", "amount": kilos(SUMS["amount"])}), [N]),
    "amounts with a unit, without a word": (below(WEIGHTS, {"amount": kilos(SUMS["amount"])}), [N]),
    "amounts with a unit, some below zero": (
        below(WEIGHTS.assign(amount=BALANCES.map(kilos)), {"amount": kilos(BALANCES.sum())}),
        [N],
    ),
    "amounts with a unit, their total without": (
        below(WEIGHTS, {"item": "Total", "amount": f"{SUMS['amount']:g}"}),
        [N],
    ),
    "amounts with a unit, a word without a sum": (below(WEIGHTS, {"item": "Total", "amount": "5 kg"}), [N]),
    "some amounts with a unit": (
        below(
            PLAIN.assign(
                amount=PLAIN["amount"]
                .map(kilos)
                .where(np.arange(N) % 3 < 1, PLAIN["amount"].map("{:g}".format))
            ),
            {"amount": kilos(SUMS["amount"])},
        ),
        [N],
    ),
    **{
        f"thousands of {unit} with points": (
            below(LONG.assign(price=LONG["price"].map(thousands(unit))), {"price": thousands(unit)(total)}),
            [N],
        )
        for unit, total in [("kg", LONG["price"].sum()), ("€", LONG["price"].sum())]
    },
    "few amounts as text": (below(TEXT.head(9), {"item": "Total", "price": euros(5)}), [9]),
    "sums of two columns of text": (below(EUROS, {"a": euros(6_000), "b": euros(B.sum())}), [N]),
    "formulas that hold 0": (below(PLAIN, {"item": "Total", **dict.fromkeys(NUMBERS, 0)}), [N]),
    "total and average": (below(PLAIN, {"item": "Total", **SUMS}, {"item": "Average", **MEANS}), [N, N + 1]),
    "in another script": (below(PLAIN, {"item": "Итого", **SUMS}), [N]),
    "all columns filled": (below(YEARS, {"country": "World", **YEARS.drop(columns="country").sum()}), [30]),
    "two columns and a word": (
        below(YEARS[["country", "2020"]], {"country": "Total", "2020": YEARS["2020"].sum()}),
        [30],
    ),
    "an average alone": (
        below(YEARS[["country", "2020"]], {"country": "Average", "2020": round(YEARS["2020"].mean(), 3)}),
        [30],
    ),
    "rounded before it was summed": (
        below(YEARS[["country", "2020"]], {"country": "Total", "2020": YEARS["2020"].sum() + 2}),
        [30],
    ),
    "sums of two columns without a word": (
        below(YEARS, {"country": "World", **YEARS.drop(columns="country").sum()}).iloc[::-1],
        [0],
    ),
    "at the top": (below(PLAIN.iloc[:0], {"item": "Total", **SUMS}, *PLAIN.to_dict("records")), [0]),
}


@pytest.mark.parametrize("what", TOLD)
def test_a_row_of_totals_is_named(what: str) -> None:
    frame, rows = TOLD[what]
    finding = total(frame)
    assert finding is not None
    assert finding.severity == "warning"
    assert finding.rows.ids.tolist() == rows
    assert finding.action == "drop"


def test_the_shape_of_a_column_is_told_without_a_row_of_totals() -> None:
    """A skewness of 17.1 was that of the total: it is 3.3 without it."""
    draw = np.random.default_rng(7)
    sales, items = draw.lognormal(6, 1, 300).round(2), draw.integers(1, 60, 300)
    frame = pd.DataFrame({"shop": [f"s{k}" for k in range(300)], "sales": sales, "items": items})
    frame["kind"] = draw.choice(["a", "b"], 300)
    frame.loc[300] = ["Total", sales.sum().round(2), items.sum(), None]
    found = {one.code: one for one in run("profile", dataset(frame)).findings}
    assert found["skew"].value == pytest.approx(pd.Series(sales).skew(), rel=0.02)
    assert found["skew"].n == 300 and "1 cell of a row that is a likely total" in found["skew"].why
    assert "heavy_tails" not in found and "heavy_tails:items" in found["total_rows"].explains


def test_it_says_why() -> None:
    finding = total(TOLD["a word and its sum"][0])
    assert finding is not None
    assert finding.title == (
        f"The last row is likely a total: 'item' says 'Summe'; 'price' is {SUMS['price']:,}, the sum of "
        "others; 3 of 3 other columns that mostly have a value are empty"
    )
    assert finding.columns == ("price", "item")


@pytest.mark.parametrize("zeros", [["amount", "price", "year"], ["amount", "price", "year", "id"]])
def test_a_sum_that_holds_as_every_term_is_0_shows_nothing(zeros: list[str]) -> None:
    frame = below(PLAIN, {"item": "Total", **dict.fromkeys(NUMBERS, 0)})
    frame[zeros] = 0
    assert total(frame) is None


@pytest.mark.parametrize("what", ["in the middle", "beside values", "of two other columns", "among names"])
def test_a_word_beside_nothing_is_a_row_elsewhere(what: str) -> None:
    """Within the table, beside values that sum nothing up, in a column whose values stand once each."""
    frame = below(PLAIN, {"item": "Total"})
    if what == "in the middle":
        frame = frame.iloc[[*range(30), N, *range(30, N)]].reset_index(drop=True)
    elif what == "beside values":
        frame.loc[N, ["year", "id", "amount"]] = [2004.0, 61.0, 3.0]
    elif what == "of two other columns":
        frame = frame[["item", "amount", "price"]]
    else:
        frame["item"] = [*(f"item {at}" for at in range(N)), "Total"]
    assert total(frame) is None


def test_subtotals_and_their_total_are_named_together() -> None:
    blocks = []
    for at, (place, block) in enumerate(YEARS.groupby(np.arange(30) // 6)):
        blocks += [block, pd.DataFrame([{"country": f"Total region {at}", **block[["2019", "2020"]].sum()}])]
        assert len(block) == 6, place
    frame = pd.concat(
        [*blocks, pd.DataFrame([{"country": "Grand total", **YEARS[["2019", "2020"]].sum()}])],
        ignore_index=True,
    )
    finding = total(frame)
    assert finding is not None
    assert finding.rows.ids.tolist() == [6, 13, 20, 27, 34, 35]
    assert finding.title.startswith("6 rows are likely totals or averages of others")


@pytest.mark.parametrize("what", ["a word and its sum", "amounts as text", "total and average"])
def test_its_rule_and_its_line_of_code_take_the_same_rows(what: str) -> None:
    frame, rows = TOLD[what]
    data, finding = dataset(frame), total(frame)
    assert finding is not None
    assert Filter.parse(finding.where).rows(data).ids.tolist() == rows
    scope = {"data": frame.copy()}
    exec(finding.fix, scope)
    assert sorted(set(frame.index) - set(scope["data"].index)) == rows


def test_what_only_the_total_brings_about_is_not_told_beside_it() -> None:
    frame = TOLD["a word and its sum"][0]
    codes = {(one.code, *one.columns) for one in made(frame).each}
    assert not any(code in ("missing", "isolated_values") for code, *_ in codes)
    gap = frame.assign(year=frame["year"].where(frame.index != 3))
    assert ("missing", "year") in {(one.code, *one.columns) for one in made(gap).each}


def contacts(last: str, rating: float | None = None) -> pd.DataFrame:
    """People with phone, mail and firm; of the last one hardly anything is known."""
    people = pd.DataFrame(
        {
            "name": [f"person {at}" for at in range(N)],
            "phone": [f"+49 30 {at:05d}x" for at in range(N)],
            "mail": [f"p{at}@mail.org" for at in range(N)],
            "firm": DRAW.choice(["Acme", "Bolt", "Core"], N),
            "rating": DRAW.integers(1, 6, N).astype(float),
        }
    )
    return below(people, {"name": last, "rating": rating})


FIRMS = pd.DataFrame(
    {
        "company": [f"firm {at}" for at in range(N)],
        "revenue": DRAW.gamma(2, 30, N).round(1),
        "staff": DRAW.integers(5, 900, N).astype(float),
        "sector": DRAW.choice(["oil", "rail"], N),
        "country": DRAW.choice(["FR", "DE"], N),
    }
)
ANSWERS = pd.DataFrame(
    {
        "age": DRAW.integers(18, 80, N).astype(float),
        "uses": DRAW.choice(["web", "mail", "post"], N),
        **{f"q{at}": DRAW.choice(["yes", "no"], N) for at in range(3)},
    }
)
INJURED = np.array([0.0] * 40 + [100, 200, 300, 400, 500, 1500])
PARTIES = np.array([50.0, 20, 10, 8, 6, 4, 2])
MANY = np.array([100.0, 40, 24, 10, 14, 6, 6])

PEACE = {
    "what came in, and amounts with a unit that went out": pd.DataFrame(
        {
            "weight": [kilos(value) for value in (61 * 30, *range(-60, 0))],
            "volume": [f"{value:g} ml" for value in (61 * 60, *range(-120, 0, 2))],
        }
    ),
    "amounts with a unit that are no sum": below(WEIGHTS, {"amount": kilos(SUMS["amount"] + 1)}),
    "the sum of what are places": below(
        PLAIN.assign(amount=PLAIN["amount"].map("{:g} A".format).str.replace(" A", "A")),
        {"amount": f"{SUMS['amount']:g}A"},
    ),
    "a word beside a number among many words": below(
        PLAIN.assign(
            year=np.where(np.arange(N) % 3 == 0, "1999", "late"),
            price=np.where(np.arange(N) % 3 == 0, "5", "late"),
        ),
        {"item": "Total", "price": "5"},
    ),
    "a word beside words among numbers": below(MIXED, {"item": "Total", "amount": "approx 20"}),
    "a person called Max": contacts("Max"),
    "a person called Max, rated as many are": contacts("Max", 3),
    "a person called Total": contacts("Total"),
    "an answer All": below(ANSWERS, {"age": 44, "uses": "All"}, {"age": 31, "uses": "All"}),
    "a firm Total Energies": below(FIRMS, {"company": "Total Energies", "revenue": 12.3}),
    "a firm called Total, among others": pd.concat(
        [below(FIRMS, {"company": "Total", "revenue": 12.3}), FIRMS], ignore_index=True
    ),
    "claims are twice the injured": pd.DataFrame({"injured": INJURED, "claims": 2 * INJURED}),
    "claims are a third, rounded": pd.DataFrame({"injured": INJURED, "claims": (INJURED / 3).round(2)}),
    "seats and shares of parties": pd.DataFrame({"share": PARTIES, "seats": 2 * PARTIES}),
    "seats and votes of few parties": pd.DataFrame({"votes": 1_000 * PARTIES, "seats": MANY}),
    "doubling": pd.DataFrame({"a": 2.0 ** np.r_[0, 0:24], "b": 3 * 2.0 ** np.r_[0, 0:24]}),
    "two columns of few events": pd.DataFrame(
        {"killed": [0.0] * 20 + [1] * 5 + [5], "injured": [0.0] * 18 + [1] * 7 + [7]}
    ),
    "nothing odd": PLAIN,
    "a level called total": PLAIN.assign(item=DRAW.choice(["total", "part"], N)),
    "a grade called average": PLAIN.assign(item=DRAW.choice(["poor", "average", "good"], N)),
    "many levels with the word": PLAIN.assign(item=DRAW.choice(["total war", "chess", "go"], N)),
    "one row with the word": PLAIN.assign(item=np.where(np.arange(N) == N - 1, "Total", PLAIN["item"])),
    "one row mostly empty": below(PLAIN, {"price": 300.0}),
    "as large as all others, and full": PLAIN.assign(
        price=np.where(np.arange(N) == 9, PLAIN["price"].sum() - PLAIN["price"][9], PLAIN["price"])
    ),
    "hardly any number but 0": pd.DataFrame(
        {"a": [0.0] * 30 + [2, 1, 3], "b": ["x"] * 32 + [None], "c": [1.0] * 32 + [None]}
    ),
}


@pytest.mark.parametrize("what", PEACE)
def test_rows_that_are_rows_are_left_in_peace(what: str) -> None:
    assert total(PEACE[what]) is None


def clean() -> list[np.ndarray]:
    """200 numbers each of which no one is the sum of the others."""
    draw = np.random.default_rng(0)
    kinds = [
        lambda: draw.poisson(3, 200),
        lambda: draw.geometric(0.1, 200),
        lambda: draw.lognormal(0, 2, 200).round(2),
        lambda: draw.poisson(0.2, 200),
    ]
    return [kinds[at % 4]().astype(float) for at in range(100)]


def test_clean_numbers_hold_no_sums() -> None:
    """Of 2,000 rows set aside at random in clean tables, a tenth of each, hardly any is a sum of others."""
    draw, hits = np.random.default_rng(1), 0
    for numbers in clean():
        aside = np.zeros(200, bool)
        aside[draw.choice(200, 20, replace=False)] = True
        hits += bool(matches(numbers, aside, aside, [np.ones(200, bool)]).sums)
        assert dominant_sum(numbers) is None
    assert hits <= 1


def test_the_sum_of_all_others_is_found_where_it_was_put_and_not_1_beside_it() -> None:
    draw = np.random.default_rng(2)
    for numbers in clean():
        place = int(draw.integers(0, 201))
        added = [np.insert(numbers, place, numbers.sum() + off) for off in (0, 1, -1)]
        assert [dominant_sum(one) for one in added] == [place, None, None]


def test_huge_numbers_are_no_sums_and_raise_no_warning() -> None:
    numbers = np.array([1e300, 1.5e308, -1e307, 1e250, 7e299, 8e307, 1.7e308, np.inf, np.nan, 3.0])
    with np.errstate(all="raise"):
        assert dominant_sum(numbers) is None
        assert proofs([numbers, numbers], 9) == 0
        found = matches(numbers, numbers == 1e300, numbers == 1e300, [np.ones(10, bool)])
    assert not (found.sums | found.whole | found.means | found.filled)
