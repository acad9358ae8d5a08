"""The shapes in which JSON holds rows; lines that are no rows; numbers as written; there and back."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.decision import Decision
from core.errors import LoadError
from core.export import export
from core.loading import Options, load, preview
from core.review import Review
from core.rowset import RowSet
from tests import warm
from tests.core.loading.reading import read

PEOPLE = [{"age": 31, "name": "Al"}, {"age": 40, "name": "Bo"}]
SHAPES: dict[str, Any] = {
    "records": PEOPLE,
    "within": {"response": {"records": PEOPLE}},
    "within, beside others": {"status": "ok", "tags": ["x"], "response": {"records": PEOPLE, "count": 2}},
    "columns": {"age": [31, 40], "name": ["Al", "Bo"]},
    "columns, counted": {"age": {"0": 31, "1": 40}, "name": {"0": "Al", "1": "Bo"}},
    "index, counted": {"0": PEOPLE[0], "1": PEOPLE[1]},
    "values, named": [["age", "name"], [31, "Al"], [40, "Bo"]],
    "split": {"columns": ["age", "name"], "index": [0, 1], "data": [[31, "Al"], [40, "Bo"]]},
    "table": {"schema": {"fields": []}, "data": PEOPLE},
    "values, all of them texts": [["age", "name"], ["31", "Al"], ["40", "Bo"]],
    "columns within": {"response": {"records": {"age": [31, 40], "name": ["Al", "Bo"]}}},
    "within an array": [{"records": PEOPLE}],
    "columns within an array": [{"response": {"age": [31, 40], "name": ["Al", "Bo"]}}],
    "split within": {"response": {"columns": ["age", "name"], "data": [[31, "Al"], [40, "Bo"]]}},
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("indent", [None, 2])
def test_every_shape_gives_the_same_rows(shape: str, indent: int | None) -> None:
    dataset = read(json.dumps(SHAPES[shape], indent=indent).encode())
    assert dataset.names == ("age", "name")
    assert [[int(age), name] for age, name in dataset.frame().to_numpy()] == [[31, "Al"], [40, "Bo"]]
    assert not [finding for finding in dataset.loading if finding.code in ("nested_json", "another_table")]


@pytest.mark.parametrize(
    "shape",
    [
        {"x": PEOPLE[0], "y": PEOPLE[1]},
        {"age": {"x": 31, "y": 40}, "name": {"x": "Al", "y": "Bo"}},
        {"data": {"x": PEOPLE[0], "y": PEOPLE[1]}},
    ],
)
def test_keys_of_rows_become_a_column(shape: dict[str, Any]) -> None:
    dataset = read(json.dumps(shape).encode())
    assert dataset.names == ("index", "age", "name")
    assert dataset.frame().to_numpy().tolist() == [["x", 31, "Al"], ["y", 40, "Bo"]]


def test_one_row_by_key() -> None:
    dataset = read(b'{"x": {"age": 31, "name": "Al"}}')
    assert (dataset.names, dataset.frame().to_numpy().tolist()) == (
        ("index", "age", "name"),
        [["x", 31, "Al"]],
    )
    assert read(b'{"id": 1, "home": {"town": "Ulm"}}').names == ("id", "home"), "one row, and no key"


def test_arrays_of_texts_without_names_are_rows_all() -> None:
    assert read(b'[["A1", "Ulm"], ["A2", "Rom"], ["A3", "Ulm"], ["A4", "Rom"], ["A5", "Ulm"]]').rows == 5
    assert read(b'[["a", "b"], ["c", "d"]]', options=Options(header_line=-1)).rows == 2
    assert read(b'[["name", "city"]]').names == ("name", "city")


TWO = {"users": [{"id": 1}, {"id": 2}], "orders": [{"n": 1}, {"n": 2}, {"n": 3}], "status": "ok"}


@pytest.mark.parametrize(
    ("given", "name", "rows"),
    [
        (TWO, "users", [[1], [2]]),
        ({"response": TWO}, "response.users", [[1], [2]]),
        ([{"a": TWO["users"], "b": TWO["orders"]}], "a", [[1], [2]]),
        (TWO | {"users": {"id": [1, 2], "age": [3, 4]}}, "users", [[1, 3], [2, 4]]),
    ],
)
def test_another_table_in_json_is_counted_and_offered(
    given: Any, name: str, rows: list[Any], tmp_path: Path
) -> None:
    path = tmp_path / "two.json"
    path.write_text(json.dumps(given))
    dataset = load(path, into=tmp_path / "w")
    assert (dataset.names, dataset.rows) == (("n",), 3)
    (told,) = [finding for finding in dataset.loading if finding.code == "another_table"]
    assert (told.severity, told.value) == ("warning", 2) and f"'{name}': 2 rows under 'id'" in told.title
    beside = [finding.value for finding in dataset.loading if finding.code == "rows_within"]
    assert beside == ([1] if "status" in json.dumps(given) else []), "the other table is no entry left out"
    assert preview(path).others == (name,)
    again = load(path, into=tmp_path / "w", options=Options(table=name))
    assert again.frame().to_numpy().tolist() == rows
    with pytest.raises(LoadError, match=f"no table 'nobody' .*'{name}'"):
        load(path, into=tmp_path / "w", options=Options(table="nobody"))


NO_ROWS: dict[str, Any] = {
    "columns": {"a": [], "b": []},
    "columns of pandas": {"a": {}, "b": {}},
    "split": {"columns": ["a", "b"], "data": []},
    "split of pandas": {"columns": ["a", "b"], "index": [], "data": []},
    "split within": {"response": {"columns": ["a", "b"], "data": []}},
    "table": {"schema": {"fields": [{"name": "a"}, {"name": "b"}]}, "data": []},
    "values": [["a", "b"]],
}


@pytest.mark.parametrize("shape", NO_ROWS)
def test_names_without_rows_are_a_table(shape: str, tmp_path: Path) -> None:
    path = tmp_path / "none.json"
    path.write_text(json.dumps(NO_ROWS[shape]))
    dataset = load(path, into=tmp_path / "w")
    assert (dataset.names, dataset.rows) == (("a", "b"), 0)
    assert [(found.code, found.severity) for found in dataset.loading] == [("no_rows", "warning")]
    assert preview(path).count == 0
    out = export(dataset, Review(), tmp_path / "out").cleaned
    assert load(out, into=tmp_path / "w").names == ("a", "b")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"response": {"records": []}}, "response.records"),
        ({"status": "ok", "records": []}, "records"),
        ({"records": []}, "records"),
    ],
)
def test_neither_rows_nor_names_are_said(given: Any, name: str) -> None:
    with pytest.raises(LoadError, match=f"its list '{name}' is empty, and nothing names columns"):
        read(json.dumps(given).encode())


def test_a_long_array_around_the_rows_can_be_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "long.json"
    path.write_text(json.dumps([{"rows": [{"a": i, "b": "x" * 40} for i in range(30_000)]}]))
    assert preview(path).count == 30_000
    path.write_text(json.dumps([{"a": i, "b": "x" * 40} for i in range(30_000)]))
    assert not preview(path).whole


@pytest.mark.parametrize(
    ("text", "aside"),
    [
        ('[{"a": 1}, {"a": 2}, {"a": 3}]\ngarbage\n', [(2, "garbage")]),
        ('[{"a": 1}, {"a": 2}]\n[{"a": 3}]\n', []),
        ('[{"a": 1}, {"a": 2}]\n{"a": 3}\n', []),
        ('[{"a": 1}, {"a": 2}]\n[7]\n[{"a": 3}]\n', [(2, "[7]")]),
        ('[\n{"a": 1},\n{"a": 2},\n{"a": 3}\n]\ngarbage\n\nmore\n', [(6, "garbage"), (8, "more")]),
        ('[\n{"a": 1},\n{"a": 2}\n]\n# again\n[\n{"a": 3}\n]\n', [(5, "# again")]),
        ('[{"a": 1}, {"a": 2}, {"a": 3}] # end', [(1, "# end")]),
    ],
)
def test_what_stands_below_an_array(text: str, aside: list[tuple[int, str]], tmp_path: Path) -> None:
    path = tmp_path / "below.json"
    path.write_text(text)
    dataset = load(path, into=tmp_path / "w")
    assert dataset.frame()["a"].tolist() == [1, 2, 3]
    assert [(line.line, line.text) for line in preview(path).kept_aside] == aside
    assert dataset.source.aside == len(aside)
    made = export(dataset, Review().say(Decision("drop", RowSet([1]))), tmp_path / "out")
    done = warm.run(made.folder / "recipe.py", path, "again", cwd=made.folder)
    assert done.returncode == 0, done.stderr
    assert (made.folder / "again").read_bytes() == made.cleaned.read_bytes()
    assert load(made.cleaned, into=tmp_path / "w").frame()["a"].tolist() == [1, 3]


@pytest.mark.parametrize("text", ['[{"a": 1}, {"a": 2}]\nbad\n', '[\n{"a": 1},\n{"a": 2}\n]\nbad\n'])
def test_a_line_below_an_array_is_put_back(text: str) -> None:
    line = text.count("\n")
    dataset = read(text.encode(), options=Options(put_back=((line, '{"a": 3}'),)))
    assert dataset.frame()["a"].tolist() == [1, 2, 3] and not dataset.source.aside
    assert [finding.rows.to_json() for finding in dataset.loading] == [[[2, 3]]]


def test_a_column_called_index_is_not_overwritten_by_the_keys() -> None:
    dataset = read(b'{"x": {"index": 1, "v": "a"}, "y": {"index": 2, "v": "b"}}')
    assert dataset.names == ("key", "index", "v")


def test_arrays_without_names() -> None:
    assert read(b"[[1, 2.5], [3, 4.5]]").names == ("column_1", "column_2")
    assert read(b"[1, 2]\n[3, 4]\n[5, 6]\n").frame().to_numpy().tolist() == [[1, 2], [3, 4], [5, 6]]


def test_what_stands_beside_the_rows_is_said() -> None:
    (found,) = read(json.dumps(SHAPES["within, beside others"]).encode()).loading
    assert found.code == "rows_within" and "'response.records'" in found.title
    around = {"a": 1, "b": [2], "response": {"total": 9, "records": [{"n": 1}, {"n": 2}]}}
    (found,) = read(json.dumps(around).encode()).loading
    assert found.value == 3 and "3 other entries beside them are left out" in found.title


@pytest.mark.parametrize("beside", [{"version": 3, "next": None}, {"page": 1, "count": 3}])
def test_rows_beside_an_object(beside: dict[str, Any]) -> None:
    rows = [{"id": n, "size": n / 2} for n in range(3)]
    data = read(json.dumps({"meta": beside, "response": {"count": 3, "records": rows}}).encode())
    assert data.rows == 3 and data.names == ("id", "size")
    assert "'response.records'" in data.loading[0].title


def test_rows_by_key_that_hold_lists_of_objects() -> None:
    orders = [{"n": 1}, {"n": 2}, {"n": 3}]
    for second in ({"name": "Bo"}, {"name": "Bo", "orders": []}, {"name": "Bo", "orders": orders[:1]}):
        data = read(json.dumps({"u1": {"name": "Al", "orders": orders}, "u2": second}).encode())
        assert data.rows == 2 and data.names == ("index", "name", "orders")
    users = {f"u{n}": {"orders": orders} for n in range(9)}
    assert read(json.dumps(users).encode()).rows == 9, "more users than orders of one"


@pytest.mark.parametrize("around", [[], ["answer"], ["answer", "data"]])
def test_tables_by_key_are_tables_and_no_rows(around: list[str], tmp_path: Path) -> None:
    given: Any = {
        "train": {"rows": [{"n": n} for n in range(50)]},
        "test": {"rows": [{"n": n} for n in range(20)]},
    }
    for key in around:
        given = {key: given}
    way = ".".join([*around[::-1], ""])
    path = tmp_path / "parts.json"
    path.write_text(json.dumps(given))
    assert load(path, into=tmp_path / "w").rows == 50 and preview(path).others == (f"{way}test.rows",)
    assert load(path, into=tmp_path / "w", options=Options(table=f"{way}test.rows")).rows == 20


def test_tables_of_one_name_can_each_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "same.json"
    many = {"a.b": [{"n": 1}] * 3, "a": {"b": [{"n": 1}] * 2}, "a.b (2)": [{"n": 1}]}
    path.write_text(json.dumps({"data": many}))
    assert preview(path).others == ("data.a.b (3)", "data.a.b (2)")
    for name, rows in (("data.a.b", 3), ("data.a.b (3)", 2), ("data.a.b (2)", 1)):
        assert load(path, into=tmp_path / "w", options=Options(table=name)).rows == rows


def test_json_is_never_read_as_csv(tmp_path: Path) -> None:
    for text in (b'["a","b"]', b"[1, 2, 3]", b'[\n"a",\n"b"\n]', b"[true]"):
        (tmp_path / "a.csv").write_bytes(text)
        with pytest.raises(LoadError, match="not an object"):
            load(tmp_path / "a.csv", into=tmp_path / "w")
    assert read(b"[id],[name]\n1,2\n3,4\n").names == ("[id]", "[name]")


@pytest.mark.parametrize("bad", ['{"a": 2', "garbage", "2", "[1]", '{"a": 1}{"a": 2}'])
@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_line_that_is_no_row_is_kept_aside(tmp_path: Path, bad: str, place: int) -> None:
    lines = ['{"a": 1}', '{"a": 2}', '{"a": 3}']
    lines.insert(place, bad)
    (tmp_path / "lines.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    dataset = load(tmp_path / "lines.jsonl", into=tmp_path / "w")
    assert dataset.frame()["a"].tolist() == [1, 2, 3] and dataset.source.aside == 1
    (found,) = dataset.loading
    assert (found.code, found.severity) == ("rows_aside", "warning")
    with (dataset.path.parent / "aside.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["line"] == str(place + 1) and row["text"] == bad


def test_a_line_cut_off_is_told_with_its_place_in_the_line(tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl"
    path.write_text('{"a": 1}\n{"a": 2}\n{"a": "x\n{"a": 3}\n')
    (line,) = preview(path).kept_aside
    assert (line.line, line.reason) == (3, "not JSON (Unterminated string starting at column 7)")


def test_objects_and_lists_within_cells_are_named(tmp_path: Path) -> None:
    rows = [{"id": i, "user": {"name": "Ann"} if i else None, "tags": ["a", "b"], "n": 2.5} for i in range(3)]
    path = tmp_path / "nested.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for found in (load(path, into=tmp_path / "w").loading, preview(path).findings):
        (told,) = [finding for finding in found if finding.code == "nested_json"]
        assert told.columns == ("user", "tags") and told.title.startswith("'user' and 'tags' hold objects")
    path.write_text('{"id": 1, "text": "{}"}\n{"id": 2, "text": "[1]"}\n')
    assert "nested_json" not in [finding.code for finding in preview(path).findings]


def test_lines_of_code_give_each_part_of_an_object_a_column(tmp_path: Path) -> None:
    users: list[Any] = [{"name": "Ann", "home": {"town": "Ulm"}}, None, {"name": "{Bo}"}]
    rows = [{"id": at, "user": user, "tags": ["a", "b"], "n": 2.5} for at, user in enumerate(users)]
    (tmp_path / "nested.json").write_text(json.dumps(rows))
    data = load(tmp_path / "nested.json", into=tmp_path / "w")
    (told,) = [finding for finding in data.loading if finding.code == "nested_json"]
    for frame in (data.frame(), pd.DataFrame(rows)):  # as it is read here, and as pandas reads it
        scope: dict[str, Any] = {"data": frame.set_axis([5, 6, 7])}
        exec(told.fix, scope)
        unfolded = scope["data"]
        assert list(unfolded) == ["id", "tags", "n", "user.name", "user.home.town"]
        assert unfolded["user.name"].fillna("").tolist() == ["Ann", "", "{Bo}"]
        assert unfolded["user.home.town"].fillna("").tolist() == ["Ulm", "", ""]
        assert unfolded.index.tolist() == [5, 6, 7] and unfolded["n"].tolist() == [2.5] * 3


def test_lines_none_of_which_is_a_row(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"a": 1\n{"a": 2\n')
    with pytest.raises(LoadError):
        load(tmp_path / "a.jsonl", into=tmp_path / "w")


def test_a_long_object_can_be_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "long.json"
    path.write_text(json.dumps({"answer": {"rows": [{"a": i, "b": "x" * 40} for i in range(30_000)]}}))
    assert preview(path).rows[1][0] == "1"


@pytest.mark.parametrize("line", ["[INFO] done", "[12] finished", "[[INFO]] done", "[2026-01-02] {}"])
def test_a_line_in_brackets_below_an_array_is_no_array(line: str, tmp_path: Path) -> None:
    raw = tmp_path / "log.json"
    raw.write_text(f'[\n{{"a":1}},\n{{"a":2}}\n]\n{line}\n[{{"a":3}}]\n{line}\n')
    data = load(raw, into=tmp_path / "w")
    assert data.frame()["a"].tolist() == [1, 2, 3] and data.source.aside == 2
    assert line.startswith("[[") or [*preview(raw).rows] == [("1",), ("2",), ("3",)]
    assert json.loads(clean(raw, tmp_path)) == [{"a": 1}, {"a": 3}]


def clean(raw: Path, tmp_path: Path) -> str:
    """The raw file without its second row, as exported; the script gives the same."""
    dataset = load(raw, into=tmp_path / "w")
    made = export(dataset, Review().say(Decision("drop", RowSet([1]))), tmp_path / "out")
    done = warm.run(made.folder / "recipe.py", raw, "again", cwd=made.folder)
    assert done.returncode == 0, done.stderr
    assert (made.folder / "again").read_bytes() == made.cleaned.read_bytes()
    return made.cleaned.read_bytes().decode()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("compact", [True, False])
def test_lines_go_out_as_they_came_in(tmp_path: Path, end: str, compact: bool) -> None:
    rows = [
        '{"a": 2.50, "b": 12345678901234567890, "c": 0.12345678901234567890, "d": "x"}',
        '{"a": 1, "b": 1, "c": 1, "d": "gone"}',
        '{"a": 1E5, "b": 7, "c": [1.10, {"e": 2.0}], "d": "é \\ud800"}',
        '{"a": 1.0, "b": -3}',
    ]
    if compact:
        rows = [row.replace(": ", ":").replace(", ", ",") for row in rows]
    raw = tmp_path / "raw.jsonl"
    raw.write_bytes(end.join([*rows, ""]).encode())
    assert clean(raw, tmp_path) == end.join([rows[0], *rows[2:], ""])


def test_a_bad_line_stays_out_of_the_export_and_its_script(tmp_path: Path) -> None:
    raw = tmp_path / "raw.jsonl"
    raw.write_bytes(b'{"a": 1}\nbad\n{"a": 2}\n{"a": 3}\n')
    assert clean(raw, tmp_path) == '{"a": 1}\n{"a": 3}\n'


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (
            {"response": {"records": [{"a": 1}, {"a": 2}, {"a": 3}]}},
            {"response": {"records": [{"a": 1}, {"a": 3}]}},
        ),
        (
            {"x": {"a": 1, "b": "k"}, "y": {"a": 2, "b": "l"}, "z": {"a": 3, "b": "m"}},
            {"x": {"a": 1, "b": "k"}, "z": {"a": 3, "b": "m"}},
        ),
        ([["a", "b"], [1, "k"], [2, "l"], [3, "m"]], [["a", "b"], [1, "k"], [3, "m"]]),
        ([[1, "k"], [2, "l"], [3, "m"]], [[1, "k"], [3, "m"]]),
        ({"a": [1, 2, 3], "b": ["k", "l", "m"]}, {"a": [1, 3], "b": ["k", "m"]}),
        ({"columns": ["a"], "data": [[1], [2], [3]]}, {"columns": ["a"], "data": [[1], [3]]}),
        ([{"records": [{"a": 1}, {"a": 2}, {"a": 3}]}], [{"records": [{"a": 1}, {"a": 3}]}]),
        ({"in": {"a": [1, 2, 3], "b": [4, 5, 6]}}, {"in": {"a": [1, 3], "b": [4, 6]}}),
        (
            {"in": {"x": {"a": 1, "b": "k"}, "y": {"a": 2, "b": "l"}, "z": {"a": 3, "b": "m"}}},
            {"in": {"x": {"a": 1, "b": "k"}, "z": {"a": 3, "b": "m"}}},
        ),
    ],
)
def test_shapes_go_out_as_they_came_in(tmp_path: Path, given: Any, wanted: Any) -> None:
    raw = tmp_path / "raw.json"
    raw.write_text(json.dumps(given), encoding="utf-8")
    assert json.loads(clean(raw, tmp_path)) == wanted
