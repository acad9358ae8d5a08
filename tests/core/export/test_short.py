"""The short script: only where it is right, and then right to the byte."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from core.decision import Decision
from core.export import export
from core.review import Review
from core.rowset import RowSet
from core.workspace import load

REGULAR = {
    "plain": b"a,b,c\n1,x,0.50\n2,y,007\n3,z,NA\n4,w,-1\n",
    "crlf": b"a,b,c\r\n1,x,0.50\r\n2,y,007\r\n3,z,NA\r\n4,w,-1\r\n",
    "quoted": b'a,b,c\n1,"x, y",2\n2,"say ""hi""",3\n3,"two\nlines",4\n4,"",5\n',
    "quotes inside": b'a,b,c\n1,5" pipe,2\n2,"x"y,3\n3,z,4\n4,w"",5\n',
    "blank lines": b"a,b,c\n1,x,2\n\n2,y,3\n   \n3,z,4\n4,w,5\n",
    "no last newline": b"a,b,c\n1,x,2\n2,y,3\n3,z,4\n4,,",
    "bom": b"\xef\xbb\xbfa,b,c\n1,\xc3\xa9,2\n2,y,3\n3,z,4\n4,w,5\n",
    "semicolon, cp1252": "a;b;c\n1;é;2,5\n2;ü;3,5\n3;ß;4,25\n4;ñ;5\n".encode("cp1252"),
    "tabs": b"a\tb\tc\n1\tx\t2\n2\ty y\t3\n3\tz\t4\n4\tw\t5\n",
    "spaces": b"a,b,c\n1, x ,2\n2,y , 3\n3,  ,4\n4,w,5\n",
    "preamble": b"made on Monday\n\na,b,c\n1,x,2\n2,y,3\n3,z,4\n4,w,5\n",
}
IRREGULAR = {
    "too long": b"a,b,c\n1,x,2\n2,y,3,9,9\n3,z,4\n4,w,5\n5,v,6\n",
    "lone return": b'a,b,c\n1,"x\ry",2\n2,y,3\n3,z,4\n4,w,5\n',
    "one column": b"a\nx\ny\nz\nw\n",
}


def run(script: Path, raw: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [str(script), str(raw), str(out)])
    runpy.run_path(str(script), run_name="__main__")


def exported(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    raw = tmp_path / "raw.csv"
    raw.write_bytes(content)
    data = load(raw)
    said = [
        Decision("drop", RowSet([1])),
        Decision("weight", RowSet([0, 2]), 0.5),
        Decision("relabel", RowSet([2]), "new", column=data.names[0]),
        Decision("blank", RowSet([0]), column=data.names[0]),
        *(Decision("omit", RowSet(), column=name) for name in data.names[2:]),
    ]
    return raw, export(data, Review().say(*said), tmp_path / "out")


@pytest.mark.parametrize("name", REGULAR)
def test_a_regular_file_gets_a_page_of_pandas_that_gives_the_same_bytes(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, made = exported(REGULAR[name], tmp_path, monkeypatch)
    script = made.folder / "recipe.py"
    text = script.read_text(encoding="ascii")
    run(script, raw, tmp_path / "again.csv", monkeypatch)
    assert (tmp_path / "again.csv").read_bytes() == made.cleaned.read_bytes()
    if name not in ("preamble", "bom"):
        assert "pd.read_csv" in text and text.count("\n") < 60


@pytest.mark.parametrize("name", IRREGULAR)
def test_an_irregular_file_gets_the_script_with_its_own_reader(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, made = exported(IRREGULAR[name], tmp_path, monkeypatch)
    script = made.folder / "recipe.py"
    assert "text_blocks" in script.read_text(encoding="ascii")
    run(script, raw, tmp_path / "again.csv", monkeypatch)
    assert (tmp_path / "again.csv").read_bytes() == made.cleaned.read_bytes()


def test_another_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw, made = exported(REGULAR["plain"], tmp_path, monkeypatch)
    raw.write_bytes(REGULAR["plain"] + b"5,v,6\n")
    with pytest.raises(SystemExit, match="not the file"):
        run(made.folder / "recipe.py", raw, tmp_path / "again.csv", monkeypatch)


SHAPES = {
    "row labels as R writes them": (
        b'mpg,cyl,gear\nMazda,21.0,6,4\nDatsun,22.8,4,4\nHornet,21.4,6,3\n"A, B",1.5,2,2\n',
        b"mpg,cyl,gear\n",
    ),
    "a delimiter at the end of every row": (b"A,B,C\n1,4,7,\n2,5,8,\n3,6,9,\n4,7,1,\n", b"A,B,C\n"),
    "two delimiters at the end": (b"A;B;C\n1;4;7;;\n2;5;8;;\n3;6;9;;\n4;7;1;;\n", b"A;B;C\n"),
    "stray quotes": (b'n,t\n1,"Alpha" and "Beta"\n2,x\n3,"y" z\n4,w\n', b"n,t\n"),
    "another table below": (b"a,b\n1,2\n3,4\n5,6\n7,8\n\nc,d,e\n5,6,7\n7,8,9\n", b"a,b\n"),
    "the header again": (b"a,b\n1,2\n3,4\na,b\n5,6\n7,8\n", b"a,b\n"),
    "a header of two lines": (b"time,temp\ns,C\n1,2.5\n2,3.5\n3,4.5\n4,6.5\n", b"time s,temp C\n"),
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("decide", [False, True])
def test_an_unusual_shape_is_exported_with_its_header_and_made_again_by_its_script(
    name: str, decide: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    content, header = SHAPES[name]
    raw = tmp_path / "raw.csv"
    raw.write_bytes(content)
    data = load(raw)
    said = [Decision("drop", RowSet([1])), Decision("relabel", RowSet([2]), "9", column=data.names[1])]
    made = export(data, Review().say(*said) if decide else Review(), tmp_path / "out")
    cleaned = made.cleaned.read_bytes()
    assert cleaned.startswith(header)
    assert cleaned.count(b"\n") == 4 + (not decide)
    assert load(made.cleaned).names == data.names
    run(made.folder / "recipe.py", raw, tmp_path / "again.csv", monkeypatch)
    assert (tmp_path / "again.csv").read_bytes() == cleaned


@pytest.mark.parametrize("content", [REGULAR["plain"], IRREGULAR["too long"]], ids=["short", "long"])
def test_without_files_the_script_says_in_one_sentence_what_to_give(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported(content, tmp_path, monkeypatch)
    raw, gone = str(tmp_path / "raw.csv"), str(tmp_path / "gone" / "out.csv")
    asked = {
        (): "Usage: python recipe.py RAW CLEANED",
        (gone, "out.csv"): f"There is no file {gone}.",
        (raw, gone): f"There is no folder {tmp_path / 'gone'}.",
    }
    for given, told in asked.items():
        monkeypatch.setattr(sys, "argv", ["recipe.py", *given])
        with pytest.raises(SystemExit) as stopped:
            runpy.run_path(str(tmp_path / "out" / "recipe.py"), run_name="__main__")
        assert stopped.value.code == told
