import json
import pickle
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.figures.overlap import alt_weights, overlap_dots, support_bars, weight_bars
from components.figures.theme import SERVE, TRAIN
from core.analyses.overlap.analysis import ANALYSIS, overlap
from core.analyses.overlap.case import ANSWERS, Case
from core.analyses.overlap.clauses import STRENGTH
from core.analyses.overlap.findings import findings
from core.analyses.overlap.mixing import Permuted
from core.analyses.overlap.settings import OverlapSettings
from core.analyses.overlap.verdict import verdict
from core.dataset.split import PartSplit
from core.errors import Cancelled
from core.numerics.domain import Area, Domain
from core.numerics.support import Unsupported
from core.phrases import score
from core.places import samples
from core.prepare.by_hand import OUTSIDE, reason
from core.prepare.regions import regions, separating_columns
from core.prepare.separating import own_area, splits_by_time
from core.progress import Progress
from core.rowset import RowSet
from core.run import run
from core.workspace import load
from tests.make import dataset


def found(train, serve, progress=None, roles=None, **settings):
    return ANALYSIS.function(
        dataset(train, serve=serve, **(roles or {})), OverlapSettings(**settings), progress or Progress()
    )


def normal(rows, width=4, seed=0):
    return pd.DataFrame(
        np.random.default_rng(seed).normal(size=(rows, width)), columns=[f"c{i}" for i in range(width)]
    )


def mixed(rows, seed=0):
    draw = np.random.default_rng(seed)
    frame = normal(rows, 3, seed).assign(
        town=draw.choice(list("abcdefgh"), rows), member=draw.random(rows) < 0.2
    )
    frame.loc[draw.random(rows) < 0.1, "c0"] = np.nan
    return frame


def codes(result):
    return {finding.code for finding in result.findings}


@pytest.fixture(scope="module")
def planted():
    """A tenth of the serve rows three standard deviations out in every column."""
    train, serve = normal(2000, 6), normal(2000, 6, 1)
    serve.iloc[:200] += 3.0
    return found(train, serve)


def test_rows_planted_where_train_has_none_are_found(planted):
    rows = planted.rows()
    out = np.zeros(4000, bool)
    out[2000:2200] = True
    assert (rows["support_p"][out] <= 0.01).mean() > 0.9 and planted.unsupported[out].mean() > 0.9
    assert abs(planted.case.support.excess - 0.1) < 0.02
    wrong, told = int(planted.unsupported[~out].sum()), planted.case.support.chance_rows
    assert (
        told == pytest.approx(18, abs=2)
        and wrong <= told + 4 * told**0.5
        and planted.unsupported.sum() == planted.case.support.beyond
    )
    (finding,) = [f for f in planted.findings if f.code == "unsupported"]
    assert finding.severity in ("warning", "critical") and finding.action == "defer" and finding.n == 2000
    assert finding.limit == pytest.approx(planted.case.support.expected * 0.99 + 0.01)
    assert finding.value > max(finding.limit, finding.noise) and finding.noise > 0.01
    assert set(finding.rows.ids) == set(np.flatnonzero(planted.unsupported))
    assert planted.verdict.split()[0] == "No." and "of serve rows are unsupported" in planted.verdict


def test_planted_rows_are_listed_and_how_many_more_is_said():
    train, serve = normal(6000, 5, 7), normal(6000, 5, 8)
    serve.iloc[:600] += 3.0
    result = found(train, serve, sample=500)
    hit = result.unsupported[6000:]
    assert hit[:600].mean() > 0.9 and hit[600:].sum() < 2 * result.case.support.chance_rows
    (finding,) = [f for f in result.findings if f.code == "unsupported"]
    chance = result.case.support.chance_rows
    assert f"Of these {hit.sum()}, about {chance} are there by chance." in finding.suggestion
    assert len(finding.rows) == hit.sum()
    first = np.argsort(result.support_p[6000:], kind="stable")[: result.case.surest]
    assert (first >= 600).mean() <= 0.03, "hardly any of the first ones is chance"


def test_a_few_far_rows_come_first_though_their_share_is_not_beyond_the_noise():
    train, serve = normal(8_000, 2, 7), normal(2_000, 2, 8)
    serve.iloc[:12] += 30.0
    result = found(train, serve, sample=500, level=0.05)
    assert result.case.by_support in ("yes", "nearly") and "unsupported" not in codes(result)
    first = np.flatnonzero(result.unsupported)
    first = first[np.argsort(result.support_p[first], kind="stable")][: result.case.surest]
    assert sorted(first.tolist()) == list(range(8_000, 8_012))


@pytest.mark.parametrize("level", [0.01, 0.05])
@pytest.mark.parametrize("shift", [0.0, 0.3, 3.0])
def test_an_unsupported_row_is_the_same_everywhere(shift, level):
    """One definition: a serve row with a support p-value of at most the level; never a train row."""
    result = found(normal(900, 3), normal(700, 3, 1) + shift, level=level)
    rows = result.rows()
    by_row = (rows["part"] == "serve") & (rows["support_p"] <= result.settings.level)
    assert by_row.tolist() == result.unsupported.tolist()
    count = int(by_row.sum())
    value = result.frame().set_index("measure").loc["unsupported_share", "value"]
    assert result.summary["unsupported_rows"] == count == result.case.support.beyond
    assert value == result.case.support.share == pytest.approx(count / 700)
    for finding in (f for f in result.findings if f.code == "unsupported"):
        assert len(finding.rows) == count and finding.value == value and f"{count} of 700" in finding.title
    assert not result.unsupported[~result.serve].any()


def case(auc=0.5, p=1.0, unsupported=10, covered=0.969, effective=1000):
    """A case of 1,000 rows each; 10 serve rows are expected to be unsupported."""
    area = Area(auc, auc - 0.02, auc + 0.02, 0.0, p, 0.02, 1000)
    low = {"p": 1.0, "z": 0.0} if covered > 0.95 else {"p": 0.005, "z": (covered - 0.969) / 0.006}
    return Case(
        domain=Domain({"linear": area, "boosted": area}, "linear", p, np.zeros(0), ()),
        coverage=Permuted(covered, 0.969, 0.006, low["p"], 0.955),
        support=Unsupported(unsupported, 1000, 999, 0.01, 0.004, 0.025, 1.0 if unsupported < 25 else 1e-4),
        unsupported=RowSet(range(1000, 1000 + unsupported)),
        surest=0,
        effective=effective,
        train=1000,
        serve=1000,
        sample=1000,
        level=0.01,
        separating=(),
        by_time=(),
        by_name=(),
        strongest=None,
        measured=(),
        judged=(),
        left_out=False,
        lacked=(),
        copies=0,
    )


