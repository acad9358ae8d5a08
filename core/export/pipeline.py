"""``pipeline.skops``: the column steps of a review as one fitted pipeline of scikit-learn, without pickles.

Each step is a `ColumnTransformer` over the columns that it changes; all others pass. What stands in the
pipeline is trusted by skops as it is: the list of types to trust, in ``pipeline.json``, is empty or says
which. Steps that scikit-learn has no trusted transformer for are named there; they are in ``prepare.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from core.dataset import Dataset
from core.decision import Decision
from core.decision_words import in_words
from core.filters import Filter
from core.phrases import count, names
from core.prepare.skops_file import skops_bytes
from core.rowset import RowSet
from core.settled import Effected, Settled
from core.steps import Learned, kind_of
from core.steps.fill import NEAREST

if TYPE_CHECKING:
    import pandas as pd

LOAD = 'skops.io.load("pipeline.skops", trusted=json.load(open("pipeline.json"))["trusted"])'


@dataclass
class ColumnPipeline:
    """The pipeline, and what is to be known of it.

    pipeline: the fitted pipeline; None where no step has an estimator.
    columns: the columns that it takes, in any order.
    names: what each column that it gives is called among the data as decided; others are called alike.
    steps: the steps in it, in words.
    left_out: those that are not, in words.
    ranks: columns that are ranked after a step that may move their last digits.
    """

    pipeline: Any = None
    columns: tuple[str, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    ranks: list[str] = field(default_factory=list)

    @property
    def trusted(self) -> list[str]:
        """The types to trust when it is loaded, beyond those that skops trusts by itself."""
        import skops.io

        return list(skops.io.get_untrusted_types(data=skops.io.dumps(self.pipeline)))

    @property
    def notes(self) -> list[str]:
        """Where it is not the same as ``prepare.py``, in sentences: steps that are left out, ranks that may
        differ.
        """
        if self.pipeline is None:
            return []
        amount = count(len(self.left_out), "step")
        left_out = (
            f"pipeline.skops leaves out {amount} that scikit-learn has no trusted transformer for, or that "
            "goes by exact values of which it gives another last digit; prepare.py has them all, and "
            "pipeline.json names them."
        )
        ranked = (
            f"pipeline.skops fills from the nearest rows, or works out powers of, {names(self.ranks)}, which "
            "moves the last digit of a number: by the transform behind it, its rank may be one step from "
            "that of prepare.py."
        )
        return [left_out] * bool(self.left_out) + [ranked] * bool(self.ranks)

    def to_bytes(self) -> bytes:
        """The file ``pipeline.skops``."""
        return skops_bytes(self.pipeline)

    def about(self) -> dict[str, Any]:
        """The file ``pipeline.json``."""
        import sklearn
        import skops

        return {
            "load": LOAD,
            "trusted": self.trusted,
            "versions": {"scikit-learn": sklearn.__version__, "skops": skops.__version__},
            "columns": list(self.columns),
            "names": self.names,
            "steps": self.steps,
            "left_out": self.left_out,
            "note": "transform() treats every row as a new one: rows of train get the full target encoding "
            "where prepare.py gives them what the other folds say. Missing cells are NaN, not pandas.NA.",
        }


def has_estimators(decisions: Sequence[Decision]) -> bool:
    """Whether any step may have a transformer of scikit-learn."""
    return any(d.kind.rule and kind_of(d.action).estimator is not None for d in decisions)


def column_pipeline(dataset: Dataset, decisions: Sequence[Decision], settled: Settled) -> ColumnPipeline:
    """The column steps that have an estimator, in order. A step on a column that an earlier one has changed
    outside of the pipeline is left out, too, as it would find other values.
    """
    work = _Building({column: column for column in dataset.names}, sample(dataset))
    for place, decision in enumerate(decisions):
        if place not in settled.passed:
            work.follow(decision, settled.effects.get(place, Effected()))
    made = work.pipeline
    if work.stages:
        from sklearn.pipeline import Pipeline

        made.pipeline, made.columns = Pipeline(work.stages), dataset.names
        made.names = {own: one for one, own in work.names.items() if one not in work.lost and one != own}
    return made


def sample(dataset: Dataset) -> pd.DataFrame:
    """Two rows, as the pipeline takes them: numbers as float64, and NaN for what is missing."""
    return inputs(dataset.frame(rows=RowSet(range(min(2, dataset.rows)))))


def inputs(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame as the pipeline takes it: numbers as float64, all else as it is, NaN for what is missing."""
    columns = {}
    for name in frame:
        values = frame[name]
        if str(values.dtype).lower().startswith(("int", "uint", "float")):
            columns[name] = values.astype("float64")
        elif str(values.dtype).startswith("datetime"):
            columns[name] = values
        else:
            columns[name] = values.astype(object).where(values.notna(), np.nan)
    import pandas as pd

    return pd.DataFrame(columns, index=frame.index)


