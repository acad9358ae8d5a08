"""Train and serve in two files; other kinds; a first look; stopping."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core import load as loaded
from core.dataset.split import PartSplit
from core.errors import Cancelled, ColumnError, SettingError
from core.loading import Options, load, preview, retype
from core.prepare import fixes
from core.prepare.by_hand import reason
from core.progress import Progress
from core.run import run
from tests.core.loading.reading import read

TRAIN = b"id,x,y,only\n1,1,a,p\n2,2,b,q\n3,,a,r\n"
SERVE = b"y,id,x,fresh\nb,4,2.5,s\nc,5,,t\n"


def test_two_files_become_one_data_set_with_their_differences_as_findings():
    dataset = read(TRAIN, SERVE)
    assert dataset.names == ("id", "x", "y", "only", "fresh")
    assert dataset.parts == {"train": 3, "serve": 2}
    assert dataset.split == PartSplit("file", at=3)
    assert dataset.frame()["x"].fillna(-1).tolist() == [1, 2, -1, 2.5, -1]
    assert dataset.frame()["only"].isna().tolist() == [False, False, False, True, True]
    assert [(f.code, f.columns, f.severity) for f in dataset.loading] == [
        ("type_differs", ("x",), "warning"),
        ("missing_in_serve", ("only",), "warning"),
        ("new_in_serve", ("fresh",), "warning"),
    ]
    assert dataset.source.serve.options["names"] == ["y", "id", "x", "fresh"]


def test_that_serve_lacks_the_target_is_no_fault():
    dataset = read(TRAIN, SERVE)
    for target, severity in (("only", "info"), ("y", "warning"), (None, "warning")):
        dataset = dataset.with_roles(target=target)
        [lacking] = [f for f in dataset.loading if f.code == "missing_in_serve"]
        assert lacking.severity == severity and ("it is the target" in lacking.title) == (severity == "info")
    made = run("shift", dataset.with_roles(target="only"))
    [line] = [line for line in made.lines if line.shift.name == "only"]
    assert line.metric == "schema" and line.status == "negligible"


@pytest.mark.parametrize("role", ["weight", "id", "group", "time"])
def test_a_column_with_a_role_that_serve_lacks_is_a_note_and_has_no_click(role: str) -> None:
    train = "x,y,r\n" + "".join(f"{row % 7},{row % 2},2024-01-{row + 1:02d}\n" for row in range(28))
    data = read(train.encode(), b"x\n1\n2\n3\n").with_roles(target="y", **{role: "r"})
    found = {f.columns[0]: f for f in data.loading if f.code == "missing_in_serve"}
    assert found["r"].severity == "info" and not found["r"].action and not fixes.label(found["r"])
    assert found["r"].title == f"Column 'r' is missing from serve; it is the {role}."
    assert "cannot be served" not in found["r"].why and "Leave it out" not in found["r"].suggestion
    assert reason(found["r"], data).startswith(f"It is the {role}, no feature")
    assert found["y"].title.endswith("as it is the target.")
    assert {f.severity for f in run("shift", data).findings if f.code == "missing_in_serve"} == {"info"}
    free = data.with_roles(**{role: None})
    [one] = [f for f in free.loading if f.columns == ("r",)]
    assert (one.severity, one.action, fixes.label(one)) == ("warning", "omit", "Leave out 'r'")
    assert "cannot be served without it" in one.why


def test_numbers_in_one_part_and_words_in_the_other_are_not_mixed_within_a_column():
    train = b"plan,z\n" + b"".join(b"%d,%d\n" % (row % 3, row) for row in range(80))
    serve = b"plan,z\n" + b"".join(b"%s,%d\n" % ((b"low", b"mid", b"top")[row % 3], row) for row in range(40))
    codes = {f.code for f in run("profile", read(train, serve)).findings if "plan" in f.columns}
    assert "mixed_type" not in codes
    assert "type_differs" in {f.code for f in read(train, serve).loading}
    alone = read(train + serve.partition(b"\n")[2])
    assert "mixed_type" in {f.code for f in run("profile", alone).findings if "plan" in f.columns}


def test_an_identifier_of_the_rows_to_be_predicted_stays():
    rows = "".join(f"{9000 + row},{row}.5\n" for row in range(40))
    found = read(b"x,y\n" + b"".join(b"%d.5,a\n" % row for row in range(40)), f"id2,x\n{rows}".encode())
    new = {f.columns: f for f in found.loading if f.code == "new_in_serve"}[("id2",)]
    assert found["id2"].kind == "identifier" and not new.action and new.severity == "info"
    assert "no model uses an identifier" in reason(new)


def test_a_serve_file_with_its_columns_in_another_order(tmp_path):
    train = pd.DataFrame({"a": [1.0, 2.0], "b": [10.0, 20.0], "c": ["x", "y"]})
    serve = pd.DataFrame({"c": ["z"], "b": [30.0], "a": [3.0]})
    for suffix, write in ((".csv", pd.DataFrame.to_csv), (".parquet", pd.DataFrame.to_parquet)):
        paths = [tmp_path / f"{name}{suffix}" for name in ("train", "serve")]
        for frame, path in zip((train, serve), paths, strict=True):
            write(frame, path, index=False)
        found = load(paths[0], into=tmp_path / suffix[1:], serve=paths[1]).frame()
        assert found.iloc[2].tolist() == [3.0, 30.0, "z"], suffix


def test_numbers_and_text_meet_as_the_text_of_the_source():
    dataset = read(b"v,w\n1.50,1\n2,2\n", b"v,w\nhigh,3\n,4\n")
    assert dataset["v"].stored == "string"
    assert dataset.frame()["v"].fillna("-").tolist() == ["1.50", "2", "high", "-"]
    assert dataset.raw("v").to_pylist()[:3] == ["1.50", "2", "high"] if dataset["v"].raw else True


def test_whole_numbers_that_become_floats_keep_their_text():
    dataset = read(TRAIN, SERVE)
    assert dataset["x"].raw
    assert dataset.raw("x").to_pylist() == ["1", "2", "", "2.5", ""]


def test_a_column_without_values_takes_the_other_parts_type():
    dataset = read(b"v,w\nNA,1\n,2\n", b"v,w\n5,3\n6,4\n")
    assert dataset["v"].stored == "int64"
    assert dataset.loading == ()
    assert dataset["v"].null_tokens == (("NA", 1),)


def test_two_files_of_different_formats_through_the_child(tmp_path):
    (tmp_path / "train.csv").write_bytes(TRAIN)
    (tmp_path / "serve.csv").write_bytes(SERVE)
    train = pd.read_csv(tmp_path / "train.csv")
    mixed = load(
        train, serve=tmp_path / "serve.csv", into=tmp_path / "w", name="mixed", roles={"target": "y"}
    )
    assert (mixed.parts, mixed.name, mixed.roles.target) == ({"train": 3, "serve": 2}, "mixed", "y")
    both = load(tmp_path / "train.csv", serve=tmp_path / "serve.csv", into=tmp_path / "w")
    swapped = load(tmp_path / "serve.csv", serve=tmp_path / "train.csv", into=tmp_path / "w")
    assert both.fingerprint != swapped.fingerprint
    assert load(train, serve=train, into=tmp_path / "w").parts == {"train": 3, "serve": 3}


def test_a_split_by_value_and_by_time(tmp_path):
    frame = pd.DataFrame(
        {"part": ["a", "b", "b"], "t": pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"])}
    )
    assert load(frame, into=tmp_path, split=PartSplit("value", column="part", value="b")).parts == {
        "train": 1,
        "serve": 2,
    }
    assert load(frame, into=tmp_path, split=PartSplit("time", column="t", value="2024-02-15")).parts == {
        "train": 2,
        "serve": 1,
    }


def test_loading_twice_gives_one_file(tmp_path):
    (tmp_path / "a.csv").write_bytes(TRAIN)
    first, second = (load(tmp_path / "a.csv", into=tmp_path / "w") for _ in range(2))
    assert first.path == second.path
    assert [p.name for p in (tmp_path / "w").iterdir()] == [first.path.parent.name]
    assert first.path.parent.name.startswith(first.fingerprint[:16] + "-" + first.source.sha256[:8])


def test_other_kinds_write_columns_anew_and_back(tmp_path):
    content = b"zip,when,flag,n\n007,20240102,yes,1.0\n12x,20240203,no,2.50\n3,oops,maybe,\n"
    (tmp_path / "a.csv").write_bytes(content)
    base = load(tmp_path / "a.csv", into=tmp_path / "w")
    kinds = {"zip": "numeric", "flag": "boolean", "n": "category"}
    made = load(tmp_path / "a.csv", into=tmp_path / "w", kinds=kinds)
    assert [c.kind for c in made.columns] == ["numeric", "category", "boolean", "category"]
    assert made.frame()["zip"].fillna(-1).tolist() == [7, -1, 3]
    assert made.frame()["flag"].fillna("-").tolist() == [True, False, "-"]
    assert made["zip"].note == "1 cell did not read as a number and became missing: '12x'."
    assert made.raw("zip").to_pylist() == ["007", "12x", "3"]
    assert (made.fingerprint, made.rows, dict(made.overrides)) == (base.fingerprint, base.rows, kinds)
    assert made.version != base.version
    back = retype(made, {"zip": "category", "flag": "category", "n": "numeric"})
    assert (back.version, back.overrides) == (base.version, {})


def test_retyping_to_dates_and_refusals(tmp_path):
    base = load(
        pd.DataFrame({"d": ["2024-01-02", "2024-02-03", "soon"], "x": [1.5, 2.5, 3.5]}), into=tmp_path
    )
    made = retype(base, {"d": "datetime"})
    assert made.frame()["d"].isna().tolist() == [False, False, True]
    with pytest.raises(ColumnError):
        retype(base, {"nope": "text"})
    with pytest.raises(SettingError):
        retype(base, {"d": "nope"})


def test_amounts_read_as_numbers_whatever_signs_they_carry(tmp_path):
    amounts = {
        "a": ["$1,234.50", "-€ 2,000", "12 %", "0", "none"],
        "b": ["1 234 567", "7'000 CHF", "-007", "12.5%", "none"],
    }
    made = retype(load(pd.DataFrame(amounts), into=tmp_path), {"a": "numeric", "b": "numeric"})
    assert made.frame()["a"].fillna(-1).tolist() == [1234.5, -2000, 12, 0, -1]
    assert made.frame()["b"].fillna(-1).tolist() == [1234567, 7000, -7, 12.5, -1]
    assert made.raw("a").to_pylist() == amounts["a"]
    lost = "1 cell did not read as a number and became missing: 'none'."
    mixed = "Several currencies: 1 in '$', 1 in '€'. Percentages and plain numbers: 2 without, 1 with '%'."
    assert made["a"].note == f"{mixed} {lost}"


def test_a_first_look(tmp_path):
    (tmp_path / "a.csv").write_text("name;x\n" + "".join(f"n{i};{i},5\n" for i in range(100_000)))
    seen = preview(tmp_path / "a.csv", rows=3)
    assert (seen.options.delimiter, seen.options.decimal, seen.whole) == (";", ",", False)
    assert seen.rows == (("n0", "0,5"), ("n1", "1,5"), ("n2", "2,5"))
    assert [c.kind for c in seen.columns] == ["identifier", "numeric"]
    other = preview(tmp_path / "a.csv", Options(delimiter=","))
    assert len(other.columns) == 2
    assert other.options.delimiter == ","
    assert load(tmp_path / "a.csv", into=tmp_path / "w", options=seen.options).rows == 100_000


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ("Summe:;14.5;9;", "Summe:"),  # more of its numbers are sums than not
        ("Total North;14.5;9;5", "Total North"),
        ("Nora;14.5;9;", ""),  # no word of totals
        ("Summe;14.6;9.5;5", ""),  # no sums
        ("Summe;14.5;8;5", ""),  # one sum of three numbers
        ("Summe;;;", ""),
    ],
)
def test_a_first_look_names_a_last_row_that_is_a_total(tmp_path, last, said):
    rows = ["name;paid;pieces;age", "Ann;2.5;2;31", "Bo;4;3;54", "Cy;8;4;47"]
    (tmp_path / "a.csv").write_text("\n".join([*rows, last]))
    assert preview(tmp_path / "a.csv").total == said
    (tmp_path / "b.csv").write_text("\n".join([rows[0], last, *rows[1:]]))
    assert not preview(tmp_path / "b.csv").total, "not the last"


def test_the_profile_finds_the_total_that_the_first_look_names(tmp_path):
    frame = pd.DataFrame({"town": ["Ghent", "Lyon", "Turin", "Bern"], "sold": [3.1, 4.2, 5.5, 6.3]})
    frame.loc[4] = ["Total", 19.1]
    frame.to_csv(tmp_path / "a.csv", index=False)
    assert preview(tmp_path / "a.csv").total == "Total"
    result = run("profile", load(tmp_path / "a.csv", into=tmp_path / "w"), {})
    [finding] = [one for one in result.findings if one.code == "total_rows"]
    assert finding.rows.ids.tolist() == [4] and finding.action == "drop"


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.parquet"])
def test_a_first_look_at_other_formats(tmp_path, name):
    frame = pd.DataFrame({"a": np.arange(60_000), "b": "some words"})
    writers = {
        "a.json": lambda p: frame.to_json(p, orient="records"),
        "a.jsonl": lambda p: frame.to_json(p, orient="records", lines=True),
        "a.parquet": frame.to_parquet,
    }
    writers[name](tmp_path / name)
    seen = preview(tmp_path / name)
    assert (len(seen.rows), seen.rows[0], seen.whole) == (20, ("0", "some words"), False)


def test_progress_rises_and_the_reading_can_be_stopped(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"a,b\n" + b"1.5,x\n" * 300_000)
    heard: list[float] = []
    load(
        tmp_path / "a.csv",
        into=tmp_path / "w",
        progress=Progress(lambda fraction, note: heard.append(fraction)),
    )
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    asked: list[int] = []
    with pytest.raises(Cancelled):
        load(
            tmp_path / "a.csv",
            into=tmp_path / "v",
            progress=Progress(stop=lambda: asked.append(1) is None and len(asked) > 3),
        )
    assert list((tmp_path / "v").iterdir()) == []


def test_the_child_ends_with_its_parent(tmp_path):
    import signal
    import subprocess
    import sys
    import time

    import psutil

    (tmp_path / "a.csv").write_bytes(b"a,b,c,d,e,f\n" + b'1.5,"x\ny",2,3,4,5\n' * 1_500_000)
    code = (
        f"from pathlib import Path; from core.loading import load; load({str(tmp_path / 'a.csv')!r}, "
        f"into=Path({str(tmp_path / 'w')!r}))"
    )
    parent = subprocess.Popen([sys.executable, "-c", code])
    children: list[psutil.Process] = []
    while not any("reading" in child.cwd() for child in children):
        assert parent.poll() is None
        time.sleep(0.05)
        children = psutil.Process(parent.pid).children(recursive=True)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    gone, alive = psutil.wait_procs(children, timeout=20)
    assert not alive
    (leftover,) = (tmp_path / "w").iterdir()
    assert leftover.name.startswith(".reading-")


def test_importing_is_cheap():
    import subprocess
    import sys

    code = "import core.loading, sys; sys.exit(int(any(m in sys.modules for m in ('pandas', 'pyarrow'))))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("first", [1, 801])
@pytest.mark.parametrize("of_text", [False, True])
def test_numbers_of_rows_that_begin_anew_in_serve_are_identifiers_all_the_same(first, of_text):
    draw = np.random.default_rng(0)

    def part(rows: int, start: int) -> pd.DataFrame:
        number = np.arange(start, start + rows)
        names = [f"P-{one:05d}" for one in number] if of_text else number
        return pd.DataFrame({"plot": names, "day": number // 3, "x": draw.normal(size=rows)})

    data = loaded(part(800, 1), serve=part(300, first))
    assert [column.kind for column in data.columns] == ["identifier", "numeric", "numeric"]
