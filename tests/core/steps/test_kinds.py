"""Rules that learn: exact against scikit-learn, from train alone, in whatever order rows come; and refused
where they cannot hold, with nothing applied.
"""

from __future__ import annotations

import json
import zlib
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core import load
from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.decision import Decision
from core.rowset import RowSet
from core.steps import nearest, settle
from tests.core.steps.agreement import decided

ALL = RowSet()
DONORS = 2_000


def step(action: str, column: str, **settings: Any) -> Decision:
    return Decision(action, ALL, column=column, settings=settings)


STEPS = [
    *(step("fill", "x", how=how) for how in ("median", "mean", "most frequent", "nearest rows", "iterative")),
    step("fill", "c", how="most frequent"),
    step("fill", "x", how="previous in time"),
    step("clip", "x", how="winsorise", share=0.05),
    *(step("scale", "x", how=how) for how in ("standard", "robust", "min-max")),
    *(step("transform", "x", how=h) for h in ("yeo-johnson", "quantile to normal", "quantile to uniform")),
    *(step("encode", "c", how=how) for how in ("one-hot", "ordinal", "frequency", "target")),
    step("encode", "n", how="target"),
    step("date_parts", "d", days=True, hour=True, quarter=True),
]
IDS = [f"{s.action} {s.column} {s.settings.get('how', '')}" for s in STEPS]


def table(rows: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    x = rng.normal(size=rows) * 10
    frame = pd.DataFrame(
        {
            "x": x,
            "near": x + rng.normal(size=rows),
            "other": rng.normal(size=rows),
            "c": rng.choice(["a", "b", "c", "z"], rows, p=[0.5, 0.3, 0.197, 0.003]),
            "n": rng.integers(0, 5, rows),
            "d": pd.date_range("2020-01-01", periods=rows, freq="7h"),
            "y": rng.integers(0, 2, rows),
            "part": ["train"] * (rows - 60) + ["serve"] * 60,
        }
    )
    frame.loc[::17, "x"] = np.nan
    frame.loc[::13, "near"] = np.nan
    frame.loc[::19, "c"] = None
    return frame


def loaded(frame: pd.DataFrame) -> Dataset:
    data = load(frame).with_roles(target="y", time="d")
    return data.with_split(PartSplit("value", column="part", value="serve")) if "part" in frame else data


def learned(decision: Decision, data: Dataset) -> dict[str, Any]:
    settled = settle([decision], data)
    assert not settled.passed, settled.passed
    return dict(settled.effects[0].learned)


@pytest.mark.parametrize("decision", STEPS, ids=IDS)
def test_nothing_is_learned_from_serve(decision: Decision) -> None:
    frame = table()
    spoilt = frame.copy()
    serve = spoilt["part"] == "serve"
    spoilt.loc[serve, ["x", "near", "other"]] = 1e9
    spoilt.loc[serve, "n"] = 77
    spoilt.loc[serve, "c"] = "only in serve"
    spoilt.loc[serve, "y"] = 1 - spoilt.loc[serve, "y"]
    one, other = learned(decision, loaded(frame)), learned(decision, loaded(spoilt))
    assert json.dumps(one) == json.dumps(other)  # every digit of every number


@pytest.mark.parametrize("decision", STEPS, ids=IDS)
def test_the_order_of_rows_means_nothing(decision: Decision) -> None:
    frame = table()
    order = np.random.default_rng(2).permutation(len(frame))
    one, other = loaded(frame), loaded(frame.iloc[order].reset_index(drop=True))
    assert json.dumps(learned(decision, one)) == json.dumps(learned(decision, other))
    here, there = decided(one, [decision]), decided(other, [decision])
    pd.testing.assert_frame_equal(
        here.iloc[order].reset_index(drop=True),
        there,
        check_exact=decision.settings.get("how") != "nearest rows",
    )


def test_target_encoding_of_keys_says_nothing_of_the_target() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"key": [f"k{i}" for i in range(5_000)], "y": rng.normal(size=5_000)})
    data = load(frame).with_roles(target="y")
    got = decided(data, [step("encode", "key", how="target")])
    assert abs(np.corrcoef(got["key"], frame["y"])[0, 1]) < 0.05
    values = learned(step("encode", "key", how="target"), data)["columns"]["key"][:5_000]
    assert np.corrcoef(values, frame["y"][np.argsort(frame["key"])])[0, 1] > 0.6  # what serve gets


