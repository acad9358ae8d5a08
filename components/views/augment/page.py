"""Augment: a pipeline, what it makes of some images, and whether labels survive it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import as_decided, frame, guard, panel
from components.results import worked_out
from components.settings_form import settings_form
from components.state import session
from components.text import plain
from components.views.augment import builder, filling
from components.views.augment.sheet import VARIANTS, sheet_png, thumb_of
from components.widgets import layout, pager
from core.dataset import Dataset
from core.errors import CoreError
from core.phrases import count

if TYPE_CHECKING:
    from core.analyses.augmentation.settings import AugmentationSettings

NAME = "augmentation"
SHOWN = 4  # images
ALONE = "augment.py"
NOW = "now"  # what is judged is the pipeline as it stands
NONE_READ = "No image of train can be read."


def view() -> None:
    """The pipeline and its preview; the judgement once it is asked for; the code."""
    dataset = as_decided.in_view()
    if dataset is None:
        return
    if dataset.pictures is None:
        st.info("These data have no images. Load a ZIP or a tar archive of them.", icon=":material/image:")
        st.page_link("pages/data/load.py", label="Load images")
        _door()
        return
    settings = _settings(dataset)
    wanted = ("augmentation asked", dataset.version)
    with st.container(horizontal=True, vertical_alignment="center"):
        settings_form(NAME, dataset)
        st.button("Other variants", icon=":material/casino:", key="augment-reroll", on_click=_reroll)
    seen, built = layout.halves()  # one below the other on a narrow page, the pictures first
    with seen:
        rows = _preview(dataset, settings)
        _take_away(dataset, settings)
        _judgement(dataset, settings, wanted)
        filling.view(dataset, settings)
    with built:
        thumb = thumb_of(dataset, int(rows[0])) if rows.size else None
        builder.view(dataset, settings, thumb)
    _door()


def _door() -> None:
    frame.door("pages/clean/prepare.py", "Next: what is still to do?")


def _settings(dataset: Dataset) -> AugmentationSettings:
    """As chosen; steps that are made of the data written out, so that the cards show them. Where there are
    none the preset is the usual one, and why is said.
    """
    from core.analyses.augmentation.settings import AugmentationSettings

    given = session().settings.setdefault(NAME, {})
    chosen = AugmentationSettings.of(given)
    with st.spinner("Measuring how far train is from serve", show_time=False):
        settings = guard.attempt(lambda: chosen.for_data(dataset))
    if isinstance(settings, CoreError):
        guard.show(settings)
        del given["preset"]
        return AugmentationSettings.of(given)
    if settings is not chosen:
        given["steps"] = settings.steps
    return settings


def _judgement(dataset: Dataset, settings: AugmentationSettings, wanted: tuple[str, str]) -> None:
    """Whether labels survive the pipeline, once it is asked for: of this pipeline, as it takes long, or where
    it is known.
    """
    st.subheader("Do labels survive it?")
    asked = session().chosen.get(wanted)
    if asked == NOW:
        asked = session().chosen[wanted] = settings
    if asked is not None and (asked == settings or worked_out(dataset, NAME) is not None):
        panel.view(dataset, NAME, asked=True, settings=False)
        return
    if asked is not None:
        st.caption(":material/info: This is not the pipeline that was judged: it has changed since.")
    st.caption("Real images, held out, are recognised by their neighbours without and with the variants.")
    st.button(
        "Judge the pipeline",
        type="primary",
        icon=":material/gavel:",
        key="augment-judge",
        on_click=session().chosen.__setitem__,
        args=(wanted, NOW),
    )


def _reroll() -> None:
    session().chosen["variants from"] = session().chosen.get("variants from", 0) + VARIANTS


def _preview(dataset: Dataset, settings: AugmentationSettings) -> NDArray[np.int64]:
    """Some images of train, each with variants beside it; gives their positions in the source."""
    from core.analyses.augmentation.sample import label_column, shown_in_turn, unlabelled

    offset = int(session().chosen.get("variants from", 0))
    there = shown_in_turn(dataset)
    if not there.size:
        st.info(plain(_why_none(dataset), 200))
        return there
    pages = max(1, -(-there.size // SHOWN))
    page = f"augment-{dataset.fingerprint}"
    at = pager.shown(page, pages)
    rows = there[(at - 1) * SHOWN : at * SHOWN]
    sheet = guard.attempt(lambda: sheet_png(dataset, rows, settings, offset))
    if isinstance(sheet, CoreError):
        guard.show(sheet)
        return rows
    with layout.staying("augment-preview"):
        st.image(sheet, alt=f"{count(rows.size, 'image')} in rows, each with {VARIANTS} variants beside it")
    if pages > 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            pager.held(pages, at, page)
    part = " of train" if dataset.split is not None else ""
    turn = ", classes in turn" if label_column(dataset) else ""
    first, last = (at - 1) * SHOWN + 1, (at - 1) * SHOWN + rows.size
    which = f"images {count(first)}–{count(last)}" if rows.size > 1 else f"image {count(last)}"
    bare = unlabelled(dataset)
    turn += f", {count(bare)} of them without a label and so of no class to fill" if bare else ""
    st.caption(
        f"Left: {which} of {count(there.size)}{part} that give variants{turn}. Right of each: variants, at "
        "128 pixels at most; blur, noise, waves and compression show as much as those of the export do then."
    )
    return rows


def _why_none(dataset: Dataset) -> str:
    """Why no image of train gives variants."""
    from core.analyses.augmentation.sources import blank, deep, none_of_train

    return none_of_train(dataset) if (deep(dataset) | blank(dataset)).any() else NONE_READ


def _take_away(dataset: Dataset, settings: AugmentationSettings) -> None:
    """The pipeline as JSON and as a script."""
    from core.analyses.augmentation.script import code, source_files

    with st.container(horizontal=True):
        st.download_button(
            "Pipeline as JSON",
            lambda: json.dumps(settings.pipeline, indent=2).encode(),
            "pipeline.json",
            "application/json",
            icon=":material/download:",
            on_click="ignore",
            key="augment-json",
        )
        st.download_button(
            "Pipeline as code",
            lambda: code(settings.pipeline, settings.seed, source_files(dataset)).encode(),
            ALONE,
            "text/x-python",
            icon=":material/code:",
            on_click="ignore",
            key="augment-code",
        )
