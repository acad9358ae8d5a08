"""The profile page's own doings: order, tint, one column in full, a pair, the sample."""

from __future__ import annotations

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from components.figures import association, pair
from components.figures.profile import column_figure, shade
from components.text import tag
from components.widgets import drawer
from core.pairing import pair_view
from core.profiling.bars import MISSING, tinted
from core.run import run
from core.workspace import load
from tests.pages.conftest import Open, hostile, keyed, planted, ready, shown, sound


def strip(app: AppTest) -> pd.DataFrame:
    return next(table.value for table in app.dataframe if "Distribution" in table.value)


def test_columns_stand_strangest_first_and_in_any_order_asked_for(open_page: Open) -> None:
    data = planted()
    app = open_page("profile", data)
    strange = run("profile", data, {}).strangeness
    assert strip(app)["Column"].tolist() == sorted(strange, key=lambda name: -strange[name])
    assert "Target" in strip(app) and len(strip(app)["Target"].iloc[0]) > 0
    keyed(app.selectbox, "column-order-").set_value("As in the source").run()
    assert strip(app)["Column"].tolist() == ["height", "weight", "age", "town", "rare", "ill"]
    keyed(app.selectbox, "column-order-").set_value("Mean").run()
    assert strip(app)["Column"].tolist()[:3] == ["height", "weight", "age"] and "Mean" in strip(app)
    keyed(app.text_input, "column-search-").set_value("EIGHT").run()
    assert strip(app)["Column"].tolist() == ["height", "weight"]
    sound(app)


def test_the_rows_of_a_bar_lead_to_a_decision(open_page: Open) -> None:
    app = open_page("profile", planted())
    keyed(app.selectbox, "column-order-").set_value("As in the source").run()
    version = app.session_state["winnow"].dataset.version
    table = f"strip-{version}-False-1-{tag('')}-{tag('As in the source')}-"
    app.session_state[table] = {"selection": {"rows": [4], "columns": [], "cells": []}}
    app.run()
    keyed(app.selectbox, "bar-").set_value(MISSING).run()
    listed = [toggle for toggle in app.toggle if str(toggle.key).startswith("all-") and "-bar-" in str(toggle.key)]
    listed[0].set_value(True).run()
    keyed(app.button, "defer-drawer-").click().run()
    sound(app)
    now = app.session_state["winnow"]
    gone = now.dataset.frame(["rare"])["rare"].isna()
    assert now.review.settle(now.dataset).counts()["deferred"] == int(gone.sum()) > 100


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
        assert {"Strength", "By chance alone", "Rows", "q"} <= {metric.label for metric in app.metric}


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
    drawn += [pair.pair_figure(pair_view(data, names[0], other)) for other in names[1:] if data.table([other]).column(0).null_count < 60]
    drawn.append(association.association(run("association", data, {})))
    for figure in drawn:
        text = figure.to_json()
        assert "<script" not in text and "\\u003cscript" not in text and "<b>" not in text and "\\u003cb\\u003e" not in text


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
