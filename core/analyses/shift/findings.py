"""From numbers to words: whether a column moved, in one of four words, and as findings."""

from __future__ import annotations

from typing import Literal, NamedTuple

from core.analyses.shift.column import SHOWN, ColumnShift
from core.analyses.shift.label_shift import RATIO_BANDS, priors
from core.finding import Finding, Severity

Word = Literal["none", "negligible", "moderate", "severe"]
WORDS: tuple[Word, ...] = ("none", "negligible", "moderate", "severe")
# From where an effect is moderate, and severe. Those of psi are the custom of the trade and can be set; the
# others are what a normal
# column that moves has when its psi reaches 0.1 and 0.2, rounded.
BANDS = {
    "w1_iqr": (0.2, 0.35),
    "tv": (0.1, 0.2),
    "risk_difference": (0.1, 0.2),
    "l_infinity": (0.05, 0.1),
    "missing": (0.05, 0.2),
}
NAMES = {
    "w1_iqr": "Wasserstein distance in interquartile ranges",
    "tv": "total variation",
    "risk_difference": "difference of shares",
    "l_infinity": "largest difference of shares",
    "missing": "difference of missing shares",
}
NEW_SHARE = 0.01  # of serve rows with new levels, or beyond train's range, from which it is a warning
NEW_SHARE_WIDE = 0.05  # the same for columns of more than 50 levels, where new ones are the rule
_LEAST = 3  # rows that make a pattern


class Line(NamedTuple):
    """One line of the table: a column's values, or what is missing of it, or that it is there on one side
    only.
    """

    shift: ColumnShift
    metric: str
    value: float
    noise: float
    p: float
    q: float
    status: Word


def word(value: float, noise: float, q: float, bands: tuple[float, float], level: float) -> Word:
    """ "none" unless the test says so after correction; then by the bands, and never above "negligible"
    within the noise.

    >>> word(0.3, 0.02, 0.2, (0.1, 0.2), 0.05), word(0.3, 0.02, 0.001, (0.1, 0.2), 0.05), word(0.3, 0.4, 0.001, (0.1, 0.2), 0.05)
    ('none', 'severe', 'negligible')
    """
    if not q < level:
        return "none"
    if not value > noise:
        return "negligible"
    return "severe" if value >= bands[1] else "moderate" if value >= bands[0] else "negligible"


def worse(one: Word, other: Word) -> Word:
    """The worse of two words."""
    return max(one, other, key=WORDS.index)


def findings_of(line: Line, target: bool, bands: tuple[float, float]) -> list[Finding]:
    """What one line says, if it is worth saying. ``bands``: of the population stability index."""
    if line.metric == "missing":
        return [_missing(line)] if line.status in ("moderate", "severe") else []
    if (
        line.metric in BANDS
        and line.status != "none"
        and line.shift.new_share == 1.0 > line.shift.new_noise
        and not target
    ):
        return [_strange(line)]
    made = [_new_levels(line.shift), _outside(line.shift)]
    if line.metric in BANDS and line.status in ("moderate", "severe"):
        made.append(_target(line) if target else _moved(line, bands))
    return [finding for finding in made if finding is not None]


def _severity(status: Word) -> Severity:
    return "warning" if status == "severe" else "info"


def _moved(line: Line, bands: tuple[float, float]) -> Finding:
    """Led by the effect size, or by the stability index where that alone makes the status."""
    shift = line.shift
    apart = word(line.value, line.noise, line.q, BANDS[line.metric], 1.0)
    by_psi = shift.psi > shift.psi_noise and WORDS.index(apart) < WORDS.index(line.status)
    lead = (
        (shift.psi, bands[0], shift.psi_noise) if by_psi else (line.value, BANDS[line.metric][0], line.noise)
    )
    name = "population stability index" if by_psi else NAMES[line.metric]
    return Finding(
        "moved",
        f"{shift.name!r} moved{_where(shift)}; {name} {lead[0]:.2f}, by chance under {lead[2]:.3f}",
        _severity(line.status),
        score=min(1.0, lead[0] / bands[1] / 4 if by_psi else lead[0] / BANDS[line.metric][1] / 4),
        columns=(shift.name,),
        why="A model that leans on this column meets values in another mix than it learnt from.",
        suggestion="Find out why: a new source, a season, a unit? Then "
        "weight or add training rows like those "
        "served, or leave it out.",
        value=lead[0],
        limit=lead[1],
        noise=lead[2],
        n=sum(shift.n),
        fix=f"data[{shift.name!r}].describe()",
    )


def _where(shift: ColumnShift) -> str:
    """What changed most, in the column's own terms: a percentile of numbers, or the share of a level."""
    if shift.tenths:
        at = max(range(3), key=lambda i: abs(shift.tenths[i][1] - shift.tenths[i][0]))
        before, after = shift.tenths[at]
        what = ("10th percentile", "median", "90th percentile")[at]
        return f": {what} {_number(before)} to {_number(after)}" if before != after else ""
    name, before, after = max(
        shift.shares, key=lambda share: abs(share[2] - share[1]), default=("", 0.0, 0.0)
    )
    return f": {name!r} from {before:.1%} to {after:.1%}" if 2 * abs(after - before) >= shift.value else ""


def _number(value: float) -> str:
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"


