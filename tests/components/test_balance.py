"""The balance page: classes at once, strategies when they are asked for, a threshold that answers at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from scipy.special import expit
from streamlit.testing.v1 import AppTest

from components.figures import imbalance as bars
from components.figures import reliability
from components.figures import strategies as drawn
from components.figures.theme import INK, is_empty
from components.text import BREAK
from components.views.balance.strategies import at_chance
from core.analyses.strategies import analysis as comparing
from core.analyses.strategies.calibration import calibration
from core.analyses.strategies.evaluate import get_ready
from core.analyses.strategies.result import StrategiesResult
from core.analyses.strategies.verdict import Line
from core.decision import Decision
from core.numerics.paired import Difference, Verdict
from core.review import Review
from core.rowset import RowSet
from core.run import run
from core.vectors import attach
from tests.components.conftest import Open, keyed, shown, sound, waited
from tests.make import dataset

QUICK = {"models": "linear", "repeats": 1, "strategies": "weights,undersample"}


def data(classes: int = 2) -> object:
    draw = np.random.default_rng(0)
    x = draw.normal(size=(900, 3))
    y = (draw.random(900) < expit(-2.6 + x[:, 0] - x[:, 1])).astype(int)
    if classes == 3:
        y += draw.random(900) < 0.2
    return dataset(pd.DataFrame(x, columns=list("abc")).assign(y=[f"c{code}" for code in y]), target="y")


@pytest.fixture
def app(open_page: Open) -> AppTest:
    opened = open_page("balance", data(), {"strategies": QUICK})
    for button in [one for one in opened.button if one.key == "balance-compare"]:  # else it is known
        button.click().run()
    return waited(opened)


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_classes_are_counted_at_once_and_strategies_wait_to_be_asked_for(open_page: Open) -> None:
    app = open_page("balance", data())
    sound(app)
    assert "Compare strategies to see whether it matters" in shown(app)
    assert [button.key for button in app.button if button.key == "balance-compare"]
    assert "Threshold" not in [one.value for one in app.subheader]


def test_weights_by_decision_are_told_with_the_shares_that_they_make(open_page: Open) -> None:
    """A coreset was kept whose weights make 300 of 400: its rows were called even, and no weight was told."""
    frame = pd.DataFrame({"x": np.arange(300.0), "y": ["no", "yes", "no"] * 100})
    both = dataset(frame[:200], serve=frame[200:].reset_index(drop=True), target="y")
    train = np.flatnonzero(frame["y"][:200] == "no")
    for data, rows, weight, told in (
        (both, RowSet(train), 3.0, "By weight 85.6% of train are 'no' and 14.4% are 'yes'."),
        (dataset(frame, target="y"), RowSet(range(0, 300, 3)), 0.5, "60% of all are 'no' and 40% are 'yes'."),
    ):
        app = open_page("balance", data)
        sound(app)
        assert "By weight" not in shown(app)
        app.session_state["winnow"].review = Review().say(Decision("weight", rows, weight))
        app.session_state["winnow"].turn += 1
        waited(app.run())
        sound(app)
        said = shown(app).replace("\\", "").replace(BREAK, "")
        assert f"{len(rows)} rows have weights by decision; here each counts once. " in said and told in said
        app.session_state["winnow"].as_loaded = True
        assert "By weight" not in shown(waited(app.run()))


@pytest.mark.parametrize(("cells", "begun"), [(100_000, False), (100, True)])
def test_where_the_comparison_is_offered_its_process_is_got_going(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, cells: int, begun: bool
) -> None:
    """Of data that are too large for the server's own process."""
    asked: list[object] = []
    monkeypatch.setattr(comparing, "HERE", cells)
    monkeypatch.setattr(comparing._CHILD, "begin", asked.append)
    sound(open_page("balance", data()))
    assert set(asked) == ({get_ready} if begun else set())


