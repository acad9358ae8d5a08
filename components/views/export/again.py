"""How the same files are made again from the recipe."""

from __future__ import annotations

import re
import shlex

import streamlit as st

from components import address, decisions, frame
from components.state import keep, session, value
from components.text import cut
from components.views.export.wanted import calls
from core.dataset import Dataset
from core.export import recipe_of


def again(dataset: Dataset) -> None:
    """The command, the recipe by itself, and the next door."""
    st.subheader("Make it again")
    st.markdown("The recipe makes the same bytes from the same file, on any machine:")
    st.code(_command(dataset), language=None, wrap_lines=True)
    st.markdown("On other rows of the same shape, such as next month's, its rules apply:")
    form = _ending(dataset.source.format)
    later = f"recipe.json next-month.{dataset.source.format} --out clean.{form} --as-rules"
    st.code(f"python -m core apply {later}", language=None, wrap_lines=True)
    given = calls()
    recipe = keep(
        ("recipe", dataset.version, session().turn, str(given)),
        lambda: recipe_of(dataset, session().review, decisions.settled(), given),
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


def _command(dataset: Dataset) -> str:
    """The line that repeats the cleaning, with the names of the files as the user knows them."""
    source = dataset.source
    second = ["--serve", _file(source.serve.name, "serve data")] if source.serve is not None else []
    form = _ending(source.format)
    return shlex.join(
        [
            "python",
            "-m",
            "core",
            "apply",
            "recipe.json",
            _file(source.name, dataset.name),
            *second,
            "--out",
            f"cleaned.{form}",
        ]
    )


def _file(name: str, instead: str) -> str:
    """The name of a source; uploads are kept under a checksum, which means nothing to people."""
    return cut(instead if re.match(r"[0-9a-f]{64}", name) else name, 100)


def _ending(own: str) -> str:
    """The ending that goes with the format chosen."""
    chosen = value(address.key("export-format"), "input")
    return own if chosen == "input" else str(chosen)
