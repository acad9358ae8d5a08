"""Importance weights on the overlap page: what they leave of train; as decisions, or as a file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from components import as_decided, decisions
from components.text import plain
from core.analyses.overlap.weights import weights_csv
from core.dataset import Dataset
from core.phrases import count, names, verb
from core.prepare.weight_decisions import MOST, weight_decisions

if TYPE_CHECKING:
    from core.analyses.overlap.case import Case
    from core.analyses.overlap.result import OverlapResult


def view(dataset: Dataset, result: OverlapResult | None) -> None:
    """Importance weights that make train look like serve: as decisions that the export writes, or as a
    file.
    """
    if result is None or result.case is None:
        return
    case = result.case
    if case.of_the_rest == "yes":
        st.caption(plain(_no_use(case), 400))
        return
    with st.container(border=True):
        st.markdown("**Weight train to look like serve**")
        st.caption(
            f"The effective sample size of {count(case.train, 'train row')} is then "
            f"{case.effective_in_words}. A weight is the odds of serve against train for rows like this "
            "one, cut at the 99th percentile."
        )
        if case.by_weight in ("partly", "no"):
            st.warning(plain(rests_on_few(case.effective, case.train), 300), icon=":material/warning:")
        with st.container(horizontal=True, vertical_alignment="center"):
            if case.train <= MOST:
                st.button(
                    f"Weight {count(case.train, 'train row')}",
                    key="overlap-weight",
                    icon=":material/balance:",
                    help="Two significant digits each; the export adds a column sample_weight. One undo "
                    "takes all back.",
                    on_click=_weigh,
                    args=(dataset, result),
                )
            st.download_button(
                "Download the weights",
                data=partial(weights_csv, dataset, result.weight),
                file_name="weights.csv",
                mime="text/csv",
                icon=":material/download:",
                key="overlap-weights-file",
                on_click="ignore",
            )


def rests_on_few(effective: float, train: int) -> str:
    """That weights leave little of train.

    >>> print(rests_on_few(3.2, 59))
    What is learned or measured with these weights is as uncertain as with 3 rows, of 59: a part of them has much of the weight, the others have hardly any. Rows like serve's, added, help more.
    >>> rests_on_few(0.2, 75)[:82]
    'What is learned or measured with these weights rests on less than one of 75 rows: '
    """  # noqa: E501
    if effective < 1:
        return (
            "What is learned or measured with these weights rests on less than one of "
            f"{count(train, 'row')}: serve lies outside of what train has, and no weight of train rows makes "
            "up for that. Add rows like serve's first."
        )
    return (
        "What is learned or measured with these weights is as uncertain as with "
        f"{count(round(effective), 'row')}, of {count(train)}: a part of them has much of the weight, the "
        "others have hardly any. Rows like serve's, added, help more."
    )


def _no_use(case: Case) -> str:
    """That there is nothing that weights could make up for."""
    same = "a model cannot distinguish serve from train."
    if case.answer == "yes":
        return f"Importance weights are not needed: {same}"
    columns = names([column for column, _ in case.separating])
    makes_up = f"no weight makes up for {verb(len(case.separating), 'it', 'them')}"
    return f"Importance weights are of no use: without {columns}, {same[:-1]}, and {makes_up}."


def _weigh(dataset: Dataset, result: OverlapResult) -> None:
    if as_decided.in_view() is dataset:
        weights = weight_decisions(dataset, result.weight, "weighted for serving")
        weighted = count(int(np.isfinite(result.weight).sum()), "train row")
        decisions.say(f"Weighted {weighted} to look like serve.", *weights)
