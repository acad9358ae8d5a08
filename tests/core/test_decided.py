"""The data as decided: what an export holds, rows keep their identity, unchanged columns are shared, findings
are compared.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analyses.profile import analysis as profiling
from core.cli import main
from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.decided import as_decided, left_of
from core.decision import Decision
from core.export import export
from core.filters import Filter
from core.finding import Finding
from core.loading import Options
from core.outcomes import attempt
from core.prepare import fixes
from core.recipe import Recipe
from core.report import resolved_json
from core.resolved import resolved
from core.review import Review
from core.rowset import RowSet
from core.run import run
from core.steps import settle
from core.workspace import load
from tests.make import dataset

ROWS = 40


def frame() -> pd.DataFrame:
    numbers = np.arange(ROWS)
    return pd.DataFrame(
        {
            "age": np.where(numbers % 7 == 0, np.nan, numbers * 1.5),
            "count": pd.array([None if n % 9 == 0 else n for n in numbers], "Int64"),
            "city": [("Oslo", "Rome", "rome", None)[n % 4] for n in numbers],
            "when": pd.Timestamp("2024-03-01") + pd.to_timedelta(numbers, "D"),
            "kind": ["ab"[n % 2] for n in numbers],
        }
    )


DATA = dataset(frame(), target="kind")
row_sets = st.sets(st.integers(0, ROWS - 1), max_size=ROWS).map(RowSet)
columns = st.sampled_from(DATA.names)


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    word = draw(st.sampled_from(["keep", "drop", "defer", "blank", "relabel", "omit", "include", "weight"]))
    rows = draw(row_sets)
    if word in ("omit", "include"):
        return Decision(word, RowSet(), column=draw(st.sampled_from(["age", "city", "when"])))
    if word == "blank":
        return Decision(word, rows, column=draw(columns))
    if word == "relabel":
        column, value = draw(
            st.sampled_from([("city", "Bergen"), ("kind", "a"), ("count", "77"), ("age", "2.5")])
        )
        return Decision(word, rows, value, column=column)
    return Decision(word, rows, 2.0 if word == "weight" else None)


reviews = st.lists(decisions(), max_size=6).map(lambda said: Review().say(*said))


def plainly(review: Review) -> pd.DataFrame:
    """What is decided, row by row, in pandas."""
    now, whole = settle(review.decisions, DATA), frame().astype(object).where(frame().notna(), None)
    for column, codes in now.labels.items():
        for row in np.flatnonzero(codes >= 0):
            text = now.values[codes[row]]
            kind = {"count": int, "age": float}.get(column, str)
            whole.loc[row, column] = None if text is None else kind(text)
    return whole.drop(index=list(now.dropped.ids)).drop(columns=list(now.omitted))


@given(reviews)
def test_it_holds_what_pandas_gives_row_by_row(review: Review) -> None:
    decided, wanted = as_decided(DATA, review), plainly(review)
    assert decided.source_ids(np.arange(decided.rows)).tolist() == wanted.index.tolist()
    assert decided.names == tuple(wanted.columns)
    for name in decided.names:
        assert decided.table([name]).column(0).to_pylist() == wanted[name].tolist(), name


@given(reviews, reviews)
def test_what_is_undone_is_as_if_never_decided(first: Review, then: Review) -> None:
    whole = Review().say(*first.decisions).say(*then.decisions) if then.decisions else first
    back = whole.undo() if then.decisions else whole
    one, other = as_decided(DATA, first), as_decided(DATA, back)
    assert one.version == other.version
    assert one.table().equals(other.table())


@given(reviews)
def test_the_version_names_the_content_and_nothing_else(review: Review) -> None:
    decided = as_decided(DATA, review)
    same = decided.names == DATA.names and decided.table().equals(DATA.table())
    if decided.version == DATA.version:
        assert same
    if (
        not settle(review.decisions, DATA).dropped
        and not settle(review.decisions, DATA).omitted
        and not any(d.kind.on == "cells" for d in review.decisions)
    ):
        assert decided is DATA


def test_keeping_sending_to_review_weighting_and_accepting_change_nothing() -> None:
    review = Review().say(
        Decision("keep", RowSet([1])),
        Decision("defer", RowSet([2])),
        Decision("weight", RowSet([3]), 2.0),
        Decision("accept", RowSet(), finding="missing:age"),
    )
    assert as_decided(DATA, review) is DATA


@given(st.sets(st.integers(0, ROWS - 1), max_size=ROWS - 1), row_sets)
def test_rows_go_to_the_source_and_back(dropped: set[int], rows: RowSet) -> None:
    decided = as_decided(DATA, Review().say(Decision("drop", RowSet(dropped))))
    left = rows - RowSet(dropped)
    assert decided.source_rows(decided.own_rows(rows)) == left
    assert decided.frame(["age"], rows=decided.own_rows(left)).equals(
        DATA.frame(["age"], rows=left).set_axis(pd.Index(decided.own_rows(left).ids, name="row"))
    )


@pytest.mark.parametrize("held", [True, False])
def test_it_is_the_same_in_memory_and_in_batches(held: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    review = Review().say(
        Decision("drop", RowSet(range(5, 30, 3))),
        Decision("blank", Filter.parse("age > 20"), column="age"),
        Decision("relabel", RowSet([0, 39]), "Ål", column="city"),
    )
    wanted = plainly(review)
    if not held:
        monkeypatch.setattr(Dataset, "fits_memory", False)
    data = dataset(frame(), target="kind")
    assert data.fits_memory is held
    decided = as_decided(data, review)
    batches = list(decided.batches(size=7))
    assert sum(len(batch) for batch in batches) == decided.rows == len(wanted)
    for name in decided.names:
        assert [cell for b in batches for cell in b.column(name).to_pylist()] == wanted[name].tolist()
        assert decided.table([name]).column(0).to_pylist() == wanted[name].tolist()
    assert decided.sql("select count(*), min(row), max(row) from data").fetchall() == [
        (len(wanted), 0, len(wanted) - 1)
    ]


def test_train_and_serve_stay_what_they_were() -> None:
    data = dataset(frame().head(10), serve=frame().tail(5))
    decided = as_decided(data, Review().say(Decision("drop", RowSet([0, 3, 12]))))
    assert data.parts == {"train": 10, "serve": 5}
    assert decided.parts == {"train": 8, "serve": 4}
    assert decided.part_mask("serve").tolist() == [False] * 8 + [True] * 4


def test_a_column_that_is_left_out_has_no_role() -> None:
    decided = as_decided(DATA, Review().say(Decision("omit", RowSet(), column="kind")))
    assert decided.roles.target is None
    assert "kind" not in decided.names


def test_the_export_loaded_again_is_the_data_as_decided(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    frame().to_csv(source, index=False)
    data = load(source, target="kind")
    review = Review().say(
        Decision("drop", RowSet([1, 2, 38])),
        Decision("blank", RowSet([5, 6]), column="age"),
        Decision("relabel", RowSet([7]), "Bergen", column="city"),
        Decision("omit", RowSet(), column="when"),
    )
    export(data, review, tmp_path / "out")
    [cleaned] = (tmp_path / "out").glob("*clean*.csv")
    again, decided = load(cleaned), as_decided(data, review)
    assert again.names == decided.names
    for name in again.names:
        assert again.table([name]).column(0).to_pylist() == decided.table([name]).column(0).to_pylist()


def test_a_new_value_that_is_none_of_the_columns_kind_is_told() -> None:
    decided = as_decided(DATA, Review().say(Decision("relabel", RowSet([3, 4]), "many", column="count")))
    [finding] = [f for f in decided.loading if f.code == "unread_label"]
    assert (finding.columns, finding.rows, finding.severity) == (("count",), RowSet([3, 4]), "warning")
    assert decided.table(["count"]).column(0).to_pylist()[3:5] == [None, None]


def test_rows_of_new_values_that_do_not_read_are_counted_as_any_other() -> None:
    review = Review().say(
        Decision("drop", RowSet(range(9))), Decision("relabel", RowSet([8, 11]), "abc", column="age")
    )
    decided = as_decided(DATA, review)
    [finding] = [f for f in decided.loading if f.code == "unread_label"]
    assert decided.source_rows(finding.rows) == RowSet([11]) and finding.value == 1
    omitted = as_decided(DATA, review.say(Decision("omit", RowSet(), column="age")))
    assert not [f for f in omitted.loading if f.code == "unread_label"]


def test_a_value_that_does_not_read_is_another_change_than_a_cell_made_missing() -> None:
    rows = RowSet([3])
    unread, blank = (
        as_decided(DATA, Review().say(decision))
        for decision in (
            Decision("relabel", rows, "abc", column="age"),
            Decision("blank", rows, column="age"),
        )
    )
    assert unread.table().equals(blank.table())
    assert unread.version != blank.version and not [f for f in blank.loading if f.code == "unread_label"]


def test_new_values_are_read_as_the_source_writes_them(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("x;d\n" + "".join(f"{n},5;{n + 10}/04/2023\n" for n in range(15)))
    data = load(source)
    assert [column.kind for column in data.columns] == ["numeric", "datetime"]
    review = Review().say(
        Decision("relabel", RowSet([1]), "7,25", column="x"),
        Decision("relabel", RowSet([2]), "3/4/2024", column="d"),
    )
    decided = as_decided(data, review)
    assert decided.table(["x"]).column(0)[1].as_py() == 7.25
    assert decided.table(["d"]).column(0)[2].as_py() == pd.Timestamp(2024, 4, 3)
    assert decided.loading == data.loading


@pytest.mark.parametrize(
    ("written", "new", "value"),
    [
        (lambda n: f"{n + 10} March 2023", "5 May 2024", pd.Timestamp(2024, 5, 5)),
        (lambda n: f"3/{n + 13}/23", "5/4/24", pd.Timestamp(2024, 5, 4)),
        (lambda n: f"2023.03.{n + 10}", "2024.5.4", pd.Timestamp(2024, 5, 4)),
        (lambda n: f"{n + 13}/03/2023", "4/5/2024 9:30 PM", pd.Timestamp(2024, 5, 4, 21, 30)),
        (lambda n: f"2023-03-{n + 10}", "2024-05-04", pd.Timestamp(2024, 5, 4)),
        (lambda n: f"2023-03-{n + 10}", "2024-05-04T10:00:00+02:00", pd.Timestamp(2024, 5, 4, 8)),
        (lambda n: f'"{n + 1},{n + 100}.5"', "12,345.25", 12_345.25),
    ],
)
def test_a_new_value_is_read_as_the_column_was(
    written: Callable[[int], str], new: str, value: object, tmp_path: Path
) -> None:
    """What an export to text would write is what the analyses of the data as decided see."""
    source = tmp_path / "in.csv"
    source.write_text("k,x\n" + "".join(f"{n},{written(n)}\n" for n in range(15)))
    data = load(source)
    assert data["x"].kind in ("datetime", "numeric")
    decided = as_decided(data, Review().say(Decision("relabel", RowSet([2]), new, column="x")))
    assert decided.table(["x"]).column(0)[2].as_py() == value
    assert decided.loading == data.loading


def test_the_order_in_which_columns_are_changed_names_nothing() -> None:
    one, other = (
        Decision("relabel", RowSet([1]), word, column=column)
        for word, column in (("1.5", "age"), ("b", "kind"))
    )
    assert (
        as_decided(DATA, Review().say(one, other)).version
        == as_decided(DATA, Review().say(other, one)).version
    )
    alone, both = as_decided(DATA, Review().say(one)), as_decided(DATA, Review().say(other, one))
    assert alone.column_key("age") == both.column_key("age")


def test_what_was_not_checked_is_not_resolved() -> None:
    data = spoiled()
    review = Review().say(Decision("drop", RowSet(range(data.rows))))
    sides = [
        (one, (attempt("profile", one), attempt("duplicates", one)))
        for one in (data, as_decided(data, review))
    ]
    assert resolved_json(*sides, review) == []


def test_what_a_check_made_in_part_does_not_find_is_not_resolved() -> None:
    """No model of fewer than ten rows of a class is fitted: that it predicts nothing stays so."""
    draw, rows = np.random.default_rng(1), 200
    frame = pd.DataFrame({name: draw.normal(size=rows) for name in "abc"})
    data = dataset(frame.assign(y=["bad"] * 14 + ["good"] * (rows - 14)), target="y")
    for taken, gone in ((8, 0), (0, 1)):
        own = [Decision("relabel", RowSet(range(taken)), "good", column="y")] if taken else []
        review = Review().say(*own, Decision("omit", RowSet(), column="y" if not taken else "a"))
        decided = as_decided(data, review)
        made = attempt("target", data)
        now = (
            attempt("target", decided) if taken else replace(made, result=replace(made.result, quality=None))
        )
        assert [one.code for one in made.findings] == ["no_signal"] and not now.findings
        told = resolved_json((data, (made,)), (decided, (now,)), review)
        assert len(told) == gone, taken


def test_code_beside_a_finding_drops_rows_of_the_source() -> None:
    draw = np.random.default_rng(0)
    train = pd.DataFrame({"a": draw.normal(size=60), "b": draw.normal(size=60), "y": list("xz") * 30})
    data = dataset(train, serve=train.head(14).tail(4), target="y")  # rows 10 to 13
    decided = as_decided(data, Review().say(Decision("drop", RowSet(range(5)))))
    [finding] = [f for f in run("leakage", decided).findings if f.code == "rows_across_parts"]
    twins = decided.source_rows(finding.rows).ids.tolist()
    assert finding.fix == f"data = data.drop(index=data.index[{twins}])" and twins == [10, 11, 12, 13]


def test_a_class_that_is_gone_is_told_and_worse_where_one_is_left() -> None:
    three = dataset(pd.DataFrame({"x": range(30), "y": list("abc") * 10}), target="y")

    assert [
        f
        for f in as_decided(
            dataset(pd.DataFrame({"y": ["only", *"ab" * 9]}), target="y"),
            Review().say(Decision("drop", RowSet([0]))),
        ).loading
    ] == [], "one row is no class to miss"

    def told(*rows: int) -> list[tuple[str, str]]:
        decided = as_decided(three, Review().say(Decision("drop", RowSet(rows))))
        return [(f.severity, f.title) for f in decided.loading if f.code == "class_gone"]

    assert told(*range(0, 27, 3)) == []
    assert told(*range(0, 30, 3)) == [("warning", "1 class of 'y' is gone: 'a'")]
    assert told(*range(0, 30, 3), *range(1, 30, 3)) == [("critical", "2 classes of 'y' are gone: 'a', 'b'")]


def test_unchanged_columns_are_shared_and_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    data = dataset(frame(), target="kind")
    run("profile", data)
    looked: list[str] = []
    measure = profiling.measure
    monkeypatch.setattr(
        profiling, "measure", lambda column, *rest: looked.append(column.name) or measure(column, *rest)
    )
    decided = as_decided(data, Review().say(Decision("blank", RowSet([5]), column="age")))
    result = run("profile", decided)
    assert looked == ["age"]
    places = [one.table(["city"]).column(0).chunk(0).buffers()[1].address for one in (data, decided)]
    assert places[0] == places[1]
    fresh = run("profile", dataset(decided.frame().reset_index(drop=True), target="kind"))
    for now, new in zip(result.columns, fresh.columns, strict=True):
        assert (now.name, now.missing, now.distinct, now.top) == (
            new.name,
            new.missing,
            new.distinct,
            new.top,
        )
        assert np.array_equal(now.quantiles, new.quantiles)


def spoiled() -> Dataset:
    """A column of one value, a code for missing, spellings of one word, and repeated rows."""
    draw = np.random.default_rng(3)
    plain = pd.DataFrame(
        {
            "income": np.where(np.arange(600) % 12 == 0, -999.0, draw.normal(50, 9, 600).round(2)),
            "town": draw.choice(["Oslo", "Bergen", "Tromsø"], 600),
            "always": "x",
            "height": draw.normal(170, 9, 600).round(3),
        }
    )
    plain.loc[::50, "town"] = "oslo "
    return dataset(pd.concat([plain, plain.head(9)], ignore_index=True))


@pytest.mark.parametrize("order", [1, -1])
def test_findings_are_resolved_by_what_they_propose(order: int) -> None:
    data, review = spoiled(), Review()
    before = [*run("profile", data).findings, *run("duplicates", data).findings]
    mended = [f for f in before if fixes.label(f) and f.severity != "info"]
    assert {f.code for f in mended} >= {"constant", "disguised_missing", "duplicate_rows"}
    for finding in mended[::order]:
        review = review.say(*fixes.decisions(as_decided(data, review), _now(finding, data, review)))
    decided = as_decided(data, review)
    after = [*run("profile", decided).findings, *run("duplicates", decided).findings]
    gone = resolved(before, after, review, settle(review.decisions, data))
    assert {one.finding.key for one in gone} >= {f.key for f in mended}
    for one in gone:
        if one.finding.key in {f.key for f in mended}:
            assert {d.finding for d in one.decisions} == {one.finding.key}


def _now(finding: object, data: Dataset, review: Review) -> object:
    """The finding as the data as decided have it, or as it was where it is gone there by now."""
    decided = as_decided(data, review)
    there = [*run("profile", decided).findings, *run("duplicates", decided).findings]
    return next((f for f in there if f.key == finding.key), finding)  # type: ignore[attr-defined]


def test_decisions_made_on_the_data_as_decided_name_rows_of_the_source() -> None:
    data = spoiled()
    first = Review().say(Decision("drop", RowSet(range(100))))
    decided = as_decided(data, first)
    [finding] = [f for f in run("profile", decided).findings if f.code == "disguised_missing"]
    [decision] = fixes.decisions(decided, replace(finding, action="blank", settings={}))
    codes = np.flatnonzero(data.frame(["income"])["income"].to_numpy() == -999)
    assert isinstance(decision.rows, RowSet)
    assert decision.rows.ids.tolist() == codes[codes >= 100].tolist()


@pytest.mark.parametrize(
    ("decision", "left"),
    [
        (Decision("drop", RowSet([3, 5])), [9 - 2]),
        (Decision("drop", RowSet([3, 5, 9])), None),
        (Decision("blank", RowSet([3, 9]), column="city"), [5]),
        (Decision("blank", RowSet([3, 5, 9]), column="age"), [3, 5, 9]),
        (Decision("omit", RowSet(), column="city"), None),
    ],
)
def test_what_loading_found_goes_with_its_rows_cells_and_columns(
    decision: Decision, left: list[int] | None
) -> None:
    found = Finding("read", "", "warning", 0.5, "", "", rows=RowSet([3, 5, 9]), columns=("city",))
    decided = as_decided(replace(DATA, loading=(found,)), Review().say(decision))
    assert [f.rows.ids.tolist() for f in decided.loading] == ([] if left is None else [left])


@pytest.fixture
def followed(tmp_path: Path) -> tuple[str, str]:
    """A file and a recipe that mends it: rows 0 to 99 dropped, the codes of income made missing, a column
    left out, a finding accepted.
    """
    path, recipe = tmp_path / "towns.csv", tmp_path / "recipe.json"
    frame = spoiled().frame()
    frame.to_csv(path, index=False)
    data, review = load(path), Review().say(Decision("drop", RowSet(range(100))))
    [finding] = [f for f in run("profile", data).findings if f.code == "disguised_missing"]
    review = review.say(*fixes.decisions(data, finding))
    review = review.say(Decision("omit", RowSet(), column="always"))
    review = review.say(Decision("accept", RowSet(), finding="variants:town"))
    recipe.write_text(Recipe.of(data, review).to_json())
    return str(path), str(recipe)


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


def test_of_a_finding_nothing_is_left_where_all_its_columns_or_rows_are_gone() -> None:
    data = dataset(pd.DataFrame({"a": range(6), "b": range(6), "c": range(6)}))
    both = Finding("pair", "'a' is like 'b'", "warning", 0.5, "", "", columns=("a", "b"))
    rows = Finding("odd", "'a' is odd in 2 rows", "warning", 0.5, "", "", rows=RowSet([1, 4]), columns=("a",))

    def left(finding: Finding, *steps: Decision) -> Finding | None:
        return left_of(finding, settle(Review().say(*steps).decisions, data))

    def on(column: str, word: str = "omit", **settings: str) -> Decision:
        return Decision(word, RowSet(), column=column, settings=settings)

    def drop(*some: int) -> Decision:
        return Decision("drop", RowSet(some))

    assert left(both) == both and left(rows, on("b"), drop(0)) == rows
    assert left(both, on("a")) == both and left(both, on("a"), on("b")) is None
    assert left(rows, on("a")) is None and left(rows, drop(1, 4)) is None
    some = left(rows, drop(0, 1))
    assert some is not None and some.rows.ids.tolist() == [4], "counted as in the source"
    renamed = left(both, on("a", "rename", to="z"))
    assert renamed is not None and (renamed.key, renamed.title) == ("pair:z:b", "'z' is like 'b'")
    assert left(both, on("a", "rename", to="z"), on("z"), on("b")) is None


def test_of_gaps_nothing_is_left_once_they_are_filled_nor_of_codes_once_they_are_missing() -> None:
    data = dataset(pd.DataFrame({"a": [1.0, None, 3.0, None, -9.0, 5.0], "b": range(6)}))
    gaps = Finding("missing", "", "warning", 0.5, "", "", rows=RowSet([1, 3]), columns=("a",), gaps=True)
    codes = Finding(
        "codes",
        "",
        "warning",
        0.5,
        "",
        "",
        rows=RowSet([4]),
        columns=("a",),
        action="map",
        settings={"pairs": {"-9": None}},
    )

    def left(finding: Finding, *steps: Decision) -> list[int] | None:
        found = left_of(finding, settle(Review().say(*steps).decisions, data))
        return None if found is None else found.rows.ids.tolist()

    fill = Decision("fill", RowSet(), column="a", settings={"how": "median"})
    unset = Decision("map", RowSet(), column="a", settings={"pairs": {"-9.0": None}})
    other = Decision("scale", RowSet(), column="a")
    assert left(gaps) == [1, 3] and left(codes) == [4]
    assert left(gaps, fill) is None and left(codes, fill) == [4]
    assert left(codes, unset, fill) is None, "what a cell was filled with is no code"
    assert left(codes, fill, unset) is None
    assert left(codes, unset) is None and left(gaps, unset) == [1, 3], (
        "a cell that is missing since is another"
    )
    assert left(gaps, other) == [1, 3] and left(codes, other) == [4], "only a new run can say"
    by_hand = Decision("relabel", RowSet([1]), "7", column="a")
    assert left(gaps, by_hand) == [3] and left(gaps, by_hand, Decision("drop", RowSet([3]))) is None
    assert left(codes, Decision("blank", RowSet([4]), column="a")) is None
    assert left(gaps, fill, Decision("blank", RowSet([3]), column="a")) == [3], "missing again"
    assert left(gaps, fill, Decision("rename", RowSet(), column="a", settings={"to": "z"})) is None


def test_the_command_line_looks_at_the_data_as_decided(
    followed: tuple[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path, recipe = followed
    before = printed(capsys, "profile", path)
    now = printed(capsys, "profile", path, "--recipe", recipe)
    assert (now["dataset"]["rows"], now["dataset"]["columns"]) == (509, 3)
    assert now["dataset"]["loaded"] == {"rows": 609, "columns": 4}
    assert before["dataset"]["fingerprint"] == now["dataset"]["fingerprint"]
    assert {one["code"] for one in now["resolved"]} == {"constant", "disguised_missing"}
    assert now["resolved"][0]["decisions"] == ["Left out 'always'"]
    assert [f["accepted"] for f in now["findings"] if f["code"] == "variants"] == [True]
    missing = next(f for f in now["findings"] if f["code"] == "missing")
    frame = pd.read_csv(path)
    codes = frame.index[(frame["income"] == -999) & (frame.index >= 100)].tolist()
    assert missing["rows"] == codes
    assert "509 rows of 609" in now["notes"][0]


def test_its_row_tables_number_rows_as_in_the_source(
    followed: tuple[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path, recipe = followed
    rows = tmp_path / "rows.csv"
    result = printed(capsys, "duplicates", path, "--recipe", recipe, "--rows", str(rows))
    table = pd.read_csv(rows)
    assert table["row"].tolist() == list(range(100, 609))
    firsts = [row[result["table"]["columns"].index("first_row")] for row in result["table"]["rows"]]
    assert all(first >= 100 for first in firsts)


def test_an_audit_tells_what_the_recipe_resolved_in_text_too(
    followed: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    path, recipe = followed
    assert main(["audit", path, "--recipe", recipe]) == 0
    text = capsys.readouterr().out
    assert "As decided in the recipe: 509 rows of 609 and 3 columns of 4 are left." in text
    assert "[resolved] 'always' is constant" in text


def test_roles_split_kinds_and_reading_are_those_of_the_recipe_where_no_flag_says_otherwise(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path, recipe = tmp_path / "towns.csv", tmp_path / "recipe.json"
    lines = [f"{i % 7}|{'yn'[i % 3 == 0]}|{i % 2}|{200 + i % 5}|z" for i in range(200)]
    path.write_text("\n".join(["x|sold|late|code|left", *lines]))
    options = Options(delimiter="|", leave_out=["left"])
    data = load(path, target="sold", options=options, kinds={"code": "category"})
    data = data.with_split(PartSplit("value", column="late", value="1"))
    recipe.write_text(Recipe.of(data, Review()).to_json())
    answer = printed(capsys, "profile", str(path), "--recipe", str(recipe))
    said = answer["sections"]["data"]
    assert (said["roles"], said["parts"]) == ({"target": "sold"}, {"train": 100, "serve": 100})
    assert said["kinds"]["category"] == 2 and answer["dataset"]["columns"] == 4
    flags = ("--target", "x", "--no-split", "--kind", "code=numeric")
    other = printed(capsys, "profile", str(path), "--recipe", str(recipe), *flags)["sections"]["data"]
    assert other["roles"] == {"target": "x"} and other["kinds"]["category"] == 1  # sold
    assert "serve" not in other["parts"]
    later = tmp_path / "later.csv"
    later.write_text("\n".join(["x,sold,y", *(f"{i % 7},{'yn'[i % 3 == 0]},{i}" for i in range(90))]))
    new = printed(capsys, "profile", str(later), "--recipe", str(recipe))["sections"]["data"]
    assert new["roles"] == {"target": "sold"} and "serve" not in new["parts"]


def test_of_a_recipe_of_other_data_only_what_was_accepted_stands(
    followed: tuple[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path, recipe = followed
    other = tmp_path / "other.csv"
    pd.read_csv(path).head(580).to_csv(other, index=False)
    now = printed(capsys, "profile", str(other), "--recipe", recipe)
    assert now["dataset"]["rows"] == 580 and "resolved" not in now
    assert "of other data: 3 decisions on rows, cells and columns were not followed" in now["notes"][0]
    assert [f["accepted"] for f in now["findings"] if f["code"] == "variants"] == [True]


def test_a_column_that_a_step_made_missing_is_a_warning_that_names_the_step_s_share() -> None:
    """Critical is what was missing from the start; taking codes for what they are makes nothing worse."""
    random = np.random.default_rng(2)
    word = np.where(random.permutation(100) < 60, "?", random.choice(["a", "b"], 100))
    gaps = np.where(random.permutation(100) < 60, np.nan, random.random(100).round(2))
    word[99], gaps[99] = "a", 0.5
    data = dataset(pd.DataFrame({"word": word, "gaps": gaps, "n": range(100)}))
    said = Decision("map", RowSet(), column="word", settings={"pairs": {"?": None}})
    decided = as_decided(data, Review().say(said, Decision("drop", RowSet([99]))))
    told = {f.columns: f for f in run("profile", decided).findings if f.code == "missing"}
    assert told["gaps",].severity == "critical" and "steps made" not in told["gaps",].title
    assert told["word",].severity == "warning"
    made = int((word == "?").sum())
    assert told["word",].title.endswith(f"steps made {made} of them missing")
    assert fixes.label(told["word",]) == "Leave out 'word'"
