"""Strategies on the balance page: asked for, streaming in, and against doing nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import job_panel, results
from components.figures import strategies as drawn
from components.settings_form import settings_form
from components.state import keep, session
from components.text import plain
from components.widgets import headings
from components.widgets.chart import chart
from components.widgets.headings import Heading
from core.analyses.strategies.analysis import get_going
from core.analyses.strategies.models import MODELS
from core.analyses.strategies.result import StrategiesResult
from core.analyses.strategies.scores import SCORES
from core.analyses.strategies.settings import StrategiesSettings
from core.analyses.strategies.strategy import STRATEGIES, THRESHOLD, TITLES
from core.analyses.strategies.verdict import CHANCE, Line
from core.dataset import Dataset
from core.phrases import count, listed, number, score, within

if TYPE_CHECKING:
    import pandas as pd

OWN = {
    "ratio": Heading("O/E", "O/E"),
    "ratio_corrected": Heading("O/E, corrected", "O/E"),
    "difference": Heading("Difference", "To doing nothing, by the score of the verdict."),
    "seconds": Heading("Seconds", "That fitting and scoring took."),
}
UNEVEN = (
    f"Moving the threshold and up to {len(STRATEGIES) - 1} ways to rebalance are tried with two models, on "
    "the same held-out folds. That takes from seconds to minutes; results come in as they are there, and it "
    "can be stopped."
)
EVEN = (
    "No strategy is tried, unless the settings name some. Two models can be judged without any: what they "
    "score, what they decide, and whether their probabilities are right."
)
NAMED = 3  # strategies that are named while others are still to come
BASELINES = {
    "accuracy": "of always predicting the most frequent class",
    "auroc": "of random scores",
}


def named() -> bool:
    """Whether the settings name strategies, which are then tried whatever the classes."""
    return bool(str(session().settings.get("strategies", {}).get("strategies", "")).strip())


def known(dataset: Dataset) -> bool:
    """Whether the comparison with these settings was made already, in this session or another one."""
    made = results.worked_out(dataset, "strategies")
    return made is not None and made.result_is_in


def ask(dataset: Dataset, wanted: tuple[str, str], even: bool) -> None:
    """The button that begins it, and its settings. What it takes seconds to start is started by now. even:
    whether there is nothing to rebalance.
    """
    get_going(dataset, StrategiesSettings())
    st.caption(EVEN if even else UNEVEN)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Judge the models" if even else "Compare strategies",
            type="secondary" if even else "primary",
            icon=":material/balance:",
            key="balance-compare",
            on_click=session().chosen.__setitem__,
            args=(wanted, True),
        )
        settings_form("strategies", dataset)


def outcome(dataset: Dataset) -> tuple[StrategiesResult | None, bool]:
    """What is known by now, and whether it is all; a panel with progress and Stop stands on the page while
    the work goes on.
    """
    by_name = results.outcomes(dataset, "strategies", partly=True)
    mark = results.mark(dataset, "strategies")
    if by_name is None:
        part = job_panel.shown(mark) or session().chosen.get(("strategies so far", mark))
        session().chosen[("strategies so far", mark)] = part  # what was there when it was stopped stays
        return (part, False) if isinstance(part, StrategiesResult) and part.trials else (None, False)
    session().chosen.pop(("strategies so far", mark), None)
    made = by_name["strategies"]
    if not isinstance(made.result, StrategiesResult) or made.status.state != "ok":
        st.info(plain(str(made.status), 400), icon=":material/info:")
        settings_form("strategies", dataset)
        return None, True
    return made.result, True


def so_far(dataset: Dataset, result: StrategiesResult | None) -> str:
    """That there is no verdict yet, and what is known: a strategy that is surely better stays so."""
    works = results.under_way(dataset, "strategies")
    state = f"{'Still comparing, no' if works else 'No'} verdict yet"
    if result is None:
        return f"{state}: nothing is known so far."
    known = f"{state}: {count(len(result.trials))} of {count(result.planned, 'trial')} are done"
    score = result.settings.score
    compared = [line for line in result.lines(score) if line.strategy not in ("none", THRESHOLD)]
    better = [
        f"{within(TITLES[line.strategy])} ({MODELS[line.model].title.lower()})"
        for line in compared
        if line.says == "better"
    ]
    if better:
        return f"{known}; surely better so far by {within(SCORES[score].title)}: {listed(better, NAMED)}."
    return (
        f"{known}; no strategy is surely better by {within(SCORES[score].title)} so far."
        if compared
        else f"{known}."
    )


def stamp(dataset: Dataset, result: StrategiesResult) -> tuple[Any, ...]:
    """The key of what is drawn of a result, whole or so far."""
    return (*results.mark(dataset, "strategies"), len(result.trials), len(result.curves))


def view(dataset: Dataset, result: StrategiesResult, done: bool) -> None:
    """The chart of differences by a score, and the table."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        score = st.selectbox(
            "Score",
            list(SCORES),
            list(SCORES).index(result.settings.score),
            format_func=lambda name: SCORES[name].title,
            key=f"balance-score-{dataset.version}",
            width=260,
        )
        settings_form("strategies", dataset)
        if not done:
            st.caption(f"{len(result.trials)} of {result.planned} so far.")
    mark = ("strategies", score, *stamp(dataset, result))
    lines = keep(("lines", *mark), partial(result.lines, score))
    if drawn.shown(lines, score):
        chart(
            mark,
            partial(drawn.differences, lines, score),
            f"differences-{dataset.version}",
            drawn.alt_differences(lines, score),
            drawn.HOW_DIFFERENCES,
        )
        if not SCORES[score].decides and any(one.strategy == THRESHOLD for one in result.trials):
            st.caption("Moving the threshold is not drawn: it changes no probability, and so not this score.")
    _captions(result, lines, score)
    _all_scores(result, mark)


