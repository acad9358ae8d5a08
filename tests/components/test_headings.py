"""What stands over the columns of tables. That no page has a name of a program there is looked at on every
page that any test draws (`tests.components.conftest.waited`).
"""

from __future__ import annotations

import json

import pandas as pd
import pytest

from components.glossary import terms
from components.views.issues import page
from components.widgets import headings
from components.widgets.headings import Heading
from core.analysis import Result
from core.catalog import analyses
from core.finding import Finding
from core.run import run
from core.workspace import load
from tests.components.conftest import Open, code_names, headings_of, planted
from tests.contract.test_contract import frame


def test_the_tables_of_the_coreset_have_plain_words_with_their_meaning(open_page: Open) -> None:
    app = open_page("coreset", load(frame(), target="label"))
    [table] = [one for one in app.dataframe if "stratum" in one.value]
    assert headings_of(table) == [
        "Class",
        "Rows",
        "Share",
        "Rows drawn",
        "Share of rows drawn",
        "Share of importance",
        "Largest weight",
    ]
    looks = json.loads(table.proto.columns)
    assert looks["drawn_share"]["help"] == "Of all rows of the coreset."
    body = headings.written(frame().assign(drawn_share=0.0025)).to_html()
    assert "0.3%" in body and not looks["drawn_share"].get("type_config", {}).get("format")


def test_a_name_of_a_program_over_a_column_is_seen(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look at every page: with no words of their own the columns of the coreset's table fail."""
    app = open_page("coreset", planted())
    assert code_names(app) == []
    monkeypatch.setattr(headings, "config", lambda table, own=None: {})
    app.run()
    assert code_names(app) == ["stratum", "rows", "share", "drawn", "drawn_share", "importance_share"] + [
        "largest_weight"
    ]


@pytest.mark.parametrize("name", sorted(analyses()))
def test_every_column_of_a_result_has_words(name: str) -> None:
    data = load(frame().iloc[:200], serve=frame().iloc[200:].reset_index(drop=True), target="label")
    result: Result = run(name, data)
    table = result.frame()
    looks = headings.config(table)
    assert list(looks) == [str(column) for column in table.columns]
    for look in looks.values():
        assert (
            "_" not in look["label"] and look["label"][0] == look["label"][0].upper() or "-v" in look["label"]
        )


def test_a_term_of_the_glossary_over_a_column_has_its_meaning() -> None:
    table = pd.DataFrame({"q": [1e-300], "low": [0.2]})
    look = headings.config(table, {"low": Heading("Ratio from", "It.")})
    assert "1e-300" in headings.written(table).to_html(), "it stood there as 300 digits"
    assert look["q"]["label"] == "q-value" and terms()["q-value"].meaning in look["q"]["help"]
    assert (look["low"]["label"], look["low"]["help"]) == ("Ratio from", "It.")


def test_a_list_of_findings_is_called_as_what_it_holds() -> None:
    def found(*columns: str) -> Finding:
        return Finding("a", "A title.", "info", 0.1, "", "", columns=columns)

    assert page._called([found("a"), found("b")]) == "Column"
    assert page._called([found("a", "b"), found("b")]) == "Columns"
    assert page._called([found("a"), found()]) == "Finding"
