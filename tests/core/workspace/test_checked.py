"""Which checks ran before a restart is known after it, and only of data in the workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.workspace import checked, load
from core.workspace.checked import FILE, note_run, ran_before


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    restart()


def restart() -> None:
    checked._BEFORE.clear()


def test_what_ran_is_told_after_a_restart_of_this_version_alone(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n" + "".join(f"{i},{i % 2}\n" for i in range(20)))
    data = load(tmp_path / "a.csv")
    note_run(data, ["profile"])
    note_run(data, ["outliers"])
    assert ran_before(data) == frozenset(), "these ran in this very process"
    restart()
    assert ran_before(data) == {"profile", "outliers"}
    other = data.with_roles(target="y")
    assert ran_before(other) == frozenset()
    note_run(other, ["target"])
    restart()
    assert ran_before(other) == {"target"} and ran_before(data) == {"profile", "outliers"}


@pytest.mark.parametrize("text", ["", "[1]", '{"v": 3}', "\x00"])
def test_a_damaged_note_says_nothing_and_is_written_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n3,4\n")
    data = load(tmp_path / "a.csv")
    (data.path.parent / FILE).write_text(text)
    assert ran_before(data) == frozenset()
    note_run(data, ["profile"])
    restart()
    assert ran_before(data) == {"profile"}
