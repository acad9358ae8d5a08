"""Formats of other programs: every cell comes through as what it is, and what is damaged is said."""

from __future__ import annotations

import datetime as dt
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pytest
from pyarrow import orc

from core.dataset import Dataset
from core.errors import LoadError
from core.loading import Options, load, preview
from core.loading.align import naming
from core.loading.readers import Staged
from core.loading.typed_cells import TypedCells
from tests.core.loading.reading import new_folder, read

DAYS = [dt.datetime(2024, 1, n, 3, 4, 5, 678_000) for n in range(1, 5)]
TABLE = pa.table(
    {
        "n": pa.array([1, 2, None, 4], pa.int16()),
        "x": pa.array([0.5, None, 2.0, -1.0]),
        "text": ["a", None, "007", "é"],
        "when": pa.array(DAYS, pa.timestamp("ms")),
        "yes": [True, False, None, True],
        "level": pa.array(["lo", "hi", "lo", None]).dictionary_encode(),
        "list": [[1, 2], [], None, [3]],
    }
)
KINDS = ["numeric", "numeric", "category", "datetime", "boolean", "category", "category"]


def rows(dataset: Dataset) -> list[list[Any]]:
    frame = dataset.frame().astype(object)
    return frame.where(frame.notna(), None).to_numpy().tolist()


def titles(dataset: Dataset) -> list[str]:
    return [finding.title for finding in dataset.loading]


def why(path: Path, options: Options | None = None) -> str:
    with pytest.raises(LoadError) as caught:
        read(path, options=options)
    return str(caught.value)


def arrow_files(table: pa.Table) -> dict[str, Path]:
    folder = new_folder()
    paths = {name: folder / f"t.{name}" for name in ("feather", "lz4", "stream", "orc")}
    feather.write_feather(table, paths["feather"], compression="zstd", chunksize=3)
    feather.write_feather(table, paths["lz4"], compression="uncompressed")
    with pa.ipc.new_stream(paths["stream"], table.schema) as sink:
        sink.write_table(table, max_chunksize=2)
    orc.write_table(table.set_column(5, "level", table["level"].cast(pa.string())), paths["orc"])
    return paths


def test_arrow_and_orc_hold_what_parquet_holds() -> None:
    same = read(parquet(TABLE))
    for name, path in arrow_files(TABLE).items():
        dataset = read(path)
        assert rows(dataset) == rows(same), name
        assert [c.kind for c in dataset.columns] == KINDS
        assert dataset.source.format == ("orc" if name == "orc" else "feather")
        assert dataset.fingerprint == same.fingerprint
        assert preview(path).whole


def parquet(table: pa.Table) -> Path:
    import pyarrow.parquet as pq

    path = new_folder() / "t.parquet"
    pq.write_table(table, path)
    return path


def test_a_first_look_at_a_long_arrow_file_reads_its_beginning() -> None:
    path = new_folder() / "long.feather"
    feather.write_feather(pa.table({"a": range(200_000), "b": ["x"] * 200_000}), path)
    seen = preview(path)
    assert not seen.whole and [c.name for c in seen.columns] == ["a", "b"]
    assert read(path).frame()["a"].sum() == 199_999 * 100_000


