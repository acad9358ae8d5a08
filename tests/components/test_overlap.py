"""The overlap page: what it says of parts that differ and of parts that do not, how rows are chosen, and its
doors.
"""

from __future__ import annotations

import json
import re
import threading
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.api.types import is_float_dtype
from streamlit.testing.v1 import AppTest
from streamlit.typing import PlotlyState

from components import open_data
from components.text import BREAK, plain
from components.views.overlap import columns, differences
from components.views.overlap.columns import ordered
from components.views.overlap.ways import COLUMN, UNSUPPORTED
from components.widgets import splitting
from components.widgets.layout import CELL, pixels
from core import outcomes
from core.analyses.overlap.difference import different
from core.analyses.shift.analysis import ShiftSettings, shift
from core.analyses.shift.judged import BANDS
from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.decision import Decision
from core.outcomes import Outcome
from core.phrases import count
from core.progress import SILENT, Progress
from core.review import Review
from core.rowset import RowSet
from core.run import run
from core.steps import settle
from core.workspace import load
from tests.components.conftest import (
    PAGES,
    Open,
    app_with,
    as_text,
    hostile,
    keyed,
    planted,
    ready,
    shown,
    sound,
    undo_of,
)
from tests.make import dataset


def pair(shift: float = 1.5, rows: int = 400) -> Dataset:
    """Train and serve of equal size; serve has a column moved, a new town, and 30 rows far from all of
    train.
    """
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.normal(size=(2 * rows, 5)), columns=list("abcde"))
    frame["town"] = rng.choice(["Ghent", "Lyon", "Turin"], 2 * rows)
    frame["sold"] = rng.choice(["no", "yes"], 2 * rows)
    if shift:
        frame.loc[rows:, "a"] += shift
        frame.loc[rows : rows + 29, list("bcde")] += 6.0
        frame.loc[rows : rows + 19, "town"] = "Oslo"
    return load(frame[:rows], serve=frame[rows:].reset_index(drop=True), name="flats", target="sold")


def opened(open_page: Open, data: Dataset) -> AppTest:
    """With a plain map, which needs no worker."""
    return open_page("overlap", data, {"projection": {"method": "pca"}})


def words(app: AppTest) -> str:
    """The texts on the page as they are read."""
    return shown(app).replace("\\", "").replace(BREAK, "")


def test_parts_that_differ(open_page: Open) -> None:
    app = opened(open_page, pair())
    sound(app)
    told = words(app)
    assert "of serve rows are unsupported" in told and "columns shifted: 'a'," in told
    assert [m.label for m in app.metric][:3] == ["AUC", "Serve covered", "Train covered"]
    assert all(m.delta.endswith(" expected") for m in app.metric[:4])
    for at in (1, 3):  # the verdict and the numbers below it hold them against the same
        share = float(app.metric[at].delta.split()[-2].rstrip("%"))
        assert f"({share:g}% expected" in told
    assert "neighbours" in told and "What makes them different" in told
    assert [b.key for b in app.button if b.key == "overlap-defer"]


def test_where_too_few_train_rows_judge_no_list_reads_as_none_and_nothing_soothes(open_page: Open) -> None:
    """ "No rows here." stood below, and "most lie no farther from train" of rows all of which lie farther."""
    rng = np.random.default_rng(1)
    train, serve = (pd.DataFrame(rng.normal(size=(80, 4)), columns=list("abcd")) for _ in range(2))
    app = opened(open_page, load(train, serve=serve + 9.0, name="few.csv"))
    sound(app)
    told = words(app)
    assert "Which serve rows are unsupported cannot be said: 40 train rows judge them" in told
    assert "Not covered by train, 100% of serve, says more" in told and "though most" not in told
    assert "Not judged: which serve rows are unsupported cannot be said" in told
    assert "No rows here." not in told


def test_how_many_rows_are_there_by_chance_is_one_number(open_page: Open) -> None:
    """ "80 would (1%); of these 254, about 78 are there by chance": two numbers for one thing."""
    data = pair()
    app = opened(open_page, data)
    support = run("overlap", data).case.support
    told = words(app)
    assert f"Of these {support.beyond}, about {support.chance_rows} " in told
    assert "Were serve drawn like train" not in told


def test_parts_that_do_not_differ_raise_no_alarm(open_page: Open) -> None:
    app = opened(open_page, pair(shift=0.0))
    sound(app)
    assert "Yes. A model cannot distinguish serve from train" in words(app)
    assert "No single column shifted." in words(app)
    assert "Nothing needs attention" in "".join(e.label for e in app.expander) or not [
        e for e in app.expander if "attention" in e.label
    ]


