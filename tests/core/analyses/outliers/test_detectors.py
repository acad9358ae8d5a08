import numpy as np
import pytest
from sklearn.ensemble import IsolationForest

from core.analyses.outliers import detectors as anomaly
from core.analyses.outliers.detectors import combined, forest_oddity, loneliness, plane
from core.analyses.outliers.rare_pairs import rare_pairs
from core.errors import Cancelled
from core.numerics.rowhash import mix
from core.numerics.tails import tail_evidence
from core.progress import Progress

RNG = np.random.default_rng(1)
MATRIX = RNG.normal(size=(500, 4)).astype(np.float32)
STARTS = np.arange(4)


def test_the_forest_is_that_of_the_paper(monkeypatch):
    monkeypatch.setattr(anomaly, "_CHUNK", 120)
    peer = IsolationForest(n_estimators=50, random_state=3).fit(MATRIX)
    trees = [tree.tree_ for tree in peer.estimators_]
    monkeypatch.setattr(anomaly, "_grown", lambda *_: [(tree, anomaly._depths(tree)) for tree in trees])
    assert np.allclose(2 ** forest_oddity(MATRIX, 3, 50), -peer.score_samples(MATRIX))


def test_small_tables_have_more_trees(monkeypatch):
    asked, grown = [], anomaly._grown
    monkeypatch.setattr(
        anomaly, "_grown", lambda *given: grown(*given[:2], asked.append(given[2]) or 5, *given[3:])
    )
    for rows in (500, 10_000, 30_000):
        forest_oddity(RNG.normal(size=(rows, 2)).astype(np.float32), 0, 100)
    assert asked == [300, 200, 100]


def test_trees_are_as_good_as_those_of_an_isolation_forest():
    """As far as two forests of 300 trees agree."""
    scores = [
        np.log2(-IsolationForest(n_estimators=300, random_state=seed).fit(MATRIX).score_samples(MATRIX))
        for seed in (1, 2)
    ]
    apart = np.abs(scores[0] - scores[1]).mean()
    assert np.abs(forest_oddity(MATRIX, 3, 100) - scores[0]).mean() < 1.2 * apart
    assert abs((forest_oddity(MATRIX, 3, 100) - scores[0]).mean()) < apart
    assert (forest_oddity(MATRIX, 3, 10) == forest_oddity(MATRIX, 3, 10)).all()


def test_loneliness_is_the_distance_to_the_kth_neighbour_and_names_the_odd_blocks(monkeypatch):
    monkeypatch.setattr(anomaly, "_NEAR", 0.0)
    matrix = MATRIX.copy()
    matrix[7, 2] += 20
    matrix[9, [0, 1]] += 20
    found = loneliness(matrix, STARTS, 5)
    by_hand = np.sort(np.sqrt(((matrix[:, None] - matrix[None]) ** 2).sum(-1)), axis=1)[:, 5]
    assert np.allclose(np.exp(found.oddity), by_hand, rtol=1e-4)
    assert found.reasons[7].tolist() == [2, -1, -1] and set(found.reasons[9].tolist()) == {0, 1, -1}
    blocks = loneliness(matrix, np.array([0, 2]), 5)
    assert blocks.reasons[7].tolist() == [1, -1, -1] and blocks.reasons[9].tolist() == [0, -1, -1]


def test_evidence_of_an_exponential_tail_is_its_own_logarithm():
    sample = RNG.exponential(size=200_000)
    found = tail_evidence(np.append(sample, [5.0, 20.0, 100.0]))[-3:]
    assert np.allclose(found, [5.0, 20.0, 100.0], rtol=0.03)


@pytest.mark.parametrize("draw", [RNG.normal, RNG.random], ids=["normal", "uniform"])
def test_evidence_is_cautious_for_lighter_tails(draw):
    evidence = tail_evidence(draw(size=100_000))
    for limit in (4, 5, 6, 7):
        assert (evidence > limit).mean() < np.exp(-limit)


def test_evidence_does_not_look_at_the_oddest_tenth_and_keeps_its_order():
    base = RNG.normal(size=1000)
    wild = base.copy()
    top = np.argsort(base)[-50:]
    wild[top] += 1e6
    rest = np.setdiff1d(np.arange(1000), top)
    assert np.allclose(tail_evidence(base)[rest], tail_evidence(wild)[rest])
    order = np.argsort(base)
    assert (np.diff(tail_evidence(base)[order]) >= 0).all()


