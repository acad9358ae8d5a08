"""How an error is shown, and what a page says when there is nothing to show yet.

The one place, with `core.cli.main`, where a `CoreError` is caught; and the one where a bug is logged under an
id and told as such.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from components.text import plain
from core.errors import Cancelled, CoreError

T = TypeVar("T")
LOG = logging.getLogger("winnow.page")


def attempt(work: Callable[[], T]) -> T | CoreError:
    """What ``work`` gives, or the error that a person can mend."""
    try:
        return work()
    except CoreError as error:
        return error


def show(error: CoreError) -> None:
    """The error as a message on the page."""
    if isinstance(error, Cancelled):
        st.info(plain(error, 400), icon=":material/stop_circle:")
    else:
        st.error(plain(error, 800), icon=":material/error:")


def bug(error: BaseException, known: str = "") -> None:
    """Tell a bug: the page shows an id, the log holds the traceback under the same id."""
    number = known or secrets.token_hex(4)
    if not known:
        LOG.error("error %s", number, exc_info=error)
    st.error(
        "Something went wrong inside Winnow, not in your data. Your decisions are safe. The log tells "
        f"more under **{plain(number)}**.",
        icon=":material/bug_report:",
    )


def guarded(view: Callable[[], None]) -> None:
    """Draw a view; whatever goes wrong in it is told in its place."""
    try:
        view()
    except CoreError as error:
        show(error)
    except Exception as error:  # noqa: BLE001  # the page must tell it; the log has the traceback
        bug(error)
