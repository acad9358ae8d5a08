"""Decisions on disk: what was acknowledged stays, whoever else writes and however the process ends."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.decision import Decision
from core.errors import SettingError, StoreError
from core.filters import Filter
from core.review import Review
from core.rowset import RowSet
from core.workspace import decisions_file
from core.workspace.decisions_file import FILE
from core.workspace.store import Store
from tests.examples import examples

ROOT = Path(__file__).parents[3]


def drop(*rows: int, why: str = "") -> Decision:
    return Decision("drop", RowSet(rows), why=why)


def rows(review: Review) -> list[list[int]]:
    return [d.rows.ids.tolist() for d in review.decisions if isinstance(d.rows, RowSet)]


def spawn(code: str, *args: object) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
    )


def test_another_store_reads_what_was_said_with_author_and_time(tmp_path: Path) -> None:
    Store(tmp_path).say("f", "ada", drop(1, 2, why="odd"), Decision("weight", Filter.parse("age > 9"), 0.5))
    first, second = Store(tmp_path).review("f", "ada").decisions
    assert (first.action, first.rows, first.why, first.who) == ("drop", RowSet([1, 2]), "odd", "ada")
    assert first.when.endswith("+00:00")
    assert (second.rows, second.value) == (Filter.parse("age > 9"), 0.5)


def test_conditions_said_before_there_were_filters_are_still_read(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.say("f", "ada", drop(1))
    said = [
        {
            "action": "drop",
            "where": {"column": "age", "op": "below", "value": 0},
            "value": None,
            "why": "odd",
        },
        {"action": "blank", "where": {"column": "a b", "op": "equals", "value": "x"}, "column": "a b"},
    ]
    with contextlib.closing(sqlite3.connect(store.file.path)) as file, file:
        file.execute(
            "INSERT INTO events (fingerprint, user, at, action, batch) VALUES ('f', 'ada', 't', 'say', ?)",
            (json.dumps(said),),
        )
    rules = [decision.rows for decision in Store(tmp_path).review("f", "ada").decisions[1:]]
    assert rules == [Filter.parse("age < 0"), Filter.parse("'a b' equals x")]
    store.say("f", "ada", Decision("drop", Filter.parse("age > 9 or 'it''s' is missing")))
    assert Store(tmp_path).review("f", "ada").decisions[-1].rows == Filter.parse(
        "age > 9 or 'it''s' is missing"
    )


def test_users_and_data_sets_are_apart(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.say("f", "ada", drop(1))
    store.say("f", "bob", drop(2))
    store.say("g", "ada", drop(3))
    assert [rows(store.review(*key)) for key in (("f", "ada"), ("f", "bob"), ("g", "ada"), ("g", "bob"))] == [
        [[1]],
        [[2]],
        [[3]],
        [],
    ]


@settings(max_examples=examples(15), deadline=None)
@given(
    st.lists(st.sampled_from(["say", "say", "undo", "redo", "off", "on", "edit", "move"]), max_size=16),
    st.data(),
)
def test_it_does_what_a_review_in_memory_does(
    tmp_path_factory: pytest.TempPathFactory, calls: list[str], data: st.DataObject
) -> None:
    home = tmp_path_factory.mktemp("store")
    store, review = Store(home), Review()
    for number, call in enumerate(calls):
        drop_it = Decision("drop", RowSet([number]), who="u", when="t")
        if call in ("off", "on", "edit", "move"):
            standing = [entry.event for entry in store.history("f", "u") if not entry.undone]
            step = data.draw(st.integers(0, len(standing) - 1)) if standing else 0
            if not standing:
                with pytest.raises(SettingError):
                    review.switch(step, call == "on")
                continue
            if call == "edit":
                last = data.draw(st.booleans())
                review = review.edit(step, drop_it, last=last)
                assert store.edit("f", "u", standing[step], drop_it, last=last) == review
            elif call == "move":
                to = data.draw(st.none() | st.integers(0, len(standing) - 1))
                review = review.move(step, to)
                assert store.move("f", "u", standing[step], None if to is None else standing[to]) == review
            else:
                review = review.switch(step, call == "on")
                assert store.switch("f", "u", standing[step], call == "on") == review
            continue
        said = [drop_it] if call == "say" else []
        review = getattr(review, call)(*said)
        assert getattr(store, call)("f", "u", *said) == review
    assert Store(home).review("f", "u") == review
    standing = [entry for entry in store.history("f", "u") if not entry.undone]
    assert [entry.off for entry in standing] == [step in review.off for step in range(len(review.batches))]
    assert tuple(entry.batch for entry in standing) == review.batches


def test_a_step_is_switched_off_alone_and_on_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for row in (1, 2, 3):
        store.say("f", "u", drop(row))
    [first, second, third] = [entry.event for entry in store.history("f", "u")]
    review = store.switch("f", "u", second, on=False)
    assert [list(d.rows) for d in review.decisions] == [[1], [3]]
    assert [entry.off for entry in Store(tmp_path).history("f", "u")] == [False, True, False]
    assert store.switch("f", "u", second, on=False) == review, "it is so already"
    assert [list(d.rows) for d in store.undo("f", "u").decisions] == [[1], [2], [3]]
    assert [list(d.rows) for d in store.redo("f", "u").decisions] == [[1], [3]]
    assert [list(d.rows) for d in store.switch("f", "u", second, on=True).decisions] == [[1], [2], [3]]
    assert [list(d.rows) for d in store.undo_to("f", "u", first).decisions] == [[1]]
    with pytest.raises(SettingError, match="undone or unknown"):
        store.switch("f", "u", third, on=False)


def test_a_step_is_edited_and_moved_and_both_are_undone(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for row in (1, 2, 3):
        store.say("f", "u", drop(row))
    [first, second, third] = [entry.event for entry in store.history("f", "u")]
    edited = store.edit("f", "u", second, drop(7))
    assert rows(edited) == [[1], [7], [3]] and edited.decisions[1].who == "u"
    moved = store.move("f", "u", third, before=first)
    assert rows(moved) == [[3], [1], [7]] and [list(b[0].rows) for b in moved.batches] == [[1], [7], [3]]
    assert store.move("f", "u", third, before=first) == moved, "it is there already"
    assert rows(store.move("f", "u", third, before=None)) == [[1], [7], [3]]
    assert rows(store.switch("f", "u", second, on=False)) == [[1], [3]]
    again = Store(tmp_path)
    assert [entry.rows for entry in again.history("f", "u")] == [1, 1, 1]
    assert [list(entry.batch[0].rows) for entry in again.history("f", "u")] == [[1], [7], [3]]
    for left in ([[1], [7], [3]], [[3], [1], [7]], [[1], [7], [3]], [[1], [2], [3]]):
        assert rows(again.undo("f", "u")) == left
    assert rows(again.redo("f", "u")) == [[1], [7], [3]]
    assert rows(again.undo_to("f", "u", second)) == [[1], [2]]
    for event, before in ((third, None), (first, third), (99, None)):
        with pytest.raises(SettingError, match="undone or unknown"):
            again.move("f", "u", event, before)
    with pytest.raises(SettingError, match="undone or unknown"):
        again.edit("f", "u", third, drop(1))
    with pytest.raises(SettingError, match="made empty"):
        again.edit("f", "u", first)


def test_a_step_is_edited_and_followed_last_in_one_act(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for row in (1, 2):
        store.say("f", "u", drop(row))
    [first, second] = [entry.event for entry in store.history("f", "u")]
    assert rows(store.edit("f", "u", first, drop(7), last=True)) == [[2], [7]]
    assert rows(Store(tmp_path).review("f", "u")) == [[2], [7]]
    [now, _] = [entry.batch for entry in store.history("f", "u")]
    acts = store.review("f", "u").acts
    assert store.edit("f", "u", first, *now, last=True).acts == acts, "it is so already"
    [_, other] = [entry.batch for entry in store.history("f", "u")]
    assert rows(store.edit("f", "u", second, *other, last=True)) == [[7], [2]], "moved, with the same rows"
    assert rows(store.undo("f", "u")) == [[2], [7]]
    assert rows(store.undo("f", "u")) == [[1], [2]]


def test_a_file_of_format_2_is_read_and_an_act_on_no_step_is_not(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.say("f", "u", drop(1))
    with contextlib.closing(sqlite3.connect(store.file.path)) as file, file:
        file.execute("PRAGMA user_version=2")
    assert rows(Store(tmp_path).review("f", "u")) == [[1]]
    insert = "INSERT INTO events (fingerprint, user, at, action, batch) VALUES ('f', 'u', 't', 'say', ?)"
    for broken in ('{"edit": 99, "batch": []}', '{"move": 1}', "{}"):
        with contextlib.closing(sqlite3.connect(store.file.path)) as file, file:
            file.execute(insert, (broken,))
        with pytest.raises(StoreError, match="cannot be read"):
            Store(tmp_path).review("f", "u")
        with contextlib.closing(sqlite3.connect(store.file.path)) as file, file:
            file.execute("DELETE FROM events WHERE batch = ?", (broken,))
    assert rows(Store(tmp_path).review("f", "u")) == [[1]]


def test_two_stores_on_one_file_see_each_other(tmp_path: Path) -> None:
    one, two = Store(tmp_path), Store(tmp_path)
    one.say("f", "u", drop(1))
    two.say("f", "u", drop(2))
    assert rows(one.undo("f", "u")) == [[1]]
    assert rows(two.say("f", "u", drop(3))) == [[1], [3]]
    assert rows(one.redo("f", "u")) == [[1], [3]], "what the other said ended the redo"


def test_undo_and_redo_take_what_the_person_saw_and_nothing_else(tmp_path: Path) -> None:
    mine, other = Store(tmp_path), Store(tmp_path)
    seen = mine.say("f", "u", drop(1))
    other.say("f", "u", drop(2))
    for refused in (lambda: mine.undo("f", "u", seen), lambda: mine.undo_to("f", "u", 0, seen)):
        with pytest.raises(SettingError, match="not the last step any more"):
            refused()
    now = mine.review("f", "u")
    assert rows(now) == [[1], [2]]
    assert rows(mine.undo("f", "u", now)) == [[1]]
    undone = other.undo("f", "u", mine.review("f", "u"))
    assert rows(undone) == []
    mine.redo("f", "u", undone)
    with pytest.raises(SettingError, match="another step to redo"):
        other.redo("f", "u", undone)
    assert rows(other.redo("f", "u", other.review("f", "u"))) == [[1], [2]]
    [first, _] = [entry.event for entry in mine.history("f", "u")]
    saw = mine.switch("f", "u", first, on=False)
    other.switch("f", "u", first, on=True)
    other.switch("f", "u", first, on=False)
    with pytest.raises(SettingError, match="not the last step any more"):
        mine.undo("f", "u", saw)  # the same act, done again by the other


def test_an_edit_replaces_only_what_its_form_showed(tmp_path: Path) -> None:
    mine, other = Store(tmp_path), Store(tmp_path)
    mine.say("f", "u", drop(1))
    [entry] = mine.history("f", "u")
    other.edit("f", "u", entry.event, drop(2))
    with pytest.raises(SettingError, match="Another tab changed this step; look again"):
        mine.edit("f", "u", entry.event, drop(3), shown=entry.batch)
    [now] = mine.history("f", "u")
    assert rows(mine.edit("f", "u", entry.event, drop(3), shown=now.batch)) == [[3]]


def test_processes_that_write_at_once_lose_and_double_nothing(tmp_path: Path) -> None:
    code = """
        import sys
        from pathlib import Path
        from core.decision import Decision
        from core.rowset import RowSet
        from core.workspace import decisions_file
        decisions_file.WAIT_SECONDS = 100.0  # a busy disk is no fault
        from core.workspace.store import Store
        for i in range(40):
            Store(Path(sys.argv[1])).say("f", "u", Decision("drop", RowSet([int(sys.argv[2]) + i])))
    """
    writers = [spawn(code, tmp_path, first) for first in (0, 100, 200)]
    for writer in writers:
        _, errors = writer.communicate(timeout=120)
        assert writer.returncode == 0, errors
    said = [row for (row,) in rows(Store(tmp_path).review("f", "u"))]
    assert sorted(said) == [first + i for first in (0, 100, 200) for i in range(40)]


def test_two_that_open_a_new_file_at_once_know_it_by_one_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long one of them takes over it: none fails, then or later, and nothing is lost."""
    draw = decisions_file.secrets.randbelow
    both = threading.Barrier(2)

    def slowly(bound: int) -> int:
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.5)  # until the other is about to number the file too, if it can be
        return draw(bound)

    monkeypatch.setattr("core.workspace.decisions_file.secrets.randbelow", slowly)
    stores = [Store(tmp_path), Store(tmp_path)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda at: stores[at].say("f", "u", drop(at)), range(2)))
    for at, store in enumerate(stores):
        store.say("f", "u", drop(10 + at))
    assert all(sorted(rows(store.review("f", "u"))) == [[0], [1], [10], [11]] for store in stores)


