import pickle

import numpy as np
import pandas as pd
import pytest

from components.figures.overlap import overlap_dots, support_bars, weight_bars
from core.analyses.overlap.analysis import ANALYSIS, OverlapSettings
from core.dataset import Split
from core.errors import Cancelled
from core.progress import Progress
from tests.make import dataset


def found(train, serve, progress=None, roles=None, **settings):
    return ANALYSIS.function(
        dataset(train, serve=serve, **(roles or {})), OverlapSettings(**settings), progress or Progress()
    )


def normal(rows, width=4, seed=0):
    return pd.DataFrame(
        np.random.default_rng(seed).normal(size=(rows, width)), columns=[f"c{i}" for i in range(width)]
    )


def mixed(rows, seed=0):
    draw = np.random.default_rng(seed)
    frame = normal(rows, 3, seed).assign(
        town=draw.choice(list("abcdefgh"), rows), member=draw.random(rows) < 0.2
    )
    frame.loc[draw.random(rows) < 0.1, "c0"] = np.nan
    return frame


def codes(result):
    return {finding.code for finding in result.findings}


@pytest.fixture(scope="module")
def planted():
    """A tenth of the serve rows three standard deviations out in every column."""
    train, serve = normal(2000, 6), normal(2000, 6, 1)
    serve.iloc[:200] += 3.0
    return found(train, serve)


def test_rows_planted_where_train_has_none_are_found(planted):
    rows = planted.rows()
    out = np.zeros(4000, bool)
    out[2000:2200] = True
    assert (rows["support_p"][out] <= 0.01).mean() > 0.9 and planted.unsupported[out].mean() > 0.9
    assert abs(planted.case.support.excess - 0.1) < 0.02
    wrong, told = int(planted.unsupported[~out].sum()), planted.case.support.by_chance
    assert (
        told == pytest.approx(18, abs=2)
        and wrong <= told + 4 * told**0.5
        and planted.unsupported.sum() == planted.case.support.beyond
    )
    (finding,) = [f for f in planted.findings if f.code == "unsupported"]
    assert finding.severity in ("warning", "critical") and finding.action == "defer" and finding.n == 2000
    assert finding.value > finding.limit >= finding.noise > 0.01 and set(finding.rows.ids) == set(
        np.flatnonzero(planted.unsupported)
    )
    assert planted.verdict.split()[0] in ("Mostly.", "No.") and "no training data" in planted.verdict


def test_planted_rows_are_listed_and_how_many_more_is_said():
    train, serve = normal(6000, 5, 7), normal(6000, 5, 8)
    serve.iloc[:600] += 3.0
    result = found(train, serve, sample=500)
    hit = result.unsupported[6000:]
    assert hit[:600].mean() > 0.9 and hit[600:].sum() < 2 * result.case.support.by_chance
    (finding,) = [f for f in result.findings if f.code == "unsupported"]
    assert (f"about {result.case.support.by_chance} of the {hit.sum()}") in finding.suggestion and len(
        finding.rows
    ) == hit.sum()
    first = np.argsort(result.support_p[6000:], kind="stable")[: result.case.surest]
    assert (first >= 600).mean() <= 0.03, "hardly any of the first ones is chance"


def test_a_few_far_rows_are_listed_though_their_share_is_not_beyond_chance():
    train, serve = normal(8_000, 2, 7), normal(2_000, 2, 8)
    serve.iloc[:12] += 30.0
    result = found(train, serve, sample=500, level=0.05)
    assert result.case.support_word in ("none", "negligible") and "unsupported" not in codes(result)
    assert (
        np.flatnonzero(result.unsupported).tolist() == list(range(8_000, 8_012)) and result.case.surest == 12
    )


def test_serve_that_is_more_train_raises_nothing():
    for seed in range(4):
        result = found(mixed(600, seed), mixed(500, seed + 50), seed=seed)
        assert result.findings == () and result.summary["verdict"] in ("none", "negligible"), seed
        assert result.summary["effective_rows"] > 0.9 * 600
    table = result.frame().set_index("measure")
    assert table.loc["coverage_serve", "null"] == pytest.approx(0.969, abs=0.001) and table.loc[
        "mixing", "null"
    ] == pytest.approx(0.5, abs=0.001)
    assert (table.loc[["auc", "coverage_serve", "mixing", "unsupported_share"], "baseline"].notna()).all()


