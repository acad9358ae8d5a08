"""How many serve rows are unsupported is one number: on the tile, in the map's legend, in the list and the
line above it, in the segments, the finding, the report and on the command line.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from pyarrow import parquet
from streamlit.testing.v1 import AppTest

from components.open_data import all_samples
from core.cli import main
from core.decided import as_decided
from core.decision import Decision
from core.filters import Filter
from core.phrases import percent
from core.report import rows_in_source
from core.review import Review
from core.run import run
from core.workspace import load
from tests.components.conftest import PAGES, Open, app_with, keyed, ready, shown, sound
from tests.core.test_report import Page

LEVEL = 0.01


class Pair(NamedTuple):
    """Files of both parts, and the roles of their columns."""

    train: Path
    serve: Path
    roles: dict[str, str]


def sample(name: str, folder: Path, every: int = 5) -> Pair:
    """Every fifth row of a sample, or so many."""
    (one,) = [sample for sample in all_samples() if sample.folder.name == name]
    files = [one.folder / one.files[part] for part in ("train", "serve")]
    for at, file in enumerate(files):
        files[at] = folder / file.name
        if file.suffix == ".csv":
            head, *lines = file.read_bytes().splitlines(keepends=True)
            files[at].write_bytes(head + b"".join(lines[::every]))
        else:
            table = parquet.read_table(file)
            parquet.write_table(table.take(list(range(0, table.num_rows, every))), files[at])
    return Pair(files[0], files[1], one.roles)


def generated(folder: Path) -> Pair:
    """A twentieth of serve far from all of train, in numbers and in a town; some values missing."""
    draw = np.random.default_rng(8)
    frames = []
    for part in ("train", "serve"):
        frame = pd.DataFrame(draw.normal(size=(900, 4)), columns=list("abcd"))
        frame["town"] = draw.choice(["Ghent", "Lyon", "Turin"], 900)
        frame.loc[draw.random(900) < 0.05, "d"] = np.nan
        if part == "serve":
            frame.loc[:44, ["a", "b"]] += 6.0
            frame.loc[:44, "town"] = "Oslo"
        frame.to_csv(folder / f"{part}.csv", index=False)
        frames.append(frame)
    return Pair(folder / "train.csv", folder / "serve.csv", {})


def figure(app: AppTest, name: str) -> dict[str, Any]:
    (spec,) = (json.loads(c.proto.spec) for c in app.get("plotly_chart") if name in str(c.proto.id))
    return dict(spec)


def numbers(packed: Any) -> np.ndarray:
    """An array as Plotly writes it: a list, or typed bytes."""
    if not isinstance(packed, dict):
        return np.asarray(packed)
    return np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"])


def on_the_command_line(pair: Pair, folder: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The rows that ``overlap`` writes, and the data in its HTML page; what it prints is captured."""
    roles = [word for role, name in pair.roles.items() for word in (f"--{role}", name)]
    files = ["--json", "--rows", str(folder / "rows.csv"), "--html", str(folder / "page.html")]
    assert main(["overlap", str(pair.train), "--serve", str(pair.serve), *roles, *files]) == 0
    page = Page((folder / "page.html").read_text(encoding="utf-8"))
    return pd.read_csv(folder / "rows.csv"), page.data


@pytest.mark.parametrize("name", ["flights", "employment", "generated"])
def test_the_unsupported_rows_are_one_number(
    name: str, open_page: Open, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair = generated(tmp_path) if name == "generated" else sample(name, tmp_path)
    rows, page = on_the_command_line(pair, tmp_path)
    printed = json.loads(capsys.readouterr().out)
    by_row = rows[(rows["part"] == "serve") & (rows["support_p"] <= LEVEL)]["row"]
    held, serve = len(by_row), int((rows["part"] == "serve").sum())
    assert held, "each of these pairs has some"
    share = held / serve

    assert printed["summary"]["unsupported_rows"] == held
    assert printed["summary"]["unsupported_share"] == pytest.approx(share, abs=1e-5)
    for measures in (printed["sections"]["overlap"]["measures"], page["sections"]["overlap"]["measures"]):
        (value,) = [one["value"] for one in measures if one["measure"] == "unsupported_share"]
        assert value == pytest.approx(share, rel=1e-3)
    findings = [one for one in printed["findings"] if one["code"] == "unsupported"]
    for finding in findings:
        assert finding["row_count"] == held and finding["value"] == pytest.approx(share)
        assert finding["title"].startswith(f"{held:,} of {serve:,} serve rows ({percent(share)})")
    assert bool(findings) == (name == "generated"), "the few of the samples are within the noise"

    data = load(pair.train, serve=pair.serve, **pair.roles)  # type: ignore[arg-type]
    app = open_page("overlap", data, {"projection": {"method": "pca"}})
    on_the_page(app, by_row.tolist(), serve)
    tables = [frame.value for frame in app.dataframe if "rule" in frame.value.columns]
    assert tables or name == "employment", "whose parts hardly differ"
    for table in tables:
        in_segments = (table["unsupported"] * table["serve"]).fillna(0.0).sum()
        assert in_segments == pytest.approx(held), "every row lies in one segment"


STEPS = {"flights": "distance > 2000", "employment": "AGEP < 16"}


@pytest.mark.parametrize("name", STEPS)
def test_as_decided_they_are_one_number_too(name: str, tmp_path: Path) -> None:
    """After rows were dropped by a filter."""
    pair = sample(name, tmp_path, every=16)
    data = load(pair.train, serve=pair.serve, **pair.roles)  # type: ignore[arg-type]
    review = Review().say(Decision("drop", Filter.parse(STEPS[name])))
    decided = as_decided(data, review)
    assert 0 < decided.rows < data.rows
    app = app_with(data, review=review, settings={"projection": {"method": "pca"}})
    app.run().switch_page(PAGES["overlap"])
    ready(app)
    assert app.segmented_control(key="as-loaded").value == "As decided"
    table = run("overlap", decided).rows()
    assert table is not None
    rows = rows_in_source(decided, table)
    of_serve = rows[rows["part"] == "serve"]
    held = of_serve[of_serve["support_p"] <= LEVEL]["row"].tolist()
    assert held
    on_the_page(app, held, len(of_serve))


def on_the_page(app: AppTest, held_rows: list[int], serve: int) -> None:
    """The number of these rows of the source, of so many serve rows, stands everywhere on the page."""
    held = len(held_rows)
    share = held / serve
    sound(app)
    said = shown(app).replace("\\", "")
    (tile,) = [metric for metric in app.metric if metric.label == "Unsupported"]
    assert tile.value == f"{held:,} rows" and tile.delta.startswith(percent(share))
    assert f"{held:,} of {serve:,} serve rows ({percent(share)}) lie farther" in said
    assert keyed(app.toggle, "all-").label == f"Select all {held:,} rows"
    downloads = [button.proto.label for button in app.get("download_button")]
    assert f"Download {held:,} rows to label" in downloads

    traces = figure(app, "overlap-map")["data"]
    assert f"Unsupported ({held:,})" in [trace["name"] for trace in traces if "name" in trace]
    (hollow,) = [trace for trace in traces if trace.get("name") == "Unsupported"]
    assert sorted(numbers(hollow["customdata"]).tolist()) == held_rows
