"""Relations of two columns that changed, though no column by itself did."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from components.figures.overlap_relation import alt_relation, relation_points
from core.analyses.overlap.analysis import ANALYSIS
from core.analyses.overlap.margins import matched, of_levels, of_numbers
from core.analyses.overlap.points import pair_points
from core.analyses.overlap.rank_correlation import changed, rank_correlation
from core.analyses.overlap.relations import MOST, relations
from core.analyses.overlap.section import section
from core.analyses.overlap.settings import OverlapSettings
from core.prepare.train_serve import parts_of
from core.progress import Progress
from tests.make import dataset


def turned(sign, rows, seed, extra=8):
    """y = x, or y = -x, with noise, beside columns of noise."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=rows)
    others = {f"z{at}": draw.normal(size=rows) for at in range(extra)}
    return pd.DataFrame({"x": x, "y": sign * x + 0.3 * draw.normal(size=rows), **others})


def related(train, serve, **roles):
    data = dataset(train, serve=serve, **roles)
    parts = parts_of(data, data.names, 0)
    return relations(data, data.names, parts.train, parts.asked)


def pairs(result):
    return [(one.left, one.right) for one in result.changed]


def normal(rho, rows, draw):
    x = draw.normal(size=rows)
    return pd.DataFrame({"x": x, "y": rho * x + (1 - rho * rho) ** 0.5 * draw.normal(size=rows)})


@pytest.mark.parametrize("kind", ["distinct", "counts", "mostly zero"])
def test_it_is_spearmans_and_weights_are_so_many_equal_rows(kind):
    draw = np.random.default_rng(0)
    x, y = draw.normal(size=(2, 200))
    y = y + 0.7 * x
    if kind == "counts":
        x, y = x.round(), (2 * y).round()
    if kind == "mostly zero":
        x = x * (draw.random(200) < 0.15)
    weights = draw.integers(1, 4, 200)
    assert rank_correlation(x, y).rho == pytest.approx(spearmanr(x, y)[0])
    repeated = spearmanr(np.repeat(x, weights), np.repeat(y, weights))[0]
    assert rank_correlation(x, y, weights.astype(float)).rho == pytest.approx(repeated)


@pytest.mark.parametrize("kind", ["independent", "strong", "crossed", "heavy tails", "counts"])
def test_the_standard_error_is_the_spread_over_samples(kind):
    draw = np.random.default_rng(1)

    def sample():
        x, y = draw.normal(size=(2, 150))
        if kind == "strong":
            return x, x + 0.5 * y
        if kind == "crossed":  # uncorrelated, and not independent: 1.06 / (n - 3) is too small
            return x, x * np.sign(y)
        if kind == "heavy tails":
            common = draw.chisquare(1, 150) ** 0.5
            return x / common, y / common
        mean = draw.gamma(1, 1, 150)
        return (draw.poisson(mean), draw.poisson(mean)) if kind == "counts" else (x, y)

    drawn = [rank_correlation(*sample()) for _ in range(400)]
    spread, said = np.std([one.z for one in drawn]), np.mean([one.error for one in drawn])
    assert 0.93 < said / spread < 1.25
    if kind == "crossed":
        assert spread > 1.2 * (1.06 / 147) ** 0.5


def test_too_few_rows_or_a_constant_say_nothing():
    for x, y in [(np.arange(3.0), np.arange(3.0)), (np.ones(50), np.arange(50.0))]:
        one = rank_correlation(x, y)
        assert (one.rho, one.error) == (0.0, np.inf)
        assert changed(one, rank_correlation(np.arange(50.0), np.arange(50.0))).p == 1.0


def test_matched_rows_have_the_margins_of_the_other_part():
    draw = np.random.default_rng(2)
    levels = of_levels(draw.integers(0, 3, 4000), draw.integers(0, 2, 1000))
    ranges = of_numbers(draw.normal(size=4000), np.abs(draw.normal(size=1000)))
    weights = matched([ranges, levels], "train")
    assert weights.mean() == pytest.approx(1.0) and not weights[levels.train == 2].any()
    for one in (ranges, levels):
        mass = np.bincount(one.train, weights, one.size) / 4000
        np.testing.assert_allclose(mass, one.shares("serve"), atol=0.01)
    assert ranges.p < 1e-9 and of_levels(np.arange(90) % 3, np.arange(60) % 3).p == pytest.approx(1.0)


