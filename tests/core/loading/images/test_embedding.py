"""Vectors by a model of the user's: those that it gives, in the child, and what is refused in a sentence."""

from __future__ import annotations

import json
import pickle
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import core
from core.cli import main
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.errors import CoreError, LoadError, SettingError
from core.loading.images.embedding import EmbeddingSettings, embedded
from core.loading.images.model_file import check_model
from core.numerics.picture_vectors import UNREAD
from core.progress import SILENT
from core.recipe import Recipe
from core.review import Review
from core.rowset import RowSet
from core.vectors import detach, from_model, from_pictures
from core.workspace import open_recent
from tests import onnx
from tests.images import encoded, picture, zipped

COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (200, 100, 50), (10, 20, 30), (90, 90, 90)]
MEAN, DEVIATION = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    return tmp_path


def plain(colour: tuple[int, int, int], wide: int = 20, tall: int = 14) -> bytes:
    return encoded(np.full((tall, wide, 3), colour, np.uint8))


def colours(folder: Path, more: dict[str, bytes] | None = None) -> Dataset:
    files = {f"{'ab'[i // 3]}/{i}.png": plain(colour) for i, colour in enumerate(COLOURS)}
    return core.load(zipped(folder / "colours.zip", files | (more or {})))


def saved(folder: Path, content: bytes, name: str = "model.onnx") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def of_length_1(values: np.ndarray) -> np.ndarray:
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def run_here(data: Dataset, model: Path, folder: Path, **given: Any) -> np.ndarray:
    """What the child does, in this process, so that much can be tried."""
    task = {
        "sources": [{"path": str(model), "name": model.name}],
        "model": given,
        "pictures_of": str(data.path.parent),
        "folder": str(folder),
        "vectors": "made.npy",
    }
    embedded(task, SILENT)
    return np.asarray(np.load(folder / "made.npy"))


def test_rows_are_compared_by_what_the_model_gives(home: Path) -> None:
    data = colours(home)
    model = saved(home, onnx.means())
    made = from_model(data, model, EmbeddingSettings(pixels="0 to 255"))
    wanted = of_length_1(np.array(COLOURS, float))
    np.testing.assert_allclose(made.vector_rows(), wanted, atol=1e-5)
    assert made.vectors is not None and made.vectors.model and made.vectors.of_pictures
    assert made.vectors.name == "model.onnx" and made.version != data.version
    again = open_recent(made.path)
    assert again.vectors == made.vectors and again.version == made.version
    assert Recipe.of(made, Review()).vectors["name"] == "model.onnx"
    other = from_model(made, model, EmbeddingSettings(pixels="imagenet"))
    scaled = of_length_1((np.array(COLOURS) / 255 - MEAN) / DEVIATION)
    np.testing.assert_allclose(other.vector_rows(), scaled, atol=1e-4)
    assert other.vectors and made.vectors.sha256 != other.vectors.sha256
    back = from_pictures(other)
    assert back.version == data.version, "the usual ones again"


@pytest.mark.parametrize(
    ("pixels", "turned"),
    [
        ("0 to 1", lambda c: c / 255),
        ("-1 to 1", lambda c: c / 127.5 - 1),
        ("imagenet", lambda c: (c / 255 - MEAN) / DEVIATION),
    ],
)
def test_pixels_are_given_as_the_settings_say(pixels: str, turned: Any, home: Path) -> None:
    found = run_here(colours(home), saved(home, onnx.means()), home, pixels=pixels)
    np.testing.assert_allclose(found, of_length_1(turned(np.array(COLOURS, float))), atol=1e-4)


