"""One column in full: picture, statistics, extremes, its relation to the target, and the rows behind any
bar.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from components import guard, results
from components.figures import profile as drawn
from components.glossary import hint
from components.state import keep, session
from components.text import cut, marked, number, plain, share, tag
from components.widgets import actions, column_card, layout, rows
from components.widgets.chart import chart, pick_into, pickable, unpick
from core.analyses.profile.target_by_bar import ABOVE, BELOW, MISSING, OTHER, rows_in_bar
from core.dataset import Dataset
from core.errors import CoreError
from core.phrases import count, may_be_years_or_times, number_among

if TYPE_CHECKING:
    import pandas as pd
    from pandas.io.formats.style import Styler

    from core.analyses.profile.facts import ColumnProfile
    from core.analyses.profile.result import Profile
    from core.analyses.target.analysis import TargetResult

TERMS = f"Skewness: {hint('Skewness')} Excess kurtosis: {hint('Excess kurtosis')}"


def drawer(dataset: Dataset, result: Profile, name: str, target: drawn.Shade | None = None) -> None:
    """Everything about one column; a click on a bar lists its rows."""
    profile = result.column(name)
    key = key_of(name)
    with st.container(border=True, key=key):
        st.markdown(
            f"##### {plain(name, 80)} :small[:gray[{profile.kind}, stored as {plain(profile.stored)}]]"
        )
        note = dataset[name].note
        if note:
            st.caption(plain(note, 300))
        left, right = layout.thirds(2, 1, key)
        with left:
            picture(dataset, result, name, key, target, rows_key(dataset, name))
            at = _bar(dataset, profile, key)
            _relation(dataset, name, target.level if target else "")
        with right:
            st.dataframe(
                _statistics(profile),
                hide_index=True,
                placeholder="–",
                alt=f"Statistics of {cut(name, 60)}",
                height="content",
                column_config={"Statistic": st.column_config.TextColumn(help=TERMS)},
            )
            ends = _extremes(dataset, profile)
            if ends is not None:
                st.caption("Extremes and the rows that hold them")
                st.dataframe(
                    ends,
                    hide_index=True,
                    alt=f"Extreme values of {cut(name, 60)}",
                    height="content",
                )
        if at is not None:
            _rows(dataset, profile, key, at)


def key_of(name: str) -> str:
    """The key of the container that tells of this column."""
    return f"drawer-{tag(name)}"


def rows_key(dataset: Dataset, name: str) -> str:
    """The key of the list of bars whose rows can be seen."""
    return f"bar-{dataset.version}-{tag(name)}"


def picture(
    dataset: Dataset, result: Profile, name: str, key: str, target: drawn.Shade | None = None, into: str = ""
) -> None:
    """The figure of one column with its reading aid. into: key of the widget that takes the bar clicked, if
    there is one.
    """
    profile = result.column(name)
    if not profile.present:
        st.caption("There is no value in this column.")
        return
    if drawn.all_differ(profile):
        few = ", ".join(marked(text, 40) for text, _ in profile.top[:3])
        st.caption(f"All {count(profile.present, 'value')} differ, such as {plain(few, 140)}.")
        return
    bins = profile.histogram
    mark = ("column", results.mark(dataset, "profile"), name, target and (target.label, target.overall))
    how = (drawn.HOW_HISTOGRAM if bins is not None else drawn.HOW_VALUES) + (drawn.HOW_TINT if target else "")
    figure = f"figure-{key}-{dataset.version}"
    if into:
        how = drawn.HOW_CLICK + how
        pickable(
            mark,
            partial(drawn.column_figure, profile, target),
            figure,
            drawn.alt(profile),
            pick_into(into),
            how,
        )
    else:
        chart(mark, partial(drawn.column_figure, profile, target), figure, drawn.alt(profile), how)
    if bins is not None and (bins.below or bins.above):
        sides = ((bins.below, "below"), (bins.above, "above"))
        told = " and ".join(f"{count(held, 'value')} {side}" for held, side in sides if held)
        st.caption(f"Not drawn, as far out: {told}.")


def _bar(dataset: Dataset, profile: ColumnProfile, key: str) -> int | None:
    """The bar whose rows are wanted, chosen by a click or from the list."""
    bars = _bars(profile)
    return st.selectbox(
        "Rows of one bar",
        list(bars),
        None,
        key=rows_key(dataset, profile.name),
        format_func=lambda bar: bars.get(bar, ""),
        placeholder="Choose a value to see its row"
        if drawn.all_differ(profile)
        else "Click a bar, or choose one here, to see its rows",
        label_visibility="collapsed",
        on_change=unpick,
        args=(f"figure-{key}-{dataset.version}",),
    )


def _rows(dataset: Dataset, profile: ColumnProfile, key: str, at: int) -> None:
    """The rows of a bar, and what to do with them."""
    behind = keep(
        ("bar", results.mark(dataset, "profile"), profile.name, at), lambda: rows_in_bar(dataset, profile, at)
    )
    st.markdown(f"**Rows: {plain(_bars(profile)[at], 80)}**")
    picked = rows.listing(
        dataset, behind.ids, f"{rows_key(dataset, profile.name)}-{at}", first=[profile.name]
    )
    actions.bar(dataset, picked, f"{key}-{at}", column=profile.name)


def _bars(profile: ColumnProfile) -> dict[int, str]:
    """The bars that hold rows, and what stands outside of them: number -> words."""
    counts = (
        profile.histogram.counts.tolist()
        if profile.histogram is not None
        else [times for _, times in profile.top]
    )
    names = drawn.bar_names(profile)
    held = {at: f"{names[at]} ({count(times, 'row')})" for at, times in enumerate(counts) if times}
    below, above = (
        (profile.histogram.below, profile.histogram.above) if profile.histogram is not None else (0, 0)
    )
    others = profile.present - sum(counts) - below - above
    outside = {
        BELOW: ("below the first bar", below),
        ABOVE: ("above the last bar", above),
        OTHER: ("any other value", others),
    }
    if profile.infinite:
        outside[OTHER] = ("infinite", profile.infinite)
    outside[MISSING] = ("missing", profile.missing)
    return held | {
        at: f"{words} ({count(times, 'row')})" for at, (words, times) in outside.items() if times > 0
    }


def _relation(dataset: Dataset, name: str, level: str) -> None:
    """The target over the bins of this column: from the target tab where it was opened, else worked out for
    this column alone.
    """
    from components.figures import target as figures

    result = relation(dataset, name)
    if result is None:
        return
    one = next((relation for relation in result.relations if relation.column == name), None)
    if one is None:
        return
    strength = (
        f"strength {number(one.effect.value)}, noise floor {number(one.effect.noise)}, "
        f"{count(one.effect.n, 'row')}"
    )
    st.markdown(f"**The target over it** :small[:gray[{strength}]]", help=hint("Noise floor"))
    mark = ("over-target", results.mark(dataset, "target"), result.used, name, level)
    key = f"over-target-{dataset.version}-{tag(name)}-{tag(level)}"
    chart(mark, partial(figures.over_bins, result, name, level), key, figures.ALT, figures.HOW)


def relation(dataset: Dataset, name: str) -> TargetResult | None:
    """What the target analysis, with the settings chosen, says of one column; None where it has nothing to
    say.
    """
    from core.analyses.target.analysis import TargetResult
    from core.run import run

    chosen = session().settings.get("target", {})
    if (chosen.get("target") or dataset.roles.target) in (None, name):
        return None
    known = results.worked_out(dataset, "target")
    whole = known.result if known is not None else None
    if isinstance(whole, TargetResult) and name in {one.column for one in whole.relations}:
        return whole
    # of two columns a sample by content may hold one pair only
    quick = {**chosen, "columns": (name,), "model": False, "suggest": False, "sample": 2_000_000}
    result = keep(
        ("relation", results.mark(dataset, "target"), name),
        lambda: guard.attempt(lambda: run("target", dataset, quick)),
    )
    return None if isinstance(result, CoreError) or result.status.state != "ok" else result


def quantile_text(profile: ColumnProfile, at: float, brief: bool = False) -> str:
    """A quantile in words; "" where the column has none."""
    if not profile.quantiles.size:
        return ""
    value = profile.quantile(at)
    return drawn.moment(value, brief) if profile.kind == "datetime" else _among(profile, value)


def _among(profile: ColumnProfile, value: float) -> str:
    low, high = column_card.ends(profile)
    return number_among(value, low, high) if may_be_years_or_times(low, high) else number(value)


def _statistics(profile: ColumnProfile) -> pd.DataFrame:
    import pandas as pd

    statistics: dict[str, str] = {
        "Rows": count(profile.rows),
        "Missing": f"{count(profile.missing)} ({share(profile.missing, profile.rows)})",
        "Distinct": count(profile.distinct),
    }
    if profile.quantiles.size:
        names = {
            0.0: "Minimum",
            0.05: "5%",
            0.25: "25%",
            0.5: "Median",
            0.75: "75%",
            0.95: "95%",
            1.0: "Maximum",
        }
        statistics |= {word: quantile_text(profile, at) for at, word in names.items()}
    if profile.quantiles.size and profile.kind != "datetime":
        statistics |= {"Mean": _among(profile, profile.mean), "Standard deviation": number(profile.std)}
        statistics |= {"Skewness": number(profile.skewness), "Excess kurtosis": number(profile.kurtosis)}
        statistics |= {
            "Zeros": count(profile.zeros),
            "Negative": count(profile.negatives),
            "Infinite": count(profile.infinite),
        }
    if profile.lengths is not None:
        statistics |= dict(
            zip(("Shortest (letters)", "Mean length", "Longest"), map(number, profile.lengths), strict=True)
        )
    return pd.DataFrame({"Statistic": statistics.keys(), "Value": statistics.values()})


def _extremes(dataset: Dataset, profile: ColumnProfile) -> Styler | None:
    """The values at both ends and their rows; numbers sort as such, and are written as the data have them."""
    import pandas as pd

    ends = [("lowest", *pair) for pair in profile.smallest] + [("highest", *pair) for pair in profile.largest]
    if not ends or profile.distinct < 2:
        return None
    texts = [marked(e[2], 80) for e in ends]
    frame = pd.DataFrame(
        {
            "End": [e[0] for e in ends],
            "Value": texts,
            "Row": dataset.source_ids(np.array([e[1] for e in ends])),
        }
    )
    if profile.quantiles.size and profile.kind != "datetime":
        frame["Value"] = pd.to_numeric(frame["Value"])
    written = dict(zip(frame["Value"], texts, strict=True))
    return frame.style.format({"Value": written.__getitem__})