@pytest.mark.parametrize("target", ["binary", "numbers"])
def test_target_encoding_is_that_of_scikit_learn(target: str) -> None:
    from sklearn.model_selection import PredefinedSplit
    from sklearn.preprocessing import TargetEncoder

    frame = table().drop(columns="part")
    if target == "numbers":
        frame["y"] = np.random.default_rng(3).normal(size=len(frame))
    data = loaded(frame)
    decision = step("encode", "c", how="target")
    effect = settle([decision], data).effects[0]
    assert effect.own_code is not None
    folds = _folds(effect.own_code())
    encoder = TargetEncoder(cv=PredefinedSplit(folds), target_type="continuous")
    cells = frame[["c"]].astype(object).where(frame[["c"]].notna(), np.nan)
    want = encoder.fit_transform(cells, frame["y"].astype(float))[:, 0]
    assert np.bincount(folds).tolist() == [60] * 5
    assert np.allclose(decided(data, [decision])["c"], want, rtol=1e-12)
    full = dict(zip(encoder.categories_[0].tolist(), encoder.encodings_[0].tolist(), strict=True))
    got = effect.learned["columns"]["c"]
    assert np.allclose(got[:4], [full[level] for level in "abcz"], rtol=1e-12)
    assert got[-1] == pytest.approx(encoder.target_mean_, rel=1e-12)


def _folds(lines: list[str]) -> Any:
    import base64

    text = lines[0].partition("unpacked(")[2].rpartition(")[place]")[0]
    return np.frombuffer(zlib.decompress(base64.b85decode(eval(text))), np.int8).astype(int)  # noqa: S307


def test_scalers_and_transforms_are_those_of_scikit_learn() -> None:
    from sklearn import preprocessing as pp

    frame = table().drop(columns="part")
    data = loaded(frame)
    for (action, how), want in {
        ("scale", "standard"): pp.StandardScaler(),
        ("scale", "robust"): pp.RobustScaler(),
        ("scale", "min-max"): pp.MinMaxScaler(),
        ("transform", "yeo-johnson"): pp.PowerTransformer(),
        ("transform", "quantile to normal"): pp.QuantileTransformer(
            n_quantiles=282, output_distribution="normal"
        ),
        ("transform", "quantile to uniform"): pp.QuantileTransformer(n_quantiles=282),
    }.items():
        got = decided(data, [step(action, "x", how=how)])["x"]
        near = 1e-5 if how == "yeo-johnson" else 1e-12  # where its search for the power ends
        assert np.allclose(got, want.fit_transform(frame[["x"]])[:, 0], rtol=near, atol=near, equal_nan=True)


def test_one_hot_takes_rare_levels_together_and_makes_at_most_fifty_columns() -> None:
    data = load(pd.DataFrame({"c": [f"l{i % 70}" for i in range(7_000)] + ["often"] * 300 + [None]}))
    names = settle([step("encode", "c")], data).effects[0].added
    assert len(names) == 50 and names[-2:] == ("c_missing", "c_other") and "c_often" in names
    frame = table()
    effect = settle([step("encode", "c", rare=0.02)], load(frame)).effects[0]
    assert effect.added == ("c_a", "c_b", "c_c", "c_missing", "c_other")
    assert (
        decided(load(frame), [step("encode", "c", rare=0.02)])["c_other"].sum() == (frame["c"] == "z").sum()
    )


def test_an_order_of_levels_is_followed() -> None:
    data = load(pd.DataFrame({"size": ["mid", "low", "high", None] * 5}))
    got = decided(data, [step("encode", "size", how="ordinal", order="low, mid, high")])["size"]
    assert got.tolist()[:3] == [1, 0, 2] and got.isna().sum() == 5
    own = load(pd.DataFrame({"size": ["mid, or so", "low", "high", None] * 5}))
    order = 'low, "mid, or so", high'
    got = decided(own, [step("encode", "size", how="ordinal", order=order)])["size"]
    assert set(got.dropna()) == {0, 1, 2}, "a level with a comma of its own"
    passed = settle([step("encode", "size", how="ordinal", order="low, high")], data).passed
    assert "'mid' is not among it" in passed[0]


def test_nearest_rows_are_those_of_scikit_learn_and_donors_are_few() -> None:
    from sklearn.impute import KNNImputer

    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.normal(size=(3_000, 3)), columns=["a", "b", "c"])
    frame["a"] += frame["b"]
    frame.loc[::10, "a"] = np.nan
    data = load(frame)
    decision = step("fill", "a", how="nearest rows")
    effect = settle([decision], data).effects[0]
    donors = np.array(effect.learned["donors"], float)
    assert len(donors) == DONORS and "2,000 rows of train" in effect.note
    columns = effect.learned["columns"]
    mean, scale = np.array(effect.learned["mean"]), np.array(effect.learned["scale"])
    imputer = KNNImputer(n_neighbors=5).fit((donors - mean) / scale)
    want = imputer.transform((frame[columns].to_numpy() - mean) / scale)[:, 0] * scale[0] + mean[0]
    assert np.allclose(decided(data, [decision])["a"], want, rtol=1e-12)


