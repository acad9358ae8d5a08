"""Labels: planted errors are found, clean ones are left alone, and what cannot be judged is said."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.analyses.labels.analysis import LabelSettings, _small_in_words, _tiers, labels
from core.analyses.labels.expected import ExpectedErrors, Noise, _markedness, noise_of, repeats
from core.analyses.labels.findings import _expected, unbounded
from core.analyses.labels.result import LabelResult
from core.dataset import Dataset
from core.errors import SettingError, TooSmallError
from core.outcomes import attempt
from core.prepare.evidence import class_evidence
from core.progress import SILENT
from tests.make import dataset

WORDS = np.array(["ash", "birch", "cedar"])


def blobs(rows: int = 300, apart: float = 4.0, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Three classes, as far apart as said, and a level that goes with them."""
    draw = np.random.default_rng(seed)
    true = np.arange(rows) % 3
    frame = pd.DataFrame(draw.normal(size=(rows, 4)), columns=list("abcd"))
    frame["a"] += apart * (true == 1)
    frame["b"] += apart * (true == 2)
    frame["soil"] = np.where(draw.random(rows) < 0.7, np.array(["x", "y", "z"])[true], "w")
    return frame, true


def spoiled(true: np.ndarray, errors: int, seed: int = 0) -> np.ndarray:
    draw = np.random.default_rng(seed)
    given, rows = true.copy(), draw.choice(true.size, errors, replace=False)
    given[rows] = (true[rows] + draw.integers(1, 3, errors)) % 3
    return given


def judged(frame: pd.DataFrame, given: np.ndarray, **settings: object) -> LabelResult:
    data = dataset(frame.assign(tree=WORDS[given]), target="tree")
    return labels(data, LabelSettings.of({"target": "tree", **settings}), SILENT)


def test_agreement_is_worth_little_where_a_column_gives_the_target_away() -> None:
    frame, true = blobs(150, apart=1.5)
    given = spoiled(true, 15)
    away = judged(frame.assign(code=np.array(["p", "q", "r"])[given]), given)
    assert away.repeated and not away.findings
    [note] = [one for one in away.notes if "leakage" in one]
    assert note.startswith("The models agree with all 150 labels.") and "goes unseen" in note


def test_to_name_the_common_class_is_no_agreement() -> None:
    given = (np.arange(600) % 100 == 0).astype(np.int32)  # right in 99%
    sure = np.tile(np.float32([[0.99, 0.01]]), (600, 1))
    assert not repeats(given, sure)
    assert repeats(given, np.float32([[0.9, 0.1], [0.1, 0.9]])[given])


def test_planted_errors_are_likely_and_come_first_with_the_right_label_suggested() -> None:
    frame, true = blobs()
    given = spoiled(true, 30)
    wrong = given != true
    result = judged(frame, given)
    table = result.rows()
    assert table.columns.tolist() == ["row", "given", "score", "tier", "flagged", "suggested", "suggested_p"]
    assert wrong[result.evidence.rows[result.order[:30]]].mean() >= 0.9
    flagged = table["flagged"].to_numpy()
    assert wrong[flagged].mean() >= 0.9 and flagged[wrong].mean() >= 0.6
    assert (table.loc[flagged, "suggested"] == WORDS[true[flagged]]).mean() >= 0.9
    assert (table["tier"] == "likely").equals(table["flagged"])
    assert not result.repeated and not [note for note in result.notes if "leakage" in note]
    [finding] = [one for one in result.findings if one.code == "wrong_labels"]
    assert finding.severity == "warning" and finding.action == "defer"
    assert finding.rows.ids.tolist() == np.flatnonzero(flagged).tolist()


def test_clean_labels_are_left_alone_where_classes_are_apart_and_where_they_overlap() -> None:
    likely = rows = 0
    for seed, apart in enumerate((5.0, 5.0, 2.0, 2.0)):
        result = judged(*blobs(apart=apart, seed=seed))
        likely, rows = likely + int((result.tier == 2).sum()), rows + result.tier.size
        assert result.expected().low <= 2
    assert likely <= 0.01 * rows


