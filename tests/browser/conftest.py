"""The page in a real Chromium over an example desk that lives on in a thread of its own."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright
from tests.browser.preview import PAGE, Preview

ROOT = Path(__file__).parents[2]
SCREENS = ROOT / "build" / "screens"
WIDE, NARROW = (1440, 900), (390, 844)
THEMES = ("dark", "light", "terminal")


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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("there is no Chromium here: `apt-get install chromium`, or say where it is with CHROMIUM=")
    with sync_playwright() as playwright:
        # Root may not use the sandbox; what is opened is our own page on loopback.
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@dataclass
class Visit:
    """One open page, and what it did that a person does not see."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    strange_hosts: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def go(self, name: str) -> None:
        """To a page by its address, as a bookmark does, and until its heading stands."""
        self.page.evaluate("name => { location.hash = `#/${name}` }", name)
        self.page.get_by_role("heading", level=1).first.wait_for()

    def watch(self) -> None:
        own = urlsplit(self.url).netloc

        def asked(request: Request) -> None:
            self.requests.append(f"{request.method} {request.url}")
            address = urlsplit(request.url)
            if address.scheme in ("http", "https", "ws", "wss") and address.hostname != urlsplit(self.url).hostname:
                self.strange_hosts.append(f"{request.url} beside {own}")

        def said(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                self.complaints.append(f"{message.type}: {message.text}")

        self.page.on("request", asked)
        self.page.on("console", said)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))


Opening = Callable[..., Visit]


@pytest.fixture
def open_page(preview: Preview, browser: Browser) -> Iterator[Opening]:
    """Opens the page signed in with ``scopes``, in a ``theme``, at a ``size``; each visit is a browser of its own."""
    contexts: list[BrowserContext] = []

    def opening(
        scopes: tuple[str, ...] = ("read", "pause", "write"),
        theme: str = "dark",
        size: tuple[int, int] = WIDE,
        page_name: str = "overview",
    ) -> Visit:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, timezone_id="UTC", reduced_motion="reduce"
        )
        contexts.append(context)
        context.add_init_script(f"localStorage.setItem('undertow.theme', '{theme}')")
        visit = Visit(context.new_page(), preview.url)
        visit.watch()
        visit.page.goto(f"{preview.url}#token={preview.token(*scopes)}")
        visit.page.get_by_role("navigation").first.wait_for()
        visit.go(page_name)
        return visit

    yield opening
    for context in contexts:
        context.close()
