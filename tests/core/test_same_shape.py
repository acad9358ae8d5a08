"""Steps of one data set offered for another of the same shape, and taken over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.dataset import Dataset
from core.dataset.pictures import FACTS, MEASURES, PREFIX
from core.decided import as_decided
from core.decision import Decision
from core.export import apply_as_rules, export
from core.export.shapes import difference, shape_of
from core.filters import Filter
from core.loading import Options
from core.places import home
from core.review import Review
from core.rowset import RowSet
from core.same_shape import LIKE, same_shapes, steps_of, steps_on, taken_over
from core.steps import settle
from core.workspace import load
from core.workspace.kept_logs import note
from core.workspace.store import Store

FILL = Decision("fill", RowSet(), column="age", settings={"how": "mean"})
OLD = Decision("drop", Filter.parse("age > 75"), why="too old")
SINGLE = Decision("drop", RowSet([5, 6, 7]))
GONE = Decision("drop", RowSet([8]))
BATCHES = ((FILL,), (OLD, SINGLE), (GONE,))


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))


def january() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {"key": [f"k{row:03d}" for row in range(40)], "age": rng.uniform(18, 80, 40).round(1)}
    )
    frame["town"] = rng.choice(["Oslo", "Bergen"], 40)
    frame["score"] = rng.normal(size=40).round(3)
    frame.loc[[3, 30], "age"] = None
    return frame


def written(folder: Path, name: str, frame: pd.DataFrame) -> Path:
    frame.to_csv(folder / name, index=False)
    return folder / name


def decided(folder: Path, user: str = "ann", **roles: str) -> tuple[Dataset, Store]:
    data, store = load(written(folder, "january.csv", january()), **roles), Store(home())
    for batch in BATCHES:
        store.say(data.fingerprint, user, *batch)
    note(store, data, user, "")
    return data, store


def test_the_shape_is_known_in_any_order_and_only_with_steps_of_ones_own(tmp_path: Path) -> None:
    data, store = decided(tmp_path)
    shape = dict(reversed(shape_of(data).items()))
    (found,) = same_shapes(shape, store, "ann")
    assert (found.name, found.log.steps, found.differs.words) == ("january.csv", 3, "")
    assert same_shapes(shape, store, "eve") == ()
    assert same_shapes(shape, store, "ann", besides=data.source.sha256) == (), "the same file is resumed"
    assert same_shapes({"a": "numeric", "b": "text", "town": "category"}, store, "ann") == ()
    store.undo_to(data.fingerprint, "ann", 0)
    assert same_shapes(shape, store, "ann") == ()


def test_columns_under_other_names_are_proposed_by_name_and_by_kind() -> None:
    old = {"id": "identifier", "price eur": "numeric", "made": "datetime", "x": "numeric", "y": "numeric"}
    new = {"y": "numeric", "Price_EUR": "numeric", "id": "text", "when": "datetime", "z": "text"}
    differs = difference(old, new)
    assert differs.likely == {"price eur": "Price_EUR", "made": "when"}
    assert (differs.missing, differs.new) == (("price eur", "made", "x"), ("Price_EUR", "when", "z"))
    assert differs.words == (
        "'price eur' is likely called 'Price_EUR' here; 'made' is likely called 'when' here; 'x' is missing; "
        "'z' is new"
    )
    assert difference(old, dict(reversed(old.items()))).likeness == 1.0
    assert difference(old, {**old, "x": "text"}).likeness == pytest.approx(0.9)
    assert difference({}, {}).likeness == 0.0
    many = {f"c{at}": "numeric" for at in range(200)}
    assert not difference(many, {f"d{at}": "numeric" for at in range(200)}).likely


def test_what_is_measured_of_images_makes_no_two_sets_alike() -> None:
    """All sets of images have these columns: any two were nearly of one shape."""
    measured: dict[str, str] = {PREFIX + what: "numeric" for what in (*FACTS, *MEASURES)}
    pets = {"image": "image", "label": "category", **measured}
    coco = {"image": "image", "objects": "numeric", "classes": "category", **measured}
    del coco["image_orientation"]
    differs = difference(pets, coco)
    assert differs.likely == {"label": "classes"} and differs.likeness < LIKE
    assert difference(pets, dict(reversed(pets.items()))).likeness == 1.0
    del coco["image_mode"]
    assert not {"image_orientation", "image_mode"} & {
        *differs.likely,
        *difference(coco, pets).likely.values(),
    }
    assert difference({"image_left": "numeric"}, {"image_Left": "numeric"}).likely, (
        "a column of a person's own"
    )


def test_steps_are_taken_over_one_by_one_and_say_where_from(tmp_path: Path) -> None:
    data, store = decided(tmp_path, id="key", target="town")
    store.switch(data.fingerprint, "ann", 3, on=False)
    store.switch(data.fingerprint, "ann", 3, on=True)
    later = january().drop(index=[8, 20]).sample(frac=1.0, random_state=1)
    later.loc[6, "score"] = 9.0
    later = later.rename(columns={"age": "Age"})[["town", "Age", "score", "key"]].assign(extra=1)
    path = written(tmp_path, "february.csv", later)
    there = load(path)
    (found,) = same_shapes(shape_of(there), store, "ann")
    assert found.differs.words == "'age' is likely called 'Age' here; 'extra' is new"
    taken = taken_over(steps_of(found, store, "ann"), there)
    assert taken.words == (
        "2 of 3 steps apply, 1 of them in part, 1 about rows that are not here. Of 4 rows decided one "
        "by one, 2 found again and 2 not carried over."
    )
    assert [[decision.action for decision in batch] for batch in taken.batches] == [
        ["rename"],
        ["fill"],
        ["drop", "drop"],
    ]
    assert taken.dataset.roles.named() == {"id": "key", "target": "town"}
    assert [d.why for d in taken.batches[2]] == [
        "too old (carried over from 'january.csv')",
        "carried over from 'january.csv'",
    ]
    review = Review()
    for batch in taken.batches:
        review = review.say(*batch)
    settled = settle(review.decisions, taken.dataset)
    dropped = there.frame()["key"].iloc[list(settled.dropped)]
    assert {"k005", "k007"} <= set(dropped) and "k006" not in set(dropped[there.frame()["Age"] <= 75])
    (fill,) = [effect for effect in settled.effects.values() if effect.action == "fill"]
    assert fill.learned["value"] == pytest.approx(january()["age"].mean()), "as learned there"
    refitted = taken_over(steps_of(found, store, "ann", refit=True), there)
    assert all(not decision.learned for batch in refitted.batches for decision in batch)


def test_the_page_and_the_command_line_replay_alike(tmp_path: Path) -> None:
    """On columns that both files have, as the recipe knows rows by all columns."""
    data, store = decided(tmp_path)
    export(data, store.review(data.fingerprint, "ann"), tmp_path / "made")
    path = written(tmp_path, "february.csv", january().iloc[::-1].drop(index=[6, 8]))
    there = load(path)
    (found,) = same_shapes(shape_of(there), store, "ann")
    taken = taken_over(steps_of(found, store, "ann"), there)
    replay = apply_as_rules(tmp_path / "made" / "recipe.json", path, None)
    assert taken.lines == replay.lines and len(taken.findings) == len(replay.findings)
    mine = [decision for batch in taken.batches for decision in batch]
    assert settle(mine, taken.dataset).counts() == replay.settled.counts()


def test_lines_put_back_move_no_decision_even_where_all_values_change(tmp_path: Path) -> None:
    """Twice: what was put back the first time is a row of the second."""
    lines = january().to_csv(index=False).splitlines(keepends=True)
    path = tmp_path / "january.csv"
    path.write_text("".join([*lines[:4], "k,1,2,3,4\n", *lines[4:9], "l,5,6,7,8\n", *lines[9:]]))
    first = load(path)
    once = load(path, options=Options(put_back=((11, "l,high,6,7"),)))
    twice = load(path, options=Options(put_back=((5, "k,1,2,3"), (11, "l,high,6,7"))))
    assert once["age"].kind != first["age"].kind, "no digest of a row is what it was"
    steps = steps_on(first, Review().say(Decision("drop", RowSet([2, 3, 7, 8]))))
    taken = taken_over(replace(steps, same_file=True), once)
    assert taken.words == "1 of 1 step applies. Of 4 rows decided one by one, 4 found again."
    (decision,) = taken.batches[0]
    assert list(decision.rows) == [2, 3, 7, 9]
    steps = steps_on(once, Review().say(Decision("drop", RowSet([2, 3, 8, 9]))))
    (decision,) = taken_over(replace(steps, same_file=True), twice).batches[0]
    assert list(decision.rows) == [2, 4, 9, 10]


def test_of_equal_rows_as_many_are_found_again_as_there_are(tmp_path: Path) -> None:
    frame = january()
    equal = pd.concat([frame.iloc[[0, 0]], frame], ignore_index=True)
    first, later = load(written(tmp_path, "a.csv", equal)), load(written(tmp_path, "b.csv", frame))
    taken = taken_over(steps_on(first, Review().say(Decision("drop", RowSet([0, 1, 2])))), later)
    assert taken.words.endswith("Of 3 rows decided one by one, 1 found again and 2 not carried over.")
    assert list(taken.batches[0][0].rows) == [0] and "1 of 3 rows" in taken.lines[0]


def test_a_column_that_is_gone_does_not_hide_the_rows_and_stops_its_own_step_alone(tmp_path: Path) -> None:
    _, store = decided(tmp_path)
    there = load(written(tmp_path, "february.csv", january().drop(columns="age")))
    (found,) = same_shapes(shape_of(there), store, "ann")
    taken = taken_over(steps_of(found, store, "ann"), there)
    assert taken.words == (
        "2 of 3 steps apply, 1 of them in part, 1 cannot. Of 4 rows decided one by one, 4 found again."
    )
    assert {"missing_column", "passed_over"} <= {finding.code for finding in taken.findings}


def test_a_step_applies_in_part_where_fewer_of_its_rows_are_found(tmp_path: Path) -> None:
    rows = pd.DataFrame({"n": [1, 1, 1, 2, 3], "town": ["Oslo", "Oslo", "Oslo", "Bergen", "Oslo"]})
    data = load(written(tmp_path, "january.csv", rows))
    steps = steps_on(data, Review().say(*(Decision("drop", RowSet([row])) for row in range(3))))
    taken = taken_over(steps, load(written(tmp_path, "february.csv", rows.iloc[2:])))
    assert taken.words == (
        "1 of 1 step applies in part. Of 3 rows decided one by one, 1 found again and 2 not carried over."
    )
    assert sum("not carried over" in line for line in taken.lines) == 2


def test_a_step_some_of_whose_rules_cannot_be_followed_applies_in_part(tmp_path: Path) -> None:
    rows = january().assign(zz=1.5)
    data = load(written(tmp_path, "january.csv", rows))
    rules = (OLD, Decision("scale", RowSet(), column="score"), Decision("omit", RowSet(), column="zz"))
    there = load(written(tmp_path, "february.csv", rows.drop(columns="zz")))
    said = {
        "1 of 1 step applies in part.": [rules],
        "2 of 2 steps apply, 1 of them in part.": [rules, (FILL,)],
        "1 of 2 steps applies, 1 cannot.": [rules[:2], rules[2:]],
        "0 of 1 step apply, 1 cannot.": [rules[2:]],
    }
    for words, batches in said.items():
        review = Review()
        for batch in batches:
            review = review.say(*batch)
        assert taken_over(steps_on(data, review), there).words == words


def test_steps_switched_off_and_decisions_that_are_no_steps_are_told_apart(tmp_path: Path) -> None:
    data = load(written(tmp_path, "january.csv", january()))
    there = load(written(tmp_path, "february.csv", january().drop(index=[1])))
    keep, accept = Decision("keep", RowSet([2])), Decision("accept", RowSet(), finding="missing:age")
    gone = Decision("keep", RowSet([1]))
    review = Review().say(FILL).say(keep).say(OLD).say(accept).say(gone)
    found = ". Of 2 rows decided one by one, 1 found again and 1 not carried over."
    words = f"2 of 2 steps apply, 2 other decisions apply{found}"
    assert taken_over(steps_on(data, review), there).words == words
    words = f"1 of 1 step applies, 1 switched off there, 2 other decisions apply{found}"
    assert taken_over(steps_on(data, review.switch(0, on=False)), there).words == words
    assert taken_over(steps_on(data, Review().say(accept)), there).words == "1 decision applies."
    alone = Review().say(FILL).switch(0, on=False)
    assert taken_over(steps_on(data, alone), there).words == "1 step switched off there."


def test_lines_put_back_keep_what_was_decided_about_added_rows(tmp_path: Path) -> None:
    """They stand behind the last row, wherever that is, and holes among their numbers stay holes."""
    raw = tmp_path / "raw.csv"
    raw.write_text("a,b\n" + "".join(f"{n},v{n}\n" for n in range(8)) + "8,x,y\n9,v9\n")
    data = load(raw)
    given = {"how": "given", "records": [{"a": 70}, {"a": 71}], "parents": [[8], [0]], "first": 3}
    rules = (
        Decision("add_rows", RowSet(), settings={"how": "repeat", "amount": 2, "first": 0}),
        Decision("add_rows", RowSet(), settings=given),
        Decision("drop", RowSet([9, 12])),
        Decision("relabel", RowSet([13]), "99", column="a"),
    )
    steps = replace(steps_on(data, Review().say(*rules)), same_file=True)
    there = load(raw, options=Options(put_back=((10, "8,xy"),)))
    taken = taken_over(steps, there)
    assert (data.rows, there.rows) == (9, 10)
    assert taken.words == "1 of 1 step applies. Of 5 rows decided one by one, 5 found again."
    now = taken.batches[0]
    assert [list(decision.rows) for decision in now[2:]] == [[10, 13], [14]]
    assert [decision.settings["first"] for decision in now[:2]] == [0, 3]
    assert now[1].settings["parents"] == [[9], [0]]
    frame = as_decided(there, Review().say(*now)).frame().tail(2)
    assert frame["origin"].tolist() == ["oversampled", "added"] and frame["a"].tolist()[1] == 99
