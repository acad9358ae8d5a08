"""The report in short, as Markdown for a pull request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from core.finding_words import number_in_words
from core.phrases import count, is_share, measured, name, number_among, percent, verb
from core.report import not_made_in_words
from core.reporting.texts import tidy

MOST_FINDINGS, MOST_COLUMNS, MOST_CLASSES = 40, 100, 8
_JOINER = "\u2060"


def markdown(report: Mapping[str, Any], title: str) -> str:
    """Facts, what needs attention, the classes by part, group and time, and a line per column; every text
    from the data is escaped. report: the object of `whole`.
    """
    facts = report["dataset"]
    open_ones = [f for f in report["findings"] if not f.get("accepted")]
    wanting = [f for f in open_ones if f["severity"] != "info"]
    lines = [f"## {escaped(title)}", "", _verdict(wanting, report), ""]
    rows, columns = count(facts["rows"], "row"), count(facts["columns"], "column")
    flagged = report["summary"].get("flagged_rows")
    asking = "" if flagged is None else f"{count(flagged, 'row')} flagged, "
    lines += [f"{rows}, {columns}, {asking}fingerprint `{facts['fingerprint'][:16]}`.", ""]
    told = not_made_in_words(report)
    lines += [f"**{escaped(told, 600)}**", ""] if told else []
    lines += [f"- {escaped(line, 300)}" for line in _unfinished(report)]
    lines += ["", *_findings(wanting)] if wanting else []
    lines += ["", *_steps(report)] if report.get("steps") else []
    notes, accepted = len(open_ones) - len(wanting), len(report["findings"]) - len(open_ones)
    lines += ["", *_besides(notes, accepted)]
    lines += ["", *_classes(report.get("sections", {}).get("imbalance") or {})]
    lines += ["", *_columns(report)] if report.get("sections", {}).get("profile", {}).get("columns") else []
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def _besides(notes: int, accepted: int) -> list[str]:
    """How many notes there are and how many findings are accepted; nothing of which there is none.

    >>> _besides(3, 1), _besides(1, 0), _besides(0, 2), _besides(0, 0)
    (['3 notes besides, and 1 accepted.'], ['1 note besides.'], ['2 findings are accepted.'], [])
    """
    if not notes:
        are = verb(accepted, "is", "are")
        return [f"{count(accepted, 'finding')} {are} accepted."] if accepted else []
    return [f"{count(notes, 'note')} besides{f', and {count(accepted)} accepted' if accepted else ''}."]


def _steps(report: Mapping[str, Any]) -> list[str]:
    """What was decided, and what it resolved."""
    resolved = report.get("resolved", [])
    mended = f"; {number_in_words([one['severity'] for one in resolved])} resolved" if resolved else ""
    lines = [f"**{report['decided']}{mended}.** {report.get('exported', '')}", ""]
    for at, click in groupby(report["steps"][:MOST_FINDINGS], lambda step: step["number"] or step["when"]):
        told = []
        for step in click:
            did = f"passed over: {step['passed_over']}" if step["passed_over"] else step["did"]
            told.append(f"{escaped(step['step'], 200)}{f' ({escaped(did, 200)})' if did else ''}")
        lines.append(f"{at}. {'; '.join(told)}" if isinstance(at, int) else f"- {'; '.join(told)}")
    lines += ["", *(f"- resolved: {escaped(one['title'], 200)}" for one in resolved[:MOST_FINDINGS])]
    return lines


def escaped(text: object, bytes: int = 120) -> str:
    """The text for a place that reads Markdown: marks escaped; addresses, mentions and issue numbers broken
    by a joiner without width.

    >>> escaped("**a** <b> | @me").replace(_JOINER, "")
    '\\\\*\\\\*a\\\\*\\\\* &lt;b&gt; \\\\| \\\\@me'
    """
    marked = re.sub(
        r"[@#](?=\w)|:(?=\S)|\.(?=[^\W\d])|\bGH-(?=\d)", lambda hit: hit[0] + _JOINER, tidy(text, bytes)
    )
    kept = re.sub(r"[\\`*_{}\[\]#!|~@$]", lambda hit: "\\" + hit[0], marked)
    return kept.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _verdict(wanting: list[Mapping[str, Any]], report: Mapping[str, Any]) -> str:
    """How many findings need attention; a check that did not run never reads as a pass."""
    if not wanting:
        checks = report.get("sections", {}).get("checks", [])
        if checks and all(check["state"] != "ok" for check in checks):
            return "**Not checked.**"
        partly = any((check["state"] != "ok" and check["counted"]) or check["unchecked"] for check in checks)
        return f"**Nothing needs attention{' in what was checked' if partly else ''}.**"
    grave = sum(f["severity"] == "critical" for f in wanting)
    noun = "critical finding" if grave == len(wanting) else "finding"
    more = f"; {grave:,} critical" if grave < len(wanting) else ""
    return f"**{count(len(wanting), noun)} {verb(len(wanting), 'needs', 'need')} attention{more}.**"


def _unfinished(report: Mapping[str, Any]) -> list[str]:
    """What did not run, and what was sampled."""
    checks = report.get("sections", {}).get("checks", [])
    lines = [
        (f"{check['title']}: {check['state']}: {check['reason']}")
        for check in checks
        if check["state"] != "ok"
    ]
    ran = [check for check in checks if check["state"] == "ok"]
    lines += [f"{check['title']}: {check['unchecked']}" for check in ran if check["unchecked"]]
    return lines + [f"{check['title']}: {note}" for check in ran for note in check["notes"]]


def _findings(wanting: list[Mapping[str, Any]]) -> list[str]:
    lines = ["| | what | value | limit | noise floor | n | rows |", "|---|---|--:|--:|--:|--:|--:|"]
    for f in wanting[:MOST_FINDINGS]:
        endless = f.get("value") is None and f.get("limit") is not None  # JSON knows no infinity
        numbers = " | ".join(
            "infinite" if endless and key == "value" else _number(f.get(key), measure=_measure(f, key))
            for key in ("value", "limit", "noise", "n")
        )
        lines.append(f"| {f['severity']} | {escaped(f['title'], 300)} | {numbers} | {f['row_count'] or ''} |")
    left = len(wanting) - MOST_FINDINGS
    return lines + (["", f"{left:,} more are in the HTML and JSON reports."] if left > 0 else [])


def _classes(balance: Mapping[str, Any]) -> list[str]:
    """Share of each class by part, group and time; of many classes the largest and the rarest."""
    shown: Sequence[int] = range(len(balance.get("classes", ())))
    if len(shown) > MOST_CLASSES:
        shown = [*shown[: MOST_CLASSES // 2], *shown[-MOST_CLASSES // 2 :]]
    lines = []
    for mix in balance.get("mixes", ()):
        by = name(mix["column"]) if "column" in mix else "part"
        lines += ["", f"<details><summary>Classes by {escaped(by)}</summary>", ""]
        heads = [balance["classes"][place]["class"] for place in shown]
        lines.append(f"| | rows | {' | '.join(escaped(one) for one in heads)} |")
        lines.append(f"|---|--:|{'--:|' * len(heads)}")
        for level, rows, counts in zip(mix["levels"], mix["rows"], mix["counts"], strict=True):
            shares = " | ".join(percent(counts[place] / rows) if rows else "" for place in shown)
            lines.append(f"| {escaped(level)} | {rows:,} | {shares} |")
        lines += ["", "</details>"]
    left = len(balance.get("classes", ())) + balance.get("more", 0) - len(shown)
    if lines and left:
        more = count(left, "more class", "more classes")
        lines += ["", f"{more} {verb(left, 'is', 'are')} in the JSON report."]
    return lines


def _columns(report: Mapping[str, Any]) -> list[str]:
    rows = report["dataset"]["rows"] or 1
    every = sorted(report["sections"]["profile"]["columns"], key=lambda one: -one["strangeness"])
    lines = [f"<details><summary>{len(every):,} columns</summary>", ""]
    lines += ["| column | kind | missing | distinct | 5% | median | 95% |", "|---|---|--:|--:|--:|--:|--:|"]
    for one in every[:MOST_COLUMNS]:
        quantiles = one.get("quantiles") or [None] * 9
        low, middle, high = (_number(quantiles[place], quantiles[0], quantiles[-1]) for place in (2, 4, 6))
        there = one.get("rows", rows) or 1  # of the parts that have the column
        lines.append(
            f"| {escaped(one['name'])} | {one['kind']} | {percent(one['missing'] / there)} | "
            f"{one['distinct']:,} | {low} | {middle} | {high} |"
        )
    left = len(every) - MOST_COLUMNS
    return [*lines, *([f"| … {left:,} more | | | | | | |"] if left > 0 else []), "", "</details>"]


def _measure(finding: Mapping[str, Any], key: str) -> str:
    """What a number of a finding is of; "" of limits, which stand as they were set unless they are shares,
    and of counts.
    """
    measure = finding.get("measure") or ""
    return measure if key in ("value", "noise") or (key == "limit" and is_share(measure)) else ""


def _number(value: Any, low: Any = None, high: Any = None, measure: str = "") -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return escaped(value)
    return measured(value, measure) if low is None or high is None else number_among(value, low, high)
