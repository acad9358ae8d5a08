"""Strategies on data with vectors: judged by what is in the pictures, not by how they were made; and what is
taken away of that.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import core
from core.analyses.strategies import problem
from core.analyses.strategies.decisions import offered, strategy_decisions
from core.analyses.strategies.encoders import VECTOR_DIRECTIONS
from core.analyses.strategies.findings import NeverRecognised, advice
from core.analyses.strategies.folds import Folds
from core.analyses.strategies.model_files import model_files
from core.analyses.strategies.problem import CELLS, Posed, posed, within_memory
from core.analyses.strategies.settings import StrategiesSettings
from core.analyses.strategies.trial import Trial
from core.analyses.strategies.verdict import Choice
from core.dataset import Dataset
from core.errors import SettingError, TooSmallError
from core.prepare.classes import classes_of
from core.progress import SILENT
from core.run import run
from core.vectors import attach, detach
from tests.images import encoded, zipped
from tests.make import dataset

QUICK = {"models": "linear", "repeats": 1, "curves": False}
WIDE = 60


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    return tmp_path


def rows(path: Path, by: str, n: int = 200) -> Dataset:
    """Two classes that either the vectors or a column part; the other is noise."""
    draw = np.random.default_rng(2)
    y = draw.random(n) < 0.3
    vectors = draw.normal(size=(n, WIDE)).astype(np.float32)
    column = draw.normal(size=n)
    if by == "vectors":
        vectors[:, 7] += 8 * y
    else:
        column = column + 6 * y
    np.save(path / "v.npy", vectors)
    frame = pd.DataFrame({"a": column, "y": np.where(y, "yes", "no")})
    return attach(dataset(frame, target="y"), path / "v.npy")


def pictures(path: Path, unread: bool = False) -> Dataset:
    """Bars across or down: light, size and bytes say nothing of the class."""
    files: dict[str, bytes] = {}
    for seed in range(60):
        draw = np.random.default_rng(seed)
        picture = draw.integers(0, 30, (24, 24, 3)).astype(np.uint8)
        for at in range(int(draw.integers(0, 6)), 24, 6):
            picture[at : at + 3] = draw.integers(150, 256)
        across = seed % 3 == 0
        content = encoded(picture if across else picture.transpose(1, 0, 2).copy())
        broken = unread and seed in (4, 5)
        files[f"{'across' if across else 'down'}/{seed:03}.png"] = content[:60] if broken else content
    return core.load(zipped(path / "bars.zip", files), target="label")


def posed_of(data: Dataset, **settings: Any) -> Posed:
    target = data.roles.target or ""
    classes = classes_of(data, target)
    assert classes is not None
    return posed(data, target, classes, StrategiesSettings(**settings), SILENT)


def auroc(data: Dataset, **settings: Any) -> float:
    result = run("strategies", data, {**QUICK, "strategies": "none", **settings})
    return float(result.summary["auroc"])


def test_the_vectors_are_what_the_models_see_unless_columns_are_chosen(home: Path) -> None:
    by_vectors, by_column = rows(home, "vectors"), rows(home, "column")
    assert auroc(by_vectors) > 0.99 and abs(auroc(by_column) - 0.5) < 0.15
    assert abs(auroc(by_vectors, columns=("a",)) - 0.5) < 0.15 and auroc(by_column, columns=("a",)) > 0.99
    seen = run("strategies", by_vectors, QUICK).summary["predicted_from"]
    assert seen.startswith("The models predict 'y' from the vectors of the rows, not from columns")
    chosen = run("strategies", by_vectors, {**QUICK, "columns": ("a",)}).summary["predicted_from"]
    assert chosen == "The models predict 'y' from 1 column: 'a'."


def test_a_picture_is_judged_by_what_is_on_it(home: Path) -> None:
    data = pictures(home)
    assert auroc(data) > 0.95
    assert auroc(data, columns=("image_brightness", "image_contrast")) < 0.75
    assert posed_of(data).columns == ()


def test_directions_are_learned_in_the_training_rows_of_the_fold(home: Path) -> None:
    problem = posed_of(rows(home, "vectors"), repeats=1).problem
    fold = Folds(problem, 0).fold((0, 0))
    assert fold.training.matrix.shape[1] == VECTOR_DIRECTIONS
    held = problem.folds[0] == 0
    draw = np.random.default_rng(9)
    other = {
        name: np.where(held, 50 * draw.normal(size=held.size), values).astype(np.float32)
        for name, values in problem.values.items()
    }
    moved = Folds(problem._replace(values=other), 0).fold((0, 0))
    assert np.array_equal(moved.training.matrix, fold.training.matrix)
    assert not np.allclose(moved.test, fold.test)


def test_fewer_rows_than_directions(home: Path) -> None:
    draw = np.random.default_rng(0)
    y = np.arange(14) % 2
    np.save(home / "v.npy", (draw.normal(size=(14, WIDE)) + 5 * y[:, None]).astype(np.float32))
    data = attach(dataset(pd.DataFrame({"y": np.where(y, "b", "c")}), target="y"), home / "v.npy")
    assert auroc(data) > 0.95


def test_classes_too_far_apart_for_adasyn_leave_it_out_and_no_more(home: Path) -> None:
    x = np.r_[np.linspace(0, 1, 60), np.linspace(100, 101, 20)]
    frame = pd.DataFrame({"x": x, "y": np.repeat(["many", "few"], [60, 20])})
    result = run("strategies", data := dataset(frame, target="y"), QUICK)
    left_out = {one.strategy: one.left_out for one in result.trials if one.left_out}
    assert list(left_out) == ["adasyn"] and "has a neighbour of another class" in left_out["adasyn"]
    with pytest.raises(SettingError, match="ADASYN cannot be had"):
        strategy_decisions(data, result, "adasyn")


def test_images_that_cannot_be_read_are_left_out_and_weigh_nothing(home: Path) -> None:
    data = pictures(home, unread=True)
    lost = np.flatnonzero(data.without_picture())
    assert lost.size == 2
    result = run("strategies", data, QUICK)
    assert result.notes[0] == "2 images that cannot be read are left out."
    assert result.ids.size == 58 and not set(lost.tolist()) & set(result.ids.tolist())
    for decision in strategy_decisions(data, result, "weights"):
        assert not set(lost.tolist()) & set(decision.rows.ids.tolist())


def test_no_model_and_no_made_up_rows_of_vectors(home: Path) -> None:
    result = run("strategies", data := pictures(home), QUICK)
    with pytest.raises(SettingError, match="these models read the vectors of the images"):
        model_files(data, result)
    with pytest.raises(SettingError, match="no image lies between two"):
        strategy_decisions(data, result, "smote")
    assert offered(result) == ("weights", "focal", "undersample", "oversample")
    own = run("strategies", data, {**QUICK, "columns": ("image_brightness",)})
    assert "smote" in offered(own) and model_files(data, own)["model.skops"]


def test_without_vectors_what_is_measured_of_images_is_no_column_to_predict_from(home: Path) -> None:
    data = detach(pictures(home))
    with pytest.raises(TooSmallError, match="says how they were made, not what they show"):
        run("strategies", data, QUICK)
    assert set(posed_of(data, columns=("image_bytes",)).columns) == {"image_bytes"}


def test_so_many_vectors_as_memory_has_room_for(home: Path) -> None:
    data = rows(home, "vectors")
    assert within_memory(data, StrategiesSettings(sample=2_000_000)).sample == CELLS // WIDE
    chosen = StrategiesSettings(sample=2_000_000, columns=("a",))
    assert within_memory(data, chosen) is chosen


def test_focal_weights_are_for_every_row_or_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of part of the rows came where memory had room for fewer than the setting sample."""
    data = rows(home, "vectors", 300)
    asked = {**QUICK, "strategies": "focal"}
    every = strategy_decisions(data, run("strategies", data, asked), "focal")
    assert sum(len(decision.rows) for decision in every) == 300
    result = run("strategies", data, {**asked, "sample": 250})
    with pytest.raises(SettingError, match="250 of 300 train rows were drawn .* raise the setting sample"):
        strategy_decisions(data, result, "focal")
    monkeypatch.setattr(problem, "CELLS", WIDE * 220)
    result = run("strategies", data, {**asked, "seed": 1})
    assert result.ids.size == 220 and result.settings.sample > 300
    with pytest.raises(SettingError, match="and 220 of 300 train rows .* no room for more. Take weights"):
        strategy_decisions(data, result, "focal")
    weights = strategy_decisions(data, result, "weights")
    assert sum(len(decision.rows) for decision in weights) == 300


