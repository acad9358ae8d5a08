"""The app under Streamlit's own test runner: no browser, no server, a workspace of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from components.state import Session
from core.dataset import Dataset
from core.workspace import load

ROOT = Path(__file__).parents[2]
PAGES = {path.stem: str(path.relative_to(ROOT)) for path in sorted((ROOT / "pages").rglob("*.py"))}
Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WINNOW_OPEN", "")
    return tmp_path / "home"


@pytest.fixture
def open_page() -> Open:
    """Open a page of the app, with a data set or without, and wait until its analyses are done."""

    def work(
        page: str,
        data: Dataset | None = None,
        settings: dict[str, dict[str, Any]] | None = None,
        **chosen: Any,
    ) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        if data is not None:
            app.session_state["winnow"] = Session(dataset=data, chosen=chosen, settings=settings or {})
        app.run()
        app.switch_page(PAGES[page])
        return ready(app)

    return work


def ready(app: AppTest) -> AppTest:
    """Run until no job is under way; fails after two minutes."""
    until = time.monotonic() + 120
    app.run()
    while any(button.key == "stop-job" for button in app.button):
        assert time.monotonic() < until, "the job did not end"
        time.sleep(0.2)
        app.run()
    return app


def keyed(elements: Any, start: str) -> Any:
    """The one element whose key starts so."""
    found = [element for element in elements if str(element.key).startswith(start)]
    assert len(found) == 1, (start, [element.key for element in elements])
    return found[0]


def shown(app: AppTest) -> str:
    """Every text on the page that Markdown reads."""
    kinds = (
        app.markdown,
        app.title,
        app.header,
        app.subheader,
        app.caption,
        app.info,
        app.warning,
        app.error,
        app.success,
    )
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def sound(app: AppTest) -> None:
    """Nothing on the page says that something failed."""
    assert not app.exception
    assert [error.value for error in app.error] == []


def planted() -> Dataset:
    """300 rows with three far out, two repeats, a column that is mostly missing, and a target."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "height": rng.normal(170, 8, 300),
            "weight": rng.normal(70, 9, 300),
            "age": rng.integers(18, 80, 300),
        }
    )
    frame["town"] = rng.choice(["Ghent", "Lyon", "Turin"], 300)
    frame["rare"] = np.where(rng.random(300) < 0.6, None, "x")
    frame["ill"] = rng.choice(["no", "yes"], 300)
    frame.loc[[7, 70, 170], "height"] = [999.0, 950.0, 980.0]
    frame = pd.concat([frame, frame.iloc[[20, 21]]], ignore_index=True)
    return load(frame, name="people.csv", target="ill")


NAUGHTY = (
    "**bold** [x](http://evil.example)",
    "<script>alert(1)</script>",
    ":material/home: $x^2$",
    "=cmd|' /C calc'!A0",
    "مرحبا \u202eabc",
    "# head\n- list",
    "a\x00b\x1bc",
    "Row",
    "Score",
)


def hostile() -> Dataset:
    """Names, values and the data set's own name full of Markdown, HTML, formulas, control and direction
    characters.
    """
    rng = np.random.default_rng(6)
    values = [
        *NAUGHTY[:7],
        ":red[c]",
        "![i](http://evil.example/a.png)",
        "https://evil.example a@b.example",
        "",
    ]
    frame = pd.DataFrame({name: rng.choice(values, 120) for name in NAUGHTY})
    frame["$n$ *n*"] = rng.normal(size=120)
    frame.loc[3, "$n$ *n*"] = 1e9
    frame["<b>none</b>"] = pd.Series([None] * 120, dtype="object")
    frame = pd.concat([frame, frame.iloc[[1, 1]]], ignore_index=True)
    return load(frame, name="**evil** <b>x</b>.csv", target=NAUGHTY[0])
