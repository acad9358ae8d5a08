"""The workspace: data sets come in, are found again as they were used, make room, and are forgotten when
asked.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import core
from core import workspace
from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.decision import Decision
from core.errors import LoadError, SettingError, StoreError
from core.rowset import RowSet
from core.run import MEMO, run
from core.workspace import leases, quota, stored
from core.workspace.store import Store


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def frame(seed: int = 0, rows: int = 40) -> pd.DataFrame:
    return pd.DataFrame(
        {"n": range(seed, seed + rows), "c": ["a", "b"] * (rows // 2), "y": [0, 1] * (rows // 2)}
    )


def aged(dataset: Dataset, days: float) -> Path:
    """Make the data set last used so many days ago, and by nobody here any more."""
    path = dataset.path.parent / stored.USED
    path.write_text(json.dumps(json.loads(path.read_text()) | {"used": time.time() - days * 86_400}))
    leases.let_go(dataset._held)
    return dataset.path


def test_core_load_brings_a_file_into_the_workspace(home: Path, tmp_path: Path) -> None:
    (tmp_path / "raw.csv").write_text("a,y\n1,x\n2,z\n3,x\n")
    data = core.load(tmp_path / "raw.csv", target="y")
    assert data.path.is_relative_to(home / "data") and data.roles.target == "y" and data.rows == 3


def test_a_recent_data_set_opens_as_it_was_last_used() -> None:
    data = workspace.load(frame(), name="first", target="y")
    workspace.load(frame(100), name="second")
    data = data.with_kinds({"y": "category"}).with_split(PartSplit("value", column="c", value="b"))
    workspace.remember(data)
    newest, older = workspace.recent()
    assert (newest.name, newest.rows, newest.columns, newest.fingerprint) == (
        "first",
        40,
        3,
        data.fingerprint,
    )
    assert older.name == "second" and newest.used >= older.used and newest.bytes > 1000
    again = workspace.open_recent(newest.path)
    assert again.version == data.version and again.parts == {"train": 20, "serve": 20}


def test_the_same_data_twice_is_one_entry() -> None:
    workspace.load(frame(), name="x")
    workspace.load(frame(), name="x")
    assert len(workspace.recent()) == 1


def test_forget_removes_file_upload_decisions_and_results(home: Path) -> None:
    upload = workspace.keep_upload("raw.csv", [frame().to_csv(index=False).encode()])
    data, other = workspace.load(upload, name="raw.csv"), workspace.load(frame(100), name="other")
    for each in (data, other):
        Store(home).say(each.fingerprint, "ada", Decision("drop", RowSet([1])))
        run("profile", each)
        run("profile", each.with_roles(target="y"))
    workspace.forget(data)
    assert not data.path.exists() and not upload.exists()
    assert [entry.name for entry in workspace.recent()] == ["other"]
    assert (
        not Store(home).review(data.fingerprint, "ada").decisions
        and Store(home).review(other.fingerprint, "ada").decisions
    )
    assert {key[0] for key, _ in MEMO._kept.items()} & {data.fingerprint, other.fingerprint} == {
        other.fingerprint
    }
    with pytest.raises(LoadError, match="gone"):
        workspace.open_recent(data.path)


def test_sweep_removes_what_is_old_and_decisions_outlive_it(home: Path) -> None:
    old, young = workspace.load(frame(), name="old"), workspace.load(frame(100), name="young")
    Store(home).say(old.fingerprint, "ada", Decision("drop", RowSet([1])))
    aged(old, 91)
    aged(young, 89)
    assert workspace.sweep() == ("old",)
    assert not old.path.exists() and young.path.exists()
    assert workspace.load(frame(), name="old").fingerprint == old.fingerprint
    assert Store(home).review(old.fingerprint, "ada").decisions


def test_over_the_quota_the_longest_unused_goes_first_and_never_one_in_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sets = [workspace.load(frame(100_000 * i, 60_000), name=f"set {i}") for i in range(4)]
    for days, data in enumerate(sets[:3]):
        aged(data, 10 - days)
    held = workspace.open_recent(sets[0].path)
    aged(sets[3], 20)
    monkeypatch.setenv("WINNOW_WORKSPACE_MB", "2")
    room = 2_000_000 - workspace.used_bytes()
    removed = workspace.sweep(keep=[sets[2].path], room=room + 1)
    assert removed == ("set 3",), "the oldest, and no more than needed"
    assert workspace.sweep(keep=[sets[2].path], room=2_000_000) == (), "it would not do, so nothing goes"
    size = sets[0].path.stat().st_size + sets[2].path.stat().st_size
    assert workspace.sweep(keep=[sets[2].path], room=2_000_000 - size - 20_000) == ("set 1",)
    assert held.path.exists() and sets[2].path.exists()


def test_for_what_cannot_fit_nothing_is_removed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upload needs room for itself and for the table that is read from it: what would be refused later
    is refused before anything goes.
    """
    sets = [workspace.load(frame(100_000 * i, 60_000), name=f"set {i}") for i in range(3)]
    for data in sets:
        aged(data, 5)
    monkeypatch.setenv("WINNOW_WORKSPACE_MB", "2")
    for size in (1_100_000, 2_100_000):
        with pytest.raises(StoreError, match="WINNOW_WORKSPACE_MB"):
            workspace.keep_upload("big.csv", [b"x" * size], size=size)
    assert all(data.path.exists() for data in sets) and not list((home / "incoming").glob("*"))
    monkeypatch.setattr("core.workspace.quota._free_bytes", lambda: 100)
    with pytest.raises(StoreError, match="MB left"):
        workspace.make_room(1_999_999)
    assert all(data.path.exists() for data in sets), "nor for a disk that stays full"


