"""The side of fg-data-profiling (once ydata-profiling): run by the Python of the peers' own environment, with
files in and JSON out.

    .venv/peers/bin/python benchmarks/beside.py speed FILE.csv      -> CPU seconds of the default report,
    rows, bytes of HTML .venv/peers/bin/python benchmarks/beside.py alerts FILE.csv ... -> per file: the
    default alerts as [type, column, value of the count]

Nothing of Winnow is imported here. Columns whose name begins with "when" are read as times; importing the
packages is not counted.
"""

from __future__ import annotations

import json
import sys
import time
import warnings

import pandas as pd
from data_profiling import ProfileReport  # type: ignore[import-not-found]

warnings.filterwarnings("ignore")


def _read(path: str) -> pd.DataFrame:
    names = pd.read_csv(path, nrows=0).columns
    return pd.read_csv(path, parse_dates=[name for name in names if name.startswith("when")])


def speed(path: str) -> dict[str, float]:
    frame = _read(path)
    # whatever is compiled or loaded at the first use
    ProfileReport(frame.head(200), progress_bar=False).to_html()
    begun = time.process_time()
    html = ProfileReport(frame, progress_bar=False).to_html()
    return {"cpu": time.process_time() - begun, "rows": len(frame), "bytes": len(html)}


def alerts(path: str) -> list[list[object]]:
    """What the default limits raise; figures, samples and interactions, which raise nothing, are left out."""
    quiet = {
        "interactions": None,
        "samples": None,
        "missing_diagrams": {"bar": False, "matrix": False, "heatmap": False},
    }
    told = ProfileReport(_read(path), progress_bar=False, **quiet).get_description()
    return [
        [alert.alert_type.name, alert.column_name, (alert.values or {}).get("n_duplicates")]
        for alert in told.alerts
    ]


if __name__ == "__main__":
    answer = speed(sys.argv[2]) if sys.argv[1] == "speed" else [alerts(path) for path in sys.argv[2:]]
    sys.stdout.write("\n" + json.dumps(answer, default=str) + "\n")
