"""The map."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.analyses.overlap.analysis import overlap
from core.analyses.overlap.settings import OverlapSettings
from core.analyses.projection import ready
from core.analyses.projection.analysis import ProjectionResult, projection
from core.analyses.projection.landmarks import Landmarks, chosen, hollow, landmarks, placed
from core.analyses.projection.principal import principal
from core.analyses.projection.settings import ProjectionSettings
from core.analyses.projection.worker import WORKER
from core.dataset import Dataset
from core.errors import Cancelled, CoreError
from core.prepare import memo
from core.progress import SILENT, Progress
from tests.core import work
from tests.make import dataset


def islands(n: int, seed: int = 0, groups: int = 4) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    centres = np.random.default_rng(7).normal(0, 6, (groups, 8))
    made = pd.DataFrame(
        centres[draw.integers(0, groups, n)] + draw.normal(size=(n, 8)), columns=[f"c{i}" for i in range(8)]
    )
    return made.assign(word=draw.choice(["a", "b"], n))


def mapped(data: Dataset, **settings: object) -> ProjectionResult:
    return projection(data, ProjectionSettings.of(settings), SILENT)


@pytest.fixture(scope="module")
def data() -> Dataset:
    return dataset(islands(700), serve=islands(300, 1))


@pytest.mark.parametrize("method", ["umap", "tsne"])
def test_it_keeps_more_neighbours_than_the_plain_projection(data: Dataset, method: str) -> None:
    made = mapped(data, method=method)
    kept, plain = made.measured("neighbours_kept"), made.measured("neighbours_kept_by_pca")
    assert kept is not None and plain is not None
    assert kept.value > 2 * plain.value > 2 * kept.baseline
    trust = made.measured("trustworthiness")
    assert trust is not None and trust.value > max(0.9, trust.baseline)
    assert made.x.dtype == np.float32 and np.isfinite(made.x).all() and np.isfinite(made.y).all()
    mixed = made.measured("mixing_on_map")
    assert mixed is not None and mixed.value == pytest.approx(1.0, abs=0.1)
    assert not made.findings


def test_a_column_that_separates_the_parts_is_left_out_unless_it_is_asked_for() -> None:
    """The map is then that of the other columns, point for point."""
    train, serve = islands(300), islands(200, 1)
    data = dataset(train.assign(year=2015), serve=serve.assign(year=2018))
    made, plain = mapped(data, method="pca"), mapped(dataset(train, serve=serve), method="pca")
    assert made.separating == ("year",) and made.names == plain.names == tuple(train)
    assert "Left out, as the data are split by this time: 'year'." in made.notes
    assert any(
        "columns that separate the parts among numbers, categories and booleans" in n for n in made.notes
    )
    assert (np.sort(made.x) == np.sort(plain.x)).all()
    kept = mapped(data, method="pca", leave_out=False)
    asked = mapped(data, method="pca", columns=["c0", "year"])
    assert "year" in kept.names and asked.names == ("c0", "year") and not (kept.separating + asked.separating)
    alone = dataset(pd.DataFrame({"year": [2015] * 60}), serve=pd.DataFrame({"year": [2018] * 60}))
    assert mapped(alone, method="pca").names == ("year",)


def test_rows_are_got_ready_once_for_the_plain_map_and_the_one_that_follows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And the map is that which it would be without; other landmarks, columns or seeds are other rows, more
    neighbours other neighbours of the same."""
    data = dataset(islands(310, 9), serve=islands(190, 10))
    calls = dict.fromkeys(("encoded", "near_rows", "beside"), 0)

    def counted(name: str) -> None:
        work = getattr(ready, name)

        def counting(*given: Any, **settings: Any) -> Any:
            calls[name] += 1
            return work(*given, **settings)

        monkeypatch.setattr(ready, name, counting)

    for name in calls:
        counted(name)
    plain, after = mapped(data, method="pca"), mapped(data)
    assert set(calls.values()) == {1} and (after.plain_x == plain.x).all()
    memo.clear()
    alone = mapped(data)
    assert set(calls.values()) == {2} and (alone.x == after.x).all() and alone.quality == after.quality
    for other in ({"neighbours": 40}, {"method": "tsne", "perplexity": 10.0}):
        mapped(data, **other)
        assert calls["encoded"] == calls["beside"] == 2
    assert calls["near_rows"] == 4
    others: list[dict[str, object]] = [{"seed": 1}, {"landmarks": 500}, {"columns": ["c0", "c1"]}]
    for at, other_rows in enumerate([*others, {"leave_out": False}], 3):
        mapped(data, **other_rows)
        assert calls["encoded"] == calls["beside"] == at
    again = dataset(islands(310, 11), serve=islands(190, 10))
    assert not np.array_equal(np.sort(mapped(again, method="pca").x), np.sort(plain.x))


