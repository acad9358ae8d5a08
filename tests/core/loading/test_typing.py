"""From text to values: what counts as a number, a boolean, a date, a missing value; and what kind of thing a
column holds.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.loading import as_text, load, preview, retype, suggest_roles
from core.loading.dates import read_dates
from core.loading.text import Form, parse
from core.run import run
from tests.core.loading.reading import new_folder, read
from tests.examples import examples


def column(*cells: str):
    dataset = read(("v\tn\n" + "".join(f"{cell}\t{i}\n" for i, cell in enumerate(cells))).encode())
    return dataset["v"], dataset.table(["v"]).column(0).to_pylist(), dataset


@given(st.lists(st.floats(allow_nan=False)))
def test_floats_are_written_as_repr_and_read_back(values):
    text = as_text(pa.array(values, pa.float64()))
    assert text.to_pylist() == [repr(v) for v in values]
    assert [repr(v) for v in parse(text, Form("double")).to_pylist()] == [repr(v) for v in values]


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_whole_numbers_are_read_back(values):
    assert parse(as_text(pa.array(values, pa.int64())), Form("int64")).to_pylist() == values


@given(st.lists(st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 1, 1))))
def test_times_are_read_back(values):
    assert (
        parse(as_text(pa.array(values, pa.timestamp("us"))), Form("timestamp", "year-month-day")).to_pylist()
        == values
    )


@settings(max_examples=examples(80))
@given(st.text(st.sampled_from("0123456789+-.eExX infa_"), max_size=24))
def test_nothing_is_a_number_that_python_does_not_take_for_one(text):
    real, whole = (parse(pa.array([text]), Form(stored)).to_pylist()[0] for stored in ("double", "int64"))
    if real is not None:
        assert real == float(text)
    if whole is not None:
        assert whole == int(text)
    together = parse(pa.array([text, "1.5"]), Form("double")).to_pylist()[0]
    assert together == real or (real is None and together is None)


@pytest.mark.parametrize(
    ("cells", "stored", "values"),
    [
        (["1", "22", ""], "int64", [1, 22, None]),
        (["1", "NA", "-"], "int64", [1, None, None]),
        (["1.5", "n/a", "2"], "double", [1.5, None, 2.0]),
        (["1e5", "-inf", "+.5"], "double", [1e5, float("-inf"), 0.5]),
        (["1,234", "12", "1,000,000.5"], "double", [1234.0, 12.0, 1000000.5]),
        (["007", "12", "3"], "string", ["007", "12", "3"]),
        (["NA", "x", ""], "string", ["NA", "x", None]),
        (["true", "FALSE", ""], "bool", [True, False, None]),
        (["yes", "no", "yes"], "string", ["yes", "no", "yes"]),
        (["0", "1", "1"], "int64", [0, 1, 1]),
        ([" 1 ", "2", "3"], "int64", [1, 2, 3]),
        (["0x10", "1", "2"], "string", ["0x10", "1", "2"]),
        (["1_000", "1", "2"], "string", ["1_000", "1", "2"]),
    ],
)
def test_typing(cells, stored, values):
    found, got, _ = column(*cells)
    assert (found.stored, got) == (stored, values)


@pytest.mark.parametrize(
    ("cells", "first", "note"),
    [
        (["2024-01-31", "2024-02-01 10:30", "2024-03-01T00:00:00.5"], dt.datetime(2024, 1, 31), ""),
        (["31/01/2024", "01/02/2024", "02/03/2024"], dt.datetime(2024, 1, 31), "Read as day/month/year."),
        (["01/31/2024", "02/01/2024", "03/02/2024"], dt.datetime(2024, 1, 31), "Read as month/day/year."),
        (
            ["31.01.24 23:59", "01.02.99 00:01", "2.3.68 1:02"],
            dt.datetime(2024, 1, 31, 23, 59),
            "Read as day.month.two-digit year.",
        ),
        (
            ["1/31/2024 1:05 PM", "2/1/2024 12:00 am", "3/2/2024 12:30 PM"],
            dt.datetime(2024, 1, 31, 13, 5),
            "Read as month/day/year.",
        ),
        (
            ["31 Jan 2024", "1 February 2024", "2-Sept-2024"],
            dt.datetime(2024, 1, 31),
            "Read as day month-name year.",
        ),
        (
            ["Jan 31, 2024", "Feb 1 2024", "March 2, 2024"],
            dt.datetime(2024, 1, 31),
            "Read as month-name day, year.",
        ),
        (
            ["2024-01-31T10:00:00+02:00", "2024-02-01T00:00:00Z", "2024-03-01"],
            dt.datetime(2024, 1, 31, 8),
            " Offsets were converted to UTC.",
        ),
    ],
)
def test_dates(cells, first, note):
    found, got, _ = column(*cells)
    assert (found.kind, got[0], found.note) == ("datetime", first, note.strip())


def test_ambiguous_dates_say_so():
    found, got, _ = column("03/04/2024", "05/06/2024", "07/08/2024")
    assert got[0] == dt.datetime(2024, 3, 4)
    assert found.confidence == 0.4
    assert found.note == "Ambiguous: read as month/day/year, but day/month/year fits as well."
    assert found.ambiguous == "Read as month/day/year, but day/month/year fits as well."
    assert column("03/04/2024", "05/16/2024")[0].ambiguous == ""


def test_days_that_do_not_exist_are_no_dates():
    texts = pa.array(
        ["2023-02-29", "2024-02-29", "2024-13-01", "2024-00-10", "2024-04-31", "2024-01-01 24:00"]
    )
    assert [v is not None for v in read_dates(texts, "year-month-day").to_pylist()] == [
        False,
        True,
        False,
        False,
        False,
        False,
    ]


def test_source_text_is_kept_only_where_the_values_do_not_give_it_back():
    dataset = read(
        b"a,b,c,d,e\n1,1.50,True,2024-01-01,x\n2,2.25,False,2024-01-02,\n3,3.0,True,2024-01-03 10:00:00,NA\n"
    )
    assert {c.name: c.raw for c in dataset.columns} == {
        "a": False,
        "b": True,
        "c": False,
        "d": False,
        "e": False,
    }
    assert dataset.raw("b").to_pylist() == ["1.50", "2.25", "3.0"]


def test_marks_of_missing_values_are_counted():
    found, _, dataset = column("1", "NA", "NA", "?", "", "2")
    assert found.null_tokens == (("NA", 2), ("?", 1))
    assert dataset.source.options["null_tokens"] == ["?", "NA"]
    assert found.raw


@pytest.mark.parametrize("dash", ["–", "—", "−", "-", "--"])
def test_a_dash_of_any_length_marks_a_missing_value(dash):
    found, _, dataset = column("1,5", dash, dash, "2,25", "-3,5")
    assert found.null_tokens == ((dash, 2),) and found.stored == "double"
    words = pd.DataFrame({"kind": ["ale", "stout", "porter", dash] * 30, "n": range(120)})
    alerts = {f.code: f for f in run("profile", read(words.to_csv(index=False).encode())).findings}
    assert len(alerts["disguised_missing"].rows) == 30 and repr(dash) in alerts["disguised_missing"].title


def test_kinds():
    n = 200
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "row_id": rng.permutation(n) + 10**6,
            "counter": np.arange(n),
            "code": [f"A{i:05d}" for i in rng.permutation(n)],
            "amount": rng.integers(0, 10**9, n),
            "colour": rng.choice(["red", "green"], n),
            "comment": [f"this is the remark number {i} of a customer" for i in range(n)],
            "flag": rng.random(n) < 0.5,
            "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 10**6, n), unit="s"),
            "price": rng.random(n),
        }
    )
    kinds = {c.name: c.kind for c in read(frame.to_csv(index=False).encode()).columns}
    assert kinds == {
        "row_id": "identifier",
        "counter": "identifier",
        "code": "identifier",
        "amount": "numeric",
        "colour": "category",
        "comment": "text",
        "flag": "boolean",
        "when": "datetime",
        "price": "numeric",
    }


def test_suggested_roles():
    rows = "".join(
        f"{i},2024-01-{i % 28 + 1:02d},{i * 7 % 11}.5,{'yes' if i % 3 else 'no'}\n" for i in range(40)
    )
    roles = suggest_roles(read(("customer_id,date,x,Churn\n" + rows).encode()))
    assert (roles.id, roles.time, roles.target, roles.weight) == ("customer_id", "date", "Churn", None)
    assert suggest_roles(read(("id,when,x,status\n" + rows).encode())).target == "status"
    assert suggest_roles(read(b"x,y2\n1.5,2.5\n2.5,3.5\n")).target is None


def test_a_column_named_and_used_as_an_identifier_is_suggested_as_one():
    """One of numbers too, where a row is repeated or there is one row only; none that holds few values."""
    rows = [f"{i},{i % 7}.5,{i % 4}\n" for i in range(40)]
    repeated = read(("id,x,shop_id\n" + "".join([*rows, rows[3]])).encode())
    assert repeated["id"].kind == "numeric" and suggest_roles(repeated).id == "id"
    assert suggest_roles(read(b"id,name\n1,Anna\n")).id == "id"
    assert suggest_roles(read(b"no,name\n1,Anna\n2,Ben\n")).id is None
    assert (
        suggest_roles(read(("x,shop_id\n" + "".join(f"{i}.5,{i % 4}\n" for i in range(40))).encode())).id
        is None
    )


def test_words_that_read_as_numbers_are_said_to_before_loading(tmp_path):
    """Amounts with no-break spaces between thousands; no codes, no plain digits, no words among them."""
    amounts = [f"{i % 9 + 1}\u00a0{100 + 7 * i},{i % 90 + 10}" for i in range(60)]
    lines = [f"{a};{i:05d};{a} bar;x{i % 3}" for i, a in enumerate(amounts)]
    path = tmp_path / "amounts.csv"
    path.write_text("amount;plot;pressure;word\n" + "\n".join(lines) + "\n", encoding="utf-8")
    noted = [column.name for column in preview(path).columns if "read as numbers" in column.note]
    assert noted == ["amount"]
    assert preview(path).options.decimal == "." and preview(path).other_decimals
    plain = "point,word\n" + "".join(f"{i}.5,{i} bar\n" for i in range(60))
    (tmp_path / "plain.csv").write_text(plain)
    assert not preview(tmp_path / "plain.csv").other_decimals
    column = load(path, into=tmp_path / "w", kinds={"amount": "numeric"}).table(["amount"]).column(0)
    assert column.null_count == 0 and column[0].as_py() == 1100.1


def test_dates_and_amounts_as_text_are_no_identifiers_though_nearly_all_differ():
    days = pd.date_range("1990-01-01", periods=300).strftime("%d/%m/%Y").tolist()
    amounts = [f"{value:.2f} €".replace(".", ",") for value in np.random.default_rng(0).normal(0, 1e6, 299)]
    codes = [f"K{i:04d}" for i in range(300)]
    frame = pd.DataFrame(
        {"day": days, "mixed": ["2019-01-01", "soon", *days[2:]], "amount": [*amounts, "?"], "code": codes}
    )
    kinds = {c.name: c.kind for c in read(frame.to_csv(index=False).encode()).columns}
    assert kinds == {"day": "datetime", "mixed": "category", "amount": "category", "code": "identifier"}
    typed = load(frame, into=new_folder())
    assert typed["day"].kind == "category"
    again = retype(typed, {"day": "datetime"})
    assert again["day"].kind == "datetime" and again.table(["day"]).column(0).null_count == 0


def test_dates_of_layouts_that_contradict_each_other_are_no_identifier():
    days = pd.date_range("2024-01-01", periods=300)
    layouts = ("%Y-%m-%d", "%m/%d/%Y", "%d-%m-%y")
    frame = pd.DataFrame(
        {
            "day": [day.strftime(layouts[at % 3]) for at, day in enumerate(days)],
            "sort_code": [f"{at % 90 + 10}-{at % 83 + 10}-{at % 71 + 10}" for at in range(300)],
            "ssn": [f"{at + 123}-{at % 90 + 10}-{at * 7 % 8000 + 1000}" for at in range(300)],
        }
    )
    data = read(frame.to_csv(index=False).encode())
    assert {c.name: c.kind for c in data.columns} == {
        "day": "category",
        "sort_code": "identifier",
        "ssn": "identifier",
    }
    said = {f.code for f in run("profile", data).findings if "day" in f.columns}
    assert "identifier_like" not in said


AMOUNTS = (np.random.default_rng(3).permutation(900_000)[:300] + 1_000) / 100
PRICES = {
    "one currency": [f"{v:.2f} €".replace(".", ",") for v in AMOUNTS],
    "two currencies": [
        f"$ {v:,.2f}" if at % 3 else f"€ {v:.2f}".replace(".", ",") for at, v in enumerate(AMOUNTS)
    ],
    "units that are not read": [f"{v:.2f} bushels" for v in AMOUNTS],
    "currency without a blank": [f"CHF {v:,.2f}" for v in AMOUNTS],
    "with words": [f"{v:.2f} kr" if at % 20 else f"on request ({at})" for at, v in enumerate(AMOUNTS)],
}


@pytest.mark.parametrize("case", PRICES)
def test_unique_amounts_that_stay_text_are_no_identifier(case):
    frame = pd.DataFrame({"price": PRICES[case], "x": AMOUNTS[::-1]})
    data = read(frame.to_csv(index=False).encode())
    assert data["price"].kind == "category" and data["price"].stored == "string"
    assert suggest_roles(data).id is None
    findings = [f for f in run("profile", data).findings if "price" in f.columns]
    assert "identifier_like" not in [f.code for f in findings]
    assert all(f.settings.get("kind") != "identifier" for f in findings)


CODES = {
    "letters first": [f"C{at // 10}.{at % 10}" for at in range(300)],
    "addresses": [f"10.0.{at // 250}.{at % 250}" for at in range(300)],
    "versions": [f"{at}.4.1" for at in range(300)],
    "digits and a letter": [f"{at}-A" for at in range(300)],
}


@pytest.mark.parametrize("case", CODES)
def test_codes_with_points_stay_identifiers(case):
    frame = pd.DataFrame({"what": CODES[case], "x": AMOUNTS})
    data = read(frame.to_csv(index=False).encode())
    assert data["what"].kind == "identifier" and suggest_roles(data).id == "what"


@pytest.mark.parametrize(
    "name", ["PID", "pid", "patient_pid", "UID", "SSN", "mrn", "policy_number", "Case no"]
)
def test_unique_numbers_of_one_length_with_the_name_of_an_identifier(name):
    numbers = 100_000_000 + 4_000_037 * np.random.default_rng(1).permutation(200)
    assert (
        read(pd.DataFrame({name: numbers, "x": "a"}).to_csv(index=False).encode())[name].kind == "identifier"
    )


@pytest.mark.parametrize("name", ["amount", "paid", "grid", "humidity", "bid"])
def test_other_numbers_stay_numbers(name):
    numbers = np.random.default_rng(1).permutation(10_000)[:200]
    assert read(pd.DataFrame({name: numbers, "x": "a"}).to_csv(index=False).encode())[name].kind == "numeric"


def test_a_number_is_the_id_by_its_name_and_by_values_that_do_not_repeat() -> None:
    values = [(i * 7919) % 90001 for i in range(1, 61)]
    ids = {}
    for name, many in (("consumer_index", values), ("queue_no", values), ("customer_id", values)):
        lines = [f"{name},x", *(f"{one},{i % 7}" for i, one in enumerate([*many, many[0]]))]
        ids[name] = suggest_roles(read("\n".join(lines).encode())).id
    assert ids == {"consumer_index": None, "queue_no": None, "customer_id": "customer_id"}


def test_a_column_keeps_the_layouts_by_which_its_text_was_read():
    rows = "".join(f"{at % 12 + 1}/{at + 10}/20\t{at},5\t2020-01-{at + 10}\t{at}\n" for at in range(15))
    data = read(f"us\tcomma\tiso\tn\n{rows}".encode())
    assert {c.name: c.layouts for c in data.columns} == {
        "us": ("month/day/yr",),
        "comma": ("comma",),
        "iso": ("year-month-day",),
        "n": (),
    }
    assert type(data).open(data.path).columns == data.columns
    texts = load(pa.table({"day": ["26/04/2019", "2019-04-27"], "n": ["955,12 €", "1"]}), into=new_folder())
    anew = retype(texts, {"day": "datetime", "n": "numeric"})
    assert set(anew["day"].layouts) == {"day/month/year", "year-month-day"} and anew["n"].layouts == (
        "comma",
    )


def test_a_look_says_that_words_are_dates_of_several_layouts(tmp_path):
    days = pd.date_range("2021-01-01", periods=60)
    frame = pd.DataFrame(
        {
            "mixed": [f"{day:%Y-%m-%d}" if at % 3 else f"{day:%d/%m/%Y}" for at, day in enumerate(days)],
            "but one": [f"{day:%Y-%m-%d}" if at % 3 else f"{day:%d/%m/%Y}" for at, day in enumerate(days)],
            "either": [
                f"{at % 12 + 1:02d}/05/2021" if at % 2 else f"{days[at]:%Y-%m-%d}" for at in range(60)
            ],
            "town": ["Ghent", "Lyon"] * 30,
        }
    )
    frame.loc[7, "but one"] = "soon"
    frame.to_csv(tmp_path / "a.csv", index=False)
    notes = {column.name: column.note for column in preview(tmp_path / "a.csv").columns}
    assert notes["mixed"] == "All values read as dates. Choose datetime to read them so."
    assert notes["either"].startswith("All values read as dates. Choose datetime to read them so. Read as ")
    assert notes["either"].endswith("it could be day before month.")
    assert notes["but one"] == notes["town"] == ""
    read = load(tmp_path / "a.csv", into=tmp_path / "w", kinds={"mixed": "datetime"})
    assert read.frame()["mixed"].tolist() == days.tolist()