def test_encoded_values_of_types_that_arrow_takes_no_rows_of_are_read() -> None:
    def runs(values: pa.Array) -> pa.Array:
        return pa.RunEndEncodedArray.from_arrays(pa.array([2, 3, 5], pa.int32()), values)

    views = pa.array(["x", None, "y"], pa.string_view())
    moments = pa.array([0, 1_000, 2_000, None, 10**9], pa.int64()).cast(pa.timestamp("ns", "Nowhere/Else"))
    table = pa.table(
        {
            "run": runs(views),
            "code": pa.DictionaryArray.from_arrays(pa.array([0, 2, None, 1, 0], pa.int8()), views),
            "byte": runs(pa.array([b"x", None, b"\xff"], pa.binary_view())),
            "half": runs(pa.array(np.array([0.5, np.inf, 2], np.float16))),
            "when": moments,
        }
    )
    whole, part = new_folder() / "t.arrow", new_folder() / "t.arrow"
    for path, held in ((whole, table), (part, table.slice(1))):
        with pa.ipc.new_file(path, held.schema) as sink:
            sink.write_table(held)
    frame = read(whole).frame()
    assert frame["run"].tolist()[:2] == ["x", "x"] and frame["run"].tolist()[3:] == ["y", "y"]
    assert frame["run"].isna().tolist() == [False, False, True, False, False]
    assert frame["code"].fillna("-").tolist() == ["x", "y", "-", "-", "x"]
    assert frame["byte"].fillna("-").tolist() == ["x", "x", "-", "\\xff", "\\xff"]
    assert frame["half"].tolist() == [0.5, 0.5, np.inf, 2.0, 2.0]
    assert frame["when"].isna().tolist() == [False, False, False, True, False]
    assert frame["when"].iloc[-1] == pd.Timestamp("1970-01-01 00:00:01")
    assert rows(read(part)) == rows(read(whole))[1:]


def test_what_arrow_cannot_do_with_a_column_is_told_by_its_name_and_type() -> None:
    typed = Staged(
        ["a", "b c"], 1, "feather", TypedCells(), lambda places: iter(()), ["int64", "duration[s]"]
    )
    told = r"Column 'b c' holds values of type duration\[s\] that cannot"
    with pytest.raises(LoadError, match=told), naming("b c", [typed]):
        raise pa.ArrowNotImplementedError("no kernel")
    with pytest.raises(ZeroDivisionError), naming("b c", [typed]):
        raise ZeroDivisionError
    with pytest.raises(pa.ArrowInvalid), naming("elsewhere", [typed]):
        raise pa.ArrowInvalid("a bug")


def base(path: Path, *statements: str) -> Path:
    with sqlite3.connect(path) as there:
        for statement in statements:
            there.execute(statement)
    there.close()
    return path


def test_sqlite_gives_the_largest_table_with_the_types_of_its_cells(tmp_path: Path) -> None:
    path = base(
        tmp_path / "shop.db",
        "CREATE TABLE tiny (a)",
        "INSERT INTO tiny VALUES (1)",
        'CREATE TABLE "my sales" (id INTEGER PRIMARY KEY, day TEXT, "sum" REAL, code TEXT, '
        "paid BOOLEAN, raw BLOB)",
        *(
            f"INSERT INTO 'my sales' VALUES ({n}, '2024-01-0{n}', {n}.5, '00{n}', {n % 2}, x'41ff')"
            for n in range(1, 9)
        ),
        "INSERT INTO 'my sales' VALUES (9, NULL, 3, 'it''s', NULL, NULL)",
        "CREATE VIEW few AS SELECT id, code FROM 'my sales' WHERE id < 3",
    )  # fmt: skip
    dataset = read(path)
    assert [(c.name, c.stored) for c in dataset.columns] == [
        ("id", "int64"), ("day", "timestamp[us]"), ("sum", "double"), ("code", "string"), ("paid", "bool"),
        ("raw", "string"),
    ]  # fmt: skip
    assert rows(dataset)[0] == [1, pd.Timestamp("2024-01-01"), 1.5, "001", True, "A\\xff"]
    assert rows(dataset)[-1] == [9, None, 3.0, "it's", None, None]
    assert titles(dataset) == ["The table 'my sales' is read; the database also has 'tiny' and 'few'."]
    assert rows(read(path, options=Options(table="few"))) == [[1, "001"], [2, "002"]]
    assert preview(path).others == ("tiny", "few")
    assert "no table 'fwe' with cells; there are 'tiny', 'my sales' and 'few'" in why(
        path, Options(table="fwe")
    )


