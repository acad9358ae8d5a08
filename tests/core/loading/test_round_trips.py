"""Whatever frame pandas writes comes back equal in content and kinds, and leaves again as it came.

Text is drawn so that it is text in every format: a cell of a CSV cannot say that its digits are none. Frames
have a column that is no text, as one whose header is like its rows has no header that can be told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.dataset import Dataset
from core.export import export
from core.loading import load
from core.review import Review
from tests.core.loading.reading import new_folder, read
from tests.examples import examples

WRITERS: dict[str, Callable[[pd.DataFrame, Path], object]] = {
    "csv": lambda frame, path: frame.to_csv(path, index=False),
    "tsv": lambda frame, path: frame.to_csv(path, index=False, sep="\t", lineterminator="\r\n"),
    "xlsx": lambda frame, path: frame.to_excel(path, index=False, engine="xlsxwriter"),
    "json": lambda frame, path: frame.to_json(path, orient="records", date_format="iso", double_precision=15),
    "jsonl": lambda frame, path: frame.to_json(
        path, orient="records", lines=True, date_format="iso", force_ascii=False, double_precision=15
    ),
    "parquet": lambda frame, path: frame.to_parquet(path, index=False),
    "feather": lambda frame, path: frame.to_feather(path),
}
TYPED = ("parquet", "feather")

WORDS = st.text("abc éßЖ中,;|\t\"'#-=.1\n", min_size=1, max_size=8).map(lambda text: f"w{text}w")
MOMENTS = st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2090, 1, 1))
CELLS: dict[str, st.SearchStrategy[Any]] = {
    "whole": st.integers(-(2**53), 2**53),
    "small": st.integers(-5, 5),
    "float": st.integers(-(10**9), 10**9).map(lambda n: n / 1024),
    "flag": st.booleans(),
    "time": MOMENTS.map(lambda day: day.replace(microsecond=0)),
    "word": WORDS,
    "level": st.sampled_from(["low", "mid, or so", "high"]),
}


NAMES = st.text("xyzÅ ._", min_size=1, max_size=6).map(lambda text: f"n{text}e")
LAST = {
    "whole": 1,
    "small": 2,
    "float": 0.5,
    "flag": True,
    "time": dt.datetime(2000, 2, 29),
    "word": "w-w",
    "level": "low",
}
TYPES = {"whole": "Int64", "small": "Int64", "flag": "boolean", "time": "datetime64[us]", "float": "float64"}


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    """A frame of one to five columns and one to twelve rows, some cells missing. The last cell of a column
    never is, as a column of nothing has no kind, and no workbook can say that it ends with an empty row.
    """
    rows = draw(st.integers(1, 12))
    kinds = [draw(st.sampled_from(["whole", "small", "float", "time"]))]
    kinds += draw(st.lists(st.sampled_from(sorted(CELLS)), max_size=4))
    names = draw(st.lists(NAMES, min_size=5, max_size=5, unique_by=str.lower))
    columns = {}
    for name, kind in zip(names, kinds, strict=False):
        cells = draw(st.lists(CELLS[kind], min_size=rows, max_size=rows))
        some = draw(st.booleans())
        holes = draw(st.lists(st.booleans() if some else st.just(False), min_size=rows, max_size=rows))
        kept = [None if hole else cell for cell, hole in zip(cells, holes, strict=True)]
        kept[-1] = LAST[kind] if kept[-1] is None else kept[-1]
        columns[name] = pd.Series(kept, dtype=TYPES.get(kind, "str"))
    return pd.DataFrame(columns)


def same(got: Dataset, wanted: Dataset) -> None:
    assert got.names == wanted.names
    assert [c.kind for c in got.columns] == [c.kind for c in wanted.columns]
    one, other = (data.frame().astype(object) for data in (got, wanted))
    one, other = (frame.where(frame.notna(), None) for frame in (one, other))
    pd.testing.assert_frame_equal(one, other, check_dtype=False)


@pytest.mark.parametrize("form", WRITERS)
@settings(max_examples=examples(6), deadline=None, suppress_health_check=list(HealthCheck))
@given(frame=frames())
def test_what_pandas_writes_comes_back(form: str, frame: pd.DataFrame) -> None:
    path = new_folder() / f"frame.{form}"
    WRITERS[form](frame, path)
    wanted, got = load(frame, into=new_folder()), read(path)
    same(got, wanted)
    if form in TYPED:
        assert got.fingerprint == wanted.fingerprint


@pytest.mark.parametrize("form", WRITERS)
@settings(max_examples=examples(2), deadline=None, suppress_health_check=list(HealthCheck))
@given(frame=frames())
def test_what_leaves_without_steps_is_what_came(form: str, frame: pd.DataFrame) -> None:
    folder = new_folder()
    path = folder / f"frame.{form}"
    WRITERS[form](frame, path)
    came = read(path)
    export(came, Review(), folder / "out")
    (file,) = (folder / "out").glob("cleaned.*")
    same(read(file), came)
    if form in ("csv", "tsv"):
        assert file.read_bytes() == path.read_bytes()
