"""``prepare.py``: every rule and filter of a review as a function of pandas, with what was learned in it, for
these rows and new ones.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from core.dataset import Dataset
from core.decision import Decision
from core.export import prepare_parts as parts
from core.export.filter_code import HELPERS
from core.export.prepare_files import files_of
from core.export.prepare_reading import read_as
from core.export.prepare_steps import one_line, step_lines
from core.export.prepare_writing import ScriptFile
from core.filters import Filter
from core.loading.json_numbers import Number, json_text, utf8_text
from core.phrases import names
from core.settled import Settled
from core.version import VERSION

PARTS = (
    Number,
    json_text,
    utf8_text,
    parts.word,
    parts.bare,
    parts.cells_as_text,
    parts.usual,
    parts.read,
    parts.marked,
    parts.lost_in_reading,
    parts.left,
    parts.within,
    parts.of_left,
    parts.waiting,
    parts.only,
    parts.in_place,
)
NEEDED = {
    "sklearn": "scikit-learn",
    "scipy": "scipy",
}  # besides pandas: a package in the script -> its name; the first brings the second

_HEAD = '''"""Cleans a table as it was decided in Winnow, on rows that were there and on new ones:

    python prepare.py IN.csv OUT.csv          (or .tsv, .parquet, .json, .jsonl)

or, in Python, from the folder of this file:

    from prepare import clean, table
    cleaned = clean(table("next-month.csv"))

Every rule and every filter is followed in order, with what was learned from train. Decisions on single rows
are followed where IN is the very file that was decided on, known by its SHA-256; or by
clean(frame, rows=True), where frame holds rows of it, each with its place there (from 0) as its index. New
rows count as train where nothing parts them, as they do in python -m core apply --as-rules.

{bytes}

