"""Fits on a coreset: near those on all rows, by as much as is told; and what is exact."""

from __future__ import annotations

import numpy as np
import pytest

from core.coreset import BuildPlan, Coreset, SampleSize, build
from core.coreset.fitting import corrected, fit, logistic_fit, moments
from core.coreset.quality import quality
from core.dataset import Dataset
from core.errors import SettingError
from core.numerics.comoments import Comoments, least_squares, principal
from core.numerics.softmax import Softmax, penalised, softmax_regression
from tests.core.coreset.rows import frame
from tests.make import dataset

TABLE = frame(8_000, seed=1)


@pytest.fixture(scope="module")
def data() -> Dataset:
    return dataset(TABLE, target="y")


def built(data: Dataset, size: int = 600, seed: int = 0, kind: str = "auto") -> Coreset:
    return build(data, BuildPlan(kind=kind, wanted=SampleSize(size=size), seed=seed))


def excess(coreset: Coreset, data: Dataset, model: Softmax) -> float:
    """Relative excess over all rows of the regularised loss of a model."""
    table = data.table(list(coreset.pilot.read))
    matrix = coreset.pilot.encoder.encode(table).T
    truth = coreset.pilot.targets(table)[0].astype(np.int64)
    best = softmax_regression(matrix, truth, 2)
    least = penalised(best, best.losses(matrix, truth).sum(), 1.0)
    return penalised(model, model.losses(matrix, truth).sum(), 1.0) / least - 1.0


def test_the_error_told_is_the_error_there_is(data: Dataset) -> None:
    coresets = [built(data, seed=seed) for seed in range(5)]
    true = np.array([excess(one, data, logistic_fit(one)) for one in coresets])
    told = [quality(one) for one in coresets]
    assert all(one is not None and one.of == "fit" for one in told)
    expected = np.mean([one.error.value for one in told if one])
    assert 0.5 < true.mean() / expected < 2.0
    inside = [one.error.low <= t <= one.error.high for one, t in zip(told, true, strict=True) if one]
    assert np.mean(inside) >= 0.75
    draw = np.random.default_rng(0)
    table = coresets[0].pilot.encoder.encode(data.table(list(coresets[0].pilot.read))).T
    truth = (TABLE["y"] == "yes").to_numpy().astype(np.int64)
    plain = []
    for _ in range(4):
        rows = draw.choice(len(TABLE), 600, replace=False)
        weights = np.full(600, len(TABLE) / 600)
        plain.append(excess(coresets[0], data, softmax_regression(table[rows], truth[rows], 2, weights)))
    assert true.mean() < 0.4 * np.mean(plain)  # a rare class: uniform does far worse, and is told to
    assert all(one.ratio < 0.5 for one in told if one)


def test_one_pass_over_all_rows_corrects_the_fit(data: Dataset) -> None:
    coreset = built(data)
    better = corrected(coreset, data)
    before, after = excess(coreset, data, logistic_fit(coreset)), excess(coreset, data, better.model)
    assert after < 0.2 * before and better.after < better.before


def test_a_correction_that_does_harm_is_not_taken(data: Dataset) -> None:
    coreset = built(data)
    table = data.table(list(coreset.pilot.read))
    truth = coreset.pilot.targets(table)[0].astype(np.int64)
    best = softmax_regression(coreset.pilot.encoder.encode(table).T, truth, 2)
    kept = corrected(coreset, data, best)
    assert kept.model is best and kept.before == kept.after


def test_any_estimator_with_weights_is_fitted(data: Dataset) -> None:
    from sklearn.linear_model import LinearRegression, LogisticRegression

    coreset = built(data)
    model = fit(coreset, LogisticRegression(tol=1e-8, max_iter=1_000))
    np.testing.assert_allclose(model.coef_[0], logistic_fit(coreset).weights[0, :-1], atol=1e-3)
    numbers = fit(built(data.with_roles(target="d")), LinearRegression())
    assert numbers.coef_.shape == (len(coreset.pilot.encoder.labels),) or numbers.coef_.size
    with pytest.raises(SettingError, match="needs a target of classes"):
        logistic_fit(built(data.with_roles(target="d")))


def test_least_squares_components_and_correlations_are_those_of_all_rows() -> None:
    table = TABLE[["a", "b", "d"]].assign(d=lambda t: 2.0 * t["a"] - t["b"] + 0.1 * t["d"] + 1e3)
    data = dataset(table, target="d")
    coreset = built(data, kind="linear")
    exact = moments(coreset.pilot, data)
    scales = np.array([column.spread for column in coreset.pilot.encoder.columns])  # type: ignore[union-attr]
    fitted = least_squares(exact)
    rows = np.c_[table[["a", "b"]].to_numpy(), np.ones(len(table))]
    truth = np.linalg.lstsq(rows, table["d"].to_numpy(), rcond=None)[0]
    found = fitted.coefficients * coreset.pilot.spread / scales
    np.testing.assert_allclose(found, truth[:2], rtol=1e-10)
    np.testing.assert_allclose(exact.correlation, np.corrcoef(table.to_numpy().T), atol=1e-10)
    plain = (table.to_numpy() - table.to_numpy().mean(0)) / np.append(scales, coreset.pilot.spread)
    own = np.linalg.svd(plain, compute_uv=False) ** 2 / (len(plain) - 1)
    np.testing.assert_allclose(principal(exact).variances, own, rtol=1e-10)
    half = [dataset(part.reset_index(drop=True), target="d") for part in (table[:999], table[999:])]
    np.testing.assert_allclose(moments(coreset.pilot, half).scatter, exact.scatter, rtol=1e-12)


def test_rows_that_go_are_taken_from_co_moments() -> None:
    rows = np.random.default_rng(0).normal(size=(500, 4)) + 100.0
    whole, some = Comoments.of(rows), Comoments.of(rows[:120])
    np.testing.assert_allclose(whole.without(some).scatter, Comoments.of(rows[120:]).scatter, rtol=1e-9)


def test_nothing_is_told_of_an_error_where_all_rows_were_taken(data: Dataset) -> None:
    assert quality(built(data, size=8_000)) is None


@pytest.mark.parametrize("kind", ["k-means", "trees", "pca"])
def test_the_error_of_a_cost_is_that_of_repeated_draws(kind: str, data: Dataset) -> None:
    told, off = [], []
    table = None
    for seed in range(6):
        coreset = built(data, size=400, seed=seed, kind=kind)
        table = data.table(list(coreset.pilot.read)) if table is None else table
        one = quality(coreset)
        assert one is not None and one.of == "cost"
        told.append(one.error.value)
        if kind == "k-means":
            from core.prepare.pilot.scores import nearest

            centres = coreset.pilot.score.arrays["centres"]
            true = nearest(centres, coreset.pilot.encoder.encode(table))[1].sum()
            mine = nearest(centres, coreset.pilot.encoder.encode(coreset.table()))[1]
            off.append(abs(coreset.sample.weight @ mine / true - 1.0))
    assert 0.0 < np.mean(told) < 0.2
    assert not off or np.mean(off) < 3.0 * np.mean(told)
