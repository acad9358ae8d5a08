"""The columns on the overlap page: by effect, with both parts' distribution; the one chosen in full."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import address, results
from components.figures import shift as drawn
from components.figures.theme import SERVE, TRAIN
from components.glossary import hint, known
from components.settings_form import settings_form
from components.state import keep
from components.text import number, plain, tag
from components.widgets import layout
from components.widgets.chart import chart
from core.analyses.shift.findings import of_new_classes
from core.analyses.shift.judged import APART, BANDS, NAMES, effect_of
from core.dataset import Dataset
from core.numerics.degree import DEGREES
from core.phrases import count, percent

if TYPE_CHECKING:
    import pandas as pd

    from core.analyses.shift.analysis import ShiftResult
    from core.analyses.shift.column import ColumnShift
    from core.analyses.shift.judged import ShiftLine
    from core.analyses.shift.settings import ShiftSettings

BINS = 12  # bars of a small histogram
NAME = 130  # pixels: of the first column
SHORT = {
    "w1_iqr": "Wasserstein",
    "tv": "Total variation",
    "risk_difference": "Share difference",
    "l_infinity": "Largest difference",
    "missing": "Missing difference",
}
PARTS = "◨ "  # beside a column that is the very split
OF_IMAGES = "▣ "  # beside one that is measured of images
SIGNS = {
    "severe": "▲ ",
    "moderate": "△ ",
    APART["time"]: PARTS,
    APART["name"]: PARTS,
    APART["image"]: OF_IMAGES,
}
SIGN = 18  # pixels: of a sign and the blank behind it
ONE_PART = "∅ "  # beside one that cannot be compared, which is no shift
UNLIKE = "not in both parts, or of another type in one"
EFFECT = hint("Effect")
NEW_CLASSES = "only by classes that train lacks, which are counted on Balance"
NOISE = hint(
    "Noise floor",
    "Here that of the effect, in its units: of permutations of the rows between train and serve. The larger "
    "of it and 1 is the limit. The finding gives that of the measure itself, in the measure's units.",
)


def view(dataset: Dataset, result: ShiftResult | None) -> ColumnShift | None:
    """The columns, those that shifted most first; gives the one that rows can be chosen by: that ticked, else
    the first with new values. None where it is what parts train from serve: all of serve would be new.
    """
    if result is None:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.subheader("What shifted", width="stretch")
        settings_form("shift", dataset)
    mark = results.mark(dataset, "shift")
    lines = keep(("overlap-columns", mark), lambda: ordered(result))
    if not lines:
        st.caption("No column can be compared.")
        return None
    moderate = result.settings.moderate
    table, drawer = layout.fifths(2, 3, "shifted")
    key = address.key(f"shift-columns-{tag(repr(mark))}")
    shown = keep(("overlap-columns-table", mark), lambda: _table(lines, moderate))
    event = table.dataframe(
        shown,
        hide_index=True,
        placeholder="–",
        key=key,
        **address.ticking("column", key, [line.shift.name for line in lines]),
        column_config=_config(shown),
        row_height=32,
        height=min(len(lines), 9) * 32 + 42,
        alt=f"{count(len(lines), 'column')} by how far they shifted, with both distributions",
    )
    table.caption(_legend(lines))
    picked = event.selection.rows
    ticked = lines[picked[0] : picked[0] + 1] if picked else []
    with drawer:
        _one(dataset, (ticked or lines)[0], result.settings)
    if ticked:
        return None if ticked[0].apart else ticked[0].shift
    return next((line.shift for line in lines if not line.apart and len(line.shift.unseen)), None)


def _legend(lines: list[ShiftLine]) -> str:
    """What the marks in the table mean, and from where on a shift matters."""
    why = {line.apart for line in lines}
    parts = f", {PARTS}parts train from serve" if why & {"time", "name"} else ""
    parts += f", {OF_IMAGES}measured of images, of which Issues tells" if "image" in why else ""
    parts += f", {ONE_PART}{UNLIKE}" if any(map(_unlike, lines)) else ""
    return (
        f"▲ severe, △ moderate{parts}. A shift matters from an effect of 1 on, where it is above its noise "
        "floor (Noise, in units of the effect), too. With few rows that floor may lie far above 1. As "
        "some columns pass theirs by chance, the test of a shift must hold among all of them. Tick a line to "
        "see the column."
    )


def ordered(result: ShiftResult) -> list[ShiftLine]:
    """Per column its worst line: those that shifted first, then by the effect that the table shows; a
    column that is in one part only has none and stands before the others of its status, one that is not
    compared after all others."""
    worst: dict[str, ShiftLine] = {}
    for line in result.lines:
        worst.setdefault(line.shift.name, line)

    def rank(line: ShiftLine) -> tuple[int, bool, float]:
        effect = effect_of(line, result.settings.moderate).value
        known, matters = math.isfinite(effect), line.shifted
        place = -DEGREES.index(line.status) if matters else 0
        return place, known == matters, -effect if known else 0.0

    return sorted(worst.values(), key=rank)


def _table(lines: list[ShiftLine], moderate: float) -> pd.DataFrame:
    import pandas as pd

    effects = [effect_of(line, moderate) for line in lines]
    return pd.DataFrame(
        {
            "Column": [_called(line) for line in lines],
            "Effect": [effect.value for effect in effects],
            "Noise": [effect.noise for effect in effects],
            "Train": [drawn.shares(line.shift.bars, BINS)[0] for line in lines],
            "Serve": [drawn.shares(line.shift.bars, BINS)[1] for line in lines],
            "Status": [_shifted(line) for line in lines],
        }
    )


def _called(line: ShiftLine) -> str:
    """The sign and the name, cut where the first column has no room for it."""
    sign = _sign(line)
    return f"{sign}{layout.fitting(line.shift.name, NAME - layout.CELL - SIGN * bool(sign))}"


def _sign(line: ShiftLine) -> str:
    """A triangle for each column that shifted, and for no other."""
    return ONE_PART if _unlike(line) else SIGNS.get(line.words, "")


def _unlike(line: ShiftLine) -> bool:
    """Whether a column cannot be compared, as one part lacks it or has it in another type."""
    return line.metric == "schema" and line.shifted


def _config(table: pd.DataFrame) -> dict[str, Any]:
    make = st.column_config
    effect, noise = (
        layout.number_width([head, *map("{:.2f}".format, table[head])], least)
        for head, least in (("Effect", 52), ("Noise", 54))
    )
    return {  # without the status, which the signs say too, they fit two fifths of the page
        "Column": make.TextColumn(width=NAME, pinned=True),
        "Train": make.BarChartColumn(width=50, y_min=0.0, color=TRAIN),
        "Serve": make.BarChartColumn(width=50, y_min=0.0, color=SERVE),
        "Effect": make.NumberColumn(format="%.2f", width=effect, help=EFFECT),
        "Noise": make.NumberColumn(format="%.2f", width=noise, help=NOISE),
        "Status": make.TextColumn(width=80),
    }


def _one(dataset: Dataset, line: ShiftLine, settings: ShiftSettings) -> None:
    """The column in full: both histograms, the effect beside its noise floor, what is new."""
    shift = line.shift
    by = f": {plain(line.because, 160)}" if line.because else ""
    st.markdown(f"**{plain(shift.name, 60)}** :small[:gray[{_shifted(line)}{by}]]")
    if shift.bars is not None:
        key = f"shift-pair-{dataset.version}-{tag(shift.name)}"
        mark = ("shift-pair", dataset.version, shift.name)
        chart(mark, partial(drawn.pair, shift), key, drawn.alt_pair(shift), drawn.HOW_PAIR)
    numbers = _numbers(line, settings.moderate)
    places = layout.cells(len(numbers), 90) if numbers else []  # in one part only: no numbers
    for place, (word, (text, meaning)) in zip(places, numbers.items(), strict=False):
        place.metric(word, text, help=meaning)
    new = line.shifted and shift.name == dataset.roles.target and of_new_classes(line)
    counted = f"No attention is asked for here: it shifted {NEW_CLASSES}." if new else ""
    for text in filter(None, [not_marked(line, settings), counted, *_sentences(shift)]):
        st.caption(plain(text, 300))


def not_marked(line: ShiftLine, settings: ShiftSettings) -> str:
    """Why a column with an effect above 1 and its noise floor is not marked; "" for any other."""
    effect = effect_of(line, settings.moderate)
    if line.status != "none" or not effect.value > max(1.0, effect.noise):
        return ""
    return (
        "Above 1 and its noise floor, and yet not marked: a floor is that of one column, and over all that "
        f"are compared the test does not hold (q-value {number(float(f'{line.q:.2g}'))}; it must be below "
        f"{settings.level:g})."
    )


def _shifted(line: ShiftLine) -> str:
    """How far a column shifted, in words that are read beside its name alone."""
    if _unlike(line):
        return f"not in {line.shift.lacked}" if line.shift.lacked else "of another type in one part"
    return "no shift" if line.words == "none" else line.words


def _numbers(line: ShiftLine, moderate: float) -> dict[str, tuple[str, str]]:
    """Per number its text and meaning: effect and noise floor as in the table, then the measures behind."""
    shift = line.shift
    numbers: dict[str, tuple[str, str]] = {}
    if line.metric in NAMES:
        effect, noise = effect_of(line, moderate)
        numbers["Effect"] = (f"{effect:,.2f}", EFFECT)
        numbers["Noise floor of effect"] = (f"{noise:,.2f}", NOISE)
        numbers[SHORT[line.metric]] = (
            number(round(line.value, 4)),
            f"{NAMES[line.metric].capitalize()}: moderate from {BANDS[line.metric][0]:g}, noise floor "
            f"{number(round(line.noise, 4))}. {known(NAMES[line.metric]) or ''}",
        )
    if math.isfinite(shift.psi) and line.metric != "missing":
        within = " It lies within the noise." if shift.psi <= shift.psi_noise else ""
        numbers["PSI"] = (
            number(round(shift.psi, 4)),
            hint(
                "PSI",
                f"Moderate from {moderate:g}, noise floor {number(round(shift.psi_noise, 4))}.{within}",
            ),
        )
    return numbers


def _sentences(shift: ColumnShift) -> list[str]:
    """What else is to be known, one sentence each."""
    missing = shift.missing
    if shift.lacked:  # none of its cells is missing there
        has, share = ("Serve", missing.train) if shift.lacked == "serve" else ("Train", missing.serve)
        other = "train" if shift.lacked == "serve" else "serve"
        gaps = f" Missing in {percent(share)} of {other}." if share > 0 else ""
        return [f"{has} does not have this column.{gaps}"]
    sentences = [shift.note.capitalize() + "." if shift.note else ""]
    if max(missing.train, missing.serve) > 0:
        sentences.append(
            f"Missing in {percent(missing.train)} of train and {percent(missing.serve)} of serve."
        )
    if shift.new_count:
        sentences.append(
            f"{count(shift.new_count, 'value')} of serve that train lacks, in {percent(shift.new_share)} of "
            f"serve rows: {_first(shift.new, shift.new_count)}."
        )
    if shift.vanished:
        sentences.append(f"Values of train that serve lacks: {_first(shift.vanished, len(shift.vanished))}.")
    if shift.outside > 0:
        sentences.append(
            f"In this column by itself {percent(shift.outside)} of serve lies outside train's range, "
            f"{shift.train_range}. An unsupported row lies far from train in all that is compared, taken "
            "together."
        )
    return list(filter(None, sentences))


def _first(levels: tuple[tuple[str, int], ...], all_of_them: int) -> str:
    """The first levels, and a sign that there are more."""
    return ", ".join(level for level, _ in levels[:3]) + (" …" if all_of_them > 3 else "")
