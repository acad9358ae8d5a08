"""Findings followed through steps: the same one under another name, resolved or not, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.acceptance import accepted, identity, learned
from core.decided import as_decided
from core.decision import Decision
from core.filters import Filter
from core.finding import COPIES, Finding
from core.prepare import fixes
from core.report import in_source
from core.resolved import Resolved, resolved, stands_as
from core.review import Review
from core.rowset import RowSet
from core.run import run
from core.steps import settle
from tests.make import dataset

ALL = RowSet()


def rule(word: str, column: str = "", rows: Any = ALL, **settings: Any) -> Decision:
    return Decision(word, rows, column=column, settings=settings)


GAPS = pd.DataFrame(
    {"a": [None] * 12 + [float(i) for i in range(28)], "k": ["x", "y"] * 20, "b": np.arange(40.0) % 7}
)


def test_a_note_on_the_size_of_a_coreset_is_resolved_by_no_decision() -> None:
    """The report said "resolved: 120 rows may be too few" once other rows were left to choose from."""
    data = dataset(GAPS)
    small, other = (Finding(code, code, "info", 0.2, "", "") for code in ("coreset_small", "parts_differ"))
    review = Review().say(Decision("drop", RowSet(range(5))))
    settled = settle(review.decisions, data)
    assert [one.finding for one in resolved([small, other], [], review, settled)] == [other]


def test_a_new_name_resolves_nothing_and_is_never_the_cause() -> None:
    data = dataset(GAPS)
    before = run("profile", data).findings
    review = Review().say(rule("rename", "a", to="age"))
    settled = settle(review.decisions, data)
    after = run("profile", as_decided(data, review, settled)).findings
    assert "missing:age" in {one.key for one in after}
    assert "missing:a" not in {one.finding.key for one in resolved(before, after, review, settled)}
    review = review.say(rule("fill", "age", how="median"))
    settled = settle(review.decisions, data)
    after = run("profile", as_decided(data, review, settled)).findings
    causes = {one.finding.key: one.decisions for one in resolved(before, after, review, settled)}
    assert [one.action for one in causes["missing:a"]] == ["fill"]


def followed(frame: pd.DataFrame, *steps: Decision) -> tuple[dict[str, Resolved], set[str]]:
    """What became of the findings of the profile, by their keys, and the keys of those as decided."""
    data, review = dataset(frame), Review().say(*steps)
    settled = settle(review.decisions, data)
    before, after = (run("profile", one).findings for one in (data, as_decided(data, review, settled)))
    listed = {one.finding.key: one for one in resolved(before, after, review, settled)}
    return listed, {one.key for one in after}


SALES = pd.DataFrame(
    {
        "item": [*["lamp", "chair"] * 20, "Totl"],
        "region": [*["West", "West", "west", "North"] * 10, None],
        "day": [*["Monday", "Tuesday", "Sunday", "Friday"] * 10, None],
        "price": [*np.random.default_rng(1).gamma(2, 30, 40).round(2), 77.0],
    }
)
MERGE = rule("map", "region", pairs={"west": "West"})


def test_what_another_finding_explains_now_is_not_resolved_by_steps_that_mended_nothing() -> None:
    listed, now = followed(SALES, MERGE, Decision("relabel", RowSet([40]), "Total", column="item"))
    assert "total_rows:item" in now
    gap = listed["missing:region"]
    assert gap.within is not None and gap.within.key == "total_rows:item"
    assert not gap.mended and gap.decisions == ()
    assert listed["variants:region"].mended and listed["variants:region"].within is None


def test_what_is_left_of_a_finding_is_told_elsewhere_and_the_rest_is_mended() -> None:
    frame = SALES.assign(region=SALES["region"].where(SALES.index != 5))
    word, fill = (
        Decision("relabel", RowSet([at]), text, column=column)
        for at, text, column in ((40, "Total", "item"), (5, "North", "region"))
    )
    gap = followed(frame, word, fill)[0]["missing:region"]
    assert gap.mended and gap.decisions == (fill,)
    assert gap.within is not None and gap.within.code == "total_rows"


def test_a_step_that_left_the_rows_of_a_finding_alone_has_not_mended_it() -> None:
    drop = Decision("drop", RowSet([40]))
    gap = followed(SALES, MERGE, drop)[0]["missing:region"]
    assert gap.mended and gap.decisions == (drop,)


@pytest.mark.parametrize(
    ("decision", "stand"),
    [
        (Decision("drop", RowSet([3])), 9),
        (Decision("drop", RowSet(range(4))), 6),
        (Decision("drop", RowSet(range(5))), 0),  # of pairs that repeat each other one is left
        (Decision("drop", RowSet([3]), finding="odd:b"), 0),  # because of it
        (Decision("relabel", RowSet([3]), "5", column="b"), 9),
        (rule("omit", "b"), 0),
        (rule("omit", "a"), 10),  # is not of it
        (rule("scale", "b"), 0),
    ],
)
def test_a_finding_most_of_whose_rows_are_as_they_were_is_not_resolved(
    decision: Decision, stand: int
) -> None:
    """Two rows that were dropped moved a limit, and the 309 of 317 rows left were called resolved."""
    found = Finding("odd", "", "warning", 0.5, "", "", rows=RowSet(range(10)), columns=("b",))
    review = Review().say(decision)
    [one] = resolved([found], [], review, settle(review.decisions, dataset(GAPS)))
    assert (one.stand, one.mended) == (stand, not stand)


@pytest.mark.parametrize(("filled", "resolves"), [(0, False), (1, False), (3, False), (7, True)])
def test_a_finding_of_several_columns_stands_while_it_does_for_one(filled: int, resolves: bool) -> None:
    frame = pd.DataFrame({f"c{at}": [*[None] * (12 + at), *np.arange(28.0 - at)] for at in range(7)})
    key = ":".join(["missing", *sorted(frame, reverse=True)])
    listed, now = followed(frame, *(rule("fill", f"c{at}", how="median") for at in range(filled)))
    assert (key in now) is (filled == 0)
    assert (key in listed) is resolves
    assert all(one.mended for one in listed.values())


def test_an_accepted_finding_stays_accepted_under_a_new_name_and_under_no_other() -> None:
    data = dataset(GAPS.assign(**{"t:utc": GAPS["a"], "utc": 1.0}))
    first = [Decision("accept", ALL, finding=key) for key in ("missing:a", "missing:t:utc")]
    for last, keys in (
        (rule("rename", "a", to="age"), ["missing:age", "missing:t:utc"]),
        (rule("rename", "a", to="b"), ["missing:a", "missing:t:utc"]),  # refused: there is a 'b'
        (rule("rename", "utc", to="q"), ["missing:a", "missing:t:utc"]),
        (rule("rename", "t:utc", to="t"), ["missing:a", "missing:t"]),
    ):
        review = Review().say(*first, last)
        assert list(accepted(review, settle(review.decisions, data), data.names)) == keys


def test_a_region_whose_bound_moved_stays_accepted_and_no_other_is() -> None:
    """It was accepted as "x <= 300" and came back as "x <= 301" with the next decision."""
    data = dataset(pd.DataFrame({"x": np.arange(1_000), "z": 1.0}))
    few = Finding("segment", "", "info", 0, "", "", RowSet(range(300)), ("x",), about="x <= 300")
    said = Decision("accept", ALL, finding=few.key, settings=identity(few, data))
    moved = replace(few, rows=RowSet(range(301)), about="x <= 301")
    away = replace(few, rows=RowSet(range(200, 500)), about="x > 200")
    other = replace(moved, columns=("z",))
    found = [away, other, moved]

    def stand(review: Review, found: list[Finding] = found) -> set[str]:
        return {*accepted(review, settle(review.decisions, data), data.names, found)}

    once = Review().say(said)
    assert learned(once) and stand(once) == {few.key, moved.key}
    assert stand(once, [few, moved]) == {few.key}, "it is there itself, so that no other is the same"
    less = once.say(Decision("drop", RowSet(range(150))))
    cut = [replace(one, rows=one.rows - RowSet(range(150))) for one in found]
    assert stand(less, cut) == {few.key, moved.key}
    gone = once.say(Decision("drop", RowSet(range(300))))
    assert stand(gone, [replace(moved, rows=RowSet([300]))]) == {few.key}
    named = once.say(rule("rename", "x", to="key"))
    called = replace(moved, columns=("key",), about="key <= 301")
    assert stand(named, [called]) == {"segment:key:x <= 300", called.key}
    reopened = once.say(*(Decision("reopen", ALL, finding=one.key) for one in (few, moved)))
    assert stand(reopened) == set()
    assert stand(once.say(Decision("reopen", ALL, finding=moved.key))) == {few.key}
    older = Review().say(Decision("accept", ALL, finding=few.key))
    assert not learned(older) and stand(older) == {few.key}
    assert Decision.from_json(said.to_json()) == said, "it is the same in a recipe"


@pytest.mark.parametrize("kept_at", [0.5, 0.3])
def test_a_region_scattered_over_the_rows_is_accepted_by_a_sample_of_them(kept_at: float) -> None:
    """ "key <= 900" of 60,000 shuffled rows was lost as "key <= 890": over 10,000 runs nothing was kept."""
    key = np.random.default_rng(4).permutation(np.arange(60_000) % 3_000)
    data = dataset(pd.DataFrame({"key": key, "z": 1.0}))

    def region(low: int, high: int) -> Finding:
        rows = RowSet(np.flatnonzero((key > low) & (key <= high)))
        return Finding("segment", "", "info", 0, "", "", rows, ("key",), about=f"{low} < key <= {high}")

    few = region(-1, 900)
    assert few.rows.runs > 10_000
    known = identity(few, data)
    assert known["one_in"] == 8 and 2_000 < len(known["rows"]) <= 4_000
    assert len(str(known)) < 80_000, "a recipe stays small"
    said = Decision("accept", ALL, finding=few.key, settings=known)

    def stand(found: Finding, *more: Decision) -> bool:
        review = Review().say(said, *more)
        return found.key in accepted(review, settle(review.decisions, data), data.names, [found])

    assert stand(region(-1, 890)) and not stand(region(890, 1_800))
    assert stand(region(-1, 500)) and not stand(region(-1, 400)), "500 of 900 are over half, 400 are not"
    assert stand(region(100, 1_100)) and not stand(region(400, 1_400)), "800 of 1,100 and 500 of 1,400"
    left = np.random.default_rng(5).random(60_000) < kept_at
    drop = Decision("drop", RowSet.from_mask(~left))
    now = replace(region(-1, 890), rows=region(-1, 890).rows & RowSet.from_mask(left))
    assert stand(now, drop)
    decided = as_decided(data, Review().say(drop))
    shown = replace(few, rows=decided.own_rows(few.rows & RowSet.from_mask(left)))
    again = identity(shown, decided)
    every, there = (
        {row for first, stop in one["rows"] for row in range(first, stop) if left[row]}
        for one in (known, again)
    )
    assert again["one_in"] < known["one_in"] and every < there, "the same rows are drawn of any data"


@pytest.mark.parametrize("one_in", [0, -4, 2**60, "many", None, 10**30, [2]])
def test_a_sample_that_cannot_be_read_says_nothing_of_a_region(one_in: Any) -> None:
    data = dataset(pd.DataFrame({"x": np.arange(1_000)}))
    few = Finding("segment", "", "info", 0, "", "", RowSet(range(300)), ("x",), about="x <= 300")
    known = identity(few, data)
    assert "one_in" not in known, "all rows are named where they are few runs"
    said = Review().say(Decision("accept", ALL, finding=few.key, settings={**known, "one_in": one_in}))
    moved = replace(few, about="x <= 301")
    assert {*accepted(said, settle(said.decisions, data), data.names, [moved])} == {few.key}


def test_what_gathers_columns_stays_accepted_with_another_in_front() -> None:
    data = dataset(pd.DataFrame({"a": np.arange(9.0), "b": 1.0, "c": 2.0}))
    was = Finding(
        "image_shortcut", "", "warning", 0.5, "", "", columns=("a", "b"), beside=("y",), gathers=True
    )
    said = Review().say(Decision("accept", ALL, finding=was.key, settings=identity(was, data)))
    settled = settle(said.decisions, data)
    now, other = replace(was, columns=("b", "a")), replace(was, columns=("c",))
    assert {*accepted(said, settled, data.names, [now, other])} == {was.key, now.key}
    drawn = Finding(
        "missing", "", "info", 0.5, "", "", columns=("a", "b"), explains=("missing:a", "missing:b")
    )
    one, more = (replace(drawn, columns=columns, explains=()) for columns in (("a",), ("c",)))
    every = replace(drawn, columns=("a", "b", "c"), explains=("missing:a", "missing:b", "missing:c"))
    said = Review().say(Decision("accept", ALL, finding=drawn.key, settings=identity(drawn, data)))
    assert {*accepted(said, settled, data.names, [one, more, every])} == {drawn.key, one.key}


@pytest.mark.parametrize(
    "review",
    [
        Review().say(Decision("fill", Filter.parse("k is x"), column="a", settings={"how": "median"})),
        Review().say(rule("fill", "a", how="median")).say(Decision("blank", RowSet(range(20)), column="a")),
    ],
)
def test_a_finding_that_stands_is_never_done(review: Review) -> None:
    data = dataset(GAPS)
    settled = settle(review.decisions, data)
    decided = as_decided(data, review, settled)
    [standing] = [one for one in run("profile", decided).findings if one.code == "missing"]
    assert fixes.label(standing) and not fixes.done(standing, settled, decided)


def test_a_rule_held_to_some_rows_has_not_done_what_the_finding_asks() -> None:
    data = dataset(GAPS)
    [missing] = [one for one in run("profile", data).findings if one.code == "missing"]
    for where, done in ((Filter.parse("k is x"), False), (ALL, True)):
        settled = settle([Decision("fill", where, column="a", settings={"how": "median"})], data)
        assert fixes.done(missing, settled) is done


@pytest.mark.parametrize(
    ("step", "gone"),
    [
        (rule("read_as", "y", kind="boolean"), False),
        (rule("map", "y", pairs={"yes": "Yes", "no": "No"}), False),
        (rule("map", "y", pairs={"yes": "no", "no": "yes"}), False),
        (rule("tidy", "y", case="upper"), False),
        (rule("map", "y", pairs={"yes": "no"}), True),
        (Decision("drop", Filter.parse("y is yes")), True),
    ],
)
def test_a_class_is_gone_when_its_rows_are_and_not_when_it_is_written_otherwise(
    step: Decision, gone: bool
) -> None:
    data = dataset(pd.DataFrame({"y": ["yes", "no"] * 20, "x": np.arange(40.0)}), target="y")
    codes = [one.code for one in as_decided(data, Review().say(step)).loading]
    assert ("class_gone" in codes) is gone


@pytest.mark.parametrize("how", [{"how": "balance"}, {"how": "given", "records": [{"y": "b", "x": 1}]}])
@pytest.mark.parametrize("kind", ["category", "boolean", "text"])
def test_rows_are_added_to_data_with_a_target(how: dict[str, Any], kind: Any) -> None:
    values: list[Any] = [True] * 30 + [False] * 10 if kind == "boolean" else ["a"] * 30 + ["b"] * 10
    frame = pd.DataFrame({"x": np.arange(40.0), "y": values})
    data = dataset(frame, target="y", kinds={"y": kind})
    more = {**how, "records": [{"y": False, "x": 1}]} if kind == "boolean" and "records" in how else how
    decided = as_decided(data, Review().say(rule("add_rows", **more)))
    assert decided.rows == (60 if how["how"] == "balance" else 41) and decided.loading == ()


@pytest.mark.parametrize(
    "steps",
    [
        [rule("omit", "q")],
        [rule("rename", "q", to="z"), rule("omit", "z")],
        [rule("encode", "q", how="one-hot")],
        [Decision("relabel", RowSet([2, 5]), "7", column="q")],
        [Decision("relabel", RowSet([2, 5]), "7", column="q"), rule("rename", "q", to="z")],
    ],
)
def test_a_finding_of_the_loading_ends_with_its_column_or_its_cells(steps: list[Decision]) -> None:
    title = "2 cells of 'q' did not read"
    lost = Finding("lost_cells", title, "warning", 0.3, "", "", rows=RowSet([2, 5]), columns=("q",))
    data = replace(
        dataset(pd.DataFrame({"q": ["1", "2", "x"] * 5, "c": ["a", "b", "c"] * 5})), loading=(lost,)
    )
    assert [one.code for one in as_decided(data, Review().say(*steps)).loading] == []


def test_a_finding_that_is_drawn_together_with_others_now_stands() -> None:
    """Six columns are told as one: five that were told alone before were resolved by a row that went."""
    draw = np.random.default_rng(5)
    frame = pd.DataFrame({f"c{at}": draw.normal(size=300).round(4) for at in range(6)})
    for at in range(5):
        frame.loc[draw.choice(300, 90, replace=False), f"c{at}"] = np.nan
    data = dataset(frame)
    lacking = np.flatnonzero(frame.isna().any(axis=1))
    review = Review().say(Decision("drop", RowSet(lacking[:1])))
    review = review.say(Decision("blank", RowSet(draw.choice(300, 90, replace=False)), column="c5"))
    settled = settle(review.decisions, data)
    before, after = run("profile", data).findings, run("profile", as_decided(data, review)).findings
    assert {f.key for f in before} >= {f"missing:c{at}" for at in range(5)}
    assert any(len(f.members) == 6 for f in after)
    assert not resolved(before, after, review, settled)


def test_a_finding_without_rows_is_not_resolved_by_rows_that_were_dropped() -> None:
    """That a model is not calibrated named one dropped row of hundreds as what mended it."""
    data = dataset(GAPS.assign(y=["u", "v"] * 20), target="y")
    model = Finding("not_calibrated", "The slope is 0.57", "warning", 0.5, "", "", columns=("y",))
    drop, other = Decision("drop", RowSet([3])), rule("map", "y", pairs={"u": "v"})
    for decisions, causes in (((drop,), ()), ((drop, other), (other,))):
        review = Review().say(*decisions)
        settled = settle(review.decisions, data)
        [one] = resolved([model], [], review, settled)
        assert one.decisions == causes and one.mended


def test_a_column_that_a_finding_names_besides_is_a_cause_and_no_other_is() -> None:
    """The strongest column of a target predicted almost perfectly was left out: "no decision was about"."""
    data = dataset(GAPS.assign(y=["u", "v"] * 20), target="y")
    sure = Finding("near_perfect", "", "warning", 0.5, "", "", columns=("y",), beside=("b",))
    new, omit = rule("rename", "b", to="arrival"), rule("omit", "arrival")
    for steps, causes in (((new, omit), (omit,)), ((rule("omit", "k"),), ())):
        review = Review().say(*steps)
        [one] = resolved([sure], [], review, settle(review.decisions, data))
        assert one.decisions == causes


@pytest.mark.parametrize("kin", [("far",), (COPIES,)])
def test_all_decisions_that_dropped_rows_of_a_finding_are_named(kin: tuple[str, ...]) -> None:
    found = Finding("near", "3 rows", "warning", 0.5, "", "", rows=RowSet([3, 5, 9]), kin=kin)
    own = Decision("drop", RowSet([3, 5]), finding=found.key)
    last, other = Decision("drop", RowSet([9, 11])), Decision("drop", RowSet([12]))
    again = Decision("drop", RowSet([3]))  # takes none that its own left
    omit = Decision("omit", RowSet(), column="b", finding=found.key)
    for steps, causes in (
        ((last, own, other), (last, own)),
        ((own, other, again), (own,)),
        ((last, omit), (omit,)),
    ):
        review = Review().say(*steps)
        [one] = resolved([found], [], review, settle(review.decisions, dataset(GAPS)))
        assert one.decisions == causes


def copied(*steps: Decision) -> dict[str, Resolved]:
    """What became of the copies 40 to 42 of rows 0 to 2, of which 41 has another label, by their codes."""
    draw = np.random.default_rng(0)
    frame = pd.DataFrame({name: draw.normal(size=40) for name in "abc"}).assign(y=["u", "v"] * 20)
    frame = pd.concat([frame, frame.head(3).assign(y=["u", "u", "u"])], ignore_index=True)
    data, review = dataset(frame, target="y"), Review().say(*steps)
    settled = settle(review.decisions, data)
    before, after = (run("duplicates", one).findings for one in (data, as_decided(data, review, settled)))
    assert {f.code: f.copied.ids.tolist() for f in before} == {
        "duplicate_rows": [0, 2],
        "conflicting_labels": [],
    }
    return {one.finding.code: one for one in resolved(before, after, review, settled)}


OTHER = Decision("drop", RowSet([20]))  # is of no copies


def cells(*rows: int) -> list[Decision]:
    return [Decision("relabel", RowSet([row]), f"{9 + row / 8}", column="a") for row in rows]


@pytest.mark.parametrize(
    ("steps", "repeats", "torn"),
    [
        ([OTHER, *cells(0, 2)], [1, 2], None),  # of what they are copies of
        ([*cells(40, 42), OTHER], [0, 1], None),
        ([OTHER, *cells(1)], None, [1]),  # a feature
        ([Decision("relabel", RowSet([5]), "u", column="y"), *cells(41)], None, [1]),  # not any label
        ([Decision("drop", RowSet([0])), *cells(42), OTHER], [0, 1], None),
        ([rule("scale", "a"), rule("scale", "b"), *cells(0, 2)], [2, 3], None),  # both alike
        ([OTHER, Decision("weight", RowSet([0, 1]), 2.0), Decision("drop", RowSet([0, 1, 2]))], [2], [2]),
    ],
)
def test_copies_are_resolved_by_what_was_decided_about_them(
    steps: list[Decision], repeats: list[int] | None, torn: list[int] | None
) -> None:
    """One row that was dropped, of hundreds, was named; the cells that were changed were not."""
    became = copied(*steps)
    for code, causes in (("duplicate_rows", repeats), ("conflicting_labels", torn)):
        assert (code in became) is (causes is not None)
        if causes is not None:
            assert became[code].decisions == tuple(steps[at] for at in causes) and became[code].mended


def test_no_decision_is_named_that_touched_no_row_of_copies_or_could_not_be_followed() -> None:
    data = dataset(pd.DataFrame({"a": [*range(30), 0, 1], "b": [*range(30), 0, 1]}))
    [copies] = [f for f in run("duplicates", data).findings if f.code == "duplicate_rows"]
    some = Finding("missing", "", "warning", 0.5, "", "", rows=RowSet([3, 4]), columns=("b",))
    unfollowed = Decision("drop", Filter.parse("nowhere > 3"))
    for finding in (copies, some):
        for decisions in ((OTHER,), (unfollowed,), (OTHER, unfollowed)):
            review = Review().say(*decisions)
            [one] = resolved([finding], [], review, settle(review.decisions, data))
            assert one.decisions == ()


def test_what_rows_are_copies_of_is_counted_in_the_source_too() -> None:
    data = dataset(pd.DataFrame({"a": [*range(30), 7], "b": [*range(30), 7]}))
    decided = as_decided(data, Review().say(Decision("drop", RowSet([0, 1]))))
    [copies] = [f for f in run("duplicates", decided).findings if f.code == "duplicate_rows"]
    assert (copies.rows.ids.tolist(), copies.copied.ids.tolist()) == ([28], [5])
    [copies] = in_source(decided, [copies])
    assert (copies.rows.ids.tolist(), copies.copied.ids.tolist()) == ([30], [7])


def test_what_a_step_wrote_is_no_spike_and_one_that_was_there_is() -> None:
    """The median that filled 36 gaps was noted as exactly the same in 36 of 500 values."""
    draw = np.random.default_rng(5)
    prices = draw.gamma(3, 12, 500).round(2)
    gaps = pd.Series(prices).mask(np.arange(500) % 14 == 0)
    sensor = pd.Series(draw.normal(40, 5, 500).round(3)).mask(np.arange(500) % 15 == 0, 41.237)
    frame = pd.DataFrame({"price": gaps, "sensor": sensor})
    assert "spike:sensor" in {one.key for one in run("profile", dataset(frame)).findings}
    for how in ({"how": "median"}, {"how": "constant", "value": "31.37"}):
        _, now = followed(frame, rule("fill", "price", **how))
        assert "spike:sensor" in now and "spike:price" not in now
    _, now = followed(frame, rule("clip", "price", low="10", high="90"))
    assert "spike:price" not in now
    loaded = {one.key for one in run("profile", dataset(frame.assign(price=gaps.fillna(31.37)))).findings}
    assert "spike:price" in loaded, "in data that came so it is one"


def test_a_spike_of_filled_cells_resolves_no_finding_of_the_shape_of_the_others() -> None:
    """609 of 7,164 far values were "no longer found" once 2,836 gaps held the median; tens became fives."""
    draw = np.random.default_rng(8)
    speed = np.r_[draw.normal(140, 15, 640), draw.uniform(190, 230, 35), draw.uniform(50, 90, 35)].round(-1)
    speed[draw.random(710) < 0.2] += 5
    rounded = draw.integers(100, 400, 710)
    rounded[draw.random(710) < 0.5] //= 5
    rounded = np.where(rounded < 100, rounded * 5, rounded)
    frame = pd.DataFrame({"speed": [*speed, *[None] * 400], "told": [*rounded, *[None] * 400]})
    loaded = {one.key: one for one in run("profile", dataset(frame)).findings}
    assert {"outlying:speed", "heaping:told"} <= {*loaded}
    data, steps = dataset(frame), [rule("fill", one, how="median") for one in frame]
    filled = as_decided(data, Review().say(*steps))
    now = {one.key: one for one in run("profile", filled).findings}
    for key in ("outlying:speed", "heaping:told"):
        assert now[key].title == loaded[key].title and now[key].rows == loaded[key].rows
        assert "400 cells that steps filled are left out" in now[key].why
    listed, _ = followed(frame, *steps)
    assert {"outlying:speed", "heaping:told"}.isdisjoint(listed)


def test_a_code_beside_filled_cells_keeps_its_place() -> None:
    """A mean filled in is a new value: all above it moved by one, and 77 was taken for the code, 99 for a
    value."""
    draw = np.random.default_rng(0)
    values = np.r_[
        draw.normal(50, 9, 1_860).round().clip(None, 77), np.full(98, 99.0), 400.0, np.full(40, np.nan)
    ]
    data = dataset(pd.DataFrame({"x": values, "y": np.arange(values.size) % 7}))
    filled = as_decided(data, Review().say(rule("fill", "x", how="mean")))
    for one in (data, filled):
        [isolated] = [f for f in run("profile", one).findings if f.code == "isolated_values"]
        assert (
            "1 value at 400 or above, where 77 is next" in isolated.title and "isin([99.0])" in isolated.fix
        )


def test_a_gap_is_never_filled_with_a_word_for_missing() -> None:
    town = [*["k.A."] * 15, *["Rom"] * 9, *["Wien"] * 8, *[None] * 8]
    data = dataset(pd.DataFrame({"town": town, "n": np.arange(40.0)}))
    filled = as_decided(data, Review().say(rule("fill", "town", how="most frequent")))
    counts = filled.frame()["town"].value_counts()
    assert counts["k.A."] == 15 and counts["Rom"] == 17
    result = run("missingness", data, {"strategy": "mode"})
    (mode,) = [one for one in result.effects if one.strategy == "mode"]
    after = dict(zip(mode.edges, mode.after, strict=True))
    assert after["k.A."] == 15 and after["Rom"] == 17
    own: dict[str, Any] = {"__name__": "fill"}
    exec(result.code, own)  # noqa: S102
    train = data.frame()[["town"]].astype(object).where(data.frame()[["town"]].notna(), np.nan)
    assert own["filler"](train).transform(train)["town"].value_counts()["Rom"] == 17
    (constant,) = [one for one in result.effects if one.strategy == "constant"]
    assert "(missing)" in constant.edges and "missing" not in constant.edges


def test_a_decision_that_changed_no_cell_of_a_finding_has_not_resolved_it() -> None:
    """A label written where it stood already was named as the cause."""
    data = dataset(pd.DataFrame({"town": ["Oslo", "Bonn", "Rome"] * 10}))
    same = Decision("relabel", RowSet([0, 3]), "Oslo", column="town")
    other = Decision("relabel", RowSet([3]), "Bonn", column="town")
    found = Finding("odd", "Odd", "info", 0.5, "", "", rows=RowSet([0, 3]), columns=("town",))
    for review, causes in ((Review().say(same).say(other), (other,)), (Review().say(other), (other,))):
        [one] = resolved([found], [], review, settle(review.decisions, data))
        assert one.decisions == causes


def regions_and(*steps: Decision) -> tuple[dict[str, str], set[str]]:
    """Regions of 1,500 rows of train and 400 of serve as loaded, by their keys, and those resolved."""
    draw = np.random.default_rng(3)
    train, serve = (
        pd.DataFrame({"key": draw.integers(0, most, rows), "x": draw.normal(size=rows).round(3)})
        for most, rows in ((3_000, 1_500), (600, 400))
    )
    data, review = dataset(train, serve=serve), Review().say(*steps)
    settled = settle(review.decisions, data)
    before, after = (run("segments", one).findings for one in (data, as_decided(data, review, settled)))
    assert {one.key for one in before} == {"segment:key:key ≤ 600", "segment:key:key > 600"}
    stands = {one.key: now for one in before if (now := stands_as(one, after, settled)) is not None}
    gone = {one.finding.key for one in resolved(before, after, review, settled)}
    assert gone == {one.key for one in before} - stands.keys()
    return {key: now.key for key, now in stands.items()}, gone


def test_a_region_whose_bound_moved_with_the_rows_is_the_same_finding() -> None:
    """One row less of 1,900 made "key ≤ 600" resolved, and "key ≤ 590" new."""
    now, gone = regions_and(Decision("drop", RowSet([3])))
    assert gone == set()
    assert now == {
        "segment:key:key ≤ 600": "segment:key:key ≤ 590",
        "segment:key:key > 600": "segment:key:key > 590",
    }
    now, gone = regions_and(Decision("drop", RowSet([3])), rule("rename", "key", to="id"))
    assert now["segment:key:key ≤ 600"] == "segment:id:id ≤ 590", "by whatever name"


def test_a_region_stands_while_rows_are_left_in_it_and_is_resolved_once_hardly_any_is() -> None:
    """Half of its rows of serve were written elsewhere, where they are a region of their own."""
    assert regions_and(Decision("drop", RowSet(range(1_500, 1_895))))[1] == {
        "segment:key:key ≤ 600",
        "segment:key:key > 600",
    }
    moved = [
        Decision("relabel", RowSet([at]), str(2_500 + at % 90), column="key") for at in range(1_500, 1_700)
    ]
    assert regions_and(*moved)[0]["segment:key:key ≤ 600"] == "segment:key:key ≤ 580"


def test_a_thin_region_of_a_target_whose_bound_moved_is_the_same_finding() -> None:
    draw = np.random.default_rng(3)
    y = np.r_[draw.normal(0, 1, 900), draw.uniform(4, 9, 40), draw.normal(11, 1, 900)].round(3)
    data = dataset(pd.DataFrame({"y": y, "x": draw.normal(size=y.size)}), target="y")
    for drop, stays in ((range(3, 7), True), (np.flatnonzero((y > 2.4) & (y < 8.5)), False)):
        review = Review().say(Decision("drop", RowSet(drop)))
        settled = settle(review.decisions, data)
        before, after = (run("imbalance", one).findings for one in (data, as_decided(data, review, settled)))
        (thin,) = before
        assert thin.key not in {one.key for one in after}
        assert (resolved(before, after, review, settled) == ()) is stays


@pytest.mark.parametrize("code", ["image_content", "single_feature", "collinear"])
def test_a_finding_of_several_columns_is_the_same_whichever_leads(code: str) -> None:
    """ "'image_brightest' predicts 'label'" was resolved, and "'image_brightness' predicts 'label'" new."""
    data = dataset(pd.DataFrame({one: np.arange(40.0) for one in ("brightest", "brightness", "hue", "size")}))
    columns = ("brightest", "brightness")
    was = Finding(code, "", "warning", 0.5, "", "", columns=columns, beside=("y",), gathers=True)
    review = Review().say(Decision("drop", RowSet(range(10))), rule("rename", "hue", to="tone"))
    settled = settle(review.decisions, data)
    now = replace(was, columns=("brightness", "size", "brightest"))
    other = replace(was, columns=("size", "hue"))
    for after in ([now], [replace(was, columns=("brightness",))], [other, now]):
        assert (
            resolved([was], after, review, settled) == () and stands_as(was, after, settled) == (after[-1])
        ), "most columns in common"
    for after in ([], [other], [replace(now, code="image_light")], [replace(now, gathers=False)]):
        [gone] = resolved([was], after, review, settled)
        assert gone.mended and stands_as(was, after, settled) is None
    renamed = replace(was, columns=("hue",))
    assert stands_as(renamed, [replace(was, columns=("size", "tone"))], settled) is not None
