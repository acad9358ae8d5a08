"""How new texts in a column of JSON become values: a text that is copied from other cells is what it is
there, one that a step makes of a text is a text, and one that a person gave is what most others there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.changes import differing
from core.dataset import Dataset
from core.dataset.column import RAW
from core.loading.as_json import beginnings, json_value
from core.settled import Content, Settled

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class JsonForm:
    """begins: as `json_value` takes it. texts: those that are texts where they are copied from, and would be
    read as something else. typed: those that a person gave, and that would be so, too.
    """

    begins: str
    texts: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As `json_cell` takes it, and as it stands in a script."""
        return asdict(self)


def json_cell(text: Any, own: Any, form: Mapping[str, Any]) -> Any:
    """A new text as a JSON value. own: what stands in its cell in the source. form: of the column.

    >>> form = JsonForm("0", ("8",), ("7",)).to_json()
    >>> json_cell("7", " 7", form), json_cell("9", " 9", form), json_cell("9", None, form)
    (7, '9', 9)
    >>> json_cell("8", None, form), json_cell("8", 5, form)
    ('8', '8')
    """
    if text in form["texts"] or (isinstance(own, str) and text not in form["typed"]):
        return text
    return json_value(text, form["begins"])


def json_forms(
    dataset: Dataset, settled: Settled, contents: Collection[Content]
) -> dict[str, dict[str, Any]]:
    """By name as exported, the form of each column of texts with other cells among them in a source of JSON.
    contents: the columns as exported.
    """
    typed = _typed(settled)
    forms = {}
    for content in contents:
        begins = beginnings(dataset, content.source) if content.source else ""
        if begins and content.column.stored == "string":
            codes = settled.laid_over.get(content.column.name)
            given = np.unique(codes[codes >= 0]).tolist() if codes is not None else []
            labels = {settled.values[code] for code in given} - {None}
            same = content.values is None and not labels
            texts = () if same else _texts(dataset, settled, content, begins, typed, labels)
            here = sorted(one for one in typed if not isinstance(json_value(one, begins), str))
            forms[content.column.name] = JsonForm(begins, texts, tuple(here)).to_json()
    return forms


def _typed(settled: Settled) -> set[str]:
    """The texts that a person gave, for rules and for single cells."""
    typed: set[Any] = set(settled.values)
    for effect in settled.effects.values():
        if effect.action == "map":
            typed |= set(effect.settings.get("pairs", {}).values())
        elif effect.action == "fill" and effect.settings.get("how") == "constant":
            typed.add(effect.settings.get("value"))
        elif effect.action == "replace" and effect.settings.get("how", "whole cell") == "whole cell":
            typed.add(effect.settings.get("into"))
    return {text for text in typed if isinstance(text, str)}


def _texts(
    dataset: Dataset,
    settled: Settled,
    content: Content,
    begins: str,
    typed: Collection[str],
    labels: Collection[str | None],
) -> tuple[str, ...]:
    """Of the texts that get into cells of the column, those that are to stay texts, though they read as
    something else: they are texts in most of the cells that hold them, as loaded or made of texts since.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    before = dataset.table([content.source]).column(0)
    raw = dataset.raw(content.source)
    if settled.added is not None:
        before = settled.added.behind(before, content.source)
        raw = settled.added.behind(raw, RAW + content.source)
    now = before if content.values is None else content.values
    text = _mask(pc.starts_with(raw, '"'))
    there = _mask(pc.not_equal(raw, "null"))
    changed = differing(before, now)
    made = changed & ~(text & ~_mask(pc.is_in(now, value_set=pa.array(sorted(typed), pa.string()))))
    new = {*pc.unique(now.filter(pa.array(made))).to_pylist(), *labels} - {None}
    open_ = sorted(one for one in new if not isinstance(json_value(one, begins), str))
    if not open_:
        return ()
    among = _mask(pc.is_in(now, value_set=pa.array(open_, pa.string()))) & there
    as_loaded = _counted(now, among & ~changed, text)
    made_of = _counted(now, among & changed, text)
    for one in typed:
        made_of.pop(one, None)
    return tuple(one for one in open_ if (as_loaded.get(one) or made_of.get(one, 0)) > 0)


def _counted(values: pa.ChunkedArray, rows: NDArray[np.bool_], text: NDArray[np.bool_]) -> dict[str, int]:
    """Per value in these rows 1 where as many cells or more are texts as are something else, else -1."""
    import pyarrow as pa

    texts = Counter(values.filter(pa.array(rows & text)).to_pylist())
    others = Counter(values.filter(pa.array(rows & ~text)).to_pylist())
    return {one: 1 if texts[one] >= others[one] else -1 for one in {*texts, *others}}


def _mask(answer: pa.ChunkedArray) -> NDArray[np.bool_]:
    import pyarrow.compute as pc

    return np.asarray(pc.fill_null(answer, False).to_numpy(), bool)