def test_why_a_severe_shift_needs_no_attention_is_said(open_page: Open) -> None:
    """Severe stood beside "needs no attention" without a word."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"x": rng.normal(size=800), "kind": rng.choice(["ash", "elm"], 800)})
    frame.loc[600:, "kind"] = "oak"
    data = load(frame[:400], serve=frame[400:].reset_index(drop=True), target="kind")
    [line] = [one for one in run("shift", data).lines if one.shift.name == "kind" and one.shifted]
    assert line.status == "severe"
    app = opened(open_page, data)
    why = "only by classes that train lacks, which are counted on Balance."
    assert f"1 column shifted: 'kind'; it does not need attention. 'kind' is severe, but {why}" in words(app)
    assert f"No attention is asked for here: it shifted {why}" in words(app)
    moved = pair()
    found = next(one for one in run("shift", moved).findings if one.columns == ("a",) and one.code == "moved")
    app = opened(open_page, moved)
    assert "; all need attention." in words(app) and "accepted" not in words(app)
    now = app.session_state["winnow"]
    now.store_trouble, now.turn = "In memory.", 1
    now.review = Review().say(Decision("accept", RowSet(), finding=found.key))
    ready(app)
    assert f"'{found.columns[0]}' is severe, and its finding was accepted." in words(app)


def test_one_click_sends_the_unsupported_rows_to_review_and_one_undo_takes_them_back(open_page: Open) -> None:
    app = opened(open_page, pair())
    app.button(key="overlap-defer").click()
    ready(app)
    review = app.session_state["winnow"].review
    sent = set(review.decisions[-1].rows)
    assert set(range(400, 430)) <= sent and min(sent) >= 400
    undo_of(app).click()
    ready(app)
    assert not app.session_state["winnow"].review.decisions


def test_weights_go_home_as_one_step(open_page: Open) -> None:
    app = opened(open_page, pair())
    app.button(key="overlap-weight").click()
    ready(app)
    sound(app)
    now = app.session_state["winnow"]
    assert len(now.review.batches) == 1
    settled = settle(now.review.decisions, now.dataset)
    assert np.isfinite(settled.weight[:400]).all() and np.isnan(settled.weight[400:]).all()
    moved = now.dataset.frame(["a"])["a"].to_numpy()[:400]
    assert np.corrcoef(settled.weight[:400], moved)[0, 1] > 0.3


def test_no_weights_are_offered_where_train_is_worth_less_than_a_row(open_page: Open) -> None:
    """The page said that weights do not help, and offered them by a button."""
    rng = np.random.default_rng(1)
    train, serve = (pd.DataFrame(rng.normal(size=(300, 4)), columns=list("abcd")) for _ in range(2))
    app = opened(open_page, load(train, serve=serve + 9.0, name="apart.csv"))
    sound(app)
    assert run("overlap", app.session_state["winnow"].dataset).case.outside
    assert "For serve, train with these weights is worth" in words(app)
    keys = [one.key for one in (*app.button, *app.get("download_button"))]
    assert "overlap-weight" not in keys and "overlap-weights-file" not in keys


def test_an_outline_on_the_map_lists_the_rows_inside_and_what_sets_them_apart(open_page: Open) -> None:
    app = opened(open_page, pair())
    name = next(
        str(chart.proto.id) for chart in app.get("plotly_chart") if "overlap-map" in str(chart.proto.id)
    )
    key = name[name.index("overlap-map") :]
    box = {"x": [-99, 99], "y": [-99, 99]}
    app.session_state[key] = PlotlyState(
        {"selection": {"points": [], "point_indices": [], "box": [box], "lasso": []}}
    )
    ready(app)
    sound(app)
    assert "**800 rows** in your selection on the map" in shown(app)
    app.button(key="overlap-defer").click()
    ready(app)
    (sent,) = app.session_state["winnow"].review.decisions
    assert (sent.action, len(sent.rows), sent.why) == ("defer", 800, "outlined on the map")
    app.button(key="overlap-clear").click()
    ready(app)
    assert "in your selection" not in shown(app) and app.button(key="overlap-defer")


def test_data_of_one_part_are_split_right_there(open_page: Open) -> None:
    app = opened(open_page, planted())
    sound(app)
    assert "Where the rows lie" in "".join(s.value for s in app.subheader)
    keyed(app.selectbox, "split-by-").set_value("town").run()
    keyed(app.selectbox, "split-at-").set_value("Lyon").run()
    app.button(key="split-here").click()
    ready(app)
    sound(app)
    parts = app.session_state["winnow"].dataset.parts
    assert parts["serve"] == int(
        (app.session_state["winnow"].dataset.frame(["town"])["town"] == "Lyon").sum()
    )
    assert "What shifted" in "".join(s.value for s in app.subheader)


def test_a_split_is_taken_back_and_made_otherwise_and_decisions_stay(open_page: Open) -> None:
    app = opened(open_page, planted().with_split(PartSplit("value", column="town", value="Lyon")))
    now = app.session_state["winnow"]
    app.session_state["winnow"].review = now.review.say(Decision("drop", RowSet([3, 7])))
    app.session_state["winnow"].turn += 1
    ready(app)
    split = plain("serve rows hold 'Lyon' in 'town'")
    assert [e.label for e in app.expander if e.label.startswith("Split: ")] == [f"Split: {split}"]
    app.toggle(key="split-otherwise").set_value(True).run()
    keyed(app.selectbox, "split-by-").set_value("town").run()
    keyed(app.selectbox, "split-at-").set_value("Turin").run()
    app.button(key="split-here").click()
    ready(app)
    sound(app)
    assert app.session_state["winnow"].dataset.split == PartSplit("value", column="town", value="Turin")
    app.button(key="split-not").click()
    ready(app)
    sound(app)
    now = app.session_state["winnow"]
    assert now.dataset.split is None and now.review.decisions == (Decision("drop", RowSet([3, 7])),)
    assert "The data are one part again. 1 step made before stays." in words(app)
    undo_of(app).click()
    ready(app)
    turin = PartSplit("value", column="town", value="Turin")
    assert app.session_state["winnow"].dataset.split == turin
    app.switch_page(PAGES["load"])
    ready(app)
    assert f"Train and serve: {split.replace('Lyon', 'Turin')}" in [e.label for e in app.expander]


def test_two_files_are_not_split_otherwise(open_page: Open) -> None:
    app = open_page("load", pair())
    assert "Train and serve: serve is a second file" in [e.label for e in app.expander]
    assert "Train and serve are two files." in words(app)
    assert not [t for t in app.toggle if t.key == "split-otherwise"]


def test_a_split_is_first_offered_by_even_columns_and_the_latest_year_never_by_the_target() -> None:
    years = np.repeat([1956, 2008, 2009, 2010], [2, 150, 140, 8])
    frame = pd.DataFrame({"label": ["cat", "dog"] * 150, "year": years, "site": ["b", "a", "c"] * 100})
    ways = splitting._ways(dataset(frame, target="label"))
    assert list(ways) == ["site", "year"]
    assert ways["year"].values == ["1956", "2008", "2009", "2010"]
    assert ways["year"].values[ways["year"].start] == "2009", "2010 has 8 rows of 300"


def test_no_split_is_offered_by_what_was_measured_of_pictures() -> None:
    sample = next(one for one in open_data.all_samples() if one.folder.name == "drawings")
    data = load(sample.folder / sample.files["train"], **sample.roles)
    few = [name for name in data.measured if data.frame([name])[name].nunique() in range(2, splitting.LEVELS)]
    assert {"numeric", "category"} <= {data[name].kind for name in few}
    assert not splitting._ways(data)
    assert splitting._nothing(data) == (
        "Nothing to split by: of the columns other than the target and those measured of images none holds "
        "dates or has 2 to 60 values."
    )


def test_names_that_end_otherwise_stay_different_in_the_table_of_shifts() -> None:
    rng = np.random.default_rng(2)
    both = pd.DataFrame(rng.normal(size=(400, 2)), columns=["image_brightest", "image_brightness"])
    data = load(both[:200], serve=(both[200:] + 2).reset_index(drop=True), name="shifted.csv")
    lines = columns.ordered(run("shift", data))
    shown = columns._table(lines, 0.1)["Column"].str.lstrip("▲△ ").tolist()
    assert len(set(shown)) == 2 and max(map(len, shown)) <= 16 and shown[0][-1] != shown[1][-1]


def test_large_numbers_have_room_beside_names_that_are_cut() -> None:
    """They ran into each other: "image_edge_wid1785.67"."""
    rng = np.random.default_rng(2)
    both = pd.DataFrame({"image_edge_width_of_all_mm": rng.normal(size=400)})
    serve = (both[200:] * 0.001 + 4_000).reset_index(drop=True)
    lines = columns.ordered(run("shift", load(both[:200], serve=serve, name="shifted.csv")))
    table = columns._table(lines, 0.1)
    looks = columns._config(table)
    [name], [effect] = table["Column"], table["Effect"]
    assert effect > 1_000 and looks["Effect"]["width"] >= pixels(f"{effect:.2f}") + CELL
    assert "…" in name and pixels(name.lstrip("▲ ")) <= looks["Column"]["width"] - CELL - columns.SIGN
    far = pd.DataFrame({"x": rng.normal(size=300)})
    far.loc[:9, "x"] += 1e6
    found = differences._table(different(dataset(far), RowSet(range(10))))
    shown = max(pixels(f"{one:+.2f}") for one in found["Effect"])
    assert differences._config(found)["Effect"]["width"] >= shown + CELL


def test_effects_and_their_noise_sort_as_numbers() -> None:
    """As text 10 stood before 9. A column that is in one part only has none of them."""
    rng = np.random.default_rng(2)
    train = pd.DataFrame({"far": rng.normal(size=200), "near": rng.normal(size=200), "only": range(200)})
    serve = pd.DataFrame({"far": rng.normal(size=200) + 20, "near": rng.normal(size=200) + 0.9})
    data = load(train, serve=serve, name="shifted.csv")
    table = columns._table(columns.ordered(run("shift", data)), 0.1)
    assert is_float_dtype(table["Effect"]) and is_float_dtype(table["Noise"])
    ranked = table.sort_values("Effect", ascending=False)["Column"].str.lstrip("▲△∅ ").tolist()
    assert ranked == ["far", "near", "only"] and np.isnan(table["Effect"]).tolist().count(True) == 1


def test_the_verdict_names_all_that_needs_attention_or_says_how_many_more(open_page: Open) -> None:
    """It named the columns that shifted and left out the segments, and did not say which column is meant."""
    data = pair()
    app = opened(open_page, data)
    (folded,) = [one.label for one in app.expander if one.label.startswith("What needs attention: ")]
    every = int(re.findall(r"\d+", folded)[0])
    overlap, moved, segments = (
        [f for f in run(name, data).findings if f.severity != "info"]
        for name in ("overlap", "shift", "segments")
    )
    assert segments and every == len(overlap) + len(moved) + len(segments)
    named = [f.columns[0] for f in moved if f.code == "moved"]
    more, told = every - len(overlap) - len(named), words(app)
    assert more >= len(segments) and f" {count(more, 'more finding needs', 'more findings need')} att" in told
    [shifted] = re.findall(r"columns shifted: ([^;]*);", told)
    beyond = sum(map(int, re.findall(r"and (\d+) more", shifted)))
    assert len(named) > 3 and sum(f"'{name}'" in shifted for name in named) + beyond == len(named)


def test_as_many_columns_have_a_triangle_as_are_said_to_have_shifted(open_page: Open) -> None:
    """ "2 columns shifted" stood above three triangles, one of them of a column that serve lacks."""
    rng = np.random.default_rng(2)
    train = pd.DataFrame(
        {"far": rng.normal(size=200), "near": rng.normal(size=200), "only": rng.normal(size=200)}
    )
    serve = pd.DataFrame({"far": rng.normal(size=200) + 20, "near": rng.normal(size=200) + 0.9})
    app = opened(open_page, load(train, serve=serve, name="shifted.csv"))
    [table] = [one.value for one in app.dataframe if {"Effect", "Status"} <= {*one.value.columns}]
    names = table["Column"].tolist()
    assert "2 columns shifted: 'far' and 'near';" in words(app)
    assert sorted(name[0] for name in names) == ["∅", "▲", "▲"]
    assert "∅ only" in names


def test_one_part_without_a_column_to_split_by_is_not_told_to_be_split(open_page: Open) -> None:
    """ "Split it" stood above "Nothing to split by"."""
    numbers = pd.DataFrame({"x": np.arange(120) ** 1.5, "y": np.arange(120) ** 0.5})
    told = words(opened(open_page, load(numbers, name="numbers.csv")))
    assert "(serve), load a second file." in told and "Nothing to split by" in told
    told = words(opened(open_page, load(numbers.assign(town=["Ghent", "Lyon"] * 60), name="towns.csv")))
    assert "(serve), split it or load a second file." in told and "Nothing to split by" not in told


def test_data_of_one_part_have_a_map_too(open_page: Open) -> None:
    app = opened(open_page, planted())
    sound(app)
    told = words(app)
    assert (
        "is one part: to compare" in told
        and "PCA keeps" in told
        and "Farthest from all others" in str(app.get("button_group"))
        and re.search(
            r"The (\d of 302 rows that lie|row of 302 that lies) farthest from the nearest other row. Any",
            told,
        )
    )
    layer = keyed(app.selectbox, "layer-")
    assert layer.options[0] == "Target: ill" and layer.options[1] == "Nothing" and not app.metric
    name = next(
        str(chart.proto.id) for chart in app.get("plotly_chart") if "overlap-map" in str(chart.proto.id)
    )
    box = {"x": [-99, 99], "y": [-99, 99]}
    app.session_state[name[name.index("overlap-map") :]] = PlotlyState(
        {"selection": {"points": [], "point_indices": [], "box": [box], "lasso": []}}
    )
    ready(app)
    sound(app)
    assert ("**302 rows** in your selection on the map") in shown(app) and "serve" not in "".join(
        str(d.value.columns) for d in app.dataframe
    )


def test_every_layer_of_the_map_is_drawn(open_page: Open) -> None:
    app = opened(open_page, pair())
    specs = set()
    for layer in [
        ("ratio", ""),
        ("mixing", ""),
        ("flat", ""),
        ("support", ""),
        ("serve", ""),
        ("column", "town"),
        ("column", "a"),
    ]:
        keyed(app.selectbox, "layer-").set_value(layer)
        ready(app)
        sound(app)
        specs |= {
            chart.proto.spec for chart in app.get("plotly_chart") if "overlap-map" in str(chart.proto.id)
        }
    assert len(specs) == 7


def test_what_makes_rows_different_names_the_level() -> None:
    draw = np.random.default_rng(3)
    frame = pd.DataFrame({"town": draw.choice(["Ghent ", "Lyon"], 400), "x": draw.normal(size=400)})
    frame.loc[:39, "x"] += 3.0
    frame.loc[:39, "town"] = "Lyon"
    data = load(frame, name="towns.csv")
    lines = different(data, RowSet(range(40)))
    table = differences._table(lines)
    is_town = table["Column"].isin(["town: Lyon", "town: Ghent␣"])
    [of_town], [of_x] = table[is_town].itertuples(index=False), table[~is_town].itertuples(index=False)
    assert {of_town[2]} <= {"100%", "0%"}
    assert re.fullmatch(r"x(, mean|, capped)?", of_x[0]) and re.fullmatch(r"\d\.\d+", of_x[2])


def test_a_level_that_some_of_the_rows_hold_is_said_to_be_one_of_several() -> None:
    """Two thirds of one class stood there as if they were all."""
    frame = pd.DataFrame({"label": ["cat", "cat", "dog"] * 20 + ["owl", "eel", "ant"] * 80})
    lines = different(load(frame, name="classes.csv"), RowSet(range(60)))
    assert differences._table(lines)["These rows"].tolist() == ["66.7%"]
    assert differences._of_several(lines).startswith("Of 'label' the level whose share differs most; ")
    whole = different(load(frame, name="classes.csv"), RowSet(range(0, 60, 3)))
    assert not differences._of_several(whole)


def test_rows_without_a_value_are_not_said_to_hold_other_levels() -> None:
    rest = ["owl", "eel", "ant"] * 80
    for pets, said in (
        (["cat", "cat", None] * 20, "No value: 33.3% of these rows in 'label'."),
        (
            ["cat", "cat", "cat", "cat", None, "dog"] * 10,
            "Of 'label' the level whose share differs most; the rest of these rows hold others, or no value. "
            "No value: 16.7% of these rows in 'label'.",
        ),
    ):
        data = load(pd.DataFrame({"label": [*pets, *rest]}), name="pets.csv")
        assert differences._of_several(different(data, RowSet(range(60)))) == said


def test_medians_are_called_so_beside_means_alone() -> None:
    columns = ["column", "what", "kind", "effect", "selected", "rest", "low", "high", "noise"]
    median = ["total", "median", "numeric", 2.0, 66_258.0, 0.0, 0.0, 1e5, 0.3]
    mean = ["part", "mean", "numeric", 2.0, 297_084.0, 666.1, 0.0, 1e6, 0.3]
    both = differences._table(pd.DataFrame([median, mean], columns=columns))
    assert both["Column"].tolist() == ["total, median", "part, mean"]
    assert both["These rows"].tolist() == ["66,258", "297,084"] and both["Others"].tolist()[0] == "0"
    alone = differences._table(pd.DataFrame([median], columns=columns))
    assert alone["Column"].tolist() == ["total"]
    fits = sum(look["width"] for look in differences._config(both).values())
    assert fits <= 373, "two fifths of a page of 1,440 pixels"


def test_dates_among_the_differences_and_on_the_map_stand_as_dates(open_page: Open) -> None:
    """The unsupported rows are all of one week: the page says which, in the year that the file says."""
    train, serve = pair().frame()[:400], pair().frame()[400:].reset_index(drop=True)
    train["day"] = pd.date_range("2013-01-01", periods=400, freq="6h")
    serve["day"] = pd.date_range("2013-06-01", periods=400, freq="6h")
    app = opened(open_page, load(train, serve=serve, name="flats", target="sold"))
    sound(app)
    tables = [frame.value for frame in app.dataframe if "These rows" in frame.value.columns]
    line = tables[0].set_index("Column").loc["day"]
    assert line["These rows"].startswith("2013-06") and line["Others"].startswith("2013-")
    keyed(app.selectbox, "layer-").set_value(("column", "day"))
    ready(app)
    sound(app)
    (spec,) = (json.loads(c.proto.spec) for c in app.get("plotly_chart") if "overlap-map" in str(c.proto.id))
    ticks = spec["layout"]["coloraxis"]["colorbar"]["ticktext"]
    assert ticks[0].startswith("2013-01-0") and ticks[-1].startswith("2013-09-0")


def test_hostile_names_stay_text_where_both_parts_are_there(open_page: Open) -> None:
    frame = hostile().frame()
    data = load(frame[:60], serve=frame[60:].reset_index(drop=True), name="<b>x</b>")
    app = opened(open_page, data)
    sound(app)
    assert "<script>" not in shown(app) and "](http" not in shown(app) and ":red[c]" not in shown(app)
    as_text(app)


def test_a_column_that_only_train_has_comes_first_and_is_told(open_page: Open) -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(400, 4)), columns=list("abcd"))
    app = opened(
        open_page, load(frame[:200], serve=frame[200:].drop(columns="c").reset_index(drop=True), name="flats")
    )
    sound(app)
    assert (
        "No single column shifted. 1 column is not in both parts, or of another type in one: 'c'."
        in words(app)
    )


def test_what_is_stopped_stays_stopped_until_it_is_started_again(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stop leaves the page idle at once: no later step begins by itself; Start again goes on to the end."""
    begun: list[str] = []
    slow, alone = threading.Event(), outcomes.attempt

    def attempt(name: str, dataset: Dataset, chosen: dict[str, Any], progress: Progress) -> Outcome:
        begun.append(name)
        while name == "overlap" and not slow.is_set():
            progress.check()
            time.sleep(0.01)
        return alone(name, dataset, chosen, progress)

    monkeypatch.setattr(outcomes, "attempt", attempt)
    settings = {"projection": {"method": "pca"}}  # which map comes last is all the same here
    app = app_with(pair(), settings=settings)
    app.run()
    app.switch_page(PAGES["overlap"])
    until = time.monotonic() + 100
    while "overlap" not in begun:
        assert time.monotonic() < until
        app.run()
    job, before = app.session_state["winnow"].job.job, list(begun)
    app.button(key="stop-job").click().run()
    assert job.wait(100) and job.state == "stopped"  # by events: test_stopping measures how long it takes
    app.run()
    assert all(button.key != "stop-job" for button in app.button), "one look is enough to see that it is over"
    for _ in range(3):
        app.run()
        assert app.session_state["winnow"].job is None and begun == before
    assert "Stopped." in words(app) and "What shifted" in words(app)
    again = app_with(pair(), settings=settings)  # as where the page is loaded anew
    again.switch_page(PAGES["overlap"])
    ready(again)
    assert "overlap" not in begun[len(before) :] and "Stopped." in words(again)
    assert "Start again" in {button.label for button in again.button}
    before = list(begun)
    slow.set()
    next(b for b in app.button if b.label == "Start again").click()
    ready(app)
    assert sorted(begun[len(before) :]) == ["overlap", "projection", "segments"]
    other = app_with(pair(), settings=settings)
    other.switch_page(PAGES["overlap"])
    assert "Stopped." not in words(ready(other)) and any(one.label == "AUC" for one in other.metric)


