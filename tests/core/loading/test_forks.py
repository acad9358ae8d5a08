"""The interpreter that forks the readers: each fork is as a process that was started for its task alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from core.loading import load
from core.loading.forks import Forked, Forks
from core.loading.sandbox import FORKS

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.skipif(sys.platform == "darwin", reason="there a new process is started each time")


def started(forks: Forks, folder: Path, **environment: str) -> Forked:
    folder.mkdir(exist_ok=True)
    with (folder / "stderr.txt").open("wb") as complaints:
        return forks.start(folder, {"PATH": os.environ["PATH"], **environment}, complaints)


def interpreter(reader: Forked) -> psutil.Process:
    above = psutil.Process(reader.pid).parent()
    assert above is not None
    return above


def test_a_fork_has_its_own_folder_environment_session_and_nothing_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "x")
    forks = Forks()
    one = started(forks, tmp_path / "one", WINNOW_ROWS="7")
    two = started(forks, tmp_path / "two", WINNOW_COLUMNS="8")
    for reader, folder in ((one, "one"), (two, "two")):
        assert Path(psutil.Process(reader.pid).cwd()) == tmp_path / folder
        assert os.getsid(reader.pid) == os.getpgid(reader.pid) == reader.pid
        assert reader.poll() is None
    above = interpreter(one)
    assert above == interpreter(two) and "SECRET" not in above.environ()
    open_in_two = {file.path for file in psutil.Process(two.pid).open_files()}
    assert not any(str(tmp_path / "one") in path for path in open_in_two)
    two.stdin.close()  # the parent is gone, as far as this one can see
    assert two.wait(20) == 1 and one.poll() is None
    os.killpg(one.pid, signal.SIGKILL)
    assert one.wait(20) == -signal.SIGKILL == one.poll()


def test_what_one_task_changes_the_next_does_not_see(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "a.csv"
    source.write_text("a,b,c\n" + "1,2,3\n" * 50)
    monkeypatch.setenv("WINNOW_COLUMNS", "2")
    with pytest.raises(Exception, match="WINNOW_COLUMNS"):
        load(source, into=tmp_path / "w")
    monkeypatch.delenv("WINNOW_COLUMNS")
    assert load(source, into=tmp_path / "w").rows == 50


def test_many_at_once_each_get_their_own_answer(tmp_path: Path) -> None:
    def read(number: int) -> int:
        source = tmp_path / f"{number}.csv"
        source.write_text("a,b\n" + "1,x\n" * (10 + number))
        return load(source, into=tmp_path / str(number)).rows

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(read, range(12))) == list(range(10, 22))


def test_when_the_interpreter_is_gone_the_next_task_gets_a_new_one(tmp_path: Path) -> None:
    reader = started(FORKS, tmp_path / "one")
    above = interpreter(reader)
    above.kill()
    above.wait(20)
    reader.stdin.close()
    assert reader.wait(20) == -signal.SIGKILL, "nobody can tell how it ended"
    source = tmp_path / "a.csv"
    source.write_text("a,b\n" + "1,x\n" * 20)
    assert load(source, into=tmp_path / "w").rows == 20


def test_an_interpreter_that_goes_before_it_forks_costs_nothing(tmp_path: Path) -> None:
    forks = Forks()
    first = started(forks, tmp_path / "one")
    above = interpreter(first)
    above.suspend()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(started, forks, tmp_path / "two")  # its call lies in the line, unread
        time.sleep(0.5)
        assert not waiting.done()
        above.kill()
        second = waiting.result(60)
    assert second.pid and interpreter(second) != above
    for reader in (first, second):
        reader.stdin.close()
        reader.wait(20)


def test_the_interpreter_ends_when_its_line_does(tmp_path: Path) -> None:
    forks = Forks()
    reader = started(forks, tmp_path / "one")
    above = interpreter(reader)
    reader.stdin.close()
    reader.wait(20)
    assert above.is_running()
    del forks
    psutil.wait_procs([above], timeout=20)
    assert not above.is_running()


REHEARSED = """
import os, re, sys, tempfile
from pathlib import Path
from core.loading import child
from core.progress import SILENT

child.prepare()
folder = Path(tempfile.gettempdir())
before = set(folder.iterdir())
child.rehearse()
print("left", len(set(folder.iterdir()) - before))
made = []
compiled = re._compiler.compile
re._compiler.compile = lambda *given: (made.append(given[0]), compiled(*given))[1]
modules = set(sys.modules)
(folder / "a.csv").write_text("x,y\\n1,2020-01-02\\n2,2020-01-03\\n")
source = {"path": str(folder / "a.csv"), "name": "a.csv", "options": {}}
child.work({"sources": [source], "folder": str(folder), "name": "a"}, SILENT)
print("patterns", len(made), "modules", len(set(sys.modules) - modules))
"""


def test_a_rehearsal_leaves_nothing_for_the_next_reader_to_get_ready(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", REHEARSED]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["left 0", "patterns 0 modules 0"]


def test_after_the_rehearsal_readers_are_as_before_it(tmp_path: Path) -> None:
    """The third one begins after it; each has its own answer, and its own limits."""
    forks, readers = Forks(), []
    for number in range(4):
        readers.append(started(forks, tmp_path / str(number), WINNOW_COLUMNS=str(number + 1)))
    assert len({interpreter(reader).pid for reader in readers}) == 1
    for number, reader in enumerate(readers):
        source = tmp_path / f"{number}.csv"
        source.write_text(",".join("abcdef"[: number + 2]) + "\n" + ("1," * (number + 1) + "x\n") * 9)
        task = {"sources": [{"path": str(source), "name": source.name, "options": {}}], "seconds": 60}
        reader.stdin.write(json.dumps({**task, "folder": str(tmp_path / str(number)), "name": "a"}) + "\n")
        reader.stdin.flush()
        *_, answer = map(json.loads, reader.stdout)
        assert answer["error"] == "LoadError" and "WINNOW_COLUMNS" in answer["message"]
        reader.wait(20)
        reader.close()
