"""Why a finding has no click: what a page says in place of its button.

A finding that may be raised without an action stands here with the reason; a test goes over all that are
raised (`tests/house/test_house.py`).
"""

from __future__ import annotations

from collections.abc import Callable

from core.dataset import Dataset
from core.finding import Finding
from core.prepare import fixes
from core.prepare.filling import why_not

_NOT_MADE_UP = "Nothing is made up there."
_BY_CHANCE = "So few may be chance; nothing is changed for that."
_BY_ROW = "Each row gets a weight of its own: export them from Overlap."
OUTSIDE = (
    "Serve lies outside of what train has, and no weight of train rows makes up for that. Add rows like "
    "serve's first."
)
_EACH = "What is wrong differs from column to column; filter each on its own."
_CAUSE_FIRST = "What to do depends on the cause, which the data do not say."
_SPLIT_ANEW = "Only another split of the source mends it: add the step Split, or load the parts anew."
_MODEL = "It is about modelling; no change of the data follows from it."
_BALANCE = "Weights, resampled rows and models are taken on Balance, where strategies are compared first."
_MORE_ROWS = (
    "Only more rows of the class mend it (variants of images are none to judge by); merge classes "
    "with the step Map values."
)
_SOURCE = "How the file was read is set on Load; the table itself is whole."
_UNDO = "Undo the decision that brought it about, or change its settings, in the list of steps."
_STEPS = "Which decision to take back is yours to say: switch steps off one at a time, and prove again."
_PROVED = "It is about decisions that were taken; nothing else is to do."
_NEXT_FILE = "It is about another file than the one that the steps were made on."
_WHICH_LABEL = (
    "Which of the labels is right only a person can see: send the rows to review, and relabel there."
)
_ANNOTATION = "Boxes are changed in the annotation file, not here; drop the rows where they cannot be mended."
_PIXELS = "Images themselves are not changed here; what reads them decides."
_PIPELINE = "It is about the pipeline: change its steps."
_ARCHIVE = "It is about the archive: mend it there and load it again."

