"""The page in a real Chromium, opened as a person opens it, and what it did that a person does not see."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    WebSocket,
    expect,
    sync_playwright,
)

SCREENS: Final = Path(__file__).parents[2] / "build" / "screens"
WIDE, NARROW = (1440, 900), (390, 844)
SIZES: Final = {"1440": WIDE, "390": NARROW}
THEMES: Final = ("dark", "light", "terminal")
PAGES: Final = (
    "overview",
    "liquidations",
    "positions",
    "decisions",
    "risk",
    "strategies",
    "history",
    "operations",
    "settings",
)
ALL_SCOPES: Final = ("read", "pause", "write")
SHOWN_WITHIN_MS: Final = 120_000
"""A cold function behind a loaded machine takes its time; what never comes is still told from what is slow."""
expect.set_options(timeout=SHOWN_WITHIN_MS)
_TITLED = "name => document.title.toLowerCase().startsWith(name)"
_WIDER_THAN_ITSELF = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Not longer than for a module: while it is open, the thread's event loop is Playwright's."""
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
    """One open page. ``requests`` are all of them, sockets as ``GET ws://...``."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    strange_hosts: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def go(self, name: str) -> None:
        """To a page by its address, as a bookmark does, and until its heading stands."""
        self.page.evaluate("name => { location.hash = `#/${name}` }", name)
        self.page.wait_for_function(_TITLED, arg=name.split("/")[0], timeout=SHOWN_WITHIN_MS)
        self.page.get_by_role("heading", level=1).first.wait_for(timeout=SHOWN_WITHIN_MS)

    def settle(self) -> None:
        """Until no card waits for its first answer and no chunk of the page is under way."""
        self.page.wait_for_load_state("networkidle", timeout=SHOWN_WITHIN_MS)
        expect(self.page.locator("[aria-busy='true']")).to_have_count(0, timeout=SHOWN_WITHIN_MS)

    def data_requests(self) -> list[str]:
        return [request for request in self.requests if "/api/" in request or request.startswith("GET ws")]

    def watch(self) -> None:
        own = urlsplit(self.url)

        def asked(method: str, url: str) -> None:
            self.requests.append(f"{method} {url}")
            address = urlsplit(url)
            if address.scheme in ("http", "https", "ws", "wss") and address.hostname != own.hostname:
                self.strange_hosts.append(f"{url} beside {own.netloc}")

        def requested(request: Request) -> None:
            asked(request.method, request.url)

        def said(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                self.complaints.append(f"{message.type}: {message.text}")

        self.page.on("request", requested)
        self.page.on("websocket", lambda socket: asked("GET", socket.url))
        self.page.on("console", said)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))


@dataclass
class Visits:
    """Opens the page at ``url`` with a token of what scopes are asked for; each visit is a browser of its own."""

    browser: Browser
    url: str
    token: Callable[..., str]
    contexts: list[BrowserContext] = field(default_factory=list)

    def __call__(
        self,
        scopes: tuple[str, ...] = ALL_SCOPES,
        theme: str = "dark",
        size: tuple[int, int] = WIDE,
        page_name: str = "overview",
        clock: bool = False,
        on_socket: Callable[[WebSocket], None] | None = None,
    ) -> Visit:
        """With ``clock`` the page's time is the test's to wind on: ``visit.page.clock``."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, timezone_id="UTC", reduced_motion="reduce"
        )
        context.set_default_timeout(SHOWN_WITHIN_MS)
        self.contexts.append(context)
        context.add_init_script(f"localStorage.setItem('undertow.theme', '{theme}')")
        visit = Visit(context.new_page(), self.url)
        visit.watch()
        if on_socket is not None:
            visit.page.on("websocket", on_socket)
        if clock:
            visit.page.clock.install()
        visit.page.goto(f"{self.url}#token={self.token(*scopes)}")
        visit.page.get_by_role("navigation").first.wait_for(timeout=SHOWN_WITHIN_MS)
        visit.go(page_name)
        return visit

    def close(self) -> None:
        for context in self.contexts:
            context.close()


def see_every_page(visit: Visit, screens: Path, name: str) -> None:
    """A picture of each page, ``<page>-<name>.png``; each fits its width, keeps to itself and has no complaint."""
    screens.mkdir(parents=True, exist_ok=True)
    too_wide = []
    for page_name in PAGES:
        visit.go(page_name)
        visit.settle()
        if visit.page.evaluate(_WIDER_THAN_ITSELF):
            too_wide.append(page_name)
        visit.page.screenshot(path=screens / f"{page_name}-{name}.png", full_page=True)
    assert not visit.complaints, visit.complaints
    assert not visit.strange_hosts, visit.strange_hosts
    assert not too_wide, too_wide
