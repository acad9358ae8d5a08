"""Relations of two columns that changed, on the overlap page: a line each, and both parts of one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from components import address, results
from components.figures import overlap_relation as drawn
from components.glossary import hint
from components.state import keep
from components.text import cut_within, plain, tag
from components.widgets import layout
from components.widgets.chart import chart
from core.analyses.overlap.points import pair_points
from core.dataset import Dataset
from core.phrases import count, name, verb

if TYPE_CHECKING:
    import pandas as pd

    from core.analyses.overlap.relations import RelationChange
    from core.analyses.overlap.result import OverlapResult

LETTERS = 26  # of both names that fit the first column


def view(dataset: Dataset, result: OverlapResult | None) -> None:
    """The pairs whose relation changed, the one that changed most first; or that none did."""
    if result is None or not result.relations.pairs:
        return
    st.subheader("Which relations changed")
    lines, pairs = result.relations.changed, count(result.relations.pairs, "pair")
    if not lines:
        were = verb(result.relations.pairs, "was", "were")
        st.caption(
            f"{pairs} of columns of numbers {were} compared, and no relation changed beyond the noise"
            f"{', but for what follows from columns that shifted' if result.relations.following else ''}. "
            + plain(_without(dataset), 100)
        )
        return
    mark = results.mark(dataset, "overlap")
    table, drawer = layout.fifths(2, 3, "relations")
    key = address.key(f"relations-{tag(repr(mark))}")
    event = table.dataframe(
        keep(("overlap-relations", mark), lambda: _table(lines)),
        hide_index=True,
        key=key,
        **address.ticking("relation", key, [_both(one) for one in lines]),
        column_config={
            "Train": st.column_config.NumberColumn(format="%+.2f", help=hint("Spearman's correlation")),
            "Serve": st.column_config.NumberColumn(format="%+.2f", help=hint("Spearman's correlation")),
            "Change": st.column_config.NumberColumn(format="%.2f", help=hint("Cohen's q")),
            "Noise": st.column_config.NumberColumn(
                format="%.2f",
                help=hint("Noise floor", "Here: what the largest change of all pairs stays under in 99%."),
            ),
        },
        height=min(len(lines), 7) * 35 + 40,
        alt=f"{count(len(lines), 'pair')} of columns by how far their relation changed",
    )
    table.caption(
        f"Of {pairs} of columns of numbers. Not listed is what follows from a column that shifted, as where "
        "serve has a part of train's range. " + plain(_without(dataset), 100)
    )
    picked = event.selection.rows
    with drawer:
        _one(dataset, lines[picked[0] if picked and picked[0] < len(lines) else 0])


def _without(dataset: Dataset) -> str:
    """That the target is not among them, as in all of Overlap."""
    return f"The target {name(dataset.roles.target)} is not among them." if dataset.roles.target else ""


def _both(one: RelationChange) -> str:
    return f"{one.left} × {one.right}"


def _table(lines: tuple[RelationChange, ...]) -> pd.DataFrame:
    import pandas as pd

    half = LETTERS // 2
    return pd.DataFrame(
        {
            "Columns": [f"{cut_within(one.left, half)} × {cut_within(one.right, half)}" for one in lines],
            "Train": [one.train for one in lines],
            "Serve": [one.serve for one in lines],
            "Change": [one.q for one in lines],
            "Noise": [one.noise for one in lines],
        }
    )


def _one(dataset: Dataset, one: RelationChange) -> None:
    mark = ("relation", dataset.version, one.left, one.right)
    points = keep(("points", *mark), lambda: pair_points(dataset, one.left, one.right))
    st.markdown(
        f"**{plain(name(one.left), 60)} and {plain(name(one.right), 60)}** "
        f":small[:gray[rank correlation {one.train:+.2f} in train, {one.serve:+.2f} in serve]]"
    )
    key = f"relation-{dataset.version}-{tag(repr(mark))}"
    alt = drawn.alt_relation(one, points)
    chart(mark, partial(drawn.relation_points, points), key, alt, drawn.HOW_RELATION)
