"""The app under Streamlit's own test runner: no browser, no server, a workspace of its own."""

from __future__ import annotations

import copy
import functools
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, app_test, local_script_runner

from components.server import jobs
from components.server_looks import server_looks
from components.state import Session
from components.stopped import stopped
from components.text import plain, tag
from components.widgets.mending import LONG
from core import outcomes
from core.dataset import Dataset
from core.finding import Finding
from core.outcomes import Outcome
from core.prepare import fixes
from core.progress import Progress
from core.workspace import load

ROOT = Path(__file__).parents[2]
PAGES = {path.stem: str(path.relative_to(ROOT)) for path in sorted((ROOT / "pages").rglob("*.py"))}
Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def as_if_started_anew() -> None:
    """Whatever another test stopped, or had Labels look at: the server knows of it."""
    stopped().clear()
    server_looks().clear()


@pytest.fixture(autouse=True, scope="session")
def as_a_server() -> Iterator[None]:
    """What a server does once, Streamlit's test runner does at each run: it reads the metadata of all
    packages for parts of a page, of which there are none, and compiles the scripts, which do not change. It
    also asks a thousand times a second whether the script has ended, which keeps the script from its work.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lambda: [])
        scripts = functools.cache(ScriptCache)
        patch.setattr(app_test, "ScriptCache", scripts)
        patch.setattr(local_script_runner, "ScriptCache", scripts)
        patch.setattr(local_script_runner, "require_widgets_deltas", _until_over)
        yield


def _until_over(runner: local_script_runner.LocalScriptRunner, timeout: float) -> None:
    thread = runner._script_thread
    assert thread is not None
    thread.join(timeout)
    if thread.is_alive():
        runner.request_stop()
        runner.join()
        pytest.fail(f"the page took more than {timeout} s")


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WINNOW_OPEN", "")
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def no_job_left() -> Iterator[None]:
    """All tests are one tab to the runner of jobs: work that a test did not wait for ends with it."""
    yield
    job = jobs().of("test session id")  # what Streamlit's test runner calls its tab
    if job is not None and job.active:
        job.stop()
        assert job.wait(60), f"{job.name} did not stop"


SLOW = {"outliers"}  # the analyses that `held` holds


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """What is slow does not end until this is set, or it is stopped."""
    go, alone = threading.Event(), outcomes.attempt

    def attempt(name: str, dataset: Dataset, chosen: dict[str, Any], progress: Progress) -> Outcome:
        while name in SLOW and not go.wait(0.01):
            progress.check()
        return alone(name, dataset, chosen, progress)

    monkeypatch.setattr(outcomes, "attempt", attempt)
    yield go
    go.set()


@pytest.fixture
def open_page() -> Open:
    """Open a page of the app, with a data set or without, and wait until its analyses are done."""

    def work(
        page: str,
        data: Dataset | None = None,
        settings: dict[str, dict[str, Any]] | None = None,
        **chosen: Any,
    ) -> AppTest:
        app = app_with(data, chosen=chosen, settings=copy.deepcopy(settings or {}))
        app.switch_page(PAGES[page])
        return ready(app)

    return work


def app_with(data: Dataset | None, **known: Any) -> AppTest:
    """The app in a new session that has these data open, or none; no page was run yet."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    if data is not None:
        app.session_state["winnow"] = Session(dataset=data, **known)
    return app


def linked(page: str, /, **query: str) -> AppTest:
    """The app as a copied link opens it: a new session, no data set in it."""
    app = app_with(None)
    app.query_params.update(query)
    app.switch_page(PAGES[page])
    return ready(app)


def ready(app: AppTest) -> AppTest:
    """Run once, and until no job is under way; fails after two minutes."""
    return waited(app.run())


def insisted(app: AppTest, prefix: str) -> AppTest:
    """Click the button with this key, and once more where it asks whether that is meant."""
    waited(keyed(app.button, prefix).click().run())
    if app.session_state["winnow"].chosen.get("asked"):
        waited(keyed(app.button, prefix).click().run())
    return app


