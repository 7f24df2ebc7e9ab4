"""One running cloud for a whole module: random ports, a directory of its own."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from local.processes import free_port
from tests.cloud.running import Cloud


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    running = Cloud(tmp_path_factory.mktemp("cloud") / "home", free_port(), free_port())
    running.start()
    yield running
    if running.is_running:
        running.end(signal.SIGTERM)