def _target(line: Line) -> Finding:
    """The target's own change, with the class that changed most in proportion."""
    shift = line.shift
    first = next(iter(priors(shift)), None)
    by_ratio = first is not None and first.sure >= RATIO_BANDS[0]
    told = (
        f": {first}"
        if first
        else (f"{_where(shift)}; {NAMES[line.metric]} {line.value:.2f}, by chance under {line.noise:.3f}")
    )
    return Finding(
        "prior_moved",
        f"The target {shift.name!r} itself moved{told}",
        "warning",
        score=min(1.0, (first.sure - 1.0 if first and by_ratio else line.value)),
        columns=(shift.name,),
        why="Probabilities learnt at one mix of classes are wrong at another, even where nothing else has "
        "changed.",
        suggestion="Correct the probabilities for the new prior, or move the threshold; then look whether "
        "anything else moved.",
        value=first.sure if first and by_ratio else line.value,
        limit=RATIO_BANDS[0] if by_ratio else BANDS[line.metric][0],
        noise=1.0 if by_ratio else line.noise,
        n=sum(shift.n),
        fix=f"data[{shift.name!r}].value_counts(normalize=True)",
    )


def _strange(line: Line) -> Finding:
    """A column none of whose values is in both parts: mostly the name of the part, a period, a batch."""
    shift = line.shift
    some = ", ".join(repr(level) for level, _ in shift.new[:3]) + (" …" if shift.new_levels > 3 else "")
    return Finding(
        "no_value_shared",
        f"No value of {shift.name!r} is in both parts; serve holds {some}",
        "info" if len(shift.shares) == 2 else "warning",
        score=1.0,
        columns=(shift.name,),
        why="It tells the parts apart by itself: a model, and any comparison of the parts, learns nothing "
        "else from it.",
        suggestion="If it names the part, the period or the batch, leave it out. If not, find out why it is "
        "written otherwise.",
        value=1.0,
        limit=NEW_SHARE,
        noise=shift.new_noise,
        action="omit",
        n=sum(shift.n),
        fix=f"data = data.drop(columns=[{shift.name!r}])",
    )


def _missing(line: Line) -> Finding:
    gaps = line.shift.missing
    return Finding(
        "missing_moved",
        f"{line.shift.name!r} is missing in {gaps.train:.1%} of train and {gaps.serve:.1%} of serve "
        f"(chance: {line.noise:.1%} apart)",
        "warning" if line.status == "severe" else "info",
        score=min(1.0, line.value),
        columns=(line.shift.name,),
        why="A source that stops or starts to be filled in is the commonest break between training and "
        "use, and most tests leave it out.",
        suggestion="Ask where the values went. Do not fill serve with a "
        "number fitted on train before you know.",
        value=line.value,
        limit=BANDS["missing"][0],
        noise=line.noise,
        n=sum(line.shift.n),
        fix=f"data[{line.shift.name!r}].isna().mean()",
    )


def _new_levels(shift: ColumnShift) -> Finding | None:
    if len(shift.odd) < _LEAST or not shift.new_levels or shift.new_share <= shift.new_noise:
        return None
    some = ", ".join(repr(level) for level, _ in shift.new[:3]) + (" …" if shift.new_levels > 3 else "")
    levels = [level for level, _ in shift.new]
    limit = NEW_SHARE_WIDE if shift.metric == "l_infinity" else NEW_SHARE
    return Finding(
        "new_levels",
        f"{shift.name!r} holds {shift.new_levels:,} value{'s' * (shift.new_levels > 1)} in "
        f"{shift.new_share:.1%} of serve that train "
        f"never saw: {some}",
        "warning" if shift.new_share >= limit else "info",
        score=min(1.0, shift.new_share),
        rows=shift.odd,
        columns=(shift.name,),
        why="A model has learnt nothing of them: most encoders turn them into zeros or an error.",
        suggestion="Label some of these rows and add them to train, or map the new values to known ones.",
        value=shift.new_share,
        limit=limit,
        noise=shift.new_noise,
        action="defer",
        n=shift.n[1],
        fix=(f"data = data[~data[{shift.name!r}].astype(str).isin({levels!r})]")
        if shift.new_levels <= SHOWN
        else "",
    )


def _outside(shift: ColumnShift) -> Finding | None:
    if (
        shift.metric != "w1_iqr"
        or len(shift.odd) < _LEAST
        or shift.outside <= max(0.001, shift.outside_noise)
    ):
        return None
    low, high = shift.span
    return Finding(
        "out_of_range",
        f"{shift.name!r} lies outside train's range ({_number(low)} to {_number(high)}) in "
        f"{shift.outside:.1%} of serve "
        f"({len(shift.odd):,} rows)",
        "warning" if shift.outside >= NEW_SHARE else "info",
        score=min(1.0, shift.outside),
        rows=shift.odd,
        columns=(shift.name,),
        why="There a model extrapolates; trees answer as at the edge, linear models go on for ever.",
        suggestion="Look at the rows: a new unit, an error, or a new kind of case? Drop, cap, or label them.",
        value=shift.outside,
        limit=NEW_SHARE,
        noise=shift.outside_noise,
        action="defer",
        n=shift.n[1],
        fix=f"data = data[data[{shift.name!r}].between({low!r}, {high!r}) | data[{shift.name!r}].isna()]",
    )
