"""How long a widget interaction takes on a million rows, once the analyses are there: the script's run, page
by page.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.loading import mixed
from benchmarks.startup import ROOT
from benchmarks.table import Row

PAGES = ("pages/explore/profile.py", "pages/clean/issues.py", "pages/clean/review.py", "pages/ship/export.py")
LIMIT = 0.3


def measure(folder: Path | None, quick: bool) -> list[Row]:
    from streamlit.testing.v1 import AppTest

    rows = 100_000 if quick else 1_000_000
    with tempfile.TemporaryDirectory() as home:
        os.environ["WINNOW_HOME"] = home
        from core.workspace import load

        frame = mixed(rows)
        frame.loc[:: rows // 50, "x0"] = 99.0
        dataset = load(frame, name="million", target="city")
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=600)
        app.query_params["data"] = dataset.path.parent.name
        _settle(app.run())
        return [*(_page(app, page, rows) for page in PAGES), _next_row(app, rows)]


def _settle(app: object, seconds: float = 600) -> None:
    """Run until no long work is under way."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        app.run()  # type: ignore[attr-defined]
        if not [b for b in app.button if b.label == "Stop"]:  # type: ignore[attr-defined]
            return
        time.sleep(0.2)
    raise TimeoutError("The page's analyses did not finish.")


def _page(app: object, page: str, rows: int) -> Row:
    """Reruns after the first full one: every selectbox, slider, radio and text box is moved, twenty reruns in
    all.
    """
    app.switch_page(page)  # type: ignore[attr-defined]
    _settle(app)
    seconds = []
    for turn in range(20):
        _touch(app, turn)
        begun = time.perf_counter()
        app.run()  # type: ignore[attr-defined]
        seconds.append(time.perf_counter() - begun)
    p95 = float(np.percentile(pd.Series(seconds), 95))
    return Row(
        f"{rows:,} rows, {page.split('/')[-1][:-3]}: rerun, p95 s",
        p95,
        LIMIT,
        p95 / LIMIT,
        "< 0.3 s",
        p95 < LIMIT,
    )


def _next_row(app: object, rows: int) -> Row:
    """A row of the queue is kept, and the next one opened."""
    app.switch_page("pages/clean/review.py")  # type: ignore[attr-defined]
    _settle(app)
    seconds = []
    for _ in range(40):
        keep = next(one for one in app.button if str(one.key).startswith("queue-keep-"))  # type: ignore[attr-defined]
        begun = time.perf_counter()
        keep.click().run()
        seconds.append(time.perf_counter() - begun)
    p95 = float(np.percentile(pd.Series(seconds), 95))
    return Row(f"{rows:,} rows, review: the next row, p95 s", p95, LIMIT, p95 / LIMIT, "< 0.3 s", p95 < LIMIT)


def _touch(app: object, turn: int) -> None:
    """Change one widget: the next of those that the page has."""
    boxes = [box for box in app.selectbox if len(box.options) > 1]  # type: ignore[attr-defined]
    texts = list(app.text_input)  # type: ignore[attr-defined]
    sliders = list(app.slider)  # type: ignore[attr-defined]
    moves = [lambda b=b: b.select_index(turn % len(b.options)) for b in boxes]
    moves += [lambda t=t: t.set_value("xyz"[turn % 3]) for t in texts]
    moves += [
        lambda s=s: s.set_value(s.min + (s.max - s.min) * (turn % 5) / 5)
        for s in sliders
        if isinstance(s.min, float)
    ]
    if moves:
        moves[turn % len(moves)]()