def test_a_measure_of_images_that_separates_the_parts_is_a_finding_where_issues_cannot_say_it():
    """Issues judges train and serve by a measure where both have enough images."""
    pairs = (("image_width", 0.99), ("month", 0.98))
    alone = replace(case(), separating=(("length", 0.97),), by_time=("year",), lacked=("late",))
    assert replace(alone, left_out=True).without == ("length", "year", "late")
    assert replace(alone, left_out=False).without == ("late",)
    unsaid = replace(case(), separating=pairs, measured=("image_width",))
    image, month = findings(unsaid)
    assert (image.columns, image.action, image.fix) == (("image_width",), "", "") and month.action == "omit"
    assert "Look at the images" in image.suggestion and "drop it" in month.suggestion
    assert [f.columns for f in findings(replace(unsaid, judged=("image_width", "image_bytes")))] == [
        ("month",)
    ]


ANSWER_OF = [
    ({}, "yes"),
    ({"auc": 0.53, "p": 1e-6}, "nearly"),
    ({"auc": 0.62, "p": 1e-6, "effective": 900}, "mostly"),
    ({"auc": 0.62, "p": 0.2, "effective": 900}, "yes"),
    ({"auc": 0.83, "p": 1e-9, "effective": 900}, "partly"),
    ({"auc": 0.96, "p": 1e-9, "effective": 900}, "no"),
    ({"unsupported": 40}, "mostly"),
    ({"unsupported": 150}, "no"),
    ({"auc": 0.53, "p": 1e-6, "covered": 0.85}, "mostly"),
    ({"auc": 0.53, "p": 1e-6, "covered": 0.70}, "partly"),
    ({"auc": 0.53, "p": 1e-6, "covered": 0.15}, "no"),
    ({"covered": 0.15}, "no"),
    ({"auc": 0.53, "p": 1e-6, "effective": 400}, "mostly"),
    ({"auc": 0.53, "p": 1e-6, "effective": 200}, "partly"),
    ({"auc": 0.53, "p": 1e-6, "effective": 80}, "no"),
    ({"effective": 80}, "yes"),
    ({"auc": 0.999, "p": 1e-9, "covered": 0.15, "effective": 16}, "no"),
]


@pytest.mark.parametrize(("given", "answer"), ANSWER_OF)
def test_the_verdict_is_the_worst_of_the_measures(given, answer):
    one = case(**given)
    assert one.answer == answer and verdict(one).startswith(f"{answer.capitalize()}. ")
    for name, value in given.items():  # no measure can be made better by another one
        if name not in ("p", "effective"):
            alone = case(**{name: value, "p": given.get("p", 1.0)})
            assert ANSWERS.index(one.answer) >= ANSWERS.index(alone.answer)


def test_every_combination_is_at_least_as_bad_as_its_worst_measure():
    for auc in (0.5, 0.53, 0.62, 0.83, 0.999):
        for unsupported in (10, 40, 150):
            for covered in (0.969, 0.85, 0.7, 0.15):
                for effective in (1000, 400, 200, 32):
                    one = case(auc, 1e-9 if auc > 0.5 else 1.0, unsupported, covered, effective)
                    measures = [one.by_auc, one.by_support, one.by_coverage, one.by_weight]
                    assert ANSWERS.index(one.answer) == max(map(ANSWERS.index, measures))
                    said = verdict(one)
                    assert ("effective sample size is" in said) == (one.answer != "yes")
                    if "no" in measures:
                        assert said.startswith("No. ") and one.degree == "severe"
                    if one.answer == "yes":
                        assert measures == ["yes"] * 4


def every_case():
    for auc, p in ((0.5, 1.0), (0.53, 1e-9), (0.62, 1e-9), (0.83, 1e-9), (0.96, 1e-9), (0.96, 0.2)):
        for unsupported in (10, 40, 150):
            for covered in (0.969, 0.85, 0.7, 0.15):
                for effective in (1000, 400, 200, 80):
                    yield case(auc, p, unsupported, covered, effective)


def test_a_no_has_a_critical_finding_and_nothing_else_has_one():
    answers = set()
    for one in every_case():
        severities = {finding.severity for finding in findings(one)}
        assert ("critical" in severities) == (one.answer == "no"), one
        assert bool(severities) == (one.answer in ("mostly", "partly", "no")), one
        assert one.answer != "partly" or severities & {"warning"}, one
        answers.add(one.answer)
    assert answers == set(ANSWERS)


def test_the_first_sentence_of_the_verdict_names_what_decided_and_no_other_measure():
    words = {
        "by_auc": "(AUC ",
        "by_support": "of serve rows are unsupported",
        "by_coverage": "rain covers",
        "by_weight": "eweighted, ",
    }
    for one in (one for one in every_case() if one.answer != "yes"):
        _, first, *rest = verdict(one).split(". ")
        for measure, said in words.items():
            decides = getattr(one, measure) == one.answer
            assert (said in first) == decides, (verdict(one), measure)
            beyond = getattr(one, measure) != "yes" or measure == "by_auc"
            assert (said in " ".join(rest)) == (beyond and not decides), (verdict(one), measure)


