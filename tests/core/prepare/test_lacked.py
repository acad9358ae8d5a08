"""Columns that one part does not have: empty cells there are no gaps to the profile, the association, the
missing values and leakage.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.analyses.association.pair import LevelTable, pair_view
from core.analyses.missingness.result import MissingnessResult
from core.analyses.profile.result import Profile
from core.analyses.shift.analysis import ShiftResult
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.numerics.nullity import missing_together, nullity
from core.prepare.lacked import parts_lacking, rows_with
from core.prepare.structural import explained
from core.review import Review
from core.rowset import RowSet
from core.run import run
from core.steps import settle
from core.workspace import load

ROWS = 400


def lopsided(gaps: bool = False, flag: bool = False) -> Dataset:
    """'a', 'b' and the target are in train only, 'c' and 'd' in serve only, 'x' and 'year' in both; the years
    of serve follow those of train. gaps: 'a' is missing where 'kind' is never, 'b' in the same rows. flag:
    a column of train only that is always yes.
    """
    draw = np.random.default_rng(0)
    train, serve = (
        pd.DataFrame(
            {
                "x": draw.normal(size=ROWS),
                "year": draw.integers(year, year + 5, ROWS),
                "kind": draw.choice(["never", "once", "twice"], ROWS),
            }
        )
        for year in (2010, 2015)
    )
    train[["a", "b"]], serve[["c", "d"]] = draw.normal(size=(ROWS, 2)), draw.normal(size=(ROWS, 2))
    if gaps:
        train.loc[train["kind"] == "never", ["a", "b"]] = np.nan
    if flag:
        train["flag"] = "yes"
    return load(train.assign(y=draw.integers(0, 2, ROWS)), serve=serve, name="lopsided", target="y")


def test_a_part_without_a_column_is_known_by_what_loading_found() -> None:
    data = lopsided()
    assert parts_lacking(data, data.names) == {
        "a": "serve",
        "b": "serve",
        "y": "serve",
        "c": "train",
        "d": "train",
    }
    within = rows_with(data, ["a", "c", "x"])
    assert set(within) == {"a", "c"}
    assert within["a"].sum() == within["c"].sum() == ROWS and not (within["a"] & within["c"]).any()


def test_a_column_that_stands_empty_in_serve_is_not_taken_for_one_that_serve_lacks() -> None:
    """It fell silent there, and that is a fault that Profile tells."""
    draw = np.random.default_rng(1)
    train, serve = (pd.DataFrame(draw.normal(size=(ROWS, 2)), columns=["x", "a"]) for _ in range(2))
    data = load(train, serve=serve.assign(a=np.nan), name="silent")
    assert not parts_lacking(data, data.names)
    assert ("missing", "critical") in {(one.code, one.severity) for one in run("profile", data, {}).findings}


@pytest.mark.parametrize("name", ["association", "missingness", "profile", "leakage"])
def test_cells_of_a_column_that_a_part_lacks_are_no_gaps(name: str) -> None:
    """Neither missing, nor missing together, nor where the year is one of serve's, nor a leak."""
    assert not run(name, lopsided(), {}).findings


@pytest.mark.parametrize("name", ["association", "missingness", "profile", "leakage"])
def test_a_constant_of_train_alone_is_constant_and_nothing_more(name: str) -> None:
    """It does not vary on the rows of serve: it has no value there."""
    found = {one.code for one in run(name, lopsided(flag=True), {}).findings}
    assert found == ({"constant"} if name == "profile" else set())


def test_a_column_of_train_alone_that_does_not_vary_where_the_target_is_known_is_told() -> None:
    draw = np.random.default_rng(5)
    y = np.where(np.arange(2 * ROWS) < ROWS, draw.integers(0, 2, 2 * ROWS).astype(float), np.nan)
    flag = np.where(np.arange(2 * ROWS) < ROWS, "yes", draw.choice(["yes", "no"], 2 * ROWS))
    train = pd.DataFrame({"x": draw.normal(size=2 * ROWS), "flag": flag, "y": y})
    data = load(train, serve=pd.DataFrame({"x": draw.normal(size=ROWS)}), name="open", target="y")
    [one] = [one for one in run("leakage", data, {}).findings if one.columns == ("flag",)]
    assert f"all {ROWS} rows with a known target" in one.title


def test_a_column_of_train_alone_with_one_value_and_gaps_is_compared_there() -> None:
    """A tick: whether it has a value says what 'kind' is, by the rows of train."""
    draw = np.random.default_rng(6)
    kinds = [pd.DataFrame({"kind": draw.choice(["never", "once"], ROWS)}) for _ in range(2)]
    train = kinds[0].assign(tick=np.where(kinds[0]["kind"] == "once", "yes", None))
    data = load(train, serve=kinds[1], name="ticks")
    [one] = [one for one in run("association", data, {}).findings if one.code == "strong_association"]
    assert one.title.startswith("'kind' and whether 'tick' has a value") and one.n == ROWS
    view = pair_view(data, "kind", "tick")
    assert isinstance(view, LevelTable) and view.n == ROWS


