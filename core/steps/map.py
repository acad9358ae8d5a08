"""Values written otherwise by a list: each one in it becomes the one beside it, all others stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.dataset.column import held
from core.errors import SettingError
from core.loading.text import as_text
from core.phrases import count, name, quoted
from core.settings import Settings, pairs
from core.steps.kind import Effect, Kind, Learned, State
from core.steps.overlay import plain, typed

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 3  # values named that met no cell


@dataclass(frozen=True)
class Map(Settings):
    """pairs: each value, as text, and what it becomes; None makes missing."""

    pairs: Mapping[str, str | None] = pairs(
        "From and to", 'Each value and what it becomes, such as {"f": "female"}; null makes missing.'
    )


def map_values(state: State, column: str, settings: Map, learned: Learned) -> Effect:
    """The column with the values of the list in place of those that it names, all at once. A column that is
    no text and is to hold words becomes a category, and its other values stay as their text.

    Raises `SettingError` for an empty list, and for a value that the column cannot hold.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not settings.pairs:
        raise SettingError("Give at least one value and what it becomes.")
    there = state.data[column]
    values = state.values(column).combine_chunks()
    if pa.types.is_floating(values.type):
        values = pc.add(values, 0.0)  # -0.0 is 0
    kind = _kind(state, column, settings, values.type)
    coded = values.dictionary_encode()
    keys = _keys(state, column, settings, values.type)
    into_text = kind != values.type and pa.types.is_string(kind)
    words = as_text(coded.dictionary) if into_text else coded.dictionary
    places = pc.index_in(coded.dictionary, value_set=pa.array(list(keys), values.type))
    given = [settings.pairs[text] for text in keys.values()]
    new = pa.array([typed(state.data, there, to, kind) if to else None for to in given], kind)
    words = pc.if_else(places.is_valid(), new.take(places), words.cast(kind))
    written = words.take(coded.indices)
    met = set(pa.array(list(keys.values())).take(pc.unique(places).drop_null()).to_pylist())
    kinds = {column: _CATEGORY} if into_text else {}
    return Effect({column: written}, kinds, note=_note(settings, met))


_CATEGORY: Any = "category"


def _keys(state: State, column: str, settings: Map, kind: pa.DataType) -> dict[Any, str]:
    """Value of the column -> its text in the list."""
    keys: dict[Any, str] = {}
    for text in settings.pairs:
        value = typed(state.data, state.data[column], text, kind, infinite=True)
        if value is None:
            raise SettingError(
                f"{quoted(text)} is none of the values that {name(column)} can have ({held(kind)})."
            )
        if value in keys:
            raise SettingError(f"{quoted(keys[value])} and {quoted(text)} are the same value; keep one.")
        keys[value] = text
    return keys


def _kind(state: State, column: str, settings: Map, kind: pa.DataType) -> pa.DataType:
    """The type that holds the new values beside those that stay: the column's own, float for whole numbers
    that become others, or text.
    """
    import pyarrow as pa

    new = [to for to in settings.pairs.values() if to not in (None, "")]
    if pa.types.is_boolean(kind) and not {to.lower() for to in new} <= {"true", "false"}:
        return pa.string()  # words instead of true and false are meant
    for wider in (kind, *((pa.float64(),) if pa.types.is_integer(kind) else ())):
        if all(typed(state.data, state.data[column], to, wider) is not None for to in new):
            return wider
    return pa.string()


def _note(settings: Map, met: set[str]) -> str:
    idle = [text for text in settings.pairs if text not in met]
    if not idle:
        return ""
    shown = ", ".join(map(quoted, idle[:SHOWN])) + (" …" if len(idle) > SHOWN else "")
    return f"{count(len(idle), 'value')} of the list met no cell: {shown}."


def learn(state: State, column: str, settings: Map) -> Learned:
    """``stored``: the type that the column has then; ``pairs``: values of a column that is no text, and what
    each becomes, for the code. Nothing for text.
    """
    import pyarrow as pa

    values = state.values(column)
    if pa.types.is_string(values.type) or not settings.pairs:
        return {}
    kind = _kind(state, column, settings, values.type)
    there = state.data[column]
    pairs = [
        [
            plain(key),
            plain(typed(state.data, there, settings.pairs[text], kind)) if settings.pairs[text] else None,
        ]
        for key, text in _keys(state, column, settings, values.type).items()
    ]
    return {"stored": str(kind), "pairs": pairs}


def as_words(cell: Any) -> str:
    """A value as text, as Winnow writes it."""
    if hasattr(cell, "isoformat"):
        text = str(cell.isoformat(" ")).removesuffix(" 00:00:00")
        return text + "000" * ("." in text and len(text.partition(".")[2]) == 3)
    if str(cell) in ("True", "False"):
        return str(cell)
    return repr(float(cell)) if isinstance(cell, float) else str(int(cell))


def code(column: str, settings: Map, learned: Learned) -> list[str]:
    """The same in pandas."""
    series = f"frame[{column!r}]"
    if not learned:
        pairs = {text: to or None for text, to in settings.pairs.items()}
        return [
            f"new = {pairs!r}",
            f"{series} = {series}.map(lambda cell: new.get(cell, cell), na_action='ignore').astype('str')",
        ]
    stored = str(learned["stored"])
    dates = any(isinstance(key, str) for key, _ in learned["pairs"])
    shown = ", ".join(
        f"{f'pd.Timestamp({key!r})' if dates else repr(key)}: "
        + (f"pd.Timestamp({new!r})" if stored.startswith("timestamp") and new is not None else repr(new))
        for key, new in learned["pairs"]
    )
    lines = [f"new = {{{shown}}}"]
    if stored == "string":
        cells = "new[cell] if cell in new else as_words(cell)"
        return [*lines, f"{series} = {series}.map(lambda cell: {cells}, na_action='ignore').astype('str')"]
    dtype = {"int64": "Int64", "uint64": "UInt64", "double": "float64", "bool": "boolean"}
    usual = dtype.get(stored, "datetime64[us]")
    return [
        *lines,
        f"known = {series}.notna()",
        f"mapped = [new.get(cell, cell) if there else None for cell, there in zip({series}, known)]",
        f"{series} = pd.Series(mapped, index=frame.index, dtype={usual!r})",
    ]


KIND = Kind(settings=Map, apply=map_values, learn=learn, code=code, scoped=True, helpers=(as_words,))