def test_coverage_alone_is_not_blamed_on_the_classifier():
    """15% of serve covered, while the AUC lies within its noise, and while it differs moderately."""
    (finding,) = findings(case(covered=0.15, effective=900))
    assert (finding.code, finding.severity) == ("low_coverage", "critical")
    assert finding.title == (
        "Train covers 15% of serve (96.9% expected): the other serve rows have no train row in their "
        "neighbourhood"
    )
    assert (finding.value, finding.score, finding.n) == (0.85, 0.85, 1000)
    assert finding.value > finding.limit == pytest.approx(0.231) and finding.noise == pytest.approx(0.045)
    assert verdict(case(covered=0.15, effective=900)) == (
        "No. Train covers 15% of serve (96.9% expected). A model cannot distinguish serve from train "
        "(AUC 0.500, noise floor 0.552); reweighted, the effective sample size is 900 of 1,000."
    )
    moderate = case(auc=0.62, p=1e-9, covered=0.15, effective=900)
    (graded,) = (f for f in findings(moderate) if f.code == "low_coverage")
    assert graded.value > graded.limit == pytest.approx(0.081), "another test shows the difference"
    assert [(f.code, f.severity) for f in findings(moderate)] == [
        ("low_coverage", "critical"),
        ("parts_differ", "info"),
    ]
    assert verdict(moderate).startswith(
        "No. Train covers 15% of serve (96.9% expected). Serving data differ moderately "
        "(AUC 0.620); reweighted, "
    )


def test_where_no_column_separates_alone_the_verdict_says_which_do_together():
    """ "AUC .64" stood above "No single column shifted", and no column was named."""
    draw = np.random.default_rng(4)
    train, serve = (pd.DataFrame(draw.normal(size=(1_500, 4)), columns=list("abcd")) for _ in range(2))
    serve["b"] = np.abs(serve["b"]) * np.sign(serve["a"] * serve["c"])
    both = run("overlap", load(train, serve=serve, name="together"))
    assert set(both.case.jointly) == set("abc")
    assert (
        f"(AUC {score(both.summary['auc'])})" in both.verdict
        and both.summary["auc"] != both.case.domain.area.value
    )
    assert re.search(
        r"differ (moderately|clearly) \(AUC 0\.\d{3}\) in several columns together, most in '[abc]', '[abc]' "
        r"and '[abc]' \(no column differs on its own\)",
        both.verdict,
    )
    (finding,) = (one for one in both.findings if one.code == "parts_differ")
    assert "No column does so alone" in finding.suggestion and "See which columns" not in finding.suggestion
    alone = serve.assign(a=serve["a"] + 1.5)
    one = run("overlap", load(train, serve=alone, name="alone"))
    assert one.case.jointly == () and "several columns together" not in one.verdict
    (finding,) = (one for one in one.findings if one.code == "parts_differ")
    assert finding.suggestion.startswith("See which columns shifted.")


def test_a_single_column_that_shifted_is_not_several_together():
    """The AUC of the model was .71 and that of 'main' .68, with .70 between: that was "in several columns
    together", beside a column that Shift warns about.
    """
    draw = np.random.default_rng(0)
    columns = ["main", "b", "c", "d"]
    train, serve = (pd.DataFrame(draw.normal(size=(1_500, 4)), columns=columns) for _ in range(2))
    serve += [0.68, 0.2, 0.0, 0.0]
    one = run("overlap", load(train, serve=serve, name="single"))
    name, alone = one.case.strongest
    assert name == "main" and alone == one.case.nearest.value > 0.65
    assert one.case.domain.area.low < one.case.nearest.high, "no more than noise between the two"
    # as if the model's AUC had just passed the limit, and the column had not
    lifted = one.case.domain.area._replace(value=0.705)
    near = replace(
        one.case,
        strongest=("main", 0.695),
        nearest=one.case.nearest._replace(value=0.695),
        domain=replace(one.case.domain, areas={one.case.domain.best: lifted}),
        leading=("main", "b"),
    )
    for single in (one.case, near):
        assert single.jointly == () and "several columns together" not in verdict(single)
        (finding,) = (each for each in findings(single) if each.code == "parts_differ")
        assert finding.suggestion.startswith("See which columns shifted. ")


def test_where_a_column_shifted_and_several_together_did_more_both_are_said():
    area = Area(0.83, 0.81, 0.85, 20.0, 1e-9, 0.016, 3000)
    alone = Area(0.62, 0.60, 0.64, 10.0, 1e-9, 0.01, 6000)
    both = replace(
        case(),
        domain=Domain({"linear": area}, "linear", 1e-9, np.zeros(0), ()),
        strongest=("a", 0.62),
        nearest=alone,
        leading=("a", "b"),
    )
    assert "in several columns together, most in 'a' and 'b' (single-feature AUC at most 0.620)" in verdict(
        both
    )
    (finding,) = (each for each in findings(both) if each.code == "parts_differ")
    assert finding.suggestion.startswith(
        "See which columns shifted, in which segments the mix differs, and which relations changed. "
        "The model goes most by 'a' and 'b'."
    )
    assert replace(both, leading=("a",)).jointly == (), "one column is not several"
    many = replace(both, domain=replace(both.domain, areas={"linear": area._replace(value=0.72, low=0.71)}))
    small = replace(many, strongest=("a", 0.69), nearest=Area(0.69, 0.68, 0.7, 99.0, 1e-9, 0.001, 9**9))
    assert many.jointly and small.jointly == (), "apart for sure, and of no matter"
    unsure = replace(many, nearest=Area(0.66, 0.58, 0.74, 3.0, 1e-3, 0.05, 60))
    assert unsure.jointly == ()


def is_found(one, code, limit):
    """Whether there is such a finding; if so, with this limit, and at or above it."""
    several = [finding for finding in findings(one) if finding.code == code]
    for finding in several:
        assert finding.limit == pytest.approx(limit), code
        assert finding.value >= finding.limit - 1e-12, (code, finding.value, finding.limit)
    return bool(several)


@given(
    covered=st.integers(0, 1000).map(lambda share: share / 1000),
    mean=st.integers(800, 1000).map(lambda share: share / 1000),
    auc=st.sampled_from([0.5, 0.53, 0.62]),
    unsupported=st.sampled_from([10, 40]),
    effective=st.sampled_from([1000, 80]),
)
@example(covered=0.74, mean=0.95, auc=0.5, unsupported=10, effective=1000)
@example(covered=0.80, mean=0.95, auc=0.5, unsupported=10, effective=1000)
@example(covered=0.80, mean=0.95, auc=0.53, unsupported=10, effective=1000)
def test_low_coverage_is_found_exactly_from_its_own_limit_on(covered, mean, auc, unsupported, effective):
    """Coverage far beyond the noise; whether another test shows a difference sets the limit."""
    one = case(auc, 1e-9 if auc > 0.5 else 1.0, unsupported, effective=effective)
    one = replace(one, coverage=Permuted(covered, mean, abs(covered - mean) / 7.0, 0.005, mean - 0.01))
    other = auc > 0.5 or unsupported > 10
    limit = 1.0 - mean + (0.05 if other else 0.20)
    raised = is_found(one, "low_coverage", limit)
    assert raised == (1.0 - covered > limit) or abs(1.0 - covered - limit) < 1e-9
    within = replace(one, coverage=one.coverage._replace(spread=1.0, p=0.5))
    assert not is_found(within, "low_coverage", limit), "within the noise there is none"


