"""How the images of a source are arranged, and what each is thereby known to be: its class, its part, its
objects.

The first layout that fits is taken (`LAYOUTS`, in this order); a person may choose another. Rules: Hugging
Face's ImageFolder, torchvision's ImageFolder, WebDataset's ``base_plus_ext``, Ultralytics'
``img2label_paths``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.errors import LoadError
from core.loading.images.archive import Listing, unreadable
from core.loading.images.layouts.arranged import CALLED, Arranged, SourceFiles
from core.loading.images.layouts.by_annotations import coco, voc, yolo
from core.loading.images.layouts.by_folders import folders, plain, top_folders
from core.loading.images.layouts.by_keys import webdataset
from core.loading.images.layouts.by_tables import manifest, metadata
from core.loading.images.layouts.unused import unused_labels
from core.loading.images.names import ending, is_image_name
from core.loading.images.tables import TABLES
from core.loading.options import LAYOUTS
from core.phrases import count, listed, name

_READERS: dict[str, Callable[[SourceFiles], Arranged | None]] = {
    "metadata": metadata,
    "coco": coco,
    "voc": voc,
    "yolo": yolo,
    "webdataset": webdataset,
    "manifest": manifest,
    "folders": folders,
    "top_folders": top_folders,
    "plain": plain,
}
_ENDINGS: dict[str, tuple[str, ...]] = {
    "metadata": (".csv", ".jsonl", ".parquet"),
    "coco": (".json",),
    "voc": (".xml",),
    "yolo": (".txt", ".yaml", ".yml", ".names"),
    "webdataset": (".json", ".txt", ".cls"),
    "manifest": TABLES,
}  # of the files that a layout reads beside images
_ABSENT = {
    "metadata": "no metadata.csv, metadata.jsonl or metadata.parquet in it names its images",
    "coco": "no COCO file in it marks its images",
    "voc": "no Pascal VOC file in it marks its images",
    "yolo": "no YOLO labels in it belong to its images",
    "webdataset": "it is no tar whose images share their name up to the first dot with other files",
    "manifest": "no table in it has a column that names its images",
    "folders": "its images do not lie in several folders of classes, all as deep as each other",
    "top_folders": "its images do not lie below two folders of classes",
    "plain": "it has no images",
}  # what is not so where a layout does not fit


def arranged(found: Listing, source: str, folder: Path, layout: str | None = None) -> Arranged:
    """How the files are arranged. layout: the one of `LAYOUTS` that a person chose. ``folder``: where tables
    may be written to be read. Raises `LoadError` where there are no images, or the chosen layout does not
    fit.
    """
    files = _files(found, folder)
    if "[Content_Types].xml" in {member.name for member in files.others}:
        raise LoadError(
            f"{source} looks like an Excel workbook or another Office document. "
            "Save the table as CSV or Parquet."
        )
    if not files.images:
        raise LoadError(_no_images(source, files))
    for known in LAYOUTS if layout is None else (layout,):
        order = _arranged_as(known, files)
        if order is not None:
            order.unused = unused_labels(files, order)
            return order
    assert layout is not None  # without any, `plain` fits
    why = next((f" {name(one)}: {why}." for one, why in files.why.items()), "")
    raise LoadError(
        f"{source} is not arranged so: {_ABSENT[layout]}.{why} Choose another layout, or let it be found out."
    )


def _arranged_as(layout: str, files: SourceFiles) -> Arranged | None:
    """The images as a layout has them; None where it does not fit, or what lies beside the images is such
    that it cannot be tried, which must not stop the images.
    """
    try:
        return _READERS[layout](files)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - annotations hold whatever their makers put there
        called = CALLED.get(layout, layout).removeprefix("the ")
        for member in files.ending(*_ENDINGS.get(layout, ())):
            files.why.setdefault(member.name, f"as {called} it cannot be read ({unreadable(error)})")
        return None


def _files(found: Listing, folder: Path) -> SourceFiles:
    images = [member for member in found.members if is_image_name(member.name)]
    others = [member for member in found.members if not is_image_name(member.name)]
    return SourceFiles(images, others, found.kind, folder)


def _no_images(source: str, files: SourceFiles) -> str:
    endings = sorted({ending(member.name) or "no ending" for member in files.others})
    others = f"no images, but {count(len(files.others), 'file')} ({listed(endings, 5)})"
    return (
        f"{source} holds {others if files.others else 'no files'}. Give a ZIP, a tar or a folder with PNG, "
        "JPEG, WebP, BMP, GIF or TIFF files; give a table by itself."
    )
