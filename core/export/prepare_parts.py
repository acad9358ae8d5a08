"""What ``prepare.py`` calls, written so that the script can hold it as it stands: pandas, numpy and pyarrow,
nothing of Winnow. The script imports at its top what each function imports here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from core.loading.json_numbers import Number, json_text, utf8_text


def cells_as_text(frame: Any) -> Any:
    """The same table with objects and lists in its cells as JSON text."""
    import pandas as pd

    frame = frame.copy()
    for name in frame:
        if frame[name].dtype == object:
            cells = [bare(cell) for cell in frame[name]]
            cells = [json_text(cell) if isinstance(cell, (dict, list)) else cell for cell in cells]
            cells = [utf8_text(cell) if isinstance(cell, str) else cell for cell in cells]
            frame[name] = pd.Series(cells, index=frame.index, dtype=object)
    return frame


def bare(cell: Any) -> Any:
    """A cell with lists for arrays of numpy, which pandas makes of those in Parquet."""
    if isinstance(cell, dict):
        return {key: bare(held) for key, held in cell.items()}
    if isinstance(cell, list) or hasattr(cell, "tolist"):
        held = cell if isinstance(cell, list) else cell.tolist()
        return [bare(one) for one in held] if isinstance(held, list) else held
    return cell


def word(cell: Any) -> str | None:
    """A cell of JSON as text; None where it is null, or there is none."""
    if isinstance(cell, (str, Number)):
        return str(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return None if cell is None or cell != cell else str(cell)


def usual(frame: Any) -> Any:
    """The same table with columns of float64, Int64, UInt64, boolean, datetime64[us] and str alone."""
    import pandas as pd

    for name in frame:
        if isinstance(frame[name].dtype, pd.DatetimeTZDtype):
            frame[name] = frame[name].dt.tz_convert("UTC").dt.tz_localize(None)
        kind = str(frame[name].dtype)
        if kind in ("float64", "Int64", "UInt64", "boolean", "datetime64[us]", "str"):
            continue
        if kind.startswith("category"):
            frame[name] = frame[name].astype(frame[name].cat.categories.dtype)
        usual, sort = "str", pd.api.types.infer_dtype(frame[name], skipna=True)
        if kind == "object" and sort in ("integer", "floating", "mixed-integer-float"):
            frame[name] = pd.to_numeric(frame[name], errors="coerce")
        if sort == "boolean":
            usual = "boolean"
        elif pd.api.types.is_unsigned_integer_dtype(frame[name].dtype):
            usual = "UInt64"
        elif pd.api.types.is_integer_dtype(frame[name].dtype):
            usual = "Int64"
        elif pd.api.types.is_float_dtype(frame[name].dtype):
            usual = "float64"
        elif pd.api.types.is_datetime64_any_dtype(frame[name].dtype) or kind.startswith(
            ("date", "timestamp")
        ):
            usual = "datetime64[us]"
        frame[name] = frame[name].astype(usual)
    return frame


def read(values: Any, kind: str, how: dict[str, Any]) -> Any:
    """A column as the data had it when the steps were made: text is read as numbers, dates, yes and no; what
    cannot be read is missing.
    """
    import pandas as pd
    import pyarrow as pa

    if kind == "string":
        text = values.astype("str")
        if values.dtype == object:  # of JSON
            text = pd.Series([word(cell) for cell in values], index=values.index, dtype="str")
        return text.where(~text.isin([*how["null"], *([] if how.get("empty") else [""])]))
    if values.dtype != object and not pd.api.types.is_string_dtype(values.dtype):
        usual = {"double": "float64", "int64": "Int64", "uint64": "UInt64", "bool": "boolean"}
        halves = kind.endswith("int64") and pd.api.types.is_float_dtype(values.dtype)
        if halves and not (values.dropna() % 1 == 0).all():
            return values.astype("float64")
        if isinstance(values.dtype, pd.DatetimeTZDtype):
            values = values.dt.tz_convert("UTC").dt.tz_localize(None)
        return values.astype(usual.get(kind, "datetime64[us]"))
    text = values.astype("str").str.strip()
    text = text.where(~text.isin(["", *how["null"]]) & ~values.isin(how["null"]))
    if kind == "bool":
        return text.str.lower().map({"true": True, "false": False}).astype("boolean")
    if kind.startswith("timestamp"):
        moments = pd.to_datetime(text, format=how["format"], errors="coerce", utc=True)
        return moments.dt.tz_localize(None).astype("datetime64[us]")
    drop, point = how["drop"], how["point"]
    if drop in (",", "."):  # between thousands alone: 3,5 among 1.5 is no number
        grouped = rf"[+-]?[0-9]{{1,3}}([{drop}][0-9]{{2,3}})*[{drop}][0-9]{{3}}([{point}].*)?"
        text = text.where(
            ~text.str.contains(drop, regex=False, na=False) | text.str.fullmatch(grouped, na=False)
        )
    text = text.str.replace(drop, "", regex=False).str.replace(point, ".", regex=False)
    numbers = pd.to_numeric(text, errors="coerce")
    whole = text.where(text.str.fullmatch(r"[+-]?[0-9]+", na=False)).str.removeprefix("+")
    if kind == "double" or (whole.isna() & numbers.notna()).any():
        return numbers.astype("float64")
    exact = pa.array(whole, pa.string(), from_pandas=True).cast(getattr(pa, kind)())
    dtype = {"int64": pd.Int64Dtype(), "uint64": pd.UInt64Dtype()}[kind]
    return pa.table({"x": exact}).to_pandas(types_mapper=lambda _: dtype)["x"]


def marked(frame: Any, ways: dict[str, Any], same: bool) -> tuple[dict[str, Any], bool]:
    """How numbers are read in a file that is not known: with the decimal mark of the data decided on, or with
    the other one, and whether it is that; a mark that fewer than one in ten of the numbers have is a slip.
    same: whether it has their delimiter. Raises ValueError where its cells do not tell.
    """
    import pandas as pd

    number = r"[+-]?([0-9]*|[1-9][0-9]{{0,2}}([{0} ][0-9]{{3}})+)([{1}][0-9]*)?([eE][+-]?[0-9]+)?"
    like = {".": number.format(",", "."), ",": number.format(".", ",")}
    found: dict[str, str] = {}
    times = {"own": 0, "other": 0}
    grouped = set()
    for name, (_, how) in ways.items():
        if "point" not in how or name not in frame or pd.api.types.infer_dtype(frame[name]) != "string":
            continue
        point, mark = how["point"], ",."[how["point"] == ","]
        text = frame[name].astype("str").str.strip()
        text = text[text.str.contains("[.,]", na=False)]
        own, other = text.str.fullmatch(like[point]), text.str.fullmatch(like[mark])
        thousands = own & other & text.str.contains(mark, regex=False)
        if (thousands & ~text.str.contains(how["drop"], regex=False)).any():
            grouped.add(name)
        unsure = own & other
        if same:
            unsure = thousands if name in grouped else own & ~own
        for what, some in (("own", own & ~other), ("other", other & ~own), ("unsure", unsure)):
            if some.any():
                found.setdefault(what, text[some].iloc[0])
            if what in times:
                times[what] += int(some.sum())
    seldom = min(times, key=lambda what: times[what])
    if 0 < 10 * times[seldom] < sum(times.values()):
        del found[seldom]
    if {"own", "other"} <= set(found):
        some = f"{found['own']!r} and {found['other']!r}"
        raise ValueError(f"Its numbers have two decimal marks, such as {some}; write them with one.")
    if set(found) == {"unsure"}:
        raise ValueError(
            f"Whether {found['unsure']!r} has a decimal or a thousands mark does not show; write all numbers "
            "with the decimal mark of the data decided on."
        )
    swapped, new = "other" in found, dict(ways)
    for name, (kind, how) in ways.items():
        if "point" in how and (swapped or name in grouped):
            mark = ",."[how["point"] == ","]
            marks = {"point": mark, "drop": how["point"]} if swapped else {"drop": mark}
            new[name] = (kind, how | marks)
    return new, swapped


def lost_in_reading(frame: Any, columns: dict[str, Any], ways: dict[str, Any]) -> None:
    """Warn of cells that hold something, but nothing that the column can be read as. Raises ValueError where
    all of a column's do.
    """
    import warnings

    for name, (kind, how) in ways.items():
        if kind != "string":
            text = frame[name].astype("str").str.strip()
            lost = columns[name].isna() & text.notna() & ~text.isin(["", *how["null"]])
            lost &= ~frame[name].isin(how["null"])
            if lost.any():
                some = f"{int(lost.sum())} cells of {name!r} such as {text[lost].iloc[0]!r}"
                if not columns[name].notna().any():
                    raise ValueError(f"{some} cannot be read as {kind}, and none can.")
                warnings.warn(f"{some} cannot be read as {kind} and are missing.", stacklevel=2)


def left(frame: Any, about: Any, keep: Any) -> tuple[Any, Any]:
    """The rows to keep, numbered from 0."""
    return frame[keep].reset_index(drop=True), about[keep].reset_index(drop=True)


def within(place: Any, ranges: list[list[int]]) -> Any:
    """Which rows lie in half-open ranges of places."""
    import numpy as np

    hit = np.zeros(len(place), bool)
    for first, past in ranges:
        hit |= (place >= first) & (place < past)
    return hit


def of_left(frame: Any, about: Any, test: Callable[[Any, Any], Any]) -> Any:
    """Where a test holds, asked of the rows that are left alone."""
    import numpy as np

    hit, here = np.zeros(len(frame), bool), ~about["out"].to_numpy(bool)
    hit[here] = test(*left(frame, about, here))
    return hit


def waiting(before: Any, after: Any, about: Any, back: Any) -> Any:
    """The rows that were left, and of those dropped the ones that a later step keeps."""
    import pandas as pd

    lost = ~before.index.isin(after.index) & back
    about.loc[lost, "out"] = True
    return pd.concat([after, before[lost]]).sort_index()


def only(before: Any, after: Any, rows: Any) -> Any:
    """What was changed, in these rows alone."""
    for name in [name for name in after if name in before and not after[name].equals(before[name])]:
        old = before[name]
        if old.dtype != after[name].dtype:
            old = old.astype(after[name].dtype)
        after[name] = after[name].where(rows, old)
    return after


def in_place(frame: Any, names: list[str], column: str) -> Any:
    """New columns stand behind the one that they come from."""
    new = [name for name in frame if name not in names]
    at = names.index(column) + 1 if column in names else len(names)
    order = [*names[:at], *new, *names[at:]]
    return frame[[name for name in order if name in frame]] if new else frame


def cells(frame: Any, column: str) -> Any:
    """A column as Arrow; not-a-number is missing."""
    import pyarrow as pa

    return pa.Array.from_pandas(frame[column])


def among(values: Any, wanted: list[Any]) -> Any:
    """Where values are one of those wanted; missing where they are missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    there = pc.is_in(values, value_set=pa.array(wanted, values.type))
    return pc.if_else(pc.is_valid(values), there, pa.scalar(None, pa.bool_()))


def throughout(values: Any, answer: bool) -> Any:
    """The same answer wherever there is a value."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.if_else(pc.is_valid(values), pa.scalar(answer), pa.scalar(None, pa.bool_()))


def by_number(values: Any, test: Callable[[Decimal], bool], pattern: str) -> Any:
    """Where the test holds for the numbers that texts are; missing where a text is no number."""
    import pyarrow as pa

    texts = [text if text is not None and re.match(pattern, text) else None for text in values.to_pylist()]
    return pa.array([None if text is None else test(Decimal(text.strip())) for text in texts], pa.bool_())


def repeated(frame: Any, columns: list[str]) -> Any:
    """Which rows share their values in these columns with another row; missing where all are missing."""
    import pyarrow as pa

    some = frame[columns]
    return pa.array(some.duplicated(keep=False).to_numpy(), mask=some.isna().all(axis=1).to_numpy())


def held(answer: Any) -> Any:
    """True where a filter holds, false where it does not or is unknown."""
    import numpy as np
    import pyarrow.compute as pc

    return np.asarray(pc.fill_null(answer, False).to_numpy(zero_copy_only=False), bool)
