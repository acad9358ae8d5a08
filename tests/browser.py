"""Find a Chromium for the browser tests, or install one; print its path. Fails with one clear line if none
can be had.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium-headless-shell", "chromium")  # of Debian; the first is the same without its windows
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def installed() -> str | None:
    """The path of a browser that is there: the one named by WINNOW_CHROMIUM, the system's, or Playwright's
    own.
    """
    named = os.environ.get("WINNOW_CHROMIUM")
    system = [shutil.which(name) for name in NAMES]
    for path in [named, *system, *MAC, _playwrights_own()]:
        if path and Path(path).exists():
            return path
    return None


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _from_debian() -> None:
    if not shutil.which("apt-get"):
        return
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
    for command in (["apt-get", "update", "-qq"], *([*install, package] for package in PACKAGES)):
        done = subprocess.run(
            [*sudo, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        )
        if "install" in command and done.returncode == 0:
            return


def _from_playwright() -> None:
    subprocess.run(
        [sys.executable, "-m", "playwright", "install", "chromium"], stdout=subprocess.DEVNULL, check=False
    )


def main() -> int:
    for install in (lambda: None, _from_debian, _from_playwright):
        install()
        path = installed()
        if path:
            sys.stdout.write(path + "\n")
            return 0
    sys.stderr.write(
        "The browser tests need Chromium and none could be installed: install it and set WINNOW_CHROMIUM "
        "to its path.\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
