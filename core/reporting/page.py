"""The report as one HTML page that opens offline: our script draws it from JSON, and nothing else can run in
it.

The content security policy names the page's own script and style by their hashes and allows nothing else, no
address among them. What came from the data stands in a JSON block and reaches the page as text only.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from core.actions import ACTIONS
from core.finding_words import key_in_words
from core.report import not_made_in_words
from core.reporting.texts import inside_script, shorter, tidy

ROWS, TABLE_ROWS, LISTED = 20, 200, 50
NAME, VALUE, SENTENCE = 160, 90, 420  # bytes of a name, a value of the data, a sentence
_NAMED = ("column", "columns", "left", "right")  # keys under which names of columns stand
_LONG = 60  # letters from which a name is shortened within sentences


def page(report: Mapping[str, Any], names: Sequence[str], title: str, when: str = "") -> str:
    """The page. report: the object of `whole`. names: of the data set's columns, in its order. when: it was
    made, in words.
    """
    style, script = _shipped("page.css"), _shipped("page.js")
    data = {**slim(report, names), "heading": tidy(title, 200), "made": when}
    filled = {
        "policy": f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'",
        "title": html.escape(tidy(title, 200)),
        "style": style,
        "script": script,
        "data": inside_script(json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))),
        "plain": _without_script(report),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda hit: filled[hit[1]], _shipped("page.html"))


@cache
def _shipped(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode()}'"


def _without_script(report: Mapping[str, Any]) -> str:
    """What a reader without scripts sees: the titles of what needs attention."""
    wanting = [f for f in report["findings"] if f["severity"] != "info" and not f.get("accepted")]
    lines = [f"{f['severity']}: {tidy(f['title'], SENTENCE)}" for f in wanting[:LISTED]]
    checks = report.get("sections", {}).get("checks", [])
    lines += [
        f"Not checked: {check['title']}. {tidy(check['reason'], SENTENCE)}"
        for check in checks
        if check["state"] != "ok"
    ]
    if told := not_made_in_words(report):
        lines.append(tidy(told, 2 * SENTENCE))
    listed = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return (
        "<p>Scripts are off, so only the list of what needs attention is shown "
        f"({len(wanting)}).</p><ul>{listed}</ul>"
    )


def slim(report: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The report cut to what a page shows: columns by their place in ``names``, short texts and numbers, the
    first rows of a finding.
    """
    place = {name: i for i, name in enumerate(names)}
    long = {name: tidy(name, _LONG) for name in names if len(name) > _LONG}
    parts = {**report.get("sections", {})}
    profile = {**parts.pop("profile", {})}
    each = [_column(one) for one in profile.pop("columns", [])]
    facts = {
        key: _short(value, place, SENTENCE)
        for key, value in report.items()
        if key not in ("sections", "findings", "table", "tables", "steps")
    }
    steps = [_short(_reasoned(step), place, SENTENCE) for step in report.get("steps", [])]
    return {
        **facts,
        **({"steps": steps} if "steps" in report else {}),
        "names": [tidy(name, NAME) for name in names],
        "findings": [_finding(finding, place, long) for finding in report["findings"]],
        "table": _table(report["table"]),
        "tables": {title: _table(table) for title, table in report.get("tables", {}).items()},
        "columns": each,
        "sections": {
            name: _short(part, place, SENTENCE if name in ("checks", "overlap") else VALUE)
            for name, part in parts.items()
        },
    }


def _reasoned(step: Mapping[str, Any]) -> Mapping[str, Any]:
    """The step with the finding behind it for a reason where none was given."""
    if step["why"] or not step["finding"] or ACTIONS[step["action"]].on == "findings":
        return step
    return {**step, "why": key_in_words(step["finding"])}


def _finding(finding: Mapping[str, Any], place: Mapping[str, int], long: Mapping[str, str]) -> dict[str, Any]:
    def shortened(text: str) -> str:
        for name, cut in long.items():
            if name in text:
                text = text.replace(name, cut)
        return tidy(text, SENTENCE)

    words = {key: shortened(finding[key]) for key in ("title", "why", "suggestion")}
    numbers = {
        key: _short(finding[key], place, VALUE)
        for key in ("score", "value", "limit", "noise", "n")
        if finding.get(key) is not None
    }
    fix = finding.get("fix") or ""
    return {
        "code": finding["code"],
        "severity": finding["severity"],
        **words,
        **numbers,
        **({"fix": fix} if 0 < len(fix) <= 2 * SENTENCE else {}),  # half a line of code is worse than none
        **{key: tidy(finding[key], VALUE) for key in ("measure", "noise_is") if finding.get(key)},
        **({"accepted": True} if finding.get("accepted") else {}),
        "columns": [place[name] for name in finding["columns"] if name in place],
        "beside": [place[name] for name in finding["beside"] if name in place],
        "rows": finding["rows"][:ROWS],
        "row_count": finding["row_count"],
    }


def _column(column: Mapping[str, Any]) -> dict[str, Any]:
    """The column without its name, which stands in ``names``, and without what is 0 or empty."""
    kept = {key: value for key, value in column.items() if key != "name" and value not in ("", [], None)}
    if column["kind"] in ("text", "category", "identifier", "image"):
        kept |= {key: kept[key][:3] for key in ("smallest", "largest") if key in kept}
    short: dict[str, Any] = _short(kept, {}, VALUE)
    return short


def _table(table: Mapping[str, Any]) -> dict[str, Any]:
    rows = [[_short(cell, {}, SENTENCE) for cell in row] for row in table["rows"][:TABLE_ROWS]]
    return {"columns": table["columns"], "rows": rows, "left": max(0, len(table["rows"]) - TABLE_ROWS)}


def _short(value: Any, place: Mapping[str, int], bytes: int, key: str = "") -> Any:
    """Numbers in six digits, texts in at most ``bytes``, names of columns as their place."""
    if isinstance(value, Mapping):
        return {name: _short(item, place, bytes, name) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_short(item, place, bytes, key) for item in value]
    if isinstance(value, str):
        return place.get(value, -1) if key in _NAMED and place else tidy(value, bytes)
    return shorter(value) if isinstance(value, float) else value
