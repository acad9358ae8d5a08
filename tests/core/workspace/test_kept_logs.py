"""Several logs of decisions about the same data: which one goes on, and that they are kept apart."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.decision import Decision
from core.rowset import RowSet
from core.workspace.decisions_file import FILE
from core.workspace.kept_logs import KeptLog, key_of, label_for, logs, note, unused_label
from core.workspace.store import Store
from tests.make import dataset

DROP = Decision("drop", RowSet([1]))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def houses() -> Dataset:
    return dataset(pd.DataFrame({"price": [1.0, 2.0, 3.0], "sold": ["no", "yes", "no"]}))


def said(store: Store, data: Dataset, label: str, times: int, user: str = "ann") -> None:
    for _ in range(times):
        store.say(key_of(data.fingerprint, label), user, DROP)
    note(store, data, user, label)


def test_a_log_goes_on_only_with_the_roles_and_the_split_it_was_made_with(
    store: Store, houses: Dataset
) -> None:
    assert logs(store, houses.fingerprint, "ann") == () and label_for((), houses) == ""
    sold, price = houses.with_roles(target="sold"), houses.with_roles(target="price")
    parted = sold.with_split(PartSplit("value", column="sold", value="yes"))
    said(store, sold, "", 3)
    kept = logs(store, houses.fingerprint, "ann")
    assert [(log.label, log.steps, log.roles) for log in kept] == [("", 3, {"target": "sold"})]
    assert [label_for(kept, data) for data in (sold, price, parted)] == ["", "2", "2"]
    said(store, price, "2", 1)
    said(store, parted, "3", 2)
    kept = logs(store, houses.fingerprint, "ann")
    assert [(log.label, log.steps) for log in kept] == [("3", 2), ("2", 1), ("", 3)], "last used first"
    assert [label_for(kept, data) for data in (sold, price, parted, houses)] == ["", "2", "3", "4"]
    assert [log.laid_over(houses).version for log in kept] == [parted.version, price.version, sold.version]


def test_a_log_without_steps_is_used_before_a_new_one(store: Store, houses: Dataset) -> None:
    said(store, houses.with_roles(target="sold"), "", 1)
    said(store, houses.with_roles(target="price"), "2", 0)
    kept = logs(store, houses.fingerprint, "ann")
    assert [(log.label, log.steps) for log in kept] == [("2", 0), ("", 1)]
    assert label_for(kept, houses) == "2"


def test_a_log_whose_steps_can_be_redone_is_not_free_for_other_roles(store: Store, houses: Dataset) -> None:
    sold, price = houses.with_roles(target="sold"), houses.with_roles(target="price")
    said(store, sold, "", 1)
    store.undo(houses.fingerprint, "ann")
    kept = logs(store, houses.fingerprint, "ann")
    assert [(log.steps, log.undone) for log in kept] == [(0, 1)]
    assert label_for(kept, sold) == "" and label_for(kept, price) == unused_label(kept) == "2"


def test_a_log_of_an_earlier_version_goes_on_as_it_did_unless_another_fits_better(
    store: Store, houses: Dataset
) -> None:
    store.say(houses.fingerprint, "ann", DROP)
    sold = houses.with_roles(target="sold")
    (old,) = logs(store, houses.fingerprint, "ann")
    assert old.roles is None and label_for((old,), sold) == "" and old.laid_over(sold) is sold
    assert label_for((old, KeptLog("2", 1, "", {"target": "sold"})), sold) == "2"


def test_logs_are_a_persons_own_and_are_forgotten_with_the_data(store: Store, houses: Dataset) -> None:
    other = dataset(pd.DataFrame({"a": [1, 2]}))
    said(store, houses, "", 1)
    said(store, houses, "2", 1, "bob")
    said(store, other, "", 1)
    assert logs(store, houses.fingerprint, "eve") == ()
    assert [log.label for log in logs(store, houses.fingerprint, "bob")] == ["2"]
    assert store.users(houses.fingerprint) == ("ann", "bob")
    store.forget(houses.fingerprint)
    assert not logs(store, houses.fingerprint, "ann") and not logs(store, houses.fingerprint, "bob")
    assert store.review(key_of(houses.fingerprint, "2"), "bob").batches == ()
    assert len(logs(store, other.fingerprint, "ann")) == 1


@pytest.mark.parametrize(
    "plain", ["", "[]", "{}", '{"roles": 3, "split": null}', '{"roles": {}, "split": {"x": 1}}']
)
def test_what_was_damaged_counts_as_not_known(plain: str, store: Store, houses: Dataset) -> None:
    said(store, houses, "", 2)
    with sqlite3.connect(store.file.path.parent / FILE) as connection:
        connection.execute("UPDATE settings SET plain = ?", (plain,))
    (log,) = logs(store, houses.fingerprint, "ann")
    assert log.steps == 2 and log.roles is None


def test_steps_that_come_from_elsewhere_begin_a_log_without_steps(store: Store, houses: Dataset) -> None:
    assert unused_label(()) == ""
    said(store, houses, "", 2)
    assert unused_label(logs(store, houses.fingerprint, "ann")) == "2"
    said(store, houses, "2", 0)
    said(store, houses, "3", 1)
    assert unused_label(logs(store, houses.fingerprint, "ann")) == "2"


def test_opening_the_data_moves_no_time_of_decisions(
    store: Store, houses: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    said(store, houses, "", 2)
    [before] = logs(store, houses.fingerprint, "ann")
    monkeypatch.setattr("core.workspace.kept_logs.now", lambda: "2999-01-01T00:00:00+00:00")
    note(store, houses, "ann", "")
    [after] = logs(store, houses.fingerprint, "ann")
    assert after.decided == before.decided and before.decided <= before.last < after.last
