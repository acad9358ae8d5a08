"""Images: defects and copies found, how well pictures are described, whether variants repeat, and how quick
an archive is ready.

The peer of a row is what was measured of CleanVision 0.3.7, of hashes of 64 bits or of EfficientNet-Lite0 on
the same kind of pictures; where there is none, the limit stands in its place. DATA holds
``images/clipart_96.npz``, ``fashion_mnist.npz`` and ``mnist_5k.npz``; and, if ``photos`` is there, a folder
of photographs (JPEG) and of things cut out of theirs (PNG) that are measured too.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import Row
from core.dataset import Dataset
from core.progress import SILENT

Pixels = NDArray[np.uint8]
Change = Callable[[Pixels], Pixels]
QUERIES = 150
# photographs of Debian's opencv-doc that are blurred or enlarged as they come; each was looked at
SOFT = (
    *("licenseplate_motion", "text_defocus", "original", "messiup", "deskew", "gst_coherency", "white_car"),
    *("scenetext_word01", "scenetext_word03", "bicubic_div2k", "lanczos_div2k", "lapsrn_div2k"),
    *("Pyramids_Tutorial_PyrUp_Result", "Smoothing_Tutorial_Result_Median_Filter"),
    *(f"Template_Matching_Correl_Result_{at}" for at in range(6)),
    "Template_Matching_Template_Theory_Result",
)


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """All rows; those on real pictures only where there are any."""
    rows = [*archive(500 if quick else 5_000), *grid(), *repeats()]
    if folder is None:
        return rows
    amount = 300 if quick else 1_500
    sets = pictures(folder)
    rows += [
        *defects(sets, amount),
        *copies(sets, amount),
        *parts(sets | cutouts(folder), amount),
        *all_pairs(sets, 2_000 if quick else 20_000),
    ]
    rows += [*described(sets, quick), *collisions(sets, 2_000 if quick else 5_000)]
    return [*rows, *wrong_labels(sets, 600 if quick else 2_000)]


def _least(name: str, ours: float, peer: float, least: float) -> Row:
    """A share that must reach a limit."""
    return Row(f"images: {name}", ours, peer, ours / max(peer, 0.01), f">= {least}", ours >= least)


def _most(name: str, ours: float, peer: float, most: float) -> Row:
    """A share or seconds that must stay under a limit."""
    return Row(f"images: {name}", ours, peer, peer / max(ours, 1e-9), f"<= {most:g}", ours <= most)


def pictures(folder: Path) -> dict[str, tuple[list[Pixels], NDArray[Any]]]:
    """Set -> its pictures, each once, in an order drawn at random, and their labels."""
    held = np.load(folder / "images" / "clipart_96.npz")
    fashion, digits = (np.load(folder / "images" / f"{name}.npz") for name in ("fashion_mnist", "mnist_5k"))
    sets = {
        "drawings": (list(held["x"]), np.char.add(held["category"], held["subcategory"])),
        "fashion": (_rgb(fashion["x_train"][:25_000]), fashion["y_train"][:25_000]),
        "digits": (_rgb(digits["x"]), digits["y"]),
    }
    if (folder / "photos").is_dir():
        sets["photos"] = _photos(folder / "photos")
    return {name: _once(*given) for name, given in sets.items()}


def cutouts(folder: Path) -> dict[str, tuple[list[Pixels], NDArray[Any]]]:
    """The photographs and the things cut out of theirs as one set, where they are there."""
    if not (folder / "photos").is_dir():
        return {}
    every = [*_photos(folder / "photos")[0], *_cutouts(folder / "photos")]
    return {"photos and cutouts": _once(every, np.zeros(len(every), int))}


def _rgb(grey: Pixels) -> list[Pixels]:
    return list(np.repeat(grey[..., None], 3, axis=3))


def _photos(folder: Path) -> tuple[list[Pixels], NDArray[Any]]:
    """All JPEGs below a folder, of at most 256 pixels, but those known to be blurred."""
    from PIL import Image

    files = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in (".jpg", ".jpeg")]
    files = [path for path in files if path.stem not in SOFT]
    shown = []
    for path in files:
        with Image.open(path) as image:
            small = image.convert("RGB")
            small.thumbnail((256, 256))
            shown.append(np.asarray(small))
    return shown, np.zeros(len(shown), int)


def _cutouts(folder: Path) -> list[Pixels]:
    """All PNGs below its folders called stamps, on white, of at most 256 pixels."""
    from PIL import Image

    shown = []
    for path in sorted(folder.rglob("stamps/**/*.png")):
        with Image.open(path) as image:
            over = Image.new("RGBA", image.size, "white")
            over.alpha_composite(image.convert("RGBA"))
            small = over.convert("RGB")
            small.thumbnail((256, 256))
            shown.append(np.asarray(small))
    return shown


def _once(shown: list[Pixels], labels: NDArray[Any]) -> tuple[list[Pixels], NDArray[Any]]:
    """Without pictures of equal pixels and plain ones."""
    first: dict[bytes, int] = {}
    for place, one in enumerate(shown):
        if one.std() > 1:
            first.setdefault(hashlib.blake2b(one.tobytes() + str(one.shape).encode()).digest(), place)
    order = np.random.default_rng(0).permutation(np.array(list(first.values())))
    return [shown[at] for at in order], labels[order]


def loaded(files: dict[str, bytes], place: Path, target: str = "") -> Dataset:
    """The data set of an archive of these files."""
    from core.loading import load

    path = place / f"{len(list(place.glob('*.zip')))}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    data = load(path, into=place / "data")
    return data.with_roles(target=target) if target else data


def png(pixels: Pixels) -> bytes:
    """As a file."""
    return _file(pixels, "PNG", compress_level=1)


def _file(pixels: Pixels, format: str, **how: Any) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format, **how)
    return out.getvalue()


def _jpeg(quality: int) -> Change:
    from PIL import Image

    return lambda one: np.asarray(Image.open(io.BytesIO(_file(one, "JPEG", quality=quality))).convert("RGB"))


def _half(one: Pixels) -> Pixels:
    import cv2

    return np.asarray(cv2.resize(one, (one.shape[1] // 2, one.shape[0] // 2), interpolation=cv2.INTER_AREA))


def _blurred(share: float) -> Change:
    """Gaussian of this share of the longer side."""
    import cv2

    return lambda one: np.asarray(cv2.GaussianBlur(one, (0, 0), share * max(one.shape)))


def _grey(one: Pixels) -> Pixels:
    level = np.rint(one @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    return np.repeat(level[..., None], 3, axis=2)


def _washed(one: Pixels) -> Pixels:
    return np.asarray(255 - (255 - one.astype(float)) * 0.25, np.uint8)


def _blank(one: Pixels) -> Pixels:
    return np.full_like(one, int(one.mean()))


def defects(sets: dict[str, Any], amount: int) -> list[Row]:
    """Share of spoiled pictures that are found, and of clean ones that are accused of the same. No defect is
    taken for a habit of the set here."""
    wanted = [
        ("drawings", "blurred", _blurred(2 / 96), 0.97, 0.03, 0.02),  # they have 96 pixels a side
        ("photos", "blurred", _blurred(3 / 256), 0.97, 0.03, 0.02),
        ("drawings", "grey", _grey, 1.0, 0.0, 1.0),
        ("photos", "washed_out", _washed, 0.97, 0.28, 1.0),
        ("fashion", "washed_out", _washed, 0.97, 0.28, 1.0),
        ("drawings", "blank", _blank, 1.0, 1.0, 0.03),
        ("digits", "blank", _blank, 1.0, 1.0, 0.03),
    ]
    rows = []
    for name, check, change, least, peer, most in wanted:
        if name not in sets:
            continue
        shown = sets[name][0][:amount]
        if check == "grey":  # of pictures that have colours
            shown = [one for one in shown if (one.max(axis=2) - one.min(axis=2) > 40).mean() > 0.1]
        found, accused = _found(shown, check, change)
        rows.append(_least(f"{check}, {name}: found", found, peer, least))
        if most < 1:
            rows.append(_most(f"{check}, {name}: accused", accused, most, most))
    return rows


def _found(shown: Sequence[Pixels], check: str, change: Change) -> tuple[float, float]:
    """One in 20 is spoiled, one in four by blur. Blurred ones whose sharpness cannot be measured (scales of
    colours) do not count as missed.
    """
    from core.analyses.imagequality.analysis import ImageQualitySettings, imagequality

    spoiled = np.arange(len(shown)) % (4 if check == "blurred" else 20) == 0
    files = {f"{i:05d}.png": png(change(one) if spoiled[i] else one) for i, one in enumerate(shown)}
    with tempfile.TemporaryDirectory() as place:
        data = loaded(files, Path(place))
        result = imagequality(data, ImageQualitySettings(usual=1.0), SILENT)
        known = data.table(["image_reblur", "image_edge_width"]).to_pandas().notna().any(axis=1).to_numpy()
    flagged = np.zeros(len(shown), bool)
    for finding in result.findings:
        if finding.code == f"image_{check}":
            flagged[finding.rows.ids] = True
    asked = spoiled & known if check == "blurred" else spoiled
    return float(flagged[asked].mean()), float(flagged[~spoiled].mean())


COPIES: dict[str, Change] = {
    "JPEG 70": _jpeg(70),
    "JPEG 30": _jpeg(30),
    "half": _half,
    "flip": lambda one: one[:, ::-1].copy(),
    "turn": lambda one: np.rot90(one).copy(),
}
HASHES = {"drawings": 0.72, "photos": 0.72, "fashion": 0.0, "digits": 0.0}  # PDQ over 8; 64 bits
LEAST = {"drawings": 0.93, "photos": 0.98, "fashion": 0.84, "digits": 0.97}


def copies(sets: dict[str, Any], amount: int) -> list[Row]:
    """Recall and precision of near duplicates with the limits as they are: 150 pictures, each in five ways,
    among others. Pairs that are there without the copies are of the set itself and do not count;
    nor do those of drawings that correlate by .9 before anything is done to them, as programs draw them in
    families.
    """
    rows = []
    for name, (shown, _) in sets.items():
        recall, precision = _copied(shown[:amount], families=name == "drawings")
        rows.append(_least(f"copies, {name}: recall", recall, HASHES[name], LEAST[name]))
        rows.append(_least(f"copies, {name}: precision", precision, 0.985, 0.985))
    return rows


def _copied(shown: Sequence[Pixels], families: bool) -> tuple[float, float]:
    """Of sure copies, held against each other pixel by pixel as the analysis does."""
    asked = shown[:QUERIES]
    own_pairs = _near(shown, asked)
    if families:
        own_pairs |= _correlation(shown)[: len(asked)] >= 0.9
    hits = false = 0
    for change in COPIES.values():
        near = _near(shown, [change(one) for one in asked])
        right = near[np.arange(len(asked)), np.arange(len(asked))]
        hits += int(right.sum())
        false += int((near & ~own_pairs).sum() - (right & ~np.diag(own_pairs)).sum())
    return hits / (len(COPIES) * len(asked)), hits / max(1, hits + false)


def _correlation(shown: Sequence[Pixels]) -> NDArray[np.float64]:
    """Of each two pictures, in luma at 64 x 64."""
    from core.loading.images.measures import small_copy

    luma = np.stack([small_copy(one) @ (0.299, 0.587, 0.114) for one in shown]).reshape(len(shown), -1)
    return np.asarray(np.corrcoef(luma))


def _near(of: Sequence[Pixels], asked: Sequence[Pixels]) -> NDArray[np.bool_]:
    """asked x of: whether two are surely copies."""
    from core.analyses.nearduplicates.analysis import NearDuplicateSettings
    from core.analyses.nearduplicates.verified import alike
    from core.loading.images.measures import small_copy
    from core.numerics.image_descriptor import descriptors

    every = [*of, *asked]
    small = np.stack([small_copy(one) for one in every])
    described = descriptors(small).astype(float)
    apart = np.sqrt(np.maximum(0, 2 - 2 * described[len(of) :] @ described[: len(of)].T))
    near = np.asarray(apart <= NearDuplicateSettings().sure)
    own, other = np.nonzero(near)
    sides = np.array([min(one.shape[:2]) for one in every], float)
    pairs, none = (other, own + len(of)), np.zeros(own.size, bool)
    near[own, other] = alike(small, np.arange(len(every)), sides, pairs, none).same
    return near


PARTS = {
    "drawings": {0.9: 0.8, 0.8: 0.7, 0.7: 0.6},
    "photos and cutouts": {0.95: 0.9, 0.9: 0.8},
}  # share of the sides kept -> recall that must be reached
CUT = 300  # of which a part is looked for


def parts(sets: dict[str, Any], amount: int) -> list[Row]:
    """Of 300 pictures a part each, cut out at random, among others: how many are found, beside none by the
    descriptions of whole pictures (10% cut away, drawings, at precision .99); and the share of parts that are
    wrongly called one of another picture. Counted are parts of 40 pixels and more; of drawings, many of them
    signs, those that show enough. A picture that is a copy or a part of another to begin with, or correlates
    with it by .9, as the same photograph enlarged in several ways, is found with either.
    """
    from core.analyses.nearduplicates.crops import LEAST_SIDE, crops
    from core.analyses.nearduplicates.detail import shows_enough
    from core.loading.images.measures import small_copy

    rows, draw = [], np.random.default_rng(3)
    for name, shares in PARTS.items():
        if name not in sets:
            continue
        shown = sets[name][0][:amount]
        own = _own_pairs(shown)
        for share, least in shares.items():
            every = [*shown, *(_cut(one, share, draw) for one in shown[:CUT])]
            small = np.stack([small_copy(one) for one in every])
            sides = np.array([min(one.shape[:2]) for one in every], float)
            found = crops(small, np.arange(len(every)), sides)
            cut = found.part >= len(shown)
            right = np.zeros(cut.size, bool)
            right[cut] = own[found.part[cut] - len(shown), found.whole[cut] % len(shown)]
            wrong = int((cut & ~right).sum())
            counted = sides[len(shown) :] >= LEAST_SIDE
            if name == "drawings":
                counted &= np.array([shows_enough(one) for one in small[len(shown) :]], bool)
            word = f"parts of {share:.0%}, {name}"
            rows.append(_least(f"{word}: recall", int(right.sum()) / max(1, int(counted.sum())), 0.0, least))
            rows.append(_most(f"{word}: wrongly a part", wrong / CUT, 0.0, 0.02))
    return rows


def _own_pairs(shown: Sequence[Pixels]) -> NDArray[np.bool_]:
    """Of the first 300 pictures x all: whether two are one thing, as they come."""
    from core.analyses.nearduplicates.crops import crops
    from core.loading.images.measures import small_copy

    own = _near(shown, shown[:CUT]) | (_correlation(shown)[:CUT] >= 0.9)
    small = np.stack([small_copy(one) for one in shown])
    found = crops(small, np.arange(len(shown)), np.array([min(one.shape[:2]) for one in shown], float))
    for one, other in ((found.part, found.whole), (found.whole, found.part)):
        own[one[one < CUT], other[one < CUT]] = True
    np.fill_diagonal(own, True)
    return own


def _cut(one: Pixels, share: float, draw: np.random.Generator) -> Pixels:
    tall, wide = (round(share * side) for side in one.shape[:2])
    top, left = (int(draw.integers(0, a - b + 1)) for a, b in zip(one.shape, (tall, wide), strict=False))
    return np.ascontiguousarray(one[top : top + tall, left : left + wide])


def all_pairs(sets: dict[str, Any], amount: int) -> list[Row]:
    """Seconds for the descriptions and for all pairs, by the clock, one run."""
    from core.analyses.nearduplicates.copies import pairs
    from core.loading.images.measures import small_copy
    from core.numerics.image_descriptor import descriptors

    small = np.stack([small_copy(one) for one in sets["fashion"][0][:amount]])
    start = time.perf_counter()
    made = descriptors(small)
    middle = time.perf_counter()
    pairs(made, 0.1, 0.2, SILENT)
    end = time.perf_counter()
    share = amount / 20_000
    return [
        _most(f"{amount:,} descriptions, s", middle - start, 8 * share, 8 * share),
        _most(f"all pairs of {amount:,}, s", end - middle, 33 * share**2, 5 * max(share**2, 0.1)),
    ]


def described(sets: dict[str, Any], quick: bool) -> list[Row]:
    """Balanced accuracy of the five nearest of other pictures by the vectors that all image sets have."""
    from core.loading.images.measures import small_copy
    from core.numerics.picture_vectors import picture_vectors

    rows = []
    for name, least, peer in (("fashion", 0.83, 0.817), ("digits", 0.94, 0.868), ("drawings", 0.41, 0.461)):
        shown, labels = _classes(*sets[name], quick)
        small = np.stack([small_copy(one) for one in shown])
        vectors = picture_vectors(small, np.ones(len(shown), bool))
        right = _nearest_five(vectors, labels)
        rows.append(_least(f"five nearest, {name}", right, peer, least))
    if not quick:
        small = np.stack([small_copy(one) for one in sets["fashion"][0][:10_000]])
        start = time.perf_counter()
        picture_vectors(small, np.ones(len(small), bool))
        taken = time.perf_counter() - start
        rows.append(_most("vectors of 10,000, s", taken, 32, 15))
    return rows


def _classes(shown: list[Pixels], labels: NDArray[Any], quick: bool) -> tuple[list[Pixels], NDArray[Any]]:
    """At most 60 (of digits and fashion 300) of each class of 30 or more."""
    names, which, counts = np.unique(labels, return_inverse=True, return_counts=True)
    most = 60 if names.size > 10 else 300
    most = most // 3 if quick else most
    rows = [np.flatnonzero(which == at)[:most] for at in range(names.size) if counts[at] >= 30]
    every = np.concatenate(rows)
    return [shown[at] for at in every], which[every]


def _nearest_five(vectors: NDArray[Any], labels: NDArray[Any]) -> float:
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.neighbors import KNeighborsClassifier

    ask = np.arange(labels.size) % 3 == 0
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    model = KNeighborsClassifier(5).fit(unit[~ask], labels[~ask])
    return float(balanced_accuracy_score(labels[ask], model.predict(unit[ask])))


def wrong_labels(sets: dict[str, Any], amount: int) -> list[Row]:
    """Mean average precision of planted label errors, by the vectors that image sets have; the peer is given
    the same ones (`benchmarks.labels`)."""
    from sklearn.metrics import average_precision_score

    from benchmarks.labels import NOISES, predicted, spoiled
    from core.loading.images.measures import small_copy
    from core.numerics.picture_vectors import picture_vectors

    rows = []
    for name in ("fashion", "digits"):
        shown, labels = sets[name][0][:amount], np.unique(sets[name][1][:amount], return_inverse=True)[1]
        vectors = picture_vectors(np.stack([small_copy(one) for one in shown]), np.ones(len(shown), bool))
        likely, ours, peer = predicted(vectors, labels), [], []
        for noise in NOISES:
            given = spoiled(labels, noise, 0, likely)
            wrong = given != labels
            theirs = 1 - predicted(vectors, given)[np.arange(given.size), given]
            ours.append(float(average_precision_score(wrong, _label_scores(vectors, given))))
            peer.append(float(average_precision_score(wrong, theirs)))
        mine, other = float(np.mean(ours)), float(np.mean(peer))
        rows.append(_least(f"label errors, {name}", mine, other, round(other + 0.04, 3)))
    return rows


def _label_scores(vectors: NDArray[Any], given: NDArray[np.int64]) -> NDArray[Any]:
    """Our score of each label, by the vectors in place of the columns."""
    from dataclasses import replace

    import pandas as pd

    from core.analyses.labels.analysis import LabelSettings, labels
    from core.loading import load
    from core.loading.attaching import from_files

    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "vectors.npy"
        np.save(file, vectors)
        data = load(pd.DataFrame({"given": [f"class {code}" for code in given]}), into=Path(place) / "data")
        data = replace(data.with_roles(target="given"), vectors=from_files(data, [(file, file.name)], SILENT))
        return labels(data, LabelSettings(target="given"), SILENT).rows()["score"].to_numpy()


SCRIPT = """
import hashlib, sys
import numpy as np
from core.analyses.augmentation.operations import OPERATIONS
from core.analyses.augmentation.pipeline import built, checked, variant
from core.analyses.augmentation.script import code
draw = np.random.default_rng(0)
shown = [draw.integers(0, 256, (40, 56, 3)).astype(np.uint8) for _ in range(8)]
for op in sorted(OPERATIONS):
    steps = checked([{"op": op, "p": 1.0}])
    pipeline, found = built(steps), {}
    order = range(8) if sys.argv[1] == "on" else range(7, -1, -1)
    for row in order:
        found[row] = variant(pipeline, shown[row], 3, row, 1)
    if sys.argv[1] == "code":
        alone = {}
        exec(compile(code(steps, 3), "augment", "exec"), alone)
        found = {row: alone["variant"](shown[row], row, 1) for row in range(8)}
    print(op, *(hashlib.sha256(found[row].tobytes()).hexdigest()[:16] for row in range(8)))
