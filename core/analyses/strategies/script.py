"""``model.py``: the same functions that fitted the model, as one script without Winnow."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from core.analyses.strategies import encoders, fitted, models, recalibration, samplers, strategy

_HEAD = '''"""Remakes the model of model.json from training.csv. Needs numpy, pandas, scikit-learn{more}.

    python model.py [FOLDER]        writes probabilities.csv: of each training row, what the model says
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd

'''
_TAIL = '''

def main(folder: Path) -> None:
    """Fit the model again, and write what it says of the rows it was fitted on."""
    about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    columns = Columns(*(tuple(about["columns"][kind]) for kind in Columns._fields))
    own = {name: f"column {name}" if name in OWN else name for name in columns.names}
    rows = pd.read_csv(folder / "training.csv", dtype=str, keep_default_na=False)
    frame = pd.DataFrame({name: rows[own[name]].astype(object) for name in columns.names})
    for name in columns.numbers:  # by Python's own reading, which gives back the last digit
        frame[name] = np.array([float(text) if text else np.nan for text in frame[name]])
    for name in columns.levels:
        frame[name] = frame[name].where(frame[name] != "", np.nan)
    scaling = about["scaling"]
    model = fitted(frame, rows["code"].astype(int).to_numpy(), columns, len(about["classes"]),
                   about["strategy"], about["model"], about["seed"],
                   (scaling["shift"], scaling["scale"]) if scaling else None)
    p = model.predict_proba(frame)
    table = pd.DataFrame(p, columns=[f"p_{at}" for at in range(p.shape[1])])
    table.insert(0, "row", rows["row"])
    table.to_csv(folder / "probabilities.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
'''
_PARTS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (encoders, ("LEVELS", "TEXT_DIRECTIONS", "TEXT_WORDS", "VECTOR_DIRECTIONS", "Columns",
                "prepared", "designed")),
    (models, ("ROUNDS", "_TREES", "_CHUNK", "_PASSES", "BINS", "focal_weights", "_of_given", "on_grid",
              "Linear", "Boosting")),
    (samplers, ("NEIGHBOURS", "Training", "oversampler", "undersampler", "smote", "smote_enn", "adasyn",
                "_neighbours")),
    (recalibration, ("_TINY", "prior_corrected", "focal_corrected", "pooled", "_log", "_softmax")),
    (strategy, ("BAGS", "GAMMA", "Trained", "Strategy", "balanced_weights", "predicted", "_plain",
                "_weighted", "_focal", "_on_made", "_on_made_up", "_by", "_two_of_each", "_numbers_only",
                "_sampled", "_made_up")),
    (fitted, ("fitted", "made_right", "moved", "averaged")),
)  # fmt: skip


def script(about: Mapping[str, Any]) -> str:
    """The script that fits this model again. about: what ``model.json`` says."""
    sampled = about["strategy"] not in ("none", "weights", "focal")
    lines = [_HEAD.format(more=" and imbalanced-learn" if sampled else "")]
    lines.append(
        f"OWN = ('row', 'fold', 'weight', 'code', *(f'soft_{{at}}' for at in "
        f"range({len(about['classes'])})))\n"
    )
    for module, wanted in _PARTS:
        for name in wanted:
            one = getattr(module, name)
            if inspect.isclass(one) or inspect.isfunction(one):
                lines.append(f"\n\n{inspect.getsource(one).rstrip()}\n")
            else:
                lines.append(f"{name} = {one!r}\n")
        if module is models:
            lines.append('\n\nMODELS = {"linear": Linear(), "boosting": Boosting()}\n')
    table = inspect.getsource(strategy)
    start = table.index("STRATEGIES: dict")
    lines.append(f"\n\n{table[start : table.index(chr(10) + '}' + chr(10), start) + 3]}")
    return "".join(lines) + _TAIL
