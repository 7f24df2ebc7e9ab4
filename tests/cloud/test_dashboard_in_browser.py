"""The page of `make run` in a real Chromium: what a trader sees and does there is what the cloud and the venue do."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocket, expect
from tests.browser.visiting import SCREENS, SHOWN_WITHIN_MS, SIZES, THEMES, Visit, Visits, see_every_page
from tests.cloud.running import Cloud, account_at_venue, get, wait_until

pytestmark = pytest.mark.cloud

HELD_MS = 2_600
"""A little longer than the emergency stop asks for."""
PROVEN_WITHIN_S = 240
"""Three turns of reconciliation: one of them finds the books whole after everything was closed."""
FIGURES = "Figures of the account"


def decisions(cloud: Cloud) -> list[dict[str, Any]]:
    """The newest ones, newest first."""
    found: list[dict[str, Any]] = get(cloud, "api/decisions").json()["decisions"]
    return found


def switch(cloud: Cloud) -> str:
    state: str = get(cloud, "api/overview?history=no").json()["accounts"][0]["switch"]["state"]
    return state


def held_at_venue(cloud: Cloud) -> set[str]:
    """Named as the page names them: ``BTCUSDT long``."""
    return {
        f"{position['symbol']} {position['positionSide'].lower()}"
        for position in account_at_venue(cloud)["positions"]
        if Decimal(position["positionAmt"]) != 0
    }


@pytest.fixture(autouse=True)
def _traded(cloud: Cloud) -> None:
    """There is something of everything to look at."""
    wait_until(lambda: bool(held_at_venue(cloud)), "a position")


def live_by_socket(visit: Visit) -> None:
    expect(visit.page.get_by_label(FIGURES)).to_contain_text("socket", timeout=SHOWN_WITHIN_MS)


def resume(cloud: Cloud, page: Page) -> None:
    """Refused until reconciliation, each minute, has found the books equal to the venue: then pressed again."""
    page.get_by_role("button", name="Resume").click(timeout=SHOWN_WITHIN_MS)
    answer = page.get_by_role("dialog").get_by_role("button", name="Resume main")

    def resumed() -> bool:
        if answer.is_enabled():
            with page.expect_response("**/api/resume"):
                answer.click()
        return switch(cloud) == "running"

    wait_until(resumed, "the account running again", PROVEN_WITHIN_S)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", SIZES)
def test_every_page_shows_the_tape_without_a_complaint_and_within_its_width(
    open_page: Visits, theme: str, width: str
) -> None:
    visit = open_page(theme=theme, size=SIZES[width])
    live_by_socket(visit)
    see_every_page(visit, SCREENS, f"{width}-{theme}")


def test_a_position_that_opens_appears_on_the_open_page_over_the_socket(cloud: Cloud, open_page: Visits) -> None:
    heard: list[str] = []

    def hear(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: heard.append(str(frame)))

    visit = open_page(page_name="positions", on_socket=hear)
    live_by_socket(visit)
    visit.settle()
    before = held_at_venue(cloud)
    loaded = len([request for request in visit.requests if request == f"GET {cloud.url}"])
    opened: set[str] = set()

    def another_opened() -> bool:
        opened.update(held_at_venue(cloud) - before)
        return bool(opened)

    wait_until(another_opened, "a new position at the venue")
    name = opened.pop()
    visit.page.get_by_role("article", name=name).wait_for(timeout=SHOWN_WITHIN_MS)
    symbol = name.split()[0]
    wait_until(lambda: told_of(visit, heard, symbol), f"the news of {symbol}")
    assert len([request for request in visit.requests if request == f"GET {cloud.url}"]) == loaded
    assert visit.complaints == []


def told_of(visit: Visit, heard: list[str], symbol: str) -> bool:
    visit.page.wait_for_timeout(200)  # frames are handed over while the page is waited for
    return any('"position"' in frame and symbol in frame for frame in heard)


def test_pause_pressed_in_the_page_refuses_the_next_entry(cloud: Cloud, open_page: Visits) -> None:
    visit = open_page()
    visit.page.get_by_role("button", name="Pause").click(timeout=SHOWN_WITHIN_MS)
    visit.page.get_by_role("button", name="Resume").wait_for(timeout=SHOWN_WITHIN_MS)
    wait_until(lambda: switch(cloud) == "paused", "the pause")
    known = {decision["id"] for decision in decisions(cloud)}
    met: list[dict[str, Any]] = []

    def refused() -> bool:
        met[:] = [decision for decision in decisions(cloud) if decision["id"] not in known]
        return any(decision["gate"] == "paused" for decision in met)

    wait_until(refused, "a signal that meets the pause")
    refused_at_ms = min(decision["decided_at_ms"] for decision in met if decision["gate"] == "paused")
    taken = [one for one in met if one["outcome"] == "taken" and one["decided_at_ms"] > refused_at_ms]
    assert taken == []
    assert visit.complaints == []
    resume(cloud, visit.page)


def test_a_strategy_edited_in_the_form_makes_the_next_decisions(cloud: Cloud, open_page: Visits) -> None:
    version = get(cloud, "api/strategies").json()["strategies"][0]["version"]
    visit = open_page(page_name="strategies/hunter")
    cooldown = visit.page.get_by_role("textbox", name="Cooldown")
    cooldown.fill("2", timeout=SHOWN_WITHIN_MS)
    visit.page.get_by_role("button", name="Review and apply").click(timeout=SHOWN_WITHIN_MS)
    dialog = visit.page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"Apply version {version + 1} of hunter")
    dialog.get_by_role("button", name="Apply").click()
    dialog.wait_for(state="hidden", timeout=SHOWN_WITHIN_MS)

    def decided_by_the_next() -> bool:
        return any(one["params_version"].endswith(f"/{version + 1}") for one in decisions(cloud))

    wait_until(decided_by_the_next, "a decision by the new version")
    assert visit.complaints == []


def test_holding_flatten_closes_everything_at_the_venue(cloud: Cloud, open_page: Visits) -> None:
    visit = open_page(page_name="positions")
    visit.page.get_by_role("button", name="Emergency stop").click(timeout=SHOWN_WITHIN_MS)
    hold = visit.page.get_by_role("dialog").get_by_role("button", name="Hold 2 s")
    expect(hold).to_contain_text("main")
    hold.hover()
    visit.page.mouse.down()
    visit.page.wait_for_timeout(HELD_MS)
    visit.page.mouse.up()
    wait_until(lambda: switch(cloud) == "flatten", "the order to flatten")
    wait_until(lambda: not held_at_venue(cloud), "an account without positions at the venue")
    wait_until(lambda: not account_at_venue(cloud)["openOrders"], "an account without orders at the venue")
    expect(visit.page.get_by_role("article")).to_have_count(0, timeout=SHOWN_WITHIN_MS)
    assert visit.complaints == []
    resume(cloud, visit.page)