def test_the_verdict_the_threshold_the_calibration_and_what_can_be_taken(app: AppTest) -> None:
    sound(app)
    text = shown(app)
    assert "Leave the classes alone" in text
    way = keyed(app.selectbox, "balance-trial")
    assert way.value == ("linear", "none") and "(the closed form) brings it to" not in text
    way.set_value(("linear", "weights")).run()
    told = shown(app)
    assert (
        "Correcting for the class shares that it was trained on (the closed form) brings it to"
        in told.replace("\\", "")
    )
    assert "Baseline" in text and "class shares alone" in text
    assert "More rows of" in text or "Whether more rows" in text
    before = metrics(app)
    slider = keyed(app.select_slider, "balance-threshold")
    slider.set_value(0.7).run()
    after = metrics(app)
    found = [int(some["Found"].replace(",", "")) for some in (before, after)]
    assert found[1] < found[0] and float(after["Precision"].rstrip("%")) > 0
    keyed(app.selectbox, "balance-way").set_value("weights").run()
    app.button(key="balance-decide").click().run()
    log = app.session_state["winnow"].review.decisions
    assert {decision.action for decision in log} == {"weight"} and len(log) == 2


def test_a_strategy_that_makes_no_rows_says_why(app: AppTest) -> None:
    keyed(app.selectbox, "balance-way").set_value("focal").run()
    app.button(key="balance-decide").click().run()
    assert not app.session_state["winnow"].review.decisions
    assert any("tried first" in toast.value for toast in app.toast) or "tried first" in shown(app)


def test_three_classes_are_decided_by_cost(open_page: Open) -> None:
    app = open_page("balance", data(3), {"strategies": {**QUICK, "strategies": "none", "curves": False}})
    app.button(key="balance-compare").click().run()
    waited(app)
    sound(app)
    assert "Decisions by cost" in [one.value for one in app.subheader]


