"""Who is at the browser, as far as is known."""

from __future__ import annotations

import getpass

import streamlit as st


def who() -> str:
    """The signed-in user, or else the user of the operating system."""
    named = st.user.get("email") or st.user.get("name")
    if named:
        return str(named)
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without an entry for its user
        return "someone"


def whose() -> tuple[str, str | None]:
    """Whose work it is: without a sign-in those at other machines are others."""
    address = st.context.ip_address
    return who(), address if isinstance(address, str) else None  # a page under test has a stand-in
