"""The script that makes the cleaned file again without Winnow: the plan, and the functions of
`core.export.replay` and `core.export.writing` that it needs.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from core.dataset import Dataset
from core.export import replay, writing
from core.export.side import PartWriter
from core.export.source_cells import source_type
from core.loading import quotes
from core.loading.json_numbers import Number, array_begins, json_text, utf8_text
from core.loading.options import CHOSEN, FOREIGN, IMAGES, SHEETS
from core.phrases import names
from core.version import VERSION

_FRAME = (replay.typed_frame, replay.marked, replay.edited_frame, writing.put_frame)
_CELLS = (Number, json_text, utf8_text, replay.text_of, replay.value_of, replay.converted)
_TEXTS = (Number, json_text, utf8_text, replay.text_of, replay.texts)
_EDIT = (replay.within, replay.write_decisions, replay.edited)
_READ: dict[str, tuple[Callable[..., Any], ...]] = {
    "text": (quotes.misquoted, quotes.LineReading, quotes.mended, quotes.sound, replay.text_blocks),
    "json": (
        Number,
        array_begins,
        replay.json_value_of,
        replay.json_content,
        replay.json_transposed,
        replay.json_objects,
        replay.json_blocks,
    ),
    "typed": (replay.typed_frame, replay.frame_blocks),
}
_PUT: dict[str, tuple[Callable[..., Any], ...]] = {
    "text": (writing.make_safe, writing.quoted, writing.put_text),
    "json": (
        Number,
        json_text,
        replay.text_of,
        writing.json_shown,
        writing.json_around,
        writing.json_marks,
        writing.json_columns,
        writing.json_rows,
        writing.put_json,
        replay.with_labels,
    ),
    "typed": (writing.put_parquet, writing.put_frame),
}
_APPLY = "recipe.json has everything, and python -m core apply gives the same bytes."
_HEAD = '''"""Makes the cleaned file again from the raw one, without Winnow:

    python recipe.py RAW CLEANED

Written by Winnow {version}. Needs Python 3.11 or later{needs}. PLAN says how the raw file is read,
which rows are dropped (half-open ranges, counted from 0), which cells get another value, which weights are
set, which columns are left out (by place, counted from 0), and how the result is written.
"""

from __future__ import annotations

{imports}

PLAN = {{
{plan}
}}
{values}

'''
_MAIN = """
if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("Usage: python recipe.py RAW CLEANED")
    raw, out = map(Path, sys.argv[1:])
    if not raw.is_file() or not out.parent.is_dir():
        sys.exit(f"There is no {{f'folder {{out.parent}}' if raw.is_file() else f'file {{raw}}'}}.")
    if sha256(raw) != PLAN["raw"]["sha256"]:
        sys.exit(f"{{raw}} is not the file that this script was made for, {{PLAN['raw']['name']}}.")
    {work}
    if sha256(out) != PLAN["sha256"]:
        sys.exit(f"{{out}} is written, but its bytes differ from Winnow's. {hint}")
"""


def script(side: PartWriter, sha256: str) -> tuple[str, str]:
    """The script's text and "", or "" and why there can be none. ``sha256`` is of the cleaned file."""
    reason = _why_not(side)
    if reason:
        return "", reason
    plan = {**side.plan, "sha256": sha256}
    if plan["cells"]:
        plan["cells"] = [ways[0] for ways in side.cells]
    target = plan["write"]["kind"]
    if target == "json":
        plan["relabel"] = [[place, json_text(cell), ranges] for place, cell, ranges in plan["relabel"]]
    framed = side.kind == "typed" and target == "typed"
    functions = [*_FRAME]
    if not framed:
        cells = _CELLS if plan["cells"] else ()
        texts = _TEXTS if side.kind != target == "text" else ()
        functions = [*_READ[side.kind], *cells, *texts, *_EDIT, *_PUT[target]]
    body = "\n\n".join(_source(function) for function in dict.fromkeys((*functions, replay.sha256)))
    pandas = side.kind == "typed" or target == "typed"
    needs = " and pandas with pyarrow" if pandas else " and nothing else"
    hint = "That can come from another version of pandas or pyarrow." if pandas else "Export again."
    return _head(plan, body, needs) + body + "\n" + _MAIN.format(
        work=_work(side.kind, plan, framed), hint=hint
    ), ""


def of_images(dataset: Dataset) -> bool:
    """Whether the table holds what is measured of images, which no script without Winnow can make."""
    sources = [source for source in (dataset.source, dataset.source.serve) if source is not None]
    return any(source.format == IMAGES or source.options.get("image_column") for source in sources)