REASONS = {
    # columns
    "constant": "So few values may be alike by chance; leave the column out if it cannot vary.",
    "gaps": "Nothing was recorded then, and rows are not made up; whether to cut the series there is yours "
    "to say.",
    "heaping": "The exact values are lost: rounding the others too would lose more.",
    "zero_inflated": "It is about the target, of which a mark would be a leak.",
    "skew": "The target stays as it is; transform it within the model, where predictions are turned back.",
    "heavy_tails": "A column with a role stays as it is.",
    "outlying": "A column with a role stays as it is.",
    "isolated_values": "A heavy tail or a group of its own may have left the gap: look before you change it. "
    + _EACH,
    "future_dates": "So many are plans rather than slips. " + _EACH,
    "duplicate_times": "Two things may happen at once; only in the time column is a repeat likely an error.",
    "clock_as_number": "Whether these are times of day is known to you; no step counts their minutes, the "
    "line of code does.",
    "ambiguous_dates": "The text of the source was not kept; load the file with the other layout.",
    "identifier_like": "It is read as an identifier already, and left out of what a model may use.",
    "ids_across_parts": "Whether both parts name the same things is known to you, not to the data.",
    "repeated_ids": "Two rows may be one thing twice or two things under one id: only you know which.",
    "rare_levels": "There are too many to list in a step; encode the column with rare levels together.",
    "mixed_type": _EACH,
    "unit_in_text": "What one unit is in another is known to you: bring the amounts to one unit, then read "
    "the column as numbers, without the unit.",
    "percent_and_plain": "Whether a number without a sign is per cent is known to you, not to the data.",
    "several_currencies": "What one currency was worth in another is known to you, not to the data.",
    "missing": _NOT_MADE_UP,
    "not_mcar": _NOT_MADE_UP,
    "structural_missing": "Another column says already where it is missing: there is no value to fill in.",
    "collinear_by_rows": "Which rows do so is known, whether they are right is not: look at them.",
    "co_missing": "Each column's own finding offers how to fill it; one mark is enough for all.",
    "columns_by_year": "Rows made of columns are other rows than those of the source: make them "
    "before loading, with the line of code.",
    "more_columns_than_rows": "Which columns cannot matter is known to you, not to the data.",
    "constant_target": "There is one class only: nothing can be learned until rows of another are added.",
    # rows
    "duplicate_rows": _BY_CHANCE,
    "near_duplicates_possible": "They may be several observations of one thing, which stay: look first.",
    "outliers_possible": "Data with nothing wrong have as many rows like these: look before you drop one.",
    "wrong_numbers_possible": "Data with nothing wrong may have as many: look before you correct one.",
    "duplicate_but_identifier": _BY_CHANCE,
    "duplicate_columns": _BY_CHANCE,
    "conflicting_labels": _WHICH_LABEL,
    "group_overlap": _SPLIT_ANEW,
    "time_order": _SPLIT_ANEW,
    "resampled_before_split": "The rows before resampling are not in these data: go back to them.",
    # classes
    "too_few_to_stratify": _MORE_ROWS,
    "too_few_for_auroc": _MORE_ROWS,
    "too_few_to_calibrate": _MORE_ROWS,
    "unseen_class": _SPLIT_ANEW,
    "imbalance": _BALANCE,
    "rare_region": _MODEL,
    "probabilities_off": _BALANCE,
    "strategy_helps": _BALANCE,
    "not_calibrated": _BALANCE,
    # labels
    "doubtful_labels": "Most lie between two classes and are right: look at them on Labels, the most "
    "doubtful first.",
    "noisy_annotator": "Have some of these rows labelled by another person first.",
    # the target
    "strong_association": "It is about the target: Leakage says whether the column leaks it.",
    "easy_target": _MODEL,
    "easy_class": _MODEL,
    "common_class": _MODEL,
    "near_perfect": "Leakage names the columns that give the target away; whether they are known in time, "
    "you can say.",
    "no_signal": _MODEL,
    "faint_signal": _MODEL,
    "transformation": "It helps linear models alone; add the step Transform if you fit one.",
    "interaction": "It helps linear models alone; make the product within the model.",
    # train and serve
    "parts_differ": _BY_ROW,
    "relation_changed": _CAUSE_FIRST,
    "low_effective_size": _BY_ROW,
    "low_coverage": "Rows are missing from train, and no step makes real ones: label some and add them.",
    "segment": "Train holds a larger share of these rows than serve. Importance weights let them count less, "
    "where other train rows are like serve's; no row is lost.",
    "moved": _CAUSE_FIRST,
    "label_shift": _CAUSE_FIRST,
    "missing_moved": _CAUSE_FIRST,
    "map_hides_separation": "It is about the map; the data are as they were.",
    "map_invents_separation": "It is about the map; the data are as they were.",
    "missing_in_serve": "It is no feature, and serving rows need not have it: it stays.",
    "new_in_serve": "It names the rows to be predicted, and no model uses an identifier.",
    "type_differs": "Mend the source where the parts differ, or read the column anew with the step Read as.",
    # coresets
    "uniform_as_good": "It is about how a sample is drawn; the data are as they were.",
    "stale_pilot": "It is about the coreset; the data are as they were decided.",
    "coreset_small": "It is about the size of the coreset, in its settings.",
    # loading
    **dict.fromkeys(("other_tables", "merged_cells", "numbers_as_text", "error_cells"), _SOURCE),
    **dict.fromkeys(("value_labels", "missing_codes"), _SOURCE),
    "labels_of_some": "What such a number stands for is known to you; blank it with Find and replace.",
    "columns_of_some_files": "Leave out the columns by the step Leave out, or name other files.",
    "hidden_cells": "Why they are hidden is known to you; filter them by what they have in common.",
    "another_table": _SOURCE,
    "header_rows": _SOURCE,
    "lines_before": _SOURCE,
    "other_format": "It is about the name of the file; the rows are read as they are.",
    "nested_json": _SOURCE,
    "no_rows": _SOURCE,
    "repeated_header": _SOURCE,
    "rows_aside": "See the lines on Load: mend them there and put them back.",
    "rows_put_back": _SOURCE,
    "rows_within": _SOURCE,
    "stray_quotes": "The quotes are kept as text; change them with the step Find and replace.",
    "times_cut": _SOURCE,
    "unusable_names": "What they mean is known to you: name them with the step Rename.",
    # images
    "annotated_sizes_differ": _ANNOTATION,
    "annotations_lost": _ANNOTATION,
    "boxes_outside": _ANNOTATION,
    "boxes_repeated": _ANNOTATION,
    "boxes_without_area": _ANNOTATION,
    "categories_not_named": _ANNOTATION,
    "categories_of_one_name": _ANNOTATION,
    "deep_images": _PIXELS,
    "endings_differ": _ARCHIVE,
    "files_left_out": _ARCHIVE,
    "image_content": _PIXELS,
    "image_habits_differ": "So many are how the part was made: nothing is decided image by image.",
    "image_light": _PIXELS,
    "image_shortcut": _PIXELS,
    "image_source": _PIXELS,
    "images_missing": _ARCHIVE,
    "images_not_named": _ARCHIVE,
    "images_of_one_name": _ARCHIVE,
    "keypoints_not_read": _ANNOTATION,
    "keypoints_outside": _ANNOTATION,
    "label_breaking": _PIPELINE,
    "label_files_unclear": _ANNOTATION,
    "labels_not_used": _ARCHIVE,
    "lines_of_tables_lost": _ARCHIVE,
    "variants_hurt": _PIPELINE,
    "variants_wasted": _PIPELINE,
    "more_image_columns": _SOURCE,
    "names_repeated": _ARCHIVE,
    # decisions
    "class_gone": _UNDO,
    "unread_label": _UNDO,
    "decisions_change_nothing": _PROVED,
    "decisions_harm": _STEPS,
    "decisions_help": _PROVED,
    "test_part_decided": _STEPS,
    "kind_changed": _NEXT_FILE,
    "left_out_already": _NEXT_FILE,
    "missing_column": _NEXT_FILE,
    "new_column": _NEXT_FILE,
    "not_carried": _NEXT_FILE,
    "not_parted": _NEXT_FILE,
    "passed_over": _NEXT_FILE,
}


