"""Spellings of one thing are found, by each method; different things are never sure to be one."""

from __future__ import annotations

import unicodedata
import zoneinfo

import numpy as np
import plotly.data
import pytest

from core.errors import Cancelled, SettingError
from core.numerics.near_texts import near_distance
from core.prepare.clusters import METHODS, Clusters, clusters, replayed
from core.prepare.collisions import joined
from core.prepare.text_keys import TextKey, folded
from core.progress import Progress
from tests.core.numerics.test_near_texts import by_hand, edited
from tests.core.prepare.test_similar_names import (
    CITIES,
    FIRMS,
    GRADES,
    MODELS,
    PEOPLE,
    ROUTES,
    SIBLINGS,
    STATES,
    by_name,
)

ALIASES = {"Hongkong", "Katmandu"}  # in the list of time zones these are second spellings
ZONES = sorted(
    {zone.rsplit("/", 1)[-1].replace("_", " ") for zone in zoneinfo.available_timezones()} - ALIASES
)
LETTERS = sorted({unicodedata.name(chr(code), "") for code in range(0x250)} - {""})
CLEAN = {
    "states": STATES,
    "cities": CITIES,
    "firms": FIRMS,
    "people": PEOPLE,
    "models": MODELS,
    "grades": GRADES,
    "routes": ROUTES,
    "countries": sorted(set(plotly.data.gapminder()["country"])),
    "districts": sorted(set(plotly.data.election()["district"])),
    "zones": ZONES,
    "names of letters": LETTERS,
    **SIBLINGS,
}


def groups(found: Clusters) -> set[frozenset[str]]:
    return {frozenset([one.centre, *(m.text for m in one.members)]) for one in found.clusters}


@pytest.mark.parametrize(
    ("method", "texts"),
    [
        ("fingerprint", ["Acme Ltd.", "ACME  ltd", "Ltd, Acme"]),
        ("fingerprint", ["Müller", "Muller", "MÜLLER ", "Mu\u0308ller"]),
        ("fingerprint", ["Ærøskøbing", "aeroskobing"]),
        ("fingerprint", ["Straße 5 b", "STRASSE 5 B"]),
        ("fingerprint", ["Main Street 2", "Street 2, Main"]),
        ("ngram", ["Hong Kong", "Hongkong", "HONG-KONG"]),
        ("ngram", ["Room 3b", "room 3 b"]),
        ("sound", ["Meyer", "Maier", "MEIER"]),
        ("sound", ["Philipp Schmidt", "Filip Schmitt"]),
        ("edit", ["Bergen", "Bregen", "Bergem", "BERGEN!"]),
        ("edit", ["Massachusetts", "Masachusetta"]),
        ("edit", ["Владивосток", "Владивасток"]),
        ("edit", ["मुंबई शहर", "मुबंई शहर"]),
    ],
)
def test_spellings_of_one_thing_are_one_cluster(method: str, texts: list[str]) -> None:
    found = clusters({text: 2 * len(texts) - at for at, text in enumerate(texts)} | {"Zanzibar": 9}, method)
    assert groups(found) == {frozenset(texts)}
    assert found.clusters[0].centre == texts[0]
    assert found.clusters[0].changed == sum(2 * len(texts) - at for at in range(1, len(texts)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.5", "15"),
        ("-5", "5"),
        ("Part 1 2", "Part 2 1"),
        ("Part 1 2", "Part 12"),
        ("dose 1.5 mg daily", "dose 15 mg daily"),
        ("about -5 degrees", "about 5 degrees"),
        ("500 mg", "500 kg"),
        ("item 000001", "item 000002"),
        ("AB-12", "AB12"),
        ("ABC123", "ABD123"),
        ("3 Mar 2020", "3 May 2020"),
        ("March 3rd, 2020", "May 3rd, 2020"),
        ("Tuesday 5 June 2021", "Thursday 5 June 2021"),
        ("2020-01-02T10:00:00Z", "2020-01-02T10:00:00"),
        ("Type A", "Type B"),
        ("Class II north", "Class III north"),
        ("Phase 1 Cohort 2", "Cohort 1 Phase 2"),
        ("Building A Floor B", "Floor A Building B"),
        ("Rating A-", "Rating A"),
        ("Rating A+", "Rating A-"),
        ("C", "C#"),
        ("j.smith@firm.org", "jsmith@firm.org"),
        ("https://a.org/bc", "https://a.org/b-c"),
        ("мой", "мои"),
        ("ガラス", "カラス"),
        ("ビール", "ビル"),
        ("Iran", "Iraq"),
        ("profit", "profit %"),
        ("???", "!!!"),
    ],
)
@pytest.mark.parametrize("method", METHODS)
def test_never_proposed(method: str, one: str, other: str) -> None:
    assert clusters({one: 100, other: 1}, method).clusters == ()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("names", CLEAN.values(), ids=CLEAN)
