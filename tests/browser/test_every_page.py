"""Every page, in every theme, wide and narrow, with data that lives: it renders, keeps to itself, and fits."""

import pytest
from tests.browser.conftest import NARROW, SCREENS, THEMES, WIDE, Opening

PAGES = (
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
SIZES = {"1440": WIDE, "390": NARROW}
_WIDER_THAN_ITSELF = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", SIZES)
def test_every_page_renders_without_a_complaint_and_within_its_width(
    open_page: Opening, theme: str, width: str
) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    visit = open_page(theme=theme, size=SIZES[width])
    too_wide = []
    for name in PAGES:
        visit.go(name)
        visit.page.wait_for_load_state("networkidle")
        visit.page.locator("[aria-busy='true']").first.wait_for(state="hidden")
        if visit.page.evaluate(_WIDER_THAN_ITSELF):
            too_wide.append(name)
        visit.page.screenshot(path=SCREENS / f"{name}-{width}-{theme}.png", full_page=True)
    assert visit.complaints == []
    assert visit.strange_hosts == []
    assert too_wide == []


def test_the_token_leaves_the_address_bar_and_never_reaches_a_server(open_page: Opening) -> None:
    visit = open_page()
    assert "token=" not in visit.page.url
    assert [request for request in visit.requests if "ut_" in request] == []


def test_three_requests_beyond_assets_make_the_page_usable_and_one_refreshes_the_overview(open_page: Opening) -> None:
    visit = open_page()
    visit.page.wait_for_load_state("networkidle")
    data = [request for request in visit.requests if "/api/" in request or request.startswith("GET ws")]
    assert len(data) <= 3, data
    visit.requests.clear()
    visit.page.get_by_role("button", name="Refresh").first.click()
    visit.page.wait_for_load_state("networkidle")
    assert len([request for request in visit.requests if "/api/" in request]) <= 1, visit.requests
