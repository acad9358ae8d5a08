"""Two reviewers: how far they agree, where not, and what the one adds to the other."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.cli import main
from core.decision import Decision
from core.errors import CoreError, RecipeError
from core.loading.reviews import decisions_of
from core.prepare.agreement import agreement, cohen, taken_over
from core.recipe import Recipe
from core.review import Review
from core.rowset import RowSet
from core.steps import settle
from core.workspace import load
from tests.make import dataset

FRAME = pd.DataFrame({"a": np.arange(12.0), "y": ["x", "z"] * 6})
MINE = (
    Decision("drop", RowSet([0, 1]), who="ann"),
    Decision("keep", RowSet([2, 3]), who="ann"),
    Decision("relabel", RowSet([4]), "z", column="y", who="ann"),
    Decision("keep", RowSet([9]), who="ann"),
)
THEIRS = (
    Decision("drop", RowSet([0, 2, 7]), who="bo", when="2026-01-01"),
    Decision("keep", RowSet([1, 3]), who="bo"),
    Decision("relabel", RowSet([4]), "z", column="y", who="bo"),
)


def test_agreement_conflicts_and_what_each_alone_decided() -> None:
    data = dataset(FRAME, target="y")
    found = agreement(settle(MINE, data), settle(THEIRS, data))
    assert (found.both, found.agreed) == (5, 3)
    assert dict(found.conflicts) == {1: ("drop", "keep"), 2: ("keep", "drop")}
    assert list(found.only_mine) == [9] and list(found.only_theirs) == [7]
    # observed 3/5; by chance 2/5 * 2/5 + 2/5 * 2/5 + 1/5 * 1/5
    assert found.kappa == pytest.approx((0.6 - 0.36) / 0.64) and found.low < found.kappa < found.high
    merged = (*MINE, *taken_over(THEIRS, data, found.only_theirs))
    assert list(settle(merged, data).dropped) == [0, 1, 7] and merged[-1].who == "bo"
    assert "agree on 3: Cohen's kappa 0.38 (95% interval" in str(found)


def test_the_interval_of_kappa_covers_what_two_raters_share() -> None:
    draw = np.random.default_rng(0)
    covered = 0
    for _ in range(200):  # both say the truth with .9: agreement .82, kappa .64
        truth = draw.random(150) < 0.5
        one, other = (np.where(draw.random(150) < 0.9, truth, ~truth) for _ in range(2))
        _, low, high = cohen([(str(a), str(b)) for a, b in zip(one, other, strict=True)])
        covered += low <= 0.64 <= high
    assert covered >= 180


def test_a_file_is_read_apart_and_one_for_other_data_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    csv = tmp_path / "t.csv"
    FRAME.to_csv(csv, index=False)
    data = load(csv, target="y")
    paths = [tmp_path / "one.json", tmp_path / "two.json"]
    for path, said in zip(paths, (MINE, THEIRS), strict=True):
        path.write_text(Recipe.of(data, Review().say(*said)).to_json())
    assert decisions_of(data, paths[1]) == THEIRS
    out = tmp_path / "both.json"
    given = ["agree", str(csv), "--target", "y", "--recipe", str(paths[0]), "--second", str(paths[1])]
    assert main([*given, "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["kappa"] == pytest.approx(0.375) and told["only_second"] == 1
    assert told["conflicts"][0] == {"row": 1, "first": "drop", "second": "keep"}
    merged = Recipe.from_json(out.read_text())
    assert list(settle(merged.decisions, data).dropped) == [0, 1, 7]
    other = load(FRAME.iloc[:11], name="other.csv", target="y")
    with pytest.raises(RecipeError, match="decisions about other data: 't.csv', 12 rows"):
        decisions_of(other, paths[1])
    bad = tmp_path / "bad.json"
    for content in (b"\x80\x04N.", b"[]", b'{"winnow_recipe": 2}'):  # the first is a pickle
        bad.write_bytes(content)
        with pytest.raises(CoreError, match="recipe"):
            decisions_of(data, bad)
