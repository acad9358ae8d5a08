"""The load page: upload, first look, choices, Go; what is kept and what is let go."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from components.judged import LabelLook
from components.server_looks import server_looks
from components.text import BREAK, plain, tag
from core import workspace
from core.cli import main
from core.dataset import Dataset
from core.decision import Decision
from core.errors import StoreError
from core.places import home
from core.rowset import RowSet
from core.steps import settle
from core.workspace.store import Store
from tests.components.conftest import Open, keyed, ready, shown, sound, undo_of

WHO = "test@example.com"  # whom Streamlit's test runner signs in
CSV = "id;price;town;sold\n" + "".join(
    f"{i};{i * 1.5:.2f};{'Ghent' if i % 2 else 'Lyon'};{'yes' if i % 3 else 'no'}\n".replace(".", ",")
    for i in range(60)
)


def dropped(open_page: Open, name: str = "houses.csv", text: bytes = CSV.encode()) -> AppTest:
    app = open_page("load")
    keyed(app.file_uploader, "upload-").upload(name, text)
    return ready(app)


def test_a_look_tells_the_guess_and_go_loads_it(open_page: Open) -> None:
    app = dropped(open_page)
    sound(app)
    assert "semicolon" in shown(app) and "comma" in shown(app)
    keyed(app.selectbox, "draft-target").set_value("sold").run()
    app.button(key="go").click()
    ready(app)
    sound(app)
    data = app.session_state["winnow"].dataset
    assert (
        data.rows == 60
        and data.roles.target == "sold"
        and data["price"].kind == "numeric"
        and data.name == "houses.csv"
    )
    assert app.query_params["data"] == data.path.parent.name


def test_kinds_and_reading_can_be_changed_before_loading(open_page: Open) -> None:
    app = dropped(open_page)
    option = keyed(app.selectbox, "option-delimiter")
    option.set_value(",")
    ready(app)
    assert len(app.session_state["winnow"].draft.options) == 1 and "comma** between cells" in shown(app)
    keyed(app.selectbox, "option-delimiter").set_value(";")
    ready(app)
    draft = app.session_state["winnow"].draft
    app.session_state[f"kinds-{draft.number}-{tag(str(draft.options))}"] = {
        "edited_rows": {1: {"Kind": "text"}},
        "added_rows": [],
        "deleted_rows": [],
    }
    app.run()
    app.button(key="go").click()
    ready(app)
    sound(app)
    assert app.session_state["winnow"].dataset["price"].kind == "text"


def test_rows_kept_aside_are_one_number_everywhere(
    open_page: Open, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page before and after loading, the note, the command line and its report; names and titles are no
    rows.
    """
    table = "id,name\n1,Bob\n2,Al\n3,Ed\n\nPrices in May\ncode,price,unit\nk1,2.5,kg\nk2,3.5,kg\n"
    app = dropped(open_page, "two.csv", table.encode())
    assert "**2 rows** kept aside" in shown(app) and "Prices in May" in shown(app)
    assert "2 rows under" in shown(app)
    app.button(key="go").click()
    ready(app)
    app.switch_page("pages/data/load.py").run()
    data = app.session_state["winnow"].dataset
    assert (data.rows, data.source.aside) == (3, 2)
    (told,) = data.loading
    assert told.value == 2.0 and "2 rows under" in shown(app)
    assert keyed(app.get("download_button"), "aside").proto.label == "Download 2 rows kept aside"
    (tmp_path / "two.csv").write_text(table, encoding="utf-8")
    assert main(["preview", str(tmp_path / "two.csv")]) == 0
    assert "  2 rows kept aside\n" in capsys.readouterr().out
    assert main(["preview", str(tmp_path / "two.csv"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["read"]["aside"] == 2


def test_a_last_row_that_is_a_total_is_told_before_loading(
    open_page: Open, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = "town;sold\nGhent;3\nLyon;4\nBern;5\n*Total*;12\n"
    app = dropped(open_page, "sums.csv", table.encode())
    sound(app)
    told = next(one.value for one in app.markdown if "looks like a total" in one.value)
    assert plain("'*Total*'") in told and "drop it on Profile" in told
    sums = tmp_path / "sums.csv"
    sums.write_text(table)
    assert main(["preview", str(sums)]) == 0
    assert "  the last row looks like a total: it says '*Total*'\n" in capsys.readouterr().out
    assert main(["preview", str(sums), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["total"], answer["total_serve"]) == ("*Total*", None)
    assert "looks like a total" not in shown(dropped(open_page, "none.csv", table[:-11].encode()))


@pytest.mark.parametrize(("train", "serve"), [(True, False), (False, True), (True, True), (False, False)])
def test_a_total_is_looked_for_in_the_last_row_of_each_part(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], train: bool, serve: bool
) -> None:
    files = []
    for name, has, word in (("train", train, "Total"), ("serve", serve, "Sum")):
        rows = f"town;sold\nGhent;3\nLyon;4\nBern;5\nOslo;8\n{f'{word};20' if has else 'Turin;7'}\n"
        (tmp_path / f"{name}.csv").write_text(rows)
        files.append(str(tmp_path / f"{name}.csv"))
    assert main(["preview", files[0], "--serve", files[1], "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["total"], answer["total_serve"]) == ("Total" if train else "", "Sum" if serve else "")
    assert main(["preview", files[0], "--serve", files[1]]) == 0
    printed = capsys.readouterr().out
    assert ("the last row of train looks like a total: it says 'Total'" in printed) == train
    assert ("the last row of serve looks like a total: it says 'Sum'" in printed) == serve


def test_where_no_total_is_looked_for_the_preview_says_null(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sums.csv").write_text("town;sold\nGhent;3\nLyon;4\nBern;5\nTotal;12\n")
    monkeypatch.setattr(Dataset, "fits_memory", property(lambda self: False))
    assert main(["preview", str(tmp_path / "sums.csv"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"] is None


def test_a_table_that_is_split_has_one_last_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "town;part;sold\nGhent;a;3\nLyon;b;4\nBern;a;5\nOslo;b;8\nTotal;;20\n"
    (tmp_path / "sums.csv").write_text(rows)
    assert main(["preview", str(tmp_path / "sums.csv"), "--split", "part=b", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["total"], answer["total_serve"]) == ("Total", None)
    assert main(["preview", str(tmp_path / "sums.csv"), "--split", "part=b"]) == 0
    assert "the last row looks like a total" in capsys.readouterr().out


def test_a_second_file_becomes_the_serve_part(open_page: Open) -> None:
    app = dropped(open_page)
    keyed(app.segmented_control, "parts-").set_value("file").run()
    assert app.button(key="go").disabled
    keyed(app.file_uploader, "serve-").upload("later.csv", CSV.encode())
    ready(app)
    app.button(key="go").click()
    ready(app)
    sound(app)
    assert app.session_state["winnow"].dataset.parts == {"train": 60, "serve": 60}


def test_home_and_the_drop_zone_say_that_it_takes_one_file_and_where_the_second_goes(open_page: Open) -> None:
    """Home said "or two" of a box that takes one."""
    app = open_page("home")
    assert "You are then asked for a second file, to serve." in shown(app).replace(BREAK, " ")
    assert "or two" not in shown(app)
    app = dropped(open_page)  # one file is enough to be asked
    asked = keyed(app.segmented_control, "parts-")
    assert "A second file" in asked.options and not app.session_state["winnow"].draft.serve
    zone = keyed(open_page("load").file_uploader, "upload-")
    assert not zone.proto.multiple_files and zone.help.startswith("One file; once it was looked at")


@pytest.mark.parametrize(
    ("way", "why"),
    [
        ("value", "Nothing is split yet"),
        ("time", "No column holds dates. Choose “No, one table”, or “Rows by a column's value”."),
    ],
)
def test_a_split_without_what_it_takes_is_not_loaded_as_one_table(
    open_page: Open, way: str, why: str
) -> None:
    app = dropped(open_page)
    assert not app.button(key="go").disabled
    keyed(app.segmented_control, "parts-").set_value(way).run()
    assert app.button(key="go").disabled and why in shown(app).replace("\\", "")
    keyed(app.segmented_control, "parts-").set_value("one").run()
    assert not app.button(key="go").disabled and why not in shown(app)
    if way == "value":
        keyed(app.segmented_control, "parts-").set_value(way).run()
        keyed(app.selectbox, "split-column-value").set_value("town")
        keyed(app.text_input, "split-value-value").set_value("Ghent").run()
        assert why not in shown(app)
        app.button(key="go").click()
        ready(app)
        data = app.session_state["winnow"].dataset
        assert data.parts["serve"] == (data.frame(["town"])["town"] == "Ghent").sum() > 0


def test_what_cannot_be_read_is_said_and_nothing_is_lost(open_page: Open) -> None:
    app = dropped(open_page, "picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(100))
    assert len(app.error) == 1 and not app.exception
    app.button(key="draft-back").click().run()
    assert keyed(app.file_uploader, "upload-") and app.session_state["winnow"].dataset is None


@pytest.mark.parametrize("content", [b"a,b,c\n", b""])
def test_a_table_without_rows_is_not_loaded(open_page: Open, content: bytes) -> None:
    app = dropped(open_page, "header.csv", content)
    assert "The table has no rows: choose a file with rows of data." in plain_text(app)
    assert app.button(key="go").disabled and not app.exception


def test_an_upload_over_the_limit_is_refused(open_page: Open, monkeypatch) -> None:
    monkeypatch.setenv("WINNOW_UPLOAD_MB", "1")
    app = dropped(open_page, "big.csv", b"a,b\n" + b"1,2\n" * 300_000)
    assert "larger than 1 MB" in shown(app) and app.session_state["winnow"].draft is None


def test_recent_sets_offer_to_resume_and_can_be_forgotten(open_page: Open) -> None:
    app = dropped(open_page)
    app.button(key="go").click()
    ready(app)
    app.switch_page("pages/clean/issues.py")
    ready(app)
    data = app.session_state["winnow"].dataset
    Store(home()).say(data.fingerprint, WHO, Decision("drop", RowSet([4])))
    again = open_page("load")
    (resume,) = [link.proto for link in again.get("page_link") if link.proto.label == "Resume"]
    assert "1 step from just now" in shown(again)
    assert (resume.page, resume.query_string) == ("profile", f"data={data.path.parent.name}")
    again.query_params["data"] = data.path.parent.name
    again.switch_page("pages/explore/profile.py")
    ready(again)
    assert list(settle(again.session_state["winnow"].review.decisions, data).dropped) == [4]
    again.switch_page("pages/data/load.py").run()
    again.button(key="forget").click().run()
    assert "Another session uses it now" in shown(again) and data.path.exists(), "said before anything goes"
    asked = [one for one in again.get("popover") if one.warning]
    assert len(asked) == 1 and [button.key for button in asked[0].button] == ["forget-sure", "forget-not"], (
        "where the click was: the open popover would cover it elsewhere"
    )
    again.button(key="forget-not").click().run()
    assert "Another session" not in shown(again)
    Store(home()).say(data.fingerprint, "bob@x.example", Decision("drop", RowSet([5])))
    again.button(key="forget").click().run()
    assert "bob" in shown(again) and "decided about it too" in shown(again)
    again.button(key="forget-sure").click().run()
    sound(again)
    assert again.session_state["winnow"].dataset is None and not list((home() / "data").iterdir())
    assert Store(home()).users(data.fingerprint) == ()


def test_what_labels_found_stays_where_forgetting_failed(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = dropped(open_page)
    app.button(key="go").click()
    ready(app)
    app.switch_page("pages/data/load.py").run()
    data = app.session_state["winnow"].dataset
    key, found = (data.fingerprint, "version"), SimpleNamespace(result=SimpleNamespace(nbytes=1))
    server_looks().put(key, LabelLook((), found))  # type: ignore[arg-type]
    forget = workspace.forget

    def fails(dataset: Dataset) -> None:
        raise StoreError("The workspace cannot be written.")

    monkeypatch.setattr(workspace, "others", lambda *given: None)
    monkeypatch.setattr(workspace, "forget", fails)
    app.button(key="forget").click().run()
    assert "cannot be written" in plain_text(app) and len(server_looks().after(key, (), LabelLook)) == 1
    monkeypatch.setattr(workspace, "forget", forget)
    app.button(key="forget").click().run()
    sound(app)
    assert app.session_state["winnow"].dataset is None and server_looks().after(key, (), LabelLook) == []


def test_the_address_brings_the_data_back(open_page: Open) -> None:
    app = dropped(open_page)
    app.button(key="go").click()
    ready(app)
    mark = app.query_params["data"]
    again = AppTest.from_file(str(Path(__file__).parents[2] / "app.py"), default_timeout=60)
    again.query_params["data"] = mark
    ready(again)
    assert again.session_state["winnow"].dataset.rows == 60


def test_a_doubtful_encoding_is_asked_with_each_reading_and_then_gone(open_page: Open) -> None:
    app = dropped(open_page, "few.csv", "id,name\n1,Pączki\n2,plain\n".encode("cp1250"))
    sound(app)
    assert "Which encoding is right?" in shown(app) and "Not sure about" not in shown(app)
    tables = [table.value for table in app.dataframe if "CP1250" in table.value.columns]
    assert tables and "Pączki" in set(tables[0]["CP1250"]) and "Pšczki" in set(tables[0]["ISO8859-2"])
    keyed(app.button, "encoding-cp1250").click()
    ready(app)
    assert "Which encoding is right?" not in shown(app) and "**CP1250**" in shown(app)
    app.button(key="go").click()
    ready(app)
    data = app.session_state["winnow"].dataset
    assert data.source.options["encoding"] == "cp1250" and data.frame()["name"].tolist()[0] == "Pączki"


def test_a_clear_encoding_is_not_asked_about(open_page: Open) -> None:
    app = dropped(open_page, "clear.csv", "id;price\n1;£64.48\n2;£3.20\n".encode("cp1252"))
    assert "Which encoding" not in shown(app) and "**CP1252**" in shown(app)


def test_one_column_is_called_so_and_a_chosen_delimiter_is_not_doubted(open_page: Open) -> None:
    app = dropped(open_page, "words.csv", b"comment\nhello there, you\nfine\nwell, well, well\nno\nyes\n")
    assert "**one column**" in shown(app) and "****" not in shown(app)
    app = dropped(open_page, "odd.csv", b"a b;c\nd e;f\ng h;i\n")
    keyed(app.selectbox, "option-delimiter").set_value(" ")
    ready(app)
    assert "**space** between cells" in shown(app)
    assert not any("delimiter" in caption.value for caption in app.caption)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("doubt.csv", b"3,5\n10,20\n11,25\n12,22\n"),
        ("doubt.json", b'[["Al","Ulm"],["Bo","Rom"],["Cy","Bern"]]'),
    ],
)
def test_a_doubtful_header_is_asked_about_until_it_is_chosen(open_page: Open, name: str, text: bytes) -> None:
    app = dropped(open_page, name, text)
    sound(app)
    assert [one.value for one in app.caption if "Not sure about" in one.value] == [
        ":orange[:material/warning:] Not sure about: header line. Check the rows below."
    ]
    keyed(app.selectbox, "option-header_line").set_value(-1)
    ready(app)
    assert "Not sure about" not in shown(app) and "no header" in shown(app)
    app.button(key="go").click()
    ready(app)
    data = app.session_state["winnow"].dataset
    assert data.names[0] == "column_1" and data.rows == len(
        text.splitlines() if "csv" in name else json.loads(text)
    )
    assert "Not sure about" not in shown(dropped(open_page)), "of a header that is plain nothing is asked"


def test_another_table_in_json_is_offered_and_loaded(open_page: Open) -> None:
    two = {"users": [{"id": 1}, {"id": 2}], "orders": [{"n": 1}, {"n": 2}, {"n": 3}]}
    app = dropped(open_page, "two.json", json.dumps(two).encode())
    sound(app)
    assert "table **orders**" in shown(app) and "another table, 'users': 2 rows" in plain_text(app)
    keyed(app.selectbox, "option-table").set_value("users")
    ready(app)
    assert "table **users**" in shown(app) and "another table, 'orders': 3 rows" in plain_text(app)
    app.button(key="go").click()
    ready(app)
    assert app.session_state["winnow"].dataset.names == ("id",)


def test_a_parquet_file_without_rows_is_looked_at_and_cannot_be_loaded(
    open_page: Open, tmp_path: Path
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), tmp_path / "none.parquet")
    app = dropped(open_page, "none.parquet", (tmp_path / "none.parquet").read_bytes())
    sound(app)
    assert "The table has no rows" in plain_text(app) and app.button(key="go").disabled


def test_a_kind_that_was_chosen_is_not_called_95_percent_sure(open_page: Open) -> None:
    app = dropped(open_page)
    draft = app.session_state["winnow"].draft
    key = f"kinds-{draft.number}-{tag(str(draft.options))}"
    app.session_state[key] = {"edited_rows": {1: {"Kind": "text"}}, "added_rows": [], "deleted_rows": []}
    app.run()
    table = next(table.value for table in app.dataframe if "Sure" in table.value.columns)
    assert table["Sure"].tolist()[1] == "set by you" and "set by you" not in table["Sure"].tolist()[2:]


def test_an_upload_is_called_by_its_name_in_errors_and_in_what_is_exported(open_page: Open) -> None:
    app = dropped(open_page, "picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(100))
    told = app.error[0].value.replace("\\", "").replace(BREAK, "")
    assert told.startswith("picture.csv should be an image") and "picture.csv.png" not in told
    app = dropped(open_page)
    app.button(key="go").click()
    ready(app)
    assert app.session_state["winnow"].dataset.source.name == "houses.csv"


BROKEN = CSV + "60;90,00;Ghent;**no**;yes\n61;91,50;Lyon;yes\n62;93,00;Gh;ent;yes\n"


def test_lines_kept_aside_are_seen_mended_and_put_back_before_loading(open_page: Open) -> None:
    app = dropped(open_page, "broken.csv", BROKEN.encode())
    sound(app)
    assert "2 lines kept aside: see, mend, put back" in [one.label for one in app.expander]
    table = next(table.value for table in app.dataframe if "Put back" in table.value.columns)
    assert table["Line"].tolist() == [62, 64] and table["Text"].tolist()[0] == "60;90,00;Ghent;**no**;yes"
    draft = app.session_state["winnow"].draft
    mended = {1: {"Text": "62;93,00;Ghent;yes"}}
    key = f"aside-{draft.number}-{tag(str(draft.options))}"
    app.session_state[key] = {"edited_rows": mended, "added_rows": [], "deleted_rows": []}
    ready(app)
    read = next(t.value for t in app.dataframe if "Line" in t.value.columns and "town" in t.value.columns)
    assert read.to_dict("records") == [
        {"Line": 64, "id": "62", "price": "93,00", "town": "Ghent", "sold": "yes"}
    ]
    keyed(app.button, "put-back-").click()
    ready(app)
    sound(app)
    assert "1 line put back" in shown(app) and "**1 row** kept aside" in shown(app)
    keyed(app.button, "aside-again-").click()
    ready(app)
    assert "**2 rows** kept aside" in shown(app)
    (told,) = [one.value for one in app.warning]
    assert "joined to the last column, sold gets \\*\\*no\\*\\*\\;yes (2 rows have surplus" in told
    keyed(app.button, "put-all-back-").click()
    ready(app)
    app.button(key="go").click()
    ready(app)
    data = app.session_state["winnow"].dataset
    assert (data.rows, data.source.aside) == (63, 0)
    assert data.frame()["sold"].tolist()[-3:] == ["**no**;yes", "yes", "ent;yes"]


def test_lines_are_put_back_without_their_surplus_fields(open_page: Open) -> None:
    app = dropped(open_page, "broken.csv", BROKEN.encode())
    keyed(app.toggle, "aside-surplus-").set_value(True)
    ready(app)
    keyed(app.button, "put-all-back-").click()
    ready(app)
    back = app.session_state["winnow"].draft.options["put_back"]
    assert back == ((62, "60;90,00;Ghent;**no**"), (64, "62;93,00;Gh;ent"))
    assert "has surplus fields" not in shown(app)


def test_lines_put_back_later_take_the_steps_along_and_can_be_taken_back(open_page: Open) -> None:
    text = CSV.splitlines(keepends=True)
    app = dropped(open_page, "broken.csv", "".join([*text[:3], "x;1,50;Gh;ent;yes\n", *text[3:]]).encode())
    keyed(app.selectbox, "draft-target").set_value("sold").run()
    app.button(key="go").click()
    ready(app)
    now, store = app.session_state["winnow"], Store(home())
    first = now.dataset
    now.review = store.say(first.fingerprint, WHO, Decision("drop", RowSet([1, 5])))
    now.turn += 1
    app.switch_page("pages/explore/profile.py")
    ready(app)
    doors = [link.proto.label for link in app.get("page_link") if link.proto.page == "load"]
    assert "1 row kept aside: see, mend, put back" in doors
    app.switch_page("pages/data/load.py").run()
    keyed(app.button, "put-all-back-").click()
    ready(app)
    sound(app)
    now = app.session_state["winnow"]
    assert (now.dataset.rows, now.dataset.roles.target, first.rows) == (61, "sold", 60)
    assert list(settle(now.review.decisions, now.dataset).dropped) == [1, 6], "the same two, by their places"
    assert "1 line put back" in now.notice.text and "2 found again" in now.notice.text
    undo_of(app).click()
    ready(app)
    now = app.session_state["winnow"]
    assert now.dataset.fingerprint == first.fingerprint and list(now.review.decisions[0].rows) == [1, 5]


def test_a_line_that_still_does_not_read_is_not_said_to_be_put_back(open_page: Open) -> None:
    rows = '{"a": 1, "b": 2}\n{"a": 3, "b"\n{"a": 5, "b": 6}\n{"a": 7, "b": 8}\n[4]\n'
    app = dropped(open_page, "rows.jsonl", rows.encode())
    keyed(app.button, "put-all-back-").click()
    ready(app)
    sound(app)
    assert plain("0 of 2 lines put back; lines 2, 5 stay aside") in shown(app)
    keyed(app.button, "aside-again-").click()
    app.button(key="go").click()
    ready(app)
    app.switch_page("pages/data/load.py").run()
    keyed(app.button, "put-all-back-").click()
    ready(app)
    now = app.session_state["winnow"]
    assert "0 of 2 lines put back; lines 2, 5 stay aside" in now.notice.text and now.dataset.rows == 3


def test_reading_options_are_set_on_the_page_and_taken_along(open_page: Open) -> None:
    app = dropped(
        open_page, "odd.csv", b"id;sum;day;note\n1;1 200;03/04/2024;x\n2;-99;05/06/2024;y\n3;7;07/08/2024;z\n"
    )
    assert "3 rows" in shown(app)
    keyed(app.text_input, "more-missing").set_value("-99, none").run()
    keyed(app.selectbox, "more-thousands").set_value(" ").run()
    keyed(app.selectbox, "more-date_order").set_value("day first").run()
    keyed(app.multiselect, "more-leave_out").set_value(["note"]).run()
    keyed(app.selectbox, "rename-which").set_value("sum")
    keyed(app.text_input, "rename-new").set_value("total").run()
    sound(app)
    assert "Reading options (5 set)" in [one.label for one in app.expander]
    app.button(key="go").click()
    ready(app)
    data = app.session_state["winnow"].dataset
    assert data.names == ("id", "total", "day")
    assert data.frame()["total"].fillna(0).tolist() == [1200, 0, 7]
    assert str(data.frame()["day"][0]) == "2024-04-03 00:00:00"


def test_options_that_cannot_be_followed_are_taken_back(open_page: Open) -> None:
    app = dropped(open_page)
    keyed(app.multiselect, "more-leave_out").set_value(["id", "price", "town", "sold"]).run()
    assert "are left out" in shown(app)
    keyed(app.button, "read-plainly").click().run()
    sound(app)
    assert app.button(key="go")


def test_a_column_that_serve_lacks_is_told_before_go(open_page: Open) -> None:
    app = dropped(open_page)
    keyed(app.segmented_control, "parts-").set_value("file").run()
    later = "\n".join(line.rpartition(";")[0] for line in CSV.splitlines()).replace("town", "place")
    keyed(app.file_uploader, "serve-").upload("later.csv", later.encode())
    ready(app)
    assert "'town' is missing from serve: a model trained with it cannot" in plain_text(app)
    assert "Serve does not have the target, 'sold', which is to be predicted" in plain_text(app)
    assert "New in serve: 'place'" in plain_text(app)


def plain_text(app: AppTest) -> str:
    """What is shown, without the escapes of Markdown."""
    return shown(app).replace("\\", "").replace(BREAK, "")


def test_a_sheet_is_chosen_and_loaded(open_page: Open, tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "two.xlsx") as book:
        for name, word in (("Now", "price"), ("Next", "cost")):
            sheet = book.add_worksheet(name)
            for row, cells in enumerate([["id", word], *([n, n / 2] for n in range(9))]):
                sheet.write_row(row, 0, cells)
    app = dropped(open_page, "two.xlsx", (tmp_path / "two.xlsx").read_bytes())
    assert "sheet **Now**" in shown(app)
    keyed(app.selectbox, "option-table").set_value("Next").run()
    sound(app)
    app.button(key="go").click()
    ready(app)
    assert app.session_state["winnow"].dataset.names == ("id", "cost")