def waited(app: AppTest) -> AppTest:
    """Run until no job is under way, as after a decision that changes the data shown. On every page that any
    test draws no filled button drops what only a score judged.
    """
    until = time.monotonic() + 120
    while any(button.key == "stop-job" for button in app.button):
        assert time.monotonic() < until, "the job did not end"
        running = app.session_state["winnow"].job
        if running is not None:
            running.job.wait(until - time.monotonic())
        app.run()
    assert not (filled := filled_to_drop(app)), filled
    assert not (heads := code_names(app)), heads
    return app


def code_names(app: AppTest) -> list[str]:
    """What stands over a column of a table as a program would call it: neither plain words, which begin with
    a capital or no letter, nor a name of the data.
    """
    tables = [one for one in app.dataframe if list(one.value.columns) != list(one.value.index)]  # no matrix
    heads = [head for table in tables for head in headings_of(table) if head not in ("p-value", "q-value")]
    if not any(map(_of_a_program, heads)):
        return []
    now = app.session_state["winnow"]
    if now.draft is not None:  # the first rows of a file that is no data set yet have its names
        return []
    known = [now.dataset, *(one for one in now.kept.values() if isinstance(one, Dataset))]
    data = {name for one in known if one is not None for name in one.names}
    return [head for head in heads if _of_a_program(head) and head not in data]


def _of_a_program(head: str) -> bool:
    if head.endswith((" · before", " · new")):  # of a step: a column of the data
        return False
    return bool(re.match(r"[a-z]", head) or re.fullmatch(r"\w+_\w+", head))


def headings_of(table: Any) -> list[str]:
    """What stands over the columns of a table, the index left out, those hidden too."""
    looks = json.loads(table.proto.columns or "{}")
    return [str((looks.get(str(name)) or {}).get("label") or name) for name in table.value.columns]


EXACT = ("images_missing", "unreadable_images", "rows_across_parts")  # nothing to see in them, or equal


ASKS = ("Ask ", "Find out ", "If ", "Impute from ")  # how advice begins that no single click follows


def findings_of(app: AppTest) -> list[Finding]:
    """All that the analyses of this session found."""
    return [
        finding
        for _, made in (
            app.session_state["winnow"].outcomes.values() if "winnow" in app.session_state else ()
        )
        if isinstance(made, dict)
        for outcome in made.values()
        if isinstance(outcome, Outcome)
        for finding in outcome.findings
    ]


def filled_to_drop(app: AppTest) -> list[str]:
    """The filled buttons that drop rows or empty cells of which only a score says that they are wrong:
    neither repeats nor what is exactly so; and those beside advice to find something out first.
    """
    known = findings_of(app)
    asked = {plain(fixes.label(one), LONG) for one in known if one.suggestion.startswith(ASKS)} - {""}
    certain = {plain(fixes.label(one)) for one in known if one.code in EXACT}
    judged = tuple(f"-{tag(one.key)}" for one in known if one.code == "isolated_values")
    filled = [one for one in app.button if one.proto.type == "primary" and not one.disabled]
    return [
        str(one.label)
        for one in filled
        if (str(one.key).startswith("act-") and (str(one.key).endswith(judged) or one.label in asked))
        or (one.label.startswith("Drop") and "repeat" not in one.label and one.label not in certain)
    ]


def keyed(elements: Any, start: str) -> Any:
    """The one element whose key starts so."""
    found = [element for element in elements if str(element.key).startswith(start)]
    assert len(found) == 1, (start, [element.key for element in elements])
    return found[0]


def undo_of(app: AppTest) -> Any:
    """The button that takes back what was just done; what was done is said once on the page."""
    keys = [str(button.key) for button in app.button]
    [key] = [key for key in keys if key.startswith("undo-") and key not in ("undo-to", "undo-all")]
    return app.button(key=key)


def row_list(app: AppTest) -> pd.DataFrame:
    """The page of rows that is shown."""
    listed: pd.DataFrame = _row_list(app).value
    return listed


def _row_list(app: AppTest) -> Any:
    return keyed(app.dataframe, "rows-")


def tick(app: AppTest, *lines: int) -> AppTest:
    """Tick lines of the page of rows that is shown, and no others."""
    return look_at(app, rows=list(lines)).run()