def test_many_that_open_a_new_file_at_once_lose_nothing(tmp_path: Path) -> None:
    def say(home: Path, at: int, together: threading.Barrier) -> None:
        store = Store(home)
        together.wait()
        store.say("f", "u", drop(at))
        store.say("f", "u", drop(at + 10))

    with ThreadPoolExecutor(6) as pool:
        for number in range(10):
            home, together = tmp_path / str(number), threading.Barrier(6)
            list(pool.map(say, [home] * 6, range(6), [together] * 6))
            said = sorted(row for (row,) in rows(Store(home).review("f", "u")))
            assert said == [*range(6), *range(10, 16)]


def test_killing_the_writer_loses_no_acknowledged_decision(tmp_path: Path) -> None:
    code = """
        import sys
        from pathlib import Path
        from core.decision import Decision
        from core.rowset import RowSet
        from core.workspace.store import Store
        store = Store(Path(sys.argv[1]))
        for i in range(100_000):
            store.say("f", "u", Decision("drop", RowSet([i])))
            print(i, flush=True)
    """
    writer = spawn(code, tmp_path)
    assert writer.stdout is not None
    for _ in range(25):
        last = writer.stdout.readline()
    os.kill(writer.pid, signal.SIGKILL)
    rest, _ = writer.communicate(timeout=60)
    acknowledged = int(([last, *rest.splitlines()])[-1])
    said = [row for (row,) in rows(Store(tmp_path).review("f", "u"))]
    assert said == list(range(len(said)))
    assert acknowledged + 1 <= len(said) <= acknowledged + 2, (
        "at most the one in flight is there beyond what was acknowledged"
    )


