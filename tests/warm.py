"""Scripts run as by a fresh interpreter, without the second that the import of pandas takes each time, or
the two of imgaug.

One clean interpreter per test process and library (isolated, warnings are errors, no environment, Winnow
nowhere on its path) imports it and forks for each script. A script that takes from a module what none with
the same imports took before runs in an interpreter started for it alone: there an import that is missing
shows.
"""

from __future__ import annotations

import ast
import atexit
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Library:
    """What the interpreter imports, and what it is told about warnings."""

    name: str
    warnings: tuple[str, ...] = ("-W", "error")

    @property
    def python(self) -> list[str]:
        """The command, but for the script."""
        return [sys.executable, "-I", *self.warnings]


PANDAS, IMGAUG = Library("pandas"), Library("imgaug.augmenters", ("-W", "ignore"))
WARNING = Library("pandas", ())  # as whoever runs a script without a flag
# Runs in the clean interpreter. A fork leaves the loop and goes on to the end of the program, so that how it
# ends (a status, a sentence, a traceback) is the interpreter's own doing.
SERVER = """
import gc, importlib, importlib.util, json, os, runpy, sys, warnings
importlib.import_module(sys.argv[1])

def here(call):
    os.chdir(call["cwd"])
    for number, path in ((1, call["out"]), (2, call["err"])):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = call["argv"]
    assert importlib.util.find_spec("core") is None, "Winnow can be imported"
    runpy.run_path(sys.argv[0], run_name="__main__")

gc.collect()
gc.freeze()  # a fork that ends would look through all of it: half of its time
for line in sys.stdin:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        child = os.fork()
    if not child:
        here(json.loads(line))
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
_SERVERS: dict[Library, subprocess.Popen[str]] = {}
_SEEN: dict[tuple[Library, frozenset[str]], set[str]] = {}  # by what is imported: what was taken from it


def run(
    script: Path, *arguments: str | Path, cwd: Path, library: Library = PANDAS
) -> subprocess.CompletedProcess[str]:
    """The script alone, as ``python -I -W error script arguments`` with no environment; what is told about
    warnings is the library's.
    """
    argv = [str(script), *map(str, arguments)]
    imports, taken = needs(script.read_text(encoding="utf-8"))
    seen = _SEEN.get((library, imports))
    if seen is None or not taken <= seen:
        _SEEN.setdefault((library, imports), set()).update(taken)
        command = [*library.python, *argv]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env={})
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        server = _server(library)
        assert server.stdin is not None and server.stdout is not None
        call = {"argv": argv, "cwd": str(cwd), "out": str(out), "err": str(err)}
        server.stdin.write(json.dumps(call) + "\n")
        server.stdin.flush()
        status = int(server.stdout.readline())
        return subprocess.CompletedProcess(argv, status, out.read_text(), err.read_text())


def needs(code: str) -> tuple[frozenset[str], set[str]]:
    """What a script imports, and what it takes from which module.

    >>> imports, taken = needs("import pandas as pd\\nfrom re import match\\npd.io.common.x(1)")
    >>> sorted(imports), sorted(taken)
    (['import pandas as pd', 're.match'], ['pd', 'pd.io', 'pd.io.common', 'pd.io.common.x'])
    """
    imports, taken, roots = set(), set(), set()
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports |= {ast.unparse(ast.Import([name])) for name in node.names}
            roots |= {(name.asname or name.name).partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imports |= {f"{node.module}.{name.name}" for name in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node).partition(".")[0] in roots:
            text = ast.unparse(node)
            taken |= {text} if text.replace(".", "").isidentifier() else set()
    return frozenset(imports), taken


def _server(library: Library) -> subprocess.Popen[str]:
    known = _SERVERS.get(library)
    if known is None or known.poll() is not None:
        command = [*library.python, "-c", SERVER, library.name]
        pipe = subprocess.PIPE
        known = _SERVERS[library] = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env={})
        atexit.register(known.communicate)  # its input ends, and so does it
    return known
