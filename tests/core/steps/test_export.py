"""What rules write goes into every format; cells that they leave as they were stay as they were written."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from core import load
from core.decision import Decision
from core.export import apply_recipe, export
from core.filters import Filter
from core.review import Review
from core.rowset import RowSet

ALL = RowSet()
CSV = 'name;born;paid;town\n" Ann ";2001-02-03;1,50;Oslo \nBo;;;oslo\n;1999-12-31;2,25;  BERGEN\n'
STEPS = Review().say(
    Decision("fill", ALL, column="paid", settings={"how": "mean", "indicator": True}),
    Decision("tidy", ALL, column="town", settings={"case": "title"}),
    Decision("rename", ALL, column="born", settings={"to": "birthday"}),
    Decision("relabel", RowSet([1]), "Bob", column="name"),
    Decision("drop", Filter.parse("town is Bergen")),
)


def raw(folder: Path, form: str) -> Path:
    path = folder / f"raw.{form}"
    if form == "csv":
        path.write_text(CSV)
        return path
    frame = pd.DataFrame(
        {
            "name": [" Ann ", "Bo", None],
            "born": pd.to_datetime(["2001-02-03", None, "1999-12-31"]),
            "paid": [1.5, None, 2.25],
            "town": ["Oslo ", "oslo", "  BERGEN"],
        }
    )
    if form == "json":
        frame.to_json(path, orient="records", date_format="iso")
    else:
        frame.to_parquet(path)
    return path


def test_text_comes_back_as_it_was_but_for_what_rules_wrote(tmp_path: Path) -> None:
    made = export(load(raw(tmp_path, "csv")), STEPS, tmp_path / "out")
    assert made.cleaned.read_text() == (
        "name;birthday;paid;paid_missing;town\n Ann ;2001-02-03;1,50;False;Oslo\nBob;;1,875;True;Oslo\n"
    )
    assert made.counts["rules"] == 4 and made.counts["dropped"] == 1


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
@pytest.mark.parametrize("to", ["input", "csv", "jsonl", "parquet"])
def test_every_format_holds_what_rules_wrote(tmp_path: Path, form: str, to: str) -> None:
    made = export(load(raw(tmp_path, form)), STEPS, tmp_path / "out", format=to)
    path = made.cleaned
    if path.suffix == ".parquet":
        frame = pd.read_parquet(path)
    elif path.suffix == ".csv":
        comma = form == "csv" and to == "input"
        frame = pd.read_csv(path, sep=";" if comma else ",", decimal="," if form == "csv" else ".")
    else:
        lines = path.read_text()
        rows = json.loads(lines) if path.suffix == ".json" else [json.loads(x) for x in lines.splitlines()]
        frame = pd.DataFrame(rows)
    assert list(frame.columns) == ["name", "birthday", "paid", "paid_missing", "town"]
    assert frame["town"].tolist() == ["Oslo", "Oslo"] and frame["name"].tolist()[1] == "Bob"
    assert frame["paid"].astype(float).tolist() == [1.5, 1.875]
    assert frame["paid_missing"].tolist() == [False, True]
    assert pd.to_datetime(frame["birthday"])[0] == pd.Timestamp("2001-02-03") and pd.isna(
        frame["birthday"][1]
    )


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_a_recipe_with_rules_gives_the_same_bytes(tmp_path: Path, form: str) -> None:
    made = export(load(raw(tmp_path, form)), STEPS, tmp_path / "out")
    out = tmp_path / f"again.{form}"
    apply_recipe(tmp_path / "out" / "recipe.json", raw(tmp_path, form), out)
    assert out.read_bytes() == made.cleaned.read_bytes()
