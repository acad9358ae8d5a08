"""Columns read anew: stated marks and formats, what cannot be read is missing and told."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pytest

from core import load
from core.decision import Decision
from core.filters import Filter
from core.rowset import RowSet
from tests.core.steps.acting import after, refused, rule, values
from tests.core.steps.agreement import assert_equal, decided, script
from tests.make import dataset

NAN = None


def read(cells: list[str | None], **settings: object) -> tuple[list[object], str, str]:
    data, settled = after(pd.DataFrame({"x": pd.array(cells, "str")}), rule("read_as", "x", **settings))
    return values(data, "x"), settled.effects[0].note, data["x"].kind


@pytest.mark.parametrize(
    ("cells", "settings", "wanted"),
    [
        (["1,5", "1.000,5", "x", None], {"decimal": "comma"}, [1.5, 1000.5, None, None]),
        (["1,5", "1.000", "2"], {"decimal": "comma", "thousands": "none"}, [1.5, None, 2.0]),
        (["1,500", "2"], {"decimal": "point"}, [1500, 2]),
        (["1,500", "2"], {"decimal": "comma"}, [1.5, 2.0]),
        (["1 500", "1,500", "2"], {"thousands": "blank", "decimal": "point"}, [1500, None, 2]),
        (["1'500.5", "1,500"], {"thousands": "apostrophe", "decimal": "point"}, [1500.5, None]),
        (["$5", "(2)", "7"], {}, [5, -2, 7]),
        (["1", "2", "x"], {"kind": "numeric"}, [1, 2, None]),
        (
            ["5 kg", "5.25kg", "6\u00a0kg ", "7 g", "8", "kg"],
            {"unit": " kg"},
            [5.0, 5.25, 6.0, None, 8.0, None],
        ),
        (["1.200,5 sq ft", "3 sq ft"], {"unit": "sq ft", "decimal": "comma"}, [1200.5, 3.0]),
        (["3 (m)", "4 m", "5(m)"], {"unit": "(m)"}, [3, None, 5]),
        (["yes", "No", "1", "maybe"], {"kind": "boolean"}, [True, False, True, None]),
    ],
)
def test_numbers_and_yes_and_no(
    cells: list[str | None], settings: dict[str, str], wanted: list[object]
) -> None:
    made, note, kind = read(cells, **settings)
    assert made == wanted and [type(value) for value in made] == [type(value) for value in wanted]
    assert kind == settings.get("kind", "numeric")
    lost = sum(cell is not None and value is None for cell, value in zip(cells, made, strict=True))
    assert (f"{lost} cell" in note) == bool(lost), "what became missing is counted"


@pytest.mark.parametrize(
    ("layout", "wanted"),
    [
        ("day/month/year", [datetime.datetime(2024, 2, 1), datetime.datetime(2024, 2, 13, 9, 30), None]),
        ("month/day/year", [datetime.datetime(2024, 1, 2), None, None]),
        ("as found", [datetime.datetime(2024, 2, 1), datetime.datetime(2024, 2, 13, 9, 30), None]),
    ],
)
def test_dates_are_read_in_the_layout_that_is_stated(layout: str, wanted: list[object]) -> None:
    made, note, kind = read(["01/02/2024", "13/02/2024 9:30", "soon"], kind="datetime", layout=layout)
    assert made == wanted and kind == "datetime" and "'soon'" in note and "cell" in note


def test_what_is_found_is_found_in_train() -> None:
    train = pd.DataFrame({"x": ["1,5", "2,5", "10"]})
    for plant in (["1,500.25"] * 50, ["7"]):
        data, settled = after(dataset(train, serve=pd.DataFrame({"x": plant})), rule("read_as", "x"))
        assert settled.effects[0].learned == {"decimal": ",", "whole": False, "without": []}
        assert values(data, "x")[:3] == [1.5, 2.5, 10.0]


def test_numbers_of_serve_that_are_not_whole_are_not_lost() -> None:
    data = dataset(pd.DataFrame({"x": ["1", "2"]}), serve=pd.DataFrame({"x": ["2.5"]}))
    assert values(after(data, rule("read_as", "x"))[0], "x") == [1.0, 2.0, 2.5]


def test_marks_of_missing_values_are_told_apart() -> None:
    made, note, _ = read(["1", "2", "N/A", "n/a", "x"])
    assert made == [1, 2, None, None, None]
    assert "1 cell did not read as a number and became missing: 'x'." in note
    assert "2 cells with a mark such as 'N/A' became missing." in note


def test_text_comes_back_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x;y;d\n1,50;1;03/04/2019\n2;0;13/04/2019\n")
    data = load(tmp_path / "a.csv")
    assert (data["x"].stored, data["d"].kind) == ("double", "datetime")
    made, _ = after(data, rule("read_as", "x", kind="text"), rule("read_as", "d", kind="text"))
    assert values(made, "x") == ["1,50", "2"] and values(made, "d") == ["03/04/2019", "13/04/2019"]
    again, _ = after(
        data,
        rule("read_as", "x", kind="text"),
        rule("read_as", "x", decimal="comma"),
        rule("read_as", "y", kind="boolean"),
        rule("read_as", "d", kind="category"),
    )
    assert values(again, "x") == [1.5, 2.0] and values(again, "y") == [True, False]
    assert again["d"].kind == "category" and values(again, "d") == values(data, "d")


def test_a_category_or_identifier_keeps_its_values() -> None:
    for kind in ("category", "identifier"):
        data, settled = after(pd.DataFrame({"n": [1, 2, 2]}), rule("read_as", "n", kind=kind))
        assert data["n"].kind == kind and values(data, "n") == [1, 2, 2] and settled.effects[0].cells == 0


def test_yes_and_no_are_numbers_and_back() -> None:
    frame = pd.DataFrame({"b": pd.array([True, False, None], "boolean")})
    data, _ = after(frame, rule("read_as", "b"), rule("read_as", "b", kind="boolean"))
    assert values(data, "b") == [True, False, None]
    assert values(after(frame, rule("read_as", "b"))[0], "b") == [1, 0, None]


@pytest.mark.parametrize(
    ("cells", "settings", "sentence"),
    [
        (["a", "b"], {}, "None of the 2 values of 'x' reads as numbers, such as 'a'; nothing was changed."),
        (["a", "b"], {"kind": "datetime"}, "None of the 2 values of 'x' reads as dates"),
        (["1"], {"decimal": "comma", "thousands": "comma"}, "cannot both be a comma"),
        (["1"], {"kind": "image"}, "kind must be one of"),
        (["1"], {"layout": "YYYY"}, "layout must be one of"),
        (["0.1000000000000000055", "0.1000000000000000056"], {}, "would become the same number"),
    ],
)
def test_bad_input_is_told_in_one_sentence(cells: list[str], settings: dict[str, str], sentence: str) -> None:
    assert sentence in refused(pd.DataFrame({"x": cells}), rule("read_as", "x", **settings))


def test_part_of_a_column_cannot_be_of_another_type() -> None:
    held = rule("read_as", "x", rows=Filter.parse("n > 1"))
    assert "apply it to all rows" in refused(pd.DataFrame({"x": ["a", "1"], "n": [1, 2]}), held)


CODED = [
    (["1,5", "1.000,5", " 2 €", "x", None, "(3)"], {"decimal": "comma"}),
    (["$5", "(2)", "7", "1,000", "n/a", "Seven Oaks 7"], {}),
    (["1 500", "1,500", "2"], {"thousands": "blank", "decimal": "point"}),
    (["yes", "No", "1", "maybe", None], {"kind": "boolean"}),
    (["01/02/2024", "13/02/2024 9:30", "soon", None, "3/2/2024 10:11:12.5"], {"kind": "datetime"}),
    (["3 Mar 2020", "4 March 2021 1:05 PM", "x"], {"kind": "datetime"}),
    (["2020-01-02", "2020-01-02T03:04:05Z", "2020-01-02 03:04:05+02:00"], {"kind": "datetime"}),
    (["5", "6.50", None], {"kind": "text"}),
    (["5", "-6", "+7"], {}),
    (["1,005", "n/a", None, "(3)"], {}),
    (["9007199254740993", "1"], {}),
    (["99999999999999999999", "1"], {}),
    (["1", "2", "1e400"], {}),
]


@pytest.mark.parametrize(("cells", "settings"), CODED)
def test_the_code_gives_the_same(cells: list[str | None], settings: dict[str, str]) -> None:
    frame = pd.DataFrame({"x": pd.array(cells, "str")})
    data, _ = after(frame, rule("read_as", "x", **settings))
    step = rule("read_as", "x", **settings)
    assert_equal(script(dataset(frame), [step]).clean(frame, rows=True), data.frame())


def test_whole_numbers_of_train_beside_others_in_serve_are_floats_in_the_code_too() -> None:
    step, frame = rule("read_as", "x"), pd.DataFrame({"x": pd.array(["1", "2", "3"], "str"), "n": [1, 2, 3]})
    halves = pd.DataFrame({"x": pd.array(["4", "5.5"], "str"), "n": [4, 5]})
    data = dataset(frame, serve=halves)
    for steps in ([step], [Decision("drop", Filter.parse("n is 5")), step]):
        made = script(data, steps)
        assert_equal(made.clean(data.frame(), rows=True), decided(data, steps))
        assert made.clean(frame)["x"].dtype == "Int64"
    assert script(data, [step]).clean(halves)["x"].dtype == "float64"


def test_many_texts_that_differ_are_read_as_few_are() -> None:
    numbers = [at / 4 for at in range(4_000, 16_000)]
    frame = pd.DataFrame({"x": pd.array([f"{one:,.2f}" for one in numbers] + ["soon", "n/a", None], "str")})
    data, settled = after(frame, rule("read_as", "x"))
    assert values(data, "x") == [*numbers, None, None, None]
    told = "1 cell did not read as a number and became missing: 'soon'. 1 cell with a mark such as 'n/a'"
    assert settled.effects[0].note.startswith(told)


def test_a_cell_written_afterwards_is_read_as_its_column_was() -> None:
    cells = pd.DataFrame({"x": pd.array(["26/04/2019", "27/04/2019"], "str")})
    written = Decision("relabel", RowSet([0]), "28/04/2019", column="x")
    data, settled = after(cells, rule("read_as", "x", kind="datetime"), written)
    assert not settled.passed and data["x"].layouts == ("day/month/year",)
    assert values(data, "x") == [datetime.datetime(2019, 4, 28), datetime.datetime(2019, 4, 27)]
    numbers = pd.DataFrame({"x": pd.array(["1,5", "2,5"], "str")})
    data, _ = after(
        numbers, rule("read_as", "x", decimal="comma"), Decision("relabel", RowSet([1]), "3,5", column="x")
    )
    assert values(data, "x") == [1.5, 3.5]


@pytest.mark.parametrize("unit", ["0", "5 kg", "-", ",", ".", "'"])
def test_a_unit_that_may_be_a_part_of_the_number_is_refused(unit: str) -> None:
    frame = pd.DataFrame({"x": pd.array(["10", "1.5", "5 kg"], "str")})
    assert "cannot be told from the number before it" in refused(frame, rule("read_as", "x", unit=unit))
