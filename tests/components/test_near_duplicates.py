"""Near duplicates on the issues page: groups side by side, one button for all of them, undone at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from components.text import BREAK
from components.views.issues import side_by_side
from components.views.issues.nearduplicates import said_of
from core.analyses.nearduplicates.analysis import NearDuplicateResult, NearDuplicateSettings
from core.dataset import Dataset
from core.decision import Decision
from core.review import Review
from core.rowset import RowSet
from core.run import run
from tests.components.conftest import Open, keyed, ready, shown, sound, undo_of, waited
from tests.core.analyses.nearduplicates.people import people, planted
from tests.core.analyses.nearduplicates.test_nearduplicates import places, torn
from tests.make import dataset


def register() -> Dataset:
    """Five people written twice, one of them with another label."""
    table = planted(people(300), "typing errors", 5)
    table["label"] = np.where(np.arange(len(table)) == 300, "bad", "good")
    return dataset(table, target="label")


def test_the_medoids_are_kept_and_the_rest_dropped_in_one_step(open_page: Open) -> None:
    app = open_page("issues", register(), **{"group": "near_duplicates"})
    sound(app)
    radio = app.radio[0]
    [at] = [place for place, option in enumerate(radio.options) if "with slips" in option]
    radio.set_value(at).run()
    sound(app)
    button = keyed(app.button, "bulk-copies-near_duplicates")
    assert button.label == "Keep 4 rows, drop 4 copies"
    assert "fields differ" in shown(app)
    button.click().run()
    sound(app)
    review = app.session_state["winnow"].review
    words = [(one.action, len(one.rows)) for one in review.decisions]
    assert words == [("keep", 4), ("drop", 4)]
    said = {one.title for one in run("nearduplicates", register()).findings if one.code == "near_duplicates"}
    assert {one.why for one in review.decisions} == said, "what the finding said then, for the history"
    undo_of(app).click().run()
    assert len(app.session_state["winnow"].review.decisions) == 0


def test_one_picture_thrice_makes_two_findings_and_the_second_names_the_first(open_page: Open) -> None:
    """It is in train with two labels, and in serve: a copy across the parts, and labels that disagree. That
    two of the three are equal is said by the latter.
    """
    data = torn()
    app = open_page("issues", data)
    radio = app.radio[0]
    of_them = [
        at for at, title in enumerate(radio.options) if "copies in train" in title or "another" in title
    ]
    assert len(of_them) == 2 and not any("equal features" in title for title in radio.options)
    lines = list(radio.proto.captions)
    assert lines[of_them[0]] == "critical · 2 rows flagged · 0 decided"
    assert lines[of_them[1]] == "warning · 3 rows flagged · 0 decided · 2 of 3 named above, too"
    assert "of the finding above" not in shown(app)
    waited(radio.set_value(of_them[1]).run())
    words = "2 of these 3 rows are rows of the finding above, too (1 serve image has 2 copies in train"
    assert words in shown(app).replace("\\", "").replace(BREAK, "")
    now = app.session_state["winnow"]
    [served] = set(places(data)) - set(places(data)[:2])
    now.review, now.turn = Review().say(Decision("drop", RowSet([served]))), now.turn + 1
    waited(ready(app))
    assert any("equal features" in title for title in app.radio[0].options)
    assert "named above" not in str(app.radio[0].proto), "it stands alone now"


def test_fields_that_differ_stand_on_top_and_the_row_to_keep_first() -> None:
    data = register()
    result = run("nearduplicates", data, {})
    rows = np.flatnonzero(result.group == 0)
    rows = rows[np.argsort(result.excess[rows])]
    table, different = side_by_side.facts(data, result, rows)
    assert table["Field"][0] == "label" and different == 3
    assert table.columns[1].endswith("keep") and "distance" in table.columns[2]
    assert (table.iloc[:3, 1] != table.iloc[:3, 2]).all() and (table.iloc[3:, 1] == table.iloc[3:, 2]).all()
    assert isinstance(table, pd.DataFrame)


def test_a_tile_says_what_its_finding_says() -> None:
    """Of one group a picture is surely a copy, one perhaps, and one cut out of the one to keep."""
    marks = {
        "sure_group": np.array([0, 0, 2, 3]),
        "repeated": np.array([False, True, False, False]),
        "excess": np.array([False, True, True, True]),
        "crop": np.array([False, False, False, True]),
        "across": np.zeros(4, bool),
        "serve": np.zeros(4, bool),
        "conflict": np.zeros(4, bool),
        "torn": np.zeros(4, bool),
    }
    result = NearDuplicateResult(
        settings=NearDuplicateSettings(),
        group=np.zeros(4, np.int64),
        distance=np.array([0.05, 0.05, 0.15, 0.4]),
        target="",
        compared=4,
        images=True,
        regular=(),
        turned=np.zeros(4, np.int8),
        **marks,
    )
    assert said_of(result, np.arange(1, 4)) == ["copy of", "maybe a copy of", "cut out of"]
    told = {finding.code: finding.rows.ids.tolist() for finding in result.findings}
    assert told == {
        "near_duplicates": [1],
        "near_duplicates_possible": [2],
        "near_duplicates_crops": [3],
    }
