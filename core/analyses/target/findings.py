"""What is said of a target, in words and as lines of pandas code: suggestions, and what a reader of its
numbers should know.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import numpy as np

from core.analyses.target.model import Interval
from core.analyses.target.transforms import Suggestion
from core.finding import Finding
from core.numerics.binning import BinnedEffect
from core.numerics.folds import FOLDS
from core.phrases import column_of, count, name, names

PERFECT = 0.99  # low end of the skill from which a leak is likelier than a target so easy
RELATED = 0.01  # q below which a column is said to relate to the target
TELLING = 0.8  # effect from which a column alone may leak the target

_ADVICE = {
    "log": "take logarithms.",
    "square": "add its square.",
    "rank": "take ranks (QuantileTransformer in a pipeline).",
    "steps": "cut it into deciles (KBinsDiscretizer in a pipeline).",
    "interaction": "cross their bins, or add their product (PolynomialFeatures in a pipeline).",
}
_WORDS = {
    "log": "Taking the logarithm of {}",
    "square": "Adding the square of {}",
    "rank": "Taking the ranks of {}",
    "steps": "Binning {} into deciles",
    "interaction": "An interaction of {}",
}


class Single(NamedTuple):
    """One column against the target: its name, strength, and q over all columns."""

    column: str
    effect: BinnedEffect
    q: float


def suggested(columns: tuple[str, ...], one: Suggestion, kinds: dict[str, str], rows: int) -> Finding:
    """A transformation or an interaction. kinds: of the columns; rows: that it was tried on."""
    return Finding(
        code="interaction" if len(columns) > 1 else "transformation",
        title=f"{_WORDS[one.what].format(names(columns))} raises R² from {max(0.0, one.before):.3f} to "
        f"{one.after:.3f} out of fold.",
        severity="info",
        score=float(np.clip(one.gain.value, 0.0, 1.0)),
        value=one.gain.value,
        measure="gain of R², out of fold",
        limit=0.0,
        noise=one.noise,
        columns=columns,
        n=rows,
        why=f"Gain {one.gain.value:.3f} ({one.gain.low:.3f} to {one.gain.high:.3f}) of a linear model over "
        f"{FOLDS} folds. Trees need no help.",
        suggestion="For linear models: " + _ADVICE[one.what],
        fix=_line(columns, one.what, kinds),
    )


def _line(columns: tuple[str, ...], what: str, kinds: dict[str, str]) -> str:
    """The suggestion as a line of pandas code."""
    column = column_of(columns[0])
    if what == "interaction":
        return f"data[{' x '.join(columns)!r}] = " + " + ' x ' + ".join(
            _side(side, kinds[side]) for side in columns
        )
    return {
        "log": f"{column} = ({column} if {column}.min() > 0 else {column} - {column}.min() + "
        "1).transform('log')",
        "square": f"data[{columns[0] + ' squared'!r}] = ({column} - {column}.median()) ** 2",
        "rank": f"{column} = {column}.rank(pct=True)",
        "steps": f"{column} = pd.qcut({column}, 10, duplicates='drop')",
    }[what]


def _side(side: str, kind: str) -> str:
    """The five bins, or the levels, of one side of an interaction, as words."""
    column = column_of(side)
    if kind in ("numeric", "datetime"):
        return f"pd.qcut({column}, 5, labels=False, duplicates='drop').astype(str)"
    return f"{column}.astype(str)"


def no_gain(
    target: str, skill: Interval, singles: list[Single], rows: int, measured: Collection[str] = ()
) -> Finding | None:
    """What to say of a quick model whose skill may be 0 or less; None where it surely has some. rows: that
    it is judged on. measured: the columns that are measured of images, which nobody entered.

    Two questions that may have two answers: whether any single column relates to the target, and whether a
    model of all gains by it.
    """
    if not skill.low <= 0:  # nor where it is not known
        return None
    related = [one for one in singles if one.q < RELATED]
    shared: dict[str, Any] = {
        "severity": "info",
        "score": 0.5,
        "value": skill.value,
        "measure": "skill of the quick model",
        "limit": 0.0,
        "columns": (target,),
        "n": rows,
    }
    of_images = bool(singles) and all(one.column in measured for one in singles)
    if related:
        return _faint_signal(target, skill, related, of_images, shared)
    return _no_signal(target, skill, rows, of_images, shared)


def _no_signal(
    target: str, skill: Interval, rows: int, of_images: bool, shared: Mapping[str, Any]
) -> Finding:
    """Neither any single column nor a model of all."""
    what = "Nothing that is measured of the images" if of_images else "No column"
    return Finding(
        code="no_signal",
        title=f"{what} predicts {name(target)} better than guessing: {_with_interval(skill)}, over "
        f"{count(rows, 'row')}.",
        why="Light, size and compression of the images do not give it away: what does is what they show."
        if of_images
        else "A model on these columns would only fit noise.",
        suggestion="Train on the images themselves."
        if of_images
        else "Look for columns that bear on the target, or for more rows, before tuning models.",
        **shared,
    )


def _faint_signal(
    target: str, skill: Interval, related: list[Single], of_images: bool, shared: Mapping[str, Any]
) -> Finding:
    """Some columns relate to the target, and a model of all gains nothing by it."""
    first = max(related, key=lambda one: one.effect.value)
    one = len(related) == 1
    gained = "is worse than guessing" if skill.high < 0 else "is not shown to beat guessing"
    which = (
        count(len(related), "measure of the images", "measures of the images")
        if of_images
        else count(len(related), "column")
    )
    start = f"Start from the column{' that relates' if one else 's that relate'}"
    return Finding(
        code="faint_signal",
        title=f"{which} relate{'s' if one else ''} to {name(target)}, yet a quick "
        f"model of all {'of them' if of_images else 'columns'} {gained}: {_with_interval(skill)}.",
        why=f"The relations are beyond the noise floor (strongest: {name(first.column)} with effect "
        f"{first.effect.value:.2f}, noise floor {first.effect.noise:.2f}), but a model may lose as much to "
        "noise as it gains from them.",
        suggestion="Train on the images themselves; Issues says which measures predict the label alone."
        if of_images
        else f"{start} and a plain, well regularised model.",
        **shared,
    )


def _with_interval(skill: Interval) -> str:
    return f"skill {skill.value:.3f} ({skill.low:.3f} to {skill.high:.3f})"


def near_perfect(
    target: str, skill: Interval, singles: list[Single], rows: int, measured: Collection[str] = ()
) -> Finding | None:
    """A quick model that is right almost everywhere: a leak is likelier than a target so easy. None where it
    is not. rows: that it is judged on. measured: the columns that are measured of images.
    """
    if not skill.low >= PERFECT or not singles:
        return None
    first = max(singles, key=lambda one: one.effect.value)
    of_images = first.column in measured
    strongest = f"column is {name(first.column)}{', measured of the images' if of_images else ''}"
    return Finding(
        code="near_perfect",
        title=f"{name(target)} is predicted almost perfectly by a quick model: skill {_nearly_one(skill)}; "
        f"the strongest {strongest}.",
        severity="warning",
        score=float(np.clip(skill.value, 0.0, 1.0)),
        value=skill.value,
        measure="skill of the quick model",
        limit=PERFECT,
        columns=(target,),
        beside=(first.column,),
        n=rows,
        why="Light, size or compression hardly ever say so surely what an image shows: images of different "
        "classes were probably taken or stored otherwise."
        if of_images
        else "Columns that are known before the target hardly ever say it so surely: one of them, or some "
        "together, probably hold what was written down after it, or the target by another name.",
        suggestion="Look on Issues at what predicts the label alone; make the images alike before training."
        if of_images
        else f"Look at Leakage, and ask when {name(first.column)} gets its value; where the target "
        "follows from the columns by a rule, no model is needed.",
    )


def _nearly_one(skill: Interval) -> str:
    """A skill and its interval in as many digits as part them, four to seven.

    >>> _nearly_one(Interval(0.99981, 0.99976, 0.99984)), _nearly_one(Interval(0.981, 0.972, 0.99))
    ('0.99981 (0.99976 to 0.99984)', '0.9810 (0.9720 to 0.9900)')
    >>> _nearly_one(Interval(1.0, 0.9998, 1.0))
    '1.0000 (0.9998 to 1.0000)'
    """
    digits, ends = 4, (skill.value, skill.low, skill.high)
    while digits < 7 and len({f"{one:.{digits}f}" for one in ends}) < len({round(one, 7) for one in ends}):
        digits += 1
    return f"{skill.value:.{digits}f} ({skill.low:.{digits}f} to {skill.high:.{digits}f})"


def named_by_numbers(target: str, values: int, most: int, rows: int) -> Finding:
    """A target of few whole numbers is taken as a number. values: distinct ones; most: up to how many this is
    said; rows: known.
    """
    return Finding(
        code="target_as_number",
        title=f"{name(target)} is taken as a number: it holds {values} distinct whole numbers.",
        severity="info",
        score=0.6,
        value=float(values),
        measure="distinct values",
        limit=float(most),
        columns=(target,),
        n=rows,
        why="Means and squared errors are right for counts and grades. If the numbers only name classes, "
        "they say nothing.",
        suggestion="If they name classes, read the column as a category; on the command line: --kind "
        f"{shlex.quote(f'{target}=category')}",
        action="read_as",
        conditional=True,
        settings={"kind": "category"},
        fix=f"{column_of(target)} = {column_of(target)}.astype('category')",
    )
