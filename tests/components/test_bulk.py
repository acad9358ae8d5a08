"""The filter builder of the review page: lines and text are one filter, and its rows are the right ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from components.text import BREAK
from components.widgets import actions
from components.widgets.filter_lines import (
    FITTING,
    VERBS,
    ConditionGroup,
    ConditionLine,
    ConditionLines,
    from_filter,
)
from core.filters import Filter
from core.filters.tree import ValueKind
from core.loading.options import Options
from core.steps import settle
from core.steps.overlay import check_written
from core.workspace import load
from tests.components.conftest import PAGES, Open, keyed, planted, ready, shown, sound, waited

STORED = {"age": "int64", "a b": "string", "it's": "timestamp[us]", "ill": "bool"}
KINDS: dict[str, ValueKind] = {"age": "number", "a b": "text", "it's": "date", "ill": "boolean"}
FILLED = {
    "number": st.sampled_from(["5", "-1.5", "1e3", " 7 ", "1_000"]),
    "text": st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5),
    "date": st.sampled_from(["2024-03-01", "2024-03-01 10:30", "2024-03-01T10:30:05.25"]),
    "boolean": st.sampled_from(["true", "False"]),
}


@st.composite
def filled(draw: st.DrawFn) -> ConditionLine:
    column = draw(st.sampled_from(list(KINDS)))
    kind = KINDS[column]
    verb = draw(st.sampled_from([verb for verb, (op, _) in VERBS.items() if op in FITTING[kind]]))
    if verb == "is between":
        ends = {"number": ("1", "5"), "date": ("2024-01-01", "2024-02-01")}[kind]
        return ConditionLine(0, column, kind, verb, ends)
    count = {"is missing": 0, "is not missing": 0, "is one of": 2, "is none of": 2}.get(verb, 1)
    return ConditionLine(0, column, kind, verb, tuple(draw(FILLED[kind]) for _ in range(count)))


@given(
    st.sampled_from(["and", "or"]),
    st.lists(
        filled() | st.lists(filled(), min_size=2, max_size=3).map(tuple).map(ConditionGroup),
        min_size=1,
        max_size=4,
    ),
)
def test_lines_become_text_and_text_becomes_the_same_lines(
    join: Any, items: list[ConditionLine | ConditionGroup]
) -> None:
    lines = ConditionLines(join, tuple(items))
    filter = Filter.parse(lines.text)
    again = from_filter(filter, STORED, 0)
    assert again is not None and Filter.parse(again.text) == filter
    assert (
        len({line.number for line in again.every()}) == len(list(again.every())) == len(list(lines.every()))
    )


@pytest.mark.parametrize(
    "text",
    [
        "duplicate of age",
        "part is train",
        "not (age < 5 and ill is true)",
        "not age < 5",
        "age < 5 and (ill is true or (age > 9 and ill is false))",
        "age equals 5",
        "nowhere is missing",
        "age is x",
        "'a b' < 5",
        "'a b' is 5",
        "'a b' is \"\"",
    ],
)
def test_what_lines_cannot_say_stays_text(text: str) -> None:
    built = from_filter(Filter.parse(text), STORED, 0)
    assert built is None or Filter.parse(built.text) == Filter.parse(text)
    assert built is None or text == "age is x"


def bulk(open_page: Open, *rest: Any) -> AppTest:
    app = open_page("review", *(rest or (planted(),)))
    app.segmented_control(key="review-tab").set_value("Bulk").run()
    sound(app)
    return app


def typed(app: AppTest, text: str) -> AppTest:
    keyed(app.text_input, "bulk-text-").set_value(text).run()
    return app


def data_of(app: AppTest) -> Any:
    return app.session_state["winnow"].dataset


def test_lines_and_box_show_the_same_filter_and_count_its_rows(open_page: Open) -> None:
    app = bulk(open_page)
    assert "Fill in a condition" in shown(app) and not app.toggle
    keyed(app.selectbox, "bulk-column-").set_value("height").run()
    keyed(app.selectbox, "bulk-op-").set_value("is at least").run()
    keyed(app.text_input, "bulk-value-").set_value("180").run()
    assert keyed(app.text_input, "bulk-text-").value == "height >= 180"
    app.button(key="bulk-add").click().run()
    ops = [box for box in app.selectbox if str(box.key).startswith("bulk-op-")]
    columns = [box for box in app.selectbox if str(box.key).startswith("bulk-column-")]
    assert len(columns) == 2
    columns[1].set_value("ill").run()
    keyed(app.selectbox, "bulk-value-").set_value("yes").run()
    sound(app)
    text = 'height >= 180 and ill is "yes"'
    assert keyed(app.text_input, "bulk-text-").value == text
    data = data_of(app)
    right = data.frame()
    right = right[(right["height"] >= 180) & (right["ill"] == "yes")].index.tolist()
    assert Filter.parse(text).rows(data).ids.tolist() == right and right
    assert f"**Matches {len(right)} of {data.rows} rows**" in shown(app)
    keyed(app.segmented_control, "bulk-join-").set_value("or").run()
    assert keyed(app.text_input, "bulk-text-").value == 'height >= 180 or ill is "yes"'
    [first, _] = [button for button in app.button if str(button.key).startswith("bulk-remove-")]
    first.click().run()
    assert keyed(app.text_input, "bulk-text-").value == 'ill is "yes"'
    assert len(ops) == 2 and not [b for b in app.button if str(b.key).startswith("bulk-remove-")]
    sound(app)


def test_a_typed_filter_fills_the_lines_and_a_group_is_one_of_them(open_page: Open) -> None:
    app = typed(bulk(open_page), 'height<150 or (height > 190 and ill is "yes")')
    sound(app)
    assert [box.value for box in app.selectbox if str(box.key).startswith("bulk-op-")] == [
        "is below",
        "is above",
        "is",
    ]
    assert keyed(app.segmented_control, "bulk-join-").value == "or"
    boxes = [box for box in app.text_input if str(box.key).startswith("bulk-value-")]
    assert [box.value for box in boxes] == ["150", "190"]
    boxes[1].set_value("185").run()
    text = 'height < 150 or (height > 185 and ill is "yes")'
    assert keyed(app.text_input, "bulk-text-").value == text
    app.segmented_control(key="review-tab").set_value("History").run()
    app.segmented_control(key="review-tab").set_value("Bulk").run()
    sound(app)
    assert keyed(app.text_input, "bulk-text-").value == text, "the filter is there after a look elsewhere"
    now = app.session_state["winnow"]
    now.dataset = now.dataset.with_kinds({"height": "category"})  # another version, as a decision may bring
    app.run()
    sound(app)
    assert keyed(app.text_input, "bulk-text-").value == text
    app.button(key="bulk-add-group").click().run()
    assert len([b for b in app.selectbox if str(b.key).startswith("bulk-column-")]) == 4
    assert keyed(app.text_input, "bulk-text-").value == text, "a line to be filled in changes nothing"
    sound(app)


@pytest.mark.parametrize(
    ("decimal", "typed", "filter", "says"),
    [
        (".", "1,234", "n < 1234", "1,234 is read as 1234: the comma parts thousands"),
        (".", "1,234.5", "n < 1234.5", ""),
        (".", "1.234", "n < 1.234", ""),
        (".", "0,5", 'n < "0,5"', ""),
        (",", "1,234", "n < 1.234", "1,234 is read as 1.234: the file has decimal commas"),
        (",", "0,5", "n < 0.5", ""),
        (",", "1.234,5", "n < 1234.5", ""),
        (",", "1,234.5", "n < 1234.5", ""),
        (",", "1.234", "n < 1.234", "the point of 1.234 is read as the decimal mark"),
    ],
)
def test_a_number_that_could_be_another_says_how_it_is_read(
    decimal: str, typed: str, filter: str, says: str, tmp_path: Path, open_page: Open
) -> None:
    """A comma parts thousands or is the decimal mark, as in the file; where both could be, it is said."""
    path = tmp_path / "numbers.csv"
    path.write_text("".join(["n;k\n", *(f"{at}{decimal}25;{at % 3}\n" for at in range(900, 1_500))]))
    data = load(path, options=Options(decimal=decimal))
    assert data["n"].stored == "double"
    app = bulk(open_page, data)
    keyed(app.selectbox, "bulk-op-").set_value("is below").run()
    keyed(app.text_input, "bulk-value-").set_value(typed).run()
    assert keyed(app.text_input, "bulk-text-").value == filter
    assert [one.value for one in app.caption if "read as" in one.value] == (
        [f":material/info: {says}"] if says else []
    )
    refused = any("holds numbers" in one.value for one in app.error)
    assert refused is ('"' in filter)


def test_a_label_is_written_to_the_target_and_what_a_column_cannot_hold_is_refused(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal stood beside a tick, and the column to write to was that of the first condition."""
    app = ready(typed(bulk(open_page), "weight > 80"))
    keyed(app.toggle, "all-").set_value(True).run()
    assert keyed(app.selectbox, "relabel-column-").value == "ill"
    keyed(app.selectbox, "relabel-value-").set_value("yes").run()
    # what is typed freely is beyond the test's selectbox: it is as if "dog" were typed for 'age'
    monkeypatch.setattr(actions, "check_written", lambda data, *_: check_written(data, "age", "dog"))
    waited(keyed(app.button, "relabel-bulk-").click().run())
    notice = app.session_state["winnow"].notice
    assert notice.refused and not app.session_state["winnow"].review.decisions
    [told] = [one for one in app.warning if "dog" in one.value]
    assert told.icon == ":material/block:" and told.value.startswith("Not done")
    assert not app.toast


