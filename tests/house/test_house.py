"""The gates of the house: floors, no cycles, no screen in the core, no heavy import, no print, no swallowed
exception.
"""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.prepare.by_hand import REASONS
from tests import ahead
from tests.house.shape import own_files

ROOT = Path(__file__).parents[2]
FILES = own_files()
CORE = [path for path in FILES if path.is_relative_to(ROOT / "core")]


@functools.cache
def parsed(path: Path) -> list[ast.AST]:
    """Every node of a file, from the whole inwards."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def nodes(paths: Iterable[Path]) -> Iterator[tuple[Path, Any]]:
    return ((path, node) for path in paths for node in parsed(path))


@pytest.fixture(scope="module", autouse=True)
def _let_go() -> Iterator[None]:
    """A million nodes would slow the tests after these down: the garbage collector looks through them."""
    yield
    parsed.cache_clear()


def imported(path: Path) -> set[str]:
    """Top-level packages that a module imports, hidden imports included."""
    found = set()
    for node in parsed(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def tool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / arguments[0]), *arguments[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_run_only_downwards() -> None:
    done = tool("lint-imports", "--no-cache")
    assert done.returncode == 0, done.stdout


def test_core_is_strictly_typed() -> None:
    done = ahead.types()
    assert done.returncode == 0, done.stdout


def test_lint_is_clean() -> None:
    done = tool("ruff", "check", ".")
    assert done.returncode == 0, done.stdout


def test_no_import_cycle_by_any_count() -> None:
    """Hidden imports and those under TYPE_CHECKING count too."""
    names = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in CORE
    }
    edges = {name: _targets(path, name, set(names)) for name, path in names.items()}
    done: set[str] = set()
    for start in edges:
        _walk(start, edges, [], done)


def _targets(path: Path, name: str, names: set[str]) -> set[str]:
    found = set()
    for node in parsed(path):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {
                f"{node.module}.{a.name}" if f"{node.module}.{a.name}" in names else node.module
                for a in node.names
            }
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    # `core` itself re-exports names lazily for the user; it is a door, not a room that others build on.
    return {target for target in found if target in names and target != name and name != "core"}


def _walk(name: str, edges: dict[str, set[str]], path: list[str], done: set[str]) -> None:
    assert name not in path, "cycle: " + " -> ".join([*path[path.index(name) :], name])
    if name in done:
        return
    for target in sorted(edges.get(name, ())):
        _walk(target, edges, [*path, name], done)
    done.add(name)


def test_importing_core_loads_nothing_heavy() -> None:
    heavy = (
        "{'umap','sklearn','scipy','PIL','streamlit','plotly','pandas','pyarrow','duckdb','imgaug','numba'}"
    )
    code = (
        f"import core, core.run, core.cli, sys; print(sorted({heavy} & {{name.partition('.')[0] for name in "
        "sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_looking_up_one_analysis_imports_no_other() -> None:
    code = (
        "from core.catalog import find; import sys; find('duplicates'); "
        "print(sorted({name.split('.')[2] for name in sys.modules if name.startswith('core.analyses.')}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['duplicates']"


def test_importing_the_first_page_loads_no_heavy_maths() -> None:
    code = (
        "import components.views.home.page, sys; print(sorted({'umap','sklearn','numba'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_print_no_swallowed_exception_no_open_question() -> None:
    for path, node in nodes(FILES):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("print", "eval", "exec"), f"{path}:{node.lineno}"
        if isinstance(node, ast.ExceptHandler):
            assert not all(isinstance(line, ast.Pass) for line in node.body), (
                f"{path}:{node.lineno} swallows an exception"
            )
    for path in FILES:
        assert not re.search(r"\b(TODO|FIXME|XXX)\b", path.read_text(encoding="utf-8")), path


def test_core_errors_are_told_in_two_places_and_counted_in_one() -> None:
    """`guard.py` and `core.cli.main` tell them; `outcomes.attempt` turns one into the status of one detector
    among several.
    """
    found = set()
    for path, node in nodes(FILES):
        if isinstance(node, ast.ExceptHandler) and node.type and "CoreError" in ast.unparse(node.type):
            found.add(str(path.relative_to(ROOT)))
    assert found <= {
        "components/guard.py",
        "core/cli/__init__.py",
        "core/outcomes.py",
        "core/jobs.py",
        "core/loading/child.py",
    }


def test_only_state_touches_the_session() -> None:
    touching = [str(p.relative_to(ROOT)) for p in FILES if "session_state" in p.read_text(encoding="utf-8")]
    assert touching == ["components/state.py"]


def test_no_unsafe_html_anywhere() -> None:
    assert [p for p in FILES if "unsafe_allow_html" in p.read_text(encoding="utf-8")] == []


def test_colours_are_named_in_one_place() -> None:
    """The palette is in ``figures/theme.py`` (the page's own theme in ``.streamlit/config.toml``)."""
    coloured = re.compile(r"[\"']#[0-9a-fA-F]{6}\b|rgba?\(\d")
    drawn = [path for path in FILES if coloured.search(path.read_text(encoding="utf-8"))]
    assert [str(path.relative_to(ROOT)) for path in drawn] == ["components/figures/theme.py"]


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*.py")), ids=lambda path: path.stem)
def test_pages_are_thin_and_one_folder_down(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= 25
    assert path.parent.parent == ROOT / "pages", "Streamlit runs pages/*.py without app.py on a fresh process"


def test_app_is_thin() -> None:
    assert (ROOT / "app.py").read_text(encoding="utf-8").count("\n") <= 40


def test_nothing_that_runs_foreign_code_is_read() -> None:
    """Pickles and their kin run code when read. `core/process.py` reads what its own child wrote, from a
    pipe, never from data.
    """
    for path in set(FILES) - {ROOT / "core" / "process.py"}:
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"read_pickle|pickle\.load|joblib\.load|allow_pickle=True|read_hdf|\.eval\(|\.query\(", text
        ), path


def test_names_at_the_front_door_exist_and_are_sorted() -> None:
    import core

    assert sorted(core.__all__) == core.__all__ and set(core.__all__) == {*core._HOME, "run"}
    for name in core.__all__:
        assert getattr(core, name) is not None


def test_limits_are_documented_and_agree_with_the_server() -> None:
    from core.limits import ALL, UPLOAD_MB

    text = (ROOT / "docs" / "guide" / "deploy.md").read_text(encoding="utf-8")
    assert [limit.env for limit in ALL if limit.env not in text] == []
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["server"]["maxUploadSize"] == UPLOAD_MB.default
    assert config["server"]["address"] == "127.0.0.1" and config["server"]["enableXsrfProtection"] is True
    assert config["browser"]["gatherUsageStats"] is False and config["client"]["showErrorDetails"] == "none"


def test_every_direct_dependency_is_pinned_and_recorded() -> None:
    named = re.findall(r"^([a-z][\w.-]*)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.M)
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    records = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert [name for name in named if f"\n{name}==" not in "\n" + lock] == []
    assert [name for name in named if name not in records] == []


def test_the_environment_of_the_tests_holds_all_that_the_app_needs() -> None:
    """`make test` on a new machine installs the second file alone."""
    app, dev = (
        {line.split(";")[0].strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines()}
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert app - dev == set()


def test_contributing_is_short() -> None:
    assert (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").count("\n") <= 60


def _codes() -> list[tuple[str | None, str, bool]]:
    """The code of every finding that is raised (None: not a literal word), where, and whether each one of it
    proposes a click.
    """
    found = []
    for path in CORE:
        for node in parsed(path):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding":
                if any(k.arg is None for k in node.keywords) and not node.args and len(node.keywords) == 1:
                    continue  # read back from JSON
                given = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "code")]
                either = [given[0].body, given[0].orelse] if isinstance(given[0], ast.IfExp) else given[:1]
                [action] = [k.value for k in node.keywords if k.arg == "action"] or [ast.Constant("")]
                click = isinstance(action, ast.Constant) and action.value not in ("", "weight", "relabel")
                for one in either:
                    word = one.value if isinstance(one, ast.Constant) else None
                    found.append((word, f"{path.relative_to(ROOT)}:{node.lineno}", click))
    return found


def test_the_code_of_a_finding_is_a_literal_word_that_stands_in_one_place() -> None:
    codes = _codes()
    assert len(codes) > 40
    assert [place for code, place, _ in codes if code is None] == []
    words = [code for code, *_ in codes]
    assert [(code, place) for code, place, _ in codes if words.count(code) > 1] == []


def test_words_of_findings_are_of_findings_that_there_are() -> None:
    from core.finding_words import WORDS, in_words

    codes = {code for code, *_ in _codes()}
    assert sorted(WORDS.keys() - codes) == []
    said = {str(code): in_words(str(code)) for code in codes if str(code).startswith(("image_", "near_"))}
    assert [words for code, words in said.items() if words == code.replace("_", " ")] == []
    assert [words for words in map(in_words, map(str, codes)) if "_" in words] == []


def test_every_finding_proposes_a_click_or_says_why_there_is_none() -> None:
    """One that may lack an action has its reason in `core.prepare.by_hand`."""
    codes = _codes()
    silent = [(code, place) for code, place, click in codes if not click and code not in REASONS]
    assert silent == []
    assert sorted(REASONS.keys() - {code for code, *_ in codes}) == []
    assert sorted(REASONS.keys() & {code for code, _, click in codes if click}) == []


TRANSLATED = (
    r"alone tells|tells the target|says missing in other words|by chance alone|goes? home|take[ns]? home|"
    r"parts can be told|by heart|\bby lot\b|[Gg]oes together|\d %(?!\w)"
)


def test_sentences_use_the_fields_terms() -> None:
    """The table "Words" of the design; and percents stand without a blank."""
    for path, node in nodes(FILES):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            hit = re.search(TRANSLATED, node.value)
            assert not hit, f"{path}:{node.lineno}: {hit[0]!r} in {node.value[:80]!r}"


def test_a_class_has_a_name_of_its_own() -> None:
    """A reader who greps for a class finds one. Settings of a step are named for its word."""
    places: dict[str, list[str]] = {}
    for path, node in nodes(FILES):
        if isinstance(node, ast.ClassDef):
            places.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


def test_no_nested_conditional_and_no_long_list_of_positions() -> None:
    for path, node in nodes(FILES):
        if isinstance(node, ast.IfExp):
            inner = (node.test, node.body, node.orelse)
            assert not any(isinstance(one, ast.IfExp) for one in inner), f"{path}:{node.lineno}"
        if isinstance(node, ast.Call):
            assert len(node.args) < 8, f"{path}:{node.lineno}: name the arguments"


def test_functions_and_fields_are_named_by_a_noun_of_the_domain() -> None:
    """`Found`, the base of results that hold their findings, and its field are the one exception."""
    vague = {"made", "told", "found", "gone", "doors", "deals"}
    for path, node in nodes(path for path in CORE if path != ROOT / "core" / "analysis.py"):
        names = [node.name] if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
        if isinstance(node, ast.ClassDef):
            names += [
                b.target.id
                for b in node.body
                if isinstance(b, ast.AnnAssign) and isinstance(b.target, ast.Name)
            ]
        assert not {name.strip("_").lower() for name in names} & vague, f"{path}:{node.lineno}: {names}"


def test_the_table_of_the_first_requests_names_files_that_exist() -> None:
    """Each path of the table in CONTRIBUTING.md; a bare name stands beside the path before it."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ") and "you want" not in line]
    assert len(lines) >= 10
    for line in lines:
        folder = ROOT
        for name in re.findall(r"`([\w./*-]+(?:\.(?:py|css|toml|html|md|js)|/))`", line.split("|")[2]):
            near = (ROOT, folder, folder / "analyses")
            exists = [path for path in near if list(path.glob(name.rstrip("/")))]
            assert exists, f"{name} in: {line}"
            folder = (exists[0] / name).parent if not name.endswith("/") else exists[0] / name


def test_what_guides_and_docstrings_call_by_its_full_name_exists() -> None:
    """Each `core.module.name` between backticks. Decisions and the changelog keep the names of their time."""
    docs = [path for part in ("guide", "methods") for path in sorted((ROOT / "docs" / part).glob("*.md"))]
    cited = 0
    for path in (*FILES, *docs, ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        for name in re.findall(r"`((?:core|components)(?:\.\w+)+)`", path.read_text(encoding="utf-8")):
            cited += 1
            assert _exists(name), f"{name} in {path.relative_to(ROOT)}"
    assert cited > 100


@functools.cache
def _exists(name: str) -> bool:
    """Whether it is a module, or defined in one."""
    parts = name.split(".")
    for at in range(len(parts), 0, -1):
        place = ROOT.joinpath(*parts[:at])
        file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        if file.exists():
            return set(parts[at:]) <= _defined(file)
    return False


def _defined(file: Path) -> set[str]:
    """Names that a module defines, at its top and in its classes."""
    names = set()
    for node in parsed(file):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {alias.asname or alias.name for alias in node.names}
    return names
