"""The same file again: the offer to go on where one was, and decisions that are kept apart."""

from __future__ import annotations

import io
import zipfile

from streamlit.testing.v1 import AppTest

from components.text import BREAK
from core.decision import Decision
from core.filters import Filter
from core.places import home
from core.rowset import RowSet
from core.steps import settle
from core.workspace.kept_logs import key_of, logs
from core.workspace.store import Store
from tests.components.conftest import Open, keyed, ready, shown, sound
from tests.components.test_loading import CSV, WHO, dropped
from tests.images import encoded, picture

STEPS = 14


def go(app: AppTest, target: str = "") -> AppTest:
    """Choose the target and load."""
    if target:
        keyed(app.selectbox, "draft-target").set_value(target).run()
    app.button(key="go").click()
    ready(app)
    sound(app)
    return app


def decide(app: AppTest, times: int) -> AppTest:
    """Drop as many rows, one at a time, as the queue's keys do."""
    now, store = app.session_state["winnow"], Store(home())
    key = key_of(now.dataset.fingerprint, now.log)
    for row in range(times):
        now.review = store.say(key, WHO, Decision("drop", RowSet([row])))
    now.turn += 1
    return ready(app)


def told(app: AppTest) -> str:
    return shown(app).replace("\\", "").replace(BREAK, "")


def steps(app: AppTest) -> int:
    return len(app.session_state["winnow"].review.batches)


def offers(app: AppTest) -> list[str]:
    return [button.label for button in app.button if str(button.key).startswith("resume-")]


def test_the_same_file_offers_to_resume_with_its_settings_and_its_steps(open_page: Open) -> None:
    app = dropped(open_page)
    assert offers(app) == []
    decide(go(app, "sold"), STEPS)
    again = dropped(open_page)
    sound(again)
    assert offers(again) == [f"Resume with your settings and {STEPS} steps"] and "target 'sold'" in told(
        again
    )
    keyed(again.button, "resume-").click()
    ready(again)
    sound(again)
    now = again.session_state["winnow"]
    assert now.dataset.roles.target == "sold" and steps(again) == STEPS and now.draft is None
    assert f"{STEPS} steps from before taken up" in now.notice.text


def test_a_number_of_steps_is_the_same_wherever_it_stands(open_page: Open) -> None:
    app = decide(go(dropped(open_page), "sold"), 2)
    now, store = app.session_state["winnow"], Store(home())
    whose = (now.dataset.fingerprint, WHO)
    store.say(*whose, Decision("keep", RowSet([5])))
    store.say(*whose, Decision("accept", RowSet(), finding="missing:price"))
    event = store.history(*whose)[0].event
    for on in (False, True, False):
        store.switch(*whose, event, on)
    amount = "1 step, 1 switched off, and 2 other decisions"
    assert offers(dropped(open_page)) == [f"Resume with your settings and {amount}"]
    again = ready(open_page("home"))
    assert f"{amount} from" in told(again), "in the list of recent data sets"
    again = dropped(open_page)
    keyed(again.button, "resume-").click()
    ready(again)
    assert f"{amount} from before taken up" in again.session_state["winnow"].notice.text
    again.switch_page("pages/clean/prepare.py")
    ready(again)
    assert "1 step, 1 switched off:" in told(again) and "2 other decisions that changed no data" in told(
        again
    )
    badge = [one.value for one in (*again.sidebar.markdown, *again.sidebar.caption)]
    assert sum("1 step, 1 switched off" in line for line in badge) == 1, badge


def test_another_target_begins_steps_of_its_own_and_says_so(open_page: Open) -> None:
    decide(go(dropped(open_page), "sold"), STEPS)
    other = go(dropped(open_page), "price")
    now = other.session_state["winnow"]
    assert (steps(other), now.dataset.roles.target, now.log) == (0, "price", "2")
    assert f"{STEPS} steps made with target 'sold', id 'id' are kept apart" in now.notice.text
    decide(other, 2)
    assert sorted(offers(dropped(open_page))) == [
        f"Resume with your settings and {STEPS} steps",
        "Resume with your settings and 2 steps",
    ]
    other.switch_page("pages/data/load.py").run()
    assert offers(other) == [f"Resume with your settings and {STEPS} steps"]
    keyed(other.button, "resume-").click()
    ready(other)
    now = other.session_state["winnow"]
    assert (steps(other), now.dataset.roles.target, now.log) == (STEPS, "sold", "")
    back = go(dropped(open_page), "price")
    assert steps(back) == 2 and "2 steps from before" in back.session_state["winnow"].notice.text