def test_layouts_types_and_sizes_of_the_input_are_followed(home: Path) -> None:
    """Height x width x channels, whole numbers, one grey channel, a fixed size: the flattened picture is
    what a model of one Flatten gives."""
    halves = np.zeros((8, 8, 3), np.uint8)
    halves[:4], halves[4:] = (200, 0, 0), (0, 0, 100)
    data = core.load(zipped(home / "a.zip", {"0.png": encoded(halves), "1.png": plain((7, 7, 7))}))
    flat = onnx.node("Flatten", ["x"], "embedding")
    last = saved(home, onnx.means((1, 2, 2, 3), flat), "last.onnx")
    top, low = [200, 0, 0], [0, 0, 100]
    wanted = of_length_1(np.array([[*top, *top, *low, *low]], float))
    np.testing.assert_allclose(run_here(data, last, home, pixels="0 to 255")[:1], wanted, atol=1e-5)
    first = saved(home, onnx.means((1, 3, 2, 2), flat), "first.onnx")
    wanted = of_length_1(np.array([[200, 200, 0, 0, 0, 0, 0, 0, 0, 0, 100, 100]], float))
    np.testing.assert_allclose(run_here(data, first, home, pixels="0 to 255")[:1], wanted, atol=1e-5)
    grey = saved(home, onnx.means((1, 1, 2, 1), flat), "grey.onnx")
    wanted = of_length_1(np.array([[round(0.299 * 200), round(0.114 * 100)]], float))
    np.testing.assert_allclose(run_here(data, grey, home, pixels="0 to 255")[:1], wanted, atol=1e-5)
    cast = onnx.node(
        "Cast", ["x"], "f", more=onnx.part(5, onnx.part(1, "to") + onnx.number(3, 1) + onnx.number(20, 2))
    )
    whole = saved(
        home,
        onnx.means((1, 2, 2, 3), cast + onnx.node("Flatten", ["f"], "embedding"), kind=onnx.UINT8),
        "whole.onnx",
    )
    wanted = of_length_1(np.array([[*top, *top, *low, *low]], float))
    np.testing.assert_allclose(run_here(data, whole, home, pixels="imagenet")[:1], wanted, atol=1e-5)
    free = saved(home, onnx.means((1, 3, "h", "w"), flat), "free.onnx")
    assert run_here(data, free, home, side=4).shape == (2, 48)
    assert run_here(data, saved(home, onnx.means()), home).shape == (2, 3)


def test_a_picture_that_cannot_be_read_lies_apart_and_deep_ones_are_scaled(home: Path) -> None:
    deep = np.full((20, 20), 4_000, np.uint16)
    deep[:10] = 1_000
    data = colours(home, {"b/torn.png": plain((1, 2, 3))[:40], "b/zdeep.png": encoded(deep)})
    assert data.pictures is not None and not data.pictures.readable[6]
    found = run_here(data, saved(home, onnx.means()), home, pixels="0 to 255")
    assert found[6].tolist() == [0, 0, 0, np.float32(UNREAD)] and (np.delete(found, 6, 0)[:, 3] == 0).all()
    np.testing.assert_allclose(found[7, :3], 3**-0.5, atol=1e-3)


def test_the_order_of_the_rows_does_not_matter(home: Path) -> None:
    files = {f"{i}.png": encoded(picture(i, 30 + i, 20)) for i in range(8)}
    turned = dict(zip(files, reversed(files.values()), strict=True))
    model = saved(home, onnx.means((1, 3, 8, 8), onnx.node("Flatten", ["x"], "embedding")))
    one = run_here(core.load(zipped(home / "a.zip", files)), model, home)
    two = run_here(core.load(zipped(home / "b.zip", turned)), model, home)
    np.testing.assert_array_equal(one, two[::-1])


def test_rows_that_repeat_others_have_their_vectors(home: Path) -> None:
    data = from_model(colours(home), saved(home, onnx.means()), EmbeddingSettings(pixels="0 to 255"))
    data = data.with_roles(target="label")
    repeat = Decision("add_rows", RowSet(), settings={"how": "repeat", "amount": 3})
    now = as_decided(data, Review().say(repeat))
    names, own = now.table(["image"]).column(0).to_pylist(), data.table(["image"]).column(0).to_pylist()
    assert now.rows == 9
    for row, name in enumerate(names):
        np.testing.assert_array_equal(now.vector_rows()[row], data.vector_rows()[own.index(name)])


