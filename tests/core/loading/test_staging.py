"""What is too large for memory goes to a file, and reads back the same."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from core.loading.readers import staging


def staged(path: Path) -> staging.Stage:
    stage = staging.Stage(path, 3)
    for start in range(0, 1000, 100):
        stage.add([pa.array([f"{name}{i}" for i in range(start, start + 100)]) for name in "abc"])
    stage.close()
    return stage


@pytest.mark.parametrize(("batch", "held"), [(10**9, 10**9), (500, 10**9), (500, 2000), (500, 1)])
def test_memory_and_file_give_the_same(
    batch: int, held: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "BATCH_BYTES", batch)
    monkeypatch.setattr(staging, "HELD_BYTES", held)
    stage = staged(tmp_path / "stage.parquet")
    batches = list(stage.batches([2, 0]))
    assert stage.rows == 1000 and (tmp_path / "stage.parquet").exists() == (held < 10**9)
    assert [v for b in batches for v in b.column(0).to_pylist()] == [f"c{i}" for i in range(1000)]
    assert [v for b in batches for v in b.column(1).to_pylist()] == [f"a{i}" for i in range(1000)]
