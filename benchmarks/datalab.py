"""The side of cleanlab's Datalab: run by the Python of the peers' own environment, a file in and JSON out.

    .venv/peers/bin/python benchmarks/datalab.py FILE.parquet TARGET  -> seconds, CPU seconds, rows with a
    label issue

Its default path: probabilities of a logistic regression by five stratified folds, then label, outlier and
near-duplicate issues on the same columns. Nothing of Winnow is imported here. Importing the packages, reading
and scaling, and a first run on a few rows, are not counted.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings

import numpy as np
import pandas as pd
from cleanlab import Datalab  # type: ignore[import-not-found]
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")


def issues(x: np.ndarray, y: np.ndarray) -> int:
    likely = cross_val_predict(LogisticRegression(), x, y, cv=5, method="predict_proba")
    lab = Datalab({"x": x, "y": y}, label_name="y", task="classification", verbosity=0)
    lab.find_issues(
        features=x, pred_probs=likely, issue_types={"label": {}, "outlier": {}, "near_duplicate": {}}
    )
    return int(lab.get_issues("label")["is_label_issue"].sum())


if __name__ == "__main__":
    frame = pd.read_parquet(sys.argv[1])
    given = np.unique(frame[sys.argv[2]], return_inverse=True)[1]
    numbers = StandardScaler().fit_transform(frame.drop(columns=sys.argv[2]))
    issues(numbers[:1_000], given[:1_000])
    begun, cpu = time.perf_counter(), sum(os.times()[:4])
    found = issues(numbers, given)
    answer = {"seconds": time.perf_counter() - begun, "cpu": sum(os.times()[:4]) - cpu, "found": found}
    sys.stdout.write("\n" + json.dumps(answer) + "\n")