@pytest.mark.parametrize("serve", [100, 150])
def test_a_relation_that_turned_round_is_found_among_columns_of_noise(serve):
    results = [related(turned(1, 800, seed), turned(-1, serve, seed + 900)) for seed in range(20)]
    assert sum(("x", "y") in pairs(one) for one in results) >= 19
    assert sum(len(one.changed) > 1 for one in results) <= 1
    first = results[0].changed[0]
    assert first.train > 0.9 and first.serve < -0.9 and first.large and results[0].pairs == 45
    assert first.rows == (800, serve) and first.low < first.q < first.high and first.q_value < 1e-9


def test_it_takes_the_yes_away_where_no_column_shifted_and_the_classifier_is_blind():
    blind = 0
    for seed in range(3):
        result = ANALYSIS.function(
            dataset(turned(1, 800, seed, 10), serve=turned(-1, 100, seed + 900, 10)),
            OverlapSettings(),
            Progress(),
        )
        finding = next(one for one in result.findings if one.code == "relation_changed")
        assert result.case.answer in ("partly", "no") and result.case.by_relation == "partly"
        assert finding.title.startswith("The relation of 'x' and 'y' changed: +0.9")
        assert " in train, -0.9" in finding.title and finding.columns == ("x", "y")
        assert finding.severity == "warning" and finding.value > 3 > finding.noise > 0.3
        assert "the relation of 'x' and 'y' changed (rank correlation +0.9" in result.verdict.replace(
            "The relation", "the relation"
        )
        blind += result.case.by_auc == "yes"
        line = result.frame().set_index("measure").loc["relation_change"]
        assert line["value"] == finding.value and "'x' and 'y'" in line["what"]
        assert result.pairs()[["left", "right"]].values.tolist() == [["x", "y"]]
        assert section(result, None, [], False)["relations"][0]["left"] == "x"
        assert result.summary["relations_changed"] == 1
    assert blind, "here the relation alone takes the yes away"