def test_labels_that_nothing_predicts_are_not_called_doubtful() -> None:
    draw = np.random.default_rng(1)
    result = judged(pd.DataFrame(draw.normal(size=(300, 4)), columns=list("abcd")), draw.integers(0, 2, 300))
    assert not result.tier.any() and "do not predict 'tree'" in result.unchecked and not result.findings
    assert not any(key.startswith("expected") for key in result.summary)  # not known is not 0


def test_classes_that_overlap_are_not_taken_for_noise() -> None:
    """Two normal classes one standard deviation apart: a third of the labels is not what a model says."""
    draw = np.random.default_rng(2)
    true = draw.integers(0, 2, 2_000)
    odds = 1.0 / (1.0 + np.exp(0.5 - (draw.normal(size=2_000) + true)))
    noise = noise_of(true.astype(np.int32), np.stack([1.0 - odds, odds], axis=1).astype(np.float32))
    assert noise.total.low <= 40 and noise.total.value <= 200 < 500 <= noise.total.high
    assert (noise.chances[0] >= 0.5).mean() <= 0.01


def weak(seed: int, wrong: float = 0.0, apart: float = 0.5) -> tuple[pd.DataFrame, int]:
    """900 rows of two classes, of whose 60 columns four differ by class, by so many standard deviations; and
    how many labels were moved.
    """
    draw = np.random.default_rng(seed)
    y = draw.integers(0, 2, 900)
    frame = pd.DataFrame(draw.normal(size=(900, 60))).add_prefix("x")
    frame.iloc[:, :4] += apart * y[:, None]
    moved = draw.random(900) < wrong
    return frame.assign(y=np.where(moved, 1 - y, y).astype(str)), int(moved.sum())


@pytest.mark.parametrize("seed", range(4))
def test_right_labels_that_columns_hardly_tell_are_not_said_to_be_wrong(seed: int) -> None:
    """Of 900 right labels 148 were said to be wrong, 34 at least, in a warning."""
    result = labels(dataset(weak(seed)[0], target="y"), LabelSettings(target="y"), SILENT)
    assert round(result.expected().low) == 0
    assert {one.severity for one in result.findings} <= {"info"}


@pytest.mark.parametrize("seed", range(2))
def test_wrong_labels_of_classes_that_columns_tell_are_a_warning(seed: int) -> None:
    frame, moved = weak(seed, 0.2, 2.5)
    result = labels(dataset(frame, target="y"), LabelSettings(target="y"), SILENT)
    assert result.expected().low <= moved <= result.expected().high
    assert "warning" in {one.severity for one in result.findings if one.code == "wrong_labels"}


def overlapping(seed: int, moved: float, alike: bool = False) -> tuple[np.ndarray, np.ndarray, int]:
    """6,000 labels of two normal classes two standard deviations apart, the true probabilities of them with
    the share moved known; alike: of three classes, the first two drawn alike. And how many were moved.
    """
    draw = np.random.default_rng(seed)
    true = draw.integers(0, 3 if alike else 2, 6_000)
    at = (8.0 * (true == 2) if alike else 2.0 * true) + draw.normal(size=true.size)
    centre = np.array([0.0, 0.0, 8.0] if alike else [0.0, 2.0])
    odds = np.exp(-((at[:, None] - centre) ** 2) / 2)
    odds /= odds.sum(axis=1, keepdims=True)
    if alike:  # what models make of nothing
        odds[:, :2] *= 1.0 + np.array([0.2, -0.2]) * draw.uniform(-1, 1, (true.size, 1))
        odds /= odds.sum(axis=1, keepdims=True)
    wrong = draw.random(true.size) < moved
    given = np.where(wrong, (true + 1) % centre.size, true).astype(np.int32)
    seen = (1.0 - moved) * odds + moved * np.roll(odds, 1, axis=1)
    return given, seen.astype(np.float32), int(wrong.sum())


