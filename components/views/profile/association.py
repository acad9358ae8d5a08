"""The relations tab: the map of all pairs, and one pair with its picture and numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from components import address, guard, results
from components.figures import association as drawn
from components.figures import pair as pictures
from components.glossary import hint
from components.state import keep, value
from components.text import cut, number, plain, tag
from components.widgets import layout
from components.widgets.chart import chart, pickable, unpick
from core.analyses.association.pair import Density, pair_view
from core.analyses.association.pair_numbers import pair_numbers
from core.dataset import Dataset
from core.errors import CoreError
from core.phrases import count, names, verb

if TYPE_CHECKING:
    from core.analyses.association.result import AssociationResult

UNREAD = "Not compared, being"  # a note on columns that are not looked at
WIDE = 16  # columns from which the map takes the whole width
HALF = 380  # pixels: narrower than this, names and numbers of map and pair do not fit
# per number of a line its heading, its term in the glossary, and what else there is to say
MEANING = {
    "value": ("Strength", "Strength", ""),
    "noise95": ("Noise floor", "Noise floor", ""),
    "n": ("Rows", "Sample size", "Here: rows in which both are known."),
    "q": ("q-value", "q-value", "Over all pairs compared."),
    "pearson": ("Pearson", "Pearson's correlation", ""),
    "u_right_given_left": (
        "Theil's U (second | first)",
        "Theil's U",
        "Of the second column given the first.",
    ),
    "u_left_given_right": (
        "Theil's U (first | second)",
        "Theil's U",
        "Of the first column given the second.",
    ),
    "eta": ("Eta", "Eta", "Of the ranks."),
    "xi": ("Xi", "Chatterjee's xi", ""),
    "xi_noise95": ("Xi, noise floor", "Noise floor", ""),
    "mutual_information": (
        "Mutual information",
        "Mutual information",
        "Of the bins or levels, bias-corrected.",
    ),
    "information_noise95": ("Its noise floor", "Noise floor", "Of the mutual information."),
}


def view(dataset: Dataset, result: AssociationResult) -> None:
    """The map; a click on a square, or the two lists, choose the pair."""
    if len(result.names) < 2 or not result.pairs.left.size:
        st.caption("No two columns vary enough to be compared.")
        return
    wide = len(drawn.shown(result)) > WIDE
    left, right = (st.container(), st.container()) if wide else layout.halves(HALF)
    with left:
        _map(dataset, result)
    with right:
        _pair(dataset, result, wide)


def not_shown(result: AssociationResult) -> str:
    """How many columns the map leaves out, and why, but for what a note above it says; "" for none."""
    shown = {result.names[place] for place in drawn.shown(result)}
    others = {*result.names} - shown
    if not others:
        return ""
    why = ""
    if others - {*result.left_out}:
        few = "those of the strongest pairs" if len(shown) > drawn.LIMIT - 2 else "those of the pairs kept"
        why = f": {few}"
    told = others & {*result.left_out}
    every = f"the other{f' {count(len(others))}' * (len(others) > 1)}"
    which = every if told == others else f"{count(len(told))} of the others"
    are = verb(len(told), "is", "are")
    more = f"{'; w' if why else '. W'}hy {which} {are} not compared is said above" if told else ""
    if told and any(note.startswith(UNREAD) for note in result.notes):  # they are named above, too
        more += "; identifiers, free text, images and weights are not counted"
    return f"The map shows {count(len(shown))} of {count(len(result.names))} columns looked at{why}{more}."


def _map(dataset: Dataset, result: AssociationResult) -> None:
    if words := not_shown(result):
        st.caption(words)
    mark = ("deeper", *results.mark(dataset, "association"))
    pickable(
        mark,
        partial(drawn.association, result),
        _map_key(dataset),
        drawn.ALT,
        lambda place: _choose(result, place),
        drawn.HOW,
    )


def _map_key(dataset: Dataset) -> str:
    return f"association-{dataset.version}"


def _choose(result: AssociationResult, place: int) -> None:
    """The pair of a square that was clicked."""
    left, right = result.names[result.pairs.left[place]], result.names[result.pairs.right[place]]
    address.go(column=left, with_=right)


def _pair(dataset: Dataset, result: AssociationResult, wide: bool) -> None:
    with st.container(horizontal=True):
        usual = result.names[result.pairs.left[0]]
        first = address.one_of("column", result.names) or usual
        key = address.key(f"pair-{dataset.version}")
        left = st.selectbox(
            "Column",
            result.names,
            result.names.index(first),
            key=key,
            format_func=lambda name: cut(name, 60),
            on_change=_chosen,
            args=(dataset, "column", key),
        )
        others = keep(("others", *results.mark(dataset, "association"), left), lambda: _others(result, left))
        key = address.key(f"pair-with-{dataset.version}-{tag(left)}")
        second = address.one_of("with", list(others))
        right = st.selectbox(
            "with",
            list(others),
            list(others).index(second) if second is not None else 0,
            key=key,
            format_func=lambda name: _with_strength(name, others[name]),
            on_change=_chosen,
            args=(dataset, "with", key),
        )
    picture, numbers = layout.thirds(2, 1, "pair") if wide else (st.container(), st.container())
    with picture:
        _picture(dataset, left, right)
        if measured := [one for one in (left, right) if one in dataset.measured]:
            st.caption(
                plain(f"{names(measured)} {verb(len(measured), 'is', 'are')} measured of the images.", 200)
            )
    with numbers:
        _numbers(dataset, result, left, right, 2 if wide else 4)


def _chosen(dataset: Dataset, name: str, key: str) -> None:
    """One of the two was chosen from its list: the square that was clicked is not the pair any more."""
    unpick(_map_key(dataset))
    address.note(name, value(key))
    if name == "column":
        address.note("with", "")


def _others(result: AssociationResult, left: str) -> dict[str, float]:
    """The other columns, those most strongly associated with ``left`` first, with their strength; nan where
    the table does not know it.
    """
    at, pairs = result.names.index(left), result.pairs
    here = np.flatnonzero((pairs.left == at) | (pairs.right == at))
    partner = pairs.left[here] + pairs.right[here] - at
    known = {
        result.names[j]: float(value)
        for j, value in zip(partner.tolist(), pairs.value[here].tolist(), strict=True)
    }
    return known | {name: math.nan for name in result.names if name != left and name not in known}


def _with_strength(name: str, strength: float) -> str:
    return cut(name, 60) if math.isnan(strength) else f"{cut(name, 60)} ({strength:.2f})"


def _picture(dataset: Dataset, left: str, right: str) -> None:
    seen = keep(
        ("pair-view", dataset.version, left, right),
        lambda: guard.attempt(lambda: pair_view(dataset, left, right)),
    )
    if isinstance(seen, CoreError):
        guard.show(seen)
        return
    mark, key = (
        ("pair", dataset.version, left, right),
        f"pair-figure-{dataset.version}-{tag(left)}-{tag(right)}",
    )
    chart(mark, partial(pictures.pair_figure, seen), key, pictures.alt(seen), pictures.how(seen))
    if isinstance(seen, Density) and seen.beyond:
        st.caption(f"Not drawn, as they lie far out: {count(seen.beyond, 'row')}.")


def _numbers(dataset: Dataset, result: AssociationResult, left: str, right: str, across: int) -> None:
    """The line of the table, or the same worked out for a pair that the table does not hold."""
    line = keep(
        ("pair-numbers", *results.mark(dataset, "association"), left, right),
        lambda: _line(dataset, result, left, right),
    )
    if not line:
        st.caption(
            "There is nothing to measure: one of the two does not vary in the rows in which both are known."
        )
        return
    shown = [
        (MEANING[name], given) for name, given in line.items() if name in MEANING and not math.isnan(given)
    ]
    places = layout.cells(len(shown), 110 if across > 2 else 120)
    for place, ((word, term, more), given) in zip(places, shown, strict=True):
        text = "< 0.0001" if term == "q-value" and given < 1e-4 else number(float(given))
        place.metric(word, text, help=hint(term, more))
    if "q" not in line:
        st.caption(
            "This pair is not in the table, so its q-value is not known; the setting 'Pairs kept' makes "
            "the table longer."
        )


def _line(dataset: Dataset, result: AssociationResult, left: str, right: str) -> Mapping[str, float]:
    frame = keep(("table", "deeper", *results.mark(dataset, "association")), result.frame)
    pair = {left, right}
    names = list(result.names)
    low, high = sorted(pair, key=names.index)
    rows = frame[(frame["left"] == low) & (frame["right"] == high)]
    if len(rows):
        line: dict[str, float] = rows.iloc[0].drop(["left", "right", "kind"]).astype(float).to_dict()
        return line if low == left else _turned(line)
    pair_line = pair_numbers(dataset, left, right)
    return (
        {}
        if pair_line is None
        else {
            "value": pair_line.value,
            "noise95": pair_line.noise,
            "n": pair_line.n,
            **pair_line._asdict(),
            "p": math.nan,
        }
    )


def _turned(line: dict[str, float]) -> dict[str, float]:
    """The same line with left and right exchanged."""
    forth, back = line["u_right_given_left"], line["u_left_given_right"]
    return {**line, "u_right_given_left": back, "u_left_given_right": forth}
