"""What stands over the columns of a result's table: plain words, with what each means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import streamlit as st

from components.glossary import hint, terms
from core.phrases import number, number_among, percent

if TYPE_CHECKING:
    import pandas as pd
    from pandas.io.formats.style import Styler


class Heading(NamedTuple):
    """words: over the column. help: what it means, or a term of the glossary. percent: a share of 1. tiny:
    numbers of any size, which are written with three digits and a power of ten.
    """

    words: str
    help: str = ""
    percent: bool = False
    tiny: bool = False


MOST_CELLS = 50_000  # of a table whose numbers are written here; a styled one of more takes too long
NAMES = ("row", "segment", "fold")  # numbers that are names: without separators
_LOW, _HIGH = "Lower end of the 95% interval.", "Upper end of the 95% interval."
_BIN = " Of numbers in bins: of the bin."
HEADINGS = {
    "auroc_half_width": Heading("AUROC ±", "How far an AUROC of 0.8 would be uncertain, from so many rows."),
    "auc": Heading("AUC", "AUC"),
    "baseline": Heading("Halves of train", "The same between two halves of train."),
    "chance": Heading("Noise floor", "Noise floor"),
    "correction": Heading("Correction", "How its probabilities were corrected."),
    "decided_by": Heading("Decided by", "The column that says where this one has no value."),
    "drawn": Heading("Rows drawn", "Rows of it in the coreset."),
    "drawn_share": Heading("Share of rows drawn", "Of all rows of the coreset.", True),
    "effect": Heading("Effect", "How strongly the column is associated with the target."),
    "effective": Heading(
        "Effective number",
        "Effective number of samples (Cui et al. 2019): the more rows, the less each adds.",
    ),
    "eta": Heading("Correlation ratio (eta)", "Correlation ratio (eta)"),
    "fold_max": Heading("Most in a fold", "Most rows of it in a fold of the cross-validation."),
    "fold_min": Heading("Fewest in a fold", "Fewest rows of it in a fold of the cross-validation."),
    "high": Heading("To", _HIGH + _BIN),
    "importance": Heading("Importance", "Permutation importance"),
    "importance_high": Heading("Importance to", _HIGH),
    "importance_low": Heading("Importance from", _LOW),
    "importance_share": Heading("Share of importance", "Of the sampling importance of all rows.", True),
    "information_noise95": Heading("Noise floor of it", "Noise floor"),
    "label_mix": Heading("Labels", "How the labels differ there."),
    "largest_weight": Heading("Largest weight", "Coreset weight"),
    "left": Heading("Column"),
    "left_out": Heading("Left out", "Why it was not tried."),
    "likely": Heading("Likely wrong", "Likely wrong label"),
    "loss_serve": Heading("Loss in serve"),
    "loss_train": Heading("Loss in train"),
    "low": Heading("From", _LOW + _BIN),
    "mean_probability": Heading("Mean probability", "Of the label that a row has."),
    "missing": Heading("Missing", "Rows without a value."),
    "mutual_information": Heading("Mutual information", "Mutual information"),
    "n": Heading("Rows", "How many rows it rests on."),
    "noise95": Heading("Noise floor", "Noise floor"),
    "null": Heading("Expected", "If serve is drawn like train."),
    "p": Heading("p-value", "p-value", tiny=True),
    "pearson": Heading("Pearson's correlation", "Pearson's correlation"),
    "possible": Heading("Possibly wrong", "Possibly wrong label"),
    "precision": Heading("Precision", "Of the rows of the segment the share that is of serve.", True),
    "q": Heading("q-value", "q-value", tiny=True),
    "query": Heading("As code", "The rule as an expression for pandas."),
    "ratio": Heading("Ratio", "Share of the rows of serve over that of train."),
    "ratio_high": Heading("O/E to", "Upper end of the range of O/E of predictions that are right."),
    "ratio_low": Heading("O/E from", "Lower end of the range of O/E of predictions that are right."),
    "recall": Heading("Recall", "Of the serve rows held out the share that lies in the segment.", True),
    "right": Heading("Other column"),
    "segment": Heading("Number"),
    "share": Heading("Share", "Of all rows.", True),
    "share_serve": Heading("Missing in serve", "Share of the rows.", True),
    "share_train": Heading("Missing in train", "Share of the rows.", True),
    "studentised": Heading("Studentised residual", "Studentised residual"),
    "suggested_most": Heading("Mostly suggested", "The class that is suggested most for them."),
    "u_left_given_right": Heading("U(column given other)", "Theil's U"),
    "u_right_given_left": Heading("U(other given column)", "Theil's U"),
    "unsupported": Heading("Unsupported", "Share of its serve rows that train does not support.", True),
    "value": Heading("Value"),
    "what": Heading("What it means"),
    "xi": Heading("Chatterjee's xi", "Chatterjee's xi"),
    "xi_noise95": Heading("Noise floor of xi", "Noise floor"),
    "z": Heading("Spreads above", "Standard deviations above what is expected."),
}


def config(table: pd.DataFrame, own: Mapping[str, Heading] | None = None) -> dict[str, Any]:
    """The look of each column, for ``column_config``. own: headings that mean something else in this table
    than in others.
    """
    known = {**HEADINGS, **(own or {})}
    looks = {}
    for name in map(str, table.columns):
        said = known.get(name, Heading(in_words(name)))
        help = hint(said.help) if said.help.lower() in terms() else said.help or None
        looks[name] = st.column_config.Column(said.words, help=help)
    return looks


def written(table: pd.DataFrame, own: Mapping[str, Heading] | None = None) -> pd.DataFrame | Styler:
    """The table with its numbers as they stand in sentences: 15,110, 12.3%, 0.0487; still sorted as numbers.
    A number in a format of the browser's would have the marks of its language, and more or fewer digits.
    own: as of `config`. Very long tables stay as they are.
    """
    known = {**HEADINGS, **(own or {})}
    forms = {
        name: _form(str(name), table[name], known.get(str(name), Heading("")))
        for name in table.columns
        if table[name].dtype.kind in "iuf" and str(name) not in NAMES
    }
    return formed(table, forms)


def formed(table: pd.DataFrame, forms: Mapping[str, Callable[[float], str]]) -> pd.DataFrame | Styler:
    """The table with the numbers of these columns so written."""
    if not forms or table.size > MOST_CELLS:
        return table
    return table.style.format(dict(forms), na_rep="–")


def _form(name: str, values: pd.Series, said: Heading) -> Callable[[float], str]:
    """How the numbers of one column are written: ends of bins may be years, all others are amounts."""
    if said.percent and values.dtype.kind == "f":
        return percent
    if said.tiny:
        return "{:.3g}".format
    if name in ("low", "high") and values.notna().any():
        return partial(number_among, low=float(values.min()), high=float(values.max()))
    return number


def in_words(name: str) -> str:
    """A name of a result's column that has no words of its own.

    >>> in_words("first_row"), in_words("class")
    ('First row', 'Class')
    """
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
