"""The labels page: what is doubtful, how much of it is wrong, and many relabelled as one step."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.dataset import Dataset
from core.run import run
from core.workspace import load
from tests.components.conftest import Open, keyed, row_list, shown, sound, undo_of, waited

WRONG = 12


def trees(names: tuple[str | int, ...] = ("ash", "birch", "cedar")) -> Dataset:
    """240 rows of three classes far apart, of which twelve carry the label of the next one."""
    draw = np.random.default_rng(3)
    true = np.arange(240) % 3
    frame = pd.DataFrame(draw.normal(size=(240, 3)), columns=["a", "b", "c"])
    frame["a"] += 6 * (true == 1)
    frame["b"] += 6 * (true == 2)
    given = np.where(np.arange(240) < WRONG, (true + 1) % 3, true)
    frame["tree"] = np.array(names)[given]
    return load(frame, name="trees.csv", target="tree")


def test_doubtful_labels_are_listed_relabelled_as_one_step_and_put_back(open_page: Open) -> None:
    app = open_page("labels", trees())
    sound(app)
    assert "of 240 labels are wrong (90% interval" in shown(app)
    listed = row_list(app)
    assert set(listed["Row"]) <= set(range(WRONG)) and listed["Doubt"].is_monotonic_decreasing
    assert len(listed) >= 4
    top = keyed(app.number_input, "labels-top-")
    top.set_value(3).run()
    assert "Writes another label into **3 rows**" in shown(app)
    app.button(key="labels-bulk").click()
    waited(app.run())
    sound(app)
    settled = app.session_state["winnow"].review
    [batch] = [decisions for decisions in [settled.decisions] if decisions]
    assert {decision.action for decision in batch} == {"relabel"}
    assert sum(len(decision.rows) for decision in batch) == 3
    assert {decision.column for decision in batch} == {"tree"}
    assert all(decision.value in ("ash", "birch", "cedar") for decision in batch)
    undo_of(app).click()
    waited(app.run())
    assert not app.session_state["winnow"].review.decisions


def given_away() -> Dataset:
    """240 rows of which a column, known only afterwards, holds the label: a wrong one too."""
    frame = trees().frame()
    frame["invoice"] = frame["tree"].map({"ash": 10.0, "birch": 20.0, "cedar": 30.0}) + frame["a"] / 100
    return load(frame, name="trees.csv", target="tree")


def test_a_column_that_gives_the_target_away_is_named_where_no_label_is_doubtful(open_page: Open) -> None:
    data = given_away()
    app = open_page("labels", data)
    sound(app)
    assert "agree with all 240 labels. That says little until Leakage was looked at" in shown(app)
    assert "of 0" not in str([metric.value for metric in app.metric])
    door = next(one for one in app.get("page_link") if "Leakage" in one.proto.label)
    assert "tab=leakage" in door.proto.query_string
    run("leakage", data)
    waited(app.run())
    assert "That says little: 'invoice' gives the target away." in shown(app).replace("\\", "")


def test_agreement_stands_where_leakage_found_no_such_column(open_page: Open) -> None:
    frame = trees().frame()
    frame["tree"] = np.array(["ash", "birch", "cedar"])[np.arange(240) % 3]
    for column, of in (("a", 1), ("b", 2)):  # no column by itself, both together
        frame[column] = 9.0 * (np.arange(240) % 3 == of) + frame["c"] % 1
    data = load(frame, name="trees.csv", target="tree")
    run("leakage", data)
    app = open_page("labels", data)
    assert "agree with all 240 labels. No column gives the target away by itself." in shown(app)


def test_a_target_of_numbers_shows_the_residuals_in_place_of_labels(open_page: Open) -> None:
    draw = np.random.default_rng(0)
    frame = pd.DataFrame({"size": draw.gamma(4, 30, 200), "age": draw.integers(0, 80, 200)})
    frame["price"] = 2 * frame["size"] - frame["age"] + draw.normal(0, 3, 200)
    frame.loc[[5, 50], "price"] += 400
    app = open_page("labels", load(frame, name="houses.csv", target="price"))
    sound(app)
    assert "do not fit their row?" in shown(app) and "were not judged" not in shown(app)
    assert {5, 50} <= set(row_list(app)["Row"])


def test_few_whole_numbers_are_classes_and_have_no_residuals(open_page: Open) -> None:
    app = open_page("labels", trees((0, 1, 2)))
    sound(app)
    assert "of 240 labels are wrong (90% interval" in shown(app) and "Residuals" not in shown(app)
