import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from core.numerics.logistic import logistic, shrunk

RNG = np.random.default_rng(4)


@pytest.mark.parametrize("shift", [0.0, 0.3, 30.0])
def test_it_finds_what_a_slower_solver_in_double_precision_finds(shift):
    matrix, hits = RNG.normal(size=(2000, 30)).astype(np.float32), RNG.random(2000) < 0.4
    matrix[:, 20:] = matrix[:, 20:] > 1.0  # levels, most of them 0
    matrix[hits, 0] += shift
    found = logistic(matrix, hits)
    peer = LogisticRegression(tol=1e-8, max_iter=5000).fit(matrix.astype(np.float64), hits)
    ours, theirs = (1.0 / (1.0 + np.exp(-model.decision_function(matrix))) for model in (found, peer))
    assert np.abs(ours - theirs).max() < 0.02 and np.isfinite(found.coefficients).all()


def test_small_columns_are_fitted_as_well_as_large_ones():
    matrix, hits = RNG.normal(size=(6000, 100)).astype(np.float32), np.arange(6000) % 2 == 0
    matrix[hits, :5] += 0.1
    # 60: as of vectors of 3,600 numbers and total variance 1
    large, small = logistic(matrix, hits), logistic(matrix / 60, hits)
    assert np.corrcoef(large.coefficients, small.coefficients)[0, 1] > 0.95


def test_shrinking_keeps_what_is_sure_and_the_mean():
    matrix, hits = RNG.normal(3.0, 1.0, size=(4000, 10)).astype(np.float32), np.arange(4000) % 2 == 0
    matrix[hits, 0] += 0.5
    full = logistic(matrix, hits)
    fewer = shrunk(full, matrix)
    fits = full.decision_function(matrix)
    sure = np.exp(fits) / (1.0 + np.exp(fits)) ** 2
    bend = np.linalg.inv((matrix - matrix.mean(axis=0)).T @ ((matrix - matrix.mean(axis=0)) * sure[:, None]))
    # standard errors from the whole Hessian: columns here are independent
    t = full.coefficients / np.sqrt(np.diag(bend))
    by_hand = np.maximum(0.0, 1.0 - 1.0 / t**2)
    assert fewer.coefficients == pytest.approx(full.coefficients * by_hand, abs=0.01)
    assert fewer.coefficients[0] > 0.4 and (fewer.coefficients[1:] == 0).sum() >= 3
    assert fewer.decision_function(matrix).mean() == pytest.approx(fits.mean(), abs=0.01)
