"""What the association analysis finds, and what it leaves alone."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.analyses.association import analysis, notes
from core.analyses.association.analysis import association
from core.analyses.association.result import AssociationResult
from core.analyses.association.settings import AssociationSettings
from core.dataset import Dataset
from core.prepare.sampling import sampled
from core.progress import Progress
from core.rowset import RowSet
from tests.make import dataset


def relate(frame: pd.DataFrame, roles: dict[str, str] | None = None, **settings: object) -> AssociationResult:
    return association(dataset(frame, **(roles or {})), AssociationSettings.of(settings), Progress())


def noise(n: int, seed: int) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    numbers = {
        f"number {i}": draw.lognormal(0, 1 + i % 3, n) if i % 2 else draw.poisson(0.5 * (i + 1), n)
        for i in range(10)
    }
    levels = {f"level {i}": draw.choice([f"v{j}" for j in range(i + 2)], n) for i in range(10)}
    return pd.DataFrame({**numbers, **levels})


@pytest.mark.parametrize("n", [60, 1000])
@pytest.mark.parametrize("sigma", [1, 2, 3])
def test_a_threshold_on_a_skewed_column_is_found(sigma: int, n: int) -> None:
    x = np.random.default_rng(sigma).lognormal(0, sigma, n)
    for y in ((x > np.median(x)).astype(int), np.where(x > np.median(x), "high", "low")):
        found = relate(pd.DataFrame({"x": x, "y": y})).frame().iloc[0]
        assert found["value"] >= 0.95 and found["kind"] == "numeric-category" and found["q"] < 0.01


@pytest.mark.parametrize("n", [20, 100, 1000])
def test_noise_stays_noise(n: int) -> None:
    """20 columns of nothing: no pair beyond the nominal rate of q < 0.01, and about 5% above the noise
    line.
    """
    results = [relate(noise(n, seed)) for seed in range(12)]
    assert sum((result.pairs.q < 0.01).any() for result in results) <= 1
    assert not any(result.findings for result in results)
    above = np.concatenate([np.abs(result.pairs.value) > result.pairs.noise for result in results])
    assert 0.02 < above.mean() < 0.07


def test_the_table_has_its_columns_and_counts_complete_pairs() -> None:
    frame = noise(200, 0)
    frame.loc[:49, "number 0"] = np.nan
    frame.loc[40:99, "level 1"] = None
    table = relate(frame).frame()
    assert list(table.columns[:7]) == ["left", "right", "kind", "value", "noise95", "n", "q"]
    assert len(table) == 190
    pair = table[(table["left"] == "number 0") & (table["right"] == "level 1")]
    assert pair["n"].item() == 100
    np.testing.assert_array_equal(
        table["value"].abs().sort_values(ascending=False).to_numpy(), table["value"].abs().to_numpy()
    )


def test_spearman_with_pearson_beside_and_theils_u_with_its_direction() -> None:
    draw = np.random.default_rng(0)
    x = draw.normal(size=400)
    fine = draw.choice(list("abcd"), 400)
    frame = pd.DataFrame(
        {
            "x": x,
            "y": np.exp(3 * x),
            "fine": fine,
            "coarse": np.where(np.isin(fine, ["a", "b"]), "left", "right"),
        }
    )
    table = relate(frame).frame().set_index(["left", "right"])
    assert table.loc[("x", "y"), "value"] == pytest.approx(1.0)
    assert table.loc[("x", "y"), "pearson"] == pytest.approx(frame["x"].corr(frame["y"]))
    assert table.loc[("fine", "coarse"), "u_right_given_left"] == pytest.approx(1.0)
    assert table.loc[("fine", "coarse"), "u_left_given_right"] == pytest.approx(0.5, abs=0.05)


def test_strong_pairs_collinear_columns_and_columns_missing_together_are_findings() -> None:
    draw = np.random.default_rng(1)
    frame = pd.DataFrame(draw.normal(size=(400, 4)), columns=list("abcd"))
    frame["twin"] = frame["a"] ** 3 + 0.001 * draw.normal(size=400)
    frame["sum"] = frame["b"] + frame["c"] + 0.05 * draw.normal(size=400)
    gone = draw.random(400) < 0.2
    frame[["e", "f"]] = draw.normal(size=(400, 2))
    frame.loc[gone, ["e", "f"]] = np.nan
    found = {finding.code: finding for finding in relate(frame).findings}
    assert set(found) == {"strong_association", "collinear", "co_missing"}
    assert (
        found["strong_association"].columns == ("twin",) and found["strong_association"].severity == "warning"
    )
    assert set(found["collinear"].columns) == {"b", "c", "sum"}
    assert found["collinear"].on == found["collinear"].columns[:1], "no pair of these is proposed to go"
    assert (
        found["co_missing"].columns == ("e", "f")
        and found["co_missing"].rows.ids.tolist() == np.flatnonzero(gone).tolist()
    )


def test_each_finding_says_how_many_rows_and_gives_code_that_runs() -> None:
    draw = np.random.default_rng(1)
    a, b = draw.normal(size=(2, 400))
    frame = pd.DataFrame(
        {"a": a, 'it\'s "b"': a**3, "third": a + 0.001 * b, "close": a + 0.3 * b, "c": b, "sum": a + b}
    )
    gone = draw.random(400) < 0.2
    frame[["e", "f"]] = draw.normal(size=(400, 2))
    frame.loc[gone, ["e", "f"]] = np.nan
    findings = relate(frame, strong=0.9).findings
    assert [f.columns for f in findings if f.beside] == [('it\'s "b"',), ("third",)]
    for finding in findings:
        here = {"data": frame.copy()}
        exec(finding.fix, here)
        assert finding.n == 400
        gained, lost = set(here["data"]) - set(frame), set(frame) - set(here["data"])
        assert (gained, lost) == (
            ({"missing together"}, set()) if finding.code == "co_missing" else (set(), lost)
        )
        assert finding.code == "co_missing" or (finding.action == "omit" and lost == set(finding.acted_on))
    told = relate(frame, {"target": "a"}).findings
    assert not any(f.action for f in told if "'a'" in f.title and f.code == "strong_association")


def test_of_two_columns_that_say_the_same_the_one_with_gaps_or_beside_the_target_is_left_out() -> None:
    """Whichever comes first in the file; where neither speaks for one, both are named."""
    draw = np.random.default_rng(5)
    a, b, c = draw.normal(size=(3, 600))
    late = pd.Series(b + 0.33 * draw.normal(size=600))
    frame = pd.DataFrame({"gappy": a, "whole": a**3, "close": b, "far": b + 0.33 * draw.normal(size=600)})
    frame.loc[:99, "gappy"] = np.nan
    frame["one"], frame["other"] = c, c**3
    for columns in (list(frame), list(frame)[::-1]):
        findings = relate(frame[columns].assign(y=late), {"target": "y"}, strong=0.92).findings
        pairs = {frozenset(f.named): f for f in findings if f.code == "strong_association" and f.action}
        gaps = pairs[frozenset({"gappy", "whole"})]
        assert gaps.acted_on == ("gappy",) and gaps.fix == "data = data.drop(columns=['gappy'])"
        assert gaps.suggestion == "Keep 'whole', which has fewer missing values (0 against 100)."
        leak = pairs[frozenset({"close", "far"})]
        assert leak.acted_on == ("close",)
        assert leak.suggestion.startswith("Keep 'far': 'close' is strongly associated with the target, too")
        [out] = pairs[frozenset({"one", "other"})].acted_on
        either = pairs[frozenset({"one", "other"})].suggestion
        assert "Nothing here speaks for either" in either and f"'{out}' is proposed to go" in either


def test_of_two_categories_the_one_that_determines_the_other_is_kept() -> None:
    """Whatever their order, and though it lacks one value more; not where it lacks many."""
    shop = pd.Series(np.arange(600) % 20).map("shop {}".format)
    frame = pd.DataFrame({"shop": shop, "region": shop.str[-1].map(lambda digit: "NESW"[int(digit) % 4])})
    frame.loc[7, "shop"] = None
    for columns in (["shop", "region"], ["region", "shop"]):
        (finding,) = relate(frame[columns]).findings
        assert finding.acted_on == ("region",)
        assert finding.suggestion.startswith("Keep 'shop', which determines 'region'; the reverse does not")
    frame.loc[:59, "shop"] = None
    (finding,) = relate(frame).findings
    assert finding.acted_on == ("shop",) and "fewer missing values (0 against 60)" in finding.suggestion


def test_each_column_is_read_once_to_compare_it_once_for_its_gaps_and_once_for_what_it_determines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All while progress moves; the number of gaps is of all rows where a sample is compared."""
    frame = noise(3000, 1)
    frame.loc[:99, "number 0"] = np.nan
    data, reads = dataset(frame), Counter[str]()
    read = type(data).table

    def counting(self: Dataset, columns: list[str]) -> pa.Table:
        reads.update(columns)
        return read(self, columns)

    monkeypatch.setattr(type(data), "table", counting)
    association(data, AssociationSettings(), Progress())
    assert set(reads) == set(frame) and max(reads.values()) == 3
    made = association(data, AssociationSettings(sample=1000), Progress())
    assert made.used == 1000 and made.gaps[list(frame).index("number 0")] == 100 and sum(made.gaps) == 100


