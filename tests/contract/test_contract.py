"""One suite, every analysis: what each must hold, whatever its question."""

from __future__ import annotations

import functools
import json
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.analysis import Result
from core.catalog import analyses
from core.cli import main
from core.dataset import Dataset
from core.errors import Cancelled, CoreError, SettingError
from core.finding import SEVERITIES
from core.outcomes import attempt
from core.progress import Progress
from core.report import result_json
from tests.make import dataset

NAMES = sorted(analyses())
ROOT = Path(__file__).parents[2]
Results = Callable[[str], Result]


def frame(rows: int = 300, seed: int = 0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "age": draw.normal(40, 12, rows).round(1),
            "fare": draw.lognormal(3, 1, rows),
            "visits": draw.poisson(3, rows),
            "city": draw.choice(["Oslo", "Rome", "Lima"], rows, p=[0.6, 0.3, 0.1]),
            "member": draw.random(rows) < 0.3,
            "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 10**7, rows), unit="s"),
            "code": [f"id-{i:05d}" for i in draw.permutation(rows)],
            "label": draw.choice(["yes", "no"], rows),
        }
    )
    table.loc[draw.random(rows) < 0.1, "age"] = np.nan
    table.loc[5, "fare"] = 1e6
    return pd.concat([table, table.iloc[[3, 3, 7]]], ignore_index=True)


@pytest.fixture(scope="module")
def data() -> Dataset:
    return dataset(frame(), target="label")


def work(name: str, data: Dataset, progress: Progress | None = None, **settings: object):
    """The analysis itself, past the memo of the gate."""
    analysis = analyses()[name]
    return analysis.function(data, analysis.settings.of(settings), progress or Progress())


@pytest.fixture(scope="module")
def result(data: Dataset) -> Results:
    """The result of each analysis, worked out once for the tests that only look at it."""
    return functools.cache(lambda name: work(name, data))


@pytest.mark.parametrize("name", NAMES)
def test_the_same_call_gives_the_same_result(name: str, data: Dataset, result: Results) -> None:
    one, two = result(name), work(name, data)
    pd.testing.assert_frame_equal(one.frame(), two.frame())
    assert one.summary == two.summary
    assert [f.to_json() for f in one.findings] == [f.to_json() for f in two.findings]
    if one.rows() is not None:
        pd.testing.assert_frame_equal(one.rows(), two.rows())


@pytest.mark.parametrize("name", NAMES)
def test_a_result_carries_its_settings_and_names_its_numbers_plainly(name: str, result: Results) -> None:
    assert result(name).settings == analyses()[name].settings()
    assert [key for key in result(name).summary if not re.fullmatch(r"[a-z][a-z0-9_]*", key)] == []
    assert all(note.endswith(".") for note in result(name).notes)
    for title, table in result(name).tables().items():
        assert all(re.fullmatch(r"[a-z][a-z0-9_]*", word) for word in (title, *table.columns)) and len(table)


@pytest.mark.parametrize("name", NAMES)
def test_the_data_are_left_as_they_were(name: str, data: Dataset) -> None:
    before, bytes_before = data.frame(), data.path.read_bytes()
    work(name, data)
    pd.testing.assert_frame_equal(data.frame(), before)
    assert data.path.read_bytes() == bytes_before


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_valid_and_scores_lie_between_0_and_1(name: str, data: Dataset, result: Results) -> None:
    for finding in result(name).findings:
        assert finding.severity in SEVERITIES
        assert 0 <= finding.score <= 1
        assert len(finding.rows) == 0 or 0 <= finding.rows.ids.min() <= finding.rows.ids.max() < data.rows
        assert set(finding.columns) <= set(data.names)
        assert finding.title and finding.why and finding.suggestion
    rows = result(name).rows()
    if rows is not None:
        assert rows.columns[0] == "row"
        assert rows["row"].is_unique and rows["row"].between(0, data.rows - 1).all()
        if "score" in rows:
            assert rows["score"].between(0, 1).all()


@pytest.mark.parametrize("name", NAMES)
def test_findings_are_worked_out_once_for_a_result(name: str, result: Results) -> None:
    """Each run of a page asks every result for them, several times over."""
    assert result(name).findings is result(name).findings


@pytest.mark.parametrize("name", NAMES)
def test_keys_of_findings_are_unique(name: str, result: Results) -> None:
    keys = [finding.key for finding in result(name).findings]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("name", NAMES)
def test_progress_rises_and_the_gate_ends_it_at_1(name: str, data: Dataset) -> None:
    from core.run import MEMO, run

    heard: list[float] = []
    MEMO.forget(data.version)
    run(name, data, None, Progress(lambda fraction, note: heard.append(fraction)))
    assert heard == sorted(heard) and heard[-1] == 1.0 and len(heard) > 1


