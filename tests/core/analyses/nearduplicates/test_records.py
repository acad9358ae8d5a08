"""Copies of rows are found whatever slipped, one of each stays, and other rows are left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.analyses.nearduplicates import candidates
from core.analyses.nearduplicates.analysis import NearDuplicateResult
from core.analyses.nearduplicates.by_chance import dependence
from core.analyses.nearduplicates.columns import columns_of
from core.dataset import Dataset
from core.outcomes import attempt, not_known, unmade_in_words
from core.prepare.hashes import row_hashes
from core.progress import SILENT
from core.run import run
from tests.core.analyses.nearduplicates.people import SLIPS, people, planted, with_typos
from tests.make import dataset

N, COPIES = 400, 15


def result(data: Dataset, **settings: Any) -> NearDuplicateResult:
    found = run("nearduplicates", data, settings)
    assert isinstance(found, NearDuplicateResult)
    return found


def pairs(found: NearDuplicateResult) -> set[tuple[int, int]]:
    groups = [np.flatnonzero(found.group == name) for name in np.unique(found.group[found.group >= 0])]
    return {(int(a), int(b)) for rows in groups for a in rows for b in rows if a < b}


def numbers(columns: Any) -> pd.DataFrame:
    return pd.DataFrame({f"c{at}": column for at, column in enumerate(np.asarray(columns).T)})


@pytest.mark.parametrize("slip", SLIPS)
def test_copies_are_found_and_nothing_else_is(slip: str) -> None:
    found = result(dataset(planted(people(N), slip, COPIES)))
    assert pairs(found) == {(at, N + at) for at in range(COPIES)}
    [said] = found.findings
    assert said.code == "near_duplicates" and said.action == "drop" and said.severity == "warning"
    assert len(said.rows) == COPIES and found.summary["groups"] == COPIES


@pytest.mark.parametrize("width", [20, 50])
def test_noise_on_every_number_is_seen_through(width: int) -> None:
    draw = np.random.default_rng(2)
    values = draw.normal(size=(500, width))
    again = values[:20] + 0.01 * draw.normal(size=(20, width))
    found = result(dataset(numbers(np.concatenate([values, again]))))
    assert pairs(found) == {(at, 500 + at) for at in range(20)}


CLEAN: dict[str, Callable[[np.random.Generator, int], pd.DataFrame]] = {
    "normal, 5": lambda draw, n: numbers(draw.normal(size=(n, 5))),
    "normal, 50": lambda draw, n: numbers(draw.normal(size=(n, 50))),
    "rounded, 5": lambda draw, n: numbers(draw.normal(size=(n, 5)).round(1)),
    "heavy tails, 5": lambda draw, n: numbers(draw.standard_t(3, (n, 5))),
    "two factors": lambda draw, n: numbers(
        draw.normal(size=(n, 2)) @ draw.normal(size=(2, 12)) + 0.2 * draw.normal(size=(n, 12))
    ),
    "three clusters": lambda draw, n: numbers(
        8 * draw.normal(size=(3, 5))[draw.integers(0, 3, n)] + draw.normal(size=(n, 5))
    ),
    "few categories": lambda draw, n: numbers(draw.choice(list("abcd"), (n, 5))),
    "categories and one number": lambda draw, n: numbers(draw.choice(list("abcdefgh"), (n, 3))).assign(
        x=draw.normal(size=n)
    ),
    "people": lambda draw, n: people(n, int(draw.integers(1000))),
    "texts from a few words": lambda draw, n: numbers(draw.normal(size=(n, 4))).assign(
        text=[f"{one} paper, item {number}" for one, number in worded(draw, n)]
    ),
    "a number that follows from another": lambda draw, n: followed(draw, n),
}


def worded(draw: np.random.Generator, n: int) -> Any:
    return zip(draw.choice(["red", "blue", "grey", "green"], n), draw.integers(0, 300, n), strict=True)


def followed(draw: np.random.Generator, n: int) -> pd.DataFrame:
    made = numbers(draw.normal(size=(n, 4)))
    length = 2 * made["c0"] + 0.5 * made["c1"] + 0.02 * draw.normal(size=n)
    return made.assign(length=length, weight=3 * length + 0.05 * draw.normal(size=n))


@pytest.mark.parametrize("family", CLEAN)
def test_where_nothing_is_a_copy_nothing_is_found(family: str) -> None:
    for seed in (0, 1):
        found = result(dataset(CLEAN[family](np.random.default_rng(seed), 300)))
        assert found.findings == () and found.compared > 100, (family, seed)


@pytest.mark.parametrize("family", ["texts from a few words", "a number that follows from another"])
def test_of_a_hundred_tables_without_copies_no_more_than_four_have_an_alarm(family: str) -> None:
    """At a rate of 1% more than four come once in 300 times; where evidence by chance was that of columns
    alone, a third of such tables had one.
    """
    alarms = sum(
        bool(result(dataset(CLEAN[family](np.random.default_rng(seed), 600))).findings) for seed in range(100)
    )
    assert alarms <= 4


def test_dependence_is_what_the_determinant_of_the_correlations_says() -> None:
    draw = np.random.default_rng(3)
    x, y = draw.normal(size=(2, 20_000))
    for share in (0.0, 0.6, 0.99):
        table = numbers(np.stack([x, share * x + np.sqrt(1 - share**2) * y], axis=1))
        data = dataset(table)
        columns = columns_of(data, list(data.names), np.arange(data.rows))
        assert dependence(columns) == pytest.approx(-0.5 * np.log2(1 - share**2), abs=0.05)
    same = dataset(numbers(np.stack([x, x], axis=1)))
    columns = columns_of(same, list(same.names), np.arange(same.rows))
    assert dependence(columns) == pytest.approx(columns[0].mean), "no more than the column has"


def test_one_row_of_each_group_stays_and_it_is_the_one_in_the_middle() -> None:
    """Of one person two versions with a slip each, and the one without: that is nearest to both."""
    table = people(N)
    draw = np.random.default_rng(3)
    more = pd.DataFrame([with_typos(table.iloc[at], draw) for at in (5, 5, 9, 9)])
    shuffled = pd.concat([more, table], ignore_index=True).astype(table.dtypes)
    found = result(dataset(shuffled))
    assert pairs(found) == {(0, 1), (0, 9), (1, 9), (2, 3), (2, 13), (3, 13)}
    rows = found.rows()
    assert rows.columns.tolist() == ["row", "group", "distance", "keep", "sure", "conflict"]
    assert rows["keep"][[9, 13]].all() and not rows["keep"][[0, 1, 2, 3]].any()
    kept = rows[rows["group"].notna()].groupby("group")["keep"].sum()
    assert kept.tolist() == [1, 1]
    assert found.frame()["keep"].tolist() == [9, 13] and found.partners(9).tolist() == [0, 1]


def test_equal_rows_are_no_near_duplicates_but_go_with_theirs() -> None:
    table = people(N)
    equal = pd.concat([table, table.iloc[:5]], ignore_index=True)
    assert result(dataset(equal)).findings == ()
    both = planted(equal, "typing errors", 1)
    found = result(dataset(both))
    assert pairs(found) == {(0, N), (0, N + 5), (N, N + 5)}
    assert found.excess[[N, N + 5]].tolist() == [True, True] or found.excess[[0, N]].tolist() == [True, True]
    assert found.distance[0] == found.distance[N] == 0.0 < found.distance[N + 5]


def test_a_chain_of_small_steps_makes_no_group_of_everything() -> None:
    """Thirty rows, each one slip from the last: the ends have nothing in common."""
    table = people(N)
    ends, columns = table.iloc[:2], list(table.columns)
    chain, draw = [ends.iloc[0]], np.random.default_rng(4)
    for _ in range(30):
        chain.append(with_typos(chain[-1], draw))
    found = result(dataset(pd.concat([table, pd.DataFrame(chain)[columns]], ignore_index=True)))
    sizes = np.bincount(found.group[found.group >= 0], minlength=1)
    assert sizes.max() <= 10
    assert found.group[N] < 0 or found.group[N] != found.group[N + 30]


def test_other_labels_and_copies_across_the_parts_come_first() -> None:
    data = planted(people(N), "typing errors", COPIES)
    data["label"] = np.where(np.arange(len(data)) == N + 3, "bad", "good")
    found = result(dataset(data, target="label"))
    [conflict] = [one for one in found.findings if one.code == "near_duplicates_conflict"]
    assert conflict.rows.ids.tolist() == [3, N + 3] and conflict.beside == ("label",)
    assert found.frame()["first_row"][0] == 3 and bool(found.frame()["conflict"][0])
    parted = dataset(data.iloc[:N], serve=data.iloc[N:], target="label")
    told = {one.action: one for one in result(parted).findings if one.code == "near_duplicates_across_parts"}
    assert {one.severity for one in told.values()} == {"critical"}
    assert told["defer"].rows.ids.tolist() == [3], "which label is right is not decided by a click"
    assert told["drop"].rows.ids.tolist() == [row for row in range(COPIES) if row != 3]
    again = result(parted)
    assert again.excess[:COPIES].all() and not again.excess[N:].any(), "one of serve is kept"


def test_several_observations_of_one_thing_are_only_perhaps_copies() -> None:
    """Patients seen twice: what describes them agrees, what was measured differs."""
    draw = np.random.default_rng(5)
    table = people(N).drop(columns="income")
    twice = pd.concat([table, table], ignore_index=True)
    for name in ("pressure", "weight", "pulse"):
        twice[name] = draw.normal(size=2 * N)
    found = result(dataset(twice))
    assert not found.sure.any() and {one.code for one in found.findings} <= {"near_duplicates_possible"}
    for said in found.findings:
        assert set(said.beside) == {"pressure", "weight", "pulse"} and said.action == ""


def same_but(found: NearDuplicateResult) -> list[str]:
    return [note.partition(". ")[0] for note in found.notes if "in every column compared but" in note]


def measured(n: int, draw: np.random.Generator) -> pd.DataFrame:
    return numbers(draw.normal(size=(n, 3))).assign(
        price=draw.lognormal(3, 1, n), day=draw.integers(0, 700, n)
    )


def hotels(n: int, draw: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": [f"house {at}" for at in draw.permutation(n)],
            "town": draw.choice(list("abcdefgh"), n),
            "stars": draw.integers(1, 6, n),
            "rating": draw.normal(3, 1, n).round(3),
            "price": draw.lognormal(3, 1, n).round(2),
            "day": draw.integers(0, 900, n),
        }
    )


@pytest.mark.parametrize(
    ("table", "apart", "words"),
    [
        (measured, ["price", "day"], "'price' and 'day'"),
        (hotels, ["rating", "price", "day"], "'rating', 'price' and 'day'"),
    ],
)
def test_rows_that_differ_in_the_same_columns_throughout_are_told_of_and_not_called_copies(
    table: Callable[[int, np.random.Generator], pd.DataFrame], apart: list[str], words: str
) -> None:
    for n, seed in ((300, 0), (1500, 1)):
        draw = np.random.default_rng(seed)
        rows = table(n, draw)
        again = rows.iloc[:20].assign(**{name: table(20, draw)[name].to_numpy() for name in apart})
        found = result(dataset(pd.concat([rows, again], ignore_index=True)))
        assert same_but(found) == [f"40 rows equal another one in every column compared but {words}"]
        assert found.findings == () and same_but(result(dataset(rows))) == []


def hierarchy(draw: np.random.Generator, n: int) -> pd.DataFrame:
    town = draw.integers(0, 60, n)
    levels = {"town": town, "county": town // 6, "land": town // 20}
    made = pd.DataFrame({name: [f"{name} {at}" for at in codes] for name, codes in levels.items()})
    return made.assign(price=draw.lognormal(3, 1, n).round(2), day=draw.integers(0, 700, n))


def products(draw: np.random.Generator, n: int) -> pd.DataFrame:
    """Each of 150 products many times: the columns that agree describe kinds of things."""
    kind = draw.integers(0, 150, n)
    made = pd.DataFrame({"brand": [f"brand {at % 12}" for at in kind], "size": (kind * 37 % 150) / 10})
    return made.assign(price=draw.lognormal(3, 1, n).round(2), day=draw.integers(0, 700, n))


def latent(draw: np.random.Generator, n: int) -> pd.DataFrame:
    """Levels that follow from one thing, as the answers of a survey do."""
    one = draw.normal(size=n)
    cuts = {"a": 12, "b": 15, "c": 10, "d": 20}
    made = {
        name: np.digitize(one + 0.2 * draw.normal(size=n), np.linspace(-2, 2, number)).astype(str)
        for name, number in cuts.items()
    }
    return pd.DataFrame(made).assign(x=draw.normal(size=n), y=draw.normal(size=n))


def rounded(draw: np.random.Generator, n: int) -> pd.DataFrame:
    """Numbers that follow from each other, and are rounded: many are equal in both."""
    one = draw.normal(size=n)
    two = (2 * one + 0.02 * draw.normal(size=n)).round(2)
    return pd.DataFrame({"a": one.round(2), "b": two, "x": draw.normal(size=n), "y": draw.normal(size=n)})


ALIKE = {"hierarchy": hierarchy, "products": products, "latent": latent, "rounded": rounded}


@pytest.mark.parametrize("family", [*CLEAN, *ALIKE])
def test_rows_that_agree_by_chance_or_as_kinds_of_things_are_not_told_of(family: str) -> None:
    for seed, n in ((0, 300), (1, 300), (2, 1000)):
        found = result(dataset({**CLEAN, **ALIKE}[family](np.random.default_rng(seed), n)))
        assert same_but(found) == [], (family, seed)


def test_the_order_of_rows_changes_nothing() -> None:
    data = planted(people(N), "typing errors", COPIES)
    order = np.random.default_rng(6).permutation(len(data))
    straight, turned = result(dataset(data)), result(dataset(data.iloc[order].reset_index(drop=True)))
    np.testing.assert_array_equal(turned.distance, straight.distance[order])
    assert {tuple(sorted((int(order[a]), int(order[b])))) for a, b in pairs(turned)} == pairs(straight)


BAD: dict[str, pd.DataFrame] = {
    "kinds of things": pd.DataFrame({"a": ["x"] * 80, "b": [1] * 80}),
    "one column": pd.DataFrame({"a": np.arange(50) / 7}),
}


@pytest.mark.parametrize("what", BAD)
def test_what_cannot_be_compared_is_said_and_not_called_clean(what: str) -> None:
    found = result(dataset(BAD[what]))
    assert found.findings == () and (found.group < 0).all()
    assert found.status.state == "skipped" and found.status.reason.endswith(".")


@pytest.mark.parametrize(
    "data",
    [
        people(20),
        people(25),
        people(1),
        pd.DataFrame({"a": ["x"] * 50, "b": [1] * 50}),
        pd.DataFrame({"a": pd.array([None] * 50, "string"), "b": [np.nan] * 50}),
    ],
)
def test_too_few_rows_leave_it_unknown_whether_there_are_copies(data: pd.DataFrame) -> None:
    """It stood under "does not apply", and all checks were called made with it."""
    one = attempt("nearduplicates", dataset(data))
    assert one.status.state == "skipped" and not_known([one]) == (one,)
    assert unmade_in_words([one]) == "1 check cannot be made: Near duplicates for want of rows or values"


def test_an_unlucky_mixture_of_columns_does_no_harm() -> None:
    table = people(200).assign(
        nothing=np.nan, empty="", when=pd.Timestamp("2024-01-01"), many="x" * 5000, code=range(200)
    )
    table.loc[::3, "given"] = None
    assert result(dataset(table, id="code")).status.state == "ok"


def test_sure_pairs_that_only_may_be_copies_of_each_other_are_kept_apart() -> None:
    """Rows 0 and 1 are equal but for one letter, 2 and 3 too; both pairs share half of what they say."""
    table = people(N)
    half = table.columns[: len(table.columns) // 2]
    more = table.iloc[[0, 0, 1, 1]].reset_index(drop=True)
    more.loc[2:, half] = table.loc[0, half].to_numpy()
    for at in (1, 3):
        more.loc[at, half[0]] = str(more.loc[at, half[0]]) + "x"
    found = result(dataset(pd.concat([table.iloc[2:], more], ignore_index=True)))
    rows = len(table) - 2 + np.arange(4)
    assert (found.sure_group[rows[[0, 2]]] == found.sure_group[rows[[1, 3]]]).all()
    assert found.sure_group[rows[0]] != found.sure_group[rows[2]]
    assert found.repeated[rows].sum() == 2


def test_candidates_are_the_same_whatever_is_compared_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of seven rows, and passes merged one or three at a time, beside all at once."""
    draw = np.random.default_rng(5)
    frame = pd.DataFrame(draw.normal(size=(230, 4)).round(2), columns=list("abcd"))
    data = dataset(frame.assign(word=draw.choice(["oak", "ash", "elm"], 230)))
    rows = np.arange(230)
    compared = candidates.ComparedColumns.of(columns_of(data, list(data.names), rows))
    keys = row_hashes(data, data.names)
    monkeypatch.setattr(candidates, "_AT_ONCE", 1_000)
    monkeypatch.setattr(candidates, "_PASSES_AT_ONCE", 24)
    whole = candidates.candidates(compared, keys, SILENT)
    assert (whole.index >= 0).all() and whole.index.shape == (230, candidates.NEAREST)
    for passes in (1, 3):
        monkeypatch.setattr(candidates, "_AT_ONCE", 7)
        monkeypatch.setattr(candidates, "_PASSES_AT_ONCE", passes)
        parted = candidates.candidates(compared, keys, SILENT)
        assert np.array_equal(parted.index, whole.index) and np.array_equal(parted.bits, whole.bits)
