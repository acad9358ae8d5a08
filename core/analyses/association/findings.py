"""What is said of associations: strong pairs, multicollinearity, columns that are missing together."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from core.analyses.association.determined import LAMBDA, Dependency
from core.finding import Finding
from core.numerics.association import Floats
from core.phrases import count, left_out, name, names, number, quoted, verb
from core.rowset import RowSet

MIN_ROWS = 50  # complete rows below which a pair is never called strong
GAPPY = 0.01  # of the rows: fewer more gaps than these are no reason to leave the finer of two columns out
SAME = 0.99  # size from which two columns hold the same information
LEAST_VIF = 5.0
PHI = 0.8  # nullity correlation from which columns are missing together


class StrongPair(NamedTuple):
    """A pair of columns that is strongly associated.

    left, right: their names.
    ticks: those that are compared by whether they have a value.
    measure: what ``value`` is.
    size: of the measure, without its sign.
    noise: its noise floor.
    limit: the size from which a pair is strong.
    n: rows in which both are known.
    target: the target, if there is one.
    suspects: those of the two that are strongly associated with the target, too.
    with_target: how strongly each is associated with the target, left and right, without the sign.
    gaps: how many values of each are missing, left and right, in all rows of the parts that have it.
    predicts: of two categories Theil's U of the right one given the left one, and of the left given the
    right; zeros of others.
    measured: the one of the two that is measured of images; "" for none.
    """

    left: str
    right: str
    ticks: tuple[str, ...]
    measure: str
    value: float
    size: float
    noise: float
    limit: float
    n: int
    target: str | None
    suspects: tuple[str, ...] = ()
    with_target: tuple[float, float] = (0.0, 0.0)
    gaps: tuple[int, int] = (0, 0)
    predicts: tuple[float, float] = (0.0, 0.0)
    measured: str = ""


def _kept(pair: StrongPair) -> tuple[str, str, str]:
    """Which of the two to keep, which to leave out, and why in words: the one that may leak the target (see
    `_leak`) is left out, or else the coarser one (see `_finer`), or the one with more gaps; where none says,
    the choice is the reader's.

    >>> pair = StrongPair("dep_time", "hour", (), "", 0.9, 0.9, 0.1, 0.9, 50, "late", gaps=(632, 0))
    >>> _kept(pair)
    ('hour', 'dep_time', "Keep 'hour', which has fewer missing values (0 against 632).")
    >>> shop = pair._replace(left="region", right="shop", n=240, gaps=(0, 1), predicts=(0.4628, 1.0))
    >>> _kept(shop)[2]
    "Keep 'shop', which determines 'region'; the reverse does not hold (Theil's U 1.00 against 0.46)."
    >>> _kept(shop._replace(gaps=(0, 9)))[0]
    'region'
    >>> _kept(pair._replace(gaps=(3, 3)))[2]
    "Nothing here speaks for either: keep the one you understand better; 'hour' is proposed to go."
    >>> _kept(pair._replace(suspects=("hour",), with_target=(0.7, 0.95)))[2]
    "Keep 'dep_time': 'hour' is strongly associated with the target, too, and may leak it; see Leakage."
    """
    sides = ((pair.left, pair.gaps[0]), (pair.right, pair.gaps[1]))
    leak = _leak(pair)
    (keep, fewer), (out, more) = sorted(sides, key=lambda side: (side[0] == leak, side[1]))
    if leak:
        why = f"Keep {name(keep)}: {name(out)} is strongly associated with the target, too, and may leak it; "
        return keep, out, f"{why}see Leakage."
    if finer := _finer(pair):
        keep, out = (pair.left, pair.right) if finer == pair.left else (pair.right, pair.left)
        u, back = max(pair.predicts), min(pair.predicts)
        why = f"Keep {name(keep)}, which determines {name(out)}; the reverse does not hold (Theil's U "
        return keep, out, f"{why}{u:.2f} against {back:.2f})."
    if fewer < more:
        return keep, out, f"Keep {name(keep)}, which has fewer missing values ({fewer:,} against {more:,})."
    why = "Nothing here speaks for either: keep the one you understand better; "
    return keep, out, f"{why}{name(out)} is proposed to go."


def _finer(pair: StrongPair) -> str:
    """The one of two categories that determines the other while the reverse does not hold: all that the other
    says stands in it, too. "" where there is none, or where it lacks more values than a hundredth of the rows
    beyond those that the other lacks.
    """
    forth, back = (0.0, 0.0) if {pair.left, pair.right} & set(pair.ticks) else pair.predicts
    if max(forth, back) < SAME or min(forth, back) >= SAME:
        return ""
    at = 0 if forth > back else 1
    return "" if pair.gaps[at] - pair.gaps[1 - at] > GAPPY * pair.n else (pair.left, pair.right)[at]


def _leak(pair: StrongPair) -> str:
    """The one of the two that may leak the target where the other does not: it alone is strongly associated
    with the target, and surely more than the other. "" where there is none, as between two that hold the same
    information: what one leaks, so does the other.

    >>> pair = StrongPair("far", "close", (), "", 0.9, 0.9, 0.1, 0.9, 50, "late", ("close",), (0.7, 0.95))
    >>> _leak(pair), _leak(pair._replace(size=0.995)), _leak(pair._replace(with_target=(0.89, 0.91)))
    ('close', '', '')
    """
    if len(pair.suspects) != 1 or pair.size >= SAME:
        return ""
    (suspect,) = pair.suspects
    more, less = pair.with_target if suspect == pair.left else pair.with_target[::-1]
    return suspect if more > less and _differ(more, less, pair.size, pair.n) else ""


def _differ(one: float, other: float, between: float, n: int) -> bool:
    """Whether two columns are surely associated with a third one unlike: the 95% test of two dependent
    correlations (Meng, Rosenthal and Rubin 1992, Psychological Bulletin 111), with the wider error of ranks
    (Bonett and Wright 2000, Psychometrika 65), used of other strengths as an approximation. between: how
    strongly the two are associated with each other. n: rows.

    >>> _differ(0.95, 0.7, 0.9, 50), _differ(0.91, 0.89, 0.9, 50), _differ(0.91, 0.89, 0.9, 5000)
    (True, False, True)
    """
    most = 1.0 - 1e-9  # an exact association has no finite z
    one, other, between = min(one, most), min(other, most), min(between, most)
    mean = (one**2 + other**2) / 2
    f = min(1.0, (1 - between) / (2 * (1 - mean)))
    h = (1 - f * mean) / (1 - mean)
    z = (math.atanh(one) - math.atanh(other)) * math.sqrt((n - 3) / (2 * (1 - between) * h))
    return abs(z) > 1.96 * math.sqrt(1 + max(one, other) ** 2 / 2)


def strong_association(pair: StrongPair) -> Finding:
    """A strong pair. Of two columns that hold the same information, it names the one alone that can be left
    out (see `_kept`).
    """
    keep, out, advice = _kept(pair)
    with_target = pair.target in (pair.left, pair.right)
    feature = pair.left if pair.right == pair.target else pair.right
    one_is_enough = not with_target and not pair.measured
    copy = one_is_enough and pair.size >= SAME
    sides = [
        f"whether {name(side)} has a value" if side in pair.ticks else name(side)
        for side in (pair.left, pair.right)
    ]
    title = f"{sides[0]} and {sides[1]} are strongly associated: {pair.measure} is {pair.value:.3f} over "
    why, suggestion = _meaning(pair, feature if with_target else None, advice)
    return Finding(
        code="strong_association",
        title=f"{title[:1].upper()}{title[1:]}{count(pair.n, 'row')}.",
        severity="warning" if one_is_enough else "info",
        score=min(1.0, pair.size),
        value=pair.value,
        measure=pair.measure,
        limit=pair.limit,
        noise=pair.noise,
        columns=(out,) if copy else (pair.left, pair.right),
        beside=(keep,) if copy else (),
        action="omit" if one_is_enough else "",
        conditional=True,
        on=(out,) if one_is_enough else (),
        n=pair.n,
        fix="" if pair.measured else left_out(feature if with_target else out),
        why=why,
        suggestion=suggestion,
    )


def _meaning(pair: StrongPair, of_target: str | None, advice: str) -> tuple[str, str]:
    """Why a strong pair matters, and what to do. of_target: the column beside the target, where that is one
    of the two. advice: what to do about two features.
    """
    if of_target is not None:
        return (
            "A column that predicts the target almost exactly is either the target itself or a leak.",
            f"Ask whether {name(of_target)} is known before the target is; see Leakage.",
        )
    if pair.measured:
        return (
            "What is measured of images may say where or how they were taken.",
            "Look at the images. No model of images reads this column, so there is none to leave out.",
        )
    return f"{_shared(pair)}: importances and coefficients are split between them at random.", advice


def _shared(pair: StrongPair) -> str:
    """What the two columns of a pair have in common: all that the coarser one says, where the other
    determines it; the same, or much the same.

    >>> pair = StrongPair("CIT", "NATIVITY", (), "", 1.0, 1.0, 0.1, 0.9, 50, None, predicts=(1.0, 0.65))
    >>> _shared(pair)
    "'CIT' says all that 'NATIVITY' does, and more, so that they share one effect"
    >>> _shared(pair._replace(predicts=(1.0, 1.0)))
    'Two columns with the same information share one effect'
    >>> _shared(pair._replace(size=0.93, predicts=(0.8, 0.7)))
    'Two columns with much the same information share one effect'
    """
    if finer := _finer(pair):
        coarser = pair.right if finer == pair.left else pair.left
        return f"{name(finer)} says all that {name(coarser)} does, and more, so that they share one effect"
    much = "" if pair.size >= SAME else "much "
    return f"Two columns with {much}the same information share one effect"


def vif_limit(floor: float) -> float:
    """The VIF from which columns count as multicollinear. floor: what independent columns reach."""
    return max(LEAST_VIF, floor)


def collinear_by_rows(
    columns: Sequence[str], vif: Floats, without: Floats, floor: float, used: int, rows: RowSet
) -> list[Finding]:
    """Columns whose variance inflation factor (VIF) is large by these ``rows`` alone, which are to be looked
    at before a column goes. without: the VIF of each without them.
    """
    limit = vif_limit(floor)
    hit = np.flatnonzero((vif >= limit) & (without < limit))
    if not hit.size or used < MIN_ROWS or not rows:
        return []
    hit = hit[np.argsort(-vif[hit], kind="stable")]
    inflated, worst = [columns[place] for place in hit], float(vif[hit[0]])
    most = "infinite" if math.isinf(worst) else f"{worst:.1f}"
    few = count(len(rows), "row")
    rest = f" ({count(len(inflated) - 1, 'more column')} too)" if len(inflated) > 1 else ""
    return [
        Finding(
            code="collinear_by_rows",
            title=f"VIF of {name(inflated[0])} is {most} by {few} alone{rest}: without "
            f"{verb(len(rows), 'it', 'them')} at most {float(without[hit].max()):.1f}.",
            severity="info",
            score=0.3,
            value=worst,
            measure="largest VIF",
            limit=limit,
            noise=floor,
            rows=rows,
            columns=tuple(inflated),
            gathers=True,
            n=used,
            why="Numbers that are large in the same few rows look as if they said the same. A total among "
            "them, or an error, does so; in all other rows the columns are apart.",
            suggestion=f"Look at the {verb(len(rows), 'row', 'rows')} first: no column needs to go.",
        )
    ]


def collinear(
    columns: Sequence[str], vif: Floats, floor: float, rows: int, proposed: Collection[str] = ()
) -> list[Finding]:
    """Columns with a large variance inflation factor (VIF). vif: of each column; floor: what independent
    columns reach. proposed: those that a strong pair proposes to leave out: one of these is proposed here,
    too, as leaving out another one beside it would be one too many.
    """
    limit = vif_limit(floor)
    hit = np.flatnonzero(vif >= limit)
    if not hit.size or rows < MIN_ROWS:
        return []
    hit = hit[np.argsort(-vif[hit], kind="stable")]
    worst = float(vif[hit[0]])
    inflated = [columns[place] for place in hit]
    exact = [columns[place] for place in hit if np.isinf(vif[place])]
    out = next((one for one in exact or inflated if one in proposed), inflated[0])
    agreed = f" {name(out)} is proposed to go, as for the pair that it is in." if out in proposed else ""
    return [
        Finding(
            code="collinear",
            title=_inflation(inflated, exact, (out, float(vif[columns.index(out)]), worst), limit),
            severity="warning" if worst >= 10 else "info",
            score=1.0 - 1.0 / worst,
            value=worst,
            measure="largest VIF",
            limit=limit,
            noise=floor,
            columns=tuple(inflated),
            gathers=True,
            n=rows,
            action="omit",
            conditional=True,
            on=(out,),
            fix=left_out(out),
            why="Coefficients of a linear model on them are unstable; its predictions, and trees, are not "
            "hurt.",
            suggestion="Advice, not a verdict: if you interpret coefficients, drop or combine columns, or "
            f"use a penalty (Ridge).{agreed}",
        )
    ]


def _inflation(
    inflated: Sequence[str], exact: Sequence[str], proposed: tuple[str, float, float], limit: float
) -> str:
    """The VIF of the column that is proposed to go, how many others reach the limit, and which has the
    largest. inflated: largest VIF first. exact: those of them that are linear combinations of others.
    proposed: that column, its VIF, and the largest of all.

    >>> print(_inflation(["s", "x", "y"], [], ("y", 75.2, 4537.2), 5.0).replace("; ", "\\n"))
    Multicollinearity: VIF of 'y' is 75.2
    2 more numeric columns have a VIF of at least 5, 's' the largest (4537.2).
    >>> _inflation(["s", "x"], [], ("s", 75.2, 75.2), 5.0)
    "Multicollinearity: VIF of 's' is 75.2; 1 more numeric column has a VIF of at least 5."
    """
    out, own, worst = proposed
    if exact:
        are = verb(len(exact), "is a linear combination", "are linear combinations")
        title = f"{names(exact)} {are} of other columns: VIF infinite"
    else:
        title = f"Multicollinearity: VIF of {name(out)} is {own:.1f}"
    rest = len(inflated) - max(1, len(exact))
    if rest:
        have = verb(rest, "has", "have")
        title += f"; {count(rest, 'more numeric column')} {have} a VIF of at least {number(limit)}"
    if not exact and f"{own:.1f}" != f"{worst:.1f}":
        title += f", {name(inflated[0])} the largest ({worst:.1f})"
    return f"{title}."


def co_missing(columns: tuple[str, ...], phi: float, rows: RowSet, of_all: int) -> Finding:
    """Columns that are missing in the same rows. rows: those that lack all of them."""
    return Finding(
        code="co_missing",
        title=f"{count(len(columns), 'column')} are missing together: {names(columns, 4)} (phi {phi:.2f}, "
        f"{count(len(rows), 'row')} lack{'s' if len(rows) == 1 else ''} all of them).",
        severity="info",
        score=min(1.0, phi),
        value=phi,
        measure="phi of the missing values",
        limit=PHI,
        columns=columns,
        rows=rows,
        n=of_all,
        fix=f"data['missing together'] = data[{list(columns)!r}].isna().all(axis=1)",
        why="Values that go missing together have one cause, such as a form that was not filled in.",
        suggestion="Treat them as one question: one indicator column is enough, and imputing each column by "
        "itself invents data.",
    )


def breaks_dependency(one: Dependency) -> Finding:
    """Rows that are exceptions to what holds in all others: one column determines another."""
    examples = "; ".join(
        f"{quoted(level)} goes with {quoted(usual)}, here with {quoted(held)}"
        for level, usual, held in one.examples
    )
    few = len(one.exceptions)
    return Finding(
        code="breaks_dependency",
        title=f"{name(one.by)} determines {name(one.of)} in all but {few:,} of {count(one.n, 'row')}.",
        severity="warning",
        score=0.5,
        value=one.strength,
        measure="Goodman and Kruskal's lambda",
        limit=LAMBDA,
        noise=one.noise,
        rows=one.exceptions,
        columns=(one.by, one.of),
        n=one.n,
        action="defer",
        conditional=True,
        why="Where one column determines another (a functional dependency), a row that disagrees with all "
        "others of its level often holds an error in one of the two.",
        suggestion=f"Look at {verb(few, 'it', 'each')}: {examples}. Correct the cell that is wrong, or keep "
        f"{verb(few, 'the row', 'rows')} where both are right.",
    )
