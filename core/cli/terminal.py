"""A report as plain text, safe for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.report import not_made_in_words


def to_text(report: Mapping[str, Any]) -> str:
    """What the command line prints without ``--json``: summary, findings worst first, the head of the
    table.
    """
    facts = report["dataset"]
    lines = [
        f"{report['analysis']}: {report['status']}  ({facts['rows']:,} rows x {facts['columns']:,} columns, "
        f"{report['seconds']} s)",
        "",
    ]
    lines += [
        f"  {name}: {'not checked' if value is None else value}" for name, value in report["summary"].items()
    ]
    lines += ["", *(f"  {note}" for note in report["notes"])] if report["notes"] else []
    if told := not_made_in_words(report):
        lines += ["", f"  {told}", *_failed(report)]
    if report["findings"] and report["unchecked"] and report["unchecked"] not in " ".join(report["notes"]):
        lines += ["", f"  {report['unchecked']}"]
    if report.get("resolved"):
        lines += ["", "Resolved", *(f"  [resolved] {one['title']}" for one in report["resolved"])]
    lines += ["", "Findings" if report["findings"] else _nothing(report)]
    for finding in report["findings"]:
        mark = "accepted" if finding.get("accepted") else finding["severity"]
        lines += [f"  [{mark}] {finding['title']}", f"      {finding['suggestion']}"]
    lines = [one_line(line) for line in lines] + ["", *_text_table(report["table"])]
    for title, table in report.get("tables", {}).items():
        lines += ["", title.replace("_", " ").capitalize(), *_text_table(table)]
    return "\n".join(lines) + "\n"


def _failed(report: Mapping[str, Any]) -> list[str]:
    """Why the checks of an audit failed, in full, once for each reason; the table cuts it short."""
    whys: dict[str, list[str]] = {}
    for name, status, _ in report["table"]["rows"]:
        if status.startswith("failed: "):
            whys.setdefault(status.removeprefix("failed: "), []).append(name)
    return [f"  {', '.join(named)}: {why}" for why, named in whys.items()]


def _nothing(report: Mapping[str, Any]) -> str:
    """What stands where there are no findings: a check that did not run never reads as a pass."""
    idle = report["summary"].get("not_checked")  # a number for an audit, none for one analysis
    ran = [report["status"]] if idle is None else [status for _, status, _ in report["table"]["rows"]]
    if "ok" not in ran:
        return "Not checked."
    words = "Nothing found in what was checked." if idle or report["unchecked"] else "Nothing found."
    return f"{report['unchecked']} {words}".strip()


def _text_table(table: Mapping[str, Any], most: int = 20, width: int = 18) -> list[str]:
    def cell(value: Any) -> str:
        shown = f"{value:.6g}" if isinstance(value, float) else value
        text = "" if value is None else one_line(shown)
        return text if len(text) <= width else text[: width - 1] + "…"

    rows = [[cell(v) for v in row[:8]] for row in [table["columns"], *table["rows"][:most]]]
    if not rows[0]:
        return []
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(v.ljust(w) for v, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    left = (
        [f"… {len(table['rows']) - most:,} more rows (--json shows all)"] if len(table["rows"]) > most else []
    )
    wide = (
        [f"… {len(table['columns']) - 8:,} more columns (--json shows all)"]
        if len(table["columns"]) > 8
        else []
    )
    return lines + left + wide


def one_line(text: object) -> str:
    """Text without control characters, safe for a terminal.

    >>> one_line("a" + chr(27) + "[31mb" + chr(10))
    'a�[31mb�'
    """
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(text))