def test_a_label_that_some_rows_have_already_is_counted_once_everywhere(open_page: Open) -> None:
    """The message, the history and Prepare counted every row named, the tiles those that changed."""
    app = ready(typed(bulk(open_page), "weight > 80"))
    keyed(app.toggle, "all-").set_value(True).run()
    keyed(app.selectbox, "relabel-value-").set_value("yes").run()
    now = app.session_state["winnow"]
    frame = now.dataset.frame()
    heavy = frame[frame["weight"] > 80]
    changed = int((heavy["ill"] != "yes").sum())
    already = len(heavy) - changed
    assert changed > 1 and already > 1
    waited(keyed(app.button, "relabel-bulk-").click().run())
    assert now.notice.text.endswith(f"; {already} of them held that value already.")
    tiles = {metric.label: metric.value for metric in app.metric}
    assert tiles["Cells changed"] == tiles["Relabelled"] == str(changed)
    app.segmented_control(key="review-tab").set_value("History").run()
    [what] = app.dataframe[0].value["What"]
    assert what.endswith(f"; {already} of them held that value already")
    app.switch_page(PAGES["prepare"])
    ready(app)
    told = " ".join(one.value for one in app.markdown).replace("\\", "")
    assert f"{changed} cells, {already} were so already" in told and f"{changed} cells changed" in told


