"""The filled button is what a person clicks without reading: it never drops what only a score judged. Each
page that any test draws is looked at (`conftest.filled_to_drop`); here those with every such finding, and
that the look would see one. Nor does it do what the advice beside it asks a person to find out first.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.dataset import Dataset
from core.finding import Finding
from core.prepare import fixes
from core.workspace import load
from tests.components.conftest import ASKS, Open, filled_to_drop, findings_of, keyed, ready


def judged() -> Dataset:
    """240 rows of which some stand far out, some are near-duplicates, one value is isolated, some labels are
    likely wrong, and some of serve lie where train has none.
    """
    draw = np.random.default_rng(8)
    frame = pd.DataFrame(draw.normal(size=(240, 4)).round(6), columns=list("abcd"))
    frame["e"] = draw.normal(50, 5, 240).round(6)
    frame["name"] = [f"person {chr(97 + at % 26)}{chr(97 + at // 26)} of no {at}" for at in range(240)]
    frame["tree"] = np.where(frame["a"] + frame["b"] > 0, "ash", "birch")
    frame.loc[[3, 9], ["a", "b", "c"]] = [[40.0, -35.0, 30.0], [-44.0, 38.0, -33.0]]
    frame.loc[[5, 6], "e"] = 5_000.0, 90.0  # the second is no alarm of its column
    near = frame.iloc[[50, 60, 70]].assign(a=lambda rows: rows["a"] + 1e-6)
    serve = frame.iloc[:80].assign(c=lambda rows: rows["c"] + 6)
    return load(pd.concat([frame, near], ignore_index=True), serve=serve, name="judged.csv", target="tree")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WINNOW_HOME", str(tmp_path_factory.mktemp("home")))
        return judged()


@pytest.mark.parametrize("page", ["profile", "prepare", "review"])
def test_no_filled_button_of_a_page_drops_what_a_score_judged(
    page: str, data: Dataset, open_page: Open
) -> None:
    assert filled_to_drop(open_page(page, data)) == []


def test_nor_does_one_of_a_group_of_issues_and_the_look_would_see_it(
    data: Dataset, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("issues", data)
    groups = list(app.radio[0].options)
    for at in range(len(groups)):
        app.radio[0].set_value(at)
        assert filled_to_drop(ready(app)) == [], groups[at]
    odd = next(at for at, group in enumerate(groups) if "stand far from the rest" in group)
    monkeypatch.setattr(fixes, "looked_at_first", lambda finding: _nothing(finding))
    app.radio[0].set_value(odd).run()
    assert [label.split()[0] for label in filled_to_drop(app)] == ["Drop"]


def _nothing(finding: Finding) -> None:
    """As if no rows had to be looked at first."""


def asking() -> Dataset:
    """The gaps of ``y`` can be predicted, ``batch`` separates train from serve, and ``later`` predicts the
    target on its own.
    """
    draw = np.random.default_rng(1)
    frame = pd.DataFrame(draw.normal(size=(1_500, 3)).round(6), columns=list("xyz"))
    frame.loc[(frame["x"] > 0.5) & (draw.random(1_500) < 0.6), "y"] = np.nan
    frame["target"] = np.where(frame["z"] + draw.normal(size=1_500) > 0, "yes", "no")
    frame["later"] = (frame["target"] == "yes") * 3.0 + draw.normal(size=1_500).round(6)
    parts = [frame.assign(batch=[f"{part}{at % 5}" for at in range(1_500)]) for part in "ab"]
    return load(parts[0], serve=parts[1], name="asking.csv", target="target")


def test_a_button_beside_advice_to_find_out_first_is_not_filled(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("prepare", asking())
    keyed(app.button, "run-checks").click()
    ready(app)
    asked = {one.code for one in findings_of(app) if one.suggestion.startswith(ASKS) and one.action}
    assert {"not_mcar", "no_value_shared", "single_feature"} <= asked
    monkeypatch.setattr(Finding, "conditional", property(lambda one: False, lambda one, held: None))
    urged = filled_to_drop(app.run())
    assert any(label.startswith("Fill ") for label in urged), urged
    assert sum(label.startswith("Leave out") for label in urged) > 1, urged