def ticked(app: AppTest) -> list[int]:
    """The lines of the page of rows that are ticked."""
    lines: list[int] = app.session_state[_row_list(app).key]["selection"]["rows"]
    return lines


def look_at(app: AppTest, **clicked: list[Any]) -> AppTest:
    """Click into the page of rows that is shown: rows, columns or cells. Holds for the next run alone."""
    nothing: dict[str, list[Any]] = {"rows": [], "columns": [], "cells": []}
    app.session_state[_row_list(app).key] = {"selection": nothing | clicked}
    return app


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


READ_AS_MARKDOWN = ("body", "label", "help", "title", "options", "captions", "text", "icon", "element_type")
LINKED = re.compile(r"(?i:https?://[-.\w]|www\.[-.\w])|(?<![^\s\W])[-.\w+]+@[-\w]+(?:\.[-\w]+)+")


def live(text: str) -> list[str]:
    """What Streamlit's Markdown makes a link of (GitHub's autolinks, looked for once marks are unescaped)."""
    return [hit[0] for hit in LINKED.finditer(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text))]


def marked(app: AppTest) -> list[tuple[str, str]]:
    """Kind and text of everything on the page that Streamlit reads as Markdown: bodies, labels, helps,
    options.
    """
    found: list[tuple[str, str]] = []
    blocks: list[Any] = [app.main, app.sidebar]
    while blocks:
        node = blocks.pop()
        blocks.extend(getattr(node, "children", {}).values())
        kind, proto = str(node.type), getattr(node, "proto", None)
        if proto is None or kind in ("code", "text", "arrow_data_frame", "plotly_chart", "imgs"):
            continue
        for field, value in proto.ListFields():
            inner = value.ListFields() if hasattr(value, "ListFields") else [(field, value)]
            for named, given in inner:
                plain_options = named.name == "options" and kind in ("selectbox", "multiselect")
                if named.name in READ_AS_MARKDOWN and not plain_options:
                    texts = [given] if isinstance(given, str) else given if _listed(given) else []
                    found += [(kind, str(getattr(text, "content", text))) for text in texts]
    return found


MARKS = ("$n$ *n*", "**bold** [x]", ":material/home: $x^2$", "<b>none</b>")  # of names, as they are


def as_text(app: AppTest, own_links: bool = False) -> None:
    """Nothing of hostile data is a link, Markdown or HTML anywhere on the page. own_links: whether the page's
    own texts hold links.
    """
    sound(app)
    texts = marked(app)
    assert own_links or [(kind, text) for kind, text in texts if live(text)] == []
    for text in (text for _, text in texts):
        assert "<script>" not in text and "<b>" not in text
        assert not re.search(r"(?<!\\)\*\*bold", text)
        assert "](http" not in text and ":red[c]" not in text and ":material/home: $" not in text
        assert "\x00" not in text and "\u202e" not in text and "\x1b" not in text
        assert not [name for name in MARKS if name in text], "every mark of a name is escaped"


def _listed(given: Any) -> bool:
    return hasattr(given, "__iter__")


def sound(app: AppTest) -> None:
    """Nothing on the page says that something failed."""
    assert not app.exception
    assert [error.value for error in app.error] == []


def planted() -> Dataset:
    """300 rows with three far out in one column and one in another, two repeats, a column that is mostly
    missing, and a target.
    """
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
    frame.loc[9, "weight"] = 125.0
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
    "www.evil.example",
    "http://x.y",
    "a@b.c",
    "a -> b",
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
        "WWW.evil.example",
        "",
    ]
    frame = pd.DataFrame({name: rng.choice(values, 120) for name in NAUGHTY})
    frame["$n$ *n*"] = rng.normal(size=120)
    frame.loc[3, "$n$ *n*"] = 1e9
    frame["<b>none</b>"] = pd.Series([None] * 120, dtype="object")
    frame = pd.concat([frame, frame.iloc[[1, 1]]], ignore_index=True)
    return load(frame, name="www.evil.example **evil** <b>x</b> a@b.c.csv", target=NAUGHTY[0])
