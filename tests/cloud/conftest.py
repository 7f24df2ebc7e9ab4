"""One running cloud for everything in this folder that shares it: random ports, a directory of its own."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from local.processes import free_port
from playwright.sync_api import Browser
from tests.browser.visiting import Visits, chromium
from tests.cloud.running import Cloud


@pytest.fixture(scope="package")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Starting takes a minute. `test_make_run` ends it, so everybody else's file comes before, by its name."""
    running = Cloud(tmp_path_factory.mktemp("cloud") / "home", free_port(), free_port())
    running.start()
    yield running
    if running.is_running:
        running.end(signal.SIGTERM)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def open_page(cloud: Cloud, browser: Browser) -> Iterator[Visits]:
    """Opens the running cloud's page with the token that `make run` tells."""
    visits = Visits(browser, cloud.url, lambda *_scopes: cloud.token)
    yield visits
    visits.close()