def test_different_names_are_never_surely_one(names: list[str], method: str) -> None:
    for seed in range(10):
        assert clusters(by_name(names, seed), method).mapping() == {}


def test_what_is_not_sure() -> None:
    texts = {
        "New York": 9,
        "New New York": 1,
        "Oslo to Lima": 5,
        "Lima to Oslo": 1,
        "Smith, John": 2,
        "John Smith": 3,
    }
    found = clusters(texts)
    assert found.mapping() == {"Smith, John": "John Smith"}
    assert found.mapping(unsure=True) == found.mapping() | {
        "New New York": "New York",
        "Lima to Oslo": "Oslo to Lima",
    }
    near = {"North Carolina": 900, "South Carolina": 1, "Washington": 40, "Washingtno": 2, "Washingtan": 3}
    near["Washingtom"] = 1
    assert clusters(near, "edit").mapping() == {
        "Washingtno": "Washington",
        "Washingtom": "Washington",
    }
    assert (
        clusters({"Washington": 40, "Washingtno": 2, "Middletown": 5, "Middleton": 5}, "edit").mapping() == {}
    )


def test_planted_slips_are_found() -> None:
    """One slip in each of 191 cities, ten times over; Kingston, Kingstown and the like are among them."""
    planted = right = sure = 0
    for seed in range(10):
        draw = np.random.default_rng(seed)
        counts = dict(zip(CITIES, draw.integers(50, 400, len(CITIES)).tolist(), strict=True))
        slips = {edited(draw, city, "abcdefghijklmnopqrstuvwxyz"): city for city in CITIES if len(city) > 5}
        slips = {slip: city for slip, city in slips.items() if folded(slip) not in map(folded, CITIES)}
        found = clusters(counts | dict.fromkeys(slips, 1), "edit")
        planted += len(slips)
        right += sum(found.mapping(unsure=True).get(slip) == city for slip, city in slips.items())
        sure += len(found.mapping())
        assert found.mapping().items() <= slips.items()
    assert planted > 1_500
    assert right >= 0.99 * planted
    assert sure >= 0.35 * planted


def test_a_name_with_slips_of_its_own_stays_a_centre() -> None:
    counts = {"Kingstown": 300, "Kingston": 200, "Kngston": 2, "Kimgstown": 1}
    near = groups(clusters(counts, "edit"))
    assert near == {frozenset({"Kingstown", "Kimgstown"}), frozenset({"Kingston", "Kngston"})}
    assert groups(clusters({"Kingstown": 300, "Kingston": 200}, "edit")) == {
        frozenset({"Kingstown", "Kingston"})
    }


def test_a_slip_in_a_long_word_beside_a_frequent_one_is_sure() -> None:
    draw = np.random.default_rng(5)
    long = [state for state in STATES if state.isalpha() and len(state) >= 8]
    slips = {state[:4] + "q" + state[5:]: state for state in long}
    counts = {state: int(draw.integers(50, 90)) for state in STATES}
    assert clusters(counts | dict.fromkeys(slips, 2), "edit").mapping() == slips


