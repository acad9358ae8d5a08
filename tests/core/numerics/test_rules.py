import numpy as np
import pytest
from scipy.stats import binom

from core.numerics.rules import RegionLimits, boxes, inside, likelihood_gain, share_ratio


def codes(rows, width=4, seed=0):
    """Columns of eight bins in order, and a last one of four levels."""
    draw = np.random.default_rng(seed)
    made = draw.integers(1, 9, (rows, width)).astype(np.int32)
    made[:, -1] = draw.integers(1, 5, rows)
    return made, np.array([0] * (width - 1) + [4], np.int32)


def grown(made, named, serve, **limits):
    return boxes(made, named, 10, serve, RegionLimits(**limits))


def columns_of(made):
    return {at: made[:, at] for at in range(made.shape[1])}


def test_boxes_part_all_rows_whatever_the_codes():
    made, named = codes(4000)
    made[:400, 0] = 0
    serve = np.random.default_rng(1).random(4000) < np.where((made[:, 0] > 5) & (made[:, 3] == 2), 0.8, 0.4)
    found = grown(made, named, serve)
    hits = sum(inside(box, columns_of(made), 4000).astype(int) for box in found)
    assert len(found) > 2 and (hits == 1).all()
    assert all(len(box) <= 3 for box in found) and len(found) <= 12


def test_a_planted_box_of_three_columns_is_found_exactly():
    made, named = codes(20_000)
    planted = (made[:, 0] > 4) & (made[:, 1] <= 3) & np.isin(made[:, 3], [1, 3])
    serve = np.random.default_rng(2).random(20_000) < np.where(planted, 0.75, 0.45)
    held = [inside(box, columns_of(made), 20_000) for box in grown(made, named, serve)]
    best = max(held, key=lambda hit: serve[hit].mean())
    assert (best == planted).all()


def test_missing_ones_go_to_the_side_where_they_fit():
    made, named = codes(6000)
    made[:2000, 1] = 0
    serve = np.random.default_rng(3).random(6000) < np.where((made[:, 1] == 0) | (made[:, 1] > 6), 0.7, 0.4)
    boxes_ = [box[1] for box in grown(made, named, serve) if 1 in box]
    assert any(allowed[0] and allowed[7] and allowed[8] and not allowed[1:7].any() for allowed in boxes_)


def test_no_difference_is_no_question():
    made, named = codes(2000)
    split = [
        len(grown(made, named, np.random.default_rng(100 + seed).random(2000) < 0.3)) > 1
        for seed in range(20)
    ]
    assert sum(split) <= 4 and grown(made, named, np.arange(2000) % 2 == 0) == [{}]


def test_two_columns_that_tell_only_together_are_found():
    made, named = codes(4000)
    serve = np.random.default_rng(4).random(4000) < np.where((made[:, 0] > 4) ^ (made[:, 2] > 4), 0.7, 0.3)
    found = grown(made, named, serve)
    assert {0, 2} <= {column for box in found for column in box}


def test_a_region_is_never_too_small_and_further_levels_are_never_named():
    made, named = codes(5000)
    made[:50, 0] = 8
    made[:1500, 3] = 5  # beyond the four that have a name
    serve = np.zeros(5000, bool)
    serve[:1500] = True
    for box in grown(made, named, serve, smallest=0.1):
        hit = inside(box, columns_of(made), 5000)
        assert (hit & serve).sum() / 1500 + (hit & ~serve).sum() / 3500 >= 0.2
        assert 3 not in box or box[3][5] == box[3][0]


def test_gain_is_that_of_the_likelihood_ratio_test():
    from scipy.stats import chi2_contingency

    train, serve = np.array([30.0, 5.0]), np.array([10.0, 80.0])
    tables = [np.array([[t, s], [200 - t, 300 - s]]) for t, s in zip(train, serve, strict=True)]
    known = [chi2_contingency(table, correction=False, lambda_="log-likelihood")[0] for table in tables]
    assert likelihood_gain(train, serve, 200, 300) == pytest.approx(known)


def test_the_interval_of_a_ratio_covers_as_often_as_it_says():
    draw, hits = np.random.default_rng(5), 0
    for _ in range(400):
        made = share_ratio(int(draw.binomial(400, 0.05)), int(draw.binomial(300, 0.1)), 400, 300)
        hits += made.low <= 2.0 <= made.high
    assert 0.92 <= hits / 400 <= 0.98


def test_the_test_of_a_region_keeps_its_level():
    """Regions drawn blindly, rare ones too, in 4,000 pairs without a difference."""
    draw = np.random.default_rng(1)
    hits = [
        share_ratio(int(draw.binomial(300, share)), int(draw.binomial(200, share)), 300, 200).p < 0.05
        for share in (0.02, 0.3) * 2_000
    ]
    assert binom.ppf(0.005, 2_000, 0.05) <= sum(hits[1::2]) <= binom.ppf(0.995, 2_000, 0.05)
    assert 0.01 <= sum(hits[::2]) / 2_000 <= 0.065  # counts of about five: not every level can be reached
    assert share_ratio(0, 400_000, 500_000, 500_000).p == 0.0
