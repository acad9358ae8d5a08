"""Export: the cleaned data, and all it takes to make them again."""

from __future__ import annotations

import re
import shlex
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import address, decisions, frame, guard, job_panel
from components.state import keep, session, value
from components.text import cut, plain, size, tag
from components.widgets import actions, layout
from core.actions import ACTIONS
from core.dataset import Dataset
from core.errors import CoreError
from core.export import recipe_of
from core.export.archive import archived
from core.phrases import count
from core.progress import Progress
from core.reporting.files import files
from core.review import Review

if TYPE_CHECKING:
    from core.export import Exported

FORMATS = {
    "input": "As it came",
    "csv": "CSV",
    "tsv": "TSV",
    "json": "JSON",
    "jsonl": "JSON Lines",
    "parquet": "Parquet",
}
TEXTS = ("csv", "tsv")
REPORTS = {"report.html": "text/html", "report.md": "text/markdown", "report.json": "application/json"}
SMALL = 200_000  # rows up to which the files are made without being asked for
HEAD = 2_000
SHOWN = 20  # columns left out that are listed
DAY = 86_400  # seconds that written files wait for their download


def view() -> None:
    """What changed in numbers, how to write it, the files, the command that makes them again."""
    dataset = session().dataset
    if dataset is None:
        return
    _changes(dataset)
    form, safe = _form(dataset)
    if _made(dataset, form, safe):
        _report(dataset)
    _again(dataset)


