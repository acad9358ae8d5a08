"""What one column gives away: by its order or its levels, by single values, by its gaps, or by being dead
where it matters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.leakage import maths
from core.analyses.leakage.maths import Floats, Ints, Strength
from core.analyses.leakage.sample import CLASS_VALUES, FEWEST, Judge, noise, valid
from core.dataset import Dataset
from core.finding import Finding
from core.phrases import left_out
from core.prepare.features import numbers
from core.prepare.levels import level_codes

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN_VALUES = 100_000  # distinct numbers above which none can fill a twentieth of the sample
EASY_SHARE = 0.25  # of columns strong by themselves, above which the task is called easy
EASY_KEPT = 0.995  # score that still counts as a leak in an easy task
COMMON = 0.9  # share of a class above which a value that holds it alone says little
DROP_IT = (
    "Find out when this column gets its value. If that is at or after the moment the target is known, "
    "leave it out."
)


def judged(
    judge: Judge, dataset: Dataset, name: str, values: pa.ChunkedArray
) -> tuple[Strength | None, list[Finding]]:
    """How well one column tells the target where it is known (None for too few rows), and what is found about
    it.

    Of one value and gaps, all that it tells is whether it is there. values: of the rows of ``judge``, in
    their order.
    """
    import pyarrow.compute as pc

    there = valid(values)
    presence, found = _gaps(judge, name, there)
    if presence is not None and pc.count_distinct(values, mode="only_valid").as_py() == 1:
        return presence, found
    known = np.flatnonzero(there)
    values, floats = values.take(known), None
    if dataset[name].kind in ("numeric", "datetime", "text"):
        floats = numbers(dataset[name], values)
        finite = np.isfinite(floats)
        known, values, floats = known[finite], values.filter(finite), floats[finite]
    if known.size < FEWEST:
        return None, found
    answer, folds = judge.answer[known], judge.folds[known]
    if floats is not None and dataset[name].kind != "text":
        distinct, codes = np.unique(floats, return_inverse=True)
        texts = [f"{value:g}" for value in distinct.tolist()] if distinct.size <= SHOWN_VALUES else []
        levels = distinct.size <= CLASS_VALUES and distinct.size * FEWEST <= floats.size
    else:
        codes, texts = level_codes(values)
        levels = True
    strength = _strength(judge, floats, codes if levels else None, answer, folds)
    if strength is not None and judge.surely(strength, judge.warn):
        return strength, [*found, _single(judge, name, strength, known.size)]
    pure = _pure_levels(
        judge, codes.astype(np.int64), known, ordered=floats is not None and dataset[name].kind != "text"
    )
    return strength, found + [
        _pure(judge, name, texts[level.level] if texts else "", level) for level in pure[:1]
    ]


def _strength(
    judge: Judge, floats: Floats | None, codes: Ints | None, answer: Any, folds: Ints
) -> Strength | None:
    """The best of order, levels and, for numbers of many values, equal-mass bins. Bins count only from
    half-way to the critical limit: an honest column that is merely useful, such as the height of a place for
    what grows there, reaches the lower one that way."""
    tried: list[Strength | None] = []
    if floats is not None:
        tried.append(maths.rank_strength(floats, answer))
        if codes is None:
            enough = (judge.warn + judge.critical) / 2.0
            binned = maths.level_strength(maths.bins(floats), answer, folds, judge.chance(), enough)
            tried += [binned] if binned is not None and binned.surely >= enough else []
    if codes is not None:
        tried.append(maths.level_strength(codes.astype(np.int64), answer, folds, judge.chance(), judge.warn))
    return max((s for s in tried if s is not None), key=lambda s: s.score, default=None)


def _pure_levels(judge: Judge, codes: Ints, known: Ints | slice, ordered: bool = False) -> list[maths.Pure]:
    """Levels that settle the target beyond chance, most of a class first."""
    found = maths.pure_levels(
        codes, judge.halves[known], judge.weights[known], float(judge.weights.sum()), ordered
    )
    return sorted((p for p in found if p.chance < maths.tail(judge.gate)), key=lambda p: (-p.recall, p.level))


def _measure(judge: Judge, score: float) -> str:
    return f"AUC {score:.3f}" if judge.is_class else f"{score:.1%} of the variation"


def _single(judge: Judge, name: str, strength: Strength, rows: int) -> Finding:
    critical = judge.surely(strength, judge.critical)
    return Finding(
        code="single_feature",
        title=f"{name!r} alone tells the target: {_measure(judge, strength.score)} on {rows:,} rows where it "
        "is known.",
        severity="critical" if critical else "warning",
        score=float(np.clip(strength.score, 0.0, 1.0)),
        why="A model needs many honest columns to get this far; one that does it alone was often written "
        "down after the outcome.",
        suggestion=DROP_IT,
        columns=(name,),
        value=strength.score,
        limit=judge.critical if critical else judge.warn,
        noise=noise(strength, judge.gate),
        n=rows,
        action="omit",
        fix=left_out(name),
    )


def _pure(judge: Judge, name: str, text: str, level: maths.Pure) -> Finding:
    return Finding(
        code="pure_value",
        title=f"All {level.rows:,} rows with {name!r} = {text[:60]!r}{_has(judge, level.target)}",
        severity="warning",
        score=level.recall,
        why="A value that settles the target without exception is typical of a code that was filled in "
        "from the outcome.",
        suggestion=DROP_IT,
        columns=(name,),
        value=level.covers,
        limit=maths.PURE_SHARE,
        noise=level.chance,
        n=level.rows,
        action="omit",
        fix=left_out(name),
    )


def _gaps(judge: Judge, name: str, there: NDArray[np.bool_]) -> tuple[Strength | None, list[Finding]]:
    """How well missing or present tells the target (None where it is always one of them), and the finding if
    it does, as a whole or without exception on one side."""
    if there.all() or not there.any():
        return None, []
    codes = there.astype(np.int64)
    strength = (
        maths.rank_strength(codes.astype(np.float64), judge.answer)
        if judge.is_class
        else maths.level_strength(codes, judge.answer, judge.folds, judge.chance(), judge.warn)
    )
    pure = _pure_levels(judge, codes, slice(None))
    if strength is None or not (judge.surely(strength, judge.warn) or pure):
        return strength, []
    if judge.surely(strength, judge.warn):
        title = f"Whether {name!r} is missing tells the target: {_measure(judge, strength.score)}."
    else:
        state = "has a value" if pure[0].level else "is missing"
        title = f"All {pure[0].rows:,} rows where {name!r} {state}{_has(judge, pure[0].target)}"
    finding = Finding(
        code="missingness",
        title=title,
        severity="critical" if judge.surely(strength, judge.critical) else "warning",
        score=float(np.clip(max(strength.score, pure[0].recall if pure else 0.0), 0.0, 1.0)),
        why="Values that are recorded, or not, because of the outcome give it away, however the gaps are "
        "filled.",
        suggestion="Find out why the values are missing. If the outcome "
        "decides it, leave the column out; filling "
        "the gaps hides it.",
        columns=(name,),
        value=strength.score,
        limit=judge.warn,
        noise=noise(strength, judge.gate),
        n=there.size,
        action="omit",
        fix=left_out(name),
    )
    return strength, [finding]


def dead(dataset: Dataset, name: str, values: pa.ChunkedArray, target: str) -> list[Finding]:
    """A column that varies, but not on the rows whose target is known."""
    labelled = valid(dataset.table([target]).column(0))
    count = int(labelled.sum())
    if count in (0, labelled.size) or name == target:
        return []
    import pyarrow.compute as pc

    seen = pc.unique(values.filter(labelled))
    if len(seen) > 1 or len(pc.unique(values)) < 2:
        return []
    same = (
        values.is_null() if not seen[0].is_valid else pc.fill_null(pc.equal(values, seen[0]), False)
    ).to_numpy()
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
            why="A model learns nothing from this column, and meets values it has never seen when it is "
            "used.",
            suggestion="Find out why labelled rows lack it (another "
            "period, another source), and leave it out "
            "until they have it.",
            columns=(name,),
            value=float(np.mean(same)),
            noise=chance,
            n=count,
            action="omit",
            fix=left_out(name),
        )
    ]


def weighed(judge: Judge, found: list[Finding], names: Sequence[str], scores: Floats) -> list[Finding]:
    """The findings, except that what many columns share is told once, as a note: a leak is a column that
    knows what the others do not.
    """
    return _unless_common(judge, _unless_easy(judge, found, names, scores))


def _unless_easy(judge: Judge, found: list[Finding], names: Sequence[str], scores: Floats) -> list[Finding]:
    """Where many columns are strong alone, the task is easy: only one that is nearly perfect is still called
    a leak.
    """
    strong = np.flatnonzero(np.nan_to_num(scores) >= judge.warn)
    count = int(np.isfinite(scores).sum())
    if strong.size < 3 or strong.size <= EASY_SHARE * count:
        return found
    top = {
        f.columns for f in found if f.code == "single_feature" and f.score >= max(EASY_KEPT, judge.critical)
    }
    kept = top if len(top) <= max(1, strong.size // 4) else set()
    useful = {(names[i],) for i in np.flatnonzero(np.nan_to_num(scores) >= judge.warn - 0.1)}
    note = Finding(
        code="easy_target",
        title=f"{strong.size} of {count} columns tell the target well alone: the task looks easy, not leaky.",
        severity="info",
        score=strong.size / count,
        why="A leak is one column that knows more than all others; here many do, as where classes lie far "
        "apart.",
        suggestion="Make sure that these columns are known at "
        "prediction time; then there is nothing to mend.",
        columns=tuple(names[i] for i in strong),
        value=strong.size / count,
        limit=EASY_SHARE,
        n=judge.rows.size,
    )
    return [
        f
        for f in found
        if f.code not in ("single_feature", "pure_value") or f.columns in kept or f.columns not in useful
    ] + [note]


def _unless_common(judge: Judge, found: list[Finding]) -> list[Finding]:
    """Values that all hold one class are no surprise where nearly every row has it: each must hold a tenth of
    that class, and where several columns have such a value they make a note."""
    share = np.bincount(judge.halves, weights=judge.weights) / judge.weights.sum()
    common = int(share.argmax())
    if share[common] <= COMMON:
        return found
    alike = [f for f in found if f.code == "pure_value" and f.title.endswith(_has(judge, common))]
    found = [f for f in found if f not in alike]
    alike = [f for f in alike if f.score >= 1.0 - COMMON]
    if len(alike) < 3:
        return found + alike
    note = Finding(
        code="common_class",
        title=f"{len(alike)} columns have a value that only ever goes with {judge.words[common][:60]!r}, as "
        f"{share[common]:.1%} of rows do",
        severity="info",
        score=max(f.score for f in alike),
        why="Where one class is nearly everything, many honest values go with it alone.",
        suggestion="Nothing to mend, unless one of these values is filled in after the outcome.",
        columns=tuple(f.columns[0] for f in alike),
        value=float(share[common]),
        limit=COMMON,
        n=judge.rows.size,
    )
    return [*found, note]


def _has(judge: Judge, answer: int) -> str:
    return f" have the target {judge.words[answer][:60]!r}."
