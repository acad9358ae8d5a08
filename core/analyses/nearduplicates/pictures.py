"""Images that are copies of each other, by a description that flips and quarter turns leave as it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.analyses.nearduplicates.copied import Copied
from core.analyses.nearduplicates.copies import groups, pairs
from core.analyses.nearduplicates.crops import LEAST_SIDE, MOST, NO_CROPS, crops, with_crops
from core.analyses.nearduplicates.verified import alike
from core.dataset import Dataset
from core.numerics.image_descriptor import descriptors
from core.numerics.rowhash import hash_column, mix
from core.phrases import count
from core.prepare.equal_rows import hashed
from core.progress import Progress

PIXELS, WIDE, TALL, BYTES = "image_pixels", "image_width", "image_height", "image_bytes"


def copied_pictures(dataset: Dataset, limits: tuple[float, float], parts: bool, progress: Progress) -> Copied:
    """The copies among the images that can be read and are not plain, and those that are ``parts`` of others;
    the limits, sure and possible, are explained beside `core.analyses.nearduplicates.copies.pairs`.
    """
    pictures, (sure, possible) = dataset.pictures, limits
    assert pictures is not None
    own = dataset.source_ids(np.arange(dataset.rows, dtype=np.int64))
    there = np.zeros(dataset.rows, bool)
    known = own < pictures.rows
    there[known] = pictures.readable[own[known]]
    rows = np.flatnonzero(there)
    first = _first_alike(dataset)
    rows = rows[first[rows] == rows]
    described = descriptors(pictures.small()[own[rows]])
    plain = np.asarray(~described.any(axis=1), bool)
    keys = mix(hash_column(dataset.table([PIXELS]).column(0)))[rows] if PIXELS in dataset.names else rows
    order = np.lexsort((rows, keys))
    order = order[~plain[order]]
    rows, described = rows[order], described[order]
    near = pairs(described, sure, max(sure, possible), progress.part(0.0, 0.3))
    sides = np.minimum(_numbers(dataset, WIDE), _numbers(dataset, TALL))[rows]
    verified = alike(pictures.small(), own[rows], sides, (near.first, near.second), progress.part(0.3, 0.5))
    near = near.only(verified)
    local = groups(near, described, sure, possible)
    cut = crops(pictures.small(), own[rows], sides, progress.part(0.5, 1.0)) if parts else NO_CROPS
    local, crop = with_crops(local, cut)
    group = np.full(dataset.rows, -1, np.int64)
    distance = np.full(dataset.rows, np.nan)
    for name in np.unique(local[local >= 0]):
        inside = np.flatnonzero(local == name)
        group[rows[inside]] = rows[inside].min()
    for one, other, far in zip(near.first, near.second, near.distance, strict=True):
        if local[one] >= 0 and local[one] == local[other]:
            for at in (rows[one], rows[other]):
                distance[at] = np.fmin(distance[at], far)
    cropped = np.zeros(dataset.rows, bool)
    cropped[rows[crop]] = True
    again = np.flatnonzero((first != np.arange(first.size)) & there)
    group[again] = group[first[again]]
    distance[again[group[again] >= 0]] = 0.0
    notes = [f"{count(int(plain.sum()), 'plain image')} not compared."] if plain.any() else []
    if parts and int((sides >= LEAST_SIDE).sum()) > MOST:
        notes.append(f"Parts of others were not looked for: that is done for up to {count(MOST, 'image')}.")
    cropped &= ~(distance <= sure)
    return Copied(
        group, distance, distance <= sure, _excess(dataset, group, cropped), cropped, rows.size, tuple(notes)
    )


def _first_alike(dataset: Dataset) -> NDArray[np.int64]:
    """Per row the first of its part that it repeats, pixels and all, but for identifiers and label: itself
    where it repeats none. The analysis `duplicates` tells of these, and whether their labels disagree.
    """
    if PIXELS not in dataset.names:
        return np.arange(dataset.rows)
    apart = {dataset.roles.id, dataset.roles.target}
    told = {one.name for one in dataset.columns if one.kind not in ("identifier", "image")} - apart
    keys = mix(hashed(dataset, [*told | {PIXELS}]) ^ dataset.part_mask("serve").astype(np.uint64))
    _, first, place = np.unique(keys, return_index=True, return_inverse=True)
    return np.asarray(first[place], np.int64)


def _excess(dataset: Dataset, group: NDArray[np.int64], cropped: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """All of a group but the largest picture, of several the one of most bytes, of these the first; a part
    goes and its whole is kept, however much it was enlarged.
    """
    inside = np.flatnonzero(group >= 0)
    excess = np.zeros(group.size, bool)
    if not inside.size:
        return excess
    area, size = _numbers(dataset, WIDE) * _numbers(dataset, TALL), _numbers(dataset, BYTES)
    order = inside[np.lexsort((inside, -size[inside], -area[inside], cropped[inside], group[inside]))]
    excess[order] = np.concatenate([[False], group[order][1:] == group[order][:-1]])
    return excess


def _numbers(dataset: Dataset, name: str) -> NDArray[np.float64]:
    if name not in dataset.names or dataset[name].stored not in ("int64", "double"):
        return np.zeros(dataset.rows)
    return np.asarray(dataset.table([name]).column(0).to_pandas().to_numpy(np.float64, na_value=0.0))
