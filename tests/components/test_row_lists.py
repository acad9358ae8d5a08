"""A list of rows: sorted, filtered and ticked over all of its rows, and found again by its address."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from components.text import BREAK, plain, tag
from components.views.issues import outliers
from components.widgets.rows import _config
from core import load, run
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.filters import Filter
from core.review import Review
from core.rowset import RowSet
from core.steps import settle
from tests.components.conftest import (
    Open,
    hostile,
    insisted,
    keyed,
    linked,
    look_at,
    planted,
    ready,
    row_list,
    shown,
    sound,
    tick,
    ticked,
    waited,
)
from tests.make import dataset


def sample(open_page: Open, data: Dataset) -> AppTest:
    """All rows of the data, on the sample tab."""
    app = open_page("profile", data)
    return waited(app.segmented_control(key="profile-tab").set_value("Sample").run())


def box_of(app: AppTest) -> Any:
    """The box in which the filter of the list is typed."""
    [box] = [one for one in app.text_input if re.match("where-.*-text-", str(one.key))]
    return box


def filtered(app: AppTest, text: str) -> AppTest:
    """Open the filter of the list and type into it."""
    app.session_state["filter-sample-first"] = True
    app.run()
    box_of(app).set_value(text).run()
    return app


def test_a_list_is_sorted_over_all_its_rows_and_its_address_brings_that_back(open_page: Open) -> None:
    data = planted()
    app = sample(open_page, data)
    keyed(app.selectbox, "sort-").set_value("height").run()
    app.button(key="falling-sample-first").click().run()
    assert row_list(app)["Row"].tolist()[:3] == [7, 170, 70], "the three largest, from three pages"
    keyed(app.get("pagination"), "page-").set_value(13).run()
    lowest = data.frame(["height"])["height"].nsmallest(2).index.tolist()
    assert row_list(app)["Row"].tolist()[-2:] == lowest[::-1] and "301–302 of 302" in shown(app)
    sound(app)
    query = dict(app.query_params)
    assert query["sort"] == "height" and query["page"] == "13" and query["falling"] == "yes"
    again = linked("profile", **query)
    sound(again)
    assert row_list(again)["Row"].tolist() == row_list(app)["Row"].tolist()
    keyed(again.selectbox, "sort-").set_value("rare").run()
    assert row_list(again)["rare"].notna().all(), (
        "a new order begins on its first page, the missing ones last"
    )
    assert "page" not in again.query_params and "falling" not in again.query_params


def test_a_filter_counts_live_says_where_it_fails_and_becomes_a_rule(open_page: Open) -> None:
    data = planted()
    app = filtered(sample(open_page, data), "height > nine")
    assert "(character 10)" in shown(app).replace("\\", "")
    assert not [table for table in app.dataframe if "Row" in table.value], "no rows of a filter that fails"
    filtered(app, "flagged by missing and age >= 40")
    frame = data.frame()
    gaps = int((frame["rare"].isna() & (frame["age"] >= 40)).sum())
    assert f"{gaps} of 302 rows match" in shown(app)
    [column] = [one for one in app.selectbox if re.match("where-.*-column-", str(one.key))][:1]
    assert "A finding names the row" in column.options and "Outlier score (0 to 1)" in column.options
    filtered(app, "town is Lyon and age >= 40")
    sound(app)
    wanted = Filter.parse("town is Lyon and age >= 40")
    rows = wanted.rows(data)
    assert f"**{len(rows)}** of 302 rows match" in shown(app)
    assert set(row_list(app)["town"]) == {"Lyon"} and Filter.parse(app.query_params["where"]) == wanted
    keyed(app.toggle, "all-").set_value(True).run()
    assert f"**{len(rows)} rows selected**" in shown(app) and "as a rule" in shown(app)
    insisted(app, "drop-sample-first")
    now = app.session_state["winnow"]
    assert now.review.decisions[0].rows == wanted, "a rule, which holds for other data too"
    assert settle(now.review.decisions, data).dropped == rows
    sound(app)


def of_two_parts() -> Dataset:
    """302 rows of train and 100 of serve, two of which repeat others of serve."""
    serve = planted().frame().head(98).assign(height=lambda one: one["height"] + 0.5)
    serve = pd.concat([serve, serve.head(2)], ignore_index=True)
    return load(planted().frame(), serve=serve, name="both.csv", target="ill")


def test_rows_of_serve_are_dropped_in_a_list_by_the_same_click_again(open_page: Open) -> None:
    """They went at once there and in galleries, while Review asked."""
    app = sample(open_page, of_two_parts())
    keyed(app.get("pagination"), "page-").set_value(16).run()
    tick(app, 0)
    row = int(row_list(app)["Row"].iloc[0])
    assert row == 375 and keyed(app.button, "drop-sample-first").label == "Drop"
    waited(keyed(app.button, "drop-sample-first").click().run())
    sound(app)
    asked = "".join(one.value for one in app.warning).replace("\\", "")
    assert "1 row is of the serve part: a test set that is cleaned no longer says" in asked
    assert asked.endswith("Click once more to do it anyway.")
    assert keyed(app.button, "drop-sample-first").label == "Drop anyway"
    assert keyed(app.button, "keep-sample-first").label == "Keep"
    assert not app.session_state["winnow"].review.decisions
    waited(keyed(app.button, "drop-sample-first").click().run())
    sound(app)
    [said] = app.session_state["winnow"].review.decisions
    assert (said.action, said.rows) == ("drop", RowSet([row])) and not app.warning


def test_what_is_asked_before_a_drop_is_not_answered_by_another_click(open_page: Open) -> None:
    app = sample(open_page, of_two_parts())
    keyed(app.get("pagination"), "page-").set_value(16).run()
    tick(app, 0)
    waited(keyed(app.button, "drop-sample-first").click().run())
    waited(keyed(app.button, "defer-sample-first").click().run())
    assert [one.action for one in app.session_state["winnow"].review.decisions] == ["defer"]
    assert not app.warning
    tick(app, 1)
    waited(keyed(app.button, "drop-sample-first").click().run())
    assert len(app.session_state["winnow"].review.decisions) == 1, "it was never answered: asked again"
    assert "1 row is of the serve part" in "".join(one.value for one in app.warning)
    tick(app, 2)
    assert not app.warning, "it was asked about one row, and two are selected now"


def test_the_click_of_a_finding_asks_before_it_drops_rows_of_serve(open_page: Open) -> None:
    app = open_page("prepare", of_two_parts())
    key = next(f.key for f in run("duplicates", of_two_parts()).findings if f.code == "duplicate_rows")
    [button] = [one for one in app.button if str(one.key) == f"act-prepare-{tag(key)}"]
    waited(button.click().run())
    sound(app)
    assert "2 rows are of the serve part" in "".join(one.value for one in app.warning)
    assert not app.session_state["winnow"].review.decisions
    waited(app.button(key=button.key).click().run())
    assert [one.action for one in app.session_state["winnow"].review.decisions] == ["drop_repeats"]


def test_ticks_hold_across_pages_orders_and_reloads_and_a_decision_clears_them(open_page: Open) -> None:
    data = planted()
    app = sample(open_page, data)
    tick(app, 3)
    keyed(app.get("pagination"), "page-").set_value(2).run()
    tick(app, 0, 1)
    assert "3 rows selected" in shown(app) and app.query_params["picked"] == "3,25-26"
    keyed(app.selectbox, "sort-").set_value("age").run()
    assert "**3 rows selected**" in shown(app)
    again = linked("profile", **dict(app.query_params))
    assert "**3 rows selected**" in shown(again)
    waited(again.button(key="defer-sample-first").click().run())
    now = again.session_state["winnow"]
    assert list(settle(now.review.decisions, data).deferred) == [3, 25, 26]
    assert "rows selected" not in shown(again) and "picked" not in again.query_params
    sound(again)


def test_columns_are_chosen_for_every_list_and_a_row_is_found_by_its_number(open_page: Open) -> None:
    app = sample(open_page, planted())
    app.session_state["columns-sample-first"] = True
    app.run()
    keyed(app.multiselect, "shown-").set_value(["ill", "height"]).run()
    assert row_list(app).columns.tolist() == ["Row", "Decision", "ill", "height"]
    assert app.query_params["columns"] == "ill,height"
    keyed(app.number_input, "jump-").set_value(187).run()
    assert 187 in row_list(app)["Row"].tolist() and "Row 187 is line 13 of this page" in shown(app)
    keyed(app.number_input, "jump-").set_value(5000).run()
    assert "Row 5000 is not in this list" in shown(app)
    sound(app)


def test_rows_that_a_step_added_are_ticked_found_and_gone_to(open_page: Open) -> None:
    data = planted()
    app = open_page("profile", data)
    add = Decision("add_rows", RowSet(), settings={"how": "repeat", "amount": 3})
    app.session_state["winnow"].review = Review().say(add)
    app.session_state["winnow"].turn += 1
    waited(app.run())  # the profile is known then, which knows nothing of the columns that mark rows
    waited(app.segmented_control(key="profile-tab").set_value("Sample").run())
    tick(app, 2)
    keyed(app.number_input, "jump-").set_value(303).run()
    assert row_list(app)["Row"].tolist()[-3:] == [302, 303, 304] and "Row 303 is line" in shown(app)
    tick(app, len(row_list(app)) - 1)
    assert "**2 rows selected**" in shown(app) and app.query_params["picked"] == "2,304"
    keyed(app.text_input, "sample-search-").set_value("304").run()
    assert row_list(app)["Row"].tolist() == [304]
    sound(app)


def test_a_row_says_which_rules_for_some_rows_changed_its_cells(open_page: Open) -> None:
    """And not those on a column as a whole, which would stand beside nearly every row."""
    data = planted()
    above = Filter.parse("height > 150")
    whole = Decision("tidy", RowSet(), column="town", settings={"case": "upper"})
    clip = Decision("clip", above, column="height", settings={"low": "155", "high": "185"})
    fill = Decision("fill", above, column="rare", settings={"how": "constant", "value": "y"})
    hand = Decision("relabel", RowSet([3]), "Ulm", column="town")
    review = Review().say(Decision("drop", RowSet([0]))).say(whole).say(clip).say(fill)
    review = review.say(Decision("keep", RowSet([2, 3]))).say(hand)
    app = open_page("profile", data)
    app.session_state["winnow"].review = review
    app.session_state["winnow"].turn += 1
    listed = row_list(waited(app.segmented_control(key="profile-tab").set_value("Sample").run()))
    sound(app)
    raw = data.frame()
    assert listed["Row"].tolist()[0] == 1
    for row, words in zip(listed["Row"], listed["Decision"], strict=True):
        rules = ["kept"] * (row in (2, 3))
        rules += ["height: clip"] * (raw["height"][row] > 150 and not 155 <= raw["height"][row] <= 185)
        rules += ["rare: fill missing"] * bool(raw["height"][row] > 150 and pd.isna(raw["rare"][row]))
        rules += ["town → Ulm"] * (row == 3)
        assert words == ", ".join(rules)
    assert any("clip" in words for words in listed["Decision"])
    keyed(app.selectbox, "sort-").set_value("Decision").run()
    app.button(key="falling-sample-first").click().run()
    listed = row_list(app)
    both = (~raw["height"].between(155, 185) & raw["rare"].isna() & (raw.index > 0)).sum()
    filled = listed["Decision"][:25] if both else listed["Decision"]
    assert filled.tolist()[0] == "rare: fill missing" and listed["Decision"].is_monotonic_decreasing


def test_a_decision_is_as_wide_as_it_is_and_no_wider() -> None:
    def width(*words: str) -> int:
        frame = pd.DataFrame({"Decision": words})
        return _config({"Decision": "Decision"}, frame)["Decision"]["width"]  # type: ignore[no-any-return]

    assert width("", "") == width("kept") >= 8 * len("Decision")
    assert width("", "kept, town → Ulm") >= 8 * len("kept, town → Ulm")
    assert width("x" * 500) == 260


def test_a_column_is_looked_at_where_its_rows_are(open_page: Open) -> None:
    data = planted()
    app = look_at(sample(open_page, data), columns=["town"]).run()
    assert "category · 0% missing · 3 distinct" in shown(app)
    [figure] = [one for one in app.get("plotly_chart") if "town" in one.proto.alt]
    app.button(key="sort-Descending-sample-first").click().run()
    assert set(row_list(app)["town"]) == {"Turin"} and app.query_params["falling"] == "yes"
    assert keyed(app.selectbox, "sort-").value == "town"
    look_at(app, columns=["rare"]).run()
    assert f"{data.frame(['rare'])['rare'].isna().mean():.1%} missing" in shown(app)
    sound(app)


def set_cell(app: AppTest, line: int, column: str, text: str) -> AppTest:
    """Click a cell, type what it is to hold, and set it."""
    look_at(app, cells=[(line, column)]).run()
    look_at(app, cells=[(line, column)])
    app.session_state[keyed([*app.selectbox, *app.text_input], "cell-sample-first-").key] = text
    app.run()
    look_at(app, cells=[(line, column)])
    return waited(keyed(app.button, "set-cell-").click().run())


def test_a_cell_is_set_in_the_columns_own_way_and_what_does_not_read_is_refused(open_page: Open) -> None:
    data = planted()
    app = set_cell(sample(open_page, data), 4, "age", "old")
    told = shown(app).replace("\\", "").replace(BREAK, "")
    assert (
        "'old' cannot be read as a value of 'age', which holds whole numbers; write one such as 42." in told
    )
    assert app.session_state["winnow"].notice.refused and {one.icon for one in app.toast} == {
        ":material/block:"
    }
    assert "**age** of row 4 is" in told and not app.session_state["winnow"].review.decisions
    set_cell(app, 4, "age", "55")
    sound(app)
    assert row_list(app)["age"][4] == 55 and "Set 'age' of row 4 to '55'" in shown(app).replace("\\", "")
    waited(app.button(key="undo-cell-sample-first").click().run())
    assert row_list(app)["age"][4] == data.frame(["age"])["age"][4]


def test_hostile_names_and_values_stay_text_where_they_are_looked_at(open_page: Open) -> None:
    app = sample(open_page, hostile())
    name = "**bold** [x](http://evil.example)"
    line = row_list(app)[name].tolist().index(":red[c]")
    look_at(app, cells=[(line, name)], columns=[name]).run()
    sound(app)
    told = shown(app)
    assert "category ·" in told and ":red[" not in told and "**bold**" not in told


def test_a_reason_that_its_cell_cuts_is_read_whole_at_a_click(open_page: Open) -> None:
    app = open_page("issues", planted().with_roles())
    keyed(app.radio, "group-").set_value(
        next(at for at, words in enumerate(keyed(app.radio, "group-").options) if "stand far" in words)
    )
    waited(app.run())
    table = row_list(app)
    assert table["Why"].str.len().min() > 10 and len(set(table["Why"])) > 1
    for line in (0, 1):
        look_at(app, cells=[(line, "Why")]).run()
        sound(app)
        assert f"**Why** {plain(table['Why'].iloc[line], 1_000)}" in shown(app)
        assert f"**Why** {plain(table['Why'].iloc[1 - line], 1_000)}" not in shown(app)
    look_at(app, cells=[(0, "Score")]).run()
    assert "**Why**" not in shown(app) and "**Score**" not in shown(app)


def test_the_card_of_a_row_shows_a_columns_values_and_takes_a_new_one(open_page: Open) -> None:
    data = planted()
    app = open_page("review", data)
    table = next(one for one in app.dataframe if str(one.key).startswith("card-"))
    row, line = int(str(table.key).rpartition("-")[2]), table.value["Column"].tolist().index("age")
    ticked = {"selection": {"rows": [line], "columns": [], "cells": []}}
    app.session_state[table.key] = ticked
    app.run()
    assert f"**age** of row {row} is" in shown(app) and "numeric · 0% missing" in shown(app)
    app.session_state[table.key] = ticked
    app.session_state[keyed([*app.selectbox, *app.text_input], "cell-card-").key] = "44"
    app.run()
    app.session_state[table.key] = ticked
    waited(keyed(app.button, "set-cell-card-").click().run())
    sound(app)
    [decision] = app.session_state["winnow"].review.decisions
    assert (decision.action, decision.column, decision.value) == ("relabel", "age", "44")
    assert list(decision.rows) == [row]


def test_the_rows_of_prepare_are_sorted_and_filtered_over_all_of_them(open_page: Open) -> None:
    data = planted()
    app = open_page("prepare", data)
    keyed(app.selectbox, "sort-").set_value("height").run()
    keyed(app.button, "falling-").click().run()
    rows = next(one for one in app.dataframe if "-table-" in str(one.key)).value
    assert rows["Row"].tolist()[:3] == [7, 170, 70]
    sound(app)


def test_rows_that_a_step_made_of_others_are_listed_last_and_without_a_score() -> None:
    """They are not compared, and every list and card of rows goes over them all the same."""
    table = pd.DataFrame(
        {"x": [*np.random.default_rng(0).normal(size=59), 50.0], "y": ["a"] * 40 + ["b"] * 20}
    )
    data = dataset(table)
    review = Review().say(Decision("add_rows", RowSet(), settings={"how": "balance", "by": "y"}))
    data = as_decided(data, review, settle(review.decisions, data))
    result: Any = run("outliers", data)
    assert (data.rows, result.evidence.size) == (80, 60) and result.beyond[59]
    oddest = outliers.order(data, result)
    assert oddest[0] == 59 and oddest[60:].tolist() == list(range(60, 80))
    assert (
        np.isnan(outliers.scores(data, result)[60:]).all()
        and not outliers.beyond_limit(data, result)[60:].any()
    )
    why = outliers.Why(data, result, oddest)
    assert why.order()[[0, -1]].tolist() == ["x", None]
    assert why[np.array([0, 79])][1] == ""
    assert outliers.odd_columns(result, 79) == []


def test_all_rows_selected_are_ticked_and_a_box_emptied_leaves_the_rest(open_page: Open) -> None:
    data = planted()
    app = sample(open_page, data)
    assert "Select rows to decide about them." in shown(app)
    keyed(app.toggle, "all-").set_value(True).run()
    assert "302 rows selected" in shown(app) and "Select rows to" not in shown(app)
    on_page = len(row_list(app))
    assert ticked(app) == list(range(on_page)), "the boxes show what is selected"
    tick(app, *[line for line in range(on_page) if line != 3])
    sound(app)
    assert "301 rows selected" in shown(app) and not keyed(app.toggle, "all-").value
    assert ticked(app) == [line for line in range(on_page) if line != 3]
    keyed(app.get("pagination"), "page-").set_value(2).run()
    assert ticked(app) == list(range(len(row_list(app)))), "those of other pages are still selected"
    insisted(app, "drop-sample-first")
    assert len(settle(app.session_state["winnow"].review.decisions, data).dropped) == 301


def test_a_text_that_is_a_dash_is_not_taken_for_a_missing_one(open_page: Open) -> None:
    texts = np.where(np.arange(60) % 7 == 0, "-", "some")
    frame = pd.DataFrame({"grade": texts, "size": np.where(np.arange(60) % 5 == 0, np.nan, np.arange(60.0))})
    beside = sample(open_page, dataset(frame))
    assert keyed(beside.dataframe, "rows-").proto.placeholder == "missing"
    alone = sample(open_page, dataset(frame[["size"]]))
    assert keyed(alone.dataframe, "rows-").proto.placeholder == "–"


def test_what_is_asked_before_a_drop_counts_classes_as_decided_in_the_part_of_the_rows(
    open_page: Open,
) -> None:
    """It counted the labels as loaded, and rows of serve among those of which a share would be dropped."""
    data = of_two_parts()
    app, frame = sample(open_page, data), data.frame()
    train, old = np.arange(len(frame)) < 302, frame["age"] >= 40
    relabelled = np.flatnonzero(train & (frame["ill"] == "no"))[:30]
    now = app.session_state["winnow"]
    now.review = now.review.say(Decision("relabel", RowSet(relabelled), "yes", column="ill"))
    now.turn += 1
    waited(ready(app))
    filtered(app, "age >= 40 and row < 302")
    keyed(app.toggle, "all-").set_value(True).run()
    waited(keyed(app.button, "drop-").click().run())
    sound(app)
    frame.loc[relabelled, "ill"] = "yes"
    asked = "".join(one.value for one in app.warning).replace("\\", "")
    for level in ("no", "yes"):
        whole, gone = (int((some & (frame["ill"] == level)).sum()) for some in (train, train & old))
        assert f"of class '{level}' ({gone} of {whole} rows of train) would be dropped." in asked
