"""The profile page's own doings: order, tint, one column in full, a pair, the sample."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.api.types import is_numeric_dtype
from streamlit.testing.v1 import AppTest

from components.figures import association, pair, target
from components.figures.profile import HOW_CLICK, column_figure, shade
from components.panel import TARGETS
from components.text import BREAK, tag
from components.views.profile import column as drawer
from components.views.profile import column_lines
from components.widgets.column_card import typical
from core.analyses.association.pair import pair_view
from core.analyses.profile.target_by_bar import MISSING, tinted
from core.decided import as_decided
from core.review import Review
from core.run import run
from core.steps import settle
from core.workspace import load
from tests.components.conftest import (
    PAGES,
    Open,
    app_with,
    hostile,
    keyed,
    planted,
    ready,
    shown,
    sound,
    undo_of,
)
from tests.components.test_labels import trees
from tests.core.steps.acting import rule


def strip(app: AppTest) -> pd.DataFrame:
    return next(table.value for table in app.dataframe if "Distribution" in table.value)


def test_columns_stand_strangest_first_and_in_any_order_asked_for(open_page: Open) -> None:
    data = planted()
    app = open_page("profile", data)
    strange = run("profile", data, {}).strangeness
    assert strip(app)["Column"].tolist() == sorted(strange, key=lambda name: -strange[name])
    plain = data.frame().assign(height=data.frame()["height"].clip(None, 200))
    lacking = load(plain, serve=plain.drop(columns="rare"), name="lacking", target="ill")
    noted = strip(open_page("profile", lacking))["Column"].tolist()
    assert noted[0] == "rare", "what loading found about it stands on the page"
    assert "Target" in strip(app) and len(strip(app)["Target"].iloc[0]) > 0
    keyed(app.selectbox, "column-order-").set_value("As in the source").run()
    assert strip(app)["Column"].tolist() == ["height", "weight", "age", "town", "rare", "ill"]
    keyed(app.selectbox, "column-order-").set_value("Mean").run()
    assert strip(app)["Column"].tolist()[:3] == ["height", "weight", "age"] and "Mean" in strip(app)
    keyed(app.text_input, "column-search-").set_value("EIGHT").run()
    assert strip(app)["Column"].tolist() == ["height", "weight"]
    sound(app)


def open_column(app: AppTest, line: int) -> None:
    """Click a line of the column strip, as in the source."""
    version = app.session_state["winnow"].dataset.version
    table = f"strip-{version}-False-1-{tag('')}-{tag('As in the source')}-"
    app.session_state[table] = {"selection": {"rows": [line], "columns": [], "cells": []}}
    app.run()


def test_the_rows_of_a_bar_lead_to_a_decision(open_page: Open) -> None:
    app = open_page("profile", planted())
    assert "Each bar counts" in shown(app) and HOW_CLICK not in shown(app)  # beside an alert none is heard
    keyed(app.selectbox, "column-order-").set_value("As in the source").run()
    open_column(app, 4)
    assert HOW_CLICK in shown(app)
    keyed(app.selectbox, "bar-").set_value(MISSING).run()
    listed = [
        toggle for toggle in app.toggle if str(toggle.key).startswith("all-") and "-bar-" in str(toggle.key)
    ]
    listed[0].set_value(True).run()
    keyed(app.button, "defer-drawer-").click().run()
    sound(app)
    now = app.session_state["winnow"]
    gone = now.dataset.frame(["rare"])["rare"].isna()
    assert settle(now.review.decisions, now.dataset).counts()["deferred"] == int(gone.sum()) > 100


def figures_and_aids(app: AppTest) -> list[tuple[bool, str]]:
    """Of each figure on the page whether it takes clicks or outlines, and the reading aid below it."""
    found: list[tuple[bool, str]] = []
    blocks: list[Any] = [app.main]
    while blocks:
        node = blocks.pop(0)
        blocks = [*getattr(node, "children", {}).values(), *blocks]
        if node.type == "plotly_chart":
            found.append((bool(node.proto.selection_mode), ""))
        elif node.type == "expander" and node.label == "How to read this" and found:
            found[-1] = (found[-1][0], "\n".join(one.value for one in node.markdown))
    return found


PROMISE = re.compile(r"\b(click|drag)", re.IGNORECASE)


def test_the_map_of_relations_gives_no_second_reason_for_a_column_that_it_leaves_out(
    open_page: Open,
) -> None:
    """A note said that the column does not vary, and the caption that it repeats too few values."""
    frame = pd.DataFrame(np.random.default_rng(1).normal(size=(200, 3)), columns=list("abc"))
    app = open_page("profile", load(frame.assign(same="x")))
    app.session_state["profile-tab"] = "Relations"
    ready(app)
    told = shown(app).replace("\\", "")
    assert "Not compared, as each does not vary: 'same'" in told and told.count("'same'") == 1
    assert "The map shows 3 of 4 columns looked at. Why the other is not compared is said above." in told
    assert "repeat too few values" not in told


@pytest.mark.parametrize("tab", ["", "Relations", "Missing", "Target", "Leakage", "labels", "issues"])
def test_a_click_is_promised_where_the_figure_takes_one_and_nowhere_else(tab: str, open_page: Open) -> None:
    data = trees() if tab == "labels" else planted()
    app = open_page(tab if tab.islower() else "profile", data)
    if tab and not tab.islower():
        app.session_state["profile-tab"] = tab
        ready(app)
    shown_figures = figures_and_aids(app)
    if not tab:
        keyed(app.selectbox, "column-order-").set_value("As in the source").run()
        open_column(app, 4)
        shown_figures += figures_and_aids(app)
    assert shown_figures
    for takes, aid in shown_figures:
        assert bool(PROMISE.search(aid)) == takes, (takes, aid)


def test_a_column_is_related_to_the_target_with_the_settings_chosen_now(open_page: Open) -> None:
    """Not with those that the Target tab was opened with before, nor with the usual ones."""
    app = open_page("profile", planted())
    app.session_state["profile-tab"] = "Target"
    ready(app)
    app.session_state["profile-tab"] = "Columns"
    ready(app)
    keyed(app.selectbox, "column-order-").set_value("As in the source").run()
    open_column(app, 0)

    def dots() -> list[int]:
        charts = [one for one in app.get("plotly_chart") if "over-target" in str(one.proto.id)]
        return [len(json.loads(one.proto.spec)["data"][0]["hovertext"]) for one in charts]

    assert dots() == [10]
    app.session_state["winnow"].settings["target"] = {"bins": 3}
    open_column(app, 0)
    assert dots() == [3]
    app.session_state["winnow"].settings["target"] = {"bins": 3, "target": "height"}
    open_column(app, 0)
    assert dots() == [], "the column itself"
    sound(app)


def test_extremes_sort_as_numbers_and_are_written_as_the_data_have_them() -> None:
    numbers = [9.5, 10.25, 1_200_000, 7, 123456789012345678, 88, 250, 31, 64, 12]
    data = load(
        pd.DataFrame({"x": pd.Series(numbers), "day": pd.date_range("2024", periods=10)}), name="e.csv"
    )
    result = run("profile", data, {})
    table = drawer._extremes(data, result.column("x"))
    assert table is not None and table.data["Value"].tolist()[:3] == [7, 9.5, 10.25]
    assert is_numeric_dtype(table.data["Value"])
    written = [line[2]["display_value"] for line in table._translate(False, False)["body"]]
    assert written == [one[1] for one in (*result.column("x").smallest, *result.column("x").largest)]
    times = drawer._extremes(data, result.column("day"))
    assert times is not None and times.data["Value"].iloc[0] == "2024-01-01"


def test_values_that_all_differ_are_no_bars(open_page: Open) -> None:
    frame = pd.DataFrame(
        {"code": [f"c{place:03d}" for place in range(60)], "x": np.arange(60) % 7, "y": ["no", "yes"] * 30}
    )
    app = open_page("profile", load(frame, name="codes.csv", target="y"))
    keyed(app.selectbox, "column-order-").set_value("As in the source").run()
    open_column(app, 0)
    assert "All 60 values differ, such as c000, c001, c002" in shown(app).replace("\\", "").replace(BREAK, "")
    assert not [one for one in app.get("plotly_chart") if "drawer" in str(one.proto.id)]
    picker = keyed(app.selectbox, "bar-")
    assert picker.proto.placeholder == "Choose a value to see its row"
    open_column(app, 1)
    assert [one for one in app.get("plotly_chart") if "drawer" in str(one.proto.id)]
    sound(app)


def test_an_accepted_finding_stays_listed_and_no_longer_counts(open_page: Open) -> None:
    app = open_page("profile", planted())
    before, verdict = list(app.radio[0].options), next(m.value for m in app.markdown if "####" in m.value)
    keyed(app.button, "accept-profile-").click().run()
    sound(app)
    assert len(app.radio[0].options) == len(before) and app.radio[0].options[-1].startswith(":gray[")
    assert next(m.value for m in app.markdown if "####" in m.value) != verdict


def test_a_pair_is_drawn_with_its_numbers(open_page: Open) -> None:
    app = open_page("profile", planted())
    app.session_state["profile-tab"] = "Relations"
    ready(app)
    for column, other in (("town", "age"), ("age", "weight"), ("ill", "town")):
        app.selectbox(key=next(s.key for s in app.selectbox if s.label == "Column")).set_value(column).run()
        app.selectbox(key=next(s.key for s in app.selectbox if s.label == "with")).set_value(other).run()
        sound(app)
        assert {"Strength", "Noise floor", "Rows", "q-value"} <= {metric.label for metric in app.metric}


def test_the_sample_shows_first_random_and_unusual_rows(open_page: Open) -> None:
    app = open_page("profile", planted())
    app.session_state["profile-tab"] = "Sample"
    ready(app)
    assert app.dataframe[0].value["Row"].tolist() == list(range(25))
    keyed(app.segmented_control, "sample-").set_value("Random").run()
    drawn = app.dataframe[0].value["Row"].tolist()
    assert drawn != list(range(25)) and "Select all 100 rows" in [toggle.label for toggle in app.toggle]
    keyed(app.segmented_control, "sample-").set_value("Most unusual")
    ready(app)
    sound(app)
    assert set(app.dataframe[0].value["Row"].tolist()[:3]) == {7, 70, 170} and "Why" in app.dataframe[0].value
    assert "What do the rows look like" in shown(app)


def test_figures_of_hostile_columns_hold_no_markup() -> None:
    data = hostile()
    result = run("profile", data, {})
    tint = tinted(data, result.columns)
    assert tint is not None
    drawn = [column_figure(one, shade(tint, one.name, 0)) for one in result.columns if one.present]
    names = [name for name in data.names if data[name].kind in ("category", "numeric")]
    drawn += [
        pair.pair_figure(pair_view(data, names[0], other))
        for other in names[1:]
        if data.table([other]).column(0).null_count < 60
    ]
    drawn.append(association.association(run("association", data, {})))
    for figure in drawn:
        text = figure.to_json()
        assert (
            "<script" not in text
            and "\\u003cscript" not in text
            and "<b>" not in text
            and "\\u003cb\\u003e" not in text
        )


def test_a_square_of_the_map_knows_its_pair() -> None:
    result = run("association", planted(), {})
    marks = association.association(result).data[-1]
    names = [result.names[place] for place in association.shown(result)]
    for across, down, place in zip(marks.x, marks.y, marks.customdata, strict=True):
        pair_names = {result.names[result.pairs.left[place]], result.names[result.pairs.right[place]]}
        assert {names[across], names[down]} == pair_names


def test_every_row_has_its_place_in_the_list_of_bars() -> None:
    frame = pd.DataFrame({"x": [1.5, np.inf, np.nan, *range(40)], "w": [f"w{i % 14}" for i in range(43)]})
    result = run("profile", load(frame, name="bars.csv"), {})
    for column in result.columns:
        told = sum(int(words.rsplit("(", 1)[1].split()[0]) for words in drawer._bars(column).values())
        assert told == len(frame)


def graded(n: int = 400) -> pd.DataFrame:
    """A target of five whole numbers, the rarest of which one column gives away."""
    rng = np.random.default_rng(8)
    made = pd.DataFrame({"x": rng.normal(size=n), "idle": rng.normal(size=n)})
    made["grade"] = np.where(made["x"] > 1.8, 5, rng.choice([1, 2, 3, 4], n, p=[0.6, 0.2, 0.1, 0.1]))
    return made


def test_a_target_of_whole_numbers_becomes_a_class_at_one_click_and_back(open_page: Open) -> None:
    app = open_page("profile", load(graded(), name="grades.csv", target="grade"))
    app.session_state["profile-tab"] = "Target"
    ready(app)
    assert "taken as a number: 5 distinct whole numbers" in shown(app)
    keyed(app.button, "target-as-class").click()
    ready(app)
    sound(app)
    assert app.session_state["winnow"].dataset[
        "grade"
    ].kind == "category" and "taken as a number" not in shown(app)
    picker = keyed(app.selectbox, "target-class-")
    assert picker.options[0] == "5: predicted best" and len(picker.options) == 6
    picker.set_value("1").run()
    keyed(app.selectbox, "target-column-").set_value("idle").run()
    assert keyed(app.selectbox, "target-class-").value == "1"  # stays while the columns change
    undo_of(app).click()
    ready(app)
    assert app.session_state["winnow"].dataset["grade"].kind == "numeric"


def test_rates_are_drawn_on_a_scale_that_fits_them_beside_the_whole_table() -> None:
    made = graded(4000)
    data = load(made, name="grades.csv", target="grade", kinds={"grade": "category"})
    result = run("target", data, {"model": False, "suggest": False})
    for level, drawn in (("5", "5"), ("", "5"), ("gone", "5"), ("2", "2")):
        [dots] = target.over_bins(result, "x", level).data
        share = made["grade"].eq(int(drawn)).groupby(pd.qcut(made["x"], 10)).mean()
        np.testing.assert_allclose(dots.y, share)
    figure = target.over_bins(result, "x", "5")
    [line] = figure.layout.shapes
    assert (
        line.y0 == made["grade"].eq(5).mean()
        and figure.layout.yaxis.range is None
        and figure.layout.yaxis.title.text == "share of 5"
    )
    assert (figure.data[0].error_y.array > 0).all() and "times the whole table" in figure.data[0].hovertext[9]


def test_a_bar_without_rows_is_told_from_one_that_is_like_the_whole_table() -> None:
    made = pd.DataFrame(
        {
            "x": np.repeat([0.0, 10.0, 23.0], 200),
            "even": np.tile([0.0, 1.0], 300),
            "y": (["no"] * 98 + ["yes"] * 2) * 6,
        }
    )
    made.loc[400:, "y"] = ["yes"] * 100 + ["no"] * 100
    data = load(made, name="holes.csv", target="y")
    result = run("profile", data, {})
    tint = tinted(data, result.columns)
    assert tint is not None
    reach = column_lines.reach(tint, 1)
    bars, rows = column_lines.target_bars(result.column("x"), tint, 1), column_lines.bars(result.column("x"))
    assert [bar == 0 for bar in bars] == [count == 0 for count in rows] and rows.count(0) >= 2
    assert -reach * 1.001 <= bars[0] < 0 and bars[-1] == float(f"{reach:.3g}")
    assert all(
        0 < bar < 0.06 * reach for bar in column_lines.target_bars(result.column("even"), tint, 1) if bar
    )
    colours = column_figure(result.column("x"), shade(tint, "x", 1)).data[0].marker
    grey, colour = colours.colorscale[1]
    # no share lies below 0, though the other end is further from the whole table's
    assert colours.cmin == 0 < colours.cmax < 1
    assert (
        abs(colours.cmin + grey * (colours.cmax - colours.cmin) - 108 / 600) < 1e-9
        and colour == "rgb(154,163,173)"
    )
    assert {bool(mark) for mark in colours.pattern.shape} == {True, False}


def untold(app: AppTest, tab: str) -> str:
    app.session_state["profile-tab"] = tab
    ready(app)
    sound(app)
    return shown(app)


@pytest.mark.parametrize("tab", ["Target", "Leakage"])
def test_a_check_that_was_skipped_offers_the_target_and_never_looks_clean(open_page: Open, tab: str) -> None:
    app = open_page("profile", load(graded(), name="grades.csv"))
    said = untold(app, tab).replace("\\", "")
    assert "Not checked." in said and "No target is chosen: choose the column to predict." in said
    assert "Nothing stands out" not in said and "--target" not in said
    keyed(app.selectbox, "choose-target-").set_value("grade")
    ready(app)
    sound(app)
    assert app.session_state["winnow"].dataset.roles.target == "grade"
    said = shown(app).replace("\\", "")
    assert "Not checked." not in said and "skipped" not in said
    assert not [one for one in app.selectbox if str(one.key).startswith("choose-target-")]


def test_leakage_of_two_parts_without_a_target_says_that_columns_were_not_checked(open_page: Open) -> None:
    both = graded()
    app = open_page(
        "profile", load(both.iloc[:300], serve=both.iloc[300:].reset_index(drop=True), name="grades.csv")
    )
    said = untold(app, "Leakage")
    assert "Columns were not checked" in said and "Nothing stands out" not in said
    keyed(app.selectbox, "choose-target-").set_value("grade")
    ready(app)
    assert "Columns were not checked" not in shown(app)


def test_the_commonest_value_is_the_commonest_be_it_a_missing_value_code() -> None:
    draw = np.random.default_rng(1)
    words = np.where(draw.random(300) < 0.6, "None", draw.choice(["oak", "ash", "elm"], 300))
    data = load(pd.DataFrame({"tree": words, "x": draw.normal(size=300)}), name="codes.csv")
    result = run("profile", data)
    [line] = [
        one for one in column_lines.lines_of(result, None, 0).to_dict("records") if one["Column"] == "tree"
    ]
    assert any(one.code == "disguised_missing" and "tree" in one.columns for one in result.findings)
    assert line["Middle"] == "None" and typical(result.column("tree")).startswith("None (59.7%), ")


def test_a_text_that_hardly_repeats_has_no_usual_values() -> None:
    """Two comments of 3,000 stood there, as each was in it twice."""
    draw = np.random.default_rng(1)
    said = [f"arrived {n} days late, box {n % 7} was open" for n in range(600)]
    said[0] = said[1]
    kinds = np.where(np.arange(600) < 594, draw.choice(["oak", "ash"], 600), "elm")
    result = run("profile", load(pd.DataFrame({"said": said, "kind": kinds}), name="comments.csv"))
    assert typical(result.column("said")) == ""
    assert typical(result.column("kind")).split(", ")[2].startswith("elm (1"), "a hundredth is usual"


def choose_target(app: AppTest, other: str) -> None:
    """Choose this target, which the page offers in place of 'kind'."""
    assert "Choose another target" in shown(app)
    picker = keyed(app.selectbox, "choose-target-")
    assert picker.value == "kind"
    picker.set_value(other)
    ready(app)
    sound(app)
    assert "Choose another target" not in shown(app)


def test_the_target_that_is_set_for_one_analysis_is_changed_there(open_page: Open) -> None:
    """The role stays: another one would not mend the check."""
    size = np.random.default_rng(1).normal(size=(2, 200))
    frame = pd.DataFrame({"size": size[0], "width": size[1], "kind": "only"})
    frame["grade"] = np.where(size[0] > 0, "high", "low")
    frame["form"] = np.where(size[1] > 0, "wide", "slim")
    data = load(frame, name="own.csv", target="grade")
    app = open_page("labels", data, {"labels": {"target": "kind"}})
    choose_target(app, "form")
    now = app.session_state["winnow"]
    assert now.settings["labels"]["target"] == "form" and now.dataset.roles.target == "grade"


def test_a_column_that_a_step_made_is_no_target_to_choose(open_page: Open) -> None:
    """Roles are given in the data as loaded, which lack it."""
    size = np.random.default_rng(1).normal(size=200)
    frame = pd.DataFrame({"size": size, "kind": "only"})
    frame["grade"] = np.where(size > 0, "high", "low")
    frame.loc[::9, "grade"] = None
    review = Review().say(rule("mark", "grade"))
    data = load(frame, name="marked.csv", target="kind")
    decided = as_decided(data, review)
    assert len(decided.names) == 4 and set(decided.names) == set(decided.of_kind(*TARGETS))
    app = app_with(data, review=review)
    app.switch_page(PAGES["labels"])
    ready(app)
    sound(app)
    assert app.segmented_control(key="as-loaded").value == "As decided"
    assert sorted(keyed(app.selectbox, "choose-target-").options) == ["grade", "kind", "size"]


@pytest.mark.parametrize("page", ["labels", "coreset"])
def test_a_target_of_one_class_offers_another_there(open_page: Open, page: str) -> None:
    draw = np.random.default_rng(0)
    size = draw.normal(size=(2, 200))
    frame = pd.DataFrame({"size": size[0], "width": size[1], "kind": "only"})
    frame["grade"] = np.where(size[0] > 0, "high", "low")
    app = open_page(page, load(frame, name="kinds.csv", target="kind"))
    sound(app)
    choose_target(app, "grade")
    assert app.session_state["winnow"].dataset.roles.target == "grade"
    assert not [one for one in app.selectbox if str(one.key).startswith("choose-target-")]
