"""The documents tell the truth: links lead somewhere, options exist, examples run."""

import argparse
import re
from pathlib import Path

import pytest

from core.cli.parser import parser
from core.loading import Options
from core.reporting.whole import SCHEMA
from core.settings import Settings
from core.steps import kinds

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guide"
STEPS = ROOT / "docs" / "methods" / "steps.md"
TEXTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "sample_data").rglob("*.md")])


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (path.parent / link).exists()] == []


def test_the_guide_names_all_its_pages():
    index = (GUIDE / "index.md").read_text(encoding="utf-8")
    assert [
        path.name for path in GUIDE.glob("*.md") if path.name != "index.md" and f"({path.name})" not in index
    ] == []


def test_every_option_and_command_is_documented_and_none_besides():
    (commands,) = (
        action.choices for action in parser()._actions if isinstance(action, argparse._SubParsersAction)
    )
    known = {flag for sub in commands.values() for action in sub._actions for flag in action.option_strings}
    text = (GUIDE / "command-line.md").read_text(encoding="utf-8")
    told = set(re.findall(r"--[a-z][a-z-]*", text))
    assert told == {flag for flag in known if flag.startswith("--")}
    assert f"of this object, now {SCHEMA};" in text
    others = {"audit", "preview", "list", "apply", "export"}
    assert others <= set(commands) and [name for name in others if f"python -m core {name}" not in text] == []


def test_every_reading_option_is_documented():
    text = (GUIDE / "load.md").read_text(encoding="utf-8")
    assert [name for name in Options.__dataclass_fields__ if f"`{name}`" not in text] == []


def test_every_kind_of_step_has_its_section_and_none_besides():
    told = re.findall(r"^## (.+)$", STEPS.read_text(encoding="utf-8"), re.M)
    assert sorted(told) == sorted(kinds())


@pytest.mark.parametrize("word", kinds())
def test_every_setting_of_a_step_is_documented_with_its_default_and_its_choices(word):
    _, _, rest = STEPS.read_text(encoding="utf-8").partition(f"\n## {word}\n")
    section = rest.partition("\n## ")[0]
    settings = kinds()[word].settings
    for name, knob in settings.knobs().items():
        default = _default(settings, name)
        assert re.search(rf"`{name}` \({re.escape(default)}[;)]", section), f"{word}: `{name}` ({default})"
        assert [choice for choice in knob.choices if f"*{choice}*" not in section] == []


def _default(settings: type[Settings], name: str) -> str:
    """A default as the page writes it: on or off, a number, a word in italics."""
    default = getattr(settings(), name)
    if isinstance(default, bool):
        return "on" if default else "off"
    return str(default) if isinstance(default, int | float) else f"*{default or 'none'}*"


@pytest.mark.parametrize("name", ["README.md", "docs/guide/recipes.md", "docs/guide/python.md"])
def test_python_examples_run(name, tmp_path, monkeypatch):
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    (tmp_path / "flights.csv").symlink_to(ROOT / "sample_data" / "flights" / "train.csv")
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.S)
    assert blocks
    names = {}
    for block in blocks:
        exec(compile(block, name, "exec"), names)