def _advice(frame: pd.DataFrame, left: str, right: str, strong: float) -> str:
    """What is advised of the two, of which one alone is strongly associated with the target 'y'."""
    made = relate(frame, {"target": "y"}, strong=strong)
    with_target = [f for f in made.findings if f.code == "strong_association" and "y" in f.named]
    assert [set(f.named) & {left, right} for f in with_target] == [{left}], "one alone is at the limit"
    (advice,) = (f.suggestion for f in made.findings if f.action and set(f.named) == {left, right})
    return advice


def test_of_two_copies_or_two_that_differ_by_noise_none_is_said_to_leak() -> None:
    """One of the two is at the limit of a strong association with the target and the other just below: said
    to leak it only where the difference is surely there, and never of a copy."""
    draw = np.random.default_rng(8)

    def correlations(frame: pd.DataFrame) -> dict[str, float]:
        return frame.corr("spearman")["y"].abs().drop("y").to_dict()

    def between(frame: pd.DataFrame) -> tuple[str, str, float]:
        (low, less), (high, more) = sorted(correlations(frame).items(), key=lambda one: one[1])
        return high, low, (less + more) / 2

    b = draw.normal(size=300)
    alike = pd.DataFrame({side: b + 0.2 * draw.normal(size=300) for side in ("left", "right")})
    alike["y"] = b + 0.4 * draw.normal(size=300)
    copy = pd.DataFrame({"left": b, "right": b + 0.1 * draw.normal(size=300)})
    copy["y"] = copy["left"] + 0.4 * draw.normal(size=300)
    apart = pd.DataFrame({"left": b, "right": b + 0.3 * draw.normal(size=300)})
    apart["y"] = b + 0.4 * draw.normal(size=300)
    assert copy.corr("spearman").loc["left", "right"] >= 0.99 > apart.corr("spearman").loc["left", "right"]
    for frame, leaks in ((alike, False), (copy, False), (apart, True)):
        assert ("may leak it" in _advice(frame, *between(frame))) == leaks


