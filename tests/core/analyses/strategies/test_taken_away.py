"""What is taken away: the fitted model, which gives the same numbers in a fresh process and from its own
script, and strategies as decisions, which a recipe makes again.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from core.analyses.strategies import models
from core.analyses.strategies.decisions import OFFERED, split_decision, strategy_decisions
from core.analyses.strategies.model_files import model_files
from core.cli import main
from core.decided import as_decided
from core.errors import SettingError
from core.review import Review
from core.run import run
from tests.make import dataset

QUICK = {"models": "linear", "repeats": 1, "curves": False}


def frame(n: int = 300) -> pd.DataFrame:
    draw = np.random.default_rng(0)
    x = draw.normal(size=(n, 2))
    y = draw.random(n) < expit(-2.5 + x[:, 0] - x[:, 1])
    table = pd.DataFrame(x, columns=["a", "row"]).assign(
        whole=draw.integers(0, 50, n), city=draw.choice(["Oslo", "Rome", "Lima", None], n)
    )
    table.loc[::9, "a"] = np.nan
    return table.assign(y=np.where(y, "yes", "no"))


def asked(**settings: Any) -> Any:
    data = dataset(frame(), target="y")
    return data, run("strategies", data, {**QUICK, **settings})


FRESH = """
import json
import pandas as pd, skops.io
about = json.load(open("model.json"))
model = skops.io.load("model.skops", trusted=about["trusted"])
rows = pd.read_csv("training.csv", dtype={"city": object})
frame = rows[["a", "whole", "city"]].assign(row=rows["column row"])
p = model.predict_proba(frame)[:, 1]
made = pd.DataFrame({"row": rows["row"], "p": p, "called": model.predict(frame)})
made.to_csv("fresh.csv", index=False)
"""


WAYS = [
    ("weights", "boosting", "prior"),
    ("bagging", "boosting", "platt"),
    ("smote", "linear", "platt"),
    ("focal", "linear", "prior"),
]


@pytest.mark.parametrize(("strategy", "model", "calibration"), WAYS)
def test_the_model_gives_the_same_numbers_when_it_is_read_and_when_its_script_remakes_it(
    strategy: str, model: str, calibration: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "ROUNDS", 20)  # as the script then says too
    data, result = asked(
        models=model, strategies=strategy, chosen=strategy, chosen_model=model, calibration=calibration
    )
    files = model_files(data, result)
    assert set(files) == {"model.skops", "model.json", "model.md", "model.py", "training.csv"}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "fresh.py").write_text(FRESH)
    _follow(tmp_path, ("fresh.py", "model.py"), alone=strategy == "smote")
    fresh, again = pd.read_csv(tmp_path / "fresh.csv"), pd.read_csv(tmp_path / "probabilities.csv")
    np.testing.assert_allclose(again["p_1"], fresh["p"], rtol=1e-9)
    about = json.loads(files["model.json"])
    assert (fresh["called"] == (fresh["p"] >= about["threshold"])).all()
    events = frame()["y"].eq("yes").mean()
    assert fresh["p"].mean() == pytest.approx(events, rel=0.35)  # corrected: not a half, as trained on
    assert not re.search(r"^(from|import) core", files["model.py"].decode(), re.M)
    card = files["model.md"].decode()
    assert "AUROC" in card and "observed over expected" in card and about["target"] == "y"


def _follow(folder: Path, scripts: tuple[str, ...], alone: bool) -> None:
    """Run scripts in their folder; alone: in a process of its own, which has never heard of Winnow."""
    if not alone:
        with contextlib.chdir(folder), pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["model.py"])
            for script in scripts:
                runpy.run_path(script, run_name="__main__")
        return
    paths = [path for path in sys.path if path and not (Path(path) / "core").exists()]
    lines = [f"runpy.run_path({script!r}, run_name='__main__')" for script in scripts]
    done = subprocess.run(
        [sys.executable, "-c", "; ".join(["import runpy", *lines])],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_no_closed_form_is_taken_for_rows_that_were_made_up() -> None:
    data, result = asked(strategies="smote", chosen="smote", calibration="prior")
    with pytest.raises(SettingError, match="makes rows up"):
        model_files(data, result)


def test_training_rows_carry_folds_weights_and_soft_labels() -> None:
    data, result = asked(strategies="weights", chosen="weights", epsilon=0.2)
    rows = pd.read_csv(io.BytesIO(model_files(data, result)["training.csv"]))
    assert rows["fold"].nunique() == 5 and rows["weight"].mean() == pytest.approx(1.0)
    event = frame()["y"].eq("yes").to_numpy()[rows["row"]]
    np.testing.assert_allclose(rows["soft_1"], np.where(event, 0.9, 0.1))


@pytest.mark.parametrize("strategy", OFFERED)
def test_a_strategy_is_taken_as_decisions(strategy: str) -> None:
    numbers = {"columns": ("a", "row", "whole")} if strategy == "adasyn" else {}
    data, result = asked(strategies="focal", **numbers)
    review = Review().say(*strategy_decisions(data, result, strategy))
    made = as_decided(data, review)
    table = made.frame()
    counts = table["y"].value_counts()
    if strategy in ("weights", "focal"):
        weights = np.concatenate([np.full(len(d.rows), d.value) for d in review.decisions])
        assert weights.size == 300 and weights.mean() == pytest.approx(1.0, abs=0.05)
    else:
        assert counts["yes"] == pytest.approx(counts["no"], rel=0.1)
    if strategy == "undersample":
        assert len(table) < 150
    if strategy == "smote":
        new = table[table["origin"] == "smote"]
        before = frame()
        assert len(new) == counts.sum() - 300 and new["y"].eq("yes").all()
        assert new["whole"].between(before["whole"].min(), before["whole"].max()).all()
        assert set(new["city"].dropna()) <= {"Oslo", "Rome", "Lima"}


def test_a_split_is_taken_as_a_decision() -> None:
    data, result = asked(strategies="none")
    made = as_decided(data, Review().say(split_decision(result, "by level"))).frame()
    shares = made.groupby("part")["y"].apply(lambda part: (part == "yes").mean())
    assert shares.max() - shares.min() < 0.03


def test_what_is_no_decision_is_refused() -> None:
    data, result = asked(strategies="none")
    with pytest.raises(SettingError, match="take its model instead"):
        strategy_decisions(data, result, "bagging")
    with pytest.raises(SettingError, match="tried first"):
        strategy_decisions(data, result, "focal")
    with pytest.raises(SettingError, match="take SMOTE"):
        strategy_decisions(data, result, "adasyn")


def test_the_command_line_writes_the_model_and_a_recipe_that_apply_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    source, out = tmp_path / "some.csv", tmp_path / "out"
    frame().to_csv(source, index=False)
    chosen = [
        f"{name}={value}" for name, value in {**QUICK, "strategies": "smote", "chosen": "smote"}.items()
    ]
    flags = [flag for one in chosen for flag in ("--set", one)]
    begin = ["model", str(source), "--target", "y", *flags, "--out", str(out)]
    assert main([*begin, "--take", "smote"]) == 0
    assert "model.skops" in capsys.readouterr().out
    for name in ("one.csv", "two.csv"):
        assert main(["apply", str(out / "recipe.json"), str(source), "--out", str(tmp_path / name)]) == 0
    one = (tmp_path / "one.csv").read_bytes()
    assert one == (tmp_path / "two.csv").read_bytes()
    counts = pd.read_csv(io.BytesIO(one))["y"].value_counts()
    assert counts["yes"] == counts["no"]


def test_the_command_line_splits_before_it_takes_a_strategy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    source, out = tmp_path / "some.csv", tmp_path / "out"
    frame().to_csv(source, index=False)
    flags = [flag for name, value in QUICK.items() for flag in ("--set", f"{name}={value}")]
    begin = ["model", str(source), "--target", "y", *flags, "--set", "strategies=none", "--out", str(out)]
    assert main([*begin, "--take", "oversample", "--split-column", "by level"]) == 0
    assert main(["apply", str(out / "recipe.json"), str(source), "--out", str(tmp_path / "one.csv")]) == 0
    parts = pd.read_csv(tmp_path / "one.csv").groupby("part")["y"]
    shares = parts.apply(lambda part: (part == "yes").mean())
    assert shares["train"] == pytest.approx(0.5, abs=0.01)
    assert shares[["validation", "test"]].max() < 0.25  # rows were repeated in train alone
    capsys.readouterr()
    assert main([*begin, "--take", "smote", "--split-column", "by level"]) == 2
    assert "split first" in capsys.readouterr().err
    assert main([*begin, "--split-column", "by group"]) == 2  # there is no group
    assert "group" in capsys.readouterr().err
