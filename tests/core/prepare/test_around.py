"""The nearest rows are those that a full search finds, in whatever order they stand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.prepare import around
from core.prepare.around import surroundings
from core.prepare.encoding import encoded
from core.rowset import RowSet
from core.workspace import load
from tests.images import encoded as image
from tests.images import picture, zipped
from tests.make import dataset


def table(rows: int = 300) -> pd.DataFrame:
    draw = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "height": draw.normal(170, 8, rows),
            "town": draw.choice(["Ghent", "Lyon"], rows),
            "ill": draw.choice(["no", "yes"], rows),
        }
    )


def test_the_nearest_rows_are_those_of_a_full_search_and_the_target_has_no_say() -> None:
    data = dataset(table(), target="ill")
    made = surroundings(data, RowSet(), "ill")
    matrix = encoded(data, ("height", "town")).matrix.whole().astype(float)
    for row in (0, 17, 299):
        rows, far = made.nearest(row)
        every = np.sqrt(((matrix - matrix[row]) ** 2).sum(axis=1))
        every[row] = np.inf
        assert rows.tolist() == np.argsort(every, kind="stable")[:5].tolist()
        assert far == pytest.approx(every[rows], abs=1e-6)


def test_the_order_of_the_rows_does_not_matter() -> None:
    frame = table()
    turn = np.random.default_rng(0).permutation(len(frame))
    made = surroundings(dataset(frame, target="ill"), RowSet(), "ill")
    turned = surroundings(dataset(frame.iloc[turn].reset_index(drop=True), target="ill"), RowSet(), "ill")
    where = np.argsort(turn)
    assert turned.nearest(int(where[40]))[0].tolist() == where[made.nearest(40)[0]].tolist()


def test_of_many_rows_those_asked_about_and_a_sample_are_compared_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(around, "CELLS", 600)
    made = surroundings(dataset(table(), target="ill"), RowSet([5, 250]), "ill")
    assert made.rows.size <= 100 and {5, 250} <= set(made.rows.tolist())
    assert "of 300 rows, a random sample" in made.note and len(made.nearest(250)[0]) == 5
    other = next(row for row in range(300) if row not in made.rows)
    assert not made.nearest(other)[0].size


def test_few_rows_and_columns_that_say_nothing_have_no_more_neighbours_than_there_are() -> None:
    three = surroundings(dataset(table(3), target="ill"), RowSet(), "ill")
    assert sorted(three.nearest(1)[0].tolist()) == [0, 2]
    alone = surroundings(dataset(pd.DataFrame({"ill": ["a", "b"]}), target="ill"), RowSet(), "ill")
    assert not alone.nearest(0)[0].size


def test_pictures_are_compared_by_what_they_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    files = {f"a/{seed}.png": image(picture(seed)) for seed in range(8)}
    files["b/darker.png"] = image((picture(3) * 0.7).astype(np.uint8))
    files["b/broken.png"] = b"no picture"
    data = replace(load(zipped(tmp_path / "drawn.zip", files)), vectors=None)
    names = data.frame([data.of_kind("image")[0]]).iloc[:, 0].astype(str).tolist()
    at = {name: place for place, name in enumerate(names)}
    made = surroundings(data, RowSet())
    assert made.by == "picture" and at["b/broken.png"] not in made.rows
    assert made.nearest(at["b/darker.png"])[0][0] == at["a/3.png"]