def test_a_reload_finds_the_log_used_last_and_its_target(open_page: Open) -> None:
    decide(go(dropped(open_page), "sold"), 3)
    app = go(dropped(open_page), "price")
    again = open_page("home")
    again.query_params["data"] = app.session_state["winnow"].dataset.path.parent.name
    again.switch_page("pages/explore/profile.py")
    ready(again)
    now = again.session_state["winnow"]
    assert (steps(again), now.dataset.roles.target, now.log) == (0, "price", "2")


def test_a_target_changed_on_the_way_keeps_the_steps_and_says_so(open_page: Open) -> None:
    app = decide(go(dropped(open_page), "sold"), 2)
    app.switch_page("pages/data/load.py").run()
    keyed(app.selectbox, "role-target").set_value("price").run()
    now = app.session_state["winnow"]
    assert (
        steps(app) == 2
        and "The target is now price, it was sold. 2 steps made before stay" in now.notice.text
    )
    (log,) = logs(Store(home()), now.dataset.fingerprint, WHO)
    assert log.roles == {**now.dataset.roles.named()} and log.roles["target"] == "price"


def test_a_file_read_in_another_way_leaves_its_steps_where_they_are(open_page: Open) -> None:
    decide(go(dropped(open_page), "sold"), 4)
    app = dropped(open_page)
    keyed(app.selectbox, "option-decimal").set_value(".")
    ready(app)
    go(app)
    assert steps(app) == 0
    assert (
        "4 steps made when the file was read otherwise stay with that"
        in app.session_state["winnow"].notice.text
    )


def test_what_another_person_decided_is_not_offered(open_page: Open) -> None:
    app = go(dropped(open_page), "sold")
    Store(home()).say(
        app.session_state["winnow"].dataset.fingerprint, "eve@x.example", Decision("drop", RowSet([1]))
    )
    assert offers(dropped(open_page)) == ["Resume with your settings"]
    again = go(dropped(open_page), "price")
    assert steps(again) == 0 and "kept apart" not in again.session_state["winnow"].notice.text


def test_a_file_of_the_same_shape_offers_the_steps_of_the_one_before(open_page: Open) -> None:
    app = go(dropped(open_page), "sold")
    first = app.session_state["winnow"].dataset
    store = Store(home())
    store.say(first.fingerprint, WHO, Decision("tidy", RowSet(), column="town", settings={"case": "upper"}))
    store.say(first.fingerprint, WHO, Decision("drop", RowSet([4, 5, 6])))
    store.say(first.fingerprint, WHO, Decision("drop", Filter.parse("price > 80"), why="dear"))
    lines = CSV.replace("price", "Price").splitlines()
    later = "\n".join([lines[0], *lines[10:], *lines[6:8]]) + "\n"
    again = dropped(open_page, "february.csv", later.encode())
    sound(again)
    page = told(again)
    assert "Nearly the same shape as houses.csv, 3 steps: apply them?" in page
    assert "'price' is likely called 'Price' here" in page
    assert "3 of 3 steps apply, 1 of them in part. Of 3 rows decided one by one, 2 found again and 1 " in page
    keyed(again.selectbox, "called-").set_value("")
    ready(again)
    assert "2 of 3 steps apply, 1 of them in part, 1 cannot." in told(again)
    keyed(again.selectbox, "called-").set_value("Price")
    ready(again)
    again.button(key="take-over").click()
    ready(again)
    sound(again)
    now = again.session_state["winnow"]
    assert (now.dataset.name, now.dataset.roles.target, steps(again)) == ("february.csv", "sold", 4)
    assert "3 of 3 steps apply" in now.notice.text
    entries = store.history(now.dataset.fingerprint, WHO)
    assert all("carried over from 'houses.csv'" in entry.why and entry.who == WHO for entry in entries)
    assert settle(now.review.decisions, now.dataset).dropped.ids.size == 2 + 6
    assert [step.action for step in now.review.decisions] == ["rename", "tidy", "drop", "drop"]
    back = store.switch(now.dataset.fingerprint, WHO, entries[-1].event, on=False)
    assert settle(back.decisions, now.dataset).dropped.ids.size == 2
    other = dropped(open_page, "march.csv", later.replace("Ghent", "Paris").encode())
    assert "3 steps, 1 switched off: apply them?" in told(other), "the most alike is offered first"
    other.button(key="take-over-not").click().run()
    assert not [button for button in other.button if button.key == "take-over"]
    assert steps(go(other, "sold")) == 0


