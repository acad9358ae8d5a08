"""What data set is to be opened: asked for here, opened by `components.opening`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import address
from components.guard import attempt
from components.state import Notice, session
from core.dataset import Dataset
from core.errors import CoreError
from core.places import samples
from core.progress import Progress
from core.workspace.leases import User

if TYPE_CHECKING:
    from core.same_shape import Steps


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


def change_now(change: Callable[[], Dataset]) -> None:
    """Have another version of the open data set on this page at once, or say why there is none. ``change``:
    makes it, and needs no worker.
    """
    changed = attempt(change)
    if isinstance(changed, CoreError):
        session().notice = Notice(str(changed), refused=True)
        return
    session().dataset = changed
    session().turn += 1


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