@pytest.mark.parametrize("seed", range(3))
def test_noise_is_told_from_classes_that_overlap(seed: int) -> None:
    """Where classes overlap the share that is off falls the surer the models are; noise stays. Of 1,200
    wrong labels among such classes nothing was known: none to 1,900.
    """
    for moved in (0.0, 0.2):
        given, seen, wrong = overlapping(seed, moved)
        noise = noise_of(given, seen)
        assert noise.total.low <= wrong <= noise.total.high
        assert (noise.total.low >= 0.3 * wrong) if moved else (round(noise.total.low) == 0 and noise.overlap)
        assert abs(noise.total.value - wrong) <= 0.04 * given.size


@pytest.mark.parametrize("seed", range(3))
def test_classes_drawn_alike_are_no_noise_beside_one_that_is_told(seed: int) -> None:
    """Half of their labels is off, however sure the models are."""
    given, seen, _ = overlapping(seed, 0.0, alike=True)
    noise = noise_of(given, seen)
    assert noise.total.high > 1_800 and round(noise.total.value) == 0


def test_rows_that_are_off_together_count_once() -> None:
    given, seen, _ = overlapping(0, 0.2)
    off = int((seen.argmax(axis=1) != given).sum())
    six, sixfold = np.repeat(given, 6), np.repeat(seen, 6, axis=0)
    alone, together, taken_apart = (
        noise_of(given, seen),
        noise_of(six, sixfold, 1 / 6),
        noise_of(six, sixfold),
    )
    assert together.total.low / 6 == pytest.approx(alone.total.low, rel=0.02)
    assert taken_apart.total.low > 1.1 * together.total.low
    assert together.total.high - 6 * off - 1 == pytest.approx(6 * (alone.total.high - off - 1))


