"""Page configuration, navigation and the sidebar. Everything else is in ``components`` and ``core``.

Streamlit runs this script for every session; `streamlit run` also imports it once, for the server.
"""

from pathlib import Path

import streamlit as st

from components import frame, streamlit_internals


def _page(group: str, name: str, icon: str) -> st.Page:
    """The page of a script, which names its title and its address too."""
    script, symbol = f"pages/{group}/{name}.py", f":material/{icon}:"
    return st.Page(script, title=name.capitalize(), icon=symbol, url_path=name)


if __name__ == "__main__":
    st.set_page_config(page_title="Winnow", page_icon="components/icon.svg", layout="wide")
    st.logo("components/logo.svg", size="large")
    # the first page bears the plain address; /home is another way to it
    start = st.Page(
        "pages/home/home.py", title="Home", icon=":material/home:", url_path="start", default=True
    )
    groups = {
        "": [start],
        "Data": [_page("data", "load", "upload_file")],
        "Explore": [_page("explore", "profile", "monitoring"), _page("explore", "overlap", "join_inner")],
        "Clean": [_page("clean", "issues", "flag"), _page("clean", "review", "rate_review")],
        "Ship": [_page("ship", "export", "inventory_2")],
        "Help": [_page("help", "guide", "menu_book")],
    }
    home = st.Page("pages/home/home.py", title="Home", url_path="home", visibility="hidden")
    page = st.navigation({**groups, " ": [home]}, position="hidden")
    frame.arrive(page.url_path)
    frame.legible()
    with frame.beside(groups):
        page.run()
else:
    gate, begin = streamlit_internals.middleware(), streamlit_internals.lifespan
    app = st.App(Path(__file__).name, middleware=gate, lifespan=begin)
