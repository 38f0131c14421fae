"""Finds the Chromium that the browser tests drive, and installs Debian's where it may.

Asked by `test.py`. Without a browser the tests do not run at all: they are never skipped.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping

from config.machine.trouble import Trouble, say

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ADVICE = (
    "install Chromium (Debian, Ubuntu: `sudo apt-get install chromium`; "
    "macOS: `brew install --cask chromium`), or set CHROMIUM to the path of a Chromium or Chrome."
)


def find(given: Mapping[str, str]) -> str:
    """The path of a Chromium: $CHROMIUM, one on PATH, or Debian's, freshly installed when we are root."""
    if named := given.get("CHROMIUM"):
        if found := shutil.which(named):
            return found
        raise Trouble(f"CHROMIUM names {named}, which is no program: put it right, or {_ADVICE}")
    if found := _on_path(given):
        return found
    if os.geteuid() == 0 and shutil.which("apt-get", path=given.get("PATH")):
        _install(given)
        if found := _on_path(given):
            return found
    raise Trouble(f"the browser tests need a browser and found none: {_ADVICE}")


def _on_path(given: Mapping[str, str]) -> str | None:
    return next((found for name in _NAMES if (found := shutil.which(name, path=given.get("PATH")))), None)


def _install(given: Mapping[str, str]) -> None:
    say("  no Chromium here: installing Debian's package")
    quiet = {**given, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        done = subprocess.run(["apt-get", *step], env=quiet, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            words = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
            raise Trouble(f"apt-get {step[0]} failed ({words}): {_ADVICE}")