def _form(dataset: Dataset) -> tuple[str, bool]:
    """The format chosen, and whether cells are made safe for spreadsheets."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        form = st.selectbox(
            "Format",
            list(FORMATS),
            format_func=lambda f: _format_name(f, dataset),
            index=list(FORMATS).index(address.one_of("format", FORMATS) or "input"),
            key=address.key("export-format"),
            width=260,
            **address.noting("format", address.key("export-format"), default="input"),
        )
        textual = form in TEXTS or (form == "input" and dataset.source.format in TEXTS)
        safe = st.toggle(
            "Excel-safe",
            address.one_of("safe", ["yes"]) is not None,
            key=address.key("export-safe"),
            disabled=not textual,
            **address.noting("safe", address.key("export-safe")),
            help="Puts an apostrophe before text that a spreadsheet would run as a formula. Off, your cells "
            "stay as they were.",
        )
    return form, safe and textual


def _made(dataset: Dataset, form: str, safe: bool) -> bool:
    """The files, or the button that makes them; gives whether no job is under way, as there is one job at a
    time and one panel on the page.
    """
    key = (dataset.version, form, safe, session().turn)
    if dataset.rows > SMALL and session().chosen.get("export") != key:
        st.button(
            "Make the files",
            type="primary",
            icon=":material/inventory_2:",
            on_click=_want,
            args=("export", key),
            key="make-files",
        )
        return True
    review, how = session().review, {"format": form, "excel_safe": safe, "calls": _calls()}
    exported = job_panel.outcome(
        "Writing the files", key, lambda progress: _write(dataset, review, how, progress)
    )
    if exported is not None:
        _files(exported, safe)
    return exported is not None


def _want(what: str, key: tuple[Any, ...]) -> None:
    session().chosen[what] = key


def _format_name(form: str, dataset: Dataset) -> str:
    return f"{FORMATS[form]} ({dataset.source.format.upper()})" if form == "input" else FORMATS[form]


def _changes(dataset: Dataset) -> None:
    now = decisions.settled()
    tally = now.counts()
    changing = [action for action in ACTIONS.values() if action.changes and action.counted]
    if tally["rules"] or any(tally[action.counted] for action in changing):
        without = f", without {count(tally['omitted'], 'column')}" if tally["omitted"] else ""
        dropped = tally["before"] - tally["after"]
        st.markdown(
            f"#### {count(tally['after'])} of {count(tally['before'], 'row')} are exported{without}; "
            f"{count(dropped)} {'is' if dropped == 1 else 'are'} dropped."
        )
    else:
        st.markdown("#### Nothing was changed yet: the file is exported as it came.")
    places = layout.cells(3 + len(changing), 130)
    places[0].metric("Rows", count(tally["after"]), help=f"Of {count(tally['before'])}.")
    columns = len(decisions.decided(dataset).columns)
    places[1].metric("Columns", count(columns), help=f"Of {count(len(dataset.columns))}.")
    places[2].metric("Rules", count(tally["rules"]), help="Steps that write values, columns or whole tables.")
    for place, action in zip(places[3:], changing, strict=True):
        place.metric(action.heading, count(tally[action.counted]), help=action.does)
    _left_out(now.omitted)


def _left_out(names: tuple[str, ...]) -> None:
    """The columns left out, each with the way back."""
    if not names:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="left-out"):
        st.markdown("Left out:", width="content")
        for name in names[:SHOWN]:
            st.button(
                plain(name, 40),
                key=f"include-{tag(name)}",
                icon=actions.symbol(ACTIONS["include"]),
                type="tertiary",
                help=ACTIONS["include"].does,
                on_click=decisions.include,
                args=(name,),
            )
        if len(names) > SHOWN:
            st.caption(
                f"and {count(len(names) - SHOWN)} more; see the history of the review.", width="content"
            )


def _calls() -> dict[str, dict[str, Any]]:
    """Analyses run in this session, with the settings that were chosen by hand."""
    return {name: dict(given) for name, given in session().settings.items()}


def _write(dataset: Dataset, review: Review, how: dict[str, Any], progress: Progress) -> Exported:
    """Runs in a worker thread: nothing of Streamlit here. how: as `core.export.export` takes it."""
    from core import workspace
    from core.export import export

    kept = guard.attempt(lambda: workspace.export_folder(dataset, progress))
    stored = not isinstance(kept, CoreError)
    # where the workspace cannot be written, what was decided can be saved all the same
    folder = Path(tempfile.mkdtemp(prefix="winnow-")) if isinstance(kept, CoreError) else kept
    exported = export(dataset, review, folder, **how, progress=progress)
    if stored:
        workspace.hold(folder, exported)
    return exported


def _files(exported: Exported, safe: bool) -> None:
    if safe:
        st.caption(f"{count(exported.touched, 'cell')} got an apostrophe.")
    for note in exported.notes:
        st.caption(f":material/info: {plain(note, 400)}")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Files", width="content")
        st.download_button(
            "Download everything as one zip",
            data=partial(archived, exported.files),
            file_name="winnow-export.zip",
            mime="application/zip",
            key="download-zip",
            icon=":material/folder_zip:",
            on_click="ignore",
            type="primary",
        )
    for at, path in enumerate(exported.files):
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    f"**{plain(path.name, 80)}** :small[:gray[{size(path.stat().st_size)} · "
                    f"{plain(_about(path))}]]"
                )
                st.download_button(
                    "Download",
                    data=partial(path.read_bytes),
                    file_name=path.name,
                    mime="application/octet-stream",
                    key=f"download-{path.name}",
                    icon=":material/download:",
                    on_click="ignore",
                    width="content",
                )
            if path.suffix != ".parquet":
                with st.expander("First lines", expanded=at == 0):
                    st.code(_head(path), language=None, wrap_lines=False)


def _report(dataset: Dataset) -> None:
    """What all analyses found, as one file; made when asked for, as it may take as long as they do."""
    st.subheader("The report")
    with st.container(horizontal=True, vertical_alignment="center", key="report-choice"):
        private = st.toggle(
            "Without values",
            address.one_of("private", ["yes"]) is not None,
            key=address.key("report-private"),
            **address.noting("private", address.key("report-private")),
            help="Leaves out commonest values, extremes, labels and every sentence that could quote a cell. "
            "Names of columns stay.",
        )
        accepted, calls = tuple(sorted(session().review.accepted)), _calls()
        review = session().review
        key = (dataset.version, decisions.decided(dataset).version, private, accepted, str(calls))
        if session().chosen.get("report") != key:
            st.button(
                "Make the report",
                icon=":material/lab_profile:",
                on_click=_want,
                args=("report", key),
                key="make-report",
            )
            st.caption(
                "Everything that was found, in one file that opens without a network. Checks that did not "
                "run yet run now."
            )
            return
    report = job_panel.outcome(
        "Making the report", key, lambda progress: files(dataset, accepted, calls, private, review, progress)
    )
    if report is None:
        return
    with st.container(horizontal=True, key="report-files"):
        for name, text in report.items():
            st.download_button(
                f"{name} · {size(len(text.encode()))}",
                data=text.encode(),
                file_name=name,
                mime=REPORTS[name],
                key=f"download-{name}",
                icon=":material/download:",
                on_click="ignore",
            )


def _about(path: Path) -> str:
    known = {
        "recipe.json": "every decision and setting; makes the same files again",
        "manifest.json": "fingerprints, counts, versions, checksums",
        "recipe.py": "the same without Winnow: pandas is enough",
    }
    return known.get(path.name, "the dropped rows" if path.stem.startswith("dropped") else "the cleaned data")


def _head(path: Path) -> str:
    with path.open("rb") as file:
        text = file.read(HEAD).decode("utf-8", errors="replace")
    return "\n".join(cut(line, 200) for line in text.splitlines()[:8])


def _again(dataset: Dataset) -> None:
    st.subheader("Make it again")
    st.markdown("The recipe makes the same bytes from the same file, on any machine:")
    st.code(_command(dataset), language=None, wrap_lines=True)
    calls = _calls()
    recipe = keep(
        ("recipe", dataset.version, session().turn, str(calls)),
        lambda: recipe_of(dataset, session().review, decisions.settled(), calls),
        newest=True,
    )
    st.download_button(
        "Download the recipe only",
        data=recipe.to_json,
        file_name="recipe.json",
        mime="application/json",
        icon=":material/receipt_long:",
        key="download-recipe-only",
        on_click="ignore",
    )
    frame.door("pages/data/load.py", "Next: another data set")


def _command(dataset: Dataset) -> str:
    """The line that repeats the cleaning, with the names of the files as the user knows them."""
    source = dataset.source
    second = ["--serve", _file(source.serve.name, "serve data")] if source.serve is not None else []
    form = _ending(source.format)
    return shlex.join(
        [
            "python",
            "-m",
            "core",
            "apply",
            "recipe.json",
            _file(source.name, dataset.name),
            *second,
            "--out",
            f"cleaned.{form}",
        ]
    )


def _file(name: str, instead: str) -> str:
    """The name of a source; uploads are kept under a checksum, which means nothing to people."""
    return cut(instead if re.match(r"[0-9a-f]{64}", name) else name, 100)


def _ending(own: str) -> str:
    """The ending that goes with the format chosen."""
    chosen = value(address.key("export-format"), "input")
    return own if chosen == "input" else str(chosen)
