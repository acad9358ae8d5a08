"""Repeats dropped, against pandas; which row stays; train and serve."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import load
from core.dataset.split import PartSplit
from tests.core.steps.acting import after, refused, rule, values
from tests.core.steps.agreement import assert_equal, decided, script
from tests.examples import examples
from tests.make import at_most, dataset

CELLS = st.lists(
    st.tuples(
        st.sampled_from([None, 0.0, -0.0, 1.5]),
        st.sampled_from([None, "a", "b", "é"]),
        st.sampled_from([None, 1.0, 2.0, 3.0]),
    ),
    min_size=1,
    max_size=30,
)


def frame_of(rows: list[tuple[float | None, str | None, float | None]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["x", "t", "n"])
    return frame.astype({"x": "float64", "t": "object", "n": "float64"}).assign(at=range(len(frame)))


@settings(max_examples=examples(20))
@given(CELLS, st.sampled_from(["first", "last"]), st.sampled_from([("x",), ("t", "x"), ("x", "t", "n")]))
def test_they_are_those_of_pandas(
    rows: list[tuple[object, ...]], keep: str, columns: tuple[str, ...]
) -> None:
    frame = frame_of(rows)  # type: ignore[arg-type]
    data, settled = after(frame, rule("drop_repeats", columns=list(columns), keep=keep))
    plain = frame.drop_duplicates(list(columns), keep=keep)  # type: ignore[arg-type]
    assert values(data, "at") == plain["at"].tolist()
    assert len(settled.dropped) == len(frame) - len(plain)
    assert values(after(frame, rule("drop_repeats", aside=["at"]))[0], "at") == (
        frame.drop_duplicates(["x", "t", "n"])["at"].tolist()
    )


@settings(max_examples=examples(20))
@given(CELLS, st.sampled_from(["highest", "lowest"]), st.randoms(use_true_random=False))
def test_the_best_stays_whatever_the_order(rows: list[tuple[object, ...]], keep: str, random: object) -> None:
    frame = frame_of(rows).drop(columns="at")  # type: ignore[arg-type]
    best = rule("drop_repeats", columns=["x"], keep=keep, by="n")
    kept = after(frame, best)[0].frame()
    grouped = frame.assign(x=frame["x"] + 0.0).groupby("x", dropna=False)["n"]
    wanted = grouped.max() if keep == "highest" else grouped.min()
    assert sorted(kept["n"].fillna(99.0)) == sorted(wanted.fillna(99.0)) and len(kept) == len(wanted)
    order = list(range(len(frame)))
    random.shuffle(order)  # type: ignore[attr-defined]
    other = after(frame.iloc[order].reset_index(drop=True), best)[0].frame()
    assert told(kept) == told(other)


def told(frame: pd.DataFrame) -> list[str]:
    return sorted(map(repr, frame.assign(x=frame["x"] + 0.0).astype(object).fillna("-").values.tolist()))


def test_train_and_serve_are_looked_at_apart_or_together() -> None:
    train, serve = pd.DataFrame({"x": [1, 1, 2]}), pd.DataFrame({"x": [2, 3, 3]})
    data = dataset(train, serve=serve)
    assert list(after(data, rule("drop_repeats"))[1].dropped) == [1, 5]
    for keep, gone in (("first", [1, 3, 5]), ("last", [0, 3, 4])):
        across = rule("drop_repeats", across=True, keep=keep)
        assert list(after(data, across)[1].dropped) == gone, "a row of train never goes for one of serve"
    for keep, gone in (("first", [1, 2, 5]), ("last", [0, 2, 4])):
        across = rule("drop_repeats", across=True, keep=keep, part="serve")
        assert list(after(data, across)[1].dropped) == gone, "a row of serve never goes for one of train"


PARTED = pd.DataFrame(
    {
        "x": [1.0, 1.0, np.nan, 2.0, 1.0, np.nan, 3.0, 3.0, 4.0],
        "from": ["a", "a", "b", "b", "s", "s", "s", "s", "s"],
    }
)


@pytest.mark.parametrize(("part", "gone"), [("train", [1, 4, 5, 7]), ("serve", [0, 1, 2, 7])])
def test_rows_of_the_other_part_repeat_whatever_parts_them(part: str, gone: list[int]) -> None:
    """Rows 4 and 5 are 0 and 2 but for the column that parts them, and 9 is 3 but for it."""
    table = pd.concat([PARTED, pd.DataFrame({"x": [2.0], "from": ["a"]})], ignore_index=True)
    data = dataset(table, split=PartSplit("value", column="from", value="s"))
    across = rule("drop_repeats", across=True, part=part)
    settled = after(data, across)[1]
    assert list(settled.dropped) == gone, "within train the column counts: rows 3 and 9 stay"
    assert settled.effects[0].learned["apart"] == ["from"]
    assert list(after(data, rule("drop_repeats"))[1].dropped) == [1, 7]
    assert list(after(data, rule("drop_repeats", across=True, columns=["x", "from"]))[1].dropped) == [1, 7]
    before = replace(across, learned={"columns": ["x", "from"], "added": []})
    assert list(after(data, before)[1].dropped) == [1, 7], "a recipe does what it did"
    clean = script(data, (across,)).clean
    assert_equal(clean(data.frame(), rows=True), decided(data, (across,)))


def test_rows_of_the_other_part_repeat_whatever_only_one_part_has(tmp_path: Path) -> None:
    train = pd.DataFrame({"x": [1, 2, 3] * 4, "t": list("abcdefghijkl"), "y": [0, 1] * 6})
    serve = train.iloc[[2, 5]].drop(columns="y").assign(new=[7, 8])
    other = pd.DataFrame({"x": [9, 3], "t": ["z", "zz"], "new": [1, 1]})
    train.to_csv(tmp_path / "train.csv", index=False)
    pd.concat([serve, other]).to_csv(tmp_path / "serve.csv", index=False)
    data = load(tmp_path / "train.csv", serve=tmp_path / "serve.csv", target="y")
    across = rule("drop_repeats", across=True, part="serve")
    assert list(after(data, across)[1].dropped) == [2, 5] and not len(
        after(data, rule("drop_repeats"))[1].dropped
    )
    assert_equal(script(data, (across,)).clean(data.frame(), rows=True), decided(data, (across,)))
    renamed = [rule("rename", column=one, to=f"{one}s") for one in ("x", "y", "new")]
    settled = after(data, *renamed, across)[1]
    assert list(settled.dropped) == [2, 5], "a column that a part lacks, by whatever name"
    assert settled.effects[3].learned["apart"] == ["ys", "news"]
    swapped = [rule("rename", column=one, to=other) for one, other in (("y", "z"), ("t", "y"), ("z", "t"))]
    assert list(after(data, *swapped, across)[1].dropped) == [2, 5], "its former name is another's"


def test_rows_and_columns_that_are_gone_do_not_count() -> None:
    from core.decision import Decision
    from core.rowset import RowSet

    frame = pd.DataFrame({"x": [1, 1, 2, 2], "id": [1, 2, 3, 4]})
    assert not len(after(frame, rule("drop_repeats"))[1].dropped)
    gone = (Decision("omit", RowSet(), column="id"), Decision("drop", RowSet([0])))
    assert list(after(frame, *gone, rule("drop_repeats"))[1].dropped) == [0, 3]


@pytest.mark.parametrize(
    ("given_", "sentence"),
    [
        ({"columns": ["q"]}, "There is no column 'q'"),
        ({"aside": ["q"]}, "There is no column 'q'"),
        ({"aside": ["x", "t"]}, "at least one column"),
        ({"keep": "highest"}, "Give the column of which the highest value is kept."),
        ({"keep": "lowest", "by": "t"}, "'t' holds text, which has no lowest"),
        ({"keep": "best"}, "keep must be one of"),
    ],
)
def test_bad_input_is_told_in_one_sentence(given_: dict[str, object], sentence: str) -> None:
    frame = pd.DataFrame({"x": [1, 1], "t": ["a", "a"]})
    assert sentence in refused(frame, rule("drop_repeats", **given_))


def test_a_million_rows_take_seconds() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"c{i}": rng.integers(0, 40, 300_000).astype(float) for i in range(3)})
    data = dataset(frame)
    with at_most(15):  # a third of a second
        _, settled = after(data, rule("drop_repeats"))
    assert len(settled.dropped) == int(frame.duplicated().sum())