EXTERNAL = onnx.part(13, onnx.part(1, "location") + onnx.part(2, "/etc/passwd")) + onnx.number(14, 1)
ADDED = onnx.node("Add", ["x", "w"], "embedding")
INSIDE = onnx.part(5, onnx.part(1, "body") + onnx.part(6, onnx.node("Spy", ["x"], "y", "com.acme")))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no ONNX model"),
        (b"a,b\n1,2\n", "no ONNX model"),
        (onnx.means()[:-5], "no ONNX model"),
        (onnx.number(1, 8), "no operators"),
        (pickle.dumps([1]), "never opened"),
        (b"PK\x03\x04" + bytes(40), "never opened"),
        (onnx.means(nodes=ADDED, extra=onnx.weights("w", np.float32([1]), EXTERNAL)), "in other files"),
        (
            onnx.means(nodes=ADDED, extra=onnx.weights("w", np.float32([1]), onnx.number(14, 1))),
            "other files",
        ),
        (onnx.means(nodes=onnx.node("Spy", ["x"], "embedding", "com.acme")), "'com.acme.Spy'"),
        (onnx.means(nodes=onnx.node("Loop", ["x"], "embedding", more=INSIDE)), "'com.acme.Spy'"),
    ],
)
def test_what_is_refused_before_anything_is_run(content: bytes, told: str) -> None:
    with pytest.raises(LoadError) as caught:
        check_model(content, "m.onnx")
    assert told in str(caught.value) and str(caught.value).startswith("m.onnx ")
    assert "\n" not in str(caught.value) and "Export the model" in str(caught.value)


def test_no_cut_or_changed_byte_ends_in_another_error() -> None:
    content, draw = onnx.means(), np.random.default_rng(0)
    others = [bytearray(content[:end]) for end in range(len(content))]
    for _ in range(2_000):
        others.append(bytearray(content))
        others[-1][int(draw.integers(len(content)))] = int(draw.integers(256))
    refused = 0
    for other in others:
        try:
            check_model(bytes(other), "m.onnx")
        except LoadError:
            refused += 1
    assert refused > len(content) // 2


def test_functions_that_the_file_brings_along_are_its_own() -> None:
    body = onnx.part(1, "Twice") + onnx.part(10, "mine") + onnx.part(7, onnx.part(4, "Add"))
    graph = onnx.node("Twice", ["x"], "embedding", "mine") + onnx.value(11, "x", (1, 3, 4, 4))
    check_model(onnx.model(graph, "mine") + onnx.part(25, body), "m.onnx")


POOLED = onnx.node("GlobalAveragePool", ["r"], "p") + onnx.node("Flatten", ["p"], "embedding")
FLAT = onnx.node("Flatten", ["x"], "embedding")


@pytest.mark.parametrize(
    ("content", "given", "told"),
    [
        (onnx.means((1, 10), FLAT), {}, "takes 'x' 1 x 10 tensor(float), not one picture"),
        (onnx.means((8, 3, 4, 4), FLAT), {}, "8 x 3 x 4 x 4"),
        (onnx.means((1, 5, 4, 6), FLAT), {}, "where the three colours"),
        (onnx.means(extra=onnx.value(11, "z", (1, 3, 4, 4))), {}, "and 'z' 1 x 3 x 4 x 4"),
        (onnx.means((1, 3, 4, 4), FLAT), {"side": 8}, "pictures of 4 x 4 pixels"),
        (onnx.means(), {"output": "logits"}, "no output 'logits'. Choose one of 'embedding'"),
        (onnx.means(nodes=onnx.node("Identity", ["x"], "embedding")), {}, "1 x 3 x 128 x 128"),
        (onnx.means((1, 3, 64, 64), FLAT), {}, "12,288 numbers"),
        (onnx.means((1, 1, 1, 1), FLAT), {}, "gives 1 number "),
        (onnx.means(nodes=onnx.node("Log", ["x"], "r") + POOLED), {"pixels": "-1 to 1"}, "for row 0"),
        (onnx.means(nodes=onnx.node("RandomUniformLike", ["x"], "r") + POOLED), {}, "other numbers"),
        (onnx.means(nodes=onnx.node("NoSuchOperator", ["x"], "embedding")), {}, "cannot be run"),
        (onnx.means(nodes=onnx.node("MatMul", ["x", "w"], "p") + onnx.node("Flatten", ["p"], "embedding"),
                    extra=onnx.weights("w", np.zeros((7, 7), np.float32))), {}, "cannot be run"),
    ],
)  # fmt: skip
def test_models_that_do_not_give_one_vector_for_one_picture(
    content: bytes, given: dict[str, Any], told: str, home: Path
) -> None:
    data = colours(home)
    with pytest.raises(LoadError) as caught:
        run_here(data, saved(home, content), home, **given)
    assert told in str(caught.value) and "\n" not in str(caught.value) and len(str(caught.value)) < 420


