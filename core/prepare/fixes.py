"""From a finding to what one click does about it: the words on the button, its icon, and the decisions it
makes; and which rows findings ask to decide about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from core.actions import ACTIONS
from core.dataset import Dataset
from core.decision import Decision
from core.errors import SettingError
from core.filters import Filter
from core.finding import Finding
from core.phrases import count, name, percent, quoted
from core.prepare.rule_label import rule_label
from core.rowset import RowSet
from core.settled import Settled

WHICH_LABEL = ("conflicting_labels", "near_duplicates_conflict")  # a person has to say which is right
_MARKED = (  # of what is marked in images, which only a person can see to be right
    "annotated_sizes_differ",
    "boxes_outside",
    "boxes_repeated",
    "boxes_without_area",
    "keypoints_not_read",
    "keypoints_outside",
)
_PLAIN = (  # to drop: nothing to see, or equal; of gaps, those of the target
    "images_missing",
    "unreadable_images",
    "rows_across_parts",
    "missing",
    "structural_missing",
    "not_mcar",
)


def label(finding: Finding) -> str:
    """What one click does about the finding, in a few words; "" where there is nothing to do at one click.

    >>> label(Finding("constant", "", "info", 0.5, "", "", columns=("x",), action="omit"))
    "Leave out 'x'"
    >>> found = Finding("codes", "", "info", 0.5, "", "", rows=RowSet(range(37)), columns=("x",))
    >>> from dataclasses import replace
    >>> label(replace(found, action="blank")), label(replace(found, action="defer"))
    ('Make 37 cells missing', 'Send 37 rows to review')
    """
    columns = finding.acted_on
    where = name(columns[0]) if len(columns) == 1 else count(len(columns), "column")
    action = ACTIONS.get(finding.action)
    if action is None or (action.needs and not finding.to):
        return ""
    if action.rule:
        return rule_label(finding, where) if columns or action.on == "table" else ""
    if action.on == "columns":
        return action.button(where) if columns else ""
    if not len(finding.rows):
        return ""
    rows = count(len(finding.rows), "row")
    if action.needs == "label":
        return f"{action.button(rows)} as {quoted(finding.to)}"
    if action.needs == "weight":
        return f"Give {rows} the weight {finding.to}"
    if action.on == "cells":
        cells = count(len(finding.rows) * len(columns), "cell")
        return action.button(cells) if columns else ""
    return action.button(rows)


def outlook(dataset: Dataset, finding: Finding) -> str:
    """What a click brings about that a person should know before, in one sentence; "" where nothing."""
    if not finding.empties or len(finding.acted_on) != 1:
        return ""
    [column] = finding.acted_on
    missing = len(finding.rows) + dataset.table([column]).column(0).null_count
    if 2 * missing <= dataset.rows:
        return ""
    return (
        f"{name(column)} would then be missing in {percent(missing / dataset.rows)} of the rows: few values "
        "are known. Leave the column out after it, or fill it and mark what was missing."
    )


def icon(finding: Finding) -> str:
    """The Material symbol of the button."""
    return ACTIONS[finding.action].icon


def decisions(dataset: Dataset, finding: Finding) -> tuple[Decision, ...]:
    """What one click decides, as one batch; () where the finding asks for none. The rows of the finding are
    counted in ``dataset``, those of the decisions in its source.

    Raises `SettingError` for a weight that is no number, `ColumnError` for a column that is not in the data.
    """
    if not label(finding):
        return ()
    cause: dict[str, Any] = {"why": finding.title, "finding": finding.key}
    columns = finding.acted_on
    for column in columns:
        dataset[column]
    whole = Filter.parse(finding.where) if finding.where else dataset.source_rows(finding.rows)
    action = ACTIONS[finding.action]
    if action.on == "table":
        return (Decision(action.word, RowSet(), settings=finding.settings, **cause),)
    if action.on == "values":
        return tuple(
            Decision(action.word, RowSet(), column=column, settings=finding.settings_of(column), **cause)
            for column in columns
        )
    if action.needs == "label":
        return (Decision(action.word, whole, finding.to, column=columns[0], **cause),)
    if action.needs == "weight":
        return (Decision(action.word, whole, _weight(finding), **cause),)
    if action.on == "rows":
        return (Decision(action.word, whole, **cause),)
    rows = whole if action.on == "cells" else RowSet()
    return tuple(Decision(action.word, rows, column=column, **cause) for column in columns)


def same_click(one: Finding, other: Finding) -> bool:
    """Whether the clicks of two findings decide the same, but for the reason.

    >>> gaps = Finding("missing", "", "info", 0.5, "", "", columns=("x",), action="fill")
    >>> same_click(gaps, replace(gaps, code="not_mcar")), same_click(gaps, replace(gaps, on=("y",)))
    (True, False)
    """
    if not label(one) or label(one) != label(other) or one.action != other.action:
        return False
    by_rows = ACTIONS[one.action].on in ("rows", "cells")
    return one.acted_on == other.acted_on and all(
        (
            all(dict(one.settings_of(at)) == dict(other.settings_of(at)) for at in one.acted_on or ("",)),
            not by_rows or (one.rows == other.rows and one.where == other.where and one.to == other.to),
        )
    )


def unless_kept(finding: Finding, settled: Settled) -> Finding:
    """The finding without the rows that a person kept, where it asks to decide about rows, or about cells of
    rows that wait: what was kept stays, and the filter of the finding no longer says which rows are meant. So
    it is of repeats where the finding has just those rows that would go (`core.steps.spared` sees to it that
    they stay).

    >>> import numpy as np
    >>> odd = Finding("outliers", "", "info", 0.5, "", "", rows=RowSet([1, 2]), action="drop", where="a > 5")
    >>> now = Settled(np.array([0, 1, 0], np.int8), np.full(3, np.nan))
    >>> label(unless_kept(odd, now)), unless_kept(odd, now).where
    ('Drop 1 row', '')
    >>> far = replace(odd, action="blank", columns=("a",))
    >>> label(unless_kept(far, now)), label(unless_kept(replace(far, waits=True), now))
    ('Make 2 cells missing', 'Make 1 cell missing')
    """
    action = ACTIONS.get(finding.action)
    repeats = finding.action == "drop_repeats" and _are_those_that_go(finding)
    waiting = finding.waits and action is not None and action.on == "cells"
    if action is None or not (repeats or waiting or (action.on == "rows" and not action.rule)):
        return finding
    kept = finding.rows & settled.by(ACTIONS["keep"])
    if not len(kept):
        return finding
    left = finding.rows - kept
    return replace(finding, rows=left, where="", value=float(len(left)) if repeats else finding.value)


def _are_those_that_go(finding: Finding) -> bool:
    """Whether the rows of a finding of repeats are those that its rule drops, and not their partners too."""
    return bool(finding.settings.get("across")) or finding.value in (None, len(finding.rows))


def done(finding: Finding, settled: Settled, found_in: Dataset | None = None) -> bool:
    """Whether what the click would do is so already, however it was decided. A finding that the data as
    decided (``found_in``) still give is not done by a rule that was followed before; but marks leave the
    values as they are.

    >>> import numpy as np
    >>> from dataclasses import replace
    >>> found = Finding("constant", "", "info", 0.5, "", "", columns=("x",), action="omit")
    >>> now = Settled(np.zeros(3, np.int8), np.full(3, np.nan), omitted=("x",))
    >>> done(found, now), done(replace(found, columns=("x", "y")), now)
    (True, False)
    >>> done(replace(found, action="drop", rows=RowSet([1])), now)
    False
    """
    columns, rows = finding.acted_on, finding.rows
    action = ACTIONS.get(finding.action)
    if action is None:
        return False
    if action.rule:
        stands = finding.action != "mark" and found_in is not None and found_in.base is not None
        return not stands and _followed(finding, settled)
    if action.on == "columns":
        return bool(columns) and set(columns) <= set(settled.omitted)
    if not len(rows):
        return False
    if action.on == "cells":
        return bool(columns) and all(not len(rows - settled.changed(column)) for column in columns)
    return not len(rows - settled.by(action))


def _followed(finding: Finding, settled: Settled) -> bool:
    """Whether such a rule was followed on its columns and reached its rows, or all of them were mended by
    hand.
    """
    effects = [one for one in settled.effects.values() if one.action == finding.action]
    followed = {
        effect.column
        for effect in effects
        if effect.settings.get("kind") == finding.settings_of(effect.column).get("kind")
        and (effect.column or dict(effect.settings) == dict(finding.settings))
        and (effect.action != "mark" or dict(effect.settings) == dict(finding.settings_of(effect.column)))
    }
    if finding.action == "fill":  # held to some rows, it leaves others
        left = finding.rows - settled.dropped
        for effect in effects:
            left = left - effect.rows
        followed = set() if len(left) else followed
    if set(finding.acted_on if ACTIONS[finding.action].on == "values" else [""]) <= followed:
        return True
    rows = finding.rows - settled.dropped
    if ACTIONS[finding.action].on == "table":
        return bool(len(finding.rows)) and not len(rows)
    changed = [settled.changed(column) for column in finding.acted_on]
    return bool(len(finding.rows)) and all(not len(rows - some) for some in changed)


def asks_for_rows(finding: Finding) -> bool:
    """Whether the finding asks to decide about its rows, one by one: whether they wait in the review. Those
    of gaps do not: in a row without the target there is nothing to see.

    >>> odd = Finding("isolated_values", "", "warning", 0.9, "", "", columns=("y",), action="blank")
    >>> asks_for_rows(odd), asks_for_rows(replace(odd, waits=True))
    (False, True)
    """
    action = ACTIONS.get(finding.action)
    if action is None or finding.gaps:
        return False
    return finding.waits or action.on in ("rows", "table") or action.needs == "label"


def for_rows(finding: Finding) -> str:
    """The action on single rows that the finding speaks for; "" where there is none.

    >>> for_rows(Finding("duplicate_rows", "", "info", 0.5, "", "", action="drop_repeats"))
    'drop'
    """
    return "drop" if finding.action == "drop_repeats" else finding.action


def looked_at_first(finding: Finding) -> Finding | None:
    """The same with the click that sends its rows to review, where its own drops rows or blanks cells that
    may be right: what lies far out, looks bad, or is alike but not equal; and where only a person can see
    which label is right, whether a row is odd, or whether what is marked in an image is. None for others.

    >>> odd = Finding("outliers", "", "warning", 0.9, "", "", rows=RowSet([4, 7]), action="drop")
    >>> label(looked_at_first(odd) or odd), label(odd)
    ('Send 2 rows to review', 'Drop 2 rows')
    >>> far = replace(odd, code="isolated_values", columns=("x",), action="blank")
    >>> label(looked_at_first(far) or far), label(far)
    ('Send 2 rows to review', 'Make 2 cells missing')
    >>> torn = replace(odd, code="conflicting_labels", columns=("y",), action="relabel")
    >>> label(looked_at_first(torn) or torn), label(torn)
    ('Send 2 rows to review', '')
    >>> out = replace(odd, code="boxes_outside", action="")
    >>> label(looked_at_first(out) or out)
    'Send 2 rows to review'
    >>> looked_at_first(replace(odd, code="duplicate_rows", action="drop_repeats")) is None
    True
    """
    torn = finding.code in WHICH_LABEL and finding.severity != "info" and not finding.action
    by_chance = finding.code in ("outliers_possible", "wrong_numbers_possible")
    judged = finding.action == "drop" and finding.code not in _PLAIN
    unsaid = finding.action == "relabel" and not finding.to
    doubtful = judged or unsaid or (finding.action == "blank" and finding.code == "isolated_values")
    doubtful = doubtful or torn or by_chance or finding.code in _MARKED
    return replace(finding, action="defer") if doubtful and len(finding.rows) else None


def flagged(findings: Iterable[Finding], accepted: Collection[str]) -> RowSet:
    """The rows that wait for a decision or have had one: those that findings ask to decide about and that no
    acceptance took off the list. The one definition behind every count of flagged rows.

    accepted: keys of the findings that stand.
    """
    rows = RowSet()
    for finding in findings:
        if asks_for_rows(finding) and finding.key not in accepted and len(finding.rows):
            rows = rows | finding.rows
    return rows


def _weight(finding: Finding) -> float:
    try:
        return float(finding.to)
    except ValueError as error:
        raise SettingError(
            f"The finding {quoted(finding.key)} suggests the weight {quoted(finding.to)}, which is no number."
        ) from error
