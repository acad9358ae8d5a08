"""What there is: every folder or file in ``core/analyses`` that has an ``ANALYSIS``."""

from __future__ import annotations

import functools
import importlib
import pkgutil

import core.analyses
from core.analysis import Analysis
from core.dataset import Dataset
from core.errors import SettingError
from core.prepare.classes import holds_numbers


@functools.cache
def analyses() -> dict[str, Analysis]:
    """Name -> analysis, by page, place and name. A broken file fails here, loudly."""
    declared = [_declared(name) for name in _names(*core.analyses.__path__)]
    return {analysis.name: analysis for analysis in sorted(declared, key=lambda a: (a.page, a.place, a.name))}


def find(name: str) -> Analysis:
    """The analysis called ``name``; no other is imported. Raises `SettingError` with the nearest name."""
    if name not in _names(*core.analyses.__path__):
        raise SettingError.unknown(name, list(analyses()))
    return _declared(name)


@functools.cache
def _names(*folders: str) -> tuple[str, ...]:
    return tuple(sorted(module.name for module in pkgutil.iter_modules(folders)))


def _declared(name: str) -> Analysis:
    made: Analysis = importlib.import_module(f"core.analyses.{name}").ANALYSIS
    return made


def detectors(dataset: Dataset) -> tuple[str, ...]:
    """The analyses whose findings are issues: the profile's and those of the issues page that concern such
    data. The badge, the issues page, the review and the report count flagged rows from these, whatever else
    was run. The profile's comes first, as its findings cost the least.
    """
    return ("profile", *(one.name for one in on_page("clean/issues") if _concerns(one, dataset)))


def checks(dataset: Dataset) -> tuple[Analysis, ...]:
    """What an audit runs of which the findings may need attention on such data, also where it cannot be made
    on them, as no target is chosen. Of a numeric target it is read whether it holds numbers or classes.
    """
    return tuple(one for one in analyses().values() if not one.asked and _concerns(one, dataset))


def apply_to(dataset: Dataset) -> frozenset[str]:
    """The analyses that have something to say of such data: all but those of images, train and serve, classes
    or numbers where there are none.
    """
    return frozenset(n for n, one in analyses().items() if not one.alarms or _concerns(one, dataset))


def _concerns(analysis: Analysis, dataset: Dataset) -> bool:
    """Whether its findings may need attention on such data."""
    match analysis.alarms:
        case "train and serve":
            return dataset.split is not None
        case "images":
            return bool(dataset.of_kind("image"))
        case "classes" | "numbers":
            target = dataset.roles.target
            numbers = target is not None and holds_numbers(dataset, target)
            return numbers == (analysis.alarms == "numbers")
    return analysis.alarms == "any"


def on_page(page: str) -> tuple[Analysis, ...]:
    """The analyses that appear on ``page``."""
    return tuple(analysis for analysis in analyses().values() if analysis.page == page)