@pytest.mark.parametrize("name", NAMES)
def test_it_stops_when_asked(name: str, data: Dataset) -> None:
    with pytest.raises(Cancelled):
        work(name, data, Progress(stop=lambda: True))


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_rows_does_not_matter(name: str, data: Dataset, result: Results) -> None:
    order = np.random.default_rng(1).permutation(data.rows)
    straight, shuffled = (
        result(name),
        work(name, dataset(frame().iloc[order].reset_index(drop=True), target="label")),
    )
    assert {f.key: (len(f.rows), f.severity) for f in straight.findings} == {
        f.key: (len(f.rows), f.severity) for f in shuffled.findings
    }
    assert straight.summary.keys() == shuffled.summary.keys()
    if straight.rows() is not None and "score" in straight.rows():
        here = straight.rows().set_index("row")["score"].to_numpy()
        there = shuffled.rows().set_index("row")["score"].to_numpy()
        np.testing.assert_allclose(there, here[order], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rows", [0, 1, 2])
def test_hardly_any_rows_give_a_result_or_a_clear_error(name: str, rows: int) -> None:
    small = dataset(frame().head(rows), target="label")
    outcome = attempt(name, small)
    assert outcome.result is not None or outcome.status.reason
    assert not outcome.status.reason[:1].islower(), "it stands after a full stop"
    if outcome.result is not None:
        outcome.result.frame(), outcome.result.rows(), outcome.result.summary


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "case", ["one class", "all missing", "one column", "constant", "infinite", "hostile names"]
)
def test_odd_tables_give_a_result_or_a_clear_error(name: str, case: str) -> None:
    whole = frame()
    table = {
        "one class": whole.assign(label="yes"),
        "all missing": whole.assign(age=np.nan, fare=np.nan, city=None),
        "one column": whole[["label"]],
        "constant": whole.assign(age=1.0, fare=1.0, visits=1, city="x"),
        "infinite": whole.assign(age=np.where(np.arange(len(whole)) % 50, 1.0, np.inf)),
        "hostile names": whole.rename(
            columns={"age": "**<b>age</b>**", "fare": "=1+1", "city": "\u202eytic\n"}
        ),
    }[case]
    data = dataset(table, target="label")
    outcome = attempt(name, data)
    assert outcome.result is not None or outcome.status.reason
    assert not outcome.status.reason[:1].islower(), "it stands after a full stop"
    if outcome.result is not None:
        json.dumps(result_json(outcome.analysis, data, outcome.result, 0.0), allow_nan=False)


@pytest.mark.parametrize("name", NAMES)
def test_a_result_pickles(name: str, result: Results) -> None:
    whole = result(name)
    again = pickle.loads(pickle.dumps(whole))
    pd.testing.assert_frame_equal(again.frame(), whole.frame())
    assert again.summary == whole.summary


@pytest.mark.parametrize("name", NAMES)
def test_arrays_of_a_result_are_locked(name: str, result: Results) -> None:
    arrays = {field: value for field, value in vars(result(name)).items() if isinstance(value, np.ndarray)}
    assert [field for field, value in arrays.items() if value.flags.writeable] == []


@pytest.mark.parametrize("name", NAMES)
def test_settings_survive_json_and_refuse_nonsense(name: str) -> None:
    settings = analyses()[name].settings
    assert settings.of(json.loads(json.dumps(settings().to_json()))) == settings()
    with pytest.raises(SettingError, match="no_such_setting"):
        settings.of({"no_such_setting": 1})
    for field, rule in settings.knobs().items():
        assert rule.label and rule.help
        if rule.high is not None:
            with pytest.raises(SettingError, match=field):
                settings.of({field: rule.high + 1})


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "some.csv"
    frame().to_csv(path, index=False)
    return path


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_sub_command_that_keeps_the_contract(
    name: str,
    result: Results,
    source: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    page, rows = tmp_path / "page.html", tmp_path / "rows.csv"
    flags = ["--rows", str(rows)] if result(name).rows() is not None else []
    assert main([name, str(source), "--target", "label", "--json", "--html", str(page), *flags]) == 0
    told = json.loads(capsys.readouterr().out)
    keys = {"analysis", "dataset", "settings", "status", "summary", "findings", "table", "seconds"}
    assert keys <= told.keys() and told["dataset"].keys() == {"rows", "columns", "fingerprint"}
    assert told["table"].keys() == {"columns", "rows"} and told["analysis"] == name
    assert page.read_text().startswith("<!doctype html>")
    if flags:
        table = pd.read_csv(rows)
        assert table.columns[0] == "row" and table["row"].between(0, told["dataset"]["rows"] - 1).all()


def test_all_of_them_run_in_a_process_of_its_own(source: Path, tmp_path: Path) -> None:
    """``python -m core``, where nothing was imported before."""
    flags = ["--target", "label", "--split", "when=2024-03-01", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "core", "audit", str(source), *flags],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        env={**os.environ, "WINNOW_HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert any("Left out, as it takes long: strategies" in note for note in told["notes"])
    checks = told["sections"]["checks"]
    assert {check["analysis"] for check in checks} == {n for n in NAMES if not analyses()[n].asked}
    assert [check for check in checks if check["state"] != "ok"] == []


@pytest.mark.parametrize("name", NAMES)
def test_it_is_documented(name: str) -> None:
    text = (ROOT / "docs" / "methods" / f"{name}.md").read_text(encoding="utf-8")
    for field in analyses()[name].settings.knobs():
        assert re.search(rf"`{field}`", text), f"docs/methods/{name}.md does not speak of the setting {field}"


def test_folder_and_catalogue_agree() -> None:
    places = (ROOT / "core" / "analyses").glob("[a-z]*")
    assert {path.stem for path in places} == set(analyses())


def test_an_unknown_analysis_is_told_with_the_nearest_name() -> None:
    from core.catalog import find

    with pytest.raises(CoreError, match="Did you mean 'outliers'"):
        find("outlier")