def _captions(result: StrategiesResult, lines: Sequence[Line], score: str) -> None:
    """What is no better than chance, what was left out and why, and what models predict from."""
    if idle := at_chance(lines):
        st.caption(plain(idle, 500))
    for strategy, why in dict.fromkeys((one.strategy, one.left_out) for one in result.trials if one.left_out):
        st.caption(f"{TITLES[strategy]} was left out: {plain(why, 200)}.")
    st.caption(plain(without_columns(result, score), 400))
    st.caption(plain(result.predicted_from, 500))


def _all_scores(result: StrategiesResult, mark: tuple[Any, ...]) -> None:
    """The table of every strategy and model. mark: the key of what is drawn of the result."""
    seconds = [float("nan"), *(one.seconds for one in result.trials)]
    table = keep(("table", *mark), result.frame).assign(seconds=seconds)
    with st.expander(f"All scores: {count(len(table), 'line')}", icon=":material/table_rows:"):
        titled = _titled(table)
        st.dataframe(
            headings.written(titled, OWN),
            hide_index=True,
            placeholder="–",
            column_config=headings.config(titled, OWN),
            alt="Scores of every strategy and model",
        )


def at_chance(lines: Sequence[Line]) -> str:
    """Which of the models drawn as ties rank rows no better than chance; "" where none does."""
    idle = [line for line in lines if line.words == CHANCE]
    named = [
        f"{within(TITLES[line.strategy])} ({MODELS[line.model].title.lower()}, AUROC {score(line.area, 4)})"
        for line in idle
    ]
    return f"{CHANCE[:1].upper()}{CHANCE[1:]}: {listed(named, NAMED)}." if named else ""


def without_columns(result: StrategiesResult, score: str) -> str:
    """What doing nothing scores with each model, and what the class shares alone do."""
    means = [
        f"{number(line.mean)} by {MODELS[line.model].title.lower()}"
        for line in result.lines(score)
        if line.strategy == "none" and line.mean == line.mean
    ]
    known = number(result.baseline[score])
    how = BASELINES.get(score, "of one who knows the class shares alone")
    if score == "average_precision":
        share = "the share of the class" if len(result.classes) == 2 else "the mean share of a class"
        how = f"of random scores: {share}"
    return (
        f"{SCORES[score].title} without rebalancing: {', '.join(means) or 'none'}. Baseline: {known}, {how}."
    )


def _titled(table: pd.DataFrame) -> pd.DataFrame:
    models = {"": "", **{name: one.title for name, one in MODELS.items()}}
    return table.assign(strategy=table["strategy"].map(TITLES), model=table["model"].map(models)).rename(
        columns={name: one.title for name, one in SCORES.items()}
    )
