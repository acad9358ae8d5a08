"""What one column holds, where its rows are looked at: in a line behind its heading, and as a card."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from components import results
from components.figures import profile as drawn
from components.state import keep
from components.text import cut, plain, share, tag
from components.widgets.chart import chart
from core.dataset import Dataset
from core.phrases import count, ends_among, number_among
from core.prepare.classes import EACH, FEW

COMMON = 0.01  # share of all values from which one is usual
COMMONEST = 3


def profile_of(dataset: Dataset, name: str) -> Any:
    """The profile of a column: from the profile of all, where it is known, else of this one alone."""
    known = known_profile(dataset, name)
    if known is not None:
        return known

    def work() -> Any:
        from core.analyses.profile.measure import measure

        masks = [(part, dataset.part_mask(part)) for part in dataset.parts]  # type: ignore[arg-type]
        return measure(dataset[name], dataset.table([name]).column(0), masks).profile

    return keep(("column card", dataset.column_key(name)), work)


def known_profile(dataset: Dataset, name: str) -> Any:
    """The profile of a column where that of all is known; None else, and for a column that marks added rows.
    Nothing is worked out.
    """
    if name not in dataset.unmarked.names:
        return None
    outcome = results.worked_out(dataset, "profile")
    there = outcome is not None and outcome.result is not None and outcome.result.status.state == "ok"
    return outcome.result.column(name) if there else None  # type: ignore[union-attr]


def line(profile: Any) -> str:
    """Kind, missing, distinct, and what is typical, in one line; Markdown.

    >>> from types import SimpleNamespace
    >>> import numpy as np
    >>> line(SimpleNamespace(kind="category", rows=4, missing=1, distinct=2, top=(("a", 2), ("*", 1)),
    ...      quantiles=np.zeros(0)))
    'category · 25% missing · 2 distinct · a \\\\(2\\\\)\\\\, \\\\* \\\\(1\\\\)'
    """
    missing = share(profile.missing, profile.rows)
    told = f"{profile.kind} · {missing} missing · {count(profile.distinct)} distinct"
    most = ", ".join(f"{cut(text, 20)} ({count(times)})" for text, times in profile.top[:COMMONEST])
    usual = f"5% to 95%: {typical(profile)}" if _measured(profile) else most
    return f"{told} · {plain(usual, 160)}" if usual else told


def typical(profile: Any, letters: int = 20) -> str:
    """What is usual in a column: from the 5th to the 95th percentile, or the commonest values with their
    shares of all values, likely missing-value codes among them; "" where none is a hundredth of all, as in
    most texts. letters: of a value.
    """
    if _measured(profile) and profile.kind == "datetime":
        return _span(*(drawn.moment(profile.quantile(at), brief=True) for at in (0.05, 0.95)))
    if _measured(profile):
        return _span(*(number_among(profile.quantile(at), *ends(profile)) for at in (0.05, 0.95)))
    if drawn.all_differ(profile):
        return ""
    least = max(2, COMMON * profile.present)
    usual = [one for one in profile.top[:COMMONEST] if one[1] >= least]
    return ", ".join(f"{cut(text, letters)} ({share(times, profile.present)})" for text, times in usual)


def ends(profile: Any) -> tuple[float, float]:
    """The ends of a column of numbers by which years are told from amounts."""
    return ends_among(*(profile.quantile(at) for at in (0.0, 0.05, 0.95, 1.0)))


def amounts(dataset: Dataset, result: Any) -> dict[str, tuple[float, float]]:
    """The ends of each column of amounts, whose numbers stand with separators; no identifiers. result: of the
    profile, None where there is none.
    """
    roles = (dataset.roles.id, dataset.roles.group)
    numeric = [p for p in (() if result is None else result.columns) if p.kind == "numeric"]
    return {p.name: ends(p) for p in numeric if p.quantiles.size and p.name not in roles}


def _measured(profile: Any) -> bool:
    """Whether the values lie on a scale: numbers that are no codes of classes, or dates.

    >>> from types import SimpleNamespace
    >>> import numpy as np
    >>> def column(*top): return SimpleNamespace(kind="numeric", top=top, distinct=len(top),
    ...     present=sum(times for _, times in top), quantiles=np.zeros(9))
    >>> _measured(column(("0", 60), ("1", 20))), _measured(column(("0.5", 60), ("1", 20)))
    (False, True)
    """
    if not profile.quantiles.size or profile.kind != "numeric":
        return bool(profile.quantiles.size)
    coded = profile.distinct <= min(FEW, len(profile.top)) and profile.present >= EACH * profile.distinct
    return not (coded and all(text.removeprefix("-").isdecimal() for text, _ in profile.top))


def _span(low: str, high: str) -> str:
    """
    >>> _span("2", "4"), _span("2", "2")
    ('2 to 4', '2')
    """
    return low if low == high else f"{low} to {high}"


def view(dataset: Dataset, name: str, key: str) -> None:
    """The card: the line, and the values as bars."""
    profile = profile_of(dataset, name)
    st.markdown(f"**{plain(name, 80)}** :small[:gray[{line(profile)}]]")
    if not profile.present:
        st.caption("There is no value in this column.")
        return
    chart(
        ("column card", dataset.column_key(name)),
        partial(drawn.column_figure, profile),
        f"values-{key}-{tag(name)}-{dataset.version}",
        drawn.alt(profile),
    )
