"""What findings propose: the finding is there before the click and gone from the data as decided after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core import load
from core.dataset import Dataset
from core.decided import as_decided
from core.finding import Finding
from core.prepare import by_hand, fixes
from core.review import Review
from core.rowset import RowSet
from core.run import run
from core.steps import settle
from tests.make import dataset

N = 400
DRAW = np.random.default_rng(5)
PLAIN = {
    "height": DRAW.normal(170, 9, N).round(3),
    "town": DRAW.choice(["Oslo", "Bergen", "Tromsø"], N).astype(object),
}

AMOUNTS = np.exp((PLAIN["height"] - 150) / 7)


def made(**columns: object) -> Dataset:
    return dataset(pd.DataFrame({**PLAIN, **columns}))


def gaps(values: object) -> pd.Series:  # type: ignore[type-arg]
    return pd.Series(values).mask(pd.Series(np.arange(N) % 7 == 3))


def spelled() -> Dataset:
    towns = np.where(np.arange(N) % 20 == 0, "oslo ", PLAIN["town"]).astype(object)
    return made(town=np.where(np.arange(N) % 50 == 7, "BERGEN", towns))


def named() -> Dataset:
    names = DRAW.choice(["Washington", "Jefferson", "Roosevelt", "Smith Ltd"], N).astype(object)
    return made(name=np.where(np.arange(N) % 150 == 1, "Washingtno", names))


def swapped(folder: Path) -> Dataset:
    days = [f"{1 + i % 11:02}/{1 + (i * 5) % 12:02}/2024" for i in range(N)]
    pd.DataFrame({**PLAIN, "day": days}).to_csv(folder / "days.csv", index=False)
    return load(folder / "days.csv")


WIDE = pd.DataFrame({**PLAIN, "a": DRAW.normal(0, 1, N), "b": DRAW.normal(0, 1, N)})
REPEATED = pd.concat([WIDE, WIDE.head(9)], ignore_index=True)
NUMBERS = [f"{value:,.2f} €" for value in np.exp(DRAW.normal(6, 1, N))]
DAYS = [f"{1 + i % 28}. Mar {2000 + i % 20}".replace(".", "") for i in range(N)]
CASES: dict[str, tuple[Callable[[], Dataset], str, str]] = {
    "constant": (lambda: made(x="a"), "profile", "Leave out 'x'"),
    "all_missing": (lambda: made(x=pd.array([None] * N, "str")), "profile", "Leave out 'x'"),
    "number_as_text": (lambda: made(x=[*NUMBERS[:-2], "a lot", "?"]), "profile", "Read 'x' as numbers"),
    "date_as_text": (lambda: made(x=[*DAYS[:-1], "soon"]), "profile", "Read 'x' as dates"),
    "date_as_number": (
        lambda: made(x=[*(20190101 + 100 * (i % 12) + i % 28 for i in range(N - 1)), 20199999]),
        "profile",
        "Read 'x' as dates and make 1 cell missing",
    ),
    "disguised_missing": (
        lambda: made(x=np.where(np.arange(N) % 9 == 0, -999.0, PLAIN["height"])),
        "profile",
        "Make 45 cells missing",
    ),
    "variants": (spelled, "profile", "Write 2 spellings like the most common one without stray blanks"),
    "similar_levels": (named, "profile", "Write 1 spelling as 'Washington'"),
    "missing": (
        lambda: made(x=gaps(DRAW.normal(0, 1, N))),
        "profile",
        "Fill 57 missing cells with the median and mark them",
    ),
    "zero_inflated": (
        lambda: made(x=np.where(np.arange(N) % 5 < 3, 0.0, AMOUNTS)),
        "profile",
        "Mark where 'x' is '0'",
    ),
    "infinite": (
        lambda: made(x=np.where(np.arange(N) < 3, np.inf, PLAIN["height"])),
        "profile",
        "Make 3 cells missing",
    ),
    "identifier_like": (
        lambda: made(x=np.arange(N)),
        "profile",
        "Read 'x' as identifiers",
    ),
    "skew": (lambda: made(x=AMOUNTS), "profile", "Take logarithms of 'x'"),
    "heavy_tails": (lambda: made(x=DRAW.standard_t(2, N)), "profile", "Clip"),
    "outlying": (
        lambda: made(
            x=np.concatenate([DRAW.normal(0, 1, N - 60), DRAW.choice([-1, 1], 60) * DRAW.uniform(4, 5, 60)])
        ),
        "profile",
        "Clip",
    ),
    "high_cardinality": (
        lambda: made(x=[f"level {i * 7 % 97}" for i in range(N)]),
        "profile",
        "Write the levels of 'x' as their frequency",
    ),
    "rare_levels": (
        lambda: made(x=["ab"[i % 2] if i > 20 else f"c{chr(97 + i)}" for i in range(N)]),
        "profile",
        "Write",
    ),
    "duplicate_rows": (
        lambda: dataset(REPEATED),
        "duplicates",
        "Drop 9 rows that repeat another",
    ),
    "duplicate_but_identifier": (
        lambda: dataset(REPEATED.assign(id=range(N + 9)), id="id"),
        "duplicates",
        "Drop 9 rows that repeat another",
    ),
}


def found(analysis: str, data: Dataset, code: str) -> list[Finding]:
    return [finding for finding in run(analysis, data).findings if finding.code == code]


@pytest.mark.parametrize("code", [*CASES])
def test_a_finding_is_gone_after_the_click_that_it_proposes(code: str) -> None:
    make, analysis, words = CASES[code]
    data = make()
    findings = found(analysis, data, code)
    assert findings, [f.code for f in run(analysis, data).findings]
    finding = findings[0]
    assert fixes.label(finding).startswith(words)
    review = Review().say(*fixes.decisions(data, finding))
    settled = settle(review.decisions, data)
    assert review.batches and not settled.passed
    assert fixes.done(finding, settled) and not fixes.done(finding, settle([], data))
    decided = as_decided(data, review)
    left = [one for one in run(analysis, decided).findings if one.key == finding.key]
    if code == "identifier_like":  # it is still said what it is, and nothing is asked
        assert [(one.severity, fixes.label(one)) for one in left] == [("info", "")]
    elif code == "zero_inflated":  # the zeros stay; a column beside them says where they are
        assert [fixes.done(one, settled, decided) for one in left] == [True]
        assert decided.table(["x_is_0"])["x_is_0"].to_pylist() == [i % 5 < 3 for i in range(N)]
    else:
        assert not left
    assert as_decided(data, review.undo()) is data


def test_days_before_months_are_read_the_other_way_round(tmp_path: Path) -> None:
    data = swapped(tmp_path)
    [finding] = found("profile", data, "ambiguous_dates")
    assert fixes.label(finding) == "Read 'day' as day/month/year"
    review = Review().say(*fixes.decisions(data, finding))
    decided = as_decided(data, review)
    assert not found("profile", decided, "ambiguous_dates")
    first = data.table(["day"])["day"][1].as_py(), decided.table(["day"])["day"][1].as_py()
    assert [(day.month, day.day) for day in first] == [(2, 6), (6, 2)]


def test_what_leans_to_the_left_is_spread_by_ranks() -> None:
    data = made(x=-AMOUNTS)
    [finding] = found("profile", data, "skew")
    assert fixes.label(finding) == "Spread 'x' by ranks"
    review = Review().say(*fixes.decisions(data, finding))
    assert not settle(review.decisions, data).passed
    assert not found("profile", as_decided(data, review), "skew")


def test_a_tick_gets_its_other_value() -> None:
    ticks = pd.Series(["X"] * N).mask(pd.Series(np.arange(N) % 3 != 0))
    data = made(x=ticks)
    [finding] = found("profile", data, "missing")
    assert fixes.label(finding) == "Fill 266 missing cells with 'no'"
    decided = as_decided(data, Review().say(*fixes.decisions(data, finding)))
    assert set(decided.table(["x"])["x"].to_pylist()) == {"X", "no"}
    assert not found("profile", decided, "missing") and not found("profile", decided, "constant")


WHEN = pd.date_range("2020-01-01", periods=N)


@pytest.mark.parametrize(
    ("values", "label", "first"),
    [
        (
            gaps([f"It was a fine day, the {i}th of {i * 7 % 13}, by the sea" for i in range(N)]),
            "(missing)",
            "(missing)",
        ),
        (gaps(WHEN + pd.Timedelta(hours=5)), "previous value in time", WHEN[1] + pd.Timedelta(hours=5)),
    ],
)
def test_gaps_of_texts_and_dates_are_filled_and_marked(
    values: pd.Series[Any], label: str, first: object
) -> None:
    data = made(x=values, when=WHEN, who=np.tile(["ann", "bob"], N // 2))
    data = data.with_roles(time="when", group="who")  # dates come from the row before of the same person
    [finding] = found("profile", data, "missing")
    assert label in fixes.label(finding) and fixes.label(finding).endswith("and mark them")
    decided = as_decided(data, Review().say(*fixes.decisions(data, finding)))
    seen = {one.code for one in run("profile", decided).findings if "x" in one.columns}
    assert not seen & {"missing", "disguised_missing"}
    table = decided.table(["x", "x_missing"])
    assert table["x"][3].as_py() == first
    assert table["x_missing"].to_pylist() == [i % 7 == 3 for i in range(N)]


def test_no_date_is_taken_from_somebody_else() -> None:
    """Without the role group the row before may be of another person."""
    data = made(x=gaps(WHEN + pd.Timedelta(hours=5)), when=WHEN).with_roles(time="when")
    [finding] = found("profile", data, "missing")
    assert not fixes.label(finding) and "somebody else" in by_hand.reason(finding, data)


def test_the_button_of_several_kinds_says_what_each_gets() -> None:
    numbers = {f"n{i}": gaps(DRAW.normal(0, 1, N)) for i in range(3)}
    words = {f"w{i}": gaps(DRAW.choice(["a", "b", "c"], N)) for i in range(3)}
    data = made(**numbers, **words)
    [finding] = found("profile", data, "missing")
    assert fixes.label(finding) == (
        "Fill the missing cells of 6 columns: 3 with the median, 3 with the most frequent value and mark them"
    )
    ways = [one.settings["how"] for one in fixes.decisions(data, finding)]
    assert sorted(ways) == ["median"] * 3 + ["most frequent"] * 3
    some = {"w0": {"how": "constant", "value": "no"}}
    unmarked = replace(finding, each={**finding.each, **some})
    assert fixes.label(unmarked).endswith(", 1 with 'no' and mark them in 5")


def test_columns_that_have_no_click_do_not_take_it_from_the_others() -> None:
    numbers = {f"n{i}": gaps(DRAW.normal(0, 1, N)) for i in range(6)}
    findings = found("profile", made(**numbers, d=gaps(WHEN)), "missing")
    labels = {len(finding.columns): fixes.label(finding) for finding in findings}
    assert labels == {6: "Fill the missing cells of 6 columns with the median and mark them", 1: ""}


def test_nothing_is_made_up_for_a_target_a_date_or_what_train_does_not_know() -> None:
    frame = pd.DataFrame({**PLAIN, "y": gaps(DRAW.normal(0, 1, N)), "z": np.nan})
    serve = frame.assign(z=gaps(1.0 * np.arange(N)), d=gaps(pd.date_range("2024-01-01", periods=N)))
    data = dataset(frame.assign(d=gaps(pd.date_range("2020-01-01", periods=N))), serve=serve, target="y")
    offers = {f.columns[0]: f.action for f in found("profile", data, "missing")}
    assert offers["y"] == "drop" and offers["d"] == "" and offers["z"] in ("", "omit")


@pytest.mark.parametrize("parted", [False, True])
def test_rows_without_the_target_are_dropped_at_one_click_and_never_filled(parted: bool) -> None:
    """Of train alone: those of serve are to be predicted. Where there is no serve, by a rule."""
    frame = pd.DataFrame({**PLAIN, "y": gaps(DRAW.choice(["yes", "no"], N))})
    data = dataset(frame, serve=frame.assign(y=None) if parted else None, target="y")
    [finding] = found("profile", data, "missing")
    lacking = np.flatnonzero(frame["y"].isna())
    assert finding.rows.ids.tolist() == lacking.tolist() and finding.severity == "warning"
    assert finding.value == pytest.approx(len(lacking) / N), "serve has no say"
    assert fixes.label(finding) == f"Drop {len(lacking)} rows" and fixes.looked_at_first(finding) is None
    assert "Never impute a target." in finding.suggestion and not finding.settings
    assert finding.n == N and not fixes.flagged([finding], ()), "there is nothing to see in such a row"
    [decision] = fixes.decisions(data, finding)
    assert decision.finding == "missing:y" and isinstance(decision.rows, RowSet) == parted
    decided = as_decided(data, Review().say(decision))
    assert decided.parts["train"] == N - len(lacking)
    assert decided.parts.get("serve", 0) == (N if parted else 0)
    assert not found("profile", decided, "missing") or parted


def test_a_target_that_serve_alone_lacks_is_no_fault_and_has_no_click() -> None:
    frame = pd.DataFrame({**PLAIN, "y": DRAW.choice(["yes", "no"], N)})
    data = dataset(frame, serve=frame.assign(y=gaps(frame["y"].to_numpy())), target="y")
    [finding] = found("profile", data, "missing")
    assert finding.severity == "info" and not fixes.label(finding)
    assert "to predict" in finding.why and by_hand.reason(finding, data)


def test_gaps_of_the_target_that_others_predict_or_decide_have_the_same_click() -> None:
    size = np.linspace(-3, 3, N)
    luck = np.random.default_rng(3).random(N) < 1 / (1 + np.exp(-2 * size))
    for code, lacks in (("not_mcar", luck), ("structural_missing", size > 1)):
        frame = pd.DataFrame({"size": size, "y": np.where(lacks, None, DRAW.choice(["yes", "no"], N))})
        data = dataset(frame, target="y")
        [finding] = found("missingness", data, code)
        assert fixes.label(finding) == f"Drop {lacks.sum()} rows" and finding.where == "y is missing"
        assert "impute it" not in finding.suggestion.lower() and "Never impute" in finding.suggestion
        [other] = [one for one in run("profile", data).findings if one.columns == ("y",) and one.action]
        assert fixes.same_click(finding, other), "one click mends both"


def test_a_column_that_serve_lacks_is_left_out_at_one_click_unless_it_is_the_target(tmp_path: Path) -> None:
    frame = pd.DataFrame({**PLAIN, "late": DRAW.normal(0, 1, N), "y": DRAW.choice(["yes", "no"], N)})
    frame.to_csv(tmp_path / "train.csv", index=False)
    frame.drop(columns=["late", "y"]).to_csv(tmp_path / "serve.csv", index=False)
    data = load(tmp_path / "train.csv", serve=tmp_path / "serve.csv", target="y")
    lacking = {one.columns[0]: one for one in data.loading if one.code == "missing_in_serve"}
    assert fixes.label(lacking["late"]) == "Leave out 'late'" and lacking["y"].severity == "info"
    assert not fixes.label(lacking["y"]) and "target" in by_hand.reason(lacking["y"], data)
    review = Review().say(*fixes.decisions(data, lacking["late"]))
    assert settle(review.decisions, data).omitted == ("late",)


def test_columns_with_the_same_trouble_are_mended_together() -> None:
    codes = {f"c{i}": np.where(np.arange(N) % 9 == 0, -900.0 - i, PLAIN["height"] + i) for i in range(7)}
    data = made(**codes)
    [finding] = found("profile", data, "disguised_missing")
    assert fixes.label(finding) == "Make the codes of 7 columns missing"
    review = Review().say(*fixes.decisions(data, finding))
    settled = settle(review.decisions, data)
    assert [effect.cells for effect in settled.effects.values()] == [45] * 7
    assert not found("profile", as_decided(data, review), "disguised_missing")


def test_the_reason_without_a_click_is_the_one_that_holds() -> None:
    frame = pd.DataFrame(
        {
            "y": [1.0, None, 3.0] * 4,
            "d": pd.Series(["2020-01-01", None, "2020-02-02"] * 4, dtype="datetime64[us]"),
            "t": ["yes", None, None] * 4,
            "n": [1.5, None, 2.5] * 4,
        }
    )
    data = dataset(frame, target="y")

    def why(code: str, column: str) -> str:
        return by_hand.reason(Finding(code, "", "warning", 0.5, "", "", columns=(column,)), data)

    assert why("missing", "y") == "The column is the target: nothing is made up there."
    assert "somebody else" in why("missing", "d") and "somebody else" in why("not_mcar", "d")
    assert why("constant", "t").startswith("The one value may be a tick")
    assert why("missing_in_serve", "y") == "It is the target, which serving rows do not have yet."
    assert by_hand.reason(Finding("missing", "", "warning", 0.5, "", "", columns=("gone",)), data)