def test_what_several_maps_rest_on_is_locked_and_knows_its_size(data: Dataset) -> None:
    made = ready.ready_rows(data, ProjectionSettings(), SILENT)
    assert made is not None
    arrays = [made.rows.order, made.rows.space, made.rows.second, *made.rows.landmarks, made.plain]
    arrays += [*made.near, made.hollow, made.mixing]
    assert not any(one.flags.writeable for one in arrays)
    kept = [*ready._ROWS._kept.items(), *ready._AROUND._kept.items()]
    assert min(one.nbytes for _, one in kept) >= 1000 * 4 * 2


def test_texts_stay_on_the_map_though_the_verdict_leaves_them_out() -> None:
    """The map has a rule of its own, as its page and its method say."""
    train, serve = islands(300), islands(200, 1)
    words = [
        [f"{word} parcel of the {k} north" for k in range(n)] for word, n in (("old", 300), ("new", 200))
    ]
    data = dataset(
        train.assign(told=words[0]),
        serve=serve.assign(told=words[1]),
        kinds={"told": "text"},
    )
    verdict = overlap(data, OverlapSettings(), SILENT)
    assert verdict.separating == ("told",)
    made = mapped(data, method="pca")
    assert "told" in made.names and not made.separating


def test_a_map_compiles_nothing_that_it_does_not_need() -> None:
    """Neighbours are known: what looks for them, half a minute of compiling on a fresh machine, is not."""
    assert WORKER.call(work.compiled_in_pynndescent) == []


def test_the_same_seed_gives_the_same_map_whatever_the_order_of_rows(data: Dataset) -> None:
    one = mapped(data)
    frame = data.frame()
    order = np.concatenate(
        [np.random.default_rng(5).permutation(700), 700 + np.random.default_rng(6).permutation(300)]
    )
    other = mapped(
        dataset(
            frame.iloc[order[:700]].reset_index(drop=True),
            serve=frame.iloc[order[700:]].reset_index(drop=True),
        )
    )
    np.testing.assert_array_equal(one.x[order], other.x)
    np.testing.assert_array_equal(one.hollow[order], other.hollow)


def test_landmarks_carry_the_others(data: Dataset) -> None:
    made = mapped(data, landmarks=500)
    assert 450 <= made.landmark.sum() <= 500
    kept, plain = made.measured("neighbours_kept"), made.measured("neighbours_kept_by_pca")
    assert kept is not None and plain is not None and kept.value > 1.5 * plain.value
    assert "500" in made.notes[1] or str(int(made.landmark.sum())) in made.notes[1]
    assert set(made.rows().columns) == {"row", "part", "x", "y", "landmark", "hollow", "mixing"}  # type: ignore[union-attr]