def test_a_hostile_sqlite_schema_does_nothing(tmp_path: Path) -> None:
    path = base(
        tmp_path / "bad.db",
        "CREATE TABLE t (a, b GENERATED ALWAYS AS (a + 1))",
        "INSERT INTO t VALUES (1)",
        "CREATE VIEW ext AS SELECT load_extension('/tmp/x.so') AS a",
        "CREATE TRIGGER steps AFTER INSERT ON t BEGIN DELETE FROM t; END",
        "CREATE VIEW deep AS SELECT zeroblob(900000000) AS a",
        "CREATE VIRTUAL TABLE words USING fts5(body)",
        "CREATE VIEW dull AS SELECT * FROM pragma_database_list",
    )
    before = path.read_bytes()
    assert rows(read(path)) == [[1, 2]]
    assert not any("words" in name for name in preview(path).others)
    for name in ("ext", "deep", "dull"):
        assert "is an SQLite database, but a damaged or incomplete one" in why(path, Options(table=name))
    assert path.read_bytes() == before and sorted(one.name for one in tmp_path.iterdir()) == ["bad.db"]
    path.write_bytes(before[:2000] + bytes(2000) + before[4000:])
    assert "damaged or incomplete" in why(path)
    assert read(base(tmp_path / "bare.db", "CREATE TABLE t (a)")).names == ("a",)
    assert "no table with anything" in why(base(tmp_path / "none.db", "CREATE TABLE t (a)", "DROP TABLE t"))


