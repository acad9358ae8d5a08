"""Balance by augmentation: how many variants each class gets, and the zip of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from components import address, guard, job_panel
from components.state import session
from components.text import plain
from core.dataset import Dataset
from core.errors import CoreError
from core.phrases import count
from core.progress import Progress

if TYPE_CHECKING:
    from core.analyses.augmentation.filling import VariantPlan
    from core.analyses.augmentation.settings import AugmentationSettings

ASKED = "variants asked"
HIGHEST = 100_000  # images of a class


@dataclass(eq=False)
class WrittenZip:
    """A zip that was written, how many variants it holds, and what to know of it."""

    path: Path
    variants: int
    note: str


def view(dataset: Dataset, settings: AugmentationSettings) -> None:
    """The plan by class, and the zip once it is asked for."""
    from core.analyses.augmentation.filling import NO_TARGET, plan
    from core.analyses.augmentation.operations import MOST

    st.subheader("Balance classes by augmentation")
    target = settings.target or dataset.roles.target or ""
    if not target:
        st.caption(plain(NO_TARGET, 200))
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
    found = guard.attempt(lambda: plan(dataset, target, int(to or 0), None, int(most)))
    if isinstance(found, CoreError):
        guard.show(found)
        return
    _table(found)
    if found.note:
        st.caption(f":material/info: {plain(found.note, 400)}")
    _zip(dataset, settings, found, (int(to or 0), int(most)))


def _table(found: VariantPlan) -> None:
    import pandas as pd

    lines = [(one.label, one.images, one.variants, one.wanted - one.variants) for one in found.classes]
    columns = ["Class", "Images", "Variants", "Still missing"]
    st.dataframe(
        pd.DataFrame(lines, columns=columns), hide_index=True, alt="Images and variants of each class"
    )


def _zip(
    dataset: Dataset, settings: AugmentationSettings, found: VariantPlan, numbers: tuple[int, int]
) -> None:
    key = (dataset.version, settings, numbers)
    if session().chosen.get(ASKED) != key:
        st.button(
            f"Make {count(found.variants, 'variant')}",
            icon=":material/inventory_2:",
            key="augment-make",
            disabled=not found.variants,
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
