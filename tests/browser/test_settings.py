"""The account-wide settings are changed in their form, and the alert routes are tested, on the page."""

import pytest
from playwright.sync_api import expect
from tests.browser.patience import eventually
from tests.browser.preview import Preview
from tests.browser.test_accessible import AXE, findings
from tests.browser.visiting import NARROW, THEMES, Visit, Visits

ACCOUNT_WIDE = "settings/account-wide"
_WIDER_THAN_ITSELF = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def form(open_page: Visits, theme: str = "dark", scopes: tuple[str, ...] = ("read", "pause", "write")) -> Visit:
    visit = open_page(scopes=scopes, theme=theme, page_name=ACCOUNT_WIDE)
    visit.page.get_by_role("heading", name="account-wide", level=1).wait_for()
    visit.page.get_by_label("Max leverage (x)").wait_for()
    visit.settle()
    return visit


def stored(preview: Preview) -> tuple[int, str]:
    with preview.held:
        found = preview.example.documents.globals()
    assert found is not None
    return found.version, found.text


def test_a_limit_that_grows_is_stored_after_it_was_looked_at_and_confirmed(preview: Preview, open_page: Visits) -> None:
    visit, (before, _) = form(open_page), stored(preview)
    field = visit.page.get_by_label("Max leverage (x)")
    field.fill("51")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(visit.page.get_by_text("Allowed: a whole number from 1 to 50").first).to_be_visible()
    field.fill("21")
    visit.page.get_by_role("button", name="Review and apply").click()
    dialog = visit.page.get_by_role("dialog")
    expect(dialog).to_contain_text("accounts.main.limits.max_leverage")
    dialog.get_by_role("button", name="Apply", exact=True).click()
    expect(dialog).to_contain_text("from 20 to 21")
    assert stored(preview)[0] == before
    dialog.get_by_label("I know that more can be lost with this").check()
    dialog.get_by_role("button", name="Apply, more could be lost").click()
    expect(visit.page.get_by_text(f"Version {before + 1} is stored")).to_be_visible()
    version, text = stored(preview)
    assert (version, '"max_leverage":21' in text.replace(" ", "")) == (before + 1, True)
    with preview.held:
        (row, *_) = preview.example.kept.audit.recent(0, preview.example.clock.now_ms(), 1)
    assert row.action == "globals:set"


def test_a_read_only_token_sees_the_settings_and_changes_none(open_page: Visits) -> None:
    visit = form(open_page, scopes=("read",))
    expect(visit.page.get_by_label("Max leverage (x)")).to_be_disabled()
    expect(visit.page.get_by_text("needs the scope write").first).to_be_visible()


@pytest.mark.parametrize("theme", THEMES)
def test_the_form_has_no_serious_finding_and_fits_a_telephone(open_page: Visits, theme: str) -> None:
    visit = form(open_page, theme)
    visit.page.evaluate(AXE.read_text(encoding="utf-8"))
    assert findings(visit) == []
    visit.page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    assert not visit.page.evaluate(_WIDER_THAN_ITSELF)
    assert not visit.complaints, visit.complaints


def test_the_routes_are_tested_by_a_press_and_the_page_says_what_came_of_it(
    preview: Preview, open_page: Visits
) -> None:
    visit = open_page(page_name="settings")
    visit.page.get_by_role("button", name="Test all of them").click()
    expect(visit.page.get_by_text("topics took the test")).to_be_visible()
    expect(visit.page.get_by_role("row", name="topics")).to_contain_text("✓ taken")
    assert eventually(preview, lambda: [name for name, _ in preview.example.alerts.routes.told][-1:] == ["topics"])
