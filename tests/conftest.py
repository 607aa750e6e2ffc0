"""A store of machine code for the tests alone, kept from one session to the next so that the second one is fast."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

FULL = (
    64 << 20
)  # bytes at which the store is emptied: each change of a loop leaves entries that nothing asks for


def pytest_configure(config: pytest.Config) -> None:
    place = _place(config)
    place.chmod(0o700)
    os.environ["IMGCONV_CACHE_DIR"] = str(place)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # processes that tests start run as a user's do

    from imgconv.tools import cache

    if sum(size for _, size in cache.entries()[1]) > FULL:
        cache.clear()


def _place(config: pytest.Config) -> Path:
    """A directory of pytest's cache, or where that cannot be written a temporary one of the user's."""
    try:
        place = config.cache.mkdir("imgconv")
        if os.access(place, os.W_OK) and place.stat().st_uid == os.geteuid():
            return place
    except (AttributeError, OSError):
        pass
    place = Path(tempfile.gettempdir(), f"imgconv-tests-{os.geteuid()}")
    place.mkdir(0o700, exist_ok=True)
    return place