def test_duckdb_gives_a_table_and_reaches_no_other_file(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as there:
        there.execute("CREATE TABLE small AS SELECT 1 AS a")
        there.execute(
            "CREATE TABLE \"order\" AS SELECT n, 'c' || n AS code, n::HUGEINT AS big, "
            "(n / 4)::DECIMAL(9, 2) AS sum, to_days(n::INT) AS took, "
            "DATE '2024-01-01' + n::INT AS day FROM range(1, 9) t(n)"
        )
        there.execute("CREATE VIEW passwords AS SELECT * FROM read_csv('/etc/passwd')")
    dataset = read(path)
    assert [c.stored for c in dataset.columns] == [
        "int64",
        "string",
        "int64",
        "double",
        "string",
        "timestamp[us]",
    ]
    assert rows(dataset)[2] == [3, "c3", 3, 0.75, "3 days", pd.Timestamp("2024-01-04")]
    assert titles(dataset) == ["The table 'order' is read; the database also has 'small' and 'passwords'."]
    assert "is a DuckDB database, but" in why(path, Options(table="passwords"))
    content = path.read_bytes()
    path.write_bytes(content[:9000])
    assert "is a DuckDB database, but a damaged or incomplete one" in why(path)


def test_arrays_of_one_length_are_one_table(tmp_path: Path) -> None:
    x, y = np.arange(12.0).reshape(4, 3), np.array([0, 1, 0, 1], np.uint8)
    x[1, 2] = np.nan
    np.savez_compressed(tmp_path / "a.npz", X=x, y=y, names=np.array(["ab", "c"]), scale=np.float64(3))
    dataset = read(tmp_path / "a.npz")
    assert dataset.names == ("X_0", "X_1", "X_2", "y")
    assert rows(dataset)[1] == [3.0, 4.0, None, 1]
    assert titles(dataset) == ["The table 'X, y' is read; the file also has 'names'."]
    assert rows(read(tmp_path / "a.npz", options=Options(table="names"))) == [["ab"], ["c"]]
    np.save(tmp_path / "f.npy", np.asfortranarray(x.astype(">f4")))
    assert rows(read(tmp_path / "f.npy")) == [[None if n != n else n for n in row] for row in x.tolist()]
    record = np.array([(1, b"u", "2024-01-02"), (2, b"v", "NaT")], [("n", "i2"), ("s", "S3"), ("d", "M8[D]")])
    np.save(tmp_path / "r.npy", record)
    assert rows(read(tmp_path / "r.npy")) == [[1, "u", pd.Timestamp("2024-01-02")], [2, "v", None]]


def test_arrays_that_are_no_table_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "o.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
    assert "holds Python objects (a pickle), which are never opened" in why(tmp_path / "o.npy")
    np.save(tmp_path / "i.npy", np.zeros((3, 4, 4)))
    assert "has the shape (3, 4, 4); a table has two dimensions" in why(tmp_path / "i.npy")
    np.save(tmp_path / "c.npy", np.zeros((3, 4), complex))
    assert "holds complex128" in why(tmp_path / "c.npy")
    np.save(tmp_path / "s.npy", np.zeros((300, 4)))
    (tmp_path / "s.npy").write_bytes((tmp_path / "s.npy").read_bytes()[:-8])
    assert "is a file of arrays, but a damaged or incomplete one" in why(tmp_path / "s.npy")


ARFF = r"""% a comment, and
  % another
@RELATION 'small one'

@attribute 'the length' NUMERIC
@attribute kind {setosa, 'versi, color', "it's"}
@attribute note string
@attribute day date "yyyy-MM-dd"
@attribute count INTEGER
@DATA
5.1, setosa, 'two\nlines', 2024-01-01, 1
% between
.5,'versi, color',"say 'hi'", "2024-01-02", ?
?,'it\'s',?,?,3
4,setosa,'?',2024-01-03,4,{2}
5,setosa,x,2024-01-03
abc,setosa,x,2024-01-03,5
"""


def test_arff_with_its_quotes_missing_values_and_bad_rows(tmp_path: Path) -> None:
    (tmp_path / "a.arff").write_text(ARFF)
    dataset = read(tmp_path / "a.arff")
    assert [(c.name, c.kind) for c in dataset.columns][:2] == [
        ("the length", "numeric"),
        ("kind", "category"),
    ]
    assert rows(dataset) == [
        [5.1, "setosa", "two\nlines", pd.Timestamp("2024-01-01"), 1],
        [0.5, "versi, color", "say 'hi'", pd.Timestamp("2024-01-02"), None],
        [None, "it's", None, None, 3],
        [4.0, "setosa", "?", pd.Timestamp("2024-01-03"), 4],
    ]
    assert titles(dataset) == [
        "2 rows do not fit the attributes and are kept aside (first: line 16, 4 values for 5 attributes)."
    ]
    mended = read(tmp_path / "a.arff", options=Options(put_back=((17, "6,setosa,x,2024-01-03,5"),)))
    assert rows(mended)[-1][0] == 6.0 and mended.source.aside == 1
    assert preview(tmp_path / "a.arff").kept_aside[1].reason == "'abc' is no number in 'the length'"


def test_sparse_arff_leaves_out_what_is_zero(tmp_path: Path) -> None:
    head = "@relation r\n@attribute a numeric\n@attribute b {no,yes}\n@attribute c numeric\n@data\n"
    (tmp_path / "s.arff").write_text(head + "{0 3, 1 yes}\n{ 2 1.5 }\n{}\n{1 ?}\n{7 1}\n{0 1\n")
    dataset = read(tmp_path / "s.arff")
    assert rows(dataset) == [[3, "yes", 0.0], [0, "no", 1.5], [0, "no", 0.0], [0, None, 0.0]]
    assert dataset.source.aside == 2
    (tmp_path / "s.arff").write_text(head)
    assert read(tmp_path / "s.arff").names == ("a", "b", "c")
    (tmp_path / "s.arff").write_text(head + "1\n")
    assert "has attributes, but no rows that fit them" in why(tmp_path / "s.arff")
    (tmp_path / "s.arff").write_text("@relation r\n@attribute a {x,y}\n")
    assert "is an ARFF file without @data or attributes" in why(tmp_path / "s.arff")


def study() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "age": [34.0, 51.0, None, 99.0],
            "sex": [1, 2, 1, 2],
            "name": ["Åsa", "Bo", "", "Di"],
            "born": pd.to_datetime(["1990-05-01", "1973-01-31", None, "2001-12-24"]),
            "score": [0.5, 1.25, 2.0, None],
        }
    )


