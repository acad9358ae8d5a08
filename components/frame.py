"""The frame that all pages share: what is open, the sidebar, the notice line, and the doors between pages."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from components import (
    address,
    decisions,
    guard,
    job_panel,
    open_data,
    resuming,
    streamlit_internals,
    waiting,
)
from components.server import drawn
from components.state import session, value
from components.text import plain
from components.widgets import sources
from core.dataset import Dataset
from core.phrases import count

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator
    from streamlit.navigation.page import Page

TILES = ('[data-testid="stMetricLabel"]', '[data-testid="stMetricValue"]', '[data-testid="stMetricDelta"]')
HOME = "home"
FOLLOWING = "Following the steps"
PRIMARY = '[data-testid="stBaseButton-primary"]:not(:disabled)'


def arrive(page: str) -> None:
    """Look where the address leads. page: the name of the page in it, "" for the first.

    The session is there from now on; every page makes sure of it again, as a page may run without app.py.
    """
    now = session()
    if address.read(page or HOME):
        open_data.from_address()
    if now.dataset is None and open_data.requested() is None and not now.chosen.get("booted"):
        now.chosen["booted"] = True
        if not now.place.unknown:
            open_data.first_of_all(os.environ.get("WINNOW_OPEN", ""))


def legible() -> None:
    """What has the focus is outlined. On dark, the primary colour is light enough to be read, so what stands
    on it must be dark. The letters of shortcuts on buttons are as strong as the rest. The heading and the
    number of a narrow tile go on in a second line instead of ending in dots.
    """
    ink = "color: #10171F;" if st.context.theme.type == "dark" else ""
    focus = ":focus-visible { outline: 2px solid #2A83BC !important; outline-offset: 1px; }"
    plain = "color: inherit; opacity: 1; background-color: transparent;"
    whole = "white-space: normal !important; overflow: visible !important; text-overflow: clip !important;"
    tiles = ", ".join(f"{part}, {part} *" for part in TILES)
    st.html(f"<style>{focus} {PRIMARY} {{{ink}}} {PRIMARY} * {{{plain}}} {tiles} {{{whole}}}</style>")


def page(title: str, view: Callable[[], None], *, needs_data: bool) -> None:
    """Draw one page: title, notice, then the view; or what stands in its place while data are opened or
    missing.
    """
    if open_data.requested() is not None:
        st.title("Opening your data")
        guard.guarded(open_data.view)
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
        _notice(title)
    with told:
        _too_long()
    if session().dataset is not None and streamlit_internals.serving():
        drawn()


def _drawn(view: Callable[[], None]) -> None:
    """The view; and the page once more where results came in after the badge was drawn."""
    view()
    if session().dataset is not None:
        refresh_badge()


def _followed() -> bool:
    """Whether the steps are followed. Long work goes on beside the page, and can be stopped."""
    dataset, now = session().dataset, session()
    work = None if dataset is None else decisions.to_follow()
    if dataset is None or work is None:
        return True
    return job_panel.outcome(FOLLOWING, (dataset.version, now.turn), work) is not None


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


def _notice(page: str) -> None:
    """What was just done, unless that stands beside the click: once as a toast where no bar or button was
    clicked that has an answer, and as a line with Undo.
    """
    notice = session().notice
    if notice is None or notice.answered:
        return
    if not notice.page:
        icon = "block" if notice.refused else "check"
        if not notice.place or notice.back is None:
            st.toast(plain(notice.text, 500), icon=f":material/{icon}:")
        notice.page = page
    if notice.back is not None and notice.page == page and session().draft is None:
        with st.container(horizontal=True, vertical_alignment="center", key="notice"):
            st.markdown(f":green[:material/check_circle:] {plain(notice.text, 500)}", width="content")
            st.button(
                "Undo",
                icon=":material/undo:",
                key="notice-undo",
                type="tertiary",
                on_click=notice.back,
            )


@contextlib.contextmanager
def beside(groups: Mapping[str, Sequence[Page]]) -> Iterator[None]:
    """The sidebar, while the page itself is drawn.

    The pages by group are links that keep the data set and where the person was on each page: Streamlit's own
    would drop both. They are drawn again where the page moved on.
    """
    place = st.sidebar.container(key="pages").empty()
    drawn = _navigation(place, groups, {})
    sidebar()
    yield
    _navigation(place, groups, drawn)


def _navigation(
    place: DeltaGenerator, groups: Mapping[str, Sequence[Page]], drawn: dict[str, dict[str, str]]
) -> dict[str, dict[str, str]]:
    """The links, unless they are drawn already; gives the query of each."""
    pages = [page for group in groups.values() for page in group]
    queries = {page.url_path: address.params(page.url_path or HOME) for page in pages}
    if queries != drawn:
        with place.container(gap="xsmall"):
            for group, members in groups.items():
                if group:
                    st.markdown(f":small[:gray[{group}]]")
                for page in members:
                    st.page_link(page, query_params=queries[page.url_path], width="stretch")
    return queries


def sidebar() -> None:
    """The open data set as a badge, with undo and redo."""
    now = session()
    if now.dataset is None:
        return
    dataset = now.dataset
    with st.sidebar.container(border=True, key="badge"):
        st.markdown(f":material/database: **{plain(dataset.name, 40)}**")
        waits = callable(guard.attempt(decisions.to_follow))  # the page follows the steps, with a bar
        decided = dataset if waits else guard.attempt(lambda: decisions.decided(dataset))
        shown = decided if isinstance(decided, Dataset) and not now.as_loaded else dataset
        lines = [f"{count(shown.rows, 'row')} × {count(len(shown.columns), 'column')}"]
        if dataset.split is not None:
            lines.append(" · ".join(f"{part} {count(rows)}" for part, rows in shown.parts.items()))
        if dataset.roles.target:
            lines.append(f"target {plain(dataset.roles.target, 30)}")
        session().chosen["badge"] = told = [FOLLOWING] if waits else _tally()
        lines += told
        st.caption("  \n".join(lines), help=None if waits else _left_out(shown))
        if decided is not dataset:
            _which()
        with st.container(horizontal=True, gap="small"):
            acts, undone = now.review.acts, now.review.undone
            tell = f"Take back: {plain(now.review.in_words(acts[-1]))}" if acts else "Nothing to undo"
            st.button(
                "Undo",
                icon=":material/undo:",
                key="side-undo",
                disabled=not acts,
                help=tell,
                on_click=decisions.undo,
            )
            st.button(
                "Redo", icon=":material/redo:", key="side-redo", disabled=not undone, on_click=decisions.redo
            )


LOADED, DECIDED, SWITCH = "As loaded", "As decided", "as-loaded"
DECIDES = ("prepare", "review", "export")  # pages about what decisions make of the data


def _which() -> None:
    """The switch between the data as loaded and as decided, for every page; there once they differ."""
    st.segmented_control(
        "Data shown",
        [LOADED, DECIDED],
        default=LOADED if session().as_loaded else DECIDED,
        required=True,
        key=address.key(SWITCH),
        label_visibility="collapsed",
        help="Whether the pages show the data before or after your decisions.",
        on_change=_switched,
        width="stretch",
    )
    if session().as_loaded and session().place.page in DECIDES:
        st.caption("This page is about the data as decided, whatever is shown elsewhere.")


def _switched() -> None:
    session().as_loaded = value(address.key(SWITCH)) == LOADED


def _left_out(dataset: Dataset) -> str | None:
    """What the number of findings leaves out, for a tooltip; None where nothing."""
    left = waiting.not_run(dataset)
    told = "Counted: the checks that have run. Each runs when its page or tab is opened. Not yet: "
    return f"{told}{plain(', '.join(left), 400)}." if left else None


def _tally() -> list[str]:
    """How many findings need attention, and how many checks have not run yet; how many rows are flagged, and
    decided about; how many steps change the data; and the columns left out.
    """
    dataset, settled = guard.attempt(decisions.in_view), guard.attempt(decisions.settled)
    flagged = waiting.flagged_in_words()
    needing, left = None, ()
    if isinstance(dataset, Dataset):
        needing, left = waiting.attention(dataset), waiting.not_run(dataset)
    steps, out, decided = len(session().review.changing), 0, ""
    if isinstance(settled, decisions.Settled):
        out, rows = len(settled.omitted), len(settled.decided)
        if flagged or rows:  # beside "3 rows flagged" the word need not stand again
            decided = f"{count(rows) if flagged else count(rows, 'row')} decided"
    told = (
        waiting.attention_in_words(len(needing)) if needing is not None else "",
        waiting.not_again_in_words(dataset) if isinstance(dataset, Dataset) else "",
        " · ".join(filter(None, [flagged, decided])),
        count(steps, "step") if steps else "",
        f"{count(out, 'column')} left out" if out else "",
        waiting.not_run_in_words(left) if needing is not None else "",  # last, beside the tooltip
    )
    return [*filter(None, told)]


def refresh_badge() -> None:
    """Draw the page once more where the badge was drawn before its numbers were known."""
    if session().chosen.get("badge", told := _tally()) != told:
        st.rerun()


def door(page: str, label: str) -> None:
    """The link to the page that follows."""
    st.space("small")
    with st.container(horizontal=True, horizontal_alignment="right"):
        address.link(page, label, icon=":material/arrow_forward:", icon_position="right")
