"""How the images of a source are arranged, and what each is thereby known to be: its class, its part, its
objects.

The first layout that fits is taken (`LAYOUTS`, in this order); a person may choose another. Rules: Hugging
Face's ImageFolder, torchvision's ImageFolder, WebDataset's ``base_plus_ext``, Ultralytics'
``img2label_paths``.
"""

from __future__ import annotations

from collections.abc import Callable

from core.errors import LoadError
from core.loading.images.archive import Listing
from core.loading.images.layouts.arranged import Arranged, SourceFiles
from core.loading.images.layouts.by_annotations import coco, voc, yolo
from core.loading.images.layouts.by_folders import folders, plain, top_folders
from core.loading.images.layouts.by_keys import webdataset
from core.loading.images.layouts.by_tables import manifest, metadata
from core.loading.images.names import ending, is_image_name
from core.loading.options import LAYOUTS
from core.phrases import count, listed

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


def arranged(found: Listing, source: str, layout: str | None = None) -> Arranged:
    """How the files are arranged. layout: the one of `LAYOUTS` that a person chose. Raises `LoadError`
    where there are no images, or the chosen layout does not fit.
    """
    files = _files(found)
    if "[Content_Types].xml" in {member.name for member in files.others}:
        raise LoadError(
            f"{source} looks like an Excel workbook or another Office document. "
            "Save the table as CSV or Parquet."
        )
    if not files.images:
        raise LoadError(_no_images(source, files))
    for known in LAYOUTS if layout is None else (layout,):
        read = _READERS[known](files)
        if read is not None:
            return read
    raise LoadError(
        f"{source} is not arranged as {layout!r}. "
        f"Leave the layout out, or choose one of: {', '.join(LAYOUTS)}."
    )


def _files(found: Listing) -> SourceFiles:
    images = [member for member in found.members if is_image_name(member.name)]
    others = [member for member in found.members if not is_image_name(member.name)]
    return SourceFiles(images, others, found.kind)


def _no_images(source: str, files: SourceFiles) -> str:
    endings = sorted({ending(member.name) or "no ending" for member in files.others})
    others = f"no images, but {count(len(files.others), 'file')} ({listed(endings, 5)})"
    return (
        f"{source} holds {others if files.others else 'no files'}. Give a ZIP, a tar or a folder with PNG, "
        "JPEG, WebP, BMP, GIF or TIFF files; give a table by itself."
    )
