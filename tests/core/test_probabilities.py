"""Class probabilities from a file: each number at its row and class, refused with a sentence, found again,
and judged by in place of the models.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core import workspace
from core.analyses.labels.joint import confident_joint
from core.cli import main
from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.decided import as_decided
from core.decision import Decision
from core.errors import CoreError, LoadError, SettingError
from core.export import apply_recipe, export
from core.loading import retype
from core.prepare.evidence import class_evidence
from core.prepare.evidence.brought import checked, places
from core.probabilities import attach, detach
from core.recipe import Recipe
from core.review import Review
from core.rowset import RowSet
from core.run import run
from core.workspace.quota import DAY
from core.workspace.stored import USED

ROWS = 60
WORDS = np.array(["ash", "birch", "cedar"])
WRONG = [3, 17, 40]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def true() -> np.ndarray[Any, Any]:
    return np.random.default_rng(5).integers(0, 3, ROWS)


def table() -> pd.DataFrame:
    """Columns that say nothing of the labels, of which three are wrong."""
    given = true()
    given[WRONG] = (given[WRONG] + 1) % 3
    draw = np.random.default_rng(1)
    ids = [f"t{number}" for number in draw.permutation(ROWS)]
    return pd.DataFrame({"id": ids, "a": draw.normal(size=ROWS), "tree": WORDS[given]})


def numbers() -> np.ndarray[Any, Any]:
    """Each row another one, the true class the likeliest by far."""
    given = np.where(np.arange(3)[None] == true()[:, None], 0.9, 0.05)
    given += np.outer(np.linspace(0, 0.02, ROWS), [1, -0.5, -0.5])
    return given


def data(**more: Any) -> Dataset:
    return workspace.load(table(), name="trees.csv", target="tree", id="id", **more)


def framed(values: Any = None, columns: Any = WORDS) -> pd.DataFrame:
    return pd.DataFrame(numbers() if values is None else values, columns=list(columns))


def saved(path: Path, what: Any, **how: Any) -> Path:
    if path.suffix == ".npy":
        np.save(path, what, **how)
    elif path.suffix == ".parquet":
        what.to_parquet(path, **how)
    else:
        what.to_csv(path, **{"index": False, **how})
    return path


def brought(path: Path, given: Dataset | None = None) -> np.ndarray[Any, Any]:
    made = attach(given or data(), path, out_of_sample=True)
    assert made.probabilities is not None
    order = [made.probabilities.classes.index(word) for word in WORDS]
    return made.probability_rows()[:, order]


def scaled(rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return (rows / rows.sum(axis=1, keepdims=True)).astype("f4")


def doubted(result: Any) -> list[int]:
    """The rows whose label is likely or possibly wrong."""
    return np.flatnonzero(result.rows()["tier"].isin(["likely", "possible"])).tolist()


SHUFFLED = np.random.default_rng(2).permutation(ROWS)
WAYS: dict[str, Callable[[Path], Path]] = {
    "an array": lambda p: saved(p / "q.npy", numbers()),
    "an array of float32, columns first": lambda p: saved(
        p / "q.npy", np.asfortranarray(numbers().astype("f4"))
    ),
    "numbers without names": lambda p: saved(p / "q.csv", framed(), header=False),
    "numbered columns": lambda p: saved(p / "q.csv", framed(columns=range(3))),
    "classes in another order": lambda p: saved(p / "q.csv", framed()[["cedar", "ash", "birch"]]),
    "a word before each class": lambda p: saved(
        p / "q.parquet", framed()[["birch", "cedar", "ash"]].add_prefix("proba_")
    ),
    "numbers of rows": lambda p: saved(p / "q.csv", framed().assign(row=range(ROWS)).iloc[SHUFFLED]),
    "an index as pandas writes it": lambda p: saved(p / "q.csv", framed().iloc[SHUFFLED], index=True),
    "an index in Parquet": lambda p: saved(p / "q.parquet", framed().iloc[SHUFFLED]),
    "ids": lambda p: saved(p / "q.csv", framed().assign(id=table()["id"]).iloc[SHUFFLED]),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_number_is_at_its_row_and_class(tmp_path: Path, way: str) -> None:
    np.testing.assert_allclose(brought(WAYS[way](tmp_path)), scaled(numbers()), rtol=1e-5)


def test_the_labels_are_judged_by_them_and_not_by_models(tmp_path: Path) -> None:
    without = run("labels", data())
    assert without.unchecked and not without.findings
    made = attach(data(), saved(tmp_path / "q.npy", numbers()), out_of_sample=True)
    result = run("labels", made)
    listed = result.rows()
    assert doubted(result) == WRONG and listed["score"].nlargest(3).index.isin(WRONG).all()
    assert listed.loc[WRONG, "suggested"].tolist() == WORDS[true()[WRONG]].tolist()
    assert not result.unchecked and result.summary["expected_errors_high"] > 0
    assert "q.npy, said to be of a model that had not seen" in result.notes[0]
    assert "q.npy hold the given label unlikely" in result.findings[0].why


def test_other_numbers_are_another_version_and_never_reuse_a_result(tmp_path: Path) -> None:
    bare = data()
    first = attach(bare, saved(tmp_path / "q.npy", numbers()), out_of_sample=True)
    assert doubted(run("labels", first)) == WRONG
    even = attach(first, saved(tmp_path / "q.npy", np.full((ROWS, 3), 1 / 3)), out_of_sample=True)
    assert not doubted(run("labels", even))
    said_otherwise = attach(even, saved(tmp_path / "q.npy", numbers()), out_of_sample=False)
    assert len({one.version for one in (bare, first, even, said_otherwise)}) == 4
    assert attach(bare, tmp_path / "q.npy", out_of_sample=True).version == first.version
    assert detach(said_otherwise).version == bare.version


def test_they_are_kept_with_the_data_and_removed_with_them(tmp_path: Path) -> None:
    made = attach(data(), saved(tmp_path / "q.npy", numbers()), out_of_sample=True)
    again = workspace.open_recent(made.path)
    assert again.version == made.version and again.probabilities == made.probabilities
    assert retype(again, {"a": "category"}).probabilities == made.probabilities
    assert made.probabilities is not None
    path, at = made.probabilities.path, made.path
    del made
    gc.collect()
    bare = detach(again)
    assert not path.exists() and workspace.open_recent(at).probabilities is None
    with pytest.raises(LoadError, match="Attach a file"):
        bare.probability_rows()
    with pytest.raises(LoadError, match="Attach them again"):
        again.probability_rows()
    once_more = attach(bare, tmp_path / "q.npy", out_of_sample=True)
    workspace.forget(once_more)
    assert once_more.probabilities and not once_more.probabilities.path.exists()


def twelve(order: Callable[[int], Any]) -> tuple[pd.DataFrame, np.ndarray[Any, Any]]:
    """Labels 0 to 11, and a model that is right about nine in ten, its classes ordered so."""
    given = np.arange(240) % 12
    classes = sorted(range(12), key=order)
    right = np.where(np.arange(240) % 10 == 0, (given + 1) % 12, given)
    held = np.where(np.array(classes)[None] == right[:, None], 0.89, 0.01)
    return pd.DataFrame({"a": np.arange(240.0), "digit": given}), held


def test_numbered_columns_in_the_order_of_letters_are_refused(tmp_path: Path) -> None:
    frame, by_value = twelve(int)
    base = workspace.load(frame, name="digits.csv", target="digit")
    made = attach(base, saved(tmp_path / "q.npy", by_value), out_of_sample=True)
    assert made.probabilities is not None and made.probabilities.classes[:3] == ("0", "1", "2")
    by_letters = twelve(str)[1]
    with pytest.raises(SettingError, match=r"in the order of letters \(0, 1, 10, 11, …\) .* as its class"):
        attach(base, saved(tmp_path / "r.npy", by_letters), out_of_sample=True)
    few = workspace.load(frame[:24], name="few.csv", target="digit")
    assert attach(few, saved(tmp_path / "few.npy", by_letters[:24]), out_of_sample=True)  # too few to tell
    named = pd.DataFrame(by_letters, columns=sorted(map(str, range(12))))
    again = attach(base, saved(tmp_path / "r.csv", named), out_of_sample=True)
    np.testing.assert_array_equal(again.probability_rows(), made.probability_rows())
    columns = {f"p{100 + at}": by_letters[:, at] for at in range(12)}
    wide = workspace.load(frame.assign(**columns), name="wide.csv", target="digit")
    with pytest.raises(SettingError, match="in the order of letters"):
        run("labels", wide, {"probabilities": list(columns)})


def test_what_agreement_is_worth_is_said_of_the_model_that_was_brought(tmp_path: Path) -> None:
    frame = table().assign(tree=WORDS[true()])
    base = workspace.load(frame, name="trees.csv", target="tree")
    path = saved(tmp_path / "q.npy", numbers())
    own = run("labels", attach(base, path, out_of_sample=True)).notes
    assert any("agree with all 60 labels" in one and "Make sure that they are" in one for one in own)
    seen = run("labels", attach(base, path, out_of_sample=False)).notes
    assert any("Their model had seen these labels" in one for one in seen)
    assert not any("Make sure" in one for one in seen)


def test_columns_of_a_model_that_had_seen_the_rows_give_no_expected_number(tmp_path: Path) -> None:
    columns = {f"p_{word}": numbers()[:, at] for at, word in enumerate(WORDS)}
    wide = workspace.load(table().assign(**columns), target="tree", name="wide.csv")
    settings = {"probabilities": list(columns)}
    out, seen = run("labels", wide, settings), run("labels", wide, {**settings, "in_sample": True})
    assert out.noise is not None and not out.unchecked
    assert "had seen the rows" in seen.unchecked and any("had seen the rows" in one for one in seen.notes)
    assert "expected" not in " ".join(finding.title for finding in seen.findings)
    assert doubted(seen) == doubted(out) == WRONG


def test_they_stay_for_others_who_work_by_them_and_go_when_nobody_does(tmp_path: Path) -> None:
    one = attach(data(), saved(tmp_path / "q.npy", numbers()), out_of_sample=True)
    assert one.probabilities is not None
    path, at, other = one.probabilities.path, one.path, workspace.open_recent(one.path)
    bare = detach(one)
    assert bare.probabilities is None and workspace.open_recent(at).probabilities is None
    np.testing.assert_allclose(other.probability_rows(), scaled(numbers()), rtol=1e-5)
    old = time.time() - 2 * DAY
    os.utime(path, (old, old))
    workspace.sweep()
    assert path.exists()
    del one, bare, other
    gc.collect()
    workspace.sweep()
    assert not path.exists() and at.exists()


@pytest.mark.parametrize("damage", ["more", "cut", "list", "gone"])
def test_they_stay_where_what_was_noted_cannot_be_understood(damage: str, tmp_path: Path) -> None:
    made = attach(data(), saved(tmp_path / "q.npy", numbers()), out_of_sample=True)
    assert made.probabilities is not None
    path, notes = made.probabilities.path, made.path.parent / USED
    old = time.time() - 2 * DAY
    os.utime(path, (old, old))
    del made
    gc.collect()
    plain = json.loads(notes.read_text())
    plain["probabilities"]["since"] = "of another version"
    if damage == "gone":
        notes.unlink()
    else:
        text = json.dumps(plain)
        notes.write_text({"more": text, "cut": text[:-9], "list": "[]"}[damage])
    workspace.sweep()
    assert path.exists()


def test_a_file_of_train_rows_alone(tmp_path: Path) -> None:
    frame = table().assign(when=np.where(np.arange(ROWS) % 3 == 0, "later", "now"))
    given = workspace.load(
        frame, target="tree", split=PartSplit("value", column="when", value="later"), name="trees.csv"
    )
    train = np.flatnonzero(given.part_mask("train"))
    made = attach(given, saved(tmp_path / "q.npy", numbers()[train]), out_of_sample=True)
    known = made.probability_rows()
    np.testing.assert_allclose(known[train], scaled(numbers()[train]), rtol=1e-5)
    assert np.isnan(known[given.part_mask("serve")]).all()
    assert run("labels", made).summary["judged"] == train.size
    assert "Labels of the serve part were not judged" in run("labels", made).notes[-1]


def test_rows_that_the_file_does_not_have_are_not_judged_and_counted(tmp_path: Path) -> None:
    some = framed().assign(row=range(ROWS)).drop(index=[5, 6])
    result = run("labels", attach(data(), saved(tmp_path / "q.csv", some), out_of_sample=True))
    assert result.summary["judged"] == ROWS - 2 and not result.rows().loc[[5, 6], "given"].notna().any()
    assert "Not judged: 2 rows for which q.csv has no probabilities." in result.notes


def test_data_as_decided_keep_each_row_its_numbers(tmp_path: Path) -> None:
    made = attach(data(), saved(tmp_path / "q.npy", numbers()), out_of_sample=True)
    review = Review().say(
        Decision("drop", RowSet([0, 1, 30])),
        Decision("relabel", RowSet([WRONG[0]]), str(WORDS[true()[WRONG[0]]]), column="tree"),
        Decision("relabel", RowSet([50]), "yew", column="tree"),
    )
    decided = as_decided(made, review)
    kept = [row for row in range(ROWS) if row not in (0, 1, 30)]
    np.testing.assert_allclose(decided.probability_rows(), scaled(numbers()[kept]), rtol=1e-5)
    result = run("labels", decided)
    assert decided.source_ids(np.array(doubted(result))).tolist() == WRONG[1:]
    assert "Not judged: 1 row labelled 'yew', of which q.npy has no probabilities." in result.notes


def test_probabilities_of_another_column_have_no_say(tmp_path: Path) -> None:
    frame = table().assign(soil=np.where(np.arange(ROWS) % 2 == 0, "wet", "dry"))
    given = workspace.load(frame, target="tree", name="trees.csv")
    made = attach(given, saved(tmp_path / "q.npy", numbers()), out_of_sample=True)
    result = run("labels", made, {"target": "soil"})
    assert result.evidence.brought == "" and result.evidence.classes == ("dry", "wet")
    assert "The probabilities in q.npy were not used: they are of 'tree'." in result.notes


def test_a_model_that_had_seen_the_rows_is_said_and_nothing_is_estimated(tmp_path: Path) -> None:
    made = attach(data(), saved(tmp_path / "q.npy", numbers()), out_of_sample=False)
    result = run("labels", made)
    assert "had seen the rows it judges: it repeats their labels" in result.unchecked
    assert "expected_errors" not in result.summary and doubted(result) == WRONG
    assert not any("expected to be wrong" in finding.title for finding in result.findings)


def test_numbers_that_agree_with_every_label_are_told_to_prove_little(tmp_path: Path) -> None:
    given = np.array([list(WORDS).index(one) for one in table()["tree"]])
    sure = np.where(np.arange(3)[None] == given[:, None], 0.98, 0.01)
    result = run("labels", attach(data(), saved(tmp_path / "q.npy", sure), out_of_sample=True))
    assert result.repeated and not result.findings
    assert any("q.npy agree with all 60 labels" in one and "out-of-sample" in one for one in result.notes)
    honest = run("labels", attach(data(), saved(tmp_path / "p.npy", numbers()), out_of_sample=True))
    assert not honest.repeated and not any("agree with" in one for one in honest.notes)


def test_rows_in_the_wrong_order_are_seen(tmp_path: Path) -> None:
    made = attach(data(), saved(tmp_path / "q.npy", numbers()[SHUFFLED]), out_of_sample=True)
    result = run("labels", made)
    assert not result.findings and "see whether rows and classes stand in the order" in result.unchecked


def bad(at: int, change: Callable[[np.ndarray[Any, Any]], None]) -> pd.DataFrame:
    values = numbers()
    change(values[at])
    return framed(values)


def put(row: np.ndarray[Any, Any], value: float, at: int = 0) -> None:
    row[at] = value


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (framed()[["ash", "birch"]], r"q\.csv has no column for the class 'cedar' of 'tree'"),
        (framed().assign(oak=0.0), r"a column 'oak' that is no class of 'tree'.*'ash', 'birch' and 'cedar'"),
        (framed().rename(columns={"ash": "oak"}), "for the class 'ash' of 'tree' and a column 'oak'"),
        (framed().iloc[:, :2].set_axis(["p0", "p1"], axis=1), "2 columns of probabilities for 3 classes"),
        (framed(columns=["x", "y", "z"]), r"'x', 'y' and 'z'\) do not say which class of 'tree'"),
        (framed(columns=["p1", "p3", "p2"]), "do not say which class"),
        (
            framed().assign(**{f"c{at:02d}": 0.0 for at in range(12)}),
            "a column 'c00', 'c01', .*, 'c09' and 2 more that is no class",  # it said "and 7 more"
        ),
        (framed().iloc[1:], "59 rows of probabilities for 60 rows of data"),
        (
            bad(17, lambda row: put(row, 1.2)),
            r"probabilities of row 17 in q\.csv do not all lie between 0 and 1",
        ),
        (bad(8, lambda row: put(row, -0.1)), "row 8 in q.csv do not all lie"),
        (bad(8, lambda row: put(row, np.nan, 2)), "row 8 in q.csv do not all lie.*missing"),
        (bad(8, lambda row: put(row, np.inf, 1)), "row 8 in q.csv do not all lie.*infinite"),
        (bad(9, lambda row: put(row, 0.5)), r"row 9 in q\.csv add up to \d.*not to 1"),
        (framed(numbers() * 100), "row 0 in q.csv.*percentages: divide them by 100"),
        (framed(np.log(numbers() * 0.9)), "row 0 in q.csv.*logarithms"),
        (framed(np.log(numbers()) + 2), "softmax"),
        (framed().assign(row=np.arange(ROWS) + 1), r"'row' of q\.csv holds no row of the data in its row 59"),
        (framed().assign(row=[0, *range(ROWS - 1)]), "speaks of row 0 twice, in its rows 0 and 1"),
        (framed().assign(id=["nobody", *table()["id"][1:]]), r"'id' of q\.csv holds 'nobody' in its row 0"),
        (framed().assign(id=["t1"] * ROWS), "speaks of the id 't1' twice"),
        (framed().astype(object).assign(ash=["much", *numbers()[1:, 0]]), "holds 'much' for row 0 in q.csv"),
    ],
)
def test_what_does_not_fit_is_told_and_nothing_is_lost(
    tmp_path: Path, home: Path, given: pd.DataFrame, told: str
) -> None:
    whole = data()
    first = attach(whole, saved(tmp_path / "p.npy", numbers()), out_of_sample=True)
    with pytest.raises((LoadError, SettingError), match=told):
        attach(first, saved(tmp_path / "q.csv", given), out_of_sample=True)
    assert workspace.open_recent(whole.path).version == first.version
    np.testing.assert_allclose(first.probability_rows(), scaled(numbers()), rtol=1e-5)
    assert not list((home / "data").glob(".reading-*")) and len(workspace.recent()) == 1


def test_an_id_of_several_rows_cannot_say_which_is_meant(tmp_path: Path) -> None:
    twice = table().assign(id=["t7", "t7", *[f"t{at + 100}" for at in range(ROWS - 2)]])
    given = workspace.load(twice, target="tree", id="id", name="trees.csv")
    path = saved(tmp_path / "q.csv", framed().assign(id=twice["id"]))
    with pytest.raises(LoadError, match="'t7' in 'id' is the id of several rows"):
        attach(given, path, out_of_sample=True)


class Bomb:
    """A pickle of this runs code when opened."""

    def __reduce__(self) -> Any:
        return (Path.touch, (Path("exploded"),))


def test_a_pickle_is_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    objects = np.full((ROWS, 3), None, object)
    objects[0, 0] = Bomb()
    with pytest.raises(LoadError, match="never opened"):
        attach(data(), saved(tmp_path / "q.npy", objects, allow_pickle=True), out_of_sample=True)
    (tmp_path / "p.npy").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(CoreError):
        attach(data(), tmp_path / "p.npy", out_of_sample=True)
    assert not (tmp_path / "exploded").exists()


def test_without_a_target_there_is_nothing_to_be_of(tmp_path: Path) -> None:
    bare = workspace.load(table(), name="trees.csv")
    path = saved(tmp_path / "q.npy", numbers())
    with pytest.raises(SettingError, match=r"probabilities in q\.npy are of the classes of a target"):
        attach(bare, path, out_of_sample=True)
    made = attach(bare, path, out_of_sample=True, target="tree")
    assert doubted(run("labels", made, {"target": "tree"})) == WRONG


def test_classes_that_are_numbers_or_truth_values(tmp_path: Path) -> None:
    assert places(["10.0", "9.0"], ["9", "10"], "q", "t") == [1, 0]
    assert places(["column_1", "column_2"], ["9", "10"], "q", "t") == [0, 1]
    assert places(["true", "false"], ["False", "True"], "q", "t") == [1, 0]
    with pytest.raises(SettingError, match="no column for the class '3' of 't' and a column '0'"):
        places(["0", "1", "2"], ["1", "2", "3"], "q", "t")
    whole = workspace.load(
        table().assign(tree=np.where(true() == 0, 10, true())), target="tree", name="t.csv"
    )
    made = attach(whole, saved(tmp_path / "q.npy", numbers()[:, [1, 2, 0]]), out_of_sample=True)
    assert made.probabilities and made.probabilities.classes == ("1", "2", "10")
    evidence = class_evidence(made, "tree")
    assert (evidence.probabilities.argmax(axis=1) == evidence.given).all()


def test_rounded_numbers_are_scaled_to_one() -> None:
    made = checked(np.array([[0.333, 0.333, 0.333], [1.0000004, -0.0000004, 0.0]]), str, LoadError)
    np.testing.assert_allclose(made.sum(axis=1), 1.0, atol=1e-6)
    assert made.min() == 0.0 and made.max() <= 1.0


def test_a_class_that_no_row_is_labelled_with_draws_no_rows() -> None:
    likely = np.float32([[0.9, 0.05, 0.05], [0.5, 0.1, 0.4], [0.1, 0.9, 0.0]])
    joint = confident_joint(np.int32([0, 0, 1]), likely)
    assert joint[:, 2].tolist() == [0.0, 0.0, 0.0] and joint.sum() == 3.0


def test_a_class_of_serve_alone_may_be_the_likeliest_of_a_train_row(tmp_path: Path) -> None:
    frame = table()
    whole = workspace.load(
        frame[frame["tree"] != "cedar"].reset_index(drop=True),
        serve=frame[frame["tree"] == "cedar"].reset_index(drop=True),
        target="tree",
        name="trees.csv",
    )
    rows = [*np.flatnonzero(frame["tree"] != "cedar"), *np.flatnonzero(frame["tree"] == "cedar")]
    made = attach(whole, saved(tmp_path / "q.npy", numbers()[rows]), out_of_sample=True)
    result = run("labels", made)
    assert "cedar" in set(result.rows()["suggested"].dropna())
    lines = result.frame().set_index("class")
    assert lines.loc["cedar", "rows"] == 0 and np.isnan(lines.loc["cedar", "mean_probability"])


def test_recipe_report_and_export_name_them(tmp_path: Path) -> None:
    made = attach(data(), saved(tmp_path / "q.npy", numbers()), out_of_sample=True)
    recipe = Recipe.of(made, Review())
    assert made.probabilities is not None
    wanted = {
        "name": "q.npy",
        "sha256": made.probabilities.sha256,
        "target": "tree",
        "out_of_sample": True,
    }
    assert recipe.probabilities == wanted
    assert Recipe.from_json(recipe.to_json()).probabilities == wanted
    assert "probabilities" not in Recipe.of(data(), Review()).to_json()
    table().to_csv(tmp_path / "trees.csv", index=False)
    made = attach(
        workspace.load(tmp_path / "trees.csv", target="tree"), tmp_path / "q.npy", out_of_sample=True
    )
    review = Review().say(Decision("relabel", RowSet(WRONG[:1]), "birch", column="tree"))
    export(made, review, tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["probabilities"]["name"] == "q.npy" and manifest["probabilities"]["out_of_sample"] is True
    (tmp_path / "q.npy").unlink()
    clean = tmp_path / "out" / "cleaned.csv"
    apply_recipe(tmp_path / "out" / "recipe.json", tmp_path / "trees.csv", tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == clean.read_bytes()


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table().to_csv(tmp_path / "trees.csv", index=False)
    call = ["labels", str(tmp_path / "trees.csv"), "--target", "tree", "--json"]
    own = ["--probabilities", str(saved(tmp_path / "q.npy", numbers()))]
    rows = ["--rows", str(tmp_path / "doubts.csv")]
    assert main([*call, *own, "--out-of-sample", *rows]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["dataset"]["probabilities"]["name"] == "q.npy" and report["summary"]["judged"] == ROWS
    listed = pd.read_csv(tmp_path / "doubts.csv")
    assert listed["row"][listed["tier"].notna()].tolist() == WRONG
    assert main([*call, *own, "--in-sample"]) == 0
    assert "had seen the rows" in json.loads(capsys.readouterr().out)["unchecked"]
    assert main(call) == 0
    assert "probabilities" not in json.loads(capsys.readouterr().out)["dataset"]
    for wrong, told in (
        (own, "--out-of-sample"),
        (["--in-sample"], "need --probabilities"),
        ([*own, "--in-sample"], "needs --target"),
        (["--probabilities", str(tmp_path / "gone.npy"), "--in-sample"], "There is no file"),
    ):
        given = [*call[:2], "--json"] if "--target" in told else call
        assert main([*given, *wrong]) == 2
        assert told in capsys.readouterr().err


@pytest.mark.parametrize("classes", [["9", "10", "11", "12", "K"], ["3", "nan", "1", "2"]])
def test_numbered_columns_of_numbers_and_words_are_refused(classes: list[str]) -> None:
    """Which is first differs from program to program."""
    with pytest.raises(SettingError, match="some are words"):
        places([f"column_{at + 1}" for at in range(len(classes))], classes, "p.npy", "grade")
    assert places(classes[::-1], classes, "p.csv", "grade") == list(range(len(classes)))[::-1]


def test_classes_of_nearly_one_spelling_keep_a_column_each() -> None:
    assert places(["true", "True"], ["True", "true"], "p.csv", "t") == [1, 0]
    assert places(["1.0", "1"], ["1", "1.0"], "p.csv", "t") == [1, 0]


def test_rows_counted_from_one_are_not_taken_for_the_row_before(tmp_path: Path) -> None:
    """As R writes them: each number would be about the next row."""
    frame = table().assign(when=np.where(np.arange(ROWS) < ROWS - 40, "now", "later"))
    given = workspace.load(
        frame, target="tree", split=PartSplit("value", column="when", value="later"), name="trees.csv"
    )
    train = int(given.part_mask("train").sum())
    rows = framed(numbers()[:train])
    one = saved(tmp_path / "r.csv", rows.set_index(np.arange(1, train + 1)), index=True)
    with pytest.raises(LoadError, match="counts its rows from 1"):
        attach(given, one, out_of_sample=True)
    zero = attach(given, saved(tmp_path / "z.csv", rows, index=True), out_of_sample=True)
    np.testing.assert_allclose(zero.probability_rows()[:train], scaled(numbers()[:train]), rtol=1e-5)
