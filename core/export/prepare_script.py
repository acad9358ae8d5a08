"""``prepare.py``: every rule and filter of a review as a function of pandas, with what was learned in it, for
these rows and new ones.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from core.dataset import Dataset
from core.dataset.column import Column
from core.dataset.source import Source
from core.export import prepare_parts as parts
from core.export.filter_code import HELPERS, filter_code
from core.export.side import text_cells
from core.filters import Filter
from core.phrases import names
from core.review import Decision, in_words
from core.rowset import RowSet
from core.settled import Effected, Settled
from core.steps import kind_of
from core.steps.overlay import typed
from core.steps.settling import Work
from core.version import VERSION

PROBED = 5_000  # cells by which it is found how a column is read
WEIGHT = "sample_weight"
DATES = [f"%{a}{sep}%{b}{sep}%Y" for sep in "/-." for a, b in ("dm", "md")]
FORMATS = (
    "ISO8601",
    *(day + clock for day in (*DATES, "%Y/%m/%d", "%d %b %Y", "%d %B %Y", "%B %d, %Y")
      for clock in ("", " %H:%M", " %H:%M:%S")),
)  # fmt: skip
_HEAD = '''"""Cleans a table as it was decided in Winnow, on rows that were there and on new ones:

    python prepare.py IN.csv OUT.csv          (or .tsv, .parquet, .json, .jsonl)

or, in Python, from the folder of this file:

    from prepare import clean
    cleaned = clean(pd.read_csv("next-month.csv"))

Every rule and every filter is followed in order, with what was learned from train. Decisions on single rows
are followed only by clean(frame, rows=True), where frame holds rows of the very data set that was decided on,
each with its place there (from 0) as its index. New rows count as serve.

