"""The reference page says what the code declares."""

from __future__ import annotations

import os
import subprocess
import sys

from command import ROOT


def test_the_reference_page_is_fresh():
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, str(ROOT / "docs" / "reference.py"), "--check"]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
