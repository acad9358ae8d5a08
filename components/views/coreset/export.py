"""What is taken away from a coreset: its rows with their weights as a file, or as decisions."""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components.views.coreset import kept
from components.views.coreset.kept import KeptCoreset
from components.views.coreset.weights import by_decision, weights
from core.dataset import Dataset
from core.prepare.weight_decisions import DIGITS
from core.rowset import RowSet

if TYPE_CHECKING:
    from core.analyses.coreset.analysis import CoresetResult


def view(dataset: Dataset, result: CoresetResult, held: KeptCoreset | None) -> None:
    """Files with a weight column; and one step that keeps these rows alone."""
    weight = weights(dataset, result)
    with st.container(border=True):
        st.markdown("**Take the coreset with you**")
        st.caption(
            "Fit any model with these rows and their weights (sample_weight). Without the weights rare rows "
            f"count too much. {in_the_files(by_decision(dataset))}"
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            for ending, mime in (("csv", "text/csv"), ("parquet", "application/octet-stream")):
                st.download_button(
                    f"Download as {'CSV' if ending == 'csv' else 'Parquet'}",
                    data=partial(_file, dataset, result, weight, ending),
                    file_name=f"coreset.{ending}",
                    mime=mime,
                    icon=":material/download:",
                    key=f"coreset-{ending}",
                    on_click="ignore",
                )
            kept.button(dataset, result, held)


def in_the_files(given: int) -> str:
    """In how many digits weights are written. given: rows that have one by a decision.

    >>> in_the_files(0)
    'The files have the weights in full; a step that keeps these rows, in two significant digits.'
    >>> print(in_the_files(3))
    The files have the weights in full, those that your decisions gave counted; a step that keeps these rows, in two significant digits.
    """  # noqa: E501
    counted = ", those that your decisions gave counted" if given else ""
    return f"The files have the weights in full{counted}; a step that keeps these rows, in {DIGITS}."


def _file(dataset: Dataset, result: CoresetResult, weight: NDArray[np.float64], ending: str) -> bytes:
    """The rows as they stand in the data shown, with ``row`` first and ``weight`` and ``importance`` last. It
    runs when it is asked for: nothing of the session here.
    """
    frame = dataset.frame(rows=RowSet(result.row))
    frame.insert(0, _free("row", dataset.names), dataset.source_ids(result.row))
    frame[_free("weight", dataset.names)] = weight
    frame[_free("importance", dataset.names)] = result.coreset.sample.score
    if ending == "csv":
        return frame.to_csv(index=False).encode("utf-8", "surrogatepass")
    out = io.BytesIO()
    frame.to_parquet(out, index=False)
    return out.getvalue()


def _free(word: str, taken: tuple[str, ...]) -> str:
    return word if word not in taken else _free(f"{word}_", taken)
