"""Where rows stand in a value of JSON: in lists, as an object of columns, or by key, within other objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from core.finding import Finding
from core.loading.decoding import visible
from core.loading.readers import another_table
from core.phrases import count, quoted

DEPTH = 6  # objects within objects in which rows are looked for
Step = str | int  # a key of an object, or a place in a list
Sort = Literal["rows", "columns", "keys"]


@dataclass(frozen=True)
class Place:
    """A table in a value.

    within: the steps on the way to it. held: what stands there: a list of rows, an object of columns, or an
    object of rows by key. rows: how many. names: of its columns, where they stand beside it.
    """

    within: tuple[Step, ...]
    sort: Sort
    held: Any
    rows: int
    names: tuple[str, ...] = ()
    called: str = ""

    @property
    def name(self) -> str:
        """What it is called: the keys on the way to it, numbered from the second table of these keys on."""
        return self.called or ".".join(step for step in self.within if isinstance(step, str))

    @property
    def columns(self) -> list[str]:
        """The names of its columns, as far as its first row tells them."""
        if self.names or self.sort == "columns":
            return list(self.names or self.held)
        first: Any = next(iter(self.held.values() if self.sort == "keys" else self.held), {})
        return list(first) if isinstance(first, dict) else []

    def finding(self, rows: int) -> Finding:
        """What a person should know of it where another one is read, of so many rows."""
        shown = ", ".join(quoted(visible(name)) for name in self.columns[:4])
        under = f" under {shown}{', …' if len(self.columns) > 4 else ''}" if shown else ""
        called = quoted(visible(self.name))
        title = (
            f"The file also holds another table, {called}: {count(self.rows, 'row')}{under}. It is not read."
        )
        suggestion = (
            f"To load it instead, choose {called} under Table on the load page, or give the option table."
        )
        return another_table(title, suggestion, self.rows, rows)


def places(value: Any, within: tuple[Step, ...] = ()) -> list[Place]:
    """All tables in an object and the objects in it: lists of rows first, then columns, the longest of each
    first; where there are neither, rows by key.
    """
    found = list(_tables(value, within))
    sorts = {place.sort for place in found}
    kept = [place for place in found if place.sort != "keys" or sorts == {"keys"}]
    named: set[str] = set()
    for at, place in enumerate(kept := sorted(kept, key=lambda place: (place.sort != "rows", -place.rows))):
        name, turn = place.name, 1
        while name in named or (turn > 1 and name in {other.name for other in kept}):
            turn += 1
            name = f"{place.name} ({turn})"
        named.add(name)
        kept[at] = replace(place, called=name)
    return kept


def _tables(value: Any, within: tuple[Step, ...]) -> Iterator[Place]:
    if not isinstance(value, dict) or len(within) > DEPTH:
        return
    names = names_beside(value)
    for key, held in value.items():
        if key == "schema" and isinstance(value.get("data"), list):
            continue
        there = (*within, key)
        sorts = {type(row) for row in held} if isinstance(held, list) else set()
        if sorts == {dict} or (sorts == {list} and key == "data") or (held == [] and key == "data" and names):
            yield Place(there, "rows", held, len(held), names if key == "data" else ())
        elif is_columns(held) and len(held) > 1 and any(held.values()) and not names_beside(held):
            yield Place(there, "columns", held, len(next(iter(held.values()))))
        elif isinstance(held, dict) and is_by_key(held):
            yield Place(there, "keys", held, len(held))
        else:
            yield from _tables(held, there)


def names_beside(value: dict[str, Any]) -> tuple[str, ...]:
    """The names of columns that stand beside a list of rows: as the orients "split" and "table" of pandas
    have them.
    """
    names = value.get("columns")
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return tuple(names)
    schema, rows = value.get("schema"), value.get("data")
    fields = schema.get("fields") if isinstance(schema, dict) else None
    if rows != [] or not isinstance(fields, list) or not all(isinstance(field, dict) for field in fields):
        return ()
    return tuple(str(field["name"]) for field in fields if "name" in field)


def is_columns(value: Any) -> bool:
    """Whether this is an object of columns: lists of one length, some of them not of rows only."""
    if (
        not isinstance(value, dict)
        or not value
        or not all(isinstance(cells, list) for cells in value.values())
    ):
        return False
    tables = [c for c in value.values() if c and all(isinstance(row, (dict, list)) for row in c)]
    return len({len(cells) for cells in value.values()}) == 1 and len(tables) < len(value)


def is_by_key(value: dict[str, Any]) -> bool:
    """Whether the entries of an object are objects and alike: half of all keys, or more, in each on average.
    Where one alone holds a list of rows, longer than there are objects, it takes .7, or they are what stands
    around it. Where two or more hold lists of rows, one of them longer than there are objects, and nothing
    else, these are the tables.
    """
    if len(value) < 2 or not all(isinstance(cells, dict) for cells in value.values()):
        return False
    if sum(any(map(_is_rows, cells.values())) for cells in value.values()) > 1:
        held = [cell for cells in value.values() for cell in cells.values()]
        if all(cell == [] or _is_rows(cell) for cell in held) and max(map(len, held)) > len(value):
            return False
    keys = {key for cells in value.values() for key in cells}
    alike = sum(map(len, value.values())) / (max(1, len(keys)) * len(value))
    if not keys or not 0.5 <= alike < 0.7:
        return alike >= 0.7
    rows = [
        max((place.rows for place in _tables(cells, ()) if place.sort == "rows"), default=0)
        for cells in value.values()
    ]
    return not (max(rows) > len(value) and sum(map(bool, rows)) == 1)


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and {type(row) for row in value} == {dict}


def by_columns(whole: dict[str, Any], inner: list[str]) -> bool:
    """Whether the inner keys are row labels: they count the rows, or values are of one type along them but
    not across.
    """
    if inner == [str(i) for i in range(len(inner))]:
        return True
    if list(whole) == [str(i) for i in range(len(whole))]:
        return False
    alike = [len({_sort(value) for value in cells.values()}) <= 1 for cells in whole.values()]
    across = [len({_sort(cells[key]) for cells in whole.values() if key in cells}) <= 1 for key in inner]
    within, between = sum(alike) / len(alike), sum(across) / len(across)
    return within > between or (within == between and len(inner) > len(whole))


def _sort(value: Any) -> str:
    if value is None:
        return ""
    return (
        "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__
    )


def beside(whole: Any, taken: Place, others: Sequence[Place]) -> int:
    """How many entries stand beside a table, on all the way to it, that are neither the names of its columns
    or rows nor hold one of the other tables.
    """
    entries: set[tuple[Step, ...]] = set()
    owner = whole
    for depth, step in enumerate(taken.within):
        entries |= {
            (*taken.within[:depth], key) for key in (owner if isinstance(owner, dict) else ()) if key != step
        }
        owner = owner[step]
    for other in others:
        depth = next(i for i, step in enumerate(other.within) if taken.within[i : i + 1] != (step,))
        entries.discard(other.within[: depth + 1])
    if taken.names:
        entries -= {(*taken.within[:-1], key) for key in ("columns", "index", "schema")}
    return len(entries)


def empty_lists(value: Any, within: tuple[str, ...] = ()) -> Iterator[str]:
    """The empty lists in an object and the objects in it, by the keys on the way."""
    if value == [] and within:
        yield ".".join(within)
    elif isinstance(value, dict) and len(within) <= DEPTH:
        for key, held in value.items():
            yield from empty_lists(held, (*within, key))
