"""How the rows chosen on the overlap page differ from all others, beside the noise floor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from components.state import keep
from components.text import cut, marked, plain
from components.widgets.layout import CELL, fitting, number_width, pixels
from core.analyses.overlap.difference import MIDDLES, SHARE_OF, different
from core.dataset import Dataset
from core.phrases import count, listed, moment, name, names, number_among, percent
from core.prepare.lacked import reasons
from core.rowset import RowSet

if TYPE_CHECKING:
    import pandas as pd

LISTED = 8  # differences shown
FIRST = 128  # pixels of the first column
LEVEL = 0.45  # of its room, at most, for a level
HEADINGS = {"These": "These rows", "Others": "Others"}  # short ones leave room for the last column
WHERE = "The column; behind a colon the level whose share differs most, behind a comma what is compared."
_DAY = 86_400e6  # microseconds


def view(dataset: Dataset, chosen: RowSet, without: tuple[str, ...] = ()) -> None:
    """How these rows differ from all others, beside the noise floor. without: columns that are not compared,
    as each separates train from serve on its own, or only one of these has it.
    """
    if not 1 < len(chosen) < dataset.rows:
        return
    of = (dataset.version, chosen, without)
    lines = keep(("different", *of), lambda: different(dataset, chosen, without=without))
    st.markdown("**What makes them different**")
    if without:
        told = [
            f"Without {names([cut(one, 60) for one in some], LISTED)}: {why}."
            for some, why in keep(("left out", *of), lambda: reasons(dataset, without))
        ]
        st.caption(plain(" ".join(told), 800))
    if lines.empty:
        st.caption("Nothing beyond the noise: as many rows drawn at random differ as much from the others.")
        return
    shown = lines.head(LISTED)
    table = keep(("different-table", *of), lambda: _table(shown))
    st.dataframe(
        table,
        hide_index=True,
        placeholder="–",
        row_height=32,
        column_config=_config(table),
        alt=f"The {count(len(table), 'largest difference')} between these rows and the others",
    )
    if several := _of_several(shown):
        st.caption(plain(several, 400))
    mixed = _mixed(shown)
    long = [_in_full(line) for line in shown.itertuples() if _is_cut(line, mixed)]
    if long:
        st.caption(f"Names in full: {plain(', '.join(long), 2_000)}.")
    if len(lines) > LISTED:
        st.caption(f"{count(len(lines) - LISTED, 'smaller difference')} not listed.")


def _of_several(lines: pd.DataFrame) -> str:
    """That a column stands with one level though only some of these rows hold it, and how many of the rest
    hold no value; "" where all of these rows hold it, or none.
    """
    some = [line for line in lines.itertuples() if _level(line) and 0.0 < line.selected < 1.0]
    several = [cut(one.column, 60) for one in some if 1.0 - one.selected - one.missing > 1e-9]
    gaps = [
        f"{percent(one.missing)} of these rows in {name(cut(one.column, 60))}"
        for one in some
        if one.missing > 0.0
    ]
    others = "the rest of these rows hold others" + (", or no value." if gaps else ".")
    told = [f"Of {names(several, LISTED)} the level whose share differs most; {others}"] if several else []
    told += [f"No value: {listed(gaps, LISTED)}."] if gaps else []
    return " ".join(told)


def _config(table: pd.DataFrame) -> dict[str, Any]:
    """Five columns, which mostly fit two fifths of a page of 1,400 pixels."""
    these, others = (
        min(110, max(52, CELL + round(max(map(pixels, [word, *table[head]])))))
        for word, head in HEADINGS.items()
    )
    width = {
        head: number_width([head, *map(form.format, table[head])], least)
        for head, form, least in (("Effect", "{:+.2f}", 56), ("Noise", "{:.2f}", 52))
    }
    effect = "Standardised difference (Cohen's d or h): 0.2 is small, 0.5 medium, 0.8 large."
    noise = "Noise floor: rows drawn at random stay under it in all columns, in 99 of 100 cases."
    what = (
        " Of levels and missing values the share of rows; else the median, so called beside means; the mean, "
        "so called, where the medians do not show the difference; or the mean with values capped at five "
        "spreads, called capped."
    )
    return {
        "Column": st.column_config.TextColumn(width=FIRST, pinned=True, help=WHERE),
        "Effect": st.column_config.NumberColumn(format="%+.2f", width=width["Effect"], help=effect),
        "These rows": st.column_config.TextColumn(
            "These", width=these, help="What stands in the rows chosen." + what
        ),
        "Others": st.column_config.TextColumn(width=others, help="What stands in all other rows." + what),
        "Noise": st.column_config.NumberColumn(format="%.2f", width=width["Noise"], help=noise),
    }


def _table(lines: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    each, mixed = list(lines.itertuples()), _mixed(lines)
    return pd.DataFrame(
        {
            "Column": [_of_what(line, mixed) for line in each],
            "Effect": [line.effect for line in each],
            "These rows": [_value(line, line.selected) for line in each],
            "Others": [_value(line, line.rest) for line in each],
            "Noise": [line.noise for line in each],
        }
    )


def _mixed(lines: pd.DataFrame) -> bool:
    """Whether some lines compare means: then a median is called so, too."""
    return bool(lines["what"].isin(MIDDLES[1:]).any())


def _level(line: Any) -> str:
    """The level of which the line compares the shares; "" where it compares something else."""
    return str(line.what).removeprefix(SHARE_OF) if str(line.what).startswith(SHARE_OF) else ""


def _of_what(line: Any, mixed: bool) -> str:
    """The column, and the level where the line is about one: ``town: Ghent``; else the word for its middle:
    ``wage, mean``. mixed: whether a median is called so.
    """
    behind = _behind(line, mixed)
    return f"{fitting(line.column, FIRST - CELL - pixels(behind))}{behind}"


def _behind(line: Any, mixed: bool) -> str:
    """What stands behind the name of the column, as far as there is room."""
    level = "(missing)" if line.what == "missing" else fitting(marked(_level(line)), LEVEL * (FIRST - CELL))
    return f": {level}" if level else _middle(line, mixed)


def _middle(line: Any, mixed: bool) -> str:
    """The word for a middle that is no median, or of any where the table shows others, too."""
    called = line.what in MIDDLES[1:] or (mixed and line.what == MIDDLES[0])
    return f", {str(line.what).split()[0]}" if called else ""


def _is_cut(line: Any, mixed: bool) -> bool:
    return _of_what(line, mixed) != _in_full(line) + _middle(line, mixed)


def _in_full(line: Any) -> str:
    level = "(missing)" if line.what == "missing" else marked(_level(line))
    return cut(f"{line.column}: {level}" if level else line.column, 300)


def _value(line: Any, given: float) -> str:
    """A share, or a median or mean as the column's values are written."""
    if line.what not in MIDDLES:
        return percent(given)
    if line.kind != "datetime":
        return number_among(given, line.low, line.high)
    written = moment(given)
    return written.partition(" ")[0] if abs(line.selected - line.rest) > 2 * _DAY else written
