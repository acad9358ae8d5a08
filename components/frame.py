"""The frame that all pages share: title, notice line, links to the pages, and the doors between them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from components import (
    address,
    as_decided,
    badge,
    guard,
    job_panel,
    open_data,
    opening,
    resuming,
    streamlit_internals,
)
from components.server import drawn
from components.state import session
from components.text import plain
from components.widgets import answered, sources
from core.phrases import count

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator
    from streamlit.navigation.page import Page

TILES = ('[data-testid="stMetricLabel"]', '[data-testid="stMetricValue"]', '[data-testid="stMetricDelta"]')
TYPES = '[data-testid="stFileUploaderDropzoneInstructions"]'  # which files may be dropped
HOME = "home"
INKED = "association-"  # how the key of a figure begins whose text has colours of its own, on squares
FIGURE_TEXT = f'.js-plotly-plot text:not(.hoverlayer text, [class*="st-key-{INKED}"] .textpoint text)'
PRIMARY = '[data-testid="stBaseButton-primary"]:not(:disabled)'


def arrive(page: str) -> None:
    """Look where the address leads. page: the name of the page in it, "" for the first.

    The session is there from now on; every page makes sure of it again, as a page may run without app.py.
    """
    now = session()
    if address.read(page or HOME):
        open_data.from_address()
        opening.at_once()
    if now.dataset is None and open_data.requested() is None and not now.chosen.get("booted"):
        now.chosen["booted"] = True
        if not now.place.unknown:
            open_data.first_of_all(os.environ.get("WINNOW_OPEN", ""))


def legible() -> None:
    """What has the focus is outlined. On dark, the primary colour is light enough to be read, so what stands
    on it must be dark. The letters of shortcuts on buttons are as strong as the rest. The heading and the
    number of a narrow tile, and the types of files that may be dropped, go on in a second line instead of
    ending in dots. The words of figures take the
    page's colour, as Streamlit puts its own in once and leaves it when the system's theme changes.
    """
    ink = "color: #10171F;" if st.context.theme.type == "dark" else ""
    focus = ":focus-visible { outline: 2px solid #2A83BC !important; outline-offset: 1px; }"
    plain = "color: inherit; opacity: 1; background-color: transparent;"
    whole = "white-space: normal !important; overflow: visible !important; text-overflow: clip !important;"
    uncut = ", ".join(f"{part}, {part} *" for part in (*TILES, TYPES))
    figures = f"{FIGURE_TEXT} {{fill: currentColor !important;}}"
    st.html(
        f"<style>{focus} {figures} {PRIMARY} {{{ink}}} {PRIMARY} * {{{plain}}} {uncut} {{{whole}}}</style>"
    )


def page(title: str, view: Callable[[], None], *, needs_data: bool) -> None:
    """Draw one page: title, notice, then the view; or what stands in its place while data are opened or
    missing.
    """
    job_panel.begin_page()
    if open_data.requested() is not None:
        st.title("Opening your data")
        guard.guarded(opening.view)
        return
    st.title(title)
    _trouble()
    done, told = st.container(), st.container()
    if session().notice is not None:
        session().notice.answered = False
    if session().place.unknown:
        _unknown()
    elif needs_data and session().dataset is None:
        empty(title)
    else:
        guard.guarded(lambda: _drawn(view) if _followed() else None)
    address.write()
    resuming.keep_settings()
    with done:
        _notice()
    with told:
        _too_long()
    if session().dataset is not None and streamlit_internals.serving():
        drawn()


def _drawn(view: Callable[[], None]) -> None:
    """The view; and the page once more where results came in after the badge was drawn."""
    view()
    if session().dataset is not None:
        badge.refresh()


def _followed() -> bool:
    """Whether the steps are followed. Long work goes on beside the page, and can be stopped."""
    dataset, now = session().dataset, session()
    work = None if dataset is None else as_decided.to_follow()
    if dataset is None or work is None:
        return True
    return job_panel.outcome(badge.FOLLOWING, (dataset.version, now.turn), work) is not None


def _unknown() -> None:
    """That a link leads to data that are not here, and what is here instead."""
    mark = plain(session().place.unknown, 40)
    st.warning(
        f"The address names a data set that is not in this workspace: {mark}. It was forgotten, made room "
        "for others, or is on another machine.",
        icon=":material/link_off:",
    )
    dataset = session().dataset
    with st.container(horizontal=True, vertical_alignment="center"):
        if dataset is not None:
            label = f"Go on with {plain(dataset.name, 40)}"
            address.link("pages/explore/profile.py", label, icon=":material/arrow_forward:")
        address.link("pages/data/load.py", "Load your own file", icon=":material/upload_file:")
    sources.recents()


def _too_long() -> None:
    """What of the place is not in the address, as it would be too long."""
    place = session().place
    if place.refused:
        st.caption(
            f":material/link_off: Left out of what this link asked for, as it is too long: "
            f"{plain(', '.join(place.refused), 200)}. An address holds {count(address.LONGEST)} characters."
        )
    if place.left_out:
        st.caption(
            f":material/link_off: Too long for the address: {plain(', '.join(place.left_out), 200)}. A "
            f"reload or a copied link does not bring it back; {count(address.LONGEST)} characters fit."
        )


def empty(question: str) -> None:
    """One sentence, one button, one link."""
    st.info("There is nothing to look at yet: no data set is open.", icon=":material/database_off:")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Load sample data",
            type="primary",
            icon=":material/science:",
            key="empty-sample",
            on_click=open_data.first_sample,
        )
        address.link("pages/data/load.py", "Load your own file", icon=":material/upload_file:")


def _trouble() -> None:
    """That decisions are in memory only."""
    now = session()
    if now.store_trouble:
        st.warning(
            plain(now.store_trouble, 600), icon=":material/cloud_off:", title="Decisions are not being saved"
        )


def _notice() -> None:
    """What was just done, unless that stands beside the click: once as a toast where no bar or button was
    clicked that has an answer, and, on the page of the click, as a line with Undo or Redo: the page does not
    move up under the pointer when something is taken back.
    """
    notice = session().notice
    if notice is None or notice.answered:
        return
    if not notice.seen and (not notice.place or notice.back is None):
        icon = "block" if notice.refused else "check"
        st.toast(plain(notice.text, 500), icon=f":material/{icon}:")
    notice.seen = True
    if notice.back is not None and notice.here and session().draft is None:
        answered.line(notice, "notice")


@contextlib.contextmanager
def beside(groups: Mapping[str, Sequence[Page]]) -> Iterator[None]:
    """The sidebar, while the page itself is drawn.

    The pages by group are links that keep the data set and where the person was on each page: Streamlit's own
    would drop both. They are drawn again where the page moved on.
    """
    links = _links(groups)
    drawn = _lead(links, {})
    badge.view()
    yield
    _lead(links, drawn)


def _links(groups: Mapping[str, Sequence[Page]]) -> list[tuple[Page, DeltaGenerator]]:
    """Each page, and the place of its link in the sidebar."""
    links = []
    with st.sidebar.container(key="pages", gap="xsmall"):
        for group, members in groups.items():
            if group:
                st.markdown(f":small[:gray[{group}]]")
            links += [(page, st.empty()) for page in members]
    return links


def _lead(
    links: Sequence[tuple[Page, DeltaGenerator]], drawn: Mapping[str, dict[str, str]]
) -> dict[str, dict[str, str]]:
    """Draw the links whose query is not that of ``drawn``; gives the query of each."""
    queries = {page.url_path: address.params(page.url_path or HOME) for page, _ in links}
    for page, place in links:
        query = queries[page.url_path]
        if drawn.get(page.url_path) != query:
            place.page_link(page, query_params=query, width="stretch")
    return queries


def door(page: str, label: str, note: str = "", at: Mapping[str, str] | None = None) -> None:
    """The link to the page that follows. note: what to know of it before. at: a place there, in place of the
    last one.
    """
    st.space("small")
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        if note:
            st.caption(note, width="content")
        address.link(page, label, at, icon=":material/arrow_forward:", icon_position="right")


def leakage_door() -> None:
    """The link to the tab that says whether a column gives the target away."""
    label = "Leakage: is a column known only afterwards?"
    address.link("pages/explore/profile.py", label, {"tab": "leakage"}, icon=":material/search:")
