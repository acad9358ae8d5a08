"""Opening the data set that was asked for (`components.open_data`): read in a job, then the session's."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from components import address, decisions, job_panel, looks, resuming
from components.guard import attempt
from components.open_data import Request, ask_kinds, ask_recent, cancel, requested
from components.state import Address, Notice, leave, session
from components.streamlit_internals import alive, session_id
from components.text import plain
from core.dataset import Dataset
from core.errors import CoreError
from core.progress import SILENT, Progress

if TYPE_CHECKING:
    from core.same_shape import TakenOver

BEFORE, AFTER = "pages/data/load.py", "pages/explore/profile.py"


class Opened(NamedTuple):
    """What was opened, what is to be said of it, and the steps that it takes over from another data set."""

    dataset: Dataset
    message: str
    taken: TakenOver | None = None


def view() -> None:
    """Progress while the data set is read; then the page that is to show it.

    That page comes before the reading begins, never after it: a panel that watches a job asks to be drawn
    again, and what it asks just before the server turns to another page is answered after that, in the name
    of the page before, at which Streamlit empties the window.
    """
    request = requested()
    if request is None:
        return
    if not request.stay:
        session().chosen["request"] = replace(request, stay=True)
        session().place.passing = True
        st.switch_page(
            AFTER, query_params=st.query_params.to_dict()
        )  # the same: else another entry comes first
    st.caption(plain(request.name))
    opened = job_panel.outcome(
        "Reading the file",
        (f"opening-{request.number}",),
        lambda progress: _opened(request, progress),
        ready=lambda: request.at_hand,
    )
    if opened is None:
        if session().job is None:
            _another(request)
        return
    dataset = opened.dataset
    take(dataset, request, opened.taken)
    if request.kinds and request.dataset is not None:
        session().notice = _reread(request.dataset, dataset, request.kinds)
    if opened.message:
        session().notice = _notice(request, opened)
    st.rerun()


def at_once() -> None:
    """Open what only has to be opened, before anything of the page is drawn; what fails is told by `view`.
    After a reload or by a link, that it is open is said by the page itself.
    """
    request = requested()
    if request is not None and request.at_hand and request.stay:
        opened = attempt(lambda: _opened(request, SILENT))
        if not isinstance(opened, CoreError):
            take(opened.dataset, request)
            notice = session().notice
            if notice is not None and notice.text == f"{opened.dataset.name} is open.":
                session().notice = None


def _notice(request: Request, opened: Opened) -> Notice:
    """What was done, and the way back where there is one."""
    text = opened.message if opened.taken is None else f"{opened.message} {opened.taken.words}"
    if request.before is None:
        return Notice(text)
    path, log = request.before
    return Notice(text, back=lambda: ask_recent(request.name, path, stay=True, log=log))


def _another(request: Request) -> None:
    """The way out of what was stopped or failed."""
    label = "Leave it as it is" if request.inside else "Choose another file"
    if st.button(label, icon=":material/arrow_back:", key="cancel-opening"):
        cancel()
        if not request.inside:
            st.switch_page(BEFORE, query_params=st.query_params.to_dict())
        st.rerun()


def _opened(request: Request, progress: Progress) -> Opened:
    """Runs in a worker thread: nothing of Streamlit here."""
    from core import workspace
    from core.same_shape import taken_over

    if request.steps is None:
        dataset = _read(request, progress)
        return Opened(dataset, _message(request, dataset))
    dataset = _read(request, progress.part(0.0, 0.7))
    taken = taken_over(request.steps, dataset, progress.part(0.7, 1.0))
    workspace.remember(taken.dataset)
    return Opened(taken.dataset, _message(request, dataset), taken)


def _message(request: Request, dataset: Dataset) -> str:
    """What was done; for lines to be put back, which of them are rows now. Runs in a worker thread."""
    from core.loading.put_back import lines_aside, put_back_words

    if not request.put_back:
        return request.message
    file = dataset.path.parent / "aside.csv"
    return put_back_words(request.put_back, lines_aside(file) if file.exists() else ())


def _read(request: Request, progress: Progress) -> Dataset:
    """Runs in a worker thread: nothing of Streamlit here."""
    from core import workspace
    from core.loading import retype

    if request.change is not None:
        return request.change(progress)
    if request.recent:
        return workspace.open_recent(request.source)
    if request.dataset is not None:
        changed = retype(request.dataset, request.kinds)
        workspace.remember(changed)
        return changed
    return workspace.load(request.source, name=request.name, progress=progress, **request.given)


def _reread(past: Dataset, now: Dataset, kinds: Mapping[str, str]) -> Notice:
    """What came of other kinds, and the way back."""
    before = {name: past[name].kind for name in kinds}
    sentences = [f"{name} is now read as {kind}. {now[name].note}".strip() for name, kind in kinds.items()]
    return Notice(" ".join(sentences), back=lambda: ask_kinds(now, before))


def take(dataset: Dataset, request: Request, taken: TakenOver | None = None) -> None:
    """Make the data set the session's, with the decisions made about it before or taken over."""
    from core import workspace

    past = session()
    leave()
    session().dataset = dataset
    session().chosen["booted"] = True
    tab, here = session_id(), weakref.ref(session())
    workspace.shown_while(dataset, lambda: here() is not None and alive(tab))
    same = past.dataset is not None and past.dataset.fingerprint == dataset.fingerprint
    by_address = st.query_params.get(address.DATA) == address.mark_of(dataset)
    if same or by_address:
        session().settings, session().as_loaded = past.settings, past.as_loaded
    if not same:
        _elsewhere(past.place, by_address)
    if taken is not None:
        sentence = resuming.take_over(dataset, taken)
    elif same and past.store_trouble:  # then the decisions are in memory only
        session().review, session().store_trouble, session().log = past.review, past.store_trouble, past.log
        sentence = f"{dataset.name} is open."
    elif same and request.inside:
        session().log = past.log
        decisions.resume(dataset)
        sentence = f"{dataset.name} is open."
    else:
        session().dataset, sentence = resuming.resume(dataset, chosen=not request.recent, label=request.log)
    looks.resume(dataset)
    session().notice = Notice(sentence)


def _elsewhere(place: Address, by_address: bool) -> None:
    """Other data: where the person was in those of before holds no more, but for what a link asks for."""
    asked = place.values.get(place.page, {}) if by_address else {}
    place.values, place.unknown = {place.page: asked}, ""
    place.edition += not by_address