def test_the_verdict_stands_while_the_map_is_at_work_and_stays_where_that_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing waits for the slowest; what was shown is not taken away."""
    alone = outcomes.attempt

    def attempt(name: str, dataset: Dataset, chosen: dict[str, Any], progress: Progress) -> Outcome:
        while name == "projection" and "sweep" not in chosen:  # the map that was asked for, not the plain one
            progress.check()
            time.sleep(0.01)
        return alone(name, dataset, chosen, progress)

    monkeypatch.setattr(outcomes, "attempt", attempt)
    settings = {"projection": {"method": "pca"}}
    app = app_with(pair(1.25), settings=settings)
    app.run()
    app.switch_page(PAGES["overlap"])
    until = time.monotonic() + 100
    while not any(one.label == "AUC" for one in app.metric):
        assert time.monotonic() < until
        app.run()
    assert any(button.key == "stop-job" for button in app.button), "the map is still at work"
    app.button(key="stop-job").click()
    while any(button.key == "stop-job" for button in app.button):
        app.run()
    assert "Stopped." in words(app) and any(one.label == "AUC" for one in app.metric)


def test_columns_that_moved_come_first_and_those_not_compared_last() -> None:
    draw = np.random.default_rng(0)
    numbers = [
        pd.DataFrame({"name": range(400), "still": draw.normal(size=400), "moved": draw.normal(at, 1, 400)})
        for at in (0, 2)
    ]
    result = shift(
        dataset(numbers[0], serve=numbers[1], kinds={"name": "identifier"}), ShiftSettings(), SILENT
    )
    assert [line.shift.name for line in ordered(result)] == ["moved", "still", "name"]


def test_a_column_above_its_noise_floor_that_is_not_marked_says_why() -> None:
    """ "image_blocks 1.32, noise 1.20" without a mark: over all columns its test does not hold."""
    draw = np.random.default_rng(0)
    parts = [pd.DataFrame({"x": draw.normal(size=60), "z": draw.normal(at, 1, 60)}) for at in (0, 3)]
    result = shift(dataset(parts[0], serve=parts[1]), ShiftSettings(), SILENT)
    still = next(line for line in result.lines if line.shift.name == "x" and line.metric in BANDS)
    assert still.status == "none" and columns.not_marked(still, result.settings) == ""
    unit = BANDS[still.metric][0]
    above = still._replace(value=1.32 * unit, noise=1.2 * unit, q=0.0812)
    assert "(q-value 0.081; it must be below 0.05)" in columns.not_marked(above, result.settings)
    for other in (
        above._replace(value=1.1 * unit),
        above._replace(status="moderate"),
        above._replace(value=0.9 * unit, noise=0.5 * unit),
    ):
        assert columns.not_marked(other, result.settings) == ""


def test_rows_of_the_column_that_parts_train_from_serve_are_no_choice(open_page: Open) -> None:
    """All of serve would be new in it."""
    train = pair().frame()[:400].assign(year=2015)
    serve = train.assign(year=2018)
    app = opened(open_page, load(train, serve=serve, name="flats", target="sold"))
    sound(app)
    [ways] = [group for group in app.get("button_group") if "overlap-way" in str(group.proto.id)]
    assert COLUMN not in ways.options and UNSUPPORTED in ways.options
    table = next(frame.value for frame in app.dataframe if "Effect" in frame.value and "Train" in frame.value)
    assert table["Column"].iloc[0].endswith("year")


def test_what_the_verdict_leaves_out_stands_neither_on_the_map_nor_among_the_differences(
    open_page: Open,
) -> None:
    """A column that separates train from serve on its own would stand among the differences of any serve
    rows, as 2018 beside 2015.
    """
    data = pair()
    train, serve = data.frame()[:400].assign(year=2015), data.frame()[400:].assign(year=2018)
    data = load(train, serve=serve.reset_index(drop=True), name="flats", target="sold")
    app = opened(open_page, data)
    sound(app)
    told = words(app)
    assert "leaves out 'year'" in told and "Without 'year': all these numbers leave it out." in told
    assert "Left out, as the data are split by this time: 'year'." in told
    assert "columns that separate the parts among numbers" in told
    assert "Without 'year': the data are split by this time." in told
    [table] = [frame.value for frame in app.dataframe if "These rows" in frame.value]
    assert len(table) and not table["Column"].str.contains("year").any()
    two = load(
        train.drop(columns="year").assign(batch=np.arange(400) % 7, run=np.arange(400) % 5),
        serve=serve.reset_index(drop=True)
        .drop(columns="year")
        .assign(batch=7 + np.arange(len(serve)) % 7, run=5 + np.arange(len(serve)) % 5),
        name="two",
        target="sold",
    )
    app = opened(open_page, two)
    assert re.search(
        r"Without '(batch|run)' and '(batch|run)': they separate train from serve on their own\.",
        words(app),
    )
    assert "year" in different(data, RowSet(range(400, 430)))["column"].tolist()
    lacked = load(
        train.assign(extra=np.sin(np.arange(400))), serve=serve.reset_index(drop=True), name="lacked"
    )
    told = words(opened(open_page, lacked))
    assert "Without 'year': the data are split by this time." in told
    assert "Without 'extra': only one of train and serve has it." in told


def test_of_a_column_that_serve_lacks_it_is_said_that_serve_does_not_have_it() -> None:
    """Not that all of it is missing there: the cells are none of serve's."""
    table = pd.DataFrame({"a": np.arange(80.0), "sky": ["clear", "grey"] * 40})
    table.loc[:7, "sky"] = None
    lacked = load(table, serve=table[["a"]].assign(a=table["a"] + 0.5), name="lacked")
    shift = run("shift", lacked, {}).column("sky")
    assert columns._sentences(shift) == ["Serve does not have this column. Missing in 10% of train."]
    assert not any("issing" in one for one in columns._sentences(run("shift", lacked, {}).column("a")))


