"""Rows that are added: numbered behind the source, marked for ever, of train, and replayed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core import load, run
from core.cli import main
from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.decided import as_decided
from core.decision import Decision
from core.errors import LoadError, RecipeError
from core.export import apply_as_rules, apply_recipe, export
from core.filters import Filter
from core.review import Review
from core.rowset import RowSet
from core.steps import numbered, settle, typed_step
from core.steps.behind import families
from core.steps.settling import state_after
from tests.core.steps.acting import after, refused, rule, values
from tests.core.steps.agreement import assert_equal, decided, script
from tests.make import dataset

TABLE = pd.DataFrame(
    {
        "id": range(100, 112),
        "y": ["no"] * 8 + ["yes"] * 3 + ["maybe"],
        "x": [0.5, 1.5, np.nan, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0],
        "day": pd.to_datetime(["2024-01-01"] * 11 + ["2024-02-03"]),
    }
)
BALANCE = rule("add_rows", by="y")
REPEAT = rule("add_rows", how="repeat", amount=5)
GIVEN = rule(
    "add_rows", how="given", records=[{"id": 7, "y": "yes", "x": "2.5"}, {"y": "maybe"}], parents=[[3, 9], []]
)


def made() -> Dataset:
    return dataset(TABLE)


def test_classes_are_balanced_by_repeating_rows_and_the_rows_are_marked() -> None:
    data, settled = after(TABLE, BALANCE)
    assert pd.Series(values(data, "y")).value_counts().to_dict() == {"no": 8, "yes": 8, "maybe": 8}
    assert data.rows == 24 and data.added == RowSet(range(12, 24)) and settled.counts()["added"] == 12
    assert values(data, "origin") == [None] * 12 + ["oversampled"] * 12
    parents = [int(one) for one in values(data, "parents")[12:]]
    assert [values(data, "id")[one] for one in parents] == values(data, "id")[12:]
    times = pd.Series(parents).value_counts()
    assert set(times[[8, 9, 10]]) == {1, 2} and times[11] == 7  # as often as any other, give or take one
    assert settled.counts()["before"] == 12 and settled.counts()["after"] == 24


def test_a_share_and_a_number_and_a_condition() -> None:
    assert after(TABLE, rule("add_rows", by="y", share=0.5))[0].rows == 12 + 1 + 3
    assert after(TABLE, REPEAT)[0].rows == 17
    assert after(TABLE, rule("add_rows", how="repeat", share=0.25))[0].rows == 15
    data = after(TABLE, rule("add_rows", rows=Filter.parse("x >= 9"), how="repeat", amount=4))[0]
    assert sorted(values(data, "id")[12:]) == [109, 109, 110, 111] or len(set(values(data, "id")[12:])) == 3


@pytest.mark.parametrize("how", [BALANCE, REPEAT])
def test_what_is_repeated_does_not_depend_on_the_order_of_rows(how: Decision) -> None:
    shuffled = TABLE.sample(frac=1.0, random_state=3).reset_index(drop=True)
    one, other = after(TABLE, how)[0], after(shuffled, how)[0]
    assert values(one, "id")[12:] == values(other, "id")[12:]
    seeded = after(TABLE, rule("add_rows", how="repeat", amount=5, seed=1))[0]
    assert values(seeded, "id")[12:] != values(after(TABLE, REPEAT)[0], "id")[12:]


def test_only_train_is_repeated_and_serve_stays_as_it_is(tmp_path: Path) -> None:
    TABLE.iloc[:9].to_csv(tmp_path / "train.csv", index=False)
    TABLE.iloc[9:].assign(x=[1e9, 2e9, 3e9]).to_csv(tmp_path / "serve.csv", index=False)
    data = load(tmp_path / "train.csv", serve=tmp_path / "serve.csv")
    now, _ = after(data, rule("add_rows", how="repeat", amount=20), rule("scale", "x"))
    assert now.parts == {"train": 29, "serve": 3}
    assert (now.part_mask("serve") == (np.arange(32) // 3 == 3)).all()
    assert set(values(now, "id")[12:]) <= set(range(100, 109))
    done = export(data, Review().say(rule("add_rows", how="repeat", amount=2)), tmp_path / "out")
    serve = (tmp_path / "out" / "cleaned-serve.csv").read_text().splitlines()
    assert len(done.cleaned.read_text().splitlines()) == 1 + 9 + 2 and len(serve) == 1 + 3


def test_after_a_split_only_its_train_is_repeated_and_a_split_after_it_is_refused() -> None:
    data, settled = after(
        TABLE, rule("split", validation=0.25, test=0.25), rule("add_rows", how="repeat", amount=9)
    )
    assert set(values(data, "part")[12:]) == {"train"}
    late = settle([REPEAT, rule("split")], made())
    assert "Split first" in late.passed[1]


def test_rows_that_are_given_are_read_as_the_source_writes_them(tmp_path: Path) -> None:
    (tmp_path / "raw.csv").write_text("n;d;w\n1,5;31/01/2024;ja\n2;01/02/2024;nein\n", encoding="utf-8")
    data = load(tmp_path / "raw.csv")
    row = {"n": "3,25", "d": "05/02/2024", "w": "ja"}
    review = Review().say(rule("add_rows", how="given", records=[row, {"n": 4.5}]))
    now = as_decided(data, review)
    assert values(now, "n") == [1.5, 2.0, 3.25, 4.5] and str(values(now, "d")[2]) == "2024-02-05 00:00:00"
    text = export(data, review, tmp_path / "out").cleaned.read_text(encoding="utf-8")
    assert text.splitlines() == [
        "n;d;w;origin;parents",
        "1,5;31/01/2024;ja;;",
        "2;01/02/2024;nein;;",
        "3,25;05/02/2024;ja;added;",
        "4,5;;;added;",
    ]


def test_rows_given_after_a_split_are_of_its_train() -> None:
    part = [rule("split", validation=0.25, test=0.25), rule("rename", "part", to="set")]
    given = [rule("add_rows", how="given", records=[{"x": 99}, {"x": 98, "set": "train"}])]
    data, _ = after(TABLE, *part, *given)
    assert values(data, "set")[12:] == ["train", "train"]
    assert_equal(
        script(made(), [*part, *given]).clean(made().frame(), rows=True), decided(made(), [*part, *given])
    )
    other = rule("add_rows", how="given", records=[{"x": 1, "set": "test"}])
    assert "'set' says 'test' of one" in settle([*part, other], made()).passed[2]


def test_the_column_of_a_split_stays_as_the_split_wrote_it() -> None:
    by_hand = Decision("relabel", RowSet([1, 2]), "test", column="p")
    steps = [
        rule("split"),
        rule("rename", "part", to="p"),
        by_hand,
        rule("map", "p", pairs={"train": "test"}),
    ]
    settled = settle([*steps, rule("scale", "x"), Decision("omit", RowSet(), column="p")], made())
    assert set(settled.passed) == {2, 3} and "change that step instead" in settled.passed[2]


@pytest.mark.parametrize(
    ("split", "kept", "gone"),
    [
        (PartSplit("value", column="y", value="maybe"), {"y": "no"}, {"y": "maybe"}),
        (PartSplit("time", column="day", value="2024-02-01"), {"day": "2024-01-31"}, {"day": "2024-02-01"}),
    ],
    ids=["value", "time"],
)
def test_rows_given_name_the_column_that_parts_train_and_serve(
    split: PartSplit, kept: dict[str, Any], gone: dict[str, Any]
) -> None:
    data = dataset(TABLE, split=split)
    now, _ = after(data, rule("add_rows", how="given", records=[kept]))
    assert now.rows == 13 and now.part_mask("train")[12]
    said = refused(data, rule("add_rows", how="given", records=[kept, gone]))
    assert "makes one of serve" in said


KINDS = pd.DataFrame(
    {
        "d": pd.to_datetime(["2020-01-01", "2020-02-01"]),
        "b": [True, False],
        "n": [1, 2],
        "f": [0.5, 1.5],
        "t": ["a", "b"],
    }
)


@pytest.mark.parametrize(
    ("column", "value", "read"),
    [
        ("b", 1, True),
        ("b", False, False),
        ("n", 3.0, 3),
        ("n", -(2**63), -(2**63)),
        ("f", 7, 7.0),
        ("f", float("nan"), None),
        ("t", 7, "7"),
        ("t", True, "true"),
        ("t", {"a": [1]}, '{"a": [1]}'),
    ],
)
def test_a_number_that_is_given_is_read_as_its_text_would_be(column: str, value: Any, read: Any) -> None:
    given = rule("add_rows", how="given", records=[{column: value}])
    assert values(after(KINDS, given)[0], column)[2] == read
    data = dataset(KINDS)
    assert_equal(script(data, [given]).clean(KINDS, rows=True), decided(data, [given]))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("d", 20200405),
        ("b", 5),
        ("n", True),
        ("n", 3.5),
        ("n", 2**63),
        ("n", 10**30),
        ("f", True),
        ("f", float("inf")),
        ("f", "inf"),
        ("f", 10**400),
    ],
)
def test_a_number_that_is_no_value_of_its_column_is_refused(column: str, value: Any) -> None:
    said = refused(KINDS, rule("add_rows", how="given", records=[{"t": "a"}, {column: value}]))
    assert said.startswith("Row 2 of those given: ") and f"which '{column}' holds" in said


def test_later_rules_and_decisions_work_on_added_rows() -> None:
    data, settled = after(
        TABLE,
        GIVEN,
        rule("fill", "x", how="constant", value="1"),
        Decision("drop", RowSet([0, 12])),
        Decision("relabel", RowSet([13]), "no", column="y"),
    )
    assert data.rows == 12 and data.source_ids(np.arange(12)).tolist() == [*range(1, 12), 13]
    assert (
        values(data, "y")[-1] == "no" and values(data, "x")[-1] == 1.0 and values(data, "parents")[-1] is None
    )
    assert settled.new == RowSet([12, 13]) and settled.dropped == RowSet([0, 12])
    assert Filter.parse("origin is added").rows(data) == RowSet([11])


def test_numbers_stay_whatever_becomes_of_earlier_steps(tmp_path: Path) -> None:
    data = made()
    first = settle([REPEAT], data)
    second = settle([REPEAT, GIVEN], data)
    fixed = numbered(GIVEN, second.effects[1], data)
    assert fixed.settings["first"] == 5 and numbered(REPEAT, first.effects[0], data).settings["first"] == 0
    drop = Decision("drop", RowSet([18]))  # the second of the rows given
    both = as_decided(data, Review().say(REPEAT, fixed, drop))
    alone = as_decided(data, Review().say(fixed, drop))
    other = rule("add_rows", how="given", records=[{"y": "no"}], first=2)
    moved = as_decided(data, Review().say(other, fixed, drop))
    swapped = as_decided(data, Review().say(fixed, other, drop))
    assert alone.rows == 13 and alone.source_ids(np.arange(13))[-1] == 17 and values(alone, "id")[-1] == 7
    assert both.rows == 12 + 5 + 1 and values(both, "id")[-1] == 7
    assert swapped.version == moved.version and swapped.frame().equals(moved.frame())
    assert moved.source_ids(np.arange(14))[-2:].tolist() == [14, 17]
    lost = settle([drop], data)
    assert "names row 18" in lost.passed[0] and not len(lost.dropped)
    more = settle([rule("add_rows", how="repeat", amount=6), fixed], data)
    assert "takes the numbers" in more.passed[1] and len(more.new) == 6


def test_the_marks_stay() -> None:
    data = made()
    for change in (
        rule("tidy", "origin", case="upper"),
        Decision("relabel", RowSet([13]), "mine", column="origin"),
        Decision("omit", RowSet(), column="parents"),
        rule("add_rows", how="given", records=[{"origin": "me"}]),
    ):
        assert "marks" in settle([GIVEN, change], data).passed[1]
    renamed, _ = after(data, GIVEN, rule("rename", "origin", to="where from"), GIVEN)
    assert values(renamed, "where from")[12:] == ["added"] * 4 and "origin" not in renamed.names
    taken, _ = after(TABLE.assign(origin="here"), GIVEN)
    assert taken.names[-2:] == ("origin_2", "parents")


def test_copies_are_no_duplicates_and_marks_are_not_analysed() -> None:
    data, _ = after(TABLE, rule("add_rows", how="repeat", amount=24))
    found = run("duplicates", data)
    assert found.summary["excess_rows"] == 0 and not found.findings
    assert any("24 added rows not compared" in note for note in found.notes)
    twice = pd.concat([TABLE, TABLE.iloc[:2]], ignore_index=True)
    assert run("duplicates", after(twice, REPEAT)[0]).summary["excess_rows"] == 2
    assert not any({"origin", "parents"} & set(finding.columns) for finding in run("profile", data).findings)
    assert run("profile", data).summary["rows"] == 36


@pytest.mark.parametrize("settings", [{}, {"columns": ["y"], "keep": "last"}, {"keep": "highest", "by": "x"}])
def test_rows_that_were_added_are_no_repeats(settings: dict[str, Any]) -> None:
    twice = pd.concat([TABLE, TABLE.iloc[[8, 8]]], ignore_index=True)
    steps = [REPEAT, rule("add_rows", how="repeat", amount=3, seed=1), rule("drop_repeats", **settings)]
    data, settled = after(twice, *steps)
    alone, _ = after(twice, steps[-1])
    assert data.rows == alone.rows + 8 and len(data.added) == 8
    assert run("duplicates", data).summary["excess_rows"] == 0 or settings
    whole = dataset(twice)
    assert_equal(script(whole, steps).clean(twice, rows=True), decided(whole, steps))


def test_what_is_learned_out_of_fold_knows_no_copy_of_a_row() -> None:
    rng = np.random.default_rng(0)
    coin = pd.DataFrame({"c": [f"l{one // 2}" for one in range(400)], "y": rng.integers(0, 2, 400) * 1.0})
    data, encode = dataset(coin, target="y"), rule("encode", "c", how="target")
    once, _ = after(data, encode)
    twice, _ = after(data, rule("add_rows", how="repeat", amount=400), encode)
    assert np.allclose(values(twice, "c")[:400], values(once, "c"), atol=1e-9), "copies change no mean"
    steps = [rule("add_rows", how="repeat", amount=500, seed=one) for one in (1, 2)]
    many, _ = after(data, *steps, encode)
    assert abs(np.corrcoef(values(many, "c"), values(many, "y"))[0, 1]) < 0.15
    own = np.array(values(many, "c"))
    assert_equal(script(data, [*steps, encode]).clean(coin, rows=True), decided(data, [*steps, encode]))
    for row, parent in enumerate(values(many, "parents")):
        assert parent is None or own[row] == own[int(parent)], "a copy is in the fold of its parent"
    few = dataset(coin.iloc[:4], target="y")
    assert "not counted" in settle([rule("add_rows", how="repeat", amount=9), encode], few).passed[1]


def test_a_row_is_of_the_family_of_all_that_it_comes_from() -> None:
    given = [
        rule("add_rows", how="given", records=[{"y": "no"}, {"y": "no"}], parents=[[1, 5], []]),
        rule("add_rows", how="given", records=[{"y": "no"}, {"y": "no"}], parents=[[7, 12], [9]]),
    ]
    family = families(state_after(given, made())).tolist()
    assert family == [0, 1, 2, 3, 4, 1, 6, 1, 8, 9, 10, 11, 1, 13, 1, 9]


@pytest.mark.parametrize(
    "analysis", ["profile", "shift", "missingness", "association", "overlap", "target", "outliers"]
)
def test_copies_are_no_observations_of_their_own(analysis: str) -> None:
    rng = np.random.default_rng(4)

    def noise(rows: int) -> pd.DataFrame:
        frame = pd.DataFrame(rng.normal(size=(rows, 3)), columns=["a", "b", "c"])
        frame["gaps"] = np.where(rng.random(rows) < 0.2, np.nan, rng.normal(size=rows))
        return frame.assign(level=rng.choice(["u", "v", "w"], rows), y=rng.choice(["p", "q"], rows))

    train, serve = noise(150), noise(150)
    data = dataset(train, serve=serve, target="y")
    many, _ = after(data, rule("add_rows", how="repeat", amount=3000))
    alone, copied = run(analysis, data), run(analysis, many)
    assert [(one.key, one.value) for one in copied.findings] == [
        (one.key, one.value) for one in alone.findings
    ]
    assert analysis == "profile" or "3,000 rows not looked at" in copied.notes[-1]


def test_what_may_agree_by_chance_is_not_made_sure_by_copies() -> None:
    """Columns that agree in few rows, and more columns than rows."""
    few = pd.DataFrame({"a": list("ppqrs"), "b": list("ppqrs"), "c": list("wwxyz"), "d": [1, 2, 3, 4, 5]})
    few = few.assign(e=few["d"] * 2.5, f=few["d"] ** 2)
    many, _ = after(few, rule("add_rows", how="repeat", amount=500))
    for analysis in ("profile", "duplicates"):
        alone, copied = run(analysis, dataset(few)), run(analysis, many)
        assert alone.findings, analysis
        assert [(f.key, f.value, f.severity, f.action) for f in copied.findings] == [
            (f.key, f.value, f.severity, f.action) for f in alone.findings
        ]


def test_rows_given_without_parents_are_observations() -> None:
    given = rule("add_rows", how="given", records=[{"x": 1}, {"x": 2}])
    data, _ = after(TABLE, given, Decision("drop", RowSet([0, 12])))
    assert data.independent is data and not data.copies
    more, _ = after(TABLE, given, REPEAT, given, Decision("drop", RowSet([0, 12])))
    assert more.copies == RowSet(range(12, 19)) and more.independent.rows == 12
    assert values(more.independent, "id") == [*range(101, 112), None]
    assert more.with_roles(target="y").independent.roles.target == "y"


def test_a_row_is_repeated_with_its_weight(tmp_path: Path) -> None:
    TABLE.to_csv(tmp_path / "raw.csv", index=False)
    data = load(tmp_path / "raw.csv")
    late = Decision("weight", RowSet([12]), 2.0)
    steps = [
        Decision("weight", RowSet(range(9)), 5.0),
        rule("add_rows", how="repeat", amount=14),
        GIVEN,
        late,
    ]
    settled = settle(steps, data)
    parents = [int(one) for one in values(as_decided(data, Review().say(*steps)), "parents")[12:26]]
    want = [5.0 if row < 9 else 1.0 for row in [*range(12), *parents]] + [1.0, 1.0]
    want[12] = 2.0
    assert np.nan_to_num(settled.weight, nan=1.0).tolist() == want and {5.0, 1.0} <= set(want[13:26])
    out = tmp_path / "out"
    export(data, Review().say(*steps), out)
    assert pd.read_csv(out / "cleaned.csv")["sample_weight"].tolist() == want
    assert script(data, steps).clean(data.frame(), rows=True)["sample_weight"].tolist() == want


def test_where_classes_are_balanced_already_the_marks_come_all_the_same(tmp_path: Path) -> None:
    TABLE.to_csv(tmp_path / "raw.csv", index=False)
    export(load(tmp_path / "raw.csv"), Review().say(BALANCE, GIVEN), tmp_path / "out")
    even = TABLE.iloc[[7, 8, 11]].reset_index(drop=True)
    even.to_csv(tmp_path / "next.csv", index=False)
    replay = apply_as_rules(tmp_path / "out" / "recipe.json", tmp_path / "next.csv", tmp_path / "clean.csv")
    assert not replay.settled.passed and "passed_over" not in {found.code for found in replay.findings}
    table = pd.read_csv(tmp_path / "clean.csv")
    assert list(table.columns) == [*TABLE, "origin", "parents"] and len(table) == 3 + 2
    new = rule("add_rows", how="given", records=[{"y": "no"}])
    for steps in ([BALANCE], [BALANCE, new], [rule("add_rows", how="repeat", share=0.01, first=4), REPEAT]):
        data = dataset(even)
        module, (now, settled) = script(data, steps), after(data, *steps)
        assert now.rows == 3 + sum(len(one.new) for one in settled.effects.values())
        assert_equal(module.clean(even, rows=True), decided(data, steps))
        assert list(module.clean(even).columns) == list(now.names)
    assert "share already" in after(dataset(even), BALANCE)[1].effects[0].note


def test_an_object_that_is_given_to_json_stays_an_object(tmp_path: Path) -> None:
    old = [{"a": 1, "b": {"c": [1, 2]}}, {"a": 2, "b": {"c": [3]}}]
    (tmp_path / "raw.jsonl").write_text("".join(json.dumps(one) + "\n" for one in old))
    given = [{"a": 3, "b": {"c": [1, True]}}, {"b": [1, "x"]}, {"b": "plain"}]
    review = Review().say(rule("add_rows", how="given", records=given))
    text = export(load(tmp_path / "raw.jsonl"), review, tmp_path / "out").cleaned.read_text()
    assert [json.loads(line)["b"] for line in text.splitlines()] == [one["b"] for one in [*old, *given]]


def test_batches_hold_what_the_table_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    data, _ = after(TABLE, GIVEN, rule("scale", "x"), Decision("drop", RowSet([3, 12])), REPEAT)
    whole = data.table().to_pylist()
    monkeypatch.setattr(Dataset, "fits_memory", property(lambda self: False))
    rows = [row for batch in data.batches(size=5) for row in batch.to_pylist()]
    assert rows == whole
    assert data.sql("select count(*) from data where origin is not null").fetchall() == [(6,)]


@pytest.mark.parametrize(
    "steps",
    [
        [BALANCE],
        [Decision("drop", RowSet([0, 9])), rule("tidy", "y", case="upper"), BALANCE, rule("fill", "x")],
        [rule("add_rows", rows=Filter.parse("y is no"), how="repeat", amount=9), GIVEN, REPEAT],
        [rule("split", test=0.0), REPEAT, rule("scale", "x"), rule("rename", "origin", to="o")],
        [
            GIVEN,
            rule("encode", "y", how="one-hot", rare=0.0),
            rule("add_rows", rows=Filter.parse("origin is added"), how="repeat", amount=2),
        ],
        [
            rule("add_rows", how="repeat", amount=3, first=4),
            rule("add_rows", how="repeat", amount=2, first=0),
        ],
    ],
    ids=range(6),
)
def test_the_script_does_the_same(steps: list[Decision]) -> None:
    data = made()
    module = script(data, steps)
    want = decided(data, steps)
    assert_equal(module.clean(data.frame(), rows=True), want)
    new = module.clean(TABLE)  # new data are served: nothing is added, the columns are there
    assert list(new.columns) == list(want.columns) and len(new) <= len(TABLE)


def test_the_recipe_gives_the_same_bytes_and_replays_on_other_data(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    TABLE.to_csv(raw, index=False)
    data = load(raw)
    done = export(data, Review().say(BALANCE, GIVEN, Decision("drop", RowSet([2, 13, 24]))), tmp_path / "out")
    lines = done.cleaned.read_text().splitlines()
    assert lines[-1] == ",maybe,,,added," and len(lines) == 1 + 12 + 12 + 2 - 3
    dropped = pd.read_csv(tmp_path / "out" / "dropped.csv")
    assert dropped["source_row"].tolist() == [2, 13, 24] and dropped["parents"].isna().tolist() == [
        True,
        False,
        False,
    ]
    recipe = tmp_path / "out" / "recipe.json"
    [again] = apply_recipe(recipe, raw, tmp_path / "again.csv")
    assert again.read_bytes() == done.cleaned.read_bytes()
    TABLE.iloc[[11, 10, 9, 3, 4, 5, 6]].to_csv(tmp_path / "next.csv", index=False)
    replay = apply_as_rules(recipe, tmp_path / "next.csv", tmp_path / "clean.csv")
    table = pd.read_csv(tmp_path / "clean.csv")
    assert table["y"].value_counts().to_dict() == {"no": 4, "yes": 5, "maybe": 5}  # one more of each is given
    assert table["parents"].tolist()[-2] == "3 2" and replay.review.decisions[1].settings["parents"] == [
        [3, 2],
        [],
    ]
    assert {"unknown": 2.0}.items() <= {found.about: found.value for found in replay.findings}.items()


def test_a_recipe_that_names_a_row_beyond_the_data_is_refused(tmp_path: Path) -> None:
    TABLE.to_csv(tmp_path / "raw.csv", index=False)
    export(load(tmp_path / "raw.csv"), Review().say(Decision("drop", RowSet([11]))), tmp_path / "out")
    plain = json.loads((tmp_path / "out" / "recipe.json").read_text())
    plain["decisions"][0]["ranges"] = [[11, 13]]
    (tmp_path / "bad.json").write_text(json.dumps(plain))
    with pytest.raises(RecipeError, match="row 12 of 12"):
        apply_recipe(tmp_path / "bad.json", tmp_path / "raw.csv", tmp_path / "no.csv")
    assert not (tmp_path / "no.csv").exists()


def test_as_typed_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    TABLE.to_csv(tmp_path / "raw.csv", index=False)
    (tmp_path / "new.csv").write_text("y,x\nmaybe,2.5\nyes,\n")
    step = f"add_rows how=given records='@{tmp_path / 'new.csv'}' origin=synthetic"
    given = ["export", str(tmp_path / "raw.csv"), "--out", str(tmp_path / "out"), "--step", step]
    assert main([*given, "--step", "add_rows how=repeat amount=1"]) == 0
    text = (tmp_path / "out" / "cleaned.csv").read_text().splitlines()
    assert text[13:15] == [",maybe,2.5,,synthetic,", ",yes,,,synthetic,"] and "oversampled" in text[15]
    assert typed_step("add_rows how=given records=[]").settings["records"] == []
    assert main([*given[:-1], f"add_rows how=given records=@{tmp_path}/none.csv"]) == 2
    assert "none.csv" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "target"),
        ({"by": "z"}, "'z'"),
        ({"how": "repeat", "share": 0.0}, "number or a share"),
        ({"by": "y", "share": 0.0}, "number or a share"),
        ({"how": "repeat", "amount": 10_000_000, "first": 9}, "At most"),
        ({"how": "given"}, "at least one row"),
        ({"how": "given", "records": [{"zz": 1}]}, "'zz'"),
        (
            {"how": "given", "records": [{"x": 1}, {"x": "much"}]},
            "Row 2 of those given: 'much' cannot be read",
        ),
        ({"how": "given", "records": [3]}, "Row 1 of those given is no object"),
        ({"how": "given", "records": [{"x": 1}], "parents": [[1], [2]]}, "for every row"),
        ({"how": "given", "records": [{"x": 1}], "parents": [[99]]}, "below 12"),
        ({"how": "given", "records": [{"y": "a" * 1000}] * 25_000}, "letters"),
        ({"how": "given", "records": [{}] * 100_001}, "At most 100,000 rows"),
        ({"how": "given", "records": "x"}, "JSON list"),
        ({"how": "more"}, "must be one of"),
    ],
)
def test_bad_input_is_told_in_a_sentence(settings: dict[str, Any], said: str) -> None:
    assert said in refused(TABLE, rule("add_rows", **settings))


def test_added_rows_have_no_vectors(tmp_path: Path) -> None:
    from core.vectors import attach

    TABLE.to_csv(tmp_path / "raw.csv", index=False)
    np.save(tmp_path / "v.npy", np.ones((12, 3), np.float32))
    data = attach(load(tmp_path / "raw.csv"), tmp_path / "v.npy")
    with pytest.raises(LoadError, match="5 added rows of 'raw.csv' have no vectors"):
        as_decided(data, Review().say(REPEAT)).vector_rows()


def test_a_row_that_is_repeated_takes_its_weight_along() -> None:
    data = dataset(pd.DataFrame({"x": np.arange(20.0)}))
    weigh = Decision("weight", RowSet(range(10)), 5.0)
    settled = settle([weigh, Decision("add_rows", RowSet(), settings={"how": "repeat", "amount": 20})], data)
    added = as_decided(data, Review().say(weigh), settled).frame().tail(20)
    parents = added["parents"].astype(int).to_numpy()
    expected = np.where(parents < 10, 5.0, np.nan)
    assert np.array_equal(settled.weight[20:], expected, equal_nan=True) and (parents < 10).any()


@pytest.mark.parametrize("text", ["score outliers above 0.5", "not score outliers above 0.5"])
def test_a_filter_by_score_takes_no_copy(text: str) -> None:
    """Copies have no score of their own: neither it nor its opposite holds for them."""
    score = np.linspace(0.0, 1.0, len(TABLE))
    data, _ = after(TABLE, REPEAT)
    where = Filter.parse(text)
    taken = where.rows(data, {}, {"outliers": score})
    assert taken and taken == where.rows(made(), {}, {"outliers": score})
    assert np.isnan(data.with_copies(score, np.nan)[-5:]).all() and len(data.with_copies(score, 0)) == 17
    assert data.with_copies(data.with_copies(score, np.nan), 1.0).size == data.rows
