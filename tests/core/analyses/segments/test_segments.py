import numpy as np
import pandas as pd
import pytest

from components.figures.segments import alt_ratios, segment_ratios
from core.analyses.segments.analysis import ANALYSIS, _mirrored
from core.analyses.segments.section import section
from core.analyses.segments.settings import SegmentsSettings
from core.errors import Cancelled
from core.numerics.rules import share_ratio
from core.phrases import percent
from core.prepare.regions import regions
from core.progress import Progress
from tests.make import dataset

CONTRACT = [
    "segment",
    "rule",
    "train",
    "serve",
    "ratio",
    "low",
    "high",
    "p",
    "q",
    "precision",
    "recall",
    "unsupported",
    "label_mix",
]


def found(data, **settings):
    return ANALYSIS.function(data, SegmentsSettings(**settings), Progress())


def people(rows, seed=0):
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": draw.integers(18, 90, rows),
            "pay": draw.lognormal(7, 1, rows),
            "size": draw.normal(size=rows),
        }
    )
    frame["device"] = draw.choice(["mobile", "desk", "tv"], rows, p=[0.4, 0.4, 0.2])
    frame["town"] = draw.choice([f"t{i}" for i in range(60)], rows)
    frame["member"] = draw.random(rows) < 0.3
    frame["bought"] = np.where(draw.random(rows) < 0.2 + 0.4 * frame["member"], "yes", "no")
    frame.loc[draw.random(rows) < 0.1, "size"] = np.nan
    return frame


def inner(frame):
    return ((frame["age"] > 61) & (frame["device"] == "mobile") & (frame["size"] > -0.3)).to_numpy()


def planted(rows=6_000, seed=0):
    """Train and serve: serve holds the region of `inner` three times as often."""
    frame = people(6 * rows, seed)
    train, pool = frame[:rows], frame[rows:]
    many = round(3 * inner(train).mean() * rows)
    serve = pd.concat([pool[inner(pool)][:many], pool[~inner(pool)][: rows - many]])
    return train, serve.sample(frac=1, random_state=0)


@pytest.fixture(scope="module")
def pair():
    return planted()


@pytest.fixture(scope="module")
def data(pair):
    return dataset(pair[0], serve=pair[1], target="bought")


@pytest.fixture(scope="module")
def result(data):
    return found(data)


def test_a_region_three_times_as_common_is_found_and_told_by_its_columns(result):
    first = result.segments[0]
    assert set(first.columns) == {"age", "device", "size"} and first.status == "severe"
    assert first.rule.startswith("age > 6") and "device = mobile" in first.rule and "size > -0." in first.rule
    assert first.ratio.low < 3.0 < first.ratio.high and first.ratio.value > 2.5
    (warning,) = [f for f in result.findings if f.severity == "warning"]
    assert (
        warning.action == "defer" and warning.value == first.ratio.value > warning.limit > warning.noise > 1.0
    )
    assert (
        len(warning.rows) == first.serve and warning.rows.ids.min() >= 6_000 and warning.n == first.n < 12_000
    )


def test_the_table_is_that_of_the_contract_and_adds_up(result, data):
    table, rows = result.frame(), result.rows()
    assert table.columns[: len(CONTRACT)].tolist() == CONTRACT and rows.columns.tolist() == [
        "row",
        "part",
        "segment",
    ]
    assert (
        table["train"].sum() == table["serve"].sum() == 6_000
        and rows["segment"].between(0, len(table) - 1).all()
    )
    counts = rows.groupby(["segment", "part"]).size().unstack()
    assert (
        counts["serve"].tolist() == table["serve"].tolist()
        and counts["train"].tolist() == table["train"].tolist()
    )
    assert table["precision"].tolist() == pytest.approx(
        (table["serve"] / (table["train"] + table["serve"])).tolist()
    )
    assert (
        table["recall"].sum() == pytest.approx(1.0) and table["label_mix"].str.contains("train: 'no' ").all()
    )
    assert table["loss_train"].between(0.1, 0.5).all() and (table["unsupported"] < 0.05).all()


def test_each_query_picks_the_rows_of_its_region(result, pair):
    data = pd.concat(pair, ignore_index=True)
    for at, one in enumerate(result.segments):
        picked = eval(f"data[{one.query}]", {"data": data})
        assert picked.index.tolist() == np.flatnonzero(result.region == at).tolist(), one.rule


