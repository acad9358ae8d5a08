"""Learning curves on the balance page: would more rows of a class help?"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from components.figures import strategies as drawn
from components.text import plain
from components.views.balance.strategies import stamp
from components.widgets.chart import chart
from core.analyses.strategies.learning import HELPS
from core.analyses.strategies.models import MODELS
from core.analyses.strategies.scores import SCORES
from core.dataset import Dataset
from core.phrases import count, quoted, within

if TYPE_CHECKING:
    from core.analyses.strategies.result import StrategiesResult
    from core.analyses.strategies.trial import LearningCurve


SMALL = 0.0005  # reads 0.000


def view(dataset: Dataset, result: StrategiesResult) -> None:
    """Of the score chosen a sentence per class, and the figure."""
    if not result.curves:
        return
    st.subheader("Would more rows help?")
    score = st.segmented_control(
        "Score of a class against the rest",
        list(HELPS),
        default="auroc",
        required=True,
        format_func=lambda name: SCORES[name].title,
        key=f"balance-curve-{dataset.version}",
        wrap=True,
    )
    curves = [one for one in result.curves if one.score == score]
    for one in curves:
        st.markdown(plain(sentence(one, result.classes[one.place]), 400))
    chart(
        ("learning", score, *stamp(dataset, result)),
        partial(drawn.learning, curves, result.classes),
        f"learning-{dataset.version}",
        drawn.alt_learning(curves, result.classes),
        drawn.HOW_LEARNING,
    )


def changed(value: float) -> str:
    """A change of a score to three digits; one too small for them keeps its sign and its first digit, up to
    the sixth.

    >>> changed(0.0123), changed(-0.00004), changed(1e-9)
    ('+0.012', '-0.00004', '0')
    """
    if not abs(value) < SMALL:
        return f"{value:+.3f}"
    return "0" if abs(value) < 5e-7 else f"{value:+.{-math.floor(math.log10(abs(value)))}f}"


def sentence(curve: LearningCurve, name: str) -> str:
    """What the curve says of one more doubling."""
    change = f"{changed(curve.gain)} ({changed(curve.low)} to {changed(curve.high)})"
    if max(abs(curve.gain), abs(curve.low), abs(curve.high)) < SMALL:
        change = "under 0.001"
    title = within(SCORES[curve.score].title)
    measured = (
        f"the last doubling to {count(curve.rows[-1], 'row')} changed its {title} by {change} "
        f"({MODELS[curve.model].title.lower()})"
    )
    if curve.says == "helps":
        more = f"twice as many would bring about {changed(curve.next)} more (extrapolated)"
        return f"More rows of {quoted(name)} would help: {measured}; {more}."
    if curve.says == "hardly":
        return f"More rows of {quoted(name)} would hardly help: {measured}."
    return f"Whether more rows of {quoted(name)} would help cannot be told: {measured}."
