"""The list of findings to choose from, and which one is chosen: it stays so through decisions and undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from components import address, as_decided
from components.state import session
from components.widgets.findings import accepted_by, caption, counted_in, greyed, label
from core.finding import Finding
from core.phrases import count

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

MOST = 8  # findings that are all shown at once
HEIGHT = 560  # pixels of a longer list


def choose(
    listed: Sequence[Finding],
    key: str,
    version: str,
    accepted: Sequence[Finding] = (),
    news: Callable[[Finding], str] = lambda finding: "",
) -> Finding:
    """The list to choose from; gives the one chosen. Accepted findings stand at
    its end, grey. version: of the data. news: what of a finding decisions brought about, in words.
    """
    every, kept = [*listed, *accepted], as_decided.accepted()
    captions = [
        " · ".join(filter(None, (caption(f.severity, f.rows, counted_in(f)), news(f)))) for f in listed
    ]
    captions += [accepted_by(kept.get(f.key)) for f in accepted]
    words = [f.key for f in every]
    widget = address.key(f"{key}-{version}-{len(listed)}-{len(accepted)}")
    with box(len(every)):
        at = st.radio(
            "Findings",
            range(len(every)),
            place_of(key, version, words, "finding"),
            key=widget,
            **address.noting("finding", widget, dict(enumerate(words)), 0),
            format_func=lambda i: (
                label(every[i].title, every[i].severity) if i < len(listed) else greyed(every[i].title)
            ),
            captions=captions,
            label_visibility="collapsed",
        )
    choose_as(key, version, words, at or 0, "finding")
    return every[at or 0]


def box(many: int) -> DeltaGenerator:
    """The place of a list of so many findings: as high as they are, up to `MOST`; then it is scrolled, which
    is said above it, as a list that ends in the middle of a finding looks as if it were all.
    """
    if many <= MOST:
        return st.container(border=True)
    st.caption(f":material/swap_vert: {count(many)} in this list: scroll it to see all.")
    return st.container(border=True, height=HEIGHT)


def place_of(chosen: str, version: str, names: Sequence[str], told: str) -> int:
    """Where the one to show stands in the list: the one that the address names (``told``: as what); else the
    one chosen before under this name, for this version of the data or the last one; 0 where all are gone.
    """
    known = [address.one_of(told, names), *_before(chosen, version)]
    return next((names.index(name) for name in known if name in names), 0)


def wanted(chosen: str, version: str, told: str) -> str:
    """The one to show by the same rule, whether it is in a list to which more are to come or not; "" where
    none was asked for.
    """
    return next(filter(None, (address.text(told), *_before(chosen, version))), "")


def _before(chosen: str, version: str) -> list[str | None]:
    """The one chosen under this name before: for this version of the data, and at last."""
    now, chosen = session().chosen, address.key(chosen)
    return [now.get(key) for key in ((chosen, version), chosen)]


def choose_as(chosen: str, version: str, names: Sequence[str], at: int, told: str) -> None:
    """Note which one is chosen: a decision on it changes the version, an undo brings the former one back."""
    chosen = address.key(chosen)
    session().chosen[chosen] = session().chosen[(chosen, version)] = names[at]
    address.follow(told, names[at] if at else "")