Written by Winnow {version}. Needs pandas 3, numpy, pyarrow{needs}.
"""
{notes}
from __future__ import annotations

{imports}

# the columns, the type of each, and how it is read from text
COLUMNS = {columns}
TARGET = {target!r}
READ = {options}


'''
_CLEAN = '''def clean(frame, rows=False):
    """The table as decided. rows: whether its index holds the places of its rows in the data decided on."""
    lost = [name for name in COLUMNS if name not in frame and name != TARGET]
    if lost:
        raise ValueError(f"The table lacks the columns {{', '.join(lost)}}.")
    index, more = frame.index, [name for name in frame if name not in COLUMNS]
    frame = frame.reset_index(drop=True)
    if TARGET and TARGET not in frame:
        frame[TARGET] = pd.Series(np.nan, index=frame.index)
        unlabelled = True
    else:
        unlabelled = False
    columns = {{name: read(frame[name], *COLUMNS[name]) for name in COLUMNS}}
    frame = usual(pd.DataFrame(columns | {{name: frame[name] for name in more}}))
    about = pd.DataFrame({{"label": index, "weight": np.nan}}, index=frame.index)
    about["place"] = np.asarray(index) if rows else -1
    about["serve"] = {serve}
    about["train"] = ~about["serve"].to_numpy(bool)
{body}
    return frame.set_index(pd.Index(about["label"], name=index.name))


'''
_MAIN = '''def table(path):
    """The table in a file."""
    ending = path.rpartition(".")[2].lower()
    if ending == "parquet":
        return pd.read_parquet(path)
    if ending in ("json", "jsonl", "ndjson"):
        return pd.read_json(path, lines=ending != "json", dtype=False, convert_dates=False)
    return pd.read_csv(path, dtype="str", keep_default_na=False, **READ)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("Usage: python prepare.py IN.csv OUT.csv")
    cleaned = clean(table(sys.argv[1]))
    if sys.argv[2].endswith(".parquet"):
        cleaned.to_parquet(sys.argv[2], index=False)
    else:
        cleaned.to_csv(sys.argv[2], sep="\\t" if sys.argv[2].endswith(".tsv") else ",", index=False)
'''


def wanted(decisions: Sequence[Decision]) -> bool:
    """Whether there is something to replay on new rows: a rule or a filter."""
    return any(decision.kind.rule or isinstance(decision.rows, Filter) for decision in decisions)


def prepare_script(dataset: Dataset, decisions: Sequence[Decision], settled: Settled) -> str:
    """The text of ``prepare.py``. ``dataset`` is the data as loaded, ``settled`` where they are left."""
    body, notes, helpers = _body(dataset, decisions, settled)
    again = {  # dates that a rule reads anew: from their text, not from the dates that were read first
        decision.column
        for place, decision in enumerate(decisions)
        if decision.action == "read_as" and settled.effects.get(place, Effected()).learned.get("layouts")
    }
    columns = {
        column.name: _read(dataset, replace(column, stored="string") if column.name in again else column)
        for column in dataset.columns
    }
    unread = [name for name, (_, how) in columns.items() if how.pop("unread", False)]
    if dataset.source.options.get("put_back"):
        notes.append(f"Lines of {dataset.source.name} that are put back are in recipe.json, not here.")
    if unread:
        notes.append(f"The dates of {names(unread)} need Winnow's reader: give them as dates.")
    functions = [getattr(parts, name) for name in ("usual", "read", "left", "within", "only", "in_place")]
    code = _CLEAN.format(serve=_serve(dataset), body="\n".join(f"    {line}".rstrip() for line in body))
    sources = "\n\n".join(_source(f) for f in dict.fromkeys((*functions, *HELPERS, *helpers)))
    text = sources + "\n\n" + code
    listed = "".join(f"\n    {name!r}: {entry!r}," for name, entry in columns.items())
    head = _HEAD.format(
        notes="".join(f"\n# {_one_line(note)}" for note in notes) + "\n" * bool(notes),
        version=VERSION,
        needs=" and scikit-learn" if "sklearn" in text else " and scipy" if "scipy" in text else "",
        imports=_imports(text),
        columns="{" + listed + "\n}",
        target=dataset.roles.target or "",
        options=repr(_options(dataset.source)),
    )
    return head + text + _MAIN


def _body(
    dataset: Dataset, decisions: Sequence[Decision], settled: Settled
) -> tuple[list[str], list[str], list[Callable[..., Any]]]:
    """The lines of ``clean``, what to say at the top of the script, and the functions that the lines call."""
    work, lines, helpers = Work(dataset), list[str](), list[Callable[..., Any]]()
    single = 0
    for number, decision in enumerate(decisions):
        if decision.kind.on == "findings":
            work.go_on([decision])
            continue
        lines.append(f"# {number + 1}. {_comment(decision)}")
        by_rows = isinstance(decision.rows, RowSet) and len(decision.rows) > 0
        single += by_rows
        if number in settled.passed:
            lines.append(f"#    passed over: {_one_line(settled.passed[number])}")
        elif decision.kind.rule:
            lines += _rule(work, decision, settled, number)
            helpers += kind_of(decision.action).helpers
        else:
            lines += _mark(work, decision, decisions[number + 1 :])
        work.go_on([decision])
    lines += _ending(dataset, settled)
    said = f"{single} of the {len(decisions)} steps are decisions on single rows." if single else ""
    return lines, [said] if said else [], helpers


def _comment(decision: Decision) -> str:
    why = f" ({decision.why})" if decision.why else ""
    return _one_line(in_words((decision,)) + why)


def _one_line(text: str) -> str:
    """Text from the data for a comment: no letter in it can end the line or the file."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(plain.split())[:300]


def _held(work: Work, decision: Decision) -> tuple[str, str]:
    """What must hold for the rows of a decision to be known, and the rows: "" for all."""
    rows = decision.rows
    if isinstance(rows, Filter):
        return "", filter_code(rows, work.data)
    if len(rows):
        return "if rows:", f'within(about["place"].to_numpy(), {rows.to_json()!r})'
    return "", ""