def told(found: np.ndarray, sure: np.ndarray, off: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Labels of two classes, those of the rows that are off being the other one; and their probabilities."""
    seen = np.where((found == 0)[:, None], np.stack([sure, 1 - sure], 1), np.stack([1 - sure, sure], 1))
    return np.where(off, 1 - found, found).astype(np.int32), seen.astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_no_more_labels_are_wrong_at_least_than_the_models_disagree_with(seed: int) -> None:
    """Of 600 sure rows a fifth is off, and 1,400 unsure ones agree: 230 at least were said of 133 off."""
    draw = np.random.default_rng(seed)
    sure = np.concatenate([draw.uniform(0.97, 0.99, 600), draw.uniform(0.55, 0.65, 1_400)])
    off = np.concatenate([draw.random(600) < 0.2, np.zeros(1_400, bool)])
    total = noise_of(*told(np.arange(2_000) % 2, sure, off)).total
    assert total.low <= min(off.sum(), total.value) and total.value <= total.high <= 2_000


def test_the_better_of_two_lines_counts() -> None:
    """A tenth of 800 labels moved, all rows about as sure: by the surer half alone 26 of 40 draws show it."""
    shown = 0
    for seed in range(40):
        draw = np.random.default_rng(seed)
        found, off = draw.integers(0, 2, 800), draw.random(800) < 0.1
        shown += noise_of(*told(found, 0.9 - 0.002 * draw.random(800), off)).total.low > 0
    assert shown >= 30


def test_groups_make_it_less_sure_that_classes_are_told_apart() -> None:
    given = np.repeat(np.int32([0, 1]), 50)
    alone, together = (_markedness(given, np.roll(given, 10), 2, one) for one in (1.0, 1 / 6))
    assert (together < alone - 0.05).all()


def test_how_many_are_wrong_does_not_hang_on_the_order_of_equally_sure_rows() -> None:
    draw = np.random.default_rng(4)
    given = draw.integers(0, 3, 900).astype(np.int32)
    seen = draw.dirichlet([1, 1, 1], 900).round(1).astype(np.float32)
    order = draw.permutation(900)
    assert noise_of(given, seen).total == pytest.approx(noise_of(given[order], seen[order]).total)


def test_the_interval_of_expected_errors_covers_what_was_planted() -> None:
    covered = []
    for seed, (errors, apart) in enumerate([(0, 4.0), (15, 4.0), (60, 4.0), (60, 2.5), (100, 4.0)]):
        frame, true = blobs(apart=apart, seed=seed)
        result = judged(frame, spoiled(true, errors, seed))
        whole, likely = result.expected(), result.expected(result.tier == 2)
        covered.append(whole.low <= errors <= whole.high)
        assert whole.low <= whole.value <= whole.high and likely.value <= whole.value + 1e-6
    assert sum(covered) >= 4


def test_upper_ends_of_likely_and_possible_add_up_to_the_labels_that_the_models_disagree_with() -> None:
    """ "None to 3,530" of all, 3,442 of them doubted, stood above "none to all" of 139 and "none to 2,659" of
    3,303.
    """
    frame, true = blobs(apart=1.0)
    result = judged(frame, true)
    doubted = [result.expected(result.tier == tier) for tier in (1, 2)]
    off, whole = int((result.tier > 0).sum()), result.expected()
    assert off > 20 and round(sum(one.high for one in doubted)) == off
    assert round(whole.high) == round(off + 1.645 * (off * (1 - off / true.size)) ** 0.5 + 1)
    assert all(one.low <= one.value <= one.high for one in (*doubted, whole))


def test_where_the_interval_begins_at_none_no_number_of_errors_is_in_the_summary() -> None:
    """The page said "None to 3,530", and the report "Expected errors 546.6"."""
    frame, true = blobs(apart=1.0)
    result = judged(frame, true)
    assert unbounded(result.expected()) and "expected_errors" not in result.summary
    assert result.summary["expected_errors_low"] == round(result.expected().low, 1)
    assert result.summary["expected_errors_high"] == round(result.expected().high, 1)
    frame, true = blobs(apart=8.0)
    assert judged(frame, spoiled(true, 30)).summary["expected_errors"] > 0


def test_a_label_that_was_copied_with_its_row_does_not_vouch_for_itself() -> None:
    frame, true = blobs()
    order = np.concatenate([np.arange(300), np.repeat(np.arange(6), 8)])
    given = true.copy()
    given[:6] = (true[:6] + 1) % 3
    result = judged(frame.iloc[order].reset_index(drop=True), given[order])
    table = result.rows()
    assert (table.loc[np.isin(order, np.arange(6)), "tier"] != "").mean() >= 0.8


def test_noise_is_read_off_the_surest_rows() -> None:
    """Where a fifth of the labels is moved and the models know the class, the low end is near a fifth."""
    draw = np.random.default_rng(0)
    true = draw.integers(0, 2, 2_000)
    given = np.where(draw.random(2_000) < 0.2, 1 - true, true).astype(np.int32)
    sure = np.where(true[:, None] == [0, 1], 0.8, 0.2).astype(np.float32)
    noise = noise_of(given, sure)
    assert 0.8 * 400 <= noise.total.low <= (given != true).sum() <= noise.total.high <= 480
    assert abs(noise.chances[0].sum() - noise.total.value) < 1
    assert noise.chances[0][given != true].min() > noise.chances[0][given == true].max()


def test_a_member_that_does_not_fit_has_no_say() -> None:
    """Classes that only a tree can tell apart: the linear model's weight goes to the others."""
    draw = np.random.default_rng(0)
    frame = pd.DataFrame(draw.uniform(-1, 1, size=(600, 2)), columns=["a", "b"])
    inside = (frame["a"] * frame["b"] > 0).to_numpy().astype(int)
    evidence = class_evidence(dataset(frame.assign(tree=WORDS[inside]), target="tree"), "tree")
    share = dict(zip(evidence.members, evidence.weights, strict=True))
    assert share["linear"] < 0.01 and share["trees"] + share["neighbours"] > 0.99
    assert evidence.probabilities.sum(axis=1) == pytest.approx(1.0, abs=1e-3)


def test_probabilities_that_a_person_brought_take_the_place_of_the_models() -> None:
    frame, true = blobs(60)
    given = spoiled(true, 6)
    sure = np.where(np.arange(3)[None] == true[:, None], 0.9, 0.05)
    for names, chosen in (
        (WORDS, WORDS),
        (["p1", "p2", "p3"], ["p1", "p2", "p3"]),
        (["p_ash", "p_birch", "p_cedar"], ["p_cedar", "p_ash", "p_birch"]),
    ):
        own = frame.assign(**dict(zip(names, sure.T, strict=True)))
        result = judged(own, given, probabilities=tuple(chosen))
        assert (result.suggested == result.evidence.given).sum() == 54
        assert result.score[given != true] == pytest.approx(0.95)
        assert "did not see" in result.notes[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.drop(columns="cedar"), "2 columns of probabilities for 3 classes"),
        (lambda t: t.assign(ash=t["ash"] + 0.2), "row 0 add up to 1.2"),
        (lambda t: t.assign(ash=t["ash"].where(t.index != 7)), "row 7 do not all lie between 0 and 1"),
    ],
)
def test_probabilities_that_cannot_be_used_are_refused(change, words: str) -> None:
    frame, true = blobs(60)
    sure = pd.DataFrame(np.where(np.arange(3)[None] == true[:, None], 0.8, 0.1), columns=WORDS)
    brought = change(sure)
    with pytest.raises(SettingError, match=words):
        judged(frame.join(brought), true, probabilities=tuple(brought.columns))


