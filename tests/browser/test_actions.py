"""What a person does on the page happens at the desk: by keyboard alone, and by holding the emergency stop."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from tests.browser.by_keyboard import press, reach
from tests.browser.patience import eventually
from tests.browser.preview import Preview
from tests.browser.visiting import Visits

from undertow.domain.account import Control, Switch
from undertow.domain.ids import AccountId, StrategyId

MAIN = AccountId("main")
HELD_MS = 2_600


def switch_of(preview: Preview) -> Control:
    with preview.held:
        return preview.example.kept.controls.get(MAIN)


@pytest.fixture
def running(preview: Preview) -> Iterator[None]:
    """Whatever a test did to the account's switch is undone by its owner afterwards."""
    yield
    with preview.held:
        known = preview.example.kept.controls.get(MAIN)
        if known.switch is not Switch.RUNNING:
            preview.example.console.set_switch.resume(MAIN, known.version, "owner", "the test is over")


def test_pausing_by_keyboard_refuses_the_next_entry_and_resuming_names_the_account(
    preview: Preview, open_page: Visits, running: None
) -> None:
    visit = open_page()
    press(visit.page, "❚❚ Pause")
    assert eventually(preview, lambda: preview.example.kept.controls.get(MAIN).switch is Switch.PAUSED)
    since_ms = switch_of(preview).since_ms

    def refused() -> bool:
        now_ms = preview.example.clock.now_ms()
        return any(one.gate == "paused" for one in preview.example.kept.decisions.recent(MAIN, since_ms, now_ms, 500))

    assert eventually(preview, refused), "no signal met the pause"
    visit.page.get_by_role("button", name="Resume").wait_for()
    press(visit.page, "▶ Resume")
    press(visit.page, "Resume main")
    assert eventually(preview, lambda: preview.example.kept.controls.get(MAIN).switch is Switch.RUNNING)


def test_a_strategy_edited_by_keyboard_decides_by_its_next_version(preview: Preview, open_page: Visits) -> None:
    visit = open_page(page_name="strategies/hunter")
    with preview.held:
        stored = preview.example.documents.strategy(StrategyId("hunter"))
    assert stored is not None
    reach(visit.page, "Cooldown")
    visit.page.keyboard.press("Control+A")
    visit.page.keyboard.type("47")
    expect(visit.page.get_by_role("button", name="Review and apply")).to_be_enabled()
    press(visit.page, "Review and apply")
    visit.page.get_by_role("dialog").wait_for()
    press(visit.page, "Apply")
    since_ms = preview.example.clock.now_ms()

    def decided_by_the_next() -> bool:
        now_ms = preview.example.clock.now_ms()
        recent = preview.example.kept.decisions.recent(MAIN, since_ms, now_ms, 500)
        return any(one.strategy == "hunter" and one.params_version.endswith(str(stored.version + 1)) for one in recent)

    assert eventually(preview, decided_by_the_next)


def test_a_position_closed_by_keyboard_is_gone_and_the_request_says_so(preview: Preview, open_page: Visits) -> None:
    visit = open_page(page_name="positions")
    visit.page.get_by_role("button", name=re.compile("^Close [A-Z]")).first.wait_for()
    press(visit.page, "Close ")
    visit.page.get_by_role("dialog").wait_for()
    press(visit.page, "Close 100 % at market")

    def done() -> bool:
        now_ms = preview.example.clock.now_ms()
        asked = preview.example.kept.requests.recent(MAIN, 0, now_ms, 10)
        return any(one.state.value == "done" for one in asked)

    assert eventually(preview, done)


def test_a_read_only_token_can_do_nothing_of_it(open_page: Visits) -> None:
    visit = open_page(scopes=("read",))
    expect(visit.page.get_by_role("button", name="Pause")).to_be_disabled()


def test_holding_the_emergency_stop_closes_everything(preview: Preview, open_page: Visits, running: None) -> None:
    visit = open_page()
    visit.page.get_by_role("button", name="Emergency stop").click()
    hold = visit.page.get_by_role("dialog").get_by_role("button", name="Hold 2 s")
    expect(hold).to_contain_text("main")
    hold.hover()
    visit.page.mouse.down()
    visit.page.wait_for_timeout(HELD_MS)
    visit.page.mouse.up()
    assert eventually(preview, lambda: preview.example.kept.controls.get(MAIN).switch is Switch.FLATTEN)
    assert eventually(
        preview, lambda: all(slot.position is None for slot in preview.example.kept.ledger.slots_in_use(MAIN))
    )
