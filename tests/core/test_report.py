"""The report: one page that nothing can break out of, small per column, the same object as JSON, and in short
as Markdown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.cli import main
from core.cli.terminal import to_text
from core.dataset import Dataset
from core.outcomes import attempt
from core.report import audit_json, result_json
from core.reporting.markdown import markdown
from core.reporting.page import page
from core.reporting.texts import shorter, tidy
from core.reporting.whole import whole
from tests.make import dataset

FEW = ("profile", "association", "missingness")
ENDING = "</script><img src=x onerror=alert(1)>"
MARKED = "**bold** | `code` <b> [x](http://evil.example) @all #1"
TURNED = "\u202egnp.exe\u2066"
LONG = "<" * 10_000


class Page(HTMLParser):
    """Elements, the addresses in their attributes, and the text of each script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.scripts: list[str] = []
        self.policy = ""
        self.addresses: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        self.addresses += [given[key] for key in ("src", "href", "action", "data") if key in given]
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.scripts and self.lasttag == "script":
            self.scripts[-1] += data

    @property
    def data(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.scripts[0])
        return told


def report(data: Dataset, names: Sequence[str] = FEW, private: bool = False) -> dict[str, Any]:
    outcomes = [attempt(name, data) for name in names]
    return whole(audit_json(data, outcomes, 1.0), data, outcomes, private)


def drawn(data: Dataset, **how: Any) -> str:
    return page(report(data, **how), data.names, f"Audit: {data.name}", "2024-01-01 00:00")


def table(columns: int) -> Dataset:
    """Numbers with a long tail, numbers with gaps, times, words and counts in turn."""
    rng = np.random.default_rng(4)
    makers = (
        lambda: rng.lognormal(0, 1, 300),
        lambda: np.where(rng.random(300) < 0.2, np.nan, rng.normal(1e6, 1e3, 300)),
        lambda: pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 10**7, 300), unit="s"),
        lambda: rng.choice(["a long name of a town", "another name", "Ghent", "Lyon"], 300),
        lambda: rng.poisson(4, 300),
    )
    return dataset(pd.DataFrame({f"measurement {i:04d}": makers[i % 5]() for i in range(columns)}))


@cache
def hostile() -> Dataset:
    rng = np.random.default_rng(5)
    names = [ENDING, MARKED, TURNED, LONG, "line\nbreak", "\ud7ff\x00<!--<script>"]
    frame = pd.DataFrame(
        {name: rng.choice([f"{value}{i}" for i, value in enumerate(names)], 200) for name in names}
    )
    frame.iloc[:60, 0] = None
    frame.iloc[:, 3] = [f"{LONG}{i}" for i in range(200)]
    return dataset(frame, name=ENDING)


def test_nothing_in_hostile_data_leaves_its_place() -> None:
    text = drawn(hostile())
    seen = Page(text)
    assert seen.tags.count("script") == 2 and "img" not in seen.tags and "b" not in seen.tags
    assert text.lower().count("</script") == 2 and "<!--" not in seen.scripts[0]
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)
    assert seen.data["names"][0] == ENDING and len(seen.data["names"][3]) < 200
    assert len(seen.data["columns"]) == 6 and seen.data["columns"][0]["missing"] == 60


