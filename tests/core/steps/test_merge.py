"""Spellings merged: what is learned, what new texts become, and that serve changes nothing for train."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.filters import Filter
from core.prepare import collisions
from core.prepare.clusters import replayed
from core.rowset import RowSet
from core.steps import settle, state_after
from core.steps.merge import METHODS, looked_at
from core.steps.typed import typed_step
from tests.core.steps.acting import after, refused, rule, values
from tests.core.steps.agreement import assert_equal, decided, script
from tests.examples import examples
from tests.make import dataset

TRAIN = ["Oslo"] * 5 + [
    "oslo",
    "OSLO ",
    "Bergen",
    "bergen",
    "Müller, Anna",
    "Anna Muller",
    "Anna Muller",
    None,
]
WANTED = {
    "spelling": {"oslo": "Oslo", "OSLO ": "Oslo", "bergen": "Bergen"},
    "fingerprint": {
        "oslo": "Oslo",
        "OSLO ": "Oslo",
        "bergen": "Bergen",
        "Müller, Anna": "Anna Muller",
    },
    "ngram": {"oslo": "Oslo", "OSLO ": "Oslo", "bergen": "Bergen"},
    "edit": {"oslo": "Oslo", "OSLO ": "Oslo", "bergen": "Bergen"},
    "sound": {"oslo": "Oslo", "OSLO ": "Oslo", "bergen": "Bergen"},
}


@pytest.mark.parametrize("method", [*WANTED])
def test_each_method_learns_a_map_from_train_and_writes_by_it(method: str) -> None:
    data, settled = after(pd.DataFrame({"t": TRAIN}), rule("merge", "t", method=method))
    learned = settled.effects[0].learned
    assert learned["map"] == WANTED[method]
    assert sorted([*learned["map"], *learned["stay"]]) == sorted({text for text in TRAIN if text})
    assert values(data, "t") == [WANTED[method].get(text, text) for text in TRAIN]  # type: ignore[arg-type]
    assert settled.effects[0].cells == sum(text in WANTED[method] for text in TRAIN)


def test_what_is_not_sure_is_merged_where_that_is_asked_for() -> None:
    frame = pd.DataFrame({"t": ["Meyer", "Meyer", "Maier", "Oslo"]})
    assert values(after(frame, rule("merge", "t", method="sound"))[0], "t") == list(frame["t"])
    asked = typed_step("merge t method=sound unsure=yes")
    assert values(after(frame, asked)[0], "t") == ["Meyer", "Meyer", "Meyer", "Oslo"]


def test_names_of_one_thing_are_joined() -> None:
    texts = ["John Smith"] * 9 + ["Smith, John"] * 2 + ["Washington"] * 30 + ["Washingtno"]
    data, settled = after(pd.DataFrame({"t": texts}), rule("merge", "t", method="names"))
    assert settled.effects[0].learned["map"] == {"Smith, John": "John Smith", "Washingtno": "Washington"}
    assert set(values(data, "t")) == {"John Smith", "Washington"}


@pytest.mark.parametrize("method", METHODS)
def test_nothing_of_serve_is_learned_and_its_spellings_are_joined_to_those_of_train(method: str) -> None:
    train = pd.DataFrame({"t": ["Oslo", "Oslo", "oslo", "New York City"] * 3})
    learned = []
    for planted in ([], ["new york city"] * 100 + ["OSLO"] * 50 + ["Rome"]):
        serve = pd.DataFrame({"t": ["Oslo", *planted]})
        data, settled = after(dataset(train, serve=serve), rule("merge", "t", method=method))
        learned.append(settled.effects[0].learned)
        made = values(data, "t")
    assert learned[0] == learned[1] and "OSLO" not in str(learned)
    both = ["Oslo", "Oslo", "oslo" if method == "names" else "Oslo", "New York City"]
    assert made[:12] == both * 3, "however common serve's spellings are"
    if method != "names":
        assert set(made[12:]) == {"Oslo", "New York City", "Rome"}
        assert "2 spellings not in the map" in settled.effects[0].note
        assert (settled.effects[0].own_code is None) == (method not in ("edit", "sound")), (
            "the code finds the others itself"
        )


def test_the_map_goes_first_and_new_texts_may_be_left_alone() -> None:
    learned = {"map": {"nyc": "NYC", "Big Apple": "NYC"}, "stay": ["Rome"]}
    frame = pd.DataFrame({"t": ["nyc", "Big Apple", "N.Y.C.", "ROME", "oslo", "Oslo", "Oslo"]})
    data, settled = after(frame, rule("merge", "t", learned=learned))
    assert values(data, "t") == ["NYC", "NYC", "NYC", "Rome", "Oslo", "Oslo", "Oslo"]
    assert "'N.Y.C.' as 'NYC'" in settled.effects[0].note and settled.effects[0].learned == learned
    data, settled = after(frame, rule("merge", "t", learned=learned, new=False))
    assert values(data, "t")[2:5] == ["N.Y.C.", "ROME", "oslo"] and settled.effects[0].note == ""


def test_what_a_person_left_unticked_stays() -> None:
    data = dataset(pd.DataFrame({"t": TRAIN}))
    learned = looked_at(state_after([], data), "t", {"oslo": "Oslo", "OSLO ": "oslo"})
    assert learned["map"] == {"oslo": "Oslo", "OSLO ": "Oslo"} and "bergen" in learned["stay"]
    made = values(after(data, rule("merge", "t", learned=learned))[0], "t")
    assert "bergen" in made and "oslo" not in made and "OSLO " not in made


@settings(max_examples=examples(15))
@given(st.permutations(TRAIN), st.sampled_from(METHODS))
def test_the_order_of_rows_means_nothing(order: list[str | None], method: str) -> None:
    one, other = (
        after(pd.DataFrame({"t": texts}), rule("merge", "t", method=method))[1].effects[0].learned
        for texts in (TRAIN, order)
    )
    assert one == other


def test_it_is_done_once() -> None:
    frame = pd.DataFrame({"t": TRAIN})
    for method in METHODS:
        once = values(after(frame, rule("merge", "t", method=method))[0], "t")
        twice = after(frame, rule("merge", "t", method=method), rule("merge", "t", method=method))[0]
        assert values(twice, "t") == once


def test_bad_input_is_told_in_one_sentence() -> None:
    frame = pd.DataFrame({"t": ["a", "b"], "n": [1, 2], "e": pd.array([None, None], "str")})
    assert "method must be one of" in refused(frame, rule("merge", "t", method="soundex"))
    assert "'n' is of kind numeric" in refused(frame, rule("merge", "n"))
    assert "There is no column 'q'" in refused(frame, rule("merge", "q"))
    assert "has no value" in refused(dataset(frame, kinds={"e": "category"}), rule("merge", "e"))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "held", [None, Filter.parse("n < 9"), RowSet([0, 5, 12])], ids=["all", "filter", "rows"]
)
def test_the_code_has_the_spellings_of_these_data_too(method: str, held: Filter | RowSet | None) -> None:
    serve = pd.DataFrame({"t": ["OSLO", "bergen  ", "new york city"], "n": [1, 20, 3]})
    data = dataset(pd.DataFrame({"t": TRAIN, "n": range(len(TRAIN))}), serve=serve)
    steps = [rule("merge", "t", rows=held, method=method)]
    assert_equal(script(data, steps).clean(data.frame(), rows=True), decided(data, steps))


SPELT = ["Oslo", "oslo ", "OSLO!", "São Paulo", "sao paulo", "Paulo, São", "Paulo Sao", "New York", "NewYork",
         "N.Y.", "ny", "Part 1 2", "Part 2 1", "1.5", "15", "ß", "ss"]  # fmt: skip


@given(
    st.lists(st.sampled_from(SPELT), min_size=1, max_size=8),
    st.lists(st.sampled_from(SPELT), min_size=1, max_size=8),
    st.sampled_from(collisions.METHODS),
)
def test_new_spellings_are_joined_alike_by_the_code_by_the_recipe_and_by_the_clusters(
    january: list[str], february: list[str], method: str
) -> None:
    steps = [rule("merge", "t", method=method)]
    learned = settle(steps, dataset(pd.DataFrame({"t": january}), kinds={"t": "category"})).effects[0].learned
    new = dataset(pd.DataFrame({"t": february}), kinds={"t": "category"})
    made = values(after(new, rule("merge", "t", method=method, learned=learned))[0], "t")
    stored = dict.fromkeys(learned["stay"], "") | learned["map"]
    stored = {text: to or text for text, to in stored.items()}
    counts = {text: february.count(text) for text in february}
    settled = stored | {to: to for to in stored.values()}
    if method != "spelling":
        assert collisions.joined(counts, settled, method) == replayed(stored, method, counts).new.mapping()
    both = stored | collisions.joined(counts, settled, method)
    assert made == [both.get(text, text) for text in february]


def test_the_script_joins_next_months_spellings_as_the_recipe_does() -> None:
    january = pd.DataFrame({"t": ["Oslo", "Oslo", "oslo", "São Paulo", "Bergen"] * 3})
    february = pd.DataFrame(
        {"t": ["OSLO", "oslo ", "sao paulo", "Paulo, São", "Rome", "Bergen", "rome", None]}
    )
    for method in collisions.METHODS:
        steps = [rule("merge", "t", method=method)]
        data = dataset(january)
        learned = settle(steps, data).effects[0].learned
        recipe = rule("merge", "t", method=method, learned=learned)
        new = dataset(february, kinds={"t": "category"})
        assert_equal(script(data, steps).clean(february), decided(new, [recipe]))
        assert values(after(new, recipe)[0], "t")[:2] == ["Oslo", "Oslo"]
