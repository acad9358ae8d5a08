"""Rows of totals and averages: what the profile names, and what it leaves in peace."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.analyses.profile.analysis import Profile, ProfileSettings, profile
from core.analyses.profile.sums import dominant_sum, matches
from core.filters import Filter
from core.finding import Finding
from core.progress import SILENT
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


PLAIN = sales()
TEXT = PLAIN.assign(price=PLAIN["price"].map(euros))
SUMS = {"amount": PLAIN["amount"].sum(), "price": round(PLAIN["price"].sum(), 2)}
MEANS = {"amount": round(PLAIN["amount"].mean(), 2), "price": round(PLAIN["price"].mean(), 2)}
YEARS = pd.DataFrame(
    {
        "country": [f"land {at}" for at in range(30)],
        **{str(y): DRAW.integers(9, 99, 30) for y in (2019, 2020)},
    }
)
TOLD = {
    "a word and its sum": (below(PLAIN, {"item": "Summe", "price": SUMS["price"]}), [N]),
    "a sum without a word": (below(PLAIN, {"price": SUMS["price"]}), [N]),
    "a word without a sum": (below(PLAIN, {"item": "Grand total", "price": 5.0}), [N]),
    "amounts as text": (below(TEXT, {"item": "Summe:", "price": euros(SUMS["price"])}), [N]),
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


def test_it_says_why() -> None:
    finding = total(TOLD["a word and its sum"][0])
    assert finding is not None
    assert finding.title == (
        f"The last row is likely a total: 'item' says 'Summe'; 'price' is {SUMS['price']}, the sum of "
        "others; 3 of 3 other columns are empty"
    )
    assert finding.columns == ("price", "item")


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


PEACE = {
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


def test_clean_numbers_hold_no_sums() -> None:
    """Of 2,000 rows set aside at random in clean tables, a tenth of each, hardly any is a sum of others."""
    draw, hits = np.random.default_rng(0), 0
    for at in range(100):
        numbers = [
            draw.poisson(3, 200),
            draw.zipf(2, 200).clip(0, 10**9),
            draw.lognormal(0, 2, 200).round(2),
            draw.poisson(0.2, 200),
        ][at % 4].astype(float)
        aside = np.zeros(200, bool)
        aside[draw.choice(200, 20, replace=False)] = True
        found = matches(numbers, aside, aside, [np.ones(200, bool)])
        hits += bool(found.sums)
        assert dominant_sum(numbers) is None or np.sort(numbers)[-1] * 2 == numbers.sum()
    assert hits <= 1