def test_of_two_copies_the_one_that_serve_lacks_has_no_more_gaps() -> None:
    draw = np.random.default_rng(7)
    train, serve = (pd.DataFrame({"x": draw.normal(size=ROWS)}) for _ in range(2))
    found = run("association", load(train.assign(copy=train["x"]), serve=serve, name="copies"), {}).findings
    [one] = [one for one in found if one.code == "strong_association"]
    assert "Nothing here speaks for either" in one.suggestion
    train.loc[:20, "x"] = np.nan
    copied = train.assign(copy=train["x"].fillna(0.5))
    found = run("association", load(copied, serve=serve, name="gappy"), {}).findings
    [one] = [one for one in found if one.code == "strong_association"]
    assert "Keep 'copy', which has fewer missing values (0 against 21)" in one.suggestion


def test_a_column_is_lacked_under_the_name_that_a_step_gave_it_too() -> None:
    data = lopsided(flag=True)
    steps: list[Decision] = []
    for word, column, settings in (
        ("rename", "a", {"to": "age"}),
        ("clip", "age", {"high": "0"}),
        ("rename", "flag", {"to": "a"}),
    ):
        steps.append(Decision(word, RowSet(), column=column, settings=settings))
        review = Review().say(*steps)
        decided = as_decided(data, review, settle(review.decisions, data))
        now = parts_lacking(decided, decided.names)
        assert now["age"] == "serve" and ("a" in now) == (word == "rename" and column == "flag")
        assert {one.code for one in run("profile", decided, {}).findings} <= {"constant", "censored"}
    review = Review().say(*steps, Decision("fill", RowSet(), column="age", settings={"how": "median"}))
    decided = as_decided(data, review, settle(review.decisions, data))
    assert "age" not in parts_lacking(decided, decided.names), "it has values there now"


def test_shift_says_by_its_new_name_that_a_part_lacks_a_column() -> None:
    """One line and one finding, no share of missing values that moved; in a swap of names, too."""
    data = lopsided()
    steps = [
        Decision("rename", RowSet(), column=old, settings={"to": new})
        for old, new in (("a", "age"), ("x", "a"), ("c", "x"))
    ]
    review = Review().say(*steps)
    decided = as_decided(data, review, settle(review.decisions, data))
    result = run("shift", decided, {})
    assert isinstance(result, ShiftResult)
    lines = {(line.shift.name, line.metric) for line in result.lines if line.metric in ("schema", "missing")}
    assert lines == {(name, "schema") for name in ("age", "b", "x", "d", "y")}
    told = {one.columns[0]: one.title for one in result.findings if one.code.endswith("in_serve")}
    assert told["age"] == "Column 'age' is missing from serve." and told["x"] == "Column 'x' is new in serve."
    assert set(told) == {"age", "b", "x", "d", "y"}
    assert parts_lacking(decided, decided.names)["x"] == "train" and "a" not in parts_lacking(decided, ["a"])
    result = run("shift", decided.with_roles(target="age"), {})
    assert [one.severity for one in result.findings if one.columns == ("age",)] == ["info"]


def test_gaps_within_the_part_that_has_the_column_are_found_and_counted_there() -> None:
    data = lopsided(gaps=True)
    none = int((data.frame(["kind"])["kind"][:ROWS] == "never").sum())
    [together] = [one for one in run("association", data, {}).findings if one.code == "co_missing"]
    assert together.columns == ("a", "b") and len(together.rows) == none
    profile = run("profile", data, {})
    assert isinstance(profile, Profile)
    for result in (run("missingness", data, {}), profile):
        found = {one.columns[0]: one for one in result.findings if one.code == "structural_missing"}
        assert set(found) == {"a", "b"}
        assert f"exactly where 'kind' is 'never' ({none} of {ROWS} rows" in found["a"].title
        assert len(found["a"].rows) == none and max(found["a"].rows.ids) < ROWS


def test_the_correlation_of_gaps_is_that_of_the_part_that_has_both() -> None:
    data = lopsided(gaps=True)
    result = run("missingness", data, {})
    assert isinstance(result, MissingnessResult)
    at = {name: place for place, name in enumerate(result.shown)}
    assert result.phi[at["a"], at["b"]] == pytest.approx(1.0)
    assert np.isnan(result.phi[at["a"], at["c"]]), "no row has both"
    assert np.isnan(result.phi[at["c"], at["d"]]), "neither has a gap of its own"
    [note] = [note for note in result.notes if note.startswith("Serve does not have")]
    assert all(f"'{one}'" in note for one in "aby") and "are none of the gaps that are counted" in note


