"""What the card of a sample promises to be wrong in it is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.dataset import Dataset
from core.finding import Finding
from core.loading import load
from core.run import run

SAMPLES = Path(__file__).parents[4] / "sample_data"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def sample(name: str, home: Path) -> tuple[Dataset, str]:
    card: dict[str, Any] = json.loads((SAMPLES / name / "sample.json").read_text())
    files = {part: SAMPLES / name / file for part, file in card["files"].items()}
    roles = {role: card[role] for role in ("target", "time", "id") if role in card}
    data = load(files["train"], serve=files.get("serve"), into=home, roles=roles)
    return data, card["wrong"]


def about(data: Dataset, analysis: str, code: str, column: str = "") -> Finding:
    found = [
        f for f in run(analysis, data).findings if f.code == code and (not column or column in f.columns)
    ]
    assert found, (code, column)
    return found[0]


def test_weather(home: Path) -> None:
    data, card = sample("weather", home)
    assert "Two pressures are about 5,503" in card and "1,243 visibilities are exactly 14.9" in card
    pressure = about(data, "profile", "isolated_values", "sea_level_pressure")
    assert pressure.severity == "warning" and pressure.rows.ids.tolist() == [3595, 3596]
    assert "1,048 is next" in pressure.title
    spike = about(data, "profile", "spike", "visibility")
    assert spike.value == 1_243 and "exactly 14.9" in spike.title


def test_aircraft_register(home: Path) -> None:
    data, card = sample("planes", home)
    assert "Speed is NA in 3,299 rows and year in 70" in card
    assert data.table(["speed"]).column(0).null_count == 3_299
    assert about(data, "profile", "missing", "speed").severity == "critical"
    assert len(about(data, "profile", "missing", "year").rows) == 70
    assert "one maker goes by three names, two others by two each" in card
    makers = about(data, "profile", "similar_levels", "manufacturer")
    assert makers.severity == "warning" and makers.action == "merge" and makers.value == 4
    assert "'MCDONNELL DOUGLAS CORPORATION': 'MCDONNELL DOUGLAS'" in makers.fix
    assert "'AIRBUS': 'AIRBUS INDUSTRIE'" in makers.fix and "DOUGLAS': 'DOUGLAS'" not in makers.fix
    assert about(data, "profile", "similar_levels", "model").value == 1  # FALCON-XP
    model = data.frame(["model"])["model"]
    assert data["model"].stored == "string" and model.str.fullmatch(r"\d+").sum() == 4
    assert not [f for f in run("profile", data).findings if f.code == "mixed_type" and "model" in f.columns]


def test_bird_strikes(home: Path) -> None:
    data, card = sample("birdstrikes", home)
    assert "The word None in 8,939 damage cells means no damage" in card
    damage = about(data, "profile", "disguised_missing", "Effect Amount of damage")
    assert damage.severity == "info" and "'None' (8,939)" in damage.title
    assert "8,009 species are unknown birds, 2,836 speeds are empty, 9,791 costs are 0" in card
    species = about(data, "profile", "disguised_missing", "Wildlife Species")
    assert (species.severity, species.action, species.value, len(species.rows)) == (
        "info",
        "map",
        8_009,
        8_009,
    )
    assert "'Unknown bird - small'" in species.title and "keep it" in species.suggestion
    assert len(about(data, "profile", "missing", "Speed IAS in knots").rows) == 2_836
    zeros = next(one for one in run("profile", data).columns if one.name == "Cost Total $").zeros
    assert zeros == 9_791
    assert about(data, "profile", "quasi_constant", "Cost Total $").severity == "info"
    assert len(about(data, "duplicates", "duplicate_rows").rows) == 24


def test_flights(home: Path) -> None:
    data, card = sample("flights", home)
    assert "23.5% of the training flights are late against 30.6%" in card
    assert "720 flights have no outcome" in card
    late = about(data, "profile", "missing", "late")
    assert "397 of 12,000 rows; serve 4%, 323 rows" in late.title and 397 + 323 == 720
    lacking = data.frame(["late"])["late"].isna().to_numpy()
    assert (late.rows.mask(data.rows) == (lacking & data.part_mask("train"))).all()
    rates = data.frame(["late"])["late"].astype("float64").groupby(data.part_mask("serve")).mean()
    assert rates.mul(100).round(1).tolist() == [23.5, 30.6]
    # all five are empty for flights that never left; the one that is the outcome itself is found as a leak
    assert "five columns are known only after departure" in card
    after = ("dep_time", "dep_delay", "arr_time", "arr_delay", "air_time")
    assert {column for f in run("profile", data).findings if f.code == "missing" for column in f.columns} >= {
        *after
    }
    leak = about(data, "leakage", "single_feature", "arr_delay")
    assert leak.severity == "critical" and leak.value == 1.0


def test_employment(home: Path) -> None:
    data, card = sample("employment", home)
    assert "no code by more than 4.2%" in card and "a loud alarm about drift is wrong" in card
    shift = run("shift", data)
    assert [f for f in shift.findings if f.severity == "critical"] == []
    codes = data.names[2:17]
    assert not [f for f in shift.findings if f.severity != "info" and set(f.columns) & set(codes)]
    assert "all 2,501 children under 16 are not employed" in card
    people = data.frame()
    children = people[people["AGEP"] < 16]
    assert len(children) == 2_501 and not children["employed"].astype(int).any()
    assert "the code 0 means not asked in several columns" in card
    assert ((people["DREM"] == "0") == (people["AGEP"] < 5)).all()


def test_drawings(home: Path) -> None:
    data, card = sample("drawings", home)
    assert "18 drawings are there again byte for byte, 16 in the same class and 2 in another;" in card
    groups = data.frame(["image_sha256"])["image_sha256"].value_counts()
    assert int((groups - 1).sum()) == 18
    again = about(data, "duplicates", "duplicate_but_identifier")
    assert again.value == 16
    assert "repeat an earlier row in everything but identifiers, 'label' too (" in again.title
    repeated = data.frame(["image_sha256", "label"])
    assert repeated.duplicated("image_sha256").sum() - repeated.duplicated().sum() == 2
    assert len(about(data, "duplicates", "conflicting_labels").rows) == 5
    assert "one more is the same picture in another file" in card
    assert about(data, "nearduplicates", "near_duplicates").value == 1
    candies = about(data, "nearduplicates", "near_duplicates_possible").rows.ids
    assert candies.tolist() == [87, 89]


def test_clothes(home: Path) -> None:
    data, card = sample("clothes", home)
    assert "300 serve images are softer" in card
    assert about(data, "imagequality", "image_source").severity == "warning"
    assert "three quarters as bright" in card
    assert "'image_brightness'" in about(data, "imagequality", "image_light").title
    assert run("overlap", data).summary["verdict"] == "severe"