def test_where_a_column_parts_the_data_rows_are_chosen_by_the_next_with_new_values(
    open_page: Open,
) -> None:
    train = pair().frame()[:400].assign(year=2015, town="Ghent")
    serve = train.assign(year=2018, town=np.where(np.arange(400) < 30, "Lyon", "Ghent"))
    app = opened(open_page, load(train, serve=serve, name="flats", target="sold"))
    sound(app)
    [ways] = [group for group in app.get("button_group") if "overlap-way" in str(group.proto.id)]
    assert COLUMN in ways.options
    ways.set_value(COLUMN).run()
    ready(app)
    assert any("town" in one.value and "is new or beyond" in one.value for one in app.caption)


def test_a_mean_of_dates_is_called_so_and_what_was_cut_stands_in_full() -> None:
    line = {"column": "start_of_the_observation_period", "kind": "datetime", "what": "mean"}
    lines = pd.DataFrame([{**line, "selected": 0.0, "rest": 9 * 86_400e6, "effect": 1.0, "noise": 0.1}])
    table = differences._table(lines)
    assert table["These rows"].tolist() == ["1970-01-01"] and table["Column"][0].endswith(", mean")
    [one] = lines.itertuples()
    assert differences._is_cut(one, True)
    assert pixels(table["Column"][0]) <= differences.FIRST - CELL
    assert differences._in_full(one) == line["column"]


