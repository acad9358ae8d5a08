"""The note of a cleaned file that has other bytes than its source besides what was decided: with the reason
where the way of reading says it; where nothing was decided, else with what is possible.
"""

from __future__ import annotations

from pathlib import Path

from core.dataset import Dataset
from core.dataset.source import Source
from core.export import replay
from core.export.side import PartWriter

# an option of reading -> what it makes of the bytes
_SURE = {
    "packed": "it is written unpacked",
    "leave_out": "columns were left out when it was loaded",
    "rename": "columns were renamed when it was loaded",
    "put_back": "lines kept aside were put back",
    "short_lines": "short rows get the cells that they lack",
    "surplus": "empty fields behind the last column are not written",
    "mended_rows": "stray quotes are mended",
}
_POSSIBLE = {
    "text": "blank lines, quotes around cells that need none, or line ends that are mixed or missing at the "
    "end",
    "json": "escapes, blanks or line ends, which are written in one way",
}


def other_bytes(side: PartWriter, cleaned: Path, format: str, excel_safe: bool) -> list[str]:
    """The note, of a file in the source's own format; none where the bytes are the same, or where the way of
    reading says of none that they differ besides what was decided.
    """
    plan = side.plan
    changed = side.layout or plan["drop"] or plan["relabel"] or plan["weight"] or plan["omit"]
    if format != "input" or side.kind not in _POSSIBLE:
        return []
    if changed or excel_safe:
        read = "; ".join(_by_reading(side.source))
        return [f"Besides what was decided, {cleaned.name} differs from the file: {read}."] if read else []
    if side.source.sha256 in ("", replay.sha256(cleaned)):
        return []
    if sure := _reasons(side.dataset, side.source):
        return [
            f"{cleaned.name} has the rows and cells of the table, not the bytes of the file: "
            f"{'; '.join(sure)}."
        ]
    return [
        f"{cleaned.name} has the rows and cells of the file, not its bytes. That can come of "
        f"{_POSSIBLE[side.kind]}."
    ]


def _reasons(dataset: Dataset, source: Source) -> list[str]:
    """What surely makes other bytes of a source."""
    options = source.options
    beyond = options.get("aside_lines") or options.get("end_line") or (options.get("header_line") or 0) > 0
    if source.serve is None:  # of two files a finding does not say which it is about
        beyond = beyond or any(one.left_out for one in dataset.loading)
    left_out = ["what was left out when it was loaded is not in it"] if beyond else []
    return [*left_out, *_by_reading(source)]


def _by_reading(source: Source) -> list[str]:
    """What the way of reading surely makes of the bytes."""
    return [words for option, words in _SURE.items() if source.options.get(option)]
