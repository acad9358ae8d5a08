"""Train and serve in all columns together: the numbers beside their noise floors, where serve rows lie, what
train rows weigh.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from components.figures.theme import ABOVE, GREY, RULE, SERVE, SHARES, TRAIN, framed, noise_line
from core.phrases import percent, score, share_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.overlap.measures import Measure
    from core.analyses.overlap.result import OverlapResult

LABELS = {
    "auc": "AUC, serve against train",
    "coverage_serve": "serve covered by train",
    "coverage_train": "train covered by serve",
    "mixing": "neighbours of the other part",
    "unsupported_share": "unsupported serve rows",
}
BINS = 20
HOW_NUMBERS = """Each dot is a number between 0 and 1 with its 95% interval. **The thick grey line is the
noise floor: where the number lies if serve is drawn like train**; the hollow diamond is the same number
between two halves of your own training data. A dot outside the line, far from the diamond, is a real
difference; how far it lies is how much it matters."""
HOW_SUPPORT = """For each serve row, the share of train rows that lie as far out as it does (a conformal
p-value). If serve is drawn like train, all bars reach the dashed line. **A tall first bar is rows where train
has hardly any**; a slope to the right means that serve rows lie where train is densest."""
HOW_WEIGHTS = """The importance weight of each train row, by which train as a whole looks like serve. Rows
near 0 are hardly ever served; rows above 1 stand for more than themselves. The largest weights are cut at the
99th percentile."""


def alt_numbers(result: OverlapResult) -> str:
    """What the figure shows, in words."""
    numbers = result.summary
    share = numbers.get("unsupported_share")
    return (
        f"Dots beside their noise floors: AUC {score(float(numbers['auc']))}, coverage of serve "
        f"{score(float(numbers['coverage_serve']))} and of train {score(float(numbers['coverage_train']))}"
        f"{'' if share is None else f', unsupported share {percent(float(share))}'}."
    )


def overlap_dots(result: OverlapResult) -> go.Figure:
    """Each number with its interval, noise floor, and the train-train baseline. Needs a result that
    was not skipped.
    """
    import plotly.graph_objects as go

    shown = [one for one in result.measures if one.measure in LABELS and isfinite(one.value)]
    places, names = list(range(len(shown))), [LABELS[measure.measure] for measure in shown]
    figure = go.Figure(
        [
            noise_line([(measure.null, measure.chance) for measure in shown]),
            _with_intervals(shown, places, names),
            _between_halves(shown, places),
        ]
    )
    framed(
        figure,
        90 + 38 * len(shown),
        showlegend=True,
        legend=ABOVE,
    )
    figure.update_xaxes(range=[-0.02, 1.02])
    figure.update_yaxes(
        tickmode="array", tickvals=places, ticktext=names, autorange="reversed", showgrid=False
    )
    return figure


def _with_intervals(shown: list[Measure], places: list[int], names: list[str]) -> go.Scatter:
    """Each number of train against serve, with its interval."""
    import plotly.graph_objects as go

    values = np.array([measure.value for measure in shown])
    spans = [np.abs(values - [getattr(measure, end) for measure in shown]) for end in ("high", "low")]
    return go.Scatter(
        x=values,
        y=places,
        mode="markers",
        name="train against serve",
        marker={"size": 11, "color": SERVE},
        error_x={
            "color": GREY,
            "type": "data",
            "symmetric": False,
            "array": spans[0],
            "arrayminus": spans[1],
        },
        customdata=[
            [name, score(measure.value), measure.z] for name, measure in zip(names, shown, strict=True)
        ],
        hovertemplate="%{customdata[0]}: %{customdata[1]}<br>%{customdata[2]:+.1f} standard deviations from "
        "the expected<extra></extra>",
    )


def _between_halves(shown: list[Measure], places: list[int]) -> go.Scatter:
    """The same numbers between two halves of train."""
    import plotly.graph_objects as go

    return go.Scatter(
        x=[measure.baseline for measure in shown],
        y=places,
        mode="markers",
        name="train against train",
        marker={"size": 11, "symbol": "diamond-open", "color": TRAIN, "line": {"width": 2}},
        customdata=[score(measure.baseline) for measure in shown],
        hovertemplate="between two halves of train: %{customdata}<extra></extra>",
    )


def alt_support(result: OverlapResult) -> str:
    """What the histogram shows, in words."""
    known = result.support_p[result.serve]
    low = float((known[np.isfinite(known)] <= 1.0 / BINS).mean())
    return (
        f"Histogram of the support of serve rows: {percent(low)} of them lie in the lowest twentieth, 5% "
        "expected."
    )


def support_bars(result: OverlapResult) -> go.Figure:
    """Share of the serve rows per twentieth of the support p-value, and the share expected of each."""
    import plotly.graph_objects as go

    counts, edges = np.histogram(result.support_p[result.serve], bins=BINS, range=(0.0, 1.0))
    figure = go.Figure()
    figure.add_bar(
        x=(edges[:-1] + edges[1:]) / 2,
        y=counts / max(1, int(counts.sum())),
        width=0.9 / BINS,
        marker={"color": SERVE},
        customdata=[f"{n:,} rows ({share_of(n, int(counts.sum()))})" for n in counts.tolist()],
        hovertemplate="%{customdata} at support %{x:.2f}<extra></extra>",
    )
    figure.add_hline(y=1.0 / BINS, line=RULE)
    framed(figure, 220, x="support p-value", y="serve rows")
    figure.update_yaxes(tickformat=SHARES, rangemode="tozero")
    figure.update_xaxes(range=[0, 1])
    return figure


def alt_weights(result: OverlapResult) -> str:
    """What the histogram shows, in words."""
    if result.case is None:
        return "Histogram of the importance weights of train rows: there are none."
    return (
        f"Histogram of the importance weights of {result.case.train:,} train rows; effective sample size "
        f"{result.case.effective_in_words}."
    )


def weight_bars(result: OverlapResult) -> go.Figure:
    """Train rows that have a weight, per weight; the dashed line is the weight of a row that stands for
    itself.
    """
    import plotly.graph_objects as go

    weights = result.weight[~result.serve & np.isfinite(result.weight)].astype(np.float64)
    counts, edges = np.histogram(weights, bins=40, range=(0.0, max(2.0, float(weights.max(initial=0.0)))))
    figure = go.Figure()
    figure.add_bar(
        x=(edges[:-1] + edges[1:]) / 2,
        y=counts,
        width=0.9 * (edges[1] - edges[0]),
        marker={"color": TRAIN},
        hovertemplate="%{y:,} rows of weight about %{x:.2f}<extra></extra>",
    )
    figure.add_vline(x=1.0, line=RULE)
    framed(figure, 220, x="weight", y="train rows")
    return figure
