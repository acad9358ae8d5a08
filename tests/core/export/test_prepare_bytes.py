"""``prepare.py`` given the very file that was decided on writes the bytes of the cleaned one, whatever its
dialect.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from core import load
from core.cli import main
from core.decision import Decision
from core.export import Exported, apply_as_rules, export
from core.export.prepare_parts import marked, read
from core.filters import Filter
from core.review import Review
from core.rowset import RowSet
from tests import warm
from tests.core.steps.acting import rule
from tests.core.steps.agreement import script

DOUBLE = {"null": [], "point": "."}
HEAD = ["name", "paid", "n", "born", "yes"]
ROWS = [
    ["Ann", "1.50", "1", "2001-02-13", "true"],
    [" Bo ", "2.250", "2", "1999-12-31", "false"],
    ["Cid, J", "", "007", "", ""],
    ['Dora "D"', "3.75", "4", "2001-02-13 10:30:00", "TRUE"],
    ["Eve", "1e3", "", "2020-01-01", "false"],
    ["NA", "10.0", "6", "2020-01-01", "true"],
    ["Fay;x", "-0.5", "6", "2021-05-05", "true"],
    ["=1+1", "0.1", "8", "2021-05-06", "true"],
]
STEPS = (
    rule("fill", "paid", how="median", indicator=True),
    rule("fill", "n", how="constant", value="99"),
    rule("tidy", "name"),
    Decision("drop", Filter.parse("n is 2")),
    Decision("relabel", RowSet([3]), "Dörte", column="name"),
    Decision("relabel", RowSet([4]), "+7", column="n"),
    Decision("blank", RowSet([5]), column="name"),
)


def lines(sep: str = ",", end: str = "\n", quote: str = '"', comma: bool = False, every: bool = False) -> str:
    def cell(value: str, column: int) -> str:
        value = value.replace(".", ",") if comma and column == 1 else value
        wanted = every or any(mark in value for mark in (sep, quote, "\n"))
        return f"{quote}{value.replace(quote, quote * 2)}{quote}" if wanted else value

    return "".join(sep.join(map(cell, row, range(5))) + end for row in [HEAD, *ROWS])


DIALECTS = {
    "plain": lines().encode(),
    "semicolon, comma, CRLF, BOM": lines(";", "\r\n", comma=True).encode("utf-8-sig"),
    "tab, latin-1": lines("\t").replace("Ann", "Änne").encode("cp1252"),
    "utf-16": lines().encode("utf-16"),
    "all quoted": lines(every=True).encode(),
    "single quotes": lines("|", quote="'").encode(),
    "lone CR": lines(end="\r").encode(),
    "no header": lines().partition("\n")[2].encode(),
    "twice the name": lines().replace("yes\n", "name\n", 1).encode(),
    "lines within": lines().replace("Eve", '"Eve\nand \rAdam"').encode(),
    "a title": b"report of May\n\n" + lines().encode(),
    "no last line end": lines().rstrip("\n").encode(),
}


def made(raw: Path, *steps: Decision, **how: object) -> Exported:
    return export(load(raw), Review().say(*steps), raw.parent / "made", **how)  # type: ignore[arg-type]


def cleaned(folder: Path, raw: Path, ending: str = "csv") -> bytes:
    out = raw.parent / f"out.{ending}"
    done = warm.run(folder / "prepare.py", raw, out, cwd=raw.parent)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return out.read_bytes()


@pytest.mark.parametrize("option", [(), ("--option", "missing=NA")])
def test_a_word_for_missing_is_text_in_a_column_of_text_unless_it_is_said_to_be_missing(
    option: tuple[str, ...], tmp_path: Path
) -> None:
    raw, out = tmp_path / "raw.csv", tmp_path / "made"
    raw.write_text("town,n\nNA,1\nOslo,NA\n,3\nBergen,4\nNA,NA\nOslo,6\n")
    steps = ["fill town how=constant value=none", "fill n how=constant value=0", "drop where town is none"]
    given = [word for step in steps for word in ("--step", step)]
    assert main(["export", str(raw), "--out", str(out), *option, *given]) == 0
    left = (out / "cleaned.csv").read_bytes()
    assert left.count(b"NA") == (0 if option else 2)
    assert cleaned(out, raw) == left


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_bytes_are_those_of_the_export(dialect: str, tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(DIALECTS[dialect])
    names = load(raw).names
    steps = [one for one in STEPS if one.column in names or not one.column]
    if names != tuple(HEAD):
        steps = [rule("fill", names[1], how="median", indicator=True), rule("tidy", names[0])]
    told = made(raw, *steps)
    ending = told.cleaned.suffix[1:]
    assert f"OUT.{ending} has the bytes of cleaned.{ending}" in (told.folder / "prepare.py").read_text()
    assert cleaned(told.folder, raw, ending) == told.cleaned.read_bytes()


@pytest.mark.parametrize(
    "step",
    [
        rule("rename", "paid", to="sum"),
        rule("move", "born", place="first"),
        rule("read_as", "n", kind="text"),
        rule("read_as", "born", kind="text"),
        rule("clip", "paid", low="0", high="5"),
        rule("date_parts", "born"),
        rule("fill", "born", how="most frequent"),
        rule("fill", "paid", how="mean"),
        rule("map", "name", pairs={"Eve": None, "Ann": "a,b"}),
        rule("mark", "n", value="6"),
        rule("split", validation=0.3, test=0.3),
        rule("add_rows", how="repeat", amount=5),
        Decision("weight", RowSet([1, 2]), 2.0),
        Decision("omit", RowSet(), column="born"),
        Decision("drop", Filter.parse("paid > 2")),
    ],
    ids=lambda step: step.action,
)
def test_every_kind_of_step_gives_the_bytes_of_the_export(step: Decision, tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(DIALECTS["semicolon, comma, CRLF, BOM"])
    told = made(raw, rule("tidy", "name"), step)
    assert cleaned(told.folder, raw) == told.cleaned.read_bytes()


def test_what_is_made_safe_and_another_format_are_so_in_the_script(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(DIALECTS["semicolon, comma, CRLF, BOM"])
    told = made(raw, *STEPS, format="tsv", excel_safe=True)
    assert b"'=1+1" in told.cleaned.read_bytes()
    assert cleaned(told.folder, raw, "tsv") == told.cleaned.read_bytes()


def test_next_months_file_is_written_as_the_recipe_writes_it(tmp_path: Path) -> None:
    raw, later = tmp_path / "raw.csv", tmp_path / "later.csv"
    raw.write_bytes(DIALECTS["semicolon, comma, CRLF, BOM"])
    told = made(raw, *STEPS[:3])
    text = lines(";", "\r\n", comma=True).replace("2,250", "2,5000").replace("2020-01-01", "2020-01-02")
    later.write_bytes(text.encode("utf-8-sig"))
    apply_as_rules(told.folder / "recipe.json", later, tmp_path / "rules.csv")
    assert cleaned(told.folder, later) == (tmp_path / "rules.csv").read_bytes()


def test_where_bytes_may_differ_the_script_and_the_export_say_why(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(DIALECTS["plain"])
    told = made(raw, rule("fill", "paid"), rule("scale", "paid"))
    why = "the numbers of scale are worked out by pandas, and may differ in their last digit"
    assert any(why in note for note in told.notes)
    assert why in (told.folder / "prepare.py").read_text() and why in (told.folder / "README.txt").read_text()
    cleaned(told.folder, raw)


def test_each_file_is_read_and_written_with_its_own_decimal_mark(tmp_path: Path) -> None:
    train, serve, later = (tmp_path / f"{name}.csv" for name in ("train", "serve", "later"))
    train.write_text("a;b\n1,50; x\n;y\n3,0;z\n4,25;w\n")
    serve.write_text("a,b\n1.50, x\n,y\n7.250,q\n")
    later.write_text("a,b\n2.50, x\n,y\n7.250,q\n")
    steps = Review().say(rule("tidy", "b"), rule("fill", "a", how="median"))
    told = export(load(train, serve=serve), steps, tmp_path / "made")
    assert cleaned(told.folder, train) == told.cleaned.read_bytes()
    served = (told.folder / "cleaned-serve.csv").read_bytes()
    assert cleaned(told.folder, serve) == served == b"a,b\n1.50,x\n3.0,y\n7.250,q\n"
    assert cleaned(told.folder, later) == b"a,b\n2.50,x\n3.0,y\n7.250,q\n"
    both = pd.concat([pd.read_csv(train, sep=";", dtype="str"), pd.read_csv(serve, dtype="str")])
    made_of = script(load(train, serve=serve), steps.decisions)
    rows = made_of.clean(both.reset_index(drop=True), rows=True)
    assert rows["a"].tolist() == [1.5, 3.0, 3.0, 4.25, 1.5, 3.0, 7.25], "each row as its own file has it"


def test_a_stray_mark_in_a_later_file_is_a_cell_that_is_told_and_no_number(tmp_path: Path) -> None:
    raw, later = tmp_path / "raw.csv", tmp_path / "later.csv"
    raw.write_text("a,b\n1.50,x\n,y\n3.0,z\n2.5,w\n")
    later.write_text("a,b\n" + "".join(f"{row}.5,x\n" for row in range(20)) + '"3,5",y\n')
    prepare = script(load(raw), [rule("fill", "a", how="median")])
    with pytest.warns(UserWarning, match="1 cells of 'a' such as '3,5' cannot be read as double"):
        cells = prepare.clean(prepare.table(str(later)))["a"].tolist()
    assert cells == [*(row + 0.5 for row in range(20)), 2.5]
    grouped = read(pd.Series(["1,250", "3,5", "2.5", "1,23,456.5"]), "double", {**DOUBLE, "drop": ","})
    assert grouped.astype(object).where(grouped.notna(), None).tolist() == [1250.0, None, 2.5, 123456.5]


def test_the_decimal_mark_of_an_unknown_file_is_found_or_refused() -> None:
    ways = {"a": ("double", {"null": [], "point": ",", "drop": " "}), "b": ("string", {"null": []})}

    def found(*cells: str, same: bool = True) -> tuple[str, str, bool]:
        new, swapped = marked(pd.DataFrame({"a": cells, "b": "1.5"}), ways, same)
        return new["a"][1]["point"], new["a"][1]["drop"], swapped

    assert found("1,5", "2") == found("2", "") == (",", " ", False)
    assert found("1.50", "7.250") == (".", ",", True)
    assert found("1,50", "7.250") == (",", ".", False)
    assert found("1,250") == (",", " ", False)
    for cells, same in ((("1,5", "1.5"), True), (("7.250",), True), (("7,250",), False)):
        with pytest.raises(ValueError, match="decimal mark"):
            found(*cells, same=same)
    assert marked(pd.DataFrame({"a": [1.5]}), ways, True) == (ways, False)


def test_copies_of_rows_set_by_hand_are_promised_no_bytes(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_text("a,b\n1.50,x\n2.0,y\n3,z\n")
    told = made(
        raw, Decision("relabel", RowSet([2]), "4.00", column="a"), rule("add_rows", how="repeat", amount=2)
    )
    assert "not its bytes: copies of rows" in (told.folder / "prepare.py").read_text()
    cleaned(told.folder, raw)


def test_copies_of_rows_are_written_as_the_rows_are_that_they_repeat(tmp_path: Path) -> None:
    """Also where a rule wrote the column, and filled some of its cells with a value of another type."""
    raw = tmp_path / "raw.csv"
    raw.write_text("a,b,c\n10,1.50,x\n20,2.0,y\n31,,z\n,4,w\n")
    copies = rule("add_rows", how="repeat", amount=4)
    told = made(raw, rule("fill", "a", how="mean"), rule("fill", "b", how="median"), copies)
    lines = told.cleaned.read_text().splitlines()
    own = ["10,1.50,x", "20,2.0,y", "31,2.0,z", "20.333333333333332,4,w"]
    assert lines[1:5] == [f"{line},," for line in own]
    assert sorted(lines[5:]) == sorted(f"{line},oversampled,{row}" for row, line in enumerate(own))
    assert cleaned(told.folder, raw) == told.cleaned.read_bytes()


def test_ranks_behind_nearest_rows_may_differ_in_the_pipeline_and_are_told(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_text(
        "a,b\n" + "".join(f"{row % 50 / 8 if row % 7 else ''},{2 * row + row % 3}\n" for row in range(60))
    )
    ranked = rule("transform", "a", how="quantile to uniform")
    told = made(raw, rule("fill", "a", how="nearest rows"), ranked)
    assert [note for note in told.notes if "its rank, by" in note or "its rank may be one step" in note]
    assert not [note for note in made(raw, ranked).notes if "rank" in note]


def test_a_filled_cell_is_written_with_the_decimal_mark_of_its_column(tmp_path: Path) -> None:
    """Points in one column and commas in another; the recipe reads the file again as it was read."""
    lines = [f"{100 + i}.5;1,{600 + i};{110 + i},{i % 90 + 10}" for i in range(60)]
    lines[3], lines[4] = "103.5;;113,13", ";1,604;114,14"
    raw = tmp_path / "raw.csv"
    raw.write_text("\n".join(["a;b;c", *lines, ""]))
    fills = ["fill a how=constant value=7.5", "fill b how=constant value=2.25"]
    steps = [word for fill in fills for word in ("--step", fill)]
    assert main(["export", str(raw), *steps, "--out", str(tmp_path / "out")]) == 0
    cleaned = (tmp_path / "out" / "cleaned.csv").read_bytes()
    assert cleaned.splitlines()[4:6] == [b"103.5;2,25;113,13", b"7.5;1,604;114,14"]
    recipe, again = tmp_path / "out" / "recipe.json", tmp_path / "again.csv"
    assert main(["apply", str(recipe), str(raw), "--out", str(again)]) == 0
    assert again.read_bytes() == cleaned
    command = [sys.executable, str(tmp_path / "out" / "prepare.py"), str(raw), str(again)]
    again.unlink()
    subprocess.run(command, check=True)
    assert again.read_bytes() == cleaned
