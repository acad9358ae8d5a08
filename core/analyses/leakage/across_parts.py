"""What train and serve share: the same rows, the same groups, the wrong order in time."""

from __future__ import annotations

import numpy as np

from core.analyses.leakage import maths
from core.analyses.leakage.sample import FEWEST, answer_of, noise, valid
from core.dataset import Dataset
from core.finding import Finding
from core.numerics.auc import mid_ranks
from core.numerics.folds import folds_of
from core.numerics.rowhash import keyed
from core.phrases import column_of
from core.prepare.features import numbers
from core.prepare.hashes import row_hashes
from core.prepare.levels import level_codes
from core.progress import Progress
from core.rowset import RowSet

_LISTED = 100  # rows that a line of code names one by one


def across_parts(dataset: Dataset, target: str, seed: int, progress: Progress) -> list[Finding]:
    """What is found about rows, groups and time; nothing where there is one part only."""
    if len(dataset.parts) < 2 or not all(dataset.parts.values()):
        return []
    found = [_twins(dataset, progress), _groups(dataset, target, seed), _times(dataset)]
    return [finding for finding in found if finding is not None]


def _twins(dataset: Dataset, progress: Progress) -> Finding | None:
    """Serve rows with the features of a train row, more than columns drawn anew would give."""
    barred = {dataset.roles.time, dataset.roles.group}
    names = [name for name in dataset.features if name not in barred]
    if not names:
        return None
    hashes = row_hashes(dataset, names, progress)
    serve = dataset.part_mask("serve")
    twin = serve & np.isin(hashes, hashes[~serve])
    count, total = int(twin.sum()), int(serve.sum())
    if not count:
        return None
    expected = maths.twins_by_chance([row_hashes(dataset, [name]) for name in names], serve, dataset.rows)
    share = count / total
    if share <= expected + 3.0 * np.sqrt(expected * (1.0 - expected) / total):
        return None
    return Finding(
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
        n=total,
        action="drop",
        fix=(f"data = data.drop(index=data.index[{np.flatnonzero(twin).tolist()}])")
        if count <= _LISTED
        else "",
    )


def _groups(dataset: Dataset, target: str, seed: int) -> Finding | None:
    """Groups that are on both sides and whose identity tells the target."""
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
    if len(texts) < 20 or not both.any() or rows.size < FEWEST:
        return None
    keys = keyed(row_hashes(dataset)[rows], seed)
    order = np.argsort(keys, kind="stable")
    answer, _, _ = answer_of(dataset, target, labels.take(rows))
    folds = folds_of(keys)
    by_level = maths.level_strength(
        codes[order], answer[order], folds[order], np.random.default_rng(seed), 0.0
    )
    by_rank = maths.rank_strength(np.argsort(np.argsort(texts)).astype(np.float64)[codes], answer)
    if by_level is None or by_rank is None:
        return None
    nothing = 0.5 if answer.dtype.kind == "i" else 0.0
    enough = max(0.65 if nothing else 0.3, by_rank.score + 0.15)
    if by_level.score < enough or by_level.z < 3.5:
        return None
    share = float(both.sum() / serve.sum())
    measure = f"AUC {by_level.score:.3f}" if nothing else f"{by_level.score:.1%} of the variation"
    return Finding(
        code="group_overlap",
        title=f"{share:.1%} of serve rows belong to a {group!r} that "
        "is in train too, and who it is tells the "
        f"target ({measure}).",
        severity="critical" if share >= 0.05 else "warning",
        score=float(np.clip(by_level.score, 0.0, 1.0)),
        why="A model can recognise the group and repeat its answer; for groups it has not met it will do "
        "worse than measured.",
        suggestion="Split by group, so that each group is on one side only.",
        rows=RowSet.from_mask(both),
        columns=(group,),
        value=by_level.score,
        limit=enough,
        noise=noise(by_level, 3.5),
        n=int(rows.size),
        fix=f"data['fold'] = pd.factorize({column_of(group)})[0] % 5  # a whole group in one fold",
    )


def _times(dataset: Dataset) -> Finding | None:
    """Train rows later than the first serve row."""
    name = dataset.roles.time
    if name is None or dataset[name].kind not in ("datetime", "numeric"):
        return None
    when = numbers(dataset[name], dataset.table([name]).column(0))
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
        title=f"{late.size:,} of {train_rows.size:,} train rows are later in {name!r} than the first serve "
        "row.",
        severity="warning",
        score=float(np.clip(2.0 * later, 0.0, 1.0)),
        why="A model that has seen the future of its test rows does better there than it will in use.",
        suggestion="Split by time, train before serve, with a gap as "
        "long as the target takes to become known.",
        rows=RowSet(late),
        columns=(name,),
        value=later,
        limit=0.0,
        n=int(train_rows.size + serve_rows.size),
        fix=f"data = data.sort_values({name!r}, kind='stable')  # then let the last rows be the serve part",
    )
