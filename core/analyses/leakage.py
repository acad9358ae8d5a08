"""Which columns know the answer, and which rows stand on both sides of the split.

Column by column: one column that nearly gives the target by itself, one value whose rows all have one class, gaps that give the
target away, columns that are dead where the target is known. Across train and serve: the same rows, the same groups, the wrong order
in time. What each check means and where its limits come from is in docs/methods/leakage.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analysis import Analysis, Result, Status
from core.dataset import Dataset
from core.errors import ColumnError
from core.features import level_codes, numbers
from core.finding import Finding, ranked
from core.numerics import leakage as maths
from core.numerics.leakage import Floats, Ints, Strength
from core.numerics.rowhash import keyed
from core.progress import Progress
from core.rowkeys import row_hashes
from core.rowset import RowSet
from core.settings import Settings, column, columns, knob

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

SAMPLE = 50_000
FEWEST = 20  # rows with a known target below which nothing is said of columns
CLASS_VALUES = 20  # whole-number targets with at most so many values are taken as classes
EASY_SHARE = 0.25  # of columns strong by themselves, above which the task is called easy
EASY_KEPT = 0.995  # score that still counts as a leak in an easy task
DRAWN = ("numeric", "category", "boolean", "datetime", "text", "identifier")
DROP_IT = "Find out when this column gets its value. If that is at or after the moment the target is known, leave it out."


@dataclass(frozen=True)
class LeakageSettings(Settings):
    """What to look at, and from which score on a column is doubted."""

    target: str = column("Target", "The column to predict; the target role by default.", ["category", "boolean", "numeric"], role="target")
    columns: tuple[str, ...] = columns("Columns", "Columns to judge; all but target, id and weight by default.", DRAWN)
    warn: float = knob(0.90, "Warn from", "AUC, or share of variance, that one column must reach alone to be listed.", 0.6, 1.0)
    critical: float = knob(0.98, "Critical from", "AUC, or share of variance, from which one column is called critical.", 0.6, 1.0)
    seed: int = knob(0, "Seed", "Seed of the sample, the folds and the shuffles.", 0, 2**31 - 1)


@dataclass(frozen=True, eq=False)
class LeakageResult(Result):
    """``names``, ``scores``, ``noise``: each judged column, what it tells of the target alone and what it would by chance (AUC for
    classes, share of variance for numbers; NaN where it cannot be judged). ``kind``: "class", "number" or "" without a target."""

    found: tuple[Finding, ...]
    names: tuple[str, ...]
    scores: Floats
    noise: Floats
    target: str
    kind: str
    judged: int
    limits: tuple[float, float]
    said: tuple[str, ...]
    reason: str = ""

    @property
    def status(self) -> Status:
        """Skipped where there is neither a target nor a second part."""
        return Status("skipped", self.reason) if self.reason else Status()

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Counts of leaks by weight, and the strongest single column."""
        known = np.nan_to_num(self.scores, nan=-1.0)
        best = int(known.argmax()) if known.size else -1
        return {
            "critical": sum(f.severity == "critical" for f in self.found),
            "warnings": sum(f.severity == "warning" for f in self.found),
            "columns_judged": int(np.isfinite(self.scores).sum()),
            "rows_judged": self.judged,
            "strongest_column": self.names[best] if best >= 0 else "",
            "strongest_score": float(known[best]) if best >= 0 and known[best] >= 0 else 0.0,
        }

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, worst first."""
        return self.found

    @property
    def notes(self) -> tuple[str, ...]:
        """What was sampled or left out."""
        return self.said

    def frame(self) -> pd.DataFrame:
        """``column,check,score,severity,why``: one line per finding, worst first; no column where a check is about rows."""
        import pandas as pd

        lines = [(f.columns[0] if len(f.columns) == 1 else "", f.code, f.score, f.severity, f.title) for f in self.found]
        return pd.DataFrame(lines, columns=["column", "check", "score", "severity", "why"])


@dataclass(frozen=True, eq=False)
class _Judge:
    """The rows that columns are judged on, in the order of their content. ``answer``: class numbers, or ranks of a number target.
    ``halves``: classes again, or which half of a number target; ``words``: what the halves are called; ``weights``: rows of the data
    that each stands for."""

    rows: Ints
    answer: Any
    halves: Ints
    words: tuple[str, ...]
    folds: Ints
    weights: Floats
    settings: LeakageSettings
    gate: float

    @property
    def is_class(self) -> bool:
        return bool(self.answer.dtype.kind == "i")

    def chance(self) -> np.random.Generator:
        return np.random.default_rng(self.settings.seed)


def leakage(dataset: Dataset, settings: LeakageSettings, progress: Progress) -> LeakageResult:
    """Judge every column by itself against the target, then the two parts against each other.

    Classes with fewer than 5 rows count only as part of "the rest". Raises `ColumnError` for a target that is neither classes nor numbers.
    """
    progress.at(0.0, "Looking at the target")
    target = settings.target or dataset.roles.target or ""
    hashes = row_hashes(dataset, progress=progress.part(0.0, 0.1))
    found, said = _across_parts(dataset, target, settings.seed, progress.part(0.1, 0.3))
    names = tuple(name for name in settings.columns or _candidates(dataset) if name != target)
    judge = _judge(dataset, target, hashes, settings, len(names), said) if target else None
    scores, noise = np.full(len(names), np.nan), np.full(len(names), np.nan)
    strengths: list[Strength | None] = []
    for place, name in enumerate(progress.part(0.3, 1.0).each(names, "Judging columns")):
        values = dataset.table([name]).column(0)
        found += _dead(dataset, name, values, target) if target else []
        if judge is None:
            continue
        strength, leaks = _column(judge, dataset, name, values.take(judge.rows))
        strengths.append(strength)
        found += leaks
        if strength is not None:
            scores[place], noise[place] = np.clip(strength.score, 0.0, 1.0), _noise(strength, judge.gate)
    found = _unless_easy(found, names, scores, settings)
    reason = "" if target or len(dataset.parts) > 1 else "Choose a target column, or give a serve part, to look for leakage."
    kind = "" if judge is None else "class" if judge.is_class else "number"
    judged = 0 if judge is None else judge.rows.size
    limits = (settings.warn, settings.critical)
    return LeakageResult(ranked(found), names, scores, noise, target, kind, judged, limits, tuple(said), reason)


def _candidates(dataset: Dataset) -> tuple[str, ...]:
    barred = {dataset.roles.target, dataset.roles.id, dataset.roles.weight}
    return tuple(name for name in dataset.of_kind(*DRAWN) if name not in barred)


def _judge(
    dataset: Dataset, target: str, hashes: NDArray[np.uint64], settings: LeakageSettings, tried: int, said: list[str]
) -> _Judge | None:
    """The labelled train rows: all of them, or a sample in which no class that is rare loses rows before a frequent one does."""
    if dataset[target].kind not in ("category", "boolean", "numeric"):
        raise ColumnError.wrong_kind(target, dataset[target].kind, ["category", "boolean", "numeric"])
    values = dataset.table([target]).column(0)
    rows = np.flatnonzero(dataset.part_mask("train") & _valid(values))
    if dataset[target].kind == "numeric":
        rows = rows[np.isfinite(numbers(dataset[target], values.take(rows)))]
    if rows.size < FEWEST:
        said.append(f"Only {rows.size} train rows have a known target; columns are judged from {FEWEST} on.")
        return None
    keys = keyed(hashes[rows], settings.seed)
    order = np.argsort(keys, kind="stable")
    rows, keys = rows[order], keys[order]
    answer, halves, words = _answer(dataset, target, values.take(rows))
    groups = answer if answer.dtype.kind == "i" else np.zeros(rows.size, np.int64)
    keep = _taken(groups, SAMPLE)
    if keep.size < rows.size:
        said.append(f"Judged on {keep.size:,} of {rows.size:,} rows, chosen by their content; rare classes keep all their rows.")
    weights = (np.bincount(groups) / np.maximum(np.bincount(groups[keep], minlength=groups.max() + 1), 1))[groups[keep]]
    gate = maths.z_gate(tried)
    folds = maths.folds_of(keys[keep])
    return _Judge(rows[keep], answer[keep], halves[keep], words, folds, weights, settings, gate)


def _valid(values: pa.ChunkedArray) -> NDArray[np.bool_]:
    return np.asarray(values.is_valid().to_numpy(), dtype=bool)


def _answer(dataset: Dataset, target: str, values: pa.ChunkedArray) -> tuple[Any, Ints, tuple[str, ...]]:
    if dataset[target].kind == "numeric":
        known = numbers(dataset[target], values)
        distinct = np.unique(known)
        if distinct.size > 2 and (distinct.size > CLASS_VALUES or bool((distinct % 1).any())):
            ranks = maths.mid_ranks(known)
            words = (f"at most {np.median(known):g}", f"above {np.median(known):g}")
            return ranks, np.asarray(known > np.median(known), dtype=np.int64), words
    codes, words_found = level_codes(values)
    return codes, codes, tuple(words_found)


def _taken(groups: Ints, most: int) -> Ints:
    """Positions of at most about ``most`` rows: each group keeps its first rows up to one and the same cap."""
    if groups.size <= most:
        return np.arange(groups.size)
    counts = np.sort(np.bincount(groups))
    left, cap = most, 0
    for place, count in enumerate(counts):
        cap = left // (counts.size - place)
        if count > cap:
            break
        left -= int(count)
    order = np.argsort(groups, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(groups))[:-1]])
    place_in_group = np.arange(groups.size) - starts[groups[order]]
    return np.sort(order[place_in_group < cap])


def _column(judge: _Judge, dataset: Dataset, name: str, values: pa.ChunkedArray) -> tuple[Strength | None, list[Finding]]:
    """What one column tells, and the findings about it: gaps, then its order or its levels, then single values."""
    valid = _valid(values)
    found = _gaps(judge, name, valid)
    known = np.flatnonzero(valid)
    values = values.take(known)
    if dataset[name].kind in ("numeric", "datetime", "text"):
        floats = numbers(dataset[name], values)
        finite = np.isfinite(floats)
        known, values, floats = known[finite], values.filter(finite), floats[finite]
    else:
        floats = None
    if known.size < FEWEST:
        return None, found
    answer, folds = judge.answer[known], judge.folds[known]
    codes, texts = (None, []) if floats is not None and dataset[name].kind != "text" else level_codes(values)
    strength = _strength(judge, floats, codes, answer, folds)
    if strength is not None and strength.z >= judge.gate and strength.surely >= judge.settings.warn:
        return strength, [*found, _single(judge, name, strength, known.size)]
    if codes is None and floats is not None:
        distinct, codes = np.unique(floats, return_inverse=True)
        texts = [f"{value:g}" for value in distinct]
    for level in maths.pure_levels(codes, judge.halves[known], judge.weights[known], float(judge.weights.sum())):
        if level.chance < maths.tail(judge.gate):
            found.append(_pure(judge, name, texts[level.level], level))
            break
    return strength, found


def _strength(judge: _Judge, floats: Floats | None, codes: Ints | None, answer: Any, folds: Ints) -> Strength | None:
    """The best of order, levels and, for numbers, equal-mass bins; bins only where they reach the critical limit, as a feature that
    is merely useful reaches the lower one that way."""
    tried: list[Strength | None] = []
    warn, critical = judge.settings.warn, judge.settings.critical
    if floats is not None:
        tried.append(maths.rank_strength(floats, answer))
        distinct = np.unique(floats).size
        few = distinct <= CLASS_VALUES and distinct * FEWEST <= floats.size
        if few:
            codes = np.unique(floats, return_inverse=True)[1].astype(np.int64)
        elif len(judge.words) == 2:
            binned = maths.level_strength(maths.bins(floats), answer, folds, judge.chance(), critical)
            tried += [binned] if binned is not None and binned.surely >= critical else []
    if codes is not None:
        tried.append(maths.level_strength(codes, answer, folds, judge.chance(), warn))
    return max((s for s in tried if s is not None), key=lambda s: s.score, default=None)


def _noise(strength: Strength, gate: float) -> float:
    return float(min(1.0, strength.null + gate * strength.sd)) if strength.sd > 0.0 else float("nan")


def _measure(judge: _Judge, score: float) -> str:
    return f"AUC {score:.3f}" if judge.is_class else f"{score:.1%} of the variation"


def _single(judge: _Judge, name: str, strength: Strength, rows: int) -> Finding:
    critical = strength.surely >= judge.settings.critical
    return Finding(
        code="single_feature",
        title=f"{name!r} alone tells the target: {_measure(judge, strength.score)} on {rows:,} rows where it is known.",
        severity="critical" if critical else "warning",
        score=float(np.clip(strength.score, 0.0, 1.0)),
        why="A model needs many honest columns to get this far; one that does it alone was often written down after the outcome.",
        suggestion=DROP_IT,
        columns=(name,),
        value=strength.score,
        limit=judge.settings.critical if critical else judge.settings.warn,
        noise=_noise(strength, judge.gate),
    )


def _pure(judge: _Judge, name: str, text: str, level: maths.Pure) -> Finding:
    return Finding(
        code="pure_value",
        title=f"All {level.rows:,} rows with {name!r} = {text[:60]!r} have the target {judge.words[level.target]!r}.",
        severity="warning",
        score=level.recall,
        why="A value that settles the target without exception is typical of a code that was filled in from the outcome.",
        suggestion=DROP_IT,
        columns=(name,),
        value=level.covers,
        limit=maths.PURE_SHARE,
        noise=level.chance,
    )


def _gaps(judge: _Judge, name: str, valid: NDArray[np.bool_]) -> list[Finding]:
    """Whether missing or present tells the target."""
    if valid.all() or not valid.any():
        return []
    codes = valid.astype(np.int64)
    strength = (
        maths.rank_strength(codes.astype(np.float64), judge.answer)
        if judge.is_class
        else maths.level_strength(codes, judge.answer, judge.folds, judge.chance(), judge.settings.warn)
    )
    if strength is None:
        return []
    pure = [
        level
        for level in maths.pure_levels(codes, judge.halves, judge.weights, float(judge.weights.sum()))
        if level.chance < maths.tail(judge.gate)
    ]
    strong = strength.z >= judge.gate and strength.surely >= judge.settings.warn
    if not strong and not pure:
        return []
    if strong:
        title = f"Whether {name!r} is missing tells the target: {_measure(judge, strength.score)}."
    else:
        state = "has a value" if pure[0].level else "is missing"
        title = f"All {pure[0].rows:,} rows where {name!r} {state} have the target {judge.words[pure[0].target]!r}."
    return [
        Finding(
            code="missingness",
            title=title,
            severity="critical" if strong and strength.surely >= judge.settings.critical else "warning",
            score=float(np.clip(max(strength.score, pure[0].recall if pure else 0.0), 0.0, 1.0)),
            why="Values that are recorded, or not, because of the outcome give it away, however the gaps are filled.",
            suggestion="Find out why the values are missing. If the outcome decides it, leave the column out; filling the gaps hides the leak.",
            columns=(name,),
            value=strength.score,
            limit=judge.settings.warn,
            noise=_noise(strength, judge.gate),
        )
    ]


def _dead(dataset: Dataset, name: str, values: pa.ChunkedArray, target: str) -> list[Finding]:
    """A column that varies, but not on the rows whose target is known."""
    labelled = _valid(dataset.table([target]).column(0))
    count = int(labelled.sum())
    if count in (0, labelled.size) or name == target:
        return []
    import pyarrow.compute as pc

    seen = pc.unique(values.filter(labelled))
    if len(seen) > 1 or len(pc.unique(values)) < 2:
        return []
    same = (values.is_null() if not seen[0].is_valid else pc.fill_null(pc.equal(values, seen[0]), False)).to_numpy()
    chance = float(np.mean(same)) ** count
    if chance > maths.tail(maths.z_gate(len(dataset.columns))):
        return []
    word = "missing" if not seen[0].is_valid else repr(str(seen[0])[:60])
    return [
        Finding(
            code="dead_on_labelled",
            title=f"{name!r} is {word} on all {count:,} rows with a known target, but varies on the others.",
            severity="warning",
            score=1.0 - float(np.mean(same)),
            why="A model learns nothing from this column, and meets values it has never seen when it is used.",
            suggestion="Find out why labelled rows lack it (another period, another source), and leave it out until they have it.",
            columns=(name,),
            value=float(np.mean(same)),
            noise=chance,
        )
    ]


def _unless_easy(found: list[Finding], names: Sequence[str], scores: Floats, settings: LeakageSettings) -> list[Finding]:
    """Where many columns are strong, the task is easy: only one that stands far out is still called a leak, the rest make a note."""
    strong = np.flatnonzero(np.nan_to_num(scores) >= settings.warn)
    if strong.size < 3 or strong.size <= EASY_SHARE * np.isfinite(scores).sum():
        return found
    top = [f for f in found if f.code == "single_feature" and f.score >= max(EASY_KEPT, settings.critical)]
    kept = {f.columns for f in top} if len(top) <= max(1, strong.size // 4) else set()
    share = strong.size / int(np.isfinite(scores).sum())
    note = Finding(
        code="easy_target",
        title=f"{strong.size} of {int(np.isfinite(scores).sum())} columns tell the target well alone: the task looks easy, not leaky.",
        severity="info",
        score=min(1.0, share),
        why="A leak is one column that knows more than all others; here many do, as where classes lie far apart.",
        suggestion="Make sure that these columns are known at prediction time; then there is nothing to mend.",
        columns=tuple(names[i] for i in strong),
        value=share,
        limit=EASY_SHARE,
    )
    return [f for f in found if f.code not in ("single_feature", "pure_value") or f.columns in kept] + [note]


def _across_parts(dataset: Dataset, target: str, seed: int, progress: Progress) -> tuple[list[Finding], list[str]]:
    """What train and serve share: rows, groups, time."""
    if len(dataset.parts) < 2 or not all(dataset.parts.values()):
        return [], []
    found = _twins(dataset, progress)
    found += _groups(dataset, target, seed)
    found += _times(dataset)
    return found, []


def _twins(dataset: Dataset, progress: Progress) -> list[Finding]:
    barred = {dataset.roles.time, dataset.roles.group}
    names = [name for name in dataset.features if name not in barred]
    if not names:
        return []
    hashes = row_hashes(dataset, names, progress)
    serve = dataset.part_mask("serve")
    twin = serve & np.isin(hashes, hashes[~serve])
    count, total = int(twin.sum()), int(serve.sum())
    if not count:
        return []
    expected = maths.twins_by_chance([row_hashes(dataset, [name]) for name in names], serve, dataset.rows)
    share = count / total
    if share <= expected + 3.0 * np.sqrt(expected * (1.0 - expected) / total):
        return []
    return [
        Finding(
            code="rows_across_parts",
            title=f"{count:,} of {total:,} serve rows ({share:.1%}) have the same features as a train row.",
            severity="critical" if share >= 0.05 else "warning",
            score=share,
            why="A model has seen these rows: what it scores on them says nothing about new ones.",
            suggestion="Drop these rows from the serve part, or split again with equal rows kept together.",
            rows=RowSet.from_mask(twin),
            value=share,
            limit=0.0,
            noise=expected,
            action="drop",
        )
    ]


def _groups(dataset: Dataset, target: str, seed: int) -> list[Finding]:
    """Groups that are on both sides and whose identity tells the target."""
    group = dataset.roles.group
    if group is None or not target:
        return []
    values = dataset.table([group]).column(0)
    labels = dataset.table([target]).column(0)
    rows = np.flatnonzero(_valid(values) & _valid(labels))
    codes, texts = level_codes(values.take(rows))
    serve = dataset.part_mask("serve")
    whole = level_codes(values)[0]
    both = np.isin(whole, whole[~serve]) & serve & _valid(values)
    if len(texts) < 20 or not both.any() or rows.size < FEWEST:
        return []
    keys = keyed(row_hashes(dataset)[rows], seed)
    order = np.argsort(keys, kind="stable")
    answer, _, _ = _answer(dataset, target, labels.take(rows))
    folds = maths.folds_of(keys)
    by_level = maths.level_strength(codes[order], answer[order], folds[order], np.random.default_rng(seed), 0.0)
    by_rank = maths.rank_strength(np.argsort(np.argsort(texts)).astype(np.float64)[codes], answer)
    if by_level is None or by_rank is None:
        return []
    nothing = 0.5 if answer.dtype.kind == "i" else 0.0
    enough = max(0.65 if nothing else 0.3, by_rank.score + 0.15)
    if by_level.score < enough or by_level.z < 3.5:
        return []
    share = float(both.sum() / serve.sum())
    measure = f"AUC {by_level.score:.3f}" if nothing else f"{by_level.score:.1%} of the variation"
    return [
        Finding(
            code="group_overlap",
            title=f"{share:.1%} of serve rows belong to a {group!r} that is in train too, and who it is tells the target ({measure}).",
            severity="critical" if share >= 0.05 else "warning",
            score=float(np.clip(by_level.score, 0.0, 1.0)),
            why="A model can recognise the group and repeat its answer; for groups it has not met it will do worse than measured.",
            suggestion="Split by group, so that each group is on one side only.",
            rows=RowSet.from_mask(both),
            columns=(group,),
            value=by_level.score,
            limit=enough,
            noise=_noise(by_level, 3.5),
        )
    ]


def _times(dataset: Dataset) -> list[Finding]:
    """Train rows later than the first serve row."""
    name = dataset.roles.time
    if name is None or dataset[name].kind not in ("datetime", "numeric"):
        return []
    when = numbers(dataset[name], dataset.table([name]).column(0))
    serve, known = dataset.part_mask("serve"), np.isfinite(when)
    train_rows, serve_rows = np.flatnonzero(~serve & known), np.flatnonzero(serve & known)
    if not train_rows.size or not serve_rows.size:
        return []
    late = train_rows[when[train_rows] > when[serve_rows].min()]
    if not late.size:
        return []
    ranks = maths.mid_ranks(np.concatenate([when[train_rows], when[serve_rows]]))[: train_rows.size]
    later = float((ranks.sum() - train_rows.size * (train_rows.size + 1) / 2.0) / (train_rows.size * serve_rows.size))
    return [
        Finding(
            code="time_order",
            title=f"{late.size:,} of {train_rows.size:,} train rows are later in {name!r} than the first serve row.",
            severity="warning",
            score=float(np.clip(2.0 * later, 0.0, 1.0)),
            why="A model that has seen the future of its test rows does better there than it will in use.",
            suggestion="Split by time, train before serve, with a gap as long as the target takes to become known.",
            rows=RowSet(late),
            columns=(name,),
            value=later,
            limit=0.0,
        )
    ]


ANALYSIS = Analysis("Leakage", "Which columns or rows give the answer away?", "explore/profile", leakage)
