"""Learning curves on the balance page: would more rows of a class help?"""

from __future__ import annotations

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
from core.phrases import count, quoted

if TYPE_CHECKING:
    from core.analyses.strategies.result import StrategiesResult
    from core.analyses.strategies.trial import LearningCurve


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


def sentence(curve: LearningCurve, name: str) -> str:
    """What the curve says of one more doubling."""
    change = f"{curve.gain:+.3f} ({curve.low:+.3f} to {curve.high:+.3f})"
    if max(abs(curve.gain), abs(curve.low), abs(curve.high)) < 0.0005:
        change = "less than 0.001"
    title = "AUROC" if curve.score == "auroc" else SCORES[curve.score].title.lower()
    measured = (
        f"the last doubling to {count(curve.rows[-1], 'row')} changed its {title} by {change} "
        f"({MODELS[curve.model].title.lower()})"
    )
    if curve.says == "helps":
        more = f"twice as many would bring about {curve.next:+.3f} more (extrapolated)"
        return f"More rows of {quoted(name)} would help: {measured}; {more}."
    if curve.says == "hardly":
        return f"More rows of {quoted(name)} would hardly help: {measured}."
    return f"Whether more rows of {quoted(name)} would help cannot be told: {measured}."
