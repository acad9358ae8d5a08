"""The judgement of a pipeline: what its variants do to real images, and which look like another class."""

from __future__ import annotations

from functools import partial
from math import isnan
from typing import TYPE_CHECKING

import streamlit as st

from components import guard
from components.figures import augmentation as drawn
from components.glossary import hint
from components.text import plain
from components.views.augment.sheet import pair_png
from components.widgets import layout
from components.widgets.chart import chart
from core.analyses.augmentation.gain import MODELS
from core.dataset import Dataset
from core.errors import CoreError
from core.phrases import count, percent

if TYPE_CHECKING:
    from core.analyses.augmentation.analysis import AugmentationResult, Lookalike


def view(dataset: Dataset, result: AugmentationResult) -> None:
    """Tiles, the change of each class, and the variants that look most like another class: where nothing can
    be said of labels, the tiles that need no label alone.
    """
    if result.judged is None:
        return
    _tiles(result)
    if result.unchecked:
        return
    mark = ("augmentation", dataset.version, result.settings)
    chart(
        mark, partial(drawn.figure, result), f"augmentation-{dataset.version}", drawn.alt(result), drawn.HOW
    )
    if result.lookalikes:
        _lookalikes(dataset, result)


def _tiles(result: AugmentationResult) -> None:
    """What the variants do, in numbers."""
    done = result.judged
    assert done is not None
    whole, (low, high) = done.whole, done.whole.interval()
    of_labels = {
        "Real images recognised": (
            percent(whole.after),
            f"{100 * whole.change:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f})",
            hint(
                "recognised", f"{percent(whole.before)} without the variants; {count(whole.held, 'image')}."
            ),
        ),
        "Look like another class": (percent(done.leave), None, hint("looks like another class")),
    }
    tiles = {} if result.unchecked else of_labels
    tiles |= {
        "Hardly changed": (percent(done.waste), None, hint("hardly changed")),
        "How far they move": (
            "–" if isnan(done.moved) else f"{done.moved:.2f}",
            None,
            hint("distance moved"),
        ),
    }
    if not isnan(result.after):
        gained = f"{100 * (result.after - result.before):+.1f} points"
        tiles["Serve near train, by gradients"] = (percent(result.after), gained, hint("serve near train"))
    trained = result.gain.differences if result.gain is not None else ()
    for model, gap in zip(MODELS[: len(trained)], trained, strict=True):
        ends = f"{100 * gap.low:+.1f} to {100 * gap.high:+.1f}"
        tiles[f"{model.capitalize()} trained"] = (f"{100 * gap.value:+.1f} points", ends, hint("gain"))
    for place, (word, (shown, change, told)) in zip(
        layout.cells(len(tiles), 160), tiles.items(), strict=True
    ):
        place.metric(word, shown, change, delta_color="off", delta_arrow="off", help=told)


def _lookalikes(dataset: Dataset, result: AugmentationResult) -> None:
    """Images and their variants that look most like another class, to be judged by eye."""
    st.markdown("**Variants that look most like another class**")
    st.caption("Left the image, right its variant. Whether the label still holds is for you to see.")
    for place, one in zip(layout.cells(len(result.lookalikes), 160), result.lookalikes, strict=True):
        pair = guard.attempt(partial(pair_png, dataset, one.row, result.settings))
        if isinstance(pair, CoreError):
            guard.show(pair)
            return
        place.image(pair, caption=plain(_told(one), 160))


def _told(one: Lookalike) -> str:
    return f"Row {one.row}, {one.label}: looks like {one.looks_like}"