def test_columns_that_no_row_has_both_of_are_never_missing_together() -> None:
    """'a' and 'c' go missing with 'x', one in train and one in serve: two findings, each of rows."""
    draw = np.random.default_rng(4)
    parts = [pd.DataFrame({"kind": draw.choice(["never", "once"], ROWS)}) for _ in range(2)]
    for part, name in zip(parts, ["a", "c"], strict=True):
        part[["x", name]] = draw.normal(size=(ROWS, 2))
        part.loc[part["kind"] == "never", ["x", name]] = np.nan
    train, serve = parts
    found = run("association", load(train, serve=serve, name="three"), {}).findings
    together = {one.columns: one for one in found if one.code == "co_missing"}
    assert {frozenset(columns) for columns in together} == {frozenset("xa"), frozenset("xc")}
    for part, name in zip(parts, ["a", "c"], strict=True):
        [one] = [one for columns, one in together.items() if name in columns]
        assert len(one.rows) == (part["kind"] == "never").sum() and one.value == pytest.approx(1.0)


def test_columns_that_serve_lacks_take_no_places_of_those_that_imputing_is_tried_for() -> None:
    """205 of train alone, of which one has gaps, and two of both parts with more gaps there."""
    draw = np.random.default_rng(8)
    train, serve = (pd.DataFrame(draw.normal(size=(100, 2)), columns=["x", "z"]) for _ in range(2))
    alone = pd.DataFrame(draw.normal(size=(100, 205)), columns=[f"a{i:03}" for i in range(205)])
    for part, missing in ((train, 40), (serve, 20)):
        part.loc[:missing, ["x"]] = np.nan
        part.loc[: missing // 2, ["z"]] = np.nan
    alone.loc[:24, "a000"] = np.nan
    result = run("missingness", load(pd.concat([train, alone], axis=1), serve=serve, name="many"), {})
    assert isinstance(result, MissingnessResult)
    assert list(dict.fromkeys(one.column for one in result.effects)) == ["x", "z", "a000"]
    assert all((f"'{name}'" in result.code) == (name in ("x", "z", "a000")) for name in [*alone, "x", "z"])
    assert any(note == "The 200 columns with most gaps are drawn, of 207." for note in result.notes)
    assert not any("Imputing is tried" in note for note in result.notes)


def test_a_rule_must_be_beyond_chance_among_all_pairs_whichever_part_has_the_columns() -> None:
    """40 rows of train alone: that some of 20 letters decide 20 gaps has a chance of 8e-6, enough for one
    column with gaps, not for 51.
    """
    draw = np.random.default_rng(9)
    both = pd.DataFrame(draw.normal(size=(100, 50)), columns=[f"g{i}" for i in range(50)])
    for name in both:
        both.loc[draw.permutation(100)[:30], name] = np.nan
    both["kind"] = [chr(97 + i % 20) for i in range(100)]
    train, serve = both[:40], both[40:]
    train = train.assign(a=np.where(np.arange(40) % 2 == 0, np.nan, np.arange(40)))
    data = load(train, serve=serve, name="few")
    assert set(explained(data, ["a"])) == {"a"}
    assert not explained(data, ["a", *(f"g{i}" for i in range(50))])


def test_pairs_of_masks_are_compared_in_the_rows_that_have_both() -> None:
    """Two columns of train that lack a tenth each, independently, are not linked by being absent from
    serve.
    """
    draw = np.random.default_rng(3)
    train = np.arange(2_000) < 1_000
    one, other, third = draw.random((3, 2_000)) < 0.1
    masks = [one | ~train, other | ~train, third]
    known = [train, train, np.ones(2_000, bool)]
    assert missing_together(masks) and not missing_together(masks, known=known)
    phi = nullity(masks, known)
    assert phi[0, 1] == pytest.approx(np.corrcoef(one[train], other[train])[0, 1])
    assert phi[0, 2] == phi[2, 0] == pytest.approx(np.corrcoef(one[train], third[train])[0, 1])
    assert missing_together([one | ~train, one | ~train, third], known=known)[0].columns == (0, 1)


def test_shift_calls_no_cell_missing_where_the_part_does_not_have_the_column() -> None:
    """ "Missing in 0% of train and 100% of serve" stood there."""
    result = run("shift", lopsided(gaps=True), {})
    assert isinstance(result, ShiftResult)
    one = result.column("a")
    assert one.lacked == "serve" and 0.2 < one.missing.train < 0.5 and np.isnan(one.missing.serve)
    assert one.note == "not in serve" and result.column("c").note == "not in train"
    assert not result.column("x").lacked and result.column("x").missing[:2] == (0.0, 0.0)