def kinds(kind, rows, draw):
    if kind == "lognormal":
        return np.exp(1.5 * (draw.normal(size=(rows, 1)) + draw.normal(size=(rows, 12))))
    if kind == "t3":
        return draw.normal(size=(rows, 12)) / (draw.chisquare(3, (rows, 1)) / 3) ** 0.5
    if kind == "counts":
        return draw.poisson(draw.gamma(0.7, 1, (rows, 1)) * np.linspace(0.2, 4, 12))
    if kind == "blocks":
        strength = np.resize([0.6, 0.95, 0.99], 12) ** 0.5
        common = draw.normal(size=(rows, 4))[:, np.arange(12) // 3]
        return common * strength + (1 - strength**2) ** 0.5 * draw.normal(size=(rows, 12))
    if kind == "nearly constant":
        return draw.normal(size=(rows, 12)) * (draw.random((rows, 12)) < 0.25)
    x = draw.normal(size=(rows, 1))
    return np.column_stack([x, x * draw.normal(size=(rows, 11))])


@pytest.mark.parametrize("kind", ["lognormal", "t3", "counts", "blocks", "nearly constant", "fan"])
def test_equal_parts_hardly_ever_have_one(kind):
    names, raised = [f"c{at}" for at in range(12)], 0
    for seed in range(30):
        draw = np.random.default_rng(seed)
        parts = [pd.DataFrame(kinds(kind, rows, draw), columns=names) for rows in (400, 100)]
        raised += bool(related(*parts).changed)
    assert raised <= 2, "at most one in a hundred is expected"


@pytest.mark.parametrize("rho", [0.8, 0.95])
@pytest.mark.parametrize("where", ["upper half", "middle", "top tenth"])
def test_a_part_of_trains_range_is_no_change_of_the_relation(rho, where):
    draw = np.random.default_rng(3)
    train, serve = normal(rho, 3000, draw), normal(rho, 12_000, draw)
    chosen = {"upper half": serve.x > 0, "middle": serve.x.abs() < 0.67, "top tenth": serve.x > 1.28}[where]
    result = related(train, serve[chosen].head(1500))
    assert result.largest.q > max(0.3, result.largest.noise), "by itself it would be one"
    assert not result.changed
    assert not related(serve[chosen].head(1500), train).changed, "nor the other way round"
    other = serve[chosen].head(1500).assign(y=lambda part: 2 * part.y.mean() - part.y)
    assert pairs(related(train, other)) == [("x", "y")], "the range does not turn it round"


def test_a_change_of_the_mix_of_a_third_column_is_no_change_of_the_relation():
    """Within either town x and y are unrelated; that both differ by town relates them."""
    draw = np.random.default_rng(4)

    def part(share, rows):
        town = draw.random(rows) < share
        x, y = draw.normal(size=(2, rows)) + 3.0 * town
        return pd.DataFrame({"x": x, "y": y, "town": np.where(town, "a", "b")})

    result = related(part(0.5, 2000), part(0.02, 2000))
    assert result.largest.q > 0.3 and not result.changed


def test_at_many_rows_a_small_change_is_none():
    draw = np.random.default_rng(5)
    result = related(normal(0.50, 60_000, draw), normal(0.42, 60_000, draw))
    one = result.largest
    assert one.q > 5 * (one.high - one.low) / 3.92, "it is certain"
    assert 0.05 < one.q < 0.2 and not result.changed
    nearly = related(normal(0.99, 5000, draw), normal(0.98, 5000, draw))
    assert not nearly.changed, "the one still says the other"


def test_nothing_depends_on_the_order_of_the_rows():
    train, serve = turned(1, 300, 6), turned(-1, 100, 7)
    other = related(train.sample(frac=1, random_state=1), serve.sample(frac=1, random_state=2))
    result = related(train, serve)
    assert pairs(result) == pairs(other) == [("x", "y")]
    assert other.changed[0].q == pytest.approx(result.changed[0].q, abs=1e-12)


def test_missing_values_constants_and_times():
    train, serve = turned(1, 400, 8, 2), turned(-1, 200, 9, 2)
    for part in (train, serve):
        part.loc[::3, "x"] = np.nan
        part["same"] = 1.0
        part["rare"] = 0.0
        part.loc[:4, "rare"] = [1.0, 2.0, 3.0, 4.0, 5.0]
        part["when"] = pd.Timestamp("2024-01-01") + pd.to_timedelta((part["y"] * 1e5).round(), unit="s")
        part["town"] = "a"
    result = related(train, serve)
    assert set(pairs(result)) == {("x", "y"), ("x", "when")} and result.pairs == 10
    assert result.changed[0].rows == (266, 133)


def test_of_many_columns_those_of_most_known_rows_are_compared():
    draw = np.random.default_rng(10)
    names = [f"c{at}" for at in range(MOST + 5)]
    train, serve = (pd.DataFrame(draw.normal(size=(80, MOST + 5)), columns=names) for _ in range(2))
    serve.loc[:9, ["c0", "c3", "c7", "c8", "c9"]] = np.nan
    serve["c1"] = -train["c2"]
    train["c1"] = train["c2"]
    serve["c2"] = train["c2"]
    result = related(train, serve)
    assert result.beyond == 5 and result.pairs == MOST * (MOST - 1) // 2 and pairs(result) == [("c1", "c2")]
    said = ANALYSIS.function(dataset(train, serve=serve), OverlapSettings(), Progress()).notes
    assert any("5 others are left out" in note for note in said)


def test_a_column_that_turned_round_is_one_finding():
    """x turned round against all that it goes with."""
    draw = np.random.default_rng(11)

    def part(sign):
        common = draw.normal(size=500)
        others = {f"y{at}": common + 0.4 * draw.normal(size=500) for at in range(4)}
        return pd.DataFrame({**others, "x": sign * common + 0.4 * draw.normal(size=500)})

    result = ANALYSIS.function(dataset(part(1), serve=part(-1)), OverlapSettings(), Progress())
    (finding,) = [one for one in result.findings if one.code == "relation_changed"]
    assert finding.columns[0] == "x" and set(finding.columns[1:]) == {"y0", "y1", "y2", "y3"}
    assert finding.title.startswith("The relation of 'x' with 4 columns changed, most with 'y")
    assert ", and 3 others did" in result.verdict


def test_both_parts_are_drawn_by_content():
    train, serve = turned(1, 900, 12, 0), turned(-1, 100, 13, 0)
    train.loc[0, "x"] = np.nan
    data = dataset(train, serve=serve)
    points = pair_points(data, "x", "y")
    assert points.rows == (899, 100) and len(points.train) == 500 and len(points.serve) == 100
    assert spearmanr(points.train)[0] > 0.9 and spearmanr(points.serve)[0] < -0.9
    figure = relation_points(points)
    assert [trace.name for trace in figure.data] == ["train", "serve"]
    np.testing.assert_array_equal(figure.data[1].x, points.serve[:, 0])
    assert figure.layout.xaxis.title.text == "x" and figure.layout.yaxis.title.text == "y"
    one = related(train, serve).changed[0]
    assert "500 rows of train and 100 of serve: rank correlation +0.9" in alt_relation(one, points)
