"""Labels by vectors: a kernel among the models, planted errors found, right labels left alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import cross_val_predict

from core.analyses.labels.analysis import LabelSettings, labels
from core.analyses.labels.result import LabelResult
from core.loading import load
from core.loading.attaching import from_files
from core.prepare.evidence import class_evidence
from core.progress import SILENT
from tests.images import encoded, picture, zipped

WORDS = np.array(["ash", "birch", "cedar"])


def clusters(seed: int, rows: int = 900) -> tuple[np.ndarray, np.ndarray]:
    """Three classes of three clusters each, in 40 directions: no line parts them."""
    draw = np.random.default_rng(seed)
    cluster = draw.integers(0, 9, rows)
    return np.float32(draw.normal(size=(9, 40))[cluster] + draw.normal(0, 0.7, (rows, 40))), cluster % 3


def judged(folder: Path, vectors: np.ndarray, given: np.ndarray) -> LabelResult:
    folder.mkdir(exist_ok=True)
    np.save(folder / "vectors.npy", vectors)
    data = load(pd.DataFrame({"tree": WORDS[given]}), into=folder / "data").with_roles(target="tree")
    data = replace(data, vectors=from_files(data, [(folder / "vectors.npy", "vectors.npy")], SILENT))
    return labels(data, LabelSettings(target="tree"), SILENT)


@pytest.mark.parametrize("seed", range(3))
def test_planted_errors_are_found_better_than_by_a_linear_model(tmp_path: Path, seed: int) -> None:
    vectors, true = clusters(seed)
    rows = np.random.default_rng(seed).choice(true.size, 270, replace=False)
    given = true.copy()
    given[rows] = (true[rows] + 1) % 3  # all to the next class
    result = judged(tmp_path, vectors, given)
    peer = cross_val_predict(LogisticRegression(), vectors, given, cv=5, method="predict_proba")
    theirs = average_precision_score(given != true, 1 - peer[np.arange(given.size), given])
    assert average_precision_score(given != true, result.rows()["score"]) > theirs + 0.04
    assert result.evidence is not None and result.evidence.members == ("linear", "trees", "kernel")


def test_right_labels_are_left_alone_and_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    vectors, true = clusters(5)
    result = judged(tmp_path / "a", vectors, true)
    assert (result.rows()["tier"] == "likely").sum() == 0
    order = np.random.default_rng(1).permutation(true.size)
    again = judged(tmp_path / "b", vectors[order], true[order])
    assert (again.rows()["score"].to_numpy() == result.rows()["score"].to_numpy()[order]).all()


def test_rows_of_which_the_vector_says_nothing_are_not_judged(tmp_path: Path) -> None:
    """As those of images that cannot be read."""
    vectors, true = clusters(3)
    vectors[:4] = 0.0
    result = judged(tmp_path, vectors, true)
    assert result.evidence is not None and not np.isin(np.arange(4), result.evidence.rows).any()
    assert result.evidence.rows.size == true.size - 4
    assert "Not judged: 4 rows whose vector is zero." in result.notes
    assert result.rows()["score"][:4].tolist() == [0.0] * 4


def test_columns_chosen_beside_vectors_are_judged_as_columns_are(tmp_path: Path) -> None:
    vectors, true = clusters(2, 300)
    np.save(tmp_path / "vectors.npy", vectors)
    table = pd.DataFrame({"tree": WORDS[true], "a": vectors[:, 0], "b": vectors[:, 1]})
    data = load(table, into=tmp_path / "data").with_roles(target="tree")
    data = replace(data, vectors=from_files(data, [(tmp_path / "vectors.npy", "vectors.npy")], SILENT))
    assert class_evidence(data, "tree", ["a", "b"]).members == ("linear", "trees", "neighbours")


def test_labels_of_blank_images_are_not_judged(tmp_path: Path) -> None:
    """Whatever their vectors say: a black image with a speck has one that is not zero."""
    vectors, true = clusters(4, 200)
    pixels = [np.uint8(picture(at) // 90 if at < 4 else picture(at)) for at in range(200)]
    pictures = {f"{WORDS[true[at]]}/{at:03}.png": encoded(one) for at, one in enumerate(pixels)}
    data = load(zipped(tmp_path / "a.zip", pictures), into=tmp_path / "data").with_roles(target="label")
    order = [int(name[-7:-4]) for name in data.frame()["image"]]
    np.save(tmp_path / "vectors.npy", vectors[order])
    data = replace(data, vectors=from_files(data, [(tmp_path / "vectors.npy", "vectors.npy")], SILENT))
    result = labels(data, LabelSettings(target="label"), SILENT)
    shown = np.flatnonzero(np.array(order) >= 4)
    assert result.evidence is not None and result.evidence.rows.tolist() == shown.tolist()
    assert "Not judged: 4 blank images." in result.notes
