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
from core.prepare.by_hand import OUTSIDE
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
    if case.of_the_rest == "yes" or case.outside:
        st.caption(plain(rests_on_few(case) if case.outside else _no_use(case), 400))
        return
    with st.container(border=True):
        st.markdown("**Weight train to look like serve**")
        st.caption(
            f"The effective sample size of {count(case.train, 'train row')} is then "
            f"{case.effective_in_words}. A weight is the odds of serve against train for rows like this "
            "one, cut at the 99th percentile."
        )
        if case.by_weight in ("partly", "no"):
            st.warning(plain(rests_on_few(case), 300), icon=":material/warning:")
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


def rests_on_few(case: Case) -> str:
    """That weights leave little of train.

    >>> from types import SimpleNamespace as Case
    >>> print(rests_on_few(Case(effective_in_words="3", train=59, outside=False)))
    What is learned or measured with these weights is as uncertain as with 3 rows, of 59: a few have much of the weight, or train hardly reaches a part of serve. Rows like serve's, added, help more.
    >>> rests_on_few(Case(effective_in_words="0.2", train=75, outside=True))[:66]
    'For serve, train with these weights is worth 0.2 of 75 rows. Serve'
    """  # noqa: E501
    told, rows = case.effective_in_words, count(case.train, "row")
    if case.outside:
        return f"For serve, train with these weights is worth {told} of {rows}. {OUTSIDE}"
    return (
        f"What is learned or measured with these weights is as uncertain as with {told} "
        f"{'row' if told == '1' else 'rows'}, of {count(case.train)}: a few have much of the weight, or "
        "train hardly reaches a part of serve. Rows like serve's, added, help more."
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
