"""How the same files are made again from the recipe."""

from __future__ import annotations

import streamlit as st

from components import address, as_decided, frame
from components.state import keep, session, value
from components.views.export.wanted import calls
from core.dataset import Dataset
from core.export import recipe_of
from core.export.contents import replay_commands


def again(dataset: Dataset) -> None:
    """The command, the recipe by itself, and the next door."""
    st.subheader("Make it again")
    st.markdown("The recipe makes the same bytes from the same file, on any machine:")
    commands = replay_commands(dataset, str(value(address.key("export-format"), "input")))
    st.code(commands.same, language=None, wrap_lines=True)
    st.markdown("On other rows of the same shape, such as next month's, its rules apply:")
    st.code(commands.later, language=None, wrap_lines=True)
    given = calls()
    recipe = keep(
        ("recipe", dataset.version, session().turn, str(given)),
        lambda: recipe_of(dataset, session().review, as_decided.settled(), given),
        newest=True,
    )
    st.download_button(
        "Download the recipe only",
        data=recipe.to_json,
        file_name="recipe.json",
        mime="application/json",
        icon=":material/receipt_long:",
        key="download-recipe-only",
        on_click="ignore",
    )
    frame.door("pages/data/load.py", "Next: another data set")
