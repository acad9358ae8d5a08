"""One number, one unit and one name wherever they stand together."""

from typing import Any

import numpy as np
import pandas as pd

from components.figures.target import _brief
from components.views.profile.association import not_shown
from core.catalog import analyses
from core.outcomes import audit
from core.reporting.sections import sections
from core.run import run
from core.workspace import load


def table(n: int = 400) -> pd.DataFrame:
    draw = np.random.default_rng(0)
    return pd.DataFrame(draw.normal(size=(n, 3)), columns=list("abc"))


def test_one_auroc_of_two_classes_has_one_interval() -> None:
    """It was known to 0.0063 by one class and to 0.0075 by the other."""
    kinds = np.where(np.arange(400) < 60, "rare", "common")
    two: Any = run("imbalance", load(table().assign(kind=kinds), name="t.csv", target="kind"))
    frame = two.frame()
    assert frame["auroc_half_width"].nunique() == 1
    three = np.where(np.arange(400) < 60, "rare", np.where(np.arange(400) < 160, "some", "common"))
    many: Any = run("imbalance", load(table().assign(kind=three), name="t.csv", target="kind"))
    assert many.frame()["auroc_half_width"].nunique() == 3


def test_shares_of_classes_say_that_they_are_of_rows_with_a_label() -> None:
    """ "23.5% of the train rows are of class '1'" of 12,000 rows, 397 of them without one."""
    kinds = np.where(np.arange(400) < 60, "rare", "common").astype(object)
    every: Any = run("imbalance", load(table().assign(kind=kinds), name="t.csv", target="kind"))
    kinds[390:] = None
    some: Any = run("imbalance", load(table().assign(kind=kinds), name="t.csv", target="kind"))
    [full] = [one.title for one in every.findings if one.code == "imbalance"]
    [part] = [one.title for one in some.findings if one.code == "imbalance"]
    assert full.startswith("15% of the rows are") and part.startswith("15.4% of the rows with a label are")


def test_a_check_has_one_name() -> None:
    """Issues said "Classes", Prepare and the report "class balance"."""
    [one] = [one for one in analyses().values() if one.name == "imbalance"]
    assert (one.tab or one.title) == one.title == "Class balance"


def test_a_report_says_once_what_a_check_lacks_and_which_does_not_apply() -> None:
    data = load(table(), name="t.csv")
    outcomes = audit(data, names=["labels", "imagequality", "duplicates"])
    checks = {one["analysis"]: one for one in sections(data, outcomes, [])["checks"]}
    labels = checks["labels"]
    assert labels["reason"].startswith("No target is chosen") and labels["reason"] not in labels["notes"]
    assert not checks["imagequality"]["applies"] and checks["duplicates"]["applies"]


def test_the_columns_that_the_map_of_relations_leaves_out_are_those_named_above() -> None:
    """ "53 of 59 columns looked at. Why the others are not compared is said above", of 7 names."""
    frame = table().assign(id=[f"k{at}" for at in range(400)], same="x", other="y")
    told = not_shown(run("association", load(frame, name="t.csv", id="id")))  # type: ignore[arg-type]
    assert told == (
        "The map shows 3 of 5 columns looked at. Why the other 2 are not compared is said above; "
        "identifiers, free text, images and weights are not counted."
    )


def test_a_day_at_midnight_leaves_the_tick_its_room() -> None:
    """Every tick was "2023-02-12 00:00:...", as the times at midnight took the room."""
    assert _brief("over 2023-02-12 00:00:00 to 2023-03-01 00:00:00") == "2023-02-12 to 2023-03-01"
    assert _brief("up to 2023-02-12 10:00:00") == "up to 2023-02-12 10:00:00"