def test_history_keeps_what_was_undone(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.say("f", "u", drop(1, 2, why="odd"))
    store.say("f", "u", Decision("relabel", RowSet([5]), "cat", column="y"), drop(6, why="copy"))
    store.undo("f", "u")
    store.say("f", "u", Decision("drop", Filter.parse("age is missing")))
    told = [(e.action, e.rows, e.why, e.who, e.undone) for e in store.history("f", "u")]
    assert told == [
        ("drop", 2, "odd", "u", False),
        ("relabel, drop", 2, "copy", "u", True),
        ("drop", None, "", "u", False),
    ]


def test_undo_to_keeps_the_step_it_names_and_can_be_redone(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for row in range(4):
        store.say("f", "u", drop(row))
    second = store.history("f", "u")[1]
    assert rows(store.undo_to("f", "u", second.event)) == [[0], [1]]
    assert rows(store.redo("f", "u")) == [[0], [1], [2]]
    assert rows(store.undo_to("f", "u", 0)) == []
    with pytest.raises(SettingError, match="step of the history"):
        store.undo_to("f", "u", second.event)


def test_known_counts_what_stands_and_offers_the_last_used_first(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.known("u") == ()
    store.say("f", "u", drop(1))
    store.say("g", "u", drop(1))
    store.say("f", "u", drop(2))
    store.say("f", "u", drop(3))
    store.undo("f", "u")
    assert [(k.fingerprint, k.batches) for k in store.known("u")] == [("f", 2), ("g", 1)]
    assert store.known("bob") == () and store.users("f") == ("u",) and store.users("h") == ()


def test_forget_removes_the_words_from_the_disk(tmp_path: Path) -> None:
    store, other = Store(tmp_path), Store(tmp_path)
    store.say("f", "u", drop(1, why="a secret reason"))
    other.say("g", "u", drop(1))
    assert other.review("f", "u").decisions
    store.forget("f")
    assert [len(each.review("f", "u").batches) for each in (store, other)] == [0, 0]
    assert store.review("g", "u").decisions
    assert all(b"a secret reason" not in file.read_bytes() for file in tmp_path.iterdir())


def test_reading_where_nothing_was_said_writes_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "home")
    assert store.review("f", "u") == Review() and store.history("f", "u") == ()
    store.forget("f")
    assert not (tmp_path / "home").exists()


def test_a_file_that_is_no_store_is_told_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database " * 500)
    with pytest.raises(StoreError, match="not a database"):
        Store(tmp_path).say("f", "u", drop(1))
    assert (tmp_path / FILE).read_bytes() == b"no database " * 500


def test_a_damaged_event_is_told(tmp_path: Path) -> None:
    Store(tmp_path).say("f", "u", drop(1))
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("UPDATE events SET batch = '[{\"action\": 1}]'")
    connection.close()
    with pytest.raises(StoreError, match="cannot be read"):
        Store(tmp_path).review("f", "u")


@pytest.mark.parametrize(
    "change",
    [
        'UPDATE events SET batch = \'[{"action": "frobnicate", "ranges": [[1, 2]]}]\'',
        "UPDATE events SET batch = '[1]'",
        "UPDATE events SET batch = '7'",
        "UPDATE events SET batch = '" + "[" * 100_000 + "'",
        'UPDATE events SET batch = \'[{"action": "drop", "ranges": [[0, 1000000000000000000000]]}]\'',
        "UPDATE events SET action = 'forget'",
        "UPDATE events SET action = 'redo'",
    ],
    ids=lambda change: change[18:60],
)
def test_an_event_that_this_version_does_not_know_is_told(tmp_path: Path, change: str) -> None:
    Store(tmp_path).say("f", "u", drop(1))
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        connection.execute(change)
    connection.close()
    with pytest.raises(StoreError, match="an event that cannot be read"):
        Store(tmp_path).review("f", "u")


@pytest.mark.parametrize("how", ["deleted", "emptied", "another"])
def test_a_file_that_is_emptied_or_deleted_under_a_live_server_is_noticed(tmp_path: Path, how: str) -> None:
    store, file = Store(tmp_path), tmp_path / FILE
    store.say("f", "u", drop(1))
    whole = file.read_bytes()
    if how == "deleted":
        file.unlink()
    elif how == "emptied":
        file.write_bytes(b"")
    else:
        file.unlink()
        Store(tmp_path).say("f", "u", drop(9))
    before = file.read_bytes() if file.exists() else None
    asked = (
        lambda: store.say("f", "u", drop(2)),
        lambda: store.undo("f", "u"),
        lambda: store.review("f", "u"),
        lambda: store.history("f", "u"),
        lambda: store.known("u"),
        lambda: store.forget("f"),
    )
    for ask in asked:
        with pytest.raises(StoreError, match="gone|emptied or replaced") as told:
            ask()
        assert "export them before you leave" in str(told.value) and "restart Winnow" in str(told.value)
    assert (file.read_bytes() if file.exists() else None) == before, "nothing is written over it"
    file.write_bytes(whole)
    assert rows(store.say("f", "u", drop(2))) == [[1], [2]], "put back, it goes on"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="WINNOW_HOME"):
        Store(tmp_path / "home" / "below").say("f", "u", drop(1))


def test_a_locked_file_is_told_and_later_takes_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.workspace.decisions_file.WAIT_SECONDS", 0.1)
    store = Store(tmp_path)
    store.say("f", "u", drop(1))
    other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"):
        store.say("f", "u", drop(2))
    assert rows(store.review("f", "u")) == [[1]], "reading goes on beside a writer"
    other.execute("ROLLBACK")
    other.close()
    assert rows(store.say("f", "u", drop(3))) == [[1], [3]]


def test_a_turn_that_never_comes_is_told_and_later_takes_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is stuck with the lock freezes nobody; nor does a folder in which none can be taken."""
    monkeypatch.setattr(decisions_file, "WAIT_SECONDS", 0.05)
    store = Store(tmp_path)
    store.say("f", "ada", drop(1))
    stuck = os.open(tmp_path / "decisions.turn", os.O_RDWR)
    fcntl.flock(stuck, fcntl.LOCK_EX)
    for change in (lambda: store.say("f", "ada", drop(2)), lambda: store.forget("f")):
        with ThreadPoolExecutor(1) as pool, pytest.raises(StoreError, match=r"another process.*stop it"):
            pool.submit(change).result(timeout=10)
    os.close(stuck)
    monkeypatch.setattr(decisions_file, "WAIT_SECONDS", 5.0)  # those left behind take their turns and go
    assert rows(store.say("f", "ada", drop(3))) == [[1], [3]]

    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    with monkeypatch.context() as patch, pytest.raises(StoreError, match="No locks"):
        patch.setattr(fcntl, "flock", no_locks)
        store.say("f", "ada", drop(4))
    assert rows(store.review("f", "ada")) == [[1], [3]]


def test_a_full_disk_is_told_and_loses_nothing_said_before(tmp_path: Path) -> None:
    code = """
        import resource, signal, sys
        from pathlib import Path
        from core.errors import StoreError
        from core.decision import Decision
        from core.rowset import RowSet
        from core.workspace.store import Store
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        store = Store(Path(sys.argv[1]))
        store.say("f", "u", Decision("drop", RowSet([1])))
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
        try:
            store.say("f", "u", Decision("drop", RowSet(range(0, 100_000, 2))))
        except StoreError as error:
            print(error)
    """
    out, errors = spawn(code, tmp_path).communicate(timeout=60)
    assert "cannot be read or written" in out, errors
    assert rows(Store(tmp_path).review("f", "u")) == [[1]]


def test_a_store_of_a_later_version_is_told(tmp_path: Path) -> None:
    Store(tmp_path).say("f", "u", drop(1))
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("PRAGMA user_version=9")
    connection.close()
    with pytest.raises(StoreError, match="later version"):
        Store(tmp_path).review("f", "u")
