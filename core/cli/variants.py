"""The command that balances classes of images by augmentation."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from typing import TYPE_CHECKING

from core.cli.inputs import as_decided_in, load_given, pairs, recipe_followed
from core.cli.output import progress_of
from core.cli.terminal import one_line
from core.errors import SettingError
from core.phrases import count

if TYPE_CHECKING:
    from core.analyses.augmentation.filling import ClassFill


def augment(given: argparse.Namespace) -> int:
    """Say how many variants of which class there are, and write them where they are asked for."""
    from core.analyses.augmentation.filling import plan, write_variants
    from core.analyses.augmentation.settings import AugmentationSettings

    settings = AugmentationSettings.of(pairs(given.set, "--set"))
    wanted, progress = _numbers(given.wanted), progress_of(given)
    followed = recipe_followed(given)
    loaded = load_given(given, progress.part(0.0, 0.2), followed[0])
    dataset, notes = as_decided_in(loaded, followed)
    settings = settings.for_data(dataset)
    made = plan(dataset, settings.target or dataset.roles.target or "", given.to, wanted, given.most)
    done = (
        made
        if given.out is None
        else write_variants(dataset, settings, made, given.out, progress.part(0.2, 1.0))
    )
    notes = [*notes, *([done.note] if done.note else [])]
    if given.json:
        answer = {
            "variants": done.variants,
            "classes": [one.to_json() for one in done.classes],
            "settings": settings.to_json(),
            "out": None if given.out is None else str(given.out),
            "notes": notes,
        }
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        return 0
    where = "" if given.out is None else f", in {given.out}"
    told = [
        f"{count(done.variants, 'variant')}{where}",
        *map(partial(_line, given.most), done.classes),
        *notes,
    ]
    sys.stdout.writelines(one_line(line) + "\n" for line in told)
    return 0


def _line(most: int, one: ClassFill) -> str:
    missing = one.wanted - one.variants
    why = ": --most" if one.variants == most * one.sources > 0 else ""
    fewer = f" ({count(missing)} fewer than wanted{why})" if missing else ""
    unread = f" ({count(one.unread)} cannot be read)" if one.unread else ""
    return f"  {one.label}: {count(one.images, 'image')}{unread}, {count(one.variants, 'variant')}{fewer}"


def _numbers(texts: list[str]) -> dict[str, int]:
    found = {}
    for given in texts:
        label, equals, text = given.rpartition("=")  # a class may hold the sign itself
        if not equals or not label:
            raise SettingError(f"--class takes CLASS=N; got {given!r}.")
        try:
            found[label] = int(text)
        except ValueError:
            raise SettingError(
                f"--class {label}={text}: give a whole number, as --class {label}=50."
            ) from None
    return found
