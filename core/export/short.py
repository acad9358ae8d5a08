"""The short script: a page of pandas, for text files so regular that pandas reads and writes them exactly as
Winnow does.

What is regular is judged strictly (`fits`); everything else gets the longer script of `core.export.script`,
which brings its own reader.
"""

from __future__ import annotations

from pathlib import Path
from pprint import pformat
from typing import Any

from core.export.side import PartWriter
from core.rowset import RowSet
from core.version import VERSION

_BLOCK = 16_000_000
_SCRIPT = '''"""Makes the cleaned file again from the raw one, without Winnow:

    python recipe.py RAW CLEANED

Written by Winnow {version}. Needs pandas and nothing else. Every cell stays the text it was; rows are counted
from 0, and a range [a, b] is the rows from a up to, but not including, b.
"""

import hashlib
import sys
from pathlib import Path

import pandas as pd

RAW, CLEANED = {raw!r}, {cleaned!r}  # SHA-256 of the file to read and of the file to write
COLUMNS = {columns}
DROP = {drop}
RELABEL = {relabel}  # column, new label, rows
WEIGHT = {weight}  # weight, rows
OMIT = {omit}  # columns left out


def rows(ranges):
    return [row for first, past in ranges for row in range(first, past)]


if len(sys.argv) != 3:
    sys.exit("Usage: python recipe.py RAW CLEANED")
raw, out = map(Path, sys.argv[1:])
if not raw.is_file() or not out.parent.is_dir():
    sys.exit(f"There is no {{f'folder {{out.parent}}' if raw.is_file() else f'file {{raw}}'}}.")
if hashlib.sha256(raw.read_bytes()).hexdigest() != RAW:
    sys.exit(f"{{raw}} is not the file that this script was made for, {name}.")
data = pd.read_csv(
    raw, sep={sep!r}, encoding={encoding!r}, skiprows={skip}, header=None, names=range({width}),
    index_col=False, dtype=str, keep_default_na=False, na_filter=False,
)
for column, label, ranges in RELABEL:
    data.iloc[rows(ranges), column] = label
{weigh}data = data.drop(index=rows(DROP), columns=OMIT)
data.to_csv(
    out, sep={write_sep!r}, encoding={write_encoding!r}, header=COLUMNS, index=False,
    lineterminator={newline!r},
)
if hashlib.sha256(out.read_bytes()).hexdigest() != CLEANED:
    sys.exit(
        f"{{out}} is written, but its bytes differ from Winnow's. "
        "That can come from another version of pandas."
    )
'''
_WEIGH = """if {place} not in data:
    data[{place}] = {default!r}
for weight, ranges in WEIGHT:
    data.iloc[rows(ranges), {place}] = weight
"""


def fits(side: PartWriter, cleaned: Path) -> bool:
    """Whether pandas reads the source of ``side`` and writes ``cleaned`` just as Winnow did."""
    raw, how = side.plan["raw"], side.plan["write"]
    if (
        side.kind != "text"
        or how["kind"] != "text"
        or how["excel_safe"]
        or how["header"] is None
        or None in how["header"]
        or min(len(side.columns), len(how["header"])) < 2
    ):
        return False
    plain = all(
        kind["quotechar"] == '"' and not kind["escapechar"] and not kind["skipinitialspace"]
        for kind in (raw, how)
    )
    strict = raw["encoding_errors"] == how["encoding_errors"] == "strict" and raw["doublequote"]
    own = side.source.options
    whole = not raw["aside_lines"] and not any(own.get(k) for k in ("short_lines", "surplus", "end_line"))
    mended = RowSet.from_json(own.get("mended_rows", []))
    whole = whole and not (mended - RowSet.from_json(side.plan["drop"])).ids.size
    header = raw["header_line"] is not None and raw["first_data_line"] == raw["header_line"] + 1
    return plain and strict and whole and header and _plain_bytes(cleaned, how)


def _plain_bytes(path: Path, how: dict[str, Any]) -> bool:
    """No NUL, and no carriage return but those that end lines: the two letters that pandas and we treat
    otherwise.
    """
    if how["encoding"].lower().replace("_", "-").startswith(("utf-16", "utf-32")):
        return False
    ends, last = how["newline"].encode() == b"\r\n", b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            text = last + block
            if b"\0" in block or text.count(b"\r") != (
                text.count(b"\r\n") + text.endswith(b"\r") if ends else 0
            ):
                return False
            last = block[-1:] if block.endswith(b"\r") else b""
    return True


def short_script(side: PartWriter, cleaned: str) -> str:
    """The script's text; ``cleaned`` is the SHA-256 of the cleaned file. Only for a side that `fits`."""
    plan = side.plan
    raw, how, weight = plan["raw"], plan["write"], plan["weight"]
    return _SCRIPT.format(
        version=VERSION,
        raw=raw["sha256"],
        cleaned=cleaned,
        name=ascii(raw["name"]).replace("{", "{{").replace("}", "}}").replace('"', "'"),
        columns=_shown(how["header"]),
        drop=_shown(plan["drop"]),
        relabel=_shown(plan["relabel"]),
        weight=_shown(weight["given"] if weight else []),
        omit=_shown(plan["omit"]),
        weigh=_WEIGH.format(place=weight["column"], default=weight["default"]) if weight else "",
        sep=raw["delimiter"],
        encoding=raw["encoding"],
        skip=raw["first_data_line"],
        width=len(plan["names"]),
        write_sep=how["delimiter"],
        write_encoding=how["encoding"],
        newline=how["newline"],
    )


def _shown(value: Any) -> str:
    """A literal in ASCII, broken into lines where it is long (short of pretty where it is huge)."""
    flat = ascii(value)
    if len(flat) < 110 or len(flat) > 20_000:
        return flat
    return "".join(c if c.isascii() else ascii(c)[1:-1] for c in pformat(value, width=130, compact=True))
