"""Rows that break a functional dependency are found, and nothing is where there is none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.finding import Finding
from core.run import run
from tests.core.analyses.association.test_association import noise
from tests.make import dataset


def codes(n: int, levels: int, wrong: int, seed: int) -> tuple[pd.DataFrame, set[int]]:
    """A code, the region that it determines, and a column of no matter; the rows with another region."""
    draw = np.random.default_rng(seed)
    code, regions = draw.integers(0, levels, n), draw.integers(0, 4, levels)
    region, at = regions[code], draw.choice(n, wrong, replace=False)
    region[at] = (region[at] + draw.integers(1, 4, wrong)) % 4
    named = np.array(["north", "south", "east", "west"])
    frame = {"code": [f"c{one}" for one in code], "region": named[region], "x": draw.choice(list("abc"), n)}
    return pd.DataFrame(frame), set(at.tolist())


def broken(frame: pd.DataFrame) -> list[Finding]:
    found = run("association", dataset(frame), {}).findings
    return [one for one in found if one.code == "breaks_dependency"]


@pytest.mark.parametrize(("n", "levels", "wrong"), [(300, 20, 2), (5_000, 100, 3)])
def test_exchanged_cells_are_found_and_no_others(n: int, levels: int, wrong: int) -> None:
    for seed in range(3):
        frame, at = codes(n, levels, wrong, seed)
        [finding] = broken(frame)
        assert set(finding.rows.ids.tolist()) == at and finding.columns == ("code", "region")
        assert f"in all but {wrong} of" in finding.title and (finding.noise or 1) < 0.5
        mixed = frame.sample(frac=1.0, random_state=seed)
        [again] = broken(mixed)
        assert set(mixed.index[again.rows.ids].tolist()) == at
        assert (again.value, again.noise, again.suggestion) == (
            finding.value,
            finding.noise,
            finding.suggestion,
        )


def test_what_holds_without_exceptions_or_with_many_is_no_such_finding() -> None:
    for wrong in (0, 30):
        assert not broken(codes(600, 20, wrong, 0)[0])


def test_keys_and_constants_determine_nothing() -> None:
    """A key, near-unique codes, a column that is one value in 99% of the rows, and what is measured."""
    draw = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "key": np.arange(600),
            "near": draw.integers(0, 250, 600),
            "mostly": np.where(np.arange(600) < 4, "odd", "usual"),
            "side": draw.choice(["left", "right"], 600),
            "level": draw.choice(list("abcdefgh"), 600),
        }
    )
    frame["measured"] = draw.integers(0, 30, 600) / 8
    frame["of"] = (frame["measured"] > 2).map({True: "high", False: "low"})
    frame.loc[5, "of"] = "low" if frame.loc[5, "measured"] > 2 else "high"
    assert not broken(frame)
    frame["code"] = (8 * frame["measured"]).astype(int)  # the same as whole numbers
    assert [one.columns for one in broken(frame)] == [("code", "of")]


def test_a_level_torn_between_two_values_has_no_exceptions() -> None:
    frame, at = codes(2_000, 20, 2, 0)
    torn = np.flatnonzero(frame["code"] == "c0")[:9]
    kept = np.r_[torn, np.flatnonzero(frame["code"] != "c0")]
    frame = frame.iloc[kept].reset_index(drop=True)
    frame.loc[:3, "region"], frame.loc[4:8, "region"] = "north", "south"
    [finding] = broken(frame)
    assert not {*range(9)} & set(finding.rows.ids.tolist())


def test_one_row_that_breaks_two_dependencies_is_told_once() -> None:
    frame, at = codes(1_000, 20, 2, 1)
    frame["copy of code"] = "k" + frame["code"]
    frame["country"] = frame["region"].map({"north": "n", "south": "n", "east": "s", "west": "s"})
    found = broken(frame)
    assert set().union(*(one.rows.ids.tolist() for one in found)) == at
    assert len(found) == 1


def test_noise_breaks_no_dependency() -> None:
    assert not [one for n in (60, 1_000) for seed in range(6) for one in broken(noise(n, seed))]
