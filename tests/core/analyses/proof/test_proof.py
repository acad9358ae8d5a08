"""The proof: what decisions do to a model, on rows that nothing was decided about."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.analyses.proof.sides import sides
from core.cli import main
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.recipe import Recipe
from core.review import Review
from core.rowset import RowSet
from core.run import run
from core.workspace import load
from tests.make import dataset

ROWS, NOISY = 400, 100
LINEAR = {"model": "linear"}


def noisy(seed: int = 0) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Two classes a line apart, of which the first `NOISY` drawn rows have the other label: the table, the
    true labels, those rows.
    """
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(ROWS, 6))
    true = np.where(x[:, 0] + x[:, 1] + 0.3 * draw.normal(size=ROWS) > 0, "yes", "no")
    wrong = np.sort(draw.choice(ROWS, NOISY, replace=False))
    given = true.copy()
    given[wrong] = np.where(true[wrong] == "yes", "no", "yes")
    return pd.DataFrame(x, columns=list("abcdef")).assign(label=given), true, wrong


def relabelled(rows: np.ndarray, labels: np.ndarray) -> tuple[Decision, ...]:
    return tuple(
        Decision("relabel", RowSet(rows[labels[rows] == one]), one, column="label") for one in ("no", "yes")
    )


def decided(data: Dataset, *decisions: Decision) -> Dataset:
    return as_decided(data, Review().say(*decisions))


def test_right_labels_help_wrong_ones_harm_and_a_few_rows_less_change_nothing_that_can_be_measured() -> None:
    table, true, wrong = noisy()
    data = dataset(table, target="label")
    helped = run("proof", decided(data, *relabelled(wrong, true)), LINEAR)
    assert [f.code for f in helped.findings] == ["decisions_help"] and helped.verdict == "better"
    assert helped.differences[0].low > 0 and "AUROC" in helped.findings[0].title
    dropped = RowSet(np.random.default_rng(1).choice(ROWS, 20, replace=False))
    nothing = run("proof", decided(data, Decision("drop", dropped)), LINEAR)
    assert [f.code for f in nothing.findings] == ["decisions_change_nothing"]
    assert "no measurable change" in nothing.findings[0].title
    data = dataset(table.assign(constant=1.0), target="label")
    same = run("proof", decided(data, Decision("omit", RowSet(), column="constant")), LINEAR)
    assert same.findings[0].title.endswith(" on both, the same in every fold"), "0 to 0 is no interval"
    clean = dataset(table.assign(label=true), target="label")
    to_wrong = np.where(true == "yes", "no", "yes")
    nearly_half = np.random.default_rng(2).choice(ROWS, 180, replace=False)
    harmed = run("proof", decided(clean, *relabelled(nearly_half, to_wrong)), LINEAR)
    assert [(f.code, f.severity) for f in harmed.findings] == [("decisions_harm", "warning")]


def test_only_rows_that_nothing_was_decided_about_are_scored() -> None:
    table, _, _ = noisy()
    made = sides(
        decided(
            dataset(table, target="label"),
            Decision("drop", RowSet([3, 5])),
            Decision("relabel", RowSet([7]), "no" if table["label"][7] == "yes" else "yes", column="label"),
            Decision("blank", RowSet([11]), column="a"),
            Decision("keep", RowSet([13])),
        ),
        seed=0,
    )
    assert np.flatnonzero(~made.untouched).tolist() == [3, 5, 7, 11]
    assert not made.held_apart and made.after.source.size == ROWS - 2


def test_rows_of_which_a_step_changed_a_column_are_scored_and_not_said_to_be_as_loaded() -> None:
    table, _, _ = noisy()
    scaled = Decision("scale", RowSet(), column="a", settings={"how": "standard"})
    dropped = Decision("drop", RowSet([3, 5]))
    data = decided(dataset(table, target="label"), scaled, dropped)
    assert sides(data, seed=0).untouched.sum() == ROWS - 2
    result = run("proof", data, LINEAR)
    assert result.notes[0].startswith(
        f"Scored on {ROWS - 2} rows of folds left out that are left with their label as loaded and no cell "
        "edited by hand."
    )
    assert "no decision" not in " ".join((*result.notes, *(one.why for one in result.findings)))


