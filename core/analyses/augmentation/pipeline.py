"""A pipeline of operations as plain JSON: checked, built with imgaug, applied with a seed of its own to
each variant, and written as code.

The one file that imports imgaug. Three of its traps are stepped around here: a list of images comes back
n-fold, so that pictures are given one at a time; ``Sequential(seed=...)`` does not seed what is inside, so
that the whole tree is seeded before each picture; and pickled pipelines are never read (imgaug 0.4.2;
docs/decisions/0024).
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.analyses.augmentation.marks import Marks
from core.analyses.augmentation.operations import OPERATIONS, Operation
from core.errors import SettingError

Step: TypeAlias = Mapping[str, Any]
Pixels = NDArray[np.uint8]
GROUPS = {"some_of": "SomeOf", "one_of": "OneOf", "in_order": "Sequential"}
_DEPTH = 4


def checked(steps: Sequence[Any], depth: int = 0) -> list[dict[str, Any]]:
    """The steps that are switched on, each an object with ``op``, a probability ``p`` and ranges; groups
    (``some_of`` with ``n``, ``one_of``, ``in_order``) have ``steps`` of their own. Raises `SettingError`
    naming the step. A group in which nothing is switched on is left out.
    """
    if depth > _DEPTH:
        raise SettingError(f"Groups of operations lie more than {_DEPTH} deep in each other. Take some out.")
    found = []
    for place, step in enumerate(steps, 1):
        if not isinstance(step, Mapping) or not isinstance(step.get("op"), str):
            raise SettingError(
                f'Step {place} must be an object such as {{"op": "rotate"}}; got {str(step)[:60]}.'
            )
        if step.get("on", True):
            made = _group(step, place, depth) if step["op"] in GROUPS else _leaf(step, place)
            if step["op"] not in GROUPS or made["steps"]:
                found.append(made)
    return found


def _leaf(step: Step, place: int) -> dict[str, Any]:
    name = step["op"]
    if name not in OPERATIONS:
        raise SettingError.unknown(name, [*OPERATIONS, *GROUPS])
    known = OPERATIONS[name].numbers
    for key in step:
        if key not in ("op", "p", "on", *known):
            raise SettingError(f"Step {place} ({name}): {SettingError.unknown(key, ['p', 'on', *known])}")
    ranges = {
        key: _range(step.get(key, one.usual), one.low, one.high, f"Step {place} ({name}), {key}")
        for key, one in known.items()
    }
    return {"op": name, "p": _share(step.get("p", 1.0), place), **ranges}


def _range(given: Any, low: float, high: float, what: str) -> tuple[float, float]:
    ends = given if isinstance(given, (list, tuple)) else [given, given]
    plain = len(ends) == 2 and all(
        isinstance(end, (int, float)) and not isinstance(end, bool) for end in ends
    )
    if not plain or not low <= ends[0] <= ends[1] <= high:
        raise SettingError(
            f"{what} must be a range [from, to] within {low:g} and {high:g}; got {str(given)[:60]}."
        )
    return (float(ends[0]), float(ends[1]))


def _share(given: Any, place: int) -> float:
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not 0 <= given <= 1:
        raise SettingError(f"Step {place}: p must lie between 0 and 1; got {str(given)[:60]}.")
    return float(given)


def _group(step: Step, place: int, depth: int) -> dict[str, Any]:
    inner = step.get("steps")
    if not isinstance(inner, (list, tuple)):
        raise SettingError(f"Step {place} ({step['op']}) needs a list of steps.")
    inside = checked(inner, depth + 1)
    group = {"op": step["op"], "p": _share(step.get("p", 1.0), place), "steps": inside}
    if step["op"] == "some_of":
        number = step.get("n", 1)
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= max(1, len(inside)):
            raise SettingError(
                f"Step {place} (some_of): n must lie between 0 and {len(inside)}; got {number!r}."
            )
        group["n"] = number
    return group


def built(steps: Sequence[Step]) -> Any:
    """The pipeline as an augmenter of imgaug. ``steps``: as `checked` gives them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # imgaug's own, on import, about what it imports
        import imgaug.augmenters as iaa

    return iaa.Sequential([_node(iaa, step) for step in steps])


def _node(iaa: Any, step: Step) -> Any:
    if step["op"] in GROUPS:
        inside = [_node(iaa, one) for one in step["steps"]]
        made = {
            "some_of": lambda: iaa.SomeOf(step.get("n", 1), inside),
            "one_of": lambda: iaa.OneOf(inside),
            "in_order": lambda: iaa.Sequential(inside),
        }[step["op"]]()
    else:
        operation = OPERATIONS[step["op"]]
        made = getattr(iaa, operation.augmenter)(**_nested(operation, step))
    return made if step["p"] >= 1 else iaa.Sometimes(step["p"], made)


def _nested(operation: Operation, step: Step) -> dict[str, Any]:
    """The arguments of an operation; of one named ``a.b`` a dictionary."""
    arguments: dict[str, Any] = {}
    for name, given in operation.arguments(step).items():
        outer, _, inner = name.partition(".")
        if inner:
            arguments.setdefault(outer, {})[inner] = given
        else:
            arguments[outer] = given
    return arguments


def mirrors(steps: Sequence[Step]) -> bool:
    """Whether an operation mirrors pictures.

    >>> mirrors([{"op": "one_of", "steps": [{"op": "blur"}, {"op": "flip_ud"}]}]), mirrors([{"op": "rotate"}])
    (True, False)
    """
    return any(step["op"] in ("flip_lr", "flip_ud") or mirrors(step.get("steps", ())) for step in steps)


