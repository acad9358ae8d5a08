"""What one click on a finding does: the words, the decisions, and whether it is done already."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.cli import main
from core.decided import as_decided
from core.decision import Decision
from core.errors import ColumnError, SettingError
from core.filters import Filter
from core.finding import Act, Finding
from core.prepare import fixes as fixing
from core.recipe import Recipe
from core.review import Review
from core.rowset import RowSet
from core.run import run
from core.steps import settle
from tests.make import dataset

TOWNS = ["NYC", "nyc", "NYC", "Oslo", "oslo ", "Oslo", None, "NYC ", "Rome"]
DATA = dataset(pd.DataFrame({"town": TOWNS, "n": range(9), "y": list("abababaab")}), target="y")


def found(
    action: Act,
    *rows: int,
    columns: tuple[str, ...] = ("town",),
    to: str = "",
    value: float | None = None,
    settings: Mapping[str, Any] | None = None,
    becomes: str = "",
) -> Finding:
    given, held = dict(settings or {}), RowSet(rows)
    about = Finding("planted", "What was found", "info", 0.5, "", "", held, columns, value)
    return replace(about, action=action, to=to, settings=given, becomes=becomes)


CLICKS = [
    (found("omit"), "Leave out 'town'"),
    (found("omit", columns=("town", "n")), "Leave out 2 columns"),
    (found("blank", 1), "Make 1 cell missing"),
    (found("blank", 1, 4, columns=("town", "n")), "Make 4 cells missing"),
    (found("merge", 1, 4, 7, value=3.0), "Write 3 spellings like the most common one without stray blanks"),
    (found("merge", 1, 4, 7, value=1.0, becomes="Köln"), "Write 1 spelling as 'Köln'"),
    (
        found("merge", 1, 4, 7, value=1.0, becomes="x" * 31),
        "Write 1 spelling like the most common one without stray blanks",
    ),
    (found("map", 1, 2, settings={"pairs": {"nyc": None, "oslo ": None}}), "Make 2 cells missing"),
    (found("map", 1, 2, settings={"pairs": {"nyc": "x", "oslo ": "x"}}), "Write 2 values as 'x'"),
    (found("read_as", columns=("n",), settings={"kind": "category"}), "Read 'n' as categories"),
    (found("read_as", columns=("n", "y"), settings={"kind": "category"}), "Read 2 columns as categories"),
    (
        found("fill", 6, settings={"how": "most frequent", "indicator": True}),
        "Fill 1 missing cell with the most frequent value and mark it",
    ),
    (found("fill", 6, settings={"how": "constant", "value": "no"}), "Fill 1 missing cell with 'no'"),
    (
        found("clip", 0, 8, columns=("n",), settings={"low": "1", "high": "7.0"}),
        "Clip 2 values of 'n' to 1 to 7",
    ),
    (found("transform", columns=("n",), settings={"how": "log1p"}), "Take logarithms of 'n'"),
    (found("encode", settings={"how": "frequency"}), "Write the levels of 'town' as their frequency"),
    (
        found("drop_repeats", 1, columns=("n",), settings={"columns": ["y"]}),
        "Drop 1 row that repeats another",
    ),
    (found("drop", *range(9)), "Drop 9 rows"),
    (found("relabel", 2, columns=("y",), to="b"), "Relabel 1 row as 'b'"),
    (found("weight", 2, 3, to="0.5"), "Give 2 rows the weight 0.5"),
    (found("defer", 2), "Send 1 row to review"),
]


@pytest.mark.parametrize(("finding", "label"), CLICKS)
def test_a_click_does_what_its_words_say_and_is_then_done(finding: Finding, label: str) -> None:
    assert fixing.label(finding) == label
    said = fixing.decisions(DATA, finding)
    assert said and all(
        d.finding == "planted:" + ":".join(finding.columns) and d.why == "What was found" for d in said
    )
    review = Review().say(*said)
    assert not fixing.done(finding, settle(Review().decisions, DATA)) and fixing.done(
        finding, settle(review.decisions, DATA)
    )
    assert not fixing.done(finding, settle(review.undo().decisions, DATA))
    touched = {
        name: codes.nonzero()[0]
        for name, codes in settle(review.decisions, DATA).labels.items()
        for codes in [codes + 1]
    }
    assert all(set(ids) <= set(finding.rows) for ids in touched.values())


def test_a_rule_that_names_the_rows_is_what_is_decided_and_follows_other_values() -> None:
    finding = replace(found("blank", 7, 8, columns=("n",)), where="n >= 7")
    [said] = fixing.decisions(DATA, finding)
    assert said.rows == Filter.parse("n >= 7") and fixing.label(finding) == "Make 2 cells missing"
    assert fixing.done(finding, settle([said], DATA))
    other = dataset(pd.DataFrame({"n": [9, 1, 2]}))
    assert list(settle([said], other).changed("n")) == [0]


def test_an_action_can_be_about_some_of_the_columns() -> None:
    finding = replace(found("omit", columns=("town", "n")), on=("n",))
    assert fixing.label(finding) == "Leave out 'n'"
    said = fixing.decisions(DATA, finding)
    assert [one.column for one in said] == ["n"] and said[0].finding == "planted:town:n"
    assert fixing.done(finding, settle(said, DATA))


def test_dropping_repeats_in_one_column_does_not_pass_for_dropping_them_in_another() -> None:
    by_y, by_town = (found("drop_repeats", 1, settings={"columns": [one]}) for one in ("y", "town"))
    settled = settle(fixing.decisions(DATA, replace(by_y, columns=())), DATA)
    left = replace(by_town, rows=RowSet([0]))
    assert fixing.done(by_y, settled) and not fixing.done(left, settled)


def test_a_click_tells_before_that_little_will_be_left() -> None:
    most = found("map", 0, 1, 2, 7, settings={"pairs": {"NYC": None}})
    assert "missing in 55.6% of the rows" in fixing.outlook(DATA, most)
    assert fixing.outlook(DATA, found("map", 0, settings={"pairs": {"NYC": None}})) == ""
    assert fixing.outlook(DATA, replace(most, settings={"pairs": {"NYC": "x"}})) == ""


def test_no_good_word_is_written_with_stray_blanks_however_common_these_are() -> None:
    """90 cells "Köln" became "köln ", which 100 had; where all have stray blanks, these go."""
    towns = ["Köln"] * 90 + ["köln "] * 100 + ["Bonn"] * 60
    data = dataset(pd.DataFrame({"town": towns, "n": range(250)}))
    [one] = [f for f in run("profile", data).findings if f.code == "variants"]
    assert fixing.label(one) == "Write 1 spelling as 'Köln'" and len(one.rows) == 100
    now = as_decided(data, Review().say(*fixing.decisions(data, one)))
    assert now.frame()["town"].value_counts().to_dict() == {"Köln": 190, "Bonn": 60}
    stray = [" Köln"] * 90 + ["Köln "] * 100 + ["Bonn"] * 60
    data = dataset(pd.DataFrame({"town": stray, "n": range(250)}))
    [one] = [f for f in run("profile", data).findings if f.code == "variants"]
    assert fixing.label(one) == "Write 2 spellings as 'Köln'"
    now = as_decided(data, Review().say(*fixing.decisions(data, one)))
    assert now.frame()["town"].value_counts().to_dict() == {"Köln": 190, "Bonn": 60}
    frame: dict[str, Any] = {"data": data.frame()}
    exec(one.fix, frame | {"pd": pd})
    assert frame["data"]["town"].value_counts().to_dict() == {"Köln": 190, "Bonn": 60}


def test_words_are_written_like_the_commonest_of_their_spellings() -> None:
    said = fixing.decisions(DATA, found("merge", 1, 4, 7, settings={"method": "spelling"}))
    assert [(d.action, d.column, dict(d.settings)) for d in said] == [
        ("merge", "town", {"method": "spelling"}),
    ]
    settled = settle(said, DATA)
    assert settled.effects[0].learned["map"] == {"nyc": "NYC", "NYC ": "NYC", "oslo ": "Oslo"}
    assert list(settled.effects[0].rows) == [1, 4, 7]


def test_each_column_has_its_own_settings() -> None:
    each = {"town": {"pairs": {"nyc": None}}, "n": {"pairs": {"3": None}}}
    finding = replace(found("map", 1, 3, columns=("town", "n")), each=each)
    assert fixing.label(finding) == "Make the codes of 2 columns missing"
    said = fixing.decisions(DATA, finding)
    assert [(d.column, d.settings) for d in said] == [*each.items()]
    assert fixing.done(finding, settle(said, DATA)) and not fixing.done(finding, settle(said[:1], DATA))


@pytest.mark.parametrize(
    "finding",
    [
        found(""),
        found("drop"),
        found("blank"),
        found("relabel", 1),
        found("weight", 1),
        found("omit", columns=()),
    ],
)
def test_without_rows_columns_or_a_value_there_is_nothing_to_click(finding: Finding) -> None:
    assert fixing.label(finding) == "" and fixing.decisions(DATA, finding) == ()
    assert not fixing.done(finding, settle(Review().decisions, DATA))


def test_what_does_not_read_is_told_on_the_button() -> None:
    finding = found("read_as", 1, 4, settings={"kind": "numeric"})
    assert fixing.label(finding) == "Read 'town' as numbers and make 2 cells missing"
    as_category = settle([Decision("read_as", RowSet(), column="town", settings={"kind": "category"})], DATA)
    assert not fixing.done(finding, as_category), "it was read as something else"


def test_a_rule_is_done_where_its_rows_were_mended_by_hand() -> None:
    by_hand = settle([Decision("relabel", RowSet([1, 4, 7]), "x", column="town")], DATA)
    assert fixing.done(found("merge", 1, 4), by_hand) and not fixing.done(found("merge", 1, 2), by_hand)
    dropped = settle([Decision("drop", RowSet([1, 2]))], DATA)
    assert fixing.done(found("drop_repeats", 1), dropped) and fixing.done(found("merge", 1), dropped)
    assert not fixing.done(found("drop_repeats", 1, 3), dropped)
    assert fixing.asks_for_rows(found("drop_repeats", 1)) and not fixing.asks_for_rows(found("merge", 1))


def test_flagged_are_the_rows_to_drop_weight_relabel_or_look_at() -> None:
    """As the glossary says; a button that sends the rows of a finding about cells to review flags none."""
    counted = [
        found("drop", 1),
        found("drop_repeats", 2),
        found("weight", 3, to="0.5"),
        found("relabel", 4, columns=("y",), to="b"),
        found("defer", 5),
    ]
    odd = replace(found("blank", 6, columns=("n",)), code="isolated_values")
    others = [odd, found("blank", 7), found("merge", 8), found("fill", 0), found("omit", 0), found("", 0)]
    assert fixing.label(fixing.looked_at_first(odd) or odd) == "Send 1 row to review"
    assert fixing.flagged([*counted, *others], ()).ids.tolist() == [1, 2, 3, 4, 5]


def test_what_cannot_be_done_is_told() -> None:
    with pytest.raises(ColumnError, match="'town'"):
        fixing.decisions(DATA, found("omit", columns=("twon",)))
    with pytest.raises(SettingError, match="no number"):
        fixing.decisions(DATA, found("weight", 1, to="heavy"))


def test_a_part_of_the_rows_is_not_all_of_them() -> None:
    settled = settle(Review().say(Decision("drop", RowSet([1]))).decisions, DATA)
    assert not fixing.done(found("drop", 1, 2), settled) and fixing.done(found("drop", 1), settled)


def call(*arguments: object) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main([str(argument) for argument in arguments])
    return status, out.getvalue(), err.getvalue()


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    frame = pd.DataFrame({"x": [None] * 180 + [1.5] * 20, "n": [i * 37 % 101 + 0.5 for i in range(200)]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    return tmp_path / "t.csv"


def test_accepted_findings_stay_listed_and_set_off_no_alarm(table: Path, tmp_path: Path) -> None:
    status, out, _ = call("profile", table, "--json", "--fail-on", "warning")
    told = json.loads(out)["findings"]
    graver = [f["key"] for f in told if f["severity"] != "info"]
    assert status == 1 and "missing:x" in graver and not any(f["accepted"] for f in told)
    said = [word for key in graver for word in ("--accept", key)]
    status, out, _ = call("profile", table, "--json", "--fail-on", "warning", *said)
    again = json.loads(out)["findings"]
    assert status == 0 and sorted(f["key"] for f in again) == sorted(f["key"] for f in told)
    assert [f["key"] for f in again if f["accepted"]] == [f["key"] for f in again[-len(graver) :]]
    review = Review().say(*(Decision("accept", RowSet(), finding=key) for key in [*graver, "gone:y"]))
    recipe = tmp_path / "recipe.json"
    recipe.write_text(Recipe.of(DATA, review).to_json())
    status, out, _ = call("audit", table, "--json", "--fail-on", "critical", "--recipe", recipe)
    summary = json.loads(out)["summary"]
    assert summary["accepted"] == len(graver) and summary["findings"] == sum(
        summary[level] for level in ("critical", "warning", "info")
    )
    assert status == int(summary["critical"] > 0)
    assert "[accepted]" in call("profile", table, "--recipe", recipe)[1]


def test_a_key_that_names_no_finding_is_told_with_the_nearest(table: Path, tmp_path: Path) -> None:
    status, _, err = call("profile", table, "--accept", "mising:x")
    assert status == 2 and "'mising:x'" in err and "Did you mean 'missing:x'?" in err
    status, _, err = call("audit", table, "--recipe", tmp_path / "nowhere.json")
    assert status == 2 and "no recipe" in err


def test_reopening_ends_the_acceptance() -> None:
    accept, reopen = (
        Decision(act, RowSet(), finding="missing:x", who="ada", why="known") for act in ("accept", "reopen")
    )
    assert (
        Review().say(accept).accepted == {"missing:x": accept}
        and Review().say(accept).say(reopen).accepted == {}
    )
    late = replace(accept, why="still known")
    assert Review().say(accept).say(reopen).say(late).accepted == {"missing:x": late}
