"""What each file of an export is, in one line: for the page, and for the export's own README.txt."""

from __future__ import annotations

from collections.abc import Sequence

from core.version import VERSION

README = "README.txt"
_ABOUT = {
    README: "what each of these files is",
    "images.zip": "the images that are left, as they came, in folders by class, with a table of where from",
    "recipe.json": "every decision and setting, with what rules learned; makes the same bytes again",
    "recipe.py": "makes the cleaned file again from the raw one, byte for byte, without Winnow",
    "prepare.py": "the rules and filters in pandas, for these rows and for next month's, without Winnow",
    "pipeline.skops": "the column steps as one fitted scikit-learn pipeline, without pickles",
    "pipeline.json": "how to load the pipeline, and which steps are in it",
    "manifest.json": "fingerprints, counts, steps, versions, checksums",
}
_RUN = {
    "recipe.json": ("python -m core apply recipe.json {raw} --out {cleaned}",
                    "python -m core apply recipe.json next-month.{ending} --out clean.{ending} --as-rules"),
    "recipe.py": ("python recipe.py {raw} {cleaned}",),
    "prepare.py": ("python prepare.py {raw} clean.csv", "python prepare.py next-month.{ending} clean.csv"),
}  # fmt: skip


def about(name: str) -> str:
    """What a file of an export is.

    >>> about("recipe-serve.py"), about("dropped.csv")
    ('makes the cleaned file again from the raw one, byte for byte, without Winnow', 'the dropped rows, with \
where each stood in the source and why it was dropped')
    """
    if name.startswith("dropped"):
        return "the dropped rows, with where each stood in the source and why it was dropped"
    return _ABOUT.get(name.replace("-serve", ""), "the cleaned data")


def readme(names: Sequence[str], raw: str, notes: Sequence[str]) -> str:
    """The text of README.txt. names: the files of the export, the cleaned data first; raw: what the source is
    called; notes: what a person should know of them.
    """
    width = max(map(len, names))
    lines = [f"Written by Winnow {VERSION}.", ""]
    lines += [f"{name:<{width}}  {about(name)}" for name in names]
    files = {"raw": raw or "raw", "cleaned": names[0], "ending": names[0].rpartition(".")[2]}
    for name, commands in _RUN.items():
        if name in names:
            lines += ["", f"{name}:", *(f"    {command.format(**files)}" for command in commands)]
    if "pipeline.json" in names:
        lines += ["", "pipeline.skops (needs scikit-learn and skops; run it in this folder):",
                  "    import json, skops.io",
                  '    about = json.load(open("pipeline.json"))',
                  '    pipeline = skops.io.load("pipeline.skops", trusted=about["trusted"])']  # fmt: skip
    lines += ["", *notes] if notes else []
    return "\n".join(lines) + "\n"
