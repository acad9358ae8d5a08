"""Who uses what: nothing that somebody uses is ever taken for unused, whatever happens at the same time."""

from __future__ import annotations

import fcntl
import gc
import os
import secrets
import select
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from core import workspace
from core.dataset import Dataset
from core.errors import LoadError, StoreError
from core.workspace import leases
from core.workspace.leases import User


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def frame(seed: int = 0, rows: int = 40) -> pd.DataFrame:
    return pd.DataFrame({"n": range(seed, seed + rows), "c": ["a", "b"] * (rows // 2)})


ASK = """
import sys
from pathlib import Path
from core.workspace import leases
print(leases.holders(Path(sys.argv[1]), "x"))
"""


def holders_elsewhere(home: Path) -> int:
    """How many users of 'x' another process counts."""
    asked = subprocess.run([sys.executable, "-c", ASK, home], capture_output=True, text=True, check=True)
    return int(asked.stdout)


def test_a_lease_that_is_removed_before_it_is_locked_is_taken_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process came upon the file between its opening and its locking, and took it for one that a
    killed process had left.
    """
    lock, removed = fcntl.flock, []

    def late(descriptor: int, how: int) -> None:
        for path in (home / leases.FOLDER).glob("x~*") if len(removed) < 2 else ():
            path.unlink()
            removed.append(path)
        lock(descriptor, how)

    user = User()
    with monkeypatch.context() as patch:
        patch.setattr("core.workspace.leases.fcntl.flock", late)
        leases.hold(home, "x", user)
    assert len(removed) == 2, "twice in a row"
    assert len(list((home / leases.FOLDER).glob("x~*"))) == 1
    assert leases.holders(home, "x") == 1 and holders_elsewhere(home) == 1
    leases.let_go(user)
    assert leases.holders(home, "x") == 0 and not list((home / leases.FOLDER).glob("x~*"))


SAME_NUMBER = """
import os, sys
from pathlib import Path
from core import workspace
from core.workspace import leases
os.getpid = lambda: 1
user = workspace.User()
leases.hold(Path(sys.argv[1]), "x", user)
print("held", flush=True)
sys.stdin.readline()
"""


def test_a_lease_of_the_same_process_number_elsewhere_is_not_waited_for(home: Path) -> None:
    """Two containers with one workspace: in both the server is process 1."""
    both = [
        subprocess.Popen(
            [sys.executable, "-c", SAME_NUMBER, home],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    try:
        for server in both:
            assert server.stdout is not None
            assert select.select([server.stdout], [], [], 30)[0] and server.stdout.readline() == "held\n"
        assert leases.holders(home, "x") == 2
    finally:
        for server in both:
            server.kill()
            server.communicate()


class Knot:
    """An owner that only the garbage collector frees."""

    def __init__(self) -> None:
        self.itself = self


@pytest.mark.parametrize("ask", ["hold", "let_go", "holders"])
def test_leases_may_end_in_the_middle_of_any_look_at_them(home: Path, ask: str) -> None:
    """The garbage collector runs where it likes, and the finalizers of owners with it."""
    user = User()
    asks: dict[str, Callable[[], object]] = {
        "hold": lambda: leases.hold(home, "y", user),
        "let_go": lambda: leases.let_go(user),
        "holders": lambda: leases.holders(home, "x"),
    }
    gc.collect()  # sessions of tests before this one
    before, thresholds = len(leases._OURS), gc.get_threshold()
    gc.disable()
    try:
        for _ in range(60):
            leases.hold(home, "x", Knot())
        assert len(leases._OURS) == before + 60
        gc.set_threshold(1)
        gc.enable()
        asks[ask]()
    finally:
        gc.set_threshold(*thresholds)
        gc.enable()
    gc.collect()
    leases.let_go(user)
    assert len(leases._OURS) == before and leases.holders(home, "x") == 0


def test_threads_that_hold_and_let_go_at_once_leave_nothing(home: Path) -> None:
    troubles: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(60):
                user = User()
                leases.hold(home, "x", user)
                assert leases.holders(home, "x") >= 1
                del user
        except BaseException as error:  # noqa: BLE001 - told below
            troubles.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles and leases.holders(home, "x") == 0


def test_what_is_taken_into_use_while_room_is_made_is_there_afterwards(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where making room came first, the data set is gone, and that is said; never is it opened and then
    removed.
    """
    monkeypatch.setenv("WINNOW_WORKSPACE_MB", "1")
    data = workspace.load(frame(), name="x")
    path = data.path
    leases.let_go(data._held)
    del data
    holding, sweeps = leases.hold, []

    def beside(place: Path, thing: str, owner: object) -> None:
        """Take the lease just as somebody else has begun to make room."""
        sweeps.append(threading.Thread(target=workspace.sweep, kwargs={"room": 999_999}))
        sweeps[-1].start()
        sweeps[-1].join(0.3)  # it waits for its turn, unless it has it
        holding(place, thing, owner)

    monkeypatch.setattr("core.workspace.leases.hold", beside)
    opened = []
    try:
        opened.append(workspace.open_recent(path))
    except LoadError as error:
        assert "gone" in str(error)
    for sweep in sweeps:
        sweep.join()
    assert sweeps and path.exists() == bool(opened)


def test_a_process_that_is_stuck_in_its_turn_keeps_nobody_waiting_for_ever(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = workspace.load(frame(), name="x")
    monkeypatch.setattr(leases, "WAIT_SECONDS", 0.05)
    stuck = os.open(home / leases.FOLDER / ".turn", os.O_RDWR)
    fcntl.flock(stuck, fcntl.LOCK_EX)
    waiting: tuple[Callable[[], object], ...] = (
        lambda: workspace.hold(data.path, data),
        lambda: workspace.sweep(room=1),
        lambda: workspace.export_folder(data, data),
        lambda: workspace.open_recent(data.path),
    )
    for ask in waiting:
        with (
            ThreadPoolExecutor(1) as pool,
            pytest.raises(StoreError, match=r"keeps the workspace .* stop it"),
        ):
            pool.submit(ask).result(timeout=20)
    os.close(stuck)
    monkeypatch.setattr(leases, "WAIT_SECONDS", 20.0)  # those left behind take their turns and go
    assert workspace.export_folder(data, data).is_dir()


def test_a_lease_that_another_process_looks_at_is_taken_under_another_name(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be stopped there, and never let go."""
    names, ask, stopped = iter(["a", "b"]), os.open, []

    def opened(path: str, *how: int) -> int:
        mine = ask(path, *how)
        if path.endswith("~a"):
            stopped.append(ask(path, os.O_RDWR))
            fcntl.flock(stopped[0], fcntl.LOCK_EX)
        return mine

    monkeypatch.setattr(secrets, "token_hex", lambda size: next(names))
    monkeypatch.setattr(os, "open", opened)
    user = leases.User()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(leases.hold, home, "x", user).result(timeout=20)
    assert [path.name[-2:] for path in (home / leases.FOLDER).glob("x~*")] == ["~b"]
    os.close(stopped[0])


def test_a_data_set_is_held_from_before_it_is_in_its_place(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the last file of a load and its first use nothing may take it for unused."""
    monkeypatch.setenv("WINNOW_WORKSPACE_MB", "1")
    note = workspace.remember

    def late(dataset: Dataset) -> None:
        asked = subprocess.run(
            [sys.executable, "-c", "from core import workspace; workspace.sweep(room=999_999)"], check=True
        )
        assert asked.returncode == 0
        note(dataset)

    monkeypatch.setattr("core.workspace.remember", late)
    data = workspace.load(frame(), name="x")
    assert data.path.exists() and data.frame().shape == (40, 2)


def test_the_folder_of_an_export_is_held_from_its_beginning(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, mkdir = workspace.load(frame(), name="x"), os.mkdir
    theirs = User()

    def then_another(path: str, mode: int = 0o777) -> None:
        mkdir(path, mode)
        if Path(path).parent.name == "exports":
            monkeypatch.setattr(os, "mkdir", mkdir)
            workspace.export_folder(data, theirs)

    monkeypatch.setattr(os, "mkdir", then_another)
    mine = User()
    assert workspace.export_folder(data, mine).exists()


def test_an_upload_is_held_by_its_user_from_its_last_byte_on(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another session that needs room does not take what a person has before her on the load page."""
    monkeypatch.setenv("WINNOW_WORKSPACE_MB", "1")
    user, replace = User(), Path.replace
    seen = []

    def then_swept(path: Path, target: Path) -> Path:
        moved = replace(path, target)
        workspace.sweep(room=900_000)
        seen.append(moved.exists())
        return moved

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", then_swept)
        path = workspace.keep_upload("a.csv", [b"a,b\n" * 50_000], user=user)
    assert seen == [True]
    workspace.sweep(room=900_000)
    assert path.exists()
    leases.let_go(user)
    workspace.sweep(room=900_000)
    assert not path.exists()


def test_leases_of_a_killed_process_hold_nothing(home: Path) -> None:
    (home / leases.FOLDER).mkdir(parents=True)
    left = home / leases.FOLDER / f"x~{os.getpid()}~0"
    left.write_bytes(b"")
    assert leases.holders(home, "x") == 0 and not left.exists()
