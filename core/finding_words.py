"""What findings are called in words: the words of their codes, and of the keys that name one of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from core.phrases import count, names

WORDS = {
    "all_missing": "empty column",
    "annotated_sizes_differ": "sizes in the annotation that images do not have",
    "annotations_lost": "annotations left out",
    "another_table": "another table in the file",
    "boxes_outside": "boxes that reach out of their image",
    "boxes_repeated": "repeated boxes",
    "breaks_dependency": "rows that break a functional dependency",
    "categories_not_named": "categories without a name",
    "categories_of_one_name": "several categories of one name",
    "class_gone": "class without rows",
    "co_missing": "missing together",
    "columns_by_year": "one column for each year",
    "columns_of_some_files": "columns that some files lack",
    "common_class": "value that occurs with one class alone",
    "conflicting_labels": "equal rows with different labels",
    "coreset_small": "small coreset",
    "dead_on_labelled": "constant where the target is known",
    "decisions_harm": "decisions that make a model worse",
    "decisions_help": "decisions that make a model better",
    "deep_images": "images of more than 8 bits",
    "endings_differ": "images of another ending than is named",
    "disguised_missing": "missing-value codes",
    "doubtful_labels": "possibly wrong labels",
    "duplicate_but_identifier": "rows equal but for an identifier",
    "easy_class": "class that many columns predict",
    "easy_target": "target that many columns predict",
    "footnotes": "likely footnotes",
    "gaps": "gaps in time",
    "gives_away": "separates train from serve on its own",
    "group_overlap": "groups in train and serve",
    "heaping": "heaped values",
    "identifier_like": "likely identifier",
    "ids_across_parts": "ids in both train and serve",
    "image_blank": "blank images",
    "image_blurred": "blurred images",
    "image_compressed": "strongly compressed images",
    "image_content": "look of images predicts the label",
    "image_dark": "dark images",
    "image_framed": "images in a plain frame",
    "image_habits_differ": "habits of images that train and serve do not share",
    "image_grey": "grey images among coloured ones, or the reverse",
    "image_light": "look of images separates train from serve",
    "image_low_contrast": "images of low contrast",
    "image_odd_size": "images of an unusual size",
    "image_shortcut": "properties of image files predict the label",
    "image_source": "properties of image files separate train from serve",
    "image_washed_out": "washed-out images",
    "images_missing": "images that are not there",
    "images_not_named": "images that no annotation names",
    "infinite": "infinite numbers",
    "keypoints_not_read": "keypoints that were not read",
    "keypoints_outside": "keypoints outside of their image",
    "label_breaking": "variants that lose their label",
    "label_files_unclear": "label files that several files speak of",
    "labels_of_some": "labels of some values",
    "left_out_already": "columns left out already",
    "low_coverage": "serve rows without train rows near them",
    "low_effective_size": "small effective sample size after reweighting",
    "missing_moved": "shift in missing values",
    "missingness": "missing values predict the target",
    "mixed_type": "numbers and words mixed",
    "moved": "shift",
    "names_repeated": "repeated file names",
    "near_duplicates": "near-duplicates",
    "near_duplicates_across_parts": "near-duplicates in train and serve",
    "near_duplicates_conflict": "near-duplicates with different labels",
    "near_duplicates_crops": "images cut out of others",
    "near_duplicates_possible": "possible near-duplicates",
    "near_perfect": "target predicted almost perfectly",
    "new_in_serve": "columns new in serve",
    "new_levels": "values in serve that train lacks",
    "no_signal": "target that nothing predicts",
    "no_value_shared": "no value in both train and serve",
    "not_carried": "decisions not carried over",
    "not_mcar": "missing, not completely at random",
    "not_parted": "data without a split",
    "other_format": "file of another format",
    "out_of_range": "values outside the range of train",
    "outliers_possible": "possible outliers",
    "outlying": "values far from the rest",
    "parts_differ": "train and serve differ",
    "passed_over": "steps not followed",
    "probabilities_off": "probabilities that are off",
    "pure_value": "value with one class alone",
    "quasi_constant": "near-constant",
    "resampled_before_split": "resampled before the split",
    "rows_across_parts": "equal rows in train and serve",
    "rows_aside": "rows set aside",
    "rows_within": "rows inside another value",
    "segment": "segment in which train and serve differ",
    "similar_levels": "similar spellings",
    "single_class": "predicts a class on its own",
    "single_feature": "predicts the target on its own",
    "spelled_classes": "classes that are spellings of one",
    "spike": "one value in many rows",
    "stale_pilot": "importance of former data",
    "strategy_helps": "strategy that improves predictions",
    "structural_missing": "missing by structure",
    "target_as_number": "target taken as a number",
    "test_part_decided": "decisions about serve rows",
    "time_order": "train rows later than serve",
    "times_cut": "times cut to microseconds",
    "too_few_for_auroc": "too few rows for an AUROC",
    "total_rows": "likely totals",
    "type_differs": "type differs between train and serve",
    "uniform_as_good": "uniform sample as good as a coreset",
    "unread_label": "values that cannot be read",
    "unseen_class": "class in serve that train lacks",
    "unsupported": "serve rows that train does not support",
    "variants": "spellings of one value",
    "variants_hurt": "variants that make a model worse",
    "variants_wasted": "variants that hardly change",
    "wrong_labels": "likely wrong labels",
    "wrong_numbers": "numbers that do not fit the rest of the row",
    "collinear_by_rows": "multicollinear by a few rows",
    "wrong_numbers_possible": "numbers that may not fit the rest of the row",
}


def in_words(code: str) -> str:
    """A finding's code in words.

    >>> in_words("quasi_constant"), in_words("number_as_text")
    ('near-constant', 'number as text')
    """
    return WORDS.get(code, code.replace("_", " "))


def number_in_words(levels: Sequence[str]) -> str:
    """How many findings that needed attention, and how many notes, by their severity: as they are counted
    apart where they are open.

    >>> number_in_words(["warning", "critical", "info"]), number_in_words(["info"])
    ('2 findings and 1 note', '1 note')
    """
    notes = sum(level == "info" for level in levels)
    kinds = ((len(levels) - notes, "finding"), (notes, "note"))
    return " and ".join(count(number, word) for number, word in kinds if number)


def key_in_words(key: str, columns: Collection[str] = ()) -> str:
    """The key of a finding in words: its code and its columns. columns: of the data, as a name may hold a
    colon; what is none of them is no name then, such as the rule of a region. () where they are not known.

    >>> key_in_words("missing:age"), key_in_words("outliers"), key_in_words("collinear:a:b")
    ("missing: 'age'", 'outliers', "collinear: 'a' and 'b'")
    >>> key_in_words("collinear:t:utc:b", {"t:utc", "b"})
    "collinear: 't:utc' and 'b'"
    >>> key_in_words("segment:x:x > 3", {"x"})
    "segment in which train and serve differ: 'x', x > 3"
    """
    code, _, rest = key.partition(":")
    parts, told, more = rest.split(":") if rest else [], [], ""
    while parts and not more:
        ends = range(len(parts), 0, -1)
        end = next((end for end in ends if ":".join(parts[:end]) in columns), 0 if columns else 1)
        if end:
            told.append(":".join(parts[:end]))
            parts = parts[end:]
        else:
            more = ":".join(parts)
    words = ", ".join(filter(None, (names(told) if told else "", more)))
    return f"{in_words(code)}: {words}" if words else in_words(code)
