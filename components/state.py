"""What one browser tab remembers. The only file that touches ``st.session_state``."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.dataset import Dataset
from core.review import Review
from core.workspace.leases import User

if TYPE_CHECKING:
    from core.jobs import Job

T = TypeVar("T")
KEPT = 24  # figures, tables and other worked-out things kept per tab


@dataclass
class LoadDraft:
    """A source chosen on the load page and not yet loaded. ``number`` tells drafts apart in widget keys.
    ``users``: hold its uploads in the workspace. ``way``: how it was parted last.
    """

    number: int
    train: Path
    name: str
    serve: Path | None = None
    serve_name: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    users: tuple[User, ...] = ()
    way: str = ""


@dataclass
class Notice:
    """What was just done, shown on the page of the click, beside it or else under the title, with Undo or
    Redo, until the next action; without a place beside the click once as a toast, too.

    back: what takes it back, on a button with this label; None where nothing does. place: key of the bar or
    button that was clicked. refused: whether nothing was done, as it could not be. page: that of the click.
    answered: whether it stands beside the click in this run. seen: whether it was shown in any run.
    """

    text: str
    back: Callable[[], None] | None = None
    label: str = "Undo"
    place: str = ""
    refused: bool = False
    page: str = field(default_factory=lambda: session().place.page)
    answered: bool = False
    seen: bool = False

    @property
    def here(self) -> bool:
        """Whether the page that is drawn is that of the click."""
        return self.page == session().place.page


@dataclass(frozen=True)
class RunningJob:
    """The job of this tab, with the label and the key that name its work, in one piece: two runs of a script
    may look at it at the same time, as after a double click.

    stays: whether, once a person stopped it, it stays so in later sessions, too.
    """

    job: Job
    label: str
    key: tuple[Any, ...]
    stays: bool = False


@dataclass
class Address:
    """Where this tab is, as the address of its pages says it (`components.address`).

    page: the page of the last run, by its name in the address.
    last: page and query as they were last seen in the address, or written there; None before the first look.
    replaced: queries that others followed lately.
    linked: queries of the links that the page shows to other places of its own.
    behind: whether the browser asked for this run before it knew what was last written.
    values: page -> name -> text; only what differs from the page's defaults.
    edition: counts the times that the address led to another place; stands in the keys of widgets.
    left_out: names of what is too long for the address, and stays in this tab alone.
    refused: names of what a link brought and was too long.
    unknown: the data set that a link names and that is not in the workspace.
    turn: number of decisions when the address was last written.
    passing: whether the address shown is one of a page that was passed through while data were opened, so
        that the next one takes its place.
    """

    page: str = ""
    last: tuple[str, dict[str, str]] | None = None
    replaced: list[dict[str, str]] = field(default_factory=list)
    linked: list[dict[str, str]] = field(default_factory=list)
    behind: bool = False
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    edition: int = 0
    left_out: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    unknown: str = ""
    turn: int = 0
    passing: bool = False


@dataclass
class Session:
    """Everything but widget values. ``turn`` counts decisions: it stands in keys of row lists, so that each
    decision clears their ticks.

    as_loaded: whether the pages show the data as they were loaded, though decisions change them.

    log: which of the logs of decisions about these data goes on; "" for the first (`components.resuming`).

    looks: analysis -> data as loaded, settings and decisions that were followed -> what it found then
        (`components.looks`).

    drawn: what the job showed of its work when the page last looked. watched: whether this page has a panel
    of the job by now. stood: the page that had the last one, and the key of its work.

    heard: number of the last key press that was handed on, per listener.

    lock: for what must not happen twice at once: a click or a key may begin another run of the script while
    one is still at work, and both look here.
    """

    dataset: Dataset | None = None
    review: Review = field(default_factory=Review)
    as_loaded: bool = False
    log: str = ""
    draft: LoadDraft | None = None
    drafts: int = 0
    turn: int = 0
    notice: Notice | None = None
    store_trouble: str = ""
    job: RunningJob | None = None
    drawn: Any = None
    watched: bool = False
    stood: tuple[str, tuple[Any, ...]] | None = None
    outcomes: dict[str, tuple[tuple[Any, ...], Any]] = field(default_factory=dict)
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    looks: dict[str, dict[tuple[Any, ...], Any]] = field(default_factory=dict)
    chosen: dict[Any, Any] = field(default_factory=dict)
    heard: dict[str, int] = field(default_factory=dict)
    kept: OrderedDict[Any, Any] = field(default_factory=OrderedDict)
    place: Address = field(default_factory=Address)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)


_HERE = threading.local()  # the run of a script that this thread is in, and its session


def session() -> Session:
    """This tab's session, made on first use. A run of a page asks a thousand times, and Streamlit once."""
    run = get_script_run_ctx(suppress_warning=True)
    if run is None or getattr(_HERE, "run", None) is not run:
        _HERE.session = _present()
        _HERE.run = run
    present: Session = _HERE.session
    return present


def _present() -> Session:
    try:
        present: Session = st.session_state["winnow"]
    except KeyError:
        present = st.session_state["winnow"] = Session()
    return present


def value(key: str, default: Any = None) -> Any:
    """The present value of the widget with this key; to be read inside callbacks, where arguments may be
    stale.
    """
    return st.session_state.get(key, default)


def put(key: str, given: Any) -> None:
    """Set the value of a widget that is not yet drawn in this run."""
    st.session_state[key] = given


def keep(key: Any, make: Callable[[], T], newest: bool = False) -> T:
    """What ``make`` gave for ``key``, worked out once; the least recently used go first. Keys must name the
    data set's version.

    newest: let go of what is kept under keys with the same first word, as it is of the past.
    """
    now = session()
    kept = now.kept
    with now.lock:
        if key not in kept:
            for past in [other for other in kept if newest and other[0] == key[0]]:
                del kept[past]
            kept[key] = make()
            while len(kept) > KEPT:
                kept.popitem(last=False)
        kept.move_to_end(key)
        result: T = kept[key]
    return result


def leave() -> None:
    """Forget the data set that is open and all that was worked out from it. Its decisions stay in the
    store. What was heard of keys stays known: the browser may still hold presses about the rows of before.
    """
    past = session()
    if past.job is not None:
        past.job.job.stop()
    _HERE.run = None
    st.session_state["winnow"] = Session(
        drafts=past.drafts + 1,
        turn=past.turn + 1,
        notice=past.notice,
        heard=past.heard,
        place=past.place,
    )
