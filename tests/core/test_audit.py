"""An audit: what stands apart runs beside the rest, and nothing of it is different for that."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.catalog import analyses
from core.cli import main
from core.dataset import Dataset
from core.errors import Cancelled, TargetError
from core.outcomes import Outcome, attempt, attempts, audit, not_known, unmade_in_words
from core.progress import SILENT, Progress
from core.run import MEMO, remembered
from core.workspace import load
from tests.images import encoded, picture, zipped
from tests.make import dataset


def _table() -> Dataset:
    draw = np.random.default_rng(6)
    frame = pd.DataFrame({f"x{i}": draw.normal(size=200) for i in range(3)})
    return dataset(frame.assign(y=frame["x0"] + draw.normal(size=200))).with_roles(target="y")


def test_a_source_that_is_not_there_is_told_in_one_sentence(tmp_path: Path) -> None:
    """What was got going for an audit ends with it, without a word."""
    command = [sys.executable, "-m", "core", "audit", str(tmp_path / "none.csv")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2 and not ended.stdout
    assert len(ended.stderr.splitlines()) == 1 and "There is no file" in ended.stderr


def test_a_file_with_names_and_no_rows_is_audited(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "none.parquet"
    pq.write_table(pa.table({"a": pa.array([], pa.int64()), "b": pa.array([], pa.string())}), path)
    assert main(["audit", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["dataset"]["rows"], told["dataset"]["columns"]) == (0, 2)
    assert "no_rows" in {finding["code"] for finding in told["findings"]}
    assert main(["profile", str(path)]) == 2
    assert "Profile needs at least 1 row; 'none.parquet' has 0" in capsys.readouterr().err


@pytest.mark.parametrize("rows", [1, 2])
@pytest.mark.parametrize("kind", ["table", "images"])
@pytest.mark.parametrize("serve", [False, True])
def test_data_too_small_for_a_check_skip_it_with_a_reason(
    rows: int, kind: str, serve: bool, tmp_path: Path
) -> None:
    """Nothing went wrong; and what was not looked at is never taken as known."""
    if kind == "table":
        frame = pd.DataFrame({"x": [0.5, 1.5], "c": ["a", "b"], "y": ["u", "v"]})[:rows]
        data = dataset(frame, serve=frame if serve else None)
    else:
        files = {f"{y}/{i}.png": encoded(picture(i)) for i, y in enumerate("uv"[:rows])}
        both = {f"{part}/{name}": one for part in ("train", "serve") for name, one in files.items()}
        data = load(zipped(tmp_path / "few.zip", both if serve else files))
    targets = [None, *(one for one in ("y", "label", "x") if one in data.names)]
    for target in targets:
        made = audit(data.with_roles(target=target), names=list(analyses()))
        assert not [str(one.status) for one in made if one.status.state == "failed"]
        assert all(one.result_is_in or one.status.reason for one in made)
        small = {one.analysis.name for one in not_known(made)}
        assert "importance" in small and (target is None or small & {"labels", "residuals"})
    if rows == 1 and not serve:
        outliers = [attempt("outliers", data)]
        assert not_known(outliers) == tuple(outliers)
        assert unmade_in_words(outliers) == "1 check cannot be made: Outliers for want of rows or values"


def test_what_goes_wrong_for_another_reason_has_failed() -> None:
    broken = attempt("outliers", _table(), {"columns": ["none"]})
    assert broken.status.state == "failed" and not broken.status.too_small
    assert unmade_in_words([broken]) == "1 check cannot be made: Outliers failed"


def test_an_audit_side_by_side_gives_what_each_analysis_gives_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = {}

    def watched(name: str, *given: Any) -> Outcome:
        threads[name] = threading.current_thread().name
        return attempt(name, *given)

    names, data = ["target", "profile", "nearduplicates", "duplicates"], _table()
    monkeypatch.setattr("core.outcomes.attempt", watched)
    outcomes = audit(data, names=names)
    assert [one.analysis.name for one in outcomes] == names
    beside = {name for name, thread in threads.items() if thread.startswith("winnow-beside")}
    assert beside == {"target", "nearduplicates"}
    MEMO.forget(data.fingerprint)
    for one, alone in zip(outcomes, [attempt(name, data) for name in names], strict=True):
        assert one.status == alone.status and [f.to_json() for f in one.findings] == [
            f.to_json() for f in alone.findings
        ]
        assert one.result is not None and alone.result is not None
        pd.testing.assert_frame_equal(one.result.frame(), alone.result.frame())


@pytest.mark.parametrize("stopped_at", ["profile", "target"])
def test_an_audit_that_is_stopped_leaves_nothing_at_work(
    monkeypatch: pytest.MonkeyPatch, stopped_at: str
) -> None:
    """Whichever of the two sides hears it first, the other ends as well."""
    stop, asked = threading.Event(), []

    def slow(name: str, data: Dataset, settings: Any = None, progress: Progress = SILENT) -> Outcome:
        if name == stopped_at:
            stop.set()
        for _ in range(2_000):  # 20 seconds, unless it hears that it is to stop
            progress.check()
            time.sleep(0.01)
        asked.append(name)
        return attempt(name, data)

    monkeypatch.setattr("core.outcomes.attempt", slow)
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        audit(_table(), Progress(stop=stop.is_set), ["profile", "target"])
    assert time.monotonic() - begun < 10 and not asked
    assert not any(one.name.startswith("winnow-beside") for one in threading.enumerate())


def test_each_analysis_is_shown_as_it_ends_and_one_that_is_awaited_says_where_it_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The one that runs beside the rest ends last here: until then its own words are heard."""
    heard: list[tuple[float, str]] = []
    shown: list[str] = []
    go = threading.Event()

    def watched(name: str, data: Dataset, settings: Any, progress: Progress) -> Outcome:
        if name == "target":
            progress.at(0.5, "Growing trees")
            assert go.wait(20), "never heard"
        return attempt(name, data, settings, progress)

    def listen(fraction: float, note: str) -> None:
        heard.append((fraction, note))
        if note == "Growing trees":
            go.set()

    monkeypatch.setattr("core.outcomes.attempt", watched)
    settings = {"target": {"suggest": False}, "profile": {}, "duplicates": {}}
    by_name = attempts(_table(), settings, Progress(listen), shown.append)
    assert list(by_name) == list(settings) and shown == ["profile", "duplicates", "target"]
    result = by_name["target"].result
    assert result is not None and result.settings.suggest is False
    assert (pytest.approx(5 / 6), "Growing trees") in heard
    fractions = [fraction for fraction, _ in heard]
    assert sorted(fractions) == fractions and fractions[-1] == 1.0


