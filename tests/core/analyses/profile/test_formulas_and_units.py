"""Formulas and amounts with a unit in text columns: what is named, and what is left in peace."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from core.analyses.profile.analysis import ProfileSettings, profile
from core.finding import Finding
from core.progress import SILENT
from tests.core.steps.acting import after, rule, values
from tests.make import dataset

N = 200
DRAW = np.random.default_rng(11)


def found(values: object) -> dict[str, Finding]:
    data = dataset(pd.DataFrame({"x": pd.Series(values, dtype="str")}))
    return {one.code: one for one in profile(data, ProfileSettings(), SILENT).each}


AMOUNTS = DRAW.integers(100, 999, N) / 10

FORMULAS = {
    "products": [f"=B{at}*C{at}" for at in range(2, N + 2)],
    "sums": [f"=SUM(A1:A{at})" for at in range(2, N + 2)],
    "other sheets": [f"='Sheet 1'!B{at}" for at in range(2, N + 2)],
    "locked": [f"= -$B$2/{at}" for at in range(2, N + 2)],
    "in German": [f"=WENN(B{at}>5;1;0)" for at in range(2, N + 2)],
}


@pytest.mark.parametrize("what", FORMULAS)
def test_formulas_are_named_and_no_identifier(what: str) -> None:
    codes = found(FORMULAS[what])
    assert set(codes) == {"formulas"}
    assert len(codes["formulas"].rows) == N
    assert codes["formulas"].action == "blank" and codes["formulas"].conditional


def test_a_few_formulas_among_words_are_named_with_their_rows() -> None:
    words = DRAW.choice(["red", "blue"], N).astype(object)
    words[[3, 5, 9]] = "=A1&A2"
    codes = found(words)
    assert codes["formulas"].rows.ids.tolist() == [3, 5, 9]
    assert "3 of 200 cells, such as '=A1&A2'" in codes["formulas"].title


UNITS = {
    "one": ([f"{value} bushels" for value in AMOUNTS], "info", "'bushels' (200)"),
    "close to its number": ([f"{value}km" for value in AMOUNTS], "info", "'km' (200)"),
    "two": (
        [f"{value:g} {'kg' if at % 4 else 'lb'}" for at, value in enumerate(AMOUNTS)],
        "warning",
        "'kg' (150), 'lb' (50)",
    ),
    "degrees": ([f"{value} °C" for value in AMOUNTS], "info", "'°C' (200)"),
    "two degrees": (
        [f"{value:g} {'F' if at % 4 else 'C'}" for at, value in enumerate(AMOUNTS)],
        "warning",
        "'F' (150), 'C' (50)",
    ),
    "micrograms": ([f"{at + 100} µg" for at in range(N)], "info", "'µg' (200)"),
    "ohms after a narrow blank": ([f"{value}\u202fΩ" for value in AMOUNTS], "info", "'Ω' (200)"),
    "one letter": ([f"{at + 100} g" for at in range(N)], "info", "'g' (200)"),
    "one letter, close, with fractions": ([f"{value:g}m" for value in AMOUNTS], "info", "'m' (200)"),
    "whole numbers, close": ([f"{at + 100}ms" for at in range(N)], "info", "'ms' (200)"),
    "capitals that are units": ([f"{at + 100}MB" for at in range(N)], "info", "'MB' (200)"),
    "two words": ([f"{value} sq ft" for value in AMOUNTS], "info", "'sq ft' (200)"),
}


@pytest.mark.parametrize(("words", "told"), [(20, True), (21, False)])
@pytest.mark.parametrize("first", [True, False])
def test_up_to_two_in_a_hundred_may_be_no_amounts_wherever_they_stand(
    words: int, told: bool, first: bool
) -> None:
    some = [f"about {at}" for at in range(words)]
    amounts = [f"{at + 0.5} m" for at in range(1_000 - words)]
    assert ("unit_in_text" in found([*some, *amounts] if first else [*amounts, *some])) == told


@pytest.mark.parametrize("what", UNITS)
def test_amounts_with_a_unit_are_named_and_no_levels(what: str) -> None:
    values, severity, listed = UNITS[what]
    codes = found(values)
    assert set(codes) == {"unit_in_text"}
    assert codes["unit_in_text"].severity == severity
    assert listed in codes["unit_in_text"].title


TENS = np.arange(N) % 9 + 1
READ = {
    what: (cells, [float(re.match(r"[\d.]+", cell)[0]) for cell in cells])
    for what, (cells, severity, _) in UNITS.items()
    if severity == "info"
} | {
    "decimal commas in a file with points": (
        [f"{ten},{at % 7}5 kg" for at, ten in enumerate(TENS)],
        [ten + at % 7 / 10 + 0.05 for at, ten in enumerate(TENS)],
    ),
    "thousands with points": (
        [f"{ten}.{at % 7 + 100},5 kg" for at, ten in enumerate(TENS)],
        [1000 * ten + at % 7 + 100.5 for at, ten in enumerate(TENS)],
    ),
    "below zero": ([f"{at - 100} kg" for at in range(N)], [at - 100 for at in range(N)]),
    "a true minus": ([f"\u2212{at + 1} kg" for at in range(N)], [-at - 1 for at in range(N)]),
}


@pytest.mark.parametrize("what", READ)
def test_amounts_in_one_unit_are_read_by_a_click_and_by_its_code_alike(what: str) -> None:
    cells, wanted = READ[what]
    mend = found(cells)["unit_in_text"]
    frame = pd.DataFrame({"x": pd.Series(cells, dtype="str")})
    assert values(after(frame, rule(mend.action, "x", **mend.settings))[0], "x") == pytest.approx(wanted)
    exec(mend.fix, {"pd": pd, "data": frame})
    assert frame["x"].tolist() == pytest.approx(wanted)


def test_amounts_in_several_units_have_no_click() -> None:
    mend = found(UNITS["two"][0])["unit_in_text"]
    assert (mend.action, mend.fix) == ("", "")


def test_the_rows_of_amounts_are_those_in_the_rarer_unit_and_no_gaps() -> None:
    """The rows of a finding on kg and lb were the cells with neither."""
    cells, gaps = UNITS["two"][0], [8, 9]
    some = [None if at == 8 else " " if at == 9 else cell for at, cell in enumerate(cells)]
    mend = found(some)["unit_in_text"]
    pounds = [at for at, cell in enumerate(cells) if cell.endswith("lb") and at not in gaps]
    assert mend.rows.ids.tolist() == pounds
    assert f"Bring the {len(pounds)} cells that are not in 'kg' to that unit" in mend.suggestion


def test_of_one_unit_the_rows_are_those_that_its_click_makes_missing() -> None:
    cells = [*UNITS["one"][0][:-2], "about 5", None]
    mend = found(cells)["unit_in_text"]
    assert mend.rows.ids.tolist() == [N - 2]
    assert mend.suggestion.endswith(" 1 cell is no number without it and becomes missing.")
    frame = pd.DataFrame({"x": pd.Series(cells, dtype="str")})
    lost = np.isnan(np.array(values(after(frame, rule(mend.action, "x", **mend.settings))[0], "x"), float))
    assert np.flatnonzero(lost).tolist() == [N - 2, N - 1]


def test_bare_numbers_among_amounts_in_one_unit_are_read_and_not_said_to_become_missing() -> None:
    """Three bare numbers of four cells were said to become missing, and did not."""
    cells = [*(f"{at + 100} kg" for at in range(396)), "5", "7", "about 5", "9"]
    mend = found(cells)["unit_in_text"]
    frame = pd.DataFrame({"x": pd.Series(cells, dtype="str")})
    lost = np.isnan(np.array(values(after(frame, rule(mend.action, "x", **mend.settings))[0], "x"), float))
    assert mend.rows.ids.tolist() == np.flatnonzero(lost).tolist() == [398]
    assert " 1 cell is no number" in mend.suggestion


PEACE = {
    "faces": DRAW.choice(["=)", "=D", "==", "= yes"], N),
    "keys": [f"key={at}" for at in range(N)],
    "codes": [f"{at:03d}{'ABCDEFGH'[at % 8]}" for at in range(N)],
    "house numbers": [f"{at % 40}{'abcd'[at % 4]}" for at in range(N)],
    "house numbers of three letters": [f"{at % 39 + 1}{'abc'[at % 3]}" for at in range(N)],
    "house numbers with a blank": [f"{at % 39 + 1} {'abc'[at % 3]}" for at in range(N)],
    "seats, spaced": [f"{at % 30 + 1} {'ACF'[at % 3]}" for at in range(N)],
    "seats, two": [f"{at % 30 + 1} {'AF'[at % 2]}" for at in range(N)],
    "seats": [f"{at % 30 + 1}{'ABC'[at % 3]}" for at in range(N)],
    "ids": [f"{1000 + at}A" for at in range(N)],
    "ids of two letters": [f"{1000 + at}AX" for at in range(N)],
    "days of May": [f"{at % 31 + 1} May" for at in range(N)],
    "days of Mai": [f"{at % 31 + 1}. Mai" for at in range(N)],
    "days of a quarter": [f"{at % 28 + 1} {['Jan', 'febrero', 'März'][at % 3]}" for at in range(N)],
    "doors": DRAW.choice(["2 doors", "4 doors"], N),
    "places": [f"{at}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(at % 10, 'th') }" for at in range(N)],
    "times of day": [f"{at % 12 + 1} {'am' if at % 2 else 'pm'}" for at in range(N)],
    "streets": [
        f"{at} {street}" for at, street in enumerate(DRAW.choice(["Elm St", "Oak Av", "Ash Rd", "Bay"], N))
    ],
    "euros": [f"{value:.2f} €" for value in AMOUNTS],
    "words": DRAW.choice(["north", "south", "2nd best"], N),
}


@pytest.mark.parametrize("what", PEACE)
def test_other_texts_are_left_in_peace(what: str) -> None:
    assert not {"formulas", "unit_in_text"} & set(found(PEACE[what]))


def test_gaps_of_amounts_as_text_are_not_filled_with_the_commonest_text() -> None:
    """ "Fill 3 missing cells with the most frequent value" stood there, of 12.5 kg and 0.3 lb."""
    for cells in (UNITS["one"][0], UNITS["two"][0]):
        gaps = found([None if at < 3 else cell for at, cell in enumerate(cells)])["missing"]
        assert len(gaps.rows) == 3 and gaps.action == "" and gaps.fix == ""
        assert "Read the column as numbers first" in gaps.suggestion
