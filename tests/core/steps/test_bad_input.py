"""Steps that cannot hold: each is passed over with one sentence, nothing of it is applied, and the steps
before and after it are followed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.actions import on
from core.decision import Decision
from core.filters import Filter
from core.rowset import RowSet
from core.steps import settle
from tests.core.steps.acting import after, refused, rule, values
from tests.make import at_most, dataset

TABLE = pd.DataFrame(
    {
        "c": ["a", "b", None] * 8,
        "d": pd.date_range("2024-01-01", periods=24),
        "x": np.arange(24.0),
        "t": " u ",
    }
)
GONE = {
    "never there": ((), "There is no column"),
    "left out": ((Decision("omit", RowSet(), column="c"),), "was left out by an earlier step"),
    "encoded": ((rule("encode", "c", how="one-hot"),), "An earlier step took it away"),
    "renamed": ((rule("rename", "c", to="town"),), "An earlier step renamed it to 'town'"),
}


@pytest.mark.parametrize("word", on("values"))
@pytest.mark.parametrize("how", GONE)
def test_a_step_on_a_column_that_is_gone(word: str, how: str) -> None:
    before, said = GONE[how]
    column = "c" if before else "q"
    data, tidy = dataset(TABLE), rule("tidy", "t")
    settled = settle([*before, rule(word, column), tidy], data)
    assert list(settled.passed) == [len(before)]
    told = settled.passed[len(before)]
    assert said in told and f"'{column}'" in told and told.count(". ") <= 1
    alone = settle([*before, tidy], data)
    assert [one.column for one in settled.contents] == [one.column for one in alone.contents]
    assert settled.effects[len(before) + 1].cells == 24


ASKING = {
    "rule": rule("tidy", "c"),
    "cells": Decision("blank", RowSet([1]), column="c"),
    "filter": Decision("drop", Filter.parse("c is a")),
    "rule held to a filter": rule("fill", "x", rows=Filter.parse("c is a")),
    "setting": rule("drop_repeats", "", columns=["c"]),
}


@pytest.mark.parametrize("case", ASKING)
def test_a_step_passed_over_says_the_name_that_its_column_has_now(case: str) -> None:
    names = [rule("rename", "c", to="town"), rule("rename", "town", to="city"), rule("rename", "x", to="c2")]
    step = ASKING[case]
    settled = settle([*names[: 2 if step.column == "x" else 3], step], dataset(TABLE))
    [told] = settled.passed.values()
    assert told == (
        "There is no column 'c'. An earlier step renamed it to 'city': move this step before that one, or "
        "take it again on 'city'."
    )
    assert not settle([step, *names], dataset(TABLE)).passed, "before them it is followed"


def test_a_name_that_another_column_took_is_no_missing_column() -> None:
    names = [rule("rename", "c", to="town"), rule("rename", "t", to="c")]
    settled = settle([*names, rule("tidy", "c"), rule("tidy", "t")], dataset(TABLE))
    assert settled.effects[2].cells == 24 and list(settled.passed) == [3]
    assert "renamed it to 'c'" in settled.passed[3]


@pytest.mark.parametrize(
    "step",
    [
        *(
            rule("fill", "x", how=how)
            for how in ("median", "mean", "most frequent", "nearest rows", "iterative")
        ),
        *(rule("scale", "x", how=how) for how in ("standard", "robust", "min-max")),
        *(rule("transform", "x", how=how) for how in ("yeo-johnson", "quantile to normal")),
        *(rule("encode", "x", how=how) for how in ("one-hot", "ordinal", "frequency", "target")),
        rule("clip", "x", how="winsorise"),
    ],
    ids=lambda step: f"{step.action} {step.settings['how']}",
)
@pytest.mark.parametrize("serve", [None, 5.0])
def test_nothing_is_learned_from_a_column_that_is_missing_throughout_train(
    step: Decision, serve: float | None
) -> None:
    frame = pd.DataFrame({"x": [np.nan] * 20, "z": np.arange(20.0), "y": [0, 1] * 10})
    data = dataset(frame, serve=frame.assign(x=serve), target="y", kinds={"x": "numeric"})
    assert "'x' has no value in the rows of train that are left" in refused(data, step)


def test_a_column_that_is_missing_throughout_can_get_a_constant() -> None:
    data = dataset(pd.DataFrame({"x": [np.nan] * 3, "z": [1, 2, 3]}), kinds={"x": "numeric"})
    assert values(after(data, rule("fill", "x", how="constant", value="4"))[0], "x") == [4.0] * 3


@pytest.mark.parametrize("how", ["standard", "robust", "min-max"])
@pytest.mark.parametrize("constant", [3.0, 0.0, -1e300, 0.1 + 0.2])
def test_a_constant_of_train_has_no_scale(how: str, constant: float) -> None:
    frame = pd.DataFrame({"x": [constant, None] * 10})
    data = dataset(frame, serve=pd.DataFrame({"x": [1.0, 2.0]}))
    assert "'x' is constant in the rows of train that are left" in refused(data, rule("scale", "x", how=how))


def test_a_column_that_a_step_made_constant_has_no_scale() -> None:
    data = dataset(pd.DataFrame({"x": [1.0] * 9 + [7.0]}))
    steps = [Decision("drop", Filter.parse("x > 5")), rule("scale", "x")]
    assert "constant" in settle(steps, data).passed[1]
    assert len(settle(steps, data).dropped) == 1


@pytest.mark.parametrize("how", ["one-hot", "ordinal", "frequency", "target"])
def test_too_many_levels_to_encode(how: str) -> None:
    keys = pd.DataFrame({"c": np.char.add("k", np.arange(100_001).astype(str)), "y": 1.0})
    said = refused(dataset(keys, target="y"), rule("encode", "c", how=how))
    assert "100,001 levels" in said and "'c'" in said


def test_a_pattern_that_hangs_others_takes_no_time_as_a_step_and_in_its_filter() -> None:
    frame = pd.DataFrame({"t": ["a" * 5_000 + "!" + str(i) for i in range(500)], "n": range(500)})
    rows = Filter.parse('t matches "^(a+)+$" or t matches "(a*)*!7$"')
    with at_most(10):
        data, settled = after(
            frame, rule("replace", "t", rows=rows, find="^(a|aa)+!", into="x", how="pattern")
        )
    assert settled.effects[0].cells == 1 and values(data, "t")[7] == "x7"