def test_only_data_sets_whose_decisions_apply_are_offered(open_page: Open) -> None:
    """All sets of images are of one shape: those without an image in common are not listed."""

    def archive(*seeds: int) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as made:
            for seed in seeds:
                made.writestr(f"{'ab'[seed % 2]}/{seed}.png", encoded(picture(seed)))
        return out.getvalue()

    for name, seeds in (("one.zip", (0, 1, 2, 3)), ("other.zip", (4, 5, 6, 7)), ("third.zip", (8, 9, 2, 7))):
        app = go(dropped(open_page, name, archive(*seeds)))
        data = app.session_state["winnow"].dataset
        Store(home()).say(data.fingerprint, WHO, Decision("drop", RowSet([0])))
        Store(home()).say(data.fingerprint, WHO, Decision("drop", RowSet([2])))
    again = dropped(open_page, "new.zip", archive(0, 1, 4, 20, 21))
    sound(again)
    [box] = [one for one in again.selectbox if str(one.key).startswith("take-over-from-")]
    listed = sorted(option.partition(" · ")[0::2] for option in box.options)
    assert [name for name, _ in listed] == ["one.zip", "other.zip"]
    assert "2 steps, 2 apply" in listed[0][1] and "2 steps, 1 applies" in listed[1][1]
    assert "Of 1 data set of the same shape no decision applies here: not listed" in told(again)
    alone = dropped(open_page, "alone.zip", archive(30, 31, 32))
    assert not [one for one in alone.selectbox if str(one.key).startswith("take-over-from-")]
    assert "Of 3 data sets of the same shape no decision applies here" in told(alone)
    assert not [button for button in alone.button if button.key == "take-over"]


def test_a_data_set_that_cannot_be_read_keeps_no_other_from_being_offered(open_page: Open) -> None:
    """Its error stood in place of all offers."""
    lines = CSV.splitlines()
    stored = {}
    for month, first in (("houses.csv", 1), ("february.csv", 10)):
        data = (
            go(dropped(open_page, month, ("\n".join([lines[0], *lines[first:]]) + "\n").encode()))
            .session_state["winnow"]
            .dataset
        )
        Store(home()).say(data.fingerprint, WHO, Decision("drop", RowSet([9])))
        stored[month] = data.path
    broken = bytearray(stored["february.csv"].read_bytes())
    footer = 8 + int.from_bytes(broken[-8:-4], "little")
    broken[4:-footer] = b"\0" * (len(broken) - footer - 4)
    stored["february.csv"].chmod(0o600)
    stored["february.csv"].write_bytes(bytes(broken))
    again = dropped(open_page, "march.csv", ("\n".join([lines[0], *lines[5:]]) + "\n").encode())
    sound(again)
    assert "ame shape as houses.csv, 1 step: apply it?" in told(again)
    assert "february.csv is not listed: " in told(again)
    assert not again.button(key="take-over").disabled


def test_steps_of_which_none_applies_have_no_button(open_page: Open) -> None:
    app = go(dropped(open_page), "sold")
    first = app.session_state["winnow"].dataset
    Store(home()).say(first.fingerprint, WHO, Decision("drop", RowSet([4, 5, 6])))
    lines = CSV.splitlines()
    apart = "\n".join([lines[0], *lines[20:]]) + "\n"
    other = dropped(open_page, "february.csv", apart.encode())
    sound(other)
    page = told(other)
    assert (
        "0 of 1 step apply" in page and "1 step: it does not apply here" in page and "apply it?" not in page
    )
    assert not [button for button in other.button if button.key == "take-over"]
    assert [button for button in other.button if button.key == "take-over-not"]
    assert steps(go(other, "sold")) == 0


def test_where_none_of_the_rows_is_found_again_the_button_is_not_the_first_thing_to_press(
    open_page: Open,
) -> None:
    app = go(dropped(open_page), "sold")
    first = app.session_state["winnow"].dataset
    tidy = Decision("tidy", RowSet(), column="town", settings={"case": "upper"})
    Store(home()).say(first.fingerprint, WHO, tidy)
    lines = CSV.splitlines()
    apart = "\n".join([lines[0], *lines[20:]]) + "\n"
    other = dropped(open_page, "february.csv", apart.encode())
    assert other.button(key="take-over").proto.type == "primary"
    Store(home()).say(first.fingerprint, WHO, Decision("drop", RowSet([4, 5, 6])))
    other = dropped(open_page, "march.csv", apart.encode())
    assert "Of 3 rows decided one by one, 0 found again" in told(other)
    assert other.button(key="take-over").proto.type == "secondary"
