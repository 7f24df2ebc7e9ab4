"""The container's health check: ``python -m stream_worker.health`` succeeds while the heartbeat is fresh."""

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

FRESH_MS: Final = 35_000
"""Three beats and a little."""
FILE_VARIABLE: Final = "UNDERTOW_HEARTBEAT_FILE"
DEFAULT_FILE: Final = "undertow-heartbeat.json"


def heartbeat_file(env: Mapping[str, str], temporary: Path) -> Path:
    return Path(env.get(FILE_VARIABLE) or temporary / DEFAULT_FILE)


def is_fresh(file: Path, now_ms: int) -> bool:
    try:
        beaten_at_ms = json.loads(file.read_text())["time_ms"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return isinstance(beaten_at_ms, int) and now_ms - beaten_at_ms <= FRESH_MS


if __name__ == "__main__":
    import tempfile

    found = heartbeat_file(os.environ, Path(tempfile.gettempdir()))
    sys.exit(0 if is_fresh(found, time.time_ns() // 1_000_000) else 1)
