"""Vectors of pictures by a model of the user's, in the child that reads what comes from outside.

The model is an ONNX file (onnx.ai): checked before it is run (`model_file`), run by onnxruntime on one thread
and one picture at a time, so that nothing depends on which pictures stand together.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.dataset.held import Cache
from core.dataset.pictures import Pictures
from core.errors import LoadError
from core.limits import VECTOR_WIDTH
from core.loading.images.decode import decode
from core.loading.images.model_file import HOW, check_model
from core.loading.readers.vectors import finished, room
from core.numerics.picture_vectors import UNREAD
from core.phrases import count, names
from core.progress import Progress
from core.settings import Settings, choice, knob, text

_RANGES = {"0 to 1": (0.0, 1.0), "-1 to 1": (-1.0, 1.0), "0 to 255": (0.0, 255.0)}
PIXELS = ("imagenet", *_RANGES)
INSTALL = "pip install -r requirements-embeddings.txt"
SIDE = 128  # pixels, where the model takes any
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, RGB, levels 0 to 1
_TYPES: dict[str, Any] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(uint8)": np.uint8,
}
_STEP = 256  # pictures whose vectors are written at once


@dataclass(frozen=True)
class EmbeddingSettings(Settings):
    """What a model is given and what is taken of it, where its file does not say so."""

    pixels: str = choice(
        "imagenet",
        "Pixels",
        "How levels are given to the model: less mean and divided by deviation of ImageNet (torchvision, "
        "timm), or in a range. A model that takes whole numbers is given 0 to 255.",
        PIXELS,
    )
    side: int = knob(
        0, "Side", "Pixels of each side, where the model takes any (0: as the model says, or 128).", 0, 1_024
    )
    output: str = text("", "Output", "Which output is taken (empty: the first with one vector a picture).")


@dataclass(frozen=True)
class _PictureModel:
    """A model ready to run. ``size``: height and width of its pictures; ``first``: channels stand before
    them; ``channels``: 3, or 1 for grey."""

    session: Any
    name: str
    settings: EmbeddingSettings
    given: str
    taken: str
    kind: Any
    size: tuple[int, int]
    first: bool
    channels: int

    def vector(self, rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
        """The vector of one picture, as it comes. Raises `LoadError` where the model cannot be run, or gives
        something else.
        """
        try:
            [found] = self.session.run([self.taken], {self.given: self._input(rgb)})
        except Exception as error:  # noqa: BLE001 - onnxruntime raises what its operators do
            raise _cannot_run(self.name, error) from error
        shape = tuple(np.shape(found))
        width = int(np.prod(shape))
        if not isinstance(found, np.ndarray) or found.dtype.kind != "f" or max(shape, default=0) != width:
            raise LoadError(
                f"{self.name} gives {' x '.join(map(str, shape)) or 'something else'} for a picture in its "
                f"output {self.taken!r}, not one vector of numbers. "
                f"Choose another output: {names(_outputs(self.session))}."
            )
        if not 2 <= width <= VECTOR_WIDTH.value:
            raise LoadError(
                f"{self.name} gives {count(width, 'number')} for a picture in its output {self.taken!r}; "
                f"2 to {VECTOR_WIDTH.value:,} are taken. "
                f"Choose another output: {names(_outputs(self.session))}."
            )
        return found.reshape(-1).astype(np.float64)

    def _input(self, rgb: NDArray[np.uint8]) -> NDArray[Any]:
        """One picture as the model takes it."""
        levels = _resized(rgb, self.size).astype(np.float32)
        if self.channels == 1:
            levels = levels @ np.array([0.299, 0.587, 0.114], np.float32)
            levels = np.rint(levels)[..., None]
        if self.kind is not np.uint8:
            levels = _in_range(levels, self.settings.pixels)
        return np.ascontiguousarray(
            (levels.transpose(2, 0, 1) if self.first else levels)[None].astype(self.kind)
        )


def embedded(task: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Write the vectors of all pictures, each of length 1, as float32; gives ``width``.

    Keys of the task: sources (the model's path and name), model (its settings), pictures_of (the folder of
    the data set), folder and vectors (the file to write). A picture that cannot be read lies apart from all
    others by one number more. Raises `LoadError`.
    """
    [source] = task["sources"]
    pictures = Pictures(Path(task["pictures_of"]), source["name"], Cache())
    model = _opened(Path(source["path"]), source["name"], EmbeddingSettings.of(task["model"]))
    readable = pictures.readable
    rows = np.flatnonzero(readable)
    path, apart = Path(task["folder"]) / task["vectors"], rows.size < readable.size
    width = _checked_width(model, _pixels(pictures, int(rows[0]))) + apart
    room(path, readable.size, width)
    made = np.zeros((_STEP, width), np.float32)
    for start in progress.each(range(0, readable.size, _STEP), f"Embedding by {source['name']}"):
        stop = min(start + _STEP, readable.size)
        made[:] = 0.0
        for row in range(start, stop):
            progress.check()
            if readable[row]:
                made[row - start, : width - apart] = _of_length_1(
                    model.vector(_pixels(pictures, row)), row, model
                )
            else:
                made[row - start, -1] = UNREAD
        target = np.load(path, mmap_mode="r+")
        target[start:stop] = made[: stop - start]
        del target
    finished(path, readable.size, width, progress)
    return {"width": width}


