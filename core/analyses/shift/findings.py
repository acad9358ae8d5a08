"""What is said of columns that shifted."""

from __future__ import annotations

from core.analyses.shift.bars import SHOWN
from core.analyses.shift.column import ColumnShift
from core.analyses.shift.judged import BANDS, ODDS, JudgedBy, ShiftLine
from core.analyses.shift.label_shift import class_shifts
from core.analyses.shift.time_split import split_by_time
from core.dataset.roles import Roles
from core.finding import Finding, Severity
from core.numerics.degree import Degree
from core.phrases import column_of, count, left_out, name, percent, quoted

NEW_SHARE = 0.01  # of serve rows with new levels, or beyond train's range, from which it is a warning
NEW_SHARE_WIDE = 0.05  # the same for columns of more than 50 levels, where new ones are the rule
_FEWEST = 3  # rows that make a pattern


def findings_of(line: ShiftLine, roles: Roles) -> list[Finding]:
    """The findings of one line: that it shifted is led by the number that makes its status."""
    if line.metric == "missing":
        return [_missing(line, line.by)] if line.shifted and line.by else []
    target = line.shift.name == roles.target
    if line.apart == "time":
        return [split_by_time(line.shift)]
    if line.metric in BANDS and line.status != "none" and line.shift.disjoint and not target:
        return [_disjoint(line)]
    findings = [_outside(line.shift)] if line.metric != "schema" else []
    if line.metric != "schema" and not target:  # of new classes Balance tells
        findings.insert(0, _new_levels(line.shift))
    if line.metric in BANDS and line.shifted and line.by and not (target and of_new_classes(line)):
        findings.append((_target if target else _moved)(line, line.by))
    return [finding for finding in findings if finding is not None]


def _severity(status: Degree) -> Severity:
    return "warning" if status == "severe" else "info"


def _moved(line: ShiftLine, by: JudgedBy) -> Finding:
    shift = line.shift
    return Finding(
        "moved",
        f"{name(shift.name)} shifted{_where(shift)}; {by.name} {by.value:.2f} (noise floor {by.noise:.3f})",
        _severity(line.status),
        score=min(1.0, by.value / by.bands[1] / 4),
        columns=(shift.name,),
        why="A model that relies on this column meets another distribution in use than in training.",
        suggestion="Find the cause: a new source, a season, a changed unit? Then weight train, add training "
        "rows like those served, or drop the column.",
        value=by.value,
        measure=by.name,
        limit=by.limit(line.status),
        noise=by.noise,
        n=sum(shift.n),
        fix=f"{column_of(shift.name)}.describe()",
    )


def _where(shift: ColumnShift) -> str:
    """What changed most, in the column's own terms: a percentile of numbers, or the share of a level."""
    if shift.percentiles:
        at = max(range(3), key=lambda i: abs(shift.percentiles[i][1] - shift.percentiles[i][0]))
        before, after = shift.percentiles[at]
        what = ("10th percentile", "median", "90th percentile")[at]
        length = " of the length" if shift.kind == "text" else ""
        same = before == after
        return "" if same else f": {what}{length} from {shift.shown(before)} to {shift.shown(after)}"
    level, before, after = max(
        shift.shares, key=lambda share: abs(share[2] - share[1]), default=("", 0.0, 0.0)
    )
    if 2 * abs(after - before) < shift.value:
        return ""
    return f": {quoted(level)} from {percent(before)} to {percent(after)}"


def of_new_classes(line: ShiftLine) -> bool:
    """Whether new classes are all that changed in the target, of which Balance tells: the others have the
    shares among each other that they had.
    """
    shares = [(before, after) for _, before, after in line.shift.shares if before > 0.0]
    known = sum(after for _, after in shares)
    if not line.shift.new_count or line.by is None or line.by.name == ODDS or not known:
        return False
    total = sum(before for before, _ in shares)
    distance = sum(abs(after / known - before / total) for before, after in shares) / 2
    return distance <= max(line.noise, BANDS["tv"][0])


def _target(line: ShiftLine, by: JudgedBy) -> Finding:
    """Label shift, with the class that changed most in proportion."""
    shift = line.shift
    classes = sorted(class_shifts(shift), key=lambda one: one.new)
    detail = f": {classes[0]}" if classes else _where(shift)
    if by.name != ODDS:  # the class says it itself
        detail += f"; {by.name} {by.value:.2f} (noise floor {by.noise:.3f})"
    return Finding(
        "label_shift",
        f"Label shift in the target {name(shift.name)}{detail}",
        "warning",
        score=min(1.0, by.value - by.same),
        columns=(shift.name,),
        why="Probabilities learned at one class distribution are miscalibrated at another, even where "
        "nothing else has changed.",
        suggestion="Correct the probabilities for the new priors, or move the threshold; then check whether "
        "anything else shifted.",
        value=by.value,
        measure=by.name,
        limit=by.limit(line.status),
        noise=by.noise,
        n=sum(shift.n),
        fix=f"{column_of(shift.name)}.value_counts(normalize=True)",
    )


