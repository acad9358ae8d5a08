"""Vectors beside the data: read whole and in the right order, refused with a sentence, found again, and used
in place of the columns.
"""

from __future__ import annotations

import gc
import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import workspace
from core.cli import main
from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.errors import ColumnError, LoadError, SettingError
from core.loading import retype
from core.loading.readers.vectors import convert
from core.loading.typed_texts import as_strings, of_floats
from core.numerics.exact import centre_and_total
from core.prepare.encoding import compared_by, encoded
from core.prepare.hashes import row_hashes
from core.progress import SILENT
from core.recipe import Recipe
from core.review import Review
from core.run import run
from core.vectors import attach, detach, from_column
from tests.make import dataset

ROWS = 40
DRAW = np.random.default_rng(0)
GOOD = DRAW.normal(size=(ROWS, 6)).astype("f4")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def frame(rows: int = ROWS) -> pd.DataFrame:
    return pd.DataFrame({"n": np.arange(rows), "c": ["a", "b"] * (rows // 2)})


def saved(path: Path, values: Any = GOOD, name: str = "v.npy") -> Path:
    np.save(path / name, values)
    return path / name


def converted(path: Path, *files: Path, parts: list[list[int]] | None = None) -> np.ndarray[Any, Any]:
    """Read here and now, without the child process, so that many can be tried."""
    rows = [np.array(part) for part in parts or [list(range(ROWS))]]
    convert([(file, file.name) for file in files], rows, path / "out.npy", SILENT)
    return np.asarray(np.load(path / "out.npy"))


def refused(path: Path, content: bytes) -> str:
    (path / "v.npy").write_bytes(content)
    with pytest.raises(LoadError) as caught:
        converted(path, path / "v.npy")
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500
    return str(caught.value)


def as_bytes(values: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, values, **options)
    return file.getvalue()


def test_attached_found_again_and_removed(tmp_path: Path) -> None:
    data = workspace.load(frame(), name="data")
    made = attach(data, saved(tmp_path))
    np.testing.assert_array_equal(made.vector_rows(), GOOD)
    assert made.vectors is not None and made.vectors.width == 6 and made.vectors.name == "v.npy"
    assert made.version != data.version and made.fingerprint == data.fingerprint
    again = workspace.open_recent(workspace.recent()[0].path)
    assert again.version == made.version
    np.testing.assert_array_equal(again.vector_rows(), GOOD)
    assert retype(made, {"n": "category"}).vectors == made.vectors
    path, version = made.vectors.path, data.version
    assert detach(made).version == version and path.exists()  # the other session works by it
    del made, data
    gc.collect()
    bare = detach(again)
    assert bare.version == version and not path.exists()
    with pytest.raises(LoadError, match="Attach"):
        bare.vector_rows()


def test_other_vectors_take_the_place_of_the_first(tmp_path: Path) -> None:
    first = attach(workspace.load(frame()), saved(tmp_path))
    second = attach(first, saved(tmp_path, GOOD + 1))
    assert first.version != second.version and first.vectors and not first.vectors.path.exists()
    same = attach(second, saved(tmp_path, GOOD + np.float32(1), "other name.npy"))
    assert same.version == second.version and same.vector_rows().shape == (ROWS, 6)
    workspace.forget(same)
    assert same.vectors and not same.vectors.path.exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v.astype("f8"),
        lambda v: v.astype(">f4"),
        lambda v: v.astype(">f8"),
        lambda v: np.asfortranarray(v),
        lambda v: v[:, ::-1][:, ::-1],
    ],
    ids=["float64", "big-endian", "big-endian double", "columns first", "a view"],
)
@pytest.mark.parametrize(
    "save",
    [np.save, lambda p, v: np.savez(p, v), lambda p, v: np.savez_compressed(p, v)],
    ids=["npy", "npz", "packed"],
)
def test_the_same_numbers_in_any_layout(
    tmp_path: Path, change: Callable[[Any], Any], save: Callable[[Any, Any], None]
) -> None:
    save(tmp_path / "v.npy", change(GOOD))
    file = next(tmp_path.glob("v.np*"))
    np.testing.assert_array_equal(converted(tmp_path, file), GOOD)


def test_small_floats_and_whole_numbers(tmp_path: Path) -> None:
    np.testing.assert_array_equal(
        converted(tmp_path, saved(tmp_path, GOOD.astype("f2"))), GOOD.astype("f2").astype("f4")
    )
    whole = np.arange(ROWS * 2, dtype="u1").reshape(ROWS, 2)
    np.testing.assert_array_equal(converted(tmp_path, saved(tmp_path, whole)), whole)


def test_many_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.loading.readers.vectors.BLOCK", 100)
    for number, values in enumerate((GOOD, np.asfortranarray(GOOD))):
        np.testing.assert_array_equal(converted(tmp_path, saved(tmp_path, values)), GOOD)
        np.savez_compressed(tmp_path / f"{number}.npz", only=values)
        np.testing.assert_array_equal(converted(tmp_path, tmp_path / f"{number}.npz"), GOOD)


def test_parts_in_their_order(tmp_path: Path) -> None:
    parts = [list(range(0, ROWS, 2)), list(range(1, ROWS, 2))]
    np.savez(tmp_path / "both.npz", serve=GOOD[1::2], train=GOOD[::2], more=np.zeros(3))
    np.testing.assert_array_equal(converted(tmp_path, tmp_path / "both.npz", parts=parts), GOOD)
    one, two = saved(tmp_path, GOOD[::2], "one.npy"), saved(tmp_path, GOOD[1::2], "two.npy")
    np.testing.assert_array_equal(converted(tmp_path, one, two, parts=parts), GOOD)
    np.testing.assert_array_equal(converted(tmp_path, saved(tmp_path), parts=parts), GOOD)
    narrow = saved(tmp_path, GOOD[1::2, :3], "narrow.npy")
    with pytest.raises(LoadError, match="of train have 6 numbers, those of serve 3"):
        converted(tmp_path, one, narrow, parts=parts)
    with pytest.raises(LoadError, match="no serve part"):
        converted(tmp_path, tmp_path / "both.npz")
    with pytest.raises(LoadError, match="3 arrays where one file per part"):
        converted(tmp_path, tmp_path / "both.npz", two, parts=parts)
    np.savez(tmp_path / "odd.npz", a=GOOD, b=GOOD)
    with pytest.raises(LoadError, match=r"2 arrays \(a, b\)"):
        converted(tmp_path, tmp_path / "odd.npz")


def test_a_second_file_and_a_split_by_value(tmp_path: Path) -> None:
    two = workspace.load(frame(30), serve=frame(10))
    made = attach(two, saved(tmp_path, GOOD[:30], "a.npy"), saved(tmp_path, GOOD[30:], "b.npy"))
    np.testing.assert_array_equal(made.vector_rows(), GOOD)
    assert made.vectors and made.vectors.name == "a.npy and b.npy"
    split = workspace.load(frame(), split=PartSplit("value", column="c", value="b"))
    np.testing.assert_array_equal(attach(split, saved(tmp_path)).vector_rows(), GOOD)
    with pytest.raises(SettingError, match="data have none"):
        attach(workspace.load(frame()), tmp_path / "a.npy", tmp_path / "b.npy")


class Bomb:
    """A pickle of this runs code when opened."""

    def __reduce__(self) -> Any:
        return (Path.touch, (Path("exploded"),))


@pytest.mark.parametrize("wrap", [lambda b: b, lambda b: zipped("a.npy", b)], ids=["npy", "npz"])
def test_a_pickle_is_never_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrap: Callable[[bytes], bytes]
) -> None:
    monkeypatch.chdir(tmp_path)
    objects = np.full((ROWS, 2), None, object)
    objects[0, 0] = Bomb()
    assert "never opened" in refused(tmp_path, wrap(as_bytes(objects, allow_pickle=True)))
    assert "never opened" in refused(tmp_path, pickle.dumps(Bomb()))
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (GOOD[:-1], "39 vectors for 40 rows"),
        (GOOD[:, 0], "two dimensions"),
        (GOOD[:, :, None], "two dimensions"),
        (np.float32(1), "two dimensions"),
        (GOOD.astype(complex), "complex128, not real numbers"),
        (GOOD > 0, "bool, not real numbers"),
        (GOOD.astype("U8"), "not real numbers"),
        (np.zeros((ROWS, 2), [("a", "f4"), ("b", "f4")]), "not real numbers"),
        (GOOD[:, :1], "vectors of 1 numbers"),
        (np.zeros((ROWS, 4097), "f2"), "WINNOW_VECTOR_WIDTH"),
        (np.where(np.arange(ROWS)[:, None] == 17, np.nan, GOOD), "vector of row 17 holds"),
        (np.where(np.arange(ROWS)[:, None] >= 7, np.inf, GOOD), "vector of row 7 holds"),
        (GOOD.astype("f8") * 1e300, "too large for float32"),
    ],
)
def test_what_does_not_fit_is_told(tmp_path: Path, values: Any, told: str) -> None:
    assert told in refused(tmp_path, as_bytes(values))
    np.savez_compressed(tmp_path / "w.npz", only=values)
    assert told in refused(tmp_path, (tmp_path / "w.npz").read_bytes())