@given(
    auc=st.integers(500, 1000).map(lambda area: area / 1000),
    unsupported=st.integers(0, 1000),
    expected=st.sampled_from([0.01, 0.05, 0.2]),
    effective=st.integers(1, 1000),
)
@example(auc=0.53, unsupported=208, expected=0.2, effective=500)
@example(auc=0.55, unsupported=20, expected=0.01, effective=1000)
def test_every_other_finding_is_found_exactly_from_its_own_limit_on(auc, unsupported, expected, effective):
    """All tests are beyond the noise."""
    one = case(auc, 1e-9, unsupported, effective=effective)
    one = replace(one, support=one.support._replace(expected=expected, noise_floor=0.0, p=1e-9))
    for code, value, limit, alone in (
        ("unsupported", unsupported / 1000, expected + 0.01 * (1.0 - expected), True),
        ("parts_differ", auc, 0.55, True),
        ("low_effective_size", 1.0 - effective / 1000, 0.5, auc < 0.55),  # else `parts_differ` says it
    ):
        raised = is_found(one, code, limit)
        assert raised == (value > limit and alone) or abs(value - limit) < 1e-9, code


def test_what_reweighting_leaves_is_told_once():
    (alone,) = findings(case(auc=0.53, p=1e-6, effective=80))
    assert (alone.code, alone.severity, alone.value) == ("low_effective_size", "critical", 0.92)
    assert alone.title == "Reweighted to look like serve, the effective sample size is 80 of 1,000 train rows"
    (both,) = findings(case(auc=0.62, p=1e-6, effective=80))
    assert (both.code, both.severity) == ("parts_differ", "critical") and "80 of 1,000" in both.title


def test_less_than_one_row_left_is_one_number_everywhere():
    """ "0 of 75" read as if nothing had been counted, and "under 1" stood beside a 0."""
    (alone,) = findings(case(auc=0.53, p=1e-6, effective=0.234))
    assert "the effective sample size is 0.23 of 1,000 train rows" in alone.title
    sizes = (0.234, 1.0, 74.6, 1e-9)
    told = [replace(case(), effective=one) for one in sizes]
    assert [one.effective_in_words for one in told] == ["0.23", "1", "75", "under 0.001"]
    assert [one.effective_rows for one in told] == [0.23, 1, 75, 1e-9]
    result = found(normal(200, 3), normal(200, 3, 1) + 9.0)
    assert 0 < result.summary["effective_rows"] == result.case.effective_rows < 1
    assert result.case.effective_in_words in alt_weights(result) + result.verdict


@pytest.mark.parametrize("auc", [0.53, 0.62])
def test_weights_are_advised_only_where_they_help(auc):
    """Prepare said to export the weights, Overlap that no weight makes up for it."""
    for effective, helps in ((0.99, False), (1.0, True)):
        (finding,) = findings(case(auc=auc, p=1e-6, effective=effective))
        assert (OUTSIDE in finding.suggestion) != helps and (reason(finding) == OUTSIDE) != helps
        assert bool(finding.action) == bool(finding.fix) == ("export them" in reason(finding)) == helps
        assert helps or "Weight train" not in finding.suggestion


def test_a_verdict_does_not_soothe():
    """AUC 0.999, 15% covered, an effective sample size of 32 of 1,948 rows."""
    one = replace(case(auc=0.999, p=1e-9, covered=0.15, effective=32), train=1948)
    assert verdict(one) == (
        "No. Serving data differ strongly (AUC 0.999); train covers 15% of serve (96.9% expected); "
        "reweighted, the effective sample size is 32 of 1,948."
    )
    differ, uncovered = findings(one)
    assert differ.severity == uncovered.severity == "critical" and uncovered.code == "low_coverage"
    assert differ.title == (
        "Serving data differ strongly (AUC 0.999); reweighted, the effective sample size is 32 of 1,948"
    )


def test_where_nothing_is_covered_no_other_rows_are_told_of():
    """ "Train covers 0% of serve: the other serve rows" stood there."""
    for covered, others in (
        (0.0, "no serve row has a train row in its neighbourhood"),
        (0.0002, "the other serve rows have no train row in their neighbourhood"),
    ):
        (finding,) = (f for f in findings(case(covered=covered)) if f.code == "low_coverage")
        assert finding.title.endswith(f"expected): {others}"), covered


def chessboard(rows, seed, odd):
    """Uniform in a cube of 4 x 4 x 4 cells, in the even or in the odd ones: no model of the parts' means,
    and hardly a tree, tells one from the other, yet each has its cells for itself.
    """
    draw = np.random.default_rng(seed)
    cell = draw.integers(0, 4, (rows, 3))
    cell[:, 2] += (cell.sum(axis=1) + odd) % 2
    cell[:, 2] %= 4
    place = cell + 0.5 + 0.3 * draw.uniform(-1, 1, (rows, 3))
    return pd.DataFrame(place, columns=list("abc"))


@pytest.mark.parametrize("seed", range(4))
def test_serve_that_train_hardly_covers_is_found(seed):
    result = found(chessboard(1500, seed, False), chessboard(1500, seed + 50, True), seed=seed)
    assert result.summary["coverage_serve"] < 0.2
    (finding,) = [f for f in result.findings if f.code == "low_coverage"]
    assert finding.severity == "critical" and result.verdict.startswith("No. ")
    assert finding.value == pytest.approx(1.0 - result.case.coverage.value)


@pytest.mark.parametrize("rows", [30, 100, 400])
def test_random_splits_are_not_called_uncovered(rows):
    """Grids and columns of few values too, where balls are empty or full by chance."""
    for seed in range(2):
        for make in (mixed, lambda n, s: normal(n, 2, s).round(), lambda n, s: normal(n, 30, s)):
            result = found(make(rows, seed), make(rows, seed + 50), seed=seed)
            assert not codes(result) & {"low_coverage", "low_effective_size"}, (rows, seed)


