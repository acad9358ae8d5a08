"""Two classes that differ by a blank alone are told apart wherever they are named."""

import json
from typing import Any

import numpy as np
import pandas as pd

from components.figures import imbalance
from core.run import run
from core.workspace import load
from tests.components.conftest import Open
from tests.components.test_review_evidence import sent


def shops() -> Any:
    draw = np.random.default_rng(0)
    frame = pd.DataFrame(draw.normal(size=(120, 2)), columns=["tall", "wide"])
    kinds = np.array(["Büro"] * 60 + ["Büro "] * 30 + ["Möbel"] * 30)
    return load(frame.assign(kind=kinds), name="shops.csv", target="kind")


def test_the_axis_of_classes_shows_a_blank_at_the_end() -> None:
    result: Any = run("imbalance", shops())
    figure = imbalance.figure(result)
    named = json.dumps(figure.to_plotly_json(), default=str, ensure_ascii=False)
    assert "Büro␣" in named and "Möbel␣" not in named


def test_the_buttons_of_labels_in_review_show_a_blank_at_the_end(open_page: Open) -> None:
    """Both buttons read "Büro", and key 4 wrote the wrong spelling."""
    app = sent(open_page("review", shops()), 4)
    words = [one.label for one in app.button if (one.key or "").startswith("queue-label-")]
    assert words == ["Büro `1`", "Büro␣ `2`", "Möbel `3`"]