def test_a_lump_has_no_tail():
    evidence = tail_evidence(np.append(np.zeros(990), np.arange(1, 11) * 1e9))
    assert evidence.max() == pytest.approx(np.log(1001)) and evidence[:990].max() < 0.01
    assert tail_evidence(np.zeros(0)).size == 0 and np.isfinite(tail_evidence(np.zeros(3))).all()


def test_both_detectors_count_and_one_is_enough():
    assert np.allclose(combined(np.array([3.0]), np.array([3.0])), 3.0)
    assert np.allclose(combined(np.array([50.0, 0.1]), np.array([0.1, 50.0])), 50.0 - np.log(2))
    assert np.allclose(combined(np.array([0.5]), np.array([1.0])), -np.log(2 / (np.exp(0.5) + np.exp(1.0))))


def test_the_map_keeps_the_two_widest_directions():
    wide = RNG.normal(size=(3000, 5)) * [5, 1, 3, 1, 1]
    found = plane(wide.astype(np.float32))
    assert found.dtype == np.float32 and np.allclose(
        found.std(axis=0), [wide[:, 0].clip(-10, 10).std(), 3], rtol=0.05
    )
    assert (
        abs(np.corrcoef(found[:, 0], wide[:, 0])[0, 1]) > 0.98
        and abs(np.corrcoef(found[:, 1], wide[:, 2])[0, 1]) > 0.98
    )
    assert plane(np.zeros((4, 1), np.float32)).tolist() == [[0, 0]] * 4 and plane(
        np.zeros((0, 0), np.float32)
    ).shape == (0, 2)


def test_a_combination_that_hardly_ever_occurs_is_found():
    first = RNG.integers(0, 4, 4000)
    second, third = first.copy(), RNG.integers(0, 3, 4000)
    second[[5, 17]] = (first[[5, 17]] + 1) % 4
    found = rare_pairs([first, third, second], 6.5)
    assert found.rows.tolist() == [5, 17] and found.columns.tolist() == [[0, 2]] * 2
    assert (found.observed <= 2).all() and np.allclose(found.expected, 250, rtol=0.2)


def test_independent_categories_have_no_rare_combination():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        codes = [rng.choice(6, 3000, p=[0.5, 0.3, 0.1, 0.07, 0.02, 0.01]) for _ in range(12)]
        assert rare_pairs(codes, 6.5).rows.size == 0
    assert rare_pairs([], 6.5).rows.size == 0 and rare_pairs([np.zeros(3, int)], 6.5).rows.size == 0


def test_each_detector_can_be_stopped():
    for detector in (lambda p: forest_oddity(MATRIX, 0, 10, p), lambda p: loneliness(MATRIX, STARTS, 5, p)):
        with pytest.raises(Cancelled):
            detector(Progress(stop=lambda: True))


@pytest.mark.parametrize("largest", [50.0, 1e18])
def test_a_sample_gives_what_all_its_distances_give(monkeypatch: pytest.MonkeyPatch, largest: float) -> None:
    """In single precision, or in double precision where squares are too large for it."""
    draw = np.random.default_rng(3)
    matrix = draw.normal(size=(900, 6)).astype(np.float32)
    matrix[5], matrix[850, 2] = matrix[6], largest
    monkeypatch.setattr(anomaly, "reference_size", lambda rows, columns: 200)
    told = loneliness(matrix, np.arange(6), 10)
    others = matrix[:200].astype(float)
    far = np.sqrt(((matrix[:, None].astype(float) - others) ** 2).sum(axis=2))
    far[np.arange(200), np.arange(200)] = np.inf
    near = np.argsort(far, axis=1)[:, :10]
    np.testing.assert_allclose(told.oddity, np.log(np.sort(far, axis=1)[:, 9] + 1e-3), rtol=1e-5, atol=1e-6)
    gap = (matrix - others[near].mean(axis=1)) ** 2
    assert told.reasons[:, 0].tolist() == gap.argmax(axis=1).tolist() and told.reference == 200


def test_without_a_row_only_the_trees_that_drew_it_are_others():
    """One row dropped drew all trees anew: rows near the limit came and went without a cause."""
    draw = np.random.default_rng(4)
    matrix = draw.normal(size=(6_000, 4)).astype(np.float32)
    keys = np.sort(draw.integers(0, 2**63, 6_000).astype(np.uint64))
    whole = forest_oddity(matrix, 0, 100, keys=keys)
    dropped = 17
    less = forest_oddity(np.delete(matrix, dropped, axis=0), 0, 100, keys=np.delete(keys, dropped))
    moved = np.abs(np.delete(whole, dropped) - less)
    anew = np.abs(whole - forest_oddity(matrix, 1, 100, keys=mix(keys)))
    assert moved.mean() < 0.3 * anew.mean()