def test_serve_that_is_more_train_raises_nothing():
    for seed in range(4):
        result = found(mixed(600, seed), mixed(500, seed + 50), seed=seed)
        assert result.findings == () and result.summary["verdict"] in ("none", "negligible"), seed
        assert result.summary["effective_rows"] > 0.9 * 600
    table = result.frame().set_index("measure")
    assert table.loc["coverage_serve", "null"] == pytest.approx(0.969, abs=0.001) and table.loc[
        "mixing", "null"
    ] == pytest.approx(0.5, abs=0.001)
    assert (table.loc[["auc", "coverage_serve", "mixing", "unsupported_share"], "baseline"].notna()).all()


def test_rows_are_those_of_the_contract_and_train_is_uniform(planted):
    rows = planted.rows()
    assert rows.columns.tolist() == ["row", "part", "support_p", "serve_probability", "weight", "segment"]
    assert (
        rows["row"].tolist() == list(range(4000))
        and rows["part"].tolist() == ["train"] * 2000 + ["serve"] * 2000
    )
    train = rows[rows["part"] == "train"]
    assert np.abs(np.sort(train["support_p"]) - np.arange(1, 2001) / 2000).max() < 0.01
    assert rows["serve_probability"].between(0, 1).all() and rows[
        "serve_probability"
    ].mean() == pytest.approx(0.5, abs=0.03)
    assert (
        train["weight"].mean() == pytest.approx(1.0, abs=1e-4)
        and rows.loc[rows["part"] == "serve", "weight"].isna().all()
    )


def test_a_turned_correlation_is_seen_though_no_column_moved():
    draw = np.random.default_rng(3)
    both = draw.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], 3000)
    train, serve = (
        pd.DataFrame(both[:1500], columns=["a", "b"]),
        pd.DataFrame(both[1500:] * [1, -1], columns=["a", "b"]),
    )
    result = found(train, serve)
    assert result.summary["verdict"] == "severe" and result.measures[0].z > 10 and max(result.single) < 0.56
    assert result.case.domain.best == "boosted" and "parts_differ" in codes(result)


def test_weights_bring_the_mean_of_train_to_that_of_serve():
    train, serve = normal(3000, 3), normal(1500, 3, 1)
    serve["c1"] += 0.5
    rows = found(train, serve).rows()
    weight = rows["weight"][:3000].to_numpy()
    assert np.average(train["c1"], weights=weight) == pytest.approx(0.5, abs=0.12)
    assert abs(np.average(train["c0"], weights=weight)) < 0.1
    hit = rows["serve_probability"].to_numpy()
    for low, high in ((0.1, 0.3), (0.3, 0.5), (0.5, 0.7)):  # calibrated in the true mix of the parts, 1 to 2
        some = (hit > low) & (hit <= high)
        assert (rows["part"][some] == "serve").mean() == pytest.approx(hit[some].mean(), abs=0.08)


def test_a_column_that_gives_the_parts_away_is_named_and_left_out():
    train, serve = (
        normal(800).assign(batch=np.arange(800.0)),
        normal(800, seed=1).assign(batch=np.arange(800.0, 1600.0)),
    )
    result = found(train, serve)
    (finding,) = result.findings
    assert (
        finding.code == "gives_away"
        and finding.columns == ("batch",)
        and finding.action == "omit"
        and "batch" in finding.fix
    )
    assert result.summary["auc"] < 0.56 and result.frame().set_index("measure").loc["auc_all", "value"] > 0.99
    said = "No. 'batch' alone separates train from serve (AUC 1.000); without it a model cannot distinguish "
    assert result.verdict.startswith(said) and "batch" not in result.names
    assert finding.severity == "critical" and result.summary["verdict"] == "severe"
    assert result.separating == ("batch",)
    whole = found(train, serve, leave_out=False)
    assert whole.summary["auc"] > 0.99 and whole.summary["effective_rows"] < 80, (
        "train is worth nothing for a serve that it never meets"
    )


@pytest.mark.parametrize("gaps", [0.0, 0.6])
def test_a_column_that_one_part_lacks_is_one_finding_and_no_difference_of_its_rows(gaps: float) -> None:
    """With many gaps it does not reach the limit of a column that separates; it is left out all the same."""
    train, serve = normal(800), normal(600, seed=1)
    serve.iloc[:120] = train.iloc[100:220].to_numpy()
    shared = OverlapSettings()
    plain = overlap(load(train, serve=serve, name="plain"), shared, Progress())
    draw = np.random.default_rng(2)
    known = draw.random(800) >= gaps
    train = train.assign(late=np.where(known, draw.normal(size=800), np.nan))
    data = load(train, serve=serve.assign(fresh=draw.choice(list("ab"), 600)), name=f"lopsided{gaps}")
    result = overlap(data, shared, Progress())
    assert result.lacked == ("late", "fresh") and not codes(result) and not result.summary["gives_away"]
    assert "This leaves out 'late' and 'fresh', each of which only one of the two has." in result.verdict
    assert "Left out, as only one of train and serve has them: 'late' and 'fresh'." in result.notes
    assert result.summary["copies"] == 120, "no row of serve has what train alone records"
    assert result.summary["auc"] == plain.summary["auc"] and np.array_equal(result.support_p, plain.support_p)
    told = [one for name in ("shift", "overlap") for one in run(name, data, {}).findings]
    assert [(one.code, *one.columns) for one in told] == [
        ("missing_in_serve", "late"),
        ("new_in_serve", "fresh"),
    ]
    assert not any({"late", "fresh"} & {*one} for one in regions(data).columns)
    assert {*separating_columns(data, ["late", "c0", "fresh"])} == {"late", "fresh"}
    with_it = overlap(data, OverlapSettings(leave_out=False), Progress())
    assert with_it.summary["auc"] > 0.9 and "gives_away" not in codes(with_it) and "late" in with_it.names