@dataclass
class _Building:
    """names: of each column as decided so far its name in the pipeline. frame: two rows as they are now.
    lost: columns as decided that the pipeline does not have as they are.
    moved: columns as decided of which the pipeline may move the last digit.
    """

    names: dict[str, str]
    frame: pd.DataFrame
    pipeline: ColumnPipeline = field(default_factory=ColumnPipeline)
    stages: list[tuple[str, Any]] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)

    def follow(self, decision: Decision, effected: Effected) -> None:
        """Take one decision in, or say that it is left out."""
        kind, column = decision.kind, decision.column
        if not kind.rule:
            if isinstance(decision.rows, Filter):
                self.pipeline.left_out.append(in_words((decision,)))
                self.lost |= {column} if column else set()
        elif decision.action == "rename":
            to = decision.settings["to"]
            if column in self.names:
                self.names[to] = self.names.pop(column)
            self.lost = {to if one == column else one for one in self.lost}
            self.moved = {to if one == column else one for one in self.moved}
            told = self.pipeline.left_out if to in self.lost else self.pipeline.steps
            told.append(in_words((decision,)))
        elif not decision.of_some_rows and self._exact(decision) and self._stage(decision, effected.learned):
            self.pipeline.steps.append(in_words((decision,)))
            self._note_digits(decision)
        else:
            self.pipeline.left_out.append(in_words((decision,)))
            self.lost |= {column, *effected.added}

    def _exact(self, decision: Decision) -> bool:
        """Whether a step finds the values that it looks for: levels are equal to the last digit."""
        return decision.action != "encode" or decision.column not in self.moved

    def _note_digits(self, decision: Decision) -> None:
        """Note what becomes of last digits. Powers are numpy's here, scipy's in `yeo_johnson`."""
        how = str(decision.settings.get("how", ""))
        if (decision.action, how) in (("fill", NEAREST), ("transform", "yeo-johnson")):
            self.moved.add(decision.column)
        elif decision.action == "transform" and how.startswith("quantile") and decision.column in self.moved:
            self.pipeline.ranks.append(decision.column)

    def _stage(self, decision: Decision, learned: Learned) -> bool:
        """Add the transformer of a step; whether there is one."""
        from sklearn.compose import ColumnTransformer
        from sklearn.frozen import FrozenEstimator

        kind, column = kind_of(decision.action), decision.column
        read = list(learned.get("columns", ())) if decision.action == "fill" else [column]
        read = read or [column]
        if kind.estimator is None or not column or self.lost & set(read):
            return False
        own = [self.names[one] for one in read]
        renamed = {**learned, "columns": own} if decision.action == "fill" else learned
        fitted = kind.estimator(own[0], kind.settings.of(decision.settings), renamed)
        if fitted is None:
            return False
        rest = [name for name in self.frame.columns if name != own[0]]
        fitted = _first(fitted, own, self.frame) if len(own) > 1 else fitted
        stage = ColumnTransformer(
            [("step", FrozenEstimator(fitted), own), ("rest", "passthrough", rest)],
            verbose_feature_names_out=False,
        ).set_output(transform="pandas")
        try:
            frame = stage.fit_transform(self.frame)
        except ValueError:  # its new columns are called as others are
            return False
        new = [name for name in frame.columns if name not in rest]
        given = _given(decision, learned)
        self.stages.append((f"{len(self.stages) + 1}_{decision.action}", stage))
        self.frame = frame
        self.names.pop(column)
        self.names |= dict(zip(given, new, strict=True))
        return True


def _given(decision: Decision, learned: Learned) -> list[str]:
    """The columns that a step leaves of its own, in the order of its transformer."""
    if "names" not in learned or decision.action != "encode":
        return [decision.column]
    return [*learned["names"], *(learned[key] for key in ("missing", "other") if key in learned)]


def _first(fitted: Any, columns: list[str], frame: pd.DataFrame) -> Any:
    """Of what a transformer of several columns gives, the first."""
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import make_pipeline

    one = ColumnTransformer([("first", "passthrough", columns[:1])], verbose_feature_names_out=False)
    one.set_output(transform="pandas").fit(frame[columns])
    return make_pipeline(fitted, one)