def seed_of(seed: int, row: int, variant: int) -> int:
    """The seed of one variant of one row: the same in every process, whatever else is made.

    >>> seed_of(0, 3, 1), seed_of(0, 3, 2)
    (1090170035, 1792300843)
    """
    digest = hashlib.blake2b(f"{seed},{row},{variant}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") % (2**31 - 1)


def variant(pipeline: Any, picture: Pixels, seed: int, row: int, number: int) -> Pixels:
    """Variant ``number`` of the picture of ``row``, RGB of eight bits; the picture itself stays as it is."""
    pipeline.seed_(seed_of(seed, row, number))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # imgaug's own, about numpy and imageio
        made = pipeline(image=np.ascontiguousarray(picture))
    return np.ascontiguousarray(made, np.uint8)


def variant_with_marks(
    pipeline: Any, picture: Pixels, marks: Marks, seed: int, row: int, number: int
) -> tuple[Pixels, Marks]:
    """The same with boxes and keypoints moved along; objects 70% of whose boxes are out of the picture are
    left out, the other boxes cut at its border. A keypoint under a square that is cut out is
    hidden. Three corners are moved along too: where they turn about each other the other way, the variant is
    a mirror image.
    """
    from imgaug.augmentables.bbs import BoundingBox, BoundingBoxesOnImage
    from imgaug.augmentables.kps import Keypoint, KeypointsOnImage

    tall, wide = picture.shape[:2]
    marked = [
        BoundingBox(x, y, x + w, y + h, label=str(place))
        for place, (x, y, w, h) in enumerate(marks.boxes.tolist())
    ]
    points = [np.zeros((0, 3)), *marks.points]
    there = np.concatenate(points)
    placed = [Keypoint(x, y) for x, y in [(0, 0), (wide, 0), (0, tall), *there[there[:, 2] > 0, :2].tolist()]]
    pipeline.seed_(seed_of(seed, row, number))
    with warnings.catch_warnings(), _noting_hidden(pipeline) as hidden:
        warnings.simplefilter("ignore")
        made, boxes, keypoints = pipeline(
            image=np.ascontiguousarray(picture),
            bounding_boxes=BoundingBoxesOnImage(marked, shape=picture.shape),
            keypoints=KeypointsOnImage(placed, shape=picture.shape),
        )
    boxes = boxes.remove_out_of_image_fraction_(0.7).clip_out_of_image_().bounding_boxes
    corners, at = np.split(np.array([(one.x, one.y) for one in keypoints.keypoints]), [3])
    placed_at = np.flatnonzero(there[:, 2] > 0)
    there[placed_at, :2] = at
    there[placed_at[[place - 3 for place in hidden if place >= 3]], 2] = 1
    (right, down), (below, under) = corners[1] - corners[0], corners[2] - corners[0]
    kept = np.array([(box.x1, box.y1, box.x2 - box.x1, box.y2 - box.y1) for box in boxes], np.float64)
    own = np.split(there, np.cumsum([len(one) for one in marks.points])[:-1]) if marks.points else []
    places = [int(box.label) for box in boxes]
    moved = marks.moved(places, kept.reshape(-1, 4), own, right * under < down * below, made.shape[:2])
    return np.ascontiguousarray(made, np.uint8), moved


@contextmanager
def _noting_hidden(pipeline: Any) -> Iterator[set[int]]:
    """The places of the keypoints, in the order in which they are given, that squares of `Cutout` cover while
    this lasts.
    """
    import imgaug.augmenters as iaa

    hidden = set[int]()
    cutting = [one for one in pipeline.get_all_children(flat=True) if isinstance(one, iaa.Cutout)]
    for one in cutting:
        one._augment_batch_ = partial(_cut_noting, one._augment_batch_, hidden)
    try:
        yield hidden
    finally:
        for one in cutting:
            del one._augment_batch_  # that of its class is there again


def _cut_noting(cut: Any, hidden: set[int], batch: Any, random_state: Any, parents: Any, hooks: Any) -> Any:
    """What `Cutout` makes of a batch of one picture; the keypoints beneath are those where it changes a white
    picture, with the same draws.
    """
    if batch.keypoints:
        white = batch.deepcopy()
        white.images = np.full_like(batch.images, 255)
        covered = cut(white, random_state.copy(), parents, hooks).images[0].min(axis=2) < 255
        for place, one in enumerate(batch.keypoints[0].keypoints):
            y, x = min(int(one.y), covered.shape[0] - 1), min(int(one.x), covered.shape[1] - 1)
            if one.x >= 0 and one.y >= 0 and covered[y, x]:
                hidden.add(place)
    return cut(batch, random_state, parents, hooks)


def written(step: Step) -> str:
    """A step as code that makes the augmenter, where ``iaa`` is ``imgaug.augmenters``."""
    if step["op"] in GROUPS:
        inside = ", ".join(written(one) for one in step["steps"])
        first = f"{step.get('n', 1)}, " if step["op"] == "some_of" else ""
        text = f"iaa.{GROUPS[step['op']]}({first}[{inside}])"
    else:
        operation = OPERATIONS[step["op"]]
        given = ", ".join(f"{name}={value!r}" for name, value in _nested(operation, step).items())
        text = f"iaa.{operation.augmenter}({given})"
    return text if step["p"] >= 1 else f"iaa.Sometimes({step['p']!r}, {text})"
