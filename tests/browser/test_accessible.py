"""What axe finds on each page: nothing serious, nothing critical."""

from pathlib import Path

import pytest
from tests.browser.visiting import PAGES, THEMES, Visit, Visits

AXE = Path(__file__).parents[2] / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
_GRAVE = ("serious", "critical")


def findings(visit: Visit) -> list[str]:
    report = visit.page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{found['id']} ({found['impact']}): {found['help']}: {[node['target'] for node in found['nodes']][:3]}"
        for found in report["violations"]
        if found["impact"] in _GRAVE
    ]


@pytest.mark.parametrize("theme", THEMES)
def test_no_page_has_a_serious_or_critical_finding(open_page: Visits, theme: str) -> None:
    visit = open_page(theme=theme)
    visit.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = {}
    for name in PAGES:
        visit.go(name)
        visit.settle()
        if graves := findings(visit):
            found[name] = graves
    assert found == {}
