"""What the page costs: the script of the first load, the requests until it can be used, and what it asks for later."""

import gzip
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import expect
from tests.browser.patience import eventually
from tests.browser.preview import PAGE, Preview
from tests.browser.visiting import Visit, Visits

ASSETS: Final = PAGE / "assets"
MOST_SCRIPT_BYTES: Final = 250_000
MOST_REQUESTS: Final = 3
PERIOD_MS: Final = 10_000
"""How often the overview is asked for while positions are open."""
A_MOMENT_S: Final = 5.0
"""The page's clock runs on by itself until it is stopped a moment ahead of its present."""
_STATIC_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*["']\./([^"']+\.js)["']""")
_ADDRESS = re.compile(r"(?:https?|wss?)://([A-Za-z0-9.-]+)")
NAMES_NOT_CALLED: Final = {
    "www.w3.org",  # namespaces of SVG and XML
    "react.dev",  # in the words of an error
    "tailwindcss.com",  # in the comment with the licence
    "www.tradingview.com",  # the link that the licence of the charts asks for
}
_HIDE = """() => {
  Object.defineProperty(document, "visibilityState", {value: "hidden", configurable: true});
  Object.defineProperty(document, "hidden", {value: true, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


class _Modules(HTMLParser):
    """The scripts that index.html names itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        address = given.get("src") if tag == "script" else given.get("href")
        if tag == "script" or given.get("rel") == "modulepreload":
            self.names.add(Path(str(address)).name)


def with_static_imports(names: set[str]) -> set[str]:
    found: set[str] = set()
    wanted = set(names)
    while wanted:
        name = wanted.pop()
        found.add(name)
        wanted |= set(_STATIC_IMPORT.findall((ASSETS / name).read_text(encoding="utf-8"))) - found
    return found


def first_load() -> set[str]:
    return with_static_imports(_Modules((PAGE / "index.html").read_text(encoding="utf-8")).names)


def compressed(names: set[str]) -> int:
    return sum(len(gzip.compress((ASSETS / name).read_bytes(), mtime=0)) for name in names)


def charts() -> Iterator[str]:
    """The chunks that hold the chart library."""
    for file in ASSETS.glob("*.js"):
        if "tradingview" in file.read_text(encoding="utf-8").lower() and file.stat().st_size > 100_000:
            yield file.name


def test_the_script_of_the_first_load_is_small_even_with_the_overview_and_its_chart(open_page: Visits) -> None:
    assert compressed(first_load()) <= MOST_SCRIPT_BYTES
    visit = open_page()
    visit.settle()
    fetched = {Path(request).name for request in visit.requests if request.endswith(".js")}
    assert first_load() <= fetched
    assert compressed(fetched) <= MOST_SCRIPT_BYTES, sorted(fetched)


def test_charts_are_only_in_chunks_that_no_page_waits_for() -> None:
    holding = set(charts())
    assert holding, "the chart library was not found in any chunk"
    pages = {file.name for file in ASSETS.glob("overview-*.js")} | {file.name for file in ASSETS.glob("risk-*.js")}
    assert pages
    assert not holding & (first_load() | with_static_imports(pages))


def test_no_asset_names_another_host() -> None:
    named = {
        host
        for file in [PAGE / "index.html", *ASSETS.iterdir()]
        for host in _ADDRESS.findall(file.read_text(encoding="utf-8"))
    }
    assert named <= NAMES_NOT_CALLED


def live_overview(open_page: Visits) -> Visit:
    """The overview with its socket open, and its timers in the test's hand."""
    visit = open_page(clock=True)
    visit.settle()
    expect(visit.page.get_by_label("Figures of the account")).to_contain_text("socket")
    visit.page.clock.pause_at(visit.page.evaluate("Date.now()") / 1_000 + A_MOMENT_S)
    visit.page.wait_for_load_state("networkidle")
    return visit


def test_three_requests_beyond_assets_make_the_page_usable(open_page: Visits) -> None:
    visit = live_overview(open_page)
    asked = visit.data_requests()
    assert len(asked) <= MOST_REQUESTS, asked
    assert len([request for request in asked if request.startswith("GET ws")]) == 1


def test_a_refresh_of_the_overview_is_one_request_whether_pressed_or_by_itself(open_page: Visits) -> None:
    visit = live_overview(open_page)
    visit.requests.clear()
    with visit.page.expect_response("**/api/overview?*"):
        visit.page.get_by_role("button", name="Refresh").click()
    assert len(visit.data_requests()) == 1, visit.data_requests()
    visit.requests.clear()
    for _ in range(2):
        visit.page.clock.run_for(PERIOD_MS)
        visit.page.wait_for_load_state("networkidle")
    asked = visit.data_requests()
    # By time, and once more in each period to be sure of what news have told.
    assert 1 <= len(asked) <= 4, asked
    assert {urlsplit(request).path.rpartition("/")[2] for request in asked} == {"overview"}


def test_a_tab_that_nobody_sees_asks_for_nothing_and_lets_go_of_its_socket(open_page: Visits) -> None:
    visit = live_overview(open_page)
    visit.page.evaluate(_HIDE)
    visit.requests.clear()
    visit.page.clock.run_for(2 * PERIOD_MS)
    assert visit.data_requests() == []
    visit.page.clock.fast_forward(6 * 60_000)
    assert visit.data_requests() == []
    expect(visit.page.get_by_label("Figures of the account")).to_contain_text("asleep")


def test_a_closed_tab_leaves_no_connection_behind(preview: Preview, open_page: Visits) -> None:
    visit = live_overview(open_page)
    connections, clock = preview.example.kept.connections, preview.example.clock
    with preview.held:
        assert connections.all(clock.now_ms())
    visit.page.close()
    assert eventually(preview, lambda: not connections.all(clock.now_ms()))
