"""What sets rows apart, what is taken away, and mixing on the map."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.analyses.overlap.difference import different
from core.analyses.overlap.weights import rows_csv, weights_csv
from core.analyses.projection.local_mixing import local_mixing
from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.phrases import moment, number_among
from core.prepare.weight_decisions import weight_decisions
from core.review import Review
from core.rowset import RowSet
from core.steps import settle
from core.workspace import load
from tests.images import encoded, picture, zipped
from tests.make import dataset


def _made(rows: int = 2000) -> Dataset:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(rows, 6)), columns=list("abcdef"))
    frame["tail"] = rng.lognormal(0, 3, rows)
    frame["town"] = rng.choice(["Ghent", "Lyon", "Turin"], rows)
    frame["code"] = rng.choice([f"c{i}" for i in range(200)], rows)
    frame["gap"] = np.where(rng.random(rows) < 0.2, np.nan, rng.normal(size=rows))
    frame["code_text"] = [f"{i % 7:03d}" for i in range(rows)]
    return load(frame, name="made")


def test_rows_chosen_by_lot_differ_in_nothing() -> None:
    data = _made()
    alarms = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        rows = RowSet(rng.choice(data.rows, int(rng.integers(3, 900)), replace=False))
        alarms += len(different(data, rows)) > 0
    assert alarms <= 4  # 1 in 100 is promised; 5 of 60 would come once in 2,000


def test_what_sets_rows_apart_comes_first() -> None:
    data = _made()
    frame = data.frame()
    picked = frame.index[(frame["b"] > 1.0) & (frame["town"] == "Lyon")]
    told = different(data, RowSet(picked.to_numpy()))
    assert set(told["column"]) == {"b", "town"}
    line = told.set_index("column").loc["town"]
    assert (line["what"], line["selected"]) == ("share of Lyon", 1.0)
    assert line["effect"] > line["noise"] > 0
    gone = different(data, RowSet(frame.index[frame["gap"].isna()].to_numpy()))
    assert gone.loc[0, ["column", "what", "selected", "rest"]].tolist() == ["gap", "missing", 1.0, 0.0]


@pytest.mark.parametrize("first", ["1650-01-01", "1969-12-31 18:00", "2013-01-01 05:00", "9990-01-01"])
def test_the_median_of_dates_is_a_date(first: str) -> None:
    """Whatever the column's first time: far past, far future, before or after 1970."""
    start = np.datetime64(first, "us")
    when = start + np.arange(600) * np.timedelta64(1, "h").astype("timedelta64[us]")
    frame = pd.DataFrame({"x": np.random.default_rng(0).normal(size=600)})
    table = pa.table({"when": pa.array(when), "x": frame["x"]})
    found = different(dataset(table), RowSet(range(500, 599)))
    line = found.set_index("column").loc["when"]
    assert (line["what"], line["kind"]) == ("median", "datetime")
    assert moment(line["selected"]) == str(when[549].astype("datetime64[s]")).replace("T", " ")
    middle = np.median(np.r_[0:500, 599]) * 3600
    assert line["rest"] == pytest.approx(float(start.astype(np.int64)) + middle * 1e6, abs=1e6)


def test_the_median_of_years_is_a_year_and_that_of_amounts_an_amount() -> None:
    draw = np.random.default_rng(0)
    frame = pd.DataFrame({"year": draw.integers(1998, 2018, 600), "amount": draw.integers(0, 9_000, 600)})
    frame.loc[500:, ["year", "amount"]] = [2019, 8_500]
    lines = different(dataset(frame), RowSet(range(500, 600))).set_index("column")
    shown = {name: number_among(line.selected, line.low, line.high) for name, line in lines.iterrows()}
    assert shown == {"year": "2019", "amount": "8,500"}


def test_the_numbers_shown_carry_the_effect() -> None:
    """Amounts most of which are 0 in both groups: equal medians say nothing of what sets the rows apart."""
    draw = np.random.default_rng(3)
    paid = np.where(draw.random(2_000) < 0.02, draw.uniform(0, 50, 2_000), 0.0)
    paid[1_800:] = np.where(draw.random(200) < 0.4, draw.uniform(400, 600, 200), 0.0)
    wild = draw.normal(size=2_000)
    wild[1_800:] += np.where(draw.random(200) < 0.2, 8.0, -0.3)
    wild[0] = 1e9  # the plain mean of the rest is 1e9 / 1,800: on the other side of the difference
    level = draw.normal(10, 1, 2_000)
    level[1_800:] += 2.0
    frame = pd.DataFrame({"paid": paid, "wild": wild, "level": level})
    lines = different(dataset(frame), RowSet(range(1_800, 2_000))).set_index("column")
    assert lines.loc["paid", "what"] == "mean" and lines.loc["wild", "what"] == "capped mean"
    assert lines.loc["level", "what"] == "median"
    assert lines.loc["paid", "selected"] == pytest.approx(paid[1_800:].mean())
    assert lines.loc["paid", "rest"] == pytest.approx(paid[:1_800].mean())
    assert abs(lines.loc["wild", "rest"]) < 0.1 and 0.5 < lines.loc["wild", "selected"] < 2.0
    assert ((lines["selected"] - lines["rest"]) * lines["effect"] > 0).all(), "to the side of the effect"


