"""Rows that wait in review already are not sent there: the filled button opens it. Others are, in the number
that goes there.
"""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from components import badge as sidebar
from components.address import key
from components.widgets import to_review
from core.decision import Decision
from core.rowset import RowSet
from tests.components.conftest import PAGES, Open, planted, ready, shown, sound
from tests.components.test_last_copies import against, decided, focus, twice


def kind(app: AppTest, words: str) -> AppTest:
    """The kind of findings whose title has these words is chosen."""
    kinds = list(app.radio[0].options)
    app.radio[0].set_value(next(at for at, title in enumerate(kinds) if words in title))
    return ready(app)


def filled(app: AppTest) -> list[str]:
    """The filled buttons but for that of the settings."""
    every = [one for one in app.button if one.proto.type == "primary" and not one.disabled]
    return [str(one.label) for one in every if one.label != "Apply"]


def sends(app: AppTest) -> list[str]:
    return [str(one.label) for one in app.button if one.label.startswith("Send ") and "rows" in one.label]


def test_the_filled_button_opens_the_review_at_rows_that_wait_there(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = kind(open_page("issues", planted()), "stand")
    assert filled(app) == ["Open in Review"] and sends(app) == []
    [button] = [one for one in app.button if one.label == "Open in Review"]
    went: list[tuple[str, dict[str, str]]] = []
    monkeypatch.setattr(
        to_review.st, "switch_page", lambda page, query_params: went.append((page, query_params))
    )
    button.click().run()
    sound(app)
    [(page, query)] = went
    assert page == PAGES["review"] and query["row"] == "7"
    app.switch_page(page)
    assert focus(ready(app)) == 7


def test_of_rows_that_do_not_all_wait_as_many_are_sent_as_the_button_says(open_page: Open) -> None:
    """Nothing flags the rows of the isolated values but the outliers, which were accepted."""
    app = open_page("issues", planted())
    decided(app, Decision("accept", RowSet(), finding="outliers"))
    kind(app, "isolated")
    assert (filled(app), sends(app)) == (["Send 3 rows to review"], ["Send 3 rows to review"])
    decided(app, Decision("defer", RowSet([7])))
    kind(app, "isolated")
    assert sends(app) == ["Send 2 rows to review"]
    assert "Of its 3 rows 1 waits there already." in shown(app)
    decided(app, Decision("keep", RowSet([70])))
    kind(app, "isolated")
    assert [one for one in app.button if one.label == "Send 1 row to review"]
    assert "Of its 3 rows 1 decided, 1 waits there already." in shown(app)
    decided(app, Decision("defer", RowSet([170])))
    kind(app, "isolated")
    assert filled(app) == ["Open in Review"] and "Of its 3 rows 1 decided." in shown(app)


def test_a_row_that_left_the_queue_is_not_offered_to_it(open_page: Open) -> None:
    """Row 40 was left the last of its group, and "Send 1 row to review" stood beside the finding."""
    app = kind(open_page("issues", against()), "equal features")
    assert filled(app) == ["Open in Review"]
    decided(app, Decision("drop", RowSet([200])))
    app.segmented_control(key=key(sidebar.SWITCH)).set_value(sidebar.LOADED).run()
    kind(ready(app), "equal features")
    assert filled(app) == [] and not [one for one in app.button if one.label.startswith("Send ")]
    assert "Of its 3 rows 1 decided, 2 need no decision any more." in shown(app)


def test_copies_that_repeat_nothing_any_more_are_not_counted_on_the_button(open_page: Open) -> None:
    app = kind(open_page("issues", twice()), "repeat")
    assert [one.label for one in app.button if one.label.startswith("Drop ")] == [
        "Drop 2 rows that repeat another"
    ]
    decided(app, Decision("drop", RowSet([20])))
    app.segmented_control(key=key(sidebar.SWITCH)).set_value(sidebar.LOADED).run()
    kind(ready(app), "repeat")
    assert [one.label for one in app.button if one.label.startswith("Drop ")] == [
        "Drop 1 row that repeats another"
    ]
