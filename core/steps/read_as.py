"""Read a column anew: as numbers with stated marks, dates in a stated layout, yes and no, text or categories.
The readers are those of the loader.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from core.dataset import Dataset
from core.dataset.column import Kind as ColumnKind
from core.errors import SettingError
from core.loading.cells import unquoted
from core.loading.dates import EVERY_LAYOUT
from core.loading.number_patterns import BLANK, GROUPS, TIDY, UNIT, body
from core.loading.text import NO, YES, Form, _float_text, _time_text, as_text, parse
from core.loading.unread import lost_note, unread
from core.loading.written_dates import DateReader, date_reader
from core.loading.written_numbers import NumberReader, number_reader
from core.phrases import count, name, quoted
from core.settings import Settings, choice, text
from core.steps.kind import Effect, Kind, Learned, State

if TYPE_CHECKING:
    import pyarrow as pa

FOUND = "as found"
READ = ("numeric", "datetime", "boolean")
KINDS = (*READ, "text", "category", "identifier")
MARKS = {"none": (), "comma": (",",), "point": (".",), "blank": (" ",), "apostrophe": ("'",)}
DECIMALS = {"point": ".", "comma": ","}
_PART_OF_NUMBERS = re.compile(r"[\d+\-−.,'’]")
_WORDS = {"numeric": "numbers", "datetime": "dates", "boolean": "yes and no"}


@dataclass(frozen=True)
class ReadAs(Settings):
    """kind: what the column is read as. decimal, thousands: the marks of its numbers. layout: of its dates.
    unit: of its amounts. What is "as found" is what fits most cells of train.
    """

    kind: str = choice("numeric", "As", "What the column holds.", KINDS)
    decimal: str = choice(FOUND, "Decimal mark", "For numbers.", (FOUND, *DECIMALS))
    thousands: str = choice(FOUND, "Thousands mark", "For numbers; as found: any usual one.", (FOUND, *MARKS))
    layout: str = choice(
        FOUND, "Date format", "For dates; yr is a year of two digits.", (FOUND, *EVERY_LAYOUT)
    )
    unit: str = text("", "Unit", "For numbers: what stands behind the amounts, such as kg; it is taken away.")

    @property
    def marks(self) -> tuple[str, ...] | None:
        """The thousands marks that are read; None for all usual ones."""
        return None if self.thousands == FOUND else MARKS[self.thousands]

    @property
    def behind(self) -> str:
        """The pattern of the unit at the end of a text; "" where there is none to take away."""
        unit = self.unit.strip() if self.kind == "numeric" else ""
        return rf"[\s\p{{Z}}]*{re.escape(unit)}[\s\p{{Z}}]*$" if unit else ""

    def bare(self, texts: Any) -> Any:
        """Texts without the unit behind them."""
        import pyarrow.compute as pc

        return pc.replace_substring_regex(texts, self.behind, "") if self.behind else texts


def learn(state: State, column: str, settings: ReadAs) -> Learned:
    """How the texts of train are read where that is not stated: ``decimal``, ``whole`` and ``without`` of a
    `NumberReader`, ``layouts`` of a `DateReader`.

    Raises `SettingError` where two texts of train would become one number.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if settings.kind == "numeric" and _PART_OF_NUMBERS.match(settings.unit.strip()):
        raise SettingError(
            f"The unit {quoted(settings.unit)} cannot be told from the number before it. A unit begins with "
            "none of digits, signs and marks of numbers."
        )
    raw = _raw(state, column, settings)
    if settings.kind not in ("numeric", "datetime") or not _texts_matter(state, column, settings):
        return raw
    fit = pa.array(state.fit)
    texts = _texts(state, column).filter(fit).drop_null().combine_chunks()
    if _nearly_distinct(texts):
        cells = pa.repeat(pa.scalar(1, pa.int64()), len(texts))
    else:
        texts, cells = pc.value_counts(texts).flatten()
    if settings.kind == "datetime":
        layouts = date_reader(texts, cells).layouts if settings.layout == FOUND else (settings.layout,)
        return {"layouts": list(layouts), **raw}
    texts = settings.bare(texts)
    mark = DECIMALS.get(settings.decimal, str(state.data.source.options.get("decimal") or "."))
    reader = number_reader(texts, cells, mark, settings.decimal != FOUND, settings.marks)
    if reader.clash is not None:
        one, other = map(quoted, reader.clash)
        raise SettingError(
            f"{name(column)} cannot be read as numbers: {one} and {other} would become the same number."
        )
    return {"decimal": reader.decimal, "whole": reader.whole, "without": list(reader.without), **raw}