def test_regressions_recover_what_other_columns_say() -> None:
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"b": rng.normal(size=2_000), "c": rng.normal(size=2_000)})
    truth = 3 * frame["b"] - 2 * frame["c"]
    frame["a"] = truth.where(np.arange(2_000) % 7 > 0)
    got = decided(load(frame), [step("fill", "a", how="iterative")])["a"]
    assert np.allclose(got, truth, atol=1e-3)


@pytest.mark.parametrize("bound", ["low", "high"])
def test_whole_numbers_stay_whole_where_bounds_are(bound: str) -> None:
    data = load(pd.DataFrame({"n": pd.array([2**60 + 1, 5, None, 1], dtype="Int64")}))
    got = decided(data, [step("clip", "n", **{bound: "5"})])["n"]
    assert got.dropna().tolist() == ([2**60 + 1, 5, 5] if bound == "low" else [5, 5, 1])


REFUSED = [
    (step("fill", "none", how="median"), "no value in the rows of train"),
    (step("fill", "none", how="nearest rows"), "no value in the rows of train"),
    (step("fill", "c", how="iterative"), "no regression"),
    (step("fill", "x", how="constant", value="many"), "'many' is none of the values"),
    (step("fill", "x", how="constant"), "'' is none of the values"),
    (step("clip", "x"), "Give a lower or an upper bound"),
    (step("clip", "x", low="5", high="1"), "one value at most"),
    (step("clip", "x", low="wide"), "must be a number"),
    (step("scale", "same"), "constant"),
    (step("scale", "mostly", how="robust"), "interquartile range is 0"),
    (step("scale", "huge"), "too large to scale"),
    (step("transform", "huge", how="yeo-johnson"), "No power of Yeo-Johnson"),
    (step("transform", "mostly", how="yeo-johnson"), "would be -"),
    (step("transform", "same", how="quantile to normal"), "constant"),
    (step("transform", "low", how="log1p"), "1 cell of 'low' is not"),
    (step("encode", "keys"), "None of the 240 levels"),
    (step("encode", "y", how="target"), "is the target"),
    (step("encode", "part", how="ordinal"), "parts train from serve"),
    (step("date_parts", "d", year=False, month=False, day=False, weekday=False), "at least one part"),
    (step("date_parts", "x"), "kind numeric"),
]


@pytest.mark.parametrize(("decision", "said"), REFUSED, ids=[f"{d.action} {d.column}" for d, _ in REFUSED])
def test_what_cannot_hold_is_said_in_one_sentence(decision: Decision, said: str) -> None:
    frame = table()
    frame["none"] = np.where(frame["part"] == "serve", 1.0, np.nan)
    frame["same"] = 3.0
    frame["mostly"] = [0.0] * (len(frame) - 100) + [1.0] + [0.0] * 99
    frame["huge"] = frame["other"].to_numpy()
    frame.loc[0, "huge"] = 1e200
    frame["low"] = frame["x"].abs()
    frame.loc[1, "low"] = -1.0
    frame["keys"] = [f"k{i}" for i in range(len(frame))]
    data = loaded(frame)
    settled = settle([decision], data)
    assert said in settled.passed[0] and settled.passed[0].count(". ") <= 1
    assert not settled.effects and not settled.contents
    pd.testing.assert_frame_equal(decided(data, [decision]), data.frame(), check_names=False)


def test_target_encoding_needs_a_target_and_five_rows() -> None:
    frame = table()
    encode = step("encode", "c", how="target")
    assert "needs a target" in settle([encode], load(frame)).passed[0]
    few = load(frame.head(4)).with_roles(target="y")
    assert "at least 5 rows" in settle([encode], few).passed[0]


def test_one_hot_of_a_hundred_thousand_levels_is_refused() -> None:
    data = load(pd.DataFrame({"c": [f"k{i}" for i in range(100_000)]}))
    assert "None of the 100,000 levels" in settle([step("encode", "c")], data).passed[0]


def test_nearest_rows_in_blocks_are_those_of_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(3)
    matrix = draw.normal(size=(90, 4))
    matrix[draw.random(matrix.shape) < 0.1] = np.nan
    donors = matrix[~np.isnan(matrix[:, 0])].tolist()
    names = list("abcd")
    mean, scale = np.nanmean(matrix, axis=0).tolist(), np.nanstd(matrix, axis=0).tolist()
    matrix[:, 0] = np.nan
    monkeypatch.setattr(nearest, "BLOCK", 7)
    learned = {"columns": names, "donors": donors, "mean": mean, "scale": scale}
    whole = nearest.nearest_filler(names, donors, mean, scale).transform(pd.DataFrame(matrix, columns=names))
    assert np.allclose(nearest.fill_nearest(matrix, learned), whole["a"], rtol=1e-12)