def test_focal_weights_pass_over_rows_that_no_class_compared_has(home: Path) -> None:
    draw = np.random.default_rng(0)
    frame = pd.DataFrame({"a": draw.normal(size=203), "y": ["u", "u", "u", "v"] * 50 + ["w"] * 3})
    data = dataset(frame, target="y")
    result = run("strategies", data, {**QUICK, "strategies": "focal"})
    assert result.classes == ("u", "v") and result.ids.size == 200
    assert sum(len(one.rows) for one in strategy_decisions(data, result, "focal")) == 200
    unread = pictures(home, unread=True)
    taken = strategy_decisions(unread, run("strategies", unread, {**QUICK, "strategies": "focal"}), "focal")
    assert sum(len(one.rows) for one in taken) == 58


def test_the_classes_are_not_to_be_left_alone_where_one_is_never_recognised() -> None:
    best, none = Choice("linear", "none", True), Trial("linear", "none")
    missed = NeverRecognised(("plants",), 8, True)
    told = advice(best, none, float("nan"), missed)
    assert "Leave the classes alone" not in told
    assert told.startswith(
        "No strategy is surely better by enough to matter. 'plants' is never recognised: none of its 8 rows"
    )
    assert "Give the costs" in told and "Choose the threshold" in advice(best, none, 0.5, missed)
    assert advice(best, none, 0.5) == "Leave the classes alone."


def test_which_classes_are_never_recognised() -> None:
    draw = np.random.default_rng(1)
    y = np.repeat(["many", "some", "few"], [150, 60, 6])
    x = np.where(y == "some", 6.0, 0.0) + draw.normal(size=y.size)
    result = run("strategies", dataset(pd.DataFrame({"x": x, "y": y}), target="y"), QUICK)
    assert "'few' is never recognised: none of its 6 rows" in result.verdict
    costly = run(
        "strategies",
        dataset(pd.DataFrame({"x": x, "y": y}), target="y"),
        {**QUICK, "costs": "0 1 1; 1 0 1; 1 1 0"},
    )
    assert "never recognised" not in costly.verdict
