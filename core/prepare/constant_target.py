"""A target that does not vary, so that nothing can be predicted: said alike wherever it is in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.dataset import Dataset
from core.errors import TargetError
from core.finding import Finding
from core.phrases import count, name, number_among, quoted

if TYPE_CHECKING:
    import pyarrow as pa

LEAST = 2  # rows below which nothing is said
OTHERS = "Choose another target, or load rows with other values of it."


def target_lacks(dataset: Dataset, target: str) -> str:
    """What is wrong with a target that does not vary in train, and what to do; "" where it varies."""
    known = _known(dataset, target)
    if len(known) and _varies(known):
        return ""
    kind = "value" if dataset[target].kind in ("numeric", "datetime") else "class"
    has = f"one {kind}, {_in_words(known[0].as_py())}" if len(known) else "no value"
    return nothing_to_compare(target, has + (" in train" if "serve" in dataset.parts else ""))


def nothing_to_compare(target: str, has: str) -> str:
    """What is wrong with a target that has only this, and what to do.

    >>> nothing_to_compare("y", "no value").partition(". ")[0]
    "'y' has no value: there is nothing to compare"
    """
    return f"{name(target)} has {has}: there is nothing to compare. {OTHERS}"


def refuse_constant(dataset: Dataset, target: str) -> None:
    """Raises `TargetError` where the target does not vary in train."""
    if told := target_lacks(dataset, target):
        raise TargetError(told)


def constant_target(dataset: Dataset, target: str) -> Finding | None:
    """The finding, where the train rows hold fewer than two values of the target; else None.

    It is critical whatever the number of rows: of these rows no model can learn anything.
    """
    trained = int(dataset.part_mask("train").sum())
    known = _known(dataset, target)
    if trained < LEAST or (len(known) and _varies(known)):
        return None
    rows = count(trained, "train row" if "serve" in dataset.parts else "row")
    if not len(known):
        what = f"has no value in any of {rows}"
    else:
        where = (
            f"all {rows}" if len(known) == trained else f"the {len(known):,} of {rows} in which it is known"
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
        explains=(f"constant:{target}", f"all_missing:{target}"),
        value=float(min(1, len(known))),
        measure="distinct values of the target",
        limit=2.0,
        n=len(known),
    )


def _known(dataset: Dataset, target: str) -> pa.ChunkedArray:
    """The values of the target in train."""
    import pyarrow as pa

    return dataset.table([target]).column(0).filter(pa.array(dataset.part_mask("train"))).drop_null()


def _varies(known: pa.ChunkedArray) -> bool:
    import pyarrow.compute as pc

    return not pc.all(pc.equal(known, known[0])).as_py()


def _in_words(value: object) -> str:
    """The one value: a number as it stands, words in quotes."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number_among(float(value), float(value), float(value))
    return quoted(str(value))
