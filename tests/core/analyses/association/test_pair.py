"""Two columns together: counts and quantiles against slow counting, and numbers that are those of the
association.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.analyses.association.pair import SHARES, Boxes, Density, LevelTable, pair_view
from core.analyses.association.pair_numbers import pair_numbers
from core.errors import ColumnError, TooSmallError
from core.run import run
from tests.make import dataset

RNG = np.random.default_rng(3)
N = 600


def mixed() -> pd.DataFrame:
    x = RNG.normal(size=N)
    frame = pd.DataFrame(
        {"x": x, "y": x + RNG.normal(size=N), "whole": RNG.integers(0, 9, N), "two": RNG.integers(0, 2, N)}
    )
    frame["when"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(0, 10_000, N), unit="h")
    frame["town"] = RNG.choice(["Ghent", "Lyon", "Turin"], N, p=[0.2, 0.5, 0.3])
    frame["many"] = RNG.choice([f"level {i:02d}" for i in range(30)], N)
    frame.loc[:9, "x"] = np.nan
    frame.loc[5:19, "town"] = None
    frame.loc[30, "y"] = np.inf
    return frame


FRAME = mixed()
DATA = dataset(FRAME, kinds={"many": "category"})


def test_numbers_are_counted_in_cells_and_followed_by_quantiles() -> None:
    view = pair_view(DATA, "x", "y")
    assert isinstance(view, Density)
    known = FRAME[np.isfinite(FRAME["x"]) & np.isfinite(FRAME["y"])]
    slow, _, _ = np.histogram2d(known["x"], known["y"], [view.left.edges, view.right.edges])
    assert view.counts.tolist() == slow.astype(int).tolist()
    assert view.n == len(known) == view.counts.sum() + view.beyond
    assert (np.diff(view.at) > 0).all() and view.spread.shape == (view.at.size, len(SHARES))
    assert np.corrcoef(view.at, view.spread[:, 2])[0, 1] > 0.9, "the medians rise with the left column"


def test_a_far_value_does_not_flatten_the_picture() -> None:
    far = FRAME.assign(y=FRAME["y"].where(FRAME.index != 50, 1e9))
    view = pair_view(dataset(far), "x", "y")
    assert isinstance(view, Density) and view.beyond >= 1 and view.right.edges[-1] < 100


@pytest.mark.parametrize("pair", [("x", "town"), ("town", "x")])
def test_numbers_meet_levels_in_quantiles_per_level(pair: tuple[str, str]) -> None:
    view = pair_view(DATA, *pair)
    assert isinstance(view, Boxes) and (view.number, view.group) == ("x", "town")
    known = FRAME.dropna(subset=["x", "town"])
    assert view.labels == tuple(known["town"].value_counts().index)
    for label, rows, spread in zip(view.labels, view.rows, view.spread, strict=True):
        part = known.loc[known["town"] == label, "x"]
        assert rows == len(part) and np.allclose(spread, part.quantile(SHARES))


def test_levels_meet_levels_in_counts_and_rare_ones_stand_together() -> None:
    view = pair_view(DATA, "many", "two")
    assert (
        isinstance(view, LevelTable) and len(view.left_labels) == 13 and view.left_labels[-1] == "18 others"
    )
    first = view.left_labels[0]
    slow = FRAME.loc[FRAME["many"] == first, "two"].value_counts()
    assert view.counts[0].tolist() == [slow[int(label)] for label in view.right_labels]
    assert view.counts.sum() == view.n == N


def test_times_are_seconds_since_1970() -> None:
    view = pair_view(DATA, "when", "y")
    assert isinstance(view, Density) and view.left.time and not view.right.time
    seconds = (FRAME["when"] - pd.Timestamp("1970-01-01")).dt.total_seconds()
    assert view.left.edges[0] <= seconds.min() and seconds.max() <= view.left.edges[-1]
    assert seconds.min() <= view.at[0] <= view.at[-1] <= seconds.max()


@pytest.mark.parametrize("pair", [("x", "y"), ("x", "town"), ("town", "many"), ("whole", "two")])
def test_the_numbers_are_those_of_the_association(pair: tuple[str, str]) -> None:
    table = run("association", DATA, {}).frame().set_index(["left", "right"]).loc[pair]
    told = pair_numbers(DATA, *pair)
    assert told is not None
    assert (told.value, told.noise, told.n) == pytest.approx((table["value"], table["noise95"], table["n"]))
    rest = ["pearson", "u_right_given_left", "u_left_given_right", "eta"]
    assert tuple(told[4:]) == pytest.approx(tuple(table[rest]), nan_ok=True)


def test_nothing_depends_on_the_order_of_rows() -> None:
    turned = dataset(FRAME.sample(frac=1, random_state=1), kinds={"many": "category"})
    for pair in (("x", "y"), ("x", "many"), ("many", "town")):
        one, other = pair_view(DATA, *pair), pair_view(turned, *pair)
        for name, value in vars(one).items():
            if isinstance(value, np.ndarray):
                assert np.array_equal(value, vars(other)[name]), name


def test_what_cannot_be_paired_is_said() -> None:
    words = dataset(
        pd.DataFrame({"a": [1.0, None, 2.0, None], "b": [None, 1.0, None, 3.0], "words": ["w"] * 4}),
        kinds={"words": "text"},
    )
    with pytest.raises(TooSmallError, match="both known in 0 rows"):
        pair_view(words, "a", "b")
    with pytest.raises(ColumnError):
        pair_view(words, "a", "words")
    assert pair_numbers(words, "a", "b") is None


def test_the_gaps_of_a_tick_are_a_level() -> None:
    draw = np.random.default_rng(4)
    frame = pd.DataFrame({"x": draw.normal(size=300), "town": draw.choice(["a", "b"], 300)})
    frame["tick"] = np.where(draw.random(300) < 0.3, 1.0, np.nan)
    frame["same"] = frame["tick"].map({1.0: "missing"})
    data = dataset(frame)
    boxes, cells, both = (
        pair_view(data, *pair) for pair in (("x", "tick"), ("tick", "town"), ("tick", "same"))
    )
    assert isinstance(boxes, Boxes) and boxes.labels == ("missing", "1") and boxes.n == 300
    assert isinstance(cells, LevelTable) and cells.counts.sum(axis=1).tolist() == [
        frame["tick"].isna().sum(),
        frame["tick"].notna().sum(),
    ]
    assert (
        isinstance(both, LevelTable)
        and both.right_labels == ("(missing)", "missing")
        and np.trace(both.counts) == 300
    )
    numbers = pair_numbers(data, "tick", "same")
    assert numbers is not None and numbers.value == pytest.approx(1.0) and numbers.n == 300
