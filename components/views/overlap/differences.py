"""How the rows chosen on the overlap page differ from all others, beside the noise floor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from components.state import keep
from components.text import cut, marked
from components.widgets.layout import text_width
from core.analyses.overlap.difference import MIDDLES, SHARE_OF, different
from core.dataset import Dataset
from core.phrases import count, moment, number_among, percent
from core.rowset import RowSet

if TYPE_CHECKING:
    import pandas as pd

LISTED = 8  # differences shown
WHERE = "The column; behind a colon the level whose share differs most."
_DAY = 86_400e6  # microseconds


def view(dataset: Dataset, chosen: RowSet) -> None:
    """How these rows differ from all others, beside the noise floor."""
    if not 1 < len(chosen) < dataset.rows:
        return
    lines = keep(("different", dataset.version, chosen), lambda: different(dataset, chosen))
    st.markdown("**What makes them different**")
    if lines.empty:
        st.caption("Nothing beyond the noise: as many rows drawn at random differ as much from the others.")
        return
    table = keep(("different-table", dataset.version, chosen), lambda: _table(lines.head(LISTED)))
    st.dataframe(
        table,
        hide_index=True,
        row_height=32,
        column_config=_config(text_width(["Column", *table["Column"]], 60, 120)),
        alt=f"The {count(len(table), 'largest difference')} between these rows and the others",
    )
    if len(lines) > LISTED:
        st.caption(f"{count(len(lines) - LISTED, 'smaller difference')} not listed.")


def _config(first: int) -> dict[str, Any]:
    effect = "Standardised difference (Cohen's d or h): 0.2 is small, 0.5 medium, 0.8 large."
    noise = "Rows drawn at random stay under it in all columns, in 99 of 100 cases."
    what = (
        "Which number stands in both columns: the median; the mean, where the medians do not show the "
        "difference; or the capped mean, in which no value counts for more than five spreads. Of levels and "
        "missing values: the share of rows."
    )
    return {
        "Column": st.column_config.TextColumn(width=first, pinned=True, help=WHERE),
        "Difference": st.column_config.NumberColumn(format="%+.2f", width=88, help=effect),
        "These rows": st.column_config.TextColumn(width=80),
        "All others": st.column_config.TextColumn(width=80),
        "What": st.column_config.TextColumn(width=70, help=what),
        "Noise floor": st.column_config.NumberColumn(format="%.2f", width=82, help=noise),
    }


def _table(lines: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    each = list(lines.itertuples())
    return pd.DataFrame(
        {
            "Column": [_of_what(line) for line in each],
            "Difference": [line.effect for line in each],
            "These rows": [_value(line, line.selected) for line in each],
            "All others": [_value(line, line.rest) for line in each],
            "What": ["share" if _level(line) else line.what for line in each],
            "Noise floor": [line.noise for line in each],
        }
    )


def _level(line: Any) -> str:
    """The level of which the line compares the shares; "" where it compares something else."""
    return str(line.what).removeprefix(SHARE_OF) if str(line.what).startswith(SHARE_OF) else ""


def _of_what(line: Any) -> str:
    """The column, and the level where the line is about one: ``town: Ghent``."""
    level = _level(line)
    return f"{cut(line.column, 40)}: {marked(level, 40)}" if level else cut(line.column, 60)


def _value(line: Any, given: float) -> str:
    """A share, or a median or mean as the column's values are written."""
    if line.what not in MIDDLES:
        return percent(given)
    if line.kind != "datetime":
        return number_among(given, line.low, line.high)
    day, _, _ = moment(given).partition(" ")
    return day if abs(line.selected - line.rest) > 2 * _DAY else moment(given)