def _raw(state: State, column: str, settings: ReadAs) -> Learned:
    """``text``: the column of the source whose text is read, where that is another thing than its values."""
    there, changes = state.data[column], state.data.changes
    if not there.raw or there.stored == "string" or settings.kind in ("category", "identifier"):
        return {}
    if settings.kind != "text" and not _texts_matter(state, column, settings):
        return {}
    return {"text": column if changes is None else changes.sources.get(column, column)}


def read_as(state: State, column: str, settings: ReadAs, learned: Learned) -> Effect:
    """The column read anew; what cannot be read is missing, and the note says how many cells and which.
    Raises `SettingError` where nothing can be read, and for marks that are the same.
    """
    kind = cast(ColumnKind, settings.kind)
    there = state.data[column]
    if settings.decimal != FOUND and MARKS.get(settings.thousands) == (DECIMALS[settings.decimal],):
        raise SettingError(f"The decimal mark and the thousands mark cannot both be a {settings.decimal}.")
    if kind in ("category", "identifier") or (kind == "text" and there.stored == "string"):
        return Effect(kinds={column: kind})
    if kind == "text":
        return Effect(
            {column: _texts(state, column)}, {column: kind}, notes={column: ""}, layouts={column: ()}
        )
    if not _texts_matter(state, column, settings):
        return Effect(
            {column: _plainly(state, column, kind)}, {column: kind}, notes={column: ""}, layouts={column: ()}
        )
    effect = _read(state, column, kind, _reader(settings, learned))
    if learned.get("whole") and str(effect.columns[column].type) == "double":  # for a cell outside of train
        return replace(effect, own_code=lambda: [f'frame[{column!r}] = frame[{column!r}].astype("float64")'])
    return effect