def _checked_width(model: _PictureModel, rgb: NDArray[np.uint8]) -> int:
    """How many numbers a vector has. Raises `LoadError` where a second run gives others."""
    once, again = model.vector(rgb), model.vector(rgb)
    if once.shape != again.shape or not np.array_equal(once, again, equal_nan=True):
        raise LoadError(
            f"{model.name} gives other numbers for the same picture each time. Export it for inference, "
            "without dropout and random numbers."
        )
    return once.size


def _of_length_1(vector: NDArray[np.float64], row: int, model: _PictureModel) -> NDArray[np.float64]:
    if not np.isfinite(vector).all():
        raise LoadError(
            f"{model.name} gives numbers that are missing or infinite for row {row}. Choose how pixels are "
            f"given to it ({', '.join(PIXELS)}), or drop the row."
        )
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector


def _pixels(pictures: Pictures, row: int) -> NDArray[np.uint8]:
    """A picture from its original; from its thumbnail where it has more than eight bits a channel, as the
    thumbnail was scaled with those of its set.
    """
    whole = decode(pictures.original(row)).rgb
    shown = decode(pictures.thumb(row)).rgb if whole is None else whole
    assert shown is not None
    return shown


def _resized(rgb: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """The whole picture at this height and width, whatever its shape."""
    import cv2

    larger = rgb.shape[0] > size[0] or rgb.shape[1] > size[1]
    how = cv2.INTER_AREA if larger else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(rgb, size[::-1], interpolation=how), np.uint8)


def _in_range(levels: NDArray[np.float32], pixels: str) -> NDArray[np.float32]:
    """Levels of 0 to 255, height x width x channels, as a model takes them.

    >>> _in_range(np.array([[[0, 127.5, 255]]], np.float32), "-1 to 1").tolist()
    [[[-1.0, 0.0, 1.0]]]
    """
    if pixels == "imagenet":
        mean, deviation = np.array(_MEAN), np.array(_DEVIATION)
        if levels.shape[2] == 1:
            mean, deviation = mean.mean(keepdims=True), deviation.mean(keepdims=True)
        return np.asarray((levels / 255 - mean) / deviation, np.float32)
    low, high = _RANGES[pixels]
    return np.asarray(low + levels / 255 * (high - low), np.float32)


def _opened(path: Path, name: str, settings: EmbeddingSettings) -> _PictureModel:
    """The model, checked. Raises `LoadError`."""
    content = path.read_bytes()
    check_model(content, name)
    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        raise LoadError(
            f"{name} is run by the package onnxruntime, which is not installed. Install it ({INSTALL})."
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # which would hold more than it needs
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001 - onnxruntime raises what its operators do
        raise _cannot_run(name, error) from error
    return _with_shapes(session, name, settings)


def _with_shapes(session: Any, name: str, settings: EmbeddingSettings) -> _PictureModel:
    """The model with what its input and outputs are. Raises `LoadError` where it takes no pictures."""
    given = session.get_inputs()
    shapes = [f"{one.name!r} {_shape(one.shape)} {one.type}" for one in given]
    takes = f"{name} takes {' and '.join(shapes) or 'nothing'}"
    if len(given) != 1 or not _one_picture(given[0]):
        raise LoadError(f"{takes}, not one picture at a time (1 x 3 x height x width). {HOW}")
    one = given[0]
    first = one.shape[1] in (1, 3)
    if not first and one.shape[3] not in (1, 3):
        raise LoadError(f"{takes}: it does not say where the three colours of a picture stand. {HOW}")
    sides = one.shape[2:] if first else one.shape[1:3]
    outputs = _outputs(session)
    if settings.output and settings.output not in outputs:
        raise LoadError(f"{name} has no output {settings.output!r}. Choose one of {names(outputs)}.")
    return _PictureModel(
        session=session,
        name=name,
        settings=settings,
        given=one.name,
        taken=settings.output or _first_vector(session),
        kind=_TYPES[one.type],
        size=_size(sides, name, settings.side),
        first=first,
        channels=one.shape[1] if first else one.shape[3],
    )


def _one_picture(given: Any) -> bool:
    """Whether an input may be one picture: of four dimensions, the first of one or of any length."""
    many = isinstance(given.shape[0], int) and given.shape[0] != 1 if given.shape else True
    return given.type in _TYPES and len(given.shape) == 4 and not many


def _size(sides: list[Any], name: str, wanted: int) -> tuple[int, int]:
    """Height and width of the pictures that a model takes."""
    fixed = [side for side in sides if isinstance(side, int)]
    if any(not 1 <= side <= 4_096 for side in fixed) or (wanted and any(side != wanted for side in fixed)):
        raise LoadError(f"{name} takes pictures of {_shape(sides)} pixels. Leave the side at 0.")
    height, width = (side if isinstance(side, int) else wanted or SIDE for side in sides)
    return height, width


def _first_vector(session: Any) -> str:
    """The first output with two dimensions, or else the first."""
    outputs = session.get_outputs()
    flat = [one.name for one in outputs if len(one.shape) == 2]
    return str([*flat, outputs[0].name][0])


def _outputs(session: Any) -> list[str]:
    return [one.name for one in session.get_outputs()]


def _shape(shape: list[Any]) -> str:
    return " x ".join("any" if side is None else str(side)[:20] for side in shape) or "one number"


def _cannot_run(name: str, error: Exception) -> LoadError:
    said = " ".join(str(error).split())[:200] or type(error).__name__
    return LoadError(f"{name} cannot be run ({said}). {HOW}")
