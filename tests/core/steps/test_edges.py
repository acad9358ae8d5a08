"""Rules at the edges of types, of parts and of names: what a second reader found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.decided import as_decided
from core.decision import Decision
from core.errors import SettingError
from core.filters import Filter
from core.review import Review
from core.rowset import RowSet
from core.settled import Settled
from core.steps import settle, typed_step
from core.steps.draws import parted
from core.workspace import load
from tests.make import dataset

ALL = RowSet()


def rule(word: str, column: str = "", rows: RowSet = ALL, **settings: Any) -> Decision:
    return Decision(word, rows, column=column, settings=settings)


def followed(data: Dataset, *steps: Decision) -> tuple[Settled, pd.DataFrame]:
    settled = settle(steps, data)
    return settled, as_decided(data, Review().say(*steps), settled).frame()


@pytest.mark.parametrize(
    ("values", "kind"), [([20200102, 20200103, 20200104], "datetime"), ([0, 1, 5], "boolean")]
)
def test_read_anew_in_some_rows_never_rewrites_the_others(values: list[int], kind: str) -> None:
    settled, frame = followed(
        dataset(pd.DataFrame({"d": values})), rule("read_as", "d", RowSet([0, 1]), kind=kind)
    )
    assert "apply it to all rows" in settled.passed[0]
    assert frame["d"].tolist() == values


@pytest.mark.parametrize(
    ("levels", "shares"),
    [
        ([f"l{i}" for i in range(240)] + ["big"] * 400, (0.15 * 400 / 640, 0.15 * 400 / 640)),
        (np.repeat([f"l{i}" for i in range(60)], 4).tolist(), (0.15, 0.15)),
    ],
)
def test_a_split_by_level_keeps_the_shares_over_all_levels(
    levels: list[str], shares: tuple[float, float]
) -> None:
    frame = pd.DataFrame({"y": levels, "x": np.random.default_rng(0).normal(size=len(levels))})
    _, parted = followed(dataset(frame, target="y"), rule("split", how="by level"))
    got = parted["part"].value_counts(normalize=True)
    assert abs(got["validation"] - shares[0]) < 0.005 and abs(got["test"] - shares[1]) < 0.005
    assert set(parted.loc[parted["part"] == "train", "y"]) == set(levels)


def test_whole_numbers_beyond_a_float_are_different_in_draws() -> None:
    groups = pd.DataFrame({"g": np.repeat(10**17 + np.arange(10), 5), "x": np.arange(50.0)})
    _, drawn = followed(dataset(groups), rule("sample", how="whole groups", amount=10, by="g"))
    assert len(drawn) == 10 and drawn["g"].nunique() == 2
    ids = pd.DataFrame({"id": 10**17 + np.arange(40), "x": np.arange(40.0)})
    for frame in (ids, ids.astype({"id": "uint64"})):
        one, other = (
            sorted(followed(dataset(f, id="id"), rule("sample", amount=5))[1]["x"])
            for f in (frame, frame[::-1].reset_index(drop=True))
        )
        assert one == other and len(one) == 5


def test_a_time_column_that_became_text_is_told_and_passed_over() -> None:
    frame = pd.DataFrame(
        {"t": pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-03"]), "v": [1.0, None, 3.0]}
    )
    data = dataset(frame, time="t")
    settled = settle([rule("read_as", "t", kind="text"), rule("fill", "v", how="previous in time")], data)
    assert settled.passed == {1: "'t' holds text, which is no time; choose dates or numbers."}
    brought = Decision("fill", ALL, column="v", settings={"how": "previous in time"}, learned={"time": "t"})
    assert "is no time" in settle([rule("read_as", "t", kind="text"), brought], data).passed[1]


def _dates(home: Path) -> Dataset:
    file = home / "dates.csv"
    days = [f"{1 + i % 12:02d}/{1 + i % 9:02d}/2020" for i in range(60)]
    pd.DataFrame({"d": days, "n": range(60)}).to_csv(file, index=False)
    return load(file)


@pytest.mark.parametrize(
    "before",
    [rule("fill", "d", how="most frequent"), Decision("relabel", RowSet([0]), "2020-05-05", column="d")],
)
def test_dates_are_not_read_anew_without_their_text(tmp_path: Path, before: Decision) -> None:
    data = _dates(tmp_path)
    anew = rule("read_as", "d", kind="datetime", layout="day/month/year")
    assert settle([anew], data).effects[0].cells > 0
    assert "move this step before it" in settle([before, anew], data).passed[1]
    assert not settle([anew, before], data).passed


def test_numbers_are_read_anew_by_the_marks_that_are_stated(tmp_path: Path) -> None:
    file = tmp_path / "marks.csv"
    pd.DataFrame({"p": [f"1.{100 + i}" for i in range(40)], "n": range(40)}).to_csv(file, index=False)
    data = load(file)
    settled, frame = followed(data, rule("read_as", "p", kind="numeric", decimal="comma", thousands="point"))
    assert frame["p"].tolist() == [1100 + i for i in range(40)]
    assert settled.effects[0].cells == 40


def test_the_row_before_in_time_is_of_train_for_rows_of_train() -> None:
    train = pd.DataFrame({"t": [1.0, 3.0], "v": [5.0, None]})
    serve = pd.DataFrame({"t": [2.0, 4.0], "v": [999.0, None]})
    fill = rule("fill", "v", how="previous in time")
    _, frame = followed(dataset(train, serve=serve, time="t"), fill)
    assert frame["v"].tolist() == [5.0, 5.0, 999.0, 999.0]
    many = pd.DataFrame({"t": np.arange(200.0), "v": [float(i) if i % 3 else None for i in range(200)]})
    steps = (rule("split", how="random"), fill)
    data = dataset(many, time="t")
    _, whole = followed(data, *steps)
    learned = whole[(whole["part"] == "train")]
    known = many["v"].notna() & (whole["part"] == "train")
    for row in learned.index[many.loc[learned.index, "v"].isna()]:
        earlier = np.flatnonzero(known.to_numpy()[:row])
        if earlier.size:
            assert whole.loc[row, "v"] == many.loc[earlier[-1], "v"]


def test_rows_of_an_unknown_group_are_alone() -> None:
    frame = pd.DataFrame({"t": [1.0, 2, 3, 4], "g": ["a", None, None, "a"], "v": [1.0, 2.0, None, None]})
    _, filled = followed(dataset(frame, time="t", group="g"), rule("fill", "v", how="previous in time"))
    assert filled["v"].tolist()[3] == 1.0 and np.isnan(filled["v"].tolist()[2])


def test_what_is_no_number_is_missing_or_refused_and_never_a_value() -> None:
    data = dataset(pd.DataFrame({"v": [1.0, 2, 3, 4]}))
    edits = [Decision("relabel", RowSet([i]), word, column="v") for i, word in enumerate(["nan", "inf"])]
    decided = as_decided(data, Review().say(*edits))
    assert decided.table(["v"]).column(0).to_pylist() == [None, None, 3.0, 4.0]
    for word in ("nan", "inf", "-inf"):
        constant = rule("fill", "v", how="constant", value=word)
        assert "none of the values" in settle([constant], data).passed[0]
        assert settle([rule("map", "v", pairs={"1": word})], data).effects[0].cells == 4  # as text
    endless = dataset(pd.DataFrame({"v": [1.0, np.inf, 3.0]}))
    assert followed(endless, rule("map", "v", pairs={"inf": "9"}))[1]["v"].tolist() == [1.0, 9.0, 3.0]


def test_numbers_beyond_a_float_are_never_rounded() -> None:
    numbers = [2**53 + 1, 2**53 + 3, 3, 1]
    data = dataset(pd.DataFrame({"n": numbers}))
    assert "would round" in settle([rule("clip", "n", low="0.5")], data).passed[0]
    assert "there is no" in settle([rule("clip", "n", low="1e30")], data).passed[0]
    settled, frame = followed(data, rule("clip", "n", low="2", high=str(2**53 + 1)))
    assert frame["n"].tolist() == [2**53 + 1, 2**53 + 1, 3, 2] and settled.effects[0].cells == 2
    unsigned = dataset(pd.DataFrame({"v": pd.array([1, 2, None, 4], "UInt64")}))
    assert settle([rule("fill", "v", how="constant", value="7")], unsigned).effects[0].cells == 1


def test_sampling_of_train_leaves_the_other_parts_of_a_split() -> None:
    data = dataset(pd.DataFrame({"x": np.arange(200.0)}))
    _, frame = followed(data, rule("split"), rule("sample", share=0.5, part="train"))
    assert frame["part"].value_counts().to_dict() == {"train": 70, "validation": 30, "test": 30}


@pytest.mark.parametrize("name", ["part", "group"])
def test_groups_that_leak_are_told_whatever_their_column_is_called(name: str) -> None:
    frame = pd.DataFrame({name: [f"g{i // 4}" for i in range(200)], "x": np.arange(200.0)})
    assert "38 groups" in settle([rule("split", to="fold")], dataset(frame, group=name)).effects[0].note


def test_levels_that_train_has_not_keep_their_place_in_an_order() -> None:
    frame = pd.DataFrame({"v": [1.0, 2, 3] * 2})
    data = dataset(frame, serve=pd.DataFrame({"v": [4.0, 0.0]}))
    _, placed = followed(data, rule("encode", "v", how="ordinal", order="0,1,2,3,4"))
    assert placed["v"].tolist() == [1, 2, 3, 1, 2, 3, 4, 0]
    large = dataset(pd.DataFrame({"v": [1234567.0, 1234568.0] * 4}))
    _, placed = followed(large, rule("encode", "v", how="ordinal", order="1234568,1234567"))
    assert placed["v"].tolist() == [1, 0] * 4
    _, columns = followed(large, rule("encode", "v"))
    assert list(columns) == ["v_1234567", "v_1234568"]


@pytest.mark.parametrize(
    "brought",
    [
        Decision("scale", ALL, column="x", learned={"x": 1}),
        Decision("clip", ALL, column="x", learned={"low": "a"}),
        Decision("encode", ALL, column="x", settings={"how": "ordinal"}, learned={"levels": [[1]]}),
    ],
)
def test_what_was_learned_and_cannot_be_read_is_told(brought: Decision) -> None:
    data = dataset(pd.DataFrame({"x": np.arange(20.0)}))
    assert "cannot be read" in settle([brought], data).passed[0]


def test_what_was_learned_overwrites_no_column() -> None:
    data = dataset(pd.DataFrame({"a": [1.0, None, 3], "a_missing": [7.0, 8, 9]}))
    fill = {"how": "median", "indicator": True}
    brought = Decision("fill", ALL, column="a", settings=fill, learned={"value": 2.0, "marker": "a_missing"})
    assert settle([brought], data).passed == {0: "There is a column 'a_missing' already; rename it first."}


def test_a_column_is_named_whatever_it_is_called() -> None:
    for text, column in (
        ("fill value how=median", "value"),
        ("rename to to=x", "to"),
        ("clip low high=3", "low"),
    ):
        assert typed_step(text).column == column
    with pytest.raises(SettingError, match="twice"):
        typed_step("fill age how=median how=mean")
    with pytest.raises(SettingError, match="needs a column"):
        typed_step("fill how=median")


def test_no_break_and_other_blanks_become_one() -> None:
    data = dataset(pd.DataFrame({"v": ["New York", "New\u00a0York", "New\u2003 York"]}))
    assert followed(data, rule("tidy", "v"))[1]["v"].tolist() == ["New York"] * 3


@pytest.mark.parametrize("kind", ["image", "text", "identifier", "category"])
def test_names_of_image_files_are_not_tidied(kind: Any) -> None:
    """They would be found no more."""
    names = [f"a  b/{at}.PNG" for at in range(20)]
    data = dataset(pd.DataFrame({"file": names, "x": range(20)})).with_kinds({"file": kind})
    settled = settle([rule("tidy", "file")], data)
    assert settled.passed and not settled.effects.get(0)
    words = dataset(pd.DataFrame({"file": ["a  b", *names[1:]], "x": range(20)}))
    assert followed(words, rule("tidy", "file"))[1]["file"][0] == "a b"


def test_two_entries_of_a_list_that_are_one_value_are_refused() -> None:
    data = dataset(pd.DataFrame({"v": [1.0, 2, 3]}))
    assert "are the same value" in settle([rule("map", "v", pairs={"1": "10", "1.0": "20"})], data).passed[0]


def test_edits_of_a_column_that_is_gone_are_not_those_of_another() -> None:
    data = dataset(pd.DataFrame({"c": ["u", "v"] * 10, "n": ["p", "q"] * 10}))
    settled = settle(
        [
            Decision("relabel", RowSet([0, 1, 2]), "v", column="c"),
            rule("encode", "c", how="one-hot"),
            rule("rename", "n", to="c"),
            Decision("relabel", RowSet([5]), "zz", column="c"),
        ],
        data,
    )
    assert settled.changed("c").ids.tolist() == [5]


def test_values_are_typed_as_the_source_writes_them(tmp_path: Path) -> None:
    file = tmp_path / "comma.csv"
    file.write_text("p;n\n" + "\n".join(f"1,{i};{i}" if i % 5 else f";{i}" for i in range(40)))
    data = load(file)
    steps = [rule("fill", "p", how="constant", value="9,5"), rule("clip", "p", low="1,2")]
    settled, frame = followed(data, *steps)
    assert not settled.passed and frame["p"].max() == 9.5 and frame["p"].min() == 1.2


def test_large_units_go_to_train_and_parts_keep_their_shares() -> None:
    groups = ["big"] * 900 + [f"s{i // 5}" for i in range(100)]
    data = dataset(pd.DataFrame({"g": groups, "x": np.arange(1000.0)}), group="g")
    settled, frame = followed(data, rule("split", how="by group", validation=0.0, test=0.05))
    assert frame["part"].value_counts().to_dict() == {"train": 950, "test": 50}
    assert (frame.groupby("g")["part"].nunique() == 1).all() and "off the shares" not in settled.effects[
        0
    ].note
    equal = pd.DataFrame({"x": ["a"] * 700 + [f"u{i}" for i in range(300)]})
    for seed in range(3):
        _, frame = followed(dataset(equal), rule("split", seed=seed))
        assert frame["part"].value_counts().to_dict() == {"train": 700, "validation": 150, "test": 150}
    few = pd.DataFrame({"g": ["a"] * 45 + ["b"] * 45 + ["c"] * 10, "x": np.arange(100.0)})
    note = settle([rule("split", how="by group", validation=0.0)], dataset(few, group="g")).effects[0].note
    assert "test off the shares asked for" in note


def test_a_group_that_does_not_fit_a_sample_is_passed_over() -> None:
    groups = ["big"] * 900 + [f"s{i // 5}" for i in range(100)]
    data = dataset(pd.DataFrame({"g": groups, "x": np.arange(1000.0)}))
    for seed in range(3):
        _, frame = followed(data, rule("sample", how="whole groups", by="g", amount=100, seed=seed))
        assert len(frame) == 100 and "big" not in set(frame["g"])


@pytest.mark.parametrize(
    "steps",
    [
        (Decision("drop", Filter.parse("part is train")), rule("split")),
        (rule("map", "n", pairs={"1": "1.5"}),),
        (rule("sample", amount=0.3, share=1.0),),
        (rule("sample", how="by level", by=["c"]),),
        (rule("drop_repeats", columns=5),),
        (rule("move", "n", place="after", beside=3),),
        (rule("fill", "n", indicator=[1]),),
        (rule("split", seed=0.5),),
    ],
)
def test_a_step_that_cannot_be_followed_takes_no_page_with_it(steps: tuple[Decision, ...]) -> None:
    frame = pd.DataFrame({"n": [1, 2, 2**53 + 1, 4] * 5, "c": ["a", "b"] * 10})
    data = dataset(frame, serve=frame.head(3))
    after = rule("tidy", "c", case="upper")
    settled = settle([*steps, after], data)
    assert list(settled.passed) == [len(steps) - 1]
    assert settled.passed[len(steps) - 1].endswith(".")
    assert as_decided(data, Review().say(*steps, after), settled).table(["c"]).column(0)[0].as_py() == "A"


def test_infinities_of_the_source_are_not_blamed_on_a_rule() -> None:
    data = dataset(pd.DataFrame({"x": [1.0, None, np.inf] * 5}))
    steps = [Decision("drop", Filter.parse("x > 1e300")), rule("fill", "x", how="mean")]
    assert not settle(steps, data).passed
    assert not settle([rule("fill", "x", how="constant", value="2")], data).passed


def test_zero_is_one_value_whatever_its_sign() -> None:
    zeros = dataset(pd.DataFrame({"f": [0.0] * 3 + [-0.0] * 3 + [1.5] * 4 + [None]}))
    assert settle([rule("fill", "f", how="most frequent")], zeros).effects[0].learned == {"value": 0.0}
    for values in ([0.0, -0.0, 1.5] * 4, [-0.0, 0.0, 1.5] * 4):
        learned = settle([rule("encode", "f")], dataset(pd.DataFrame({"f": values}))).effects[0].learned
        assert learned["names"] == ["f_0", "f_1.5"]


def test_a_logarithm_that_a_dropped_row_has_not_is_told() -> None:
    data = dataset(pd.DataFrame({"x": [1.0, -5, 2]}))
    steps = [Decision("drop", RowSet([1])), rule("transform", "x", how="log1p")]
    assert "1 dropped row has no logarithm" in settle(steps, data).effects[1].note


def test_a_time_zone_means_the_same_in_a_split_and_in_a_filter() -> None:
    times = pd.to_datetime(["2024-02-29 18:00", "2024-02-29 20:00", "2024-03-01 02:00"])
    split = PartSplit("time", column="t", value="2024-03-01T00:00+05:00")
    data = dataset(pd.DataFrame({"t": times, "x": [1.0, 2, 3]}), split=split)
    assert np.flatnonzero(data.part_mask("serve")).tolist() == [1, 2]
    assert Filter.parse("t >= 2024-03-01T00:00+05:00").rows(data).ids.tolist() == [1, 2]


def test_large_groups_are_in_every_part_as_often_as_small_ones() -> None:
    sizes = np.r_[np.ones(1500, int), np.full(100, 12)]
    groups = np.repeat(np.arange(sizes.size), sizes)
    frame = pd.DataFrame({"x": np.arange(float(groups.size)), "g": groups})
    large = frame["g"] >= 1500
    shares = [
        (parted(frame, "by group", (0.15, 0.15), "g", ["x"], seed)[large] == 2).mean() for seed in range(20)
    ]
    assert abs(np.mean(shares) - 0.15) < 0.03
