"""The threshold on the balance page: a slider, and what any place of it gives, without a fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from components.glossary import hint
from components.state import keep
from components.text import level
from components.views.balance.strategies import stamp
from components.widgets import layout
from core.analyses.strategies.scores import Curve, confusion, decided
from core.analyses.strategies.threshold import shown
from core.dataset import Dataset
from core.phrases import percent

if TYPE_CHECKING:
    from core.analyses.strategies.result import StrategiesResult


def view(dataset: Dataset, result: StrategiesResult, done: bool) -> None:
    """The threshold of two classes, or the decisions by cost of more."""
    st.subheader("Threshold" if len(result.classes) == 2 else "Decisions by cost")
    if len(result.classes) == 2:
        _two(dataset, result)
    else:
        _several(result)


@st.fragment
def _two(dataset: Dataset, result: StrategiesResult) -> None:
    """Redrawn by itself when the slider moves."""
    trial = result.picked
    if trial is None or trial.p_corrected is None:
        return
    p, mark = trial.p_corrected, (*stamp(dataset, result), *trial.key)
    curve = keep(("curve", *mark), lambda: Curve.of(result.truth == 1, p))
    start, (low, high) = keep(
        ("threshold", *mark), lambda: (result.threshold(trial), result.threshold_interval)
    )
    grid = keep(("grid", *mark), lambda: _grid(p, start))
    at = st.select_slider(
        f"Call a row {level(result.classes[1], 60)} from a probability of",
        grid,
        grid[int(np.argmin(np.abs(np.array(grid) - start)))],
        format_func=lambda value: f"{value:.3g}" if value < 0.99 else shown(value),
        key=f"balance-threshold-{dataset.version}-{'-'.join(trial.key)}",
    )
    table = curve.table(float(at))
    told = decided(table, result.wanted)
    hits, alarms, missed = int(table[1, 1]), int(table[0, 1]), int(table[1, 0])
    places = layout.cells(6, 120)
    places[0].metric("Found", f"{hits:,}", help=f"Of {hits + missed:,} rows of the class.")
    places[1].metric("Missed", f"{missed:,}")
    places[2].metric("False alarms", f"{alarms:,}")
    places[3].metric("Precision", percent(hits / (hits + alarms)) if hits + alarms else "–")
    places[4].metric("Recall", percent(hits / (hits + missed)))
    cost = f"Here one costs {result.wanted.odds:.4g} times a missed row of the class, as set above."
    places[5].metric("Net benefit", f"{told['net_benefit']:.4g}", help=hint("Net benefit", cost))
    told_of = f"The likeliest class is chosen from {shown(start)}; no tuned threshold is surely better."
    if np.isfinite(low):
        told_of = (
            f"Tuned on held-out rows: {shown(start)} (95% interval {shown(low)} to {shown(high)}). The "
            "scores above are of thresholds tuned on the other folds."
        )
    st.caption(f"{told_of} Nothing is fitted anew when the slider moves.")


def _grid(p: np.ndarray, start: float) -> list[float]:
    """Places of the slider: quantiles of the predictions, denser at the top, round places and the one
    it starts at.
    """
    shares = np.concatenate([np.linspace(0, 0.9, 46), 1 - np.geomspace(0.1, 1.0 / p.size, 54)])
    round_ones = np.array([0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9])
    grid = np.unique(np.concatenate([np.quantile(p, shares), round_ones, [start]]))
    return [float(one) for one in grid if 0 <= one <= 1]


def _several(result: StrategiesResult) -> None:
    import pandas as pd

    trial = result.picked
    if trial is None or trial.p_corrected is None:
        return
    table = confusion(result.truth, result.decide(trial.p_corrected, 0.5), len(result.classes))
    st.caption(
        "Each row gets the class of least expected cost, by the corrected probabilities; type other costs in "
        "the settings. Lines are given classes, columns predicted ones."
    )
    names = list(result.classes)
    st.dataframe(pd.DataFrame(table, index=names, columns=names), alt="Confusion matrix")
