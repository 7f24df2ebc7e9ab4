"""Going through a page with nothing but the keyboard."""

from typing import Final

from playwright.sync_api import Page

MOST_TABS: Final = 250
_FOCUSED: Final = """() => {
  const at = document.activeElement;
  if (at === null || at === document.body) return "";
  const labels = [...(at.labels ?? [])].map((label) => label.textContent);
  const names = [at.getAttribute("aria-label"), ...labels, at.textContent];
  return names.filter(Boolean).join(" ").replace(/\\s+/g, " ").trim();
}"""


class NotReached(AssertionError):
    """The focus went round without meeting it."""


def reach(page: Page, name: str) -> None:
    """Press Tab until what has the focus is called ``name``, or begins so."""
    met = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        if focused.startswith(name):
            return
        met.append(focused)
    raise NotReached(f"{name!r} among {met[:60]}")


def press(page: Page, name: str) -> None:
    reach(page, name)
    page.keyboard.press("Enter")
