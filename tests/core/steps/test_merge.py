"""Spellings merged: what is learned, what new texts become, and that serve changes nothing for train."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.steps import state_after
from core.steps.catalogue import kind_of
from core.steps.merge import METHODS, Merge, looked_at
from tests.core.steps.acting import after, refused, rule, values
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
}


@pytest.mark.parametrize("method", [*WANTED])
def test_each_method_learns_a_map_from_train_and_writes_by_it(method: str) -> None:
    data, settled = after(pd.DataFrame({"t": TRAIN}), rule("merge", "t", method=method))
    learned = settled.effects[0].learned
    assert learned["map"] == WANTED[method]
    assert sorted([*learned["map"], *learned["stay"]]) == sorted({text for text in TRAIN if text})
    assert values(data, "t") == [WANTED[method].get(text, text) for text in TRAIN]  # type: ignore[arg-type]
    assert settled.effects[0].cells == sum(text in WANTED[method] for text in TRAIN)


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
        assert settled.effects[0].own_code is not None


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


@settings(max_examples=30)
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


def test_the_code_has_the_spellings_of_these_data_too() -> None:
    serve = pd.DataFrame({"t": ["OSLO"]})
    _, settled = after(
        dataset(pd.DataFrame({"t": TRAIN}), serve=serve), rule("merge", "t", method="spelling")
    )
    effect = settled.effects[0]
    frame = pd.concat([pd.DataFrame({"t": TRAIN}), serve], ignore_index=True)
    here = {"frame": frame}
    assert effect.own_code is not None
    exec("\n".join([*kind_of("merge").code("t", Merge(), effect.learned), *effect.own_code()]), here)
    made = here["frame"]["t"].astype(object)
    assert made.where(made.notna(), None).tolist() == [
        *(WANTED["spelling"].get(text, text) for text in TRAIN),  # type: ignore[arg-type]
        "Oslo",
    ]
