"""What the pilot learns from the sample of the first look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.dataset.column import Column
from core.errors import TargetError, TooSmallError
from core.numerics.comoments import Comoments, inverse_root
from core.numerics.exact_product import coarse, on_grid
from core.numerics.scaling import centre_and_spread
from core.numerics.softmax import softmax_regression
from core.phrases import count, quoted
from core.prepare.constant_target import nothing_to_compare
from core.prepare.pilot.encoder import Encoder, learned, plain_numbers
from core.prepare.pilot.first_look import FirstLook, Learning
from core.prepare.pilot.pilot import Kind, Pilot, PilotRoles
from core.prepare.pilot.scores import (
    ClusterScore,
    FrozenScore,
    Leverage,
    Logistic,
    RidgeLeverage,
    Tree,
    nearest,
)

Floats = NDArray[np.float64]
_LEAVES = 64
_FLAT = 1e-4  # slope at which the pilot is good enough: its scores only steer what is drawn
_ROUNDS = 10  # of Lloyd's algorithm
_FINER = 20  # cells for each cluster that is asked for
_CELL = 25  # rows of the sample for each cell, at least
_MOST_METRIC = 1_000  # columns up to which the metric has all their products


def pilot_of(
    look: FirstLook, columns: Sequence[Column], kind: Kind, roles: PilotRoles, seed: int, clusters: int = 10
) -> Pilot:
    """The pilot of these rows. columns: that a model may use. clusters: centres of k-means, or directions of
    PCA. Raises `TooSmallError` where there is nothing to learn.
    """
    sample = look.sample()
    if not sample.weight.size:
        raise TargetError(nothing_to_compare(roles.target, "no value"))
    classes = tuple(sorted(look.counts or ()))
    if kind == "logistic" and len(classes) < 2:
        has = f"one class, {quoted(classes[0])}" if classes else "too many distinct values to be classes"
        raise TargetError(nothing_to_compare(roles.target, has))
    encoder = learned(columns, sample.content, sample.weight)
    if not encoder.columns:
        raise TooSmallError(f"None of {count(len(columns), 'column')} varies: all rows are alike.")
    matrix = encoder.encode(sample.content)
    centre, spread = 0.0, 1.0
    target = sample.label.astype(np.float64)
    if roles.target and not classes:
        numbers = plain_numbers(sample.content.column(roles.target).combine_chunks())
        known = numbers[~np.isnan(numbers)]
        centre, found = centre_and_spread(known)
        spread = found or float(np.abs(known - centre).max(initial=0.0)) or 1.0
        target = on_grid((np.nan_to_num(numbers, nan=centre) - centre) / spread)
    score = _score(kind, matrix, target, len(classes), sample.weight, clusters, seed)
    raw = score.of(matrix, target).score
    mean = float((raw * sample.weight).sum() / sample.weight.sum())
    used = tuple(column.name for column in columns)
    known_by = tuple(dict.fromkeys([*used, *filter(None, (roles.target, roles.weight))]))
    return Pilot(
        kind=kind,
        seed=seed,
        roles=roles,
        columns=known_by,
        classes=classes,
        centre=centre,
        spread=spread,
        mean=mean,
        encoder=encoder,
        score=score,
    )


def _score(
    kind: Kind, matrix: Floats, target: Floats, classes: int, weight: Floats, clusters: int, seed: int
) -> FrozenScore:
    if kind == "logistic":
        return _logistic(matrix, target.astype(np.int64), classes, weight)
    if kind == "linear":
        return Leverage({"root": _root(np.concatenate([matrix, target[None, :]]), weight)})
    if kind == "pca":
        return _ridge_leverage(matrix, weight, clusters)
    if kind == "k-means":
        return _cells(matrix, weight, clusters, seed)
    return _tree(matrix, target, classes, weight)


def _root(matrix: Floats, weight: Floats) -> Floats:
    """R of `length` for rows (x, 1), R'R the inverse of sum w (x, 1)(x, 1)'; of the diagonal alone where
    there are many columns.
    """
    rows = np.concatenate([matrix, np.ones((1, matrix.shape[1]))])
    if len(rows) > _MOST_METRIC:
        sizes = (rows**2) @ weight
        return coarse(np.diag(np.where(sizes > 0, 1.0 / np.sqrt(np.maximum(sizes, 1e-300)), 0.0)))
    return coarse(inverse_root((rows * weight) @ rows.T))


def _logistic(matrix: Floats, classes: NDArray[np.int64], count: int, weight: Floats) -> Logistic:
    """A logistic regression on the sample, whose ridge is 1 as if the sample were all there is."""
    relative = weight * (weight.size / weight.sum())
    model = softmax_regression(np.ascontiguousarray(matrix.T), classes, count, relative, flat=_FLAT)
    odds = model.probabilities(matrix.T)
    spread = np.maximum(1.0 - (odds**2).sum(axis=1), 1e-9)
    return Logistic({"weights": coarse(model.weights), "root": _root(matrix, weight * spread)})


def _ridge_leverage(matrix: Floats, weight: Floats, directions: int) -> RidgeLeverage:
    moments = Comoments.of(np.ascontiguousarray(matrix.T), weight)
    values = np.linalg.eigvalsh(moments.scatter)[::-1]
    kept = min(directions, values.size)
    rest = max(float(values[kept:].sum()) / kept, float(values[0]) * 1e-9)
    root = inverse_root(moments.scatter + rest * np.eye(values.size))
    return RidgeLeverage({"root": coarse(np.concatenate([root, -(root @ moments.mean)[:, None]], axis=1))})


def _cells(matrix: Floats, weight: Floats, clusters: int, seed: int) -> ClusterScore:
    """Two solutions on the sample: one of as many clusters as are asked for, by which rows are scored, and
    one of many more, to the rows of whose cells the weights are brought. Cells stand by their cluster.
    """
    draw, rows = np.random.default_rng(seed), np.ascontiguousarray(matrix.T)
    centres = _clustered(matrix, rows, weight, min(clusters, len(rows)), draw)
    most = max(clusters, min(_FINER * clusters, len(rows) // _CELL))
    fine = _clustered(matrix, rows, weight, most, draw) if most > clusters else centres
    _, group = np.unique(nearest(centres, on_grid(fine.T.copy()))[0], return_inverse=True)
    order = np.argsort(group, kind="stable")
    cell, away = nearest(centres, matrix)
    mass = np.maximum(np.bincount(cell, weight, minlength=len(centres)), 1e-300)
    costs = np.bincount(cell, weight * away, minlength=len(centres))
    total, rows_there = float(costs.sum()), float(weight.sum())
    # each term times the rows there are, as the score is a multiple of the mean
    flat = costs / (mass * max(total, 1e-300) / rows_there) + rows_there / (len(centres) * mass)
    return ClusterScore(
        {
            "centres": centres,
            "flat": flat,
            "cost": np.array([total / rows_there]),
            "fine": fine[order],
            "group": group[order].astype(np.float64),
        }
    )


def _clustered(
    matrix: Floats, rows: Floats, weight: Floats, clusters: int, draw: np.random.Generator
) -> Floats:
    """Centres by k-means++ (Arthur and Vassilvitskii 2007) and some rounds of Lloyd. matrix: p x n; rows: the
    same, n x p.
    """
    centres = coarse(_seeded(rows, weight, clusters, draw))
    for _ in range(_ROUNDS):
        cell, _ = nearest(centres, matrix)
        mass = np.bincount(cell, weight, minlength=len(centres))
        sums = np.stack([np.bincount(cell, weight * row, minlength=len(centres)) for row in matrix], axis=1)
        centres = coarse(np.where(mass[:, None] > 0, sums / np.maximum(mass, 1e-300)[:, None], centres))
    return centres


def _seeded(rows: Floats, weight: Floats, clusters: int, draw: np.random.Generator) -> Floats:
    squares = (rows**2).sum(axis=1)

    def distances(tried: NDArray[np.int64]) -> Floats:
        return np.asarray(np.maximum(squares + squares[tried][:, None] - 2.0 * (rows[tried] @ rows.T), 0.0))

    chosen = [int(draw.choice(len(rows), p=weight / weight.sum()))]
    away = distances(np.array(chosen))[0]
    while len(chosen) < clusters and (weight * away).sum() > 0:
        chance = weight * away
        tried = draw.choice(len(rows), size=2 + int(np.log2(clusters)), p=chance / chance.sum())
        left = np.minimum(away, distances(tried))
        best = int(np.argmin(left @ weight))
        chosen.append(int(tried[best]))
        away = left[best]
    return rows[chosen]


def _tree(matrix: Floats, target: Floats, classes: int, weight: Floats) -> Tree:
    """One tree on the sample, its shares drawn towards those of all rows (Laplace)."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    kind: Any = DecisionTreeClassifier if classes else DecisionTreeRegressor
    relative = weight * (weight.size / weight.sum())
    fitted = kind(max_leaf_nodes=_LEAVES, min_samples_leaf=10, random_state=0)
    made = fitted.fit(matrix.T.astype(np.float32), target, sample_weight=relative).tree_
    leaf = np.where(made.children_left < 0, np.cumsum(made.children_left < 0) - 1, -1)
    value = made.value[:, 0, :].astype(np.float64)
    if classes:
        mass = made.weighted_n_node_samples[:, None]
        value = (value / value.sum(axis=1, keepdims=True) * mass + value[:1] / value[:1].sum()) / (mass + 1.0)
        full = np.zeros((len(value), classes))
        full[:, fitted.classes_.astype(int)] = value
        value = full if classes > 1 else np.ones((len(value), 2))
    tree = Tree(
        {
            "feature": np.where(made.children_left < 0, -1.0, made.feature),
            "threshold": made.threshold.astype(np.float64),
            "left": made.children_left.astype(np.float64),
            "right": made.children_right.astype(np.float64),
            "value": value,
            "leaf": leaf.astype(np.float64),
        }
    )
    return tree.levelled(matrix, target.astype(np.int64), weight) if classes else tree


__all__ = ["Encoder", "Learning", "pilot_of"]