@pytest.mark.parametrize("method", METHODS)
def test_nothing_depends_on_the_order(method: str) -> None:
    draw = np.random.default_rng(6)
    texts = [*CITIES, *(edited(draw, city, "abc -") for city in CITIES), *(city.upper() for city in CITIES)]
    counts = {text: int(times) for text, times in zip(texts, draw.integers(1, 4, len(texts)), strict=True)}
    wanted = clusters(counts, method)
    assert wanted.clusters
    for _ in range(5):
        shuffled = [(str(text), counts[str(text)]) for text in draw.permutation([*counts])]
        assert clusters(dict(shuffled), method) == wanted


def test_members_are_near_their_centre_never_chained() -> None:
    chain = ["berger", "bergem", "bargem", "bargam"]
    found = clusters({text: 9 - at for at, text in enumerate(chain)}, "edit")
    assert groups(found) == {frozenset(chain[:2]), frozenset(chain[2:])}
    draw = np.random.default_rng(7)
    texts = ["".join(draw.choice([*"abc"], draw.integers(5, 15))) for _ in range(1_500)]
    counts = {text: int(draw.integers(1, 50)) for text in texts}
    seen: set[str] = set()
    for one in clusters(counts, "edit").clusters:
        for member in one.members:
            pair = [one.centre, member.text]
            assert by_hand(pair, [0, 0]) == {(0, 1): member.distance}
            assert 1 <= member.distance <= near_distance(min(map(len, pair)))
            assert counts[member.text] <= counts[one.centre]
        mine = {one.centre, *(member.text for member in one.members)}
        assert not mine & seen
        seen |= mine
    assert len(seen) > 300


@pytest.mark.parametrize("method", ["fingerprint", "ngram", "edit", "sound"])
def test_where_all_have_stray_blanks_the_commonest_is_kept_without_them(method: str) -> None:
    found = clusters({"Köln ": 100, "köln  ": 5, "KÖLN ": 3, "Bonn ": 9}, method)
    assert found.mapping() == {"Köln ": "Köln", "köln  ": "Köln", "KÖLN ": "Köln"}, "Bonn is alone and stays"
    (one,) = found.clusters
    assert (one.centre, one.times, one.changed) == ("Köln", 0, 108)
    assert clusters({"Köln": 9, "Köln ": 2}, method).mapping() == {"Köln ": "Köln"}


def test_a_centre_is_tidied_only_with_what_joins_it() -> None:
    near = clusters({"Bergen ": 90, "Bregen": 2}, "edit")
    assert near.mapping(unsure=True) == {"Bregen": "Bergen", "Bergen ": "Bergen"}, "not like the slip"
    assert near.mapping() == {}
    sure = clusters({"Washington ": 40, "Washingtno": 2}, "edit").mapping()
    assert sure == {"Washington ": "Washington", "Washingtno": "Washington"}
    turned = clusters({"Oslo to Lima ": 5, "Lima  to Oslo": 1})
    assert turned.mapping() == {} and len(turned.mapping(unsure=True)) == 2
    again = replayed({"koln": "Köln "}, "fingerprint", {"koln": 5, "KÖLN": 9})
    assert again.new.mapping() == {"KÖLN": "Köln "}, "a text that was looked at stays what it is"


@pytest.mark.parametrize("method", ["spelling", "fingerprint", "ngram"])
def test_new_texts_are_joined_by_the_same_rule(method: str) -> None:
    assert joined({"Köln ": 9, "köln  ": 5, "Bonn ": 3}, {}, method) == {"Köln ": "Köln", "köln  ": "Köln"}
    assert joined({"Oslo": 9, "oslo ": 5}, {}, method) == {"oslo ": "Oslo"}