def _why_not(side: PartWriter) -> str:
    if not side.source.sha256:
        return (
            "There is no recipe.py, as the data came from memory and not from a file; recipe.json has "
            "everything."
        )
    if of_images(side.dataset):
        return (
            "There is no script that makes the table again without Winnow (recipe.py, prepare.py), as it is "
            "measured from images. python -m core apply recipe.json makes both again, byte for byte: "
            f"images.zip with --out cleaned.zip, the table with --out cleaned.{side.plan['ending']}."
        )
    if side.source.options.get("put_back"):
        return (
            "There is no recipe.py, as lines that were kept aside at loading are put back; recipe.json holds "
            "them, and python -m core apply gives the same bytes."
        )
    if side.plan["write"]["format"] == "xlsx" or side.source.format in SHEETS:
        return f"There is no recipe.py for workbooks; {_APPLY}"
    if side.source.format in FOREIGN:
        return (
            f"There is no recipe.py for {side.source.format} files, which need Winnow's own reader; {_APPLY}"
        )
    if any(side.source.options.get(key) for key in CHOSEN):
        return (
            "There is no recipe.py, as the file is read with options that need Winnow's own reader; "
            "recipe.json has them, and python -m core apply gives the same bytes."
        )
    if side.source.options.get("files"):
        return f"There is no recipe.py, as the data are several files; {_APPLY}"
    if side.source.options.get("packed"):
        return f"There is no recipe.py, as the file is packed; {_APPLY}"
    if side.layout is not None:
        return (
            "There is no recipe.py, as rules wrote values or columns: prepare.py gives the same table "
            "from the same file, and python -m core apply with recipe.json the same bytes."
        )
    unread = [column.name for column, ways in zip(side.columns, side.cells, strict=False) if not ways]
    if side.kind == "typed":
        unread = [column.name for column in side.columns if source_type(column.source) is None]
    if not unread:
        return ""
    return (
        f"There is no recipe.py, as the values of {names(unread)} need Winnow's own reader; use "
        "python -m core apply."
    )


def _head(plan: dict[str, Any], body: str, needs: str) -> str:
    modules = [
        name
        for name in ("csv", "datetime", "hashlib", "itertools", "json", "re")
        if re.search(rf"\b{name}\.", body)
    ]
    constants = {
        "Block": "list[list[Any]]",
        "Plan": "dict[str, Any]",
        "BLOCK": "50_000",
        "ABSENT": "object()",
        "FORMULA": pattern(writing.FORMULA),
        "NUMBER": pattern(writing.NUMBER),
    }
    values = [f"{name} = {text}" for name, text in constants.items() if re.search(rf"\b{name}\b", body)]
    named = {"collections.abc": ("Iterable", "Iterator"), "pathlib": ("Path",), "typing": ("Any",)}
    used = {
        module: [name for name in names if re.search(rf"\b{name}\b", body)] for module, names in named.items()
    }
    imports = "\n".join(
        [
            *(f"import {name}" for name in [*modules, "sys"]),
            *(f"from {module} import {', '.join(names)}" for module, names in used.items() if names),
        ]
    )
    shown = "\n".join(f"    {ascii(key)}: {ascii(value)}," for key, value in plan.items())
    return _HEAD.format(version=VERSION, needs=needs, imports=imports, plan=shown, values="\n".join(values))


def pattern(compiled: re.Pattern[str]) -> str:
    """The line of Python that makes it."""
    return f"re.compile({ascii(compiled.pattern)})"


def _work(kind: str, plan: dict[str, Any], framed: bool) -> str:
    """The one line that does it."""
    if framed:
        return "put_frame(edited_frame(typed_frame(raw, PLAN), PLAN), out)"
    blocks = {
        "text": "text_blocks(raw, PLAN)",
        "json": "json_blocks(raw, PLAN)",
        "typed": "frame_blocks(typed_frame(raw, PLAN))",
    }[kind]
    if plan["cells"]:
        blocks = f'converted({blocks}, PLAN["cells"])'
    if kind != plan["write"]["kind"] == "text":
        blocks = f"texts({blocks})"
    put = {"text": "put_text", "json": "put_json", "typed": "put_parquet"}[plan["write"]["kind"]]
    whole = "with_labels(PLAN)" if plan["write"]["kind"] == "json" else "PLAN"
    return f'{put}(edited({blocks}, {whole}), PLAN["write"], out)'


@cache
def _source(function: Any) -> str:
    """A function as it stands, without the marks for our own tools."""
    return re.sub(r"  # (noqa|type:).*", "", inspect.getsource(function))