def test_exports_and_uploads_make_room_before_any_data_set(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = workspace.load(frame(), name="x")
    aged(data, 5)
    user = workspace.User()
    kept, left = (workspace.export_folder(data, owner) for owner in (user, user))
    for folder in (kept, left):
        (folder / "cleaned.csv").write_bytes(b"x" * 300_000)
    upload = workspace.keep_upload("a.csv", [b"y" * 300_000])
    drafted = workspace.keep_upload("b.csv", [b"z" * 300_000])
    draft = workspace.User()
    workspace.hold(drafted, draft)
    assert workspace.used_bytes() > 1_200_000, "all of it counts"
    monkeypatch.setenv("WINNOW_WORKSPACE_MB", "2")
    assert workspace.sweep(room=900_000) == ()
    assert not upload.exists() and drafted.exists() and kept.exists() and left.exists() and data.path.exists()
    leases.let_go(user)
    assert workspace.sweep(room=1_400_000) == () and not kept.exists() and not left.exists()
    leases.let_go(draft)
    assert workspace.sweep(room=1_900_000) == () and not drafted.exists() and data.path.exists()
    assert workspace.sweep(room=1_999_999) == ("x",)


def test_a_full_workspace_takes_the_next_upload_once_nobody_uses_the_former_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WINNOW_WORKSPACE_MB", "1")
    for number in range(6):
        path = workspace.keep_upload("a.csv", [bytes([65 + number]) * 400_000], size=400_000)
        assert path.exists()
    user = workspace.User()
    workspace.hold(path, user)
    with pytest.raises(StoreError, match=r"0 MB are in use \(1 upload\), of 1 MB"):
        workspace.keep_upload("b.csv", [b"b" * 400_000], size=400_000)
    leases.let_go(user)
    assert workspace.keep_upload("b.csv", [b"b" * 400_000], size=400_000).exists()


def test_exports_that_nobody_holds_go_when_the_next_one_is_made(home: Path) -> None:
    data, other = workspace.load(frame(), name="x"), workspace.load(frame(100), name="y")
    mine, theirs = workspace.User(), workspace.User()
    first, second = workspace.export_folder(data, mine), workspace.export_folder(data, theirs)
    apart = workspace.export_folder(other, mine)
    leases.let_go(mine)
    third = workspace.export_folder(data, mine)
    assert not first.exists() and second.exists() and third.exists() and apart.exists()
    for folder in (second, third):
        os.utime(folder, (0, 0))
    leases.let_go(mine)
    workspace.sweep()
    assert second.exists() and not third.exists(), "after a day, unless somebody still has it"


USER = """
import sys
from core import workspace
from core.workspace import leases
data = workspace.open_recent(workspace.Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.readline()
"""


def test_what_another_process_uses_is_not_removed_until_it_ends(home: Path) -> None:
    data = workspace.load(frame(), name="x")
    other = subprocess.Popen(
        [sys.executable, "-c", USER, str(data.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None and other.stdout.readline() == "open\n"
    aged(data, 91)
    assert workspace.others(data, "ada").sessions == 1
    assert workspace.sweep() == () and data.path.exists()
    other.kill()
    other.wait(20)
    other.stdin.close(), other.stdout.close()
    assert workspace.others(data, "ada").sessions == 0, "a killed process uses nothing"
    assert workspace.sweep() == ("x",)
    assert list((home / "leases").glob("data-*")) == []


def test_what_nobody_holds_any_more_is_not_in_use() -> None:
    data = workspace.load(frame(), name="x")
    folder = data.path.parent
    version = data.with_roles(target="y")
    del data
    gc.collect()
    assert quota.in_use(folder), "another version of it lives"
    del version
    gc.collect()
    assert not quota.in_use(folder)


def test_who_else_would_miss_a_data_set(home: Path) -> None:
    data = workspace.load(frame(), name="x")
    assert not workspace.others(data, "ada")
    Store(home).say(data.fingerprint, "ada", Decision("drop", RowSet([1])))
    assert not workspace.others(data, "ada")
    Store(home).say(data.fingerprint, "bob", Decision("drop", RowSet([1])))
    tab = workspace.open_recent(data.path)
    assert workspace.others(data, "ada") == workspace.Others(1, ("bob",))
    del tab
    gc.collect()
    assert workspace.others(data, "bob") == workspace.Others(0, ("ada",))


def test_a_tab_that_has_gone_would_not_miss_a_data_set_though_its_memory_is_there_still(home: Path) -> None:
    data = workspace.load(frame(), name="x")
    closed, open_still = workspace.open_recent(data.path), workspace.open_recent(data.path)
    workspace.shown_while(closed, lambda: False)
    workspace.shown_while(open_still, lambda: True)
    assert workspace.others(data, "ada").sessions == 1
    workspace.shown_while(open_still, lambda: False)
    assert workspace.others(data, "ada").sessions == 0
    assert quota.users_of(data.path) == 3, "what they hold is in use still, and does not make room"


def test_a_data_set_that_was_forgotten_and_loaded_again_is_used_by_one_session(home: Path) -> None:
    """The object of before is alive still, as the page keeps what its buttons were given."""
    past = workspace.load(frame(), name="x")
    workspace.forget(past)
    again = workspace.load(frame(), name="x")
    assert again.path == past.path and workspace.others(again, "ada").sessions == 0


def test_forget_removes_exports_too_and_says_what_it_could_not(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, other = workspace.load(frame(), name="x"), workspace.load(frame(100), name="y")
    user = workspace.User()
    gone, kept = workspace.export_folder(data, user), workspace.export_folder(other, user)
    remove = shutil.rmtree

    def refuse(path: Path) -> None:
        if path == data.path.parent:
            raise PermissionError(13, "Permission denied", str(path))
        remove(path)

    monkeypatch.setattr("core.workspace.quota.shutil.rmtree", refuse)
    with pytest.raises(StoreError, match="Not all of 'x' could be removed.*is still there"):
        workspace.forget(data)
    assert not gone.exists() and kept.exists() and data.path.exists()
    monkeypatch.undo()
    monkeypatch.setenv("WINNOW_HOME", str(home))
    workspace.forget(data)
    assert not data.path.exists()


@pytest.mark.parametrize(
    "note",
    [
        {"used": "yesterday"},
        {"used": [1]},
        {"used": float("nan")},
        {"kinds": ["a"]},
        {"kinds": {"nowhere": "numeric"}},
        {"kinds": {"n": "no kind"}},
        {"roles": 7},
        {"roles": {"target": "nowhere", "captain": "n"}},
        {"split": {"what": 1}},
        {"split": {"how": "time", "column": "c", "value": "no time"}},
        {"vectors": {"path": 3}},
        {"vectors": {"name": "v", "width": 2, "sha256": "0", "path": "../../v.npy"}},
        {"name": 5, "file": 7},
        {"file": "../other/data.parquet"},
        {"file": ".."},
    ],
    ids=str,
)
def test_damaged_notes_about_a_data_set_stop_nothing(note: dict[str, object]) -> None:
    data = workspace.load(frame(), name="x", target="y")
    path = data.path.parent / stored.USED
    path.write_text(json.dumps(json.loads(path.read_text()) | note))
    [entry] = workspace.recent()
    again = workspace.open_recent(entry.path)
    assert again.rows == 40 and again.fingerprint == data.fingerprint and again.vectors is None
    assert "roles" in note or again.roles.target == "y", "what is sound is kept"
    workspace.load(frame(100), name="other")


def test_notes_that_are_no_json_stop_nothing() -> None:
    data = workspace.load(frame(), name="x", target="y")
    for text in (b"", b"[]", b"\xff\xfe", b"[" * 100_000, b"null"):
        (data.path.parent / stored.USED).write_bytes(text)
        assert [entry.name for entry in workspace.recent()] == ["x"]
        assert workspace.open_recent(data.path).rows == 40


def test_a_data_set_that_is_gone_or_damaged_is_told_in_one_true_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WINNOW_HELD_MB", "1")
    for gone in (True, False):
        data = workspace.load(frame(rows=200_000), name="x")
        whole = data.path.read_bytes()
        data = Dataset.open(data.path)  # as another session has it, without a reader at work
        batches = data.batches()
        data.path.unlink() if gone else data.path.write_bytes(whole[: len(whole) // 2])
        what = "'x' is gone" if gone else "'x' is damaged"
        for read in (data.table, lambda batches=batches: list(batches), lambda data=data: data.frame(["n"])):
            with pytest.raises(LoadError, match=what):
                read()
        shutil.rmtree(data.path.parent)
        with pytest.raises(LoadError, match="gone"):
            workspace.remember(data)
        with pytest.raises(LoadError, match="gone"):
            workspace.open_recent(data.path)


def test_a_workspace_that_cannot_be_written_still_opens_what_is_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = workspace.load(frame(), name="x")

    def refuse(path: Path, content: bytes) -> None:
        raise OSError(30, "Read-only file system", str(path))

    monkeypatch.setattr("core.workspace.reopened.write_whole", refuse)
    assert workspace.open_recent(data.path).rows == 40
    with pytest.raises(StoreError, match="Read-only file system"):
        workspace.remember(data)


def test_an_upload_is_named_by_its_content_whatever_it_calls_itself(home: Path) -> None:
    for name, ending in (
        ("../../etc/passwd", ""),
        ("a.CSV", ".csv"),
        ("x/\0/y.c$v", ""),
        ("\u202e.tsv", ".tsv"),
        (".." * 5000, ""),
    ):
        path = workspace.keep_upload(name, [b"a,b\n", b"1,2\n"])
        assert path == home / "incoming" / (hashlib.sha256(b"a,b\n1,2\n").hexdigest() + ending)
        assert path.read_bytes() == b"a,b\n1,2\n"
    files = [path for path in home.rglob("*") if path.is_file() and path.parent.name != "leases"]
    assert {path.parent for path in files} == {home / "incoming"}


def test_an_upload_over_the_limit_is_refused_before_and_while_it_comes(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WINNOW_UPLOAD_MB", "1")
    taken = 0

    def chunks() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(100):
            taken += 1
            yield b"x" * 100_000

    with pytest.raises(LoadError, match="WINNOW_UPLOAD_MB"):
        workspace.keep_upload("big.csv", chunks(), size=10_000_000)
    assert taken == 0
    with pytest.raises(LoadError, match="larger than 1 MB"):
        workspace.keep_upload("big.csv", chunks())
    assert taken == 11 and list((home / "incoming").iterdir()) == []


def test_uploads_go_after_a_day(home: Path) -> None:
    path = workspace.keep_upload("a.csv", [b"a\n1\n"])
    workspace.sweep()
    assert path.exists()
    os.utime(path, (time.time() - 90_000,) * 2)
    workspace.sweep()
    assert not path.exists()


def test_a_workspace_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(StoreError, match="WINNOW_HOME"):
        workspace.keep_upload("a.csv", [b"a"])
    with pytest.raises(StoreError):
        workspace.load(frame(), name="x")


def test_foreign_and_half_written_folders_are_left_alone(home: Path) -> None:
    data = workspace.load(frame(), name="x")
    (home / "data" / "half").mkdir()
    (home / "data" / "half" / "data.parquet").write_bytes(b"PAR1")
    (data.path.parent / stored.USED).write_text("{broken")
    assert [entry.name for entry in workspace.recent()] == ["x"]
    assert workspace.open_recent(data.path).rows == 40


def test_what_a_killed_reader_left_is_no_data_set_and_goes_after_a_day(home: Path) -> None:
    left = home / "data" / ".reading-x"
    left.mkdir(parents=True)
    assert workspace.recent() == ()
    workspace.sweep()
    assert left.exists()
    os.utime(left, (0, 0))
    workspace.sweep()
    assert not left.exists()


@pytest.mark.parametrize("given", ["0", "-1", "1.5", "many", "²"])
def test_a_limit_that_is_no_whole_number_is_told(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("WINNOW_WORKSPACE_MB", given)
    with pytest.raises(SettingError, match="set it to a whole number of MB above 0"):
        workspace.make_room(1)
