"""Balance by augmentation: how many variants of which class, and the variants as a zip that says where each
came from.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.augmentation.marks import keypoints_in, marks_of, without_sides
from core.analyses.augmentation.operations import MOST
from core.analyses.augmentation.pipeline import built, mirrors, seed_of, variant, variant_with_marks
from core.analyses.augmentation.sample import NO_IMAGES
from core.analyses.augmentation.script import code, source_files
from core.analyses.augmentation.settings import AugmentationSettings
from core.analyses.augmentation.sources import blank, giving, none_in_words, readable
from core.dataset import Dataset
from core.dataset.keypoints import KEYPOINTS
from core.errors import SettingError
from core.export.pictures import entry, free, safe
from core.export.pictures_table import TABLE, TABLE_OF_OBJECTS, as_json
from core.loading.images.names import SCRIPT
from core.loading.originals import Whole, originals
from core.phrases import count, name, names
from core.prepare.image_measures import PIXELS, pixel_keys
from core.prepare.levels import encoded
from core.progress import SILENT, Progress
from core.version import VERSION

PIPELINE = "pipeline.json"
NO_TARGET = "Choose the label first: variants are made class by class."
NO_LABEL = "These data have no label column: variants are made class by class."


@dataclass(frozen=True)
class ClassFill:
    """One class: images in train, those among them that cannot be read (unread), that are blank, and of which
    variants can be made (sources), variants wanted of them all, and variants that are made: fewer where no
    image may have more than `VariantPlan.most`, or where there are no sources.
    """

    label: str
    images: int
    unread: int
    blank: int
    sources: int
    wanted: int
    variants: int

    @property
    def deep(self) -> int:
        """Images of more than eight bits a channel."""
        return self.images - self.unread - self.blank - self.sources

    def to_json(self) -> dict[str, Any]:
        """As `PIPELINE` and the command line have it."""
        known = {"label": self.label, "images": self.images, "unread": self.unread, "blank": self.blank}
        return known | {"wanted": self.wanted, "made": self.variants}


@dataclass(frozen=True)
class VariantPlan:
    """How many variants of which class. classes: by name. work: position in the source -> numbers of its
    variants, 0 to that less one. labels: of these rows. most: variants of one image at most.
    """

    classes: tuple[ClassFill, ...]
    work: Mapping[int, int]
    labels: Mapping[int, str]
    most: int

    @property
    def variants(self) -> int:
        """Variants of all classes together."""
        return sum(one.variants for one in self.classes)

    @property
    def note(self) -> str:
        """How many images give no variants, and why; "" where all do."""
        unread, deep, blank = np.sum([[one.unread, one.deep, one.blank] for one in self.classes], 0, int)
        return none_in_words(int(unread), int(deep), int(blank))


@dataclass(frozen=True)
class WrittenVariants:
    """What was written of a plan: classes with the variants that are there, and what a person should know, ""
    where nothing.
    """

    classes: tuple[ClassFill, ...]
    note: str

    @property
    def variants(self) -> int:
        """Variants of all classes together."""
        return sum(one.variants for one in self.classes)


def plan(
    dataset: Dataset,
    target: str,
    to: int = 0,
    wanted: Mapping[str, int] | None = None,
    most: int = MOST,
) -> VariantPlan:
    """Variants of train images so that each class has ``to`` images (0: as many as the largest class has)
    that can be read, or so many variants as ``wanted`` says of a class; then of no other. The images of a
    class that give variants have equally many, or one more by the key of their pixels.

    Raises `SettingError` where there are no images, no label, or no such class.
    """
    if dataset.pictures is None:
        raise SettingError(NO_IMAGES)
    if not target:
        raise SettingError(NO_TARGET)
    if to < 0 or most < 1:
        raise SettingError("Classes are filled up to 0 images or more, by at least one variant an image.")
    rows_of = _rows_by_class(dataset, target, np.ones(dataset.rows, np.bool_))
    read_of = _rows_by_class(dataset, target, readable(dataset))
    sources_of = _rows_by_class(dataset, target, giving(dataset))
    blank_of = _rows_by_class(dataset, target, blank(dataset))
    _check_wanted(wanted or {}, rows_of, target)
    full = to or max((len(rows) for rows in read_of.values()), default=0)
    classes, work, labels = [], dict[int, int](), dict[int, str]()
    for label, rows in sorted(rows_of.items()):
        read, sources = len(read_of.get(label, [])), sources_of.get(label, [])
        asked = wanted.get(label, 0) if wanted else max(0, full - read)
        made = min(asked, most * len(sources))
        empty = len(blank_of.get(label, []))
        classes.append(ClassFill(label, len(rows), len(rows) - read, empty, len(sources), asked, made))
        for place, row in enumerate(sources):
            work[row] = made // len(sources) + (place < made % len(sources))
            labels[row] = label
    return VariantPlan(
        tuple(classes), {row: many for row, many in sorted(work.items()) if many}, labels, most
    )


def _rows_by_class(dataset: Dataset, target: str, among: NDArray[np.bool_]) -> dict[str, list[int]]:
    """Positions in the source of the train images of each class, by the keys of their pixels.

    among: per row, whether it may be one of them.
    """
    own = dataset.source_ids(np.arange(dataset.rows, dtype=np.int64))
    codes, levels = encoded(dataset.table([target]).column(0))
    rows = np.flatnonzero((codes >= 0) & among & ~dataset.part_mask("serve"))
    if PIXELS in dataset.names:
        rows = rows[np.lexsort((own[rows], pixel_keys(dataset)[rows]))]
    found: dict[str, list[int]] = {}
    for row in rows.tolist():
        found.setdefault(str(levels[codes[row]]), []).append(int(own[row]))
    return found


def _check_wanted(wanted: Mapping[str, int], rows_of: Mapping[str, Sequence[int]], target: str) -> None:
    for label, many in wanted.items():
        if label not in rows_of:
            raise SettingError.unknown(label, sorted(rows_of))
        if many < 0:
            raise SettingError(f"Class {name(label)} of {target} cannot have {many} variants; 0 or more.")


def write_variants(
    dataset: Dataset,
    settings: AugmentationSettings,
    made: VariantPlan,
    out: Path | IO[bytes],
    progress: Progress = SILENT,
) -> WrittenVariants:
    """Write the variants of a plan into a zip at ``out``, one after another, at the full size of the images;
    gives what is in it.

    In the zip: ``class/name-v0.png``; ``metadata.csv`` (file_name, label, row, variant, seed, source), or
    where the images have boxes ``metadata.jsonl`` with them in ``objects``, as the export of images has it;
    ``pipeline.json`` (steps, seed, plan and fingerprint of the data); ``augment.py``, which makes the same
    pixels alone.
    """
    pictures = dataset.pictures
    if pictures is None:
        raise SettingError(NO_IMAGES)
    job = _Job(dataset, settings, made, progress)
    with zipfile.ZipFile(out, "w") as whole:
        for picture in originals(pictures, list(made.work), progress):
            job.one(picture, whole.writestr)
        for file, content in job.beside():
            whole.writestr(entry(file), content)
    progress.at(1.0, "Done")
    return WrittenVariants(job.classes, job.note)


class _Job:
    """What is known while the variants are written."""

    def __init__(
        self, dataset: Dataset, settings: AugmentationSettings, made: VariantPlan, progress: Progress
    ) -> None:
        assert dataset.pictures is not None
        self._settings, self._plan, self._progress = settings, made, progress
        self._pipeline = built(settings.pipeline)
        self._names = _names_of(dataset, list(made.work))
        self._fingerprint, self._source = dataset.fingerprint, source_files(dataset)
        self._marked = marks_of(dataset, made.work)
        self._taken, self._lines, self._done = set[str](), list[dict[str, Any]](), 0
        self._without, self._made = list[str](), Counter[str]()

    @property
    def note(self) -> str:
        """What could not be made."""
        said = [self._plan.note] if self._plan.note else []
        if plain := without_sides(self._marked.values()) if mirrors(self._settings.pipeline) else []:
            said.append(
                f"A flip leaves the keypoints of {names(plain)} in their order, as no names say which are "
                "left and right."
            )
        if self._without:
            missing = count(self._plan.variants - self._done, "variant")
            few = count(len(self._without), "image")
            said.append(f"{missing} could not be made, as {few} gave none: {self._without[0]}.")
        return " ".join(said)

    @property
    def classes(self) -> tuple[ClassFill, ...]:
        """The classes of the plan, with the variants that were written."""
        return tuple(replace(one, variants=self._made[one.label]) for one in self._plan.classes)

    def one(self, picture: Whole, write: Callable[[zipfile.ZipInfo, bytes], None]) -> None:
        """All variants of one picture."""
        if picture.pixels is None:
            self._without.append(f"of {self._names[picture.row]}, {picture.why}")
            return
        label, seed = self._plan.labels[picture.row], self._settings.seed
        stem = PurePosixPath(self._names[picture.row]).stem
        for number in range(self._plan.work[picture.row]):
            self._progress.at(self._done / max(1, self._plan.variants), "Writing variants")
            file = free(f"{safe(label)}/{safe(f'{stem}-v{number}.png')}", self._taken)
            pixels, objects = self._variant_of(picture, number)
            write(entry(file), _png(pixels))
            line = {"file_name": file, "label": label, "row": picture.row, "variant": number}
            line |= {"seed": seed_of(seed, picture.row, number), "source": self._names[picture.row]}
            self._lines.append(line | objects)
            self._done += 1
            self._made[label] += 1

    def _variant_of(self, picture: Whole, number: int) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        """A variant, and what the table says of its objects."""
        seed, pixels, row = self._settings.seed, picture.pixels, picture.row
        assert pixels is not None
        if row not in self._marked:
            nothing = {"objects": None} if self._marked else {}
            return variant(self._pipeline, pixels, seed, row, number), nothing
        (tall, wide), size = pixels.shape[:2], picture.size
        marks = self._marked[row].scaled(wide / size[0], tall / size[1])  # a large JPEG is drawn smaller
        pixels, moved = variant_with_marks(self._pipeline, pixels, marks, seed, row, number)
        return pixels, {"objects": moved.as_objects()}

    def beside(self) -> Iterator[tuple[str, bytes]]:
        """The tables and the pipeline, once all is written."""
        if self._marked:
            lines = (json.dumps(line, ensure_ascii=False) + "\n" for line in self._lines)
            yield TABLE_OF_OBJECTS, "".join(lines).encode("utf-8", "surrogatepass")
        else:
            yield TABLE, _csv(("file_name", "label", "row", "variant", "seed", "source"), self._lines)
        if said := keypoints_in(self._marked):
            yield KEYPOINTS, as_json(said)
        told = {
            "winnow_variants": 1,
            "version": VERSION,
            "fingerprint": self._fingerprint,
            "seed": self._settings.seed,
            "steps": self._settings.pipeline,
            "classes": [one.to_json() for one in self.classes],
            "notes": [self.note] if self.note else [],
        }
        yield PIPELINE, json.dumps(told, indent=2, ensure_ascii=False).encode()
        yield SCRIPT, code(self._settings.pipeline, self._settings.seed, self._source).encode()


def _names_of(dataset: Dataset, sources: Sequence[int]) -> dict[int, str]:
    """What the images were called in the source."""
    base = dataset.base or dataset
    named = base.of_kind("image")
    if not named:
        return {row: f"row-{row}" for row in sources}
    cells = base.table([named[0]]).column(0).take(np.asarray(sources, np.int64)).to_pylist()
    return {row: str(cell or f"row-{row}") for row, cell in zip(sources, cells, strict=True)}


def _csv(header: Sequence[str], lines: Sequence[Mapping[str, Any]]) -> bytes:
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows([header, *(line.values() for line in lines)])
    return table.getvalue().encode("utf-8", "surrogatepass")


def _png(pixels: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", compress_level=1)
    return out.getvalue()