def _read(state: State, column: str, kind: ColumnKind, reader: Any) -> Effect:
    """The column as its texts read."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = _texts(state, column).combine_chunks()
    if _nearly_distinct(texts):
        values, note, layouts = reader(texts)
    else:
        coded = texts.dictionary_encode()
        values, note, layouts = reader(coded.dictionary)
        values = values.take(coded.indices)
    there = pc.and_(pc.is_valid(texts), pa.array(state.kept & state.scope))
    unclear = pc.value_counts(texts.filter(pc.and_(there, values.is_null())))
    words, cells = unclear.flatten()
    missing, lost = unread(words, cells, pa.repeat(True, len(words)))
    if lost and not pc.any(pc.and_(there, values.is_valid())).as_py():
        raise SettingError(
            f"None of the {count(len(texts) - texts.null_count, 'value')} of {name(column)} reads as "
            f"{_WORDS[kind]}, such as {quoted(lost[0][0])}; nothing was changed."
        )
    marks = sum(met for _, met in missing)
    codes = (
        f"{count(marks, 'cell')} with a mark such as {quoted(missing[0][0])} became missing." if marks else ""
    )
    return Effect(
        {column: values},
        {column: kind},
        notes={column: note},
        layouts={column: layouts},
        note=" ".join(filter(None, [note, lost_note(lost, kind), codes])),
    )


def _nearly_distinct(texts: pa.Array) -> bool:
    """Whether so few texts occur twice that it costs less to read each than to look for those."""
    some = np.linspace(0, len(texts) - 1, 1_000).astype(np.int64)
    return len(texts) > 10_000 and len(texts.take(some).unique()) > 900


def _slow(data: Dataset, column: str, settings: Mapping[str, Any]) -> bool:
    """Whether nearly every text is another, and each is read."""
    if column not in data.names or data[column].stored != "string":
        return False
    wanted = settings.get("kind", "numeric") in READ
    return wanted and _nearly_distinct(data.table([column]).column(0).combine_chunks())


def _reader(settings: ReadAs, learned: Learned) -> Any:
    """From distinct texts to their values, what there is to say of the way of reading, and the layouts."""
    if settings.kind == "boolean":
        return lambda words: (parse(words, Form("bool", "words")), "", ())
    if settings.kind == "datetime":
        dates = DateReader(tuple(learned["layouts"]))
        return lambda words: (dates.read(words), dates.note, dates.layouts)

    def numbers(words: Any) -> tuple[Any, str, tuple[str, ...]]:
        words = settings.bare(words)
        plain = NumberReader(
            learned["decimal"], False, without=tuple(learned["without"]), thousands=settings.marks
        )
        values = plain.read(words)
        if learned["whole"]:
            whole = NumberReader(
                learned["decimal"], True, without=tuple(learned["without"]), thousands=settings.marks
            ).read(words)
            values = whole if whole.null_count == values.null_count else values
        return values, plain.note, plain.layouts

    return numbers


def _texts_matter(state: State, column: str, settings: ReadAs) -> bool:
    """Whether a column is read by its text, and not by the values that it has. Raises `SettingError` where
    that is wanted and the text is gone, as an earlier step wrote the column.
    """
    there, kind = state.data[column], settings.kind
    stored = there.stored
    # dates that were read with day and month the other way round, numbers by another mark
    stated = (kind == "datetime" and settings.layout != FOUND) or (
        kind == "numeric" and (settings.decimal, settings.thousands) != (FOUND, FOUND)
    )
    if stated and there.raw:
        return True
    if stated and stored != "string" and _text_is_gone(state, column):
        raise SettingError(
            f"An earlier step wrote {name(column)}, so that the text of the file can no longer be read as "
            "you say; move this step before it."
        )
    return stored == "string" or not (
        (kind == "numeric" and stored in ("int64", "uint64", "double", "bool"))
        or (kind == "datetime" and stored.startswith("timestamp"))
        or (kind == "boolean" and stored == "bool")
    )


def _text_is_gone(state: State, column: str) -> bool:
    """Whether the file has a text for the column that the data as they are now have not."""
    base, changes = state.data.base, state.data.changes
    if base is None or changes is None:
        return False
    source = changes.sources.get(column, column)
    return source in base.names and base[source].raw


def _plainly(state: State, column: str, kind: str) -> pa.ChunkedArray:
    """Values that need no reading: those that the column has; yes and no as 1 and 0."""
    import pyarrow as pa

    values = state.values(column)
    return values.cast(pa.int64()) if kind == "numeric" and pa.types.is_boolean(values.type) else values


def _texts(state: State, column: str) -> pa.ChunkedArray:
    """The text of each value as the source has it, where that is kept; null where it is missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    there, values = state.data[column], state.values(column)
    if there.stored == "string":
        return values
    known = written(values)
    if there.raw:
        raw = state.data.raw(column)
        text = pc.fill_null(unquoted(raw.combine_chunks())[0] if there.source == "json" else raw, "")
        known = pc.if_else(pc.is_valid(values), text, None)
    return known if isinstance(known, pa.ChunkedArray) else pa.chunked_array([known])


def written(values: Any) -> Any:
    """The text of each value, null where it is missing."""
    import pyarrow.compute as pc

    return pc.if_else(pc.is_valid(values), as_text(values), None)


