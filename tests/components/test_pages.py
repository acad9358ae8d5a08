"""Every page in three states: no data, sane data, hostile data."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from components.text import BREAK, plain
from core.dataset import Dataset
from core.decision import Decision
from core.prepare import memo
from core.review import Review
from core.rowset import RowSet
from core.run import MEMO
from core.workspace import load
from tests.components.conftest import (
    NAUGHTY,
    PAGES,
    Open,
    app_with,
    as_text,
    hostile,
    marked,
    planted,
    ready,
    shown,
    sound,
)
from tests.core.loading.images.reading import read
from tests.core.loading.reading import new_folder
from tests.images import encoded, picture, zipped

# without the process that lays out maps: it takes long to get going
PLAIN = {"projection": {"method": "pca"}}
NEED_DATA = ("profile", "balance", "overlap", "issues", "labels", "coreset", "review", "export")


@pytest.mark.parametrize("page", PAGES)
def test_without_data_a_page_says_what_to_do(page: str, open_page: Open) -> None:
    app = open_page(page)
    sound(app)
    assert len(app.title) == 1
    if page in NEED_DATA:
        assert "no data set is open" in shown(app)
        assert [b.key for b in app.button if b.label == "Load sample data"] == ["empty-sample"]


@pytest.mark.parametrize("page", PAGES)
def test_with_data_a_page_shows_them(page: str, open_page: Open) -> None:
    app = open_page(page, planted(), PLAIN)
    sound(app)
    told = {
        "profile": "What needs attention",
        "balance": "there is nothing to rebalance",
        "overlap": "Split these data",
        "augment": "These data have no images",
        "prepare": "No steps yet",
        "issues": "302",
        "labels": "cannot be said",
        "coreset": "stand for all of them",
        "review": "Why it is here",
        "export": "python -m core apply",
        "load": "is open",
        "home": "Go on with",
        "guide": "Guide",
    }[page]
    everything = (
        shown(app)
        + "".join(m.value for m in app.metric)
        + "".join(c.value for c in app.code)
        + "".join(link.proto.label for link in app.get("page_link"))
    )
    assert told in everything


@pytest.mark.parametrize("page", PAGES)
def test_nothing_from_the_data_is_read_as_markup(page: str, open_page: Open) -> None:
    app = open_page(page, hostile(), PLAIN)
    assert len(marked(app)) >= 8
    as_text(app, own_links=page == "guide")


def test_sample_data_open_in_one_click(open_page: Open) -> None:
    app = open_page("profile")
    app.button(key="empty-sample").click()
    ready(app)
    sound(app)
    assert app.session_state["winnow"].dataset.rows == 10_000
    assert "What needs attention" in shown(app)


@pytest.mark.parametrize("data", [planted, hostile], ids=["planted", "hostile"])
@pytest.mark.parametrize("tab", ["Relations", "Target", "Missing", "Leakage"])
def test_every_tab_of_the_profile_tells_its_analysis(
    tab: str, data: Callable[[], Dataset], open_page: Open
) -> None:
    app = open_page("profile", data())
    app.session_state["profile-tab"] = tab
    ready(app)
    as_text(app)
    question = {
        "Relations": "associated",
        "Target": "relate to the target",
        "Missing": "What is missing",
        "Leakage": "give the target away",
    }
    assert question[tab] in shown(app)
    drawn = bool(app.get("plotly_chart") or app.info)
    if (tab, data) == ("Missing", hostile):  # a column without any value is told, and is no gap to draw
        assert "is empty\\: none of 122 rows has a value" in shown(app) and not drawn
    else:
        assert drawn or "No column has an empty cell" in shown(app)


@pytest.mark.parametrize("tab", ["Columns", "Relations", "Target", "Missing", "Leakage"])
def test_a_headline_that_names_columns_reads_no_markup_in_their_names(tab: str, open_page: Open) -> None:
    """'*size*' stood in italics: the strongest association is named where none is strong, and what is not in
    both parts is named where there is no gap else.
    """
    draw = np.random.default_rng(3)
    names = ("*size*", ":red[depth]", "_kind_", "`only` **train**")
    size = draw.normal(size=400)
    frame = pd.DataFrame({names[0]: size, names[1]: size + draw.normal(size=400)})
    frame[names[2]] = np.where(size + draw.normal(size=400) > 0, "*a*", "_b_")
    frame[names[3]] = draw.normal(size=400)
    data = load(frame[:250], serve=frame[250:].drop(columns=names[3]).reset_index(drop=True), target=names[2])
    app = open_page("profile", data, PLAIN)
    app.session_state["profile-tab"] = tab
    ready(app)
    sound(app)
    texts = [text for _, text in marked(app)]
    assert [text for text in texts if any(name in text for name in names)] == []
    told = {"Relations": plain("'*size*' and ':red[depth]'"), "Missing": plain("'`only` **train**'")}
    assert told.get(tab, "") in shown(app), "it is named"


@pytest.mark.parametrize("harm", ["gone", "damaged"])
@pytest.mark.parametrize("page", NEED_DATA)
def test_a_data_set_that_is_gone_or_damaged_is_no_error_of_winnow(
    page: str, harm: str, open_page: Open
) -> None:
    data = planted()
    fresh = Dataset.open(data.path).with_roles(target="ill")
    MEMO.forget(fresh.fingerprint)
    memo.clear()
    if harm == "gone":
        data.path.unlink()
    else:
        data.path.write_bytes(b"PAR1" + bytes(2000) + b"PAR1")
    app = open_page(page, fresh, PLAIN)
    assert not app.exception
    told = shown(app).replace("\\", "").replace(BREAK, "")
    assert f"copy of 'people.csv' is {harm}" in told and "Load the data again" in told
    for wrong in ("Something went wrong", "Free some", "Nothing waits", "No row looks", "Nothing stands"):
        assert wrong not in told
    if page in ("issues", "review"):
        assert told.count("Load the data again") == 1


WHY = " ".join(NAUGHTY[:10])
DECIDED = Review().say(
    Decision("drop", RowSet([3, 9]), why=WHY, who="**www.evil.example** a@b.c"),
    Decision("relabel", RowSet([5, 6]), NAUGHTY[1], why=WHY, column=NAUGHTY[0]),
    Decision("blank", RowSet([7]), column=NAUGHTY[9]),
    Decision("omit", RowSet(), column=NAUGHTY[7]),
    Decision("defer", RowSet([11, 12]), why=WHY),
)


@pytest.mark.parametrize("tab", ["Queue", "Bulk", "History", "Second reviewer", "Proof"])
def test_no_tab_of_the_review_reads_markup_in_what_was_decided(tab: str, open_page: Open) -> None:
    app = app_with(hostile(), settings=dict(PLAIN), review=DECIDED)
    app.switch_page(PAGES["review"])
    app.session_state["review-tab"] = tab
    ready(app)
    as_text(app)


@pytest.mark.parametrize("page", ["prepare", "export", "coreset", "issues", "balance", "labels", "overlap"])
def test_no_page_reads_markup_in_what_was_decided(page: str, open_page: Open) -> None:
    """As it is written in steps, badges, doors and files."""
    app = app_with(hostile(), settings=dict(PLAIN), review=DECIDED)
    app.switch_page(PAGES[page])
    ready(app)
    as_text(app)


def test_augment_reads_no_markup_in_names_of_images_and_classes(open_page: Open) -> None:
    held = {
        f"{kind}/www.evil.example {at} *a*.png": encoded(picture(at + 10 * place))
        for place, kind in enumerate(("**bold** www.b.example", "_under_ a@b.example"))
        for at in range(4)
    }
    name = "www.evil.example **b**.zip"
    app = open_page("augment", read(zipped(new_folder() / name, held)).with_roles(target="label"), PLAIN)
    as_text(app)
    assert "bold" in shown(app) + "".join(str(table.value) for table in app.dataframe)