@pytest.mark.parametrize("name", ["overlap", "segments", "projection"])
def test_what_is_left_out_is_told_with_its_own_reason(name: str) -> None:
    train, serve = normal(300), normal(300, seed=1)
    train = train.assign(year=2015, late=np.arange(300.0))
    data = load(train, serve=serve.assign(year=2018), name="reasons")
    settings = {"method": "pca"} if name == "projection" else {}
    notes = run(name, data, settings).notes
    assert "Left out, as the data are split by this time: 'year'." in notes
    assert "Left out, as only one of train and serve has it: 'late'." in notes
    late = normal(300).assign(late=1.5 * np.arange(300))
    alone = load(late, serve=normal(300, seed=1), name="alone")
    notes = run(name, alone, settings).notes
    assert "Left out, as only one of train and serve has it: 'late'." in notes
    assert not [note for note in notes if "separates train from serve on its own" in note]
    assert not [note for note in notes if "that separate the parts among" in note]


def bridges(rows: int, seed: int, unit: float = 1.0, first: int = 1) -> pd.DataFrame:
    """A number, a length in a unit, an age, a material, and a condition that the first two make."""
    draw = np.random.default_rng(seed)
    length, age = draw.gamma(9, 40, rows), draw.integers(2, 70, rows).astype(float)
    made = age / 20 - length / 400 + draw.normal(0, 0.6, rows)
    return pd.DataFrame(
        {
            "number": first + 1.5 * np.arange(rows),
            "length": (length * unit).round(1),
            "age": age,
            "material": draw.choice(["steel", "wood", "brick"], rows),
            "condition": np.where(made > 2, "poor", np.where(made > 1, "fair", "good")),
        }
    )


def test_a_change_of_unit_is_no_yes_whatever_the_target_is() -> None:
    """The same columns are left out with and without one, and the verdict is the worst of both."""
    train, serve = bridges(800, 0), bridges(300, 1, 0.3048).drop(columns="number")
    train = train.drop(columns="number")
    for target in ("condition", None):
        result = overlap(load(train, serve=serve, name="unit", target=target), OverlapSettings(), Progress())
        assert result.separating == ("length",) and result.summary["answer"] == "no"
        assert result.verdict.startswith("No. 'length' alone separates train from serve (AUC 0.9")
        assert "; without it a model cannot distinguish serve from train (AUC 0." in result.verdict
        assert [(f.code, f.severity) for f in result.findings] == [("gives_away", "critical")]
    drawn = load(train, serve=bridges(300, 1).drop(columns="number"), name="same", target="condition")
    assert overlap(drawn, OverlapSettings(), Progress()).verdict.startswith("Yes. ")


def test_no_number_depends_on_a_column_that_is_left_out() -> None:
    """Neither on one that separates the parts, nor one that does not vary, is the target or of one part."""
    train, serve = bridges(500, 2).assign(unit="ft"), bridges(300, 3, 0.3048, 5_000).assign(unit="ft")
    train = train.assign(late=1.5 * np.arange(500))

    def of(*without: str, target: str | None = "condition") -> Any:
        parts = (frame.drop(columns=[*without], errors="ignore") for frame in (train, serve))
        data = load(next(parts), serve=next(parts), name="of" + "".join(without), target=target)
        return overlap(data, OverlapSettings(), Progress())

    plain = of()
    assert plain.separating == ("number", "length") and plain.lacked == ("late",)
    for without in (("number",), ("length",), ("number", "length"), ("unit",), ("late",)):
        other = of(*without)
        assert other.names == plain.names
        lines = [result.frame().set_index("measure") for result in (plain, other)]
        same = [name for name in lines[0].index if not name.endswith("_all")]
        assert lines[0].loc[same].drop(columns="what").equals(lines[1].loc[same].drop(columns="what"))
        for name in ("support_p", "serve_probability", "weight", "segment"):
            assert np.array_equal(getattr(plain, name), getattr(other, name), equal_nan=True), (without, name)
    assert of("condition", target=None).summary["auc"] == plain.summary["auc"]
    known = {
        one: own_area(load(train[[one, *rest]], serve=serve[[one, *rest]], name="own"), one)
        for one in ("length", "age")
        for rest in (["material"],)
    }
    every = load(train, serve=serve, name="every")
    assert all(own_area(every, one) == area for one, area in known.items())


def test_a_time_by_which_the_data_are_split_is_no_column_to_be_mended() -> None:
    """Shift says it, as a note; the verdict names it and does not count it."""
    train = normal(400).assign(year=np.repeat([2011.0, 2012.0], 200), run=np.arange(400.0))
    serve = normal(300, seed=1).assign(year=np.repeat([2012.0, 2013.0], 150), run=np.arange(400.0, 700.0))
    data = load(train, serve=serve, name="years")
    result = overlap(data, OverlapSettings(), Progress())
    assert result.separating == ("run", "year"), "years meet in 2012, so their own area is below the limit"
    assert [(f.code, *f.columns) for f in result.findings] == [("gives_away", "run")]
    assert result.verdict.endswith("This leaves out 'year', by which the data are split in time.")
    assert [(f.code, f.severity) for f in run("shift", data, {}).findings if f.columns == ("year",)] == [
        ("split_by_time", "info")
    ]
    timed = overlap(
        load(train.drop(columns="run"), serve=serve.drop(columns="run"), name="t"),
        OverlapSettings(),
        Progress(),
    )
    assert timed.verdict.startswith("Yes. ") and not timed.findings and timed.separating == ("year",)
    named = [normal(300, seed=at).assign(source=word) for at, word in enumerate(("old", "new"))]
    by_name = found(*named)
    assert by_name.verdict.startswith("Yes. ") and not by_name.findings
    assert by_name.verdict.endswith("This leaves out 'source', which names the part.")


@pytest.mark.parametrize("jump", [30.0, 1_000.0, -30.0])
@pytest.mark.parametrize("name", ["price_per_month", "month", "hours_per_week", "year"])
def test_an_amount_that_jumps_is_no_split_in_time(name: str, jump: float) -> None:
    """It was left out and not counted where it jumped upwards ("Yes"), be it by its name or its values."""
    train = normal(300).assign(**{name: np.random.default_rng(2).normal(10, 1, 300)})
    serve = normal(150, seed=1).assign(**{name: np.random.default_rng(3).normal(jump, 1, 150)})
    result = found(train, serve)
    assert result.verdict.startswith(f"No. '{name}' alone separates train from serve")
    assert [(f.code, f.severity, *f.columns) for f in result.findings] == [("gives_away", "critical", name)]
    codes_of = {f.code for f in run("shift", dataset(train, serve=serve), {}).findings}
    assert "moved" in codes_of and "split_by_time" not in codes_of


