"""Page configuration, navigation and the sidebar. Everything else is in ``components`` and ``core``.

Streamlit runs this script for every session; `streamlit run` also imports it once, for the server.
"""

from pathlib import Path

import streamlit as st

from components import frame, server, streamlit_internals

EXPLORE = {"profile": "monitoring", "balance": "balance", "overlap": "join_inner", "augment": "image"}
CLEAN = {"prepare": "format_list_numbered", "issues": "flag", "labels": "sell", "coreset": "grain"}


def _page(group: str, name: str, icon: str, at: str = "", seen: str = "visible") -> st.Page:
    """The page of a script, which names its title and, unless it is ``at`` another, its address too."""
    look = {"title": name.capitalize(), "icon": f":material/{icon}:", "default": at == "start"}
    return st.Page(f"pages/{group}/{name}.py", url_path=at or name, visibility=seen, **look)


if __name__ == "__main__":
    st.set_page_config(page_title="Winnow", page_icon="components/icon.svg", layout="wide")
    st.logo("components/logo.svg", size="large")
    groups = {
        "": [_page("home", "home", "home", at="start")],  # at the bare address, and below at /home
        "Data": [_page("data", "load", "upload_file")],
        "Explore": [_page("explore", *page) for page in EXPLORE.items()],
        "Clean": [*(_page("clean", *one) for one in CLEAN.items()), _page("clean", "review", "rate_review")],
        "Ship": [_page("ship", "export", "inventory_2")],
        "Help": [_page("help", "guide", "menu_book")],
    }
    page = st.navigation({**groups, " ": [_page("home", "home", "home", seen="hidden")]}, position="hidden")
    frame.arrive(page.url_path)
    frame.legible()
    with server.in_turn(), frame.beside(groups):
        page.run()
else:
    gate, begin = streamlit_internals.middleware(), streamlit_internals.lifespan
    app = st.App(Path(__file__).name, middleware=gate, lifespan=begin)