def test_stata_keeps_value_labels_dates_and_says_missing_codes(tmp_path: Path) -> None:
    frame, path = study(), tmp_path / "s.dta"
    labels = {"sex": {1: "male", 2: "female"}, "age": {99: "refused"}}
    frame.to_stata(path, write_index=False, version=118, value_labels=labels, convert_dates={"born": "td"})
    dataset = read(path)
    assert [(c.stored, c.kind) for c in dataset.columns] == [
        ("int64", "numeric"), ("string", "category"), ("string", "category"), ("timestamp[us]", "datetime"),
        ("double", "numeric"),
    ]  # fmt: skip
    assert rows(dataset)[0] == [34, "male", "Åsa", pd.Timestamp("1990-05-01"), 0.5]
    assert rows(dataset)[2] == [None, "male", None, None, 2.0]
    assert titles(dataset) == [
        "'sex' is read as its value labels, as 'male' for 1.",
        "'age' has labels for some values only, as 99 = 'refused'; the numbers are kept.",
    ]
    content = bytearray(path.read_bytes())
    code_a = np.array([0x7FE0010000000000], np.uint64).tobytes()
    place = content.index(np.array([0x7FE0000000000000], np.uint64).tobytes(), content.index(b"<data>"))
    content[place : place + 8] = code_a
    path.write_bytes(content)
    dataset = read(path)
    assert rows(dataset)[2][0] is None
    assert "1 code stands for a missing value in 'age', as '.a (1)'; these cells are missing." in titles(
        dataset
    )
    path.write_bytes(content[: len(content) // 2])
    assert "is a Stata file, but a damaged or incomplete one" in why(path)


def test_sas_transport_files_keep_text_numbers_and_dates(tmp_path: Path) -> None:
    import pyreadstat

    path = tmp_path / "s.xpt"
    frame = study()
    frame["at"] = frame["born"] + pd.Timedelta(hours=3)
    forms = {"born": "DATE9.", "at": "DATETIME20."}
    frame["born"] = (frame["born"] - pd.Timestamp("1960-01-01")).dt.days
    pyreadstat.write_xport(frame, str(path), file_format_version=5, variable_format=forms)
    dataset = read(path)
    first = [34, 1, "Åsa", pd.Timestamp("1990-05-01"), 0.5, pd.Timestamp("1990-05-01 03:00")]
    assert rows(dataset)[0] == first and rows(dataset)[2] == [None, 1, None, None, 2.0, None]
    path.write_bytes(path.read_bytes()[:700])
    assert "is a SAS transport file, but a damaged or incomplete one" in why(path)
    (tmp_path / "x.sas7bdat").write_bytes(SAS_HEAD + bytes(3_000))
    assert "is a SAS data set, but a damaged or incomplete one" in why(tmp_path / "x.sas7bdat")


SAS_HEAD = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")


def test_spss_keeps_value_labels_dates_and_its_missing_values(tmp_path: Path) -> None:
    import pyreadstat

    path = tmp_path / "s.sav"
    labels = {"sex": {1: "male", 2: "female"}, "age": {99: "refused"}}
    pyreadstat.write_sav(study(), str(path), variable_value_labels=labels, missing_ranges={"age": [99]})
    dataset = read(path)
    assert rows(dataset)[0] == [34, "male", "Åsa", pd.Timestamp("1990-05-01"), 0.5]
    assert rows(dataset)[3] == [None, "female", "Di", pd.Timestamp("2001-12-24"), None]
    assert titles(dataset) == [
        "'sex' is read as its value labels, as 'male' for 1.",
        "1 code stands for a missing value in 'age', as '99 = refused (1)'; these cells are missing.",
    ]
    assert [c.kind for c in preview(path).columns] == [
        "numeric",
        "category",
        "category",
        "datetime",
        "numeric",
    ]
    path.write_bytes(path.read_bytes()[:300])
    assert "is an SPSS file, but a damaged or incomplete one" in why(path)
    path.write_bytes(b"\x1c\0\0\0\0\0\0\0ENCRYPTEDSAV" + bytes(40))
    assert "is protected by a password" in why(path)


def test_without_pyreadstat_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "s.sav").write_bytes(b"$FL2@(#) SPSS")
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    assert "the package pyreadstat is needed, which is not installed. Install it (pip install" in why(
        tmp_path / "s.sav"
    )


def test_the_confined_child_reads_them_too(tmp_path: Path) -> None:
    study().to_stata(tmp_path / "s.dta", write_index=False)
    np.save(tmp_path / "a.npy", np.ones((3, 2)))
    base(tmp_path / "b.db", "CREATE TABLE t (a)", "INSERT INTO t VALUES (1), (2)")
    for name, many in (("s.dta", 4), ("a.npy", 3), ("b.db", 2)):
        assert load(tmp_path / name, into=tmp_path / "w").rows == many
    code = "import sys, core.loading.readers.statistical; print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_they_are_exported_as_parquet_and_applied_to_the_same_file(tmp_path: Path) -> None:
    from core.export import apply_recipe, export
    from core.review import Review

    path = base(
        tmp_path / "b.db", "CREATE TABLE t (a, b)", "INSERT INTO t VALUES (1, 'x'), (2, NULL), (3, 'y')"
    )
    dataset = load(path, into=tmp_path / "w", options=Options(table="t"))
    folder = tmp_path / "out"
    export(dataset, Review(), folder)
    cleaned = pd.read_parquet(folder / "cleaned.parquet")
    assert cleaned["a"].tolist() == [1, 2, 3] and cleaned["b"].isna().tolist() == [False, True, False]
    assert "no recipe.py for sqlite files" in (folder / "manifest.json").read_text()
    apply_recipe(folder / "recipe.json", path, tmp_path / "again.parquet")
    assert (tmp_path / "again.parquet").read_bytes() == (folder / "cleaned.parquet").read_bytes()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_bytes_are_wrong_there_is_an_answer_or_a_sentence(tmp_path: Path, seed: int) -> None:
    """Some bytes of each kind of file are changed at random."""
    random = np.random.default_rng(seed)
    study().to_stata(tmp_path / "t.dta", write_index=False)
    np.savez(tmp_path / "t.npz", X=np.ones((30, 2)), y=np.ones(30))
    base(
        tmp_path / "t.db",
        "CREATE TABLE t (a, b)",
        *(f"INSERT INTO t VALUES ({n}, 'x{n}')" for n in range(99)),
    )
    (tmp_path / "t.arff").write_text(ARFF)
    files = [*(arrow_files(TABLE).values()), *sorted(tmp_path.iterdir())]
    for path in files:
        content = bytearray(path.read_bytes())
        for place in random.integers(8, len(content), 6):
            content[place] = random.integers(256)
        path.write_bytes(content)
        try:
            assert load(path, into=tmp_path / "w").rows > 0
        except LoadError as error:
            assert 20 < len(str(error)) < 600


CODES = {"age": (8, 9), "pay": (6, 7, 8, 9)}


def test_codes_are_named_as_examples_where_there_are_others() -> None:
    from core.loading.readers.variables import Variable, _as_missing

    one, other = (Variable(name, codes={f"{at} = no": 1 for at in codes}) for name, codes in CODES.items())
    assert _as_missing([one]).title == (
        "2 codes stand for missing values in 'age', as '8 = no (1), 9 = no (1)'; these cells are missing."
    )
    for several in ([other], [one, other]):
        assert ", such as '" in _as_missing(several).title