"""


def repeats() -> list[Row]:
    """Share of operations whose pixels are the same in three fresh processes: in order, in the reverse order,
    and by the code that is exported."""
    told = []
    for seed, how in (("1", "on"), ("2", "back"), ("3", "code")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path.cwd())}
        command = [sys.executable, "-W", "ignore", "-c", SCRIPT, how]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        told.append(done.stdout.splitlines())
    same = [one == two == three for one, two, three in zip(*told, strict=True)]
    share = float(np.mean(same))
    return [_least(f"{len(same)} operations that repeat", share, 1.0, 1.0)]


SHIFT = {"across": [-1 / 28, 1 / 28], "down": [-1 / 28, 1 / 28]}
PIPELINES: dict[str, tuple[str, bool, Sequence[dict[str, Any]]]] = {
    "digits, flip": ("digits", True, [{"op": "flip_lr", "p": 1.0}]),
    "digits, flip up-down": ("digits", True, [{"op": "flip_ud", "p": 1.0}]),
    "digits, turn 180": ("digits", True, [{"op": "quarter_turn", "amount": [2, 2], "p": 1.0}]),
    "digits, rotate 10": ("digits", False, [{"op": "rotate", "amount": [-10, 10], "p": 1.0}]),
    "digits, shift 1 of 28": ("digits", False, [{"op": "translate", **SHIFT, "p": 1.0}]),
    "digits, scale .1": ("digits", False, [{"op": "scale", "amount": [0.9, 1.1], "p": 1.0}]),
    "fashion, flip": ("fashion", False, [{"op": "flip_lr", "p": 1.0}]),
}


def collisions(sets: dict[str, Any], amount: int) -> list[Row]:
    """Whether a pipeline is said to break labels exactly where it does."""
    import json

    from core.analyses.augmentation.analysis import augmentation
    from core.analyses.augmentation.settings import AugmentationSettings

    rows = []
    with tempfile.TemporaryDirectory() as place:
        held = {}
        for name in ("digits", "fashion"):
            shown, labels = sets[name][0][:amount], sets[name][1]
            files = {f"{labels[i]}/{i:05d}.png": png(one) for i, one in enumerate(shown)}
            held[name] = loaded(files, Path(place), "label")
        for told, (name, breaks, steps) in PIPELINES.items():
            settings = AugmentationSettings(steps=json.dumps(list(steps)), target="label")
            result = augmentation(held[name], settings, SILENT)
            said = any(finding.code == "label_breaking" for finding in result.findings)
            right = said == breaks
            rows.append(Row(f"images: breaks labels, {told}", said, breaks, right, f"= {breaks:d}", right))
    return rows


def grid() -> list[Row]:
    """Seconds of 24 variants of a picture of 256 pixels by seven operations, JPEG among them."""
    from core.analyses.augmentation.operations import PRESETS
    from core.analyses.augmentation.pipeline import built, checked, variant

    picture = np.random.default_rng(0).integers(0, 256, (256, 256, 3)).astype(np.uint8)
    pipeline = built(checked([*PRESETS["general"], {"op": "jpeg"}]))
    variant(pipeline, picture, 0, 0, 0)
    start = time.perf_counter()
    for number in range(24):
        variant(pipeline, picture, 0, 0, number)
    taken = time.perf_counter() - start
    return [_most("24 variants at 256 pixels, s", taken, 1, 1)]


def archive(amount: int) -> list[Row]:
    """Seconds until an archive of JPEGs of 500 x 375 pixels and about 45 kB is loaded and has its vectors,
    and until its first page of pictures is there; and the most memory of all processes."""
    from components.widgets.gallery import TILES, pictures
    from core.workspace import load

    with tempfile.TemporaryDirectory() as place, mock.patch.dict(os.environ, WINNOW_HOME=f"{place}/home"):
        path = Path(place) / "photos.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as whole:
            for at in range(amount):
                whole.writestr(f"{at % 10}/{at:05d}.jpg", _scene(at))
        size = path.stat().st_size / 1e6
        with _Memory() as memory:
            start = time.perf_counter()
            data = load(path)
            ready = time.perf_counter()
            shown = pictures(data, np.arange(TILES))
            first = time.perf_counter()
        assert len(shown) == TILES and all(one["src"] for one in shown)
    name, limit = f"{amount:,} of {size:,.0f} MB", 60 * amount / 5_000
    return [
        _most(f"{name}, ready, s", ready - start, limit, limit),
        _most(f"{name}, first page of them, s", first - ready, 10, 10),
        _most(f"{name}, memory, MB", memory.most, 1_000, 1_000),
    ]


def _scene(seed: int) -> bytes:
    """Something like a photograph, as a JPEG."""
    import cv2

    draw = np.random.default_rng(seed)
    coarse = draw.integers(0, 256, (6, 8, 3)).astype(np.uint8)
    whole = cv2.resize(coarse, (500, 375), interpolation=cv2.INTER_CUBIC).astype(np.int16)
    for _ in range(25):
        left, top = int(draw.integers(0, 440)), int(draw.integers(0, 330))
        whole[top : top + 40, left : left + 55] += draw.integers(-80, 80, 3).astype(np.int16)
    whole += draw.normal(0, 9, whole.shape).astype(np.int16)
    return _file(np.clip(whole, 0, 255).astype(np.uint8), "JPEG", quality=80)


class _Memory:
    """The most memory that this process has taken more than at first, with all of its children, in MB."""

    def __enter__(self) -> _Memory:
        import psutil

        self.most, self._done, me = 0.0, threading.Event(), psutil.Process()
        first = me.memory_info().rss

        def look() -> None:
            while not self._done.wait(0.2):
                taken = me.memory_info().rss - first
                for child in me.children(recursive=True):
                    try:
                        taken += child.memory_info().rss
                    except psutil.NoSuchProcess:
                        continue
                self.most = max(self.most, taken / 1e6)

        self._thread = threading.Thread(target=look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
