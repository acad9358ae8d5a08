"""Text below a table: what is named as a footnote, and what is left in peace."""

from __future__ import annotations

import pandas as pd
import pytest

from core.filters import Filter
from core.finding import Finding
from core.run import run
from tests.make import dataset

SHOPS = pd.DataFrame({"shop": [f"Shop {i}" for i in range(30)], "units": [7 * i % 31 + 1 for i in range(30)]})
SHOPS["sales"] = SHOPS["units"] * 3 + SHOPS.index
TOTAL = ["Total", SHOPS["units"].sum(), SHOPS["sales"].sum()]
SOURCE = ["Source: Office", None, None]
SENTENCE = ["All sales are provisional, and may be revised later.", None, None]


def below(*rows: list[object]) -> dict[str, Finding]:
    """The findings by code, with these rows below the table."""
    frame = pd.concat([SHOPS, pd.DataFrame([*rows], columns=SHOPS.columns)], ignore_index=True)
    return {one.code: one for one in run("profile", dataset(frame), {}).findings}


@pytest.mark.parametrize(
    ("rows", "named"),
    [([TOTAL, SOURCE], [31]), ([TOTAL, [None] * 3, SOURCE], [31, 32]), ([SENTENCE, SENTENCE], [30, 31])],
)
def test_footnotes_are_named_and_explain_their_gaps(rows: list[list[object]], named: list[int]) -> None:
    found = below(*rows)
    note = found["footnotes"]
    assert note.rows.ids.tolist() == named and note.columns == ("shop",) and note.action == "drop"
    assert "missing" not in found and "missing:units" in note.explains
    assert (TOTAL not in rows) or found["total_rows"].rows.ids.tolist() == [30]


def test_its_rule_drops_the_rows_by_their_text() -> None:
    frame = pd.concat([SHOPS, pd.DataFrame([TOTAL, SOURCE], columns=SHOPS.columns)], ignore_index=True)
    data = dataset(frame)
    [note] = [one for one in run("profile", data, {}).findings if one.code == "footnotes"]
    assert Filter.parse(note.where).rows(data).ids.tolist() == [31]
    kept: dict[str, pd.DataFrame] = {"data": frame}
    exec(note.fix, kept)  # noqa: S102 our own line
    assert len(kept["data"]) == 31


@pytest.mark.parametrize(
    "rows",
    [
        [["Shop 30", None, None]],  # a shop of which nothing is known
        [TOTAL],
        [SENTENCE, ["Shop 31", 1, 2]],
        [SENTENCE, ["Shop 31", None, 2], ["Shop 32", None, None]],
    ],
)
def test_rows_of_the_table_are_no_footnotes(rows: list[list[object]]) -> None:
    assert "footnotes" not in below(*rows)


def test_where_names_stand_alone_above_the_last_is_none() -> None:
    frame = SHOPS.copy()
    frame.loc[[3, 29], ["units", "sales"]] = None
    frame.loc[29, "shop"] = SENTENCE[0]
    assert "footnotes" not in {one.code for one in run("profile", dataset(frame), {}).findings}
