"""What is said of train and serve, as findings."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from core.analyses.overlap.case import (
    ANSWERS,
    AUC_BANDS,
    AUC_STEPS,
    LOST_STEPS,
    SHARE_BANDS,
    Answer,
    Case,
    step,
)
from core.analyses.overlap.clauses import (
    STRENGTH,
    effective_size,
    expected_share,
    in_both,
    there_by_chance,
    train_covers,
)
from core.analyses.overlap.relations import LARGE, SMALL, RelationChange
from core.finding import Finding, Severity, ranked
from core.phrases import count, left_out, name, names, percent, score, sentence, verb
from core.prepare.by_hand import OUTSIDE

SEVERITY_OF: dict[Answer, Severity] = {"mostly": "info", "partly": "warning", "no": "critical"}
# what `python -m core overlap DATA --rows overlap.csv` writes
_TABLE = 'pd.read_csv("overlap.csv", index_col="row")'
_WEIGHT = "Weight train to look like serve before you train or validate."
_WEIGHTS = f'data["weight"] = {_TABLE}["weight"]'


def findings(case: Case) -> tuple[Finding, ...]:
    """The findings, worst first: train and serve differ, relations of columns that changed, serve rows
    without support, serve that train does not cover, little left of train once it is reweighted, columns that
    separate the parts on their own; none measured of images of which Issues says that.

    One of them is critical exactly where the verdict is "no", but where only what is measured of images makes
    it.
    """
    kinds = (_differ(case), _unsupported(case), _uncovered(case), _little_left(case))
    separating = [
        _separating(case, column, auc) for column, auc in case.separating if column not in case.judged
    ]
    by_hub = _by_hub(case.relations)
    return ranked([finding for finding in (*kinds, *by_hub, *separating) if finding is not None])


def _differ(case: Case) -> Finding | None:
    """By the classifier; what reweighting leaves of train is part of it."""
    area = case.domain.area
    if case.by_auc not in SEVERITY_OF:
        return None
    worst = max(case.by_auc, case.by_weight, key=ANSWERS.index)
    where = "See which columns shifted."
    if case.jointly:
        first = "See which columns shifted," if case.strongest else "No column does so alone: see"
        where = (
            f"{first} in which segments the mix differs, and which relations changed. "
            f"The model goes most by {names(case.jointly)}."
        )
    differ = f"Serving data differ {STRENGTH[case.by_auc]} (AUC {score(area.value)})"
    return Finding(
        "parts_differ",
        f"{differ}; reweighted, {effective_size(case)}",
        SEVERITY_OF[worst],
        score=2.0 * area.value - 1.0,
        why="What a model learned and what was measured on train may not hold for the data that it serves.",
        suggestion=f"{where} {OUTSIDE if case.outside else _WEIGHT}",
        value=area.value,
        measure="AUC of a model that distinguishes serve from train",
        limit=AUC_BANDS[0],
        noise=case.noise_floor,
        action="" if case.outside else "weight",
        n=area.rows,
        fix="" if case.outside else _WEIGHTS,
    )


def _by_hub(changed: tuple[RelationChange, ...]) -> list[Finding]:
    """One finding per column whose relations changed: of a pair the one that is in most of them."""
    found = []
    left = list(changed)
    while left:
        often = Counter(side for one in left for side in (one.left, one.right))
        hub = max(often, key=often.__getitem__)  # of several the one whose relation changed most
        own = [one for one in left if hub in (one.left, one.right)]
        left = [one for one in left if one not in own]
        found.append(_changed(hub, own))
    return found


def _changed(hub: str, changed: list[RelationChange]) -> Finding:
    """The relations of one column, the one that changed most first."""
    first = changed[0]
    columns = [first.left, first.right] if len(changed) == 1 else [hub]
    columns += [side for one in changed for side in (one.left, one.right) if side not in columns]
    what = f"The relation of {name(first.left)} and {name(first.right)} changed"
    if len(changed) > 1:
        what = (
            f"The relation of {name(hub)} with {count(len(changed))} columns changed, most with "
            f"{name(first.right if first.left == hub else first.left)}"
        )
    return Finding(
        "relation_changed",
        f"{what}: {in_both(first)}",
        "warning" if any(one.large for one in changed) else "info",
        score=min(1.0, first.q / 2.0),
        columns=tuple(columns),
        why="What a model learned of the two together does not hold in serve, even where neither column has "
        "shifted by itself.",
        suggestion="Find the cause: a changed sign, unit or definition, another source, a fault in a join? "
        "If there is none, add training rows like those served.",
        value=first.q,
        measure="Cohen's q, the difference of Fisher's z of the rank correlations",
        limit=LARGE if first.large else SMALL,
        noise=first.noise,
        n=sum(first.rows),
        fix=f'data[{[first.left, first.right]!r}].corr("spearman")',
    )


def _uncovered(case: Case) -> Finding | None:
    coverage = case.coverage
    if case.by_coverage not in SEVERITY_OF:
        return None
    others = "the other serve rows have no train row in their neighbourhood"
    if not coverage.value:
        others = "no serve row has a train row in its neighbourhood"
    return Finding(
        "low_coverage",
        f"{sentence(train_covers(case))}: {others}",
        SEVERITY_OF[case.by_coverage],
        score=case.uncovered,
        why="Where no train row lies nearby, a model has to guess from rows that are farther away than those "
        "it meets are from each other.",
        suggestion="See on the map and among the segments where serve lies alone. Label such rows and add "
        "them to train.",
        value=case.uncovered,
        measure="share of serve rows that train does not cover",
        limit=case.uncovered_limit,
        noise=1.0 - coverage.edge,
        n=case.sample,
    )


def _little_left(case: Case) -> Finding | None:
    """Where `parts_differ` does not say it."""
    if case.by_weight not in SEVERITY_OF or case.by_auc in SEVERITY_OF:
        return None
    lost = 1.0 - case.effective / case.train
    return Finding(
        "low_effective_size",
        f"Reweighted to look like serve, {effective_size(case)} train rows",
        SEVERITY_OF[case.by_weight],
        score=lost,
        why="Few train rows stand for most of serve: what is learned or measured with the weights rests on "
        "these few.",
        suggestion=OUTSIDE
        if case.outside
        else "Add train rows like those that weigh most. Without them, expect wide intervals.",
        value=lost,
        measure="share of the sample size that reweighting costs",
        limit=LOST_STEPS[0],
        action="" if case.outside else "weight",
        n=case.train,
        fix="" if case.outside else _WEIGHTS,
    )


def _unsupported(case: Case) -> Finding | None:
    support = case.support
    if case.by_support not in SEVERITY_OF:
        return None
    holds = verb(case.surest, "holds", "hold")
    surest = (
        f" The first {count(case.surest)} {holds} after correction for multiplicity." if case.surest else ""
    )
    rows = f'{_TABLE}.loc[lambda t: (t["part"] == "serve") & (t["support_p"] <= {case.level:g})].index'
    return Finding(
        "unsupported",
        f"{count(support.beyond)} of {count(support.rows)} serve rows ({percent(support.share)}) "
        f"{verb(support.beyond, 'is', 'are')} unsupported: train has hardly any rows there "
        f"({expected_share(case)})",
        "critical" if case.by_support == "no" else "warning",
        score=support.excess,
        rows=case.unsupported,
        why="There a model extrapolates, however confident its predictions are.",
        suggestion="Label some of them and add them to train, or have a person decide them. "
        f"{sentence(there_by_chance(support))}.{surest}",
        value=support.share,
        measure="share of serve rows without support",
        limit=support.expected + (1.0 - support.expected) * SHARE_BANDS[0],  # where the excess reaches it
        noise=support.noise_floor,
        action="defer",
        n=support.rows,
        fix=f"to_label = data.loc[{rows}]",
    )


def _separating(case: Case, column: str, auc: float) -> Finding:
    rest = f"; without such columns the AUC is {score(case.domain.area.value)}" if case.left_out else ""
    found = Finding(
        "gives_away",
        f"{name(column)} separates train from serve on its own (single-feature AUC {score(auc)}){rest}",
        SEVERITY_OF[step(auc, AUC_STEPS)],
        score=2.0 * auc - 1.0,
        columns=(column,),
        why="A column whose values hardly overlap between train and serve is often a record of when or where "
        "rows were collected, not a change of the data.",
        suggestion="If it only records that, drop it. If it is a real feature, no train row is like "
        "serve in it: include it and compare again.",
        value=auc,
        measure="single-feature AUC",
        noise=case.noise_floor,
        action="omit",
        conditional=True,
        n=case.domain.area.rows,
        fix=left_out(column),
    )
    if column not in case.measured:
        return found
    return replace(
        found,
        suggestion="Look at the images in the order of this column: where they come from, or how they were "
        "taken, may differ. No model of images reads the column, so there is none to leave out.",
        action="",
        conditional=False,
        fix="",
    )