def test_serve_rows_far_from_train_are_hollow_and_stand_apart() -> None:
    far = islands(40, 2)
    far.iloc[:, :8] = far.iloc[:, :8] * 0.1 + 60.0
    made = mapped(dataset(islands(700), serve=pd.concat([islands(260, 1), far], ignore_index=True)))
    odd = np.arange(1000) >= 960
    centre = np.array([made.x[odd].mean(), made.y[odd].mean()])
    away = np.hypot(made.x - centre[0], made.y - centre[1])
    assert away[~odd].min() > np.percentile(away[odd], 90), (
        "rows unlike all of train make an island of their own"
    )
    assert made.hollow[:700].mean() < 0.03


def test_mixing_in_the_space_is_one_where_parts_lie_alike_and_nought_where_one_lies_alone(
    data: Dataset,
) -> None:
    alike = mapped(data, method="pca", landmarks=500)
    assert alike.mixing.dtype == np.float32 and alike.mixing.mean() == pytest.approx(1.0, abs=0.1)
    serve = islands(300, 1)
    serve.iloc[:100, :8] += 60.0
    apart = mapped(dataset(islands(700), serve=serve), method="pca", landmarks=500)
    assert apart.mixing[700:800].max() < 0.2 < 0.7 < apart.mixing[:700].mean()
    assert np.isnan(mapped(dataset(islands(100)), method="pca").mixing).all()


def test_hollow_is_measured_against_train() -> None:
    space = np.random.default_rng(0).normal(size=(4000, 3)).astype(np.float32)
    second = np.arange(4000) >= 3000
    space[3900:] += 30
    found = landmarks(space, second, 500)
    spans = np.linalg.norm(space[found.rows][:, None] - space[found.rows][None], axis=2)
    np.fill_diagonal(spans, np.inf)
    marked = hollow(found, spans.min(axis=1).astype(np.float32), second)
    assert marked[:3000].mean() < 0.05
    assert (found.rows >= 3900).sum() >= 20, "some rows of an unseen region become landmarks"


def test_of_few_rows_the_farthest_is_hollow() -> None:
    """ "No row lies farther from the nearest other row than all others" stood above 77 rows."""

    def marked(alone: list[float], second: bool = False) -> list[int]:
        n = len(alone)
        every = Landmarks(np.arange(n), np.arange(n)[:, None], np.zeros((n, 1), np.float32))
        parts = np.arange(n) >= n // 2 if second else np.zeros(n, bool)
        return np.flatnonzero(hollow(every, np.array(alone, np.float32), parts)).tolist()

    assert marked([1.0] * 40 + [5.0] + [2.0] * 36) == [40]
    assert marked([1.0] * 40 + [5.0, 5.000001] + [2.0] * 35) == [40, 41], "a pair far from all others"
    assert marked([1.0] * 77) == marked([0.0] * 77) == marked([]) == []
    assert marked(list(range(300))) == [297, 298, 299]
    assert marked([1.0, 2.0] * 20, second=True) == [], "serve is held against train as before"


def test_chosen_takes_half_of_each_part_where_it_can() -> None:
    second = np.arange(1000) >= 900
    assert np.bincount(second[chosen(second, 400)]).tolist() == [300, 100]
    assert np.bincount(second[chosen(second, 100)]).tolist() == [50, 50]
    assert chosen(second, 5000).size == 1000


def test_placed_rows_lie_among_their_landmarks() -> None:
    near, far = np.array([[0, 1]], np.int32), np.array([[1.0, 3.0]], np.float32)
    found = Landmarks(
        np.array([1, 2]), np.vstack([near, [[0, 1]], [[1, 0]]]), np.vstack([far, [[0, 4.0]], [[0, 4.0]]])
    )
    made = placed(found, np.array([[0.0, 0.0], [10.0, 0.0]], np.float32))
    assert made[0, 0] == pytest.approx(1.0) and made[1:].tolist() == [[0.0, 0.0], [10.0, 0.0]]