def test_gaps_and_rare_classes_are_not_judged_and_counted() -> None:
    frame, true = blobs(120)
    tree = pd.Series(WORDS[true])
    tree[3], tree[10:20] = "yew", None
    data = dataset(frame.assign(tree=tree), target="tree")
    result = labels(data, LabelSettings(target="tree"), SILENT)
    table = result.rows()
    assert len(table) == 120 and result.tier.size == 109
    assert table.loc[[3, *range(10, 20)], "suggested"].isna().all()
    told = " ".join(result.notes)
    assert "1 class of 'tree' with fewer than 5 rows" in told and "10 rows without a label" in told


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (
            pd.DataFrame({"a": np.arange(40.0), "y": ["one"] * 40}),
            "^'y' has one class, 'one': there is nothing to compare. Choose another target, or load rows",
        ),
        (
            pd.DataFrame({"a": np.arange(40.0), "y": ["one"] * 37 + ["two"] * 3}),
            "fewer than two classes of 5",
        ),
        (pd.DataFrame({"a": [1.0] * 40, "y": ["one", "two"] * 20}), "No column .* varies"),
    ],
)
def test_labels_that_cannot_be_judged_are_refused_in_a_sentence(table: pd.DataFrame, words: str) -> None:
    with pytest.raises(TooSmallError, match=words):
        labels(dataset(table, target="y"), LabelSettings(target="y"), SILENT)


def test_a_target_of_numbers_is_left_to_residuals() -> None:
    data = dataset(pd.DataFrame({"a": np.arange(60.0), "y": np.arange(60.0) / 7}), target="y")
    outcome = attempt("labels", data)
    assert outcome.status.state == "ok" and "Residuals" in outcome.result.notes[0]
    assert not outcome.findings and outcome.result.summary["judged"] == 0


def test_labels_of_the_serve_part_are_not_judged() -> None:
    frame, true = blobs(150)
    table = frame.assign(tree=WORDS[true])
    data = dataset(table, serve=table.head(30), target="tree")
    result = labels(data, LabelSettings(target="tree"), SILENT)
    assert result.evidence.rows.max() == 149 and any("serve part" in note for note in result.notes)