@pytest.mark.parametrize(("broken", "other"), [("profile", "target"), ("target", "profile")])
def test_an_error_of_winnow_in_one_analysis_does_not_take_the_others_with_it(
    monkeypatch: pytest.MonkeyPatch, broken: str, other: str
) -> None:
    ended: list[str] = []
    hit = threading.Event()

    def breaking(name: str, data: Dataset, settings: Any, progress: Progress) -> Outcome:
        if name == broken:
            hit.set()
            raise ZeroDivisionError
        assert hit.wait(20)
        for _ in range(20):
            progress.check()
            time.sleep(0.01)
        return attempt(name, data, settings, progress)

    monkeypatch.setattr("core.outcomes.attempt", breaking)
    with pytest.raises(ZeroDivisionError):
        attempts(_table(), {"target": {"suggest": False}, "profile": {}}, done=ended.append)
    assert ended == [other]


def test_large_data_are_audited_one_analysis_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    seen, here = [], threading.current_thread()

    def watched(name: str, *given: Any) -> Outcome:
        seen.append((name, threading.current_thread() is here))
        return attempt(name, *given)

    monkeypatch.setattr("core.outcomes.attempt", watched)
    monkeypatch.setattr("core.outcomes._BESIDE_CELLS", 799)
    audit(_table(), names=["target", "profile"])
    assert seen == [("target", True), ("profile", True)]


def test_that_an_analysis_cannot_be_made_is_remembered_with_its_settings() -> None:
    data = dataset(pd.DataFrame({"a": np.arange(60.0), "y": ["one"] * 60}), target="y")
    heard: list[float] = []
    progress = Progress(lambda fraction, note: heard.append(fraction))
    assert remembered("labels", data) is None
    first = attempt("labels", data, None, progress)
    assert first.status.state == "skipped" and first.status.too_small and heard
    heard.clear()
    with pytest.raises(TargetError) as again:
        remembered("labels", data)
    assert str(again.value) == first.status.reason
    assert attempt("labels", data, None, progress).status == first.status and not heard, (
        "nothing is worked out"
    )
    assert attempt("labels", data, {"likely": 0.7}, progress).status == first.status and heard, (
        "other settings"
    )
    MEMO.forget(data.fingerprint)
    assert remembered("labels", data) is None
    stopped = Progress(stop=lambda: True)
    with pytest.raises(Cancelled):
        attempt("labels", data, None, stopped)
    assert remembered("labels", data) is None, "what was stopped is not known"