def test_principal_agrees_with_scikit_learn() -> None:
    from sklearn.decomposition import PCA

    rows = np.random.default_rng(0).normal(size=(300, 6)).astype(np.float32) @ np.diag(
        [5, 4, 3, 2, 1, 0.5]
    ).astype(np.float32)
    ours, theirs = principal(rows, np.arange(300), 3), PCA(3).fit_transform(rows)
    np.testing.assert_allclose(np.abs(ours), np.abs(theirs), atol=1e-3)


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": ["x", "y", "x"]}),
        pd.DataFrame({"a": [1.0] * 30, "b": [2.0] * 29 + [3.0]}),
        pd.DataFrame({"a": np.arange(40.0)}),
        pd.DataFrame({"a": [np.nan, 1.0] * 20, "b": [np.inf, -1e308, 1e308, 0.0] * 10}),
    ],
)
def test_small_and_degenerate_data_are_drawn_all_the_same(frame: pd.DataFrame) -> None:
    made = mapped(dataset(frame))
    assert (
        made.status.state == "ok"
        and np.isfinite(made.x).all()
        and np.isfinite(made.y).all()
        and made.x.size == len(frame)
    )


def test_nothing_to_compare_is_said() -> None:
    made = mapped(dataset(pd.DataFrame({"a": [1.0] * 30})))
    assert made.status.state == "skipped" and "No column" in made.status.reason and made.rows() is None


def test_on_demand_it_doubts_itself(data: Dataset) -> None:
    made = mapped(data, stability=True, twin=True, sweep=True)
    again, noise = (
        made.measured("neighbours_kept_by_another_seed"),
        made.measured("neighbours_kept_by_noise_twin"),
    )
    assert again is not None and again.value > 0.2 and noise is not None and 0 < noise.value < 1
    assert (
        made.sweep.shape == (3, 1000, 2) and made.scales == (5.0, 15.0, 50.0) and made.twin.shape == (1000, 2)
    )


def test_two_maps_at_once_and_one_stopped_leave_the_next_unharmed(data: Dataset) -> None:
    made: dict[int, object] = {}

    def draw(seed: int, progress: Progress) -> None:
        try:
            made[seed] = projection(data, ProjectionSettings(seed=seed), progress)
        except Cancelled:
            made[seed] = "stopped"

    late = threading.Event()
    stopped = Progress(
        lambda fraction, note: late.set() if note == "Laying out the map" else None, late.is_set
    )
    threads = [threading.Thread(target=draw, args=(seed, SILENT if seed else stopped)) for seed in (0, 1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    assert (
        made[0] == "stopped"
        and isinstance(made[1], ProjectionResult)
        and isinstance(made[2], ProjectionResult)
    )
    with pytest.raises(CoreError, match="worker process was killed"):
        WORKER.call(work.abort)
    assert mapped(data, seed=3).x.size == 1000


def test_coarser_trees_of_forces_keep_as_many_neighbours_as_fine_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import openTSNE

    from core.analyses.projection import faithful, layout
    from core.numerics.neighbours import neighbours

    centres = np.random.default_rng(1).normal(0, 3, (8, 10))
    draw = np.random.default_rng(0)
    space = (centres[draw.integers(0, 8, 600)] + draw.normal(size=(600, 10))).astype(np.float32)
    near = neighbours(space, 90, len(space))
    embedding, angles = openTSNE.TSNEEmbedding, []

    def kept(angle: float | None) -> float:
        def begun(*args: object, **given: object) -> object:
            given["theta"] = given["theta"] if angle is None else angle
            angles.append(given["theta"])
            return embedding(*args, **given)

        monkeypatch.setattr(openTSNE, "TSNEEmbedding", begun)
        flat = layout.tsne_layout(near.index, near.distance, space[:, :2], 30.0, 0, SILENT)
        return faithful.recall(near.index[:, :15], faithful.nearest(flat, 15))

    assert kept(None) == pytest.approx(kept(0.2), abs=0.02)
    assert angles[0] > 0.5 > angles[1]
