"""What a reader of the rules found: effects told of other data, names that became code, broken exports."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.decided import as_decided
from core.decision import Decision
from core.export import export
from core.review import Review
from core.rowset import RowSet
from core.steps import settle
from core.workspace import load
from tests import warm
from tests.make import dataset

ALL = RowSet()


def rename(column: str, to: str) -> Decision:
    return Decision("rename", ALL, column=column, settings={"to": to})


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "n": [1.0, 2.0, 3.0, 4.0] * 10,
            "b": [5.0, 6.0, 7.0, 8.0] * 10,
            "c": ["u", "v"] * 20,
            "d": pd.to_datetime(["2024-01-01", "2023-02-03"] * 20),
            "y": [0, 1, 1, 0] * 10,
            "z": [3.5, 1.5, 2.0, 9.0] * 10,
        }
    )


ONE_HOT = Decision("encode", ALL, column="c", settings={"how": "one-hot"})
PARTS = Decision("date_parts", ALL, column="d")
LAST = Decision("move", ALL, column="n", settings={"to": "last"})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([rename("n", "q")], [rename("b", "q"), rename("n", "q")]),
        ([ONE_HOT], [rename("n", "c_u"), ONE_HOT]),
        ([PARTS], [rename("n", "d_year"), PARTS]),
        ([PARTS], [rename("n", "d_year"), PARTS, rename("d_year", "n")]),
        ([Decision("move", ALL, column="n")], [ONE_HOT, Decision("move", ALL, column="n")]),
    ],
)
def test_what_a_rule_did_once_is_not_told_of_other_columns(
    first: list[Decision], second: list[Decision]
) -> None:
    used, fresh = dataset(frame()), dataset(frame())
    settle(first, used)
    one, other = (as_decided(data, Review().say(*second)) for data in (used, fresh))
    assert len(set(one.names)) == len(one.names) and one.names == other.names
    pd.testing.assert_frame_equal(one.frame(), other.frame())
    assert settle(second, used).passed == settle(second, fresh).passed


def test_another_target_is_learned_anew() -> None:
    rule = Decision("encode", ALL, column="c", settings={"how": "target"})
    data = dataset(frame(), target="y")
    settle([rule], data)
    again = settle([rule], data.with_roles(target="z")).effects[0].learned
    assert again == settle([rule], dataset(frame(), target="z")).effects[0].learned


def test_names_are_never_code(tmp_path: Path) -> None:
    names = ["d\"\"\"; '''", "''';open('hit', 'w');{#", "C:\\Users", "x\u2028y", '{a}"""']
    raw = tmp_path / "raw.csv"
    table = pd.DataFrame({name: ["05-Jan-20", "17-Feb-21", "28-Mar-19"] * 9 for name in names})
    table.assign(n=np.arange(27.0)).to_csv(raw, index=False)
    made = export(load(raw), Review().say(Decision("scale", ALL, column="n")), tmp_path / "out")
    script = made.folder / "prepare.py"
    done = warm.run(script, cwd=tmp_path)
    assert not (tmp_path / "hit").exists() and "Usage" in done.stdout + done.stderr, done.stderr


@pytest.mark.parametrize(
    "steps",
    [
        [PARTS, rename("d_year", "yr"), Decision("scale", ALL, column="n")],
        [Decision("encode", ALL, column="n", settings={"how": "ordinal", "order": "3,1,2,4"})],
    ],
)
def test_what_the_pipeline_cannot_do_is_left_out_of_it(tmp_path: Path, steps: list[Decision]) -> None:
    data = dataset(frame())
    assert not settle(steps, data).passed
    export(data, Review().say(*steps), tmp_path, format="csv")
    assert (tmp_path / "cleaned.csv").exists()


def test_numbers_beyond_int64_are_refused_in_one_sentence() -> None:
    data = dataset(pd.DataFrame({"n": np.array([2**63 + 5, 1, 2, 3], np.uint64)}))
    for word, settings in (("clip", {"low": "1"}), ("map", {"pairs": {"1": "2"}})):
        settled = settle([Decision(word, ALL, column="n", settings=settings)], data)
        assert list(settled.passed) == [0] and "9,223,372,036,854,775,807" in settled.passed[0]
        assert not settled.effects and settled.contents == ()


def test_a_setting_of_another_type_is_refused_in_one_sentence() -> None:
    rules = [
        Decision("clip", ALL, column="n", settings={"low": 1.0}),
        Decision("rename", ALL, column="n", settings={"to": ["x"]}),
        Decision("map", ALL, column="n", settings={"pairs": [1]}),
    ]
    assert sorted(settle(rules, dataset(frame())).passed) == [0, 1, 2]


def csv(tmp_path: Path, table: pd.DataFrame, *steps: Decision, **roles: str) -> pd.DataFrame:
    raw = tmp_path / "raw.csv"
    table.to_csv(raw, index=False)
    made = export(load(raw, **roles), Review().say(*steps), tmp_path / "out")
    return pd.read_csv(made.cleaned, dtype=str)


def test_dates_that_are_read_anew_are_written_in_one_way_and_a_renamed_column_keeps_its_text(
    tmp_path: Path,
) -> None:
    table = pd.DataFrame(
        {"d": [f"{1 + at % 12:02d}/{1 + at % 9:02d}/2020" for at in range(60)], "n": range(60)}
    )
    anew = Decision("read_as", ALL, column="date", settings={"kind": "datetime", "layout": "day/month/year"})
    cells = csv(tmp_path, table, rename("d", "date"), anew)["date"]
    want = pd.to_datetime(table["d"], format="%d/%m/%Y")
    assert cells.tolist() == want.dt.strftime("%Y-%m-%d").tolist()


