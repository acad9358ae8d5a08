"""A new analysis is one file: its page, the report, `audit` and the command line know it at once."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import core.analyses
from core.catalog import analyses
from core.cli import main
from core.outcomes import attempt
from core.report import audit_json
from core.reporting.page import page
from core.reporting.whole import whole
from tests.components.conftest import Open, ready, shown, sound
from tests.make import dataset

PAGES = ("explore/profile", "explore/overlap", "clean/issues")
RANGES = """
from __future__ import annotations
from dataclasses import dataclass
import pandas as pd
from core.analysis import Analysis, Found
from core.finding import Finding
from core.rowset import RowSet
from core.settings import Settings, knob

@dataclass(frozen=True)
class RangesSettings(Settings):
    share: float = knob(0.5, "Share cut off", "Share of rows left out at each end.", 0.0, 1.0)

@dataclass(frozen=True, eq=False)
class Ranges(Found):
    names: tuple[str, ...]

    @property
    def summary(self):
        return {"columns": len(self.names)}

    def frame(self):
        return pd.DataFrame({"column": self.names, "low": range(len(self.names))})

def ranges(dataset, settings: RangesSettings, progress) -> Ranges:
    progress.at(0.5, "Halfway")
    wide = Finding(
        "wide_range", "The range of 'a' is wide", "warning", 0.5, "So it is.", "Look.",
        rows=RowSet([1]), columns=("a",),
    )
    return Ranges(settings=settings, found=(wide,), names=dataset.names)

ANALYSIS = Analysis("Ranges of values", "How far do the values reach?", "{page}", ranges)
"""


@pytest.fixture(params=PAGES)
def its_page(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """One file in a folder of its own, on the path of the analyses; all is as before afterwards."""
    (tmp_path / "ranges.py").write_text(RANGES.replace("{page}", request.param), encoding="utf-8")
    core.analyses.__path__.append(str(tmp_path))
    analyses.cache_clear()
    yield request.param
    core.analyses.__path__.remove(str(tmp_path))
    sys.modules.pop("core.analyses.ranges", None)
    analyses.cache_clear()


def table() -> pd.DataFrame:
    return pd.DataFrame({"a": [1.0, 2.0, 3.0, 90.0] * 10, "b": ["x", "y"] * 20})


def test_it_is_in_the_report_and_in_the_audit(its_page: str) -> None:
    data = dataset(table())
    outcomes = [attempt("ranges", data), attempt("duplicates", data)]
    report = whole(audit_json(data, outcomes, 1.0), data, outcomes)
    assert report["sections"]["ranges"]["summary"] == {"columns": 2}
    assert report["sections"]["ranges"]["table"] == {
        "heads": ["column", "low"],
        "lines": [["a", 0], ["b", 1]],
    }
    assert "wide_range" in {finding["code"] for finding in report["findings"]}
    text = page(report, data.names, "made")
    assert "Ranges of values" in text and "The range of 'a' is wide" in text


def test_it_is_on_the_command_line(its_page: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table().to_csv(tmp_path / "some.csv", index=False)
    call = ["ranges", str(tmp_path / "some.csv"), "--set", "share=0.25", "--json"]
    assert main(call) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["analysis"] == "ranges" and printed["settings"] == {"share": 0.25}
    assert main(["list"]) == 0 and "ranges" in capsys.readouterr().out
    assert main(["audit", str(tmp_path / "some.csv"), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert "ranges" in printed["sections"] and "wide_range" in {f["code"] for f in printed["findings"]}


def test_it_is_on_its_page(its_page: str, open_page: Open) -> None:
    app: AppTest = open_page(its_page.rpartition("/")[2], dataset(table()))
    if its_page == "explore/profile":
        app.session_state["profile-tab"] = "Ranges of values"
    ready(app)
    sound(app)
    assert "The range of" in shown(app)
