"""What is said of data that were split after checks had run: nothing looks clean that was not checked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from components import as_decided, looks
from components.text import BREAK
from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.decision import Decision
from core.finding import ACROSS, COPIES, Finding
from core.rowset import RowSet
from core.workspace import load
from tests.components.conftest import PAGES, Open, ready, shown, sound

SPLIT = PartSplit("value", column="site", value="north")


def mislabelled(seed: int = 3) -> Dataset:
    """Two clusters of 150 rows, and six labels of each that are of the other."""
    rng = np.random.default_rng(seed)
    kind = np.repeat(["ash", "elm"], 150)
    frame = pd.DataFrame(rng.normal(size=(300, 3)), columns=list("abc"))
    frame.loc[150:, ["a", "b"]] += 6.0
    frame["site"] = rng.choice(["north", "south"], 300)
    kind[[*range(0, 60, 10), *range(200, 260, 10)]] = ["elm"] * 6 + ["ash"] * 6
    frame["kind"] = kind
    return load(frame, name="trees.csv", target="kind")


def test_after_a_split_no_row_is_said_to_be_decided_where_labels_has_not_looked(open_page: Open) -> None:
    app = open_page("labels", mislabelled())
    sound(app)
    app.switch_page(PAGES["review"])
    ready(app)
    assert [m.value for m in app.markdown if m.value.startswith("##### Row ")], "rows wait for their label"

    now = app.session_state["winnow"]
    now.dataset = now.dataset.with_split(SPLIT)
    now.turn += 1
    ready(app)
    sound(app)
    told = shown(app).replace("\\", "").replace(BREAK, "")
    assert not app.success
    assert "Nothing waits for a decision in what was checked." in told
    assert "Labels has not looked at these data" in told
    side = "\n".join(c.value for c in app.sidebar.caption).replace("\\", "")
    assert "earlier finding" in side and "not checked again" in side
    assert "no finding needs attention" not in side, "that is not known beside it"

    app.switch_page(PAGES["export"])
    ready(app)
    told = shown(app).replace("\\", "")
    assert ":orange[:material/warning:] In what is exported, 1 earlier finding not checked again" in told

    app.switch_page(PAGES["labels"])
    ready(app)
    app.switch_page(PAGES["review"])
    ready(app)
    sound(app)
    assert "Labels has not looked" not in shown(app)
    assert [m.value for m in app.markdown if m.value.startswith("##### Row ")], "they wait again"
    assert "earlier" not in "\n".join(c.value for c in app.sidebar.caption)


OTHER = PartSplit("value", column="site", value="south")


@pytest.mark.parametrize("to", [None, OTHER], ids=["taken back", "made otherwise"])
@pytest.mark.parametrize("dropped", [False, True], ids=["as loaded", "as decided"])
def test_what_was_found_with_another_split_is_earlier_not_gone(
    open_page: Open, to: PartSplit | None, dropped: bool
) -> None:
    """The newest look counts: that at the data as split, not that before, where there was one."""
    data = mislabelled(30 + 2 * dropped + bool(to))  # of no other test, whose results are known
    app = open_page("labels", data if to else data.with_split(SPLIT))
    sound(app)
    now = app.session_state["winnow"]

    def parted(split: PartSplit | None) -> None:
        now.dataset, now.turn = now.dataset.with_split(split), now.turn + 1
        ready(app)
        sound(app)

    def side() -> str:
        return "\n".join(c.value for c in app.sidebar.caption).replace("\\", "")

    if dropped:
        now.review, now.turn = now.review.say(Decision("drop", RowSet([299]))), now.turn + 1
        ready(app)
    parted(SPLIT)
    assert "finding needs attention" in side() and "earlier" not in side(), "Labels looked at the split data"
    app.switch_page(PAGES["guide"])
    parted(to)
    assert "1 earlier finding not checked again" in side()
    decisions = tuple(now.review.decisions)
    [newest] = [look for (_, past), look in now.looks["labels"].items() if past == decisions]
    assert newest.split == SPLIT
    app.switch_page(PAGES["labels"])
    ready(app)
    assert "earlier" not in side()


def test_copies_across_the_parts_are_of_one_split_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(as_decided, "settled", lambda: None)
    across, other = (
        Finding(code, "", "warning", 0.5, "", "", rows=RowSet([1]), kin=kin)
        for code, kin in (("rows_across_parts", (ACROSS,)), ("duplicate_rows", (COPIES,)))
    )
    look = looks.Look((across, other), {}, "kind", split=SPLIT)
    data = mislabelled()
    assert look.left(data.with_split(SPLIT)) == [across, other]
    assert look.left(data.with_split(OTHER)) == look.left(data) == [other]
