import numpy as np
import pandas as pd
import pytest

from core.errors import ColumnError
from core.numerics.scaling import robust
from core.prepare import memo
from core.prepare.features import LEVELS, features, left_out_in_words
from tests.make import dataset

RNG = np.random.default_rng(7)
N = 2000
MIXED = pd.DataFrame(
    {
        "id": [f"r{i}" for i in range(N)],
        "amount": RNG.lognormal(size=N),
        "age": np.where(RNG.random(N) < 0.2, np.nan, RNG.normal(40, 10, N)),
        "sex": RNG.choice(["f", "m"], N),
        "town": RNG.choice([f"t{i}" for i in range(40)], N),
        "member": RNG.random(N) < 0.3,
        "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(RNG.integers(0, 1000, N), unit="D"),
        "note": [" ".join(["word"] * k) for k in RNG.integers(6, 20, N)],
        "same": 1,
        "y": RNG.integers(0, 2, N),
    }
)


def test_every_usable_column_becomes_a_block_and_the_rest_is_left_out():
    made = features(dataset(MIXED, target="y"))
    assert made.names == ("amount", "age", "sex", "town", "member", "since", "note")
    assert made.left_out == ("same",)
    widths = np.bincount(made.block).tolist()
    assert widths == [1, 2, 1, LEVELS + 1, 1, 1, 1]
    assert (
        made.matrix.dtype == np.float32
        and made.matrix.shape == (N, len(made.labels))
        and np.isfinite(made.matrix).all()
    )
    assert made.starts.tolist() == [0, 1, 3, 4, 15, 16, 17]


def test_blocks_contribute_about_equally_to_the_expected_squared_distance():
    frame = MIXED[["age", "sex", "town", "member"]].assign(normal=RNG.normal(size=N))
    made = features(dataset(frame))
    contribution = np.add.reduceat(2 * made.matrix.var(axis=0), made.starts)
    assert np.allclose(contribution, 2.0, rtol=0.15)


def test_the_order_of_rows_changes_no_value():
    order = RNG.permutation(N)
    straight, mixed = features(dataset(MIXED)), features(dataset(MIXED.iloc[order]))
    assert (straight.matrix[order] == mixed.matrix).all() and straight.labels == mixed.labels


def test_a_missing_number_is_the_median_and_says_so():
    made = features(dataset(pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, np.nan, np.inf]})))
    assert made.labels == ("x", "x is missing")
    assert (
        (made.matrix[4:, 0] == 0).all() and (made.matrix[:4, 1] == 0).all() and (made.matrix[4:, 1] > 0).all()
    )


def test_nothing_is_cut_off_but_nothing_overflows():
    values = np.append(RNG.normal(size=999), 1e4)
    assert robust(values).max() > 5000
    for wild in (
        np.array([-1.7e308, 0.0, 1.0, 1.7e308]),
        np.append(values, 1e300),
        np.append(values * 1e-300, 1.0),
    ):
        assert np.isfinite(robust(wild)).all()
    assert robust(np.ones(5)) is None and robust(np.full(5, np.nan)) is None and robust(np.empty(0)) is None


def test_a_rare_level_stands_no_further_out_than_a_few_units():
    made = features(dataset(pd.DataFrame({"c": ["a"] * 9999 + ["b"]})))
    assert made.matrix.max() == pytest.approx(np.sqrt(2 / 0.1))


def test_of_levels_as_rare_as_each_other_none_stands_apart_by_its_name():
    """Of 300 days written as text the first ten of each had a column of its own."""
    days = pd.date_range("2026-01-01", periods=150).strftime("%d.%m.%Y").repeat(2)
    frame = pd.DataFrame({"x": RNG.normal(size=300), "day": days, "word": [*"a" * 40, *"b" * 5, *days[45:]]})
    made = features(dataset(frame))
    assert made.names == ("x", "word") and made.left_out == ("day",)
    assert left_out_in_words(dataset(frame), made.left_out, 3) == [
        "Left out, as hardly a value of theirs occurs five times: 'day'."
    ]
    assert made.labels == ("x", "word = a", "word = b", "word = any other")
    assert (made.matrix[45:, 1:] == made.matrix[45, 1:]).all()


def test_no_rows_and_no_varying_columns_give_an_empty_matrix():
    assert features(dataset(MIXED.iloc[:0])).matrix.shape == (0, 0)
    assert features(dataset(pd.DataFrame({"a": [None, None], "b": [1, 1]}))).matrix.shape == (2, 0)


def test_the_matrix_is_remembered_locked_and_forgotten(monkeypatch):
    data = dataset(MIXED, target="y")
    made = features(data)
    assert features(data) is made and features(data.with_roles(target=None)) is not made
    with pytest.raises(ValueError, match="read-only"):
        made.matrix[0, 0] = 1
    memo.clear()
    assert features(data) is not made
    monkeypatch.setenv("WINNOW_FEATURES_MB", "1")
    big = dataset(pd.concat([MIXED] * 20))
    assert features(big) is not features(big)
    with pytest.raises(ColumnError, match="Did you mean 'town'"):
        features(data, ["tow"])
