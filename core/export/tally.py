"""What an export holds, in numbers: those of the page, of the manifest and of the report."""

from __future__ import annotations

from core.dataset import Dataset
from core.export.plan import names_of, not_written
from core.phrases import count, names, verb
from core.review import Review
from core.steps import StepTrial, counts


def tally(whole: StepTrial) -> dict[str, int]:
    """`core.steps.counts` of what is written. ``before`` and ``after``: rows, of train alone where nothing
    was decided about a second file, for serve; ``not_written``: how many that has then. Cells of a column
    that a file has not got are none of those ``changed``. ``columns``: those that are written.
    whole: as `core.steps.whole` gives it.
    """
    numbers, rows = counts(whole), not_written(whole.after.dataset, whole.after.settled())
    return numbers | {
        "before": numbers["before"] - rows,
        "after": numbers["after"] - rows,
        "changed": numbers["changed"] - _nowhere(whole),
        "not_written": rows,
        "columns": columns(whole)[0],
    }


def steps(review: Review) -> int:
    """How many steps are in what is written, as ``prepare.py`` numbers them: batches that may change the
    data, without those that are switched off.

    >>> from core.decision import Decision
    >>> from core.rowset import RowSet
    >>> review = Review().say(Decision("drop", RowSet([1]))).say(Decision("omit", RowSet(), column="a"))
    >>> steps(review), steps(review.say(Decision("keep", RowSet([2])))), steps(review.switch(0, on=False))
    (2, 2, 1)
    """
    return len(review.changing) - review.steps_off


def _nowhere(whole: StepTrial) -> int:
    """How many changed cells are written nowhere: those of a column that their file lacks."""
    work = whole.after
    dataset, split, serve = work.dataset, work.dataset.split, work.dataset.source.serve
    if serve is None or split is None or split.how != "file":
        return 0
    sources = {content.column.name: content.source for content in work.contents}
    in_train, in_serve = names_of(dataset, dataset.source), names_of(dataset, serve)
    lost = 0
    for name, differs in whole.cells.items():
        source = sources.get(name, name)
        lost += int(differs[: split.at].sum()) if source and source not in in_train else 0
        lost += int(differs[split.at : dataset.rows].sum()) if source and source not in in_serve else 0
    return lost


def columns(whole: StepTrial) -> tuple[int, int]:
    """How many columns the data as decided have that are written, and how many there were: those of train
    alone where serve is not, and none that is measured of images in a table. A column of weights is written
    beside them (`of_weights`).
    """
    work, dataset, settled = whole.after, whole.after.dataset, whole.after.settled()
    alone, serve = not_written(dataset, settled) > 0, dataset.source.serve
    written = set(names_of(dataset, dataset.source))
    if serve is not None and not alone:
        written |= set(names_of(dataset, serve))
    there = [name for name in dataset.names if name in written]
    laid = [one.column.name for one in work.contents if not one.source or one.source in written]
    now = laid or there
    return sum(name not in work.out for name in now), len(there)


def of_weights(whole: StepTrial) -> bool:
    """Whether a column of weights is written beside those that the data have: rows are weighted, and no
    column that is written has the role.
    """
    work, dataset, settled = whole.after, whole.after.dataset, whole.after.settled()
    now = [content.column.name for content in work.contents] or list(dataset.names)
    return len(settled.weighted) > 0 and settled.called(dataset.roles.weight) not in {*now} - {*work.out}


def left_out(dataset: Dataset) -> tuple[str, ...]:
    """What of the files is not in the data, and so in no export, as it was said when they were loaded."""
    chosen = dataset.source.options.get("leave_out", ())
    told = [f"{names(chosen)} {verb(len(chosen), 'was', 'were')} left out."] if chosen else []
    return (*told, *(found.title for found in dataset.loading if found.left_out))


def in_words(whole: StepTrial) -> str:
    """What is exported, in one sentence."""
    settled, numbers = whole.after.settled(), tally(whole)
    every = numbers["before"] + numbers["added"]
    new = int(settled.kept[settled.source_rows :].sum())
    added = f", {count(new)} of them added," if new else ""
    without = f", without {count(len(whole.removed), 'column')}" if whole.removed else ""
    gone, row = len(settled.dropped), "train row" if numbers["not_written"] else "row"
    are = verb(1 if every == 1 else numbers["after"], "is", "are")
    parts = [
        f"{count(numbers['after'])} of {count(every, row)}{added} {are} exported{without}",
        f"{count(gone)} {verb(gone, 'is', 'are')} dropped" if gone else "",
        f"{count(numbers['changed'], 'cell')} changed" if numbers["changed"] else "",
        f"{count(numbers['weighted'], 'row')} weighted" if numbers["weighted"] else "",
        f"{count(numbers['columns_added'], 'column')} added" if whole.added else "",
        "serve is not written" if numbers["not_written"] else "",
    ]
    return "; ".join(filter(None, parts)) + "."