def test_rows_are_drawn_evenly_whatever_they_hold() -> None:
    """A column with gaps and a table of few different rows: neither the gaps nor equal rows are drawn
    together.
    """
    draw = np.random.default_rng(11)
    n = 20_000
    gaps = pd.DataFrame(
        {"x": np.where(draw.random(n) < 0.3, np.nan, draw.normal(size=n)), "y": draw.integers(0, 4, n)}
    )
    few = pd.DataFrame({"x": draw.integers(0, 4, n), "y": draw.choice(["a", "b", "c"], n)})
    for frame, column in ((gaps, gaps["x"].isna()), (few, few["x"] == 1)):
        data = dataset(frame, kinds={"y": "category"})
        rows = sampled(data, data.names, 5_000, 0)
        assert rows is not None and rows.size == 5_000
        assert abs(column.to_numpy()[rows].mean() - column.mean()) < 4 * np.sqrt(0.25 / 5_000)
        turned = sampled(
            dataset(frame.iloc[::-1].reset_index(drop=True), kinds={"y": "category"}), data.names, 5_000, 0
        )
        drawn, again = (
            part.sort_values(["x", "y"]).to_numpy()
            for part in (frame.iloc[rows], frame.iloc[::-1].iloc[turned])
        )
        assert pd.DataFrame(drawn).equals(pd.DataFrame(again))