def _rule(work: Work, decision: Decision, settled: Settled, number: int) -> list[str]:
    kind, effected = kind_of(decision.action), settled.effects[number]
    settings = kind.settings.of(decision.settings)
    condition, rows = _held(work, decision)
    lines = ["old_names = list(frame)"]
    if rows:
        lines += [f"chosen = {rows}", "old_frame = frame.copy()"]
    lines += kind.code(decision.column, settings, effected.learned)
    if effected.own_code is not None:
        lines += ["if rows:", '    place = about["place"].to_numpy()']
        lines += [f"    {line}" for line in effected.own_code()]
    if decision.kind.on == "table":
        lines += [
            "about = about.loc[frame.index].reset_index(drop=True)",
            "frame = frame.reset_index(drop=True)",
        ]
    lines.append("frame = usual(frame)")
    if rows:
        lines.append("frame = only(old_frame, frame, chosen)")
    lines.append(f"frame = in_place(frame, old_names, {decision.column!r})")
    return [condition, *(f"    {line}" for line in lines)] if condition else lines


def _mark(work: Work, decision: Decision, later: Sequence[Decision]) -> list[str]:
    """A decision on rows, cells or a column."""
    kind = decision.kind
    if kind.on == "columns" or (kind.status and kind.exported):
        return []
    condition, rows = _held(work, decision)
    if not rows:
        return []
    lines = [f"chosen = {rows}"]
    if kind.status:
        back = _taken_back(later)
        if back:
            lines.append(f'chosen &= ~within(about["place"].to_numpy(), {back!r})  # kept by a later step')
        lines.append("frame, about = left(frame, about, ~chosen)")
    elif kind.needs == "weight":
        lines.append(f'about.loc[chosen, "weight"] = {float(decision.value or 0.0)!r}')
    else:
        text = str(decision.value) if kind.needs == "label" else None
        lines.append(f"frame.loc[chosen, {decision.column!r}] = {_cell(work.data, decision.column, text)}")
    return [condition, *(f"    {line}" for line in lines)] if condition else lines


def _taken_back(later: Sequence[Decision]) -> list[list[int]]:
    """The rows that later decisions on single rows keep, though they were dropped."""
    rows = RowSet()
    for decision in later:
        if decision.kind.status and decision.kind.exported and isinstance(decision.rows, RowSet):
            rows = rows | decision.rows
    return rows.to_json()


def _cell(data: Dataset, column: str, text: str | None) -> str:
    """The new value of a cell as a literal of the column's type; missing where it can be none."""
    import datetime

    value = typed(data, data[column], text, data.table([column]).schema.field(0).type)
    if isinstance(value, datetime.datetime):
        return f"pd.Timestamp({value.isoformat(' ')!r})"
    return "None" if value is None else f"float({str(value)!r})" if isinstance(value, float) else repr(value)


def _ending(dataset: Dataset, settled: Settled) -> Iterator[str]:
    """Columns left out, and the weights that were given."""
    if not np.isnan(settled.weight).all():
        role = settled.called(dataset.roles.weight)
        if role and role not in settled.omitted:
            yield f'frame[{role!r}] = about["weight"].where(about["weight"].notna(), frame[{role!r}])'
        else:
            yield f'frame[{WEIGHT!r}] = about["weight"].fillna(1.0)'
    gone = sorted(settled.omitted)
    if gone:
        yield f'frame = frame.drop(columns={gone!r}, errors="ignore")'
    target = settled.called(dataset.roles.target)
    if target:
        yield "if unlabelled:"
        yield f'    frame = frame.drop(columns={target!r}, errors="ignore")'


