"""Every number with a technical name has the glossary's word on it, and each such word is in the glossary."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from components import glossary
from components.views.guide.page import DOCS
from core.dataset import Dataset
from core.workspace import load
from tests.components.conftest import PAGES, ROOT, Open, planted, ready, sound

TECHNICAL = re.compile(
    r"\b(AUC|VIF|PSI|Eta|Xi|Phi|Pearson|Theil's U|R²|[pq]-value|[Ss]kill|[Ee]ffect|[Ss]trength|"
    r"[Nn]oise floor|[Cc]overed|[Uu]nsupported|[Ee]ffective sample size|[Mm]utual information|kurtosis|"
    r"[Ss]kewness|[Ww]asserstein|95% interval|[Ee]xpected by chance|[Ll]imit|[Ss]ample size|[Ff]lagged|"
    r"[Dd]ecided|[Cc]hanged or kept)\b"
)
PLAIN = {"projection": {"method": "pca"}}


def drifted() -> Dataset:
    """Train and serve of which one column moved."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(size=(600, 3)), columns=["a", "b", "c"])
    frame.loc[300:, "a"] += 2
    frame["part"] = np.where(np.arange(600) < 300, "learn", "meet")
    frame["y"] = np.where(frame["b"] + rng.normal(size=600) > 0, "yes", "no")
    from core.dataset.split import PartSplit

    return load(frame, name="drift.csv", target="y", split=PartSplit("value", column="part", value="meet"))


def unexplained(app: AppTest) -> list[str]:
    """Headings of metrics with a technical name whose "?" does not lead to the glossary."""
    return [
        metric.label
        for metric in app.metric
        if TECHNICAL.search(metric.label) and glossary.CHAPTER not in metric.proto.help
    ]


@pytest.mark.parametrize("page", [page for page in PAGES if page not in ("load", "guide")])
def test_every_number_with_a_technical_name_leads_to_the_glossary(page: str, open_page: Open) -> None:
    app = open_page(page, drifted() if page == "overlap" else planted(), PLAIN)
    sound(app)
    named = [metric.label for metric in app.metric if TECHNICAL.search(metric.label)]
    assert len(named) >= {"overlap": 6, "issues": 2, "profile": 2}.get(page, 0), named
    assert unexplained(app) == []


@pytest.mark.parametrize("tab", ["Relations", "Target", "Missing", "Leakage"])
def test_so_does_every_number_of_the_tabs(tab: str, open_page: Open) -> None:
    app = open_page("profile", planted())
    app.session_state["profile-tab"] = tab
    ready(app)
    sound(app)
    assert unexplained(app) == []
    if tab == "Relations":
        assert len([metric for metric in app.metric if glossary.CHAPTER in metric.proto.help]) >= 4


def test_every_hint_in_the_code_names_a_term() -> None:
    named = []
    for path in (ROOT / "components").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", getattr(node.func, "attr", "")) == "hint"
            ):
                named += [arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)]
    assert len(named) > 15
    assert [name for name in named if name.lower() not in glossary.terms()] == []


def test_every_term_has_a_meaning_and_a_place_in_the_guide(open_page: Open) -> None:
    """The chapter is in the guide, and each heading that a term links to stands in it."""
    app = open_page("guide")
    assert "Glossary" in app.radio[0].options
    app.radio[0].set_value("Glossary").run()
    text = next(m.value for m in app.markdown if "Noise floor" in m.value)
    anchors = {re.sub(r"\W+", "-", title.lower()) for title in re.findall(r"^## (.+)$", text, re.MULTILINE)}
    places = {term.anchor for term in glossary.terms().values()}
    assert places <= anchors and len(places) == 10
    for term in glossary.terms().values():
        assert len(term.meaning) > 15 and term.name in text, term
    assert (DOCS / "guide" / "glossary.md").samefile(Path(glossary.PAGE))


def test_a_heading_leads_to_the_longest_term_in_it() -> None:
    assert glossary.known("Single-feature AUC of one class") == glossary.hint("Single-feature AUC")
    assert glossary.known("Skill of the quick model") == glossary.hint("Skill")
    assert glossary.known("Population stability index") == glossary.hint("PSI")
    assert glossary.known("Columns with the same values") is None
