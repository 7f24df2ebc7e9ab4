"""Waiting for what the example desk does in its own time."""

import time
from collections.abc import Callable
from typing import Final

from tests.browser.preview import Preview

PATIENCE_S: Final = 60.0


def eventually(preview: Preview, happened: Callable[[], bool]) -> bool:
    """The example lives by the clock on the wall, so what it does next takes its time."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with preview.held:
            if happened():
                return True
        time.sleep(0.2)
    return False
