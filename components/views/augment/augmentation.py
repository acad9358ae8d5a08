"""The judgement of a pipeline: what its variants do to real images, and which look like another class."""

from __future__ import annotations

from functools import partial
from math import isnan
from typing import TYPE_CHECKING

import streamlit as st

from components import address, guard
from components.figures import augmentation as drawn
from components.glossary import hint
from components.text import plain
from components.views.augment.sheet import pair_png
from components.widgets import layout
from components.widgets.chart import chart
from core.analyses.augmentation.gain import MODELS
from core.analyses.augmentation.judging import SHOWN
from core.dataset import Dataset
from core.errors import CoreError
from core.phrases import count, number, percent, points
from core.prepare.images_judged import COLUMNS

if TYPE_CHECKING:
    from core.analyses.augmentation.nearness import MeasureNearness, ServeNearness
    from core.analyses.augmentation.result import AugmentationResult, Lookalike

NEARNESS = """Each line is a measure of the pixels that separates train, or the variants, from serve.
*Accuracy* is how well it does so on its own, on images held out (0.50 is guessing, 1.00 always right). **A
measure can separate variants as surely as train though they came nearer.** So *Way left* is how far they
still are from serve, of the way from train: 100% is where train stands, its noise floor as near as serve is
to itself. Variants are called nearer where the whole interval lies below 100% and a tenth of the way or more
is gone."""
SEPARATED = {  # of train and of variants, whether a measure surely separates it from serve
    (True, True): "both",
    (True, False): "train",
    (False, True): "variants",
    (False, False): "–",
}


def view(dataset: Dataset, result: AugmentationResult) -> None:
    """Tiles, the distance to serve, the change of each class, and the variants that look most like another
    class: where nothing can be said of labels, what needs none alone.
    """
    if result.judged is not None:
        _tiles(result)
    if result.nearness is not None:
        _nearness(result.nearness)
    if result.judged is None or result.unchecked:
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
            f"{points(whole.change)} points ({points(low)} to {points(high)})",
            hint(
                "recognised", f"{percent(whole.before)} without the variants; {count(whole.held, 'image')}."
            ),
        ),
        "Look like another class": (
            percent(done.leave),
            f"real images {percent(done.real_leave)}",
            hint("looks like another class", "Beside it: real images held out, without variants."),
        ),
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
        gained = f"{points(result.after - result.before)} points"
        tiles["Serve near train, by gradients"] = (percent(result.after), gained, hint("serve near train"))
    trained = result.gain.differences if result.gain is not None else ()
    for model, gap in zip(MODELS[: len(trained)], trained, strict=True):
        ends = f"{points(gap.low)} to {points(gap.high)}"
        tiles[f"{model.capitalize()} trained"] = (f"{points(gap.value)} points", ends, hint("gain"))
    for place, (word, (shown, change, told)) in zip(
        layout.cells(len(tiles), 160), tiles.items(), strict=True
    ):
        place.metric(word, shown, change, delta_color="off", delta_arrow="off", help=told)
    if not isnan(result.after):
        label = "Serve covered, by light and colour too, on Overlap"
        address.link("pages/explore/overlap.py", label, icon=":material/join_inner:")


def _nearness(near: ServeNearness) -> None:
    """Whether variants stand nearer to serve, a line per measure; what that rests on in tables of their own,
    as half a page has no room for it in one.
    """
    st.markdown("**Do variants come nearer to serve?**")
    st.markdown(plain(near.verdict, 900))
    if not near.measures:
        return
    _table([_way(one) for one in near.measures], near, "how far variants are from serve")
    with st.expander("How to read this", icon=":material/help:"):
        st.markdown(NEARNESS)
    with st.expander("Accuracy and medians", icon=":material/table_rows:"):
        _table(
            [_accuracy(one) for one in near.measures], near, "how well it predicts train, variants or serve"
        )
        _table([_medians(one) for one in near.measures], near, "its median in train, variants and serve")