def test_queries_hold_for_missing_values_booleans_numbers_as_levels_and_quotes():
    train, serve = people(3000, 1).drop(columns="bought"), people(3000, 2).drop(columns="bought")
    for frame in (train, serve):
        frame["grade"] = np.where(frame["age"] % 7 == 0, np.nan, frame["age"] % 5)
        frame['it\'s "odd"'] = frame["town"].where(frame["town"] > "t4")
    serve = serve[(serve["member"] | (serve["age"] > 50)) & (serve["grade"].isna() | (serve["grade"] < 3))]
    serve = serve[serve['it\'s "odd"'].isna() | (serve["size"] > 0) | serve["size"].isna()]
    result = found(dataset(train, serve=serve, kinds={"grade": "category"}), most=20)
    data = pd.concat([train, serve], ignore_index=True)
    assert len(result.segments) > 4 and result.findings
    for at, one in enumerate(result.segments):
        picked = eval(f"data[{one.query}]", {"data": data})
        assert picked.index.tolist() == np.flatnonzero(result.region == at).tolist(), one.query


def test_serve_that_is_more_train_raises_nothing():
    for seed in range(8):
        frame = people(1200, 10 + seed)
        assert found(dataset(frame[:700], serve=frame[700:]), seed=seed).findings == ()


def test_the_order_of_rows_does_not_matter(pair, result):
    train, serve = (frame.sample(frac=1, random_state=9) for frame in pair)
    other = found(dataset(train, serve=serve, target="bought"))
    pd.testing.assert_frame_equal(result.frame(), other.frame())


def test_a_turned_correlation_is_found():
    draw = np.random.default_rng(3)
    both = draw.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], 4000)
    train, serve = (
        pd.DataFrame(both[:2000], columns=["a", "b"]),
        pd.DataFrame(both[2000:] * [1, -1], columns=["a", "b"]),
    )
    result = found(dataset(train, serve=serve))
    assert result.summary["severe"] >= 2 and {"a", "b"} == set(result.segments[0].columns)


def test_a_column_that_gives_the_parts_away_is_left_out_unless_wanted(pair):
    train, serve = pair[0].assign(batch=range(6_000)), pair[1].assign(batch=range(6_000, 12_000))
    data = dataset(train, serve=serve, target="bought", kinds={"batch": "numeric"})
    result, all_in = found(data), found(data, leave_out=False)
    assert "batch" not in result.frame()["rule"].str.cat() and any("batch" in note for note in result.notes)
    assert "device" in result.segments[0].columns and "batch" in all_in.segments[0].columns


def test_a_column_of_losses_is_used_and_never_asked_about(pair):
    train, serve = pair[0].assign(loss=1.0), pair[1].assign(loss=3.0)
    table = found(dataset(train, serve=serve), loss="loss").frame()
    assert (
        (table["loss_train"] == 1.0).all()
        and (table["loss_serve"] == 3.0).all()
        and not table["rule"].str.contains("loss").any()
    )


def test_data_without_two_parts_are_skipped():
    assert "needs train and serve" in str(found(dataset(people(100))).status)
    few = found(dataset(people(100), serve=people(5)))
    assert (
        "at least 20" in str(few.status) and few.rows() is None and few.frame().empty and few.findings == ()
    )
    alike = found(dataset(pd.DataFrame({"a": [1.0] * 50}), serve=pd.DataFrame({"a": [1.0] * 50})))
    assert str(alike.status) == "ok" and alike.segments == () and (alike.region == -1).all()


def test_it_stops_when_asked(data):
    with pytest.raises(Cancelled):
        ANALYSIS.function(data, SegmentsSettings(), Progress(stop=lambda: True))


def test_regions_are_those_of_the_analysis(data, result):
    assert (regions(data).region == result.region).all()


def test_figures_show_every_region(result):
    figure = segment_ratios(result)
    assert len(figure.layout.yaxis.ticktext) == len(result.segments)
    dots = figure.data[1]
    assert dots.x.tolist() == [one.ratio.value for one in result.segments]
    assert f"{len(result.segments)} segments" in alt_ratios(result)


def test_the_ratio_is_that_of_the_two_shares_beside_it(result):
    """Half a row was added to each count for the ratio alone: 13 stood beside 96.8% and 6.2%."""
    for one in result.segments:
        assert one.ratio.value == pytest.approx(one.shares[1] / one.shares[0])
        assert one.ratio.low < one.ratio.value < one.ratio.high
    few = share_ratio(2, 30, 32, 31)
    assert few.value == pytest.approx((30 / 31) / (2 / 32)) and few.low < few.value < few.high