def whole(low: int, high: int) -> Any:
    return np.random.default_rng(low).integers(low, high + 1, 300).astype(float)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("charge_month", (1, 6), (7, 12)),
        ("kwh_day", (1, 15), (16, 31)),
        ("hours_per_week", (20, 30), (31, 50)),
        ("income_year", (1_900, 1_999), (2_000, 2_100)),
        ("updated_price", (1_900, 1_999), (2_000, 2_100)),
        ("month", (1, 6), (7, 40)),
        ("year", (1, 900), (1_000, 40_000)),
        ("date", (10, 60), (70, 90)),
    ],
)
def test_whole_numbers_are_times_by_name_and_value(
    name: str, before: tuple[int, int], after: tuple[int, int]
) -> None:
    train, serve = normal(300).assign(**{name: whole(*before)}), normal(300, seed=1)
    result = found(train, serve.assign(**{name: whole(*after)}))
    assert result.summary["answer"] == "no" and "gives_away" in codes(result)
    role = found(train, serve.assign(**{name: whole(*after)}), roles={"time": name})
    assert "by which the data are split in time" in role.verdict, "who says that it is a time is believed"


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("year", (1_950, 1_999), (2_000, 2_020)),
        ("Month", (1, 6), (7, 12)),
        ("day", (1, 15), (16, 31)),
        ("week_of_year", (1, 20), (21, 53)),
        ("hour", (0, 11), (12, 23)),
        ("year_month", (201_901, 201_912), (202_001, 202_012)),
        ("order_date", (20_190_101, 20_190_131), (20_200_101, 20_200_131)),
        ("created_at", (1_300_000_000, 1_310_000_000), (1_320_000_000, 1_330_000_000)),
        ("timestamp_ms", (1_300_000_000_000, 1_310_000_000_000), (1_320_000_000_000, 1_330_000_000_000)),
    ],
)
def test_times_as_whole_numbers_still_split(
    name: str, before: tuple[int, int], after: tuple[int, int]
) -> None:
    train, serve = normal(300).assign(**{name: whole(*before)}), normal(300, seed=1)
    result = found(train, serve.assign(**{name: whole(*after)}))
    assert result.verdict.startswith("Yes. ") and not result.findings
    assert f"This leaves out '{name}', by which the data are split in time." in result.verdict


@pytest.mark.parametrize(("sample", "name"), [("employment", "year"), ("flights", "month")])
def test_samples_are_split_by_time(sample: str, name: str) -> None:
    card = json.loads((samples() / sample / "sample.json").read_text())
    files = {part: samples() / sample / file for part, file in card["files"].items()}
    data = load(files["train"], serve=files["serve"], target=card.get("target"))
    assert splits_by_time(data, name)
    assert ("split_by_time", name) in [(f.code, *f.columns) for f in run("shift", data, {}).findings]


def test_a_column_that_differs_is_no_yes_where_a_model_of_all_sees_nothing() -> None:
    one = case()
    for area, answer in ((0.53, "nearly"), (0.6, "mostly"), (0.8, "partly"), (0.99, "partly")):
        by_column = replace(one, strongest=("height", area))
        assert by_column.by_auc == "yes" and by_column.answer == answer
        assert f"'height' differs {STRENGTH[answer]} on its own (single-feature AUC 0." in verdict(by_column)
        left_out = replace(one, left_out=True, separating=(("width", 0.96), ("depth", 0.99)))
        assert left_out.answer == "no" and left_out.of_the_rest == "yes"
        said = (
            "No. 'width' and 'depth' each separate train from serve on their own (AUC up to 0.990); without"
        )
        assert verdict(left_out).startswith(f"{said} them a model cannot distinguish")


def test_copies_of_train_are_counted_and_left_out():
    train, serve = normal(600), normal(600, seed=1)
    serve.iloc[:120] = train.iloc[100:220].to_numpy()
    result = found(train, serve)
    assert result.summary["copies"] == 120 and "120 serve rows equal a train row" in result.notes[-1]
    assert not codes(result), "leakage reports them"
    assert result.case.domain.area.rows == 480, "the numbers rest on the rows that are no copies"
    draw = np.random.default_rng(0)
    few = lambda: pd.DataFrame({"a": draw.integers(0, 30, 500), "b": draw.integers(0, 20, 500)})  # noqa: E731
    assert not found(few(), few()).summary["copies"], "rows that repeat within train repeat in serve, too"


@pytest.mark.parametrize(
    "frame", [mixed, lambda rows, seed=0: mixed(rows, seed)[["town", "member"]]], ids=["mixed", "levels"]
)
def test_the_order_of_rows_changes_nothing(frame):
    train, serve = frame(300), frame(200, 1)
    one, two = np.random.default_rng(0).permutation(300), np.random.default_rng(1).permutation(200)
    straight, shuffled = found(train, serve), found(train.iloc[one], serve.iloc[two])
    order = np.concatenate([one, 300 + two])
    assert straight.summary == shuffled.summary and straight.measures == shuffled.measures
    for name in ("support_p", "serve_probability", "weight"):
        np.testing.assert_allclose(getattr(shuffled, name), getattr(straight, name)[order], rtol=1e-5)


def test_a_category_that_is_new_lies_outside_and_a_rare_one_does_not():
    draw = np.random.default_rng(0)
    names = [f"t{i}" for i in range(400)]  # most of them are in one half of train only
    make = lambda: pd.DataFrame({"town": draw.choice(names, 1500), "x": draw.normal(size=1500)})  # noqa: E731
    assert found(make(), make(), seed=2).case.support.p > 0.001
    plain = lambda: pd.DataFrame({"town": draw.choice(list("ab"), 1500), "x": draw.normal(size=1500)})  # noqa: E731
    serve = plain()
    serve.loc[:299, "town"] = "nowhere"
    assert found(plain(), serve).case.support.share > 0.15


