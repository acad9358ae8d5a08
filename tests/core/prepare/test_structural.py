"""Gaps that another column explains: what is planted is found and named, what is random never is."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from core.analyses.missingness.analysis import MissingnessSettings, missingness
from core.analyses.profile.analysis import ProfileSettings, profile
from core.numerics.decision_rule import decided, fewest_exceptions, log_chance
from core.prepare.structural import explained
from core.progress import SILENT
from tests.core.analyses.noise import noise
from tests.make import dataset

N = 400


def table(seed: int = 0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    made = pd.DataFrame(
        {
            "kind": draw.choice(["single", "joint", "firm"], N, p=[0.7, 0.2, 0.1]),
            "area": draw.integers(1, 400, N),
        }
    )
    made.loc[draw.random(N) < 0.3, "area"] = 0
    made["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 300, N), unit="D")
    return made.assign(
        member=draw.random(N) < 0.4, x=draw.normal(size=N), kind_too=draw.choice(["a", "b"], N)
    )


@pytest.mark.parametrize(
    ("where", "told"),
    [
        (lambda t: t["kind"] == "single", "'kind' is 'single'"),
        (lambda t: t["kind"] != "joint", "'kind' is not 'joint'"),
        (lambda t: ~t["member"], "'member' is False"),
        (lambda t: t["area"] == 0, "'area' is 0"),
        (lambda t: t["x"] > 0.5, "'x' is 0.5"),
        (lambda t: t["day"] < pd.Timestamp("2024-05-01"), "'day' is 2024-04-29 or earlier"),
    ],
)
def test_what_decides_the_gaps_is_named(where, told: str) -> None:  # type: ignore[no-untyped-def]
    frame = table()
    frame["income"] = np.where(where(frame), np.nan, np.arange(N))
    rule = explained(dataset(frame), ["income"])["income"]
    assert rule.where.startswith(told) and rule.exceptions == 0 and rule.n == N and rule.by_chance < 0.9
    assert (
        explained(dataset(frame.sample(frac=1.0, random_state=3, ignore_index=True)), ["income"])["income"]
        == rule
    )


def test_a_few_exceptions_are_counted_and_more_are_no_rule() -> None:
    frame = pd.concat([table(seed) for seed in range(5)], ignore_index=True)
    single = np.flatnonzero(frame["kind"] == "single")
    frame["income"] = np.where(frame["kind"] == "single", np.nan, 1.0 * np.arange(len(frame)))
    for wrong, told in ((3, 3), (60, None)):
        given = frame.copy()
        given.loc[single[:wrong], "income"] = 5.0
        rule = explained(dataset(given), ["income"]).get("income")
        assert (rule.exceptions if rule else None) == told


def test_half_a_level_is_no_rule_however_rare_the_gaps() -> None:
    """24 gaps among 10,000 rows, all at a level of 47 rows: most of what the level tells is wrong."""
    assert decided(np.array([0, 24]), np.array([9953, 23]), False) is None
    assert decided(np.array([0, 24]), np.array([9975, 1]), False) is not None


def test_levels_of_one_row_decide_everything_and_mean_nothing() -> None:
    gone, here = np.array([6, 0, *[1, 0] * 14]), np.array([0, 6, *[0, 1] * 14])
    many = decided(gone, here, False)
    assert many is not None and many.exceptions == 0 and many.log_chance > math.log(1e-3)


def test_the_bound_of_chance_holds() -> None:
    """Ten levels of eight rows, thirty gaps at random: how often a rule has at most so many exceptions,
    against the bound.
    """
    draw = np.random.default_rng(0)
    wrong = []
    for _ in range(4_000):
        gone = np.bincount(np.repeat(np.arange(10), 8)[draw.permutation(80)[:30]], minlength=10)
        wrong.append(int(np.minimum(gone, 8 - gone).sum()))
    for most in (12, 14, 16, 18):
        assert np.mean(np.array(wrong) <= most) <= math.exp(log_chance(80, 30, most, 10 * math.log(2)))


@pytest.mark.parametrize("n", [60, 300, 1_000])
def test_random_gaps_are_never_called_structure(n: int) -> None:
    for seed in range(8):
        draw = np.random.default_rng(seed)
        frame = noise(n, seed)
        gappy = frame.mask(draw.random(frame.shape) < draw.choice([0.05, 0.3, 0.6, 0.9], frame.shape[1]))
        assert explained(dataset(gappy), list(gappy.columns)) == {}


def test_the_target_and_what_is_missing_too_explain_nothing() -> None:
    frame = table()
    frame["y"] = frame["kind"].eq("single").map({True: "no", False: "yes"})
    frame["income"] = np.where(frame["y"] == "no", np.nan, 1.0)
    frame["debt"] = frame["income"] * 2.0
    assert explained(dataset(frame.drop(columns="kind"), target="y"), ["income", "debt"]) == {}


def test_profile_and_missing_values_tell_it_alike_and_calmly() -> None:
    frame = table()
    frame["income"] = np.where(frame["kind"] == "joint", np.arange(N), np.nan)
    frame["lost"] = np.where(np.random.default_rng(1).random(N) < 0.7, np.nan, 1.0 * np.arange(N))
    data = dataset(frame)
    told = {f.columns: f for f in profile(data, ProfileSettings(), SILENT).each if "missing" in f.code}
    assert told[("lost",)].code == "missing" and told[("lost",)].severity == "critical"
    [finding] = [
        f for f in missingness(data, MissingnessSettings(), SILENT).findings if f.columns == ("income",)
    ]
    assert finding == told[("income",)] and (finding.code, finding.severity) == ("structural_missing", "info")
    assert (
        "missing exactly where 'kind' is not 'joint'"
    ) in finding.title and finding.noise < finding.limit < finding.value == 1.0
    assert finding.n == N and finding.rows.ids.tolist() == np.flatnonzero(frame["income"].isna()).tolist()


def test_what_was_not_recorded_at_a_time_is_a_warning() -> None:
    frame = table()
    frame["income"] = np.where(frame["day"] < "2024-09-01", np.nan, np.arange(N))
    [finding] = [
        f
        for f in profile(dataset(frame), ProfileSettings(), SILENT).each
        if f.columns == ("income",) and "missing" in f.code
    ]
    assert (finding.code, finding.severity) == (
        "structural_missing",
        "warning",
    ) and "2024-08-31 or earlier" in finding.title


@pytest.mark.parametrize(("share", "sorted_by"), [(0.3, None), (0.3, "level"), (0.001, None)])
def test_of_many_rows_a_rule_with_exceptions_is_found_whatever_few_rows_say(
    share: float, sorted_by: str | None
) -> None:
    """300,000 rows, of which some are looked at first: a rule near the most exceptions allowed, and gaps that
    are few, in any order.
    """
    draw = np.random.default_rng(5)
    n = 300_000
    frame = pd.DataFrame(
        {"level": draw.choice(["in", "out"], n, p=[share, 1 - share]), "x": draw.normal(size=n)}
    )
    where = (frame["level"] == "in").to_numpy(copy=True)
    few = int(0.004 * where.sum())
    where[draw.choice(np.flatnonzero(where), few, replace=False)] = False
    where[draw.choice(np.flatnonzero(frame["level"] == "out"), few, replace=False)] = True
    frame["income"] = np.where(where, np.nan, frame["x"].to_numpy() ** 2)
    frame["random"] = np.where(draw.random(n) < share, np.nan, 1.0 * np.arange(n))
    given = frame if sorted_by is None else frame.sort_values(sorted_by, ignore_index=True)
    found = explained(dataset(given), ["income", "random"])
    assert (
        set(found) == {"income"} and found["income"].by == "level" and found["income"].exceptions == 2 * few
    )


@pytest.mark.parametrize(("levels", "ordered"), [(4, False), (4, True), (60, True), (60, False)])
def test_the_fewest_exceptions_of_many_gaps_are_those_of_the_best_rule_of_each(
    levels: int, ordered: bool
) -> None:
    """Against every rule tried in turn: one value, each border, any set of levels."""
    draw = np.random.default_rng(levels)
    absent, here = draw.integers(0, 30, (40, levels)), draw.integers(0, 30, levels)
    expected = []
    for missing in absent:
        rules = [np.zeros(levels, bool), np.ones(levels, bool)]
        if ordered:
            rules += list(np.eye(levels, dtype=bool))
            rules += [np.arange(levels) <= end for end in range(levels)]
            rules += [np.arange(levels) > end for end in range(levels)]
        if levels <= 30:
            rules += [np.array(sides) for sides in itertools.product([False, True], repeat=levels)]
        expected.append(min(int(missing[~rule].sum() + here[rule].sum()) for rule in rules))
    assert fewest_exceptions(absent, np.broadcast_to(here, absent.shape), ordered).tolist() == expected


def test_a_sample_of_the_rows_puts_no_rule_aside() -> None:
    """Enough rows that one in eight is looked at first."""
    frame = pd.concat([table(seed) for seed in range(12)], ignore_index=True)
    frame["income"] = np.where(frame["area"] == 0, np.nan, 1.0)
    frame.loc[::1000, "income"] = np.nan
    rule = explained(dataset(frame), ["income"])["income"]
    assert rule.where == "'area' is 0" and 0 < rule.exceptions <= 5


def test_gaps_of_a_table_that_has_nothing_but_an_id_are_explained_by_nothing() -> None:
    data = dataset(pd.DataFrame({"x": [None] * 40 + [f"A{k}" for k in range(260)]}), id="x")
    assert explained(data, ["x"]) == {}
