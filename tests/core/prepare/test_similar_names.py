"""Names of one thing are found, and different names are left apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.analyses.profile.analysis import ProfileSettings, profile
from core.prepare.fixes import decisions
from core.prepare.similar_names import similar
from core.progress import SILENT
from core.steps import settle
from tests.make import dataset

STATES = (
    "Alabama,Alaska,Arizona,Arkansas,California,Colorado,Connecticut,Delaware,Florida,Georgia,Hawaii,Idaho,"
    "Illinois,Indiana,Iowa,Kansas,Kentucky,Louisiana,Maine,Maryland,Massachusetts,Michigan,Minnesota,"
    "Mississippi,Missouri,Montana,Nebraska,Nevada,New Hampshire,New Jersey,New Mexico,New York,North "
    "Carolina,North Dakota,Ohio,Oklahoma,Oregon,Pennsylvania,Rhode Island,South Carolina,South "
    "Dakota,Tennessee,Texas,Utah,Vermont,Virginia,Washington,West Virginia,Wisconsin,Wyoming,District of "
    "Columbia,Washington DC"
).split(",")
CITIES = (
    "Birmingham,Huntsville,Phoenix,Tucson,Mesa,Chandler,Glendale,Scottsdale,Little Rock,North Little "
    "Rock,Los Angeles,San Diego,San Jose,San Francisco,Fresno,Sacramento,West Sacramento,Long "
    "Beach,Oakland,Bakersfield,Anaheim,Santa Ana,Santa Barbara,Santa Clara,Santa Clarita,Santa Cruz,Santa "
    "Maria,Santa Monica,Riverside,Stockton,Chula Vista,Irvine,Fremont,San "
    "Bernardino,Modesto,Fontana,Moreno Valley,Denver,Colorado Springs,Aurora,Fort "
    "Collins,Lakewood,Bridgeport,New Haven,Hartford,West Hartford,East Hartford,Jacksonville,Miami,Miami "
    "Beach,Miami Gardens,Tampa,Orlando,St. Petersburg,Hialeah,Fort "
    "Lauderdale,Atlanta,Columbus,Augusta,Savannah,Athens,Honolulu,Boise,Chicago,Aurora "
    "Heights,Rockford,Joliet,Naperville,Springfield,Indianapolis,Fort Wayne,Evansville,Des Moines,Cedar "
    "Rapids,Wichita,Overland Park,Kansas City,Kansas,Louisville,Lexington,New Orleans,Baton "
    "Rouge,Portland,Baltimore,Boston,Worcester,Cambridge,Lowell,Detroit,Grand "
    "Rapids,Warren,Minneapolis,Saint Paul,Rochester,Dorchester,Jackson,Jacksontown,St. "
    "Louis,Independence,Omaha,Lincoln,Las Vegas,North Las "
    "Vegas,Henderson,Reno,Manchester,Nashua,Newark,Jersey City,Paterson,Albuquerque,New "
    "York,Buffalo,Yonkers,Syracuse,Albany,Charlotte,Raleigh,Greensboro,Greenville,Greenvale,Durham,"
    "Winston-Salem,Salem,Fayetteville,Cary,Cleveland,Cincinnati,Toledo,Akron,Dayton,Oklahoma "
    "City,Tulsa,Norman,Eugene,Philadelphia,Pittsburgh,Allentown,Providence,Charleston,North "
    "Charleston,Charlestown,Columbia,Sioux Falls,Nashville,Knoxville,Memphis,Houston,San "
    "Antonio,Dallas,Austin,Fort Worth,El Paso,Arlington,Corpus "
    "Christi,Plano,Laredo,Lubbock,Irving,Garland,Amarillo,Grand Prairie,McKinney,Salt Lake City,West "
    "Valley City,Provo,Burlington,South Burlington,Virginia Beach,Norfolk,Chesapeake,Richmond,Newport "
    "News,Newport,Alexandria,Seattle,Spokane,Tacoma,Vancouver,Bellevue,Milwaukee,Madison,Green "
    "Bay,Middleton,Middletown,Kingston,Kingstown,Johnston,Johnstown,Cheyenne,Washington"
).split(",")
MODELS = [f"{kind} {number}" for kind in ("Model", "Type", "A") for number in range(100, 400, 25)] + (
    "737-3H4,737-3G7,737-3Q8,747-451,757-232,757-223,A319-112,A319-114,A320-211,A320-212,A321-211,"
    "CL-600-2B19,CL-600-2C10,MD-88,MD-90-30,DC-9-82(MD-82),DC-9-83(MD-83),172M,172N,172E,Model 1 "
    "200,Model 12 00,2-1,21,1.5,15"
).split(",")
GRADES = "A,A+,A-,B,B+,B-,C,C+,C++,C#,<=50K,>50K,<5,>5,5-9,59,10-14,1014,yes,no,n,y,+,-,0+,0-".split(",")
ROUTES = [f"{a}-{b}" for a in ("Oslo", "Bergen", "Trondheim") for b in ("Paris", "Madrid", "Berlin")]
ROUTES += ["-".join(reversed(route.split("-"))) for route in ROUTES]
FIRMS = (
    "American Airlines,American Aircraft Inc,American Eagle Airlines,United,United Airlines,United "
    "Technologies,Delta,Delta Faucet,Bell,Bell Canada,General Motors,General Electric,General "
    "Dynamics,First National Bank,Second National Bank,US Steel,US Bank,Air France,Air "
    "Canada,Northwest,Southwest,North West Water"
).split(",")
PEOPLE = (
    "John Smith,Jon Smith,Jane Smith,John Smyth,Mary Jones,Marie Jones,Jones Mark,Ann Lee,Anne Lee".split(",")
)

# pairs that differ in the order, or in the last word alone, and are not one
SIBLINGS = {
    "wards": ["Ward AB", "Ward CO", "Ward SA"],
    "a ward without letters": ["Ward", "Ward A", "Ward B", "Ward AB", "Ward SA"],
    "cities of states": ["Aurora", "Aurora, CO", "Aurora, IL", "Springfield, IL", "Springfield, MO"],
    "a city of one state": ["Salem", "Salem, CO", "Aurora, IL", "Denver, TX"],
    "matches": ["Brazil-Germany", "Germany-Brazil", "Brazil-Mexico"],
    "relations": ["Parent of child", "Child of parent", "Sibling"],
    "against": ["Brazil vs. Germany", "Germany vs. Brazil", "Brazil vs. Mexico"],
    "rates": ["Dollar/Euro", "Euro/Dollar", "Dollar to Euro", "Euro to Dollar"],
    "there and back": ["Boston to Chicago", "Chicago to Boston"],
    "two legal forms": ["Meridian Ltd", "Meridian GmbH", "Meridian"],
    "first and last names": ["Thomas James", "James Thomas", "James Parker", "Thomas Baker"],
    "two family names": ["Maria Garcia Lopez", "Maria Lopez Garcia", "Juan Soto Lopez", "Ana Soto Garcia"],
    "lists": ["Paris, London", "London, Paris"],
    "numbers of words": ["Phase 1 Cohort 2", "Cohort 1 Phase 2", "Control"],
    "a grade of a type": ["Type 1 Grade 2", "Grade 1 Type 2"],
    "rooms": ["Room 3 Floor 12", "Floor 3 Room 12"],
    "numbers before words": ["1st Floor 2nd Room", "2nd Floor 1st Room"],
    "numbers before all words": ["3 Rooms 12 Floors", "12 Rooms 3 Floors"],
    "letters of words": ["Building A Floor B", "Floor A Building B", "Control"],
    "Roman numbers of words": ["Phase I Cohort II", "Cohort I Phase II", "Control"],
    "numbers in words": ["Phase one Cohort two", "Cohort one Phase two", "Control"],
    "weights": ["500", "500 kg", "Gravel 10", "Gravel 10 kg", "1000 as"],
    "numbers and forms": ["747", "747 Ltd", "1234", "1234 Inc"],
    "spas": ["Day", "Day Spa", "Beauty", "BEAUTY SPA"],
    "a firm beside its name": ["Delta", "Delta Airlines", "Delta Faucet"],
}


def by_name(names: list[str], seed: int, times: int = 400) -> dict[str, int]:
    draw = np.random.default_rng(seed)
    return dict(zip(names, (draw.zipf(1.6, len(names)).clip(1, times)).tolist(), strict=True))


@pytest.mark.parametrize(
    "names",
    [STATES, CITIES, MODELS, GRADES, ROUTES, FIRMS, PEOPLE, *SIBLINGS.values()],
    ids=["states", "cities", "models", "grades", "routes", "firms", "people", *SIBLINGS],
)
def test_different_names_are_never_one(names: list[str]) -> None:
    for seed in range(20):
        assert similar(by_name(names, seed)) == {}


ONE = {
    "company suffix": ("Canadair", "CANADAIR LTD"),
    "two suffixes": ("Acme", "Acme Co., Inc."),
    "one form written out": ("Acme Corporation", "Acme Corp"),
    "a form that is also a code": ("ROBINSON HELICOPTER CO", "Robinson Helicopter"),
    "kind of firm": ("AIRBUS INDUSTRIE", "AIRBUS"),
    "last name first": ("Smith, John", "John Smith"),
    "last name first, with a middle initial": ("Smith, John A.", "John A Smith"),
    "word order": ("Denver International Airport", "International Airport Denver"),
    "abbreviation": ("Denver International Airport", "DENVER INTL ARPT"),
    "punctuation": ("FALCON XP", "FALCON-XP"),
    "a blank more": ("ALLEGHENY AIRLINES", "ALLEGHENYAIRLINES"),
    "dots": ("U.S. Steel", "US Steel"),
    "and": ("Johnson & Johnson", "Johnson and Johnson"),
    "apostrophe": ("Macy's", "Macys"),
    "word order, with a number of one word": ("Boeing 737 Aircraft", "Aircraft Boeing 737"),
    "word order, with numbers of both words": ("Phase 1 Cohort 2", "Cohort 2 Phase 1"),
    "word order, with a number in front": ("737 Boeing Aircraft", "Boeing 737 Aircraft"),
    "a form with points": ("Ferrero", "Ferrero S.p.A."),
    "a form in letters of both kinds": ("Ferrero", "Ferrero SpA"),
    "the same form twice": ("FERRERO SPA", "Ferrero S.p.A."),
    "a form behind a number": ("7-Eleven", "7-Eleven Inc"),
}


@pytest.mark.parametrize("case", ONE)
def test_names_of_one_thing_are_found_among_others(case: str) -> None:
    common, other = ONE[case]
    counts = {**by_name(STATES, 1), common: 900, other: 40}
    assert similar(counts) == {other: common}
    assert similar({**by_name(STATES, 1), common: 40, other: 900}) == {common: other}


def test_a_slip_is_believed_of_a_rare_word_only() -> None:
    states = {state: 300 for state in STATES}
    assert similar({**states, "Pensylvania": 3, "Massachusetst": 2}) == {
        "Pensylvania": "Pennsylvania",
        "Massachusetst": "Massachusetts",
    }
    assert similar({**states, "Pensylvania": 100}) == {}
    assert similar({**states, "Pensylvania": 3, **{f"Middle{x}own": 300 for x in "abcdet"}}) == {}


def test_names_are_written_alike_by_one_click_and_by_one_line() -> None:
    makers = (
        ["MCDONNELL DOUGLAS"] * 60
        + ["McDonnell Douglas Aircraft Co"] * 30
        + ["BOEING"] * 80
        + ["Boeing "] * 9
    )
    data = dataset(pd.DataFrame({"maker": makers}))
    told = {finding.code: finding for finding in profile(data, ProfileSettings(), SILENT).each}
    finding = told["similar_levels"]
    assert finding.severity == "warning" and len(finding.rows) == 30 and len(told["variants"].rows) == 9
    effect = settle(decisions(data, finding), data).effects[0]
    assert effect.learned["map"] == {"McDonnell Douglas Aircraft Co": "MCDONNELL DOUGLAS"}
    assert effect.rows == finding.rows and effect.cells == 30
    frame = pd.DataFrame({"maker": makers})
    exec(finding.fix, {"data": frame})
    assert (frame["maker"] == "MCDONNELL DOUGLAS").sum() == 90
