"""Every page, in every theme, wide and narrow, with data that lives: it renders, keeps to itself, and fits."""

import pytest
from tests.browser.visiting import SCREENS, SIZES, THEMES, Visits, see_every_page


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", SIZES)
def test_every_page_renders_without_a_complaint_and_within_its_width(open_page: Visits, theme: str, width: str) -> None:
    see_every_page(open_page(theme=theme, size=SIZES[width]), SCREENS / "preview", f"{width}-{theme}")


def test_the_token_leaves_the_address_bar_and_never_reaches_a_server(open_page: Visits) -> None:
    visit = open_page()
    assert "token=" not in visit.page.url
    assert [request for request in visit.requests if "ut_" in request] == []
