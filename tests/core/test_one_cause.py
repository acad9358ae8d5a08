"""One cause is one finding, though several analyses meet it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.dataset import Dataset
from core.finding import Finding
from core.one_cause import distinct
from core.prepare import fixes
from core.rowset import RowSet
from core.run import run
from tests.make import dataset

N = 800
DRAW = np.random.default_rng(4)


def listed(data: Dataset, *analyses: str) -> dict[str, Finding]:
    return {f.key: f for f in distinct([f for name in analyses for f in run(name, data).findings])}


def dated(bad: str, at: int = 5) -> pd.DataFrame:
    days = pd.to_timedelta(np.random.default_rng(0).integers(0, 365, N), unit="D")
    frame = pd.DataFrame({"when": pd.Timestamp("2023-01-01") + days, "a": DRAW.normal(size=N)})
    frame.loc[at, "when"] = pd.Timestamp(bad)
    return frame


@pytest.mark.parametrize("role", [None, "when"])
@pytest.mark.parametrize(
    ("bad", "code"),
    [("1823-05-06", "isolated_values"), ("1900-01-01", "isolated_values"), ("2203-05-06", "future_dates")],
)
def test_an_impossible_date_is_one_finding_of_its_column_and_what_makes_its_row_stand_out(
    bad: str, code: str, role: str | None
) -> None:
    found = listed(dataset(dated(bad), time=role), "profile", "outliers")
    [only] = [one for one in found.values() if "when" in one.columns]
    assert only.key == f"{code}:when" and only.rows.ids.tolist() == [5]
    assert fixes.label(only) == "Make 1 cell missing"
    odd = next(one for one in run("outliers", dataset(dated(bad), time=role)).findings)
    assert odd.rows.ids.tolist() == [5] and "by its value of 'when'" in odd.title
    assert ("outliers" in found) is (code == "future_dates"), "isolated values say what the outliers are"


def test_a_real_gap_beside_an_impossible_date_is_told_all_the_same() -> None:
    frame = dated("1823-05-06")
    frame = frame[~frame["when"].between("2023-05-01", "2023-07-31")].reset_index(drop=True)
    [gap] = [one for one in listed(dataset(frame, time="when"), "profile").values() if one.code == "gaps"]
    assert "between 2023-04-30 and 2023-08-01" in gap.title and "more such" not in gap.title
    assert not set(np.flatnonzero(frame["when"] < "2000-01-01")) & set(gap.rows.ids.tolist())


def columns_alike() -> pd.DataFrame:
    draw = np.random.default_rng(1)
    place = draw.integers(0, 6, N)
    town = np.array(["Oslo", "Bergen", "Rome", "Paris", "Bonn", "Kiel"])[place]
    frame = pd.DataFrame({"code": [f"c{at}" for at in place], "town": town, "again": town})
    frame["land"] = np.array(["no", "no", "it", "fr", "de", "de"])[place]
    return frame.assign(x=draw.normal(size=N), cubed=lambda one: one["x"] ** 3)


def test_columns_that_hold_the_same_are_told_of_once() -> None:
    found = listed(dataset(columns_alike()), "profile", "duplicates", "association")
    pairs = [{*one.named} for one in found.values() if one.code == "strong_association"]
    assert sorted(map(sorted, pairs)) == [["code", "land"], ["cubed", "x"]], (
        "no pair of a copy, and no other lost"
    )
    assert "strong_association:town" in found["renamed_columns:town"].explains
    assert "strong_association:again" in found["duplicate_columns:again"].explains
    out = [column for one in found.values() if one.action == "omit" for column in one.acted_on]
    assert sorted(out) == ["again", "cubed", "land", "town"], "one of each group stays"


def test_two_columns_that_are_strongly_associated_are_not_told_of_as_collinear_too() -> None:
    draw = np.random.default_rng(6)
    x, z = draw.normal(size=(2, N))
    near = x + 0.1 * draw.normal(size=N)
    frame = pd.DataFrame({"x": x, "near": near, "z": z})
    assert np.nanmax(run("association", dataset(frame)).vif) > 10
    assert {one.code for one in run("association", dataset(frame)).findings} == {"strong_association"}
    found = listed(dataset(frame), "association")
    [only] = found.values()
    assert only.code == "strong_association" and {*only.named} == {"x", "near"}
    assert "collinear" in {key.partition(":")[0] for key in only.explains}
    summed = listed(dataset(frame.assign(sum=x + z)), "association")
    assert "collinear" in {one.code for one in summed.values()}, "a third column has its part in it"
    same = listed(dataset(frame.assign(near=x)), "profile", "duplicates", "association")
    assert {one.code for one in same.values() if "x" in one.named} == {"duplicate_columns"}


def test_columns_collinear_by_a_row_of_totals_are_told_of_with_it() -> None:
    draw = np.random.default_rng(7)
    frame = pd.DataFrame({"sales": draw.lognormal(6, 1, N).round(2), "items": draw.integers(1, 60, N)})
    frame.insert(0, "shop", [f"s{k}" for k in range(N)])
    frame.loc[N] = ["Total", frame["sales"].sum().round(2), frame["items"].sum()]
    found = listed(dataset(frame), "profile", "association")
    [total] = [one for one in found.values() if one.code == "total_rows"]
    assert not [one for one in found.values() if one.code.startswith("collinear")]
    assert any(key.startswith("collinear_by_rows") for key in total.explains)


def test_a_pair_that_the_kept_column_does_not_have_is_told() -> None:
    """A code of numbers is no category, and has no association of its own with what hangs on its town."""
    draw = np.random.default_rng(3)
    place = draw.integers(0, 6, N)
    code = np.array([17, 3, 88, 41, 5, 60])[place]
    town = np.array(["Oslo", "Bergen", "Rome", "Paris", "Bonn", "Kiel"])[place]
    income = np.array([1.0, 9.0, 2.0, 8.0, 3.0, 7.0])[place] + draw.normal(0, 0.6, N)
    data = dataset(pd.DataFrame({"code": code, "town": town, "income": income}))
    found = listed(data, "profile", "duplicates", "association")
    assert "renamed_columns:town" in found
    pairs = [{*one.named} for one in found.values() if one.code == "strong_association"]
    assert {"town", "income"} in pairs and {"code", "town"} not in pairs


def test_a_pair_is_told_where_the_profile_does_not_say_the_same() -> None:
    alone = {one.key for one in run("association", dataset(columns_alike())).findings}
    assert {"strong_association:town", "strong_association:again"} <= alone


@pytest.mark.parametrize("code", ["near_duplicates", "rows_across_parts"])
@pytest.mark.parametrize(("copied", "told"), [(50, True), (7, False), (3, False)])
def test_copies_within_train_are_told_beside_copies_across_the_parts_that_do_not_name_them(
    code: str, copied: int, told: bool
) -> None:
    """Row 2 is a copy of row 50 of train as well, which has none in serve: nothing said so."""
    across = Finding(
        "near_duplicates_across_parts", "", "critical", 0.9, "", "", RowSet([1, 2, 3]), copied=RowSet([7, 8])
    )
    within = Finding(code, "", "warning", 0.3, "", "", RowSet([2]), copied=RowSet([copied]))
    listed = [one.code for one in distinct([across, within])]
    assert listed == ([across.code, code] if told else [across.code])


@pytest.mark.parametrize(("spoiled", "told"), [(0, "disguised_missing"), (3, "outliers")])
def test_outliers_that_are_the_cells_of_a_code_are_told_of_with_the_code(spoiled: int, told: str) -> None:
    """19 rows stood first as outliers to drop; making the 19 cells of -999 missing stood farther down."""
    draw = np.random.default_rng(7)
    frame = pd.DataFrame({name: draw.normal(100, 5, 400).round(2) for name in "abcdefgh"})
    coded = draw.choice(400, 19, replace=False)
    frame.loc[coded, "c"] = -999.0
    others = np.setdiff1d(np.arange(400), coded)[:spoiled]
    frame.loc[others, ["a", "b"]] = 1_000.0
    data = dataset(frame)
    [odd] = [one for one in run("outliers", data).findings if one.code == "outliers"]
    assert odd.rows == RowSet([*coded, *others])
    if not spoiled:
        assert odd.beside == ("c",) and "all by their values of 'c'" in odd.title
    found = listed(data, "profile", "outliers")
    codes = found["disguised_missing:c"]
    assert ("outliers" in found) is (told == "outliers") and ("outliers" in codes.explains) is (not spoiled)
    assert codes.severity == "warning" and fixes.label(codes) == "Make 19 cells missing"


def far_out(**values: list[float]) -> pd.DataFrame:
    """Rows 5, 6 and so on have these values in columns of 3,000 that are normal else."""
    frame = pd.DataFrame(np.random.default_rng(3).normal(100, 5, (3_000, 4)), columns=list("abcd"))
    for name, far in values.items():
        frame.loc[range(5, 5 + len(far)), name] = far
    return frame


def test_outliers_by_isolated_values_alone_are_told_of_once_and_wait() -> None:
    """Two warnings stood for the same two rows and the same column."""
    found = listed(dataset(far_out(c=[4_000.0, 4_001.0])), "profile", "outliers")
    far = found["isolated_values:c"]
    assert "outliers" not in found and "outliers" in far.explains and far.severity == "warning"
    assert fixes.flagged(found.values(), ()) == RowSet([5, 6]), "they wait as before"
    assert fixes.flagged(found.values(), ("isolated_values:c",)) == RowSet(), "not once it is accepted"
    assert fixes.label(far) == "Make 2 cells missing"


def test_outliers_by_isolated_values_of_several_columns_wait_and_are_told_of_by_column() -> None:
    found = listed(dataset(far_out(c=[4_000.0, 4_001.0], b=[100.0, 7_000.0, 7_001.0])), "profile", "outliers")
    assert "outliers" not in found and {"isolated_values:b", "isolated_values:c"} <= set(found)
    assert fixes.flagged(found.values(), ()) == RowSet([5, 6, 7])
    assert [key for key, one in found.items() if "outliers" in one.explains] != []


def test_outliers_with_another_odd_row_are_told_of_beside_isolated_values() -> None:
    frame = far_out(c=[4_000.0, 4_001.0])
    frame.loc[9, ["a", "b", "d"]] = 128.0
    both = listed(dataset(frame), "profile", "outliers")
    assert {"outliers", "isolated_values:c"} <= set(both) and not both["isolated_values:c"].waits
    assert fixes.flagged(both.values(), ()) == RowSet([5, 6, 9])