def _some(shift: ColumnShift) -> str:
    """The commonest new levels."""
    more = " and more" if shift.new_count > 3 else ""
    return ", ".join(quoted(level) for level, _ in shift.new[:3]) + more


def _disjoint(line: ShiftLine) -> Finding:
    """A column none of whose values is in both parts: mostly the name of the part, a period, a batch."""
    shift = line.shift
    return Finding(
        "no_value_shared",
        f"Train and serve share no value of {name(shift.name)}; serve holds {_some(shift)}",
        "info" if line.apart else "warning",
        score=1.0,
        columns=(shift.name,),
        why="It separates train from serve on its own, and hides every other difference from a model that "
        "compares them.",
        suggestion="If it names the part, the period or the batch, drop it. If not, find out why its values "
        "are written differently.",
        value=1.0,
        measure="share of serve rows with a value that train lacks",
        limit=NEW_SHARE,
        noise=shift.new_noise,
        action="omit",
        conditional=True,
        n=sum(shift.n),
        fix=left_out(shift.name),
    )


def _missing(line: ShiftLine, by: JudgedBy) -> Finding:
    missing = line.shift.missing
    return Finding(
        "missing_moved",
        f"{name(line.shift.name)} is missing in {percent(missing.train)} of train and "
        f"{percent(missing.serve)} of serve (noise floor of the difference {percent(line.noise)})",
        "warning" if line.status == "severe" else "info",
        score=min(1.0, line.value),
        columns=(line.shift.name,),
        why="A source that stops or starts being filled in is the commonest break between training and "
        "use, and most drift tests ignore it.",
        suggestion="Find out where the values went. Do not impute serve with a statistic fitted on train "
        "before you know.",
        value=by.value,
        measure=by.name,
        limit=by.limit(line.status),
        noise=by.noise,
        n=sum(line.shift.n),
        fix=f"{column_of(line.shift.name)}.isna().mean()",
    )


def _new_levels(shift: ColumnShift) -> Finding | None:
    if len(shift.unseen) < _FEWEST or not shift.new_count or shift.new_share <= shift.new_noise:
        return None
    levels = [level for level, _ in shift.new]
    limit = NEW_SHARE_WIDE if shift.metric == "l_infinity" else NEW_SHARE
    fix = f"data = data[~{column_of(shift.name)}.astype(str).isin({levels!r})]"
    return Finding(
        "new_levels",
        f"{name(shift.name)} has {count(shift.new_count, 'value')} in serve that train lacks, in "
        f"{percent(shift.new_share)} of serve rows: {_some(shift)}",
        "warning" if shift.new_share >= limit else "info",
        score=min(1.0, shift.new_share),
        rows=shift.unseen,
        columns=(shift.name,),
        why="A model has learned nothing about them: most encoders turn them into zeros or an error.",
        suggestion="Label some of these rows and add them to train, or map the new values to known ones.",
        value=shift.new_share,
        measure="share of serve rows with a new value",
        limit=limit,
        noise=shift.new_noise,
        action="defer",
        n=shift.n[1],
        fix=fix if shift.new_count <= SHOWN else "",
    )


def _outside(shift: ColumnShift) -> Finding | None:
    beyond = shift.outside > max(0.001, shift.outside_noise)
    if shift.metric != "w1_iqr" or len(shift.unseen) < _FEWEST or not beyond:
        return None
    low, high = shift.span
    length = shift.kind == "text"
    values = column_of(shift.name) + (".str.len()" if length else "")
    return Finding(
        "out_of_range",
        f"{'The length of ' if length else ''}{name(shift.name)} lies outside train's range "
        f"({shift.train_range}) in {percent(shift.outside)} of serve rows "
        f"({count(len(shift.unseen), 'row')})",
        "warning" if shift.outside >= NEW_SHARE else "info",
        score=min(1.0, shift.outside),
        rows=shift.unseen,
        columns=(shift.name,),
        why="There a model extrapolates: trees predict as at the edge, linear models continue without limit.",
        suggestion="Look at the rows: a new unit, an error, or a new kind of case? Drop, cap, or label them.",
        value=shift.outside,
        measure="share of serve rows outside train's range",
        limit=NEW_SHARE,
        noise=shift.outside_noise,
        action="defer",
        n=shift.n[1],
        fix=f"data = data[{values}.between({low!r}, {high!r}) | {column_of(shift.name)}.isna()]",
    )