def test_of_the_rows_left_those_that_are_not_scored_are_counted_and_said_why() -> None:
    """Of 398 serve rows that were left 397 were scored, without a word."""
    table, _, _ = noisy()
    serve = noisy(seed=9)[0]
    serve.loc[17, "label"] = None
    data = dataset(table, serve=serve, target="label")
    result = run("proof", decided(data, Decision("drop", RowSet([ROWS + 1, ROWS + 4]))), LINEAR)
    assert result.rows_tested == ROWS - 3
    assert f"Scored on {ROWS - 3} serve rows" in result.notes[0]
    assert f"Of the {ROWS - 2} serve rows left, 1 without a label as loaded is not scored." in result.notes[0]
    other = "no" if serve["label"][7] == "yes" else "yes"
    more = decided(
        data,
        Decision("relabel", RowSet([ROWS + 7]), other, column="label"),
        Decision("blank", RowSet([ROWS + 11, ROWS + 17]), column="a"),
        Decision("drop", RowSet([1])),
    )
    made = sides(more, seed=0)
    assert (made.left, int(made.untouched.sum())) == (ROWS, ROWS - 3)
    assert made.passed_over == (
        ("without a label as loaded", 1),
        ("with another label, or none, as decided", 1),
        ("with a cell edited by hand", 1),
    )
    assert (
        f"Of the {ROWS} serve rows left, 3 are not scored: 1 without a label as loaded; 1 with "
        "another label, or none, as decided; 1 with a cell edited by hand. Steps"
        in run("proof", more, LINEAR).notes[0]
    )
    assert sides(decided(data, Decision("drop", RowSet([1]))), seed=0).left == ROWS


def test_equal_rows_share_a_fold_and_every_class_is_in_each() -> None:
    table, _, _ = noisy()
    twice = pd.concat([table, table], ignore_index=True)
    made = sides(decided(dataset(twice, target="label"), Decision("drop", RowSet([0]))), seed=0)
    folds = made.folds(1)
    np.testing.assert_array_equal(folds[:ROWS], folds[ROWS:])
    counts = pd.crosstab(folds, twice["label"])
    assert counts.min().min() > 0 and (counts.max() - counts.min() <= 2).all()


def test_a_labelled_serve_part_is_the_test_and_cleaning_it_is_warned_against() -> None:
    table, true, wrong = noisy()
    serve, labels, _ = noisy(seed=9)
    data = dataset(table, serve=serve.assign(label=labels), target="label")
    result = run("proof", decided(data, *relabelled(wrong, true)), LINEAR)
    assert result.of_serve and result.rows_tested == ROWS
    assert dict(result.frame()[["score", "verdict"]].to_numpy())["log loss"] == "better"
    touched = run("proof", decided(data, Decision("drop", RowSet([ROWS + 1, ROWS + 4]))), LINEAR)
    assert [f.code for f in touched.findings] == ["test_part_decided", "decisions_change_nothing"]
    assert touched.decided_serve == RowSet([ROWS + 1, ROWS + 4]) and touched.rows_tested == ROWS - 2


def test_numbers_are_judged_by_their_error() -> None:
    table, _, wrong = noisy()
    number = 3 * table["a"] - 2 * table["b"] + np.random.default_rng(2).normal(size=ROWS)
    spoiled = number.copy()
    spoiled[wrong] += 40.0
    data = dataset(table.drop(columns="label").assign(label=spoiled), target="label")
    result = run("proof", decided(data, Decision("drop", RowSet(wrong))), LINEAR)
    assert result.summary["score"] == "mean_absolute_error" and result.verdict == "better"
    assert result.differences[0].high < 0


@pytest.mark.parametrize(
    ("target", "told"), [("label", "Nothing was decided"), (None, "No target is chosen")]
)
def test_where_nothing_can_be_compared_that_is_said(target: str | None, told: str) -> None:
    data = dataset(noisy()[0], **({"target": target} if target else {}))
    shown = data if target else decided(data, Decision("drop", RowSet([0])))
    result = run("proof", shown)
    assert result.status.state == "skipped" and told in result.status.reason and not result.findings


def test_the_command_line_proves_a_recipe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, true, wrong = noisy()
    file, recipe = tmp_path / "some.csv", tmp_path / "recipe.json"
    table.to_csv(file, index=False)
    data = load(file, target="label")
    review = Review().say(*relabelled(wrong, true))
    recipe.write_text(Recipe.of(data, review, {}).to_json())
    given = ["proof", str(file), "--target", "label", "--recipe", str(recipe)]
    assert main([*given, "--set", "model=linear", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["summary"]["verdict"] == "better" and told["table"]["rows"][0][-1] == "better"