def test_a_long_column_keeps_both_ends_and_a_missing_share_is_called_so() -> None:
    draw = np.random.default_rng(3)
    frame = pd.DataFrame({f"predicted_probability_of_{way}": draw.normal(size=400) for way in ("a", "b")})
    frame.iloc[:40, 0] = np.nan
    frame.iloc[:40, 1] += 3.0
    table = differences._table(different(load(frame, name="flats.csv"), RowSet(range(40))))
    assert len(set(table["Column"])) == len(table) == 2
    assert max(map(pixels, table["Column"])) <= differences.FIRST - CELL
    gone, far = table[table["Column"].str.endswith("(missing)")], table[table["Column"].str.endswith("_b")]
    assert list(gone["These rows"]) == ["100%"] and len(far) == 1


def test_images_whose_serve_differs_lead_to_issues_and_to_variants_towards_serve(open_page: Open) -> None:
    sample = next(one for one in open_data.all_samples() if one.folder.name == "clothes")
    files = {part: sample.folder / file for part, file in sample.files.items()}
    app = ready(open_page("overlap", load(files["train"], serve=files["serve"], **sample.roles)))
    sound(app)
    doors = {link.proto.label: link.proto for link in app.get("page_link")}
    assert doors["How the images differ, on Issues"].page.endswith("issues")
    vary = doors["Vary train images towards serve's"]
    assert vary.page.endswith("augment") and "augmentation.preset=serve" in vary.query_string
    told = re.search(r"is as uncertain as with (\d+) rows, of 600: ", shown(app).replace("\\", ""))
    assert told is not None and 30 <= int(told[1]) <= 60  # a few rows more or less on another processor
    assert "original space" in shown(app) and "all columns" not in shown(app)


