"""Folds spread every class evenly, whatever groups its rows come in; rounded weights keep two digits."""

from __future__ import annotations

import numpy as np
import pytest

from core.prepare.class_folds import class_folds
from core.prepare.weight_decisions import significant


def test_events_are_spread_about_as_evenly_as_by_scikit_learn_where_groups_hold_unequal_shares() -> None:
    from sklearn.model_selection import StratifiedGroupKFold

    ours, theirs = [], []
    for seed in range(10):
        draw = np.random.default_rng(seed)
        group = np.repeat(np.arange(60), 20)
        event = draw.random(1200) < np.where(draw.random(60) < 0.15, 0.6, 0.1)[group]
        fold = class_folds(draw.permutation(60)[group].astype(np.uint64), event.astype(np.int64), 5)
        assert np.bincount(fold).tolist() == [240] * 5
        assert all(np.unique(fold[group == one]).size == 1 for one in range(60))
        events = np.bincount(fold, weights=event)
        ours.append(events.max() / events.min())
        split = StratifiedGroupKFold(5, shuffle=True, random_state=seed).split(group, event, group)
        events = np.array([event[held].sum() for _, held in split])
        theirs.append(events.max() / events.min())
    assert np.mean(ours) < np.mean(theirs) < 1.5


def test_folds_of_many_small_classes_are_of_one_size() -> None:
    classes = np.repeat(np.arange(200), 6)
    fold = class_folds(np.arange(1200, dtype=np.uint64), classes, 5)
    assert np.bincount(fold).tolist() == [240] * 5
    counts = np.bincount(classes * 5 + fold, minlength=1000)
    assert set(counts.tolist()) == {1, 2}


def test_single_rows_make_up_for_what_groups_left_uneven() -> None:
    groups = np.array([0] * 5 + list(range(1, 16)), dtype=np.uint64)
    fold = class_folds(groups, np.zeros(20, np.int64), 5)
    assert sorted(np.bincount(fold)) == [3, 4, 4, 4, 5]


def test_a_weight_keeps_two_digits_however_small() -> None:
    weights = np.random.default_rng(0).lognormal(-8, 6, 2000)
    rounded = significant(weights)
    assert (rounded > 0).all() and rounded == pytest.approx(weights, rel=0.051)
    assert rounded.tolist() == [float(f"{one:.1e}") for one in weights]
    assert significant(np.array([0.0, 0.0004, 0.0012])).tolist() == [0.0, 0.0004, 0.0012]