def test_ties_go_to_the_tidiest_then_to_the_first_by_code_point() -> None:
    assert clusters({"oslo ": 3, "oslo": 3, "Oslo": 3}).clusters[0].centre == "Oslo"
    assert clusters({" Oslo": 3, "oslo": 3}).clusters[0].centre == "oslo"


def test_numbered_codes_are_no_candidates() -> None:
    """Each text meets itself once in each of three segments, and no other."""
    for texts in ([f"item {n:06d}" for n in range(20_000)], [f"Road {n} north" for n in range(20_000)]):
        found = clusters(dict.fromkeys(texts, 1), "edit")
        assert found.clusters == ()
        assert found.texts == 20_000
        assert found.candidates <= 3 * 20_000
        assert found.skipped == 0


def test_what_is_left_out_is_counted_and_said() -> None:
    found = clusters({"1.5": 1, "15": 1, "2020-01-01": 1, "x" * 201: 1, "Oslo": 2, "oslo": 1})
    assert (found.texts, found.left_out) == (2, 4)
    assert found.notes == (
        "4 texts left out: numbers, dates, codes, and texts without letters or with more than 200.",
    )
    assert "10 of 30 pairs" in Clusters("edit", (), candidates=20, skipped=10).notes[0]
    assert clusters({}).clusters == ()


def test_unknown_methods_and_stops() -> None:
    with pytest.raises(SettingError, match="'phonetic' is no way to find spellings"):
        clusters({"a": 1}, "phonetic")
    with pytest.raises(Cancelled):
        clusters({"a": 1}, "edit", Progress(stop=lambda: True))


def test_hostile_texts_are_read_in_no_time() -> None:
    for text in (
        "mar" * 66,
        "1" * 200,
        "a@" * 100,
        "-" * 200,
        "1 " * 100,
        "(" * 199 + "5",
        "mar 1 " * 33 + "é",
    ):
        TextKey.of(text)
    assert TextKey.of("\ud800 lone") is not None
    halves = [f"lone {chr(code)} half" for code in (0xD800, 0xD801)]
    assert clusters(dict.fromkeys(halves, 1), "edit").texts == 2


def test_replay_takes_the_map_first_and_lists_what_the_method_finds_beyond_it() -> None:
    stored = {"Big Apple": "NYC", "nyc": "NYC", "Bergem": "Bergem"}
    counts = {"nyc": 5, "N.Y.C.": 90, "big apple": 7, "Big Apple": 1, "oslo": 3, "Oslo": 8, "BERGEM": 2}
    again = replayed(stored, "fingerprint", counts)
    assert again.known == {"nyc": "NYC", "Big Apple": "NYC"}
    assert again.new.mapping() == {"N.Y.C.": "NYC", "big apple": "NYC", "oslo": "Oslo", "BERGEM": "Bergem"}
    assert {one.centre: one.times for one in again.new.clusters}["NYC"] == 6
    assert replayed(stored, "fingerprint", {"nyc": 1, "NYC": 1, "Bergem": 4}).new.clusters == ()


def test_replay_by_edits_leads_to_what_was_kept_even_where_that_is_rare_now() -> None:
    again = replayed({"Bregen": "Bergen"}, "edit", {"Bregne": 50, "Bergan": 9, "Bregen": 1})
    assert again.known == {"Bregen": "Bergen"}
    assert again.new.mapping(unsure=True) == {"Bregne": "Bergen", "Bergan": "Bergen"}
    kept_apart = {"Middleton": "Middleton", "Middletown": "Middletown"}
    assert replayed(kept_apart, "edit", {"Middleton": 4, "Middletown": 90}).new.clusters == ()


def test_replay_is_not_sure_where_the_map_leads_one_key_to_two_words() -> None:
    stored = {"oslo": "Oslo (N)", "OSLO": "Oslo, MN"}
    new = replayed(stored, "fingerprint", {"Oslo": 3, "oslo": 1}).new
    assert new.mapping() == {}
    assert len(new.mapping(unsure=True)) == 1
