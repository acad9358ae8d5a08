"""What a finding advises is what its filled button does: where rows are sent to review before any is dropped
(`core.prepare.fixes.looked_at_first`), the advice says to look at them.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.finding import Finding
from core.prepare.fixes import looked_at_first
from core.rowset import RowSet

CORE = Path(__file__).parents[2] / "core"


@functools.cache
def dropping() -> tuple[tuple[str, str], ...]:
    """Code and advice, as far as it stands in the source, of each finding that offers to drop rows. Each test
    process asks when it collects the tests: files without the words are not parsed.
    """
    texts = [path.read_text(encoding="utf-8") for path in sorted(CORE.rglob("*.py"))]
    return tuple(
        pair for text in texts if "Finding(" in text and '"drop"' in text for pair in _dropping(text)
    )


def _dropping(text: str) -> Iterator[tuple[str, str]]:
    tree = ast.parse(text)
    named = {
        one.targets[0].id: one.value
        for one in tree.body
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Finding":
            given = {word.arg: word.value for word in call.keywords}
            drops = isinstance(given.get("action"), ast.Constant) and given["action"].value == "drop"
            if drops and "suggestion" in given and isinstance(given.get("code"), ast.Constant):
                advice = given["suggestion"]
                advice = named.get(advice.id, advice) if isinstance(advice, ast.Name) else advice
                parts = [part.value for part in ast.walk(advice) if isinstance(part, ast.Constant)]
                yield given["code"].value, " ".join(part for part in parts if isinstance(part, str))


@pytest.mark.parametrize(("code", "advice"), [*dropping()], ids=lambda one: one[:30])
def test_advice_and_filled_button_agree(code: str, advice: str) -> None:
    finding = Finding(code, "", "warning", 0.5, "", advice, rows=RowSet([1]), action="drop")
    assert (looked_at_first(finding) is None) is not ("Look" in advice)


def test_findings_that_drop_rows_are_seen() -> None:
    assert {"near_duplicates_across_parts", "outliers", "image_framed", "total_rows"} <= dict(
        dropping()
    ).keys()
