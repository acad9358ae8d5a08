"""Where you are is in the page's address: page, data set, tab, finding, filter, order and the like survive a
reload, Back and Forward, and a copied link.

One place reads the address and one place writes it. `read` takes it as the truth when it differs from what
was last seen or written there, as after Back, a link or a reload; else the session knows better. `write`
puts what the person chose into it, once at the end of a run: an address that says so already is left alone,
so that reruns by themselves add no entry to the browser's history. What stands in the address may come from
anybody: each name and value is checked against what there is, and what does not hold is taken out again.

Widgets are never bound to the address, and pages are never switched with another query (decision 0017).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from components import settings_text
from components.settings_text import as_text
from components.state import Address, session, value
from components.streamlit_internals import by_history, register_component, serving
from core.dataset import Dataset

FOLDER = Path(__file__).parent / "static"
LONGEST = 2_000  # characters of a whole query; some servers and mail programs cut longer addresses
LATELY = 20  # queries of before that a late message may still bring
DATA, SHOWN, LOADED = "data", "as", "loaded"
NAMES = (
    *("tab", "group", "finding", "column", "with", "class", "order", "kind", "search"),
    *("rows", "top", "least", "draw", "bar", "pattern", "effect", "segment", "layer", "relation"),
    *("row", "filter", "step", "format", "safe", "private", "chapter"),
    *("list", "sort", "falling", "where", "page", "picked", "columns"),  # of a list of rows
)  # what any page may keep there; each page says what values it takes
Words = Mapping[Any, str]  # value of a widget -> text in the address


def mark_of(dataset: Dataset) -> str:
    """What a data set is called in the address: the name of its folder in the workspace."""
    return dataset.path.parent.name


def read(page: str) -> bool:
    """Take the address as the truth where it differs from what was last seen or written; whether it did.

    What a browser sends may be older than what was last written: a click, or a panel that watches a job, may
    come before the answer. That leads nowhere, unless it was Back or Forward, or a link of the page to
    another place of its own; what was last written is on its way to the browser then. `write` says once
    more what holds, as it does after such a link, which changes no address by itself.
    """
    place, query = session().place, st.query_params.to_dict()
    place.page, seen = page, place.last
    known = seen == (page, query)
    here = seen is not None and seen[0] == page
    linked, place.linked = here and query in place.linked, []
    late = here and query in place.replaced and not (linked or by_history())
    place.behind = not known and (late or linked)
    if known or late:
        return False
    _replaced()
    first, place.last, place.unknown = place.last is None, (page, query), ""
    left_out = _fitting(_whole(page), LONGEST)[1]
    given = {name: text for name, text in query.items() if text and (name in NAMES or "." in name)}
    given, place.refused = _fitting(given, LONGEST)
    shown = query.get(SHOWN) == LOADED
    asked = {name: text for name, text in given.items() if "." not in name}
    held = place.values.get(page, {})
    asked |= {name: held[name] for name in left_out if name in held and name not in query}
    moved = asked != held or shown != session().as_loaded
    place.values[page], session().as_loaded = asked, shown
    dotted = {name: text for name, text in given.items() if "." in name}
    present = {
        name: text for name, text in settings_text.texts(session().settings).items() if name not in left_out
    }
    if dotted != present and not (first and not dotted):
        session().settings, moved = settings_text.settings_of(dotted, session().dataset), True
    place.edition += moved
    return True


def write() -> None:
    """Put where the person is into the address, all at once, where it says something else."""
    place = session().place
    place.turn = session().turn
    if place.last is None:
        return
    page, seen = place.last
    wanted, place.left_out = _fitting(_whole(page), LONGEST)
    if place.unknown:
        wanted[DATA] = place.unknown
    if wanted != seen and place.passing and serving():
        place.passing = False
        _replace(wanted)
    elif wanted != seen or place.behind:
        _replaced()
        place.last, place.behind = (page, wanted), False
        st.query_params.from_dict(wanted)


def _replaced() -> None:
    """Another query follows the last one, which a late message may still bring."""
    place: Address = session().place
    if place.last is not None:
        place.replaced = [*place.replaced[-LATELY:], place.last[1]]


def _replace(query: dict[str, str]) -> None:
    """Let the browser put this query in the place of the one that it shows. It asks for one more run then, in
    which `write` has nothing to add to its history.
    """
    st.components.v2.component(register_component("address", FOLDER), js="address.js")(
        key="address",
        data={"query": f"?{urlencode(query)}"},
        default={"replaced": ""},
        height="content",
        on_replaced_change=lambda: None,
    )


def params(page: str, at: Mapping[str, str] | None = None) -> dict[str, str]:
    """The query of a link to a page: the open data set and where the person last was there, or another
    place.
    """
    return _fitting(_whole(page, at), LONGEST)[0]


def link(script: str, label: str, at: Mapping[str, str] | None = None, **look: Any) -> None:
    """A link to the page of a script, with the data set and the place there. at: another place than the last
    one, such as a tab; and settings, as ``{"analysis.setting": "text"}``, "" for what is usual.
    """
    query = params(page_of(script), at)
    if page_of(script) == session().place.page:
        session().place.linked.append(query)
    st.page_link(script, label=label, query_params=query, **look)


def page_of(script: str) -> str:
    """The name in the address of the page of a script.

    >>> page_of("pages/explore/profile.py")
    'profile'
    """
    return script.rpartition("/")[2].removesuffix(".py")


def key(text: str) -> str:
    """The key of a widget that shows a part of the place: another one where the address led elsewhere, so
    that the widget begins with what the address says.
    """
    edition = session().place.edition
    return f"{text}~{edition}" if edition else text


def text(name: str) -> str:
    """What the place holds under this name, unchecked; "" for the page's default."""
    return _values().get(name, "")