def header(text: str, version: bytes = b"\x01\x00") -> bytes:
    size = struct.pack("<H" if version == b"\x01\x00" else "<I", len(text))
    return b"\x93NUMPY" + version + size + text.encode()


def zipped(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


WHOLE = as_bytes(GOOD)
LARGE = "{'descr': '<f8', 'fortran_order': False, 'shape': (40, 4000)}\n"


@pytest.mark.parametrize(
    "content",
    [
        WHOLE[:-1],
        WHOLE + b"more",
        WHOLE[:50],
        WHOLE[:7],
        header("no dictionary\n") + bytes(100),
        header("{'descr': '<f4'}\n") + bytes(100),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (40, -6)}\n"),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (40, 99999999999)}\n"),
        header("-" * 9000 + "1\n"),
        header("(" * 5000),
        header("x" * 70_000, b"\x02\x00"),
        header(LARGE),
        b"\x93NUMPY\x09\x09" + bytes(100),
        zipped("a.npy", WHOLE[:-1]),
        zipped("a.npy", WHOLE + b"more"),
        zipped("a.npy", header(LARGE) + bytes(8)),
        zipped("a.npy", WHOLE)[:-30],
        zipped("a.npy", WHOLE).replace(b"a.npy", b"b.npy", 1),
        zipped("a.npy", b""),
        zipped("readme.txt", b"hello"),
        b"PK\x03\x04" + bytes(40),
        b"1,2,3\n",
        b"\0",
    ],
)
def test_damaged_files(tmp_path: Path, content: bytes) -> None:
    refused(tmp_path, content)