def test_rows_are_those_of_the_contract_and_train_is_uniform(planted):
    rows = planted.rows()
    assert rows.columns.tolist() == ["row", "part", "support_p", "serve_probability", "weight", "segment"]
    assert (
        rows["row"].tolist() == list(range(4000))
        and rows["part"].tolist() == ["train"] * 2000 + ["serve"] * 2000
    )
    train = rows[rows["part"] == "train"]
    assert np.abs(np.sort(train["support_p"]) - np.arange(1, 2001) / 2000).max() < 0.01
    assert rows["serve_probability"].between(0, 1).all() and rows[
        "serve_probability"
    ].mean() == pytest.approx(0.5, abs=0.03)
    assert (
        train["weight"].mean() == pytest.approx(1.0, abs=1e-4)
        and rows.loc[rows["part"] == "serve", "weight"].isna().all()
    )


def test_a_turned_correlation_is_seen_though_no_column_moved():
    draw = np.random.default_rng(3)
    both = draw.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], 3000)
    train, serve = (
        pd.DataFrame(both[:1500], columns=["a", "b"]),
        pd.DataFrame(both[1500:] * [1, -1], columns=["a", "b"]),
    )
    result = found(train, serve)
    assert result.summary["verdict"] == "severe" and result.measures[0].z > 10 and max(result.solo) < 0.56
    assert result.case.apart.best == "boosted" and "parts_differ" in codes(result)


def test_weights_bring_the_mean_of_train_to_that_of_serve():
    train, serve = normal(3000, 3), normal(1500, 3, 1)
    serve["c1"] += 0.5
    rows = found(train, serve).rows()
    weight = rows["weight"][:3000].to_numpy()
    assert np.average(train["c1"], weights=weight) == pytest.approx(0.5, abs=0.12)
    assert abs(np.average(train["c0"], weights=weight)) < 0.1
    hit = rows["serve_probability"].to_numpy()
    for low, high in ((0.1, 0.3), (0.3, 0.5), (0.5, 0.7)):  # calibrated in the true mix of the parts, 1 to 2
        some = (hit > low) & (hit <= high)
        assert (rows["part"][some] == "serve").mean() == pytest.approx(hit[some].mean(), abs=0.08)


def test_a_column_that_gives_the_parts_away_is_named_and_left_out():
    train, serve = (
        normal(800).assign(batch=np.arange(800.0)),
        normal(800, seed=1).assign(batch=np.arange(800.0, 1600.0)),
    )
    result = found(train, serve)
    (finding,) = result.findings
    assert (
        finding.code == "gives_away"
        and finding.columns == ("batch",)
        and finding.action == "omit"
        and "batch" in finding.fix
    )
    assert result.summary["auc"] < 0.56 and result.frame().set_index("measure").loc["auc_all", "value"] > 0.99
    assert "batch" in result.verdict and "batch" not in result.names and result.alone == ("batch",)
    whole = found(train, serve, leave_out=False)
    assert whole.summary["auc"] > 0.99 and whole.summary["effective_rows"] < 80, (
        "train is worth nothing for a serve that it never meets"
    )


def test_copies_of_train_are_counted_and_left_out():
    train, serve = normal(600), normal(600, seed=1)
    serve.iloc[:120] = train.iloc[100:220].to_numpy()
    result = found(train, serve)
    (finding,) = [f for f in result.findings if f.code == "copies"]
    assert (
        finding.rows.ids.tolist() == list(range(600, 720))
        and finding.severity == "warning"
        and finding.n == 600
    )
    assert result.case.apart.area.rows == 480, "the numbers rest on the rows that are no copies"
    draw = np.random.default_rng(0)
    few = lambda: pd.DataFrame({"a": draw.integers(0, 30, 500), "b": draw.integers(0, 20, 500)})  # noqa: E731
    assert "copies" not in codes(found(few(), few())), "rows that repeat within train repeat in serve, too"


@pytest.mark.parametrize(
    "frame", [mixed, lambda rows, seed=0: mixed(rows, seed)[["town", "member"]]], ids=["mixed", "levels"]
)
def test_the_order_of_rows_changes_nothing(frame):
    train, serve = frame(300), frame(200, 1)
    one, two = np.random.default_rng(0).permutation(300), np.random.default_rng(1).permutation(200)
    straight, shuffled = found(train, serve), found(train.iloc[one], serve.iloc[two])
    order = np.concatenate([one, 300 + two])
    assert straight.summary == shuffled.summary and straight.measures == shuffled.measures
    for name in ("support_p", "serve_probability", "weight"):
        np.testing.assert_allclose(getattr(shuffled, name), getattr(straight, name)[order], rtol=1e-5)


