"""A recipe on other data of the same shape: what applies, what is carried over, and what is told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.cli import main
from core.decision import Decision
from core.errors import RecipeError
from core.export import apply_as_rules, apply_recipe, export
from core.filters import Filter
from core.review import Review
from core.rowset import RowSet
from core.workspace import load

ROWS = 60


def january() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "key": [f"k{row:03d}" for row in range(ROWS)],
            "age": rng.integers(18, 80, ROWS).astype(float),
            "town": rng.choice(["Oslo", "oslo ", "Bergen"], ROWS),
            "score": rng.normal(size=ROWS).round(3),
        }
    )
    frame.loc[[3, 30], "age"] = None
    frame.loc[40:42] = frame.loc[10].tolist()
    frame.loc[40:42, "key"] = "k010"
    return frame


def recipe_of(folder: Path, frame: pd.DataFrame, *decisions: Decision, **roles: str) -> Path:
    raw = folder / "january.csv"
    frame.to_csv(raw, index=False)
    review = Review()
    for decision in decisions:
        review = review.say(decision)
    export(load(raw, **roles), review, folder / "made")
    return folder / "made" / "recipe.json"


FILL = Decision("fill", RowSet(), column="age", settings={"how": "mean"})
TIDY = Decision("tidy", RowSet(), column="town", settings={"case": "title"})
DROP = Decision("drop", RowSet([5, 6, 7]))


def codes(replay: object) -> dict[str, int]:
    return {f.about or f.code: int(f.value or 0) for f in replay.findings}  # type: ignore[attr-defined]


def test_rules_apply_and_use_what_was_learned_unless_refitted(tmp_path: Path) -> None:
    frame = january()
    recipe = recipe_of(tmp_path, frame, FILL, TIDY)
    later = frame.assign(age=frame["age"] + 100).sample(frac=1.0, random_state=1)
    later.to_csv(tmp_path / "february.csv", index=False)
    for refit, mean in ((False, frame["age"].mean()), (True, later["age"].mean())):
        replay = apply_as_rules(recipe, tmp_path / "february.csv", tmp_path / "out.csv", refit=refit)
        out = pd.read_csv(tmp_path / "out.csv")
        assert out["age"][later["age"].isna().to_numpy()].to_numpy() == pytest.approx([mean] * 2)
        assert set(out["town"]) == {"Oslo", "Bergen"} and replay.findings == ()
        assert replay.lines[0].endswith("2 cells")


def test_the_rows_of_a_region_that_was_accepted_are_those_of_its_own_data(tmp_path: Path) -> None:
    """In another file the rows at these places are others, and so would be the finding that they name."""
    told = {"title": "more in serve", "members": ["m:a"]}
    region = {"about": "age <= 3", "columns": ["age"], "rows": [[0, 2]]}
    accept = Decision("accept", RowSet(), finding="segment:age:age <= 3", settings=told | region)
    recipe = recipe_of(tmp_path, january(), accept, TIDY)
    january().sample(frac=1.0, random_state=1).to_csv(tmp_path / "february.csv", index=False)
    replay = apply_as_rules(recipe, tmp_path / "february.csv", tmp_path / "out.csv")
    assert replay.carried[0] is not None and replay.carried[0].settings == told
    assert replay.carried[0].finding == accept.finding


def test_rows_are_known_by_content_never_by_place(tmp_path: Path) -> None:
    frame = january()
    recipe = recipe_of(tmp_path, frame, DROP)
    later = pd.concat([frame.iloc[[20, 6]], frame.drop(index=[5, 6])]).iloc[::-1]
    later.to_csv(tmp_path / "february.csv", index=False)
    replay = apply_as_rules(recipe, tmp_path / "february.csv", tmp_path / "out.csv")
    out = pd.read_csv(tmp_path / "out.csv")
    assert codes(replay) == {"absent": 1} and len(out) == len(later) - 2
    assert not set(out["key"]) & {"k006", "k007"}
    assert replay.lines == ("Dropped 3 rows: carried over for 2 of 3 rows",)


def test_rows_are_known_by_their_id_and_not_where_values_changed_since(tmp_path: Path) -> None:
    frame = january().drop_duplicates("key")
    relabel = Decision("relabel", RowSet([7]), "Tromsø", column="town")
    recipe = recipe_of(tmp_path, frame, DROP, relabel, id="key")
    later = frame.sample(frac=1.0, random_state=2)
    later.loc[later["key"] == "k005", "score"] += 1
    later.to_csv(tmp_path / "february.csv", index=False)
    replay = apply_as_rules(recipe, tmp_path / "february.csv", tmp_path / "out.csv")
    assert codes(replay) == {"changed": 1}
    assert set(later["key"]) - set(pd.read_csv(tmp_path / "out.csv")["key"]) == {"k006", "k007"}


@pytest.mark.parametrize(
    ("copies", "dropped", "told"), [(4, 2, {}), (2, 1, {"ambiguous": 2}), (6, 2, {"ambiguous": 2})]
)
def test_of_equal_rows_as_many_are_carried_as_there_are(
    tmp_path: Path, copies: int, dropped: int, told: dict[str, int]
) -> None:
    frame = january()  # rows 10, 40, 41 and 42 are equal
    recipe = recipe_of(tmp_path, frame, Decision("drop", RowSet([10, 41])))
    equal = frame.loc[[10] * copies]
    later = pd.concat([frame.drop(index=[10, 40, 41, 42]), equal])
    later.to_csv(tmp_path / "february.csv", index=False)
    replay = apply_as_rules(recipe, tmp_path / "february.csv", tmp_path / "out.csv")
    left = pd.read_csv(tmp_path / "out.csv")
    assert codes(replay) == told
    assert (left["key"] == "k010").sum() == copies - (dropped if copies != 2 else 1)


def test_a_renamed_column_is_told_then_renamed_and_an_extra_one_is_kept(tmp_path: Path) -> None:
    frame = january()
    rules = (FILL, TIDY, Decision("drop", Filter.parse("age > 70")), DROP)
    recipe = recipe_of(tmp_path, frame, *rules)
    later = frame.rename(columns={"age": "years"})[["town", "years", "key", "score"]].assign(new=1)
    later.to_csv(tmp_path / "february.csv", index=False)
    dry = apply_as_rules(recipe, tmp_path / "february.csv", None)
    told = {finding.code for finding in dry.findings}
    assert told == {"missing_column", "new_column", "passed_over", "not_carried"}
    assert sum("passed over" in line for line in dry.lines) == 2
    assert not (tmp_path / "out.csv").exists()
    replay = apply_as_rules(recipe, tmp_path / "february.csv", tmp_path / "out.csv", renamed={"age": "years"})
    assert {finding.code for finding in replay.findings} == {"new_column"}
    out = pd.read_csv(tmp_path / "out.csv")
    assert list(out.columns) == ["town", "age", "key", "score", "new"]
    apply_recipe(recipe, tmp_path / "january.csv", tmp_path / "strict.csv")
    strict = pd.read_csv(tmp_path / "strict.csv")
    pd.testing.assert_frame_equal(out[list(strict.columns)], strict)


def test_a_number_that_is_text_now_is_told_and_nothing_is_half_applied(tmp_path: Path) -> None:
    frame = january()
    recipe = recipe_of(tmp_path, frame, FILL)
    frame.assign(age=[f"about {age}" for age in frame["age"]]).to_csv(tmp_path / "february.csv", index=False)
    replay = apply_as_rules(recipe, tmp_path / "february.csv", tmp_path / "out.csv")
    assert {"kind_changed"} <= {finding.code for finding in replay.findings}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "has none of the 4 columns of the recipe, such as 'key'"),
        ("key,age,town,score\n", "holds no rows"),
        ("a,b\n1,2\n", "has none of the 4 columns of the recipe"),
    ],
)
def test_a_file_that_has_nothing_of_the_recipe_is_refused_and_nothing_is_written(
    tmp_path: Path, text: str, told: str
) -> None:
    recipe = recipe_of(tmp_path, january(), FILL, DROP)
    (tmp_path / "february.csv").write_text(text)
    with pytest.raises(RecipeError, match="february.csv") as refused:
        apply_as_rules(recipe, tmp_path / "february.csv", tmp_path / "out.csv")
    assert told in str(refused.value) or "no rows" in str(refused.value)
    assert not (tmp_path / "out.csv").exists()


def test_what_is_new_and_what_is_lacking_stands_in_the_lines(tmp_path: Path) -> None:
    frame = january()
    merge = Decision("merge", RowSet(), column="town", settings={"method": "spelling"})
    encode = Decision("encode", RowSet(), column="town")
    recipe = recipe_of(tmp_path, frame, merge, Decision("drop", Filter.parse("age > 70")), encode, DROP)
    later = frame.drop(columns="score").assign(town=["OSLO", "Rome", *frame["town"][2:]])
    later.to_csv(tmp_path / "february.csv", index=False)
    replay = apply_as_rules(recipe, tmp_path / "february.csv", None)
    assert "1 spelling not in the map, joined by the method: 'OSLO' as" in replay.lines[0]
    assert replay.lines[1] == f"Dropped rows where 'age' is above 70: {(frame['age'] > 70).sum()} rows"
    assert "1 cell with a level" in replay.lines[2]
    titles = [finding.title for finding in replay.findings if finding.code == "not_carried"]
    assert titles == ["Not carried over: 3 rows (5, 6, 7), not to be known again without 'score'"]


def test_the_command_line_says_what_became_of_each_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = january()
    recipe = str(recipe_of(tmp_path, frame, FILL, DROP))
    later = tmp_path / "february.csv"
    frame.drop(index=5).rename(columns={"age": "years"}).to_csv(later, index=False)
    out = tmp_path / "out.csv"
    assert main(["apply", recipe, str(later), "--out", str(out), "--as-rules", "--rename", "age=years"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "1. Filled the missing values of 'age' with the mean: 2 cells"
    assert lines[1] == "2. Dropped 3 rows: carried over for 2 of 3 rows"
    assert lines[2].startswith("warning: Not carried over: 1 row (5), not in these data.")
    flags = ["--as-rules", "--rename", "age=years", "--dry-run", "--json", "--fail-on", "warning"]
    assert main(["apply", recipe, str(later), *flags]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["counts"]["after"] == ROWS - 3 and len(told["steps"]) == 2
    assert main(["apply", recipe, str(later), "--out", str(out)]) == 2
    assert "made for other data" in capsys.readouterr().err
    assert main(["apply", recipe, str(later), "--as-rules"]) == 2
    assert main(["apply", recipe, str(later), "--out", str(out), "--as-rules", "--rename", "aeg=years"]) == 2
    assert "Did you mean 'age'" in capsys.readouterr().err


def test_a_step_has_the_number_that_prepare_gives_it_or_is_named_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A row that was kept, and a finding that was accepted, had numbers, and so what followed had others."""
    frame = january()
    keep, accept = Decision("keep", RowSet([1])), Decision("accept", RowSet(), finding="missing:age")
    recipe, out = recipe_of(tmp_path, frame, keep, FILL, accept, DROP), tmp_path / "out.csv"
    (tmp_path / "later.csv").write_bytes((tmp_path / "january.csv").read_bytes())
    assert main(["apply", str(recipe), str(tmp_path / "later.csv"), "--out", str(out), "--as-rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:4]] == ["-", "1.", "-", "2."]
    plain = json.loads(recipe.read_text())
    [step] = [one for one in plain["decisions"] if one["action"] == "fill"]
    step["settings"] = {"how": "nonsense"}
    recipe.write_text(json.dumps(plain))
    assert main(["apply", str(recipe), str(tmp_path / "january.csv"), "--out", str(out)]) == 2
    told = capsys.readouterr().err
    assert "A step of the recipe cannot be followed: Filled the missing values of 'age'" in told
    assert "Decision 2" not in told


def test_a_rule_on_cells_says_how_many_hold_another_value_then(tmp_path: Path) -> None:
    """It named every row of the filter, those that had the value among them."""
    frame = january()
    old = (frame["age"] > 50).to_numpy()
    other = int((old & (frame["town"] != "Oslo")).sum())
    label = Decision("relabel", Filter.parse("age > 50"), "Oslo", column="town")
    recipe = recipe_of(tmp_path, frame, label)
    frame.to_csv(tmp_path / "february.csv", index=False)
    [line] = apply_as_rules(recipe, tmp_path / "february.csv", None).lines
    assert 0 < other < old.sum()
    assert line.endswith(f": {other} cells, {old.sum() - other} were so already")
