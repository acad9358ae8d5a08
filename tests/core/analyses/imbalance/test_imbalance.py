"""Class balance: counts that are exact, intervals that so many rows allow, and what is said of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.analyses.imbalance.measures import auroc_half_width, effective_samples, ratio_span
from core.decided import as_decided
from core.one_cause import distinct
from core.prepare import fixes
from core.review import Review
from core.rowset import RowSet
from core.run import run
from tests.make import dataset


def classed(*counts: int, **more: Any) -> pd.DataFrame:
    labels = np.repeat([f"c{place}" for place in range(len(counts))], counts)
    return pd.DataFrame({"x": np.arange(labels.size, dtype=float), "y": labels, **more})


def codes(result: Any) -> set[str]:
    return {finding.code for finding in result.findings}


def test_counts_shares_and_baselines_are_exact() -> None:
    result = run("imbalance", dataset(classed(900, 90, 10), target="y"))
    assert result.frame()["train"].tolist() == [900, 90, 10]
    summary = result.summary
    assert (summary["classes"], summary["rarest_class"], summary["rarest_rows"]) == (3, "c2", 10)
    assert (summary["ratio"], summary["baseline_accuracy"]) == (90.0, 0.9)
    assert summary["baseline_average_precision"] == 0.01
    share = np.array([0.9, 0.09, 0.01])
    assert summary["normalised_entropy"] == pytest.approx(
        -(share * np.log(share)).sum() / np.log(3), abs=1e-6
    )


def test_every_fold_gets_an_even_share_of_each_class() -> None:
    result = run("imbalance", dataset(classed(903, 52), target="y"), {"folds": 5})
    assert result.per_fold.sum(axis=1).tolist() == [903, 52]
    assert (result.per_fold.max(axis=1) - result.per_fold.min(axis=1)).max() <= 1


def test_equal_rows_and_groups_stay_in_one_fold_and_count_once() -> None:
    frame = classed(400, 40)
    frame.loc[400:, "x"] = -1.0  # forty rows of the rare class, all equal
    result = run("imbalance", dataset(frame, target="y"))
    assert sorted(result.per_fold[1].tolist()) == [0, 0, 0, 0, 40]
    found = next(one for one in result.findings if one.code == "too_few_to_stratify")
    assert found.value == 1
    assert "has 1 different row among 40: fewer than there are folds (5)." in found.title
    grouped = classed(400, 40, g=[f"g{row // 20}" for row in range(440)])
    result = run("imbalance", dataset(grouped, target="y", group="g"))
    assert np.count_nonzero(result.per_fold[1]) == 2


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (4, {"too_few_to_stratify", "too_few_for_auroc", "too_few_to_calibrate", "imbalance"}),
        (60, {"too_few_for_auroc", "too_few_to_calibrate", "imbalance"}),
        (150, {"too_few_to_calibrate", "imbalance"}),
        (220, {"imbalance"}),
        (500, set()),
    ],
)
def test_what_is_said_hangs_on_the_number_of_events(events: int, said: set[str]) -> None:
    assert codes(run("imbalance", dataset(classed(1000, events), target="y"))) == said


def test_as_many_rows_in_each_fold_are_one_number() -> None:
    def said(events: int) -> str:
        found = run("imbalance", dataset(classed(400, events), target="y")).findings
        return next(one.title for one in found if one.code == "too_few_to_stratify")

    assert "has 3 rows in each of 5 folds" in said(15) and "has 3 to 4 rows in each of 5 folds" in said(17)
    assert "has 1 row in each of 5 folds" in said(5)
    found = run("imbalance", dataset(classed(400, 30), target="y")).findings
    few = next(one for one in found if one.code == "too_few_to_stratify")
    assert "6 rows in each of 5 folds" in few.title and (few.value, few.limit) == (6.0, 10.0)


def test_what_is_said_of_the_rarest_class_is_not_said_of_the_others() -> None:
    """Of a class of one row and one of 14 it said that both have fewer rows than folds, and that an AUROC of
    0.8 is known to ±0.52, which goes beyond 1.
    """
    labels = ["a"] * 8939 + ["b"] * 500 + ["c"] * 14 + ["d"]
    frame = pd.DataFrame({"x": np.arange(len(labels), dtype=float), "y": labels})
    found = {one.code: one.title for one in run("imbalance", dataset(frame, target="y")).findings}
    more = "; 1 more class has fewer than"
    folds = f"{more} 50 different rows, 10 in each of 5 folds."
    assert found["too_few_to_stratify"] == f"Class 'd' has 1 row: fewer than there are folds (5){folds}"
    assert found["too_few_for_auroc"] == (
        f"With 1 row of class 'd' an AUROC of 0.8 may as well be 0.28 or 1{more} 100 rows."
    )
    assert found["imbalance"].startswith("Under 0.1% of the rows are of class 'd'")


def test_classes_of_equally_few_rows_are_all_named_where_there_are_few_of_them() -> None:
    labels = ["a"] * 6900 + ["b"] * 100 + ["c"] * 3 + ["d"] * 3
    found = {
        one.code: one.title
        for one in run(
            "imbalance", dataset(pd.DataFrame({"x": range(7006), "y": labels}), target="y")
        ).findings
    }
    assert found["imbalance"].startswith("Under 0.1% of the rows each are of classes 'c' and 'd', one for")
    assert (
        found["too_few_to_stratify"]
        == "Classes 'c' and 'd' have 3 rows each: fewer than there are folds (5)."
    )
    assert found["too_few_for_auroc"].startswith(
        "With 3 rows each of classes 'c' and 'd' an AUROC of 0.8 may"
    )
    assert found["too_few_to_calibrate"].startswith("With 3 rows each of classes 'c' and 'd' the ratio O/E")
    assert found["too_few_to_calibrate"].endswith("; 1 more class has fewer than 200 rows.")
    many = {
        one.code: one.title for one in run("imbalance", dataset(classed(200, *[7] * 5), target="y")).findings
    }
    assert "of class 'c5', one for" in many["imbalance"]
    assert many["too_few_for_auroc"].endswith("; 4 more classes have fewer than 100 rows.")


def test_the_interval_of_an_auroc_is_the_one_that_simulation_gives() -> None:
    draw, events, others = np.random.default_rng(0), 40, 400
    gap = 1.190  # standard deviations apart: an AUROC of 0.8
    areas = []
    for _ in range(400):
        high, low = draw.normal(gap, 1, events), draw.normal(0, 1, others)
        areas.append((high[:, None] > low).mean())
    assert np.mean(areas) == pytest.approx(0.8, abs=0.01)
    assert auroc_half_width(events, others) == pytest.approx(1.96 * np.std(areas), rel=0.2)


def test_right_predictions_have_their_ratio_within_the_span() -> None:
    draws = np.random.default_rng(1).poisson(50, 4000) / 50
    low, high = ratio_span(50)
    assert 0.93 <= ((draws >= low) & (draws <= high)).mean() <= 0.98


def test_a_rare_class_has_nearly_as_many_effective_rows_as_rows() -> None:
    large, rare = effective_samples(np.array([99_000, 1_000]))
    assert rare == pytest.approx(1_000, rel=0.01) and large < 0.65 * 99_000


def test_classes_by_part_group_and_time() -> None:
    frame = classed(80, 20, g=["a", "b"] * 50, t=pd.date_range("2024-01-01", periods=100))
    result = run("imbalance", dataset(frame, serve=classed(5, 0, 5), target="y", group="g", time="t"))
    by = {mix.by: mix for mix in result.mixes}
    assert by["part"].levels == ("train", "serve") and by["part"].rows.tolist() == [[80, 20, 0], [5, 0, 5]]
    assert by["g"].rows[:2].sum() == 100 and by["t"].rows.sum() == 100
    assert by["t"].levels[0] == "from 2024-01-01" and by["t"].levels[-1] == "from 2024-03-31", "days"
    lines = result.tables()["class_mixes"].set_index(["by", "level", "class"])
    assert lines.loc[("part", "serve", "c2"), ["rows", "share"]].tolist() == [5, 0.5]
    assert set(lines.index.get_level_values("by")) == {"part", "g", "t"}
    assert by["t"].rows[0].tolist() == [10, 0, 0]  # the first tenth of the days is all of the first class
    unseen = next(one for one in result.findings if one.code == "unseen_class")
    assert "'c2'" in unseen.title and unseen.value == 5


def test_periods_of_a_time_in_numbers_begin_where_they_say() -> None:
    when = 12_345.67 + np.arange(100) * 0.013
    data = dataset(classed(80, 20, t=when), target="y", time="t")
    [mix] = [one for one in run("imbalance", data).mixes if one.by == "t"]
    begins = [float(level.removeprefix("from ").replace(",", "")) for level in mix.levels]
    assert len(begins) > 4
    assert [(when >= begin).sum() for begin in begins] == np.cumsum(mix.rows.sum(1)[::-1])[::-1].tolist()


def test_gaps_in_the_target_are_not_a_class() -> None:
    frame = classed(300, 300)
    frame.loc[::3, "y"] = None
    result = run("imbalance", dataset(frame, target="y"))
    assert (
        result.summary["classes"] == 2
        and result.unknown == 200
        and "not known in 200 rows" in result.notes[0]
    )


def test_two_hundred_classes() -> None:
    result = run("imbalance", dataset(classed(*range(200, 0, -1)), target="y"))
    assert (
        result.summary["classes"] == 200
        and "; 98 more classes have fewer than 100 rows." in result.findings[0].title
    )


def test_zeros_and_ones_are_classes_and_a_skewed_number_has_a_rare_region() -> None:
    draw = np.random.default_rng(0)
    frame = pd.DataFrame({"x": draw.normal(size=2000), "y": (draw.random(2000) < 0.1).astype(int)})
    result = run("imbalance", dataset(frame, target="y"))
    assert result.names == ("0", "1") and "whole numbers" in result.notes[0]
    frame["y"] = draw.exponential(size=2000)
    result = run("imbalance", dataset(frame, target="y"))
    region = result.regions[-1]
    assert codes(result) == {"rare_region"} and region.rows == int((frame["y"] >= region.low).sum())
    assert 0 < result.findings[0].value < result.findings[0].limit == 0.2
    tenth = float(np.diff(result.edges)[1:-1].mean())
    share = region.rows / 2000 / ((region.high - region.low) / (10 * tenth))
    assert result.findings[0].value == pytest.approx(share)
    for even in (draw.random(2000), draw.normal(size=2000)):
        frame["y"] = even
        assert codes(run("imbalance", dataset(frame, target="y"))) == set()


def test_a_class_that_is_another_spelling_of_one_is_to_be_written_alike_and_no_rare_class() -> None:
    """One row of 'büro' made two warnings to collect more rows, which one click elsewhere resolved."""
    draw = np.random.default_rng(0)
    kind = np.repeat(["Büro", "Möbel", "Geräte"], 150).astype(object)
    kind[[7, 8]] = ["büro", "Büro "]
    frame = pd.DataFrame({"x": draw.normal(size=450), "kind": kind})
    result = run("imbalance", dataset(frame, target="kind"))
    found = {one.code: one for one in result.findings}
    assert found["spelled_classes"].rows == RowSet([7, 8]) and found["spelled_classes"].severity == "warning"
    assert not {"too_few_to_stratify", "too_few_for_auroc", "imbalance"} & set(found), "150 rows of each word"
    assert result.alike.tolist() == [150, 150, 150] and len(result.names) == 5, (
        "the figure shows what is there"
    )
    data = dataset(frame, target="kind")
    [rule] = fixes.decisions(data, found["spelled_classes"])
    after = run("imbalance", as_decided(data, Review().say(rule)))
    assert sorted(after.names) == ["Büro", "Geräte", "Möbel"] and "spelled_classes" not in {
        one.code for one in after.findings
    }


def test_a_rare_class_that_no_other_one_spells_is_rare_beside_spellings() -> None:
    frame = pd.DataFrame({"x": np.arange(400.0), "kind": ["office", "home"] * 200})
    frame.loc[[3, 5, 9], "kind"] = ["home ", "rare", "rare"]
    found = {one.code: one for one in run("imbalance", dataset(frame, target="kind")).findings}
    assert "'rare'" in found["too_few_to_stratify"].title and "'home '" in found["spelled_classes"].title
    codes = ["a", "A"] * 100 + ["b"] * 100
    found = {
        one.code for one in run("imbalance", dataset(frame[:300].assign(kind=codes), target="kind")).findings
    }
    assert "spelled_classes" not in found, "codes that differ by case alone, as by chance"


def test_the_spellings_of_a_target_are_told_of_once() -> None:
    frame = pd.DataFrame({"x": np.arange(400.0), "kind": ["office", "home"] * 200})
    frame.loc[[3, 5], "kind"] = "home "
    data = dataset(frame, target="kind")
    every = [one for name in ("profile", "imbalance") for one in run(name, data).findings]
    told = [one for one in distinct(every) if one.code in ("variants", "spelled_classes")]
    assert len(told) == 1 and told[0].action == "merge" and told[0].severity == "warning"
    assert told[0].explains