def test_a_region_says_of_which_rows_its_shares_are(open_page: Open) -> None:
    data = pair()
    app = ready(open_page("overlap", data))
    text = shown(app).replace("\\", "")
    assert "Of rows held out" in text
    counts = re.findall(r"Of all rows ([\d,]+) of 400 serve rows, ([\d,]+) of 400 train rows", text)
    assert counts, "both counts stand beside the rows that there are"
    assert not re.search(r"serve rows? and [\d,]+ train rows? in all", text)


def test_a_relation_that_turned_round_has_a_line_and_a_figure(open_page: Open) -> None:
    rng = np.random.default_rng(6)

    def part(sign: int, rows: int) -> pd.DataFrame:
        x = rng.normal(size=rows)
        others = {f"z{at}": rng.normal(size=rows) for at in range(4)}
        return pd.DataFrame({"pressure": x, "height": sign * x + 0.3 * rng.normal(size=rows), **others})

    app = opened(open_page, load(part(1, 400), serve=part(-1, 100), name="turned"))
    sound(app)
    assert "relation of 'pressure' and 'height' changed" in words(app)
    table = next(one.value for one in app.dataframe if "Change" in one.value.columns)
    assert table["Columns"].tolist() == ["pressure × height"]
    assert table["Train"][0] > 0.9 and table["Serve"][0] < -0.9 and table["Change"][0] > table["Noise"][0]
    assert any("relation-" in str(chart.proto.id) for chart in app.get("plotly_chart"))


def test_where_no_relation_changed_the_page_says_so(open_page: Open) -> None:
    app = opened(open_page, pair(shift=0.0))
    sound(app)
    told = words(app)
    assert "10 pairs of columns of numbers were compared, and no relation changed beyond the noise." in told
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({name: rng.normal(size=400) for name in "ab"}).assign(y=["u", "v"] * 200)
    app = opened(open_page, load(frame[:300], serve=frame[300:], target="y", name="aimed"))
    assert "beyond the noise. The target 'y' is not among them." in words(app)
