"""A wide table is named, and codes that look like years are not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.finding import Finding
from core.run import run
from tests.make import dataset


def wide(*columns: str, words: bool = False) -> tuple[list[Finding], pd.DataFrame]:
    draw = np.random.default_rng(0)
    frame = pd.DataFrame({"country": [f"c{i}" for i in range(40)]})
    for name in columns:
        frame[name] = draw.choice(list("abc"), 40) if words else draw.normal(size=40)
    found = run("profile", dataset(frame), {}).findings
    return [one for one in found if one.code == "columns_by_year"], frame


def test_columns_by_year_are_one_note_a_set_and_the_line_makes_rows_of_them() -> None:
    [note], frame = wide("2020", "2019", "2022")
    assert note.columns == ("2019", "2020", "2022") and note.severity == "info" and not note.action
    made = {"data": frame}
    exec(note.fix, made)  # noqa: S102 our own line
    assert made["data"].shape == (120, 3)
    assert made["data"].loc[made["data"].iloc[:, 1] == "2022", "value"].tolist() == frame["2022"].tolist()
    sales = [f"sales_{year}" for year in (1990, 2000, 2010)]
    found, _ = wide(*sales, "costs 2001", "costs 2002", "costs 2003")
    assert {one.columns for one in found} == {(*sales,), ("costs 2001", "costs 2002", "costs 2003")}


def test_other_names_are_left_in_peace() -> None:
    for names in (
        ["2019", "2020"],
        ["q1901", "q1902", "q1977"],
        ["a2019", "b2020", "c2021"],
        ["v2019b1", "v2020b1", "v2021b1"],
    ):
        assert not wide(*names)[0], names
    assert not wide("2019", "2020", "2021", words=True)[0]
