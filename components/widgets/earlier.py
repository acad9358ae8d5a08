"""The offer to go on where one was: what was decided about the same file, or the same data, before."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from components import open_data, resuming
from components.state import keep, session
from components.text import ago, plain
from core.dataset import Dataset
from core.workspace.kept_logs import KeptLog
from core.workspace.stored import notes_of

OFFERED = 3


class _Earlier(NamedTuple):
    """Something to go on with: a data set of the workspace, and a log of decisions about it, if any."""

    name: str
    path: Path
    used: float | str
    setting: str
    log: KeptLog | None

    @property
    def amount(self) -> str:
        """How many steps, in words; "" for none."""
        return self.log.amount if self.log is not None else ""


def of_upload(path: Path, number: int) -> None:
    """What was done before with the file that was just uploaded, which is named by its content. number: of
    the draft.
    """
    if not re.fullmatch(r"[0-9a-f]{64}", path.stem):
        return
    offers = keep(("earlier", number, session().turn), lambda: _of_file(path.stem))
    if not offers:
        return
    with st.container(border=True, key="earlier"):
        st.markdown(":material/history: **You had this file open before.**")
        for offer in offers[:OFFERED]:
            _offer(offer)
        st.caption(
            "Or set it up below. With other roles, or read in another way, it begins steps of its own; those "
            "from before are kept apart and lose nothing."
        )


def apart(dataset: Dataset) -> None:
    """The other logs about the open data set, each with the way to it."""
    logs = keep(("apart", dataset.version, session().turn), lambda: resuming.known(dataset.fingerprint))
    others = [log for log in logs if log.batches and log.label != session().log]
    for log in others[:OFFERED]:
        _offer(_Earlier(dataset.name, dataset.path, log.last, log.setting, log), "Kept apart: ")


def _of_file(sha256: str) -> list[_Earlier]:
    offers = []
    for entry in resuming.of_file(sha256):
        logs = [log for log in resuming.known(entry.fingerprint) if log.batches]
        offers += [_Earlier(entry.name, entry.path, log.last, log.setting, log) for log in logs]
        if not logs:
            notes = notes_of(entry.path.parent)
            before = KeptLog("", 0, "", notes.roles, notes.split)
            offers.append(_Earlier(entry.name, entry.path, entry.used, before.setting, None))
    return offers


def _offer(offer: _Earlier, before: str = "") -> None:
    """One line: what there is, and the button that goes on with it."""
    mark = f"{offer.path.parent.name}-{offer.log.label if offer.log else ''}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Resume with your settings{f' and {offer.amount}' if offer.amount else ''}",
            key=f"resume-{mark}",
            icon=":material/history:",
            type="secondary" if before else "primary",
            on_click=_resume,
            args=(offer,),
        )
        facts = f"{before}{plain(offer.name, 60)} · {plain(offer.setting, 120)} · {ago(offer.used)}"
        st.markdown(f":small[{facts}]", width="content")


def _resume(offer: _Earlier) -> None:
    session().draft = None
    open_data.ask_recent(offer.name, offer.path, log=offer.log.label if offer.log else None)
