"""Scripts run as by a fresh interpreter, without the second that the import of pandas takes each time.

One clean interpreter per test process (isolated, warnings are errors, no environment, Winnow nowhere on its
path) imports pandas and forks for each script. The first script of each kind (what it takes from which
module) runs in an interpreter started for it alone: there an import that is missing shows.
"""

from __future__ import annotations

import ast
import atexit
import json
import subprocess
import sys
import tempfile
from pathlib import Path

FLAGS = [sys.executable, "-I", "-W", "error"]
# Runs in the clean interpreter. A fork leaves the loop and goes on to the end of the program, so that how it
# ends (a status, a sentence, a traceback) is the interpreter's own doing.
SERVER = """
import gc, importlib.util, json, os, runpy, sys, warnings
import pandas

def here(call):
    os.chdir(call["cwd"])
    for number, path in ((1, call["out"]), (2, call["err"])):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = call["argv"]
    assert importlib.util.find_spec("core") is None, "Winnow can be imported"
    runpy.run_path(sys.argv[0], run_name="__main__")

gc.collect()
gc.freeze()  # a fork that ends would look through all of pandas: half of its time
for line in sys.stdin:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        child = os.fork()
    if not child:
        here(json.loads(line))
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
_SERVER: list[subprocess.Popen[str]] = []
_SEEN: set[frozenset[str]] = set()


def run(script: Path, *arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The script alone, as ``python -I -W error script arguments`` with no environment."""
    argv = [str(script), *map(str, arguments)]
    kind = needs(script.read_text(encoding="utf-8"))
    if kind not in _SEEN:
        _SEEN.add(kind)
        return subprocess.run([*FLAGS, *argv], capture_output=True, text=True, check=False, cwd=cwd, env={})
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        server = _server()
        assert server.stdin is not None and server.stdout is not None
        call = {"argv": argv, "cwd": str(cwd), "out": str(out), "err": str(err)}
        server.stdin.write(json.dumps(call) + "\n")
        server.stdin.flush()
        status = int(server.stdout.readline())
        return subprocess.CompletedProcess(argv, status, out.read_text(), err.read_text())


def needs(code: str) -> frozenset[str]:
    """What a script takes from which module.

    >>> sorted(needs("import pandas as pd\\nfrom re import match\\npd.io.common.x(1)"))
    ['import pandas as pd', 'pd', 'pd.io', 'pd.io.common', 'pd.io.common.x', 're.match']
    """
    found, roots = set(), set()
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {ast.unparse(ast.Import([name])) for name in node.names}
            roots |= {(name.asname or name.name).partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{name.name}" for name in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node).partition(".")[0] in roots:
            text = ast.unparse(node)
            found |= {text} if text.replace(".", "").isidentifier() else set()
    return frozenset(found)


def _server() -> subprocess.Popen[str]:
    if not _SERVER or _SERVER[0].poll() is not None:
        _SERVER[:] = [
            subprocess.Popen(
                [*FLAGS, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={}
            )
        ]
        atexit.register(_SERVER[0].communicate)  # its input ends, and so does it
    return _SERVER[0]
