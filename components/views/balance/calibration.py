"""Calibration on the balance page: what a strategy did to probabilities, and what makes them right."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from components.figures import reliability as drawn
from components.glossary import hint
from components.state import keep
from components.text import level, plain
from components.views.balance.strategies import stamp
from components.widgets.chart import chart
from core.analyses.strategies.models import MODELS
from core.analyses.strategies.recalibration import CORRECTIONS, ISOTONIC_EVENTS, RECALIBRATED, UNCORRECTED
from core.analyses.strategies.strategy import THRESHOLD, TITLES
from core.dataset import Dataset
from core.phrases import percent, quoted, sentence

if TYPE_CHECKING:
    from core.analyses.strategies.calibration import Calibration
    from core.analyses.strategies.result import StrategiesResult
    from core.analyses.strategies.trial import Trial

CLOSE = 1.5  # ends of an interval of O/E, one over the other, up to which it says that a model is right


def view(dataset: Dataset, result: StrategiesResult, done: bool) -> None:
    """Choose a strategy, a model and a class; its reliability curve and numbers, before and after."""
    st.subheader("Are the probabilities right?")
    trials = [one for one in result.trials if one.p is not None and one.strategy != THRESHOLD]
    if not trials:
        return
    with st.container(horizontal=True):
        trial = _trial(dataset, result, trials)
        place = _class(dataset, result)
    mark = ("calibration", place, *trial.key, *stamp(dataset, result))
    made = keep(mark, partial(result.calibrations, trial, place))
    st.markdown(_sentence(result, trial, made, place))
    chart(
        mark,
        partial(drawn.figure, made),
        f"reliability-{dataset.version}",
        drawn.alt(made),
        drawn.HOW,
    )
    _table(made)
    if len(result.classes) == 2 and trial.p_isotonic is None:
        st.caption(
            f"Isotonic regression is not fitted: it needs {ISOTONIC_EVENTS:,} events and as many others in "
            "four of five folds, and would follow noise with fewer."
        )


def _trial(dataset: Dataset, result: StrategiesResult, trials: Sequence[Trial]) -> Trial:
    """The strategy and the model that are chosen."""
    keys = [one.key for one in trials]
    at = st.selectbox(
        "Strategy and model",
        keys,
        _first(result, keys),
        format_func=lambda key: f"{TITLES[key[1]]}, {MODELS[key[0]].title.lower()}",
        key=f"balance-trial-{dataset.version}-{len(keys)}",
        width=380,
    )
    return trials[keys.index(at)]


def _class(dataset: Dataset, result: StrategiesResult) -> int:
    """The place of the class whose probabilities are shown; of two it is the event."""
    if len(result.classes) <= 2:
        return result.event
    return st.selectbox(
        "Class",
        range(len(result.classes)),
        result.event,
        format_func=lambda one: level(result.classes[one], 60),
        key=f"balance-class-{dataset.version}",
    )


def _first(result: StrategiesResult, keys: list[tuple[str, str]]) -> int:
    """The place of what the verdict speaks for: of a strategy, or of the rows as they are, which a threshold
    leaves as they are.
    """
    best = result.choice
    if best is None:
        return 0
    key = best.model, "none" if best.strategy == THRESHOLD else best.strategy
    return keys.index(key) if key in keys else 0


def _sentence(result: StrategiesResult, trial: Trial, made: dict[str, Calibration], place: int) -> str:
    """Whether the strategy made probabilities wrong, and by how much."""
    before = made["p"]
    rows = result.truth.size
    expected = before.events / before.ratio / rows if before.ratio else float("nan")
    event = plain(quoted(result.classes[place]), 80)
    words = (
        f"It predicts {event} with {percent(expected)} on average; {percent(before.events / rows)} happened "
        f"(observed over expected, O/E: {before.ratio:.3g})."
    )
    if before.ratio_low <= 1 <= before.ratio_high:
        sure = before.ratio_high <= CLOSE * before.ratio_low
        span = f"{before.ratio_low:.2g} to {before.ratio_high:.2g}"
        told = "On average that is right." if sure else f"With an interval of {span} it may be right or not."
        return f"{words} {told}"
    ways = {
        "p_prior": "correcting for the class shares that it was trained on (the closed form)",
        "p_platt": "Platt scaling on held-out rows",
    }
    brought = [f"{ways[kind]} brings it to {made[kind].ratio:.3g}" for kind in ways if kind in made]
    if not brought:
        return f"{words} {sentence(UNCORRECTED)}"
    told = ", ".join(brought)
    used = (
        f" The scores above are after {CORRECTIONS[trial.correction]}." if trial.correction != "none" else ""
    )
    return f"{words} {told[0].upper()}{told[1:]}.{used}"


def _table(made: dict[str, Calibration]) -> None:
    import pandas as pd

    lines = [
        {
            "Probabilities": RECALIBRATED[kind],
            "O/E": one.ratio,
            "From": one.ratio_low,
            "To": one.ratio_high,
            "Slope": one.slope,
            "Intercept": one.intercept,
            "Calibration error": one.error,
            "Noise floor": one.floor,
        }
        for kind, one in made.items()
    ]
    config = {
        "O/E": st.column_config.NumberColumn(format="%.3f", help=hint("O/E")),
        "Slope": st.column_config.NumberColumn(format="%.2f", help=hint("Calibration slope")),
        "Calibration error": st.column_config.NumberColumn(format="%.4f", help=hint("ECE")),
        "Noise floor": st.column_config.NumberColumn(format="%.4f", help=hint("Noise floor")),
    }
    st.dataframe(
        pd.DataFrame(lines),
        hide_index=True,
        placeholder="–",
        column_config=config,
        alt="Calibration before and after",
    )