def reason(finding: Finding, dataset: Dataset | None = None) -> str:
    """Why there is nothing to do about the finding at one click, in a sentence or two; "" where there is.
    dataset: what it was found in, where the cause shows there.

    >>> reason(Finding("heaping", "", "info", 0.2, "", "", columns=("x",)))
    'The exact values are lost: rounding the others too would lose more.'
    >>> reason(Finding("constant", "", "info", 0.5, "", "", columns=("x",), action="omit"))
    ''

    What advises weights has that action; without, none helps.

    >>> reason(Finding("parts_differ", "", "info", 0.5, "", "", action="weight"))
    'Each row gets a weight of its own: export them from Overlap.'
    >>> reason(Finding("parts_differ", "", "info", 0.5, "", ""))[:37]
    'Serve lies outside of what train has,'
    """
    if fixes.label(finding):
        return ""
    if REASONS.get(finding.code) == _BY_ROW and finding.action != "weight":
        return OUTSIDE
    own = _CAUSES.get(finding.code)
    there = dataset is not None and len(finding.columns) == 1 and finding.columns[0] in dataset.names
    found = own(finding, dataset) if own is not None and dataset is not None and there else ""
    return found or REASONS.get(finding.code, "")


def _gaps(finding: Finding, dataset: Dataset) -> str:
    return why_not(dataset, finding.columns[0])


def _tick(finding: Finding, dataset: Dataset) -> str:
    """A column of one value and gaps is likely a tick."""
    if not dataset.table(finding.columns).column(0).null_count:
        return ""
    return "The one value may be a tick and a gap its no; whether it is so, the data do not say."


def _torn(finding: Finding, dataset: Dataset) -> str:
    """Why rows whose labels disagree do not wait in review by themselves; "" where they do."""
    if not finding.conditional:
        return ""
    return (
        "Not flagged: rows lie so close here that equal ones need not be one thing, and neither label need "
        "be wrong. To look at them anyway, send them to review."
    )


def _of_role(finding: Finding, dataset: Dataset) -> str:
    """Which role a column that serve lacks has."""
    roles = dataset.roles.named()
    role = next((role for role, column in roles.items() if column == finding.columns[0]), "")
    if role == "target":
        return "It is the target, which serving rows do not have yet."
    return f"It is the {role}, no feature: it stays, though serve does not have it." if role else ""


_CAUSES: dict[str, Callable[[Finding, Dataset], str]] = {
    "missing": _gaps,
    "not_mcar": _gaps,
    "constant": _tick,
    "missing_in_serve": _of_role,
    "conflicting_labels": _torn,
}