def test_weights_stand_in_one_column_whatever_it_is_called(tmp_path: Path) -> None:
    table = pd.DataFrame({"w": [2, 3, 4, 5], "n": [1.5, 2.5, 3.5, 4.5]})
    cells = csv(tmp_path, table, rename("w", "wt"), Decision("weight", RowSet([0]), 9.0), weight="w")
    assert list(cells.columns) == ["wt", "n"] and cells["wt"].astype(float).tolist() == [9, 3, 4, 5]
    script = tmp_path / "told.py"
    for rows in ("True", "False"):
        script.write_text(
            f"import sys\nsys.path.insert(0, {str(tmp_path / 'out')!r})\n"
            "import pandas as pd\nfrom prepare import clean\n"
            f"print(clean(pd.read_csv({str(tmp_path / 'raw.csv')!r}), rows={rows})['wt'].tolist())\n"
        )
        done = warm.run(script, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert [float(x) for x in done.stdout.strip("[]\n").split(",")] == [
            9.0 if rows == "True" else 2.0,
            3,
            4,
            5,
        ]


def test_a_map_to_words_that_is_held_to_some_rows_writes_the_others_alike() -> None:
    table = pd.DataFrame({"d": pd.to_datetime(["2020-01-02"] * 3 + ["2021-03-04"] * 3), "k": range(6)})
    rule = Decision("map", RowSet([0, 3]), column="d", settings={"pairs": {"2020-01-02": "early"}})
    data = dataset(table)
    settled = settle([rule], data)
    decided = as_decided(data, Review().say(rule), settled).frame()["d"].tolist()
    assert decided == ["early", "2020-01-02", "2020-01-02", *["2021-03-04"] * 3]
    assert settled.effects[0].cells <= 2


def test_a_second_split_takes_no_held_out_row_back() -> None:
    table = pd.DataFrame({"n": np.arange(100.0), "t": ["a", "b"] * 50})
    splits = [Decision("split", ALL, settings={"to": name}) for name in ("one", "two")]
    settled = settle(splits, dataset(table))
    assert list(settled.passed) == [1] and "earlier split" in settled.passed[1]


@pytest.mark.parametrize(
    ("column", "pairs"),
    [
        ("f", {"3": "9"}),
        ("f", {"3": "three"}),
        ("b", {"true": "false"}),
        ("b", {"true": "ja"}),
        ("i", {"1": "1.5"}),
        ("i", {"1": "7", "2": ""}),
        ("t", {"x": "y", "z": ""}),
        ("d", {"2020-01-02": "2021-03-04"}),
        ("d", {"2020-01-02": "early"}),
    ],
)
def test_a_map_does_the_same_in_code(tmp_path: Path, column: str, pairs: dict[str, str]) -> None:
    table = pd.DataFrame(
        {
            "f": [1.5, 3.0, np.nan, 2.0] * 6,
            "b": ["true", "false", "true", ""] * 6,
            "i": [1, 2, 3, 4] * 6,
            "t": ["x", "z", "w", "x"] * 6,
            "d": ["2020-01-02", "2020-05-06", "", "2020-01-02"] * 6,
            "n": range(24),
        }
    )
    raw = tmp_path / "raw.csv"
    table.to_csv(raw, index=False)
    rule = Decision("map", ALL, column=column, settings={"pairs": pairs})
    data = load(raw)
    assert not settle([rule], data).passed
    made = export(data, Review().say(rule), tmp_path / "out", format="parquet")
    out = tmp_path / "code.parquet"
    done = warm.run(made.folder / "prepare.py", raw, out, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    want, got = pd.read_parquet(made.cleaned)[column], pd.read_parquet(out)[column]
    same = want.astype(object).where(want.notna(), None).tolist()
    assert got.astype(object).where(got.notna(), None).tolist() == same


def test_dates_read_anew_are_read_anew_in_code_too(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"d": [f"{1 + at % 12:02d}/{1 + at % 9:02d}/2020" for at in range(60)], "n": range(60)}
    )
    raw = tmp_path / "raw.csv"
    table.to_csv(raw, index=False)
    rule = Decision("read_as", ALL, column="d", settings={"kind": "datetime", "layout": "day/month/year"})
    made = export(load(raw), Review().say(rule), tmp_path / "out", format="parquet")
    out = tmp_path / "code.parquet"
    done = warm.run(made.folder / "prepare.py", raw, out, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert pd.read_parquet(out)["d"].tolist() == pd.read_parquet(made.cleaned)["d"].tolist()
    assert pd.read_parquet(out)["d"].tolist() == pd.to_datetime(table["d"], format="%d/%m/%Y").tolist()


def test_repeats_are_told_by_the_columns_that_were_compared(tmp_path: Path) -> None:
    from core.export import apply_as_rules

    table = pd.DataFrame({"a": [1, 1, 2, 3], "b": ["x", "x", "y", "z"]})
    raw, later = tmp_path / "raw.csv", tmp_path / "later.csv"
    table.to_csv(raw, index=False)
    table.assign(new=range(4)).to_csv(later, index=False)
    export(load(raw), Review().say(Decision("drop_repeats", ALL)), tmp_path / "out")
    apply_as_rules(tmp_path / "out" / "recipe.json", later, tmp_path / "clean.csv")
    assert len(pd.read_csv(tmp_path / "clean.csv")) == 3
