"""Opening a data set: asked for here, read in a job, then made the session's."""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import streamlit as st

from components import address, decisions, job_panel, resuming
from components.guard import attempt
from components.state import Address, Notice, leave, session, value
from components.streamlit_internals import alive, session_id
from components.text import plain
from core.dataset import Dataset
from core.errors import CoreError
from core.places import samples
from core.progress import Progress
from core.workspace.leases import User

if TYPE_CHECKING:
    from core.same_shape import Steps, TakenOver

BEFORE, AFTER = "pages/data/load.py", "pages/explore/profile.py"


@dataclass(frozen=True)
class Request:
    """A data set to be opened: a source with the arguments of `core.workspace.load`, or a canonical file of
    the workspace.

    stay: remain on the page that is open, instead of going to the profile first. kinds: the open data set
    again, with these kinds. change: what makes another version of the open data set; ``message``: what to say
    then. users: hold the uploads it is read from. log: of a data set of the workspace, which of the logs of
    decisions about it is to go on; None for the one used last. steps: to be taken over from another one.
    before: the canonical file and the log to go back to. put_back: lines of the file that are to be put back.
    """

    name: str
    source: Path
    number: int
    recent: bool = False
    stay: bool = False
    given: Mapping[str, Any] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    dataset: Dataset | None = None
    change: Callable[[Progress], Dataset] | None = None
    message: str = ""
    users: tuple[User, ...] = ()
    log: str | None = None
    steps: Steps | None = None
    before: tuple[Path, str] | None = None
    put_back: tuple[int, ...] = ()

    @property
    def inside(self) -> bool:
        """Whether it is another version of the open data set."""
        return self.dataset is not None or self.change is not None

    @property
    def at_hand(self) -> bool:
        """Whether it only has to be opened, with nothing to be read or worked out."""
        return self.recent and self.steps is None and self.change is None


class Opened(NamedTuple):
    """What was opened, what is to be said of it, and the steps that it takes over from another data set."""

    dataset: Dataset
    message: str
    taken: TakenOver | None = None


@dataclass(frozen=True)
class SampleData:
    """A data set that comes with the project. ``wrong`` says what is wrong in it."""

    folder: Path
    title: str
    line: str
    wrong: str
    files: Mapping[str, str]
    roles: Mapping[str, str]

    @property
    def bytes(self) -> int:
        """Size of its files together."""
        return sum((self.folder / name).stat().st_size for name in self.files.values())


def all_samples() -> list[SampleData]:
    """The sample data sets, by name of folder."""
    listed = []
    for path in sorted(samples().glob("*/sample.json")):
        facts = json.loads(path.read_text(encoding="utf-8"))
        roles = {role: facts[role] for role in ("target", "time", "id", "group", "weight") if facts.get(role)}
        listed.append(
            SampleData(path.parent, facts["title"], facts["line"], facts["wrong"], facts["files"], roles)
        )
    return listed


def ask(
    name: str,
    source: Path,
    stay: bool = False,
    users: tuple[User, ...] = (),
    steps: Steps | None = None,
    **given: Any,
) -> None:
    """Ask for a source to be loaded and opened. stay: on this page. users: hold the uploads it is. steps: to
    be taken over from another data set.
    """
    session().chosen["request"] = Request(
        name, source, _number(), stay=stay, given=given, users=users, steps=steps
    )


def ask_recent(name: str, path: Path, stay: bool = False, log: str | None = None) -> None:
    """Ask for a data set of the workspace to be opened again. log: see `Request`."""
    session().chosen["request"] = Request(name, path, _number(), recent=True, stay=stay, log=log)


def ask_kinds(dataset: Dataset, kinds: Mapping[str, str]) -> None:
    """Ask for the open data set to be read again with other kinds."""
    dataset = dataset.base or dataset
    session().chosen["request"] = Request(
        dataset.name, dataset.path, _number(), stay=True, kinds=kinds, dataset=dataset
    )


def ask_change(dataset: Dataset, change: Callable[[Progress], Dataset], message: str) -> None:
    """Ask for another version of the open data set, on this page. ``change`` makes it, in a worker thread;
    ``message``: what to say then.
    """
    session().chosen["request"] = Request(
        dataset.name, dataset.path, _number(), stay=True, change=change, message=message
    )


