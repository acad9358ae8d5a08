"""Where a list of rows stands, as the address of the page has it: its order, its filter, its page and the
rows ticked. They belong to one list, the last one that was touched; another list of the page begins anew. The
columns shown are those of the data set, for every list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from components import address
from components.state import session
from components.text import tag
from components.widgets import filter_builder
from core.dataset import Dataset
from core.rowset import RowSet

LIST, COLUMNS = "list", "columns"
OWN = ("sort", "falling", "where", "page", "picked")  # of the list with the tag under `LIST`
ALL = "all"
_RANGES = re.compile(r"[0-9]{1,15}(-[0-9]{1,15})?(,[0-9]{1,15}(-[0-9]{1,15})?)*")


def text(key: str, name: str) -> str:
    """What the place holds for the list with this key; "" where it holds nothing or is about another list."""
    return address.text(name) if address.text(LIST) == tag(key) else ""


def put(key: str, **given: str) -> None:
    """Hold something for the list with this key; "" for what is usual. What was held for another one goes."""
    if address.text(LIST) != tag(key):
        if not any(given.values()):
            return
        if address.text("picked"):
            _redraw(address.text(LIST))  # what was ticked there is no longer
        filter_builder.forget(filter_key(address.text(LIST)))
        for name in OWN:
            address.note(name, "")
    for name, what in given.items():
        address.note(name, what)
    address.note(LIST, tag(key) if any(map(address.text, OWN)) else "")


def filter_key(tagged: str) -> str:
    """What the filter of the list with this tag is called in the session."""
    return f"where-{tagged}"


def page(key: str, pages: int) -> int:
    """The page of the list to show, from 1."""
    held = text(key, "page")
    return min(pages, max(1, int(held))) if held.isascii() and held.isdigit() and len(held) < 10 else 1


def turn_to(key: str, number: int) -> None:
    """Turn the list to a page; the widget that turns pages begins anew from there."""
    put(key, page="" if number == 1 else str(number))
    chosen = session().chosen
    chosen[("turned", key)] = chosen.get(("turned", key), 0) + 1


def picked(dataset: Dataset, key: str) -> RowSet | None:
    """The rows ticked in the list, as positions in the source; None for all. A decision clears them."""
    held, now = text(key, "picked"), session()
    if held and now.chosen.setdefault("picked in", now.turn) != now.turn:
        put(key, picked="")
        return RowSet()
    if held == ALL:
        return None
    if not held or not _RANGES.fullmatch(held):
        return RowSet()
    ends = [part.partition("-")[::2] for part in held.split(",")]
    ranges = sorted((int(first), int(last or first) + 1) for first, last in ends)
    apart = all(one[1] <= other[0] for one, other in zip(ranges, ranges[1:], strict=False))
    sound = apart and all(first < past <= dataset.numbered for first, past in ranges)
    return RowSet.from_json(ranges) if sound else RowSet()


def pick(key: str, rows: RowSet | None) -> None:
    """Hold the rows ticked; None for all of the list."""
    session().chosen["picked in"] = session().turn
    parts = [] if rows is None else rows.to_json()
    ranges = [str(first) if past == first + 1 else f"{first}-{past - 1}" for first, past in parts]
    put(key, picked=ALL if rows is None else ",".join(ranges))


def selected(dataset: Dataset, key: str, whole: RowSet) -> RowSet:
    """The rows ticked in the list, of which ``whole`` are all; positions in the source."""
    held = picked(dataset, key)
    return whole if held is None else held


def clear(key: str, rows: RowSet | None = None) -> None:
    """Hold other rows than what is drawn has ticked, none where none are given: the list is drawn anew."""
    pick(key, RowSet() if rows is None else rows)
    _redraw(tag(key))


def _redraw(tagged: str) -> None:
    chosen = session().chosen
    chosen[("cleared", tagged)] = chosen.get(("cleared", tagged), 0) + 1


def cleared(key: str) -> int:
    """How often the list was to be drawn anew: cleared, or left for another one; a part of the keys of what
    draws it.
    """
    return int(session().chosen.get(("cleared", tag(key)), 0))


def columns(dataset: Dataset) -> list[str]:
    """The columns that the person chose to see of these data, in that order; [] where none were chosen."""
    chosen, own = session().chosen, _own(dataset)
    if chosen.get("columns from") != session().place.edition:
        chosen["columns from"] = session().place.edition
        chosen[own] = [_read(part) for part in address.text(COLUMNS).split(",") if part]
    names = [name for name in chosen.get(own, []) if name in dataset.names]
    address.note(COLUMNS, ",".join(map(_written, names)))
    return names


def choose_columns(dataset: Dataset, names: Sequence[str]) -> None:
    """Remember which columns to show of these data."""
    session().chosen[_own(dataset)] = list(names)


def _own(dataset: Dataset) -> tuple[str, str]:
    return ("columns of", address.mark_of(dataset))


def _written(name: str) -> str:
    """A name between commas.

    >>> _written("a, 5%"), _read(_written("a, 5%"))
    ('a%2C 5%25', 'a, 5%')
    """
    return name.replace("%", "%25").replace(",", "%2C")


def _read(text: str) -> str:
    return text.replace("%2C", ",").replace("%25", "%")
