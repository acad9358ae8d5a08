"""Load: what shall we look at?"""

from __future__ import annotations

import streamlit as st

from components import address, guard, open_data
from components.person import who
from components.roles import set_role
from components.server_looks import server_looks
from components.state import Notice, keep, leave, session
from components.text import plain
from components.views.load import aside, draft
from components.widgets import earlier, findings, layout, sources, splitting, uploads, vectors
from core import workspace
from core.dataset import Dataset
from core.dataset.roles import ROLES
from core.errors import CoreError
from core.limits import ALL
from core.loading.options import Options
from core.loading.put_back import lines_aside
from core.phrases import count, names
from core.workspace import Others


def view() -> None:
    """The draft being looked at; or what is open, the drop zone, the samples and what was open before."""
    now = session()
    if now.draft is not None:
        draft.view(now.draft)
        return
    if now.dataset is not None:
        _open(now.dataset)
    uploads.zone()
    sources.samples()
    sources.recents()
    _limits()


def _open(dataset: Dataset) -> None:
    """The data set that is open: what it is, what reading it found, its roles, and the way to forget it."""
    with st.container(border=True, key="open-set"):
        st.markdown(f"##### {plain(dataset.name, 80)} is open")
        facts = [
            count(dataset.rows, "row"),
            count(len(dataset.columns), "column"),
            f"read as {dataset.source.format.upper()}",
        ]
        if dataset.split is not None:
            facts.append(" and ".join(f"{count(rows)} {part}" for part, rows in dataset.parts.items()))
        st.caption(" · ".join(facts))
        for finding in dataset.loading:
            st.markdown(findings.label(finding.title, finding.severity))
        earlier.apart(dataset)
        roles(dataset)
        with st.expander(f"Train and serve: {plain(splitting.in_words(dataset.split), 120)}"):
            splitting.changed(dataset)
        with st.expander(f"Vectors: {plain(dataset.vectors.name, 60) if dataset.vectors else 'none given'}"):
            vectors.picker(dataset)
        _aside(dataset)
        with st.container(horizontal=True, vertical_alignment="center"):
            address.link("pages/explore/profile.py", "See what is in it", icon=":material/arrow_forward:")
            _download(dataset)
            with st.popover("Forget this data set", icon=":material/delete_forever:", type="tertiary"):
                _forgetting(dataset)


def roles(dataset: Dataset) -> None:
    """Which column plays which part; changed at once."""
    with st.expander(
        "Roles: "
        + (
            ", ".join(f"{role} {plain(name, 30)}" for role, name in dataset.roles.named().items())
            or "none given"
        )
    ):
        for place, role in zip(layout.cells(len(ROLES), 150), ROLES, strict=True):
            options = ["", *dataset.names]
            now = getattr(dataset.roles, role) or ""
            place.selectbox(
                role.capitalize(),
                options,
                options.index(now),
                key=f"role-{role}-{dataset.version}",
                format_func=lambda name: name or "none",
                on_change=set_role,
                args=(role, f"role-{role}-{dataset.version}"),
            )


def _aside(dataset: Dataset) -> None:
    """The lines kept aside of the file, or of the first of two: to be mended and put back."""
    path, source = dataset.path.parent / "aside.csv", dataset.source
    if not path.exists():
        return
    lines = keep(("aside", dataset.fingerprint), lambda: lines_aside(path))
    with st.expander(f"{count(len(lines), 'line')} kept aside: see, mend, put back", key="aside-lines"):
        file, serve = workspace.upload_of(source.sha256), None
        if source.serve is not None and dataset.split is not None and dataset.split.how == "file":
            serve = workspace.upload_of(source.serve.sha256)
            file = file if serve is not None else None
        if file is None:
            st.caption(
                "The file itself is no longer in the workspace, where uploads stay for a day: drop it below "
                "again, and mend the lines before you load it."
            )
        aside.table(
            lines,
            source.options.get("read_names", dataset.names),
            Options.from_plain(source.options),
            dataset.version,
            lambda chosen: open_data.ask_put_back(dataset, file, serve, chosen) if file else None,
            ready=file is not None,
        )


def _download(dataset: Dataset) -> None:
    """A button for the file of what was kept aside, of each part that has one."""
    files = [("aside.csv", dataset.source, ""), ("aside-serve.csv", dataset.source.serve, " of serve")]
    for file, source, part in files:
        path = dataset.path.parent / file
        if source is None or not path.exists():
            continue
        what = f"{count(source.aside, 'row')}{part} kept aside" if source.aside else f"lines{part} kept aside"
        st.download_button(
            f"Download {what}",
            data=path.read_bytes,
            file_name=file,
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key=file.removesuffix(".csv"),
        )


def _forgetting(dataset: Dataset) -> None:
    """What goes, and the button; once it was pressed, why that failed, or who else would miss the data set.
    All of it stands where the click was: the open popover covers what is below it.
    """
    trouble = session().chosen.get("forgetting")
    if isinstance(trouble, Others):
        _sure(dataset, trouble)
        return
    st.markdown(
        "Removes its copy in the workspace, the upload, exported files, all decisions about it and its "
        "results. Your own file stays where it is."
    )
    if isinstance(trouble, CoreError):
        guard.show(trouble)
    st.button("Forget it for good", key="forget", type="primary", on_click=_forget, args=(dataset,))


def _sure(dataset: Dataset, missed: Others) -> None:
    """Who else would miss the data set, and whether to forget it all the same."""
    several = f"{count(missed.sessions)} other sessions use it now"
    sessions = ("", "Another session uses it now", several)[min(missed.sessions, 2)]
    users = f"{names(missed.users)} decided about it too" if missed.users else ""
    st.warning(f"{plain('; '.join(filter(None, (sessions, users))), 400)}. What they did goes too.")
    with st.container(horizontal=True):
        st.button("Forget it anyway", key="forget-sure", on_click=_forget, args=(dataset, True))
        st.button("Keep it", key="forget-not", type="primary", on_click=_keep)


def _keep() -> None:
    session().chosen.pop("forgetting", None)


def _forget(dataset: Dataset, sure: bool = False) -> None:
    """Forget it, unless somebody else would miss it and that was not said yet."""
    missed = None if sure else guard.attempt(lambda: workspace.others(dataset, who()))
    if not missed or isinstance(missed, CoreError):
        failed = guard.attempt(lambda: workspace.forget(dataset))
    else:
        failed = missed
    session().chosen["forgetting"] = failed
    if failed:
        return
    server_looks().forget(dataset.fingerprint)
    leave()
    session().chosen["booted"] = True
    session().place.values.clear()
    session().notice = Notice(f"{dataset.name} is forgotten.")


def _limits() -> None:
    with st.expander("Limits", icon=":material/speed:"):
        st.caption("Each can be raised by the environment variable beside it, before the server starts.")
        st.table(
            {
                "What": [limit.meaning for limit in ALL],
                "Limit": [f"{limit.value:,} {limit.unit}" for limit in ALL],
                "Variable": [limit.env for limit in ALL],
            }
        )
