"""The pages that are made say what the code declares."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.command import ROOT


@pytest.mark.parametrize("page", ["reference", "gallery"])
def test_the_page_is_fresh(page):
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, str(ROOT / "docs" / f"{page}.py"), "--check"]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
