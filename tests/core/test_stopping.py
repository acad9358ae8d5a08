"""Stop: whatever is at work asks whether it shall go on, often enough for a person to see it end at once.

Measured in the thread's own processor time, as the clock on the wall runs on while other programs have the
processor.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import workspace
from core.catalog import analyses
from core.dataset import Dataset
from core.progress import Progress

ROWS, SECONDS = 10_000, 1.0  # what takes twice as long for twice the rows ends within two seconds at 20,000
# two threads are at work in overlap, which are to end within 2 seconds together; side by side the tests
# calculate on one core a process, so that the work of BLAS counts here too
OVERLAP = 0.5


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Train and serve of 5,000 rows each, 20 columns of all kinds."""
    draw, half = np.random.default_rng(0), ROWS // 2
    frame = pd.DataFrame({f"n{i}": draw.normal(0.3 * (i < 2), 1, ROWS) for i in range(11)})
    frame["sum"] = 2 * frame["n0"] + draw.normal(0, 0.1, ROWS)
    frame.loc[draw.random(ROWS) < 0.1, "n3"] = np.nan
    for i in range(5):
        frame[f"c{i}"] = draw.choice([f"k{j}" for j in range(3 + 10 * i)], ROWS)
    frame["when"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 10**7, ROWS), unit="s")
    frame["words"] = [f"text {one} {other}" for one, other in draw.integers(0, 999, (ROWS, 2))]
    frame["y"] = np.where(frame["n0"] + frame["n5"] + draw.normal(size=ROWS) > 0, "yes", "no")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WINNOW_HOME", str(tmp_path_factory.mktemp("home")))
        return workspace.load(frame[:half], serve=frame[half:], target="y", name="x")


class Listening:
    """Stands in the place of the Stop button. longest: the most processor seconds that a thread worked from
    one question to its next.
    """

    def __init__(self) -> None:
        self.longest, self.questions = 0.0, 0
        self._last = threading.local()

    def asked(self) -> bool:
        """Whether to stop: never."""
        now = time.thread_time()
        self.questions += 1
        self.longest = max(self.longest, now - getattr(self._last, "time", now))
        self._last.time = now
        return False


@pytest.mark.parametrize("name", sorted(set(analyses()) - {"projection"}))  # its work is in a child, killed
def test_every_analysis_asks_often_enough_whether_to_stop(
    data: Dataset, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))
    import sklearn.ensemble  # noqa: F401  (imported once a server, not once a click)

    analysis, listening, begun = analyses()[name], Listening(), time.process_time()
    analysis.function(data, analysis.settings(), Progress(lambda fraction, note: None, listening.asked))
    assert listening.questions > 20 or time.process_time() - begun < SECONDS / 2
    assert listening.longest < (OVERLAP if name == "overlap" else SECONDS)
