"""What stands beside the row in focus of the review: its picture, the label suggested, its copies, and the
nearest rows.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from components.views.review import evidence
from components.views.review.card import USUAL
from components.views.review.page import SECOND
from components.views.review.queue import CONFIRMS
from core.decision import Decision
from core.recipe import Recipe
from core.review import Review
from core.rowset import RowSet
from core.run import run
from core.workspace import load
from tests.components.conftest import (
    PAGES,
    Open,
    app_with,
    keyed,
    planted,
    ready,
    row_list,
    shown,
    sound,
    tick,
    undo_of,
    waited,
)
from tests.components.test_images import files
from tests.components.test_labels import WRONG, trees
from tests.core.analyses.nearduplicates.test_nearduplicates import places, torn
from tests.images import encoded, zipped


def sent(app: AppTest, *rows: int) -> AppTest:
    """These rows were sent to review."""
    now = app.session_state["winnow"]
    now.review, now.store_trouble = Review().say(Decision("defer", RowSet(rows))), "In memory."
    now.turn += 1
    return ready(app)


def test_a_row_of_images_is_decided_by_its_picture_and_those_nearest_to_it(
    open_page: Open, tmp_path: Path
) -> None:
    app = open_page("review", load(zipped(tmp_path / "pets.zip", files()), target="label"))
    sound(app)
    images = [one.proto for one in app.image]
    assert [len(one.imgs) for one in images] == [1] * 6, "the row and five others"
    assert all(one.url.startswith("/") for proto in images for one in proto.imgs)
    labels = app.session_state["winnow"].dataset.frame(["label"])["label"]
    row = int(next(one.value for one in app.markdown if "##### Row" in one.value).split()[-1])
    captions = [one.value for one in app.caption if re.match(r"Row \d+  \n", one.value)]
    assert len(captions) == 5
    for caption in captions:
        other = int(caption.split()[1])
        assert caption.endswith(labels[other]) and ("≠" in caption) == (labels[other] != labels[row])
    assert "The nearest rows" in shown(app) and "have its label" in shown(app)
    [card] = [one.value for one in app.dataframe if USUAL in one.value]
    columns = set(card["Column"])
    assert {"label", "image_width"} <= columns and not {"image_sha256", "image_pixels"} & columns


def test_a_row_whose_image_cannot_be_read_is_compared_with_none(open_page: Open, tmp_path: Path) -> None:
    made = dict(sorted((files() | {"a/broken.png": b"no image"}).items()))
    data = load(zipped(tmp_path / "pets.zip", made), target="label")
    row = data.table(["image"]).column(0).to_pylist().index("a/broken.png")
    app = sent(open_page("review", data), row)
    told = [shown(app)]
    for _ in range(4):  # it is one of the few that wait
        if f"##### Row {row}" in told[-1]:
            break
        app.button(key="queue-next").click().run()
        told.append(shown(app))
    assert "Its image cannot be read: it is not compared with others." in told[-1]
    assert "The nearest rows" not in told[-1]


def test_a_label_stands_against_the_one_suggested_once_labels_were_checked(open_page: Open) -> None:
    data = trees(("ash", "birch", "fir"))  # of which no other test of this process has checked the labels
    app = sent(open_page("review", data), 4)
    assert "suggested" not in shown(app)
    app.switch_page("pages/clean/labels.py")
    ready(app)
    app.switch_page("pages/clean/review.py")
    told = shown(ready(app))
    assert "Given **fir**, suggested **birch** by" in told and "birch" in told.split("Out-of-sample")[1]


def test_no_label_is_suggested_where_nothing_predicts_the_labels(open_page: Open) -> None:
    draw = np.random.default_rng(7)
    frame = pd.DataFrame(draw.normal(size=(300, 2)), columns=["tall", "wide"])
    data = load(frame.assign(tree=draw.choice(["ash", "elm"], 300)), name="tossed.csv", target="tree")
    run("labels", data)
    said = shown(sent(open_page("review", data), 4))
    assert "none is suggested" in said and "do not predict" in said and "suggested **" not in said


def test_the_nearest_rows_stand_beside_the_row_with_what_differs_marked(open_page: Open) -> None:
    data = planted()
    app = sent(open_page("review", data), 300)  # equal to row 20
    table = next(one.value for one in app.dataframe if "Row 300" in one.value)
    assert table.columns[1:3].tolist() == ["Row 300", "Row 20"] and len(table.columns) == 7
    lines = table.set_index("Column")
    assert lines.index[:2].tolist() == ["Distance", "ill"] and lines.loc["Distance", "Row 20"] == "0"
    assert not lines["Row 20"].str.contains("≠").any()
    others, frame = lines.iloc[1:, 2:], data.frame()
    for head in others.columns:
        row = int(head.removeprefix("Row "))
        town, height = others.loc["town", head], others.loc["height", head]
        assert town.startswith("≠") == bool(frame.loc[row, "town"] != frame.loc[300, "town"])
        low, high = np.quantile(frame["height"], [0.05, 0.95])
        far = abs(frame.loc[row, "height"] - frame.loc[300, "height"]) > 0.1 * (high - low)
        assert height.startswith("≠") == far
    assert "**Equal rows.** 20 (" in shown(app)


def test_rows_beside_the_row_in_focus_say_what_was_decided_about_them(open_page: Open) -> None:
    app = sent(open_page("review", planted()), 300)  # equal to row 20
    assert "row 20 is" not in shown(app)
    now = app.session_state["winnow"]
    now.review = now.review.say(Decision("relabel", RowSet([20]), "perhaps", column="ill"))
    now.turn += 1
    told = shown(ready(app.run())).replace("\\", "")
    assert "As decided, row 20 is relabelled 'perhaps'." in told
    now.review = now.review.say(Decision("drop", RowSet([20])))
    now.turn += 1
    assert "As decided, row 20 is dropped." in shown(ready(app.run()))


def test_a_card_says_which_of_its_values_decisions_changed(open_page: Open) -> None:
    """The table is of the row as loaded, also once it was relabelled or a column renamed and filled."""
    draw = np.random.default_rng(3)
    frame = pd.DataFrame({"a": draw.normal(size=60), "b": draw.normal(size=60), "ill": ["yes", "no"] * 30})
    app = sent(open_page("review", load(frame, name="card.csv", target="ill")), 20)
    assert "The table shows the row as loaded" not in shown(app)
    now = app.session_state["winnow"]
    now.review = now.review.say(Decision("relabel", RowSet([20]), "perhaps", column="ill"))
    now.review = now.review.say(Decision("blank", RowSet([20]), column="a"))
    now.review = now.review.say(Decision("rename", RowSet(), column="ill", settings={"to": "state"}))
    now.review = now.review.say(Decision("drop", RowSet([3]))).say(Decision("defer", RowSet([20])))
    now.turn += 1
    ready(app)
    told = shown(app).replace("\\", "")
    assert "The table shows the row as loaded. As decided: " in told
    line = next(one for one in told.splitlines() if "The table shows the row as loaded" in one)
    assert "**state** perhaps" in line and "**a** missing" in line and line.count("**") == 4


def test_decided_rows_whose_labels_still_differ_can_be_sent_to_review_again(open_page: Open) -> None:
    app = open_page("prepare", planted().with_roles(target="ill"))
    now = app.session_state["winnow"]
    now.review, now.store_trouble = Review(), "In memory."
    now.review = now.review.say(Decision("relabel", RowSet([20]), "perhaps", column="ill"))
    now.review = now.review.say(Decision("keep", RowSet([300])))
    now.turn += 1
    ready(app.run())
    again = [one for one in app.button if one.label == "Send 2 rows to review again"]
    assert again
    waited(again[0].click().run())
    last = now.review.decisions[-1]
    assert last.action == "defer" and last.rows == RowSet([20, 300])


def test_a_target_of_numbers_is_no_label_in_review(open_page: Open) -> None:
    """ "Choose a target", "0 of 5 have its label, 3.5943377853945027." and a door to Labels stood there, and
    numbers with few values had a key each.
    """
    draw = np.random.default_rng(3)
    frame = pd.DataFrame(draw.normal(size=(200, 3)), columns=["tall", "wide", "deep"])
    frame["price"] = np.round(frame["tall"] * 20, 0) + 0.5
    frame.loc[[7, 8], "price"] = [999.5, np.nan]
    frame.loc[9, ["tall", "wide", "deep"]] = frame.loc[8, ["tall", "wide", "deep"]].to_numpy()
    data = load(frame, name="heavy.csv", target="price")
    app = sent(open_page("review", data), 9)
    told = shown(app).replace("\\", "")
    assert "Choose a target" not in told and "have its label" not in told and "a digit for" not in told
    assert "'price' holds numbers: tick its line" in told and "Check the labels" not in told
    assert not [one for one in app.button if (one.key or "").startswith("queue-label-")]
    around = next(one.value for one in app.dataframe if "Row 8" in one.value).columns[2:]
    theirs = frame.loc[[int(head.removeprefix("Row ")) for head in around], "price"]
    ends = f"{theirs.min():g} to {theirs.max():g}"
    row = frame.loc[9, "price"]
    assert f"Its 'price' is {row:g}; those of the nearest are {ends}, 1 of 5 missing." in told


def test_what_was_confirmed_and_dismissed_is_counted_beside_the_reason(open_page: Open) -> None:
    app = open_page("review", planted())
    for word in ("drop", "keep", "drop"):
        waited(keyed(app.button, f"queue-{word}-").click().run())
        if app.session_state["winnow"].chosen.get("asked"):
            waited(keyed(app.button, f"queue-{word}-").click().run())
    sound(app)
    [bar] = app.get("progress")
    assert CONFIRMS.startswith("only rows decided one by one count: drop and relabel confirm")
    assert bar.proto.text.endswith(f"2 of 3 confirmed ({CONFIRMS})"), "no share of so few"


def test_why_a_label_was_not_judged_is_the_one_reason_that_holds(open_page: Open) -> None:
    """Four possible ones stood there: missing, too rare, of serve, or dropped."""
    frame = trees().frame()
    serve = frame.head(30).reset_index(drop=True)
    frame.loc[20, "tree"], frame.loc[[30, 31], "tree"] = None, "yew"
    data = load(frame, serve=serve, name="trees.csv", target="tree")
    app = open_page("labels", data)
    app.switch_page("pages/clean/review.py")
    ready(app)
    said = []
    for row in (20, 30, len(frame) + 1):
        sent(app, row)
        told = [one.value.replace("\\", "") for one in app.caption]
        said += [one for one in told if one.startswith("Its label was not judged")]
    assert said == [
        "Its label was not judged: it is missing.",
        "Its label was not judged: its class has fewer than 5 train rows.",
        "Its label was not judged: the row is of the serve part.",
    ]


def test_of_images_that_show_nothing_it_is_said_that_their_label_was_not_judged(
    open_page: Open, tmp_path: Path
) -> None:
    odd = {"a/black.png": encoded(np.zeros((30, 40, 3), np.uint8)), "a/broken.png": b"no image"}
    data = load(zipped(tmp_path / "pets.zip", files() | odd), target="label")
    app = open_page("labels", data)
    app.switch_page("pages/clean/review.py")
    ready(app)
    named = data.table(["image"]).column(0).to_pylist()
    for image, why in (("black", "its image is blank"), ("broken", "its image cannot be read")):
        sent(app, named.index(f"a/{image}.png"))
        assert f"Its label was not judged: {why}." in [one.value for one in app.caption]


def test_a_row_of_serve_is_dropped_only_after_the_second_press_and_asked_about_once(open_page: Open) -> None:
    frame = planted().frame()
    app = sent(open_page("review", load(frame, serve=frame.head(100), name="both.csv")), 310, 320)
    keyed(app.button, "queue-drop-").click().run()
    assert "of the serve part" in "".join(one.value for one in app.warning)
    [toast] = [one.value.replace("\\", "") for one in app.toast]
    asked = "Not done yet. Drop once more does it anyway. 1 row is of the serve part"
    assert toast.startswith(asked), "the warning may be below what is seen"
    assert len(app.session_state["winnow"].review.batches) == 1
    waited(keyed(app.button, "queue-drop-").click().run())
    waited(keyed(app.button, "queue-drop-").click().run())
    said = app.session_state["winnow"].review.decisions[1:]
    assert [(one.action, one.rows.ids.tolist()) for one in said] == [("drop", [310]), ("drop", [320])]


def test_the_first_rows_are_cleaned_as_their_findings_say_in_one_step(open_page: Open) -> None:
    data = trees()
    app = open_page("labels", data)
    app.switch_page("pages/clean/review.py")
    ready(app)
    [bar] = app.get("progress")
    waiting = re.search(r"of (\d+) decided, .* left \(all for their label alone\)", bar.proto.text)
    assert waiting and int(waiting[1]) >= WRONG - 1  # nothing else flags a row
    keyed(app.number_input, "queue-top-").set_value(4).run()
    table = next(one.value for one in app.dataframe if "Because" in one.value)
    assert len(table) == 4 and set(table["Row"]) <= set(range(12))
    for box in app.checkbox:
        box.set_value(True)
    app.run()
    waited(app.button(key="clean-first").click().run())
    sound(app)
    [batch] = app.session_state["winnow"].review.batches
    names, true = ("ash", "birch", "cedar"), np.arange(240) % 3
    for decision in batch:
        assert decision.action == "relabel"
        assert {names[true[row]] for row in decision.rows.ids} == {decision.value}
    assert sum(len(decision.rows) for decision in batch) == 4
    assert "confirmed" not in "".join(
        bar.proto.text for bar in app.get("progress")
    )  # nobody looked at them one by one
    waited(undo_of(app).click().run())
    assert not app.session_state["winnow"].review.batches


def test_a_row_sent_to_review_that_is_cleaned_with_the_first_ones_waits_no_longer(open_page: Open) -> None:
    data = trees()
    app = open_page("labels", data)
    app.switch_page("pages/clean/review.py")
    app.session_state["winnow"].review = Review().say(Decision("defer", RowSet([7])))
    app.session_state["winnow"].turn = 1
    ready(app)
    keyed(app.number_input, "queue-top-").set_value(2).run()
    for box in app.checkbox:
        box.set_value(True)
    app.run()
    waited(app.button(key="clean-first").click().run())
    sound(app)
    batch = app.session_state["winnow"].review.batches[-1]
    assert {row for one in batch if one.action == "relabel" for row in one.rows.ids} >= {7}
    assert [(one.action, one.rows) for one in batch if one.action != "relabel"] == [("keep", RowSet([7]))]


def progress(app: AppTest) -> tuple[int, int]:
    """How many rows are decided, and of how many."""
    [bar] = app.get("progress")
    return tuple(map(int, re.match(r"(\d+) of (\d+) decided", bar.proto.text).groups()))


def test_what_is_decided_counts_up_and_the_number_of_rows_stays(open_page: Open) -> None:
    """A row that was sent here left the count with its decision: 0 of 5, 0 of 4, 0 of 3."""
    app = open_page("review", planted())
    flagged = progress(app)[1]
    sent(app, *range(40, 200, 30))
    done, total = progress(app)
    assert done == 0 and total > flagged
    for decided, word in enumerate(("keep", "drop", "label-1", "keep"), 1):
        before = keyed(app.button, "queue-keep-").key
        waited(keyed(app.button, f"queue-{word}-").click().run())
        if app.session_state["winnow"].chosen.get("asked"):
            waited(keyed(app.button, f"queue-{word}-").click().run())
        assert progress(app) == (decided, total)
        assert keyed(app.button, "queue-keep-").key != before, "the next row comes"
    sound(app)


def stepped(app: AppTest, *decisions: Decision) -> AppTest:
    """These decisions were taken before."""
    now = app.session_state["winnow"]
    now.review, now.store_trouble = Review().say(*decisions), "In memory."
    now.turn += 1
    return ready(app)


def test_the_queue_takes_the_labels_doubted_in_the_data_as_decided(open_page: Open) -> None:
    """Rows 0 and 1 are dropped: row 5 of the data as decided is row 7. It listed none of them."""
    app = stepped(open_page("labels", trees(("ash", "box", "yew"))), Decision("drop", RowSet([0, 1])))
    listed = row_list(app)["Row"].tolist()
    assert listed and set(listed) <= set(range(2, WRONG))
    app.switch_page("pages/clean/review.py")
    ready(app)
    done, total = progress(app)
    assert (done, waiting(app)) == (2, len(listed)), "two were doubted as loaded, and are dropped"
    for left in range(len(listed), 0, -1):
        row = int(keyed(app.button, "queue-drop-").key.rpartition("-")[2])
        assert row in listed and "suggested **" in shown(app)
        names, true = ("ash", "box", "yew"), row % 3
        given = app.session_state["winnow"].dataset.frame(["tree"])["tree"][row]
        assert f"Given **{given}**, suggested **{names[true]}**" in shown(app)
        if left > 1:
            [button] = [one for one in app.button if one.label.startswith(f"{names[true]} `")]
            waited(button.click().run())
            assert progress(app) == (2 + len(listed) - left + 1, total), "of the labels judged before"
            why = app.session_state["winnow"].review.decisions[-1].why
            assert why.startswith(f"Given '{given}', suggested '{names[true]}' (") and why.endswith("%)")
    sound(app)


def back(app: AppTest) -> AppTest:
    """The last batch of decisions is taken back."""
    now = app.session_state["winnow"]
    now.review = now.review.undo()
    now.turn += 1
    return ready(app)


def test_after_an_undo_the_queue_is_of_the_labels_of_the_data_that_are_there_again(open_page: Open) -> None:
    """It stayed that of the relabelled data, whose decisions were taken back, and the door led to fewer."""
    names = ("cork", "date", "kiwi")
    app = open_page("labels", trees(names))
    wrong = row_list(app)["Row"].tolist()[:5]
    total = waiting(app)
    app.switch_page("pages/clean/labels.py")
    stepped(app, *(Decision("relabel", RowSet([row]), names[row % 3], column="tree") for row in wrong))
    left = row_list(app)["Row"].tolist()
    assert left and not set(left) & set(wrong) and waiting(app) < total
    back(app)
    assert progress(app) == (0, total)
    now = app.session_state["winnow"]
    now.review, now.turn = now.review.say(Decision("drop", RowSet([wrong[0]]))), now.turn + 1
    ready(app)
    assert progress(app) == (1, total), "of the labels judged before"


def test_what_labels_found_goes_with_a_decision_of_then_that_is_taken_back(open_page: Open) -> None:
    """Of the data with the first step alone nothing is known: the queue is of those as loaded."""
    names = ("lime", "plum", "sloe")
    app = open_page("labels", trees(names))
    wrong = row_list(app)["Row"].tolist()[:5]
    total = waiting(app)
    stepped(app, Decision("drop", RowSet([200])))
    assert progress(app) == (0, total)
    now = app.session_state["winnow"]
    now.review = now.review.say(
        *(Decision("relabel", RowSet([row]), names[row % 3], column="tree") for row in wrong)
    )
    now.turn += 1
    app.switch_page("pages/clean/labels.py")
    ready(app)
    assert not set(row_list(app)["Row"]) & set(wrong) and waiting(app) < total
    back(app)
    assert progress(app) == (0, total)


def test_what_waits_hangs_on_the_decisions_of_now_in_every_session(open_page: Open) -> None:
    """Another session of the same person, and one that had kept a row and switched that off, counted by the
    labels as loaded: 11 rows, where 6 waited.
    """
    names = ("teak", "pear", "hemp")
    data = trees(names)
    app = open_page("labels", data)
    wrong, whole = row_list(app)["Row"].tolist()[:5], waiting(app)
    app.switch_page(PAGES["labels"])
    stepped(app, *(Decision("relabel", RowSet([row]), names[row % 3], column="tree") for row in wrong))
    total = waiting(app)
    assert total < whole
    now = app.session_state["winnow"]
    now.review, now.turn = now.review.say(Decision("keep", RowSet([200]))), now.turn + 1
    ready(app)
    now.review, now.turn = now.review.say(Decision("drop", RowSet([201]))), now.turn + 1
    assert waiting(app) == total, "Labels has not looked at the data without row 201"
    assert progress(app) == (len(wrong), whole), "those of before stay among those that it counts"
    kept = len(now.review.batches) - 2
    now.review, now.turn = now.review.switch(kept, on=False), now.turn + 1
    assert (waiting(app), progress(app)) == (total, (len(wrong), whole))
    other = app_with(data, review=now.review, store_trouble="In memory.")
    assert waiting(other) == total
    side = [one.value for one in other.sidebar.caption if "wait in review" in one.value]
    assert f"{total} rows wait in review" in side[0]
    told = [one.value for one in other.main.caption if "Labels" in one.value and "queue" in one.value]
    assert told and "Labels has not looked again since your last decisions" in told[0]


def waiting(app: AppTest) -> int:
    """How many rows the review lists without a decision, which is opened."""
    app.switch_page("pages/clean/review.py")
    [bar] = ready(app).get("progress")
    return int(re.search(r"of the (\d+) left", bar.proto.text)[1])


def test_rows_sent_from_labels_keep_the_reason_and_are_called_alike_everywhere(open_page: Open) -> None:
    app = stepped(open_page("labels", trees(("elm", "fig", "oak"))), Decision("drop", RowSet([200])))
    row = row_list(app)["Row"].tolist()[1]
    tick(app, 1)
    waited(keyed(app.button, "defer-labels-").click().run())
    assert row_list(app).set_index("Row")["Decision"][row] == "sent to review"
    app.switch_page("pages/clean/review.py")
    ready(app)
    assert keyed(app.button, "queue-drop-").key == f"queue-drop-{row}"
    assert "Sent to review" in shown(app) and "likely wrong" in shown(app)
    assert "Check the labels" not in "".join(one.proto.label for one in app.get("page_link"))
    assert re.search(r"Given \*\*\w+\*\*, suggested", shown(app))


def test_ticked_labels_are_written_each_as_suggested(open_page: Open) -> None:
    names = ("bay", "box", "nut")
    app = open_page("labels", trees(names))
    rows = row_list(app)["Row"].tolist()[:3]
    tick(app, 0, 1, 2)
    button = keyed(app.button, "labels-each-")
    assert button.label == "Relabel 3 rows, each as suggested"
    waited(button.click().run())
    sound(app)
    [batch] = app.session_state["winnow"].review.batches
    written = {int(row): one.value for one in batch for row in one.rows.ids}
    assert written == {row: names[row % 3] for row in rows}
    assert "Relabelled 3 rows" in app.session_state["winnow"].notice.text


def test_rows_whose_copies_have_another_label_are_not_cleaned_at_once(open_page: Open) -> None:
    data = torn()
    app = open_page("review", data)
    waiting = set(places(data))
    assert progress(app)[1] >= len(waiting)
    keyed(app.number_input, "queue-top-").set_value(progress(app)[1]).run()
    cleaned = [one.value["Row"].tolist() for one in app.dataframe if "Because" in one.value]
    assert not waiting & {row for some in cleaned for row in some}


def test_all_rows_of_one_picture_are_equal_rows_in_whichever_part_they_stand() -> None:
    """Of one picture thrice the one of serve had near copies alone."""
    data = torn()
    result = run("duplicates", data)
    every = set(places(data))
    for row in every:
        assert set(evidence._partners(data, "duplicates", result, row).tolist()) == every - {row}
    other = next(row for row in range(data.rows) if row not in every)
    assert not evidence._partners(data, "duplicates", result, other).size


def test_a_second_reviewer_is_compared_with_and_followed_where_the_first_said_nothing(
    open_page: Open,
) -> None:
    data = load(planted().frame(), name="planted.csv")
    app = open_page("review", data)
    now = app.session_state["winnow"]
    mine = (Decision("drop", RowSet([1, 2])), Decision("keep", RowSet([3])))
    now.review, now.store_trouble = Review().say(*mine), "In memory."
    now.turn += 1
    app.segmented_control(key="review-tab").set_value(SECOND).run()
    theirs = Review().say(
        Decision("drop", RowSet([1, 3, 5]), who="bo"), Decision("keep", RowSet([2]), who="bo")
    )
    recipe = Recipe.of(data, theirs).to_json()
    keyed(app.file_uploader, "second-").upload("bo.json", recipe.encode()).run()
    sound(app)
    metrics = {one.label: one.value for one in app.metric}
    assert (metrics["Decided by both"], metrics["By the other alone"]) == ("3", "1")
    assert "agree on 1" in shown(app)
    conflicts = next(one.value for one in app.dataframe if "The other" in one.value)
    assert conflicts.to_numpy().tolist() == [[2, "drop", "keep"], [3, "keep", "drop"]]
    waited(app.button(key="second-take").click().run())
    taken = app.session_state["winnow"].review.decisions
    assert [(one.action, one.rows.ids.tolist(), one.who) for one in taken[2:]] == [("drop", [5], "bo")]
    undo_of(app).click().run()
    assert app.session_state["winnow"].review.decisions == mine
    keyed(app.file_uploader, "second-").upload("worse.json", b"{}").run()
    assert any("worse" in one.value for one in app.error) and not app.exception


def test_a_possible_outlier_sent_to_review_shows_what_sets_it_apart(open_page: Open) -> None:
    """Its card had no reason, no column marked and the order of the file. Sent by hand, it is there for
    nothing of the kind.
    """
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(3000, 4)), columns=list("abcd"))
    table.loc[9, ["b", "c", "d"]] = 4.6, -4.6, 4.6
    data = load(table, name="possible.csv")
    result = run("outliers", data)
    [possible] = result.findings
    assert possible.code == "outliers_possible" and 9 in possible.rows
    app = open_page("review", data)
    for because in ("", possible.key):
        stepped(app, Decision("defer", RowSet([9]), finding=because))
        card, there = app.dataframe[0].value, bool(because)
        assert "##### Row 9" in shown(app)
        assert (set(card.loc[card[""] != "", "Column"]) >= {"b", "c", "d"}) is there
        assert (card["Column"].tolist()[-1] == "a") is there
        text = shown(app).replace("\\", "")
        assert ("(quartiles" in text) is there and ("beyond the limit of outliers" in text) is there
