"""From the bars of a picture back to the rows, and the target over the bars: against slow counting with
pandas.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.analyses.profile.target_by_bar import ABOVE, BELOW, MISSING, OTHER, bar_of_rows, rows_in_bar, tinted
from core.dataset import Dataset
from core.run import run
from tests.make import dataset

N = 500


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(9)
    made = pd.DataFrame(
        {"real": rng.normal(size=N), "whole": rng.integers(0, 7, N), "flag": rng.random(N) < 0.3}
    )
    made["when"] = pd.Timestamp("2021-05-01") + pd.to_timedelta(rng.integers(0, 3_000_000, N), unit="s")
    made["town"] = rng.choice([f"town {i}" for i in range(14)], N)
    made["long"] = np.where(rng.random(N) < 0.5, "a" * 200, "b" * 119 + "c")
    made.loc[:4, "real"] = [1e7, -1e7, np.inf, np.nan, 0.0]
    made.loc[10:14, "town"] = None
    made["y"] = rng.choice(["no", "yes"], N, p=[0.8, 0.2])
    made["z"] = made["whole"] * 2.0
    return made


FRAME = frame()


def data(target: str = "y") -> Dataset:
    return dataset(FRAME, kinds={"town": "category", "long": "category"}, target=target)


@pytest.mark.parametrize("name", ["real", "whole", "flag", "when", "town", "long"])
def test_every_bar_holds_as_many_rows_as_it_shows(name: str) -> None:
    made = data()
    column = run("profile", made, {}).column(name)
    bars = bar_of_rows(made.table([name]).column(0), column)
    if column.histogram is not None:
        shown = column.histogram.counts.tolist()
        assert (bars == BELOW).sum() == column.histogram.below and (
            bars == ABOVE
        ).sum() == column.histogram.above
    else:
        shown = [count for _, count in column.top]
    assert [int((bars == at).sum()) for at in range(len(shown))] == shown
    assert (bars == MISSING).sum() == column.missing
    assert (bars == OTHER).sum() == N - column.missing - sum(shown) - (bars == BELOW).sum() - (
        bars == ABOVE
    ).sum()


def test_the_rows_of_a_bar_are_those_between_its_edges() -> None:
    made = data()
    column = run("profile", made, {}).column("real")
    assert column.histogram is not None
    low, high = column.histogram.edges[7:9]
    assert (
        rows_in_bar(made, column, 7).ids.tolist()
        == FRAME.index[FRAME["real"].between(low, high, inclusive="left")].tolist()
    )
    assert rows_in_bar(made, column, MISSING).ids.tolist() == [3]


def test_rates_of_a_class_over_the_bars() -> None:
    made = data()
    tint = tinted(made, run("profile", made, {}).columns)
    assert tint is not None and tint.classes == ("no", "yes") and "y" not in tint.rows
    shares = FRAME.groupby("whole")["y"].apply(
        lambda part: ((part == "yes").sum() + 20 * tint.overall[1]) / (len(part) + 20)
    )
    rate, rows = tint.over("whole", 1)
    assert (
        rate == pytest.approx(shares.to_numpy())
        and rows.tolist() == FRAME["whole"].value_counts().sort_index().tolist()
    )
    pairs, held = tint.over("whole", 1, step=2)
    assert held.tolist() == [rows[:2].sum(), rows[2:4].sum(), rows[4:6].sum(), rows[6]] and pairs.size == 4


def test_means_of_a_number_over_the_bars_and_only_known_train_rows_count() -> None:
    serve = FRAME.head(50).assign(z=1e6)
    train = FRAME.assign(z=FRAME["z"].where(FRAME.index >= 20))
    made = dataset(train, serve=serve, kinds={"town": "category", "long": "category"}, target="z")
    tint = tinted(made, run("profile", made, {}).columns)
    assert tint is not None and tint.classes == ()
    rate, rows = tint.over("whole")
    known = train.dropna(subset=["z"])
    assert rows.tolist() == known["whole"].value_counts().sort_index().tolist()
    assert rate == pytest.approx(
        (known.groupby("whole")["z"].sum() + 20 * known["z"].mean()).to_numpy() / (rows + 20)
    )


def test_without_a_target_there_is_no_tint() -> None:
    made = data().with_roles(target=None)
    assert tinted(made, run("profile", made, {}).columns) is None
    words = dataset(
        pd.DataFrame({"a": [1, 2, 3], "y": [None, None, None]}, dtype="object"),
        kinds={"y": "category", "a": "category"},
        target="y",
    )
    assert tinted(words, run("profile", words, {}).columns) is None