Written by Winnow {version}. Needs pandas 3, numpy, pyarrow{needs}.
"""
{notes}
from __future__ import annotations

{imports}

# the columns, the type of each, and how it is read from text
COLUMNS = {columns}
TARGET = {target!r}
SPARE = {spare!r}  # left out, and read by nothing else: new rows may come without them
READ = {options}  # how a text file is read by pandas, and how its columns are known
FILES = {files}  # SHA-256 of each file that was decided on, and where its rows stand
WRITE = {write}  # how text is written


'''
_CLEAN = '''def clean(frame, rows=False):
    """The table as decided. rows: whether its index holds the places of its rows in the data decided on."""
    cleaned, about = followed(frame, rows)
    return cleaned.set_index(pd.Index(about["label"], name=frame.index.name))


def followed(frame, rows=False, ways=None):
    """The same, numbered from 0; and about each row, where it stood among those given ("source").
    ways: how each column is read.
    """
    ways = ways or (COLUMNS if rows else marked(frame, COLUMNS, True)[0])
    lost = [name for name in COLUMNS if name not in (*frame, TARGET, *SPARE)]
    if lost:
        more = f" and {{len(lost) - 5}} more" if len(lost) > 5 else ""
        raise ValueError(f"The table lacks the columns {{', '.join(lost[:5])}}{{more}}.")
    index, more = frame.index, [name for name in frame if name not in COLUMNS]
    frame = cells_as_text(frame.reset_index(drop=True))
    if TARGET and TARGET not in frame:
        frame[TARGET] = pd.Series(np.nan, index=frame.index)
        unlabelled = True
    else:
        unlabelled = False
    for name in SPARE:
        if name not in frame:
            frame[name] = pd.Series(np.nan, index=frame.index)
    given, columns = frame, {{name: read(frame[name], *ways[name]) for name in COLUMNS}}{serve_ways}
    lost_in_reading(frame, columns, ways)
    frame = usual(pd.DataFrame(columns | {{name: frame[name] for name in more}}))
    about = pd.DataFrame({{"label": index, "weight": np.nan, "out": False}}, index=frame.index)
    about["place"] = np.asarray(index) if rows else -1
    about["source"] = np.arange(len(frame))
    about["serve"] = {serve}
    about["train"] = ~about["serve"].to_numpy(bool){texts}
{body}
    return frame, about


'''

# rows of a file that is read otherwise than that of train, among rows that are known by their places
_SERVE_WAYS = """
    for known in FILES.values() if ways is COLUMNS else ():
        own = within(index, [[known["first"], known["first"] + known["rows"]]])
        for name, way in known.get("ways", {}).items():
            parts = read(frame[name].where(~own, ""), *ways[name]), read(frame[name].where(own, ""), *way)
            alike = parts[0].dtype == parts[1].dtype
            one, other = parts if alike else [part.astype("float64") for part in parts]
            columns[name] = one.where(~own, other)"""


def wanted(decisions: Sequence[Decision]) -> bool:
    """Whether there is something to replay on new rows: a rule or a filter."""
    return any(decision.kind.rule or isinstance(decision.rows, Filter) for decision in decisions)


def prepare_script(
    dataset: Dataset,
    decisions: Sequence[Decision],
    settled: Settled,
    written: Sequence[ScriptFile] = (),
    batches: Sequence[int] = (),
) -> str:
    """The text of ``prepare.py``. ``dataset`` is the data as loaded, ``settled`` where they are left;
    ``written``: the files that the export wrote, that of train first; ``batches``: as `core.steps.numbers_of`
    takes them.
    """
    made, files = step_lines(dataset, decisions, settled, batches), files_of(dataset, written)
    notes = made.notes
    texts = [  # columns that a rule reads anew, from their text
        str(effect.learned["text"])
        for effect in settled.effects.values()
        if effect.action == "read_as" and "text" in effect.learned
    ]
    columns = {column.name: read_as(dataset, column) for column in dataset.columns}
    unread = [name for name, (_, how) in columns.items() if how.pop("unread", False)]
    if dataset.source.options.get("put_back"):
        notes.append(f"Lines of {dataset.source.name} that are put back are in recipe.json, not here.")
    if unread:
        notes.append(f"The dates of {names(unread)} need Winnow's reader: give them as dates.")
    kept = "".join(
        f"\n    about[{'text of ' + one!r}] = read(given[{one!r}], 'string', COLUMNS[{one!r}][1])"
        for one in dict.fromkeys(texts)
    )
    code = _CLEAN.format(
        serve=_serve(dataset),
        serve_ways=_SERVE_WAYS if any("ways" in one for one in files.known.values()) else "",
        texts=kept,
        body="\n".join(f"    {line}".rstrip() for line in made.lines),
    )
    functions = dict.fromkeys((*PARTS, *HELPERS, *made.helpers, *files.helpers))
    sources = "\n\n".join(one if isinstance(one, str) else _source(one) for one in functions)
    text = f"{sources}\n\n{code}{files.code}"
    listed = "".join(f"\n    {name!r}: {entry!r}," for name, entry in columns.items())
    package = next((name for name in NEEDED if name in text), "")
    head = _HEAD.format(
        notes="".join(f"\n# {one_line(note)}" for note in notes) + "\n" * bool(notes),
        version=VERSION,
        needs=f" and {NEEDED[package]}" if package else "",
        imports=_imports(text),
        columns="{" + listed + "\n}",
        target=dataset.roles.target or "",
        spare=spare(dataset, decisions, settled),
        options=repr(files.read),
        files=repr(files.known),
        write=repr(files.write),
        bytes=files.bytes,
    )
    return head + text


def spare(dataset: Dataset, decisions: Sequence[Decision], settled: Settled) -> tuple[str, ...]:
    """The columns that are left out and that no other decision reads, so that new rows need not have them."""
    others = [decision for decision in decisions if decision.action != "omit"]
    if any(decision.kind.rule and not decision.column for decision in others):  # such as one on whole rows
        return ()
    read = {dataset.parting, *dataset.roles.named().values(), *(decision.column for decision in others)}
    for decision in others:
        read |= {*decision.rows.columns} if isinstance(decision.rows, Filter) else set()
    return tuple(
        name
        for name in dataset.names
        if name in settled.omitted
        and name not in read
        and not any(repr(name) in repr(decision.settings) for decision in others)
    )


def _serve(dataset: Dataset) -> str:
    """Which rows are of serve."""
    split = dataset.split
    if split is None:
        return "False"
    if split.how == "file":
        return f'about["place"] >= {split.at}'
    values = f"cells(frame, {split.column!r})"
    if split.how == "value":
        return f"held(pc.equal({values}.cast(pa.string()), {split.value!r}))"
    return (
        f"held(pc.greater_equal({values}, pd.Timestamp({split.value!r}).tz_localize(None).to_pydatetime()))"
    )


def _imports(text: str) -> str:
    there, with_parts = set(re.findall(r"\w+", text)), set(re.findall(r"(\w+)\.", text))
    plain = [
        name
        for name in (
            "base64",
            "contextlib",
            "csv",
            "datetime",
            "hashlib",
            "itertools",
            "json",
            "re",
            "unicodedata",
            "zlib",
        )
        if name in with_parts
    ]
    lines = [f"import {name}" for name in sorted([*plain, "sys", "warnings"])]
    named = {
        "collections.abc": ("Callable", "Iterator", "Mapping", "Sequence"),
        "decimal": ("Decimal",),
        "functools": ("lru_cache",),
        "pathlib": ("Path",),
        "typing": ("Any", "NamedTuple"),
    }
    for module, words in named.items():
        used = [word for word in words if word in there]
        lines += [f"from {module} import {', '.join(used)}"] if used else []
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


@cache
def _source(function: Callable[..., Any]) -> str:
    """A function as it stands, without the marks for our tools and the imports at the top of the script."""
    text = re.sub(r"  # (noqa|type:).*", "", inspect.getsource(function))
    return re.sub(r"(?m)(^    import (numpy|pandas|pyarrow).*\n)+\n?", "", text)
