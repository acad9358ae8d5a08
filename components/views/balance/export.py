"""What is taken away from the balance page: weights and rows as decisions, and the fitted model as files."""

from __future__ import annotations

import io
import zipfile
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from components import as_decided, decisions, guard
from components.state import Notice, session
from components.views.balance.strategies import stamp
from core.analyses.strategies.decisions import offered, split_decision, strategy_decisions
from core.analyses.strategies.model_files import model_files, no_model
from core.analyses.strategies.models import MODELS
from core.analyses.strategies.strategy import TITLES
from core.dataset import Dataset
from core.errors import CoreError

if TYPE_CHECKING:
    from core.analyses.strategies.result import StrategiesResult

_SPLITS = {"by level": "alike in every class", "by group": "whole groups", "in time": "test after train"}


def view(dataset: Dataset, result: StrategiesResult) -> None:
    """Buttons; each decision stands on the Prepare page and in the recipe, and one undo takes it back."""
    st.subheader("Take it along")
    left, right = st.columns(2)
    with left, st.container(border=True):
        _as_decisions(dataset, result)
    with right, st.container(border=True):
        _as_files(dataset, result)


def _as_decisions(dataset: Dataset, result: StrategiesResult) -> None:
    st.markdown("**Into the data**")
    st.caption("Weights, rows and splits become decisions: the recipe and next month's file follow them.")
    ways = offered(result)
    best = "none" if result.choice is None else result.choice.strategy
    way = st.selectbox(
        "Strategy",
        ways,
        ways.index(best) if best in ways else None,
        format_func=TITLES.get,
        placeholder="None is recommended" if best == "none" else "Choose a strategy",
        key=f"balance-way-{dataset.version}",
    )
    st.button(
        "Take it as a decision",
        icon=":material/balance:",
        key="balance-decide",
        disabled=way is None,
        on_click=_decide,
        args=(dataset, result, way),
    )
    given = {"by level": True, "by group": dataset.roles.group, "in time": dataset.roles.time}
    how = st.selectbox(
        "Split",
        [one for one, there in given.items() if there],
        format_func=_SPLITS.get,
        key=f"balance-split-{dataset.version}",
    )
    st.button(
        "Add a split column",
        icon=":material/call_split:",
        key="balance-split",
        on_click=_split,
        args=(dataset, result, how),
    )


def _decide(dataset: Dataset, result: StrategiesResult, way: str) -> None:
    made = guard.attempt(lambda: strategy_decisions(dataset, result, way))
    if isinstance(made, CoreError):
        session().notice = Notice(str(made), refused=True)
    elif as_decided.in_view() is dataset:
        decisions.say(f"{TITLES[way]} taken as a decision.", *made)


def _split(dataset: Dataset, result: StrategiesResult, how: str) -> None:
    if as_decided.in_view() is dataset:
        made = split_decision(result, how)
        reason = as_decided.refused((made,))
        if reason:
            session().notice = Notice(reason, refused=True)
        else:
            decisions.say("Added a split column.", made)


def _as_files(dataset: Dataset, result: StrategiesResult) -> None:
    """The model is fitted when it is asked for: that may take as long as a fold did."""
    trial = result.picked
    if trial is None:
        return
    st.markdown("**As a model**")
    if result.vectors:
        st.caption(
            f"{no_model(result.vectors)} Weights, rows and a split go into the data, for any model that you "
            "train on them."
        )
        return
    st.caption(
        f"{TITLES[trial.strategy]}, {MODELS[trial.model].title.lower()}: a pipeline without pickles with its "
        "threshold and corrected probabilities, a model card, the rows it was trained on with weights and "
        "soft labels, and the code that remakes it. The settings choose another strategy or model."
    )
    st.download_button(
        "Download the model",
        data=partial(_zipped, dataset, result),
        file_name="model.zip",
        mime="application/zip",
        icon=":material/download:",
        key=f"balance-model-{abs(hash(stamp(dataset, result)))}",
        on_click="ignore",
    )


def _zipped(dataset: Dataset, result: StrategiesResult) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in model_files(dataset, result).items():
            archive.writestr(name, content)
    return out.getvalue()
