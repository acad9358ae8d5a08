"""The report among the downloads of the export page: made when asked for, and again when what it says has
changed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.components.conftest import Open, keyed, ready, sound
from tests.make import dataset


def test_the_report_is_made_when_asked_for(open_page: Open) -> None:
    rng = np.random.default_rng(8)
    data = dataset(pd.DataFrame({"size": rng.normal(size=120), "town": rng.choice(["Ghent", "Lyon"], 120)}))
    app = open_page("export", data)
    assert not [made for made in app.get("download_button") if "report." in made.proto.label]
    app.button(key="make-report").click()
    ready(app)
    sound(app)
    labels = [made.proto.label for made in app.get("download_button")]
    assert [label.split(" ")[0] for label in labels if label.startswith("report.")] == [
        "report.html",
        "report.md",
        "report.json",
    ]
    texts = app.session_state["winnow"].outcomes["Making the report"][1]
    assert (
        "Ghent" in texts["report.html"]
        and '"sections"' in texts["report.json"]
        and texts["report.md"].startswith("## Audit")
    )
    keyed(app.toggle, "report-private").set_value(True)
    ready(app)
    app.button(key="make-report").click()
    ready(app)
    texts = app.session_state["winnow"].outcomes["Making the report"][1]
    assert not [name for name, text in texts.items() if "Ghent" in text]
