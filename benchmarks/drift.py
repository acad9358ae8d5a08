"""The side of Evidently: run by the Python of the peers' own environment, with files in and JSON out.

    .venv/peers/bin/python benchmarks/drift.py TRAIN.parquet SERVE.parquet ...  -> per pair: CPU seconds,
    columns said to have drifted

Its default preset; nothing of Winnow is imported here. Importing the package, and a first run on a few rows,
are not counted.
"""

from __future__ import annotations

import json
import sys
import time
import warnings

import pandas as pd
from evidently import Report  # type: ignore[import-not-found]
from evidently.presets import DataDriftPreset  # type: ignore[import-not-found]

warnings.filterwarnings("ignore")


def drift(train: pd.DataFrame, serve: pd.DataFrame) -> tuple[float, int]:
    begun = time.process_time()
    told = Report([DataDriftPreset()]).run(serve, train).dict()
    return time.process_time() - begun, int(told["metrics"][0]["value"]["count"])


if __name__ == "__main__":
    frames = [pd.read_parquet(path) for path in sys.argv[1:]]
    drift(frames[0].head(200), frames[1].head(200))
    answer = [drift(frames[i], frames[i + 1]) for i in range(0, len(frames), 2)]
    sys.stdout.write("\n" + json.dumps(answer) + "\n")
