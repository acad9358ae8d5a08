"""The workspace: data sets come in, are found again as they were used, make room, and are forgotten when
asked.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import core
from core import workspace
from core.dataset import Dataset, Split
from core.errors import LoadError, StoreError
from core.review import Decision
from core.rowset import RowSet
from core.run import MEMO, run
from core.store import Store


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
    path = dataset.path.parent / workspace.USED
    path.write_text(json.dumps(json.loads(path.read_text()) | {"used": time.time() - days * 86_400}))
    workspace._IN_USE.pop(dataset.path.parent, None)
    return dataset.path


def test_core_load_brings_a_file_into_the_workspace(home: Path, tmp_path: Path) -> None:
    (tmp_path / "raw.csv").write_text("a,y\n1,x\n2,z\n3,x\n")
    data = core.load(tmp_path / "raw.csv", target="y")
    assert data.path.is_relative_to(home / "data") and data.roles.target == "y" and data.rows == 3


def test_a_recent_data_set_opens_as_it_was_last_used() -> None:
    data = workspace.load(frame(), name="first", target="y")
    workspace.load(frame(100), name="second")
    data = data.with_kinds({"y": "category"}).with_split(Split("value", column="c", value="b"))
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
    assert {key[0] for key in MEMO._kept} & {data.fingerprint, other.fingerprint} == {other.fingerprint}
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
    workspace.open_recent(sets[0].path)
    held = workspace.open_recent(sets[0].path)
    aged(sets[3], 20)
    room = sum(entry.bytes for entry in workspace.recent()) // 2
    monkeypatch.setenv("WINNOW_WORKSPACE_MB", "1")
    assert workspace.used_bytes() + room < 2_000_000
    gone = workspace.sweep(keep=[sets[2].path], room=max(0, 1_000_000 - workspace.used_bytes() + 1))
    assert gone == ("set 3",), "the oldest, and no more than needed"
    gone = workspace.sweep(keep=[sets[2].path], room=1_000_000)
    assert gone == ("set 1",) and held.path.exists() and sets[2].path.exists()
    with pytest.raises(StoreError, match="WINNOW_WORKSPACE_MB"):
        workspace.make_room(1_000_000)


def test_what_nobody_holds_any_more_is_not_in_use() -> None:
    data = workspace.load(frame(), name="x")
    folder = data.path.parent
    version = data.with_roles(target="y")
    del data
    gc.collect()
    assert folder in workspace._IN_USE, "another version of it lives"
    del version
    gc.collect()
    assert folder not in workspace._IN_USE


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
    assert all(path.parent == home / "incoming" for path in home.rglob("*") if path.is_file())


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
    (data.path.parent / workspace.USED).write_text("{broken")
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
