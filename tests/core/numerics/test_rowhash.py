import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ColumnError
from core.numerics import rowhash
from core.numerics.rowhash import hash_column, hash_numbers, hash_rows, keyed, row_keys
from core.prepare.hashes import row_hashes
from tests.make import dataset

VALUES = {
    pa.string(): st.text(max_size=12),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float64(): st.floats(allow_nan=False),
    pa.bool_(): st.booleans(),
}


@pytest.mark.parametrize("kind", VALUES, ids=str)
def test_equal_hashes_mean_equal_values(kind):
    @given(st.lists(st.none() | VALUES[kind], max_size=30))
    def holds(values):
        hashes = hash_column(pa.array(values, kind)).tolist()
        for i, a in enumerate(values):
            assert [hashes[i] == h for h in hashes] == [
                a is b if a is None or b is None else a == b for b in values
            ]

    holds()


def test_a_hundred_thousand_different_texts_and_numbers_do_not_collide():
    texts = pa.array([f"{i:x}" for i in range(100_000)] + ["\0" * i for i in range(100)])
    assert len(set(hash_column(texts).tolist())) == len(texts)
    assert len(set(hash_column(pa.array(range(100_000))).tolist())) == 100_000
    grid = pa.table({"a": np.repeat(np.arange(300), 300), "b": np.tile(np.arange(300), 300)})
    assert len(set(hash_rows(grid).tolist())) == 90_000


def test_all_bits_of_the_hash_are_used():
    bits = np.unpackbits(hash_column(pa.array(range(20_000))).view(np.uint8)).reshape(-1, 64)
    assert np.abs(bits.mean(0) - 0.5).max() < 0.02
    bits = np.unpackbits(hash_column(pa.array([f"row {i}" for i in range(20_000)])).view(np.uint8)).reshape(
        -1, 64
    )
    assert np.abs(bits.mean(0) - 0.5).max() < 0.02


def test_chunks_slices_dictionaries_and_small_steps_change_nothing(monkeypatch):
    words = pa.array(["b", None, "", "äöü" * 40, "b"] * 20)
    whole = hash_column(words)
    assert (hash_column(pa.chunked_array([words[:7], words[7:50], words[50:]])) == whole).all()
    assert (hash_column(words.dictionary_encode()) == whole).all()
    assert (hash_column(words.cast(pa.large_string())) == whole).all()
    monkeypatch.setattr(rowhash, "_SLICE_BYTES", 10)
    assert (hash_column(words) == whole).all()


def test_the_order_of_columns_and_where_the_missing_value_is_matter():
    hashes = hash_rows(pa.table({"a": [1, 2, None, 3], "b": [2, 1, 3, None]}))
    assert len(set(hashes.tolist())) == 4


def test_the_hash_is_fixed_for_good():
    table = pa.table(
        {
            "a": [1, None],
            "b": [1.5, -0.0],
            "c": ["x", "straße"],
            "d": [True, None],
            "e": pa.array([0, 1], pa.timestamp("us")),
        }
    )
    assert hash_rows(table).tolist() == [5104316916372783596, 4310073491791976082]


def test_keyed_hashes_order_the_rows_otherwise_for_each_seed():
    hashes = hash_column(pa.array(range(1000)))
    first, second = (np.argsort(keyed(hashes, seed)) for seed in (0, 1))
    assert len(np.intersect1d(first[:100], second[:100])) < 30
    assert len(set(keyed(hashes, 0).tolist())) == 1000


def test_a_sample_by_row_keys_does_not_depend_on_order_and_takes_its_share_of_equal_rows():
    values = np.append(np.zeros(6000, np.int64), np.arange(1, 4001))
    mixed = np.random.default_rng(0).permutation(values)
    samples = [np.sort(v[np.argsort(row_keys(hash_column(pa.array(v)), 5))[:1000]]) for v in (values, mixed)]
    assert (samples[0] == samples[1]).all()
    assert abs((samples[0] == 0).mean() - 0.6) < 0.05
    assert row_keys(np.zeros(0, np.uint64), 0).size == 0
    assert np.unique(row_keys(hash_column(pa.array(values)), 5)).size == values.size, (
        "no two rows share a key"
    )


def test_a_dataset_has_one_hash_per_row_in_source_order():
    frame = pd.DataFrame(
        {"a": [1.0, None, 1.0, 2.0], "b": ["x", "y", "x", "x"], "t": pd.to_datetime(["2020-01-01"] * 4)}
    )
    made = dataset(frame)
    hashes = row_hashes(made)
    assert hashes.dtype == np.uint64 and hashes[0] == hashes[2] and len(set(hashes.tolist())) == 3
    assert len(set(row_hashes(made, ["b"]).tolist())) == 2
    assert (row_hashes(dataset(frame.iloc[::-1]))[::-1] == hashes).all()
    with pytest.raises(ColumnError, match="no column 'z'"):
        row_hashes(made, ["z"])


def test_rows_without_numbers_are_all_one():
    hashes = hash_numbers(np.empty((3, 0), np.float32))
    assert hashes.shape == (3,) and len(set(hashes.tolist())) == 1
