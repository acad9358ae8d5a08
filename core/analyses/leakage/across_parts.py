"""What train and serve share: the same rows, the same groups, the wrong order in time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.analyses.leakage.sample import (
    FEWEST,
    ClassTarget,
    level_score,
    noise,
    order_score,
    target_of,
    valid,
)
from core.analyses.leakage.strength import Ints, Strength
from core.dataset import Dataset
from core.finding import ACROSS, Finding, Severity
from core.numerics.auc import mid_ranks
from core.numerics.folds import folds_of
from core.numerics.rowhash import keyed
from core.phrases import column_of, count, name, percent, score, sentence, verb
from core.prepare.classes import classes_of
from core.prepare.equal_rows import across
from core.prepare.features import numbers
from core.prepare.hashes import row_hashes
from core.prepare.levels import level_codes
from core.progress import Progress
from core.rowset import RowSet

_LISTED = 100  # rows that a line of code names one by one
_GROUPS = 20  # fewer groups are levels of a category
_GATE = 3.5  # standard deviations above chance that a group's score must lie


def across_parts(dataset: Dataset, target: str, seed: int, progress: Progress) -> list[Finding]:
    """What is found about rows, groups and time; nothing where there is one part only."""
    if len(dataset.parts) < 2 or not all(dataset.parts.values()):
        return []
    twins, others = _twins(dataset, target, progress), (_groups(dataset, target, seed), _times(dataset))
    return [*twins, *(finding for finding in others if finding is not None)]


def _twins(dataset: Dataset, target: str, progress: Progress) -> list[Finding]:
    """Serve rows with the features of a train row, more than columns drawn anew would give. Their rows are
    those of train, which are to go; those of which a copy has another label are told apart, and stay until a
    person has seen which label is right.
    """
    names = across(dataset, target)
    if not names:
        return []
    hashes = row_hashes(dataset, names, progress)
    serve = dataset.part_mask("serve")
    both = np.isin(hashes, hashes[serve]) & np.isin(hashes, hashes[~serve])
    if not both.any():
        return []
    expected = twins_by_chance([row_hashes(dataset, [one]) for one in names], serve, dataset.rows)
    share, total = float(both[serve].mean()), int(serve.sum())
    if share <= expected + 3.0 * np.sqrt(expected * (1.0 - expected) / total):
        return []
    torn = both & _of_several_labels(dataset, target, hashes)
    # serve stays as it comes: what it is to measure is data as they come
    gone = ~serve & both & ~torn
    # a rule says it, and holds for next month's rows, where no row repeats another of its own part
    alone = not torn.any() and all(
        np.unique(h).size == h.size for h in (hashes[serve], hashes[~serve & ~gone])
    )
    severity: Severity = "critical" if share >= 0.05 else "warning"
    found = []
    for some in (both & ~torn, torn):
        if some.any():
            one = _shared(dataset, some, severity, expected)
            found.append(_left_to_review(one, target) if some is torn else one)
    if alone:
        rule = {"columns": list(names), "across": True, "part": "serve"}
        found = [replace(one, action="drop_repeats", settings=rule) for one in found]
    return found


def _of_several_labels(dataset: Dataset, target: str, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """The rows of which an equal one has another label; none where the target is a number."""
    classes = classes_of(dataset, target) if target else None
    if classes is None:
        return np.zeros(dataset.rows, bool)
    _, group = np.unique(hashes, return_inverse=True)
    known = classes.codes >= 0
    labelled = np.unique(np.stack([group[known], classes.codes[known]]), axis=1)
    return np.asarray(np.bincount(labelled[0], minlength=group.max() + 1)[group] > 1)


def _shared(dataset: Dataset, rows: NDArray[np.bool_], severity: Severity, expected: float) -> Finding:
    """That these rows are equal across the parts. expected: share of serve rows by chance."""
    serve = dataset.part_mask("serve")
    twins, total, gone = int((rows & serve).sum()), int(serve.sum()), rows & ~serve
    size, share = int(gone.sum()), twins / total
    return Finding(
        code="rows_across_parts",
        title=f"{twins:,} of {count(total, 'serve row')} ({percent(share)}) {verb(twins, 'has', 'have')} "
        f"the same features as {'a train row' if size == 1 else f'{size:,} train rows'}.",
        severity=severity,
        score=share,
        why="A model may have memorised these rows, so its score on them says nothing about new ones.",
        suggestion=f"Drop the {count(size, 'train row')} that serve has too, so that serve stays as it "
        "comes; or split again with equal rows kept together.",
        measure="share of serve rows",
        rows=RowSet.from_mask(gone),
        value=share,
        limit=0.0,
        noise=expected,
        n=total,
        action="drop",
        kin=(ACROSS,),
        copied=RowSet.from_mask(rows & serve),
        fix=(f"data = data.drop(index=data.index[{dataset.source_ids(np.flatnonzero(gone)).tolist()}])")
        if size <= _LISTED
        else "",
    )


def _left_to_review(finding: Finding, target: str) -> Finding:
    """The same of rows of which a copy has another label."""
    which = "it" if len(finding.rows) == 1 else "them"
    return replace(
        finding,
        title=f"{finding.title.removesuffix('.')}, and {name(target)} differs among them.",
        why="A model may have memorised these rows, and one thing cannot be two: at least one of the labels "
        "is wrong.",
        suggestion=f"Which label is right only a person can see: look at {which} in review before any is "
        "dropped.",
        about=f"{target} differs",
        action="defer",
        fix="",
    )


def _groups(dataset: Dataset, target: str, seed: int) -> Finding | None:
    """Groups that are in both parts and whose identity predicts the target."""
    group = dataset.roles.group
    if group is None or not target:
        return None
    values = dataset.table([group]).column(0)
    labels = dataset.table([target]).column(0)
    rows = np.flatnonzero(valid(values) & valid(labels))
    codes, texts = level_codes(values.take(rows))
    serve = dataset.part_mask("serve")
    whole = level_codes(values)[0]
    both = np.isin(whole, whole[~serve]) & serve & valid(values)
    if len(texts) < _GROUPS or not both.any() or rows.size < FEWEST:
        return None
    predicts = _group_strength(dataset, target, rows, codes, texts, seed)
    if predicts is None:
        return None
    strength, enough, measure = predicts
    share = float(both.sum() / serve.sum())
    return Finding(
        code="group_overlap",
        title=f"{sentence(percent(share))} of serve rows belong to a group of {name(group)} that is in train "
        f"too, and the group predicts the target ({measure} {score(strength.score)} out of fold).",
        severity="critical" if share >= 0.05 else "warning",
        score=float(np.clip(strength.score, 0.0, 1.0)),
        why="A model can memorise the groups; for groups it has not met it will do worse than measured.",
        suggestion="Split by group, so that each group is on one side only.",
        rows=RowSet.from_mask(both),
        columns=(group,),
        value=strength.score,
        measure=f"{measure} of the group",
        limit=enough,
        noise=noise(strength, _GATE),
        n=int(rows.size),
        fix=f"data['fold'] = pd.factorize({column_of(group)})[0] % 5  # a whole group in one fold",
    )


def _group_strength(
    dataset: Dataset, target: str, rows: Ints, codes: Ints, texts: list[str], seed: int
) -> tuple[Strength, float, str] | None:
    """How well the group (level ``codes`` of these rows, and their ``texts``) predicts the target by itself,
    the limit, and the measure; None where the order of the names does as well, or chance does.
    """
    keys = keyed(row_hashes(dataset)[rows], seed)
    order = np.argsort(keys, kind="stable")
    answer = target_of(dataset, target, dataset.table([target]).column(0).take(rows))
    by_level = level_score(
        codes[order], answer.at(order), folds_of(keys)[order], np.random.default_rng(seed), 0.0
    )
    by_name = order_score(np.argsort(np.argsort(texts)).astype(np.float64)[codes], answer)
    if by_level is None or by_name is None:
        return None
    is_class, strength = isinstance(answer, ClassTarget), by_level.strength
    enough = max(0.65 if is_class else 0.3, by_name.strength.score + 0.15)
    if strength.score < enough or strength.z < _GATE:
        return None
    return strength, enough, "AUC" if is_class else "R² of ranks"


def _times(dataset: Dataset) -> Finding | None:
    """Train rows later than the first serve row."""
    time = dataset.roles.time
    if time is None or dataset[time].kind not in ("datetime", "numeric"):
        return None
    when = numbers(dataset[time], dataset.table([time]).column(0))
    serve, known = dataset.part_mask("serve"), np.isfinite(when)
    train_rows, serve_rows = np.flatnonzero(~serve & known), np.flatnonzero(serve & known)
    if not train_rows.size or not serve_rows.size:
        return None
    late = train_rows[when[train_rows] > when[serve_rows].min()]
    if not late.size:
        return None
    ranks = mid_ranks(np.concatenate([when[train_rows], when[serve_rows]]))[: train_rows.size]
    later = float(
        (ranks.sum() - train_rows.size * (train_rows.size + 1) / 2.0) / (train_rows.size * serve_rows.size)
    )
    return Finding(
        code="time_order",
        title=f"{late.size:,} of {count(train_rows.size, 'train row')} "
        f"{verb(late.size, 'is', 'are')} later in {name(time)} than the first serve row.",
        severity="warning",
        score=float(np.clip(2.0 * later, 0.0, 1.0)),
        why="A model trained on what came after its test rows scores better on them than it will in "
        "production.",
        suggestion="Split by time, train before serve, with a gap as long as the target takes to become "
        "known.",
        rows=RowSet(late),
        columns=(time,),
        value=later,
        measure="chance that a train row is later than a serve row",
        limit=0.0,
        n=int(train_rows.size + serve_rows.size),
        fix=f"data = data.sort_values({time!r}, kind='stable')  # then let the last rows be the serve part",
    )


def twins_by_chance(
    columns: list[NDArray[np.uint64]], serve: NDArray[np.bool_], rows: int, looked_at: int = 2_000
) -> float:
    """The share of serve rows that would have a twin in train were the columns unrelated, each row drawn
    anew.

    columns: one hash per value. A serve row with chance p of being drawn has a twin among n train rows with
    chance 1 - (1 - p)**n. Worked out on the ``looked_at`` serve rows with the smallest hashes.
    """
    places = np.flatnonzero(serve)
    mixed = (
        np.bitwise_xor.reduce([column[places] for column in columns])
        if columns
        else np.zeros(places.size, np.uint64)
    )
    places = places[np.argsort(mixed, kind="stable")[:looked_at]]
    trains = int(rows - serve.sum())
    likely = np.zeros(places.size)
    for column in columns:
        values, counts = np.unique(column[~serve], return_counts=True)
        at = np.minimum(np.searchsorted(values, column[places]), values.size - 1)
        likely += np.log(np.maximum(np.where(values[at] == column[places], counts[at], 0.0), 0.5) / trains)
    return (
        float(np.mean(-np.expm1(trains * np.log1p(-np.minimum(np.exp(likely), 1.0 - 1e-12)))))
        if places.size
        else 0.0
    )
