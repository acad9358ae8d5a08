"""The analysis: what it says, and what it writes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.cli import main
from core.coreset import BuildPlan, build, open_saved
from core.decided import as_decided
from core.decision import Decision
from core.errors import SettingError
from core.phrases import in_two_digits
from core.review import Review
from core.rowset import RowSet
from core.run import run
from core.steps.typed import typed_step
from tests.core.coreset.rows import frame
from tests.make import dataset

TABLE = frame(5_000)


def test_rows_weights_and_the_error_beside_uniform() -> None:
    result = run("coreset", dataset(TABLE, target="y"), {"size": 300})
    rows = result.rows()
    assert list(rows.columns) == ["row", "weight", "importance"] and len(rows) == 300
    np.testing.assert_allclose(rows["weight"].sum(), len(TABLE))
    told = result.summary
    assert told["expected_error"] < told["uniform_error"] and told["uniform_as_good"] == "no"
    assert told["error_low"] < told["expected_error"] < told["error_high"]
    assert told["effective_sample_size"] < 300
    table = result.frame().set_index("stratum")
    assert table["rows"].to_dict() == TABLE["y"].value_counts().to_dict() and table["drawn"].sum() == 300
    sizes = [size for size, _ in result.curve]
    few = run("coreset", dataset(TABLE, target="y"), {"size": 40})
    assert [size for size, _ in few.curve] == [40], "too small for smaller ones, and its error is known"
    assert sizes == [60, 150, 300] and result.curve[0][1].error.value > result.curve[-1][1].error.value


def test_where_rows_matter_alike_uniform_is_as_good() -> None:
    draw = np.random.default_rng(0)
    table = pd.DataFrame({"a": draw.choice([-1.0, 1.0], 4_000), "b": draw.choice([-1.0, 1.0], 4_000)})
    table["c"] = draw.random(4_000) * 1e-9  # tells equal rows apart
    table["y"] = draw.choice(["u", "v"], 4_000)
    result = run("coreset", dataset(table, target="y"), {"size": 400, "columns": "a,b"})
    codes = [finding.code for finding in result.findings]
    assert "uniform_as_good" in codes or result.error is None
    rare = run("coreset", dataset(TABLE, target="y"), {"size": 24})
    assert [finding.code for finding in rare.findings] == ["coreset_small"]
    assert rare.error is not None
    own = rare.error.error
    ends = " to ".join(f"{in_two_digits(end)}" for end in (own.low, own.high))
    assert rare.findings[0].title.endswith(f"{in_two_digits(own.value)} of the loss (95% interval {ends})")


def test_a_tenth_is_one_of_the_rows_that_can_be_drawn() -> None:
    """Of 5,000 rows 1,000 had no target: a tenth was 500 of the 4,000 that the page counted. The same of rows
    without a weight, of files of a folder, and asked for by share.
    """
    table = TABLE.assign(w=1.0)
    table["y"] = table["y"].astype("object").where(np.arange(len(table)) % 5 != 0)
    table.loc[table.index % 5 == 1, "w"] = 0.0
    aimless = dataset(table.drop(columns="w"), target="y")
    weighed = dataset(table, target="y", weight="w")
    for data, rows in ((aimless, 4_000), (weighed, 3_000)):
        for settings in ({}, {"share": 0.1}):
            result = run("coreset", data, settings)
            size, every = result.summary["size"], result.summary["rows"]
            assert (size, every, len(result.rows())) == (rows // 10, rows, rows // 10)
        notes = " ".join(run("coreset", data, {}).notes)
        assert f"No size is set: {rows // 10} of {rows:,} rows by default" in notes
    assert run("coreset", aimless, {"share": 0.1, "loss": "k-means"}).summary["size"] == 500
    halves = [dataset(half, target="y") for half in (table[:2_500], table[2_500:])]
    assert build(halves, BuildPlan()).sample.row.size == 400


@pytest.mark.parametrize(
    ("settings", "size"), [({"share": 0.02}, 100), ({"memory": 0.02}, 357), ({"size": 77}, 77)]
)
def test_a_size_is_a_count_a_share_or_memory(settings: dict[str, float], size: int) -> None:
    assert run("coreset", dataset(TABLE, target="y"), settings).summary["size"] == size


def test_how_boosted_trees_are_fitted_is_said_where_the_rows_are_for_trees() -> None:
    data = dataset(TABLE, target="y")
    notes = run("coreset", data, {"size": 300, "loss": "trees"}).notes
    assert any("divide the weights by their mean in each class" in note for note in notes)
    for other in (
        run("coreset", data, {"size": 300}),
        run("coreset", data.with_roles(target="d"), {"loss": "trees"}),
    ):
        assert not any("Boosted trees" in note for note in other.notes)


def test_ids_that_repeat_are_told_and_not_used() -> None:
    table = TABLE.assign(id=np.arange(len(TABLE)) // 2)
    result = run("coreset", dataset(table, target="y", id="id"), {"size": 200})
    assert any("repeat" in note for note in result.notes)


def test_the_command_writes_rows_of_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    TABLE.to_csv(tmp_path / "some.csv", index=False)
    rows = tmp_path / "coreset.csv"
    given = ["coreset", str(tmp_path / "some.csv"), "--target", "y", "--set", "size=200", "--json"]
    assert main([*given, "--rows", str(rows)]) == 0
    assert json.loads(capsys.readouterr().out)["summary"]["size"] == 200
    table = pd.read_csv(rows)
    assert list(table.columns) == ["row", "weight", "importance"] and len(table) == 200
    assert main([*given, "--set", "each=yes"]) == 2
    assert "CLASS=ROWS" in capsys.readouterr().err


def test_settings_that_cannot_be_are_refused() -> None:
    with pytest.raises(SettingError, match="CLASS=ROWS"):
        run("coreset", dataset(TABLE, target="y"), {"each": "yes"})


@pytest.mark.parametrize("size", [["--set", "size=200"], []], ids=["size", "size-of-the-first"])
def test_saved_coresets_are_built_of_parts_merged_and_updated(
    size: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    days = tmp_path / "days"
    days.mkdir()
    for at in range(3):
        TABLE[at * 1_000 : (at + 1) * 1_000].to_csv(days / f"day{at}.csv", index=False)
    TABLE[3_000:3_500].to_csv(tmp_path / "today.csv", index=False)

    def said(*given: object) -> dict[str, object]:
        status = main([*map(str, given), "--json"])
        assert status == 0, capsys.readouterr().err
        answer: dict[str, object] = json.loads(capsys.readouterr().out)
        return answer

    build = ["--target", "y", "--set", "size=200"]
    all_rows, some = tmp_path / "all.csv", tmp_path / "rows.csv"
    whole = said("build-coreset", days, *build, "--out", tmp_path / "all", "--rows", all_rows)
    assert whole["rows"] == 3_000 and len(whole["parts"]) == 3  # type: ignore[arg-type]
    like = ["--target", "y", *size, "--like", tmp_path / "all"]
    said("build-coreset", days / "day0.csv", *like, "--out", tmp_path / "a")
    said("build-coreset", str(days / "day[12].csv"), *like, "--out", tmp_path / "b")
    merged = said("merge-coresets", tmp_path / "a", tmp_path / "b", "--out", tmp_path / "ab", "--rows", some)
    assert merged["pilot"] == whole["pilot"] and some.read_bytes() == all_rows.read_bytes()
    drawing = tmp_path / "tree.svg"
    assert main(["merge-coresets", str(tmp_path / "a"), str(tmp_path / "b"), "--tree", str(drawing)]) == 0
    assert capsys.readouterr().out.count(" drawn\n") == 3 and "day1.csv" in drawing.read_text("utf-8")
    assert main(["merge-coresets", str(tmp_path / "a"), "--tree", str(tmp_path / "no" / "tree.svg")]) == 2
    assert "Cannot write" in capsys.readouterr().err
    parts = merged["parts"]
    assert sum(part["drawn"] for part in parts) == merged["size"]  # type: ignore[attr-defined]
    more = said("update-coreset", tmp_path / "ab", tmp_path / "today.csv", "--table", tmp_path / "t.parquet")
    assert more["rows"] == 3_500 and len(more["parts"]) == 4  # type: ignore[arg-type]
    table = pd.read_parquet(tmp_path / "t.parquet")
    assert list(table.columns) == ["row", *TABLE.columns, "weight", "importance"]
    assert main(["merge-coresets", str(tmp_path / "a"), str(tmp_path / "a"), "--json"]) == 2
    assert "would count twice" in capsys.readouterr().err
    assert main(["build-coreset", str(tmp_path / "none*.csv"), "--json"]) == 2


def test_a_recipe_updates_a_saved_coreset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    TABLE.to_csv(tmp_path / "some.csv", index=False)
    given = [str(tmp_path / "some.csv"), "--target", "y", "--set", "size=200"]
    assert main(["build-coreset", *given, "--out", str(tmp_path / "c")]) == 0
    assert (
        main(["export", str(tmp_path / "some.csv"), "--drop", "a > 0.5", "--out", str(tmp_path / "out")]) == 0
    )
    capsys.readouterr()
    recipe = next((tmp_path / "out").glob("*recipe*.json"))
    update = ["update-coreset", str(tmp_path / "c"), given[0], "--recipe", str(recipe), "--json"]
    assert main([*update, "--table", str(tmp_path / "t.csv")]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == int((~(TABLE["a"] > 0.5)).sum())
    assert pd.read_csv(tmp_path / "t.csv")["a"].max() <= 0.5


@pytest.mark.parametrize("rewritten", [False, True])
def test_a_row_that_was_changed_and_then_dropped_counts_once_and_a_weight_not_at_all(rewritten: bool) -> None:
    data = dataset(TABLE, target="y")
    low, least = float(TABLE["b"].min()), float(TABLE["b"].nsmallest(2).iloc[1])
    said = [
        Decision("relabel", RowSet(range(2_000, 2_020)), "maybe", column="city"),
        Decision("drop", RowSet(range(2_017))),
        Decision("weight", RowSet(range(3_000, 4_000)), 2.0),
    ]
    own = int(TABLE["b"].argmin() >= 2_017 and TABLE["b"].argmin() not in range(2_000, 2_020))
    if rewritten:  # a rule on a column that it reads: all rows are scored again
        said.append(Decision("clip", RowSet(), column="b", settings={"low": str((low + least) / 2)}))
    [stale] = run("coreset", as_decided(data, Review().say(*said)), {"size": 300}).findings
    changed = 3 + own * rewritten
    assert stale.value == pytest.approx((2_017 + changed) / 5_000)
    assert (
        f"decisions dropped 2,017 and changed what it reads of {changed} of 5,000 rows (40.4%)" in stale.title
    )


def test_decisions_edit_the_coreset_of_the_data_as_loaded() -> None:
    data = dataset(TABLE, target="y")
    first = run("coreset", data, {"size": 300})
    few = as_decided(data, Review().say(Decision("drop", RowSet(range(100)))))
    after = run("coreset", few, {"size": 300})
    assert after.coreset.pilot.version == first.coreset.pilot.version
    assert after.summary["rows"] == len(TABLE) - 100 and after.findings == ()
    sources = few.source_ids(after.rows()["row"].to_numpy())
    assert sources.min() >= 100 and np.array_equal(sources, after.coreset.sample.row)
    many = as_decided(data, Review().say(Decision("drop", RowSet(range(600)))))
    assert [f.code for f in run("coreset", many, {"size": 300}).findings] == ["stale_pilot"]
    fresh = run("coreset", many, {"size": 300, "fresh": True})
    assert fresh.coreset.pilot.version != first.coreset.pilot.version and not fresh.findings
    low = str(np.quantile(TABLE["a"], 0.01))
    clipped = as_decided(data, Review().say(Decision("clip", RowSet(), column="a", settings={"low": low})))
    assert not run("coreset", clipped, {"size": 300}).findings, "a step that changes 1% of the rows"
    halved = as_decided(data, Review().say(Decision("clip", RowSet(), column="a", settings={"low": "0"})))
    [stale] = run("coreset", halved, {"size": 300}).findings
    assert stale.value == pytest.approx(float((TABLE["a"] < 0).mean()))
    renamed = as_decided(data, Review().say(Decision("rename", RowSet(), column="a", settings={"to": "z"})))
    assert run("coreset", renamed, {"size": 300}).summary["size"] == 300


@pytest.mark.parametrize(
    ("step", "has"),
    [
        ("fill a how=median indicator=yes", "1 column more ('a_missing')"),
        ("omit c", "1 column less ('c')"),
        ("rename a to=z", "1 column of another name ('z')"),
    ],
)
def test_a_column_more_is_no_change_of_every_row(step: str, has: str) -> None:
    """Learned on the data as decided, it was called learned on those as loaded, of which all rows changed."""
    data = dataset(TABLE.assign(a=TABLE["a"].where(TABLE.index >= 100)), target="y")
    decided = as_decided(data, Review().say(typed_step(step)))
    first, after = (run("coreset", one, {"size": 300}) for one in (data, decided))
    assert after.coreset.pilot.version != first.coreset.pilot.version and not after.findings
    [note] = [note for note in after.notes if note.startswith("Importance was learned")]
    assert note == f"Importance was learned anew on the data as decided: they have {has}."
    asked = run("coreset", decided, {"size": 300, "fresh": True})
    assert not asked.findings and not [one for one in asked.notes if one.startswith("Importance was")]


def test_rows_changed_before_importance_was_learned_anew_do_not_count_as_changed_since() -> None:
    changes = Decision("clip", RowSet(), column="a", settings={"low": "0"})
    halved = as_decided(dataset(TABLE, target="y"), Review().say(changes))
    assert not run("coreset", halved, {"size": 300, "fresh": True}).findings


def test_without_a_size_a_small_table_keeps_a_part_of_its_rows_and_says_so() -> None:
    few = run("coreset", dataset(frame(600), target="y"))
    assert few.summary["size"] == 200 and not [f for f in few.findings if f.code == "coreset_small"]
    assert "No size is set: 200 of 600 rows by default, see the settings." in few.notes
    more = run("coreset", dataset(TABLE, target="y"))
    assert more.summary["size"] == 500
    wished = run("coreset", dataset(TABLE, target="y"), {"share": 0.02})
    assert wished.summary["size"] == 100 and not [note for note in wished.notes if "No size" in note]


def test_without_a_size_each_of_many_classes_has_ten_rows() -> None:
    draw = np.random.default_rng(3)
    label = np.repeat([f"c{at}" for at in range(30)], 20)
    table = pd.DataFrame({"a": draw.normal(size=600), "b": draw.normal(size=600), "y": label})
    result = run("coreset", dataset(table, target="y"), {"balance": "proportional"})
    assert result.summary["size"] == 300 and set(result.frame()["drawn"]) == {10}


def test_without_a_size_parts_are_counted_together(tmp_path: Path) -> None:
    for at, part in enumerate((TABLE[:2_000], TABLE[2_000:])):
        part.to_csv(tmp_path / f"{at}.csv", index=False)
    files = [str(tmp_path / "0.csv"), str(tmp_path / "1.csv")]
    assert main(["build-coreset", *files, "--target", "y", "--out", str(tmp_path / "c")]) == 0
    assert open_saved(tmp_path / "c").sample.row.size == 500


def test_a_coreset_of_one_row_is_refused() -> None:
    with pytest.raises(SettingError, match="size must be 2 rows or more, or 0"):
        run("coreset", dataset(TABLE, target="y"), {"size": 1})


def test_ids_that_serve_shares_with_train_are_ids_all_the_same() -> None:
    ids = [f"r{at}" for at in range(len(TABLE))]
    serve = TABLE.head(400).assign(id=ids[:400])
    parts = dataset(TABLE.assign(id=ids), serve=serve, target="y", id="id")
    notes = run("coreset", parts, {"size": 300}).notes
    assert not any("repeat" in note for note in notes)
    twice = dataset(TABLE.assign(id=["r1", *ids[1:]]), serve=serve, target="y", id="id")
    assert any("The ids of 'id' repeat" in note for note in run("coreset", twice, {"size": 300}).notes)


def test_the_default_weights_of_logistic_losses_are_calibrated_and_it_is_said() -> None:
    data = dataset(TABLE, target="y")
    result = run("coreset", data, {"size": 300})
    assert result.summary["calibrated"] == "yes" and any("calibrated to the slope" in n for n in result.notes)
    decided = as_decided(data, Review().say(Decision("relabel", RowSet(range(0, 900, 9)), "yes", column="y")))
    after = run("coreset", decided, {"size": 300})
    assert after.summary["calibrated"] == "yes" and after.summary["expected_error"] < 0.005
    assert run("coreset", data, {"size": 300, "loss": "trees"}).summary["calibrated"] == "no"
    few = run("coreset", data, {"size": 24})
    assert few.summary["calibrated"] == "no" and "or more, or for fewer columns" in few.findings[0].suggestion


def test_ids_of_images_do_not_change_which_are_equal(tmp_path: Path) -> None:
    """Equal pictures are one, whatever their files are called."""
    from tests.core.loading.images.reading import read as read_images
    from tests.images import encoded, picture, zipped

    files = {f"{'ab'[i % 2]}/{i}.png": encoded(picture(i % 20)) for i in range(40)}
    data = read_images(zipped(tmp_path / "a.zip", files)).with_roles(target="label")
    settings = {"size": 10}
    one = run("coreset", data, settings)
    other = run("coreset", data.with_roles(id="image", target="label"), settings)
    assert one.summary == other.summary and one.notes == other.notes
    assert any("equal to a row of the coreset" in note for note in one.notes)
