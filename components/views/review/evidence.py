"""What speaks for and against the row in focus: its picture, the label given and the one suggested, its
copies, and the rows nearest to it, side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import as_decided, results
from components.glossary import hint
from components.judged import JudgedLabels, judged
from components.state import keep
from components.text import cut, level, plain
from components.widgets import cell_edit, column_card
from components.widgets.layout import CELL, fitting
from core.dataset import Dataset
from core.outcomes import Outcome
from core.phrases import count, names, number, percent, quoted, verb
from core.prepare.around import Surroundings, surroundings
from core.prepare.classes import holds_numbers
from core.prepare.evidence.labelled import FEWEST
from core.prepare.image_measures import blank, pixel_keys
from core.prepare.levels import level_codes
from core.rowset import RowSet

if TYPE_CHECKING:
    import pandas as pd

Ids = NDArray[np.int64]
CLASSES = 5  # likeliest classes that are named
COPIES = 6  # copies that are named
SIDE = 128  # pixels of the values of a row beside others
NEAR = 104  # pixels of the pictures of the nearest rows
APART = 0.1  # of the usual range: numbers farther apart than that are marked
DIFFERENT = "≠ "
MISSING = "–"  # where there is no value
YOURS = "your model"
HOW = (
    f"{DIFFERENT.strip()} marks what differs: another value, or a number farther away than a tenth of the "
    "usual range (5% to 95%)."
)


def picture(dataset: Dataset, row: int) -> None:
    """The picture of the row, where the data have pictures."""
    if dataset.pictures is None:
        return
    [thumb] = _thumbs(dataset, np.array([row], np.int64))
    if thumb:
        st.image(thumb, width=256, alt=f"The picture of row {row}")
    else:
        st.caption("This row has no picture that can be read.")


def _thumbs(dataset: Dataset, rows: Ids) -> list[bytes]:
    """The thumbnail of each row; b"" where there is none."""
    shown = dataset.pictures
    assert shown is not None
    sources = dataset.source_ids(rows).tolist()
    return [shown.thumb(row) if row < shown.rows else b"" for row in sources]


def label(dataset: Dataset, row: int) -> None:
    """The label given against the one suggested, with the probability of each; or that it was not judged.
    Nothing of a target of numbers.
    """
    target = dataset.roles.target
    if not target or holds_numbers(dataset, target):
        return
    known = judged(dataset)
    if known is None:
        st.page_link("pages/clean/labels.py", label="Check the labels", icon=":material/sell:")
        return
    result, evidence, at = known.result, known.evidence, known.place(row)
    if at is None:
        st.caption(f"Its label was not judged: {_not_judged(dataset, known, row)}.")
        return
    given, likely = int(evidence.given[at]), evidence.probabilities[at].astype(np.float64)
    suggested = int(result.suggested[at])
    if result.unpredicted:
        told = f"Given **{level(evidence.classes[given])}**; none is suggested. "
        told += plain(result.unpredicted, 400)
    elif suggested == given:
        find = f"{YOURS} finds" if evidence.brought else "the models find"
        told = f"Given **{level(evidence.classes[given])}**, which {find} likeliest too"
    else:
        votes = int((evidence.votes[:, at] == suggested).sum())
        by = YOURS if evidence.brought else f"{votes} of {count(len(evidence.members), 'model')}"
        words = [f"**{level(evidence.classes[one])}**" for one in (given, suggested)]
        told = f"Given {words[0]}, suggested {words[1]} by {by}"
    st.markdown(f"**Label.** {told}", help=hint("Doubt"))
    order = np.argsort(-likely, kind="stable")
    named = [*order[:CLASSES].tolist(), *([given] if given not in order[:CLASSES] else [])]
    lines = [
        f"{level(evidence.classes[one])} {percent(likely[one])}{' (given)' if one == given else ''}"
        for one in named
    ]
    st.caption(f"{'In' if evidence.in_sample else 'Out-of'}-sample: " + " · ".join(lines))


def _not_judged(dataset: Dataset, known: JudgedLabels, row: int) -> str:
    """Why the label of a row of the data as loaded was not judged: the one reason that holds."""
    evidence = known.evidence
    if dataset.split is not None and dataset.part_mask("serve")[row]:
        return "the row is of the serve part"
    if row in as_decided.settled(dataset).dropped:
        return "the row is dropped"
    given = dataset.table([dataset.roles.target or ""]).column(0).take([row])
    if given.null_count:
        return "it is missing"
    if level_codes(given)[1][0] not in evidence.classes:
        rows = "train rows" if dataset.split is not None else "rows"
        fewer = f"its class has fewer than {FEWEST} {rows}"
        return f"{YOURS} has no probabilities of its class" if evidence.brought else fewer
    if dataset.pictures is not None and dataset.without_picture()[row]:
        return "its image cannot be read"
    if dataset.pictures is not None and blank(dataset)[row]:
        return "its image is blank"
    if evidence.brought:
        return f"{YOURS} has no probabilities for the row"
    return "the row was not among those judged"


def copies(dataset: Dataset, row: int, outcomes: dict[str, Outcome]) -> None:
    """The rows that this one is a copy of, with their labels."""
    for name, what in (("duplicates", "Equal rows"), ("nearduplicates", "Near copies")):
        result: Any = outcomes[name].result if name in outcomes else None
        if result is None:
            continue
        others = _partners(dataset, name, result, row)
        if not others.size:
            continue
        labels = _labels(dataset, others[:COPIES])
        told = [
            f"{one}{f' ({plain(text, 30)})' if text else ''}"
            for one, text in zip(others, labels, strict=False)
        ]
        more = f" and {count(others.size - COPIES)} more" if others.size > COPIES else ""
        st.markdown(f"**{what}.** {', '.join(told)}{more}{_turned(name, result, row)}")
        _since(dataset, others[:COPIES])


def _turned(name: str, result: Any, row: int) -> str:
    """How the image of the row is turned beside the copy that is to be kept; "" where it is not."""
    at = np.array([row])
    [turn] = result.turns(at) if name == "nearduplicates" else [""]
    return f"; beside row {int(result.kept_for(at)[0])} it is {turn}" if turn else ""


def _since(dataset: Dataset, rows: Ids) -> None:
    """What was decided about these rows, which stand here as loaded."""
    if told := decided_since(dataset, rows.tolist()):
        st.caption(f":material/info: {told}")


def decided_since(dataset: Dataset, rows: Sequence[int]) -> str:
    """Which of the rows of the data as loaded decisions drop, or give another label by hand, in a sentence
    or two; "" where none.
    """
    now, target = as_decided.settled(dataset), dataset.roles.target
    dropped = [row for row in rows if row in now.dropped]
    codes = now.labels.get(now.called(target)) if target else None
    anew = {} if codes is None else {row: now.values[codes[row]] for row in rows if codes[row] >= 0}
    said = [f"row {row} is dropped" for row in dropped]
    said += [
        f"row {row} is relabelled {plain(quoted(text), 40)}"
        if text is not None
        else f"row {row} lost its label"
        for row, text in anew.items()
        if row not in dropped
    ]
    return f"As decided, {'; '.join(said)}." if said else ""


def _partners(dataset: Dataset, name: str, result: Any, row: int) -> Ids:
    """The other rows of the groups of ``row``, ascending."""
    if name == "nearduplicates":
        return np.asarray(result.partners(row), np.int64)
    codes = ("duplicate_rows", "duplicate_but_identifier", "conflicting_labels")
    found: list[Ids] = [result.partners(code, row) for code in codes if result.groups(code) is not None]
    found.append(_one_picture(dataset, row))
    return np.unique(np.concatenate(found))


def _one_picture(dataset: Dataset, row: int) -> Ids:
    """The other rows whose pictures are equal to the pixel, in whichever part they stand."""
    if dataset.pictures is None or dataset.without_picture()[row]:
        return np.zeros(0, np.int64)
    keys = keep(("pixel keys", dataset.version), lambda: pixel_keys(dataset))
    same: Ids = np.flatnonzero((keys == keys[row]) & (keys[row] != 0))
    return same[same != row]


def _labels(dataset: Dataset, rows: Ids) -> list[str]:
    """The label of each row as text, "" where there is none."""
    target = dataset.roles.target
    if not target:
        return [""] * rows.size
    values = dataset.frame([target], rows=RowSet(rows))[target]
    return [cell_edit.shown(values[row]) for row in rows.tolist()]


def near(dataset: Dataset, row: int, asked: RowSet, outcomes: dict[str, Outcome]) -> None:
    """The five nearest rows: their pictures and labels, or their values beside those of the row."""
    around = _around(dataset, asked)
    rows, distance = around.nearest(row)
    if not rows.size:
        if dataset.without_picture()[row]:
            st.caption("Its image cannot be read: it is not compared with others.")
        return
    st.markdown("**The nearest rows**")
    labels, own = _labels(dataset, rows), _labels(dataset, np.array([row]))[0]
    target = dataset.roles.target or ""
    numbers = bool(target) and holds_numbers(dataset, target)
    if numbers:
        st.caption(plain(_numbers_near(dataset, target, row, rows), 300))
    elif own and any(labels):
        alike = sum(one == own for one in labels)
        st.caption(f"{alike} of {rows.size} {verb(alike, 'has', 'have')} its label, {plain(own, 40)}.")
    if dataset.pictures is not None:
        _gallery(dataset, rows, labels, None if numbers else own)
    else:
        table = side_by_side(dataset, row, rows, distance, outcomes)
        beside = table.columns[1:]
        st.dataframe(
            table.assign(**{name: [fitting(text, SIDE - CELL) for text in table[name]] for name in beside}),
            hide_index=True,
            column_config={name: st.column_config.TextColumn(width=SIDE) for name in beside},
            height=min(len(table), 11) * 35 + 38,
            key=f"near-{dataset.version}-{row}",
            alt=f"Values of row {row} and of the {rows.size} rows nearest to it",
        )
        st.caption(HOW)
    _since(dataset, rows)
    if around.note:
        st.caption(around.note)


def _numbers_near(dataset: Dataset, target: str, row: int, rows: Ids) -> str:
    """The number of the target of a row, and the least and the largest of those nearest to it."""
    values = dataset.frame([target], rows=RowSet([row, *rows.tolist()]))[target]
    known = values.loc[rows].dropna()
    own = "missing" if values.isna()[row] else number(float(values[row]))
    ends = dict.fromkeys(number(float(end)) for end in (known.min(), known.max())) if len(known) else {}
    theirs = f"those of the nearest are {' to '.join(ends)}" if ends else "those of the nearest are missing"
    without = rows.size - len(known)
    also = f", {count(without)} of {count(rows.size)} missing" if ends and without else ""
    return f"Its {names([target])} is {own}; {theirs}{also}."


def _around(dataset: Dataset, asked: RowSet) -> Surroundings:
    """Worked out on first use, which takes seconds for tens of thousands of pictures."""
    with st.spinner("Looking for the nearest rows", show_time=False):
        return surroundings(dataset, asked, dataset.roles.target or "")


def _gallery(dataset: Dataset, rows: Ids, labels: list[str], own: str | None) -> None:
    """Each picture below its row and label, which stand on one line each: captions below pictures of several
    heights would stand at several heights, too. own: the label of the row in focus, None where labels are
    numbers, of which no two need be equal.
    """
    with st.container(horizontal=True, gap="small"):
        for row, thumb, text in zip(rows.tolist(), _thumbs(dataset, rows), labels, strict=True):
            if thumb:
                with st.container(width=NEAR, gap="xsmall"):
                    differs = DIFFERENT if own not in (None, text) else ""
                    said = plain(text, 14) if text else "no label" * bool(own)
                    st.caption(f"Row {row}" + (f"  \n{differs}{said}" if said else ""))
                    st.image(thumb, width=NEAR, alt=f"The picture of row {row}")


def side_by_side(
    dataset: Dataset, row: int, rows: Ids, distance: NDArray[np.float64], outcomes: dict[str, Outcome]
) -> pd.DataFrame:
    """One line per column of the data, the label first and then those that differ most often; beside the
    values of the row those of the others, with a mark on what differs.
    """
    import pandas as pd

    frame = dataset.frame(rows=RowSet([row, *rows.tolist()]))
    places = [int(place) for place in frame.index.get_indexer([row, *rows.tolist()])]
    ranges = keep(("usual ranges", results.mark(dataset, "profile")), lambda: _ranges(outcomes))
    profile: Any = outcomes["profile"].result if "profile" in outcomes else None
    among = column_card.amounts(dataset, profile)
    lines: dict[str, list[str]] = {}
    differing: dict[str, int] = {}
    for name, values in frame.items():
        listed = values.tolist()  # a cell of a series takes as long as all of them
        own, *others = (listed[place] for place in places)
        marks = [_differs(own, other, ranges.get(name, 0.0)) for other in others]
        shown = [_brief(one, among.get(str(name))) for one in (own, *others)]
        lines[name] = [
            shown[0] or MISSING,
            *(DIFFERENT * mark + (text or MISSING) for mark, text in zip(marks, shown[1:], strict=True)),
        ]
        differing[name] = sum(marks)
    target = dataset.roles.target
    order = sorted(dataset.names, key=lambda name: (name != target, -differing[name]))
    heads = ["Column", f"Row {row}", *(f"Row {one}" for one in rows.tolist())]
    far = ["Distance", "", *(f"{one:.3g}" for one in distance)]
    return pd.DataFrame([far, *([cut(name, 60), *lines[name]] for name in order)], columns=heads)


def _brief(given: Any, among: tuple[float, float] | None = None) -> str:
    """A cell beside others: fractions to six digits, as one of them with all of its digits is cut off at the
    edge; the card has these. among: the ends of its column, where its numbers stand with separators.

    >>> _brief(0.3135369683439048), _brief(1234567.0), _brief(12.25), _brief("a long word")
    ('0.313537', '1234567', '12.25', 'a long word')
    >>> _brief(1234567.0, (0.0, 1e8)), _brief(12345.678901, (0.0, 1e8)), _brief(7043545.25, (0.0, 1e8))
    ('1,234,567', '12,345.7', '7,043,545')
    """
    written = cell_edit.shown(given, among)
    if not isinstance(given, float) or "." not in written or len(written) <= 9:
        return written
    fewer = float(f"{given:.0f}" if 1e6 <= abs(given) < 1e15 else f"{given:.6g}")
    return cell_edit.shown(fewer, among)


def _ranges(outcomes: dict[str, Outcome]) -> dict[str, float]:
    """Of numeric columns how far it is from the 5th to the 95th percentile."""
    profile: Any = outcomes["profile"].result if "profile" in outcomes else None
    if profile is None:
        return {}
    numeric = [one for one in profile.columns if one.kind == "numeric" and one.quantiles.size]
    return {one.name: float(one.quantile(0.95) - one.quantile(0.05)) for one in numeric}


def _differs(one: Any, other: Any, usual: float) -> bool:
    """Whether two cells hold something else; numbers where they are more than a tenth of the usual range
    apart.

    >>> _differs(1.0, 1.04, 1.0), _differs(1.0, 1.2, 1.0), _differs("a", "b", 0.0), _differs(None, None, 0.0)
    (False, True, True, False)
    """
    import pandas as pd

    missing = bool(pd.isna(one)), bool(pd.isna(other))
    if any(missing):
        return not all(missing)
    if usual > 0 and isinstance(one, (int, float, np.number)) and isinstance(other, (int, float, np.number)):
        return abs(float(one) - float(other)) > APART * usual
    return bool(one != other)