def ask_put_back(dataset: Dataset, path: Path, serve: Path | None, lines: Sequence[tuple[int, str]]) -> None:
    """Ask for the open data set to be read again with lines put back that were kept aside; its steps are
    taken over. path, serve: the files that it was read from.
    """
    from core.loading import options_of
    from core.same_shape import steps_on

    source, review = dataset.source, session().review
    options = options_of(source)
    assert options is not None  # what was in memory has no lines
    options = replace(options, put_back=(*options.put_back, *lines))
    part = source.serve
    session().chosen["request"] = Request(
        dataset.name,
        path,
        _number(),
        stay=True,
        steps=replace(steps_on(dataset, review), same_file=True) if review.decisions else None,
        put_back=tuple(line for line, _ in lines),
        before=(dataset.path, session().log),
        given={
            "serve": serve,
            "files": (source.name, part.name if part else ""),
            "options": options,
            "kinds": dict(dataset.overrides),
            "split": dataset.split if serve is None else None,
            **dataset.roles.named(),
        },
    )


def ask_sample(sample: SampleData, stay: bool = False) -> None:
    """Ask for a sample data set. stay: on this page."""
    serve = sample.folder / sample.files["serve"] if "serve" in sample.files else None
    ask(sample.title, sample.folder / sample.files["train"], stay=stay, serve=serve, **sample.roles)


def first_sample() -> None:
    """Ask for the first sample data set."""
    ask_sample(all_samples()[0])


def _number() -> int:
    session().drafts += 1
    return session().drafts


def requested() -> Request | None:
    """What is being opened."""
    found: Request | None = session().chosen.get("request")
    return found


def cancel() -> None:
    """Do not open it after all."""
    session().chosen.pop("request", None)
    session().place.passing = False


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


def _notice(request: Request, opened: Opened) -> Notice:
    """What was done, and the way back where there is one."""
    text = opened.message if opened.taken is None else f"{opened.message} {opened.taken.words}"
    if request.before is None:
        return Notice(text)
    path, log = request.before
    return Notice(text, back=lambda: ask_recent(request.name, path, stay=True, log=log))


def _another(request: Request) -> None:
    """The way out of what was stopped or failed."""
    label = "Choose another file" if request.dataset is None else "Leave it as it is"
    if st.button(label, icon=":material/arrow_back:", key="cancel-opening"):
        cancel()
        if request.dataset is None:
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
    session().notice = Notice(sentence)


def _elsewhere(place: Address, by_address: bool) -> None:
    """Other data: where the person was in those of before holds no more, but for what a link asks for."""
    asked = place.values.get(place.page, {}) if by_address else {}
    place.values, place.unknown = {place.page: asked}, ""
    place.edition += not by_address


def set_role(role: str, key: str) -> None:
    """Give a role of the open data set to the column chosen in the widget ``key``, or to none."""
    from core.workspace import remember

    dataset = session().dataset
    if dataset is not None:
        changed = dataset.with_roles(**{role: value(key) or None})
        session().dataset = changed
        attempt(lambda: remember(changed))
        session().turn += 1
        review = session().review
        if review.batches and changed.roles != dataset.roles:
            session().notice = Notice(
                f"The {role} is now {getattr(changed.roles, role) or 'none'}, it was "
                f"{getattr(dataset.roles, role) or 'none'}. {review.amount} made before "
                f"{'stays' if len(review.batches) == 1 else 'stay'}; undo those that no longer hold."
            )


def from_address() -> None:
    """Ask for the data set that the page's address names, where it is not the one that is open; or note that
    there is none of that name. Only names of the workspace are compared: an address leads to no other file.
    """
    from core import workspace

    now, wanted = session(), st.query_params.get(address.DATA, "")
    if not wanted or (now.dataset is not None and address.mark_of(now.dataset) == wanted):
        return
    request = requested()
    if request is not None and request.recent and request.source.parent.name == wanted:
        return
    known = attempt(workspace.recent)
    for entry in () if isinstance(known, CoreError) else known:
        if entry.path.parent.name == wanted:
            ask_recent(entry.name, entry.path, stay=True)
            return
    now.place.unknown, now.place.values[now.place.page] = wanted, {}


def first_of_all(name: str) -> None:
    """In a workspace that is still empty, ask for the sample called ``name``."""
    from core import workspace

    if name and not attempt(workspace.recent):
        for sample in all_samples():
            if sample.folder.name == name:
                ask_sample(sample)