def code(column: str, settings: ReadAs, learned: Learned) -> list[str]:
    """The same in pandas."""
    series = f"frame[{column!r}]"
    if settings.kind in ("category", "identifier"):
        return [f"# {column!r} holds {settings.kind}: its values stay"]
    text = f"text = written(pa.Array.from_pandas({series}))"
    if "text" in learned:  # as the file has it
        words = f"about[{'text of ' + learned['text']!r}].where({series}.notna())"
        text = f"text = pa.array({words}, pa.string(), from_pandas=True)"
    if settings.kind == "text":
        return [text, f"{series} = text.to_pandas()"]
    if settings.kind == "boolean":
        return [
            text,
            "text = pc.utf8_lower(pc.ascii_trim_whitespace(text))",
            f"yes = pc.is_in(text, value_set=pa.array({list(YES)!r}))",
            f"no = pc.is_in(text, value_set=pa.array({list(NO)!r}))",
            f"{series} = pc.if_else(pc.or_(yes, no), yes, None).to_pandas()",
        ]
    if not learned or set(learned) == {"text"}:
        return [
            f"{series} = pd.to_numeric({series})" if settings.kind == "numeric" else f"{series} = {series}"
        ]
    lines = [text]
    if settings.kind == "datetime":
        return lines + _date_lines(series, learned)
    if settings.behind:
        lines.append(f'text = pc.replace_substring_regex(text, {settings.behind!r}, "")')
    decimal = learned["decimal"]
    pattern = body(decimal, (",", " ", "'") if decimal == "." else (".", " ", "'"))
    if settings.marks is not None:
        pattern = body(decimal, settings.marks)
    lines += [
        r'prose = pc.match_substring_regex(text, r"[A-Za-z]{9}|[A-Za-z]\S* +[A-Za-z]")',
        "text = pc.if_else(prose, None, text)",
    ]
    if learned["without"]:
        lines += [
            f"units = pc.fill_null(pc.extract_regex(text, {f'(?P<unit>{UNIT})'!r}).field(0), '')",
            f"without = pc.is_in(units, value_set=pa.array({list(learned['without'])!r}))",
            "text = pc.if_else(without, None, text)",
        ]
    return [
        *lines,
        f"for pattern, instead in {list(TIDY)!r}:",
        "    text = pc.replace_substring_regex(text, pattern, instead)",
        f"text = pc.if_else(pc.match_substring_regex(text, {pattern!r}), text, None)",
        f"for pattern, instead in {list(GROUPS[decimal])!r}:",
        "    text = pc.replace_substring_regex(text, pattern, instead)",
        f"{series} = as_written(text, {bool(learned['whole'])})",
    ]


def as_written(text: Any, whole: bool) -> Any:
    """Plain numbers as a column of pandas: Int64 where they are to be whole and all are, else float64; none
    that a float cannot hold.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    floats = pc.cast(text, pa.float64())
    endless = pc.and_(pc.is_inf(floats), pc.match_substring_regex(text, "[0-9]"))
    text, numbers = (pc.if_else(endless, None, values) for values in (text, floats))
    try:
        numbers = pc.cast(pc.utf8_ltrim(text, "+"), pa.int64()) if whole else numbers
    except pa.ArrowInvalid:  # 1.5, or a number beyond 64 bits
        return numbers.to_pandas()
    kinds = {pa.int64(): pd.Int64Dtype()}
    return pa.table({"x": numbers}).to_pandas(types_mapper=kinds.get)["x"]


def _date_lines(series: str, learned: Learned) -> list[str]:
    """Each text by the first of the layouts that it fits, as pandas reads them."""
    formats = [form for layout in learned["layouts"] for form in _formats(layout)]
    return [
        f"text = pc.utf8_trim_whitespace(pc.replace_substring_regex(text, {BLANK[0]!r}, ' ')).to_pandas()",
        'dates = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]")',
        f"for form in {formats!r}:",
        "    rest = text.where(dates.isna().to_numpy())",
        '    new = pd.to_datetime(rest, format=form, errors="coerce", utc=True)',
        "    dates = dates.fillna(new.dt.tz_localize(None).set_axis(frame.index))",
        f"{series} = dates",
    ]


def _formats(layout: str) -> list[str]:
    """The formats of ``strptime`` that a layout allows.

    >>> _formats("day/month/yr")[:3]
    ['%d/%m/%y', '%d/%m/%y %H:%M', '%d/%m/%yT%H:%M']
    """
    date = layout
    for word, sign in (
        ("month-name", "%B"),
        ("year", "%Y"),
        ("yr", "%y"),
        ("month", "%m"),
        ("day", "%d"),
    ):
        date = date.replace(word, sign)
    dates = [date, date.replace("%B", "%b")] if "%B" in date else [date]
    clocks = [f"%{hour}:%M{second}{half}" for hour, half in (("H", ""), ("I", " %p"), ("I", "%p"))
              for second in ("", ":%S", ":%S.%f")]  # fmt: skip
    times = ["", *(f"{mark}{clock}" for clock in clocks for mark in " T")]
    return [f"{date}{time}{zone}" for zone in ("", "%z") for date in dates for time in times]


USED = {
    "decimal": ("kind", ("numeric",)),
    "thousands": ("kind", ("numeric",)),
    "layout": ("kind", ("datetime",)),
    "unit": ("kind", ("numeric",)),
}
KIND = Kind(
    settings=ReadAs,
    used=USED,
    apply=read_as,
    learn=learn,
    code=code,
    scoped=True,
    helpers=(as_text, _float_text, _time_text, written, as_written),
    slow=_slow,
)