def one_of(name: str, options: Collection[str]) -> str | None:
    """The option that the place holds under this name; None where it holds none, or no option, which is then
    taken out.
    """
    given = text(name)
    if given and given not in options:
        note(name, "")
        return None
    return given or None


def meant(name: str, words: Words, default: Any = None) -> Any:
    """The widget's value that the place holds under this name, or ``default``."""
    given = one_of(name, list(words.values()))
    return next((option for option, word in words.items() if word == given), default)


def several(name: str, options: Collection[str]) -> list[str]:
    """The options that the place lists under this name, parted by commas; others are taken out."""
    given = text(name).split(",")
    kept = [option for option in dict.fromkeys(given) if option in options]
    note(name, ",".join(kept))
    return kept


def number(name: str, low: float, high: float, default: float) -> float:
    """The number that the place holds under this name, within bounds, or ``default``."""
    given = text(name)
    try:
        known = float(given) if given else default
    except ValueError:
        known = math.nan
    if low <= known <= high:
        return known
    note(name, "")
    return default


def note(name: str, given: str) -> None:
    """Hold something in the place; "" for the page's default."""
    held = session().place.values.setdefault(session().place.page, {})
    if given:
        held[name] = given
    else:
        held.pop(name, None)


def go(**given: str) -> None:
    """Lead the page elsewhere, as a click on a figure or a card does: its widgets begin anew from there."""
    for name, where in given.items():
        note("with" if name == "with_" else name, where)
    session().place.edition += 1


def follow(name: str, given: str) -> None:
    """Hold what the page came to by itself, where that was by a decision: what only took its time to be
    worked out moves no one.
    """
    if session().turn != session().place.turn:
        note(name, given)


def noting(
    name: str, widget: str, words: Words | None = None, default: Any = None, clears: Sequence[str] = ()
) -> dict[str, Any]:
    """What a widget with this key is given, so that a choice is held in the place. words: value -> text;
    the value itself by default. default: the value that is not written. clears: names that then hold no more.
    """
    return {"on_change": _noted, "args": (name, widget, words, default, clears)}


def _noted(name: str, widget: str, words: Words | None, default: Any, clears: Sequence[str]) -> None:
    given, session().place.refused = value(widget), ()
    note(name, "" if given == default else as_text(given if words is None else words.get(given, "")))
    for other in clears:
        note(other, "")


def ticking(name: str, widget: str, words: Sequence[str]) -> dict[str, Any]:
    """What a table with this key, of which one line can be ticked, is given. words: text of each line."""
    given = one_of(name, words)
    rows = [] if given is None else [words.index(given)]
    chosen = session().chosen.setdefault(("ticked at first", widget), rows)
    return {
        "on_select": lambda: _ticked(name, widget, words),
        "selection_mode": "single-row",
        "selection_default": {"selection": {"rows": chosen, "columns": [], "cells": []}},
    }


def _ticked(name: str, widget: str, words: Sequence[str]) -> None:
    rows, session().place.refused = value(widget)["selection"]["rows"], ()
    note(name, words[rows[0]] if rows and rows[0] < len(words) else "")


def _values() -> dict[str, str]:
    place: Address = session().place
    return place.values.get(place.page, {})


def _whole(page: str, at: Mapping[str, str] | None = None) -> dict[str, str]:
    """Everything that is known of a place: data set, how it is shown, the page's own, settings. at: in place
    of the page's own; settings that it names (``analysis.setting``) in place of those chosen.
    """
    now = session()
    whole = {DATA: mark_of(now.dataset)} if now.dataset is not None else {}
    whole |= {SHOWN: LOADED} if now.as_loaded else {}
    held = now.place.values.get(page, {}) if at is None else at
    whole |= {name: held[name] for name in NAMES if name in held} | settings_text.texts(session().settings)
    whole |= {name: text for name, text in (at or {}).items() if "." in name}
    return {name: text for name, text in whole.items() if text}


def _fitting(whole: dict[str, str], longest: int) -> tuple[dict[str, str], tuple[str, ...]]:
    """What fits into a query, the longest parts left out first; and the names of those.

    >>> _fitting({"tab": "bulk", "filter": "x" * 30}, 20)
    ({'tab': 'bulk'}, ('filter',))
    """
    kept, left = dict(whole), []
    while len(urlencode(kept)) > longest:
        name = max(kept, key=lambda name: len(kept[name]))
        left.append(name)
        del kept[name]
    return kept, tuple(left)