def _serve(dataset: Dataset) -> str:
    """Which rows are of serve."""
    split = dataset.split
    if split is None:
        return "not rows"
    if split.how == "file":
        return f'about["place"] >= {split.at} if rows else True'
    values = f"cells(frame, {split.column!r})"
    if split.how == "value":
        return f"held(pc.equal({values}.cast(pa.string()), {split.value!r}))"
    return (
        f"held(pc.greater_equal({values}, pd.Timestamp({split.value!r}).tz_localize(None).to_pydatetime()))"
    )


def _read(dataset: Dataset, column: Column) -> tuple[str, dict[str, Any]]:
    """The type of a column, and how its text is read."""
    import pandas as pd

    options = dataset.source.options
    null = sorted({*(text for text, _ in column.null_tokens), *options.get("null_tokens", ())})
    how: dict[str, Any] = {"null": null}
    if column.stored == "string":
        return column.stored, how
    stored, ways = column.stored, list[dict[str, Any]]()
    if stored.startswith("timestamp"):
        ways = [how | {"format": form} for form in FORMATS]
    elif stored != "bool":
        point = "," if options.get("decimal") == "," else "."
        ways = [how | {"point": p, "drop": d} for p, d in ((point, " "), (".", ","), (",", "."))]
    if column.source not in ("", "text") and ways:
        return stored, ways[0]
    texts, values = _probe(dataset, column)
    for way in ways:
        got = _tried(pd.Series(texts, dtype="str"), stored, way)
        if got is not None and got == values:
            return stored, way
    return stored, (ways[0] | {"unread": stored.startswith("timestamp")} if ways else how)


def _probe(dataset: Dataset, column: Column) -> tuple[list[str], list[Any]]:
    """Some cells as they stand in the source, and their values."""
    batch = next(iter(dataset.batches([column.name], PROBED)), None)
    if batch is None:
        return [], []
    values = batch.column(0)
    texts = dataset.raw(column.name).slice(0, len(batch)).to_pylist() if column.raw else None
    if texts is None:
        texts = text_cells(batch, column)
    return ["" if text is None else text for text in texts], values.to_pylist()


def _tried(texts: Any, stored: str, way: dict[str, Any]) -> list[Any] | None:
    import pyarrow as pa

    try:
        got: list[Any] = pa.Array.from_pandas(parts.read(texts, stored, way)).to_pylist()
    except (ValueError, TypeError, pa.ArrowInvalid):
        return None
    return got


def _options(source: Source) -> dict[str, Any]:
    """How pandas reads a text file like the source."""
    options = source.options
    if "delimiter" not in options:
        return {}
    how = {
        "sep": options["delimiter"],
        "encoding": options["encoding"],
        "skipinitialspace": options["skipinitialspace"],
    }
    if options["quotechar"] and options["quotechar"] != '"':
        how["quotechar"] = options["quotechar"]
    if options["escapechar"]:
        how["escapechar"] = options["escapechar"]
    if options.get("header") is None:
        return how | {"header": None, "names": list(options["names"]), "skiprows": options["first_data_line"]}
    if options["header_line"]:
        how["skiprows"] = options["header_line"]
    return how


def _imports(text: str) -> str:
    plain = [
        name
        for name in ("base64", "datetime", "re", "sys", "zlib")
        if re.search(rf"\b{name}\b", text) or name == "sys"
    ]
    lines = [f"import {name}" for name in plain]
    lines += ["from collections.abc import Callable"] if "Callable" in text else []
    lines += ["from decimal import Decimal"] if "Decimal" in text else []
    lines += ["from typing import Any"]
    return "\n".join(
        [
            *lines,
            "",
            "import numpy as np",
            "import pandas as pd",
            "import pyarrow as pa",
            "import pyarrow.compute as pc",
        ]
    )


def _source(function: Callable[..., Any]) -> str:
    """A function as it stands, without the marks for our tools and the imports at the top of the script."""
    text = re.sub(r"  # (noqa|type:).*", "", inspect.getsource(function))
    return re.sub(r"(?m)(^    import (numpy|pandas|pyarrow).*\n)+\n?", "", text)