def test_a_part_without_a_row_in_a_region_has_none_there_and_no_infinite_ratio():
    draw = np.random.default_rng(8)
    train, serve = (pd.DataFrame({"x": draw.random(2_000), "z": draw.random(2_000)}) for _ in range(2))
    result = found(dataset(train[train["x"] < 0.7], serve=serve), leave_out=False)
    (told,) = [one for one in result.findings if one.severity == "warning"]
    (region,) = [one for one in result.segments if one.status == "severe" and one.grew]
    assert region.shares[0] == 0 and region.ratio.value == np.inf == region.ratio.high
    assert f" and none of {(train['x'] < 0.7).sum():,} train rows; " in told.title
    assert told.title.endswith(f"; 95% interval of the ratio held out {region.ratio.low:.2g} or more")
    assert told.to_json()["value"] == region.ratio.low > told.limit, "an infinite ratio is null in JSON"
    assert told.measure == "share of serve over share of train, held out, low end of its 95% interval"
    (line,) = [one for one in section(result, None, (), False)["regions"] if one["rule"] == region.rule]
    assert line["none"] == "none of the train rows held out"
    assert "∞" not in str(segment_ratios(result).data[1].customdata)
    assert "none of the train rows held out" in str(segment_ratios(result).data[1].customdata)


def test_a_title_counts_all_rows_as_the_click_does_and_its_ratio_those_held_out():
    """The title said "96.8% of serve" of the rows held out beside a button for 60 of 61 rows."""
    draw = np.random.default_rng(4)
    train = pd.DataFrame({"x": draw.random(300), "z": draw.random(300)})
    serve = pd.DataFrame({"x": np.r_[draw.uniform(0.9, 1, 60), 0.2], "z": draw.random(61)})
    result = found(dataset(train, serve=serve), leave_out=False)
    (told,) = [one for one in result.findings if one.severity == "warning"]
    (region,) = [one for one in result.segments if one.rule == told.about]
    served, trained = (len(eval(told.fix, {"data": data})) for data in (serve, train))
    assert len(told.rows) == served and served / 61 != region.shares[1], "as the test needs"
    shares = f"{served} of 61 serve rows ({percent(served / 61)}) and {trained} of 300 train rows"
    assert told.title.startswith(f"{told.about}: {shares} ({percent(trained / 300)}); ratio held out ")
    assert f"ratio held out {region.ratio.value:.2g} (95% interval {region.ratio.low:.2g} to" in told.title
    assert region.ratio.value == pytest.approx(region.shares[1] / region.shares[0])
    assert (told.value, told.n) == (region.ratio.value, region.n) and region.n < region.train + region.serve


def test_two_regions_over_the_same_columns_are_two_findings():
    draw = np.random.default_rng(3)
    both = draw.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], 4000)
    train = pd.DataFrame(both[:2000], columns=["a", "b"])
    serve = pd.DataFrame(both[2000:] * [1, -1], columns=["a", "b"])
    findings = found(dataset(train, serve=serve)).findings
    assert {f.code for f in findings} == {"segment"} and len(findings) >= 2
    assert len({f.key for f in findings}) == len(findings) and all(f.about in f.title for f in findings)


def test_a_target_of_times_is_told_in_dates_and_its_loss_in_days():
    train, serve = planted(3_000)
    for frame in (train, serve):
        frame["bought"] = pd.Timestamp("2013-01-01") + pd.to_timedelta(np.arange(len(frame)) % 50, unit="D")
    table = found(dataset(train, serve=serve, target="bought")).frame()
    assert len(table) > 1
    assert (
        table["label_mix"]
        .str.fullmatch(r"train: mean 2013-0[12]-\d\d( [\d:]+)?; serve: mean 2013-0[12]-\d\d( [\d:]+)?")
        .all()
    )
    assert table["loss_train"].between(5, 30).all()


def test_the_segments_that_differ_are_findings_or_counted_in_a_note(result):
    """8 segments differed and 7 findings told of them: nothing said where the eighth was."""
    moderate = [one for one in result.segments if one.status == "moderate" and not one.grew]
    assert result.summary["differ"] == len(result.findings) + len(moderate)
    fewer = result.segments[0]._replace(status="moderate", ratio=share_ratio(100, 40, 1_000, 1_000))
    more = fewer._replace(ratio=share_ratio(40, 100, 1_000, 1_000))
    [note] = _mirrored([fewer, more, fewer._replace(status="severe"), fewer._replace(status="none")])
    assert note.startswith("1 moderate segment of which serve holds less is no finding")
    assert _mirrored([more]) == ()
