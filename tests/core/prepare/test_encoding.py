"""The vectors by which the parts of a data set are compared."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.errors import ColumnError
from core.prepare.encoding import BEND, comparable, encoded
from tests.make import dataset

DRAW = np.random.default_rng(0)


def table(n: int = 400) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "normal": DRAW.normal(50, 10, n),
            "long": DRAW.lognormal(0, 2, n),
            "gaps": np.where(DRAW.random(n) < 0.3, np.nan, DRAW.normal(size=n)),
            "word": DRAW.choice(["a", "b", "c"], n),
            "flag": DRAW.random(n) < 0.5,
            "when": pd.date_range("2024-01-01", periods=n, freq="h"),
            "same": 1.5,
        }
    )


def test_every_column_weighs_the_same() -> None:
    made = encoded(dataset(table()))
    assert made.names == ("normal", "long", "gaps", "word", "flag")
    assert set(made.left_out) == {"when", "same"}
    spread = np.bincount(made.block, made.matrix.whole().var(axis=0, dtype=float))
    np.testing.assert_allclose(spread, 1.0, rtol=1e-5)


def test_one_far_value_does_not_own_the_distances() -> None:
    given = table()
    far = given.assign(normal=given["normal"].where(given.index != 7, 1e12))
    before, after = (encoded(dataset(frame)).matrix.whole()[:, 0] for frame in (given, far))
    assert after[7] <= BEND * 1.2
    np.testing.assert_allclose(np.delete(before, 7), np.delete(after, 7), atol=0.1)


def test_fitted_on_train_it_marks_what_train_never_saw() -> None:
    train, serve = table(200), table(50).assign(word="z")
    made = encoded(dataset(train, serve=serve), fit="train")
    new = made.matrix.whole()[:, made.labels.index("word is new")]
    assert (new[:200] == 0).all() and (new[200:] > 0).all()
    assert "word is new" not in encoded(dataset(train, serve=serve), fit="all").labels
    alone = encoded(dataset(train)).matrix.whole()[:, 0]
    np.testing.assert_allclose(made.matrix.whole()[:200, made.labels.index("normal")], alone, rtol=1e-6)


def test_order_of_rows_does_not_matter() -> None:
    given = table().assign(note=[f"word{i % 7} and some more{i % 11} text" for i in range(400)])
    order = DRAW.permutation(400)
    kinds = {"note": "text"}
    before = encoded(dataset(given, kinds=kinds)).matrix.whole()
    after = encoded(dataset(given.iloc[order].reset_index(drop=True), kinds=kinds)).matrix.whole()
    np.testing.assert_array_equal(before[order], after)


def test_texts_that_share_words_lie_together() -> None:
    words = [f"cheap flight offer {i % 5}" for i in range(50)] + [
        f"engine trouble report {i % 5}" for i in range(50)
    ]
    matrix = (
        encoded(dataset(pd.DataFrame({"note": words}), kinds={"note": "text"})).matrix.whole().astype(float)
    )
    far = ((matrix[:, None] - matrix[None]) ** 2).sum(axis=2)
    assert far[:50, :50].mean() < 0.5 * far[:50, 50:].mean()


def test_hostile_columns() -> None:
    frame = pd.DataFrame(
        {"gone": [np.nan] * 6, "big": [1e308, -1e308, 0, np.inf, 1, np.nan], "one": ["a"] * 5 + [None]}
    )
    made = encoded(dataset(frame, kinds={"gone": "numeric"}))
    assert np.isfinite(made.matrix.whole()).all() and "gone" in made.left_out
    only_serve = encoded(
        dataset(
            frame[["gone"]].astype(float), serve=pd.DataFrame({"gone": [1.0, 2.0]}), kinds={"gone": "numeric"}
        ),
        fit="train",
    )
    assert only_serve.labels == ("gone is missing",)
    with pytest.raises(ColumnError):
        encoded(dataset(frame), ["nope"])


def test_a_few_rows_are_encoded_as_they_are_among_all() -> None:
    made = dataset(table(), serve=table(100).assign(word="z"))
    rows, known = DRAW.permutation(500)[:200], np.zeros(500, bool)
    known[rows[rows < 400]] = True
    whole, some = encoded(made, fit=known), encoded(made, fit=known, rows=rows)
    assert some.labels == whole.labels and some.matrix.shape == (200, whole.matrix.shape[1])
    np.testing.assert_array_equal(some.matrix.whole(), whole.matrix[rows])


def test_the_parting_column_is_left_out() -> None:
    from core.dataset.split import PartSplit

    made = dataset(table(), split=PartSplit("value", column="word", value="c"))
    assert "word" not in comparable(made)


def test_of_levels_as_rare_as_each_other_none_stands_apart_by_its_name() -> None:
    words = [*"a" * 40, *"b" * 5, *(f"w{i}" for i in range(355))]
    made = encoded(dataset(table().assign(word=words)))
    assert [one for one in made.labels if one.startswith("word")] == [
        "word = a",
        "word = b",
        "word = any other",
    ]
    assert set(encoded(dataset(table().assign(word=[f"w{i // 2}" for i in range(400)]))).left_out) >= {"word"}
