"""Sizes against the aims: functions of 40 lines of code at most, modules of 300, complexity 8, five
arguments.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
OWN = ("app.py", "pages", "components", "core")
AIMS = {"function lines": 40, "module lines": 300, "complexity": 8, "arguments": 5}
BRANCHES = (
    ast.If,
    ast.For,
    ast.While,
    ast.ExceptHandler,
    ast.IfExp,
    ast.BoolOp,
    ast.comprehension,
    ast.match_case,
)


class Size(NamedTuple):
    what: str
    place: str
    value: int


def own_files() -> list[Path]:
    """The project's own modules."""
    found = [
        path
        for name in OWN
        for path in ([ROOT / name] if name.endswith(".py") else sorted((ROOT / name).rglob("*.py")))
    ]
    return [path for path in found if path.exists()]


def sizes() -> Iterator[Size]:
    """Every size that has an aim."""
    for path in own_files():
        text = path.read_text(encoding="utf-8")
        place = str(path.relative_to(ROOT))
        yield Size("module lines", place, text.count("\n"))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield from _function(node, f"{place}:{node.lineno} {node.name}")


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, place: str) -> Iterator[Size]:
    doc = ast.get_docstring(node, clean=False)
    yield Size(
        "function lines",
        place,
        (node.end_lineno or 0) - node.lineno + 1 - (doc.count("\n") + 1 if doc else 0),
    )
    yield Size("complexity", place, 1 + sum(isinstance(child, BRANCHES) for child in ast.walk(node)))
    arguments = [a.arg for a in (*node.args.posonlyargs, *node.args.args) if a.arg not in ("self", "cls")]
    yield Size("arguments", place, len(arguments))


def main() -> None:
    told = list(sizes())
    for what, aim in AIMS.items():
        values = sorted((size for size in told if size.what == what), key=lambda size: -size.value)
        over = [size for size in values if size.value > aim]
        middle = values[len(values) // 2].value if values else 0
        sys.stdout.write(
            f"{what}: aim {aim}, median {middle}, largest {values[0].value if values else 0}, over the "
            f"aim {len(over)} of {len(values)}\n"
        )
        sys.stdout.writelines(f"  {size.value:>5}  {size.place}\n" for size in over[:12])


if __name__ == "__main__":
    main()
