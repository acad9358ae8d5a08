"""Export: the cleaned data, and all it takes to make them again."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import address, as_decided, attention, checks, decisions, guard, job_panel
from components.state import session
from components.text import plain, tag
from components.views.export.again import again
from components.views.export.files import files
from components.views.export.report import report
from components.views.export.wanted import calls, want
from components.widgets import actions, layout
from core.actions import ACTIONS, Action
from core.dataset import Dataset
from core.errors import CoreError
from core.export.plan import not_written
from core.export.style import ending_of
from core.export.tally import columns, in_words, left_out, of_weights, steps, tally
from core.outcomes import in_part_in_words, unmade_in_words
from core.phrases import count
from core.progress import Progress
from core.review import Review
from core.steps import StepTrial

if TYPE_CHECKING:
    from core.export import Exported

FORMATS = {
    "input": "As it came",
    "csv": "CSV",
    "tsv": "TSV",
    "json": "JSON",
    "jsonl": "JSON Lines",
    "parquet": "Parquet",
    "xlsx": "Excel (.xlsx)",
}
TEXTS = ("csv", "tsv")
SMALL = 200_000  # rows up to which the files are made without being asked for
SHOWN = 20  # columns left out that are listed
LEFT_SHOWN = 6  # sentences about what was left out when the data were loaded


def view() -> None:
    """What changed in numbers, how to write it, the files, the command that makes them again."""
    dataset = session().dataset
    if dataset is None:
        return
    _changes(dataset)
    _open_findings(as_decided.decided(dataset))
    form, safe = _form(dataset)
    if _files(dataset, form, safe):
        report(dataset)
    again(dataset)


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


def _files(dataset: Dataset, form: str, safe: bool) -> bool:
    """The files, or the button that makes them; gives whether no job is under way, as there is one job at a
    time and one panel on the page.
    """
    key = (dataset.version, form, safe, session().turn)
    if dataset.rows > SMALL and session().chosen.get("export") != key:
        st.button(
            "Make the files",
            type="primary",
            icon=":material/inventory_2:",
            on_click=want,
            args=("export", key),
            key="make-files",
        )
        return True
    review, how = session().review, {"format": form, "excel_safe": safe, "calls": calls()}
    exported = job_panel.outcome(
        "Writing the files", key, lambda progress: _write(dataset, review, how, progress)
    )
    if exported is not None:
        files(exported, safe, dataset.source)
    return exported is not None


def _as_came(dataset: Dataset) -> str:
    """What is exported where nothing was changed; of images their table is none that came."""
    if dataset.pictures is None:
        return "rows and cells are exported as they came"
    return "images are exported as they came, with a table of them"


def _format_name(form: str, dataset: Dataset) -> str:
    if form == "input" and dataset.pictures is not None:
        return f"Images, and their table ({ending_of(dataset.source, form).upper()})"
    return f"{FORMATS[form]} ({dataset.source.format.upper()})" if form == "input" else FORMATS[form]


def _changes(dataset: Dataset) -> None:
    """What is written, in a sentence and in numbers."""
    whole = as_decided.whole()
    numbers, left = tally(whole), left_out(dataset)
    changing = [action for action in ACTIONS.values() if action.changes and action.counted]
    if numbers["rules"] or any(numbers[action.counted] for action in changing):
        st.markdown(f"#### {in_words(whole)}")
    else:
        but = ", but for what was left out when it was loaded" if left else ""
        st.markdown(f"#### Nothing was changed yet: {_as_came(dataset)}{but}.")
    for told in left[:LEFT_SHOWN]:
        st.caption(f":material/info: When loaded: {plain(told, 400)}")
    if len(left) > LEFT_SHOWN:
        st.caption(f"and {count(len(left) - LEFT_SHOWN)} more; see Load.")
    if dataset.split is not None and dataset.split.how == "file":
        st.caption(_parts(dataset, numbers["not_written"]))
    _metrics(whole, numbers, [action for action in changing if numbers[action.counted]])
    _left_out(as_decided.settled().omitted)


def _metrics(whole: StepTrial, numbers: Mapping[str, int], counted: Sequence[Action]) -> None:
    """The same in numbers. counted: the actions whose rows or cells are counted apart."""
    now, before = columns(whole)
    made = numbers["columns_added"]
    places = layout.cells(4 + bool(made) + len(counted), 130)
    places[0].metric(
        "Rows", count(numbers["after"]), help=f"Of {count(numbers['before'] + numbers['added'])}."
    )
    weights = of_weights(whole)
    places[1].metric(
        "Columns",
        count(now),
        "and 1 of weights" if weights else None,
        delta_color="off",
        delta_arrow="off",
        help=columns_in_words(now, before, made, weights),
    )
    review = session().review
    off = review.steps_off
    others = len(review.batches) - len(review.changing)
    beside = f" Beside them {count(others, 'other decision')} that changed no data." if others else ""
    places[2].metric(
        "Steps",
        count(steps(review)),
        f"{count(off)} switched off" if off else None,
        delta_color="off",
        delta_arrow="off",
        help=f"They change the data; the prepare page lists each.{beside}",
    )
    places[3].metric("Cells changed", count(numbers["changed"]), help="By hand or by a step, in these rows.")
    if made:
        places.pop(4).metric("Columns added", count(made), help="By steps.")
    for place, action in zip(places[4:], counted, strict=True):
        place.metric(action.heading, count(numbers[action.counted]), help=action.does)


def columns_in_words(now: int, before: int, added: int, weights: bool) -> str:
    """What became of the columns, for the tooltip of their number.

    >>> columns_in_words(9, 8, 1, False), columns_in_words(9, 9, 0, False)
    ('8 as loaded, 1 added.', '9 as loaded.')
    >>> columns_in_words(8, 9, 1, True)
    '9 as loaded, 1 added, 2 left out. The files have one more, of the weights.'
    """
    out = before + added - now
    parts = [f"{count(added)} added" if added else "", f"{count(out)} left out" if out else ""]
    told = ", ".join(filter(None, [f"{count(before)} as loaded", *parts]))
    return f"{told}.{' The files have one more, of the weights.' if weights else ''}"


def _parts(dataset: Dataset, not_written: int) -> str:
    """Of two files, which are written, with how many rows."""
    if not_written:
        rows = count(not_written, "row")
        return f"Nothing was decided about the {rows} of serve, whose file is not written again."
    parts = ", ".join(f"{count(rows)} of {part}" for part, rows in as_decided.decided(dataset).parts.items())
    return f"Rows: {parts}; a file of its own is written for serve."


def _open_findings(decided: Dataset) -> None:
    """What still needs attention in what is exported, or was not checked, and the doors to it."""
    needing, calm = attention.findings(decided), False
    earlier, left = attention.not_again_in_words(decided), checks.not_run(decided)
    if needing is None:
        since = "since the last step" if decided.base else f"yet{' as split' if earlier else ''}"
        told = f"What is exported was not checked {since}{f': {earlier}' if earlier else ''}."
    else:
        parts = [
            attention.so_far_in_words(len(needing), bool(left), earlier),
            earlier,
            unmade_in_words(checks.not_made(decided)),
            in_part_in_words(checks.in_part(decided)),
            checks.not_run_in_words(left, checks.before(decided)),
        ]
        told = f"{_looked_at(decided)}, {'; '.join(filter(None, parts))}."
        calm = not (needing or attention.not_again(decided)) and checks.sound(decided)
    mark = ":material/info:" if calm else ":orange[:material/warning:]"
    with st.container(horizontal=True, vertical_alignment="center", key="open-findings"):
        st.markdown(f"{mark} {told}", width="content")
        if not needing:
            address.link("pages/clean/issues.py", "See the issues", icon=":material/flag:")
        for one in attention.places_of(decided, needing or ()):
            script, at = one.place
            address.link(script, plain(str(one)), at, icon=":material/flag:")
        address.link("pages/clean/prepare.py", "What is still to do", icon=":material/format_list_numbered:")


def _looked_at(decided: Dataset) -> str:
    """What the findings are of: of train and serve, also where the file of serve is not written again."""
    alone = not_written(decided.base or decided, as_decided.settled())
    return "In train and serve, of which train is exported" if alone else "In what is exported"


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