def test_all_effects_are_on_one_scale_however_far_or_alike_the_values() -> None:
    """Numbers beyond all others, beside a rest that hardly varies or not at all, beside levels and gaps."""
    draw, rest, few = np.random.default_rng(5), 4_950, 50
    frame = pd.DataFrame(
        {
            "far": np.r_[draw.normal(size=rest), draw.normal(1e9, 1.0, few)],
            "hardly": np.r_[1e-3, np.zeros(rest - 1), np.full(few, 50.0)],
            "constant": np.r_[np.zeros(rest), np.full(few, 7.0)],
            "gap": np.r_[draw.normal(size=rest), np.full(few, np.nan)],
            "level": ["a"] * rest + ["b"] * few,
        }
    )
    lines = different(dataset(frame), RowSet(range(rest, rest + few))).set_index("column")
    assert set(lines.index) == set(frame.columns)
    assert lines["effect"].abs().between(3.0, 10.0).all(), lines["effect"]


def test_nothing_is_said_of_all_rows_or_none() -> None:
    data = _made(50)
    assert (
        different(data, RowSet()).empty
        and different(data, RowSet(range(50))).empty
        and different(data, RowSet([3])).empty
    )


def test_the_column_that_parts_the_rows_says_nothing_of_them() -> None:
    frame = pd.DataFrame({"part": ["a"] * 300 + ["b"] * 300, "x": np.arange(600.0)})
    data = dataset(frame, split=PartSplit("value", column="part", value="b"))
    assert different(data, RowSet(range(450, 600)))["column"].tolist() == ["x"]


def test_rows_taken_away_are_those_asked_for_as_they_stood_in_the_source() -> None:
    data = load(pd.DataFrame({"code": ["007", "010", "3"], "x": [1.5, 2.0, None]}), name="few")
    back = pd.read_csv(
        io.BytesIO(rows_csv(data, np.array([2, 0]), {"support_p": np.array([0.1, 0.2, 0.3])})),
        dtype={"code": str},
    )
    assert back.columns.tolist() == ["row", "support_p", "code", "x"]
    assert (
        back["row"].tolist() == [2, 0]
        and back["code"].tolist() == ["3", "007"]
        and back["support_p"].tolist() == [0.3, 0.1]
    )


def test_weights_become_few_decisions_and_stay_near() -> None:
    data = _made()
    weight = np.random.default_rng(2).lognormal(0, 1, data.rows)
    weight[1500:] = np.nan
    said = weight_decisions(data, weight)
    assert len(said) < 250
    settled = settle(Review().say(*said).decisions, data)
    assert np.isnan(settled.weight[1500:]).all()
    assert np.allclose(settled.weight[:1500], weight[:1500], rtol=0.051, atol=0.0006)
    assert len(pd.read_csv(io.BytesIO(weights_csv(data, weight)))) == 1500


def test_mixing_on_the_map_is_one_by_chance_and_none_between_islands() -> None:
    rng = np.random.default_rng(3)
    points, serve = rng.normal(size=(4000, 2)), rng.random(4000) < 0.2
    assert abs(float(local_mixing(points, serve)[serve].mean()) - 1.0) < 0.03
    points[serve] += 100.0
    assert float(local_mixing(points, serve).max()) == 0.0


def test_images_that_cannot_be_read_are_in_neither_group(tmp_path: Path) -> None:
    """The page says that they are left out, and counted them among the others."""
    files = {f"{'ab'[n % 2]}/{n:02}.png": encoded(picture(n)) for n in range(60)}
    files |= {f"a/x{n}.png": b"no image" for n in range(6)}
    data = load(zipped(tmp_path / "pets.zip", files))
    labels = data.frame(["label"])["label"].to_numpy()
    unread = ~data.pictures.readable
    assert data.without_picture().sum() == unread.sum() == 6
    chosen = RowSet(np.flatnonzero((labels == "a") & ~unread)[:20])
    [line] = [one for one in different(data, chosen).itertuples() if one.column == "label"][:1]
    assert line.what in ("share of a", "share of b")
    share = 10 / 40 if line.what == "share of a" else 30 / 40
    assert line.rest == pytest.approx(share)
    both = different(data, RowSet([*chosen.ids.tolist(), *np.flatnonzero(unread).tolist()]))
    assert both.equals(different(data, chosen))
