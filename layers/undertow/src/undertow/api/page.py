"""The page as its build made it: one document, and assets whose names change with their content."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from chalice.app import Response

from undertow.api.problems import Problem

INDEX: Final = "index.html"
FOLDER: Final = "assets"
# Only texts: an API that would have to decode binary answers is configured differently.
CONTENT_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
_FOR_A_YEAR: Final = "public, max-age=31536000, immutable"
_ASK_EACH_TIME: Final = "no-cache"


class BuiltPage:
    """The build does not change while the API runs, so what there is to serve is looked up once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._assets: Mapping[str, Path] | None = None

    def index(self) -> Response:
        """It names the assets of its build, so a browser asks for it each time."""
        document = self._folder / INDEX
        if not document.is_file():
            raise Problem(
                503, "page_not_built", "There is no page", "The page was not built: run `make dashboard`, then deploy."
            )
        return _text(document, _ASK_EACH_TIME)

    def asset(self, name: str) -> Response:
        """Only what the build made: ``name`` is looked up among its files and is never a part of a path."""
        if self._assets is None:
            self._assets = self._built()
        found = self._assets.get(name)
        if found is None:
            raise Problem(404, "no_such_asset", "Not there", "The page has no such file; load the page again.")
        return _text(found, _FOR_A_YEAR)

    def _built(self) -> Mapping[str, Path]:
        folder = self._folder / FOLDER
        files = folder.iterdir() if folder.is_dir() else ()
        return {file.name: file for file in files if file.suffix in CONTENT_TYPES and file.is_file()}


def _text(file: Path, caching: str) -> Response:
    text = file.read_text(encoding="utf-8")
    return Response(text, {"Content-Type": CONTENT_TYPES[file.suffix], "Cache-Control": caching})


def page_files(folder: Path) -> Mapping[str, Callable[..., Response]]:
    """By the names of the routes."""
    page = BuiltPage(folder)
    return {"page": page.index, "asset": page.asset}