def test_a_person_whose_labels_are_mostly_doubtful_is_named() -> None:
    frame, true = blobs()
    who = np.where(np.arange(300) < 60, "eve", "bob")
    given = np.where((who == "eve") & (np.arange(300) % 2 == 0), (true + 1) % 3, true)
    result = judged(frame.assign(who=who), given, annotator="who", columns=tuple("abcd"))
    [finding] = [one for one in result.findings if one.code == "noisy_annotator"]
    assert finding.about == "eve" and finding.value > finding.limit


def test_who_gave_a_label_does_not_tell_what_it_ought_to_be() -> None:
    """Three quarters of what one of four people said are wrong: a model that knows who spoke expects them."""
    draw = np.random.default_rng(0)
    frame = pd.DataFrame(draw.normal(size=(1_200, 3)), columns=list("abc"))
    true, who = (frame["a"] + frame["b"] > 0).to_numpy(), draw.choice(["ann", "bob", "cy", "di"], 1_200)
    wrong = (who == "bob") & (draw.random(1_200) < 0.75)
    given = WORDS[(true ^ wrong).astype(int)]
    data = dataset(frame.assign(who=who, tree=given), target="tree")
    result = labels(data, LabelSettings(annotator="who"), SILENT)
    flagged = result.rows()["flagged"].to_numpy()
    assert flagged[wrong].mean() > 0.6 and flagged[~wrong].mean() < 0.02
    alone = dataset(pd.DataFrame({"who": who, "tree": given}), target="tree")
    with pytest.raises(TooSmallError, match="alone"):
        labels(alone, LabelSettings(annotator="who"), SILENT)


def test_rows_of_a_group_do_not_vouch_for_each_other() -> None:
    """Groups of six rows that are nearly equal, a tenth of them wholly mislabelled."""
    draw = np.random.default_rng(0)
    group = np.repeat(np.arange(200), 6)
    centre = draw.normal(size=(200, 3))
    frame = pd.DataFrame(centre[group] + 0.01 * draw.normal(size=(1_200, 3)), columns=list("abc"))
    wrong = (draw.random(200) < 0.1)[group]
    given = WORDS[((centre[:, 0] > 0)[group] ^ wrong).astype(int)]
    data = dataset(frame.assign(who=[f"p{i}" for i in group], tree=given), target="tree", group="who")
    result = labels(data, LabelSettings(), SILENT)
    flagged = result.rows()["flagged"].to_numpy()
    assert flagged[wrong].mean() > 0.5 and flagged[~wrong].mean() < 0.03


def test_the_order_of_rows_does_not_matter_where_rows_repeat() -> None:
    """Of 27 kinds of row each stands there dozens of times, with both labels."""
    draw = np.random.default_rng(0)
    frame = pd.DataFrame({one: draw.choice(list("pqr"), 600) for one in "abc"})
    frame["tree"] = WORDS[((frame["a"] == "p") ^ (draw.random(600) < 0.15)).astype(int)]
    moved = draw.permutation(600)
    one, other = (
        labels(dataset(table, target="tree"), LabelSettings(), SILENT)
        for table in (frame, frame.iloc[moved].reset_index(drop=True))
    )
    assert one.summary == other.summary
    np.testing.assert_array_equal(one.rows()["score"].to_numpy()[moved], other.rows()["score"].to_numpy())


def test_many_classes_are_judged_by_neighbours_alone() -> None:
    draw = np.random.default_rng(0)
    true = np.repeat(np.arange(120), 12)
    frame = pd.DataFrame(draw.normal(0, 0.05, (true.size, 2)), columns=["a", "b"])
    frame["a"], frame["b"] = frame["a"] + true % 12, frame["b"] + true // 12
    names = np.array([f"k{i}" for i in true])
    evidence = class_evidence(dataset(frame.assign(y=names), target="y", kinds={"y": "category"}), "y")
    assert evidence.members == ("neighbours",) and len(evidence.classes) == 120
    assert (evidence.probabilities.argmax(axis=1) == evidence.given).mean() > 0.9


