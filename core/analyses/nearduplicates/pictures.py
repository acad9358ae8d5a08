"""Images that are copies of each other, by a description that flips and quarter turns leave as it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.analyses.nearduplicates.copied import Copied, linked, repeated
from core.analyses.nearduplicates.copies import CopyPairs, groups, pairs
from core.analyses.nearduplicates.crops import LEAST_SIDE, MOST, NO_CROPS, CropPairs, crops, with_crops
from core.analyses.nearduplicates.orientation import ways
from core.analyses.nearduplicates.verified import alike
from core.dataset import Dataset
from core.numerics.image_descriptor import descriptors
from core.numerics.rowhash import hash_column, mix
from core.phrases import count, names
from core.prepare.equal_rows import but_names, hashed, shown_by
from core.prepare.image_measures import PIXELS
from core.progress import Progress

Ids = NDArray[np.int64]
WIDE, TALL, BYTES = "image_width", "image_height", "image_bytes"


def copied_pictures(dataset: Dataset, limits: tuple[float, float], parts: bool, progress: Progress) -> Copied:
    """The copies among the images that can be read and are not plain, and those that are ``parts`` of others;
    the limits, sure and possible, are explained beside `core.analyses.nearduplicates.copies.pairs`.
    """
    pictures, (sure, possible) = dataset.pictures, limits
    assert pictures is not None
    own = dataset.source_ids(np.arange(dataset.rows, dtype=np.int64))
    there = pictures.readable_at(own)
    first = _first_alike(dataset)
    rows, described, plain = _described(dataset, np.flatnonzero(there & (first == np.arange(first.size))))
    near = pairs(described, sure, max(sure, possible), progress.part(0.0, 0.3))
    sides = np.minimum(_numbers(dataset, WIDE), _numbers(dataset, TALL))[rows]
    both = (near.first, near.second)
    shown = alike(pictures.small(), own[rows], sides, both, near.stands_out, progress.part(0.3, 0.5))
    near = near.verified(*shown)
    cut = crops(pictures.small(), own[rows], sides, progress.part(0.5, 1.0)) if parts else NO_CROPS
    local, cut = with_crops(groups(near, described, sure, possible), near, cut)
    group = np.full(dataset.rows, -1, np.int64)
    for name in np.unique(local[local >= 0]):
        inside = rows[local == name]
        group[inside] = inside.min()
    again = np.flatnonzero((first != np.arange(first.size)) & there)
    group[again] = group[first[again]]
    found = _copied(
        dataset,
        group,
        near.within(local).of(rows),
        CropPairs(rows[cut.part], rows[cut.whole]),
        (again, first[again]),
        (rows.size, _notes(dataset, plain, sides, parts)),
    )
    copies, turned = np.flatnonzero(found.excess & ~found.crop), np.zeros(dataset.rows, np.int8)
    turned[copies] = ways(pictures.small(), own[found.kept[copies]], own[copies])
    return replace(found, turned=turned)


def _described(dataset: Dataset, rows: Ids) -> tuple[Ids, NDArray[np.float32], int]:
    """Those of ``rows`` that are not plain, in an order that does not depend on the source's, and their
    descriptions; and how many are plain.
    """
    pictures = dataset.pictures
    assert pictures is not None
    described = descriptors(pictures.small()[dataset.source_ids(rows)])
    shown = np.asarray(described.any(axis=1), bool)
    keys = mix(hash_column(dataset.table([PIXELS]).column(0)))[rows] if PIXELS in dataset.names else rows
    order = np.lexsort((rows, keys))
    order = order[shown[order]]
    return rows[order], described[order], int((~shown).sum())


def _copied(
    dataset: Dataset,
    group: Ids,
    near: CopyPairs,
    cut: CropPairs,
    again: tuple[Ids, Ids],
    said: tuple[int, tuple[str, ...]],
) -> Copied:
    """What is known of each row. ``again``: rows that repeat others, pixels and all, and which. ``said``:
    images compared, and notes.
    """
    inside = group[again[0]] >= 0
    equal = again[0][inside], again[1][inside]
    distance = np.full(dataset.rows, np.nan)
    for ends in (near.first, near.second):
        np.fmin.at(distance, ends, near.distance)
    distance[equal[0]] = 0.0
    sure = [(near.first[near.sure], near.second[near.sure]), equal]
    sure_group = linked(group, *sure)
    crop = np.isin(sure_group, sure_group[cut.part]) & (group >= 0)
    area, size = _numbers(dataset, WIDE) * _numbers(dataset, TALL), _numbers(dataset, BYTES)
    best_first = np.lexsort((-size, -area, crop, ~dataset.part_mask("serve")))  # as copies go from train
    return Copied(
        group=group,
        distance=distance,
        sure_group=sure_group,
        related=linked(group, *sure, (cut.part, cut.whole)),
        excess=repeated(group, best_first),
        repeated=repeated(sure_group, best_first),
        crop=crop,
        compared=said[0],
        notes=said[1],
    )


def _notes(dataset: Dataset, plain: int, sides: NDArray[np.float64], parts: bool) -> tuple[str, ...]:
    notes = [f"{count(plain, 'plain image')} not compared."] if plain else []
    lost = [name for name in (WIDE, TALL) if name not in dataset.names]
    if lost:
        without = "parts of others were not looked for, and " if parts else ""
        notes.append(
            f"{names(tuple(lost))} {'is' if len(lost) == 1 else 'are'} left out of these data: {without}"
            "which image of a group is the largest is not known."
        )
    elif parts and int((sides >= LEAST_SIDE).sum()) > MOST:
        notes.append(f"Parts of others were not looked for: that is done for up to {count(MOST, 'image')}.")
    return tuple(notes)


def _first_alike(dataset: Dataset) -> Ids:
    """Per row the first of its part that it repeats, pixels and all, but for identifiers and label: itself
    where it repeats none. The analysis `duplicates` tells of these, and whether their labels disagree.
    """
    if not shown_by(dataset):
        return np.arange(dataset.rows)
    told = [one for one in but_names(dataset) if one != dataset.roles.target]
    keys = mix(hashed(dataset, told) ^ dataset.part_mask("serve").astype(np.uint64))
    _, first, place = np.unique(keys, return_index=True, return_inverse=True)
    return np.asarray(first[place], np.int64)


def _numbers(dataset: Dataset, name: str) -> NDArray[np.float64]:
    if name not in dataset.names or dataset[name].stored not in ("int64", "double"):
        return np.zeros(dataset.rows)
    return np.asarray(dataset.table([name]).column(0).to_pandas().to_numpy(np.float64, na_value=0.0))
