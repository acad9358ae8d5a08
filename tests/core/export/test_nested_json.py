"""JSON with objects and lists in its cells: what is exported, and what ``prepare.py`` and ``recipe.py`` write
of the same file and of later ones.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import load
from core.cli import main
from core.decision import Decision
from core.export import Exported, apply_as_rules, export
from core.filters import Filter
from core.review import Review
from core.rowset import RowSet
from tests import warm
from tests.core.steps.acting import rule

RECORDS: list[dict[str, Any]] = [
    {
        "id": row,
        "person": {"age": 20 + row, "name": f"n{row}"} if row % 5 else None,
        "tags": ["x", "y"] if row % 3 == 0 else None if row % 3 == 1 else ["z", 2.5],
        "sum": None if row == 4 else row * 1.5,
        "level": "low" if row % 4 == 0 else row % 4,
        "born": f"2024-01-{row + 1:02d}",
        "yes": row % 2 == 0,
        **({"note": f"{row}"} if row != 7 else {}),
    }
    for row in range(12)
]
NAMES = list(RECORDS[0])
ARRAYS = [[record.get(name) for name in NAMES] for record in RECORDS]
SHAPES: dict[str, Any] = {
    "array": RECORDS,
    "within": {"status": "ok", "response": {"total": 12, "records": RECORDS}},
    "columns": {name: [record.get(name) for record in RECORDS] for name in NAMES},
    "split": {"columns": NAMES, "data": ARRAYS},
    "headed": [NAMES, *ARRAYS],
    "by key": {f"r{row}": record for row, record in enumerate(RECORDS)},
}
STEPS = (
    rule("fill", "tags", how="most frequent"),
    rule("fill", "sum", how="median"),
    Decision("drop", Filter.parse("id is 2")),
    Decision("relabel", RowSet([3]), '["q", 7]', column="tags"),
    Decision("relabel", RowSet([5]), '{"age": 7}', column="person"),
    Decision("relabel", RowSet([4]), "3", column="level"),
    Decision("blank", RowSet([6]), column="person"),
)


def written(raw: Path, content: Any, compact: bool = False) -> Path:
    text = json.dumps(content, separators=(",", ":")) if compact else json.dumps(content)
    raw.write_text(text.replace("1.5,", "1.50,"), encoding="utf-8")
    return raw


def made(raw: Path, *steps: Decision, **how: Any) -> Exported:
    return export(load(raw), Review().say(*steps), raw.parent / "made", **how)


def cleaned(script: Path, raw: Path, ending: str) -> bytes:
    out = raw.parent / f"out.{ending}"
    done = warm.run(script, raw, out, cwd=raw.parent)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return out.read_bytes()


def test_new_lists_objects_and_numbers_are_what_the_others_are(tmp_path: Path) -> None:
    """A list that is filled in, or written by hand, is a list among lists, and no text of one."""
    told = made(written(tmp_path / "raw.json", SHAPES["within"]), *STEPS)
    rows = json.loads(told.cleaned.read_text())["response"]["records"]
    want = [dict(record) for record in RECORDS if record["id"] != 2]
    for row in want:
        row["tags"] = row["tags"] or ["x", "y"]
    at = {row["id"]: row for row in want}
    at[3]["tags"], at[5]["person"], at[4]["level"] = ["q", 7], {"age": 7}, 3
    at[4]["sum"], at[6]["person"] = 9.0, None
    assert rows == want


def test_a_text_among_texts_stays_one(tmp_path: Path) -> None:
    rows = [{"a": "x", "b": ["p"]}, {"a": "[1]", "b": "[p"}, {"a": None, "b": None}]
    steps = (rule("fill", "a", how="constant", value="[2]"), rule("fill", "b", how="constant", value="[oh"))
    told = made(written(tmp_path / "raw.json", rows), *steps)
    assert json.loads(told.cleaned.read_text())[2] == {"a": "[2]", "b": "[oh"}
    text = made(tmp_path / "raw.json", rule("fill", "b", how="constant", value='["p"]'), format="csv").cleaned
    assert text.read_text().splitlines()[1:] == ['x,"[""p""]"', "[1],[p", ',"[""p""]"']


def test_copies_of_rows_with_new_lists_hold_lists(tmp_path: Path) -> None:
    by_hand = [Decision("relabel", RowSet([row]), '["q"]', column="tags") for row in range(12)]
    told = made(written(tmp_path / "raw.json", RECORDS), *by_hand, rule("add_rows", how="repeat", amount=5))
    rows = json.loads(told.cleaned.read_text())
    assert len(rows) == 17 and all(row["tags"] == ["q"] for row in rows)


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_script_writes_the_bytes_of_the_export(shape: str, compact: bool, tmp_path: Path) -> None:
    told = made(written(tmp_path / "raw.json", SHAPES[shape], compact), *STEPS)
    assert "OUT.json has the bytes of cleaned.json." in (told.folder / "prepare.py").read_text()
    assert not any("not its bytes" in note for note in told.notes)
    assert cleaned(told.folder / "prepare.py", tmp_path / "raw.json", "json") == told.cleaned.read_bytes()


@pytest.mark.parametrize(
    "step",
    [
        rule("rename", "tags", to="labels"),
        rule("move", "person", place="last"),
        rule("read_as", "sum", kind="text"),
        rule("read_as", "born", kind="text"),
        rule("clip", "sum", low="0", high="5"),
        rule("date_parts", "born"),
        rule("fill", "person", how="most frequent", indicator=True),
        rule("map", "level", pairs={"low": "0", "1": None}),
        rule("tidy", "tags"),
        rule("split", validation=0.3, test=0.3),
        rule("add_rows", how="repeat", amount=5),
        Decision("weight", RowSet([1, 2]), 2.0),
        Decision("omit", RowSet(), column="person"),
        Decision("drop", Filter.parse("id > 4")),
        Decision("relabel", RowSet([1]), "2024-03-01", column="born"),
        Decision("relabel", RowSet([1]), "false", column="yes"),
    ],
    ids=lambda step: f"{step.action} {step.column}",
)
def test_every_kind_of_step_gives_the_bytes_of_the_export(step: Decision, tmp_path: Path) -> None:
    raw = tmp_path / "raw.jsonl"
    raw.write_text("".join(json.dumps(row) + "\n" for row in RECORDS).replace("1.5,", "1.50,"))
    told = made(raw, rule("fill", "tags", how="most frequent"), step)
    assert cleaned(told.folder / "prepare.py", raw, "jsonl") == told.cleaned.read_bytes()


def test_decisions_by_hand_alone_have_a_script_with_the_bytes(tmp_path: Path) -> None:
    told = made(written(tmp_path / "raw.json", SHAPES["within"]), *STEPS[3:])
    assert b'["q", 7]' in told.cleaned.read_bytes()
    assert cleaned(told.folder / "recipe.py", tmp_path / "raw.json", "json") == told.cleaned.read_bytes()


def test_text_that_is_exported_as_json_is_so_in_the_script(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_text("a,b,c\n1.50,x,2024-05-01\n,NA,\n3,[1],2024-05-02 10:00\n")
    told = made(raw, rule("fill", "a", how="median"), format="json")
    assert json.loads(told.cleaned.read_text())[1] == {"a": 2.25, "b": "NA", "c": None}
    assert cleaned(told.folder / "prepare.py", raw, "json") == told.cleaned.read_bytes()


def test_next_months_file_is_read_and_written_as_this_one(tmp_path: Path) -> None:
    told = made(written(tmp_path / "raw.json", SHAPES["within"]), *STEPS[:3])
    rows = [row | {"id": row["id"] + 20, "sum": 2.25, "more": [1.50]} for row in RECORDS[3:]]
    rows[0]["tags"] = None
    later = written(tmp_path / "later.json", {"response": {"records": rows}})
    apply_as_rules(told.folder / "recipe.json", later, tmp_path / "rules.json")
    got = cleaned(told.folder / "prepare.py", later, "json")
    assert got == (tmp_path / "rules.json").read_bytes()
    assert json.loads(got)["response"]["records"][0] == rows[0] | {"tags": ["x", "y"]}
    flat = written(tmp_path / "flat.json", rows)
    assert json.loads(cleaned(told.folder / "prepare.py", flat, "json")) == json.loads(got)


def test_lists_in_parquet_are_the_same_text_in_the_script(tmp_path: Path) -> None:
    raw = tmp_path / "raw.parquet"
    lists = [[{"a": [1, 2]}], None, [{"a": None}]]
    pq.write_table(pa.table({"n": [1.0, None, 3.0], "tags": [["x", "y"], None, []], "of": lists}), raw)
    told = made(raw, rule("fill", "n", how="median"), rule("fill", "tags", how="constant", value="[]"))
    script = told.folder / "prepare.py"
    cleaned(script, raw, "parquet")
    want = pq.read_table(told.cleaned).to_pylist()
    assert pq.read_table(tmp_path / "out.parquet").to_pylist() == want
    assert [row["of"] for row in want] == ['[{"a": [1, 2]}]', None, '[{"a": null}]']


def test_where_bytes_differ_the_note_says_how(tmp_path: Path) -> None:
    raw = written(tmp_path / "raw.json", RECORDS)
    told = made(raw, *STEPS, format="csv")
    [note] = [note for note in told.notes if "not its bytes" in note]
    assert "dates, and true and false, may be written otherwise" in note
    got = pd.read_csv(pd.io.common.BytesIO(cleaned(told.folder / "prepare.py", raw, "csv")))
    want = pd.read_csv(told.cleaned)
    pd.testing.assert_frame_equal(got, want)
    out = tmp_path / "by-recipe"
    assert main(["apply", str(told.folder / "recipe.json"), str(raw), "--out", f"{out}.json"]) == 0
    assert json.loads(Path(f"{out}.json").read_text()) == json.loads(made(raw, *STEPS).cleaned.read_text())


MIXED = (
    '[{"v":1.5,"t":" b ","m":NaN},{"v":null,"t":"c","m":2},{"v":2,"t":"","m":"x"},'
    '{"v":2,"t":" ","m":true},{"v":2}]'
)
ESCAPED = '[\n{"v":1.5,"t":"é"},\n{"v":null,"t":"\\ud800"},\n{"v":4,"t":"a\\u0000b \\\\ud800"}\n]\n'
FORMS = [{"x": "7"}] * 8 + [{"x": 1}, {"x": "a"}, {"x": None}, {"x": " 12 "}]
FILL = rule("fill", "v", how="median")
EQUAL: dict[str, tuple[str, tuple[Decision, ...], list[Any]]] = {
    "an empty text is a value": (
        MIXED,
        (rule("fill", "t", how="constant", value="?"),),
        [" b ", "c", "", " ", "?"],
    ),
    "an empty text is trimmed to nothing": (MIXED, (rule("tidy", "t"),), ["b", "c", None, None]),
    "NaN is no absent key": (MIXED, (FILL, rule("rename", "m", to="t2")), []),
    "words of other sorts are texts": (
        MIXED,
        (rule("map", "m", pairs={"true": "yes", "NaN": "no", "2": "3"}), rule("rename", "t", to="u")),
        [],
    ),
    "half a surrogate pair": (ESCAPED, (FILL,), ["é", "\ud800", "a\0b \\ud800"]),
    "the most frequent text": (json.dumps(FORMS), (rule("fill", "x", how="most frequent"),), []),
    "a trimmed text": (json.dumps(FORMS), (rule("tidy", "x"),), []),
    "a mapped text": (json.dumps(FORMS), (rule("map", "x", pairs={"a": "2.50", "1": "7"}),), []),
    "by hand": (
        json.dumps(FORMS),
        (rule("tidy", "x"), Decision("relabel", RowSet([9]), "2.50", column="x")),
        [],
    ),
}


@pytest.mark.parametrize("end", ["json", "jsonl"])
@pytest.mark.parametrize("case", EQUAL)
def test_the_script_reads_json_as_loading_does(case: str, end: str, tmp_path: Path) -> None:
    text, steps, want = EQUAL[case]
    raw = tmp_path / f"raw.{end}"
    if end == "jsonl":
        text = "".join(
            f"{{{row}}}\n" for row in text.replace("\n", "").strip("[{}]").replace("}, {", "},{").split("},{")
        )
    raw.write_text(text, encoding="utf-8")
    copies = rule("add_rows", how="repeat", amount=4)
    for more in ((), (copies,))[: 1 if case == "by hand" else 2]:  # which promises no bytes of copies
        told = made(raw, *steps, *more)
        assert f"OUT.{end} has the bytes of cleaned.{end}." in (told.folder / "prepare.py").read_text()
        assert cleaned(told.folder / "prepare.py", raw, end) == told.cleaned.read_bytes()
    written_rows = told.cleaned.read_text().splitlines()
    rows = [json.loads(line.strip(",")) for line in written_rows if line.startswith("{")]
    assert not want or [row.get("t") for row in rows][: len(want)] == want


def exported(raw: Path, *steps: Decision, **how: Any) -> list[dict[str, Any]]:
    content = json.loads(made(raw, *steps, **how).cleaned.read_text(), parse_float=str)
    assert isinstance(content, list)
    return content


def test_a_copied_text_stays_a_text_and_a_copied_number_a_number(tmp_path: Path) -> None:
    raw = written(tmp_path / "raw.json", FORMS)
    assert exported(raw, rule("fill", "x", how="most frequent"))[10] == {"x": "7"}
    numbers = written(tmp_path / "raw.json", [{"x": 7}] * 8 + [{"x": "a"}, {"x": None}, {"x": "7"}])
    assert exported(numbers, rule("fill", "x", how="most frequent"))[9] == {"x": 7}
    trimmed = written(tmp_path / "raw.json", [{"x": " 7"}] * 8 + [{"x": 1}, {"x": "a"}, {"x": None}])
    assert exported(trimmed, rule("tidy", "x"), rule("fill", "x", how="most frequent"))[10] == {"x": "7"}
    yes = written(tmp_path / "raw.json", [{"x": "true"}] * 8 + [{"x": True}, {"x": "maybe"}, {"x": None}])
    assert exported(yes, rule("fill", "x", how="most frequent"))[10] == {"x": "true"}


def test_a_step_on_texts_makes_texts_and_what_a_person_gives_is_as_the_others(tmp_path: Path) -> None:
    raw = written(tmp_path / "raw.json", FORMS)
    assert exported(raw, rule("tidy", "x"))[11] == {"x": "12"}
    part = rule("replace", "x", find="a", into="5", how="part")
    assert exported(raw, part)[9] == {"x": "5"}
    assert exported(raw, rule("map", "x", pairs={"a": "5"}))[9] == {"x": 5}
    assert exported(raw, rule("map", "x", pairs={"a": "7"}))[9] == {"x": "7"}, "as the others with it"
    assert exported(raw, Decision("relabel", RowSet([9]), "7", column="x"))[9] == {"x": "7"}
    assert exported(raw, Decision("relabel", RowSet([9]), "8", column="x"))[9] == {"x": 8}


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("2.50", "2.50"),
        ("0.1234567890123456789", "0.1234567890123456789"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("1E5", "1E5"),
        ("-Infinity", '"-Infinity"'),
        ("1e999", '"1e999"'),
        ("[1e999, NaN]", '"[1e999, NaN]"'),
        ("[2.50]", "[2.50]"),
    ],
)
def test_a_number_that_is_given_keeps_its_digits_and_one_without_end_is_text(
    text: str, cell: str, tmp_path: Path
) -> None:
    raw = tmp_path / "raw.json"
    raw.write_text('[\n{"x": 1.50},\n{"x": "low"},\n{"x": [1]}\n]\n')
    by_hand = Decision("relabel", RowSet([1]), text, column="x")
    for step in (by_hand, rule("map", "x", pairs={"low": text})):
        told = made(raw, step)
        assert told.cleaned.read_text() == f'[\n{{"x": 1.50}},\n{{"x": {cell}}},\n{{"x": [1]}}\n]\n'
        script = "recipe.py" if step is by_hand else "prepare.py"
        assert cleaned(told.folder / script, raw, "json") == told.cleaned.read_bytes()
    told = made(raw, by_hand, rule("rename", "x", to="y"))
    assert f'"y": {cell}}}' in told.cleaned.read_text()
    assert cleaned(told.folder / "prepare.py", raw, "json") == told.cleaned.read_bytes()
    if not cell.startswith(('"', "[")) and len(text) < 23:
        raw.write_text('[\n{"x": 1.50},\n{"x": 3.25}\n]\n')
        told = made(raw, by_hand)
        assert told.cleaned.read_text() == f'[\n{{"x": 1.50}},\n{{"x": {cell}}}\n]\n'
        assert cleaned(told.folder / "recipe.py", raw, "json") == told.cleaned.read_bytes()


@pytest.mark.parametrize("held", ['{"k": "NaN"}', '["-Infinity", "a"]', '{"NaN": 1}', '["\\\\", "\\"NaN"]'])
def test_a_text_inside_a_cell_is_no_number_without_end(held: str, tmp_path: Path) -> None:
    """It counted as one, and a NaN that was given then made the file no JSON."""
    raw = tmp_path / "raw.json"
    raw.write_text(f'[\n{{"x": {held}}},\n{{"x": "low"}},\n{{"x": [1]}}\n]\n')
    for text in ('{"q":NaN}', "[1e999]"):
        told = made(raw, Decision("relabel", RowSet([1]), text, column="x"))
        strict = json.loads(told.cleaned.read_text(), parse_constant=pytest.fail)
        assert [row["x"] for row in strict] == [json.loads(held), text, [1]]
        assert cleaned(told.folder / "recipe.py", raw, "json") == told.cleaned.read_bytes()


def test_where_the_source_holds_nan_one_may_be_given(tmp_path: Path) -> None:
    raw = tmp_path / "raw.json"
    raw.write_text('[\n{"x": ["NaN", NaN]},\n{"x": "low"}\n]\n')
    told = made(raw, Decision("relabel", RowSet([1]), "[NaN]", column="x"))
    assert told.cleaned.read_text() == '[\n{"x": ["NaN", NaN]},\n{"x": [NaN]}\n]\n'


def test_half_a_surrogate_pair_is_written_as_the_file_has_it(tmp_path: Path) -> None:
    raw = tmp_path / "raw.json"
    raw.write_text(ESCAPED, encoding="utf-8")
    assert load(raw).table().column("t").to_pylist()[1] == "\\ud800"
    assert made(raw).cleaned.read_bytes() == raw.read_bytes()
    told = made(raw, Decision("drop", RowSet([0])), format="csv")
    assert told.cleaned.read_text().splitlines()[1] == ",\\ud800"
    assert cleaned(told.folder / "recipe.py", raw, "csv") == told.cleaned.read_bytes()
    assert pq.read_table(made(raw, format="parquet").cleaned).column("t")[1].as_py() == "\\ud800"


def test_an_empty_text_is_a_value_in_parquet_too_and_none_in_a_later_text_file(tmp_path: Path) -> None:
    raw, later = tmp_path / "raw.parquet", tmp_path / "later.csv"
    pq.write_table(pa.table({"t": ["a", "", None], "n": [1, 2, 3]}), raw)
    told = made(raw, rule("fill", "t", how="constant", value="?"))
    cleaned(told.folder / "prepare.py", raw, "parquet")
    want = pq.read_table(told.cleaned).column("t").to_pylist()
    assert want == ["a", "", "?"] == pq.read_table(tmp_path / "out.parquet").column("t").to_pylist()
    later.write_text("t,n\na,1\n,2\n")
    assert cleaned(told.folder / "prepare.py", later, "csv") == b"t,n\na,1\n?,2\n"