def test_the_page_asks_for_nothing_from_the_network() -> None:
    seen = Page(drawn(table(5)))
    assert seen.addresses == []
    assert (
        seen.policy.startswith("default-src 'none'; style-src 'sha256-")
        and "http" not in seen.policy
        and "unsafe" not in seen.policy
    )
    # a name, not an address
    assert set(re.findall(r"https?://[^\"'\s]*", seen.scripts[1])) == {"http://www.w3.org/2000/svg"}
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|fetch\(|XMLHttp|import\(",
        seen.scripts[1],
    )


def test_a_column_costs_less_than_three_kilobytes() -> None:
    small, large = (len(drawn(table(n)).encode()) for n in (10, 50))
    assert (large - small) / 40 < 1_500
    assert large < 60_000 + 50 * 1_500  # style and script stand once


def test_a_hostile_column_costs_no_more() -> None:
    seen = Page(drawn(hostile()))
    assert max(len(json.dumps(one, ensure_ascii=False).encode()) for one in seen.data["columns"]) < 3_000


@pytest.mark.parametrize("private", [False, True])
def test_a_private_report_quotes_no_cell(private: bool) -> None:
    rng = np.random.default_rng(6)
    secret = [f"secret{i}" for i in range(6)]
    frame = pd.DataFrame(
        {
            "town": rng.choice(secret, 300),
            "size": rng.normal(0, 1, 300).round(3),
            "note": [f"secretnote {i}" for i in range(300)],
        }
    )
    frame["sold"] = np.where(frame["town"] < "secret3", "secretyes", "secretno")
    frame.loc[:4, "size"] = 98765.4321
    frame.loc[5:8, "town"] = "Secret1 "
    data = dataset(frame, target="sold")
    told = report(data, (*FEW, "target", "leakage", "duplicates"), private)
    texts = (json.dumps(told), page(told, data.names, "made"), markdown(told, "made"))
    found = [bool(re.search(r"secret|98765\.4", text, re.IGNORECASE)) for text in texts]
    assert not any(found) if private else all(found[:2])
    assert told["private"] is private and len(told["findings"]) > 0


def test_a_table_without_gaps_has_a_report() -> None:
    data = dataset(pd.DataFrame({"a": np.arange(50.0), "b": np.arange(50) % 3}))
    assert report(data)["sections"]["missingness"]["gaps"] == []


PAIR = ("overlap", "shift", "segments", "projection")


@cache
def pair() -> Dataset:
    """Serve has a column moved by two deviations, and a town of its own."""
    rng = np.random.default_rng(11)
    frame = pd.DataFrame(rng.normal(size=(800, 4)), columns=list("abcd"))
    frame["town"] = rng.choice(["secretGhent", "secretLyon"], 800)
    frame.loc[400:, "a"] += 2.0
    frame.loc[400:439, "town"] = "secretOslo"
    return dataset(frame[:400], serve=frame[400:].reset_index(drop=True))


@pytest.mark.parametrize("private", [False, True])
def test_two_parts_have_a_section_with_verdict_columns_and_regions(private: bool) -> None:
    data = pair()
    outcomes = [attempt(name, data, {"method": "pca"} if name == "projection" else None) for name in PAIR]
    told = whole(audit_json(data, outcomes, 1.0), data, outcomes, private)
    parts = told["sections"]
    made = parts["overlap"] | parts["shift"] | parts["segments"]
    assert (
        made["verdict"]
        and made["word"] == "severe"
        and made["measures"][0]["measure"] == "auc"
        and parts["projection"]["summary"]["method"] == "pca"
    )
    assert made["moved"][0]["column"] == "a" and made["moved"][0]["value"] > made["moved"][0]["noise"]
    assert made["regions"] and all(
        one["columns"] and bool(one["rule"]) is not private for one in made["regions"]
    )
    text = page(told, data.names, "made")
    shown = Page(text).data["sections"]
    drawn_from = shown["overlap"] | shown["shift"] | shown["segments"]
    assert drawn_from["verdict"] == made["verdict"] and drawn_from["moved"][0]["column"] == list(
        data.names
    ).index("a")
    assert bool(re.search("secret", text + json.dumps(told))) is not private
    assert len(json.dumps(drawn_from)) < 12_000


def test_one_part_has_no_such_section() -> None:
    assert not {"overlap", "shift", "segments"} & set(report(table(5), PAIR[:3])["sections"])


@pytest.mark.parametrize("private", [False, True])
def test_class_balance_has_a_section_that_names_classes_only_where_it_may(private: bool) -> None:
    y = np.repeat([f"secret{place:02d}" for place in range(40)], np.arange(45, 5, -1))
    data = dataset(pd.DataFrame({"x": np.arange(float(y.size)), "y": y}), target="y")
    outcomes = [attempt("imbalance", data)]
    told = whole(audit_json(data, outcomes, 1.0), data, outcomes, private)
    made = Page(page(told, data.names, "made")).data["sections"]["imbalance"]
    assert made["column"] == 1 and made["summary"]["classes"] == 40 and made["more"] == 10
    assert made["classes"][0]["train"] == 45 and made["classes"][-1]["train"] == 6
    assert ("secret" in json.dumps(told)) is not private
    numbers = [attempt("imbalance", data, {"target": "x"})]
    part = whole(audit_json(data, numbers, 1.0), data, numbers, private)["sections"]["imbalance"]
    assert len(part["bins"]) == 10 and (part["bins"][0]["low"] is None) is private


@pytest.mark.parametrize("private", [False, True])
def test_the_mixes_of_classes_are_in_the_report_without_names_where_it_is_private(private: bool) -> None:
    frame = pd.DataFrame({"x": np.arange(90.0), "g": ["secret a", "secret b", "secret b"] * 30})
    frame["y"] = np.where(np.arange(90) % 9 == 0, "yes", "no")
    data = dataset(frame, serve=frame.head(9), target="y", group="g")
    outcomes = [attempt("imbalance", data)]
    told = whole(audit_json(data, outcomes, 1.0), data, outcomes, private)
    part, group = told["sections"]["imbalance"]["mixes"]
    assert "column" not in part and part["levels"] == ["train", "serve"] and part["rows"] == [90, 9]
    assert part["counts"] == [[80, 10], [8, 1]]
    assert group["column"] == "g" and dict(zip(map(tuple, group["counts"]), group["rows"], strict=True)) == {
        (66, 0): 66,
        (22, 11): 33,
    }
    drawn = Page(page(told, data.names, "made")).data["sections"]["imbalance"]["mixes"][1]
    assert drawn["column"] == 1 and drawn["levels"] == group["levels"]
    short = markdown(told, "made")
    assert ("secret" in json.dumps(told)) is ("secret" in short) is not private
    no, yes = ("class 1", "class 2") if private else ("no", "yes")
    assert f"Classes by part</summary>\n\n| | rows | {no} | {yes} |" in short
    assert "| train | 90 | 88.9% | 11.1% |\n| serve | 9 | 88.9% | 11.1% |" in short
    assert "Classes by 'g'" in short and "| 66 | 100% | 0% |" in short


def test_further_tables_of_a_result_are_in_json_text_and_page() -> None:
    frame = pd.DataFrame({"x": np.arange(90.0), "y": np.where(np.arange(90) % 9 == 0, "yes", "no")})
    data = dataset(frame, serve=frame.head(9), target="y")
    made = attempt("imbalance", data)
    assert made.result is not None
    told = result_json(made.analysis, data, made.result, 1.0)
    mixes = told["tables"]["class_mixes"]
    assert mixes["columns"] == ["by", "level", "class", "rows", "share"]
    assert ["part", "serve", "yes", 1, 1 / 9] in mixes["rows"]
    assert "\nClass mixes\n" in to_text(told)
    shown = Page(page(whole(told, data, [made]), data.names, "made")).data["tables"]
    assert len(shown["class_mixes"]["rows"]) == 4


def test_markdown_escapes_what_the_data_say() -> None:
    text = markdown(report(hostile()), ENDING)
    assert (
        "**bold**" not in text
        and "<b>" not in text
        and "<img" not in text
        and not re.search(r"(?<!\\)\]\(", text)
    )
    assert not re.search(r"(?<!\\)@|http://|[\u202a-\u202e]", text)
    lines = [line for line in text.splitlines() if line.startswith("|")]
    # seven cells a row, whatever stands in them
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {8}
    assert max(map(len, lines)) < 1_000


def test_a_skipped_check_never_reads_as_a_pass() -> None:
    data = dataset(pd.DataFrame({"a": np.arange(50.0), "b": np.arange(50) % 3}))
    clean, without_target = (
        markdown(report(data, names), ENDING) for names in (("duplicates",), ("target",))
    )
    assert "**Nothing needs attention.**" in clean
    assert "**Not checked.**" in without_target
    both = markdown(report(data, ("duplicates", "target")), ENDING)
    assert "**Nothing needs attention in what was checked.**" in both
    assert "Target: skipped: " in without_target
    texts = [
        to_text(audit_json(data, [attempt(name, data) for name in names], 1.0))
        for names in (("duplicates",), ("target", "duplicates"))
    ]
    assert "Nothing found.\n" in texts[0] and "Nothing found in what was checked.\n" in texts[1]
    table = audit_json(data, [attempt("target", data)], 1.0)["table"]["rows"]
    assert table[0][0] == "target" and table[0][2] is None


def test_what_the_data_have_not_got_has_no_part() -> None:
    """A part of zeros, for images of a table or numbers of classes, reads as a check that was passed."""
    names = ("imagequality", "residuals", "duplicates", "shift", "coreset")
    told = report(table(4).with_roles(target="measurement 0003"), names)
    assert {*names} & {*told["sections"]} == {"duplicates", "coreset"}
    assert {one["analysis"] for one in told["sections"]["checks"]} == {*names}


def test_the_object_is_versioned_and_the_same_each_time() -> None:
    once, again = report(table(10)), report(table(10))
    assert (
        once["schema"] == 3
        and once["private"] is False
        and json.dumps(once, allow_nan=False) == json.dumps(again)
    )
    assert list(once["sections"]) == ["data", "checks", *FEW]
    first = once["sections"]["profile"]["columns"][0]
    assert (
        first["name"] == "measurement 0000"
        and sum(first["histogram"]["counts"]) + first["histogram"].get("above", 0) == 300
    )


def test_every_field_is_documented() -> None:
    told = report(table(10), (*FEW, "duplicates"))
    guide = (Path(__file__).parents[2] / "docs" / "guide" / "report.md").read_text(encoding="utf-8")
    columns = {key for one in told["sections"]["profile"]["columns"] for key in one}
    named = {
        *told,
        *told["sections"],
        *columns,
        *told["sections"]["checks"][0],
        *told["sections"]["association"]["pairs"][0],
    }
    assert sorted(name for name in named if f"`{name}`" not in guide) == []


def test_what_needs_attention_stands_first_and_accepted_is_left_out() -> None:
    data = table(10)
    outcomes = [attempt("profile", data)]
    key = next(f.key for f in outcomes[0].findings if f.code == "missing" and "measurement 0001" in f.columns)
    before, after = (
        whole(audit_json(data, outcomes, 1.0, accepted), data, outcomes) for accepted in ((), (key,))
    )
    strange = [
        {c["name"]: c["strangeness"] for c in told["sections"]["profile"]["columns"]}
        for told in (before, after)
    ]
    assert max(strange[0], key=lambda name: strange[0][name]) in ("measurement 0001", "measurement 0006")
    assert strange[0]["measurement 0001"] > strange[1]["measurement 0001"]


def test_an_infinite_measure_is_said_in_words() -> None:
    x = np.random.default_rng(3).normal(size=(2, 300))
    told = report(dataset(pd.DataFrame({"a": x[0], "b": x[1], "sum": x[0] + x[1]})))
    assert [f["value"] for f in told["findings"] if f["code"] == "collinear"] == [None]
    assert "| infinite |" in markdown(told, "made")


def test_numbers_are_short_and_moments_exact() -> None:
    assert [shorter(x) for x in (1.7e9 + 0.25, 123456.7, 12345.67, -0.000123456789, 2e300)] == [
        1_700_000_000,
        123457,
        12345.7,
        -0.000123457,
        2e300,
    ]
    assert tidy("é" * 100, 20) == "é" * 8 + "…"


def test_the_command_line_writes_all_three_and_says_how_it_went(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    rng = np.random.default_rng(7)
    source, html, short = tmp_path / "in.csv", tmp_path / "report.html", tmp_path / "report.md"
    pd.DataFrame({"a": rng.normal(size=200), "b": rng.normal(size=200), "same": 1}).to_csv(
        source, index=False
    )
    call = [
        "profile",
        str(source),
        "--json",
        "--html",
        str(html),
        "--markdown",
        str(short),
        "--set",
        "missing=0.1",
    ]
    told = json.loads((main([*call, "--fail-on", "critical"]), capsys.readouterr().out)[1])
    levels = {f["severity"] for f in told["findings"]}
    assert levels and "critical" not in levels
    assert [main([*call, "--fail-on", level]) for level in ("critical", "info")] == [0, 1]
    keys = [part for f in told["findings"] for part in ("--accept", f["key"])]
    assert main([*call, "--fail-on", "info", *keys]) == 0
    assert Page(html.read_text("utf-8")).data["analysis"] == told[
        "analysis"
    ] == "profile" and short.read_text("utf-8").startswith("## Profile")
    assert told["sections"]["checks"][0]["settings"] == told["settings"]
