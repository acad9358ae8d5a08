"""Rows sampled and parted: how many, which, whatever their order; equal rows and groups in one part."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.decision import Decision
from core.rowset import RowSet
from core.steps.content_keys import hashed_texts, hashed_values
from tests.core.steps.acting import after, refused, rule, values
from tests.make import dataset

N = 600
DRAW = np.random.default_rng(2)
FRAME = pd.DataFrame(
    {
        "x": DRAW.normal(0, 1, N).round(2),
        "level": DRAW.choice(["a", "b", "c", None], N, p=[0.6, 0.3, 0.08, 0.02]),
        "group": DRAW.integers(0, 60, N).astype(float),
        "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(DRAW.integers(0, 300, N), unit="D"),
    }
)
FRAME.loc[590:, ["x", "level", "group", "day"]] = FRAME.loc[0:9, ["x", "level", "group", "day"]].to_numpy()
FRAME = FRAME.astype({"x": "float64", "group": "float64", "day": "datetime64[us]"})
SHUFFLED = FRAME.sample(frac=1.0, random_state=1).reset_index(drop=True)
WAYS = [("random", ""), ("by level", "level"), ("whole groups", "group"), ("latest", "day")]


def sampled(frame: pd.DataFrame, **settings: object) -> pd.DataFrame:
    data, settled = after(frame, rule("sample", **settings))
    return data.frame().set_axis((RowSet(range(len(frame))) - settled.dropped).ids)


@pytest.mark.parametrize(("how", "by"), WAYS)
def test_as_many_rows_as_wanted_whatever_their_order(how: str, by: str) -> None:
    made = [sampled(frame, how=how, by=by, amount=90) for frame in (FRAME, SHUFFLED)]
    told = [sorted(map(repr, one.astype(object).fillna("-").values.tolist())) for one in made]
    assert told[0] == told[1]
    assert len(made[0]) == 90 if how != "whole groups" else 90 - 25 < len(made[0]) <= 90
    other = sampled(FRAME, how=how, by=by, amount=90, seed=1)
    assert (len(other.index.difference(made[0].index)) > 20) == (how != "latest")


def test_levels_keep_their_shares_groups_stay_whole_and_the_latest_are_the_latest() -> None:
    levels = sampled(FRAME, how="by level", by="level", share=0.2)["level"].value_counts(dropna=False)
    exact = FRAME["level"].value_counts(dropna=False) * 0.2
    assert levels.sum() == 120 and all(abs(levels - exact) < 1)
    groups = sampled(FRAME, how="whole groups", by="group", amount=90)["group"]
    sizes = groups.value_counts()
    assert (sizes == FRAME["group"].value_counts()[sizes.index]).all()
    days = sampled(FRAME, how="latest", by="day", amount=90)["day"]
    assert days.min() >= FRAME["day"].sort_values().iloc[-90]


def test_a_random_sample_is_even() -> None:
    hits = np.zeros(N)
    for seed in range(60):
        hits[sampled(FRAME[["x", "group"]], amount=120, seed=seed).index] += 1
    assert abs(hits.mean() - 12) < 1e-9 and hits.std() < 1.25 * np.sqrt(60 * 0.2 * 0.8)


def test_texts_are_hashed_as_pandas_hashes_them() -> None:
    texts = [*("é" * k for k in range(40)), *("x" * k for k in (0, 1, 7, 8, 9, 255, 256, 257, 900)), "\x00"]
    wanted = pd.util.hash_array(np.array(texts, object), categorize=False)
    for first in (0, 3, len(texts)):
        arrow = pa.array(texts, pa.large_string()).slice(first)
        assert hashed_texts(arrow).tolist() == wanted[first:].tolist()
    levels = pd.Series(["a", None, "é"] * 90 + texts, dtype="str")  # few of them first: by level
    assert hashed_values(levels).tolist() == [*hashed_values(levels[:3]).tolist()] * 90 + wanted.tolist()


def test_parts_are_drawn_from_alone_and_the_identifier_fixes_the_draw() -> None:
    data = dataset(FRAME, serve=FRAME.head(50))
    assert after(data, rule("sample", amount=90, part="train"))[0].parts == {"train": 90, "serve": 50}
    assert after(data, rule("sample", amount=10, part="serve"))[0].parts == {"train": N, "serve": 10}
    numbered = FRAME.assign(id=[f"n{i}" for i in range(N)])
    one = after(dataset(numbered, id="id"), rule("sample", amount=90))
    other = after(dataset(numbered.assign(x=0.0), id="id"), rule("sample", amount=90))
    assert one[1].dropped == other[1].dropped and one[1].effects[0].learned["columns"] == ["id"]


def test_rows_that_are_gone_are_not_drawn() -> None:
    gone = Decision("drop", RowSet(range(300)))
    data, settled = after(FRAME, gone, rule("sample", amount=100))
    assert data.rows == 100 and settled.effects[1].note == "100 rows of 300 stay."


def parts(frame: pd.DataFrame, **settings: object) -> pd.Series:  # type: ignore[type-arg]
    data, _ = after(frame, rule("split", **settings))
    return pd.Series(values(data, "part"))


@pytest.mark.parametrize(("how", "by"), [("random", ""), ("by level", "level"), ("by group", "group")])
def test_equal_rows_and_groups_stay_in_one_part_whatever_the_order(how: str, by: str) -> None:
    settings = {"how": how, "by": by, "validation": 0.2, "test": 0.1}
    made, other = parts(FRAME, **settings), parts(SHUFFLED, **settings)
    shares = made.value_counts(normalize=True)
    assert abs(shares["validation"] - 0.2) < 0.04 and abs(shares["test"] - 0.1) < 0.04
    content = FRAME.astype(object).fillna("-").apply(tuple, axis=1)
    assert made.groupby(content).nunique().max() == 1
    told = [sorted(zip(map(repr, f.astype(object).fillna("-").values.tolist()), p, strict=True))
            for f, p in ((FRAME, made), (SHUFFLED, other))]  # fmt: skip
    assert told[0] == told[1]
    if how == "by group":
        assert made.groupby(FRAME["group"]).nunique().max() == 1
    if how == "by level":
        assert abs((made[FRAME["level"] == "b"] == "validation").mean() - 0.2) < 0.02


def test_in_time_train_is_first_and_leaks_are_told() -> None:
    frame = FRAME.drop(columns="day").assign(day=FRAME["day"], n=1)
    made = parts(frame, how="in time", by="day")
    assert frame["day"][made == "train"].max() < frame["day"][made == "validation"].min()
    assert frame["day"][made == "validation"].max() < frame["day"][made == "test"].min()
    assert abs((made == "test").mean() - 0.15) < 0.03
    data = dataset(frame, group="group", time="day")
    note = after(data, rule("split", how="in time"))[1].effects[0].note
    several = int(pd.Series(frame["group"]).groupby(frame["group"]).size().size)
    assert note.startswith("Rows: ") and "groups of 'group' are in more than one part" in note and several
    same = pd.DataFrame({"a": [1, 1, 1, 1], "day": pd.date_range("2020-01-01", periods=4)})
    twins = dataset(same, kinds={"day": "identifier"})
    note = after(twins, rule("split", how="in time", by="day", test=0.25, validation=0.25))[1].effects[0].note
    assert "2 rows outside train equal one of train in all features" in note


def test_later_rules_learn_from_the_new_train_alone() -> None:
    data, settled = after(FRAME, rule("split", seed=3), rule("fill", "x", how="mean"))
    train = data.frame()
    assert settled.effects[1].learned["value"] == pytest.approx(train["x"][train["part"] == "train"].mean())


def test_rows_of_serve_are_named_so() -> None:
    data = after(dataset(FRAME, serve=FRAME.head(7)), rule("split"))[0]
    assert values(data, "part")[N:] == ["serve"] * 7 and "serve" not in values(data, "part")[:N]
    assert data["part"].kind == "category" and data.names[-1] == "part"


@pytest.mark.parametrize(
    ("action", "settings", "sentence"),
    [
        ("sample", {"how": "latest"}, "Give the column for 'latest', or choose one as the role 'time'."),
        ("sample", {"how": "latest", "by": "level"}, "which is no time"),
        ("sample", {"how": "by level", "by": "q"}, "There is no column 'q'"),
        ("sample", {"share": 2.0}, "share must lie between 0 and 1"),
        ("sample", {"part": "serve"}, "no rows of 'serve'"),
        ("split", {"validation": 0.9, "test": 0.9}, "take over 95% of the rows"),
        ("split", {"validation": 0.0, "test": 0.0}, "Give validation or test a share"),
        ("split", {"to": "x"}, "a name that no other has"),
        ("split", {"how": "by group"}, "Give the column for 'by group'"),
    ],
)
def test_bad_input_is_told_in_one_sentence(action: str, settings: dict[str, object], sentence: str) -> None:
    assert sentence in refused(FRAME, rule(action, **settings))


def test_a_part_that_would_be_empty_is_refused() -> None:
    assert "Nothing would be in" in refused(pd.DataFrame({"x": [1.0, 1.0, 1.0]}), rule("split"))