def test_evidence_is_worked_out_once_for_a_version_of_the_data() -> None:
    frame, true = blobs(60)
    data = dataset(frame.assign(tree=WORDS[true]), target="tree")
    one, again = class_evidence(data, "tree"), class_evidence(data, "tree")
    assert one is again and class_evidence(data, "tree", seed=1) is not one


def test_a_large_set_is_learned_from_a_sample_and_judged_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.prepare.evidence.members.FIT_ROWS", 150)
    frame, true = blobs(600)
    given = spoiled(true, 30)
    data: Dataset = dataset(frame.assign(tree=WORDS[given]), target="tree")
    evidence = class_evidence(data, "tree")
    assert evidence.rows.size == 600
    own = evidence.probabilities[np.arange(600), evidence.given]
    assert np.median(own[given != true]) < 0.1 < np.median(own[given == true])


def test_a_single_label_that_is_possibly_wrong_may_be_right() -> None:
    """ "of these 1, anything from none to all may be wrong" """
    evidence: Any = SimpleNamespace(in_sample=False)
    noise: Any = SimpleNamespace(among=lambda some: ExpectedErrors(0.6, 0.1, float(some.sum())))
    shown = np.arange(61) == 3
    assert _expected(evidence, noise, shown) == " by the models' word; it may be right"
    assert "(none to all)" in _expected(evidence, noise, np.arange(61) < 2)


def test_a_finding_whose_rows_may_all_be_right_says_whose_word_likely_is() -> None:
    """ "16 are likely wrong; of these anything from none to all may be wrong" contradicted itself."""
    frame, true = blobs(apart=1.0)
    open_ended = judged(frame, true)
    assert unbounded(open_ended.expected(open_ended.tier == 1)), "classes that overlap"
    [doubtful] = [one for one in open_ended.findings if one.code == "doubtful_labels"]
    assert (
        "by the models' word; how many of these truly are cannot be narrowed down (none to " in doubtful.title
    )
    assert ("likely ones are decided" in doubtful.suggestion) == bool((open_ended.tier == 2).any())
    frame, true = blobs(apart=8.0)
    sure = judged(frame, spoiled(true, 30))
    assert not unbounded(sure.expected(sure.tier == 2))
    [wrong] = [one for one in sure.findings if one.code == "wrong_labels"]
    assert (
        re.search(r"; of these 28, about 2[78] \(90% interval", wrong.title)
        and "models' word" not in wrong.title
    )


def test_labels_of_a_class_too_small_to_be_suggested_are_at_most_possibly_wrong() -> None:
    """Of a class of eight rows the models of a fold learn from six, and hardly ever suggest it."""
    frame, true = blobs()
    for rows, likely in ((8, False), (12, False), (13, True), (60, True)):
        given = np.where(np.arange(true.size) < rows, 2, true % 2)  # cedar, in the midst of the others
        evidence = judged(frame, given).evidence
        sure = np.full(evidence.probabilities.shape, 0.1, np.float32)
        sure[:, 0] = 0.8
        noise = Noise(ExpectedErrors(1.0, 0.0, 2.0), np.ones((3, true.size), np.float32))
        tier = _tiers(replace(evidence, probabilities=sure), noise, 0.5)
        assert set(tier[evidence.given == 2]) == ({2} if likely else {1}), rows
        assert set(tier[evidence.given == 1]) == {2}
        assert bool(_small_in_words(evidence, tier)) is not likely
        brought = replace(evidence, probabilities=sure, brought="model.npy")
        assert set(_tiers(brought, noise, 0.5)[evidence.given == 2]) == {2}, "a person's own model"
