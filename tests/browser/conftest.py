"""The page in a real Chromium over an example desk that lives on in a thread of its own."""

from collections.abc import Iterator
from threading import Event, Thread

import pytest
from playwright.sync_api import Browser
from tests.browser.preview import PAGE, Preview
from tests.browser.visiting import Visits, chromium


@pytest.fixture(scope="session")
def preview() -> Iterator[Preview]:
    """The example's functions are greenlets of the thread that made it, so that thread makes it and runs it."""
    if not (PAGE / "index.html").exists():
        pytest.fail("the page is not built: run `make dashboard`")
    made: list[Preview] = []
    ready = Event()

    def live() -> None:
        try:
            made.append(Preview())
            made[0].open()
        finally:
            ready.set()
        made[0].run()

    thread = Thread(target=live)
    thread.start()
    ready.wait()
    yield made[0]
    made[0].stop()
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def open_page(preview: Preview, browser: Browser) -> Iterator[Visits]:
    """Opens the page signed in with ``scopes``, in a ``theme``, at a ``size``."""
    visits = Visits(browser, preview.url, preview.token)
    yield visits
    visits.close()