def test_damage_within_a_packed_member(tmp_path: Path) -> None:
    content = bytearray(zipped("a.npy", WHOLE))
    content[len(content) // 2] ^= 0xFF
    assert "damaged" in refused(tmp_path, bytes(content))


def test_an_archive_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = zipped("a.npy", header(LARGE) + bytes(50_000_000))
    assert len(bomb) < 100_000
    assert "50,000,000 bytes where its header tells of 1,280,000" in refused(tmp_path, bomb)
    assert not (tmp_path / "out.npy").exists()


def test_the_child_refuses_and_leaves_nothing(tmp_path: Path, home: Path) -> None:
    data = workspace.load(frame())
    with pytest.raises(LoadError, match=r"^w\.npy has 39 vectors for 40 rows\."):
        attach(data, saved(tmp_path, GOOD[1:]), names=("w.npy",))
    with pytest.raises(LoadError, match="vector of row 3"):
        attach(data, saved(tmp_path, np.where(np.arange(ROWS)[:, None] == 3, np.nan, GOOD)))
    with pytest.raises(LoadError, match="There is no file"):
        attach(data, tmp_path / "gone.npy")
    assert not list((home / "data").glob(".reading-*")) and not list(data.path.parent.glob("vectors*"))


def listed(rows: int = 4) -> pd.DataFrame:
    return pd.DataFrame({"n": range(rows), "v": [f" [0.5, {i}, -1e-3]" for i in range(rows)]})


@pytest.mark.parametrize(
    "kind",
    [pa.list_(pa.float32()), pa.list_(pa.float64()), pa.list_(pa.float32(), 3), pa.list_(pa.float64(), 3)],
)
def test_listsof_floats_become_the_same_text_as_by_json(kind: pa.DataType) -> None:
    lists = [[0.1, 1e-7, 3.0], None, [-0.0, 1e22, 123456789.125], [1e-4, 1e16, 5e-324], [1.0, 2.5, 1e15]]
    more = [] if pa.types.is_fixed_size_list(kind) else [[], [7.0]]
    for array in (
        pa.array(lists + more, kind),
        pa.array(lists + more, kind).slice(2),
        pa.array([None], kind),
        pa.array([], kind),
    ):
        assert of_floats(array)
        assert as_strings(array).to_pylist() == [
            None if one is None else json.dumps(one) for one in array.to_pylist()
        ]
    assert not of_floats(pa.array([[1.0, np.nan, 2.0]], kind)) and not of_floats(
        pa.array([[1.0, None, 2.0]], kind)
    )


def test_a_column_of_lists(tmp_path: Path) -> None:
    expected = np.array([[0.5, i, -1e-3] for i in range(4)], "f4")
    text = from_column(workspace.load(listed()), "v")
    np.testing.assert_array_equal(text.vector_rows(), expected)
    assert text.vectors and text.vectors.name == "v"
    for number, kind in enumerate((pa.list_(pa.float32()), pa.list_(pa.float64(), 3))):
        path = tmp_path / f"{number}.parquet"
        pq.write_table(pa.table({"n": range(4), "v": pa.array(expected.tolist(), kind)}), path)
        np.testing.assert_array_equal(from_column(workspace.load(path), "v").vector_rows(), expected)


@pytest.mark.parametrize(
    "cell",
    [
        None,
        "",
        "0.5, 1, 2",
        "[0.5, 1]",
        "[0.5, one, 2]",
        "[[0.5], 1, 2]",
        "[0.5, 1, null]",
        "[0.5,, 2]",
        "[1, nan, 2]",
    ],
)
def test_a_cell_that_is_no_such_list(cell: str | None) -> None:
    given = listed(30)
    given.loc[17, "v"] = cell
    with pytest.raises(LoadError, match=r"[Rr]ow 17 "):
        from_column(dataset(given), "v")


def test_columns_without_lists() -> None:
    with pytest.raises(ColumnError, match="int64, not lists"):
        from_column(dataset(listed()), "n")
    with pytest.raises(ColumnError, match="no column"):
        from_column(dataset(listed()), "w")
    with pytest.raises(LoadError, match="1 numbers"):
        from_column(dataset(pd.DataFrame({"v": ["[1]", "[2]"]})), "v")


def test_rows_are_compared_by_them() -> None:
    given = pd.DataFrame({"n": range(300), "vectors": [str(v) for v in DRAW.normal(3, 2, (300, 5)).tolist()]})
    made = from_column(dataset(given), "vectors")
    name = made.vectors_name
    assert compared_by(made) == (name,) == ("vectors_",)
    found = encoded(made)
    assert found.labels[0] == "direction 1" and found.names == (name,) and set(found.block.tolist()) == {0}
    np.testing.assert_allclose(found.matrix.whole().mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(found.matrix.whole().var(axis=0).sum(), 1, rtol=1e-5)
    assert encoded(made, ["n"]).names == ("n",)
    order = DRAW.permutation(300)
    turned = from_column(dataset(given.iloc[order].reset_index(drop=True)), "vectors")
    np.testing.assert_array_equal(encoded(turned).matrix.whole(), found.matrix[order])
    np.testing.assert_array_equal(row_hashes(turned, [name]), row_hashes(made, [name])[order])
    assert np.unique(row_hashes(made, [name])).size == 300


def test_vectors_that_do_not_vary_say_nothing() -> None:
    made = from_column(dataset(pd.DataFrame({"v": ["[1, 2]"] * 12})), "v")
    assert encoded(made).names == () and encoded(made).matrix.shape == (12, 0)
    assert run("projection", made).status.state == "skipped"


def test_exact_sums_agree_with_plain_ones() -> None:
    values = (DRAW.normal(size=(1000, 3)) * [1e-6, 1, 1e4]).astype("f4")
    known = DRAW.random(1000) < 0.5
    centre, total = centre_and_total(values, known)
    np.testing.assert_allclose(centre, values[known].astype(float).mean(axis=0), rtol=1e-5, atol=1e-9)
    assert total == pytest.approx(values[known].astype(float).var(axis=0).sum(), rel=1e-6)


def test_the_recipe_names_them(tmp_path: Path) -> None:
    data = workspace.load(frame())
    made = attach(data, saved(tmp_path))
    told = Recipe.of(made, Review())
    assert made.vectors and told.vectors == {"name": "v.npy", "sha256": made.vectors.sha256}
    assert Recipe.from_json(told.to_json()).vectors == told.vectors
    bare = Recipe.of(data, Review()).to_json()
    assert "vectors" not in bare and not Recipe.from_json(bare).vectors


def clouds(tmp_path: Path, shift: float) -> Dataset:
    """Two clouds in 64 dimensions, that of serve moved in one of them; the one column is the same in both
    parts.
    """
    draw = np.random.default_rng(1)
    values = draw.normal(size=(3_000, 64)).astype("f4")
    values[1_500:, 5] += shift
    side = pd.DataFrame({"n": draw.normal(size=1_500)})
    return attach(workspace.load(side, serve=side[::-1].reset_index(drop=True)), saved(tmp_path, values))


def test_two_clouds_are_told_apart_by_their_vectors(tmp_path: Path) -> None:
    moved = run("overlap", clouds(tmp_path, 0.5))
    assert moved.summary["verdict"] in ("moderate", "severe") and 0.55 < float(moved.summary["auc"]) < 0.7
    assert not moved.summary["copies"] and not [f for f in moved.findings if f.columns]


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame(20).to_csv(tmp_path / "train.csv", index=False)
    frame(20).to_csv(tmp_path / "serve.csv", index=False)
    one, two = saved(tmp_path, GOOD[:20], "one.npy"), saved(tmp_path, GOOD[20:], "two.npy")
    call = [
        "projection",
        str(tmp_path / "train.csv"),
        "--serve",
        str(tmp_path / "serve.csv"),
        "--set",
        "method=pca",
        "--json",
    ]
    assert main([*call, "--vectors", str(one), "--serve-vectors", str(two)]) == 0
    assert "Compared by their vectors; no column is used." in json.loads(capsys.readouterr().out)["notes"]
    for wrong in (["--serve-vectors", "x.npy"], ["--vectors-column", "c", "--vectors", "x.npy"]):
        assert main([*call, *wrong]) == 2
