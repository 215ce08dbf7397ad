"""Debian's Chromium, and how it is started."""

import os
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-prefers-reduced-motion",
    # Nobody outside is asked, whatever a page or the browser itself would like to load.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


def found_chromium() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


def chromium() -> str:
    """Where it is. CHROMIUM names it, and then a missing one is a failure: CI sets it."""
    named = os.environ.get("CHROMIUM")
    if named:
        path = shutil.which(named)
        if path is None:
            pytest.fail(f"CHROMIUM is {named!r}, which is no program.")
        return path
    found = found_chromium()
    if found is None:
        pytest.skip("no Chromium: install it (Debian: apt-get install chromium), or set CHROMIUM")
    return found