def test_without_a_target_a_label_is_written_to_the_column_of_the_filter(open_page: Open) -> None:
    app = ready(typed(bulk(open_page, planted().with_roles(target=None)), "weight > 80"))
    keyed(app.toggle, "all-").set_value(True).run()
    assert keyed(app.selectbox, "relabel-column-").value == "weight"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("height <", "not the end (character 9)"),
        ("heigth < 5", "Did you mean 'height'"),
        ('ill matches "(?=a)"', "no pattern of RE2"),
        ("height < 2020-01-01", "is a date (character 10)"),
        ("flagged by nothing_of_the_kind", "No finding is called"),
        ("score height above 1", "No analysis called"),
    ],
)
def test_an_error_stands_under_the_box_in_one_sentence(text: str, says: str, open_page: Open) -> None:
    app = ready(typed(bulk(open_page), text))
    assert not app.exception and len(app.error) == 1
    said = app.error[0].value.replace("\\", "").replace(BREAK, "")
    assert says in said and not app.toggle
    if any(button.key == "bulk-over" for button in app.button):
        app.button(key="bulk-over").click().run()
        assert keyed(app.text_input, "bulk-text-").value == ""
        sound(app)


def test_a_value_of_blanks_or_of_nothing_can_be_chosen(open_page: Open) -> None:
    app = bulk(open_page, load(pd.DataFrame({"town": ["", " ", "Oslo"] * 20}), name="blank.csv"))
    offered = keyed(app.selectbox, "bulk-value-").options
    assert offered
    for place, value in enumerate(offered):
        keyed(app.selectbox, "bulk-value-").set_value(value).run()
        sound(app)
        assert "**Matches 20 of 60 rows**" in shown(app), (place, value)


def test_what_cannot_be_read_is_no_filter_yet(open_page: Open) -> None:
    app = typed(bulk(open_page), "height <")
    assert "This is no filter yet: mend it in the box." in shown(app)
    assert "more than lines can" not in shown(app)


def test_more_than_lines_can_say_works_from_the_box(open_page: Open) -> None:
    app = typed(bulk(open_page), "duplicate of ill and not part is serve and height is not missing")
    assert "says more than lines can" in shown(app)
    data = data_of(app)
    known = int(data.frame()["height"].notna().sum())
    assert f"**Matches {known} of {data.rows} rows**" in shown(app)
    ready(typed(app, "flagged by outliers and score outliers above 0.5"))
    sound(app)
    assert "**Matches " in shown(app)
    keyed(app.toggle, "all-").set_value(True).run()
    keyed(app.button, "drop-bulk-").click().run()
    dropped = settle(app.session_state["winnow"].review.decisions, data).dropped
    assert {7, 70, 170} <= set(dropped)
    typed(app, "")
    assert len([b for b in app.selectbox if str(b.key).startswith("bulk-column-")]) == 1
    sound(app)


def test_nothing_of_the_data_is_read_as_markdown(open_page: Open) -> None:
    frame = pd.DataFrame({"**a** :red[b]": ["# x", "$y$", "[l](http://e.org)"] * 20, "n": np.arange(60)})
    app = bulk(open_page, load(frame, name="marks.csv"))
    typed(app, "'**a** :red[b]' is one of (\"# x\", \"$y$\") and '**c** `d`' is missing")
    texts = [app.error[0].value, *(m.value for m in app.markdown)]
    typed(app, '\'**a** :red[b]\' is one of ("# x", "[l](http://e.org)")')
    sound(app)
    texts += [m.value for m in app.markdown]
    assert any("Matches 40 of 60" in text for text in texts)
    for text in texts:
        assert "**a**" not in text and ":red[" not in text and "[l](" not in text and "**c**" not in text