def _table(lines: list[dict[str, object]], near: ServeNearness, what: str) -> None:
    config = _config(near)
    st.dataframe(
        lines,
        hide_index=True,
        placeholder="–",
        column_config={head: config[head] for head in lines[0]},
        alt=f"Table of {count(len(lines), 'measure')}: {what}",
    )


def _way(one: MeasureNearness) -> dict[str, object]:
    way = one.way
    return {
        "Measure": COLUMNS[one.measure],
        "Verdict": one.moved,
        "Way left": _share(way.left),
        "Interval": None if isnan(way.left) else f"{percent(way.low)} to {percent(way.high)}",
    }


def _accuracy(one: MeasureNearness) -> dict[str, object]:
    return {
        "Measure": COLUMNS[one.measure],
        "Train": one.before,
        "Variants": one.after,
        "Noise floor": None if isnan(one.floor) else one.floor,
        "Separated": SEPARATED[one.apart],
    }


def _medians(one: MeasureNearness) -> dict[str, object]:
    medians = (("In train", one.train), ("In variants", one.variants), ("In serve", one.serve))
    return {
        "Measure": COLUMNS[one.measure],
        **{part: None if isnan(value) else number(value) for part, value in medians},
        "Serve itself": _share(one.way.near),
    }


def _share(value: float) -> str | None:
    return None if isnan(value) else percent(value)


def _config(near: ServeNearness) -> dict[str, object]:
    """Of all columns; those of one table take 440 pixels at most."""
    make = st.column_config
    held = "Balanced accuracy with which it predicts {} or serve on its own; 0.50 is expected by chance."
    widest = max(layout.pixels(COLUMNS[one.measure]) for one in near.measures)
    return {
        "Measure": make.TextColumn(pinned=True, width=min(140, max(90, round(widest) + layout.CELL))),
        "Verdict": make.TextColumn(width=120, help="Whether variants stand nearer to serve than train does."),
        "Way left": make.TextColumn(
            width=70, help="Distance from variants to serve, of that from train to serve."
        ),
        "Interval": make.TextColumn(width=115, help="Of the way left, 95% for all measures together."),
        "Train": make.NumberColumn(
            format="%.2f", width=60, help=held.format("train") + " As Image quality has it."
        ),
        "Variants": make.NumberColumn(format="%.2f", width=70, help=held.format("variants")),
        "Noise floor": make.NumberColumn(
            format="%.2f",
            width=85,
            help="What variants stay under in 95% of cases where nothing separates them.",
        ),
        "Separated": make.TextColumn(width=85, help="What it surely separates from serve."),
        **{
            f"In {part}": make.TextColumn(width=width, help="The median.")
            for part, width in (("train", 65), ("variants", 75), ("serve", 65))
        },
        "Serve itself": make.TextColumn(
            width=90, help="Noise floor of the way left: samples of serve stay under it in 95% of cases."
        ),
    }


def _lookalikes(dataset: Dataset, result: AugmentationResult) -> None:
    """Images and their variants that look most like another class, to be judged by eye."""
    st.markdown("**Variants that look most like another class**")
    told = "Left the image, right its variant. Whether the label still holds is for you to see."
    st.caption(f"{told} {_no_more(len(result.lookalikes))}".strip())
    for place, one in zip(layout.cells(len(result.lookalikes), 160), result.lookalikes, strict=True):
        pair = guard.attempt(partial(pair_png, dataset, one.row, result.settings))
        if isinstance(pair, CoreError):
            guard.show(pair)
            return
        place.image(pair, caption=plain(_told(one), 160))


def _no_more(many: int) -> str:
    """Why no more look-alikes are shown, where there are none.

    >>> _no_more(1), _no_more(SHOWN)
    ('No other variant of an image that is recognised looks like another class.', '')
    """
    if many >= SHOWN:
        return ""
    return "No other variant of an image that is recognised looks like another class."


def _told(one: Lookalike) -> str:
    return f"Row {one.row}, {one.label}: looks like {one.looks_like}"
