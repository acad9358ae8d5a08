"""Vectors on a page: dropped, taken from a column, refused with a sentence, and let go."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from components.views.overlap.jobs import _together
from core.dataset import Dataset
from core.vectors import attach
from core.workspace import load
from tests.components.conftest import Open, keyed, ready, shown, sound

VALUES = np.random.default_rng(0).normal(size=(60, 3)).astype("f4")


def table(serve: bool = False) -> Dataset:
    frame = pd.DataFrame({"n": range(60), "lists": [str(v) for v in VALUES.tolist()]})
    return (
        load(frame[:40], serve=frame[40:], kinds={"lists": "text"})
        if serve
        else load(frame, kinds={"lists": "text"})
    )


def packed(values: object) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def test_two_files_dropped_and_let_go(open_page: Open) -> None:
    app = open_page("load", table(serve=True))
    keyed(app.file_uploader, "vectors-train").upload("train.npy", packed(VALUES[:40]))
    ready(app)
    keyed(app.file_uploader, "vectors-serve").upload("serve.npy", packed(VALUES[40:]))
    ready(app)
    app.button(key="vectors-on").click()
    ready(app)
    sound(app)
    data = app.session_state["winnow"].dataset
    np.testing.assert_array_equal(data.vector_rows(), VALUES)
    assert "3 numbers each" in shown(app)
    app.button(key="vectors-off").click()
    ready(app)
    sound(app)
    assert app.session_state["winnow"].dataset.vectors is None


def test_a_column_of_lists(open_page: Open) -> None:
    app = open_page("load", table())
    keyed(app.selectbox, "vectors-column").set_value("lists")
    ready(app)
    app.button(key="vectors-from").click()
    ready(app)
    sound(app)
    np.testing.assert_array_equal(app.session_state["winnow"].dataset.vector_rows(), VALUES)


def test_a_file_that_does_not_fit_is_told(open_page: Open) -> None:
    app = open_page("load", table())
    keyed(app.file_uploader, "vectors-train").upload("short.npy", packed(VALUES[1:]))
    ready(app)
    app.button(key="vectors-on").click()
    ready(app)
    assert "has 59 vectors for 60 rows" in shown(app)
    app.button(key="cancel-opening").click()
    ready(app)
    sound(app)
    assert app.session_state["winnow"].dataset.vectors is None


def test_a_model_is_dropped_told_what_it_gets_and_let_go(open_page: Open, tmp_path: Path) -> None:
    from tests import onnx
    from tests.images import encoded, zipped

    files = {f"{i}.png": encoded(np.full((9, 9, 3), (60 * i, 30, 90), np.uint8)) for i in range(4)}
    data = load(zipped(tmp_path / "a.zip", files))
    app = open_page("load", data)
    assert "edges, layout and colour" in shown(app)
    keyed(app.file_uploader, "embed-").upload("means.onnx", onnx.means())
    ready(app)
    keyed(app.selectbox, "embed-set-pixels").set_value("0 to 255")
    app.button(key="embed-on").click()
    ready(app)
    sound(app)
    made = app.session_state["winnow"].dataset
    wanted = np.array([[60 * i, 30, 90] for i in range(4)]) / 255
    lengths = np.linalg.norm(wanted, axis=1, keepdims=True)
    np.testing.assert_allclose(made.vector_rows(), wanted / lengths, atol=1e-4)
    assert "onnx makes of their pictures, 3 numbers each" in shown(app)
    app.button(key="vectors-pictures").click()
    ready(app)
    sound(app)
    assert app.session_state["winnow"].dataset.version == data.version


def test_a_model_that_is_refused_is_told(open_page: Open, tmp_path: Path) -> None:
    from tests.images import encoded, zipped

    data = load(zipped(tmp_path / "a.zip", {"0.png": encoded(np.zeros((9, 9, 3), np.uint8))}))
    app = open_page("load", data)
    keyed(app.file_uploader, "embed-").upload("m.onnx", b"no model")
    ready(app)
    app.button(key="embed-on").click()
    ready(app)
    assert "no ONNX model" in shown(app)


def test_without_the_package_it_is_said_how_to_get_it(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.images import encoded, zipped

    data = load(zipped(tmp_path / "a.zip", {"0.png": encoded(np.zeros((9, 9, 3), np.uint8))}))
    monkeypatch.setattr("importlib.util.find_spec", lambda name, *_: None)
    app = open_page("load", data)
    sound(app)
    assert "requirements-embeddings.txt" in " ".join(one.value for one in app.caption)


def test_the_overlap_page_compares_by_them(open_page: Open, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"n": rng.normal(size=300)})
    values = rng.normal(size=(600, 16))
    values[300:, 3] += 1.5
    np.save(tmp_path / "v.npy", values)
    data = attach(load(frame, serve=frame[::-1]), tmp_path / "v.npy")
    app = open_page("overlap", data, {"projection": {"method": "pca"}})
    sound(app)
    assert "Serving data differ" in shown(app) and "No single column shifted" in shown(app)
    assert "16 numbers each" in shown(app)


def test_what_compares_rows_by_their_vectors_is_called_so(tmp_path: Path) -> None:
    """It was "Comparing all columns together", over "no column is used"."""
    plain = table(serve=True)
    np.save(tmp_path / "train.npy", VALUES[:40])
    np.save(tmp_path / "serve.npy", VALUES[40:])
    with_vectors = attach(plain, tmp_path / "train.npy", tmp_path / "serve.npy")
    assert _together(with_vectors, {}) == "Comparing rows by their vectors"
    by_columns = (_together(with_vectors, {"columns": ("n",)}), _together(plain, {}))
    assert by_columns == ("Comparing all columns together",) * 2
