"""A target that does not vary, so that nothing can be predicted: said by the profile and by Target."""

from __future__ import annotations

from core.dataset import Dataset
from core.finding import Finding
from core.phrases import count, name, number, quoted

LEAST = 2  # rows below which nothing is said


def constant_target(dataset: Dataset, target: str) -> Finding | None:
    """The finding, where the train rows hold fewer than two values of the target; else None.

    It is critical whatever the number of rows: of these rows no model can learn anything.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    train = dataset.table([target]).column(0).filter(pa.array(dataset.part_mask("train")))
    known = train.drop_null()
    if len(train) < LEAST or (len(known) and not pc.all(pc.equal(known, known[0])).as_py()):
        return None
    rows = count(len(train), "train row" if "serve" in dataset.parts else "row")
    if not len(known):
        what = f"has no value in any of {rows}"
    else:
        where = (
            f"all {rows}"
            if len(known) == len(train)
            else f"the {len(known):,} of {rows} in which it is known"
        )
        what = f"has one value, {_in_words(known[0].as_py())}, in {where}"
    return Finding(
        code="constant_target",
        title=f"Nothing can be predicted: the target {name(target)} {what}.",
        severity="critical",
        score=1.0,
        why="A model learns from rows that differ in the target. Here it can only repeat the one value, "
        "however good its score looks.",
        suggestion="Choose another column as the target, or load rows with other values of it: were they "
        "lost on the way, by a filter or a join?",
        columns=(target,),
        value=float(min(1, len(known))),
        measure="distinct values of the target",
        limit=2.0,
        n=len(known),
    )


def _in_words(value: object) -> str:
    """The one value: a number as it stands, words in quotes."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number(float(value))
    return quoted(str(value))