def test_a_category_that_is_new_lies_outside_and_a_rare_one_does_not():
    draw = np.random.default_rng(0)
    names = [f"t{i}" for i in range(400)]  # most of them are in one half of train only
    make = lambda: pd.DataFrame({"town": draw.choice(names, 1500), "x": draw.normal(size=1500)})  # noqa: E731
    assert found(make(), make(), seed=2).case.support.p > 0.001
    plain = lambda: pd.DataFrame({"town": draw.choice(list("ab"), 1500), "x": draw.normal(size=1500)})  # noqa: E731
    serve = plain()
    serve.loc[:299, "town"] = "nowhere"
    assert found(plain(), serve).case.support.share > 0.15


def test_large_parts_are_sampled_and_every_row_is_placed():
    train, serve = normal(3000), normal(900, seed=1)
    serve.iloc[:90] += 5.0
    result = found(train, serve, sample=300)
    assert (
        result.case.apart.area.rows == 300
        and "300 random rows" in result.notes[0]
        and result.unsupported[3000:3090].mean() > 0.9
    )
    assert not np.isnan(result.support_p).any() and not np.isnan(result.serve_probability).any()


def test_without_two_parts_it_is_skipped_with_what_to_do():
    alone = ANALYSIS.function(dataset(mixed(50)), OverlapSettings(), Progress())
    assert (
        "needs a train and a serve part" in str(alone.status)
        and alone.rows() is None
        and alone.findings == ()
        and alone.frame().empty
    )
    few = found(mixed(50), mixed(5))
    assert "at least 20 rows" in few.status.reason and few.summary["serve_rows"] == 5
    same = found(mixed(30).assign(c0=1.0)[["c0"]], mixed(30).assign(c0=1.0)[["c0"]])
    assert "varies" in same.status.reason
    parted = dataset(mixed(300), split=Split("value", column="town", value="a"))
    assert "town" not in ANALYSIS.function(parted, OverlapSettings(), Progress()).names


def test_few_rows_give_numbers_and_hardly_ever_an_alarm():
    results = [found(mixed(rows, seed), mixed(rows, seed + 50)) for rows in (20, 40) for seed in range(4)]
    assert sum(result.findings != () for result in results) <= 1
    assert all(
        str(result.status) == "ok" and "too few train rows" in " ".join(result.notes) for result in results
    )


def test_progress_rises_and_the_work_can_be_stopped():
    seen = []
    found(mixed(200), mixed(200, 1), Progress(lambda fraction, note: seen.append(fraction)))
    assert seen == sorted(seen) and seen[-1] == 1.0 and len(set(seen)) > 5
    heard = []
    with pytest.raises(Cancelled):
        found(
            mixed(200),
            mixed(200, 1),
            Progress(lambda fraction, note: heard.append(fraction), lambda: len(heard) > 20),
        )
    assert len(heard) == 21


def test_it_stops_at_once_wherever_it_is():
    train, serve = mixed(300), mixed(300, 1)
    checks = [0]

    def work(last):
        def stop():
            checks[0] += 1
            return checks[0] >= last

        checks[0] = 0
        return found(train, serve, Progress(stop=stop))

    work(10**9)
    total = checks[0]
    assert total > 450  # between columns, folds, blocks of rows and deals of labels
    for last in (total // 7, total // 2, total):
        with pytest.raises(Cancelled):
            work(last)
        assert last <= checks[0] < last + 5  # what works beside it stops at its own next look


def test_the_result_travels_and_is_drawn(planted):
    again = pickle.loads(pickle.dumps(planted))
    pd.testing.assert_frame_equal(again.rows(), planted.rows())
    assert again.verdict == planted.verdict and planted.columns()["column"].isin(planted.names).all()
    dots = overlap_dots(planted)
    assert list(dots.data[0].x) == pytest.approx([measure.value for measure in planted.measures[:5]])
    bars = support_bars(planted)
    assert sum(bars.data[0].customdata) == 2000 and bars.data[0].y[0] > 0.1
    assert sum(weight_bars(planted).data[0].y) == 2000