def test_what_is_there_so_far_is_drawn_while_the_rest_is_worked_out(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run("strategies", data(), QUICK)
    assert isinstance(whole, StrategiesResult) and not whole.under_way
    part = replace(whole, trials=whole.trials[:3])
    from components.views.balance import strategies

    monkeypatch.setattr(strategies.results, "outcomes", _but(strategies.results.outcomes))
    monkeypatch.setattr(strategies.job_panel, "shown", lambda key: part)
    app = open_page("balance", data())
    app.button(key="balance-compare").click().run()
    sound(app)
    assert "so far" in "".join(caption.value for caption in app.caption)
    assert "Take it along" not in [one.value for one in app.subheader]
    headline = next(one.value for one in app.markdown if one.value.startswith("#### ")).replace("\\", "")
    assert (
        "No verdict yet: 3 of 4 trials are done; no strategy is surely better by log loss so far." in headline
    )
    assert part.verdict and part.verdict not in headline and "in each fold" in headline
    monkeypatch.setattr(strategies.results, "under_way", lambda dataset, *names: frozenset(names))
    assert strategies.so_far(data(), None) == "Still comparing, no verdict yet: nothing is known so far."
    line = Line("linear", "weights", 0.1, Difference(-0.2, -0.3, -0.1), "better")
    monkeypatch.setattr(StrategiesResult, "lines", lambda self, score: [line])
    assert strategies.so_far(data(), part).endswith(
        "3 of 4 trials are done; surely better so far by log loss: class weights (logistic regression)."
    )


def test_intervals_of_some_trials_are_no_narrower_than_those_of_all() -> None:
    whole = run("strategies", data(), QUICK)
    assert isinstance(whole, StrategiesResult) and len(whole.trials) == whole.planned == 4
    part = replace(whole, trials=whole.trials[:3])
    for score in ("log_loss", "mcc"):
        last = {(one.model, one.strategy): one.against for one in whole.lines(score)}
        for one in part.lines(score):
            then = last[one.model, one.strategy]
            assert one.against.low <= then.low and one.against.high >= then.high, (score, one)
    assert any(one.against.low < one.against.high for one in part.lines("log_loss"))


def _but(outcomes: object) -> object:
    """All analyses come to an end but the strategies."""
    return lambda data, *names, **how: None if names == ("strategies",) else outcomes(data, *names, **how)


def test_figures_draw_every_line_with_its_interval() -> None:
    result = run("strategies", data(), QUICK)
    lines = result.lines("average_precision")
    figure = drawn.differences(lines, "average_precision")
    assert len(figure.data[0].x) == 2 and figure.data[0].error_x.array.min() >= 0
    made = result.calibrations(result.trial("linear", "weights"), 1)
    curves = reliability.figure(made)
    assert {"right", "as the model says", "prior correction", "Platt scaling"} == {
        t.name for t in curves.data
    }
    for one in curves.data[1:]:
        assert (one.error_y.array >= 0).all() and (one.error_y.arrayminus >= 0).all()
    learned = drawn.learning(result.curves[:1], result.classes)
    flat = result.curves[0]._replace(means=(0.94, 0.941, 0.9405, 0.942), next=0.0)
    low, high = drawn.learning([flat], result.classes).layout.yaxis.range
    assert high - low == pytest.approx(0.05) and low < 0.94 < 0.942 < high
    assert learned.data[1].x[1] == 2 * learned.data[0].x[-1] and "extrapolated" in learned.data[1].name
    assert "O/E" in reliability.alt(made) and "ties" in drawn.alt_differences(lines, "auroc")


def test_the_bars_of_many_classes_show_the_largest_and_the_rarest() -> None:
    labels = np.repeat([f"c{place:02d}" for place in range(50)], np.arange(100, 50, -1))
    frame = pd.DataFrame({"x": np.arange(labels.size, dtype=float), "y": labels})
    result = run("imbalance", dataset(frame, target="y"))
    figure = bars.figure(result)
    assert len(figure.data[0].x) == bars.SHOWN and figure.data[0].x[-1] == 51
    assert figure.data[0].type == "bar" and figure.layout.xaxis.type != "log"
    numbers = run("imbalance", dataset(frame, target="x"))
    assert len(bars.figure(numbers).data[0].y) == 10 and "Histogram" in bars.alt(numbers)


def test_classes_far_apart_are_dots_on_a_logarithmic_axis_and_a_fold_without_rows_is_seen() -> None:
    labels = np.repeat(["many", "few", "four"], [2000, 60, 4])
    frame = pd.DataFrame({"x": np.arange(labels.size, dtype=float), "y": labels})
    figure = bars.figure(run("imbalance", dataset(frame, target="y")))
    assert "rows" in [trace.name for trace in figure.data], "without a split all rows are meant"
    split = bars.figure(run("imbalance", dataset(frame, serve=frame[:9], target="y")))
    assert "rows of train" in [trace.name for trace in split.data]
    lines, rows, fewest = figure.data
    assert "bar" not in {one.type for one in figure.data} and figure.layout.xaxis.type == "log"
    assert rows.x.tolist() == [2000, 60, 4] and fewest.x.tolist() == [400, 12, 0.5]
    assert fewest.customdata[2][1] == "not one" and 10 ** figure.layout.xaxis.range[0] < 0.5
    assert lines.x[:2] == (400, 2000)
    named = dict(zip(figure.layout.xaxis.ticktext, figure.layout.xaxis.tickvals, strict=True))
    assert named == {"none": 0.5, "1": 1, "10": 10, "100": 100, "1,000": 1000}


def line(strategy: str, value: float, spread: float, says: Verdict = "tie", model: str = "linear") -> Line:
    return Line(model, strategy, 0.3, Difference(value, value - spread, value + spread), says)


def test_the_legend_tells_models_by_shape_and_results_by_colour() -> None:
    """Gradient boosting stood there as a green diamond, the colour of what is better."""
    lines = [
        line("weights", -0.1, 0.05, "better", "boosting"),
        line("smote", 0.0, 0.1, "tie", "boosting"),
        line("weights", 0.1, 0.05, "worse"),
        line("smote", 0.0, 0.1),
    ]
    figure = drawn.differences(lines, "log_loss")
    legend = {
        one.name: (one.marker.symbol, one.marker.color) for one in figure.data if one.showlegend is None
    }
    colours = {one.name: one.marker.color for one in figure.data if one.showlegend is False}
    assert [*legend] == ["Logistic regression", "Gradient boosting", "better", "worse", "tie"]
    assert legend["Logistic regression"] == ("circle-open", INK)
    assert legend["Gradient boosting"] == ("diamond-open", INK)
    assert colours["Gradient boosting"] == (legend["better"][1], legend["tie"][1])
    assert colours["Logistic regression"] == (legend["worse"][1], legend["tie"][1])


def test_a_verdict_on_other_classes_than_the_rarest_says_so(open_page: Open) -> None:
    """The headline began with 'B', of one row, and went on with 'C' once strategies were compared."""
    frame = pd.DataFrame({"x": np.random.default_rng(0).normal(size=321)})
    frame["y"] = ["a"] * 240 + ["c"] * 80 + ["b"]
    app = open_page("balance", dataset(frame, target="y"))
    before = next(one.value for one in app.markdown if one.value.startswith("#### ")).replace("\\", "")
    assert "of the rows are 'b': 1 of 321, so that some folds have none." in before
    app.session_state["winnow"].settings["strategies"] = QUICK
    waited(app.button(key="balance-compare").click().run())
    after = next(one.value for one in app.markdown if one.value.startswith("#### ")).replace("\\", "")
    assert after.startswith(
        "#### The rarest class, 'b', is not compared, which takes 5 different rows. Of the others: 25% 'c'."
    )


def test_a_difference_far_out_is_cut_at_the_end_of_the_axis_and_says_its_value() -> None:
    ways = ("weights", "undersample", "oversample", "bagging", "smote", "adasyn")
    near = [line(way, 0.001 * place, 0.01) for place, way in enumerate(ways)]
    whole = drawn.differences(near, "log_loss")
    assert whole.layout.xaxis.range is None and set(whole.data[0].text) == {""}
    figure = drawn.differences([*near, line("focal", 1.12, 0.2)], "log_loss")
    low, high = figure.layout.xaxis.range
    dots = figure.data[0]
    assert -0.05 < low < -0.01 and 0.01 < high < 0.05 and low < dots.x[-1] < high
    assert dots.text[-1] == "+1.12" and dots.marker.symbol[-1] == "triangle-right"
    assert dots.customdata[-1][3] == 1.12 and dots.error_x.array[-1] >= 0
    assert list(dots.x[:-1]) == [one.against.value for one in near]


def test_bins_without_events_stay_in_the_reliability_curve_of_rare_events() -> None:
    draw = np.random.default_rng(3)
    p = np.sort(draw.beta(0.2, 12, 4000))
    figure = reliability.figure({"p": calibration(draw.random(4000) < p, p)})
    right, on, off = figure.data
    assert len(on.x) + len(off.x) == 10 and not off.showlegend
    low = min(right.x)
    assert (off.y == low).all() and set(off.marker.symbol) <= {"triangle-down-open", "triangle-left-open"}
    twice = reliability.figure(dict.fromkeys(("p", "p_platt"), calibration(draw.random(4000) < p, p)))
    ends = [one.x.min() for one in twice.data if not one.showlegend and one.name != "right"]
    assert ends[1] > ends[0]  # beside each other where both lie at the end of the axis
    assert min(on.x) >= low and (off.error_y.array > 0).any()
    axis = figure.layout.xaxis
    assert axis.type == "log" and all(text.endswith("%") for text in axis.ticktext)
    assert 10 ** axis.range[0] > 0.5 / 4000  # no decades that a bin of 400 rows cannot speak of


@pytest.mark.parametrize("rows", [60, 59])
def test_even_classes_name_no_rarest(rows: int, open_page: Open) -> None:
    draw = np.random.default_rng(4)
    frame = pd.DataFrame({"x": draw.normal(size=60), "tree": ["ash", "birch"] * 30}).head(rows)
    app = open_page("balance", dataset(frame, target="tree"))
    sound(app)
    text = shown(app).replace("\\", "").replace(BREAK, "")
    if rows == 60:
        assert "#### 2 classes of 30 rows each. " in text and "in each fold" not in text
    else:
        assert "49.2% of the rows are 'birch': 29 of 59, " in text
    assert (
        "The classes are about even: there is nothing to rebalance. What limits scores here is how few"
        in text
    )
    assert "Compare strategies to see whether it matters" not in text and "ways to rebalance" not in text


def test_of_even_classes_models_are_judged_without_an_empty_figure_and_nothing_is_preselected(
    open_page: Open,
) -> None:
    draw = np.random.default_rng(4)
    frame = pd.DataFrame({"x": draw.normal(size=90), "tree": ["ash", "birch", "elm"] * 30})
    app = open_page("balance", dataset(frame, target="tree"), {"strategies": {"models": "linear"}})
    [judge] = [one for one in app.button if one.key == "balance-compare"]
    assert judge.label == "Judge the models"
    waited(judge.click().run())
    sound(app)
    assert "nothing was rebalanced" in shown(app).replace("\\", "")
    charts = [one.proto.id for one in app.get("plotly_chart")]
    assert charts and not any("differences-" in one for one in charts)
    assert keyed(app.selectbox, "balance-way").value is None
    assert app.button(key="balance-decide").disabled
    keyed(app.selectbox, "balance-way").set_value("weights").run()
    assert not app.button(key="balance-decide").disabled


def test_named_strategies_are_compared_whatever_the_classes(open_page: Open) -> None:
    frame = pd.DataFrame({"x": np.arange(60.0), "tree": ["ash", "birch"] * 30})
    app = open_page("balance", dataset(frame, target="tree"), {"strategies": {"strategies": "weights"}})
    assert app.button(key="balance-compare").label == "Compare strategies"
    assert "nothing to rebalance" not in shown(app)


@pytest.mark.parametrize(
    ("trace", "empty"),
    [
        (go.Heatmap(z=[[np.nan, np.nan]]), True),
        (go.Heatmap(z=[[np.nan, 0.0]]), False),
        (go.Bar(x=["a", "b"], y=[0, 0]), True),
        (go.Bar(x=["a", "b"], y=[0, 2]), False),
        (go.Bar(y=["a", "b"], x=[0, 2], orientation="h"), False),
        (go.Bar(y=["a", "b"], x=[0, 0], orientation="h"), True),
        (go.Scatter(x=[], y=[]), True),
        (go.Scatter(x=[None], y=[None], name="of the key alone"), True),
        (go.Scatter(x=[1.0, 2.0], y=[np.nan, np.nan]), True),
        (go.Scattergl(x=np.array([1.0, 2.0]), y=np.array([np.nan, 3.0])), False),
        (go.Scatter(x=["a"], y=["b"]), False),
        (go.Scatter(y=[3.0]), False),
        (go.Pie(values=[1]), False),
    ],
)
def test_a_figure_without_a_mark_is_empty(trace: object, empty: bool) -> None:
    assert is_empty(go.Figure([trace])) is empty
    assert not is_empty(go.Figure([trace], {"images": [{"source": "data:,"}]}))


def test_axes_without_differences_are_not_drawn() -> None:
    """By a score of probabilities the threshold moves nothing; doing nothing is what all are held against."""
    lines = [Line("linear", one, 0.5, Difference(0.0, 0.0, 0.0), "tie") for one in ("none", "threshold")]
    assert drawn.shown(lines, "log_loss") == [] and len(drawn.shown(lines, "mcc")) == 1
    assert is_empty(drawn.differences(lines[:1], "log_loss"))


def test_on_vectors_the_page_says_what_the_models_see_and_offers_no_model(
    open_page: Open, tmp_path: Path
) -> None:
    draw = np.random.default_rng(3)
    y = draw.random(300) < 0.3
    np.save(tmp_path / "v.npy", (draw.normal(size=(300, 6)) + y[:, None]).astype(np.float32))
    frame = pd.DataFrame({"a": draw.normal(size=300), "y": np.where(y, "yes", "no")})
    opened = open_page(
        "balance", attach(dataset(frame, target="y"), tmp_path / "v.npy"), {"strategies": QUICK}
    )
    opened.button(key="balance-compare").click().run()
    app = waited(opened)
    sound(app)
    assert "from the vectors of the rows" in shown(app)
    assert "There is no model to download" in shown(app)
    assert not app.get("download_button")
    assert "SMOTE" not in keyed(app.selectbox, "balance-way").options


def test_a_comparison_that_was_made_is_there_in_a_new_session(app: AppTest, open_page: Open) -> None:
    """It had to be asked for again, though data and settings were the same."""
    assert any(one.label.startswith("All scores") for one in app.expander)
    again = open_page("balance", data(), {"strategies": QUICK})
    sound(again)
    assert not [one for one in again.button if one.key == "balance-compare"]
    assert any(one.label.startswith("All scores") for one in again.expander)
    other = open_page("balance", data(), {"strategies": {**QUICK, "repeats": 2}})
    assert [one for one in other.button if one.key == "balance-compare"], (
        "with other settings it was not made"
    )


def test_a_model_that_learned_nothing_is_named_below_the_chart() -> None:
    lines = [
        line("weights", 0.0, 0.1),
        line("smote", 0.0, 0.1)._replace(area=0.5),
        line("focal", -0.3, 0.1, "worse")._replace(area=0.5),
    ]
    assert at_chance(lines) == "No better than chance: SMOTE (logistic regression, AUROC 0.5000)."
    assert at_chance(lines[:1]) == ""
    hover = [
        custom[2] for one in drawn.differences(lines, "log_loss").data for custom in one.customdata or ()
    ]
    assert hover == ["tie", "no better than chance", "worse"]
