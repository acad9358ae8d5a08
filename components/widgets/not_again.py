"""The earlier findings that were not checked again, one by one: wherever they are counted stands their list,
or a door to it.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import address, attention, results
from components.widgets import findings
from components.widgets.findings import TO_ITS_END, UNFOLDED
from core.dataset import Dataset
from core.finding import Finding, ranked
from core.phrases import count


def view(decided: Dataset) -> None:
    """What needed attention when it was last looked at, and was not since, greyed: the list is never empty
    only because it was not checked again. What a job looks at now stands by itself.
    """
    for key, words, listed in _by_state(decided):
        if listed:
            with st.container(key=f"proposals-{key}", gap="xsmall"):
                st.caption(words)
                _lines(listed[:UNFOLDED])
                if len(listed) > UNFOLDED:
                    with st.expander(f"{count(len(listed) - UNFOLDED)} more"):
                        _lines(listed[UNFOLDED:])


def folded(dataset: Dataset) -> None:
    """The same below a headline that counts them, with the page where they are checked again."""
    if not attention.not_again(dataset):
        return
    label = attention.not_again_in_words(dataset)
    with st.expander(label[0].upper() + label[1:], icon=":material/hourglass_empty:"):
        for _, words, listed in _by_state(dataset):
            if listed:
                st.caption(words)
                _lines(listed)
        address.link("pages/clean/prepare.py", "Check them again on Prepare")


def _by_state(dataset: Dataset) -> list[tuple[str, str, Sequence[Finding]]]:
    """Those that a job looks at again now, and the others: key, words, and the findings, worst first."""
    missed = attention.not_again(dataset)
    now = results.under_way(dataset, *missed)
    return [
        (key, words, ranked([finding for name in names for finding in missed[name]]))
        for key, words, names in (
            ("again", "Found when last checked, and being checked again:", [n for n in missed if n in now]),
            (
                "earlier",
                "Found when last checked, and not checked again since:",
                [n for n in missed if n not in now],
            ),
        )
    ]


def _lines(listed: Sequence[Finding]) -> None:
    for finding in listed:
        with st.container(border=True):
            st.markdown(findings.waiting_again(finding.title, TO_ITS_END))