def test_few_rows_never_make_a_finding_and_the_target_is_only_mentioned() -> None:
    x = np.random.default_rng(2).normal(size=200)
    twins = pd.DataFrame({"x": x, "y": x})
    assert relate(twins.head(49)).findings == ()
    assert {
        f.severity for f in relate(twins, {"target": "y"}).findings if f.code == "strong_association"
    } == {"info"}


def test_what_is_left_out_is_said() -> None:
    frame = noise(300, 3).assign(constant=1.0, code=[f"c{i}" for i in range(300)])
    result = relate(frame)
    assert not {"constant", "code"} & set(result.frame()[["left", "right"]].to_numpy().ravel())
    assert any("'constant'" in note for note in result.notes) and any(
        "'code'" in note for note in result.notes
    )


def test_columns_without_a_vif_are_said_by_those_that_would_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is measured of images gets none, and so takes no place among the first."""
    for at in (analysis, notes):
        monkeypatch.setattr(at, "VIF_COLUMNS", 8)
    frame = noise(300, 3).filter(like="number")
    for measured, said in ((2, False), (1, True)):
        columns = tuple(frame.columns[:measured])
        monkeypatch.setattr(Dataset, "measured", property(lambda _, columns=columns: columns))
        result = relate(frame)
        assert result.numeric == tuple(frame.columns[measured : measured + 8])
        assert any("first 8 numeric columns" in note for note in result.notes) is said


def test_a_sample_depends_on_content_alone_and_is_said() -> None:
    frame = noise(3000, 4)
    straight = relate(frame, sample=1000)
    turned = relate(frame.iloc[::-1].reset_index(drop=True), sample=1000)
    assert straight.used == 1000 and any("1,000 of 3,000" in note for note in straight.notes)
    keyed = [r.frame().set_index(["left", "right"]).sort_index()["value"] for r in (straight, turned)]
    pd.testing.assert_series_equal(*keyed, rtol=1e-9)


def test_xi_and_information_see_a_curve_that_spearman_does_not() -> None:
    draw = np.random.default_rng(5)
    x = draw.normal(size=1000)
    frame = pd.DataFrame(
        {"x": x, "bowl": x**2 + 0.1 * draw.normal(size=1000), "other": draw.normal(size=1000)}
    )
    table = relate(frame, xi=True, mutual_information=True).frame().set_index(["left", "right"])
    bowl, other = table.loc[("x", "bowl")], table.loc[("x", "other")]
    assert abs(bowl["value"]) < 0.1 and bowl["xi"] > 0.5 and bowl["mutual_information"] > 0.5
    assert (
        other["xi"] < 2 * other["xi_noise95"]
        and other["mutual_information"] < 2 * other["information_noise95"]
    )


def test_only_the_strongest_of_many_pairs_are_kept_but_all_are_counted() -> None:
    whole, cut = relate(noise(100, 6)), relate(noise(100, 6), pairs=10)
    assert cut.pairs.tested == 190 and len(cut.frame()) == 10
    pd.testing.assert_frame_equal(cut.frame(), whole.frame().head(10))


def test_one_column_or_extreme_values_do_no_harm() -> None:
    assert relate(pd.DataFrame({"x": [1.0, 2.0, 3.0]})).frame().empty
    x = np.random.default_rng(7).normal(size=100)
    frame = pd.DataFrame({"x": x, "huge": x * 1e300, "infinite": np.where(np.arange(100) % 9, x, np.inf)})
    table = relate(frame).frame().set_index(["left", "right"])
    assert table.loc[("x", "huge"), ["value", "pearson"]].to_list() == pytest.approx([1.0, 1.0])
    assert table.loc[("x", "infinite"), "n"] == 88


def ticked(n: int, seed: int, rate: float = 0.3) -> pd.Series:
    """One value and gaps, of no relation to anything."""
    return pd.Series(np.where(np.random.default_rng([7, seed]).random(n) < rate, "t", None), dtype=object)


def test_one_value_and_gaps_are_compared_by_whether_there_is_a_value() -> None:
    frame = noise(400, 3).assign(
        tick=ticked(400, 0), count=np.where(np.arange(400) % 3, 1.0, np.nan), always="x", hardly="x"
    )
    frame.loc[:2, "hardly"] = None
    frame["told"] = np.where(frame["tick"].isna(), "no", "yes")
    frame["high"] = np.where(frame["tick"].isna(), 0.0, 5.0) + np.random.default_rng(1).random(400)
    result = relate(frame)
    table = result.frame().set_index(["left", "right"])
    assert (
        table.loc[("tick", "told"), "value"] == pytest.approx(1.0) and table.loc[("tick", "told"), "n"] == 400
    )
    assert table.loc[("tick", "high"), "value"] > 0.95 and table.loc[("tick", "count"), "q"] > 0.01
    assert result.ticks == ("tick", "count")
    titles = [finding.title for finding in result.findings]
    assert any(
        title.startswith(
            "Whether 'tick' has a value and 'told' are strongly associated: Cramér's V is 1.000 over 400 rows"
        )
        for title in titles
    )
    assert any("one value and gaps: 'tick' and 'count'" in note for note in result.notes)
    assert any("does not vary: 'always' and 'hardly'" in note for note in result.notes)
    assert result.left_out == ("always", "hardly")
    named = [note for note in result.notes for column in ("always", "hardly") if f"'{column}'" in note]
    assert len(named) == 2, "one reason for each"


@pytest.mark.parametrize("n", [90, 500])
def test_ticks_of_noise_stay_noise(n: int) -> None:
    rates = (0.2, 0.3, 0.5, 0.8)
    tables = [
        noise(n, seed).assign(**{f"tick {i}": ticked(n, 10 * seed + i, rate) for i, rate in enumerate(rates)})
        for seed in range(12)
    ]
    results = [relate(table) for table in tables]
    assert (
        all(len(result.ticks) == 4 for result in results)
        and sum((result.pairs.q < 0.01).any() for result in results) <= 1
    )
    above = np.concatenate(
        [
            (np.abs(r.pairs.value) > r.pairs.noise)[np.maximum(r.pairs.left, r.pairs.right) >= 20]
            for r in results
        ]
    )
    assert 0.01 < above.mean() < 0.07


@pytest.mark.parametrize(("noise", "leaks"), [(0.4, False), (0.2, True)])
def test_columns_are_held_against_the_target_by_one_measure(noise: float, leaks: bool) -> None:
    """A number whose correlation ratio is .98 and whose Cramér's V is .81 is no more associated with the
    target than a category of V .85; one of V .92 is.
    """
    draw = np.random.default_rng(0)
    level = draw.integers(0, 8, 2_000)
    size = level + noise * draw.normal(size=2_000)
    beside = np.clip(level + draw.choice([-1, 1], 2_000), 0, 7)
    near = np.where(draw.random(2_000) < 0.15, beside, level)
    frame = pd.DataFrame({"size": size, "near": near, "y": level}).astype({"near": str, "y": str})
    frame["near"], frame["y"] = "n" + frame["near"], "y" + frame["y"]
    result = relate(frame, {"target": "y"})
    table = result.frame().set_index(["left", "right"])
    value = {one: table.loc[(one, "y"), "value"] for one in ("size", "near")}
    assert bool(value["size"] > value["near"]) is leaks and table.loc[("size", "y"), "eta"] > 0.97
    [told] = [one for one in result.findings if {*one.named} >= {"size", "near"}]
    assert ("'size' is strongly associated with the target, too" in told.suggestion) is leaks


def test_where_no_pair_is_strong_the_strongest_is_named() -> None:
    draw = np.random.default_rng(0)
    x = draw.normal(size=400)
    table = pd.DataFrame({"x": x, "y": -0.6 * x + draw.normal(size=400), "z": draw.normal(size=400)})
    told = association(dataset(table), AssociationSettings(), Progress()).calm
    assert told.startswith("No association reaches 0.9; the strongest is that of 'x' and 'y', -0.")
    apart = table.apply(lambda column: draw.permutation(column))
    none = association(dataset(apart), AssociationSettings(), Progress())
    assert none.calm == "Nothing stands out"


@pytest.mark.parametrize("seed", range(3))
def test_columns_that_are_collinear_by_a_row_of_totals_alone_are_no_reason_to_leave_one_out(
    seed: int,
) -> None:
    """The main column was offered to go: its VIF was 175.8 with the row of totals and 1.004 without."""
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame({"sales": draw.lognormal(6, 1, 300), "items": draw.integers(1, 60, 300)})
    frame["x"] = draw.normal(size=300)
    frame["twice"] = frame["x"] * 2 + 0.01 * draw.normal(size=300)
    frame.loc[300] = frame.sum()
    frame.loc[300, ["x", "twice"]] = np.nan
    found = {one.code: one for one in relate(frame).findings}
    assert found["collinear_by_rows"].rows == RowSet([300])
    assert {*found["collinear_by_rows"].columns} == {"sales", "items"}
    assert (
        found["collinear_by_rows"].action == ""
        and "without it at most 1.0" in found["collinear_by_rows"].title
    )
    assert {one.code for one in relate(frame.head(300)).findings} == {"strong_association"}
    assert "collinear" not in {c for one in found.values() if "sales" in one.columns for c in [one.code]}
    rows = [frame.columns.get_loc(name) for name in ("x", "twice")]
    assert relate(frame).vif[rows].min() > 1_000, "those two are so in all rows"


@pytest.mark.parametrize("tail", ["normal", "lognormal", "cauchy"])
@pytest.mark.parametrize("seed", range(3))
def test_columns_that_are_collinear_in_all_rows_are_told_of_whatever_their_tails(
    tail: str, seed: int
) -> None:
    draw = np.random.default_rng(seed)
    x, z = getattr(draw, {"cauchy": "standard_cauchy"}.get(tail, tail))(size=(2, 400))
    frame = pd.DataFrame({"x": x, "z": z, "sum": x + z + 0.05 * draw.normal(size=400)})
    codes = {one.code for one in relate(frame).findings}
    assert "collinear" in codes and "collinear_by_rows" not in codes


def test_multicollinearity_and_a_strong_pair_propose_the_same_column() -> None:
    """Left out on the word of both, two of three columns went where one is enough."""
    draw = np.random.default_rng(4)
    low = draw.normal(10, 6, 600)
    high = low + draw.gamma(6, 1.2, 600)
    mean = (low + high) / 2 + draw.normal(0, 0.2, 600)
    frame = pd.DataFrame(
        {"temperature": mean, "min_temp": low, "max_temp": high, "wind": draw.normal(size=600)}
    )
    told = relate(frame).findings
    [inflated] = [one for one in told if one.code == "collinear"]
    pairs = {one.on for one in told if one.code == "strong_association"}
    assert inflated.columns[0] == "temperature" and pairs
    assert inflated.on in pairs and "is proposed to go, as for the pair" in inflated.suggestion
    [out] = inflated.on
    assert inflated.title.startswith(f"Multicollinearity: VIF of '{out}' is "), "what its click leaves out"
    assert f", 'temperature' the largest ({inflated.value:.1f})" in inflated.title


def test_a_column_with_a_comma_of_its_own_is_named_in_quotes() -> None:
    chosen = AssociationSettings.of({"columns": '"price, EUR", age,town'})
    assert chosen.columns == ("price, EUR", "age", "town")