def test_the_child_refuses_and_leaves_nothing(home: Path) -> None:
    data = colours(home)
    with pytest.raises(LoadError, match=r"^w\.onnx needs operators"):
        from_model(data, saved(home, onnx.means(nodes=onnx.node("Spy", ["x"], "y", "acme"))), name="w.onnx")
    with pytest.raises(LoadError, match="There is no file"):
        from_model(data, home / "gone.onnx")
    with pytest.raises(LoadError, match="is a folder"):
        from_model(data, home)
    with pytest.raises(LoadError, match="has no pictures"):
        from_model(core.load({"n": [1, 2]} and _table(home)), saved(home, onnx.means()))
    assert not list((home / "home" / "data").glob(".reading-*"))
    assert [one.name for one in data.path.parent.glob("vectors*")] == [data.vectors.path.name]  # type: ignore[union-attr]


def _table(folder: Path) -> Path:
    (folder / "t.csv").write_text("n\n1\n2\n")
    return folder / "t.csv"


def endless() -> bytes:
    """A model that goes round 9 * 10**18 times."""
    size = (1, 3, 4, 4)
    steps = onnx.node("Identity", ["on"], "still") + onnx.node("Add", ["y", "y"], "z") + onnx.part(2, "body")
    takes = (
        onnx.value(11, "i", (), onnx.INT64) + onnx.value(11, "on", (), onnx.BOOL) + onnx.value(11, "y", size)
    )
    body = steps + takes + onnx.value(12, "still", (), onnx.BOOL) + onnx.value(12, "z", size)
    inside = onnx.part(5, onnx.part(1, "body") + onnx.part(6, body) + onnx.number(20, 5))
    loop = onnx.node("Loop", ["times", "", "x"], "last", more=inside)
    times = onnx.weights("times", np.array(9 * 10**18))
    return onnx.means(size, loop + onnx.node("Flatten", ["last"], "embedding"), times)


def test_a_model_without_end_is_stopped(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, model = colours(home), saved(home, endless())
    monkeypatch.setenv("WINNOW_READ_SECONDS", "2")
    monkeypatch.setenv("WINNOW_EMBED_MS", "1")
    began = time.monotonic()
    with pytest.raises(LoadError, match="took longer than 2 seconds and was stopped"):
        from_model(data, model)
    assert time.monotonic() - began < 20


def test_a_model_that_takes_all_memory_is_stopped(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = colours(home)
    sizes = onnx.weights("sizes", np.array([1, 3, 60_000, 60_000]))
    grown = onnx.node("Expand", ["x", "sizes"], "wide") + onnx.node("ReduceMean", ["wide"], "embedding")
    monkeypatch.setenv("WINNOW_READ_MEMORY_MB", "1000")
    with pytest.raises(LoadError, match="memory|cannot be run"):
        from_model(data, saved(home, onnx.means((1, 3, 1, 1), grown, sizes)))


def test_without_onnxruntime_it_is_said_how_to_get_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = colours(home)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(LoadError, match=r"not installed\. Install it \(pip install -r requirements-emb"):
        run_here(data, saved(home, onnx.means()), home)
    with pytest.raises(LoadError, match="no ONNX model"):
        run_here(data, saved(home, b"no model"), home)


def test_wrong_settings_are_told() -> None:
    with pytest.raises(SettingError, match="pixels must be one of imagenet, 0 to 1"):
        EmbeddingSettings(pixels="0-255")
    with pytest.raises(SettingError, match="side must"):
        EmbeddingSettings.of({"side": "5000"})


def test_on_the_command_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = colours(home)
    assert data.vectors
    model = saved(home, onnx.means())
    call = ["duplicates", str(home / "colours.zip"), "--json", "--embed", str(model)]
    assert main([*call, "--embed-set", "pixels=0 to 255"]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "ok"
    now = open_recent(data.path)
    assert now.vectors and now.vectors.name == "model.onnx" and now.vectors.width == 3
    for wrong, told in (
        (["--embed-set", "side"], "NAME=VALUE"),
        (["--vectors", "v.npy"], "Give one of"),
        (["--embed-set", "colour=x"], "colour"),
    ):
        assert main([*call, *wrong]) == 2
        assert told in capsys.readouterr().err
    assert main([*call[:3], "--embed-set", "side=3"]) == 2
    assert isinstance(detach(now), Dataset) and issubclass(LoadError, CoreError)
