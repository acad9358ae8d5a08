"""Balance by augmentation: how many variants each class gets, and the zip of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from components import address, guard, job_panel, panel
from components.state import session
from components.text import plain
from core.dataset import Dataset
from core.errors import CoreError
from core.phrases import count, listed, name
from core.progress import Progress

if TYPE_CHECKING:
    from core.analyses.augmentation.filling import VariantPlan
    from core.analyses.augmentation.settings import AugmentationSettings

NAME = "augmentation"
ASKED = "variants asked"
HIGHEST = 100_000  # images of a class
WANTED = "Variants wanted"


@dataclass(eq=False)
class WrittenZip:
    """A zip that was written, how many variants it holds, and what to know of it."""

    path: Path
    variants: int
    note: str


def view(dataset: Dataset, settings: AugmentationSettings) -> None:
    """The plan by class, and the zip once it is asked for."""
    from core.analyses.augmentation.filling import plan
    from core.analyses.augmentation.operations import MOST

    st.subheader("Balance classes by augmentation")
    target = settings.target or dataset.roles.target or ""
    if not target:
        _without_target(dataset)
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        to = st.number_input(
            "Images of each class",
            1,
            HIGHEST,
            None,
            key=address.key("augment-to"),
            width=240,
            placeholder="as the largest class",
            help="Empty: as many as the largest class has.",
        )
        most = st.number_input(
            "Variants of one image at most", 1, 1_000, MOST, key=address.key("augment-most"), width=240
        )
    usual = guard.attempt(lambda: plan(dataset, target, int(to or 0), None, int(most)))
    if isinstance(usual, CoreError):
        guard.show(usual)
        return
    wanted = _wanted(usual, f"augment-wanted-{dataset.version}-{to}-{most}")
    asked = {one.label: one.wanted for one in usual.classes}
    found = usual if wanted == asked else plan(dataset, target, 0, wanted, int(most))
    for said in (_missing(found), found.note, _of_counts(found)):
        if said:
            st.caption(f":material/info: {plain(said, 400)}")
    _zip(dataset, settings, found)


def _without_target(dataset: Dataset) -> None:
    """The picker of the label; where no column can be it, that there is none."""
    from core.analyses.augmentation.filling import NO_LABEL, NO_TARGET

    offered = [one for one in panel.targets_of(dataset, NAME) if one not in dataset.measured]
    st.caption(plain(NO_TARGET if offered else NO_LABEL, 200))
    if offered:
        panel.choose_target(dataset, NAME, offered)
    else:
        st.page_link("pages/data/load.py", label="Load images with labels")


def _wanted(usual: VariantPlan, key: str) -> dict[str, int]:
    """Variants of each class, as the plan has them or as a person changed them in the table."""
    import pandas as pd

    table = pd.DataFrame({"Class": [one.label for one in usual.classes]})
    table["Images"] = [one.images for one in usual.classes]
    for title, many in (
        ("Not read", [one.unread for one in usual.classes]),
        ("Over 8 bits", [one.deep for one in usual.classes]),
        ("Blank", [one.blank for one in usual.classes]),
    ):
        if any(many):  # of a set without them a column of zeros says nothing
            table[title] = many
    table[WANTED] = [one.wanted for one in usual.classes]
    edited = st.data_editor(
        table,
        key=key,
        hide_index=True,
        num_rows="fixed",
        disabled=[one for one in table.columns if one != WANTED],
        column_config={
            WANTED: st.column_config.NumberColumn(
                min_value=0,
                max_value=HIGHEST,
                step=1,
                help="Change a number to have so many variants of that class.",
            )
        },
        alt="Images of each class, and how many variants of it are wanted",
    )
    given = [0 if pd.isna(one) else min(max(0, int(one)), HIGHEST) for one in edited[WANTED].tolist()]
    return {one.label: many for one, many in zip(usual.classes, given, strict=True)}


def _of_counts(found: VariantPlan) -> str:
    """How the counts of images are those of Profile and Balance; "" where nothing is left out of them."""
    unread = sum(one.unread for one in found.classes)
    if not unread:
        return ""
    return (
        "Images are counted as on Balance; classes are filled to so many that can be read: "
        f"{count(sum(one.images for one in found.classes) - unread)} of them can."
    )


def _missing(found: VariantPlan) -> str:
    """Which classes get fewer variants than wanted; "" where none."""
    short = [one for one in found.classes if one.variants < one.wanted]
    if not short:
        return ""
    said = listed([f"{count(one.wanted - one.variants)} of {name(one.label)}" for one in short], 5)
    return f"Still missing, at {count(found.most, 'variant')} of one image at most: {said}."


def _nothing_to_make(found: VariantPlan) -> str:
    """Why the plan holds no variant, and what would give some."""
    if not any(one.sources for one in found.classes):
        return "No variant can be made, as no image of train gives one."
    if any(one.wanted for one in found.classes):
        return "No variant can be made of the classes that want some: no image of theirs gives one."
    return (
        "No class lacks images: ask for more images of each class, or write into the table how many variants "
        "of a class you want."
    )


def _zip(dataset: Dataset, settings: AugmentationSettings, found: VariantPlan) -> None:
    if not found.variants:
        st.caption(plain(_nothing_to_make(found), 300))
        return
    key = (dataset.version, settings, found.classes, found.most)
    if session().chosen.get(ASKED) != key:
        st.button(
            f"Make {count(found.variants, 'variant')}",
            icon=":material/inventory_2:",
            key="augment-make",
            help="Of train images only, at their full size.",
            on_click=session().chosen.__setitem__,
            args=(ASKED, key),
        )
        return
    written = job_panel.outcome(
        "Writing variants", key, lambda progress: _write(dataset, settings, found, progress)
    )
    if written is None:
        return
    if written.note and written.note != found.note:
        st.caption(f":material/info: {plain(written.note, 400)}")
    st.download_button(
        f"Download {count(written.variants, 'variant')} as zip",
        partial(written.path.read_bytes),
        "variants.zip",
        "application/zip",
        icon=":material/folder_zip:",
        type="primary",
        key="augment-zip",
        on_click="ignore",
    )


def _write(
    dataset: Dataset, settings: AugmentationSettings, found: VariantPlan, progress: Progress
) -> WrittenZip:
    """Runs in a worker thread: nothing of Streamlit here."""
    from core import workspace
    from core.analyses.augmentation.filling import write_variants

    folder = workspace.export_folder(dataset, progress)
    path = folder / "variants.zip"
    done = write_variants(dataset, settings, found, path, progress)
    written = WrittenZip(path, done.variants, done.note)
    workspace.hold(folder, written)
    return written
