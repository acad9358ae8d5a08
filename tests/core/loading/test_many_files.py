"""A folder or a pattern of files is one table, in the order of their names; what does not fit is said."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.__main__ import main
from core.errors import LoadError
from core.export import apply_recipe, export
from core.loading import Options, load, preview
from core.loading.readers import staging
from core.review import Review

MONTHS = {"2024-02.csv": "id;sum\n4;1,5\n5;2,25\n", "2024-01.csv": "sum;id\n0,5;1\n;2\n7,125;3\n"}


def csv_folder(folder: Path, **more: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in (MONTHS | {name.replace("_", "."): text for name, text in more.items()}).items():
        (folder / name).write_text(text)
    return folder


def why(path: Path | str, tmp_path: Path, options: Options | None = None) -> str:
    with pytest.raises(LoadError) as caught:
        load(path, into=tmp_path / "w", options=options)
    return str(caught.value)


@pytest.mark.parametrize("pattern", ["", "*.csv", "2024-??.csv"])
def test_csv_files_are_one_table_in_the_order_of_their_names(tmp_path: Path, pattern: str) -> None:
    folder = csv_folder(tmp_path / "sales")
    (folder / "_SUCCESS").touch()
    dataset = load(folder / pattern if pattern else folder, into=tmp_path / "w")
    assert dataset.frame().fillna(-1).values.tolist() == [
        [0.5, 1, "2024-01.csv"],
        [-1, 2, "2024-01.csv"],
        [7.125, 3, "2024-01.csv"],
        [1.5, 4, "2024-02.csv"],
        [2.25, 5, "2024-02.csv"],
    ]
    assert [c.stored for c in dataset.columns] == ["double", "int64", "string"]
    assert dataset.source.options["files"] == [
        {"name": "2024-01.csv", "rows": 3},
        {"name": "2024-02.csv", "rows": 2},
    ]
    seen = preview(folder / pattern if pattern else folder)
    assert not seen.whole and [c.name for c in seen.columns] == ["sum", "id", "file"]


def test_names_are_below_what_the_files_have_in_common_and_links_of_a_folder_are_none(tmp_path: Path) -> None:
    for year in ("2023", "2024"):
        (tmp_path / "all" / year).mkdir(parents=True)
        (tmp_path / "all" / year / "a.csv.gz").write_bytes(gzip.compress(f"n,m\n{year},1\n".encode()))
    (tmp_path / "all" / "x.csv").symlink_to("/etc/passwd")
    for given in (tmp_path / "all", tmp_path / "all" / "*" / "a*", tmp_path / "all" / "**" / "*.gz"):
        assert load(given, into=tmp_path / "w").frame()["file"].tolist() == ["2023/a.csv.gz", "2024/a.csv.gz"]


def test_a_column_that_some_files_lack_is_missing_there_and_is_said(tmp_path: Path) -> None:
    folder = csv_folder(
        tmp_path / "sales", c_csv="id;sum;note\n6;1,5;x\n", d_csv="id;sum\n7\n" + "9;1\n" * 20 + "8;2;9;9\n"
    )
    dataset = load(folder, into=tmp_path / "w")
    assert dataset.frame()["note"].isna().tolist() == [True] * 5 + [False] + [True] * 21
    said = {finding.code: finding for finding in dataset.loading}
    title = (
        "'note' is not in every file ('note' not in '2024-01.csv', '2024-02.csv' and 'd.csv'); missing there."
    )
    assert said["columns_of_some_files"].title == title
    assert said["short_rows"].title.startswith("d.csv: ") and said["short_rows"].rows.ids.tolist() == [6]
    aside = (dataset.path.parent / "aside.csv").read_text().splitlines()
    assert dataset.source.aside == 1 and aside[1].startswith("23,d.csv: ") and aside[1].endswith(",8;2;9;9")


def test_files_that_are_no_parts_of_one_table(tmp_path: Path) -> None:
    folder = csv_folder(tmp_path / "sales", z_csv="town,river\na,b\n")
    assert "'2024-01.csv' and 'z.csv'" in why(folder / "*.csv", tmp_path)
    (folder / "z.csv").write_text("town;river\na;0,5\n")
    assert "have no column in common" in why(folder, tmp_path)
    pq.write_table(pa.table({"id": [1]}), folder / "z.csv")
    assert "are written differently (csv with decimal comma, parquet)" in why(folder, tmp_path)
    assert "No file matches" in why(folder / "*.tsv", tmp_path)
    assert "cannot be put back" in why(folder / "2*", tmp_path, Options(put_back=((1, "1;2"),)))
    (folder / "z.csv").write_bytes(b"%PDF-1.7")
    assert "z.csv looks like a PDF document" in why(folder, tmp_path)


def test_too_many_files_or_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = csv_folder(tmp_path / "sales")
    monkeypatch.setenv("WINNOW_FILES", "1")
    assert "names 2 files; the limit is 1" in why(folder, tmp_path)


def test_parquet_files_meet_in_a_type_that_holds_both_or_are_refused(tmp_path: Path) -> None:
    whole = {"n": [1, 2], "x": [1, 2], "level": pa.array(["a", "b"]).dictionary_encode()}
    pq.write_table(pa.table(whole), tmp_path / "a.parquet")
    parts = {"level": ["c"], "x": [0.5], "n": pa.array([2**40], pa.int64())}
    pq.write_table(pa.table(parts), tmp_path / "b.parquet")
    dataset = load(tmp_path / "*.parquet", into=tmp_path / "w")
    assert dataset.frame().values.tolist() == [
        [1, 1.0, "a", "a.parquet"],
        [2, 2.0, "b", "a.parquet"],
        [2**40, 0.5, "c", "b.parquet"],
    ]
    pq.write_table(pa.table(parts | {"n": ["one"]}), tmp_path / "b.parquet")
    assert "'n' holds int64 in 'a.parquet' and string in 'b.parquet'" in why(tmp_path / "*.parquet", tmp_path)


def test_a_column_called_file_keeps_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"file": "x"}\n{"file": "y"}\n')
    dataset = load(tmp_path / "*.jsonl", into=tmp_path / "w")
    assert dataset.frame().values.tolist() == [["x", "a.jsonl"], ["y", "a.jsonl"]]
    assert dataset.names == ("file", "file.1")


def test_what_is_held_of_many_files_is_bounded_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.core.loading.reading import read

    monkeypatch.setattr(staging, "HELD_BYTES", 200_000)
    for name in "abc":
        pd.DataFrame({"n": range(20_000), "s": "x"}).to_csv(tmp_path / f"{name}.csv", index=False)
    dataset = read(tmp_path / "*.csv")
    assert dataset.frame()["n"].tolist() == 3 * list(range(20_000))


def test_export_apply_and_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = csv_folder(tmp_path / "sales")
    dataset = load(folder, into=tmp_path / "w")
    export(dataset, Review(), tmp_path / "out")
    text = (tmp_path / "out" / "cleaned.csv").read_text()
    assert text.splitlines()[:2] == ["sum;id;file", "0,5;1;2024-01.csv"]
    apply_recipe(tmp_path / "out" / "recipe.json", folder, tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_text() == text
    assert main(["preview", str(folder / "*.csv"), "--json"]) == 0
    assert '"rows": 5' in capsys.readouterr().out