def test_large_parts_are_sampled_and_every_row_is_placed():
    train, serve = normal(3000), normal(900, seed=1)
    serve.iloc[:90] += 5.0
    result = found(train, serve, sample=300)
    assert (
        result.case.domain.area.rows == 300
        and "300 random rows" in result.notes[0]
        and result.unsupported[3000:3090].mean() > 0.9
    )
    assert not np.isnan(result.support_p).any() and not np.isnan(result.serve_probability).any()


def test_without_two_parts_it_is_skipped_with_what_to_do():
    alone = ANALYSIS.function(dataset(mixed(50)), OverlapSettings(), Progress())
    assert (
        "needs train and serve" in str(alone.status)
        and alone.rows() is None
        and alone.findings == ()
        and alone.frame().empty
    )
    few = found(mixed(50), mixed(5))
    assert "at least 20 rows" in few.status.reason and few.summary["serve_rows"] == 5
    same = found(mixed(30).assign(c0=1.0)[["c0"]], mixed(30).assign(c0=1.0)[["c0"]])
    assert "varies" in same.status.reason
    parted = dataset(mixed(300), split=PartSplit("value", column="town", value="a"))
    assert "town" not in ANALYSIS.function(parted, OverlapSettings(), Progress()).names


@pytest.mark.parametrize("extra", [0, 6])
def test_another_dependence_is_no_yes_though_no_column_shifts(extra):
    """Train x = y, serve x = -y: each column by itself is as it was, only both together are not."""

    def part(sign, rows, seed):
        draw = np.random.default_rng(seed)
        x = draw.normal(size=rows)
        others = {f"z{at}": draw.normal(size=rows) for at in range(extra)}
        return pd.DataFrame({"x": x, "y": sign * x + 0.3 * draw.normal(size=rows), **others})

    for seed in range(3):
        changed = found(part(1, 800, seed), part(-1, 800, seed + 50))
        assert changed.case.strongest is None and changed.case.answer in ("partly", "no"), seed
        assert not changed.verdict.startswith("Yes") and "parts_differ" in codes(changed)
    alike = [found(part(1, 800, seed), part(1, 800, seed + 50)).case.answer for seed in range(8)]
    assert sum(answer != "yes" for answer in alike) <= 1, "a false alarm in a hundred, of each measure"


def test_few_rows_give_numbers_and_hardly_ever_an_alarm():
    results = [found(mixed(rows, seed), mixed(rows, seed + 50)) for rows in (20, 40) for seed in range(4)]
    assert sum(result.findings != () for result in results) <= 1
    assert all(str(result.status) == "ok" for result in results)


def test_where_too_few_train_rows_judge_no_share_of_unsupported_rows_is_given():
    """The tile said "0 rows, 0%, 0% expected", as if serve rows were supported."""
    for rows, judges in ((40, 20), (196, 98), (198, 99)):
        result = found(mixed(rows, 1), mixed(60, 2))
        measure = result.frame().set_index("measure").loc["unsupported_share"]
        why = f"cannot be said: {judges} train rows judge them, and it takes 99."
        if judges < 99:
            assert measure[["value", "low", "high", "null", "chance"]].isna().all()
            assert why in " ".join(result.notes) and "unsupported_share" not in result.summary
        else:
            assert measure["null"] == pytest.approx(0.01) and result.summary["unsupported_chance"] == 0.01
            assert "cannot be said" not in " ".join(result.notes)


def test_progress_rises_and_the_work_can_be_stopped():
    seen = []
    found(mixed(200), mixed(200, 1), Progress(lambda fraction, note: seen.append(fraction)))
    assert seen == sorted(seen) and seen[-1] == 1.0 and len(set(seen)) > 5
    heard = []
    with pytest.raises(Cancelled):
        found(
            mixed(200),
            mixed(200, 1),
            Progress(lambda fraction, note: heard.append(fraction), lambda: len(heard) > 20),
        )
    assert len(heard) == 21


def test_it_stops_at_once_wherever_it_is():
    train, serve = mixed(300), mixed(300, 1)
    checks = [0]

    def work(last):
        def stop():
            checks[0] += 1
            return checks[0] >= last

        checks[0] = 0
        return found(train, serve, Progress(stop=stop))

    work(10**9)
    total = checks[0]
    assert total > 450  # between columns, folds, blocks of rows and deals of labels
    for last in (total // 7, total // 2, total):
        with pytest.raises(Cancelled):
            work(last)
        # each of the dozen pieces that work side by side, begun or queued, stops at its own next look
        assert last <= checks[0] < last + 20


def test_the_result_travels_and_is_drawn(planted):
    again = pickle.loads(pickle.dumps(planted))
    pd.testing.assert_frame_equal(again.rows(), planted.rows())
    assert again.verdict == planted.verdict and planted.columns()["column"].isin(planted.names).all()
    dots = overlap_dots(planted)
    assert list(dots.data[1].x) == pytest.approx([measure.value for measure in planted.measures[:5]])
    bars = support_bars(planted)
    counts = [int(told.split(" ")[0].replace(",", "")) for told in bars.data[0].customdata]
    assert sum(counts) == 2000 and bars.data[0].y[0] > 0.1
    assert sum(weight_bars(planted).data[0].y) == 2000
    weight = np.where(np.arange(planted.weight.size) == int(np.argmin(planted.serve)), np.nan, planted.weight)
    weight[np.flatnonzero(~planted.serve)[-1]] = 9.0
    unread = weight_bars(replace(planted, weight=weight.astype(np.float32))).data[0]
    assert sum(unread.y) == 1999 and max(unread.x) > 8.5, "a row without a weight hides no other"
    colours = [figure.data[0].marker.color for figure in (bars, weight_bars(planted))]
    assert colours == [SERVE, TRAIN]


@pytest.mark.parametrize(
    ("area", "text"), [(0.83217, "0.832"), (0.9999, "0.9999"), (0.99998, "0.99998"), (1.0, "1.000")]
)
def test_an_auc_has_the_same_digits_in_sentences_and_in_the_summary(area: float, text: str) -> None:
    """It was .9999 in one place, .99998 in another, and 1.000 in a third."""
    one = case(auc=area, p=1e-9)
    assert f"(AUC {text})" in verdict(one)
    assert any(f"(AUC {text})" in found.title for found in findings(one))
