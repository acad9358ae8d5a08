"""ARFF, the format of Weka and OpenML: a header of declared attributes, then rows, plain or sparse.

Reference: waikato.github.io/weka-wiki/formats_and_processing/arff_stable
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import LoadError
from core.finding import Finding
from core.limits import ASIDE_ROWS
from core.loading.cells import JsonCells
from core.loading.decoding import error_handler, survey, visible
from core.loading.options import Options
from core.loading.put_back import SHOWN, AsideLine, PutBack, write_lines
from core.loading.readers import (
    LOOK_ROWS,
    Staged,
    check_width,
    no_rows,
    renamed,
    rows_aside,
    rows_put_back,
    unique_names,
)
from core.loading.readers.staging import Stage
from core.phrases import count
from core.progress import Progress

if TYPE_CHECKING:
    from core.dataset.column import Kind

CELLS = 500_000  # staged at once
_NUMBERS = ("numeric", "real", "integer")
_JSON_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_NAME = r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s{]+))"""
_ATTRIBUTE = re.compile(r"\s*@attribute" + _NAME + r"\s*(.+?)\s*$", re.IGNORECASE | re.DOTALL)
_VALUE = re.compile(r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^,'"]*))\s*(,|$)""")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_WEIGHT = re.compile(r",\s*\{\s*[\d.eE+-]+\s*\}\s*$")


@dataclass(frozen=True)
class _Attribute:
    """A declared column. levels: of a nominal one, in their order."""

    name: str
    number: bool
    levels: tuple[str, ...] = ()

    @property
    def zero(self) -> str | None:
        """What a sparse row leaves out, as JSON text."""
        if self.number:
            return "0"
        return json.dumps(self.levels[0], ensure_ascii=False) if self.levels else None


@dataclass
class _Rows:
    """What reading the rows brought to light. aside: line, reason and text. back: line and row of each that
    was put back. cut: there are more.
    """

    aside: list[AsideLine] = field(default_factory=list)
    back: list[tuple[int, int]] = field(default_factory=list)
    cut: bool = False


def read(
    path: Path, name: str, options: Options, folder: Path, progress: Progress, look: bool = False
) -> Staged:
    """Read an ARFF file. A row that does not fit the attributes is kept aside. Raises `LoadError`."""
    seen = survey(path, options.encoding, progress.check)
    with path.open(encoding=seen.encoding, errors=error_handler(seen.encoding)) as stream:
        lines = enumerate(stream, 1)
        attributes = _attributes(lines, name)
        check_width(len(attributes), name)
        stage = Stage(folder / "staged.parquet", len(attributes))
        found = _pour(lines, attributes, stage, PutBack(options.put_back), name, progress, look)
    stage.close()
    if found.aside and not stage.rows:
        first = f"line {found.aside[0].line:,}, {found.aside[0].reason}"
        raise LoadError(
            f"{name} has attributes, but no rows that fit them. The first: {first}. Choose a file with rows."
        )
    if found.aside:
        write_lines(found.aside, folder / "aside.csv")
    header = [one.name for one in attributes]
    names = unique_names(header)
    plain: dict[str, Any] = {"format": "arff", "encoding": seen.encoding, "header": header, "names": names}
    plain |= {"put_back": options.put_back, "rows_back": found.back} if options.put_back else {}
    plain |= {"confidence": {"encoding": seen.confidence}, "doubt": seen.doubt and seen.doubt.to_plain()}
    plain |= {"aside_lines": [one.line for one in found.aside]}
    plain |= {"beginning": found.cut} if look else {}
    findings = [*renamed(header, names), *_findings(found, stage.rows)]
    findings += [] if stage.rows else [no_rows()]
    kinds: dict[str, Kind] = {
        key: "category" for key, one in zip(names, attributes, strict=True) if one.levels
    }
    types = ["json"] * len(names)
    return Staged(
        names=names,
        rows=stage.rows,
        format="arff",
        cells=JsonCells(),
        batches=stage.batches,
        types=types,
        options=plain,
        findings=findings,
        aside=len(found.aside),
        kinds=kinds,
    )


def _attributes(lines: Iterator[tuple[int, str]], name: str) -> list[_Attribute]:
    """The declared columns, up to the line @data."""
    found: list[_Attribute] = []
    for number, line in lines:
        word = line.strip().lower()
        if word.startswith("@data"):
            if not found:
                break
            return found
        if not word.startswith("@attribute"):
            continue
        match = _ATTRIBUTE.match(line)
        kind = match[4].lower() if match else ""
        if match is None or kind.startswith("relational"):
            raise LoadError(
                f"Line {number:,} of {name} declares no attribute that can be read "
                f"({visible(line.strip())[:80]}). Save the table as CSV."
            )
        quoted = match[1] if match[1] is not None else match[2]
        title = visible(match[3] if quoted is None else _plain(quoted))
        levels = _levels(match[4]) if kind.startswith("{") else ()
        found.append(_Attribute(title, kind.split()[0] in _NUMBERS, levels))
    raise LoadError(f"{name} is an ARFF file without @data or attributes. Write or download it again.")


def _levels(text: str) -> tuple[str, ...]:
    values = _values(text.strip().removeprefix("{").removesuffix("}")) or []
    return tuple(visible(one) for one in values if one is not None)


def _pour(
    lines: Iterator[tuple[int, str]],
    attributes: list[_Attribute],
    stage: Stage,
    back: PutBack,
    name: str,
    progress: Progress,
    look: bool,
) -> _Rows:
    """Stage the rows as JSON texts."""
    import pyarrow as pa

    found, batch = _Rows(), list[list[str | None]]()
    size = LOOK_ROWS if look else max(1, CELLS // len(attributes))

    def pour() -> None:
        progress.check()
        if batch:
            stage.add([pa.array(column, pa.string()) for column in zip(*batch, strict=True)])
        batch.clear()

    for number, line in lines:
        text = line.strip()
        if not text or text.startswith("%"):
            continue
        row = _row(text, attributes)
        if isinstance(row, str) and (mended := back.take(number)) is not None:
            row = _row(mended.strip(), attributes)
            found.back += [] if isinstance(row, str) else [(number, stage.rows + len(batch))]
        if isinstance(row, str):
            _put_aside(found, AsideLine(number, row, visible(text)[:SHOWN]), name)
            continue
        batch.append(row)
        if len(batch) >= size:
            pour()
            if look:
                found.cut = any(rest.strip() for _, rest in lines)
                return found
    pour()
    if not look:
        back.check(name)
    return found


def _put_aside(found: _Rows, line: AsideLine, name: str) -> None:
    found.aside.append(line)
    if len(found.aside) > ASIDE_ROWS.value:
        first = found.aside[0]
        raise LoadError(
            f"More than {ASIDE_ROWS.value:,} rows of {name} do not fit its attributes (the first: line "
            f"{first.line:,}, {first.reason}). Mend them, or raise {ASIDE_ROWS.env}."
        )


def _row(text: str, attributes: list[_Attribute]) -> list[str | None] | str:
    """The cells of a row as JSON texts, None where they are missing; or why it is none."""
    if text.startswith("{"):
        return _sparse(text, attributes)
    cells = _values(text)
    if cells is not None and len(cells) == len(attributes) + 1:
        cells = _values(_WEIGHT.sub("", text))
    if cells is None:
        return "a quote that is not closed"
    if len(cells) != len(attributes):
        return f"{count(len(cells), 'value')} for {count(len(attributes), 'attribute')}"
    row: list[str | None] = []
    for cell, attribute in zip(cells, attributes, strict=True):
        value = _cell(cell, attribute)
        if value == "":
            return _no_number(cell, attribute)
        row.append(value)
    return row


def _sparse(text: str, attributes: list[_Attribute]) -> list[str | None] | str:
    """The cells of a row that names only those that are not 0: ``{1 X, 3 'Y Z'}``."""
    row = [attribute.zero for attribute in attributes]
    inside = text[1 : text.find("}") if "'" not in text and '"' not in text else text.rfind("}")]
    if "}" not in text:
        return "a sparse row that is not closed"
    pairs = re.findall(r"""\s*(\d+)\s+('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^,\s]+)\s*(?:,|$)""", inside)
    if len(pairs) < inside.count(",") + bool(inside.strip()) and "'" not in inside and '"' not in inside:
        return "a sparse row whose values cannot be told apart"
    for place, given in pairs:
        if int(place) >= len(attributes):
            return f"a value for attribute {int(place):,} of {len(attributes):,}"
        cell, attribute = (_values(given) or [None])[0], attributes[int(place)]
        value = _cell(cell, attribute)
        if value == "":
            return _no_number(cell, attribute)
        row[int(place)] = value
    return row


def _no_number(cell: str | None, attribute: _Attribute) -> str:
    return f"{str(cell)[:40]!r} is no number in {attribute.name[:40]!r}"


def _cell(cell: str | None, attribute: _Attribute) -> str | None:
    """A value as JSON text; None where it is missing, "" where it is no number and should be."""
    if cell is None:
        return None
    if not attribute.number:
        return json.dumps(visible(cell), ensure_ascii=False)
    if _JSON_NUMBER.fullmatch(cell):
        return cell
    try:
        number = float(cell)
    except ValueError:
        return ""
    if math.isnan(number):
        return None
    return repr(number) if math.isfinite(number) else ""


def _values(text: str) -> list[str | None] | None:
    """The values of a line, None for ``?`` without quotes; None where they cannot be told apart.

    >>> _values("5.1, 'it\\\\'s, fine', ?, '?', Iris-setosa")
    ['5.1', "it's, fine", None, '?', 'Iris-setosa']
    >>> _values("1,'open"), _values("a,,b")
    (None, ['a', '', 'b'])
    """
    if "'" not in text and '"' not in text:
        parts = text.split("," if "," in text else "\t")
        return [None if (cell := part.strip()) == "?" else cell for part in parts]
    found: list[str | None] = []
    at = 0
    while match := _VALUE.match(text, at):
        single, double, bare, end = match.groups()
        if bare is not None:
            found.append(None if (cell := bare.strip()) == "?" else cell)
        else:
            found.append(_plain(single if single is not None else double))
        at = match.end()
        if not end:
            return found
    return None


def _plain(quoted: str) -> str:
    """What stands in quotes, without its escapes."""
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), quoted, flags=re.DOTALL)


def _findings(found: _Rows, rows: int) -> list[Finding]:
    findings = []
    if found.aside:
        first = found.aside[0]
        fit = (
            "does not fit the attributes and is"
            if len(found.aside) == 1
            else "do not fit the attributes and are"
        )
        findings.append(
            rows_aside(
                len(found.aside),
                rows,
                f"{count(len(found.aside), 'row')} {fit} kept aside (first: line {first.line:,}, "
                f"{first.reason}).",
                "A row has one value for each attribute, and numbers where numbers are declared.",
            )
        )
    back = rows_put_back(found.back, rows)
    return [*findings, back] if back else findings
