"""Page configuration, navigation and the sidebar. Everything else is in ``components`` and ``core``."""

import streamlit as st

from components import frame

st.set_page_config(page_title="Winnow", page_icon=":material/grain:", layout="wide")
st.logo("components/logo.svg", size="large")
frame.bootstrap()
page = st.navigation(
    {
        "": [
            st.Page("pages/home/home.py", title="Home", icon=":material/home:", url_path="home", default=True)
        ],
        "Data": [st.Page("pages/data/load.py", title="Load", icon=":material/upload_file:", url_path="load")],
        "Explore": [
            st.Page(
                "pages/explore/profile.py", title="Profile", icon=":material/monitoring:", url_path="profile"
            ),
            st.Page(
                "pages/explore/overlap.py", title="Overlap", icon=":material/join_inner:", url_path="overlap"
            ),
        ],
        "Clean": [
            st.Page("pages/clean/issues.py", title="Issues", icon=":material/flag:", url_path="issues"),
            st.Page(
                "pages/clean/review.py", title="Review", icon=":material/rate_review:", url_path="review"
            ),
        ],
        "Ship": [
            st.Page("pages/ship/export.py", title="Export", icon=":material/inventory_2:", url_path="export")
        ],
        "Help": [
            st.Page("pages/help/guide.py", title="Guide", icon=":material/menu_book:", url_path="guide")
        ],
    },
    expanded=True,
)
frame.sidebar()
page.run()
